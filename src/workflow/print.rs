//! From a number to paper: rendered once from frozen data and the sealed lines, kept, and never rendered again
//! differently.

use chrono::{DateTime, FixedOffset};

use super::frozen::{Frozen, FrozenMonth};
use super::known::person_by_number;
use crate::domain::states::AcknowledgementState;
use crate::domain::{ContributionMonth, Scheme, Sen, SubmissionKind};
use crate::rates::RateBook;
use crate::report::model::{
    AcknowledgementDocument, Employer, Held, Interest, Kind, Means, MonthLine, NotEligible, PaperDocument, PersonLine,
    Source,
};
use crate::report::{ReportError, acknowledgement, paper};
use crate::store::block::Line;
use crate::store::{AcknowledgementRecord, Filter, Store, StoreError, SubmissionSummary, Which};

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The paper.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It has no number yet.
    #[error("{0} waits for the employer's second person: approve it first")]
    Waits(String),
    /// It stands no more.
    #[error("{0} was withdrawn: it stands for nothing any more, and is not printed")]
    Withdrawn(String),
    /// The frozen data are of a later program or damaged.
    #[error("{number}: the frozen data cannot be read ({source}); upgrade the program or restore the database")]
    Frozen {
        /// Which acknowledgement.
        number: String,
        /// Where.
        source: serde_json::Error,
    },
}

/// What can be printed of an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The ACR or ECR itself.
    Acknowledgement,
    /// The monthly schedule of Act 4, as before ASSIST.
    Borang8a,
    /// The monthly list of Act 800.
    Lampiran1,
    /// Its months and people as an arrears list.
    Arrears,
    /// New employees among its people.
    Joiners,
    /// Those of its people who left or died.
    Leavers,
}

impl Form {
    /// The kind under which the document is kept.
    const fn kind(self) -> &'static str {
        match self {
            Form::Acknowledgement => "acknowledgement",
            Form::Borang8a => "borang-8a",
            Form::Lampiran1 => "lampiran-1",
            Form::Arrears => "arrears",
            Form::Joiners => "joiners",
            Form::Leavers => "leavers",
        }
    }
}

/// The PDF of an acknowledgement or of a paper form of it: kept from the first time it was asked for.
///
/// # Errors
/// [`PrintError`].
pub fn print_form(store: &Store, number: &str, form: Form, now: DateTime<FixedOffset>) -> Result<Vec<u8>, PrintError> {
    let record = store.acknowledgement(number)?;
    if matches!(record.state, AcknowledgementState::Draft | AcknowledgementState::AwaitingApproval) {
        return Err(PrintError::Waits(record.number));
    }
    if record.state == AcknowledgementState::Removed {
        return Err(PrintError::Withdrawn(record.number));
    }
    if let Some(kept) = store.document(form.kind(), &record.number)? {
        tracing::debug!(document = form.kind(), number = %record.number, "kept document given");
        return Ok(kept);
    }
    let (document, people) = assemble(store, &record)?;
    let people = people.into_iter();
    let paper = paper_document(&document);
    let bytes = match form {
        Form::Acknowledgement => acknowledgement(&document, people)?,
        Form::Borang8a => paper::borang_8a(&paper, people)?,
        Form::Lampiran1 => paper::lampiran_1(&paper, people)?,
        Form::Arrears => paper::arrears_list(&paper, people)?,
        Form::Joiners => paper::joiners(&paper, people.filter(|p| p.status == Some('B')))?,
        Form::Leavers => paper::leavers(&paper, people.filter(|p| matches!(p.status, Some('H' | 'M'))))?,
    };
    let kept = store.save_document(form.kind(), &record.number, &record.employer_code, &bytes, now)?;
    tracing::info!(document = form.kind(), number = %record.number, bytes = kept.len(), "document rendered");
    Ok(kept)
}

/// The head of a paper form, from the same frozen facts.
fn paper_document(document: &AcknowledgementDocument) -> PaperDocument {
    let latest = document.months.last();
    let month = latest.map_or_else(|| ContributionMonth::of(document.received_at.date_naive()), |line| line.month);
    PaperDocument {
        scheme: document.scheme,
        number: Some(document.number.clone()),
        prepared_at: document.received_at,
        issuer: document.issuer.clone(),
        employer: document.employer.clone(),
        month,
        due_date: latest.map_or_else(|| document.received_at.date_naive(), |line| line.due_date),
        means: Means::Open,
    }
}

/// What was frozen when the number was given.
///
/// # Errors
/// [`PrintError::Frozen`].
pub fn frozen_of(record: &AcknowledgementRecord) -> Result<Frozen, PrintError> {
    let wrong = |source| PrintError::Frozen { number: record.number.clone(), source };
    serde_json::from_str(&record.frozen).map_err(wrong)
}

/// The submission behind an acknowledgement.
///
/// # Errors
/// [`StoreError`].
pub fn submission_of(store: &Store, record: &AcknowledgementRecord) -> Result<SubmissionSummary, StoreError> {
    let filter = Filter { submission: Some(record.submission), ..Filter::default() };
    let found = store.submissions(&filter)?.into_iter().next();
    found.ok_or_else(|| StoreError::NotFound(format!("the submission of {}", record.number)))
}

