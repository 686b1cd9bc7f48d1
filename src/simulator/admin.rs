//! What stands behind the counter: look, decide afterwards, change the circumstances.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::decision::known_code;
use super::inside::{Inside, Key, Transaction};
use super::{Decision, Faults, Rules, Simulator, SimulatorKeys};
use crate::fpx::sign::{FpxCertificates, KeyFault};

/// What an authoriser's rejection is called where nobody says otherwise; the real code is not published.
const REJECTED: &str = "80";

/// Where a payment stands at the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The browser is at the bank's page.
    AtBank,
    /// The bank has not finished (09).
    Pending,
    /// The authoriser must act (99).
    AwaitingAuthoriser,
    /// It has a final code.
    Ended,
}

/// A payment, for people and programs. The buyer's name and mail address stay inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransactionView {
    /// FPX transaction id.
    pub id: String,
    /// FPX time, `yyyyMMddHHmmss`.
    pub time: String,
    /// Exchange id of the merchant.
    pub exchange_id: String,
    /// Exchange order number.
    pub exchange_order_number: String,
    /// Seller order number.
    pub seller_order_number: String,
    /// Token of the model, `01` or `02`.
    pub token: String,
    /// Bank code.
    pub bank: String,
    /// Amount in ringgit, `1234.50`.
    pub amount: String,
    /// What it is for.
    pub description: String,
    /// Debit code.
    pub code: String,
    /// Where it stands.
    pub stage: Stage,
}

/// A call that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No such payment.
    #[error("no payment has the number {0}")]
    Unknown(String),
    /// It stands elsewhere.
    #[error("the payment {0} does not wait for that")]
    NotThere(String),
    /// No such code.
    #[error("no code \"{0}\" stands in formats/fpx/codes.toml")]
    NoSuchCode(String),
    /// The keys do not sign.
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl Transaction {
    fn stage(&self) -> Stage {
        match self.code.as_str() {
            _ if self.at_bank => Stage::AtBank,
            "09" => Stage::Pending,
            "99" => Stage::AwaitingAuthoriser,
            _ => Stage::Ended,
        }
    }

    fn view(&self) -> TransactionView {
        let text = |name: &str| self.form.get(name).to_owned();
        TransactionView {
            id: self.id.clone(),
            time: self.time.to_string(),
            exchange_id: text("fpx_sellerExId"),
            exchange_order_number: text("fpx_sellerExOrderNo"),
            seller_order_number: text("fpx_sellerOrderNo"),
            token: text("fpx_msgToken"),
            bank: text("fpx_buyerBankId"),
            amount: text("fpx_txnAmount"),
            description: text("fpx_productDesc"),
            code: self.code.clone(),
            stage: self.stage(),
        }
    }
}

impl Simulator {
    /// Every payment that FPX has numbered, in the order of their order numbers.
    pub fn transactions(&self) -> Vec<TransactionView> {
        self.locked().transactions.values().map(Transaction::view).collect()
    }

    /// One payment by its exchange order number or its FPX transaction id.
    ///
    /// # Errors
    /// [`AdminError::Unknown`].
    pub fn transaction(&self, number: &str) -> Result<TransactionView, AdminError> {
        let inside = self.locked();
        let key = find(&inside, number)?;
        Ok(inside.transactions[&key].view())
    }

    /// Gives a payment another code, whatever it had, and tells the merchant: a late approval, for one.
    ///
    /// # Errors
    /// [`AdminError`]: no such payment, no such code.
    pub fn set_outcome(&self, number: &str, code: &str) -> Result<(), AdminError> {
        let known = known_code(code).ok_or_else(|| AdminError::NoSuchCode(code.to_owned()))?;
        self.turn(number, known.as_str(), None)
    }

    /// The bank finishes what it left pending: approved.
    ///
    /// # Errors
    /// [`AdminError`]: no such payment, or it is not pending.
    pub fn release(&self, number: &str) -> Result<(), AdminError> {
        self.turn(number, "00", Some(Stage::Pending))
    }

