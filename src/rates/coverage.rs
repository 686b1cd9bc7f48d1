//! Who is covered in a month, and in which category: pure functions of a person, a month and
//! `formats/rates/coverage.toml`.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer};

use super::RateBookError;
use crate::domain::{Act4Category, ContributionMonth, Residency, Sen};

/// What the law asks about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Date of birth, where known.
    pub birth_date: Option<NaiveDate>,
    /// Citizen, permanent or temporary resident, or foreign worker.
    pub residency: Residency,
    /// Works in a private household.
    pub domestic_worker: bool,
    /// Was 55 or over when first coming under Act 4, with nothing payable before.
    pub first_insured_at_55_or_over: bool,
    /// Whether an EIS contribution was payable (paid or not) before 57; `None` where not known.
    pub eis_payable_before_57: Option<bool>,
    /// First month of a recorded release from SKBBK.
    pub skbbk_released_from: Option<ContributionMonth>,
}

impl Person {
    /// A person of whom nothing but the residency is known.
    pub const fn new(residency: Residency) -> Self {
        Person {
            birth_date: None,
            residency,
            domestic_worker: false,
            first_insured_at_55_or_over: false,
            eis_payable_before_57: None,
            skbbk_released_from: None,
        }
    }
}

/// Why a category, a liability or an exemption holds. `Display` gives the sentence with Act and section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is explained by its sentence below")]
pub enum Reason {
    UnderAge { age: u8 },
    Attained { age: u8 },
    FirstInsuredLate { age: u8 },
    BirthDateUnknown { age: u8 },
    ForeignSecondCategory { until: ContributionMonth },
    ForeignBeforeAct4 { from: ContributionMonth },
    DomesticBeforeAct4 { from: ContributionMonth },
    EisWithinAges { from: u8, to: u8 },
    EisPayableBefore { age: u8 },
    EisHistoryUnknown { age: u8 },
    EisBirthDateUnknown { from: u8, to: u8 },
    EisUnderAge { age: u8 },
    EisAttained { age: u8 },
    EisFirstPayableLate { age: u8 },
    EisAgeBeforeStart { age: u8, start: ContributionMonth },
    EisForeign,
    EisNotStarted { start: ContributionMonth },
    EisDomesticBefore { from: ContributionMonth },
    SkbbkNotStarted { start: ContributionMonth },
    SkbbkNotUnderAct4,
    SkbbkForeign,
    SkbbkCompulsory { month: ContributionMonth },
    SkbbkParticipates,
    SkbbkReleased { from: ContributionMonth },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Reason as R;
        match self {
            R::UnderAge { age } => {
                write!(f, "under {age} on the last day of the month: first category (Act 4 s. 6 and Third Schedule)")
            }
            R::Attained { age } => {
                write!(f, "{age} attained by the last day of the month: second category (Act 4 s. 6(8), Act A1445)")
            }
            R::FirstInsuredLate { age } => {
                write!(f, "first insured at {age} or over: second category (Act 4 s. 6 and Third Schedule)")
            }
            R::BirthDateUnknown { age } => {
                write!(f, "date of birth not known, taken as under {age}: first category (Act 4 s. 6, Third Schedule)")
            }
            R::ForeignSecondCategory { until } => write!(
                f,
                "foreign worker before {until}: second category (Act 4 s. 6 and Third Schedule, Employer Circular 2/2024)"
            ),
            R::ForeignBeforeAct4 { from } => write!(f, "foreign workers come under Act 4 s. 5 only from {from}"),
            R::DomesticBeforeAct4 { from } => {
                write!(f, "domestic workers come under Act 4 s. 5 only from {from} (P.U. (A) 247/2021)")
            }
            R::EisWithinAges { from, to } => {
                write!(f, "EIS payable: aged {from} or over and under {to} (Act 800 s. 2 and First Schedule)")
            }
            R::EisPayableBefore { age } => {
                write!(f, "EIS payable: a contribution was payable before {age} (Act 800 First Schedule)")
            }
            R::EisHistoryUnknown { age } => write!(
                f,
                "EIS taken as payable: {age} or over, and not known whether a contribution was payable before \
                 (Act 800 First Schedule)"
            ),
            R::EisBirthDateUnknown { from, to } => write!(
                f,
                "EIS taken as payable: date of birth not known, taken as {from} or over and under {to} \
                 (Act 800 s. 2 and First Schedule)"
            ),
            R::EisUnderAge { age } => write!(f, "no EIS: under {age} on the last day of the month (Act 800 s. 2)"),
            R::EisAttained { age } => {
                write!(f, "no EIS: {age} attained by the last day of the month (Act 800 s. 20(2))")
            }
            R::EisFirstPayableLate { age } => {
                write!(f, "no EIS: {age} or over and none payable before (Act 800 First Schedule)")
            }
            R::EisAgeBeforeStart { age, start } => {
                write!(f, "no EIS: {age} attained before EIS began in {start} (Act 800 First Schedule)")
            }
            R::EisForeign => write!(f, "no EIS: foreign worker (Act 800 s. 2 and First Schedule)"),
            R::EisNotStarted { start } => write!(f, "no EIS: it began in {start} (Act 800 s. 16)"),
            R::EisDomesticBefore { from } => {
                write!(f, "no EIS: domestic workers only from {from} (Act 800 First Schedule, P.U. (A) 249/2021)")
            }
            R::SkbbkNotStarted { start } => write!(f, "no SKBBK: it begins in {start} (Act 4 s. 6, Act A1788 s. 3)"),
            R::SkbbkNotUnderAct4 => write!(f, "no SKBBK: not under Act 4 (Act 4 s. 6, Act A1788 s. 3)"),
            R::SkbbkForeign => {
                write!(f, "SKBBK payable: compulsory for foreign workers (Act 4 s. 6, Act A1788 s. 3)")
            }
            R::SkbbkCompulsory { month } => {
                write!(f, "SKBBK payable: compulsory for everyone in {month} (Act 4 s. 6, Act A1788 s. 3)")
            }
            R::SkbbkParticipates => {
                write!(f, "SKBBK payable by the employee: no release in force (Act 4 s. 6, Act A1788 s. 3)")
            }
            R::SkbbkReleased { from } => {
                write!(f, "no SKBBK: released from {from} (Act 4 s. 6, Act A1788 s. 3)")
            }
        }
    }
}

