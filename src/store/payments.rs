//! Payments over FPX: attempts, what each one pays, and the lock on it.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeDelta};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::bound;
use super::dialect::placeholders;
use super::error::StoreError;
use super::facts::maybe;
use super::group::Group;
use super::look::strange;
use super::number::malaysian;
use super::payment_reads::{attach, payment};
use super::rows::{LADDER, Value};
use crate::domain::{PaymentEvent, PaymentModel, PaymentState, Scheme, Sen};

/// The most that an order number counts in a day: 36³ instances of 999,999.
const MOST_IN_A_DAY: i64 = 46_656 * 999_999;
/// The most that an order number counts in all: ten digits.
const MOST_IN_ALL: i64 = 9_999_999_999;

/// Something that a payment pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentItem {
    /// Kind of the submission, or of the charge.
    pub kind: String,
    /// `ACR…`, `ECR…` or the number of a charge.
    pub reference: String,
    /// Act.
    pub scheme: Scheme,
    /// Amount in sen.
    pub amount: Sen,
    /// Locked by this payment.
    pub open: bool,
}

/// An attempt to pay that begins.
#[derive(Clone)]
pub struct NewPayment {
    /// Whose.
    pub employer_code: String,
    /// Retail or corporate.
    pub model: PaymentModel,
    /// The bank that was chosen, its FPX code.
    pub bank: String,
    /// What is paid; the sum of the items.
    pub amount: Sen,
    /// Exchange order number, made of [`Group::order_counters`].
    pub exchange_order: String,
    /// Seller order number, made of the same counters.
    pub seller_order: String,
    /// SHA-256 of the unguessable word in the address of its pages.
    pub token: [u8; 32],
    /// What goes to FPX, value by value; kept sealed under the employer's key.
    pub request: String,
    /// What it pays, in the order of the cart.
    pub items: Vec<PaymentItem>,
    /// Who pays.
    pub started_by: String,
    /// When.
    pub now: DateTime<FixedOffset>,
}

/// An attempt as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRecord {
    /// `P-000001`.
    pub number: String,
    /// Whose.
    pub employer_code: String,
    /// Retail or corporate.
    pub model: PaymentModel,
    /// Bank, its FPX code.
    pub bank: String,
    /// What is paid.
    pub amount: Sen,
    /// Where it stands.
    pub state: PaymentState,
    /// Exchange order number.
    pub exchange_order: String,
    /// Seller order number.
    pub seller_order: String,
    /// What was sent, sealed; see [`Store::request_of_payment`].
    pub sealed: Vec<u8>,
    /// Who pays.
    pub started_by: String,
    /// When it began.
    pub started_at: DateTime<FixedOffset>,
    /// When its form went out.
    pub sent_at: Option<DateTime<FixedOffset>>,
    /// When it was paid, failed or was given up.
    pub ended_at: Option<DateTime<FixedOffset>>,
    /// FPX's number, or empty.
    pub transaction_id: String,
    /// FPX's time as it came, `yyyyMMddHHmmss`, or empty.
    pub transaction_time: String,
    /// The last debit code, or empty.
    pub debit_code: String,
    /// The last credit code, or empty.
    pub credit_code: String,
    /// Failed by a code that must be confirmed before anything is released.
    pub confirming: bool,
    /// How often FPX was asked.
    pub asked: i64,
    /// When it was asked last.
    pub asked_at: Option<DateTime<FixedOffset>>,
    /// When it is asked next; `None`: never.
    pub ask_next: Option<DateTime<FixedOffset>>,
    /// What it pays, in order.
    pub items: Vec<PaymentItem>,
}

/// Which payments; newest first.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// Only this employer's.
    pub employer_code: Option<String>,
    /// Only in this state.
    pub state: Option<PaymentState>,
    /// Only those that pay this acknowledgement or charge.
    pub reference: Option<String>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

/// Two counters for the order numbers of one attempt, already one higher than at the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderValues {
    /// Of this Malaysian day.
    pub of_the_day: i64,
    /// In all.
    pub in_all: i64,
}

pub(super) const PAYMENTS: &str = "select p.number, p.employer_code, p.model, p.bank, p.amount_sen, p.state, p.exchange_order, \
     p.seller_order, p.sealed, p.started_by, p.started_at, p.sent_at, p.ended_at, p.transaction_id, \
     p.transaction_time, p.debit_code, p.credit_code, p.confirming, p.asked, p.asked_at, p.ask_next from payment p \
     where 1 = 1";
pub(super) const ITEMS: &str = "select payment, kind, reference, scheme, amount_sen, open from payment_item";

pub(super) const OPEN_PAYMENT: &str = "select payment from payment_item where reference = $1 and open = 1";

