//! The law, as data: which table holds for which month, who is covered, when it is due and what being late costs.
//!
//! Pure: no input or output, no clock. Everything comes from texts under `formats/rates` and `formats/dues`, compiled in
//! and proved by the loader; a folder of the operator may replace them. Read in this order: [`schedule`] (one table),
//! [`law`] and [`coverage`] (who), [`due`] (when), [`interest`] (how late), [`calc`] (one question, one answer).

mod bands;
pub mod birthdays;
pub mod calc;
pub mod concession;
pub mod coverage;
pub mod due;
pub mod interest;
pub mod law;
pub mod reason;
pub mod schedule;
mod table;

use std::fmt;
use std::sync::LazyLock;

pub use bands::{LegalTotal, NearestTotals};
pub use concession::Concession;
pub use coverage::{EisLiability, Liability, Person, age_on, birthday_in_month};
pub use due::{DueDay, Dues, HolidayProfile, RestDay, RestDayKind, malaysian_day};
pub use interest::{InterestProfile, LateInterest};
pub use law::Coverage;
pub use reason::Reason;
pub use schedule::{Act4Row, Act4Schedule, Act800Row, Act800Schedule, TotalKind, TotalKinds};

use crate::domain::{ContributionMonth, Scheme};
use table::{Entry, Index, IndexScheme};

/// The texts compiled in, by their names under `formats/`.
const EMBEDDED: &[(&str, &str)] = &[
    (INDEX, include_str!("../../formats/rates/index.toml")),
    (COVERAGE, include_str!("../../formats/rates/coverage.toml")),
    (LATE_INTEREST, include_str!("../../formats/dues/late-interest.toml")),
    (DUE_DATES, include_str!("../../formats/dues/due-dates.csv")),
    ("rates/act4-until-2016-05.csv", include_str!("../../formats/rates/act4-until-2016-05.csv")),
    ("rates/act4-2016-06.csv", include_str!("../../formats/rates/act4-2016-06.csv")),
    ("rates/act4-2022-09.csv", include_str!("../../formats/rates/act4-2022-09.csv")),
    ("rates/act4-2024-10.csv", include_str!("../../formats/rates/act4-2024-10.csv")),
    ("rates/act4-skbbk-2026-06.csv", include_str!("../../formats/rates/act4-skbbk-2026-06.csv")),
    ("rates/act800-2018-01.csv", include_str!("../../formats/rates/act800-2018-01.csv")),
    ("rates/act800-2022-09.csv", include_str!("../../formats/rates/act800-2022-09.csv")),
    ("rates/act800-2024-10.csv", include_str!("../../formats/rates/act800-2024-10.csv")),
    ("rates/act789-2017-06.csv", include_str!("../../formats/rates/act789-2017-06.csv")),
];
const INDEX: &str = "rates/index.toml";
const COVERAGE: &str = "rates/coverage.toml";
const LATE_INTEREST: &str = "dues/late-interest.toml";
const DUE_DATES: &str = "dues/due-dates.csv";

/// A data file of the law is not sound. The operator's to mend: the compiled-in ones are proved by tests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct RateBookError {
    file: String,
    what: String,
}

impl RateBookError {
    fn new(file: &str, what: String) -> Self {
        RateBookError { file: file.to_owned(), what }
    }
}

/// No table covers the month. `Display` says it in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} for {month}: {reason}", scheme_name(*scheme))]
pub struct NotCovered {
    /// The Act asked about.
    pub scheme: Scheme,
    /// The month asked about.
    pub month: ContributionMonth,
    /// Why there is no table.
    pub reason: NotCoveredReason,
}

/// Why no table covers a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCoveredReason {
    /// The Act asked for no contributions yet.
    NotStarted {
        /// Its first contribution month.
        start: ContributionMonth,
    },
    /// A phase of SKBBK whose table was not published.
    SkbbkPhase {
        /// Its number.
        phase: u8,
        /// Its first contribution month.
        from: ContributionMonth,
    },
    /// After the last table.
    NoTableAfter {
        /// Last month of the last table.
        last: ContributionMonth,
    },
}

impl fmt::Display for NotCoveredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotCoveredReason::NotStarted { start } => write!(f, "the first contribution month is {start}"),
            NotCoveredReason::SkbbkPhase { phase, from } => {
                write!(f, "no table is available for SKBBK phase {phase} (from {from}), so nothing is calculated")
            }
            NotCoveredReason::NoTableAfter { last } => {
                write!(f, "no table is available after {last}, so nothing is calculated")
            }
        }
    }
}

fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Act4 => "Act 4 (SOCSO)",
        Scheme::Act800 => "Act 800 (EIS)",
    }
}

/// All tables, ages, dates and rules, loaded and proved.
#[derive(Debug, Clone)]
pub struct RateBook {
    sources: Vec<(String, String)>,
    act4: Vec<Act4Schedule>,
    act800: Vec<Act800Schedule>,
    coverage: Coverage,
    dues: Dues,
}

impl RateBook {
    /// The book that is compiled in.
    ///
    /// # Panics
    /// Never in a program that passed its tests: they load the same texts.
    pub fn embedded() -> &'static RateBook {
        static BOOK: LazyLock<RateBook> = LazyLock::new(|| {
            RateBook::load(&|_| None).expect("the texts that are compiled in are proved by the tests")
        });
        &BOOK
    }

    /// A book in which some texts are replaced. `replaced` is asked for each by its name under `formats/`, such as
    /// `rates/index.toml`; `None` takes the text that is compiled in.
    ///
    /// # Errors
    /// [`RateBookError`] names the file and line where a text cannot be read, a total is not the sum of its parts, bands
    /// or months leave a hole, or a table of the index is missing.
    pub fn load(replaced: &dyn Fn(&str) -> Option<String>) -> Result<RateBook, RateBookError> {
        let text = |name: &str| {
            let compiled_in = || EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
            replaced(name).or_else(compiled_in).ok_or_else(|| RateBookError::new(name, "is missing".to_owned()))
        };
        let mut sources = Vec::new();
        let mut keep = |name: &str| {
            let found = text(name)?;
            sources.push((name.to_owned(), found.clone()));
            Ok::<String, RateBookError>(found)
        };
        let index: Index =
            toml::from_str(&keep(INDEX)?).map_err(|error| RateBookError::new(INDEX, error.to_string()))?;
        let coverage = Coverage::read(&keep(COVERAGE)?)?;
        let dues = Dues::read(&keep(LATE_INTEREST)?, &keep(DUE_DATES)?)?;
        let (mut act4, mut act800) = (Vec::new(), Vec::new());
        let mut entries: Vec<&Entry> = index.table.iter().collect();
        entries.sort_by_key(|entry| entry.from);
        for entry in entries {
            let table = keep(&format!("rates/{}", entry.file))?;
            match entry.scheme {
                IndexScheme::Act4 => act4.push(table::act4(entry, &table)?),
                IndexScheme::Act800 => act800.push(table::act800(entry, &table)?),
                IndexScheme::Act789 => {}
            }
        }
        table::prove_months("act4", act4.iter().map(|table| (table.id.as_str(), table.from, table.to)))?;
        table::prove_months("act800", act800.iter().map(|table| (table.id.as_str(), table.from, table.to)))?;
        let book = RateBook { sources, act4, act800, coverage, dues };
        book.prove_starts()?;
        Ok(book)
    }

    /// Tables with SKBBK, and those of Act 800, begin when `coverage.toml` says so.
    fn prove_starts(&self) -> Result<(), RateBookError> {
        let skbbk = self.act4.iter().find(|table| table.has_skbbk).map(|table| table.from);
        if skbbk.is_some_and(|from| from != Some(self.coverage.skbbk.from)) {
            return Err(RateBookError::new(INDEX, "SKBBK does not begin as coverage.toml says".to_owned()));
        }
        if self.act800.first().map(|table| table.from) != Some(Some(self.coverage.act800.from)) {
            return Err(RateBookError::new(INDEX, "Act 800 does not begin as coverage.toml says".to_owned()));
        }
        Ok(())
    }

    /// Name and text of all data in the book, in a fixed order: what the rule pack's fingerprint is made from.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The Act 4 table of a contribution month.
    ///
    /// # Errors
    /// [`NotCovered`] where no table was published; nothing is extrapolated.
    pub fn act4(&self, month: ContributionMonth) -> Result<&Act4Schedule, NotCovered> {
        let found = self.act4.iter().rev().find(|table| holds(table.from, table.to, month));
        found.ok_or_else(|| {
            let first = self.act4.first().and_then(|table| table.from);
            let last = self.act4.last().and_then(|table| table.to);
            let mut reason = outside(month, first, last);
            if let (Some(phase), NotCoveredReason::NoTableAfter { .. }) = (self.coverage.skbbk_phase(month), &reason) {
                reason = NotCoveredReason::SkbbkPhase { phase: phase.number, from: phase.from };
            }
            NotCovered { scheme: Scheme::Act4, month, reason }
        })
    }

    /// The Act 800 table of a contribution month.
    ///
    /// # Errors
    /// [`NotCovered`] before the Act began, and where no table was published.
    pub fn act800(&self, month: ContributionMonth) -> Result<&Act800Schedule, NotCovered> {
        let found = self.act800.iter().rev().find(|table| holds(table.from, table.to, month));
        found.ok_or_else(|| {
            let first = self.act800.first().and_then(|table| table.from);
            let last = self.act800.last().and_then(|table| table.to);
            NotCovered { scheme: Scheme::Act800, month, reason: outside(month, first, last) }
        })
    }

    /// All Act 4 tables, oldest first.
    pub fn act4_schedules(&self) -> &[Act4Schedule] {
        &self.act4
    }

    /// All Act 800 tables, oldest first.
    pub fn act800_schedules(&self) -> &[Act800Schedule] {
        &self.act800
    }

    /// The latest earlier Act 4 table with a lower wage ceiling than that of the month: the one a payroll program that
    /// was not brought up to date still uses. `None` for the oldest tables and for months without table.
    pub fn previous_act4_with_lower_ceiling(&self, month: ContributionMonth) -> Option<&Act4Schedule> {
        let current = self.act4(month).ok()?;
        self.act4.iter().rev().find(|table| table.from < current.from && table.wage_ceiling < current.wage_ceiling)
    }

    /// The latest earlier Act 800 table with a lower wage ceiling than that of the month.
    pub fn previous_act800_with_lower_ceiling(&self, month: ContributionMonth) -> Option<&Act800Schedule> {
        let current = self.act800(month).ok()?;
        self.act800.iter().rev().find(|table| table.from < current.from && table.wage_ceiling < current.wage_ceiling)
    }

    /// Who is covered.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Due dates and late interest.
    pub fn dues(&self) -> &Dues {
        &self.dues
    }
}

