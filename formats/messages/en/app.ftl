# Words of the terminal output, in English.

## Severities: what a finding does, and a short label beside the line

severity-stop = refuses the file
severity-stop-label = STOP
severity-fix = holds the line until it is mended
severity-fix-label = FIX
severity-warn = worth a look
severity-warn-label = WARN
severity-note = for your information
severity-note-label = NOTE

## Verdict on a file

verdict-clean = nothing to mend
verdict-warnings = nothing to mend, some things worth a look
verdict-errors = some lines have to be mended
verdict-refused = the file is refused

## Fields of the layouts

field-employer-code = employer code
field-company-number = MyCoID / SSM number
field-id-number = identification number
field-social-security-number = social security number
field-name = employee's name
field-month = contribution month
field-amount = contribution
field-date = employment date
field-status = employment status
field-wage = wage
field-socso-employer = SOCSO, employer's share
field-socso-employee = SOCSO, employee's share
field-eis-employer = EIS, employer's share
field-eis-employee = EIS, employee's share
field-skbbk = SKBBK

## Labels

label-line = line
label-lines = lines
label-column = column
label-columns = columns
label-found = found
label-expected = expected
label-cure = cure
label-law = law
label-why = why
label-good-sample = good
label-bad-sample = bad
label-severity = severity
label-code = code
label-field = field
label-file = file
label-layout = layout
label-verdict = verdict
label-policy = policy
label-accepted = accepted
label-held = held
label-act4 = SOCSO (Act 4)
label-act800 = EIS (Act 800)
label-employer = employer
label-month = month
label-scheme = scheme
label-people = people
label-employer-share = employer's share
label-employee-share = employee's share
label-skbbk = SKBBK
label-total = total
label-due-date = due date
label-days-late = days late
label-late-interest = late interest
label-submission = submission
label-acknowledgement = acknowledgement
label-received = received
label-state = state

## Policies

label-policy-whole = whole file or nothing
label-policy-good-lines = good lines go

## Sentences

text-not-checked-offline = Not checked offline:
text-more-findings = More findings are in the JSON and CSV output.
text-no-findings = No findings.
text-identities-hidden = Identification numbers and names are hidden; --show-identities shows them.
text-interest-estimate = Late interest is an estimate; only PERKESO's bill is binding.

## What changed since last month

change-nothing = nothing changed since last month
change-joined = { $count } joined
change-left = { $count } left
change-missing = { $count ->
    [one] 1 is missing without a leaving letter
   *[other] { $count } are missing without a leaving letter
}
change-moved = { $count ->
    [one] 1 wage moved more than { $percent } %
   *[other] { $count } wages moved more than { $percent } %
}
change-renamed = { $count ->
    [one] 1 name is spelled anew
   *[other] { $count } names are spelled anew
}
change-category = { $count ->
    [one] 1 category changed
   *[other] { $count } categories changed
}
change-eis-began = EIS begins for { $count }
change-eis-ended = EIS ends for { $count }

## Fix sheet: how to fill it in

text-fix-sheet-purpose = Each row of the sheet named fix is one thing that has to be mended in the contribution file; the column message says what is wrong.
text-fix-sheet-corrected = Enter what is right in the column corrected. What stands there already is a suggestion: read it, and change or empty it where it is wrong.
text-fix-sheet-money = Amounts are in ringgit with a point, such as 68.60 or 1,234.50. No amount is ever suggested: each is for you to enter.
text-fix-sheet-months = A month is entered as 102026, 2026-10 or 10/2026; a date as 31102026, 2026-10-31 or 31/10/2026.
text-fix-sheet-delete = Enter (delete) to leave a line out of the file, and (blank) to empty a date, a status or a company number.
text-fix-sheet-hold = An empty cell, or (hold), leaves the line as it is; it stays held. A row that you remove from the sheet counts as empty.
text-fix-sheet-more = If another field of a line is wrong too, add a row: the line's number, the name of the field as in the column field, and the value in corrected.
text-fix-sheet-others = Leave the columns line, field and digest as they are. Rows may be sorted. Keep numbers as text, so that zeros in front are not lost.
text-fix-sheet-back = Save the sheet and give it back the way it came. Everything in the file that is not named here stays as it was; the mended file is checked again.

## What a submission says besides its numbers

text-changes-signed = signed as seen: { $changes }
text-register-seeded = the register was empty and holds the people of this file now
text-registered = { $count } registered from this file (Borang 2 is ready: register print borang-2)
text-left = { $count } left or died, and so says the register
text-late = { $count } not registered within 30 days: register breaches names them, and what is owed
text-no-breaches = Nobody was found who was not registered within 30 days.
text-nothing-waits = No line waits to be mended.
change-no-earlier-month = nothing stands for the month before, so that there is nothing to compare with
text-line-warnings = warnings on lines, which `check` explains: { $list }
text-lines-again = its lines are these of the file of { $number }, in this order: { $lines }
text-people = { $count ->
    [one] 1 person
   *[other] { $count } people
}
