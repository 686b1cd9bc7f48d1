//! What a group of files leaves in the database: arrivals, submissions, acknowledgements with frozen amounts, events.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset};

use super::frozen::{FROZEN_VERSION, Frozen, FrozenMonth};
use super::judging::{Judged, Part, file_name};
use super::sealing::{AcceptedSums, Sealed};
use super::submit::{Acknowledged, SubmissionOutcome, SubmitOptions, Submitted};
use crate::checks::{FileCheck, Total};
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, Scheme, Severity};
use crate::rates::{InterestProfile, RateBook};
use crate::rule_pack;
use crate::store::{
    ArrivalId, Group, HeldLine, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, StoreError, SubmissionId,
    SubmissionNumber, TotalRow,
};

/// Lines that wait for the clerk to mend them.
const TRAY: &str = "to-mend";

/// Writes one file's arrival, submissions and acknowledgements into the group.
pub(super) fn record(
    group: &mut Group<'_>,
    judged: Judged,
    options: &SubmitOptions<'_>,
) -> Result<Submitted, StoreError> {
    let Judged { path, check, arrival, parts, sealed_original, .. } = judged;
    let digest = check.digest.map_or([0; 32], <[u8; 32]>::from);
    let file_name = file_name(&path);
    group.arrive(NewArrival {
        id: arrival,
        digest,
        size: check.bytes,
        file_name: file_name.clone(),
        origin: options.sent_by.to_owned(),
        received_at: options.now,
        original: sealed_original,
    })?;
    let file = File { arrival, digest, file_name: &file_name, check: &check, options };
    let submissions = parts.into_iter().map(|part| file.record_part(group, part)).collect::<Result<_, _>>()?;
    Ok(Submitted { path, check: Some(check), submissions, failure: None })
}

/// The file that a part belongs to.
struct File<'a> {
    arrival: ArrivalId,
    digest: [u8; 32],
    file_name: &'a str,
    check: &'a FileCheck,
    options: &'a SubmitOptions<'a>,
}

/// Lines of one part.
struct Counts {
    /// Every readable line of the file is this employer's.
    alone: bool,
    accepted: u64,
    held: u64,
}

impl File<'_> {
    fn record_part(&self, group: &mut Group<'_>, mut part: Part) -> Result<SubmissionOutcome, StoreError> {
        let repeat = match part.state {
            SubmissionState::Repeat => group.find_repeat(&self.digest, &part.employer_code, &self.check.schemes)?,
            _ => None,
        };
        let counts = self.counts(&part);
        let number =
            group.record(self.submission(&mut part, &counts, repeat.as_ref().map(|repeat| repeat.submission)))?;
        let mut outcome = SubmissionOutcome {
            number,
            employer_code: part.employer_code.clone(),
            state: part.state,
            lines: counts.accepted + counts.held,
            held_lines: counts.held,
            repeat_of: repeat.as_ref().map(|repeat| repeat.number),
            acknowledgements: Vec::new(),
        };
        let digest = format!("blake3:{}", blake3::Hash::from(self.digest).to_hex());
        group.event(self.event(part.state.id(), number.to_string(), digest))?;
        if let Some(repeat) = repeat {
            let known = repeat.acknowledgements.into_iter();
            outcome.acknowledgements =
                known.map(|(scheme, number)| Acknowledged { scheme, number, amounts: None }).collect();
        }
        if part.state == SubmissionState::Taken {
            for scheme in &self.check.schemes {
                outcome.acknowledgements.extend(self.acknowledge(group, *scheme, &part, &counts, number)?);
            }
        }
        Ok(outcome)
    }

    fn counts(&self, part: &Part) -> Counts {
        let alone = part.sealed.records == 0 || self.check.totals.iter().all(|t| t.employer_code == part.employer_code);
        if alone {
            return Counts { alone, accepted: self.check.accepted_lines, held: self.check.held_lines };
        }
        let held = part.sealed.held.len() as u64;
        Counts { alone, accepted: part.sealed.records - held, held }
    }

    fn submission(&self, part: &mut Part, counts: &Counts, repeat_of: Option<SubmissionId>) -> NewSubmission {
        let (check, options) = (self.check, self.options);
        let own = |total: &&Total| total.employer_code == part.employer_code;
        let taken = part.state == SubmissionState::Taken;
        NewSubmission {
            id: part.id,
            arrival: self.arrival,
            digest: self.digest,
            employer_code: part.employer_code.clone(),
            company_number: part.sealed.company_number.clone(),
            layout: check.layout.map_or("", |layout| layout.id()).to_owned(),
            schemes: check.schemes.clone(),
            encoding: check.encoding.unwrap_or_default().to_owned(),
            policy: options.policy.id().to_owned(),
            rule_pack: rule_pack::embedded().to_owned(),
            checked_at: options.now,
            received_at: options.now,
            state: part.state,
            lines: counts.accepted + counts.held,
            accepted_lines: counts.accepted,
            held_lines: counts.held,
            repeat_of,
            document: part.document.take(),
            totals: check.totals.iter().filter(own).map(total_row).collect(),
            blocks: std::mem::take(&mut part.blocks),
            held: if taken { held_rows(check, &part.sealed, counts.alone) } else { Vec::new() },
        }
    }

    fn event(&self, what: &str, subject: String, detail: String) -> NewEvent {
        NewEvent { at: self.options.now, who: self.options.sent_by.to_owned(), subject, what: what.to_owned(), detail }
    }

    /// Issues the number for one Act; nothing where nobody contributes under it.
    fn acknowledge(
        &self,
        group: &mut Group<'_>,
        scheme: Scheme,
        part: &Part,
        counts: &Counts,
        submission: SubmissionNumber,
    ) -> Result<Option<Acknowledged>, StoreError> {
        let Some(frozen) = self.freeze(scheme, part, counts.held) else { return Ok(None) };
        if scheme == Scheme::Act800 {
            for step in EIS_STEPS {
                group.event(self.event(step, submission.to_string(), scheme.id().to_owned()))?;
            }
        }
        let (people, total) = (frozen.months.iter().map(|month| month.people).sum(), frozen.total());
        let number = group.acknowledge(NewAcknowledgement {
            submission: part.id,
            employer_code: part.employer_code.clone(),
            scheme,
            people,
            total,
            frozen: serde_json::to_string(&frozen).expect("frozen facts are plain values with text keys"),
            received_at: self.options.now,
        })?;
        group.event(self.event("submitted", number.clone(), submission.to_string()))?;
        Ok(Some(Acknowledged { scheme, number, amounts: Some((people, total)) }))
    }

    /// The frozen amounts of an acknowledgement.
    fn freeze(&self, scheme: Scheme, part: &Part, held_lines: u64) -> Option<Frozen> {
        let (sealed, options) = (&part.sealed, self.options);
        let layout = self.check.layout?;
        let own = sealed.accepted.iter().filter(|((_, of), sums)| *of == scheme && sums.people > 0);
        let months: Vec<FrozenMonth> =
            own.map(|((month, _), sums)| frozen_month(*month, scheme, sums, layout.is_joint(), options.now)).collect();
        if months.is_empty() {
            return None;
        }
        Some(Frozen {
            version: FROZEN_VERSION,
            scheme,
            issuer: options.issuer.to_owned(),
            employer_code: part.employer_code.clone(),
            company_number: sealed.company_number.clone(),
            months,
            file_name: self.file_name.to_owned(),
            digest: blake3::Hash::from(self.digest).to_hex().to_string(),
            layout: layout.id().to_owned(),
            rule_pack: rule_pack::embedded().to_owned(),
            sent_by: options.sent_by.to_owned(),
            held_lines,
            held_total: sealed.held_totals.get(&scheme).copied().unwrap_or_default(),
            confirmed: (scheme == Scheme::Act800).then(|| (options.now, options.sent_by.to_owned())),
        })
    }
}

