//! FPX is asked what became of a payment: by the ladder, by hand, and about everything open when the program starts. No
//! answer says nothing about a payment.

use chrono::{DateTime, Duration, FixedOffset};

use super::merchant::Merchant;
use super::settle::{self, Incoming, Outcome, Reply};
use crate::domain::{PaymentEvent, PaymentState};
use crate::fpx::codes::Codes;
use crate::fpx::ladder::Ladders;
use crate::fpx::message::{AnswerError, BankAnswer, Channel, MessageError, PaymentRequest, RequestError, parse};
use crate::fpx::sign::KeyFault;
use crate::fpx::transport::{Endpoint, Transport};
use crate::store::payments::{PaymentFilter, PaymentRecord};
use crate::store::{Store, StoreError};

/// A question is under way for so long at most; nobody asks about the same payment meanwhile.
const UNDER_WAY: Duration = Duration::seconds(31);
/// A payment that FPX did not answer about, to the end of its ladder or after it, is asked about again after this.
const SILENT: Duration = Duration::hours(1);
/// Later than any question that is planned.
const EVER: Duration = Duration::days(366);
/// Questions of the same moment are spread over so many seconds.
const SPREAD_SECONDS: u64 = 30;
/// After so many questions without an answer in a row, FPX is left alone until the next run.
const SILENCES: usize = 5;
/// The most payments of one run.
const MOST_IN_A_RUN: u32 = 1_000;

/// Who asks, and whom.
pub struct Asking<'a> {
    /// The database.
    pub store: &'a Store,
    /// The office at FPX.
    pub merchant: &'a Merchant,
    /// The way to FPX; it gives up after 30 seconds.
    pub transport: &'a dyn Transport,
    /// Who issues receipts.
    pub issuer: &'a str,
    /// Spreads questions that would come at the same moment.
    pub seed: u64,
}

/// What a question brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// FPX answered; where the payment stands now.
    Answered {
        /// The debit code, or empty.
        code: String,
        /// The state after it.
        state: PaymentState,
    },
    /// FPX gave no answer that can be believed: nothing changed.
    NoAnswer(String),
    /// Its form never went out: FPX cannot know it.
    NeverSent,
    /// A question about it is under way, or was a moment ago.
    UnderWay,
}

/// A question could not be put.
#[derive(Debug, thiserror::Error)]
pub enum RequeryError {
    /// What was kept cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks about one payment and settles the answer; when the last question brought nothing final, settling does what is due.
///
/// # Errors
/// [`RequeryError`]. An unreachable FPX is no error, see [`Asked::NoAnswer`].
pub fn requery(asking: &Asking<'_>, number: &str, now: DateTime<FixedOffset>) -> Result<Asked, RequeryError> {
    Ok(ask(asking, number, now)?.0)
}

/// The same, with FPX's event, to give up by.
pub(super) fn ask(
    asking: &Asking<'_>,
    number: &str,
    now: DateTime<FixedOffset>,
) -> Result<(Asked, Option<PaymentEvent>), RequeryError> {
    let Asking { store, merchant, .. } = *asking;
    let payment = store.payment(number)?;
    let Some(sent) = payment.sent_at else { return Ok((Asked::NeverSent, None)) };
    let request = PaymentRequest::from_kept(&store.request_of_payment(&payment)?)?.enquiry();
    let body = request.signed(merchant.key(now))?.body();
    if !claim(asking, number, sent, now)? {
        return Ok((Asked::UnderWay, None));
    }
    let answer = match asking.transport.ask(Endpoint::Enquiry, &body) {
        Ok(bytes) => believed(&bytes, merchant, &payment, now).map(|answer| (bytes, answer)),
        Err(error) => Err(error.to_string()),
    };
    let (body, answer) = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            tracing::warn!(payment = number, reason, "FPX gave no answer");
            return Ok((Asked::NoAnswer(reason), None));
        }
    };
    let desk = merchant.desk(store, asking.issuer);
    let outcome = settle::settle(&desk, &[Incoming { channel: Channel::Enquiry, body }], now)?.pop();
    if outcome.as_ref().map(Outcome::reply) != Some(Reply::Ok) {
        return Ok((Asked::NoAnswer("the answer was put aside for a person to look at".to_owned()), None));
    }
    let state = store.payment(number)?.state;
    let code = answer.debit_code.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok((Asked::Answered { code, state }, Some(answer.event(Codes::embedded()))))
}