    /// The authoriser approves.
    ///
    /// # Errors
    /// [`AdminError`]: no such payment, or it does not wait for the authoriser.
    pub fn authorise(&self, number: &str) -> Result<(), AdminError> {
        self.turn(number, "00", Some(Stage::AwaitingAuthoriser))
    }

    /// The authoriser rejects, with 80 or another code.
    ///
    /// # Errors
    /// [`AdminError`]: no such payment, no such code, or it does not wait for the authoriser.
    pub fn reject(&self, number: &str, code: Option<&str>) -> Result<(), AdminError> {
        let code = code.unwrap_or(REJECTED);
        let known = known_code(code).ok_or_else(|| AdminError::NoSuchCode(code.to_owned()))?;
        self.turn(number, known.as_str(), Some(Stage::AwaitingAuthoriser))
    }

    fn turn(&self, number: &str, code: &str, only_at: Option<Stage>) -> Result<(), AdminError> {
        let (mut inside, now) = self.at_work()?;
        let key = find(&inside, number)?;
        if only_at.is_some_and(|stage| stage != inside.transactions[&key].stage()) {
            return Err(AdminError::NotThere(number.to_owned()));
        }
        Ok(inside.turn(&key, code, now)?)
    }

    /// What becomes of the next payment that nobody decides.
    ///
    /// # Errors
    /// [`AdminError::NoSuchCode`].
    pub fn force_next(&self, code: &str) -> Result<(), AdminError> {
        let decision = Decision::of_code(code).ok_or_else(|| AdminError::NoSuchCode(code.to_owned()))?;
        self.locked().forced = Some(decision);
        Ok(())
    }

    /// The next certificate signs from now on; a new next one is made.
    ///
    /// # Errors
    /// [`KeyFault`] when the library makes none.
    pub fn rotate(&self) -> Result<(), KeyFault> {
        let (mut inside, now) = self.at_work()?;
        inside.keys.rotate(now)
    }

    /// Its keys and certificates.
    pub fn keys(&self) -> SimulatorKeys {
        self.locked().keys.clone()
    }

    /// Other keys and certificates.
    pub fn set_keys(&self, keys: SimulatorKeys) {
        self.locked().keys = keys;
    }

    /// Both certificates, as a merchant loads them.
    ///
    /// # Errors
    /// [`KeyFault`] for one that cannot be read.
    pub fn certificates(&self) -> Result<FpxCertificates, KeyFault> {
        self.locked().keys.certificates()
    }

    /// From now on it is this moment, and time goes on from there.
    pub fn set_clock(&self, moment: DateTime<FixedOffset>) {
        let now = (self.clock)();
        self.locked().shift = moment - now;
    }

    /// What it does wrongly from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.locked().faults = faults;
    }

    /// What it does wrongly.
    pub fn faults(&self) -> Faults {
        self.locked().faults.clone()
    }

    /// What it demands from now on.
    pub fn set_rules(&self, rules: Rules) {
        self.locked().rules = rules;
    }

    /// Banks that take no payments from now on; all others do.
    pub fn set_offline(&self, codes: impl IntoIterator<Item = String>) {
        self.locked().offline = codes.into_iter().collect::<BTreeSet<_>>();
    }

    /// Where a merchant wants its messages and its customers' browsers from now on.
    pub fn set_addresses(&self, exchange_id: &str, direct_url: Option<String>, return_url: Option<String>) {
        let mut inside = self.locked();
        if let Some(merchant) = inside.merchants.iter_mut().find(|one| one.exchange_id == exchange_id) {
            merchant.direct_url = direct_url;
            merchant.return_url = return_url;
        }
    }
}

/// By FPX transaction id, else by exchange order number.
fn find(inside: &Inside, number: &str) -> Result<Key, AdminError> {
    let by_order = || inside.transactions.keys().find(|(_, order)| order == number).cloned();
    inside.ids.get(number).cloned().or_else(by_order).ok_or_else(|| AdminError::Unknown(number.to_owned()))
}