/// Whether a contribution is payable, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liability {
    /// True when payable.
    pub liable: bool,
    /// Why.
    pub reason: Reason,
}

/// EIS for a person and month.
pub type EisLiability = Liability;

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

    /// Category under Act 4 in a month, tested on its last day (Act 4 s. 6(8)).
    pub fn act4_category(&self, person: &Person, month: ContributionMonth) -> (Act4Category, Reason) {
        let law = &self.act4;
        let foreign = person.residency == Residency::Foreign;
        if foreign && month < law.foreign_from {
            return (Act4Category::None, Reason::ForeignBeforeAct4 { from: law.foreign_from });
        }
        if person.domestic_worker && month < law.domestic_from {
            return (Act4Category::None, Reason::DomesticBeforeAct4 { from: law.domestic_from });
        }
        if foreign && month < law.foreign_first_category_from {
            let until = law.foreign_first_category_from;
            return (Act4Category::Second, Reason::ForeignSecondCategory { until });
        }
        let age = law.second_category_age;
        if person.birth_date.is_some_and(|birth| has_attained(birth, month, age)) {
            return (Act4Category::Second, Reason::Attained { age });
        }
        if person.first_insured_at_55_or_over {
            return (Act4Category::Second, Reason::FirstInsuredLate { age: law.late_entry_age });
        }
        let reason = match person.birth_date {
            Some(_) => Reason::UnderAge { age },
            None => Reason::BirthDateUnknown { age },
        };
        (Act4Category::First, reason)
    }

    /// Whether EIS is payable in a month, tested on its last day (Act 800 s. 2, s. 20(2) and First Schedule).
    ///
    /// Where it is not known whether a contribution was payable before 57, it is taken as payable, since being in
    /// employment before 57 is the usual case; unless 57 was attained before the Act began.
    pub fn eis_liable(&self, person: &Person, month: ContributionMonth) -> EisLiability {
        let law = &self.act800;
        let out = |reason| Liability { liable: false, reason };
        let payable = |reason| Liability { liable: true, reason };
        if month < law.from {
            return out(Reason::EisNotStarted { start: law.from });
        }
        if person.residency == Residency::Foreign {
            return out(Reason::EisForeign);
        }
        if person.domestic_worker && month < law.domestic_from {
            return out(Reason::EisDomesticBefore { from: law.domestic_from });
        }
        let Some(birth) = person.birth_date else {
            return payable(Reason::EisBirthDateUnknown { from: law.minimum_age, to: law.end_age });
        };
        let (late, age) = (law.late_entry_age, age_on(birth, month.last_day()));
        if age < i32::from(law.minimum_age) {
            return out(Reason::EisUnderAge { age: law.minimum_age });
        }
        if age >= i32::from(law.end_age) {
            return out(Reason::EisAttained { age: law.end_age });
        }
        if age < i32::from(late) {
            return payable(Reason::EisWithinAges { from: law.minimum_age, to: law.end_age });
        }
        match person.eis_payable_before_57 {
            Some(true) => payable(Reason::EisPayableBefore { age: late }),
            Some(false) => out(Reason::EisFirstPayableLate { age: late }),
            None if has_attained(birth, law.from, late) => {
                out(Reason::EisAgeBeforeStart { age: late, start: law.from })
            }
            None => payable(Reason::EisHistoryUnknown { age: late }),
        }
    }

    /// Whether the employee pays SKBBK in a month (Act 4 s. 6 as amended by Act A1788).
    pub fn skbbk_due(&self, person: &Person, month: ContributionMonth) -> bool {
        self.skbbk_liability(person, month).liable
    }

    /// As [`skbbk_due`](Self::skbbk_due), with the reason.
    pub fn skbbk_liability(&self, person: &Person, month: ContributionMonth) -> Liability {
        let law = &self.skbbk;
        let out = |reason| Liability { liable: false, reason };
        let payable = |reason| Liability { liable: true, reason };
        if month < law.from {
            return out(Reason::SkbbkNotStarted { start: law.from });
        }
        if self.act4_category(person, month).0 == Act4Category::None {
            return out(Reason::SkbbkNotUnderAct4);
        }
        if person.residency == Residency::Foreign {
            return payable(Reason::SkbbkForeign);
        }
        if month < law.release_from {
            return payable(Reason::SkbbkCompulsory { month: law.compulsory_month });
        }
        match person.skbbk_released_from {
            Some(from) if from <= month => out(Reason::SkbbkReleased { from }),
            _ => payable(Reason::SkbbkParticipates),
        }
    }

    /// The SKBBK phase of a month; `None` before SKBBK.
    pub fn skbbk_phase(&self, month: ContributionMonth) -> Option<&SkbbkPhase> {
        self.skbbk.phase.iter().rev().find(|phase| phase.from <= month)
    }

    /// The age of the law (18, 57 or 60) that a person attains in a month, where payers differ about that month.
    pub fn boundary_birthday(&self, birth: NaiveDate, month: ContributionMonth) -> Option<u8> {
        let ages =
            [self.act800.minimum_age, self.act800.late_entry_age, self.act800.end_age, self.act4.second_category_age];
        ages.into_iter().find(|age| birthday_in_month(birth, month, *age))
    }
}

/// Completed years on a day; negative before birth. Who was born on 29 February is a year older on 1 March in common
/// years.
pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i32 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    day.year() - birth.year() - i32::from(before_birthday)
}

/// True when the age is attained in that month.
pub fn birthday_in_month(birth: NaiveDate, month: ContributionMonth, age: u8) -> bool {
    has_attained(birth, month, age) && !has_attained(birth, month.previous(), age)
}

/// True when the age is attained on or before the last day of the month.
fn has_attained(birth: NaiveDate, month: ContributionMonth, age: u8) -> bool {
    age_on(birth, month.last_day()) >= i32::from(age)
}
