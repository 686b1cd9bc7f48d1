//! The columns of the register's tables: how a cell becomes a value, how a value is laid over what is known, and how it
//! is written. One list for reading, for merging and for export, so that none of them forgets a column.

use chrono::NaiveDate;

use super::payroll::residency;
use super::payroll_cell as cell;
use super::table::Cell;
use crate::domain::{
    ContributionMonth, Employee, Employer, IdKind, IdentityNumber, Language, LeftReason, PersonName, Policy,
    Registration, Residency, Sen,
};

/// Places of a name in the official files.
const NAME_PLACES: usize = 150;
/// Places of an occupation.
const OCCUPATION_PLACES: usize = 100;
/// Places of an address.
const ADDRESS_PLACES: usize = 600;
/// Places of a mail address (RFC 5321 allows no more).
const MAIL_PLACES: usize = 254;
/// What stands between the lines of an address that is written into one cell.
const LINE_MARK: &str = " | ";

/// A column of a table whose rows become a `T`.
pub struct Column<T> {
    /// Its heading.
    pub name: &'static str,
    /// What may stand in it, where that is a list of words.
    pub choices: &'static [&'static str],
    /// False where a hyphen cannot clear it.
    pub clears: bool,
    pub(super) read: fn(&Cell, &mut T) -> Result<(), String>,
    pub(super) copy: fn(&T, &mut T),
    write: fn(&T) -> String,
}

impl<T> Column<T> {
    /// The cell that says what stands in this column; reading it gives the same value again.
    pub fn cell(&self, of: &T) -> String {
        (self.write)(of)
    }
}

/// A column of one field: its heading is the field's name.
macro_rules! column {
    ($of:ty, $field:ident, $choices:expr, $clears:expr, $read:expr, $write:expr) => {
        Column::<$of> {
            name: stringify!($field),
            choices: $choices,
            clears: $clears,
            read: |cell, to| {
                to.$field = $read(cell)?;
                Ok(())
            },
            copy: |from, to| to.$field.clone_from(&from.$field),
            write: |of| $write(&of.$field),
        }
    };
}

const YES_NO: &[&str] = &["yes", "no"];
const ID_KINDS: &[&str] = &["mykad", "old-card", "army", "police", "foreign-worker", "other"];
const RESIDENCIES: &[&str] = &["citizen", "permanent_resident", "temporary_resident", "foreign"];
const LEFT_REASONS: &[&str] = &["left", "died"];
const LANGUAGES: &[&str] = &["en", "ms"];
const POLICIES: &[&str] = &["whole", "good-lines"];
const REGISTRATIONS: &[&str] = &["hold", "warn"];

/// Columns of an employee, after `employer_code`.
pub static EMPLOYEE_COLUMNS: [Column<Employee>; 17] = [
    column!(Employee, id_number, &[], false, cell::id_number, revealed),
    column!(Employee, id_kind, ID_KINDS, true, some(word::<IdKind>), maybe),
    column!(Employee, name, &[], false, person_name, |name: &PersonName| name.0.clone()),
    column!(Employee, birth_date, &[], true, some(cell::date), maybe::<NaiveDate>),
    column!(Employee, residency, RESIDENCIES, true, |cell: &Cell| residency(&cell.text()), residency_id),
    column!(Employee, ssfw_number, &[], true, some(cell::id_number), |n: &Option<_>| n
        .as_ref()
        .map_or_else(String::new, revealed)),
    column!(Employee, employed_on, &[], true, some(cell::date), maybe::<NaiveDate>),
    column!(Employee, registered_on, &[], true, some(cell::date), maybe::<NaiveDate>),
    column!(Employee, left_on, &[], true, some(cell::date), maybe::<NaiveDate>),
    column!(Employee, left_reason, LEFT_REASONS, true, some(word::<LeftReason>), maybe),
    column!(Employee, first_insured_at_55_or_over, YES_NO, true, cell::yes_or_no, yes_no),
    column!(Employee, eis_payable_before_57, YES_NO, true, some(cell::yes_or_no), maybe_yes),
    column!(Employee, domestic_worker, YES_NO, true, cell::yes_or_no, yes_no),
    column!(Employee, skbbk_released_from, &[], true, some(cell::month), maybe::<ContributionMonth>),
    column!(Employee, occupation, &[], true, |cell: &Cell| one_line(cell, OCCUPATION_PLACES), String::clone),
    column!(Employee, monthly_wage, &[], true, some(cell::wage), maybe::<Sen>),
    column!(Employee, allowances, &[], true, some(amount), maybe::<Sen>),
];

