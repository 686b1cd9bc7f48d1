//! From rows of a payroll table to people: rows of the same person are added up, and what the law asks is settled.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::checks::context::is_birthplace;
use crate::domain::identity::birth_date_of;
use crate::domain::{ContributionMonth, EmployerCode, IdentityNumber, Residency, Sen};
use crate::rates::{Person, RateBook, Reason, age_on};
use crate::reader::payroll::{PayrollRow, RowFault};

/// One person's month with one employer.
#[derive(Debug, Clone)]
pub struct PersonMonth {
    /// First row of the table that speaks of it.
    pub row: u64,
    /// Employer's code.
    pub employer_code: EmployerCode,
    /// MyCoID / SSM number, or empty.
    pub company_number: String,
    /// Identity number.
    pub id_number: IdentityNumber,
    /// Name as in the table.
    pub name: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// All wages of the month.
    pub wage: Sen,
    /// `B`, `H`, `M`, `S` or `T`.
    pub status: Option<char>,
    /// Day that belongs to it.
    pub date: Option<NaiveDate>,
    /// What the law asks about.
    pub person: Person,
}

/// People, and what was taken for granted about them.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// In the order in which the table names them first.
    pub people: Vec<PersonMonth>,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// Adds up the rows of each person, employer and month (Third Schedule para 1A of Act 4, Second Schedule para 1 of
/// Act 800: all wage periods that end in the month are one wage), and settles what the law asks about.
///
/// # Errors
/// Every row that contradicts another one or itself.
///
/// # Panics
/// When a row has no employer or month: a payroll table is read with both.
pub fn people(rows: &[PayrollRow], book: &RateBook) -> Result<People, Vec<RowFault>> {
    let mut faults = Vec::new();
    let (merged, added_up) = merge(rows, &mut faults);
    let mut notes = Notes::default();
    let mut people = Vec::with_capacity(merged.len());
    for row in &merged {
        let month = row.month.expect("a payroll row has a month");
        people.push(PersonMonth {
            row: row.row,
            employer_code: row.employer_code.clone().expect("a payroll row has an employer"),
            company_number: row.company_number.clone(),
            id_number: row.id_number.clone(),
            name: row.name.clone(),
            month,
            wage: row.wage,
            status: row.status,
            date: row.date,
            person: person_of(row, month, book, &mut faults, &mut notes),
        });
    }
    if !faults.is_empty() {
        faults.sort();
        return Err(faults);
    }
    let mut said = notes.sentences();
    if added_up > 0 {
        said.push(format!("rows added to the wage of people who stand in the table before: {added_up}"));
    }
    Ok(People { people, notes: said })
}

/// One row for each person, employer and month; and how many rows were added to another.
fn merge(rows: &[PayrollRow], faults: &mut Vec<RowFault>) -> (Vec<PayrollRow>, usize) {
    let mut merged: Vec<PayrollRow> = Vec::with_capacity(rows.len());
    let mut places: HashMap<_, usize> = HashMap::new();
    for row in rows {
        let key = (row.employer_code.clone(), row.id_number.clone(), row.month);
        match places.get(&key) {
            Some(place) => add(&mut merged[*place], row, faults),
            None => {
                places.insert(key, merged.len());
                merged.push(row.clone());
            }
        }
    }
    let added_up = rows.len() - merged.len();
    (merged, added_up)
}

