//! From a file to numbered acknowledgements: receive, judge, keep, number. Nothing is answered before it is committed.
//!
//! Small files are taken in groups, many in one commit; a large one is streamed alone, its original beside its lines.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

use super::frozen::{FROZEN_VERSION, Frozen, FrozenMonth};
use super::sealing::{AcceptedSums, Owner, Sealed, seal};
use crate::checks::{FileCheck, Gate, Options, Register, Total, Verdict, check_file};
use crate::document::{Document, FileDocument, Style};
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, Finding, FindingName, Scheme, Sen, Severity};
use crate::messages::{Language, Messages};
use crate::rates::{InterestProfile, RateBook};
use crate::reader::ByteSource;
use crate::rule_pack;
use crate::source::FileSource;
use crate::store::block::SealedBlock;
use crate::store::{
    ArrivalId, Group, HeldLine, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, OFFICE, Store, StoreError,
    SubmissionId, SubmissionNumber, TotalRow, seal_document,
};
use crate::vault::{Vault, VaultError};

/// Originals up to this size lie in the database, larger ones in the vault folder.
const ORIGINAL_IN_DATABASE_MAX: u64 = 1024 * 1024;

/// Lines that wait for the clerk to mend them.
const TRAY: &str = "to-mend";

/// What becomes of a file with lines to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The whole file goes back.
    Whole,
    /// The good lines are acknowledged, the others wait.
    GoodLines,
}

impl Policy {
    /// `whole` or `good-lines`.
    pub const fn id(self) -> &'static str {
        match self {
            Policy::Whole => "whole",
            Policy::GoodLines => "good-lines",
        }
    }
}

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
    let mut small: Vec<&PathBuf> = Vec::new();
    for path in files {
        let large = std::fs::metadata(path).is_ok_and(|m| m.len() > ORIGINAL_IN_DATABASE_MAX);
        if !large {
            small.push(path);
        }
        if large || small.len() >= options.group_files {
            take_group(store, vault, &std::mem::take(&mut small), options, &mut answer)?;
        }
        if large {
            take_large(store, vault, path, options, &mut answer)?;
        }
    }
    take_group(store, vault, &small, options, &mut answer)
}

/// A judged file on its way into the database.
struct Judged {
    path: PathBuf,
    check: FileCheck,
    bytes: Vec<u8>,
    arrival: ArrivalId,
    parts: Vec<Part>,
    sealed_original: Option<Vec<u8>>,
}

/// One employer's part of it.
struct Part {
    employer_code: String,
    id: SubmissionId,
    state: SubmissionState,
    sealed: Sealed,
    blocks: Vec<SealedBlock>,
    document: Option<Vec<u8>>,
}

