//! `caruman case`: what a person must look at.

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::table::{Row, one, print_columns_or};
use super::{CliError, Ended, Globals, office};
use crate::domain::{CaseKind, CaseState};
use crate::store::books::{CaseFilter, CaseRecord};
use crate::store::refunds::Refund;
use crate::workflow::cases::{case, close, propose};

/// Columns of the list in a terminal.
const COLUMNS: [&str; 7] = ["number", "kind", "state", "subject", "employer_code", "amount_sen", "opened_at"];

/// Arguments of `case`.
#[derive(Debug, Args)]
pub struct CaseArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Cases, newest first
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only of this kind
        #[arg(long, value_name = "KIND")]
        kind: Option<CaseKind>,
        /// Only in this state
        #[arg(long, value_name = "open|proposed|closed")]
        state: Option<CaseState>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One case with its events
    Show {
        /// Its number
        number: String,
    },
    /// Say how it is solved; another person closes it
    Propose {
        /// Its number
        number: String,
        /// How it is solved
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        solution: String,
        /// Of a refund: the day on which the money went back
        #[arg(long, value_name = "YYYY-MM-DD", requires = "reference")]
        refunded_on: Option<NaiveDate>,
        /// Of a refund: the bank's reference of it
        #[arg(long, value_name = "TEXT", requires = "refunded_on", value_parser = NonEmptyStringValueParser::new())]
        reference: Option<String>,
        /// Who says so
        #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
        by: String,
    },
    /// Agree with what another person proposed; a refund is booked with it
    Close {
        /// Its number
        number: String,
        /// Who agrees
        #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
        by: String,
    },
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the step is not possible, or the result not be written.
pub fn run(arguments: &CaseArgs, globals: &Globals) -> Result<Ended, CliError> {
    let store = office::open(globals)?.store;
    let said = |error: crate::store::StoreError| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    let now = globals.now();
    let found = match &arguments.what {
        What::List { employer, kind, state, limit } => {
            let filter = CaseFilter {
                employer_code: employer.clone(),
                kind: *kind,
                state: *state,
                limit: *limit,
                ..CaseFilter::default()
            };
            let found = store.cases(&filter).map_err(said)?;
            print_columns_or(&mut out, globals, &COLUMNS, found.iter().map(row).collect(), "case-none")?;
            out.flush()?;
            return Ok(Ended::Well);
        }
        What::Show { number } => case(&store, &number.to_uppercase()).map_err(said)?,
        What::Propose { number, solution, refunded_on, reference, by } => {
            let refund = refunded_on.zip(reference.clone()).map(|(on, reference)| Refund { on, reference });
            let done = propose(&store, &number.to_uppercase(), (by, solution), refund.as_ref(), now);
            done.map_err(|error| CliError::said(error.to_string()))?
        }
        What::Close { number, by } => {
            let done = close(&store, &number.to_uppercase(), by, now);
            done.map_err(|error| CliError::said(error.to_string()))?
        }
    };
    let mut shown = row(&found);
    let events = store.events(&found.number).map_err(said)?;
    let events = events.iter().map(|e| json!({ "at": e.at, "who": e.who, "what": e.what, "detail": e.detail }));
    shown.insert("events", events.collect());
    one(&mut out, globals, shown)?;
    out.flush()?;
    Ok(Ended::Well)
}

fn row(case: &CaseRecord) -> Row {
    let refund = case.refund.as_ref();
    let values: [(&'static str, Value); 15] = [
        ("number", json!(case.number)),
        ("kind", json!(case.kind.id())),
        ("state", json!(case.state.id())),
        ("subject", json!(case.subject)),
        ("employer_code", json!(case.employer_code)),
        ("amount_sen", json!(case.amount)),
        ("opened_at", json!(case.opened_at)),
        ("detail", json!(case.detail)),
        ("proposed_by", json!(case.proposed_by)),
        ("proposed_at", json!(case.proposed_at)),
        ("solution", json!(case.solution)),
        ("refunded_on", json!(refund.map(|refund| refund.on))),
        ("refund_reference", json!(refund.map(|refund| refund.reference.as_str()))),
        ("closed_by", json!(case.closed_by)),
        ("closed_at", json!(case.closed_at)),
    ];
    Row::from(values)
}
