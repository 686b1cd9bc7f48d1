//! Why the store could not do it. One sentence each, with what to do; nothing was changed.

use std::path::PathBuf;

use super::block::BlockError;
use crate::keys::{KeyError, SealError};

/// What the operator can mend. Whatever was begun is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not `postgres://…` or `sqlite:…`.
    #[error(
        "the database URL is not known; write postgres://USER@HOST/NAME, or leave it out for SQLite in the data folder"
    )]
    UnknownUrl,
    /// The data folder cannot be made or used.
    #[error("the data folder {path} cannot be used: {source}")]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database does not answer.
    #[error("the database cannot be opened: {0}; see that it runs and that its address, name and password are right")]
    Open(#[source] sqlx::Error),
    /// Another process holds the lock for too long.
    #[error("another caruman has been writing to the database for too long; try again when it is done")]
    Busy,
    /// No room.
    #[error("there is no room left for the database; free some and try again")]
    Full,
    /// The bundled SQLite is too old to be trusted with a write-ahead log.
    #[error("this program was built with SQLite {0}, which can lose commits; build it with 3.51.3 or later")]
    SqliteTooOld(String),
    /// A safety setting did not take or is off.
    #[error("the database setting {name} is {found}, and a commit could be lost; set it to {wanted}")]
    Unsafe {
        /// Which setting.
        name: String,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Tables of a later program.
    #[error("the database was made by a later caruman (step {0}); use that one or a later one")]
    NewerSchema(i64),
    /// The tables cannot be brought up to date.
    #[error("the tables cannot be brought up to date: {0}; restore the back-up made before the upgrade")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// No usable master key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Kept bytes do not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Kept lines do not open.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// Looked for something that is not there.
    #[error("there is no {0}")]
    NotFound(String),
    /// Somebody else changed it in between, or the step does not exist.
    #[error("{subject} is {found}, so this step is not possible")]
    Step {
        /// Which.
        subject: String,
        /// Its state.
        found: String,
    },
    /// Part of another payment that is not finished.
    #[error("{reference} is part of payment {payment}, which is not finished; wait until the bank has answered")]
    Locked {
        /// Acknowledgement or charge.
        reference: String,
        /// The payment.
        payment: String,
    },
    /// An entry of the books that does not sum to zero, or a payment or receipt whose parts do not sum to it.
    #[error("the amounts of {0} do not add up and nothing was booked; this is an error of the program, report it")]
    Unbalanced(String),
    /// One person cannot do both halves.
    #[error("{0} was proposed by the same person; somebody else must agree")]
    SamePerson(String),
    /// All numbers of a period are given.
    #[error("all numbers of the series {0} are used up; wait for the next month, day or year")]
    SeriesFull(String),
    /// The same bytes were taken by another node in between.
    #[error("the same file was taken by somebody else a moment ago; submit it again to see its numbers")]
    TakenMeanwhile,
    /// A row makes no sense: damage or a foreign hand.
    #[error("the database holds a value that this program never wrote ({0}); restore a back-up")]
    Strange(String),
    /// Anything else the database says.
    #[error("the database could not do it and nothing was changed: {0}")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::PoolTimedOut = error {
            return StoreError::Busy;
        }
        if let sqlx::Error::Database(said) = &error {
            // SQLite result codes as text: 5 busy, 6 locked, 13 full, extended codes in the upper bits.
            // PostgreSQL: 53100 disk full, 55P03 lock not available.
            let code = said.code().unwrap_or_default().into_owned();
            let primary = code.parse::<u32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
            match (primary, code.as_str()) {
                (Some(5 | 6), _) | (_, "55P03" | "57014") => return StoreError::Busy,
                (Some(13), _) | (_, "53100") => return StoreError::Full,
                _ => {}
            }
            if said.is_unique_violation() && said.message().contains("digest") {
                return StoreError::TakenMeanwhile;
            }
            if said.constraint() == Some("submission_answers_repeats") {
                return StoreError::TakenMeanwhile;
            }
        }
        StoreError::Database(error)
    }
}
