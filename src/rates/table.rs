//! Reads the rate index and its tables, and proves them: nothing that does not add up is ever used.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::RateBookError;
use super::schedule::{Act4Row, Act4Schedule, Act800Row, Act800Schedule, Head};
use crate::domain::{ContributionMonth, Sen};

/// No printed total comes near this (RM 1,000); a table with a larger one is damaged.
const LARGEST_TOTAL: Sen = Sen(100_000);
/// No band edge comes near this (RM 100,000); a table with a larger one is damaged.
const LARGEST_WAGE: Sen = Sen(10_000_000);
/// No table has as many rows.
const MOST_ROWS: usize = 255;

/// `formats/rates/index.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    pub table: Vec<Entry>,
}

/// One table of the index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub scheme: IndexScheme,
    pub from: Option<ContributionMonth>,
    pub to: Option<ContributionMonth>,
    pub file: String,
    pub wage_ceiling: Option<String>,
    pub law: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    confidence: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: chrono::NaiveDate,
    #[expect(dead_code, reason = "for the reader of the file")]
    note: Option<String>,
}

/// The Acts that have a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum IndexScheme {
    Act4,
    Act800,
    /// Self-employed: thirty classes, no wage bands; not part of the rate book.
    Act789,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act4Line {
    wage_over: String,
    wage_upto: String,
    first_employer: String,
    first_employee: String,
    first_total: String,
    second_employer_total: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act4SkbbkLine {
    wage_over: String,
    wage_upto: String,
    skbbk_employee: String,
    first_employer: String,
    first_employee_invalidity: String,
    first_employee_total: String,
    first_total: String,
    second_employer: String,
    second_employee_total: String,
    second_total: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act800Line {
    wage_over: String,
    wage_upto: String,
    employer: String,
    employee: String,
    total: String,
}

/// Names the table and line of what is wrong.
struct Place<'a> {
    file: &'a str,
    /// Physical line, the header being line 1.
    line: usize,
}

impl Place<'_> {
    fn wrong(&self, what: impl std::fmt::Display) -> RateBookError {
        RateBookError::new(self.file, format!("line {}: {what}", self.line))
    }

    fn sen(&self, text: &str) -> Result<Sen, RateBookError> {
        let sen = Sen::from_ringgit(text).map_err(|error| self.wrong(error))?;
        if sen > LARGEST_WAGE { Err(self.wrong(format!("{sen} is too large"))) } else { Ok(sen) }
    }

    fn band(&self, over: &str, upto: &str) -> Result<(Sen, Option<Sen>), RateBookError> {
        let upto = if upto.is_empty() { None } else { Some(self.sen(upto)?) };
        Ok((self.sen(over)?, upto))
    }

    fn same(&self, what: &str, printed: &str, computed: Sen) -> Result<(), RateBookError> {
        let printed = self.sen(printed)?;
        if printed != computed {
            return Err(self.wrong(format!("{what} is printed as {printed} but its parts make {computed}")));
        }
        if printed > LARGEST_TOTAL { Err(self.wrong(format!("{what} {printed} is too large"))) } else { Ok(()) }
    }
}

fn lines<L: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<L>, RateBookError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let lines: Vec<L> =
        reader.deserialize().collect::<Result<_, _>>().map_err(|error| RateBookError::new(file, error.to_string()))?;
    if lines.is_empty() || lines.len() > MOST_ROWS {
        return Err(RateBookError::new(file, format!("{} rows; a table has 1 to {MOST_ROWS}", lines.len())));
    }
    Ok(lines)
}

/// Reads and proves an Act 4 table, with or without SKBBK as its header tells.
pub(super) fn act4(entry: &Entry, text: &str) -> Result<Act4Schedule, RateBookError> {
    let file = entry.file.as_str();
    let has_skbbk = text.lines().next().is_some_and(|header| header.contains("skbbk_employee"));
    let mut rows = Vec::new();
    if has_skbbk {
        for (i, line) in lines::<Act4SkbbkLine>(file, text)?.into_iter().enumerate() {
            rows.push(act4_skbbk_row(&Place { file, line: i + 2 }, &line)?);
        }
    } else {
        for (i, line) in lines::<Act4Line>(file, text)?.into_iter().enumerate() {
            rows.push(act4_row(&Place { file, line: i + 2 }, &line)?);
        }
    }
    let head = head(entry)?;
    prove_bands(file, head.wage_ceiling, rows.iter().map(|row| (row.over, row.upto, row.first_total())))?;
    prove_bands(file, head.wage_ceiling, rows.iter().map(|row| (row.over, row.upto, row.second_total())))?;
    prove_bands(file, head.wage_ceiling, rows.iter().map(|row| (row.over, row.upto, row.skbbk)))?;
    Ok(Act4Schedule::new(head, rows, has_skbbk))
}