fn take_group(
    store: &Store,
    vault: &Vault,
    paths: &[&PathBuf],
    options: &SubmitOptions<'_>,
    answer: &mut impl FnMut(Submitted),
) -> Result<(), SubmitError> {
    if paths.is_empty() {
        return Ok(());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    let parallel = |work: &mut (dyn FnMut() + Send)| match &pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    };
    let mut read: Vec<Result<Judged, Box<Submitted>>> = Vec::new();
    parallel(&mut || read = paths.par_iter().map(|path| judge_small(path, options)).collect());
    let codes: BTreeSet<&str> =
        read.iter().flatten().flat_map(|j| j.parts.iter().map(|p| p.employer_code.as_str())).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let keys: HashMap<String, _> =
        codes.iter().map(|code| (*code).to_owned()).zip(store.data_keys(&codes, options.now)?).collect();
    let mut group = store.begin_group()?;
    let digests: Vec<[u8; 32]> = read.iter().flatten().filter_map(|j| j.check.digest.map(Into::into)).collect();
    group.look_for_repeats(&digests)?;
    for judged in read.iter_mut().flatten() {
        recognise_repeats(&mut group, judged)?;
    }
    parallel(&mut || {
        read.par_iter_mut().flatten().for_each(|judged| {
            let owners = owners(&judged.parts, &keys);
            seal_small(judged, &owners, options);
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

fn judge_small(path: &Path, options: &SubmitOptions<'_>) -> Result<Judged, Box<Submitted>> {
    let read = || -> io::Result<(Vec<u8>, FileCheck)> {
        let source = FileSource::open(path)?;
        let mut bytes = vec![0; source.len() as usize];
        let mut have = 0;
        while have < bytes.len() {
            match source.read_at(&mut bytes[have..], have as u64)? {
                0 => break,
                count => have += count,
            }
        }
        bytes.truncate(have);
        let check = judge(bytes.as_slice(), path, options, 1)?;
        Ok((bytes, check))
    };
    match read() {
        Ok((bytes, check)) => {
            let parts = parts(&check, options.policy);
            Ok(Judged {
                path: path.to_owned(),
                check,
                bytes,
                arrival: ArrivalId::fresh(),
                parts,
                sealed_original: None,
            })
        }
        Err(error) => Err(Box::new(unread(path, &error))),
    }
}

fn unread(path: &Path, error: &io::Error) -> Submitted {
    let failure = Some(format!("{} cannot be read: {error}", path.display()));
    Submitted { path: path.to_owned(), check: None, submissions: Vec::new(), failure }
}

fn judge<S: ByteSource + ?Sized>(
    source: &S,
    path: &Path,
    options: &SubmitOptions<'_>,
    threads: usize,
) -> io::Result<FileCheck> {
    let name = path.to_string_lossy();
    let checks = Options {
        scheme: options.scheme,
        file_name: &name,
        register: options.register,
        gate: options.gate,
        now: options.now,
        book: RateBook::embedded(),
        threads,
    };
    check_file(source, &checks)
}

/// One part an employer; a file that is no contribution file is the office's.
fn parts(check: &FileCheck, policy: Policy) -> Vec<Part> {
    let state = decide(check, policy);
    let mut codes: Vec<String> = check.totals.iter().map(|total| total.employer_code.clone()).collect();
    codes.dedup();
    if codes.is_empty() || state == SubmissionState::Refused {
        codes = vec![OFFICE.to_owned()];
    }
    let part = |employer_code| Part {
        employer_code,
        id: SubmissionId::fresh(),
        state,
        sealed: Sealed::default(),
        blocks: Vec::new(),
        document: None,
    };
    codes.into_iter().map(part).collect()
}

/// What a judgement and a policy lead to.
fn decide(check: &FileCheck, policy: Policy) -> SubmissionState {
    let whole_file_fault = check.findings.iter().any(|f| f.severity == Severity::Fix && f.line.is_none());
    match check.verdict {
        Verdict::Refused => SubmissionState::Refused,
        Verdict::Clean | Verdict::Warnings if check.accepted_lines > 0 => SubmissionState::Taken,
        // A file pasted twice is not taken by halves: somebody must say which half is meant.
        Verdict::Errors if policy == Policy::GoodLines && check.accepted_lines > 0 && !whole_file_fault => {
            SubmissionState::Taken
        }
        _ => SubmissionState::Returned,
    }
}

fn recognise_repeats(group: &mut Group<'_>, judged: &mut Judged) -> Result<(), StoreError> {
    let Some(digest) = judged.check.digest.map(<[u8; 32]>::from) else { return Ok(()) };
    for part in &mut judged.parts {
        if part.state == SubmissionState::Taken
            && group.find_repeat(&digest, &part.employer_code, &judged.check.schemes)?.is_some()
        {
            part.state = SubmissionState::Repeat;
        }
    }
    Ok(())
}

/// Lines are sealed only for what is taken: what goes back lies in the original.
fn owners(parts: &[Part], keys: &HashMap<String, crate::keys::DataKey>) -> HashMap<String, Owner> {
    let taken = parts.iter().filter(|part| part.state == SubmissionState::Taken);
    taken
        .filter_map(|part| {
            let key = keys.get(&part.employer_code)?.clone();
            Some((part.employer_code.clone(), Owner { submission: part.id, key }))
        })
        .collect()
}

fn seal_small(judged: &mut Judged, owners: &HashMap<String, Owner>, options: &SubmitOptions<'_>) {
    let mut blocks: HashMap<SubmissionId, Vec<SealedBlock>> = HashMap::new();
    let sealed =
        seal(judged.bytes.as_slice(), &judged.check, owners, |id, more| blocks.entry(id).or_default().extend(more));
    // Memory gives the same bytes twice, so that nothing can have changed.
    let mut sealed = sealed.unwrap_or_default();
    for part in &mut judged.parts {
        part.sealed = sealed.remove(&part.employer_code).unwrap_or_default();
        part.blocks = blocks.remove(&part.id).unwrap_or_default();
    }
    seal_documents(&mut judged.parts, &judged.check, &judged.path, owners, options);
}

/// Keeps the check document with each submission that has a key of its own; in a file of several employers each sees only
/// its own lines.
fn seal_documents(
    parts: &mut [Part],
    check: &FileCheck,
    path: &Path,
    owners: &HashMap<String, Owner>,
    options: &SubmitOptions<'_>,
) {
    let style = Style { messages: Messages::get(options.language), show_identities: false };
    let name = file_name(path);
    let several = parts.len() > 1;
    for part in parts {
        let Some(owner) = owners.get(&part.employer_code) else { continue };
        let own;
        let seen = if several {
            own = of_employer(check, part);
            &own
        } else {
            check
        };
        let document = Document {
            rule_pack: rule_pack::embedded(),
            checked_at: options.now,
            files: vec![FileDocument::new(&name, seen, &[], style)],
        };
        if let Ok(text) = serde_json::to_string(&document) {
            part.document = Some(seal_document(&owner.key, part.id, &text));
        }
    }
}

/// The judgement as one of several employers may see it.
fn of_employer(check: &FileCheck, part: &Part) -> FileCheck {
    let own = |finding: &&Finding| match finding.line {
        Some(line) => part.sealed.lines_with_findings.contains(&line),
        None => finding.name != FindingName::SeveralEmployers,
    };
    FileCheck {
        findings: check.findings.iter().filter(own).cloned().collect(),
        totals: check.totals.iter().filter(|total| total.employer_code == part.employer_code).cloned().collect(),
        accepted_lines: part.sealed.records - part.sealed.held.len() as u64,
        held_lines: part.sealed.held.len() as u64,
        held: part.sealed.held.clone(),
        ..check.clone()
    }
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
    let digest = check.digest.map_or([0; 32], <[u8; 32]>::from);
    let parts = parts(&check, options.policy);
    let codes: Vec<&str> = parts.iter().map(|part| part.employer_code.as_str()).collect();
    let keys: HashMap<String, _> =
        codes.iter().map(|code| (*code).to_owned()).zip(store.data_keys(&codes, options.now)?).collect();
    let mut judged = Judged {
        path: path.to_owned(),
        check,
        bytes: Vec::new(),
        arrival: ArrivalId::fresh(),
        parts,
        sealed_original: None,
    };
    let mut group = store.begin_group()?;
    recognise_repeats(&mut group, &mut judged)?;
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
    seal_documents(&mut judged.parts, &judged.check, path, &owners, options);
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

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()).into_owned()
}

/// Writes one file's arrival, submissions and acknowledgements into the group.
fn record(group: &mut Group<'_>, judged: Judged, options: &SubmitOptions<'_>) -> Result<Submitted, StoreError> {
    let Judged { path, check, arrival, parts, sealed_original, .. } = judged;
    let digest = check.digest.map_or([0; 32], <[u8; 32]>::from);
    group.arrive(NewArrival {
        id: arrival,
        digest,
        size: check.bytes,
        file_name: file_name(&path),
        origin: options.sent_by.to_owned(),
        received_at: options.now,
        original: sealed_original,
    })?;
    let mut submissions = Vec::new();
    for part in parts {
        submissions.push(record_part(group, part, arrival, digest, &check, &path, options)?);
    }
    Ok(Submitted { path, check: Some(check), submissions, failure: None })
}

fn record_part(
    group: &mut Group<'_>,
    part: Part,
    arrival: ArrivalId,
    digest: [u8; 32],
    check: &FileCheck,
    path: &Path,
    options: &SubmitOptions<'_>,
) -> Result<SubmissionOutcome, StoreError> {
    let repeat = match part.state {
        SubmissionState::Repeat => group.find_repeat(&digest, &part.employer_code, &check.schemes)?,
        _ => None,
    };
    // The whole of a file of one employer, or the employer's own part of a file of several.
    let alone = part.sealed.records == 0 || check.totals.iter().all(|total| total.employer_code == part.employer_code);
    let held_lines = if alone { check.held_lines } else { part.sealed.held.len() as u64 };
    let accepted = if alone { check.accepted_lines } else { part.sealed.records - part.sealed.held.len() as u64 };
    let taken = part.state == SubmissionState::Taken;
    let own = |total: &&Total| total.employer_code == part.employer_code;
    let number = group.record(NewSubmission {
        id: part.id,
        arrival,
        digest,
        employer_code: part.employer_code.clone(),
        company_number: part.sealed.company_number.clone(),
        layout: check.layout.map_or("", |layout| layout.id()).to_owned(),
        schemes: check.schemes.clone(),
        encoding: check.encoding.unwrap_or_default().to_owned(),
        policy: options.policy.id().to_owned(),
        rule_pack: rule_pack::embedded().to_owned(),
        checked_at: options.now,
        received_at: options.now,
        state: part.state,
        lines: accepted + held_lines,
        accepted_lines: accepted,
        held_lines,
        repeat_of: repeat.as_ref().map(|repeat| repeat.submission),
        document: part.document,
        totals: check.totals.iter().filter(own).map(total_row).collect(),
        blocks: part.blocks,
        held: if taken { held_rows(check, &part.sealed, alone) } else { Vec::new() },
    })?;
    let mut outcome = SubmissionOutcome {
        number,
        employer_code: part.employer_code.clone(),
        state: part.state,
        lines: accepted + held_lines,
        held_lines,
        repeat_of: repeat.as_ref().map(|repeat| repeat.number),
        acknowledgements: Vec::new(),
    };
    let event = |what: &str, subject: String, detail: String| NewEvent {
        at: options.now,
        who: options.sent_by.to_owned(),
        subject,
        what: what.to_owned(),
        detail,
    };
    group.event(event(
        part.state.id(),
        number.to_string(),
        format!("blake3:{}", blake3::Hash::from(digest).to_hex()),
    ))?;
    if let Some(repeat) = repeat {
        let known = repeat.acknowledgements.into_iter();
        outcome.acknowledgements =
            known.map(|(scheme, number)| Acknowledged { scheme, number, amounts: None }).collect();
    }
    if taken {
        for scheme in &check.schemes {
            let Some(frozen) = freeze(*scheme, &part.employer_code, &part.sealed, held_lines, check, path, options)
            else {
                continue;
            };
            if *scheme == Scheme::Act800 {
                for step in EIS_STEPS {
                    group.event(event(step, number.to_string(), scheme.id().to_owned()))?;
                }
            }
            let people = frozen.months.iter().map(|month| month.people).sum();
            let acknowledged = group.acknowledge(NewAcknowledgement {
                submission: part.id,
                employer_code: part.employer_code.clone(),
                scheme: *scheme,
                people,
                total: frozen.total(),
                frozen: serde_json::to_string(&frozen).unwrap_or_default(),
                received_at: options.now,
            })?;
            group.event(event("submitted", acknowledged.clone(), number.to_string()))?;
            let amounts = Some((people, frozen.total()));
            outcome.acknowledgements.push(Acknowledged { scheme: *scheme, number: acknowledged, amounts });
        }
    }
    Ok(outcome)
}

/// The portal's steps before an EIS submission, done here by the one call that submits (`ended` follows the receipt).
const EIS_STEPS: [&str; 4] = ["asked", "confirmed", "saved", "reviewed"];

fn total_row(total: &Total) -> TotalRow {
    TotalRow {
        month: total.month,
        scheme: total.scheme,
        people: total.people,
        employer: total.employer,
        employee: total.employee,
        skbbk: total.skbbk,
        total: total.total,
        due_date: total.due_date,
        days_late: total.days_late,
        interest: total.interest,
    }
}

/// The lines that wait, with the codes of what is wrong with them.
fn held_rows(check: &FileCheck, sealed: &Sealed, alone: bool) -> Vec<HeldLine> {
    let mut codes: HashMap<u64, BTreeSet<&str>> = HashMap::new();
    for finding in check.findings.iter().filter(|f| f.severity >= Severity::Fix) {
        if let Some(line) = finding.line {
            codes.entry(line).or_default().insert(finding.name.code());
        }
    }
    let lines = if alone { &check.held } else { &sealed.held };
    let row = |line: &u64| HeldLine {
        line: *line,
        tray: TRAY.to_owned(),
        codes: codes.get(line).map(|codes| codes.iter().copied().collect::<Vec<_>>().join(",")).unwrap_or_default(),
    };
    lines.iter().map(row).collect()
}

/// The frozen amounts of an acknowledgement; `None` where nobody contributes under the Act.
fn freeze(
    scheme: Scheme,
    employer_code: &str,
    sealed: &Sealed,
    held_lines: u64,
    check: &FileCheck,
    path: &Path,
    options: &SubmitOptions<'_>,
) -> Option<Frozen> {
    let layout = check.layout?;
    let own = sealed.accepted.iter().filter(|((_, of), sums)| *of == scheme && sums.people > 0);
    let months: Vec<FrozenMonth> =
        own.map(|((month, _), sums)| frozen_month(*month, scheme, sums, layout.is_joint(), options.now)).collect();
    if months.is_empty() {
        return None;
    }
    Some(Frozen {
        version: FROZEN_VERSION,
        scheme,
        issuer: options.issuer.to_owned(),
        employer_code: employer_code.to_owned(),
        company_number: sealed.company_number.clone(),
        months,
        file_name: file_name(path),
        digest: check.digest.map(|digest| digest.to_hex().to_string()).unwrap_or_default(),
        layout: layout.id().to_owned(),
        rule_pack: rule_pack::embedded().to_owned(),
        sent_by: options.sent_by.to_owned(),
        held_lines,
        held_total: sealed.held_totals.get(&scheme).copied().unwrap_or_default(),
        confirmed: (scheme == Scheme::Act800).then(|| (options.now, options.sent_by.to_owned())),
    })
}

fn frozen_month(
    month: ContributionMonth,
    scheme: Scheme,
    sums: &AcceptedSums,
    shares: bool,
    now: DateTime<FixedOffset>,
) -> FrozenMonth {
    let dues = RateBook::embedded().dues();
    let late = dues.late_interest(sums.total, month, now.date_naive(), InterestProfile::Statute);
    FrozenMonth {
        month,
        people: sums.people,
        second_category: if scheme == Scheme::Act4 { sums.second_category } else { 0 },
        employer: shares.then_some(sums.employer),
        employee: shares.then_some(sums.employee),
        skbbk: sums.skbbk,
        total: sums.total,
        due_date: late.due_date,
        days_late: late.days_late,
        interest_daily: late.daily,
        interest_top_up: late.minimum_top_up,
        interest: late.interest,
        interest_tomorrow: late.tomorrow,
    }
}
