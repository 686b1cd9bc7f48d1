//! The register of some employers while it is changed: rows are laid over what is known, and what changed is counted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::{ContributionMonth, Employee, Employer, EmployerCode, IdentityNumber, Residency};
use crate::rates::{RateBook, age_on};
use crate::reader::payroll::RowFault;
use crate::reader::register_table::{EmployerRow, Measure, RegisterRow, numbers_of, whole};

/// What became of the rows of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New in the register.
    pub added: u64,
    /// Known, and something is different now.
    pub changed: u64,
    /// Known as the row says.
    pub unchanged: u64,
    /// Rows at fault.
    pub faulty: u64,
}

impl Counts {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Added => self.added += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}

/// What became of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was not there.
    Added,
    /// Something is different now.
    Changed,
    /// Nothing is different.
    Unchanged,
}

/// Why a row is not taken: each column with one sentence.
pub(super) type Refusals = Vec<(&'static str, String)>;

/// One employer's part of the register.
#[derive(Debug)]
pub(super) struct Page {
    /// The employer; `None` while nothing is kept of it.
    pub employer: Option<Employer>,
    /// Its employees, in the order in which they came.
    pub employees: Vec<Employee>,
    /// Places of employees to write.
    pub changed: BTreeSet<usize>,
    /// The employer is to be written.
    pub employer_changed: bool,
    /// What became of its rows.
    pub counts: Counts,
    places: HashMap<String, usize>,
    rows: HashMap<usize, u64>,
}

impl Page {
    pub fn new(employer: Option<Employer>, employees: Vec<Employee>) -> Page {
        let mut places = HashMap::with_capacity(employees.len());
        for (place, employee) in employees.iter().enumerate() {
            places.extend(numbers_of(employee).map(|number| (number.to_owned(), place)));
        }
        let (changed, rows) = (BTreeSet::new(), HashMap::new());
        Page { employer, employees, changed, employer_changed: false, counts: Counts::default(), places, rows }
    }

    /// Where the person with one of these numbers stands; each number comes with its column. The first number that is
    /// known names the person.
    pub fn place<'n>(&self, numbers: impl Iterator<Item = (&'static str, &'n str)>) -> Result<Option<usize>, Refusals> {
        let mut found = None;
        for (column, number) in numbers {
            let Some(place) = self.places.get(number).copied() else { continue };
            if *found.get_or_insert(place) != place {
                return Err(vec![(column, "belongs to another person of this employer in the register".to_owned())]);
            }
        }
        Ok(found)
    }

    /// Takes an employer's row.
    pub fn take_employer(&mut self, row: &EmployerRow) -> Outcome {
        let (outcome, employer) = match &self.employer {
            None => (Outcome::Added, row.employer.clone()),
            Some(known) => match row.onto(known) {
                merged if merged == *known => return Outcome::Unchanged,
                merged => (Outcome::Changed, merged),
            },
        };
        self.employer = Some(employer);
        self.employer_changed = true;
        outcome
    }

    /// Takes an employee's row. `number` names the person where the row gives a new number.
    pub fn take_employee(
        &mut self,
        row: &RegisterRow,
        number: Option<&IdentityNumber>,
        measure: Measure,
    ) -> Result<Outcome, Refusals> {
        let (place, merged) = self.judge(row, number, measure)?;
        self.rows.insert(place, row.row);
        Ok(self.put(place, merged))
    }

    /// Where the person stands or will stand, and what is known once the row is taken; or everything against it.
    fn judge(
        &self,
        row: &RegisterRow,
        number: Option<&IdentityNumber>,
        measure: Measure,
    ) -> Result<(usize, Employee), Refusals> {
        let named = number.map(|number| ("id_number", number.reveal()));
        let place = self.place(named.into_iter().chain(row.numbers()))?;
        let known = place.map(|place| &self.employees[place]);
        let mut merged = known.map_or_else(|| row.employee.clone(), |known| row.onto(known));
        let mut refusals = whole(&mut merged, measure);
        refusals.extend(late_entry(&merged, measure.today).map(|what| ("first_insured_at_55_or_over", what)));
        if merged.name.0.is_empty() {
            refusals.push(("name", "is missing, and the person is not in the register yet".to_owned()));
        }
        if let Some(before) = place.and_then(|place| self.rows.get(&place)) {
            refusals.push(("id_number", format!("is the same person of this employer as in row {before}")));
        }
        if refusals.is_empty() { Ok((place.unwrap_or(self.employees.len()), merged)) } else { Err(refusals) }
    }

    fn put(&mut self, place: usize, employee: Employee) -> Outcome {
        let outcome = match self.employees.get(place) {
            Some(known) if *known == employee => return Outcome::Unchanged,
            Some(known) => {
                for number in numbers_of(known) {
                    self.places.remove(number);
                }
                self.employees[place] = employee;
                Outcome::Changed
            }
            None => {
                self.employees.push(employee);
                Outcome::Added
            }
        };
        for number in numbers_of(&self.employees[place]) {
            self.places.insert(number.to_owned(), place);
        }
        self.changed.insert(place);
        outcome
    }
}

