//! `make`: from a payroll to the official text files, amounts from the rate book, checked before anybody sees them.

use chrono::{DateTime, FixedOffset};

use super::people::{PersonMonth, people};
use crate::checks::amount::{Amounts, Shares};
use crate::checks::{FileCheck, Options, check_file};
use crate::domain::{Act4Category, ContributionMonth, EmployerCode, Finding, Residency, Scheme, Sen, Severity};
use crate::messages::{Language, Messages};
use crate::rates::calc::{CalcError, ContributionAnswer, contribution};
use crate::rates::{NotCovered, RateBook};
use crate::reader::payroll::{PayrollRow, RowFault};
use crate::reader::{Layout, LayoutId};
use crate::writer::{Encoding, Line, WriteError, write_file};

/// What is written, and by which law.
#[derive(Debug, Clone)]
pub struct MakeOptions<'a> {
    /// Layout of the file.
    pub layout: LayoutId,
    /// The Act of a one-Act file; the layout of 223 characters needs it.
    pub scheme: Option<Scheme>,
    /// Adds SKBBK to the SOCSO share or total of the older layouts, in the months for which PERKESO told employers so.
    pub skbbk_inside: bool,
    /// The law.
    pub book: &'a RateBook,
    /// The moment of writing, in Malaysian time.
    pub now: DateTime<FixedOffset>,
    /// Threads for the check of what was written.
    pub threads: usize,
}

/// Files that were made; nothing is on disk yet.
#[derive(Debug, Clone)]
pub struct Made {
    /// One for each employer and month.
    pub files: Vec<MadeFile>,
    /// Who is in none of them, and why.
    pub left_out: Vec<LeftOut>,
    /// What the reader of the files should know, one sentence each.
    pub notes: Vec<String>,
}

/// A file that was made.
#[derive(Debug, Clone)]
pub struct MadeFile {
    /// Employer's code.
    pub employer_code: EmployerCode,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// A name that says what it is.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Of its names.
    pub encoding: Encoding,
    /// What `check` says of it: sums, and nothing to mend.
    pub check: FileCheck,
}

/// Somebody of the payroll who is in no file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// Row of the table.
    pub row: u64,
    /// Identity number, hidden but for its end.
    pub id_number: String,
    /// One sentence.
    pub why: String,
}

/// Nothing was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MakeError {
    /// Options that do not go together.
    #[error("{0}")]
    Choice(String),
    /// Faulty rows, all of them.
    #[error("nothing is written, because rows of the table are at fault:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Rows(Vec<RowFault>),
    /// No table for a month.
    #[error("nothing is written: {0}")]
    NotCovered(#[from] NotCovered),
    /// Nobody is left to write.
    #[error("nothing is written: nobody in the table has contributions for this file{}", reasons(.0))]
    Nobody(Vec<LeftOut>),
    /// The check holds what was made: a fault of this program.
    #[error("nothing is written: the check holds what was made, which is a fault of this program; please report it:\n{}", .0.join("\n"))]
    Held(Vec<String>),
}

fn reasons(left_out: &[LeftOut]) -> String {
    left_out.iter().map(|person| format!("\nrow {}: {}", person.row, person.why)).collect()
}

/// Makes files from a payroll: one for each employer and month, people in the order of the table.
///
/// # Errors
/// [`MakeError`]; then nothing was made.
pub fn make(rows: &[PayrollRow], options: &MakeOptions<'_>) -> Result<Made, MakeError> {
    let target = Target::new(options)?;
    let found = people(rows, options.book).map_err(MakeError::Rows)?;
    let mut made = target.files(&found.people)?;
    made.notes.splice(0..0, found.notes);
    Ok(made)
}

/// The kind of file that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'o, 'a> {
    layout: &'static Layout,
    /// The Act of a one-Act file; `None` for a joint one.
    scheme: Option<Scheme>,
    options: &'o MakeOptions<'a>,
}

/// What becomes of a person.
pub(super) enum Outcome {
    /// A line, and SKBBK that is due but has no place in it.
    Line(Line, Sen),
    /// Nothing to pay, or not under the Act.
    LeftOut(String),
}

impl<'o, 'a> Target<'o, 'a> {
    pub(super) fn new(options: &'o MakeOptions<'a>) -> Result<Self, MakeError> {
        let layout = Layout::get(options.layout);
        let choice = |what: &str| Err(MakeError::Choice(what.to_owned()));
        let scheme = match (layout.id, options.scheme) {
            (LayoutId::Contribution223, None) => {
                return choice(
                    "a file of layout contribution-223 is for one Act: say which with --scheme act4 or act800",
                );
            }
            (LayoutId::Contribution223, told) => told,
            (LayoutId::Brg8a83, None | Some(Scheme::Act4)) => Some(Scheme::Act4),
            (LayoutId::Brg8a83, Some(Scheme::Act800)) => return choice("layout brg8a-83 is for Act 4 (SOCSO) only"),
            (LayoutId::Joint278V1 | LayoutId::Joint278V2, None) => None,
            (_, Some(_)) => return choice("a joint file is for both Acts: leave --scheme out"),
        };
        if options.skbbk_inside && (layout.skbbk_inside_total.is_none() || !layout.at.skbbk.is_empty()) {
            return Err(MakeError::Choice(format!("layout {} never carries SKBBK inside SOCSO", layout.id.id())));
        }
        Ok(Target { layout, scheme, options })
    }

