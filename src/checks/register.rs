//! Who is registered: the employer's own register, as a table or from the store.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use super::people::key_of;
use crate::domain::{self, ContributionMonth, EmployerCode, IdentityNumber, Residency};
use crate::rates::coverage::Person;

/// Employees of one or many employers, for look-ups while lines are judged.
#[derive(Debug, Default)]
pub struct Register {
    employers: HashMap<String, u32>,
    employees: HashMap<(u32, u64), Employee>,
}

/// What the register says of one employee.
#[derive(Debug, Clone)]
pub struct Employee {
    /// Name as registered.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Residency.
    pub residency: Residency,
    /// First day of employment.
    pub employed_on: Option<NaiveDate>,
    /// Day of registration with PERKESO; `None` while it is still to be done.
    pub registered_on: Option<NaiveDate>,
    /// Last day of employment.
    pub left_on: Option<NaiveDate>,
    /// First came under Act 4 at 55 or over.
    pub first_insured_at_55_or_over: bool,
    /// An EIS contribution was payable before 57.
    pub eis_payable_before_57: Option<bool>,
    /// Works in a private household.
    pub domestic_worker: bool,
    /// First month of a release from SKBBK.
    pub skbbk_released_from: Option<ContributionMonth>,
}

/// A row of the register's table.
#[derive(Deserialize)]
struct Row {
    employer_code: String,
    id_number: String,
    #[serde(default, rename = "id_kind")]
    _id_kind: String,
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "blank_is_none")]
    birth_date: Option<String>,
    #[serde(default)]
    residency: String,
    #[serde(default)]
    ssfw_number: String,
    #[serde(default, deserialize_with = "blank_is_none")]
    employed_on: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    registered_on: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    left_on: Option<String>,
    #[serde(default, rename = "left_reason")]
    _left_reason: String,
    #[serde(default)]
    first_insured_at_55_or_over: String,
    #[serde(default)]
    eis_payable_before_57: String,
    #[serde(default)]
    domestic_worker: String,
    #[serde(default, deserialize_with = "blank_is_none")]
    skbbk_released_from: Option<String>,
}

fn blank_is_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(d)?.filter(|text| !text.trim().is_empty()))
}

/// The register cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Not a table with the columns it must have.
    #[error("the register is not a CSV table with at least the columns employer_code and id_number: {0}")]
    Table(#[from] csv::Error),
    /// A value in a row.
    #[error("line {line} of the register: {what}")]
    Row {
        /// Line of the table, from 1.
        line: u64,
        /// One sentence.
        what: String,
    },
}

