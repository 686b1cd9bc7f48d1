//! What an employer is about to pay: acknowledgements that were picked, with late interest and compounds, and whether
//! one payment can carry them.
//!
//! [`pick`] (the list, add, remove, clear), [`refusal`] (why not), [`late`] (interest of an acknowledgement), [`summary`]
//! with its [`words`], [`fit`] (whether one payment can carry it), [`split`] (over a limit), [`transfer`] (outside FPX).

pub mod document;
pub mod fit;
pub mod late;
pub mod pick;
pub mod refusal;
pub mod split;
pub mod summary;
pub mod transfer;
pub mod words;

use chrono::NaiveDate;

use crate::domain::{ChargeKind, ContributionMonth, Scheme, Sen, SubmissionKind};
use crate::messages::Messages;
use crate::store::StoreError;

pub use late::{Basis, Difference, assess_short_interest, interest_difference};
pub use pick::{Locked, Moved, Pick, Search, add, clear, list, locked, owner, remove, search};
pub use refusal::{Refusal, Why, locked_by};
pub use summary::{InterestWhen, Summary, SummaryOptions, summary};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// Some of what was named cannot be picked or put back; nothing was.
    #[error("{}", sentences(.0))]
    Refused(Vec<Refusal>),
    /// There is nothing to summarise.
    #[error("the cart is empty: Add to Cart first")]
    Empty,
    /// What is kept cannot be read.
    #[error("{number}: the frozen data cannot be read ({source}); upgrade the program or restore the database")]
    Frozen {
        /// Which.
        number: String,
        /// Where.
        source: serde_json::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CartError {
    /// The sentence in a language; what the operator must mend stays in English.
    pub fn said(&self, messages: &Messages) -> String {
        match self {
            CartError::Refused(refusals) => {
                refusals.iter().map(|refusal| refusal.said(messages)).collect::<Vec<_>>().join(" · ")
            }
            CartError::Empty => messages.text("cart-empty"),
            other => other.to_string(),
        }
    }
}

fn sentences(refusals: &[Refusal]) -> String {
    refusals.iter().map(Refusal::to_string).collect::<Vec<_>>().join(" · ")
}

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
