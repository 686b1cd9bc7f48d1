//! Rules of single fields: employer code, company number, identity number, name, date, status.

use nom::Parser;
use nom::character::complete::{char, satisfy};
use nom::combinator::{all_consuming, opt};
use nom::multi::many_m_n;

use super::amount::Amounts;
use super::context::{Act, MonthContext, is_birthplace};
use super::pass::Pass;
use super::register::EmployerIndex;
use crate::domain::identity::EmployerCodeShape;
use crate::domain::{EmployerCode, Finding, FindingName, Scheme, Severity};
use crate::reader::line::Record;
use crate::reader::value::{DateField, date_of, digits_12};
use crate::reader::{Layout, LayoutId};

/// Employer code and company number, which most lines share with the line before.
#[derive(Debug, Default)]
pub(super) struct Head {
    bytes: Vec<u8>,
    /// The code read, or as written where it is none.
    pub employer: Box<str>,
    /// The employer in the register.
    pub registered: Option<EmployerIndex>,
    /// What holds every line that carries it.
    pub faults: Vec<Finding>,
}

impl Head {
    #[inline]
    pub fn is_of(&self, record: &Record<'_>) -> bool {
        self.bytes == record.head()
    }
}

/// Judges employer code and company number; the second list is said once for a value.
pub(super) fn head(pass: &Pass<'_, '_>, record: &Record<'_>) -> (Head, Vec<Finding>) {
    let written = String::from_utf8_lossy(record.employer_code()).into_owned();
    let (shape, code) = EmployerCode::read(&written);
    let columns = pass.columns("employer_code");
    let at = |name| Finding::new(name).at("employer_code", columns).found(written.as_str());
    let expected = code.as_ref().map_or("", EmployerCode::as_str);
    let legacy = pass.context.layout.id == LayoutId::Brg8a83 && written.len() == 9 && written == written.to_uppercase();
    let (mut faults, mut once) = (Vec::new(), Vec::new());
    match shape {
        EmployerCodeShape::Current => {}
        EmployerCodeShape::OldOrLowerCase if legacy => {}
        EmployerCodeShape::OldOrLowerCase => once.push(at(FindingName::EmployerCodeOldOrLowerCase).expected(expected)),
        EmployerCodeShape::Spaced => faults.push(at(FindingName::EmployerCodeSpaces).expected(expected)),
        EmployerCodeShape::Wrong => faults.push(at(FindingName::EmployerCodeFormat)),
    }
    let mut registered = None;
    if let (Some(code), Some(register)) = (&code, pass.context.register) {
        registered = register.employer(code.as_str());
        if registered.is_none() && !pass.context.seeds(code.as_str()) {
            faults.push(at(FindingName::EmployerUnknown));
        }
    }
    if !record.company_number().is_empty() && !is_company_number(&String::from_utf8_lossy(record.company_number())) {
        once.push(pass.at(FindingName::CompanyNumberFormat, "company_number", record.company_number()));
    }
    let employer = code.map_or_else(|| if written.is_empty() { "-".to_owned() } else { written }, |c| c.to_string());
    let head = Head { bytes: record.head().to_vec(), employer: employer.into(), registered, faults };
    (head, once)
}

/// An SSM number: twelve digits since October 2019, or four to ten digits with a check letter, with or without separators.
/// Old business registrations begin with letters (`JM0123456-K`).
fn is_company_number(text: &str) -> bool {
    let letter = || satisfy(|c: char| c.is_ascii_alphabetic());
    let digit = || satisfy(|c: char| c.is_ascii_digit());
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '(' | ')' | '/' | '.')).collect();
    let mut number = all_consuming((many_m_n(0, 3, letter()), many_m_n(4, 12, digit()), opt(char('-')), opt(letter())));
    let parsed: nom::IResult<&str, _> = number.parse(compact.as_str());
    parsed.is_ok()
}

/// A line of another layout: nothing of it can be judged here, not even whose it is.
pub(super) fn other_layout(pass: &mut Pass<'_, '_>, other: LayoutId) {
    let (own, other) = (pass.context.layout.record_length, Layout::get(other).record_length);
    let finding = Finding::new(FindingName::LayoutMixed).found(other.to_string()).expected(own.to_string());
    pass.piece.findings.push(finding.line(u64::from(pass.line)));
}

