//! An employer gives an attempt up. Only what FPX cannot know, or says that it does not know, is given up: anything else
//! could still be paid.

use chrono::{DateTime, FixedOffset};

use super::requery::{Asked, Asking, RequeryError, ask, give_up};
use crate::domain::{PaymentEvent, PaymentState};
use crate::fpx::ladder::Ladders;
use crate::store::{Store, StoreError};

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

/// Gives up an attempt whose form never went out; for an office without FPX at hand.
///
/// # Errors
/// [`CancelError`].
pub fn cancel_unsent(
    store: &Store,
    number: &str,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, CancelError> {
    Ok(give_up(store, number, (who, "cancelled before its page was fetched"), now)?)
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
    let Some(sent) = payment.sent_at.filter(|_| payment.state == PaymentState::Sent) else {
        return match payment.state {
            PaymentState::Created => cancel_unsent(asking.store, &number, who, now),
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
            Ok(give_up(asking.store, &number, (who, "cancelled; FPX does not know it"), now)?)
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
