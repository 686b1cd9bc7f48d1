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
