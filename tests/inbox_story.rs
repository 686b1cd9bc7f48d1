//! Watched folders from outside: files are dropped, answers are read beside them.

mod flows;
mod place;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use caruman::domain::{Policy, Registration};
use caruman::messages::{Language, Messages};
use caruman::rates::RateBook;
use caruman::store::Store;
use caruman::vault::Vault;
use caruman::watch::disk::{Disk, init};
use caruman::watch::marker::Neighbours;
use caruman::watch::{Folder, FolderOptions, Pass, Ways, run_once};
use caruman::workflow::inbox::claim::{Before, Care, Claims};
use caruman::workflow::inbox::{Content, Desk, Dropped, FolderRules};
use caruman::workflow::offline::import;
use caruman::workflow::submit::SubmitOptions;
use chrono::{DateTime, FixedOffset};
use flows::{CODE, Done, OTHER, joint, owed, row, run};
use place::{Place, statements};
use serde_json::Value;

const NOW: &str = "2026-11-10T09:00:00+08:00";

fn now() -> DateTime<FixedOffset> {
    NOW.parse().expect("a moment")
}

/// An inbox of its own.
struct Inbox(tempfile::TempDir);

impl Inbox {
    fn new() -> Inbox {
        Inbox::called("test-inbox")
    }

    fn called(marker: &str) -> Inbox {
        let folder = tempfile::tempdir().expect("a folder");
        init(folder.path(), marker).expect("made");
        Inbox(folder)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn drop(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path("drop").join(name), bytes).expect("written");
    }

    fn names(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(below)).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn answer(&self, name: &str) -> Value {
        let bytes = fs::read(self.path("answers").join(format!("{name}.answer.json")));
        let bytes = bytes.unwrap_or_else(|_| panic!("no answer {name}: {:?}", self.names("answers")));
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn outcome(&self, name: &str) -> String {
        self.answer(name)["outcome"].as_str().expect("a word").to_owned()
    }

    /// The only answer there is of those that begin so.
    fn only(&self, begin: &str) -> Value {
        let names = self.names("answers");
        let all: Vec<&str> = names
            .iter()
            .filter_map(|name| name.strip_suffix(".answer.json"))
            .filter(|name| name.starts_with(begin))
            .collect();
        let [one] = all[..] else { panic!("{begin}: {names:?}") };
        self.answer(one)
    }

    fn pass_with(&self, place: &Place, more: &[&str]) -> Done {
        self.pass_configured(place, &config(place), more)
    }

    fn pass_configured(&self, place: &Place, config: &str, more: &[&str]) -> Done {
        let folder = self.0.path().to_str().expect("a path");
        let usual = ["--config", config, "inbox", folder, "--once", "--quiet-window", "0", "--disk-reserve", "0"];
        run(place, NOW, &[&usual, more].concat())
    }

    fn pass(&self, place: &Place) {
        let done = self.pass_with(place, &[]);
        assert_eq!(done.status, 0, "{}\n{}", done.out, done.err);
    }
}

/// An office where people who are not registered are only warned of: each file brings others.
fn config(place: &Place) -> String {
    config_with(place, "")
}

fn config_with(place: &Place, more: &str) -> String {
    let path = place.data.path().join("caruman.toml");
    fs::write(&path, format!("registration = \"warn\"\n{more}")).expect("written");
    path.to_str().expect("a path").to_owned()
}

/// How the workers of this process submit.
fn options() -> SubmitOptions<'static> {
    let registration = Some(Registration::Warn);
    SubmitOptions { registration, ..SubmitOptions::new("inbox", "Pejabat Contoh", now()) }
}

fn october(first: u32, people: u32) -> Vec<u8> {
    let rows: Vec<_> = (first..first + people).map(|n| row(n, "2026-10", 300_000)).collect();
    joint(&rows)
}

/// A file whose first line cannot be taken.
fn faulty(first: u32) -> Vec<u8> {
    let bad = flows::Row { id: "751399141001".to_owned(), ..row(first, "2026-10", 300_000) };
    joint(&[bad, row(first + 1, "2026-10", 300_000)])
}

fn numbers(answer: &Value) -> Vec<String> {
    let list = answer["acknowledgements"].as_array().expect("a list");
    list.iter().map(|number| number.as_str().expect("a number").to_owned()).collect()
}

fn submissions(place: &Place) -> usize {
    let shown = flows::shown(place, NOW, &["submission", "list"]);
    shown.as_array().or_else(|| shown["submissions"].as_array()).map_or_else(|| panic!("{shown}"), Vec::len)
}

on_both! {
    every_outcome_has_its_answer
    employers_of_one_file_are_answered_apart
    one_bad_answer_stops_no_other
    every_name_has_its_own_answer
    a_duplicate_has_the_state_of_its_original
    nothing_is_promised_that_does_not_work
    papers_that_are_there_are_left_alone
    a_fix_sheet_is_taken_where_files_are
    evidence_of_payments_is_taken_where_files_are
    interest_follows_on_the_same_slip
    payments_of_a_crash_are_the_same_delivery
    answers_that_need_somebody_are_mailed
    serve_watches_its_folders
    a_copied_folder_is_told_from_its_original
    a_folder_tests_or_waits
    the_page_is_in_the_language_of_the_employer
    a_crash_after_the_commit_is_the_same_delivery
    a_claim_is_fenced
    two_processes_share_a_folder
    a_file_that_stops_its_worker_is_held
    hostile_files_are_answered
}

