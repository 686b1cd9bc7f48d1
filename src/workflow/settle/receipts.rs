//! One receipt for each Act of a payment: what it says for ever.

use super::paid::Claim;
use super::sitting::Sitting;
use crate::domain::{ContributionMonth, PaidBy, Scheme, Sen};
use crate::fpx::banks::Banks;
use crate::fpx::message::BankAnswer;
use crate::rates::malaysian_day;
use crate::store::StoreError;
use crate::store::payments::{PaymentItem, PaymentRecord};
use crate::store::receipts::{NewReceipt, ReceiptLine};
use crate::workflow::frozen::Frozen;
use crate::workflow::receipt::frozen::FROZEN_RECEIPT_VERSION;
use crate::workflow::receipt::{FrozenReceipt, FrozenReceiptLine};

impl Sitting<'_, '_> {
    /// Issues the receipt of one Act; gives its number.
    pub(super) fn issue(
        &mut self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        scheme: Scheme,
        claimed: &[(&PaymentItem, &Claim)],
    ) -> Result<String, StoreError> {
        let number = self.group.receipt_number(scheme, self.now)?;
        let mut lines = Vec::with_capacity(claimed.len());
        for (item, claim) in claimed {
            lines.push(self.line(item, claim)?);
        }
        let receipt = self.frozen(payment, answer, scheme, number.clone(), lines);
        if !receipt.ties() {
            return Err(StoreError::Unbalanced(number));
        }
        let frozen = serde_json::to_string(&receipt).expect("plain values with text keys");
        let kept = |line: &FrozenReceiptLine| ReceiptLine {
            kind: line.kind.id().to_owned(),
            reference: line.reference.clone(),
            amount: line.amount,
        };
        let lines: Vec<ReceiptLine> = receipt.lines.iter().map(kept).collect();
        for line in &lines {
            self.event(&line.reference, "receipted", format!("{number}, payment {}", payment.number))?;
        }
        self.group.issue_receipt(NewReceipt {
            number: number.clone(),
            employer_code: payment.employer_code.clone(),
            scheme,
            payment: payment.number.clone(),
            total: receipt.total,
            paid_on: receipt.paid_on,
            issued_at: self.now,
            frozen,
            lines,
        })?;
        Ok(number)
    }

    fn line(&self, item: &PaymentItem, claim: &Claim) -> Result<FrozenReceiptLine, StoreError> {
        let (months, skbbk) = match claim {
            Claim::Charge(record, _) => (record.month.into_iter().collect(), Sen::ZERO),
            _ => self.months_of(&item.reference)?,
        };
        Ok(FrozenReceiptLine {
            kind: item.kind.parse().map_err(StoreError::Strange)?,
            reference: item.reference.clone(),
            months,
            amount: item.amount,
            skbbk: if item.scheme == Scheme::Act4 { skbbk } else { Sen::ZERO },
        })
    }

    /// The months of an acknowledgement and the SKBBK in it, as they were frozen.
    fn months_of(&self, number: &str) -> Result<(Vec<ContributionMonth>, Sen), StoreError> {
        let Some(record) = self.acknowledgements.get(number) else { return Ok((Vec::new(), Sen::ZERO)) };
        let frozen: Frozen = serde_json::from_str(&record.frozen)
            .map_err(|error| StoreError::Strange(format!("acknowledgement.frozen: {error}")))?;
        let months = frozen.months.iter().map(|month| month.month).collect();
        Ok((months, frozen.months.iter().map(|month| month.skbbk).sum()))
    }

    fn frozen(
        &self,
        payment: &PaymentRecord,
        answer: &BankAnswer,
        scheme: Scheme,
        number: String,
        lines: Vec<FrozenReceiptLine>,
    ) -> FrozenReceipt {
        let employer = self.employers.get(&payment.employer_code);
        // FPX's own time is the time of the payment; it is empty only where FPX knows nothing.
        let paid_at = answer.transaction_time.map_or(self.now, |time| time.moment());
        let bank = Banks::embedded().name(&payment.bank, payment.model, self.desk.environment);
        FrozenReceipt {
            version: FROZEN_RECEIPT_VERSION,
            number,
            scheme,
            issuer: self.desk.issuer.to_owned(),
            employer_code: payment.employer_code.clone(),
            employer_name: employer.map(|employer| employer.name.clone()).unwrap_or_default(),
            employer_address: employer.map(|employer| employer.address.clone()).unwrap_or_default(),
            paid_on: malaysian_day(&paid_at),
            paid_at: paid_at.to_rfc3339(),
            means: PaidBy::Fpx,
            payment: Some(payment.number.clone()),
            seller_order_number: payment.seller_order.clone(),
            transaction_id: payment.transaction_id.clone(),
            bank: payment.bank.clone(),
            bank_name: bank.unwrap_or(&payment.bank).to_owned(),
            evidence: String::new(),
            model: Some(payment.model),
            maker: payment.started_by.clone(),
            approved_by: String::new(),
            total: lines.iter().map(|line| line.amount).sum(),
            lines,
        }
    }
}
