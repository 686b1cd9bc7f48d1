//! AR and AE: to pay, and to ask what became of it.

use std::fmt;

use super::{Layout, MessageError, SignedForm, Values, Verified};
use crate::domain::{PaymentModel, Sen};
use crate::fpx::banks::is_bank_code;
use crate::fpx::limits::{LimitBreach, Limits};
use crate::fpx::sign::{KeyFault, MerchantKey};
use crate::fpx::value::{FpxTime, amount_text, clean_mail_address, clean_text, read_amount};

/// What an employer is about to pay.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    /// Retail or corporate.
    pub model: PaymentModel,
    /// Our exchange id, `EX` and eight digits.
    pub exchange_id: String,
    /// Our seller id, `SE` and eight digits.
    pub seller_id: String,
    /// Exchange order number, see [`order`](crate::fpx::order).
    pub exchange_order_number: String,
    /// Seller order number.
    pub seller_order_number: String,
    /// When the attempt began.
    pub time: FpxTime,
    /// What is paid.
    pub amount: Sen,
    /// The bank the employer chose.
    pub bank: String,
    /// Who pays; may be empty.
    pub buyer_name: String,
    /// Where FPX sends a mail; may be empty.
    pub buyer_mail: String,
    /// What it is for, shown at the bank.
    pub description: String,
}

/// Why no request can be made. Nothing went out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The exchange id in the settings.
    #[error("the FPX exchange id must be EX and eight digits")]
    ExchangeId,
    /// The seller id in the settings.
    #[error("the FPX seller id must be SE and eight digits")]
    SellerId,
    /// An order number.
    #[error("an FPX order number has 1 to 40 capital letters and digits")]
    OrderNumber,
    /// The amount is outside the limits of the model.
    #[error(transparent)]
    Limit(#[from] LimitBreach),
    /// The bank.
    #[error("a bank code has 1 to 10 capital letters and digits")]
    Bank,
    /// Nothing is left of the description.
    #[error("the description of a payment must not be empty")]
    Description,
    /// A request that was kept is not whole.
    #[error("the kept request is not whole: {0}")]
    NotWhole(MessageError),
}

/// AR or AE: the same twenty values but for the type. Kept as [`PaymentRequest::kept`], never built again: FPX finds a
/// payment only by the very values it got.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    values: Values,
    // Read once, so that a kept request cannot be half right.
    model: PaymentModel,
    amount: Sen,
    time: FpxTime,
}

