//! The rule time machine: `check --rules-of MONTH`, by the library to the sen and by the program as it prints.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use caruman::checks::rules_of::{Change, Comparison, FIGURES, LayoutChange, Rule, RulesOfError, rules_of};
use caruman::checks::{Options, Register};
use caruman::domain::Scheme;
use caruman::rates::{NotCoveredReason, RateBook};
use chrono::DateTime;
use serde_json::Value;

/// A line of a joint file; amounts in sen.
fn joint(id: &str, month: &str, wage: u64, shares: [u64; 4], skbbk: &str) -> String {
    let [a, b, c, d] = shares;
    format!(
        "A9900000001Z{:20}{id:12}{:150}{month}{wage:014}{a:06}{b:06}{c:06}{d:06}{skbbk:6}{:34}\r\n",
        "", "CONTOH BIN UJIAN", ""
    )
}

/// A line of a one-Act file.
fn one_act(id: &str, month: &str, total: u64) -> String {
    format!("A9900000001Z{:20}{id:12}{:150}{month}{total:014}{:9}\r\n", "", "CONTOH BIN UJIAN", "")
}

fn compare(text: &str, month: &str, scheme: Option<Scheme>, register: Option<&Register>) -> (Comparison, Vec<Change>) {
    let mut changes = Vec::new();
    let found = asked(text, month, scheme, register, &mut changes).expect("a comparison");
    (found, changes)
}

fn asked(
    text: &str,
    month: &str,
    scheme: Option<Scheme>,
    register: Option<&Register>,
    changes: &mut Vec<Change>,
) -> Result<Comparison, RulesOfError> {
    let now = DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a moment");
    let options = Options { scheme, register, threads: 2, ..Options::new("a.txt", now, RateBook::embedded()) };
    rules_of(text.as_bytes(), &options, month.parse().expect("a month"), |change| changes.push(change))
}

/// Old, lowest and highest new amount of a figure, in sen.
fn figure(change: &Change, name: &str) -> (i64, i64, i64) {
    let at = FIGURES.iter().position(|known| *known == name).expect("a figure");
    (change.old.low[at].0, change.new.low[at].0, change.new.high[at].0)
}

fn certain(change: &Change, name: &str) -> (i64, i64) {
    let (old, low, high) = figure(change, name);
    assert_eq!(low, high, "{name}");
    (old, low)
}

fn rules(change: &Change) -> Vec<(Rule, &str, &str)> {
    change.crossings.iter().map(|crossing| (crossing.rule, crossing.before, crossing.after)).collect()
}

#[test]
fn may_2026_by_the_law_of_june_pays_skbbk_in_both_categories_and_for_foreign_workers() {
    let text = joint("900101149991", "052026", 300_000, [5165, 1475, 590, 590], "")
        + &joint("600101149992", "052026", 300_000, [3690, 0, 0, 0], "")
        + &joint("990000000017", "052026", 200_000, [3415, 975, 0, 0], "")
        + "TOTAL 3\r\n";
    let (found, changes) = compare(&text, "2026-06", None, None);
    let skbbk: Vec<_> = changes.iter().map(|change| certain(change, "skbbk")).collect();
    assert_eq!(skbbk, [(0, 2215), (0, 2215), (0, 1465)]);
    assert_eq!(changes.iter().map(|change| certain(change, "total")).collect::<Vec<_>>()[0], (7820, 10_035));
    assert_eq!(certain(&changes[1], "act4_total"), (3690, 5905));
    assert_eq!(certain(&changes[2], "socso_employer"), (3415, 3415));
    assert!(changes.iter().all(|change| rules(change) == [(Rule::Skbbk, "not payable", "payable")]));
    assert_eq!(found.crossings.len(), 2, "everyone in June, foreign workers always");
    assert_eq!((found.records, found.changed, found.unreadable), (3, 3, 1));
    assert_eq!(found.difference.low[7].0, 2215 + 2215 + 1465);
    let Some(LayoutChange::SkbbkNeeded { columns, .. }) = found.layout_change else { panic!("a new column") };
    assert_eq!((columns.0, columns.1), (239, 244));
    // And back again: nothing of it before June.
    let june = joint("900101149991", "062026", 300_000, [5165, 1475, 590, 590], "002215");
    let (found, changes) = compare(&june, "2026-05", None, None);
    assert_eq!(certain(&changes[0], "skbbk"), (2215, 0));
    assert!(matches!(found.layout_change, Some(LayoutChange::SkbbkNotYet { .. })));
}

#[test]
fn the_ceiling_rises_in_october_2024() {
    let text = joint("900101149991", "092024", 500_000, [8665, 2475, 990, 990], "")
        + &joint("900101149992", "092024", 500_001, [8665, 2475, 990, 990], "")
        + &joint("900101149993", "092024", 700_000, [8665, 2475, 990, 990], "");
    let (found, changes) = compare(&text, "2024-10", None, None);
    assert_eq!(changes.iter().map(|change| change.line).collect::<Vec<_>>(), [2, 3], "RM5,000.00 pays the same");
    assert_eq!(certain(&changes[0], "socso_employer"), (8665, 8835));
    assert_eq!(certain(&changes[1], "act4_total"), (11_140, 13_390));
    assert_eq!(certain(&changes[1], "act800_total"), (1980, 2380));
    assert_eq!((found.same, found.changed, found.several_wages), (1, 2, 0));
    assert!(found.crossings.is_empty());
}

