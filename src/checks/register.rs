//! Who is registered: employers and their employees in a compact form, for a look-up at every line that is judged.
//!
//! An employee takes a slot of 32 bytes, which lies in one cache line and holds what nearly every line asks: the number,
//! the days, the answers of yes and no, and a hash of the name. The name itself stands apart, since it is read only where
//! the hashes differ. Each employer has its own table, so that the lines of one employer stay in a core's cache.

mod slots;
mod table;

use std::collections::HashMap;

use chrono::NaiveDate;

use self::slots::{
    DIED, DOMESTIC_WORKER, Day, EIS_HISTORY_KNOWN, EIS_PAYABLE_BEFORE_57, EMPTY, FIRST_INSURED_AT_55_OR_OVER, LEFT,
    Names, Slot, Table, flags,
};
pub use self::table::RegisterError;
use super::people::{key_of, name_hash};
use crate::domain::{ContributionMonth, Employee, EmployerCode, LeftReason, Residency};
use crate::rates::coverage::Person;

/// Employees of one or many employers, for look-ups while lines are judged.
#[derive(Debug, Default)]
pub struct Register {
    employers: HashMap<String, EmployerIndex>,
    tables: Vec<Table>,
    names: Names,
}

/// An employer of a [`Register`]: found once by its code, then used for every line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmployerIndex(u32);

/// What the register says of one employee.
#[derive(Debug, Clone, Copy)]
pub struct EmployeeView<'a> {
    slot: &'a Slot,
    names: &'a Names,
}

impl Register {
    /// Adds an employer, who may have nobody yet.
    pub fn add_employer(&mut self, code: &EmployerCode) -> EmployerIndex {
        if let Some(index) = self.employers.get(code.as_str()) {
            return *index;
        }
        let index = EmployerIndex(u32::try_from(self.tables.len()).expect("fewer employers than a country has people"));
        self.employers.insert(code.as_str().to_owned(), index);
        self.tables.push(Table::default());
        index
    }

    /// Adds an employee, who is found by the identity number and by the foreign-worker number. Of two with the same
    /// number the later counts.
    ///
    /// # Errors
    /// One sentence where the employee has no number that can be looked up, or a value that cannot be kept.
    pub fn add(&mut self, code: &EmployerCode, employee: &Employee) -> Result<(), String> {
        let number = key_of(employee.id_number.reveal());
        let ssfw_number = employee.ssfw_number.as_ref().and_then(|number| key_of(number.reveal()));
        if number.or(ssfw_number).is_none() {
            return Err("the identity number is missing or has more than 12 places".to_owned());
        }
        let day = |day: Option<NaiveDate>| day.map_or(Some(Day::NONE), Day::new);
        let days = [employee.birth_date, employee.employed_on, employee.registered_on, employee.left_on].map(day);
        let [Some(birth_date), Some(employed_on), Some(registered_on), Some(left_on)] = days else {
            return Err("a date lies outside the years 1 to 9999".to_owned());
        };
        let name = employee.name.0.trim();
        let mut slot = Slot {
            key: EMPTY,
            name_hash: name_hash(name.as_bytes()),
            name_at: self.names.add(name)?,
            birth_date,
            employed_on,
            registered_on,
            left_on,
            skbbk_released_from: employee.skbbk_released_from.map_or(0, ContributionMonth::index),
            residency: employee.residency,
            flags: flags(employee),
        };
        let index = self.add_employer(code);
        for key in [number, ssfw_number].into_iter().flatten() {
            slot.key = key;
            self.tables[index.0 as usize].add(slot);
        }
        Ok(())
    }

    /// The employer with this code.
    pub fn employer(&self, code: &str) -> Option<EmployerIndex> {
        self.employers.get(code).copied()
    }

    /// True when the employer is registered.
    pub fn knows_employer(&self, code: &str) -> bool {
        self.employers.contains_key(code)
    }

    /// The employee with this packed number; see [`key_of`].
    pub fn employee(&self, code: &str, key: u64) -> Option<EmployeeView<'_>> {
        self.employee_of(self.employer(code)?, key)
    }

    /// The same for an employer that was found before.
    #[inline]
    pub fn employee_of(&self, employer: EmployerIndex, key: u64) -> Option<EmployeeView<'_>> {
        let slot = self.tables.get(employer.0 as usize)?.get(key)?;
        Some(EmployeeView { slot, names: &self.names })
    }

    /// Looks at the places of numbers that will soon be asked for. A large register lies in slow memory: independent loads
    /// are fetched at the same time, one after the other each would be waited for.
    #[inline]
    pub(super) fn fetch(&self, employer: EmployerIndex, keys: impl Iterator<Item = u64>) {
        if let Some(table) = self.tables.get(employer.0 as usize).filter(|table| table.used > 0) {
            let seen = keys.fold(0, |seen, key| seen ^ table.slots[table.home(key)].key);
            std::hint::black_box(seen);
        }
    }

    /// How many numbers it knows.
    pub fn len(&self) -> usize {
        self.tables.iter().map(|table| table.used).sum()
    }

    /// True when it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes in memory, without what the allocator needs besides.
    pub fn memory(&self) -> usize {
        let slots: usize = self.tables.iter().map(|table| table.slots.capacity()).sum();
        let codes: usize = self.employers.keys().map(String::capacity).sum();
        slots * size_of::<Slot>()
            + self.tables.capacity() * size_of::<Table>()
            + self.employers.capacity() * size_of::<(String, EmployerIndex)>()
            + codes
            + self.names.memory()
    }
}

