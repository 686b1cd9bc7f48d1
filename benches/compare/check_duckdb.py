"""The eight rules with DuckDB. Prints records, lines in error, sen of readable amounts, duplicates."""
import sys

import duckdb

IDENTITY = (
    r"(\d\d(0[13578]|1[02])(0[1-9]|[12]\d|3[01])|\d\d(0[469]|11)(0[1-9]|[12]\d|30)|\d\d02(0[1-9]|1\d|2[0-8])"
    r"|([02468][048]|[13579][26])0229)(0[1-9]|[1-9]\d)\d{4}"
)
DATE = (
    r" {8}|((0[1-9]|[12]\d|3[01])(0[13578]|1[02])|(0[1-9]|[12]\d|30)(0[469]|11)|(0[1-9]|1\d|2[0-8])02)(19|20)\d\d"
    r"|2902(19|20)([02468][048]|[13579][26])"
)
QUERY = f"""
with rows as (
    select strlen(line) = 223 as right_length, line[1:12] as code, line[13:32] as company, line[33:44] as identity,
           line[45:194] as name, line[195:200] as month, line[201:214] as amount, line[215:222] as date,
           line[223:223] as status
    from read_csv(?, header = false, delim = '\\x01', quote = '', escape = '', auto_detect = false,
                  columns = {{'line': 'VARCHAR'}})
), judged as (
    select *, right_length and regexp_full_match(month, '(0[1-9]|1[0-2])20\\d\\d') as month_right,
           case when regexp_full_match(amount, '\\d{{14}}') then amount::bigint end as sen
    from rows
)
select count(*),
       count(*) filter (not coalesce(month_right and sen in (select unnest(?::bigint[]))
           and regexp_full_match(code, '[A-Z]\\d{{10}}[A-Z]') and regexp_full_match(company, '[0-9A-Za-z]+ *')
           and regexp_full_match(identity, '{IDENTITY}') and regexp_full_match(name, '[ -~]*[!-~][ -~]*')
           and regexp_full_match(date, '{DATE}') and status in (' ', 'B', 'H', 'M', 'S', 'T'), false)),
       sum(sen) filter (month_right),
       count(*) filter (month_right and regexp_full_match(identity, '\\d{{12}}'))
           - count(distinct code || month || identity) filter (month_right and regexp_full_match(identity, '\\d{{12}}'))
from judged
"""


def main(path, totals_path, threads):
    totals = [int(line) for line in open(totals_path)]
    connection = duckdb.connect()
    connection.execute(f"set threads = {int(threads)}")
    print(*connection.execute(QUERY.replace("\\x01", "\x01"), [path, totals]).fetchone())


main(*sys.argv[1:])
