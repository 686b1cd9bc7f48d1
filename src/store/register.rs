//! Employers and their employees. An employer's employees lie in sealed blocks, as contribution lines do: every question
//! about them is asked inside one employer, and one key destroyed makes all of them unreadable.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::dialect::placeholders;
use super::error::StoreError;
use super::group::{EMPLOYERS, Group, REGISTER_BLOCKS};
use super::lines::Which;
use super::look::strange;
use super::number::malaysian;
use super::records::{SubmissionId, SubmissionNumber};
use super::rows::{LADDER, Table, Value};
use super::seed::employee_of;
use crate::domain::{Employee, Employer};
use crate::keys::DataKey;

/// Employees in a block.
pub const BLOCK_PEOPLE: usize = 1_024;

/// Largest block that is opened, in bytes.
const BLOCK_LIMIT: usize = 16 << 20;

pub(super) static EMPLOYER: Table = Table::new(
    "employer (employer_code, sealed, changed_at)",
    3,
    "on conflict (employer_code) do update set sealed = excluded.sealed, changed_at = excluded.changed_at",
);
pub(super) static REGISTER_BLOCK: Table = Table::new(
    "register_block (employer_code, number, people, sealed)",
    4,
    "on conflict (employer_code, number) do update set people = excluded.people, sealed = excluded.sealed",
);

const EMPLOYERS_OF: &str = "select employer_code, sealed from employer";
const BLOCKS_OF: &str = "select employer_code, number, sealed from register_block";

impl Store {
    /// An employer, or `None` where nothing is kept of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn employer(&self, code: &str) -> Result<Option<Employer>, StoreError> {
        let rows = self.register_rows(EMPLOYERS_OF, Some(code))?;
        rows.first().map(|row| employer(self, row)).transpose()
    }

    /// All employers, by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn employers(&self) -> Result<Vec<Employer>, StoreError> {
        self.register_rows(EMPLOYERS_OF, None)?.iter().map(|row| employer(self, row)).collect()
    }

    /// The employees of one employer, in the order in which they came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn employees(&self, code: &str) -> Result<Vec<Employee>, StoreError> {
        let mut people = Vec::new();
        for row in self.register_rows(BLOCKS_OF, Some(code))? {
            people.extend(block(self, &row)?);
        }
        let seed = self.employer(code)?.and_then(|employer| employer.seeded_from);
        if let Some(number) = seed {
            let submission = self.submission(SubmissionNumber(number))?;
            let received_on = day_of(&submission.received_at);
            for line in self.lines(&submission, Which::Accepted)? {
                people.push(employee_of(line?, received_on));
            }
        }
        Ok(people)
    }

    fn register_rows(&self, select: &'static str, code: Option<&str>) -> Result<Vec<AnyRow>, StoreError> {
        let order = if select == BLOCKS_OF { "employer_code, number" } else { "employer_code" };
        let condition = if code.is_some() { " where employer_code = $1" } else { "" };
        let mut query = sqlx::query(AssertSqlSafe(format!("{select}{condition} order by {order}")));
        if let Some(code) = code {
            query = query.bind(code.to_owned());
        }
        self.wait(async { Ok(query.fetch_all(&self.readers).await?) })
    }
}

