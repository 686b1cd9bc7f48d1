//! Everything that was handed in and paid for one employee, month by month: seven years with one question.

use chrono::NaiveDate;

use super::kept::is_second_category;
use super::print::{person_line, stands_on};
use super::receipt::PaidReferences;
use crate::domain::states::{AcknowledgementState, SubmissionState};
use crate::domain::{ContributionMonth, IdentityNumber, Scheme, Sen, SubmissionKind};
use crate::report::model::PersonLine;
use crate::store::block::Line;
use crate::store::{AcknowledgementRecord, Filter, HeldState, Store, StoreError, SubmissionSummary, Which};

/// One line of one person under one Act.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Act.
    pub scheme: Scheme,
    /// `S-000001`.
    pub submission: String,
    /// ACR or ECR; `None` while it waits.
    pub acknowledgement: Option<String>,
    /// Where the acknowledgement stands.
    pub state: Option<AcknowledgementState>,
    /// Place on the acknowledgement, from 1, as printed.
    pub line: Option<u64>,
    /// Line of the file.
    pub source_line: u64,
    /// Under Act 4: whether only the employer pays.
    pub second_category: Option<bool>,
    /// What the line says.
    pub person: PersonLine,
    /// Number of the official receipt, and the day of the payment.
    pub receipt: Option<(String, NaiveDate)>,
    /// A line that waits to be mended, or was given up.
    pub held: Option<HeldState>,
}

impl Contribution {
    /// True when the money has come.
    pub fn is_paid(&self) -> bool {
        use AcknowledgementState as S;
        self.receipt.is_some() || matches!(self.state, Some(S::Paid | S::PaidOffline | S::Receipted | S::Closed))
    }
}

/// Whose contributions.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Of which employer.
    pub employer_code: &'a str,
    /// Of which person.
    pub id_number: &'a IdentityNumber,
    /// First month.
    pub from: ContributionMonth,
}

/// The contributions of a person since a month, by month, Act and number. Reads this employer's lines only, and of these
/// only files that have such months.
///
/// # Errors
/// [`StoreError`].
pub fn contributions(store: &Store, wanted: &Wanted<'_>) -> Result<Vec<Contribution>, StoreError> {
    let paid = PaidReferences::of(store, wanted.employer_code)?;
    let employer_code = Some(wanted.employer_code.to_owned());
    let filter =
        Filter { employer_code: employer_code.clone(), state: Some(SubmissionState::Taken.id()), ..Filter::default() };
    let acknowledgements = store.acknowledgements(&Filter { employer_code, ..Filter::default() })?;
    let mut found = Vec::new();
    for submission in store.submissions(&filter)? {
        let totals = store.totals(submission.id)?;
        if totals.iter().any(|total| total.month >= wanted.from) {
            let own = acknowledgements.iter().filter(|record| record.submission == submission.id).collect();
            of_submission(store, wanted, &submission, own, &paid, &mut found)?;
        }
    }
    let key = |one: &Contribution| (one.month, one.scheme, one.acknowledgement.clone(), one.source_line);
    found.sort_by_key(key);
    Ok(found)
}

fn of_submission(
    store: &Store,
    wanted: &Wanted<'_>,
    submission: &SubmissionSummary,
    acknowledgements: Vec<&AcknowledgementRecord>,
    paid: &PaidReferences,
    found: &mut Vec<Contribution>,
) -> Result<(), StoreError> {
    let joint = submission.schemes.len() > 1;
    let adds = matches!(submission.kind, SubmissionKind::Supplementary | SubmissionKind::ShortPayment);
    let mut places: Vec<u64> = vec![0; submission.schemes.len()];
    let mut held = None;
    for line in store.lines(submission, Which::All)? {
        let line = line?;
        let own = line.month >= wanted.from && line.id_number.number() == *wanted.id_number;
        let waits = match (own, line.held) {
            (true, true) => {
                if held.is_none() {
                    held = Some(store.held_lines(submission.id)?);
                }
                let state = held.iter().flatten().find(|held| held.line == line.source_line).map(|held| held.state);
                Some(state.unwrap_or(HeldState::Waiting))
            }
            _ => None,
        };
        for (at, scheme) in submission.schemes.iter().enumerate() {
            if !stands_on(&line, *scheme, joint, adds) {
                continue;
            }
            places[at] += u64::from(!line.held);
            // A line that was mended stands in the submission with which it left.
            if !own || waits == Some(HeldState::Freed) {
                continue;
            }
            let record = acknowledgements.iter().find(|record| record.scheme == *scheme && !line.held).copied();
            if record.is_some_and(|record| record.state == AcknowledgementState::Removed) {
                continue;
            }
            found.push(contribution(&line, *scheme, submission, record, paid, (places[at], waits)));
        }
    }
    Ok(())
}

fn contribution(
    line: &Line,
    scheme: Scheme,
    submission: &SubmissionSummary,
    record: Option<&AcknowledgementRecord>,
    paid: &PaidReferences,
    (place, held): (u64, Option<HeldState>),
) -> Contribution {
    let numbered = record
        .filter(|record| !matches!(record.state, AcknowledgementState::Draft | AcknowledgementState::AwaitingApproval));
    Contribution {
        month: line.month,
        scheme,
        submission: submission.number.to_string(),
        acknowledgement: numbered.map(|record| record.number.clone()),
        state: record.map(|record| record.state),
        line: held.is_none().then_some(place),
        source_line: line.source_line,
        second_category: (scheme == Scheme::Act4).then(|| is_second_category(&line.borrowed())),
        receipt: numbered.and_then(|record| paid.get(&record.number)).cloned(),
        person: person_line(line.clone(), scheme),
        held,
    }
}

/// The sum of what is paid, and of what is not, held lines left out.
pub fn sums(all: &[Contribution]) -> (Sen, Sen) {
    let sum = |paid: bool| {
        let those = all.iter().filter(|one| one.held.is_none() && one.is_paid() == paid);
        those.map(|one| one.person.total).sum()
    };
    (sum(true), sum(false))
}
