//! The mail about a payment: paid with its receipts, pending, unsuccessful, or waiting for the approver.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset};
use handlebars::Handlebars;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, MultiPart, SinglePart};
use serde::Deserialize;
use serde_json::json;

use super::{Envelope, NotifyError, by_itself, identity, language, subject};
use crate::domain::{Language, Sen};

/// What the mail says. No identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMail {
    /// Why it is written, such as `mail-paid`: the same mail to the same address has the same Message-ID.
    pub kind: String,
    /// Who writes.
    pub issuer: String,
    /// The payment.
    pub number: String,
    /// Where it stands: a name of `formats/templates/mail/states.toml`.
    pub standing: &'static str,
    /// What the employer does next, in its language.
    pub said: String,
    /// What is paid.
    pub amount: Sen,
    /// When it happened.
    pub at: DateTime<FixedOffset>,
    /// Seller order number.
    pub order: String,
    /// FPX's number, or empty.
    pub transaction: String,
    /// The bank's name.
    pub bank: String,
    /// Who pays.
    pub employer_code: String,
    /// What for: numbers and amounts.
    pub items: Vec<(String, Sen)>,
    /// The address of its page, where there is one.
    pub page: Option<String>,
    /// Official receipts: numbers and PDFs.
    pub receipts: Vec<(String, Vec<u8>)>,
}

#[derive(Deserialize)]
struct Both {
    en: String,
    ms: String,
}

static STATES: LazyLock<BTreeMap<String, Both>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/templates/mail/states.toml")).expect("a test reads states.toml")
});

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    // Plain text is no HTML.
    engine.register_escape_fn(handlebars::no_escape);
    for (name, text) in [
        ("subject.en", include_str!("../../formats/templates/mail/payment.subject.en.hbs")),
        ("subject.ms", include_str!("../../formats/templates/mail/payment.subject.ms.hbs")),
        ("body.en", include_str!("../../formats/templates/mail/payment.body.en.hbs")),
        ("body.ms", include_str!("../../formats/templates/mail/payment.body.ms.hbs")),
    ] {
        engine.register_template_string(name, text).unwrap_or_else(|error| panic!("formats/templates/mail: {error}"));
    }
    engine
});

/// Composes the mail as an `.eml` file, with the receipts as PDF.
///
/// # Errors
/// [`NotifyError`].
pub fn payment_mail(mail: &PaymentMail, envelope: &Envelope) -> Result<Vec<u8>, NotifyError> {
    if envelope.at.timestamp() < 0 {
        return Err(NotifyError::Moment(envelope.at.date_naive()));
    }
    let state = &STATES[mail.standing];
    let items = mail.items.iter().map(|(number, amount)| json!({ "reference": number, "amount": amount.to_string() }));
    let values = json!({
        "issuer": mail.issuer,
        "number": mail.number,
        "state": if envelope.language == Language::Malay { &state.ms } else { &state.en },
        "said": mail.said,
        "amount": mail.amount.to_string(),
        "at": mail.at.format("%d/%m/%Y %H:%M:%S").to_string(),
        "order": mail.order,
        "transaction": mail.transaction,
        "bank": mail.bank,
        "employer_code": mail.employer_code,
        "items": items.collect::<Vec<_>>(),
        "receipts": mail.receipts.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>().join(", "),
        "page": mail.page,
    });
    let fill = |part: &str| ENGINE.render(&format!("{part}.{}", language(envelope.language)), &values);
    let (title, body) = (subject(&fill("subject")?), fill("body")?);
    let id = identity(&format!("{} {}", mail.kind, mail.number), envelope);
    let mut parts = MultiPart::mixed()
        .boundary(format!("caruman-{id}"))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body));
    for (number, pdf) in &mail.receipts {
        let kind = ContentType::parse("application/pdf").expect("application/pdf is a content type");
        let pdf = Body::new_with_encoding(pdf.clone(), ContentTransferEncoding::Base64);
        let pdf = pdf.expect("base64 takes all bytes");
        parts = parts.singlepart(Attachment::new(format!("{number}.pdf")).body(pdf, kind));
    }
    let message = Message::builder()
        .from(envelope.from.0.clone())
        .to(envelope.to.0.clone())
        .date(SystemTime::from(envelope.at))
        .message_id(Some(format!("<{}.{}.{id}@{}>", mail.number, mail.kind, envelope.from.0.email.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Content-Language"),
            language(envelope.language).to_owned(),
        ))
        .raw_header(by_itself())
        .subject(title)
        .multipart(parts)?;
    Ok(message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PaymentState;

    fn mail(standing: &'static str) -> PaymentMail {
        PaymentMail {
            kind: "mail-paid".to_owned(),
            issuer: "PEJABAT CONTOH".to_owned(),
            number: "P-000001".to_owned(),
            standing,
            said: "Paid.".to_owned(),
            amount: Sen(20_003),
            at: DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a moment"),
            order: "T0000000001".to_owned(),
            transaction: String::new(),
            bank: "SBI Bank A".to_owned(),
            employer_code: "A9900000001Z".to_owned(),
            items: vec![("ACR112260000001".to_owned(), Sen(20_003))],
            page: None,
            receipts: vec![("20260000000001".to_owned(), b"%PDF-1.7\n".to_vec())],
        }
    }

    #[test]
    fn every_state_has_its_words_in_both_languages() {
        let states = PaymentState::ALL.map(PaymentState::id);
        for state in states.into_iter().chain(["checking", "refund", "part-refund", "refunded", "part-refunded"]) {
            for language in [Language::English, Language::Malay] {
                let envelope = Envelope {
                    from: "Office <office@example.my>".parse().expect("an address"),
                    to: "payroll@example.my".parse().expect("an address"),
                    at: mail(state).at,
                    language,
                };
                let bytes = payment_mail(&mail(state), &envelope).expect("a mail");
                let text = String::from_utf8(bytes.clone()).expect("ASCII");
                assert!(text.contains("P-000001") && text.contains("20260000000001.pdf"), "{text}");
                assert_eq!(bytes, payment_mail(&mail(state), &envelope).expect("a mail"), "equal data, equal bytes");
            }
        }
    }
}
