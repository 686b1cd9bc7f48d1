//! The books: accounts of the journal, and the cases that a person must look at.

use std::fmt;
use std::str::FromStr;

use super::charge::ChargeKind;
use super::employer::ids;
use super::scheme::Scheme;

/// An account of the journal. What comes in is debited (above zero), what it is for is credited (below zero).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// Money that FPX took from employers.
    BankFpx,
    /// Money paid at counters, by transfer or cheque.
    BankOffline,
    /// Contributions under Act 4, SKBBK included.
    ContributionsAct4,
    /// Contributions under Act 800.
    ContributionsAct800,
    /// Late interest under Act 4.
    InterestAct4,
    /// Late interest under Act 800.
    InterestAct800,
    /// Compounds under Act 4.
    CompoundsAct4,
    /// Compounds under Act 800.
    CompoundsAct800,
    /// Money that pays nothing, until somebody decides: what was paid twice.
    Suspense,
}

ids!(Account, "an account", BankFpx => "bank-fpx", BankOffline => "bank-offline",
    ContributionsAct4 => "contributions-act4", ContributionsAct800 => "contributions-act800",
    InterestAct4 => "interest-act4", InterestAct800 => "interest-act800",
    CompoundsAct4 => "compounds-act4", CompoundsAct800 => "compounds-act800", Suspense => "suspense");

impl Account {
    /// Where contributions under an Act are credited.
    pub const fn contributions(scheme: Scheme) -> Account {
        match scheme {
            Scheme::Act4 => Account::ContributionsAct4,
            Scheme::Act800 => Account::ContributionsAct800,
        }
    }

    /// Where a charge under an Act is credited.
    pub const fn charge(kind: ChargeKind, scheme: Scheme) -> Account {
        match (kind, scheme) {
            (ChargeKind::Interest, Scheme::Act4) => Account::InterestAct4,
            (ChargeKind::Interest, Scheme::Act800) => Account::InterestAct800,
            (ChargeKind::Compound, Scheme::Act4) => Account::CompoundsAct4,
            (ChargeKind::Compound, Scheme::Act800) => Account::CompoundsAct800,
        }
    }
}

/// Why a person must look at something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKind {
    /// A signed message of FPX is not about what we sent: put aside, nothing changed.
    Exception,
    /// Money came a second time for something that was paid: it lies in suspense and must go back.
    Refund,
    /// A payment was approved after it had failed or was given up.
    LateApproval,
    /// FPX does not know a payment that it called pending.
    LostWhilePending,
    /// FPX called a payment pending after it had ended.
    PendingAfterEnd,
    /// Another answer than approval after approval.
    ContradictsApproval,
    /// The employer's account was debited, but the credit to ours went wrong.
    CreditException,
    /// FPX says that something is set wrongly here.
    MerchantFault,
    /// FPX used a code that nobody knows.
    UnknownCode,
    /// FPX signed a message for our seller about an order that is not known here: perhaps the database was put back from
    /// an older back-up, and money was taken.
    UnknownOrder,
    /// The bank has not finished in all the time that FPX was asked: ask the bank.
    AskTheBank,
    /// The employer's authoriser has not acted.
    AuthoriserDidNotAct,
    /// More was paid than was due.
    OverPayment,
}

ids!(CaseKind, "a kind of case", Exception => "exception", Refund => "refund", LateApproval => "late-approval",
    LostWhilePending => "lost-while-pending", PendingAfterEnd => "pending-after-end",
    ContradictsApproval => "contradicts-approval", CreditException => "credit-exception",
    MerchantFault => "merchant-fault", UnknownCode => "unknown-code", UnknownOrder => "unknown-order", AskTheBank => "ask-the-bank", AuthoriserDidNotAct => "authoriser-did-not-act",
    OverPayment => "over-payment");

/// Life of a case: one person proposes how it is solved, another agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// Nobody has solved it.
    Open,
    /// One person says how it is solved; a second must agree.
    Proposed,
    /// Two persons agree that it is solved.
    Closed,
}

ids!(CaseState, "a state of a case", Open => "open", Proposed => "proposed", Closed => "closed");

/// How money arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaidBy {
    /// Over FPX.
    #[default]
    Fpx,
    /// Cash at a counter, by the acknowledgement's number.
    Counter,
    /// A transfer to PERKESO's account.
    Transfer,
    /// A cheque, money order or postal order.
    Cheque,
}

ids!(PaidBy, "a means of payment", Fpx => "fpx", Counter => "counter", Transfer => "transfer", Cheque => "cheque");
