//! Deliveries to watched folders: who works on which file, and how far it is. What becomes of a file is written in the
//! transaction of its submissions, so that after a crash it is known for the same delivery and never taken for a repeat.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::dialect::placeholders;
use super::error::StoreError;
use super::group::{DELIVERIES, Group};
use super::look::{array, strange};
use super::number::malaysian;
use super::recorded;
use super::records::ArrivalId;
use super::rows::{LADDER, Table, Value};
use crate::domain::employer::ids;

pub(super) static DELIVERY: Table = Table::new(
    "delivery (id, folder, file_name, inode, size, digest, state, outcome, lease_owner, lease_token, lease_until, \
     attempts, arrival_id, answer_name, moved_to, answer, papers, released_by, claimed_at, taken_at, answered_at)",
    21,
    "on conflict (id) do update set size = excluded.size, digest = excluded.digest, state = excluded.state, \
     outcome = excluded.outcome, lease_owner = excluded.lease_owner, lease_token = excluded.lease_token, \
     lease_until = excluded.lease_until, attempts = excluded.attempts, arrival_id = excluded.arrival_id, \
     answer_name = excluded.answer_name, moved_to = excluded.moved_to, answer = excluded.answer, \
     papers = excluded.papers, taken_at = excluded.taken_at",
);

const COLUMNS: &str = "id, folder, file_name, inode, size, digest, state, outcome, lease_owner, lease_token, \
     lease_until, attempts, arrival_id, answer_name, moved_to, answer, papers, claimed_at, taken_at";

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// A worker has it until its lease ends; nothing is kept of it.
    Claimed,
    /// What becomes of it is kept; its file is still to be moved and its answer to be written.
    Taken,
    /// Its answer lies in the folder.
    Answered,
}

/// Whether the PDFs of a delivery's acknowledgements are to be put beside its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Papers {
    /// It has none, or the folder wants none.
    NotWanted,
    /// They wait to be printed.
    Wanted,
    /// They lie there, or cannot be had.
    Done,
}

ids!(DeliveryState, "a state of a delivery", Claimed => "claimed", Taken => "taken", Answered => "answered");
ids!(Papers, "whether papers are wanted", NotWanted => "", Wanted => "wanted", Done => "done");

/// Who works on a delivery, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lease {
    /// The worker.
    pub owner: String,
    /// Rises with every claim: whoever holds an older one may write nothing.
    pub token: i64,
    /// Milliseconds since 1970 by the clock of the database.
    pub until: i64,
}

/// One file in a watched folder, from the claim to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number; not every number is used.
    pub id: i64,
    /// The folder's own name, from its marker.
    pub folder: String,
    /// As the file system gives it.
    pub file_name: Vec<u8>,
    /// The file's number in its file system.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// BLAKE3 of its bytes, where they were read.
    pub digest: Option<[u8; 32]>,
    /// How far it is.
    pub state: DeliveryState,
    /// `accepted`, `rejected`, `duplicate` or `held`, once it is taken.
    pub outcome: String,
    /// Who works on it.
    pub lease: Lease,
    /// How often a worker began with it and did not come to an end.
    pub attempts: i64,
    /// Where its submissions hang, if it has any.
    pub arrival: Option<ArrivalId>,
    /// What its answers are called, without endings.
    pub answer_name: String,
    /// Where the file goes: folder and name.
    pub moved_to: String,
    /// Its answer, sealed, until it lies in the folder.
    pub answer: Option<Vec<u8>>,
    /// Whether the PDFs of its acknowledgements are to be put beside the answer.
    pub papers: Papers,
    /// When it was first claimed, RFC 3339.
    pub claimed_at: String,
    /// When it was taken, RFC 3339; empty before.
    pub taken_at: String,
}

/// Which deliveries are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// The folder's own name.
    pub folder: String,
    /// Only with this outcome.
    pub outcome: Option<String>,
    /// Only what is not answered.
    pub open: bool,
    /// At most so many.
    pub limit: u32,
}