/// Columns of an employer, after `employer_code`.
pub static EMPLOYER_COLUMNS: [Column<Employer>; 12] = [
    column!(Employer, name, &[], true, |cell: &Cell| one_line(cell, NAME_PLACES), String::clone),
    column!(Employer, address, &[], true, address, |text: &String| text.replace('\n', LINE_MARK)),
    column!(Employer, company_number, &[], true, cell::company_number, String::clone),
    column!(Employer, notice_address, &[], true, mail_address, String::clone),
    column!(Employer, language, LANGUAGES, true, word::<Language>, Language::to_string),
    column!(Employer, policy, POLICIES, true, word::<Policy>, Policy::to_string),
    column!(Employer, registration, REGISTRATIONS, true, some(word::<Registration>), maybe::<Registration>),
    column!(Employer, seeding, YES_NO, true, some(cell::yes_or_no), maybe_yes),
    column!(Employer, approval, YES_NO, true, cell::yes_or_no, yes_no),
    column!(Employer, bank_limit_personal, &[], true, some(amount), maybe::<Sen>),
    column!(Employer, bank_limit_corporate, &[], true, some(amount), maybe::<Sen>),
    column!(Employer, liable_since, &[], true, some(cell::date), maybe::<NaiveDate>),
];

/// The word of tables for a residency.
pub fn residency_id(residency: &Residency) -> String {
    let place = match residency {
        Residency::Citizen => 0,
        Residency::PermanentResident => 1,
        Residency::TemporaryResident => 2,
        Residency::Foreign => 3,
    };
    RESIDENCIES[place].to_owned()
}

fn some<T>(read: impl Fn(&Cell) -> Result<T, String>) -> impl Fn(&Cell) -> Result<Option<T>, String> {
    move |cell| read(cell).map(Some)
}

fn maybe<T: std::fmt::Display>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(String::new, T::to_string)
}

fn yes_no(value: &bool) -> String {
    YES_NO[usize::from(!value)].to_owned()
}

fn maybe_yes(value: &Option<bool>) -> String {
    value.as_ref().map_or_else(String::new, yes_no)
}

fn revealed(number: &IdentityNumber) -> String {
    number.reveal().to_owned()
}

/// A word of a list; blanks and underscores count as hyphens.
fn word<T: std::str::FromStr<Err = String>>(cell: &Cell) -> Result<T, String> {
    cell.text().replace([' ', '_'], "-").parse()
}

fn person_name(cell: &Cell) -> Result<PersonName, String> {
    let name = cell::name(cell)?;
    no_longer_than(&name, NAME_PLACES)?;
    Ok(PersonName(name))
}

/// Text with single blanks and nothing that nobody sees.
fn one_line(cell: &Cell, places: usize) -> Result<String, String> {
    let text = cell::name(&Cell::Text(cell.text()))?;
    no_longer_than(&text, places)?;
    Ok(text)
}

fn no_longer_than(text: &str, places: usize) -> Result<(), String> {
    match text.chars().count() {
        length if length > places => Err(format!("has {length} places; there is room for {places}")),
        _ => Ok(()),
    }
}

fn address(cell: &Cell) -> Result<String, String> {
    let text = cell.text();
    let mut lines = Vec::new();
    for line in text.split(['\n', '\r', '|']).filter(|line| !line.trim().is_empty()) {
        lines.push(one_line(&Cell::Text(line.to_owned()), ADDRESS_PLACES)?);
    }
    let address = lines.join("\n");
    no_longer_than(&address, ADDRESS_PLACES)?;
    Ok(address)
}

