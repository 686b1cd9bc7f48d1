//! A summary for programs.

use serde_json::{Value, json};

use super::Line;
use super::fit::{Fit, Verdict, Way};
use super::pick::Pick;
use super::summary::{Figures, InterestWhen, Summary};
use super::transfer::Transfer;

impl Line {
    /// For programs.
    pub fn json(&self) -> Value {
        let basis: Value = self.basis.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        json!({
            "kind": self.kind.id(),
            "reference": self.reference,
            "on": self.on,
            "scheme": self.scheme.id(),
            "months": self.months,
            "amount_sen": self.amount,
            "skbbk_sen": self.skbbk,
            "due_date": self.due_date,
            "days_late": self.days_late,
            "basis": basis,
        })
    }
}

impl Pick {
    /// For programs.
    pub fn json(&self) -> Value {
        let mut value = self.line.json();
        value["people"] = json!(self.people);
        value["received_on"] = json!(self.received_on);
        value["in_cart"] = json!(self.in_cart);
        value
    }
}

impl Summary {
    /// For programs. Places of lines count from 0.
    pub fn json(&self) -> Value {
        let discounts = self.discounts.iter().map(|one| {
            json!({
                "on": one.on,
                "scheme": one.scheme.id(),
                "campaign": one.discount.campaign,
                "percent": one.discount.percent,
                "asked_sen": one.asked,
                "off_sen": one.discount.off_sen,
            })
        });
        let subtotals = self.subtotals.iter().map(|subtotal| {
            json!({
                "scheme": subtotal.scheme.id(),
                "contributions_sen": subtotal.contributions,
                "skbbk_sen": subtotal.skbbk,
                "interest_sen": subtotal.interest,
                "compounds_sen": subtotal.compounds,
                "total_sen": subtotal.total,
            })
        });
        json!({
            "employer_code": self.employer_code,
            "day": self.day,
            "interest": if self.interest_when == InterestWhen::Now { "now" } else { "later" },
            "lines": self.lines.iter().map(Line::json).collect::<Vec<_>>(),
            "subtotals": subtotals.collect::<Vec<_>>(),
            "total_sen": self.total,
            "discounts": discounts.collect::<Vec<_>>(),
            "waiting": {
                "today": figures(self.waiting.today),
                "tomorrow": figures(self.waiting.tomorrow),
                "next_step": self.waiting.step.map(|(on, at)| json!({ "day": on, "interest": figures(at) })),
            },
            "models": self.fits.iter().map(fit).collect::<Vec<_>>(),
        })
    }
}

fn figures(figures: Figures) -> Value {
    json!({ "daily_sen": figures.daily, "with_minimum_sen": figures.with_minimum, "asked_sen": figures.asked })
}

fn transfer(transfer: &Transfer) -> Value {
    json!({ "text": transfer.text, "month": transfer.month, "amount_sen": transfer.amount })
}

fn fit(fit: &Fit) -> Value {
    let mut value = json!({
        "model": fit.model.id(),
        "minimum_sen": fit.minimum,
        "maximum_sen": fit.maximum,
        "bank_limit_sen": fit.bank_limit,
        "limit_sen": fit.limit(),
        "verdict": "fits",
        "transfers": [],
        "payments": [],
        "too_large": [],
    });
    match &fit.verdict {
        Verdict::Fits => {}
        Verdict::BelowMinimum(transfers) => {
            value["verdict"] = json!("below-minimum");
            value["transfers"] = transfers.iter().map(transfer).collect();
        }
        Verdict::AboveLimit(split) => {
            value["verdict"] = json!("above-limit");
            let part = |part: &super::fit::Part| {
                let below = part.below_minimum;
                json!({ "lines": part.lines, "amount_sen": part.amount, "below_minimum": below })
            };
            value["payments"] = split.payments.iter().map(part).collect();
            let large = |one: &super::fit::TooLarge| {
                let (way, model) = match one.way {
                    Way::OtherModel(model) => ("other-model", Some(model.id())),
                    Way::RaiseBankLimit(model) => ("raise-bank-limit", Some(model.id())),
                    Way::OutsideFpx => ("outside-fpx", None),
                };
                json!({
                    "reference": one.reference,
                    "lines": one.lines,
                    "amount_sen": one.amount,
                    "way_out": way,
                    "way_out_model": model,
                    "transfers": one.transfers.iter().map(transfer).collect::<Vec<_>>(),
                })
            };
            value["too_large"] = split.too_large.iter().map(large).collect();
        }
    }
    value
}
