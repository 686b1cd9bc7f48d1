//! What runs by the clock: the timetable of `jobs/*.toml`, and each job, once.

use std::fs::{File, TryLockError, create_dir_all};
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use crate::store::StoreError;
use crate::workflow::cancel::expire;
use crate::workflow::outbox::{Outbox, Sent};
use crate::workflow::requery::{Asking, Run, requery_due};

/// A job and its timetable.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timetable {
    /// Its name.
    #[serde(skip)]
    pub name: &'static str,
    /// What it does.
    pub what: String,
    /// How often.
    pub every_minutes: u32,
    /// What else its file says is for whoever does the work.
    #[serde(default, rename = "limits")]
    _limits: serde::de::IgnoredAny,
}

const FILES: [(&str, &str); 3] = [
    ("requery", include_str!("../../jobs/requery.toml")),
    ("expire", include_str!("../../jobs/expire.toml")),
    ("outbox", include_str!("../../jobs/outbox.toml")),
];

static TIMETABLES: LazyLock<Vec<Timetable>> = LazyLock::new(|| {
    let read = |(name, text): (&'static str, &str)| {
        let timetable: Timetable = toml::from_str(text).unwrap_or_else(|error| panic!("jobs/{name}.toml: {error}"));
        Timetable { name, ..timetable }
    };
    FILES.into_iter().map(read).collect()
});

/// Every job.
pub fn timetables() -> &'static [Timetable] {
    &TIMETABLES
}

/// Why a job did not run.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No such job.
    #[error("there is no job \"{0}\"; `caruman job list` names them")]
    Unknown(String),
    /// It needs FPX.
    #[error("the job {0} needs FPX, and nothing is set up for it; add an [fpx] section to the configuration")]
    NoFpx(&'static str),
    /// The lock of the job.
    #[error("the lock of the job cannot be used: {0}")]
    Lock(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What jobs work with.
pub struct Work<'a> {
    /// Asks FPX, where it is set up.
    pub asking: Option<&'a Asking<'a>>,
    /// Sends what waits.
    pub outbox: &'a Outbox<'a>,
    /// The data folder: the locks lie in `locks/` there.
    pub data: &'a Path,
    /// Waits a moment between questions to FPX.
    pub pace: &'a dyn Fn(),
    /// Now.
    pub clock: &'a dyn Fn() -> DateTime<FixedOffset>,
}

/// What a job did, in a sentence; `None`: it is running already.
pub type Said = Option<String>;

/// Runs a job, unless it is running already on this data folder. (Two nodes on one database do no harm: each payment is
/// claimed before FPX is asked about it.)
///
/// # Errors
/// [`JobError`].
pub fn run(name: &str, work: &Work<'_>) -> Result<Said, JobError> {
    let known = timetables().iter().find(|job| job.name == name).ok_or_else(|| JobError::Unknown(name.to_owned()))?;
    let folder = work.data.join("locks");
    create_dir_all(&folder)?;
    let lock = File::create(folder.join(format!("{}.lock", known.name)))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let asking = work.asking.ok_or(JobError::NoFpx(known.name));
    let said = match known.name {
        "requery" => {
            let Run { asked, answered, faults } = requery_due(asking?, work.pace, work.clock)?;
            format!("FPX was asked about {asked} payments and answered {answered}; {faults} faults here")
        }
        "expire" => {
            let asking = asking?;
            let desk = asking.merchant.desk(asking.store, asking.issuer);
            format!("{} payments were given up whose page nobody fetched", expire(&desk, (work.clock)())?.len())
        }
        _ => {
            let sent = work.outbox.run((work.clock)())?;
            let Sent { done, skipped, failed, given_up, faults } = sent;
            let lost = if given_up > 0 { format!(", {given_up} were given up") } else { String::new() };
            let said = format!("{done} went out, {skipped} were not needed, {failed} are tried again{lost}");
            faults.into_iter().fold(said, |said, fault| format!("{said}\n{fault}"))
        }
    };
    tracing::info!(job = known.name, "{said}");
    Ok(Some(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_has_its_timetable() {
        assert_eq!(timetables().iter().map(|job| job.name).collect::<Vec<_>>(), ["requery", "expire", "outbox"]);
        assert!(timetables().iter().all(|job| job.every_minutes > 0 && !job.what.is_empty()));
    }
}
