//! What only the whole file shows: people twice, broken lines and their neighbours, sums, due dates, the verdict.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::context::Context;
use super::parts::HeldLine;
use super::pass::{EmployerIn, Irregular, OldSchedule, Piece, Sums};
use super::people::{Again, PeopleTable, Seen};
use super::scheme::Decided;
use super::{FileCheck, Gate, Total};
use crate::domain::identity::mask_numbers;
use crate::domain::{ContributionMonth, Finding, FindingName, Severity};
use crate::reader::chunk::Cut;
use crate::reader::identify::Identity;
use crate::reader::line::{Line, LineReader, Record};
use crate::reader::{Layout, LayoutId};

/// Collects the pieces of a file in order.
#[derive(Debug)]
pub struct Whole<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    pub(super) identity: Identity,
    pub(super) decided: Decided,
    pub(super) lines: u64,
    pub(super) line_bases: Vec<u64>,
    pub(super) records: u64,
    pub(super) findings: Vec<Finding>,
    once: HashSet<(FindingName, Box<str>, Option<u32>)>,
    /// Codes in the order of the file, with their records.
    pub(super) employers: Vec<(Box<str>, u64)>,
    pub(super) employer_at: HashMap<Box<str>, u32>,
    pub(super) groups: Vec<((Box<str>, ContributionMonth), Sums)>,
    /// The employer of each group.
    pub(super) group_of: Vec<u32>,
    group_at: HashMap<(u32, ContributionMonth), usize>,
    pub(super) people: Vec<PeopleTable>,
    again: Vec<(u32, Again)>,
    pub(super) irregular: Vec<Irregular>,
    first_line: Option<u64>,
    last_line: Option<u64>,
    old_schedule: OldSchedule,
    skbbk_blank: u64,
    skbbk_digits: u64,
    line_ends: [u64; 3],
    pub(super) converted: u64,
    blank: u64,
    control_z: u64,
    gave_up: bool,
}

impl<'c, 'a> Whole<'c, 'a> {
    /// For one file.
    pub fn new(context: &'c Context<'a>, identity: Identity, decided: Decided) -> Self {
        Whole {
            context,
            identity,
            decided,
            lines: 0,
            line_bases: Vec::new(),
            records: 0,
            findings: Vec::new(),
            once: HashSet::new(),
            employers: Vec::new(),
            employer_at: HashMap::new(),
            groups: Vec::new(),
            group_of: Vec::new(),
            group_at: HashMap::new(),
            people: Vec::new(),
            again: Vec::new(),
            irregular: Vec::new(),
            first_line: None,
            last_line: None,
            old_schedule: OldSchedule::default(),
            skbbk_blank: 0,
            skbbk_digits: 0,
            line_ends: [0; 3],
            converted: 0,
            blank: 0,
            control_z: 0,
            gave_up: false,
        }
    }

    /// Adds the next piece.
    pub fn merge(&mut self, piece: Piece) {
        if self.hopeless() {
            // Nothing more is said of it line by line, so that a hostile file cannot fill the memory.
            self.gave_up = true;
            (self.irregular, self.findings, self.again, self.people) = Default::default();
            self.lines += u64::from(piece.lines);
            return;
        }
        let base = self.lines;
        self.line_bases.push(base);
        let whose: Vec<u32> = piece.employers.iter().map(|one| self.employer(one)).collect();
        let moved = |mut finding: Finding| {
            finding.line = finding.line.map(|line| line + base);
            finding.employer = finding.employer.map(|at| whose[at as usize]);
            finding
        };
        self.lines += u64::from(piece.lines);
        self.records += piece.records;
        self.findings.extend(piece.findings.into_iter().map(moved));
        for finding in piece.once.into_iter().map(moved) {
            if self.once.insert((finding.name, finding.found.clone().unwrap_or_default(), finding.employer)) {
                self.findings.push(finding);
            }
        }
        let at = piece.groups.iter().map(|g| self.group(whose[g.employer as usize], g.month, &g.sums));
        let at: Vec<usize> = at.collect();
        self.remember(&piece.people, &at, base);
        self.irregular.extend(piece.irregular.into_iter().map(|odd| Irregular { line: odd.line + base, ..odd }));
        if let Some(last) = piece.last_line {
            self.last_line = Some(u64::from(last) + base);
        }
        self.old_schedule.wages_over += piece.old_schedule.wages_over;
        let on_top = piece
            .old_schedule
            .on_top_row
            .into_iter()
            .map(|(old, other)| (moved(old), other.into_iter().map(moved).collect()));
        self.old_schedule.on_top_row.extend(on_top);
        self.first_line = self.first_line.or_else(|| piece.first_line.map(|line| u64::from(line) + base));
        self.skbbk_blank += piece.skbbk_blank;
        self.skbbk_digits += piece.skbbk_digits;
        for (sum, count) in self.line_ends.iter_mut().zip(piece.line_ends) {
            *sum += count;
        }
        self.converted += piece.converted;
        self.blank += piece.blank;
        self.control_z += piece.control_z;
    }

