//! Mending what was handed in: the fix sheet of a submission, and what becomes of it when it comes back. A returned file is
//! mended whole and judged again; the lines in a tray leave as a submission of their own, linked to the first.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::fix::{About, FixFault, FixSheet, Mended, Suggestions, apply, apply_to_lines};
use super::intake::{Beside, submit_bytes};
use super::judging::{Incoming, Mends, judge};
use super::known::Known;
use super::own_part::{GivenAway, OwnPart, lines_of};
use super::recording::SEEDED;
use super::submit::{Again, SubmitError, SubmitOptions, Submitted};
use super::trays::TRAY;
use crate::checks::history::number_of;
use crate::checks::people::key_of;
use crate::checks::scan::{Found, scan};
use crate::checks::{EmployerPart, FileCheck, History};
use crate::domain::identity::letters;
use crate::domain::states::SubmissionState;
use crate::domain::{Employee, EmployerCode, Finding, FindingName, Policy, SubmissionKind};
use crate::messages::Messages;
use crate::store::{Filter, HeldState, KeptOriginal, Store, StoreError, SubmissionNumber, SubmissionSummary};
use crate::vault::{Vault, VaultError};

/// Why nothing was mended.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// The sheet: all of it that cannot be used.
    #[error("{}", sentences(.0))]
    Sheet(Vec<FixFault>),
    /// Nothing to mend, in one sentence.
    #[error("{0}")]
    Nothing(String),
    /// The original.
    #[error("the original of {number} cannot be read: {source}")]
    Original {
        /// Whose.
        number: SubmissionNumber,
        /// Why.
        source: std::io::Error,
    },
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Handing in.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

