//! `caruman register birthdays`: birthdays ahead that change what is paid, from the register.

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use clap::Args;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde_json::json;

use super::table::Row;
use super::{CliError, Ended, Globals, Output, office};
use crate::checks::record::reads_as_foreign;

use crate::domain::identity::mask;
use crate::domain::{ContributionMonth, Employee, EmployerCode, IdKind};
use crate::messages::Messages;
use crate::rates::birthdays::{Birthday, birthdays};
use crate::rates::{Coverage, Person, RateBook};
use crate::store::StoreError;

/// Width of a table that goes to a file or a pipe.
const WIDTH: u16 = 124;

/// Arguments of `register birthdays`.
#[derive(Debug, Args)]
pub struct BirthdaysArgs {
    /// How many days ahead; today and the last of them count
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(0..=3660))]
    days: u16,
    /// Only this employer's people
    #[arg(long, value_name = "CODE")]
    employer: Option<String>,
    /// Show names and identity numbers in full
    #[arg(long)]
    show_identities: bool,
}

/// A birthday and whose it is.
struct Found {
    employer: String,
    employee: Employee,
    birthday: Birthday,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the employer is not known, or the result not be written.
pub fn run(arguments: &BirthdaysArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let said = |error: StoreError| CliError::said(error.to_string());
    let today = globals.now().date_naive();
    let codes = match &arguments.employer {
        Some(written) => vec![known_employer(&office, written)?],
        None => office.store.employers().map_err(said)?.into_iter().map(|employer| employer.code).collect(),
    };
    let coverage = RateBook::embedded().coverage();
    let (mut found, mut unknown) = (Vec::new(), 0_u64);
    for code in codes {
        for employee in office.store.employees(code.as_str()).map_err(said)? {
            if employee.left_on.is_some_and(|left| left < today) {
                continue;
            }
            match ahead(coverage, &employee, today, arguments.days) {
                Some(birthdays) => found.extend(birthdays.into_iter().map(|birthday| {
                    let (employer, employee) = (code.to_string(), employee.clone());
                    Found { employer, employee, birthday }
                })),
                None => unknown += 1,
            }
        }
    }
    found.sort_by(|a, b| {
        let key = |found: &Found| (found.birthday.day, found.employer.clone(), found.employee.name.0.clone());
        key(a).cmp(&key(b))
    });
    print(arguments, globals, today, &found)?;
    if unknown > 0 && !globals.quiet {
        eprintln!("{unknown} people have no date of birth in the register; nothing can be said of them");
    }
    Ok(Ended::Well)
}

fn known_employer(office: &office::Office, written: &str) -> Result<EmployerCode, CliError> {
    let code = EmployerCode::read(written).1;
    let code = code.ok_or_else(|| CliError::said(format!("\"{written}\" is not an employer code")))?;
    let known = office.store.employer(code.as_str()).map_err(|error| CliError::said(error.to_string()))?;
    known.map(|employer| employer.code).ok_or_else(|| CliError::said(format!("{code} is not in the register")))
}

/// The birthdays of somebody who is still employed in the month of each; `None` without a date of birth.
fn ahead(coverage: &Coverage, employee: &Employee, today: NaiveDate, days: u16) -> Option<Vec<Birthday>> {
    let person = person(employee, today);
    person.birth_date?;
    let mut found = birthdays(coverage, &person, today, days);
    found.retain(|birthday| employee.left_on.is_none_or(|left| left >= birthday.from.first_day()));
    Some(found)
}

/// What the law asks of an employee; a MyKad number tells the date of birth where the register does not.
fn person(employee: &Employee, today: NaiveDate) -> Person {
    let number = &employee.id_number;
    let mykad = match employee.id_kind {
        Some(kind) => kind == IdKind::MyKad,
        None => !reads_as_foreign(number.reveal()),
    };
    let told = if mykad { number.birth_date(ContributionMonth::of(today)) } else { None };
    Person {
        birth_date: employee.birth_date.or(told),
        residency: employee.residency,
        domestic_worker: employee.domestic_worker,
        first_insured_at_55_or_over: employee.first_insured_at_55_or_over,
        eis_payable_before_57: employee.eis_payable_before_57,
        skbbk_released_from: employee.skbbk_released_from,
    }
}

/// Number and name, hidden unless they were asked for.
fn who(arguments: &BirthdaysArgs, employee: &Employee) -> (String, String) {
    if arguments.show_identities {
        (employee.id_number.reveal().to_owned(), employee.name.0.clone())
    } else {
        (employee.id_number.masked(), mask(&employee.name.0))
    }
}

/// What changes, one sentence each.
fn sentences(birthday: &Birthday, messages: &Messages) -> Vec<String> {
    let values = [("age", birthday.age.to_string()), ("month", birthday.from.to_string())];
    birthday.effects.iter().map(|effect| messages.with(&format!("birthday-{}", effect.id()), &values)).collect()
}

fn print(arguments: &BirthdaysArgs, globals: &Globals, today: NaiveDate, found: &[Found]) -> Result<(), CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Text {
        text(&mut out, arguments, globals, today, found)?;
    } else {
        let csv = globals.output == Output::Csv;
        super::table::print(&mut out, globals, found.iter().map(|one| row(arguments, globals, one, csv)).collect())?;
    }
    out.flush()?;
    Ok(())
}

