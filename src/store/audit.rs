//! The database at one moment, read through to prove that the laws hold: what `selfcheck` asks.
//!
//! Everything is read in one transaction that sees one moment, so that a running system can be checked. Rows come in
//! pages; what has to be sorted, the database sorts on disk.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::Store;
use super::block;
use super::dialect::Dialect;
use super::error::StoreError;
use super::group::chain_link;
use super::look::{array, document_place, strange};
use super::records::{ACKNOWLEDGEMENT_STATES, HeldState, SUBMISSION_STATES, SubmissionId, SubmissionNumber};
use crate::domain::SubmissionKind;

/// Rows a page.
const PAGE: i64 = 1_000;
/// Sealed rows a page: blocks of up to some hundred kilobytes.
const SEALED_PAGE: i64 = 16;
/// Every kind of submission.
const KINDS: [SubmissionKind; 5] = {
    use SubmissionKind as K;
    [K::Monthly, K::Supplementary, K::Arrears, K::ShortPayment, K::Nil]
};
/// Largest check document that is opened.
const DOCUMENT_LIMIT: usize = 2 << 30;

/// A statement with its values.
type Asked<'q> = Query<'q, Any, AnyArguments>;

/// A law, asked of the database: the key of the first row that breaks it.
#[derive(Debug)]
pub struct Question {
    /// The law: `L1`, `L2`, `L8`, `L9`.
    pub law: &'static str,
    /// Its name in the report.
    pub name: &'static str,
    /// The table whose row is named. A row of `submission` is named by its serial.
    pub table: &'static str,
    /// What is wrong with the row, after its name.
    pub says: &'static str,
    sql: &'static str,
}

/// All questions, in the order in which they are asked. A new table adds its own here: the books (L8) as
/// `select … from journal … group by … having sum(amount_sen) <> 0`, receipts (L2) as one for each Act and payment.
pub const QUESTIONS: &[Question] = &[
    Question {
        law: "L1",
        name: "arrival-kept",
        table: "arrival",
        says: "has no original",
        sql: "select cast(a.id as text) as named from arrival a where not exists \
              (select 1 from original o where o.digest = a.digest) order by a.id limit 1",
    },
    Question {
        law: "L1",
        name: "submission-arrived",
        table: "submission",
        says: "has no arrival, or one of other bytes",
        sql: "select cast(s.serial as text) as named from submission s where not exists \
              (select 1 from arrival a where a.id = s.arrival_id and a.digest = s.digest) order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "arrival-answered",
        table: "arrival",
        says: "has no submission: nothing says what became of it",
        sql: "select cast(id as text) as named from arrival where id not in (select arrival_id from submission) \
              order by id limit 1",
    },
    Question {
        law: "L1",
        name: "lines-counted",
        table: "submission",
        says: "has accepted and held lines that do not add up to its lines",
        sql: "select cast(serial as text) as named from submission where lines <> accepted_lines + held_lines \
              order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "accepted-lines-kept",
        table: "submission",
        // Where the employer had a file for the same month before, a line that adds nothing to it is counted and not kept.
        says: "has more or fewer lines in its blocks than were accepted",
        sql: "select cast(serial as text) as named from (select s.id, s.serial, s.accepted_lines, \
              (select coalesce(sum(b.lines), 0) from block b where b.submission_id = s.id and b.held = 0) as kept \
              from submission s where s.state = 'taken') counted where kept > accepted_lines \
              or (kept < accepted_lines and not exists (select 1 from submission_total t \
              join submission_total u on u.employer_code = t.employer_code and u.month = t.month \
              join submission w on w.id = u.submission_id where t.submission_id = counted.id \
              and w.serial < counted.serial and w.state = 'taken')) order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "held-lines-listed",
        table: "submission",
        says: "has more or fewer lines in trays than were held",
        sql: "select cast(s.serial as text) as named from submission s where s.state = 'taken' and s.held_lines <> \
              (select count(*) from held_line h where h.submission_id = s.id) order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "held-lines-kept",
        table: "submission",
        // A line that could not be read as a record waits in the original alone.
        says: "has more held lines in its blocks than in its trays",
        sql: "select cast(s.serial as text) as named from submission s where s.held_lines < \
              (select coalesce(sum(b.lines), 0) from block b where b.submission_id = s.id and b.held <> 0) \
              order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "blocks-owned",
        table: "block",
        says: "belongs to no submission that was taken",
        sql: "select cast(b.submission_id as text) || ' ' || cast(b.number as text) from block b where not exists \
              (select 1 from submission s where s.id = b.submission_id and s.state = 'taken') \
              order by b.submission_id, b.number limit 1",
    },
    Question {
        law: "L1",
        name: "freed-lines-followed",
        table: "held_line",
        says: "left its tray, and the submission that freed it is not there",
        sql: "select cast(h.submission_id as text) || ' ' || cast(h.line as text) from held_line h where \
              (h.state = 'freed' and not exists (select 1 from submission s where s.id = h.freed_by)) \
              or (h.state <> 'freed' and h.freed_by is not null) order by h.submission_id, h.line limit 1",
    },
    Question {
        law: "L1",
        name: "acknowledgement-owned",
        table: "acknowledgement",
        says: "belongs to no submission of its employer that was taken",
        sql: "select a.number from acknowledgement a where not exists (select 1 from submission s \
              where s.id = a.submission_id and s.state = 'taken' and s.employer_code = a.employer_code) \
              order by a.number limit 1",
    },
    Question {
        law: "L2",
        name: "taken-once",
        table: "submission",
        says: "was taken a second time: the same bytes, employer and Acts",
        sql: "select cast(max(serial) as text) as named from submission where answers_repeats = 1 \
              group by digest, employer_code, schemes having count(*) > 1 order by max(serial) limit 1",
    },
    Question {
        law: "L2",
        name: "repeats-answered",
        table: "submission",
        says: "is a repeat, and the submission that answers it is not there or is of other bytes",
        sql: "select cast(s.serial as text) as named from submission s where s.state = 'repeat' and not exists \
              (select 1 from submission t where t.id = s.repeat_of and t.state = 'taken' and t.digest = s.digest \
              and t.employer_code = s.employer_code and t.schemes = s.schemes) order by s.serial limit 1",
    },
    Question {
        law: "L2",
        name: "only-taken-answer",
        table: "submission",
        says: "answers repeats and was not taken",
        sql: "select cast(serial as text) as named from submission where answers_repeats <> 0 and state <> 'taken' \
              order by serial limit 1",
    },
    Question {
        law: "L2",
        name: "submission-numbers",
        table: "submission",
        says: "does not follow the number before it",
        sql: "select cast(serial as text) as named from (select serial, row_number() over (order by serial) as place \
              from submission) numbered where serial <> place order by serial limit 1",
    },
    Question {
        law: "L2",
        name: "submission-counter",
        table: "series",
        says: "stands at another number than the last submission",
        sql: "select kind from series where kind = 'submission' and last <> (select count(*) from submission)",
    },
    Question {
        law: "L9",
        name: "submission-history",
        table: "submission",
        says: "has an event of another state, or none of its own",
        sql: "select cast(s.serial as text) as named from submission s where 1 <> (select count(*) from event e \
              where e.subject = 'S-' || case when s.serial < 1000000 \
              then substr('000000' || cast(s.serial as text), length(cast(s.serial as text)) + 1) \
              else cast(s.serial as text) end \
              and e.what in ('refused', 'repeat', 'quarantined', 'returned', 'taken')) or not exists \
              (select 1 from event e where e.subject = 'S-' || case when s.serial < 1000000 \
              then substr('000000' || cast(s.serial as text), length(cast(s.serial as text)) + 1) \
              else cast(s.serial as text) end and e.what = s.state) order by s.serial limit 1",
    },
];

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
}

