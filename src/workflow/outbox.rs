//! What must go out after a commit: official receipts are printed and kept, mails are written as `.eml` files.

use std::fs::{OpenOptions, create_dir_all, rename};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Duration, FixedOffset};

use super::inbox::answer::printable;
use super::inbox::take::ANSWER_MAIL;
use super::page_word::PageWords;
use super::payment_page::PaymentPage;
use super::receipt::{print_receipt, receipt};
use crate::domain::identity::mask_numbers;
use crate::domain::{Language, PaymentState};
use crate::keys::ReceiptKey;
use crate::notify::{AnswerMail, Envelope, MailAddress, PaymentMail, answer_mail, payment_mail};
use crate::store::books::OutboxRecord;
use crate::store::{Store, StoreError};

/// The most of one run.
const MOST_IN_A_RUN: u32 = 500;
/// What could not go out is tried again after this, doubled each time up to a day.
const AGAIN: Duration = Duration::minutes(1);
/// A mail about a fault waits until FPX has confirmed it.
const CONFIRMED: Duration = Duration::minutes(5);

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
    /// Where mails are written to.
    pub folder: &'a Path,
    /// Words of addresses.
    pub words: &'a PageWords,
    /// The address of the web server, such as `https://pay.example.my`.
    pub public_url: Option<&'a str>,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Papers printed and mails written.
    pub done: usize,
    /// Not needed any more, or nobody to write to.
    pub skipped: usize,
    /// To be tried again.
    pub failed: usize,
}

/// What became of one.
enum Done {
    Sent,
    Skipped(&'static str),
    Later(Duration, String),
}

impl Outbox<'_> {
    /// Sends what is due, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be known what is due, or not be noted what became of it.
    pub fn run(&self, now: DateTime<FixedOffset>) -> Result<Sent, StoreError> {
        let mut sent = Sent::default();
        for record in self.store.outbox_due(now, MOST_IN_A_RUN)? {
            let done = self.send(&record, now).unwrap_or_else(|reason| Done::Later(backed_off(&record), reason));
            let mut group = self.store.begin_group()?;
            match done {
                Done::Sent => {
                    group.outbox_done(record.id, now)?;
                    sent.done += 1;
                }
                Done::Skipped(why) => {
                    tracing::info!(kind = record.kind, subject = record.subject, why, "nothing goes out");
                    group.outbox_done(record.id, now)?;
                    sent.skipped += 1;
                }
                Done::Later(wait, reason) => {
                    tracing::warn!(kind = record.kind, subject = record.subject, reason, "not sent yet");
                    group.outbox_again(record.id, now + wait, &reason)?;
                    sent.failed += 1;
                }
            }
            group.commit()?;
        }
        Ok(sent)
    }

    fn send(&self, record: &OutboxRecord, now: DateTime<FixedOffset>) -> Result<Done, String> {
        match record.kind.as_str() {
            "receipt" => self.paper(&record.subject, now).map(|_| Done::Sent),
            ANSWER_MAIL => self.answer(record, now),
            kind if kind.starts_with("mail-") => self.mail(record, now),
            other => Err(format!("this program does not know \"{other}\"; use the one that wrote it")),
        }
    }

    fn paper(&self, number: &str, now: DateTime<FixedOffset>) -> Result<Vec<u8>, String> {
        let found = receipt(self.store, number).map_err(|error| error.to_string())?;
        print_receipt(self.store, self.key, &found.frozen, now).map_err(|error| error.to_string())
    }

    fn mail(&self, record: &OutboxRecord, now: DateTime<FixedOffset>) -> Result<Done, String> {
        let said = |error: StoreError| error.to_string();
        let payment = match self.store.payment(&record.subject) {
            Ok(payment) => payment,
            Err(StoreError::NotFound(_)) => return Ok(Done::Skipped("no payment over FPX")),
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
            return Ok(Done::Skipped("the payment has moved on"));
        }
        if payment.confirming && record.kind != "mail-checking" {
            return Ok(Done::Later(CONFIRMED, "the fault is being confirmed".to_owned()));
        }
        let employer = self.store.employer(&payment.employer_code).map_err(said)?;
        let (address, language) =
            employer.map_or((String::new(), Language::default()), |one| (one.notice_address, one.language));
        if address.is_empty() {
            return Ok(Done::Skipped("the employer has no notice address"));
        }
        let Some(from) = self.from else { return Ok(Done::Skipped("mail_from is not set")) };
        let to: MailAddress = address.parse().map_err(|error| format!("{error}"))?;
        let page = PaymentPage::of(self.store, payment).map_err(said)?;
        let mut receipts = Vec::with_capacity(page.receipts.len());
        for receipt in &page.receipts {
            receipts.push((receipt.number.clone(), self.paper(&receipt.number, now)?));
        }
        let envelope = Envelope { from: from.clone(), to, at: now, language };
        let mail = self.words_of(record, &page, receipts, language, now);
        let bytes = payment_mail(&mail, &envelope).map_err(|error| error.to_string())?;
        self.keep(&format!("{:08}-{}-{}.eml", record.id, record.subject, record.kind), &bytes)?;
        Ok(Done::Sent)
    }

    /// A dropped file needs somebody.
    fn answer(&self, record: &OutboxRecord, now: DateTime<FixedOffset>) -> Result<Done, String> {
        let said = |error: StoreError| error.to_string();
        let Some(from) = self.from else { return Ok(Done::Skipped("mail_from is not set")) };
        let strange = || format!("\"{}\" is no delivery with an address", record.subject);
        let (number, address) = record.subject.split_once(' ').ok_or_else(strange)?;
        let to: MailAddress = address.parse().map_err(|error| format!("{error}"))?;
        let delivery = self.store.delivery(number.parse().map_err(|_| strange())?).map_err(said)?;
        let employer = match record.employer_code.as_str() {
            "" => None,
            code => self.store.employer(code).map_err(said)?,
        };
        let language = employer.map_or_else(Language::default, |one| one.language);
        let mail = AnswerMail {
            issuer: self.issuer.to_owned(),
            number: delivery.id,
            outcome: delivery.outcome.clone(),
            taken_at: delivery.taken_at.clone(),
            // Whoever named the file may have put an identity number into the name.
            file: mask_numbers(&printable(&delivery.file_name)),
            place: mask_numbers(&delivery.moved_to),
            answer: mask_numbers(&format!("answers/{}", delivery.answer_name)),
            employer_code: record.employer_code.clone(),
        };
        let envelope = Envelope { from: from.clone(), to, at: now, language };
        let bytes = answer_mail(&mail, &envelope).map_err(|error| error.to_string())?;
        self.keep(&format!("{:08}-delivery-{number}-{ANSWER_MAIL}.eml", record.id), &bytes)?;
        Ok(Done::Sent)
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        write(self.folder, name, bytes)
            .map_err(|error| format!("{} cannot be written: {error}", self.folder.join(name).display()))
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

fn backed_off(record: &OutboxRecord) -> Duration {
    let doubled = 1_i32 << record.attempts.clamp(0, 10);
    (AGAIN * doubled).min(Duration::days(1))
}

/// Whole or not at all, for the owner's eyes. The same mail written again replaces itself.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    create_dir_all(folder)?;
    let part = folder.join(format!("{name}.part"));
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(part, folder.join(name))
}
