//! Birthdays ahead that the law speaks of, and what each changes from which contribution month.
//!
//! The ages are those of `formats/rates/coverage.toml`; whether one matters to a person is asked of the same functions
//! that judge a line, on the last day of the birthday's month and of the month before.

use chrono::{Datelike, Days, NaiveDate};

use super::coverage::Person;
use super::law::Coverage;
use super::reason::Reason;
use crate::domain::{Act4Category, ContributionMonth, Scheme};

/// What an age changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// EIS becomes payable (Act 800 s. 2).
    EisStarts,
    /// EIS is no longer payable (Act 800 s. 20(2)).
    EisStops,
    /// EIS goes on, because a contribution was payable before (Act 800 First Schedule).
    EisContinues,
    /// EIS is no longer payable, because none was payable before (Act 800 First Schedule).
    EisNeverPayable,
    /// EIS goes on only if a contribution was payable before, which is not known (Act 800 First Schedule).
    EisHistoryAsked,
    /// Act 4 in the second category (Act 4 s. 6(8), Act A1445).
    SecondCategory,
    /// Who first comes under Act 4 from now on is in the second category for good; for the others nothing changes
    /// (Act 4 s. 6 and Third Schedule).
    LateEntry,
}

impl Effect {
    /// Every one.
    pub const ALL: [Effect; 7] = [
        Effect::EisStarts,
        Effect::EisStops,
        Effect::EisContinues,
        Effect::EisNeverPayable,
        Effect::EisHistoryAsked,
        Effect::SecondCategory,
        Effect::LateEntry,
    ];

    /// Its name in documents; `birthday-` before it is the id of its sentence in `formats/messages`.
    pub const fn id(self) -> &'static str {
        match self {
            Effect::EisStarts => "eis-starts",
            Effect::EisStops => "eis-stops",
            Effect::EisContinues => "eis-continues",
            Effect::EisNeverPayable => "eis-never-payable",
            Effect::EisHistoryAsked => "eis-history-asked",
            Effect::SecondCategory => "second-category",
            Effect::LateEntry => "late-entry",
        }
    }

    /// The Act it belongs to.
    pub const fn scheme(self) -> Scheme {
        match self {
            Effect::SecondCategory | Effect::LateEntry => Scheme::Act4,
            _ => Scheme::Act800,
        }
    }
}

/// A birthday that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Birthday {
    /// The day. That of 29 February falls on 1 March in common years.
    pub day: NaiveDate,
    /// The age attained.
    pub age: u8,
    /// The first contribution month that is paid otherwise: that of the birthday, because the age is tested on its last
    /// day (Act 4 s. 6(8)).
    pub from: ContributionMonth,
    /// What changes; never empty.
    pub effects: Vec<Effect>,
}

/// The birthdays of a person from `today` on, today and the last of the `days` included, that change something.
///
/// Nothing can be said of a person whose date of birth is not known.
pub fn birthdays(coverage: &Coverage, person: &Person, today: NaiveDate, days: u16) -> Vec<Birthday> {
    let Some(birth) = person.birth_date else { return Vec::new() };
    let last = today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    let mut ages = [
        coverage.act800.minimum_age,
        coverage.act4.late_entry_age,
        coverage.act800.late_entry_age,
        coverage.act800.end_age,
        coverage.act4.second_category_age,
    ];
    ages.sort_unstable();
    let mut found: Vec<Birthday> = Vec::new();
    for age in ages {
        let day = attained_on(birth, age);
        let again = found.last().is_some_and(|birthday| birthday.age == age);
        if again || !(today..=last).contains(&day) {
            continue;
        }
        let from = ContributionMonth::of(day);
        let effects = effects(coverage, person, age, from);
        if !effects.is_empty() {
            found.push(Birthday { day, age, from, effects });
        }
    }
    found
}

/// The day on which an age is attained.
fn attained_on(birth: NaiveDate, age: u8) -> NaiveDate {
    let year = birth.year() + i32::from(age);
    let first_of_march = || NaiveDate::from_ymd_opt(year, 3, 1).expect("the first of March exists");
    birth.with_year(year).unwrap_or_else(first_of_march)
}

