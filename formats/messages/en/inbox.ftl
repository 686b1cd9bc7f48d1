# Words of the answers beside a dropped file, in English.

inbox-accepted = Taken: { $numbers }. Nothing has to be mended.
inbox-accepted-partly = Taken in part: { $numbers }. The rest has to be mended.
inbox-taken-waiting = Taken, without a number so far. See what is said of each submission.
inbox-duplicate = This file was taken before and is not taken twice. Its numbers are: { $numbers }.
inbox-rejected = Not taken. Mend what is said below and drop the file again, or fill in the fix sheet and drop that.
inbox-refused = Not taken: this is not a file that can be taken. See below why.
inbox-waits = Checked, and held until a person at the office lets it go. Nothing is acknowledged yet.
inbox-test-good = Only tested: it would be taken. Nothing was kept or acknowledged.
inbox-test-bad = Only tested: it would not be taken as it is. Nothing was kept or acknowledged.
inbox-quarantined = Held: the program stopped twice while it worked on this file. The operator has to look at it.

inbox-symlink = Not taken: this is a link to another file. Drop the file itself.
inbox-folder = Not taken: this is a folder. Drop the files in it, one by one.
inbox-special = Not taken: this is a pipe, socket or device, not a file.
inbox-hard-link = Not taken: the file has a second name elsewhere (a hard link), so it could be changed from there. Drop a copy.
inbox-unreadable = Not taken: the file cannot be read ({ $reason }). Give the program the right to read it, and drop it again.
inbox-transfer = Not taken: the file is not the one that its .done file describes (size or sha256). Send it again.
inbox-evidence-test = Not taken: evidence of payments is entered, and this folder only tests.
inbox-payments = Payments entered. Official receipts: { $numbers }.
inbox-payments-partly = Payments entered in part. Official receipts: { $numbers }. The other rows are not entered; see below why.
inbox-payments-before = These payments were entered before and are not entered twice. Official receipts: { $numbers }.
inbox-payments-before-partly = These payments were entered before and are not entered twice. Official receipts: { $numbers }. The other rows are not entered; see below why.
inbox-payments-none = Not taken: no payment of this list can be entered. See below why.
inbox-payment = { $number } · { $employer } · RM { $amount } · official receipts { $receipts }
inbox-payment-charge = Late interest was not paid with it and is asked as { $number }.
inbox-sheet-failed = Not taken, and nothing was changed. The fix sheet cannot be used: { $reason }
inbox-sheet-test = Not taken: a fix sheet changes what was handed in, and this folder only tests.
inbox-failed = Not taken: { $reason }

inbox-file = File: { $file }
inbox-delivery = Delivery { $number }, received { $at }
inbox-submission = { $number } · { $employer } · { $state }
inbox-pay = Pay RM { $amount } for { $number } by { $date }.
inbox-interest = Late interest on it today: RM { $amount }.
inbox-held-lines = Lines that wait to be mended: { $count }
inbox-place = Line { $line }
inbox-whole = Whole file
inbox-more = … and { $count } more; all of them stand in the .answer.json file.
inbox-sheet = What to mend is listed in { $file }: enter what is right there and drop that sheet into the same folder.
inbox-moved = The file lies in { $place } now.
