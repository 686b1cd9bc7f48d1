//! Payments outside FPX: at a counter, by transfer or cheque.

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::bound::OFFLINE;
use super::error::StoreError;
use super::group::Group;
use super::look::strange;
use super::number::malaysian;
use super::rows::Value;
use crate::domain::{PaidBy, Sen};

/// A payment outside FPX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOfflinePayment {
    /// Whose.
    pub employer_code: String,
    /// How the money came.
    pub means: PaidBy,
    /// Cheque number, transfer reference, counter slip.
    pub evidence: String,
    /// Bank, or empty.
    pub bank: String,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// So much.
    pub amount: Sen,
    /// Who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: DateTime<FixedOffset>,
    /// The payment that was entered first with the same evidence, where there is one.
    pub follows: Option<String>,
}

/// One as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflinePaymentRecord {
    /// `O-000001`.
    pub number: String,
    /// Whose.
    pub employer_code: String,
    /// How the money came.
    pub means: PaidBy,
    /// Cheque number, transfer reference, counter slip.
    pub evidence: String,
    /// Bank, or empty.
    pub bank: String,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// So much.
    pub amount: Sen,
    /// Who entered it.
    pub entered_by: String,
    /// RFC 3339.
    pub entered_at: String,
    /// The payment that was entered first with the same evidence, where there is one.
    pub follows: Option<String>,
}

const PAYMENTS: &str = "select number, employer_code, means, evidence, bank, paid_on, amount_sen, entered_by, entered_at, \
     follows from offline_payment where 1 = 1";
/// The same money.
const SAME: &str = "means = $1 and bank = $2 and evidence = $3 and paid_on = $4";
/// Late interest that a payment left behind: on what it paid, for the day of payment.
const LEFT_BEHIND: &str = "select c.number from charge c join receipt_line l on l.reference = c.acknowledgement \
     join receipt r on r.number = l.receipt where r.payment = $1 and c.kind = 'interest' and c.assessed_on = $2 \
     order by c.number";

impl Group<'_> {
    /// Records a payment outside FPX; gives its number.
    ///
    /// # Errors
    /// [`StoreError`] of the database, also when its evidence is kept already and it follows no other payment.
    pub fn offline_payment(&mut self, new: &NewOfflinePayment) -> Result<String, StoreError> {
        let number = format!("O-{:06}", self.next_serial("offline-payment", "")?);
        let sql = "insert into offline_payment (number, employer_code, means, evidence, bank, paid_on, amount_sen, \
                   entered_by, entered_at, follows) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let query = sqlx::query(sql).bind(number.clone()).bind(new.employer_code.clone()).bind(new.means.id());
        let query = query.bind(new.evidence.clone()).bind(new.bank.clone()).bind(new.paid_on.to_string());
        let query = query.bind(new.amount.0).bind(new.entered_by.clone());
        let query = query.bind(malaysian(new.entered_at).to_rfc3339());
        let query = query.bind(new.follows.clone().unwrap_or_default());
        let words = [&number, &new.employer_code, new.means.id(), &new.evidence, &new.bank, &new.paid_on.to_string()];
        let words = words.map(|word: &str| Value::Text(word.to_owned()));
        let entered = [new.entered_by.clone(), malaysian(new.entered_at).to_rfc3339()].map(Value::Text);
        let (amount, follows) = (Value::Whole(new.amount.0), Value::Text(new.follows.clone().unwrap_or_default()));
        let values: Vec<&Value> = words.iter().chain([&amount]).chain(&entered).chain([&follows]).collect();
        self.keep_facts(&OFFLINE, &number, &values, new.entered_at);
        let (store, transaction) = self.database();
        store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?;
        Ok(number)
    }

    /// The payment that was entered first with the same evidence, as this group sees it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn same_evidence(&mut self, new: &NewOfflinePayment) -> Result<Option<String>, StoreError> {
        let sql = format!("select number from offline_payment where {SAME} and follows = ''");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(new.means.id()).bind(new.bank.clone());
        let query = query.bind(new.evidence.clone()).bind(new.paid_on.to_string());
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Charges of late interest on what a payment outside FPX paid, asked for the day on which it was paid.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn left_behind(&mut self, payment: &str, paid_on: NaiveDate) -> Result<Vec<String>, StoreError> {
        self.flush()?;
        let query = sqlx::query(LEFT_BEHIND).bind(payment.to_owned()).bind(paid_on.to_string());
        let (store, transaction) = self.database();
        let rows = store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

impl Store {
    /// Payments outside FPX of one employer or all, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn offline_payments(&self, employer_code: Option<&str>) -> Result<Vec<OfflinePaymentRecord>, StoreError> {
        self.offline_where("employer_code", employer_code)
    }

    /// One by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn offline_payment(&self, number: &str) -> Result<OfflinePaymentRecord, StoreError> {
        let found = self.offline_where("number", Some(number))?.pop();
        found.ok_or_else(|| StoreError::NotFound(format!("payment {number}")))
    }

    /// The payments that were entered with this evidence, the first one first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn offline_payments_with(
        &self,
        (means, bank, evidence): (PaidBy, &str, &str),
        paid_on: NaiveDate,
    ) -> Result<Vec<OfflinePaymentRecord>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(format!("{PAYMENTS} and {SAME} order by length(number), number")));
        let query = query.bind(means.id()).bind(bank.to_owned()).bind(evidence.to_owned()).bind(paid_on.to_string());
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(offline).collect()
    }

    fn offline_where(&self, column: &str, value: Option<&str>) -> Result<Vec<OfflinePaymentRecord>, StoreError> {
        let condition = if value.is_some() { format!(" and {column} = $1") } else { String::new() };
        let sql = format!("{PAYMENTS}{condition} order by entered_at desc, number desc");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(value) = value {
            query = query.bind(value.to_owned());
        }
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(offline).collect()
    }
}

fn offline(row: &AnyRow) -> Result<OfflinePaymentRecord, StoreError> {
    let paid_on: String = row.try_get(5)?;
    Ok(OfflinePaymentRecord {
        number: row.try_get(0)?,
        employer_code: row.try_get(1)?,
        means: row.try_get::<String, _>(2)?.parse().map_err(StoreError::Strange)?,
        evidence: row.try_get(3)?,
        bank: row.try_get(4)?,
        paid_on: paid_on.parse().map_err(|_| strange("offline_payment.paid_on", &paid_on))?,
        amount: Sen(row.try_get(6)?),
        entered_by: row.try_get(7)?,
        entered_at: row.try_get(8)?,
        follows: Some(row.try_get::<String, _>(9)?).filter(|first| !first.is_empty()),
    })
}
