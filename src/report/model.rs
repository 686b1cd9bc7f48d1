//! What a printed document says, as plain data: frozen amounts, nothing of the store, no clock.

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::domain::{ContributionMonth, Scheme, Sen};

/// Why an acknowledgement was made, in the portal's choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The ordinary list of a month.
    Monthly,
    /// Contributions of earlier months that were never paid.
    Arrears,
    /// The rest of a month that was paid too low.
    ShortPayment,
    /// People added to a month that was already acknowledged.
    Supplementary,
    /// A month in which nobody was paid.
    Nil,
}

/// Who pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employer {
    /// Employer code of twelve places.
    pub code: String,
    /// Registered name, where the register has it.
    pub name: Option<String>,
    /// Address lines, top to bottom; may be empty.
    pub address: Vec<String>,
    /// Company number (MyCoID, SSM).
    pub company_number: Option<String>,
}

/// Late interest on one month, as of the day the document was frozen. Never part of the acknowledged amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// Days after the due date.
    pub days_late: u32,
    /// 6 % a year for each day.
    pub daily: Sen,
    /// What the floor of RM5 for each month or part of a month adds to `daily`.
    pub minimum_top_up: Sen,
    /// `daily` + `minimum_top_up`.
    pub total: Sen,
    /// The total if paid one day later.
    pub tomorrow: Sen,
}

/// One contribution month of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// The month of the wages.
    pub month: ContributionMonth,
    /// People on the list.
    pub people: u32,
    /// Of these, first category of Act 4 (under Act 800: everyone).
    pub first_category: u32,
    /// Of these, second category of Act 4.
    pub second_category: u32,
    /// Employer's share; `None` where the layout carries only a total.
    pub employer: Option<Sen>,
    /// Employee's share, without SKBBK; `None` where the layout carries only a total.
    pub employee: Option<Sen>,
    /// SKBBK; `None` where it does not apply.
    pub skbbk: Option<Sen>,
    /// All shares.
    pub total: Sen,
    /// Last day to pay without interest.
    pub due_date: NaiveDate,
    /// Name of the holiday profile that moved the due date; `None` for the plain 15th.
    pub holiday_profile: Option<String>,
    /// Late interest so far; `None` while not late.
    pub interest: Option<Interest>,
}

/// Where the figures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Name of the file as it arrived.
    pub file_name: String,
    /// Digest of all its bytes, with the name of the digest in front.
    pub digest: String,
    /// Layout id.
    pub layout: String,
    /// Fingerprint of the law and layouts that judged it.
    pub rule_pack: String,
    /// Who sent it.
    pub sent_by: String,
    /// Who approved it, under the two-person flow.
    pub approved_by: Option<String>,
}

/// Lines that wait for repair and are not part of the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// How many.
    pub lines: u32,
    /// Their sum as the file states it.
    pub total: Sen,
}

/// A person of the file who is not insured under Act 800.
#[derive(Clone, PartialEq, Eq)]
pub struct NotEligible {
    /// Physical line of the file, from 1.
    pub line: u64,
    /// Identity number.
    pub id: String,
    /// Name.
    pub name: String,
    /// The rule, in words.
    pub reason: String,
}

/// An acknowledgement: ACR under Act 4, ECR under Act 800.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementDocument {
    /// Act.
    pub scheme: Scheme,
    /// Number such as `ACR112260000001`.
    pub number: String,
    /// When the submission was received; also the date of the PDF.
    pub received_at: DateTime<FixedOffset>,
    /// Who issues the document.
    pub issuer: String,
    /// Who pays.
    pub employer: Employer,
    /// Why it was made.
    pub kind: Kind,
    /// The months, in order.
    pub months: Vec<MonthLine>,
    /// Where the figures come from.
    pub source: Source,
    /// Lines held back.
    pub held: Held,
    /// People outside Act 800; empty under Act 4.
    pub not_eligible: Vec<NotEligible>,
    /// Time and user of the confirm step of the EIS route.
    pub confirmed: Option<(DateTime<FixedOffset>, String)>,
}

impl AcknowledgementDocument {
    /// The amount to pay: the sum of the months, without late interest.
    pub fn total(&self) -> Sen {
        self.months.iter().map(|month| month.total).sum()
    }
}

/// One person in one month.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// Identity number.
    pub id: String,
    /// Name.
    pub name: String,
    /// The month of the wages.
    pub month: ContributionMonth,
    /// Status letter of the file: B new, H left, M died, S sick, T unpaid leave.
    pub status: Option<char>,
    /// Start or leaving date.
    pub date: Option<NaiveDate>,
    /// Wage of the month.
    pub wage: Option<Sen>,
    /// Employer's share; `None` where the layout carries only a total.
    pub employer: Option<Sen>,
    /// Employee's share, without SKBBK; `None` where the layout carries only a total.
    pub employee: Option<Sen>,
    /// SKBBK; `None` where it does not apply.
    pub skbbk: Option<Sen>,
    /// All shares.
    pub total: Sen,
}

/// How a paper form is paid for at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// Left open, to be ticked by hand.
    Open,
    /// Cash.
    Cash,
    /// A cheque with its number.
    Cheque(String),
}

/// The head of a paper form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperDocument {
    /// Act.
    pub scheme: Scheme,
    /// Acknowledgement number, where one was given.
    pub number: Option<String>,
    /// When the list was frozen; also the date of the PDF.
    pub prepared_at: DateTime<FixedOffset>,
    /// Who prints it.
    pub issuer: String,
    /// Who pays.
    pub employer: Employer,
    /// The contribution month (for arrears: the latest one).
    pub month: ContributionMonth,
    /// Last day to pay.
    pub due_date: NaiveDate,
    /// Cash, cheque or open.
    pub means: Means,
}

/// Shows no identity in logs.
impl std::fmt::Debug for PersonLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonLine").field("month", &self.month).field("total", &self.total).finish_non_exhaustive()
    }
}

/// Shows no identity in logs.
impl std::fmt::Debug for NotEligible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotEligible").field("line", &self.line).finish_non_exhaustive()
    }
}
