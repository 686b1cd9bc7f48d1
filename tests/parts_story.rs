//! Files of several employers: each part has a verdict of its own, is mended alone, and comes again as what it is.

mod flows;
mod place;

use caruman::checks::{FileCheck, Options, Verdict, check_file};
use caruman::rates::RateBook;
use flows::{CODE, Files, OTHER, Row, joint, row, run, shown, submit, taken};
use place::Place;
use serde_json::Value;

const THIRD: &str = "C7700000003X";
const SEPTEMBER: &str = "2026-10-05T09:00:00+08:00";
const NOW: &str = "2026-11-10T09:00:00+08:00";

on_both! {
    one_part_goes_and_the_other_comes_back
    good_lines_wait_with_their_employer
    one_of_three
    a_register_is_mended_meanwhile
    two_persons_for_one_of_the_parts
    a_line_of_nobody_holds_everybody
    a_mistyped_code_holds_everybody
    the_whole_file_is_stopped
    a_large_file_has_parts_too
    only_what_goes_leaves_the_tray
    a_line_of_nobody_comes_with_its_own_employer
    a_line_for_somebody_without_a_part
    a_line_of_a_tray_comes_with_its_own_employer
}

fn people(code: &'static str, from: u32, to: u32) -> Vec<Row> {
    (from..to).map(|n| row(n, "2026-10", 300_000).of(code)).collect()
}

/// An identity number whose date is impossible.
fn bad(mut rows: Vec<Row>, at: usize) -> Vec<Row> {
    "751399141001".clone_into(&mut rows[at].id);
    rows
}

/// Employer, state and numbers of each part.
fn parts(file: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let numbers = |part: &Value| -> Vec<String> {
        let list = part["acknowledgements"].as_array().expect("a list");
        list.iter().map(|one| text(&one["number"])).collect()
    };
    let list = file["submissions"].as_array().expect("submissions").iter();
    list.map(|part| (text(&part["employer_code"]), text(&part["state"]), numbers(part))).collect()
}

fn states(file: &Value) -> Vec<(String, String)> {
    parts(file).into_iter().map(|(code, state, _)| (code, state)).collect()
}

fn are(file: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(code, state)| ((*code).to_owned(), (*state).to_owned())).collect();
    assert_eq!(states(file), expected, "{:#}", file["check"]["findings"]);
}

/// The number of an employer's part.
fn number(file: &Value, code: &str) -> String {
    let list = file["submissions"].as_array().expect("submissions");
    let part = list.iter().find(|part| part["employer_code"] == code).expect("a part");
    part["submission"].as_str().expect("a number").to_owned()
}

fn verdicts(file: &Value) -> Vec<&str> {
    let parts = file["check"]["employers"].as_array().expect("a list");
    parts.iter().map(|part| part["verdict"].as_str().expect("a verdict")).collect()
}

fn acknowledgements(place: &Place) -> usize {
    shown(place, NOW, &["ack", "list", "--month", "2026-10"]).as_array().map_or(0, Vec::len)
}

/// The fix sheet of a submission: its lines, and the sheet with one value entered wherever a field asks for it.
fn sheet(place: &Place, files: &Files, number: &str, field: &str, value: &str) -> (Vec<String>, String) {
    filled(place, files, number, &[(field, value)])
}

