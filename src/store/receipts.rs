//! Official receipts: one for each Act of a payment, numbers of their own series without a gap.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use super::bound;
use super::error::StoreError;
use super::group::{Group, RECEIPT_LINES, RECEIPTS};
use super::look::{Conditions, strange};
use super::number::malaysian;
use super::payments::text;
use super::rows::{Table, Value};
use crate::domain::{Scheme, Sen};

pub(super) static RECEIPT: Table =
    Table::new("receipt (number, employer_code, scheme, payment, total_sen, paid_on, issued_at, sealed)", 8, "");
pub(super) static RECEIPT_LINE: Table =
    Table::new("receipt_line (receipt, position, kind, reference, amount_sen)", 5, "");

/// Last serial of a year: ten digits.
const LAST_OF_A_YEAR: i64 = 9_999_999_999;
/// Largest receipt that is opened, in bytes.
const RECEIPT_LIMIT: usize = 64 << 20;

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// Kind of the submission, or of the charge.
    pub kind: String,
    /// `ACR…`, `ECR…` or the number of a charge: on one receipt only, ever.
    pub reference: String,
    /// Amount in sen.
    pub amount: Sen,
}

/// A receipt to issue.
#[derive(Clone)]
pub struct NewReceipt {
    /// From [`Group::receipt_number`].
    pub number: String,
    /// Whose.
    pub employer_code: String,
    /// Act.
    pub scheme: Scheme,
    /// Payment over FPX, or offline payment.
    pub payment: String,
    /// The sum of its lines.
    pub total: Sen,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// When it is issued.
    pub issued_at: DateTime<FixedOffset>,
    /// What the paper shows, JSON; kept sealed under the employer's key.
    pub frozen: String,
    /// What it is for.
    pub lines: Vec<ReceiptLine>,
}

/// A receipt as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// Year and ten digits, an `E` between them under Act 800.
    pub number: String,
    /// Whose.
    pub employer_code: String,
    /// Act.
    pub scheme: Scheme,
    /// Payment over FPX, or offline payment.
    pub payment: String,
    /// The sum of its lines.
    pub total: Sen,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// RFC 3339.
    pub issued_at: String,
    /// What it is for, in order.
    pub lines: Vec<ReceiptLine>,
}

/// Which receipts; newest first.
#[derive(Debug, Clone, Default)]
pub struct ReceiptFilter {
    /// Only this employer's.
    pub employer_code: Option<String>,
    /// Only of this payment.
    pub payment: Option<String>,
    /// Only of this Act.
    pub scheme: Option<Scheme>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

impl Group<'_> {
    /// The next number of an Act's series in a year (Malaysian time): `2026` and ten digits under Act 4, `2026E` and ten
    /// digits under Act 800.
    ///
    /// # Errors
    /// [`StoreError::SeriesFull`], or of the database.
    pub fn receipt_number(&mut self, scheme: Scheme, now: DateTime<FixedOffset>) -> Result<String, StoreError> {
        let year = malaysian(now).year();
        let (kind, letter) = match scheme {
            Scheme::Act4 => ("receipt-act4", ""),
            Scheme::Act800 => ("receipt-act800", "E"),
        };
        let serial = self.next_serial_from(kind, &year.to_string(), 1, LAST_OF_A_YEAR)?;
        Ok(format!("{year:04}{letter}{serial:010}"))
    }

    /// Issues a receipt: one for an Act of a payment, and each reference on one receipt only. The employer's key must
    /// exist.
    ///
    /// # Errors
    /// [`StoreError::Unbalanced`] when its lines do not sum to its total; or of the database, when a reference has a
    /// receipt.
    pub fn issue_receipt(&mut self, new: NewReceipt) -> Result<(), StoreError> {
        if new.lines.iter().map(|line| line.amount).sum::<Sen>() != new.total {
            return Err(StoreError::Unbalanced(new.number));
        }
        let key = self.store().known_key(&new.employer_code)?;
        let sealed = key.seal_compressed(&receipt_place(&new.number), new.frozen.as_bytes());
        let payment = new.payment.clone();
        let row = [
            Value::Text(new.number.clone()),
            Value::Text(new.employer_code),
            Value::Text(new.scheme.id().to_owned()),
            Value::Text(new.payment),
            Value::Whole(new.total.0),
            Value::Text(new.paid_on.to_string()),
            Value::Text(text(new.issued_at)),
            Value::Bytes(sealed),
        ];
        self.keep_facts(&bound::RECEIPT, &payment, &row.iter().collect::<Vec<_>>(), new.issued_at);
        self.push(RECEIPTS, row)?;
        for (position, line) in (1..).zip(new.lines) {
            let [kind, reference] = [line.kind, line.reference].map(Value::Text);
            let receipt = Value::Text(new.number.clone());
            let row = [receipt, Value::Whole(position), kind, reference, Value::Whole(line.amount.0)];
            self.keep_facts(&bound::LINES, &payment, &row.iter().collect::<Vec<_>>(), new.issued_at);
            self.push(RECEIPT_LINES, row)?;
        }
        Ok(())
    }
}

