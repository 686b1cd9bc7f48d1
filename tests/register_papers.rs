//! What the register prints by itself: birthdays ahead.

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
    ];
    let others = [employee("081115149991", "EIGHTEEN")];
    store.data_keys(&[CODE, OTHER], now()).expect("keys");
    let mut group = store.begin_group().expect("a group");
    for (written, people) in [(CODE, &people[..]), (OTHER, &others[..])] {
        let employer = Employer { name: "CONTOH SDN. BHD.".to_owned(), ..Employer::new(code(written)) };
        group.save_employer(&employer, now()).expect("kept");
        group.save_employees(written, people, 0..people.len()).expect("kept");
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
    assert!(!found[0]["name"].as_str().expect("a name").contains("SIXTY"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 people have no date of birth"));
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