/// Something at somewhere; whether it is reached, only a mail can tell.
fn mail_address(cell: &Cell) -> Result<String, String> {
    let text = cell.text();
    let sound = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    match text.split_once('@') {
        Some((name, host)) if sound(name) && sound(host) && !host.contains('@') => {
            no_longer_than(&text, MAIL_PLACES).map(|()| text)
        }
        _ => Err(format!("\"{text}\" is not a mail address; write one such as gaji@contoh.example")),
    }
}

/// An amount that is no wage.
fn amount(cell: &Cell) -> Result<Sen, String> {
    cell::wage(cell).map_err(|what| what.replace("a wage", "an amount"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::EmployerCode;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn employer() -> Employer {
        Employer::new(EmployerCode::read("A9900000001Z").1.expect("a code"))
    }

    #[test]
    fn lists_of_words_are_those_of_the_nouns() {
        assert_eq!(ID_KINDS, IdKind::ALL.iter().map(|kind| kind.id()).collect::<Vec<_>>());
        assert_eq!(LEFT_REASONS, LeftReason::ALL.iter().map(|reason| reason.id()).collect::<Vec<_>>());
        assert_eq!(LANGUAGES, Language::ALL.iter().map(|language| language.id()).collect::<Vec<_>>());
        assert_eq!(POLICIES, Policy::ALL.iter().map(|policy| policy.id()).collect::<Vec<_>>());
        assert_eq!(REGISTRATIONS, Registration::ALL.iter().map(|one| one.id()).collect::<Vec<_>>());
        for (place, id) in RESIDENCIES.iter().enumerate() {
            let residency: Residency = id.parse().expect("a residency");
            assert_eq!(residency_id(&residency), RESIDENCIES[place]);
        }
    }

    #[test]
    fn what_a_column_writes_it_reads_again() {
        let mut full = Employee::new(IdentityNumber::new("900101149991"), PersonName("A CONTOH".to_owned()));
        let written = ["900101-14-9991", "old_card", "B CONTOH", "1990-01-01", "PR", "990000000017", "2020-01-02"];
        let rest = ["2020-01-10", "2026-01-31", "Died", "ya", "no", "yes", "2026-08", "KERANI AM", "3,000.50", "0"];
        for (column, cell) in EMPLOYEE_COLUMNS.iter().zip(written.iter().chain(&rest)) {
            (column.read)(&text(cell), &mut full).unwrap_or_else(|what| panic!("{}: {what}", column.name));
        }
        let mut again = Employee::new(IdentityNumber::new(""), PersonName(String::new()));
        let mut copy = again.clone();
        for column in &EMPLOYEE_COLUMNS {
            (column.read)(&text(&column.cell(&full)), &mut again).expect("what was written");
            (column.copy)(&full, &mut copy);
        }
        assert_eq!((&again, &copy), (&full, &full));
    }

    #[test]
    fn addresses_limits_and_lengths() {
        let mut to = employer();
        let read = |name: &str, value: &Cell, to: &mut Employer| {
            let column = EMPLOYER_COLUMNS.iter().find(|column| column.name == name).expect("a column");
            (column.read)(value, to).map(|()| column.cell(to))
        };
        let address = text("1 Jalan  Contoh\r\n 50000 KL | MALAYSIA");
        assert_eq!(read("address", &address, &mut to).as_deref(), Ok("1 Jalan Contoh | 50000 KL | MALAYSIA"));
        assert_eq!(to.address, "1 Jalan Contoh\n50000 KL\nMALAYSIA");
        for wrong in ["gaji", "@contoh", "a@b@c", "a b@c", "a@"] {
            assert!(read("notice_address", &text(wrong), &mut to).is_err(), "{wrong}");
        }
        assert!(read("notice_address", &text("gaji@contoh.example"), &mut to).is_ok());
        let below_zero = read("bank_limit_personal", &text("-5"), &mut to).expect_err("refused");
        assert!(below_zero.contains("an amount"), "{below_zero}");
        assert!(read("name", &text(&"N".repeat(150)), &mut to).is_ok());
        assert!(read("name", &text(&"N".repeat(151)), &mut to).is_err_and(|what| what.contains("room for 150")));
    }
}
