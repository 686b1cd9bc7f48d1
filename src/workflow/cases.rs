//! Cases: one person says how a case is solved, another agrees.

use chrono::{DateTime, FixedOffset};

use super::checkout::event;
use crate::store::books::CaseRecord;
use crate::store::{Store, StoreError};

/// One case by its number.
///
/// # Errors
/// [`StoreError::NotFound`], or of the database.
pub fn case(store: &Store, number: &str) -> Result<CaseRecord, StoreError> {
    let found = store.cases(&Default::default())?.into_iter().find(|case| case.number == number);
    found.ok_or_else(|| StoreError::NotFound(format!("case {number}")))
}

/// Says how a case is solved.
///
/// # Errors
/// [`StoreError`].
pub fn propose(
    store: &Store,
    number: &str,
    (who, solution): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<CaseRecord, StoreError> {
    let mut group = store.begin_group()?;
    group.propose_solution(number, who, solution, now)?;
    group.event(event(who, number, "solution-proposed", solution.to_owned(), now))?;
    group.commit()?;
    case(store, number)
}

/// Agrees with the proposal of another person.
///
/// # Errors
/// [`StoreError::SamePerson`], [`StoreError::Step`], or of the database.
pub fn close(store: &Store, number: &str, who: &str, now: DateTime<FixedOffset>) -> Result<CaseRecord, StoreError> {
    let mut group = store.begin_group()?;
    group.close_case(number, who, now)?;
    group.event(event(who, number, "case-closed", String::new(), now))?;
    group.commit()?;
    case(store, number)
}