    /// Lines for the people, in files.
    pub(super) fn files(&self, people: &[PersonMonth]) -> Result<Made, MakeError> {
        let mut left_out = Vec::new();
        let mut faults = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        let mut no_place = Sen::ZERO;
        for person in people {
            match self.outcome(person, &mut faults)? {
                Outcome::Line(line, skbbk) => {
                    no_place += skbbk;
                    let group = group_of(&mut groups, person);
                    group.lines.push(line);
                    group.rows.push(person.row);
                }
                Outcome::LeftOut(why) => {
                    left_out.push(LeftOut { row: person.row, id_number: person.id_number.masked(), why });
                }
            }
        }
        let mut files = Vec::new();
        let several = groups.iter().any(|group| group.employer_code != groups[0].employer_code);
        for group in &groups {
            match write_file(self.layout.id, &group.lines) {
                Ok(bytes) => files.push(self.file(group, bytes, several)),
                Err(errors) => faults.extend(errors.iter().map(|(place, error)| fault_of(group.rows[*place], error))),
            }
        }
        if !faults.is_empty() {
            faults.sort();
            return Err(MakeError::Rows(faults));
        }
        if files.is_empty() {
            return Err(MakeError::Nobody(left_out));
        }
        self.proved(&files, &groups)?;
        let letters = groups.iter().flat_map(|group| &group.lines).filter(|line| line.status.is_some()).count();
        Ok(Made { files, left_out, notes: self.notes(no_place, letters) })
    }

    /// What is known of the people and has no place in the layout.
    fn notes(&self, skbbk_without_place: Sen, letters: usize) -> Vec<String> {
        let layout = self.layout.id.id();
        let mut notes = Vec::new();
        if !skbbk_without_place.is_zero() {
            let current = LayoutId::Joint278V2.id();
            notes.push(format!(
                "SKBBK of RM {skbbk_without_place} is due for these people, but layout {layout} has no place for it; \
                 layout {current} has"
            ));
        }
        if letters > 0 && self.layout.at.status.is_empty() {
            notes.push(format!(
                "{letters} people joined, left or were away, which layout {layout} has no place for: say it in the portal"
            ));
        }
        notes
    }

    /// What a person's month becomes.
    pub(super) fn outcome(&self, person: &PersonMonth, faults: &mut Vec<RowFault>) -> Result<Outcome, MakeError> {
        let (book, month) = (self.options.book, person.month);
        if self.scheme != Some(Scheme::Act4) {
            book.act800(month)?;
        }
        let mut fault = |column, what| faults.push(RowFault { row: person.row, column: Some(column), what });
        let today = self.options.now.date_naive();
        if month > ContributionMonth::of(today) {
            fault("month", format!("{month} lies ahead of {today}; wages are paid for when they were earned"));
        }
        let answer = match contribution(book, &person.person, month, person.wage) {
            Ok(answer) => answer,
            Err(CalcError::NotCovered(missing)) => return Err(missing.into()),
            Err(error @ CalcError::Field { .. }) => return Err(MakeError::Choice(error.to_string())),
        };
        if let Some(why) = self.not_in_file(person, &answer) {
            return Ok(Outcome::LeftOut(why));
        }
        let (inside, no_place) = self.skbbk(person, &answer, &mut fault);
        let amounts = match self.scheme {
            Some(Scheme::Act4) => Amounts::Total(answer.act4_employer_sen + answer.act4_employee_sen + inside),
            Some(Scheme::Act800) => Amounts::Total(answer.eis_total_sen),
            None => Amounts::Shares(Shares {
                wage: person.wage,
                socso_employer: answer.act4_employer_sen,
                socso_employee: answer.act4_employee_sen + inside,
                eis_employer: answer.eis_employer_sen,
                eis_employee: answer.eis_employee_sen,
                skbbk: if self.layout.at.skbbk.is_empty() { Sen::ZERO } else { answer.skbbk_sen },
            }),
        };
        let line = Line {
            employer_code: person.employer_code.to_string(),
            company_number: person.company_number.clone(),
            id_number: person.id_number.reveal().to_owned(),
            name: person.name.clone(),
            month,
            amounts,
            date: person.date,
            status: person.status,
        };
        Ok(Outcome::Line(line, no_place))
    }

    /// Why a person has no line in this file.
    fn not_in_file(&self, person: &PersonMonth, answer: &ContributionAnswer) -> Option<String> {
        let coverage = self.options.book.coverage();
        if self.scheme == Some(Scheme::Act800) {
            let eis = coverage.eis_liable(&person.person, person.month);
            if !eis.liable {
                return Some(eis.reason.to_string());
            }
        } else if answer.act4_category == Act4Category::None {
            return Some(coverage.act4_category(&person.person, person.month).1.to_string());
        }
        if !person.wage.is_zero() {
            return None;
        }
        // A line without wages says something only where a letter can give the reason.
        match person.status {
            Some('S' | 'T') if !self.layout.at.status.is_empty() => None,
            Some('S' | 'T') => Some("no wages in the month, and this layout has no place for the status".to_owned()),
            _ => Some("no wages in the month, and no status S or T that gives the reason".to_owned()),
        }
    }

