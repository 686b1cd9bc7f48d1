"""The eight rules with Polars. Prints records, lines in error, sen of readable amounts, duplicates."""
import sys

import polars as pl

IDENTITY = (
    r"^(\d\d(0[13578]|1[02])(0[1-9]|[12]\d|3[01])|\d\d(0[469]|11)(0[1-9]|[12]\d|30)|\d\d02(0[1-9]|1\d|2[0-8])"
    r"|([02468][048]|[13579][26])0229)(0[1-9]|[1-9]\d)\d{4}$"
)
DATE = (
    r"^( {8}|((0[1-9]|[12]\d|3[01])(0[13578]|1[02])|(0[1-9]|[12]\d|30)(0[469]|11)|(0[1-9]|1\d|2[0-8])02)(19|20)\d\d"
    r"|2902(19|20)([02468][048]|[13579][26]))$"
)


def main(path, totals_path):
    totals = [int(line) for line in open(totals_path)]
    line = pl.col("line")
    cut = lambda first, last: line.str.slice(first - 1, last - first + 1)
    rows = pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"]).select(
        length=line.str.len_bytes(), code=cut(1, 12), company=cut(13, 32), identity=cut(33, 44), name=cut(45, 194),
        month=cut(195, 200), amount=cut(201, 214), date=cut(215, 222), status=cut(223, 223),
    )
    rows = rows.with_columns(
        right_length=pl.col("length") == 223,
        month_right=pl.col("month").str.contains(r"^(0[1-9]|1[0-2])20\d\d$"),
        sen=pl.when(pl.col("amount").str.contains(r"^\d{14}$")).then(pl.col("amount").cast(pl.Int64, strict=False)),
    )
    right = (
        pl.col("right_length") & pl.col("month_right") & pl.col("sen").is_in(totals).fill_null(False)
        & pl.col("code").str.contains(r"^[A-Z]\d{10}[A-Z]$") & pl.col("company").str.contains(r"^[0-9A-Za-z]+ *$")
        & pl.col("identity").str.contains(IDENTITY) & pl.col("name").str.contains(r"^[ -~]*[!-~][ -~]*$")
        & pl.col("date").str.contains(DATE) & pl.col("status").is_in([" ", "B", "H", "M", "S", "T"])
    )
    keyed = pl.col("right_length") & pl.col("month_right") & pl.col("identity").str.contains(r"^\d{12}$")
    key = pl.struct("code", "month", "identity").filter(keyed)
    result = rows.select(
        records=pl.len(), errors=(~right).sum(),
        sen=pl.col("sen").filter(pl.col("right_length") & pl.col("month_right")).sum(),
        duplicates=key.len() - key.n_unique(),
    ).collect(engine="streaming")
    print(*result.row(0))


main(*sys.argv[1:])
