//! What a clerk may enter for a field, and how the file writes it. Nothing is guessed: what cannot be read is refused.

use chrono::{Datelike, NaiveDate};

use super::{BLANK, DELETE, HOLD, MONEY_FIELDS};
use crate::domain::identity::birth_date_of;
use crate::domain::{ContributionMonth, EmployerCode, Sen};
use crate::reader::value::{DateField, date_of, figure as figure_of, legacy_figure, month_of};
use crate::reader::{Layout, LayoutId};

/// What the cell `corrected` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry<'c> {
    /// Leave it as it is.
    Hold,
    /// Leave the line out.
    Delete,
    /// Empty the field.
    Blank,
    /// Write this.
    Value(&'c str),
}

/// Reads a cell; the words count in English and Malay, in any case.
pub(super) fn entry(cell: &str) -> Entry<'_> {
    let cell = cell.trim();
    match cell.to_lowercase().as_str() {
        "" | HOLD | "(biar)" => Entry::Hold,
        DELETE | "(padam)" => Entry::Delete,
        BLANK | "(kosong)" => Entry::Blank,
        _ => Entry::Value(cell),
    }
}

/// A value as the file carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The characters of the field, padded to its width.
    pub text: String,
    /// The amount, where it is one.
    pub sen: Option<Sen>,
}

/// True for fields that a clerk may mend.
pub(super) fn is_mendable(layout: &Layout, field: &str) -> bool {
    let own = ["filler_1", "filler_2", "social_security_number"];
    !own.contains(&field) && layout.fields.iter().any(|known| known.name == field)
}

/// Writes an entered value as the field carries it.
///
/// # Errors
/// One sentence that says what may be entered. It does not repeat what was.
pub(super) fn written(layout: &Layout, field: &str, entered: &str) -> Result<Written, String> {
    let columns = layout.columns(field);
    let room = usize::from(columns.1 - columns.0) + 1;
    if MONEY_FIELDS.contains(&field) {
        let sen = ringgit(entered)?;
        return figure(layout, sen, room).map(|text| Written { text, sen: Some(sen) });
    }
    let text = match field {
        "employer_code" => employer_code(entered, room)?,
        "id_number" => id_number(entered)?,
        "month" => month(layout, entered)?,
        "date" => date(entered)?,
        "status" => entered.to_uppercase(),
        _ => entered.to_owned(),
    };
    let characters = text.chars().count();
    if characters > room {
        return Err(format!("has {characters} characters; the field has room for {room}"));
    }
    if text.chars().any(char::is_control) || (field != "name" && !text.is_ascii()) {
        return Err("holds a character that the field cannot carry".to_owned());
    }
    Ok(Written { text: format!("{text:<room$}"), sen: None })
}

/// The characters of an emptied field.
///
/// # Errors
/// One sentence where a record cannot do without it.
pub(super) fn emptied(layout: &Layout, field: &str) -> Result<Written, String> {
    if !["date", "status", "company_number"].contains(&field) {
        return Err("cannot be empty".to_owned());
    }
    let columns = layout.columns(field);
    Ok(Written { text: " ".repeat(usize::from(columns.1 - columns.0) + 1), sen: None })
}

/// Ringgit such as `68.60` or `1,234.50`; the digits of the file, in sen with zeros in front, are refused, because they
/// would be read as a hundred times as much.
fn ringgit(entered: &str) -> Result<Sen, String> {
    if entered.len() > 1 && entered.starts_with('0') && !entered.contains('.') {
        return Err("looks like the digits of the file; enter ringgit and sen with a point, such as 68.60".to_owned());
    }
    let number = entered.strip_prefix("RM").or_else(|| entered.strip_prefix("rm")).unwrap_or(entered);
    Sen::from_ringgit(number.trim()).map_err(|error| error.to_string())
}

/// Right-justified with zeros in front. A legacy amount of RM100.00 and more takes the place that it may run over.
fn figure(layout: &Layout, sen: Sen, room: usize) -> Result<String, String> {
    let digits = format!("{:0room$}", sen.0);
    let most = if layout.at.runs_over { room + layout.overflow } else { room };
    if digits.len() > most {
        return Err(format!("RM {sen} does not fit the {most} digits of the field"));
    }
    Ok(digits)
}

fn employer_code(entered: &str, room: usize) -> Result<String, String> {
    let code = EmployerCode::read(entered).1;
    let code = code.ok_or("is not an employer code; enter a letter, ten digits and a letter such as A9900000001Z")?;
    let code = code.as_str();
    // The legacy layout has the nine-place code: without the three zeros behind the area digits.
    if room == 9 && &code[3..6] == "000" {
        return Ok(format!("{}{}", &code[..3], &code[6..]));
    }
    Ok(code.to_owned())
}

