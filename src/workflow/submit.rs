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

use super::judging::{
    Judged, Keys, TakenHere, judge, judge_small, owners, parts, recognise_repeats, seal_documents, seal_small, unread,
};
use super::recording::record;
use super::sealing::seal;
use crate::checks::{FileCheck, Gate, Register};
pub use crate::domain::Policy;
use crate::domain::states::SubmissionState;
use crate::domain::{Scheme, Sen};
use crate::messages::Language;
use crate::source::FileSource;
use crate::store::{ArrivalId, Store, StoreError, SubmissionNumber};
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
    /// See [`Policy`].
    pub policy: Policy,
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
    // Without a pool (no thread could be started) the caller's thread does the work.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().ok();
    let mut small: Vec<&PathBuf> = Vec::new();
    for path in files {
        let large = std::fs::metadata(path).is_ok_and(|m| m.len() > DATABASE_LIMIT);
        if !large {
            small.push(path);
        }
        if large || small.len() >= options.group_files {
            take_group(store, vault, pool.as_ref(), &std::mem::take(&mut small), options, &mut answer)?;
        }
        if large {
            take_large(store, vault, path, options, &mut answer)?;
        }
    }
    take_group(store, vault, pool.as_ref(), &small, options, &mut answer)
}

fn take_group(
    store: &Store,
    vault: &Vault,
    pool: Option<&ThreadPool>,
    paths: &[&PathBuf],
    options: &SubmitOptions<'_>,
    answer: &mut impl FnMut(Submitted),
) -> Result<(), SubmitError> {
    if paths.is_empty() {
        return Ok(());
    }
    let parallel = |work: &mut (dyn FnMut() + Send)| match pool {
        Some(pool) => pool.install(work),
        None => work(),
    };
    let mut read: Vec<Result<Judged, Box<Submitted>>> = Vec::new();
    parallel(&mut || read = paths.par_iter().map(|path| judge_small(path, options)).collect());
    let codes: BTreeSet<&str> =
        read.iter().flatten().flat_map(|j| j.parts.iter().map(|p| p.employer_code.as_str())).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let keys: Keys = codes.iter().map(|code| (*code).to_owned()).zip(store.data_keys(&codes, options.now)?).collect();
    let mut group = store.begin_group()?;
    let digests: Vec<[u8; 32]> = read.iter().flatten().filter_map(|j| j.check.digest.map(Into::into)).collect();
    group.look_for_repeats(&digests)?;
    let mut taken_here = TakenHere::new();
    for judged in read.iter_mut().flatten() {
        recognise_repeats(&mut group, judged, &mut taken_here)?;
    }
    parallel(&mut || {
        read.par_iter_mut().flatten().for_each(|judged| {
            seal_small(judged, &keys, options);
            let digest = judged.check.digest.map_or([0; 32], Into::into);
            judged.sealed_original = Some(vault.seal(&digest, &judged.bytes));
        });
    });
    let mut answers = Vec::with_capacity(read.len());
    for entry in read {
        answers.push(match entry {
            Ok(judged) => record(&mut group, judged, options)?,
            Err(unread) => *unread,
        });
    }
    group.commit()?;
    tracing::debug!(files = answers.len(), "group committed");
    for submitted in answers {
        log_kept(&submitted);
        answer(submitted);
    }
    Ok(())
}

fn take_large(
    store: &Store,
    vault: &Vault,
    path: &Path,
    options: &SubmitOptions<'_>,
    answer: &mut impl FnMut(Submitted),
) -> Result<(), SubmitError> {
    let failed = |source| SubmitError::File { path: path.to_owned(), source };
    let opened =
        FileSource::open(path).and_then(|source| judge(&source, path, options, options.threads).map(|c| (source, c)));
    let (source, check) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            answer(unread(path, &error));
            return Ok(());
        }
    };
    let Some(digest) = check.digest.map(<[u8; 32]>::from) else {
        // Larger than anything that is taken: it was not even read through, and is not kept.
        let failure = Some(format!("{} is larger than any file that is taken", path.display()));
        answer(Submitted { path: path.to_owned(), check: Some(check), submissions: Vec::new(), failure });
        return Ok(());
    };
    let parts = parts(&check, options.policy);
    let codes: Vec<&str> = parts.iter().map(|part| part.employer_code.as_str()).collect();
    let keys: Keys = codes.iter().map(|code| (*code).to_owned()).zip(store.data_keys(&codes, options.now)?).collect();
    let mut judged = Judged {
        path: path.to_owned(),
        check,
        bytes: Vec::new(),
        arrival: ArrivalId::fresh(),
        parts,
        sealed_original: None,
    };
    let mut group = store.begin_group()?;
    recognise_repeats(&mut group, &mut judged, &mut TakenHere::new())?;
    let owners = owners(&judged.parts, &keys);
    let mut refused = None;
    let sealed = std::thread::scope(|scope| {
        // The original is sealed and flushed while the lines are.
        let keeping = scope.spawn(|| match File::open(path) {
            Ok(file) => vault.keep(&digest, file).map_err(SubmitError::from),
            Err(source) => Err(failed(source)),
        });
        let keep_blocks = |id, blocks| {
            if refused.is_none()
                && let Err(error) = group.add_blocks(id, blocks)
            {
                refused = Some(error);
            }
        };
        let sealed = seal(&source, &judged.check, &owners, keep_blocks).map_err(failed);
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
    seal_documents(&mut judged.parts, &judged.check, path, &keys, options);
    let submitted = record(&mut group, judged, options)?;
    group.commit()?;
    log_kept(&submitted);
    answer(submitted);
    Ok(())
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