fn effects(coverage: &Coverage, person: &Person, age: u8, from: ContributionMonth) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (before, now) = (coverage.act4_category(person, from.previous()), coverage.act4_category(person, from));
    match (before.0, now) {
        (Act4Category::First, (Act4Category::Second, Reason::Attained { age: reached })) if reached == age => {
            effects.push(Effect::SecondCategory);
        }
        (Act4Category::First, (Act4Category::First, _)) if age == coverage.act4.late_entry_age => {
            effects.push(Effect::LateEntry);
        }
        _ => {}
    }
    let (before, now) = (coverage.eis_liable(person, from.previous()), coverage.eis_liable(person, from));
    let effect = match (before.liable, now.liable, now.reason) {
        (false, true, _) if before.reason == Reason::EisUnderAge { age } => Some(Effect::EisStarts),
        (true, false, Reason::EisAttained { age: reached }) if reached == age => Some(Effect::EisStops),
        (true, true, Reason::EisPayableBefore { age: reached }) if reached == age => Some(Effect::EisContinues),
        (true, true, Reason::EisHistoryUnknown { age: reached }) if reached == age => Some(Effect::EisHistoryAsked),
        (true, false, Reason::EisFirstPayableLate { age: reached }) if reached == age => Some(Effect::EisNeverPayable),
        _ => None,
    };
    effects.extend(effect);
    effects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Residency;
    use crate::rates::RateBook;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn born(residency: Residency, birth: &str) -> Person {
        Person { birth_date: Some(day(birth)), ..Person::new(residency) }
    }

    /// Day, age, first month and effects of those within 90 days of the first of November 2026.
    fn ahead(person: &Person) -> Vec<(String, u8, String, Vec<Effect>)> {
        let found = birthdays(RateBook::embedded().coverage(), person, day("2026-11-01"), 90);
        found.into_iter().map(|b| (b.day.to_string(), b.age, b.from.to_string(), b.effects)).collect()
    }

    fn one(birth: &str, age: u8, month: &str, effects: &[Effect]) {
        let found = ahead(&born(Residency::Citizen, birth));
        assert_eq!(found.len(), 1, "{birth}");
        assert_eq!((found[0].1, found[0].2.as_str(), found[0].3.as_slice()), (age, month, effects), "{birth}");
    }

    #[test]
    fn each_age_has_its_effects() {
        one("2008-12-15", 18, "2026-12", &[Effect::EisStarts]);
        one("1971-12-15", 55, "2026-12", &[Effect::LateEntry]);
        one("1969-12-15", 57, "2026-12", &[Effect::EisHistoryAsked]);
        one("1966-12-15", 60, "2026-12", &[Effect::SecondCategory, Effect::EisStops]);
        for birth in ["1990-12-15", "1962-12-15", "2009-12-15", "1970-12-15"] {
            assert!(ahead(&born(Residency::Citizen, birth)).is_empty(), "{birth}");
        }
    }

    #[test]
    fn today_and_the_last_day_count_and_the_days_beside_them_do_not() {
        // 90 days from 1 November 2026 end on 30 January 2027.
        for (birth, counts) in [
            ("1966-10-31", false),
            ("1966-11-01", true),
            ("1966-11-02", true),
            ("1967-01-29", true),
            ("1967-01-30", true),
            ("1967-01-31", false),
        ] {
            assert_eq!(ahead(&born(Residency::Citizen, birth)).len(), usize::from(counts), "{birth}");
        }
        let coverage = RateBook::embedded().coverage();
        let person = born(Residency::Citizen, "1966-11-01");
        assert_eq!(birthdays(coverage, &person, day("2026-11-01"), 0).len(), 1);
        assert!(birthdays(coverage, &person, day("2026-10-31"), 0).is_empty());
    }

    #[test]
    fn the_month_of_the_birthday_is_paid_otherwise_to_its_last_day() {
        one("1966-11-30", 60, "2026-11", &[Effect::SecondCategory, Effect::EisStops]);
        one("1966-12-01", 60, "2026-12", &[Effect::SecondCategory, Effect::EisStops]);
        one("1966-12-31", 60, "2026-12", &[Effect::SecondCategory, Effect::EisStops]);
        one("2009-01-01", 18, "2027-01", &[Effect::EisStarts]);
    }

    #[test]
    fn the_29th_of_february_falls_on_the_first_of_march() {
        let coverage = RateBook::embedded().coverage();
        let person = born(Residency::Citizen, "2008-02-29");
        let found = birthdays(coverage, &person, day("2026-02-01"), 28);
        assert_eq!((found[0].day, found[0].from.to_string()), (day("2026-03-01"), "2026-03".to_owned()));
        assert!(birthdays(coverage, &person, day("2026-02-01"), 27).is_empty());
        let person = born(Residency::Citizen, "1968-02-29");
        let found = birthdays(coverage, &person, day("2028-02-29"), 0);
        assert_eq!((found[0].day, found[0].age), (day("2028-02-29"), 60));
    }

    #[test]
    fn history_and_residency_decide_what_changes() {
        let at = |person: Person| ahead(&person).into_iter().flat_map(|found| found.3).collect::<Vec<_>>();
        let with = |before| Person { eis_payable_before_57: before, ..born(Residency::Citizen, "1969-12-15") };
        assert_eq!(at(with(Some(true))), [Effect::EisContinues]);
        assert_eq!(at(with(Some(false))), [Effect::EisNeverPayable]);
        let late = |birth| Person { first_insured_at_55_or_over: true, ..born(Residency::Citizen, birth) };
        assert_eq!(at(late("1966-12-15")), [Effect::EisStops], "second category before already");
        let never = Person { eis_payable_before_57: Some(false), ..late("1966-12-15") };
        assert!(at(never).is_empty(), "neither EIS nor category changes");
        assert_eq!(at(born(Residency::Foreign, "1966-12-15")), [Effect::SecondCategory]);
        assert_eq!(at(born(Residency::Foreign, "1971-12-15")), [Effect::LateEntry]);
        assert!(
            at(born(Residency::Foreign, "2008-12-15")).is_empty()
                && at(born(Residency::Foreign, "1969-12-15")).is_empty()
        );
        assert_eq!(at(born(Residency::PermanentResident, "2008-12-15")), [Effect::EisStarts]);
        assert!(at(Person::new(Residency::Citizen)).is_empty());
    }

    #[test]
    fn several_birthdays_come_in_their_order() {
        let coverage = RateBook::embedded().coverage();
        let person = born(Residency::Citizen, "1970-01-31");
        let found = birthdays(coverage, &person, day("2024-01-01"), 3000);
        assert_eq!(found.iter().map(|birthday| birthday.age).collect::<Vec<_>>(), [55, 57, 60]);
    }
}
