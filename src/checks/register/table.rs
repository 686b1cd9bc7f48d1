//! The register as a CSV table.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use super::Register;
use crate::domain::{Employee, EmployerCode, IdentityNumber, PersonName, Residency};

/// A row of the register's table.
#[derive(Deserialize)]
struct Row<'r> {
    employer_code: &'r str,
    id_number: &'r str,
    #[serde(default, rename = "id_kind")]
    _id_kind: &'r str,
    #[serde(default)]
    name: &'r str,
    #[serde(default, deserialize_with = "blank_is_none")]
    birth_date: Option<&'r str>,
    #[serde(default)]
    residency: &'r str,
    #[serde(default)]
    ssfw_number: &'r str,
    #[serde(default, deserialize_with = "blank_is_none")]
    employed_on: Option<&'r str>,
    #[serde(default, deserialize_with = "blank_is_none")]
    registered_on: Option<&'r str>,
    #[serde(default, deserialize_with = "blank_is_none")]
    left_on: Option<&'r str>,
    #[serde(default)]
    left_reason: &'r str,
    #[serde(default)]
    first_insured_at_55_or_over: &'r str,
    #[serde(default)]
    eis_payable_before_57: &'r str,
    #[serde(default)]
    domestic_worker: &'r str,
    #[serde(default, deserialize_with = "blank_is_none")]
    skbbk_released_from: Option<&'r str>,
}

fn blank_is_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<&'de str>, D::Error> {
    Ok(Option::<&'de str>::deserialize(d)?.filter(|text| !text.trim().is_empty()))
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
            let row: Row<'_> = record.deserialize(Some(&headers))?;
            register.add_row(&row).map_err(|what| RegisterError::Row { line, what })?;
        }
        Ok(register)
    }

    fn add_row(&mut self, row: &Row<'_>) -> Result<(), String> {
        let (_, code) = EmployerCode::read(row.employer_code);
        let code = code.ok_or_else(|| format!("\"{}\" is not an employer code", row.employer_code))?;
        let mut employee = Employee::new(IdentityNumber::new(row.id_number), PersonName(row.name.to_owned()));
        employee.ssfw_number = Some(IdentityNumber::new(row.ssfw_number));
        employee.birth_date = date(row.birth_date)?;
        employee.residency = if row.residency.is_empty() { Residency::Citizen } else { row.residency.parse()? };
        employee.employed_on = date(row.employed_on)?;
        employee.registered_on = date(row.registered_on)?;
        employee.left_on = date(row.left_on)?;
        employee.left_reason = row.left_reason.parse().ok();
        employee.first_insured_at_55_or_over = yes_or_no(row.first_insured_at_55_or_over)?.unwrap_or(false);
        employee.eis_payable_before_57 = yes_or_no(row.eis_payable_before_57)?;
        employee.domestic_worker = yes_or_no(row.domestic_worker)?.unwrap_or(false);
        employee.skbbk_released_from = row
            .skbbk_released_from
            .map(|text| text.trim().parse().map_err(|e: crate::domain::month::MonthError| e.to_string()))
            .transpose()?;
        self.add(&code, &employee)
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
    use super::super::super::people::key_of;
    use super::*;

    #[test]
    fn a_table_becomes_a_register() {
        let table = "employer_code,id_number,id_kind,name,birth_date,residency,ssfw_number,employed_on,registered_on,left_on\n\
                     A9900000001Z,900101-14-9991,mykad,AHMAD CONTOH,1990-01-01,citizen,,2020-01-01,2020-01-05,\n\
                     a9900001z,,,WORKER,01/02/1995,foreign,990000000017,,,\n";
        let register = Register::from_csv(table.as_bytes()).expect("a register");
        assert!(register.knows_employer("A9900000001Z"));
        let key = key_of("990000000017").expect("a number");
        assert_eq!(register.employee("A9900000001Z", key).map(|e| e.residency()), Some(Residency::Foreign));
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
