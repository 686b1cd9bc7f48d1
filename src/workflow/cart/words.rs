//! A summary in words: what a clerk reads beside the table, in English or Malay (`formats/messages/{en,ms}/cart.ftl`).

use chrono::{DateTime, FixedOffset};

use super::fit::{Fit, Split, TooLarge, Verdict, Way};
use super::summary::{Figures, InterestWhen, Summary};
use super::transfer::Transfer;
use super::{Line, LineKind};
use crate::domain::{ChargeKind, PaymentModel, Sen};
use crate::messages::Messages;

/// Ringgit as people write it: `RM 31,000.00`.
pub fn ringgit(amount: Sen) -> String {
    let (whole, part) = (amount.0.unsigned_abs() / 100, amount.0.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("RM {}{grouped}.{part:02}", if amount.0 < 0 { "-" } else { "" })
}

/// A moment in Malaysian time, to the minute: `2026-11-10 09:00`.
pub fn moment(at: DateTime<FixedOffset>) -> String {
    let malaysian = FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset");
    at.with_timezone(&malaysian).format("%Y-%m-%d %H:%M").to_string()
}

/// The name of a model.
pub fn model_name(model: PaymentModel, messages: &Messages) -> String {
    messages.text(match model {
        PaymentModel::B2c => "cart-model-b2c",
        PaymentModel::B2b1 => "cart-model-b2b1",
    })
}

impl Summary {
    /// What waiting costs, what campaigns give up, and how to go on, a sentence each.
    pub fn sentences(&self, messages: &Messages) -> Vec<String> {
        let mut said = self.waiting_in_words(messages);
        for one in &self.discounts {
            let values = [
                ("number", one.on.clone()),
                ("campaign", one.discount.campaign.clone()),
                ("percent", one.discount.percent.to_string()),
                ("off", ringgit(one.discount.off_sen)),
                ("asked", ringgit(one.asked)),
            ];
            said.push(messages.with("cart-discount", &values));
        }
        said.extend(self.fits_in_words(messages));
        said
    }

    /// How to go on, for each model that is looked at.
    pub fn fits_in_words(&self, messages: &Messages) -> Vec<String> {
        self.fits.iter().flat_map(|fit| self.fit_in_words(fit, messages)).collect()
    }

    /// The price of waiting in plain words.
    pub fn waiting_in_words(&self, messages: &Messages) -> Vec<String> {
        let figures = |figures: Figures| {
            vec![
                ("asked", ringgit(figures.asked)),
                ("daily", ringgit(figures.daily)),
                ("minimum", ringgit(figures.with_minimum)),
            ]
        };
        let waiting = &self.waiting;
        let mut said = Vec::new();
        if waiting.today.with_minimum > Sen::ZERO {
            let mut values = figures(waiting.today);
            values.push(("day", self.day.to_string()));
            let id = if self.interest_when == InterestWhen::Now { "cart-late-now" } else { "cart-late-later" };
            said.push(messages.with(id, &values));
            said.extend(self.apart_in_words(messages));
            said.push(messages.with("cart-late-tomorrow", &figures(waiting.tomorrow)));
        } else if waiting.step.is_some() {
            said.push(messages.with("cart-not-late", &[("day", self.day.to_string())]));
        }
        if let Some((on, at_step)) = waiting.step {
            let mut values = figures(at_step);
            values.push(("day", on.to_string()));
            values.push(("more", ringgit(at_step.asked - waiting.today.asked)));
            said.push(messages.with("cart-late-step", &values));
        }
        if waiting.today.with_minimum > Sen::ZERO {
            said.push(messages.text("text-interest-estimate"));
        }
        said
    }

    /// Late interest that has its number already stands in the same column, but is not part of what waiting costs.
    fn apart_in_words(&self, messages: &Messages) -> Option<String> {
        let numbered = |line: &&Line| line.kind == LineKind::Charge(ChargeKind::Interest) && line.reference.is_some();
        let amount: Sen = self.lines.iter().filter(numbered).map(|line| line.amount).sum();
        (!amount.is_zero()).then(|| messages.with("cart-late-apart", &[("amount", ringgit(amount))]))
    }

    /// The next command, where FPX can carry the cart or a part of it.
    pub fn next_in_words(&self, messages: &Messages) -> Option<String> {
        let fits = |fit: &&Fit| fit.verdict == Verdict::Fits;
        let part = |fit: &&Fit| {
            let Verdict::AboveLimit(split) = &fit.verdict else { return false };
            split.payments.first().is_some_and(|part| !part.below_minimum)
        };
        let fit = self.fits.iter().find(fits).or_else(|| self.fits.iter().find(part))?;
        let mut command = format!("pay --employer {} --model {} --bank CODE", self.employer_code, fit.model.id());
        if fit.verdict != Verdict::Fits {
            command.push_str(" --part 1");
        }
        if self.interest_when == InterestWhen::Later {
            command.push_str(" --interest later");
        }
        Some(messages.with("cart-next-step", &[("command", command)]))
    }

    fn fit_in_words(&self, fit: &Fit, messages: &Messages) -> Vec<String> {
        let mut values = vec![
            ("model", model_name(fit.model, messages)),
            ("total", ringgit(self.total)),
            ("limit", ringgit(fit.limit())),
            ("minimum", ringgit(fit.minimum)),
        ];
        match &fit.verdict {
            Verdict::Fits => vec![messages.with("cart-fits", &values)],
            Verdict::BelowMinimum(transfers) => {
                let mut said = vec![messages.with("cart-below-minimum", &values)];
                said.extend(transfers.iter().map(|transfer| transfer_in_words(transfer, messages)));
                said
            }
            Verdict::AboveLimit(split) => {
                values.push(("count", split.payments.len().to_string()));
                let own = fit.bank_limit.is_some_and(|bank| bank < fit.maximum);
                let id = if own { "cart-above-bank-limit" } else { "cart-above-limit" };
                let mut said = vec![messages.with(id, &values)];
                said.extend(self.split_in_words(split, messages));
                said
            }
        }
    }

    fn split_in_words(&self, split: &Split, messages: &Messages) -> Vec<String> {
        let mut said = Vec::new();
        for (part, number) in split.payments.iter().zip(1_u32..) {
            let numbers = part.lines.iter().filter_map(|place| self.lines[*place].reference.clone());
            let values = [
                ("place", number.to_string()),
                ("amount", ringgit(part.amount)),
                ("list", numbers.collect::<Vec<_>>().join(", ")),
            ];
            let id = if part.below_minimum { "cart-part-below-minimum" } else { "cart-part" };
            said.push(messages.with(id, &values));
        }
        said.extend(split.too_large.iter().flat_map(|one| too_large_in_words(one, messages)));
        said
    }
}

fn too_large_in_words(one: &TooLarge, messages: &Messages) -> Vec<String> {
    let (id, model) = match one.way {
        Way::OtherModel(model) => ("cart-too-large-other-model", Some(model)),
        Way::RaiseBankLimit(model) => ("cart-too-large-bank-limit", Some(model)),
        Way::OutsideFpx => ("cart-too-large-outside", None),
    };
    let model = model.map_or_else(String::new, |model| model_name(model, messages));
    let values = [("number", one.reference.clone()), ("amount", ringgit(one.amount)), ("model", model)];
    let mut said = vec![messages.with(id, &values)];
    said.extend(one.transfers.iter().map(|transfer| transfer_in_words(transfer, messages)));
    said
}

/// How a transfer is made.
pub fn transfer_in_words(transfer: &Transfer, messages: &Messages) -> String {
    let values = [
        ("amount", ringgit(transfer.amount)),
        ("month", transfer.month.to_string()),
        ("text", format!("\u{201c}{}\u{201d}", transfer.text.as_deref().unwrap_or("?"))),
    ];
    let id = if transfer.text.is_some() { "cart-transfer" } else { "cart-transfer-no-text" };
    messages.with(id, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_sentences_with_the_same_values() {
        let of = |text: &'static str| -> Vec<(&'static str, Vec<&'static str>)> {
            let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
            let sentence = |line: &'static str| {
                let (id, text) = line.split_once(" = ").unwrap_or((line, ""));
                let mut values: Vec<&str> = text.split('$').skip(1).filter_map(|v| v.split(' ').next()).collect();
                values.sort_unstable();
                values.dedup();
                (id, values)
            };
            text.lines().filter(starts).map(sentence).collect()
        };
        let english = of(include_str!("../../../formats/messages/en/cart.ftl"));
        assert!(english.len() > 50);
        let malay = of(include_str!("../../../formats/messages/ms/cart.ftl"));
        assert_eq!(english, malay);
    }

    #[test]
    fn thousands_are_parted() {
        for (sen, text) in [
            (0, "RM 0.00"),
            (99_999, "RM 999.99"),
            (100_000, "RM 1,000.00"),
            (100_000_001, "RM 1,000,000.01"),
            (-123_456, "RM -1,234.56"),
        ] {
            assert_eq!(ringgit(Sen(sen)), text);
        }
    }
}