/// What is unusual about the line itself.
pub(super) fn oddities(pass: &mut Pass<'_, '_>, record: &Record<'_>) {
    let odd = &record.oddities;
    if odd.name_shifts_by > 0 {
        let length = pass.context.layout.record_length.to_string();
        let columns = pass.columns("name");
        pass.add(
            Finding::new(FindingName::NameShiftsLine)
                .at("name", columns)
                .found(odd.length.to_string())
                .expected(length),
        );
    }
    if odd.indented_by > 0 {
        pass.add(Finding::new(FindingName::RecordIndented).found(odd.indented_by.to_string()));
    }
    if odd.converted {
        pass.piece.converted += 1;
    }
    if odd.encoding_doubled {
        let columns = pass.columns("name");
        let meant = String::from_utf8_lossy(record.name).into_owned();
        let written = encoding_rs::WINDOWS_1252.decode_without_bom_handling(meant.as_bytes()).0.into_owned();
        pass.add(Finding::new(FindingName::EncodingDoubled).at("name", columns).found(written).expected(meant));
    }
    if let Some(control) = odd.control {
        pass.add(Finding::new(FindingName::ControlCharacter).found(format!("U+{:04X}", u32::from(control))));
    }
    if let Some(control) = odd.name_control {
        let columns = pass.columns("name");
        let code = format!("U+{:04X}", u32::from(control));
        // The character is no part of anybody's name, so that it is shown: it goes without the field that hides values.
        pass.add(Finding { columns: Some(columns), ..Finding::new(FindingName::NameControlCharacter).found(code) });
    }
}

pub(super) fn name(pass: &mut Pass<'_, '_>, name: &[u8]) {
    if name.is_empty() {
        pass.add_at(FindingName::NameMissing, "name", b"");
    } else if memchr::memchr(b'?', name).is_some() {
        pass.add_at(FindingName::NameTransliterated, "name", name);
    }
}

/// An identity number, as far as the rules need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdNumber {
    /// Packed for look-ups; `None` where there is no usable number.
    pub key: Option<u64>,
    /// What it is.
    pub kind: IdKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    /// Missing or malformed: said already.
    Unusable,
    /// A MyKad number with a date and a place that exist; the date as `YYMMDD`.
    MyKad(u32),
    /// Twelve digits that are no MyKad number: a foreign worker's.
    Foreign,
    /// Army, police, old IC or SOCSO number: nothing follows from it.
    Other,
}

/// The packed form of twelve digits, as most identity numbers are; `None` for every other.
#[inline]
pub(super) fn digits_key(number: &[u8]) -> Option<u64> {
    let digits = if number.len() == 12 { digits_12(number) } else { None };
    digits.map(|value| value | 1 << 63)
}

/// Packs an identity number of up to twelve letters and digits, in any case, into 64 bits without loss.
pub(super) fn id_key(number: &[u8]) -> Option<u64> {
    if let Some(key) = digits_key(number) {
        return Some(key);
    }
    if number.is_empty() || number.len() > 12 {
        return None;
    }
    // Base 37 with 0 for "no more characters": 37 to the 12th power is below two to the 63rd.
    number.iter().try_fold(0u64, |key, byte| {
        let digit = match byte.to_ascii_uppercase() {
            c @ b'0'..=b'9' => c - b'0' + 1,
            c @ b'A'..=b'Z' => c - b'A' + 11,
            _ => return None,
        };
        Some(key * 37 + u64::from(digit))
    })
}

