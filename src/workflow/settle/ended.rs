//! A payment did not come about: what it was for can be paid again, until FPX says that it is not over.

use super::sitting::Sitting;
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::domain::{ChargeEvent, ChargeKind, ChargeState, PaymentEvent, PaymentState};
use crate::rates::malaysian_day;
use crate::store::StoreError;
use crate::store::charges::ChargeRecord;
use crate::store::payments::{PaymentItem, PaymentRecord};
use crate::workflow::cart::Basis;

impl Sitting<'_, '_> {
    /// Unlocks everything that the payment was for.
    pub(super) fn ended(&mut self, payment: &mut PaymentRecord, why: &str) -> Result<(), StoreError> {
        let open: Vec<String> =
            payment.items.iter().filter(|item| item.open).map(|item| item.reference.clone()).collect();
        let at_bank = |number: &&String| {
            self.acknowledgements.get(*number).is_some_and(|record| record.state == AcknowledgementState::AtBank)
        };
        let numbers: Vec<String> = open.iter().filter(at_bank).cloned().collect();
        if !numbers.is_empty() {
            let refused = [AcknowledgementEvent::BankRefused];
            let state = self.group.walk_acknowledgements(&numbers, AcknowledgementState::AtBank, &refused)?;
            for number in &numbers {
                if let Some(record) = self.acknowledgements.get_mut(number) {
                    record.state = state;
                }
                self.event(number, "unlocked", format!("payment {} {why}", payment.number))?;
            }
        }
        let others: Vec<String> =
            open.into_iter().filter(|number| !self.acknowledgements.contains_key(number)).collect();
        let appealed = self.group.appealed(&others)?;
        for (number, charge) in self.group.charges_by_number(&others)? {
            if charge.state == ChargeState::AtBank {
                self.group.move_charge(&number, ChargeEvent::BankRefused, None, self.now)?;
                if !appealed.contains(&number) && reckoned_for(&charge, payment) {
                    self.group.move_charge(&number, ChargeEvent::Drop, None, self.now)?;
                }
            }
        }
        self.group.release_items(&payment.number)?;
        payment.items.iter_mut().for_each(|item| item.open = false);
        Ok(())
    }

    /// FPX calls a payment unfinished that had ended: what is still free is locked again until the answer to a question
    /// is final, and the employer hears that it must not pay again. What went elsewhere meanwhile stays there; interest
    /// that became void stays void, for nobody can pay it otherwise.
    pub(super) fn locked_again(&mut self, payment: &mut PaymentRecord) -> Result<(), StoreError> {
        let mut locked = Vec::new();
        for item in &mut payment.items {
            let free = !item.open && self.group.open_payment_of(&item.reference)?.is_none();
            if free && self.back_to_bank(item)? {
                self.group.lock_item(&payment.number, &item.reference)?;
                item.open = true;
                locked.push(item.reference.clone());
            }
        }
        for number in &locked {
            self.event(number, "locked", format!("payment {} may not be over", payment.number))?;
        }
        let what = if locked.is_empty() { "nothing was free to lock".to_owned() } else { locked.join(", ") };
        self.event(&payment.number, "locked-again", what)?;
        self.group.outbox("mail-checking", &payment.number, &payment.employer_code, self.now)
    }

    /// Takes something that can be paid to the bank, by lawful steps; false where it cannot be paid as it was.
    fn back_to_bank(&mut self, item: &PaymentItem) -> Result<bool, StoreError> {
        let numbers = [item.reference.clone()];
        if let Some(record) = self.acknowledgements.get_mut(&item.reference) {
            let steps: &[AcknowledgementEvent] = match record.state {
                AcknowledgementState::Submitted => &[AcknowledgementEvent::AddToCart, AcknowledgementEvent::GoToBank],
                AcknowledgementState::InCart => &[AcknowledgementEvent::GoToBank],
                _ => return Ok(false),
            };
            record.state = self.group.walk_acknowledgements(&numbers, record.state, steps)?;
            return Ok(true);
        }
        let charge = self.group.charges_by_number(&numbers)?.remove(&item.reference);
        let payable = |charge: &ChargeRecord| {
            matches!(charge.state, ChargeState::Assessed | ChargeState::InCart) && charge.amount == item.amount
        };
        if !charge.as_ref().is_some_and(payable) {
            return Ok(false);
        }
        self.group.move_charge(&item.reference, ChargeEvent::GoToBank, None, self.now)?;
        Ok(true)
    }

    /// FPX never heard of it in the time it had.
    pub(super) fn abandon(&mut self, payment: &mut PaymentRecord, who: &str) -> Result<(), StoreError> {
        (payment.ended_at, payment.ask_next) = (Some(self.now), None);
        let why = match payment.sent_at {
            Some(_) => "FPX does not know it",
            None => "it never went out",
        };
        self.group.move_payment(payment, PaymentEvent::GiveUp)?;
        self.ended(payment, "was given up")?;
        self.tell_employer(payment)?;
        self.event_by(who, &payment.number, payment.state.id(), why.to_owned())
    }

    /// The employer hears by mail what its browser may not have shown. Of an attempt that never went out nobody hears, and
    /// of a failure only when it is sure: it would be an invitation to pay again.
    pub(super) fn tell_employer(&mut self, payment: &PaymentRecord) -> Result<(), StoreError> {
        let mail = match payment.state {
            PaymentState::PendingBank | PaymentState::PendingAuthoriser => "mail-pending",
            PaymentState::Failed | PaymentState::Abandoned if payment.confirming => return Ok(()),
            PaymentState::Failed | PaymentState::Abandoned if payment.sent_at.is_some() => "mail-failed",
            _ => return Ok(()),
        };
        self.group.outbox(mail, &payment.number, &payment.employer_code, self.now)
    }
}

/// Interest of our own on an acknowledgement of the same payment, reckoned for the day on which that began: the next
/// payment reckons anew. Other charges stand for themselves.
fn reckoned_for(charge: &ChargeRecord, payment: &PaymentRecord) -> bool {
    let here = |number: &String| payment.items.iter().any(|item| item.reference == *number);
    let basis = serde_json::from_str::<Basis>(&charge.basis);
    charge.kind == ChargeKind::Interest
        && charge.acknowledgement.as_ref().is_some_and(here)
        && basis.is_ok_and(|basis| basis.day == malaysian_day(&payment.started_at))
}
