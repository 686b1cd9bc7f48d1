//! `caruman contributions`: everything of one employee, month by month.

use std::io::{self, BufWriter, Cursor, Write};
use std::path::PathBuf;

use chrono::Datelike;
use clap::Args;
use serde_json::json;

use super::ack::write_whole;
use super::table::{Row, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::identity::mask;
use crate::domain::{ContributionMonth, IdentityNumber};
use crate::store::HeldState;
use crate::workflow::binder::{PersonOf, write_person};
use crate::workflow::contributions::{Contribution, Wanted, contributions, sums};

/// Columns that a terminal has room for.
const COLUMNS: [&str; 12] = [
    "month",
    "scheme",
    "acknowledgement",
    "line",
    "category",
    "status",
    "employer_sen",
    "employee_sen",
    "skbbk_sen",
    "total_sen",
    "receipt",
    "paid_on",
];

/// Arguments of `contributions`.
#[derive(Debug, Args)]
pub struct ContributionsArgs {
    /// Of which employer
    #[arg(long, value_name = "CODE")]
    employer: String,
    /// Identity number of the employee
    #[arg(long, value_name = "NUMBER")]
    id: String,
    /// How many years back; this month counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=80))]
    years: u16,
    /// Write all documents of the employee into one zip: the list, a slip for each acknowledgement, the receipts; no
    /// colleague stands in it, and `binder verify` proves it
    #[arg(short, long, value_name = "FILE.zip")]
    out: Option<PathBuf>,
    /// Show the identity number in full
    #[arg(long)]
    show_identities: bool,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or the result not be written.
pub fn run(arguments: &ContributionsArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let today = globals.now().date_naive();
    let from = ContributionMonth::new(today.year() - i32::from(arguments.years), today.month());
    let from = from.ok_or_else(|| CliError::said("that is before the first month there is"))?.next();
    let (employer, id) = (arguments.employer.to_uppercase(), IdentityNumber::new(&arguments.id));
    if let Some(path) = &arguments.out {
        let key = office.receipt_key(globals)?;
        let (to, now) = (ContributionMonth::of(today), globals.now());
        let of =
            PersonOf { employer_code: &employer, id_number: &id, from, to, issuer: &office.issuer, key: &key, now };
        let written = write_person(&office.store, &of, Cursor::new(Vec::new()));
        write_whole(path, written.map_err(|error| CliError::said(error.to_string()))?.get_ref())?;
        writeln!(io::stdout(), "{}", path.display())?;
        return Ok(Ended::Well);
    }
    let wanted = Wanted { employer_code: &employer, id_number: &id, from };
    let found = contributions(&office.store, &wanted).map_err(|error| CliError::said(error.to_string()))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let rows = found.iter().map(|one| row(one, &employer, arguments.show_identities)).collect();
    print_columns(&mut out, globals, &COLUMNS, rows)?;
    if globals.output == Output::Text {
        let (paid, open) = sums(&found);
        let number = if arguments.show_identities { id.reveal().to_owned() } else { id.masked() };
        writeln!(out, "{number} · {} lines since {from} · paid RM {paid} · not paid RM {open}", found.len())?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn row(one: &Contribution, employer: &str, show_identities: bool) -> Row {
    let person = &one.person;
    let id = if show_identities { person.id.clone() } else { mask(&person.id) };
    let category = one.second_category.map(|second| if second { "second" } else { "first" });
    let held = one.held.map(|state| match state {
        HeldState::Waiting => "waiting",
        HeldState::Freed => "freed",
        HeldState::Dropped => "given up",
    });
    Row::from([
        ("month", json!(one.month)),
        ("scheme", json!(one.scheme)),
        ("employer_code", json!(employer)),
        ("submission", json!(one.submission)),
        ("acknowledgement", json!(one.acknowledgement.as_deref().or(held))),
        ("state", json!(one.state.map(|state| state.id()))),
        ("line", json!(one.line)),
        ("source_line", json!(one.source_line)),
        ("id_number", json!(id)),
        ("name", json!(person.name)),
        ("category", json!(category)),
        ("status", json!(person.status)),
        ("status_date", json!(person.date)),
        ("wage_sen", json!(person.wage)),
        ("employer_sen", json!(person.employer)),
        ("employee_sen", json!(person.employee)),
        ("skbbk_sen", json!(person.skbbk)),
        ("total_sen", json!(person.total)),
        ("paid", json!(one.is_paid())),
        ("receipt", json!(one.receipt.as_ref().map(|(number, _)| number))),
        ("paid_on", json!(one.receipt.as_ref().map(|(_, day)| day))),
        ("held", json!(held)),
    ])
}