impl Group<'_> {
    /// Now, in milliseconds since 1970 by the clock of the database.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn database_time(&mut self) -> Result<i64, StoreError> {
        let (store, transaction) = self.database();
        let query = sqlx::query(store.dialect.milliseconds());
        store.wait(async { Ok(query.fetch_one(&mut **transaction).await?.try_get(0)?) })
    }

    /// A number for a new delivery.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn next_delivery(&mut self) -> Result<i64, StoreError> {
        self.next_serial("delivery", "")
    }

    /// Deliveries of a folder that are not answered, by name and inode.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn open_deliveries(&mut self, folder: &str) -> Result<BTreeMap<(Vec<u8>, u64), Delivery>, StoreError> {
        self.flush()?;
        let sql = format!("select {COLUMNS} from delivery where folder = $1 and state <> 'answered' order by id");
        let (store, transaction) = self.database();
        let query = sqlx::query(AssertSqlSafe(sql)).bind(folder.to_owned());
        let rows = store.wait(async { Ok(query.fetch_all(&mut **transaction).await?) })?;
        let all = rows.iter().map(delivery);
        all.map(|read| read.map(|one| ((one.file_name.clone(), one.inode), one))).collect()
    }

    /// The tokens of the deliveries that this worker has claimed and may still write. Nobody can claim them until the
    /// group ends.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn claims_of(&mut self, folder: &str, owner: &str) -> Result<HashMap<i64, i64>, StoreError> {
        let sql = "select id, lease_token from delivery where folder = $1 and state = 'claimed' and lease_owner = $2";
        let (store, transaction) = self.database();
        let query = sqlx::query(sql).bind(folder).bind(owner);
        let rows = store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Writes a delivery as it is now.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        self.flush_before(DELIVERIES, &delivery.id.to_string())?;
        let one = delivery.clone();
        let now = if delivery.taken_at.is_empty() { &delivery.claimed_at } else { &delivery.taken_at };
        let now = DateTime::parse_from_rfc3339(now).map_err(|_| strange("delivery.taken_at", now))?;
        // An inode is 64 bits without a sign; the column has one. The bits are the same.
        let inode = i64::from_le_bytes(one.inode.to_le_bytes());
        let size = i64::try_from(one.size).map_err(|_| strange("delivery.size", "too large"))?;
        let row = [
            Value::Whole(one.id),
            Value::Text(one.folder),
            Value::Bytes(one.file_name),
            Value::Whole(inode),
            Value::Whole(size),
            Value::MaybeBytes(one.digest.map(|digest| digest.to_vec())),
            Value::Text(one.state.id().to_owned()),
            Value::Text(one.outcome),
            Value::Text(one.lease.owner),
            Value::Whole(one.lease.token),
            Value::Whole(one.lease.until),
            Value::Whole(one.attempts),
            Value::MaybeWhole(one.arrival.map(|arrival| arrival.0)),
            Value::Text(one.answer_name),
            Value::Text(one.moved_to),
            Value::MaybeBytes(one.answer),
            Value::Text(one.papers.id().to_owned()),
            Value::Text(String::new()),
            Value::Text(one.claimed_at),
            Value::Text(one.taken_at),
            Value::Text(String::new()),
        ];
        if delivery.state == DeliveryState::Taken {
            // Folder, name, size, arrival, names of the answer and of the file, moment: they stay from now on.
            let frozen = [1, 2, 4, 12, 13, 14, 19].map(|place| &row[place]);
            self.keep_facts(&recorded::DELIVERY, &format!("delivery {}", delivery.id), &frozen, now);
        }
        self.push(DELIVERIES, row)
    }

    /// Forgets claims of files that are not there any more, or not complete.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn forget_claims(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        self.flush()?;
        self.for_each_part(ids, 1, &[], |places| {
            format!("delete from delivery where state = 'claimed' and id in ({places})")
        })
    }

    /// These deliveries are answered: their answers lie in the folder.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn finish_deliveries(&mut self, ids: &[i64], at: DateTime<FixedOffset>) -> Result<(), StoreError> {
        self.flush()?;
        self.for_each_part(ids, 2, &[malaysian(at).to_rfc3339()], |places| {
            let set = "state = 'answered', answer = null, answered_at = $1";
            format!("update delivery set {set} where state = 'taken' and id in ({places})")
        })
    }

    /// The PDFs of these deliveries lie beside their answers, or cannot be had.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn papers_done(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        self.for_each_part(ids, 1, &[], |places| {
            format!("update delivery set papers = 'done' where papers = 'wanted' and id in ({places})")
        })
    }

    /// A person lets a file go that waits in `held/` under this name; gives the file's first name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn release_delivery(&mut self, folder: &str, name: &[u8], by: &str) -> Result<Delivery, StoreError> {
        let sql = format!(
            "select {COLUMNS} from delivery where folder = $1 and outcome = 'held' and state = 'answered' \
             and (file_name = $2 or moved_to = $3) order by id desc limit 1"
        );
        let moved = format!("held/{}", String::from_utf8_lossy(name));
        let (store, transaction) = self.database();
        let query = sqlx::query(AssertSqlSafe(sql)).bind(folder.to_owned()).bind(name.to_vec()).bind(moved);
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        let missing = || StoreError::NotFound(format!("held file \"{}\"", String::from_utf8_lossy(name)));
        let found = delivery(&row.ok_or_else(missing)?)?;
        let query = sqlx::query("update delivery set released_by = $1 where id = $2").bind(by).bind(found.id);
        store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?;
        Ok(found)
    }

    /// One statement for so many ids at a time; `first` is the number of the first of their places.
    fn for_each_part(
        &mut self,
        ids: &[i64],
        first: usize,
        before: &[String],
        text: impl Fn(&str) -> String,
    ) -> Result<(), StoreError> {
        let (store, transaction) = self.database();
        let mut rest = ids;
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let mut query = sqlx::query(AssertSqlSafe(text(&placeholders(first, height))));
                for value in before {
                    query = query.bind(value.clone());
                }
                for id in these {
                    query = query.bind(*id);
                }
                store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?;
                rest = after;
            }
        }
        Ok(())
    }
}

