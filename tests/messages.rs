//! Every finding has its data and its sentences, in both languages, and they agree with each other.

use std::collections::{BTreeMap, BTreeSet};

use caruman::domain::{FindingName, Severity};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::Deserialize;

const FINDINGS: &str = include_str!("../formats/findings.toml");
/// Language, sentences of the findings, words of the terminal.
const LANGUAGES: [(&str, &str, &str); 2] = [
    ("en", include_str!("../formats/messages/en/findings.ftl"), include_str!("../formats/messages/en/app.ftl")),
    ("ms", include_str!("../formats/messages/ms/findings.ftl"), include_str!("../formats/messages/ms/app.ftl")),
];
const ATTRIBUTES: [&str; 3] = ["title", "cure", "why"];
const SEVERITIES: [Severity; 4] = [Severity::Stop, Severity::Fix, Severity::Warn, Severity::Note];

/// The values that the checks hand over with each finding. Its sentences use all of these and no others.
const VALUES: &[(&str, &[&str])] = &[
    ("file-too-large", &["found", "expected"]),
    ("not-a-contribution-file", &["kind"]),
    ("layout-unknown", &["found", "expected"]),
    ("layout-retired", &["layout", "until", "current"]),
    ("encoding-invalid", &["found"]),
    ("line-length", &["found", "expected"]),
    ("name-shifts-line", &["found", "expected"]),
    ("record-split", &["found", "expected"]),
    ("header-or-footer-line", &["found"]),
    ("layout-mixed", &["found", "expected"]),
    ("file-doubled", &["found"]),
    ("encoding-doubled", &["found", "expected"]),
    ("scheme-contradicts-name", &["found", "expected"]),
    ("layout-versions-mixed", &["found", "expected"]),
    ("control-character", &["found"]),
    ("record-indented", &["found"]),
    ("line-ending-mixed", &["found"]),
    ("repeat-of-earlier-file", &["number"]),
    ("encoding-converted", &["found"]),
    ("blank-line", &["found"]),
    ("layout-not-for-month", &["layout", "month"]),
    ("employer-code-format", &["found"]),
    ("employer-code-spaces", &["found", "expected"]),
    ("employer-unknown", &["found"]),
    ("id-format", &["found"]),
    ("id-date-impossible", &["found"]),
    ("month-format", &["found"]),
    ("month-in-future", &["found", "expected"]),
    ("amount-format", &["found"]),
    ("date-format", &["found"]),
    ("status-unknown", &["found", "expected"]),
    ("company-number-format", &["found"]),
    ("employer-code-old-or-lower-case", &["found", "expected"]),
    ("id-birthplace-unknown", &["found"]),
    ("id-looks-like-passport", &["found"]),
    ("date-out-of-month", &["found", "expected"]),
    ("zero-as-single-digit", &["found", "expected"]),
    ("name-control-character", &["found"]),
    ("foreign-worker-number", &["found"]),
    ("name-transliterated", &["found"]),
    ("amount-not-in-schedule", &["found", "expected", "table"]),
    ("amount-looks-like-wage", &["found", "expected"]),
    ("share-mismatch", &["found", "expected", "wage", "table"]),
    ("old-schedule", &["found", "expected", "table", "month"]),
    ("category-mismatch", &["found", "expected", "age"]),
    ("skbbk-mismatch", &["found", "expected"]),
    ("skbbk-missing", &["expected", "reason"]),
    ("skbbk-before-start", &["found", "month", "expected"]),
    ("zero-wage-with-shares", &["found"]),
    ("schedule-not-covered", &["month", "scheme", "reason"]),
    ("wage-share-mismatch", &["found", "expected", "wage", "fits"]),
    ("skbbk-inside-total", &["found", "expected"]),
    ("skbbk-nil-no-release", &["expected"]),
    ("eis-not-eligible", &["reason", "age"]),
    ("duplicate-person", &["first"]),
    ("same-id-other-name", &["first"]),
    ("registration-late", &["days", "expected", "started"]),
    ("birthday-month", &["age", "expected"]),
    ("name-differs", &["expected"]),
    ("left-employee", &["expected"]),
    ("registration-due", &["days", "expected", "started"]),
    ("eis-missing", &["reason", "age"]),
    ("second-category-under-60", &["age"]),
    ("already-submitted", &["number"]),
    ("several-employers", &["found", "list"]),
    ("several-months", &["found", "list"]),
    ("past-due", &["month", "expected", "days", "amount", "tomorrow"]),
    ("missing-since-last-month", &["found", "list"]),
    ("due-soon-rest-day", &["month", "expected", "rest", "days"]),
    ("supplementary", &["number"]),
    ("register-seeded", &["found"]),
    ("line-of-another-part", &["found", "expected", "number"]),
];

