//! When a month's contributions are due, whether that day is a rest day, and the Malaysian calendar day of a moment.
//!
//! The due date is a rule and holds for any month; `formats/dues/due-dates.csv` adds the holidays that are known.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeZone, Weekday};
use serde::{Deserialize, Serialize};

use super::RateBookError;
use super::concession::Concession;
use super::interest::ProfileSettings;
use crate::domain::ContributionMonth;

/// Malaysian time: UTC+8 all year. A day ends at 23:59:59 of it.
const MALAYSIAN_OFFSET_SECONDS: i32 = 8 * 3600;

/// The calendar day in Malaysia at a moment, whatever offset the moment is written with.
pub fn malaysian_day<Z: TimeZone>(moment: &DateTime<Z>) -> NaiveDate {
    let offset = FixedOffset::east_opt(MALAYSIAN_OFFSET_SECONDS).expect("eight hours is an offset");
    moment.with_timezone(&offset).date_naive()
}

/// What a payer chooses to do when the due date is no working day. The rule itself knows no extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolidayProfile {
    /// Pay by the first working day after.
    NextWorkingDay,
    /// Pay by the last working day before.
    LastWorkingDayBefore,
}

impl HolidayProfile {
    /// `next-working-day` or `last-working-day-before`.
    pub const fn id(self) -> &'static str {
        match self {
            HolidayProfile::NextWorkingDay => "next-working-day",
            HolidayProfile::LastWorkingDayBefore => "last-working-day-before",
        }
    }
}

impl FromStr for HolidayProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [HolidayProfile::NextWorkingDay, HolidayProfile::LastWorkingDayBefore]
            .into_iter()
            .find(|profile| profile.id() == text)
            .ok_or_else(|| {
                format!("\"{text}\" is not a holiday profile; write next-working-day or last-working-day-before")
            })
    }
}

/// A due date: the day of the rule, and what a holiday profile makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDay {
    /// The day of the rule, from which interest counts.
    pub date: NaiveDate,
    /// Why that day is no working day for everybody; `None` when it is one.
    pub rest_day: Option<RestDay>,
    /// The profile asked for.
    pub holiday_profile: Option<HolidayProfile>,
    /// The day to which the profile moves it; `None` when it stays.
    pub moved_to: Option<NaiveDate>,
}

/// Why a day is a rest day. `Display` gives one phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestDay {
    /// Day of the week.
    pub weekday: Weekday,
    /// Every reason; at least one.
    pub kinds: Vec<RestDayKind>,
}

/// One reason why a day is a rest day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestDayKind {
    /// Weekend in every state.
    Weekend,
    /// Weekend but for these states.
    WeekendExceptIn(Vec<String>),
    /// Weekend in these states only.
    WeekendIn(Vec<String>),
    /// Holiday in the whole country.
    NationalHoliday(String),
    /// Holiday in a state.
    StateHoliday {
        /// Where.
        state: String,
        /// Which.
        name: String,
    },
}

impl RestDay {
    /// True for the weekend of most states and for national holidays: what a holiday profile steps over.
    pub fn is_national(&self) -> bool {
        self.kinds.iter().any(|kind| !matches!(kind, RestDayKind::WeekendIn(_) | RestDayKind::StateHoliday { .. }))
    }
}

impl fmt::Display for RestDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(weekday_name(self.weekday))?;
        for kind in &self.kinds {
            match kind {
                RestDayKind::Weekend => f.write_str(", weekend in every state")?,
                RestDayKind::WeekendExceptIn(states) => write!(f, ", weekend except in {}", states.join(", "))?,
                RestDayKind::WeekendIn(states) => write!(f, ", weekend in {}", states.join(", "))?,
                RestDayKind::NationalHoliday(name) => write!(f, ", national holiday ({name})")?,
                RestDayKind::StateHoliday { state, name } => write!(f, ", holiday in {state} ({name})")?,
            }
        }
        Ok(())
    }
}

/// `Monday` to `Sunday`.
pub const fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// Due dates, rest days and late interest: `formats/dues/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dues {
    /// Day the facts were last looked up.
    pub checked: NaiveDate,
    /// How many days ahead to warn that a due date is a rest day.
    pub rest_day_warning_days: u16,
    /// Where the rules come from.
    pub sources: Vec<String>,
    due_day: Vec<DueDayRule>,
    pub(super) profile: Vec<ProfileSettings>,
    /// Waivers and discounts that were given: told, and taken off where they apply.
    #[serde(rename = "concession")]
    pub concessions: Vec<Concession>,
    weekend: Vec<Weekend>,
    fixed_holiday: Vec<FixedHoliday>,
    holiday: Vec<Holiday>,
    /// Rows of `due-dates.csv`.
    #[serde(skip)]
    known: Vec<KnownDueDate>,
}

