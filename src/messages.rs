//! Sentences for people, in English and Malay: `formats/messages/{en,ms}/*.ftl`, and what each finding rests on:
//! `formats/findings.toml`.

use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::Deserialize;
use unic_langid::LanguageIdentifier;

use crate::domain::identity::{mask, mask_numbers};
use crate::domain::{Finding, FindingName};

pub use crate::domain::Language;

/// Sentences in one language.
pub struct Messages {
    bundle: Arc<FluentBundle<FluentResource>>,
    /// What to do is said to somebody who drops files into a folder, and calls no commands.
    to_senders: bool,
}

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| {
    Messages::new(
        "en",
        &[
            include_str!("../formats/messages/en/findings.ftl"),
            include_str!("../formats/messages/en/app.ftl"),
            include_str!("../formats/messages/en/birthdays.ftl"),
            include_str!("../formats/messages/en/cart.ftl"),
            include_str!("../formats/messages/en/inbox.ftl"),
        ],
    )
});

static MALAY: LazyLock<Messages> = LazyLock::new(|| {
    Messages::new(
        "ms",
        &[
            include_str!("../formats/messages/ms/findings.ftl"),
            include_str!("../formats/messages/ms/app.ftl"),
            include_str!("../formats/messages/ms/birthdays.ftl"),
            include_str!("../formats/messages/ms/cart.ftl"),
            include_str!("../formats/messages/ms/inbox.ftl"),
        ],
    )
});

static ENGLISH_TO_SENDERS: LazyLock<Messages> = LazyLock::new(|| ENGLISH.told_to_senders());
static MALAY_TO_SENDERS: LazyLock<Messages> = LazyLock::new(|| MALAY.told_to_senders());

/// What a finding rests on, in every language the same.
#[derive(Debug, Clone, Deserialize)]
pub struct FindingData {
    /// Act and section, layout sheet, or practice.
    pub law: String,
    /// A piece of a line that is right.
    pub good: String,
    /// A piece of a line that is wrong.
    pub bad: String,
    /// Severities it occurs with, the usual one first.
    pub severities: Vec<String>,
    name: String,
}

/// The table of findings as compiled in, for the fingerprint of the rule pack.
pub const FINDINGS_TEXT: (&str, &str) = ("findings.toml", include_str!("../formats/findings.toml"));

static FINDINGS: LazyLock<Vec<FindingData>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        finding: Vec<FindingData>,
    }
    let table: Table = toml::from_str(FINDINGS_TEXT.1).unwrap_or_else(|error| panic!("formats/findings.toml: {error}"));
    let of = |name: &FindingName| table.finding.iter().find(|data| data.name == name.name()).cloned();
    FindingName::ALL
        .iter()
        .map(|name| of(name).unwrap_or_else(|| panic!("formats/findings.toml lacks {name}")))
        .collect()
});

/// What a finding rests on.
pub fn finding_data(name: FindingName) -> &'static FindingData {
    &FINDINGS[name as usize]
}

impl Messages {
    /// The sentences in a language.
    pub fn get(language: Language) -> &'static Messages {
        match language {
            Language::English => &ENGLISH,
            Language::Malay => &MALAY,
        }
    }

    /// The sentences for those who drop files into a folder.
    pub fn to_senders(language: Language) -> &'static Messages {
        match language {
            Language::English => &ENGLISH_TO_SENDERS,
            Language::Malay => &MALAY_TO_SENDERS,
        }
    }

    fn told_to_senders(&self) -> Messages {
        Messages { bundle: Arc::clone(&self.bundle), to_senders: true }
    }

    fn new(language: &str, texts: &[&str]) -> Messages {
        let language: LanguageIdentifier = language.parse().expect("en and ms are languages");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        for text in texts {
            let resource = FluentResource::try_new((*text).to_owned())
                .unwrap_or_else(|(_, errors)| panic!("messages: {errors:?}"));
            bundle.add_resource(resource).unwrap_or_else(|errors| panic!("messages: {errors:?}"));
        }
        Messages { bundle: Arc::new(bundle), to_senders: false }
    }

    /// A word or sentence without values. Tests prove that every id that is asked for exists.
    pub fn text(&self, id: &str) -> String {
        self.format(id, None, None)
    }

    /// A sentence with values; short whole numbers choose singular or plural, and every value stands in the sentence as it
    /// was given: `2026E0000000005` and `0012` are texts.
    pub fn with(&self, id: &str, values: &[(&'static str, String)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, value_of(value));
        }
        self.format(id, None, Some(&arguments))
    }

    /// What is wrong, in one sentence.
    pub fn finding(&self, finding: &Finding, show_identities: bool) -> String {
        self.format(finding.name.name(), None, Some(&arguments(finding, show_identities)))
    }

    /// What to do about it, in one sentence.
    pub fn cure(&self, finding: &Finding, show_identities: bool) -> String {
        let arguments = arguments(finding, show_identities);
        let own = format!("inbox-cure-{}", finding.name);
        if self.to_senders && self.bundle.has_message(&own) {
            return self.format(&own, None, Some(&arguments));
        }
        self.format(finding.name.name(), Some("cure"), Some(&arguments))
    }

    /// A few words, the cure or the reason of a finding in general: where a sentence has a value, it shows `…`.
    pub fn about(&self, name: FindingName, part: &str) -> String {
        const VALUES: [&str; 18] = [
            "found", "expected", "kind", "layout", "until", "current", "number", "month", "table", "wage", "age",
            "scheme", "reason", "fits", "first", "days", "started", "list",
        ];
        let mut arguments = FluentArgs::new();
        for value in VALUES.into_iter().chain(["amount", "tomorrow", "rest"]) {
            arguments.set(value, "…");
        }
        self.format(name.name(), Some(part), Some(&arguments))
    }

    fn format(&self, id: &str, attribute: Option<&str>, arguments: Option<&FluentArgs<'_>>) -> String {
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
            None => message.value(),
        });
        match pattern {
            Some(pattern) => self.bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned(),
            None => id.to_owned(),
        }
    }
}

