//! BE and BC: which banks are open.

use std::fmt::Write as _;

use super::{Layout, MessageError, SignedForm, Values, Verified};
use crate::domain::PaymentModel;
use crate::fpx::limits::Limits;
use crate::fpx::sign::{KeyFault, MerchantKey};

/// BE: asks for the banks of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankListRequest {
    /// Retail or corporate banks.
    pub model: PaymentModel,
    /// Our exchange id.
    pub exchange_id: String,
}

impl BankListRequest {
    fn values(&self) -> Values {
        let limits = Limits::embedded();
        let named = [
            ("fpx_msgToken", limits.of(self.model).token.as_str()),
            ("fpx_msgType", "BE"),
            ("fpx_sellerExId", &self.exchange_id),
            ("fpx_version", &limits.version),
        ];
        Values::of(Layout::BankListRequest, &named)
    }

    /// What is signed.
    pub fn source(&self) -> String {
        self.values().source()
    }

    /// The signed form.
    ///
    /// # Errors
    /// [`KeyFault`] when the key does not sign.
    pub fn signed(&self, key: &MerchantKey) -> Result<SignedForm, KeyFault> {
        self.values().signed(key)
    }

    /// The request of a message that was proven, for the simulator.
    ///
    /// # Errors
    /// [`MessageError`]: not a BE, or a model that is not used here.
    pub fn from_verified(verified: &Verified) -> Result<BankListRequest, MessageError> {
        let values = verified.values_of(Layout::BankListRequest)?;
        let model = Limits::embedded().model_of(values.get("fpx_msgToken"));
        Ok(BankListRequest {
            model: model.ok_or(MessageError::Value("fpx_msgToken"))?,
            exchange_id: values.get("fpx_sellerExId").to_owned(),
        })
    }
}

/// Whether a bank takes payments now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BankStatus {
    /// `A`.
    Available,
    /// `B`: shown as "Offline".
    Blocked,
    /// Another letter: taken as offline.
    Other(char),
}

impl BankStatus {
    const fn of(letter: char) -> BankStatus {
        match letter {
            'A' => BankStatus::Available,
            'B' => BankStatus::Blocked,
            other => BankStatus::Other(other),
        }
    }

    const fn letter(self) -> char {
        match self {
            BankStatus::Available => 'A',
            BankStatus::Blocked => 'B',
            BankStatus::Other(other) => other,
        }
    }
}

/// BC: the banks of a model, in the order of the reply, which means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankList {
    /// The model that was asked for.
    pub model: PaymentModel,
    /// The exchange that asked.
    pub exchange_id: String,
    /// Codes and their status.
    pub banks: Vec<(String, BankStatus)>,
    /// Pieces of the list that are no `CODE~S`, and codes that stand twice: left out, told to the operator.
    pub odd: Vec<String>,
}

impl BankList {
    /// The list of a message that was proven.
    ///
    /// # Errors
    /// [`MessageError`]: not a BC, or a model that is not used here.
    pub fn from_verified(verified: &Verified) -> Result<BankList, MessageError> {
        let values = verified.values_of(Layout::BankList)?;
        let model = Limits::embedded().model_of(values.get("fpx_msgToken"));
        let model = model.ok_or(MessageError::Value("fpx_msgToken"))?;
        let exchange_id = values.get("fpx_sellerExId").to_owned();
        let mut list = BankList { model, exchange_id, banks: Vec::new(), odd: Vec::new() };
        for piece in values.get("fpx_bankList").split(',').filter(|piece| !piece.is_empty()) {
            list.take(piece);
        }
        Ok(list)
    }

    fn take(&mut self, piece: &str) {
        let taken = piece.split_once('~').and_then(|(code, status)| {
            let mut letters = status.chars();
            let (letter, None) = (letters.next()?, letters.next()) else { return None };
            Some((code.to_owned(), BankStatus::of(letter)))
        });
        match taken {
            Some((code, status)) if !code.is_empty() && !self.banks.iter().any(|(known, _)| *known == code) => {
                self.banks.push((code, status));
            }
            _ => self.odd.push(piece.to_owned()),
        }
    }

    /// The signed reply, for the simulator.
    ///
    /// # Errors
    /// [`KeyFault`] when the key does not sign.
    pub fn signed(&self, key: &MerchantKey) -> Result<SignedForm, KeyFault> {
        let mut list = String::new();
        for (code, status) in &self.banks {
            let comma = if list.is_empty() { "" } else { "," };
            write!(list, "{comma}{code}~{}", status.letter()).expect("a text takes what is written");
        }
        let named = [
            ("fpx_bankList", list.as_str()),
            ("fpx_msgToken", &Limits::embedded().of(self.model).token),
            ("fpx_msgType", "BC"),
            ("fpx_sellerExId", &self.exchange_id),
        ];
        Values::of(Layout::BankList, &named).signed(key)
    }
}
