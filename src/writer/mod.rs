//! From lines to the bytes of an official text file: the way back of [`crate::reader`]. Pure: nothing here opens a file.
//!
//! Positions come from the same layouts as the reader's. What does not fit its field is an error, never cut: a cut name
//! or figure would be somebody else's.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use crate::checks::amount::{Amounts, Shares, amounts_of};
use crate::domain::identity::mask;
use crate::domain::{ContributionMonth, Sen};
use crate::reader::line::Record;
use crate::reader::value::{DateField, date_of, month_of};
use crate::reader::{Layout, LayoutId};

/// What one record says. Texts are written as they are, but for the name, which is written in capitals.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Employer's code, in twelve places (in nine for the legacy layout, which twelve are brought to).
    pub employer_code: String,
    /// MyCoID / SSM number, or empty.
    pub company_number: String,
    /// Identity number.
    pub id_number: String,
    /// Employee's name.
    pub name: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// A total for the one-Act layouts, wage and shares for the joint ones.
    pub amounts: Amounts,
    /// First or last day of employment; only the layout of 223 characters has a place for it.
    pub date: Option<NaiveDate>,
    /// Letter of field 8; only the layout of 223 characters has a place for it.
    pub status: Option<char>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (number, name) = (mask(&self.id_number), mask(&self.name));
        write!(f, "Line {} {} {number} {name} {:?}", self.employer_code, self.month, self.amounts)
    }
}

/// Characters of a written file. The layouts name no code page; ASCII is the same in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Every name is ASCII.
    Ascii,
    /// Some names are not; they are padded by characters and written as UTF-8.
    Utf8,
}

impl Encoding {
    /// Of a written file.
    pub fn of(bytes: &[u8]) -> Encoding {
        if bytes.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 }
    }
}

/// A line cannot be written in a layout, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A text is longer than its field.
    #[error("the {field} has {characters} characters but {layout} has room for {room}")]
    TooLong {
        /// Name of the field, in words.
        field: &'static str,
        /// Characters of the text.
        characters: usize,
        /// Characters of the field.
        room: usize,
        /// The layout.
        layout: &'static str,
    },
    /// A figure has more digits than its field.
    #[error("the {field} of RM {amount} does not fit the {room} digits that {layout} has for it")]
    FigureTooLarge {
        /// Name of the field, in words.
        field: &'static str,
        /// The figure.
        amount: Sen,
        /// Digits of the field.
        room: usize,
        /// The layout.
        layout: &'static str,
    },
    /// A character that no field can carry.
    #[error("the {field} holds a character that a text file cannot carry (U+{code:04X})")]
    Character {
        /// Name of the field, in words.
        field: &'static str,
        /// Its code point.
        code: u32,
    },
    /// The layout has no place for it, or needs what is not there.
    #[error("{layout} {what}")]
    NotInLayout {
        /// The layout.
        layout: &'static str,
        /// What it has no place for, or lacks.
        what: &'static str,
    },
}

