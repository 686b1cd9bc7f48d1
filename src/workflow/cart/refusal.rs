//! Why something cannot be picked for payment, one sentence each, in both languages.

use std::fmt;

use chrono::{DateTime, Duration, FixedOffset, NaiveDate};

use super::pick::Named;
use super::words::moment;
use crate::domain::states::AcknowledgementState;
use crate::domain::{ChargeState, PaymentModel, PaymentState};
use crate::fpx::ladder::Ladders;
use crate::messages::{Language, Messages};
use crate::store::{AcknowledgementRecord, ChargeRecord, Store, StoreError};

/// After so many minutes a payment that hangs is worth another look.
const LOOK_AGAIN_MINUTES: i64 = 60;

/// Why something cannot be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked for.
    pub reference: String,
    /// Why not.
    pub why: Why,
}

/// The reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is no such thing, or it is another employer's: neither is told to this one.
    NotOfEmployer(String),
    /// There is no such thing.
    Unknown,
    /// Nothing is to be paid: a nil month.
    Nil,
    /// The employer's second person has not agreed yet.
    AwaitsApproval,
    /// It was withdrawn.
    Withdrawn,
    /// It is paid.
    Paid,
    /// At the bank.
    AtBank {
        /// With this payment.
        payment: String,
        /// Look again then; for a payment that waits for the employer's approver, he or she has until then.
        until: DateTime<FixedOffset>,
        /// The approver must act.
        approver: bool,
    },
    /// Part of this payment, which has not gone to the bank.
    NotSent(String),
    /// At the bank, and the payment has just ended: look again now.
    JustEnded,
    /// A charge under appeal.
    Appealed,
    /// A charge that is not asked any more.
    NotAsked,
    /// It is in a cart, where it must not be.
    InCart,
    /// It is not in the cart.
    NotInCart,
    /// Money is said to have come before it was issued.
    IssuedLater {
        /// The day it was issued.
        issued: NaiveDate,
        /// The day of payment.
        paid_on: NaiveDate,
    },
}

impl Why {
    const fn id(&self) -> &'static str {
        match self {
            Why::NotOfEmployer(_) => "cart-refused-not-of-employer",
            Why::Unknown => "cart-refused-unknown",
            Why::Nil => "cart-refused-nil",
            Why::AwaitsApproval => "cart-refused-awaits-approval",
            Why::Withdrawn => "cart-refused-withdrawn",
            Why::Paid => "cart-refused-paid",
            Why::AtBank { approver: false, .. } => "cart-refused-at-bank",
            Why::AtBank { approver: true, .. } => "cart-refused-at-approver",
            Why::NotSent(_) => "cart-refused-not-sent",
            Why::JustEnded => "cart-refused-just-ended",
            Why::Appealed => "cart-refused-appealed",
            Why::NotAsked => "cart-refused-not-asked",
            Why::InCart => "cart-refused-in-cart",
            Why::NotInCart => "cart-refused-not-in-cart",
            Why::IssuedLater { .. } => "offline-refused-issued-later",
        }
    }
}

impl Refusal {
    /// The sentence.
    pub fn said(&self, messages: &Messages) -> String {
        let mut values = vec![("number", self.reference.clone())];
        match &self.why {
            Why::NotOfEmployer(code) => values.push(("employer", code.clone())),
            Why::NotSent(payment) => values.push(("payment", payment.clone())),
            Why::AtBank { payment, until, .. } => {
                values.push(("payment", payment.clone()));
                values.push(("until", moment(*until)));
            }
            Why::IssuedLater { issued, paid_on } => {
                values.push(("issued", issued.to_string()));
                values.push(("day", paid_on.to_string()));
            }
            _ => {}
        }
        messages.with(self.why.id(), &values)
    }
}

/// In English.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(Messages::get(Language::English)))
    }
}

/// Why an acknowledgement cannot be paid in a cart or at a counter; `None` where it can, or is in the cart already.
pub(in crate::workflow) fn of_acknowledgement(
    store: &Store,
    record: &AcknowledgementRecord,
) -> Result<Option<Why>, StoreError> {
    use AcknowledgementState as S;
    Ok(match record.state {
        S::Draft | S::AwaitingApproval => Some(Why::AwaitsApproval),
        S::Removed => Some(Why::Withdrawn),
        S::Paid | S::PaidOffline | S::Receipted | S::Closed => {
            Some(if record.total.is_zero() { Why::Nil } else { Why::Paid })
        }
        S::AtBank => Some(at_bank(store, &record.number)?),
        S::Submitted | S::InCart => record.total.is_zero().then_some(Why::Nil),
    })
}

