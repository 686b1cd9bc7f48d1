//! What the office knows of the employers in a group of files when they are judged, and what it learns from what it takes.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::changes::Compared;
use super::submit::SubmitOptions;
use crate::checks::context::registration_limit;
use crate::checks::people::key_of;
use crate::checks::record::reads_as_foreign;
use crate::checks::scan::Found;
use crate::checks::{History, Register, RegistrationRules};
use crate::domain::identity::birth_date_of;
use crate::domain::{
    ContributionMonth, Employee, Employer, EmployerCode, IdKind, IdentityNumber, LeftReason, PersonName, Policy,
    Residency, Scheme, Sen,
};
use crate::rates::{Person, RateBook, age_on};
use crate::store::block::LineRef;
use crate::store::{Group, StoreError, SubmissionNumber};

/// Employers, employees and earlier acknowledgements, read under the lock of the group in which they are used.
pub(super) struct Known {
    /// Who is registered.
    pub register: Register,
    /// What stands.
    pub history: History,
    /// Settings of the employers.
    pub rules: RegistrationRules,
    employers: HashMap<String, Employer>,
    people: HashMap<String, Vec<Employee>>,
    /// The register is a table that the caller gave: the office's own is neither asked nor changed.
    given: bool,
    /// Employers whose lines came with another one's: they fill no empty register.
    spared: BTreeSet<String>,
}

/// An accepted line that tells something new of its person.
#[derive(Debug, Clone)]
pub(super) struct Movement {
    pub id_number: IdentityNumber,
    pub name: PersonName,
    pub month: ContributionMonth,
    pub status: Option<u8>,
    pub date: Option<NaiveDate>,
    pub wage: Option<Sen>,
    pub pays_eis: bool,
}

impl Movement {
    /// Of a line.
    pub(super) fn of(line: &LineRef<'_>) -> Movement {
        Movement {
            id_number: IdentityNumber::new(line.id_number),
            name: PersonName(line.name.to_owned()),
            month: line.month,
            status: line.status,
            date: line.date,
            wage: line.wage,
            pays_eis: !line.eis_total.is_zero(),
        }
    }
}

/// What a file told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learned {
    /// The empty register was filled.
    pub seeded: bool,
    /// People registered in time, from the file.
    pub registered: u64,
    /// People who left or died.
    pub left: u64,
    /// People who are entered without a registration, since the employer's rule only warns.
    pub unregistered: u64,
}

impl Known {
    /// Reads what is known.
    pub(super) fn load(group: &mut Group<'_>, found: &Found, options: &SubmitOptions<'_>) -> Result<Known, StoreError> {
        let codes: Vec<&str> = found.keys().map(String::as_str).collect();
        let mut known = Known {
            register: Register::default(),
            history: History::default(),
            rules: RegistrationRules {
                usual: options.registration.unwrap_or(options.office.registration),
                ..RegistrationRules::default()
            },
            employers: group.employers(&codes)?,
            people: HashMap::new(),
            given: options.register.is_some(),
            spared: BTreeSet::new(),
        };
        if !known.given {
            known.people = group.employees(&codes)?;
            known.fill(&codes, options);
        }
        for (code, employer) in known.employers.iter().filter(|_| options.registration.is_none()) {
            known.rules.own.extend(employer.registration.map(|own| (code.clone(), own)));
        }
        group.standing(found, &mut known.history)?;
        Ok(known)
    }

    fn fill(&mut self, codes: &[&str], options: &SubmitOptions<'_>) {
        for code in codes {
            let Some(valid) = EmployerCode::read(code).1 else { continue };
            let people = self.people.get(*code).map(Vec::as_slice).unwrap_or_default();
            let employer = self.employers.get(*code);
            if people.is_empty() {
                let seeding = employer.and_then(|employer| employer.seeding).unwrap_or(options.office.seeding);
                match (employer, options.office.new_employers) {
                    (None, false) => {} // not on the register: said as such
                    _ if seeding => _ = self.rules.seeds.insert((*code).to_owned()),
                    _ => _ = self.register.add_employer(&valid),
                }
                continue;
            }
            for employee in people {
                // Whoever has no number that can be looked up stands in no file either.
                _ = self.register.add(&valid, employee);
            }
        }
    }

