//! `caruman calc`: one answer, or a CSV of questions.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, Ended, Globals, Output, read_file};
use crate::rates::RateBook;
use crate::rates::calc::{
    Answer, ContributionQuestion, DueDateQuestion, InterestQuestion, Question, answer_csv, to_csv,
};

/// Arguments of `calc`.
#[derive(Debug, Args)]
pub struct CalcArgs {
    #[command(subcommand)]
    question: CalcQuestion,
}

#[derive(Debug, Subcommand)]
enum CalcQuestion {
    /// What a wage pays in a month
    Contribution(ContributionArgs),
    /// What a delay costs
    Interest(InterestArgs),
    /// When a month is due
    DueDate(DueDateArgs),
}

#[derive(Debug, Args)]
struct ContributionArgs {
    /// Contribution month
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// Wages of the month in ringgit
    #[arg(long, value_name = "RM")]
    wage: Option<String>,
    /// Date of birth
    #[arg(long, value_name = "YYYY-MM-DD")]
    born: Option<String>,
    /// citizen, permanent_resident, temporary_resident or foreign
    #[arg(long)]
    residency: Option<String>,
    /// Works in a private household
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_name = "yes|no")]
    domestic_worker: Option<String>,
    /// First came under Act 4 at 55 or over
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_name = "yes|no")]
    first_insured_at_55_or_over: Option<String>,
    /// An EIS contribution was payable before 57
    #[arg(long, value_name = "yes|no")]
    eis_payable_before_57: Option<String>,
    /// participating, or released:2026-08
    #[arg(long)]
    skbbk: Option<String>,
    /// A table of questions, with these flags as columns
    #[arg(long, value_name = "FILE", conflicts_with_all = ["month", "wage", "born", "residency"])]
    csv: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct InterestArgs {
    /// act4 or act800
    #[arg(long)]
    act: Option<String>,
    /// Contribution month
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// Unpaid contributions of the month under the Act, in ringgit
    #[arg(long, value_name = "RM")]
    amount: Option<String>,
    /// Moment of payment
    #[arg(long, value_name = "RFC3339")]
    paid: Option<String>,
    /// daily or statute
    #[arg(long)]
    profile: Option<String>,
    /// A table of questions, with these flags as columns
    #[arg(long, value_name = "FILE", conflicts_with_all = ["act", "month", "amount", "paid"])]
    csv: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct DueDateArgs {
    /// Contribution month
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// next-working-day or last-working-day-before
    #[arg(long)]
    holiday_profile: Option<String>,
    /// A table of questions, with these flags as columns
    #[arg(long, value_name = "FILE", conflicts_with = "month")]
    csv: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When a question has no answer, or the result cannot be written.
pub fn run(arguments: &CalcArgs, globals: &Globals) -> Result<Ended, CliError> {
    match &arguments.question {
        CalcQuestion::Contribution(a) => {
            let question = ContributionQuestion {
                month: a.month.clone(),
                wage: a.wage.clone(),
                born: a.born.clone(),
                residency: a.residency.clone(),
                domestic_worker: a.domestic_worker.clone(),
                first_insured_at_55_or_over: a.first_insured_at_55_or_over.clone(),
                eis_payable_before_57: a.eis_payable_before_57.clone(),
                skbbk: a.skbbk.clone(),
            };
            answer(&question, a.csv.as_ref(), globals)
        }
        CalcQuestion::Interest(a) => {
            let question = InterestQuestion {
                act: a.act.clone(),
                month: a.month.clone(),
                amount: a.amount.clone(),
                paid: a.paid.clone(),
                profile: a.profile.clone(),
            };
            answer(&question, a.csv.as_ref(), globals)
        }
        CalcQuestion::DueDate(a) => {
            let question = DueDateQuestion { month: a.month.clone(), holiday_profile: a.holiday_profile.clone() };
            answer(&question, a.csv.as_ref(), globals)
        }
    }
}

fn answer<Q: Question>(question: &Q, table: Option<&PathBuf>, globals: &Globals) -> Result<Ended, CliError> {
    let book = RateBook::embedded();
    let mut out = io::stdout().lock();
    let Some(table) = table else {
        let answer = question.answer(book).map_err(|error| CliError::said(error.to_string()))?;
        print(&mut out, &[answer], globals.output, false)?;
        return Ok(Ended::Well);
    };
    let text = String::from_utf8_lossy(&read_file(table)?).into_owned();
    let mut ended = Ended::Well;
    let mut answers = Vec::new();
    for answer in answer_csv::<Q>(&text, book) {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                ended = Ended::Not;
                eprintln!("caruman: {}: {error}", table.display());
            }
        }
    }
    print(&mut out, &answers, globals.output, true)?;
    Ok(ended)
}

fn print<A: Answer>(out: &mut impl Write, answers: &[A], output: Output, many: bool) -> Result<(), CliError> {
    match output {
        Output::Csv => write!(out, "{}", to_csv(answers))?,
        Output::Json if many => {
            serde_json::to_writer_pretty(&mut *out, answers).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Json => {
            for answer in answers {
                serde_json::to_writer_pretty(&mut *out, answer).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        Output::Text => {
            for answer in answers {
                for (name, value) in A::COLUMNS.iter().zip(answer.cells()) {
                    writeln!(out, "{:<22} {}", words(name), in_words(name, &value))?;
                }
                if many {
                    writeln!(out)?;
                }
            }
        }
    }
    Ok(())
}

/// A key of the JSON document as a label.
fn words(key: &str) -> String {
    key.trim_end_matches("_sen").replace('_', " ")
}

/// Sen as ringgit; everything else as it is.
fn in_words(key: &str, value: &str) -> String {
    match value.parse::<i64>() {
        Ok(sen) if key.ends_with("_sen") => format!("RM {}", crate::domain::Sen(sen)),
        _ => value.to_owned(),
    }
}
