//! One printed table: bands of wages and the amounts the law prints for them, in both directions.
//!
//! The amounts are printed, not percentages: they are looked up and never computed.

use super::bands::{BandIndex, LegalTotal, NearestTotals, at, dense, nearest};
use crate::domain::{Act4Category, ContributionMonth, Sen};

/// A row of an Act 4 table. It holds for wages over [`over`](Self::over) and up to [`upto`](Self::upto), inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act4Row {
    /// Wages above this.
    pub over: Sen,
    /// Wages up to this, inclusive; `None` for the last row, which has no upper limit.
    pub upto: Option<Sen>,
    /// Employer's share in the first category (employment injury and invalidity).
    pub first_employer: Sen,
    /// Employee's share in the first category: invalidity only, without SKBBK.
    pub first_employee: Sen,
    /// Employer's amount in the second category (employment injury only).
    pub second_employer: Sen,
    /// Employee's SKBBK amount, the same in both categories; zero in tables before June 2026.
    pub skbbk: Sen,
}

/// What a total pays: a category, with SKBBK or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TotalKind {
    /// First category without SKBBK.
    First,
    /// Second category without SKBBK.
    Second,
    /// First category with SKBBK.
    FirstWithSkbbk,
    /// Second category with SKBBK.
    SecondWithSkbbk,
}

impl TotalKind {
    /// All four.
    pub const ALL: [TotalKind; 4] =
        [TotalKind::First, TotalKind::Second, TotalKind::FirstWithSkbbk, TotalKind::SecondWithSkbbk];

    /// The category it pays.
    pub const fn category(self) -> Act4Category {
        match self {
            TotalKind::First | TotalKind::FirstWithSkbbk => Act4Category::First,
            TotalKind::Second | TotalKind::SecondWithSkbbk => Act4Category::Second,
        }
    }

    /// True when SKBBK is part of the total.
    pub const fn has_skbbk(self) -> bool {
        matches!(self, TotalKind::FirstWithSkbbk | TotalKind::SecondWithSkbbk)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The kinds of total that an amount can be; empty when it is none that the table prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TotalKinds(u8);

impl TotalKinds {
    /// True when the amount is no total of the table.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the amount is a total of this kind.
    pub const fn contains(self, kind: TotalKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// True when the amount is a total of this category, with SKBBK or without.
    pub const fn pays(self, category: Act4Category) -> bool {
        match category {
            Act4Category::First => self.contains(TotalKind::First) || self.contains(TotalKind::FirstWithSkbbk),
            Act4Category::Second => self.contains(TotalKind::Second) || self.contains(TotalKind::SecondWithSkbbk),
            Act4Category::None => false,
        }
    }

    /// The kinds, in the order of [`TotalKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = TotalKind> {
        TotalKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl Act4Row {
    /// First category, employer and employee, without SKBBK.
    pub fn first_total(&self) -> Sen {
        self.first_employer + self.first_employee
    }

    /// Second category without SKBBK: the employer's amount.
    pub fn second_total(&self) -> Sen {
        self.second_employer
    }

    /// The total of a kind.
    pub fn total(&self, kind: TotalKind) -> Sen {
        match kind {
            TotalKind::First => self.first_total(),
            TotalKind::Second => self.second_total(),
            TotalKind::FirstWithSkbbk => self.first_total() + self.skbbk,
            TotalKind::SecondWithSkbbk => self.second_total() + self.skbbk,
        }
    }
}

/// A row of an Act 800 table. It holds for wages over [`over`](Self::over) and up to [`upto`](Self::upto), inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act800Row {
    /// Wages above this.
    pub over: Sen,
    /// Wages up to this, inclusive; `None` for the last row, which has no upper limit.
    pub upto: Option<Sen>,
    /// Employer's share.
    pub employer: Sen,
    /// Employee's share.
    pub employee: Sen,
}

impl Act800Row {
    /// Both shares.
    pub fn total(&self) -> Sen {
        self.employer + self.employee
    }
}

/// The Act 4 table of some contribution months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act4Schedule {
    /// File name without its extension, such as `act4-skbbk-2026-06`.
    pub id: String,
    /// Where the law prints it.
    pub law: String,
    /// First contribution month; `None` where it was not established.
    pub from: Option<ContributionMonth>,
    /// Last contribution month; `None` while in force.
    pub to: Option<ContributionMonth>,
    /// The rows, from the lowest wage.
    pub rows: Vec<Act4Row>,
    /// True from June 2026.
    pub has_skbbk: bool,
    /// Wages above this pay as if they were this.
    pub wage_ceiling: Sen,
    bands: BandIndex,
    /// Kinds of total for each sen from zero to the highest total.
    totals: Vec<u8>,
}

/// What the index says of a table.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub id: String,
    pub law: String,
    pub from: Option<ContributionMonth>,
    pub to: Option<ContributionMonth>,
    pub wage_ceiling: Sen,
}

impl Act4Schedule {
    /// A table whose rows the loader has proved.
    pub(super) fn new(head: Head, rows: Vec<Act4Row>, has_skbbk: bool) -> Self {
        let kinds = || TotalKind::ALL.into_iter().filter(|kind| has_skbbk || !kind.has_skbbk());
        let marks = rows.iter().flat_map(|row| kinds().map(|kind| (row.total(kind), kind.bit())));
        let totals = dense(marks);
        let bands = BandIndex::new(rows.iter().map(|row| row.over));
        let Head { id, law, from, to, wage_ceiling } = head;
        Act4Schedule { id, law, from, to, rows, has_skbbk, wage_ceiling, bands, totals }
    }

