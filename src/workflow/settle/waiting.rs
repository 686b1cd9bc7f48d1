//! What the employer is told while a payment is not finished (`formats/fpx/waiting.toml`).

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Deserialize;

use crate::domain::{CaseState, Language, PaymentState};
use crate::fpx::codes::{CodeClass, Codes, ResponseCode};
use crate::fpx::ladder::Ladders;
use crate::fpx::value::FpxTime;
use crate::store::books::CaseRecord;
use crate::store::payments::PaymentRecord;

const TEXT: &str = include_str!("../../../formats/fpx/waiting.toml");

static EMBEDDED: LazyLock<Waiting> = LazyLock::new(|| toml::from_str(TEXT).expect("a test reads waiting.toml"));

/// Times and sentences of waiting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waiting {
    /// The day on which the file was last compared with its source.
    #[serde(rename = "last_day_checked")]
    pub last_day_checked: chrono::NaiveDate,
    /// A retail payment is looked at again after so many minutes.
    #[serde(rename = "look_again_minutes")]
    pub look_again_minutes: i64,
    /// FPX is asked once more for the credit after so many minutes.
    #[serde(rename = "ask_for_credit_minutes")]
    pub ask_for_credit_minutes: i64,
    /// FPX is asked again about a payment that had ended after so many minutes.
    #[serde(rename = "ask_after_end_minutes")]
    pub ask_after_end_minutes: i64,
    created: Sentence,
    sent: Sentence,
    pending_bank: Sentence,
    pending_authoriser: Sentence,
    authoriser_late: Sentence,
    paid: Sentence,
    refund: Sentence,
    part_refund: Sentence,
    refunded: Sentence,
    part_refunded: Sentence,
    failed: Sentence,
    confirming: Sentence,
    confirmed: Sentence,
    abandoned: Sentence,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    en: String,
    ms: String,
}

impl Waiting {
    /// What is compiled in.
    pub fn embedded() -> &'static Waiting {
        &EMBEDDED
    }

    /// When a payment that began at a moment is worth looking at again.
    pub fn look_again(&self, started: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        let rounds = (now - started).num_minutes().max(0) / self.look_again_minutes + 1;
        started + TimeDelta::minutes(rounds * self.look_again_minutes)
    }
}

/// Where a payment stands and what the employer does next, in one or two sentences.
pub fn what_next(
    payment: &PaymentRecord,
    codes: &Codes,
    ladders: &Ladders,
    language: Language,
    now: DateTime<FixedOffset>,
) -> String {
    let waiting = Waiting::embedded();
    let started = payment.sent_at.unwrap_or(payment.started_at);
    let mut until = waiting.look_again(started, now);
    let sentence = match payment.state {
        PaymentState::Created => &waiting.created,
        PaymentState::Sent => &waiting.sent,
        PaymentState::PendingBank => &waiting.pending_bank,
        PaymentState::PendingAuthoriser => {
            until = ladders.giving_up(payment.model, payment.state, started).map_or(until, |(end, _)| end);
            if now <= until { &waiting.pending_authoriser } else { &waiting.authoriser_late }
        }
        PaymentState::Paid => &waiting.paid,
        PaymentState::Failed | PaymentState::Abandoned if payment.confirming => &waiting.confirming,
        // What the last code says no longer counts: FPX confirmed the end, or a person did.
        PaymentState::Failed if !speaks_for_itself(payment, codes) => &waiting.confirmed,
        PaymentState::Failed => &waiting.failed,
        PaymentState::Abandoned => &waiting.abandoned,
    };
    let transaction = if payment.transaction_id.is_empty() { &payment.number } else { &payment.transaction_id };
    let text = match language {
        Language::English => &sentence.en,
        Language::Malay => &sentence.ms,
    };
    let advice = codes.advice(ResponseCode::read(&payment.debit_code).as_ref(), language);
    text.replace("{until}", &FpxTime::of(&until).moment().format("%d/%m/%Y %H:%M").to_string())
        .replace("{transaction}", transaction)
        .replace("{advice}", advice)
}

