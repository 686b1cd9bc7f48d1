//! The nouns: values that cannot be wrong. No input or output, no clock, no database.
//!
//! Read in this order: [`money`], [`month`], [`identity`], [`scheme`], [`employer`], [`employee`], [`finding`], [`states`],
//! [`payment`], [`charge`], [`books`].

pub mod books;
pub mod charge;
pub mod employee;
pub mod employer;
pub mod finding;
pub mod identity;
pub mod kind;
pub mod money;
pub mod month;
pub mod payment;
pub mod scheme;
pub mod states;

pub use books::{Account, CaseKind, CaseState, PaidBy};
pub use charge::{ChargeEvent, ChargeKind, ChargeState};
pub use employee::{Employee, IdKind, LeftReason};
pub use employer::{Employer, Language, Policy, Registration};
pub use finding::{Columns, Finding, FindingName, Severity};
pub use identity::{EmployerCode, IdentityNumber, PersonName};
pub use kind::{ReceiptLineKind, SubmissionKind};
pub use money::Sen;
pub use month::ContributionMonth;
pub use payment::{PaymentAlert, PaymentEvent, PaymentModel, PaymentState};
pub use scheme::{Act4Category, Residency, Scheme};
