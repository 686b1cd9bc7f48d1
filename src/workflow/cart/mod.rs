//! What an employer is about to pay: acknowledgements that were picked, with late interest and compounds, and whether
//! one payment can carry them.

use chrono::NaiveDate;

use crate::domain::{ChargeKind, ContributionMonth, Scheme, Sen, SubmissionKind};

/// What a line of a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// An acknowledgement: an ACR or ECR.
    Contribution(SubmissionKind),
    /// A charge with its own number.
    Charge(ChargeKind),
}

impl LineKind {
    /// The name kept in `payment_item.kind` and `receipt_line.kind`, and printed: the kind of the submission, or of the
    /// charge.
    pub const fn id(self) -> &'static str {
        match self {
            LineKind::Contribution(kind) => kind.id(),
            LineKind::Charge(kind) => kind.id(),
        }
    }
}

/// A line of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// `ACR…`, `ECR…` or the charge's number; `None` for interest that has no number before it is paid.
    pub reference: Option<String>,
    /// For interest: the acknowledgement that was late.
    pub on: Option<String>,
    /// Act.
    pub scheme: Scheme,
    /// Contribution months.
    pub months: Vec<ContributionMonth>,
    /// Amount in sen.
    pub amount: Sen,
    /// Of it, SKBBK.
    pub skbbk: Sen,
    /// Earliest due date of its months; `None` for a compound.
    pub due_date: Option<NaiveDate>,
    /// Days late on the day of payment.
    pub days_late: u32,
    /// For interest: how it came about, JSON without identities (`charge.basis`).
    pub basis: Option<String>,
}