    /// A file that began like one, but is not: many lines that are no record, and hardly one that is.
    fn hopeless(&self) -> bool {
        const MANY: usize = 50_000;
        self.gave_up || self.irregular.len() > MANY && self.irregular.len() as u64 > 10 * self.records
    }

    /// The employer's place among those of the file.
    fn employer(&mut self, met: &EmployerIn) -> u32 {
        let at = match self.employer_at.get(&met.code) {
            Some(at) => *at,
            None => {
                let at = self.employers.len() as u32;
                self.employers.push((met.code.clone(), 0));
                self.employer_at.insert(met.code.clone(), at);
                at
            }
        };
        self.employers[at as usize].1 += met.records;
        at
    }

    fn group(&mut self, employer: u32, month: ContributionMonth, sums: &Sums) -> usize {
        let at = *self.group_at.entry((employer, month)).or_insert_with(|| {
            let code = self.employers[employer as usize].0.clone();
            self.groups.push(((code, month), Sums::default()));
            self.group_of.push(employer);
            self.people.push(PeopleTable::default());
            self.groups.len() - 1
        });
        let all = &mut self.groups[at].1;
        all.act4_people += sums.act4_people;
        all.act4_employer += sums.act4_employer;
        all.act4_employee += sums.act4_employee;
        all.skbbk += sums.skbbk;
        all.act4_total += sums.act4_total;
        all.act800_people += sums.act800_people;
        all.act800_employer += sums.act800_employer;
        all.act800_employee += sums.act800_employee;
        all.act800_total += sums.act800_total;
        at
    }

    fn remember(&mut self, people: &[super::pass::SeenIn], groups: &[usize], base: u64) {
        for run in people.chunk_by(|a, b| a.group == b.group) {
            let here = run.iter().map(|p| Seen { line: p.seen.line + base as u32, ..p.seen });
            let group = groups[run[0].group as usize];
            let (again, employer) = (&mut self.again, self.group_of[group]);
            self.people[group].add(here, |repeat| again.push((employer, repeat)));
        }
    }

    /// The judgement, when every piece was merged.
    pub fn finish(mut self, digest: blake3::Hash, bytes: u64, cut: Cut) -> FileCheck {
        if self.hopeless() {
            let finding = Finding::new(FindingName::NotAContributionFile).with("kind", "textual");
            return FileCheck { digest: Some(digest), bytes, lines: self.lines, ..FileCheck::unread(vec![finding]) };
        }
        let mut held_besides = Vec::new();
        self.repeats(&mut held_besides);
        self.irregular_lines();
        self.old_schedule();
        self.all_submitted_before(&mut held_besides);
        self.file_notes();
        let layout = self.layout();
        self.layout_findings(layout);
        let totals = self.totals();
        self.whole_findings(&totals);
        let decided = std::mem::take(&mut self.decided.findings);
        self.findings.extend(decided);
        self.sort_employers(&mut held_besides);
        // At most one piece of a name is sorted after the other: by line, then by code.
        self.findings.sort_by(|a, b| (a.line, a.name.code()).cmp(&(b.line, b.name.code())));
        self.judged(layout, digest, bytes, cut, totals, held_besides)
    }

