//! An acknowledgement is withdrawn before it is paid. Its number is never used again, and what it stood for can be handed
//! in once more. What filled an employer's register and is withdrawn whole fills it no longer: the corrected file does.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};

use crate::domain::Employer;
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::store::{AcknowledgementRecord, Filter, HeldState, NewEvent, Store, StoreError, SubmissionId};

/// Withdraws an acknowledgement. Lines of its submission that still wait are given up once nothing of it stands.
///
/// # Errors
/// [`StoreError::Step`] when it is in a cart, at the bank or paid; [`StoreError::NotFound`]; or of the database.
pub fn withdraw(
    store: &Store,
    number: &str,
    (who, reason): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<AcknowledgementState, StoreError> {
    let record = store.acknowledgement(number)?;
    let filter = Filter { submission: Some(record.submission), ..Filter::default() };
    let others = store.acknowledgements(&filter)?;
    let stands = others.iter().any(|other| other.number != number && other.state != AcknowledgementState::Removed);
    let waiting: BTreeSet<u64> = if stands {
        BTreeSet::new()
    } else {
        let held = store.held_lines(record.submission)?.into_iter();
        held.filter(|held| held.state == HeldState::Waiting).map(|held| held.line).collect()
    };
    let unseeded = if stands { None } else { unseeded(store, &record.employer_code, record.submission, now)? };
    let mut group = store.begin_group()?;
    let state = group.move_acknowledgement(number, AcknowledgementEvent::Remove)?;
    group.event(NewEvent {
        at: now,
        who: who.to_owned(),
        subject: number.to_owned(),
        what: "withdrawn".to_owned(),
        detail: reason.to_owned(),
    })?;
    group.leave_tray(record.submission, waiting, HeldState::Dropped, None)?;
    if let Some(employer) = unseeded {
        group.save_employer(&employer, now)?;
    }
    group.commit()?;
    Ok(state)
}

/// The employer with an empty register, where a submission of which nothing will stand filled it, nobody has changed an
/// entry since, and nothing else stands.
pub(super) fn unseeded(
    store: &Store,
    employer_code: &str,
    submission: SubmissionId,
    now: DateTime<FixedOffset>,
) -> Result<Option<Employer>, StoreError> {
    let filter = Filter { submission: Some(submission), ..Filter::default() };
    let number = store.submissions(&filter)?.first().map(|submission| submission.number.0);
    let employer = store.employer(employer_code)?;
    let Some(employer) = employer.filter(|employer| number.is_some() && employer.seeded_from == number) else {
        return Ok(None);
    };
    let filter = Filter { employer_code: Some(employer_code.to_owned()), ..Filter::default() };
    let stands = |a: &AcknowledgementRecord| a.submission != submission && a.state != AcknowledgementState::Removed;
    if store.acknowledgements(&filter)?.iter().any(stands) {
        return Ok(None);
    }
    store.data_keys(&[employer_code], now)?;
    Ok(Some(Employer { seeded_from: None, ..employer }))
}
