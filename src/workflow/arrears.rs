//! Breaches of the thirty days: who was not registered in time, and what the employer owes for the months since.
//!
//! Under Act 4 the months before the first contribution are owed as arrears. Under Act 800 they are not: who was never
//! registered counts as registered from the first contribution (s. 16(3) and (4)).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::known::Known;
use super::sealing::LateLine;
use crate::checks::History;
use crate::checks::context::registration_limit;
use crate::checks::people::key_of;
use crate::domain::{ContributionMonth, Employee, IdentityNumber, PersonName, Residency, Scheme, Sen};
use crate::rates::calc::contribution;
use crate::rates::{InterestProfile, Person, RateBook};
use crate::store::tray::{ArrearsMonth, BreachPerson, NewBreach};
use crate::store::{Group, StoreError, SubmissionId};

/// Months that are looked back at most: seven years, for which records must be kept.
const MONTHS_BACK: u16 = 84;

/// The breaches that a file shows.
///
/// # Errors
/// [`StoreError`].
pub(super) fn breaches(
    group: &mut Group<'_>,
    known: &Known,
    (submission, code): (SubmissionId, &str),
    late: &[LateLine],
    now: DateTime<FixedOffset>,
) -> Result<Vec<NewBreach>, StoreError> {
    let mut wanted = BTreeSet::new();
    for line in late {
        wanted.extend(months(line.started, line.month));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut history = History::default();
    group.standing(&BTreeMap::from([(code.to_owned(), wanted)]), &mut history)?;
    let today = now.date_naive();
    let breach = |line: &LateLine| {
        let limit = registration_limit(line.started);
        let employee = known.kept_employee(code, &line.id_number).unwrap_or_else(|| drafted(line));
        let owed = owed(&employee, line, &history, code, today);
        NewBreach {
            submission,
            line: line.line,
            employer_code: code.to_owned(),
            started: line.started,
            limit,
            found_on: today,
            days_late: u32::try_from((today - limit).num_days()).unwrap_or(0),
            arrears: owed.iter().map(|month| month.amount).sum(),
            interest: owed.iter().map(|month| month.interest).sum(),
            person: BreachPerson { employee, months: owed },
        }
    };
    Ok(late.iter().map(breach).collect())
}

/// The months from the start of employment to the month of the file, at most seven years.
fn months(started: NaiveDate, last: ContributionMonth) -> Vec<ContributionMonth> {
    let first = ContributionMonth::of(started).index().max(last.index().saturating_sub(MONTHS_BACK));
    (first..=last.index()).filter_map(ContributionMonth::from_index).collect()
}

/// Who is in no register: what the line says, for Borang 2.
fn drafted(line: &LateLine) -> Employee {
    let birth_date = line.id_number.birth_date(line.month);
    Employee {
        birth_date,
        residency: if birth_date.is_none() { Residency::Foreign } else { Residency::Citizen },
        employed_on: Some(line.started),
        monthly_wage: line.wage,
        ..Employee::new(line.id_number.clone(), PersonName(line.name.clone()))
    }
}

fn owed(employee: &Employee, line: &LateLine, history: &History, code: &str, today: NaiveDate) -> Vec<ArrearsMonth> {
    let book = RateBook::embedded();
    let (dues, key) = (book.dues(), key_of(line.id_number.reveal()));
    let Some(wage) = line.wage.or_else(|| wage_of(line)) else { return Vec::new() };
    let person = Person::from(employee);
    let mut owed = Vec::new();
    for month in months(line.started, line.month) {
        let stood = key.and_then(|key| history.book(code, month)?.stood(key)?.total(Scheme::Act4));
        if stood.is_some() || today <= dues.due_date(month) {
            continue;
        }
        // A month that no table covers cannot be reckoned; it is not guessed.
        let Ok(answer) = contribution(book, &person, month, wage) else { continue };
        let amount = answer.act4_total_sen;
        let interest = dues.late_interest(amount, month, today, InterestProfile::Statute).interest;
        owed.push(ArrearsMonth { month, amount, interest });
    }
    owed
}

/// The highest wage that pays what the line says, where the layout carries no wage: what is owed is not reckoned too low. An
/// EIS file says as much of the wage as a SOCSO file does, so that both record the same breach.
fn wage_of(line: &LateLine) -> Option<Sen> {
    let book = RateBook::embedded();
    let (over, upto) = if line.act4_total.is_zero() {
        let row = book.act800(line.month).ok()?.rows_paying_total(line.eis_total).last()?.1;
        (row.over, row.upto)
    } else {
        let table = book.act4(line.month).ok()?;
        let kind = table.total_kinds(line.act4_total).iter().next()?;
        let row = table.rows_paying_total(line.act4_total, kind).last()?.1;
        (row.over, row.upto)
    };
    Some(upto.unwrap_or(over + Sen(1)))
}

impl Known {
    /// An employee as kept, by number.
    pub(super) fn kept_employee(&self, code: &str, number: &IdentityNumber) -> Option<Employee> {
        let same = |e: &&Employee| e.id_number == *number || e.ssfw_number.as_ref() == Some(number);
        self.people(code).iter().find(same).cloned()
    }
}
