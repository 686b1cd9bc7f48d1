//! From the register to paper: Borang 1, 2 and 3 as they stand on a day. Nothing is kept: the register changes, and the
//! form is printed again.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::register::{Staff, has_left, staff};
use crate::checks::context::registration_limit;
use crate::checks::record::reads_as_foreign;
use crate::domain::{ContributionMonth, Employee, EmployerCode, IdKind};
use crate::report::paper::register::{EmployerForm, JoiningEmployee, LeavingEmployee, RegisterPaper};
use crate::report::{ReportError, model, paper};
use crate::store::{Store, StoreError};

/// A form of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterForm {
    /// The employer.
    Borang1,
    /// Employees to register.
    Borang2,
    /// Employees who left.
    Borang3,
}

/// What to print.
#[derive(Debug, Clone)]
pub struct RegisterFormRequest<'a> {
    /// Which form.
    pub form: RegisterForm,
    /// Whose.
    pub employer: &'a EmployerCode,
    /// First and last day, for Borang 2 of registration or employment, for Borang 3 of leaving; open where `None`. Without
    /// any, Borang 2 has all who are not yet registered and Borang 3 all who ever left.
    pub span: (Option<NaiveDate>, Option<NaiveDate>),
    /// Who prints it.
    pub issuer: &'a str,
    /// When, in Malaysian time.
    pub now: DateTime<FixedOffset>,
}

/// Why a form could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterFormError {
    /// The database, or nothing is known of the employer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The paper.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The span ends before it begins.
    #[error("the last day, {to}, lies before the first, {from}")]
    SpanEndsFirst {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
}

/// The PDF of a form.
///
/// # Errors
/// [`RegisterFormError`].
pub fn print_register_form(store: &Store, request: &RegisterFormRequest<'_>) -> Result<Vec<u8>, RegisterFormError> {
    if let (Some(from), Some(to)) = request.span
        && to < from
    {
        return Err(RegisterFormError::SpanEndsFirst { from, to });
    }
    let Staff { employer, employees: people } = staff(store, Some(request.employer))?.remove(0);
    let today = request.now.date_naive();
    let head = RegisterPaper {
        prepared_at: request.now,
        issuer: request.issuer.to_owned(),
        employer: model::Employer {
            code: employer.code.to_string(),
            name: present(&employer.name),
            address: employer.address.lines().map(str::trim).filter_map(present).collect(),
            company_number: present(&employer.company_number),
        },
        span: request.span,
    };
    let bytes = match request.form {
        RegisterForm::Borang1 => {
            let here = || people.iter().filter(|employee| !has_left(employee, today));
            let form = EmployerForm {
                liable_since: employer.liable_since,
                register_by: employer.liable_since.map(registration_limit),
                notice_address: present(&employer.notice_address),
                employees: here().count() as u64,
                not_registered: here().filter(|employee| employee.registered_on.is_none()).count() as u64,
            };
            paper::borang_1(&RegisterPaper { span: (None, None), ..head }, &form)?
        }
        RegisterForm::Borang2 => {
            let mut asked: Vec<&Employee> = people.iter().filter(|one| joins(one, request.span)).collect();
            // Who must be registered first stands first; those without a start date come last.
            asked.sort_by_key(|one| (one.employed_on.is_none(), one.employed_on));
            let asked: Vec<_> = asked.into_iter().map(|one| joining(one, today)).collect();
            paper::borang_2(&head, &asked)?
        }
        RegisterForm::Borang3 => {
            let mut asked: Vec<&Employee> = people.iter().filter(|one| leaves(one, request.span)).collect();
            asked.sort_by_key(|one| one.left_on);
            let asked: Vec<_> = asked.into_iter().map(leaving).collect();
            paper::borang_3(&head, &asked)?
        }
    };
    Ok(bytes)
}

/// The date of birth: as registered, else as a MyKad number tells it on a day.
pub fn birth_date(employee: &Employee, today: NaiveDate) -> Option<NaiveDate> {
    let mykad = id_kind(employee) == Some(IdKind::MyKad);
    let told = || if mykad { employee.id_number.birth_date(ContributionMonth::of(today)) } else { None };
    employee.birth_date.or_else(told)
}

