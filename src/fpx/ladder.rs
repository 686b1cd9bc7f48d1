//! When FPX is asked again about an open payment, and when asking ends (`formats/fpx/ladder.toml`).
//!
//! Moments count from the start of the attempt, and the next one is looked for after the last question. So after a
//! standstill of ours every open payment is asked about once, and then goes on where it would be.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveTime, TimeZone, Weekday};
use serde::Deserialize;

use super::value::malaysian_offset;
use super::{TableError, read_table};
use crate::domain::{PaymentModel, PaymentState};

const FILE: &str = "ladder.toml";
const TEXT: &str = include_str!("../../formats/fpx/ladder.toml");

static EMBEDDED: LazyLock<Ladders> = LazyLock::new(|| Ladders::from_toml(TEXT).expect("a test reads ladder.toml"));

/// The longest that anybody is asked, in minutes: a year.
const LONGEST_MINUTES: i64 = 366 * 24 * 60;

/// What becomes of a payment when asking ends. In every case a late approval is still taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivingUp {
    /// FPX never heard of it: the payment is abandoned, if the last answer says so.
    Abandon,
    /// A person asks the bank.
    ByHand,
    /// The employer hears that the authoriser did not act; the payment stays open.
    TellAuthoriser,
}

/// All ladders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladders {
    #[serde(rename = "last_day_checked")]
    checked: chrono::NaiveDate,
    cancel_after_minutes: i64,
    unserved_minutes: i64,
    ladder: Vec<Ladder>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ladder {
    state: String,
    models: Vec<PaymentModel>,
    #[serde(default)]
    at_minutes: Vec<i64>,
    #[serde(default)]
    every: Vec<Every>,
    /// Times of day, once the other steps are over.
    #[serde(default, deserialize_with = "times")]
    daily_at: Vec<NaiveTime>,
    give_up_minutes: Option<i64>,
    /// At the end of the day that is so many Mondays to Fridays after that of the start.
    give_up_working_days: Option<u32>,
    giving_up: GivingUp,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Every {
    minutes: i64,
    from_minutes: i64,
    until_minutes: i64,
    /// Only from the first time of day to the second.
    #[serde(default, deserialize_with = "times")]
    between: Vec<NaiveTime>,
}

fn times<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveTime>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| NaiveTime::parse_from_str(text, "%H:%M").map_err(serde::de::Error::custom);
    texts.iter().map(read).collect()
}

impl Ladders {
    /// Those that are compiled in.
    pub fn embedded() -> &'static Ladders {
        &EMBEDDED
    }

    /// Reads a file in the shape of `formats/fpx/ladder.toml`.
    ///
    /// # Errors
    /// [`TableError`]: another shape, an open state without exactly one ladder for a model, steps that do not go up, no
    /// end or two.
    pub fn from_toml(text: &str) -> Result<Ladders, TableError> {
        let ladders: Ladders = read_table(FILE, text)?;
        let wrong = |what: String| Err(TableError { file: FILE, what });
        let minutes = [ladders.cancel_after_minutes, ladders.unserved_minutes];
        if !minutes.iter().all(|at| (1..=LONGEST_MINUTES).contains(at)) {
            return wrong("minutes lie between 1 and a year".to_owned());
        }
        for ladder in &ladders.ladder {
            let state = &ladder.state;
            if !PaymentState::from_id(state).is_some_and(PaymentState::is_open) {
                return wrong(format!("\"{state}\" is no open state of a payment"));
            }
            if let Some(what) = ladder.fault() {
                return wrong(format!("{state}: {what}"));
            }
        }
        for state in PaymentState::ALL.into_iter().filter(|state| state.is_open()) {
            for model in PaymentModel::ALL {
                let own = |ladder: &&Ladder| ladder.state == state.id() && ladder.models.contains(&model);
                if ladders.ladder.iter().filter(own).count() != 1 {
                    return wrong(format!("{state} of {model} needs one ladder"));
                }
            }
        }
        Ok(ladders)
    }

    /// The day on which the times were last looked at.
    pub const fn last_day_checked(&self) -> chrono::NaiveDate {
        self.checked
    }

    /// From when an employer may give up an attempt whose form went out at `sent`, if FPX does not know it.
    pub fn cancel_from(&self, sent: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        sent + Duration::minutes(self.cancel_after_minutes)
    }

    /// When an attempt that began at `started` is given up because nobody fetched its page.
    pub fn unserved_until(&self, started: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        started + Duration::minutes(self.unserved_minutes)
    }

    /// When to ask next about a payment in a state. `started` is when its form went out, `last_asked` when FPX was last
    /// asked. The moment may lie in the past: ask now. `None`: no more asking, or a state that is not open.
    pub fn next_requery(
        &self,
        model: PaymentModel,
        state: PaymentState,
        started: DateTime<FixedOffset>,
        last_asked: Option<DateTime<FixedOffset>>,
    ) -> Option<DateTime<FixedOffset>> {
        let ladder = self.of(model, state)?;
        let end = ladder.end(started);
        let after = last_asked.map_or(started, |asked| asked.max(started));
        ladder.moments(started, end).into_iter().filter(|moment| *moment > after && *moment <= end).min()
    }

    /// When asking about a payment in a state ends, and what becomes of it then; `None` for a state that is not open.
    pub fn giving_up(
        &self,
        model: PaymentModel,
        state: PaymentState,
        started: DateTime<FixedOffset>,
    ) -> Option<(DateTime<FixedOffset>, GivingUp)> {
        self.of(model, state).map(|ladder| (ladder.end(started), ladder.giving_up))
    }

    fn of(&self, model: PaymentModel, state: PaymentState) -> Option<&Ladder> {
        self.ladder.iter().find(|ladder| ladder.state == state.id() && ladder.models.contains(&model))
    }
}

