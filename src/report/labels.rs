//! The words of printed documents, from `formats/templates/report/labels.toml`. Read that file beside this one:
//! a word that is missing there, or that nothing here names, fails the first test below.

use std::sync::LazyLock;

use handlebars::Handlebars;
use serde::Deserialize;
use serde_json::Value;

use super::ReportError;
use crate::domain::Scheme;

/// A text in Malay and English.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Malay.
    pub ms: String,
    /// English.
    pub en: String,
}

impl Label {
    /// Puts values into both languages.
    pub(crate) fn fill(&self, values: &Value) -> Result<Label, ReportError> {
        Ok(Label { ms: fill(&self.ms, values)?, en: fill(&self.en, values)? })
    }
}

/// Puts values into a template; a value that is not given is an error, never an empty place.
pub(crate) fn fill(template: &str, values: &Value) -> Result<String, ReportError> {
    ENGINE.render_template(template, values).map_err(|error| ReportError::Words(error.to_string()))
}

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    // Paper is no HTML: an apostrophe stays an apostrophe.
    engine.register_escape_fn(handlebars::no_escape);
    engine
});

/// Everything that can be printed.
pub(crate) static LABELS: LazyLock<Labels> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/templates/report/labels.toml")).expect("a test reads labels.toml")
});

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    pub schemes: Schemes,
    pub kinds: Kinds,
    pub page: Page,
    pub front: Front,
    pub people: People,
    pub paper: Paper,
}

/// What differs between the Acts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schemes {
    pub act4: SchemeWords,
    pub act800: SchemeWords,
}

impl Schemes {
    pub(crate) fn of(&self, scheme: Scheme) -> &SchemeWords {
        match scheme {
            Scheme::Act4 => &self.act4,
            Scheme::Act800 => &self.act800,
        }
    }
}

/// One Act and its document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemeWords {
    pub short: Label,
    pub title: Label,
    pub act: Label,
    pub number: Label,
    /// ACR or ECR.
    pub document: String,
    /// Number of the Act, inside the shape.
    pub mark: String,
}

/// Why an acknowledgement was made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kinds {
    pub monthly: Label,
    pub arrears: Label,
    pub short_payment: Label,
    pub supplementary: Label,
    pub nil: Label,
}

/// Foot and head of every page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub page: Label,
    pub computer: Label,
    pub paper: Label,
    pub binding: Label,
    pub missing: Label,
    pub issued_by: Label,
}

/// First pages of an acknowledgement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Front {
    pub not_receipt: Label,
    pub notice: Label,
    pub employer: Label,
    pub submission: Label,
    pub employer_code: Label,
    pub company_number: Label,
    pub received: Label,
    pub kind: Label,
    pub name_unknown: Label,
    pub months: Label,
    pub month: Label,
    pub people: Label,
    pub first_category: Label,
    pub second_category: Label,
    pub employer_share: Label,
    pub employee_share: Label,
    pub skbbk: Label,
    pub total: Label,
    pub sum: Label,
    pub to_pay: Label,
    pub dues: Label,
    pub dues_note: Label,
    pub dues_none: Label,
    pub due_date: Label,
    pub profile: Label,
    pub no_profile: Label,
    pub days_late: Label,
    pub daily: Label,
    pub minimum: Label,
    pub interest: Label,
    pub tomorrow: Label,
    pub pay: Label,
    pub until: Label,
    pub until_past: Label,
    pub fpx: Label,
    pub counter: Label,
    pub transfer: Label,
    pub transfer_exact: Label,
    pub held: Label,
    pub held_none: Label,
    pub held_some: Label,
    pub source: Label,
    pub file: Label,
    pub digest: Label,
    pub layout: Label,
    pub sent_by: Label,
    pub approved_by: Label,
    pub confirmed: Label,
    pub not_eligible: Label,
    pub not_eligible_note: Label,
    pub source_line: Label,
    pub reason: Label,
}

/// Lists of people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    pub title: Label,
    pub no: Label,
    pub id: Label,
    pub name: Label,
    pub month: Label,
    pub status: Label,
    pub wage: Label,
    pub employer: Label,
    pub employee: Label,
    pub skbbk: Label,
    pub total: Label,
    pub brought_forward: Label,
    pub page_total: Label,
    pub carried_forward: Label,
    pub grand_total: Label,
    pub none: Label,
    pub legend: Label,
}

/// Paper forms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paper {
    pub employer: Label,
    pub number: Label,
    pub prepared: Label,
    pub month: Label,
    pub due: Label,
    pub payment: Label,
    pub cash: Label,
    pub cheque: Label,
    pub amount: Label,
    pub people: Label,
    pub sheet: Label,
    pub signature: Label,
    pub full_name: Label,
    pub telephone: Label,
    pub stamp: Label,
    pub column_1: Label,
    pub column_2: Label,
    pub column_3: Label,
    pub column_4: Label,
    pub column_5: Label,
    pub column_6: Label,
    pub id: Label,
    pub name: Label,
    pub employer_code: Label,
    pub start_date: Label,
    pub leaving_date: Label,
    pub reason: Label,
    pub wage: Label,
    pub reason_left: Label,
    pub reason_died: Label,
    pub total: Label,
    pub borang_8a: Form,
    pub lampiran_1: Form,
    pub arrears: Form,
    pub joiners: Form,
    pub leavers: Form,
}

/// One paper form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// Large, such as Borang 8A.
    pub name: Label,
    pub title: Label,
    /// Advice printed under the head.
    pub notes: Vec<Label>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        assert_eq!(LABELS.schemes.of(Scheme::Act4).document, "ACR");
        assert_eq!(LABELS.schemes.of(Scheme::Act800).document, "ECR");
        let table: toml::Table =
            toml::from_str(include_str!("../../formats/templates/report/labels.toml")).expect("the label file");
        fn walk(value: &toml::Value, texts: &mut usize) {
            match value {
                toml::Value::String(text) => {
                    assert!(!text.trim().is_empty());
                    *texts += 1;
                }
                toml::Value::Table(table) => table.values().for_each(|value| walk(value, texts)),
                toml::Value::Array(array) => array.iter().for_each(|value| walk(value, texts)),
                _ => panic!("only texts stand in the label file"),
            }
        }
        let mut texts = 0;
        table.values().for_each(|value| walk(value, &mut texts));
        assert!(texts > 200);
    }

    #[test]
    fn a_missing_value_is_an_error_and_an_apostrophe_stays() {
        assert!(fill("{{number}}", &serde_json::json!({})).is_err());
        assert_eq!(fill("{{name}}", &serde_json::json!({"name": "D'CONTOH & CO"})).expect("text"), "D'CONTOH & CO");
    }
}
