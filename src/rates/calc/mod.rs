//! One question, one answer: `calc contribution`, `calc interest` and `calc due-date`.
//!
//! A question carries the texts of its flags, which are also the column names of a CSV of questions ([`table`]); an answer
//! serialises to the document that is printed. Amounts are in sen; nothing due is 0.

mod contribution;
pub mod table;

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

pub use contribution::{ContributionAnswer, ContributionQuestion, contribution};
pub use table::{LineError, answer_csv, to_csv};

use super::due::weekday_name;
use super::{HolidayProfile, InterestProfile, NotCovered, NotCoveredReason, RateBook, malaysian_day};
use crate::domain::{ContributionMonth, Scheme, Sen};

/// The largest amount in ringgit that can be asked about, RM 1,000,000,000,000: more than the country earns in a month.
const LARGEST_AMOUNT: Sen = Sen(100_000_000_000_000);

/// Why a question has no answer, in one sentence for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalcError {
    /// A flag or column is missing, or its text cannot be read.
    #[error("{name}: {what}")]
    Field {
        /// Name of the flag, with underscores.
        name: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// No table was published.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
}

/// A question that the rate book can answer.
pub trait Question: for<'de> Deserialize<'de> {
    /// Its answer.
    type Answer: Answer;
    /// Names of its flags and columns, with underscores.
    const COLUMNS: &'static [&'static str];
    /// Those that cannot be left out.
    const REQUIRED: &'static [&'static str];

    /// Answers it.
    ///
    /// # Errors
    /// [`CalcError`] where a text cannot be read or no table covers the month.
    fn answer(&self, book: &RateBook) -> Result<Self::Answer, CalcError>;
}

/// An answer that can also be a row of a table.
pub trait Answer: Serialize {
    /// Column names: the keys of the JSON document, in its order.
    const COLUMNS: &'static [&'static str];

    /// One cell for each column.
    fn cells(&self) -> Vec<String>;
}

fn wrong(name: &'static str, what: impl ToString) -> CalcError {
    CalcError::Field { name, what: what.to_string() }
}

/// The text of a flag; blank is absent.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn optional<T: FromStr>(name: &'static str, text: Option<&String>) -> Result<Option<T>, CalcError>
where
    T::Err: ToString,
{
    given(text).map(|text| text.parse().map_err(|error: T::Err| wrong(name, error.to_string()))).transpose()
}

fn required<T: FromStr>(name: &'static str, text: Option<&String>) -> Result<T, CalcError>
where
    T::Err: ToString,
{
    optional(name, text)?.ok_or_else(|| wrong(name, "is missing"))
}

fn amount(name: &'static str, text: Option<&String>) -> Result<Sen, CalcError> {
    let text = given(text).ok_or_else(|| wrong(name, "is missing"))?;
    let amount = Sen::from_ringgit(text).map_err(|error| wrong(name, error))?;
    if amount > LARGEST_AMOUNT { Err(wrong(name, format!("\"{text}\" is too large"))) } else { Ok(amount) }
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(in_calendar)
}

/// Years as the months have them, so that no date runs out of the calendar.
fn in_calendar(day: &NaiveDate) -> bool {
    ContributionMonth::new(day.year(), day.month()).is_some()
}

fn yes_no(name: &'static str, text: Option<&String>) -> Result<Option<bool>, CalcError> {
    match given(text).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("yes" | "true" | "1" | "y") => Ok(Some(true)),
        Some("no" | "false" | "0" | "n") => Ok(Some(false)),
        Some(other) => Err(wrong(name, format!("\"{other}\" is neither yes nor no"))),
    }
}

/// `participating` or `released:2026-08`.
fn released_from(text: Option<&String>) -> Result<Option<ContributionMonth>, CalcError> {
    match given(text) {
        None | Some("participating") => Ok(None),
        Some(text) => match text.strip_prefix("released:") {
            Some(month) => required("skbbk", Some(&month.to_owned())).map(Some),
            None => Err(wrong("skbbk", format!("\"{text}\" is neither participating nor released:2026-08"))),
        },
    }
}

/// `calc interest`: the texts of its flags.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterestQuestion {
    /// `act4` or `act800`.
    pub act: Option<String>,
    /// Contribution month, `2025-01`.
    pub month: Option<String>,
    /// Unpaid contributions of the month under the Act, all employees, in ringgit.
    pub amount: Option<String>,
    /// Moment of payment with its offset (`2025-02-16T10:00:00+08:00`), or a day in Malaysia (`2025-02-16`).
    pub paid: Option<String>,
    /// `daily` or `statute`; `statute` when absent.
    pub profile: Option<String>,
}