impl Group<'_> {
    /// What is kept of these employers, as this group sees it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn employers(&mut self, codes: &[&str]) -> Result<HashMap<String, Employer>, StoreError> {
        let rows = self.of_employers(EMPLOYERS_OF, codes)?;
        let store = self.store();
        rows.iter().map(|row| employer(store, row).map(|e| (e.code.to_string(), e))).collect()
    }

    /// The employees of these employers, as this group sees them; employers without any are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn employees(&mut self, codes: &[&str]) -> Result<HashMap<String, Vec<Employee>>, StoreError> {
        let mut rows = self.of_employers(BLOCKS_OF, codes)?;
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows.drain(..) {
            keyed.push((row.try_get::<i64, _>(1)?, row));
        }
        keyed.sort_by_key(|(number, _)| *number);
        let mut all: HashMap<String, Vec<Employee>> = HashMap::new();
        for (_, row) in keyed {
            let people = block(self.store(), &row)?;
            all.entry(row.try_get(0)?).or_default().extend(people);
        }
        for (code, employer) in self.employers(codes)? {
            if let Some(number) = employer.seeded_from {
                let people = self.seeded(&code, SubmissionNumber(number))?;
                all.insert(code, people);
            }
        }
        Ok(all)
    }

    /// Keeps an employer's particulars. Its data key must have been asked for before
    /// ([`Store::data_keys`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn save_employer(&mut self, employer: &Employer, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
        let code = employer.code.as_str();
        let sealed = seal(&self.store().known_key(code)?, &employer_place(code), employer);
        let changed_at = Value::Text(malaysian(now).to_rfc3339());
        self.flush_before(EMPLOYERS, code)?;
        self.push(EMPLOYERS, [Value::Text(code.to_owned()), Value::Bytes(sealed), changed_at])
    }

    /// Keeps an employer's employees; only the blocks in which one of `changed` (places in the list)
    /// stands are written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn save_employees(
        &mut self,
        code: &str,
        employees: &[Employee],
        changed: impl IntoIterator<Item = usize>,
        now: DateTime<FixedOffset>,
    ) -> Result<(), StoreError> {
        let key = self.store().known_key(code)?;
        let mut numbers: Vec<usize> = changed.into_iter().map(|place| place / BLOCK_PEOPLE).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        if let Some(mut employer) = self.employers(&[code])?.remove(code)
            && employer.seeded_from.take().is_some()
        {
            // The first change: from now on the register has entries of its own.
            numbers = (0..employees.len().div_ceil(BLOCK_PEOPLE)).collect();
            self.save_employer(&employer, now)?;
        }
        numbers.sort_unstable();
        numbers.dedup();
        self.flush_before(REGISTER_BLOCKS, code)?;
        for number in numbers {
            let end = employees.len().min((number + 1) * BLOCK_PEOPLE);
            let people = &employees[number * BLOCK_PEOPLE..end];
            let number = number as i64;
            let sealed = seal(&key, &block_place(code, number), &people);
            let count = Value::Whole(people.len() as i64);
            self.push(
                REGISTER_BLOCKS,
                [Value::Text(code.to_owned()), Value::Whole(number), count, Value::Bytes(sealed)],
            )?;
        }
        Ok(())
    }

    /// The people of the file that filled the register.
    fn seeded(&mut self, code: &str, number: SubmissionNumber) -> Result<Vec<Employee>, StoreError> {
        let query = sqlx::query("select id, received_at from submission where serial = $1").bind(number.0);
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_one(&mut **transaction).await?) })?;
        let (id, received_on) = (SubmissionId(row.try_get(0)?), day_of(&row.try_get::<String, _>(1)?));
        let mut people = Vec::new();
        self.for_each_line(id, code, false, &mut |line| people.push(employee_of(line, received_on)))?;
        Ok(people)
    }

    fn of_employers(&mut self, select: &'static str, codes: &[&str]) -> Result<Vec<AnyRow>, StoreError> {
        self.flush()?;
        let mut found = Vec::new();
        let mut rest = codes;
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let sql = format!("{select} where employer_code in ({})", placeholders(1, height));
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for code in these {
                    query = query.bind((*code).to_owned());
                }
                let (store, transaction) = self.database();
                found.extend(store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?);
                rest = after;
            }
        }
        Ok(found)
    }
}

fn employer(store: &Store, row: &AnyRow) -> Result<Employer, StoreError> {
    let (code, sealed): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    open(&store.known_key(&code)?, &employer_place(&code), &sealed, "employer.sealed")
}

pub(super) fn block(store: &Store, row: &AnyRow) -> Result<Vec<Employee>, StoreError> {
    let (code, number, sealed): (String, i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    open(&store.known_key(&code)?, &block_place(&code, number), &sealed, "register_block.sealed")
}

fn day_of(received_at: &str) -> NaiveDate {
    DateTime::parse_from_rfc3339(received_at).unwrap_or_default().date_naive()
}

fn employer_place(code: &str) -> Vec<u8> {
    format!("E{code}").into_bytes()
}

fn block_place(code: &str, number: i64) -> Vec<u8> {
    format!("R{code} {number}").into_bytes()
}

fn seal<T: Serialize>(key: &DataKey, place: &[u8], value: &T) -> Vec<u8> {
    key.seal_compressed(place, &serde_json::to_vec(value).expect("plain values with text keys"))
}

fn open<T: DeserializeOwned>(key: &DataKey, place: &[u8], sealed: &[u8], column: &str) -> Result<T, StoreError> {
    let plain = key.open_compressed(place, sealed, BLOCK_LIMIT)?;
    serde_json::from_slice(&plain).map_err(|error| strange(column, &error.to_string()))
}
