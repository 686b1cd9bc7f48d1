//! Kept bytes, opened to prove that they are what was written: documents, blocks, findings, employers.

use sqlx::Row;

use super::audit::{Audit, PAGE};
use super::block;
use super::error::StoreError;
use super::look::document_place;
use super::records::{SubmissionId, SubmissionNumber};
use super::register;

/// Sealed rows a page: blocks of up to some hundred kilobytes.
const SEALED_PAGE: i64 = 16;
/// Largest check document that is opened.
const DOCUMENT_LIMIT: usize = 2 << 30;

/// Sees the accepted lines of a block and says what is wrong.
pub type EachBlock<'e> = dyn FnMut(SubmissionId, &[block::Line]) -> Result<Option<String>, StoreError> + 'e;
/// Sees a check document with its submission and employer, and says what is wrong.
pub type EachCheck<'e> = dyn FnMut(SubmissionId, &str, &[u8]) -> Result<Option<String>, StoreError> + 'e;

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

impl Audit<'_> {
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

    /// The first block that is damaged. `deep`: also one that does not open, or holds other lines than its row says;
    /// `each` then sees the accepted lines of every block, one submission after the other, and says what is wrong.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_block(&mut self, deep: bool, each: &mut EachBlock<'_>) -> Result<Option<Unsound>, StoreError> {
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
                        Ok(lines) if held == 0 => each(place.0, &lines)?,
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

    /// The first check document that does not open, or of which `each` (submission, employer, document) says what is wrong.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unsound_check(&mut self, each: &mut EachCheck<'_>) -> Result<Option<Unsound>, StoreError> {
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
                let employer: String = row.try_get(2)?;
                let place = document_place(SubmissionId(last));
                let key = self.store.known_key(&employer);
                let opened = key.and_then(|key| Ok(key.open_compressed(&place, &sealed, DOCUMENT_LIMIT)?));
                let why = match opened {
                    Ok(document) => each(SubmissionId(last), &employer, &document)?,
                    opened => unsound(opened)?,
                };
                if let Some(why) = why {
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
                if let Some(why) = self.other_people(&last)? {
                    return Ok(Some(Unsound { table: "register_block", key: last, why }));
                }
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

impl Audit<'_> {
    /// A block of an employer's register that does not open, or holds other people than its row says.
    fn other_people(&mut self, code: &str) -> Result<Option<String>, StoreError> {
        let sql = "select employer_code, number, sealed, people from register_block where employer_code = $1 \
                   order by number";
        for row in self.all(sqlx::query(sql).bind(code.to_owned()))? {
            let counted: i64 = row.try_get(3)?;
            match register::block(self.store, &row) {
                Ok(people) if people.len() as i64 != counted => {
                    return Ok(Some(format!("it holds {} people, and its row says {counted}", people.len())));
                }
                opened => {
                    if let Some(why) = unsound(opened)? {
                        return Ok(Some(why));
                    }
                }
            }
        }
        Ok(None)
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
