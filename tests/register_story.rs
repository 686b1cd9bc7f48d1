//! The register through the program, on both databases: templates, tables taken in, people changed, tables written.

mod place;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use place::Place;
use serde_json::{Value, json};

const NOW: &str = "2026-11-10T09:00:00+08:00";
const CODE: &str = "A9900000001Z";
const SAMPLE: &str = "samples/register.csv";

fn caruman(place: &Place, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", NOW]).env_remove("CARUMAN_LOG");
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    command.args(arguments).output().expect("the program starts")
}

/// Exit status, what is printed, what is said.
fn ran(place: &Place, arguments: &[&str]) -> (i32, String, String) {
    let output = caruman(place, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit status"), text(&output.stdout), text(&output.stderr))
}

fn done(place: &Place, arguments: &[&str]) -> String {
    let (status, printed, said) = ran(place, arguments);
    assert_eq!(status, 0, "{arguments:?}: {printed}{said}");
    printed
}

fn imported(place: &Place, file: &str, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["register", "import", file, "--output", "json"];
    arguments.extend(more);
    let (status, printed, said) = ran(place, &arguments);
    (status, serde_json::from_str(&printed).unwrap_or_else(|error| panic!("no JSON ({error}): {printed}{said}")))
}

fn counts(imported: &Value, table: &str) -> [u64; 4] {
    ["added", "changed", "unchanged", "faulty"].map(|count| imported[table][count].as_u64().expect("a count"))
}

fn listed(place: &Place, more: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["register", "list", "--output", "json"];
    arguments.extend(more);
    serde_json::from_str(&done(place, &arguments)).expect("JSON")
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a path").to_owned()
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = path(folder, name);
    std::fs::write(&path, text).expect("written");
    path
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

on_both! {
    templates_can_be_imported
    every_faulty_row_in_one_pass
    both_policies
    importing_again_doubles_nobody
    what_is_exported_changes_nothing
    releases
    one_person_by_hand
    employers
    nobody_shows
}

fn templates_can_be_imported(place: &Place) {
    let folder = folder();
    let (csv, book, employers) = (path(&folder, "t.csv"), path(&folder, "t.xlsx"), path(&folder, "e.csv"));
    done(place, &["register", "template", "-o", &csv]);
    done(place, &["register", "template", "-o", &book]);
    done(place, &["register", "template", "--employers", "--out", &employers]);
    assert_eq!(done(place, &["register", "template"]), std::fs::read_to_string(&csv).expect("there"));
    let (status, answer) = imported(place, &book, &[]);
    assert_eq!((status, counts(&answer, "employers"), counts(&answer, "employees")), (0, [1, 0, 0, 0], [1, 0, 0, 0]));
    for (table, kind) in [(&csv, "employees"), (&employers, "employers")] {
        let (status, answer) = imported(place, table, &[]);
        assert_eq!((status, counts(&answer, kind)), (0, [0, 0, 1, 0]), "{answer}");
    }
    let (status, _, said) = ran(place, &["register", "template", "-o", &csv]);
    assert!(status == 2 && said.contains("--force"), "{said}");
    let (status, _, said) = ran(place, &["register", "template", "-o", &path(&folder, "t.pdf")]);
    assert!(status == 2 && said.contains(".csv or .xlsx"), "{said}");
}

const FAULTY: &str = "Kod Majikan;No K/P;Nama;Tarikh Lahir;residency;employed_on;left_on;skbbk_released_from;saiz kasut\n\
     A9900000001Z;900101149991;AHMAD CONTOH;;;2026-10-01;;;42\n\
     A9900000001Z;50101149995;BARU CONTOH;;;;;;\n\
     A9900000001Z;850815125558;MUTHU CONTOH;1985-08-16;;2026-11-01;2026-10-31;2026-06;\n\
     A9900000001Z;880101149997;;;;;;;\n\
     123;980101149995;OK CONTOH;1998-13-01;martian;;;;\n\
     A9900000001Z;900101-14-9991;AHMAD CONTOH;;;;;;\n\
     A9900000001Z;T1234567;PERAJURIT CONTOH;31/12/1980;;01/10/2026;;;\n";

fn every_faulty_row_in_one_pass(place: &Place) {
    let folder = folder();
    let file = written(&folder, "faulty.csv", FAULTY);
    let (status, answer) = imported(place, &file, &[]);
    assert_eq!(status, 1);
    let faults: Vec<(u64, &str)> = answer["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| (fault["row"].as_u64().expect("a row"), fault["column"].as_str().expect("a column")))
        .collect();
    let expected = [
        (3, "id_number"),
        (4, "left_on"),
        (4, "skbbk_released_from"),
        (4, "birth_date"),
        (5, "name"),
        (6, "employer_code"),
        (6, "birth_date"),
        (6, "residency"),
        (7, "id_number"),
    ];
    assert_eq!(faults, expected);
    assert_eq!((counts(&answer, "employees"), &answer["ignored"]), ([2, 0, 0, 5], &json!(["saiz kasut"])));
    let people = listed(place, &["--show-identities"]);
    assert_eq!(people[0]["birth_date"], "1990-01-01", "as the MyKad number says");
    assert_eq!(people[1]["birth_date"], "1980-12-31");
    for (text, part) in [
        ("name,ic\nA,900101149991\n", "employer_code"),
        ("employer_code,name,dob\nA9900000001Z,A,\n", "id_number"),
        ("employer_code,ic\n", "no rows"),
        ("", "empty"),
    ] {
        let (status, _, said) = ran(place, &["register", "import", &written(&folder, "wrong.csv", text)]);
        assert!(status == 2 && said.contains(part), "{said}");
    }
    let (status, _, said) = ran(place, &["register", "import", "no-such-table.csv"]);
    assert!(status == 2 && said.contains("no-such-table.csv"), "{said}");
}

fn both_policies(place: &Place) {
    let folder = folder();
    let file = written(&folder, "faulty.csv", FAULTY);
    for more in [["--policy", "none"], ["--policy", "none"], ["--dry-run", "--quiet"]] {
        let (status, answer) = imported(place, &file, &more);
        assert_eq!((status, &answer["taken"]), (1, &json!(false)));
        assert!(listed(place, &[]).is_empty());
    }
    // A fault that only the register knows of holds the good rows back, too.
    let late = written(
        &folder,
        "late.csv",
        "employer_code,ic,nama\nA9900000001Z,900101149991,A\nA9900000001Z,880101149997,\n",
    );
    assert_eq!(imported(place, &late, &["--policy", "none"]).1["taken"], false);
    assert!(listed(place, &[]).is_empty());
    assert_eq!(imported(place, &late, &["--policy", "good-rows"]).1["taken"], true);
    assert_eq!(listed(place, &[]).len(), 1);
    let clean = written(&folder, "clean.csv", "ic,nama\n880101149997,B\n");
    let (status, answer) = imported(place, &clean, &["--policy", "none", "--employer", CODE]);
    assert_eq!((status, counts(&answer, "employees")), (0, [1, 0, 0, 0]));
}

fn importing_again_doubles_nobody(place: &Place) {
    let folder = folder();
    let (status, first) = imported(place, SAMPLE, &[]);
    assert_eq!(status, 0, "{first}");
    let [people, ..] = counts(&first, "employees");
    let before = listed(place, &["--left", "--show-identities"]);
    assert_eq!(before.len() as u64, people);
    let (_, again) = imported(place, SAMPLE, &[]);
    assert_eq!(counts(&again, "employees"), [0, 0, people, 0]);
    assert_eq!(listed(place, &["--left", "--show-identities"]), before);
    let store = place.store();
    assert_eq!(store.events(CODE).expect("events").len(), 1, "nothing changed, nothing is recorded");
    drop(store);
    // Blanks keep, hyphens clear, and a person is found by either number.
    let update = "employer_code,id_number,ssfw_number,occupation,employed_on\n\
                  A9900000001Z,900101149991,990000000099,KERANI,-\n";
    assert_eq!(counts(&imported(place, &written(&folder, "u.csv", update), &[]).1, "employees"), [0, 1, 0, 0]);
    let by_other = "employer_code,ssfw_number,monthly_wage\nA9900000001Z,990000000099,\"3,000.50\"\n";
    assert_eq!(counts(&imported(place, &written(&folder, "o.csv", by_other), &[]).1, "employees"), [0, 1, 0, 0]);
    let all = listed(place, &["--show-identities"]);
    let ahmad = all.iter().find(|person| person["id_number"] == "900101149991").expect("still there");
    assert_eq!((&ahmad["occupation"], &ahmad["monthly_wage_sen"]), (&json!("KERANI"), &json!(300_050)));
    assert_eq!((&ahmad["employed_on"], &ahmad["registered_on"]), (&Value::Null, &json!("2020-01-10")));
}

fn what_is_exported_changes_nothing(place: &Place) {
    let folder = folder();
    done(
        place,
        &["employer", "set", CODE, "--name", "=CONTOH, SDN BHD", "--address", "1 A | 2 B", "--policy", "good-lines"],
    );
    imported(place, SAMPLE, &[]);
    let (csv, book, employers) = (path(&folder, "e.csv"), path(&folder, "e.xlsx"), path(&folder, "m.csv"));
    done(place, &["register", "export", "-o", &csv]);
    done(place, &["register", "export", "-o", &book]);
    done(place, &["register", "export", "--employers", "-o", &employers]);
    assert_eq!(done(place, &["register", "export", "--employer", CODE]), std::fs::read_to_string(&csv).expect("there"));
    for table in [&csv, &book, &employers] {
        let (status, answer) = imported(place, table, &["--policy", "none"]);
        let [added, changed, unchanged, faulty] = counts(&answer, "employees");
        assert_eq!((status, added, changed, faulty), (0, 0, 0, 0), "{answer}");
        assert!(unchanged + counts(&answer, "employers")[2] > 0);
        assert_eq!(counts(&answer, "employers")[..2], [0, 0]);
    }
    // In another place the spreadsheet makes the same register.
    let other = Place::sqlite();
    imported(&other, &book, &[]);
    assert_eq!(done(&other, &["register", "export"]), done(place, &["register", "export"]));
    assert_eq!(
        done(&other, &["register", "export", "--employers"]),
        done(place, &["register", "export", "--employers"])
    );
    // The check judges by the export as by the table it came from.
    let judged = |register: &str| {
        let file = "samples/demo/perkeso-october-three-faults.txt";
        ran(place, &["check", file, "--register", register, "--output", "json"])
    };
    assert_eq!(judged(&csv), judged(SAMPLE));
    assert_eq!(judged(&book), judged(SAMPLE), "a spreadsheet judges as the CSV does");
    let mut people: Vec<Value> =
        serde_json::from_str(&done(place, &["register", "export", "--output", "json"])).expect("JSON");
    people.retain(|person| person["id_number"] == "900101149991");
    assert_eq!((people.len(), &people[0]["registered_on"]), (1, &json!("2020-01-10")), "in full");
    let employers = done(place, &["register", "export", "--employers", "--output", "json"]);
    let employers: Vec<Value> = serde_json::from_str(&employers).expect("JSON");
    assert_eq!(employers[0]["employer_code"], CODE);
    let refused = |table: &str| {
        let file = "samples/demo/perkeso-october.txt";
        let (status, _, said) = ran(place, &["check", file, "--register", table]);
        assert_eq!(status, 2, "{said}");
        said
    };
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, heading) in ["employer_code", "id_number", "birth_date"].into_iter().enumerate() {
        sheet.write(0, at as u16, heading).expect("written");
    }
    for row in 1..=12 {
        for (at, cell) in [CODE, &format!("9001011499{row:02}"), "1990-13-01"].into_iter().enumerate() {
            sheet.write(row, at as u16, cell).expect("written");
        }
    }
    let faulty = path(&folder, "faulty.xlsx");
    workbook.save(&faulty).expect("saved");
    let said = refused(&faulty);
    assert!(said.contains("row 2, column birth_date") && said.contains("row 11") && !said.contains("row 12"), "{said}");
    assert!(said.contains("and 2 more"), "{said}");
    let damaged = written(&folder, "damaged.xlsx", "PK\u{3}\u{4} and nothing");
    assert!(refused(&damaged).contains("damaged or not a spreadsheet"));
    let (status, _, said) = ran(place, &["register", "export", "--employer", "B8800000002Y"]);
    assert!(status == 2 && said.contains("B8800000002Y"), "{said}");
}

fn releases(place: &Place) {
    imported(place, SAMPLE, &[]);
    let release = |id: &str, from: &str| ran(place, &["register", "release", CODE, id, "--from", from]);
    let (status, _, said) = release("900101149991", "2026-06");
    assert!(status == 2 && said.contains("2026-07 at the earliest"), "{said}");
    let (status, printed, _) = release("900101-14-9991", "2026-07");
    assert!(status == 0 && printed.contains("released from SKBBK from 2026-07"), "{printed}");
    let (status, printed, _) = release("900101149991", "2026-07");
    assert!(status == 0 && printed.contains("nothing is different"), "{printed}");
    let (status, _, said) = release("990000000017", "2026-08");
    assert!(status == 2 && said.contains("compulsory for foreign workers"), "{said}");
    let (status, _, said) = release("880101149990", "2026-08");
    assert!(status == 2 && said.contains("nobody with the number ********9990"), "{said}");
    assert_eq!(release("900101149991", "soon").0, 2);
    assert_eq!(release("900101149991", "-").0, 2);
    let export = done(place, &["register", "export"]);
    assert!(export.lines().any(|line| line.contains("900101149991") && line.contains(",2026-07,")), "{export}");
}

fn one_person_by_hand(place: &Place) {
    let set = |id: &str, more: &[&str]| {
        let mut arguments = vec!["register", "set", CODE, id];
        arguments.extend(more);
        ran(place, &arguments)
    };
    let (status, _, said) = set("900101149991", &["--name", "AHMAD CONTOH"]);
    assert!(status == 2 && said.contains("--new"), "{said}");
    let (status, printed, _) = set("900101149991", &["--new", "--name", "AHMAD CONTOH", "--employed-on", "2026-10-01"]);
    assert!(status == 0 && printed.contains("added"), "{printed}");
    assert_eq!(set("900101149991", &["--registered-on", "2026-10-20", "--monthly-wage", "3000"]).0, 0);
    let (status, _, said) = set("900101149991", &["--left-on", "2026-09-30", "--reason", "left"]);
    assert!(status == 2 && said.contains("first day of work"), "{said}");
    let (status, _, said) = set("900101149991", &["--left-on", "2026-13-30", "--reason", "gone"]);
    assert!(status == 2 && said.contains("left_on") && said.contains("left_reason"), "all at once: {said}");
    assert_eq!(set("900101149991", &["--left-on", "2026-10-31", "--reason", "left"]).0, 0);
    assert!(listed(place, &[]).is_empty());
    let left = listed(place, &["--left"]);
    assert_eq!((&left[0]["left_on"], &left[0]["left_reason"]), (&json!("2026-10-31"), &json!("left")));
    assert_eq!(set("900101149991", &["--left-on", "-", "--reason", "-", "--id-number", "900101149992"]).0, 0);
    let back = listed(place, &["--show-identities"]);
    assert_eq!((back.len(), &back[0]["id_number"]), (1, &json!("900101149992")));
    assert_eq!(back[0]["registered_on"], "2026-10-20");
    assert_eq!(set("900101149992", &[]).0, 2);
    // What cannot be is refused, the whole of it, in a sentence that names the right column.
    let refused = |id: &str, more: &[&str], parts: &[&str]| {
        let (status, printed, said) = set(id, more);
        assert!(status == 2 && printed.is_empty() && parts.iter().all(|part| said.contains(part)), "{more:?}: {said}");
        assert!(!said.contains(id), "{said}");
    };
    refused("900101149992", &["--registered-on", "2026-11-11"], &["registered_on: 2026-11-11 lies in the future"]);
    refused("900101149992", &["--employed-on", "2027-01-10"], &["employed_on: 2027-01-10 lies more than 60 days"]);
    assert_eq!(set("900101149992", &["--registered-on", "2026-11-10"]).0, 0);
    let impossible = ["--new", "--name", "B CONTOH"];
    refused("900230149991", &impossible, &["id_number: begins with a date that does not exist", "foreign", "id_kind"]);
    let mykad = [&impossible[..], &["--id-kind", "mykad"]].concat();
    refused("900230149991", &mykad, &["id_number: is not a MyKad number"]);
    assert_eq!(set("900230149991", &[&impossible[..], &["--residency", "foreign"]].concat()).0, 0);
    let other = ["--id-number", "900101149992"];
    refused("900230149991", &other, &["id_number: belongs to another person"]);
    let late = ["--first-insured-at-55-or-over", "yes"];
    refused("900101149992", &late, &["first_insured_at_55_or_over: cannot be yes", "younger than 55"]);
    for format in ["json", "csv"] {
        done(place, &["register", "set", CODE, "900101149992", "--id-kind", "mykad"]);
        let list = done(place, &["register", "list", "--output", format]);
        assert!(list.contains("mykad") && !list.contains("my-kad"), "{list}");
    }
}

fn employers(place: &Place) {
    let (status, _, said) = ran(place, &["employer", "show", CODE]);
    assert!(status == 2 && said.contains(CODE), "{said}");
    let given = ["--name", "SYARIKAT CONTOH", "--bank-limit-personal", "5,000", "--language", "ms", "--seeding", "no"];
    let mut arguments = vec!["employer", "set", "a9900001z"];
    arguments.extend(given);
    assert!(done(place, &arguments).contains("added"));
    assert!(done(place, &arguments).contains("nothing is different"));
    let (status, _, said) = ran(place, &["employer", "set", CODE, "--policy", "all", "--liable-since", "soon"]);
    assert!(status == 2 && said.contains("policy") && said.contains("liable_since"), "{said}");
    let (status, _, said) = ran(place, &["employer", "set", CODE]);
    assert!(status == 2 && said.contains("--help"), "{said}");
    done(place, &["employer", "set", CODE, "--language", "-", "--approval", "yes"]);
    let shown: Value =
        serde_json::from_str(&done(place, &["employer", "show", CODE, "--output", "json"])).expect("JSON");
    let keys = ["name", "bank_limit_personal_sen", "language", "seeding", "approval", "people"];
    assert_eq!(
        keys.map(|key| shown[key].clone()),
        [json!("SYARIKAT CONTOH"), json!(500_000), json!("en"), json!(false), json!(true), json!(0)]
    );
    imported(place, SAMPLE, &[]);
    assert!(done(place, &["employer", "list", "--output", "csv"]).contains("SYARIKAT CONTOH"), "kept by an import");
}

fn nobody_shows(place: &Place) {
    let folder = folder();
    let shifted = "employer_code,id_number,id_kind,name,birth_date,residency,employed_on,monthly_wage\n\
                   900101149991,AHMAD CONTOH BIN UJIAN,900101149991,mykad,900101-14-9991,880707075552,A1234567,-900101149991\n";
    let tables = [written(&folder, "s.csv", shifted), written(&folder, "f.csv", FAULTY), SAMPLE.to_owned()];
    let mut shown = String::new();
    for table in &tables {
        for output in ["text", "json", "csv"] {
            let (_, printed, said) = ran(place, &["register", "import", table, "--output", output, "-vv"]);
            shown.extend([printed, said]);
        }
    }
    for arguments in [
        vec!["register", "list", "--left"],
        vec!["register", "list", "--output", "json"],
        vec!["register", "list", "--output", "csv"],
        vec!["register", "release", CODE, "900101149991", "--from", "2026-05"],
        vec!["register", "set", CODE, "900101149991", "--birth-date", "1991-01-01"],
        vec!["register", "set", CODE, "900101149991", "--occupation", "KERANI"],
        vec!["register", "set", CODE, "9001011499917", "--occupation", "KERANI"],
        vec!["register", "set", CODE, "880101149990", "--occupation", "KERANI", "--output", "json"],
        vec!["employer", "show", CODE],
    ] {
        let (_, printed, said) = ran(place, &arguments);
        shown.extend([printed, said]);
    }
    let store = place.store();
    let events = store.events(CODE).expect("events");
    assert!(events.iter().any(|event| event.what == "register-imported") && events.len() > 1);
    shown.push_str(&format!("{events:?}"));
    for hidden in ["90010114", "900101-14", "88070707", "88010114", "1990-01-01"] {
        assert!(!shown.contains(hidden), "{hidden} shows in:\n{shown}");
    }
    for event in &events {
        assert!(!event.detail.contains("CONTOH") && !event.detail.contains("KERANI"), "{}", event.detail);
    }
    no_plain_text_in(place.data.path());
}

/// What the data folder holds of the register is sealed.
fn no_plain_text_in(folder: &Path) {
    let entries = std::fs::read_dir(folder).expect("the data folder");
    for path in entries.map(|entry| entry.expect("an entry").path()).filter(|path: &PathBuf| path.is_file()) {
        let bytes = std::fs::read(&path).expect("readable");
        for plain in [&b"900101149991"[..], b"AHMAD CONTOH"] {
            assert!(!bytes.windows(plain.len()).any(|window| window == plain), "{}", path.display());
        }
    }
}
