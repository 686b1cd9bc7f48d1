//! Evidence of payments that was dropped: entered, receipted, and answered with the receipts.
//!
//! Each payment is kept in a transaction of its own, before the delivery is. It is entered by the delivery's name, so that
//! a worker that comes after a crash in between knows the payments for this delivery's own, and answers as the first one
//! would have.

use serde_json::{Value, json};

use super::answer::Story;
use super::take::{Claimed, Settled};
use super::{Content, Desk, Outcome};
use crate::keys::DataKey;
use crate::messages::{Language, Messages};
use crate::rates::RateBook;
use crate::store::StoreError;
use crate::workflow::offline::{Fault, OfflineError, Settled as Payment, import};
use crate::workflow::submit::SubmitError;

/// Rows that are taken of one file: each is looked up, and its payment kept by itself. So many take some seconds, in which
/// other files wait.
const ROWS_MAX: usize = 2_000;

/// True for more rows than are taken. Every line that is not blank counts as one, but the first.
fn has_too_many_rows(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n'));
    lines.filter(|line| line.iter().any(|byte| !matches!(byte, b',' | b' '))).nth(ROWS_MAX + 1).is_some()
}

/// What became of the payments of a file.
pub(super) struct Entered {
    /// Entered for this delivery.
    kept: Vec<Payment>,
    /// Entered before it, exactly so.
    before: Vec<Payment>,
    /// Rows that were not entered: line and sentence.
    faults: Vec<(u64, String)>,
    /// Why nothing could be done with the file: the sentence.
    failure: Option<String>,
}

impl Entered {
    /// Accepted when anything was entered; a duplicate when all that could be had been entered before.
    fn outcome(&self) -> Outcome {
        match (self.kept.is_empty(), self.before.is_empty()) {
            (false, _) => Outcome::Accepted,
            (true, false) => Outcome::Duplicate,
            (true, true) => Outcome::Rejected,
        }
    }

    /// Every row is entered.
    pub(super) fn complete(&self) -> bool {
        self.faults.is_empty() && self.failure.is_none()
    }

    /// The first employer who paid.
    pub(super) fn employer_code(&self) -> Option<&str> {
        self.all().next().map(|payment| payment.employer_code.as_str())
    }

    fn all(&self) -> impl Iterator<Item = &Payment> {
        self.kept.iter().chain(&self.before)
    }

    /// The one sentence.
    pub(super) fn sentence(&self, messages: &Messages) -> String {
        if let Some(reason) = &self.failure {
            return reason.clone();
        }
        let id = match (self.outcome(), self.complete()) {
            (Outcome::Accepted, true) => "inbox-payments",
            (Outcome::Accepted, false) => "inbox-payments-partly",
            (Outcome::Duplicate, true) => "inbox-payments-before",
            (Outcome::Duplicate, false) => "inbox-payments-before-partly",
            _ => "inbox-payments-none",
        };
        let receipts = self.all().flat_map(|payment| &payment.receipts).map(|(_, number)| number.as_str());
        messages.with(id, &[("numbers", receipts.collect::<Vec<_>>().join(", "))])
    }

    /// The lines of the page for people.
    pub(super) fn page(&self, messages: &Messages) -> Vec<String> {
        let payment = |payment: &Payment| {
            let receipts: Vec<&str> = payment.receipts.iter().map(|(_, number)| number.as_str()).collect();
            let values = [
                ("number", payment.number.clone()),
                ("employer", payment.employer_code.clone()),
                ("amount", payment.amount.to_string()),
                ("receipts", receipts.join(", ")),
            ];
            let charge = |number: &String| messages.with("inbox-payment-charge", &[("number", number.clone())]);
            let charges: Vec<String> = payment.charges.iter().map(charge).collect();
            [vec![messages.with("inbox-payment", &values)], charges].concat()
        };
        self.all().flat_map(payment).chain(self.faults.iter().map(|(_, said)| said.clone())).collect()
    }

