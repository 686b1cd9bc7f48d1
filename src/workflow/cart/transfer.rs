//! Paying outside FPX: the exact payment text and amount of a transfer (`formats/dues/transfer.toml`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Line;
use crate::domain::{ContributionMonth, Sen};

const TEXT: &str = include_str!("../../../formats/dues/transfer.toml");

/// Places of a payment text.
pub const PLACES: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    last_day_checked: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    office: String,
}

static OFFICE: LazyLock<String> = LazyLock::new(|| {
    let file: File = toml::from_str(TEXT).expect("a test reads transfer.toml");
    file.office
});

/// A transfer: one contribution month, so many sen, under this text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The payment text, 20 places; `None` where the employer's code has not its 12 places.
    pub text: Option<String>,
    /// The month in it.
    pub month: ContributionMonth,
    /// The exact amount.
    pub amount: Sen,
}

/// The payment text of an employer and month: code, `MMYY`, accounting office; 20 places.
pub fn payment_text(employer_code: &str, month: ContributionMonth) -> Option<String> {
    let text = format!("{employer_code}{:02}{:02}{}", month.month(), month.year() % 100, *OFFICE);
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (text.len() == PLACES && plain).then_some(text)
}

/// The transfers that pay these lines, one for each month. A line of several months goes whole under its first one, and
/// what has no month under that of `otherwise`.
pub fn transfers<'a>(
    employer_code: &str,
    lines: impl IntoIterator<Item = &'a Line>,
    otherwise: ContributionMonth,
) -> Vec<Transfer> {
    let mut months: BTreeMap<ContributionMonth, Sen> = BTreeMap::new();
    for line in lines {
        *months.entry(line.months.first().copied().unwrap_or(otherwise)).or_default() += line.amount;
    }
    let transfer = |(month, amount)| Transfer { text: payment_text(employer_code, month), month, amount };
    months.into_iter().map(transfer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_places_or_none() {
        let month = ContributionMonth::new(2026, 9).expect("a month");
        assert_eq!(payment_text("A9900000001Z", month).as_deref(), Some("A9900000001Z09261010"));
        for code in ["A990000001Z", "A99000000001Z", "", "A9900000001z", "A990000001É"] {
            assert_eq!(payment_text(code, month), None, "{code}");
        }
        assert_eq!(OFFICE.len(), 4);
    }
}
