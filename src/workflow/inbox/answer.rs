//! What is said of a dropped file: a JSON document for the payroll system, and a page of text for people.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::evidence::Entered;
use super::names::{hex, printable};
use super::originals::{self, Originals, complete, done};
use super::{FolderRules, Outcome};
use crate::checks::{FileCheck, FindingCounts, Total, Verdict};
use crate::document::{Document, FileDocument, Style, TotalDocument};
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, Sen};
use crate::messages::{Language, Messages};
use crate::rule_pack;
use crate::store::delivery::Delivery;
use crate::workflow::submit::{Acknowledged, SubmissionOutcome, SubmitOptions, Submitted};

/// Findings in an answer; all of them are kept with the submission.
const FINDINGS_MAX: usize = 10_000;
/// Findings in the page for people.
const FINDINGS_SHOWN: usize = 100;
/// Where the names of fix sheets go, once they are written.
const NO_SHEETS: &str = "\"fix_sheets\": []";

/// An answer as it is kept until it lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The JSON document, without the names of fix sheets.
    pub json: String,
    /// The page of text.
    pub text: String,
    /// The language of both.
    pub language: Language,
    /// A fix sheet (CSV) of a file that was only checked.
    pub sheet: Option<String>,
    /// Submissions whose fix sheets are made when the answer is written: their printed numbers.
    pub to_mend: Vec<String>,
}

impl Answer {
    /// Names the fix sheets in the JSON document and the page.
    pub fn name_sheets(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let list = serde_json::to_string(names).unwrap_or_else(|_| "[]".to_owned());
        // It stands once at the top, before anything that a file or person wrote, and quotes inside texts are escaped.
        self.json = self.json.replacen(NO_SHEETS, &format!("\"fix_sheets\": {list}"), 1);
        let messages = Messages::get(self.language);
        for name in names.iter().filter(|name| name.ends_with(".csv")) {
            let id = if self.sheet.is_some() { "inbox-sheet-only-checked" } else { "inbox-sheet" };
            self.text.push_str(&messages.with(id, &[("file", name.clone())]));
            self.text.push('\n');
        }
    }
}

/// What there is to say.
pub(super) struct Story<'a> {
    pub outcome: Outcome,
    /// The one sentence; where there is none, it follows from the submissions.
    pub sentence: Option<(&'static str, Option<String>)>,
    pub submitted: Option<&'a Submitted>,
    pub paid: Option<&'a Entered>,
    pub sha256: Option<[u8; 32]>,
    pub sheet: Option<String>,
    pub originals: Originals,
    pub language: Language,
}

impl Story<'_> {
    /// True when nothing of the file is left to do for whoever dropped it, but to pay.
    fn complete(&self) -> bool {
        self.submitted.is_some_and(|submitted| complete(submitted, &self.originals))
            || self.paid.is_some_and(Entered::complete)
    }

    /// Must somebody look at it? Not at what a folder only tests.
    pub(super) fn needs_somebody(&self, rules: &FolderRules) -> bool {
        !rules.test && !self.complete()
    }

    /// The employer it is about, or nothing; of several the first who has something left to do.
    pub(super) fn employer_code(&self) -> &str {
        let all = || self.submitted.iter().flat_map(|submitted| &submitted.submissions);
        let submitted = all().find(|outcome| !done(outcome, &self.originals)).or_else(|| all().next());
        let paid = self.paid.and_then(Entered::employer_code);
        submitted.map(|outcome| outcome.employer_code.as_str()).or(paid).unwrap_or_default()
    }
}

/// How a submitted file went: one part that is taken is enough to be accepted.
pub(super) fn outcome_of(submitted: &Submitted) -> Outcome {
    let states = || submitted.submissions.iter().map(|outcome| outcome.state);
    if states().any(|state| state == SubmissionState::Taken) {
        Outcome::Accepted
    } else if states().count() > 0 && states().all(|state| state == SubmissionState::Repeat) {
        Outcome::Duplicate
    } else {
        Outcome::Rejected
    }
}

