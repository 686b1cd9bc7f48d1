//! `caruman held`: lines that wait to be mended, what a day of waiting costs, and how they leave.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::json;

use super::ack::write_whole;
use super::answer::answer;
use super::submit::options_of;
use super::table::{Row, one, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::Scheme;
use crate::domain::identity::mask;
use crate::store::SubmissionNumber;
use crate::workflow::held::{Tray, TrayLine, TrayMonth, drop_lines, tray};
use crate::workflow::mend::{fix_sheet, retry};

/// Arguments of `held`.
#[derive(Debug, Args)]
pub struct HeldArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lines that wait, and what each day costs
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Show identity numbers in full
        #[arg(long)]
        show_identities: bool,
    },
    /// The fix sheet of a submission, to be filled in and given to `submit --fix`
    FixSheet {
        /// Its number, such as S-000123
        number: SubmissionNumber,
        /// Where to: FILE.csv or FILE.xlsx
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Overwrite a file that exists: entries in it are lost
        #[arg(long)]
        force: bool,
    },
    /// Hand the waiting lines of a submission in again as they are, when the register was brought up to date
    Retry {
        /// Its number, such as S-000123
        number: SubmissionNumber,
        /// Who sends, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        sent_by: String,
    },
    /// Give waiting lines up
    Drop {
        /// Number of the submission, such as S-000123
        number: SubmissionNumber,
        /// Lines of its file; all that wait when left out
        #[arg(long, value_name = "LINE", value_delimiter = ',')]
        lines: Vec<u64>,
        /// Why, for the record
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        /// Who decides, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        by: String,
    },
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, nothing waits, or the result not be written.
pub fn run(arguments: &HeldArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    match &arguments.what {
        What::List { employer, show_identities } => {
            let tray = tray(&office.store, employer.as_deref(), globals.now()).map_err(|error| said(&error))?;
            list(&mut out, &tray, *show_identities, globals)?;
        }
        What::FixSheet { number, out: path, force } => {
            if path.symlink_metadata().is_ok() && !force {
                return Err(CliError::said(format!("{} exists; --force overwrites it", path.display())));
            }
            let options = options_of(&office, "command-line", globals);
            let sheet = fix_sheet(&office.store, &office.vault, *number, &options).map_err(|error| said(&error))?;
            write_whole(path, &super::fix::sheet_bytes(&sheet, path)?)?;
            writeln!(out, "{}", path.display())?;
        }
        What::Retry { number, sent_by } => {
            let options = options_of(&office, sent_by, globals);
            let done = retry(&office.store, &office.vault, *number, &options).map_err(|error| said(&error))?;
            out.flush()?;
            drop(out);
            return answer(&done, globals);
        }
        What::Drop { number, lines, reason, by } => {
            let lines: BTreeSet<u64> = lines.iter().copied().collect();
            let dropped = drop_lines(&office.store, *number, &lines, (by, reason), globals.now());
            let dropped = dropped.map_err(|error| said(&error))?;
            let row = Row::from([("submission", json!(number.to_string())), ("dropped", json!(dropped))]);
            one(&mut out, globals, row)?;
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

const LINES: [&str; 9] =
    ["submission", "employer_code", "line", "id_number", "name", "month", "codes", "owed_sen", "cost_of_a_day_rm"];
const MONTHS: [&str; 9] = [
    "employer_code",
    "month",
    "scheme",
    "lines",
    "total_sen",
    "due_date",
    "days_late",
    "interest_today_sen",
    "interest_tomorrow_sen",
];

fn list(out: &mut impl Write, tray: &Tray, show: bool, globals: &Globals) -> Result<(), CliError> {
    let lines = tray.lines.iter().map(|line| line_row(line, show)).collect::<Vec<_>>();
    let months = tray.months.iter().map(month_row).collect::<Vec<_>>();
    match globals.output {
        Output::Json => {
            let document = json!({ "lines": lines, "months": months });
            serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => print_columns(out, globals, &LINES, lines)?,
        Output::Text if lines.is_empty() => writeln!(out, "{}", globals.messages().text("text-nothing-waits"))?,
        Output::Text => {
            print_columns(out, globals, &LINES, lines)?;
            writeln!(out)?;
            print_columns(out, globals, &MONTHS, months)?;
            writeln!(out, "{}", globals.messages().text("text-interest-estimate"))?;
        }
    }
    Ok(())
}

fn line_row(line: &TrayLine, show: bool) -> Row {
    let seen = |text: &str| if show { text.to_owned() } else { mask(text) };
    let said = line.said.as_ref();
    let owed: crate::domain::Sen = line.owed.iter().map(|(_, amount, _)| *amount).sum();
    let cost: rust_decimal::Decimal = line.owed.iter().map(|(_, _, cost)| *cost).sum();
    Row::from([
        ("submission", json!(line.waiting.number.to_string())),
        ("employer_code", json!(line.waiting.employer_code)),
        ("line", json!(line.waiting.line)),
        ("codes", json!(line.waiting.codes)),
        ("id_number", json!(said.map(|said| seen(&said.id_number.0)))),
        ("name", json!(said.map(|said| said.name.0.clone()))),
        ("month", json!(said.map(|said| said.month))),
        ("owed_sen", json!(said.map(|_| owed))),
        ("cost_of_a_day_rm", json!(said.map(|_| format!("{:.4}", cost.round_dp(4))))),
    ])
}

fn month_row(month: &TrayMonth) -> Row {
    let act = if month.scheme == Scheme::Act4 { "act4" } else { "act800" };
    Row::from([
        ("employer_code", json!(month.employer_code)),
        ("month", json!(month.month)),
        ("scheme", json!(act)),
        ("lines", json!(month.lines)),
        ("total_sen", json!(month.amount)),
        ("due_date", json!(month.due_date)),
        ("days_late", json!(month.days_late)),
        ("interest_today_sen", json!(month.interest)),
        ("interest_daily_sen", json!(month.interest_daily)),
        ("interest_tomorrow_sen", json!(month.tomorrow)),
    ])
}
