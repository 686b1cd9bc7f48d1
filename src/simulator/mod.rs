//! FPX and the banks in a box, for tests, for the demonstration and for whoever connects a payroll system: no real money.
//!
//! [`Simulator`] is the core: it takes the forms that a merchant sends, decides or lets somebody decide, and says what
//! became of them by server, by browser and when asked. [`http`] puts pages and addresses before it. What the real FPX
//! does is imitated where it is known; what is not known is one choice in one place (`checks`).

mod admin;
mod answer;
mod calls;
mod checks;
mod decision;
mod direct;
mod faults;
pub mod folder;
mod form;
pub mod http;
mod inside;
mod keys;
mod pages;
mod settlement;

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, FixedOffset, NaiveTime};

use crate::domain::Sen;
use crate::fpx::limits::Limits;
use crate::fpx::message::Layout;
use crate::fpx::sign::{KeyFault, MerchantKey, PublicKey};
use crate::fpx::transport::{Endpoint, Transport, TransportError};
use crate::fpx::value::{FpxTime, read_amount};

pub use admin::{AdminError, Stage, TransactionView};
pub use decision::Decision;
pub use direct::{Deliver, Outgoing};
pub use faults::{CreditFault, EnquiryFault, Faults, MessageOrder, NAMES as FAULT_NAMES, NoSuchFault};
pub use keys::{Signer, SimulatorKeys};
pub use settlement::Mismatch;

use answer::{Said, Saying, answer};
use checks::{Look, first_fault};
use form::{Form, body};
use inside::{Inside, Key};

/// What FPX answers when it cannot.
const ERROR: &[u8] = b"ERROR";
/// The code of a payment that FPX does not know.
const NOT_FOUND: &str = "76";

/// Tells the time, in Malaysia.
pub type Clock = Box<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>;

/// A merchant as FPX has it on its books.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Its exchange id.
    pub exchange_id: String,
    /// Its sellers.
    pub seller_ids: Vec<String>,
    /// What proves its messages.
    pub key: PublicKey,
    /// Where direct messages go; nowhere when left out.
    pub direct_url: Option<String>,
    /// Where the browser comes back to.
    pub return_url: Option<String>,
}

/// What FPX demands beyond the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How far the merchant's clock may be from FPX's.
    pub time_difference: Duration,
    /// From when to when payments are taken; always when left out.
    pub operating_hours: Option<(NaiveTime, NaiveTime)>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { time_difference: Duration::hours(1), operating_hours: None }
    }
}

/// The bank in a box.
pub struct Simulator {
    clock: Clock,
    inside: Mutex<Inside>,
    /// Held while direct messages go out, so that whoever waits for them waits until they have.
    delivering: Mutex<()>,
}

/// What became of a form that pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// The browser goes on to the bank's page of this FPX transaction id.
    AtBank(String),
    /// FPX refuses; the browser goes back.
    Refused(Back),
}

/// The browser goes back to the merchant.
#[derive(Clone, PartialEq, Eq)]
pub struct Back {
    /// The code that it brings.
    pub code: String,
    /// The merchant's address; `None` where it has registered none, or nobody knows the merchant.
    pub url: Option<String>,
    /// The form it brings, an AC; empty where the browser does not come back.
    pub fields: Vec<(String, String)>,
}

impl Back {
    /// The form as a body; empty where the browser does not come back.
    pub fn body(&self) -> String {
        body(&self.fields)
    }
}

impl std::fmt::Debug for Back {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Back({}, {} fields)", self.code, self.fields.len())
    }
}

/// A payment from the form to the answers, in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The AC that the browser brings back; empty where it does not come back.
    pub indirect: String,
    /// The ACs that the server sends now, repeats included; those that are delayed come from [`Simulator::take_due`].
    pub direct: Vec<String>,
}

impl Simulator {
    /// With these keys, knowing these merchants.
    pub fn new(clock: Clock, keys: SimulatorKeys, merchants: Vec<Merchant>) -> Simulator {
        Simulator { clock, inside: Mutex::new(Inside::new(keys, merchants)), delivering: Mutex::new(()) }
    }

