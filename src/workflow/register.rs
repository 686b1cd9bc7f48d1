//! The register of employers and employees: a table taken, one entry changed by hand, people looked up. Each change is
//! one transaction with an event for every employer that it touches; events count and name columns, never people.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::register_book::{Book, Page};
pub use super::register_book::{Counts, Outcome};
use crate::domain::{ContributionMonth, Employee, Employer, EmployerCode, IdentityNumber};
use crate::rates::RateBook;
use crate::reader::payroll::RowFault;
use crate::reader::register_table::{EmployerRow, Measure, RegisterKind, RegisterRow, RegisterTable};
use crate::store::{Group, NewEvent, Store, StoreError};

/// What becomes of a table with faulty rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportPolicy {
    /// The good rows are taken.
    #[default]
    GoodRows,
    /// Nothing is taken.
    None,
}

/// How a table is taken.
#[derive(Debug, Clone)]
pub struct ImportOptions<'a> {
    /// See [`ImportPolicy`].
    pub policy: ImportPolicy,
    /// The moment, in Malaysian time.
    pub now: DateTime<FixedOffset>,
    /// Who imports.
    pub who: &'a str,
    /// Say what would be done and do nothing.
    pub dry_run: bool,
}

/// A faulty row and the table in which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableFault {
    /// Employers or employees.
    pub table: RegisterKind,
    /// Where and what.
    #[serde(flatten)]
    pub fault: RowFault,
}

/// What became of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// The good rows are in the register; false after a dry run, and under [`ImportPolicy::None`] with a faulty row. The
    /// counts then say what would have been.
    pub taken: bool,
    /// Rows of employers. Employers that are made because an employee names them are not counted.
    pub employers: Counts,
    /// Rows of employees.
    pub employees: Counts,
    /// Everything wrong, by table and row.
    pub faults: Vec<TableFault>,
    /// Headings that mean nothing.
    pub ignored: Vec<String>,
}

/// Takes a table into the register, all of it in one transaction. Taking the same table again changes nothing: people
/// are recognised by their numbers, employers by their code.
///
/// # Errors
/// [`StoreError`]; then nothing is kept.
pub fn import(store: &Store, table: &RegisterTable, options: &ImportOptions<'_>) -> Result<Imported, StoreError> {
    let mut keyed: BTreeSet<&str> = table.employers.rows.iter().map(|row| row.employer.code.as_str()).collect();
    keyed.extend(table.employees.rows.iter().map(|row| row.employer_code.as_str()));
    let mut codes = keyed.clone();
    codes.extend(table.employees.faulty.iter().map(|row| row.employer_code.as_str()));
    let (keyed, codes) = (Vec::from_iter(keyed), Vec::from_iter(codes));
    let refused = options.policy == ImportPolicy::None
        && !(table.employers.faults.is_empty() && table.employees.faults.is_empty());
    if options.dry_run || refused {
        return Ok(judge(&mut look_up(store, &codes, measure(options.now))?, table));
    }
    // No key is made for an employer of whom nothing will be kept.
    store.data_keys(&keyed, options.now)?;
    let mut group = store.begin_group()?;
    let (employers, employees) = (group.employers(&codes)?, group.employees(&codes)?);
    let mut book = Book::new(&codes, employers, employees, measure(options.now));
    let mut imported = judge(&mut book, table);
    if options.policy == ImportPolicy::GoodRows || imported.faults.is_empty() {
        for (code, page) in &book.pages {
            save(&mut group, code, page, options.now)?;
            if page.employer_changed || !page.changed.is_empty() {
                let (added, changed) = (page.counts.added, page.counts.changed);
                let employer = if page.employer_changed { ", employer kept" } else { "" };
                let detail = format!("employees: {added} added, {changed} changed{employer}");
                group.event(event(options, code, "register-imported", detail))?;
            }
        }
        group.commit()?;
        imported.taken = true;
    }
    Ok(imported)
}

/// By what people are judged at this moment.
pub fn measure(now: DateTime<FixedOffset>) -> Measure {
    let release_from = RateBook::embedded().coverage().skbbk.release_from;
    let today = now.date_naive();
    Measure { month: ContributionMonth::of(today), release_from, today }
}

fn event(options: &ImportOptions<'_>, code: &str, what: &str, detail: String) -> NewEvent {
    NewEvent { at: options.now, who: options.who.to_owned(), subject: code.to_owned(), what: what.to_owned(), detail }
}

/// What is known, without a transaction: nothing will be written.
fn look_up(store: &Store, codes: &[&str], measure: Measure) -> Result<Book, StoreError> {
    let (mut employers, mut employees) = (HashMap::new(), HashMap::new());
    for code in codes {
        employers.extend(store.employer(code)?.map(|employer| ((*code).to_owned(), employer)));
        employees.insert((*code).to_owned(), store.employees(code)?);
    }
    Ok(Book::new(codes, employers, employees, measure))
}

fn judge(book: &mut Book, table: &RegisterTable) -> Imported {
    let mut employers = book.take_employers(&table.employers.rows);
    let mut people_faults = table.employees.faults.clone();
    let mut employees = book.take_employees(&table.employees.rows, &mut people_faults);
    book.judge_faulty(&table.employees.faulty, &mut people_faults);
    people_faults.sort_by_key(|fault| fault.row);
    employers.faulty = faulty_rows(&table.employers.faults);
    employees.faulty = faulty_rows(&people_faults);
    let of = |table: RegisterKind| move |fault: RowFault| TableFault { table, fault };
    let mut faults: Vec<_> = table.employers.faults.iter().cloned().map(of(RegisterKind::Employers)).collect();
    faults.extend(people_faults.into_iter().map(of(RegisterKind::Employees)));
    let ignored = table.employers.ignored.iter().chain(&table.employees.ignored).cloned().collect();
    Imported { taken: false, employers, employees, faults, ignored }
}