fn filled(place: &Place, files: &Files, number: &str, values: &[(&str, &str)]) -> (Vec<String>, String) {
    let done = run(place, NOW, &["held", "fix-sheet", number, "-o", &files.path("sheet.csv"), "--force"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let text = files.read("sheet.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a heading");
    let (line, of, corrected) = (at("line"), at("field"), at("corrected"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).expect("memory");
    let mut lines = Vec::new();
    for record in reader.records() {
        let mut cells: Vec<String> = record.expect("a row").iter().map(str::to_owned).collect();
        if let Some((_, value)) = values.iter().find(|(field, _)| cells[of] == *field) {
            (*value).clone_into(&mut cells[corrected]);
        }
        if !lines.contains(&cells[line]) {
            lines.push(cells[line].clone());
        }
        writer.write_record(&cells).expect("memory");
    }
    let filled = files.write(&format!("{number}.csv"), writer.into_inner().expect("memory"));
    (lines, filled)
}

fn one_part_goes_and_the_other_comes_back(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2), bad(people(OTHER, 10, 12), 0)].concat();
    let path = files.write("october.txt", joint(&rows));
    let (status, file) = submit(place, NOW, &[&path]);
    assert_eq!(status, 1);
    are(&file, &[(CODE, "taken"), (OTHER, "returned")]);
    let first = parts(&file)[0].2.clone();
    assert_eq!((first.len(), parts(&file)[1].2.len()), (2, 0));
    assert_eq!((verdicts(&file), &file["check"]["verdict"]), (vec!["warnings", "errors"], &"errors".into()));
    let fault = file["check"]["findings"].as_array().expect("findings").iter().find(|one| one["severity"] == "fix");
    assert_eq!(fault.expect("a fault")["employer_code"], OTHER);

    // Each sees its own.
    for (own, other) in [(CODE, OTHER), (OTHER, CODE)] {
        let check = shown(place, NOW, &["submission", "show", &number(&file, own)])["check"].to_string();
        assert!(check.contains(own) && !check.contains(other), "{check}");
    }

    // The same bytes: first numbers for the part that was taken, the other judged anew.
    let (status, again) = submit(place, NOW, &[&path]);
    assert_eq!((status, &parts(&again)[0].2), (1, &first));
    are(&again, &[(CODE, "repeat"), (OTHER, "returned")]);

    // The part that came back is mended without the other's rows.
    let (lines, filled) = sheet(place, &files, &number(&file, OTHER), "id_number", &row(10, "2026-10", 0).id);
    assert_eq!(lines, ["3"]);
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 2);
    let (_, sheet_again) = submit(place, NOW, &["--fix", &filled]);
    are(&sheet_again, &[(OTHER, "repeat")]);

    // Nothing is doubled by the old bytes, nor by the whole file as it should have been.
    let (status, old) = submit(place, NOW, &[&path]);
    assert_eq!((status, &parts(&old)[0].2), (1, &first));
    are(&old, &[(CODE, "repeat"), (OTHER, "returned")]);
    let right = [people(CODE, 0, 2), people(OTHER, 10, 12)].concat();
    let (_, whole) = submit(place, NOW, &[&files.write("right.txt", joint(&right))]);
    are(&whole, &[(CODE, "returned"), (OTHER, "returned")]);
    let said = whole["check"]["findings"].as_array().expect("findings").iter();
    let said: Vec<&Value> =
        said.filter(|one| one["name"] == "already-submitted").map(|f| &f["employer_code"]).collect();
    assert_eq!(said, [CODE, OTHER]);
    assert_eq!(acknowledgements(place), 4);
}