#[test]
fn the_row_of_4000_moves_by_ten_sen_in_september_2022() {
    let text = joint("900101149991", "082022", 390_001, [6905, 1975, 790, 790], "")
        + &joint("900101149992", "082022", 400_000, [6905, 1975, 790, 790], "")
        + &joint("900101149993", "082022", 390_000, [6735, 1925, 770, 770], "");
    let (_, changes) = compare(&text, "2022-09", None, None);
    let moved: Vec<_> = changes.iter().map(|change| (change.line, certain(change, "socso_employer"))).collect();
    assert_eq!(moved, [(1, (6905, 6915)), (2, (6905, 6915))]);
    assert!(changes.iter().all(|change| certain(change, "act800_total").0 == certain(change, "act800_total").1));
}

#[test]
fn who_turns_sixty_in_between_changes_category_and_leaves_eis() {
    let text = joint("660930149991", "082026", 300_000, [5165, 1475, 590, 590], "002215")
        + &joint("661001149993", "082026", 300_000, [5165, 1475, 590, 590], "002215");
    let (found, changes) = compare(&text, "2026-09", None, None);
    assert_eq!(changes.len(), 1, "the other is 59 to the last day of September");
    let both = [(Rule::Category, "first", "second"), (Rule::Eis, "payable", "not payable")];
    assert_eq!(rules(&changes[0]), both);
    assert_eq!(certain(&changes[0], "act4_total"), (8855, 3690 + 2215));
    assert_eq!(certain(&changes[0], "act800_total"), (1180, 0));
    let reasons: Vec<String> = found.crossings.iter().map(|(crossing, _)| crossing.reason.to_string()).collect();
    assert!(reasons[0].starts_with("60 attained") && reasons[1].starts_with("no EIS: 60 attained"), "{reasons:?}");
}

#[test]
fn the_same_month_changes_nothing() {
    for folder in ["accept", "warn"] {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(folder));
        for entry in entries.expect("samples") {
            let path = entry.expect("an entry").path();
            let bytes = fs::read(&path).expect("readable");
            let Ok(text) = String::from_utf8(bytes) else { continue };
            for month in ["2022-08", "2024-09", "2026-05", "2026-09", "2026-10"] {
                let mut changes = Vec::new();
                let scheme = Some(Scheme::Act4);
                let Ok(found) = asked(&text, month, scheme, None, &mut changes) else { continue };
                if found.months.iter().all(|own| own.to_string() == month) {
                    assert!(changes.is_empty(), "{} {month}", path.display());
                    assert_eq!(found.old, found.new);
                }
            }
        }
    }
}

#[test]
fn a_total_without_wage_stands_for_its_bands() {
    let text = one_act("900101149991", "092024", 6640) + &one_act("900101149992", "092024", 11_140);
    let (found, changes) = compare(&text, "2024-10", Some(Scheme::Act4), None);
    assert_eq!((found.same, found.changed, found.several_wages), (1, 1, 1));
    assert_eq!(figure(&changes[0], "act4_total"), (11_140, 11_140, 13_390), "RM4,900 to RM5,000, or any wage above");
    assert_eq!((changes[0].difference.low[7].0, changes[0].difference.high[7].0), (0, 2250));
    let text = one_act("900101149991", "052026", 6640)
        + &one_act("600101149992", "052026", 3690)
        + &one_act("900101149993", "052026", 6641)
        + &one_act("900101149994", "052026", 0);
    let (found, changes) = compare(&text, "2026-06", Some(Scheme::Act4), None);
    let skbbk: Vec<_> = changes.iter().map(|change| certain(change, "skbbk")).collect();
    assert_eq!(skbbk, [(0, 2215), (0, 2215)]);
    assert_eq!((found.unexplained, found.without_wage), (1, 1));
    let eis = one_act("900101149991", "092024", 1180) + &one_act("640930149992", "082024", 1180);
    let (_, changes) = compare(&eis, "2024-09", Some(Scheme::Act800), None);
    assert_eq!((changes.len(), certain(&changes[0], "act800_total")), (1, (1180, 0)), "60 in September");
}

