//! Whether one payment can carry a cart: the limits of FPX and of the employer's bank, the fewest payments over a limit, and
//! the way out of what fits nowhere.

use super::Line;
use super::split::pack;
use super::summary::Summary;
use super::transfer::{Transfer, transfers};
use crate::domain::{ContributionMonth, Employer, PaymentModel, Sen};
use crate::fpx::limits::Limits;

/// Whether one payment of a model can carry the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Personal or corporate.
    pub model: PaymentModel,
    /// The least that FPX takes.
    pub minimum: Sen,
    /// The most that FPX takes.
    pub maximum: Sen,
    /// The employer's own limit at the bank, where it is set.
    pub bank_limit: Option<Sen>,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One payment: Continue.
    Fits,
    /// Less than FPX takes: counter or transfer.
    BelowMinimum(Vec<Transfer>),
    /// More than one payment may be.
    AboveLimit(Split),
}

/// The fewest payments that carry the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// In the order in which to pay.
    pub payments: Vec<Part>,
    /// What alone is more than one payment may be.
    pub too_large: Vec<TooLarge>,
}

/// One payment of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Places in [`Summary::lines`].
    pub lines: Vec<usize>,
    /// Their sum.
    pub amount: Sen,
    /// It is less than FPX takes, and could not be helped: counter or transfer.
    pub below_minimum: bool,
}

/// An acknowledgement with its interest, or a charge, that alone is over the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    /// Its number.
    pub reference: String,
    /// Places in [`Summary::lines`].
    pub lines: Vec<usize>,
    /// Their sum.
    pub amount: Sen,
    /// The way out.
    pub way: Way,
    /// Outside FPX, with these texts.
    pub transfers: Vec<Transfer>,
}

/// A way out for what is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The other model can carry it.
    OtherModel(PaymentModel),
    /// FPX would take it if the employer's own limit at the bank were raised.
    RaiseBankLimit(PaymentModel),
    /// Only a counter or a transfer.
    OutsideFpx,
}

impl Fit {
    /// The most that one payment may be: FPX's maximum, or the bank's own limit where that is less.
    pub fn limit(&self) -> Sen {
        self.bank_limit.map_or(self.maximum, |bank| bank.min(self.maximum))
    }

    fn of(model: PaymentModel, employer: Option<&Employer>) -> Fit {
        let limits = Limits::embedded().of(model);
        let bank_limit = employer.and_then(|employer| match model {
            PaymentModel::B2c => employer.bank_limit_personal,
            PaymentModel::B2b1 => employer.bank_limit_corporate,
        });
        Fit { model, minimum: limits.minimum, maximum: limits.maximum, bank_limit, verdict: Verdict::Fits }
    }
}

/// Judges a summary by the limits of a model.
pub(super) fn judge(summary: &Summary, model: PaymentModel, employer: Option<&Employer>) -> Fit {
    let mut fit = Fit::of(model, employer);
    if summary.total < fit.minimum {
        let otherwise = ContributionMonth::of(summary.day);
        fit.verdict = Verdict::BelowMinimum(transfers(&summary.employer_code, &summary.lines, otherwise));
    } else if summary.total > fit.limit() {
        fit.verdict = Verdict::AboveLimit(split(summary, &fit, employer));
    }
    fit
}

/// Lines that stay together: an acknowledgement and everything on it, or a charge by itself.
fn units(lines: &[Line]) -> Vec<(String, Vec<usize>)> {
    let mut units: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        // What is on an acknowledgement follows it.
        match units.last_mut() {
            Some((own, places)) if line.on.as_ref() == Some(own) => places.push(at),
            _ => units.push((line.reference.clone().or_else(|| line.on.clone()).unwrap_or_default(), vec![at])),
        }
    }
    units
}

fn split(summary: &Summary, fit: &Fit, employer: Option<&Employer>) -> Split {
    let sum = |places: &[usize]| -> Sen { places.iter().map(|place| summary.lines[*place].amount).sum() };
    let (mut fine, mut too_large) = (Vec::new(), Vec::new());
    for (reference, lines) in units(&summary.lines) {
        let amount = sum(&lines);
        if amount <= fit.limit() {
            fine.push((amount, lines));
            continue;
        }
        let otherwise = ContributionMonth::of(summary.day);
        let own = lines.iter().map(|place| &summary.lines[*place]);
        let transfers = transfers(&summary.employer_code, own, otherwise);
        too_large.push(TooLarge { reference, way: way_out(amount, fit, employer), amount, lines, transfers });
    }
    let amounts: Vec<Sen> = fine.iter().map(|(amount, _)| *amount).collect();
    let payments = pack(&amounts, fit.limit(), fit.minimum).into_iter().map(|units| {
        let lines: Vec<usize> = units.into_iter().flat_map(|unit| fine[unit].1.iter().copied()).collect();
        let amount = sum(&lines);
        Part { lines, amount, below_minimum: amount < fit.minimum }
    });
    Split { payments: payments.collect(), too_large }
}

