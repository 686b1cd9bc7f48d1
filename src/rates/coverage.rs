//! Who is covered in a month, and in which category: pure functions of a person, a month and
//! `formats/rates/coverage.toml`.

use chrono::{Datelike, NaiveDate};

use super::law::{Coverage, SkbbkPhase};
use super::reason::Reason;
use crate::domain::{Act4Category, ContributionMonth, Employee, Residency};

/// What the law asks about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Date of birth, where known.
    pub birth_date: Option<NaiveDate>,
    /// Citizen, permanent or temporary resident, or foreign worker.
    pub residency: Residency,
    /// Works in a private household.
    pub domestic_worker: bool,
    /// Was 55 or over when first coming under Act 4, with nothing payable before.
    pub first_insured_at_55_or_over: bool,
    /// Whether an EIS contribution was payable (paid or not) before 57; `None` where not known.
    pub eis_payable_before_57: Option<bool>,
    /// First month of a recorded release from SKBBK.
    pub skbbk_released_from: Option<ContributionMonth>,
}

impl Person {
    /// A person of whom nothing but the residency is known.
    pub const fn new(residency: Residency) -> Self {
        Person {
            birth_date: None,
            residency,
            domestic_worker: false,
            first_insured_at_55_or_over: false,
            eis_payable_before_57: None,
            skbbk_released_from: None,
        }
    }
}

impl From<&Employee> for Person {
    fn from(employee: &Employee) -> Person {
        Person {
            birth_date: employee.birth_date,
            residency: employee.residency,
            domestic_worker: employee.domestic_worker,
            first_insured_at_55_or_over: employee.first_insured_at_55_or_over,
            eis_payable_before_57: employee.eis_payable_before_57,
            skbbk_released_from: employee.skbbk_released_from,
        }
    }
}

/// Whether a contribution is payable, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liability {
    /// True when payable.
    pub liable: bool,
    /// Why.
    pub reason: Reason,
}

/// EIS for a person and month.
pub type EisLiability = Liability;

impl Coverage {
    /// Category under Act 4 in a month, tested on its last day (Act 4 s. 6(8)).
    pub fn act4_category(&self, person: &Person, month: ContributionMonth) -> (Act4Category, Reason) {
        let law = &self.act4;
        let foreign = person.residency == Residency::Foreign;
        if foreign && month < law.foreign_from {
            return (Act4Category::None, Reason::ForeignBeforeAct4 { from: law.foreign_from });
        }
        if person.domestic_worker && month < law.domestic_from {
            return (Act4Category::None, Reason::DomesticBeforeAct4 { from: law.domestic_from });
        }
        if foreign && month < law.foreign_first_category_from {
            let until = law.foreign_first_category_from;
            return (Act4Category::Second, Reason::ForeignSecondCategory { until });
        }
        let age = law.second_category_age;
        if person.birth_date.is_some_and(|birth| has_attained(birth, month, age)) {
            return (Act4Category::Second, Reason::Attained { age });
        }
        if person.first_insured_at_55_or_over {
            return (Act4Category::Second, Reason::FirstInsuredLate { age: law.late_entry_age });
        }
        let reason = match person.birth_date {
            Some(_) => Reason::UnderAge { age },
            None => Reason::BirthDateUnknown { age },
        };
        (Act4Category::First, reason)
    }

    /// Whether EIS is payable in a month, tested on its last day (Act 800 s. 2, s. 20(2) and First Schedule).
    ///
    /// Where it is not known whether a contribution was payable before 57, it is taken as payable, since being in
    /// employment before 57 is the usual case; unless 57 was attained before the Act began.
    pub fn eis_liable(&self, person: &Person, month: ContributionMonth) -> EisLiability {
        let law = &self.act800;
        let out = |reason| Liability { liable: false, reason };
        let payable = |reason| Liability { liable: true, reason };
        if month < law.from {
            return out(Reason::EisNotStarted { start: law.from });
        }
        if person.residency == Residency::Foreign {
            return out(Reason::EisForeign);
        }
        if person.domestic_worker && month < law.domestic_from {
            return out(Reason::EisDomesticBefore { from: law.domestic_from });
        }
        let Some(birth) = person.birth_date else {
            return payable(Reason::EisBirthDateUnknown { from: law.minimum_age, to: law.end_age });
        };
        let (late, age) = (law.late_entry_age, age_on(birth, month.last_day()));
        if age < i32::from(law.minimum_age) {
            return out(Reason::EisUnderAge { age: law.minimum_age });
        }
        if age >= i32::from(law.end_age) {
            return out(Reason::EisAttained { age: law.end_age });
        }
        if age < i32::from(late) {
            return payable(Reason::EisWithinAges { from: law.minimum_age, to: law.end_age });
        }
        match person.eis_payable_before_57 {
            Some(true) => payable(Reason::EisPayableBefore { age: late }),
            Some(false) => out(Reason::EisFirstPayableLate { age: late }),
            None if has_attained(birth, law.from, late) => {
                out(Reason::EisAgeBeforeStart { age: late, start: law.from })
            }
            None => payable(Reason::EisHistoryUnknown { age: late }),
        }
    }

