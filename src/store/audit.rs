//! The database at one moment, read through to prove that the laws hold: what `selfcheck` asks.
//!
//! Everything is read in one transaction that sees one moment, so that a running system can be checked. Rows come in
//! pages; what has to be sorted, the database sorts on disk.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::Store;
pub use super::bound::{Altered, Facts};
use super::delivery::{DeliveryState as Delivery, Papers};
use super::dialect::Dialect;
use super::error::StoreError;
use super::group::chain_link;
use super::look::{array, strange};
pub use super::money_questions::MONEY;
pub use super::numbering::{NUMBERINGS, Numbering, Unnumbered};
pub use super::questions::{QUESTIONS, Question};
use super::records::{HeldState, SubmissionNumber};
pub use super::row_questions::ROWS;
pub use super::scrub::Unsound;
use crate::domain::payment::PaymentState;
use crate::domain::states::{AcknowledgementState, SubmissionState};
use crate::domain::{Account, CaseKind, CaseState, ChargeKind, ChargeState, PaidBy, Scheme, Sen, SubmissionKind};

/// Rows a page.
pub(super) const PAGE: i64 = 1_000;
/// Every kind of submission.
const KINDS: [SubmissionKind; 5] = {
    use SubmissionKind as K;
    [K::Monthly, K::Supplementary, K::Arrears, K::ShortPayment, K::Nil]
};

/// A statement with its values.
pub(super) type Asked<'q> = Query<'q, Any, AnyArguments>;

/// What a row of a table is called in a sentence.
fn named(table: &str, key: String) -> String {
    match key.parse() {
        Ok(serial) if table == "submission" => SubmissionNumber(serial).to_string(),
        _ => key,
    }
}

/// How far the chain of events holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The last event that fits.
    pub last: i64,
    /// The fingerprint of that event, and so of all before it; empty before the first.
    pub link: Vec<u8>,
    /// The first event that does not fit, with what is wrong.
    pub broken: Option<(i64, &'static str)>,
}

/// An acknowledgement with what is recorded of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementHistory {
    /// Its number, or what stands in the place of one.
    pub number: String,
    /// Act, as kept.
    pub scheme: String,
    /// State, as kept.
    pub state: String,
    /// RFC 3339.
    pub received_at: String,
    /// The words of its events, in order.
    pub events: Vec<String>,
    /// The last of them that froze it: its moment and what it says.
    pub given: Option<(String, String)>,
    /// The submission it is of.
    pub submission: SubmissionNumber,
    /// BLAKE3 of the bytes of that submission.
    pub digest: Vec<u8>,
    /// Employer, as kept.
    pub employer_code: String,
    /// People, as kept.
    pub people: i64,
    /// Amount, as kept.
    pub total: Sen,
    /// What it says for ever, as kept.
    pub frozen: String,
}

/// The database at one moment. Dropping it ends the moment.
pub struct Audit<'a> {
    pub(super) store: &'a Store,
    transaction: Option<Transaction<'static, Any>>,
}

impl Drop for Audit<'_> {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // It only read: an end that fails loses nothing.
            let _ = self.store.wait(async { Ok::<_, StoreError>(transaction.rollback().await?) });
        }
    }
}

impl Store {
    /// Begins to look at one moment.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn begin_audit(&self) -> Result<Audit<'_>, StoreError> {
        let transaction = self.wait(async {
            let mut transaction = self.readers.begin_with(self.dialect.begin_looking()).await?;
            if self.dialect == Dialect::Sqlite {
                // What is sorted may be larger than memory; it holds keys and states.
                sqlx::raw_sql("pragma temp_store = file").execute(&mut *transaction).await?;
            }
            Ok::<_, StoreError>(transaction)
        })?;
        Ok(Audit { store: self, transaction: Some(transaction) })
    }

    /// Walks the chain of all events and gives the number of the first that does not fit, if any.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn first_broken_event(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.begin_audit()?.chain(|_, _| ())?.broken.map(|(id, _)| id))
    }
}

