//! `caruman submit`: receive, judge, keep, number; and `submission list|show` to look back.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::check::JudgeArgs;
use super::{CliError, Ended, Globals, Output, lines, office, terminal};
use crate::checks::FileCheck;
use crate::document::{FileDocument, Style};
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, Severity, SubmissionKind};
use crate::store::{Filter, SubmissionNumber, SubmissionSummary};
use crate::workflow::submit::{Acknowledged, SubmissionOutcome, SubmitOptions, Submitted, submit};

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub struct SubmitArgs {
    #[command(flatten)]
    judge: JudgeArgs,
    /// Who sends, for the record
    #[arg(long, value_name = "NAME", default_value = "command-line")]
    sent_by: String,
    /// Why the files are handed in; found out from their months and from what was acknowledged before when left out
    #[arg(long, value_name = "monthly|supplementary|arrears|short-payment")]
    kind: Option<SubmissionKind>,
    /// The list of changes that you have seen and sign, by the digest that `changes` printed
    #[arg(long, value_name = "DIGEST")]
    signed: Option<String>,
    /// At most so many small files in one commit
    #[arg(long, hide = true, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    group_files: u32,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &SubmitArgs, globals: &Globals) -> Result<Ended, CliError> {
    let judge = &arguments.judge;
    let register = judge.register()?;
    let office = office::open(globals)?;
    let options = SubmitOptions {
        scheme: judge.scheme,
        register: register.as_ref(),
        gate: judge.gate.into(),
        policy: judge.policy,
        kind: arguments.kind,
        signed: arguments.signed.as_deref(),
        office: office.rules,
        threads: globals.threads(),
        group_files: arguments.group_files as usize,
        language: globals.language(),
        ..SubmitOptions::new(&arguments.sent_by, &office.issuer, globals.now())
    };
    let style = judge.style(globals);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer { globals, style, json: Vec::new(), worst: Ended::Well, failed: None };
    let bar = progress(judge.files.len(), globals);
    let done = submit(&office.store, &office.vault, &judge.files, &options, |submitted| {
        bar.inc(1);
        printer.take(&mut out, &submitted);
    });
    bar.finish_and_clear();
    printer.finish(&mut out)?;
    done.map_err(|error| CliError::said(format!("{error}; files without an answer above were not kept")))?;
    Ok(printer.worst)
}

fn progress(files: usize, globals: &Globals) -> indicatif::ProgressBar {
    if files > 100 && globals.may_draw() {
        indicatif::ProgressBar::new(files as u64)
    } else {
        indicatif::ProgressBar::hidden()
    }
}

struct Printer<'a> {
    globals: &'a Globals,
    style: Style<'a>,
    json: Vec<Value>,
    worst: Ended,
    failed: Option<io::Error>,
}

impl Printer<'_> {
    /// Prints an answer at once: it is committed, whatever becomes of the files after it.
    fn take(&mut self, out: &mut impl Write, submitted: &Submitted) {
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

    fn finish(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        if self.globals.output == Output::Json {
            serde_json::to_writer_pretty(&mut *out, &json!({ "files": self.json })).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        out.flush()?;
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }
}

fn ended(submitted: &Submitted) -> Ended {
    let of = |outcome: &SubmissionOutcome| match outcome.state {
        SubmissionState::Taken if outcome.held_lines == 0 => Ended::Well,
        SubmissionState::Repeat => Ended::Well,
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
    let submissions: Vec<Value> = submitted.submissions.iter().map(submission_json).collect();
    json!({
        "path": path,
        "submissions": submissions,
        "check": serde_json::to_value(FileDocument::new(&path, check, check.not_checked(), style)).unwrap_or_default(),
    })
}

fn submission_json(outcome: &SubmissionOutcome) -> Value {
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
    })
}

