//! The JSON document of a check: printed by `check`, kept for a submission, put beside a dropped file.

use chrono::{DateTime, FixedOffset};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::checks::{EmployerPart, FileCheck, FindingCounts, SchemeBasis, Total, Verdict};
use crate::domain::{Columns, ContributionMonth, Finding, FindingName, Scheme, Sen, Severity};
use crate::messages::{Messages, finding_data};

/// How a document is written.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// The language of its sentences.
    pub messages: &'a Messages,
    /// Identity numbers in full.
    pub show_identities: bool,
}

/// A document over one or more files.
#[derive(Serialize)]
pub struct Document<'a> {
    /// The rules that judged.
    pub rule_pack: &'a str,
    /// The moment of judging, in Malaysian time.
    pub checked_at: DateTime<FixedOffset>,
    /// One entry a file.
    pub files: Vec<FileDocument<'a>>,
}

/// One file of a document. Findings become sentences only while they are written.
#[derive(Serialize)]
pub struct FileDocument<'a> {
    path: &'a str,
    digest: Option<String>,
    bytes: u64,
    lines: u64,
    layout: Option<&'static str>,
    schemes: &'a [Scheme],
    scheme_basis: Option<SchemeBasis>,
    encoding: Option<&'static str>,
    line_ending: Option<&'static str>,
    verdict: Verdict,
    accepted_lines: u64,
    held_lines: u64,
    employers: Vec<EmployerDocument<'a>>,
    totals: Vec<TotalDocument<'a>>,
    findings: Findings<'a>,
    not_checked: Vec<&'static str>,
}

impl<'a> FileDocument<'a> {
    /// The document of a checked file.
    pub fn new(path: &'a str, check: &'a FileCheck, not_checked: &[FindingName], style: Style<'a>) -> Self {
        FileDocument {
            path,
            digest: check.digest.map(|digest| format!("blake3:{}", digest.to_hex())),
            bytes: check.bytes,
            lines: check.lines,
            layout: check.layout.map(|layout| layout.id()),
            schemes: &check.schemes,
            scheme_basis: check.scheme_basis,
            encoding: check.encoding,
            line_ending: check.line_ending,
            verdict: check.verdict,
            accepted_lines: check.accepted_lines,
            held_lines: check.held_lines,
            employers: check.employers.iter().map(EmployerDocument::new).collect(),
            totals: check.totals.iter().filter(|_| check.verdict != Verdict::Refused).map(TotalDocument::new).collect(),
            findings: Findings { check, style },
            not_checked: not_checked.iter().map(|name| name.name()).collect(),
        }
    }
}

/// What a file says for one employer, month and Act.
#[derive(Serialize)]
pub struct TotalDocument<'a> {
    employer_code: &'a str,
    month: ContributionMonth,
    scheme: Scheme,
    people: u64,
    employer_sen: Option<Sen>,
    employee_sen: Option<Sen>,
    skbbk_sen: Sen,
    total_sen: Sen,
    due_date: chrono::NaiveDate,
    days_late: u32,
    interest: InterestDocument,
}

#[derive(Serialize)]
struct InterestDocument {
    daily_sen: Sen,
    minimum_top_up_sen: Sen,
    total_sen: Sen,
}

impl<'a> TotalDocument<'a> {
    /// Of a total.
    pub fn new(total: &'a Total) -> Self {
        TotalDocument {
            employer_code: &total.employer_code,
            month: total.month,
            scheme: total.scheme,
            people: total.people,
            employer_sen: total.employer,
            employee_sen: total.employee,
            skbbk_sen: total.skbbk,
            total_sen: total.total,
            due_date: total.due_date,
            days_late: total.days_late,
            interest: InterestDocument {
                daily_sen: total.interest_daily,
                minimum_top_up_sen: total.interest_top_up,
                total_sen: total.interest,
            },
        }
    }
}

/// One employer's part of a file; its counts are of its own findings.
#[derive(Serialize)]
struct EmployerDocument<'a> {
    employer_code: &'a str,
    verdict: Verdict,
    accepted_lines: u64,
    held_lines: u64,
    finding_counts: FindingCounts,
}

impl<'a> EmployerDocument<'a> {
    fn new(part: &'a EmployerPart) -> Self {
        EmployerDocument {
            employer_code: &part.code,
            verdict: part.verdict,
            accepted_lines: part.accepted_lines,
            held_lines: part.held_lines,
            finding_counts: part.counts,
        }
    }
}

struct Findings<'a> {
    check: &'a FileCheck,
    style: Style<'a>,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.check.findings.len()))?;
        for finding in &self.check.findings {
            sequence.serialize_element(&FindingDocument::new(finding, self.check, self.style))?;
        }
        sequence.end()
    }
}

/// A finding in sentences.
#[derive(Serialize)]
#[expect(missing_docs, reason = "each is explained in docs/findings.md and the design of the JSON document")]
pub struct FindingDocument<'a> {
    pub code: &'static str,
    pub name: &'static str,
    pub severity: Severity,
    pub line: Option<u64>,
    pub columns: Option<Columns>,
    pub field: Option<&'static str>,
    pub found: Option<String>,
    pub expected: Option<&'a str>,
    pub message: String,
    pub cure: String,
    pub law: &'static str,
    pub employer_code: Option<&'a str>,
}

impl<'a> FindingDocument<'a> {
    /// Makes the sentences of one of the check's findings.
    pub fn new(finding: &'a Finding, check: &'a FileCheck, style: Style<'_>) -> Self {
        FindingDocument {
            code: finding.name.code(),
            name: finding.name.name(),
            severity: finding.severity,
            line: finding.line,
            columns: finding.columns,
            field: finding.field,
            found: finding.found_masked(style.show_identities),
            expected: finding.expected.as_deref(),
            message: style.messages.finding(finding, style.show_identities),
            cure: style.messages.cure(finding, style.show_identities),
            law: &finding_data(finding.name).law,
            employer_code: check.employer_of(finding),
        }
    }
}

/// A cell that a spreadsheet takes for text even if it begins like a formula. A plain number stays one.
pub fn without_formula(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_plain_number(cell);
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// A sign, digits and at most one dot between them: an amount, with which nothing is reckoned.
fn is_plain_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let figure = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    figure.split_once('.').map_or_else(|| digits(figure), |(whole, parts)| digits(whole) && digits(parts))
}