#[derive(Serialize)]
struct AnswerDocument<'a> {
    format: &'static str,
    delivery: i64,
    outcome: &'static str,
    complete: bool,
    mode: &'static str,
    fix_sheets: [String; 0],
    sentence: &'a str,
    file: String,
    file_name_hex: Option<String>,
    size: u64,
    digest: Option<String>,
    sha256: Option<String>,
    received_at: String,
    moved_to: &'a str,
    verdict: Option<Verdict>,
    submissions: Vec<Value>,
    acknowledgements: Vec<&'a str>,
    due_date: Option<String>,
    to_pay: Vec<Value>,
    totals: Vec<TotalDocument<'a>>,
    payments: Vec<Value>,
    payment_faults: Vec<Value>,
    finding_counts: FindingCounts,
    findings_left_out: usize,
    check: Document<'a>,
}

/// Puts an answer into words.
pub(super) fn answer(
    delivery: &Delivery,
    story: Story<'_>,
    rules: &FolderRules,
    options: &SubmitOptions<'_>,
) -> Answer {
    let messages = Messages::to_senders(story.language);
    let style = Style { messages, show_identities: false };
    let unread;
    let mut check = match story.submitted.and_then(|submitted| submitted.check.as_ref()) {
        Some(check) => check,
        None => {
            unread = FileCheck { bytes: delivery.size, ..FileCheck::unread(Vec::new()) };
            &unread
        }
    };
    let submissions = story.submitted.map(|submitted| submitted.submissions.as_slice()).unwrap_or_default();
    let told = originals::told(check, submissions);
    check = told.as_ref().unwrap_or(check);
    let shortened;
    let left_out = check.findings.len().saturating_sub(FINDINGS_MAX);
    let all = check;
    if left_out > 0 {
        shortened = FileCheck { findings: check.findings[..FINDINGS_MAX].to_vec(), ..check.clone() };
        check = &shortened;
    }
    let mut sentence = sentence(&story, rules, messages);
    let file = String::from_utf8_lossy(&delivery.file_name).into_owned();
    let document = FileDocument::new(&file, check, check.not_checked(), style);
    let to_pay = to_pay(submissions, &all.totals);
    let due = due_date(&story, &to_pay, &mut sentence);
    let read = story.submitted.is_some_and(|submitted| submitted.check.is_some());
    let document = AnswerDocument {
        format: "caruman-answer-1",
        delivery: delivery.id,
        outcome: story.outcome.id(),
        complete: story.complete() && !rules.test,
        mode: if rules.test { "test" } else { "live" },
        fix_sheets: [],
        sentence: &sentence,
        file: file.clone(),
        file_name_hex: std::str::from_utf8(&delivery.file_name).is_err().then(|| hex(&delivery.file_name)),
        size: delivery.size,
        digest: all.digest.map(|digest| format!("blake3:{}", digest.to_hex())),
        sha256: story.sha256.map(|digest| hex(&digest)),
        received_at: options.now.to_rfc3339(),
        moved_to: &delivery.moved_to,
        verdict: read.then_some(all.verdict),
        submissions: submissions.iter().map(|outcome| submission_value(outcome, messages)).collect(),
        acknowledgements: numbers(submissions),
        due_date: due,
        to_pay: to_pay.iter().map(Pay::value).collect(),
        totals: if all.verdict == Verdict::Refused {
            vec![]
        } else {
            all.totals.iter().map(TotalDocument::new).collect()
        },
        payments: story.paid.map(Entered::payments).unwrap_or_default(),
        payment_faults: story.paid.map(Entered::faults).unwrap_or_default(),
        finding_counts: FindingCounts::of(&all.findings),
        findings_left_out: left_out,
        check: Document { rule_pack: rule_pack::embedded(), checked_at: options.now, files: vec![document] },
    };
    let json = serde_json::to_string_pretty(&document).unwrap_or_default() + "\n";
    let text = page(delivery, (&sentence, story.paid), submissions, &to_pay, all, messages);
    let to_mend = submissions.iter().filter_map(|one| originals::to_mend(one, &story.originals));
    let to_mend = to_mend.map(|number| number.to_string()).collect();
    Answer { json, text, language: story.language, sheet: story.sheet, to_mend }
}