fn good_lines_wait_with_their_employer(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2), bad(people(OTHER, 10, 13), 1)].concat();
    let path = files.write("october.txt", joint(&rows));
    let (status, file) = submit(place, NOW, &["--policy", "good-lines", &path]);
    assert_eq!(status, 1);
    are(&file, &[(CODE, "taken"), (OTHER, "taken")]);
    let held: Vec<&Value> =
        file["submissions"].as_array().expect("parts").iter().map(|part| &part["held_lines"]).collect();
    assert_eq!(held, [0, 1]);
    let tray = shown(place, NOW, &["held", "list"]);
    assert_eq!(tray["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!((&tray["lines"][0]["submission"], &tray["lines"][0]["line"]), (&number(&file, OTHER).into(), &4.into()));
    let (_, again) = submit(place, NOW, &["--policy", "good-lines", &path]);
    are(&again, &[(CODE, "repeat"), (OTHER, "repeat")]);
    assert_eq!(acknowledgements(place), 4);
    let (_, filled) = sheet(place, &files, &number(&file, OTHER), "id_number", &row(11, "2026-10", 0).id);
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    let tray = shown(place, NOW, &["held", "list"]);
    assert_eq!(tray["lines"].as_array().map(Vec::len), Some(0));
    sound(place);
}

fn one_of_three(place: &Place) {
    let files = Files::new();
    // Line by line in turn, and not in the order of the codes.
    let (a, b, c) = (people(CODE, 0, 3), bad(people(OTHER, 10, 13), 2), people(THIRD, 20, 23));
    let rows: Vec<Row> = (0..3).flat_map(|n| [c[n].clone(), a[n].clone(), b[n].clone()]).collect();
    let path = files.write("october.txt", joint(&rows));
    let done = run(place, NOW, &["check", &path]);
    assert_eq!(done.status, 1);
    assert!(done.out.contains(&format!("{OTHER} · ")) && !done.out.contains(&format!("{THIRD} · ")), "{}", done.out);
    assert!(done.out.lines().any(|line| line.starts_with(&format!("{OTHER}: ")) && line.contains("1")), "{}", done.out);
    let saved = files.path("findings.csv");
    assert_eq!(run(place, NOW, &["check", &path, "--save", &saved]).status, 1);
    let table = files.read("findings.csv");
    assert!(table.lines().next().is_some_and(|head| head.ends_with(",law,employer_code")), "{table}");
    assert!(table.lines().any(|line| line.contains("id-date-impossible") && line.ends_with(OTHER)), "{table}");

    let (status, file) = submit(place, NOW, &[&path]);
    assert_eq!(status, 1);
    are(&file, &[(CODE, "taken"), (OTHER, "returned"), (THIRD, "taken")]);
    assert_eq!(verdicts(&file), ["warnings", "errors", "warnings"]);
    let employers = file["check"]["employers"].as_array().expect("a list").iter();
    let lines: Vec<(Option<u64>, Option<u64>)> =
        employers.map(|part| (part["accepted_lines"].as_u64(), part["held_lines"].as_u64())).collect();
    assert_eq!(lines, [(Some(3), Some(0)), (Some(2), Some(1)), (Some(3), Some(0))]);
    let (lines, filled) = sheet(place, &files, &number(&file, OTHER), "id_number", &row(12, "2026-10", 0).id);
    assert_eq!(lines, ["9"]);
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 3);
}

fn a_register_is_mended_meanwhile(place: &Place) {
    let files = Files::new();
    let before: Vec<Row> = [0, 1, 10, 11].map(|n| row(n, "2026-09", 300_000)).to_vec();
    let (a, b) = (before[..2].to_vec(), before[2..].iter().map(|row| row.clone().of(OTHER)).collect::<Vec<_>>());
    let (status, _) = submit(place, SEPTEMBER, &[&files.write("september.txt", joint(&[a, b].concat()))]);
    assert_eq!(status, 0);
    let rows = [people(CODE, 0, 2), people(OTHER, 10, 13)].concat();
    let path = files.write("october.txt", joint(&rows));
    let (_, file) = submit(place, NOW, &[&path]);
    are(&file, &[(CODE, "taken"), (OTHER, "returned")]);
    let first = parts(&file)[0].2.clone();

    let person = &rows[4];
    let set = ["register", "set", OTHER, &person.id, "--new", "--name", &person.name];
    let days = ["--employed-on", "2026-10-01", "--registered-on", "2026-10-02"];
    assert_eq!(run(place, NOW, &[&set[..], &days].concat()).status, 0);
    let (status, second) = submit(place, NOW, &[&path]);
    are(&second, &[(CODE, "repeat"), (OTHER, "taken")]);
    assert_eq!((status, &parts(&second)[0].2), (0, &first));
    let of_other = parts(&second)[1].2.clone();
    let (status, third) = submit(place, NOW, &[&path]);
    are(&third, &[(CODE, "repeat"), (OTHER, "repeat")]);
    assert_eq!((status, &parts(&third)[0].2, &parts(&third)[1].2), (0, &first, &of_other));
    assert_eq!(acknowledgements(place), 4);
    // The part that came back first is done with: its sheet has nothing new to hand in.
    let done = run(place, NOW, &["held", "retry", &number(&file, OTHER), "--output", "json"]);
    assert_ne!(done.status, 0, "{}", done.out);
    assert_eq!(acknowledgements(place), 4);
}

