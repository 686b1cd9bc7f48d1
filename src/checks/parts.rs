//! The parts of a file: one an employer, each with a judgement of its own. What is wrong with one employer's lines, or with
//! the employer, holds that part; what is wrong with the file, or with a line that does not say whose it is, holds all.

use std::collections::HashSet;

use serde::Serialize;

use super::context::Act;
use super::whole::Whole;
use super::{FileCheck, Reread, Total, Verdict};
use crate::domain::{EmployerCode, Finding, Scheme, Severity};
use crate::reader::LayoutId;
use crate::reader::chunk::Cut;

/// A line that is held, and whose it is.
pub(super) type HeldLine = (u64, Option<u32>);

/// One employer's part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployerPart {
    /// The employer's code; as written where it is not one.
    pub code: String,
    /// The code is one. Lines with another may be anybody's.
    pub is_code: bool,
    /// The judgement on the part.
    pub verdict: Verdict,
    /// Records with nothing to mend.
    pub accepted_lines: u64,
    /// Lines with something to mend.
    pub held_lines: u64,
    /// Its own findings, without those of the file.
    pub counts: FindingCounts,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is the number of findings of that severity")]
pub struct FindingCounts {
    pub stop: u64,
    pub fix: u64,
    pub warn: u64,
    pub note: u64,
}

impl FindingCounts {
    /// Of some findings.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = FindingCounts::default();
        findings.into_iter().for_each(|finding| counts.add(finding.severity));
        counts
    }

    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Stop => self.stop += 1,
            Severity::Fix => self.fix += 1,
            Severity::Warn => self.warn += 1,
            Severity::Note => self.note += 1,
        }
    }
}

impl Verdict {
    /// What the heaviest finding leads to.
    pub fn of(worst: Option<Severity>) -> Verdict {
        match worst {
            Some(Severity::Stop) => Verdict::Refused,
            Some(Severity::Fix) => Verdict::Errors,
            Some(Severity::Warn) => Verdict::Warnings,
            Some(Severity::Note) | None => Verdict::Clean,
        }
    }
}

impl FileCheck {
    /// An employer's part.
    pub fn part_of(&self, employer_code: &str) -> Option<&EmployerPart> {
        self.employers.get(self.place_of(employer_code)? as usize)
    }

    /// The place of an employer's part.
    pub fn place_of(&self, employer_code: &str) -> Option<u32> {
        let place = self.employers.binary_search_by(|part| part.code.as_str().cmp(employer_code));
        u32::try_from(place.ok()?).ok()
    }

    /// The employer a finding is about; `None` for what is the file's own.
    pub fn employer_of(&self, finding: &Finding) -> Option<&str> {
        self.employers.get(finding.employer? as usize).map(|part| part.code.as_str())
    }

    /// The employer a finding is about, where people need to be told: in a file of several.
    pub fn employer_told(&self, finding: &Finding) -> Option<&str> {
        if self.employers.len() > 1 { self.employer_of(finding) } else { None }
    }

    /// The place of the one employer whose part a finding holds; `None` where it holds every part.
    pub fn owner(&self, finding: &Finding) -> Option<u32> {
        finding.employer.filter(|at| self.employers.get(*at as usize).is_some_and(|part| part.is_code))
    }

    /// True when the finding weighs on the part at this place.
    pub fn concerns(&self, finding: &Finding, place: u32) -> bool {
        finding.employer == Some(place) || self.owner(finding).is_none()
    }

    /// Judges the file and its parts by the findings.
    pub(crate) fn weigh(&mut self) {
        let mut own: Vec<(FindingCounts, Option<Severity>)> = vec![Default::default(); self.employers.len()];
        let mut of_all = None;
        for finding in &self.findings {
            if let Some((counts, worst)) = finding.employer.and_then(|at| own.get_mut(at as usize)) {
                counts.add(finding.severity);
                *worst = (*worst).max(Some(finding.severity));
            }
            if self.owner(finding).is_none() {
                of_all = of_all.max(Some(finding.severity));
            }
        }
        self.verdict = Verdict::of(own.iter().map(|(_, worst)| *worst).max().flatten().max(of_all));
        for (part, (counts, worst)) in self.employers.iter_mut().zip(own) {
            part.counts = counts;
            part.verdict = Verdict::of(worst.max(of_all));
        }
    }
}