/// The earliest day on which something is due, also of what a duplicate repeats: that is said in its sentence.
fn due_date(story: &Story<'_>, to_pay: &[Pay<'_>], sentence: &mut String) -> Option<String> {
    let dues = story.originals.values().filter_map(|original| original.due_date.clone());
    let due = to_pay.iter().map(|pay| pay.due_date.clone()).chain(dues).min();
    if story.outcome == Outcome::Duplicate
        && let Some(date) = &due
    {
        let said = Messages::get(story.language).with("inbox-due", &[("date", date.clone())]);
        *sentence = format!("{sentence} {said}");
    }
    due
}

fn numbers(submissions: &[SubmissionOutcome]) -> Vec<&str> {
    submissions.iter().flat_map(|outcome| &outcome.acknowledgements).map(|a| a.number.as_str()).collect()
}

fn sentence(story: &Story<'_>, rules: &FolderRules, messages: &Messages) -> String {
    if let Some((id, reason)) = &story.sentence {
        let values: Vec<(&'static str, String)> = reason.iter().map(|reason| ("reason", reason.clone())).collect();
        return messages.with(id, &values);
    }
    if let Some(paid) = story.paid {
        return paid.sentence(messages);
    }
    let Some(submitted) = story.submitted else { return messages.text("inbox-rejected") };
    if let Some(reason) = &submitted.failure
        && submitted.check.as_ref().is_none_or(|check| check.findings.is_empty())
    {
        return messages.with("inbox-failed", &[("reason", reason.clone())]);
    }
    let numbers = numbers(&submitted.submissions);
    let refused = submitted.check.as_ref().is_some_and(|check| check.verdict == Verdict::Refused);
    let id = match story.outcome {
        Outcome::Accepted if rules.test => "inbox-test-good",
        Outcome::Rejected if rules.test => "inbox-test-bad",
        Outcome::Accepted if numbers.is_empty() => "inbox-taken-waiting",
        Outcome::Accepted if complete(submitted, &story.originals) => "inbox-accepted",
        Outcome::Accepted => "inbox-accepted-partly",
        Outcome::Duplicate if complete(submitted, &story.originals) => "inbox-duplicate",
        Outcome::Duplicate => "inbox-duplicate-partly",
        Outcome::Rejected if refused => "inbox-refused",
        Outcome::Rejected if !numbers.is_empty() => "inbox-rejected-partly",
        Outcome::Rejected => "inbox-rejected",
        Outcome::Held => "inbox-waits",
    };
    messages.with(id, &[("numbers", numbers.join(", "))])
}

/// One acknowledgement to be paid.
struct Pay<'a> {
    acknowledgement: &'a Acknowledged,
    employer_code: &'a str,
    total: Sen,
    due_date: String,
    interest: Sen,
}

impl Pay<'_> {
    fn value(&self) -> Value {
        json!({
            "acknowledgement": self.acknowledgement.number,
            "scheme": self.acknowledgement.scheme.id(),
            "employer_code": self.employer_code,
            "total_sen": self.total,
            "due_date": self.due_date,
            "interest_sen": self.interest,
        })
    }
}

/// What the new acknowledgements ask for. Interest is of the whole file's months, if they are paid on the day of judging.
fn to_pay<'a>(submissions: &'a [SubmissionOutcome], totals: &[Total]) -> Vec<Pay<'a>> {
    let mut all = Vec::new();
    for outcome in submissions {
        for acknowledgement in &outcome.acknowledgements {
            let Some((_, total)) = acknowledgement.amounts else { continue };
            let own = |one: &&Total| one.employer_code == outcome.employer_code && one.scheme == acknowledgement.scheme;
            let Some(due) = totals.iter().filter(own).map(|one| one.due_date).min() else { continue };
            let interest = totals.iter().filter(own).map(|one| one.interest).sum();
            let (employer_code, due_date) = (outcome.employer_code.as_str(), due.to_string());
            all.push(Pay { acknowledgement, employer_code, total, due_date, interest });
        }
    }
    all
}