    /// Whether the employee pays SKBBK in a month (Act 4 s. 6 as amended by Act A1788).
    pub fn skbbk_due(&self, person: &Person, month: ContributionMonth) -> bool {
        self.skbbk_liability(person, month).liable
    }

    /// As [`skbbk_due`](Self::skbbk_due), with the reason.
    pub fn skbbk_liability(&self, person: &Person, month: ContributionMonth) -> Liability {
        let law = &self.skbbk;
        let out = |reason| Liability { liable: false, reason };
        let payable = |reason| Liability { liable: true, reason };
        if month < law.from {
            return out(Reason::SkbbkNotStarted { start: law.from });
        }
        if self.act4_category(person, month).0 == Act4Category::None {
            return out(Reason::SkbbkNotUnderAct4);
        }
        if person.residency == Residency::Foreign {
            return payable(Reason::SkbbkForeign);
        }
        if month < law.release_from {
            return payable(Reason::SkbbkCompulsory { month: law.compulsory_month });
        }
        match person.skbbk_released_from {
            Some(from) if from <= month => out(Reason::SkbbkReleased { from }),
            _ => payable(Reason::SkbbkParticipates),
        }
    }

    /// The SKBBK phase of a month; `None` before SKBBK.
    pub fn skbbk_phase(&self, month: ContributionMonth) -> Option<&SkbbkPhase> {
        self.skbbk.phase.iter().rev().find(|phase| phase.from <= month)
    }

    /// The age of the law (18, 57 or 60) that a person attains in a month, where payers differ about that month.
    pub fn boundary_birthday(&self, birth: NaiveDate, month: ContributionMonth) -> Option<u8> {
        let ages =
            [self.act800.minimum_age, self.act800.late_entry_age, self.act800.end_age, self.act4.second_category_age];
        ages.into_iter().find(|age| birthday_in_month(birth, month, *age))
    }
}

/// Completed years on a day; negative before birth. Who was born on 29 February is a year older on 1 March in common
/// years.
pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i32 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    day.year() - birth.year() - i32::from(before_birthday)
}

/// True when the age is attained in that month.
pub fn birthday_in_month(birth: NaiveDate, month: ContributionMonth, age: u8) -> bool {
    has_attained(birth, month, age) && !has_attained(birth, month.previous(), age)
}

