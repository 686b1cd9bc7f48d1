//! What the register prints by itself: birthdays ahead, Borang 1, 2 and 3.

use std::path::Path;
use std::process::{Command, Output};

use caruman::domain::{Employee, Employer, EmployerCode, IdentityNumber, LeftReason, PersonName, Residency, Sen};
use caruman::store::Store;
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::Value;

const CODE: &str = "A9900000001Z";
const OTHER: &str = "B9900000002Y";
const NOW: &str = "2026-11-01T09:00:00+08:00";

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(NOW).expect("a moment")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn employee(number: &str, name: &str) -> Employee {
    Employee::new(IdentityNumber::new(number), PersonName(name.to_owned()))
}

/// Two employers with people in the database of this folder.
fn fill(folder: &Path) {
    let store = Store::open(None, folder, None).expect("a store");
    let code = |code: &str| EmployerCode::read(code).1.expect("a code");
    let people = [
        employee("661201149991", "SIXTY IN DECEMBER"),
        Employee { eis_payable_before_57: Some(true), ..employee("691231149992", "FIFTY SEVEN") },
        employee("670130149993", "SIXTY ON DAY NINETY"),
        employee("670131149994", "SIXTY ON DAY NINETY ONE"),
        employee("661101149995", "SIXTY TODAY"),
        employee("661031149996", "SIXTY YESTERDAY"),
        Employee {
            left_on: Some(day("2026-10-31")),
            left_reason: Some(LeftReason::Left),
            ..employee("661115149997", "GONE BEFORE")
        },
        Employee { residency: Residency::Foreign, ..employee("990000000017", "NO DATE") },
        Employee {
            employed_on: Some(day("2026-10-05")),
            occupation: "Kerani".to_owned(),
            monthly_wage: Some(Sen(250_000)),
            ..employee("900101149998", "NEW PERSON")
        },
        Employee {
            employed_on: Some(day("2026-09-01")),
            monthly_wage: Some(Sen(1_250_000)),
            allowances: Some(Sen(50_050)),
            ..employee("900101149999", &"CONTOH BIN UJIAN ".repeat(8))
        },
        Employee {
            residency: Residency::Foreign,
            ssfw_number: Some(IdentityNumber::new("990000000018")),
            birth_date: Some(day("1991-02-03")),
            employed_on: Some(day("2026-10-02")),
            occupation: "Operator pengeluaran".to_owned(),
            ..employee("A12345678", "WORKER CONTOH")
        },
    ];
    let others = [employee("081115149991", "EIGHTEEN")];
    store.data_keys(&[CODE, OTHER], now()).expect("keys");
    let mut group = store.begin_group().expect("a group");
    for (written, people) in [(CODE, &people[..]), (OTHER, &others[..])] {
        let employer = Employer {
            name: "CONTOH PERKHIDMATAN SDN. BHD.".to_owned(),
            address: "Lot 1, Jalan Contoh 2/3\nTaman Perindustrian Contoh\n50000 Kuala Lumpur".to_owned(),
            company_number: "202601000001".to_owned(),
            notice_address: "gaji@contoh.example".to_owned(),
            liable_since: Some(day("2026-10-05")),
            ..Employer::new(code(written))
        };
        group.save_employer(&employer, now()).expect("kept");
        group.save_employees(written, people, 0..people.len(), now()).expect("kept");
    }
    group.commit().expect("kept");
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(arguments).args(["--data", ".", "--now", NOW]);
    command.current_dir(folder).env_remove("CARUMAN_LOG").output().expect("the program starts")
}

fn text(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn birthdays_ahead_come_by_date() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let output = program(folder.path(), &["register", "birthdays", "--output", "json"]);
    let found: Vec<Value> = serde_json::from_str(&text(&output)).expect("JSON");
    let seen: Vec<(&str, i64, &str, &str)> = found
        .iter()
        .map(|row| {
            let word = |name: &str| row[name].as_str().expect("a word");
            (word("date"), row["age"].as_i64().expect("an age"), word("employer_code"), word("from_month"))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("2026-11-01", 60, CODE, "2026-11"),
            ("2026-11-15", 18, OTHER, "2026-11"),
            ("2026-12-01", 60, CODE, "2026-12"),
            ("2026-12-31", 57, CODE, "2026-12"),
            ("2027-01-30", 60, CODE, "2027-01"),
        ]
    );
    assert_eq!(found[2]["effects"], serde_json::json!(["second-category", "eis-stops"]));
    assert_eq!(found[3]["effects"], serde_json::json!(["eis-continues"]));
    assert_eq!(found[0]["id_number"], "********9995");
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 person has no date of birth"));
    let more = program(
        folder.path(),
        &["register", "birthdays", "--days", "91", "--employer", "a9900000001z", "--show-identities"],
    );
    let more = text(&more);
    assert!(
        more.contains("SIXTY ON DAY NINETY ONE") && more.contains("661201149991") && !more.contains(OTHER),
        "{more}"
    );
    let malay = text(&program(folder.path(), &["register", "birthdays", "--lang", "ms"]));
    assert!(malay.contains("kategori kedua") && malay.contains("Akta 800"), "{malay}");
    let csv = text(&program(folder.path(), &["register", "birthdays", "--output", "csv", "--days", "0"]));
    assert_eq!(csv.lines().count(), 2, "{csv}");
    let unknown = program(folder.path(), &["register", "birthdays", "--employer", "C9900000003X"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn forms_of_the_register_are_printed_and_the_same_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let print = |form: &str, out: &str, more: &[&str]| {
        let arguments = [&["register", "print", form, "--employer", CODE, "-o", out], more].concat();
        text(&program(folder.path(), &arguments));
        std::fs::read(folder.path().join(out)).expect("a file")
    };
    for (form, more) in [
        ("borang-1", &[][..]),
        ("borang-2", &[]),
        ("borang-2", &["--from", "2026-10-01", "--to", "2026-10-31"]),
        ("borang-3", &[]),
        ("borang-3", &["--from", "2026-11-01"]),
    ] {
        let first = print(form, "first.pdf", more);
        assert!(first.starts_with(b"%PDF-1.7"), "{form}");
        let part = b"<pdfaid:part>3</pdfaid:part>";
        assert!(first.windows(part.len()).any(|bytes| bytes == part), "{form}");
        assert_eq!(print(form, "second.pdf", more), first, "{form}");
    }
    for wrong in [
        &["register", "print", "borang-2", "--employer", CODE, "--from", "2026-10-31", "--to", "2026-10-01"][..],
        &["register", "print", "borang-1", "--employer", CODE, "--from", "2026-10-31"],
        &["register", "print", "borang-3", "--employer", "C9900000003X"],
        &["register", "print", "borang-3", "--employer", "1234"],
    ] {
        let output = program(folder.path(), wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{wrong:?}");
    }
    // To look at them: `pdftoppm -r 80 -png FORM.pdf FORM`.
    if let Ok(keep) = std::env::var("CARUMAN_KEEP") {
        for form in ["borang-1", "borang-2", "borang-3"] {
            std::fs::write(Path::new(&keep).join(format!("{form}.pdf")), print(form, "kept.pdf", &[])).expect("kept");
        }
    }
}
