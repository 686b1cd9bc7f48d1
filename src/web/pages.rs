//! Pages: templates and words of `formats/templates/web/`, escaped, compiled in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use handlebars::Handlebars;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::domain::Language;

/// The style of every page.
pub const STYLE: &str = include_str!("../../formats/templates/web/style.css");
/// Takes the employer to the bank without a click. The only script.
const SCRIPT: &str = include_str!("../../formats/templates/web/submit.js");

const TEMPLATES: [(&str, &str); 8] = [
    ("layout", include_str!("../../formats/templates/web/layout.hbs")),
    ("items", include_str!("../../formats/templates/web/items.hbs")),
    ("pay", include_str!("../../formats/templates/web/pay.hbs")),
    ("go", include_str!("../../formats/templates/web/go.hbs")),
    ("bank", include_str!("../../formats/templates/web/bank.hbs")),
    ("payment", include_str!("../../formats/templates/web/payment.hbs")),
    ("notice", include_str!("../../formats/templates/web/notice.hbs")),
    ("verify", include_str!("../../formats/templates/web/verify.hbs")),
];

static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    // A value that is not given is an error, never an empty place. Every value is escaped.
    engine.set_strict_mode(true);
    for (name, text) in TEMPLATES {
        let text = text.replace("@STYLE@", STYLE).replace("@SCRIPT@", SCRIPT);
        engine.register_template_string(name, text).unwrap_or_else(|error| panic!("formats/templates/web: {error}"));
    }
    engine
});

static WORDS: LazyLock<BTreeMap<String, [String; 2]>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/templates/web/words.toml")).expect("a test reads words.toml")
});

/// A word or sentence of `words.toml`, its places filled.
pub fn word(language: Language, name: &str, places: &[(&str, &str)]) -> String {
    let both = WORDS.get(name).unwrap_or_else(|| panic!("words.toml has no {name}"));
    let mut text = both[usize::from(language == Language::Malay)].clone();
    for (place, value) in places {
        text = text.replace(&format!("{{{place}}}"), value);
    }
    text
}

/// What every page has.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// Language.
    pub language: Language,
    /// Who shows it.
    pub issuer: &'a str,
    /// Its heading.
    pub title: String,
    /// Its own path, for the link to the other language.
    pub path: &'a str,
    /// Seconds after which it looks again; none for a page that does not change.
    pub refresh: Option<u32>,
}

/// The tag of a language.
pub const fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Malay => "ms",
    }
}

/// Fills a template. `values` is an object.
pub fn render(template: &str, frame: &Frame<'_>, values: Value) -> String {
    let (other, other_name) = match frame.language {
        Language::English => (Language::Malay, "Bahasa Malaysia"),
        Language::Malay => (Language::English, "English"),
    };
    let mut all = match values {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let words = WORDS
        .iter()
        .map(|(name, both)| (name.clone(), Value::from(both[usize::from(frame.language == Language::Malay)].as_str())));
    all.insert("w".to_owned(), Value::Object(words.collect()));
    all.insert(
        "page".to_owned(),
        json!({
            "lang": tag(frame.language),
            "other_lang": tag(other),
            "other_name": other_name,
            "other_href": format!("{}?lang={}", frame.path, tag(other)),
            "issuer": frame.issuer,
            "title": frame.title,
            "refresh": frame.refresh,
        }),
    );
    ENGINE.render(template, &all).unwrap_or_else(|error| panic!("formats/templates/web/{template}.hbs: {error}"))
}

/// What a page may load and where its form may go. `form_action`: `'self'`, or FPX's origin for the page that goes there.
pub fn policy(form_action: &str) -> String {
    format!("default-src 'none'; style-src 'self'; img-src 'self'; form-action {form_action}; base-uri 'none'")
}

/// The same for the page that goes to the bank: its own style and script, by their digests, and FPX as the only target.
pub fn bank_policy(origin: &str) -> String {
    let digest = |text: &str| openssl::base64::encode_block(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; form-action {origin}; base-uri 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_both_languages() {
        for (name, both) in WORDS.iter() {
            assert!(both.iter().all(|text| !text.trim().is_empty()), "{name}");
            let places = |text: &str| text.matches('{').count();
            assert_eq!(places(&both[0]), places(&both[1]), "{name}");
        }
    }

    #[test]
    fn values_are_escaped() {
        let frame =
            Frame { language: Language::Malay, issuer: "A & <B>", title: "T".to_owned(), path: "/x", refresh: None };
        let values = json!({ "tone": "bad", "heading": "<script>", "said": "\"'", "link": null, "link_name": "" });
        let page = render("notice", &frame, values);
        assert!(page.contains("A &amp; &lt;B&gt;") && page.contains("&lt;script&gt;") && !page.contains("<script"));
        assert!(page.contains("lang=\"ms\"") && page.contains("/x?lang&#x3D;en") && !page.contains("refresh"));
    }

    #[test]
    fn the_bank_page_carries_its_own_style() {
        assert!(!STYLE.contains("@STYLE@") && !STYLE.contains("{{") && !SCRIPT.contains("</"));
        assert!(bank_policy("https://fpx.example").contains("form-action https://fpx.example;"));
    }
}