/// A sealed row, and why it does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// Which table.
    pub table: &'static str,
    /// Which row.
    pub key: String,
    /// How it shows.
    pub why: String,
}

/// The database at one moment. Dropping it ends the moment.
pub struct Audit<'a> {
    store: &'a Store,
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

    fn all<'q>(&mut self, query: Asked<'q>) -> Result<Vec<AnyRow>, StoreError> {
        let transaction = self.transaction.as_mut().expect("a look has its transaction until it ends");
        self.store.wait(async { Ok(query.fetch_all(&mut **transaction).await?) })
    }

    fn first(&mut self, sql: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        let row = self.one(query)?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The first row whose state is no word of its enum: table, row, word.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn strange_state(&mut self) -> Result<Option<(&'static str, String, String)>, StoreError> {
        let submissions = SUBMISSION_STATES.map(|state| state.id());
        let acknowledgements = ACKNOWLEDGEMENT_STATES.map(|state| state.id());
        let held = [HeldState::Waiting, HeldState::Freed, HeldState::Dropped].map(|state| state.id());
        let kinds = KINDS.map(|kind| kind.id());
        let places: [(&'static str, &str, &str, &[&str]); 4] = [
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
        let sql = "select number, scheme, state, received_at from acknowledgement where number > $1 \
                   order by number limit $2";
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
            });
        }
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(page) };
        let sql = "select subject, what from event where subject >= $1 and subject <= $2 order by subject, id";
        let query = sqlx::query(sql).bind(first.number.clone()).bind(last.number.clone());
        let rows = self.all(query)?;
        let mut at = 0;
        for row in rows {
            let subject: String = row.try_get(0)?;
            // Both lists are in the order of the database.
            let found = (at..page.len()).find(|place| page[*place].number == subject);
            if let Some(place) = found {
                at = place;
                page[place].events.push(row.try_get(1)?);
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

    /// The first kept document that does not open or does not fit its digest.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_document(&mut self) -> Result<Option<Unsound>, StoreError> {
        let (mut kind, mut number) = (String::new(), String::new());
        loop {
            let sql =
                "select kind, number from document where (kind, number) > ($1, $2) order by kind, number limit $3";
            let query = sqlx::query(sql).bind(kind.clone()).bind(number.clone()).bind(PAGE);
            let rows = self.all(query)?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                (kind, number) = (row.try_get(0)?, row.try_get(1)?);
                let key = || format!("{kind} {number}");
                if let Some(why) = unsound(self.store.document(&kind, &number))? {
                    return Ok(Some(Unsound { table: "document", key: key(), why }));
                }
            }
        }
    }

    /// The first block that is damaged. `deep`: also one that does not open, or holds other lines than its row says.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_block(&mut self, deep: bool) -> Result<Option<Unsound>, StoreError> {
        let (mut submission, mut number) = (i64::MIN, -1_i64);
        loop {
            let sql = "select b.submission_id, b.number, b.lines, b.held, b.sealed, s.employer_code, s.serial \
                       from block b join submission s on s.id = b.submission_id \
                       where (b.submission_id, b.number) > ($1, $2) order by b.submission_id, b.number limit $3";
            let query = sqlx::query(sql).bind(submission).bind(number).bind(SEALED_PAGE);
            let rows = self.all(query)?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                (submission, number) = (row.try_get(0)?, row.try_get(1)?);
                let (counted, held): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
                let sealed: Vec<u8> = row.try_get(4)?;
                let mut why = unsound(block::verify(&sealed).map_err(StoreError::from))?;
                if deep && why.is_none() {
                    let key = self.store.known_key(&row.try_get::<String, _>(5)?);
                    let place = (SubmissionId(submission), u32::try_from(number).unwrap_or(u32::MAX));
                    let opened = key.and_then(|key| Ok(block::open(&sealed, &key, place.0, place.1)?));
                    let other = |lines: &Vec<block::Line>| {
                        lines.len() as i64 != counted || lines.iter().any(|line| line.held != (held != 0))
                    };
                    why = match opened {
                        Ok(lines) if other(&lines) => Some("it holds other lines than its row says".to_owned()),
                        opened => unsound(opened)?,
                    };
                }
                if let Some(why) = why {
                    let key = format!("{number} of {}", SubmissionNumber(row.try_get(6)?));
                    return Ok(Some(Unsound { table: "block", key, why }));
                }
            }
        }
    }

    /// The first check document that does not open.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_check(&mut self) -> Result<Option<Unsound>, StoreError> {
        let mut last = i64::MIN;
        loop {
            let sql = "select id, serial, employer_code, document from submission where id > $1 and document is not null \
                       order by id limit $2";
            let query = sqlx::query(sql).bind(last).bind(SEALED_PAGE);
            let rows = self.all(query)?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                last = row.try_get(0)?;
                let sealed: Vec<u8> = row.try_get(3)?;
                let key = self.store.known_key(&row.try_get::<String, _>(2)?);
                let place = document_place(SubmissionId(last));
                let opened = key.and_then(|key| Ok(key.open_compressed(&place, &sealed, DOCUMENT_LIMIT)?));
                if let Some(why) = unsound(opened)? {
                    let key = SubmissionNumber(row.try_get(1)?).to_string();
                    return Ok(Some(Unsound { table: "submission", key, why }));
                }
            }
        }
    }

    /// The first employer whose key, particulars, employees or breaches do not open.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_employer(&mut self) -> Result<Option<Unsound>, StoreError> {
        let mut last = String::new();
        loop {
            // The office's own key has the empty code: it opens whatever refused files left.
            let sql = "select employer_code from employer_key where employer_code > $1 order by employer_code limit $2";
            let query = sqlx::query(sql).bind(last.clone()).bind(PAGE);
            let rows = self.all(query)?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                last = row.try_get(0)?;
                let store = self.store;
                for (table, opened) in [
                    ("employer_key", store.known_key(&last).map(|_| ())),
                    ("employer", store.employer(&last).map(|_| ())),
                    ("register_block", store.employees(&last).map(|_| ())),
                    ("breach", store.breaches(Some(&last)).map(|_| ())),
                ] {
                    if let Some(why) = unsound(opened)? {
                        return Ok(Some(Unsound { table, key: last, why }));
                    }
                }
            }
        }
    }
}

/// Why kept bytes are not sound; errors of the database go on.
fn unsound<T>(opened: Result<T, StoreError>) -> Result<Option<String>, StoreError> {
    match opened {
        Ok(_) => Ok(None),
        Err(
            error @ (StoreError::Seal(_)
            | StoreError::Block(_)
            | StoreError::Strange(_)
            | StoreError::NotFound(_)
            | StoreError::Key(_)),
        ) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_names_of_their_own() {
        let mut names: Vec<&str> = QUESTIONS.iter().map(|question| question.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), QUESTIONS.len());
        assert!(QUESTIONS.iter().all(|question| question.law.len() == 2 && question.says.len() > 5));
    }

    #[test]
    fn a_submission_is_called_by_its_number() {
        assert_eq!(named("submission", "12".to_owned()), "S-000012");
        assert_eq!(named("arrival", "12".to_owned()), "12");
        assert_eq!(named("submission", "odd".to_owned()), "odd");
    }
}
