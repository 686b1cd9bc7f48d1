//! The messages: fields in the order of their checksum, forms out, bodies in.
//!
//! A checksum signs the values of fixed fields, joined by `|`. No value may hold a pipe, so the joined text tells the
//! values apart, and it is also the form in which a request is kept.

mod answer;
mod bank_list;
mod form;
mod request;

use std::fmt;

use chrono::{DateTime, FixedOffset};
use sha2::{Digest, Sha256};

pub use answer::{BankAnswer, Channel, CreditStanding};
pub use bank_list::{BankList, BankListRequest, BankStatus};
pub use form::{LARGEST_BODY, decode as decode_form, encode as encode_form};
pub use request::{PaymentOrder, PaymentRequest, RequestError};

use super::sign::{FpxCertificates, KeyFault, MerchantKey, PublicKey, SignatureError};

/// The field that carries the signature.
const CHECKSUM: &str = "fpx_checkSum";
/// The most hexadecimal digits of a checksum: a key of 2048 bits.
const CHECKSUM_PLACES: usize = 512;

/// A field and the most places (characters) that its value may have.
#[derive(Debug)]
struct Field {
    name: &'static str,
    most: usize,
}

macro_rules! fields {
    ($($name:literal $most:literal),+ $(,)?) => {
        &[$(Field { name: concat!("fpx_", $name), most: $most }),+]
    };
}

/// Which fields a message has. The order is that of the checksum, not that of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// AR and AE: to pay, to ask.
    Request,
    /// AC: the answer to both, by server and by browser.
    Answer,
    /// BE: to ask for the banks.
    BankListRequest,
    /// BC: the banks.
    BankList,
}

const REQUEST: &[Field] = fields![
    "buyerAccNo" 20, "buyerBankBranch" 10, "buyerBankId" 10, "buyerEmail" 50, "buyerIban" 35, "buyerId" 20,
    "buyerName" 40, "makerName" 40, "msgToken" 2, "msgType" 2, "productDesc" 30, "sellerBankCode" 2,
    "sellerExId" 10, "sellerExOrderNo" 40, "sellerId" 10, "sellerOrderNo" 40, "sellerTxnTime" 14, "txnAmount" 16,
    "txnCurrency" 3, "version" 3,
];

// What a bank writes about itself and its customer is given more room than is prescribed: a signed approval must not be
// lost for a long name. A code may have blanks around it.
const ANSWER: &[Field] = fields![
    "buyerBankBranch" 200, "buyerBankId" 10, "buyerIban" 100, "buyerId" 100, "buyerName" 200, "creditAuthCode" 10,
    "creditAuthNo" 40, "debitAuthCode" 10, "debitAuthNo" 40, "fpxTxnId" 40, "fpxTxnTime" 14, "makerName" 200,
    "msgToken" 2, "msgType" 2, "sellerExId" 10, "sellerExOrderNo" 40, "sellerId" 10, "sellerOrderNo" 40,
    "sellerTxnTime" 14, "txnAmount" 16, "txnCurrency" 3,
];

const BANK_LIST_REQUEST: &[Field] = fields!["msgToken" 2, "msgType" 2, "sellerExId" 10, "version" 3];

const BANK_LIST: &[Field] = fields!["bankList" 12_000, "msgToken" 2, "msgType" 2, "sellerExId" 10];

impl Layout {
    fn fields(self) -> &'static [Field] {
        match self {
            Layout::Request => REQUEST,
            Layout::Answer => ANSWER,
            Layout::BankListRequest => BANK_LIST_REQUEST,
            Layout::BankList => BANK_LIST,
        }
    }

    /// Its fields in the order of the checksum, each with the most places that its value may have.
    pub fn names(self) -> impl Iterator<Item = (&'static str, usize)> {
        self.fields().iter().map(|field| (field.name, field.most))
    }

    fn types(self) -> &'static [&'static str] {
        match self {
            Layout::Request => &["AR", "AE"],
            Layout::Answer => &["AC"],
            Layout::BankListRequest => &["BE"],
            Layout::BankList => &["BC"],
        }
    }

    fn place(self, name: &str) -> Option<usize> {
        self.fields().iter().position(|field| field.name == name)
    }
}

