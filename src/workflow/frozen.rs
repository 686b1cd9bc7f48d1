//! What an acknowledgement says for ever: amounts and facts as they were when its number was given, without identities.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::sealing::AcceptedSums;
use crate::domain::{ContributionMonth, Scheme, Sen, SubmissionKind};
use crate::rates::{InterestProfile, RateBook};
use crate::store::SubmissionNumber;

/// Version of this document; a later program still reads an earlier one.
pub const FROZEN_VERSION: u32 = 1;

/// The frozen part of an ACR or ECR, kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// See [`FROZEN_VERSION`].
    pub version: u32,
    /// Act.
    pub scheme: Scheme,
    /// Who issues the document.
    pub issuer: String,
    /// Employer's code.
    pub employer_code: String,
    /// Company number as the file has it.
    pub company_number: String,
    /// The months, in order.
    pub months: Vec<FrozenMonth>,
    /// Name of the file, without its folder.
    pub file_name: String,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub digest: String,
    /// Its layout.
    pub layout: String,
    /// The rules that judged.
    pub rule_pack: String,
    /// Who sent it.
    pub sent_by: String,
    /// Lines held back and not part of the amount.
    pub held_lines: u64,
    /// What the held lines say, as far as their amounts could be read.
    pub held_total: Sen,
    /// Why it was handed in.
    #[serde(default)]
    pub kind: SubmissionKind,
    /// Employer's name as registered, or empty.
    #[serde(default)]
    pub employer_name: String,
    /// Employer's address, or empty.
    #[serde(default)]
    pub employer_address: String,
    /// Who approved, where a second person had to.
    #[serde(default)]
    pub approved_by: Option<String>,
    /// Why lines of a joint list are not on the ECR, by line: those of whom the register knew more than their numbers tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outside_eis: BTreeMap<u64, String>,
    /// When the EIS route's confirm step was done, and by whom.
    pub confirmed: Option<(DateTime<FixedOffset>, String)>,
}

/// One month of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// People.
    pub people: u64,
    /// Of these in the second category of Act 4.
    pub second_category: u64,
    /// Employer's share, where the layout carries shares.
    pub employer: Option<Sen>,
    /// Employee's share without SKBBK, where the layout carries shares.
    pub employee: Option<Sen>,
    /// SKBBK.
    pub skbbk: Sen,
    /// Everything.
    pub total: Sen,
    /// Last day to pay without interest.
    pub due_date: NaiveDate,
    /// Days late when it was received.
    pub days_late: u32,
    /// Late interest by the day alone, on that day.
    pub interest_daily: Sen,
    /// What the minimum adds.
    pub interest_top_up: Sen,
    /// Late interest in all.
    pub interest: Sen,
    /// The same one day later.
    pub interest_tomorrow: Sen,
}

impl Frozen {
    /// The amount to pay, without interest.
    pub fn total(&self) -> Sen {
        self.months.iter().map(|month| month.total).sum()
    }
}

/// What the event that freezes an acknowledgement says: the chain of events then holds what must never change.
pub(super) fn given_detail(submission: SubmissionNumber, people: u64, total: Sen, frozen: &str) -> String {
    let digest = blake3::hash(frozen.as_bytes()).to_hex();
    format!("{submission}: {people} people, RM {total}, frozen as blake3:{digest}")
}

/// A month as it is frozen at this moment.
pub(super) fn frozen_month(
    month: ContributionMonth,
    scheme: Scheme,
    sums: &AcceptedSums,
    shares: bool,
    now: DateTime<FixedOffset>,
) -> FrozenMonth {
    let dues = RateBook::embedded().dues();
    let late = dues.late_interest(sums.total, month, now.date_naive(), InterestProfile::Statute);
    FrozenMonth {
        month,
        people: sums.people,
        second_category: if scheme == Scheme::Act4 { sums.second_category } else { 0 },
        employer: (shares && !sums.without_shares).then_some(sums.employer),
        employee: (shares && !sums.without_shares).then_some(sums.employee),
        skbbk: sums.skbbk,
        total: sums.total,
        due_date: late.due_date,
        days_late: late.days_late,
        interest_daily: late.daily,
        interest_top_up: late.minimum_top_up,
        interest: late.interest,
        interest_tomorrow: late.tomorrow,
    }
}
