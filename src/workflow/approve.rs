//! Maker and approver: where an employer wants two persons, numbers are given when the second one agrees. The day of
//! receipt, and so late interest, is that day.

use chrono::{DateTime, FixedOffset};

use super::frozen::{Frozen, given_detail};
use super::submit::Acknowledged;
use super::withdraw::unseeded;
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::rates::{InterestProfile, RateBook};
use crate::store::{
    AcknowledgementRecord, Filter, HeldState, NewEvent, Store, StoreError, SubmissionNumber, SubmissionSummary,
};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// Nothing of it waits.
    #[error("nothing of {0} waits for approval")]
    NothingWaits(SubmissionNumber),
    /// The maker cannot be the approver.
    #[error("{0} sent this file and cannot approve it; another person must")]
    OwnWork(String),
    /// The approver has no name.
    #[error("say who approves: --by NAME")]
    Nobody,
    /// What is kept cannot be read.
    #[error("{number}: the frozen data cannot be read ({source}); upgrade the program or restore the database")]
    Frozen {
        /// Which.
        number: String,
        /// Where.
        source: serde_json::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Agrees: the acknowledgements of a submission get their numbers.
///
/// # Errors
/// [`ApproveError`]; then nothing is decided.
pub fn approve(
    store: &Store,
    number: SubmissionNumber,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<Acknowledged>, ApproveError> {
    let who = who.trim();
    if who.is_empty() {
        return Err(ApproveError::Nobody);
    }
    let (_, drafts) = waiting(store, number)?;
    let mut decided = Vec::new();
    let mut group = store.begin_group()?;
    for draft in drafts {
        let mut frozen: Frozen = serde_json::from_str(&draft.frozen)
            .map_err(|source| ApproveError::Frozen { number: draft.number.clone(), source })?;
        if frozen.sent_by.trim().to_lowercase() == who.to_lowercase() {
            return Err(ApproveError::OwnWork(who.to_owned()));
        }
        frozen.approved_by = Some(who.to_owned());
        as_of(&mut frozen, now);
        let text = serde_json::to_string(&frozen).expect("frozen facts are plain values with text keys");
        let detail = given_detail(number, draft.people, draft.total, &text);
        let given = group.approve(&draft.number, draft.scheme, text, now)?;
        for (subject, what, detail) in
            [(number.to_string(), "approved", given.clone()), (given.clone(), "submitted", detail)]
        {
            group.event(event(now, who, subject, what, detail))?;
        }
        let amounts = Some((draft.people, draft.total));
        decided.push(Acknowledged { scheme: draft.scheme, number: given, amounts });
    }
    group.commit()?;
    Ok(decided)
}

/// Sends back: nothing of the submission stands, and a corrected file can be handed in.
///
/// # Errors
/// [`ApproveError`]; then nothing is decided.
pub fn send_back(
    store: &Store,
    number: SubmissionNumber,
    (who, reason): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<u64, ApproveError> {
    let (submission, drafts) = waiting(store, number)?;
    let unseeded = unseeded(store, &submission.employer_code, submission.id, now)?;
    let held = store.held_lines(submission.id)?.into_iter();
    let waiting_lines: Vec<u64> = held.filter(|h| h.state == HeldState::Waiting).map(|h| h.line).collect();
    let mut group = store.begin_group()?;
    if let Some(employer) = unseeded {
        group.save_employer(&employer, now)?;
    }
    group.leave_tray(submission.id, waiting_lines, HeldState::Dropped, None)?;
    for draft in &drafts {
        group.move_acknowledgement(&draft.number, AcknowledgementEvent::SendBack)?;
        group.move_acknowledgement(&draft.number, AcknowledgementEvent::Remove)?;
    }
    group.event(event(now, who, number.to_string(), "sent-back", reason.to_owned()))?;
    group.commit()?;
    Ok(drafts.len() as u64)
}

fn waiting(
    store: &Store,
    number: SubmissionNumber,
) -> Result<(SubmissionSummary, Vec<AcknowledgementRecord>), ApproveError> {
    let submission = store.submission(number)?;
    let filter = Filter { submission: Some(submission.id), ..Filter::default() };
    let mut drafts = store.acknowledgements(&filter)?;
    drafts.retain(|draft| draft.state == AcknowledgementState::AwaitingApproval);
    drafts.sort_by_key(|draft| draft.scheme);
    if drafts.is_empty() { Err(ApproveError::NothingWaits(number)) } else { Ok((submission, drafts)) }
}

/// Late interest as of the day of approval, which is the day of receipt.
fn as_of(frozen: &mut Frozen, now: DateTime<FixedOffset>) {
    let dues = RateBook::embedded().dues();
    // Nothing is late where nothing is owed.
    for month in frozen.months.iter_mut().filter(|month| !month.total.is_zero()) {
        let late = dues.late_interest(month.total, month.month, now.date_naive(), InterestProfile::Statute);
        month.days_late = late.days_late;
        month.interest_daily = late.daily;
        month.interest_top_up = late.minimum_top_up;
        month.interest = late.interest;
        month.interest_tomorrow = late.tomorrow;
    }
}

fn event(at: DateTime<FixedOffset>, who: &str, subject: String, what: &str, detail: String) -> NewEvent {
    NewEvent { at, who: who.to_owned(), subject, what: what.to_owned(), detail }
}
