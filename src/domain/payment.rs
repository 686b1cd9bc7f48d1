//! A payment over FPX: its model, its state and every lawful step in `next`.
//!
//! Answers of the bank may repeat, come late or out of order. So a step that changes nothing is lawful where it can
//! happen, and [`PaymentState::alert`] says which of those a person must look at.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who confirms at the bank, with which limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentModel {
    /// Retail: one person logs in and pays.
    B2c,
    /// Corporate: a maker submits, an authoriser approves, hours or days later.
    B2b1,
}

impl PaymentModel {
    /// Both.
    pub const ALL: [PaymentModel; 2] = [PaymentModel::B2c, PaymentModel::B2b1];

    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            PaymentModel::B2c => "b2c",
            PaymentModel::B2b1 => "b2b1",
        }
    }

    /// The model of a name; `None` where there is no such model.
    pub fn from_id(id: &str) -> Option<PaymentModel> {
        PaymentModel::ALL.into_iter().find(|model| model.id() == id)
    }
}

impl fmt::Display for PaymentModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Life of one attempt to pay. A retry is another payment with new order numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Numbered, signed and kept; the employer's browser has not got the form yet.
    Created,
    /// The form went out; nothing is known of it.
    Sent,
    /// The bank has it and has not finished, or said something that nobody knows.
    PendingBank,
    /// The maker has submitted; the employer's authoriser must act at the bank.
    PendingAuthoriser,
    /// The bank took the money.
    Paid,
    /// The bank or FPX said no.
    Failed,
    /// FPX never heard of it in the time it had.
    Abandoned,
}

/// What can happen to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentEvent {
    /// The form went to the employer's browser.
    Serve,
    /// A signed answer says that the bank has not finished, or carries a code that nobody knows.
    PendAtBank,
    /// A signed answer says that the authoriser must act.
    PendForAuthoriser,
    /// A signed answer says approved.
    Approve,
    /// A signed answer carries a final code that is not approval.
    Fail,
    /// A signed answer says that FPX knows no such payment.
    NotFound,
    /// A signed answer says that FPX has this order number already: its form was posted again. So FPX knows the payment,
    /// and nothing is said of how it ends.
    RepeatOrder,
    /// The time to wait is over, and FPX knows no such payment.
    GiveUp,
}

/// What a person must look at after an event, whether or not the state changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentAlert {
    /// Approved after the payment had failed or was given up: money moved, and the employer may have paid again.
    LateApproval,
    /// FPX does not know a payment that it called pending before.
    LostWhilePending,
    /// Another answer than approval after approval.
    ContradictsApproval,
    /// FPX calls a payment pending that had failed or was given up: it may still be approved.
    PendingAfterEnd,
}

impl PaymentState {
    /// Every state.
    pub const ALL: [PaymentState; 7] = [
        PaymentState::Created,
        PaymentState::Sent,
        PaymentState::PendingBank,
        PaymentState::PendingAuthoriser,
        PaymentState::Paid,
        PaymentState::Failed,
        PaymentState::Abandoned,
    ];

    /// The state after the event, which may be the same, or `None` where the event cannot happen.
    ///
    /// A payment that is pending is never given up by the clock: the bank has it, so a person decides.
    pub const fn next(self, event: PaymentEvent) -> Option<PaymentState> {
        use PaymentEvent as E;
        use PaymentState as S;
        match self {
            S::Created => match event {
                E::Serve => Some(S::Sent),
                // Nothing went out: nobody can approve it.
                E::GiveUp => Some(S::Abandoned),
                E::PendAtBank | E::PendForAuthoriser | E::Approve | E::Fail | E::NotFound | E::RepeatOrder => None,
            },
            S::Sent => match event {
                E::PendAtBank => Some(S::PendingBank),
                E::PendForAuthoriser => Some(S::PendingAuthoriser),
                E::Approve => Some(S::Paid),
                E::Fail => Some(S::Failed),
                E::NotFound | E::RepeatOrder => Some(S::Sent),
                E::GiveUp => Some(S::Abandoned),
                E::Serve => None,
            },
            S::PendingBank | S::PendingAuthoriser => match event {
                E::PendAtBank => Some(S::PendingBank),
                E::PendForAuthoriser => Some(S::PendingAuthoriser),
                E::Approve => Some(S::Paid),
                E::Fail => Some(S::Failed),
                E::NotFound | E::RepeatOrder => Some(self),
                E::Serve | E::GiveUp => None,
            },
            S::Paid => match event {
                E::PendAtBank | E::PendForAuthoriser | E::Approve | E::Fail | E::NotFound | E::RepeatOrder => {
                    Some(S::Paid)
                }
                E::Serve | E::GiveUp => None,
            },
            S::Failed | S::Abandoned => match event {
                E::Approve => Some(S::Paid),
                E::PendAtBank | E::PendForAuthoriser | E::Fail | E::NotFound | E::RepeatOrder => Some(self),
                E::Serve | E::GiveUp => None,
            },
        }
    }

