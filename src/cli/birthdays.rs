//! `caruman register birthdays`: birthdays ahead that change what is paid, from the register.

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use clap::Args;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde_json::json;

use super::register::{employer_code, store_said};
use super::table::Row;
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{Employee, EmployerCode};
use crate::messages::Messages;
use crate::rates::birthdays::{Birthday, birthdays};
use crate::rates::{Coverage, Person, RateBook};
use crate::workflow::register::{Staff, has_left, staff};
use crate::workflow::register_forms::birth_date;

/// Width of a table that goes to a file or a pipe.
const WIDTH: u16 = 124;

/// Arguments of `register birthdays`.
#[derive(Debug, Args)]
pub struct BirthdaysArgs {
    /// How many days ahead; today and the last of them count
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(0..=3660))]
    days: u16,
    /// Only this employer's people
    #[arg(long, value_name = "CODE", value_parser = employer_code)]
    employer: Option<EmployerCode>,
    /// Show identity numbers in full
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
    let staff = staff(&office::open(globals)?.store, arguments.employer.as_ref()).map_err(store_said)?;
    let today = globals.now().date_naive();
    let coverage = RateBook::embedded().coverage();
    let (mut found, mut unknown) = (Vec::new(), 0_u64);
    for Staff { employer, employees } in staff {
        for employee in employees.into_iter().filter(|employee| !has_left(employee, today)) {
            match ahead(coverage, &employee, today, arguments.days) {
                Some(birthdays) => found.extend(birthdays.into_iter().map(|birthday| {
                    let (employer, employee) = (employer.code.to_string(), employee.clone());
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
        let (people, them) = if unknown == 1 { ("person has", "this person") } else { ("people have", "them") };
        eprintln!("{unknown} {people} no date of birth in the register; nothing can be said of {them}");
    }
    Ok(Ended::Well)
}

/// The birthdays of somebody who is still employed in the month of each; `None` without a date of birth.
fn ahead(coverage: &Coverage, employee: &Employee, today: NaiveDate, days: u16) -> Option<Vec<Birthday>> {
    let person = person(employee, today);
    person.birth_date?;
    let mut found = birthdays(coverage, &person, today, days);
    found.retain(|birthday| employee.left_on.is_none_or(|left| left >= birthday.from.first_day()));
    Some(found)
}

/// What the law asks of an employee.
fn person(employee: &Employee, today: NaiveDate) -> Person {
    Person { birth_date: birth_date(employee, today), ..Person::from(employee) }
}

/// Number, hidden unless it was asked for, and name.
fn who(arguments: &BirthdaysArgs, employee: &Employee) -> (String, String) {
    let number = &employee.id_number;
    let shown = if arguments.show_identities { number.reveal().to_owned() } else { number.masked() };
    (shown, employee.name.0.clone())
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
    use crate::domain::{ContributionMonth, IdKind, IdentityNumber, PersonName};
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
