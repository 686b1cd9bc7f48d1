//! Values in fields: amounts in sen, months, dates. Nothing here guesses: what is not a value is `Err` or `None`.

use chrono::NaiveDate;

use crate::domain::{ContributionMonth, Sen};

/// A figure as a field carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its value in sen.
    pub sen: Sen,
    /// Written as one `0` behind blanks, which ASSIST has refused.
    pub single_zero: bool,
    /// All blank, which counts as nothing.
    pub blank: bool,
}

/// Without blanks at the end and at the beginning. Names stand in 150 places, so that blanks are skipped 32 at a time, in a
/// way that the compiler turns into vector instructions.
#[inline]
pub fn trim(bytes: &[u8]) -> &[u8] {
    const STEP: usize = 32;
    let mut end = bytes.len();
    if end >= STEP {
        while end > STEP && bytes[end - STEP..end].iter().fold(0, |other, b| other | (b ^ b' ')) == 0 {
            end -= STEP;
        }
        // What is behind `end` is blank, so that a step from the beginning may reach over it.
        let start = end.saturating_sub(STEP);
        end = start + end_of_words(&bytes[start..start + STEP]);
    } else {
        while end > 0 && bytes[end - 1] == b' ' {
            end -= 1;
        }
    }
    let start =
        if bytes.first() == Some(&b' ') { bytes[..end].iter().position(|b| *b != b' ').unwrap_or(end) } else { 0 };
    &bytes[start..end]
}

/// Where the blanks at the end begin, in words of eight bytes and without a branch: nobody can guess how long names are.
#[inline]
fn end_of_words(bytes: &[u8]) -> usize {
    bytes.as_chunks::<8>().0.iter().enumerate().fold(0, |end, (number, word)| {
        let other = u64::from_le_bytes(*word) ^ u64::from_le_bytes([b' '; 8]);
        // The last character is the highest byte.
        if other == 0 { end } else { 8 * (number + 1) - other.leading_zeros() as usize / 8 }
    })
}

/// Reads a right-justified figure in sen: padded with zeros or blanks; all blank is nothing. `None` for anything else, a
/// sign or a decimal point among it, and for more digits than an amount can have.
#[inline]
pub fn figure(field: &[u8]) -> Option<Figure> {
    let value = match field.len() {
        14 => digits_14(field),
        6 => digits_6(field),
        _ => None,
    };
    match value {
        Some(value) => Some(Figure { sen: Sen(value as i64), single_zero: false, blank: false }),
        None => padded_figure(field),
    }
}

fn padded_figure(field: &[u8]) -> Option<Figure> {
    let digits = trim(field);
    let right_justified = digits.is_empty() || field.ends_with(digits);
    if !right_justified || digits.len() > 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sen = digits.iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(Figure { sen: Sen(sen), single_zero: digits == b"0" && field.len() > 1, blank: digits.is_empty() })
}

/// Reads the amount of a legacy line, which stands at the left or the right of its places; `None` where it is no figure.
pub fn legacy_figure(field: &[u8]) -> Option<Figure> {
    let digits = trim(field);
    padded_figure(digits).map(|figure| Figure { single_zero: false, ..figure })
}

/// True when the field holds digits behind blanks, or nothing.
pub fn is_number_or_blank(field: &[u8]) -> bool {
    field.iter().skip_while(|b| **b == b' ').all(u8::is_ascii_digit)
}

#[inline]
fn digits_14(field: &[u8]) -> Option<u64> {
    let high = eight(field[..8].try_into().ok()?)?;
    let low: [u8; 6] = field[8..14].try_into().ok()?;
    Some(high * 1_000_000 + digits_6(&low)?)
}

#[inline]
fn digits_6(field: &[u8]) -> Option<u64> {
    let mut padded = [b'0'; 8];
    padded[2..].copy_from_slice(field);
    eight(padded)
}