/// Keeps that FPX is asked now, and when it is asked next. False: somebody else is asking.
fn claim(
    asking: &Asking<'_>,
    number: &str,
    sent: DateTime<FixedOffset>,
    now: DateTime<FixedOffset>,
) -> Result<bool, StoreError> {
    let mut group = asking.store.begin_group()?;
    let payment = group.payment(number)?;
    let asked = payment.asked_at;
    if asked.is_some_and(|asked| asked <= now && now - asked < UNDER_WAY) {
        return Ok(false);
    }
    // Where FPX answers, settling says when it is asked next; this holds where it does not.
    let next = Ladders::embedded().next_requery(payment.model, payment.state, sent, Some(now));
    let next = next.or_else(|| payment.ask_next.map(|_| now + SILENT));
    group.set_asked(number, now, next)?;
    group.commit()?;
    Ok(true)
}

/// So many seconds later: the same for the same seed and payment.
fn spread(seed: u64, number: &str) -> Duration {
    let hash = blake3::Hasher::new().update(&seed.to_le_bytes()).update(number.as_bytes()).finalize();
    let first = hash.as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    Duration::seconds(i64::try_from(first % SPREAD_SECONDS).unwrap_or(0))
}

/// An answer that is signed and about this payment; what else comes is no answer to the question.
fn believed(
    bytes: &[u8],
    merchant: &Merchant,
    payment: &PaymentRecord,
    now: DateTime<FixedOffset>,
) -> Result<BankAnswer, String> {
    let answer = parse(bytes, &merchant.certificates, now).map_err(|error| match error {
        AnswerError::Message(MessageError::NoAnswer) => "FPX gave no answer".to_owned(),
        other => format!("the answer cannot be believed: {other}"),
    })?;
    if answer.exchange_order_number == payment.exchange_order {
        Ok(answer)
    } else {
        Err("the answer is about another payment".to_owned())
    }
}

/// What a run of the job did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Payments that were asked about.
    pub asked: usize,
    /// Of these, those that FPX answered.
    pub answered: usize,
    /// Those whose question failed here.
    pub faults: usize,
}

/// Asks about everything whose time has come, one after another. `pace` is called between questions and waits a moment.
///
/// # Errors
/// [`StoreError`] when it cannot be known what is due.
pub fn requery_due(
    asking: &Asking<'_>,
    pace: &dyn Fn(),
    clock: &dyn Fn() -> DateTime<FixedOffset>,
) -> Result<Run, StoreError> {
    let now = clock();
    let mut due = asking.store.open_payments_to_ask(now, MOST_IN_A_RUN)?;
    let come = |next: DateTime<FixedOffset>, number: &str| next + spread(asking.seed, number) <= now;
    due.retain(|payment| payment.ask_next.is_some_and(|next| come(next, &payment.number)));
    Ok(run(asking, due, pace, clock))
}

/// Asks about everything that is not finished, whenever it was to be asked: after a standstill, or by hand.
///
/// # Errors
/// [`StoreError`] when it cannot be known what is open.
pub fn requery_all(
    asking: &Asking<'_>,
    pace: &dyn Fn(),
    clock: &dyn Fn() -> DateTime<FixedOffset>,
) -> Result<Run, StoreError> {
    let mut open = asking.store.open_payments_to_ask(clock() + EVER, 0)?;
    for state in PaymentState::ALL.into_iter().filter(|state| state.is_open()) {
        let filter = PaymentFilter { state: Some(state), ..Default::default() };
        for payment in asking.store.payments(&filter)? {
            if !open.iter().any(|known| known.number == payment.number) {
                open.push(payment);
            }
        }
    }
    Ok(run(asking, open, pace, clock))
}

fn run(
    asking: &Asking<'_>,
    payments: Vec<PaymentRecord>,
    pace: &dyn Fn(),
    clock: &dyn Fn() -> DateTime<FixedOffset>,
) -> Run {
    let (mut run, mut silences) = (Run::default(), 0);
    for (at, payment) in payments.iter().enumerate() {
        if silences == SILENCES {
            tracing::warn!(left = payments.len() - at, "FPX does not answer; the others are asked about later");
            break;
        }
        if at > 0 {
            pace();
        }
        match requery(asking, &payment.number, clock()) {
            Ok(Asked::Answered { .. }) => {
                (run.asked, run.answered, silences) = (run.asked + 1, run.answered + 1, 0);
            }
            Ok(Asked::NoAnswer(_)) => (run.asked, silences) = (run.asked + 1, silences + 1),
            Ok(Asked::NeverSent | Asked::UnderWay) => {}
            Err(error) => {
                run.faults += 1;
                tracing::error!(payment = %payment.number, %error, "a payment could not be asked about");
            }
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_spread_the_same_way_for_the_same_seed() {
        let all: Vec<_> = (1..50).map(|at| spread(7, &format!("P-{at:06}"))).collect();
        assert!(all.iter().all(|late| (0..30).contains(&late.num_seconds())));
        assert!(all.iter().any(|late| *late != all[0]));
        assert_eq!(spread(7, "P-000001"), spread(7, "P-000001"));
        assert_ne!((1..9).map(|seed| spread(seed, "P-000001")).max(), (1..9).map(|s| spread(s, "P-000001")).min());
    }
}
