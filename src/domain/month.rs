//! Contribution months: the month in which the wages were earned.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The month of the wages, from 1900-01 to 2199-12. Written `2026-10` outside and `MMYYYY` in text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContributionMonth(
    /// Months since year 0, so that neighbours differ by one.
    u16,
);

/// The text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a month; write year and month such as 2026-10")]
pub struct MonthError(pub String);

impl ContributionMonth {
    /// A month of a year; `None` outside 1900 to 2199 or 1 to 12.
    pub const fn new(year: i32, month: u32) -> Option<Self> {
        if year >= 1900 && year <= 2199 && month >= 1 && month <= 12 {
            Some(Self((year * 12 + month as i32 - 1) as u16))
        } else {
            None
        }
    }

    /// The month of a calendar day.
    ///
    /// # Panics
    /// When the day lies outside 1900 to 2199; days come from the clock or were checked by the reader.
    pub fn of(day: NaiveDate) -> Self {
        Self::new(day.year(), day.month()).expect("a day between 1900 and 2199")
    }

    /// Calendar year.
    pub const fn year(self) -> i32 {
        self.0 as i32 / 12
    }

    /// Month of the year, 1 to 12.
    pub const fn month(self) -> u32 {
        self.0 as u32 % 12 + 1
    }

    /// Months since year 0: a compact key for tables; neighbours differ by one.
    pub const fn index(self) -> u16 {
        self.0
    }

    /// The month with this [`index`](Self::index); `None` outside 1900 to 2199.
    pub const fn from_index(index: u16) -> Option<Self> {
        Self::new(index as i32 / 12, index as u32 % 12 + 1)
    }

    /// The month after.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The month before.
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// First calendar day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.month(), 1).expect("the first of a month exists")
    }

    /// Last calendar day, on which the contribution falls due (Act 4 s. 6(8)).
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day().pred_opt().expect("a day before the first of a month exists")
    }

    /// `MMYYYY`, as text files carry it.
    pub fn mmyyyy(self) -> String {
        format!("{:02}{:04}", self.month(), self.year())
    }
}

impl fmt::Display for ContributionMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for ContributionMonth {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let error = || MonthError(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(error)?;
        if year.len() != 4 || month.len() != 2 || !(year.bytes().chain(month.bytes())).all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        let (year, month) = (year.parse().map_err(|_| error())?, month.parse().map_err(|_| error())?);
        Self::new(year, month).ok_or_else(error)
    }
}

impl Serialize for ContributionMonth {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContributionMonth {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let december: ContributionMonth = "2026-12".parse().expect("a month");
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.next().previous(), december);
        assert_eq!(december.mmyyyy(), "122026");
        assert_eq!(december.last_day(), NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day"));
        assert_eq!(ContributionMonth::from_index(december.index()), Some(december));
    }

    #[test]
    fn what_is_not_a_month_is_refused() {
        for text in ["2026-13", "2026-00", "1899-12", "2200-01", "102026", "2026-1", "+026-10", ""] {
            assert!(text.parse::<ContributionMonth>().is_err(), "{text}");
        }
        for text in ["1900-01", "2199-12"] {
            assert!(text.parse::<ContributionMonth>().is_ok(), "{text}");
        }
    }
}