/// From a contribution month on: the day of the following month, or its last day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DueDayRule {
    from: Option<ContributionMonth>,
    day: Option<u32>,
    #[expect(dead_code, reason = "for the reader of the file")]
    confidence: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weekend {
    days: Vec<Weekday>,
    national: bool,
    states: Vec<String>,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedHoliday {
    month: u32,
    day: u32,
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    date: NaiveDate,
    name: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    confidence: String,
}

/// A row of `due-dates.csv`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDueDate {
    contribution_month: ContributionMonth,
    due_date: NaiveDate,
    weekday: String,
    sat_sun_weekend: String,
    fri_sat_weekend: String,
    national_holiday: String,
    state_holiday_in: String,
    state_holiday_name: String,
}

impl DueDayRule {
    /// The day of the rule inside a calendar month.
    fn day_in(&self, month: ContributionMonth) -> NaiveDate {
        self.day.and_then(|day| month.first_day().with_day(day)).unwrap_or_else(|| month.last_day())
    }
}

impl Weekend {
    fn holds(&self, day: NaiveDate) -> bool {
        self.first_day.is_none_or(|first| first <= day) && self.last_day.is_none_or(|last| day <= last)
    }
}

impl Dues {
    pub(super) fn read(rules: &str, due_dates: &str) -> Result<Dues, RateBookError> {
        let wrong = |what: String| RateBookError::new("dues/late-interest.toml", what);
        let mut dues: Dues = toml::from_str(rules).map_err(|error| wrong(error.to_string()))?;
        if dues.due_day.first().is_none_or(|rule| rule.from.is_some()) {
            return Err(wrong("the first due_day holds for all earlier months and has no from".to_owned()));
        }
        if !dues.due_day.is_sorted_by(|a, b| a.from < b.from) {
            return Err(wrong("due_day entries follow each other in time".to_owned()));
        }
        dues.prove_profiles().map_err(wrong)?;
        dues.prove_concessions().map_err(wrong)?;
        let wrong = |what: String| RateBookError::new("dues/due-dates.csv", what);
        let mut reader = csv::Reader::from_reader(due_dates.as_bytes());
        dues.known = reader.deserialize().collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
        for row in &dues.known {
            dues.prove_known(row).map_err(wrong)?;
        }
        Ok(dues)
    }

    /// A printed due date is that of the rule, and its day of the week and weekends are those of the calendar.
    fn prove_known(&self, row: &KnownDueDate) -> Result<(), String> {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        let day = row.due_date.weekday();
        let sound = row.due_date == self.due_date(row.contribution_month)
            && row.weekday == weekday_name(day)
            && row.sat_sun_weekend == yes_no(matches!(day, Weekday::Sat | Weekday::Sun))
            && row.fri_sat_weekend == yes_no(matches!(day, Weekday::Fri | Weekday::Sat));
        if sound { Ok(()) } else { Err(format!("{} does not agree with the rule", row.contribution_month)) }
    }

    fn rule(&self, month: ContributionMonth) -> &DueDayRule {
        let rule = self.due_day.iter().rev().find(|rule| rule.from.is_none_or(|from| from <= month));
        rule.expect("the loader has proved that the first rule holds for all earlier months")
    }

    /// The last day on which a month's contributions can be paid without interest: the 15th of the month after (before
    /// about 2014 its last day).
    pub fn due_date(&self, month: ContributionMonth) -> NaiveDate {
        self.rule(month).day_in(month.next())
    }

    /// The due date in another calendar month by the rule of a contribution month: where a month in default ends.
    pub(super) fn due_day_in(&self, month: ContributionMonth, calendar_month: ContributionMonth) -> NaiveDate {
        self.rule(month).day_in(calendar_month)
    }

    /// The due date with what is known of rest days; a profile may move it.
    pub fn due_day(&self, month: ContributionMonth, holiday_profile: Option<HolidayProfile>) -> DueDay {
        let date = self.due_date(month);
        let working = |day: &NaiveDate| !self.rest_day(*day).is_some_and(|rest| rest.is_national());
        let moved = match holiday_profile {
            None => Some(date),
            Some(HolidayProfile::NextWorkingDay) => date.iter_days().find(working),
            Some(HolidayProfile::LastWorkingDayBefore) => date.iter_days().rev().find(working),
        };
        DueDay { date, rest_day: self.rest_day(date), holiday_profile, moved_to: moved.filter(|day| *day != date) }
    }

