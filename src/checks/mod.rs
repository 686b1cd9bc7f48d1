//! From bytes to findings: everything wrong with a file in one pass. Pure: the clock, the register and the law are
//! parameters.
//!
//! Read in this order: [`check_file`], [`pass`] (the lines of one piece, in parallel), [`record`], [`amount`] and
//! [`person`] (the rules of one line), [`whole`] (what only the whole file shows).

pub mod amount;
pub mod context;
pub mod history;
pub mod parts;
pub mod pass;
pub mod people;
pub mod person;
pub mod record;
pub mod register;
pub mod rules_of;
pub mod scan;
pub mod scheme;
mod shares;
mod totals;
pub mod whole;

use std::collections::{HashMap, HashSet};
use std::io;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

pub use context::Context;
pub use history::History;
pub use parts::{EmployerPart, FindingCounts};
pub use register::Register;

use crate::domain::{ContributionMonth, Finding, FindingName, Registration, Scheme, Sen, Severity};
use crate::rates::RateBook;
use crate::reader::chunk::{Cut, for_each_chunk};
use crate::reader::identify::identify;
use crate::reader::{ByteSource, Layout, LayoutId};

/// Whether a layout that ASSIST no longer takes is only warned about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gate {
    /// It is read with a warning.
    #[default]
    Any,
    /// It refuses the file: for those who pass files on to ASSIST.
    Dated,
}

/// What a file is judged by.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The Act a 223 file is for, where the caller says so.
    pub scheme: Option<Scheme>,
    /// The file's name, which may hint at the Act.
    pub file_name: &'a str,
    /// Who is registered, if known.
    pub register: Option<&'a Register>,
    /// What stands acknowledged of earlier files, if known.
    pub history: Option<&'a History>,
    /// Employers for whom these very bytes were taken before: their history is not asked, the earlier file answers.
    pub repeated: &'a [String],
    /// How people who are not registered are treated; strictly, where nothing is said.
    pub registration: Option<&'a RegistrationRules>,
    /// The file tops up what was paid too low.
    pub short_payment: bool,
    /// See [`Gate`].
    pub gate: Gate,
    /// The moment of judging, in Malaysian time.
    pub now: DateTime<FixedOffset>,
    /// The law.
    pub book: &'a RateBook,
    /// Threads to work with.
    pub threads: usize,
}

impl<'a> Options<'a> {
    /// Nothing known but the file itself, one thread, the open gate.
    pub fn new(file_name: &'a str, now: DateTime<FixedOffset>, book: &'a RateBook) -> Self {
        Options {
            scheme: None,
            file_name,
            register: None,
            history: None,
            repeated: &[],
            registration: None,
            short_payment: false,
            gate: Gate::Any,
            now,
            book,
            threads: 1,
        }
    }
}

/// How people who are not registered are treated, by employer.
#[derive(Debug, Clone, Default)]
pub struct RegistrationRules {
    /// Where an employer has no rule of its own.
    pub usual: Registration,
    /// Employers with a rule of their own, by code.
    pub own: HashMap<String, Registration>,
    /// Employers whose empty register this file fills, by code.
    pub seeds: HashSet<String>,
    /// Employers whose register this file helps to fill, by code: its lines waited since the file that filled it.
    pub completes: HashSet<String>,
}

impl RegistrationRules {
    fn of(&self, employer_code: &str) -> Registration {
        self.own.get(employer_code).copied().unwrap_or(self.usual)
    }
}

/// On what the Act of a 223 file was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemeBasis {
    /// The caller said so.
    Told,
    /// The amounts are those of one Act's table.
    Amounts,
    /// The file's name says so.
    FileName,
}

/// The judgement on a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing but notes.
    Clean,
    /// Nothing to mend, something to look at.
    Warnings,
    /// Some line must be mended.
    Errors,
    /// The file cannot be taken.
    Refused,
}

/// Sums of one employer, month and Act, over every record that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The employer's code; as written where it is not one.
    pub employer_code: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// The Act.
    pub scheme: Scheme,
    /// Employees.
    pub people: u64,
    /// Employer's share; `None` where the layout carries only a total.
    pub employer: Option<Sen>,
    /// Employee's share without SKBBK; `None` where the layout carries only a total.
    pub employee: Option<Sen>,
    /// SKBBK.
    pub skbbk: Sen,
    /// Everything.
    pub total: Sen,
    /// Last day to pay without interest.
    pub due_date: NaiveDate,
    /// Days late on the day of judging.
    pub days_late: u32,
    /// Late interest by the day alone, if paid on the day of judging.
    pub interest_daily: Sen,
    /// What the minimum of each month in default adds.
    pub interest_top_up: Sen,
    /// Late interest in all.
    pub interest: Sen,
    /// Late interest in all if paid one day later.
    pub interest_tomorrow: Sen,
}

