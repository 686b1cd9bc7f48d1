//! Banks and their names (`formats/fpx/banks.toml`), joined with what FPX says is open now.

use std::sync::LazyLock;

use serde::Deserialize;

use super::message::{BankList, BankStatus};
use super::{TableError, read_table};
use crate::domain::PaymentModel;

const FILE: &str = "banks.toml";
const TEXT: &str = include_str!("../../formats/fpx/banks.toml");

static EMBEDDED: LazyLock<Banks> = LazyLock::new(|| Banks::from_toml(TEXT).expect("a test reads banks.toml"));

/// Which FPX is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real banks, real money.
    Production,
    /// PayNet's acceptance environment, and our simulator.
    Uat,
}

/// The banks that are known here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banks {
    #[serde(rename = "last_day_checked")]
    checked: chrono::NaiveDate,
    bank: Vec<Bank>,
}

/// One bank code and its names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank {
    code: String,
    b2c: Option<String>,
    b2b1: Option<String>,
    #[serde(default)]
    test_only: bool,
    #[serde(default = "yes")]
    in_list: bool,
}

fn yes() -> bool {
    true
}

impl Bank {
    fn name(&self, model: PaymentModel) -> Option<&str> {
        match model {
            PaymentModel::B2c => self.b2c.as_deref(),
            PaymentModel::B2b1 => self.b2b1.as_deref(),
        }
    }
}

/// A bank as the employer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankOffer {
    /// What goes into `fpx_buyerBankId`.
    pub code: String,
    /// What is shown.
    pub name: String,
    /// Shown as "Offline" and not to be chosen.
    pub offline: bool,
}

/// What to show, and what the operator should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankOffers {
    /// Sorted by name.
    pub banks: Vec<BankOffer>,
    /// Codes of the reply that have no name here for this model and environment: not shown.
    pub unknown: Vec<String>,
}

impl Banks {
    /// Those that are compiled in.
    pub fn embedded() -> &'static Banks {
        &EMBEDDED
    }

    /// Reads a file in the shape of `formats/fpx/banks.toml`.
    ///
    /// # Errors
    /// [`TableError`]: another shape, a code twice or not of 1 to 10 capital letters and digits, a bank without a name.
    pub fn from_toml(text: &str) -> Result<Banks, TableError> {
        let banks: Banks = read_table(FILE, text)?;
        let wrong = |what: String| Err(TableError { file: FILE, what });
        for (at, bank) in banks.bank.iter().enumerate() {
            if !is_bank_code(&bank.code) {
                return wrong(format!("\"{}\" is not a bank code", bank.code));
            }
            if banks.bank[..at].iter().any(|earlier| earlier.code == bank.code) {
                return wrong(format!("{} stands twice", bank.code));
            }
            let names = PaymentModel::ALL.iter().filter_map(|model| bank.name(*model));
            if names.clone().count() == 0 || names.clone().any(|name| name.trim().is_empty()) {
                return wrong(format!("{} has no name", bank.code));
            }
        }
        Ok(banks)
    }

    /// The day on which the list was last compared with its source.
    pub const fn last_day_checked(&self) -> chrono::NaiveDate {
        self.checked
    }

    /// The name of a bank under a model; `None` where the model, or this environment, does not have it.
    pub fn name(&self, code: &str, model: PaymentModel, environment: Environment) -> Option<&str> {
        let bank = self.bank.iter().find(|bank| bank.code == code)?;
        if bank.test_only && environment == Environment::Production { None } else { bank.name(model) }
    }

    /// Codes of a model in an environment, older ones that can still stand in a reply too.
    pub fn codes(&self, model: PaymentModel, environment: Environment) -> impl Iterator<Item = &str> {
        let codes = self.bank.iter().map(|bank| bank.code.as_str());
        codes.filter(move |code| self.name(code, model, environment).is_some())
    }

    /// Joins a reply of FPX with the names. A status letter that nobody knows counts as offline.
    pub fn offers(&self, list: &BankList, environment: Environment) -> BankOffers {
        let mut offers = BankOffers { banks: Vec::new(), unknown: Vec::new() };
        for (code, status) in &list.banks {
            match self.name(code, list.model, environment) {
                Some(name) => {
                    let offline = *status != BankStatus::Available;
                    offers.banks.push(BankOffer { code: code.clone(), name: name.to_owned(), offline });
                }
                None => offers.unknown.push(code.clone()),
            }
        }
        offers.banks.sort_by(|a, b| (a.name.to_lowercase(), &a.code).cmp(&(b.name.to_lowercase(), &b.code)));
        offers
    }

    /// What to show when FPX has given no list for a day: every bank of PayNet's list, none of them marked offline.
    pub fn fallback(&self, model: PaymentModel, environment: Environment) -> Vec<BankOffer> {
        let listed = self.bank.iter().filter(|bank| bank.in_list && !bank.test_only);
        let all = listed.map(|bank| (bank.code.clone(), BankStatus::Available)).collect();
        let list = BankList { model, exchange_id: String::new(), banks: all, odd: Vec::new() };
        self.offers(&list, environment).banks
    }
}

