//! Lines that wait, and lines that waited and come again: whose they are in a file of several employers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fix::lines_of_employers;
use super::judging::{Mends, Part};
use crate::checks::FileCheck;
use crate::domain::states::SubmissionState;
use crate::domain::{Finding, FindingName, Severity};
use crate::store::{HeldLine, HeldState, SubmissionId};

/// Lines that wait for the clerk to mend them.
pub(super) const TRAY: &str = "to-mend";

/// Lines that were acknowledged before: they are not owed a second time.
pub(super) const ALREADY: &str = "already-submitted";

/// Codes of what is wrong, by line.
type Wrong = BTreeMap<u64, BTreeSet<&'static str>>;

/// The trays of a file's parts.
pub(super) struct Trays<'a> {
    check: &'a FileCheck,
    /// The file has one part, to which every line belongs.
    pub(super) alone: bool,
    /// Lines to mend by the place of their employer; those that do not say whose they are under `None`.
    wrong: HashMap<Option<u32>, Wrong>,
    /// The part in whose tray these lie, so that each line is in one place: the first that is taken. None where the file came
    /// before, when they found their tray.
    strays: Option<SubmissionId>,
    /// The lines come from a tray.
    mends: Option<&'a Mends>,
    /// The lines of each part, where the lines come from a tray and the file has several.
    own: HashMap<SubmissionId, BTreeSet<u64>>,
}

/// What leaves a tray with a part.
pub(super) struct Leaving {
    /// Whose tray.
    pub(super) submission: SubmissionId,
    /// Lines that are acknowledged, or were.
    pub(super) freed: BTreeSet<u64>,
    /// Lines that nobody waits for any more.
    pub(super) given_up: BTreeSet<u64>,
}

impl<'a> Trays<'a> {
    /// Of a file's parts; `bytes` are those of a file that came from a tray.
    pub(super) fn new(check: &'a FileCheck, parts: &[Part], mends: Option<&'a Mends>, bytes: &[u8]) -> Self {
        let mut wrong: HashMap<Option<u32>, Wrong> = HashMap::new();
        for finding in check.findings.iter().filter(|finding| finding.severity >= Severity::Fix) {
            if let Some(line) = finding.line {
                let of_owner = wrong.entry(check.owner(finding)).or_default();
                of_owner.entry(line).or_default().insert(finding.name.code());
            }
        }
        let in_state = |state: SubmissionState| parts.iter().find(move |part| part.state == state).map(|part| part.id);
        let strays = in_state(SubmissionState::Taken).filter(|_| in_state(SubmissionState::Repeat).is_none());
        let alone = parts.len() == 1;
        let mut own = HashMap::new();
        if mends.is_some() && !alone {
            let mut others: BTreeSet<u64> = (1..=check.lines).collect();
            for part in parts {
                let lines = lines_of_employers(bytes, check, &BTreeSet::from([part.employer_code.clone()]));
                others.retain(|line| !lines.contains(line));
                own.insert(part.id, lines);
            }
            // Lines that do not say whose they are wait where they waited, or go on with the others.
            if let Some(lines) = strays.and_then(|id| own.get_mut(&id)) {
                lines.extend(others);
            }
        }
        Trays { check, alone, wrong, strays, mends, own }
    }

    /// The submission whose lines the part mends. A line that turned out to be another employer's mends none of that one's;
    /// the tray says where it went.
    pub(super) fn mended_by(&self, part: &Part) -> Option<SubmissionId> {
        self.mends.filter(|mends| mends.employer_code == part.employer_code).map(|mends| mends.submission)
    }

    /// How many lines wait with this part that do not say whose they are; in a file of one part all lines are its own.
    pub(super) fn strays_of(&self, part: &Part) -> u64 {
        let strays = self.wrong.get(&None).filter(|_| !self.alone && self.strays == Some(part.id));
        strays.map_or(0, |lines| lines.len() as u64)
    }

    /// The lines that wait, with the codes of what is wrong with them.
    pub(super) fn rows(&self, part: &Part) -> Vec<HeldLine> {
        let place = self.check.place_of(&part.employer_code);
        let of_part = |owner: &Option<u32>| match owner {
            Some(_) => *owner == place,
            None => self.strays == Some(part.id),
        };
        let own = self.wrong.iter().filter(|(owner, _)| self.alone || of_part(owner)).flat_map(|(_, lines)| lines);
        let lines: BTreeMap<u64, &BTreeSet<&'static str>> = own.map(|(line, codes)| (*line, codes)).collect();
        let row = |(line, codes): (u64, &BTreeSet<&'static str>)| {
            let codes: Vec<&str> = codes.iter().copied().collect();
            // Who stands acknowledged already has nothing to wait for.
            let stands = codes == [FindingName::AlreadySubmitted.code()];
            let tray = if stands { ALREADY } else { TRAY };
            let (state, codes) = (HeldState::Waiting, codes.join(","));
            HeldLine { line, tray: tray.to_owned(), codes, state, freed_by: None }
        };
        lines.into_iter().map(row).collect()
    }

    /// What leaves the tray from which the file's lines come, with this part: its own lines, and of these those that stand
    /// acknowledged already for nothing. Nothing, where the lines come from no tray.
    pub(super) fn leaving(&self, part: &Part) -> Option<Leaving> {
        let mends = self.mends?;
        let own = self.own.get(&part.id);
        let lines = (1..).zip(&mends.origin).filter(|(line, _)| own.is_none_or(|own| own.contains(line)));
        let old_lines: BTreeMap<u64, u64> = lines.map(|(line, old)| (line, *old)).collect();
        let place = self.check.place_of(&part.employer_code);
        let stands = |finding: &&Finding| {
            finding.name == FindingName::AlreadySubmitted && place.is_none_or(|at| self.check.concerns(finding, at))
        };
        let stand = || self.check.findings.iter().filter(stands);
        let mut given_up: BTreeSet<u64> = if stand().any(|finding| finding.line.is_none()) {
            let strays = self.wrong.get(&None);
            let said = old_lines.iter().filter(|(line, _)| strays.is_none_or(|strays| !strays.contains_key(line)));
            said.map(|(_, old)| *old).collect()
        } else {
            stand().filter_map(|finding| old_lines.get(&finding.line?).copied()).collect()
        };
        let mut freed: BTreeSet<u64> = old_lines.into_values().collect();
        match part.state {
            SubmissionState::Repeat => given_up = BTreeSet::new(),
            SubmissionState::Taken => given_up.extend(&mends.dropped),
            _ => freed = BTreeSet::new(),
        }
        freed.retain(|line| !given_up.contains(line));
        Some(Leaving { submission: mends.submission, freed, given_up })
    }
}
