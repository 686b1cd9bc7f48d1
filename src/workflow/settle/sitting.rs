//! One message after the other, under the lock.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::believe::{Believed, Heard};
use super::{Desk, Incoming, Outcome};
use crate::domain::{CaseKind, Employer, PaymentEvent, PaymentState, Sen};
use crate::fpx::message::{BankAnswer, Channel, PaymentRequest};
use crate::store::books::NewCase;
use crate::store::messages::{NewMessage, NewStray};
use crate::store::payments::PaymentRecord;
use crate::store::{AcknowledgementRecord, Group, NewEvent, StoreError};

/// Who is named in events that a message of FPX brought about.
pub(super) const FPX: &str = "fpx";
/// Verdicts as they are kept.
const APPLIED: &str = "applied";
const EXCEPTION: &str = "exception";

/// Messages that are settled together, and what is known of their payments.
pub(super) struct Sitting<'g, 'a> {
    pub desk: &'g Desk<'g>,
    pub group: &'g mut Group<'a>,
    pub now: DateTime<FixedOffset>,
    payments: HashMap<String, PaymentRecord>,
    known: HashMap<([u8; 32], String), String>,
    repeats: HashMap<([u8; 32], &'static str), i64>,
    pub acknowledgements: HashMap<String, AcknowledgementRecord>,
    pub employers: HashMap<String, Employer>,
}

/// What an event did beyond the state.
#[derive(Default)]
pub(super) struct Effects {
    pub receipts: Vec<String>,
    pub cases: Vec<String>,
}

impl<'g, 'a> Sitting<'g, 'a> {
    /// Reads what the messages may touch, a few statements for all of them.
    pub fn open(
        desk: &'g Desk<'g>,
        group: &'g mut Group<'a>,
        mut orders: Vec<String>,
        now: DateTime<FixedOffset>,
    ) -> Result<Sitting<'g, 'a>, StoreError> {
        orders.sort_unstable();
        orders.dedup();
        let payments = group.payments_by_order(&orders)?;
        let numbers: Vec<String> = payments.values().map(|payment| payment.number.clone()).collect();
        let known = group.known_messages(&numbers)?;
        let items = payments.values().flat_map(|payment| &payment.items);
        let mut references: Vec<String> = items.map(|item| item.reference.clone()).collect();
        references.sort_unstable();
        references.dedup();
        let acknowledgements = group.acknowledgements_by_number(&references)?;
        let mut codes: Vec<&str> = payments.values().map(|payment| payment.employer_code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        let employers = group.employers(&codes)?;
        let repeats = HashMap::new();
        Ok(Sitting { desk, group, now, payments, known, repeats, acknowledgements, employers })
    }

    /// Writes how often kept messages came again.
    pub fn close(self) -> Result<(), StoreError> {
        for ((digest, channel), times) in self.repeats {
            self.group.count_repeats(&digest, channel, times)?;
        }
        Ok(())
    }

    /// Settles one message.
    pub fn take(&mut self, heard: Heard, incoming: &Incoming) -> Result<Outcome, StoreError> {
        let believed = match heard {
            Heard::Believed(believed) => *believed,
            Heard::Stray { reason, alarm } => return self.stray(reason, alarm, incoming),
        };
        let Some(mut payment) = self.payments.remove(&believed.answer.exchange_order_number) else {
            return self.stray("signed by FPX, but the order is not known here".to_owned(), false, incoming);
        };
        let outcome = self.settle_one(&mut payment, &believed, incoming);
        self.payments.insert(payment.exchange_order.clone(), payment);
        outcome
    }

    fn stray(&mut self, reason: String, alarm: bool, incoming: &Incoming) -> Result<Outcome, StoreError> {
        let (channel, body) = (incoming.channel.id(), incoming.body.as_slice());
        let new = NewStray { received_at: self.now, channel, reason: reason.clone(), body };
        if !self.group.keep_stray(&new)? {
            tracing::warn!(channel, reason, "too many stray messages: not kept");
        }
        tracing::warn!(channel, reason, alarm, "a message cannot be believed or placed");
        if alarm {
            self.open_case(CaseKind::MerchantFault, "fpx-certificates", "", Sen::ZERO, &reason)?;
        }
        Ok(Outcome::Stray { reason, alarm })
    }

    fn settle_one(
        &mut self,
        payment: &mut PaymentRecord,
        believed: &Believed,
        incoming: &Incoming,
    ) -> Result<Outcome, StoreError> {
        let key = (believed.digest, incoming.channel.id().to_owned());
        let known = self.known.get(&key).cloned();
        // The answer to a question is news even in the same words; what FPX sends of itself is not.
        if let Some(verdict) = known.as_deref().filter(|_| incoming.channel != Channel::Enquiry) {
            *self.repeats.entry((believed.digest, incoming.channel.id())).or_default() += 1;
            return Ok(Outcome::Repeat { payment: payment.number.clone(), taken: verdict == APPLIED });
        }
        let odd = self.differences(payment, &believed.answer)?;
        let event = believed.answer.event(self.desk.codes);
        let exception = match (odd.as_slice(), payment.state.next(event)) {
            ([], Some(_)) => None,
            ([], None) => Some(format!("an answer for a payment that is {} and was never sent", payment.state)),
            (odd, _) => Some(format!("signed by FPX, but not as it was sent: {}", odd.join(", "))),
        };
        let verdict = if exception.is_some() { EXCEPTION } else { APPLIED };
        if known.is_some() {
            *self.repeats.entry((believed.digest, incoming.channel.id())).or_default() += 1;
        } else {
            self.keep(payment, believed, incoming, verdict)?;
            self.known.insert(key, verdict.to_owned());
        }
        match exception {
            Some(detail) => self.put_aside(payment, detail),
            None => self.apply(payment, &believed.answer, event, incoming.channel),
        }
    }

    /// Fields in which the answer is not about what we sent, or not for us.
    fn differences(&self, payment: &PaymentRecord, answer: &BankAnswer) -> Result<Vec<&'static str>, StoreError> {
        let kept = self.desk.store.request_of_payment(payment)?;
        let sent = PaymentRequest::from_kept(&kept).map_err(|error| StoreError::Strange(error.to_string()))?;
        let mut odd = answer.differences(&sent);
        if sent.amount() != payment.amount && !odd.contains(&"fpx_txnAmount") {
            odd.push("fpx_txnAmount");
        }
        // Settings may have changed since it was sent: whose money it is then, a person must say.
        let ours = [
            ("fpx_sellerExId", answer.exchange_id == self.desk.exchange_id),
            ("fpx_sellerId", answer.seller_id == self.desk.seller_id),
        ];
        odd.extend(
            ours.into_iter()
                .filter(|(name, ours)| !ours && !odd.contains(name))
                .map(|(name, _)| name)
                .collect::<Vec<_>>(),
        );
        Ok(odd)
    }

