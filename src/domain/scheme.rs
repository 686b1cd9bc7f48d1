//! The two Acts, and what the law asks of a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An Act under which contributions are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Employees' Social Security Act 1969 (SOCSO), with SKBBK from June 2026.
    Act4,
    /// Employment Insurance System Act 2017 (EIS).
    Act800,
}

impl Scheme {
    /// `act4` or `act800`, as in JSON and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Scheme::Act4 => "act4",
            Scheme::Act800 => "act800",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "act4" => Ok(Scheme::Act4),
            "act800" => Ok(Scheme::Act800),
            _ => Err(format!("\"{text}\" is not a scheme; write act4 or act800")),
        }
    }
}

/// Category of insurance under Act 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act4Category {
    /// Employment injury and invalidity: employer and employee pay.
    First,
    /// Employment injury only: the employer pays.
    Second,
    /// Not under Act 4 in that month (foreign workers before January 2019).
    None,
}

/// Residency of an employee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Residency {
    /// Malaysian citizen.
    Citizen,
    /// Permanent resident.
    PermanentResident,
    /// Temporary resident.
    TemporaryResident,
    /// Foreign worker: outside Act 800, SKBBK compulsory.
    Foreign,
}

impl FromStr for Residency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "citizen" => Ok(Residency::Citizen),
            "permanent_resident" => Ok(Residency::PermanentResident),
            "temporary_resident" => Ok(Residency::TemporaryResident),
            "foreign" => Ok(Residency::Foreign),
            _ => Err(format!(
                "\"{text}\" is not a residency; write citizen, permanent_resident, temporary_resident or foreign"
            )),
        }
    }
}