fn sentences(faults: &[FixFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A submission's original, judged as of now.
struct Rejudged {
    summary: SubmissionSummary,
    bytes: Vec<u8>,
    check: FileCheck,
    names: Names,
    /// Lines that wait to be mended; `None` where the whole file does.
    waiting: Option<BTreeSet<u64>>,
    /// Lines of a returned file that are to be handed in again, where others of it are taken: their employers are done.
    left: Option<BTreeSet<u64>>,
    /// Its accepted lines filled the employer's register.
    seeded: bool,
}

/// The fix sheet of a returned, refused or partly held submission, with everything that holds it as of now.
///
/// # Errors
/// [`MendError`].
pub fn fix_sheet(
    store: &Store,
    vault: &Vault,
    number: SubmissionNumber,
    options: &SubmitOptions<'_>,
) -> Result<FixSheet, MendError> {
    let (rejudged, _) = rejudge(store, vault, number, options)?;
    let printed = number.to_string();
    let about = About { submission: &printed, file_name: &rejudged.summary.file_name };
    let messages = Messages::get(options.language);
    let sheet = FixSheet::of(&rejudged.check, rejudged.bytes.as_slice(), &about, &rejudged.names, messages);
    sheet.map_err(|source| MendError::Original { number, source })
}

/// Hands in what a fix sheet mends.
///
/// # Errors
/// [`MendError`]; then nothing is kept.
pub fn submit_fixed(
    store: &Store,
    vault: &Vault,
    sheet: &[u8],
    options: &SubmitOptions<'_>,
) -> Result<Submitted, MendError> {
    let submitted = submit_fixed_beside(store, vault, sheet, options, &mut ())?;
    Ok(submitted.expect("every file of a group has its answer"))
}

/// The same, with something else in the same transaction. `None` where the file may not be taken any more.
pub(super) fn submit_fixed_beside(
    store: &Store,
    vault: &Vault,
    sheet: &[u8],
    options: &SubmitOptions<'_>,
    beside: &mut dyn Beside,
) -> Result<Option<Submitted>, MendError> {
    let sheet = FixSheet::read(sheet).map_err(MendError::Sheet)?;
    let Ok(number) = sheet.submission.parse::<SubmissionNumber>() else {
        let what = "the fix sheet names no submission: it is of a file that was only checked; mend that file with \
                    `caruman fix` and submit the result";
        return Err(MendError::Nothing(what.to_owned()));
    };
    let (rejudged, options) = rejudge(store, vault, number, options)?;
    hand_in(store, vault, rejudged, &sheet, options, beside)
}

/// Hands the waiting lines of a submission in again as they are: somebody was registered meanwhile.
///
/// # Errors
/// [`MendError`]; then nothing is kept.
pub fn retry(
    store: &Store,
    vault: &Vault,
    number: SubmissionNumber,
    options: &SubmitOptions<'_>,
) -> Result<Submitted, MendError> {
    let (rejudged, options) = rejudge(store, vault, number, options)?;
    let sheet = FixSheet {
        submission: number.to_string(),
        file_name: rejudged.summary.file_name.clone(),
        digest: blake3::Hash::from(rejudged.summary.digest).to_hex().to_string(),
        rows: Vec::new(),
    };
    let submitted = hand_in(store, vault, rejudged, &sheet, options, &mut ())?;
    Ok(submitted.expect("every file of a group has its answer"))
}

fn hand_in(
    store: &Store,
    vault: &Vault,
    rejudged: Rejudged,
    sheet: &FixSheet,
    options: SubmitOptions<'_>,
    beside: &mut dyn Beside,
) -> Result<Option<Submitted>, MendError> {
    let Rejudged { summary, bytes, check, waiting, left, seeded, .. } = rejudged;
    // Lines that wait are of a file that was taken line by line; so are they.
    let policy = options.policy.or(waiting.as_ref().map(|_| Policy::GoodLines));
    let options = &SubmitOptions { policy, ..options };
    let source = bytes.as_slice();
    let apply = |sheet: &FixSheet, lines: Option<&BTreeSet<u64>>| {
        let mended = match lines {
            Some(lines) => apply_to_lines(sheet, &check, source, lines),
            None => apply(sheet, &check, source),
        };
        mended.map_err(MendError::Sheet)
    };
    let mut lines = waiting.clone().or(left);
    let mut mended = apply(sheet, lines.as_ref())?;
    let own = lines_of(source, &check, &BTreeSet::from([summary.employer_code.clone()]));
    let away = GivenAway::of(store, &summary, &check, &own, &mended)?;
    if !away.is_empty() {
        lines = lines.map(|lines| away.rest(&lines));
        mended = apply(&away.rest_of(sheet), lines.as_ref())?;
    }
    let said = away.said();
    let mends = match &waiting {
        None => None,
        Some(_) => Some(from_tray(&summary, lines.as_ref().unwrap_or(&own), &mended, seeded)?),
    };
    let again = Again { number: summary.number, origin: mended.origin, bytes: mended.bytes.clone() };
    let mut incoming = Incoming::of_bytes(mended_name(&summary.file_name), mended.bytes, mends);
    let of_part = lines.is_some() || incoming.scan.employers.contains_key(&summary.employer_code);
    let is_code = EmployerCode::read(&summary.employer_code).1.is_some();
    incoming.own = (of_part && is_code).then_some(OwnPart { employer_code: summary.employer_code, said });
    let submitted = submit_bytes(store, vault, incoming, options, beside)?;
    Ok(submitted.map(|submitted| Submitted { again: Some(again), ..submitted }))
}

/// Of these lines of a tray, as they were mended: what leaves it.
fn from_tray(
    summary: &SubmissionSummary,
    lines: &BTreeSet<u64>,
    mended: &Mended,
    seeded: bool,
) -> Result<Mends, MendError> {
    let dropped: BTreeSet<u64> = mended.deleted.intersection(lines).copied().collect();
    if dropped.len() == lines.len() {
        let what = if lines.is_empty() {
            "every line that waits comes with the fix sheet of another employer's part"
        } else {
            "the sheet deletes every line that waits; `caruman held drop` gives them up"
        };
        return Err(MendError::Nothing(what.to_owned()));
    }
    let (employer_code, origin) = (summary.employer_code.clone(), mended.origin.clone());
    Ok(Mends { submission: summary.id, employer_code, origin, dropped, of_the_seed: seeded })
}

/// `october.mended.txt`: the mended bytes are another file than the one that lies with the employer.
fn mended_name(file_name: &str) -> PathBuf {
    let path = Path::new(file_name);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".mended").unwrap_or(&stem);
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    PathBuf::from(format!("{stem}.mended{ending}"))
}

/// The submission's file as it is judged now, and how its lines are handed in again.
fn rejudge<'a>(
    store: &Store,
    vault: &Vault,
    number: SubmissionNumber,
    options: &SubmitOptions<'a>,
) -> Result<(Rejudged, SubmitOptions<'a>), MendError> {
    let summary = store.submission(number)?;
    let (options, seeded) = told(store, &summary, options)?;
    let waiting = match summary.state {
        SubmissionState::Taken => {
            let held = store.held_lines(summary.id)?.into_iter();
            let waits = held.filter(|held| held.state == HeldState::Waiting && held.tray == TRAY);
            let lines: BTreeSet<u64> = waits.map(|held| held.line).collect();
            if lines.is_empty() {
                return Err(MendError::Nothing(format!(
                    "{number} was taken, and none of its lines waits to be mended"
                )));
            }
            Some(lines)
        }
        SubmissionState::Repeat => {
            let what = format!("{number} repeats an earlier file; mend the submission that answers it");
            return Err(MendError::Nothing(what));
        }
        _ => None,
    };
    let bytes = original(store, vault, &summary).map_err(|source| MendError::Original { number, source })?;
    let scan = scan(bytes.as_slice(), options.threads).map_err(|source| MendError::Original { number, source })?;
    let codes: Vec<&str> = scan.employers.keys().map(String::as_str).collect();
    store.data_keys(&codes, options.now)?;
    let mut known = {
        // Only read, and left without a commit.
        let mut group = store.begin_group()?;
        Known::load(&mut group, &scan.employers, &options)?
    };
    if seeded && waiting.is_some() {
        known.complete(scan.employers.keys());
    }
    let check = judge(bytes.as_slice(), summary.file_name.as_ref(), &known, &[], &options, options.threads);
    let mut check = check.map_err(|source| MendError::Original { number, source })?;
    let mut left = None;
    if let Some(lines) = &waiting {
        only(&mut check, lines);
    } else {
        let others = others(store, &summary, &check)?;
        let gone = lines_of(&bytes, &check, &others);
        if !others.is_empty() {
            let theirs = |finding: &Finding| check.employer_of(finding).is_some_and(|code| others.contains(code));
            let theirs: Vec<bool> = check.findings.iter().map(theirs).collect();
            let mut theirs = theirs.into_iter();
            check.findings.retain(|_| theirs.next() != Some(true));
            check.held.retain(|line| !gone.contains(line));
            left = Some((1..=check.lines).filter(|line| !gone.contains(line)).collect());
        }
    }
    let names = Names::new(&known, &scan.employers);
    Ok((Rejudged { summary, bytes, check, names, waiting, left, seeded }, options))
}

