//! From a file to numbered acknowledgements: receive, judge, keep, number. Nothing is answered before it is committed.
//!
//! Small files are taken in groups, many in one commit; a large one is streamed alone, its original beside its lines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use rayon::prelude::*;

use super::changes::{Changes, changes};
use super::judging::{
    Incoming, Judged, Keys, TakenHere, changes_of_parts, judge, judge_small, owners, parts, read_small,
    recognise_repeats, seal_documents, seal_small, unread,
};
use super::known::Known;
use super::recording::record;
use super::sealing::seal;
use super::submit::{Acknowledged, SubmitError, SubmitOptions, Submitted};
use crate::checks::FileCheck;
use crate::checks::scan::{Found, Scan, scan};
use crate::messages::Language;
use crate::source::FileSource;
use crate::store::{ArrivalId, Group, OFFICE, Store, StoreError};
use crate::vault::{DATABASE_LIMIT, Vault};

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
            office.take_large(path, &mut (), &mut answer)?;
        }
    }
    office.take_paths(&small, &mut answer)
}

/// What a file changes since last month, by employer; `None` for an employer of whom nothing stands for the month before.
/// Nothing is kept.
///
/// # Errors
/// [`SubmitError`].
pub fn preview(
    store: &Store,
    path: &Path,
    options: &SubmitOptions<'_>,
) -> Result<BTreeMap<String, Option<Changes>>, SubmitError> {
    let failed = |source| SubmitError::File { path: path.to_owned(), source };
    let source = FileSource::open(path).map_err(failed)?;
    let scan = scan(&source, options.threads).map_err(failed)?;
    let codes: Vec<&str> = employers(&scan).map(String::as_str).collect();
    store.data_keys(&codes, options.now)?;
    let known = {
        // Only read, and left without a commit.
        let mut group = store.begin_group()?;
        Known::load(&mut group, &scan.employers, options)?
    };
    let check = judge(&source, path, &known, &[], options, options.threads).map_err(failed)?;
    let mut found = changes(&source, &check, known.compared(), options.threads).map_err(failed)?;
    Ok(scan.employers.into_keys().map(|code| (code.clone(), found.remove(&code))).collect())
}

/// Submits bytes at hand: mended files, declarations. `None` where they may not be taken any more.
pub(super) fn submit_bytes(
    store: &Store,
    vault: &Vault,
    incoming: Incoming,
    options: &SubmitOptions<'_>,
    beside: &mut dyn Beside,
) -> Result<Option<Submitted>, SubmitError> {
    let mut answered = None;
    let read = vec![Ok(incoming)];
    Office::new(store, vault, options).take_group(read, beside, &mut |submitted| answered = Some(submitted))?;
    Ok(answered)
}

/// What else is kept in the transaction of a group of files.
pub(super) trait Beside {
    /// Which of so many files may still be taken; asked first, under the group's lock.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing of the group is kept.
    fn may_take(&mut self, _: &mut Group<'_>, files: usize) -> Result<Vec<bool>, StoreError> {
        Ok(vec![true; files])
    }

    /// What becomes of a file, by its place among those given, is in the group.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing of the group is kept.
    fn recorded(
        &mut self,
        _: &mut Group<'_>,
        _place: usize,
        _: &Submitted,
        _: Option<Language>,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nothing else.
impl Beside for () {}

/// Where files go, and how.
pub(super) struct Office<'a> {
    store: &'a Store,
    vault: &'a Vault,
    options: &'a SubmitOptions<'a>,
    /// `None` where no thread could be started: then the caller's does the work.
    pool: Option<ThreadPool>,
}

impl<'a> Office<'a> {
    pub(super) fn new(store: &'a Store, vault: &'a Vault, options: &'a SubmitOptions<'a>) -> Self {
        // A caller that is itself a thread of a pool goes on with that one: so a program can stay on one thread.
        let own = || rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().ok();
        let pool = if rayon::current_thread_index().is_some() { None } else { own() };
        Office { store, vault, options, pool }
    }

    pub(super) fn parallel<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
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
        self.take_group(read, &mut (), answer)
    }