    /// Takes an AR from a browser.
    ///
    /// # Errors
    /// [`KeyFault`] when the keys do not sign.
    pub fn receive(&self, ar_body: &str) -> Result<Arrival, KeyFault> {
        // A body that is no form has no fields, which the first check finds.
        let form = Form::read(ar_body.as_bytes()).unwrap_or_default();
        let (mut inside, now) = self.at_work()?;
        let time = FpxTime::of(&now);
        let fault = first_fault(&Look { form: &form, inside: &inside, now: time });
        if let Some((code, false)) = fault {
            return Ok(Arrival::Refused(inside.back(&form, &Said::unnumbered(&form, code))?));
        }
        let key = inside.number(form, time);
        match fault {
            None => Ok(Arrival::AtBank(inside.transactions[&key].id.clone())),
            Some((code, _)) => Ok(Arrival::Refused(inside.end(&key, code, now)?)),
        }
    }

    /// Decides at the bank's page of an FPX transaction id: the browser goes back, the server sends its message.
    ///
    /// # Errors
    /// [`AdminError`]: no such payment, or its browser has gone back already.
    pub fn decide(&self, id: &str, decision: &Decision) -> Result<Back, AdminError> {
        let (mut inside, now) = self.at_work()?;
        let key = inside.ids.get(id).cloned().ok_or_else(|| AdminError::Unknown(id.to_owned()))?;
        if !inside.transactions[&key].at_bank {
            return Err(AdminError::NotThere(id.to_owned()));
        }
        let back = inside.end(&key, decision.code(), now)?;
        inside.approve_later(&key, now);
        Ok(back)
    }

    /// What happens to a payment that nobody decides: what was forced for the next one, else by the sen of its amount.
    ///
    /// # Errors
    /// [`AdminError`], see [`Simulator::decide`].
    pub fn decide_alone(&self, id: &str) -> Result<Back, AdminError> {
        let decision = {
            let (mut inside, _) = self.at_work()?;
            let key = inside.ids.get(id).ok_or_else(|| AdminError::Unknown(id.to_owned()))?;
            let form = &inside.transactions[key].form;
            let amount = read_amount(form.get("fpx_txnAmount")).unwrap_or(Sen::ZERO);
            let by_sen = Decision::by_sen(amount, form.get("fpx_msgToken"));
            inside.forced.take().unwrap_or(by_sen)
        };
        self.decide(id, &decision)
    }

    /// A whole payment in this process: the AR goes in, the answers come out.
    ///
    /// # Panics
    /// When the simulator's own keys do not sign; it is for tests and demonstrations.
    pub fn pay(&self, ar_body: &str, decision: Decision) -> Paid {
        let back = match self.receive(ar_body).expect("the simulator signs") {
            Arrival::Refused(back) => back,
            Arrival::AtBank(id) => self.decide(&id, &decision).expect("the payment has just come"),
        };
        let order = Form::read(ar_body.as_bytes()).unwrap_or_default();
        let direct = self.take_due_of(Some(order.get("fpx_sellerExOrderNo")));
        Paid { indirect: back.body(), direct: direct.into_iter().map(|message| message.body).collect() }
    }

    /// Its clock.
    pub fn now(&self) -> DateTime<FixedOffset> {
        (self.clock)() + self.locked().shift
    }

    fn locked(&self) -> MutexGuard<'_, Inside> {
        // Whoever panicked in here left a simulator, not a ledger.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The inside, after what was due by now has happened.
    fn at_work(&self) -> Result<(MutexGuard<'_, Inside>, DateTime<FixedOffset>), KeyFault> {
        let mut inside = self.locked();
        let now = (self.clock)() + inside.shift;
        let due: Vec<Key> = inside.late.extract_if(.., |(at, _)| *at <= now).map(|(_, key)| key).collect();
        for key in due {
            inside.turn(&key, "00", now)?;
        }
        Ok((inside, now))
    }

