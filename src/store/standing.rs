//! What stands acknowledged, read inside a group: under its lock nobody can add to it before the group is kept.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use sqlx::{AssertSqlSafe, Row};

use super::block;
use super::dialect::placeholders;
use super::error::StoreError;
use super::group::Group;
use super::line::Line;
use super::look::strange;
use super::records::SubmissionId;
use super::rows::LADDER;
use crate::checks::history::{History, StoodAct, StoodLine};
use crate::checks::people::key_of;
use crate::checks::scan::Found;
use crate::domain::{ContributionMonth, Scheme, Sen};

/// Blocks fetched with one statement.
const BLOCKS_AT_ONCE: i64 = 16;

/// A submission with acknowledgements that stand.
#[derive(Default)]
struct Standing {
    employer_code: String,
    schemes: Vec<Scheme>,
}

/// The months for which an acknowledgement stands, as it was frozen.
#[derive(Deserialize)]
struct Months {
    months: Vec<OfMonth>,
}

#[derive(Deserialize)]
struct OfMonth {
    month: ContributionMonth,
}

impl Group<'_> {
    /// Reads what stands of these employers for these months, and for the month before each, into the history.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn standing(&mut self, wanted: &Found, history: &mut History) -> Result<(), StoreError> {
        let months: Vec<ContributionMonth> = wanted.values().flatten().copied().collect();
        let (Some(first), Some(last)) = (months.iter().min(), months.iter().max()) else { return Ok(()) };
        let (first, last) = (i64::from(first.previous().index()), i64::from(last.index()));
        self.flush()?;
        let codes: Vec<&str> = wanted.keys().map(String::as_str).collect();
        let mut rest = codes.as_slice();
        let mut found: BTreeMap<SubmissionId, Standing> = BTreeMap::new();
        let asked = |code: &str, month: ContributionMonth| {
            wanted.get(code).is_some_and(|months| months.iter().any(|m| *m == month || m.previous() == month))
        };
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let sql = format!(
                    "select a.submission_id, a.employer_code, t.month, a.scheme, a.number, a.frozen from acknowledgement a \
                     join submission_total t on t.submission_id = a.submission_id and t.scheme = a.scheme \
                     where a.state <> 'removed' and t.month between $1 and $2 and a.employer_code in ({})",
                    placeholders(3, height)
                );
                let mut query = sqlx::query(AssertSqlSafe(sql)).bind(first).bind(last);
                for code in these {
                    query = query.bind((*code).to_owned());
                }
                let (store, transaction) = self.database();
                for row in store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })? {
                    let (code, month): (String, i64) = (row.try_get(1)?, row.try_get(2)?);
                    let month = u16::try_from(month).ok().and_then(ContributionMonth::from_index);
                    let month = month.ok_or_else(|| strange("submission_total.month", "not a month"))?;
                    if !asked(&code, month) {
                        continue;
                    }
                    let scheme: Scheme = row.try_get::<String, _>(3)?.parse().map_err(StoreError::Strange)?;
                    let (number, frozen): (String, String) = (row.try_get(4)?, row.try_get(5)?);
                    let said: Months = serde_json::from_str(&frozen)
                        .map_err(|error| strange("acknowledgement.frozen", &error.to_string()))?;
                    // The file speaks of the month, but all of its lines wait.
                    if said.months.iter().all(|said| said.month != month) {
                        continue;
                    }
                    history.book_mut(&code, month).acknowledged(scheme, &number);
                    let standing = found.entry(SubmissionId(row.try_get(0)?)).or_default();
                    standing.employer_code = code;
                    if !standing.schemes.contains(&scheme) {
                        standing.schemes.push(scheme);
                    }
                }
                rest = after;
            }
        }
        for (id, Standing { employer_code, schemes }) in found {
            self.for_each_line(id, &employer_code, false, &mut |line| {
                if asked(&employer_code, line.month) {
                    remember(history, &employer_code, &schemes, &line);
                }
            })?;
        }
        Ok(())
    }

    /// Hands over the accepted, or the held, lines of a submission, block by block, as this group sees them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn for_each_line(
        &mut self,
        id: SubmissionId,
        employer_code: &str,
        held: bool,
        see: &mut dyn FnMut(Line),
    ) -> Result<(), StoreError> {
        let key = self.store().known_key(employer_code)?;
        let mut after = -1i64;
        loop {
            let sql = "select number, sealed from block where submission_id = $1 and number > $2 and held = $3 \
                       order by number limit $4";
            let query = sqlx::query(sql).bind(id.0).bind(after).bind(i64::from(held)).bind(BLOCKS_AT_ONCE);
            let (store, transaction) = self.database();
            let rows = store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                after = row.try_get(0)?;
                let number = u32::try_from(after).map_err(|_| strange("block.number", "below zero"))?;
                let sealed: Vec<u8> = row.try_get(1)?;
                block::open(&sealed, &key, id, number)?.into_iter().for_each(&mut *see);
            }
        }
    }

    /// Which of these digests were taken before for which employers, whatever the Acts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn taken_before(&mut self, digests: &[[u8; 32]]) -> Result<HashMap<[u8; 32], Vec<String>>, StoreError> {
        self.look_for_repeats(digests)?;
        let known = |digest: &[u8; 32]| (*digest, self.repeats.employers(digest));
        Ok(digests.iter().map(known).filter(|(_, codes)| !codes.is_empty()).collect())
    }
}

fn remember(history: &mut History, employer_code: &str, schemes: &[Scheme], line: &Line) {
    let Some(key) = key_of(line.id_number.number().reveal()) else { return };
    let act4 = schemes.contains(&Scheme::Act4).then(|| StoodAct {
        employer: line.act4_employer.unwrap_or_default(),
        employee: line.act4_employee.unwrap_or_default(),
        total: line.act4_total,
    });
    // On a joint list nobody with nothing to pay under Act 800 is on its acknowledgement.
    let under_act800 = schemes.contains(&Scheme::Act800) && (line.wage.is_none() || !line.eis_total.is_zero());
    let eis = under_act800.then(|| StoodAct {
        employer: line.eis_employer.unwrap_or_default(),
        employee: line.eis_employee.unwrap_or_default(),
        total: line.eis_total,
    });
    history.book_mut(employer_code, line.month).add(&StoodLine {
        key,
        name: &line.name.0,
        wage: line.wage,
        act4,
        skbbk: if act4.is_some() { line.skbbk } else { Sen::ZERO },
        eis,
        left: matches!(line.status, Some(b'H' | b'M')),
    });
}
