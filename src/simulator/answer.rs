//! AC: what the simulator says of a payment, as the real test environment does.

use super::faults::CreditFault;
use super::form::{Form, signed};
use super::inside::{Inside, Transaction};
use crate::domain::Sen;
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::limits::Limits;
use crate::fpx::message::Layout;
use crate::fpx::sign::{KeyFault, MerchantKey};
use crate::fpx::value::{FpxTime, amount_text, read_amount};

/// What the test environment calls every buyer: characters that a merchant must be able to read.
const BUYER_NAME: &str = "N@ME()/ .-&BUYER";
const MAKER_NAME: &str = "New Simulator";
const DEBIT_NUMBER: &str = "15733223";
const CREDIT_NUMBER: &str = "9999999999";
/// A code that is in no table.
const UNKNOWN_CODE: &str = "ZZ";

/// Whether FPX says it by itself, by server or browser, or because it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saying {
    Unasked,
    Asked,
}

/// What is said: a code, and which payment it is of; FPX has no number for one that it refused at the door.
pub(super) struct Said {
    form: Form,
    numbered: Option<(String, FpxTime)>,
    code: String,
}

impl Said {
    pub(super) fn of(transaction: &Transaction) -> Said {
        let numbered = Some((transaction.id.clone(), transaction.time));
        Said { form: transaction.form.clone(), numbered, code: transaction.code.clone() }
    }

    pub(super) fn unnumbered(form: &Form, code: &str) -> Said {
        Said { form: form.clone(), numbered: None, code: code.to_owned() }
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }
}

/// The signed fields of an AC.
pub(super) fn answer(inside: &mut Inside, said: &Said, saying: Saying) -> Result<Vec<(String, String)>, KeyFault> {
    let dress = inside.next_dress();
    let values = values(inside, said, saying);
    if inside.faults.wrong_signature && saying == Saying::Unasked {
        return signed(values, &MerchantKey::generate()?, dress);
    }
    signed(values, inside.signing_key(), dress)
}

fn values(inside: &Inside, said: &Said, saying: Saying) -> Vec<(&'static str, String)> {
    Layout::Answer.names().map(|(name, most)| (name, value(inside, said, saying, name, most))).collect()
}

fn value(inside: &Inside, said: &Said, saying: Saying, name: &str, most: usize) -> String {
    let (faults, approved) = (&inside.faults, said.code == "00");
    let only = |wanted: bool, text: &str| if wanted { text.to_owned() } else { String::new() };
    match name {
        "fpx_buyerBankBranch" => only(said.numbered.is_some(), &branch(&said.form)),
        "fpx_buyerName" => only(approved || is_known_to_the_bank(said), BUYER_NAME),
        "fpx_creditAuthCode" | "fpx_creditAuthNo" if !approved => String::new(),
        "fpx_creditAuthCode" => match &faults.credit {
            CreditFault::Later if saying == Saying::Unasked => String::new(),
            CreditFault::None | CreditFault::Later => "00".to_owned(),
            CreditFault::Code(code) => code.to_string(),
        },
        "fpx_creditAuthNo" => {
            let open = faults.credit == CreditFault::Later && saying == Saying::Unasked;
            only(!open && !matches!(faults.credit, CreditFault::Code(_)), CREDIT_NUMBER)
        }
        "fpx_debitAuthCode" if faults.unknown_code && saying == Saying::Unasked => UNKNOWN_CODE.to_owned(),
        "fpx_debitAuthCode" => said.code.clone(),
        "fpx_debitAuthNo" => only(approved, DEBIT_NUMBER),
        "fpx_fpxTxnId" => said.numbered.as_ref().map_or_else(String::new, |(id, _)| id.clone()),
        "fpx_fpxTxnTime" => said.numbered.as_ref().map_or_else(String::new, |(_, time)| time.to_string()),
        "fpx_makerName" => only(approved || said.code == "99", MAKER_NAME),
        "fpx_msgType" => "AC".to_owned(),
        "fpx_txnAmount" if faults.changed_amount && saying == Saying::Unasked => {
            let more = read_amount(said.form.get(name)).and_then(|amount| amount_text(Sen(amount.0 + 1)));
            more.unwrap_or_default()
        }
        "fpx_buyerIban" | "fpx_buyerId" => String::new(),
        echoed => {
            let value = said.form.get(echoed);
            only(value.chars().count() <= most && !value.contains('|'), value)
        }
    }
}

/// Whether the buyer had logged in when it ended: the bank then knows the name.
fn is_known_to_the_bank(said: &Said) -> bool {
    said.numbered.is_some() && matches!(said.code.as_str(), "51" | "80" | "1J" | "1K" | "1L")
}

/// The bank's name for itself.
fn branch(form: &Form) -> String {
    let model = Limits::embedded().model_of(form.get("fpx_msgToken"));
    let name = model.and_then(|model| Banks::embedded().name(form.get("fpx_buyerBankId"), model, Environment::Uat));
    name.unwrap_or_default().to_uppercase()
}
