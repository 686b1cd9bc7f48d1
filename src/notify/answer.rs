//! The mail about a dropped file whose answer needs somebody.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::SystemTime;

use handlebars::Handlebars;
use lettre::Message;
use lettre::message::SinglePart;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::{Envelope, NotifyError, by_itself, identity, language, subject};
use crate::domain::Language;

/// What the mail says. No identities: names of files are given with theirs hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerMail {
    /// Who writes.
    pub issuer: String,
    /// The delivery.
    pub number: i64,
    /// `accepted`, `rejected`, `duplicate` or `held`.
    pub outcome: String,
    /// When it was taken, RFC 3339.
    pub taken_at: String,
    /// The file's name.
    pub file: String,
    /// Where the file lies, in its watched folder.
    pub place: String,
    /// Its answer there, without an ending.
    pub answer: String,
    /// Whose it is, or empty.
    pub employer_code: String,
}

#[derive(Deserialize)]
struct Both {
    en: String,
    ms: String,
}

impl Both {
    fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Malay => &self.ms,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    state: Both,
    said: Both,
}

static OUTCOMES: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/templates/mail/answers.toml")).expect("a test reads answers.toml")
});

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    // Plain text is no HTML.
    engine.register_escape_fn(handlebars::no_escape);
    for (name, text) in [
        ("subject.en", include_str!("../../formats/templates/mail/answer.subject.en.hbs")),
        ("subject.ms", include_str!("../../formats/templates/mail/answer.subject.ms.hbs")),
        ("body.en", include_str!("../../formats/templates/mail/answer.body.en.hbs")),
        ("body.ms", include_str!("../../formats/templates/mail/answer.body.ms.hbs")),
    ] {
        engine.register_template_string(name, text).unwrap_or_else(|error| panic!("formats/templates/mail: {error}"));
    }
    engine
});

/// How an outcome is called.
pub(super) fn state(outcome: &str, language: Language) -> &'static str {
    words(outcome).state.of(language)
}

fn words(outcome: &str) -> &'static Words {
    OUTCOMES.get(outcome).unwrap_or_else(|| &OUTCOMES["held"])
}

/// Composes the mail as an `.eml` file.
///
/// # Errors
/// [`NotifyError`].
pub fn answer_mail(mail: &AnswerMail, envelope: &Envelope) -> Result<Vec<u8>, NotifyError> {
    let words = words(&mail.outcome);
    let values = json!({
        "issuer": mail.issuer,
        "number": mail.number,
        "state": words.state.of(envelope.language),
        "said": words.said.of(envelope.language),
        "at": mail.taken_at,
        "file": mail.file,
        "place": mail.place,
        "answer": mail.answer,
        "employer_code": mail.employer_code,
    });
    let fill = |part: &str| ENGINE.render(&format!("{part}.{}", language(envelope.language)), &values);
    let id = identity(&format!("answer {} {}", mail.number, mail.taken_at), envelope);
    plain_mail(&format!("delivery-{}.{id}", mail.number), &fill("subject")?, fill("body")?, envelope)
}

/// A mail of text alone, under this identity.
pub(super) fn plain_mail(id: &str, title: &str, body: String, envelope: &Envelope) -> Result<Vec<u8>, NotifyError> {
    if envelope.at.timestamp() < 0 {
        return Err(NotifyError::Moment(envelope.at.date_naive()));
    }
    let message = Message::builder()
        .from(envelope.from.0.clone())
        .to(envelope.to.0.clone())
        .date(SystemTime::from(envelope.at))
        .message_id(Some(format!("<{id}@{}>", envelope.from.0.email.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Content-Language"),
            language(envelope.language).to_owned(),
        ))
        .raw_header(by_itself())
        .subject(subject(title))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body))?;
    Ok(message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_words_in_both_languages() {
        for outcome in ["accepted", "rejected", "duplicate", "held"] {
            assert!(OUTCOMES.contains_key(outcome), "{outcome}");
            for language in [Language::English, Language::Malay] {
                let mail = AnswerMail {
                    issuer: "PEJABAT CONTOH".to_owned(),
                    number: 17,
                    outcome: outcome.to_owned(),
                    taken_at: "2026-11-10T09:00:00+08:00".to_owned(),
                    file: "october.txt".to_owned(),
                    place: format!("{outcome}/october.17.txt"),
                    answer: "answers/october".to_owned(),
                    employer_code: String::new(),
                };
                let envelope = Envelope {
                    from: "Office <office@example.my>".parse().expect("an address"),
                    to: "payroll@example.my".parse().expect("an address"),
                    at: "2026-11-10T09:00:00+08:00".parse().expect("a moment"),
                    language,
                };
                let bytes = answer_mail(&mail, &envelope).expect("a mail");
                let text = String::from_utf8(bytes.clone()).expect("ASCII");
                assert!(text.contains("october.17.txt") && text.contains("answers/october.answer.json"), "{text}");
                assert_eq!(bytes, answer_mail(&mail, &envelope).expect("a mail"), "equal data, equal bytes");
            }
        }
    }
}
