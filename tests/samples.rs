//! Every file under `samples/` is judged as the `.expected` file beside it says: by the library and by the program.
//!
//! `samples/accept` holds files with notes at most, `samples/warn` those with warnings, `samples/reject` those with
//! something to mend. The files are the source of truth; they are judged byte by byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caruman::checks::{FileCheck, Gate, Options, Register, check_file};
use caruman::domain::{FindingName, Scheme};
use caruman::rates::RateBook;
use caruman::source::FileSource;
use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

/// What stands beside a sample.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    now: String,
    #[serde(default)]
    arguments: Vec<String>,
    verdict: String,
    layout: Option<String>,
    schemes: Vec<String>,
    accepted_lines: u64,
    held_lines: u64,
    /// Employer code, month, scheme, people, sen.
    totals: Vec<(String, String, String, u64, i64)>,
    /// Name and line, in order.
    findings: Vec<(String, Option<u64>)>,
}

struct Sample {
    /// Folder and name, below `samples/`.
    path: String,
    expected: Expected,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for kind in ["accept", "warn", "reject"] {
        let entries = fs::read_dir(folder().join(kind)).expect("the folder of samples is there");
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "expected") {
                continue;
            }
            let text = fs::read_to_string(path.with_extension("expected"))
                .unwrap_or_else(|_| panic!("{} has no .expected beside it", path.display()));
            let expected = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are plain");
            samples.push(Sample { path: format!("{kind}/{name}"), expected });
        }
    }
    assert!(samples.len() > 300, "{} samples", samples.len());
    samples.sort_by(|a, b| a.path.cmp(&b.path));
    samples
}

/// Runs the program in the folder of samples.
fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(arguments).current_dir(folder()).env_remove("CARUMAN_LOG");
    command.output().expect("the program starts")
}