/// Whether the text can be a bank code: 1 to 10 capital letters and digits.
pub fn is_bank_code(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Environment::{Production, Uat};
    use PaymentModel::{B2b1, B2c};

    fn list(model: PaymentModel, banks: &[(&str, BankStatus)]) -> BankList {
        let banks = banks.iter().map(|(code, status)| ((*code).to_owned(), *status)).collect();
        BankList { model, exchange_id: "EX00099001".to_owned(), banks, odd: Vec::new() }
    }

    #[test]
    fn the_file_is_whole() {
        let banks = Banks::from_toml(TEXT).expect("banks.toml");
        assert_eq!(banks.bank.iter().filter(|bank| bank.test_only).count(), 7);
        assert_eq!(banks.bank.iter().filter(|bank| !bank.in_list).count(), 2);
        assert_eq!(banks.last_day_checked().to_string(), "2026-11-22");
    }

    #[test]
    fn one_code_has_a_name_for_each_model() {
        let banks = Banks::embedded();
        assert_eq!(banks.name("BCBB0235", B2c, Production), Some("CIMB Clicks"));
        assert_eq!(banks.name("BCBB0235", B2b1, Production), Some("CIMB Bank"));
        assert_eq!(banks.name("MB2U0227", B2b1, Production), None);
        assert_eq!(banks.name("TEST0021", B2c, Uat), Some("SBI Bank A"));
        assert_eq!(banks.name("TEST0021", B2c, Production), None);
    }

    #[test]
    fn offers_are_sorted_and_what_is_unknown_is_kept_apart() {
        let reply = list(
            B2c,
            &[
                ("PBB0233", BankStatus::Blocked),
                ("NEW0001", BankStatus::Available),
                ("MB2U0227", BankStatus::Available),
                ("BSN0601", BankStatus::Other('X')),
                ("TEST0021", BankStatus::Available),
            ],
        );
        let offers = Banks::embedded().offers(&reply, Production);
        let shown: Vec<_> = offers.banks.iter().map(|bank| (bank.name.as_str(), bank.offline)).collect();
        assert_eq!(shown, [("BSN", true), ("Maybank2U", false), ("Public Bank", true)]);
        assert_eq!(offers.unknown, ["NEW0001", "TEST0021"]);
        let names: Vec<_> = Banks::embedded().offers(&reply, Uat).banks.into_iter().map(|bank| bank.name).collect();
        assert_eq!(names, ["BSN", "Maybank2U", "Public Bank", "SBI Bank A"]);
    }

    #[test]
    fn the_fallback_shows_the_list_of_the_model() {
        let retail = Banks::embedded().fallback(B2c, Production);
        assert!(retail.iter().all(|bank| !bank.offline));
        assert!(retail.iter().any(|bank| bank.code == "MB2U0227") && !retail.iter().any(|bank| bank.code == "CIT0218"));
        let corporate = Banks::embedded().fallback(B2b1, Production);
        assert!(corporate.iter().any(|bank| bank.code == "CIT0218"));
        assert!(!corporate.iter().any(|bank| bank.code == "ABB0232" || bank.code == "UOB0227"), "older codes");
    }

    #[test]
    fn a_wrong_file_is_named() {
        let with = |bank: &str| Banks::from_toml(&format!("last_day_checked = \"2026-11-22\"\n{bank}"));
        let one = "[[bank]]\ncode = \"A1\"\nb2c = \"A\"\n";
        assert!(with(one).is_ok());
        for wrong in [
            &format!("{one}{one}"),
            "[[bank]]\ncode = \"A1\"\n",
            "[[bank]]\ncode = \"a1\"\nb2c = \"A\"\n",
            "[[bank]]\ncode = \"A1\"\nb2c = \" \"\n",
            "[[bank]]\ncode = \"A1\"\nb2d = \"A\"\n",
        ] {
            assert!(with(wrong).expect_err(wrong).to_string().starts_with("formats/fpx/banks.toml: "), "{wrong}");
        }
    }
}
