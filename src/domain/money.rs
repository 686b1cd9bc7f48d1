//! Money: whole sen, never a float.

use std::fmt;
use std::iter::Sum;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// An amount in sen (RM 1.00 = 100 sen).
///
/// Sums of contributions stay far below `i64::MAX` sen (RM 92 quadrillion), so `+` and `-` are plain; an overflow
/// would be a fault of the program and panics in every build that checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sen(pub i64);

/// Why a text is not an amount in ringgit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most one decimal point.
    #[error("\"{0}\" is not an amount; write ringgit and sen such as 3000.00")]
    NotAnAmount(String),
    /// More than two decimals: a part of a sen is never cut off in silence.
    #[error("\"{0}\" has a part of a sen; write two decimals at most")]
    PartOfSen(String),
    /// Larger than any contribution could be.
    #[error("\"{0}\" is too large")]
    TooLarge(String),
}

impl Sen {
    /// Nothing.
    pub const ZERO: Sen = Sen(0);

    /// Reads ringgit with up to two decimals: `3000`, `3000.5`, `3,000.50`. No sign.
    ///
    /// # Errors
    /// [`MoneyError`] where the text is not such an amount.
    pub fn from_ringgit(text: &str) -> Result<Sen, MoneyError> {
        let (grouped, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        // A comma stands between thousands and nowhere else: "3000,50" is not three hundred thousand ringgit.
        let groups: Vec<&str> = grouped.split(',').collect();
        let in_thousands =
            groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
        let whole = groups.concat();
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || groups[0].is_empty() || !in_thousands || !digits(&whole) || !digits(part) {
            return Err(MoneyError::NotAnAmount(text.to_owned()));
        }
        if part.trim_end_matches('0').len() > 2 {
            return Err(MoneyError::PartOfSen(text.to_owned()));
        }
        let two: String = part.chars().chain("00".chars()).take(2).collect();
        format!("{whole}{two}").parse().map(Sen).map_err(|_| MoneyError::TooLarge(text.to_owned()))
    }

    /// The amount in ringgit as a decimal with two places.
    pub fn ringgit(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Rounds an amount in ringgit to whole sen, half up (the one rounding rule of the program).
    pub fn from_ringgit_half_up(ringgit: Decimal) -> Sen {
        let sen = (ringgit * Decimal::ONE_HUNDRED)
            .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        Sen(sen.to_i64().expect("amounts that reach rounding come from an i64 of sen times a small rate"))
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Ringgit with two decimals, without thousands marks: `3000.00`.
impl fmt::Display for Sen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        f.pad(&text)
    }
}

impl std::ops::Add for Sen {
    type Output = Sen;
    fn add(self, other: Sen) -> Sen {
        Sen(self.0 + other.0)
    }
}

impl std::ops::SubAssign for Sen {
    fn sub_assign(&mut self, other: Sen) {
        self.0 -= other.0;
    }
}

impl std::ops::Sub for Sen {
    type Output = Sen;
    fn sub(self, other: Sen) -> Sen {
        Sen(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Sen {
    fn add_assign(&mut self, other: Sen) {
        self.0 += other.0;
    }
}

impl Sum for Sen {
    fn sum<I: Iterator<Item = Sen>>(amounts: I) -> Sen {
        amounts.fold(Sen::ZERO, |a, b| a + b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringgit_in_and_out() {
        for (text, sen) in
            [("3000.00", 300_000), ("0.05", 5), ("12", 1200), ("12.5", 1250), ("1,234.50", 123_450), ("0.500", 50)]
        {
            assert_eq!(Sen::from_ringgit(text), Ok(Sen(sen)), "{text}");
        }
        assert_eq!(Sen(123_450).to_string(), "1234.50");
        assert_eq!(Sen(5).to_string(), "0.05");
        for text in [
            "",
            "3000,50",
            "1,23",
            "12,34.00",
            ",123",
            "1234,567",
            "12.345",
            "-1",
            "1.2.3",
            "RM5",
            "1e3",
            "99999999999999999999",
        ] {
            assert!(Sen::from_ringgit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn half_a_sen_goes_up() {
        let ringgit = |text: &str| text.parse::<Decimal>().expect("a decimal");
        assert_eq!(Sen::from_ringgit_half_up(ringgit("0.0049")), Sen(0));
        assert_eq!(Sen::from_ringgit_half_up(ringgit("0.005")), Sen(1));
        assert_eq!(Sen::from_ringgit_half_up(ringgit("0.0051")), Sen(1));
    }
}