/// True when the age is attained on or before the last day of the month.
fn has_attained(birth: NaiveDate, month: ContributionMonth, age: u8) -> bool {
    age_on(birth, month.last_day()) >= i32::from(age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateBook;

    fn law() -> &'static Coverage {
        RateBook::embedded().coverage()
    }

    fn month(text: &str) -> ContributionMonth {
        text.parse().expect("a month")
    }

    fn born(residency: Residency, birth: &str) -> Person {
        Person { birth_date: Some(birth.parse().expect("a day")), ..Person::new(residency) }
    }

    fn category(person: &Person, of: &str) -> Act4Category {
        law().act4_category(person, month(of)).0
    }

    fn eis(person: &Person, of: &str) -> bool {
        law().eis_liable(person, month(of)).liable
    }

    #[test]
    fn ages_are_attained_on_the_birthday() {
        let age = |birth: &str, day: &str| age_on(birth.parse().expect("a day"), day.parse().expect("a day"));
        assert_eq!(age("1966-11-15", "2026-11-14"), 59);
        assert_eq!(age("1966-11-15", "2026-11-15"), 60);
        assert_eq!(age("1966-11-15", "2026-11-16"), 60);
        assert_eq!(age("2008-02-29", "2026-02-28"), 17);
        assert_eq!(age("2008-02-29", "2026-03-01"), 18);
        assert_eq!(age("1964-02-29", "2024-02-29"), 60);
        let leap = "2008-02-29".parse().expect("a day");
        assert!(!birthday_in_month(leap, month("2026-02"), 18) && birthday_in_month(leap, month("2026-03"), 18));
        assert!(!birthday_in_month(leap, month("2026-04"), 18));
    }

    #[test]
    fn sixty_is_tested_on_the_last_day_of_the_month() {
        for (birth, expected) in [
            ("1966-10-31", Act4Category::Second),
            ("1966-11-01", Act4Category::First),
            ("1966-10-01", Act4Category::Second),
        ] {
            assert_eq!(category(&born(Residency::Citizen, birth), "2026-10"), expected, "{birth}");
        }
        let citizen = born(Residency::Citizen, "1966-10-15");
        assert_eq!(category(&citizen, "2026-09"), Act4Category::First);
        assert_eq!(category(&citizen, "2026-11"), Act4Category::Second);
        assert_eq!(law().boundary_birthday(citizen.birth_date.expect("known"), month("2026-10")), Some(60));
        assert_eq!(law().boundary_birthday(citizen.birth_date.expect("known"), month("2026-11")), None);
        assert_eq!(category(&Person::new(Residency::Citizen), "2026-10"), Act4Category::First);
    }

    #[test]
    fn late_entry_is_second_category_for_good_but_pays_eis() {
        let mut person = born(Residency::Citizen, "1970-01-01");
        person.first_insured_at_55_or_over = true;
        assert_eq!(category(&person, "2026-10"), Act4Category::Second);
        assert!(eis(&person, "2026-10"));
    }

    #[test]
    fn foreign_and_domestic_workers_come_in_by_their_dates() {
        use Act4Category::{First, None as Out, Second};
        let foreign = born(Residency::Foreign, "1986-01-01");
        let mut old_foreign = born(Residency::Foreign, "1960-01-01");
        let mut domestic = born(Residency::Citizen, "1986-01-01");
        let mut foreign_domestic = foreign.clone();
        domestic.domestic_worker = true;
        foreign_domestic.domestic_worker = true;
        for (of, a, b, c, d) in [
            ("2018-12", Out, Out, Out, Out),
            ("2019-01", Second, Second, Out, Out),
            ("2021-05", Second, Second, Out, Out),
            ("2021-06", Second, Second, First, Second),
            ("2024-06", Second, Second, First, Second),
            ("2024-07", First, Second, First, First),
        ] {
            assert_eq!(category(&foreign, of), a, "{of}");
            assert_eq!(category(&old_foreign, of), b, "{of}");
            assert_eq!(category(&domestic, of), c, "{of}");
            assert_eq!(category(&foreign_domestic, of), d, "{of}");
            assert!(!eis(&foreign, of) && !eis(&foreign_domestic, of), "{of}");
            assert_eq!(eis(&domestic, of), month(of) >= month("2021-06"), "{of}");
        }
        old_foreign = born(Residency::Foreign, "1986-01-01");
        old_foreign.first_insured_at_55_or_over = true;
        assert_eq!(category(&old_foreign, "2024-07"), Second);
    }

    #[test]
    fn eis_from_18_to_60() {
        for (birth, of, expected) in [
            ("2008-10-31", "2026-10", true),
            ("2008-11-01", "2026-10", false),
            ("2008-10-15", "2026-09", false),
            ("1966-10-31", "2026-10", false),
            ("1966-11-01", "2026-10", true),
            ("1990-01-01", "2017-12", false),
            ("1990-01-01", "2018-01", true),
        ] {
            for residency in [Residency::Citizen, Residency::PermanentResident, Residency::TemporaryResident] {
                assert_eq!(eis(&born(residency, birth), of), expected, "{birth} {of}");
            }
            assert!(!eis(&born(Residency::Foreign, birth), of));
        }
        assert!(eis(&Person::new(Residency::Citizen), "2026-10"));
    }

    #[test]
    fn fifty_seven_asks_for_the_history() {
        let liable = |birth: &str, of: &str, before: Option<bool>| {
            let person = Person { eis_payable_before_57: before, ..born(Residency::Citizen, birth) };
            let eis = law().eis_liable(&person, month(of));
            (eis.liable, eis.reason)
        };
        let within = Reason::EisWithinAges { from: 18, to: 60 };
        assert_eq!(liable("1969-11-01", "2026-10", Some(false)), (true, within), "56 to the last day");
        assert_eq!(liable("1969-10-31", "2026-10", Some(false)), (false, Reason::EisFirstPayableLate { age: 57 }));
        assert_eq!(liable("1969-10-31", "2026-10", Some(true)), (true, Reason::EisPayableBefore { age: 57 }));
        assert_eq!(liable("1969-10-31", "2026-10", None), (true, Reason::EisHistoryUnknown { age: 57 }));
        let start = month("2018-01");
        assert_eq!(liable("1961-01-31", "2019-01", None), (false, Reason::EisAgeBeforeStart { age: 57, start }));
        assert_eq!(liable("1961-02-01", "2018-02", None), (true, Reason::EisHistoryUnknown { age: 57 }));
    }

    #[test]
    fn skbbk_is_compulsory_in_june_2026_and_for_foreign_workers() {
        let mut local = born(Residency::PermanentResident, "1986-01-01");
        let due = |person: &Person, of: &str| law().skbbk_due(person, month(of));
        assert!(!due(&local, "2026-05") && due(&local, "2026-06") && due(&local, "2026-07"));
        local.skbbk_released_from = Some(month("2026-06"));
        assert!(due(&local, "2026-06") && !due(&local, "2026-07"));
        local.skbbk_released_from = Some(month("2026-08"));
        assert!(due(&local, "2026-07") && !due(&local, "2026-08") && !due(&local, "2026-09"));
        local.residency = Residency::Foreign;
        assert!(due(&local, "2026-08"));
        let old = born(Residency::Citizen, "1940-01-01");
        assert!(due(&old, "2026-10"), "no age limit");
        assert_eq!(law().skbbk_phase(month("2026-05")).map(|phase| phase.number), None);
        assert_eq!(law().skbbk_phase(month("2028-05")).map(|phase| phase.number), Some(1));
        assert_eq!(law().skbbk_phase(month("2028-06")).map(|phase| phase.number), Some(2));
    }
}
