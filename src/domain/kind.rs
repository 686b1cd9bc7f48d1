//! Why a file is handed in: the kinds of submission that the portal offers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::employer::ids;

/// Why contributions are handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubmissionKind {
    /// The usual list of a month.
    #[default]
    Monthly,
    /// Adds people to a month that was handed in before.
    Supplementary,
    /// Earlier months, one or several.
    Arrears,
    /// Tops up what was paid too low.
    ShortPayment,
    /// A month in which nobody was paid.
    Nil,
}

ids!(SubmissionKind, "a kind of submission",
    Monthly => "monthly", Supplementary => "supplementary", Arrears => "arrears",
    ShortPayment => "short-payment", Nil => "nil");

/// What a line of a receipt was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptLineKind {
    /// The usual list of a month ("Caruman Bulanan").
    #[default]
    Monthly,
    /// People added to a month.
    Supplementary,
    /// Earlier months.
    Arrears,
    /// A top-up of what was paid too low.
    ShortPayment,
    /// Interest for late payment (FCLB).
    Interest,
    /// A compound.
    Compound,
}

ids!(ReceiptLineKind, "a kind of receipt line",
    Monthly => "monthly", Supplementary => "supplementary", Arrears => "arrears",
    ShortPayment => "short-payment", Interest => "interest", Compound => "compound");

impl ReceiptLineKind {
    /// True for contributions, false for interest and compounds.
    pub const fn is_contribution(self) -> bool {
        !matches!(self, ReceiptLineKind::Interest | ReceiptLineKind::Compound)
    }

    /// The kind of line that pays what was handed in so; `None` for a nil month, which pays nothing.
    pub const fn of(kind: SubmissionKind) -> Option<Self> {
        match kind {
            SubmissionKind::Monthly => Some(ReceiptLineKind::Monthly),
            SubmissionKind::Supplementary => Some(ReceiptLineKind::Supplementary),
            SubmissionKind::Arrears => Some(ReceiptLineKind::Arrears),
            SubmissionKind::ShortPayment => Some(ReceiptLineKind::ShortPayment),
            SubmissionKind::Nil => None,
        }
    }
}
