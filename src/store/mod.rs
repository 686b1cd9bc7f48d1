//! The store: what is kept in the database. SQLite in the data folder, or PostgreSQL by URL; one SQL text for both.
//!
//! Reading order: [`records`] (what goes in and out), [`block`] (contribution lines as sealed blocks), [`group`] (all
//! writing: several files in one transaction), [`look`] (all reading). [`dialect`] has the few statements that differ.
//!
//! Callers are synchronous. The store keeps a small runtime of its own for the database driver; never call it from
//! inside an async task (use a blocking thread there).

pub mod appeals;
pub mod approval;
pub mod audit;
pub mod block;
pub mod books;
mod bound;
mod bound_submissions;
pub mod charges;
mod columns;
pub mod delivery;
pub mod dialect;
pub mod error;
mod facts;
pub mod group;
mod guards;
mod line;
pub mod lines;
pub mod look;
pub mod messages;
mod money_questions;
pub mod number;
mod numbering;
pub mod offline;
mod open;
pub mod outbox;
mod payment_reads;
pub mod payments;
mod questions;
pub mod receipts;
pub mod recorded;
pub mod records;
pub mod refunds;
pub mod register;
mod repeats;
mod row_questions;
mod rows;
mod schema;
mod scrub;
mod seed;
mod standing;
mod steps;
pub mod tray;

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyPool, AssertSqlSafe, ConnectOptions, Row};
use tokio::runtime::Runtime;

use crate::keys::{DataKey, MasterKey};
pub use appeals::{AppealOutcome, AppealRecord};
pub use charges::{ChargeFilter, ChargeRecord, NewCharge};
use dialect::Dialect;
pub use error::StoreError;
pub use group::Group;
pub use lines::{Lines, Which};
pub use look::KeptOriginal;
use look::array;
use open::{make_folder, pool, prepare, sqlite_url};
pub use records::*;

/// Longest wait for a connection or the write lock.
const PATIENCE: Duration = Duration::from_secs(30);
/// Writing connections to PostgreSQL; SQLite has one.
const POSTGRES_CONNECTIONS: u32 = 8;
/// Connections that only read.
const READERS: u32 = 4;
/// Data keys kept in memory, some 2 KiB each, before those that were not asked for lately are forgotten: a process that goes
/// on for months does not grow with every employer it ever met.
const KEYS_MAX: usize = 2_048;
/// Largest document that is opened.
const PAPER_LIMIT: usize = 256 << 20;

/// The database, open. Share it between threads by reference; dropping it closes the connections.
pub struct Store {
    dialect: Dialect,
    // Before the runtime, which must outlive them.
    writers: AnyPool,
    readers: AnyPool,
    runtime: Runtime,
    master: MasterKey,
    keys: Mutex<Keys>,
}

/// Data keys in memory, in two generations: whoever asked for keys before its group began has them in the group, also when
/// others ask for many meanwhile.
#[derive(Default)]
struct Keys {
    recent: HashMap<String, DataKey>,
    older: HashMap<String, DataKey>,
}

impl Keys {
    fn forget_old(&mut self) {
        if self.recent.len() > KEYS_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
    }

