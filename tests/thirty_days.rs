//! The thirty days within which an employee is registered, to the second at which the Malaysian day ends.

mod flows;
mod place;

use std::path::Path;

use caruman::domain::Scheme;
use flows::{CODE, Files, Row, amounts, events, findings, first, joint, one_act, owed, row, run, says, shown, submit};
use place::Place;
use serde_json::Value;

/// An afternoon on which everybody's month is handed in, and the register seeded by it.
const SEEDED: &str = "2026-09-10T15:00:00+08:00";

/// The last moments of day 29 and 30 after 1 October 2026 and the first of day 31, in Malaysian time and in UTC.
const MOMENTS: [(&str, i64); 6] = [
    ("2026-10-30T23:59:59+08:00", 1),
    ("2026-10-30T15:59:59Z", 1),
    ("2026-10-31T23:59:59+08:00", 0),
    ("2026-10-31T15:59:59Z", 0),
    ("2026-11-01T00:00:00+08:00", -1),
    ("2026-10-31T16:00:00Z", -1),
];

on_both! {
    a_joiner_by_the_letter
    a_joiner_by_the_register
    in_time_is_registered_from_the_file
    too_late_waits_and_is_a_breach
    nobody_knows_since_when
    who_comes_back_is_registered_again
    a_setting_warns_in_place_of_holding
    letters_bring_the_register_up_to_date
}

/// Three people of August, from whom the register is filled.
fn seed(place: &Place, files: &Files) {
    let rows: Vec<Row> = (0..3).map(|n| row(n, "2026-08", 300_000)).collect();
    let path = files.write("seed.txt", joint(&rows));
    let (status, file) = submit(place, SEEDED, &[&path]);
    assert_eq!((status, &first(&file)["register"]["seeded"]), (0, &true.into()), "{}", file["check"]["findings"]);
}

/// One person of the register, by number.
fn employee(place: &Place, now: &str, id: &str) -> Value {
    let list = shown(place, now, &["register", "list", "--employer", CODE, "--left", "--show-identities"]);
    let found = list.as_array().expect("a list").iter().find(|e| e["id_number"] == id).cloned();
    found.unwrap_or(Value::Null)
}

/// What the thirty days say of a line, with the days that are left or over.
fn registration(file: &Value, line: u64) -> Option<(String, String)> {
    let list = file["check"]["findings"].as_array().expect("findings");
    let of_line = list
        .iter()
        .find(|f| f["line"] == line && f["name"].as_str().is_some_and(|name| name.starts_with("registration")));
    of_line.map(|f| (f["name"].as_str().expect("a name").to_owned(), f["message"].as_str().expect("text").to_owned()))
}

fn boundary(place: &Place, path: &str, scheme: Option<&str>) {
    let table = Files::new();
    let export = table.path("register.csv");
    assert_eq!(run(place, SEEDED, &["register", "export", "--employer", CODE, "-o", &export]).status, 0);
    let mut arguments = vec!["check", path, "--register", &export, "--output", "json"];
    arguments.extend(scheme.iter().flat_map(|scheme| ["--scheme", scheme]));
    for (now, left) in MOMENTS {
        let checked = run(place, now, &arguments);
        let file = serde_json::json!({ "check": checked.json()["files"][0] });
        let (name, message) = registration(&file, 1).unwrap_or_else(|| panic!("{now}: {:?}", findings(&file)));
        let expected = if left >= 0 { "registration-due" } else { "registration-late" };
        assert_eq!(name, expected, "{now}: {message}");
        assert!(message.contains("2026-10-31"), "{now}: {message}");
        assert_eq!(checked.status, i32::from(left < 0), "{now}");
    }
}

fn a_joiner_by_the_letter(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let path = files.write("socso.txt", one_act(Scheme::Act4, &[row(9, "2026-10", 300_000).with('B', "2026-10-01")]));
    boundary(place, &path, Some("act4"));
}

fn a_joiner_by_the_register(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let new = row(9, "2026-10", 300_000);
    let set = ["register", "set", CODE, &new.id, "--new", "--name", &new.name, "--employed-on", "2026-10-01"];
    assert_eq!(run(place, SEEDED, &set).status, 0);
    boundary(place, &files.write("joint.txt", joint(&[new])), None);
}

