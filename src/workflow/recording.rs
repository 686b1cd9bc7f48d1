//! What a group of files leaves in the database: arrivals, submissions, acknowledgements with frozen amounts, events.

use std::collections::{BTreeMap, BTreeSet};

use super::arrears::breaches;
use super::changes::Changes;
use super::frozen::{FROZEN_VERSION, Frozen, FrozenMonth, frozen_month, given_detail};
use super::judging::{Judged, Part, file_name};
use super::known::{Known, Learned};
use super::submit::{Acknowledged, SubmissionOutcome, SubmitOptions, Submitted};
use super::trays::{Leaving, Trays};
use crate::checks::{FileCheck, Total};
use crate::domain::states::SubmissionState;
use crate::domain::{ContributionMonth, Scheme, SubmissionKind};
use crate::rule_pack;
use crate::store::{
    ArrivalId, Group, HeldState, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, StoreError, SubmissionId,
    TotalRow,
};

/// What happened to a submission whose accepted lines filled the employer's register.
pub(super) const SEEDED: &str = "register-seeded";

/// Writes one file's arrival, submissions and acknowledgements into the group.
pub(super) fn record(
    group: &mut Group<'_>,
    judged: Judged,
    known: &Known,
    options: &SubmitOptions<'_>,
) -> Result<Submitted, StoreError> {
    let Judged { path, check, bytes, arrival, parts, sealed_original, mends } = judged;
    if let Some(failure) = unsigned(&parts, options.signed) {
        return Ok(Submitted {
            path,
            check: Some(check),
            submissions: Vec::new(),
            failure: Some(failure),
            again: None,
            arrival: None,
        });
    }
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
    let trays = Trays::new(&check, &parts, mends.as_ref(), &bytes);
    let file = File { arrival, digest, file_name: &file_name, check: &check, known, trays, options };
    let submissions = parts.into_iter().map(|part| file.record_part(group, part)).collect::<Result<_, _>>()?;
    Ok(Submitted { path, check: Some(check), submissions, failure: None, again: None, arrival: Some(arrival) })
}

/// Why a file is not taken although its changes were signed: they are others now.
fn unsigned(parts: &[Part], signed: Option<&str>) -> Option<String> {
    let signed = signed?;
    let taken = parts.iter().filter(|part| part.state == SubmissionState::Taken);
    let is_signed = |changes: &Changes| signed.split(',').any(|one| one.trim() == changes.digest());
    let other = taken.filter_map(|part| part.changes.as_ref()).find(|changes| !is_signed(changes))?;
    Some(format!(
        "the changes since last month are not those that were signed ({signed}); look at them again with \
         `caruman changes`: the list is {} now",
        other.digest()
    ))
}

/// The file that a part belongs to.
struct File<'a> {
    arrival: ArrivalId,
    digest: [u8; 32],
    file_name: &'a str,
    check: &'a FileCheck,
    known: &'a Known,
    trays: Trays<'a>,
    options: &'a SubmitOptions<'a>,
}