impl<'a> EmployeeView<'a> {
    /// Name as registered.
    pub fn name(self) -> &'a str {
        self.names.get(self.slot.name_at)
    }

    /// True when somebody of this name is meant: blanks, marks and capitals do not count. `hash` is that of `name`; see
    /// [`name_hash`].
    #[inline]
    pub fn is_named(self, name: &[u8], hash: u32) -> bool {
        // Where small and capital letters are not those of ASCII, different letters may have the same hash.
        (hash == self.slot.name_hash && name.is_ascii()) || same_letters(self.name(), name)
    }

    /// Date of birth.
    pub fn birth_date(self) -> Option<NaiveDate> {
        self.slot.birth_date.date()
    }

    /// Date of birth as `YYYYMMDD`.
    #[inline]
    pub(super) fn birth_number(self) -> Option<u32> {
        self.slot.birth_date.number()
    }

    /// Residency.
    #[inline]
    pub fn residency(self) -> Residency {
        self.slot.residency
    }

    /// First day of employment.
    pub fn employed_on(self) -> Option<NaiveDate> {
        self.slot.employed_on.date()
    }

    /// Day of registration with PERKESO; `None` while it is still to be done.
    #[inline]
    pub fn registered_on(self) -> Option<NaiveDate> {
        self.slot.registered_on.date()
    }

    /// Last day of employment.
    #[inline]
    pub fn left_on(self) -> Option<NaiveDate> {
        self.slot.left_on.date()
    }

    /// Why the employment ended.
    pub fn left_reason(self) -> Option<LeftReason> {
        if self.has(LEFT) { Some(LeftReason::Left) } else { self.has(DIED).then_some(LeftReason::Died) }
    }

    /// What the law asks about.
    pub fn person(self) -> Person {
        Person {
            birth_date: self.birth_date(),
            residency: self.residency(),
            domestic_worker: self.has(DOMESTIC_WORKER),
            first_insured_at_55_or_over: self.has(FIRST_INSURED_AT_55_OR_OVER),
            eis_payable_before_57: self.has(EIS_HISTORY_KNOWN).then(|| self.has(EIS_PAYABLE_BEFORE_57)),
            skbbk_released_from: self.skbbk_released_from(),
        }
    }

    /// First month of a release from SKBBK.
    #[inline]
    pub fn skbbk_released_from(self) -> Option<ContributionMonth> {
        if self.slot.skbbk_released_from == 0 {
            return None;
        }
        ContributionMonth::from_index(self.slot.skbbk_released_from)
    }

    /// A resident of whom nothing but the age decides what is due.
    #[inline]
    pub(super) fn is_plain_resident(self) -> bool {
        self.residency() != Residency::Foreign && !self.has(DOMESTIC_WORKER | FIRST_INSURED_AT_55_OR_OVER)
    }

    #[inline]
    fn has(self, flags: u8) -> bool {
        self.slot.flags & flags != 0
    }
}

