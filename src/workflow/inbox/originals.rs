//! What is left to do of submissions that a dropped file repeats: their state is the answer, not what would be said of
//! the same bytes today.

use std::collections::HashMap;

use crate::checks::{FileCheck, Verdict};
use crate::domain::FindingName;
use crate::domain::states::SubmissionState;
use crate::store::{Group, StoreError, SubmissionNumber};
use crate::workflow::recording::TRAY;
use crate::workflow::submit::{SubmissionOutcome, Submitted};

/// An earlier submission of the same bytes.
pub(super) struct Original {
    /// Lines that still wait to be mended.
    pub(super) waiting: u64,
    /// When its sums are due; nothing where it has none.
    pub(super) due_date: Option<String>,
}

/// Earlier submissions, by number.
pub(super) type Originals = HashMap<SubmissionNumber, Original>;

/// Looks the repeated submissions of a file up.
pub(super) fn originals(group: &mut Group<'_>, submitted: &Submitted) -> Result<Originals, StoreError> {
    let mut found = Originals::new();
    for number in submitted.submissions.iter().filter_map(|outcome| outcome.repeat_of) {
        let (waiting, due_date) = group.left_of(number, TRAY)?;
        found.insert(number, Original { waiting, due_date });
    }
    Ok(found)
}

/// The earlier submission that a part repeats.
pub(super) fn of<'o>(originals: &'o Originals, outcome: &SubmissionOutcome) -> Option<&'o Original> {
    outcome.repeat_of.and_then(|number| originals.get(&number))
}

/// Leaves out what is not true of this file: a register is filled by a file that is taken, and what was taken before is
/// not judged again.
pub(super) fn told(check: &FileCheck, submissions: &[SubmissionOutcome]) -> Option<FileCheck> {
    let any = |state: SubmissionState| submissions.iter().any(|outcome| outcome.state == state);
    let repeat = !submissions.is_empty() && submissions.iter().all(|one| one.state == SubmissionState::Repeat);
    let seeds = any(SubmissionState::Taken);
    let untrue = |name: FindingName| match name {
        FindingName::RepeatOfEarlierFile => false,
        FindingName::RegisterSeeded => !seeds,
        _ => repeat,
    };
    let verdict = if repeat { Verdict::Warnings } else { check.verdict };
    if !check.findings.iter().any(|finding| untrue(finding.name)) && verdict == check.verdict {
        return None;
    }
    let mut findings = check.findings.clone();
    findings.retain(|finding| !untrue(finding.name));
    let (held, held_lines) = if repeat { (Vec::new(), 0) } else { (check.held.clone(), check.held_lines) };
    Some(FileCheck { findings, verdict, held, held_lines, ..check.clone() })
}

/// The submission of which something is to be mended: this one, or the one that it repeats.
pub(super) fn to_mend(outcome: &SubmissionOutcome, originals: &Originals) -> Option<SubmissionNumber> {
    match outcome.state {
        SubmissionState::Taken => (outcome.held_lines > 0).then_some(outcome.number),
        SubmissionState::Returned | SubmissionState::Refused => Some(outcome.number),
        SubmissionState::Repeat => {
            of(originals, outcome).filter(|original| original.waiting > 0).and(outcome.repeat_of)
        }
        SubmissionState::Arrived | SubmissionState::Quarantined | SubmissionState::Checked => None,
    }
}
