//! `convert`: an older pair of files, or a joint file of version 1, to a joint layout: shares recomputed from the wages
//! and compared with what the older files paid.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::make::{Made, MakeError, MakeOptions, Target};
use super::old_files::{FileFault, OldFile, OldFiles, OldPerson, read_files};
use super::people::{Notes, PersonMonth, add, person_of};
use crate::domain::{Act4Category, ContributionMonth, EmployerCode, Scheme, Sen};
use crate::rates::calc::{ContributionAnswer, contribution};
use crate::rates::{RateBook, Reason, age_on};
use crate::reader::LayoutId;
use crate::reader::payroll::{PayrollRow, RowFault};

/// Files that were brought over, and where they pay otherwise than before.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The files.
    pub made: Made,
    /// Differences that were accepted.
    pub differences: Vec<Difference>,
}

/// A person for whom the wage pays otherwise than the older file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The older file that names the person first.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// Employer's code.
    pub employer_code: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Identity number, hidden but for its end.
    pub id_number: String,
    /// The Act.
    pub scheme: Scheme,
    /// The wage from which the new total comes.
    pub wage_sen: Sen,
    /// Total of the older file, in sen.
    pub old_total_sen: Sen,
    /// Total by the rate book, without SKBBK, in sen.
    pub new_total_sen: Sen,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = if self.scheme == Scheme::Act4 { "SOCSO" } else { "EIS" };
        write!(
            f,
            "{}, line {} ({}, {}): {act} was RM {}, and is RM {} for a wage of RM {}",
            self.file, self.line, self.id_number, self.month, self.old_total_sen, self.new_total_sen, self.wage_sen
        )
    }
}

/// Nothing was brought over.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConvertError {
    /// Options that do not go together.
    #[error("{0}")]
    Choice(String),
    /// Lines of the older files, or people without a wage, all of them.
    #[error("nothing is written, because of the older files and their wages:\n{}", lines(.0))]
    Files(Vec<FileFault>),
    /// The wage pays otherwise than the older file, for all these people.
    #[error("nothing is written, because wages and older files disagree (--accept-differences writes what the wages pay):\n{}", lines(.0))]
    Differences(Vec<Difference>),
    /// As for `make`.
    #[error(transparent)]
    Make(#[from] MakeError),
}

fn lines<T: fmt::Display>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Brings older files to a joint layout. Wages come from the table; joint files of version 1 may do without.
///
/// # Errors
/// [`ConvertError`]; then nothing was made.
pub fn convert(
    files: &[OldFile<'_>],
    wages: Option<&[PayrollRow]>,
    options: &MakeOptions<'_>,
    accept_differences: bool,
) -> Result<Converted, ConvertError> {
    if !options.layout.is_joint() {
        let what = format!("convert brings older files to a joint layout, mostly {}", LayoutId::Joint278V2.id());
        return Err(ConvertError::Choice(what));
    }
    let target = Target::new(options)?;
    let old = read_files(files, options.book, options.now).map_err(ConvertError::Files)?;
    let mut found = Found::default();
    let mut table = Wages::new(wages);
    for person in &old.people {
        found.person(person, &old, &mut table, options.book)?;
    }
    found.refused()?;
    let mut differences = Vec::new();
    for (new, old) in found.people.iter().zip(&old.people) {
        differences.extend(differences_of(new, old, options.book)?);
    }
    if !differences.is_empty() && !accept_differences {
        return Err(ConvertError::Differences(differences));
    }
    let mut made = target.files(&found.people)?;
    found.notes_into(&mut made.notes, &table);
    Ok(Converted { made, differences })
}

/// The table of wages, by identity number.
struct Wages<'w> {
    rows: Option<&'w [PayrollRow]>,
    by_number: HashMap<&'w str, Vec<usize>>,
    used: HashSet<usize>,
}

impl<'w> Wages<'w> {
    fn new(rows: Option<&'w [PayrollRow]>) -> Self {
        let mut by_number: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, row) in rows.unwrap_or_default().iter().enumerate() {
            by_number.entry(row.id_number.reveal()).or_default().push(place);
        }
        Wages { rows, by_number, used: HashSet::new() }
    }

    /// The person's rows added up to one; `None` where the table has none.
    fn of(&mut self, old: &OldPerson, faults: &mut Vec<RowFault>) -> Option<PayrollRow> {
        let Some(rows) = self.rows else { return row_of_file(old) };
        let fits = |place: &&usize| {
            let row = &rows[**place];
            row.employer_code.as_ref().is_none_or(|code| *code == old.employer_code)
                && row.month.is_none_or(|month| month == old.month)
        };
        let places: Vec<usize> = self.by_number.get(old.id_number.reveal())?.iter().filter(fits).copied().collect();
        let (first, rest) = places.split_first()?;
        let mut row = rows[*first].clone();
        for place in rest {
            add(&mut row, &rows[*place], faults);
        }
        // A row that names no month or employer can stand for one line only.
        for place in &places {
            if !self.used.insert(*place) {
                let what = "fits several months or employers of the files; give it the columns month and employer_code";
                faults.push(RowFault { row: rows[*place].row, column: None, what: what.to_owned() });
            }
        }
        Some(row)
    }

    fn unused(&self) -> usize {
        self.rows.map_or(0, <[PayrollRow]>::len) - self.used.len()
    }
}

