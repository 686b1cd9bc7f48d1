//! What is sealed against what lies open beside it: the lines of blocks against the amounts that were acknowledged, and
//! check documents against the totals and trays of their submissions.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Breach, Look, SelfcheckError, broken_bytes};
use crate::domain::{ContributionMonth, Scheme, Sen};
use crate::store::block::Line;
use crate::store::{Filter, Store, StoreError, SubmissionId, TotalRow};
use crate::workflow::frozen::Frozen;
use crate::workflow::sealing::Sealed;

/// One submission's accepted lines, as far as they were read.
struct Sums {
    submission: SubmissionId,
    schemes: Vec<Scheme>,
    sealed: Sealed,
}

impl Sums {
    fn begin(store: &Store, submission: SubmissionId) -> Result<Self, StoreError> {
        let filter = Filter { submission: Some(submission), ..Filter::default() };
        let schemes = store.submissions(&filter)?.into_iter().next().map(|found| found.schemes).unwrap_or_default();
        Ok(Self { submission, schemes, sealed: Sealed::default() })
    }

    /// The acknowledgement of the submission that says something else. What they froze is never changed, so that it can be read
    /// beside the moment that is looked at.
    fn differs(&self, store: &Store) -> Result<Option<String>, StoreError> {
        let filter = Filter { submission: Some(self.submission), ..Filter::default() };
        for acknowledgement in store.acknowledgements(&filter)? {
            let Ok(frozen) = serde_json::from_str::<Frozen>(&acknowledgement.frozen) else { continue };
            let of_act = |scheme| scheme == acknowledgement.scheme;
            let said: BTreeSet<_> = frozen.months.iter().map(|m| (m.month, m.people, m.total)).collect();
            let own = self.sealed.accepted.iter().filter(|((_, scheme), sums)| of_act(*scheme) && sums.people > 0);
            let summed: BTreeSet<_> = own.map(|((month, _), sums)| (*month, sums.people, sums.total)).collect();
            if said != summed {
                return Ok(Some(acknowledgement.number));
            }
        }
        Ok(None)
    }
}

/// Blocks by their checksums; deep also by their lines and what they add up to.
pub(super) fn blocks(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let store = look.store;
    let (mut now, mut differs): (Option<Sums>, Option<String>) = (None, None);
    let mut each = |submission: SubmissionId, lines: &[Line]| -> Result<Option<String>, StoreError> {
        if now.as_ref().is_none_or(|sums| sums.submission != submission) {
            let before = now.replace(Sums::begin(store, submission)?);
            differs = before.map(|sums| sums.differs(store)).transpose()?.flatten();
            if differs.is_some() {
                return Ok(differs.clone());
            }
        }
        if let Some(sums) = &mut now {
            for line in lines {
                sums.sealed.sum(&line.borrowed(), &sums.schemes, false);
            }
        }
        Ok(None)
    };
    let unsound = look.audit.unsound_block(look.deep, &mut each)?;
    if differs.is_none() && unsound.is_none() {
        differs = now.map(|sums| sums.differs(store)).transpose()?.flatten();
    }
    let says = "says something else than the lines of its submission add up to".to_owned();
    let differs = differs.map(|key| Breach { law: "L8", table: "acknowledgement", key, says });
    Ok(differs.or_else(|| unsound.map(broken_bytes)))
}

/// What is read of a check document.
#[derive(Deserialize)]
struct Document {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    lines: u64,
    verdict: String,
    totals: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    employer_code: String,
    month: ContributionMonth,
    scheme: Scheme,
    people: u64,
    employer_sen: Option<Sen>,
    employee_sen: Option<Sen>,
    skbbk_sen: Sen,
    total_sen: Sen,
    due_date: NaiveDate,
    days_late: u32,
    interest: Interest,
}

#[derive(Deserialize)]
struct Interest {
    total_sen: Sen,
}

/// Check documents open, and say what the totals and trays of their submissions say.
pub(super) fn check_documents(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let store = look.store;
    let mut each = |id: SubmissionId, employer: &str, document: &[u8]| -> Result<Option<String>, StoreError> {
        let file = match serde_json::from_slice::<Document>(document) {
            Ok(mut document) if !document.files.is_empty() => document.files.remove(0),
            Ok(_) => return Ok(Some("it names no file".to_owned())),
            Err(error) => return Ok(Some(error.to_string())),
        };
        if file.verdict != "refused" && !same(&file, employer, store.totals(id)?) {
            return Ok(Some("its totals are not those of its list of findings".to_owned()));
        }
        let outside = |line: u64| line == 0 || line > file.lines;
        let held = store.held_lines(id)?.into_iter().find(|held| outside(held.line));
        Ok(held.map(|held| format!("line {} is in a tray, and the file has {} lines", held.line, file.lines)))
    };
    Ok(look.audit.unsound_check(&mut each)?.map(broken_bytes))
}

fn same(file: &File, employer: &str, mut kept: Vec<TotalRow>) -> bool {
    let own = file.totals.iter().filter(|told| told.employer_code == employer);
    let mut told: Vec<TotalRow> = own
        .map(|told| TotalRow {
            month: told.month,
            scheme: told.scheme,
            people: told.people,
            employer: told.employer_sen,
            employee: told.employee_sen,
            skbbk: told.skbbk_sen,
            total: told.total_sen,
            due_date: told.due_date,
            days_late: told.days_late,
            interest: told.interest.total_sen,
        })
        .collect();
    let place = |row: &TotalRow| (row.month, row.scheme.id());
    told.sort_by_key(place);
    kept.sort_by_key(place);
    told == kept
}