fn faulty_rows(faults: &[RowFault]) -> u64 {
    faults.iter().map(|fault| fault.row).collect::<BTreeSet<_>>().len() as u64
}

fn save(group: &mut Group<'_>, code: &str, page: &Page, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
    if let Some(employer) = page.employer.as_ref().filter(|_| page.employer_changed) {
        group.save_employer(employer, now)?;
    }
    group.save_employees(code, &page.employees, page.changed.iter().copied(), now)
}

/// One person's entry, changed by hand.
#[derive(Debug, Clone)]
pub struct PersonChange<'a> {
    /// What is to be different.
    pub row: RegisterRow,
    /// The number by which the person is known.
    pub number: IdentityNumber,
    /// Somebody who is not there is added.
    pub may_add: bool,
    /// One word for the record: `register-changed`, `register-released`.
    pub what: &'a str,
    /// More for the record, without identities.
    pub detail: String,
}

/// Why an entry was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody has this number.
    #[error("nobody with the number {number} is in the register of {employer_code}")]
    NotKnown {
        /// Masked.
        number: String,
        /// Whose register.
        employer_code: EmployerCode,
    },
    /// What cannot be, each with its column and one sentence.
    #[error("{}", said(.0))]
    Refused(Vec<(&'static str, String)>),
}

/// Faults of something given by hand: there is no row to name.
pub fn refusals(faults: Vec<RowFault>) -> Vec<(&'static str, String)> {
    faults.into_iter().map(|fault| (fault.column.unwrap_or("entry"), fault.what)).collect()
}

/// Columns and what is said of them, as one sentence.
pub fn said(refusals: &[(&'static str, String)]) -> String {
    refusals.iter().map(|(column, what)| format!("{column}: {what}")).collect::<Vec<_>>().join("; ")
}

/// Changes one person's entry, in one transaction with its event.
///
/// # Errors
/// [`ChangeError`]; then nothing is changed.
pub fn change_person(
    store: &Store,
    change: &PersonChange<'_>,
    now: DateTime<FixedOffset>,
    who: &str,
) -> Result<Outcome, ChangeError> {
    let code = change.row.employer_code.as_str();
    let not_known =
        || ChangeError::NotKnown { number: change.number.masked(), employer_code: change.row.employer_code.clone() };
    if !change.may_add && store.employees(code)?.is_empty() {
        // No key is made for an employer that was never heard of.
        return Err(not_known());
    }
    store.data_key(code, now)?;
    let mut group = store.begin_group()?;
    let (mut employers, mut employees) = (group.employers(&[code])?, group.employees(&[code])?);
    let mut page = Page::new(employers.remove(code), employees.remove(code).unwrap_or_default());
    let known = page.place(std::iter::once(("id_number", change.number.reveal()))).map_err(ChangeError::Refused)?;
    if known.is_none() && !change.may_add {
        return Err(not_known());
    }
    let outcome = page.take_employee(&change.row, Some(&change.number), measure(now)).map_err(ChangeError::Refused)?;
    if page.employer.is_none() {
        page.employer = Some(Employer::new(change.row.employer_code.clone()));
        page.employer_changed = true;
    }
    if outcome != Outcome::Unchanged {
        save(&mut group, code, &page, now)?;
        let options = ImportOptions { policy: ImportPolicy::None, now, who, dry_run: false };
        group.event(event(&options, code, change.what, change.detail.clone()))?;
        group.commit()?;
    }
    Ok(outcome)
}

/// Changes an employer's particulars and settings, or adds the employer, in one transaction with its event. `detail`
/// says what is different, for the record.
///
/// # Errors
/// [`StoreError`]; then nothing is changed.
pub fn change_employer(
    store: &Store,
    row: &EmployerRow,
    detail: &str,
    now: DateTime<FixedOffset>,
    who: &str,
) -> Result<Outcome, StoreError> {
    let code = row.employer.code.as_str();
    store.data_key(code, now)?;
    let mut group = store.begin_group()?;
    let mut page = Page::new(group.employers(&[code])?.remove(code), Vec::new());
    let outcome = page.take_employer(row);
    if outcome != Outcome::Unchanged {
        save(&mut group, code, &page, now)?;
        let options = ImportOptions { policy: ImportPolicy::None, now, who, dry_run: false };
        group.event(event(&options, code, "employer-changed", detail.to_owned()))?;
        group.commit()?;
    }
    Ok(outcome)
}

/// An employer and its people.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The employer.
    pub employer: Employer,
    /// Its employees, in the order in which they came.
    pub employees: Vec<Employee>,
}

/// The register of one employer, or of all.
///
/// # Errors
/// [`StoreError::NotFound`] for an employer that is not in the register; else of the database.
pub fn staff(store: &Store, code: Option<&EmployerCode>) -> Result<Vec<Staff>, StoreError> {
    let employers = match code {
        None => store.employers()?,
        Some(code) => {
            let known = store.employer(code.as_str())?;
            vec![known.ok_or_else(|| StoreError::NotFound(format!("employer {code} in the register")))?]
        }
    };
    let with_people = |employer: Employer| {
        let employees = store.employees(employer.code.as_str())?;
        Ok(Staff { employer, employees })
    };
    employers.into_iter().map(with_people).collect()
}

/// Whether the employment had ended before this day.
pub fn has_left(employee: &Employee, today: NaiveDate) -> bool {
    employee.left_on.is_some_and(|left| left < today)
}
