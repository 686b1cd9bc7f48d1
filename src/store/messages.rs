//! What FPX said: every signed message once for each way it came, and what cannot be believed or placed.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use super::bound::MESSAGE;
use super::error::StoreError;
use super::group::{BANK_MESSAGES, Group};
use super::look::{Conditions, array, strange};
use super::payments::text;
use super::records::OFFICE;
use super::rows::{Table, Value};

pub(super) static BANK_MESSAGE: Table = Table::new(
    "bank_message (digest, channel, payment, received_at, verdict, debit_code, certificate, seen, sealed)",
    9,
    "",
);

/// The most messages that are kept though they cannot be believed or placed.
pub const MOST_STRAYS: i64 = 10_000;
/// Largest body that is opened, in bytes.
const BODY_LIMIT: usize = 64 << 10;

/// A signed message to keep.
#[derive(Clone)]
pub struct NewMessage<'a> {
    /// SHA-256 of what was signed.
    pub digest: [u8; 32],
    /// `direct`, `indirect` or `enquiry`.
    pub channel: &'static str,
    /// The payment it is about; empty where its order is not known here.
    pub payment: String,
    /// Whose payment that is; [`OFFICE`] where it is not known.
    pub employer_code: &'a str,
    /// When.
    pub received_at: DateTime<FixedOffset>,
    /// `applied` or `exception`.
    pub verdict: &'static str,
    /// Debit code, or empty.
    pub debit_code: String,
    /// Serial number of the certificate that proved it.
    pub certificate: String,
    /// As it came; kept sealed under the employer's key.
    pub body: &'a [u8],
}

/// A signed message as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankMessage {
    /// SHA-256 of what was signed.
    pub digest: [u8; 32],
    /// `direct`, `indirect` or `enquiry`.
    pub channel: String,
    /// The payment it is about.
    pub payment: String,
    /// When it came first, RFC 3339.
    pub received_at: String,
    /// `applied` or `exception`.
    pub verdict: String,
    /// Debit code, or empty.
    pub debit_code: String,
    /// Serial number of the certificate that proved it.
    pub certificate: String,
    /// How often it came.
    pub seen: i64,
}

/// A message that cannot be believed or placed.
#[derive(Clone)]
pub struct NewStray<'a> {
    /// When.
    pub received_at: DateTime<FixedOffset>,
    /// `direct`, `indirect` or `enquiry`.
    pub channel: &'static str,
    /// Why, in a sentence without values of the message.
    pub reason: String,
    /// As it came; kept sealed under the office's key.
    pub body: &'a [u8],
}

/// A stray message as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayMessage {
    /// Counted from 1.
    pub id: i64,
    /// When it came first, RFC 3339.
    pub received_at: String,
    /// `direct`, `indirect` or `enquiry`.
    pub channel: String,
    /// Why it is here.
    pub reason: String,
    /// How often it came.
    pub seen: i64,
}

