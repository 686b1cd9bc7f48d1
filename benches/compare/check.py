"""The eight rules with Python's standard library. Prints records, lines in error, sen of readable amounts, duplicates."""
import re
import sys

CODE = re.compile(rb"[A-Z][0-9]{10}[A-Z]").fullmatch
COMPANY = re.compile(rb"[0-9A-Za-z]+ *").fullmatch
IDENTITY = re.compile(
    rb"(\d\d(0[13578]|1[02])(0[1-9]|[12]\d|3[01])|\d\d(0[469]|11)(0[1-9]|[12]\d|30)|\d\d02(0[1-9]|1\d|2[0-8])"
    rb"|([02468][048]|[13579][26])0229)(0[1-9]|[1-9]\d)\d{4}"
).fullmatch
NAME = re.compile(rb"[ -~]*[!-~][ -~]*").fullmatch
MONTH = re.compile(rb"(0[1-9]|1[0-2])20\d\d").fullmatch
DATE = re.compile(
    rb" {8}|((0[1-9]|[12]\d|3[01])(0[13578]|1[02])|(0[1-9]|[12]\d|30)(0[469]|11)|(0[1-9]|1\d|2[0-8])02)(19|20)\d\d"
    rb"|2902(19|20)([02468][048]|[13579][26])"
).fullmatch


def main(path, totals_path):
    totals = {int(line) for line in open(totals_path)}
    records = errors = sen = duplicates = 0
    seen = set()
    with open(path, "rb") as lines:
        for line in lines:
            line = line.rstrip(b"\n")
            records += 1
            if len(line) != 223:
                errors += 1
                continue
            month, identity, amount = line[194:200], line[32:44], line[200:214]
            month_right = MONTH(month) is not None
            digits = amount.isdigit()
            if month_right:
                if digits:
                    sen += int(amount)
                if identity.isdigit():
                    key = (line[:12], month, identity)
                    if key in seen:
                        duplicates += 1
                    else:
                        seen.add(key)
            if not (month_right and digits and int(amount) in totals and CODE(line[:12]) and COMPANY(line[12:32])
                    and IDENTITY(identity) and NAME(line[44:194]) and DATE(line[214:222]) and line[222:] in b" BHMST"):
                errors += 1
    print(records, errors, sen, duplicates)


main(*sys.argv[1:])