impl Register {
    /// Reads the table of `register export`: one row an employee.
    ///
    /// # Errors
    /// The first row that cannot be used, with its line.
    pub fn from_csv(text: &[u8]) -> Result<Register, RegisterError> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut register = Register::default();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
        let headers = reader.headers()?.clone();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            let line = record.position().map_or(0, csv::Position::line);
            let row: Row = record.deserialize(Some(&headers))?;
            register.add_row(&row).map_err(|what| RegisterError::Row { line, what })?;
        }
        Ok(register)
    }

    /// An employer, also one without employees.
    pub fn add_employer(&mut self, code: &EmployerCode) -> u32 {
        let count = self.employers.len() as u32;
        *self.employers.entry(code.to_string()).or_insert(count)
    }

    /// An employee as the store keeps one; an earlier entry under the same number is replaced.
    pub fn add(&mut self, code: &EmployerCode, kept: &domain::Employee) {
        let employer = self.add_employer(code);
        let employee = Employee {
            name: kept.name.0.clone(),
            birth_date: kept.birth_date,
            residency: kept.residency,
            employed_on: kept.employed_on,
            registered_on: kept.registered_on,
            left_on: kept.left_on,
            first_insured_at_55_or_over: kept.first_insured_at_55_or_over,
            eis_payable_before_57: kept.eis_payable_before_57,
            domestic_worker: kept.domestic_worker,
            skbbk_released_from: kept.skbbk_released_from,
        };
        for number in [Some(&kept.id_number), kept.ssfw_number.as_ref()].into_iter().flatten() {
            if let Some(key) = key_of(number.reveal()) {
                self.employees.insert((employer, key), employee.clone());
            }
        }
    }

    fn add_row(&mut self, row: &Row) -> Result<(), String> {
        let (_, code) = EmployerCode::read(&row.employer_code);
        let code = code.ok_or_else(|| format!("\"{}\" is not an employer code", row.employer_code))?;
        let count = self.employers.len() as u32;
        let employer = *self.employers.entry(code.to_string()).or_insert(count);
        let employee = Employee {
            name: row.name.clone(),
            birth_date: date(row.birth_date.as_deref())?,
            residency: if row.residency.is_empty() { Residency::Citizen } else { row.residency.parse()? },
            employed_on: date(row.employed_on.as_deref())?,
            registered_on: date(row.registered_on.as_deref())?,
            left_on: date(row.left_on.as_deref())?,
            first_insured_at_55_or_over: yes_or_no(&row.first_insured_at_55_or_over)?.unwrap_or(false),
            eis_payable_before_57: yes_or_no(&row.eis_payable_before_57)?,
            domestic_worker: yes_or_no(&row.domestic_worker)?.unwrap_or(false),
            skbbk_released_from: row
                .skbbk_released_from
                .as_deref()
                .map(|text| text.trim().parse().map_err(|e: crate::domain::month::MonthError| e.to_string()))
                .transpose()?,
        };
        let numbers: HashSet<String> = [&row.id_number, &row.ssfw_number]
            .into_iter()
            .map(|n| IdentityNumber::new(n).reveal().to_owned())
            .collect();
        let mut keys = numbers.iter().filter_map(|number| key_of(number)).peekable();
        if keys.peek().is_none() {
            return Err("the identity number is missing or has more than 12 places".to_owned());
        }
        for key in keys {
            self.employees.insert((employer, key), employee.clone());
        }
        Ok(())
    }

    /// True when the register has somebody of this employer.
    pub fn knows_employer(&self, code: &str) -> bool {
        self.employers.contains_key(code)
    }

    /// The employee with this packed number; see [`key_of`].
    pub fn employee(&self, code: &str, key: u64) -> Option<&Employee> {
        self.employees.get(&(*self.employers.get(code)?, key))
    }

    /// How many numbers it knows.
    pub fn len(&self) -> usize {
        self.employees.len()
    }

    /// True when it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.employees.is_empty()
    }
}

impl Employee {
    /// What the law asks about.
    pub fn person(&self) -> Person {
        Person {
            birth_date: self.birth_date,
            residency: self.residency,
            domestic_worker: self.domestic_worker,
            first_insured_at_55_or_over: self.first_insured_at_55_or_over,
            eis_payable_before_57: self.eis_payable_before_57,
            skbbk_released_from: self.skbbk_released_from,
        }
    }
}

fn date(text: Option<&str>) -> Result<Option<NaiveDate>, String> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y"));
    read.map(Some).map_err(|_| format!("\"{text}\" is not a date; write 2026-10-31 or 31/10/2026"))
}

fn yes_or_no(text: &str) -> Result<Option<bool>, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "true" | "1" | "y" | "ya" => Ok(Some(true)),
        "no" | "false" | "0" | "n" | "tidak" => Ok(Some(false)),
        other => Err(format!("\"{other}\" is neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_a_register() {
        let table = "employer_code,id_number,id_kind,name,birth_date,residency,ssfw_number,employed_on,registered_on,left_on\n\
                     A9900000001Z,900101-14-9991,mykad,AHMAD CONTOH,1990-01-01,citizen,,2020-01-01,2020-01-05,\n\
                     a9900001z,,,WORKER,01/02/1995,foreign,990000000017,,,\n";
        let register = Register::from_csv(table.as_bytes()).expect("a register");
        assert!(register.knows_employer("A9900000001Z"));
        let key = key_of("990000000017").expect("a number");
        assert_eq!(register.employee("A9900000001Z", key).map(|e| e.residency), Some(Residency::Foreign));
        assert_eq!(register.len(), 2);
    }

    #[test]
    fn a_bad_row_is_named() {
        for (row, part) in [
            ("1234,900101149991,,,", "employer code"),
            ("A9900000001Z,,,,", "missing"),
            ("A9900000001Z,900101149991,X,1990-13-01,", "not a date"),
            ("A9900000001Z,900101149991,X,,martian", "residency"),
        ] {
            let table = format!("employer_code,id_number,name,birth_date,residency\n{row}\n");
            let error = Register::from_csv(table.as_bytes()).expect_err("refused").to_string();
            assert!(error.contains("line 2") && error.contains(part), "{error}");
        }
    }
}