impl Audit<'_> {
    /// Asks a question: the name of the first row that breaks the law.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn ask(&mut self, question: &Question) -> Result<Option<String>, StoreError> {
        Ok(self.first(question.sql)?.map(|key| named(question.table, key)))
    }

    fn one<'q>(&mut self, query: Asked<'q>) -> Result<Option<AnyRow>, StoreError> {
        let transaction = self.transaction.as_mut().expect("a look has its transaction until it ends");
        self.store.wait(async { Ok(query.fetch_optional(&mut **transaction).await?) })
    }

    pub(super) fn all<'q>(&mut self, query: Asked<'q>) -> Result<Vec<AnyRow>, StoreError> {
        let transaction = self.transaction.as_mut().expect("a look has its transaction until it ends");
        self.store.wait(async { Ok(query.fetch_all(&mut **transaction).await?) })
    }

    pub(super) fn first(&mut self, sql: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        let row = self.one(query)?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The first row whose state is no word of its enum: table, row, word.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn strange_state(&mut self) -> Result<Option<(&'static str, String, String)>, StoreError> {
        let submissions = SubmissionState::ALL.map(|state| state.id());
        let acknowledgements = AcknowledgementState::ALL.map(|state| state.id());
        let held = [HeldState::Waiting, HeldState::Freed, HeldState::Dropped].map(|state| state.id());
        let kinds = KINDS.map(|kind| kind.id());
        let delivered = [Delivery::Claimed, Delivery::Taken, Delivery::Answered].map(|state| state.id());
        let papers = [Papers::NotWanted, Papers::Wanted, Papers::Done].map(|papers| papers.id());
        // The outcomes of an inbox, and none yet.
        let outcomes = ["", "accepted", "rejected", "duplicate", "held"];
        let payments = PaymentState::ALL.map(PaymentState::id);
        let schemes = [Scheme::Act4, Scheme::Act800].map(Scheme::id);
        let charges: Vec<&str> = ChargeState::ALL.iter().map(|state| state.id()).collect();
        let charge_kinds: Vec<&str> = ChargeKind::ALL.iter().map(|kind| kind.id()).collect();
        let cases: Vec<&str> = CaseState::ALL.iter().map(|state| state.id()).collect();
        let case_kinds: Vec<&str> = CaseKind::ALL.iter().map(|kind| kind.id()).collect();
        let means: Vec<&str> = PaidBy::ALL.iter().map(|means| means.id()).collect();
        let accounts: Vec<&str> = Account::ALL.iter().map(|account| account.id()).collect();
        let places: [(&'static str, &str, &str, &[&str]); 15] = [
            ("payment", "number", "state", &payments),
            ("charge", "number", "state", &charges),
            ("charge", "number", "kind", &charge_kinds),
            ("office_case", "number", "state", &cases),
            ("office_case", "number", "kind", &case_kinds),
            ("offline_payment", "number", "means", &means),
            ("receipt", "number", "scheme", &schemes),
            ("journal", "cast(entry as text)", "account", &accounts),
            ("delivery", "cast(id as text)", "state", &delivered),
            ("delivery", "cast(id as text)", "papers", &papers),
            ("delivery", "cast(id as text)", "outcome", &outcomes),
            ("submission", "cast(serial as text)", "state", &submissions),
            ("submission", "cast(serial as text)", "kind", &kinds),
            ("acknowledgement", "number", "state", &acknowledgements),
            ("held_line", "cast(submission_id as text) || ' ' || cast(line as text)", "state", &held),
        ];
        for (table, key, column, words) in places {
            let words = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
            let sql = format!("select {key}, {column} from {table} where {column} not in ({words}) order by 1 limit 1");
            let query = sqlx::query(AssertSqlSafe(sql));
            if let Some(row) = self.one(query)? {
                return Ok(Some((table, named(table, row.try_get(0)?), row.try_get(1)?)));
            }
        }
        Ok(None)
    }

    /// Walks the chain of events; `each` sees every event that fits, with the fingerprint of the chain up to it.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn chain(&mut self, mut each: impl FnMut(i64, &[u8])) -> Result<Chain, StoreError> {
        let mut chain = Chain { last: 0, link: Vec::new(), broken: None };
        loop {
            let sql = "select id, at, who, subject, what, detail, chain from event where id > $1 order by id limit $2";
            let query = sqlx::query(sql).bind(chain.last).bind(PAGE);
            let rows = self.all(query)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let (id, kept): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(6)?);
                let mut fields: [String; 5] = Default::default();
                for (at, field) in fields.iter_mut().enumerate() {
                    *field = row.try_get(at + 1)?;
                }
                let link = chain_link(&chain.link, id, fields.each_ref().map(String::as_str));
                let wanted = chain.last + 1;
                if id != wanted {
                    chain.broken = Some((wanted, "is not there, and later ones are"));
                } else if kept != link {
                    chain.broken = Some((wanted, "is not what was written: it or one before it was changed"));
                }
                if chain.broken.is_some() {
                    return Ok(chain);
                }
                each(id, &link);
                (chain.last, chain.link) = (id, link);
            }
        }
        let counter = self.first("select cast(last as text) from series where kind = 'event' and period = ''")?;
        if counter.as_deref() != Some(chain.last.to_string().as_str()) {
            chain.broken = Some((chain.last + 1, "is not there, and the counter of events says otherwise"));
        }
        Ok(chain)
    }

    /// Acknowledgements after this number, in the order of their numbers, with what is recorded of them.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn histories_after(&mut self, number: &str) -> Result<Vec<AcknowledgementHistory>, StoreError> {
        let sql = "select a.number, a.scheme, a.state, a.received_at, s.serial, s.digest, a.employer_code, a.people, \
                   a.total_sen, a.frozen from acknowledgement a join submission s on s.id = a.submission_id \
                   where a.number > $1 order by a.number limit $2";
        let query = sqlx::query(sql).bind(number.to_owned()).bind(PAGE);
        let rows = self.all(query)?;
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            page.push(AcknowledgementHistory {
                number: row.try_get(0)?,
                scheme: row.try_get(1)?,
                state: row.try_get(2)?,
                received_at: row.try_get(3)?,
                events: Vec::new(),
                given: None,
                submission: SubmissionNumber(row.try_get(4)?),
                digest: row.try_get(5)?,
                employer_code: row.try_get(6)?,
                people: row.try_get(7)?,
                total: Sen(row.try_get(8)?),
                frozen: row.try_get(9)?,
            });
        }
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(page) };
        let sql = "select subject, what, at, detail from event where subject >= $1 and subject <= $2 \
                   order by subject, id";
        let query = sqlx::query(sql).bind(first.number.clone()).bind(last.number.clone());
        let rows = self.all(query)?;
        let mut at = 0;
        for row in rows {
            let subject: String = row.try_get(0)?;
            // Both lists are in the order of the database.
            let found = (at..page.len()).find(|place| page[*place].number == subject);
            if let Some(place) = found {
                at = place;
                let what: String = row.try_get(1)?;
                if matches!(what.as_str(), "submitted" | "approval-asked") {
                    page[place].given = Some((row.try_get(2)?, row.try_get(3)?));
                }
                page[place].events.push(what);
            }
        }
        Ok(page)
    }

    /// The last number of a series of acknowledgements, such as `acr` of `2026-11`.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn counters(&mut self) -> Result<Vec<(String, String, i64)>, StoreError> {
        let sql = "select kind, period, last from series where kind in ('acr', 'ecr') order by kind, period";
        let rows = self.all(sqlx::query(sql))?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// Digests and sizes of originals after this digest.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn originals_after(&mut self, digest: &[u8]) -> Result<Vec<([u8; 32], u64)>, StoreError> {
        let sql = "select digest, size from original where digest > $1 order by digest limit $2";
        let query = sqlx::query(sql).bind(digest.to_vec()).bind(PAGE);
        let rows = self.all(query)?;
        let size = |size: i64| u64::try_from(size).map_err(|_| strange("original.size", "below zero"));
        rows.iter().map(|row| Ok((array(row.try_get(0)?)?, size(row.try_get(1)?)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submission_is_called_by_its_number() {
        assert_eq!(named("submission", "12".to_owned()), "S-000012");
        assert_eq!(named("arrival", "12".to_owned()), "12");
        assert_eq!(named("submission", "odd".to_owned()), "odd");
    }
}
