//! What must go out after a commit: official receipts are printed and kept; mails are written as `.eml` files, and sent
//! where a mail server is set.
//!
//! A mail goes out at least once: it is kept, sent, put away, and only then done. It may arrive twice when the program or
//! the line ends between the sending and the noting; both copies have one Message-ID.

mod answers;
mod parcel;
mod post;

use std::path::Path;

use chrono::{DateTime, Duration, FixedOffset};

use self::parcel::{LIMITS, parcels};
use self::post::{Post, REFUSED, SENT, forget, keep, put_away};
use super::inbox::take::ANSWER_MAIL;
use super::page_word::PageWords;
use super::payment_page::PaymentPage;
use super::receipt::{print_receipt, receipt};
use crate::domain::{Language, PaymentState};
use crate::keys::ReceiptKey;
use crate::notify::{Envelope, MailAddress, MailServer, PaymentMail, SendFault, payment_mail};
use crate::store::books::OutboxRecord;
use crate::store::outbox::OutboxPart;
use crate::store::{Store, StoreError};

/// What could not go out is tried again after this, doubled each time up to a day.
const AGAIN: Duration = Duration::minutes(1);
/// A mail about a fault waits until FPX has confirmed it.
const CONFIRMED: Duration = Duration::minutes(5);
/// Who is sending a mail is left alone for so long.
const CLAIMED: Duration = Duration::minutes(30);
/// The most sentences about one run.
const MOST_SENTENCES: usize = 20;

/// Who sends, and where to.
pub struct Outbox<'a> {
    /// The database.
    pub store: &'a Store,
    /// What signs receipts.
    pub key: &'a ReceiptKey,
    /// Who issues.
    pub issuer: &'a str,
    /// From whom mails come; none are written without.
    pub from: Option<&'a MailAddress>,
    /// To whom mails are handed; without, they are left in the folder for somebody else to send.
    pub server: Option<&'a MailServer>,
    /// Where mails are written to.
    pub folder: &'a Path,
    /// Words of addresses.
    pub words: &'a PageWords,
    /// The address of the web server, such as `https://pay.example.my`.
    pub public_url: Option<&'a str>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Papers printed, and mails sent or written; of a mail about many answers, every answer.
    pub done: usize,
    /// Not needed any more, or nobody to write to.
    pub skipped: usize,
    /// To be tried again.
    pub failed: usize,
    /// Refused for good, or tried too often.
    pub given_up: usize,
    /// What went wrong, in sentences without addresses.
    pub faults: Vec<String>,
}

/// A composed mail.
struct Composed {
    name: String,
    to: MailAddress,
    bytes: Vec<u8>,
}

/// What can be made of entries.
enum Made {
    Mail(Composed),
    Skipped(&'static str, Option<String>),
    Later(Duration, String),
}

/// What became of entries.
enum Done {
    Sent,
    Skipped(&'static str),
    Later(Duration, String),
    GivenUp(String),
    /// The server cannot be used, and another mail has shown it: this one was not tried.
    NotTried,
    /// Somebody else is at it.
    Elsewhere,
}

impl Outbox<'_> {
    /// Sends what is due, the oldest first; papers go before mails, which carry them.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be known what is due, or not be noted what became of it.
    pub fn run(&self, now: DateTime<FixedOffset>) -> Result<Sent, StoreError> {
        let mut sent = Sent::default();
        for record in self.store.outbox_due_of(OutboxPart::Papers, now, LIMITS.most_in_a_run)? {
            let printed = match record.kind.as_str() {
                "receipt" => self.paper(&record.subject, now).map(|_| Done::Sent),
                other => Err(format!("this program does not know \"{other}\"; use the one that wrote it")),
            };
            let done = printed.unwrap_or_else(|reason| Done::Later(backed_off(&record), reason));
            self.note(&[record], done, now, &mut sent)?;
        }
        let mut post = Post::new(self.server);
        for parcel in parcels(self.store.outbox_due_of(OutboxPart::Mails, now, LIMITS.most_in_a_run)?, &LIMITS) {
            self.mail(&parcel, &mut post, now, &mut sent)?;
        }
        Ok(sent)
    }

