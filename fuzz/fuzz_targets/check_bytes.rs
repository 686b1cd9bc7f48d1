//! Any bytes, judged: nothing panics, and what is said about them holds together. The first byte chooses the options.
#![no_main]
#![allow(dead_code, missing_docs, reason = "only a part of the pure layers is used here")]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/checks/mod.rs"]
mod checks;
#[path = "../../src/document.rs"]
mod document;
#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/messages.rs"]
mod messages;
#[path = "../../src/rates/mod.rs"]
mod rates;
#[path = "../../src/reader/mod.rs"]
mod reader;

use checks::{FileCheck, Gate, NEED_HISTORY, Options, Verdict, check_file};
use document::{FileDocument, Style};
use domain::{Scheme, Severity};
use messages::{Language, Messages};

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let name = if choice & 4 == 0 { "upload.txt" } else { "EIS_2026.txt" };
    let now = "2026-11-10T09:00:00+08:00".parse().expect("a moment");
    let options = Options {
        scheme: [None, Some(Scheme::Act4), Some(Scheme::Act800), None][usize::from(choice & 3)],
        gate: if choice & 8 == 0 { Gate::Any } else { Gate::Dated },
        ..Options::new(name, now, rates::RateBook::embedded())
    };
    let check = check_file(bytes, &options).expect("memory does not fail");
    holds_together(bytes, &check);
    let language = if choice & 16 == 0 { Language::English } else { Language::Malay };
    let style = Style { messages: Messages::get(language), show_identities: false };
    let json = serde_json::to_string(&FileDocument::new("f", &check, &NEED_HISTORY, style)).expect("is written");
    assert!(!json.contains("\"message\":\"\""), "a finding without words");
});

fn holds_together(bytes: &[u8], check: &FileCheck) {
    assert_eq!(check.bytes, bytes.len() as u64);
    assert_eq!(check.digest, Some(blake3::hash(bytes)));
    assert_eq!(check.held.len() as u64, check.held_lines);
    assert!(check.held.is_sorted_by(|a, b| a < b));
    assert!(check.accepted_lines + check.held_lines <= check.lines || check.verdict == Verdict::Refused);
    assert!(check.findings.is_sorted_by_key(|finding| (finding.line, finding.name.code())));
    let in_file = |line: u64| (1..=check.lines).contains(&line);
    assert!(check.findings.iter().filter_map(|finding| finding.line).all(in_file), "a line that is not there");
    let expected = match check.findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Stop) => Verdict::Refused,
        Some(Severity::Fix) => Verdict::Errors,
        Some(Severity::Warn) => Verdict::Warnings,
        Some(Severity::Note) | None => Verdict::Clean,
    };
    assert_eq!(check.verdict, expected);
    for finding in &check.findings {
        let holds = finding.severity >= Severity::Fix && check.verdict != Verdict::Refused;
        assert!(!holds || finding.line.is_none_or(|line| check.holds(line)), "{finding:?} holds nothing");
    }
    for total in &check.totals {
        assert!(total.people <= check.lines);
        // Interest may be some sen below the daily figure: it is rounded once a month in default, the other once in all.
        assert!(total.total.0 >= 0 && total.interest.0 >= 0 && total.interest_daily.0 >= 0);
    }
}
