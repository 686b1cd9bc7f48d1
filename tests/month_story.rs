//! Four months of three employers through the program, on both databases: `samples/months/README.md` tells the story.
//!
//! What people pay is added up here from the printed tables, apart from the program's own code.

mod place;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use place::Place;
use serde_json::Value;

const ONE: &str = "A9900000011Z";
const TWO: &str = "A9900000022Z";
const THREE: &str = "A9900000033Z";

/// Findings that only the history of submissions gives: `check` lists them under `not_checked`.
const NEED_HISTORY: [&str; 4] =
    ["already-submitted", "repeat-of-earlier-file", "supplementary", "missing-since-last-month"];

fn months() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/months")
}

/// What a wage (in sen) pays in a month from June 2026 on, in sen, as printed.
struct Pays {
    /// First category, SKBBK with it.
    first: i64,
    /// Second category, SKBBK with it.
    second: i64,
    /// The employee's SKBBK.
    skbbk: i64,
    /// EIS, both shares.
    eis: i64,
}

fn sen(cell: &str) -> i64 {
    let (ringgit, sen) = cell.split_once('.').expect("two decimals");
    ringgit.parse::<i64>().expect("ringgit") * 100 + sen.parse::<i64>().expect("sen")
}

fn pays(wage: i64) -> Pays {
    let row = |table: &str| -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/rates").join(table);
        let text = std::fs::read_to_string(path).expect("the printed table");
        let rows = text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let here = |row: &Vec<String>| sen(&row[0]) < wage && (row[1].is_empty() || wage <= sen(&row[1]));
        rows.into_iter().find(here).expect("a band for the wage")
    };
    let (act4, eis) = (row("act4-skbbk-2026-06.csv"), row("act800-2024-10.csv"));
    Pays { first: sen(&act4[6]), second: sen(&act4[9]), skbbk: sen(&act4[2]), eis: sen(&eis[4]) }
}

/// First-category contributions of these wages in ringgit.
fn act4(wages: &[i64]) -> i64 {
    wages.iter().map(|wage| pays(wage * 100).first).sum()
}

fn second(wage: i64) -> i64 {
    pays(wage * 100).second
}

fn eis(wages: &[i64]) -> i64 {
    wages.iter().map(|wage| pays(wage * 100).eis).sum()
}

/// What a payroll clerk of one employer does at the program.
struct Clerk<'a> {
    place: &'a Place,
    code: &'static str,
    folder: tempfile::TempDir,
}

/// One file handed in.
struct HandedIn {
    /// `S-000123`.
    number: String,
    state: String,
    kind: String,
    /// Number, people and sen of each acknowledgement.
    acknowledged: Vec<(String, i64, i64)>,
    held: i64,
    /// What changed, in words.
    changes: Option<Vec<String>>,
    /// Findings as `name@line`.
    findings: Vec<String>,
    /// People whom the register learned: registered, left, too late.
    learned: [i64; 3],
}

impl<'a> Clerk<'a> {
    fn new(place: &'a Place, code: &'static str) -> Self {
        let clerk = Clerk { place, code, folder: tempfile::tempdir().expect("a folder") };
        clerk.done("2026-06-30", &["register", "import", "employers.csv"]);
        clerk
    }

