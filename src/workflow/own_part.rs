//! Lines that did not say whose they are, and that the fix sheet of one employer's part gives to another employer who has a
//! part of the same file: they stand in that one's sheet too, and come with it.

use std::collections::{BTreeMap, BTreeSet};

use super::fix::{FixSheet, Mended, lines_of_employers};
use crate::checks::{EmployerPart, FileCheck};
use crate::domain::states::SubmissionState;
use crate::domain::{EmployerCode, Finding, FindingName};
use crate::store::{Filter, HeldState, Store, StoreError, SubmissionNumber, SubmissionSummary};

/// Whose part is handed in again. Lines for other employers are in it by the way, and fill no register of theirs.
#[derive(Debug, Clone)]
pub(super) struct OwnPart {
    /// The employer.
    pub employer_code: String,
    /// What is said of it besides the judgement.
    pub said: Vec<Finding>,
}

/// Lines of nobody that a sheet gives to employers who have parts of their own.
#[derive(Default)]
pub(super) struct GivenAway {
    /// The submission with which they come, and they.
    by_employer: BTreeMap<String, (SubmissionNumber, BTreeSet<u64>)>,
    /// They, and the second halves of those that are broken in two.
    lines: BTreeSet<u64>,
}

impl GivenAway {
    /// Of a mended submission; `own` are the lines in the file that say that they are its employer's.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn of(
        store: &Store,
        summary: &SubmissionSummary,
        check: &FileCheck,
        own: &BTreeSet<u64>,
        mended: &Mended,
    ) -> Result<GivenAway, StoreError> {
        let mut away = GivenAway::default();
        if EmployerCode::read(&summary.employer_code).1.is_none() {
            return Ok(away);
        }
        let other = |part: &&EmployerPart| part.is_code && part.code != summary.employer_code;
        for EmployerPart { code, .. } in check.employers.iter().filter(other) {
            let given = lines_of_employers(&mended.bytes, check, &BTreeSet::from([code.clone()]));
            let olds = (1..).zip(&mended.origin).filter(|(line, _)| given.contains(line)).map(|(_, old)| *old);
            let lines: BTreeSet<u64> = olds.filter(|old| !own.contains(old)).collect();
            if let Some(number) = comes_with(store, summary, code, &lines)? {
                let broken = check.findings.iter().filter(|finding| finding.name == FindingName::RecordSplit);
                let broken = broken.filter_map(|finding| finding.line).filter(|line| lines.contains(line));
                away.lines.extend(broken.map(|line| line + 1).chain(lines.iter().copied()));
                away.by_employer.insert(code.clone(), (number, lines));
            }
        }
        Ok(away)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What is left of the lines that are handed in.
    pub(super) fn rest(&self, lines: &BTreeSet<u64>) -> BTreeSet<u64> {
        lines - &self.lines
    }

    /// The sheet without what it says of these lines.
    pub(super) fn rest_of(&self, sheet: &FixSheet) -> FixSheet {
        let mut rest = sheet.clone();
        rest.rows.retain(|row| row.line.is_none_or(|line| !self.lines.contains(&line)));
        rest
    }

    /// What the answer says of them, one finding for each employer.
    pub(super) fn said(&self) -> Vec<Finding> {
        let said = self.by_employer.iter().map(|(code, (number, lines))| {
            let list: Vec<String> = lines.iter().map(u64::to_string).collect();
            let finding = Finding::new(FindingName::LineOfAnotherPart).found(list.join(", "));
            finding.expected(code.as_str()).with("number", number)
        });
        said.collect()
    }
}

/// The lines of these employers: their records, and those of their broken lines that say whose they are.
pub(super) fn lines_of(bytes: &[u8], check: &FileCheck, codes: &BTreeSet<String>) -> BTreeSet<u64> {
    let mut lines = lines_of_employers(bytes, check, codes);
    for finding in &check.findings {
        if let Some(line) = finding.line
            && check.employer_of(finding).is_some_and(|code| codes.contains(code))
        {
            lines.insert(line);
            // The second half of a broken record goes with the first.
            lines.extend((finding.name == FindingName::RecordSplit).then_some(line + 1));
        }
    }
    lines
}

/// The other employer's submission of the same file whose sheet has these lines too: it went back, or the lines wait in its
/// tray. A tray gives its lines to an employer who has nothing left to mend: there they find what stands already.
fn comes_with(
    store: &Store,
    summary: &SubmissionSummary,
    code: &str,
    lines: &BTreeSet<u64>,
) -> Result<Option<SubmissionNumber>, StoreError> {
    if lines.is_empty() {
        return Ok(None);
    }
    let of_other = store.submissions(&Filter { employer_code: Some(code.to_owned()), ..Filter::default() })?;
    let from_tray = summary.state == SubmissionState::Taken;
    for part in of_other.iter().filter(|part| part.arrival == summary.arrival) {
        let later = |one: &&SubmissionSummary| one.state == SubmissionState::Taken && one.number.0 > part.number.0;
        let has_them = match part.state {
            SubmissionState::Returned => !from_tray || !of_other.iter().any(|one| later(&one)),
            SubmissionState::Taken => {
                let held = store.held_lines(part.id)?;
                let waits = |line: &u64| held.iter().any(|h| h.line == *line && h.state == HeldState::Waiting);
                lines.iter().all(waits)
            }
            _ => false,
        };
        if has_them {
            return Ok(Some(part.number));
        }
    }
    Ok(None)
}