fn two_persons_for_one_of_the_parts(place: &Place) {
    assert_eq!(run(place, NOW, &["employer", "set", CODE, "--approval", "yes"]).status, 0);
    let files = Files::new();
    let rows = [people(CODE, 0, 2), bad(people(OTHER, 10, 12), 0)].concat();
    let path = files.write("october.txt", joint(&rows));
    let (_, file) = submit(place, NOW, &["--sent-by", "anna", &path]);
    are(&file, &[(CODE, "taken"), (OTHER, "returned")]);
    assert!(parts(&file)[0].2.iter().all(|number| number.starts_with("DRAFT-S-")), "{:?}", parts(&file));
    let first = number(&file, CODE);
    let back = ["submission", "send-back", &first, "--by", "ben", "--reason", "look again"];
    assert_eq!(run(place, NOW, &back).status, 0);
    // What was sent back is judged anew, as what was returned is.
    let (_, anew) = submit(place, NOW, &["--sent-by", "anna", &path]);
    are(&anew, &[(CODE, "taken"), (OTHER, "returned")]);
    let given = shown(place, NOW, &["submission", "approve", &number(&anew, CODE), "--by", "ben"]);
    let numbers: Vec<String> =
        given.as_array().expect("two").iter().map(|one| one["number"].as_str().expect("a number").to_owned()).collect();
    let (_, again) = submit(place, NOW, &["--sent-by", "anna", &path]);
    are(&again, &[(CODE, "repeat"), (OTHER, "returned")]);
    assert_eq!(parts(&again)[0].2, numbers);
}

/// A joint file with a line of its own in the middle.
fn with_line(rows: &[Row], at: usize, line: &str) -> Vec<u8> {
    let text = String::from_utf8(joint(rows)).expect("ASCII");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(at, line);
    (lines.join("\r\n") + "\r\n").into_bytes()
}

fn a_line_of_nobody_holds_everybody(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2), people(OTHER, 10, 12), people(THIRD, 20, 22)].concat();
    let short = with_line(&rows, 4, &format!("{OTHER}        a line that was cut"));
    let (_, file) = submit(place, NOW, &[&files.write("short.txt", short)]);
    are(&file, &[(CODE, "taken"), (OTHER, "returned"), (THIRD, "taken")]);
    let (lines, _) = sheet(place, &files, &number(&file, OTHER), "line", "(delete)");
    assert_eq!(lines, ["5"], "a line that begins with a code is that employer's");

    let place = &if place.url.is_some() { Place::postgres().expect("a server") } else { Place::sqlite() };
    let path = files.write("stray.txt", with_line(&rows, 4, "a line of nobody"));
    let (_, file) = submit(place, NOW, &[&path]);
    are(&file, &[(CODE, "returned"), (OTHER, "returned"), (THIRD, "returned")]);
    assert_eq!(verdicts(&file), ["errors", "errors", "errors"]);
    // Line by line it waits in one tray, whoever's it is.
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &path]);
    are(&file, &[(CODE, "taken"), (OTHER, "taken"), (THIRD, "taken")]);
    let tray = shown(place, NOW, &["held", "list"]);
    let lines = tray["lines"].as_array().expect("lines");
    assert_eq!((lines.len(), &lines[0]["submission"], &lines[0]["line"]), (1, &number(&file, CODE).into(), &5.into()));
    sound(place);
}

fn sound(place: &Place) {
    let done = run(place, NOW, &["selfcheck", "--deep"]);
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
}

fn a_mistyped_code_holds_everybody(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2), people(OTHER, 10, 12)].concat();
    let text = String::from_utf8(joint(&rows)).expect("ASCII");
    let mistyped = text.replacen(OTHER, "B88OOOOOOO2Y", 1);
    let (_, file) = submit(place, NOW, &[&files.write("october.txt", mistyped)]);
    are(&file, &[(CODE, "returned"), (OTHER, "returned")]);
    let (lines, filled) = sheet(place, &files, &number(&file, OTHER), "employer_code", OTHER);
    assert_eq!(lines, ["3"]);
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 2);
    // The other's sheet still has the line: what is entered there comes with its own employer's, and did.
    let (_, filled) = sheet(place, &files, &number(&file, CODE), "employer_code", OTHER);
    let (_, other) = submit(place, NOW, &["--fix", &filled]);
    are(&other, &[(CODE, "taken")]);
    assert_eq!(said(&other, "line-of-another-part").len(), 1);
    assert_eq!(acknowledgements(place), 4);
    sound(place);
}