#[test]
fn the_register_knows_more_than_the_number() {
    let table = "employer_code,id_number,birth_date,residency,skbbk_released_from,first_insured_at_55_or_over\n\
                 A9900000001Z,900101149991,1990-01-01,citizen,2026-08,\n\
                 A9900000001Z,990000000017,1966-07-15,foreign,,\n\
                 A9900000001Z,690101149993,1969-01-01,citizen,,yes\n";
    let register = Register::from_csv(table.as_bytes()).expect("a register");
    let text = joint("900101149991", "062026", 300_000, [5165, 1475, 590, 590], "002215")
        + &joint("990000000017", "062026", 200_000, [3415, 975, 0, 0], "001465")
        + &joint("690101149993", "062026", 300_000, [3690, 0, 590, 590], "002215");
    let (_, changes) = compare(&text, "2026-08", None, Some(&register));
    assert_eq!(changes.iter().map(|change| change.line).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(certain(&changes[0], "skbbk"), (2215, 0), "released from August");
    assert_eq!(rules(&changes[1]), [(Rule::Category, "first", "second")], "60 in July, by the register alone");
}

#[test]
fn months_without_tables_are_refused_by_name() {
    let text = joint("900101149991", "052026", 300_000, [5165, 1475, 590, 590], "");
    let error = asked(&text, "2028-06", None, None, &mut Vec::new()).expect_err("no table");
    let RulesOfError::NotCovered(error) = error else { panic!("{error}") };
    assert!(matches!(error.reason, NotCoveredReason::SkbbkPhase { phase: 2, .. }));
    let error = asked(&one_act("900101149991", "052026", 0), "2026-06", None, None, &mut Vec::new());
    assert!(matches!(error, Err(RulesOfError::Refused(_))), "nothing says which Act");
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(arguments).current_dir(folder).env_remove("CARUMAN_LOG").output().expect("the program starts")
}

#[test]
fn the_program_names_the_ceiling_that_moves_an_amount() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |text: String, more: &[&str]| {
        fs::write(folder.path().join("a.txt"), text).expect("written");
        let output = program(folder.path(), &[&["check", "a.txt", "--rules-of"], more].concat());
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let rich = |month: &str| joint("900101149993", month, 700_000, [10_435, 2_975, 1_190, 1_190], "");
    let ceilings = ["RM6000.00 → RM5000.00: Act 4, Third Schedule", "RM6000.00 → RM5000.00: Act 800, Second Schedule"];
    for format in ["text", "json", "csv"] {
        let said = run(rich("052026"), &["2024-09", "--output", format]);
        assert!(ceilings.iter().all(|ceiling| said.contains(ceiling)), "{said}");
        if format == "csv" {
            assert!(said.contains(",-2250,"), "an amount stays a number: {said}");
        }
    }
    let both = run(rich("052026"), &["2026-06", "--output", "csv"]);
    assert!(!both.contains("ceiling") && !both.contains("other amounts"), "only SKBBK is new: {both}");
    let row = joint("900101149991", "082022", 390_001, [6_905, 1_975, 790, 790], "");
    let said = run(row.clone(), &["2022-09"]);
    assert!(said.contains("RM4000.00 → RM5000.00: Act 4") && !said.contains(": Act 800"), "{said}");
    let crossed = joint("660930149991", "082026", 300_000, [5_165, 1_475, 590, 590], "002215");
    let said = run(crossed, &["2026-09"]);
    assert!(said.contains("category: first → second") && !said.contains("ceiling"), "{said}");
}

#[test]
fn the_program_prints_text_json_and_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |at: usize| joint(&format!("90010114{at:04}"), "052026", 300_000, [5165, 1475, 590, 590], "");
    fs::write(folder.path().join("may.txt"), (0..2500).map(line).collect::<String>()).expect("written");
    let run = |more: &[&str]| {
        let arguments = [&["check", "may.txt", "--rules-of", "2026-06"], more].concat();
        let output = program(folder.path(), &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"), error)
    };
    let (code, text, _) = run(&[]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("0.00 → 22.15") && text.contains("and 1500 more") && text.contains("change: 2500 of 2500"),
        "{text}"
    );
    assert!(text.contains("joint-278-v2 with SKBBK in columns 239-244 is needed from 2026-06"));
    assert!(text.contains("********0000") && !text.contains("900101140000"));
    let (_, text, _) = run(&["--output", "json"]);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let file = &document["files"][0];
    assert_eq!(file["changes"].as_array().map(Vec::len), Some(2500));
    assert_eq!(file["changes"][2499]["line"], 2500);
    assert_eq!(file["changes"][0]["skbbk_new_sen"], 2215);
    assert_eq!(file["summary"]["sums"]["total"]["difference_sen"], 2500 * 2215);
    assert_eq!(file["summary"]["crossings"][0]["people"], 2500);
    let (_, text, _) = run(&["--output", "csv", "--show-identities"]);
    assert_eq!(text.lines().count(), 2501);
    assert!(text.lines().nth(2500).is_some_and(|line| line.starts_with("may.txt,2500,900101142499,2026-05,2026-06,")));
    let (code, text, error) = {
        let output = program(folder.path(), &["check", "may.txt", "--rules-of", "2028-06", "--output", "json"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"), error)
    };
    assert_eq!(code, Some(2));
    assert!(error.contains("SKBBK phase 2 (from 2028-06)"), "{error}");
    assert!(serde_json::from_str::<Value>(&text).is_ok_and(|document| document["files"] == Value::Array(Vec::new())));
}