    pub(super) fn line_ending(&self) -> &'static str {
        match self.line_ends {
            [0, 0, 0] => "none",
            [_, 0, 0] => "crlf",
            [0, _, 0] => "lf",
            [0, 0, _] => "cr",
            _ => "mixed",
        }
    }

    /// People named twice; or the whole file twice.
    fn repeats(&mut self, held: &mut Vec<HeldLine>) {
        let half = self.records / 2;
        let shift = self.again.first().map_or(0, |(_, a)| a.line - a.first);
        let doubled = half > 0
            && self.records == 2 * half
            && self.again.len() as u64 == half
            && self.again.iter().all(|(_, a)| a.same_name && a.line - a.first == shift);
        // One line twice is a person named twice; two lines and more, each again in the same order, are a file pasted twice.
        if doubled && half > 1 {
            held.extend(self.again.iter().map(|(employer, a)| (u64::from(a.line), Some(*employer))));
            self.findings.push(Finding::new(FindingName::FileDoubled).found(half.to_string()));
            return;
        }
        let columns = self.context.layout.columns("id_number");
        for (employer, again) in &self.again {
            let name = if again.same_name { FindingName::DuplicatePerson } else { FindingName::SameIdOtherName };
            let finding = Finding::new(name).line(u64::from(again.line)).of(*employer).at("id_number", columns);
            self.findings.push(finding.with("first", again.first));
        }
    }

    /// Lines that are no record: pieces of one, a header or footer, or of the wrong length.
    fn irregular_lines(&mut self) {
        let mut reader = LineReader::new(self.identity.layout, self.identity.wrapper);
        let expected = self.lengths();
        let mut at = 0;
        while let Some(Irregular { line, start, length }) = self.irregular.get(at) {
            if let Some(next) = self.irregular.get(at + 1)
                && next.line == line + 1
            {
                let joined = [trimmed(start), trimmed(&next.start)].concat();
                let joins = |record: &Record<'_>| record.oddities.name_shifts_by == 0 && record.month.is_some();
                if matches!(reader.read(&joined), Line::Record(record) if joins(&record)) {
                    let lengths = format!("{length} + {}", next.length);
                    let finding = Finding::new(FindingName::RecordSplit).line(*line).found(lengths);
                    let employer = self.employer_at_start(&joined);
                    self.findings.push(Finding { employer, ..finding.expected(expected.clone()) });
                    at += 2;
                    continue;
                }
            }
            let at_the_edge = Some(*line) < self.first_line || Some(*line) > self.last_line;
            let finding = if at_the_edge && !starts_like_a_record(start) {
                // Hidden before it is cut, so that no half of a number is left.
                let start: String = mask_numbers(&String::from_utf8_lossy(start)).trim().chars().take(24).collect();
                Finding::new(FindingName::HeaderOrFooterLine).found(start)
            } else {
                Finding::new(FindingName::LineLength).found(length.to_string()).expected(expected.clone())
            };
            let employer = self.employer_at_start(start);
            self.findings.push(Finding { employer, ..finding.line(*line) });
            at += 1;
        }
    }

    fn lengths(&self) -> String {
        let layout = self.context.layout;
        if layout.id == LayoutId::Brg8a83 {
            return layout.record_length.to_string();
        }
        format!("{} ({} when blanks at the end are cut)", layout.record_length, layout.trimmed_to)
    }

    /// If every wage above the old ceiling pays the old table's top row, the software was not updated.
    fn old_schedule(&mut self) {
        let OldSchedule { wages_over, on_top_row } = std::mem::take(&mut self.old_schedule);
        let all = on_top_row.len() as u64 == wages_over;
        for (old, other) in on_top_row {
            self.findings.extend(if all { vec![old] } else { other });
        }
    }

    fn file_notes(&mut self) {
        let mut note = |name, count: u64| {
            if count > 0 {
                self.findings.push(Finding::new(name).found(count.to_string()));
            }
        };
        note(FindingName::EncodingConverted, self.converted);
        note(FindingName::BlankLine, self.blank);
        note(FindingName::ControlZ, self.control_z);
        note(FindingName::ByteOrderMark, u64::from(self.identity.byte_order_mark));
        note(FindingName::Wrapper, u64::from(self.identity.wrapper));
        if self.line_ending() == "mixed" {
            let named = ["CRLF", "LF", "CR"].into_iter().zip(self.line_ends).filter(|(_, count)| *count > 0);
            let counts: Vec<String> = named.map(|(name, count)| format!("{name} {count}")).collect();
            self.findings.push(Finding::new(FindingName::LineEndingMixed).found(counts.join(", ")));
        }
    }

    /// One line with digits in the place of SKBBK makes a joint file version 2.
    fn layout(&self) -> LayoutId {
        match self.identity.layout {
            LayoutId::Joint278V2 if self.skbbk_digits == 0 => LayoutId::Joint278V1,
            other => other,
        }
    }

    fn layout_findings(&mut self, id: LayoutId) {
        let layout = Layout::get(id);
        if self.skbbk_blank > 0 && self.skbbk_digits > 0 {
            let (blank, digits) = (self.skbbk_blank.to_string(), self.skbbk_digits.to_string());
            self.findings.push(Finding::new(FindingName::LayoutVersionsMixed).found(blank).expected(digits));
        }
        if let Some(until) = layout.uploads_until.filter(|until| self.context.today > *until) {
            let severity = if self.context.gate == Gate::Dated { Severity::Stop } else { Severity::Warn };
            let current = LayoutId::ALL.into_iter().find(|id| Layout::get(*id).uploads_until.is_none());
            let finding = Finding::new(FindingName::LayoutRetired).severity(severity).with("layout", id.id());
            let current = current.map_or("", LayoutId::id);
            self.findings.push(finding.with("until", until).with("current", current));
        }
        let (first, last) = layout.months;
        let outside = |m: &ContributionMonth| first.is_some_and(|f| *m < f) || last.is_some_and(|l| *m > l);
        if let Some(month) = self.groups.iter().map(|((_, month), _)| *month).find(outside) {
            let finding = Finding::new(FindingName::LayoutNotForMonth).with("layout", id.id());
            self.findings.push(finding.with("month", month));
        }
    }

    fn whole_findings(&mut self, totals: &[Total]) {
        let employers: BTreeSet<&str> = self.groups.iter().map(|((code, _), _)| code.as_ref()).collect();
        let months: BTreeSet<ContributionMonth> = self.groups.iter().map(|((_, month), _)| *month).collect();
        let mut found = Vec::new();
        if employers.len() > 1 {
            let list: Vec<&str> = employers.iter().copied().take(5).collect();
            let finding = Finding::new(FindingName::SeveralEmployers).found(employers.len().to_string());
            found.push(finding.with("list", list.join(", ")));
        }
        if months.len() > 1 {
            let list: Vec<String> = months.iter().take(12).map(ToString::to_string).collect();
            found.push(
                Finding::new(FindingName::SeveralMonths).found(months.len().to_string()).with("list", list.join(", ")),
            );
        }
        for month in months {
            found.extend(self.due(month, totals));
        }
        found.extend(employers.iter().filter_map(|code| self.seeded(code)));
        self.add_findings(found);
        self.history_findings();
    }

    pub(super) fn add_findings(&mut self, found: Vec<Finding>) {
        self.findings.extend(found);
    }

    /// An empty register that this file fills. A list for EIS alone leaves out everybody who is not insured under it, so
    /// that the register would be wanting from the first day: it waits for a list under Act 4.
    fn seeded(&self, employer: &str) -> Option<Finding> {
        if !self.context.seeds(employer) || !self.context.act.pays_act4() {
            return None;
        }
        let of_employer = self.groups.iter().zip(&self.people).filter(|(((code, _), _), _)| **code == *employer);
        let people: HashSet<u64> = of_employer.flat_map(|(_, people)| people.keys()).collect();
        let finding = Finding::new(FindingName::RegisterSeeded).found(people.len().to_string());
        Some(Finding { employer: self.employer_at.get(employer).copied(), ..finding })
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A letter and digits at the beginning: meant as a record.
fn starts_like_a_record(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.len() > 8 && line[0].is_ascii_alphabetic() && line[1..8].iter().all(u8::is_ascii_digit)
}