    /// One mail, and what became of it.
    fn mail(
        &self,
        entries: &[OutboxRecord],
        post: &mut Post<'_>,
        now: DateTime<FixedOffset>,
        sent: &mut Sent,
    ) -> Result<(), StoreError> {
        if post.is_down() {
            return self.note(entries, Done::NotTried, now, sent);
        }
        let made = match entries {
            [one] if one.kind == ANSWER_MAIL => self.answer(one, now),
            [one] => self.about_payment(one, now),
            many => self.answers(many, now),
        };
        let done = match made {
            Ok(Made::Mail(mail)) => self.hand_over(entries, mail, post, now)?,
            Ok(Made::Later(wait, reason)) => Done::Later(wait, reason),
            Ok(Made::Skipped(why, name)) => {
                if let Some(Err(error)) = name.map(|name| forget(self.folder, &name)) {
                    tracing::warn!(%error, "a mail that is not needed any more cannot be removed");
                }
                Done::Skipped(why)
            }
            // One that cannot be written about must not hold back the others.
            Err(_) if entries.len() > 1 => {
                return entries.iter().try_for_each(|one| self.mail(std::slice::from_ref(one), post, now, sent));
            }
            Err(reason) => Done::Later(backed_off(&entries[0]), reason),
        };
        self.note(entries, done, now, sent)
    }

    /// Keeps a mail and sends it.
    fn hand_over(
        &self,
        entries: &[OutboxRecord],
        mail: Composed,
        post: &mut Post<'_>,
        now: DateTime<FixedOffset>,
    ) -> Result<Done, StoreError> {
        let Composed { name, to, bytes } = mail;
        let later = |reason: String| Done::Later(backed_off(&entries[0]), reason);
        let bytes = match keep(self.folder, &name, bytes) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(later(format!("{} cannot be written: {error}", self.folder.join(name).display()))),
        };
        let Some(from) = self.from.filter(|_| post.sends()) else { return Ok(Done::Sent) };
        let mut group = self.store.begin_group()?;
        if !group.outbox_claim(entries, now + CLAIMED)? {
            return Ok(Done::Elsewhere);
        }
        group.commit()?;
        let last = entries.iter().any(|entry| entry.attempts + 1 >= LIMITS.most_attempts);
        let (done, place) = match post.send(from, &to, &bytes) {
            Ok(()) => (Done::Sent, SENT),
            Err(fault @ SendFault::Refused(_)) => (Done::GivenUp(fault.to_string()), REFUSED),
            Err(fault) if last => (Done::GivenUp(fault.to_string()), REFUSED),
            Err(fault) => return Ok(later(fault.to_string())),
        };
        // Sent is sent: where the file lies must not send it again.
        if let Err(error) = put_away(self.folder, &name, place) {
            tracing::warn!(%error, "a mail cannot be put away");
        }
        Ok(done)
    }

    fn note(
        &self,
        entries: &[OutboxRecord],
        done: Done,
        now: DateTime<FixedOffset>,
        sent: &mut Sent,
    ) -> Result<(), StoreError> {
        let count = match done {
            Done::Sent => &mut sent.done,
            Done::Skipped(_) => &mut sent.skipped,
            Done::Later(..) | Done::NotTried => &mut sent.failed,
            Done::GivenUp(_) => &mut sent.given_up,
            Done::Elsewhere => return Ok(()),
        };
        *count += entries.len();
        if matches!(done, Done::NotTried) {
            return Ok(());
        }
        if let Done::Later(_, reason) | Done::GivenUp(reason) = &done {
            let more = if entries.len() > 1 { format!(" and {} more", entries.len() - 1) } else { String::new() };
            let said = format!("{}{more}: {reason}", about(&entries[0]));
            tracing::warn!("{said}");
            if sent.faults.len() < MOST_SENTENCES {
                sent.faults.push(said);
            }
        }
        let mut group = self.store.begin_group()?;
        for entry in entries {
            match &done {
                Done::Later(wait, reason) => group.outbox_again(entry.id, now + *wait, reason)?,
                Done::GivenUp(reason) => group.outbox_given_up(entry.id, now, reason)?,
                Done::Skipped(why) => {
                    tracing::info!(entry = entry.id, kind = entry.kind, why, "nothing goes out");
                    group.outbox_done(entry.id, now)?;
                }
                Done::Sent | Done::NotTried | Done::Elsewhere => group.outbox_done(entry.id, now)?,
            }
        }
        group.commit()
    }

