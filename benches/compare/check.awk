# The eight rules with awk. Prints records, lines in error, sen of readable amounts, duplicates.
# mawk has no {n} in expressions, so that lengths are tested apart. -v totals=FILE
BEGIN {
    while ((getline total < totals) > 0) legal[total + 0] = 1
    split("31 29 31 30 31 30 31 31 30 31 30 31", most, " ")
}
function exists(year, month, day) {
    return month + 0 >= 1 && month + 0 <= 12 && day + 0 >= 1 && day + 0 <= most[month + 0] + 0 && !(month == 2 && day == 29 && year % 4)
}
{
    records++
    if (length($0) != 223) { errors++; next }
    code = substr($0, 1, 12); id = substr($0, 33, 12); name = substr($0, 45, 150); month = substr($0, 195, 6)
    amount = substr($0, 201, 14); date = substr($0, 215, 8)
    month_right = month ~ /^(0[1-9]|1[0-2])20[0-9][0-9]$/
    digits = amount !~ /[^0-9]/
    id_digits = id !~ /[^0-9]/
    if (month_right) {
        if (digits) sen += amount
        if (id_digits && seen[code, month, id]++) duplicates++
    }
    if (!(month_right && digits && ((amount + 0) in legal) && code ~ /^[A-Z][0-9]+[A-Z]$/ \
        && substr($0, 13, 20) ~ /^[0-9A-Za-z]+ *$/ && id_digits \
        && exists(substr(id, 1, 2), substr(id, 3, 2), substr(id, 5, 2)) && substr(id, 7, 2) != "00" \
        && name ~ /[!-~]/ && name !~ /[^ -~]/ && substr($0, 223, 1) ~ /[ BHMST]/ \
        && (date == "        " || (date !~ /[^0-9]/ && substr(date, 5, 4) ~ /^(19|20)/ \
            && exists(substr(date, 5, 4), substr(date, 3, 2), substr(date, 1, 2)))))) errors++
}
END { printf "%d %d %.0f %d\n", records, errors, sen, duplicates }