/// Letters and digits are the same, in capitals.
fn same_letters(registered: &str, written: &[u8]) -> bool {
    if registered.is_ascii() && written.is_ascii() {
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric();
        let (registered, written) = (registered.as_bytes().iter().filter(letter), written.iter().filter(letter));
        return registered.map(u8::to_ascii_uppercase).eq(written.map(u8::to_ascii_uppercase));
    }
    let written = String::from_utf8_lossy(written);
    let capitals = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    capitals(registered) == capitals(&written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityNumber, PersonName};

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a day"))
    }

    fn code() -> EmployerCode {
        EmployerCode::read("A9900000001Z").1.expect("a code")
    }

    #[test]
    fn what_was_added_comes_back() {
        let mut employee = Employee::new(IdentityNumber::new("900101149991"), PersonName(" RENÉ CONTOH ".to_owned()));
        employee.ssfw_number = Some(IdentityNumber::new("990000000017"));
        employee.residency = Residency::TemporaryResident;
        employee.birth_date = day("1990-01-31");
        employee.employed_on = day("2020-02-29");
        employee.left_on = day("9999-12-31");
        employee.left_reason = Some(LeftReason::Died);
        employee.eis_payable_before_57 = Some(false);
        employee.skbbk_released_from = "2026-08".parse().ok();
        let mut register = Register::default();
        register.add(&code(), &employee).expect("kept");
        for number in ["900101149991", "990000000017"] {
            let key = key_of(number).expect("a number");
            let view = register.employee("A9900000001Z", key).expect("found by either number");
            assert_eq!((view.name(), view.residency()), ("RENÉ CONTOH", employee.residency));
            assert_eq!((view.birth_date(), view.employed_on()), (employee.birth_date, employee.employed_on));
            assert_eq!((view.registered_on(), view.left_on()), (None, employee.left_on));
            assert_eq!((view.left_reason(), view.birth_number()), (employee.left_reason, Some(19_900_131)));
            let person = view.person();
            assert_eq!(person.eis_payable_before_57, Some(false));
            assert_eq!(person.skbbk_released_from, employee.skbbk_released_from);
            assert!(!person.domestic_worker && !person.first_insured_at_55_or_over && view.is_plain_resident());
        }
        assert_eq!(register.len(), 2);
        assert!(register.employee("A9900000001Z", 1).is_none() && register.employee("B9900000001Z", 1).is_none());
    }

    #[test]
    fn the_later_row_counts_and_an_employer_may_have_nobody() {
        let mut register = Register::default();
        let index = register.add_employer(&code());
        assert!(register.knows_employer("A9900000001Z") && register.is_empty());
        assert!(register.employee_of(index, 1).is_none());
        for name in ["FIRST", "SECOND"] {
            let employee = Employee::new(IdentityNumber::new("900101149991"), PersonName(name.to_owned()));
            register.add(&code(), &employee).expect("kept");
        }
        let key = key_of("900101149991").expect("a number");
        assert_eq!(register.employee("A9900000001Z", key).map(EmployeeView::name), Some("SECOND"));
        assert_eq!((register.len(), register.employer("A9900000001Z")), (1, Some(index)));
    }

    #[test]
    fn many_are_found_at_any_size() {
        for count in [1u64, 7, 8, 9, 5_000, 60_000] {
            let mut register = Register::default();
            for number in 0..count {
                let id = IdentityNumber::new(&format!("{:012}", number * 7_919));
                register.add(&code(), &Employee::new(id, PersonName(format!("CONTOH {number}")))).expect("kept");
            }
            assert_eq!(register.len() as u64, count);
            for number in 0..count {
                let key = |value: u64| key_of(&format!("{value:012}")).expect("a number");
                let view = register.employee("A9900000001Z", key(number * 7_919)).expect("there");
                assert_eq!(view.name(), format!("CONTOH {number}"));
                assert!(register.employee("A9900000001Z", key(number * 7_919 + 1)).is_none());
            }
            assert!(register.memory() as u64 > 40 * count, "slots and names are counted");
        }
    }

    #[test]
    fn names_are_compared_by_letters_and_digits() {
        let mut register = Register::default();
        for (id, name) in [("900101149991", "AHMAD A/L CONTOH"), ("900101149993", "Łukas 2"), ("900101149995", "")] {
            register.add(&code(), &Employee::new(IdentityNumber::new(id), PersonName(name.to_owned()))).expect("kept");
        }
        let named = |id: &str, name: &str| {
            let view = register.employee("A9900000001Z", key_of(id).expect("a number")).expect("there");
            view.is_named(name.as_bytes(), name_hash(name.as_bytes()))
        };
        for same in ["AHMAD A/L CONTOH", "ahmad al  contoh", "AHMAD-AL'CONTOH"] {
            assert!(named("900101149991", same), "{same}");
        }
        assert!(!named("900101149991", "AHMAD A/P CONTOH") && !named("900101149991", "AHMAD A/L CONTOHÉ"));
        assert!(named("900101149993", "łUKAS2"));
        assert!(!named("900101149993", "šukas 2"), "the same hash, another letter");
        assert!(named("900101149995", "-") && !named("900101149995", "A"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let add = |change: &dyn Fn(&mut Employee)| {
            let mut employee = Employee::new(IdentityNumber::new("900101149991"), PersonName("CONTOH".to_owned()));
            change(&mut employee);
            Register::default().add(&code(), &employee)
        };
        let year = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        for (at, kept) in [(0, false), (1, true), (9_999, true), (10_000, false)] {
            assert_eq!(add(&|e| e.left_on = year(at)).is_ok(), kept, "year {at}");
        }
        for (length, kept) in [(65_535, true), (65_536, false)] {
            assert_eq!(add(&|e| e.name = PersonName("N".repeat(length))).is_ok(), kept, "{length}");
        }
        for (number, kept) in [("", false), ("123456789012", true), ("1234567890123", false)] {
            assert_eq!(add(&|e| e.id_number = IdentityNumber::new(number)).is_ok(), kept, "{number}");
        }
    }
}
