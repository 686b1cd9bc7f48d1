//! Ages and dates of the law, as `formats/rates/coverage.toml` gives them.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use super::RateBookError;
use crate::domain::{ContributionMonth, Sen};

/// Ages and dates of the law: `formats/rates/coverage.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Day the facts were last looked up.
    pub checked: NaiveDate,
    /// Act 4.
    pub act4: Act4Coverage,
    /// Act 800.
    pub act800: Act800Coverage,
    /// SKBBK.
    pub skbbk: SkbbkCoverage,
}

/// Ages and dates of Act 4.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act4Coverage {
    /// Second category from this age (Act A1445).
    pub second_category_age: u8,
    /// First month of that age; the age before was not established.
    pub second_category_age_from: ContributionMonth,
    /// First insured at this age or over: second category for good.
    pub late_entry_age: u8,
    /// Foreign workers come under the Act.
    pub foreign_from: ContributionMonth,
    /// Foreign workers have the first category, by age as locals.
    pub foreign_first_category_from: ContributionMonth,
    /// Domestic workers come under the Act.
    pub domestic_from: ContributionMonth,
    /// Domestic workers are covered without exception.
    pub domestic_compulsory_from: ContributionMonth,
    /// Who was not compulsorily covered long ago.
    pub exclusion_above_wage: ExclusionAboveWage,
}

/// Until a month, a person paid more than a wage who had never been insured was not compulsorily covered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionAboveWage {
    /// Last month.
    pub last_month: ContributionMonth,
    /// Wage above which it held.
    #[serde(deserialize_with = "ringgit")]
    pub wage: Sen,
}

/// Ages and dates of Act 800.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act800Coverage {
    /// First contribution month of the Act.
    pub from: ContributionMonth,
    /// Payable from this age.
    pub minimum_age: u8,
    /// No longer payable from this age (s. 20(2)).
    pub end_age: u8,
    /// Out from this age when nothing was payable before it (First Schedule).
    pub late_entry_age: u8,
    /// Domestic workers who are no foreign workers come under the Act.
    pub domestic_from: ContributionMonth,
}

/// Dates of SKBBK.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkbbkCoverage {
    /// First contribution month.
    pub from: ContributionMonth,
    /// Month without any release.
    pub compulsory_month: ContributionMonth,
    /// First month from which a release can hold.
    pub release_from: ContributionMonth,
    /// First day on which those already employed could ask for release.
    pub release_window_existing_first: NaiveDate,
    /// Last day on which those already employed could ask for release.
    pub release_window_existing_last: NaiveDate,
    /// Days after registration in which others can ask.
    pub release_days_after_registration: u16,
    /// Phases of the rate.
    pub phase: Vec<SkbbkPhase>,
}

/// A phase of the SKBBK rate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkbbkPhase {
    /// 1, 2 or 3.
    pub number: u8,
    /// First contribution month.
    pub from: ContributionMonth,
    /// Last contribution month; `None` for the last phase.
    pub to: Option<ContributionMonth>,
    /// Nominal rate in percent, for messages only.
    pub nominal_percent: String,
    /// SKBBK of the highest band.
    #[serde(deserialize_with = "ringgit")]
    pub top_skbbk: Sen,
}

pub(super) fn ringgit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sen, D::Error> {
    Sen::from_ringgit(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

impl Coverage {
    /// Reads the file and proves that the phases of SKBBK follow each other.
    pub(super) fn read(text: &str) -> Result<Coverage, RateBookError> {
        let coverage: Coverage =
            toml::from_str(text).map_err(|error| RateBookError::new("coverage.toml", error.to_string()))?;
        let phases = &coverage.skbbk.phase;
        let follow = phases.windows(2).all(|pair| pair[0].to.map(ContributionMonth::next) == Some(pair[1].from));
        if phases.first().map(|phase| phase.from) != Some(coverage.skbbk.from) || !follow {
            return Err(RateBookError::new("coverage.toml", "the SKBBK phases leave a hole".to_owned()));
        }
        Ok(coverage)
    }
}