fn the_whole_file_is_stopped(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2), people(OTHER, 10, 12)].concat();
    let old = flows::one_act(caruman::domain::Scheme::Act4, &rows);
    let path = files.write("old.txt", old);
    let (status, file) = submit(place, "2026-12-10T09:00:00+08:00", &["--gate", "dated", "--scheme", "act4", &path]);
    assert_eq!(status, 2, "{:#}", file["check"]["findings"]);
    are(&file, &[("", "refused")]);
    assert_eq!(verdicts(&file), ["refused", "refused"]);
    assert_eq!(acknowledgements(place), 0);
    // A file pasted twice is nobody's alone either.
    let twice = [rows.clone(), rows].concat();
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &files.write("twice.txt", joint(&twice))]);
    are(&file, &[(CODE, "returned"), (OTHER, "returned")]);
    taken(place, NOW, &[&files.write("one.txt", joint(&people(CODE, 0, 2)))]);
}

fn a_large_file_has_parts_too(place: &Place) {
    let files = Files::new();
    let rows = [people(CODE, 0, 2_000), bad(people(OTHER, 2_000, 4_000), 1_999)].concat();
    let bytes = joint(&rows);
    assert!(bytes.len() > 1 << 20, "streamed beside its original");
    let path = files.write("october.txt", bytes);
    let (_, file) = submit(place, NOW, &[&path]);
    are(&file, &[(CODE, "taken"), (OTHER, "returned")]);
    let (_, again) = submit(place, NOW, &[&path]);
    are(&again, &[(CODE, "repeat"), (OTHER, "returned")]);
    assert_eq!(parts(&again)[0].2, parts(&file)[0].2);
    let (lines, filled) = sheet(place, &files, &number(&file, OTHER), "id_number", &row(3_999, "2026-10", 0).id);
    assert_eq!(lines, ["4000"]);
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 2_000);
    assert_eq!(acknowledgements(place), 4);
}

/// Lines of one tray go to two employers, and only one of them can be taken.
fn only_what_goes_leaves_the_tray(place: &Place) {
    let files = Files::new();
    let rows = bad(bad(people(CODE, 0, 4), 1), 2);
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &files.write("october.txt", joint(&rows))]);
    are(&file, &[(CODE, "taken")]);
    let number = number(&file, CODE);
    let (lines, _) = sheet(place, &files, &number, "id_number", "(hold)");
    assert_eq!(lines, ["2", "3"]);
    let text = files.read("sheet.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a heading");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).expect("memory");
    for record in reader.records() {
        let mut cells: Vec<String> = record.expect("a row").iter().map(str::to_owned).collect();
        cells[at("corrected")] = match (cells[at("line")].as_str(), cells[at("field")].as_str()) {
            ("2", "id_number") => row(1, "2026-10", 0).id,
            _ => "(hold)".to_owned(),
        };
        writer.write_record(&cells).expect("memory");
        "3".clone_into(&mut cells[at("line")]);
        "employer_code".clone_into(&mut cells[at("field")]);
        OTHER.clone_into(&mut cells[at("corrected")]);
        cells[at("code")].clear();
        writer.write_record(&cells).expect("memory");
    }
    let filled = files.write("filled.csv", writer.into_inner().expect("memory"));
    let (status, mended) = submit(place, NOW, &["--fix", &filled]);
    assert_eq!(status, 1, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(CODE, "taken"), (OTHER, "returned")]);
    let held = shown(place, NOW, &["submission", "show", &number])["held"].clone();
    let states: Vec<&Value> = held.as_array().expect("held").iter().map(|line| &line["state"]).collect();
    assert_eq!(states, ["freed", "waiting"], "{held:#}");
    sound(place);
}