    /// Runs the program at nine in the morning of a day; exit status and what is printed.
    fn ran(&self, day: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
        command.current_dir(months()).env_remove("CARUMAN_LOG");
        command.arg("--data").arg(self.place.data.path()).args(["--now", &format!("{day}T09:00:00+08:00")]);
        if let Some(url) = &self.place.url {
            command.args(["--database", url]);
        }
        let output = command.args(arguments).output().expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().expect("an exit status"), text(&output.stdout), text(&output.stderr))
    }

    fn done(&self, day: &str, arguments: &[&str]) -> String {
        let (status, printed, said) = self.ran(day, arguments);
        assert_eq!(status, 0, "{arguments:?}: {printed}{said}");
        printed
    }

    fn json(&self, day: &str, arguments: &[&str]) -> Value {
        let (_, printed, said) = self.ran(day, &[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {printed}{said}"))
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path").to_owned()
    }

    /// Looks at the changes, signs them, hands the file in; beforehand the same file is checked offline by the exported
    /// register, and both say the same.
    fn hand_in(&self, day: &str, file: &str, more: &[&str]) -> HandedIn {
        let file = format!("{}/{file}", self.code);
        let offline = self.offline(day, &file);
        let changes = self.json(day, &["changes", &file, "--show-identities"]);
        let seen = &changes["files"][0];
        let mut arguments = vec!["submit", &file];
        if let Some(digest) = seen["digest"].as_str() {
            arguments.extend(["--signed", digest]);
        }
        arguments.extend(more);
        let answer = self.json(day, &arguments);
        let check = &answer["files"][0]["check"];
        assert_eq!(check["not_checked"], serde_json::json!([]), "{file}");
        if let Some(offline) = offline {
            let own = |finding: &&Value| !NEED_HISTORY.contains(&finding["name"].as_str().expect("a name"));
            let findings = check["findings"].as_array().expect("findings").iter().filter(own).cloned();
            assert_eq!(offline["findings"], findings.collect::<Value>(), "{file}: offline and handed in");
            assert_eq!(offline["not_checked"], serde_json::json!(NEED_HISTORY), "{file}");
            assert_eq!(offline["totals"], check["totals"], "{file}");
        }
        let handed = self.answered(&answer);
        if handed.state == "taken" {
            let submitted = &answer["files"][0]["submissions"][0]["changes"];
            assert_eq!(submitted["digest"], seen["digest"], "{file}: what was seen is what was signed");
            if handed.kind != "short-payment" {
                self.ties(day, &handed, check);
            }
        }
        HandedIn { changes: seen["changes"].as_array().map(|all| all.iter().map(in_words).collect()), ..handed }
    }

    /// `check FILE --register EXPORT`; nothing for an employer of whom the register holds nobody yet.
    fn offline(&self, day: &str, file: &str) -> Option<Value> {
        let export = self.path("export.csv");
        self.done(day, &["register", "export", "--employer", self.code, "--out", &export, "-q"]);
        let people = std::fs::read_to_string(&export).expect("exported").lines().count() - 1;
        let check = || self.json(day, &["check", file, "--register", &export])["files"][0].clone();
        (people > 0).then(check)
    }

    /// File total = acknowledged + held.
    fn ties(&self, day: &str, handed: &HandedIn, check: &Value) {
        let totals = check["totals"].as_array().expect("totals").iter();
        let file: i64 = totals.map(|total| total["total_sen"].as_i64().expect("sen")).sum();
        let acknowledged: i64 = handed.acknowledged.iter().map(|(_, _, sen)| sen).sum();
        assert_eq!(file, acknowledged + self.waiting(day, &handed.number), "{}", handed.number);
    }

    /// Sen that wait in the tray of a submission.
    fn waiting(&self, day: &str, number: &str) -> i64 {
        let tray = self.json(day, &["held", "list", "--employer", self.code]);
        let own = |line: &&Value| line["submission"] == number;
        tray["lines"].as_array().expect("lines").iter().filter(own).filter_map(|line| line["owed_sen"].as_i64()).sum()
    }

    fn answered(&self, answer: &Value) -> HandedIn {
        let file = &answer["files"][0];
        let submission = &file["submissions"][0];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let whole = |value: &Value| value.as_i64().unwrap_or_default();
        assert_eq!(submission["employer_code"], self.code, "{answer}");
        let acknowledgements = submission["acknowledgements"].as_array().expect("a list").iter();
        let findings = file["check"]["findings"].as_array().expect("findings").iter();
        let place = |finding: &Value| finding["line"].as_u64().map_or_else(String::new, |line| format!("@{line}"));
        HandedIn {
            number: text(&submission["submission"]),
            state: text(&submission["state"]),
            kind: text(&submission["kind"]),
            acknowledged: acknowledgements
                .map(|a| (text(&a["number"]), whole(&a["people"]), whole(&a["total_sen"])))
                .collect(),
            held: whole(&submission["held_lines"]),
            changes: None,
            findings: findings.map(|finding| text(&finding["name"]) + &place(finding)).collect(),
            learned: ["registered", "left", "late"].map(|what| whole(&submission["register"][what])),
        }
    }

    fn retry(&self, day: &str, number: &str) -> HandedIn {
        self.answered(&self.json(day, &["held", "retry", number]))
    }

    fn shown(&self, number: &str) -> Value {
        self.json("2026-10-31", &["submission", "show", number])
    }

    /// What happened to a submission, in order.
    fn events(&self, number: &str) -> Vec<String> {
        let shown = self.shown(number);
        let events = shown["events"].as_array().expect("events").iter();
        events.map(|event| event["what"].as_str().expect("a word").to_owned()).collect()
    }

    /// The register, those who left too: first name, employed on, registered on, left on and why.
    fn register(&self, day: &str) -> BTreeMap<String, [String; 4]> {
        let listed = self.json(day, &["register", "list", "--left", "--employer", self.code]);
        let people = listed.as_array().expect("people").iter();
        let columns = ["employed_on", "registered_on", "left_on", "left_reason"];
        people
            .map(|person| {
                let name = person["name"].as_str().expect("a name").to_owned();
                (name, columns.map(|column| person[column].as_str().unwrap_or_default().to_owned()))
            })
            .collect()
    }

    fn breaches(&self, day: &str) -> Vec<Value> {
        let kept = self.json(day, &["register", "breaches", "--employer", self.code, "--show-identities"]);
        kept.as_array().expect("breaches").clone()
    }

    /// A paper as text, one blank between words.
    fn paper(&self, number: &str) -> String {
        let path = self.path(&format!("{number}.pdf"));
        self.done("2026-10-31", &["ack", "print", number, "--out", &path]);
        let text = Command::new("pdftotext").args(["-layout", &path, "-"]).output().expect("poppler-utils is there");
        String::from_utf8_lossy(&text.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// `moved SITI CONTOH BINTI UJIAN 2000.00 > 2500.00`.
fn in_words(change: &Value) -> String {
    let cell = |column: &str| change[column].as_str().unwrap_or_default();
    let (before, now) = (cell("before"), cell("now"));
    let moved = if before.is_empty() && now.is_empty() { String::new() } else { format!(" {before} > {now}") };
    format!("{} {}{moved}", cell("change"), cell("name"))
}

fn acknowledged(numbers: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    numbers.iter().map(|(number, people, sen)| ((*number).to_owned(), *people, *sen)).collect()
}

/// 6 % a year for each day, to the sen, half up.
fn daily(amount: i64, days: i64) -> i64 {
    (amount * 6 * days * 2 + 36_500) / 73_000
}

on_both! {
    a_factory_with_joint_files
    a_carrier_with_one_file_for_each_act
    a_shop_that_begins_late
    a_warning_in_place_of_holding
    each_act_is_compared_with_its_own_month
    an_act_withdrawn_alone_comes_again
}

fn a_factory_with_joint_files(place: &Place) {
    let clerk = Clerk::new(place, ONE);
    clerk.done("2026-06-30", &["register", "import", "register.csv"]);
    factory_june(&clerk);
    factory_july(&clerk);
    factory_august(&clerk);
    factory_september(&clerk);
    let left = "2026-07-31";
    let people = clerk.register("2026-10-31");
    assert_eq!(people.len(), 11);
    let of = |name: &str| people[name].each_ref().map(String::as_str);
    assert_eq!(of("AMINAH CONTOH BINTI UJIAN"), ["2026-07-20", "2026-08-10", "", ""]);
    assert_eq!(of("FAUZI CONTOH BIN UJIAN"), ["2026-06-08", "2026-08-11", "", ""]);
    assert_eq!(of("ROSLI CONTOH BIN UJIAN"), ["2020-01-02", "2020-01-10", left, "left"]);
    assert_eq!(of("NURUL CONTOH BT UJIAN"), ["2020-01-02", "2020-01-10", "", ""]);
    assert_eq!(people.values().filter(|[_, _, left, _]| !left.is_empty()).count(), 1);
}

/// EIS for somebody who is 57 and had none payable before: held, mended by the clerk's own entry, freed.
fn factory_june(clerk: &Clerk<'_>) {
    let others = [3000, 2000, 3000, 2400, 4100, 2250, 1800, 6500];
    let june = clerk.hand_in("2026-07-10", "062026.txt", &[]);
    assert_eq!((june.state.as_str(), june.kind.as_str(), june.held), ("taken", "monthly", 1));
    assert_eq!(june.findings, ["eis-not-eligible@5"]);
    assert_eq!(june.changes, None, "nothing stands for May");
    let (socso, sip) = (act4(&others), eis(&others));
    assert_eq!(june.acknowledged, acknowledged(&[("ACR072260000001", 8, socso), ("ECR072260000001", 8, sip)]));
    assert_eq!((socso, sip), (72_620, 9_680));

    let tray = clerk.json("2026-07-10", &["held", "list", "--employer", ONE]);
    let (muthu, muthu_eis) = (act4(&[2900]), eis(&[2900]));
    assert_eq!(tray["lines"][0]["owed_sen"], muthu + muthu_eis);
    assert_eq!(tray["lines"][0]["cost_of_a_day_rm"], "0.0159", "96.85 at 6 % a year: 0.01592 a day");

    let sheet = clerk.path("fix.csv");
    clerk.done("2026-07-10", &["held", "fix-sheet", &june.number, "--out", &sheet]);
    let text = std::fs::read_to_string(&sheet).expect("the sheet");
    assert_eq!(text.matches("5.70,,,").count(), 2, "money is never suggested: {text}");
    std::fs::write(&sheet, text.replace("5.70,,,", "5.70,,0.00,")).expect("filled in");
    let mended = clerk.answered(&clerk.json("2026-07-13", &["submit", "--fix", &sheet]));
    assert_eq!((mended.state.as_str(), mended.kind.as_str(), mended.held), ("taken", "supplementary", 0));
    assert_eq!(mended.findings, ["supplementary"]);
    assert_eq!(mended.acknowledged, acknowledged(&[("ACR072260000002", 1, muthu)]), "and no ECR for nobody");
    linked(clerk, &june.number, &mended.number, 5);
    assert_eq!(clerk.waiting("2026-07-13", &june.number), 0);
}

/// The tray's line left as the supplementary submission, and both say so.
fn linked(clerk: &Clerk<'_>, first: &str, second: &str, line: u64) {
    let (before, after) = (clerk.shown(first), clerk.shown(second));
    assert_eq!((&after["supplement_to"], &before["supplement_to"]), (&first.into(), &Value::Null));
    let held = &before["held"][0];
    assert_eq!(
        (&held["line"], &held["state"], &held["freed_by"]),
        (&line.into(), &"freed".into(), &second.into()),
        "{before}"
    );
    assert!(clerk.events(second).contains(&"freed".to_owned()));
}

/// A joiner in time, one too late, a wage that moved by 25 % and one by exactly 20 %, a sixtieth birthday.
fn factory_july(clerk: &Clerk<'_>) {
    let july = clerk.hand_in("2026-08-10", "072026.txt", &[]);
    assert_eq!((july.state.as_str(), july.kind.as_str(), july.held), ("taken", "monthly", 1));
    assert_eq!(
        july.findings,
        ["due-soon-rest-day", "birthday-month@6", "registration-due@7", "registration-late@8"],
        "15 August is a Saturday"
    );
    assert_eq!(
        july.changes.expect("June stands"),
        [
            "joined AMINAH CONTOH BINTI UJIAN",
            "moved SITI CONTOH BINTI UJIAN 2000.00 > 2500.00",
            "category KAMAL CONTOH BIN UJIAN first > second",
            "eis-ended KAMAL CONTOH BIN UJIAN 16.20 > ",
        ]
    );
    assert_eq!(july.learned, [1, 0, 1], "Aminah registered from the file, Fauzi too late");
    let with_eis = [3000, 2500, 3600, 2400, 736, 2250, 1800, 6500];
    let (socso, sip) = (act4(&with_eis) + act4(&[2900]) + second(4100), eis(&with_eis));
    assert_eq!(july.acknowledged, acknowledged(&[("ACR082260000001", 10, socso), ("ECR082260000001", 8, sip)]));
    assert_eq!((socso, sip), (82_660, 8_800));
    let expected = ["taken", "changes-signed", "asked", "confirmed", "saved", "reviewed", "registered-from-file"];
    assert_eq!(clerk.events(&july.number), expected);

    let paper = clerk.paper("ECR082260000001");
    for reason in [
        "5 690210015105 MUTHU CONTOH A/L UJIAN no EIS: 57 or over and none payable before (Act 800 First Schedule)",
        "6 660718035106 KAMAL CONTOH BIN UJIAN no EIS: 60 attained by the last day of the month (Act 800 s. 20(2))",
    ] {
        assert!(paper.contains(reason), "{reason}: {paper}");
    }

    // Began on 8 June, so by 8 July: 33 days late. June was due on 15 July, 26 days ago: at 6 % less than RM 5, which is
    // the least for each month or part of one. July is not due yet.
    let breach = &clerk.breaches("2026-08-10")[0];
    let arrears = act4(&[2600]);
    assert_eq!((arrears, daily(arrears, 26)), (7_655, 33));
    assert_eq!((&breach["started"], &breach["last_day"]), (&"2026-06-08".into(), &"2026-07-08".into()));
    assert_eq!(
        (&breach["days_late"], &breach["arrears_sen"], &breach["interest_sen"]),
        (&33.into(), &arrears.into(), &500.into())
    );
    assert_eq!(breach["id_number"], "970912145108");

    // Trying again changes nothing as long as the register says the same.
    let too_soon = clerk.retry("2026-08-11", &july.number);
    assert_eq!((too_soon.state.as_str(), too_soon.held), ("returned", 1));
    assert_eq!(clerk.breaches("2026-08-11")[0]["days_late"], 34, "one row a person, as last found");
    clerk.done("2026-08-11", &["register", "set", ONE, "970912145108", "--registered-on", "2026-08-11"]);
    let waiting = clerk.waiting("2026-08-12", &july.number);
    let freed = clerk.retry("2026-08-12", &july.number);
    assert_eq!((freed.state.as_str(), freed.kind.as_str(), freed.held), ("taken", "supplementary", 0));
    assert_eq!(
        freed.acknowledged,
        acknowledged(&[("ACR082260000002", 1, act4(&[2600])), ("ECR082260000002", 1, eis(&[2600]))])
    );
    let sum: i64 = freed.acknowledged.iter().map(|(_, _, sen)| sen).sum();
    assert_eq!(waiting, sum + clerk.waiting("2026-08-12", &july.number), "held = freed + still waiting");
    linked(clerk, &july.number, &freed.number, 8);
    assert!(!clerk.events(&freed.number).contains(&"registered-from-file".to_owned()));
}

/// Somebody missing without a letter, a name spelled anew, SKBBK left out before its release is recorded.
fn factory_august(clerk: &Clerk<'_>) {
    let august = clerk.hand_in("2026-09-10", "082026.txt", &[]);
    assert_eq!((august.state.as_str(), august.kind.as_str(), august.held), ("taken", "monthly", 0));
    assert_eq!(august.findings, ["missing-since-last-month", "skbbk-nil-no-release@4", "name-differs@9"]);
    assert_eq!(
        august.changes.expect("July stands, Fauzi's line too"),
        [
            "missing ROSLI CONTOH BIN UJIAN 2250.00 > ",
            "moved AMINAH CONTOH BINTI UJIAN 736.00 > 1900.00",
            "renamed NURUL CONTOH BT UJIAN NURUL CONTOH BINTI UJIAN > NURUL CONTOH BT UJIAN",
        ]
    );
    assert_eq!(august.learned, [0, 0, 0]);
    let with_eis = [3000, 2500, 3600, 2400, 1900, 2600, 1800, 6500];
    let socso = act4(&with_eis) - pays(240_000).skbbk + act4(&[2900]) + second(4100);
    assert_eq!(
        august.acknowledged,
        acknowledged(&[("ACR092260000001", 10, socso), ("ECR092260000001", 8, eis(&with_eis))])
    );
    assert_eq!((socso, eis(&with_eis)), (85_095, 9_360));
    clerk.done("2026-09-14", &["register", "release", ONE, "910303085104", "--from", "2026-08"]);
    let gone = ["register", "set", ONE, "830404025109", "--left-on", "2026-07-31", "--reason", "left"];
    clerk.done("2026-09-14", &gone);
    clerk.done("2026-09-14", &["register", "set", ONE, "000714105110", "--name", "NURUL CONTOH BT UJIAN"]);
}

/// A wage typed wrongly: acknowledged, withdrawn, handed in anew.
fn factory_september(clerk: &Clerk<'_>) {
    let september = clerk.hand_in("2026-10-09", "092026.txt", &[]);
    assert_eq!((september.state.as_str(), september.held), ("taken", 0));
    assert_eq!(september.findings, [""; 0], "the release is recorded, the leaver and the name are known");
    assert_eq!(september.changes.expect("August stands"), ["moved LIM CONTOH UJIAN 3600.00 > 5600.00"]);
    let again = clerk.hand_in("2026-10-09", "092026.txt", &[]);
    assert_eq!(
        (again.state.as_str(), again.findings.as_slice()),
        ("repeat", &["repeat-of-earlier-file".to_owned()][..])
    );
    assert_eq!(again.acknowledged[0].0, september.acknowledged[0].0);

    let twice = clerk.hand_in("2026-10-12", "092026-corrected.txt", &[]);
    assert_eq!((twice.state.as_str(), twice.findings.as_slice()), ("returned", &["already-submitted".to_owned()][..]));
    for number in ["ACR102260000001", "ECR102260000001"] {
        let withdrawn = clerk.json("2026-10-12", &["ack", "withdraw", number, "--reason", "wage typed wrongly"]);
        assert_eq!(withdrawn[0]["state"], "removed");
        let shown = clerk.json("2026-10-12", &["ack", "show", number]);
        assert_eq!(
            (&shown["events"][1]["what"], &shown["events"][1]["detail"]),
            (&"withdrawn".into(), &"wage typed wrongly".into())
        );
    }
    let (status, _, said) = clerk.ran("2026-10-12", &["ack", "withdraw", "ACR102260000001", "--reason", "again"]);
    assert_eq!(status, 2, "{said}");
    let corrected = clerk.hand_in("2026-10-12", "092026-corrected.txt", &[]);
    assert_eq!((corrected.state.as_str(), corrected.kind.as_str()), ("taken", "monthly"));
    assert_eq!(corrected.findings, [""; 0]);
    assert_eq!(corrected.changes.expect("August stands"), [""; 0]);
    assert_eq!(
        corrected.acknowledged,
        acknowledged(&[("ACR102260000002", 10, 85_095), ("ECR102260000002", 8, 9_360)]),
        "new numbers; the old ones are never used again"
    );
}

/// The register is filled by the first file; letters tell who comes and goes.
fn a_carrier_with_one_file_for_each_act(place: &Place) {
    let clerk = Clerk::new(place, TWO);
    let june = [4200, 2800, 1900, 3300, 1500];
    let socso = one_act(&clerk, "2026-07-10", "socso-062026.txt", None);
    assert_eq!(socso.findings, ["register-seeded"]);
    assert_eq!(socso.acknowledged, acknowledged(&[("ACR072260000001", 6, act4(&june) + second(1700))]));
    let sip = one_act(&clerk, "2026-07-10", "eis-062026.txt", None);
    assert_eq!((sip.findings.as_slice(), sip.learned), (&[][..], [0, 0, 0]));
    assert_eq!(sip.acknowledged, acknowledged(&[("ECR072260000001", 5, eis(&june))]));
    assert_eq!(clerk.register("2026-07-10")["KAVITHA CONTOH A/P UJIAN"], ["", "2026-07-10", "2026-06-20", "left"]);

    carrier_july(&clerk);

    let moved = |socso: bool| {
        let money = |wage: i64| {
            let sen = if socso { act4(&[wage]) } else { eis(&[wage]) };
            format!("{}.{:02}", sen / 100, sen % 100)
        };
        vec![
            "left RAHIM CONTOH BIN UJIAN  > died".to_owned(),
            format!("moved RAHIM CONTOH BIN UJIAN {} > {}", money(3300), money(1050)),
            format!("moved FARAH CONTOH BINTI UJIAN {} > {}", money(371), money(2300)),
        ]
    };
    let august = [4200, 2800, 1050, 2300, 2450];
    let socso = one_act(&clerk, "2026-09-10", "socso-082026.txt", Some(moved(true)));
    assert_eq!(socso.acknowledged, acknowledged(&[("ACR092260000001", 6, act4(&august) + second(1700))]));
    assert_eq!(socso.learned, [0, 1, 0]);
    let sip = one_act(&clerk, "2026-09-10", "eis-082026.txt", Some(moved(false)));
    assert_eq!(sip.acknowledged, acknowledged(&[("ECR092260000001", 5, eis(&august))]));
    assert_eq!(sip.learned, [0, 0, 0], "he died once");

    // The last day on which ASSIST takes files for one Act.
    let september = [4200, 2800, 2200, 2300, 2450];
    let joined = Some(vec!["joined KAVITHA CONTOH A/P UJIAN".to_owned()]);
    let socso = one_act(&clerk, "2026-09-30", "socso-092026.txt", joined.clone());
    assert_eq!((socso.findings.as_slice(), socso.learned), (&["registration-due@3".to_owned()][..], [1, 0, 0]));
    assert_eq!(socso.acknowledged, acknowledged(&[("ACR092260000002", 6, act4(&september) + second(1700))]));
    let sip = one_act(&clerk, "2026-09-30", "eis-092026.txt", joined);
    assert_eq!((sip.findings.as_slice(), sip.learned), (&[][..], [0, 0, 0]));
    assert_eq!(sip.acknowledged, acknowledged(&[("ECR092260000002", 5, eis(&september))]));
    let dated = clerk.ran("2026-10-01", &["check", "A9900000022Z/eis-092026.txt", "--gate", "dated"]);
    assert!(dated.0 == 2 && dated.1.contains("layout-retired"), "{}", dated.1);

    let people = clerk.register("2026-10-31");
    let of = |name: &str| people[name].each_ref().map(String::as_str);
    assert_eq!(people.len(), 8);
    assert_eq!(of("JOSEPH CONTOH ANAK UJIAN"), ["", "2026-07-10", "2026-07-15", "left"]);
    assert_eq!(of("RAHIM CONTOH BIN UJIAN"), ["", "2026-07-10", "2026-08-09", "died"]);
    assert_eq!(of("KAVITHA CONTOH A/P UJIAN"), ["2026-09-01", "2026-09-30", "", ""], "came back");
    assert_eq!(of("FARAH CONTOH BINTI UJIAN"), ["2026-07-27", "2026-08-20", "", ""]);
    assert_eq!(of("OMAR CONTOH BIN UJIAN"), ["2026-07-01", "2026-08-21", "", ""]);
}

/// Hands in a file for one Act whose findings, but for SKBBK inside SOCSO, and changes are as told.
fn one_act(clerk: &Clerk<'_>, day: &str, file: &str, changes: Option<Vec<String>>) -> HandedIn {
    let handed = clerk.hand_in(day, file, &[]);
    assert_eq!((handed.state.as_str(), handed.kind.as_str()), ("taken", "monthly"), "{file}");
    assert_eq!(handed.changes, changes, "{file}");
    let inside = |finding: &String| finding.starts_with("skbbk-inside-total");
    let lines = handed.findings.iter().filter(|finding| inside(finding)).count() as i64;
    let expected = if file.starts_with("socso") { handed.acknowledged[0].1 + handed.held } else { 0 };
    assert_eq!(lines, expected, "{file}: SKBBK is in every SOCSO amount of June to September 2026");
    HandedIn { findings: handed.findings.iter().filter(|finding| !inside(finding)).cloned().collect(), ..handed }
}

/// Handed in after the due date: a joiner in time, one too late, whose breach both files show alike.
fn carrier_july(clerk: &Clerk<'_>) {
    let july = [4200, 2800, 950, 3300, 371];
    let changes = |before: &str, now: &str| {
        let joseph = "JOSEPH CONTOH ANAK UJIAN";
        let joined = "joined FARAH CONTOH BINTI UJIAN".to_owned();
        Some(vec![joined, format!("left {joseph}  > left"), format!("moved {joseph} {before} > {now}")])
    };
    let socso = one_act(clerk, "2026-08-20", "socso-072026.txt", changes("55.45", "28.55"));
    assert_eq!(socso.findings, ["past-due", "registration-due@5", "registration-late@6"]);
    assert_eq!(socso.acknowledged, acknowledged(&[("ACR082260000001", 6, act4(&july) + second(1700))]));
    assert_eq!((socso.held, socso.learned), (1, [1, 1, 1]));
    let sip = one_act(clerk, "2026-08-20", "eis-072026.txt", changes("7.40", "3.80"));
    assert_eq!(sip.findings, ["past-due", "registration-late@6"], "nothing supplementary about the other Act's file");
    assert_eq!(sip.acknowledged, acknowledged(&[("ECR082260000001", 5, eis(&july))]));
    assert_eq!((sip.held, sip.learned), (1, [0, 0, 1]));

    // Began on 1 July, so by 31 July: 20 days late. July was due on 15 August and is owed under Act 4 alone, by the wage
    // at the top of the band, RM 2,500.
    let breaches = clerk.breaches("2026-08-20");
    let arrears = act4(&[2500]);
    assert_eq!((breaches.len(), arrears, daily(arrears, 5)), (1, 7_345, 6));
    assert_eq!(breaches[0]["submission"], sip.number.as_str(), "as the last file showed it");
    let [days, owed, interest] = ["days_late", "arrears_sen", "interest_sen"].map(|key| &breaches[0][key]);
    assert_eq!((days, owed, interest), (&20.into(), &arrears.into(), &500.into()));

    let tray = clerk.json("2026-08-20", &["held", "list", "--employer", TWO]);
    for (month, (scheme, amount)) in [("act4", act4(&[2450])), ("act800", eis(&[2450]))].iter().enumerate() {
        let month = &tray["months"][month];
        assert_eq!((&month["scheme"], &month["total_sen"]), (&(*scheme).into(), &(*amount).into()));
        assert_eq!((&month["days_late"], &month["interest_today_sen"]), (&5.into(), &500.into()));
        assert_eq!(month["interest_daily_sen"], daily(*amount, 5));
    }
    let new = ["register", "set", TWO, "980606025207", "--new", "--name", "OMAR CONTOH BIN UJIAN"];
    let facts = ["--birth-date", "1998-06-06", "--employed-on", "2026-07-01", "--registered-on", "2026-08-21"];
    clerk.done("2026-08-24", &[&new[..], &facts[..]].concat());
    let freed = [(&socso, "ACR082260000002", act4(&[2450])), (&sip, "ECR082260000002", eis(&[2450]))];
    for (file, number, amount) in freed {
        assert_eq!(clerk.waiting("2026-08-24", &file.number), amount);
        let freed = clerk.retry("2026-08-24", &file.number);
        assert_eq!((freed.state.as_str(), freed.kind.as_str()), ("taken", "supplementary"));
        assert_eq!(freed.acknowledged, acknowledged(&[(number, 1, amount)]));
        linked(clerk, &file.number, &freed.number, 6);
        assert_eq!(clerk.waiting("2026-08-24", &file.number), 0);
    }
}

/// Two months at once, a short payment, a nil month; a foreign worker and domestic workers.
fn a_shop_that_begins_late(place: &Place) {
    let clerk = Clerk::new(place, THREE);
    clerk.done("2026-08-20", &["register", "import", "A9900000033Z/register.xlsx"]);
    let (all, with_eis) = ([1700, 1700, 1700, 2300, 2100, 1750], [1700, 2300, 2100, 1750]);
    let (socso, sip) = (act4(&all), eis(&with_eis));
    assert_eq!((socso, sip), (32_980, 3_080));

    let arrears = clerk.hand_in("2026-08-20", "062026-072026-arrears.txt", &[]);
    assert_eq!((arrears.state.as_str(), arrears.kind.as_str()), ("taken", "arrears"));
    let foreign = |line: u64| format!("foreign-worker-number@{line}");
    let dates = ["several-months", "past-due", "past-due"].map(str::to_owned);
    assert_eq!(arrears.findings, [dates.to_vec(), [1, 3, 7, 9].map(foreign).to_vec()].concat());
    let numbers = [("ACR082260000001", 12, 2 * socso), ("ECR082260000001", 8, 2 * sip)];
    assert_eq!(arrears.acknowledged, acknowledged(&numbers), "one number for both months");
    let shown = clerk.json("2026-08-20", &["ack", "show", "ACR082260000001"]);
    assert_eq!(shown["months"], serde_json::json!(["2026-06", "2026-07"]));
    // 16 July to 20 August: 36 days, in two months of default; 16 to 20 August: 5 days in one.
    for (month, days, interest) in [(0, 36, 1_000), (1, 5, 500)] {
        let month = &shown["frozen"]["months"][month];
        assert_eq!((&month["total"], &month["days_late"]), (&socso.into(), &days.into()));
        assert_eq!((&month["interest"], &month["interest_daily"]), (&interest.into(), &daily(socso, days).into()));
    }
    let paper = clerk.paper("ECR082260000001");
    assert!(paper.contains("990000000331 CONTOH NGUYEN THI HOA no EIS: foreign worker"), "{paper}");

    let august = clerk.hand_in("2026-09-10", "082026.txt", &[]);
    assert_eq!((august.kind.as_str(), august.findings), ("monthly", [1, 3].map(foreign).to_vec()));
    assert_eq!(august.changes.as_deref(), Some(&[][..]));
    assert_eq!(august.acknowledged, acknowledged(&[("ACR092260000001", 6, socso), ("ECR092260000001", 4, sip)]));

    let twice = clerk.hand_in("2026-09-14", "082026-short-payment.txt", &[]);
    assert_eq!(
        (twice.state.as_str(), twice.findings.as_slice()),
        ("returned", &["already-submitted@1".to_owned()][..])
    );
    let short =
        clerk.json("2026-09-14", &["submit", "A9900000033Z/082026-short-payment.txt", "--kind", "short-payment"]);
    let short = clerk.answered(&short);
    assert_eq!((short.state.as_str(), short.kind.as_str()), ("taken", "short-payment"));
    let rest =
        [("ACR092260000002", 1, act4(&[2650]) - act4(&[2300])), ("ECR092260000002", 1, eis(&[2650]) - eis(&[2300]))];
    assert_eq!(short.acknowledged, acknowledged(&rest), "only the difference");

    let nil = ["submit", "--nil", "2026-09", "--employer", THREE];
    let (status, _, said) = clerk.ran("2026-09-30", &nil);
    assert!(status == 2 && said.contains("has not ended"), "{said}");
    let declared = clerk.json("2026-10-05", &nil);
    let numbers = declared["acknowledgements"].as_array().expect("numbers").iter().map(|a| a["number"].clone());
    assert_eq!(numbers.collect::<Vec<_>>(), ["ACR102260000001", "ECR102260000001"]);
    assert_eq!((&declared["kind"], &declared["acknowledgements"][0]["total_sen"]), (&"nil".into(), &0.into()));
    let (status, _, said) = clerk.ran("2026-10-06", &nil);
    assert!(status == 2 && said.contains("ACR102260000001"), "{said}");
    assert!(clerk.register("2026-10-31").values().all(|person| person == &["2026-06-01", "2026-06-15", "", ""]));
    assert_eq!(clerk.breaches("2026-10-31").len(), 0);
}

/// `--registration warn`: the line goes, the breach stays on record.
fn a_warning_in_place_of_holding(place: &Place) {
    let clerk = Clerk::new(place, ONE);
    clerk.done("2026-06-30", &["register", "import", "register.csv"]);
    let file = "A9900000011Z/072026.txt";
    let july = clerk.answered(&clerk.json("2026-08-10", &["submit", file, "--registration", "warn"]));
    assert_eq!((july.state.as_str(), july.held, july.learned), ("taken", 0, [1, 0, 1]));
    assert!(july.findings.contains(&"registration-late@8".to_owned()));
    assert_eq!(clerk.breaches("2026-08-10")[0]["days_late"], 33);
}

/// A file for one Act is held against last month's file for the same Act.
fn each_act_is_compared_with_its_own_month(place: &Place) {
    let clerk = Clerk::new(place, TWO);
    let changes = |day: &str, file: &str| -> Option<Vec<String>> {
        let seen = clerk.json(day, &["changes", file, "--show-identities"]);
        seen["files"][0]["changes"].as_array().map(|all| all.iter().map(in_words).collect())
    };
    let sample = |name: &str| format!("{TWO}/{name}");
    let sip = clerk.hand_in("2026-07-10", "eis-062026.txt", &[]);
    assert_eq!((sip.state.as_str(), sip.findings.as_slice()), ("taken", &[][..]), "the register waits for SOCSO");
    assert_eq!(changes("2026-08-20", &sample("socso-072026.txt")), None, "no SOCSO file stands for June");
    let socso = one_act(&clerk, "2026-07-10", "socso-062026.txt", None);
    assert_eq!((socso.held, socso.findings), (0, vec!["register-seeded".to_owned()]));
    for file in ["socso-072026.txt", "eis-072026.txt"] {
        clerk.ran("2026-08-20", &["submit", &sample(file)]);
    }
    // Wong stands in the second line of both files of August; the clerk forgets him in the EIS file.
    let text = std::fs::read_to_string(months().join(sample("eis-082026.txt"))).expect("the sample");
    let without: String = text.split_inclusive('\n').filter(|line| !line.contains("WONG")).collect();
    let file = clerk.path("eis-082026.txt");
    std::fs::write(&file, without).expect("written");
    let missing = "missing WONG CONTOH UJIAN 11.00 > ".to_owned();
    let told = |file: &str| changes("2026-09-10", file).expect("July stands");
    assert!(told(&file).contains(&missing), "{:?}", told(&file));
    clerk.ran("2026-09-10", &["submit", &sample("socso-082026.txt")]);
    let ends = "eis-ended WONG CONTOH UJIAN 11.00 > ".to_owned();
    assert!(told(&file).contains(&ends) && !told(&file).contains(&missing), "{:?}", told(&file));
    clerk.ran("2026-09-10", &["submit", &file]);
    let next = changes("2026-09-30", &sample("eis-092026.txt")).expect("August stands");
    assert!(next.contains(&"eis-began WONG CONTOH UJIAN  > 11.00".to_owned()), "{next:?}");
}

/// Four of six people, their ACR withdrawn, then all six: the ECR is for the two who are new, and says so of nobody else.
fn an_act_withdrawn_alone_comes_again(place: &Place) {
    let clerk = Clerk::new(place, THREE);
    clerk.done("2026-08-20", &["register", "import", "A9900000033Z/register.xlsx"]);
    let text = std::fs::read_to_string(months().join("A9900000033Z/082026.txt")).expect("the sample");
    let part = clerk.path("part.txt");
    std::fs::write(&part, text.split_inclusive('\n').take(4).collect::<String>()).expect("written");
    clerk.done("2026-09-10", &["submit", &part]);
    clerk.done("2026-09-10", &["ack", "withdraw", "ACR092260000001", "--reason", "two were forgotten"]);
    let all = clerk.answered(&clerk.json("2026-09-10", &["submit", "A9900000033Z/082026.txt"]));
    assert_eq!((all.state.as_str(), all.kind.as_str()), ("taken", "supplementary"));
    assert_eq!(
        all.acknowledged,
        acknowledged(&[("ACR092260000002", 6, 32_980), ("ECR092260000002", 2, eis(&[2100, 1750]))])
    );
    let paper = clerk.paper("ECR092260000002");
    assert!(paper.contains("CONTOH DEWI UJIAN no EIS: foreign worker"), "{paper}");
    assert!(!paper.contains("MARIAM") && !paper.contains("CHONG"), "insured, under the ECR that stands: {paper}");
}

/// The samples come from the payrolls beside them: `make` writes the same bytes again.
#[test]
fn the_samples_are_made_from_their_payrolls() {
    let joint = ["--layout", "joint-278-v2"];
    let socso = ["--layout", "contribution-223", "--scheme", "act4", "--skbbk-inside"];
    let sip = ["--layout", "contribution-223", "--scheme", "act800"];
    let made = |payroll: &str, how: &[&str]| -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
        command.arg("make").arg(months().join("payroll").join(payroll)).args(how).arg("--out").arg(folder.path());
        let output = command.args(["--now", "2026-10-09T09:00:00+08:00", "-q"]).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let files = std::fs::read_dir(folder.path()).expect("made").map(|entry| entry.expect("an entry").path());
        let month = |path: &PathBuf| {
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            stem[stem.len() - 6..].to_owned()
        };
        files.map(|path| (month(&path), std::fs::read(&path).expect("readable"))).collect()
    };
    let kept = |name: String| std::fs::read(months().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for (month, bytes) in made("A9900000011Z.csv", &joint) {
        assert!(bytes == kept(format!("{ONE}/{month}.txt")), "{month}");
    }
    assert!(made("A9900000011Z-corrected.csv", &joint)["092026"] == kept(format!("{ONE}/092026-corrected.txt")));
    for (act, how) in [("socso", &socso[..]), ("eis", &sip[..])] {
        let files = made("A9900000022Z.csv", how);
        assert_eq!(files.len(), 4);
        for (month, bytes) in files {
            assert!(bytes == kept(format!("{TWO}/{act}-{month}.txt")), "{act} {month}");
        }
    }
    let shop = made("A9900000033Z.csv", &joint);
    assert!([&shop["062026"][..], &shop["072026"][..]].concat() == kept(format!("{THREE}/062026-072026-arrears.txt")));
    assert!(shop["082026"] == kept(format!("{THREE}/082026.txt")));
    let short = made("A9900000033Z-short.csv", &joint);
    assert!(short["082026"] == kept(format!("{THREE}/082026-short-payment.txt")));
}
