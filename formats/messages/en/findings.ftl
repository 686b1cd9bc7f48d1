# Sentences of the findings, in English. The id of a message is the finding's name (formats/findings.toml).
# Value: what is wrong, for the clerk. .title: a few words. .cure: what to do. .why: why it matters, for `explain`.
# Values arrive as text: amounts as 69.15 without RM, months and dates as they are printed.

## Family file

file-empty = The file is empty.
    .title = Empty file
    .cure = Export the file again from the payroll program and send the one that holds the employees' lines.
    .why = Nothing can be read or acknowledged from an empty file. An empty export often means that no month or no employee was chosen.

file-too-large = The file has {$found} bytes; at most {$expected} bytes are taken here.
    .title = File too large
    .cure = Export the file again with fewer employees, or ask the operator to raise the limit.
    .why = The limit keeps one file from holding up everybody else's. It is the limit of this installation; no limit published by PERKESO is known.

not-a-contribution-file =
    { $kind ->
        [pdf] The file is a PDF document, not a contribution text file.
        [zip-or-spreadsheet] The file is a spreadsheet or a zip archive, not a contribution text file.
        [binary] The file holds binary data, not lines of text.
        [no-line-ends] The file has no line ends, so its records cannot be told apart.
        [delimited-table] The file is a table with separators between its columns, not a contribution text file of fixed columns.
        [textual] The file is text, but its lines do not look like contribution records.
       *[other] The file is not a contribution text file.
    }
    .title = Not a contribution file
    .cure = Choose the PERKESO text file in the payroll program's export; for a table of wages, let `caruman make` write the text file.
    .why = Contributions are read from a text file with one line of fixed length for each employee. A printed form, a spreadsheet or a table has no columns that could be read that way.

layout-unknown = The lines have {$found} characters; no known layout has that length (known: {$expected}).
    .title = Unknown layout
    .cure = Choose the PERKESO layout for SOCSO and EIS together in the payroll program and export the file again.
    .why = The length of a line says which layout it follows. In an unknown layout every field could be read from the wrong columns.

layout-retired = The file is in layout {$layout}, which ASSIST was to take until {$until} only; the layout taken now is {$current}.
    .title = Layout no longer taken
    .cure = Export the file again in layout {$current}, or bring it over with `caruman convert`.
    .why = By PERKESO's published answers on text files, as users report them, the day of the upload decides, not the month of the wages. A file in a retired layout may be refused by ASSIST even if every amount in it is right.

encoding-invalid = The characters of the file cannot be read ({$found}).
    .title = Characters cannot be read
    .cure = Save the file again as plain text in UTF-8 or Windows-1252.
    .why = The columns are counted in characters. If the characters are not known, names and amounts may be read from the wrong columns.

line-length = The line has {$found} characters; a record has {$expected}.
    .title = Wrong length of line
    .cure = Export the file again, and do not edit its lines by hand.
    .why = Every field stands in fixed columns. If a line is too long or too short, what stands in the amount columns may not be the amount.

name-shifts-line = A name that is too long makes the line {$found} characters long in place of {$expected} and pushes the fields after it to the right.
    .title = Long name shifts the line
    .cure = Shorten the name to 150 characters (45 in the old BRG8A layout) in the payroll program and export the file again.
    .why = The name has a fixed number of columns (45 to 194 in the layouts of today). What follows a longer name no longer stands in its own columns.

record-split = One record is broken over two lines, of {$found} characters; a whole record has {$expected}.
    .title = Record broken over two lines
    .cure = Remove the line break inside the employee's record in the payroll program and export the file again.
    .why = Each line is read as one employee. A line break inside a name or an address makes two lines, neither of which is a whole record.

header-or-footer-line = This line is a heading or a total, not an employee: it begins with "{$found}".
    .title = Heading or total line
    .cure = Switch headings and totals off in the export, or remove this line.
    .why = PERKESO's layouts have employees' lines only, no heading and no total. A portal may read such a line as a faulty employee.

layout-mixed = The line has {$found} characters while the other lines of the file have {$expected}.
    .title = Two layouts in one file
    .cure = Put the lines of each layout into a file of their own, or export all of them in the joint layout.
    .why = A file is read by one layout. A line of another layout has its amounts in other columns.

