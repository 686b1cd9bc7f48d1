//! `caruman submit`: receive, judge, keep, number.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::ack::write_whole;
use super::answer::Printer;
use super::check::JudgeArgs;
use super::fix::sheet_bytes;
use super::office::Office;
use super::{CliError, Ended, Globals, Output, office, read_file};
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, EmployerCode, Scheme, SubmissionKind};
use crate::store::SubmissionNumber;
use crate::workflow::mend::{MendError, fix_sheet, submit_fixed};
use crate::workflow::nil::{NilMonth, declare};
use crate::workflow::submit::{SubmissionOutcome, SubmitOptions, Submitted, submit};

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
    /// Write a fix sheet (.csv and .xlsx) into this folder for everything that is returned, refused or partly held
    #[arg(long, value_name = "DIR")]
    fix_sheets: Option<PathBuf>,
    /// Hand in what a fix sheet mends, in place of files
    #[arg(long, value_name = "SHEET.csv|.xlsx")]
    fix: Vec<PathBuf>,
    /// Declare a month in which nobody was paid, in place of files
    #[arg(long, value_name = "YYYY-MM", requires = "employer", conflicts_with_all = ["fix", "files", "kind"])]
    nil: Option<ContributionMonth>,
    /// Whose nil month it is
    #[arg(long, value_name = "CODE", requires = "nil")]
    employer: Option<String>,
    /// The list of changes that you have seen and sign, by the digest that `changes` printed; several with commas
    #[arg(long, value_name = "DIGEST")]
    signed: Option<String>,
    /// At most so many small files in one commit
    #[arg(long, hide = true, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    group_files: u32,
}

/// How a command hands in, with what the office has configured.
pub fn options_of<'a>(office: &'a Office, sent_by: &'a str, globals: &Globals) -> SubmitOptions<'a> {
    SubmitOptions {
        office: office.rules,
        threads: globals.threads(),
        language: globals.language(),
        ..SubmitOptions::new(sent_by, &office.issuer, globals.now())
    }
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &SubmitArgs, globals: &Globals) -> Result<Ended, CliError> {
    let judge = &arguments.judge;
    if let Some(month) = arguments.nil {
        return nil(arguments, month, globals);
    }
    if arguments.fix.is_empty() {
        judge.some_file()?;
    }
    if arguments.kind == Some(SubmissionKind::Nil) {
        return Err(CliError::said("a nil month has no file: submit --nil YYYY-MM --employer CODE"));
    }
    let register = judge.register()?;
    let office = office::open(globals)?;
    let options = SubmitOptions {
        scheme: judge.scheme,
        register: register.as_ref(),
        gate: judge.gate.into(),
        policy: judge.policy,
        registration: judge.registration,
        kind: arguments.kind,
        signed: arguments.signed.as_deref(),
        group_files: arguments.group_files as usize,
        ..options_of(&office, &arguments.sent_by, globals)
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer::new(globals, judge.style(globals));
    let mut to_mend = Vec::new();
    for path in &arguments.fix {
        let mended = read_file(path).and_then(|sheet| {
            let mended = submit_fixed(&office.store, &office.vault, &sheet, &options);
            mended.map_err(|error| CliError::said(format!("{}: {error}", path.display())))
        });
        let mended = match mended {
            Ok(mended) => mended,
            Err(error) => {
                // What was handed in before it is committed, and is answered.
                printer.finish(&mut out)?;
                return Err(error);
            }
        };
        to_mend.extend(unfinished(&mended));
        printer.take(&mut out, &mended);
    }
    let bar = progress(judge.files.len(), globals);
    let done = submit(&office.store, &office.vault, &judge.files, &options, |submitted| {
        bar.inc(1);
        to_mend.extend(unfinished(&submitted));
        printer.take(&mut out, &submitted);
    });
    bar.finish_and_clear();
    printer.finish(&mut out)?;
    if let Some(folder) = &arguments.fix_sheets {
        write_sheets(folder, &to_mend, &office, &options)?;
    }
    done.map_err(|error| CliError::said(format!("{error}; files without an answer above were not kept")))?;
    Ok(printer.worst)
}

/// A month in which nobody was paid.
fn nil(arguments: &SubmitArgs, month: ContributionMonth, globals: &Globals) -> Result<Ended, CliError> {
    let written = arguments.employer.as_deref().unwrap_or_default();
    let Some(code) = EmployerCode::read(written).1 else {
        return Err(CliError::said(format!("\"{written}\" is not an employer code; name one with --employer")));
    };
    let office = office::open(globals)?;
    let both = [Scheme::Act4, Scheme::Act800];
    let one = arguments.judge.scheme;
    let nil = NilMonth {
        employer_code: &code,
        month,
        schemes: one.as_ref().map_or(&both[..], std::slice::from_ref),
        sent_by: &arguments.sent_by,
        issuer: &office.issuer,
        now: globals.now(),
        new_employers: office.rules.new_employers,
    };
    let (number, numbers) =
        declare(&office.store, &office.vault, &nil).map_err(|error| CliError::said(error.to_string()))?;
    let acknowledgements: Vec<Value> = numbers
        .iter()
        .map(|(scheme, number)| json!({ "scheme": scheme.id(), "number": number, "people": 0, "total_sen": 0 }))
        .collect();
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Text {
        let numbers: Vec<&str> = numbers.iter().map(|(_, number)| number.as_str()).collect();
        writeln!(out, "{code} · {month} · {number} · nil · {}", numbers.join(" · "))?;
    } else {
        let row = BTreeMap::from([
            ("submission", json!(number.to_string())),
            ("employer_code", json!(code)),
            ("month", json!(month)),
            ("kind", json!(SubmissionKind::Nil)),
            ("acknowledgements", json!(acknowledgements)),
        ]);
        super::table::one(&mut out, globals, row)?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

/// Submissions of a file that leave something to mend.
fn unfinished(submitted: &Submitted) -> impl Iterator<Item = SubmissionNumber> {
    let open = |outcome: &&SubmissionOutcome| match outcome.state {
        SubmissionState::Taken => outcome.held_lines > 0,
        state => matches!(state, SubmissionState::Returned | SubmissionState::Refused),
    };
    submitted.submissions.iter().filter(open).map(|outcome| outcome.number)
}

/// Writes `S-000123.fix.csv` and `.fix.xlsx` for each; those without anything to enter have none.
fn write_sheets(
    folder: &Path,
    numbers: &[SubmissionNumber],
    office: &Office,
    options: &SubmitOptions<'_>,
) -> Result<(), CliError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| CliError::said(format!("{} cannot be made: {error}", folder.display())))?;
    for number in numbers {
        let sheet = match fix_sheet(&office.store, &office.vault, *number, options) {
            Ok(sheet) if !sheet.rows.is_empty() => sheet,
            // Lines that stand acknowledged already have nothing to be mended.
            Ok(_) | Err(MendError::Nothing(_)) => continue,
            Err(error) => return Err(CliError::said(error.to_string())),
        };
        for ending in ["csv", "xlsx"] {
            let path = folder.join(format!("{number}.fix.{ending}"));
            write_whole(&path, &sheet_bytes(&sheet, &path)?)?;
            eprintln!("{}", path.display());
        }
    }
    Ok(())
}

fn progress(files: usize, globals: &Globals) -> indicatif::ProgressBar {
    if files > 100 && globals.may_draw() {
        indicatif::ProgressBar::new(files as u64)
    } else {
        indicatif::ProgressBar::hidden()
    }
}
