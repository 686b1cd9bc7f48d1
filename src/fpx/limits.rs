//! What one payment may be under each model, and the fixed values of the form (`formats/fpx/limits.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::value::read_amount;
use super::{TableError, read_table};
use crate::domain::{PaymentModel, Sen};

const FILE: &str = "limits.toml";
const TEXT: &str = include_str!("../../formats/fpx/limits.toml");

static EMBEDDED: LazyLock<Limits> = LazyLock::new(|| Limits::from_toml(TEXT).expect("a test reads limits.toml"));

/// Limits of every model, and the values that are the same in every form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The day on which they were last compared with their source.
    pub last_day_checked: chrono::NaiveDate,
    /// `fpx_version`.
    pub version: String,
    /// `fpx_sellerBankCode`.
    pub seller_bank_code: String,
    /// `fpx_txnCurrency`.
    pub currency: String,
    b2c: ModelLimits,
    b2b1: ModelLimits,
}

/// Limits of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelLimits {
    /// `fpx_msgToken`.
    pub token: String,
    /// The least that a payment may be.
    pub minimum: Sen,
    /// The most that a payment may be.
    pub maximum: Sen,
}

/// The amount cannot be paid in one payment of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitBreach {
    /// Pay at a counter or by transfer.
    #[error("RM {amount} is less than the RM {minimum} that FPX takes at least")]
    BelowMinimum {
        /// What was to be paid.
        amount: Sen,
        /// The least.
        minimum: Sen,
    },
    /// Pay in parts or under the other model.
    #[error("RM {amount} is more than the RM {maximum} that FPX takes at most")]
    AboveMaximum {
        /// What was to be paid.
        amount: Sen,
        /// The most.
        maximum: Sen,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    last_day_checked: chrono::NaiveDate,
    version: String,
    seller_bank_code: String,
    currency: String,
    model: Vec<FileModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileModel {
    id: PaymentModel,
    token: String,
    minimum: String,
    maximum: String,
}

impl Limits {
    /// Those that are compiled in.
    pub fn embedded() -> &'static Limits {
        &EMBEDDED
    }

    /// Reads a file in the shape of `formats/fpx/limits.toml`.
    ///
    /// # Errors
    /// [`TableError`]: another shape, a model missing or twice, the same token twice, a limit that is no amount, a
    /// maximum below the minimum, a value that does not fit its field.
    pub fn from_toml(text: &str) -> Result<Limits, TableError> {
        let wrong = |what: String| TableError { file: FILE, what };
        let file: File = read_table(FILE, text)?;
        let of = |model: PaymentModel| {
            let mut found = file.model.iter().filter(|entry| entry.id == model);
            let (Some(entry), None) = (found.next(), found.next()) else {
                return Err(wrong(format!("the model {model} must stand there once")));
            };
            let amount = |text: &str| read_amount(text).ok_or_else(|| wrong(format!("\"{text}\" is not an amount")));
            let (minimum, maximum) = (amount(&entry.minimum)?, amount(&entry.maximum)?);
            if minimum > maximum || minimum <= Sen::ZERO {
                return Err(wrong(format!("the limits of {model} leave nothing")));
            }
            Ok(ModelLimits { token: entry.token.clone(), minimum, maximum })
        };
        let (b2c, b2b1) = (of(PaymentModel::B2c)?, of(PaymentModel::B2b1)?);
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if b2c.token == b2b1.token || ![&b2c.token, &b2b1.token, &file.seller_bank_code].iter().all(|one| digits(one)) {
            return Err(wrong("tokens and the seller's bank code have two digits, and each model its own".to_owned()));
        }
        let fits = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'|');
        if !fits(&file.version) || !fits(&file.currency) {
            return Err(wrong("version and currency have three places".to_owned()));
        }
        let File { last_day_checked, version, seller_bank_code, currency, .. } = file;
        Ok(Limits { last_day_checked, version, seller_bank_code, currency, b2c, b2b1 })
    }

    /// Limits of a model.
    pub const fn of(&self, model: PaymentModel) -> &ModelLimits {
        match model {
            PaymentModel::B2c => &self.b2c,
            PaymentModel::B2b1 => &self.b2b1,
        }
    }

    /// The model of a token; `None` for a token that is not used here.
    pub fn model_of(&self, token: &str) -> Option<PaymentModel> {
        PaymentModel::ALL.into_iter().find(|model| self.of(*model).token == token)
    }

    /// Whether one payment of the model can carry the amount.
    ///
    /// # Errors
    /// [`LimitBreach`], with the limit.
    pub fn check(&self, model: PaymentModel, amount: Sen) -> Result<(), LimitBreach> {
        let ModelLimits { minimum, maximum, .. } = *self.of(model);
        match amount {
            _ if amount < minimum => Err(LimitBreach::BelowMinimum { amount, minimum }),
            _ if amount > maximum => Err(LimitBreach::AboveMaximum { amount, maximum }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_to_the_sen() {
        let limits = Limits::from_toml(TEXT).expect("limits.toml");
        let cases = [(PaymentModel::B2c, 100, 3_000_000), (PaymentModel::B2b1, 200, 100_000_000)];
        for (model, minimum, maximum) in cases {
            assert_eq!(
                limits.check(model, Sen(minimum - 1)),
                Err(LimitBreach::BelowMinimum { amount: Sen(minimum - 1), minimum: Sen(minimum) })
            );
            assert_eq!(limits.check(model, Sen(minimum)), Ok(()));
            assert_eq!(limits.check(model, Sen(maximum)), Ok(()));
            assert_eq!(
                limits.check(model, Sen(maximum + 1)),
                Err(LimitBreach::AboveMaximum { amount: Sen(maximum + 1), maximum: Sen(maximum) })
            );
        }
        assert_eq!(limits.model_of("01"), Some(PaymentModel::B2c));
        assert_eq!((limits.model_of("02"), limits.model_of("03")), (Some(PaymentModel::B2b1), None));
        let sentence = limits.check(PaymentModel::B2c, Sen(99)).expect_err("too little").to_string();
        assert_eq!(sentence, "RM 0.99 is less than the RM 1.00 that FPX takes at least");
    }

    #[test]
    fn a_wrong_file_is_named() {
        for (from, to) in [
            ("id = \"b2b1\"", "id = \"b2c\""),
            ("id = \"b2b1\"", "id = \"b2b2\""),
            ("token = \"02\"", "token = \"01\""),
            ("token = \"02\"", "token = \"2\""),
            ("\"30000.00\"", "\"30000\""),
            ("\"30000.00\"", "\"0.50\""),
            ("minimum = \"1.00\"", "minimum = \"0.00\""),
            ("\"7.0\"", "\"7.0.1\""),
        ] {
            assert!(Limits::from_toml(&TEXT.replace(from, to)).is_err(), "{from} to {to}");
        }
    }
}