    /// The row for a wage; `None` for no wage. Wages above the ceiling have the last row.
    pub fn row_index_for(&self, wage: Sen) -> Option<usize> {
        self.bands.row(wage)
    }

    /// The row for a wage itself.
    pub fn row_for(&self, wage: Sen) -> Option<&Act4Row> {
        self.row_index_for(wage).map(|i| &self.rows[i])
    }

    /// A row by its index.
    ///
    /// # Panics
    /// When there is no such row; indexes come from this table.
    pub fn row(&self, index: usize) -> &Act4Row {
        &self.rows[index]
    }

    /// The kinds of total that this amount can be.
    pub fn total_kinds(&self, total: Sen) -> TotalKinds {
        TotalKinds(at(&self.totals, total))
    }

    /// The rows that pay exactly this total of this kind, with their indexes.
    pub fn rows_paying_total(&self, total: Sen, kind: TotalKind) -> impl Iterator<Item = (usize, &Act4Row)> {
        let possible = self.total_kinds(total).contains(kind);
        self.rows.iter().enumerate().filter(move |(_, row)| possible && row.total(kind) == total)
    }

    /// The legal totals of a kind just below and just above an amount, with their wage bands.
    pub fn nearest_totals(&self, amount: Sen, kind: TotalKind) -> NearestTotals {
        nearest(
            amount,
            self.rows.iter().map(|row| LegalTotal { total: row.total(kind), over: row.over, upto: row.upto }),
        )
    }

    /// The last row, of the highest wages.
    pub fn top_row(&self) -> &Act4Row {
        self.rows.last().expect("the loader takes no empty table")
    }
}

/// The Act 800 table of some contribution months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act800Schedule {
    /// File name without its extension, such as `act800-2024-10`.
    pub id: String,
    /// Where the law prints it.
    pub law: String,
    /// First contribution month; `None` where it was not established.
    pub from: Option<ContributionMonth>,
    /// Last contribution month; `None` while in force.
    pub to: Option<ContributionMonth>,
    /// The rows, from the lowest wage.
    pub rows: Vec<Act800Row>,
    /// Wages above this pay as if they were this.
    pub wage_ceiling: Sen,
    bands: BandIndex,
    /// 1 for each sen that is a total.
    totals: Vec<u8>,
}

impl Act800Schedule {
    /// A table whose rows the loader has proved.
    pub(super) fn new(head: Head, rows: Vec<Act800Row>) -> Self {
        let totals = dense(rows.iter().map(|row| (row.total(), 1)));
        let bands = BandIndex::new(rows.iter().map(|row| row.over));
        let Head { id, law, from, to, wage_ceiling } = head;
        Act800Schedule { id, law, from, to, rows, wage_ceiling, bands, totals }
    }

    /// The row for a wage; `None` for no wage. Wages above the ceiling have the last row.
    pub fn row_index_for(&self, wage: Sen) -> Option<usize> {
        self.bands.row(wage)
    }

    /// The row for a wage itself.
    pub fn row_for(&self, wage: Sen) -> Option<&Act800Row> {
        self.row_index_for(wage).map(|i| &self.rows[i])
    }

    /// A row by its index.
    ///
    /// # Panics
    /// When there is no such row; indexes come from this table.
    pub fn row(&self, index: usize) -> &Act800Row {
        &self.rows[index]
    }

    /// True when the table prints this total.
    pub fn is_total(&self, total: Sen) -> bool {
        at(&self.totals, total) != 0
    }

    /// The rows that pay exactly this total, with their indexes.
    pub fn rows_paying_total(&self, total: Sen) -> impl Iterator<Item = (usize, &Act800Row)> {
        let possible = self.is_total(total);
        self.rows.iter().enumerate().filter(move |(_, row)| possible && row.total() == total)
    }

    /// The legal totals just below and just above an amount, with their wage bands.
    pub fn nearest_totals(&self, amount: Sen) -> NearestTotals {
        nearest(amount, self.rows.iter().map(|row| LegalTotal { total: row.total(), over: row.over, upto: row.upto }))
    }