/// Adds a row to the first one of the same person; what both say must agree.
pub(super) fn add(first: &mut PayrollRow, row: &PayrollRow, faults: &mut Vec<RowFault>) {
    let mut differs = Vec::new();
    if !row.name.is_empty() && first.name.to_uppercase() != row.name.to_uppercase() {
        differs.push("name");
    }
    if first.company_number.is_empty() {
        first.company_number.clone_from(&row.company_number);
    } else if !row.company_number.is_empty() && first.company_number != row.company_number {
        differs.push("company_number");
    }
    for (column, agrees) in [
        ("birth_date", agree(&mut first.birth_date, row.birth_date)),
        ("residency", agree(&mut first.residency, row.residency)),
        ("status", agree(&mut first.status, row.status)),
        ("date", agree(&mut first.date, row.date)),
        ("first_insured_at_55_or_over", agree(&mut first.first_insured_at_55_or_over, row.first_insured_at_55_or_over)),
        ("eis_payable_before_57", agree(&mut first.eis_payable_before_57, row.eis_payable_before_57)),
        ("domestic_worker", agree(&mut first.domestic_worker, row.domestic_worker)),
        ("skbbk_released_from", agree(&mut first.skbbk_released_from, row.skbbk_released_from)),
    ] {
        if !agrees {
            differs.push(column);
        }
    }
    let what = format!("differs from row {}, which names the same person, employer and month", first.row);
    let fault = |column| RowFault { row: row.row, column: Some(column), what: what.clone() };
    faults.extend(differs.into_iter().map(fault));
    match first.wage.0.checked_add(row.wage.0) {
        Some(sum) => first.wage = Sen(sum),
        None => faults.push(RowFault { row: row.row, column: Some("wage"), what: "is too large".to_owned() }),
    }
}

fn agree<T: PartialEq>(first: &mut Option<T>, other: Option<T>) -> bool {
    if first.is_none() {
        *first = other;
        return true;
    }
    other.is_none() || *first == other
}

/// Rows for which something was taken for granted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    foreign: Vec<u64>,
    age: Vec<u64>,
}

impl Notes {
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if !self.foreign.is_empty() {
            let what = "no MyKad number and no residency: taken as foreign workers, without EIS";
            sentences.push(format!("{what} ({})", list(&self.foreign)));
        }
        if !self.age.is_empty() {
            let what = "no birth date, neither in the table nor in the identity number: taken as under 60";
            sentences.push(format!("{what} ({})", list(&self.age)));
        }
        sentences
    }
}

/// `row 3`, `rows 3, 5, 9 and 20 more`.
fn list(rows: &[u64]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = rows.iter().take(SHOWN).map(u64::to_string).collect();
    let more = if rows.len() > SHOWN { format!(" and {} more", rows.len() - SHOWN) } else { String::new() };
    format!("{} {}{more}", if rows.len() == 1 { "row" } else { "rows" }, shown.join(", "))
}

/// True for twelve digits with a date and a place that exist.
pub(super) fn is_mykad(number: &str, month: ContributionMonth) -> bool {
    let place = number.get(6..8).and_then(|place| place.parse().ok());
    birth_date_of(number.as_bytes(), month).is_some() && place.is_some_and(is_birthplace)
}

/// What the law asks about: the table's word, else what the identity number says.
pub(super) fn person_of(
    row: &PayrollRow,
    month: ContributionMonth,
    book: &RateBook,
    faults: &mut Vec<RowFault>,
    notes: &mut Notes,
) -> Person {
    let number = row.id_number.reveal();
    let mykad = is_mykad(number, month);
    let in_number = if mykad { birth_date_of(number.as_bytes(), month) } else { None };
    let residency = row.residency.unwrap_or(if mykad { Residency::Citizen } else { Residency::Foreign });
    if row.residency.is_none() && !mykad {
        notes.foreign.push(row.row);
    }
    let person = Person {
        birth_date: row.birth_date.or(in_number),
        residency,
        domestic_worker: row.domestic_worker.unwrap_or(false),
        first_insured_at_55_or_over: row.first_insured_at_55_or_over.unwrap_or(false),
        eis_payable_before_57: row.eis_payable_before_57,
        skbbk_released_from: row.skbbk_released_from,
    };
    if person.birth_date.is_none() {
        notes.age.push(row.row);
    }
    let mut fault = |column, what| faults.push(RowFault { row: row.row, column: Some(column), what });
    if let (Some(given), Some(read)) = (row.birth_date, in_number)
        && given != read
    {
        fault("birth_date", format!("{given} is not the date in the identity number, which says {read}"));
    }
    if number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit()) && !mykad && residency != Residency::Foreign {
        let what = "has twelve digits but no date and place of a MyKad number, which only a foreign worker's has";
        fault("id_number", what.to_owned());
    }
    possible(&person, month, book, &mut fault);
    person
}

