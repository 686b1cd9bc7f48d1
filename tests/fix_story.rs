//! Mend by sheet: every sample to mend gives a sheet, a filled sheet makes a clean file, and nothing else in it moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use caruman::checks::{FileCheck, Gate, Options, Register, Verdict, check_file};
use caruman::domain::{Language, Scheme, Severity};
use caruman::messages::Messages;
use caruman::rates::RateBook;
use caruman::reader::{Layout, LayoutId};
use caruman::workflow::fix::{
    About, FixFault, FixRow, FixSheet, MONEY_FIELDS, Mended, NoSuggestions, Suggestions, apply, apply_to_lines,
    is_fix_sheet,
};
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::Value;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// A sample and what it is judged by.
struct Sample {
    name: String,
    bytes: Vec<u8>,
    now: String,
    arguments: Vec<String>,
}

impl Sample {
    fn of(folder: &str, name: &str) -> Sample {
        let path = samples().join(folder).join(name);
        let expected = fs::read(path.with_extension("expected")).expect("what is expected");
        let expected: Value = serde_json::from_slice(&expected).expect("JSON");
        let arguments = expected["arguments"].as_array().into_iter().flatten();
        Sample {
            name: format!("{folder}/{name}"),
            bytes: fs::read(&path).expect("readable"),
            now: expected["now"].as_str().expect("a moment").to_owned(),
            arguments: arguments.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    fn rejected(name: &str) -> Sample {
        Sample::of("reject", &format!("{name}.txt"))
    }

    fn argument(&self, name: &str) -> Option<&str> {
        let at = self.arguments.iter().position(|argument| argument == name)?;
        Some(self.arguments[at + 1].as_str())
    }

    fn check(&self, bytes: &[u8]) -> FileCheck {
        let register = self.argument("--register").map(|path| {
            Register::from_csv(&fs::read(samples().join(path)).expect("the register is there")).expect("a register")
        });
        let now = DateTime::parse_from_rfc3339(&self.now).expect("a moment");
        let options = Options {
            scheme: self.argument("--scheme").map(|scheme| scheme.parse::<Scheme>().expect("a scheme")),
            file_name: &self.name,
            register: register.as_ref(),
            gate: if self.argument("--gate") == Some("dated") { Gate::Dated } else { Gate::Any },
            now: now.with_timezone(&caruman::cli::malaysia()),
            book: RateBook::embedded(),
            threads: 2,
        };
        check_file(bytes, &options).expect("memory can be read")
    }

    fn sheet(&self) -> (FileCheck, FixSheet) {
        self.sheet_with(&NoSuggestions)
    }

    fn sheet_with(&self, known: &dyn Suggestions) -> (FileCheck, FixSheet) {
        let check = self.check(&self.bytes);
        let about = About { submission: "S-000123", file_name: &self.name };
        let messages = Messages::get(Language::English);
        let sheet = FixSheet::of(&check, &self.bytes[..], &about, known, messages).expect("memory can be read");
        (check, sheet)
    }

    fn apply(&self, check: &FileCheck, sheet: &FixSheet) -> Result<Mended, Vec<FixFault>> {
        apply(sheet, check, &self.bytes[..])
    }
}

fn all_rejected() -> Vec<Sample> {
    let entries = fs::read_dir(samples().join("reject")).expect("the folder of samples is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("names are plain"));
    let mut names: Vec<String> = names.filter(|name| !name.ends_with(".expected")).collect();
    names.sort();
    assert!(names.len() > 100, "{}", names.len());
    names.iter().map(|name| Sample::of("reject", name)).collect()
}

/// Enters a value in the row of this line and field, or in a row added below.
fn enter(sheet: &mut FixSheet, line: u64, field: &str, value: &str) {
    let known = sheet.rows.iter_mut().find(|row| row.line == Some(line) && row.field == field);
    if let Some(row) = known {
        row.corrected = value.to_owned();
        return;
    }
    let row = sheet.rows.len() as u64 + 2;
    let (field, corrected) = (field.to_owned(), value.to_owned());
    sheet.rows.push(FixRow { row, line: Some(line), field, corrected, ..FixRow::default() });
}

/// Characters that differ between two files of as many lines, by line and column from 1.
fn differences(old: &[u8], new: &[u8]) -> Vec<(u64, usize)> {
    let lines = |bytes: &[u8]| -> Vec<Vec<char>> {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        text.split_inclusive('\n').map(|line| line.chars().collect()).collect()
    };
    let (old, new) = (lines(old), lines(new));
    assert_eq!(old.len(), new.len());
    let mut differences = Vec::new();
    for (number, (old, new)) in (1..).zip(old.iter().zip(&new)) {
        assert_eq!(old.len(), new.len(), "line {number}");
        let columns = (1..).zip(old.iter().zip(new)).filter(|(_, (a, b))| a != b);
        differences.extend(columns.map(|(column, _)| (number, column)));
    }
    differences
}

#[test]
fn every_sample_gives_a_sheet_that_comes_back() {
    for sample in all_rejected() {
        let (check, sheet) = sample.sheet();
        let heavy = check.findings.iter().filter(|finding| finding.severity >= Severity::Fix);
        for finding in heavy {
            let row = sheet.rows.iter().find(|row| row.line == finding.line && row.code == finding.name.code());
            let row = row.unwrap_or_else(|| panic!("{}: no row for {finding:?}", sample.name));
            assert!(row.message.len() > 10, "{}", sample.name);
        }
        assert!(!sheet.rows.is_empty(), "{}", sample.name);
        for bytes in [sheet.to_csv(), sheet.to_xlsx().expect("a spreadsheet")] {
            assert!(is_fix_sheet(&bytes), "{}", sample.name);
            let back = FixSheet::read(&bytes).unwrap_or_else(|faults| panic!("{}: {faults:?}", sample.name));
            assert!(back == sheet, "{}", sample.name);
        }
        assert!(!is_fix_sheet(&sample.bytes), "{}", sample.name);
    }
}

/// Knows an answer to everything.
struct Oracle;

impl Suggestions for Oracle {
    fn id_for_name(&self, _: &str, _: &str) -> Option<String> {
        Some("900101149991".to_owned())
    }

    fn name_for_id(&self, _: &str, _: &str) -> Option<String> {
        Some("CONTOH".to_owned())
    }
}

#[test]
fn money_is_never_entered_for_the_clerk() {
    let mut seen = BTreeSet::new();
    for sample in all_rejected() {
        for row in sample.sheet_with(&Oracle).1.rows {
            if MONEY_FIELDS.contains(&row.field.as_str()) {
                assert_eq!((row.suggested.as_str(), row.corrected.as_str()), ("", ""), "{}", sample.name);
                seen.insert(row.field);
            }
        }
    }
    assert_eq!(seen.len(), MONEY_FIELDS.len(), "{seen:?}");
}

#[test]
fn an_empty_sheet_changes_nothing() {
    for sample in all_rejected() {
        let (check, mut sheet) = sample.sheet();
        sheet.rows.iter_mut().for_each(|row| row.corrected.clear());
        match sample.apply(&check, &sheet) {
            Ok(mended) => {
                assert!(mended.bytes == sample.bytes, "{}", sample.name);
                assert!(mended.lines_changed.is_empty() && mended.deleted.is_empty(), "{}", sample.name);
                assert_eq!(mended.origin, (1..=check.lines).collect::<Vec<_>>(), "{}", sample.name);
            }
            Err(faults) => assert!(check.layout.is_none() && faults.len() == 1, "{}: {faults:?}", sample.name),
        }
    }
}

/// What is proposed mends these on its own: nothing was entered.
#[test]
fn proposals_left_standing_mend_what_they_can() {
    let mut mended_by_itself = BTreeSet::new();
    for sample in all_rejected() {
        let (check, sheet) = sample.sheet();
        if !sheet.has_entries() {
            continue;
        }
        let mended = sample.apply(&check, &sheet).unwrap_or_else(|faults| panic!("{}: {faults:?}", sample.name));
        let after = sample.check(&mended.bytes);
        assert!(after.verdict <= Verdict::Warnings, "{}: {:?}", sample.name, after.findings);
        mended_by_itself.insert(sample.name.split('/').nth(1).unwrap_or_default()[..4].to_owned());
    }
    let expected = ["F109", "F110", "F114", "R102", "R108"].map(str::to_owned);
    assert_eq!(mended_by_itself, BTreeSet::from(expected));
}

/// Line, field and value.
type Entered = (u64, &'static str, &'static str);

/// Samples, and what a clerk enters.
const FILLED: &[(&str, &[Entered])] = &[
    ("A101-amount-not-in-schedule-6630", &[(2, "amount", "66.40")]),
    ("A101-amount-not-in-schedule-brg8a", &[(2, "amount", "RM 10.10")]),
    ("A103-share-mismatch-off-every-row", &[(2, "socso_employer", "51.65")]),
    (
        "A104-old-schedule-one-wage",
        &[
            (2, "socso_employer", "104.15"),
            (2, "socso_employee", "29.75"),
            (2, "eis_employer", "11.9"),
            (2, "eis_employee", "11.90"),
        ],
    ),
    ("A106-skbbk-mismatch-one-sen", &[(2, "skbbk", "22.15")]),
    ("A107-skbbk-missing-june-2026-joint-v1", &[(1, "skbbk", "22.15"), (2, "skbbk", "12.35"), (3, "skbbk", "44.65")]),
    ("P101-eis-not-eligible-17-on-the-last-day", &[(2, "eis_employer", "0"), (2, "eis_employee", "0.00")]),
    ("P103-same-id-other-name", &[(4, "id_number", "950630-05-5553")]),
    ("R101-employer-code-format-placeholder", &[(2, "employer_code", "a9900000001z")]),
    ("R104-id-missing", &[(2, "id_number", "950630055553")]),
    ("R105-id-format-line-numbers-with-mixed-line-ends", &[(5, "id_number", "950630055553")]),
    ("R107-name-missing", &[(2, "name", "SITI CONTOH")]),
    ("R109-month-in-future-next-month", &[(1, "month", "2026-10"), (2, "month", "102026"), (3, "month", "10/2026")]),
    ("R110-amount-format-decimal-point", &[(2, "amount", "37.10")]),
    ("R111-date-format", &[(2, "date", "2026-05-04")]),
    ("R112-status-unknown", &[(2, "status", "b"), (2, "date", "04/05/2026")]),
];

#[test]
fn filled_sheets_make_clean_files_and_move_nothing_else() {
    for (name, entries) in FILLED {
        let sample = Sample::rejected(name);
        let (check, mut sheet) = sample.sheet();
        for (line, field, value) in *entries {
            enter(&mut sheet, *line, field, value);
        }
        // As it comes back from a spreadsheet, the last row first.
        sheet.rows.reverse();
        let sheet = FixSheet::read(&sheet.to_xlsx().expect("a spreadsheet")).expect("a sheet");
        let mended = sample.apply(&check, &sheet).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let after = sample.check(&mended.bytes);
        assert!(after.verdict <= Verdict::Warnings, "{name}: {:?}", after.findings);
        let lines: BTreeSet<u64> = entries.iter().map(|(line, ..)| *line).collect();
        assert_eq!(mended.lines_changed, lines, "{name}");
        if name.contains("mixed-line-ends") {
            let same = sample.bytes.iter().zip(&mended.bytes).filter(|(old, new)| old == new).count();
            assert!(sample.bytes.len() == mended.bytes.len() && same >= sample.bytes.len() - 12, "{name}");
            continue;
        }
        let layout = Layout::get(after.layout.expect("a layout"));
        for (line, column) in differences(&sample.bytes, &mended.bytes) {
            let allowed = entries.iter().filter(|(of, ..)| *of == line).map(|(_, field, _)| layout.columns(field));
            let inside = |columns: caruman::domain::Columns| (columns.0.into()..=columns.1.into()).contains(&column);
            assert!(allowed.into_iter().any(inside), "{name}: line {line}, column {column}");
        }
    }
}

#[test]
fn lines_are_left_out_or_written_anew() {
    for (name, entries, left_out) in [
        ("F111-layout-mixed-in-the-middle", &[(2, "line", "(delete)")][..], &[2][..]),
        ("F113-file-doubled", &[(4, "line", "(padam)"), (5, "line", "(delete)"), (6, "line", "(DELETE)")], &[4, 5, 6]),
        ("P102-duplicate-person", &[(4, "id_number", "(delete)")], &[4]),
        ("F108-name-shifts-line-151", &[(2, "name", "SITI CONTOH")], &[]),
        ("F109-record-split-in-the-name", &[(2, "line", "(delete)")], &[2, 3]),
    ] {
        let sample = Sample::rejected(name);
        let (check, mut sheet) = sample.sheet();
        for (line, field, value) in entries {
            enter(&mut sheet, *line, field, value);
        }
        let mended = sample.apply(&check, &sheet).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        assert_eq!(mended.deleted, left_out.iter().copied().collect(), "{name}");
        let after = sample.check(&mended.bytes);
        assert!(after.verdict <= Verdict::Warnings, "{name}: {:?}", after.findings);
        assert!(mended.bytes.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line.len() == 279), "{name}");
        assert_eq!(mended.origin.len() as u64, after.lines, "{name}");
    }
}

/// What was accepted last month.
struct LastMonth;

impl Suggestions for LastMonth {
    fn id_for_name(&self, employer_code: &str, name: &str) -> Option<String> {
        let known = employer_code == "A9900000001Z" && name.starts_with("SITI CONTOH");
        known.then(|| "920229106662".to_owned())
    }

    fn name_for_id(&self, _: &str, id_number: &str) -> Option<String> {
        (id_number == "920229106662").then(|| "SITI CONTOH BINTI UJIAN".to_owned())
    }
}

#[test]
fn what_was_accepted_before_fills_in_people() {
    for name in ["R104-id-missing", "R107-name-missing", "F108-name-shifts-line-151"] {
        let sample = Sample::rejected(name);
        let (check, sheet) = sample.sheet_with(&LastMonth);
        assert!(sheet.has_entries(), "{name}");
        let mended = sample.apply(&check, &sheet).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        assert!(sample.check(&mended.bytes).verdict <= Verdict::Warnings, "{name}");
    }
}

#[test]
fn every_fault_of_a_sheet_is_told_at_once() {
    let sample = Sample::rejected("A101-amount-not-in-schedule-6630");
    let (check, mut sheet) = sample.sheet();
    for (line, field, value) in [
        (2, "amount", "00000000006640"),
        (1, "month", "13/2026"),
        (1, "name", "N".repeat(151).as_str()),
        (3, "wage", "3000"),
        (99, "amount", "66.40"),
        (1, "line", "TOTAL"),
        (1, "amount", "(blank)"),
    ] {
        enter(&mut sheet, line, field, value);
    }
    let again = FixRow { row: 20, corrected: "66.50".to_owned(), ..sheet.rows[0].clone() };
    sheet.rows.push(again);
    let faults = sample.apply(&check, &sheet).expect_err("faults");
    let places: Vec<_> = faults.iter().map(|fault| (fault.line, fault.field.as_str())).collect();
    assert_eq!(faults.len(), 7, "{places:?}");
    for fault in &faults {
        assert!(fault.row.is_some() && fault.what.len() > 10, "{fault}");
        assert!(!fault.what.contains("NNN"));
    }
    // Two values for one field.
    let (check, mut sheet) = sample.sheet();
    enter(&mut sheet, 2, "amount", "66.40");
    sheet.rows.push(FixRow { row: 3, corrected: "66.50".to_owned(), ..sheet.rows[0].clone() });
    let faults = sample.apply(&check, &sheet).expect_err("two values");
    assert!(faults[0].what.contains("sheet row 2"), "{}", faults[0]);
}

#[test]
fn a_sheet_of_another_file_is_refused() {
    let (_, sheet) = Sample::rejected("R102-employer-code-spaces").sheet();
    let other = Sample::rejected("R102-employer-code-spaces-dashes");
    let faults = other.apply(&other.check(&other.bytes), &sheet).expect_err("another file");
    assert!(faults.len() == 1 && faults[0].what.contains("another file"), "{faults:?}");
    let empty = Sample::rejected("F101-file-empty");
    let (check, sheet) = empty.sheet();
    assert!(empty.apply(&check, &sheet).is_err());
}

#[test]
fn held_lines_leave_as_a_small_file() {
    let sample = Sample::rejected("A104-old-schedule-every-wage-over-5000");
    let (check, mut sheet) = sample.sheet();
    let held: BTreeSet<u64> = check.held.iter().copied().collect();
    let small = apply_to_lines(&sheet, &check, &sample.bytes[..], &held).expect("a small file");
    assert_eq!(small.origin, check.held);
    let after = sample.check(&small.bytes);
    assert_eq!((after.lines, after.held_lines, after.layout), (held.len() as u64, held.len() as u64, check.layout));
    let other = (1..=check.lines).find(|line| !held.contains(line)).expect("a good line");
    enter(&mut sheet, other, "amount", "1.00");
    assert!(apply_to_lines(&sheet, &check, &sample.bytes[..], &held).is_err());

    let split = Sample::rejected("F109-record-split-in-the-name");
    let (check, mut sheet) = split.sheet();
    let held: BTreeSet<u64> = check.held.iter().copied().collect();
    let small = apply_to_lines(&sheet, &check, &split.bytes[..], &held).expect("a small file");
    assert_eq!((small.origin, small.bytes.len()), (vec![2], 280));
    sheet.rows.clear();
    let small = apply_to_lines(&sheet, &check, &split.bytes[..], &held).expect("a small file");
    assert_eq!(small.origin, [2, 3], "both halves of what is not mended");
}

#[test]
fn a_wrapped_file_is_mended_inside_its_quotes() {
    let mut sample = Sample::of("accept", "contribution-223-wrapper.csv");
    let text = String::from_utf8(sample.bytes.clone()).expect("text");
    let broken = text.replacen("A9900000001Z", "A99 0000001Z", 1);
    assert_ne!(text, broken);
    sample.bytes = broken.into_bytes();
    let (check, mut sheet) = sample.sheet();
    assert!(!sheet.rows.is_empty());
    for row in &mut sheet.rows {
        row.corrected = "A9900000001Z".to_owned();
    }
    let mended = sample.apply(&check, &sheet).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(String::from_utf8(mended.bytes).expect("text"), text);
    let held: BTreeSet<u64> = check.held.iter().copied().collect();
    let small = apply_to_lines(&sheet, &check, &sample.bytes[..], &held).expect("a small file");
    let after = sample.check(&small.bytes);
    assert!(after.verdict <= Verdict::Warnings && after.accepted_lines == held.len() as u64, "{:?}", after.findings);
}

fn joint_line(number: u32, name: &str) -> String {
    let id = format!("9001011{number:05}");
    format!(
        "A9900000001Z{:<20}{id}{name:<150}102026{:014}005165001475000590000590002215{:34}",
        "202501999999", 300_000, ""
    )
}

#[test]
fn ten_thousand_rows_are_quick() {
    let lines = (0..10_000).map(|number| joint_line(number, "CONTOH").replacen("A990000", "A99 000", 1) + "\r\n");
    let sample =
        Sample { bytes: lines.collect::<String>().into_bytes(), ..Sample::rejected("R102-employer-code-spaces") };
    let began = Instant::now();
    let (check, sheet) = sample.sheet();
    assert_eq!(sheet.rows.len(), 10_000);
    for bytes in [sheet.to_csv(), sheet.to_xlsx().expect("a spreadsheet")] {
        assert!(FixSheet::read(&bytes).is_ok_and(|back| back == sheet));
    }
    let mut sheet = sheet;
    for row in &mut sheet.rows {
        row.corrected = "A9900000001Z".to_owned();
    }
    let mended = sample.apply(&check, &sheet).expect("mended");
    assert_eq!(mended.lines_changed.len(), 10_000);
    // A build without optimisation on a busy machine takes a few seconds.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is entered for regular lines, no byte outside the entered fields changes.
    #[test]
    fn bytes_outside_mended_fields_stay(
        names in proptest::collection::vec("[A-Z]{1,20}( [A-ZÑÉ@'/]{1,20}){0,3}", 2..12),
        entries in proptest::collection::btree_map((0..12usize, 0..6usize), 0..1000u32, 0..8),
        end in proptest::sample::select(vec!["\r\n", "\n", "\r"]), last in any::<bool>(),
    ) {
        const FIELDS: [&str; 6] = ["name", "wage", "socso_employee", "skbbk", "month", "id_number"];
        let lines: Vec<String> =
            (0u32..).zip(&names).map(|(number, name)| joint_line(number, &name.replace('@', "A"))).collect();
        let mut bytes = lines.join(end).into_bytes();
        if last {
            bytes.extend_from_slice(end.as_bytes());
        }
        let sample = Sample { bytes, ..Sample::rejected("R102-employer-code-spaces") };
        let (check, mut sheet) = sample.sheet();
        let mut touched: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for ((line, field), value) in entries {
            let (line, field) = (line % names.len(), FIELDS[field]);
            let entered = match field {
                "name" => format!("NAMA {value} Ñ"),
                "month" => format!("{:02}/2026", value % 12 + 1),
                "id_number" => format!("91020214{:04}", value),
                _ => format!("{value}.{:02}", value % 100),
            };
            enter(&mut sheet, line as u64 + 1, field, &entered);
            touched.entry(line).or_default().insert(field);
        }
        let mended = sample.apply(&check, &sheet).expect("every value fits");
        let text = String::from_utf8(mended.bytes).expect("UTF-8");
        let mended_lines: Vec<&str> = text.split(end).collect();
        prop_assert_eq!(text.ends_with(end), last);
        prop_assert_eq!(mended_lines.len(), lines.len() + usize::from(last));
        let layout = Layout::get(LayoutId::Joint278V2);
        for (number, (old, new)) in lines.iter().zip(&mended_lines).enumerate() {
            let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
            prop_assert_eq!(old.len(), new.len());
            for field in &layout.fields {
                let columns = usize::from(field.columns.0) - 1..usize::from(field.columns.1);
                let may_change = touched.get(&number).is_some_and(|fields| fields.contains(field.name));
                prop_assert!(may_change || old[columns.clone()] == new[columns], "{}", field.name);
            }
        }
    }
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(arguments).current_dir(folder).env_remove("CARUMAN_LOG");
    command.output().expect("the program starts")
}

#[test]
fn the_program_writes_sheets_and_mends_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, now) = (folder.path(), ["--now", "2026-10-30T09:00:00+08:00"]);
    let sample = samples().join("reject/R102-employer-code-spaces.txt");
    fs::copy(&sample, path.join("october.txt")).expect("copied");
    let run = |arguments: &[&str]| {
        let output = program(path, &[arguments, &now].concat());
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    for sheet in ["fix.csv", "fix.xlsx"] {
        assert_eq!(run(&["check", "october.txt", "--fix-sheet", sheet]).0, Some(1));
        let out = format!("{sheet}.txt");
        let fix = ["fix", "october.txt", "--sheet", sheet, "-o", &out];
        assert_eq!(run(&fix).0, Some(0), "{sheet}");
        assert_eq!(run(&["check", &out]).0, Some(0));
        let (status, said) = run(&fix);
        assert!(status == Some(2) && said.contains("--force"), "{said}");
        assert_eq!(run(&[&fix[..], &["--force"]].concat()).0, Some(0));
        for input in ["october.txt", sheet] {
            let (status, said) = run(&["fix", "october.txt", "--sheet", sheet, "--force", "-o", input]);
            assert!(status == Some(2) && said.contains("input"), "{said}");
        }
    }
    assert_eq!(fs::read(path.join("october.txt")).ok(), fs::read(&sample).ok());
    let (status, said) = run(&["check", "october.txt", "fix.csv.txt", "--fix-sheet", "two.csv"]);
    assert!(status == Some(2) && said.contains("one file") && !path.join("two.csv").exists(), "{said}");
    assert_eq!(run(&["check", "october.txt", "--fix-sheet", "sheet.pdf"]).0, Some(2));
    assert_eq!(run(&["check", "fix.csv.txt", "--fix-sheet", "none.csv"]).0, Some(0));
    assert!(!path.join("none.csv").exists());
    let (status, said) = run(&["fix", "fix.csv.txt", "--sheet", "fix.csv", "-o", "again.txt"]);
    assert!(status == Some(2) && said.contains("another file") && !path.join("again.txt").exists(), "{said}");
}
