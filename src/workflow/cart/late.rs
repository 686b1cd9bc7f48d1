//! Late interest of an acknowledgement: reckoned for a day, by contribution month, with what a campaign gives up; as a
//! charge; and the difference when the money came on another day.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{CartError, Line, LineKind};
use crate::domain::{ChargeKind, ChargeState, ContributionMonth, Scheme, Sen, SubmissionKind};
use crate::rates::{InterestProfile, RateBook};
use crate::store::{AcknowledgementRecord, ChargeRecord, Group, NewCharge, NewEvent};

/// What an acknowledgement is about, from its frozen facts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Facts {
    /// Why it was handed in.
    #[serde(default)]
    pub kind: SubmissionKind,
    /// Its months, in order.
    pub months: Vec<FactMonth>,
}

/// A month of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct FactMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Everything to pay for it, sen.
    pub total: Sen,
    /// Of it, SKBBK.
    #[serde(default)]
    pub skbbk: Sen,
}

/// How interest came about, as kept in `charge.basis`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The day of payment for which it was reckoned.
    pub day: NaiveDate,
    /// How it was reckoned.
    pub profile: InterestProfile,
    /// Month by month.
    pub months: Vec<BasisMonth>,
    /// All together, before anything is given up.
    pub asked_sen: Sen,
    /// What a campaign gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<BasisDiscount>,
    /// Of it, what was charged before: this charge asks the rest.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub already_sen: Sen,
}

/// A month of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// What was due for it.
    pub amount_sen: Sen,
    /// Until when.
    pub due_date: NaiveDate,
    /// Days late.
    pub days_late: u32,
    /// Months or parts of a month in default.
    pub months_or_parts: u32,
    /// By the day alone.
    pub daily_sen: Sen,
    /// With the minimum.
    pub interest_sen: Sen,
}

/// What a campaign gives up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisDiscount {
    /// The campaign, in the words of the data.
    pub campaign: String,
    /// How much of the interest.
    pub percent: u8,
    /// So many sen.
    pub off_sen: Sen,
}

const fn is_nothing(sen: &Sen) -> bool {
    sen.is_zero()
}

/// Interest as it should be and as it was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// So much is missing.
    Short(Sen),
    /// So much too much was charged.
    Over(Sen),
    /// It is right.
    Ties,
}

impl Facts {
    /// Reads the frozen part of an acknowledgement.
    ///
    /// # Errors
    /// [`CartError::Frozen`].
    pub fn of(record: &AcknowledgementRecord) -> Result<Facts, CartError> {
        serde_json::from_str(&record.frozen)
            .map_err(|source| CartError::Frozen { number: record.number.clone(), source })
    }

    /// What paying late costs on a day, month by month, with what a campaign of that day gives up.
    pub fn late_on(&self, book: &RateBook, day: NaiveDate) -> Basis {
        let dues = book.dues();
        let mut months = Vec::new();
        for month in &self.months {
            let late = dues.late_interest(month.total, month.month, day, InterestProfile::Statute);
            if late.days_late > 0 && !late.interest.is_zero() {
                months.push(BasisMonth {
                    month: month.month,
                    amount_sen: month.total,
                    due_date: late.due_date,
                    days_late: late.days_late,
                    months_or_parts: late.months_or_parts,
                    daily_sen: late.daily,
                    interest_sen: late.interest,
                });
            }
        }
        let asked_sen: Sen = months.iter().map(|month| month.interest_sen).sum();
        let found = dues.concession_on(day).filter(|_| !asked_sen.is_zero());
        let discount = found.map(|concession| BasisDiscount {
            campaign: concession.what.clone(),
            percent: concession.share(),
            off_sen: concession.off(asked_sen),
        });
        Basis { day, profile: InterestProfile::Statute, months, asked_sen, discount, already_sen: Sen::ZERO }
    }
}

impl Basis {
    /// What is asked: interest less what a campaign gives up and what was charged before.
    pub fn net(&self) -> Sen {
        self.asked_sen - self.off() - self.already_sen
    }

    /// What a campaign gives up.
    pub fn off(&self) -> Sen {
        self.discount.as_ref().map_or(Sen::ZERO, |discount| discount.off_sen)
    }

    /// By the day alone, without minimum or campaign.
    pub fn daily(&self) -> Sen {
        self.months.iter().map(|month| month.daily_sen).sum()
    }

    /// As kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain values with text keys")
    }
}

/// What interest on an acknowledgement should be when paid on a day, beside what was charged already (as asked at first,
/// after a campaign, before appeals).
///
/// # Errors
/// [`CartError::Frozen`].
pub fn interest_difference(
    book: &RateBook,
    record: &AcknowledgementRecord,
    paid_on: NaiveDate,
    already: Sen,
) -> Result<Difference, CartError> {
    let due = Facts::of(record)?.late_on(book, paid_on).net();
    Ok(match (due - already).0 {
        0 => Difference::Ties,
        short if short > 0 => Difference::Short(Sen(short)),
        over => Difference::Over(Sen(-over)),
    })
}

