//! A file on its way into the database: judged, divided by employer, sealed. Nothing here touches the database but the
//! question whether the same bytes were taken before.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::sealing::{Owner, Sealed, seal};
use super::submit::{Policy, SubmitOptions, Submitted};
use crate::checks::{FileCheck, NEED_HISTORY, Options, Verdict, check_file};
use crate::document::{Document, FileDocument, Style};
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, FindingName, Severity};
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
}

/// One employer's part of it.
pub(super) struct Part {
    pub employer_code: String,
    pub id: SubmissionId,
    pub state: SubmissionState,
    pub sealed: Sealed,
    pub blocks: Vec<SealedBlock>,
    pub document: Option<Vec<u8>>,
}

pub(super) fn judge_small(path: &Path, options: &SubmitOptions<'_>) -> Result<Judged, Box<Submitted>> {
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

pub(super) fn unread(path: &Path, error: &io::Error) -> Submitted {
    let failure = Some(format!("{} cannot be read: {error}", path.display()));
    Submitted { path: path.to_owned(), check: None, submissions: Vec::new(), failure }
}

pub(super) fn judge<S: ByteSource + ?Sized>(
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
pub(super) fn parts(check: &FileCheck, policy: Policy) -> Vec<Part> {
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

/// Bytes that this group takes, by employer: the second time in one group is a repeat too.
pub(super) type TakenHere = HashSet<([u8; 32], String)>;

/// Marks the parts whose bytes were taken before, for the same employer and Acts.
pub(super) fn recognise_repeats(
    group: &mut Group<'_>,
    judged: &mut Judged,
    taken_here: &mut TakenHere,
) -> Result<(), StoreError> {
    let Some(digest) = judged.check.digest.map(<[u8; 32]>::from) else { return Ok(()) };
    for part in judged.parts.iter_mut().filter(|part| part.state == SubmissionState::Taken) {
        let before = group.find_repeat(&digest, &part.employer_code, &judged.check.schemes)?.is_some();
        if before || !taken_here.insert((digest, part.employer_code.clone())) {
            part.state = SubmissionState::Repeat;
        }
    }
    Ok(())
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

pub(super) fn seal_small(judged: &mut Judged, keys: &Keys, options: &SubmitOptions<'_>) {
    let owners = &owners(&judged.parts, keys);
    let mut blocks: HashMap<SubmissionId, Vec<SealedBlock>> = HashMap::new();
    let sealed =
        seal(judged.bytes.as_slice(), &judged.check, owners, |id, more| blocks.entry(id).or_default().extend(more));
    // Memory gives the same bytes twice, so that nothing can have changed.
    let mut sealed = sealed.unwrap_or_default();
    for part in &mut judged.parts {
        part.sealed = sealed.remove(&part.employer_code).unwrap_or_default();
        part.blocks = blocks.remove(&part.id).unwrap_or_default();
    }
    seal_documents(&mut judged.parts, &judged.check, &judged.path, keys, options);
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
            files: vec![FileDocument::new(&name, seen, &NEED_HISTORY, style)],
        };
        if let Ok(text) = serde_json::to_string(&document) {
            part.document = Some(seal_document(key, part.id, &text));
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

/// A file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()).into_owned()
}