impl Group<'_> {
    /// What is kept of these messages: verdicts by digest and channel.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn known_messages(&mut self, payments: &[String]) -> Result<HashMap<([u8; 32], String), String>, StoreError> {
        self.flush()?;
        let select = "select digest, channel, verdict from bank_message where payment";
        let rows = self.rows_where(select, "", payments)?;
        rows.iter().map(|row| Ok(((array(row.try_get(0)?)?, row.try_get(1)?), row.try_get(2)?))).collect()
    }

    /// Keeps a message that comes this way for the first time.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn keep_message(&mut self, new: NewMessage<'_>) -> Result<(), StoreError> {
        let key = self.store().known_key(new.employer_code)?;
        let sealed = key.seal_compressed(&message_place(&new.digest, new.channel), new.body);
        let row = [
            Value::Bytes(new.digest.to_vec()),
            Value::Text(new.channel.to_owned()),
            Value::Text(new.payment),
            Value::Text(text(new.received_at)),
            Value::Text(new.verdict.to_owned()),
            Value::Text(new.debit_code),
            Value::Text(new.certificate),
            Value::Whole(1),
            Value::Bytes(sealed),
        ];
        if let Value::Text(payment) = &row[2]
            && !payment.is_empty()
        {
            // How often it came is counted on.
            let frozen: Vec<&Value> =
                row.iter().enumerate().filter(|(at, _)| *at != 7).map(|(_, value)| value).collect();
            self.keep_facts(&MESSAGE, payment, &frozen, new.received_at);
        }
        self.push(BANK_MESSAGES, row)
    }

    /// A kept message came again, so often.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn count_repeats(&mut self, digest: &[u8; 32], channel: &str, times: i64) -> Result<(), StoreError> {
        self.flush()?;
        let sql = "update bank_message set seen = seen + $1 where digest = $2 and channel = $3";
        let query = sqlx::query(sql).bind(times).bind(digest.to_vec()).bind(channel.to_owned());
        self.execute(query).map(|_| ())
    }

    /// Keeps a message that cannot be believed or placed, or counts it. False: there are too many, and it is not kept.
    /// The office's key must exist.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn keep_stray(&mut self, new: &NewStray<'_>) -> Result<bool, StoreError> {
        let digest = Sha256::digest(new.body).to_vec();
        let sql = "update stray_message set seen = seen + 1 where digest = $1";
        if self.execute(sqlx::query(sql).bind(digest.clone()))? > 0 {
            return Ok(true);
        }
        let id = self.next_serial("stray", "")?;
        // Rows are never removed one by one, so the number tells how many there are.
        if id > MOST_STRAYS {
            return Ok(false);
        }
        let body = &new.body[..new.body.len().min(BODY_LIMIT)];
        let sealed = self.store().known_key(OFFICE)?.seal_compressed(&stray_place(id), body);
        let sql = "insert into stray_message (id, received_at, channel, reason, seen, digest, sealed) \
             values ($1, $2, $3, $4, 1, $5, $6)";
        let query = sqlx::query(sql).bind(id).bind(text(new.received_at)).bind(new.channel.to_owned());
        self.execute(query.bind(new.reason.clone()).bind(digest).bind(sealed)).map(|_| true)
    }
}

impl Store {
    /// The signed messages about a payment (with an empty number: about orders that are not known), in the order in which they came.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn bank_messages(&self, payment: &str) -> Result<Vec<BankMessage>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("payment = ", Some(payment));
        let sql = format!(
            "select digest, channel, payment, received_at, verdict, debit_code, certificate, seen from bank_message \
             where 1 = 1{}",
            conditions.sql
        );
        self.rows(&sql, &conditions, "received_at, channel", 0)?.iter().map(message).collect()
    }

    /// A message as it came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn body_of_message(&self, message: &BankMessage) -> Result<Vec<u8>, StoreError> {
        let sql = "select m.sealed, coalesce(p.employer_code, $3) as employer_code from bank_message m \
             left join payment p on p.number = m.payment \
             where m.digest = $1 and m.channel = $2";
        let query = sqlx::query(sql).bind(message.digest.to_vec()).bind(message.channel.clone()).bind(OFFICE);
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("message of payment {}", message.payment)))?;
        let (sealed, employer): (Vec<u8>, String) = (row.try_get(0)?, row.try_get(1)?);
        let place = message_place(&message.digest, &message.channel);
        Ok(self.known_key(&employer)?.open_compressed(&place, &sealed, BODY_LIMIT)?)
    }

    /// Messages that cannot be believed or placed, newest first; 0 for all that are kept.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn stray_messages(&self, limit: u32) -> Result<Vec<StrayMessage>, StoreError> {
        let sql = "select id, received_at, channel, reason, seen from stray_message";
        let rows = self.rows(sql, &Conditions::default(), "id desc", limit)?;
        rows.iter().map(stray).collect()
    }
}

fn message(row: &AnyRow) -> Result<BankMessage, StoreError> {
    Ok(BankMessage {
        digest: array(row.try_get(0)?)?,
        channel: row.try_get(1)?,
        payment: row.try_get(2)?,
        received_at: row.try_get(3)?,
        verdict: row.try_get(4)?,
        debit_code: row.try_get(5)?,
        certificate: row.try_get(6)?,
        seen: row.try_get(7)?,
    })
}

fn stray(row: &AnyRow) -> Result<StrayMessage, StoreError> {
    let seen: i64 = row.try_get(4)?;
    if seen < 1 {
        return Err(strange("stray_message.seen", "below one"));
    }
    Ok(StrayMessage {
        id: row.try_get(0)?,
        received_at: row.try_get(1)?,
        channel: row.try_get(2)?,
        reason: row.try_get(3)?,
        seen,
    })
}

fn message_place(digest: &[u8; 32], channel: &str) -> Vec<u8> {
    [&b"A"[..], digest, channel.as_bytes()].concat()
}

fn stray_place(id: i64) -> Vec<u8> {
    format!("Y{id}").into_bytes()
}