scheme-undecided = Nothing in the file says whether it holds SOCSO (Act 4) or EIS (Act 800) contributions.
    .title = SOCSO or EIS not known
    .cure = State the Act with the file: `--scheme act4` for SOCSO or `--scheme act800` for EIS.
    .why = The layout of 223 characters is the same for both Acts. When the amounts fit both schedules or neither, only the sender can say which Act is meant; nothing is acknowledged until then.

file-doubled = The file holds its lines twice; lines repeated: {$found}.
    .title = Lines stand twice
    .cure = Remove the second copy of the lines and send the file again.
    .why = If both copies were taken, the contributions of every employee would be paid twice. Money paid too much comes back only by a refund claim.

encoding-doubled = The name reads "{$found}"; it was probably meant to be "{$expected}".
    .title = Name garbled by double conversion
    .cure = Enter the name again in the payroll program and export the file in UTF-8.
    .why = The letters were converted twice on their way. The employee is then known by a wrong name.

scheme-contradicts-name = The file name speaks of {$found}, but the contributions are taken as {$expected}.
    .title = File name and Act differ
    .cure = Check that the right file was chosen, and rename it or state the Act with `--scheme`.
    .why = The layout of 223 characters does not name its Act. A file sent under the wrong Act ends in a wrong acknowledgement.

layout-versions-mixed = The SKBBK columns are blank on some lines and filled on others (blank: {$found}, filled: {$expected}); blank is read as nil.
    .title = SKBBK blank on some lines
    .cure = Write 000000 in columns 239 to 244 where no SKBBK is due.
    .why = One line with SKBBK makes the whole file one of version 2. A blank there may mean nil or may mean that the amount was forgotten.

control-character = The line holds a character that cannot be seen ({$found}).
    .title = Unseen character
    .cure = Remove the character in the payroll program and export the file again.
    .why = Such characters come in by copying from other programs. ASSIST may count or read them differently.

record-indented = The record does not begin in column 1; blanks before it: {$found}. It was read as if they were not there.
    .title = Record begins late
    .cure = Remove the blanks before the employer code.
    .why = The blanks push every field to the right. A portal that counts columns may read the wrong ones.

line-ending-mixed = The lines end in different ways ({$found}).
    .title = Mixed line ends
    .cure = Export the file again from one program, without joining it from pieces.
    .why = Mixed line ends often show that a file was put together from two or edited by hand. Some programs then read two lines as one.

repeat-of-earlier-file = This file is the same, to the last character, as one received before ({$number}).
    .title = Same file as before
    .cure = Look up {$number}, and send a new file only if something has changed.
    .why = The same file twice does not create the contributions twice. The earlier submission is the answer.

byte-order-mark = The file begins with a byte order mark, which was left out of the reading.
    .title = Byte order mark
    .cure = Save the file as UTF-8 without a byte order mark if another program complains about the first line.
    .why = The mark is three unseen bytes before the employer code. A program that counts them finds the first line shifted.

encoding-converted = Names written in Windows-1252 were converted to UTF-8; lines concerned: {$found}.
    .title = Letters converted
    .cure = Check the names with accents on these lines.
    .why = PERKESO's layout names no code page, so the letters were read by what the bytes allow. The amounts are not touched by it.

blank-line = Blank lines were passed over: {$found}.
    .title = Blank lines
    .cure = Check that no employee was left out at the blank line.
    .why = A blank line holds no contribution. Some payroll programs write one where an employee has no number.

control-z = The file ends with the old end-of-file character (hex 1A), which was left out.
    .title = Old end-of-file character
    .cure = Leave it, or remove the last character of the file.
    .why = Older programs close a text file this way. It holds no contribution.

layout-not-for-month = Layout {$layout} was not made for contribution month {$month}; the file was read all the same.
    .title = Layout of another time
    .cure = Check that the contribution month in columns 195 to 200 is the one meant.
    .why = Some payroll programs write every month in their newest layout. The amounts are judged by the month, not by the layout.

wrapper = The file begins with a line "textstr", as written by a payroll program that wraps the text file in a table; the wrapping was taken off.
    .title = Wrapped text file
    .cure = Choose the plain text export in the payroll program if ASSIST refuses the file.
    .why = The first line is no contribution record. It was recognised and left out here; another reader may not know it.

## Family record

employer-code-format = The employer code "{$found}" is not a letter, ten digits and a letter.
    .title = Wrong employer code
    .cure = Copy the 12 characters of the employer code from the PERKESO registration, without blanks.
    .why = The employer code decides whose contributions these are. ASSIST has refused files with a placeholder or a tax number in its place.

