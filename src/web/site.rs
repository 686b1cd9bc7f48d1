//! What the pages work with.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::answer::Answer;
use super::form::Fields;
use super::pages::{Frame, render, word};
use crate::domain::Language;
use crate::fpx::bank_list::BankListCache;
use crate::fpx::message::Channel;
use crate::fpx::transport::Transport;
use crate::keys::ReceiptKey;
use crate::store::Store;
use crate::workflow::merchant::Merchant;
use crate::workflow::page_word::PageWords;
use crate::workflow::settle::{Counter, Incoming, Reply, settle};

/// What became of a message of FPX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It is kept, whatever it says, and everything that follows from it: for the payment with this exchange order number.
    Kept(String),
    /// It cannot be believed, or is about nothing here. Put aside.
    NotBelieved(String),
    /// Nothing could be kept: FPX must send it again.
    NotKept(String),
}

/// Hands a message of FPX over and waits until what follows from it is kept.
pub type Deliver = dyn Fn(Channel, Vec<u8>) -> Delivered + Send + Sync;

/// FPX, where it is set up.
pub struct FpxDesk {
    /// The office at FPX.
    pub merchant: Merchant,
    /// Which banks are open.
    pub banks: BankListCache,
    /// Where its messages go.
    pub deliver: Box<Deliver>,
}

impl FpxDesk {
    /// Opens the desk: one thread settles for all, and banks are asked for by the same way as payments.
    pub fn open(
        store: &Arc<Store>,
        merchant: Merchant,
        transport: Arc<dyn Transport>,
        issuer: &str,
        clock: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>,
    ) -> FpxDesk {
        let banks = BankListCache::new(transport, merchant.bank_list_settings());
        let (kept, own, issuer) = (store.clone(), merchant.clone(), issuer.to_owned());
        let counter = Counter::open(move |incoming| settle(&own.desk(&kept, &issuer), incoming, clock()));
        let store = store.clone();
        let deliver = move |channel, body| {
            let outcome = match counter.settle(Incoming { channel, body }) {
                Ok(outcome) => outcome,
                Err(error) => return Delivered::NotKept(error.to_string()),
            };
            match (outcome.reply(), outcome.payment().map(|number| store.payment(number))) {
                (Reply::Ok, Some(Ok(payment))) => Delivered::Kept(payment.exchange_order),
                // It is kept; the page can be found later.
                (Reply::Ok, _) => Delivered::Kept(String::new()),
                (Reply::Refuse, _) => Delivered::NotBelieved(format!("{outcome:?}")),
            }
        };
        FpxDesk { merchant, banks, deliver: Box::new(deliver) }
    }
}

/// Everything that the pages need.
pub struct Site {
    /// The database.
    pub store: Arc<Store>,
    /// Who shows the pages.
    pub issuer: String,
    /// FPX; nothing is paid where it is not set up.
    pub fpx: Option<FpxDesk>,
    /// What signs receipts and proves their codes.
    pub receipt_key: ReceiptKey,
    /// Words of addresses.
    pub words: PageWords,
    /// Now, in Malaysian time.
    pub clock: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>,
    /// Names under which this server is called; any name where there is none.
    pub hosts: Vec<String>,
}

impl Site {
    /// A page with one statement.
    pub(super) fn notice(&self, language: Language, status: u16, (heading, said): (&str, &str)) -> Answer {
        self.notice_with(language, status, (word(language, heading, &[]), word(language, said, &[])), None)
    }

    /// The same with words already chosen, and perhaps a link.
    pub(super) fn notice_with(
        &self,
        language: Language,
        status: u16,
        (heading, said): (String, String),
        link: Option<(String, String)>,
    ) -> Answer {
        let frame = Frame {
            language,
            issuer: &self.issuer,
            title: word(language, "notice_title", &[]),
            path: "",
            refresh: None,
        };
        let (link, link_name) = link.map_or((None, String::new()), |(link, name)| (Some(link), name));
        let tone = if status < 400 { "wait" } else { "bad" };
        let values = serde_json::json!({
            "tone": tone, "heading": heading, "said": said, "link": link, "link_name": link_name,
        });
        Answer::page(status, render("notice", &frame, values))
    }

    /// The database did not answer: nothing of it is said to a stranger.
    pub(super) fn closed(&self, language: Language, error: &dyn std::fmt::Display) -> Answer {
        tracing::error!(%error, "a page could not be made");
        self.notice(language, 503, ("closed", "closed_advice"))
    }

    /// No such page.
    pub(super) fn not_found(&self, language: Language) -> Answer {
        self.notice(language, 404, ("not_found", "not_found_advice"))
    }
}

/// The language that an address asks for, else that of the employer, else English.
pub(super) fn language(fields: &Fields, employer: Option<Language>) -> Language {
    match fields.get("lang") {
        "ms" => Language::Malay,
        "en" => Language::English,
        _ => employer.unwrap_or_default(),
    }
}
