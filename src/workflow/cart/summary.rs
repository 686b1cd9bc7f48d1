//! "Proceed to Summary": what is in an employer's cart, and what being late costs on the day of payment and later.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::fit::{Fit, judge};
use super::late::{Basis, BasisDiscount, Facts, charge_line, contribution_line, interest_line};
use super::pick::{of_state, order};
use super::{CartError, Line, LineKind};
use crate::domain::states::AcknowledgementState;
use crate::domain::{ChargeKind, ChargeState, ContributionMonth, Employer, PaymentModel, Scheme, Sen};
use crate::rates::{InterestProfile, RateBook};
use crate::store::{AcknowledgementRecord, ChargeFilter, ChargeRecord, Store};

/// When late interest is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterestWhen {
    /// With the contributions, in the same payment.
    #[default]
    Now,
    /// After them: it is asked as a charge of its own once they are paid.
    Later,
}

/// How to summarise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryOptions {
    /// Personal or corporate; `None` shows both.
    pub model: Option<PaymentModel>,
    /// Whether interest is part of the payment.
    pub interest: InterestWhen,
    /// The day of payment, Malaysian time.
    pub day: NaiveDate,
}

/// A cart, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whose.
    pub employer_code: String,
    /// The day of payment.
    pub day: NaiveDate,
    /// Whether interest is part of the payment.
    pub interest_when: InterestWhen,
    /// What is paid: acknowledgements, oldest and costliest first, each followed by its interest; then other charges.
    pub lines: Vec<Line>,
    /// By Act, those that occur.
    pub subtotals: Vec<SubTotal>,
    /// Everything.
    pub total: Sen,
    /// What campaigns give up on this day.
    pub discounts: Vec<Discount>,
    /// What waiting costs.
    pub waiting: Waiting,
    /// Whether one payment can carry it, for the model asked for or for both.
    pub fits: Vec<Fit>,
}

/// What is paid under an Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubTotal {
    /// Act.
    pub scheme: Scheme,
    /// Contributions, SKBBK included.
    pub contributions: Sen,
    /// Of them, SKBBK.
    pub skbbk: Sen,
    /// Late interest.
    pub interest: Sen,
    /// Compounds.
    pub compounds: Sen,
    /// Everything.
    pub total: Sen,
}

/// What a campaign gives up on an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// The acknowledgement.
    pub on: String,
    /// Act.
    pub scheme: Scheme,
    /// What would be asked without it.
    pub asked: Sen,
    /// Which campaign, how much.
    pub discount: BasisDiscount,
}

/// The price of waiting: late interest of everything in the cart that has no charge of its own yet, if it is all paid on
/// one of these days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// On the day of payment.
    pub today: Figures,
    /// One day later.
    pub tomorrow: Figures,
    /// The next day on which another month or part of a month begins for something; `None` where nothing can be late.
    pub step: Option<(NaiveDate, Figures)>,
}

/// Late interest in its three readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// 6 % a year by the day alone.
    pub daily: Sen,
    /// With RM5 at least for each month or part of a month.
    pub with_minimum: Sen,
    /// What is asked: that, less what a campaign of that day gives up.
    pub asked: Sen,
}

impl Summary {
    /// Whether one payment of a model can carry the cart, where it was asked for.
    pub fn fit(&self, model: PaymentModel) -> Option<&Fit> {
        self.fits.iter().find(|fit| fit.model == model)
    }

    /// Lines of interest that get their number when a payment begins.
    pub fn unnumbered(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.reference.is_none())
    }
}

/// What is in an employer's cart.
pub(super) struct Content {
    pub(super) acknowledgements: Vec<(AcknowledgementRecord, Facts)>,
    pub(super) charges: Vec<ChargeRecord>,
    /// Acknowledgements on which interest is asked, paid or waived already.
    pub(super) charged: BTreeSet<String>,
}