    fn keep(
        &mut self,
        payment: &PaymentRecord,
        believed: &Believed,
        incoming: &Incoming,
        verdict: &'static str,
    ) -> Result<(), StoreError> {
        let code = believed.answer.debit_code.as_ref();
        self.group.keep_message(NewMessage {
            digest: believed.digest,
            channel: incoming.channel.id(),
            payment: payment.number.clone(),
            employer_code: &payment.employer_code,
            received_at: self.now,
            verdict,
            debit_code: code.map(ToString::to_string).unwrap_or_default(),
            certificate: believed.certificate.clone(),
            body: &incoming.body,
        })
    }

    fn put_aside(&mut self, payment: &PaymentRecord, detail: String) -> Result<Outcome, StoreError> {
        tracing::error!(payment = payment.number, detail, "a signed message was put aside");
        let (number, employer) = (payment.number.clone(), payment.employer_code.clone());
        let case = self.open_case(CaseKind::Exception, &number, &employer, payment.amount, &detail)?;
        self.event(&number, "put-aside", format!("{case}: {detail}"))?;
        Ok(Outcome::Exception { payment: number, case })
    }

    /// Takes the payment through its table, with all that follows.
    fn apply(
        &mut self,
        payment: &mut PaymentRecord,
        answer: &BankAnswer,
        event: PaymentEvent,
        channel: Channel,
    ) -> Result<Outcome, StoreError> {
        let (before, alert) = (payment.state, payment.state.alert(event));
        let mut effects = Effects::default();
        let confirmed = before == PaymentState::Failed && event == PaymentEvent::Fail && payment.confirming;
        let confirmed = confirmed && channel == Channel::Enquiry;
        self.note_answer(payment, answer, event);
        let next = before.next(event).expect("asked before");
        if next != before && matches!(next, PaymentState::Paid | PaymentState::Failed) {
            payment.ended_at = Some(self.now);
        }
        let class = self.desk.codes.class(answer.debit_code.as_ref());
        payment.confirming = match (before, next) {
            (_, PaymentState::Paid) => false,
            (PaymentState::Failed, _) => payment.confirming && !confirmed,
            (_, PaymentState::Failed) => class.needs_confirming(),
            _ => payment.confirming,
        };
        payment.ask_next = self.ask_next(payment, answer, (before, next), (event, channel));
        self.group.move_payment(payment, event)?;
        match (before, next) {
            (PaymentState::Paid, PaymentState::Paid) => {}
            (_, PaymentState::Paid) => self.paid(payment, answer, &mut effects)?,
            (_, PaymentState::Failed) if confirmed || (before != next && !payment.confirming) => {
                self.ended(payment, "failed")?;
            }
            _ => {}
        }
        if before != next {
            self.event(&payment.number, next.id(), said(payment, channel))?;
        }
        if event == PaymentEvent::RepeatOrder {
            self.event(&payment.number, "repeated-order", format!("{channel}: FPX has this number already"))?;
        }
        if before != next || confirmed {
            self.tell_employer(payment)?;
        }
        self.cases(payment, answer, alert, event, &mut effects)?;
        if channel == Channel::Enquiry && next.is_open() && payment.ask_next.is_none() {
            self.end_of_ladder(payment, event, &mut effects)?;
        }
        Ok(Outcome::Applied {
            payment: payment.number.clone(),
            before,
            state: payment.state,
            alert,
            receipts: effects.receipts,
            cases: effects.cases,
        })
    }

