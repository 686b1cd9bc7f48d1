//! Who: employer codes, identity numbers, names. Personal values mask themselves in `Debug`.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use nom::Parser;
use nom::bytes::complete::take_while_m_n;
use nom::combinator::all_consuming;

/// An employer's PERKESO code: a letter, ten digits, a letter (twelve places); before 2018 seven digits.
///
/// The check letter is not tested: its formula is not published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct EmployerCode(String);

/// How a text in the place of an employer code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmployerCodeShape {
    /// A letter, ten digits, a letter in capitals.
    Current,
    /// The nine-place form of before 2018, or small letters: read, and said.
    OldOrLowerCase,
    /// Right but for blanks or separators between the characters.
    Spaced,
    /// Anything else.
    Wrong,
}

fn letter_digits_letter(text: &str, digits: usize) -> bool {
    let letter = || take_while_m_n(1, 1, |c: char| c.is_ascii_alphabetic());
    let number = take_while_m_n(digits, digits, |c: char| c.is_ascii_digit());
    let code: nom::IResult<&str, (&str, &str, &str)> = all_consuming((letter(), number, letter())).parse(text);
    code.is_ok()
}

impl EmployerCode {
    /// Judges the written form, and gives the code in its twelve-place form where one can be read.
    ///
    /// The nine-place code of before 2018 becomes the twelve-place one by three zeros after the area digits
    /// (our reading of public examples; no official rule was found).
    pub fn read(written: &str) -> (EmployerCodeShape, Option<EmployerCode>) {
        let upper = written.to_ascii_uppercase();
        let compact: String = upper.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let code = if letter_digits_letter(&compact, 10) {
            compact.clone()
        } else if letter_digits_letter(&compact, 7) {
            format!("{}000{}", &compact[..3], &compact[3..])
        } else {
            return (EmployerCodeShape::Wrong, None);
        };
        let shape = if compact != upper {
            EmployerCodeShape::Spaced
        } else if upper != written || compact.len() == 9 {
            EmployerCodeShape::OldOrLowerCase
        } else {
            EmployerCodeShape::Current
        };
        (shape, Some(EmployerCode(code)))
    }

    /// The twelve-place code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for EmployerCode {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let code = EmployerCode::read(&text).1;
        code.ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not an employer code")))
    }
}

impl fmt::Display for EmployerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An identity number as a file carries it: MyKad, old IC, army, police, SOCSO or foreign-worker number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityNumber(String);

impl IdentityNumber {
    /// Keeps letters and digits, in capitals.
    pub fn new(written: &str) -> Self {
        Self(written.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect())
    }

    /// The number itself: only for files and documents that must show it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// All but the last four places hidden.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }

    /// The birth date a MyKad number carries, or `None` if it carries none that exists.
    ///
    /// The century is not in the number: the latest one is taken in which the person is born before `month` ends
    /// (a contributor may be of any age, but not unborn).
    pub fn birth_date(&self, month: super::ContributionMonth) -> Option<NaiveDate> {
        birth_date_of(self.0.as_bytes(), month)
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Birth date in a twelve-digit MyKad number; see [`IdentityNumber::birth_date`].
pub fn birth_date_of(number: &[u8], month: super::ContributionMonth) -> Option<NaiveDate> {
    if number.len() != 12 || !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |at: usize| i32::from(number[at] - b'0') * 10 + i32::from(number[at + 1] - b'0');
    let (year, m, d) = (two(0), two(2) as u32, two(4) as u32);
    // Nobody starts to work before ten; a two-digit year that would make a younger person belongs to the century before.
    let century = month.year() / 100 * 100;
    let born = |century: i32| NaiveDate::from_ymd_opt(century + year, m, d);
    match born(century) {
        Some(day) if day.year() + YOUNGEST_YEARS <= month.year() => Some(day),
        _ => born(century - 100),
    }
}

/// Below this age a two-digit year is taken to mean the century before (children do not work for wages).
const YOUNGEST_YEARS: i32 = 10;

/// Hides all letters and digits but those in the last four places. What is neither stays: it tells nobody who this is,
/// and a dash or blank in a number is the very fault to be seen.
pub fn mask(text: &str) -> String {
    let places = text.chars().count();
    let shown = |i: usize, c: char| !c.is_alphanumeric() || (i + 4 >= places && places > 4);
    text.chars().enumerate().map(|(i, c)| if shown(i, c) { c } else { '*' }).collect()
}

/// Hides all but the last four of every run of exactly twelve digits: identity numbers that stand where none belongs, in
/// broken or shifted lines. Longer runs are figures.
pub fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        let length = rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, run) = (&rest[..from], &rest[from..from + length]);
        masked.push_str(before);
        masked.push_str(&if length == 12 { mask(run) } else { run.to_owned() });
        rest = &rest[from + length..];
    }
    masked + rest
}

/// A name for comparing: letters and digits in capitals.
pub fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// A person's name. Masked in `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(pub String);

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ContributionMonth;
    use super::*;

    #[test]
    fn employer_codes_by_shape() {
        use EmployerCodeShape::{Current, OldOrLowerCase, Spaced, Wrong};
        for (written, shape, code) in [
            ("A9900000001Z", Current, Some("A9900000001Z")),
            ("a9900000001z", OldOrLowerCase, Some("A9900000001Z")),
            ("A9900001Z", OldOrLowerCase, Some("A9900000001Z")),
            ("A 9900 001Z", Spaced, Some("A9900000001Z")),
            ("1234", Wrong, None),
            ("A990000001Z", Wrong, None),
            ("A99000000001Z", Wrong, None),
            ("", Wrong, None),
        ] {
            let (found, read) = EmployerCode::read(written);
            assert_eq!((found, read.as_ref().map(EmployerCode::as_str)), (shape, code), "{written}");
        }
    }

    #[test]
    fn the_century_depends_on_the_month() {
        let month: ContributionMonth = "2026-10".parse().expect("a month");
        let born = |number: &str| IdentityNumber::new(number).birth_date(month).map(|d| d.to_string());
        assert_eq!(born("900101149991").as_deref(), Some("1990-01-01"));
        assert_eq!(born("080229149991").as_deref(), Some("2008-02-29"));
        assert_eq!(born("260101149991").as_deref(), Some("1926-01-01"));
        assert_eq!(born("900230149991"), None);
        assert_eq!(born("990000000017"), None);
        assert_eq!(born("A1234567"), None);
    }

    #[test]
    fn personal_values_hide_themselves() {
        assert_eq!(format!("{:?}", IdentityNumber::new("900101-14-9991")), "********9991");
        assert!(!format!("{:?}", PersonName("AHMAD CONTOH".into())).contains("AHMAD"));
        assert_eq!(mask("123"), "***");
        assert_eq!(mask_numbers("TOTAL 900101149991 x"), "TOTAL ********9991 x");
        assert_eq!(mask_numbers("é12345678901 1234567890123 5"), "é12345678901 1234567890123 5");
        assert_eq!(mask("900101-14-99"), "******-*4-99");
    }
}