/// Adds up an employer's cart for a day.
///
/// # Errors
/// [`CartError::Empty`], [`CartError::Frozen`], [`CartError::Store`].
pub fn summary(
    store: &Store,
    book: &RateBook,
    employer_code: &str,
    options: &SummaryOptions,
) -> Result<Summary, CartError> {
    let in_cart = of_state(store, employer_code, AcknowledgementState::InCart)?;
    let acknowledgements = in_cart.into_iter().map(|record| Facts::of(&record).map(|facts| (record, facts)));
    let filter = ChargeFilter { employer_code: Some(employer_code.to_owned()), ..ChargeFilter::default() };
    let all = store.charges(&filter)?;
    let interest = |charge: &&ChargeRecord| charge.kind == ChargeKind::Interest && charge.state != ChargeState::Void;
    let charged = all.iter().filter(interest).filter_map(|charge| charge.acknowledgement.clone()).collect();
    let charges: Vec<ChargeRecord> = all.into_iter().filter(|charge| charge.state == ChargeState::InCart).collect();
    let content = Content { acknowledgements: acknowledgements.collect::<Result<_, _>>()?, charges, charged };
    if content.acknowledgements.is_empty() && content.charges.is_empty() {
        return Err(CartError::Empty);
    }
    Ok(add_up(content, store.employer(employer_code)?.as_ref(), book, employer_code, options))
}

/// The same, of things at hand.
pub(super) fn add_up(
    content: Content,
    employer: Option<&Employer>,
    book: &RateBook,
    employer_code: &str,
    options: &SummaryOptions,
) -> Summary {
    let Content { mut acknowledgements, charges, charged } = content;
    let uncharged = |record: &AcknowledgementRecord| !charged.contains(&record.number);
    let open: Vec<&Facts> =
        acknowledgements.iter().filter(|(record, _)| uncharged(record)).map(|(_, facts)| facts).collect();
    let waiting = waiting(&open, book, options.day);
    let mut discounts = Vec::new();
    let mut lines = Vec::new();
    let mut of_acknowledgement: BTreeMap<&str, Vec<&ChargeRecord>> = BTreeMap::new();
    let mut others = Vec::new();
    let present: BTreeSet<String> = acknowledgements.iter().map(|(record, _)| record.number.clone()).collect();
    for charge in &charges {
        match charge.acknowledgement.as_deref().filter(|number| present.contains(*number)) {
            Some(number) => of_acknowledgement.entry(number).or_default().push(charge),
            None => others.push(charge_line(charge)),
        }
    }
    let mut contributions: Vec<(Line, AcknowledgementRecord, Facts)> = acknowledgements
        .drain(..)
        .map(|(record, facts)| (contribution_line(&record, &facts, book, options.day), record, facts))
        .collect();
    contributions.sort_by_cached_key(|contribution| order(&contribution.0));
    for (line, record, facts) in contributions {
        lines.push(line);
        if uncharged(&record) && options.interest == InterestWhen::Now {
            let basis = facts.late_on(book, options.day);
            lines.extend(interest_line(&record, &basis));
            discounts.extend(discount(&record, &basis));
        }
        let standing = of_acknowledgement.remove(record.number.as_str()).unwrap_or_default();
        lines.extend(standing.into_iter().map(charge_line));
    }
    others.sort_by_cached_key(order);
    lines.extend(others);
    let subtotals = subtotals(&lines);
    let total = subtotals.iter().map(|subtotal| subtotal.total).sum();
    let mut summary = Summary {
        employer_code: employer_code.to_owned(),
        day: options.day,
        interest_when: options.interest,
        lines,
        subtotals,
        total,
        discounts,
        waiting,
        fits: Vec::new(),
    };
    let models = PaymentModel::ALL.into_iter().filter(|model| options.model.is_none_or(|wanted| wanted == *model));
    summary.fits = models.map(|model| judge(&summary, model, employer)).collect();
    summary
}

fn discount(record: &AcknowledgementRecord, basis: &Basis) -> Option<Discount> {
    let discount = basis.discount.clone()?;
    Some(Discount { on: record.number.clone(), scheme: record.scheme, asked: basis.asked_sen, discount })
}

fn waiting(open: &[&Facts], book: &RateBook, day: NaiveDate) -> Waiting {
    let figures = |on: NaiveDate| {
        open.iter().map(|facts| facts.late_on(book, on)).fold(Figures::default(), |sum, basis| Figures {
            daily: sum.daily + basis.daily(),
            with_minimum: sum.with_minimum + basis.asked_sen,
            asked: sum.asked + basis.net(),
        })
    };
    let months: BTreeSet<ContributionMonth> = open.iter().flat_map(|facts| &facts.months).map(|m| m.month).collect();
    let step = months.iter().map(|month| book.dues().next_step(*month, day, InterestProfile::Statute)).min();
    let tomorrow = day.succ_opt().unwrap_or(day);
    Waiting { today: figures(day), tomorrow: figures(tomorrow), step: step.map(|on| (on, figures(on))) }
}