fn in_time_is_registered_from_the_file(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let (by_letter, by_register) = (row(9, "2026-10", 300_000), row(10, "2026-10", 250_000));
    let set = ["register", "set", CODE, &by_register.id, "--new", "--name", &by_register.name];
    assert_eq!(run(place, SEEDED, &[&set[..], &["--employed-on", "2026-10-01"]].concat()).status, 0);
    let now = "2026-10-31T15:59:59Z";
    for (path, scheme, person) in [
        (
            files.write("socso.txt", one_act(Scheme::Act4, &[by_letter.clone().with('B', "2026-10-01")])),
            "act4",
            &by_letter,
        ),
        (files.write("joint.txt", joint(std::slice::from_ref(&by_register))), "", &by_register),
    ] {
        let told = if scheme.is_empty() { vec![] } else { vec!["--scheme", scheme] };
        let (status, file) = submit(place, now, &[&[path.as_str()], &told[..]].concat());
        assert_eq!((status, &first(&file)["register"]["registered"]), (0, &1.into()), "{:?}", findings(&file));
        assert!(says(&file, 1, "registration-due"));
        let entry = employee(place, now, &person.id);
        assert_eq!((&entry["employed_on"], &entry["registered_on"]), (&"2026-10-01".into(), &"2026-10-31".into()));
        let look = shown(place, now, &["submission", "show", &flows::submission(&file)]);
        assert!(events(&look).contains(&("registered-from-file".to_owned(), "1".to_owned())), "{:?}", events(&look));
    }
    let paper = files.path("borang-2.pdf");
    let print = ["register", "print", "borang-2", "--employer", CODE, "--from", "2026-10-01", "-o", &paper];
    assert_eq!(run(place, now, &print).status, 0);
    if let Some(text) = flows::text_of(Path::new(&paper)) {
        assert!(text.contains(&by_letter.id) && text.contains(&by_register.id), "{text}");
    }
    // Who was registered in time is not late afterwards, however late the next file is.
    let path = files.write("november.txt", joint(&[row(9, "2026-11", 300_000), row(10, "2026-11", 250_000)]));
    let (status, file) = submit(place, "2026-12-20T09:00:00+08:00", &[&path]);
    assert_eq!(status, 0, "{:?}", findings(&file));
    assert_eq!(registration(&file, 1), None);
}

fn too_late_waits_and_is_a_breach(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let set = ["employer", "set", CODE, "--policy", "good-lines"];
    assert_eq!(run(place, SEEDED, &set).status, 0);
    let now = "2026-11-01T00:00:00+08:00";
    // Began on 1 August, one file for October; one more began on 2 October, day 30 of whom is today.
    let (late, last_day) = (row(9, "2026-10", 300_000), row(10, "2026-10", 250_000));
    let rows = [row(0, "2026-10", 300_000), late.clone(), last_day.clone()];
    for (person, day) in [(&late, "2026-08-01"), (&last_day, "2026-10-02")] {
        let set = ["register", "set", CODE, &person.id, "--new", "--name", &person.name, "--employed-on", day];
        assert_eq!(run(place, SEEDED, &set).status, 0);
    }
    let (status, file) = submit(place, now, &[&files.write("october.txt", joint(&rows))]);
    assert_eq!((status, flows::state(&file)), (1, "taken"), "{:?}", findings(&file));
    assert!(says(&file, 2, "registration-late") && says(&file, 3, "registration-due"), "{:?}", findings(&file));
    let good = owed(&[rows[0].clone(), last_day.clone()]);
    assert_eq!(amounts(&file), [(2, good.0), (2, good.1)]);
    assert_eq!(first(&file)["register"]["late"], 1);
    assert!(employee(place, now, &late.id)["registered_on"].is_null());
    assert_eq!(employee(place, now, &last_day.id)["registered_on"], "2026-11-01");

    let breaches = shown(place, now, &["register", "breaches", "--employer", CODE]);
    assert_eq!(breaches.as_array().map(Vec::len), Some(1), "{breaches}");
    let breach = &breaches[0];
    // 1 August and thirty days is 31 August; 1 November is 62 days after it.
    assert_eq!(
        (&breach["started"], &breach["last_day"], &breach["days_late"]),
        (&"2026-08-01".into(), &"2026-08-31".into(), &62.into())
    );
    // August was due on 15 September, September on 15 October; October is not due yet. At least RM 5.00 for each month
    // or part of one, two for August and one for September, is more than 6 % of RM 88.55 for 47 and 17 days.
    let month = late.owed().0;
    assert_eq!(month, 8_855, "RM 51.65 + RM 14.75 + RM 22.15");
    let months = breach["months"].as_array().expect("months");
    let said: Vec<(&str, i64, i64)> = months
        .iter()
        .map(|m| {
            let sen = |key: &str| m[key].as_i64().expect("an amount");
            (m["month"].as_str().expect("a month"), sen("amount_sen"), sen("interest_sen"))
        })
        .collect();
    assert_eq!(said, [("2026-08", month, 1_000), ("2026-09", month, 500)]);
    assert_eq!((&breach["arrears_sen"], &breach["interest_sen"]), (&(2 * month).into(), &1_500.into()));
    assert!(!breach["id_number"].as_str().expect("a number").contains(&late.id[..8]), "masked");

    // Handed in again too early: it goes back, and waits where it waited.
    let number = flows::submission(&file);
    let again = run(place, now, &["held", "retry", &number, "--output", "json"]);
    assert_eq!((again.status, flows::state(&again.json()["files"][0])), (1, "returned"));
    assert_eq!(shown(place, now, &["held", "list"])["lines"][0]["submission"], number.as_str());

    // Registered at last: the line is handed in again, and the breach stays on record.
    let set = ["register", "set", CODE, &late.id, "--registered-on", "2026-11-01"];
    assert_eq!(run(place, now, &set).status, 0);
    let again = run(place, now, &["held", "retry", &number, "--output", "json"]);
    let answer = again.json()["files"][0].clone();
    assert_eq!((again.status, amounts(&answer)), (0, vec![(1, late.owed().0), (1, late.owed().1)]));
    assert_eq!(first(&answer)["kind"], "supplementary");
    assert_eq!(shown(place, now, &["held", "list"])["lines"], serde_json::json!([]));
    assert_eq!(shown(place, now, &["register", "breaches"]).as_array().map(Vec::len), Some(1));
}

