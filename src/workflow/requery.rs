//! FPX is asked what became of a payment: by the ladder, by hand, and about everything open when the program starts. No
//! answer says nothing about a payment.

use chrono::{DateTime, Duration, FixedOffset};

use super::checkout::event;
use super::merchant::Merchant;
use super::release::release;
use crate::domain::{CaseKind, PaymentEvent, PaymentState, Sen};
use crate::fpx::codes::Codes;
use crate::fpx::ladder::{GivingUp, Ladders};
use crate::fpx::message::{AnswerError, BankAnswer, MessageError, PaymentRequest, RequestError, parse};
use crate::fpx::sign::KeyFault;
use crate::fpx::transport::{Endpoint, Transport};
use crate::store::books::{CaseFilter, NewCase};
use crate::store::payments::{PaymentFilter, PaymentRecord};
use crate::store::{Store, StoreError};

/// A question is under way for so long at most; nobody asks about the same payment meanwhile.
const UNDER_WAY: Duration = Duration::seconds(31);
/// How long an answer is waited for that confirms a fault of the system.
const CONFIRMING: Duration = Duration::minutes(15);
/// A payment that FPX did not answer about to the end of its ladder is asked about again after this.
const SILENT: Duration = Duration::hours(1);
/// After the ladder, what is still pending is asked about once a day, for so long after its form went out.
const AFTERWARDS: Duration = Duration::days(90);
/// Questions of the same moment are spread over so many seconds.
const SPREAD_SECONDS: u64 = 30;
/// After so many questions without an answer in a row, FPX is left alone until the next run.
const SILENCES: usize = 5;
/// The most payments of one run.
const MOST_IN_A_RUN: u32 = 1_000;

/// What settles a proven answer to a question: [`super::settle`], behind a closure.
pub type Apply<'a> = &'a dyn Fn(&[u8], DateTime<FixedOffset>) -> Result<(), String>;

/// Who asks, and whom.
pub struct Asking<'a> {
    /// The database.
    pub store: &'a Store,
    /// The office at FPX.
    pub merchant: &'a Merchant,
    /// The way to FPX; it gives up after 30 seconds.
    pub transport: &'a dyn Transport,
    /// Settles what FPX answers.
    pub apply: Apply<'a>,
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
    /// The answer came, and could not be settled.
    #[error("the answer about {payment} could not be settled: {reason}")]
    Settle {
        /// Which payment.
        payment: String,
        /// Why.
        reason: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks about one payment, settles the answer, and does what is due when its time is over.
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
    let (bytes, answer) = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            tracing::warn!(payment = number, reason, "FPX gave no answer");
            at_the_end(store, number, None, now)?;
            return Ok((Asked::NoAnswer(reason), None));
        }
    };
    let settled = (asking.apply)(&bytes, now);
    settled.map_err(|reason| RequeryError::Settle { payment: number.to_owned(), reason })?;
    let event = answer.event(Codes::embedded());
    let state = at_the_end(store, number, Some(event), now)?;
    let code = answer.debit_code.map(|code| code.to_string()).unwrap_or_default();
    Ok((Asked::Answered { code, state }, Some(event)))
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
    let next = next_after(&payment, sent, now).map(|next| next + spread(asking.seed, number));
    group.set_asked(number, now, next)?;
    group.commit()?;
    Ok(true)
}