/// A joint file with a line of nobody in the middle: what says whose it is is blank.
fn with_blank(rows: &[Row], at: usize, whose: &Row) -> Vec<u8> {
    let text = String::from_utf8(joint(std::slice::from_ref(whose))).expect("ASCII");
    with_line(rows, at, &format!("{:12}{}", "", text.trim_end_matches(['\r', '\n']).get(12..).expect("a record")))
}

/// Names of findings, with the employer of each.
fn said(file: &Value, name: &str) -> Vec<String> {
    let findings = file["check"]["findings"].as_array().expect("findings").iter();
    let own = findings.filter(|one| one["name"] == name);
    own.map(|one| one["employer_code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Everybody of three employers, one of them with a wrong line, and a line of nobody that is that one's.
fn three_and_nobody(files: &Files) -> String {
    let (a, b, c) = (people(CODE, 0, 3), bad(people(OTHER, 10, 14), 1), people(THIRD, 20, 22));
    files.write("october.txt", with_blank(&[a, b, c].concat(), 4, &row(14, "2026-10", 300_000)))
}

fn a_line_of_nobody_comes_with_its_own_employer(place: &Place) {
    let files = Files::new();
    let path = three_and_nobody(&files);
    let (_, file) = submit(place, NOW, &[&path]);
    are(&file, &[(CODE, "returned"), (OTHER, "returned"), (THIRD, "returned")]);
    assert!(said(&file, "register-seeded").is_empty(), "nothing is filled by what goes back");
    let right = row(11, "2026-10", 0).id;
    let values = [("employer_code", OTHER), ("id_number", right.as_str())];
    for code in [CODE, THIRD] {
        let (lines, sheet) = filled(place, &files, &number(&file, code), &values);
        assert_eq!(lines, ["5"]);
        let (status, mended) = submit(place, NOW, &["--fix", &sheet]);
        assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
        are(&mended, &[(code, "taken")]);
        assert_eq!(said(&mended, "line-of-another-part").len(), 1);
        assert_eq!(said(&mended, "register-seeded").len(), 1);
        let told = mended["check"]["findings"].to_string();
        assert!(told.contains(&number(&file, OTHER)) && told.contains(OTHER), "{told}");
        let printed = run(place, NOW, &["submit", "--lang", "ms", "--fix", &sheet]);
        assert!(printed.out.contains(OTHER), "{}{}", printed.out, printed.err);
    }
    assert_eq!(acknowledgements(place), 4, "nothing of the other's yet");
    let (lines, sheet) = filled(place, &files, &number(&file, OTHER), &values);
    assert_eq!(lines, ["5", "6"]);
    let (status, mended) = submit(place, NOW, &["--fix", &sheet]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 5);
    assert_eq!(said(&mended, "register-seeded").len(), 1);
    assert!(said(&mended, "line-of-another-part").is_empty());
    assert_eq!(acknowledgements(place), 6);
    sound(place);
}

fn a_line_for_somebody_without_a_part(place: &Place) {
    const FOURTH: &str = "D6600000004W";
    let files = Files::new();
    let path = three_and_nobody(&files);
    let (_, file) = submit(place, NOW, &[&path]);
    let (_, sheet) = filled(place, &files, &number(&file, CODE), &[("employer_code", FOURTH)]);
    let (status, mended) = submit(place, NOW, &["--fix", &sheet]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(CODE, "taken"), (FOURTH, "taken")]);
    assert_eq!(said(&mended, "register-seeded"), [CODE], "one line of another's sheet fills no register");
    // The rest of that employer's people, in a file of its own, fill it.
    let (status, own) = submit(place, NOW, &[&files.write("own.txt", joint(&people(FOURTH, 30, 33)))]);
    assert_eq!(status, 0, "{:#}", own["check"]["findings"]);
    are(&own, &[(FOURTH, "taken")]);
    assert_eq!(said(&own, "register-seeded").len(), 1);
    assert_eq!(acknowledgements(place), 6);
    sound(place);
}

fn a_line_of_a_tray_comes_with_its_own_employer(place: &Place) {
    assert_eq!(run(place, NOW, &["employer", "set", CODE, "--policy", "good-lines"]).status, 0);
    let files = Files::new();
    let path = three_and_nobody(&files);
    let (_, file) = submit(place, NOW, &[&path]);
    are(&file, &[(CODE, "taken"), (OTHER, "returned"), (THIRD, "returned")]);
    assert_eq!(said(&file, "register-seeded"), [CODE]);
    let right = row(11, "2026-10", 0).id;
    let values = [("employer_code", OTHER), ("id_number", right.as_str())];
    let (_, from_tray) = filled(place, &files, &number(&file, CODE), &values);
    run(place, NOW, &["submit", "--fix", &from_tray]).one_sentence("another employer");
    let (_, sheet) = filled(place, &files, &number(&file, OTHER), &values);
    let (status, mended) = submit(place, NOW, &["--fix", &sheet]);
    assert_eq!(status, 0, "{:#}", mended["check"]["findings"]);
    are(&mended, &[(OTHER, "taken")]);
    assert_eq!(mended["submissions"][0]["acknowledgements"][0]["people"], 5);
    // It stands now, so that nobody waits for it any more.
    let (_, again) = submit(place, NOW, &["--fix", &from_tray]);
    are(&again, &[(OTHER, "returned")]);
    assert_eq!(shown(place, NOW, &["held", "list"])["lines"].as_array().map(Vec::len), Some(0));
    assert_eq!(acknowledgements(place), 4);
    sound(place);
}

fn checked(bytes: &[u8], threads: usize) -> FileCheck {
    // Long before the due date, of which nothing is said then.
    let now = "2026-10-28T09:00:00+08:00".parse().expect("a moment");
    let options = Options { threads, ..Options::new("a.txt", now, RateBook::embedded()) };
    check_file(bytes, &options).expect("memory")
}

#[test]
fn parts_are_the_same_whatever_the_order_and_the_pieces() {
    // More than one piece of 256 KiB, the employers in turn.
    let all: [&'static str; 3] = [THIRD, CODE, OTHER];
    let mut rows: Vec<Row> = (0..3_000).map(|n| row(n, "2026-10", 300_000).of(all[n as usize % 3])).collect();
    for at in [5, 1_502, 2_999] {
        rows[at].id = "751399141001".to_owned();
    }
    let bytes = joint(&rows);
    let one = checked(&bytes, 1);
    let codes: Vec<&str> = one.employers.iter().map(|part| part.code.as_str()).collect();
    assert_eq!(codes, [CODE, OTHER, THIRD]);
    let lines: Vec<(u64, u64)> = one.employers.iter().map(|part| (part.accepted_lines, part.held_lines)).collect();
    assert_eq!(lines.iter().map(|(accepted, held)| accepted + held).collect::<Vec<_>>(), [1_000; 3]);
    assert_eq!(lines.iter().map(|(accepted, _)| accepted).sum::<u64>(), one.accepted_lines);
    for finding in one.findings.iter().filter(|finding| finding.line.is_some()) {
        let line = finding.line.expect("a line") as usize;
        assert_eq!(one.employer_of(finding), Some(all[(line - 1) % 3]), "{finding:?}");
    }
    let two = checked(&bytes, 2);
    assert_eq!((one.employers, one.findings), (two.employers, two.findings));
}

#[test]
fn a_verdict_just_clean_warned_and_faulty() {
    let clean = [people(CODE, 0, 2), people(OTHER, 10, 12)].concat();
    let verdicts = |rows: &[Row]| -> Vec<Verdict> {
        let check = checked(&joint(rows), 1);
        assert_eq!(check.employers.iter().map(|part| part.verdict).max(), Some(check.verdict));
        check.employers.iter().map(|part| part.verdict).collect()
    };
    // Several employers in one file are worth a look for each.
    assert_eq!(verdicts(&clean), [Verdict::Warnings; 2]);
    assert_eq!(verdicts(&clean[..2]), [Verdict::Clean]);
    assert_eq!(verdicts(&bad(clean.clone(), 0)), [Verdict::Errors, Verdict::Warnings]);
    assert_eq!(verdicts(&bad(clean, 3)), [Verdict::Warnings, Verdict::Errors]);
}
