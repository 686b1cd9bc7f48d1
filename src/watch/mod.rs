//! Watched folders: payroll systems drop files and read the answer beside them. One pass looks at the folder, takes what
//! is complete, moves it and answers it; nothing is answered before it is committed, nothing is moved before it is
//! recorded, and an error is never "empty" or "done".
//!
//! Read [`entry`] (when a file is complete), [`disk`] (the folder), [`marker`] (its name), `bell` (when to look), `reading` (a file's bytes),
//! [`pass`] (the work), `answering` (moving and writing), [`owner`] (who works),
//! [`alarms`] (what the operator is told). `docs/inbox.md` is the contract for those who drop files.

pub mod alarms;
mod answering;
mod bell;
pub mod disk;
pub mod entry;
pub mod marker;
pub mod owner;
mod parts;
pub mod pass;
mod reading;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{InboxConfig, InboxMode, InboxSubmit};
use crate::store::Store;
use crate::vault::Vault;
use crate::workflow::inbox::FolderRules;
use crate::workflow::submit::SubmitOptions;

pub use pass::{Pass, run_once};

use bell::Bell;
use entry::Readiness;
use marker::Neighbours;

/// Files that are taken together at most.
pub const BATCH_FILES: usize = 500;

/// How a folder is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderOptions {
    /// Where it is.
    pub path: PathBuf,
    /// How its files are treated.
    pub rules: FolderRules,
    /// A file that nothing says to be complete must not change for so long.
    pub quiet: Duration,
    /// Time between two scans.
    pub scan: Duration,
    /// Free bytes below which nothing is taken; `None` for 2 GiB or 5 % of the disk, whichever is more.
    pub reserve: Option<u64>,
    /// Answers flushed at a time, each on a thread; 1 for none but the caller's.
    pub flush_threads: usize,
}

impl FolderOptions {
    /// The usual way to watch a folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        FolderOptions {
            path: path.into(),
            rules: FolderRules::default(),
            quiet: Duration::from_secs(10),
            scan: Duration::from_secs(2),
            reserve: None,
            flush_threads: 32,
        }
    }

    /// As the configuration says.
    pub fn of(config: &InboxConfig) -> Self {
        let usual = FolderOptions::new(&config.path);
        let seconds = |given: Option<u64>, usual: Duration| given.map_or(usual, Duration::from_secs);
        FolderOptions {
            rules: FolderRules {
                test: config.mode == InboxMode::Test,
                wait: config.submit == InboxSubmit::Wait,
                policy: config.policy,
                scheme: config.scheme,
                papers: config.papers.unwrap_or(true),
                notify: config.notify.clone(),
            },
            quiet: seconds(config.quiet_seconds, usual.quiet),
            scan: seconds(config.scan_seconds, usual.scan).max(Duration::from_millis(100)),
            reserve: config.reserve_mib.map(|mib| mib << 20),
            ..usual
        }
    }
}

/// Where what is dropped goes, and how it is submitted.
pub struct Ways<'a> {
    /// The database.
    pub store: &'a Store,
    /// Large originals.
    pub vault: &'a Vault,
    /// The data folder, which needs room too.
    pub data: PathBuf,
    /// How files are submitted; the moment is replaced in each pass.
    pub options: SubmitOptions<'a>,
}

/// A file in the drop place, by name and number.
type Key = (Vec<u8>, u64);

/// A watched folder, and what this process remembers of it. One worker a folder.
pub struct Folder {
    /// How it is watched.
    pub options: FolderOptions,
    owner: String,
    /// Its own name, once it was seen.
    id: Option<String>,
    /// The other folders of this process.
    neighbours: Neighbours,
    readiness: Readiness,
    /// None where the system has no more of them.
    bell: Option<Bell>,
    /// Files that failed: how often, and not before when again.
    tries: HashMap<Key, (u32, Duration)>,
    /// Answered, but their files cannot be moved.
    answered: HashSet<i64>,
    /// The last pass gave its claims up in good order.
    orderly: bool,
    /// A group failed: files go one by one until all are through.
    careful: bool,
    /// Passes that failed, one after the other.
    failures: u32,
    /// When leftovers of other workers were last looked for.
    looked: Option<Duration>,
}

impl Folder {
    /// A folder that is to be watched by this process; it is opened in each pass.
    pub fn new(options: FolderOptions) -> Folder {
        Folder {
            readiness: Readiness::new(options.quiet),
            options,
            bell: Bell::new().inspect_err(|error| tracing::warn!(%error, "the folder is only looked at")).ok(),
            owner: owner::own(),
            id: None,
            neighbours: Neighbours::default(),
            tries: HashMap::new(),
            answered: HashSet::new(),
            orderly: false,
            careful: false,
            failures: 0,
            looked: None,
        }
    }

    /// One of several folders of this process.
    pub fn among(self, neighbours: &Neighbours) -> Folder {
        Folder { neighbours: neighbours.clone(), ..self }
    }

    /// Waits for the next pass: so long, or until something is dropped. After a failed pass nothing shortens the wait.
    pub fn wait(&mut self, next: Duration) {
        match &mut self.bell {
            Some(bell) if self.failures == 0 => bell.wait(next),
            _ => std::thread::sleep(next),
        }
    }
}