/// What late payment costs: an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InterestAnswer {
    /// The day of the rule.
    pub due_date: NaiveDate,
    /// Days late; 0 in time.
    pub days_late: u32,
    /// Months or parts of a month in default.
    pub months_or_parts: u32,
    /// 6 % a year for each day, rounded once.
    pub daily_sen: Sen,
    /// `interest_sen` − `daily_sen`.
    pub minimum_top_up_sen: Sen,
    /// What the profile asks.
    pub interest_sen: Sen,
    /// What the profile asks one day later.
    pub tomorrow_sen: Sen,
    /// `daily` or `statute`.
    pub profile: InterestProfile,
}

impl Question for InterestQuestion {
    type Answer = InterestAnswer;
    const COLUMNS: &'static [&'static str] = &["act", "month", "amount", "paid", "profile"];
    const REQUIRED: &'static [&'static str] = &["act", "month", "amount", "paid"];

    fn answer(&self, book: &RateBook) -> Result<InterestAnswer, CalcError> {
        let act: Scheme = required("act", self.act.as_ref())?;
        let month: ContributionMonth = required("month", self.month.as_ref())?;
        let amount = amount("amount", self.amount.as_ref())?;
        let paid = paid_day(given(self.paid.as_ref()).ok_or_else(|| wrong("paid", "is missing"))?)?;
        let profile = optional("profile", self.profile.as_ref())?.unwrap_or_default();
        let start = book.coverage().act800.from;
        if act == Scheme::Act800 && month < start {
            return Err(NotCovered { scheme: act, month, reason: NotCoveredReason::NotStarted { start } }.into());
        }
        let late = book.dues().late_interest(amount, month, paid, profile);
        Ok(InterestAnswer {
            due_date: late.due_date,
            days_late: late.days_late,
            months_or_parts: late.months_or_parts,
            daily_sen: late.daily,
            minimum_top_up_sen: late.minimum_top_up,
            interest_sen: late.interest,
            tomorrow_sen: late.tomorrow,
            profile: late.profile,
        })
    }
}

/// The Malaysian day of a moment with offset, or a day as written.
fn paid_day(text: &str) -> Result<NaiveDate, CalcError> {
    let error = || {
        let what = "is not a moment of payment; write 2025-02-16T10:00:00+08:00 or the day 2025-02-16";
        wrong("paid", format!("\"{text}\" {what}"))
    };
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|moment| malaysian_day(&moment));
    date(text).or_else(moment).filter(in_calendar).ok_or_else(error)
}

impl Answer for InterestAnswer {
    const COLUMNS: &'static [&'static str] = &[
        "due_date",
        "days_late",
        "months_or_parts",
        "daily_sen",
        "minimum_top_up_sen",
        "interest_sen",
        "tomorrow_sen",
        "profile",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.due_date.to_string(),
            self.days_late.to_string(),
            self.months_or_parts.to_string(),
            self.daily_sen.0.to_string(),
            self.minimum_top_up_sen.0.to_string(),
            self.interest_sen.0.to_string(),
            self.tomorrow_sen.0.to_string(),
            self.profile.id().to_owned(),
        ]
    }
}

/// `calc due-date`: the texts of its flags.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DueDateQuestion {
    /// Contribution month, `2025-01`.
    pub month: Option<String>,
    /// `next-working-day` or `last-working-day-before`; the day stays when absent.
    pub holiday_profile: Option<String>,
}

/// When a month's contributions are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueDateAnswer {
    /// Contribution month.
    pub month: ContributionMonth,
    /// The day of the rule.
    pub due_date: NaiveDate,
    /// Its day of the week.
    pub weekday: &'static str,
    /// Why it is no working day for everybody.
    pub rest_day: Option<String>,
    /// The profile asked for.
    pub holiday_profile: Option<HolidayProfile>,
    /// The day to which the profile moves it, where it moves.
    pub moved_to: Option<NaiveDate>,
}

impl Question for DueDateQuestion {
    type Answer = DueDateAnswer;
    const COLUMNS: &'static [&'static str] = &["month", "holiday_profile"];
    const REQUIRED: &'static [&'static str] = &["month"];

    fn answer(&self, book: &RateBook) -> Result<DueDateAnswer, CalcError> {
        let month = required("month", self.month.as_ref())?;
        let due = book.dues().due_day(month, optional("holiday_profile", self.holiday_profile.as_ref())?);
        Ok(DueDateAnswer {
            month,
            due_date: due.date,
            weekday: weekday_name(due.date.weekday()),
            rest_day: due.rest_day.map(|rest| rest.to_string()),
            holiday_profile: due.holiday_profile,
            moved_to: due.moved_to,
        })
    }
}

