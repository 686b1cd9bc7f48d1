//! An employer as the office knows it: particulars of Borang 1, and how its files are treated.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EmployerCode, Sen};

/// The language of sentences and notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Bahasa Malaysia.
    #[serde(rename = "ms")]
    Malay,
}

/// What becomes of a file with lines to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The whole file goes back.
    #[default]
    Whole,
    /// The good lines are acknowledged, the others wait.
    GoodLines,
}

/// What becomes of a line whose person is not registered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// It waits until the person is registered.
    #[default]
    Hold,
    /// It goes, with a warning.
    Warn,
}

macro_rules! ids {
    ($type:ty, $what:literal, $($variant:ident => $id:literal),+) => {
        impl $type {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name kept, printed and taken.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id),+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.id())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let wanted = text.trim();
                let found = Self::ALL.iter().copied().find(|one| one.id().eq_ignore_ascii_case(wanted));
                found.ok_or_else(|| format!("\"{text}\" is not {}: {}", $what, [$($id),+].join(", ")))
            }
        }
    };
}

pub(crate) use ids;

ids!(Language, "a language", English => "en", Malay => "ms");
ids!(Policy, "a policy", Whole => "whole", GoodLines => "good-lines");
ids!(Registration, "a registration rule", Hold => "hold", Warn => "warn");

/// An employer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employer {
    /// PERKESO's code.
    pub code: EmployerCode,
    /// Name, as registered.
    #[serde(default)]
    pub name: String,
    /// Address; lines are separated by line ends.
    #[serde(default)]
    pub address: String,
    /// MyCoID / SSM number, or empty.
    #[serde(default)]
    pub company_number: String,
    /// Mail address for notices, or empty.
    #[serde(default)]
    pub notice_address: String,
    /// Language of papers and notices.
    #[serde(default)]
    pub language: Language,
    /// What becomes of a file with lines to mend.
    #[serde(default)]
    pub policy: Policy,
    /// What becomes of people who were not registered in time; as the office does, where nothing is said.
    #[serde(default)]
    pub registration: Option<Registration>,
    /// The first accepted file fills an empty register; as the office does, where nothing is said.
    #[serde(default)]
    pub seeding: Option<bool>,
    /// A second person approves before numbers are given.
    #[serde(default)]
    pub approval: bool,
    /// The most that the employer's personal bank account pays at once, where it is less than FPX allows.
    #[serde(default)]
    pub bank_limit_personal: Option<Sen>,
    /// The most that the employer's corporate bank account pays at once, where it is less than FPX allows.
    #[serde(default)]
    pub bank_limit_corporate: Option<Sen>,
    /// First day as an employer (Borang 1).
    #[serde(default)]
    pub liable_since: Option<NaiveDate>,
    /// The submission whose people are the register, until an entry is changed for the first time: its printed number.
    #[serde(default)]
    pub seeded_from: Option<i64>,
}

impl Employer {
    /// An employer of whom nothing but the code is known.
    pub fn new(code: EmployerCode) -> Self {
        Employer {
            code,
            name: String::new(),
            address: String::new(),
            company_number: String::new(),
            notice_address: String::new(),
            language: Language::default(),
            policy: Policy::default(),
            registration: None,
            seeding: None,
            approval: false,
            bank_limit_personal: None,
            bank_limit_corporate: None,
            liable_since: None,
            seeded_from: None,
        }
    }
}
