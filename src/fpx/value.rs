//! Values as FPX writes them: amounts, times, text that its character rules allow.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone};

use crate::domain::Sen;

/// Malaysian time: UTC+8 all year.
const MALAYSIAN_OFFSET_SECONDS: i32 = 8 * 3600;

/// Digits before the point that fit `fpx_txnAmount` (16 places).
const MOST_RINGGIT_DIGITS: usize = 13;

/// The amount as FPX writes it, `1234.50`: a point, two decimals, no sign, no thousands marks. `None` for a negative
/// amount and for one that does not fit 16 places.
pub fn amount_text(amount: Sen) -> Option<String> {
    let text = amount.to_string();
    (amount.0 >= 0 && text.len() <= MOST_RINGGIT_DIGITS + 3).then_some(text)
}

/// Reads [`amount_text`] back: up to 13 digits, a point, two digits, and nothing else.
pub fn read_amount(text: &str) -> Option<Sen> {
    let (ringgit, sen) = text.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if ringgit.is_empty() || ringgit.len() > MOST_RINGGIT_DIGITS || sen.len() != 2 || !digits(ringgit) || !digits(sen) {
        return None;
    }
    let (ringgit, sen): (i64, i64) = (ringgit.parse().ok()?, sen.parse().ok()?);
    Some(Sen(ringgit * 100 + sen))
}

/// A moment as FPX writes it, `yyyyMMddHHmmss`, always Malaysian time whatever the server's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FpxTime(NaiveDateTime);

impl FpxTime {
    /// The moment in Malaysia, cut to whole seconds.
    pub fn of<Z: TimeZone>(moment: &DateTime<Z>) -> FpxTime {
        let local = moment.with_timezone(&malaysian_offset()).naive_local();
        FpxTime(local.date().and_time(whole_seconds(local)))
    }

    /// Reads fourteen digits; `None` where they are no moment between the years 2000 and 2199.
    pub fn read(text: &str) -> Option<FpxTime> {
        if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
        let year = i32::try_from(part(0, 4)?).ok().filter(|year| (2000..2200).contains(year))?;
        let day = NaiveDate::from_ymd_opt(year, part(4, 6)?, part(6, 8)?)?;
        Some(FpxTime(day.and_hms_opt(part(8, 10)?, part(10, 12)?, part(12, 14)?)?))
    }

    /// The calendar day in Malaysia.
    pub const fn day(self) -> NaiveDate {
        self.0.date()
    }

    /// The moment with its offset.
    pub fn moment(self) -> DateTime<FixedOffset> {
        self.0.and_local_timezone(malaysian_offset()).single().expect("a fixed offset has every local time once")
    }
}

impl fmt::Display for FpxTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y%m%d%H%M%S").fmt(f)
    }
}

/// The offset of Malaysian time.
pub(super) fn malaysian_offset() -> FixedOffset {
    FixedOffset::east_opt(MALAYSIAN_OFFSET_SECONDS).expect("eight hours is an offset")
}

fn whole_seconds(moment: NaiveDateTime) -> chrono::NaiveTime {
    use chrono::Timelike;
    moment.time().with_nanosecond(0).expect("zero is a part of a second")
}

/// Text for FPX: capital letters, digits, blanks and `@ / ( ) . - _ ,`, in names `'` too. Anything else, the pipe above
/// all, becomes a blank; blanks are joined, trimmed, and the text is cut to `most` places.
pub fn clean_text(text: &str, most: usize, is_name: bool) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "@/().-_,".contains(c) || (is_name && c == '\'');
    let spaced: String = text.to_uppercase().chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    let joined = spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    joined.get(..most).unwrap_or(&joined).trim_end().to_owned()
}

