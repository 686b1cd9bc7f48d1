//! Who was not registered within thirty days, and what is owed for them today: the record of the files, brought up to date
//! by the register and by what was acknowledged meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::arrears::{arrears_month, months, reckoned, unpaid};
use crate::checks::History;
use crate::checks::context::registration_limit;
use crate::checks::scan::Found;
use crate::domain::{ContributionMonth, Employee, IdentityNumber, Sen};
use crate::rates::RateBook;
use crate::store::tray::{ArrearsMonth, Breach, BreachPerson};
use crate::store::{Store, StoreError, SubmissionNumber};

/// How a breach stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum BreachState {
    /// Not registered yet.
    #[serde(rename = "open")]
    Open,
    /// Registered, but months since the start are still to be paid.
    #[serde(rename = "registered, arrears owed")]
    Owed,
    /// Registered, and nothing is owed.
    #[serde(rename = "settled")]
    Settled,
}

/// A month that is owed; without amounts where no wage is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Act 4 with SKBBK, and late interest if it is paid today.
    pub amounts: Option<(Sen, Sen)>,
}

/// A person who was not registered in time, as of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose employee.
    pub employer_code: String,
    /// Who: by the register, else by the file.
    pub employee: Employee,
    /// First day of the employment.
    pub started: NaiveDate,
    /// Last day on which registration was in time.
    pub limit: NaiveDate,
    /// The first file that showed it, its line and the day; `None` where only the register does.
    pub found: Option<(SubmissionNumber, u64, NaiveDate)>,
    /// Days after the limit: until the registration, else until today.
    pub days_late: u32,
    /// What is owed under Act 4 since the start; months that stand acknowledged are not.
    pub months: Vec<OwedMonth>,
}

impl Standing {
    /// See [`BreachState`].
    pub fn state(&self) -> BreachState {
        match (self.employee.registered_on, self.months.is_empty()) {
            (None, _) => BreachState::Open,
            (Some(_), false) => BreachState::Owed,
            (Some(_), true) => BreachState::Settled,
        }
    }

    /// Contributions and late interest that are owed; `None` where no wage is known.
    pub fn owed(&self) -> Option<(Sen, Sen)> {
        let amounts: Vec<(Sen, Sen)> = self.months.iter().map(|month| month.amounts).collect::<Option<_>>()?;
        Some((amounts.iter().map(|(amount, _)| *amount).sum(), amounts.iter().map(|(_, interest)| *interest).sum()))
    }
}

/// What files recorded of one person and start.
struct Recorded {
    first: (SubmissionNumber, u64, NaiveDate),
    last: BreachPerson,
}

/// All breaches of one employer or of all, settled ones included, by employer, start and name.
///
/// # Errors
/// [`StoreError`].
pub fn breaches(store: &Store, employer: Option<&str>, today: NaiveDate) -> Result<Vec<Standing>, StoreError> {
    let mut kept: BTreeMap<String, Vec<Breach>> = BTreeMap::new();
    for breach in store.breaches(employer)? {
        kept.entry(breach.recorded.employer_code.clone()).or_default().push(breach);
    }
    match employer {
        Some(code) => _ = kept.entry(code.to_owned()).or_default(),
        None => {
            for employer in store.employers()? {
                kept.entry(employer.code.to_string()).or_default();
            }
        }
    }
    let mut found = Vec::new();
    for (code, recorded) in kept {
        found.extend(of_employer(store, &code, recorded, today)?);
    }
    Ok(found)
}