fn id_number(entered: &str) -> Result<String, String> {
    let joined: String = entered.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    if joined.contains(['.', '+']) {
        return Err("was shortened by a spreadsheet; enter all of its characters as text".to_owned());
    }
    if joined.is_empty() || !joined.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("is no identity number; enter its letters and digits".to_owned());
    }
    let digits = joined.bytes().all(|byte| byte.is_ascii_digit());
    let today_or_later = ContributionMonth::new(2099, 12).expect("a month");
    let padded = format!("{joined:0>12}");
    if digits && (9..12).contains(&joined.len()) && birth_date_of(padded.as_bytes(), today_or_later).is_some() {
        let length = joined.len();
        return Err(format!("has {length} digits and seems to have lost zeros in front; enter all twelve as text"));
    }
    Ok(joined)
}

/// `MMYYYY` (a zero in front may be lost), `2026-10`, `10/2026`, `10-2026`, or the first day of the month.
fn month(layout: &Layout, entered: &str) -> Result<String, String> {
    let first_day = |text: &str| text.parse::<NaiveDate>().ok().filter(|day| day.day() == 1).map(ContributionMonth::of);
    let parts: Vec<&str> = entered.split(['-', '/', '.']).map(str::trim).collect();
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let joined = |year: &str, month: &str| {
        let year = if year.len() == 4 { number(year)? } else { return None };
        ContributionMonth::new(year.cast_signed(), number(month)?)
    };
    let width = layout.at.month.len();
    let found = match parts[..] {
        [digits] if matches!(digits.len(), 5 | 6) => month_of(format!("{digits:0>6}").as_bytes()),
        [digits] if width == 4 && matches!(digits.len(), 3 | 4) => month_of(format!("{digits:0>4}").as_bytes()),
        [year, month] if year.len() == 4 => joined(year, month),
        [month, year] => joined(year, month),
        _ => first_day(entered),
    };
    let found = found.ok_or("is no month; enter it as 102026, 2026-10 or 10/2026")?;
    if width == 6 {
        return Ok(found.mmyyyy());
    }
    if !(1950..2050).contains(&found.year()) {
        return Err("is no month of 1950 to 2049, for which this layout has two digits".to_owned());
    }
    Ok(format!("{:02}{:02}", found.month(), found.year() % 100))
}

/// `DDMMYYYY` (a zero in front may be lost), `2026-10-31` or `31/10/2026`.
fn date(entered: &str) -> Result<String, String> {
    let parts: Vec<&str> = entered.split(['-', '/', '.']).map(str::trim).collect();
    let digits = match parts[..] {
        [digits] if matches!(digits.len(), 7 | 8) => format!("{digits:0>8}"),
        [year, month, day] if year.len() == 4 => format!("{day:0>2}{month:0>2}{year}"),
        [day, month, year] if year.len() == 4 => format!("{day:0>2}{month:0>2}{year}"),
        _ => String::new(),
    };
    match date_of(digits.as_bytes()) {
        DateField::Day(_) => Ok(digits),
        _ => Err("is no date; enter it as 31102026, 2026-10-31 or 31/10/2026".to_owned()),
    }
}

/// The amount that a field says; `None` where it is blank or no figure.
pub(super) fn amount_said(layout: &Layout, raw: &str) -> Option<Sen> {
    let field = raw.as_bytes();
    let read = if layout.id == LayoutId::Brg8a83 { legacy_figure(field) } else { figure_of(field) };
    read.filter(|figure| !figure.blank).map(|figure| figure.sen)
}

