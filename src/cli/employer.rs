//! `caruman employer`: employers looked up and changed.

use std::io::{self, BufWriter, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::register::{WHO, employer_code, store_said};
use super::{CliError, Ended, Globals, Output, office, table};
use crate::domain::{Employer, EmployerCode};
use crate::reader::register_column::EMPLOYER_COLUMNS;
use crate::reader::register_table::{RegisterOptions, employer_of};
use crate::workflow::register::{Outcome, Staff, change_employer, has_left, measure, refusals, said, staff};

/// Columns of the list in a terminal.
const IN_LIST: [&str; 7] =
    ["employer_code", "name", "company_number", "language", "policy", "registration", "liable_since"];

/// Arguments of `employer`.
#[derive(Debug, Args)]
pub struct EmployerArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All employers, by code
    List,
    /// One employer: particulars, settings and number of people
    Show {
        /// Its code
        #[arg(value_parser = employer_code)]
        code: EmployerCode,
    },
    /// Change an employer, or add it; "-" clears a value
    Set(Box<SetArgs>),
}

#[derive(Debug, Args)]
struct SetArgs {
    /// Its code
    #[arg(value_parser = employer_code)]
    code: EmployerCode,
    /// Name as registered
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Address, lines separated by |
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
    /// MyCoID / SSM number
    #[arg(long, value_name = "NUMBER")]
    company_number: Option<String>,
    /// Mail address for notices
    #[arg(long, value_name = "ADDRESS")]
    notice_address: Option<String>,
    /// Language of papers and notices
    #[arg(long, value_name = "en|ms")]
    language: Option<String>,
    /// What becomes of a file with lines to mend
    #[arg(long, value_name = "whole|good-lines")]
    policy: Option<String>,
    /// What becomes of people who were not registered in time
    #[arg(long, value_name = "hold|warn")]
    registration: Option<String>,
    /// The first accepted file fills an empty register
    #[arg(long, value_name = "yes|no")]
    seeding: Option<String>,
    /// A second person approves before numbers are given
    #[arg(long, value_name = "yes|no")]
    approval: Option<String>,
    /// The most that the personal bank account pays at once
    #[arg(long, value_name = "RM")]
    bank_limit_personal: Option<String>,
    /// The most that the corporate bank account pays at once
    #[arg(long, value_name = "RM")]
    bank_limit_corporate: Option<String>,
    /// First day as an employer
    #[arg(long, value_name = "DATE")]
    liable_since: Option<String>,
}

impl SetArgs {
    /// What is given, by column.
    fn cells(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("name", &self.name),
            ("address", &self.address),
            ("company_number", &self.company_number),
            ("notice_address", &self.notice_address),
            ("language", &self.language),
            ("policy", &self.policy),
            ("registration", &self.registration),
            ("seeding", &self.seeding),
            ("approval", &self.approval),
            ("bank_limit_personal", &self.bank_limit_personal),
            ("bank_limit_corporate", &self.bank_limit_corporate),
            ("liable_since", &self.liable_since),
        ];
        given.into_iter().filter_map(|(column, value)| Some((column, value.clone()?))).collect()
    }
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the employer is not known, or a value cannot be used.
pub fn run(arguments: &EmployerArgs, globals: &Globals) -> Result<Ended, CliError> {
    match &arguments.what {
        What::List => list(globals),
        What::Show { code } => show(code, globals),
        What::Set(arguments) => set(arguments, globals),
    }
}

fn list(globals: &Globals) -> Result<Ended, CliError> {
    let employers = office::open(globals)?.store.employers().map_err(store_said)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if employers.is_empty() && globals.output == Output::Text {
        writeln!(out, "no employer is in the register; add one with: caruman employer set CODE --name …")?;
    } else {
        table::print_columns(&mut out, globals, &IN_LIST, employers.iter().map(row).collect())?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn show(code: &EmployerCode, globals: &Globals) -> Result<Ended, CliError> {
    let today = globals.now().date_naive();
    let Staff { employer, employees } = staff(&office::open(globals)?.store, Some(code)).map_err(store_said)?.remove(0);
    let left = employees.iter().filter(|employee| has_left(employee, today)).count();
    let people = employees.len() - left;
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Text {
        writeln!(out, "{:<22} {}", "employer code", employer.code)?;
        for column in &EMPLOYER_COLUMNS {
            let value = column.cell(&employer);
            let shown = if value.is_empty() { "–" } else { &value };
            writeln!(out, "{:<22} {}", column.name.replace('_', " "), shown.replace(" | ", &format!("\n{:23}", "")))?;
        }
        writeln!(out, "{:<22} {people} ({left} left)", "people")?;
    } else {
        let mut row = row(&employer);
        row.extend([("people", json!(people)), ("people_left", json!(left))]);
        table::one(&mut out, globals, row)?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn set(arguments: &SetArgs, globals: &Globals) -> Result<Ended, CliError> {
    let given = arguments.cells();
    if given.is_empty() {
        return Err(CliError::said("say what is to be different, such as --name or --policy; see employer set --help"));
    }
    let detail = given.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    let mut cells = vec![("employer_code", arguments.code.to_string())];
    cells.extend(given);
    let now = globals.now();
    let options = RegisterOptions { sheet: None, employer_code: None, measure: measure(now) };
    let row = employer_of(&cells, &options).map_err(|faults| CliError::said(said(&refusals(faults))))?;
    let office = office::open(globals)?;
    let outcome = change_employer(&office.store, &row, &detail, now, WHO).map_err(store_said)?;
    let mut out = io::stdout().lock();
    match globals.output {
        Output::Text => writeln!(out, "{}: {}", arguments.code, outcome_word(outcome))?,
        _ => table::one(
            &mut out,
            globals,
            table::Row::from([("employer_code", json!(arguments.code.as_str())), ("outcome", json!(outcome))]),
        )?,
    }
    Ok(Ended::Well)
}

/// What became of an entry, for people.
pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Added => "added to the register",
        Outcome::Changed => "changed",
        Outcome::Unchanged => "nothing is different, so nothing was changed",
    }
}

/// An employer's particulars, for programs.
pub(super) fn row(employer: &Employer) -> table::Row {
    let value = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    let mut row: table::Row =
        EMPLOYER_COLUMNS.iter().map(|column| (column.name, value(column.cell(employer)))).collect();
    row.insert("employer_code", json!(employer.code.as_str()));
    row.insert("seeding", json!(employer.seeding));
    row.insert("approval", json!(employer.approval));
    for (name, limit) in
        [("bank_limit_personal", employer.bank_limit_personal), ("bank_limit_corporate", employer.bank_limit_corporate)]
    {
        row.remove(name);
        let name = if name == "bank_limit_personal" { "bank_limit_personal_sen" } else { "bank_limit_corporate_sen" };
        row.insert(name, json!(limit));
    }
    row
}