    /// What FPX said last is kept with the payment; what contradicts an approval, knows nothing of what was known, or is
    /// about a form that came twice, is not, and neither is a second approval under another number of FPX.
    fn note_answer(&self, payment: &mut PaymentRecord, answer: &BankAnswer, event: PaymentEvent) {
        let contradicts = payment.state == PaymentState::Paid && event != PaymentEvent::Approve;
        let forgets = event == PaymentEvent::NotFound && payment.state != PaymentState::Sent;
        if contradicts || forgets || event == PaymentEvent::RepeatOrder || is_another(payment, answer) {
            return;
        }
        let code = |code: &Option<crate::fpx::codes::ResponseCode>| code.as_ref().map(ToString::to_string);
        payment.debit_code = code(&answer.debit_code).unwrap_or_default();
        // An earlier message may overtake a later one: a credit that is known stays known.
        if let Some(credit) = code(&answer.credit_code) {
            payment.credit_code = credit;
        }
        if !answer.transaction_id.is_empty() {
            payment.transaction_id.clone_from(&answer.transaction_id);
        }
        if let Some(time) = answer.transaction_time {
            payment.transaction_time = time.to_string();
        }
    }

    pub(super) fn open_case(
        &mut self,
        kind: CaseKind,
        subject: &str,
        employer_code: &str,
        amount: Sen,
        detail: &str,
    ) -> Result<String, StoreError> {
        self.group.open_case(NewCase {
            kind,
            subject: subject.to_owned(),
            employer_code: employer_code.to_owned(),
            amount,
            opened_at: self.now,
            detail: detail.to_owned(),
        })
    }

    pub(super) fn event(&mut self, subject: &str, what: &str, detail: String) -> Result<(), StoreError> {
        self.event_by(FPX, subject, what, detail)
    }

    pub(super) fn event_by(&mut self, who: &str, subject: &str, what: &str, detail: String) -> Result<(), StoreError> {
        let [who, subject, what] = [who, subject, what].map(str::to_owned);
        self.group.event(NewEvent { at: self.now, who, subject, what, detail })
    }
}

/// An answer under another number of FPX than that under which the payment was approved.
pub(super) fn is_another(payment: &PaymentRecord, answer: &BankAnswer) -> bool {
    let numbers = [&payment.transaction_id, &answer.transaction_id];
    payment.state == PaymentState::Paid && numbers[0] != numbers[1] && numbers.iter().all(|number| !number.is_empty())
}

/// What FPX said, for the record of events: no names.
fn said(payment: &PaymentRecord, channel: Channel) -> String {
    let PaymentRecord { debit_code, credit_code, transaction_id, .. } = payment;
    format!("{channel}: debit {debit_code}, credit {credit_code}, FPX transaction {transaction_id}")
}
