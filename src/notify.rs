//! Mail: composes messages as bytes, pure but for what it is given, and hands bytes to a mail server
//! ([`MailServer`], [`MailLine`]).
//!
//! Words are data under `formats/templates/mail/`. Equal data give equal bytes, and the same mail to the same address
//! has the same Message-ID, so that a mail program recognises a second copy.

mod answer;
mod answers;
mod payment;
mod sending;
mod server;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset, NaiveDate};
use handlebars::Handlebars;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use serde::Deserialize;
use serde_json::json;

use crate::domain::{ContributionMonth, Scheme, Sen};
use crate::messages::Language;

pub use answer::{AnswerMail, answer_mail};
pub use answers::answers_mail;
pub use payment::{PaymentMail, payment_mail};
pub use sending::{MailLine, SendFault};
pub use server::{MailFault, MailServer, MailSettings};

/// Why a mail could not be composed.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// Not an address that mail can be sent to.
    #[error("\"{0}\" is no mail address; write one such as payroll@example.my")]
    Address(String),
    /// Mail has no date before its invention.
    #[error("a mail cannot be dated {0}; give a moment after 1970")]
    Moment(NaiveDate),
    /// A template asks for a value that is not given.
    #[error("the words of a mail cannot be put together: {0}")]
    Words(#[from] handlebars::RenderError),
    /// The parts do not make a message.
    #[error("the mail cannot be composed: {0}")]
    Compose(#[from] lettre::error::Error),
}

/// One address, with or without a name: `payroll@example.my`, `Payroll <payroll@example.my>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress(Mailbox);

impl FromStr for MailAddress {
    type Err = NotifyError;

    fn from_str(text: &str) -> Result<Self, NotifyError> {
        let wrong = || NotifyError::Address(text.escape_debug().to_string());
        let text = text.trim();
        let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
        let address = mailbox.email.to_string();
        // The parser overlooks what follows an address, such as a second one. Letters outside ASCII in an address need
        // a mail server of a kind that not everybody has.
        let whole = text == address || text.ends_with(&format!("<{address}>"));
        if whole && address.is_ascii() && !text.contains(char::is_control) { Ok(Self(mailbox)) } else { Err(wrong()) }
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A contribution month in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Employees.
    pub people: u64,
    /// To pay, without late interest.
    pub total: Sen,
    /// Last day to pay without interest.
    pub due_date: NaiveDate,
}

/// What the mail about an acknowledgement says. No identities but those inside the PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementMail {
    /// Who issues the document.
    pub issuer: String,
    /// Number such as `ACR112260000001`.
    pub number: String,
    /// Act.
    pub scheme: Scheme,
    /// Who pays.
    pub employer_code: String,
    /// The months, in order; at least one.
    pub months: Vec<MailMonth>,
    /// Lines held back and not part of the amount.
    pub held_lines: u64,
}

/// From whom, to whom, when and in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Sender.
    pub from: MailAddress,
    /// Receiver.
    pub to: MailAddress,
    /// Date of the mail, in Malaysian time; also decides whether a due date has passed.
    pub at: DateTime<FixedOffset>,
    /// Language of its words.
    pub language: Language,
}

/// Composes the mail that carries an acknowledgement as PDF: plain text and the attachment `NUMBER.pdf`, in the form of
/// an `.eml` file (RFC 5322).
///
/// # Errors
/// [`NotifyError::Moment`] before 1970; the other kinds where words or parts do not fit together.
pub fn acknowledgement_mail(
    mail: &AcknowledgementMail,
    envelope: &Envelope,
    pdf: Vec<u8>,
) -> Result<Vec<u8>, NotifyError> {
    if envelope.at.timestamp() < 0 {
        return Err(NotifyError::Moment(envelope.at.date_naive()));
    }
    let (subject, body) = words(mail, envelope)?;
    let id = identity(&mail.number, envelope);
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body);
    let pdf_type = ContentType::parse("application/pdf").expect("application/pdf is a content type");
    // Base64 whatever the bytes are: left to itself, the library would mend the line ends of a PDF without binary parts.
    let pdf = Body::new_with_encoding(pdf, ContentTransferEncoding::Base64).expect("base64 takes all bytes");
    let attachment = Attachment::new(format!("{}.pdf", mail.number)).body(pdf, pdf_type);
    // A boundary of our own: the library's is drawn by chance. The text does not hold the digest, and base64 no hyphen.
    let parts = MultiPart::mixed().boundary(format!("caruman-{id}"));
    let message = Message::builder()
        .from(envelope.from.0.clone())
        .to(envelope.to.0.clone())
        .date(SystemTime::from(envelope.at))
        .message_id(Some(format!("<{}.{id}@{}>", mail.number, envelope.from.0.email.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Content-Language"),
            language(envelope.language).to_owned(),
        ))
        .subject(subject)
        .multipart(parts.singlepart(text).singlepart(attachment))?;
    Ok(message.formatted())
}