    /// The reply to AE: status or body, and how late.
    fn enquired(&self, ae_body: &str) -> Result<Reply, KeyFault> {
        let (mut inside, _) = self.at_work()?;
        let form = Form::read(ae_body.as_bytes()).unwrap_or_default();
        let merchant = inside.merchant(form.get("fpx_sellerExId"));
        let believed = merchant.is_some_and(|merchant| {
            form.fault(Layout::Request).is_none()
                && form.get("fpx_msgType") == "AE"
                && form.is_signed_by(Layout::Request, &merchant.key)
        });
        let fault = inside.faults.enquiry;
        match fault {
            _ if !believed => return Ok(Reply::now(ERROR.to_vec())),
            EnquiryFault::Error => return Ok(Reply::now(ERROR.to_vec())),
            EnquiryFault::Empty => return Ok(Reply::now(Vec::new())),
            EnquiryFault::Status500 => return Ok(Reply { status: 500, ..Reply::now(Vec::new()) }),
            EnquiryFault::None | EnquiryFault::Slow(_) | EnquiryFault::LeadingNewline => {}
        }
        let key = Inside::key_of(&form);
        let hidden = inside.faults.not_found_first;
        let known = inside.transactions.get_mut(&key).filter(|one| one.form.says_the_same(&form));
        let found = known.is_some_and(|one| {
            one.asked = one.asked.saturating_add(1);
            one.asked > hidden
        });
        let known = inside.transactions.get(&key).filter(|_| found).map(Said::of);
        let said = known.unwrap_or_else(|| Said::unnumbered(&form, NOT_FOUND));
        let fields = answer(&mut inside, &said, Saying::Asked)?;
        let newline = if fault == EnquiryFault::LeadingNewline { "\r\n" } else { "" };
        let late = if let EnquiryFault::Slow(late) = fault { late } else { Duration::zero() };
        Ok(Reply { late, ..Reply::now(format!("{newline}{}", body(&fields)).into_bytes()) })
    }

    /// The reply to BE.
    fn banks(&self, be_body: &str) -> Result<Reply, KeyFault> {
        let (mut inside, _) = self.at_work()?;
        let form = Form::read(be_body.as_bytes()).unwrap_or_default();
        let model = Limits::embedded().model_of(form.get("fpx_msgToken"));
        let merchant = inside.merchant(form.get("fpx_sellerExId"));
        let believed = merchant.is_some_and(|merchant| {
            form.fault(Layout::BankListRequest).is_none()
                && form.get("fpx_msgType") == "BE"
                && form.is_signed_by(Layout::BankListRequest, &merchant.key)
        });
        let Some(model) = model.filter(|_| believed) else { return Ok(Reply::now(ERROR.to_vec())) };
        let list = inside.bank_list(model);
        let values = Layout::BankList.names().map(|(name, _)| {
            let value = match name {
                "fpx_bankList" => list.as_str(),
                "fpx_msgType" => "BC",
                echoed => form.get(echoed),
            };
            (name, value.to_owned())
        });
        let values: Vec<_> = values.collect();
        let dress = inside.next_dress();
        let stranger = if inside.faults.bank_list_signature { Some(MerchantKey::generate()?) } else { None };
        let fields = form::signed(values, stranger.as_ref().unwrap_or_else(|| inside.signing_key()), dress)?;
        Ok(Reply::now(body(&fields).into_bytes()))
    }

    /// What a question is answered with.
    ///
    /// # Errors
    /// [`KeyFault`] when the keys do not sign.
    pub(crate) fn reply(&self, endpoint: Endpoint, body: &str) -> Result<Reply, KeyFault> {
        match endpoint {
            Endpoint::Enquiry => self.enquired(body),
            Endpoint::BankList => self.banks(body),
        }
    }
}

/// The reply to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) late: Duration,
}

impl Reply {
    fn now(body: Vec<u8>) -> Reply {
        Reply { status: 200, body, late: Duration::zero() }
    }
}

/// In the same process. A reply that is late is none: nobody waits here.
impl Transport for Simulator {
    fn ask(&self, endpoint: Endpoint, body: &str) -> Result<Vec<u8>, TransportError> {
        let reply = self.reply(endpoint, body).map_err(|fault| TransportError::Refused(fault.to_string()))?;
        match reply {
            Reply { late, .. } if late > Duration::zero() => Err(TransportError::Timeout),
            Reply { status: 200, body, .. } => Ok(body),
            Reply { status, .. } => Err(TransportError::Status(status)),
        }
    }
}