employer-code-spaces = The employer code is written with blanks or signs between its characters: "{$found}" in place of "{$expected}".
    .title = Blanks in the employer code
    .cure = Write {$expected} in the payroll program's settings.
    .why = The certificate prints the code in groups, but the file needs it in one piece. ASSIST has refused codes with blanks as an invalid employer code format.

employer-unknown = No employer with code "{$found}" is on the register.
    .title = Employer not on the register
    .cure = Check the employer code, or enter the employer in the register first.
    .why = Contributions can be acknowledged only to an employer who is known. A single wrong character in the code would credit somebody else.

id-missing = The employee's identification number is missing.
    .title = No identification number
    .cure = Enter the MyKad number, or the SOCSO foreign-worker number of a foreign worker, in the payroll program.
    .why = Without a number the contribution cannot be credited to the person. A later claim by the employee would then find no contribution.

id-format = The identification number "{$found}" has characters or a length that no such number has.
    .title = Wrong form of identification number
    .cure = Write the number with letters and digits only, without dashes and blanks, at most 12 characters.
    .why = The number decides whose contribution it is. A number cut off or written with dashes finds nobody.

id-date-impossible = The first six digits of the MyKad number "{$found}" are no date of birth.
    .title = No such date in the MyKad number
    .cure = Compare the number with the employee's identity card and correct it.
    .why = A MyKad number begins with the date of birth as year, month and day. A date that does not exist shows a slip in typing, or a number of another kind.

name-missing = The employee's name is missing.
    .title = No name
    .cure = Enter the name as on the identity card or passport.
    .why = The layout asks for a name on every line. It is the only means to notice that a number belongs to somebody else.

month-format = The contribution month "{$found}" is not a month with its number before the year.
    .title = Wrong contribution month
    .cure = Write October 2026 as 102026 (in the old BRG8A layout as 1026).
    .why = The month decides the schedule, the due date and the late interest. It cannot be guessed.

month-in-future = The contribution month {$found} lies ahead; the latest that can be paid now is {$expected}.
    .title = Month lies ahead
    .cure = Check the month, or send the file when the month has come.
    .why = By the remarks in PERKESO's layout, the contribution month may not be later than the month of payment.

amount-format = The amount "{$found}" is not a number in sen.
    .title = Amount not in sen
    .cure = Write the amount in sen with digits only, to the right, without point, comma, sign or RM.
    .why = The layout has no place for a decimal point or a sign: RM 66.40 is written as 6640. Anything else could be read as another amount.

date-format = The employment date "{$found}" is not a date written as DDMMYYYY.
    .title = Wrong employment date
    .cure = Write the date in columns 215 to 222 with eight digits, day, month and year, or leave it blank.
    .why = The date says when employment began or ended. A wrong one sets a wrong start or end of protection.

status-unknown = The employment status "{$found}" is not known; the letters are {$expected}.
    .title = Unknown employment status
    .cure = Write B (new), H (left), M (died), S (sick leave on benefit) or T (unpaid leave), or leave column 223 blank.
    .why = The letter says what the date beside it means. An unknown letter leaves open whether the person began or left.

company-number-format = "{$found}" does not look like a MyCoID or SSM number.
    .title = Company number looks wrong
    .cure = Write the 12 digits of the MyCoID or the old SSM number, or leave columns 13 to 32 blank.
    .why = The field may be blank. A wrong number is of no use and may raise a question at the portal.

employer-code-old-or-lower-case = The employer code is written "{$found}"; it was read as "{$expected}".
    .title = Old or small-letter employer code
    .cure = Write {$expected} in the payroll program's settings.
    .why = The current code has 12 characters in capitals. The old form of 9 characters is brought to it by our reading of known codes, so compare it with the PERKESO registration.

id-birthplace-unknown = The place code (7th and 8th digit) of the MyKad number "{$found}" is not in use.
    .title = Unknown place code
    .cure = Compare the number with the employee's identity card.
    .why = The two digits after the date of birth stand for a state or country. A code that is not in use often comes from two digits changed about.

id-looks-like-passport = The identification number "{$found}" looks like a passport number.
    .title = Looks like a passport number
    .cure = Use the SOCSO foreign-worker number for a foreign worker, and the MyKad number for everybody else.
    .why = A passport number changes with each passport, so the contribution may not be credited to the person. The layout names the SOCSO foreign-worker number for foreign workers.

