//! When FPX is asked next, and what a person must look at, after an answer.

use chrono::{DateTime, FixedOffset, TimeDelta};

use super::Waiting;
use super::sitting::{Effects, FPX, Sitting, is_another};
use crate::domain::{CaseKind, PaymentAlert, PaymentEvent, PaymentState};
use crate::fpx::ladder::GivingUp;
use crate::fpx::message::{BankAnswer, Channel, CreditStanding};
use crate::store::StoreError;
use crate::store::payments::PaymentRecord;

impl Sitting<'_, '_> {
    /// When FPX is asked next, after this answer.
    pub(super) fn ask_next(
        &self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        (before, next): (PaymentState, PaymentState),
        (event, channel): (PaymentEvent, Channel),
    ) -> Option<DateTime<FixedOffset>> {
        let waiting = Waiting::embedded();
        let later = |minutes: i64| Some(self.now + TimeDelta::minutes(minutes));
        // FPX has it: how it stands is asked at once. Said in answer to a question, that would go round in a circle.
        if event == PaymentEvent::RepeatOrder && next != PaymentState::Paid && channel != Channel::Enquiry {
            return Some(self.now);
        }
        match next {
            PaymentState::Sent | PaymentState::PendingBank | PaymentState::PendingAuthoriser => {
                let started = payment.sent_at.unwrap_or(payment.started_at);
                let next = self.desk.ladders.next_requery(payment.model, next, started, Some(self.now));
                // What FPX says of itself after the last question is asked about once: then asking ends.
                if channel == Channel::Enquiry { next } else { next.or(Some(self.now)) }
            }
            PaymentState::Paid => match answer.credit_standing() {
                _ if event != PaymentEvent::Approve => payment.ask_next,
                CreditStanding::NotYet if payment.credit_code.is_empty() && before != PaymentState::Paid => {
                    later(waiting.ask_for_credit_minutes)
                }
                CreditStanding::NotYet if channel != Channel::Enquiry => payment.ask_next,
                _ => None,
            },
            PaymentState::Failed | PaymentState::Abandoned => match event {
                PaymentEvent::Fail if payment.confirming && before != next => Some(self.now),
                PaymentEvent::Fail if payment.confirming => payment.ask_next.or(Some(self.now)),
                // It may be an old message that was overtaken: the answer to a question decides.
                PaymentEvent::PendAtBank | PaymentEvent::PendForAuthoriser if channel != Channel::Enquiry => {
                    Some(self.now)
                }
                PaymentEvent::PendAtBank | PaymentEvent::PendForAuthoriser => later(waiting.ask_after_end_minutes),
                PaymentEvent::NotFound | PaymentEvent::RepeatOrder if payment.confirming => {
                    later(waiting.ask_after_end_minutes)
                }
                _ => None,
            },
            PaymentState::Created => None,
        }
    }

    /// What a person must look at.
    pub(super) fn cases(
        &mut self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        alert: Option<PaymentAlert>,
        event: PaymentEvent,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let code = answer.debit_code.as_ref().map_or("none", |code| code.as_str());
        let mut kinds = Vec::new();
        kinds.extend(alert.map(|alert| match alert {
            PaymentAlert::LateApproval => (CaseKind::LateApproval, "approved after it had ended".to_owned()),
            PaymentAlert::LostWhilePending => (CaseKind::LostWhilePending, "FPX does not know it any more".to_owned()),
            PaymentAlert::ContradictsApproval => {
                (CaseKind::ContradictsApproval, format!("FPX says {code} after it said 00"))
            }
            PaymentAlert::PendingAfterEnd => (CaseKind::PendingAfterEnd, format!("FPX says {code} after the end")),
        }));
        if event == PaymentEvent::Approve && is_another(payment, answer) {
            let detail = format!("approved again, as FPX transaction {}", answer.transaction_id);
            kinds.push((CaseKind::ContradictsApproval, detail));
        }
        if event == PaymentEvent::Approve && answer.credit_standing() == CreditStanding::Exception {
            let credit = answer.credit_code.as_ref().map_or("", |code| code.as_str());
            kinds.push((CaseKind::CreditException, format!("debit 00, but credit {credit}")));
        }
        if self.desk.codes.class(answer.debit_code.as_ref()).tells_operator() {
            kinds.push((CaseKind::MerchantFault, format!("FPX says {code}")));
        }
        if event == PaymentEvent::NotFound && payment.confirming {
            kinds.push((CaseKind::AskTheBank, "a fault was reported, and FPX does not know the payment".to_owned()));
        }
        for (kind, detail) in kinds {
            let case = self.open_case(kind, &payment.number, &payment.employer_code, payment.amount, &detail)?;
            effects.cases.push(case);
        }
        Ok(())
    }

    /// The ladder ends with this answer.
    pub(super) fn end_of_ladder(
        &mut self,
        payment: &mut PaymentRecord,
        event: PaymentEvent,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let started = payment.sent_at.unwrap_or(payment.started_at);
        let giving_up = self.desk.ladders.giving_up(payment.model, payment.state, started).map(|(_, what)| what);
        let (kind, detail) = match giving_up {
            Some(GivingUp::Abandon) if event == PaymentEvent::NotFound => return self.abandon(payment, FPX),
            Some(GivingUp::TellAuthoriser) => {
                let (number, employer) = (&payment.number, &payment.employer_code);
                self.group.outbox("mail-authoriser", number, employer, self.now)?;
                (CaseKind::AuthoriserDidNotAct, "the employer's approver did not act")
            }
            _ => (CaseKind::AskTheBank, "not finished in all the time that FPX was asked"),
        };
        let case = self.open_case(kind, &payment.number, &payment.employer_code, payment.amount, detail)?;
        effects.cases.push(case);
        Ok(())
    }
}