fn check(sample: &Sample, more: &[&str]) -> Output {
    let mut arguments = vec!["check", &sample.path, "--now", &sample.expected.now];
    arguments.extend(sample.expected.arguments.iter().map(String::as_str));
    arguments.extend(more);
    program(&arguments)
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn by_library(sample: &Sample, threads: usize) -> FileCheck {
    let argument = |name: &str| {
        let at = sample.expected.arguments.iter().position(|a| a == name)?;
        Some(sample.expected.arguments[at + 1].as_str())
    };
    let register = argument("--register").map(|path| {
        Register::from_csv(&fs::read(folder().join(path)).expect("the register is there")).expect("a register")
    });
    let now = DateTime::parse_from_rfc3339(&sample.expected.now).expect("a moment");
    let options = Options {
        scheme: argument("--scheme").map(|scheme| scheme.parse::<Scheme>().expect("a scheme")),
        register: register.as_ref(),
        gate: if argument("--gate") == Some("dated") { Gate::Dated } else { Gate::Any },
        threads,
        ..Options::new(&sample.path, now.with_timezone(&caruman::cli::malaysia()), RateBook::embedded())
    };
    let source = FileSource::open(&folder().join(&sample.path)).expect("samples can be read");
    check_file(&source, &options).expect("samples can be read")
}

#[test]
fn the_library_says_what_is_expected() {
    for sample in samples() {
        let Sample { path, expected } = &sample;
        let check = by_library(&sample, 2);
        let findings: Vec<_> = check.findings.iter().map(|f| (f.name.name().to_owned(), f.line)).collect();
        assert_eq!(&findings, &expected.findings, "{path}");
        let verdict = serde_json::to_value(check.verdict).expect("a verdict");
        assert_eq!(verdict, expected.verdict.as_str(), "{path}");
        assert_eq!(check.layout.map(|layout| layout.id().to_owned()), expected.layout, "{path}");
        let schemes: Vec<_> = check.schemes.iter().map(ToString::to_string).collect();
        assert_eq!(schemes, expected.schemes, "{path}");
        assert_eq!((check.accepted_lines, check.held_lines), (expected.accepted_lines, expected.held_lines), "{path}");
        if expected.verdict != "refused" {
            let totals: Vec<_> = check
                .totals
                .iter()
                .map(|t| (t.employer_code.clone(), t.month.to_string(), t.scheme.to_string(), t.people, t.total.0))
                .collect();
            assert_eq!(totals, expected.totals, "{path}");
        }
        let digest = check.digest.expect("samples are read to the end");
        assert_eq!(digest, blake3::hash(&fs::read(folder().join(path)).expect("readable")), "{path}");
    }
}

#[test]
fn folders_hold_what_their_names_say() {
    for Sample { path, expected } in samples() {
        let allowed: &[&str] = match path.split('/').next() {
            Some("accept") => &["clean"],
            Some("warn") => &["warnings"],
            _ => &["errors", "refused"],
        };
        assert!(allowed.contains(&expected.verdict.as_str()), "{path}: {}", expected.verdict);
        // The name of a sample outside accept begins with the code and the name of the finding it shows.
        if !path.starts_with("accept/") && !path.contains("examples-of-the-layout") {
            let shown = path.split('/').nth(1).unwrap_or_default();
            let mut names = expected.findings.iter().filter_map(|(name, _)| FindingName::find(name));
            assert!(names.any(|n| shown.starts_with(&format!("{}-{}", n.code(), n.name()))), "{path}");
        }
    }
}

const FILE_KEYS: [&str; 16] = [
    "path",
    "digest",
    "bytes",
    "lines",
    "layout",
    "schemes",
    "scheme_basis",
    "encoding",
    "line_ending",
    "verdict",
    "accepted_lines",
    "held_lines",
    "employers",
    "totals",
    "findings",
    "not_checked",
];
const TOTAL_KEYS: [&str; 11] = [
    "employer_code",
    "month",
    "scheme",
    "people",
    "employer_sen",
    "employee_sen",
    "skbbk_sen",
    "total_sen",
    "due_date",
    "days_late",
    "interest",
];
const INTEREST_KEYS: [&str; 3] = ["daily_sen", "minimum_top_up_sen", "total_sen"];
const EMPLOYER_KEYS: [&str; 5] = ["employer_code", "verdict", "accepted_lines", "held_lines", "finding_counts"];
const FINDING_KEYS: [&str; 12] = [
    "code",
    "name",
    "severity",
    "line",
    "columns",
    "field",
    "found",
    "expected",
    "message",
    "cure",
    "law",
    "employer_code",
];

fn has_keys(value: &Value, keys: &[&str], path: &str) {
    let found: BTreeSet<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(found, keys.iter().copied().collect(), "{path}");
}

#[test]
fn the_program_prints_a_whole_document() {
    for sample in samples() {
        let Sample { path, expected } = &sample;
        let output = check(&sample, &["--output", "json"]);
        let status = match expected.verdict.as_str() {
            "clean" | "warnings" => 0,
            "errors" => 1,
            _ => 2,
        };
        assert_eq!(output.status.code(), Some(status), "{path}");
        let document = document(&output);
        has_keys(&document, &["rule_pack", "checked_at", "files"], path);
        let file = &document["files"][0];
        has_keys(file, &FILE_KEYS, path);
        assert_eq!(file["path"], path.as_str());
        assert_eq!(
            (&file["verdict"], &file["layout"]),
            (&expected.verdict.as_str().into(), &expected.layout.clone().into())
        );
        assert_eq!(file["schemes"], serde_json::json!(expected.schemes), "{path}");
        assert_eq!(file["accepted_lines"], expected.accepted_lines, "{path}");
        assert_eq!(file["held_lines"], expected.held_lines, "{path}");
        let mut totals = Vec::new();
        for total in file["totals"].as_array().expect("a list") {
            has_keys(total, &TOTAL_KEYS, path);
            has_keys(&total["interest"], &INTEREST_KEYS, path);
            let keys = ["employer_code", "month", "scheme", "people", "total_sen"];
            totals.push(Value::Array(keys.map(|key| total[key].clone()).to_vec()));
            whole_total(total, path);
        }
        assert_eq!(Value::Array(totals), serde_json::json!(expected.totals), "{path}");
        whole_parts(file, path);
        let mut findings = Vec::new();
        for finding in file["findings"].as_array().expect("a list") {
            has_keys(finding, &FINDING_KEYS, path);
            findings.push(serde_json::json!([finding["name"], finding["line"]]));
            whole_finding(finding, path);
        }
        assert_eq!(Value::Array(findings), serde_json::json!(expected.findings), "{path}");
        let history = ["already-submitted", "repeat-of-earlier-file", "supplementary", "missing-since-last-month"];
        assert_eq!(file["not_checked"], serde_json::json!(history));
    }
}

/// Shares and SKBBK make the total; interest is its two parts.
fn whole_total(total: &Value, path: &str) {
    let sen = |value: &Value| value.as_i64();
    if let (Some(employer), Some(employee)) = (sen(&total["employer_sen"]), sen(&total["employee_sen"])) {
        assert_eq!(
            sen(&total["total_sen"]),
            Some(employer + employee + sen(&total["skbbk_sen"]).expect("sen")),
            "{path}"
        );
    }
    let interest = &total["interest"];
    let parts = sen(&interest["daily_sen"]).zip(sen(&interest["minimum_top_up_sen"])).map(|(a, b)| a + b);
    assert_eq!(parts, sen(&interest["total_sen"]), "{path}");
}

/// The file's judgement is the worst of its employers'; their lines are the file's.
fn whole_parts(file: &Value, path: &str) {
    let rank = |value: &Value| ["clean", "warnings", "errors", "refused"].iter().position(|verdict| value == verdict);
    let parts = file["employers"].as_array().expect("a list");
    for part in parts {
        has_keys(part, &EMPLOYER_KEYS, path);
        has_keys(&part["finding_counts"], &["stop", "fix", "warn", "note"], path);
    }
    if let Some(worst) = parts.iter().map(|part| rank(&part["verdict"])).max() {
        assert_eq!(worst, rank(&file["verdict"]), "{path}");
    }
    let sum = |key: &str| parts.iter().filter_map(|part| part[key].as_u64()).sum::<u64>();
    assert!(sum("accepted_lines") == file["accepted_lines"] || parts.is_empty(), "{path}");
    assert!(file["held_lines"].as_u64() >= Some(sum("held_lines")), "{path}");
    let known = |code: &Value| code.is_null() || parts.iter().any(|part| part["employer_code"] == *code);
    let findings = file["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|finding| known(&finding["employer_code"])), "{path}");
}

/// Sentences are there and complete; columns come with a field or at least in order.
fn whole_finding(finding: &Value, path: &str) {
    for key in ["message", "cure", "law"] {
        let sentence = finding[key].as_str().unwrap_or_default();
        assert!(sentence.len() > 5 && !sentence.contains("{$"), "{path}: {key} of {finding}");
    }
    if let Some(columns) = finding["columns"].as_array() {
        let (first, last) = (columns[0].as_u64().expect("a column"), columns[1].as_u64().expect("a column"));
        assert!((1..=last).contains(&first) && last <= 278, "{path}: {finding}");
        assert!(!finding["line"].is_null(), "{path}: columns without a line");
    }
}

/// Rules that an offline check cannot break, each with the reason.
const WITHOUT_SAMPLE: [(FindingName, &str); 7] = [
    (FindingName::AlreadySubmitted, "needs what was submitted before"),
    (FindingName::RepeatOfEarlierFile, "needs what was submitted before"),
    (FindingName::Supplementary, "needs what was submitted before"),
    (FindingName::MissingSinceLastMonth, "needs what was submitted before"),
    (FindingName::LineOfAnotherPart, "said when the fix sheet of one of several parts is handed in"),
    (FindingName::RegisterSeeded, "said when a submission fills an empty register"),
    (FindingName::FileTooLarge, "made in tests/hostile.rs: more than six gigabytes"),
];

#[test]
fn every_finding_has_a_sample_at_each_of_its_severities() {
    let mut shown: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sample in samples() {
        for finding in by_library(&sample, 1).findings {
            shown.entry(finding.name.name()).or_default().insert(finding.severity.id());
        }
    }
    for name in FindingName::ALL {
        let excused = WITHOUT_SAMPLE.iter().any(|(without, _)| without == name);
        assert_eq!(shown.contains_key(name.name()), !excused, "{name}");
    }
    for name in ["layout-retired", "id-date-impossible"] {
        assert_eq!(shown[name].len(), 2, "{name}");
    }
}
