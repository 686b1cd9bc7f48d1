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