    /// What a person must look at when the event comes in this state.
    pub const fn alert(self, event: PaymentEvent) -> Option<PaymentAlert> {
        use PaymentEvent as E;
        use PaymentState as S;
        match (self, event) {
            (S::Failed | S::Abandoned, E::Approve) => Some(PaymentAlert::LateApproval),
            (S::Failed | S::Abandoned, E::PendAtBank | E::PendForAuthoriser) => Some(PaymentAlert::PendingAfterEnd),
            (S::PendingBank | S::PendingAuthoriser, E::NotFound) => Some(PaymentAlert::LostWhilePending),
            (S::Paid, E::PendAtBank | E::PendForAuthoriser | E::Fail | E::NotFound) => {
                Some(PaymentAlert::ContradictsApproval)
            }
            _ => None,
        }
    }

    /// Whether FPX must still be asked.
    pub const fn is_open(self) -> bool {
        matches!(self, PaymentState::Sent | PaymentState::PendingBank | PaymentState::PendingAuthoriser)
    }

    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            PaymentState::Created => "created",
            PaymentState::Sent => "sent",
            PaymentState::PendingBank => "pending-bank",
            PaymentState::PendingAuthoriser => "pending-authoriser",
            PaymentState::Paid => "paid",
            PaymentState::Failed => "failed",
            PaymentState::Abandoned => "abandoned",
        }
    }

    /// The state of a name; `None` where there is no such state.
    pub fn from_id(id: &str) -> Option<PaymentState> {
        PaymentState::ALL.into_iter().find(|state| state.id() == id)
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl PaymentEvent {
    /// Every event.
    pub const ALL: [PaymentEvent; 8] = [
        PaymentEvent::Serve,
        PaymentEvent::PendAtBank,
        PaymentEvent::PendForAuthoriser,
        PaymentEvent::Approve,
        PaymentEvent::Fail,
        PaymentEvent::NotFound,
        PaymentEvent::RepeatOrder,
        PaymentEvent::GiveUp,
    ];
}

impl PaymentAlert {
    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            PaymentAlert::LateApproval => "late-approval",
            PaymentAlert::LostWhilePending => "lost-while-pending",
            PaymentAlert::ContradictsApproval => "contradicts-approval",
            PaymentAlert::PendingAfterEnd => "pending-after-end",
        }
    }
}

impl fmt::Display for PaymentAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::PaymentAlert as A;
    use super::PaymentEvent as E;
    use super::PaymentState as S;
    use super::*;

    #[test]
    fn money_that_was_taken_is_never_forgotten() {
        for event in E::ALL {
            assert!(matches!(S::Paid.next(event), None | Some(S::Paid)), "{event:?}");
        }
        for state in S::ALL.into_iter().filter(|state| *state != S::Created) {
            assert_eq!(state.next(E::Approve), Some(S::Paid), "{state}");
        }
    }

    #[test]
    fn an_order_that_came_twice_ends_nothing() {
        for state in S::ALL {
            let same = (state != S::Created).then_some(state);
            assert_eq!((state.next(E::RepeatOrder), state.alert(E::RepeatOrder)), (same, None), "{state}");
        }
    }

    #[test]
    fn only_what_fpx_never_heard_of_is_given_up() {
        for state in S::ALL {
            let given_up = matches!(state, S::Created | S::Sent).then_some(S::Abandoned);
            assert_eq!(state.next(E::GiveUp), given_up, "{state}");
        }
    }

    #[test]
    fn alerts_stand_on_steps_that_can_happen() {
        let alarming = [
            (S::PendingBank, E::NotFound, A::LostWhilePending),
            (S::PendingAuthoriser, E::NotFound, A::LostWhilePending),
            (S::Paid, E::PendAtBank, A::ContradictsApproval),
            (S::Paid, E::PendForAuthoriser, A::ContradictsApproval),
            (S::Paid, E::Fail, A::ContradictsApproval),
            (S::Paid, E::NotFound, A::ContradictsApproval),
            (S::Failed, E::Approve, A::LateApproval),
            (S::Abandoned, E::Approve, A::LateApproval),
            (S::Failed, E::PendAtBank, A::PendingAfterEnd),
            (S::Failed, E::PendForAuthoriser, A::PendingAfterEnd),
            (S::Abandoned, E::PendAtBank, A::PendingAfterEnd),
            (S::Abandoned, E::PendForAuthoriser, A::PendingAfterEnd),
        ];
        for state in S::ALL {
            for event in E::ALL {
                let expected = alarming.iter().find(|(s, e, _)| (*s, *e) == (state, event)).map(|(_, _, a)| *a);
                assert_eq!(state.alert(event), expected, "{state}, {event:?}");
                assert!(expected.is_none() || state.next(event).is_some(), "{state}, {event:?}");
            }
        }
    }

    #[test]
    fn names_lead_back() {
        for state in S::ALL {
            assert_eq!(S::from_id(state.id()), Some(state));
        }
        for model in PaymentModel::ALL {
            assert_eq!(PaymentModel::from_id(model.id()), Some(model));
        }
        assert_eq!((S::from_id("Paid"), PaymentModel::from_id("b2b2")), (None, None));
    }
}
