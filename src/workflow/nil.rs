//! A nil month: nobody was paid wages, and the employer says so. It gets numbers like any other month, for RM 0.00.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::frozen::{FROZEN_VERSION, Frozen, FrozenMonth, given_detail};
use crate::checks::History;
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, EmployerCode, Scheme, Sen, SubmissionKind};
use crate::rates::{InterestProfile, RateBook};
use crate::rule_pack;
use crate::store::{
    ArrivalId, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, Store, StoreError, SubmissionId,
    SubmissionNumber, TotalRow,
};
use crate::vault::Vault;

/// What a nil month is declared with.
#[derive(Debug, Clone)]
pub struct NilMonth<'a> {
    /// Whose.
    pub employer_code: &'a EmployerCode,
    /// Which month.
    pub month: ContributionMonth,
    /// Under which Acts.
    pub schemes: &'a [Scheme],
    /// Who declares.
    pub sent_by: &'a str,
    /// Who issues documents.
    pub issuer: &'a str,
    /// The moment.
    pub now: DateTime<FixedOffset>,
    /// Employers who are not on the register may declare.
    pub new_employers: bool,
}

/// Why a nil month is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NilError {
    /// The month lies ahead.
    #[error("{0} has not ended: a nil month is declared when it is over")]
    NotOver(ContributionMonth),
    /// Nobody knows the employer.
    #[error("no employer with code {0} is on the register; add it with: caruman employer set {0}")]
    Unknown(String),
    /// Something stands for it.
    #[error("{month} is not a nil month: {numbers} stands for it; withdraw it first")]
    Stands {
        /// The month.
        month: ContributionMonth,
        /// What stands.
        numbers: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Declares a nil month; gives its submission and the numbers.
///
/// # Errors
/// [`NilError`], one sentence; then nothing is kept.
pub fn declare(
    store: &Store,
    vault: &Vault,
    nil: &NilMonth<'_>,
) -> Result<(SubmissionNumber, Vec<(Scheme, String)>), NilError> {
    let code = nil.employer_code.as_str();
    if nil.now.date_naive() <= nil.month.last_day() {
        return Err(NilError::NotOver(nil.month));
    }
    store.data_keys(&[code], nil.now)?;
    let mut group = store.begin_group()?;
    let mut history = History::default();
    group.standing(&BTreeMap::from([(code.to_owned(), [nil.month].into())]), &mut history)?;
    if let Some(book) = history.book(code, nil.month) {
        let of = |scheme: &Scheme| book.numbers(Some(*scheme)).map(str::to_owned).collect::<Vec<_>>();
        let numbers: Vec<String> = nil.schemes.iter().flat_map(of).collect();
        if !numbers.is_empty() {
            return Err(NilError::Stands { month: nil.month, numbers: numbers.join(", ") });
        }
    }
    let employer = group.employers(&[code])?.remove(code);
    if employer.is_none() && !nil.new_employers {
        return Err(NilError::Unknown(code.to_owned()));
    }
    let text = declaration(nil);
    let digest = *blake3::hash(text.as_bytes()).as_bytes();
    let (arrival, id) = (ArrivalId::fresh(), SubmissionId::fresh());
    group.arrive(NewArrival {
        id: arrival,
        digest,
        size: text.len() as u64,
        file_name: format!("nil-{}.txt", nil.month),
        origin: nil.sent_by.to_owned(),
        received_at: nil.now,
        original: Some(vault.seal(&digest, text.as_bytes())),
    })?;
    let number = group.record(submission(nil, id, arrival, digest))?;
    let event = |what: &str, subject: String, detail: String| NewEvent {
        at: nil.now,
        who: nil.sent_by.to_owned(),
        subject,
        what: what.to_owned(),
        detail,
    };
    group.event(event("taken", number.to_string(), "nil month".to_owned()))?;
    let mut numbers = Vec::new();
    for scheme in nil.schemes {
        let (name, address) = employer.clone().map(|e| (e.name, e.address)).unwrap_or_default();
        let frozen = frozen(nil, *scheme, digest, (name, address));
        let new = NewAcknowledgement {
            submission: id,
            employer_code: code.to_owned(),
            scheme: *scheme,
            people: 0,
            total: Sen::ZERO,
            frozen: serde_json::to_string(&frozen).expect("frozen facts are plain values with text keys"),
            received_at: nil.now,
        };
        let detail = given_detail(number, new.people, new.total, &new.frozen);
        let two_persons = employer.as_ref().is_some_and(|employer| employer.approval);
        let acknowledged = if two_persons { group.ask_approval(new, number)? } else { group.acknowledge(new)? };
        let what = if two_persons { "approval-asked" } else { "submitted" };
        group.event(event(what, acknowledged.clone(), detail))?;
        numbers.push((*scheme, acknowledged));
    }
    group.commit()?;
    Ok((number, numbers))
}

/// The original that is kept: what was declared, and when, so that a second declaration after a withdrawal is another one.
fn declaration(nil: &NilMonth<'_>) -> String {
    let acts: Vec<&str> = nil.schemes.iter().map(|scheme| scheme.id()).collect();
    format!(
        "Nil month\nemployer {}\nmonth {}\nacts {}\ndeclared by {}\ndeclared at {}\n",
        nil.employer_code,
        nil.month,
        acts.join(", "),
        nil.sent_by,
        nil.now.to_rfc3339()
    )
}

fn submission(nil: &NilMonth<'_>, id: SubmissionId, arrival: ArrivalId, digest: [u8; 32]) -> NewSubmission {
    let due_date = RateBook::embedded().dues().due_date(nil.month);
    let total = |scheme: &Scheme| TotalRow {
        month: nil.month,
        scheme: *scheme,
        people: 0,
        employer: Some(Sen::ZERO),
        employee: Some(Sen::ZERO),
        skbbk: Sen::ZERO,
        total: Sen::ZERO,
        due_date,
        days_late: 0,
        interest: Sen::ZERO,
    };
    NewSubmission {
        id,
        arrival,
        digest,
        employer_code: nil.employer_code.to_string(),
        company_number: String::new(),
        layout: "nil-month".to_owned(),
        schemes: nil.schemes.to_vec(),
        encoding: "utf-8".to_owned(),
        policy: crate::domain::Policy::Whole.id().to_owned(),
        rule_pack: rule_pack::embedded().to_owned(),
        checked_at: nil.now,
        received_at: nil.now,
        state: SubmissionState::Taken,
        lines: 0,
        accepted_lines: 0,
        held_lines: 0,
        repeat_of: None,
        kind: SubmissionKind::Nil,
        supplement_to: None,
        document: None,
        totals: nil.schemes.iter().map(total).collect(),
        blocks: Vec::new(),
        held: Vec::new(),
    }
}

fn frozen(nil: &NilMonth<'_>, scheme: Scheme, digest: [u8; 32], (name, address): (String, String)) -> Frozen {
    let dues = RateBook::embedded().dues();
    let late = dues.late_interest(Sen::ZERO, nil.month, nil.now.date_naive(), InterestProfile::Statute);
    let month = FrozenMonth {
        month: nil.month,
        people: 0,
        second_category: 0,
        employer: Some(Sen::ZERO),
        employee: Some(Sen::ZERO),
        skbbk: Sen::ZERO,
        total: Sen::ZERO,
        due_date: late.due_date,
        days_late: 0,
        interest_daily: Sen::ZERO,
        interest_top_up: Sen::ZERO,
        interest: Sen::ZERO,
        interest_tomorrow: Sen::ZERO,
    };
    Frozen {
        version: FROZEN_VERSION,
        scheme,
        issuer: nil.issuer.to_owned(),
        employer_code: nil.employer_code.to_string(),
        company_number: String::new(),
        months: vec![month],
        file_name: format!("nil-{}.txt", nil.month),
        digest: blake3::Hash::from(digest).to_hex().to_string(),
        layout: "nil-month".to_owned(),
        rule_pack: rule_pack::embedded().to_owned(),
        sent_by: nil.sent_by.to_owned(),
        held_lines: 0,
        held_total: Sen::ZERO,
        kind: SubmissionKind::Nil,
        employer_name: name,
        employer_address: address,
        approved_by: None,
        outside_eis: BTreeMap::new(),
        confirmed: (scheme == Scheme::Act800).then(|| (nil.now, nil.sent_by.to_owned())),
    }
}
