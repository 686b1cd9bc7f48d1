//! What the people at the bank do.

use crate::domain::Sen;
use crate::fpx::codes::{CodeClass, Codes, ResponseCode};

/// The token of the corporate model.
pub(super) const CORPORATE: &str = "02";

/// What the buyer, or the maker, does at the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Pays: 00.
    Approve,
    /// Has too little in the account: 51.
    NoFunds,
    /// Cancels at the login page: 1C.
    CancelAtLogin,
    /// Cancels at the confirmation page: 1L.
    CancelAtConfirmation,
    /// Lets the confirmation page time out: 1J.
    TimeOut,
    /// Meets a fault of the bank: 85.
    BankError,
    /// The bank does not finish: 09 until it is released.
    LeavePending,
    /// Submits as the maker: 99 until the authoriser acts.
    Submit,
    /// Any other code of `formats/fpx/codes.toml`.
    Code(ResponseCode),
}

impl Decision {
    /// Those that have a button on the bank's page, with what it is called in a form.
    pub const NAMED: [(&'static str, Decision); 8] = [
        ("approve", Decision::Approve),
        ("submit", Decision::Submit),
        ("no-funds", Decision::NoFunds),
        ("cancel-login", Decision::CancelAtLogin),
        ("cancel", Decision::CancelAtConfirmation),
        ("time-out", Decision::TimeOut),
        ("bank-error", Decision::BankError),
        ("pending", Decision::LeavePending),
    ];

    /// The decision of a name.
    pub fn named(name: &str) -> Option<Decision> {
        Decision::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, decision)| decision)
    }

    /// A decision by its code; `None` for a code that is in no table.
    pub fn of_code(code: &str) -> Option<Decision> {
        let code = known_code(code)?;
        let same = |(_, decision): &(&str, Decision)| decision.code() == code.as_str();
        let named = Decision::NAMED.into_iter().find(same).map(|(_, decision)| decision);
        Some(named.unwrap_or(Decision::Code(code)))
    }

    /// The code by which the bank says so.
    pub fn code(&self) -> &str {
        match self {
            Decision::Approve => "00",
            Decision::NoFunds => "51",
            Decision::CancelAtLogin => "1C",
            Decision::CancelAtConfirmation => "1L",
            Decision::TimeOut => "1J",
            Decision::BankError => "85",
            Decision::LeavePending => "09",
            Decision::Submit => "99",
            Decision::Code(code) => code.as_str(),
        }
    }

    /// What nobody decides: by the sen of the amount. 51 and 9 are their codes, 99 too in the corporate model; everything
    /// else is approved.
    pub fn by_sen(amount: Sen, token: &str) -> Decision {
        match amount.0 % 100 {
            51 => Decision::NoFunds,
            9 => Decision::LeavePending,
            99 if token == CORPORATE => Decision::Submit,
            _ => Decision::Approve,
        }
    }
}

/// A code that the table has.
pub(super) fn known_code(text: &str) -> Option<ResponseCode> {
    ResponseCode::read(text).filter(|code| Codes::embedded().class(Some(code)) != CodeClass::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sen_decide_where_nobody_does() {
        for (sen, token, code) in [
            (12_300, "01", "00"),
            (12_350, "01", "00"),
            (12_351, "01", "51"),
            (12_352, "01", "00"),
            (12_308, "02", "00"),
            (12_309, "02", "09"),
            (12_310, "02", "00"),
            (12_398, "02", "00"),
            (12_399, "02", "99"),
            (12_399, "01", "00"),
        ] {
            assert_eq!(Decision::by_sen(Sen(sen), token).code(), code, "{sen} {token}");
        }
    }

    #[test]
    fn decisions_have_names_and_codes() {
        for (name, decision) in Decision::NAMED {
            assert_eq!(Decision::named(name).as_ref(), Some(&decision));
            assert_eq!(Decision::of_code(decision.code()), Some(decision));
        }
        assert_eq!(Decision::of_code("bb").map(|decision| decision.code().to_owned()).as_deref(), Some("BB"));
        assert_eq!((Decision::of_code("ZZ"), Decision::named("x")), (None, None));
    }
}
