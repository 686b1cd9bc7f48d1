//! What `submit` answers to each file.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::{CliError, Ended, Globals, Output, lines, terminal};
use crate::checks::FileCheck;
use crate::document::without_formula;
use crate::document::{FileDocument, Style};
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, Severity, SubmissionKind};
use crate::messages::Messages;
use crate::workflow::inbox::answer::submission_value;
use crate::workflow::submit::{Acknowledged, Again, SubmissionOutcome, Submitted};

/// Lines of an earlier file that an answer names.
const LINES_NAMED: usize = 12;

/// Prints one answer as `submit` does.
///
/// # Errors
/// When it cannot be written.
pub fn answer(submitted: &Submitted, globals: &Globals) -> Result<Ended, CliError> {
    let style = Style { messages: globals.messages(), show_identities: false };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer::new(globals, style);
    printer.take(&mut out, submitted);
    printer.finish(&mut out)?;
    Ok(printer.worst)
}

/// Prints the answers to files, one after the other.
pub struct Printer<'a> {
    globals: &'a Globals,
    style: Style<'a>,
    json: Vec<Value>,
    /// The worst answer.
    pub worst: Ended,
    failed: Option<io::Error>,
}

impl<'a> Printer<'a> {
    /// For one call.
    pub fn new(globals: &'a Globals, style: Style<'a>) -> Self {
        Printer { globals, style, json: Vec::new(), worst: Ended::Well, failed: None }
    }

    /// Prints an answer at once: it is committed, whatever becomes of the files after it.
    pub fn take(&mut self, out: &mut impl Write, submitted: &Submitted) {
        self.worst = self.worst.max(ended(submitted));
        if let Some(failure) = &submitted.failure {
            eprintln!("caruman: {failure}");
        }
        let printed = match self.globals.output {
            Output::Json => {
                self.json.push(document(submitted, self.style));
                Ok(())
            }
            Output::Csv => csv_rows(out, submitted),
            Output::Text => text(out, submitted, self.style),
        };
        if let Err(error) = printed {
            self.failed.get_or_insert(error);
        }
    }

    /// Ends the call.
    ///
    /// # Errors
    /// When an answer could not be written.
    pub fn finish(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        if self.globals.output == Output::Json {
            serde_json::to_writer_pretty(&mut *out, &json!({ "files": self.json })).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        out.flush()?;
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }
}

fn ended(submitted: &Submitted) -> Ended {
    let to_mend = |outcome: &SubmissionOutcome| {
        let Some(check) = &submitted.check else { return false };
        let place = check.place_of(&outcome.employer_code);
        let concerns = |finding: &&Finding| place.is_none_or(|place| check.concerns(finding, place));
        check.findings.iter().filter(concerns).any(|finding| finding.severity >= Severity::Fix)
    };
    let of = |outcome: &SubmissionOutcome| match outcome.state {
        SubmissionState::Taken if outcome.held_lines == 0 => Ended::Well,
        // What waited the first time still does.
        SubmissionState::Repeat if !to_mend(outcome) => Ended::Well,
        SubmissionState::Refused => Ended::Not,
        _ => Ended::WithFindings,
    };
    submitted.submissions.iter().map(of).max().unwrap_or(Ended::Not)
}

fn document(submitted: &Submitted, style: Style<'_>) -> Value {
    let path = submitted.path.to_string_lossy();
    let unread;
    let check = match &submitted.check {
        Some(check) => check,
        None => {
            unread = FileCheck::unread(Vec::new());
            &unread
        }
    };
    let submissions: Vec<Value> =
        submitted.submissions.iter().map(|outcome| submission_value(outcome, style.messages)).collect();
    json!({
        "path": path,
        "submissions": submissions,
        "check": serde_json::to_value(FileDocument::new(&path, check, check.not_checked(), style)).unwrap_or_default(),
    })
}

fn csv_rows(out: &mut impl Write, submitted: &Submitted) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for outcome in &submitted.submissions {
        let numbers: Vec<&str> = outcome.acknowledgements.iter().map(|a| a.number.as_str()).collect();
        let (path, held) = (submitted.path.to_string_lossy(), outcome.held_lines.to_string());
        let number = outcome.number.to_string();
        writer.write_record([
            &without_formula(&path),
            number.as_str(),
            &outcome.employer_code,
            outcome.state.id(),
            &held,
            &numbers.join(" "),
        ])?;
    }
    writer.flush()
}