/// Values that choose between sentences: each must lead to a sentence of its own.
const CHOICES: &[(&str, &str, &[&str])] = &[
    (
        "not-a-contribution-file",
        "kind",
        &["pdf", "zip-or-spreadsheet", "binary", "no-line-ends", "delimited-table", "textual"],
    ),
    ("skbbk-missing", "reason", &["june", "foreign"]),
    ("eis-not-eligible", "reason", &["under-18", "from-60", "from-57", "foreign"]),
    ("eis-missing", "reason", &["from-57", "resident"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingsFile {
    finding: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    name: String,
    family: String,
    severities: Vec<String>,
    law: String,
    good: String,
    bad: String,
    since: String,
}

fn bundle(language: &str, source: &str) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(source.to_owned())
        .unwrap_or_else(|(_, errors)| panic!("the {language} messages cannot be read: {errors:?}"));
    let mut bundle = FluentBundle::new_concurrent(vec![language.parse().expect("a language tag")]);
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).unwrap_or_else(|errors| panic!("the {language} messages overlap: {errors:?}"));
    bundle
}

/// The values that the checks hand over with this finding.
fn values_of(name: &str) -> &'static [&'static str] {
    VALUES.iter().find(|(finding, _)| *finding == name).map_or(&[], |(_, values)| values)
}

/// Every value of this finding, filled with its own name.
fn arguments(name: &str) -> FluentArgs<'static> {
    values_of(name).iter().map(|value| (*value, format!("<{value}>"))).collect()
}

/// A message, or one of its attributes, as text; fails where a value is wanted that is not handed over.
fn sentence(bundle: &FluentBundle<FluentResource>, name: &str, part: Option<&str>, values: &FluentArgs<'_>) -> String {
    let message = bundle.get_message(name).unwrap_or_else(|| panic!("no message {name}"));
    let pattern = match part {
        None => message.value(),
        Some(part) => message.get_attribute(part).map(|attribute| attribute.value()),
    };
    let pattern = pattern.unwrap_or_else(|| panic!("{name} has no {}", part.unwrap_or("value")));
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    text
}

/// Source text of each message by its id.
fn sources(source: &str) -> BTreeMap<&str, String> {
    let mut messages = BTreeMap::<&str, String>::new();
    let mut current = None;
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            let (id, _) = line.split_once(" =").expect("a message begins with its id and an equals sign");
            assert!(!messages.contains_key(id), "{id} stands twice");
            current = Some(id);
        }
        if let Some(id) = current {
            let text = messages.entry(id).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    messages
}

/// Names after a `$` in the source of a message.
fn variables(message: &str) -> BTreeSet<&str> {
    let end = |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    message.split('$').skip(1).map(|rest| &rest[..end(rest)]).collect()
}

