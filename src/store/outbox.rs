//! What goes out, beyond what every entry has ([`books`](super::books)): who is sending a mail right now, what was given
//! up, and what an operator sees of it.

use chrono::{DateTime, FixedOffset};

use super::Store;
use super::books::{OutboxRecord, outbox};
use super::error::StoreError;
use super::group::Group;
use super::look::Conditions;
use super::payments::{sortable, text};

/// What notes of entries that were given up begin with.
pub const GIVEN_UP: &str = "given up: ";
/// The note of entries that somebody is sending right now, or was when the program ended.
pub const BEING_SENT: &str = "being sent";

/// Columns of an [`OutboxRecord`].
const COLUMNS: &str = "id, kind, subject, employer_code, due_at, attempts, note";

/// Which entries are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxPart {
    /// Papers to print.
    Papers,
    /// Mails.
    Mails,
}

impl Group<'_> {
    /// Takes entries for sending, all or none, until a moment at which others may try. False: somebody else has taken one
    /// or was done with it, and this group must be dropped.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_claim(&mut self, entries: &[OutboxRecord], until: DateTime<FixedOffset>) -> Result<bool, StoreError> {
        self.flush()?;
        for entry in entries {
            let sql = "update outbox set due_at = $1, note = $2 \
                       where id = $3 and due_at = $4 and attempts = $5 and done_at is null";
            let query = sqlx::query(sql).bind(sortable(until)).bind(BEING_SENT).bind(entry.id);
            if self.execute(query.bind(entry.due_at.clone()).bind(entry.attempts))? != 1 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// It will never go out by itself, and why.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_given_up(&mut self, id: i64, now: DateTime<FixedOffset>, why: &str) -> Result<(), StoreError> {
        self.flush()?;
        let sql =
            "update outbox set done_at = $1, attempts = attempts + 1, note = $2 where id = $3 and done_at is null";
        self.execute(sqlx::query(sql).bind(text(now)).bind(format!("{GIVEN_UP}{why}")).bind(id)).map(|_| ())
    }

    /// An entry that was given up, or waits, is tried from the beginning, now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where nothing of this number waits or was given up; or of the database.
    pub fn outbox_from_the_beginning(&mut self, id: i64, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
        self.flush()?;
        let sql = "update outbox set done_at = null, due_at = $1, attempts = 0, note = '' \
                   where id = $2 and (done_at is null or note like $3)";
        let query = sqlx::query(sql).bind(sortable(now)).bind(id).bind(format!("{GIVEN_UP}%"));
        match self.execute(query)? {
            0 => Err(StoreError::NotFound(format!("entry {id} that waits to go out or was given up"))),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// Papers or mails that are due to go out, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_due_of(
        &self,
        part: OutboxPart,
        now: DateTime<FixedOffset>,
        limit: u32,
    ) -> Result<Vec<OutboxRecord>, StoreError> {
        let which = match part {
            OutboxPart::Papers => "kind not like 'mail-%'",
            OutboxPart::Mails => "kind like 'mail-%'",
        };
        let mut conditions = Conditions::default();
        conditions.text("due_at <= ", Some(&sortable(now)));
        let sql = format!("select {COLUMNS} from outbox where done_at is null and {which}{}", conditions.sql);
        self.rows(&sql, &conditions, "due_at, id", limit)?.iter().map(outbox).collect()
    }

    /// Everything that waits to go out, the first to be tried first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_waiting(&self, limit: u32) -> Result<Vec<OutboxRecord>, StoreError> {
        let sql = format!("select {COLUMNS} from outbox where done_at is null");
        self.rows(&sql, &Conditions::default(), "due_at, id", limit)?.iter().map(outbox).collect()
    }

    /// What was given up, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_lost(&self, limit: u32) -> Result<Vec<OutboxRecord>, StoreError> {
        let mut conditions = Conditions::default();
        let given_up = format!("{GIVEN_UP}%");
        conditions.text("note like ", Some(&given_up));
        let sql = format!("select {COLUMNS} from outbox where done_at is not null{}", conditions.sql);
        self.rows(&sql, &conditions, "id desc", limit)?.iter().map(outbox).collect()
    }
}
