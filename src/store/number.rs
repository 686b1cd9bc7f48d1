//! Numbers of acknowledgements: `ACR` or `ECR`, the month they were made in, `2`, the year, a serial of seven digits
//! (the shape and the meaning of the first five digits were read off public samples).

use chrono::{DateTime, Datelike, FixedOffset};

use crate::domain::{ChargeKind, Scheme};

/// Last serial of a month.
pub(super) const LAST_SERIAL: i64 = 9_999_999;

/// Malaysian time, +08:00 all year.
pub(super) fn malaysian(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(8 * 3600).expect("eight hours"))
}

/// `acr` for Act 4, `ecr` for Act 800: the series a number comes from.
pub(super) const fn series_of(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Act4 => "acr",
        Scheme::Act800 => "ecr",
    }
}

/// `2026-11`: the month in which numbers are given, in Malaysian time.
pub(super) fn period_of(at: DateTime<FixedOffset>) -> String {
    malaysian(at).format("%Y-%m").to_string()
}

/// The number with this serial.
pub(super) fn number(scheme: Scheme, at: DateTime<FixedOffset>, serial: i64) -> String {
    let at = malaysian(at);
    let kind = match scheme {
        Scheme::Act4 => "ACR",
        Scheme::Act800 => "ECR",
    };
    format!("{kind}{:02}2{:02}{serial:07}", at.month(), at.year().rem_euclid(100))
}

/// The series a charge's number comes from.
pub(super) const fn charge_series_of(kind: ChargeKind) -> &'static str {
    match kind {
        ChargeKind::Interest => "charge-interest",
        ChargeKind::Compound => "charge-compound",
    }
}

/// The number of a charge: `FCL` (faedah caruman lewat bayar, late interest) or `KMP` (kompaun), then as an ACR's. The
/// shape is ours; PERKESO's own was not found.
pub(super) fn charge_number(kind: ChargeKind, at: DateTime<FixedOffset>, serial: i64) -> String {
    let at = malaysian(at);
    let letters = match kind {
        ChargeKind::Interest => "FCL",
        ChargeKind::Compound => "KMP",
    };
    format!("{letters}{:02}2{:02}{serial:07}", at.month(), at.year().rem_euclid(100))
}

/// True for the shape of an ACR or ECR number: three letters and twelve digits, of which the first two are a month.
pub fn is_acknowledgement_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("ACR").or_else(|| text.strip_prefix("ECR")) else { return false };
    let month = digits.get(..2).and_then(|month| month.parse::<u8>().ok());
    digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit()) && matches!(month, Some(1..=12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a time")
    }

    #[test]
    fn the_month_is_malaysian() {
        let first = number(Scheme::Act4, at("2026-11-10T09:00:00+08:00"), 1);
        assert_eq!(first, "ACR112260000001");
        assert_eq!(number(Scheme::Act800, at("2026-10-31T15:59:59Z"), LAST_SERIAL), "ECR102269999999");
        assert_eq!(number(Scheme::Act800, at("2026-10-31T16:00:00Z"), 1), "ECR112260000001");
        assert_eq!(period_of(at("2026-12-31T16:00:00Z")), "2027-01");
    }

    #[test]
    fn numbers_have_a_shape() {
        assert!(is_acknowledgement_number("ACR112260000001"));
        assert!(is_acknowledgement_number("ECR012260000001"));
        for text in [
            "ACR132260000001",
            "ACR002260000001",
            "ACR11226000000",
            "ACR1122600000012",
            "XCR112260000001",
            "ACR1122600000a1",
            "",
        ] {
            assert!(!is_acknowledgement_number(text), "{text}");
        }
    }
}
