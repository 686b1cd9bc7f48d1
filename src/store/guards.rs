//! The guards that migrations put into the database: triggers that keep events and the journal as they were written, and
//! indexes that let nothing be there twice. Whoever drops one can write what it forbids.

use std::collections::BTreeMap;

use sqlx::Row;

use super::audit::Audit;
use super::dialect::Dialect;
use super::error::StoreError;
use super::schema::texts;

/// Indexes of SQLite and PostgreSQL, and of PostgreSQL whether they are unique and hold.
const SQLITE: &str = "select name, sql from sqlite_master where type in ('trigger', 'index') and sql is not null";
const POSTGRES: &str = "select cast(c.relname as text), lower(pg_get_indexdef(i.indexrelid)) from pg_index i \
     join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace \
     where n.nspname = current_schema() and i.indisvalid union all \
     select cast(t.tgname as text), 'create trigger ' || lower(cast(p.prosrc as text)) from pg_trigger t \
     join pg_proc p on p.oid = t.tgfoid join pg_class c on c.oid = t.tgrelid \
     join pg_namespace n on n.oid = c.relnamespace \
     where n.nspname = current_schema() and not t.tgisinternal and t.tgenabled in ('O', 'A')";

/// Triggers and indexes as migrations make them, by name.
fn made(dialect: Dialect) -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    for text in texts(dialect) {
        let mut rest = text;
        while let Some(at) = rest.find("\ncreate ") {
            rest = &rest[at + 1..];
            let trigger = rest.starts_with("create trigger ");
            let end = if trigger && dialect == Dialect::Sqlite { "\nend;" } else { ";" };
            let statement = &rest[..rest.find(end).map_or(rest.len(), |at| at + end.len() - 1)];
            let name = statement
                .strip_prefix("create trigger ")
                .or_else(|| statement.strip_prefix("create unique index "))
                .or_else(|| statement.strip_prefix("create index "));
            if let Some(name) = name.and_then(|name| name.split_whitespace().next()) {
                made.insert(name.to_owned(), plain(statement));
            }
        }
    }
    made
}

/// In small letters, with single spaces.
fn plain(sql: &str) -> String {
    sql.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does what is there do what was made? PostgreSQL words an index anew, and says of a trigger what its function does.
fn same(dialect: Dialect, made: &str, found: &str) -> bool {
    match dialect {
        Dialect::Sqlite => plain(found) == made,
        Dialect::Postgres if made.starts_with("create trigger ") => found.contains("raise exception"),
        Dialect::Postgres => {
            let unique = |sql: &str| sql.starts_with("create unique index ");
            let partial = |sql: &str| sql.contains(" where ");
            unique(made) == unique(found) && partial(made) == partial(found)
        }
    }
}

impl Audit<'_> {
    /// The first trigger or index that a migration made and that is not there, or is another one.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn missing_guard(&mut self) -> Result<Option<String>, StoreError> {
        let dialect = self.store.dialect;
        let sql = match dialect {
            Dialect::Sqlite => SQLITE,
            Dialect::Postgres => POSTGRES,
        };
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for row in self.all(sqlx::query(sql))? {
            found.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let stands = |name: &str, made: &str| found.get(name).is_some_and(|found| same(dialect, made, found));
        Ok(made(dialect).into_iter().find(|(name, made)| !stands(name, made)).map(|(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_found_in_the_migrations() {
        let (sqlite, postgres) = (made(Dialect::Sqlite), made(Dialect::Postgres));
        let both = |name: &str| sqlite.contains_key(name) && postgres.contains_key(name);
        assert!(both("event_is_not_changed") && both("payment_item_open") && both("offline_payment_first"));
        assert!(sqlite["journal_is_not_removed"].ends_with("end"));
        assert!(sqlite.len() > 20, "{}", sqlite.len());
    }

    #[test]
    fn another_guard_of_the_same_name_is_none() {
        let made = "create unique index one on t (a) where b = 1";
        assert!(same(Dialect::Sqlite, made, "CREATE UNIQUE INDEX one on t (a)\n where b = 1"));
        assert!(!same(Dialect::Sqlite, made, "CREATE INDEX one on t (a) where b = 1"));
        assert!(same(Dialect::Postgres, made, "create unique index one on public.t using btree (a) where (b = 1)"));
        assert!(!same(Dialect::Postgres, made, "create unique index one on public.t using btree (a)"));
        assert!(!same(Dialect::Postgres, "create trigger one", "create trigger begin return new; end"));
    }
}
