//! What follows from a person's particulars, and which of them cannot stand together. Pure.

use chrono::NaiveDate;

use crate::domain::{ContributionMonth, Employee, IdKind, Residency};

/// A column and one sentence about it.
pub(super) type Contradiction = (&'static str, String);

/// By what people are judged.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// The month in which this is asked: nobody is born later, and two-digit years are understood by it.
    pub month: ContributionMonth,
    /// First month in which a release from SKBBK can hold.
    pub release_from: ContributionMonth,
    /// The day on which this is asked: nobody was registered later.
    pub today: NaiveDate,
}

/// Days for which somebody who has yet to begin may be entered ahead; further off is a slip in the date.
const DAYS_AHEAD: i64 = 60;

/// Judges a row by itself: only by what it says, since the rest may be known already. The birth date that a MyKad number
/// carries is filled in.
pub(super) fn alone(employee: &mut Employee, measure: Measure, kind_given: bool) -> Vec<Contradiction> {
    let month = measure.month;
    let mut contradictions = order(employee, month);
    contradictions.extend(future(employee, measure.today));
    contradictions.extend(release(employee, measure.release_from));
    if kind_given {
        contradictions.extend(number(employee, month));
    }
    fill_in(employee, month);
    contradictions
}

/// Fills in the birth date that a MyKad number carries, and names what cannot stand together, as column and sentence:
/// for a person of whom everything that is known stands here.
pub fn whole(employee: &mut Employee, measure: Measure) -> Vec<(&'static str, String)> {
    let month = measure.month;
    let mut contradictions = Vec::from_iter(number(employee, month));
    fill_in(employee, month);
    if employee.id_kind == Some(IdKind::ForeignWorker) && employee.residency != Residency::Foreign {
        contradictions.push(("residency", "must be foreign under a foreign worker's number".to_owned()));
    }
    if employee.left_reason.is_some() && employee.left_on.is_none() {
        contradictions.push(("left_on", "is missing, but there is a reason for leaving".to_owned()));
    }
    contradictions.extend(order(employee, month));
    contradictions.extend(future(employee, measure.today));
    contradictions.extend(release(employee, measure.release_from));
    contradictions
}

/// A release from SKBBK that the law does not know (Act 4 s. 6 as amended by Act A1788).
fn release(employee: &Employee, first: ContributionMonth) -> Option<Contradiction> {
    let from = employee.skbbk_released_from?;
    let what = if employee.residency == Residency::Foreign {
        "SKBBK is compulsory for foreign workers; they cannot be released".to_owned()
    } else if from < first {
        format!(
            "{from} is too early: a release holds from {first} at the earliest, before it SKBBK was compulsory for all"
        )
    } else {
        return None;
    };
    Some(("skbbk_released_from", what))
}

/// The birth date in the number, where it is a MyKad's: said so, or twelve digits of somebody who is not foreign.
fn carried(employee: &Employee, month: ContributionMonth) -> Option<NaiveDate> {
    let mykad = match employee.id_kind {
        Some(kind) => kind == IdKind::MyKad,
        None => employee.residency != Residency::Foreign,
    };
    employee.id_number.birth_date(month).filter(|_| mykad)
}

fn fill_in(employee: &mut Employee, month: ContributionMonth) {
    employee.birth_date = employee.birth_date.or_else(|| carried(employee, month));
}

fn number(employee: &Employee, month: ContributionMonth) -> Option<Contradiction> {
    let number = employee.id_number.reveal();
    let carried = carried(employee, month);
    if employee.id_kind == Some(IdKind::MyKad) && carried.is_none() && !number.is_empty() {
        let what = "is not a MyKad number: it has twelve digits and begins with the date of birth, which must exist";
        return Some(("id_number", what.to_owned()));
    }
    let twelve_digits = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
    if employee.id_kind.is_none() && employee.residency != Residency::Foreign && twelve_digits && carried.is_none() {
        let what = "begins with a date that does not exist, so that it is no MyKad number; mend it, or say of whom it is: a \
                    foreign worker has foreign in residency, any other number its id_kind";
        return Some(("id_number", what.to_owned()));
    }
    carried?;
    // The number leaves the century open.
    let begins = employee.birth_date?.format("%y%m%d").to_string();
    let what =
        "is not the date with which the MyKad number begins; mend one of them, or say in id_kind what number it is";
    (!number.starts_with(&begins)).then(|| ("birth_date", what.to_owned()))
}

