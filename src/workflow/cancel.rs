//! An employer gives an attempt up. Only what FPX cannot know, or says that it does not know, is given up: anything else
//! could still be paid.

use chrono::{DateTime, FixedOffset};

use super::requery::{Asked, Asking, RequeryError, ask};
use super::settle::{Desk, give_up};
use crate::domain::{PaymentEvent, PaymentState};
use crate::fpx::ladder::Ladders;
use crate::store::StoreError;
use crate::store::payments::{PaymentFilter, PaymentRecord};

/// Why an attempt goes on.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// The bank has it.
    #[error(
        "payment {number} is {state}: the bank has it and may still take the money, so it cannot be cancelled here; let \
         it be refused at the bank, or wait"
    )]
    AtTheBank {
        /// Which.
        number: String,
        /// Its state.
        state: PaymentState,
    },
    /// It has ended.
    #[error("payment {number} is {state}: there is nothing to cancel")]
    Ended {
        /// Which.
        number: String,
        /// Its state.
        state: PaymentState,
    },
    /// The bank's page may still be open.
    #[error(
        "FPX does not know payment {number} yet, but its page at the bank may still be open; it can be cancelled from {}",
        from.format("%d/%m/%Y %H:%M")
    )]
    TooEarly {
        /// Which.
        number: String,
        /// From when.
        from: DateTime<FixedOffset>,
    },
    /// FPX must say that it does not know it.
    #[error("payment {number} cannot be cancelled while FPX does not answer ({reason}); try again later")]
    NoAnswer {
        /// Which.
        number: String,
        /// Why.
        reason: String,
    },
    /// The question.
    #[error(transparent)]
    Requery(#[from] RequeryError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives up an attempt, after asking FPX where its form went out.
///
/// # Errors
/// [`CancelError`], with what to do; the attempt goes on.
pub fn cancel(
    asking: &Asking<'_>,
    number: &str,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, CancelError> {
    let payment = asking.store.payment(number)?;
    let number = payment.number.clone();
    let desk = asking.merchant.desk(asking.store, asking.issuer);
    let Some(sent) = payment.sent_at.filter(|_| payment.state == PaymentState::Sent) else {
        return match payment.state {
            PaymentState::Created => Ok(give_up(&desk, &number, who, now)?),
            state if state.is_open() => Err(CancelError::AtTheBank { number, state }),
            state => Err(CancelError::Ended { number, state }),
        };
    };
    match ask(asking, &number, now)? {
        (Asked::Answered { state: PaymentState::Sent, .. }, Some(PaymentEvent::NotFound)) => {
            let from = Ladders::embedded().cancel_from(sent);
            if now < from {
                return Err(CancelError::TooEarly { number, from });
            }
            Ok(give_up(&desk, &number, who, now)?)
        }
        (Asked::Answered { state: PaymentState::Abandoned, .. }, _) => Ok(PaymentState::Abandoned),
        (Asked::Answered { state, .. }, _) if state.is_open() => Err(CancelError::AtTheBank { number, state }),
        (Asked::Answered { state, .. }, _) => Err(CancelError::Ended { number, state }),
        (Asked::NoAnswer(reason), _) => Err(CancelError::NoAnswer { number, reason }),
        (Asked::UnderWay | Asked::NeverSent, _) => {
            let reason = "it was asked a moment ago".to_owned();
            Err(CancelError::NoAnswer { number, reason })
        }
    }
}

/// Gives up attempts whose page nobody fetched in its time; gives their numbers.
///
/// # Errors
/// [`StoreError`].
pub fn expire(desk: &Desk<'_>, now: DateTime<FixedOffset>) -> Result<Vec<String>, StoreError> {
    let filter = PaymentFilter { state: Some(PaymentState::Created), ..Default::default() };
    let over = |payment: &PaymentRecord| now >= desk.ladders.unserved_until(payment.started_at);
    let mut given_up = Vec::new();
    for payment in desk.store.payments(&filter)?.into_iter().filter(over) {
        // Somebody may have fetched it in this moment.
        if desk.store.payment(&payment.number)?.state == PaymentState::Created {
            give_up(desk, &payment.number, "expire", now)?;
            given_up.push(payment.number);
        }
    }
    Ok(given_up)
}
