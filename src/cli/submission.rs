//! `caruman submission`: look back at submissions, and decide on those that wait for a second person.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliError, Ended, Globals, Output, office};
use crate::domain::ContributionMonth;
use crate::store::{Filter, Store, StoreError, SubmissionId, SubmissionNumber, SubmissionSummary};
use crate::workflow::approve::{approve, send_back};

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
    /// Agree, as the employer's second person: the acknowledgements get their numbers
    Approve {
        /// Its number, such as S-000123
        number: SubmissionNumber,
        /// Who agrees: not who sent the file
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Send back what waits for approval; a corrected file can be handed in
    SendBack {
        /// Its number, such as S-000123
        number: SubmissionNumber,
        /// Who decides
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
    },
}

/// Runs `submission`.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &SubmissionArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let said = |error: StoreError| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    match &arguments.look {
        Look::List { employer, month, limit } => {
            let filter = Filter { employer_code: employer.clone(), month: *month, limit: *limit, ..Filter::default() };
            let found = office.store.submissions(&filter).map_err(said)?;
            super::table::print(&mut out, globals, found.iter().map(summary).collect())?;
        }
        Look::Approve { number, by } => {
            let given = approve(&office.store, *number, by, globals.now());
            let given = given.map_err(|error| CliError::said(error.to_string()))?;
            let rows = given.iter().map(|a| {
                BTreeMap::from([
                    ("number", json!(a.number)),
                    ("scheme", json!(a.scheme.id())),
                    ("people", json!(a.amounts.map(|amounts| amounts.0))),
                    ("total_sen", json!(a.amounts.map(|amounts| amounts.1))),
                ])
            });
            super::table::print(&mut out, globals, rows.collect())?;
        }
        Look::SendBack { number, by, reason } => {
            let sent = send_back(&office.store, *number, (by, reason), globals.now());
            sent.map_err(|error| CliError::said(error.to_string()))?;
            super::table::print(&mut out, globals, vec![summary(&office.store.submission(*number).map_err(said)?)])?;
        }
        Look::Show { number } => {
            let found = office.store.submission(*number).map_err(said)?;
            let mut shown = summary(&found);
            let filter = Filter { submission: Some(found.id), ..Filter::default() };
            let mut acknowledgements = office.store.acknowledgements(&filter).map_err(said)?;
            acknowledgements.sort_by_key(|a| a.scheme);
            shown.insert("acknowledgements", acknowledgements.iter().map(|a| a.number.clone()).collect());
            let number_of = |id: Option<SubmissionId>| number_of(&office.store, id).map_err(said);
            shown.insert("repeat_of", number_of(found.repeat_of)?);
            shown.insert("supplement_to", number_of(found.supplement_to)?);
            let mut held = Vec::new();
            for line in office.store.held_lines(found.id).map_err(said)? {
                let (state, freed_by) = (line.state.id(), number_of(line.freed_by)?);
                let (line, tray, codes) = (line.line, line.tray, line.codes);
                held.push(json!({ "line": line, "tray": tray, "codes": codes, "state": state, "freed_by": freed_by }));
            }
            shown.insert("held", held.into());
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

/// The printed number of a submission.
fn number_of(store: &Store, id: Option<SubmissionId>) -> Result<Value, StoreError> {
    let Some(id) = id else { return Ok(Value::Null) };
    let filter = Filter { submission: Some(id), ..Filter::default() };
    Ok(json!(store.submissions(&filter)?.first().map(|found| found.number.to_string())))
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
        ("kind", json!(found.kind)),
        ("lines", json!(found.lines)),
        ("accepted_lines", json!(found.accepted_lines)),
        ("held_lines", json!(found.held_lines)),
        ("rule_pack", json!(found.rule_pack)),
        ("digest", json!(format!("blake3:{}", blake3::Hash::from(found.digest).to_hex()))),
    ])
}
