//! Amounts in words, as they stand on cheques: figures and words on a document must say the same.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::json;

use super::ReportError;
use super::labels::{Label, fill};
use crate::domain::Sen;

/// The words of one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Numerals {
    /// 0 to 19.
    units: Vec<String>,
    /// 20, 30 … 90.
    tens: Vec<String>,
    /// Between tens and units.
    tens_join: String,
    /// 100 on its own; Malay says "seratus", not "satu ratus".
    one_hundred: String,
    hundred: String,
    /// 1,000 on its own; Malay says "seribu", not "satu ribu".
    one_thousand: String,
    /// Thousand, million and so on.
    scales: Vec<String>,
    ringgit: String,
    ringgit_and_sen: String,
    sen: String,
    minus: String,
}

#[derive(Deserialize)]
struct Languages {
    ms: Numerals,
    en: Numerals,
}

static LANGUAGES: LazyLock<Languages> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/templates/report/numbers.toml")).expect("a test reads numbers.toml")
});

/// An amount in words, in Malay and English: `Ringgit Malaysia seribu dan lima puluh sen sahaja`.
///
/// # Errors
/// [`ReportError::Words`] where the templates of `numbers.toml` cannot be filled.
pub fn amount_in_words(amount: Sen) -> Result<Label, ReportError> {
    Ok(Label { ms: in_language(&LANGUAGES.ms, amount)?, en: in_language(&LANGUAGES.en, amount)? })
}

fn in_language(numerals: &Numerals, amount: Sen) -> Result<String, ReportError> {
    let (ringgit, sen) = (amount.0.unsigned_abs() / 100, amount.0.unsigned_abs() % 100);
    let template = match (ringgit, sen) {
        (_, 0) => &numerals.ringgit,
        (0, _) => &numerals.sen,
        _ => &numerals.ringgit_and_sen,
    };
    let words = json!({ "ringgit": number(numerals, ringgit), "sen": number(numerals, sen) });
    let text = fill(template, &words)?;
    Ok(if amount.0 < 0 { format!("{} {text}", numerals.minus) } else { text })
}

/// A whole number, in groups of three digits from the left.
fn number(numerals: &Numerals, value: u64) -> String {
    if value < 1000 {
        return below_thousand(numerals, value);
    }
    let mut groups = Vec::new();
    let mut rest = value;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let mut words = Vec::new();
    for (scale, &group) in groups.iter().enumerate().rev() {
        match (scale, group) {
            (_, 0) => {}
            (0, _) => words.push(below_thousand(numerals, group)),
            (1, 1) => words.push(numerals.one_thousand.clone()),
            _ => words.push(format!("{} {}", below_thousand(numerals, group), numerals.scales[scale - 1])),
        }
    }
    words.join(" ")
}

fn below_thousand(numerals: &Numerals, value: u64) -> String {
    let hundreds = match value / 100 {
        0 => String::new(),
        1 => numerals.one_hundred.clone(),
        many => format!("{} {}", unit(numerals, many), numerals.hundred),
    };
    match (hundreds.is_empty(), value % 100) {
        (false, 0) => hundreds,
        (false, rest) => format!("{hundreds} {}", below_hundred(numerals, rest)),
        (true, rest) => below_hundred(numerals, rest),
    }
}

fn below_hundred(numerals: &Numerals, value: u64) -> String {
    match (value / 10, value % 10) {
        (0 | 1, _) => unit(numerals, value).to_owned(),
        (tens, 0) => ten(numerals, tens).to_owned(),
        (tens, units) => format!("{}{}{}", ten(numerals, tens), numerals.tens_join, unit(numerals, units)),
    }
}

fn unit(numerals: &Numerals, value: u64) -> &str {
    &numerals.units[usize::try_from(value).expect("below twenty")]
}

fn ten(numerals: &Numerals, tens: u64) -> &str {
    &numerals.tens[usize::try_from(tens - 2).expect("below ten")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_both_languages() {
        for (sen, ms, en) in [
            (0, "Ringgit Malaysia sifar sahaja", "Ringgit Malaysia zero only"),
            (5, "Ringgit Malaysia lima sen sahaja", "Ringgit Malaysia five sen only"),
            (100, "Ringgit Malaysia satu sahaja", "Ringgit Malaysia one only"),
            (
                123_450,
                "Ringgit Malaysia seribu dua ratus tiga puluh empat dan lima puluh sen sahaja",
                "Ringgit Malaysia one thousand two hundred thirty-four and fifty sen only",
            ),
            (100_000_000, "Ringgit Malaysia satu juta sahaja", "Ringgit Malaysia one million only"),
            (-5, "tolak Ringgit Malaysia lima sen sahaja", "minus Ringgit Malaysia five sen only"),
        ] {
            let words = amount_in_words(Sen(sen)).expect("words");
            assert_eq!((words.ms.as_str(), words.en.as_str()), (ms, en));
        }
    }

    #[test]
    fn numbers_below_at_and_above_each_step() {
        for (value, ms, en) in [
            (9, "sembilan", "nine"),
            (10, "sepuluh", "ten"),
            (11, "sebelas", "eleven"),
            (19, "sembilan belas", "nineteen"),
            (20, "dua puluh", "twenty"),
            (21, "dua puluh satu", "twenty-one"),
            (99, "sembilan puluh sembilan", "ninety-nine"),
            (100, "seratus", "one hundred"),
            (101, "seratus satu", "one hundred one"),
            (999, "sembilan ratus sembilan puluh sembilan", "nine hundred ninety-nine"),
            (1000, "seribu", "one thousand"),
            (1001, "seribu satu", "one thousand one"),
            (2000, "dua ribu", "two thousand"),
            (101_000, "seratus satu ribu", "one hundred one thousand"),
            (1_001_000, "satu juta seribu", "one million one thousand"),
        ] {
            assert_eq!(number(&LANGUAGES.ms, value), ms);
            assert_eq!(number(&LANGUAGES.en, value), en);
        }
        assert!(amount_in_words(Sen(i64::MIN)).is_ok(), "the largest amount has words");
    }

    #[test]
    fn every_word_is_there() {
        for numerals in [&LANGUAGES.ms, &LANGUAGES.en] {
            assert_eq!((numerals.units.len(), numerals.tens.len(), numerals.scales.len()), (20, 8, 5));
        }
    }
}
