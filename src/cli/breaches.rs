//! `caruman register breaches`: people who were not registered within thirty days, and what is owed for them today.

use std::io::{self, BufWriter, Write};

use clap::Args;
use serde_json::json;

use super::register::{employer_code, store_said};
use super::table::{Row, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::EmployerCode;
use crate::workflow::breaches::{BreachState, Standing, breaches};

/// Arguments of `register breaches`.
#[derive(Debug, Args)]
pub struct BreachesArgs {
    /// Only this employer's
    #[arg(long, value_name = "CODE", value_parser = employer_code)]
    employer: Option<EmployerCode>,
    /// Those who are registered by now and for whom nothing is owed, too
    #[arg(long)]
    all: bool,
    /// Show identity numbers in full
    #[arg(long)]
    show_identities: bool,
}

/// What a terminal has room for.
const COLUMNS: [&str; 10] = [
    "employer_code",
    "id_number",
    "name",
    "started",
    "last_day",
    "found_on",
    "days_late",
    "arrears_sen",
    "interest_sen",
    "state",
];

/// Every column, in the order of CSV: its heading is the same where there is nobody.
const ALL_COLUMNS: [&str; 14] = [
    "arrears_sen",
    "days_late",
    "employer_code",
    "found_on",
    "id_number",
    "interest_sen",
    "last_day",
    "line",
    "months",
    "name",
    "registered_on",
    "started",
    "state",
    "submission",
];

/// Runs the command: one row a person and start, as it stands today.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &BreachesArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let code = arguments.employer.as_ref().map(EmployerCode::as_str);
    let mut found = breaches(&office.store, code, globals.now().date_naive()).map_err(store_said)?;
    found.retain(|breach| arguments.all || breach.state() != BreachState::Settled);
    let rows: Vec<Row> = found.iter().map(|breach| row(breach, arguments.show_identities)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    match globals.output {
        Output::Text if rows.is_empty() => writeln!(out, "{}", globals.messages().text("text-no-breaches"))?,
        Output::Csv if rows.is_empty() => writeln!(out, "{}", ALL_COLUMNS.join(","))?,
        _ => print_columns(&mut out, globals, &COLUMNS, rows)?,
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn row(breach: &Standing, show: bool) -> Row {
    let employee = &breach.employee;
    let number = &employee.id_number;
    let owed = breach.owed();
    let months = breach.months.iter().map(|month| {
        let (amount, interest) = month.amounts.unzip();
        json!({ "month": month.month, "amount_sen": amount, "interest_sen": interest })
    });
    Row::from([
        ("submission", json!(breach.found.map(|(submission, ..)| submission.to_string()))),
        ("line", json!(breach.found.map(|(_, line, _)| line))),
        ("employer_code", json!(breach.employer_code)),
        ("id_number", json!(if show { number.reveal().to_owned() } else { number.masked() })),
        ("name", json!(employee.name.0)),
        ("started", json!(breach.started)),
        ("last_day", json!(breach.limit)),
        ("found_on", json!(breach.found.map(|(_, _, day)| day))),
        ("registered_on", json!(employee.registered_on)),
        ("days_late", json!(breach.days_late)),
        ("arrears_sen", json!(owed.map(|(arrears, _)| arrears))),
        ("interest_sen", json!(owed.map(|(_, interest)| interest))),
        ("months", json!(months.collect::<Vec<_>>())),
        ("state", json!(breach.state())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Employee, IdentityNumber, PersonName};

    #[test]
    fn the_heading_is_that_of_every_row() {
        let employee = Employee::new(IdentityNumber::new("900101149991"), PersonName("A CONTOH".to_owned()));
        let started = "2026-10-01".parse().expect("a day");
        let employer_code = "A9900000001Z".to_owned();
        let breach =
            Standing { employer_code, employee, started, limit: started, found: None, days_late: 1, months: vec![] };
        let row = row(&breach, false);
        assert_eq!(row.keys().copied().collect::<Vec<_>>(), ALL_COLUMNS);
        assert!(COLUMNS.iter().all(|column| row.contains_key(column)));
        assert_eq!((&row["state"], &row["id_number"]), (&json!("open"), &json!("********9991")));
    }
}