    /// Each payment for a program.
    pub(super) fn payments(&self) -> Vec<Value> {
        let payment = |payment: &Payment| {
            let receipts = payment.receipts.iter();
            let receipts = receipts.map(|(scheme, number)| json!({ "scheme": scheme.id(), "number": number }));
            json!({
                "number": payment.number,
                "employer_code": payment.employer_code,
                "amount_sen": payment.amount,
                "receipts": receipts.collect::<Vec<_>>(),
                "charges": payment.charges,
            })
        };
        self.all().map(payment).collect()
    }

    /// Each row that was not entered, for a program.
    pub(super) fn faults(&self) -> Vec<Value> {
        self.faults.iter().map(|(line, said)| json!({ "line": line, "message": said })).collect()
    }
}

impl Desk<'_> {
    /// Enters evidence that was dropped and settles its delivery; nothing where the claim was lost meanwhile.
    pub(super) fn take_evidence(
        &self,
        key: &DataKey,
        (mut delivery, file): Claimed,
    ) -> Result<Option<Settled>, SubmitError> {
        let Content::Small(bytes) = &file.content else { return Ok(None) };
        let language = self.language_of(bytes)?;
        let entered = self.enter(bytes, &format!("{} delivery {}", self.options.sent_by, delivery.id), language)?;
        delivery.digest = Some(*blake3::hash(bytes).as_bytes());
        let story = Story { paid: Some(&entered), language, ..self.story(entered.outcome(), None, file.sha256) };
        let mut group = self.store.begin_group()?;
        let settled = self.settle_if_ours(&mut group, key, delivery, story)?;
        group.commit()?;
        Ok(settled)
    }

    fn enter(&self, bytes: &[u8], who: &str, language: Language) -> Result<Entered, SubmitError> {
        let (messages, options) = (Messages::get(language), &self.options);
        let failed = |sentence: String| {
            Ok(Entered { kept: Vec::new(), before: Vec::new(), faults: Vec::new(), failure: Some(sentence) })
        };
        if has_too_many_rows(bytes) {
            return failed(messages.with("inbox-evidence-rows", &[("most", ROWS_MAX.to_string())]));
        }
        let said = (messages, who, options.now);
        let done = match import(self.store, RateBook::embedded(), options.issuer, bytes, said) {
            Ok(done) => done,
            Err(OfflineError::Store(error)) => return Err(error.into()),
            Err(error) => return failed(messages.with("inbox-failed", &[("reason", error.said(messages))])),
        };
        let entered: Vec<u64> = done.before.iter().flat_map(|before| before.lines.clone()).collect();
        let faults = done.faults.iter().filter(|fault| !entered.contains(&fault.line));
        let faults = faults.map(|fault: &Fault| (fault.line, fault.said(messages))).collect();
        let (own, others): (Vec<_>, Vec<_>) = done.before.into_iter().partition(|before| before.entered_by == who);
        let kept = own.into_iter().map(|before| before.settled).chain(done.settled).collect();
        let before = others.into_iter().map(|before| before.settled).collect();
        Ok(Entered { kept, before, faults, failure: None })
    }

    /// The language of the employer whose acknowledgement stands in the first row.
    fn language_of(&self, bytes: &[u8]) -> Result<Language, StoreError> {
        let first = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()).nth(1);
        let number = first.and_then(|line| line.split(|byte| *byte == b',').next()).unwrap_or_default();
        let number = String::from_utf8_lossy(number).trim().trim_matches('"').to_uppercase();
        let record = match self.store.acknowledgement(&number) {
            Ok(record) => record,
            Err(StoreError::NotFound(_)) => return Ok(self.language()),
            Err(error) => return Err(error),
        };
        let employer = self.store.employer(&record.employer_code)?;
        Ok(employer.map_or_else(|| self.language(), |employer| employer.language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_without_blank_ones() {
        for (rows, too_many) in [(ROWS_MAX - 1, false), (ROWS_MAX, false), (ROWS_MAX + 1, true)] {
            let text = format!("a,b\r\n,\r\n{}\r\n", "1,2\r\n".repeat(rows));
            assert_eq!(has_too_many_rows(text.as_bytes()), too_many, "{rows}");
        }
        assert!(!has_too_many_rows(b""));
    }
}