fn csv_rows(out: &mut impl Write, submitted: &Submitted) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for outcome in &submitted.submissions {
        let numbers: Vec<&str> = outcome.acknowledgements.iter().map(|a| a.number.as_str()).collect();
        let (path, held) = (submitted.path.to_string_lossy(), outcome.held_lines.to_string());
        let number = outcome.number.to_string();
        writer.write_record([
            &path,
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
    // What was taken needs no list of its warnings again; what was not, does.
    if let Some(check) = &submitted.check
        && check.findings.iter().any(|finding| finding.severity >= Severity::Fix)
    {
        let shown = lines::numbered(&submitted.path, check, terminal::shown(check));
        terminal::file(out, &path, check, &shown, style)?;
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
                    format!("{number} ({people} {}, RM {total})", style.messages.text("label-people"))
                }
                None => number.clone(),
            });
        }
        if outcome.held_lines > 0 && outcome.state == SubmissionState::Taken {
            words.push(format!("{} {}", outcome.held_lines, style.messages.text("label-held")));
        }
        writeln!(out, "{}", words.join(" · "))?;
    }
    Ok(())
}

/// Arguments of `submission`.
#[derive(Debug, Args)]
pub struct SubmissionArgs {
    #[command(subcommand)]
    look: Look,
}

#[derive(Debug, Subcommand)]
enum Look {
    /// Submissions, newest first
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only this contribution month
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<ContributionMonth>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One submission: its acknowledgements, held lines, events and check document
    Show {
        /// Its number, such as S-000123
        number: SubmissionNumber,
    },
}

/// Runs `submission`.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn look(arguments: &SubmissionArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let said = |error: crate::store::StoreError| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    match &arguments.look {
        Look::List { employer, month, limit } => {
            let filter = Filter { employer_code: employer.clone(), month: *month, limit: *limit, ..Filter::default() };
            let found = office.store.submissions(&filter).map_err(said)?;
            super::table::print(&mut out, globals, found.iter().map(summary).collect())?;
        }
        Look::Show { number } => {
            let found = office.store.submission(*number).map_err(said)?;
            let mut shown = summary(&found);
            let filter = Filter { submission: Some(found.id), ..Filter::default() };
            let mut acknowledgements = office.store.acknowledgements(&filter).map_err(said)?;
            acknowledgements.sort_by_key(|a| a.scheme);
            shown.insert("acknowledgements", acknowledgements.iter().map(|a| a.number.clone()).collect());
            let held = office.store.held_lines(found.id).map_err(said)?;
            let held = held.iter().map(|line| json!({ "line": line.line, "tray": line.tray, "codes": line.codes }));
            shown.insert("held", held.collect());
            let events = office.store.events(&number.to_string()).map_err(said)?;
            let events = events.iter().map(|e| json!({ "at": e.at, "who": e.who, "what": e.what, "detail": e.detail }));
            shown.insert("events", events.collect());
            let document = office.store.check_document(&found).map_err(said)?;
            let document = document.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
            if globals.output == Output::Json {
                shown.insert("check", document);
            }
            super::table::one(&mut out, globals, shown)?;
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn summary(found: &SubmissionSummary) -> BTreeMap<&'static str, Value> {
    let schemes: Vec<&str> = found.schemes.iter().map(|scheme| scheme.id()).collect();
    BTreeMap::from([
        ("submission", json!(found.number.to_string())),
        ("employer_code", json!(found.employer_code)),
        ("state", json!(found.state.id())),
        ("received_at", json!(found.received_at)),
        ("file_name", json!(found.file_name)),
        ("layout", json!(found.layout)),
        ("schemes", json!(schemes)),
        ("policy", json!(found.policy)),
        ("lines", json!(found.lines)),
        ("accepted_lines", json!(found.accepted_lines)),
        ("held_lines", json!(found.held_lines)),
        ("rule_pack", json!(found.rule_pack)),
        ("digest", json!(format!("blake3:{}", blake3::Hash::from(found.digest).to_hex()))),
    ])
}
