//! Payments over FPX, read.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::dialect::placeholders;
use super::error::StoreError;
use super::look::{Conditions, strange};
use super::payments::{
    ITEMS, OPEN_PAYMENT, PAYMENTS, PaymentFilter, PaymentItem, PaymentRecord, read, request_place, sortable,
};
use super::rows::LADDER;
use crate::domain::{PaymentModel, PaymentState, Sen};

impl Store {
    /// One payment by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn payment(&self, number: &str) -> Result<PaymentRecord, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("p.number = ", Some(number));
        let found = self.payments_of(&conditions, "p.number", 1)?.pop();
        found.ok_or_else(|| StoreError::NotFound(format!("payment {number}")))
    }

    /// The payment with an exchange order number.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn payment_by_order(&self, exchange_order: &str) -> Result<Option<PaymentRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("p.exchange_order = ", Some(exchange_order));
        Ok(self.payments_of(&conditions, "p.number", 1)?.pop())
    }

    /// The payment whose pages have this word in their address, given as its SHA-256.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn payment_by_token(&self, token: &[u8; 32]) -> Result<Option<PaymentRecord>, StoreError> {
        let query = sqlx::query("select number from payment where token = $1").bind(token.to_vec());
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        row.map(|row| self.payment(&row.try_get::<String, _>(0)?)).transpose()
    }

    /// Payments, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn payments(&self, filter: &PaymentFilter) -> Result<Vec<PaymentRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("p.employer_code = ", filter.employer_code.as_deref());
        conditions.text("p.state = ", filter.state.map(PaymentState::id));
        let one_of = "p.number in (select payment from payment_item where reference = ";
        if filter.reference.is_some() {
            conditions.text(one_of, filter.reference.as_deref());
            conditions.close();
        }
        self.payments_of(&conditions, "p.started_at desc, p.number desc", filter.limit)
    }

    /// Payments about which FPX is to be asked by a moment, the longest waiting first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn open_payments_to_ask(
        &self,
        until: DateTime<FixedOffset>,
        limit: u32,
    ) -> Result<Vec<PaymentRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("p.ask_next <= ", Some(&sortable(until)));
        self.payments_of(&conditions, "p.ask_next, p.number", limit)
    }

    /// The payment that locks an acknowledgement or a charge, if any.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn payment_of_reference(&self, reference: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(OPEN_PAYMENT).bind(reference.to_owned());
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Whose the payments with these exchange order numbers are; numbers that are not known are left out.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn employers_of_orders(&self, orders: &[String]) -> Result<BTreeSet<String>, StoreError> {
        let mut found = BTreeSet::new();
        let mut rest = orders;
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let places = placeholders(1, height);
                let sql = format!("select distinct employer_code from payment where exchange_order in ({places})");
                let query =
                    these.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| query.bind(value.clone()));
                for row in self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })? {
                    found.insert(row.try_get(0)?);
                }
                rest = after;
            }
        }
        Ok(found)
    }

    /// What was sent to FPX, value by value.
    ///
    /// # Errors
    /// [`StoreError`], also when what comes out is not what was put in.
    pub fn request_of_payment(&self, payment: &PaymentRecord) -> Result<String, StoreError> {
        let key = self.known_key(&payment.employer_code)?;
        let plain = key.open(&request_place(&payment.exchange_order), &payment.sealed)?;
        String::from_utf8(plain).map_err(|_| strange("payment.sealed", "not UTF-8"))
    }

    fn payments_of(&self, conditions: &Conditions, order: &str, limit: u32) -> Result<Vec<PaymentRecord>, StoreError> {
        let rows = self.rows(&format!("{PAYMENTS}{}", conditions.sql), conditions, order, limit)?;
        let mut found = rows.iter().map(payment).collect::<Result<Vec<_>, _>>()?;
        let mut rows = Vec::new();
        for payment in &found {
            let mut conditions = Conditions::default();
            conditions.text("payment = ", Some(&payment.number));
            let sql = format!("{ITEMS} where 1 = 1{}", conditions.sql);
            rows.extend(self.rows(&sql, &conditions, "position", 0)?);
        }
        attach(&mut found, &rows)?;
        Ok(found)
    }
}

/// A payment without its items.
pub(super) fn payment(row: &AnyRow) -> Result<PaymentRecord, StoreError> {
    let (model, state): (String, String) = (row.try_get(2)?, row.try_get(5)?);
    let moment = |at: usize| row.try_get::<Option<String>, _>(at)?.map(|kept| read(&kept)).transpose();
    Ok(PaymentRecord {
        number: row.try_get(0)?,
        employer_code: row.try_get(1)?,
        model: PaymentModel::from_id(&model).ok_or_else(|| strange("payment.model", &model))?,
        bank: row.try_get(3)?,
        amount: Sen(row.try_get(4)?),
        state: PaymentState::from_id(&state).ok_or_else(|| strange("payment.state", &state))?,
        exchange_order: row.try_get(6)?,
        seller_order: row.try_get(7)?,
        sealed: row.try_get(8)?,
        started_by: row.try_get(9)?,
        started_at: read(&row.try_get::<String, _>(10)?)?,
        sent_at: moment(11)?,
        ended_at: moment(12)?,
        transaction_id: row.try_get(13)?,
        transaction_time: row.try_get(14)?,
        debit_code: row.try_get(15)?,
        credit_code: row.try_get(16)?,
        confirming: row.try_get::<i64, _>(17)? != 0,
        asked: row.try_get(18)?,
        asked_at: moment(19)?,
        ask_next: moment(20)?,
        items: Vec::new(),
    })
}

/// Gives every payment its items, which come in order.
pub(super) fn attach(payments: &mut [PaymentRecord], rows: &[AnyRow]) -> Result<(), StoreError> {
    let places: HashMap<String, usize> =
        payments.iter().enumerate().map(|(at, payment)| (payment.number.clone(), at)).collect();
    for row in rows {
        let Some(at) = places.get(&row.try_get::<String, _>(0)?) else { continue };
        payments[*at].items.push(PaymentItem {
            kind: row.try_get(1)?,
            reference: row.try_get(2)?,
            scheme: row.try_get::<String, _>(3)?.parse().map_err(StoreError::Strange)?,
            amount: Sen(row.try_get(4)?),
            open: row.try_get::<i64, _>(5)? != 0,
        });
    }
    Ok(())
}
