//! AC: what became of a payment, by server, by browser, or when asked.

use std::fmt;

use super::{Layout, MessageError, PaymentRequest, SignedForm, Values, Verified};
use crate::domain::{PaymentEvent, PaymentModel, Sen};
use crate::fpx::codes::{Codes, ResponseCode};
use crate::fpx::limits::Limits;
use crate::fpx::sign::{KeyFault, MerchantKey};
use crate::fpx::value::{FpxTime, amount_text, read_amount};

/// The way an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// From FPX's server; it wants `OK`.
    Direct,
    /// Through the employer's browser.
    Indirect,
    /// As the reply to our question.
    Enquiry,
}

impl Channel {
    /// The name kept in the database and printed.
    pub const fn id(self) -> &'static str {
        match self {
            Channel::Direct => "direct",
            Channel::Indirect => "indirect",
            Channel::Enquiry => "enquiry",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Whether the money that left the employer's account reached ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreditStanding {
    /// Credit code 00.
    Credited,
    /// No credit code yet: FPX credits after it has told us. Ask once more.
    NotYet,
    /// Any other credit code: paid for the employer, a case for finance.
    Exception,
}

/// A proven AC.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAnswer {
    /// Retail or corporate.
    pub model: PaymentModel,
    /// Our exchange id, echoed.
    pub exchange_id: String,
    /// Our seller id, echoed.
    pub seller_id: String,
    /// Exchange order number, echoed: finds the payment.
    pub exchange_order_number: String,
    /// Seller order number, echoed.
    pub seller_order_number: String,
    /// When our attempt began, echoed.
    pub time: FpxTime,
    /// What is paid, echoed.
    pub amount: Sen,
    /// Its currency, echoed.
    pub currency: String,
    /// The bank, echoed.
    pub bank: String,
    /// The bank's name for itself.
    pub bank_branch: String,
    /// Holder of the account, from the bank.
    pub buyer_name: String,
    /// Identity of the buyer; empty in payments of contributions.
    pub buyer_id: String,
    /// Account of the buyer; empty in payments of contributions.
    pub buyer_iban: String,
    /// Who submitted at the bank, in corporate payments.
    pub maker_name: String,
    /// FPX's number of the payment; empty when it knows none.
    pub transaction_id: String,
    /// FPX's time of the payment; `None` when it knows none.
    pub transaction_time: Option<FpxTime>,
    /// The status; `None` where the answer carries none.
    pub debit_code: Option<ResponseCode>,
    /// The bank's number of the debit.
    pub debit_number: String,
    /// What became of the credit; `None` while that is open.
    pub credit_code: Option<ResponseCode>,
    /// The bank's number of the credit.
    pub credit_number: String,
}

impl BankAnswer {
    /// The answer of a message that was proven.
    ///
    /// # Errors
    /// [`MessageError`]: not an AC, or a model, amount or time that cannot be read.
    pub fn from_verified(verified: &Verified) -> Result<BankAnswer, MessageError> {
        let values = verified.values_of(Layout::Answer)?;
        let wrong = |name: &'static str| MessageError::Value(name);
        let text = |name: &'static str| values.get(name).to_owned();
        let transaction_time = match values.get("fpx_fpxTxnTime") {
            "" => None,
            time => Some(FpxTime::read(time).ok_or_else(|| wrong("fpx_fpxTxnTime"))?),
        };
        Ok(BankAnswer {
            model: Limits::embedded().model_of(values.get("fpx_msgToken")).ok_or_else(|| wrong("fpx_msgToken"))?,
            exchange_id: text("fpx_sellerExId"),
            seller_id: text("fpx_sellerId"),
            exchange_order_number: text("fpx_sellerExOrderNo"),
            seller_order_number: text("fpx_sellerOrderNo"),
            time: FpxTime::read(values.get("fpx_sellerTxnTime")).ok_or_else(|| wrong("fpx_sellerTxnTime"))?,
            amount: read_amount(values.get("fpx_txnAmount")).ok_or_else(|| wrong("fpx_txnAmount"))?,
            currency: text("fpx_txnCurrency"),
            bank: text("fpx_buyerBankId"),
            bank_branch: text("fpx_buyerBankBranch"),
            buyer_name: text("fpx_buyerName"),
            buyer_id: text("fpx_buyerId"),
            buyer_iban: text("fpx_buyerIban"),
            maker_name: text("fpx_makerName"),
            transaction_id: text("fpx_fpxTxnId"),
            transaction_time,
            debit_code: ResponseCode::read(values.get("fpx_debitAuthCode")),
            debit_number: text("fpx_debitAuthNo"),
            credit_code: ResponseCode::read(values.get("fpx_creditAuthCode")),
            credit_number: text("fpx_creditAuthNo"),
        })
    }