    /// SKBBK that goes into the SOCSO amounts, and SKBBK that has no place at all.
    fn skbbk(
        &self,
        person: &PersonMonth,
        answer: &ContributionAnswer,
        fault: &mut impl FnMut(&'static str, String),
    ) -> (Sen, Sen) {
        let due = answer.skbbk_sen;
        if due.is_zero() || self.scheme == Some(Scheme::Act800) || !self.layout.at.skbbk.is_empty() {
            return (Sen::ZERO, Sen::ZERO);
        }
        if self.options.skbbk_inside {
            if !self.layout.skbbk_may_be_inside(person.month) {
                fault("month", format!("SKBBK may not stand inside the SOCSO amounts of {}", person.month));
            }
            return (due, Sen::ZERO);
        }
        let compulsory = person.month < self.options.book.coverage().skbbk.release_from
            || person.person.residency == Residency::Foreign;
        if compulsory && self.scheme.is_none() {
            let (old, current) = (self.layout.id.id(), LayoutId::Joint278V2.id());
            let what = format!(
                "SKBBK of RM {due} is compulsory here and layout {old} has no place for it; write {current}, or add \
                 it to the SOCSO share with --skbbk-inside"
            );
            fault("month", what);
        }
        (Sen::ZERO, due)
    }

    fn file(&self, group: &Group, bytes: Vec<u8>, several: bool) -> MadeFile {
        let name = self.name(group, several);
        let options = Options {
            scheme: self.scheme,
            threads: self.options.threads,
            ..Options::new(&name, self.options.now, self.options.book)
        };
        let check = check_file(bytes.as_slice(), &options).expect("memory is always readable");
        let encoding = Encoding::of(&bytes);
        MadeFile { employer_code: group.employer_code.clone(), month: group.month, name, bytes, encoding, check }
    }

    /// The name says the Act of a one-Act file, since nothing inside does.
    fn name(&self, group: &Group, several: bool) -> String {
        let beginning = match (self.layout.id, self.scheme) {
            (LayoutId::Contribution223, Some(Scheme::Act4)) => "socso",
            (LayoutId::Contribution223, Some(Scheme::Act800)) => "eis",
            _ => "perkeso",
        };
        let employer = if several { format!("-{}", group.employer_code) } else { String::new() };
        format!("{beginning}-{}{employer}-{}.txt", self.layout.id.id(), group.month.mmyyyy())
    }

    /// Nothing leaves that `check` would hold.
    fn proved(&self, files: &[MadeFile], groups: &[Group]) -> Result<(), MakeError> {
        let messages = Messages::get(Language::English);
        let sentence = |finding: &Finding, group: &Group| {
            let place = finding.line.and_then(|line| group.rows.get(line as usize - 1));
            let row = place.map_or_else(String::new, |row| format!("row {row}: "));
            format!("{row}{} {}: {}", finding.name.code(), finding.name, messages.finding(finding, false))
        };
        let mut held = Vec::new();
        for (file, group) in files.iter().zip(groups) {
            let heavy = file.check.findings.iter().filter(|finding| finding.severity >= Severity::Fix);
            held.extend(heavy.map(|finding| sentence(finding, group)));
            if file.check.lines != group.lines.len() as u64 && held.is_empty() {
                held.push(format!("{} lines were written and {} read", group.lines.len(), file.check.lines));
            }
        }
        if held.is_empty() { Ok(()) } else { Err(MakeError::Held(held)) }
    }
}

/// The lines of one employer and month.
struct Group {
    employer_code: EmployerCode,
    month: ContributionMonth,
    lines: Vec<Line>,
    rows: Vec<u64>,
}

fn group_of<'g>(groups: &'g mut Vec<Group>, person: &PersonMonth) -> &'g mut Group {
    let at = groups.iter().position(|g| g.month == person.month && g.employer_code == person.employer_code);
    let at = at.unwrap_or_else(|| {
        let (employer_code, month) = (person.employer_code.clone(), person.month);
        groups.push(Group { employer_code, month, lines: Vec::new(), rows: Vec::new() });
        groups.len() - 1
    });
    &mut groups[at]
}

fn fault_of(row: u64, error: &WriteError) -> RowFault {
    let field = match error {
        WriteError::TooLong { field, .. }
        | WriteError::FigureTooLarge { field, .. }
        | WriteError::Character { field, .. } => *field,
        WriteError::NotInLayout { .. } => "",
    };
    let column = match field {
        "employer code" => Some("employer_code"),
        "company number" => Some("company_number"),
        "identity number" => Some("id_number"),
        "name" => Some("name"),
        "wage" => Some("wage"),
        _ => None,
    };
    RowFault { row, column, what: error.to_string() }
}