/// Days that have not come: a registration is recorded once it is done, else a coming one would end the thirty days before
/// the time.
fn future(employee: &Employee, today: NaiveDate) -> Vec<Contradiction> {
    let mut contradictions = Vec::new();
    if let Some(day) = employee.registered_on.filter(|day| *day > today) {
        let what = format!("{day} lies in the future; a registration is entered on the day it is made or later");
        contradictions.push(("registered_on", what));
    }
    if let Some(day) = employee.employed_on.filter(|day| (*day - today).num_days() > DAYS_AHEAD) {
        let what =
            format!("{day} lies more than {DAYS_AHEAD} days ahead; enter the person nearer to the first day of work");
        contradictions.push(("employed_on", what));
    }
    contradictions
}

/// Dates in an order that cannot be. Somebody may be registered before the first day of work.
fn order(employee: &Employee, month: ContributionMonth) -> Vec<Contradiction> {
    let mut contradictions = Vec::new();
    if let Some(birth) = employee.birth_date {
        if birth > month.last_day() {
            contradictions.push(("birth_date", "lies in the future".to_owned()));
        }
        let dates = [
            ("employed_on", employee.employed_on),
            ("registered_on", employee.registered_on),
            ("left_on", employee.left_on),
        ];
        for (column, date) in dates {
            if let Some(date) = date.filter(|date| *date <= birth) {
                contradictions.push((column, format!("{date} lies before the person was born")));
            }
        }
    }
    if let (Some(employed), Some(left)) = (employee.employed_on, employee.left_on)
        && left < employed
    {
        let what = format!(
            "{left} lies before the first day of work, {employed}; for somebody who came back write - in left_on and \
             left_reason"
        );
        contradictions.push(("left_on", what));
    }
    contradictions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityNumber, LeftReason, PersonName};

    fn measure() -> Measure {
        let month = |text: &str| text.parse().expect("a month");
        let today = "2026-11-22".parse().expect("a day");
        Measure { month: month("2026-11"), release_from: month("2026-07"), today }
    }

    fn date(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a date"))
    }

    fn person(number: &str) -> Employee {
        Employee::new(IdentityNumber::new(number), PersonName("A CONTOH".to_owned()))
    }

    fn columns(mut employee: Employee) -> Vec<&'static str> {
        whole(&mut employee, measure()).into_iter().map(|(column, _)| column).collect()
    }

    #[test]
    fn birth_dates_of_numbers() {
        let mut ahmad = person("900101149991");
        assert_eq!(whole(&mut ahmad, measure()), []);
        assert_eq!(ahmad.birth_date, date("1990-01-01"));
        ahmad.birth_date = date("1890-01-01");
        assert_eq!(columns(ahmad.clone()), [""; 0], "the century is open");
        ahmad.birth_date = date("1990-01-02");
        assert_eq!(columns(ahmad.clone()), ["birth_date"]);
        ahmad.id_kind = Some(IdKind::Other);
        assert_eq!(columns(ahmad.clone()), [""; 0]);
        (ahmad.id_kind, ahmad.residency) = (None, Residency::Foreign);
        assert_eq!(columns(ahmad.clone()), [""; 0]);
        let mut unread = ahmad.clone();
        unread.birth_date = None;
        whole(&mut unread, measure());
        assert_eq!(unread.birth_date, None, "a foreigner's number carries no date");
    }

    #[test]
    fn kinds_of_numbers() {
        let mut soldier = person("T1234567");
        soldier.id_kind = Some(IdKind::MyKad);
        assert_eq!(columns(soldier.clone()), ["id_number"]);
        soldier.id_kind = Some(IdKind::ForeignWorker);
        assert_eq!(columns(soldier.clone()), ["residency"]);
        soldier.residency = Residency::Foreign;
        assert_eq!(columns(soldier), [""; 0]);
    }

    #[test]
    fn a_date_that_does_not_exist_is_no_mykad_number() {
        for (number, faulty) in [("900228149991", false), ("900229149991", true), ("920229149991", false)] {
            assert_eq!(columns(person(number)) == ["id_number"], faulty, "{number}");
            let mykad = Employee { id_kind: Some(IdKind::MyKad), ..person(number) };
            assert_eq!(columns(mykad) == ["id_number"], faulty, "{number}");
            for residency in [Residency::PermanentResident, Residency::TemporaryResident] {
                assert_eq!(columns(Employee { residency, ..person(number) }) == ["id_number"], faulty, "{number}");
            }
            let said = [
                Employee { residency: Residency::Foreign, ..person(number) },
                Employee { id_kind: Some(IdKind::Other), ..person(number) },
            ];
            assert!(said.into_iter().all(|employee| columns(employee).is_empty()), "{number}");
        }
        assert_eq!(columns(person("90023014999")), [""; 0], "eleven digits are an old number");
    }

    #[test]
    fn releases() {
        let mut employee = person("900101149991");
        for (month, faulty) in [("2026-06", true), ("2026-07", false), ("2026-08", false)] {
            employee.skbbk_released_from = month.parse().ok();
            assert_eq!(columns(employee.clone()) == ["skbbk_released_from"], faulty, "{month}");
        }
        employee.residency = Residency::Foreign;
        assert_eq!(columns(employee), ["skbbk_released_from"]);
    }

    #[test]
    fn days_that_have_not_come() {
        let mut employee = person("T1234567");
        for (day, faulty) in [("2026-11-21", false), ("2026-11-22", false), ("2026-11-23", true)] {
            employee.registered_on = date(day);
            assert_eq!(columns(employee.clone()) == ["registered_on"], faulty, "{day}");
            let alone: Vec<_> = alone(&mut employee.clone(), measure(), false).into_iter().map(|(at, _)| at).collect();
            assert_eq!(alone == ["registered_on"], faulty, "{day}");
        }
        employee.registered_on = None;
        for (day, faulty) in [("2027-01-20", false), ("2027-01-21", false), ("2027-01-22", true)] {
            employee.employed_on = date(day);
            assert_eq!(columns(employee.clone()) == ["employed_on"], faulty, "{day}");
        }
    }

    #[test]
    fn the_order_of_dates() {
        let mut employee = person("T1234567");
        (employee.employed_on, employee.left_on) = (date("2026-10-01"), date("2026-10-01"));
        assert_eq!(columns(employee.clone()), [""; 0]);
        employee.left_on = date("2026-09-30");
        assert_eq!(columns(employee.clone()), ["left_on"]);
        employee.left_on = None;
        employee.registered_on = date("2026-09-01");
        assert_eq!(columns(employee.clone()), [""; 0], "registered early");
        employee.birth_date = date("2026-10-01");
        assert_eq!(columns(employee.clone()), ["employed_on", "registered_on"]);
        (employee.employed_on, employee.registered_on) = (None, None);
        for (day, faulty) in [("2026-11-30", false), ("2026-12-01", true)] {
            employee.birth_date = date(day);
            assert_eq!(columns(employee.clone()) == ["birth_date"], faulty, "{day}");
        }
        employee.birth_date = None;
        employee.left_reason = Some(LeftReason::Died);
        assert_eq!(columns(employee), ["left_on"]);
    }
}