/// Why a charge cannot be paid; `None` where it can, or is in the cart already.
pub(in crate::workflow) fn of_charge(store: &Store, charge: &ChargeRecord) -> Result<Option<Why>, StoreError> {
    Ok(match charge.state {
        ChargeState::Assessed | ChargeState::InCart => charge.amount.is_zero().then_some(Why::NotAsked),
        ChargeState::Appealed => Some(Why::Appealed),
        ChargeState::AtBank => Some(at_bank(store, &charge.number)?),
        ChargeState::Paid => Some(Why::Paid),
        ChargeState::Waived | ChargeState::Void => Some(Why::NotAsked),
    })
}

fn at_bank(store: &Store, reference: &str) -> Result<Why, StoreError> {
    let Some(number) = store.payment_of_reference(reference)? else { return Ok(Why::JustEnded) };
    let payment = store.payment(&number)?;
    Ok(locked(number, payment.model, payment.state, payment.sent_at.unwrap_or(payment.started_at)))
}

/// Why something cannot be changed while a payment or a cart holds it; `None` where none does.
///
/// # Errors
/// [`StoreError`].
pub fn locked_by(store: &Store, reference: &str) -> Result<Option<Refusal>, StoreError> {
    let Some(named) = Named::look_up(store, reference)? else { return Ok(None) };
    let why = if named.in_cart() { Some(Why::InCart) } else { named.refused(store)? };
    let locks = |why: &Why| matches!(why, Why::InCart | Why::AtBank { .. } | Why::NotSent(_) | Why::JustEnded);
    Ok(why.filter(locks).map(|why| Refusal { reference: reference.to_owned(), why }))
}

fn locked(payment: String, model: PaymentModel, state: PaymentState, started: DateTime<FixedOffset>) -> Why {
    if state == PaymentState::Created {
        return Why::NotSent(payment);
    }
    let approver = state == PaymentState::PendingAuthoriser;
    let end = Ladders::embedded().giving_up(model, state, started).map(|(end, _)| end);
    let again = started + Duration::minutes(LOOK_AGAIN_MINUTES);
    Why::AtBank { payment, until: if approver { end.unwrap_or(again) } else { again }, approver }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_bank_says_when_to_look_again() {
        let started_at = DateTime::parse_from_rfc3339("2026-11-10T10:00:00+08:00").expect("a moment");
        let lock = |model, state| locked("P-000001".to_owned(), model, state, started_at);
        let said = |why| Refusal { reference: "ACR112260000001".to_owned(), why }.to_string();
        let created = said(lock(PaymentModel::B2c, PaymentState::Created));
        assert!(created.contains("not gone") && created.contains("payment cancel P-000001"), "{created}");
        let retail = said(lock(PaymentModel::B2c, PaymentState::PendingBank));
        assert!(retail.contains("P-000001") && retail.contains("2026-11-10 11:00"), "{retail}");
        let corporate = said(lock(PaymentModel::B2b1, PaymentState::PendingAuthoriser));
        assert!(corporate.contains("approver") && corporate.contains("2026-11-24 10:00"), "{corporate}");
    }

    #[test]
    fn every_reason_has_a_sentence_of_its_own_in_both_languages() {
        let until = DateTime::parse_from_rfc3339("2026-11-10T10:00:00+08:00").expect("a moment");
        let at = |approver| Why::AtBank { payment: "P-000001".to_owned(), until, approver };
        let all = [
            Why::NotOfEmployer("A9900000001Z".to_owned()),
            Why::Unknown,
            Why::Nil,
            Why::AwaitsApproval,
            Why::Withdrawn,
            Why::Paid,
            at(true),
            at(false),
            Why::NotSent("P-000001".to_owned()),
            Why::JustEnded,
            Why::Appealed,
            Why::NotAsked,
            Why::InCart,
            Why::NotInCart,
            Why::IssuedLater { issued: until.date_naive(), paid_on: until.date_naive() },
        ];
        for language in [Language::English, Language::Malay] {
            let mut said: Vec<String> = all
                .iter()
                .map(|why| Refusal { reference: "ACR1".to_owned(), why: why.clone() }.said(Messages::get(language)))
                .collect();
            assert!(said.iter().all(|text| text.contains("ACR1") && !text.contains(['{', '$'])), "{said:?}");
            said.sort();
            said.dedup();
            assert_eq!(said.len(), all.len());
        }
    }
}