impl Store {
    /// One by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn delivery(&self, id: i64) -> Result<Delivery, StoreError> {
        let sql = format!("select {COLUMNS} from delivery where id = $1");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(id);
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        delivery(&row.ok_or_else(|| StoreError::NotFound(format!("delivery {id}")))?)
    }

    /// Deliveries of a folder, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from delivery where folder = $1 and ($2 = '' or outcome = $2) \
             and ($3 = 0 or state <> 'answered') order by id desc limit $4"
        );
        let outcome = filter.outcome.clone().unwrap_or_default();
        let query = sqlx::query(AssertSqlSafe(sql)).bind(filter.folder.clone()).bind(outcome);
        let query = query.bind(i64::from(filter.open)).bind(i64::from(filter.limit));
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(delivery).collect()
    }

    /// Is any delivery of a folder claimed or taken, and not answered?
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn has_open_deliveries(&self, folder: &str) -> Result<bool, StoreError> {
        let sql =
            "select count(*) from (select 1 from delivery where folder = $1 and state <> 'answered' limit 1) as one";
        let query = sqlx::query(sql).bind(folder);
        let count: i64 = self.wait(async { Ok(query.fetch_one(&self.readers).await?.try_get(0)?) })?;
        Ok(count > 0)
    }

    /// Did a person let a file of these bytes go in this folder?
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn was_released(&self, folder: &str, digest: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = "select count(*) from delivery where folder = $1 and digest = $2 and released_by <> ''";
        let query = sqlx::query(sql).bind(folder).bind(digest.to_vec());
        let count: i64 = self.wait(async { Ok(query.fetch_one(&self.readers).await?.try_get(0)?) })?;
        Ok(count > 0)
    }

    /// Answered deliveries of a folder whose PDFs are wanted, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn papers_wanted(&self, folder: &str, most: u16) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from delivery where folder = $1 and papers = 'wanted' and state = 'answered' \
             order by id limit $2"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(folder.to_owned()).bind(i64::from(most));
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(delivery).collect()
    }

    /// The numbers of the acknowledgements that answer an arrival.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn acknowledgements_of_arrival(&self, arrival: ArrivalId) -> Result<Vec<String>, StoreError> {
        let sql = "select a.number from acknowledgement a join submission s on s.id = a.submission_id \
             where s.arrival_id = $1 order by a.number";
        let query = sqlx::query(sql).bind(arrival.0);
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

fn delivery(row: &AnyRow) -> Result<Delivery, StoreError> {
    let inode: i64 = row.try_get(3)?;
    let digest: Option<Vec<u8>> = row.try_get(5)?;
    let size: i64 = row.try_get(4)?;
    Ok(Delivery {
        id: row.try_get(0)?,
        folder: row.try_get(1)?,
        file_name: row.try_get(2)?,
        inode: u64::from_le_bytes(inode.to_le_bytes()),
        size: u64::try_from(size).map_err(|_| strange("delivery.size", "below zero"))?,
        digest: digest.map(array).transpose()?,
        state: row.try_get::<String, _>(6)?.parse().map_err(StoreError::Strange)?,
        outcome: row.try_get(7)?,
        lease: Lease { owner: row.try_get(8)?, token: row.try_get(9)?, until: row.try_get(10)? },
        attempts: row.try_get(11)?,
        arrival: row.try_get::<Option<i64>, _>(12)?.map(ArrivalId),
        answer_name: row.try_get(13)?,
        moved_to: row.try_get(14)?,
        answer: row.try_get(15)?,
        papers: row.try_get::<String, _>(16)?.parse().map_err(StoreError::Strange)?,
        claimed_at: row.try_get(17)?,
        taken_at: row.try_get(18)?,
    })
}