fn every_outcome_has_its_answer(place: &Place) {
    let inbox = Inbox::new();
    let rows: Vec<_> = (1..=3).map(|n| row(n, "2026-10", 300_000)).collect();
    inbox.drop("good.txt", joint(&rows));
    inbox.drop("bad.txt", faulty(10));
    inbox.drop("letter.txt", "Dear office,\nplease find our list enclosed.\n");
    inbox.drop("empty.txt", "");
    inbox.drop("paid.csv", "acknowledgement,means,paid_on,amount_rm\nACR1,counter,2026-11-01,1.00\n");
    inbox.drop("later.txt.part", "unfinished");
    inbox.pass(place);
    assert_eq!(inbox.names("drop"), ["later.txt.part"]);

    let good = inbox.answer("good");
    assert_eq!((good["outcome"].as_str(), good["complete"].as_bool()), (Some("accepted"), Some(true)), "{good:#}");
    assert_eq!(good["format"], "caruman-answer-1");
    assert_eq!((good["mode"].as_str(), good["verdict"].as_str()), (Some("live"), Some("warnings")));
    let pay: Vec<(i64, &str)> = good["to_pay"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|pay| (pay["total_sen"].as_i64().expect("sen"), pay["due_date"].as_str().expect("a day")))
        .collect();
    let (act4, act800) = owed(&rows);
    assert_eq!(pay, [(act4, "2026-11-15"), (act800, "2026-11-15")], "{good:#}");
    assert_eq!(numbers(&good).len(), 2);
    assert_eq!(good["check"]["files"][0]["lines"], 3);
    assert_eq!(good["totals"].as_array().map(Vec::len), Some(2));
    assert!(good["sha256"].as_str().is_some_and(|sum| sum.len() == 64));
    let moved = good["moved_to"].as_str().expect("a place");
    assert_eq!(fs::read(inbox.path(moved)).expect("it lies there"), joint(&rows));
    let page = fs::read_to_string(inbox.path("answers/good.txt")).expect("a page");
    assert!(page.contains(&numbers(&good)[0]) && page.contains("2026-11-15"), "{page}");
    for number in numbers(&good) {
        let pdf = fs::read(inbox.path(&format!("answers/good.{number}.pdf"))).expect("a paper");
        assert!(pdf.starts_with(b"%PDF"));
    }

    let bad = inbox.answer("bad");
    assert_eq!((bad["outcome"].as_str(), bad["complete"].as_bool()), (Some("rejected"), Some(false)));
    assert_eq!(bad["finding_counts"]["fix"], 1, "{bad:#}");
    for sheet in bad["fix_sheets"].as_array().expect("a list") {
        assert!(inbox.path("answers").join(sheet.as_str().expect("a name")).exists());
    }
    assert_eq!(bad["fix_sheets"].as_array().map(Vec::len), Some(2));
    assert_eq!(inbox.outcome("letter"), "rejected");
    let letter = inbox.answer("letter");
    assert_eq!(letter["verdict"], "refused");
    let page = fs::read_to_string(inbox.path("answers/letter.txt")).expect("a page");
    assert!(page.contains(" · refused\n") && !page.contains(" ·  · ") && !page.contains("\n\n\n"), "{page}");
    assert!(page.contains("The file goes to rejected/letter.") && !page.contains("caruman make"), "{page}");
    let cure = letter["check"]["files"][0]["findings"][0]["cure"].as_str();
    assert!(cure.is_some_and(|cure| cure.contains("is not taken here")), "{letter:#}");
    assert_eq!(inbox.answer("empty")["check"]["files"][0]["findings"][0]["name"], "file-empty");
    assert_eq!(inbox.outcome("paid.csv"), "rejected");
    assert_eq!(inbox.names("rejected").len(), 4);

    // The same bytes again, under another name; and another file under the same name.
    inbox.drop("again.txt", joint(&rows));
    inbox.drop("good.txt", joint(&[row(7, "2026-10", 250_000).of(OTHER)]));
    inbox.pass(place);
    let again = inbox.answer("again");
    assert_eq!((again["outcome"].as_str(), again["complete"].as_bool()), (Some("duplicate"), Some(true)));
    assert_eq!(numbers(&again), numbers(&good));
    assert_ne!(numbers(&inbox.answer("good")), numbers(&good));
    assert_eq!(inbox.names("accepted").len(), 2);
    assert_eq!(inbox.names("duplicate").len(), 1);

    // Two employers, one of them to mend: taken in part where good lines go.
    let mixed = [joint(&[row(8, "2026-10", 250_000).of(OTHER)]), faulty(20)].concat();
    inbox.drop("mixed.txt", mixed);
    let done = inbox.pass_with(place, &["--policy", "good-lines"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let mixed = inbox.answer("mixed");
    assert_eq!((mixed["outcome"].as_str(), mixed["complete"].as_bool()), (Some("accepted"), Some(false)), "{mixed:#}");
    assert_eq!(mixed["submissions"].as_array().map(Vec::len), Some(2));
    what_was_dropped_is_listed(place, &inbox, &good);
}

fn what_was_dropped_is_listed(place: &Place, inbox: &Inbox, good: &Value) {
    let folder = inbox.0.path().to_str().expect("a path");
    let closing =
        run(place, NOW, &["--lang", "ms", "inbox", folder, "--once", "--quiet-window", "0", "--disk-reserve", "0"]);
    assert_eq!(closing.out, "dijawab 0 · menunggu 0 · PDF 0\n", "{}", closing.err);
    let look = |words: &[&str]| run(place, NOW, &[&["--output", "json", "inbox"], words].concat()).json();
    let all = look(&["list", folder]);
    assert_eq!(all.as_array().map(Vec::len), Some(8));
    assert_eq!((&all[0]["file_name"], &all[0]["outcome"]), (&Value::from("mixed.txt"), &Value::from("accepted")));
    let names = |found: &Value| -> Vec<String> {
        found.as_array().expect("a list").iter().map(|one| one["file_name"].as_str().expect("a name").into()).collect()
    };
    assert_eq!(names(&look(&["list", folder, "--outcome", "duplicate"])), ["again.txt"]);
    assert_eq!(names(&look(&["list", folder, "--limit", "2"])), ["mixed.txt", "good.txt"]);
    assert_eq!(look(&["list", folder, "--open"]), Value::Array(vec![]));
    let one = look(&["show", &good["delivery"].to_string()]);
    assert_eq!((&one["lies_in"], &one["acknowledgements"]), (&good["moved_to"], &good["acknowledgements"]));
    assert_eq!((&one["answer"], &one["events"][0]["who"]), (&"answers/good.answer.json".into(), &"inbox".into()));
    run(place, NOW, &["inbox", "show", "999"]).one_sentence("delivery 999");
    assert!(run(place, NOW, &["inbox", "list", folder]).out.contains("accepted/mixed"));
    let fresh = inbox.path("another").to_str().expect("a path").to_owned();
    assert_eq!(run(place, NOW, &["inbox", "init", &fresh]).status, 0);
    let none = run(place, NOW, &["inbox", "list", &fresh]);
    assert_eq!(none.out, "Nothing was dropped into this folder.\n");
}

fn employers_of_one_file_are_answered_apart(place: &Place) {
    let inbox = Inbox::new();
    let clean = [row(1, "2026-10", 300_000), row(2, "2026-10", 300_000)];
    let bad = flows::Row { id: "751399141001".to_owned(), ..row(30, "2026-10", 300_000).of(OTHER) };
    let rows = [clean[0].clone(), clean[1].clone(), bad, row(31, "2026-10", 300_000).of(OTHER)];
    let states = |answer: &Value| -> Vec<String> {
        let list = answer["submissions"].as_array().expect("submissions").iter();
        list.map(|one| one["state"].as_str().expect("a state").to_owned()).collect()
    };
    inbox.drop("october.txt", joint(&rows));
    inbox.pass(place);
    let first = inbox.answer("october");
    assert_eq!((first["outcome"].as_str(), first["complete"].as_bool()), (Some("accepted"), Some(false)), "{first:#}");
    assert_eq!(states(&first), ["taken", "returned"]);
    assert_eq!((numbers(&first).len(), &first["to_pay"][0]["employer_code"]), (2, &CODE.into()));
    let page = fs::read_to_string(inbox.path("answers/october.txt")).expect("a page");
    assert!(page.contains(&format!("Line 3 · {OTHER} · ")), "{page}");
    let sheets = first["fix_sheets"].as_array().expect("a list");
    let of_returned = first["submissions"][1]["submission"].as_str().expect("a number");
    assert_eq!(sheets.len(), 2, "{sheets:?}");
    assert!(sheets.iter().all(|name| name.as_str().is_some_and(|name| name.contains(of_returned))), "{sheets:?}");

    // The same bytes: nothing new, the numbers of the part that was taken, and nothing said of it.
    inbox.drop("again.txt", joint(&rows));
    inbox.pass(place);
    let again = inbox.answer("again");
    assert_eq!((again["outcome"].as_str(), again["complete"].as_bool()), (Some("rejected"), Some(false)), "{again:#}");
    assert_eq!(states(&again), ["repeat", "returned"]);
    assert_eq!(numbers(&again), numbers(&first));
    assert!(again["sentence"].as_str().is_some_and(|said| said.contains(&numbers(&first)[0])), "{again:#}");
    let parts = &again["check"]["files"][0]["employers"];
    assert_eq!((&parts[0]["verdict"], &parts[1]["verdict"]), (&"warnings".into(), &"errors".into()));

    // The returned part is mended alone; then the good file holds nothing new.
    let sheet = fs::read_to_string(inbox.path("answers").join(sheets[0].as_str().expect("a name"))).expect("a sheet");
    let mut reader = csv::Reader::from_reader(sheet.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let corrected = headings.iter().position(|heading| heading == "corrected").expect("a column");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).expect("written");
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a row")).collect();
    assert!(records.iter().all(|record| !record.iter().any(|cell| cell.contains(CODE))), "{sheet}");
    for record in records {
        let cells = record.iter().enumerate();
        let id = &row(30, "2026-10", 0).id;
        writer.write_record(cells.map(|(at, cell)| if at == corrected { id } else { cell })).expect("written");
    }
    inbox.drop("mended.csv", writer.into_inner().expect("whole"));
    inbox.pass(place);
    let mended = inbox.answer("mended.csv");
    assert_eq!(
        (mended["outcome"].as_str(), mended["complete"].as_bool()),
        (Some("accepted"), Some(true)),
        "{mended:#}"
    );
    assert_eq!(numbers(&mended).len(), 2);
    let list = flows::shown(place, NOW, &["ack", "list"]);
    assert_eq!(list.as_array().map(Vec::len), Some(4), "{list:#}");
}

fn one_bad_answer_stops_no_other(place: &Place) {
    let inbox = Inbox::new();
    // Nothing can be written under this name.
    fs::create_dir(inbox.path("answers/oct.answer.json")).expect("made");
    for left in [".7-1-boot_42_1_9.part", ".october.txt.part"] {
        fs::write(inbox.path("answers").join(left), "left").expect("written");
        let old = std::time::SystemTime::UNIX_EPOCH;
        fs::File::open(inbox.path("answers").join(left)).expect("open").set_modified(old).expect("old");
    }
    inbox.drop("oct.txt", october(1, 1));
    inbox.drop("zed.txt", october(2, 1));
    let done = inbox.pass_with(place, &[]);
    assert!(done.err.contains("(oct) cannot be written, and is tried again"), "{}", done.err);
    assert_eq!(inbox.outcome("zed"), "accepted");
    // What fails again and again stops nothing new.
    inbox.drop("new.txt", october(3, 1));
    let done = inbox.pass_with(place, &[]);
    assert!(done.err.contains("(oct) cannot be written"), "{}", done.err);
    assert_eq!(inbox.outcome("new"), "accepted");
    fs::remove_dir(inbox.path("answers/oct.answer.json")).expect("removed");
    inbox.pass(place);
    assert_eq!(inbox.outcome("oct"), "accepted");
    let hidden: Vec<String> = inbox.names("answers").into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden, [".october.txt.part"], "only what a worker left is removed");
}

fn every_name_has_its_own_answer(place: &Place) {
    let inbox = Inbox::new();
    let names = [
        ("oct", "oct.file"),
        ("oct.txt", "oct"),
        ("oct.TXT", "oct.TXT"),
        ("oct.Txt", "oct.Txt"),
        ("zed.txt", "zed"),
        ("sheet.csv", "sheet.csv"),
        ("sheet.csv.txt", "sheet.csv.txt"),
    ];
    for (first, (name, _)) in (1..).zip(names) {
        inbox.drop(name, october(first, 1));
    }
    inbox.pass(place);
    for (name, answer) in names {
        assert_eq!(inbox.answer(answer)["file"], name);
    }
    // The samples wait for the same names.
    if Command::new("python3").arg("-c").arg("").status().is_ok_and(|status| status.success()) {
        let code = "import sys; sys.path.insert(0, 'samples/inbox'); sys.dont_write_bytecode = True\n\
            import drop; print(' '.join(drop.answer_name(name) for name in sys.argv[1:]))";
        let said = Command::new("python3").arg("-c").arg(code).args(names.map(|(name, _)| name)).output().expect("ran");
        assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), names.map(|(_, answer)| answer).join(" "));
    }
}