impl Answer for DueDateAnswer {
    const COLUMNS: &'static [&'static str] =
        &["month", "due_date", "weekday", "rest_day", "holiday_profile", "moved_to"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.month.to_string(),
            self.due_date.to_string(),
            self.weekday.to_owned(),
            self.rest_day.clone().unwrap_or_default(),
            self.holiday_profile.map(HolidayProfile::id).unwrap_or_default().to_owned(),
            self.moved_to.map(|day| day.to_string()).unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> &'static RateBook {
        RateBook::embedded()
    }

    fn interest(fields: [&str; 5]) -> Result<InterestAnswer, CalcError> {
        let [act, month, amount, paid, profile] = fields.map(|field| Some(field.to_owned()));
        InterestQuestion { act, month, amount, paid, profile }.answer(book())
    }

    #[test]
    fn the_interest_document_has_its_keys_in_order() {
        let answer = interest(["act4", "2025-01", "1000.00", "2025-02-16T10:00:00+08:00", ""]).expect("an answer");
        assert_eq!(
            serde_json::to_string(&answer).expect("json"),
            r#"{"due_date":"2025-02-15","days_late":1,"months_or_parts":1,"daily_sen":16,"minimum_top_up_sen":484,"interest_sen":500,"tomorrow_sen":500,"profile":"statute"}"#
        );
        let answer = interest(["act800", "2025-01", "1000.00", "2025-02-16", "daily"]).expect("an answer");
        assert_eq!((answer.interest_sen, answer.minimum_top_up_sen), (Sen(16), Sen::ZERO));
        assert_eq!(answer.profile, InterestProfile::Daily);
    }

    #[test]
    fn the_day_of_payment_is_malaysian() {
        let days = |paid: &str| interest(["act4", "2026-03", "960", paid, "statute"]).expect("an answer").days_late;
        assert_eq!(days("2026-04-15T16:30:00Z"), 1);
        assert_eq!(days("2026-04-15T15:59:59+00:00"), 0);
        assert_eq!(days("2026-04-16T00:30:00+09:00"), 0);
        assert_eq!(days("2026-04-16"), 1);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (fields, name) in [
            (["act789", "2025-01", "1", "2025-02-16", ""], "act:"),
            (["", "2025-01", "1", "2025-02-16", ""], "act: is missing"),
            (["act4", "2025-13", "1", "2025-02-16", ""], "month:"),
            (["act4", "2025-01", "1.005", "2025-02-16", ""], "amount:"),
            (["act4", "2025-01", "-1", "2025-02-16", ""], "amount:"),
            (["act4", "2025-01", "1000000000000.01", "2025-02-16", ""], "amount:"),
            (["act4", "2025-01", "1", "2025-02-30", ""], "paid:"),
            (["act4", "2025-01", "1", "2025-02-16T10:00:00", ""], "paid:"),
            (["act4", "2025-01", "1", "2200-01-01", ""], "paid:"),
            (["act4", "2025-01", "1", "2025-02-16", "weekly"], "profile:"),
            (["act800", "2017-12", "1", "2025-02-16", ""], "Act 800 (EIS) for 2017-12"),
        ] {
            let error = interest(fields).expect_err(name).to_string();
            assert!(error.starts_with(name), "{error}");
        }
        let largest = interest(["act4", "1900-01", "1000000000000.00", "2199-12-31", ""]).expect("an answer");
        assert!(largest.interest_sen > Sen(100_000_000_000_000));
    }

    #[test]
    fn the_due_date_document() {
        let ask = |month: &str, profile: Option<&str>| {
            let question =
                DueDateQuestion { month: Some(month.to_owned()), holiday_profile: profile.map(str::to_owned) };
            serde_json::to_string(&question.answer(book()).expect("an answer")).expect("json")
        };
        assert_eq!(
            ask("2026-09", None),
            r#"{"month":"2026-09","due_date":"2026-10-15","weekday":"Thursday","rest_day":null,"holiday_profile":null,"moved_to":null}"#
        );
        assert_eq!(
            ask("2026-07", Some("next-working-day")),
            r#"{"month":"2026-07","due_date":"2026-08-15","weekday":"Saturday","rest_day":"Saturday, weekend in every state","holiday_profile":"next-working-day","moved_to":"2026-08-17"}"#
        );
    }
}
