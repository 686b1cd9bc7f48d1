//! Rules about the person: age, category, EIS, registration.

use chrono::NaiveDate;

use super::amount::Amounts;
use super::context::{MonthContext, registration_limit};
use super::pass::Pass;
use super::record::{IdKind, IdNumber};
use super::register::EmployeeView;
use crate::domain::identity::{birth_date_of, mask};
use crate::domain::{Act4Category, Finding, FindingName, LeftReason, Registration, Residency, Severity};
use crate::rates::{Person, Reason, age_on};
use crate::reader::line::Record;
use crate::reader::value::{DateField, date_of};

/// What is known of a person when the amounts are judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// The category due; `None` where nothing is known.
    pub category: Option<Act4Category>,
    /// EIS is due; `None` where nothing is known.
    pub eis: Option<bool>,
    /// Why it is not.
    pub eis_reason: Option<Reason>,
    /// Age on the last day of the month, where a birth date is known.
    pub age: Option<i32>,
    /// An age that the law speaks of is attained in this month, and on which day: practice differs, so either is taken.
    pub birthday: Option<(u8, NaiveDate)>,
    /// A foreign worker.
    pub foreign: bool,
    /// A release from SKBBK is on record for this month.
    pub released: bool,
    /// The register knows the person, so that its word counts.
    pub registered: bool,
}

/// Gathers what the number and the register say.
pub(super) fn facts(
    pass: &Pass<'_, '_>,
    record: &Record<'_>,
    id: &IdNumber,
    month: &MonthContext<'_>,
    amounts: Option<&Amounts>,
) -> Facts {
    let employee = pass.employee();
    if let Some(facts) = plain(employee, id, month) {
        return facts;
    }
    let (person, registered) = match (employee, id.kind) {
        (Some(employee), _) => (employee.person(), true),
        (None, IdKind::MyKad(_)) => {
            let birth_date = birth_date_of(record.id_number(), month.month);
            (Person { birth_date, ..Person::new(Residency::Citizen) }, false)
        }
        (None, IdKind::Foreign) => return foreign(pass, amounts),
        (None, IdKind::Other | IdKind::Unusable) => return Facts::default(),
    };
    let coverage = pass.context.book.coverage();
    let eis = coverage.eis_liable(&person, month.month);
    let boundary =
        person.birth_date.and_then(|birth| coverage.boundary_birthday(birth, month.month).map(|age| (age, birth)));
    Facts {
        category: Some(coverage.act4_category(&person, month.month).0),
        eis: Some(eis.liable),
        eis_reason: Some(eis.reason),
        age: person.birth_date.map(|birth| age_on(birth, month.last_day)),
        birthday: boundary.map(|(age, birth)| (age, birthday_of(birth, month))),
        foreign: person.residency == Residency::Foreign,
        released: person.skbbk_released_from.is_some_and(|from| from <= month.month),
        registered,
    }
}

/// Twelve digits that are no MyKad number: for SKBBK and EIS a foreign worker. In a one-Act file nothing more is known.
fn foreign(pass: &Pass<'_, '_>, amounts: Option<&Amounts>) -> Facts {
    let joint = matches!(amounts, Some(Amounts::Shares(_)));
    let eis = if joint || pass.context.act.pays_act800() { Some(false) } else { None };
    Facts { foreign: true, eis, eis_reason: Some(Reason::EisForeign), ..Facts::default() }
}

/// The birthday in the month (29 February falls on 1 March in common years).
fn birthday_of(birth: NaiveDate, month: &MonthContext<'_>) -> NaiveDate {
    use chrono::Datelike;
    birth.with_year(month.month.year()).unwrap_or(month.first_day)
}

/// The facts of a resident whom no age rule touches, as most people are: no question to the law is needed.
#[inline]
fn plain(employee: Option<EmployeeView<'_>>, id: &IdNumber, month: &MonthContext<'_>) -> Option<Facts> {
    let born = match (employee, id.kind) {
        (Some(employee), _) if employee.is_plain_resident() => {
            employee.birth_number().filter(|born| month.act800.is_ok() && month.plain_adult.contains(born))?
        }
        (None, IdKind::MyKad(date)) => plain_adult(date, month)?,
        _ => return None,
    };
    let released = employee.and_then(EmployeeView::skbbk_released_from).is_some_and(|from| from <= month.month);
    Some(Facts {
        category: Some(Act4Category::First),
        eis: Some(true),
        age: Some((month.last_day_number - born) as i32 / 10_000),
        released,
        registered: employee.is_some(),
        ..Facts::default()
    })
}

/// The birth date (`YYYYMMDD`) of somebody whom no age rule touches in this month, whichever century the number means.
fn plain_adult(date: u32, month: &MonthContext<'_>) -> Option<u32> {
    // The younger reading is taken when it makes somebody of working age; see `birth_date_of`.
    let this = (month.month.year() as u32 / 100) * 1_000_000 + date;
    let born = if this > *month.plain_adult.end() { this - 1_000_000 } else { this };
    month.plain_adult.contains(&born).then_some(born)
}