/// After a payment: asks what interest is missing for the day on which it came, as a charge of its own; what a campaign
/// gives up wholly is recorded as waived. Gives the difference found and the new charge. Too much ([`Difference::Over`])
/// is for the caller to open a case for. PERKESO's own notice on the acknowledgement is final, and so is the decision on
/// an appeal. Call it after the payment's own charges have been moved.
///
/// # Errors
/// [`CartError`].
pub fn assess_short_interest(
    group: &mut Group<'_>,
    book: &RateBook,
    record: &AcknowledgementRecord,
    paid_on: NaiveDate,
    (who, now): (&str, DateTime<FixedOffset>),
) -> Result<(Difference, Option<String>), CartError> {
    let mut charges = group.charges_on(&record.number)?;
    charges.retain(|charge| charge.kind == ChargeKind::Interest && charge.state != ChargeState::Void);
    let mut already = Sen::ZERO;
    for charge in &charges {
        match asked_at_first(charge) {
            Some(asked) => already += asked,
            None => return Ok((Difference::Ties, None)),
        }
    }
    let mut basis = Facts::of(record)?.late_on(book, paid_on);
    let difference = interest_difference(book, record, paid_on, already)?;
    let waived = charges.is_empty() && basis.net().is_zero() && !basis.asked_sen.is_zero();
    if !matches!(difference, Difference::Short(_)) && !waived {
        return Ok((difference, None));
    }
    basis.already_sen = already;
    let assessed = if charges.is_empty() { basis.asked_sen } else { basis.net() };
    let number = group.assess(new_charge(record, &basis, assessed), now)?;
    let detail = format!("{} on {}, paid {paid_on}", assessed, record.number);
    let what = if waived { "waived" } else { "assessed" }.to_owned();
    group.event(NewEvent { at: now, who: who.to_owned(), subject: number.clone(), what, detail })?;
    Ok((difference, Some(number)))
}

fn new_charge(record: &AcknowledgementRecord, basis: &Basis, assessed: Sen) -> NewCharge {
    NewCharge {
        kind: ChargeKind::Interest,
        employer_code: record.employer_code.clone(),
        scheme: record.scheme,
        acknowledgement: Some(record.number.clone()),
        month: only_month(&basis.months.iter().map(|month| month.month).collect::<Vec<_>>()),
        assessed,
        amount: basis.net(),
        basis: basis.text(),
        assessed_on: basis.day,
    }
}

/// What a charge of ours asked at first, after a campaign and before appeals; `None` for a notice of PERKESO.
fn asked_at_first(charge: &ChargeRecord) -> Option<Sen> {
    let basis: Basis = serde_json::from_str(&charge.basis).ok()?;
    Some(basis.net())
}

fn only_month(months: &[ContributionMonth]) -> Option<ContributionMonth> {
    if let [month] = months { Some(*month) } else { None }
}

impl Line {
    /// The charge that a line of interest becomes when a payment begins; `None` where it has its number already, or is
    /// no interest.
    pub fn new_charge(&self, employer_code: &str) -> Option<NewCharge> {
        if self.kind != LineKind::Charge(ChargeKind::Interest) || self.reference.is_some() {
            return None;
        }
        let text = self.basis.clone()?;
        let basis: Basis = serde_json::from_str(&text).ok()?;
        Some(NewCharge {
            kind: ChargeKind::Interest,
            employer_code: employer_code.to_owned(),
            scheme: self.scheme,
            acknowledgement: self.on.clone(),
            month: only_month(&self.months),
            assessed: basis.asked_sen,
            amount: self.amount,
            basis: text,
            assessed_on: basis.day,
        })
    }
}

/// The line of an acknowledgement itself.
pub(super) fn contribution_line(
    record: &AcknowledgementRecord,
    facts: &Facts,
    book: &RateBook,
    day: NaiveDate,
) -> Line {
    let months: Vec<ContributionMonth> = facts.months.iter().map(|month| month.month).collect();
    let due_date = months.iter().map(|month| book.dues().due_date(*month)).min();
    Line {
        kind: LineKind::Contribution(facts.kind),
        reference: Some(record.number.clone()),
        on: None,
        scheme: record.scheme,
        months,
        amount: record.total,
        skbbk: if record.scheme == Scheme::Act4 {
            facts.months.iter().map(|month| month.skbbk).sum()
        } else {
            Sen::ZERO
        },
        due_date,
        days_late: due_date.map_or(0, |due| u32::try_from((day - due).num_days()).unwrap_or(0)),
        basis: None,
    }
}

/// The line of interest on an acknowledgement; `None` where nothing is asked.
pub(super) fn interest_line(record: &AcknowledgementRecord, basis: &Basis) -> Option<Line> {
    if basis.net() <= Sen::ZERO {
        return None;
    }
    Some(Line {
        kind: LineKind::Charge(ChargeKind::Interest),
        reference: None,
        on: Some(record.number.clone()),
        scheme: record.scheme,
        months: basis.months.iter().map(|month| month.month).collect(),
        amount: basis.net(),
        skbbk: Sen::ZERO,
        due_date: basis.months.iter().map(|month| month.due_date).min(),
        days_late: basis.months.iter().map(|month| month.days_late).max().unwrap_or(0),
        basis: Some(basis.text()),
    })
}