impl Group<'_> {
    /// The next counters for order numbers. They follow the clock, ten a second: a database put back from a back-up
    /// counts on from now, not from the back-up, and repeats no number that FPX has seen.
    ///
    /// # Errors
    /// [`StoreError::SeriesFull`], or of the database.
    pub fn order_counters(&mut self, now: DateTime<FixedOffset>) -> Result<OrderValues, StoreError> {
        let now = malaysian(now);
        let tenths = |since: TimeDelta| since.num_milliseconds() / 100 + 1;
        let day = now.date_naive();
        let midnight = day.and_hms_opt(0, 0, 0).expect("every day has a midnight");
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a moment");
        let (today, ever) = (tenths(now.naive_local() - midnight), tenths(now.naive_local() - start));
        Ok(OrderValues {
            of_the_day: self.next_serial_from("order", &day.to_string(), today, MOST_IN_A_DAY)?,
            in_all: self.next_serial_from("order-in-all", "", ever, MOST_IN_ALL)?,
        })
    }

    /// Begins an attempt and locks what it pays. The employer's key must exist ([`Store::data_key`]).
    ///
    /// # Errors
    /// [`StoreError::Locked`] when something is part of another payment that is not finished;
    /// [`StoreError::Unbalanced`] when the items do not sum to the amount; or of the database.
    pub fn start_payment(&mut self, new: NewPayment) -> Result<String, StoreError> {
        if new.items.iter().map(|item| item.amount).sum::<Sen>() != new.amount {
            return Err(StoreError::Unbalanced(new.exchange_order));
        }
        for item in &new.items {
            if let Some(payment) = self.open_payment_of(&item.reference)? {
                return Err(StoreError::Locked { reference: item.reference.clone(), payment });
            }
        }
        let number = format!("P-{:06}", self.next_serial("payment", "")?);
        let key = self.store().known_key(&new.employer_code)?;
        let sealed = key.seal(&request_place(&new.exchange_order), new.request.as_bytes());
        self.flush()?;
        self.keep_start(&number, &new, &sealed);
        let sql = "insert into payment (number, employer_code, model, bank, amount_sen, state, exchange_order, \
             seller_order, token, sealed, started_by, started_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let query = sqlx::query(sql).bind(number.clone()).bind(new.employer_code).bind(new.model.id()).bind(new.bank);
        let query = query.bind(new.amount.0).bind(PaymentState::Created.id()).bind(new.exchange_order);
        let query = query.bind(new.seller_order).bind(new.token.to_vec()).bind(sealed).bind(new.started_by);
        let query = query.bind(malaysian(new.now).to_rfc3339());
        let (store, transaction) = self.database();
        store.wait(async {
            query.execute(&mut **transaction).await?;
            let sql = "insert into payment_item (payment, position, kind, reference, scheme, amount_sen, open) \
                 values ($1, $2, $3, $4, $5, $6, 1)";
            for (position, item) in (1_i64..).zip(new.items) {
                let query = sqlx::query(sql).bind(number.clone()).bind(position).bind(item.kind).bind(item.reference);
                let query = query.bind(item.scheme.id()).bind(item.amount.0);
                query.execute(&mut **transaction).await?;
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(number)
    }

    /// The form goes to the employer's browser: once, and never again.
    ///
    /// # Errors
    /// [`StoreError::Step`] when it went out before; [`StoreError::NotFound`]; or of the database.
    pub fn mark_served(
        &mut self,
        number: &str,
        now: DateTime<FixedOffset>,
        ask_next: Option<DateTime<FixedOffset>>,
    ) -> Result<(), StoreError> {
        let mut payment = self.payment(number)?;
        (payment.sent_at, payment.ask_next) = (Some(now), ask_next);
        self.move_payment(&mut payment, PaymentEvent::Serve).map(|_| ())
    }

    /// Moves a payment to the state that the event leads to and keeps what is known of it now: everything of `payment`
    /// that can change, its new state as well. Nobody may have moved it since it was read in this group.
    ///
    /// # Errors
    /// [`StoreError::Step`] when the event cannot happen; or of the database.
    pub fn move_payment(
        &mut self,
        payment: &mut PaymentRecord,
        event: PaymentEvent,
    ) -> Result<PaymentState, StoreError> {
        let found = payment.state;
        let step = || StoreError::Step { subject: payment.number.clone(), found: found.to_string() };
        let next = found.next(event).ok_or_else(step)?;
        let whole_seconds = |at: Option<DateTime<FixedOffset>>| at.map(sortable);
        let sql = "update payment set state = $1, sent_at = $2, ended_at = $3, transaction_id = $4, \
             transaction_time = $5, debit_code = $6, credit_code = $7, confirming = $8, asked = $9, asked_at = $10, \
             ask_next = $11 where number = $12 and state = $13";
        let query = sqlx::query(sql).bind(next.id()).bind(payment.sent_at.map(text)).bind(payment.ended_at.map(text));
        let query = query.bind(payment.transaction_id.clone()).bind(payment.transaction_time.clone());
        let query = query.bind(payment.debit_code.clone()).bind(payment.credit_code.clone());
        let query = query.bind(i64::from(payment.confirming)).bind(payment.asked).bind(payment.asked_at.map(text));
        let query = query.bind(whole_seconds(payment.ask_next)).bind(payment.number.clone()).bind(found.id());
        if self.execute(query)? != 1 {
            return Err(step());
        }
        payment.state = next;
        let known = [payment.sent_at, payment.ended_at].map(|at| maybe(at.map(text)));
        let codes = [&payment.transaction_id, &payment.transaction_time, &payment.debit_code, &payment.credit_code];
        let codes = codes.map(|code| Value::Text(code.clone()));
        let values: Vec<&Value> = known.iter().chain(&codes).collect();
        let at = payment.ended_at.or(payment.sent_at).unwrap_or(payment.started_at);
        self.keep_facts(&bound::OUTCOME, &payment.number, &values, at);
        Ok(next)
    }

    /// Unlocks what a payment was for.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn release_items(&mut self, payment: &str) -> Result<(), StoreError> {
        let sql = "update payment_item set open = 0 where payment = $1 and open = 1";
        self.execute(sqlx::query(sql).bind(payment.to_owned())).map(|_| ())
    }

    /// Locks again what a payment was for and had released. Nothing else may lock it.
    ///
    /// # Errors
    /// [`StoreError::Step`] when it is locked already; or of the database.
    pub fn lock_item(&mut self, payment: &str, reference: &str) -> Result<(), StoreError> {
        let sql = "update payment_item set open = 1 where payment = $1 and reference = $2 and open = 0";
        let changed = self.execute(sqlx::query(sql).bind(payment.to_owned()).bind(reference.to_owned()))?;
        let locked = || StoreError::Step { subject: reference.to_owned(), found: "locked".to_owned() };
        if changed == 1 { Ok(()) } else { Err(locked()) }
    }

    /// FPX was asked; when it is asked next.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn set_asked(
        &mut self,
        number: &str,
        at: DateTime<FixedOffset>,
        next: Option<DateTime<FixedOffset>>,
    ) -> Result<(), StoreError> {
        let sql = "update payment set asked = asked + 1, asked_at = $1, ask_next = $2 where number = $3";
        let query = sqlx::query(sql).bind(text(at)).bind(next.map(sortable)).bind(number.to_owned());
        self.execute(query).map(|_| ())
    }

    /// A payment as this group sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn payment(&mut self, number: &str) -> Result<PaymentRecord, StoreError> {
        let found = self.payments_where("p.number", &[number.to_owned()])?;
        found.into_iter().next().ok_or_else(|| StoreError::NotFound(format!("payment {number}")))
    }

    /// The payments with these exchange order numbers, by number, as this group sees them.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn payments_by_order(&mut self, orders: &[String]) -> Result<HashMap<String, PaymentRecord>, StoreError> {
        let found = self.payments_where("p.exchange_order", orders)?;
        Ok(found.into_iter().map(|payment| (payment.exchange_order.clone(), payment)).collect())
    }

    /// The payment that locks an acknowledgement or a charge, if any.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn open_payment_of(&mut self, reference: &str) -> Result<Option<String>, StoreError> {
        let (store, transaction) = self.database();
        let query = sqlx::query(OPEN_PAYMENT).bind(reference.to_owned());
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    fn payments_where(&mut self, column: &'static str, values: &[String]) -> Result<Vec<PaymentRecord>, StoreError> {
        let mut found = Vec::with_capacity(values.len());
        for row in self.rows_where(&format!("{PAYMENTS} and {column}"), "", values)? {
            found.push(payment(&row)?);
        }
        let numbers: Vec<String> = found.iter().map(|payment| payment.number.clone()).collect();
        let rows = self.rows_where(&format!("{ITEMS} where payment"), " order by payment, position", &numbers)?;
        attach(&mut found, &rows)?;
        Ok(found)
    }

    /// Rows of a select that ends in a column, for these values of it, in a few statements.
    pub(super) fn rows_where(
        &mut self,
        select: &str,
        order: &'static str,
        values: &[String],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (store, transaction) = self.database();
        let mut found = Vec::with_capacity(values.len());
        let mut rest = values;
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let sql = format!("{select} in ({}){order}", placeholders(1, height));
                let query =
                    these.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| query.bind(value.clone()));
                found.extend(store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?);
                rest = after;
            }
        }
        Ok(found)
    }

    /// Runs one statement; gives how many rows it changed.
    pub(super) fn execute(
        &mut self,
        query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
    ) -> Result<u64, StoreError> {
        let (store, transaction) = self.database();
        store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?.rows_affected()) })
    }
}

/// What seals a request to its attempt.
pub(super) fn request_place(exchange_order: &str) -> Vec<u8> {
    format!("Q{exchange_order}").into_bytes()
}

/// A moment as it is kept.
pub(super) fn text(at: DateTime<FixedOffset>) -> String {
    malaysian(at).to_rfc3339()
}

/// A moment in whole seconds: all of one length, so that any database sorts them by time.
pub(super) fn sortable(at: DateTime<FixedOffset>) -> String {
    malaysian(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A kept moment.
pub(super) fn read(kept: &str) -> Result<DateTime<FixedOffset>, StoreError> {
    DateTime::parse_from_rfc3339(kept).map_err(|_| strange("a moment", kept))
}