/// What the number is: as registered, else a MyKad number where it reads as one.
fn id_kind(employee: &Employee) -> Option<IdKind> {
    let number = employee.id_number.reveal();
    let digits = number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit());
    employee.id_kind.or((digits && !reads_as_foreign(number)).then_some(IdKind::MyKad))
}

fn present(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn within(day: Option<NaiveDate>, (from, to): (Option<NaiveDate>, Option<NaiveDate>)) -> bool {
    day.is_some_and(|day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to))
}

fn joins(employee: &Employee, span: (Option<NaiveDate>, Option<NaiveDate>)) -> bool {
    match span {
        (None, None) => employee.registered_on.is_none(),
        span => within(employee.registered_on, span) || within(employee.employed_on, span),
    }
}

fn leaves(employee: &Employee, span: (Option<NaiveDate>, Option<NaiveDate>)) -> bool {
    within(employee.left_on, span)
}

fn joining(employee: &Employee, today: NaiveDate) -> JoiningEmployee {
    JoiningEmployee {
        id: employee.id_number.reveal().to_owned(),
        id_kind: id_kind(employee),
        ssfw: employee.ssfw_number.as_ref().map(|number| number.reveal().to_owned()),
        name: employee.name.0.clone(),
        birth_date: birth_date(employee, today),
        residency: employee.residency,
        employed_on: employee.employed_on,
        register_by: employee.employed_on.map(registration_limit),
        registered_on: employee.registered_on,
        occupation: employee.occupation.clone(),
        monthly_wage: employee.monthly_wage,
        allowances: employee.allowances,
    }
}

fn leaving(employee: &Employee) -> LeavingEmployee {
    LeavingEmployee {
        id: employee.id_number.reveal().to_owned(),
        id_kind: id_kind(employee),
        name: employee.name.0.clone(),
        employed_on: employee.employed_on,
        left_on: employee.left_on,
        reason: employee.left_reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityNumber, PersonName};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn span(from: Option<&str>, to: Option<&str>) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (from.map(day), to.map(day))
    }

    fn employee() -> Employee {
        Employee::new(IdentityNumber::new("900101149991"), PersonName("AHMAD CONTOH".to_owned()))
    }

    #[test]
    fn joiners_by_registration_or_employment() {
        let started = Employee { employed_on: Some(day("2026-10-01")), ..employee() };
        let registered = Employee { registered_on: Some(day("2026-10-31")), ..started.clone() };
        assert!(joins(&started, (None, None)) && !joins(&registered, (None, None)));
        for (from, to, first, second) in [
            (Some("2026-10-01"), Some("2026-10-01"), true, true),
            (Some("2026-10-02"), Some("2026-10-30"), false, false),
            (Some("2026-10-02"), Some("2026-10-31"), false, true),
            (Some("2026-10-31"), None, false, true),
            (Some("2026-11-01"), None, false, false),
            (None, Some("2026-09-30"), false, false),
            (None, Some("2026-10-01"), true, true),
        ] {
            let asked = span(from, to);
            assert_eq!((joins(&started, asked), joins(&registered, asked)), (first, second), "{asked:?}");
        }
    }

    #[test]
    fn leavers_by_their_last_day() {
        let left = Employee { left_on: Some(day("2026-10-31")), ..employee() };
        assert!(leaves(&left, (None, None)) && !leaves(&employee(), (None, None)));
        assert!(leaves(&left, span(Some("2026-10-31"), Some("2026-10-31"))));
        assert!(!leaves(&left, span(Some("2026-11-01"), None)) && !leaves(&left, span(None, Some("2026-10-30"))));
    }

    #[test]
    fn a_mykad_tells_the_birth_date_and_nothing_else_does() {
        let today = day("2026-11-01");
        assert_eq!(birth_date(&employee(), today), Some(day("1990-01-01")));
        let army = Employee { id_kind: Some(IdKind::Army), ..employee() };
        assert_eq!(birth_date(&army, today), None);
        let known = Employee { birth_date: Some(day("1989-12-31")), ..employee() };
        assert_eq!(birth_date(&known, today), Some(day("1989-12-31")));
    }
}