/// What the employer is told of money that came and pays nothing, or not everything: it lies in suspense under a case, or
/// went back when that was closed.
pub fn what_goes_back(payment: &PaymentRecord, case: &CaseRecord, receipts: &[&str], language: Language) -> String {
    let waiting = Waiting::embedded();
    let refund = case.refund.as_ref().filter(|_| case.state == CaseState::Closed);
    let sentence = match (refund.is_some(), receipts.is_empty()) {
        (false, true) => &waiting.refund,
        (false, false) => &waiting.part_refund,
        (true, true) => &waiting.refunded,
        (true, false) => &waiting.part_refunded,
    };
    let text = match language {
        Language::English => &sentence.en,
        Language::Malay => &sentence.ms,
    };
    let transaction = if payment.transaction_id.is_empty() { &payment.number } else { &payment.transaction_id };
    text.replace("{amount}", &case.amount.to_string())
        .replace("{case}", &case.number)
        .replace("{receipts}", &receipts.join(", "))
        .replace("{transaction}", transaction)
        .replace("{day}", &refund.map(|refund| refund.on.format("%d/%m/%Y").to_string()).unwrap_or_default())
        .replace("{reference}", refund.map_or("", |refund| &refund.reference))
}

/// Whether the last code is final by itself, so that its advice holds.
fn speaks_for_itself(payment: &PaymentRecord, codes: &Codes) -> bool {
    let class = codes.class(ResponseCode::read(&payment.debit_code).as_ref());
    matches!(class, CodeClass::Declined | CodeClass::MerchantFault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PaymentModel, Sen};

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a moment")
    }

    fn payment(state: PaymentState) -> PaymentRecord {
        PaymentRecord {
            number: "P-000001".to_owned(),
            employer_code: String::new(),
            model: PaymentModel::B2b1,
            bank: String::new(),
            amount: Sen(1),
            state,
            exchange_order: String::new(),
            seller_order: String::new(),
            sealed: Vec::new(),
            started_by: String::new(),
            started_at: at("2026-11-10T09:00:00+08:00"),
            sent_at: Some(at("2026-11-10T09:00:00+08:00")),
            ended_at: None,
            transaction_id: "2611100900000001".to_owned(),
            transaction_time: String::new(),
            debit_code: "51".to_owned(),
            credit_code: String::new(),
            confirming: false,
            asked: 0,
            asked_at: None,
            ask_next: None,
            items: Vec::new(),
        }
    }

    fn said(payment: &PaymentRecord, language: Language, now: &str) -> String {
        what_next(payment, Codes::embedded(), Ladders::embedded(), language, at(now))
    }

    #[test]
    fn a_retail_payment_is_looked_at_after_an_hour_and_every_hour() {
        let pending = payment(PaymentState::PendingBank);
        for (now, until) in [("09:00:00", "10:00"), ("09:59:59", "10:00"), ("10:00:00", "11:00"), ("12:30:00", "13:00")]
        {
            let text = said(&pending, Language::English, &format!("2026-11-10T{now}+08:00"));
            assert!(
                text.contains(&format!("10/11/2026 {until}")) && text.contains("2611100900000001"),
                "{now}: {text}"
            );
        }
    }

    #[test]
    fn the_approver_has_until_the_end_of_asking() {
        let waits = payment(PaymentState::PendingAuthoriser);
        let text = said(&waits, Language::Malay, "2026-11-24T09:00:00+08:00");
        assert!(text.starts_with("Menunggu") && text.contains("24/11/2026 09:00"), "{text}");
        let text = said(&waits, Language::English, "2026-11-24T09:00:01+08:00");
        assert!(text.contains("has not acted") && text.contains("24/11/2026 09:00"), "{text}");
    }

    #[test]
    fn a_confirmed_fault_invites_to_pay_again() {
        for (confirming, beginning) in [(true, "It is not sure yet"), (false, "It is confirmed: no money was taken")] {
            let debit_code = "85".to_owned();
            let fault = PaymentRecord { confirming, debit_code, ..payment(PaymentState::Failed) };
            let text = said(&fault, Language::English, "2026-11-10T09:30:00+08:00");
            assert!(text.starts_with(beginning) && confirming == text.contains("do not pay again"), "{text}");
        }
        let text = said(&payment(PaymentState::Failed), Language::English, "2026-11-10T09:30:00+08:00");
        assert!(text.contains("enough money"), "{text}");
    }

    #[test]
    fn no_place_is_left_open_in_any_state() {
        for state in PaymentState::ALL {
            for language in [Language::English, Language::Malay] {
                for confirming in [false, true] {
                    let payment = PaymentRecord { confirming, ..payment(state) };
                    let text = said(&payment, language, "2026-11-10T09:30:00+08:00");
                    assert!(!text.contains(['{', '}']) && text.ends_with('.'), "{state}: {text}");
                }
            }
        }
    }
}