    fn paper(&self, number: &str, now: DateTime<FixedOffset>) -> Result<Vec<u8>, String> {
        let found = receipt(self.store, number).map_err(|error| error.to_string())?;
        print_receipt(self.store, self.key, &found.frozen, now).map_err(|error| error.to_string())
    }

    fn about_payment(&self, record: &OutboxRecord, now: DateTime<FixedOffset>) -> Result<Made, String> {
        let said = |error: StoreError| error.to_string();
        let name = format!("{:08}-{}-{}.eml", record.id, record.subject, record.kind);
        let skipped = |why| Ok(Made::Skipped(why, Some(name.clone())));
        let payment = match self.store.payment(&record.subject) {
            Ok(payment) => payment,
            Err(StoreError::NotFound(_)) => return Ok(Made::Skipped("no payment over FPX", None)),
            Err(error) => return Err(error.to_string()),
        };
        let state = payment.state;
        let still = match record.kind.as_str() {
            "mail-paid" | "mail-refunded" => state == PaymentState::Paid,
            "mail-checking" => payment.confirming,
            "mail-pending" => matches!(state, PaymentState::PendingBank | PaymentState::PendingAuthoriser),
            "mail-authoriser" => state == PaymentState::PendingAuthoriser,
            _ => matches!(state, PaymentState::Failed | PaymentState::Abandoned),
        };
        if !still {
            return skipped("the payment has moved on");
        }
        if payment.confirming && record.kind != "mail-checking" {
            return Ok(Made::Later(CONFIRMED, "the fault is being confirmed".to_owned()));
        }
        let employer = self.store.employer(&payment.employer_code).map_err(said)?;
        let (address, language) =
            employer.map_or((String::new(), Language::default()), |one| (one.notice_address, one.language));
        if address.is_empty() {
            return skipped("the employer has no notice address");
        }
        let Some(from) = self.from else { return skipped("mail_from is not set") };
        let to: MailAddress = address.parse().map_err(|error| format!("{error}"))?;
        let page = PaymentPage::of(self.store, payment).map_err(said)?;
        let mut receipts = Vec::with_capacity(page.receipts.len());
        for receipt in &page.receipts {
            receipts.push((receipt.number.clone(), self.paper(&receipt.number, now)?));
        }
        let envelope = Envelope { from: from.clone(), to: to.clone(), at: now, language };
        let mail = self.words_of(record, &page, receipts, language, now);
        let bytes = payment_mail(&mail, &envelope).map_err(|error| error.to_string())?;
        Ok(Made::Mail(Composed { name, to, bytes }))
    }

    fn words_of(
        &self,
        record: &OutboxRecord,
        page: &PaymentPage,
        receipts: Vec<(String, Vec<u8>)>,
        language: Language,
        now: DateTime<FixedOffset>,
    ) -> PaymentMail {
        let payment = &page.payment;
        let address =
            |base: &str| format!("{}/payment/{}", base.trim_end_matches('/'), self.words.of(&payment.exchange_order));
        PaymentMail {
            kind: record.kind.clone(),
            issuer: self.issuer.to_owned(),
            number: payment.number.clone(),
            standing: page.standing(),
            said: page.advice(language, now),
            amount: payment.amount,
            at: page.moment(),
            order: payment.seller_order.clone(),
            transaction: payment.transaction_id.clone(),
            bank: page.bank().to_owned(),
            employer_code: payment.employer_code.clone(),
            items: page.items.iter().map(|item| (item.reference.clone(), item.amount)).collect(),
            page: self.public_url.map(address),
            receipts,
        }
    }
}

/// What an entry is about, without the address that the subject of an answer names.
fn about(entry: &OutboxRecord) -> String {
    let subject = entry.subject.split(' ').next().unwrap_or_default();
    format!("{} {} (entry {})", entry.kind, subject, entry.id)
}

fn backed_off(record: &OutboxRecord) -> Duration {
    let doubled = 1_i32 << record.attempts.clamp(0, 10);
    (AGAIN * doubled).min(Duration::days(1))
}