/// What speaks against a first insurance at 55 or over: the person was covered from a month in which the age was not yet
/// attained. Who might have been outside the Act at first (highly paid until May 2016, foreign, in a private household) is
/// counted from the month that brought everybody in; ages are tested on the last day of a month (Act 4 s. 6(8)).
fn late_entry(employee: &Employee, today: NaiveDate) -> Option<String> {
    let birth = employee.birth_date.filter(|_| employee.first_insured_at_55_or_over)?;
    let law = &RateBook::embedded().coverage().act4;
    let everybody = if employee.residency == Residency::Foreign {
        law.foreign_from
    } else if employee.domestic_worker {
        law.domestic_compulsory_from
    } else {
        law.exclusion_above_wage.last_month.next()
    };
    let begun = ContributionMonth::of(employee.employed_on.unwrap_or(today)).max(everybody);
    let age = age_on(birth, begun.last_day());
    let late = law.late_entry_age;
    (age < i32::from(late)).then(|| {
        format!("cannot be yes: the person was younger than {late} in {begun}, the first month that came under the Act")
    })
}

/// Refusals as faults of a row.
pub(super) fn faults_of(row: u64, refusals: Refusals) -> impl Iterator<Item = RowFault> {
    refusals.into_iter().map(move |(column, what)| RowFault { row, column: Some(column), what })
}

/// The pages of all employers that a table speaks of.
#[derive(Debug)]
pub(super) struct Book {
    pub pages: BTreeMap<String, Page>,
    pub measure: Measure,
}

impl Book {
    pub fn new(
        codes: &[&str],
        mut employers: HashMap<String, Employer>,
        mut employees: HashMap<String, Vec<Employee>>,
        measure: Measure,
    ) -> Book {
        let page = |code: &&str| {
            let page = Page::new(employers.remove(*code), employees.remove(*code).unwrap_or_default());
            ((*code).to_owned(), page)
        };
        Book { pages: codes.iter().map(page).collect(), measure }
    }

    fn page(&mut self, code: &EmployerCode) -> &mut Page {
        self.pages.get_mut(code.as_str()).expect("the employers of all rows were looked up")
    }

    /// Takes the rows of employers.
    pub fn take_employers(&mut self, rows: &[EmployerRow]) -> Counts {
        let mut counts = Counts::default();
        for row in rows {
            counts.count(self.page(&row.employer.code).take_employer(row));
        }
        counts
    }

    /// Takes the rows of employees; an employer that is not known yet is made. Rows that cannot be taken give a fault.
    pub fn take_employees(&mut self, rows: &[RegisterRow], faults: &mut Vec<RowFault>) -> Counts {
        let measure = self.measure;
        let mut counts = Counts::default();
        for row in rows {
            let page = self.page(&row.employer_code);
            match page.take_employee(row, None, measure) {
                Ok(outcome) => {
                    counts.count(outcome);
                    page.counts.count(outcome);
                    if page.employer.is_none() {
                        page.employer = Some(Employer::new(row.employer_code.clone()));
                        page.employer_changed = true;
                    }
                }
                Err(refusals) => faults.extend(faults_of(row.row, refusals)),
            }
        }
        counts
    }

