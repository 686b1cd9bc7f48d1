//! Response codes (`formats/fpx/codes.toml`): how one is taken, and what the employer is told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{TableError, read_table};
use crate::domain::{Language, PaymentEvent};

const FILE: &str = "codes.toml";
const TEXT: &str = include_str!("../../formats/fpx/codes.toml");
/// The advice for a code that is not in the table.
const UNKNOWN: &str = "unknown";

static EMBEDDED: LazyLock<Codes> = LazyLock::new(|| Codes::from_toml(TEXT).expect("a test reads codes.toml"));

/// A response code as it came, without blanks around it and in capitals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseCode(String);

impl ResponseCode {
    /// Reads a code; `None` where there is none.
    pub fn read(text: &str) -> Option<ResponseCode> {
        let code = text.trim();
        (!code.is_empty()).then(|| ResponseCode(code.to_ascii_uppercase()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How a code is taken. See the head of `formats/fpx/codes.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeClass {
    /// The money was taken.
    Approved,
    /// Not finished; keep asking.
    Pending,
    /// Not finished; the employer's authoriser must act.
    PendingAuthoriser,
    /// FPX knows no such payment.
    NotFound,
    /// FPX has this order number already: a form came twice. Nothing is said of the payment itself.
    RepeatedOrder,
    /// Final; the employer may try again.
    Declined,
    /// Final for this attempt; something here is set wrongly.
    MerchantFault,
    /// Final code, to be confirmed before the employer is told to pay again.
    SystemFault,
    /// Belongs to messages that are not sent from here; taken as unknown.
    NotUsed,
    /// In no table, or no code at all: never success, never final.
    #[serde(skip)]
    Unknown,
}

impl CodeClass {
    /// What an answer with such a code does to a payment.
    pub const fn event(self) -> PaymentEvent {
        match self {
            CodeClass::Approved => PaymentEvent::Approve,
            CodeClass::Pending | CodeClass::NotUsed | CodeClass::Unknown => PaymentEvent::PendAtBank,
            CodeClass::PendingAuthoriser => PaymentEvent::PendForAuthoriser,
            CodeClass::NotFound => PaymentEvent::NotFound,
            CodeClass::RepeatedOrder => PaymentEvent::RepeatOrder,
            CodeClass::Declined | CodeClass::MerchantFault | CodeClass::SystemFault => PaymentEvent::Fail,
        }
    }

    /// Whether the operator must hear of it.
    pub const fn tells_operator(self) -> bool {
        matches!(self, CodeClass::MerchantFault | CodeClass::NotUsed | CodeClass::Unknown)
    }

    /// Whether FPX must be asked once more before the employer is told to pay again.
    pub const fn needs_confirming(self) -> bool {
        matches!(self, CodeClass::SystemFault)
    }
}

/// The table of codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    #[serde(rename = "last_day_checked")]
    checked: chrono::NaiveDate,
    advice: BTreeMap<String, Sentence>,
    code: Vec<Code>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    en: String,
    ms: String,
}

/// A row of the table; the file writes it as a list in this order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
    class: CodeClass,
    advice: String,
    meaning: String,
}

impl Codes {
    /// The table that is compiled in.
    pub fn embedded() -> &'static Codes {
        &EMBEDDED
    }

    /// Reads a file in the shape of `formats/fpx/codes.toml`.
    ///
    /// # Errors
    /// [`TableError`]: another shape, a code twice or not of two places, advice that is not there, is empty or is given
    /// to no code.
    pub fn from_toml(text: &str) -> Result<Codes, TableError> {
        let codes: Codes = read_table(FILE, text)?;
        let wrong = |what: String| Err(TableError { file: FILE, what });
        for (at, code) in codes.code.iter().enumerate() {
            let shape = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            if code.code.len() != 2 || !code.code.bytes().all(shape) {
                return wrong(format!("\"{}\" is not a code of two capital letters or digits", code.code));
            }
            if codes.code[..at].iter().any(|earlier| earlier.code == code.code) {
                return wrong(format!("{} stands twice", code.code));
            }
            if !codes.advice.contains_key(&code.advice) || code.meaning.trim().is_empty() {
                return wrong(format!("{} has no meaning, or advice that is not there", code.code));
            }
        }
        for (name, sentence) in &codes.advice {
            if sentence.en.trim().is_empty() || sentence.ms.trim().is_empty() {
                return wrong(format!("the advice {name} lacks a language"));
            }
            if name != UNKNOWN && !codes.code.iter().any(|code| code.advice == *name) {
                return wrong(format!("the advice {name} is given to no code"));
            }
        }
        if !codes.advice.contains_key(UNKNOWN) {
            return wrong(format!("the advice {UNKNOWN} is missing"));
        }
        Ok(codes)
    }

    /// The day on which the table was last compared with its source.
    pub const fn last_day_checked(&self) -> chrono::NaiveDate {
        self.checked
    }

    /// How the code is taken; no code at all is unknown.
    pub fn class(&self, code: Option<&ResponseCode>) -> CodeClass {
        code.and_then(|code| self.find(code)).map_or(CodeClass::Unknown, |found| found.class)
    }

    /// What the code means, for the operator; `None` for one that is in no table.
    pub fn meaning(&self, code: &ResponseCode) -> Option<&str> {
        self.find(code).map(|found| found.meaning.as_str())
    }

    /// What the employer is told.
    pub fn advice(&self, code: Option<&ResponseCode>, language: Language) -> &str {
        let name = code.and_then(|code| self.find(code)).map_or(UNKNOWN, |found| found.advice.as_str());
        let sentence = &self.advice[name];
        match language {
            Language::English => &sentence.en,
            Language::Malay => &sentence.ms,
        }
    }

    fn find(&self, code: &ResponseCode) -> Option<&Code> {
        self.code.iter().find(|found| found.code == code.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: &str) -> CodeClass {
        Codes::embedded().class(ResponseCode::read(code).as_ref())
    }

    #[test]
    fn the_file_is_whole() {
        let codes = Codes::from_toml(TEXT).expect("codes.toml");
        assert_eq!(codes.code.len(), 96);
        assert_eq!(codes.last_day_checked().to_string(), "2026-11-22");
        let approved: Vec<_> = codes.code.iter().filter(|code| code.class == CodeClass::Approved).collect();
        assert!(matches!(&approved[..], [one] if one.code == "00"), "nothing but 00 is approval");
    }

    #[test]
    fn codes_are_taken_as_their_class() {
        let expected = [
            ("00", CodeClass::Approved),
            ("09", CodeClass::Pending),
            ("99", CodeClass::PendingAuthoriser),
            ("76", CodeClass::NotFound),
            ("51", CodeClass::Declined),
            ("1C", CodeClass::Declined),
            ("XC", CodeClass::MerchantFault),
            ("45", CodeClass::RepeatedOrder),
            ("XN", CodeClass::RepeatedOrder),
            ("XO", CodeClass::RepeatedOrder),
            ("88", CodeClass::SystemFault),
            ("B0", CodeClass::NotUsed),
            ("BC", CodeClass::Declined),
            ("ZZ", CodeClass::Unknown),
            ("0", CodeClass::Unknown),
            ("000", CodeClass::Unknown),
            ("0O", CodeClass::Unknown),
            ("", CodeClass::Unknown),
        ];
        for (code, expected) in expected {
            assert_eq!(class(code), expected, "{code:?}");
        }
        assert_eq!((class(" 00 "), class("xc")), (CodeClass::Approved, CodeClass::MerchantFault));
    }

    #[test]
    fn what_nobody_knows_is_pending() {
        for class in [CodeClass::Unknown, CodeClass::NotUsed, CodeClass::Pending] {
            assert_eq!(class.event(), PaymentEvent::PendAtBank);
        }
        assert_eq!(CodeClass::PendingAuthoriser.event(), PaymentEvent::PendForAuthoriser);
        assert_eq!(CodeClass::NotFound.event(), PaymentEvent::NotFound);
        assert_eq!(CodeClass::RepeatedOrder.event(), PaymentEvent::RepeatOrder);
        for class in [CodeClass::Declined, CodeClass::MerchantFault, CodeClass::SystemFault] {
            assert_eq!(class.event(), PaymentEvent::Fail);
        }
        assert_eq!(CodeClass::Approved.event(), PaymentEvent::Approve);
        let told = |class: CodeClass| (class.tells_operator(), class.needs_confirming());
        assert_eq!(told(CodeClass::Unknown), (true, false));
        assert_eq!(told(CodeClass::SystemFault), (false, true));
        assert_eq!(told(CodeClass::Declined), (false, false));
    }

    #[test]
    fn the_employer_is_told_in_both_languages() {
        let advice = |code: &str, language| Codes::embedded().advice(ResponseCode::read(code).as_ref(), language);
        assert!(advice("51", Language::English).contains("enough money"));
        assert!(advice("51", Language::Malay).contains("Baki"));
        assert_eq!(advice("Q7", Language::English), advice("", Language::English));
        let known = ResponseCode::read("99").expect("a code");
        assert!(Codes::embedded().meaning(&known).is_some_and(|text| text.contains("pending authorisation")));
    }

    #[test]
    fn nobody_is_told_to_pay_again_while_money_may_have_moved() {
        for code in ["09", "99", "76", "85", "87", "88", "96", "45", "XN", "XO", "ZZ", ""] {
            let advice = |language| Codes::embedded().advice(ResponseCode::read(code).as_ref(), language);
            assert!(advice(Language::English).contains("o not pay again"), "{code}");
            assert!(advice(Language::Malay).contains("angan bayar semula"), "{code}");
        }
    }

    #[test]
    fn a_wrong_file_is_named() {
        let head = "last_day_checked = \"2026-11-22\"\n[advice.unknown]\nen = \"a\"\nms = \"b\"\n";
        let code = "[[code]]\ncode = \"00\"\nclass = \"approved\"\nadvice = \"unknown\"\nmeaning = \"m\"\n";
        assert!(Codes::from_toml(&format!("{head}{code}")).is_ok());
        for wrong in [
            format!("{head}{code}{code}"),
            format!("{head}{}", code.replace("\"00\"", "\"0\"")),
            format!("{head}{}", code.replace("advice = \"unknown\"", "advice = \"none\"")),
            format!("{head}{}", code.replace("approved", "unknown")),
            format!("{head}[advice.idle]\nen = \"a\"\nms = \"b\"\n{code}"),
            format!("{}{code}", head.replace("\"b\"", "\"\"")),
        ] {
            assert!(Codes::from_toml(&wrong).is_err(), "{wrong}");
        }
    }
}