/// Frozen data and lines as the paper wants them.
///
/// # Errors
/// [`PrintError`].
pub fn assemble(
    store: &Store,
    record: &AcknowledgementRecord,
) -> Result<(AcknowledgementDocument, Vec<PersonLine>), PrintError> {
    let frozen = frozen_of(record)?;
    let submission = submission_of(store, record)?;
    let joint = submission.schemes.len() > 1;
    // Of a file that adds to others, only the difference is kept: nothing is left of whoever stands on an earlier number.
    let adds = matches!(frozen.kind, SubmissionKind::Supplementary | SubmissionKind::ShortPayment);
    let (mut people, mut not_eligible) = (Vec::new(), Vec::new());
    for line in store.lines(&submission, Which::Accepted)? {
        let line = line?;
        if stands_on(&line, frozen.scheme, joint, adds) {
            people.push(person_line(line, frozen.scheme));
        } else if frozen.scheme == Scheme::Act800 {
            not_eligible.extend(outside_eis(&line, frozen.outside_eis.get(&line.source_line), adds));
        }
    }
    Ok((document(record, frozen, not_eligible), people))
}

fn document(record: &AcknowledgementRecord, frozen: Frozen, not_eligible: Vec<NotEligible>) -> AcknowledgementDocument {
    let received = DateTime::parse_from_rfc3339(&record.received_at).unwrap_or_default();
    let present = |text: String| Some(text).filter(|text| !text.is_empty());
    AcknowledgementDocument {
        scheme: frozen.scheme,
        number: record.number.clone(),
        received_at: received,
        issuer: frozen.issuer,
        employer: Employer {
            code: frozen.employer_code,
            name: present(frozen.employer_name),
            address: frozen.employer_address.lines().map(str::to_owned).collect(),
            company_number: present(frozen.company_number),
        },
        kind: match frozen.kind {
            SubmissionKind::Monthly => Kind::Monthly,
            SubmissionKind::Supplementary => Kind::Supplementary,
            SubmissionKind::Arrears => Kind::Arrears,
            SubmissionKind::ShortPayment => Kind::ShortPayment,
            SubmissionKind::Nil => Kind::Nil,
        },
        months: frozen.months.iter().map(|month| month_line(month, frozen.scheme)).collect(),
        source: Source {
            file_name: frozen.file_name,
            digest: format!("blake3:{}", frozen.digest),
            layout: frozen.layout,
            rule_pack: frozen.rule_pack,
            sent_by: frozen.sent_by,
            approved_by: frozen.approved_by,
        },
        held: Held { lines: u32::try_from(frozen.held_lines).unwrap_or(u32::MAX), total: frozen.held_total },
        not_eligible,
        confirmed: frozen.confirmed,
    }
}

fn month_line(month: &FrozenMonth, scheme: Scheme) -> MonthLine {
    let count = |people: u64| u32::try_from(people).unwrap_or(u32::MAX);
    MonthLine {
        month: month.month,
        people: count(month.people),
        first_category: count(month.people - month.second_category),
        second_category: count(month.second_category),
        employer: month.employer,
        employee: month.employee,
        skbbk: (scheme == Scheme::Act4 && !month.skbbk.is_zero()).then_some(month.skbbk),
        total: month.total,
        due_date: month.due_date,
        holiday_profile: None,
        interest: (month.days_late > 0).then_some(Interest {
            days_late: month.days_late,
            daily: month.interest_daily,
            minimum_top_up: month.interest_top_up,
            total: month.interest,
            tomorrow: month.interest_tomorrow,
        }),
    }
}

/// The line as the paper of this Act shows it.
pub(super) fn person_line(line: Line, scheme: Scheme) -> PersonLine {
    let (employer, employee, skbbk, total) = match scheme {
        Scheme::Act4 => (line.act4_employer, line.act4_employee, line.skbbk, line.act4_total + line.skbbk),
        Scheme::Act800 => (line.eis_employer, line.eis_employee, Sen::ZERO, line.eis_total),
    };
    PersonLine {
        id: line.id_number.0,
        name: line.name.0,
        month: line.month,
        status: line.status.map(char::from),
        date: line.date,
        wage: line.wage,
        employer,
        employee,
        skbbk: (scheme == Scheme::Act4 && !skbbk.is_zero()).then_some(skbbk),
        total,
    }
}

/// Whether an accepted line of a submission stands on its acknowledgement under this Act. `joint`: the submission holds
/// both Acts; `adds`: it adds to others.
pub(super) fn stands_on(line: &Line, scheme: Scheme, joint: bool, adds: bool) -> bool {
    match scheme {
        Scheme::Act800 => !(joint && line.eis_total.is_zero()),
        Scheme::Act4 => !(joint && adds && nothing_left(line)),
    }
}

/// Nothing is due under Act 4, though wages were paid.
fn nothing_left(line: &Line) -> bool {
    (line.act4_total + line.skbbk).is_zero() && line.wage != Some(Sen::ZERO)
}

/// Somebody on a joint list who is not on the ECR (Act 800 s. 2 and First Schedule): by what the register knew when the
/// number was given, else as far as the identity number tells. `adds`: the EIS of whoever is insured stands elsewhere.
fn outside_eis(line: &Line, known: Option<&String>, adds: bool) -> Option<NotEligible> {
    let by_number = || {
        let person = person_by_number(line.id_number.number().reveal(), line.month);
        let liability = RateBook::embedded().coverage().eis_liable(&person, line.month);
        match liability.liable {
            false => Some(liability.reason.to_string()),
            true => (!adds).then(|| "no EIS in the file".to_owned()),
        }
    };
    let reason = known.cloned().or_else(by_number)?;
    Some(NotEligible { line: line.source_line, id: line.id_number.0.clone(), name: line.name.0.clone(), reason })
}
