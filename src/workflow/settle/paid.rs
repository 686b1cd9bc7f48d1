//! The bank took the money: what it pays, and where it goes when it can pay nothing.

use super::sitting::{Effects, FPX, Sitting};
use crate::domain::states::{AcknowledgementEvent as Event, AcknowledgementState as State};
use crate::domain::{Account, CaseKind, ChargeEvent, ChargeState, Scheme, Sen};
use crate::fpx::message::BankAnswer;
use crate::rates::malaysian_day;
use crate::store::StoreError;
use crate::store::charges::ChargeRecord;
use crate::store::payments::{PaymentItem, PaymentRecord};
use crate::workflow::cart::{CartError, Difference, assess_short_interest};

/// What an item of a payment pays.
pub(super) enum Claim {
    /// An acknowledgement in a state from which steps lead to its receipt.
    Acknowledgement(State),
    /// A charge, with its steps.
    Charge(Box<ChargeRecord>, &'static [ChargeEvent]),
    /// Nothing: why.
    Nothing(String),
}

impl Sitting<'_, '_> {
    /// Everything that follows from an approval, in the transaction of the approval.
    pub fn paid(
        &mut self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let claims = self.claims(payment)?;
        let claimed: Vec<(&PaymentItem, &Claim)> = payment.items.iter().zip(&claims).collect();
        self.walk(&claimed)?;
        for scheme in [Scheme::Act4, Scheme::Act800] {
            let of_act = claimed.iter().filter(|(item, claim)| item.scheme == scheme && claim.is_something());
            let lines: Vec<_> = of_act.copied().collect();
            if !lines.is_empty() {
                effects.receipts.push(self.issue(payment, answer, scheme, &lines)?);
            }
        }
        self.book(payment, &claimed, effects)?;
        self.group.release_items(&payment.number)?;
        self.tie_interest(payment, answer, &claimed, effects)?;
        let employer = &payment.employer_code;
        for receipt in &effects.receipts {
            self.group.outbox("receipt", receipt, employer, self.now)?;
        }
        self.group.outbox("mail-paid", &payment.number, employer, self.now)
    }

    /// What each item pays, in their order.
    fn claims(&mut self, payment: &PaymentRecord) -> Result<Vec<Claim>, StoreError> {
        let is_charge = |item: &&PaymentItem| !self.acknowledgements.contains_key(&item.reference);
        let numbers: Vec<String> = payment.items.iter().filter(is_charge).map(|item| item.reference.clone()).collect();
        let mut charges = self.group.charges_by_number(&numbers)?;
        let mut claims = Vec::with_capacity(payment.items.len());
        for item in &payment.items {
            // Released, and perhaps taken by another payment since.
            let other = if item.open { None } else { self.group.open_payment_of(&item.reference)? };
            claims.push(match (other, self.acknowledgements.get(&item.reference)) {
                (Some(other), _) => Claim::Nothing(format!("is part of payment {other}")),
                (None, Some(record))
                    if record.employer_code != payment.employer_code || record.total != item.amount =>
                {
                    Claim::Nothing("is not what was paid".to_owned())
                }
                (None, Some(record)) => acknowledgement(record.state),
                (None, None) => match charges.remove(&item.reference) {
                    Some(record) => charge(record, item, payment),
                    None => Claim::Nothing("is not known".to_owned()),
                },
            });
        }
        self.drop_orphaned_interest(payment, &mut claims);
        Ok(claims)
    }

    /// Interest that was reckoned for a payment belongs to its acknowledgement: where that is paid by another payment,
    /// so is its interest.
    fn drop_orphaned_interest(&self, payment: &PaymentRecord, claims: &mut [Claim]) {
        let place = |number: &str| payment.items.iter().position(|item| item.reference == number);
        let orphans: Vec<usize> = claims
            .iter()
            .enumerate()
            .filter(|(_, claim)| match claim {
                Claim::Charge(record, _) if record.state == ChargeState::Void => {
                    let on = record.acknowledgement.as_deref().and_then(place);
                    on.is_some_and(|at| !claims[at].is_something())
                }
                _ => false,
            })
            .map(|(at, _)| at)
            .collect();
        for at in orphans {
            claims[at] = Claim::Nothing("was interest on something paid otherwise".to_owned());
        }
    }

    fn walk(&mut self, claimed: &[(&PaymentItem, &Claim)]) -> Result<(), StoreError> {
        for from in [State::AtBank, State::InCart, State::Submitted] {
            let here = |claim: &Claim| matches!(claim, Claim::Acknowledgement(state) if *state == from);
            let these = claimed.iter().filter(|(_, claim)| here(claim));
            let numbers: Vec<String> = these.map(|(item, _)| item.reference.clone()).collect();
            if numbers.is_empty() {
                continue;
            }
            let state = self.group.walk_acknowledgements(&numbers, from, steps(from).unwrap_or_default())?;
            for number in &numbers {
                if let Some(record) = self.acknowledgements.get_mut(number) {
                    record.state = state;
                }
            }
        }
        for (_, claim) in claimed {
            if let Claim::Charge(record, events) = claim {
                for event in *events {
                    self.group.move_charge(&record.number, *event, None, self.now)?;
                }
            }
        }
        Ok(())
    }