/// Facts that cannot be true together.
fn possible(person: &Person, month: ContributionMonth, book: &RateBook, fault: &mut impl FnMut(&'static str, String)) {
    let Some(birth) = person.birth_date else { return };
    let coverage = book.coverage();
    let late = coverage.act4.late_entry_age;
    if birth > month.last_day() {
        return; // said where the row was read
    }
    if person.first_insured_at_55_or_over && age_on(birth, month.last_day()) < i32::from(late) {
        fault(
            "first_insured_at_55_or_over",
            format!("is yes, but who was born on {birth} is not yet {late} in {month}"),
        );
    }
    let unknown = Person { eis_payable_before_57: None, ..person.clone() };
    if person.eis_payable_before_57 == Some(true)
        && let Reason::EisAgeBeforeStart { age, start } = coverage.eis_liable(&unknown, month).reason
    {
        let what = format!("is yes, but who was born on {birth} attained {age} before EIS began in {start}");
        fault("eis_payable_before_57", what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::payroll::{PayrollDefaults, PayrollKind, read};

    fn of(rows: &str) -> Result<People, Vec<RowFault>> {
        let head = "employer_code,id_number,name,month,wage,birth_date,residency,first_insured_at_55_or_over,\
                    eis_payable_before_57,status,date\n";
        let table = format!("{head}{rows}");
        let payroll = read(table.as_bytes(), None, PayrollKind::Payroll, &PayrollDefaults::default()).expect("rows");
        people(&payroll.rows, RateBook::embedded())
    }

    #[test]
    fn rows_of_a_person_are_one_wage() {
        let found = of("A9900000001Z,900101149991,Ahmad,2026-10,2999.99,,,,,,\n\
                        A9900000002Z,900101149991,Ahmad,2026-10,1,,,,,,\n\
                        A9900000001Z,900101-14-9991,AHMAD,2026-10,0.01,1990-01-01,,,,T,\n\
                        A9900000001Z,900101149991,Ahmad,2026-09,1,,,,,,\n")
        .expect("people");
        let wages: Vec<i64> = found.people.iter().map(|p| p.wage.0).collect();
        assert_eq!(wages, [300_000, 100, 100]);
        assert_eq!(found.people[0].status, Some('T'));
        assert_eq!(found.people[0].person.birth_date, NaiveDate::from_ymd_opt(1990, 1, 1));
        assert!(found.notes[0].ends_with("before: 1"));
    }

    #[test]
    fn rows_that_contradict_are_all_named() {
        let faults = of("A9900000001Z,900101149991,Ahmad,2026-10,1,,citizen,,,,\n\
                         A9900000001Z,900101149991,Abu,2026-10,1,,foreign,,,,\n\
                         A9900000001Z,850101149991,Siti,2026-10,1,1985-01-02,,yes,,,\n\
                         A9900000001Z,990000000017,Siti,2026-10,1,,citizen,,,,\n")
        .expect_err("faults");
        let named: Vec<(u64, Option<&str>)> = faults.iter().map(|fault| (fault.row, fault.column)).collect();
        let expected = [
            (3, Some("name")),
            (3, Some("residency")),
            (4, Some("birth_date")),
            (4, Some("first_insured_at_55_or_over")),
            (5, Some("id_number")),
        ];
        assert_eq!(named, expected);
        let late = of("A9900000001Z,600601149991,Siti,2019-01,1,,,,yes,,\n").expect_err("a fault");
        assert_eq!(late[0].column, Some("eis_payable_before_57"));
    }

    #[test]
    fn what_is_taken_for_granted_is_said() {
        let found = of("A9900000001Z,990000000017,Worker,2026-10,1,,,,,,\n").expect("people");
        assert_eq!(found.people[0].person.residency, Residency::Foreign);
        assert_eq!(found.notes.len(), 2);
        assert!(found.notes[0].ends_with("(row 2)"), "{:?}", found.notes);
        let found = of("A9900000001Z,A1234567,Worker,2026-10,1,1990-01-01,citizen,,,,\n").expect("people");
        assert!(found.notes.is_empty());
    }
}