/// What tells this mail from every other: the number, whom it goes to and its language. Not the moment: the same mail
/// made again is the same mail.
fn identity(number: &str, envelope: &Envelope) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [number, envelope.to.0.email.as_ref(), language(envelope.language)] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// A subject on one line, whatever words came in: what follows a line end would be a head of its own.
fn subject(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Says that a program wrote it, so that no program answers (RFC 3834).
fn by_itself() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

const fn language(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Malay => "ms",
    }
}

/// Subject and text.
fn words(mail: &AcknowledgementMail, envelope: &Envelope) -> Result<(String, String), NotifyError> {
    let day = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let acts = match mail.scheme {
        Scheme::Act4 => &ACTS.act4,
        Scheme::Act800 => &ACTS.act800,
    };
    let act = match envelope.language {
        Language::English => &acts.en,
        Language::Malay => &acts.ms,
    };
    let months = mail.months.iter().map(|month| {
        json!({
            "month": format!("{:02}/{}", month.month.month(), month.month.year()),
            "people": month.people,
            "total": month.total.to_string(),
            "due_date": day(month.due_date),
        })
    });
    // Of several months the first due date is the one that matters.
    let due_date = mail.months.iter().map(|month| month.due_date).min().unwrap_or_default();
    let values = json!({
        "issuer": mail.issuer,
        "number": mail.number,
        "act": act.short,
        "act_in_full": act.full,
        "employer_code": mail.employer_code,
        "total": mail.months.iter().map(|month| month.total).sum::<Sen>().to_string(),
        "due_date": day(due_date),
        "late": due_date < envelope.at.date_naive(),
        "held_lines": mail.held_lines,
        "months": months.collect::<Vec<_>>(),
    });
    let fill = |part: &str| ENGINE.render(&format!("acknowledgement.{part}.{}", language(envelope.language)), &values);
    Ok((subject(&fill("subject")?), fill("body")?))
}

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    // A value that is not given is an error, never an empty place.
    engine.set_strict_mode(true);
    // Plain text is no HTML: an apostrophe stays an apostrophe.
    engine.register_escape_fn(handlebars::no_escape);
    for (name, text) in TEMPLATES {
        engine.register_template_string(name, text).unwrap_or_else(|error| panic!("formats/templates/mail: {error}"));
    }
    engine
});

const TEMPLATES: [(&str, &str); 4] = [
    ("acknowledgement.subject.en", include_str!("../formats/templates/mail/acknowledgement.subject.en.hbs")),
    ("acknowledgement.subject.ms", include_str!("../formats/templates/mail/acknowledgement.subject.ms.hbs")),
    ("acknowledgement.body.en", include_str!("../formats/templates/mail/acknowledgement.body.en.hbs")),
    ("acknowledgement.body.ms", include_str!("../formats/templates/mail/acknowledgement.body.ms.hbs")),
];

/// Names of the Acts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acts {
    act4: Act,
    act800: Act,
}

/// One Act in each language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    en: ActName,
    ms: ActName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActName {
    short: String,
    full: String,
}

static ACTS: LazyLock<Acts> = LazyLock::new(|| {
    toml::from_str(include_str!("../formats/templates/mail/acts.toml")).expect("a test reads acts.toml")
});