/// Judges eligibility, registration and birthdays.
pub(super) fn judge(
    pass: &mut Pass<'_, '_>,
    record: &Record<'_>,
    id: &IdNumber,
    facts: &Facts,
    amounts: Option<&Amounts>,
    month: &MonthContext<'_>,
) {
    if let Some(amounts) = amounts {
        eis(pass, id, facts, amounts, month);
    }
    if let Some((age, day)) = facts.birthday
        && concerns(pass, age)
    {
        let columns = pass.columns("id_number");
        let finding = Finding::new(FindingName::BirthdayMonth).at("id_number", columns).expected(day.to_string());
        pass.add(finding.with("age", age));
    }
    if pass.employer().is_some() {
        registration(pass, record, id, month);
    }
}

/// An age rule of an Act that the file pays.
fn concerns(pass: &Pass<'_, '_>, age: u8) -> bool {
    let coverage = pass.context.book.coverage();
    let act800 = [coverage.act800.minimum_age, coverage.act800.late_entry_age, coverage.act800.end_age];
    (pass.context.act.pays_act4() && age == coverage.act4.second_category_age)
        || (pass.context.act.pays_act800() && act800.contains(&age))
}

fn eis(pass: &mut Pass<'_, '_>, id: &IdNumber, facts: &Facts, amounts: &Amounts, month: &MonthContext<'_>) {
    if !pass.context.act.pays_act800() || facts.birthday.is_some() || month.act800.is_err() {
        return;
    }
    let paid = !amounts.eis_total().is_zero();
    let field = if matches!(amounts, Amounts::Shares(_)) { "eis_employer" } else { "amount" };
    let columns = |pass: &Pass<'_, '_>| match amounts {
        Amounts::Shares(_) => super::shares::eis_columns(pass),
        Amounts::Total(_) => pass.columns("amount"),
    };
    let late = pass.context.book.coverage().act800.late_entry_age;
    match (facts.eis, paid) {
        // A number that cannot be a MyKad is said to be wrong by its own finding when EIS is paid for it.
        (Some(false), true) if id.kind != IdKind::Foreign || facts.registered => {
            let reason = match facts.eis_reason {
                Some(Reason::EisUnderAge { .. }) => "under-18",
                Some(Reason::EisForeign) => "foreign",
                Some(Reason::EisFirstPayableLate { .. } | Reason::EisAgeBeforeStart { .. }) => "from-57",
                _ => "from-60",
            };
            let finding = Finding::new(FindingName::EisNotEligible).at(field, columns(pass));
            let finding = finding.found(amounts.eis_total().to_string());
            pass.add(finding.with("reason", reason).with("age", facts.age.unwrap_or_default()));
        }
        (Some(true), false) if matches!(amounts, Amounts::Shares(s) if !s.wage.is_zero()) => {
            // Without a date of birth nothing can be said.
            let Some(age) = facts.age else { return };
            let reason = if age >= i32::from(late) { "from-57" } else { "resident" };
            let finding = Finding::new(FindingName::EisMissing).at(field, columns(pass));
            pass.add(finding.with("reason", reason).with("age", age));
        }
        _ => {}
    }
}

/// What the register says against the line: Act 800 s. 16 and PERKESO's thirty days.
fn registration(pass: &mut Pass<'_, '_>, record: &Record<'_>, id: &IdNumber, month: &MonthContext<'_>) {
    if id.key.is_none() {
        return;
    }
    let Some(employee) = pass.employee() else {
        if pass.context.completes(pass.employer_code()) {
            return;
        }
        let joined = record.status().first().is_some_and(|s| s.eq_ignore_ascii_case(&b'B'));
        return match date_of(record.date()) {
            DateField::Day(started) if joined => thirty_days(pass, started),
            _ => {
                let finding = pass.at(FindingName::EmployeeUnregistered, "id_number", record.id_number());
                let severity = severity_of_registration(pass);
                pass.add(finding.severity(severity));
            }
        };
    };
    if !record.name.is_empty() && !employee.is_named(record.name, pass.name_hash()) {
        let finding = pass.at(FindingName::NameDiffers, "name", record.name).expected(mask(employee.name()));
        pass.add(finding);
    }
    if let Some(left) = employee.left_on().filter(|left| *left < month.first_day) {
        let joined = record.status().first().is_some_and(|s| s.eq_ignore_ascii_case(&b'B'));
        if let DateField::Day(started) = date_of(record.date())
            && joined
            && started > left
            && employee.left_reason() != Some(LeftReason::Died)
        {
            // Whoever comes back is registered again, within the same thirty days.
            return thirty_days(pass, started);
        }
        let columns = pass.columns("id_number");
        pass.add(Finding::new(FindingName::LeftEmployee).at("id_number", columns).expected(left.to_string()));
    }
    if let (None, Some(started)) = (employee.registered_on(), employee.employed_on()) {
        thirty_days(pass, started);
    }
}

/// A line whose person is not registered in time waits, unless the employer's setting lets it go with a warning.
fn severity_of_registration(pass: &Pass<'_, '_>) -> Severity {
    match pass.context.registration_of(pass.employer_code()) {
        Registration::Hold => Severity::Fix,
        Registration::Warn => Severity::Warn,
    }
}

fn thirty_days(pass: &mut Pass<'_, '_>, started: NaiveDate) {
    let limit = registration_limit(started);
    let days = (limit - pass.context.today).num_days();
    let name = if days >= 0 { FindingName::RegistrationDue } else { FindingName::RegistrationLate };
    let severity = if days >= 0 { name.severity() } else { severity_of_registration(pass) };
    let finding = Finding::new(name).severity(severity);
    let finding = finding.at("id_number", pass.columns("id_number")).expected(limit.to_string());
    pass.add(finding.with("days", days.abs()).with("started", started));
}
