//! What a comparison of two months' laws shows: people who change, rules crossed, sums.

use super::law::Span;
use crate::checks::Options;
use crate::domain::{Columns, ContributionMonth, IdentityNumber};
use crate::rates::Reason;
use crate::reader::identify::Identity;
use crate::reader::{Layout, LayoutId};

/// A rule about people that the two months decide differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Category under Act 4.
    Category,
    /// EIS payable.
    Eis,
    /// SKBBK payable.
    Skbbk,
}

impl Rule {
    /// `category`, `eis` or `skbbk`.
    pub const fn id(self) -> &'static str {
        match self {
            Rule::Category => "category",
            Rule::Eis => "eis",
            Rule::Skbbk => "skbbk",
        }
    }
}

/// A person who stands differently under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// Which rule.
    pub rule: Rule,
    /// By the file's own month: `first`, `second`, `none`, or `payable`, `not payable`.
    pub before: &'static str,
    /// By the other month.
    pub after: &'static str,
    /// Why, in the other month.
    pub reason: Reason,
}

/// A line that pays something else by the other month's law, or may do so.
#[derive(Debug, Clone)]
pub struct Change {
    /// Physical line, from 1.
    pub line: u64,
    /// Whose.
    pub id: IdentityNumber,
    /// The line's own month.
    pub month: ContributionMonth,
    /// What its own month's law asks.
    pub old: Span,
    /// What the other month's law asks.
    pub new: Span,
    /// New less old, over the wages that the line can mean.
    pub difference: Span,
    /// The rules crossed.
    pub crossings: Vec<Crossing>,
}

/// What the layout must carry in the other month and need not in the own one, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutChange {
    /// SKBBK gets its columns in this layout.
    SkbbkNeeded {
        /// The layout that has them.
        layout: LayoutId,
        /// Where.
        columns: Columns,
        /// First month of SKBBK.
        from: ContributionMonth,
    },
    /// There is no SKBBK: its columns stay blank.
    SkbbkNotYet {
        /// First month of SKBBK.
        from: ContributionMonth,
    },
}

/// What a whole file shows.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Layout of the file.
    pub layout: Option<LayoutId>,
    /// Lines that are records with month and amounts.
    pub records: u64,
    /// Lines that could not be read.
    pub unreadable: u64,
    /// Records whose own month has no published table.
    pub without_table: u64,
    /// Records whose amount no wage of that person explains by their own month's law.
    pub unexplained: u64,
    /// Records without wages: nothing to pay by any law.
    pub without_wage: u64,
    /// Records compared that pay the same.
    pub same: u64,
    /// Records that pay something else, those that perhaps do included.
    pub changed: u64,
    /// Of these, the ones whose total can mean several wages, so that the new amount is a span.
    pub several_wages: u64,
    /// Records compared of people whose date of birth is not known.
    pub birth_date_unknown: u64,
    /// Rules crossed, with people.
    pub crossings: Vec<(Crossing, u64)>,
    /// Sums of everything compared by the own month's law.
    pub old: Span,
    /// Sums by the other month's law.
    pub new: Span,
    /// New less old.
    pub difference: Span,
    /// What the layout must carry.
    pub layout_change: Option<LayoutChange>,
    /// The file's own months.
    pub months: Vec<ContributionMonth>,
    pub(super) skbbk_digits: bool,
}

impl Comparison {
    pub(super) fn count(&mut self, crossing: Crossing, people: u64) {
        match self.crossings.iter_mut().find(|(known, _)| *known == crossing) {
            Some((_, count)) => *count += people,
            None => self.crossings.push((crossing, people)),
        }
    }

    pub(super) fn add(&mut self, piece: Comparison) {
        self.records += piece.records;
        self.unreadable += piece.unreadable;
        self.without_table += piece.without_table;
        self.unexplained += piece.unexplained;
        self.without_wage += piece.without_wage;
        self.same += piece.same;
        self.changed += piece.changed;
        self.several_wages += piece.several_wages;
        self.birth_date_unknown += piece.birth_date_unknown;
        self.skbbk_digits |= piece.skbbk_digits;
        self.old.add(&piece.old);
        self.new.add(&piece.new);
        self.difference.add(&piece.difference);
        for (crossing, people) in piece.crossings {
            self.count(crossing, people);
        }
        for month in piece.months {
            if let Err(at) = self.months.binary_search(&month) {
                self.months.insert(at, month);
            }
        }
    }

    pub(super) fn finish(&mut self, identity: &Identity, month: ContributionMonth, options: &Options<'_>) {
        let layout = match identity.layout {
            // One line with digits in the place of SKBBK makes the file version 2.
            LayoutId::Joint278V1 | LayoutId::Joint278V2 if !self.skbbk_digits => LayoutId::Joint278V1,
            layout => layout,
        };
        self.layout = Some(layout);
        let from = options.book.coverage().skbbk.from;
        let started = self.months.first().is_some_and(|first| *first >= from);
        self.layout_change = match (started, month >= from) {
            (false, true) if !self.new.high[2].is_zero() => {
                let columns = Layout::get(LayoutId::Joint278V2).columns("skbbk");
                Some(LayoutChange::SkbbkNeeded { layout: LayoutId::Joint278V2, columns, from })
            }
            (true, false) => Some(LayoutChange::SkbbkNotYet { from }),
            _ => None,
        };
        self.crossings.sort_by_key(|(crossing, people)| (crossing.rule.id(), std::cmp::Reverse(*people)));
    }

    /// Records that were compared.
    pub fn compared(&self) -> u64 {
        self.same + self.changed
    }
}