/// The mail address where FPX takes it, else nothing: a payment does not fail for want of a mail.
pub fn clean_mail_address(text: &str, most: usize) -> String {
    let text = text.trim();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte);
    let one_at = text.split_once('@').is_some_and(|(person, host)| {
        !person.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    if one_at && text.len() <= most && text.bytes().all(allowed) { text.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_have_two_decimals_and_nothing_else() {
        for (sen, text) in [(0, "0.00"), (1, "0.01"), (100, "1.00"), (123_450, "1234.50"), (100_000_000, "1000000.00")]
        {
            assert_eq!(amount_text(Sen(sen)).as_deref(), Some(text));
            assert_eq!(read_amount(text), Some(Sen(sen)));
        }
        assert_eq!(amount_text(Sen(-1)), None);
        assert_eq!(amount_text(Sen(999_999_999_999_999)).as_deref(), Some("9999999999999.99"));
        assert_eq!(amount_text(Sen(1_000_000_000_000_000)), None);
        for text in ["", ".", ".50", "1", "1.", "1.5", "1.500", "+1.00", "-1.00", " 1.00", "1,000.00", "1.0a", "１.00"]
        {
            assert_eq!(read_amount(text), None, "{text:?}");
        }
        assert_eq!(read_amount("9999999999999.99"), Some(Sen(999_999_999_999_999)));
        assert_eq!(read_amount("99999999999999.99"), None);
    }

    #[test]
    fn times_are_malaysian_whatever_the_zone() {
        let moment = DateTime::parse_from_rfc3339("2026-07-15T15:59:58.9Z").expect("a moment");
        assert_eq!(FpxTime::of(&moment).to_string(), "20260715235958");
        let later = DateTime::parse_from_rfc3339("2026-07-15T16:00:00Z").expect("a moment");
        assert_eq!(FpxTime::of(&later).to_string(), "20260716000000");
        let read = FpxTime::read("20260715235958").expect("a time");
        assert_eq!(read.moment().to_rfc3339(), "2026-07-15T23:59:58+08:00");
        for text in ["", "2026071523595", "202607152359588", "20260715246000", "20260229000000", "2026071523596x"] {
            assert_eq!(FpxTime::read(text), None, "{text:?}");
        }
        assert_eq!(FpxTime::read("20260715235960"), None, "no sixtieth second");
        assert_eq!((FpxTime::read("19991231235959"), FpxTime::read("22000101000000")), (None, None));
    }

    #[test]
    fn text_loses_what_fpx_does_not_take() {
        assert_eq!(clean_text("Nur'ain a/p Raj @ Tan", 40, true), "NUR'AIN A/P RAJ @ TAN");
        assert_eq!(clean_text("Nur'ain", 40, false), "NUR AIN");
        assert_eq!(clean_text("  a|b&c\n\té  d ", 40, true), "A B C D");
        assert_eq!(clean_text("ABC DEF", 4, true), "ABC");
        assert_eq!(clean_text("ABCD", 4, true), "ABCD");
        assert_eq!(clean_text("ABCDE", 4, true), "ABCD");
    }

    #[test]
    fn a_mail_address_is_whole_or_absent() {
        assert_eq!(clean_mail_address(" a.b@example.com ", 50), "a.b@example.com");
        let long = format!("{}@example.com", "a".repeat(38));
        assert_eq!(clean_mail_address(&long, 50), long);
        let wrong = ["", "a", "@b.c", "a@b", "a@b@c.d", "a+b@c.d", "a@.c", "a@c.", "a|b@c.d", "é@c.d"];
        for text in wrong.map(str::to_owned).into_iter().chain([format!("a{long}")]) {
            assert_eq!(clean_mail_address(&text, 50), "", "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_comes_back(sen in 0_i64..1_000_000_000_000_000) {
            prop_assert_eq!(amount_text(Sen(sen)).and_then(|text| read_amount(&text)), Some(Sen(sen)));
        }

        #[test]
        fn no_text_makes_values_panic(text in any::<String>(), most in 0_usize..60) {
            let _ = (read_amount(&text), FpxTime::read(&text), clean_mail_address(&text, most));
            let clean = clean_text(&text, most, true);
            prop_assert!(clean.len() <= most && !clean.contains('|') && clean.is_ascii());
        }
    }
}
