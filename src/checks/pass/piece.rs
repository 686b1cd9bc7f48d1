//! What one piece of a file showed, for [`Whole`](super::super::whole::Whole) to join.

use super::super::people::Seen;
use crate::domain::{ContributionMonth, Finding, Sen};

/// What one piece of a file showed. Line numbers count from 1 inside the piece.
#[derive(Debug, Default)]
pub struct Piece {
    /// Physical lines.
    pub lines: u32,
    /// Lines that are records.
    pub records: u64,
    /// Faults of lines, in order.
    pub findings: Vec<Finding>,
    /// Warnings that are said once for a value, however many lines carry it.
    pub once: Vec<Finding>,
    /// Employers met, with their records.
    pub employers: Vec<EmployerIn>,
    /// Employers and months met, with their sums.
    pub groups: Vec<Group>,
    /// The people of each group, in the order of the file.
    pub people: Vec<SeenIn>,
    /// Lines that are no record, with their beginning.
    pub irregular: Vec<Irregular>,
    /// Wages above the ceiling before, and which of them pay by the old table.
    pub old_schedule: OldSchedule,
    /// Lines without, and lines with, digits in the place of SKBBK.
    pub skbbk_blank: u64,
    /// See `skbbk_blank`.
    pub skbbk_digits: u64,
    /// Line ends: CR LF, LF, CR.
    pub line_ends: [u64; 3],
    /// Lines read as Windows-1252.
    pub converted: u64,
    /// Empty lines.
    pub blank: u64,
    /// Old end-of-file marks.
    pub control_z: u64,
    /// The first record.
    pub first_line: Option<u32>,
    /// The last record.
    pub last_line: Option<u32>,
}

/// A person in one of the piece's groups.
#[derive(Debug, Clone, Copy)]
pub struct SeenIn {
    /// Index of the group.
    pub group: u32,
    /// Who, and where.
    pub seen: Seen,
}

/// A line that is no record.
#[derive(Debug)]
pub struct Irregular {
    /// Physical line.
    pub line: u64,
    /// How it begins.
    pub start: Box<[u8]>,
    /// Characters without blanks at the end, which a record may do without.
    pub length: usize,
}

/// An employer in the piece; findings name it by its place.
#[derive(Debug, Clone)]
pub struct EmployerIn {
    /// The employer's code; as written where it is not one.
    pub code: Box<str>,
    /// Its records.
    pub records: u64,
}

/// An employer and month with sums.
#[derive(Debug, Clone)]
pub struct Group {
    /// Place of the employer in the piece.
    pub employer: u32,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Sums.
    pub sums: Sums,
}

/// Sums of both Acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the sum of the amounts of that name")]
pub struct Sums {
    pub act4_people: u64,
    pub act4_employer: Sen,
    pub act4_employee: Sen,
    pub skbbk: Sen,
    pub act4_total: Sen,
    pub act800_people: u64,
    pub act800_employer: Sen,
    pub act800_employee: Sen,
    pub act800_total: Sen,
}

/// Who pays by the table with the lower ceiling.
#[derive(Debug, Default)]
pub struct OldSchedule {
    /// Lines with a wage above that ceiling.
    pub wages_over: u64,
    /// Those of them that pay that table's top row: the finding if all do, and the findings if not all do.
    pub on_top_row: Vec<(Finding, Vec<Finding>)>,
}
