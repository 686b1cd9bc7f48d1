//! Sums asked beside contributions: late interest (FCLB; Act 4 s. 14A, Act 800 s. 21) and compounds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::employer::ids;

/// What a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChargeKind {
    /// Interest on contributions that were paid late.
    Interest,
    /// A compound offered by PERKESO for an offence.
    Compound,
}

ids!(ChargeKind, "a kind of charge", Interest => "interest", Compound => "compound");

/// Life of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeState {
    /// Asked, not paid.
    Assessed,
    /// The employer has appealed; it is not asked meanwhile.
    Appealed,
    /// Picked for payment.
    InCart,
    /// At the bank: locked everywhere.
    AtBank,
    /// Paid; its receipt exists.
    Paid,
    /// Given up by PERKESO after an appeal or a campaign.
    Waived,
    /// Reckoned for a payment that did not come about; the next one reckons anew.
    Void,
}

ids!(ChargeState, "a state of a charge", Assessed => "assessed", Appealed => "appealed", InCart => "in-cart",
    AtBank => "at-bank", Paid => "paid", Waived => "waived", Void => "void");

/// What can happen to a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeEvent {
    /// The employer asks to pay less or nothing.
    Appeal,
    /// The appeal is refused.
    Keep,
    /// The appeal is granted in part: less is asked.
    Cut,
    /// Nothing is asked any more.
    Waive,
    /// Picked for payment.
    AddToCart,
    /// Put back.
    TakeFromCart,
    /// A payment with it starts.
    GoToBank,
    /// The bank took the money.
    BankConfirmed,
    /// The payment did not come about.
    BankRefused,
    /// Paid at a counter, by transfer or cheque.
    PayOffline,
    /// It was reckoned for one payment only, which did not come about.
    Drop,
}

impl ChargeEvent {
    /// Every event.
    pub const ALL: [ChargeEvent; 11] = [
        ChargeEvent::Appeal,
        ChargeEvent::Keep,
        ChargeEvent::Cut,
        ChargeEvent::Waive,
        ChargeEvent::AddToCart,
        ChargeEvent::TakeFromCart,
        ChargeEvent::GoToBank,
        ChargeEvent::BankConfirmed,
        ChargeEvent::BankRefused,
        ChargeEvent::PayOffline,
        ChargeEvent::Drop,
    ];
}

impl ChargeState {
    /// The state after the event, or `None` where the event cannot happen.
    ///
    /// Interest reckoned for a payment goes to the bank with it, without a cart. A payment that fails and is approved
    /// after all finds its interest void, and pays it.
    pub const fn next(self, event: ChargeEvent) -> Option<ChargeState> {
        use ChargeEvent as E;
        use ChargeState as S;
        match self {
            S::Assessed => match event {
                E::Appeal => Some(S::Appealed),
                E::Waive => Some(S::Waived),
                E::AddToCart => Some(S::InCart),
                E::GoToBank => Some(S::AtBank),
                E::PayOffline => Some(S::Paid),
                E::Drop => Some(S::Void),
                E::Keep | E::Cut | E::TakeFromCart | E::BankConfirmed | E::BankRefused => None,
            },
            S::Appealed => match event {
                E::Keep | E::Cut => Some(S::Assessed),
                E::Waive => Some(S::Waived),
                _ => None,
            },
            S::InCart => match event {
                E::TakeFromCart => Some(S::Assessed),
                E::GoToBank => Some(S::AtBank),
                _ => None,
            },
            S::AtBank => match event {
                E::BankConfirmed => Some(S::Paid),
                E::BankRefused => Some(S::Assessed),
                _ => None,
            },
            S::Void => match event {
                E::BankConfirmed => Some(S::Paid),
                _ => None,
            },
            S::Paid | S::Waived => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ChargeEvent as E;
    use super::ChargeState as S;

    #[test]
    fn what_is_paid_or_waived_stays_so() {
        for event in E::ALL {
            assert_eq!((S::Paid.next(event), S::Waived.next(event)), (None, None), "{event:?}");
        }
    }

    #[test]
    fn a_charge_under_appeal_cannot_be_paid() {
        for event in [E::AddToCart, E::GoToBank, E::BankConfirmed, E::PayOffline] {
            assert_eq!(S::Appealed.next(event), None, "{event:?}");
        }
    }
}