/// Employers in the file whose parts are none of this submission's: each has one of its own. Where the submission is
/// nobody's, those of whom a part was taken.
fn others(store: &Store, summary: &SubmissionSummary, check: &FileCheck) -> Result<BTreeSet<String>, StoreError> {
    let other = |part: &&EmployerPart| part.is_code && part.code != summary.employer_code;
    let others = || check.employers.iter().filter(other).map(|part| &part.code);
    if EmployerCode::read(&summary.employer_code).1.is_some() {
        return Ok(others().cloned().collect());
    }
    let mut taken = BTreeSet::new();
    for code in others() {
        let (employer_code, state) = (Some(code.clone()), Some(SubmissionState::Taken.id()));
        let parts = store.submissions(&Filter { employer_code, state, ..Filter::default() })?;
        if parts.iter().any(|part| part.arrival == summary.arrival) {
            taken.insert(code.clone());
        }
    }
    Ok(taken)
}

/// How lines of this submission are judged when they come again: for the same Act, and as a short payment if they were
/// one; and whether they waited since the file that filled the register, to which their people belong then like all others
/// in that file.
fn told<'a>(
    store: &Store,
    summary: &SubmissionSummary,
    options: &SubmitOptions<'a>,
) -> Result<(SubmitOptions<'a>, bool), StoreError> {
    let one_act = if let [one] = summary.schemes[..] { Some(one) } else { None };
    let mut first = summary.clone();
    while let Some(id) = first.supplement_to {
        let filter = Filter { submission: Some(id), ..Filter::default() };
        let before = store.submissions(&filter)?.into_iter().next();
        // A supplement comes after what it supplements; anything else in the database is not followed in a circle.
        let Some(before) = before.filter(|before| before.number.0 < first.number.0) else { break };
        first = before;
    }
    let seeded = store.events(&first.number.to_string())?.iter().any(|event| event.what == SEEDED);
    let kind = options.kind.or((summary.kind == SubmissionKind::ShortPayment).then_some(summary.kind));
    Ok((SubmitOptions { scheme: options.scheme.or(one_act), kind, ..options.clone() }, seeded))
}

