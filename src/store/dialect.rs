//! The few statements that differ between SQLite and PostgreSQL, side by side. Everything else is one text for both.

use sqlx::{AnyConnection, Row};

use super::error::StoreError;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, bundled.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

/// Oldest SQLite whose write-ahead log loses nothing.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

impl Dialect {
    /// By the URL's beginning.
    ///
    /// # Errors
    /// [`StoreError::UnknownUrl`].
    pub fn of(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Ok(Dialect::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Dialect::Postgres)
        } else {
            Err(StoreError::UnknownUrl)
        }
    }

    /// Begins a transaction that will write.
    pub(super) const fn begin_writing(self) -> &'static str {
        match self {
            // Takes the write lock at once: nothing can go wrong later for want of it.
            Dialect::Sqlite => "begin immediate",
            Dialect::Postgres => "begin",
        }
    }

    /// Begins a transaction that only reads and sees one moment.
    pub(super) const fn begin_looking(self) -> &'static str {
        match self {
            // The moment is that of the first statement.
            Dialect::Sqlite => "begin",
            Dialect::Postgres => "begin isolation level repeatable read, read only",
        }
    }

    /// The places of one row among many: so many, from this number.
    ///
    /// SQLite takes `$1` for a name and looks each name up in a list: with 64 rows of 20 columns that alone was a third
    /// of all time, so there rows have places without names. (Statements of few values are one text for both.)
    pub(super) fn row_places(self, first: usize, count: usize) -> String {
        match self {
            Dialect::Sqlite => vec!["?"; count].join(", "),
            Dialect::Postgres => placeholders(first, count),
        }
    }

    /// Once for each connection.
    pub(super) const fn on_connect(self, writer: bool) -> &'static str {
        match (self, writer) {
            (Dialect::Sqlite, true) => {
                "pragma busy_timeout = 30000; pragma journal_mode = wal; pragma synchronous = full; \
                 pragma foreign_keys = on; pragma trusted_schema = off; pragma cell_size_check = on; \
                 pragma temp_store = memory; pragma cache_size = -16384; pragma wal_autocheckpoint = 8192"
            }
            (Dialect::Sqlite, false) => {
                "pragma busy_timeout = 30000; pragma query_only = on; pragma trusted_schema = off; \
                 pragma cell_size_check = on; pragma temp_store = memory"
            }
            (Dialect::Postgres, _) => "set lock_timeout = '30s'; set idle_in_transaction_session_timeout = '10min'",
        }
    }

    /// The database's own clock, in milliseconds since 1970.
    pub(super) const fn milliseconds(self) -> &'static str {
        match self {
            Dialect::Sqlite => "select cast(unixepoch('subsec') * 1000 as integer)",
            Dialect::Postgres => "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
        }
    }

    /// Does a table of ours exist? One row with a count.
    pub(super) const fn has_key_check(self) -> &'static str {
        match self {
            Dialect::Sqlite => "select count(*) from sqlite_schema where type = 'table' and name = 'key_check'",
            Dialect::Postgres => {
                "select count(*) from pg_tables where tablename = 'key_check' and schemaname = any (current_schemas(false))"
            }
        }
    }

    /// Refuses a database that could lose a commit.
    ///
    /// # Errors
    /// [`StoreError::SqliteTooOld`], [`StoreError::Unsafe`].
    pub(super) async fn assert_safe(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match self {
            Dialect::Sqlite => {
                let version: String = one(connection, "select sqlite_version()").await?;
                if parse_version(&version) < Some(OLDEST_SQLITE) {
                    return Err(StoreError::SqliteTooOld(version));
                }
                let journal: String = one(connection, "select journal_mode from pragma_journal_mode").await?;
                require("journal_mode", journal, &["wal"], "wal (a local disk)")?;
                let flush: i64 = one(connection, "select synchronous from pragma_synchronous").await?;
                require("synchronous", flush.to_string(), &["2", "3"], "2 (full)")?;
                let keys: i64 = one(connection, "select foreign_keys from pragma_foreign_keys").await?;
                require("foreign_keys", keys.to_string(), &["1"], "1")
            }
            Dialect::Postgres => {
                for name in ["fsync", "full_page_writes"] {
                    require(name, setting(connection, name).await?, &["on"], "on")?;
                }
                let commit = setting(connection, "synchronous_commit").await?;
                require("synchronous_commit", commit, &["on", "local", "remote_write", "remote_apply"], "on")?;
                let encoding = setting(connection, "server_encoding").await?;
                require("server_encoding", encoding, &["UTF8"], "UTF8 (create the database with it)")
            }
        }
    }
}

/// `$4, $5, $6`: so many, from this number.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

async fn one<T>(connection: &mut AnyConnection, sql: &'static str) -> Result<T, StoreError>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    let row = sqlx::query(sql).fetch_one(connection).await.map_err(StoreError::Open)?;
    row.try_get(0).map_err(StoreError::Open)
}

async fn setting(connection: &mut AnyConnection, name: &'static str) -> Result<String, StoreError> {
    let row = sqlx::query("select current_setting($1)").bind(name).fetch_one(connection).await;
    row.and_then(|row| row.try_get(0)).map_err(StoreError::Open)
}

fn require(name: &str, found: String, fine: &[&str], wanted: &'static str) -> Result<(), StoreError> {
    if fine.contains(&found.as_str()) {
        Ok(())
    } else {
        Err(StoreError::Unsafe { name: name.to_owned(), found, wanted })
    }
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_choose_the_database() {
        assert_eq!(Dialect::of("sqlite:///tmp/x.db").ok(), Some(Dialect::Sqlite));
        assert_eq!(Dialect::of("postgres://u@h/n").ok(), Some(Dialect::Postgres));
        assert_eq!(Dialect::of("postgresql://u@h/n").ok(), Some(Dialect::Postgres));
        for url in ["mysql://h/n", "", "caruman.db"] {
            assert!(matches!(Dialect::of(url), Err(StoreError::UnknownUrl)), "{url}");
        }
    }

    #[test]
    fn places_are_counted_on() {
        assert_eq!(Dialect::Postgres.row_places(4, 3), "$4, $5, $6");
        assert_eq!(Dialect::Sqlite.row_places(4, 3), "?, ?, ?");
    }

    #[test]
    fn versions_just_below_at_and_above() {
        for (version, fine) in
            [("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("3.46.0", false), ("odd", false)]
        {
            assert_eq!(parse_version(version) >= Some(OLDEST_SQLITE), fine, "{version}");
        }
    }

    #[test]
    fn an_unsafe_setting_is_named() {
        let refused = require("fsync", "off".into(), &["on"], "on").expect_err("refused").to_string();
        assert!(refused.contains("fsync") && refused.contains("off"), "{refused}");
        assert!(require("fsync", "on".into(), &["on"], "on").is_ok());
    }
}
