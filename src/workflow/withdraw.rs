//! An acknowledgement is withdrawn before it is paid. Its number is never used again, and what it stood for can be handed
//! in once more.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};

use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::store::{Filter, HeldState, NewEvent, Store, StoreError};

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
    group.commit()?;
    Ok(state)
}