    /// Takes small files in one commit. Whatever is known of their employers is read under the group's lock; a file of an
    /// employer who has one before it in the group is judged after that one is recorded.
    pub(super) fn take_group(
        &self,
        read: Vec<Result<Incoming, Box<Submitted>>>,
        beside: &mut dyn Beside,
        answer: &mut impl FnMut(Submitted),
    ) -> Result<(), SubmitError> {
        if read.is_empty() {
            return Ok(());
        }
        let codes: BTreeSet<String> = read.iter().flatten().flat_map(|i| employers(&i.scan)).cloned().collect();
        let keys = self.keys(&codes)?;
        let digests: Vec<[u8; 32]> = read.iter().flatten().filter_map(|i| i.scan.digest).collect();
        let mut group = self.store.begin_group()?;
        let may = beside.may_take(&mut group, read.len())?;
        let mut answers = Vec::with_capacity(read.len());
        let still = read.into_iter().enumerate().filter(|(place, _)| may[*place]);
        let mut rest = still.peekable();
        while rest.peek().is_some() {
            let mut round = Vec::new();
            let mut met = BTreeSet::new();
            while let Some(next) = rest.next_if(|(_, next)| {
                next.as_ref().is_err() || next.iter().flat_map(|i| employers(&i.scan)).all(|code| !met.contains(code))
            }) {
                met.extend(next.1.iter().flat_map(|i| employers(&i.scan)).cloned());
                round.push(next);
            }
            self.take_round(&mut group, round, (&keys, &digests), beside, &mut answers)?;
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
        round: Vec<(usize, Result<Incoming, Box<Submitted>>)>,
        (keys, digests): (&Keys, &[[u8; 32]]),
        beside: &mut dyn Beside,
        answers: &mut Vec<Submitted>,
    ) -> Result<(), SubmitError> {
        let (options, vault) = (self.options, self.vault);
        let (places, round): (Vec<usize>, Vec<_>) = round.into_iter().unzip();
        let mut known = Known::load(group, &found(round.iter().flatten().map(|i| &i.scan)), options)?;
        let of_the_seed = |i: &&Incoming| i.mends.as_ref().is_some_and(|mends| mends.of_the_seed);
        known.complete(round.iter().flatten().filter(of_the_seed).flat_map(|i| employers(&i.scan)));
        for incoming in round.iter().flatten() {
            let own = incoming.own.iter().map(|own| &own.employer_code);
            known.spare(own.flat_map(|own| employers(&incoming.scan).filter(move |code| *code != own)));
        }
        let taken = group.taken_before(digests)?;
        let mut judged: Vec<Result<Judged, Box<Submitted>>> = self.parallel(|| {
            round.into_par_iter().map(|read| read.map(|read| judge_small(read, &known, &taken, options))).collect()
        });
        let mut taken_here = TakenHere::new();
        for judged in judged.iter_mut().flatten() {
            recognise_repeats(group, judged, &known, &mut taken_here)?;
        }
        self.parallel(|| {
            judged.par_iter_mut().flatten().for_each(|judged| {
                seal_small(judged, keys, &known, options);
                let digest = judged.check.digest.map_or([0; 32], Into::into);
                judged.sealed_original = Some(vault.seal(&digest, &judged.bytes));
            });
        });
        for (place, entry) in places.into_iter().zip(judged) {
            let submitted = match entry {
                Ok(judged) => record(group, judged, &known, options)?,
                Err(unread) => *unread,
            };
            beside.recorded(group, place, &submitted, language_of(&submitted, &known))?;
            answers.push(submitted);
        }
        Ok(())
    }

    /// Takes a large file, streamed: it is never whole in memory.
    fn take_large(
        &self,
        path: &Path,
        beside: &mut dyn Beside,
        answer: &mut impl FnMut(Submitted),
    ) -> Result<(), SubmitError> {
        match FileSource::open(path) {
            Ok(source) => self.take_opened(path, &source, beside, answer),
            Err(error) => {
                answer(unread(path, &error));
                Ok(())
            }
        }
    }

    /// Takes a large file that is open already; `path` is only what it is called.
    pub(super) fn take_opened(
        &self,
        path: &Path,
        source: &FileSource,
        beside: &mut dyn Beside,
        answer: &mut impl FnMut(Submitted),
    ) -> Result<(), SubmitError> {
        let (options, threads) = (self.options, self.options.threads);
        let failed = |source| SubmitError::File { path: path.to_owned(), source };
        let scan = match scan(source, threads) {
            Ok(scan) => scan,
            Err(error) => {
                answer(unread(path, &error));
                return Ok(());
            }
        };
        let keys = self.keys(&employers(&scan).cloned().collect())?;
        let mut group = self.store.begin_group()?;
        if beside.may_take(&mut group, 1)? != [true] {
            return Ok(());
        }
        let known = Known::load(&mut group, &scan.employers, options)?;
        let digests: Vec<[u8; 32]> = scan.digest.into_iter().collect();
        let repeated = group.taken_before(&digests)?.into_values().next().unwrap_or_default();
        let check = judge(source, path, &known, &repeated, options, threads).map_err(failed)?;
        let Some(digest) = check.digest.map(<[u8; 32]>::from) else {
            let submitted = too_large(path, check);
            beside.recorded(&mut group, 0, &submitted, None)?;
            group.commit()?;
            answer(submitted);
            return Ok(());
        };
        let parts = parts(&check, &known, options);
        let arrival = ArrivalId::fresh();
        let path_kept = path.to_owned();
        let mut judged =
            Judged { path: path_kept, check, bytes: Vec::new(), arrival, parts, sealed_original: None, mends: None };
        recognise_repeats(&mut group, &mut judged, &known, &mut TakenHere::new())?;
        let owners = owners(&judged.parts, &keys);
        let mut refused = None;
        let sealed = std::thread::scope(|scope| {
            // The original is sealed and flushed while the lines are.
            let keeping = scope.spawn(|| self.vault.keep(&digest, source.reader()).map_err(SubmitError::from));
            let keep_blocks = |id, blocks| {
                if refused.is_none()
                    && let Err(error) = group.add_blocks(id, blocks)
                {
                    refused = Some(error);
                }
            };
            let sealed = seal(source, &judged.check, &owners, &known, keep_blocks).map_err(failed);
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
        changes_of_parts(source, &judged.check, &mut judged.parts, &known, threads);
        seal_documents(&mut judged.parts, &judged.check, path, &keys, options);
        let submitted = record(&mut group, judged, &known, options)?;
        beside.recorded(&mut group, 0, &submitted, language_of(&submitted, &known))?;
        group.commit()?;
        log_kept(&submitted);
        answer(submitted);
        Ok(())
    }
}

/// A file that was not even read through, and is not kept.
fn too_large(path: &Path, check: FileCheck) -> Submitted {
    let failure = format!("{} is larger than any file that is taken", path.display());
    Submitted { check: Some(check), ..Submitted::failed(path, failure) }
}

/// The language of the first employer who has chosen one.
fn language_of(submitted: &Submitted, known: &Known) -> Option<Language> {
    submitted.submissions.iter().find_map(|outcome| known.employer(&outcome.employer_code)).map(|one| one.language)
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