    /// Is it here? From now on it counts as recent.
    fn has(&mut self, code: &str) -> bool {
        if let Some((code, key)) = self.older.remove_entry(code) {
            self.recent.insert(code, key);
        }
        self.recent.contains_key(code)
    }
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// `url`: `postgres://…`, `sqlite:…`, or `None` for `caruman.db` in the data folder. `key_file`: the operator's
    /// master key, or `None` for `keys/master.key` in the data folder, which is made when nothing was ever sealed.
    ///
    /// # Errors
    /// [`StoreError`]: the database does not answer, could lose commits or is of a later program; the master key is
    /// missing or another one. Nothing is changed then.
    pub fn open(url: Option<&str>, data_dir: &Path, key_file: Option<&Path>) -> Result<Self, StoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let io = |source| StoreError::DataFolder { path: data_dir.to_owned(), source };
        make_folder(data_dir).map_err(io)?;
        let own = match url {
            Some(url) => url.to_owned(),
            None => sqlite_url(&std::path::absolute(data_dir.join("caruman.db")).map_err(io)?),
        };
        let dialect = Dialect::of(&own)?;
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        let runtime = threads.worker_threads(1).enable_all().thread_name("store").build().map_err(io)?;
        let options: AnyConnectOptions = own.parse().map_err(StoreError::Open)?;
        let options = options.disable_statement_logging();
        let master = runtime.block_on(prepare(dialect, &options, data_dir, key_file))?;
        let (writers, readers) = {
            let _inside = runtime.enter();
            let many = if dialect == Dialect::Sqlite { 1 } else { POSTGRES_CONNECTIONS };
            let writers = pool(dialect, true, many).connect_lazy_with(options.clone());
            // Apart also on PostgreSQL: whoever waits for the write lock holds a connection, and a key may be read meanwhile.
            let readers = pool(dialect, false, READERS).connect_lazy_with(options);
            (writers, readers)
        };
        Ok(Self { dialect, writers, readers, runtime, master, keys: Mutex::default() })
    }

    /// Begins a group: several files in one transaction. On SQLite one group at a time; others wait.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after half a minute, or of the database.
    pub fn begin_group(&self) -> Result<Group<'_>, StoreError> {
        Group::begin(self)
    }

    /// The master key, for the vault.
    pub fn master_key(&self) -> &MasterKey {
        &self.master
    }

    /// The data keys of employers, in the order asked; new employers get one, all in one transaction of its own (a key
    /// without a submission does no harm). [`OFFICE`] stands for the office itself.
    ///
    /// Ask before the group begins: on SQLite a group holds the only writing connection.
    ///
    /// # Errors
    /// [`StoreError`] of the database, or a wrapped key that does not open.
    pub fn data_keys(&self, employer_codes: &[&str], now: DateTime<FixedOffset>) -> Result<Vec<DataKey>, StoreError> {
        let mut wanted = employer_codes.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).forget_old();
        let mut missing = self.load_keys(wanted)?;
        if !missing.is_empty() {
            self.make_keys(&missing, now)?;
            missing = self.load_keys(missing)?;
        }
        match missing.first() {
            Some(code) => Err(no_key(code)),
            None => employer_codes.iter().map(|code| self.known_key(code)).collect(),
        }
    }

    /// The data key of one employer; see [`Store::data_keys`].
    ///
    /// # Errors
    /// As [`Store::data_keys`].
    pub fn data_key(&self, employer_code: &str, now: DateTime<FixedOffset>) -> Result<DataKey, StoreError> {
        Ok(self.data_keys(&[employer_code], now)?.remove(0))
    }

    fn make_keys(&self, employer_codes: &[&str], now: DateTime<FixedOffset>) -> Result<(), StoreError> {
        static KEYS: rows::Table = rows::Table::new(
            "employer_key (employer_code, wrapped, made_at)",
            3,
            // Another node may have been faster: its key is the key.
            "on conflict (employer_code) do nothing",
        );
        let mut rows = rows::Rows::new(&KEYS);
        for code in employer_codes {
            let (_, wrapped) = self.master.new_data_key(code.as_bytes());
            let made_at = rows::Value::Text(number::malaysian(now).to_rfc3339());
            rows.push([rows::Value::Text((*code).to_owned()), rows::Value::Bytes(wrapped), made_at]);
        }
        self.wait(async {
            let mut transaction = self.writers.begin_with(self.dialect.begin_writing()).await?;
            rows.flush(self.dialect, &mut transaction).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// A key that exists: from memory, else from the database.
    fn known_key(&self, employer_code: &str) -> Result<DataKey, StoreError> {
        self.load_keys(vec![employer_code])?;
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have asked for many in between.
        let found = keys.recent.get(employer_code).or_else(|| keys.older.get(employer_code));
        found.cloned().ok_or_else(|| no_key(employer_code))
    }

    /// Brings keys into memory, many with one statement; gives the codes that have none.
    fn load_keys<'c>(&self, mut employer_codes: Vec<&'c str>) -> Result<Vec<&'c str>, StoreError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        employer_codes.retain(|code| !keys.has(code));
        let mut rest = employer_codes.as_slice();
        for height in rows::LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let places = dialect::placeholders(1, height);
                let sql = format!("select employer_code, wrapped from employer_key where employer_code in ({places})");
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for code in these {
                    query = query.bind((*code).to_owned());
                }
                for row in self.wait(async { Ok(query.fetch_all(&self.readers).await?) })? {
                    let (code, wrapped): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
                    let key = self.master.unwrap_data_key(code.as_bytes(), &wrapped)?;
                    keys.recent.insert(code, key);
                }
                rest = after;
            }
        }
        employer_codes.retain(|code| !keys.has(code));
        Ok(employer_codes)
    }

    /// Keeps a printed document (a PDF): the first one given under a kind and number stays, and is what comes back.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn save_document(
        &self,
        kind: &str,
        number: &str,
        employer_code: &str,
        bytes: &[u8],
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<u8>, StoreError> {
        let sealed = self.data_key(employer_code, now)?.seal_compressed(&paper_place(kind, number), bytes);
        let sql = "insert into document (kind, number, employer_code, digest, sealed, made_at) \
             values ($1, $2, $3, $4, $5, $6) on conflict (kind, number) do nothing";
        let query = sqlx::query(sql).bind(kind).bind(number).bind(employer_code);
        let query = query.bind(blake3::hash(bytes).as_bytes().to_vec()).bind(sealed);
        let query = query.bind(number::malaysian(now).to_rfc3339());
        let mut group = self.begin_group()?;
        let (store, transaction) = group.database();
        let done = store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?;
        if done.rows_affected() == 1 {
            group.event(recorded::printed(kind, number, blake3::hash(bytes).as_bytes(), now))?;
        }
        group.commit()?;
        let kept = self.document(kind, number)?;
        kept.ok_or_else(|| StoreError::NotFound(format!("{kind} {number}")))
    }

    /// A kept document, or `None` when it was never rendered.
    ///
    /// # Errors
    /// [`StoreError`], also when what comes out is not what was put in.
    pub fn document(&self, kind: &str, number: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "select employer_code, digest, sealed from document where kind = $1 and number = $2";
        let query = sqlx::query(sql).bind(kind).bind(number);
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        let Some(row) = row else { return Ok(None) };
        let (employer, sealed): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(2)?);
        let digest = array(row.try_get(1)?)?;
        let plain = self.known_key(&employer)?.open_compressed(&paper_place(kind, number), &sealed, PAPER_LIMIT)?;
        if *blake3::hash(&plain).as_bytes() != digest {
            return Err(look::strange("document.digest", number));
        }
        Ok(Some(plain))
    }

    /// Waits for the database.
    fn wait<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.runtime.block_on(work)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Lets SQLite write its log back; a close that fails loses nothing that was committed.
        self.runtime.block_on(async {
            self.readers.close().await;
            self.writers.close().await;
        });
    }
}

/// Compresses and seals the check document of a submission; any thread may.
pub fn seal_document(key: &DataKey, submission: SubmissionId, document: &str) -> Vec<u8> {
    key.seal_compressed(&look::document_place(submission), document.as_bytes())
}

fn no_key(employer_code: &str) -> StoreError {
    StoreError::NotFound(format!("data key of employer \"{employer_code}\""))
}

fn paper_place(kind: &str, number: &str) -> Vec<u8> {
    format!("P{kind} {number}").into_bytes()
}
