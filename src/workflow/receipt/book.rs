//! Receipts looked up, and proven from a file or a text.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::code::{CheckedCode, KIND, check_code};
use super::file_seal::{FileSeal, check_file, text_in_file};
use super::frozen::FrozenReceipt;
use super::print::ReceiptError;
use super::signed::CodeFault;
use crate::domain::ContributionMonth;
use crate::keys::ReceiptPublicKey;
use crate::store::receipts::{ReceiptFilter, ReceiptRecord};
use crate::store::{Store, StoreError};

/// A receipt: its row, and what was frozen.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The row.
    pub record: ReceiptRecord,
    /// What the paper shows.
    pub frozen: FrozenReceipt,
}

impl Receipt {
    /// True when a line of it covers this month.
    pub fn covers(&self, month: ContributionMonth) -> bool {
        self.frozen.lines.iter().any(|line| line.months.contains(&month))
    }
}

/// One receipt by its number.
///
/// # Errors
/// [`ReceiptError`].
pub fn receipt(store: &Store, number: &str) -> Result<Receipt, ReceiptError> {
    opened(store, store.receipt(number)?)
}

/// Receipts, newest first; `month`: only those with a line that covers it.
///
/// # Errors
/// [`ReceiptError`].
pub fn receipts(
    store: &Store,
    filter: &ReceiptFilter,
    month: Option<ContributionMonth>,
) -> Result<Vec<Receipt>, ReceiptError> {
    let rows = store.receipts(filter)?;
    let all = rows.into_iter().map(|record| opened(store, record)).collect::<Result<Vec<Receipt>, _>>()?;
    Ok(all.into_iter().filter(|receipt| month.is_none_or(|month| receipt.covers(month))).collect())
}

/// Frozen data are opened, and must be of this row.
fn opened(store: &Store, record: ReceiptRecord) -> Result<Receipt, ReceiptError> {
    let text = store.frozen_receipt(&record)?;
    let wrong = |source| ReceiptError::Frozen { number: record.number.clone(), source };
    let frozen: FrozenReceipt = serde_json::from_str(&text).map_err(wrong)?;
    if !frozen.ties() || frozen.total != record.total || frozen.number != record.number {
        return Err(ReceiptError::DoesNotTie(record.number));
    }
    Ok(Receipt { record, frozen })
}

/// What one employer has paid, by acknowledgement or charge: number of the receipt and day.
pub struct PaidReferences(HashMap<String, (String, NaiveDate)>);

impl PaidReferences {
    /// Of all receipts of an employer.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn of(store: &Store, employer_code: &str) -> Result<PaidReferences, StoreError> {
        let filter = ReceiptFilter { employer_code: Some(employer_code.to_owned()), ..ReceiptFilter::default() };
        let mut paid = HashMap::new();
        for receipt in store.receipts(&filter)? {
            for line in receipt.lines {
                paid.insert(line.reference, (receipt.number.clone(), receipt.paid_on));
            }
        }
        Ok(PaidReferences(paid))
    }

    /// The receipt of an acknowledgement or charge.
    pub fn get(&self, reference: &str) -> Option<&(String, NaiveDate)> {
        self.0.get(reference)
    }
}

/// A genuine code, and what is known of the file that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What the code says.
    pub code: CheckedCode,
    /// For a PDF: whether it is as the issuer wrote it; `None` for a text.
    pub file: Option<FileSeal>,
}

/// Proves a receipt from its PDF, or from its code as text. A genuine code in a changed file is told apart by
/// [`Verified::file`]: what such a file shows must not be believed.
///
/// # Errors
/// [`CodeFault`].
pub fn verify(bytes: &[u8], key: &ReceiptPublicKey) -> Result<Verified, CodeFault> {
    if bytes.starts_with(b"%PDF") {
        let text = text_in_file(bytes, KIND).ok_or(CodeFault::NotACode)?;
        return Ok(Verified { code: check_code(&text, key)?, file: Some(check_file(bytes, key)) });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| CodeFault::NotACode)?;
    Ok(Verified { code: check_code(text, key)?, file: None })
}