    /// An answer that echoes a request and says nothing yet, for the simulator to fill.
    pub fn echo(request: &PaymentRequest) -> BankAnswer {
        let text = |name: &'static str| request.get(name).to_owned();
        BankAnswer {
            model: request.model(),
            exchange_id: text("fpx_sellerExId"),
            seller_id: text("fpx_sellerId"),
            exchange_order_number: text("fpx_sellerExOrderNo"),
            seller_order_number: text("fpx_sellerOrderNo"),
            time: request.time(),
            amount: request.amount(),
            currency: text("fpx_txnCurrency"),
            bank: text("fpx_buyerBankId"),
            bank_branch: String::new(),
            buyer_name: String::new(),
            buyer_id: String::new(),
            buyer_iban: String::new(),
            maker_name: String::new(),
            transaction_id: String::new(),
            transaction_time: None,
            debit_code: None,
            debit_number: String::new(),
            credit_code: None,
            credit_number: String::new(),
        }
    }

    /// Fields in which the answer is not about what we sent. Any of them: put it aside, change nothing, tell somebody.
    pub fn differences(&self, sent: &PaymentRequest) -> Vec<&'static str> {
        let same = [
            ("fpx_sellerExId", self.exchange_id == sent.get("fpx_sellerExId")),
            ("fpx_sellerId", self.seller_id == sent.get("fpx_sellerId")),
            ("fpx_sellerExOrderNo", self.exchange_order_number == sent.get("fpx_sellerExOrderNo")),
            ("fpx_sellerOrderNo", self.seller_order_number == sent.get("fpx_sellerOrderNo")),
            ("fpx_txnAmount", self.amount == sent.amount()),
            ("fpx_txnCurrency", self.currency == sent.get("fpx_txnCurrency")),
            ("fpx_msgToken", self.model == sent.model()),
            ("fpx_buyerBankId", self.bank == sent.get("fpx_buyerBankId")),
            ("fpx_sellerTxnTime", self.time == sent.time()),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }

    /// What the answer does to its payment: the debit code decides.
    pub fn event(&self, codes: &Codes) -> PaymentEvent {
        codes.class(self.debit_code.as_ref()).event()
    }

    /// Where the money of an approved payment is.
    pub fn credit_standing(&self) -> CreditStanding {
        match self.credit_code.as_ref().map(ResponseCode::as_str) {
            Some("00") => CreditStanding::Credited,
            None => CreditStanding::NotYet,
            Some(_) => CreditStanding::Exception,
        }
    }

    pub(super) fn values(&self) -> Values {
        let code = |code: &Option<ResponseCode>| code.as_ref().map(ToString::to_string).unwrap_or_default();
        let (credit, debit) = (code(&self.credit_code), code(&self.debit_code));
        let transaction_time = self.transaction_time.map(|time| time.to_string()).unwrap_or_default();
        let (time, amount) = (self.time.to_string(), amount_text(self.amount).unwrap_or_default());
        let named = [
            ("fpx_buyerBankBranch", self.bank_branch.as_str()),
            ("fpx_buyerBankId", &self.bank),
            ("fpx_buyerIban", &self.buyer_iban),
            ("fpx_buyerId", &self.buyer_id),
            ("fpx_buyerName", &self.buyer_name),
            ("fpx_creditAuthCode", &credit),
            ("fpx_creditAuthNo", &self.credit_number),
            ("fpx_debitAuthCode", &debit),
            ("fpx_debitAuthNo", &self.debit_number),
            ("fpx_fpxTxnId", &self.transaction_id),
            ("fpx_fpxTxnTime", &transaction_time),
            ("fpx_makerName", &self.maker_name),
            ("fpx_msgToken", &Limits::embedded().of(self.model).token),
            ("fpx_msgType", "AC"),
            ("fpx_sellerExId", &self.exchange_id),
            ("fpx_sellerExOrderNo", &self.exchange_order_number),
            ("fpx_sellerId", &self.seller_id),
            ("fpx_sellerOrderNo", &self.seller_order_number),
            ("fpx_sellerTxnTime", &time),
            ("fpx_txnAmount", &amount),
            ("fpx_txnCurrency", &self.currency),
        ];
        Values::of(Layout::Answer, &named)
    }

    /// What is signed.
    pub fn source(&self) -> String {
        self.values().source()
    }

    /// The signed answer, for the simulator.
    ///
    /// # Errors
    /// [`KeyFault`] when the key does not sign.
    pub fn signed(&self, key: &MerchantKey) -> Result<SignedForm, KeyFault> {
        self.values().signed(key)
    }
}

/// Without anybody's name.
impl fmt::Debug for BankAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAnswer")
            .field("exchange_order_number", &self.exchange_order_number)
            .field("transaction_id", &self.transaction_id)
            .field("debit_code", &self.debit_code)
            .field("credit_code", &self.credit_code)
            .finish_non_exhaustive()
    }
}
