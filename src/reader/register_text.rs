//! The words of the register's tables: headings, their other names, and what to write under them. Data in
//! `formats/text/register.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::payroll::{ColumnPlaces, plain};
use super::register_column::{EMPLOYEE_COLUMNS, EMPLOYER_COLUMNS};

/// The columns' data as compiled in.
pub const REGISTER_TEXT: (&str, &str) = ("text/register.toml", include_str!("../../formats/text/register.toml"));

/// What a table of the register lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegisterKind {
    /// Employers.
    Employers,
    /// Employees.
    Employees,
}

impl RegisterKind {
    /// Both, in the order in which they are read.
    pub const ALL: [RegisterKind; 2] = [RegisterKind::Employers, RegisterKind::Employees];

    /// `employers` or `employees`: the name of the sheet, and of the part in results.
    pub const fn id(self) -> &'static str {
        match self {
            RegisterKind::Employers => "employers",
            RegisterKind::Employees => "employees",
        }
    }

    /// Names under which a sheet is looked for.
    pub(super) const fn sheets(self) -> [&'static str; 2] {
        match self {
            RegisterKind::Employers => ["employers", "majikan"],
            RegisterKind::Employees => ["employees", "pekerja"],
        }
    }

    /// Its columns with their words, in the order of the template; `employer_code` is the first.
    pub fn texts(self) -> &'static [ColumnText] {
        &TEXTS.columns[self as usize]
    }

    pub(super) fn headings(self) -> &'static BTreeMap<String, &'static str> {
        &TEXTS.headings[self as usize]
    }
}

/// A column's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnText {
    /// Its heading.
    pub name: String,
    /// Other headings that mean the same.
    pub also: Vec<String>,
    /// What stands in the template's row.
    pub example: String,
    /// What to write, in English.
    pub en: String,
    /// What to write, in Malay.
    pub ms: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterFile {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    employer: Vec<ColumnText>,
    employee: Vec<ColumnText>,
}

/// By [`RegisterKind`]: columns, and headings (plain) with the column they mean.
struct Texts {
    columns: [Vec<ColumnText>; 2],
    headings: [BTreeMap<String, &'static str>; 2],
}

static TEXTS: LazyLock<Texts> =
    LazyLock::new(|| texts(REGISTER_TEXT.1).unwrap_or_else(|error| panic!("formats/{}: {error}", REGISTER_TEXT.0)));

fn texts(text: &str) -> Result<Texts, String> {
    let file: RegisterFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let employer = headings(&file.employer, EMPLOYER_COLUMNS.iter().map(|column| column.name))?;
    let employee = headings(&file.employee, EMPLOYEE_COLUMNS.iter().map(|column| column.name))?;
    Ok(Texts { columns: [file.employer, file.employee], headings: [employer, employee] })
}

fn headings(
    texts: &[ColumnText],
    columns: impl Iterator<Item = &'static str>,
) -> Result<BTreeMap<String, &'static str>, String> {
    let names: Vec<&'static str> = std::iter::once("employer_code").chain(columns).collect();
    if !texts.iter().map(|text| text.name.as_str()).eq(names.iter().copied()) {
        return Err(format!("the columns must be, in this order: {}", names.join(", ")));
    }
    let mut headings = BTreeMap::new();
    for (text, name) in texts.iter().zip(names) {
        for word in std::iter::once(&text.name).chain(&text.also) {
            if headings.insert(plain(word), name).is_some() {
                return Err(format!("\"{word}\" stands twice"));
            }
        }
    }
    Ok(headings)
}

/// What the headings of a table mean.
pub(super) struct Headings {
    /// What the table lists.
    pub kind: RegisterKind,
    /// Where each column stands.
    pub places: ColumnPlaces,
    /// Headings that mean nothing.
    pub ignored: Vec<String>,
}

impl Headings {
    /// Reads the headings of a table; which kind it is they say themselves, where the sheet's name does not.
    pub(super) fn read(heading: &[String], kind: Option<RegisterKind>) -> Result<Headings, String> {
        let means = |kind: RegisterKind, title: &str| kind.headings().get(&plain(title)).copied();
        let people = |title: &String| {
            means(RegisterKind::Employees, title).is_some_and(|name| matches!(name, "id_number" | "ssfw_number"))
        };
        let found = if heading.iter().any(people) { RegisterKind::Employees } else { RegisterKind::Employers };
        let kind = kind.unwrap_or(found);
        let mut headings = Headings { kind, places: ColumnPlaces::new(), ignored: Vec::new() };
        for (place, title) in heading.iter().enumerate() {
            match means(kind, title) {
                Some(name) => {
                    if let Some(before) = headings.places.insert(name, place) {
                        return Err(format!("the headings \"{}\" and \"{title}\" both mean {name}", heading[before]));
                    }
                }
                None if title.trim().is_empty() => {}
                None => headings.ignored.push(title.trim().to_owned()),
            }
        }
        let strays: Vec<&str> = match kind {
            RegisterKind::Employers => headings.ignored.iter().map(String::as_str).collect(),
            RegisterKind::Employees => Vec::new(),
        };
        if let Some(stray) = strays.into_iter().find(|title| means(RegisterKind::Employees, title).is_some()) {
            return Err(format!(
                "\"{stray}\" is a column of employees, but the column id_number is missing; add it, or take that column out of a \
                 table of employers"
            ));
        }
        Ok(headings)
    }

    /// Says which of the columns that must be there are not.
    pub(super) fn require(&self, employer_code_given: bool) -> Result<(), String> {
        let has = |name| self.places.contains_key(name);
        let code_given = employer_code_given && self.kind == RegisterKind::Employees;
        let mut missing = Vec::new();
        if !has("employer_code") && !code_given {
            missing.push("employer_code");
        }
        if self.kind == RegisterKind::Employees && !has("id_number") && !has("ssfw_number") {
            missing.push("id_number");
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut what = format!("the first row must be headings, and these are missing: {}", missing.join(", "));
        if missing == ["employer_code"] && self.kind == RegisterKind::Employees {
            what.push_str(" (the employer's code can also be given for the whole table)");
        }
        Err(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headings: &str) -> Result<Headings, String> {
        Headings::read(&headings.split(',').map(str::to_owned).collect::<Vec<_>>(), None)
    }

    #[test]
    fn every_column_says_what_to_write() {
        for kind in RegisterKind::ALL {
            for text in kind.texts() {
                assert!(text.en.ends_with('.') && text.ms.ends_with('.'), "{}", text.name);
            }
        }
    }

    #[test]
    fn headings_tell_the_kind() {
        assert_eq!(of("Kod Majikan,No. K/P,Nama").map(|h| h.kind), Ok(RegisterKind::Employees));
        assert_eq!(of("employer_code,name,address").map(|h| h.kind), Ok(RegisterKind::Employers));
        let twice = of("ic,mykad").err().expect("refused");
        assert!(twice.contains("both mean id_number"), "{twice}");
        let stray = of("employer_code,name,date of birth").err().expect("people are not employers");
        assert!(stray.contains("id_number is missing"), "{stray}");
        assert_eq!(of("employer_code,ic,shoe size").map(|h| h.ignored), Ok(vec!["shoe size".to_owned()]));
    }

    #[test]
    fn what_is_missing_is_said() {
        let missing = |text: &str, given| of(text).and_then(|headings| headings.require(given)).err();
        assert!(missing("ic,name", false).is_some_and(|what| what.contains("whole table")));
        assert_eq!(missing("ic,name", true), None);
        assert!(missing("name,address", true).is_some_and(|what| what.ends_with("employer_code")));
    }
}