impl PaymentRequest {
    /// Makes the AR. Names and descriptions lose what FPX does not take; a mail address that it does not take is left
    /// out.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn new(order: &PaymentOrder, limits: &Limits) -> Result<PaymentRequest, RequestError> {
        let has_shape = |text: &str, letters: &str| {
            text.strip_prefix(letters).is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let is_number = |text: &str| {
            (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        if !has_shape(&order.exchange_id, "EX") {
            return Err(RequestError::ExchangeId);
        }
        if !has_shape(&order.seller_id, "SE") {
            return Err(RequestError::SellerId);
        }
        if !is_number(&order.exchange_order_number) || !is_number(&order.seller_order_number) {
            return Err(RequestError::OrderNumber);
        }
        if !is_bank_code(&order.bank) {
            return Err(RequestError::Bank);
        }
        limits.check(order.model, order.amount)?;
        let description = clean_text(&order.description, 30, false);
        if description.is_empty() {
            return Err(RequestError::Description);
        }
        let amount = amount_text(order.amount).expect("an amount within the limits fits its field");
        let time = order.time.to_string();
        let name = clean_text(&order.buyer_name, 40, true);
        let mail = clean_mail_address(&order.buyer_mail, 50);
        let named = [
            ("fpx_buyerBankId", order.bank.as_str()),
            ("fpx_buyerEmail", &mail),
            ("fpx_buyerName", &name),
            ("fpx_msgToken", &limits.of(order.model).token),
            ("fpx_msgType", "AR"),
            ("fpx_productDesc", &description),
            ("fpx_sellerBankCode", &limits.seller_bank_code),
            ("fpx_sellerExId", &order.exchange_id),
            ("fpx_sellerExOrderNo", &order.exchange_order_number),
            ("fpx_sellerId", &order.seller_id),
            ("fpx_sellerOrderNo", &order.seller_order_number),
            ("fpx_sellerTxnTime", &time),
            ("fpx_txnAmount", &amount),
            ("fpx_txnCurrency", &limits.currency),
            ("fpx_version", &limits.version),
        ];
        PaymentRequest::of(Values::of(Layout::Request, &named)).map_err(RequestError::NotWhole)
    }

    fn of(values: Values) -> Result<PaymentRequest, MessageError> {
        values.check()?;
        let read = |name: &'static str| MessageError::Value(name);
        let model = Limits::embedded().model_of(values.get("fpx_msgToken")).ok_or_else(|| read("fpx_msgToken"))?;
        let amount = read_amount(values.get("fpx_txnAmount")).ok_or_else(|| read("fpx_txnAmount"))?;
        let time = FpxTime::read(values.get("fpx_sellerTxnTime")).ok_or_else(|| read("fpx_sellerTxnTime"))?;
        Ok(PaymentRequest { values, model, amount, time })
    }

    /// The AE for this payment: the same values, byte for byte, but for the type.
    pub fn enquiry(&self) -> PaymentRequest {
        let mut enquiry = self.clone();
        enquiry.values.set("fpx_msgType", "AE");
        enquiry
    }

    /// Whether it asks (AE) rather than pays (AR).
    pub fn is_enquiry(&self) -> bool {
        self.values.get("fpx_msgType") == "AE"
    }

    /// What is signed, and what is kept: the values, joined by `|`.
    pub fn kept(&self) -> String {
        self.values.source()
    }

    /// Reads [`PaymentRequest::kept`] back.
    ///
    /// # Errors
    /// [`RequestError::NotWhole`].
    pub fn from_kept(kept: &str) -> Result<PaymentRequest, RequestError> {
        let values: Vec<String> = kept.split('|').map(str::to_owned).collect();
        if values.len() != Layout::Request.fields().len() {
            return Err(RequestError::NotWhole(MessageError::NotAForm));
        }
        PaymentRequest::of(Values { layout: Layout::Request, values }).map_err(RequestError::NotWhole)
    }

    /// The request of a message that was proven, for the simulator.
    ///
    /// # Errors
    /// [`MessageError`]: not an AR or AE, or a value that cannot be read.
    pub fn from_verified(verified: &Verified) -> Result<PaymentRequest, MessageError> {
        PaymentRequest::of(verified.values_of(Layout::Request)?.clone())
    }

    /// The signed form.
    ///
    /// # Errors
    /// [`KeyFault`] when the key does not sign.
    pub fn signed(&self, key: &MerchantKey) -> Result<SignedForm, KeyFault> {
        self.values.signed(key)
    }

    /// Retail or corporate.
    pub const fn model(&self) -> PaymentModel {
        self.model
    }

    /// What is paid.
    pub const fn amount(&self) -> Sen {
        self.amount
    }

    /// When the attempt began.
    pub const fn time(&self) -> FpxTime {
        self.time
    }

    /// Any value by its field's name, `fpx_buyerBankId`; `None` for a name that is no field of a request.
    pub fn value(&self, name: &str) -> Option<&str> {
        Layout::Request.place(name).map(|place| self.values.values[place].as_str())
    }

    pub(super) fn get(&self, name: &'static str) -> &str {
        self.values.get(name)
    }
}

/// Without name and mail address.
impl fmt::Debug for PaymentOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentOrder({}, {}, RM {})", self.exchange_order_number, self.model, self.amount)
    }
}

/// Without name and mail address.
impl fmt::Debug for PaymentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, order) = (self.get("fpx_msgType"), self.get("fpx_sellerExOrderNo"));
        write!(f, "PaymentRequest({kind}, {order}, {}, RM {})", self.model, self.amount)
    }
}