fn text(out: &mut impl Write, submitted: &Submitted, style: Style<'_>) -> io::Result<()> {
    let path = submitted.path.to_string_lossy();
    if let Some(check) = &submitted.check {
        if check.findings.iter().any(|finding| finding.severity >= Severity::Fix) {
            let shown = match &submitted.again {
                Some(again) => lines::numbered_in(again.bytes.as_slice(), check, terminal::shown(check)),
                None => lines::numbered(&submitted.path, check, terminal::shown(check)),
            };
            terminal::file(out, &path, check, &shown, style)?;
        } else {
            warnings(out, check, style)?;
        }
    }
    for outcome in &submitted.submissions {
        let mut words = vec![path.to_string(), outcome.number.to_string(), outcome.state.to_string()];
        if !outcome.employer_code.is_empty() {
            words.insert(2, outcome.employer_code.clone());
        }
        if let Some(first) = outcome.repeat_of {
            words.push(format!("= {first}"));
        }
        for Acknowledged { number, amounts, .. } in &outcome.acknowledgements {
            words.push(match amounts {
                Some((people, total)) => {
                    format!(
                        "{number} ({}, RM {total})",
                        style.messages.with("text-people", &[("count", people.to_string())])
                    )
                }
                None => number.clone(),
            });
        }
        if outcome.held_lines > 0 && outcome.state == SubmissionState::Taken {
            words.push(format!("{} {}", outcome.held_lines, style.messages.text("label-held")));
        }
        if !matches!(outcome.kind, SubmissionKind::Monthly) && outcome.state == SubmissionState::Taken {
            words.insert(words.len().min(4), outcome.kind.to_string());
        }
        writeln!(out, "{}", words.join(" · "))?;
        // A file that came again whole has its old lines.
        let moved = |again: &&Again| (1..).zip(&again.origin).any(|(line, old)| line != *old);
        if let Some(again) = submitted.again.as_ref().filter(moved) {
            let lines: Vec<String> = again.origin.iter().take(LINES_NAMED).map(u64::to_string).collect();
            let more = if again.origin.len() > LINES_NAMED { ", …" } else { "" };
            let values = [("lines", format!("{}{more}", lines.join(", "))), ("number", again.number.to_string())];
            writeln!(out, "  {}", style.messages.with("text-lines-again", &values))?;
        }
        for said in beside(outcome, style.messages) {
            writeln!(out, "  {said}")?;
        }
    }
    Ok(())
}

/// What was taken needs no list of everything odd, but the clerk should know that there is one: what concerns the whole
/// file in a line each, the rest as a count.
fn warnings(out: &mut impl Write, check: &FileCheck, style: Style<'_>) -> io::Result<()> {
    let warns = || check.findings.iter().filter(|finding| finding.severity == Severity::Warn);
    let label = style.messages.text("severity-warn-label");
    for finding in warns().filter(|finding| finding.line.is_none()) {
        writeln!(out, "{label}[{}]: {}", finding.name.code(), terminal::message(finding, check, style))?;
    }
    let mut of_lines: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in warns().filter(|finding| finding.line.is_some()) {
        *of_lines.entry(finding.name.name()).or_default() += 1;
    }
    if !of_lines.is_empty() {
        let list: Vec<String> = of_lines.iter().map(|(name, count)| format!("{name} {count}")).collect();
        writeln!(out, "{label}: {}", style.messages.with("text-line-warnings", &[("list", list.join(", "))]))?;
    }
    Ok(())
}

/// What an answer says besides its numbers.
fn beside(outcome: &SubmissionOutcome, messages: &Messages) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(changes) = &outcome.changes {
        said.push(messages.with("text-changes-signed", &[("changes", changes.sentence(messages))]));
    }
    let mut count = |id: &str, count: u64| {
        if count > 0 {
            said.push(messages.with(id, &[("count", count.to_string())]));
        }
    };
    count("text-register-seeded", u64::from(outcome.learned.seeded));
    count("text-registered", outcome.learned.registered);
    count("text-left", outcome.learned.left);
    count("text-late", outcome.breaches);
    said
}