impl Whole<'_, '_> {
    /// Whose a line is that is no record, where it begins with the code of an employer in the file.
    pub(super) fn employer_at_start(&self, start: &[u8]) -> Option<u32> {
        let written = start.get(self.context.layout.at.employer_code.clone())?;
        let code = EmployerCode::read(String::from_utf8_lossy(written).trim()).1?;
        self.employer_at.get(code.as_str()).copied()
    }

    /// Brings the employers into the order of their codes.
    pub(super) fn sort_employers(&mut self, held: &mut [HeldLine]) {
        if self.employers.is_sorted() {
            return;
        }
        let mut order: Vec<u32> = (0..self.employers.len() as u32).collect();
        order.sort_unstable_by_key(|at| &self.employers[*at as usize].0);
        let mut places = vec![0; order.len()];
        for (place, at) in (0..).zip(&order) {
            places[*at as usize] = place;
        }
        let owners = self.findings.iter_mut().map(|finding| &mut finding.employer);
        for owner in owners.chain(held.iter_mut().map(|(_, owner)| owner)).flatten() {
            *owner = places[*owner as usize];
        }
        self.employers.sort_unstable();
    }

    /// The judgement on the file and on each part, when everything is found.
    pub(super) fn judged(
        mut self,
        layout: LayoutId,
        digest: blake3::Hash,
        bytes: u64,
        cut: Cut,
        totals: Vec<Total>,
        mut held: Vec<HeldLine>,
    ) -> FileCheck {
        let heavy = self.findings.iter().filter(|finding| finding.severity >= Severity::Fix);
        held.extend(heavy.filter_map(|finding| Some((finding.line?, finding.employer))));
        held.sort_unstable();
        held.dedup_by_key(|(line, _)| *line);
        let irregular: HashSet<u64> = self.irregular.iter().map(|odd| odd.line).collect();
        let new = |(code, records): (Box<str>, u64)| EmployerPart {
            is_code: EmployerCode::read(&code).1.is_some(),
            code: code.into(),
            verdict: Verdict::Clean,
            accepted_lines: records,
            held_lines: 0,
            counts: FindingCounts::default(),
        };
        let mut employers: Vec<EmployerPart> = std::mem::take(&mut self.employers).into_iter().map(new).collect();
        let mut accepted = self.records;
        for (line, owner) in &held {
            let record = u64::from(!irregular.contains(line));
            accepted -= record;
            if let Some(part) = owner.and_then(|at| employers.get_mut(at as usize)) {
                part.accepted_lines -= record;
                part.held_lines += 1;
            }
        }
        let schemes = match self.decided.act {
            Act::One(scheme) => vec![scheme],
            Act::Joint => vec![Scheme::Act4, Scheme::Act800],
            Act::Undecided => Vec::new(),
        };
        let mut check = FileCheck {
            digest: Some(digest),
            bytes,
            lines: self.lines,
            layout: Some(layout),
            schemes,
            scheme_basis: self.decided.basis,
            encoding: Some(if self.converted > 0 { "windows-1252" } else { "utf-8" }),
            line_ending: Some(self.line_ending()),
            reread: Some(Reread { cut, wrapper: self.identity.wrapper, line_bases: self.line_bases }),
            verdict: Verdict::Clean,
            accepted_lines: accepted,
            held_lines: held.len() as u64,
            with_history: self.context.history.is_some(),
            held: held.into_iter().map(|(line, _)| line).collect(),
            totals,
            employers,
            findings: self.findings,
        };
        check.weigh();
        if check.verdict == Verdict::Refused {
            check.accepted_lines = 0;
            check.employers.iter_mut().for_each(|part| part.accepted_lines = 0);
        }
        check
    }
}