    /// Why a day is no working day for everybody; `None` when nothing is known against it.
    pub fn rest_day(&self, day: NaiveDate) -> Option<RestDay> {
        let weekday = day.weekday();
        let mut kinds: Vec<RestDayKind> = self.weekend_kind(day).into_iter().collect();
        let fixed =
            self.fixed_holiday.iter().filter(|holiday| (holiday.month, holiday.day) == (day.month(), day.day()));
        kinds.extend(fixed.map(|holiday| RestDayKind::NationalHoliday(holiday.name.clone())));
        let dated = self.holiday.iter().filter(|holiday| holiday.date == day);
        kinds.extend(dated.map(|holiday| RestDayKind::NationalHoliday(holiday.name.clone())));
        for row in self.known.iter().filter(|row| row.due_date == day) {
            if !row.national_holiday.is_empty() {
                kinds.push(RestDayKind::NationalHoliday(row.national_holiday.clone()));
            }
            if !row.state_holiday_in.is_empty() {
                let (state, name) = (row.state_holiday_in.clone(), row.state_holiday_name.clone());
                kinds.push(RestDayKind::StateHoliday { state, name });
            }
        }
        if kinds.is_empty() { None } else { Some(RestDay { weekday, kinds }) }
    }

    fn weekend_kind(&self, day: NaiveDate) -> Option<RestDayKind> {
        let weekday = day.weekday();
        let national = self.weekend.iter().any(|weekend| weekend.national && weekend.days.contains(&weekday));
        let own = || self.weekend.iter().filter(|weekend| !weekend.national && weekend.holds(day));
        let states = |resting: bool| -> Vec<String> {
            own().filter(|w| w.days.contains(&weekday) == resting).flat_map(|w| w.states.iter().cloned()).collect()
        };
        match (national, states(!national)) {
            (true, working) if working.is_empty() => Some(RestDayKind::Weekend),
            (true, working) => Some(RestDayKind::WeekendExceptIn(working)),
            (false, resting) if resting.is_empty() => None,
            (false, resting) => Some(RestDayKind::WeekendIn(resting)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateBook;

    fn due(month: &str, profile: Option<HolidayProfile>) -> DueDay {
        RateBook::embedded().dues().due_day(month.parse().expect("a month"), profile)
    }

    #[test]
    fn the_15th_of_the_month_after() {
        for (month, date) in [
            ("2026-10", "2026-11-15"),
            ("2026-12", "2027-01-15"),
            ("2199-12", "2200-01-15"),
            ("2014-01", "2014-02-15"),
            ("2013-12", "2014-01-31"),
            ("2006-02", "2006-03-31"),
        ] {
            assert_eq!(due(month, None).date.to_string(), date, "{month}");
        }
    }

    #[test]
    fn rest_days_are_named() {
        for (month, phrase) in [
            ("2026-09", None),
            ("2026-10", Some("Sunday, weekend except in Kedah, Kelantan, Terengganu")),
            ("2026-07", Some("Saturday, weekend in every state")),
            ("2026-12", Some("Friday, weekend in Kedah, Kelantan, Terengganu")),
            ("2024-10", Some("Friday, weekend in Kedah, Kelantan, Terengganu, Johor")),
            ("2025-08", Some("Monday, national holiday (Additional holiday)")),
            (
                "2025-05",
                Some(
                    "Sunday, weekend except in Kedah, Kelantan, Terengganu, \
                     holiday in Kedah (Birthday of The Sultan of Kedah)",
                ),
            ),
            ("2030-08", Some("Sunday, weekend except in Kedah, Kelantan, Terengganu")),
        ] {
            assert_eq!(due(month, None).rest_day.map(|rest| rest.to_string()).as_deref(), phrase, "{month}");
        }
    }

    #[test]
    fn a_profile_moves_a_national_rest_day_and_keeps_the_rule_beside_it() {
        use HolidayProfile::{LastWorkingDayBefore as Before, NextWorkingDay as Next};
        for (month, profile, moved) in [
            ("2026-10", None, None),
            ("2026-10", Some(Next), Some("2026-11-16")),
            ("2026-10", Some(Before), Some("2026-11-13")),
            ("2026-09", Some(Next), None),
            ("2026-12", Some(Next), None),
            // Monday the additional holiday, Tuesday Malaysia Day.
            ("2025-08", Some(Next), Some("2025-09-17")),
            ("2025-08", Some(Before), Some("2025-09-12")),
            ("2024-05", Some(Next), Some("2024-06-18")),
        ] {
            let due = due(month, profile);
            assert_eq!(due.moved_to.map(|day| day.to_string()).as_deref(), moved, "{month} {profile:?}");
            assert_eq!((due.date.day(), due.holiday_profile), (15, profile));
        }
        assert!("next-day".parse::<HolidayProfile>().is_err());
        assert_eq!("next-working-day".parse(), Ok(Next));
    }
}
