//! An employee as the seven-year register has them: the particulars of Borang 2 and 3, and what the law asks.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::employer::ids;
use super::{ContributionMonth, IdentityNumber, PersonName, Residency, Sen};

/// What an identity number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdKind {
    /// Malaysian identity card (MyKad, MyPR, MyKAS). Rows that were kept before carry the second name.
    #[serde(rename = "mykad", alias = "my-kad")]
    MyKad,
    /// The old identity card of before 1990.
    OldCard,
    /// Army number.
    Army,
    /// Police number.
    Police,
    /// PERKESO's own number for foreign workers (SSFW).
    ForeignWorker,
    /// Another number under which PERKESO keeps the person.
    Other,
}

/// Why an employment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftReason {
    /// Resigned, dismissed or retired: status letter H.
    Left,
    /// Died: status letter M.
    Died,
}

ids!(IdKind, "a kind of identity number",
    MyKad => "mykad", OldCard => "old-card", Army => "army", Police => "police",
    ForeignWorker => "foreign-worker", Other => "other");
ids!(LeftReason, "a reason to leave", Left => "left", Died => "died");

/// An employee of one employer. Identity and name hide themselves in `Debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Number under which contributions are paid.
    #[serde(serialize_with = "number", deserialize_with = "read_number")]
    pub id_number: IdentityNumber,
    /// What it is; `None` where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_kind: Option<IdKind>,
    /// PERKESO's foreign-worker number, where contributions may be paid under it as well.
    #[serde(
        default,
        serialize_with = "maybe_number",
        deserialize_with = "read_maybe_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub ssfw_number: Option<IdentityNumber>,
    /// Name as registered.
    #[serde(serialize_with = "name", deserialize_with = "read_name")]
    pub name: PersonName,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Residency.
    pub residency: Residency,
    /// First day of the employment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employed_on: Option<NaiveDate>,
    /// Day of registration with PERKESO; `None` while it is still to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_on: Option<NaiveDate>,
    /// Last day of the employment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_on: Option<NaiveDate>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_reason: Option<LeftReason>,
    /// First came under Act 4 at 55 or over, with nothing payable before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_insured_at_55_or_over: bool,
    /// An EIS contribution was payable, paid or not, before 57; `None` where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eis_payable_before_57: Option<bool>,
    /// Works in a private household.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub domestic_worker: bool,
    /// First month of a recorded release from SKBBK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skbbk_released_from: Option<ContributionMonth>,
    /// Occupation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub occupation: String,
    /// Monthly wage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_wage: Option<Sen>,
    /// Monthly allowances that count as wages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowances: Option<Sen>,
}

impl Employee {
    /// A resident of whom nothing but number and name is known.
    pub fn new(id_number: IdentityNumber, name: PersonName) -> Self {
        Employee {
            id_number,
            id_kind: None,
            ssfw_number: None,
            name,
            birth_date: None,
            residency: Residency::Citizen,
            employed_on: None,
            registered_on: None,
            left_on: None,
            left_reason: None,
            first_insured_at_55_or_over: false,
            eis_payable_before_57: None,
            domestic_worker: false,
            skbbk_released_from: None,
            occupation: String::new(),
            monthly_wage: None,
            allowances: None,
        }
    }
}

fn number<S: Serializer>(number: &IdentityNumber, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(number.reveal())
}

fn read_number<'de, D: Deserializer<'de>>(from: D) -> Result<IdentityNumber, D::Error> {
    String::deserialize(from).map(|text| IdentityNumber::new(&text))
}

fn maybe_number<S: Serializer>(number: &Option<IdentityNumber>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => to.serialize_some(number.reveal()),
        None => to.serialize_none(),
    }
}

fn read_maybe_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<IdentityNumber>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|text| IdentityNumber::new(&text)))
}

fn name<S: Serializer>(name: &PersonName, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&name.0)
}

fn read_name<'de, D: Deserializer<'de>>(from: D) -> Result<PersonName, D::Error> {
    String::deserialize(from).map(PersonName)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_employee_comes_back() {
        let mut employee =
            Employee::new(IdentityNumber::new("900101-14-9991"), PersonName("AHMAD CONTOH BIN UJIAN".to_owned()));
        let text = serde_json::to_string(&employee).expect("plain values");
        assert_eq!(serde_json::from_str::<Employee>(&text).expect("read back"), employee);
        employee.left_reason = Some(LeftReason::Died);
        employee.skbbk_released_from = "2026-08".parse().ok();
        employee.ssfw_number = Some(IdentityNumber::new("123456789012"));
        let text = serde_json::to_string(&employee).expect("plain values");
        assert_eq!(serde_json::from_str::<Employee>(&text).expect("read back"), employee);
        assert!(!format!("{employee:?}").contains("9001"), "masked");
    }

    #[test]
    fn words_are_the_same_wherever_they_are_written() {
        for kind in IdKind::ALL {
            let written = serde_json::to_value(kind).expect("a word");
            assert_eq!(written, kind.id());
            assert_eq!(serde_json::from_value::<IdKind>(written).expect("read back"), *kind);
        }
        for reason in LeftReason::ALL {
            assert_eq!(serde_json::to_value(reason).expect("a word"), reason.id());
        }
        assert_eq!(serde_json::from_str::<IdKind>("\"my-kad\"").expect("kept before"), IdKind::MyKad);
    }
}