/// True when the month lies between the first and the last, both included.
fn holds(from: Option<ContributionMonth>, to: Option<ContributionMonth>, month: ContributionMonth) -> bool {
    from.is_none_or(|from| from <= month) && to.is_none_or(|to| month <= to)
}

/// Why a month lies outside tables that follow each other without hole.
fn outside(
    month: ContributionMonth,
    first: Option<ContributionMonth>,
    last: Option<ContributionMonth>,
) -> NotCoveredReason {
    match (first, last) {
        (Some(start), _) if month < start => NotCoveredReason::NotStarted { start },
        (_, Some(last)) => NotCoveredReason::NoTableAfter { last },
        _ => unreachable!("tables that follow each other hold every month from the first to the last"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sen;

    fn month(text: &str) -> ContributionMonth {
        text.parse().expect("a month")
    }

    #[test]
    fn every_month_has_its_table() {
        let book = RateBook::embedded();
        for (of, act4, act800) in [
            ("1990-01", "act4-until-2016-05", None),
            ("2016-05", "act4-until-2016-05", None),
            ("2016-06", "act4-2016-06", None),
            ("2017-12", "act4-2016-06", None),
            ("2018-01", "act4-2016-06", Some("act800-2018-01")),
            ("2022-08", "act4-2016-06", Some("act800-2018-01")),
            ("2022-09", "act4-2022-09", Some("act800-2022-09")),
            ("2024-09", "act4-2022-09", Some("act800-2022-09")),
            ("2024-10", "act4-2024-10", Some("act800-2024-10")),
            ("2026-05", "act4-2024-10", Some("act800-2024-10")),
            ("2026-06", "act4-skbbk-2026-06", Some("act800-2024-10")),
            ("2028-05", "act4-skbbk-2026-06", Some("act800-2024-10")),
        ] {
            assert_eq!(book.act4(month(of)).expect("covered").id, act4, "{of}");
            assert_eq!(book.act800(month(of)).ok().map(|table| table.id.as_str()), act800, "{of}");
        }
    }

    #[test]
    fn what_no_table_covers_is_refused_by_name() {
        let book = RateBook::embedded();
        for (of, phase) in [("2028-06", 2), ("2031-05", 2), ("2031-06", 3), ("2199-12", 3)] {
            let refused = book.act4(month(of)).expect_err("no table");
            assert!(matches!(refused.reason, NotCoveredReason::SkbbkPhase { phase: p, .. } if p == phase), "{refused}");
        }
        assert_eq!(
            book.act4(month("2028-06")).expect_err("no table").to_string(),
            "Act 4 (SOCSO) for 2028-06: no table is available for SKBBK phase 2 (from 2028-06), so nothing is calculated"
        );
        assert_eq!(
            book.act800(month("2017-12")).expect_err("no table").to_string(),
            "Act 800 (EIS) for 2017-12: the first contribution month is 2018-01"
        );
        assert!(book.act800(month("2199-12")).is_ok());
    }

    #[test]
    fn the_table_an_old_payroll_program_still_uses() {
        let book = RateBook::embedded();
        for (of, act4, act800) in [
            ("2026-10", Some("act4-2022-09"), Some("act800-2022-09")),
            ("2024-10", Some("act4-2022-09"), Some("act800-2022-09")),
            ("2024-09", Some("act4-2016-06"), Some("act800-2018-01")),
            ("2022-08", Some("act4-until-2016-05"), None),
            ("2016-05", None, None),
            ("2028-06", None, Some("act800-2022-09")),
        ] {
            let found = book.previous_act4_with_lower_ceiling(month(of)).map(|table| table.id.as_str());
            assert_eq!(found, act4, "{of}");
            let found = book.previous_act800_with_lower_ceiling(month(of)).map(|table| table.id.as_str());
            assert_eq!(found, act800, "{of}");
        }
    }

    #[test]
    fn the_highest_bands_are_those_of_the_acts() {
        let book = RateBook::embedded();
        let top = book.act4(month("2026-06")).expect("covered").top_row();
        assert_eq!(
            (top.total(TotalKind::FirstWithSkbbk), top.total(TotalKind::SecondWithSkbbk)),
            (Sen(17855), Sen(11905))
        );
        assert_eq!(Some(top.skbbk), book.coverage().skbbk_phase(month("2026-06")).map(|phase| phase.top_skbbk));
        let employer =
            |of: &str| book.act4(month(of)).expect("covered").row_for(Sen(400_000)).map(|row| row.first_employer);
        assert_eq!((employer("2022-08"), employer("2022-09")), (Some(Sen(6905)), Some(Sen(6915))));
    }

    #[test]
    fn a_damaged_text_is_refused_with_its_name() {
        let replace = |name: &'static str, old: &'static str, new: &'static str| {
            let (_, text) = EMBEDDED.iter().find(|(known, _)| *known == name).expect("an embedded text");
            assert!(text.contains(old), "{name} has {old}");
            RateBook::load(&move |asked: &str| (asked == name).then(|| text.replacen(old, new, 1)))
        };
        for (name, old, new, part) in [
            ("rates/act4-2024-10.csv", "0.70,0.20,0.90", "0.70,0.20,0.95", "line 3: first_total"),
            ("rates/act4-2024-10.csv", "30.00,50.00", "31.00,50.00", "does not begin where"),
            ("rates/act4-skbbk-2026-06.csv", "0.20,0.40,0.10,0.30", "0.20,0.40,0.10,0.35", "first_employee_total"),
            ("rates/act800-2018-01.csv", "0.10,0.10,0.20", "0.10,0.10,0.2x", "is not an amount"),
            ("rates/act800-2018-01.csv", "wage_over", "wage_above", "wage_above"),
            ("rates/index.toml", "from = \"2022-09\"", "from = \"2022-10\"", "month after"),
            ("rates/index.toml", "act4-2024-10.csv", "act4-2024-11.csv", "is missing"),
            ("rates/index.toml", "4000.00", "3800.00", "last band begins above"),
            ("rates/coverage.toml", "from = \"2031-06\"", "from = \"2031-07\"", "hole"),
            ("rates/coverage.toml", "late_entry_age = 55", "late_age = 55", "late_age"),
            ("dues/late-interest.toml", "id = \"daily\"", "id = \"statute\"", "daily stands there once"),
            ("dues/late-interest.toml", "day = 15", "day = 14", "does not agree"),
            ("dues/due-dates.csv", "2026-11-15,Sunday", "2026-11-15,Monday", "2026-10"),
        ] {
            let error = replace(name, old, new).expect_err(name).to_string();
            assert!(error.contains(part), "{name}: {error}");
        }
        let names = RateBook::embedded().sources().count();
        assert_eq!(names, EMBEDDED.len());
    }
}