fn act4_row(place: &Place, line: &Act4Line) -> Result<Act4Row, RateBookError> {
    let (over, upto) = place.band(&line.wage_over, &line.wage_upto)?;
    let row = Act4Row {
        over,
        upto,
        first_employer: place.sen(&line.first_employer)?,
        first_employee: place.sen(&line.first_employee)?,
        second_employer: place.sen(&line.second_employer_total)?,
        skbbk: Sen::ZERO,
    };
    place.same("first_total", &line.first_total, row.first_total())?;
    place.same("second_employer_total", &line.second_employer_total, row.second_total())?;
    Ok(row)
}

fn act4_skbbk_row(place: &Place, line: &Act4SkbbkLine) -> Result<Act4Row, RateBookError> {
    let (over, upto) = place.band(&line.wage_over, &line.wage_upto)?;
    let row = Act4Row {
        over,
        upto,
        first_employer: place.sen(&line.first_employer)?,
        first_employee: place.sen(&line.first_employee_invalidity)?,
        second_employer: place.sen(&line.second_employer)?,
        skbbk: place.sen(&line.skbbk_employee)?,
    };
    place.same("first_employee_total", &line.first_employee_total, row.first_employee + row.skbbk)?;
    place.same("first_total", &line.first_total, row.first_total() + row.skbbk)?;
    place.same("second_employee_total", &line.second_employee_total, row.skbbk)?;
    place.same("second_total", &line.second_total, row.second_total() + row.skbbk)?;
    Ok(row)
}

/// Reads and proves an Act 800 table.
pub(super) fn act800(entry: &Entry, text: &str) -> Result<Act800Schedule, RateBookError> {
    let file = entry.file.as_str();
    let mut rows = Vec::new();
    for (i, line) in lines::<Act800Line>(file, text)?.into_iter().enumerate() {
        let place = Place { file, line: i + 2 };
        let (over, upto) = place.band(&line.wage_over, &line.wage_upto)?;
        let row = Act800Row { over, upto, employer: place.sen(&line.employer)?, employee: place.sen(&line.employee)? };
        place.same("total", &line.total, row.total())?;
        rows.push(row);
    }
    let head = head(entry)?;
    prove_bands(file, head.wage_ceiling, rows.iter().map(|row| (row.over, row.upto, row.total())))?;
    Ok(Act800Schedule::new(head, rows))
}

fn head(entry: &Entry) -> Result<Head, RateBookError> {
    let wrong = |what: String| RateBookError::new(&entry.file, what);
    let id = entry.file.strip_suffix(".csv").ok_or_else(|| wrong("a table is a .csv file".to_owned()))?;
    let ceiling = entry.wage_ceiling.as_deref().ok_or_else(|| wrong("the index gives no wage_ceiling".to_owned()))?;
    let wage_ceiling = Sen::from_ringgit(ceiling).map_err(|error| wrong(error.to_string()))?;
    Ok(Head { id: id.to_owned(), law: entry.law.clone(), from: entry.from, to: entry.to, wage_ceiling })
}

/// Bands begin at nothing, touch each other, rise, and the last one is open and holds the ceiling; totals never fall.
fn prove_bands(
    file: &str,
    ceiling: Sen,
    rows: impl Iterator<Item = (Sen, Option<Sen>, Sen)>,
) -> Result<(), RateBookError> {
    let mut edge = Some(Sen::ZERO);
    let mut last = (Sen::ZERO, Sen::ZERO);
    for (i, (over, upto, total)) in rows.enumerate() {
        let place = Place { file, line: i + 2 };
        if edge != Some(over) {
            return Err(place.wrong(format!("the band over {over} does not begin where the one before it ends")));
        }
        if upto.is_some_and(|upto| upto <= over) {
            return Err(place.wrong(format!("the band over {over} ends before it begins")));
        }
        if total < last.1 {
            return Err(place.wrong(format!("the total {total} is less than the one before it")));
        }
        (edge, last) = (upto, (over, total));
    }
    match edge {
        Some(end) => Err(RateBookError::new(file, format!("no open band above {end}"))),
        None if ceiling < last.0 => Err(RateBookError::new(file, format!("the last band begins above {ceiling}"))),
        None => Ok(()),
    }
}

/// Tables of one scheme follow each other month by month: only the first may have an open beginning and only the last an
/// open end.
pub(super) fn prove_months<'a>(
    scheme: &str,
    tables: impl Iterator<Item = (&'a str, Option<ContributionMonth>, Option<ContributionMonth>)>,
) -> Result<(), RateBookError> {
    let mut before: Option<(&str, Option<ContributionMonth>)> = None;
    for (id, from, to) in tables {
        if let Some((earlier, end)) = before
            && (from.is_none() || from != end.map(ContributionMonth::next))
        {
            let what = format!("{scheme}: {id} does not begin in the month after {earlier} ends");
            return Err(RateBookError::new("index.toml", what));
        }
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(RateBookError::new("index.toml", format!("{id} ends before it begins")));
        }
        before = Some((id, to));
    }
    match before {
        Some(_) => Ok(()),
        None => Err(RateBookError::new("index.toml", format!("no table for {scheme}"))),
    }
}