/// An amount as the sheet shows it: ringgit where it can be read, else as it stands.
pub(super) fn amount_shown(layout: &Layout, raw: &str) -> String {
    amount_said(layout, raw).map_or_else(|| raw.trim().to_owned(), |sen| sen.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joint(field: &str, entered: &str) -> Result<String, String> {
        written(Layout::get(LayoutId::Joint278V2), field, entered).map(|written| written.text)
    }

    fn one_act(field: &str, entered: &str) -> Result<String, String> {
        written(Layout::get(LayoutId::Contribution223), field, entered).map(|written| written.text)
    }

    fn legacy(field: &str, entered: &str) -> Result<String, String> {
        written(Layout::get(LayoutId::Brg8a83), field, entered).map(|written| written.text)
    }

    #[test]
    fn words_in_the_cell() {
        for (cell, expected) in [
            ("", Entry::Hold),
            (" (Hold) ", Entry::Hold),
            ("(biar)", Entry::Hold),
            ("(DELETE)", Entry::Delete),
            ("(padam)", Entry::Delete),
            ("(kosong)", Entry::Blank),
            (" 68.60 ", Entry::Value("68.60")),
        ] {
            assert_eq!(entry(cell), expected);
        }
    }

    #[test]
    fn amounts_in_ringgit() {
        for entered in ["68.60", "68.6", "RM 68.60", "0068.60"] {
            assert_eq!(joint("socso_employer", entered).as_deref(), Ok("006860"), "{entered}");
        }
        assert_eq!(joint("wage", "1,234.50").as_deref(), Ok("00000000123450"));
        assert_eq!(joint("skbbk", "0").as_deref(), Ok("000000"));
        assert_eq!(joint("skbbk", "9999.99").as_deref(), Ok("999999"));
        for wrong in ["10000.00", "006860", "68,60", "-1", "68.605", "x", "="] {
            assert!(joint("skbbk", wrong).is_err(), "{wrong}");
        }
        assert_eq!(legacy("amount", "99.99").as_deref(), Ok("9999"));
        assert_eq!(legacy("amount", "100.00").as_deref(), Ok("10000"));
        assert!(legacy("amount", "1000.00").is_err());
    }

    #[test]
    fn months_and_dates_in_every_form() {
        for entered in ["052026", "52026", "2026-05", "05/2026", "5/2026", "5-2026", "2026-05-01"] {
            assert_eq!(joint("month", entered).as_deref(), Ok("052026"), "{entered}");
        }
        assert_eq!(legacy("month", "526").as_deref(), Ok("0526"));
        assert_eq!(legacy("month", "2026-05").as_deref(), Ok("0526"));
        assert!(legacy("month", "2050-01").is_err());
        for wrong in ["132026", "202605", "May 2026", "2026-05-02", "05/26", "0526", "2026-13", "+2/2026"] {
            assert!(joint("month", wrong).is_err(), "{wrong}");
        }
        for entered in ["04052026", "4052026", "2026-05-04", "04/05/2026", "4/5/2026", "4.5.2026"] {
            assert_eq!(one_act("date", entered).as_deref(), Ok("04052026"), "{entered}");
        }
        for wrong in ["31042026", "04/05/26", "2026-31-12", "00000000", "soon"] {
            assert!(one_act("date", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn codes_numbers_and_names() {
        assert_eq!(joint("employer_code", "a99 00000001 z").as_deref(), Ok("A9900000001Z"));
        assert_eq!(legacy("employer_code", "A9900000001Z").as_deref(), Ok("A9900001Z"));
        assert!(joint("employer_code", "A99").is_err());
        assert_eq!(joint("id_number", "900101-14-9991").as_deref(), Ok("900101149991"));
        assert_eq!(joint("id_number", "1234567").as_deref(), Ok("1234567     "));
        for wrong in ["9.00101E+11", "50101149991", "9001011499912", "Ñ1234567", "-"] {
            assert!(joint("id_number", wrong).is_err(), "{wrong}");
        }
        assert_eq!(one_act("status", "b").as_deref(), Ok("B"));
        assert!(one_act("status", "BB").is_err());
        assert_eq!(joint("name", &"Ñ".repeat(150)).map(|name| name.chars().count()), Ok(150));
        assert!(joint("name", &"N".repeat(151)).is_err());
        assert!(joint("name", "A\tB").is_err());
    }

    #[test]
    fn amounts_are_shown_in_ringgit() {
        let layout = Layout::get(LayoutId::Joint278V2);
        for (raw, said, shown) in [
            ("006860", Some(Sen(6860)), "68.60"),
            ("      ", None, ""),
            ("000000", Some(Sen(0)), "0.00"),
            (" 37.10", None, "37.10"),
        ] {
            assert_eq!((amount_said(layout, raw), amount_shown(layout, raw).as_str()), (said, shown));
        }
        assert_eq!(amount_said(Layout::get(LayoutId::Brg8a83), "6640 "), Some(Sen(6640)));
    }

    #[test]
    fn only_some_fields_can_be_emptied() {
        let layout = Layout::get(LayoutId::Contribution223);
        assert_eq!(emptied(layout, "date").map(|written| written.text), Ok(" ".repeat(8)));
        assert!(emptied(layout, "amount").is_err());
        assert!(emptied(layout, "month").is_err());
    }
}
