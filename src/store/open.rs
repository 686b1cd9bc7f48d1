//! Opening a database: its folder, its connections, and what must hold before the first use.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, Connection, Row};

use super::dialect::Dialect;
use super::error::StoreError;
use super::{PATIENCE, look, schema};
use crate::keys::MasterKey;

/// Makes the data folder where it is not there, and flushes the folders in which new ones stand: a power cut after the first
/// answer must not take the folder away.
pub(super) fn make_folder(data_dir: &Path) -> std::io::Result<()> {
    let whole = std::path::absolute(data_dir)?;
    let new: Vec<&Path> = whole.ancestors().take_while(|folder| !folder.exists()).collect();
    // Names of files, employer codes and sums are nobody else's business.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    new.into_iter().filter_map(Path::parent).try_for_each(|above| std::fs::File::open(above)?.sync_all())
}

/// A path as a URL that makes the file if it is not there.
pub(super) fn sqlite_url(path: &Path) -> String {
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url + "?mode=rwc"
}

pub(super) fn pool(dialect: Dialect, writer: bool, connections: u32) -> AnyPoolOptions {
    let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    let options = match dialect {
        // A file does not hang up.
        Dialect::Sqlite => options.test_before_acquire(false).idle_timeout(None).max_lifetime(None),
        Dialect::Postgres => options,
    };
    // A transaction that the database ended by itself (no room, an error of the disk) leaves its connection believing that it
    // goes on: nothing could begin on it any more. Such a connection is closed, and another opened.
    let options =
        options.before_acquire(|connection, _| Box::pin(async move { Ok(!Connection::is_in_transaction(connection)) }));
    options.after_connect(move |connection, _| {
        Box::pin(async move { sqlx::raw_sql(dialect.on_connect(writer)).execute(connection).await.map(|_| ()) })
    })
}

/// Before the first use: safe settings, the right key, tables up to date.
pub(super) async fn prepare(
    dialect: Dialect,
    options: &AnyConnectOptions,
    data_dir: &Path,
    key_file: Option<&Path>,
) -> Result<MasterKey, StoreError> {
    let mut connection = AnyConnection::connect_with(options).await.map_err(StoreError::Open)?;
    sqlx::raw_sql(dialect.on_connect(true)).execute(&mut connection).await?;
    dialect.assert_safe(&mut connection).await?;
    let table: i64 = sqlx::query(dialect.has_key_check()).fetch_one(&mut connection).await?.try_get(0)?;
    let kept = if table == 0 { None } else { key_check(&mut connection).await? };
    let path = key_file.map_or_else(|| MasterKey::path_in(data_dir), Path::to_owned);
    let master = match (&kept, key_file) {
        // Something is sealed already: only its own key will do, and none is made.
        (Some(check), _) => {
            let master = MasterKey::load(&path)?;
            master.verify(check)?;
            master
        }
        (None, Some(_)) => MasterKey::load(&path)?,
        (None, None) => MasterKey::load_or_create(data_dir)?,
    };
    schema::migrate(dialect, &mut connection).await?;
    if kept.is_none() {
        let keys: i64 =
            sqlx::query("select count(*) from employer_key").fetch_one(&mut connection).await?.try_get(0)?;
        if keys == 0 {
            let sql = "insert into key_check (version, sealed) values (1, $1) on conflict (version) do nothing";
            sqlx::query(sql).bind(master.check_value()).execute(&mut connection).await?;
        }
        // Another process may have been faster. But where something is sealed and nothing proves its key, that was removed.
        let check = key_check(&mut connection).await?;
        master.verify(&check.ok_or_else(|| look::strange("key_check", "its row is missing"))?)?;
    }
    connection.close().await?;
    Ok(master)
}

async fn key_check(connection: &mut AnyConnection) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("select sealed from key_check where version = 1").fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
