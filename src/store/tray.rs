//! Lines that wait and how they leave; people who were registered too late.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::error::StoreError;
use super::group::{BREACHES, Group};
use super::look::strange;
use super::records::{HeldState, SubmissionId, SubmissionNumber};
use super::rows::{Table, Value};
use crate::domain::{ContributionMonth, Employee, Sen};

/// Largest breach that is opened, in bytes.
const BREACH_LIMIT: usize = 1 << 20;

pub(super) static BREACH: Table = Table::new(
    "breach (submission_id, line, employer_code, started, limit_day, found_on, days_late, arrears_sen, interest_sen, sealed)",
    10,
    "",
);

/// A person who was not registered in time when a file was judged (Act 800 s. 16; PERKESO's thirty days for Act 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBreach {
    /// The file's submission.
    pub submission: SubmissionId,
    /// Physical line.
    pub line: u64,
    /// Whose employee.
    pub employer_code: String,
    /// First day of the employment.
    pub started: NaiveDate,
    /// Last day on which registration was in time.
    pub limit: NaiveDate,
    /// The day of judging.
    pub found_on: NaiveDate,
    /// Days after the limit on that day.
    pub days_late: u32,
    /// Contributions owed for the months since the start that nobody paid.
    pub arrears: Sen,
    /// Late interest on them on that day.
    pub interest: Sen,
    /// Who, and which months.
    pub person: BreachPerson,
}

/// The part of a breach that is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachPerson {
    /// Who, as a draft of Borang 2.
    pub employee: Employee,
    /// What is owed, month by month.
    pub months: Vec<ArrearsMonth>,
    /// The wage by which it was reckoned; `None` where none was known, and in records of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wage: Option<Sen>,
    /// The month of the line that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<ContributionMonth>,
}

/// A month that is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrearsMonth {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Act 4 with SKBBK, by the wage of the file.
    pub amount: Sen,
    /// Late interest, if paid on the day of judging.
    pub interest: Sen,
}

/// A breach as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The file's submission.
    pub submission: SubmissionNumber,
    /// What was recorded.
    pub recorded: NewBreach,
}

/// A line that waits, with its submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The submission.
    pub submission: SubmissionId,
    /// As printed.
    pub number: SubmissionNumber,
    /// Whose.
    pub employer_code: String,
    /// Physical line.
    pub line: u64,
    /// Tray.
    pub tray: String,
    /// Codes of what is wrong, joined by commas.
    pub codes: String,
}

impl Group<'_> {
    /// Records a breach.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn breach(&mut self, new: &NewBreach) -> Result<(), StoreError> {
        let person = serde_json::to_vec(&new.person).expect("plain values with text keys");
        let place = breach_place(new.submission, new.line);
        let sealed = self.store().known_key(&new.employer_code)?.seal_compressed(&place, &person);
        self.push(
            BREACHES,
            [
                Value::Whole(new.submission.0),
                Value::Whole(new.line as i64),
                Value::Text(new.employer_code.clone()),
                Value::Text(new.started.to_string()),
                Value::Text(new.limit.to_string()),
                Value::Text(new.found_on.to_string()),
                Value::Whole(i64::from(new.days_late)),
                Value::Whole(new.arrears.0),
                Value::Whole(new.interest.0),
                Value::Bytes(sealed),
            ],
        )
    }

    /// Moves waiting lines out of a tray; gives how many moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn leave_tray(
        &mut self,
        submission: SubmissionId,
        lines: impl IntoIterator<Item = u64>,
        state: HeldState,
        freed_by: Option<SubmissionId>,
    ) -> Result<u64, StoreError> {
        self.flush()?;
        let mut moved = 0;
        for line in lines {
            let sql = "update held_line set state = $1, freed_by = $2 where submission_id = $3 and line = $4 \
                       and state = 'waiting'";
            let query = sqlx::query(sql).bind(state.id()).bind(freed_by.map(|id| id.0));
            let query = query.bind(submission.0).bind(line as i64);
            let (store, transaction) = self.database();
            moved +=
                store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?.rows_affected();
        }
        Ok(moved)
    }
}

impl Store {
    /// Lines that wait, of one employer or all, oldest submission first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(&self, employer_code: Option<&str>) -> Result<Vec<Waiting>, StoreError> {
        let condition = if employer_code.is_some() { " and s.employer_code = $1" } else { "" };
        let sql = format!(
            "select s.id, s.serial, s.employer_code, h.line, h.tray, h.codes from held_line h \
             join submission s on s.id = h.submission_id where h.state = 'waiting'{condition} order by s.serial, h.line"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(code) = employer_code {
            query = query.bind(code.to_owned());
        }
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter()
            .map(|row| {
                Ok(Waiting {
                    submission: SubmissionId(row.try_get(0)?),
                    number: SubmissionNumber(row.try_get(1)?),
                    employer_code: row.try_get(2)?,
                    line: row.try_get::<i64, _>(3)? as u64,
                    tray: row.try_get(4)?,
                    codes: row.try_get(5)?,
                })
            })
            .collect()
    }

    /// Breaches of one employer or all, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn breaches(&self, employer_code: Option<&str>) -> Result<Vec<Breach>, StoreError> {
        let condition = if employer_code.is_some() { " and b.employer_code = $1" } else { "" };
        let sql = format!(
            "select b.submission_id, s.serial, b.line, b.employer_code, b.started, b.limit_day, b.found_on, b.days_late, \
             b.arrears_sen, b.interest_sen, b.sealed from breach b join submission s on s.id = b.submission_id \
             where 1 = 1{condition} order by s.serial, b.line"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(code) = employer_code {
            query = query.bind(code.to_owned());
        }
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(|row| self.breach_of(row)).collect()
    }

    fn breach_of(&self, row: &sqlx::any::AnyRow) -> Result<Breach, StoreError> {
        let day = |at: usize| -> Result<NaiveDate, StoreError> {
            let text: String = row.try_get(at)?;
            text.parse().map_err(|_| strange("a day of breach", &text))
        };
        let (submission, employer_code) = (SubmissionId(row.try_get(0)?), row.try_get::<String, _>(3)?);
        let (line, sealed) = (row.try_get::<i64, _>(2)? as u64, row.try_get::<Vec<u8>, _>(10)?);
        let key = self.known_key(&employer_code)?;
        let plain = key.open_compressed(&breach_place(submission, line), &sealed, BREACH_LIMIT)?;
        let person = serde_json::from_slice(&plain).map_err(|error| strange("breach.sealed", &error.to_string()))?;
        Ok(Breach {
            submission: SubmissionNumber(row.try_get(1)?),
            recorded: NewBreach {
                submission,
                line,
                employer_code,
                started: day(4)?,
                limit: day(5)?,
                found_on: day(6)?,
                days_late: u32::try_from(row.try_get::<i64, _>(7)?).unwrap_or(0),
                arrears: Sen(row.try_get(8)?),
                interest: Sen(row.try_get(9)?),
                person,
            },
        })
    }
}

fn breach_place(submission: SubmissionId, line: u64) -> Vec<u8> {
    format!("B{} {line}", submission.0).into_bytes()
}
