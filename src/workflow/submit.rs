//! From a file to numbered acknowledgements: receive, judge, keep, number. Nothing is answered before it is committed.
//!
//! Small files are taken in groups, many in one commit; a large one is streamed alone, its original beside its lines.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::changes::Changes;
use super::judging::{
    Incoming, Judged, Keys, TakenHere, changes_of_parts, judge, judge_small, owners, parts, read_small,
    recognise_repeats, seal_documents, seal_small, unread,
};
use super::known::Known;
pub use super::known::Learned;
use super::recording::record;
use super::sealing::seal;
use crate::checks::scan::{Found, Scan, scan};
use crate::checks::{FileCheck, Gate, Register};
use crate::domain::states::SubmissionState;
pub use crate::domain::{Policy, SubmissionKind};
use crate::domain::{Registration, Scheme, Sen};
use crate::messages::Language;
use crate::source::FileSource;
use crate::store::{ArrivalId, Group, OFFICE, Store, StoreError, SubmissionNumber};
use crate::vault::{DATABASE_LIMIT, Vault, VaultError};

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
    /// Why the files are handed in; found out where nothing is said.
    pub kind: Option<SubmissionKind>,
    /// The digest of the list of changes that the submitter has signed: a file with other changes is not taken.
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

/// Submits files in the order given and hands over each answer after its commit.
///
/// # Errors
/// [`SubmitError`] of the store or the vault: the files of the group in hand are not kept, those answered are.
pub fn submit(
    store: &Store,
    vault: &Vault,
    files: &[PathBuf],
    options: &SubmitOptions<'_>,
    mut answer: impl FnMut(Submitted),
) -> Result<(), SubmitError> {
    let office = Office::new(store, vault, options);
    let mut small: Vec<&PathBuf> = Vec::new();
    for path in files {
        let large = std::fs::metadata(path).is_ok_and(|m| m.len() > DATABASE_LIMIT);
        if !large {
            small.push(path);
        }
        if large || small.len() >= options.group_files {
            office.take_paths(&std::mem::take(&mut small), &mut answer)?;
        }
        if large {
            office.take_large(path, &mut answer)?;
        }
    }
    office.take_paths(&small, &mut answer)
}

/// Submits bytes at hand: mended files, declarations.
pub(super) fn submit_bytes(
    store: &Store,
    vault: &Vault,
    incoming: Incoming,
    options: &SubmitOptions<'_>,
) -> Result<Submitted, SubmitError> {
    let mut answered = None;
    let read = vec![Ok(incoming)];
    Office::new(store, vault, options).take_group(read, &mut |submitted| answered = Some(submitted))?;
    Ok(answered.expect("every file of a group has its answer"))
}

/// Where files go, and how.
struct Office<'a> {
    store: &'a Store,
    vault: &'a Vault,
    options: &'a SubmitOptions<'a>,
    /// `None` where no thread could be started: then the caller's does the work.
    pool: Option<ThreadPool>,
}

impl<'a> Office<'a> {
    fn new(store: &'a Store, vault: &'a Vault, options: &'a SubmitOptions<'a>) -> Self {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().ok();
        Office { store, vault, options, pool }
    }

    fn parallel<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    fn keys(&self, codes: &BTreeSet<String>) -> Result<Keys, SubmitError> {
        let list: Vec<&str> = codes.iter().map(String::as_str).chain([OFFICE]).collect();
        let keys = self.store.data_keys(&list, self.options.now)?;
        Ok(list.into_iter().map(str::to_owned).zip(keys).collect())
    }

    fn take_paths(&self, paths: &[&PathBuf], answer: &mut impl FnMut(Submitted)) -> Result<(), SubmitError> {
        let read = self.parallel(|| paths.par_iter().map(|path| read_small(path)).collect());
        self.take_group(read, answer)
    }

    /// Takes small files in one commit. Whatever is known of their employers is read under the group's lock; a file of an
    /// employer who has one before it in the group is judged after that one is recorded.
    fn take_group(
        &self,
        read: Vec<Result<Incoming, Box<Submitted>>>,
        answer: &mut impl FnMut(Submitted),
    ) -> Result<(), SubmitError> {
        if read.is_empty() {
            return Ok(());
        }
        let codes: BTreeSet<String> = read.iter().flatten().flat_map(|i| employers(&i.scan)).cloned().collect();
        let keys = self.keys(&codes)?;
        let digests: Vec<[u8; 32]> = read.iter().flatten().filter_map(|i| i.scan.digest).collect();
        let mut group = self.store.begin_group()?;
        let mut answers = Vec::with_capacity(read.len());
        let mut rest = read.into_iter().peekable();
        while rest.peek().is_some() {
            let mut round = Vec::new();
            let mut met = BTreeSet::new();
            while let Some(next) = rest.next_if(|next| {
                next.as_ref().is_err() || next.iter().flat_map(|i| employers(&i.scan)).all(|code| !met.contains(code))
            }) {
                met.extend(next.iter().flat_map(|i| employers(&i.scan)).cloned());
                round.push(next);
            }
            self.take_round(&mut group, round, &keys, &digests, &mut answers)?;
        }
        group.commit()?;
        tracing::debug!(files = answers.len(), "group committed");
        for submitted in answers {
            log_kept(&submitted);
            answer(submitted);
        }
        Ok(())
    }