fn nobody_knows_since_when(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let now = "2026-11-10T09:00:00+08:00";
    let rows = [row(0, "2026-10", 300_000), row(9, "2026-10", 300_000)];
    let path = files.write("october.txt", joint(&rows));
    let (status, whole) = submit(place, now, &[&path]);
    assert_eq!((status, flows::state(&whole)), (1, "returned"));
    assert!(says(&whole, 2, "employee-unregistered"), "{:?}", findings(&whole));
    let (_, good) = submit(place, now, &["--policy", "good-lines", &path]);
    assert_eq!(amounts(&good)[0], (1, rows[0].owed().0));
    let tray = shown(place, now, &["held", "list"]);
    assert_eq!((&tray["lines"][0]["line"], &tray["lines"][0]["codes"]), (&2.into(), &"P104".into()), "{tray}");
    assert!(employee(place, now, &rows[1].id).is_null(), "nobody enters the register by a held line");
    // A letter B without a date, and one with an impossible date, say no more.
    let line = one_act(Scheme::Act4, &[row(9, "2026-10", 300_000).with('B', "2026-10-20")]);
    let line = String::from_utf8(line).expect("ASCII");
    for date in ["        ", "32102026"] {
        let path = files.write("b.txt", line.replace("20102026", date));
        let (_, file) = submit(place, now, &["--scheme", "act4", &path]);
        assert!(says(&file, 1, "employee-unregistered"), "{date}: {:?}", findings(&file));
        assert_ne!(flows::state(&file), "taken");
    }
}

fn who_comes_back_is_registered_again(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let gone = row(0, "2026-10", 300_000);
    let set = ["register", "set", CODE, &gone.id, "--left-on", "2026-08-31", "--reason", "left"];
    assert_eq!(run(place, SEEDED, &set).status, 0);
    let now = "2026-10-31T23:59:59+08:00";
    // Without a letter it is a warning, and the line goes.
    let joint_file = files.write("joint.txt", joint(std::slice::from_ref(&gone)));
    let checked = submit(place, now, &[&joint_file]);
    assert_eq!(checked.0, 0);
    assert!(says(&checked.1, 1, "left-employee"), "{:?}", findings(&checked.1));
    assert_eq!(employee(place, now, &gone.id)["left_on"], "2026-08-31", "a line without a letter changes nothing");
    let withdrawn = flows::numbers(&checked.1);
    for number in &withdrawn {
        assert_eq!(run(place, now, &["ack", "withdraw", number, "--reason", "wrong month"]).status, 0);
    }

    let back = |day| files.write("back.txt", one_act(Scheme::Act4, &[gone.clone().with('B', day)]));
    // Began again before he left: the letter is not believed.
    let (_, file) = submit(place, now, &["--scheme", "act4", &back("2026-08-31")]);
    assert!(says(&file, 1, "left-employee"), "{:?}", findings(&file));
    for number in flows::numbers(&file) {
        assert_eq!(run(place, now, &["ack", "withdraw", &number, "--reason", "wrong day"]).status, 0);
    }
    let (status, file) = submit(place, "2026-11-01T00:00:00+08:00", &["--scheme", "act4", &back("2026-10-01")]);
    assert_eq!((status, flows::state(&file)), (1, "returned"));
    assert!(says(&file, 1, "registration-late"), "{:?}", findings(&file));
    let (status, file) = submit(place, now, &["--scheme", "act4", &back("2026-10-01")]);
    assert_eq!((status, &first(&file)["register"]["registered"]), (0, &1.into()), "{:?}", findings(&file));
    let entry = employee(place, now, &gone.id);
    assert_eq!(
        (&entry["employed_on"], &entry["registered_on"], &entry["left_on"]),
        (&"2026-10-01".into(), &"2026-10-31".into(), &Value::Null)
    );
}