/// The portal's steps before an EIS submission, done here by the one call that submits (`ended` follows the receipt).
const EIS_STEPS: [&str; 4] = ["asked", "confirmed", "saved", "reviewed"];

fn total_row(total: &Total) -> TotalRow {
    TotalRow {
        month: total.month,
        scheme: total.scheme,
        people: total.people,
        employer: total.employer,
        employee: total.employee,
        skbbk: total.skbbk,
        total: total.total,
        due_date: total.due_date,
        days_late: total.days_late,
        interest: total.interest,
    }
}

/// The lines that wait, with the codes of what is wrong with them.
fn held_rows(check: &FileCheck, sealed: &Sealed, alone: bool) -> Vec<HeldLine> {
    let mut codes: HashMap<u64, BTreeSet<&str>> = HashMap::new();
    for finding in check.findings.iter().filter(|f| f.severity >= Severity::Fix) {
        if let Some(line) = finding.line {
            codes.entry(line).or_default().insert(finding.name.code());
        }
    }
    let lines = if alone { &check.held } else { &sealed.held };
    let row = |line: &u64| HeldLine {
        line: *line,
        tray: TRAY.to_owned(),
        codes: codes.get(line).map(|codes| codes.iter().copied().collect::<Vec<_>>().join(",")).unwrap_or_default(),
    };
    lines.iter().map(row).collect()
}

fn frozen_month(
    month: ContributionMonth,
    scheme: Scheme,
    sums: &AcceptedSums,
    shares: bool,
    now: DateTime<FixedOffset>,
) -> FrozenMonth {
    let dues = RateBook::embedded().dues();
    let late = dues.late_interest(sums.total, month, now.date_naive(), InterestProfile::Statute);
    FrozenMonth {
        month,
        people: sums.people,
        second_category: if scheme == Scheme::Act4 { sums.second_category } else { 0 },
        employer: shares.then_some(sums.employer),
        employee: shares.then_some(sums.employee),
        skbbk: sums.skbbk,
        total: sums.total,
        due_date: late.due_date,
        days_late: late.days_late,
        interest_daily: late.daily,
        interest_top_up: late.minimum_top_up,
        interest: late.interest,
        interest_tomorrow: late.tomorrow,
    }
}