#[test]
fn the_list_of_findings_is_the_one_in_the_code() {
    let file: FindingsFile = toml::from_str(FINDINGS).expect("findings.toml can be read");
    let listed: Vec<_> = file.finding.iter().map(|entry| entry.name.as_str()).collect();
    let known: Vec<_> = FindingName::ALL.iter().map(|finding| finding.name()).collect();
    assert_eq!(listed, known);

    for (entry, finding) in file.finding.iter().zip(FindingName::ALL) {
        let name = &entry.name;
        assert_eq!(entry.code, finding.code(), "{name}");
        assert_eq!(entry.family, finding.family(), "{name}");
        assert_eq!(entry.severities.first().map(String::as_str), Some(finding.severity().id()), "{name}");
        let severities: BTreeSet<_> = entry.severities.iter().map(String::as_str).collect();
        assert_eq!(severities.len(), entry.severities.len(), "{name}: a severity stands twice");
        assert!(severities.iter().all(|severity| SEVERITIES.map(Severity::id).contains(severity)), "{name}");
        for text in [&entry.law, &entry.good, &entry.bad, &entry.since] {
            assert!(!text.trim().is_empty(), "{name} lacks a text");
        }
        assert_ne!(entry.good, entry.bad, "{name}");
    }
}

#[test]
fn every_finding_has_its_sentences_in_both_languages() {
    for (language, source, _) in LANGUAGES {
        let bundle = bundle(language, source);
        for finding in FindingName::ALL {
            let name = finding.name();
            let values = arguments(name);
            for part in std::iter::once(None).chain(ATTRIBUTES.map(Some)) {
                let text = sentence(&bundle, name, part, &values);
                assert!(!text.trim().is_empty(), "{language} {name} is empty");
                assert!(!text.contains(['{', '}', '!', '\n']), "{language} {name}: {text}");
            }
        }
    }
}

#[test]
fn both_languages_say_the_same_values_and_only_those_handed_over() {
    let [english, malay] = LANGUAGES.map(|(_, findings, _)| sources(findings));
    let known: BTreeSet<_> = FindingName::ALL.iter().map(|finding| finding.name()).collect();
    assert_eq!(english.keys().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(malay.keys().copied().collect::<BTreeSet<_>>(), known);
    assert!(VALUES.iter().all(|(name, _)| known.contains(name)));

    for name in known {
        let used = variables(&english[name]);
        assert_eq!(used, variables(&malay[name]), "{name}");
        assert_eq!(used, values_of(name).iter().copied().collect(), "{name}");
    }
}

#[test]
fn each_choice_has_its_own_sentence() {
    for (language, source, _) in LANGUAGES {
        let bundle = bundle(language, source);
        for (name, value, choices) in CHOICES {
            let mut sentences = BTreeSet::new();
            for choice in choices.iter().copied().chain(["something else"]) {
                let mut values = arguments(name);
                values.set(*value, choice);
                sentences.insert(sentence(&bundle, name, None, &values));
            }
            assert_eq!(sentences.len(), choices.len() + 1, "{language} {name}: {sentences:?}");
        }
    }
}

#[test]
fn the_words_of_the_terminal_exist_in_both_languages() {
    let [english, malay] = LANGUAGES.map(|(_, _, app)| sources(app));
    assert_eq!(english.keys().collect::<Vec<_>>(), malay.keys().collect::<Vec<_>>());
    for (language, _, source) in LANGUAGES {
        let bundle = bundle(language, source);
        for id in english.keys() {
            let kind = id.split('-').next().unwrap_or_default();
            assert!(["change", "label", "severity", "verdict", "field", "text"].contains(&kind), "{id}");
            let mut values = FluentArgs::new();
            values.set("count", 3);
            values.set("percent", 20);
            values.set("changes", "3 joined");
            values.set("list", "a 1");
            values.set("lines", "1, 2");
            values.set("number", "S-000001");
            assert!(!sentence(&bundle, id, None, &values).trim().is_empty(), "{language} {id}");
        }
        for severity in SEVERITIES.map(Severity::id) {
            assert!(bundle.has_message(&format!("severity-{severity}")), "{language}");
            assert!(bundle.has_message(&format!("severity-{severity}-label")), "{language}");
        }
    }
}
