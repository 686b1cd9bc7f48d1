//! States of a submission and of an acknowledgement: one enum each, and every lawful step in `next`.

use std::fmt;

/// Life of one employer's part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubmissionState {
    /// The original is kept; nothing is judged yet.
    Arrived,
    /// The file could not be read as a contribution file.
    Refused,
    /// The same bytes were taken before; that submission's numbers are the answer.
    Repeat,
    /// The file brought its worker down twice; a person must look.
    Quarantined,
    /// Every line is judged.
    Checked,
    /// Something must be mended first.
    Returned,
    /// Accepted, wholly or for its good lines.
    Taken,
}

/// What can happen to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the verb of the state it leads to")]
pub enum SubmissionEvent {
    Refuse,
    RecogniseRepeat,
    Quarantine,
    Check,
    Return,
    Take,
}

impl SubmissionState {
    /// Every one.
    pub const ALL: [SubmissionState; 7] = {
        use SubmissionState as S;
        [S::Arrived, S::Refused, S::Repeat, S::Quarantined, S::Checked, S::Returned, S::Taken]
    };

    /// The state after the event, or `None` where the event cannot happen.
    pub const fn next(self, event: SubmissionEvent) -> Option<SubmissionState> {
        use SubmissionEvent as E;
        use SubmissionState as S;
        match (self, event) {
            (S::Arrived, E::Refuse) => Some(S::Refused),
            (S::Arrived, E::RecogniseRepeat) => Some(S::Repeat),
            (S::Arrived, E::Quarantine) => Some(S::Quarantined),
            (S::Arrived, E::Check) => Some(S::Checked),
            (S::Checked, E::Return) => Some(S::Returned),
            (S::Checked, E::Take) => Some(S::Taken),
            (S::Arrived, E::Return | E::Take)
            | (S::Checked, E::Refuse | E::RecogniseRepeat | E::Quarantine | E::Check)
            | (S::Refused | S::Repeat | S::Quarantined | S::Returned | S::Taken, _) => None,
        }
    }

    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            SubmissionState::Arrived => "arrived",
            SubmissionState::Refused => "refused",
            SubmissionState::Repeat => "repeat",
            SubmissionState::Quarantined => "quarantined",
            SubmissionState::Checked => "checked",
            SubmissionState::Returned => "returned",
            SubmissionState::Taken => "taken",
        }
    }
}

impl fmt::Display for SubmissionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Life of an ACR or ECR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AcknowledgementState {
    /// Made, not yet numbered.
    Draft,
    /// Waits for the employer's second person.
    AwaitingApproval,
    /// Numbered, amounts frozen: ready to pay.
    Submitted,
    /// Picked for payment.
    InCart,
    /// At the bank: locked everywhere.
    AtBank,
    /// The bank confirmed.
    Paid,
    /// The official receipt exists.
    Receipted,
    /// All tied, nothing held.
    Closed,
    /// Withdrawn before payment; its number is never used again.
    Removed,
    /// Paid at a counter, by transfer or cheque.
    PaidOffline,
}

/// What can happen to an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the verb of the state it leads to")]
pub enum AcknowledgementEvent {
    AskApproval,
    SendBack,
    Submit,
    Remove,
    AddToCart,
    TakeFromCart,
    GoToBank,
    BankRefused,
    BankConfirmed,
    PayOffline,
    Receipt,
    Close,
}

impl AcknowledgementState {
    /// Every one.
    pub const ALL: [AcknowledgementState; 10] = {
        use AcknowledgementState as S;
        [
            S::Draft,
            S::AwaitingApproval,
            S::Submitted,
            S::InCart,
            S::AtBank,
            S::Paid,
            S::Receipted,
            S::Closed,
            S::Removed,
            S::PaidOffline,
        ]
    };

    /// The state after the event, or `None` where the event cannot happen.
    pub const fn next(self, event: AcknowledgementEvent) -> Option<AcknowledgementState> {
        use AcknowledgementEvent as E;
        use AcknowledgementState as S;
        match self {
            S::Draft => match event {
                E::AskApproval => Some(S::AwaitingApproval),
                E::Submit => Some(S::Submitted),
                E::Remove => Some(S::Removed),
                _ => None,
            },
            S::AwaitingApproval => match event {
                E::SendBack => Some(S::Draft),
                E::Submit => Some(S::Submitted),
                _ => None,
            },
            S::Submitted => match event {
                E::AddToCart => Some(S::InCart),
                E::PayOffline => Some(S::PaidOffline),
                E::Remove => Some(S::Removed),
                _ => None,
            },
            S::InCart => match event {
                E::TakeFromCart => Some(S::Submitted),
                E::GoToBank => Some(S::AtBank),
                _ => None,
            },
            S::AtBank => match event {
                E::BankConfirmed => Some(S::Paid),
                E::BankRefused => Some(S::Submitted),
                _ => None,
            },
            S::Paid | S::PaidOffline => match event {
                E::Receipt => Some(S::Receipted),
                _ => None,
            },
            S::Receipted => match event {
                E::Close => Some(S::Closed),
                _ => None,
            },
            S::Closed | S::Removed => None,
        }
    }

    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            AcknowledgementState::Draft => "draft",
            AcknowledgementState::AwaitingApproval => "awaiting-approval",
            AcknowledgementState::Submitted => "submitted",
            AcknowledgementState::InCart => "in-cart",
            AcknowledgementState::AtBank => "at-bank",
            AcknowledgementState::Paid => "paid",
            AcknowledgementState::Receipted => "receipted",
            AcknowledgementState::Closed => "closed",
            AcknowledgementState::Removed => "removed",
            AcknowledgementState::PaidOffline => "paid-offline",
        }
    }
}

impl fmt::Display for AcknowledgementState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
