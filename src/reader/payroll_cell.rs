//! One cell of a payroll table to one value, or to a sentence that says what is wrong with it.
// not money: spreadsheets keep every number as a float; one that is not whole sen to far below a sen is refused, and
// nothing is calculated with it before it is sen.

use chrono::{Datelike, NaiveDate};

use super::payroll::{ColumnPlaces, RowFault};
use super::table::{Cell, Row};
use super::value::month_of;
use crate::domain::identity::{birth_date_of, mask};
use crate::domain::{ContributionMonth, EmployerCode, IdentityNumber, Sen};

/// Places of an identity number in the text layouts: the shortest that is in use, and the field's length.
const ID_PLACES: std::ops::RangeInclusive<usize> = 7..=12;
/// Places of the company number in the text layouts.
const COMPANY_PLACES: usize = 20;
/// How far a spreadsheet's number may lie from whole sen, in ringgit: far more than its own rounding, far less than a sen.
const ROUNDING: f64 = 1e-6;
/// The largest number of a spreadsheet whose sen are still exact.
const LARGEST_NUMBER: f64 = 1e11;

/// A row while it is read.
pub(super) struct RowReader<'r> {
    pub columns: &'r ColumnPlaces,
    pub row: &'r Row,
    pub faults: &'r mut Vec<RowFault>,
}

impl RowReader<'_> {
    /// The value of a column; `None` where the cell is blank or faulty.
    pub fn parse<T>(&mut self, column: &'static str, read: impl Fn(&Cell) -> Result<T, String>) -> Option<T> {
        let cell = self.row.cells.get(*self.columns.get(column)?)?;
        let value = match cell {
            Cell::Empty => return None,
            Cell::Unusable(what) => Err(format!("holds {what}")),
            cell => read(cell),
        };
        value.map_err(|what| self.fault(column, what)).ok()
    }

    /// Says that a value is missing, unless something was said of the column already.
    pub fn need(&mut self, column: &'static str, given: bool) {
        let said = self.faults.iter().rev().take_while(|f| f.row == self.row.number).any(|f| f.column == Some(column));
        if !given && !said {
            self.fault(column, "is missing".to_owned());
        }
    }

    pub fn fault(&mut self, column: &'static str, what: String) {
        self.faults.push(RowFault { row: self.row.number, column: Some(column), what });
    }
}

/// A whole number as digits.
fn whole(number: f64) -> Option<String> {
    (number >= 0.0 && number.fract() == 0.0 && number < 1e15).then(|| format!("{number:.0}"))
}

pub(super) fn employer_code(cell: &Cell) -> Result<EmployerCode, String> {
    let text = cell.text();
    EmployerCode::read(&text).1.ok_or_else(|| {
        format!("\"{text}\" is not an employer code; write a letter, ten digits and a letter such as A9900000001Z")
    })
}

pub(super) fn company_number(cell: &Cell) -> Result<String, String> {
    let text = match cell {
        Cell::Number(number) => whole(*number).ok_or("is not a company number; format the column as text")?,
        cell => cell.text().to_uppercase(),
    };
    if text.len() > COMPANY_PLACES || !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Err(format!("\"{text}\" is not a company number of {COMPANY_PLACES} places or fewer"));
    }
    Ok(text)
}

/// The number, with every way in which spreadsheets spoil it told apart. The sentences hide all but its end.
pub(super) fn id_number(cell: &Cell) -> Result<IdentityNumber, String> {
    let text = match cell {
        Cell::Number(number) => match whole(*number) {
            Some(digits) if digits.len() == 12 => digits,
            Some(digits) if digits.len() < 12 => {
                return Err(format!(
                    "is a number of {} digits, which may have lost zeros in front; format the column as text and write \
                     the whole number",
                    digits.len()
                ));
            }
            _ => return Err("is a number that is no identity number; format the column as text".to_owned()),
        },
        Cell::Day(_) => return Err("is a date; format the column as text".to_owned()),
        cell => cell.text(),
    };
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ' ' | '/')) {
        return Err(format!("\"{}\" holds characters other than letters, digits and hyphens", mask(&text)));
    }
    let number = IdentityNumber::new(&text);
    let places = number.reveal();
    if places.bytes().all(|b| b == b'0') {
        return Err("holds no number".to_owned());
    }
    if !ID_PLACES.contains(&places.len()) {
        return Err(format!("\"{}\" has {} places; an identity number has 7 to 12", mask(places), places.len()));
    }
    if lost_zeros(places) {
        return Err(format!(
            "\"{}\" has {} digits and seems to have lost zeros in front; write all twelve digits",
            mask(places),
            places.len()
        ));
    }
    Ok(number)
}

