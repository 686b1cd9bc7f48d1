//! A file on its way into the database: judged, divided by employer, sealed. Nothing here touches the database but the
//! question whether the same bytes were taken before.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::changes::{Changes, changes};
use super::known::Known;
use super::own_part::OwnPart;
use super::sealing::{Owner, Sealed, seal};
use super::submit::{SubmitOptions, Submitted};
use crate::checks::scan::{Scan, scan};
use crate::checks::{EmployerPart, FileCheck, Options, Verdict, check_file};
use crate::document::{Document, FileDocument, Style};
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, FindingName, Policy, Severity, SubmissionKind};
use crate::keys::DataKey;
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::reader::ByteSource;
use crate::rule_pack;
use crate::source::FileSource;
use crate::store::block::SealedBlock;
use crate::store::{ArrivalId, Group, OFFICE, StoreError, SubmissionId, seal_document};

/// Data keys by employer code.
pub(super) type Keys = HashMap<String, DataKey>;

/// A judged file on its way into the database.
pub(super) struct Judged {
    pub path: PathBuf,
    pub check: FileCheck,
    pub bytes: Vec<u8>,
    pub arrival: ArrivalId,
    pub parts: Vec<Part>,
    pub sealed_original: Option<Vec<u8>>,
    pub mends: Option<Mends>,
}

/// Lines that waited in a tray and come again in this file.
#[derive(Debug, Clone)]
pub(super) struct Mends {
    /// In whose tray.
    pub submission: SubmissionId,
    /// Whose that was.
    pub employer_code: String,
    /// For each line of this file its line in that original.
    pub origin: Vec<u64>,
    /// Lines that are given up.
    pub dropped: BTreeSet<u64>,
    /// They are of the file that filled the employer's register.
    pub of_the_seed: bool,
}

/// A small file, read, with a first look at whose it is.
pub(super) struct Incoming {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub scan: Scan,
    pub mends: Option<Mends>,
    /// Whose part of a file it is; `None` for a file of its own.
    pub own: Option<OwnPart>,
}

impl Incoming {
    /// Bytes at hand.
    pub(super) fn of_bytes(path: PathBuf, bytes: Vec<u8>, mends: Option<Mends>) -> Incoming {
        // Memory is always readable.
        let scan = scan(bytes.as_slice(), 1).unwrap_or_default();
        Incoming { path, bytes, scan, mends, own: None }
    }
}

/// One employer's part of it.
pub(super) struct Part {
    pub employer_code: String,
    pub id: SubmissionId,
    pub state: SubmissionState,
    pub sealed: Sealed,
    pub blocks: Vec<SealedBlock>,
    pub document: Option<Vec<u8>>,
    pub changes: Option<Changes>,
}

/// Reads a small file.
pub(super) fn read_small(path: &Path) -> Result<Incoming, Box<Submitted>> {
    let read = || -> io::Result<Vec<u8>> {
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
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Incoming::of_bytes(path.to_owned(), bytes, None)),
        Err(error) => Err(Box::new(unread(path, &error))),
    }
}

/// Judges a small file with all that is known.
pub(super) fn judge_small(
    incoming: Incoming,
    known: &Known,
    taken: &TakenBefore,
    options: &SubmitOptions<'_>,
) -> Judged {
    let Incoming { path, bytes, scan, mends, own } = incoming;
    let repeated = scan.digest.and_then(|digest| taken.get(&digest)).map(Vec::as_slice).unwrap_or_default();
    let check = judge(bytes.as_slice(), &path, known, repeated, options, 1);
    // Memory is always readable.
    let mut check = check.unwrap_or_else(|_| FileCheck::unread(Vec::new()));
    if let Some(OwnPart { employer_code, said }) = own.filter(|own| !own.said.is_empty()) {
        let employer = check.place_of(&employer_code);
        check.findings.splice(0..0, said.into_iter().map(|finding| Finding { employer, ..finding }));
        check.weigh();
    }
    let parts = parts(&check, known, options);
    Judged { path, check, bytes, arrival: ArrivalId::fresh(), parts, sealed_original: None, mends }
}

pub(super) fn unread(path: &Path, error: &io::Error) -> Submitted {
    Submitted::failed(path, format!("{} cannot be read: {error}", path.display()))
}