status-without-date = The line gives an employment status, but no date beside it.
    .title = Status without date
    .cure = Write the day employment began or ended in columns 215 to 222.
    .why = The letter alone does not say on which day the person began or left. The start or end of protection may depend on it.

date-out-of-month = The employment date {$found} does not lie in contribution month {$expected}.
    .title = Date outside the month
    .cure = Check the date and the contribution month of this line.
    .why = The date is meant for people who began, left or died in that very month. Some payroll programs write the starting date of every employee; that does no harm.

zero-as-single-digit = A zero amount is written as a single 0 after blanks ("{$found}"); ASSIST has refused this.
    .title = Zero as a single digit
    .cure = Write it as "{$expected}".
    .why = In July 2026 a payroll program's file was refused because of it, and taken once zeros had at least three digits. The amount itself is not in doubt.

name-control-character = The name holds a character that cannot be seen ({$found}).
    .title = Unseen character in the name
    .cure = Type the name again in the payroll program.
    .why = Such characters come in by copying from another program. They may be counted differently elsewhere and shift the columns after the name.

foreign-worker-number = The number "{$found}" is read as a SOCSO foreign-worker number, so the person counts as a foreign worker.
    .title = Foreign-worker number
    .cure = Correct the number if the person is a citizen or a permanent resident.
    .why = Its 12 digits hold no date of birth as a MyKad number does. A foreign worker pays SKBBK without a choice and no EIS.

name-transliterated = The name holds a letter outside A to Z, or a question mark in the place of one: "{$found}".
    .title = Name may be spelled differently
    .cure = Compare the spelling with the identity card or passport.
    .why = Some payroll programs replace letters they cannot write. A different spelling may not match the name PERKESO has.

## Family amount

amount-not-in-schedule = The contribution of RM {$found} is not in schedule {$table}; the nearest are {$expected}.
    .title = Amount not in the schedule
    .cure = Find the wage of the month in schedule {$table} and write the total printed there.
    .why = Contributions are the amounts printed in the schedule, not a percentage of the wage. An amount between two rows belongs to no wage.

amount-looks-like-wage = RM {$found} is more than any contribution (the highest is RM {$expected}); it looks like the wage.
    .title = Wage in place of the contribution
    .cure = Set the export to write the contribution of employer and employee together in columns 201 to 214.
    .why = In the layout of 223 characters this field is the contribution. Some payroll programs have written the wage there.

share-mismatch = The shares are {$found}; for a wage of RM {$wage} they are {$expected} (schedule {$table}).
    .title = Shares do not fit the wage
    .cure = Correct the shares to those of the schedule, or the wage if it is the wage that is wrong.
    .why = For each wage the schedule prints one employer's share and one employee's share, to the sen. What is paid short is owed with late interest; what is paid too much comes back only by a refund claim.

old-schedule = The shares are {$found}, from the earlier schedule {$table}; for contribution month {$month} they are {$expected}.
    .title = Earlier schedule used
    .cure = Update the payroll program's SOCSO and EIS tables and export the month again.
    .why = The contribution month decides which schedule holds. With an earlier one, everybody whose wage is over its ceiling is paid short.

category-mismatch = The contribution is of the { $found ->
        [first] first
        [second] second
       *[other] {$found}
    } category; at the age of {$age} it is the { $expected ->
        [first] first
        [second] second
       *[other] {$expected}
    }.
    .title = Wrong category
    .cure = Set the employee to the right category in the payroll program and correct the shares.
    .why = From the age of 60 only the second category (employment injury) is due; below it, as a rule, the first, which also covers invalidity. The category decides both shares.

skbbk-mismatch = SKBBK is RM {$found}; the schedule has RM {$expected} for this wage.
    .title = SKBBK does not fit the wage
    .cure = Correct columns 239 to 244 to the amount of the schedule.
    .why = SKBBK is either the printed amount for the wage or, after a recorded release, nil. It is paid by the employee alone.

skbbk-missing =
    { $reason ->
        [june] SKBBK is missing: in June 2026 it was due for every employee, here RM {$expected}.
        [foreign] SKBBK is missing: it is compulsory for foreign workers, here RM {$expected}.
       *[other] SKBBK is missing; RM {$expected} is due.
    }
    .title = SKBBK missing
    .cure = Write the amount, which the employee alone pays, in columns 239 to 244.
    .why = SKBBK (LINDUNG 24 Jam) was compulsory for everybody in June 2026 and stays so for foreign workers. Only local employees may be released from it, from July 2026 on.