/// A count, where the text is one as people write it (up to six digits, no zero in front), else the text itself. Receipt
/// numbers, identities and reference numbers look like numbers to a parser that knows exponents, and must not be changed.
fn value_of(text: &str) -> FluentValue<'_> {
    let is_count = (1..=6).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if is_count { FluentValue::try_number(text) } else { FluentValue::from(text) }
}

fn arguments(finding: &Finding, show_identities: bool) -> FluentArgs<'static> {
    let mut arguments = FluentArgs::new();
    if let Some(found) = finding.found_masked(show_identities) {
        arguments.set("found", found);
    }
    if let Some(expected) = &finding.expected {
        arguments.set("expected", expected.to_string());
    }
    for (name, value) in finding.details.iter() {
        arguments.set(name, value.to_owned());
    }
    arguments
}

/// Hides the identity number in a line that is shown, unless `show`: in its columns (from 1), and in whatever looks like one
/// near them, because in an indented, shifted or broken line it stands elsewhere.
pub fn mask_columns(line: &str, columns: (usize, usize), show: bool) -> String {
    if show {
        return line.to_owned();
    }
    // Broken, indented and foreign lines have the number elsewhere.
    let chars: Vec<char> = mask_numbers(line).chars().collect();
    let from = (columns.0 - 1).min(chars.len());
    let to = columns.1.min(chars.len());
    let number: String = chars[from..to].iter().collect();
    let kept = number.trim_end().chars().count();
    let hidden: String = mask(number.trim_end());
    let padding: String = number.chars().skip(kept).collect();
    chars[..from].iter().collect::<String>() + &hidden + &padding + &chars[to..].iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_documents_stand_in_a_sentence_as_they_are() {
        let said =
            |value: &str| Messages::get(Language::English).with("text-registered", &[("count", value.to_owned())]);
        for text in
            ["2026E0000000005", "0012", "1e5", "00123456789", "123456", "1234567", "0", "00", "1.50", "-1", "+1"]
        {
            assert!(said(text).starts_with(&format!("{text} registered")), "{}", said(text));
        }
    }

    #[test]
    fn counts_choose_singular_or_plural() {
        let said = |value: &str| Messages::get(Language::English).with("text-people", &[("count", value.to_owned())]);
        assert_eq!(["0", "1", "2", "999999"].map(said), ["0 people", "1 person", "2 people", "999999 people"]);
    }

    #[test]
    fn who_drops_files_is_told_of_no_command() {
        for language in [Language::English, Language::Malay] {
            let (usual, told) = (Messages::get(language), Messages::to_senders(language));
            let mut own = 0;
            for name in FindingName::ALL {
                let finding = Finding::new(*name);
                let (said, cure) = (told.finding(&finding, false), told.cure(&finding, false));
                assert_eq!(said, usual.finding(&finding, false));
                assert!(!cure.contains("`caruman") && !cure.contains("--"), "{name}: {cure}");
                own += usize::from(cure != usual.cure(&finding, false));
            }
            assert_eq!(own, 5, "each of them belongs to a finding");
        }
    }
}
