//! What a submission is asked with and answers with; [`submit`] does it.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use super::changes::Changes;
pub use super::intake::{preview, submit};
pub use super::known::Learned;
use crate::checks::{FileCheck, Gate, Register};
use crate::domain::states::SubmissionState;
pub use crate::domain::{Policy, SubmissionKind};
use crate::domain::{Registration, Scheme, Sen};
use crate::messages::Language;
use crate::store::{ArrivalId, StoreError, SubmissionNumber};
use crate::vault::VaultError;

/// How files are submitted.
#[derive(Debug, Clone)]
pub struct SubmitOptions<'a> {
    /// The Act of one-Act files, where the caller says so.
    pub scheme: Option<Scheme>,
    /// Who is registered, if known.
    pub register: Option<&'a Register>,
    /// See [`Gate`].
    pub gate: Gate,
    /// What becomes of files with lines to mend; each employer's own setting where nothing is said.
    pub policy: Option<Policy>,
    /// What becomes of lines whose person was not registered in time; each employer's own setting where nothing is said.
    pub registration: Option<Registration>,
    /// Why the files are handed in; found out where nothing is said.
    pub kind: Option<SubmissionKind>,
    /// The digests of the lists of changes that the submitter has signed, joined by commas: a file with other changes is not
    /// taken.
    pub signed: Option<&'a str>,
    /// How the office treats employers who have no settings of their own.
    pub office: OfficeRules,
    /// The moment of receipt, in Malaysian time.
    pub now: DateTime<FixedOffset>,
    /// Threads to work with.
    pub threads: usize,
    /// Who sends.
    pub sent_by: &'a str,
    /// Who issues documents.
    pub issuer: &'a str,
    /// At most so many small files in one commit.
    pub group_files: usize,
    /// The language of the kept documents.
    pub language: Language,
}

impl<'a> SubmitOptions<'a> {
    /// The usual way.
    pub fn new(sent_by: &'a str, issuer: &'a str, now: DateTime<FixedOffset>) -> Self {
        SubmitOptions {
            scheme: None,
            register: None,
            gate: Gate::Any,
            policy: None,
            registration: None,
            kind: None,
            signed: None,
            office: OfficeRules::default(),
            now,
            threads: 1,
            sent_by,
            issuer,
            group_files: 500,
            language: Language::English,
        }
    }
}

/// How the office treats employers who have no settings of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeRules {
    /// What becomes of people who were not registered in time.
    pub registration: Registration,
    /// The first accepted file fills an empty register.
    pub seeding: bool,
    /// Files of employers who are not on the register are taken.
    pub new_employers: bool,
}

impl Default for OfficeRules {
    fn default() -> Self {
        OfficeRules { registration: Registration::Hold, seeding: true, new_employers: true }
    }
}

/// What became of one file.
#[derive(Debug)]
pub struct Submitted {
    /// As given.
    pub path: PathBuf,
    /// The judgement; `None` where the file could not be read.
    pub check: Option<FileCheck>,
    /// One for each employer in it.
    pub submissions: Vec<SubmissionOutcome>,
    /// Why nothing was kept, in one sentence.
    pub failure: Option<String>,
    /// Where its lines were before, for mended ones.
    pub again: Option<Again>,
    /// Under which its submissions are kept.
    pub arrival: Option<ArrivalId>,
}

impl Submitted {
    /// Nothing was kept, for this reason.
    pub(super) fn failed(path: &Path, failure: String) -> Self {
        let (path, submissions) = (path.to_owned(), Vec::new());
        Submitted { path, check: None, submissions, failure: Some(failure), again: None, arrival: None }
    }
}

/// Lines of an earlier submission that came again.
pub struct Again {
    /// The earlier one.
    pub number: SubmissionNumber,
    /// For each line its line in the earlier file.
    pub origin: Vec<u64>,
    /// The bytes that were handed in.
    pub bytes: Vec<u8>,
}

/// Counts only: the bytes are people's.
impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Again {} {} lines", self.number, self.origin.len())
    }
}

/// What became of one employer's part.
#[derive(Debug, Clone)]
pub struct SubmissionOutcome {
    /// As printed.
    pub number: SubmissionNumber,
    /// Employer's code; empty for a file that could not be read as one.
    pub employer_code: String,
    /// Where it stands.
    pub state: SubmissionState,
    /// Records read.
    pub lines: u64,
    /// Of these, lines that wait.
    pub held_lines: u64,
    /// The submission that answers, for a repeat.
    pub repeat_of: Option<SubmissionNumber>,
    /// Its acknowledgements, or those of the submission that answers.
    pub acknowledgements: Vec<Acknowledged>,
    /// Why it was handed in.
    pub kind: SubmissionKind,
    /// What changed since last month, where anything stands for it.
    pub changes: Option<Changes>,
    /// What the register learned.
    pub learned: Learned,
    /// People who were not registered in time.
    pub breaches: u64,
}

/// An acknowledgement that answers a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Act.
    pub scheme: Scheme,
    /// `ACR…` or `ECR…`.
    pub number: String,
    /// People and amount; `None` for a repeat.
    pub amounts: Option<(u64, Sen)>,
}

/// Why a group of files could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The file itself.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