fn a_setting_warns_in_place_of_holding(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let now = "2026-11-01T00:00:00+08:00";
    let late = row(9, "2026-10", 300_000).with('B', "2026-10-01");
    let path = files.write("late.txt", one_act(Scheme::Act4, &[late]));
    let unknown = files.write("unknown.txt", one_act(Scheme::Act4, &[row(10, "2026-10", 300_000)]));
    let lenient = files.write("caruman.toml", "registration = \"warn\"\n");
    let submit_with = |config: &[&str], path: &str| {
        let done = run(place, now, &[config, &["submit", "--output", "json", "--scheme", "act4", path]].concat());
        let answer = done.json()["files"][0].clone();
        let heavy = |name: &str| {
            let list = answer["check"]["findings"].as_array().expect("findings");
            list.iter().find(|f| f["name"] == name).map(|f| f["severity"].as_str().expect("a word").to_owned())
        };
        let said = heavy("registration-late").or(heavy("employee-unregistered")).expect("is said");
        (done.status, flows::state(&answer).to_owned(), said)
    };
    let held = (1, "returned".to_owned(), "fix".to_owned());
    let goes = (0, "taken".to_owned(), "warn".to_owned());
    assert_eq!(submit_with(&[], &path), held);
    // The employer's own setting goes before the office's.
    assert_eq!(run(place, now, &["employer", "set", CODE, "--registration", "hold"]).status, 0);
    assert_eq!(submit_with(&["--config", &lenient], &path), held);
    assert_eq!(run(place, now, &["employer", "set", CODE, "--registration", "-"]).status, 0);
    assert_eq!(submit_with(&["--config", &lenient], &unknown), goes);
    assert_eq!(run(place, now, &["employer", "set", CODE, "--registration", "warn"]).status, 0);
    assert_eq!(submit_with(&[], &path), goes);
    // It goes, and is a breach all the same; the person stands in the register, not registered.
    let breaches = shown(place, now, &["register", "breaches"]);
    assert_eq!((&breaches[0]["days_late"], &breaches[0]["arrears_sen"]), (&1.into(), &0.into()), "{breaches}");
    let entry = employee(place, now, &row(9, "2026-10", 0).id);
    assert_eq!((&entry["employed_on"], &entry["registered_on"]), (&"2026-10-01".into(), &Value::Null));
}

fn letters_bring_the_register_up_to_date(place: &Place) {
    let files = Files::new();
    seed(place, &files);
    let now = "2026-10-05T09:00:00+08:00";
    let rows = [
        row(0, "2026-09", 300_000).with('H', "2026-09-15"),
        row(1, "2026-09", 300_000).with('M', "2026-09-20"),
        row(2, "2026-09", 300_000),
    ];
    let (status, file) = submit(place, now, &["--scheme", "act4", &files.write("s.txt", one_act(Scheme::Act4, &rows))]);
    assert_eq!((status, &first(&file)["register"]["left"]), (0, &2.into()), "{:?}", findings(&file));
    for (person, day, reason) in [(&rows[0], "2026-09-15", "left"), (&rows[1], "2026-09-20", "died")] {
        let entry = employee(place, now, &person.id);
        assert_eq!((&entry["left_on"], &entry["left_reason"]), (&day.into(), &reason.into()), "{entry}");
    }
    let sentence = first(&file)["changes"]["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains('2'), "{sentence}");
    let next: Vec<Row> = (0..3).map(|n| row(n, "2026-10", 300_000)).collect();
    let (_, file) = submit(place, "2026-11-05T09:00:00+08:00", &[&files.write("j.txt", joint(&next))]);
    assert!(says(&file, 1, "left-employee") && says(&file, 2, "left-employee"), "{:?}", findings(&file));
    assert!(!says(&file, 3, "left-employee"));
}
