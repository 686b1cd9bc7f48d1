//! Payroll tables: from cells to what is known of each employee's month. Pure.
//!
//! All faulty rows are reported at once, each with row, column and one sentence; nothing is guessed. Headings and their
//! other names are data: `formats/text/payroll-csv.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::payroll_cell::{self as cell, RowReader};
use super::table::{Cell, Row, Table, TableError};
use crate::domain::identity::mask;
use crate::domain::{ContributionMonth, EmployerCode, IdentityNumber, Residency, Sen};

/// Id of this table beside the text layouts.
pub const PAYROLL_ID: &str = "payroll-csv";

/// The columns' data as compiled in, for the fingerprint of the rule pack.
pub const PAYROLL_TEXT: (&str, &str) = ("text/payroll-csv.toml", include_str!("../../formats/text/payroll-csv.toml"));

/// Columns a table may have.
pub const COLUMN_NAMES: [&str; 14] = [
    "employer_code",
    "company_number",
    "id_number",
    "name",
    "month",
    "wage",
    "birth_date",
    "residency",
    "status",
    "date",
    "first_insured_at_55_or_over",
    "eis_payable_before_57",
    "domestic_worker",
    "skbbk_released_from",
];

/// One row: an employee's wage of a month, with what the law asks about the person where it is known.
#[derive(Clone, PartialEq, Eq)]
pub struct PayrollRow {
    /// Line or row of the table, from 1.
    pub row: u64,
    /// Employer's code; `None` only in a table of wages.
    pub employer_code: Option<EmployerCode>,
    /// MyCoID / SSM number, or empty.
    pub company_number: String,
    /// Identity number.
    pub id_number: IdentityNumber,
    /// Name, with single blanks; empty only in a table of wages.
    pub name: String,
    /// Month of the wages; `None` only in a table of wages.
    pub month: Option<ContributionMonth>,
    /// Wages.
    pub wage: Sen,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Residency.
    pub residency: Option<Residency>,
    /// `B`, `H`, `M`, `S` or `T`.
    pub status: Option<char>,
    /// Day that belongs to the status.
    pub date: Option<NaiveDate>,
    /// First came under Act 4 at 55 or over.
    pub first_insured_at_55_or_over: Option<bool>,
    /// An EIS contribution was payable before 57.
    pub eis_payable_before_57: Option<bool>,
    /// Works in a private household.
    pub domestic_worker: Option<bool>,
    /// First month of a release from SKBBK.
    pub skbbk_released_from: Option<ContributionMonth>,
}

impl fmt::Debug for PayrollRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} {:?} {} {:?} {}", self.row, self.id_number, mask(&self.name), self.month, self.wage)
    }
}

/// What rows without a value of their own take.
#[derive(Debug, Clone, Default)]
pub struct PayrollDefaults {
    /// Employer's code.
    pub employer_code: Option<EmployerCode>,
    /// MyCoID / SSM number.
    pub company_number: Option<String>,
    /// Month of the wages.
    pub month: Option<ContributionMonth>,
}

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayrollKind {
    /// Everything that a contribution file says: employer, month and name are needed.
    Payroll,
    /// Wages of people whose names and employer stand in contribution files.
    Wages,
}

/// A table that was read.
#[derive(Debug, Clone)]
pub struct Payroll {
    /// Its rows.
    pub rows: Vec<PayrollRow>,
    /// Headings that mean nothing here, so that a slip in a heading does not go unseen.
    pub ignored: Vec<String>,
}

/// One thing wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct RowFault {
    /// Line or row of the table, from 1.
    pub row: u64,
    /// Name of the column; `None` where the row as a whole is meant.
    pub column: Option<&'static str>,
    /// One sentence.
    pub what: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "row {}, column {column}: {}", self.row, self.what),
            None => write!(f, "row {}: {}", self.row, self.what),
        }
    }
}

/// A table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayrollError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Its headings are not sufficient.
    #[error("{0}")]
    Heading(String),
    /// Faulty rows, all of them, by row.
    #[error("{} in the table:\n{}", count(.0), lines(.0))]
    Rows(Vec<RowFault>),
}

fn count(faults: &[RowFault]) -> String {
    if faults.len() == 1 { "one fault".to_owned() } else { format!("{} faults", faults.len()) }
}