impl Ladder {
    /// What is wrong with the numbers, if anything.
    fn fault(&self) -> Option<&'static str> {
        let minutes = |minutes: i64| (1..=LONGEST_MINUTES).contains(&minutes);
        if !self.at_minutes.iter().copied().all(minutes) {
            return Some("minutes lie between 1 and a year");
        }
        for every in &self.every {
            let Every { minutes: step, from_minutes: from, until_minutes: until, .. } = *every;
            // The count of moments stays small: a step a minute for a year would be half a million.
            if !minutes(step) || !minutes(from) || !minutes(until) || from > until || (until - from) / step > 10_000 {
                return Some("a step goes up from its first minute to its last, 10,000 times at most");
            }
            if !matches!(every.between[..], []) && !matches!(every.between[..], [from, to] if from < to) {
                return Some("\"between\" is two times of day, the earlier first");
            }
        }
        match (self.give_up_minutes, self.give_up_working_days) {
            (Some(end), None) if minutes(end) => None,
            (None, Some(days)) if (1..=100).contains(&days) => None,
            _ => Some("needs one end, in minutes or in working days"),
        }
    }

    fn end(&self, started: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        if let Some(minutes) = self.give_up_minutes {
            return started + Duration::minutes(minutes);
        }
        let mut day = started.with_timezone(&malaysian_offset()).date_naive();
        let mut left = self.give_up_working_days.unwrap_or_default();
        while left > 0 {
            day += Duration::days(1);
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                left -= 1;
            }
        }
        let last = day.and_hms_opt(23, 59, 59).expect("a day has a last second");
        malaysian_offset().from_local_datetime(&last).single().expect("a fixed offset has every local time once")
    }

    /// Every moment of the ladder up to its end, in no order.
    fn moments(&self, started: DateTime<FixedOffset>, end: DateTime<FixedOffset>) -> Vec<DateTime<FixedOffset>> {
        let local = started.with_timezone(&malaysian_offset());
        let mut moments: Vec<_> = self.at_minutes.iter().map(|at| local + Duration::minutes(*at)).collect();
        for every in &self.every {
            let mut at = every.from_minutes;
            while at <= every.until_minutes {
                let moment = local + Duration::minutes(at);
                if matches!(every.between[..], [from, to] if moment.time() >= from && moment.time() <= to)
                    || every.between.is_empty()
                {
                    moments.push(moment);
                }
                at += every.minutes;
            }
        }
        let steps = self.at_minutes.iter().copied().chain(self.every.iter().map(|every| every.until_minutes)).max();
        let quiet_until = local + Duration::minutes(steps.unwrap_or(0));
        let mut day = quiet_until.date_naive();
        while !self.daily_at.is_empty() && day <= end.date_naive() {
            for time in &self.daily_at {
                let moment = malaysian_offset().from_local_datetime(&day.and_time(*time)).single();
                moments.extend(moment.filter(|moment| *moment > quiet_until));
            }
            day += Duration::days(1);
        }
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentModel::{B2b1, B2c};
    use PaymentState as S;

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a moment")
    }

    /// Every moment at which is asked, when each question is put in time.
    fn asked(model: PaymentModel, state: S, started: &str) -> Vec<String> {
        let (ladders, started) = (Ladders::embedded(), at(started));
        let mut moments = Vec::new();
        let mut last = None;
        while let Some(next) = ladders.next_requery(model, state, started, last) {
            moments.push(next.format("%d %H:%M").to_string());
            last = Some(next);
        }
        moments
    }

    #[test]
    fn nothing_heard_is_asked_for_a_day() {
        for model in PaymentModel::ALL {
            let moments = asked(model, S::Sent, "2026-07-15T10:00:00+08:00");
            assert_eq!(moments[..6], ["15 10:05", "15 10:10", "15 10:20", "15 10:40", "15 11:00", "15 12:00"]);
            assert_eq!((moments.len(), moments[27].as_str()), (28, "16 10:00"));
            let end = Ladders::embedded().giving_up(model, S::Sent, at("2026-07-15T10:00:00+08:00"));
            assert_eq!(end, Some((at("2026-07-16T10:00:00+08:00"), GivingUp::Abandon)));
        }
    }

    #[test]
    fn what_the_bank_has_is_asked_for_three_working_days() {
        // A Wednesday: Thursday, Friday, Monday.
        let moments = asked(B2c, S::PendingBank, "2026-07-15T10:00:00+08:00");
        assert_eq!(moments[..2], ["15 10:15", "15 10:30"]);
        assert_eq!(moments[7..9], ["15 12:00", "15 13:00"]);
        assert_eq!(moments[29..], ["16 10:00", "17 02:00", "18 02:00", "19 02:00", "20 02:00"]);
        let end = Ladders::embedded().giving_up(B2b1, S::PendingBank, at("2026-07-15T10:00:00+08:00"));
        assert_eq!(end, Some((at("2026-07-20T23:59:59+08:00"), GivingUp::ByHand)));
        // From a Saturday: Monday, Tuesday, Wednesday. The day is Malaysian whatever the offset it is written with.
        let end = Ladders::embedded().giving_up(B2c, S::PendingBank, at("2026-07-17T16:00:00Z"));
        assert_eq!(end, Some((at("2026-07-22T23:59:59+08:00"), GivingUp::ByHand)));
        let end = Ladders::embedded().giving_up(B2c, S::PendingBank, at("2026-07-17T15:59:59Z"));
        assert_eq!(end, Some((at("2026-07-22T23:59:59+08:00"), GivingUp::ByHand)));
    }

    #[test]
    fn an_authoriser_is_waited_for_in_working_hours() {
        let moments = asked(B2b1, S::PendingAuthoriser, "2026-07-15T16:30:00+08:00");
        assert_eq!(moments[..4], ["15 17:30", "16 08:30", "16 09:30", "16 10:30"]);
        assert_eq!(moments[7..11], ["16 14:30", "16 15:30", "16 16:30", "16 18:00"]);
        assert_eq!(moments[11..13], ["17 09:00", "17 12:00"]);
        assert_eq!(moments.last().map(String::as_str), Some("29 15:00"));
        let end = Ladders::embedded().giving_up(B2b1, S::PendingAuthoriser, at("2026-07-15T16:30:00+08:00"));
        assert_eq!(end, Some((at("2026-07-29T16:30:00+08:00"), GivingUp::TellAuthoriser)));
    }

    #[test]
    fn a_standstill_costs_one_question() {
        let (ladders, started) = (Ladders::embedded(), at("2026-07-15T10:00:00+08:00"));
        let next = |last: &str| ladders.next_requery(B2c, S::Sent, started, Some(at(last)));
        assert_eq!(next("2026-07-15T10:04:59+08:00"), Some(at("2026-07-15T10:05:00+08:00")));
        assert_eq!(next("2026-07-15T10:05:00+08:00"), Some(at("2026-07-15T10:10:00+08:00")));
        assert_eq!(next("2026-07-15T18:10:00+08:00"), Some(at("2026-07-15T19:00:00+08:00")));
        assert_eq!(next("2026-07-15T09:00:00+08:00"), Some(at("2026-07-15T10:05:00+08:00")), "a clock set back");
        assert_eq!(next("2026-07-16T09:59:59+08:00"), Some(at("2026-07-16T10:00:00+08:00")));
        assert_eq!(next("2026-07-16T10:00:00+08:00"), None);
    }

    #[test]
    fn what_is_over_is_not_asked() {
        for state in S::ALL.into_iter().filter(|state| !state.is_open()) {
            let started = at("2026-07-15T10:00:00+08:00");
            assert_eq!(Ladders::embedded().next_requery(B2c, state, started, None), None);
            assert_eq!(Ladders::embedded().giving_up(B2c, state, started), None);
        }
    }

    #[test]
    fn a_wrong_file_is_named() {
        assert_eq!(Ladders::from_toml(TEXT).expect("ladder.toml").last_day_checked().to_string(), "2026-11-22");
        for (from, to) in [
            ("state = \"sent\"", "state = \"paid\""),
            ("state = \"sent\"", "state = \"pending-bank\""),
            ("[\"b2c\", \"b2b1\"]\nat_minutes", "[\"b2c\"]\nat_minutes"),
            ("give_up_minutes = 1440", ""),
            ("give_up_minutes = 1440", "give_up_minutes = 1440\ngive_up_working_days = 1"),
            ("minutes = 15,", "minutes = 0,"),
            ("until_minutes = 120", "until_minutes = 14"),
            ("[\"08:00\", \"18:00\"]", "[\"18:00\", \"08:00\"]"),
            ("[\"02:00\"]", "[\"24:00\"]"),
            ("at_minutes = [5,", "at_minutes = [0,"),
            ("cancel_after_minutes = 180", "cancel_after_minutes = 0"),
            ("unserved_minutes = 30", "unserved_minutes = 0"),
        ] {
            let text = TEXT.replace(from, to);
            assert_ne!(text, TEXT, "{from}");
            assert!(Ladders::from_toml(&text).is_err(), "{from} to {to}");
        }
    }
}