pub(super) fn judge<S: ByteSource + ?Sized>(
    source: &S,
    path: &Path,
    known: &Known,
    repeated: &[String],
    options: &SubmitOptions<'_>,
    threads: usize,
) -> io::Result<FileCheck> {
    let name = path.to_string_lossy();
    let checks = Options {
        scheme: options.scheme,
        register: Some(known.register(options)),
        history: Some(&known.history),
        repeated,
        registration: Some(&known.rules),
        short_payment: options.kind == Some(SubmissionKind::ShortPayment),
        gate: options.gate,
        threads,
        ..Options::new(&name, options.now, RateBook::embedded())
    };
    check_file(source, &checks)
}

/// One part an employer, each with its own verdict and policy. Lines whose code is none belong to the employers in the
/// file, if there are any. A file that is no contribution file, or nobody's, is the office's.
pub(super) fn parts(check: &FileCheck, known: &Known, options: &SubmitOptions<'_>) -> Vec<Part> {
    let part = |employer_code: &str, state: SubmissionState| Part {
        state,
        employer_code: employer_code.to_owned(),
        id: SubmissionId::fresh(),
        sealed: Sealed::default(),
        blocks: Vec::new(),
        document: None,
        changes: None,
    };
    if check.verdict == Verdict::Refused {
        return vec![part(OFFICE, SubmissionState::Refused)];
    }
    if check.totals.is_empty() {
        return vec![part(OFFICE, SubmissionState::Returned)];
    }
    let whole = |finding: &&Finding| finding.severity == Severity::Fix && finding.line.is_none();
    let whole: HashSet<Option<u32>> = check.findings.iter().filter(whole).map(|one| check.owner(one)).collect();
    let named = check.employers.iter().any(|employer| employer.is_code);
    let employers = (0..).zip(&check.employers).filter(|(_, employer)| employer.is_code || !named);
    let of = |(place, employer): (u32, &EmployerPart)| {
        let whole = whole.contains(&None) || whole.contains(&Some(place));
        part(&employer.code, decide(employer, whole, known.policy(&employer.code, options)))
    };
    employers.map(of).collect()
}

/// What the judgement on a part and a policy lead to.
fn decide(part: &EmployerPart, whole_part_fault: bool, policy: Policy) -> SubmissionState {
    match part.verdict {
        Verdict::Refused => SubmissionState::Refused,
        Verdict::Clean | Verdict::Warnings if part.accepted_lines > 0 => SubmissionState::Taken,
        // A file pasted twice is not taken by halves: somebody must say which half is meant.
        Verdict::Errors if policy == Policy::GoodLines && part.accepted_lines > 0 && !whole_part_fault => {
            SubmissionState::Taken
        }
        _ => SubmissionState::Returned,
    }
}

/// Employers for whom bytes were taken before, by digest.
pub(super) type TakenBefore = HashMap<[u8; 32], Vec<String>>;

/// Bytes that this round takes, by employer: the second time in one round is a repeat too.
pub(super) type TakenHere = HashSet<([u8; 32], String)>;

/// Marks the parts whose bytes were taken before, for the same employer and Acts: the earlier numbers are the answer,
/// whatever would be said of the file today. Then it is known which parts fill a register.
pub(super) fn recognise_repeats(
    group: &mut Group<'_>,
    judged: &mut Judged,
    known: &Known,
    taken_here: &mut TakenHere,
) -> Result<(), StoreError> {
    let Some(digest) = judged.check.digest.map(<[u8; 32]>::from) else { return Ok(()) };
    let mut repeats = Vec::new();
    for part in judged.parts.iter_mut().filter(|part| part.state != SubmissionState::Refused) {
        let before = group.find_repeat(&digest, &part.employer_code, &judged.check.schemes)?;
        if let Some(repeat) = &before {
            let finding = Finding::new(FindingName::RepeatOfEarlierFile).with("number", repeat.number);
            repeats.push(Finding { employer: judged.check.place_of(&part.employer_code), ..finding });
        }
        let taken = part.state == SubmissionState::Taken;
        if before.is_some() || taken && !taken_here.insert((digest, part.employer_code.clone())) {
            part.state = SubmissionState::Repeat;
        }
    }
    if !repeats.is_empty() {
        judged.check.findings.splice(0..0, repeats);
        judged.check.weigh();
    }
    tell_filled(judged, known);
    Ok(())
}