/// Why a body is no message. Values are never repeated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The body is empty, or the word `ERROR`: FPX did not answer. It says nothing about the payment.
    #[error("FPX gave no answer")]
    NoAnswer,
    /// More bytes or fields than any message has.
    #[error("the message is too large")]
    TooLarge,
    /// Not `name=value&…` with proper percent codes.
    #[error("the message is not a form")]
    NotAForm,
    /// A field stands twice.
    #[error("the field {0} stands twice in the message")]
    Repeated(String),
    /// A field is not there; an empty one would be.
    #[error("the field {0} is missing from the message")]
    Missing(&'static str),
    /// A value is longer than its field.
    #[error("the value of {0} is too long")]
    TooLong(&'static str),
    /// A value holds a pipe, so that the checksum could not tell its neighbours apart.
    #[error("the value of {0} holds a \"|\"")]
    Pipe(&'static str),
    /// A message of another type.
    #[error("the message is of another type than expected")]
    OtherType,
    /// A signed value that cannot be read.
    #[error("the value of {0} cannot be read")]
    Value(&'static str),
}

/// A message cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// FPX did not sign it.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// Values of one message, in the order of its checksum.
#[derive(Clone, PartialEq, Eq)]
struct Values {
    layout: Layout,
    values: Vec<String>,
}

impl Values {
    /// Values by name; a field that is not named stays empty.
    fn of(layout: Layout, named: &[(&'static str, &str)]) -> Values {
        let mut values = vec![String::new(); layout.fields().len()];
        for (name, value) in named {
            let place = layout.place(name).unwrap_or_else(|| panic!("{name} is no field of {layout:?}"));
            (*value).clone_into(&mut values[place]);
        }
        Values { layout, values }
    }

    fn get(&self, name: &'static str) -> &str {
        let place = self.layout.place(name).unwrap_or_else(|| panic!("{name} is no field of {:?}", self.layout));
        &self.values[place]
    }

    fn set(&mut self, name: &'static str, value: &str) {
        let place = self.layout.place(name).unwrap_or_else(|| panic!("{name} is no field of {:?}", self.layout));
        value.clone_into(&mut self.values[place]);
    }

    /// What is signed.
    fn source(&self) -> String {
        self.values.join("|")
    }

    fn check(&self) -> Result<(), MessageError> {
        for (field, value) in self.layout.fields().iter().zip(&self.values) {
            if value.chars().count() > field.most {
                return Err(MessageError::TooLong(field.name));
            }
            if value.contains('|') {
                return Err(MessageError::Pipe(field.name));
            }
        }
        let known = self.layout.types().contains(&self.get("fpx_msgType"));
        if known { Ok(()) } else { Err(MessageError::OtherType) }
    }

    fn signed(&self, key: &MerchantKey) -> Result<SignedForm, KeyFault> {
        let checksum = key.sign(self.source().as_bytes())?;
        let names = self.layout.fields().iter().map(|field| field.name);
        let mut fields: Vec<_> = names.zip(self.values.iter().cloned()).collect();
        fields.push((CHECKSUM, checksum));
        Ok(SignedForm { fields })
    }
}

/// A signed message, ready to go out: hidden fields of a page, or a body.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedForm {
    fields: Vec<(&'static str, String)>,
}

impl SignedForm {
    /// Names and values for a page; whoever writes them into HTML escapes them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body of a POST.
    pub fn body(&self) -> String {
        form::encode(self.fields())
    }
}

impl fmt::Debug for SignedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedForm({} fields)", self.fields.len())
    }
}

/// A message as it came, taken apart and not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    values: Values,
    checksum: String,
}

impl Received {
    /// Takes a body apart. Fields that the layout does not know are left aside: they are not signed.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn read(layout: Layout, body: &[u8]) -> Result<Received, MessageError> {
        let mut found: Vec<Option<String>> = vec![None; layout.fields().len()];
        let mut checksum = None;
        let mut others: Vec<String> = Vec::new();
        for (name, value) in form::decode(body)? {
            let slot = match layout.place(&name) {
                Some(place) => &mut found[place],
                None if name == CHECKSUM => &mut checksum,
                None if others.contains(&name) => return Err(MessageError::Repeated("outside the layout".to_owned())),
                None => {
                    others.push(name);
                    continue;
                }
            };
            if slot.replace(value).is_some() {
                return Err(MessageError::Repeated(name));
            }
        }
        let missing = layout.fields().iter().zip(&found).find(|(_, value)| value.is_none());
        if let Some((field, _)) = missing {
            return Err(MessageError::Missing(field.name));
        }
        let checksum = checksum.ok_or(MessageError::Missing(CHECKSUM))?;
        if checksum.len() > CHECKSUM_PLACES {
            return Err(MessageError::TooLong(CHECKSUM));
        }
        let values = Values { layout, values: found.into_iter().flatten().collect() };
        values.check()?;
        Ok(Received { values, checksum })
    }

    /// What is signed: the values, joined by `|`.
    pub fn source(&self) -> String {
        self.values.source()
    }

    /// SHA-256 of what is signed: the same for every repeat of a message, whatever the order of its fields.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.source().as_bytes()).into()
    }

    /// The order number it names, to file it by even when it is not believed; empty in a message about banks.
    pub fn exchange_order_number(&self) -> &str {
        match self.values.layout {
            Layout::Request | Layout::Answer => self.values.get("fpx_sellerExOrderNo"),
            Layout::BankListRequest | Layout::BankList => "",
        }
    }

    /// Proves that FPX signed it.
    ///
    /// # Errors
    /// [`SignatureError`], which names a certificate that is out of its days.
    pub fn verify(
        self,
        certificates: &FpxCertificates,
        now: DateTime<FixedOffset>,
    ) -> Result<Verified, SignatureError> {
        let certificate = certificates.verify(&self.sources(), &self.checksum, now)?;
        Ok(Verified { values: self.values, certificate: Some(certificate) })
    }

    /// Proves that the holder of one key signed it. For the simulator, which knows its merchants by their keys.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_with(self, key: &PublicKey) -> Result<Verified, SignatureError> {
        key.verify(&self.sources(), &self.checksum)?;
        Ok(Verified { values: self.values, certificate: None })
    }

    /// The bytes that may have been signed: FPX signs text in its platform's coding, of which only ASCII has been seen.
    fn sources(&self) -> Vec<Vec<u8>> {
        let text = self.source();
        let latin: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        let ascii = text.is_ascii();
        std::iter::once(text.into_bytes()).chain(latin.filter(|_| !ascii)).collect()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({:?}, order {:?})", self.values.layout, self.exchange_order_number())
    }
}