/// Writes lines, each with CR LF, the last one too.
///
/// # Errors
/// Every line that cannot be written, by its place in the list from 0.
pub fn write_file(id: LayoutId, lines: &[Line]) -> Result<Vec<u8>, Vec<(usize, WriteError)>> {
    let layout = Layout::get(id);
    let mut bytes = Vec::with_capacity(lines.len() * (layout.record_length + 2));
    let mut errors = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        match write_record(layout, line) {
            Ok(record) => {
                bytes.extend_from_slice(record.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
            Err(error) => errors.push((place, error)),
        }
    }
    if errors.is_empty() { Ok(bytes) } else { Err(errors) }
}

/// Writes one record, without its line end.
///
/// # Errors
/// [`WriteError`] where something does not fit.
pub fn write_record(layout: &Layout, line: &Line) -> Result<String, WriteError> {
    let mut record = Places { layout, characters: vec![' '; layout.record_length] };
    let at = &layout.at;
    record.code("employer code", &at.employer_code, &employer_code(layout, &line.employer_code))?;
    if !at.company_number.is_empty() {
        record.code("company number", &at.company_number, &line.company_number)?;
    }
    record.code("identity number", &at.id_number, &line.id_number)?;
    record.text("name", &at.name, &line.name.to_uppercase())?;
    record.text("month", &at.month, &month(layout, line.month)?)?;
    match (&line.amounts, layout.id.is_joint()) {
        (Amounts::Total(total), false) => record.figure("amount", &at.amount, *total)?,
        (Amounts::Shares(shares), true) => shares_of(&mut record, shares)?,
        _ => return Err(record.wrong("takes other amounts than these")),
    }
    date_and_status(&mut record, line)?;
    Ok(record.characters.into_iter().collect())
}

fn shares_of(record: &mut Places<'_>, shares: &Shares) -> Result<(), WriteError> {
    let at = &record.layout.at;
    record.figure("wage", &at.wage, shares.wage)?;
    record.figure("employer's SOCSO share", &at.socso_employer, shares.socso_employer)?;
    record.figure("employee's SOCSO share", &at.socso_employee, shares.socso_employee)?;
    record.figure("employer's EIS share", &at.eis_employer, shares.eis_employer)?;
    record.figure("employee's EIS share", &at.eis_employee, shares.eis_employee)?;
    if !at.skbbk.is_empty() {
        record.figure("SKBBK", &at.skbbk, shares.skbbk)
    } else if shares.skbbk.is_zero() {
        Ok(())
    } else {
        Err(record.wrong("has no place for SKBBK"))
    }
}

/// Layouts without these fields leave them out: PERKESO takes joiners and leavers of joint files in the portal.
fn date_and_status(record: &mut Places<'_>, line: &Line) -> Result<(), WriteError> {
    let at = &record.layout.at;
    if at.status.is_empty() {
        return Ok(());
    }
    if let Some(date) = line.date {
        let text = format!("{:02}{:02}{:04}", date.day(), date.month(), date.year());
        record.text("date", &at.date, &text)?;
    }
    if let Some(status) = line.status {
        record.code("status", &at.status, status.encode_utf8(&mut [0; 4]))?;
    }
    Ok(())
}

/// The legacy layout has the nine-place code: without the three zeros behind the area digits.
fn employer_code(layout: &Layout, code: &str) -> String {
    let room = layout.at.employer_code.len();
    if room == 9 && code.len() == 12 && code.is_ascii() && &code[3..6] == "000" {
        format!("{}{}", &code[..3], &code[6..])
    } else {
        code.to_owned()
    }
}

/// `MMYYYY`, or the `MMYY` of the legacy layout, whose years run from 1950 to 2049.
fn month(layout: &Layout, month: ContributionMonth) -> Result<String, WriteError> {
    if layout.at.month.len() == 6 {
        return Ok(month.mmyyyy());
    }
    if !(1950..2050).contains(&month.year()) {
        return Err(WriteError::NotInLayout { layout: layout.id.id(), what: "has two digits for years 1950 to 2049" });
    }
    Ok(format!("{:02}{:02}", month.month(), month.year() % 100))
}

/// A record while it is filled, by characters.
struct Places<'l> {
    layout: &'l Layout,
    characters: Vec<char>,
}

impl Places<'_> {
    fn wrong(&self, what: &'static str) -> WriteError {
        WriteError::NotInLayout { layout: self.layout.id.id(), what }
    }

    /// Left-justified, blanks behind.
    fn text(&mut self, field: &'static str, at: &Range<usize>, text: &str) -> Result<(), WriteError> {
        let (room, characters) = (at.len(), text.chars().count());
        if characters > room {
            return Err(WriteError::TooLong { field, characters, room, layout: self.layout.id.id() });
        }
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            return Err(WriteError::Character { field, code: control.into() });
        }
        for (place, character) in self.characters[at.clone()].iter_mut().zip(text.chars()) {
            *place = character;
        }
        Ok(())
    }

    /// The same for fields that hold letters and digits.
    fn code(&mut self, field: &'static str, at: &Range<usize>, text: &str) -> Result<(), WriteError> {
        match text.chars().find(|c| !c.is_ascii()) {
            Some(other) => Err(WriteError::Character { field, code: other.into() }),
            None => self.text(field, at, text),
        }
    }

    /// Right-justified, full zeros before: ASSIST has refused a single zero behind blanks.
    fn figure(&mut self, field: &'static str, at: &Range<usize>, amount: Sen) -> Result<(), WriteError> {
        let room = at.len();
        let digits = format!("{:0room$}", amount.0);
        if amount.0 < 0 || digits.len() > room {
            return Err(WriteError::FigureTooLarge { field, amount, room, layout: self.layout.id.id() });
        }
        self.text(field, at, &digits)
    }
}

