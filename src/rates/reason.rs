//! Why the law asks what it asks: each reason is one sentence with Act and section.

use std::fmt;

use crate::domain::ContributionMonth;

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