/// Ten or eleven digits that make a birth date of this century when zeros are put in front.
fn lost_zeros(number: &str) -> bool {
    let latest = ContributionMonth::new(2199, 12).expect("a month");
    matches!(number.len(), 10 | 11)
        && number.bytes().all(|b| b.is_ascii_digit())
        && birth_date_of(format!("{number:0>12}").as_bytes(), latest).is_some()
}

pub(super) fn name(cell: &Cell) -> Result<String, String> {
    let Cell::Text(text) = cell else {
        return Err(format!("\"{}\" is not a name", cell.text()));
    };
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().find(|c| c.is_control() || *c == '\u{FEFF}') {
        Some(control) => Err(format!("holds a character that nobody sees (U+{:04X})", u32::from(control))),
        None => Ok(name),
    }
}

/// `2026-10`, `102026`, `62026` (a zero lost to a spreadsheet), or a date cell of the month.
pub(super) fn month(cell: &Cell) -> Result<ContributionMonth, String> {
    let text = match cell {
        Cell::Day(day) => return in_range(*day),
        Cell::Number(number) => whole(*number).unwrap_or_else(|| cell.text()),
        cell => cell.text(),
    };
    let digits = if text.len() == 5 { format!("0{text}") } else { text.clone() };
    let compact = if digits.len() == 6 { month_of(digits.as_bytes()) } else { None };
    compact.or_else(|| text.parse().ok()).ok_or_else(|| format!("\"{text}\" is not a month; write 2026-10 or 102026"))
}

fn in_range(day: NaiveDate) -> Result<ContributionMonth, String> {
    ContributionMonth::new(day.year(), day.month()).ok_or_else(|| format!("{day} lies outside the years 1900 to 2199"))
}

/// Ringgit. A comma is read only where it marks thousands: in many tables it stands for the decimal point.
pub(super) fn wage(cell: &Cell) -> Result<Sen, String> {
    match cell {
        Cell::Number(number) => sen_of_number(*number),
        Cell::Text(text) => sen_of_text(text),
        cell => Err(format!("\"{}\" is not an amount; write ringgit and sen such as 3000.00", cell.text())),
    }
}

fn sen_of_number(number: f64) -> Result<Sen, String> {
    if number < 0.0 {
        return Err(format!("{number} is below zero; a wage is not"));
    }
    if number.is_nan() || number > LARGEST_NUMBER {
        return Err(format!("{number} is too large to be a wage"));
    }
    let rendered = format!("{number:.2}");
    let back: f64 = rendered.parse().unwrap_or(f64::NAN);
    if (back - number).abs() < ROUNDING {
        Sen::from_ringgit(&rendered).map_err(|error| error.to_string())
    } else {
        Err(format!("{number} has a part of a sen; round it to two decimals"))
    }
}

fn sen_of_text(text: &str) -> Result<Sen, String> {
    let amount = text.strip_prefix("RM").or_else(|| text.strip_prefix("rm")).unwrap_or(text).trim();
    if amount.starts_with('-') || amount.starts_with('(') {
        return Err(format!("\"{text}\" is below zero; a wage is not"));
    }
    let mut groups = amount.split('.').next().unwrap_or_default().split(',');
    let first = groups.next().unwrap_or_default().len();
    let mut groups = groups.peekable();
    let grouped = groups.peek().is_none() || ((1..=3).contains(&first) && groups.all(|group| group.len() == 3));
    let decimals_have_comma = amount.split_once('.').is_some_and(|(_, decimals)| decimals.contains(','));
    if !grouped || decimals_have_comma {
        return Err(format!("\"{text}\" has a comma that marks no thousands; write ringgit and sen such as 3000.50"));
    }
    Sen::from_ringgit(amount).map_err(|error| error.to_string())
}

/// `2026-10-31` or `31/10/2026`, or a date cell.
pub(super) fn date(cell: &Cell) -> Result<NaiveDate, String> {
    let day = match cell {
        Cell::Day(day) => Ok(*day),
        Cell::Number(_) => Err("is a number; format the column as date".to_owned()),
        cell => {
            let text = cell.text();
            ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]
                .into_iter()
                .find_map(|form| NaiveDate::parse_from_str(&text, form).ok())
                .ok_or_else(|| format!("\"{text}\" is not a date; write 2026-10-31 or 31/10/2026"))
        }
    }?;
    in_range(day).map(|_| day)
}

pub(super) fn status(cell: &Cell) -> Result<char, String> {
    let text = cell.text();
    let mut letters = text.chars();
    match (letters.next().map(|letter| letter.to_ascii_uppercase()), letters.next()) {
        (Some(letter @ ('B' | 'H' | 'M' | 'S' | 'T')), None) => Ok(letter),
        _ => Err(format!("\"{text}\" is not a status; write B, H, M, S or T, or leave it blank")),
    }
}