/// The line of a charge that stands.
pub(super) fn charge_line(charge: &ChargeRecord) -> Line {
    Line {
        kind: LineKind::Charge(charge.kind),
        reference: Some(charge.number.clone()),
        on: charge.acknowledgement.clone(),
        scheme: charge.scheme,
        months: charge.month.into_iter().collect(),
        amount: charge.amount,
        skbbk: Sen::ZERO,
        due_date: None,
        days_late: 0,
        basis: Some(charge.basis.clone()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::states::AcknowledgementState;
    use crate::store::SubmissionId;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// An acknowledgement in a cart, made up.
    pub(in crate::workflow::cart) fn record(number: &str, months: &[(&str, i64)]) -> AcknowledgementRecord {
        let frozen: Vec<_> = months.iter().map(|(m, t)| serde_json::json!({"month": m, "total": t})).collect();
        AcknowledgementRecord {
            number: number.to_owned(),
            submission: SubmissionId(1),
            employer_code: "A9900000001Z".to_owned(),
            scheme: if number.starts_with("ECR") { Scheme::Act800 } else { Scheme::Act4 },
            state: AcknowledgementState::InCart,
            people: 1,
            total: Sen(months.iter().map(|(_, total)| total).sum()),
            frozen: serde_json::json!({ "months": frozen }).to_string(),
            received_at: "2026-11-10T09:00:00+08:00".to_owned(),
        }
    }

    /// The embedded book with an 80 % campaign in January and February 2027, or a waiver.
    pub(in crate::workflow::cart) fn campaign(percent: u8) -> RateBook {
        let text = format!(
            "{}\n[[concession]]\nkind = \"discount\"\nwhat = \"new year\"\npercent = {percent}\n\
             first_day = \"2027-01-01\"\nlast_day = \"2027-02-28\"\napplies = true\nsource = \"made up\"\n",
            include_str!("../../../formats/dues/late-interest.toml")
        );
        RateBook::load(&move |asked| (asked == "dues/late-interest.toml").then(|| text.clone())).expect("sound")
    }

    #[test]
    fn months_are_reckoned_one_by_one() {
        // Due 15 October and 15 November; on 16 November two and one months in default.
        let facts = Facts::of(&record("ACR1", &[("2026-09", 100_000), ("2026-10", 100_000)])).expect("facts");
        let book = RateBook::embedded();
        for (on, daily, asked) in
            [("2026-10-15", 0, 0), ("2026-10-16", 16, 500), ("2026-11-15", 510, 510), ("2026-11-16", 526 + 16, 1510)]
        {
            let basis = facts.late_on(book, day(on));
            assert_eq!((basis.daily().0, basis.asked_sen.0, basis.net().0), (daily, asked, asked), "{on}");
        }
    }

    #[test]
    fn a_campaign_takes_off_on_its_days_and_keeps_what_was_asked() {
        let facts = Facts::of(&record("ACR1", &[("2026-10", 100_000)])).expect("facts");
        for (on, percent, asked, net) in [
            ("2026-12-31", 80, 1000, 1000),
            ("2027-01-01", 80, 1000, 200),
            ("2027-02-28", 80, 2020, 404),
            ("2027-03-01", 80, 2020, 2020),
            ("2027-01-01", 100, 1000, 0),
        ] {
            let basis = facts.late_on(&campaign(percent), day(on));
            assert_eq!((basis.asked_sen.0, basis.net().0), (asked, net), "{on}");
            let line = interest_line(&record("ACR1", &[]), &basis);
            assert_eq!(line.is_none(), net == 0);
            if let Some(charge) = line.and_then(|line| line.new_charge("A9900000001Z")) {
                assert_eq!((charge.assessed.0, charge.amount.0), (asked, net), "{on}");
                assert_eq!(charge.basis.contains("new year"), asked != net);
            }
        }
    }

    #[test]
    fn what_was_charged_beside_what_was_due() {
        let late = record("ACR1", &[("2026-10", 100_000)]);
        let book = RateBook::embedded();
        let ask = |paid: &str, already| interest_difference(book, &late, day(paid), Sen(already)).expect("facts");
        assert_eq!(ask("2026-11-15", 0), Difference::Ties);
        assert_eq!(ask("2026-11-16", 0), Difference::Short(Sen(500)));
        assert_eq!(ask("2026-12-15", 500), Difference::Ties);
        assert_eq!(ask("2026-12-16", 500), Difference::Short(Sen(500)));
        assert_eq!(ask("2026-12-15", 501), Difference::Over(Sen(1)));
        assert_eq!(ask("2026-12-15", 499), Difference::Short(Sen(1)));
        let broken = AcknowledgementRecord { frozen: "{}".to_owned(), ..late };
        assert!(interest_difference(book, &broken, day("2026-11-16"), Sen::ZERO).is_err());
    }
}
