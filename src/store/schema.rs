//! Migrations: small, numbered, never edited after release, the same numbers and tables in both folders.

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection, SqlSafeStr};

use super::dialect::Dialect;
use super::error::StoreError;

/// Number, name, text for SQLite, text for PostgreSQL.
const STEPS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "first",
        include_str!("../../migrations/sqlite/0001_first.sql"),
        include_str!("../../migrations/postgres/0001_first.sql"),
    ),
    (
        2,
        "register",
        include_str!("../../migrations/sqlite/0002_register.sql"),
        include_str!("../../migrations/postgres/0002_register.sql"),
    ),
    (
        3,
        "inbox",
        include_str!("../../migrations/sqlite/0003_inbox.sql"),
        include_str!("../../migrations/postgres/0003_inbox.sql"),
    ),
    (
        4,
        "payments",
        include_str!("../../migrations/sqlite/0004_payments.sql"),
        include_str!("../../migrations/postgres/0004_payments.sql"),
    ),
    (
        5,
        "again",
        include_str!("../../migrations/sqlite/0005_again.sql"),
        include_str!("../../migrations/postgres/0005_again.sql"),
    ),
];

fn migrator(dialect: Dialect, steps: &[(i64, &'static str, &'static str, &'static str)]) -> Migrator {
    let step = |(number, name, sqlite, postgres): &(i64, &'static str, &'static str, &'static str)| {
        let sql = match dialect {
            Dialect::Sqlite => *sqlite,
            Dialect::Postgres => *postgres,
        };
        Migration::new(*number, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(steps.iter().map(step).collect())
}

/// The texts of all migrations, in order.
pub(super) fn texts(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(move |(_, _, sqlite, postgres)| match dialect {
        Dialect::Sqlite => *sqlite,
        Dialect::Postgres => *postgres,
    })
}

/// Brings the tables up to date; several processes may try at once.
///
/// # Errors
/// [`StoreError::NewerSchema`], [`StoreError::Migration`].
pub(super) async fn migrate(dialect: Dialect, connection: &mut AnyConnection) -> Result<(), StoreError> {
    match dialect {
        // SQLite has no lock for migrators: the write lock is taken first, and the steps nest inside.
        Dialect::Sqlite => {
            let mut all = connection.begin_with(dialect.begin_writing()).await?;
            run(dialect, &mut all).await?;
            Ok(all.commit().await?)
        }
        Dialect::Postgres => run(dialect, connection).await,
    }
}

async fn run(dialect: Dialect, connection: &mut AnyConnection) -> Result<(), StoreError> {
    let result = migrator(dialect, STEPS).run_direct(None, connection, false).await;
    if result.is_err() {
        // The migrator keeps its lock when it fails; the connection lives on.
        let _ = connection.unlock().await;
    }
    result.map_err(|error| match error {
        MigrateError::VersionMissing(number) => StoreError::NewerSchema(number),
        other => StoreError::Migration(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row;

    /// Table and column names in the order they are made.
    fn tables(sql: &str) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        let mut inside = false;
        for line in sql.lines() {
            if let Some(rest) = line.strip_prefix("create table ") {
                found.push((rest.trim_end_matches(" (").to_owned(), Vec::new()));
                inside = true;
            } else if line.starts_with(')') {
                inside = false;
            } else if inside {
                let word = line.split_whitespace().next().unwrap_or_default();
                if !matches!(word, "primary" | "unique" | "foreign" | "--" | "") {
                    found.last_mut().expect("a table").1.push(word.trim_end_matches(',').to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn both_databases_have_the_same_tables_and_columns() {
        for (number, name, sqlite, postgres) in STEPS {
            let (left, right) = (tables(sqlite), tables(postgres));
            assert_eq!(left, right, "{number} {name}");
            assert!(!left.is_empty() && left.iter().all(|(_, columns)| columns.len() > 1));
        }
    }

    #[test]
    fn only_whole_numbers_texts_and_bytes() {
        for (_, _, sqlite, postgres) in STEPS {
            assert_eq!(sqlite.matches("create table").count(), sqlite.matches(") strict;").count());
            for line in sqlite.lines().chain(postgres.lines()).filter(|line| line.starts_with("    ")) {
                let word = line.split_whitespace().nth(1).unwrap_or_default();
                let odd = ["boolean", "numeric", "timestamp", "timestamptz", "date", "real", "json", "jsonb", "serial"];
                assert!(!odd.contains(&word.trim_end_matches(',')), "{line}");
            }
        }
    }

    #[test]
    fn rows_of_step_four_come_through_step_five() {
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(through_step_five());
    }

    async fn through_step_five() {
        let mut connection = AnyConnection::connect("sqlite::memory:").await.expect("a database");
        let before = migrator(Dialect::Sqlite, &STEPS[..4]);
        before.run_direct(None, &mut connection, false).await.expect("four steps");
        for (number, evidence) in [("O-000001", "SLIP 1"), ("O-000002", "SLIP 2")] {
            let sql = "insert into offline_payment (number, employer_code, means, evidence, bank, paid_on, amount_sen, \
                       entered_by, entered_at) values ($1, 'A9900000001Z', 'counter', $2, '', '2026-11-10', 7890, \
                       'clerk', '2026-11-10T09:00:00+08:00')";
            sqlx::query(sql).bind(number).bind(evidence).execute(&mut connection).await.expect("a row");
        }
        let sql = "insert into office_case (number, kind, subject, employer_code, amount_sen, opened_at, detail, state) \
                   values ('C-000001', 'refund', 'P-000001', 'A9900000001Z', 7890, '', '', 'open')";
        sqlx::query(sql).execute(&mut connection).await.expect("a row");
        migrate(Dialect::Sqlite, &mut connection).await.expect("up to date");
        let sql = "select number, evidence, follows from offline_payment order by number";
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("rows");
        let kept: Vec<[String; 3]> = rows.iter().map(|row| [0, 1, 2].map(|at| row.get(at))).collect();
        assert_eq!(kept, [["O-000001", "SLIP 1", ""], ["O-000002", "SLIP 2", ""]]);
        let sql = "select count(*) from office_case where refunded_on is null and refund_reference is null";
        assert_eq!(sqlx::query(sql).fetch_one(&mut connection).await.expect("a row").get::<i64, _>(0), 1);
        migrate(Dialect::Sqlite, &mut connection).await.expect("nothing is left to do");
    }

    #[test]
    fn steps_are_numbered_from_one() {
        let numbers: Vec<i64> = STEPS.iter().map(|step| step.0).collect();
        assert_eq!(numbers, (1..=STEPS.len() as i64).collect::<Vec<_>>());
    }
}
