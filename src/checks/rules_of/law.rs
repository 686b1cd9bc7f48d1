//! What one person's wage pays by the law of a month, and by that of another.

use crate::checks::context::Act;
use crate::domain::{Act4Category, ContributionMonth, Scheme, Sen};
use crate::rates::{Act4Schedule, Act800Schedule, Liability, NotCovered, Person, RateBook, Reason};

/// Names of the amounts that are compared, in the order of [`Figures`].
pub const FIGURES: [&str; 8] = [
    "socso_employer",
    "socso_employee",
    "skbbk",
    "act4_total",
    "eis_employer",
    "eis_employee",
    "act800_total",
    "total",
];

/// The amounts of one person or of all, in the order of [`FIGURES`]. `act4_total` holds SKBBK.
pub type Figures = [Sen; FIGURES.len()];

/// What can be said of amounts whose wage is not in the file: each lies between these, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The lowest.
    pub low: Figures,
    /// The highest; the same where the wage is known.
    pub high: Figures,
}

impl Span {
    /// Amounts that are certain.
    pub const fn certain(figures: Figures) -> Span {
        Span { low: figures, high: figures }
    }

    /// True when there is only one answer.
    pub fn is_certain(&self) -> bool {
        self.low == self.high
    }

    /// Takes in another possibility.
    pub(super) fn widen(&mut self, figures: &Figures) {
        for (at, figure) in figures.iter().enumerate() {
            self.low[at] = self.low[at].min(*figure);
            self.high[at] = self.high[at].max(*figure);
        }
    }

    pub(super) fn add(&mut self, other: &Span) {
        for at in 0..FIGURES.len() {
            self.low[at] += other.low[at];
            self.high[at] += other.high[at];
        }
    }
}

/// How the law of a month sees a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub category: (Act4Category, Reason),
    pub eis: Liability,
    pub skbbk: Liability,
}

/// The law of one month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Law<'b> {
    pub month: ContributionMonth,
    act: Act,
    book: &'b RateBook,
    act4: Option<&'b Act4Schedule>,
    act800: Option<&'b Act800Schedule>,
}

impl<'b> Law<'b> {
    /// The law of a month for what the file pays.
    ///
    /// # Errors
    /// [`NotCovered`] where a table is not published. Before EIS began there is no table and nothing to pay.
    pub(super) fn of(book: &'b RateBook, act: Act, month: ContributionMonth) -> Result<Law<'b>, NotCovered> {
        let act4 = if act.pays_act4() { Some(book.act4(month)?) } else { None };
        let begun = month >= book.coverage().act800.from;
        let act800 = if act.pays_act800() && begun { Some(book.act800(month)?) } else { None };
        Ok(Law { month, act, book, act4, act800 })
    }

    pub(super) fn standing(&self, person: &Person) -> Standing {
        let coverage = self.book.coverage();
        Standing {
            category: coverage.act4_category(person, self.month),
            eis: coverage.eis_liable(person, self.month),
            skbbk: coverage.skbbk_liability(person, self.month),
        }
    }

    /// What a wage pays. Equal to [`contribution`](crate::rates::calc::contribution), without its sentences.
    pub(super) fn figures(&self, standing: &Standing, wage: Sen) -> Figures {
        let mut figures = [Sen::ZERO; FIGURES.len()];
        if let Some(row) = self.act4.and_then(|table| table.row_for(wage)) {
            (figures[0], figures[1]) = match standing.category.0 {
                Act4Category::First => (row.first_employer, row.first_employee),
                Act4Category::Second => (row.second_employer, Sen::ZERO),
                Act4Category::None => (Sen::ZERO, Sen::ZERO),
            };
            figures[2] = if standing.skbbk.liable { row.skbbk } else { Sen::ZERO };
            figures[3] = figures[0] + figures[1] + figures[2];
        }
        if let Some(row) = self.act800.filter(|_| standing.eis.liable).and_then(|table| table.row_for(wage)) {
            (figures[4], figures[5]) = (row.employer, row.employee);
            figures[6] = row.total();
        }
        figures[7] = figures[3] + figures[6];
        figures
    }

    /// Lower edges of its wage bands.
    fn edges(&self) -> impl Iterator<Item = Sen> {
        let act4 = self.act4.into_iter().flat_map(|table| table.rows.iter().map(|row| row.over));
        let act800 = self.act800.into_iter().flat_map(|table| table.rows.iter().map(|row| row.over));
        act4.chain(act800)
    }
}

/// The law of the file's own month beside that of the other one.
#[derive(Debug, Clone)]
pub(super) struct Pair<'b> {
    pub own: Law<'b>,
    pub other: Law<'b>,
    /// One wage for each band that both tables together tell apart.
    wages: Vec<Sen>,
}