/// Leaves out that a register is filled, where it is not: by a part that is not taken, or by lines that came with another
/// employer's.
fn tell_filled(judged: &mut Judged, known: &Known) {
    let fills = |part: &&Part| part.state == SubmissionState::Taken && known.fills(&part.employer_code);
    let filled: HashSet<u32> =
        judged.parts.iter().filter(fills).filter_map(|part| judged.check.place_of(&part.employer_code)).collect();
    let untrue = |finding: &Finding| {
        finding.name == FindingName::RegisterSeeded && finding.employer.is_none_or(|at| !filled.contains(&at))
    };
    let before = judged.check.findings.len();
    judged.check.findings.retain(|finding| !untrue(finding));
    if judged.check.findings.len() < before {
        judged.check.weigh();
    }
}

/// Lines are sealed only for what is taken: what goes back lies in the original.
pub(super) fn owners(parts: &[Part], keys: &Keys) -> HashMap<String, Owner> {
    let taken = parts.iter().filter(|part| part.state == SubmissionState::Taken);
    taken
        .filter_map(|part| {
            let key = keys.get(&part.employer_code)?.clone();
            Some((part.employer_code.clone(), Owner { submission: part.id, key }))
        })
        .collect()
}

pub(super) fn seal_small(judged: &mut Judged, keys: &Keys, known: &Known, options: &SubmitOptions<'_>) {
    let owners = &owners(&judged.parts, keys);
    let mut blocks: HashMap<SubmissionId, Vec<SealedBlock>> = HashMap::new();
    let sealed = seal(judged.bytes.as_slice(), &judged.check, owners, known, |id, more| {
        blocks.entry(id).or_default().extend(more);
    });
    // Memory gives the same bytes twice, so that nothing can have changed.
    let mut sealed = sealed.unwrap_or_default();
    for part in &mut judged.parts {
        part.sealed = sealed.remove(&part.employer_code).unwrap_or_default();
        part.blocks = blocks.remove(&part.id).unwrap_or_default();
    }
    changes_of_parts(judged.bytes.as_slice(), &judged.check, &mut judged.parts, known, 1);
    seal_documents(&mut judged.parts, &judged.check, &judged.path, keys, options);
}

/// Works out what changed since last month, for the parts that are taken.
pub(super) fn changes_of_parts<S: ByteSource + ?Sized>(
    source: &S,
    check: &FileCheck,
    parts: &mut [Part],
    known: &Known,
    threads: usize,
) {
    if parts.iter().all(|part| part.state != SubmissionState::Taken) {
        return;
    }
    // A file that cannot be read a third time is noticed by its digest when it is sealed.
    let mut all = changes(source, check, known.compared(), threads).unwrap_or_default();
    for part in parts.iter_mut().filter(|part| part.state == SubmissionState::Taken) {
        part.changes = all.remove(&part.employer_code);
    }
}

/// Keeps the check document with each submission, whatever became of it; in a file of several employers each sees only its
/// own lines.
pub(super) fn seal_documents(
    parts: &mut [Part],
    check: &FileCheck,
    path: &Path,
    keys: &Keys,
    options: &SubmitOptions<'_>,
) {
    let style = Style { messages: Messages::get(options.language), show_identities: false };
    let name = file_name(path);
    let several = parts.len() > 1;
    for part in parts {
        let Some(key) = keys.get(&part.employer_code) else { continue };
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
            files: vec![FileDocument::new(&name, seen, seen.not_checked(), style)],
        };
        if let Ok(text) = serde_json::to_string(&document) {
            part.document = Some(seal_document(key, part.id, &text));
        }
    }
}

/// The judgement as one of several employers may see it: its own, and what holds everybody.
fn of_employer(check: &FileCheck, part: &Part) -> FileCheck {
    let place = check.place_of(&part.employer_code);
    let own = |finding: &&Finding| {
        place.is_none_or(|place| check.concerns(finding, place)) && finding.name != FindingName::SeveralEmployers
    };
    // The list of employers is the one now.
    let moved = |finding: &Finding| {
        let employer = finding.employer.filter(|at| Some(*at) == place).map(|_| 0);
        Finding { employer, ..finding.clone() }
    };
    let judged = check.part_of(&part.employer_code);
    FileCheck {
        digest: check.digest,
        reread: check.reread.clone(),
        schemes: check.schemes.clone(),
        findings: check.findings.iter().filter(own).map(moved).collect(),
        totals: check.totals.iter().filter(|total| total.employer_code == part.employer_code).cloned().collect(),
        verdict: judged.map_or(check.verdict, |one| one.verdict),
        accepted_lines: judged.map_or(0, |one| one.accepted_lines),
        held_lines: judged.map_or(0, |one| one.held_lines),
        held: Vec::new(),
        employers: judged.cloned().into_iter().collect(),
        ..*check
    }
}

/// A file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()).into_owned()
}