/// Lines of one part.
struct Counts {
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
        let digest = format!("blake3:{}", blake3::Hash::from(self.digest).to_hex());
        group.event(self.event(part.state.id(), number.to_string(), digest))?;
        let mut outcome = SubmissionOutcome {
            number,
            employer_code: part.employer_code.clone(),
            state: part.state,
            lines: counts.accepted + counts.held,
            held_lines: counts.held,
            repeat_of: repeat.as_ref().map(|repeat| repeat.number),
            acknowledgements: Vec::new(),
            kind: self.kind(&part),
            changes: part.changes.take(),
            learned: Learned::default(),
            breaches: 0,
        };
        if let Some(repeat) = repeat {
            let answering = repeat.submission;
            let known = repeat.acknowledgements.into_iter();
            outcome.acknowledgements =
                known.map(|(scheme, number)| Acknowledged { scheme, number, amounts: None }).collect();
            self.leave_tray(group, &part, &outcome, Some(answering))?;
            return Ok(outcome);
        }
        outcome.breaches = self.breaches(group, &part)?;
        if part.state == SubmissionState::Taken {
            self.take(group, &part, &counts, &mut outcome)?;
        }
        self.leave_tray(group, &part, &outcome, None)?;
        Ok(outcome)
    }

    /// People who were not registered in time, whatever becomes of the file.
    fn breaches(&self, group: &mut Group<'_>, part: &Part) -> Result<u64, StoreError> {
        let found = breaches(group, self.known, (part.id, &part.employer_code), &part.sealed.late, self.options.now)?;
        for breach in &found {
            group.breach(breach)?;
        }
        Ok(found.len() as u64)
    }

    /// What follows when a part is taken: its changes are signed, numbers given, the register brought up to date.
    fn take(
        &self,
        group: &mut Group<'_>,
        part: &Part,
        counts: &Counts,
        outcome: &mut SubmissionOutcome,
    ) -> Result<(), StoreError> {
        let subject = outcome.number.to_string();
        if let Some(changes) = &outcome.changes {
            let detail = format!("{} {}", changes.digest(), changes.changes.len());
            group.event(self.event("changes-signed", subject.clone(), detail))?;
        }
        for scheme in &self.check.schemes {
            let acknowledged = self.acknowledge(group, *scheme, part, counts, outcome)?;
            outcome.acknowledgements.extend(acknowledged);
        }
        let told = (part.sealed.company_number.as_str(), part.sealed.movements.as_slice());
        let now = self.options.now;
        let file = (outcome.number, self.check.schemes.as_slice());
        outcome.learned = self.known.learn(group, &part.employer_code, told, file, now)?;
        let Learned { seeded, registered, left, unregistered } = outcome.learned;
        for (told, what, count) in [
            (seeded, SEEDED, counts.accepted),
            (registered > 0, "registered-from-file", registered),
            (left > 0, "leavers-from-file", left),
            (unregistered > 0, "entered-unregistered", unregistered),
        ] {
            if told {
                group.event(self.event(what, subject.clone(), count.to_string()))?;
            }
        }
        Ok(())
    }

    /// Lines that waited and came again leave their tray: with this submission or the one that answers it; or, where they
    /// stand acknowledged already, for nothing.
    fn leave_tray(
        &self,
        group: &mut Group<'_>,
        part: &Part,
        outcome: &SubmissionOutcome,
        answering: Option<SubmissionId>,
    ) -> Result<(), StoreError> {
        let Some(Leaving { submission, freed, given_up }) = self.trays.leaving(part) else { return Ok(()) };
        let count = group.leave_tray(submission, freed, HeldState::Freed, answering.or(Some(part.id)))?;
        let dropped = group.leave_tray(submission, given_up, HeldState::Dropped, None)?;
        for (what, count) in [("freed", count), ("given-up", dropped)] {
            if count > 0 {
                group.event(self.event(what, outcome.number.to_string(), count.to_string()))?;
            }
        }
        Ok(())
    }

    /// Why the part is handed in: told, or found out from what stands and from its months.
    fn kind(&self, part: &Part) -> SubmissionKind {
        if let Some(kind) = self.options.kind {
            return kind;
        }
        let own = || self.check.totals.iter().filter(|total| total.employer_code == part.employer_code);
        let adds = |total: &Total| {
            let book = self.known.history.book(&part.employer_code, total.month);
            // A half that was withdrawn comes again for itself, not beside what stands of the other.
            let pays = part.sealed.accepted.get(&(total.month, total.scheme)).is_some_and(|sums| sums.people > 0);
            pays && book.is_some_and(|book| book.stands(total.scheme))
        };
        if self.trays.mended_by(part).is_some() || own().any(adds) {
            return SubmissionKind::Supplementary;
        }
        let months: BTreeSet<ContributionMonth> = own().map(|total| total.month).collect();
        let usual = ContributionMonth::of(self.options.now.date_naive()).previous();
        let earlier = months.first().is_some_and(|month| *month < usual);
        if months.len() > 1 || earlier { SubmissionKind::Arrears } else { SubmissionKind::Monthly }
    }

    fn counts(&self, part: &Part) -> Counts {
        let own = self.check.part_of(&part.employer_code).filter(|_| !self.trays.alone);
        let Some(own) = own else {
            return Counts { accepted: self.check.accepted_lines, held: self.check.held_lines };
        };
        Counts { accepted: own.accepted_lines, held: own.held_lines + self.trays.strays_of(part) }
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
            policy: self.known.policy(&part.employer_code, options).id().to_owned(),
            rule_pack: rule_pack::embedded().to_owned(),
            checked_at: options.now,
            received_at: options.now,
            state: part.state,
            lines: counts.accepted + counts.held,
            accepted_lines: counts.accepted,
            held_lines: counts.held,
            repeat_of,
            kind: self.kind(part),
            supplement_to: self.trays.mended_by(part),
            document: part.document.take(),
            totals: check.totals.iter().filter(own).map(total_row).collect(),
            blocks: std::mem::take(&mut part.blocks),
            held: if taken { self.trays.rows(part) } else { Vec::new() },
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
        outcome: &SubmissionOutcome,
    ) -> Result<Option<Acknowledged>, StoreError> {
        let submission = outcome.number;
        let Some(frozen) = self.freeze(scheme, part, counts.held, outcome.kind) else { return Ok(None) };
        if scheme == Scheme::Act800 {
            for step in EIS_STEPS {
                group.event(self.event(step, submission.to_string(), scheme.id().to_owned()))?;
            }
        }
        // Somebody in several months is one person.
        let persons = part.sealed.persons.get(&scheme).map(|persons| persons.len() as u64);
        let people = persons.unwrap_or_else(|| frozen.months.iter().map(|month| month.people).sum());
        let total = frozen.total();
        let new = NewAcknowledgement {
            submission: part.id,
            employer_code: part.employer_code.clone(),
            scheme,
            people,
            total,
            frozen: serde_json::to_string(&frozen).expect("frozen facts are plain values with text keys"),
            received_at: self.options.now,
        };
        let detail = given_detail(submission, people, total, &new.frozen);
        let two_persons = self.known.employer(&part.employer_code).is_some_and(|employer| employer.approval);
        let number = if two_persons { group.ask_approval(new, submission)? } else { group.acknowledge(new)? };
        let what = if two_persons { "approval-asked" } else { "submitted" };
        group.event(self.event(what, number.clone(), detail))?;
        Ok(Some(Acknowledged { scheme, number, amounts: Some((people, total)) }))
    }

    /// The frozen amounts of an acknowledgement.
    fn freeze(&self, scheme: Scheme, part: &Part, held_lines: u64, kind: SubmissionKind) -> Option<Frozen> {
        let (sealed, options) = (&part.sealed, self.options);
        let layout = self.check.layout?;
        let own = sealed.accepted.iter().filter(|((_, of), sums)| *of == scheme && sums.people > 0);
        let months: Vec<FrozenMonth> =
            own.map(|((month, _), sums)| frozen_month(*month, scheme, sums, layout.is_joint(), options.now)).collect();
        if months.is_empty() {
            return None;
        }
        let employer = self.known.employer(&part.employer_code);
        Some(Frozen {
            version: FROZEN_VERSION,
            kind,
            employer_name: employer.map(|employer| employer.name.clone()).unwrap_or_default(),
            employer_address: employer.map(|employer| employer.address.clone()).unwrap_or_default(),
            approved_by: None,
            outside_eis: if scheme == Scheme::Act800 { sealed.outside_eis.clone() } else { BTreeMap::new() },
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