skbbk-before-start = SKBBK of RM {$found} stands in contribution month {$month}, but SKBBK began with {$expected}.
    .title = SKBBK before it began
    .cure = Take SKBBK out of this month, or correct the contribution month.
    .why = No SKBBK was due before the law came into force on 1 June 2026. What was deducted for it may have to go back to the employee.

zero-wage-with-shares = The wage is zero, but shares of RM {$found} stand beside it.
    .title = Shares without a wage
    .cure = Enter the wage of the month, or set the shares to zero.
    .why = Without wages in the month no contribution is due. Either the wage is missing or the shares are left over from an earlier month.

schedule-not-covered = No schedule is held here for {$scheme} in contribution month {$month}: {$reason}.
    .title = No schedule for this month
    .cure = Check the contribution month, or bring in the schedule when it has been published.
    .why = Amounts are judged only by a printed schedule of that month. A schedule of another month is never stretched to fit.

wage-share-mismatch = The shares are {$found}; for the wage of RM {$wage} they would be {$expected}. They fit a wage of {$fits}.
    .title = Shares of a lower wage
    .cure = Check whether the wage contains pay on which no contribution is due, such as the annual bonus.
    .why = All shares belong together, to a lower row of the schedule. That is right if part of the pay does not count as wages, and short if it does.

skbbk-inside-total = SKBBK of RM {$found} seems to be inside the SOCSO amount; without it the amount is RM {$expected}.
    .title = SKBBK inside the SOCSO amount
    .cure = Use the joint layout and write SKBBK in its own columns, 239 to 244.
    .why = Advice on where SKBBK goes in the old layouts has differed, and some payroll programs add it to the employee's SOCSO share. The amount is left where the file has it.

skbbk-nil-no-release = SKBBK is nil and no release is recorded for this employee; the schedule has RM {$expected}.
    .title = SKBBK nil without a release
    .cure = Record the employee's release notice in the register, or write the amount in columns 239 to 244.
    .why = From July 2026 a local employee takes part unless he or she has filed a release notice. The employer cannot file it for the employee.

zero-without-reason = The contribution is zero and the line does not say why.
    .title = Zero without a reason
    .cure = Write T in column 223 for unpaid leave or S for sick leave on benefit, or leave the employee out.
    .why = A zero line is usual for a month without wages. Without a reason nobody can tell it from a forgotten amount.

## Family person

eis-not-eligible =
    { $reason ->
        [under-18] An EIS contribution stands here, but the employee is {$age}; EIS begins at 18.
        [from-60] An EIS contribution stands here, but the employee is {$age}; EIS ends at 60.
        [from-57] An EIS contribution stands here, but the employee is {$age} and had none payable before 57.
        [foreign] An EIS contribution stands here, but foreign workers are not under EIS.
       *[other] An EIS contribution stands here, but the employee is not under EIS.
    }
    .title = Not under EIS
    .cure = Take the EIS shares off this line, or correct the date of birth or residency in the register.
    .why = EIS covers citizens and permanent and temporary residents from 18 to under 60; whoever is 57 or over and had no EIS contribution payable before 57 stays out. A contribution for anybody else gives no protection and has to be claimed back.

duplicate-person = The same person and contribution month already stand on line {$first}.
    .title = Person stands twice
    .cure = Add the wages of both lines together and write one line with the contribution for the sum.
    .why = All wages of a month from one employer make one wage and one row of the schedule. Two lines give a wrong contribution, or pay it twice.

same-id-other-name = The identification number of line {$first} stands here with another name.
    .title = One number, two names
    .cure = Compare both employees' numbers with their identity cards and correct the wrong one.
    .why = A number belongs to one person. One of the two employees would have no contribution.

employee-unregistered = The employee is not on the register of employees.
    .title = Employee not registered
    .cure = Register the employee with PERKESO and enter him or her in the register here.
    .why = Every new employee has to be registered within 30 days, also one who was registered under an earlier employer. A contribution without registration may not be credited.

registration-late = The employee began on {$started} and was to be registered by {$expected}; days late: {$days}.
    .title = Registration late
    .cure = Register the employee with PERKESO at once and enter the registration here.
    .why = New employees have to be registered within 30 days. Not registering an employee is an offence under Act 800.

birthday-month = The employee turned {$age} on {$expected}, in this contribution month; category and EIS may change in it.
    .title = Birthday in this month
    .cure = Check which category and EIS rule PERKESO applies for this month.
    .why = The age is taken here on the last day of the month, or of employment in it, because the contribution falls due then. No official rule for the month of the birthday was found, and payroll programs differ.

