//! Mails about dropped files that need somebody: one for each, or one about many.

use chrono::{DateTime, FixedOffset};

use super::super::inbox::names::printable;
use super::{ANSWER_MAIL, Composed, Made, Outbox};
use crate::domain::Language;
use crate::domain::identity::mask_numbers;
use crate::notify::{AnswerMail, Envelope, MailAddress, answer_mail, answers_mail};
use crate::store::StoreError;
use crate::store::books::OutboxRecord;

impl Outbox<'_> {
    /// A dropped file needs somebody.
    pub(super) fn answer(&self, entry: &OutboxRecord, now: DateTime<FixedOffset>) -> Result<Made, String> {
        let Some(from) = self.from else { return Ok(Made::Skipped("mail_from is not set", None)) };
        let (mail, to, language) = self.facts(entry)?;
        let envelope = Envelope { from: from.clone(), to: to.clone(), at: now, language };
        let bytes = answer_mail(&mail, &envelope).map_err(|error| error.to_string())?;
        let name = format!("{:08}-delivery-{}-{ANSWER_MAIL}.eml", entry.id, mail.number);
        Ok(Made::Mail(Composed { name, to, bytes }))
    }

    /// Many dropped files need somebody at one address. In the language of their employers where that is one.
    pub(super) fn answers(&self, entries: &[OutboxRecord], now: DateTime<FixedOffset>) -> Result<Made, String> {
        let Some(from) = self.from else { return Ok(Made::Skipped("mail_from is not set", None)) };
        let facts = entries.iter().map(|entry| self.facts(entry)).collect::<Result<Vec<_>, _>>()?;
        let ([(_, to, first), ..], [one, .., last]) = (&facts[..], entries) else {
            return Err("there is nothing to write about".to_owned());
        };
        let language = if facts.iter().all(|(_, _, one)| one == first) { *first } else { Language::default() };
        let name = format!("{:08}-{:08}-deliveries-{}-{ANSWER_MAIL}.eml", one.id, last.id, entries.len());
        let envelope = Envelope { from: from.clone(), to: to.clone(), at: now, language };
        let to = to.clone();
        let mails: Vec<AnswerMail> = facts.into_iter().map(|(mail, _, _)| mail).collect();
        let bytes = answers_mail(&mails, &envelope).map_err(|error| error.to_string())?;
        Ok(Made::Mail(Composed { name, to, bytes }))
    }

    /// What is said about a delivery, to whom and in which language.
    fn facts(&self, entry: &OutboxRecord) -> Result<(AnswerMail, MailAddress, Language), String> {
        let said = |error: StoreError| error.to_string();
        let strange = || format!("entry {} is no delivery with an address", entry.id);
        let (number, address) = entry.subject.split_once(' ').ok_or_else(strange)?;
        let to: MailAddress = address.parse().map_err(|_| "its address is no mail address".to_owned())?;
        let delivery = self.store.delivery(number.parse().map_err(|_| strange())?).map_err(said)?;
        let employer = match entry.employer_code.as_str() {
            "" => None,
            code => self.store.employer(code).map_err(said)?,
        };
        let mail = AnswerMail {
            issuer: self.issuer.to_owned(),
            number: delivery.id,
            outcome: delivery.outcome.clone(),
            taken_at: delivery.taken_at.clone(),
            // Whoever named the file may have put an identity number into the name.
            file: mask_numbers(&printable(&delivery.file_name)),
            place: mask_numbers(&delivery.moved_to),
            answer: mask_numbers(&format!("answers/{}", delivery.answer_name)),
            employer_code: entry.employer_code.clone(),
        };
        Ok((mail, to, employer.map_or_else(Language::default, |one| one.language)))
    }
}
