//! What is left to do of submissions that a dropped file repeats: their state is the answer, not what would be said of
//! the same bytes today.

use std::collections::{HashMap, HashSet};

use crate::checks::{FileCheck, Verdict};
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, FindingName};
use crate::store::{Group, StoreError, SubmissionNumber};
use crate::workflow::submit::{SubmissionOutcome, Submitted};
use crate::workflow::trays::TRAY;

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

/// True when nothing of the file is left to do for whoever dropped it, but to pay.
pub(super) fn complete(submitted: &Submitted, originals: &Originals) -> bool {
    !submitted.submissions.is_empty() && submitted.submissions.iter().all(|outcome| done(outcome, originals))
}

/// The same of one employer's part.
pub(super) fn done(outcome: &SubmissionOutcome, originals: &Originals) -> bool {
    match outcome.state {
        SubmissionState::Taken => outcome.held_lines == 0,
        SubmissionState::Repeat => of(originals, outcome).is_none_or(|original| original.waiting == 0),
        _ => false,
    }
}

/// Leaves out what is not true of this file: a register is filled by a file that is taken, and what was taken before is
/// not judged again.
pub(super) fn told(check: &FileCheck, submissions: &[SubmissionOutcome]) -> Option<FileCheck> {
    let repeat = !submissions.is_empty() && submissions.iter().all(|one| one.state == SubmissionState::Repeat);
    let places = |state: SubmissionState| -> HashSet<u32> {
        let those = submissions.iter().filter(|outcome| outcome.state == state);
        those.filter_map(|outcome| check.place_of(&outcome.employer_code)).collect()
    };
    let (repeated, taken) = (places(SubmissionState::Repeat), places(SubmissionState::Taken));
    let is_in = |places: &HashSet<u32>, finding: &Finding| finding.employer.is_some_and(|at| places.contains(&at));
    let untrue = |finding: &Finding| match finding.name {
        FindingName::RepeatOfEarlierFile => false,
        FindingName::RegisterSeeded => !is_in(&taken, finding),
        _ => repeat || is_in(&repeated, finding),
    };
    let verdict = if repeat { Verdict::Warnings } else { check.verdict };
    if !check.findings.iter().any(untrue) && verdict == check.verdict {
        return None;
    }
    let mut told = check.clone();
    told.findings.retain(|finding| !untrue(finding));
    if repeat {
        (told.held, told.held_lines) = (Vec::new(), 0);
    }
    for (_, part) in (0..).zip(&mut told.employers).filter(|(place, _)| repeat || repeated.contains(place)) {
        told.held_lines = told.held_lines.saturating_sub(part.held_lines);
        part.held_lines = 0;
    }
    told.weigh();
    if repeat {
        told.verdict = told.verdict.max(Verdict::Warnings);
    }
    Some(told)
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