fn a_duplicate_has_the_state_of_its_original(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("first.txt", faulty(1));
    let done = inbox.pass_with(place, &["--policy", "good-lines"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let first = inbox.answer("first");
    assert_eq!((first["outcome"].as_str(), first["complete"].as_bool()), (Some("accepted"), Some(false)), "{first:#}");
    inbox.drop("again.txt", faulty(1));
    inbox.pass(place);
    let again = inbox.answer("again");
    assert_eq!((again["outcome"].as_str(), again["complete"].as_bool()), (Some("duplicate"), Some(false)), "{again:#}");
    assert_eq!(numbers(&again), numbers(&first));
    assert_eq!(again["due_date"], first["due_date"]);
    let number = first["submissions"][0]["submission"].as_str().expect("a number");
    assert_eq!(again["fix_sheets"][0], format!("again.{number}.fix.csv"), "{again:#}");
    assert!(again["sentence"].as_str().is_some_and(|said| said.contains("wait") && said.contains("2026-11-")));
    let findings = again["check"]["files"][0]["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|finding| finding["name"] == "repeat-of-earlier-file"), "{findings:?}");
}

fn nothing_is_promised_that_does_not_work(place: &Place) {
    let inbox = Inbox::new();
    let names = |answer: &Value| -> Vec<String> {
        let findings = answer["check"]["files"][0]["findings"].as_array().expect("a list").iter();
        findings.map(|finding| finding["name"].as_str().expect("a name").to_owned()).collect()
    };
    for (mode, file) in [("--mode=test", "test"), ("--submit=wait", "wait"), ("--mode=live", "live")] {
        inbox.drop(&format!("{file}.txt"), faulty(1));
        inbox.drop(&format!("{file}-empty.txt"), "");
        inbox.drop(&format!("{file}-binary.txt"), [0_u8, 1, 2, 3].repeat(50));
        let done = inbox.pass_with(place, &[mode]);
        assert_eq!(done.status, 0, "{}", done.err);
        let answer = inbox.answer(file);
        assert!(!names(&answer).contains(&"register-seeded".to_owned()), "{answer:#}");
        let page = fs::read_to_string(inbox.path(&format!("answers/{file}.txt"))).expect("a page");
        assert_eq!(page.contains("drop that sheet into the same folder"), file == "live", "{page}");
        for unusable in ["empty", "binary"] {
            let answer = inbox.answer(&format!("{file}-{unusable}"));
            assert_eq!(answer["fix_sheets"].as_array().map(Vec::len), Some(0), "{answer:#}");
        }
    }
    let sheet = fs::read(inbox.path("answers/wait.fix.csv")).expect("a sheet");
    inbox.drop("mended.csv", sheet);
    inbox.pass_with(place, &["--submit=wait"]);
    let mended = inbox.answer("mended.csv");
    assert_eq!(mended["outcome"], "rejected");
    assert!(mended["sentence"].as_str().is_some_and(|said| said.contains("drop it again")), "{mended:#}");
    let folder = inbox.0.path().to_str().expect("a path").to_owned();
    let release = || run(place, NOW, &["inbox", "release", &folder, "wait.txt"]);
    assert_eq!(release().status, 0);
    release().one_sentence("is not held any more");
}

fn papers_that_are_there_are_left_alone(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("one.txt", october(1, 1));
    inbox.pass(place);
    let papers = || inbox.names("answers").into_iter().filter(|name| name.ends_with(".pdf")).collect::<Vec<_>>();
    assert_eq!(papers().len(), 2);
    let first = inbox.path("answers").join(&papers()[0]);
    fs::write(&first, "as it is").expect("written");
    fs::remove_file(inbox.path("answers").join(&papers()[1])).expect("removed");
    statements(&place.own_url(), vec!["update delivery set papers = 'wanted'".to_owned()]);
    inbox.pass(place);
    assert_eq!(papers().len(), 2);
    assert_eq!(fs::read(&first).expect("there"), b"as it is");
}

fn a_fix_sheet_is_taken_where_files_are(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("october.txt", faulty(1));
    inbox.pass(place);
    let first = inbox.answer("october");
    assert_eq!(first["outcome"], "rejected");
    let sheet = first["fix_sheets"][0].as_str().expect("a name").to_owned();
    let mut reader = csv::Reader::from_path(inbox.path("answers").join(&sheet)).expect("a table");
    let headings = reader.headers().expect("headings").clone();
    let at = |name: &str| headings.iter().position(|heading| heading.trim_start_matches('\u{FEFF}') == name);
    let (field, corrected) = (at("field").expect("a column"), at("corrected").expect("a column"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).expect("written");
    for record in reader.records() {
        let record = record.expect("a row");
        let entered = &record[field] == "id_number" || &record[field] == "ic_number" || &record[field] == "identity";
        let cells = record.iter().enumerate().map(
            |(column, cell)| {
                if entered && column == corrected { "750101141999" } else { cell }
            },
        );
        writer.write_record(cells).expect("written");
    }
    inbox.drop("mended.csv", writer.into_inner().expect("whole"));
    inbox.pass(place);
    let mended = inbox.answer("mended.csv");
    assert_eq!(mended["outcome"], "accepted", "{mended:#}");
    assert_eq!(numbers(&mended).len(), 2);
    // The same sheet once more mends nothing more; a sheet of nothing is refused in a sentence.
    let text = fs::read_to_string(inbox.path("answers").join(&sheet)).expect("a sheet");
    inbox.drop("nothing.csv", text.replace("S-0", "S-9"));
    inbox.pass(place);
    let nothing = inbox.answer("nothing.csv");
    assert_eq!(nothing["outcome"], "rejected");
    assert!(nothing["sentence"].as_str().is_some_and(|said| said.contains("fix sheet")), "{nothing:#}");
}

const EVIDENCE: &str = "acknowledgement,means,paid_on,amount_rm,evidence,bank";

/// Evidence that all of an answer was paid on one slip.
fn evidence(answer: &Value, slip: &str) -> String {
    let row = |pay: &Value| {
        let (number, sen) =
            (pay["acknowledgement"].as_str().expect("a number"), pay["total_sen"].as_i64().expect("sen"));
        format!("{number},counter,2026-11-10,{}.{:02},{slip},", sen / 100, sen % 100)
    };
    let rows: Vec<String> = answer["to_pay"].as_array().expect("a list").iter().map(row).collect();
    format!("{EVIDENCE}\r\n{}\r\n", rows.join("\r\n"))
}

fn receipts(answer: &Value) -> Vec<String> {
    let payments = answer["payments"].as_array().expect("a list").iter();
    let receipts = payments.flat_map(|payment| payment["receipts"].as_array().expect("a list"));
    receipts.map(|receipt| receipt["number"].as_str().expect("a number").to_owned()).collect()
}

fn evidence_of_payments_is_taken_where_files_are(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("one.txt", october(1, 2));
    inbox.drop("two.txt", joint(&[row(3, "2026-10", 300_000).of(OTHER)]));
    inbox.pass(place);
    let (one, two) = (inbox.answer("one"), inbox.answer("two"));
    assert_eq!((receipts(&one).len(), one["payment_faults"].as_array().map(Vec::len)), (0, Some(0)));
    let first = evidence(&one, "SLIP-1");
    inbox.drop("test.csv", &first);
    inbox.pass_with(place, &["--mode", "test"]);
    assert_eq!(inbox.outcome("test.csv"), "rejected");
    inbox.drop("paid.csv", &first);
    inbox.pass(place);
    let paid = inbox.answer("paid.csv");
    assert_eq!((paid["outcome"].as_str(), paid["complete"].as_bool()), (Some("accepted"), Some(true)), "{paid:#}");
    assert_eq!(receipts(&paid), ["20260000000001", "2026E0000000001"]);
    assert_eq!(
        (paid["payments"][0]["number"].as_str(), paid["finding_counts"]["stop"].as_i64()),
        (Some("O-000001"), Some(0))
    );
    let page = fs::read_to_string(inbox.path("answers/paid.csv.txt")).expect("a page");
    assert!(page.contains("20260000000001") && page.contains("O-000001"), "{page}");
    assert_eq!(inbox.names("accepted").len(), 3);

    // The same evidence again, then with more, of which one row is wrong.
    inbox.drop("again.csv", &first);
    inbox.pass(place);
    let again = inbox.answer("again.csv");
    assert_eq!((again["outcome"].as_str(), again["complete"].as_bool()), (Some("duplicate"), Some(true)), "{again:#}");
    assert_eq!(receipts(&again), receipts(&paid));
    assert_eq!(inbox.names("duplicate").len(), 1);
    let more =
        evidence(&two, "SLIP-2").replace(EVIDENCE, first.trim_end()) + "ACR112269999999,cheque,2026-11-10,1.00,C,B\r\n";
    inbox.drop("more.csv", &more);
    inbox.drop("wrong.csv", first.replace("SLIP-1", "SLIP-3"));
    inbox.drop("nothing.csv", format!("{EVIDENCE}\r\n"));
    let row = "ACR112269999999,cheque,2026-11-10,1.00,C,B\r\n";
    inbox.drop("most.csv", format!("{EVIDENCE}\r\n{}", row.repeat(2_000)));
    inbox.drop("too-many.csv", format!("{EVIDENCE}\r\n{}", row.repeat(2_001)));
    inbox.pass(place);
    let more = inbox.answer("more.csv");
    assert_eq!((more["outcome"].as_str(), more["complete"].as_bool()), (Some("accepted"), Some(false)), "{more:#}");
    assert_eq!((receipts(&more).len(), more["payment_faults"][0]["line"].as_u64()), (4, Some(6)), "{more:#}");
    let page = fs::read_to_string(inbox.path("answers/more.csv.txt")).expect("a page");
    assert!(page.contains("ACR112269999999"), "{page}");
    let wrong = inbox.answer("wrong.csv");
    assert_eq!((wrong["outcome"].as_str(), receipts(&wrong).len()), (Some("rejected"), 0), "paid, on another slip");
    assert_eq!(inbox.outcome("nothing.csv"), "rejected");
    assert!(inbox.answer("nothing.csv")["sentence"].as_str().is_some_and(|said| said.contains(EVIDENCE)));
    assert_eq!(inbox.answer("most.csv")["payment_faults"].as_array().map(Vec::len), Some(2_000));
    let too_many = inbox.answer("too-many.csv");
    assert!(too_many["sentence"].as_str().is_some_and(|said| said.contains("more than 2000 rows")), "{too_many:#}");
    assert_eq!(place.store().offline_payments(None).expect("read").len(), 2);
    let sound = run(place, NOW, &["selfcheck"]);
    assert_eq!(sound.status, 0, "{}\n{}", sound.out, sound.err);
}

fn interest_follows_on_the_same_slip(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("september.txt", joint(&[row(1, "2026-09", 300_000)]));
    inbox.pass(place);
    let first = evidence(&inbox.answer("september"), "SLIP-1");
    inbox.drop("early.csv", first.replace("2026-11-10", "2026-11-09"));
    inbox.pass(place);
    let early = inbox.answer("early.csv");
    assert_eq!((early["outcome"].as_str(), receipts(&early).len()), (Some("rejected"), 0));
    let fault = early["payment_faults"][0]["message"].as_str().expect("a sentence");
    assert!(fault.contains("issued on 2026-11-10"), "{fault}");
    inbox.drop("paid.csv", &first);
    inbox.pass(place);
    let paid = inbox.answer("paid.csv");
    let charges = paid["payments"][0]["charges"].as_array().expect("a list");
    let charges: Vec<&str> = charges.iter().filter_map(Value::as_str).collect();
    assert_eq!(charges.len(), 2, "September was due in October: {paid:#}");
    let rows: String = charges.iter().map(|charge| format!("{charge},counter,2026-11-10,5.00,SLIP-1,\r\n")).collect();
    inbox.drop("interest.csv", format!("{EVIDENCE}\r\n{rows}"));
    inbox.drop("other.csv", format!("{EVIDENCE}\r\n{}", rows.replace("SLIP-1", "SLIP-2")));
    inbox.pass(place);
    let interest = inbox.answer("interest.csv");
    assert_eq!((interest["outcome"].as_str(), interest["complete"].as_bool()), (Some("accepted"), Some(true)));
    assert_eq!((receipts(&interest).len(), interest["payments"][0]["number"].as_str()), (2, Some("O-000002")));
    assert_eq!(inbox.outcome("other.csv"), "rejected", "paid already, on another slip");
    inbox.drop("all.csv", first + &rows);
    inbox.pass(place);
    let all = inbox.answer("all.csv");
    assert_eq!((all["outcome"].as_str(), all["complete"].as_bool()), (Some("duplicate"), Some(true)), "{all:#}");
    assert_eq!(receipts(&all).len(), 4);
    let sound = run(place, NOW, &["selfcheck"]);
    assert_eq!(sound.status, 0, "{}\n{}", sound.out, sound.err);
}

fn payments_of_a_crash_are_the_same_delivery(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("one.txt", october(1, 2));
    inbox.pass(place);
    let bytes = evidence(&inbox.answer("one"), "SLIP-1");
    inbox.drop("paid.csv", &bytes);
    let rules = FolderRules::default();
    {
        let (store, vault) = office(place);
        let desk = Desk::new((&store, &vault), ("test-inbox", "a-worker-that-stops"), &rules, options());
        let claims = desk.claim(&[dropped(&inbox, "paid.csv")], Care::Many, &ALIVE).expect("claimed");
        let delivery = claims.ours[0].as_ref().expect("ours").id;
        let who = format!("inbox delivery {delivery}");
        let said = (Messages::get(Language::English), who.as_str(), now());
        let done = import(&store, RateBook::embedded(), "Pejabat Contoh", bytes.as_bytes(), said).expect("entered");
        assert_eq!(done.settled.len(), 1);
    }
    statements(&place.own_url(), vec!["update delivery set lease_until = 0".to_owned()]);
    inbox.pass(place);
    let paid = inbox.answer("paid.csv");
    assert_eq!((paid["outcome"].as_str(), paid["complete"].as_bool()), (Some("accepted"), Some(true)), "{paid:#}");
    assert_eq!(receipts(&paid), ["20260000000001", "2026E0000000001"]);
    assert_eq!(place.store().offline_payments(None).expect("read").len(), 1);
    let sound = run(place, NOW, &["selfcheck"]);
    assert_eq!(sound.status, 0, "{}\n{}", sound.out, sound.err);
}

fn answers_that_need_somebody_are_mailed(place: &Place) {
    let inbox = Inbox::new();
    let folder = inbox.0.path().display();
    let with = |notify: &str| {
        let from = "mail_from = \"Office <office@example.my>\"\n";
        config_with(place, &format!("{from}[[inbox]]\npath = \"{folder}\"\nnotify = [{notify}]\n"))
    };
    inbox.drop("good.txt", october(1, 2));
    inbox.drop("bad 750101141001.txt", faulty(10));
    inbox.pass_configured(place, &with("\"nobody\""), &[]).one_sentence("nobody");
    let config = with("\"payroll@example.my\", \"Boss <boss@example.my>\"");
    let done = inbox.pass_configured(place, &config, &[]);
    assert_eq!(done.status, 0, "{}", done.err);
    let mail = place.data.path().join("mail");
    assert!(!mail.exists(), "the job writes them");
    for _ in 0..2 {
        let done = run(place, NOW, &["--config", &config, "job", "run", "outbox"]);
        assert_eq!(done.status, 0, "{}", done.err);
    }
    let mut mails: Vec<PathBuf> =
        fs::read_dir(&mail).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    mails.sort();
    assert_eq!(mails.len(), 2, "{mails:?}");
    let delivery = inbox.answer("bad 750101141001")["delivery"].to_string();
    for (path, address) in mails.iter().zip(["payroll@example.my", "boss@example.my"]) {
        let text = fs::read_to_string(path).expect("a mail").replace("=\r\n", "");
        assert!(text.contains(address) && text.contains(&format!("Delivery {delivery}: not taken")), "{text}");
        assert!(text.contains("bad ********1001.txt") && text.contains(CODE), "{text}");
        assert!(!text.contains("7501011410") && !text.contains("7513991410"), "{text}");
    }
}

/// A process that is stopped when the test ends, however it ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve_watches_its_folders(place: &Place) {
    let (inbox, other, files) = (Inbox::new(), Inbox::called("other-inbox"), flows::Files::new());
    let missing = files.path("not-there");
    let folder = |path: &str, more: &str| {
        format!("[[inbox]]\npath = \"{path}\"\nquiet_seconds = 0\nscan_seconds = 1\nreserve_mib = 0\n{more}")
    };
    let (first, second) = (inbox.0.path().to_str().expect("a path"), other.0.path().to_str().expect("a path"));
    let twice = config_with(place, &(folder(first, "") + &folder(first, "")));
    run(place, NOW, &["--config", &twice, "serve"]).one_sentence("two [[inbox]]");
    let config =
        config_with(place, &(folder(&missing, "") + &folder(first, "") + &folder(second, "mode = \"test\"\n")));
    let said = files.path("said");
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", NOW, "--config", &config]);
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(&said).expect("made"));
    let mut serve = Running(command.spawn().expect("it starts"));
    inbox.drop("a.txt", october(1, 2));
    other.drop("b.txt", october(3, 2));
    let (a, b) = (inbox.path("answers/a.answer.json"), other.path("answers/b.answer.json"));
    for _ in 0..1_200 {
        if a.exists() && b.exists() {
            break;
        }
        assert!(serve.0.try_wait().expect("looked").is_none(), "{}", fs::read_to_string(&said).expect("read"));
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(serve);
    assert_eq!((inbox.outcome("a"), other.answer("b")["mode"].as_str()), ("accepted".to_owned(), Some("test")));
    let said = fs::read_to_string(&said).expect("read");
    assert!(said.contains(&missing) && said.contains("not mounted") && said.contains("listening"), "{said}");
}

fn a_copied_folder_is_told_from_its_original(place: &Place) {
    let (inbox, files) = (Inbox::new(), flows::Files::new());
    let (first, copy) = (inbox.0.path().to_str().expect("a path").to_owned(), files.path("copy"));
    init(Path::new(&copy), "test-inbox").expect("made");
    let folder = |path: &str| format!("[[inbox]]\npath = \"{path}\"\n");
    let config = config_with(place, &(folder(&first) + &folder(&copy)));
    let serve = || run(place, NOW, &["--config", &config, "serve", "--listen", "nowhere"]);
    serve().one_sentence("inbox init --new-marker");
    assert_eq!(run(place, NOW, &["inbox", "init", "--new-marker", &copy]).status, 0);
    serve().one_sentence("cannot be listened at");
    assert_ne!(Disk::open(Path::new(&copy)).expect("an inbox").id, "test-inbox");
    run(place, NOW, &["inbox", "init", "--new-marker", &files.path("none")]).one_sentence("is no inbox");
    // One that comes while others are watched.
    let neighbours = Neighbours::default();
    let (store, vault) = office(place);
    let ways = Ways { store: &store, vault: &vault, data: place.data.path().to_owned(), options: options() };
    let late = Inbox::new();
    let mut watched = [&inbox, &late].map(|inbox| {
        inbox.drop("a.txt", october(1, 1));
        let options = FolderOptions { quiet: Duration::ZERO, reserve: Some(0), ..FolderOptions::new(inbox.0.path()) };
        Folder::new(options).among(&neighbours)
    });
    let mut pass = |folder: usize, at: u64| run_once(&mut watched[folder], &ways, Duration::from_secs(at), now());
    assert_eq!(pass(0, 0).answered, 1);
    let refused = pass(1, 0);
    assert!(refused.stopped && refused.alarms[0].contains("was copied from"), "{refused:?}");
    assert_eq!((late.names("drop").len(), late.names("answers").len()), (1, 0));
    fs::write(late.path(".caruman-inbox"), "another\n").expect("written");
    assert_eq!((pass(1, 60).answered, late.outcome("a").as_str()), (1, "duplicate"), "it goes on by itself");
}

fn a_folder_tests_or_waits(place: &Place) {
    let inbox = Inbox::new();
    inbox.drop("a.txt", october(1, 2));
    inbox.drop("b.txt", faulty(5));
    inbox.pass_with(place, &["--mode", "test"]);
    let (a, b) = (inbox.answer("a"), inbox.answer("b"));
    assert_eq!((a["outcome"].as_str(), a["mode"].as_str()), (Some("accepted"), Some("test")), "{a:#}");
    assert!(numbers(&a).is_empty() && a["complete"] == false);
    assert_eq!(b["outcome"], "rejected");
    assert_eq!(b["fix_sheets"].as_array().map(Vec::len), Some(2), "{b:#}");
    assert_eq!(submissions(place), 0);

    inbox.drop("w.txt", october(1, 2));
    inbox.pass_with(place, &["--submit", "wait"]);
    assert_eq!(inbox.outcome("w"), "held");
    assert_eq!((inbox.names("held").len(), submissions(place)), (1, 0));
    let folder = inbox.0.path().to_str().expect("a path");
    let done = run(place, NOW, &["inbox", "release", folder, "w.txt", "--by", "clerk"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(inbox.names("drop"), ["w.txt"]);
    inbox.pass_with(place, &["--submit", "wait"]);
    assert_eq!(inbox.outcome("w"), "accepted");
    assert_eq!(submissions(place), 1);
    run(place, NOW, &["inbox", "release", folder, "none.txt"]).one_sentence("none.txt");
}

fn the_page_is_in_the_language_of_the_employer(place: &Place) {
    let inbox = Inbox::new();
    let done = run(place, NOW, &["employer", "set", CODE, "--language", "ms"]);
    assert_eq!(done.status, 0, "{}", done.err);
    inbox.drop("gaji.txt", october(1, 2));
    inbox.drop("pay.txt", joint(&[row(3, "2026-10", 300_000).of(OTHER)]));
    inbox.pass(place);
    assert!(inbox.answer("gaji")["sentence"].as_str().is_some_and(|said| said.starts_with("Diterima")));
    let page = fs::read_to_string(inbox.path("answers/gaji.txt")).expect("a page");
    assert!(page.contains(" · diterima") && !page.contains("taken"), "{page}");
    assert!(inbox.answer("pay")["sentence"].as_str().is_some_and(|said| said.starts_with("Taken")));
    let page = fs::read_to_string(inbox.path("answers/gaji.txt")).expect("a page");
    assert!(page.contains("Bayar RM") && page.contains("Fail dipindahkan ke"), "{page}");
}

/// Opens what a place keeps.
fn office(place: &Place) -> (Store, Vault) {
    let store = place.store();
    let vault = Vault::new(place.data.path(), store.master_key());
    (store, vault)
}

fn dropped(inbox: &Inbox, name: &str) -> Dropped {
    let disk = Disk::open(inbox.0.path()).expect("an inbox");
    let stamp = disk.stamp(name.as_bytes()).expect("looked").expect("there");
    let bytes = fs::read(inbox.path("drop").join(name)).expect("read");
    let content = Content::Small(bytes);
    Dropped { name: name.as_bytes().to_vec(), inode: stamp.inode, size: stamp.size, sha256: None, content }
}

const GONE: Before<'static> = Before { gone: &|_| true, orderly: false };
const ALIVE: Before<'static> = Before { gone: &|_| false, orderly: false };

fn a_crash_after_the_commit_is_the_same_delivery(place: &Place) {
    let inbox = Inbox::new();
    let rules = FolderRules::default();
    for name in ["one.txt", "two.txt", "three.txt"] {
        inbox.drop(name, october(u32::from(name.as_bytes()[1]), 2));
    }
    {
        let (store, vault) = office(place);
        let desk = Desk::new((&store, &vault), ("test-inbox", "a-worker-that-stops"), &rules, options());
        let files = || ["one.txt", "two.txt", "three.txt"].map(|name| dropped(&inbox, name));
        let claims = desk.claim(&files(), Care::Many, &ALIVE).expect("claimed");
        let claimed = claims.ours.into_iter().flatten().zip(files()).collect();
        let taken = desk.take(claimed).expect("taken");
        assert_eq!(taken.settled.len(), 3);
        // One was even moved, and one was taken away by somebody; then the worker stopped.
        let two = &taken.settled[1].delivery;
        fs::rename(inbox.path("drop/two.txt"), inbox.path(&two.moved_to)).expect("moved");
        fs::remove_file(inbox.path("drop/three.txt")).expect("gone");
    }
    assert!(inbox.names("answers").is_empty());
    statements(&place.own_url(), vec!["update delivery set lease_until = 0".to_owned()]);
    inbox.pass(place);
    for name in ["one", "two", "three"] {
        let answer = inbox.answer(name);
        assert_eq!((answer["outcome"].as_str(), numbers(&answer).len()), (Some("accepted"), 2), "{answer:#}");
    }
    assert_eq!((inbox.names("drop").len(), inbox.names("accepted").len(), submissions(place)), (0, 2, 3));
    // The bytes that were written over after the commit are a delivery of their own.
    inbox.drop("four.txt", october(300, 2));
    {
        let (store, vault) = office(place);
        let desk = Desk::new((&store, &vault), ("test-inbox", "a-worker-that-stops"), &rules, options());
        let claims = desk.claim(&[dropped(&inbox, "four.txt")], Care::Many, &ALIVE).expect("claimed");
        let claimed = claims.ours.into_iter().flatten().zip([dropped(&inbox, "four.txt")]).collect();
        assert_eq!(desk.take(claimed).expect("taken").settled.len(), 1);
    }
    inbox.drop("four.txt", october(310, 3));
    statements(&place.own_url(), vec!["update delivery set lease_until = 0".to_owned()]);
    inbox.pass(place);
    assert_eq!(submissions(place), 5);
    assert_eq!(inbox.answer("four")["check"]["files"][0]["lines"], 3);
}

fn a_claim_is_fenced(place: &Place) {
    let inbox = Inbox::new();
    let rules = FolderRules::default();
    inbox.drop("a.txt", october(1, 2));
    let (store, vault) = office(place);
    let desk = |owner: &'static str| Desk::new((&store, &vault), ("test-inbox", owner), &rules, options());
    let (late, quick) = (desk("late"), desk("quick"));
    let file = || [dropped(&inbox, "a.txt")];
    let ours = |claims: Claims| claims.ours.into_iter().flatten().zip(file()).collect::<Vec<_>>();
    let first = ours(late.claim(&file(), Care::Many, &ALIVE).expect("claimed"));
    assert_eq!(first.len(), 1);
    let refused = quick.claim(&file(), Care::Many, &ALIVE).expect("asked");
    assert_eq!((refused.elsewhere, ours(refused).len()), (1, 0), "the lease holds");
    // The lease is over: a worker may have stopped over this file, so that it goes alone.
    let suspect = quick.claim(&file(), Care::Many, &GONE).expect("asked");
    assert_eq!(suspect.suspects, [(0, 1)]);
    let second = ours(quick.claim(&file(), Care::Few, &GONE).expect("claimed"));
    assert!(second[0].0.lease.token > first[0].0.lease.token);
    assert_eq!(late.take(first).expect("nothing").settled.len(), 0, "the first came too late");
    assert_eq!(quick.take(second).expect("taken").settled.len(), 1);
    drop((store, vault));
    assert_eq!(submissions(place), 1);
}

fn two_processes_share_a_folder(place: &Place) {
    let inbox = Inbox::new();
    drop(place.store());
    for n in 0..60 {
        // Many small groups, so that the two meet often.
        inbox.drop(&format!("f{n}.txt"), october(n * 3, 2));
    }
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
        command.arg("--data").arg(place.data.path()).args(["--now", NOW, "--config", &config(place)]);
        if let Some(url) = &place.url {
            command.args(["--database", url]);
        }
        command.arg("inbox").arg(inbox.0.path());
        command.args(["--once", "--quiet-window", "0", "--disk-reserve", "0", "--no-papers"]);
        command.spawn().expect("it starts")
    };
    for mut process in [start(), start()] {
        assert!(process.wait().expect("it ends").success());
    }
    assert!(inbox.names("drop").is_empty(), "{:?}", inbox.names("drop"));
    assert_eq!((inbox.names("accepted").len(), inbox.names("duplicate").len(), submissions(place)), (60, 0, 60));
    for n in 0..60 {
        assert_eq!(inbox.outcome(&format!("f{n}")), "accepted");
    }
}

fn a_file_that_stops_its_worker_is_held(place: &Place) {
    let inbox = Inbox::new();
    let rules = FolderRules::default();
    inbox.drop("poison.txt", october(1, 2));
    inbox.drop("sound.txt", october(5, 2));
    let (store, vault) = office(place);
    let stop = |owner: &'static str, names: &[&str], care: Care| {
        let desk = Desk::new((&store, &vault), ("test-inbox", owner), &rules, options());
        let files: Vec<Dropped> = names.iter().map(|name| dropped(&inbox, name)).collect();
        let claims = desk.claim(&files, care, &GONE).expect("claimed");
        claims.ours.iter().flatten().map(|delivery| delivery.attempts).collect::<Vec<_>>()
    };
    // Workers stop over both, then two over the first alone.
    assert_eq!(stop("w1", &["poison.txt", "sound.txt"], Care::Many), [1, 1]);
    assert_eq!(stop("w2", &["poison.txt", "sound.txt"], Care::Many), [0; 0], "not with many any more");
    assert_eq!(stop("w2", &["poison.txt", "sound.txt"], Care::Few), [2, 2]);
    assert_eq!(stop("w3", &["poison.txt"], Care::Alone), [3]);
    assert_eq!(stop("w4", &["poison.txt"], Care::Alone), [4]);
    drop((store, vault));
    statements(&place.own_url(), vec!["update delivery set lease_until = 0".to_owned()]);
    inbox.pass(place);
    assert_eq!((inbox.outcome("poison"), inbox.outcome("sound")), ("held".to_owned(), "accepted".to_owned()));
    assert_eq!(inbox.names("held").len(), 1);
}

fn hostile_files_are_answered(place: &Place) {
    let inbox = Inbox::new();
    let drop_place = inbox.path("drop");
    fs::write(inbox.path("secret"), october(90, 2)).expect("written");
    symlink("../secret", drop_place.join("link.txt")).expect("linked");
    symlink("/nowhere", drop_place.join("dangling.txt")).expect("linked");
    assert!(Command::new("mkfifo").arg(drop_place.join("pipe.txt")).status().expect("mkfifo").success());
    fs::create_dir(drop_place.join("folder.txt")).expect("made");
    fs::write(drop_place.join("folder.txt/inside"), "kept").expect("written");
    fs::hard_link(inbox.path("secret"), drop_place.join("hard.txt")).expect("linked");
    inbox.drop("..dots.txt", october(20, 1));
    inbox.drop("a\nb.txt", october(21, 1));
    inbox.drop(&format!("{}.txt", "x".repeat(251)), october(22, 1));
    fs::write(drop_place.join(OsStr::from_bytes(b"caf\xe9.txt")), october(23, 1)).expect("written");
    inbox.drop("$(touch owned);.txt", october(24, 1));
    inbox.drop("--help.txt", october(25, 1));
    inbox.drop("closed.txt", october(26, 1));
    fs::set_permissions(drop_place.join("closed.txt"), fs::Permissions::from_mode(0o000)).expect("set");
    fs::File::create(drop_place.join("huge.txt")).and_then(|file| file.set_len(10 << 30)).expect("made");
    inbox.drop("nul.txt", vec![0; 3_000]);
    inbox.drop("bomb.xlsx", archive_of_blanks(80 << 20));
    inbox.pass(place);
    // Hidden names are not looked at.
    assert_eq!(inbox.names("drop"), ["..dots.txt"]);

    for (name, word) in
        [("link", "link"), ("dangling", "link"), ("pipe", "pipe"), ("folder", "folder"), ("hard", "name")]
    {
        let answer = inbox.answer(name);
        assert_eq!(answer["outcome"], "rejected", "{name}");
        assert!(answer["sentence"].as_str().is_some_and(|said| said.contains(word)), "{name}: {answer:#}");
        assert!(answer["verdict"].is_null() && inbox.path(&format!("answers/{name}.txt")).exists());
    }
    let moved = |name: &str| inbox.path(inbox.answer(name)["moved_to"].as_str().expect("a place"));
    assert!(fs::symlink_metadata(moved("link")).expect("there").is_symlink());
    assert!(fs::symlink_metadata(moved("pipe")).expect("there").file_type().is_fifo());
    assert_eq!(fs::read_to_string(moved("folder").join("inside")).expect("kept"), "kept");
    assert_eq!(fs::read(inbox.path("secret")).expect("untouched"), october(90, 2));

    let long = inbox.only(&"x".repeat(100));
    assert_eq!((long["outcome"].as_str(), long["file"].as_str().map(str::len)), (Some("accepted"), Some(255)));
    let newline = inbox.only("a_b~");
    assert_eq!((newline["outcome"].as_str(), newline["file"].as_str()), (Some("accepted"), Some("a\nb.txt")));
    let latin = inbox.only("caf");
    assert_eq!(
        (latin["outcome"].as_str(), latin["file_name_hex"].as_str()),
        (Some("accepted"), Some("636166e92e747874"))
    );
    assert_eq!(inbox.outcome("$(touch owned);"), "accepted");
    assert_eq!(inbox.only("_-help")["outcome"], "accepted");
    // Whoever may read everything can read this one, too.
    let closed = inbox.answer("closed");
    assert!(closed["outcome"] == "accepted" || closed["sentence"].as_str().is_some_and(|said| said.contains("right")));
    let huge = inbox.answer("huge");
    assert_eq!(huge["check"]["files"][0]["findings"][0]["name"], "file-too-large", "{huge:#}");
    assert_eq!(fs::metadata(moved("huge")).expect("moved").len(), 10 << 30);
    assert_eq!(inbox.answer("nul")["verdict"], "refused");
    let bomb = inbox.answer("bomb.xlsx");
    assert!(bomb["outcome"] == "rejected" && bomb["sentence"].as_str().is_some_and(|said| said.contains("too large")));
}

/// A small spreadsheet that unpacks to so many blanks.
fn archive_of_blanks(size: u64) -> Vec<u8> {
    use std::io::{Cursor, Read, copy, repeat};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).expect("begun");
    copy(&mut repeat(b' ').take(size), &mut writer).expect("blanks");
    writer.finish().expect("an archive").into_inner()
}

/// A worker of this process on SQLite, and a clock of its own.
struct Worker {
    place: Place,
    inbox: Inbox,
    folder: Folder,
}

impl Worker {
    fn new(change: impl FnOnce(&mut FolderOptions)) -> Worker {
        let (place, inbox) = (Place::sqlite(), Inbox::new());
        let mut options = FolderOptions { reserve: Some(0), ..FolderOptions::new(inbox.0.path()) };
        options.rules.papers = false;
        options.rules.policy = Some(Policy::Whole);
        change(&mut options);
        Worker { place, inbox, folder: Folder::new(options) }
    }

    fn at(&mut self, seconds: u64) -> Pass {
        let (store, vault) = office(&self.place);
        let ways = Ways { store: &store, vault: &vault, data: self.place.data.path().to_owned(), options: options() };
        run_once(&mut self.folder, &ways, Duration::from_secs(seconds), now())
    }
}

#[test]
fn a_marker_that_says_nothing_is_no_marker() {
    let mut worker = Worker::new(|_| ());
    let bytes = october(1, 1);
    worker.inbox.drop("empty.txt", &bytes);
    worker.inbox.drop("empty.txt.done", "");
    worker.inbox.drop("half.txt", october(2, 1));
    worker.inbox.drop("half.txt.done", "sha256=9f86d08188");
    worker.inbox.drop("alone.txt.DONE", "size=1");
    worker.inbox.drop("later.txt.PART", "unfinished");
    worker.inbox.drop("sum.txt", october(3, 1));
    worker.inbox.drop("sum.txt.DONE", format!("{}  sum.txt\n", sha256(&october(3, 1))));
    assert_eq!(worker.at(0).answered, 1);
    assert_eq!(worker.inbox.outcome("sum"), "accepted");
    let left = ["alone.txt.DONE", "empty.txt", "empty.txt.done", "half.txt", "half.txt.done", "later.txt.PART"];
    assert_eq!(worker.inbox.names("drop"), left, "the marker in capitals is gone too");
    worker.inbox.drop("empty.txt.done", format!("size={}\n", bytes.len()));
    assert_eq!((worker.at(1).answered, worker.at(2).answered), (1, 0));
    assert_eq!((worker.at(9).answered, worker.at(10).answered), (0, 1), "the quiet window holds");
    assert_eq!(worker.inbox.outcome("half"), "accepted");
}

#[test]
fn a_marker_that_cannot_be_read_says_nothing() {
    let mut worker = Worker::new(|_| ());
    let marker = |name: &str| worker.inbox.path("drop").join(format!("{name}.txt.done"));
    symlink("elsewhere", marker("link")).expect("linked");
    assert!(Command::new("mkfifo").arg(marker("pipe")).status().expect("mkfifo").success());
    fs::create_dir(marker("folder")).expect("made");
    fs::write(marker("closed"), "size=1").expect("written");
    fs::set_permissions(marker("closed"), fs::Permissions::from_mode(0o000)).expect("set");
    // Whoever may read everything reads this one: then it says that the file is another one.
    let readable = fs::File::open(marker("closed")).is_ok();
    let names = ["link", "pipe", "folder", "closed"];
    for (first, name) in (1..).zip(names) {
        worker.inbox.drop(&format!("{name}.txt"), october(first, 1));
    }
    assert_eq!([0, 5, 9].map(|at| worker.at(at).answered), [0, 0, 0], "the quiet window holds");
    let pass = worker.at(10);
    assert_eq!((pass.answered, pass.alarms.len()), (4, 0), "{pass:?}");
    for name in names {
        let expected = if name == "closed" && readable { "rejected" } else { "accepted" };
        assert_eq!(worker.inbox.outcome(name), expected, "{name}");
    }
}

#[test]
fn a_file_is_taken_when_it_is_complete() {
    let mut worker = Worker::new(|_| ());
    worker.inbox.drop("slow.txt", &october(1, 2)[..300]);
    assert_eq!((worker.at(0).waiting, worker.at(4).answered, worker.at(8).answered), (1, 0, 0));
    worker.inbox.drop("slow.txt", october(1, 2));
    assert_eq!((worker.at(12).answered, worker.at(20).answered), (0, 0), "it changed: the window begins again");
    assert_eq!(worker.at(22).answered, 1);
    // A rename that was seen, and a .done file, say it at once.
    worker.inbox.drop("quick.txt.part", october(5, 2));
    assert_eq!(worker.at(30).answered, 0);
    fs::rename(worker.inbox.path("drop/quick.txt.part"), worker.inbox.path("drop/quick.txt")).expect("renamed");
    assert_eq!(worker.at(31).answered, 1);
    let bytes = october(9, 2);
    let sum = sha256(&bytes);
    worker.inbox.drop("sure.txt.done", format!("size={}\nsha256={sum}\n", bytes.len()));
    worker.inbox.drop("sure.txt", &bytes[..300]);
    assert_eq!(worker.at(32).answered, 0, "not all of it is there");
    worker.inbox.drop("sure.txt", &bytes);
    assert_eq!(worker.at(33).answered, 1);
    assert_eq!(worker.inbox.names("drop"), Vec::<String>::new(), "and its .done is gone");
    // Other bytes for ever: answered when they are quiet.
    worker.inbox.drop("broken.txt.done", format!("size={}\nsha256={sum}\n", bytes.len()));
    worker.inbox.drop("broken.txt", [&bytes[..bytes.len() - 2], b"\n\n"].concat());
    assert_eq!((worker.at(40).answered, worker.at(45).answered, worker.at(50).answered), (0, 0, 1));
    assert!(worker.inbox.answer("broken")["sentence"].as_str().is_some_and(|said| said.contains(".done")));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_rename_too_quick_to_be_seen_is_heard() {
    let mut worker = Worker::new(|_| ());
    assert_eq!(worker.at(0).answered, 0);
    let final_name = worker.inbox.path("drop/quick.txt");
    worker.inbox.drop("quick.txt.part", october(1, 1));
    fs::rename(final_name.with_extension("txt.part"), final_name).expect("renamed");
    worker.inbox.drop("slow.txt", october(2, 1));
    worker.folder.wait(Duration::from_secs(60));
    let pass = worker.at(1);
    assert_eq!((pass.answered, pass.waiting, worker.inbox.outcome("quick").as_str()), (1, 1, "accepted"));
}

#[test]
fn a_folder_that_is_not_there_is_an_alarm() {
    let mut worker = Worker::new(|options| options.quiet = Duration::ZERO);
    worker.inbox.drop("a.txt", october(1, 2));
    let marker = worker.inbox.path(".caruman-inbox");
    fs::rename(&marker, worker.inbox.path("away")).expect("moved");
    let pass = worker.at(0);
    assert!(pass.answered == 0 && pass.alarms.len() == 1 && pass.alarms[0].contains("not mounted"), "{pass:?}");
    fs::write(&marker, "another\n").expect("written");
    fs::remove_file(&marker).expect("removed");
    fs::rename(worker.inbox.path("away"), &marker).expect("moved back");
    assert_eq!(worker.at(100).answered, 1);
    fs::write(&marker, "another\n").expect("written");
    assert!(worker.at(200).alarms[0].contains("another inbox"));
    fs::write(&marker, "test-inbox\n").expect("written");
    fs::remove_dir_all(worker.inbox.path("drop")).expect("removed");
    assert!(worker.at(300).alarms[0].contains("drop"));
}

#[test]
fn intake_pauses_without_room_and_goes_on_by_itself() {
    let mut worker = Worker::new(|options| (options.quiet, options.reserve) = (Duration::ZERO, Some(u64::MAX)));
    worker.inbox.drop("a.txt", october(1, 2));
    let pass = worker.at(0);
    assert!((pass.answered, pass.waiting) == (0, 1) && pass.alarms[0].contains("paused"), "{pass:?}");
    worker.folder.options.reserve = Some(0);
    assert_eq!(worker.at(2).answered, 1);
}

#[test]
fn a_large_file_is_taken_from_its_open_handle() {
    let mut worker = Worker::new(|options| options.quiet = Duration::ZERO);
    let bytes = october(1, 5_000);
    assert!(bytes.len() > 1 << 20);
    worker.inbox.drop("large.txt", &bytes);
    worker.inbox.drop("small.txt", october(1, 2));
    let pass = worker.at(0);
    assert_eq!((pass.answered, pass.alarms.len()), (2, 0), "{pass:?}");
    let large = worker.inbox.answer("large");
    assert_eq!(
        (large["outcome"].as_str(), large["sha256"].as_str()),
        (Some("accepted"), Some(sha256(&bytes).as_str()))
    );
    assert_eq!(large["submissions"][0]["employer_code"], CODE);
}

#[test]
fn a_file_that_cannot_be_moved_is_answered_once() {
    let mut worker = Worker::new(|options| options.quiet = Duration::ZERO);
    worker.inbox.drop("a.txt", october(1, 2));
    // The name it will get is taken.
    fs::write(worker.inbox.path("accepted/a.1.txt"), "somebody else's").expect("written");
    let pass = worker.at(0);
    assert!(pass.answered == 1 && pass.alarms[0].contains("cannot be moved"), "{pass:?}");
    assert_eq!(worker.inbox.outcome("a"), "accepted");
    fs::remove_file(worker.inbox.path("answers/a.answer.json")).expect("read and removed");
    assert_eq!(worker.at(10).answered, 0);
    assert!(!worker.inbox.path("answers/a.answer.json").exists(), "not written again");
    fs::remove_file(worker.inbox.path("accepted/a.1.txt")).expect("removed");
    assert_eq!((worker.at(50).alarms.len(), worker.inbox.names("drop").len()), (0, 0));
    assert_eq!(submissions(&worker.place), 1);
}

/// Runs a sample script against a worker that watches meanwhile; gives status and output.
fn script(program: &str, script: &str, file: &[u8]) -> Option<(i32, String)> {
    let (place, inbox, files) = (Place::sqlite(), Inbox::new(), flows::Files::new());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/inbox").join(script);
    let path = files.write("october.txt", file);
    let mut watcher = Command::new(env!("CARGO_BIN_EXE_caruman"));
    watcher.arg("--data").arg(place.data.path()).args(["--now", NOW, "inbox"]).arg(inbox.0.path());
    watcher.args(["--quiet-window", "0", "--scan", "1", "--disk-reserve", "0"]);
    // A worker that outlives a killed test must not keep open what somebody reads to its end.
    watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let watcher = Running(watcher.spawn().expect("it starts"));
    let done = Command::new(program).arg(script).arg(inbox.0.path()).arg(path).arg("300").output().ok()?;
    drop(watcher);
    Some((done.status.code()?, String::from_utf8_lossy(&done.stdout).into_owned()))
}

#[test]
fn the_sample_scripts_work() {
    let (status, said) = script("sh", "drop.sh", &october(1, 2)).expect("there is a shell");
    assert!(status == 0 && said.contains("ACR"), "{status} {said}");
    let (status, said) = script("sh", "drop.sh", &faulty(1)).expect("there is a shell");
    assert!(status == 1 && said.contains("FIX"), "{status} {said}");
    if let Some((status, said)) = script("python3", "drop.py", b"Dear office,\n") {
        assert!(status == 1 && said.contains("whole file: ") && !said.contains("None"), "{status} {said}");
    }
    if let Some((status, said)) = script("python3", "drop.py", &october(1, 2)) {
        assert!(status == 0 && said.contains("accepted") && said.contains("RM"), "{status} {said}");
    }
}

#[test]
fn both_languages_have_the_same_words() {
    let ids = |text: &'static str| -> Vec<&'static str> {
        text.lines().filter_map(|line| line.split_once(" = ")).map(|(id, _)| id).collect()
    };
    let values = |text: &'static str| -> Vec<Vec<&'static str>> {
        let of = |line: &'static str| line.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        text.lines().filter(|line| line.contains(" = ")).map(of).collect()
    };
    let (english, malay) =
        (include_str!("../formats/messages/en/inbox.ftl"), include_str!("../formats/messages/ms/inbox.ftl"));
    assert_eq!(ids(english), ids(malay));
    assert_eq!(values(english), values(malay));
}
