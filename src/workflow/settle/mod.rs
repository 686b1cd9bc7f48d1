//! What FPX says about payments becomes receipts: money can be neither lost nor paid twice.
//!
//! A message is believed first (`believe`, outside any lock: only mathematics), then all messages that came
//! together are settled in one transaction: kept as they came, compared with what was sent, and taken through the table
//! of payments. What follows (states of acknowledgements and charges, receipts, books, what must go out) stands in the
//! same transaction. Only when it is committed is anything answered.
//!
//! Reading order: this file, `believe`, `sitting` (one message after the other), `afterwards`, `paid` with `receipts`, `ended`, `by_hand`, `counter`
//! (the queue in front), `waiting` (what the employer is told meanwhile), `numbers`.

mod afterwards;
mod believe;
mod by_hand;
mod counter;
mod ended;
mod numbers;
mod paid;
mod receipts;
mod sitting;
mod waiting;

use chrono::{DateTime, FixedOffset};

pub use by_hand::{accept_failure, end_asking, give_up, give_up_unsent};
pub use counter::{Counter, CounterClosed};
pub use numbers::order_numbers;
pub use waiting::{Waiting, what_next};

use crate::domain::{PaymentAlert, PaymentState};
use crate::fpx::banks::Environment;
use crate::fpx::codes::Codes;
use crate::fpx::ladder::Ladders;
use crate::fpx::message::Channel;
use crate::fpx::sign::FpxCertificates;
use crate::rates::RateBook;
use crate::store::{OFFICE, Store, StoreError};
use sitting::Sitting;

/// What settling needs to know.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// Our exchange id.
    pub exchange_id: &'a str,
    /// Our seller id.
    pub seller_id: &'a str,
    /// FPX's certificates.
    pub certificates: &'a FpxCertificates,
    /// How codes are taken.
    pub codes: &'a Codes,
    /// When FPX is asked again.
    pub ladders: &'a Ladders,
    /// The law.
    pub book: &'a RateBook,
    /// Who issues receipts.
    pub issuer: &'a str,
    /// Which FPX.
    pub environment: Environment,
}

/// A message as it came.
#[derive(Clone)]
pub struct Incoming {
    /// Which way.
    pub channel: Channel,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was about a payment, and its state is what the table says.
    Applied {
        /// The payment.
        payment: String,
        /// Its state before.
        before: PaymentState,
        /// Its state now; often the same.
        state: PaymentState,
        /// What a person must look at.
        alert: Option<PaymentAlert>,
        /// Receipts that this message brought about.
        receipts: Vec<String>,
        /// Cases that are open because of it.
        cases: Vec<String>,
    },
    /// The same message came this way before: it was counted, and is answered as it was then.
    Repeat {
        /// The payment.
        payment: String,
        /// It was taken then, rather than put aside.
        taken: bool,
    },
    /// It cannot be believed or placed; no payment was touched.
    Stray {
        /// Why, in a sentence.
        reason: String,
        /// True when nothing could be believed because no certificate is in force: an operator must act at once.
        alarm: bool,
    },
    /// It is signed, but not about what we sent: put aside, no state was touched, and a person must look.
    Exception {
        /// The payment it names.
        payment: String,
        /// The case.
        case: String,
    },
}

/// How the sender is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// 200 and the body `OK`: recorded, do not send it again.
    Ok,
    /// A status from 400 to 499, and never `OK`.
    Refuse,
}

impl Outcome {
    /// The answer: `OK` for everything that is proven and recorded, declines too.
    pub const fn reply(&self) -> Reply {
        match self {
            Outcome::Applied { .. } | Outcome::Repeat { taken: true, .. } => Reply::Ok,
            Outcome::Repeat { taken: false, .. } | Outcome::Stray { .. } | Outcome::Exception { .. } => Reply::Refuse,
        }
    }

    /// The payment it was about, where that is proven.
    pub fn payment(&self) -> Option<&str> {
        match self {
            Outcome::Applied { payment, .. } | Outcome::Repeat { payment, .. } | Outcome::Exception { payment, .. } => {
                Some(payment)
            }
            Outcome::Stray { .. } => None,
        }
    }
}

/// Settles messages, all in one commit; the outcomes are in their order. Nobody is answered before this has returned.
///
/// # Errors
/// [`StoreError`]: nothing was kept and nobody may be answered `OK`; FPX sends it again.
pub fn settle(desk: &Desk<'_>, incoming: &[Incoming], now: DateTime<FixedOffset>) -> Result<Vec<Outcome>, StoreError> {
    let heard = believe::believe_all(desk.certificates, incoming, now);
    let orders: Vec<String> = heard.iter().filter_map(believe::Heard::order).map(str::to_owned).collect();
    // Keys first: a group holds the only writing connection.
    let employers = desk.store.employers_of_orders(&orders)?;
    let mut codes: Vec<&str> = employers.iter().map(String::as_str).collect();
    codes.push(OFFICE);
    desk.store.data_keys(&codes, now)?;
    let mut group = desk.store.begin_group()?;
    let mut sitting = Sitting::open(desk, &mut group, orders, now)?;
    let mut outcomes = Vec::with_capacity(incoming.len());
    for (heard, incoming) in heard.into_iter().zip(incoming) {
        outcomes.push(sitting.take(heard, incoming)?);
    }
    sitting.close()?;
    group.commit()?;
    Ok(outcomes)
}
