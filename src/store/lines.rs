//! Contribution lines read back, block by block.

use std::collections::VecDeque;

use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::block::{self, Line};
use super::error::StoreError;
use super::look::strange;
use super::records::{SubmissionId, SubmissionSummary};
use crate::keys::DataKey;

/// Blocks fetched with one statement.
const BLOCKS_AT_ONCE: i64 = 16;

/// Which lines of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that were accepted.
    Accepted,
    /// Those that wait in a tray.
    Held,
}

impl Store {
    /// Contribution lines of a submission in file order (held ones after the accepted ones), block by block.
    ///
    /// # Errors
    /// [`StoreError`]; the iterator gives them too.
    pub fn lines(&self, submission: &SubmissionSummary, which: Which) -> Result<Lines<'_>, StoreError> {
        let key = self.known_key(&submission.employer_code)?;
        Ok(Lines {
            store: self,
            id: submission.id,
            key,
            which,
            after: -1,
            blocks: VecDeque::new(),
            lines: vec![].into_iter(),
        })
    }
}

/// Lines of a submission; see [`Store::lines`].
pub struct Lines<'a> {
    store: &'a Store,
    id: SubmissionId,
    key: DataKey,
    which: Which,
    after: i64,
    blocks: VecDeque<(u32, Vec<u8>)>,
    lines: std::vec::IntoIter<Line>,
}

impl Lines<'_> {
    fn fetch(&mut self) -> Result<(), StoreError> {
        let held = match self.which {
            Which::All => "",
            Which::Accepted => " and held = 0",
            Which::Held => " and held = 1",
        };
        let sql = format!(
            "select number, sealed from block where submission_id = $1 and number > $2{held} order by number limit {BLOCKS_AT_ONCE}"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(self.id.0).bind(self.after);
        let rows = self.store.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.store.readers).await?) })?;
        for row in rows {
            self.after = row.try_get(0)?;
            let number = u32::try_from(self.after).map_err(|_| strange("block.number", "below zero"))?;
            self.blocks.push_back((number, row.try_get(1)?));
        }
        Ok(())
    }

    fn next_line(&mut self) -> Result<Option<Line>, StoreError> {
        loop {
            if let Some(line) = self.lines.next() {
                return Ok(Some(line));
            }
            if self.blocks.is_empty() {
                self.fetch()?;
            }
            let Some((number, sealed)) = self.blocks.pop_front() else { return Ok(None) };
            self.lines = block::open(&sealed, &self.key, self.id, number)?.into_iter();
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().transpose()
    }
}