fn row(arguments: &BirthdaysArgs, globals: &Globals, found: &Found, csv: bool) -> Row {
    let (id, name) = who(arguments, &found.employee);
    // A spreadsheet takes a name that begins like a formula for one.
    let name = if csv { crate::document::without_formula(&name) } else { name };
    let birthday = &found.birthday;
    let sentences = sentences(birthday, globals.messages());
    Row::from([
        ("date", json!(birthday.day)),
        ("age", json!(birthday.age)),
        ("employer_code", json!(found.employer)),
        ("id_number", json!(id)),
        ("name", json!(name)),
        ("from_month", json!(birthday.from)),
        ("effects", birthday.effects.iter().map(|effect| effect.id()).collect()),
        ("what_changes", if csv { json!(sentences.join("; ")) } else { json!(sentences) }),
    ])
}

fn text(
    out: &mut impl Write,
    arguments: &BirthdaysArgs,
    globals: &Globals,
    today: NaiveDate,
    found: &[Found],
) -> io::Result<()> {
    let last = today + chrono::Days::new(arguments.days.into());
    if found.is_empty() {
        return writeln!(out, "no birthday from {today} to {last} changes what is paid");
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table.set_header(["date", "age", "employer", "id number", "name", "what changes"]);
    for one in found {
        let (id, name) = who(arguments, &one.employee);
        let what = sentences(&one.birthday, globals.messages()).join("\n");
        let (day, age) = (one.birthday.day.to_string(), one.birthday.age.to_string());
        table.add_row([day, age, one.employer.clone(), id, name, what]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityNumber, PersonName};
    use crate::messages::Language;
    use crate::rates::birthdays::Effect;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn employee(number: &str) -> Employee {
        Employee::new(IdentityNumber::new(number), PersonName("AHMAD CONTOH".to_owned()))
    }

    fn ages(employee: &Employee) -> Option<Vec<u8>> {
        let found = ahead(RateBook::embedded().coverage(), employee, day("2026-11-01"), 90);
        found.map(|found| found.iter().map(|birthday| birthday.age).collect())
    }

    #[test]
    fn the_register_goes_before_the_number() {
        assert_eq!(ages(&employee("661215149991")), Some(vec![60]));
        let corrected = Employee { birth_date: Some(day("1967-12-15")), ..employee("661215149991") };
        assert_eq!(ages(&corrected), Some(vec![]));
        assert_eq!(ages(&employee("990000000017")), None, "a foreign worker's number has no date");
        let army = Employee { id_kind: Some(IdKind::Army), ..employee("661215149991") };
        assert_eq!(ages(&army), None);
        assert_eq!(ages(&employee("A1234567")), None);
    }

    #[test]
    fn who_leaves_before_the_month_is_left_out() {
        let leaves = |on| Employee { left_on: Some(day(on)), ..employee("661215149991") };
        assert_eq!(ages(&leaves("2026-11-30")), Some(vec![]));
        assert_eq!(ages(&leaves("2026-12-01")), Some(vec![60]));
    }

    #[test]
    fn every_effect_has_its_sentence_in_both_languages() {
        for language in [Language::English, Language::Malay] {
            for effect in Effect::ALL {
                let birthday = Birthday {
                    day: day("2026-12-15"),
                    age: 57,
                    from: ContributionMonth::of(day("2026-12-15")),
                    effects: vec![effect],
                };
                let said = sentences(&birthday, Messages::get(language)).remove(0);
                assert!(said.len() > 40 && said.contains("57") | said.contains("2026-12"), "{effect:?}: {said}");
                assert!(!said.contains(['{', '$']) && !said.starts_with("birthday-"), "{said}");
            }
        }
    }
}