    fn take_round(
        &self,
        group: &mut Group<'_>,
        round: Vec<Result<Incoming, Box<Submitted>>>,
        keys: &Keys,
        digests: &[[u8; 32]],
        answers: &mut Vec<Submitted>,
    ) -> Result<(), SubmitError> {
        let (options, vault) = (self.options, self.vault);
        let known = Known::load(group, &found(round.iter().flatten().map(|i| &i.scan)), options)?;
        let taken = group.taken_before(digests)?;
        let mut judged: Vec<Result<Judged, Box<Submitted>>> = self.parallel(|| {
            round.into_par_iter().map(|read| read.map(|read| judge_small(read, &known, &taken, options))).collect()
        });
        let mut taken_here = TakenHere::new();
        for judged in judged.iter_mut().flatten() {
            recognise_repeats(group, judged, &mut taken_here)?;
        }
        self.parallel(|| {
            judged.par_iter_mut().flatten().for_each(|judged| {
                seal_small(judged, keys, &known, options);
                let digest = judged.check.digest.map_or([0; 32], Into::into);
                judged.sealed_original = Some(vault.seal(&digest, &judged.bytes));
            });
        });
        for entry in judged {
            answers.push(match entry {
                Ok(judged) => record(group, judged, &known, options)?,
                Err(unread) => *unread,
            });
        }
        Ok(())
    }

    /// Takes a large file, streamed: it is never whole in memory.
    fn take_large(&self, path: &Path, answer: &mut impl FnMut(Submitted)) -> Result<(), SubmitError> {
        let (options, threads) = (self.options, self.options.threads);
        let failed = |source| SubmitError::File { path: path.to_owned(), source };
        let opened = FileSource::open(path).and_then(|source| {
            let scan = scan(&source, threads)?;
            Ok((source, scan))
        });
        let (source, scan) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                answer(unread(path, &error));
                return Ok(());
            }
        };
        let keys = self.keys(&employers(&scan).cloned().collect())?;
        let mut group = self.store.begin_group()?;
        let known = Known::load(&mut group, &scan.employers, options)?;
        let digests: Vec<[u8; 32]> = scan.digest.into_iter().collect();
        let repeated = group.taken_before(&digests)?.into_values().next().unwrap_or_default();
        let check = judge(&source, path, &known, &repeated, options, threads).map_err(failed)?;
        let Some(digest) = check.digest.map(<[u8; 32]>::from) else {
            // It was not even read through, and is not kept.
            let failure = Some(format!("{} is larger than any file that is taken", path.display()));
            answer(Submitted { path: path.to_owned(), check: Some(check), submissions: Vec::new(), failure });
            return Ok(());
        };
        let parts = parts(&check, &known, options);
        let arrival = ArrivalId::fresh();
        let path_kept = path.to_owned();
        let mut judged =
            Judged { path: path_kept, check, bytes: Vec::new(), arrival, parts, sealed_original: None, mends: None };
        recognise_repeats(&mut group, &mut judged, &mut TakenHere::new())?;
        let owners = owners(&judged.parts, &keys);
        let mut refused = None;
        let sealed = std::thread::scope(|scope| {
            // The original is sealed and flushed while the lines are.
            let keeping = scope.spawn(|| match File::open(path) {
                Ok(file) => self.vault.keep(&digest, file).map_err(SubmitError::from),
                Err(source) => Err(failed(source)),
            });
            let keep_blocks = |id, blocks| {
                if refused.is_none()
                    && let Err(error) = group.add_blocks(id, blocks)
                {
                    refused = Some(error);
                }
            };
            let sealed = seal(&source, &judged.check, &owners, &known, keep_blocks).map_err(failed);
            let kept = keeping.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            kept.and(sealed)
        });
        let mut sealed = sealed?;
        if let Some(error) = refused {
            return Err(error.into());
        }
        for part in &mut judged.parts {
            part.sealed = sealed.remove(&part.employer_code).unwrap_or_default();
        }
        changes_of_parts(&source, &judged.check, &mut judged.parts, &known, threads);
        seal_documents(&mut judged.parts, &judged.check, path, &keys, options);
        let submitted = record(&mut group, judged, &known, options)?;
        group.commit()?;
        log_kept(&submitted);
        answer(submitted);
        Ok(())
    }
}

fn employers(scan: &Scan) -> impl Iterator<Item = &String> {
    scan.employers.keys()
}

/// All employers and months of several files.
fn found<'s>(scans: impl Iterator<Item = &'s Scan>) -> Found {
    let mut all = Found::new();
    for (code, months) in scans.flat_map(|scan| &scan.employers) {
        all.entry(code.clone()).or_default().extend(months);
    }
    all
}

/// What the log says of a file once it is committed: numbers and counts. No person, no employer, no file name.
fn log_kept(submitted: &Submitted) {
    for outcome in &submitted.submissions {
        tracing::info!(
            submission = %outcome.number,
            state = %outcome.state,
            lines = outcome.lines,
            held_lines = outcome.held_lines,
            "submission recorded"
        );
        for Acknowledged { scheme, number, amounts } in &outcome.acknowledgements {
            // A repeat is answered with numbers that were issued before.
            if let Some((people, total)) = amounts {
                tracing::info!(
                    acknowledgement = %number,
                    submission = %outcome.number,
                    scheme = scheme.id(),
                    people = *people,
                    total_sen = total.0,
                    "acknowledgement issued"
                );
            }
        }
    }
}