name-differs = The name differs from the registered one ({$expected}).
    .title = Name differs from the register
    .cure = Compare the name with the identity card, and correct the payroll program or the register.
    .why = A different name may mean that the number belongs to somebody else. It may also be only a different spelling.

left-employee = By the register this employee left on {$expected}, before this contribution month.
    .title = Employee has left
    .cure = Take the employee off the list, or correct the leaving date in the register.
    .why = Contributions are owed up to the last day of employment. Later ones would have to be claimed back.

registration-due = The employee began on {$started} and is not registered yet; last day is {$expected}, days left: {$days}.
    .title = Registration due soon
    .cure = Register the employee with PERKESO by {$expected} (Borang 2).
    .why = New employees have to be registered within 30 days of the day they begin.

eis-missing =
    { $reason ->
        [from-57] No EIS contribution stands here for an employee aged {$age}; it is due if one was payable before 57.
        [resident] No EIS contribution stands here, though the employee is a citizen or resident aged {$age}.
       *[other] No EIS contribution stands here, though one may be due.
    }
    .title = No EIS contribution
    .cure = Check whether EIS is due for this employee, and add the shares if it is.
    .why = Citizens and residents from 18 to under 60 are under EIS, with few exceptions. Whoever is 57 or over is out only if no EIS contribution was ever payable before 57.

second-category-under-60 = The employee pays in the second category at the age of {$age}, below 60.
    .title = Second category under 60
    .cure = Check that the employee first came under SOCSO at 55 or over, or receives an invalidity pension.
    .why = Below 60 the second category is the exception. In it the employee is not covered for invalidity.

## Family whole

already-submitted = These contributions were already submitted, under {$number}.
    .title = Submitted before
    .cure = Look up {$number}; send only what is not in it yet, with --kind short-payment what was paid too low, or withdraw it first if it is to be replaced.
    .why = A second acknowledgement for the same contributions would lead to paying twice.

several-employers = The file holds {$found} employers: {$list}.
    .title = Several employers
    .cure = Check that all of them are meant; each gets a submission and acknowledgements of its own.
    .why = It is not known whether ASSIST takes several employer codes in one file, so one file for each employer is the safe way.

several-months = The file holds {$found} contribution months: {$list}.
    .title = Several months
    .cure = Check that all of them are meant, and send arrears apart from the current month if in doubt.
    .why = Each month has its own schedule, due date and late interest. It is not known whether ASSIST takes several months in one file.

past-due = The contribution for {$month} was due on {$expected}; days late: {$days}, late interest estimated at RM {$amount} today and RM {$tomorrow} tomorrow.
    .title = Past the due date
    .cure = Pay today if possible, and expect late interest on PERKESO's bill.
    .why = Interest of 6 % a year runs on each day after the due date, with a minimum of RM 5 for each month or part of a month by the usual reading. The figure here is an estimate; only PERKESO's bill is binding.

missing-since-last-month = Employees paid for last month who are missing in this file: {$found} ({$list}).
    .title = Missing since last month
    .cure = Check that each of them has left or had no wages, and add whoever was forgotten.
    .why = A forgotten employee becomes arrears with late interest, and has no contribution for the month.

due-soon-rest-day = The contribution for {$month} is due on {$expected}, which is a rest day ({$rest}); days left: {$days}.
    .title = Due on a rest day
    .cure = Pay before the rest day.
    .why = No rule was found that moves PERKESO's due date when the 15th is a rest day. Banks may take longer then.

supplementary = This file adds to what was submitted before for the same month ({$number}).
    .title = Supplementary file
    .cure = Pay its acknowledgement together with the earlier one, or by itself.
    .why = A further file for a month gets numbers of its own. The contributions of the earlier one are not changed by it.

register-seeded = The register was empty and is filled from the accepted lines of this file; employees in the file: {$found}.
    .title = Register filled from this file
    .cure = Check the entries, and add starting dates, residency and releases.
    .why = Later files are compared with the register. A mistake in this first file would otherwise be taken as right.

line-of-another-part = The sheet gives to {$expected} (line {$found}) what comes with that employer's own fix sheet ({$number}): it is left out here.
    .title = Line of another employer's part
    .cure = Enter it in the fix sheet of {$number} too, and hand that one in.
    .why = The line did not say whose it is, so that it stands in the sheet of every employer in the file. It comes once, with the others of its employer.
