//! Interest on late contributions (Act 4 ss. 14A and 105(2)(iv), regulation 33; Act 800 s. 21): an estimate with the
//! settings of a profile in `formats/dues/late-interest.toml`. Only PERKESO's bill is binding.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use super::due::Dues;
use super::law::ringgit;
use crate::domain::{ContributionMonth, Sen};

/// How late interest is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterestProfile {
    /// 6 % a year for each day, rounded once over the whole delay.
    Daily,
    /// The same, with RM5 at least for each month or part of a month in default.
    #[default]
    Statute,
}

impl InterestProfile {
    /// `daily` or `statute`.
    pub const fn id(self) -> &'static str {
        match self {
            InterestProfile::Daily => "daily",
            InterestProfile::Statute => "statute",
        }
    }
}

impl fmt::Display for InterestProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for InterestProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "daily" => Ok(InterestProfile::Daily),
            "statute" => Ok(InterestProfile::Statute),
            _ => Err(format!("\"{text}\" is not an interest profile; write daily or statute")),
        }
    }
}

/// What a delay costs for one month's contributions under one Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateInterest {
    /// The day of the rule.
    pub due_date: NaiveDate,
    /// Days from the day after the due date to the day of payment, both counted; 0 when paid in time.
    pub days_late: u32,
    /// Months or parts of a month in default.
    pub months_or_parts: u32,
    /// The yearly rate for each day, rounded once over the whole delay, half up; no minimum.
    pub daily: Sen,
    /// `interest` − `daily`. It can be a few sen below zero in a long delay, where each month is rounded by itself.
    pub minimum_top_up: Sen,
    /// What the profile asks.
    pub interest: Sen,
    /// What the profile asks when paid one day later.
    pub tomorrow: Sen,
    /// The profile.
    pub profile: InterestProfile,
}

