//! Charges beside payment: PERKESO's notices entered by hand, appeals, and how they end.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use crate::domain::states::AcknowledgementState;
use crate::domain::{ChargeKind, ChargeState, ContributionMonth, EmployerCode, Scheme, Sen};
use crate::store::books::same_person;
use crate::store::{
    AcknowledgementRecord, AppealOutcome, ChargeFilter, ChargeRecord, Filter, NewCharge, NewEvent, Store, StoreError,
};
use crate::workflow::cart::{Refusal, locked_by};

/// A notice of PERKESO.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Who is asked.
    pub employer_code: String,
    /// Late interest or a compound.
    pub kind: ChargeKind,
    /// Act.
    pub scheme: Scheme,
    /// What is asked.
    pub amount: Sen,
    /// The notice's own reference.
    pub reference: String,
    /// The contribution month, where it names one.
    pub month: Option<ContributionMonth>,
    /// For interest: the ACR or ECR that was late, where it is known.
    pub acknowledgement: Option<String>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ChargeError {
    /// Not a code.
    #[error("\"{0}\" is not an employer code")]
    NoEmployer(String),
    /// A notice asks something.
    #[error("the amount of a notice is above zero")]
    NoAmount,
    /// Who, why or which notice is missing.
    #[error("{0} is empty")]
    Missing(&'static str),
    /// It was entered before.
    #[error("notice {notice} was entered before as {number}")]
    Twice {
        /// The notice.
        notice: String,
        /// The charge.
        number: String,
    },
    /// Our own interest is asked already.
    #[error("{number} asks interest on {acknowledgement} already; appeal against it and decide, or pay it")]
    Asked {
        /// The charge.
        number: String,
        /// The acknowledgement.
        acknowledgement: String,
    },
    /// Not this employer's, or another Act's.
    #[error("{0} is not an acknowledgement of this employer under this Act")]
    OtherAcknowledgement(String),
    /// A payment or a cart holds it.
    #[error("{0}")]
    Locked(Refusal),
    /// Less must be asked than before.
    #[error("a cut leaves less than the RM {before} that are asked now, and more than nothing (else waive it)")]
    NoCut {
        /// What is asked.
        before: Sen,
    },
    /// Who appealed cannot decide.
    #[error("{0} lodged this appeal and cannot decide it; another person must")]
    OwnAppeal(String),
    /// Who entered the notice cannot decide about it.
    #[error("{0} entered this notice and cannot decide an appeal against it; another person must")]
    OwnNotice(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Enters a notice; gives the number of its charge.
///
/// # Errors
/// [`ChargeError`]; then nothing is kept.
pub fn enter(
    store: &Store,
    notice: &Notice,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<ChargeRecord, ChargeError> {
    let (_, code) = EmployerCode::read(&notice.employer_code);
    let code = code.ok_or_else(|| ChargeError::NoEmployer(notice.employer_code.clone()))?;
    let reference = notice.reference.trim();
    if notice.amount <= Sen::ZERO {
        return Err(ChargeError::NoAmount);
    }
    for (text, what) in [(reference, "the reference of the notice"), (who, "who enters it")] {
        if text.trim().is_empty() {
            return Err(ChargeError::Missing(what));
        }
    }
    let acknowledgement = match notice.kind {
        ChargeKind::Interest => late_acknowledgement(store, code.as_str(), notice)?,
        ChargeKind::Compound => None,
    };
    let own = ChargeFilter { employer_code: Some(code.to_string()), ..ChargeFilter::default() };
    for charge in store.charges(&own)? {
        let same = charge.kind == notice.kind && charge.scheme == notice.scheme;
        if same && notice_of(&charge).as_deref() == Some(reference) {
            return Err(ChargeError::Twice { notice: reference.to_owned(), number: charge.number });
        }
        let open = !matches!(charge.state, ChargeState::Paid | ChargeState::Waived | ChargeState::Void);
        if open && same && acknowledgement.is_some() && charge.acknowledgement == acknowledgement {
            let acknowledgement = acknowledgement.unwrap_or_default();
            return Err(ChargeError::Asked { number: charge.number, acknowledgement });
        }
    }
    let mut group = store.begin_group()?;
    let new = NewCharge {
        kind: notice.kind,
        employer_code: code.to_string(),
        scheme: notice.scheme,
        acknowledgement,
        month: notice.month,
        assessed: notice.amount,
        amount: notice.amount,
        basis: json!({ "notice": reference }).to_string(),
        assessed_on: now.date_naive(),
    };
    let number = group.assess(new, now)?;
    group.event(event(now, who, &number, "entered", format!("{reference}, RM {}", notice.amount)))?;
    group.commit()?;
    Ok(store.charge(&number)?)
}

/// The acknowledgement that a notice is about: the one named, else the only one of the month.
fn late_acknowledgement(store: &Store, code: &str, notice: &Notice) -> Result<Option<String>, ChargeError> {
    if let Some(number) = &notice.acknowledgement {
        let number = number.trim().to_uppercase();
        let found = store.acknowledgement(&number)?;
        let fits = found.employer_code == code && found.scheme == notice.scheme;
        return if fits { Ok(Some(number)) } else { Err(ChargeError::OtherAcknowledgement(number)) };
    }
    let Some(month) = notice.month else { return Ok(None) };
    let filter = Filter {
        employer_code: Some(code.to_owned()),
        month: Some(month),
        scheme: Some(notice.scheme),
        ..Filter::default()
    };
    let mut found = store.acknowledgements(&filter)?;
    let stands = |a: &AcknowledgementRecord| a.state != AcknowledgementState::Removed && !a.total.is_zero();
    found.retain(stands);
    Ok(if found.len() == 1 { found.pop().map(|found| found.number) } else { None })
}

/// The reference of the notice that a charge was entered from; `None` for interest reckoned here.
pub fn notice_of(charge: &ChargeRecord) -> Option<String> {
    let basis: Value = serde_json::from_str(&charge.basis).ok()?;
    basis["notice"].as_str().map(str::to_owned)
}

/// Records the employer's appeal; the charge is not asked until it is decided.
///
/// # Errors
/// [`ChargeError`]: it is in a cart, at the bank, paid or under appeal already; no reason.
pub fn appeal(
    store: &Store,
    number: &str,
    (who, reason): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<ChargeRecord, ChargeError> {
    for (text, what) in [(reason, "the reason"), (who, "who appeals")] {
        if text.trim().is_empty() {
            return Err(ChargeError::Missing(what));
        }
    }
    if let Some(refusal) = locked_by(store, number)? {
        return Err(ChargeError::Locked(refusal));
    }
    let mut group = store.begin_group()?;
    let place = group.appeal(number, (who, reason.trim()), now)?;
    group.event(event(now, who, number, "appealed", format!("appeal {place}")))?;
    group.commit()?;
    Ok(store.charge(number)?)
}

/// Records PERKESO's decision on an appeal; by another person than who lodged it, and than who entered the notice.
///
/// # Errors
/// [`ChargeError`]: it is not under appeal, the same person, or a cut that is none.
pub fn decide(
    store: &Store,
    number: &str,
    outcome: AppealOutcome,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<ChargeRecord, ChargeError> {
    let who = who.trim();
    if who.is_empty() {
        return Err(ChargeError::Missing("who decides"));
    }
    // Interest that was reckoned here is nobody's own: only a notice is entered.
    let entered = store.events(number)?.into_iter().find(|event| event.what == "entered");
    let mut group = store.begin_group()?;
    let before = group.charges_by_number(&[number.to_owned()])?.remove(number).map(|charge| charge.amount);
    let before = before.ok_or_else(|| StoreError::NotFound(format!("charge {number}")))?;
    if group.open_appeal(number)?.is_some_and(|appellant| same_person(&appellant, who)) {
        return Err(ChargeError::OwnAppeal(who.to_owned()));
    }
    if entered.is_some_and(|event| same_person(&event.who, who)) {
        return Err(ChargeError::OwnNotice(who.to_owned()));
    }
    if let AppealOutcome::Cut(amount) = outcome
        && (amount <= Sen::ZERO || amount >= before)
    {
        return Err(ChargeError::NoCut { before });
    }
    group.decide_appeal(number, outcome, who, now)?;
    let detail = if let AppealOutcome::Cut(amount) = outcome {
        format!("RM {amount} instead of RM {before}")
    } else {
        String::new()
    };
    group.event(event(now, who, number, outcome.id(), detail))?;
    group.commit()?;
    Ok(store.charge(number)?)
}

fn event(at: DateTime<FixedOffset>, who: &str, subject: &str, what: &str, detail: String) -> NewEvent {
    NewEvent { at, who: who.to_owned(), subject: subject.to_owned(), what: what.to_owned(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_entered_once_and_decided_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(None, folder.path(), None).expect("a store");
        let now = DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a moment");
        let notice = Notice {
            employer_code: "a9900000001z".to_owned(),
            kind: ChargeKind::Compound,
            scheme: Scheme::Act4,
            amount: Sen(100_000),
            reference: "KOM/1".to_owned(),
            month: None,
            acknowledgement: None,
        };
        let enter = |notice: &Notice| enter(&store, notice, "typist", now);
        let charge = enter(&notice).expect("entered");
        assert_eq!((charge.number.as_str(), charge.employer_code.as_str()), ("KMP112260000001", "A9900000001Z"));
        assert!(matches!(enter(&notice), Err(ChargeError::Twice { .. })));
        enter(&Notice { scheme: Scheme::Act800, ..notice.clone() }).expect("another Act");
        for wrong in [
            Notice { amount: Sen::ZERO, ..notice.clone() },
            Notice { reference: " ".to_owned(), ..notice.clone() },
            Notice { employer_code: "X".to_owned(), ..notice.clone() },
            Notice {
                kind: ChargeKind::Interest,
                acknowledgement: Some("ACR112260000001".to_owned()),
                ..notice.clone()
            },
        ] {
            assert!(enter(&wrong).is_err(), "{wrong:?}");
        }
        let number = charge.number.as_str();
        let decide_by = |who: &str, outcome| decide(&store, number, outcome, who, now);
        let decide = |outcome| decide_by("officer", outcome);
        assert!(decide(AppealOutcome::Kept).is_err(), "no appeal");
        assert!(appeal(&store, number, ("clerk", " "), now).is_err());
        assert_eq!(appeal(&store, number, ("clerk", "first time"), now).expect("it").state, ChargeState::Appealed);
        for amount in [0, 100_000, 100_001] {
            assert!(matches!(decide(AppealOutcome::Cut(Sen(amount))), Err(ChargeError::NoCut { .. })), "{amount}");
        }
        for same in ["clerk", " Clerk "] {
            assert!(matches!(decide_by(same, AppealOutcome::Kept), Err(ChargeError::OwnAppeal(_))), "{same}");
        }
        assert!(matches!(decide_by("TYPIST", AppealOutcome::Kept), Err(ChargeError::OwnNotice(_))));
        assert!(matches!(decide_by(" ", AppealOutcome::Kept), Err(ChargeError::Missing(_))));
        let cut = decide(AppealOutcome::Cut(Sen(99_999))).expect("decided");
        assert_eq!((cut.amount, cut.assessed, cut.state), (Sen(99_999), Sen(100_000), ChargeState::Assessed));
        let what: Vec<_> = store.events(number).expect("events").into_iter().map(|e| e.what).collect();
        assert_eq!(what, ["entered", "appealed", "cut"]);
        // A second appeal, by the first one's judge, is decided by the first one's appellant.
        appeal(&store, number, ("officer", "still too much"), now).expect("appealed");
        assert!(matches!(decide(AppealOutcome::Kept), Err(ChargeError::OwnAppeal(_))));
        decide_by("clerk", AppealOutcome::Kept).expect("decided");
    }
}
