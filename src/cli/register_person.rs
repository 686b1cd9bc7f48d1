//! `caruman register set` and `register release`: one person's entry changed by hand.

use std::io::{self, Write};

use clap::Args;
use serde_json::json;

use super::employer::outcome_word;
use super::register::{WHO, employer_code};
use super::{CliError, Ended, Globals, Output, office, table};
use crate::domain::{EmployerCode, IdentityNumber};
use crate::reader::register_table::{RegisterOptions, employee_of};
use crate::workflow::register::{ChangeError, Outcome, PersonChange, change_person, measure, refusals, said};

/// Arguments of `register set`.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The employer's code
    #[arg(value_parser = employer_code)]
    code: EmployerCode,
    /// The person's identity number
    id: String,
    /// Add the person, who is not in the register yet
    #[arg(long)]
    new: bool,
    /// Another number for the person
    #[arg(long, value_name = "NUMBER")]
    id_number: Option<String>,
    /// What the number is
    #[arg(long, value_name = "mykad|old-card|army|police|foreign-worker|other")]
    id_kind: Option<String>,
    /// Name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Date of birth
    #[arg(long, value_name = "DATE")]
    birth_date: Option<String>,
    /// Residency
    #[arg(long, value_name = "citizen|permanent_resident|temporary_resident|foreign")]
    residency: Option<String>,
    /// PERKESO's foreign-worker number
    #[arg(long, value_name = "NUMBER")]
    ssfw_number: Option<String>,
    /// First day of the employment
    #[arg(long, value_name = "DATE")]
    employed_on: Option<String>,
    /// Day of registration with PERKESO
    #[arg(long, value_name = "DATE")]
    registered_on: Option<String>,
    /// Last day of the employment
    #[arg(long, value_name = "DATE")]
    left_on: Option<String>,
    /// Why it ended
    #[arg(long, value_name = "left|died")]
    reason: Option<String>,
    /// First came under Act 4 at 55 or over
    #[arg(long, value_name = "yes|no")]
    first_insured_at_55_or_over: Option<String>,
    /// An EIS contribution was payable before 57
    #[arg(long, value_name = "yes|no")]
    eis_payable_before_57: Option<String>,
    /// Works in a private household
    #[arg(long, value_name = "yes|no")]
    domestic_worker: Option<String>,
    /// First month of a release from SKBBK
    #[arg(long, value_name = "YYYY-MM")]
    skbbk_released_from: Option<String>,
    /// Occupation
    #[arg(long, value_name = "TEXT")]
    occupation: Option<String>,
    /// Monthly wage
    #[arg(long, value_name = "RM")]
    monthly_wage: Option<String>,
    /// Monthly allowances that count as wages
    #[arg(long, value_name = "RM")]
    allowances: Option<String>,
}

impl SetArgs {
    /// What is given, by column.
    fn cells(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("id_number", &self.id_number),
            ("id_kind", &self.id_kind),
            ("name", &self.name),
            ("birth_date", &self.birth_date),
            ("residency", &self.residency),
            ("ssfw_number", &self.ssfw_number),
            ("employed_on", &self.employed_on),
            ("registered_on", &self.registered_on),
            ("left_on", &self.left_on),
            ("left_reason", &self.reason),
            ("first_insured_at_55_or_over", &self.first_insured_at_55_or_over),
            ("eis_payable_before_57", &self.eis_payable_before_57),
            ("domestic_worker", &self.domestic_worker),
            ("skbbk_released_from", &self.skbbk_released_from),
            ("occupation", &self.occupation),
            ("monthly_wage", &self.monthly_wage),
            ("allowances", &self.allowances),
        ];
        given.into_iter().filter_map(|(column, value)| Some((column, value.clone()?))).collect()
    }
}

/// Records a release from SKBBK.
pub(super) fn release(code: &EmployerCode, id: &str, from: &str, globals: &Globals) -> Result<Ended, CliError> {
    let cells = vec![("id_number", id.to_owned()), ("skbbk_released_from", from.to_owned())];
    let mut change = change(code, id, cells, false, "register-released", String::new(), globals)?;
    let from = change.row.employee.skbbk_released_from.map(|month| month.to_string());
    let from = from.ok_or_else(|| CliError::said("a release needs its first month, such as --from 2026-08"))?;
    change.detail = format!("one person, from {from}");
    apply(&change, &format!("released from SKBBK from {from}"), globals)
}

/// Changes what the arguments name.
pub(super) fn set(arguments: &SetArgs, globals: &Globals) -> Result<Ended, CliError> {
    let mut cells = arguments.cells();
    if cells.is_empty() {
        return Err(CliError::said("say what is to be different, such as --left-on; see register set --help"));
    }
    let detail = cells.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    if arguments.id_number.is_none() {
        cells.push(("id_number", arguments.id.clone()));
    }
    let change = change(&arguments.code, &arguments.id, cells, arguments.new, "register-changed", detail, globals)?;
    apply(&change, "", globals)
}

fn change<'a>(
    code: &EmployerCode,
    id: &str,
    cells: Vec<(&'static str, String)>,
    may_add: bool,
    what: &'a str,
    detail: String,
    globals: &Globals,
) -> Result<PersonChange<'a>, CliError> {
    let options = RegisterOptions { sheet: None, employer_code: Some(code.clone()), measure: measure(globals.now()) };
    let row = employee_of(&cells, &options).map_err(|faults| CliError::said(said(&refusals(faults))))?;
    Ok(PersonChange { row, number: IdentityNumber::new(id), may_add, what, detail })
}

/// Changes an entry and says so; `done` in place of the plain word.
fn apply(change: &PersonChange<'_>, done: &str, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let outcome = change_person(&office.store, change, globals.now(), WHO).map_err(|error| {
        // A person who is released has no other column in hand.
        if let (ChangeError::Refused(refusals), "register-released") = (&error, change.what) {
            return CliError::said(refusals.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>().join("; "));
        }
        let cure = match (&error, change.what) {
            (ChangeError::NotKnown { .. }, "register-changed") => "; --new adds the person",
            _ => "",
        };
        CliError::said(format!("{error}{cure}"))
    })?;
    let (code, number) = (&change.row.employer_code, change.number.masked());
    let mut out = io::stdout().lock();
    if globals.output == Output::Text {
        let word = if outcome == Outcome::Changed && !done.is_empty() { done } else { outcome_word(outcome) };
        writeln!(out, "{code} {number}: {word}")?;
    } else {
        let row = [("employer_code", json!(code.as_str())), ("id_number", json!(number)), ("outcome", json!(outcome))];
        table::one(&mut out, globals, table::Row::from(row))?;
    }
    Ok(Ended::Well)
}