impl Line {
    /// What a record says; `None` where a field of it cannot be read.
    ///
    /// For reading back what was written, and for bringing older files to another layout.
    pub fn of(record: &Record<'_>, layout: &Layout) -> Option<Line> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let date = match date_of(record.date()) {
            DateField::Day(day) => Some(day),
            DateField::Nothing => None,
            DateField::Wrong => return None,
        };
        let status = record.status().first().copied().filter(|letter| *letter != b' ').map(char::from);
        Some(Line {
            employer_code: text(record.employer_code())?,
            company_number: text(record.company_number())?,
            id_number: text(record.id_number())?,
            name: text(record.name)?,
            month: month_of(record.month())?,
            amounts: amounts_of(record, layout.id)?,
            date,
            status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(amounts: Amounts) -> Line {
        Line {
            employer_code: "A9900000001Z".into(),
            company_number: "202501999999".into(),
            id_number: "900101149991".into(),
            name: "Ahmad Contoh bin Ujian".into(),
            month: "2026-05".parse().expect("a month"),
            amounts,
            date: None,
            status: None,
        }
    }

    fn shares() -> Shares {
        Shares {
            wage: Sen(300_000),
            socso_employer: Sen(5165),
            socso_employee: Sen(1475),
            eis_employer: Sen(590),
            eis_employee: Sen(590),
            skbbk: Sen::ZERO,
        }
    }

    fn written(id: LayoutId, line: &Line) -> Result<String, WriteError> {
        write_record(Layout::get(id), line)
    }

    #[test]
    fn records_as_the_layouts_print_them() {
        let head = format!("A9900000001Z{:<20}900101149991{:<150}052026", "202501999999", "AHMAD CONTOH BIN UJIAN");
        let one = written(LayoutId::Contribution223, &line(Amounts::Total(Sen(6640))));
        assert_eq!(one, Ok(format!("{head}00000000006640{:9}", "")));
        let joint = line(Amounts::Shares(shares()));
        let figures = "00000000300000005165001475000590000590";
        assert_eq!(written(LayoutId::Joint278V1, &joint), Ok(format!("{head}{figures}{:40}", "")));
        assert_eq!(written(LayoutId::Joint278V2, &joint), Ok(format!("{head}{figures}000000{:34}", "")));
        let legacy = format!("A9900001Z900101149991{:9}0526{:<45}6640", "", "AHMAD CONTOH BIN UJIAN");
        assert_eq!(written(LayoutId::Brg8a83, &line(Amounts::Total(Sen(6640)))), Ok(legacy));
    }

    #[test]
    fn date_and_letter_stand_at_the_end() {
        let joined =
            Line { date: NaiveDate::from_ymd_opt(2026, 5, 4), status: Some('B'), ..line(Amounts::Total(Sen::ZERO)) };
        let record = written(LayoutId::Contribution223, &joined).expect("written");
        assert!(record.ends_with("0000000000000004052026B"), "{record}");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let named = |name: String| Line { name, ..line(Amounts::Total(Sen(1))) };
        for (id, room) in [(LayoutId::Contribution223, 150), (LayoutId::Brg8a83, 45)] {
            assert!(written(id, &named("N".repeat(room))).is_ok());
            assert!(written(id, &named("Ñ".repeat(room))).is_ok());
            let error = written(id, &named("N".repeat(room + 1))).expect_err("too long").to_string();
            assert!(error.contains(&format!("{} characters", room + 1)), "{error}");
        }
        let wage = |sen| line(Amounts::Shares(Shares { wage: Sen(sen), ..shares() }));
        assert!(written(LayoutId::Joint278V2, &wage(99_999_999_999_999)).is_ok());
        assert!(written(LayoutId::Joint278V2, &wage(100_000_000_000_000)).is_err());
        assert!(written(LayoutId::Joint278V2, &wage(-1)).is_err());
        let skbbk = |sen| line(Amounts::Shares(Shares { skbbk: Sen(sen), ..shares() }));
        assert!(written(LayoutId::Joint278V2, &skbbk(999_999)).is_ok());
        assert!(written(LayoutId::Joint278V2, &skbbk(1_000_000)).is_err());
        assert!(written(LayoutId::Joint278V1, &skbbk(1)).is_err());
        let total = |sen| line(Amounts::Total(Sen(sen)));
        assert!(written(LayoutId::Brg8a83, &total(9999)).is_ok());
        assert!(written(LayoutId::Brg8a83, &total(10_000)).is_err());
        assert!(written(LayoutId::Joint278V2, &total(1)).is_err());
        let coded = Line { employer_code: "A9912300001Z".into(), ..total(1) };
        assert!(written(LayoutId::Brg8a83, &coded).is_err());
        assert!(written(LayoutId::Contribution223, &named("A\tB".into())).is_err());
        assert!(written(LayoutId::Contribution223, &Line { id_number: "Ñ".into(), ..total(1) }).is_err());
    }

    #[test]
    fn the_encoding_is_that_of_the_names() {
        let accented = Line { name: "René Contoh".into(), ..line(Amounts::Total(Sen(1))) };
        let bytes = write_file(LayoutId::Contribution223, std::slice::from_ref(&accented)).expect("written");
        assert_eq!(Encoding::of(&bytes), Encoding::Utf8);
        assert_eq!(bytes.len(), 223 + 1 + 2);
        let plain = write_file(LayoutId::Contribution223, &[line(Amounts::Total(Sen(1)))]).expect("written");
        assert_eq!(Encoding::of(&plain), Encoding::Ascii);
        assert!(plain.ends_with(b" \r\n"));
        let long = Line { name: "N".repeat(151), ..accented.clone() };
        let errors = write_file(LayoutId::Contribution223, &[accented, long]).expect_err("refused");
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, 1);
    }
}