pub(super) fn yes_or_no(cell: &Cell) -> Result<bool, String> {
    match cell.text().to_lowercase().as_str() {
        "yes" | "true" | "1" | "y" | "ya" => Ok(true),
        "no" | "false" | "0" | "n" | "tidak" => Ok(false),
        other => Err(format!("\"{other}\" is neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn wages_as_text_and_as_numbers() {
        for (written, sen) in [
            (text("3000"), 300_000),
            (text("3,000.50"), 300_050),
            (text("RM 1,234,567.8"), 123_456_780),
            (Cell::Number(6000.01), 600_001),
            (Cell::Number(0.1 + 0.2), 30),
            (Cell::Number(0.0), 0),
            (Cell::Number(99_999_999.99), 9_999_999_999),
        ] {
            assert_eq!(wage(&written), Ok(Sen(sen)), "{}", written.text());
        }
        for wrong in [
            text("3000,50"),
            text("30,00.00"),
            text("1000,000"),
            text("3000.00,5"),
            text("-1"),
            text("(5)"),
            text("three"),
            text("1.005"),
            Cell::Number(3000.005),
            Cell::Number(-0.01),
            Cell::Number(1e12),
            Cell::Number(f64::NAN),
        ] {
            assert!(wage(&wrong).is_err(), "{}", wrong.text());
        }
    }

    #[test]
    fn identity_numbers_as_spreadsheets_spoil_them() {
        let number = |cell: &Cell| id_number(cell).map(|number| number.reveal().to_owned());
        assert_eq!(number(&text("900101-14-9991")).as_deref(), Ok("900101149991"));
        assert_eq!(number(&Cell::Number(900_101_149_991.0)).as_deref(), Ok("900101149991"));
        assert_eq!(number(&text("a1234567")).as_deref(), Ok("A1234567"));
        assert_eq!(number(&text("1234567")).as_deref(), Ok("1234567"));
        for (cell, part) in [
            (Cell::Number(50_101_149_991.0), "format the column as text"),
            (Cell::Number(9_001_011_499_910.0), "format the column as text"),
            (Cell::Number(1.5), "format the column as text"),
            (text("50101149991"), "lost zeros"),
            (text("1201149991"), "has 10 digits"),
            (text("9.00101E+11"), "characters"),
            (text("000000000000"), "no number"),
            (text("123456"), "7 to 12"),
            (text("9001011499912"), "7 to 12"),
        ] {
            let error = number(&cell).expect_err("refused");
            assert!(error.contains(part) && !error.contains("9001011499"), "{error}");
        }
    }

    #[test]
    fn months_and_dates_in_every_form() {
        let october = Ok("2026-10".parse().expect("a month"));
        let day = NaiveDate::from_ymd_opt(2026, 10, 5).expect("a day");
        for cell in [text("2026-10"), text("102026"), Cell::Number(102_026.0), Cell::Day(day)] {
            assert_eq!(month(&cell), october);
        }
        assert_eq!(month(&Cell::Number(62_026.0)).map(|m| m.to_string()).as_deref(), Ok("2026-06"));
        for wrong in ["2026-13", "132026", "1026", "October"] {
            assert!(month(&text(wrong)).is_err(), "{wrong}");
        }
        for cell in [text("2026-10-05"), text("05/10/2026"), text("5-10-2026"), Cell::Day(day)] {
            assert_eq!(date(&cell), Ok(day));
        }
        for wrong in [text("2026-02-30"), text("10/31/2026"), text("0026-01-01"), Cell::Number(46_000.0)] {
            assert!(date(&wrong).is_err(), "{}", wrong.text());
        }
    }

    #[test]
    fn names_letters_and_flags() {
        assert_eq!(name(&text("Ahmad \u{a0} bin\nContoh")).as_deref(), Ok("Ahmad bin Contoh"));
        assert!(name(&text("A\u{7}B")).is_err());
        assert!(name(&Cell::Number(1.0)).is_err());
        assert_eq!(status(&text("t")), Ok('T'));
        assert!(status(&text("TT")).is_err() && status(&text("X")).is_err());
        assert_eq!((yes_or_no(&text("Ya")), yes_or_no(&Cell::Number(0.0))), (Ok(true), Ok(false)));
        assert!(yes_or_no(&text("maybe")).is_err());
        assert_eq!(company_number(&Cell::Number(202_501_999_999.0)).as_deref(), Ok("202501999999"));
        assert!(company_number(&text(&"1".repeat(20))).is_ok() && company_number(&text(&"1".repeat(21))).is_err());
    }
}