    /// What is wrong with faulty rows beside the columns that were named already: seen only together with what is known.
    pub fn judge_faulty(&mut self, rows: &[RegisterRow], faults: &mut Vec<RowFault>) {
        let said: HashSet<(u64, Option<&str>)> = faults.iter().map(|fault| (fault.row, fault.column)).collect();
        let measure = self.measure;
        let mut more = Vec::new();
        for row in rows.iter().filter(|row| !row.employee.id_number.reveal().is_empty()) {
            let refusals = self.page(&row.employer_code).judge(row, None, measure).err().unwrap_or_default();
            more.extend(faults_of(row.row, refusals).filter(|fault| !said.contains(&(fault.row, fault.column))));
        }
        faults.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::register_table::{RegisterOptions, employee_of, read};

    fn options() -> RegisterOptions<'static> {
        let month = |text: &str| text.parse().expect("a month");
        let measure = Measure {
            month: month("2026-11"),
            release_from: month("2026-07"),
            today: "2026-11-22".parse().expect("a day"),
        };
        RegisterOptions { sheet: None, employer_code: EmployerCode::read("A9900000001Z").1, measure }
    }

    fn row(cells: &[(&'static str, &str)]) -> RegisterRow {
        let cells: Vec<_> = cells.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        employee_of(&cells, &options()).expect("a sound row")
    }

    fn take(page: &mut Page, cells: &[(&'static str, &str)]) -> Result<Outcome, Refusals> {
        page.rows.clear();
        page.take_employee(&row(cells), None, options().measure)
    }

    fn refused(page: &mut Page, cells: &[(&'static str, &str)]) -> &'static str {
        let refusals = take(page, cells).expect_err("refused");
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        refusals[0].0
    }

    #[test]
    fn rows_are_laid_over_what_is_known() {
        let mut page = Page::new(None, Vec::new());
        let ahmad = [("id_number", "900101149991"), ("name", "AHMAD")];
        assert_eq!(refused(&mut page, &ahmad[..1]), "name");
        assert_eq!(take(&mut page, &ahmad), Ok(Outcome::Added));
        assert_eq!(take(&mut page, &ahmad), Ok(Outcome::Unchanged));
        let left = [("id_number", "900101149991"), ("left_on", "2026-10-31")];
        assert_eq!(take(&mut page, &left), Ok(Outcome::Changed));
        assert_eq!(take(&mut page, &ahmad), Ok(Outcome::Unchanged), "blanks change nothing");
        assert_eq!(refused(&mut page, &[("id_number", "900101149991"), ("employed_on", "2026-11-01")]), "left_on");
        assert_eq!(refused(&mut page, &[("id_number", "900101149991"), ("birth_date", "1990-01-02")]), "birth_date");
        assert_eq!(page.employees.len(), 1);
        assert_eq!(page.employees[0].birth_date.map(|day| day.to_string()).as_deref(), Some("1990-01-01"));
    }

    #[test]
    fn first_insured_at_55_needs_the_age() {
        let person = |birth: &str, employed_on: Option<&str>, more: fn(&mut Employee)| {
            let mut employee = row(&[("id_number", "T1234567"), ("name", "A"), ("birth_date", birth)]).employee;
            employee.first_insured_at_55_or_over = true;
            employee.employed_on = employed_on.map(|day| day.parse().expect("a day"));
            more(&mut employee);
            late_entry(&employee, options().measure.today)
        };
        let plain: fn(&mut Employee) = |_| {};
        for (birth, faulty) in [("1971-11-29", false), ("1971-11-30", false), ("1971-12-01", true)] {
            assert_eq!(person(birth, None, plain).is_some(), faulty, "{birth}");
            assert_eq!(person(birth, Some("2026-11-01"), plain).is_some(), faulty, "{birth}");
        }
        let said = person("1990-01-01", Some("2020-01-02"), plain).expect("refused");
        assert!(said.contains("younger than 55") && said.contains("2020-01"), "{said}");
        let at_fifty = ("1961-01-01", Some("2011-01-03"));
        assert!(person(at_fifty.0, at_fifty.1, plain).is_none(), "perhaps too highly paid until May 2016");
        assert!(person("1964-01-01", Some("2011-01-03"), plain).is_some(), "52 in June 2016");
        assert!(person("1964-01-01", Some("2011-01-03"), |e| e.residency = Residency::Foreign).is_none());
        assert!(person("1967-06-30", Some("2011-01-03"), |e| e.domestic_worker = true).is_none());
        assert!(person("1967-07-01", Some("2011-01-03"), |e| e.domestic_worker = true).is_some());
        assert!(person("1990-01-01", None, |e| e.first_insured_at_55_or_over = false).is_none());
        let mut page = Page::new(None, Vec::new());
        let young = [("id_number", "900101149991"), ("name", "A"), ("first_insured_at_55_or_over", "yes")];
        assert_eq!(refused(&mut page, &young), "first_insured_at_55_or_over");
    }

    #[test]
    fn people_are_known_by_both_numbers() {
        let mut page = Page::new(None, Vec::new());
        let worker = [("ssfw_number", "990000000017"), ("name", "W"), ("residency", "foreign")];
        assert_eq!(take(&mut page, &worker), Ok(Outcome::Added));
        let passport = [("id_number", "A1234567"), ("ssfw_number", "990000000017"), ("id_kind", "other")];
        assert_eq!(take(&mut page, &passport), Ok(Outcome::Changed));
        assert_eq!(page.employees[0].id_number.reveal(), "A1234567");
        assert_eq!(take(&mut page, &worker[..1]), Ok(Outcome::Unchanged));
        assert_eq!(take(&mut page, &[("id_number", "B1234567"), ("name", "X")]), Ok(Outcome::Added));
        assert_eq!(refused(&mut page, &[("id_number", "B1234567"), ("ssfw_number", "990000000017")]), "ssfw_number");
        let by = IdentityNumber::new("A1234567");
        let other = row(&[("id_number", "B1234567"), ("occupation", "KERANI")]);
        let refusals = page.take_employee(&other, Some(&by), options().measure).expect_err("another person's number");
        assert_eq!(refusals, [("id_number", "belongs to another person of this employer in the register".to_owned())]);
    }

    #[test]
    fn a_known_foreign_worker_is_not_released() {
        let mut page = Page::new(None, Vec::new());
        let worker = [("id_number", "A1234567"), ("name", "W"), ("residency", "foreign")];
        assert_eq!(take(&mut page, &worker), Ok(Outcome::Added));
        let release = [("id_number", "A1234567"), ("skbbk_released_from", "2026-07")];
        assert_eq!(refused(&mut page, &release), "skbbk_released_from");
        let local = [("id_number", "900101149991"), ("name", "A"), ("skbbk_released_from", "2026-07")];
        assert_eq!(take(&mut page, &local), Ok(Outcome::Added));
        assert_eq!(
            refused(&mut page, &[("id_number", "900101149991"), ("residency", "foreign")]),
            "skbbk_released_from"
        );
    }

    #[test]
    fn the_same_person_by_another_number_in_one_table() {
        let known = row(&[("id_number", "900101149991"), ("ssfw_number", "990000000017"), ("name", "A")]).employee;
        let text = "id_number,ssfw_number,occupation\n900101149991,,X\n,990000000017,Y\n";
        let table = read(text.as_bytes(), &options()).expect("a table");
        let people = HashMap::from([("A9900000001Z".to_owned(), vec![known])]);
        let mut book = Book::new(&["A9900000001Z"], HashMap::new(), people, options().measure);
        let mut faults = Vec::new();
        let counts = book.take_employees(&table.employees.rows, &mut faults);
        assert_eq!((counts.changed, faults.len(), faults[0].row), (1, 1, 3));
        assert!(book.pages["A9900000001Z"].employer_changed, "made with the first employee");
    }
}