/// When FPX is asked after now.
fn next_after(
    payment: &PaymentRecord,
    sent: DateTime<FixedOffset>,
    now: DateTime<FixedOffset>,
) -> Option<DateTime<FixedOffset>> {
    let ladders = Ladders::embedded();
    if payment.state == PaymentState::Failed && payment.confirming {
        return Some(now + CONFIRMING);
    }
    if let Some(next) = ladders.next_requery(payment.model, payment.state, sent, Some(now)) {
        return Some(next);
    }
    let (end, _) = ladders.giving_up(payment.model, payment.state, sent)?;
    let next = match payment.state {
        PaymentState::Sent => now + SILENT,
        _ if now < end => end,
        _ => now + Duration::days(1),
    };
    (next - sent <= AFTERWARDS).then_some(next)
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

/// Gives up, or tells somebody, when the time to wait is over. Gives the state.
fn at_the_end(
    store: &Store,
    number: &str,
    event: Option<PaymentEvent>,
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, StoreError> {
    let payment = store.payment(number)?;
    let end = payment.sent_at.and_then(|sent| Ladders::embedded().giving_up(payment.model, payment.state, sent));
    let Some((_, then)) = end.filter(|(end, _)| now >= *end) else { return Ok(payment.state) };
    match then {
        GivingUp::Abandon if event == Some(PaymentEvent::NotFound) => {
            give_up(store, number, ("requery", "FPX never received it"), now)
        }
        GivingUp::Abandon => Ok(payment.state),
        GivingUp::ByHand => {
            let detail = format!("{} has not finished {number} in all the time that FPX was asked", payment.bank);
            tell(store, &payment, (CaseKind::AskTheBank, detail), None, now)
        }
        GivingUp::TellAuthoriser => {
            let detail = format!("the authoriser has not acted on {number} at {}", payment.bank);
            tell(store, &payment, (CaseKind::AuthoriserDidNotAct, detail), Some("mail-authoriser"), now)
        }
    }
}

/// Opens a case once, and tells the employer with it.
fn tell(
    store: &Store,
    payment: &PaymentRecord,
    (kind, detail): (CaseKind, String),
    mail: Option<&str>,
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, StoreError> {
    let filter = CaseFilter { kind: Some(kind), subject: Some(payment.number.clone()), limit: 1, ..Default::default() };
    if store.cases(&filter)?.is_empty() {
        let mut group = store.begin_group()?;
        let number = group.open_case(NewCase {
            kind,
            subject: payment.number.clone(),
            employer_code: payment.employer_code.clone(),
            amount: Sen::ZERO,
            opened_at: now,
            detail,
        })?;
        group.event(event("requery", &payment.number, "case-opened", format!("{number} {kind}"), now))?;
        if let Some(mail) = mail {
            group.outbox(mail, &payment.number, &payment.employer_code, now)?;
        }
        group.commit()?;
        tracing::warn!(payment = %payment.number, case = %number, %kind, "a person must look at a payment");
    }
    Ok(payment.state)
}

/// Gives an attempt up: what it was for can be paid again.
///
/// # Errors
/// [`StoreError::Step`] when it cannot be given up any more, or of the database.
pub(super) fn give_up(
    store: &Store,
    number: &str,
    (who, why): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<PaymentState, StoreError> {
    let mut group = store.begin_group()?;
    let mut payment = group.payment(number)?;
    let was_sent = payment.sent_at.is_some();
    (payment.ended_at, payment.ask_next) = (Some(now), None);
    let state = group.move_payment(&mut payment, PaymentEvent::GiveUp)?;
    release(&mut group, &payment, (who, why), now)?;
    group.event(event(who, number, "payment-abandoned", why.to_owned(), now))?;
    if was_sent {
        group.outbox("mail-failed", number, &payment.employer_code, now)?;
    }
    group.commit()?;
    tracing::info!(payment = number, why, "payment given up");
    Ok(state)
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
    let due = asking.store.open_payments_to_ask(clock(), MOST_IN_A_RUN)?;
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
    let mut open = asking.store.open_payments_to_ask(clock() + AFTERWARDS, 0)?;
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

/// Gives up attempts whose page nobody fetched in its time; gives their numbers.
///
/// # Errors
/// [`StoreError`].
pub fn expire(store: &Store, now: DateTime<FixedOffset>) -> Result<Vec<String>, StoreError> {
    let filter = PaymentFilter { state: Some(PaymentState::Created), ..Default::default() };
    let over = |payment: &PaymentRecord| now >= Ladders::embedded().unserved_until(payment.started_at);
    let mut given_up = Vec::new();
    for payment in store.payments(&filter)?.into_iter().filter(over) {
        match give_up(store, &payment.number, ("expire", "its page was never fetched"), now) {
            Ok(_) => given_up.push(payment.number),
            // Somebody fetched it in this moment.
            Err(StoreError::Step { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(given_up)
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