/// How the lines of a file that was checked are read a second time, to be stored or shown.
#[derive(Debug, Clone)]
pub struct Reread {
    /// Where its lines begin and how they end.
    pub cut: Cut,
    /// The file is a table of lines.
    pub wrapper: bool,
    /// Physical lines before each piece.
    pub line_bases: Vec<u64>,
}

/// Everything that can be said of a file.
#[derive(Debug, Clone)]
pub struct FileCheck {
    /// BLAKE3 of all bytes; `None` where the file could not be read.
    pub digest: Option<blake3::Hash>,
    /// Size.
    pub bytes: u64,
    /// Physical lines.
    pub lines: u64,
    /// Layout of the file; `None` where it was not recognised.
    pub layout: Option<LayoutId>,
    /// How to read the lines again; `None` where they were not read.
    pub reread: Option<Reread>,
    /// The Acts it pays.
    pub schemes: Vec<Scheme>,
    /// How the Act of a 223 file was decided.
    pub scheme_basis: Option<SchemeBasis>,
    /// `utf-8` or `windows-1252`.
    pub encoding: Option<&'static str>,
    /// `crlf`, `lf`, `cr`, `mixed` or `none`.
    pub line_ending: Option<&'static str>,
    /// The judgement: the worst of the employers' parts.
    pub verdict: Verdict,
    /// Records with nothing to mend.
    pub accepted_lines: u64,
    /// Lines with something to mend.
    pub held_lines: u64,
    /// Earlier files were asked.
    pub with_history: bool,
    /// The lines to hold, ascending.
    pub held: Vec<u64>,
    /// Sums.
    pub totals: Vec<Total>,
    /// One an employer, in the order of their codes; none where no record was read.
    pub employers: Vec<EmployerPart>,
    /// Sorted by line, then code; what concerns the whole file comes first.
    pub findings: Vec<Finding>,
}

/// Rules that need what was submitted before, which an offline check does not know.
pub const NEED_HISTORY: [FindingName; 4] = [
    FindingName::AlreadySubmitted,
    FindingName::RepeatOfEarlierFile,
    FindingName::Supplementary,
    FindingName::MissingSinceLastMonth,
];

/// Checks a file: recognises it, reads every line, applies every rule that needs no history.
///
/// # Errors
/// What the source reports; findings are no errors.
pub fn check_file<S: ByteSource + ?Sized>(source: &S, options: &Options<'_>) -> io::Result<FileCheck> {
    let identity = match identify(source)? {
        Ok(identity) => identity,
        Err(finding) => return refused(source, finding),
    };
    let cut = Cut { start: identity.start, line_end: identity.line_end, threads: options.threads };
    let decided = scheme::decide(source, &identity, options)?;
    let context = Context::new(Layout::get(identity.layout), decided.act, options);
    let mut whole = whole::Whole::new(&context, identity, decided);
    let digest =
        for_each_chunk(source, cut, |chunk| pass::read_chunk(&context, &identity, chunk), |piece| whole.merge(piece))?;
    Ok(whole.finish(digest, source.len(), cut))
}

fn refused<S: ByteSource + ?Sized>(source: &S, finding: Finding) -> io::Result<FileCheck> {
    // A file too large to be taken is not read through for its digest either.
    let digest = if finding.name == FindingName::FileTooLarge {
        None
    } else {
        let cut = Cut { start: 0, line_end: b'\n', threads: 1 };
        Some(for_each_chunk(source, cut, |_| (), |()| ())?)
    };
    Ok(FileCheck { digest, bytes: source.len(), ..FileCheck::unread(vec![finding]) })
}

impl FileCheck {
    /// The document of a file of which nothing is known but these findings.
    pub fn unread(findings: Vec<Finding>) -> FileCheck {
        FileCheck {
            digest: None,
            bytes: 0,
            lines: 0,
            layout: None,
            reread: None,
            schemes: Vec::new(),
            scheme_basis: None,
            encoding: None,
            line_ending: None,
            verdict: Verdict::Refused,
            accepted_lines: 0,
            held_lines: 0,
            with_history: false,
            held: Vec::new(),
            totals: Vec::new(),
            employers: Vec::new(),
            findings,
        }
    }

    /// True when the line waits to be mended.
    pub fn holds(&self, line: u64) -> bool {
        self.held.binary_search(&line).is_ok()
    }

    /// Rules that could not be applied.
    pub fn not_checked(&self) -> &'static [FindingName] {
        if self.with_history { &[] } else { &NEED_HISTORY }
    }

    /// The first finding that refuses the file.
    pub fn refusal(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity == Severity::Stop)
    }
}