// long because the tests read a composed mail back, for want of a reader of mails.
#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: i32, month: u32, total: i64) -> MailMonth {
        let month = ContributionMonth::new(year, month).expect("a month");
        let due_date = month.next().first_day() + chrono::Days::new(14);
        MailMonth { month, people: 12, total: Sen(total), due_date }
    }

    fn mail(scheme: Scheme) -> AcknowledgementMail {
        let document = if scheme == Scheme::Act4 { "ACR" } else { "ECR" };
        AcknowledgementMail {
            issuer: "Pejabat D'Contoh".to_owned(),
            number: format!("{document}112260000001"),
            scheme,
            employer_code: "A9900000001Z".to_owned(),
            months: vec![month(2026, 9, 117_960), month(2026, 10, 117_960)],
            held_lines: 0,
        }
    }

    fn envelope(day: &str, language: Language) -> Envelope {
        Envelope {
            from: "Pejabat <office@example.my>".parse().expect("an address"),
            to: "payroll@example.com".parse().expect("an address"),
            at: format!("{day}T09:00:00+08:00").parse().expect("a moment"),
            language,
        }
    }

    /// Heads (unfolded) and body of a message or a part.
    fn split(text: &str) -> (String, &str) {
        let (heads, body) = text.split_once("\r\n\r\n").expect("heads and a body");
        (heads.replace("\r\n ", " ").replace("\r\n\t", " "), body)
    }

    fn value<'a>(heads: &'a str, name: &str) -> &'a str {
        let line = heads.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {heads}"))
    }

    fn from_base64(text: &str) -> Vec<u8> {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digit = |c: u8| DIGITS.iter().position(|d| *d == c).expect("a base64 digit") as u32;
        let digits: Vec<u32> = text.bytes().filter(|c| !b"\r\n=".contains(c)).map(digit).collect();
        let group = |four: &[u32]| {
            let bits = four.iter().fold(0, |bits, d| bits << 6 | d) << (6 * (4 - four.len()));
            bits.to_be_bytes()[1..four.len()].to_vec()
        };
        digits.chunks(4).flat_map(group).collect()
    }

    /// The parts of a composed mail: heads, text heads, text, attachment heads, attachment.
    fn parts(bytes: &[u8]) -> (String, String, String, String, Vec<u8>) {
        let message = String::from_utf8(bytes.to_vec()).expect("mail is ASCII");
        assert!(message.is_ascii() && message.lines().all(|line| line.len() < 998));
        let (heads, body) = split(&message);
        let kind = value(&heads, "Content-Type");
        assert!(kind.starts_with("multipart/mixed;"), "{kind}");
        let boundary = kind.split('"').nth(1).expect("a boundary in quotes");
        let boundary = format!("--{boundary}");
        let mut pieces = body.split(boundary.as_str());
        assert_eq!(pieces.next(), Some(""));
        let (text_heads, text) = split(pieces.next().expect("a text").strip_prefix("\r\n").expect("a line"));
        let (pdf_heads, pdf) = split(pieces.next().expect("an attachment").strip_prefix("\r\n").expect("a line"));
        assert_eq!(pieces.next().map(str::trim_end), Some("--"));
        let text = match value(&text_heads, "Content-Transfer-Encoding") {
            "7bit" => text.to_owned(),
            "base64" => String::from_utf8(from_base64(text)).expect("UTF-8"),
            // Only soft line ends: the texts hold no letter that would be written with an equals sign.
            "quoted-printable" => text.replace("=\r\n", ""),
            other => panic!("{other}"),
        };
        assert_eq!(value(&pdf_heads, "Content-Transfer-Encoding"), "base64");
        let pdf = from_base64(pdf);
        (heads, text_heads, text, pdf_heads, pdf)
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(subject(" ACR\r\nBcc: b@example.my\u{85}\u{2028}x\t y\n"), "ACR Bcc: b@example.my x y");
    }

    #[test]
    fn a_composed_mail_reads_back() {
        let pdf: Vec<u8> = (0..5_000_u32).map(|i| (i * 7 % 256) as u8).collect();
        let envelope = envelope("2026-10-15", Language::English);
        let bytes = acknowledgement_mail(&mail(Scheme::Act4), &envelope, pdf.clone()).expect("a mail");
        let (heads, text_heads, text, pdf_heads, attached) = parts(&bytes);
        assert_eq!(attached, pdf);
        assert_eq!(value(&pdf_heads, "Content-Type"), "application/pdf");
        assert!(value(&pdf_heads, "Content-Disposition").contains("filename=\"ACR112260000001.pdf\""));
        assert!(value(&text_heads, "Content-Type").starts_with("text/plain"));
        assert_eq!(value(&heads, "From"), "Pejabat <office@example.my>");
        assert_eq!(value(&heads, "To"), "payroll@example.com");
        assert_eq!(value(&heads, "Date"), "Thu, 15 Oct 2026 01:00:00 +0000");
        assert_eq!(value(&heads, "Subject"), "ACR112260000001 (SOCSO, Act 4): RM 2359.20, pay by 15/10/2026");
        for words in [
            "Pejabat D'Contoh acknowledges",
            "Employees' Social Security Act 1969 [Act 4]",
            "Employer code: A9900000001Z\r\n",
            "Amount to pay: RM 2359.20\r\n",
            "- 09/2026: employees 12, RM 1179.60, pay not later than 15/10/2026\r\n",
            "- 10/2026: employees 12, RM 1179.60, pay not later than 15/11/2026\r\n",
            "This is not a receipt.",
        ] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        assert!(!text.contains("A due date has passed") && !text.contains("wait for correction"), "{text}");
    }

    #[test]
    fn malay_under_act_800_with_lines_that_wait() {
        let mail = AcknowledgementMail { held_lines: 3, ..mail(Scheme::Act800) };
        let bytes = acknowledgement_mail(&mail, &envelope("2026-10-16", Language::Malay), b"%PDF".to_vec());
        let (heads, _, text, _, attached) = parts(&bytes.expect("a mail"));
        assert_eq!(attached, b"%PDF");
        assert_eq!(value(&heads, "Content-Language"), "ms");
        assert!(value(&heads, "Subject").starts_with("ECR112260000001 (SIP, Akta 800): RM 2359.20"));
        for words in ["Ini bukan resit.", "Satu tarikh akhir telah berlalu.", "jumlah di atas: 3\r\n", "[Akta 800]"] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
    }

    #[test]
    fn the_same_mail_again_is_the_same_mail() {
        let compose = |at: &str, language, to: &str| {
            let to = to.parse().expect("an address");
            let envelope = Envelope { to, ..envelope(at, language) };
            acknowledgement_mail(&mail(Scheme::Act4), &envelope, b"%PDF".to_vec()).expect("a mail")
        };
        let id = |bytes: &[u8]| value(&parts(bytes).0, "Message-ID").to_owned();
        let first = compose("2026-10-10", Language::English, "payroll@example.com");
        assert_eq!(first, compose("2026-10-10", Language::English, "payroll@example.com"));
        assert!(id(&first).starts_with("<ACR112260000001.") && id(&first).ends_with("@example.my>"), "{}", id(&first));
        assert_eq!(id(&first), id(&compose("2026-10-11", Language::English, "Payroll <payroll@example.com>")));
        assert_ne!(id(&first), id(&compose("2026-10-10", Language::Malay, "payroll@example.com")));
        assert_ne!(id(&first), id(&compose("2026-10-10", Language::English, "other@example.com")));
    }

    #[test]
    fn names_outside_ascii_are_encoded() {
        let mail = AcknowledgementMail { issuer: "Pejabat Contoh – 示例".to_owned(), ..mail(Scheme::Act4) };
        let from = "\"Pejabat – 示例\" <office@example.my>".parse().expect("an address");
        let envelope = Envelope { from, ..envelope("2026-10-10", Language::English) };
        let bytes = acknowledgement_mail(&mail, &envelope, b"%PDF".to_vec()).expect("a mail");
        let (heads, text_heads, ..) = parts(&bytes);
        assert!(value(&heads, "From").contains("=?utf-8?"));
        assert_ne!(value(&text_heads, "Content-Transfer-Encoding"), "7bit");
    }

    #[test]
    fn addresses() {
        for good in ["payroll@example.my", " payroll@example.my ", "A B <a.b+c@example.my>", "\"A, B\" <a@example.my>"]
        {
            assert!(good.parse::<MailAddress>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "payroll",
            "@example.my",
            "payroll@",
            "a@example.my, b@example.my",
            "a@example.my b",
            "a@example.my\r\nBcc: b@example.my",
            "A\r\nBcc: b@example.my <a@example.my>",
            "gaji@contoh–.my",
        ] {
            let error = bad.parse::<MailAddress>().expect_err(bad).to_string();
            assert!(
                error.contains("is no mail address; write one such as") && !error.contains(char::is_control),
                "{error}"
            );
        }
    }

    #[test]
    fn a_mail_has_a_date_from_1970_on() {
        for (day, right) in [("1970-01-01T07:59:59+08:00", false), ("1970-01-01T08:00:00+08:00", true)] {
            let at = day.parse().expect("a moment");
            let envelope = Envelope { at, ..envelope("2026-10-10", Language::English) };
            assert_eq!(acknowledgement_mail(&mail(Scheme::Act4), &envelope, Vec::new()).is_ok(), right);
        }
    }
}