/// One employer's part, as `submit --output json` prints it.
pub fn submission_value(outcome: &SubmissionOutcome, messages: &Messages) -> Value {
    let acknowledgement = |a: &Acknowledged| {
        let (people, total) = (a.amounts.map(|amounts| amounts.0), a.amounts.map(|amounts| amounts.1));
        json!({ "scheme": a.scheme.id(), "number": a.number, "people": people, "total_sen": total })
    };
    json!({
        "submission": outcome.number.to_string(),
        "employer_code": outcome.employer_code,
        "state": outcome.state.id(),
        "held_lines": outcome.held_lines,
        "repeat_of": outcome.repeat_of.map(|number| number.to_string()),
        "acknowledgements": outcome.acknowledgements.iter().map(acknowledgement).collect::<Vec<_>>(),
        "kind": outcome.kind,
        "changes": outcome.changes.as_ref().map(|changes| json!({
            "digest": changes.digest(),
            "sentence": changes.sentence(messages),
            "count": changes.changes.len(),
        })),
        "register": {
            "seeded": outcome.learned.seeded,
            "registered": outcome.learned.registered,
            "left": outcome.learned.left,
            "late": outcome.breaches,
        },
    })
}

/// The page for people: the sentence, what to pay, what is wrong.
fn page(
    delivery: &Delivery,
    (sentence, paid): (&str, Option<&Entered>),
    submissions: &[SubmissionOutcome],
    to_pay: &[Pay<'_>],
    check: &FileCheck,
    messages: &Messages,
) -> String {
    let file = printable(&delivery.file_name);
    let mut lines = vec![messages.with("inbox-file", &[("file", file)]), sentence.to_owned(), String::new()];
    for outcome in submissions {
        let values = [
            ("number", outcome.number.to_string()),
            ("employer", outcome.employer_code.clone()),
            ("state", messages.text(&format!("inbox-state-{}", outcome.state.id()))),
        ];
        let id = if outcome.employer_code.is_empty() { "inbox-submission-nobody" } else { "inbox-submission" };
        lines.push(messages.with(id, &values));
        if outcome.held_lines > 0 {
            lines.push(messages.with("inbox-held-lines", &[("count", outcome.held_lines.to_string())]));
        }
    }
    for pay in to_pay {
        let values = [
            ("amount", pay.total.to_string()),
            ("number", pay.acknowledgement.number.clone()),
            ("date", pay.due_date.clone()),
        ];
        lines.push(messages.with("inbox-pay", &values));
        if !pay.interest.is_zero() {
            lines.push(messages.with("inbox-interest", &[("amount", pay.interest.to_string())]));
        }
    }
    lines.extend(paid.into_iter().flat_map(|paid| paid.page(messages)));
    if !check.findings.is_empty() {
        lines.push(String::new());
    }
    let mut worst_first: Vec<&Finding> = check.findings.iter().collect();
    worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in worst_first.iter().take(FINDINGS_SHOWN) {
        // In a file of several employers each finding says whose it is.
        let employer = check.employer_told(finding);
        let place = match (finding.line, employer) {
            (Some(line), _) => messages.with("inbox-place", &[("line", line.to_string())]),
            (None, Some(_)) => messages.text("inbox-part"),
            (None, None) => messages.text("inbox-whole"),
        };
        let place = [Some(place.as_str()), employer].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let label = messages.text(&format!("severity-{}-label", finding.severity.id()));
        let (said, cure) = (messages.finding(finding, false), messages.cure(finding, false));
        lines.push(format!("{place} · {label} {}: {said} {cure}", finding.name.code()));
    }
    if worst_first.len() > FINDINGS_SHOWN {
        let count = worst_first.len() - FINDINGS_SHOWN;
        lines.push(messages.with("inbox-more", &[("count", count.to_string())]));
    }
    lines.push(String::new());
    lines.push(messages.with("inbox-moved", &[("place", delivery.moved_to.clone())]));
    lines.push(
        messages.with("inbox-delivery", &[("number", delivery.id.to_string()), ("at", delivery.taken_at.clone())]),
    );
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_named_once_and_at_the_top() {
        let mut answer = Answer {
            json: "{\n  \"fix_sheets\": [],\n  \"x\": \"\\\"fix_sheets\\\": []\"\n}".to_owned(),
            text: String::new(),
            language: Language::English,
            sheet: None,
            to_mend: Vec::new(),
        };
        answer.name_sheets(&["a.fix.csv".to_owned(), "a.fix.xlsx".to_owned()]);
        let value: Value = serde_json::from_str(&answer.json).expect("JSON");
        assert_eq!(value["fix_sheets"], json!(["a.fix.csv", "a.fix.xlsx"]));
        assert_eq!(answer.text.matches("a.fix").count(), 1);
    }
}
