//! What every line of a file is judged against: the law of its month, looked up once.

use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::history::MonthBook;
use super::{Gate, History, Options, Register, RegistrationRules};
use crate::domain::{ContributionMonth, Registration, Scheme};
use crate::rates::{Act4Schedule, Act800Schedule, NotCovered, RateBook};
use crate::reader::Layout;

/// Texts of the rules' own data, for the fingerprint of the rule pack.
pub const CHECK_TEXTS: [(&str, &str); 2] = [
    ("text/birthplaces.toml", include_str!("../../formats/text/birthplaces.toml")),
    ("dues/registration.toml", include_str!("../../formats/dues/registration.toml")),
];

/// What the amounts of a line pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// One Act, known.
    One(Scheme),
    /// Both Acts, from a wage.
    Joint,
    /// One Act, but nothing says which.
    Undecided,
}

impl Act {
    /// True when the lines pay contributions under Act 4.
    pub const fn pays_act4(self) -> bool {
        matches!(self, Act::One(Scheme::Act4) | Act::Joint)
    }

    /// True when the lines pay contributions under Act 800.
    pub const fn pays_act800(self) -> bool {
        matches!(self, Act::One(Scheme::Act800) | Act::Joint)
    }
}

/// What every line of a file is judged against.
#[derive(Debug)]
pub struct Context<'a> {
    /// Layout of the file.
    pub layout: &'static Layout,
    /// What its amounts pay.
    pub act: Act,
    /// The law.
    pub book: &'a RateBook,
    /// Who is registered, if known.
    pub register: Option<&'a Register>,
    /// What stands acknowledged, if known.
    pub history: Option<&'a History>,
    /// Employers whose history is not asked.
    pub repeated: &'a [String],
    /// How people who are not registered are treated.
    pub registration: Option<&'a RegistrationRules>,
    /// The file tops up what was paid too low.
    pub short_payment: bool,
    /// See [`Gate`].
    pub gate: Gate,
    /// The day of judging, in Malaysia.
    pub today: NaiveDate,
    /// The latest month that may be paid for: the current one.
    pub latest_month: ContributionMonth,
}

impl<'a> Context<'a> {
    /// For one file.
    pub fn new(layout: &'static Layout, act: Act, options: &Options<'a>) -> Self {
        let today = options.now.date_naive();
        Context {
            layout,
            act,
            book: options.book,
            register: options.register,
            history: options.history,
            repeated: options.repeated,
            registration: options.registration,
            short_payment: options.short_payment,
            gate: options.gate,
            today,
            latest_month: ContributionMonth::of(today),
        }
    }

    /// What stands of an employer's month.
    pub fn standing(&self, employer_code: &str, month: ContributionMonth) -> Option<&'a MonthBook> {
        let history = self.history?;
        if self.repeated.iter().any(|code| code == employer_code) { None } else { history.book(employer_code, month) }
    }

    /// What becomes of an employer's people who are not registered in time.
    pub fn registration_of(&self, employer_code: &str) -> Registration {
        self.registration.map_or_else(Registration::default, |rules| rules.of(employer_code))
    }

    /// True when this file fills the employer's empty register.
    pub fn seeds(&self, employer_code: &str) -> bool {
        self.registration.is_some_and(|rules| rules.seeds.contains(employer_code))
    }

    /// True when the file's lines waited since the file that filled the employer's register.
    pub fn completes(&self, employer_code: &str) -> bool {
        self.registration.is_some_and(|rules| rules.completes.contains(employer_code))
    }

    /// The law of one month.
    pub fn month(&self, month: ContributionMonth) -> MonthContext<'a> {
        let coverage = self.book.coverage();
        let before = month.previous();
        MonthContext {
            month,
            first_day: month.first_day(),
            last_day: month.last_day(),
            last_day_number: born_by(month.last_day(), 0),
            future: month > self.latest_month,
            act4: self.book.act4(month),
            act800: self.book.act800(month),
            previous_act4: self.book.previous_act4_with_lower_ceiling(month),
            previous_act800: self.book.previous_act800_with_lower_ceiling(month),
            skbbk_started: month >= coverage.skbbk.from,
            skbbk_compulsory: month >= coverage.skbbk.from && month < coverage.skbbk.release_from,
            skbbk_inside: self.layout.skbbk_may_be_inside(month),
            plain_adult: born_by(month.last_day(), coverage.act800.late_entry_age) + 1
                ..=born_by(before.last_day(), coverage.act800.minimum_age),
        }
    }
}

/// The latest birth date, as `YYYYMMDD`, of somebody who has attained the age on that day.
fn born_by(day: NaiveDate, age: u8) -> u32 {
    (day.year() - i32::from(age)) as u32 * 10_000 + day.month() * 100 + day.day()
}

/// The law of one month, as the rules of a line need it.
#[derive(Debug, Clone)]
pub struct MonthContext<'a> {
    /// Which.
    pub month: ContributionMonth,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Its last day as `YYYYMMDD`.
    pub last_day_number: u32,
    /// It lies ahead of the payment.
    pub future: bool,
    /// Act 4's table.
    pub act4: Result<&'a Act4Schedule, NotCovered>,
    /// Act 800's table.
    pub act800: Result<&'a Act800Schedule, NotCovered>,
    /// The table with the ceiling before, which payroll software that was not updated still uses.
    pub previous_act4: Option<&'a Act4Schedule>,
    /// The same for Act 800.
    pub previous_act800: Option<&'a Act800Schedule>,
    /// SKBBK exists.
    pub skbbk_started: bool,
    /// Nobody can be released from SKBBK.
    pub skbbk_compulsory: bool,
    /// SKBBK may stand inside the SOCSO amounts of the file's layout.
    pub skbbk_inside: bool,
    /// Birth dates (`YYYYMMDD`) of those whom no age rule touches in this month: 18 before it began, not yet 57 at its end.
    pub plain_adult: std::ops::RangeInclusive<u32>,
}

/// True when the two digits are a place code of a MyKad number.
pub fn is_birthplace(code: u64) -> bool {
    BIRTHPLACES.get(code as usize).copied().unwrap_or(false)
}

/// Last day to register somebody who began on this day (Act 800 s. 16(1)(b); PERKESO for Act 4).
pub fn registration_limit(started: NaiveDate) -> NaiveDate {
    started + Days::new(REGISTRATION.days_from_start)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BirthplaceFile {
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    assigned: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationFile {
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    days_from_start: u64,
}

static BIRTHPLACES: LazyLock<[bool; 100]> = LazyLock::new(|| {
    let file: BirthplaceFile =
        toml::from_str(CHECK_TEXTS[0].1).unwrap_or_else(|error| panic!("birthplaces.toml: {error}"));
    let mut codes = [false; 100];
    for range in &file.assigned {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number =
            |text: &str| text.parse::<usize>().unwrap_or_else(|_| panic!("birthplaces.toml: \"{range}\" is no range"));
        codes[number(first)..=number(last)].fill(true);
    }
    codes
});

static REGISTRATION: LazyLock<RegistrationFile> =
    LazyLock::new(|| toml::from_str(CHECK_TEXTS[1].1).unwrap_or_else(|error| panic!("registration.toml: {error}")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unassigned_birthplaces() {
        let unassigned: Vec<u64> = (0..100).filter(|code| !is_birthplace(*code)).collect();
        assert_eq!(unassigned, [0, 17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97]);
    }

    #[test]
    fn thirty_days() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(registration_limit(day("2026-10-01")), day("2026-10-31"));
    }
}