fn subtotals(lines: &[Line]) -> Vec<SubTotal> {
    let of = |scheme: Scheme| {
        let own = || lines.iter().filter(move |line| line.scheme == scheme);
        let charged = |kind| own().filter(move |l| l.kind == LineKind::Charge(kind)).map(|l| l.amount).sum();
        own().next()?;
        Some(SubTotal {
            scheme,
            contributions: own().filter(|l| matches!(l.kind, LineKind::Contribution(_))).map(|l| l.amount).sum(),
            skbbk: own().map(|line| line.skbbk).sum(),
            interest: charged(ChargeKind::Interest),
            compounds: charged(ChargeKind::Compound),
            total: own().map(|line| line.amount).sum(),
        })
    };
    [Scheme::Act4, Scheme::Act800].into_iter().filter_map(of).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::fit::Verdict;
    use super::super::late::tests::{campaign, record};
    use super::*;
    use crate::domain::EmployerCode;
    use crate::messages::{Language, Messages};

    pub(in super::super) const CODE: &str = "A9900000001Z";
    pub(in super::super) const IN_TIME: &str = "2026-11-10";

    pub(in super::super) fn content(records: &[AcknowledgementRecord]) -> Content {
        let with_facts = |record: &AcknowledgementRecord| (record.clone(), Facts::of(record).expect("facts"));
        Content {
            acknowledgements: records.iter().map(with_facts).collect(),
            charges: Vec::new(),
            charged: BTreeSet::new(),
        }
    }

    pub(in super::super) fn options(day: &str) -> SummaryOptions {
        SummaryOptions { model: None, interest: InterestWhen::Now, day: day.parse().expect("a day") }
    }

    pub(in super::super) fn of(records: &[AcknowledgementRecord], day: &str) -> Summary {
        add_up(content(records), None, RateBook::embedded(), CODE, &options(day))
    }

    fn charge(number: &str, kind: ChargeKind, on: Option<&str>, amount: i64) -> ChargeRecord {
        ChargeRecord {
            number: number.to_owned(),
            kind,
            employer_code: CODE.to_owned(),
            scheme: Scheme::Act4,
            acknowledgement: on.map(str::to_owned),
            month: None,
            assessed: Sen(amount),
            amount: Sen(amount),
            state: ChargeState::InCart,
            basis: "{}".to_owned(),
            assessed_on: "2026-11-01".parse().expect("a day"),
        }
    }

    #[test]
    fn interest_is_a_line_of_its_own_and_stays_with_its_acknowledgement() {
        let late = record("ACR1", &[("2026-09", 2_000_000)]);
        let records = [record("ACR2", &[("2026-10", 999_000)]), late, record("ECR1", &[("2026-09", 40_000)])];
        let summary = of(&records, IN_TIME);
        let order: Vec<_> = summary.lines.iter().map(|l| (l.reference.as_deref(), l.on.as_deref())).collect();
        let expected = [
            (Some("ACR1"), None),
            (None, Some("ACR1")),
            (Some("ECR1"), None),
            (None, Some("ECR1")),
            (Some("ACR2"), None),
        ];
        assert_eq!(order, expected);
        // 26 days of RM 20,000: 85.48; of RM 400 the minimum.
        assert_eq!([summary.lines[1].amount, summary.lines[3].amount], [Sen(8548), Sen(500)]);
        assert_eq!(summary.subtotals.iter().map(|s| s.interest).collect::<Vec<_>>(), [Sen(8548), Sen(500)]);
        assert_eq!(summary.total, Sen(2_000_000 + 999_000 + 40_000 + 8_548 + 500));
        let Verdict::AboveLimit(split) = &summary.fits[0].verdict else { panic!("over RM 30,000") };
        assert_eq!(
            split.payments.iter().map(|part| part.lines.clone()).collect::<Vec<_>>(),
            [vec![0, 1, 2, 3], vec![4]]
        );
        let later = SummaryOptions { interest: InterestWhen::Later, ..options(IN_TIME) };
        let later = add_up(content(&records), None, RateBook::embedded(), CODE, &later);
        assert_eq!((later.total, later.waiting), (Sen(3_039_000), summary.waiting));
    }

    #[test]
    fn the_price_of_waiting() {
        let summary = of(&[record("ACR1", &[("2026-10", 100_000)])], "2026-11-15");
        let waiting = summary.waiting;
        assert_eq!((waiting.today, waiting.tomorrow.asked), (Figures::default(), Sen(500)));
        assert_eq!(waiting.step.map(|(on, at)| (on.to_string(), at.asked)), Some(("2026-11-16".to_owned(), Sen(500))));
        let waiting = of(&[record("ACR1", &[("2026-10", 100_000)])], "2026-11-16").waiting;
        assert_eq!(waiting.today, Figures { daily: Sen(16), with_minimum: Sen(500), asked: Sen(500) });
        assert_eq!(waiting.tomorrow, Figures { daily: Sen(33), with_minimum: Sen(500), asked: Sen(500) });
        let (on, at) = waiting.step.expect("a step");
        assert_eq!((on.to_string(), at.with_minimum), ("2026-12-16".to_owned(), Sen(1000)));
    }

    #[test]
    fn interest_that_was_charged_is_not_charged_again() {
        let mut own = content(&[record("ACR1", &[("2026-09", 100_000)]), record("ACR2", &[("2026-09", 50_000)])]);
        own.charges = vec![
            charge("KMP1", ChargeKind::Compound, None, 10_000),
            charge("FCL1", ChargeKind::Interest, Some("ACR1"), 700),
        ];
        own.charged.insert("ACR1".to_owned());
        let summary = add_up(own, None, RateBook::embedded(), CODE, &options(IN_TIME));
        let numbers: Vec<_> = summary.lines.iter().map(|l| l.reference.as_deref().unwrap_or("new")).collect();
        assert_eq!(numbers, ["ACR1", "FCL1", "ACR2", "new", "KMP1"]);
        assert_eq!(summary.subtotals[0].compounds, Sen(10_000));
        assert_eq!((summary.subtotals[0].interest, summary.waiting.today.asked), (Sen(1_200), Sen(500)));
    }

    #[test]
    fn a_campaign_is_shown_and_its_end_is_seen_ahead() {
        let ask = |percent, day| {
            let own = content(&[record("ACR1", &[("2026-10", 100_000)])]);
            add_up(own, None, &campaign(percent), CODE, &options(day))
        };
        let last = ask(80, "2027-02-28");
        assert_eq!(last.subtotals[0].interest, Sen(404));
        assert_eq!((last.discounts[0].asked, last.discounts[0].discount.off_sen), (Sen(2020), Sen(1616)));
        assert_eq!((last.waiting.today.asked, last.waiting.tomorrow.asked), (Sen(404), Sen(2020)));
        assert!(ask(80, "2027-03-01").discounts.is_empty());
        let waived = ask(100, "2027-01-01");
        assert_eq!((waived.lines.len(), waived.discounts.len(), waived.total), (1, 1, Sen(100_000)));
    }

    #[test]
    fn every_sentence_is_there_in_both_languages() {
        let (_, code) = EmployerCode::read(CODE);
        let mut employer = Employer::new(code.expect("a code"));
        employer.bank_limit_personal = Some(Sen(2_000));
        let records = [("ACR1", 100_000_001), ("ACR2", 1_000), ("ECR3", 2_001), ("ACR4", 1_500)];
        let records: Vec<_> = records.iter().map(|(n, a)| record(n, &[("2026-10", *a)])).collect();
        let summaries = [
            add_up(content(&records), Some(&employer), &campaign(80), CODE, &options("2027-01-05")),
            add_up(content(&records[1..]), Some(&employer), &campaign(80), CODE, &options(IN_TIME)),
            of(&[record("ACR1", &[("2026-10", 50)])], IN_TIME),
            add_up(content(&[record("ACR1", &[("2026-10", 50)])]), None, RateBook::embedded(), "A1", &options(IN_TIME)),
        ];
        for language in [Language::English, Language::Malay] {
            for summary in &summaries {
                for said in summary.sentences(Messages::get(language)) {
                    assert!(!said.trim().is_empty() && !said.contains(['{', '$', '!']), "{said}");
                    assert!(!said.trim().starts_with("cart-"), "{said}");
                }
            }
        }
        let said = summaries[2].sentences(Messages::get(Language::English)).join("\n");
        assert!(said.contains("“A9900000001Z10261010”") && said.contains("RM 0.50"), "{said}");
        assert_eq!(summaries[0].json()["models"][0]["too_large"][0]["way_out"], "outside-fpx");
    }

    #[test]
    fn a_thousand_are_added_up() {
        let numbers: Vec<String> = (0..1_000).map(|n| format!("ACR1126{n:07}")).collect();
        let records: Vec<_> = numbers.iter().map(|n| record(n, &[("2026-09", 123_456)])).collect();
        let summary = of(&records, "2026-12-31");
        assert_eq!((summary.lines.len(), summary.fits.len()), (2_000, 2));
    }
}