    /// These employers' lines waited since the file that filled their register: their people are of it.
    pub(super) fn complete<'c>(&mut self, codes: impl Iterator<Item = &'c String>) {
        self.rules.completes.extend(codes.cloned());
    }

    /// These employers' lines came with another one's.
    pub(super) fn spare<'c>(&mut self, codes: impl Iterator<Item = &'c String>) {
        self.spared.extend(codes.cloned());
    }

    /// What is taken of this employer fills an empty register.
    pub(super) fn fills(&self, code: &str) -> bool {
        self.rules.seeds.contains(code) && !self.spared.contains(code)
    }

    /// The register to judge by.
    pub(super) fn register<'a>(&'a self, options: &SubmitOptions<'a>) -> &'a Register {
        options.register.unwrap_or(&self.register)
    }

    /// What changes are found by.
    pub(super) fn compared(&self) -> Compared<'_> {
        Compared { history: &self.history, register: &self.register }
    }

    /// What is kept of an employer.
    pub(super) fn employer(&self, code: &str) -> Option<&Employer> {
        self.employers.get(code)
    }

    /// Employees of an employer as kept; nobody, where the register is the caller's.
    pub(super) fn people(&self, code: &str) -> &[Employee] {
        self.people.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    /// What becomes of a file of this employer with lines to mend.
    pub(super) fn policy(&self, code: &str, options: &SubmitOptions<'_>) -> Policy {
        let own = self.employers.get(code).map(|employer| employer.policy);
        options.policy.or(own).unwrap_or_default()
    }

    /// True when an accepted line tells the register something; asked for every line.
    pub(super) fn tells(&self, code: &str, line: &LineRef<'_>) -> bool {
        if self.given || self.rules.seeds.contains(code) {
            return false;
        }
        let Some(key) = key_of(IdentityNumber::new(line.id_number).reveal()) else { return false };
        let Some(employee) = self.register.employee(code, key) else { return true };
        if employee.registered_on().is_none() || matches!(line.status, Some(b'B' | b'H' | b'M')) {
            return true;
        }
        let person = employee.person();
        // The year before the age at which the law asks whether EIS was payable before.
        let asked = i32::from(RateBook::embedded().coverage().act800.late_entry_age) - 1;
        let nearly = || person.birth_date.is_some_and(|birth| age_on(birth, line.month.last_day()) == asked);
        !line.eis_total.is_zero() && person.eis_payable_before_57.is_none() && nearly()
    }

    /// Why somebody pays no EIS, where the register knows what the number does not tell.
    pub(super) fn outside_eis(&self, code: &str, line: &LineRef<'_>) -> Option<String> {
        let key = key_of(IdentityNumber::new(line.id_number).reveal())?;
        let person = self.register.employee(code, key)?.person();
        let coverage = RateBook::embedded().coverage();
        let by_number = coverage.eis_liable(&person_by_number(line.id_number, line.month), line.month);
        let known = coverage.eis_liable(&person, line.month);
        (!known.liable && by_number.liable).then(|| known.reason.to_string())
    }

    /// Enters what an accepted file of these Acts told into the register. A list for EIS alone does not fill an empty one:
    /// whoever is not insured under it is not in it.
    pub(super) fn learn(
        &self,
        group: &mut Group<'_>,
        code: &str,
        (company_number, movements): (&str, &[Movement]),
        (submission, schemes): (SubmissionNumber, &[Scheme]),
        now: DateTime<FixedOffset>,
    ) -> Result<Learned, StoreError> {
        let Some(valid) = EmployerCode::read(code).1.filter(|_| !self.given) else { return Ok(Learned::default()) };
        let mut employer = self.employers.get(code).cloned();
        let seeded = self.fills(code) && schemes.contains(&Scheme::Act4);
        if seeded || employer.is_none() {
            let employer = employer.get_or_insert_with(|| Employer::new(valid));
            employer.seeded_from = seeded.then_some(submission.0);
            if employer.company_number.is_empty() {
                company_number.clone_into(&mut employer.company_number);
            }
            group.save_employer(employer, now)?;
        }
        let completes = self.rules.completes.contains(code);
        let mut learned = Learned { seeded, ..Learned::default() };
        if movements.is_empty() {
            return Ok(learned);
        }
        let mut people = self.people.get(code).cloned().unwrap_or_default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, employee) in people.iter().enumerate() {
            for number in [Some(&employee.id_number), employee.ssfw_number.as_ref()].into_iter().flatten() {
                places.insert(number.reveal().to_owned(), place);
            }
        }
        let mut changed = BTreeSet::new();
        let known_before = people.len();
        for movement in movements {
            let place = *places.entry(movement.id_number.reveal().to_owned()).or_insert_with(|| {
                people.push(newcomer(movement, completes, now.date_naive()));
                people.len() - 1
            });
            let before = people[place].clone();
            enter(&mut people[place], movement, now.date_naive(), &mut learned);
            if place >= known_before {
                changed.insert(place);
                learned.unregistered += u64::from(people[place].registered_on.is_none());
            }
            if people[place] != before || before.registered_on.is_none() {
                changed.insert(place);
            }
        }
        group.save_employees(code, &people, changed, now)?;
        Ok(learned)
    }
}