/// Eight ASCII digits at once, in one 64-bit word; `None` if one is not a digit.
#[inline]
fn eight(bytes: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(bytes).wrapping_sub(0x3030_3030_3030_3030);
    // A byte above 9 shows in its high bits, or does so when six is added.
    if (word | word.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 != 0 {
        return None;
    }
    let pairs = (word.wrapping_mul(10).wrapping_add(word >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xFFFF_FFFF)
}

/// Twelve digits as a number; `None` if one is not a digit.
#[inline]
pub fn digits_12(field: &[u8]) -> Option<u64> {
    let high = eight(field.get(..8)?.try_into().ok()?)?;
    let mut low = [b'0'; 8];
    low[4..].copy_from_slice(field.get(8..12)?);
    Some(high * 10_000 + eight(low)?)
}

/// The month in `MMYYYY`, or in the `MMYY` of legacy lines (years 50 to 99 belong to the last century).
pub fn month_of(field: &[u8]) -> Option<ContributionMonth> {
    if !field.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |part: &[u8]| part.iter().fold(0i32, |value, digit| value * 10 + i32::from(digit - b'0'));
    let (month, year) = field.split_at_checked(2)?;
    let year = match year.len() {
        4 => number(year),
        2 if number(year) < 50 => 2000 + number(year),
        2 => 1900 + number(year),
        _ => return None,
    };
    ContributionMonth::new(year, number(month) as u32)
}

/// A date field: a day, nothing (blank or zeros), or something that is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    /// `DDMMYYYY`.
    Day(NaiveDate),
    /// Blank, absent, or eight zeros.
    Nothing,
    /// No date.
    Wrong,
}

/// Reads a date in `DDMMYYYY`.
#[inline]
pub fn date_of(field: &[u8]) -> DateField {
    if field.iter().all(|b| *b == b' ') || field == b"00000000" {
        return DateField::Nothing;
    }
    let Some(number) = field.try_into().ok().and_then(eight) else {
        return DateField::Wrong;
    };
    let (day, month, year) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    match NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32) {
        Some(date) if (1900..2200).contains(&year) => DateField::Day(date),
        _ => DateField::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_at_both_ends_are_left_out() {
        for length in [0, 1, 7, 8, 9, 12, 31, 32, 33, 63, 64, 65, 150] {
            let mut field = vec![b' '; length];
            assert_eq!(trim(&field), b"");
            for last in 0..length {
                field[last] = b'Z';
                let expected: Vec<u8> = field.trim_ascii().to_vec();
                assert_eq!(trim(&field), expected, "{length} places, to {last}");
                field[last / 2] = b'A';
                field[last] = if last % 3 == 0 { b' ' } else { b'0' };
                let expected: Vec<u8> = field.trim_ascii().to_vec();
                assert_eq!(trim(&field), expected, "{length} places, to {last}");
            }
        }
    }

    #[test]
    fn figures_with_every_padding() {
        let sen = |field: &[u8]| figure(field).map(|f| f.sen.0);
        assert_eq!(sen(b"00000000006640"), Some(6640));
        assert_eq!(sen(b"99999999999999"), Some(99_999_999_999_999));
        assert_eq!(sen(b"          6640"), Some(6640));
        assert_eq!(sen(b"005165"), Some(5165));
        assert_eq!(sen(b"  5165"), Some(5165));
        assert_eq!(sen(b"      "), Some(0));
        assert_eq!(figure(b"     0").map(|f| f.single_zero), Some(true));
        assert_eq!(figure(b"  0000").map(|f| f.single_zero), Some(false));
        assert_eq!(figure(b"      ").map(|f| f.blank), Some(true));
        for wrong in [&b"000-65"[..], b"0051.5", b"5165  ", b"00516O", b"51 165", b"0000000000664\xff", b"######"] {
            assert_eq!(figure(wrong), None, "{wrong:?}");
        }
        assert_eq!(legacy_figure(b"950 ").map(|f| f.sen.0), Some(950));
        assert_eq!(legacy_figure(b"10415").map(|f| f.sen.0), Some(10_415));
    }

    #[test]
    fn every_byte_in_every_place_is_judged() {
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut field = *b"12345678";
                field[place] = byte;
                let expected = std::str::from_utf8(&field)
                    .ok()
                    .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|t| t.parse().ok());
                assert_eq!(eight(field), expected, "{field:?}");
            }
        }
    }

    #[test]
    fn months_and_dates() {
        assert_eq!(month_of(b"102026").map(|m| m.to_string()).as_deref(), Some("2026-10"));
        assert_eq!(month_of(b"0512").map(|m| m.to_string()).as_deref(), Some("2012-05"));
        assert_eq!(month_of(b"0599").map(|m| m.to_string()).as_deref(), Some("1999-05"));
        for wrong in [&b"132026"[..], b"002026", b"1O2026", b" 52026", b"", b"101899"] {
            assert_eq!(month_of(wrong), None);
        }
        assert_eq!(date_of(b"        "), DateField::Nothing);
        assert_eq!(date_of(b"00000000"), DateField::Nothing);
        assert!(matches!(date_of(b"29022024"), DateField::Day(_)));
        for wrong in [&b"29022026"[..], b"31042026", b"01131999", b"1 012026", b"0101", b"01010099"] {
            assert_eq!(date_of(wrong), DateField::Wrong, "{wrong:?}");
        }
    }
}