fn way_out(amount: Sen, fit: &Fit, employer: Option<&Employer>) -> Way {
    let other = PaymentModel::ALL.into_iter().find(|model| *model != fit.model);
    let other = other.map(|model| Fit::of(model, employer));
    match other {
        Some(other) if amount <= other.limit() && amount >= other.minimum => Way::OtherModel(other.model),
        _ if amount <= fit.maximum => Way::RaiseBankLimit(fit.model),
        Some(other) if amount <= other.maximum => Way::RaiseBankLimit(other.model),
        _ => Way::OutsideFpx,
    }
}

#[cfg(test)]
mod tests {
    use super::super::late::tests::record;
    use super::super::summary::add_up;
    use super::super::summary::tests::{CODE, IN_TIME, content, of, options};
    use super::*;
    use crate::domain::EmployerCode;
    use crate::rates::RateBook;

    #[test]
    fn limits_hold_to_the_sen() {
        for (model, amount, verdict) in [
            (PaymentModel::B2c, 99, "below-minimum"),
            (PaymentModel::B2c, 100, "fits"),
            (PaymentModel::B2c, 2_999_999, "fits"),
            (PaymentModel::B2c, 3_000_000, "fits"),
            (PaymentModel::B2c, 3_000_001, "above-limit"),
            (PaymentModel::B2b1, 199, "below-minimum"),
            (PaymentModel::B2b1, 200, "fits"),
            (PaymentModel::B2b1, 100_000_000, "fits"),
            (PaymentModel::B2b1, 100_000_001, "above-limit"),
        ] {
            // Two halves, so that what is over can be split.
            let halves = [("ACR1", amount / 2), ("ECR1", amount - amount / 2)];
            let records: Vec<_> = halves.iter().map(|(n, a)| record(n, &[("2026-10", *a)])).collect();
            let summary = of(&records, IN_TIME);
            let fit = summary.fit(model).expect("both models");
            let found = match &fit.verdict {
                Verdict::Fits => "fits",
                Verdict::BelowMinimum(transfers) => {
                    let [transfer] = &transfers[..] else { panic!("one month, one transfer") };
                    assert_eq!(transfer.text.as_deref(), Some("A9900000001Z10261010"));
                    assert_eq!(transfer.amount, Sen(amount));
                    "below-minimum"
                }
                Verdict::AboveLimit(split) => {
                    assert_eq!((split.payments.len(), split.too_large.len()), (2, 0));
                    assert!(split.payments.iter().all(|part| part.amount <= fit.limit()));
                    "above-limit"
                }
            };
            assert_eq!((found, summary.total), (verdict, Sen(amount)), "{model} {amount}");
        }
    }

    #[test]
    fn the_banks_own_limit_counts() {
        let (_, code) = EmployerCode::read(CODE);
        let mut employer = Employer::new(code.expect("a code"));
        employer.bank_limit_personal = Some(Sen(1_000_000));
        let judged = |amount: i64| {
            let records = [record("ACR1", &[("2026-10", amount)]), record("ECR1", &[("2026-10", 100)])];
            let book = RateBook::embedded();
            let summary = add_up(content(&records), Some(&employer), book, CODE, &options(IN_TIME));
            summary.fit(PaymentModel::B2c).expect("personal").verdict.clone()
        };
        assert_eq!(judged(999_900), Verdict::Fits);
        let Verdict::AboveLimit(split) = judged(999_901) else { panic!("over") };
        assert_eq!(split.payments.len(), 2);
        let Verdict::AboveLimit(split) = judged(1_000_001) else { panic!("over") };
        let [one] = &split.too_large[..] else { panic!("one alone is too large") };
        assert_eq!((one.reference.as_str(), one.way), ("ACR1", Way::OtherModel(PaymentModel::B2b1)));
        employer.bank_limit_corporate = Some(Sen(1_000_000));
        assert_eq!(way_out(Sen(1_000_001), &Fit::of(PaymentModel::B2c, Some(&employer)), Some(&employer)), {
            Way::RaiseBankLimit(PaymentModel::B2c)
        });
        let largest = Fit::of(PaymentModel::B2b1, None);
        assert_eq!(way_out(Sen(100_000_001), &largest, None), Way::OutsideFpx);
    }
}
