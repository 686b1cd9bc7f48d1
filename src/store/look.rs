//! Looking back: everything that reads.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::error::StoreError;
use super::facts::{KEPT, said};
use super::records::{
    AcknowledgementRecord, ArrivalId, Event, Filter, HeldLine, HeldState, SubmissionId, SubmissionNumber,
    SubmissionSummary, TotalRow, acknowledgement_state, schemes_of, submission_state,
};
use crate::domain::{ContributionMonth, Sen};

/// Largest check document that is opened: all findings of a file of 256 MiB.
const DOCUMENT_LIMIT: usize = 2 << 30;

/// Where an original lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptOriginal {
    /// In the database, sealed by the vault.
    Sealed(Vec<u8>),
    /// In the vault folder, by its digest.
    InVault,
}

impl Store {
    /// Submissions, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn submissions(&self, filter: &Filter) -> Result<Vec<SubmissionSummary>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("s.employer_code = ", filter.employer_code.as_deref());
        conditions.text("s.state = ", filter.state);
        conditions.whole("s.id = ", filter.submission.map(|id| id.0));
        if filter.month.is_some() || filter.scheme.is_some() {
            conditions.open("exists (select 1 from submission_total t where t.submission_id = s.id");
            conditions.whole("t.month = ", filter.month.map(|month| i64::from(month.index())));
            conditions.text("t.scheme = ", filter.scheme.map(|scheme| scheme.id()));
            conditions.close();
        }
        let rows =
            self.rows(&format!("{SUBMISSIONS}{}", conditions.sql), &conditions, "s.serial desc", filter.limit)?;
        rows.iter().map(summary).collect()
    }

    /// One submission by its printed number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn submission(&self, number: SubmissionNumber) -> Result<SubmissionSummary, StoreError> {
        let mut conditions = Conditions::default();
        conditions.whole("s.serial = ", Some(number.0));
        let rows = self.rows(&format!("{SUBMISSIONS}{}", conditions.sql), &conditions, "s.serial", 1)?;
        rows.first().map(summary).transpose()?.ok_or_else(|| StoreError::NotFound(format!("submission {number}")))
    }

    /// What a submission says, a row for each month and Act.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn totals(&self, id: SubmissionId) -> Result<Vec<TotalRow>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.whole("submission_id = ", Some(id.0));
        let sql = "select month, scheme, people, employer_sen, employee_sen, skbbk_sen, total_sen, due_date, days_late, \
             interest_sen from submission_total where 1 = 1";
        let rows = self.rows(&format!("{sql}{}", conditions.sql), &conditions, "month, scheme", 0)?;
        rows.iter().map(total).collect()
    }

    /// Acknowledgements, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn acknowledgements(&self, filter: &Filter) -> Result<Vec<AcknowledgementRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("a.employer_code = ", filter.employer_code.as_deref());
        conditions.text("a.state = ", filter.state);
        conditions.text("a.scheme = ", filter.scheme.map(|scheme| scheme.id()));
        conditions.whole("a.submission_id = ", filter.submission.map(|id| id.0));
        if let Some(month) = filter.month {
            conditions.open(
                "exists (select 1 from submission_total t where t.submission_id = a.submission_id and t.scheme = a.scheme",
            );
            conditions.whole("t.month = ", Some(i64::from(month.index())));
            conditions.close();
        }
        let sql = format!("{ACKNOWLEDGEMENTS}{}", conditions.sql);
        let rows = self.rows(&sql, &conditions, "a.received_at desc, a.number desc", filter.limit)?;
        rows.iter().map(acknowledgement).collect()
    }

    /// One acknowledgement by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn acknowledgement(&self, number: &str) -> Result<AcknowledgementRecord, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("a.number = ", Some(number));
        let rows = self.rows(&format!("{ACKNOWLEDGEMENTS}{}", conditions.sql), &conditions, "a.number", 1)?;
        let found = rows.first().map(acknowledgement).transpose()?;
        found.ok_or_else(|| StoreError::NotFound(format!("acknowledgement {number}")))
    }

    /// Lines that wait, in file order.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn held_lines(&self, id: SubmissionId) -> Result<Vec<HeldLine>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.whole("submission_id = ", Some(id.0));
        let sql = format!("select line, tray, codes, state, freed_by from held_line where 1 = 1{}", conditions.sql);
        let rows = self.rows(&sql, &conditions, "line", 0)?;
        rows.iter().map(held_line).collect()
    }

    /// What happened to a submission or acknowledgement (by its printed number), in order.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn events(&self, subject: &str) -> Result<Vec<Event>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("subject = ", Some(subject));
        let sql =
            format!("select id, at, who, subject, what, detail from event where what <> '{KEPT}'{}", conditions.sql);
        self.rows(&sql, &conditions, "id", 0)?.iter().map(event).collect()
    }

    /// The check document of a submission with all findings.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn check_document(&self, submission: &SubmissionSummary) -> Result<Option<String>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.whole("id = ", Some(submission.id.0));
        let rows =
            self.rows(&format!("select document from submission where 1 = 1{}", conditions.sql), &conditions, "id", 1)?;
        let sealed: Option<Vec<u8>> = rows.first().map(|row| row.try_get(0)).transpose()?.flatten();
        let Some(sealed) = sealed else { return Ok(None) };
        let key = self.known_key(&submission.employer_code)?;
        let plain = key.open_compressed(&document_place(submission.id), &sealed, DOCUMENT_LIMIT)?;
        String::from_utf8(plain).map(Some).map_err(|_| strange("submission.document", "not UTF-8"))
    }

    /// Where the original of a file lies, or `None` when it never came.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn original(&self, digest: &[u8; 32]) -> Result<Option<KeptOriginal>, StoreError> {
        let query = sqlx::query("select sealed from original where digest = $1").bind(digest.to_vec());
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        let sealed: Option<Option<Vec<u8>>> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(sealed.map(|sealed| sealed.map_or(KeptOriginal::InVault, KeptOriginal::Sealed)))
    }

    /// Runs a select with its conditions. `sql` and `order` are texts of this module.
    pub(super) fn rows(
        &self,
        sql: &str,
        conditions: &Conditions,
        order: &str,
        limit: u32,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let limit = if limit == 0 { String::new() } else { format!(" limit {limit}") };
        let mut query = sqlx::query(AssertSqlSafe(format!("{sql} order by {order}{limit}")));
        for value in &conditions.values {
            query = match value {
                Condition::Text(text) => query.bind(text.clone()),
                Condition::Whole(value) => query.bind(*value),
            };
        }
        self.wait(async { Ok(query.fetch_all(&self.readers).await?) })
    }
}