/// Leaves only what is said of these lines.
fn only(check: &mut FileCheck, lines: &BTreeSet<u64>) {
    let waits = |line: Option<u64>| line.is_some_and(|line| lines.contains(&line));
    check.findings.retain(|finding| waits(finding.line) && finding.name != FindingName::AlreadySubmitted);
    check.held.retain(|line| lines.contains(line));
}

/// The whole file of a submission, as it was received.
pub(super) fn original(store: &Store, vault: &Vault, summary: &SubmissionSummary) -> std::io::Result<Vec<u8>> {
    let kept = store.original(&summary.digest).map_err(std::io::Error::other)?;
    let mut bytes = Vec::new();
    match kept {
        Some(KeptOriginal::Sealed(sealed)) => {
            let mut reader = vault.read_sealed(&summary.digest, sealed.as_slice()).map_err(std::io::Error::other)?;
            reader.read_to_end(&mut bytes)?;
        }
        Some(KeptOriginal::InVault) => {
            let mut reader = vault.read(&summary.digest).map_err(std::io::Error::other)?;
            reader.read_to_end(&mut bytes)?;
        }
        None => return Err(std::io::Error::other("it was never kept")),
    }
    Ok(bytes)
}

/// Numbers by name and names by number, from the register and last month's acknowledgements; a name that two people bear
/// suggests nobody.
struct Names {
    numbers: HashMap<(String, String), Option<String>>,
    names: HashMap<(String, String), String>,
}

impl Names {
    fn new(known: &Known, found: &Found) -> Names {
        let mut names = Names { numbers: HashMap::new(), names: HashMap::new() };
        for (code, months) in found {
            for Employee { id_number, name, .. } in known.people(code) {
                names.add(code, id_number.reveal(), &name.0);
            }
            for month in months {
                names.add_month(code, &known.history, *month);
            }
        }
        names
    }

    fn add_month(&mut self, code: &str, history: &History, month: crate::domain::ContributionMonth) {
        let Some(book) = history.book(code, month.previous()) else { return };
        for stood in book.people() {
            self.add(code, &number_of(stood.key), book.name(stood));
        }
    }

    fn add(&mut self, code: &str, number: &str, name: &str) {
        let known = self.numbers.entry((code.to_owned(), letters(name))).or_insert_with(|| Some(number.to_owned()));
        if known.as_deref().is_some_and(|known| key_of(known) != key_of(number)) {
            *known = None;
        }
        self.names.entry((code.to_owned(), number.to_owned())).or_insert_with(|| name.to_owned());
    }
}

impl Suggestions for Names {
    fn id_for_name(&self, employer_code: &str, name: &str) -> Option<String> {
        self.numbers.get(&(employer_code.to_owned(), letters(name)))?.clone()
    }

    fn name_for_id(&self, employer_code: &str, id_number: &str) -> Option<String> {
        self.names.get(&(employer_code.to_owned(), id_number.to_owned())).cloned()
    }
}