    /// The last row, of the highest wages.
    pub fn top_row(&self) -> &Act800Row {
        self.rows.last().expect("the loader takes no empty table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateBook;

    fn act4(month: &str) -> &'static Act4Schedule {
        RateBook::embedded().act4(month.parse().expect("a month")).expect("covered")
    }

    #[test]
    fn every_row_is_found_from_its_wages_and_from_its_totals() {
        for table in RateBook::embedded().act4_schedules() {
            for (i, row) in table.rows.iter().enumerate() {
                let highest = row.upto.unwrap_or(Sen(row.over.0 * 100));
                for wage in [Sen(row.over.0 + 1), Sen(row.over.0.midpoint(highest.0) + 1).min(highest), highest] {
                    assert_eq!(table.row_index_for(wage), Some(i), "{} {wage}", table.id);
                }
                for kind in TotalKind::ALL.into_iter().filter(|kind| table.has_skbbk || !kind.has_skbbk()) {
                    let total = row.total(kind);
                    assert!(table.total_kinds(total).contains(kind), "{} {total}", table.id);
                    assert!(table.total_kinds(total).pays(kind.category()), "{} {total}", table.id);
                    assert!(table.rows_paying_total(total, kind).any(|(found, _)| found == i), "{} {total}", table.id);
                }
            }
        }
        for table in RateBook::embedded().act800_schedules() {
            for (i, row) in table.rows.iter().enumerate() {
                let highest = row.upto.unwrap_or(Sen(row.over.0 * 100));
                for wage in [Sen(row.over.0 + 1), highest] {
                    assert_eq!(table.row_index_for(wage), Some(i), "{} {wage}", table.id);
                }
                assert!(table.rows_paying_total(row.total()).any(|(found, _)| found == i), "{}", table.id);
            }
        }
    }

    #[test]
    fn no_wage_has_no_row_and_any_other_wage_has_one() {
        for table in RateBook::embedded().act4_schedules() {
            for wage in [Sen::ZERO, Sen(-1), Sen(i64::MIN)] {
                assert_eq!(table.row_index_for(wage), None);
            }
            let last = table.rows.len() - 1;
            assert_eq!(table.row_index_for(Sen(1)), Some(0));
            for wage in [table.wage_ceiling, Sen(table.wage_ceiling.0 + 1), Sen(i64::MAX)] {
                let found = table.row_index_for(wage).expect("a row");
                assert_eq!(table.row(found).first_total(), table.row(last).first_total(), "{}", table.id);
            }
        }
    }

    #[test]
    fn one_sen_more_is_the_next_band() {
        let table = act4("2023-06");
        assert_eq!(table.row_for(Sen(500_000)).map(|row| row.upto), Some(Some(Sen(500_000))));
        assert_eq!(table.row_for(Sen(500_001)).map(|row| row.over), Some(Sen(500_000)));
        assert_eq!(table.row_for(Sen(499_999)).map(|row| row.upto), Some(Some(Sen(500_000))));
    }

    #[test]
    fn only_printed_totals_are_totals() {
        let table = act4("2026-10");
        for sen in -1..20_000 {
            for kind in TotalKind::ALL {
                let printed = table.rows.iter().any(|row| row.total(kind) == Sen(sen));
                assert_eq!(table.total_kinds(Sen(sen)).contains(kind), printed, "{sen}");
                assert_eq!(table.rows_paying_total(Sen(sen), kind).next().is_some(), printed, "{sen}");
            }
        }
        let before = act4("2026-05");
        assert!(
            TotalKind::ALL[2..].iter().all(|kind| (0..20_000).all(|sen| !before.total_kinds(Sen(sen)).contains(*kind)))
        );
        assert!(table.total_kinds(Sen(0)).is_empty() && table.total_kinds(Sen(i64::MAX)).is_empty());
        assert!(table.total_kinds(Sen(17_855)).iter().eq([TotalKind::FirstWithSkbbk]));
    }

    #[test]
    fn neighbours_of_an_amount() {
        let table = act4("2024-10");
        let near = table.nearest_totals(Sen(4841), TotalKind::First);
        assert_eq!(near.below, Some(LegalTotal { total: Sen(4840), over: Sen(210_000), upto: Some(Sen(220_000)) }));
        assert_eq!(near.above, Some(LegalTotal { total: Sen(5060), over: Sen(220_000), upto: Some(Sen(230_000)) }));
        let exact = table.nearest_totals(Sen(4840), TotalKind::First);
        assert_eq!((exact.below.map(|t| t.total), exact.above.map(|t| t.total)), (Some(Sen(4610)), Some(Sen(5060))));
        let top = table.nearest_totals(Sen(99_999), TotalKind::First);
        let last = LegalTotal { total: Sen(13_390), over: Sen(590_000), upto: None };
        assert_eq!((top.below, top.above), (Some(last), None), "the last two rows print the same and are one band");
        assert_eq!(table.nearest_totals(Sen(13_389), TotalKind::First).above, Some(last));
        assert_eq!(table.nearest_totals(Sen::ZERO, TotalKind::First).below, None);
        let eis = RateBook::embedded().act800("2026-10".parse().expect("a month")).expect("covered");
        let near = eis.nearest_totals(Sen(11));
        assert_eq!((near.below.map(|t| t.total), near.above.map(|t| t.total)), (Some(Sen(10)), Some(Sen(20))));
    }
}
