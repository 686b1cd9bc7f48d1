//! Rows waiting to be inserted, many with one statement: each call to the driver costs a hop to another thread on SQLite
//! and a round trip on PostgreSQL, so rows of several files go together.

use std::sync::{Arc, OnceLock};

use sqlx::{AnyConnection, AssertSqlSafe};

use super::dialect::Dialect;
use super::error::StoreError;

/// Rows a statement, largest first: few texts, so that each is prepared once.
pub(super) const LADDER: [usize; 5] = [64, 16, 4, 2, 1];

/// A value of a row: whole number, text or bytes, or nothing.
#[derive(Debug)]
pub(super) enum Value {
    Whole(i64),
    MaybeWhole(Option<i64>),
    Text(String),
    Bytes(Vec<u8>),
    MaybeBytes(Option<Vec<u8>>),
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Value::Whole(_) | Value::MaybeWhole(_) => 8,
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::MaybeBytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        }
    }
}

/// A table that rows are added to: the statement up to `values`, and what follows the rows.
pub(super) struct Table {
    pub(super) insert: &'static str,
    pub(super) columns: usize,
    pub(super) after: &'static str,
    // For SQLite and for PostgreSQL.
    texts: [OnceLock<[Arc<str>; LADDER.len()]>; 2],
}

impl Table {
    /// `name (column, column)`; `after` is empty or `on conflict …`.
    pub(super) const fn new(insert: &'static str, columns: usize, after: &'static str) -> Self {
        Self { insert, columns, after, texts: [OnceLock::new(), OnceLock::new()] }
    }

    fn text(&self, dialect: Dialect, step: usize) -> Arc<str> {
        let made = self.texts[dialect as usize].get_or_init(|| LADDER.map(|rows| self.statement(dialect, rows).into()));
        Arc::clone(&made[step])
    }

    fn statement(&self, dialect: Dialect, rows: usize) -> String {
        let mut sql = format!("insert into {} values ", self.insert);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            sql.push_str(&dialect.row_places(row * self.columns + 1, self.columns));
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.after);
        sql
    }
}

/// Rows for one table.
pub(super) struct Rows {
    table: &'static Table,
    values: Vec<Value>,
    size: usize,
}

impl Rows {
    pub(super) const fn new(table: &'static Table) -> Self {
        Self { table, values: Vec::new(), size: 0 }
    }

    /// Adds a row.
    pub(super) fn push<const N: usize>(&mut self, row: [Value; N]) {
        assert_eq!(N, self.table.columns, "a value for each column of {}", self.table.insert);
        self.size += row.iter().map(Value::size).sum::<usize>() + N;
        self.values.extend(row);
    }

    /// Bytes that wait.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Inserts all that wait.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub(super) async fn flush(&mut self, dialect: Dialect, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let mut rows = self.values.len() / self.table.columns;
        self.size = 0;
        let mut values = self.values.drain(..);
        for (step, height) in LADDER.into_iter().enumerate() {
            while rows >= height {
                let mut query = sqlx::query(AssertSqlSafe(self.table.text(dialect, step)));
                for value in values.by_ref().take(height * self.table.columns) {
                    query = match value {
                        Value::Whole(value) => query.bind(value),
                        Value::MaybeWhole(value) => query.bind(value),
                        Value::Text(value) => query.bind(value),
                        Value::Bytes(value) => query.bind(value),
                        Value::MaybeBytes(value) => query.bind(value),
                    };
                }
                query.execute(&mut *connection).await?;
                rows -= height;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAIRS: Table = Table::new("pair (a, b)", 2, "on conflict do nothing");

    #[test]
    fn statements_count_their_places() {
        let [sqlite, postgres] = [Dialect::Sqlite, Dialect::Postgres];
        assert_eq!(PAIRS.statement(postgres, 1), "insert into pair (a, b) values ($1, $2) on conflict do nothing");
        assert_eq!(
            PAIRS.statement(postgres, 2),
            "insert into pair (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
        assert_eq!(PAIRS.statement(sqlite, 2), "insert into pair (a, b) values (?, ?), (?, ?) on conflict do nothing");
        assert!(PAIRS.text(postgres, 0).contains("$128)") && !PAIRS.text(postgres, 0).contains("$129"));
        assert_eq!(PAIRS.text(sqlite, 0).matches('?').count(), 128);
    }

    #[test]
    fn rows_know_what_waits() {
        let mut rows = Rows::new(&PAIRS);
        rows.push([Value::Text("four".into()), Value::MaybeBytes(None)]);
        assert_eq!(rows.size(), 4 + 2);
    }
}
