//! Cases: one person says how a case is solved, another agrees. A case about money that must go back is solved when it went
//! back: then it is booked, from suspense to the bank.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::checkout::event;
use crate::domain::{CaseKind, Sen};
use crate::fpx::value::FpxTime;
use crate::rates::malaysian_day;
use crate::store::books::CaseRecord;
use crate::store::refunds::Refund;
use crate::store::{Store, StoreError};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The money lies in suspense until it goes back: nothing else can be done with it here.
    #[error(
        "{number} is about RM {amount} that must go back: propose it with --refunded-on and --reference once the bank sent it"
    )]
    NotRefunded {
        /// The case.
        number: String,
        /// What lies in suspense.
        amount: Sen,
    },
    /// No money goes back with this case.
    #[error("{0} is not about money that goes back; leave --refunded-on and --reference out")]
    NoMoney(String),
    /// Without a reference nobody finds it at the bank.
    #[error("say by which reference the bank sent the money back")]
    NoReference,
    /// After today.
    #[error("{0} is not over: money cannot have gone back in the future")]
    InFuture(NaiveDate),
    /// Before the money came.
    #[error("{day} is before {came}, the day on which the money came; look at the bank's statement again")]
    TooEarly {
        /// The day said.
        day: NaiveDate,
        /// The day of the payment.
        came: NaiveDate,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One case by its number.
///
/// # Errors
/// [`StoreError::NotFound`], or of the database.
pub fn case(store: &Store, number: &str) -> Result<CaseRecord, StoreError> {
    let found = store.cases(&Default::default())?.into_iter().find(|case| case.number == number);
    found.ok_or_else(|| StoreError::NotFound(format!("case {number}")))
}

/// Says how a case is solved; of a case about money that must go back, when and by which reference it went.
///
/// # Errors
/// [`CaseError`]; then nothing is kept.
pub fn propose(
    store: &Store,
    number: &str,
    (who, solution): (&str, &str),
    refund: Option<&Refund>,
    now: DateTime<FixedOffset>,
) -> Result<CaseRecord, CaseError> {
    let mut group = store.begin_group()?;
    let found = group.case(number)?;
    let refund = refund.map(|refund| Refund { on: refund.on, reference: refund.reference.trim().to_owned() });
    let mut detail = solution.to_owned();
    match &refund {
        Some(refund) => {
            check_refund(store, &found, refund, now)?;
            detail = format!("{detail}; {}", went_back(&found, refund));
        }
        None if found.kind == CaseKind::Refund => return Err(not_refunded(&found)),
        None => {}
    }
    group.propose_solution(number, who, (solution, refund.as_ref()), now)?;
    group.event(event(who, number, "solution-proposed", detail, now))?;
    group.commit()?;
    Ok(case(store, number)?)
}

/// Agrees with the proposal of another person. Money that went back is booked with it, and its payment says so.
///
/// # Errors
/// [`CaseError::NotRefunded`]; [`StoreError::SamePerson`], [`StoreError::Step`], or of the database.
pub fn close(store: &Store, number: &str, who: &str, now: DateTime<FixedOffset>) -> Result<CaseRecord, CaseError> {
    let mut group = store.begin_group()?;
    let found = group.case(number)?;
    group.close_case(number, who, now)?;
    let mut detail = String::new();
    if found.kind == CaseKind::Refund {
        // An earlier program let a proposal say nothing of the money.
        let refund = found.refund.as_ref().ok_or_else(|| not_refunded(&found))?;
        group.book_refund(&found, now)?;
        detail = went_back(&found, refund);
        group.event(event(who, &found.subject, "refunded", format!("{detail}, case {number}"), now))?;
        group.outbox("mail-refunded", &found.subject, &found.employer_code, now)?;
    }
    group.event(event(who, number, "case-closed", detail, now))?;
    group.commit()?;
    Ok(case(store, number)?)
}

fn check_refund(
    store: &Store,
    found: &CaseRecord,
    refund: &Refund,
    now: DateTime<FixedOffset>,
) -> Result<(), CaseError> {
    if found.kind != CaseKind::Refund {
        return Err(CaseError::NoMoney(found.number.clone()));
    }
    if refund.reference.is_empty() {
        return Err(CaseError::NoReference);
    }
    if refund.on > malaysian_day(&now) {
        return Err(CaseError::InFuture(refund.on));
    }
    let payment = store.payment(&found.subject)?;
    let came =
        FpxTime::read(&payment.transaction_time).map_or_else(|| malaysian_day(&payment.started_at), FpxTime::day);
    if refund.on < came {
        return Err(CaseError::TooEarly { day: refund.on, came });
    }
    Ok(())
}

fn not_refunded(found: &CaseRecord) -> CaseError {
    CaseError::NotRefunded { number: found.number.clone(), amount: found.amount }
}

fn went_back(found: &CaseRecord, refund: &Refund) -> String {
    format!("RM {} refunded on {}, reference {}", found.amount, refund.on, refund.reference)
}
