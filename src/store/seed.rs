//! A register that was filled by a file is that file's accepted lines, until somebody changes an entry: nothing is copied
//! when the file is taken, however many people it has.

use chrono::NaiveDate;

use super::line::Line;
use crate::checks::record::reads_as_foreign;
use crate::domain::{Employee, IdKind, LeftReason, PersonName, Residency};
use crate::rates::{RateBook, age_on};

/// What a line tells of an employee. `received_on` counts as the day of registration: who stands in the first file is
/// taken as registered, since nothing says otherwise.
pub(super) fn employee_of(line: Line, received_on: NaiveDate) -> Employee {
    let number = line.id_number.number();
    let foreign = reads_as_foreign(number.reveal());
    let birth_date = if foreign { None } else { number.birth_date(line.month) };
    let age = birth_date.map(|birth| age_on(birth, line.month.last_day()));
    let law = RateBook::embedded().coverage();
    let joint = line.wage.is_some();
    let under = |years: u8| age.is_some_and(|age| age < i32::from(years));
    let second_category = line.act4_employee.is_some_and(|share| share.is_zero()) && !line.act4_total.is_zero();
    let late = under(law.act4.second_category_age) && !under(law.act4.late_entry_age);
    let eis_from_57 = under(law.act800.end_age) && !under(law.act800.late_entry_age);
    let pays_eis = !line.eis_total.is_zero();
    let status = |letter: u8| line.status == Some(letter);
    Employee {
        id_kind: birth_date.map(|_| IdKind::MyKad).or(foreign.then_some(IdKind::ForeignWorker)),
        birth_date,
        residency: if foreign { Residency::Foreign } else { Residency::Citizen },
        employed_on: line.date.filter(|_| status(b'B')),
        registered_on: Some(received_on),
        left_on: line.date.filter(|_| status(b'H') || status(b'M')),
        left_reason: match line.status {
            Some(b'H') => Some(LeftReason::Left),
            Some(b'M') => Some(LeftReason::Died),
            _ => None,
        },
        first_insured_at_55_or_over: late && second_category,
        // Who pays EIS at 57 or over was liable before; who does not, on a list that could carry it, was not.
        eis_payable_before_57: if eis_from_57 && (joint || pays_eis) { Some(pays_eis) } else { None },
        monthly_wage: line.wage,
        ..Employee::new(number, PersonName(line.name.0))
    }
}