/// What a number alone tells of a person.
pub(super) fn person_by_number(number: &str, month: ContributionMonth) -> Person {
    let residency = if reads_as_foreign(number) { Residency::Foreign } else { Residency::Citizen };
    Person { birth_date: birth_date_of(number.as_bytes(), month), ..Person::new(residency) }
}

/// Somebody who was not on the register. Who `completes` a register that was filled by a file counts as registered, as
/// everybody in that file does.
fn newcomer(movement: &Movement, completes: bool, today: NaiveDate) -> Employee {
    let number = movement.id_number.reveal();
    let foreign = reads_as_foreign(number);
    let birth_date = if foreign { None } else { birth_date_of(number.as_bytes(), movement.month) };
    let joined = movement.date.filter(|_| movement.status == Some(b'B'));
    Employee {
        id_kind: birth_date.map(|_| IdKind::MyKad).or(foreign.then_some(IdKind::ForeignWorker)),
        birth_date,
        residency: if foreign { Residency::Foreign } else { Residency::Citizen },
        employed_on: joined,
        registered_on: completes.then_some(today),
        monthly_wage: movement.wage,
        ..Employee::new(movement.id_number.clone(), movement.name.clone())
    }
}

/// What a line says of its person.
fn enter(employee: &mut Employee, movement: &Movement, today: NaiveDate, learned: &mut Learned) {
    match (movement.status, movement.date) {
        (Some(b'B'), Some(started)) => {
            let died = employee.left_reason == Some(LeftReason::Died);
            let comes_back = !died && employee.left_on.is_some_and(|left| started > left);
            if comes_back {
                (employee.left_on, employee.left_reason, employee.registered_on) = (None, None, None);
            }
            if comes_back || employee.employed_on.is_none() {
                employee.employed_on = Some(started);
            }
        }
        (Some(letter @ (b'H' | b'M')), date) => {
            let reason = if letter == b'M' { LeftReason::Died } else { LeftReason::Left };
            let left = (Some(date.unwrap_or_else(|| movement.month.last_day())), Some(reason));
            // The file of the other Act says the same again.
            learned.left += u64::from((employee.left_on, employee.left_reason) != left);
            (employee.left_on, employee.left_reason) = left;
        }
        _ => {}
    }
    let in_time = employee.employed_on.is_some_and(|started| today <= registration_limit(started));
    if employee.registered_on.is_none() && in_time {
        employee.registered_on = Some(today);
        learned.registered += 1;
    }
    let young = employee.birth_date.is_some_and(|birth| {
        let age = RateBook::embedded().coverage().act800.late_entry_age;
        age_on(birth, movement.month.last_day()) < i32::from(age)
    });
    if movement.pays_eis && young && employee.eis_payable_before_57.is_none() {
        employee.eis_payable_before_57 = Some(true);
    }
}