/// Judges the identity number. Without a month (and so without amounts) only its form can be judged.
pub(super) fn id_number(
    pass: &mut Pass<'_, '_>,
    record: &Record<'_>,
    rest: Option<(&MonthContext<'_>, Option<&Amounts>)>,
) -> IdNumber {
    let number = record.id_number();
    let unusable = IdNumber { key: None, kind: IdKind::Unusable };
    if number.is_empty() || number.iter().all(|b| *b == b'0') {
        pass.add_at(FindingName::IdMissing, "id_number", number);
        return unusable;
    }
    if let (12, Some(value)) = (number.len(), digits_12(number)) {
        let key = Some(value | 1 << 63);
        let (date, place) = ((value / 1_000_000) as u32, value / 10_000 % 100);
        let date_exists = date_exists(date);
        if date_exists && is_birthplace(place) {
            return IdNumber { key, kind: IdKind::MyKad(date) };
        }
        if let Some((_, amounts)) = rest {
            no_mykad(pass, number, date_exists, amounts);
        }
        return IdNumber { key, kind: IdKind::Foreign };
    }
    let key = id_key(number);
    if key.is_none() || number.len() < SHORTEST_ID {
        pass.add_at(FindingName::IdFormat, "id_number", number);
        return unusable;
    }
    if looks_like_passport(number) {
        pass.add_at(FindingName::IdLooksLikePassport, "id_number", number);
    }
    IdNumber { key, kind: IdKind::Other }
}

/// True for twelve digits whose date or place does not exist: what the SOCSO number of a foreign worker looks like.
pub fn reads_as_foreign(number: &str) -> bool {
    let digits = if number.len() == 12 { digits_12(number.as_bytes()) } else { None };
    digits.is_some_and(|value| !(date_exists((value / 1_000_000) as u32) && is_birthplace(value / 10_000 % 100)))
}

/// The shortest number that is no fault: old IC, army, police and SOCSO numbers have seven places or more.
const SHORTEST_ID: usize = 7;

/// Twelve digits whose date or place does not exist: a foreign worker's number where nobody pays EIS for it, otherwise a
/// slip of the hand. A one-Act SOCSO file cannot tell the two apart.
fn no_mykad(pass: &mut Pass<'_, '_>, number: &[u8], date_exists: bool, amounts: Option<&Amounts>) {
    match pass.context.act {
        Act::Joint if amounts.is_none_or(|a| a.eis_total().is_zero()) => {
            pass.add_at(FindingName::ForeignWorkerNumber, "id_number", number);
        }
        Act::Joint | Act::One(Scheme::Act800) => pass.add_at(FindingName::IdDateImpossible, "id_number", number),
        Act::One(Scheme::Act4) | Act::Undecided if date_exists => {
            pass.add_at(FindingName::IdBirthplaceUnknown, "id_number", number);
        }
        Act::One(Scheme::Act4) | Act::Undecided => {
            let finding = pass.at(FindingName::IdDateImpossible, "id_number", number).severity(Severity::Warn);
            pass.add(finding);
        }
    }
}

/// True when `YYMMDD` is a day of some century (29 February of year 00 was a day in 2000).
fn date_exists(date: u32) -> bool {
    const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let most = DAYS.get((month as usize).wrapping_sub(1)).copied().unwrap_or(0);
    day >= 1 && day <= most && !(month == 2 && day == 29 && year % 4 != 0)
}

/// One letter and eight digits, or two letters and seven: passports of Malaysia and its neighbours.
fn looks_like_passport(number: &[u8]) -> bool {
    let letters = number.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    number.len() == 9 && matches!(letters, 1 | 2) && number[letters..].iter().all(u8::is_ascii_digit)
}

/// Date and status letter of a one-Act line.
pub(super) fn date_and_status(pass: &mut Pass<'_, '_>, record: &Record<'_>, month: &MonthContext<'_>) {
    let status = record.status().first().copied().unwrap_or(b' ');
    if pass.context.layout.at.status.is_empty() || (status == b' ' && record.date() == b"        ") {
        return;
    }
    let known = status == b' ' || STATUS_LETTERS.contains(&status.to_ascii_uppercase());
    if !known {
        let finding = pass.at(FindingName::StatusUnknown, "status", record.status()).expected("B, H, M, S, T");
        pass.add(finding);
    }
    let moves = matches!(status.to_ascii_uppercase(), b'B' | b'H' | b'M');
    match date_of(record.date()) {
        DateField::Wrong => pass.add_at(FindingName::DateFormat, "date", record.date()),
        DateField::Nothing if moves => pass.add_at(FindingName::StatusWithoutDate, "status", record.status()),
        DateField::Day(day) if moves && !(month.first_day..=month.last_day).contains(&day) => {
            let finding = pass.at(FindingName::DateOutOfMonth, "date", record.date()).expected(month.month.to_string());
            pass.add(finding);
        }
        DateField::Day(_) | DateField::Nothing => {}
    }
}

/// New, ceased, died, sick on a PERKESO benefit, unpaid leave (field 8 of the one-Act layout).
pub(super) const STATUS_LETTERS: [u8; 5] = [b'B', b'H', b'M', b'S', b'T'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_numbers() {
        for good in ["202501999999", "1312525-A", "1312525A", "0012345", "JM0123456-K", "123456-X", "(1312525-A)"] {
            assert!(is_company_number(good), "{good}");
        }
        for bad in ["ABC SDN BHD", "12", "1234567890123", "-", "12345*"] {
            assert!(!is_company_number(bad), "{bad}");
        }
    }

    #[test]
    fn identity_numbers_pack_without_loss() {
        let numbers = ["900101149991", "0", "00", "A1234567", "a1234567", "RF12345", "000000000017", "ZZZZZZZZZZZZ"];
        let keys: Vec<_> = numbers.iter().map(|n| id_key(n.as_bytes())).collect();
        assert_eq!(keys[3], keys[4]);
        assert_ne!(keys[1], keys[2]);
        assert!(keys.iter().all(Option::is_some));
        for bad in ["", "900101-14-99", "1234567890123", "A 123456"] {
            assert_eq!(id_key(bad.as_bytes()), None);
        }
    }

    #[test]
    fn dates_in_numbers() {
        for good in [900_101, 229, 960_229, 991_231] {
            assert!(date_exists(good), "{good:06}");
        }
        for bad in [900_229, 900_230, 901_301, 900_001, 900_100, 900_431] {
            assert!(!date_exists(bad), "{bad:06}");
        }
    }

    #[test]
    fn passports() {
        for passport in ["A12345678", "BX0123456"] {
            assert!(looks_like_passport(passport.as_bytes()));
        }
        for other in ["A1234567", "1234567", "RF123456", "A123456789", "ABC123456"] {
            assert!(!looks_like_passport(other.as_bytes()));
        }
    }
}
