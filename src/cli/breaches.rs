//! `caruman register breaches`: people who were not registered within thirty days, and what is owed for them.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use clap::Args;
use serde_json::json;

use super::table::{Row, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::identity::mask;
use crate::store::tray::Breach;

/// Arguments of `register breaches`.
#[derive(Debug, Args)]
pub struct BreachesArgs {
    /// Only this employer's
    #[arg(long, value_name = "CODE")]
    employer: Option<String>,
    /// Show identity numbers in full
    #[arg(long)]
    show_identities: bool,
}

const COLUMNS: [&str; 9] = [
    "employer_code",
    "id_number",
    "name",
    "started",
    "last_day",
    "found_on",
    "days_late",
    "arrears_sen",
    "interest_sen",
];

/// Runs the command: one row a person, as the last file showed it.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &BreachesArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let kept = office.store.breaches(arguments.employer.as_deref());
    let mut last: BTreeMap<(String, String, String), Breach> = BTreeMap::new();
    for breach in kept.map_err(|error| CliError::said(error.to_string()))? {
        let recorded = &breach.recorded;
        let number = recorded.person.employee.id_number.reveal().to_owned();
        last.insert((recorded.employer_code.clone(), number, recorded.started.to_string()), breach);
    }
    let rows: Vec<Row> = last.values().map(|breach| row(breach, arguments.show_identities)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    if rows.is_empty() && globals.output == Output::Text {
        writeln!(out, "{}", globals.messages().text("text-no-breaches"))?;
    } else {
        print_columns(&mut out, globals, &COLUMNS, rows)?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn row(breach: &Breach, show: bool) -> Row {
    let seen = |text: &str| if show { text.to_owned() } else { mask(text) };
    let recorded = &breach.recorded;
    let months = recorded.person.months.iter();
    let months = months.map(|m| json!({ "month": m.month, "amount_sen": m.amount, "interest_sen": m.interest }));
    Row::from([
        ("submission", json!(breach.submission.to_string())),
        ("line", json!(recorded.line)),
        ("employer_code", json!(recorded.employer_code)),
        ("id_number", json!(seen(recorded.person.employee.id_number.reveal()))),
        ("name", json!(recorded.person.employee.name.0)),
        ("started", json!(recorded.started)),
        ("last_day", json!(recorded.limit)),
        ("found_on", json!(recorded.found_on)),
        ("days_late", json!(recorded.days_late)),
        ("arrears_sen", json!(recorded.arrears)),
        ("interest_sen", json!(recorded.interest)),
        ("months", json!(months.collect::<Vec<_>>())),
    ])
}
