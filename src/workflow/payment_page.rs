//! What is shown of a payment: everything from the database, nothing from what a browser brought.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::frozen::Frozen;
use super::settle::{what_goes_back, what_next};
use crate::domain::{CaseKind, CaseState, ContributionMonth, Language, PaymentState, Scheme, Sen};
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::codes::{Codes, ResponseCode};
use crate::fpx::ladder::Ladders;
use crate::fpx::value::FpxTime;
use crate::store::books::{CaseFilter, CaseRecord};
use crate::store::number::is_acknowledgement_number;
use crate::store::payments::PaymentRecord;
use crate::store::receipts::{ReceiptFilter, ReceiptRecord};
use crate::store::refunds::Refund;
use crate::store::{Store, StoreError};

/// A payment with what belongs to it.
#[derive(Debug, Clone)]
pub struct PaymentPage {
    /// The attempt.
    pub payment: PaymentRecord,
    /// What it pays.
    pub items: Vec<PageItem>,
    /// Its official receipts, when it is paid.
    pub receipts: Vec<ReceiptRecord>,
    /// The case under which money goes back that came and pays nothing.
    pub refund: Option<CaseRecord>,
}

/// Something that is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageItem {
    /// Kind of the submission, or of the charge.
    pub kind: String,
    /// `ACR…`, `ECR…` or the number of a charge.
    pub reference: String,
    /// Act.
    pub scheme: Scheme,
    /// Months it is for.
    pub months: Vec<ContributionMonth>,
    /// Earliest due date of its months, for contributions.
    pub due_date: Option<NaiveDate>,
    /// Amount.
    pub amount: Sen,
}

impl PaymentPage {
    /// By the payment's number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn of(store: &Store, payment: PaymentRecord) -> Result<PaymentPage, StoreError> {
        let mut items = Vec::with_capacity(payment.items.len());
        for item in &payment.items {
            let (months, due_date) = months_of(store, &item.reference)?;
            items.push(PageItem {
                kind: item.kind.clone(),
                reference: item.reference.clone(),
                scheme: item.scheme,
                months,
                due_date,
                amount: item.amount,
            });
        }
        let filter = ReceiptFilter { payment: Some(payment.number.clone()), ..Default::default() };
        let mut receipts = store.receipts(&filter)?;
        receipts.sort_by_key(|receipt| receipt.scheme);
        let filter =
            CaseFilter { subject: Some(payment.number.clone()), kind: Some(CaseKind::Refund), ..Default::default() };
        let refund = store.cases(&filter)?.into_iter().next();
        Ok(PaymentPage { payment, items, receipts, refund })
    }

    /// When it happened: FPX's own time, else when the form went out, else when it began.
    pub fn moment(&self) -> DateTime<FixedOffset> {
        let payment = &self.payment;
        let known = FpxTime::read(&payment.transaction_time).map(FpxTime::moment);
        known.or(payment.sent_at).unwrap_or(payment.started_at)
    }

    /// The bank's name under the model; its code where it has none here.
    pub fn bank(&self) -> &str {
        // A kept payment was started with a bank of its environment; UAT knows the names of both.
        let name = Banks::embedded().name(&self.payment.bank, self.payment.model, Environment::Uat);
        name.unwrap_or(&self.payment.bank)
    }

    /// Where it stands and what the employer does next, in a sentence or two.
    pub fn advice(&self, language: Language, now: DateTime<FixedOffset>) -> String {
        if let Some(case) = self.refund.as_ref().filter(|_| self.payment.state == PaymentState::Paid) {
            let receipts: Vec<&str> = self.receipts.iter().map(|receipt| receipt.number.as_str()).collect();
            return what_goes_back(&self.payment, case, &receipts, language);
        }
        what_next(&self.payment, Codes::embedded(), Ladders::embedded(), language, now)
    }

    /// The refund that two persons closed the case with, if it went back already.
    pub fn refunded(&self) -> Option<&Refund> {
        let closed = self.refund.as_ref().filter(|case| case.state == CaseState::Closed);
        closed.and_then(|case| case.refund.as_ref())
    }

    /// What lies in suspense until it goes back.
    pub fn suspense(&self) -> Sen {
        let case = self.refund.as_ref().filter(|_| self.refunded().is_none());
        case.map_or(Sen::ZERO, |case| case.amount)
    }

    /// In one word where it stands for the employer: its state, or `checking`, `refund`, `part-refund`, `refunded`,
    /// `part-refunded`.
    pub fn standing(&self) -> &'static str {
        match self.payment.state {
            PaymentState::Failed | PaymentState::Abandoned if self.payment.confirming => "checking",
            PaymentState::Paid if self.refunded().is_some() && self.receipts.is_empty() => "refunded",
            PaymentState::Paid if self.refunded().is_some() => "part-refunded",
            PaymentState::Paid if self.refund.is_some() && self.receipts.is_empty() => "refund",
            PaymentState::Paid if self.refund.is_some() => "part-refund",
            state => state.id(),
        }
    }

    /// What the code means, for the operator.
    pub fn meaning(&self) -> Option<&'static str> {
        Codes::embedded().meaning(&ResponseCode::read(&self.payment.debit_code)?)
    }

    /// By when an approver should act so that nothing becomes late.
    pub fn approve_by(&self) -> Option<NaiveDate> {
        let waits = self.payment.state == PaymentState::PendingAuthoriser;
        self.items.iter().filter_map(|item| item.due_date).min().filter(|_| waits)
    }
}

/// The months of an acknowledgement or charge, and the earliest due date of contributions.
fn months_of(store: &Store, reference: &str) -> Result<(Vec<ContributionMonth>, Option<NaiveDate>), StoreError> {
    if is_acknowledgement_number(reference) {
        let frozen: Option<Frozen> = serde_json::from_str(&store.acknowledgement(reference)?.frozen).ok();
        let months = frozen.map(|frozen| frozen.months).unwrap_or_default();
        let due = months.iter().map(|month| month.due_date).min();
        return Ok((months.iter().map(|month| month.month).collect(), due));
    }
    let charge = store.charge(reference)?;
    match (charge.month, charge.acknowledgement) {
        (Some(month), _) => Ok((vec![month], None)),
        (None, Some(on)) => months_of(store, &on).map(|(months, _)| (months, None)),
        (None, None) => Ok((Vec::new(), None)),
    }
}