/// What seals a check document to its submission.
pub(super) fn document_place(id: SubmissionId) -> [u8; 9] {
    let mut place = [b'F'; 9];
    place[1..].copy_from_slice(&id.0.to_le_bytes());
    place
}

const SUBMISSIONS: &str = "select s.id, s.serial, s.arrival_id, s.digest, a.file_name, s.employer_code, s.company_number, \
     s.layout, s.schemes, s.encoding, s.policy, s.rule_pack, s.checked_at, s.received_at, s.state, s.lines, \
     s.accepted_lines, s.held_lines, s.repeat_of, s.kind, s.supplement_to from submission s join arrival a on a.id = s.arrival_id where 1 = 1";

pub(super) const ACKNOWLEDGEMENTS: &str = "select a.number, a.submission_id, a.employer_code, a.scheme, a.state, a.people, \
     a.total_sen, a.frozen, a.received_at from acknowledgement a where 1 = 1";

fn summary(row: &AnyRow) -> Result<SubmissionSummary, StoreError> {
    let state: String = row.try_get(14)?;
    Ok(SubmissionSummary {
        id: SubmissionId(row.try_get(0)?),
        number: SubmissionNumber(row.try_get(1)?),
        arrival: ArrivalId(row.try_get(2)?),
        digest: array(row.try_get(3)?)?,
        file_name: row.try_get(4)?,
        employer_code: row.try_get(5)?,
        company_number: row.try_get(6)?,
        layout: row.try_get(7)?,
        schemes: schemes_of(row.try_get(8)?).map_err(|_| strange("submission.schemes", "not an Act"))?,
        encoding: row.try_get(9)?,
        policy: row.try_get(10)?,
        rule_pack: row.try_get(11)?,
        checked_at: row.try_get(12)?,
        received_at: row.try_get(13)?,
        state: submission_state(&state).ok_or_else(|| strange("submission.state", &state))?,
        lines: count(row, 15)?,
        accepted_lines: count(row, 16)?,
        held_lines: count(row, 17)?,
        repeat_of: row.try_get::<Option<i64>, _>(18)?.map(SubmissionId),
        kind: row.try_get::<String, _>(19)?.parse().map_err(StoreError::Strange)?,
        supplement_to: row.try_get::<Option<i64>, _>(20)?.map(SubmissionId),
    })
}

