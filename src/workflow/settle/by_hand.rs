//! What a job or a person decides about a payment that FPX leaves open.

use chrono::{DateTime, FixedOffset};

use super::Desk;
use super::sitting::{Effects, Sitting};
use crate::domain::{PaymentEvent, PaymentState};
use crate::store::payments::PaymentRecord;
use crate::store::{Store, StoreError};

/// Gives up a payment that never went out or that FPX does not know, and unlocks what it was for. A late approval is
/// still taken.
///
/// # Errors
/// [`StoreError::Step`] when FPX knows the payment or it has ended; [`StoreError::NotFound`]; or of the database.
pub fn give_up(
    desk: &Desk<'_>,
    number: &str,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, StoreError> {
    with_payment(desk, number, now, |sitting, payment| sitting.abandon(payment, who))
}

/// The last question is over and brought no answer: a person must look, or the employer's approver must be told. For a
/// payment that FPX does not know use [`give_up`].
///
/// # Errors
/// [`StoreError`].
pub fn end_asking(desk: &Desk<'_>, number: &str, now: DateTime<FixedOffset>) -> Result<PaymentState, StoreError> {
    with_payment(desk, number, now, |sitting, payment| {
        sitting.end_of_ladder(payment, PaymentEvent::PendAtBank, &mut Effects::default())?;
        sitting.group.set_asked(&payment.number, sitting.now, None)
    })
}

/// A person asked the bank: no money was taken, though FPX reported only a fault. What the payment was for is unlocked.
///
/// # Errors
/// [`StoreError::Step`] when it does not wait for that; [`StoreError::NotFound`]; or of the database.
pub fn accept_failure(
    desk: &Desk<'_>,
    number: &str,
    (who, reason): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, StoreError> {
    with_payment(desk, number, now, |sitting, payment| {
        if !payment.confirming {
            let found = payment.state.to_string();
            return Err(StoreError::Step { subject: payment.number.clone(), found });
        }
        (payment.confirming, payment.ask_next) = (false, None);
        sitting.group.move_payment(payment, PaymentEvent::Fail)?;
        sitting.ended(payment, "failed")?;
        sitting.event_by(who, &payment.number, "failure-accepted", reason.to_owned())
    })
}

fn with_payment(
    desk: &Desk<'_>,
    number: &str,
    now: DateTime<FixedOffset>,
    work: impl FnOnce(&mut Sitting<'_, '_>, &mut PaymentRecord) -> Result<(), StoreError>,
) -> Result<PaymentState, StoreError> {
    let store: &Store = desk.store;
    let order = store.payment(number)?.exchange_order;
    let mut group = store.begin_group()?;
    let mut payment = group.payment(number)?;
    let mut sitting = Sitting::open(desk, &mut group, vec![order], now)?;
    work(&mut sitting, &mut payment)?;
    sitting.close()?;
    group.commit()?;
    Ok(payment.state)
}
