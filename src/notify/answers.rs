//! One mail about many dropped files whose answers need somebody.

use std::sync::LazyLock;

use handlebars::Handlebars;
use serde_json::json;

use super::answer::{AnswerMail, plain_mail, state};
use super::{Envelope, NotifyError, identity, language};

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    // Plain text is no HTML.
    engine.register_escape_fn(handlebars::no_escape);
    for (name, text) in [
        ("subject.en", include_str!("../../formats/templates/mail/answers.subject.en.hbs")),
        ("subject.ms", include_str!("../../formats/templates/mail/answers.subject.ms.hbs")),
        ("body.en", include_str!("../../formats/templates/mail/answers.body.en.hbs")),
        ("body.ms", include_str!("../../formats/templates/mail/answers.body.ms.hbs")),
    ] {
        engine.register_template_string(name, text).unwrap_or_else(|error| panic!("formats/templates/mail: {error}"));
    }
    engine
});

/// Composes one mail about all of these, in their order, as an `.eml` file. The same deliveries to the same address have
/// the same Message-ID.
///
/// # Errors
/// [`NotifyError`].
pub fn answers_mail(mails: &[AnswerMail], envelope: &Envelope) -> Result<Vec<u8>, NotifyError> {
    let items = mails.iter().map(|mail| {
        json!({
            "number": mail.number,
            "state": state(&mail.outcome, envelope.language),
            "at": mail.taken_at,
            "file": mail.file,
            "place": mail.place,
            "answer": mail.answer,
            "employer_code": mail.employer_code,
        })
    });
    let values = json!({
        "issuer": mails.first().map_or("", |mail| mail.issuer.as_str()),
        "count": mails.len(),
        "items": items.collect::<Vec<_>>(),
    });
    let fill = |part: &str| ENGINE.render(&format!("{part}.{}", language(envelope.language)), &values);
    let deliveries: Vec<String> = mails.iter().map(|mail| format!("{} {}", mail.number, mail.taken_at)).collect();
    let id = identity(&format!("answers {}", deliveries.join(" ")), envelope);
    let first = mails.first().map_or(0, |mail| mail.number);
    let id = format!("deliveries-{first}-{}.{id}", mails.len());
    plain_mail(&id, &fill("subject")?, fill("body")?, envelope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    fn mail(number: i64) -> AnswerMail {
        AnswerMail {
            issuer: "PEJABAT CONTOH".to_owned(),
            number,
            outcome: if number == 17 { "held" } else { "rejected" }.to_owned(),
            taken_at: "2026-11-10T09:00:00+08:00".to_owned(),
            file: format!("october-{number}.txt"),
            place: format!("rejected/october-{number}.txt"),
            answer: format!("answers/october-{number}"),
            employer_code: if number == 17 { "" } else { "A9900000001Z" }.to_owned(),
        }
    }

    fn said(numbers: &[i64], language: Language) -> String {
        let envelope = Envelope {
            from: "Office <office@example.my>".parse().expect("an address"),
            to: "payroll@example.my".parse().expect("an address"),
            at: "2026-11-10T09:00:00+08:00".parse().expect("a moment"),
            language,
        };
        let mails: Vec<_> = numbers.iter().map(|number| mail(*number)).collect();
        let bytes = answers_mail(&mails, &envelope).expect("a mail");
        assert_eq!(bytes, answers_mail(&mails, &envelope).expect("a mail"), "equal data, equal bytes");
        String::from_utf8(bytes).expect("ASCII").replace("=\r\n", "")
    }

    fn message_id(text: &str) -> &str {
        text.lines().find(|line| line.starts_with("Message-ID: ")).expect("an identity")
    }

    #[test]
    fn every_delivery_is_listed_in_both_languages() {
        for (language, words) in [
            (Language::English, ["Subject: Watched folders: 2 files need somebody", "Delivery 17: waits for a person"]),
            (Language::Malay, ["2 fail perlukan tindakan", "Penghantaran 17: menunggu tindakan pegawai"]),
        ] {
            let text = said(&[17, 18], language);
            for word in words {
                assert!(text.contains(word), "{word}: {text}");
            }
            for place in ["rejected/october-17.txt", "answers/october-18.txt", "A9900000001Z", "PEJABAT CONTOH"] {
                assert!(text.contains(place), "{place}: {text}");
            }
            assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
        }
    }

    #[test]
    fn other_deliveries_are_another_mail() {
        let of = |numbers: &[i64]| message_id(&said(numbers, Language::English)).to_owned();
        assert_eq!(of(&[17, 18]), of(&[17, 18]));
        assert_ne!(of(&[17, 18]), of(&[17, 19]));
        assert_ne!(of(&[17, 18]), of(&[17, 18, 19]));
    }
}