fn total(row: &AnyRow) -> Result<TotalRow, StoreError> {
    let (month, due_date): (i64, String) = (row.try_get(0)?, row.try_get(7)?);
    let sen = |at: usize| Ok::<_, StoreError>(Sen(row.try_get(at)?));
    let month = u16::try_from(month).ok().and_then(ContributionMonth::from_index);
    Ok(TotalRow {
        month: month.ok_or_else(|| strange("submission_total.month", "not a month"))?,
        scheme: row.try_get::<String, _>(1)?.parse().map_err(StoreError::Strange)?,
        people: count(row, 2)?,
        employer: row.try_get::<Option<i64>, _>(3)?.map(Sen),
        employee: row.try_get::<Option<i64>, _>(4)?.map(Sen),
        skbbk: sen(5)?,
        total: sen(6)?,
        due_date: due_date.parse().map_err(|_| strange("submission_total.due_date", &due_date))?,
        days_late: u32::try_from(count(row, 8)?).map_err(|_| strange("submission_total.days_late", "too large"))?,
        interest: sen(9)?,
    })
}

/// An acknowledgement as [`ACKNOWLEDGEMENTS`] reads it.
pub(super) fn acknowledgement(row: &AnyRow) -> Result<AcknowledgementRecord, StoreError> {
    let state: String = row.try_get(4)?;
    Ok(AcknowledgementRecord {
        number: row.try_get(0)?,
        submission: SubmissionId(row.try_get(1)?),
        employer_code: row.try_get(2)?,
        scheme: row.try_get::<String, _>(3)?.parse().map_err(StoreError::Strange)?,
        state: acknowledgement_state(&state).ok_or_else(|| strange("acknowledgement.state", &state))?,
        people: count(row, 5)?,
        total: Sen(row.try_get(6)?),
        frozen: row.try_get(7)?,
        received_at: row.try_get(8)?,
    })
}

fn held_line(row: &AnyRow) -> Result<HeldLine, StoreError> {
    let state: String = row.try_get(3)?;
    Ok(HeldLine {
        line: count(row, 0)?,
        tray: row.try_get(1)?,
        codes: row.try_get(2)?,
        state: HeldState::of(&state).ok_or_else(|| strange("held_line.state", &state))?,
        freed_by: row.try_get::<Option<i64>, _>(4)?.map(SubmissionId),
    })
}

fn event(row: &AnyRow) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.try_get(0)?,
        at: row.try_get(1)?,
        who: row.try_get(2)?,
        subject: row.try_get(3)?,
        what: row.try_get(4)?,
        detail: said(&row.try_get::<String, _>(5)?).to_owned(),
    })
}

fn count(row: &AnyRow, at: usize) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(at)?).map_err(|_| strange("a count", "below zero"))
}

/// A digest from its column.
pub(super) fn array(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| strange("a digest", "not 32 bytes"))
}

/// A column that holds what this program never writes.
pub(super) fn strange(column: &str, found: &str) -> StoreError {
    StoreError::Strange(format!("{column}: {found}"))
}

pub(super) enum Condition {
    Text(String),
    Whole(i64),
}

/// Conditions that were asked for, each ` and column = $n`.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) sql: String,
    values: Vec<Condition>,
}

impl Conditions {
    pub(super) fn text(&mut self, test: &'static str, value: Option<&str>) {
        self.add(test, value.map(|value| Condition::Text(value.to_owned())));
    }

    pub(super) fn whole(&mut self, test: &'static str, value: Option<i64>) {
        self.add(test, value.map(Condition::Whole));
    }

    fn add(&mut self, test: &'static str, value: Option<Condition>) {
        if let Some(value) = value {
            self.values.push(value);
            self.sql.push_str(&format!(" and {test}${}", self.values.len()));
        }
    }

    fn open(&mut self, text: &'static str) {
        self.sql.push_str(" and ");
        self.sql.push_str(text);
    }

    pub(super) fn close(&mut self) {
        self.sql.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_number_their_places() {
        let mut conditions = Conditions::default();
        conditions.text("a = ", Some("x"));
        conditions.text("b = ", None);
        conditions.open("exists (select 1 from t where t.c = a");
        conditions.whole("d = ", Some(1));
        conditions.close();
        assert_eq!(conditions.sql, " and a = $1 and exists (select 1 from t where t.c = a and d = $2)");
        assert_eq!(conditions.values.len(), 2);
    }
}
