# What a birthday changes, in English. Values: age, and month (the first contribution month that is paid otherwise).

birthday-eis-starts = EIS is payable from { $month }: aged { $age } on the last day of that month (Act 800 s. 2)
birthday-eis-stops = no EIS from { $month }: { $age } attained by its last day (Act 800 s. 20(2))
birthday-eis-continues = EIS goes on: a contribution was payable before { $age } (Act 800 First Schedule)
birthday-eis-never-payable = no EIS from { $month }: none was payable before { $age } (Act 800 First Schedule)
birthday-eis-history-asked = EIS goes on from { $month } only if a contribution was payable before { $age }; record in the register whether one was (Act 800 First Schedule)
birthday-second-category = Act 4 second category from { $month }: the employer alone pays SOCSO, the employee pays SKBBK only (Act 4 s. 6(8), Act A1445)
birthday-late-entry = nothing changes for those insured before { $age }; whoever first comes under Act 4 from now on is in the second category for good (Act 4 s. 6, Third Schedule)