/// A message whose signature is proven. Only this becomes an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    values: Values,
    certificate: Option<String>,
}

impl Verified {
    /// Serial number of the certificate that proved it; `None` when it was a bare key.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The values of a layout, or another type of message.
    fn values_of(&self, layout: Layout) -> Result<&Values, MessageError> {
        if self.values.layout == layout { Ok(&self.values) } else { Err(MessageError::OtherType) }
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?}, certificate {:?})", self.values.layout, self.certificate)
    }
}

/// Reads an AC, from the server, the browser or as the reply to AE: body, signature, values.
///
/// # Errors
/// [`AnswerError`]. [`MessageError::NoAnswer`] says nothing about the payment.
pub fn parse(
    body: &[u8],
    certificates: &FpxCertificates,
    now: DateTime<FixedOffset>,
) -> Result<BankAnswer, AnswerError> {
    let verified = Received::read(Layout::Answer, body)?.verify(certificates, now)?;
    Ok(BankAnswer::from_verified(&verified)?)
}

/// Reads a BC: body, signature, banks.
///
/// # Errors
/// [`AnswerError`].
pub fn parse_bank_list(
    body: &[u8],
    certificates: &FpxCertificates,
    now: DateTime<FixedOffset>,
) -> Result<BankList, AnswerError> {
    let verified = Received::read(Layout::BankList, body)?.verify(certificates, now)?;
    Ok(BankList::from_verified(&verified)?)
}

#[cfg(test)]
mod tests;
