//! Which files were taken before: asked for many files with few statements, and remembered for the group.

use std::collections::{HashMap, HashSet};

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::dialect::placeholders;
use super::error::StoreError;
use super::group::Group;
use super::look::array;
use super::records::{Repeat, SubmissionId, SubmissionNumber, schemes_text};
use super::rows::LADDER;
use crate::domain::Scheme;

type Digest = [u8; 32];

/// A submission that would answer for the same bytes of this employer and these Acts.
struct Taken {
    employer_code: String,
    schemes: String,
    repeat: Repeat,
}

/// What a group knows of earlier submissions, its own among them.
#[derive(Default)]
pub(super) struct Repeats {
    taken: HashMap<Digest, Vec<Taken>>,
    looked_for: HashSet<Digest>,
    /// The group's own, for the numbers that follow.
    own: HashMap<SubmissionId, Digest>,
}

impl Repeats {
    /// The group takes a submission itself.
    pub(super) fn take(
        &mut self,
        digest: Digest,
        employer_code: &str,
        schemes: &str,
        id: SubmissionId,
        number: SubmissionNumber,
    ) {
        let repeat = Repeat { submission: id, number, acknowledgements: vec![] };
        let (employer_code, schemes) = (employer_code.to_owned(), schemes.to_owned());
        self.taken.entry(digest).or_default().push(Taken { employer_code, schemes, repeat });
        self.own.insert(id, digest);
    }

    /// The group numbers one of its own.
    pub(super) fn acknowledge(&mut self, id: SubmissionId, scheme: Scheme, number: &str) {
        let known = self.own.get(&id).and_then(|digest| self.taken.get_mut(digest));
        for taken in known.into_iter().flatten().filter(|taken| taken.repeat.submission == id) {
            taken.repeat.acknowledgements.push((scheme, number.to_owned()));
        }
    }

    /// Employers for whom these bytes were taken before, where they were looked for.
    pub(super) fn employers(&self, digest: &Digest) -> Vec<String> {
        self.taken.get(digest).into_iter().flatten().map(|taken| taken.employer_code.clone()).collect()
    }

    /// Something changed that may concern any of them: everything is asked again (the group's own rows are flushed).
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn remember(&mut self, row: &AnyRow) -> Result<(), StoreError> {
        let known = self.taken.entry(array(row.try_get(0)?)?).or_default();
        let id = SubmissionId(row.try_get(3)?);
        let at = known.iter().position(|taken| taken.repeat.submission == id).unwrap_or(known.len());
        if at == known.len() {
            let repeat = Repeat { submission: id, number: SubmissionNumber(row.try_get(4)?), acknowledgements: vec![] };
            known.push(Taken { employer_code: row.try_get(1)?, schemes: row.try_get(2)?, repeat });
        }
        let (scheme, number): (Option<String>, Option<String>) = (row.try_get(5)?, row.try_get(6)?);
        if let (Some(scheme), Some(number)) = (scheme, number) {
            let scheme = scheme.parse().map_err(StoreError::Strange)?;
            known[at].repeat.acknowledgements.push((scheme, number));
        }
        Ok(())
    }
}

impl Group<'_> {
    /// Looks for earlier submissions of many files with few statements; [`Group::find_repeat`] then answers from memory.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn look_for_repeats(&mut self, digests: &[Digest]) -> Result<(), StoreError> {
        let new = |digest: &&Digest| !self.repeats.looked_for.contains(*digest);
        let mut wanted: Vec<Digest> = digests.iter().filter(new).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut rest = wanted.as_slice();
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                self.look_for(these)?;
                rest = after;
            }
        }
        Ok(())
    }

    fn look_for(&mut self, digests: &[Digest]) -> Result<(), StoreError> {
        let sql = format!(
            "select s.digest, s.employer_code, s.schemes, s.id, s.serial, a.scheme, a.number from submission s \
             left join acknowledgement a on a.submission_id = s.id where s.answers_repeats = 1 and s.digest in ({}) \
             order by s.id, a.scheme",
            placeholders(1, digests.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for digest in digests {
            query = query.bind(digest.to_vec());
        }
        let (store, transaction) = self.database();
        let rows = store.wait(async { Ok(query.fetch_all(&mut **transaction).await?) })?;
        for row in rows {
            self.repeats.remember(&row)?;
        }
        self.repeats.looked_for.extend(digests);
        Ok(())
    }

    /// How many lines of a taken submission still wait in a tray, and the earliest day its sums are due. What this group
    /// wrote itself counts.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn left_of(&mut self, number: SubmissionNumber, tray: &str) -> Result<(u64, Option<String>), StoreError> {
        self.flush()?;
        let sql = "select (select count(*) from held_line h where h.submission_id = s.id and h.tray = $1 \
             and h.state = 'waiting'), (select min(t.due_date) from submission_total t where t.submission_id = s.id \
             and t.employer_code = s.employer_code) from submission s where s.serial = $2";
        let (store, transaction) = self.database();
        let query = sqlx::query(sql).bind(tray.to_owned()).bind(number.0);
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        let row = row.ok_or_else(|| StoreError::NotFound(number.to_string()))?;
        let count: i64 = row.try_get(0)?;
        Ok((u64::try_from(count).unwrap_or_default(), row.try_get(1)?))
    }

    /// The submission of the same bytes for the same employer and Acts that was taken and not removed, if any; those of
    /// this group are seen too.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn find_repeat(
        &mut self,
        digest: &Digest,
        employer_code: &str,
        schemes: &[Scheme],
    ) -> Result<Option<Repeat>, StoreError> {
        self.look_for_repeats(std::slice::from_ref(digest))?;
        let schemes = schemes_text(schemes);
        let same = |taken: &&Taken| taken.employer_code == employer_code && taken.schemes == schemes;
        let known = self.repeats.taken.get(digest);
        Ok(known.and_then(|known| known.iter().find(same)).map(|taken| taken.repeat.clone()))
    }
}