/// The wage of a joint line, where there is no table.
fn row_of_file(old: &OldPerson) -> Option<PayrollRow> {
    Some(PayrollRow {
        row: old.line,
        employer_code: None,
        company_number: String::new(),
        id_number: old.id_number.clone(),
        name: String::new(),
        month: None,
        wage: old.wage?,
        birth_date: None,
        residency: None,
        status: None,
        date: None,
        first_insured_at_55_or_over: None,
        eis_payable_before_57: None,
        domestic_worker: None,
        skbbk_released_from: None,
    })
}

/// People of the older files with their wages, and what is wrong with them.
#[derive(Default)]
struct Found {
    people: Vec<PersonMonth>,
    missing: Vec<FileFault>,
    faults: Vec<RowFault>,
    granted: Notes,
    late_entry: usize,
    no_eis_before_57: usize,
}

impl Found {
    fn person(
        &mut self,
        old: &OldPerson,
        files: &OldFiles,
        table: &mut Wages<'_>,
        book: &RateBook,
    ) -> Result<(), MakeError> {
        let Some(row) = table.of(old, &mut self.faults) else {
            let what = format!("{} has no wage for {} in the table of wages", old.id_number.masked(), old.month);
            self.missing.push(FileFault { file: old.file.clone(), line: Some(old.line), what });
            return Ok(());
        };
        let mut new = PersonMonth {
            row: row.row,
            employer_code: old.employer_code.clone(),
            company_number: old.company_number.clone(),
            id_number: old.id_number.clone(),
            name: old.name.clone(),
            month: old.month,
            wage: row.wage,
            status: old.status,
            date: None,
            person: person_of(&row, old.month, book, &mut self.faults, &mut self.granted),
        };
        if row.first_insured_at_55_or_over.is_none() && entered_late(&new, old, book)? {
            new.person.first_insured_at_55_or_over = true;
            self.late_entry += 1;
        }
        let eis_known = files.with_eis.contains(&(old.employer_code.clone(), old.month));
        let reason = book.coverage().eis_liable(&new.person, new.month).reason;
        if eis_known && old.eis.is_none_or(Sen::is_zero) && matches!(reason, Reason::EisHistoryUnknown { .. }) {
            new.person.eis_payable_before_57 = Some(false);
            self.no_eis_before_57 += 1;
        }
        self.people.push(new);
        Ok(())
    }

    fn refused(&mut self) -> Result<(), ConvertError> {
        if !self.missing.is_empty() {
            return Err(ConvertError::Files(std::mem::take(&mut self.missing)));
        }
        if !self.faults.is_empty() {
            self.faults.sort();
            self.faults.dedup();
            return Err(MakeError::Rows(std::mem::take(&mut self.faults)).into());
        }
        Ok(())
    }

    fn notes_into(&self, notes: &mut Vec<String>, table: &Wages<'_>) {
        let mut said = self.granted.sentences();
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                said.push(format!("{count} {what}"));
            }
        };
        say(self.late_entry, "people under 60 stay in the second category, as the older file has them");
        say(self.no_eis_before_57, "people of 57 to 59 stay without EIS, as the older file has them");
        say(table.unused(), "rows of the table of wages belong to nobody in the files");
        notes.splice(0..0, said);
    }
}

/// The older file pays the second category for somebody whom it need not: first insured at 55 or over.
fn entered_late(new: &PersonMonth, old: &OldPerson, book: &RateBook) -> Result<bool, MakeError> {
    let answer = answer_of(new, book)?;
    let young = new
        .person
        .birth_date
        .is_some_and(|birth| age_on(birth, new.month.last_day()) < i32::from(book.coverage().act4.late_entry_age));
    if young || answer.act4_category != Act4Category::First || socso_agrees(&answer, old) {
        return Ok(false);
    }
    let mut late = new.clone();
    late.person.first_insured_at_55_or_over = true;
    Ok(socso_agrees(&answer_of(&late, book)?, old))
}

fn answer_of(person: &PersonMonth, book: &RateBook) -> Result<ContributionAnswer, MakeError> {
    contribution(book, &person.person, person.month, person.wage).map_err(|error| match error {
        crate::rates::calc::CalcError::NotCovered(missing) => MakeError::NotCovered(missing),
        error @ crate::rates::calc::CalcError::Field { .. } => MakeError::Choice(error.to_string()),
    })
}

fn socso_of(answer: &ContributionAnswer) -> Sen {
    answer.act4_employer_sen + answer.act4_employee_sen
}

/// The older SOCSO total is the one of the wage, or that one with SKBBK inside where PERKESO told employers so.
fn socso_agrees(answer: &ContributionAnswer, old: &OldPerson) -> bool {
    let (before, now) = (old.socso.unwrap_or_default(), socso_of(answer));
    before == now || (old.skbbk_may_be_inside && before == now + answer.skbbk_sen)
}

fn differences_of(new: &PersonMonth, old: &OldPerson, book: &RateBook) -> Result<Vec<Difference>, MakeError> {
    let answer = answer_of(new, book)?;
    let difference = |scheme, old_total: Option<Sen>, new_total| Difference {
        file: old.file.clone(),
        line: old.line,
        employer_code: EmployerCode::to_string(&old.employer_code),
        month: old.month,
        id_number: old.id_number.masked(),
        scheme,
        wage_sen: new.wage,
        old_total_sen: old_total.unwrap_or_default(),
        new_total_sen: new_total,
    };
    let mut differences = Vec::new();
    if !socso_agrees(&answer, old) {
        differences.push(difference(Scheme::Act4, old.socso, socso_of(&answer)));
    }
    if old.eis.unwrap_or_default() != answer.eis_total_sen {
        differences.push(difference(Scheme::Act800, old.eis, answer.eis_total_sen));
    }
    Ok(differences)
}