/// Settings of a profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSettings {
    id: InterestProfile,
    #[serde(deserialize_with = "percent")]
    rate_percent_a_year: Decimal,
    year: Year,
    month_in_default: MonthInDefault,
    minimum: Minimum,
    #[serde(deserialize_with = "ringgit")]
    minimum_amount: Sen,
    rounding: Rounding,
    /// Where the law prints it.
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Year {
    /// Always 365 days.
    #[serde(rename = "365")]
    Always365,
    /// 366 days for the days that lie in a leap year.
    #[serde(rename = "366-in-leap-years")]
    LeapYears366,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MonthInDefault {
    /// From the day after the due day to the next due day (the 16th to the 15th).
    DayAfterDueDay,
    /// Every calendar month touched.
    CalendarMonths,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Minimum {
    /// No minimum; rounded once.
    None,
    /// Each month or part of a month by itself.
    EachMonth,
    /// Once for the whole delay.
    Once,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Rounding {
    /// To the sen, half up.
    SenHalfUp,
    /// Above the minimum, up to the next multiple of it.
    NextMultipleOfMinimum,
}

fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// A part of the delay: the days after the first date, up to and including the second.
type Part = (NaiveDate, NaiveDate);

impl ProfileSettings {
    /// The interest of a part in ringgit, not rounded. The only division comes last, so that halves stay halves.
    fn unrounded(&self, amount: Sen, (from, to): Part) -> Decimal {
        let a_year = amount.ringgit() * self.rate_percent_a_year / Decimal::ONE_HUNDRED;
        let share = |days: i64, year: i64| a_year * Decimal::from(days) / Decimal::from(year);
        match self.year {
            Year::Always365 => share((to - from).num_days(), 365),
            Year::LeapYears366 => (from.year()..=to.year())
                .map(|year| {
                    let end = NaiveDate::from_ymd_opt(year, 12, 31).expect("every year has a last day");
                    let start = NaiveDate::from_ymd_opt(year - 1, 12, 31).expect("every year has a last day");
                    let days = (to.min(end) - from.max(start)).num_days();
                    share(days, (end - start).num_days())
                })
                .sum(),
        }
    }

    /// Rounded, and no less than the minimum.
    fn with_minimum(&self, unrounded: Decimal) -> Sen {
        let rounded = Sen::from_ringgit_half_up(unrounded);
        if rounded <= self.minimum_amount {
            return self.minimum_amount;
        }
        match self.rounding {
            Rounding::SenHalfUp => rounded,
            Rounding::NextMultipleOfMinimum => {
                let unit = self.minimum_amount.0;
                Sen((rounded.0 + unit - 1) / unit * unit)
            }
        }
    }

    fn interest(&self, amount: Sen, whole: Part, months: &[Part]) -> Sen {
        if amount <= Sen::ZERO || months.is_empty() {
            return Sen::ZERO;
        }
        match self.minimum {
            Minimum::None => Sen::from_ringgit_half_up(self.unrounded(amount, whole)),
            Minimum::Once => self.with_minimum(self.unrounded(amount, whole)),
            Minimum::EachMonth => months.iter().map(|month| self.with_minimum(self.unrounded(amount, *month))).sum(),
        }
    }
}

impl Dues {
    /// Every profile is there, and its numbers can be reckoned with.
    pub(super) fn prove_profiles(&self) -> Result<(), String> {
        for id in [InterestProfile::Daily, InterestProfile::Statute] {
            let mut of_id = self.profile.iter().filter(|settings| settings.id == id);
            let (Some(settings), None) = (of_id.next(), of_id.next()) else {
                return Err(format!("the profile {id} stands there once"));
            };
            let rate = settings.rate_percent_a_year;
            if rate.is_sign_negative() || rate > Decimal::ONE_HUNDRED || settings.minimum_amount.is_zero() {
                return Err(format!("the profile {id} has a rate up to 100 and a minimum_amount above zero"));
            }
        }
        Ok(())
    }

    /// What one more day costs in ringgit, by the day alone and not rounded: often less than a sen.
    pub fn cost_of_a_day(&self, amount: Sen, day: NaiveDate) -> Decimal {
        let next = day.succ_opt().unwrap_or(day);
        self.profile(InterestProfile::Daily).unrounded(amount, (day, next))
    }

    /// The settings of a profile.
    pub fn profile(&self, profile: InterestProfile) -> &ProfileSettings {
        let found = self.profile.iter().find(|settings| settings.id == profile);
        found.expect("the loader has proved that every profile is there")
    }

    /// Interest on one month's unpaid contributions of one employer under one Act, all employees together, with SKBBK in
    /// the amount of Act 4. No interest on nothing or on a payment in time.
    ///
    /// `paid` is a Malaysian calendar day ([`malaysian_day`](super::malaysian_day)) between 1900 and 2199.
    pub fn late_interest(
        &self,
        amount: Sen,
        month: ContributionMonth,
        paid: NaiveDate,
        profile: InterestProfile,
    ) -> LateInterest {
        let settings = self.profile(profile);
        let due_date = self.due_date(month);
        let months = self.months_in_default(month, paid, settings.month_in_default);
        let interest = settings.interest(amount, (due_date, paid), &months);
        let next_day = paid.succ_opt().expect("a day before 2200 has a next one");
        let months_tomorrow = self.months_in_default(month, next_day, settings.month_in_default);
        let daily = if months.is_empty() || amount <= Sen::ZERO {
            Sen::ZERO
        } else {
            Sen::from_ringgit_half_up(settings.unrounded(amount, (due_date, paid)))
        };
        LateInterest {
            due_date,
            days_late: u32::try_from((paid - due_date).num_days()).unwrap_or(0),
            months_or_parts: u32::try_from(months.len()).expect("a few thousand months at most"),
            daily,
            minimum_top_up: interest - daily,
            interest,
            tomorrow: settings.interest(amount, (due_date, next_day), &months_tomorrow),
            profile,
        }
    }

    /// The first day after `day` on which another month in default begins under a profile, and with it another minimum; the
    /// day after the due date where nothing is late on `day`.
    pub fn next_step(&self, month: ContributionMonth, day: NaiveDate, profile: InterestProfile) -> NaiveDate {
        let cut = self.profile(profile).month_in_default;
        let due_date = self.due_date(month);
        let last = match self.months_in_default(month, day, cut).last() {
            None => due_date,
            // The part in which the day lies, to its end: it is cut at the day itself.
            Some((from, _)) => {
                let whole = *from + chrono::Duration::days(62);
                let of_from = self.months_in_default(month, whole, cut).into_iter().find(|part| part.0 == *from);
                of_from.map_or(day, |part| part.1)
            }
        };
        last.succ_opt().expect("a day before 2200 has a next one")
    }

    /// The delay, cut at every due day or at every end of a month; empty when paid in time.
    fn months_in_default(&self, month: ContributionMonth, paid: NaiveDate, cut: MonthInDefault) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut from = self.due_date(month);
        // The calendar month in which the part ends.
        let mut ends_in = match cut {
            MonthInDefault::DayAfterDueDay => month.next().next(),
            MonthInDefault::CalendarMonths => {
                ContributionMonth::of(from.succ_opt().expect("a due date before 2200 has a next day"))
            }
        };
        while from < paid {
            let end = match cut {
                MonthInDefault::DayAfterDueDay => self.due_day_in(month, ends_in),
                MonthInDefault::CalendarMonths => ends_in.last_day(),
            };
            parts.push((from, end.min(paid)));
            (from, ends_in) = (end, ends_in.next());
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::{RateBook, malaysian_day};
    use chrono::DateTime;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn late(amount: i64, month: &str, paid: &str, profile: InterestProfile) -> LateInterest {
        let month = month.parse().expect("a month");
        RateBook::embedded().dues().late_interest(Sen(amount), month, day(paid), profile)
    }

    fn statute(amount: i64, month: &str, paid: &str) -> (u32, u32, i64, i64, i64) {
        let late = late(amount, month, paid, InterestProfile::Statute);
        assert_eq!(late.minimum_top_up, late.interest - late.daily);
        (late.days_late, late.months_or_parts, late.daily.0, late.interest.0, late.tomorrow.0)
    }

    #[test]
    fn example_7_three_days_cost_the_minimum() {
        assert_eq!(statute(42_000, "2025-11", "2025-12-18"), (3, 1, 21, 500, 500));
    }

    #[test]
    fn example_8_the_day_ends_at_malaysian_midnight() {
        let paid = |text: &str| malaysian_day(&DateTime::parse_from_rfc3339(text).expect("a moment")).to_string();
        assert_eq!(statute(96_000, "2026-03", &paid("2026-04-15T16:30:00Z")), (1, 1, 16, 500, 500));
        assert_eq!(statute(96_000, "2026-03", &paid("2026-04-15T15:59:59Z")), (0, 0, 0, 0, 500));
        assert_eq!(statute(96_000, "2026-03", &paid("2026-04-15T16:00:00Z")), (1, 1, 16, 500, 500));
        assert_eq!(statute(96_000, "2026-03", &paid("2026-04-15T23:59:59+08:00")), (0, 0, 0, 0, 500));
    }

    #[test]
    fn months_run_from_the_16th_to_the_15th() {
        assert_eq!(statute(100_000, "2025-01", "2025-02-14"), (0, 0, 0, 0, 0));
        assert_eq!(statute(100_000, "2025-01", "2025-02-15"), (0, 0, 0, 0, 500));
        assert_eq!(statute(100_000, "2025-01", "2025-02-16"), (1, 1, 16, 500, 500));
        // 28 days: 1000 × 6 % × 28 ÷ 365 = 4.6027.
        assert_eq!(statute(100_000, "2025-01", "2025-03-15"), (28, 1, 460, 500, 1000));
        assert_eq!(statute(100_000, "2025-01", "2025-03-16"), (29, 2, 477, 1000, 1000));
        assert_eq!(statute(100_000, "2025-01", "2025-04-15"), (59, 2, 970, 1010, 1510), "the second month is 5.096");
        assert_eq!(statute(100_000, "2025-01", "2026-02-15").1, 12, "a year has twelve");
    }

    #[test]
    fn the_rate_above_the_minimum() {
        // RM 10,000: 1.6438 a day; three days 4.93, four days 6.58.
        assert_eq!(statute(1_000_000, "2025-01", "2025-02-18"), (3, 1, 493, 500, 658));
        assert_eq!(statute(1_000_000, "2025-01", "2025-02-19"), (4, 1, 658, 658, 822));
        let daily = late(1_000_000, "2025-01", "2025-02-18", InterestProfile::Daily);
        assert_eq!((daily.daily, daily.interest, daily.minimum_top_up), (Sen(493), Sen(493), Sen::ZERO));
        assert_eq!(daily.tomorrow, Sen(658));
    }

    #[test]
    fn a_half_sen_goes_up() {
        // 73 days are a fifth of 365: 6 % ÷ 5 = 1.2 %; of RM 1.25 that is 1.5 sen, of RM 1.24 less.
        assert_eq!(late(125, "2025-01", "2025-04-29", InterestProfile::Daily).interest, Sen(2));
        assert_eq!(late(124, "2025-01", "2025-04-29", InterestProfile::Daily).interest, Sen(1));
    }

    #[test]
    fn each_month_is_rounded_by_itself() {
        // 28 and 31 days of RM 7,000: 32.2192 and 35.6712 become 32.22 and 35.67; together 67.8904 is 67.89.
        assert_eq!(statute(700_000, "2025-01", "2025-04-15"), (59, 2, 6789, 6789, 7289));
        // RM 7,000.48: 32.2214 and 35.6737 lose their parts of a sen; the whole is 67.8951.
        let two = late(700_048, "2025-01", "2025-04-15", InterestProfile::Statute);
        assert_eq!((two.interest, two.daily, two.minimum_top_up), (Sen(6789), Sen(6790), Sen(-1)));
    }

    #[test]
    fn the_next_step_is_the_sixteenth() {
        let dues = RateBook::embedded().dues();
        for (on, step) in [
            ("2025-02-14", "2025-02-16"),
            ("2025-02-15", "2025-02-16"),
            ("2025-02-16", "2025-03-16"),
            ("2025-03-15", "2025-03-16"),
            ("2025-03-16", "2025-04-16"),
            ("2026-01-01", "2026-01-16"),
        ] {
            let month = "2025-01".parse().expect("a month");
            let found = dues.next_step(month, day(on), InterestProfile::Statute);
            assert_eq!(found, day(step), "{on}");
            let parts = |on| dues.late_interest(Sen(1), month, on, InterestProfile::Statute).months_or_parts;
            assert_eq!(parts(found), parts(day(on)) + 1, "{on}");
            assert_eq!(parts(found.pred_opt().expect("a day")), parts(day(on)), "{on}");
        }
    }

    #[test]
    fn nothing_costs_nothing() {
        assert_eq!(statute(0, "2025-01", "2025-03-16"), (29, 2, 0, 0, 0));
        assert_eq!(statute(1, "2025-01", "2025-02-16"), (1, 1, 0, 500, 500));
    }

    #[test]
    fn the_official_example_of_2006() {
        // RM 50.50 for February 2006, due at the end of March, paid on 15 May: April and a part of May.
        assert_eq!(statute(5050, "2006-02", "2006-05-15"), (45, 2, 37, 1000, 1000));
        assert_eq!(statute(5050, "2006-02", "2006-04-30"), (30, 1, 25, 500, 1000));
        assert_eq!(statute(5050, "2006-02", "2006-03-31"), (0, 0, 0, 0, 500));
    }

    /// A book whose statute profile has another setting.
    fn with_setting(name: &str, other: &str) -> RateBook {
        let text = include_str!("../../formats/dues/late-interest.toml");
        let (head, profile) = text.split_once("id = \"statute\"").expect("the profile");
        let start = profile.find(&format!("\n{name} = ")).expect("the setting") + 1;
        let end = start + profile[start..].find('\n').expect("an end of line");
        let changed = format!("{head}id = \"statute\"{}{name} = \"{other}\"{}", &profile[..start], &profile[end..]);
        RateBook::load(&move |asked| (asked == "dues/late-interest.toml").then(|| changed.clone())).expect("sound")
    }

    #[test]
    fn the_alternatives_of_the_settings() {
        let ask = |name: &str, other: &str, amount: i64, month: &str, paid: &str| {
            let month = month.parse().expect("a month");
            let profile = InterestProfile::Statute;
            with_setting(name, other).dues().late_interest(Sen(amount), month, day(paid), profile)
        };
        assert_eq!(ask("minimum", "once", 100_000, "2025-01", "2025-03-16").interest, Sen(500));
        assert_eq!(ask("rounding", "next-multiple-of-minimum", 1_000_000, "2025-01", "2025-02-19").interest, Sen(1000));
        assert_eq!(ask("rounding", "next-multiple-of-minimum", 1_000_000, "2025-01", "2025-02-18").interest, Sen(500));
        let calendar = ask("month_in_default", "calendar-months", 100_000, "2025-01", "2025-03-01");
        assert_eq!((calendar.months_or_parts, calendar.interest), (2, Sen(1000)));
        // 366 days in 2024: RM 36,600 cost RM 6 a day there and 6.0164 in 2025.
        let leap = |paid| ask("year", "366-in-leap-years", 3_660_000, "2024-11", paid).interest;
        assert_eq!((leap("2024-12-31"), leap("2025-01-01")), (Sen(9600), Sen(10202)));
    }

    #[test]
    fn a_delay_of_two_centuries_is_reckoned() {
        let late = late(100_000, "1999-12", "2199-12-31", InterestProfile::Statute);
        assert_eq!(late.months_or_parts, 2399);
    }
}