    /// Debit of the bank, credit of what it is for; what pays nothing lies in suspense until it goes back.
    fn book(
        &mut self,
        payment: &PaymentRecord,
        claimed: &[(&PaymentItem, &Claim)],
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let mut amounts = vec![(Account::BankFpx, payment.amount)];
        let mut reasons = Vec::new();
        let mut suspended = Sen::ZERO;
        for (item, claim) in claimed {
            let account = match claim {
                Claim::Acknowledgement(_) => Account::contributions(item.scheme),
                Claim::Charge(record, _) => Account::charge(record.kind, item.scheme),
                Claim::Nothing(why) => {
                    reasons.push(format!("{} {why}", item.reference));
                    suspended += item.amount;
                    Account::Suspense
                }
            };
            let credit = Sen(-item.amount.0);
            match amounts.iter_mut().find(|(known, _)| *known == account) {
                Some((_, sum)) => *sum += credit,
                None => amounts.push((account, credit)),
            }
        }
        self.group.book(&payment.number, &payment.employer_code, self.now, &amounts)?;
        if !suspended.is_zero() {
            let detail = format!("paid, but pays nothing: {}", reasons.join("; "));
            let (number, employer) = (&payment.number, &payment.employer_code);
            effects.cases.push(self.open_case(CaseKind::Refund, number, employer, suspended, &detail)?);
            self.event(number, "suspense", format!("RM {suspended}: {}", reasons.join("; ")))?;
        }
        Ok(())
    }

    /// Interest for the days between the day it was reckoned for and the day on which FPX was paid: what is missing
    /// becomes a charge, what was too much a case.
    fn tie_interest(
        &mut self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        claimed: &[(&PaymentItem, &Claim)],
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let paid_on = answer.transaction_time.map_or_else(|| malaysian_day(&self.now), |time| time.day());
        if paid_on <= malaysian_day(&payment.started_at) {
            return Ok(());
        }
        let mut over = Sen::ZERO;
        for (item, claim) in claimed {
            let record = self.acknowledgements.get(&item.reference);
            let Some(record) = record.filter(|_| matches!(claim, Claim::Acknowledgement(_))) else { continue };
            let tied = assess_short_interest(self.group, self.desk.book, record, paid_on, (FPX, self.now));
            if let (Difference::Over(sen), _) = tied.map_err(cannot_reckon)? {
                over += sen;
            }
        }
        if !over.is_zero() {
            let (number, employer) = (&payment.number, &payment.employer_code);
            let detail = format!("more late interest was paid than is due for {paid_on}");
            effects.cases.push(self.open_case(CaseKind::OverPayment, number, employer, over, &detail)?);
        }
        Ok(())
    }
}

fn cannot_reckon(error: CartError) -> StoreError {
    match error {
        CartError::Store(error) => error,
        other => StoreError::Strange(other.to_string()),
    }
}

impl Claim {
    /// Whether it pays anything.
    pub const fn is_something(&self) -> bool {
        !matches!(self, Claim::Nothing(_))
    }
}

/// How an acknowledgement gets from its state to its receipt; `None` where no payment can pay it.
const fn steps(state: State) -> Option<&'static [Event]> {
    match state {
        State::AtBank => Some(&[Event::BankConfirmed, Event::Receipt]),
        State::InCart => Some(&[Event::GoToBank, Event::BankConfirmed, Event::Receipt]),
        State::Submitted => Some(&[Event::AddToCart, Event::GoToBank, Event::BankConfirmed, Event::Receipt]),
        State::Draft
        | State::AwaitingApproval
        | State::Paid
        | State::Receipted
        | State::Closed
        | State::Removed
        | State::PaidOffline => None,
    }
}

fn acknowledgement(state: State) -> Claim {
    match steps(state) {
        Some(_) => Claim::Acknowledgement(state),
        None => Claim::Nothing(format!("is {state}")),
    }
}

fn charge(record: ChargeRecord, item: &PaymentItem, payment: &PaymentRecord) -> Claim {
    if record.employer_code != payment.employer_code || record.amount != item.amount {
        return Claim::Nothing("is not what was paid".to_owned());
    }
    let events: &[ChargeEvent] = match record.state {
        ChargeState::AtBank | ChargeState::Void => &[ChargeEvent::BankConfirmed],
        ChargeState::InCart | ChargeState::Assessed => &[ChargeEvent::GoToBank, ChargeEvent::BankConfirmed],
        ChargeState::Appealed | ChargeState::Paid | ChargeState::Waived => {
            return Claim::Nothing(format!("is {}", record.state));
        }
    };
    Claim::Charge(Box::new(record), events)
}