const RECEIPTS_OF: &str = "select r.number, r.employer_code, r.scheme, r.payment, r.total_sen, r.paid_on, r.issued_at \
     from receipt r where 1 = 1";

impl Store {
    /// Receipts, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn receipts(&self, filter: &ReceiptFilter) -> Result<Vec<ReceiptRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("r.employer_code = ", filter.employer_code.as_deref());
        conditions.text("r.payment = ", filter.payment.as_deref());
        conditions.text("r.scheme = ", filter.scheme.map(Scheme::id));
        self.receipts_of(&conditions, filter.limit)
    }

    /// One receipt by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn receipt(&self, number: &str) -> Result<ReceiptRecord, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("r.number = ", Some(number));
        let found = self.receipts_of(&conditions, 1)?.pop();
        found.ok_or_else(|| StoreError::NotFound(format!("receipt {number}")))
    }

    /// The receipt of an acknowledgement or a charge, if it is paid.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn receipt_of_reference(&self, reference: &str) -> Result<Option<ReceiptRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("r.number = (select receipt from receipt_line where reference = ", Some(reference));
        conditions.close();
        Ok(self.receipts_of(&conditions, 1)?.pop())
    }

    /// What the paper of a receipt shows: the JSON that was frozen.
    ///
    /// # Errors
    /// [`StoreError`], also when what comes out is not what was put in.
    pub fn frozen_receipt(&self, receipt: &ReceiptRecord) -> Result<String, StoreError> {
        let query = sqlx::query("select sealed from receipt where number = $1").bind(receipt.number.clone());
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("receipt {}", receipt.number)))?;
        let (key, sealed) = (self.known_key(&receipt.employer_code)?, row.try_get::<Vec<u8>, _>(0)?);
        let plain = key.open_compressed(&receipt_place(&receipt.number), &sealed, RECEIPT_LIMIT)?;
        String::from_utf8(plain).map_err(|_| strange("receipt.sealed", "not UTF-8"))
    }

    fn receipts_of(&self, conditions: &Conditions, limit: u32) -> Result<Vec<ReceiptRecord>, StoreError> {
        let order = "r.issued_at desc, r.number desc";
        let rows = self.rows(&format!("{RECEIPTS_OF}{}", conditions.sql), conditions, order, limit)?;
        let mut found = rows.iter().map(receipt).collect::<Result<Vec<_>, _>>()?;
        for receipt in &mut found {
            let mut conditions = Conditions::default();
            conditions.text("receipt = ", Some(&receipt.number));
            let sql = format!("select kind, reference, amount_sen from receipt_line where 1 = 1{}", conditions.sql);
            let rows = self.rows(&sql, &conditions, "position", 0)?;
            receipt.lines = rows.iter().map(line).collect::<Result<_, _>>()?;
        }
        Ok(found)
    }
}

fn receipt(row: &AnyRow) -> Result<ReceiptRecord, StoreError> {
    let paid_on: String = row.try_get(5)?;
    Ok(ReceiptRecord {
        number: row.try_get(0)?,
        employer_code: row.try_get(1)?,
        scheme: row.try_get::<String, _>(2)?.parse().map_err(StoreError::Strange)?,
        payment: row.try_get(3)?,
        total: Sen(row.try_get(4)?),
        paid_on: paid_on.parse().map_err(|_| strange("receipt.paid_on", &paid_on))?,
        issued_at: row.try_get(6)?,
        lines: Vec::new(),
    })
}

fn line(row: &AnyRow) -> Result<ReceiptLine, StoreError> {
    Ok(ReceiptLine { kind: row.try_get(0)?, reference: row.try_get(1)?, amount: Sen(row.try_get(2)?) })
}

fn receipt_place(number: &str) -> Vec<u8> {
    format!("T{number}").into_bytes()
}