fn lines(faults: &[RowFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayrollFile {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    column: Vec<ColumnPart>,
    residency: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnPart {
    name: String,
    also: Vec<String>,
}

/// Words for columns and residencies, plain.
struct Words {
    columns: BTreeMap<String, &'static str>,
    residencies: BTreeMap<String, Residency>,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| words(PAYROLL_TEXT.1).unwrap_or_else(|error| panic!("formats/{}: {error}", PAYROLL_TEXT.0)));

fn words(text: &str) -> Result<Words, String> {
    let file: PayrollFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut columns = BTreeMap::new();
    for part in &file.column {
        let name = COLUMN_NAMES.into_iter().find(|name| *name == part.name);
        let name = name.ok_or_else(|| format!("no column is called {}", part.name))?;
        for word in std::iter::once(&part.name).chain(&part.also) {
            if columns.insert(plain(word), name).is_some() {
                return Err(format!("\"{word}\" stands twice"));
            }
        }
    }
    let mut residencies = BTreeMap::new();
    for (name, also) in &file.residency {
        let residency: Residency = name.parse()?;
        for word in std::iter::once(name).chain(also) {
            residencies.insert(plain(word), residency);
        }
    }
    Ok(Words { columns, residencies })
}

/// Letters and digits in small letters.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads a payroll table. `sheet` names a sheet of a spreadsheet, the first one otherwise.
///
/// # Errors
/// [`PayrollError`]: no table, headings missing, or every faulty row.
pub fn read(
    bytes: &[u8],
    sheet: Option<&str>,
    kind: PayrollKind,
    defaults: &PayrollDefaults,
) -> Result<Payroll, PayrollError> {
    let table = Table::read(bytes, sheet)?;
    let (columns, ignored) = columns_of(&table.heading)?;
    require(&columns, kind, defaults)?;
    let mut faults = Vec::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let before = faults.len();
        too_many_cells(row, table.heading.len(), &mut faults);
        let mut reader = RowReader { columns: &columns, row, faults: &mut faults };
        let read = read_row(&mut reader, kind, defaults);
        if faults.len() == before {
            rows.extend(read);
        }
    }
    if !faults.is_empty() {
        return Err(PayrollError::Rows(faults));
    }
    if rows.is_empty() {
        return Err(PayrollError::Heading("the table has headings but no rows below them".to_owned()));
    }
    Ok(Payroll { rows, ignored })
}

/// Place of each column in the table.
pub(super) type ColumnPlaces = BTreeMap<&'static str, usize>;

fn columns_of(heading: &[String]) -> Result<(ColumnPlaces, Vec<String>), PayrollError> {
    let mut columns = BTreeMap::new();
    let mut ignored = Vec::new();
    for (place, title) in heading.iter().enumerate() {
        match WORDS.columns.get(&plain(title)) {
            Some(name) => {
                if let Some(before) = columns.insert(*name, place) {
                    let what = format!("the headings \"{}\" and \"{title}\" both mean {name}", heading[before]);
                    return Err(PayrollError::Heading(what));
                }
            }
            None if title.trim().is_empty() => {}
            None => ignored.push(title.trim().to_owned()),
        }
    }
    Ok((columns, ignored))
}

fn require(columns: &ColumnPlaces, kind: PayrollKind, defaults: &PayrollDefaults) -> Result<(), PayrollError> {
    let payroll = kind == PayrollKind::Payroll;
    let needed = [
        ("id_number", true),
        ("wage", true),
        ("name", payroll),
        ("month", payroll && defaults.month.is_none()),
        ("employer_code", payroll && defaults.employer_code.is_none()),
    ];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|(name, needed)| *needed && !columns.contains_key(name))
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut what = format!("the first row must be headings, and these are missing: {}", missing.join(", "));
    if missing.iter().any(|name| matches!(*name, "month" | "employer_code")) {
        what.push_str(" (month and employer code can also be given for the whole table)");
    }
    Err(PayrollError::Heading(what))
}

/// A row that is longer than the heading was cut in the wrong place, mostly by a comma inside a name or a wage.
pub(super) fn too_many_cells(row: &Row, width: usize, faults: &mut Vec<RowFault>) {
    if row.cells.iter().skip(width).any(|cell| *cell != Cell::Empty) {
        let what = format!(
            "has {} cells under {width} headings; put names and wages that hold a comma between quotes",
            row.cells.len()
        );
        faults.push(RowFault { row: row.number, column: None, what });
    }
}

fn read_row(reader: &mut RowReader<'_>, kind: PayrollKind, defaults: &PayrollDefaults) -> Option<PayrollRow> {
    let payroll = kind == PayrollKind::Payroll;
    let employer_code = reader.parse("employer_code", cell::employer_code).or_else(|| defaults.employer_code.clone());
    let company_number = reader.parse("company_number", cell::company_number);
    let month = reader.parse("month", cell::month).or(defaults.month);
    let name = reader.parse("name", cell::name);
    if payroll {
        reader.need("employer_code", employer_code.is_some());
        reader.need("month", month.is_some());
        reader.need("name", name.is_some());
    }
    let id_number = reader.parse("id_number", cell::id_number);
    reader.need("id_number", id_number.is_some());
    let wage = reader.parse("wage", cell::wage);
    reader.need("wage", wage.is_some());
    let read = PayrollRow {
        row: reader.row.number,
        employer_code,
        company_number: company_number.or_else(|| defaults.company_number.clone()).unwrap_or_default(),
        id_number: id_number.unwrap_or_else(|| IdentityNumber::new("")),
        name: name.unwrap_or_default(),
        month,
        wage: wage.unwrap_or_default(),
        birth_date: reader.parse("birth_date", cell::date),
        residency: reader.parse("residency", |cell| residency(&cell.text())),
        status: reader.parse("status", cell::status),
        date: reader.parse("date", cell::date),
        first_insured_at_55_or_over: reader.parse("first_insured_at_55_or_over", cell::yes_or_no),
        eis_payable_before_57: reader.parse("eis_payable_before_57", cell::yes_or_no),
        domestic_worker: reader.parse("domestic_worker", cell::yes_or_no),
        skbbk_released_from: reader.parse("skbbk_released_from", cell::month),
    };
    contradictions(reader, &read);
    Some(read)
}

pub(super) fn residency(text: &str) -> Result<Residency, String> {
    WORDS.residencies.get(&plain(text)).copied().ok_or_else(|| {
        format!("\"{text}\" is not a residency; write citizen, permanent_resident, temporary_resident or foreign")
    })
}

/// Values that cannot stand together in one row.
fn contradictions(reader: &mut RowReader<'_>, row: &PayrollRow) {
    let Some(month) = row.month else { return };
    if let Some(birth) = row.birth_date.filter(|birth| *birth > month.last_day()) {
        reader.fault("birth_date", format!("{birth} lies after the month {month}"));
    }
    if row.date.is_some() && row.status.is_none() {
        // The layout allows a date alone, so it is written as it stands.
        return;
    }
    if let (Some(letter @ ('B' | 'H' | 'M')), date) = (row.status, row.date) {
        match date {
            None => reader.fault("date", format!("is missing, but status {letter} needs the day")),
            Some(day) if (day.year(), day.month()) != (month.year(), month.month()) => {
                reader
                    .fault("date", format!("{day} does not lie in {month}, but status {letter} speaks of that month"));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Payroll, PayrollError> {
        read(text.as_bytes(), None, PayrollKind::Payroll, &PayrollDefaults::default())
    }

    #[test]
    fn headings_in_english_and_malay() {
        let english =
            "Employer-Code,ID_NUMBER,Name,Month,Wage,Residency\nA9900000001Z,900101-14-9991,Ahmad,2026-10,3000.00,PR\n";
        let malay = "Kod Majikan;No. K/P;Nama;Bulan;Gaji;Kewarganegaraan\nA9900001Z;900101149991;Ahmad;102026;3000;Pemastautin Tetap\n";
        let (english, malay) = (of(english).expect("a payroll"), of(malay).expect("a payroll"));
        assert_eq!(english.rows, malay.rows);
        assert_eq!(english.rows[0].residency, Some(Residency::PermanentResident));
        assert_eq!(english.rows[0].wage, Sen(300_000));
    }

    #[test]
    fn what_headings_lack_or_say_twice() {
        let error = |text: &str| of(text).expect_err("refused").to_string();
        assert!(error("name,wage\nA,1\n").contains("id_number, month, employer_code"));
        assert!(error("ic,mykad,name\n").contains("both mean id_number"));
        assert!(error("employer_code,ic,name,month,wage\n").contains("no rows"));
        let payroll = of("employer_code,ic,nama,bulan,gaji,residancy\nA9900000001Z,900101149991,A,2026-10,1,x\n");
        assert_eq!(payroll.expect("a payroll").ignored, ["residancy"]);
    }

    #[test]
    fn every_faulty_row_is_named_at_once() {
        let text = "employer_code,id_number,name,month,wage,birth_date,residency,status,date\n\
                    1234,,AHMAD,2026-13,3,1990-01-01,martian,X,\n\
                    A9900000001Z,900101149991,,2026-10,1,2026-11-01,,H,2026-09-30\n\
                    A9900000001Z,900101149991,A,2026-10,3,000.00,,,,31/10/2026\n";
        let Err(PayrollError::Rows(faults)) = of(text) else { panic!("the rows are faulty") };
        let named: Vec<(u64, Option<&str>)> = faults.iter().map(|fault| (fault.row, fault.column)).collect();
        for expected in [
            (2, Some("employer_code")),
            (2, Some("id_number")),
            (2, Some("month")),
            (2, Some("residency")),
            (2, Some("status")),
            (3, Some("name")),
            (3, Some("birth_date")),
            (3, Some("date")),
            (4, None),
        ] {
            assert_eq!(named.iter().filter(|fault| **fault == expected).count(), 1, "{expected:?} in {named:?}");
        }
    }

    #[test]
    fn defaults_fill_what_rows_leave_blank() {
        let defaults = PayrollDefaults {
            employer_code: EmployerCode::read("A9900000001Z").1,
            company_number: Some("202501999999".to_owned()),
            month: "2026-10".parse().ok(),
        };
        let text = "ic,name,wage,month\n900101149991,A,1,\n900101149992,B,1,2026-09\n";
        let rows = read(text.as_bytes(), None, PayrollKind::Payroll, &defaults).expect("a payroll").rows;
        assert_eq!(rows[0].month, defaults.month);
        assert_eq!(rows[1].month, "2026-09".parse().ok());
        assert_eq!(rows[1].company_number, "202501999999");
        let wages = "ic,wage\n900101149991,1\n";
        let rows = read(wages.as_bytes(), None, PayrollKind::Wages, &PayrollDefaults::default()).expect("wages").rows;
        assert_eq!((rows[0].month, rows[0].name.as_str()), (None, ""));
    }
}