impl<'b> Pair<'b> {
    pub(super) fn new(own: Law<'b>, other: Law<'b>) -> Pair<'b> {
        let mut wages: Vec<Sen> = own.edges().chain(other.edges()).map(|over| over + Sen(1)).collect();
        wages.sort_unstable();
        wages.dedup();
        Pair { own, other, wages }
    }

    /// What the line pays by both laws, and by how much they differ, from its wage.
    pub(super) fn by_wage(&self, standings: &(Standing, Standing), wage: Sen) -> (Span, Span, Span) {
        let (old, new) = (self.own.figures(&standings.0, wage), self.other.figures(&standings.1, wage));
        (Span::certain(old), Span::certain(new), Span::certain(difference(&new, &old)))
    }

    /// The same from a total alone: over every wage that pays it. `None` where no wage does.
    pub(super) fn by_total(
        &self,
        standings: &(Standing, Standing),
        total: Sen,
        skbbk_inside: bool,
    ) -> Option<(Span, Span, Span)> {
        let own: Vec<Figures> = self.wages.iter().map(|wage| self.own.figures(&standings.0, *wage)).collect();
        let paying = |paid: fn(&Figures, Act) -> Sen| {
            let pays = move |figures: &Figures| !total.is_zero() && paid(figures, self.own.act) == total;
            own.iter().zip(&self.wages).filter(move |(figures, _)| pays(figures))
        };
        let mut found: Vec<(&Figures, &Sen)> = paying(plain).collect();
        if found.is_empty() && skbbk_inside {
            found = paying(|figures, _| figures[3]).collect();
        }
        let mut spans: Option<(Span, Span, Span)> = None;
        for (old, wage) in found {
            let new = self.other.figures(&standings.1, *wage);
            let moved = difference(&new, old);
            match &mut spans {
                None => spans = Some((Span::certain(*old), Span::certain(new), Span::certain(moved))),
                Some((olds, news, differences)) => {
                    olds.widen(old);
                    news.widen(&new);
                    differences.widen(&moved);
                }
            }
        }
        spans
    }
}

/// The total of a one-Act line: both shares, without SKBBK.
fn plain(figures: &Figures, act: Act) -> Sen {
    if act == Act::One(Scheme::Act800) { figures[6] } else { figures[0] + figures[1] }
}

fn difference(new: &Figures, old: &Figures) -> Figures {
    std::array::from_fn(|at| new[at] - old[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Residency;
    use crate::rates::calc::contribution;

    fn month(text: &str) -> ContributionMonth {
        text.parse().expect("a month")
    }

    #[test]
    fn figures_are_those_of_the_calculation() {
        let book = RateBook::embedded();
        for of in ["2016-05", "2017-12", "2018-01", "2022-08", "2022-09", "2024-10", "2026-05", "2026-06", "2026-10"] {
            let law = Law::of(book, Act::Joint, month(of)).expect("covered");
            for residency in [Residency::Citizen, Residency::Foreign] {
                for born in [None, Some("1960-06-15"), Some("1969-01-01"), Some("1990-01-01")] {
                    let birth_date = born.map(|day| day.parse().expect("a day"));
                    let person = Person { birth_date, ..Person::new(residency) };
                    for wage in [0, 1, 3000, 3001, 210_050, 400_000, 400_001, 500_001, 600_000, 9_999_999].map(Sen) {
                        let answer = contribution(book, &person, law.month, wage).expect("covered");
                        let expected = [
                            answer.act4_employer_sen,
                            answer.act4_employee_sen,
                            answer.skbbk_sen,
                            answer.act4_total_sen,
                            answer.eis_employer_sen,
                            answer.eis_employee_sen,
                            answer.eis_total_sen,
                            answer.total_sen,
                        ];
                        assert_eq!(law.figures(&law.standing(&person), wage), expected, "{of} {wage} {person:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_month_without_table_is_refused_and_one_before_eis_is_not() {
        let book = RateBook::embedded();
        assert!(Law::of(book, Act::Joint, month("2028-05")).is_ok());
        assert!(Law::of(book, Act::Joint, month("2028-06")).is_err());
        assert!(Law::of(book, Act::One(Scheme::Act4), month("2028-06")).is_err());
        assert!(Law::of(book, Act::One(Scheme::Act800), month("2028-06")).is_ok());
        assert!(Law::of(book, Act::One(Scheme::Act800), month("2017-12")).is_ok());
    }

    #[test]
    fn a_total_stands_for_every_wage_that_pays_it() {
        let book = RateBook::embedded();
        let law = |of: &str| Law::of(book, Act::One(Scheme::Act4), month(of)).expect("covered");
        let pair = Pair::new(law("2024-09"), law("2024-10"));
        let person = Person::new(Residency::Citizen);
        let standings = (pair.own.standing(&person), pair.other.standing(&person));
        let totals = |total: i64| pair.by_total(&standings, Sen(total), false).map(|(_, new, moved)| (new, moved));
        let (new, moved) = totals(6640).expect("RM2,900 to RM3,000");
        assert_eq!((new.low[3], moved), (Sen(6640), Span::default()));
        let (new, moved) = totals(11_140).expect("over RM4,900");
        assert_eq!((new.low[3], new.high[3]), (Sen(11_140), Sen(13_390)));
        assert_eq!((moved.low[7], moved.high[7]), (Sen(0), Sen(2250)));
        assert!(totals(6641).is_none() && totals(0).is_none());
    }
}
