//! A database and a data folder for one test, on SQLite or PostgreSQL.
//!
//! PostgreSQL: set `CARUMAN_TEST_POSTGRES` to the URL that `tests/postgres.sh start DIR` prints. Without it the
//! PostgreSQL half fails, unless `CARUMAN_TEST_SQLITE_ONLY=1` says that this is meant.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::atomic::{AtomicU32, Ordering};

use caruman::store::{Store, StoreError};

/// A database and a data folder of its own.
pub struct Place {
    /// `None` for SQLite in the data folder.
    pub url: Option<String>,
    /// The data folder.
    pub data: tempfile::TempDir,
}

impl Place {
    pub fn sqlite() -> Self {
        Self { url: None, data: tempfile::tempdir().expect("a folder") }
    }

    /// `None` only when the operator said that SQLite alone is meant.
    pub fn postgres() -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("CARUMAN_TEST_POSTGRES") else {
            let only = std::env::var("CARUMAN_TEST_SQLITE_ONLY").is_ok_and(|value| value == "1");
            assert!(
                only,
                "set CARUMAN_TEST_POSTGRES to the URL that tests/postgres.sh start DIR prints, or \
                 CARUMAN_TEST_SQLITE_ONLY=1 to leave PostgreSQL out"
            );
            return None;
        };
        let name = format!("story_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        statements(&server, vec![format!("create database {name} encoding 'UTF8' template template0")]);
        let (base, _) = server.rsplit_once('/').expect("postgres://USER@HOST/NAME");
        Some(Self { url: Some(format!("{base}/{name}")), data: tempfile::tempdir().expect("a folder") })
    }

    /// A copy of this place, to be tampered with. Nobody may be working with it.
    pub fn copy(&self) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let data = tempfile::tempdir().expect("a folder");
        copy_folder(self.data.path(), data.path());
        let url = self.url.as_ref().map(|url| {
            let (base, name) = url.rsplit_once('/').expect("postgres://USER@HOST/NAME");
            let copy = format!("{name}_{}", MADE.fetch_add(1, Ordering::Relaxed));
            statements(&format!("{base}/postgres"), vec![format!("create database {copy} template {name}")]);
            format!("{base}/{copy}")
        });
        Self { url, data }
    }

    pub fn open(&self) -> Result<Store, StoreError> {
        Store::open(self.url.as_deref(), self.data.path(), None)
    }

    pub fn store(&self) -> Store {
        self.open().expect("the store opens")
    }

    /// The URL that the store itself uses.
    pub fn own_url(&self) -> String {
        let file = || format!("sqlite://{}", self.data.path().join("caruman.db").display());
        self.url.clone().unwrap_or_else(file)
    }
}

/// Copies files and folders, with their rights.
pub fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

/// Runs statements past the store.
pub fn statements(url: &str, all: Vec<String>) {
    use sqlx::{AssertSqlSafe, Connection};
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(url).await.expect("the server answers");
        for sql in all {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the statement runs");
        }
    });
}

/// Each story as a test on SQLite and as one on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[test] fn $story() { super::$story(&$crate::place::Place::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $story() {
                if let Some(place) = $crate::place::Place::postgres() { super::$story(&place); }
            })*
        }
    };
}
