//! Files that lie in a watched folder: claimed by a lease, taken in groups, each with its answer. What is on the disk is
//! `watch`'s business; here is what the database and the rules say.
//!
//! In this order: [`mod@claim`] (whose file it is), [`mod@take`] (what becomes of it, in the transaction of its
//! submissions; [`mod@evidence`] of payments), [`answer`] and [`names`] (what is said of it), [`finish`] (answers after a
//! crash, fix sheets, papers, release).

pub mod answer;
pub mod claim;
mod evidence;
pub mod finish;
pub mod names;
mod originals;
mod recorder;
pub mod take;

use crate::domain::{Language, Policy, Scheme};
use crate::source::FileSource;
use crate::store::Store;
use crate::vault::Vault;
use crate::workflow::submit::SubmitOptions;

/// How long a claim holds, in milliseconds. A large file adds a second for each MiB.
pub const LEASE_MILLISECONDS: i64 = 60_000;

/// Begun so often without an end, a file is held for the operator: once with many, once with few, twice alone. A worker
/// that is stopped from outside stops over many innocent files; one that stops over a file alone, twice, has its reason.
pub const ATTEMPTS_MAX: i64 = 4;

/// How the files of one folder are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRules {
    /// Files are checked and answered, and nothing of them is kept.
    pub test: bool,
    /// Files are checked and held until a person lets them go.
    pub wait: bool,
    /// What becomes of files with lines to mend; each employer's own setting where nothing is said.
    pub policy: Option<Policy>,
    /// The Act of one-Act files.
    pub scheme: Option<Scheme>,
    /// The PDFs of acknowledgements are put beside the answers.
    pub papers: bool,
    /// Mail addresses that are told of answers that need somebody.
    pub notify: Vec<String>,
}

impl Default for FolderRules {
    fn default() -> Self {
        FolderRules { test: false, wait: false, policy: None, scheme: None, papers: true, notify: Vec::new() }
    }
}

/// A worker at one folder.
pub struct Desk<'a> {
    /// Where submissions go.
    pub store: &'a Store,
    /// Where large originals go.
    pub vault: &'a Vault,
    /// The folder's own name, from its marker.
    pub folder: &'a str,
    /// This worker's name, unlike any other's.
    pub owner: &'a str,
    /// How its files are treated.
    pub rules: &'a FolderRules,
    /// How files are submitted, and when: the folder's policy and scheme are in it.
    pub options: SubmitOptions<'a>,
}

impl<'a> Desk<'a> {
    /// A worker at a folder; the folder's rules go before those of `options`.
    pub fn new(
        (store, vault): (&'a Store, &'a Vault),
        (folder, owner): (&'a str, &'a str),
        rules: &'a FolderRules,
        options: SubmitOptions<'a>,
    ) -> Self {
        let options = SubmitOptions {
            policy: rules.policy.or(options.policy),
            scheme: rules.scheme.or(options.scheme),
            ..options
        };
        Desk { store, vault, folder, owner, rules, options }
    }

    /// The language where an employer has chosen none.
    pub fn language(&self) -> Language {
        self.options.language
    }
}

/// A file as it was found in the drop place, read or open.
pub struct Dropped {
    /// Its name, as the file system gives it.
    pub name: Vec<u8>,
    /// Its number in the file system.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, where they were read.
    pub sha256: Option<[u8; 32]>,
    /// What is in it.
    pub content: Content,
}

/// What a dropped file holds.
pub enum Content {
    /// All its bytes.
    Small(Vec<u8>),
    /// Too much for memory: open, to be read in pieces.
    Large(FileSource),
    /// Nothing that can be taken.
    Unusable(Unusable),
}

/// Why a file in the drop place is nothing that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// A link to somewhere else.
    Symlink,
    /// A folder.
    Folder,
    /// A pipe, socket or device.
    Special,
    /// Another name leads to the same bytes.
    HardLink,
    /// The program has no right to read it.
    Forbidden,
    /// It changed, or reading it failed, again and again.
    Unsteady,
    /// The system says no, in these words.
    Unreadable(String),
    /// Other bytes than its `.done` file describes.
    Transfer,
    /// A spreadsheet or fix sheet that is too large to be looked into.
    Spreadsheet,
    /// Workers stopped over it.
    Quarantined,
}

/// What is put into `held/`, `accepted/`… and why; `id` of the JSON answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Taken, whole or in part.
    Accepted,
    /// Not taken.
    Rejected,
    /// Taken before.
    Duplicate,
    /// Waits for a person.
    Held,
}

impl Outcome {
    /// The word in the answer, and the folder the file goes to.
    pub const fn id(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Rejected => "rejected",
            Outcome::Duplicate => "duplicate",
            Outcome::Held => "held",
        }
    }

    /// Every one.
    pub const ALL: [Outcome; 4] = [Outcome::Accepted, Outcome::Rejected, Outcome::Duplicate, Outcome::Held];
}

/// Lists of payments that were made outside FPX are told by their headings; one that begins like them and has other
/// columns is refused as what it wants to be.
pub(super) const EVIDENCE_HEADING: &[u8] = b"acknowledgement,means,paid_on,amount_rm";

/// True for evidence of payments.
pub(super) fn is_payment_evidence(bytes: &[u8]) -> bool {
    let begins = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).starts_with(EVIDENCE_HEADING);
    begins || crate::workflow::offline::is_evidence(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_payments_is_told_by_its_headings() {
        assert!(is_payment_evidence(b"acknowledgement,means,paid_on,amount_rm\r\nACR1,counter,2026-11-01,1.00\r\n"));
        assert!(is_payment_evidence(b"\xEF\xBB\xBFacknowledgement,means,paid_on,amount_rm,remark\n"));
        assert!(!is_payment_evidence(b"acknowledgement;means"));
    }
}
