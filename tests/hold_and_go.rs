//! Hold and go: the good lines are acknowledged, the others wait with what each day costs, come back by a fix sheet, and
//! the sums tie.

mod flows;
mod place;

use caruman::workflow::fix::FixSheet;
use flows::{
    CODE, Files, OTHER, Row, amounts, events, findings, first, joint, numbers, owed, row, run, says, shown, state,
    submission, submit, taken,
};
use place::Place;
use serde_json::Value;

const SEPTEMBER: &str = "2026-10-05T09:00:00+08:00";
const LATE: &str = "2026-11-20T09:00:00+08:00";

on_both! {
    seven_of_a_thousand
    a_spreadsheet_frees_as_a_table_does
    three_of_seven
    the_sheet_gives_a_line_up
    lines_are_dropped_with_a_reason
    a_whole_file_comes_back_mended
    sheets_that_cannot_be_used
    money_is_the_clerks_own
    the_employers_own_policy
    the_first_file_of_all
    a_late_mend_is_judged_by_what_stands_now
    what_was_freed_is_withdrawn
}

/// What is wrong with a line, and the entries that mend it.
struct Fault {
    line: u64,
    /// First column from 1, and what is written there.
    at: usize,
    bad: &'static str,
    entries: Vec<(&'static str, String)>,
}

/// Seven faults of seven kinds.
fn faults(rows: &[Row], lines: [u64; 7]) -> Vec<Fault> {
    let of = |at: usize| &rows[lines[at] as usize - 1];
    let fault = |at: usize, column, bad, entries| Fault { line: lines[at], at: column, bad, entries };
    let sen = |amount: caruman::domain::Sen| amount.to_string();
    vec![
        fault(0, 33, "            ", vec![("id_number", of(0).id.clone())]),
        fault(1, 45, "                    ", vec![("name", of(1).name.clone())]),
        fault(2, 215, "009999", vec![("socso_employer", sen(of(2).shares().socso_employer))]),
        fault(3, 201, "0000000030O000", vec![("wage", sen(of(3).wage))]),
        fault(4, 195, "132026", vec![("month", "2026-10".to_owned())]),
        fault(5, 33, "901332149991", vec![("id_number", of(5).id.clone())]),
        fault(6, 233, "000000", vec![("eis_employee", sen(of(6).shares().eis_employee))]),
    ]
}

fn spoiled(clean: &[u8], faults: &[Fault]) -> Vec<u8> {
    let mut bytes = clean.to_vec();
    for fault in faults {
        let start = (fault.line as usize - 1) * 280 + fault.at - 1;
        bytes[start..start + fault.bad.len()].copy_from_slice(fault.bad.as_bytes());
    }
    bytes
}

/// A sheet with these entries: in the row of the line and field, or in one added below.
fn filled(sheet: &str, entries: &[(u64, &str, String)]) -> String {
    let mut reader = csv::Reader::from_reader(sheet.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let place = |name: &str| headings.iter().position(|heading| heading == name).expect("a heading");
    let (line, field, corrected) = (place("line"), place("field"), place("corrected"));
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    for (at, of, value) in entries {
        let known = rows.iter_mut().find(|row| row[line] == at.to_string() && row[field] == *of);
        if let Some(row) = known {
            row[corrected].clone_from(value);
            continue;
        }
        let mut row = rows.first().cloned().expect("a row");
        (row[line], row[field], row[corrected]) = (at.to_string(), (*of).to_owned(), value.clone());
        row[place("code")].clear();
        rows.push(row);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).expect("memory");
    for row in rows {
        writer.write_record(&row).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8")
}

fn entries(faults: &[Fault]) -> Vec<(u64, &'static str, String)> {
    let of =
        |fault: &Fault| fault.entries.clone().into_iter().map(|(field, value)| (fault.line, field, value)).collect();
    faults.iter().flat_map(|fault| -> Vec<_> { of(fault) }).collect()
}

/// Entries for the first three; the others stay, whatever is suggested for them.
fn three_of(faults: &[Fault]) -> Vec<(u64, &'static str, String)> {
    let rest =
        faults[3..].iter().flat_map(|f| f.entries.iter().map(|(field, _)| (f.line, *field, "(hold)".to_owned())));
    entries(&faults[..3]).into_iter().chain(rest).collect()
}

/// Rows of a sheet, by heading.
fn rows_of(sheet: &str) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(sheet.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn sheet(place: &Place, files: &Files, number: &str, name: &str) -> String {
    let path = files.path(name);
    let done = run(place, LATE, &["held", "fix-sheet", number, "-o", &path]);
    assert_eq!(done.status, 0, "{}", done.err);
    path
}

fn tray(place: &Place) -> Value {
    shown(place, LATE, &["held", "list"])
}

fn lines_waiting(place: &Place) -> Vec<(String, u64)> {
    let tray = tray(place);
    let lines = tray["lines"].as_array().expect("lines").iter();
    lines.map(|l| (l["submission"].as_str().expect("S").to_owned(), l["line"].as_u64().expect("a line"))).collect()
}

/// A month that seeds the register and a next one with seven faults: what is clean and what is handed in.
fn spoiled_month(place: &Place, files: &Files, count: u32, lines: [u64; 7]) -> (Vec<Row>, Vec<Fault>, String) {
    let wage = |n: u32| 150_000 + i64::from(n % 40) * 10_000;
    let september: Vec<Row> = (0..count).map(|n| row(n, "2026-09", wage(n))).collect();
    taken(place, SEPTEMBER, &[&files.write("september.txt", joint(&september))]);
    let rows: Vec<Row> = (0..count).map(|n| row(n, "2026-10", wage(n))).collect();
    let faults = faults(&rows, lines);
    let path = files.write("october.txt", spoiled(&joint(&rows), &faults));
    (rows, faults, path)
}

/// The clean rows of some lines.
fn rows_at(rows: &[Row], lines: impl IntoIterator<Item = u64>) -> Vec<Row> {
    lines.into_iter().map(|line| rows[line as usize - 1].clone()).collect()
}

const OF_TEN: [u64; 7] = [1, 2, 4, 5, 7, 8, 10];

fn seven_of_a_thousand(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 1_000, [101, 202, 303, 404, 505, 606, 707]);
    let held: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
    let (status, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    assert_eq!((status, state(&file), &first(&file)["held_lines"]), (1, "taken", &7.into()), "{:?}", findings(&file));
    let good = owed(&rows_at(&rows, (1..=1_000).filter(|line| !held.contains(line))));
    assert_eq!(amounts(&file), [(993, good.0), (993, good.1)]);

    let number = submission(&file);
    let expected: Vec<(String, u64)> = held.iter().map(|line| (number.clone(), *line)).collect();
    assert_eq!(lines_waiting(place), expected);
    // Six per cent a year of what the line says: here RM 1,000 and more of wages on the line that lacks a name.
    let waits = tray(place);
    let nameless = &waits["lines"][1];
    let owes = rows[201].owed().0 + rows[201].owed().1;
    assert_eq!(nameless["owed_sen"], owes);
    let a_day = rust_decimal::Decimal::new(owes * 6, 4) / rust_decimal::Decimal::from(365);
    assert_eq!(nameless["cost_of_a_day_rm"], a_day.round_dp(4).to_string());
    let october = waits["months"].as_array().expect("months").iter().find(|m| m["scheme"] == "act4").expect("Act 4");
    assert_eq!((&october["days_late"], &october["due_date"]), (&5.into(), &"2026-11-15".into()));
    assert_eq!(october["interest_today_sen"], 500, "at least RM 5.00 for a month or part of it");

    let path = sheet(place, &files, &number, "fix.csv");
    let text = filled(&std::fs::read_to_string(&path).expect("a sheet"), &entries(&faults));
    let filled = files.write("filled.csv", text);
    let (status, freed) = submit(place, LATE, &["--fix", &filled]);
    assert_eq!((status, state(&freed)), (0, "taken"), "{:?}", findings(&freed));
    let seven = owed(&rows_at(&rows, held));
    assert_eq!(amounts(&freed), [(7, seven.0), (7, seven.1)]);
    assert_eq!(first(&freed)["kind"], "supplementary");
    let all = owed(&rows);
    assert_eq!((good.0 + seven.0, good.1 + seven.1), all, "the sums tie to the sen");
    assert_eq!(lines_waiting(place), []);
    let look = shown(place, LATE, &["submission", "show", &number]);
    assert!(look["held"].as_array().expect("held").iter().all(|line| line["state"] == "freed"), "{}", look["held"]);

    let again = run(place, LATE, &["submit", "--fix", &filled]);
    again.one_sentence("none of its lines waits");
    assert_eq!(shown(place, LATE, &["ack", "list", "--month", "2026-10"]).as_array().map(Vec::len), Some(4));
    // The whole month once more: everybody stands.
    let clean = files.write("clean.txt", joint(&rows));
    let (status, once_more) = submit(place, LATE, &["--policy", "good-lines", &clean]);
    assert_eq!((status, state(&once_more)), (1, "returned"));
    assert!(says(&once_more, 0, "already-submitted"), "{:?}", findings(&once_more));
}

fn a_spreadsheet_frees_as_a_table_does(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let path = sheet(place, &files, &submission(&file), "fix.xlsx");
    let mut sheet = FixSheet::read(&std::fs::read(&path).expect("a spreadsheet")).expect("a fix sheet");
    for (line, field, value) in entries(&faults) {
        let row = sheet.rows.iter_mut().find(|row| row.line == Some(line) && row.field == field);
        row.expect("a row for the field").corrected = value;
    }
    let filled = files.write("filled.xlsx", sheet.to_xlsx().expect("a spreadsheet"));
    let (status, freed) = submit(place, LATE, &["--fix", &filled]);
    assert_eq!((status, amounts(&freed)[0].0), (0, 7), "{:?}", findings(&freed));
    assert_eq!((lines_waiting(place), total_of_month(place)), (vec![], owed(&rows)));
    run(place, LATE, &["submit", "--fix", &filled]).one_sentence("none of its lines waits");
}

fn three_of_seven(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    let path = sheet(place, &files, &number, "fix.csv");
    let text = std::fs::read_to_string(&path).expect("a sheet");
    let three = files.write("three.csv", filled(&text, &three_of(&faults)));
    // No policy is told: lines that left a tray are taken line by line as the file was that they come from.
    let (status, freed) = submit(place, LATE, &["--fix", &three]);
    assert_eq!(
        (status, state(&freed), &first(&freed)["held_lines"]),
        (1, "taken", &4.into()),
        "{:?}",
        findings(&freed)
    );
    let paid = owed(&rows_at(&rows, [1, 2, 4]));
    assert_eq!(amounts(&freed), [(3, paid.0), (3, paid.1)]);
    let second = submission(&freed);
    let waiting = lines_waiting(place);
    assert_eq!(waiting.len(), 4, "{waiting:?}");
    assert!(waiting.iter().all(|(at, _)| *at == second), "the rest waits in the tray of the second: {waiting:?}");
    run(place, LATE, &["submit", "--fix", &three]).one_sentence("none of its lines waits");

    // The rest by a second sheet, whose lines count in the second file.
    let path = sheet(place, &files, &second, "rest.csv");
    let text = std::fs::read_to_string(&path).expect("a sheet");
    let rest: Vec<(u64, &str, String)> = waiting
        .iter()
        .zip(&faults[3..])
        .flat_map(|((_, line), fault)| fault.entries.iter().map(|(field, value)| (*line, *field, value.clone())))
        .collect();
    let (status, freed) = submit(place, LATE, &["--fix", &files.write("rest-filled.csv", filled(&text, &rest))]);
    assert_eq!((status, state(&freed)), (0, "taken"), "{:?}", findings(&freed));
    assert_eq!(lines_waiting(place), []);
    assert_eq!(total_of_month(place), owed(&rows));
}

/// What stands of October under both Acts.
fn total_of_month(place: &Place) -> (i64, i64) {
    let list = shown(place, LATE, &["ack", "list", "--employer", CODE, "--month", "2026-10"]);
    let of = |scheme: &str| {
        let all = list.as_array().expect("a list").iter();
        all.filter(|a| a["scheme"] == scheme && a["state"] == "submitted").filter_map(|a| a["total_sen"].as_i64()).sum()
    };
    (of("act4"), of("act800"))
}

fn the_sheet_gives_a_line_up(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    let path = sheet(place, &files, &number, "fix.csv");
    let text = std::fs::read_to_string(&path).expect("a sheet");
    let mut wanted = entries(&faults[1..]);
    wanted.push((1, "id_number", "(delete)".to_owned()));
    let (status, freed) = submit(place, LATE, &["--fix", &files.write("filled.csv", filled(&text, &wanted))]);
    assert_eq!((status, amounts(&freed)[0].0), (0, 6), "{:?}", findings(&freed));
    assert_eq!(lines_waiting(place), []);
    let look = shown(place, LATE, &["submission", "show", &number]);
    let states: Vec<&str> = look["held"].as_array().expect("held").iter().filter_map(|l| l["state"].as_str()).collect();
    assert_eq!(states, ["dropped", "freed", "freed", "freed", "freed", "freed", "freed"]);
    let without: Vec<Row> = rows[1..].to_vec();
    assert_eq!(total_of_month(place), owed(&without));
}

fn lines_are_dropped_with_a_reason(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    assert_ne!(run(place, LATE, &["held", "drop", &number]).status, 0, "no reason, no dropping");
    for line in ["3", "99", "1,3"] {
        let done = run(place, LATE, &["held", "drop", &number, "--lines", line, "--reason", "x"]);
        done.one_sentence("waiting line");
    }
    let drop = ["held", "drop", &number, "--lines", "1,10", "--reason", "left before October", "--by", "anna"];
    assert_eq!(shown(place, LATE, &drop)["dropped"], 2);
    let look = shown(place, LATE, &["submission", "show", &number]);
    let told = events(&look).into_iter().find(|(what, _)| what == "dropped").expect("an event").1;
    assert!(told.contains("1, 10") && told.contains("left before October"), "{told}");
    run(place, LATE, &[&drop[..5], &["--reason", "again"]].concat()).one_sentence("waiting line");
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    assert!(rows_of(&text).iter().all(|row| row["line"] != "1" && row["line"] != "10"), "{text}");
    // What was dropped cannot be mended any more, and says so; the others can.
    let all = files.write("all.csv", filled(&text, &entries(&faults)));
    let refused = run(place, LATE, &["submit", "--fix", &all]);
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("not held"), "{}", refused.err);
    let five = files.write("five.csv", filled(&text, &entries(&faults[1..6])));
    let (status, freed) = submit(place, LATE, &["--fix", &five]);
    assert_eq!((status, amounts(&freed)[0].0), (0, 5), "{:?}", findings(&freed));
    assert_eq!(total_of_month(place), owed(&rows[1..9]));
}

fn a_whole_file_comes_back_mended(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (status, file) = submit(place, LATE, &[&path]);
    assert_eq!((status, state(&file)), (1, "returned"));
    assert_eq!(lines_waiting(place), [], "nothing waits of a file that goes back");
    let number = submission(&file);
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    let three = files.write("three.csv", filled(&text, &entries(&faults[..3])));
    let (status, still) = submit(place, LATE, &["--fix", &three]);
    assert_eq!((status, state(&still)), (1, "returned"), "whole means whole");
    let filled = files.write("filled.csv", filled(&text, &entries(&faults)));
    let (status, mended) = submit(place, LATE, &["--fix", &filled]);
    assert_eq!((status, state(&mended), &first(&mended)["kind"]), (0, "taken", &"monthly".into()));
    assert_eq!(amounts(&mended), [(10, owed(&rows).0), (10, owed(&rows).1)]);
    // The mended file is what the clean one would have been: the same bytes, the same numbers.
    let (_, clean) = submit(place, LATE, &[&files.write("clean.txt", joint(&rows))]);
    assert_eq!((state(&clean), numbers(&clean)), ("repeat", numbers(&mended)));
    let (status, again) = submit(place, LATE, &["--fix", &filled]);
    assert_eq!((status, state(&again), numbers(&again)), (0, "repeat", numbers(&mended)));
}

fn sheets_that_cannot_be_used(place: &Place) {
    let files = Files::new();
    let (_, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    let good = filled(&text, &entries(&faults));
    let digest = rows_of(&text)[0]["digest"].clone();
    let other = digest.replace(|c: char| c.is_ascii_hexdigit(), "0");
    for (name, text, word) in [
        ("unknown.csv", good.replace(&number, "S-000999"), "S-000999"),
        ("none.csv", good.replace(&number, ""), "names no submission"),
        ("strange.csv", good.replace(&number, "S-X"), "submission"),
        ("digest.csv", good.replace(&digest, &other), "digest"),
        ("no-sheet.csv", "a,b\n1,2\n".to_owned(), "no-sheet.csv"),
        ("empty.csv", String::new(), "empty.csv"),
        ("binary.csv", "PK\u{3}\u{4}nothing".to_owned(), "binary.csv"),
        ("file.csv", String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned(), "file.csv"),
    ] {
        let path = files.write(name, text);
        run(place, LATE, &["submit", "--fix", &path]).one_sentence(word);
    }
    run(place, LATE, &["submit", "--fix", &files.path("missing.csv")]).one_sentence("missing.csv");
    run(place, LATE, &["held", "fix-sheet", "S-000001", "-o", &files.path("x.csv")]).one_sentence("S-000001");
    run(place, LATE, &["held", "fix-sheet", &number, "-o", &files.path("x.doc")]).one_sentence(".csv");
    run(place, LATE, &["held", "retry", "S-000999"]).one_sentence("S-000999");
    assert_eq!(lines_waiting(place).len(), 7, "nothing moved");
    assert_eq!(shown(place, LATE, &["submission", "list"]).as_array().map(Vec::len), Some(2), "nothing was kept");
}

fn money_is_the_clerks_own(place: &Place) {
    let files = Files::new();
    let (_, _, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    let money = ["wage", "socso_employer", "socso_employee", "eis_employer", "eis_employee", "skbbk"];
    let rows = rows_of(&text);
    let of_money: Vec<_> = rows.iter().filter(|row| money.contains(&row["field"].as_str())).collect();
    assert!(!of_money.is_empty());
    for row in of_money {
        assert_eq!((row["suggested"].as_str(), row["corrected"].as_str()), ("", ""), "line {}", row["line"]);
    }
    // Last month's number for the same name is suggested, and last month's name for the same number; the quote keeps a
    // spreadsheet from making a figure of it.
    let suggested = |line: &str, field: &str| {
        rows.iter()
            .find(|row| row["line"] == line && row["field"] == field)
            .map(|row| row["suggested"].trim_start_matches('\'').to_owned())
    };
    assert_eq!(suggested("1", "id_number"), Some(row(0, "2026-09", 0).id));
    assert_eq!(suggested("2", "name"), Some(row(1, "2026-09", 0).name));
    // The sheet as it came frees what is suggested and leaves the money alone.
    let (status, freed) = submit(place, LATE, &["--fix", &files.path("fix.csv")]);
    assert_eq!((status, state(&freed)), (1, "taken"), "{:?}", findings(&freed));
    let (people, held) = (amounts(&freed)[0].0, first(&freed)["held_lines"].as_u64().expect("held"));
    assert_eq!(people + held, 7);
    assert!(held >= 3, "three lines lack an amount");
}

fn the_employers_own_policy(place: &Place) {
    let files = Files::new();
    let (_, _, path) = spoiled_month(place, &files, 10, OF_TEN);
    let set = ["employer", "set", CODE, "--policy", "good-lines"];
    assert_eq!(run(place, LATE, &set).status, 0);
    let (_, told) = submit(place, LATE, &["--policy", "whole", &path]);
    assert_eq!(state(&told), "returned", "what is told goes before what is set");
    let (status, file) = submit(place, LATE, &[&path]);
    assert_eq!((status, state(&file), &first(&file)["held_lines"]), (1, "taken", &7.into()));
    assert_eq!(shown(place, LATE, &["submission", "show", &submission(&file)])["policy"], "good-lines");

    // Two employers in one file, each by its own policy.
    let mut rows: Vec<Row> = (0..4).map(|n| row(n, "2026-11", 300_000)).collect();
    rows.extend((20..24).map(|n| row(n, "2026-11", 300_000).of(OTHER)));
    let mut bytes = joint(&rows);
    for line in [1, 5] {
        bytes[line * 280 + 44..line * 280 + 94].fill(b' ');
    }
    let (status, both) = submit(place, "2026-12-05T09:00:00+08:00", &[&files.write("both.txt", &bytes)]);
    let of = |code: &str| {
        let all = both["submissions"].as_array().expect("submissions").iter();
        all.clone().find(|s| s["employer_code"] == code).expect("its part").clone()
    };
    assert_eq!((status, &of(CODE)["state"], &of(OTHER)["state"]), (1, &"taken".into(), &"returned".into()), "{both}");
    assert_eq!(of(CODE)["acknowledgements"][0]["people"], 3);

    // The one that came back is mended by itself: whose part was taken neither stands on its sheet nor comes again.
    let number = of(OTHER)["submission"].as_str().expect("a number").to_owned();
    let text = std::fs::read_to_string(sheet(place, &files, &number, "other.csv")).expect("a sheet");
    assert!(rows_of(&text).iter().all(|row| row["line"] == "6"), "{text}");
    let filled = filled(&text, &[(6, "name", rows[5].name.clone())]);
    let (status, mended) = submit(place, LATE, &["--fix", &files.write("other-filled.csv", filled)]);
    assert_eq!((status, mended["submissions"].as_array().map(Vec::len)), (0, Some(1)), "{:?}", findings(&mended));
    assert_eq!((&first(&mended)["employer_code"], amounts(&mended)[0].0), (&OTHER.into(), 4));
}

fn the_first_file_of_all(place: &Place) {
    let files = Files::new();
    let rows: Vec<Row> = (0..10).map(|n| row(n, "2026-10", 300_000)).collect();
    let faults = faults(&rows, OF_TEN);
    let path = files.write("first.txt", spoiled(&joint(&rows), &faults));
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    assert_eq!(first(&file)["register"]["seeded"], true);
    let number = submission(&file);
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    assert!(rows_of(&text).iter().all(|row| row["name"] != "employee-unregistered"), "they stand in the first file");
    let three = filled(&text, &three_of(&faults));
    let (_, freed) = submit(place, LATE, &["--fix", &files.write("three.csv", three)]);
    assert_eq!(amounts(&freed).first().map(|a| a.0), Some(3), "{:?}", findings(&freed));
    let second = submission(&freed);
    let waiting = lines_waiting(place);
    let text = std::fs::read_to_string(sheet(place, &files, &second, "rest.csv")).expect("a sheet");
    let rest: Vec<(u64, &str, String)> = waiting
        .iter()
        .zip(&faults[3..])
        .flat_map(|((_, line), fault)| fault.entries.iter().map(|(field, value)| (*line, *field, value.clone())))
        .collect();
    let (status, freed) = submit(place, LATE, &["--fix", &files.write("rest-filled.csv", filled(&text, &rest))]);
    assert_eq!(status, 0, "{:?}", findings(&freed));
    assert_eq!(total_of_month(place), owed(&rows));
    // They are registered as the others are: nothing is said of them next month.
    let next: Vec<Row> = (0..10).map(|n| row(n, "2026-11", 300_000)).collect();
    let (status, file) = submit(place, "2026-12-20T09:00:00+08:00", &[&files.write("next.txt", joint(&next))]);
    assert_eq!(status, 0, "{:?}", findings(&file));
    let list = shown(place, LATE, &["register", "list", "--employer", CODE]);
    let list = list.as_array().expect("a list").clone();
    assert_eq!(list.len(), 10);
    assert!(list.iter().all(|entry| entry["registered_on"] == "2026-11-20"), "{list:?}");
}

fn a_late_mend_is_judged_by_what_stands_now(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let number = submission(&file);
    let text = std::fs::read_to_string(sheet(place, &files, &number, "fix.csv")).expect("a sheet");
    // Meanwhile somebody hands one of the seven in by a file of his own.
    let one = files.write("one.txt", joint(&rows[..1]));
    taken(place, LATE, &[&one]);
    let sheet = files.write("filled.csv", filled(&text, &entries(&faults)));
    let (_, freed) = submit(place, LATE, &["--fix", &sheet]);
    assert!(says(&freed, 1, "already-submitted"), "{:?}", findings(&freed));
    assert_eq!(amounts(&freed)[0].0, 6);
    assert_eq!(total_of_month(place), owed(&rows), "nobody is acknowledged twice");
    assert_eq!(lines_waiting(place), [], "who stands waits for nothing");
}

fn what_was_freed_is_withdrawn(place: &Place) {
    let files = Files::new();
    let (rows, faults, path) = spoiled_month(place, &files, 10, OF_TEN);
    let (_, file) = submit(place, LATE, &["--policy", "good-lines", &path]);
    let text = std::fs::read_to_string(sheet(place, &files, &submission(&file), "fix.csv")).expect("a sheet");
    let (_, freed) = submit(place, LATE, &["--fix", &files.write("filled.csv", filled(&text, &entries(&faults)))]);
    for number in numbers(&freed) {
        assert_eq!(run(place, LATE, &["ack", "withdraw", &number, "--reason", "wrong entries"]).status, 0);
    }
    // The way back is the first file: its good lines stand, the seven can be mended once more.
    let (status, again) = submit(place, LATE, &["--policy", "good-lines", &path]);
    assert_eq!((status, state(&again)), (1, "returned"), "{:?}", findings(&again));
    let text = std::fs::read_to_string(sheet(place, &files, &submission(&again), "again.csv")).expect("a sheet");
    let filled = files.write("again-filled.csv", filled(&text, &entries(&faults)));
    let (_, mended) = submit(place, LATE, &["--policy", "good-lines", "--fix", &filled]);
    assert_eq!((state(&mended), amounts(&mended)[0].0), ("taken", 7), "{:?}", findings(&mended));
    assert_eq!((total_of_month(place), lines_waiting(place)), (owed(&rows), vec![]));
}