fn of_employer(
    store: &Store,
    code: &str,
    recorded: Vec<Breach>,
    today: NaiveDate,
) -> Result<Vec<Standing>, StoreError> {
    let people = store.employees(code)?;
    let mut all: BTreeMap<(NaiveDate, String, String), (Employee, Option<Recorded>)> = BTreeMap::new();
    let key = |started: NaiveDate, e: &Employee| (started, e.name.0.clone(), e.id_number.reveal().to_owned());
    for breach in recorded {
        let (new, submission) = (breach.recorded, breach.submission);
        let employee = registered_as(&people, &new.person.employee).unwrap_or(&new.person.employee).clone();
        let first = (submission, new.line, new.found_on);
        let entry = all.entry(key(new.started, &employee)).or_insert_with(|| (employee, None));
        let first = entry.1.as_ref().map_or(first, |recorded| recorded.first);
        entry.1 = Some(Recorded { first, last: new.person });
    }
    // Whom no file has shown yet, the register shows.
    for employee in people.iter().filter(|employee| employee.registered_on.is_none()) {
        if let Some(started) = employee.employed_on.filter(|started| today > registration_limit(*started)) {
            all.entry(key(started, employee)).or_insert_with(|| (employee.clone(), None));
        }
    }
    let history =
        history(store, code, all.iter().map(|((started, ..), (employee, _))| since(*started, employee, today)))?;
    let standing =
        |((started, ..), (employee, recorded)): ((NaiveDate, String, String), (Employee, Option<Recorded>))| {
            let limit = registration_limit(started);
            let until = employee.registered_on.unwrap_or(today);
            let own: Vec<&IdentityNumber> =
                [Some(&employee.id_number), employee.ssfw_number.as_ref()].into_iter().flatten().collect();
            let unpaid = unpaid(&history, code, &own, since(started, &employee, today), today);
            let months = owed(&employee, recorded.as_ref().map(|recorded| &recorded.last), unpaid, today);
            Standing {
                employer_code: code.to_owned(),
                started,
                limit,
                found: recorded.map(|recorded| recorded.first),
                days_late: u32::try_from((until - limit).num_days()).unwrap_or(0),
                months,
                employee,
            }
        };
    Ok(all.into_iter().map(standing).collect())
}

/// The entry of the register that has one of the person's numbers.
fn registered_as<'p>(people: &'p [Employee], person: &Employee) -> Option<&'p Employee> {
    let numbers = [Some(&person.id_number), person.ssfw_number.as_ref()];
    let same = |number: Option<&IdentityNumber>| number.is_some() && numbers.contains(&number);
    people.iter().find(|employee| same(Some(&employee.id_number)) || same(employee.ssfw_number.as_ref()))
}

/// The months since the start whose due date has passed, not beyond the last month of the employment.
fn since(started: NaiveDate, employee: &Employee, today: NaiveDate) -> Vec<ContributionMonth> {
    let dues = RateBook::embedded().dues();
    let left = employee.left_on.filter(|left| *left >= started).map(ContributionMonth::of);
    let mut months = months(started, left.unwrap_or(ContributionMonth::of(today)).min(ContributionMonth::of(today)));
    months.retain(|month| today > dues.due_date(*month));
    months
}

/// What stands for these months.
fn history(
    store: &Store,
    code: &str,
    months: impl Iterator<Item = Vec<ContributionMonth>>,
) -> Result<History, StoreError> {
    let mut history = History::default();
    let wanted: BTreeSet<ContributionMonth> = months.flatten().collect();
    if !wanted.is_empty() {
        // Only looked at: the group is never kept.
        store.begin_group()?.standing(&Found::from([(code.to_owned(), wanted)]), &mut history)?;
    }
    Ok(history)
}

/// The wage of the line that showed it, else the register's; without one the amounts that were recorded still hold.
fn owed(
    employee: &Employee,
    recorded: Option<&BreachPerson>,
    unpaid: Vec<ContributionMonth>,
    today: NaiveDate,
) -> Vec<OwedMonth> {
    let certain = |month: ArrearsMonth| OwedMonth { month: month.month, amounts: Some((month.amount, month.interest)) };
    let wage = recorded.and_then(|person| person.wage.or(person.employee.monthly_wage)).or(employee.monthly_wage);
    if let Some(wage) = wage {
        return reckoned(employee, wage, unpaid, today).into_iter().map(certain).collect();
    }
    let known = |month: ContributionMonth| recorded?.months.iter().find(|known| known.month == month);
    let owed = |month| match known(month) {
        Some(known) => certain(arrears_month(month, known.amount, today)),
        None => OwedMonth { month, amounts: None },
    };
    unpaid.into_iter().map(owed).collect()
}
