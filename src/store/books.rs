//! The books: a journal that is only ever added to, cases that take two people to close, and what must still go out.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use super::bound::{CASE, ENTRY};
use super::error::StoreError;
use super::group::{ENTRIES, Group, OUTBOXES};
use super::look::Conditions;
use super::payments::{sortable, text};
use super::refunds::Refund;
use super::rows::{Table, Value};
use crate::domain::{Account, CaseKind, CaseState, Sen};

pub(super) static JOURNAL: Table =
    Table::new("journal (entry, position, at, subject, account, employer_code, amount_sen)", 7, "");
pub(super) static OUTBOX: Table =
    Table::new("outbox (id, kind, subject, employer_code, due_at, attempts, note)", 7, "");

pub(super) const CASES: &str = "select number, kind, subject, employer_code, amount_sen, opened_at, detail, state, proposed_by, \
     proposed_at, solution, closed_by, closed_at, refunded_on, refund_reference from office_case where 1 = 1";

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Lines of one entry share its number; their amounts sum to zero.
    pub entry: i64,
    /// RFC 3339.
    pub at: String,
    /// Payment, offline payment or case.
    pub subject: String,
    /// Account.
    pub account: Account,
    /// Whose.
    pub employer_code: String,
    /// Debits are above zero.
    pub amount: Sen,
}

/// Something that a person must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// Why.
    pub kind: CaseKind,
    /// What it is about: a payment or a reference.
    pub subject: String,
    /// Whose.
    pub employer_code: String,
    /// The money it is about, or zero.
    pub amount: Sen,
    /// When.
    pub opened_at: DateTime<FixedOffset>,
    /// In a sentence, without identities.
    pub detail: String,
}

/// A case as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecord {
    /// `C-000001`.
    pub number: String,
    /// Why.
    pub kind: CaseKind,
    /// What it is about.
    pub subject: String,
    /// Whose.
    pub employer_code: String,
    /// The money it is about, or zero.
    pub amount: Sen,
    /// RFC 3339.
    pub opened_at: String,
    /// In a sentence.
    pub detail: String,
    /// Where it stands.
    pub state: CaseState,
    /// Who proposed how it is solved.
    pub proposed_by: Option<String>,
    /// RFC 3339.
    pub proposed_at: Option<String>,
    /// How.
    pub solution: Option<String>,
    /// The money that went back, as proposed.
    pub refund: Option<Refund>,
    /// Who agreed.
    pub closed_by: Option<String>,
    /// RFC 3339.
    pub closed_at: Option<String>,
}

/// Which cases; newest first.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Only this employer's.
    pub employer_code: Option<String>,
    /// Only of this kind.
    pub kind: Option<CaseKind>,
    /// Only in this state.
    pub state: Option<CaseState>,
    /// Only about this.
    pub subject: Option<String>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

/// Something that must still go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRecord {
    /// Counted from 1.
    pub id: i64,
    /// `receipt`: render it; `mail-paid`: tell the employer …
    pub kind: String,
    /// Receipt, payment or case.
    pub subject: String,
    /// Whose.
    pub employer_code: String,
    /// RFC 3339.
    pub due_at: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last, or empty.
    pub note: String,
}

impl Group<'_> {
    /// Books an entry; lines of nothing are left out. Gives the number of the entry.
    ///
    /// # Errors
    /// [`StoreError::Unbalanced`] when the amounts do not sum to zero, or none is left; or of the database.
    pub fn book(
        &mut self,
        subject: &str,
        employer_code: &str,
        at: DateTime<FixedOffset>,
        amounts: &[(Account, Sen)],
    ) -> Result<i64, StoreError> {
        let sum = amounts.iter().try_fold(0_i64, |sum, (_, amount)| sum.checked_add(amount.0));
        if sum != Some(0) || amounts.iter().all(|(_, amount)| amount.is_zero()) {
            return Err(StoreError::Unbalanced(subject.to_owned()));
        }
        let entry = self.next_serial("journal", "")?;
        let lines = amounts.iter().filter(|(_, amount)| !amount.is_zero());
        for (position, (account, amount)) in (1..).zip(lines) {
            let texts = [text(at), subject.to_owned(), account.id().to_owned(), employer_code.to_owned()];
            let [moment, about, account, employer] = texts.map(Value::Text);
            let (entry, position) = (Value::Whole(entry), Value::Whole(position));
            let row = [entry, position, moment, about, account, employer, Value::Whole(amount.0)];
            self.keep_facts(&ENTRY, subject, &row.iter().collect::<Vec<_>>(), at);
            self.push(ENTRIES, row)?;
        }
        Ok(entry)
    }

    /// Opens a case, or gives the number of the one of the same kind about the same that is not closed.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn open_case(&mut self, new: NewCase) -> Result<String, StoreError> {
        let sql = "select number from office_case where kind = $1 and subject = $2 and state <> $3";
        let query = sqlx::query(sql).bind(new.kind.id()).bind(new.subject.clone()).bind(CaseState::Closed.id());
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        if let Some(row) = row {
            return Ok(row.try_get(0)?);
        }
        let number = format!("C-{:06}", self.next_serial("case", "")?);
        let words =
            [&number, new.kind.id(), &new.subject, &new.employer_code].map(|word: &str| Value::Text(word.to_owned()));
        let rest = [Value::Whole(new.amount.0), Value::Text(text(new.opened_at)), Value::Text(new.detail.clone())];
        self.keep_facts(&CASE, &number, &words.iter().chain(&rest).collect::<Vec<_>>(), new.opened_at);
        let sql = "insert into office_case (number, kind, subject, employer_code, amount_sen, opened_at, detail, state) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sqlx::query(sql).bind(number.clone()).bind(new.kind.id()).bind(new.subject);
        let query = query.bind(new.employer_code).bind(new.amount.0).bind(text(new.opened_at)).bind(new.detail);
        self.execute(query.bind(CaseState::Open.id()))?;
        Ok(number)
    }

    /// Says how a case is solved, and that its money went back, where it did; a later proposal replaces an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Step`] when it is closed, [`StoreError::NotFound`], or of the database.
    pub fn propose_solution(
        &mut self,
        number: &str,
        who: &str,
        (solution, refund): (&str, Option<&Refund>),
        now: DateTime<FixedOffset>,
    ) -> Result<(), StoreError> {
        self.case_not_closed(number)?;
        let sql = "update office_case set state = $1, proposed_by = $2, proposed_at = $3, solution = $4, \
             refunded_on = $5, refund_reference = $6 where number = $7 and state <> $8";
        let query = sqlx::query(sql).bind(CaseState::Proposed.id()).bind(who.to_owned()).bind(text(now));
        let query = query.bind(solution.to_owned()).bind(refund.map(|refund| refund.on.to_string()));
        let query = query.bind(refund.map(|refund| refund.reference.clone()));
        let query = query.bind(number.to_owned()).bind(CaseState::Closed.id());
        self.execute(query).map(|_| ())
    }

    /// A second person agrees with the proposal, and the case is closed.
    ///
    /// # Errors
    /// [`StoreError::SamePerson`] when the same person proposed, [`StoreError::Step`] when nobody proposed or it is
    /// closed, [`StoreError::NotFound`], or of the database.
    pub fn close_case(&mut self, number: &str, who: &str, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
        let (state, proposed_by) = self.case_not_closed(number)?;
        match proposed_by {
            Some(proposer) if same_person(&proposer, who) => return Err(StoreError::SamePerson(number.to_owned())),
            Some(_) if state == CaseState::Proposed => {}
            _ => return Err(StoreError::Step { subject: number.to_owned(), found: state.to_string() }),
        }
        let sql = "update office_case set state = $1, closed_by = $2, closed_at = $3 where number = $4 and state = $5";
        let query = sqlx::query(sql).bind(CaseState::Closed.id()).bind(who.to_owned()).bind(text(now));
        self.execute(query.bind(number.to_owned()).bind(CaseState::Proposed.id())).map(|_| ())
    }

    fn case_not_closed(&mut self, number: &str) -> Result<(CaseState, Option<String>), StoreError> {
        let query = sqlx::query("select state, proposed_by from office_case where number = $1").bind(number.to_owned());
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("case {number}")))?;
        let state: CaseState = row.try_get::<String, _>(0)?.parse().map_err(StoreError::Strange)?;
        if state == CaseState::Closed {
            return Err(StoreError::Step { subject: number.to_owned(), found: state.to_string() });
        }
        Ok((state, row.try_get(1)?))
    }

    /// Something must go out, not before `due`.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox(
        &mut self,
        kind: &str,
        subject: &str,
        employer_code: &str,
        due: DateTime<FixedOffset>,
    ) -> Result<(), StoreError> {
        let id = Value::Whole(self.next_serial("outbox", "")?);
        let texts = [kind.to_owned(), subject.to_owned(), employer_code.to_owned(), sortable(due)];
        let [kind, subject, employer, due] = texts.map(Value::Text);
        self.push(OUTBOXES, [id, kind, subject, employer, due, Value::Whole(0), Value::Text(String::new())])
    }

    /// It went out.
    ///
    /// # Errors
    /// [`StoreError::Step`] when it had gone out before; or of the database.
    pub fn outbox_done(&mut self, id: i64, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
        self.flush()?;
        let sql =
            "update outbox set done_at = $1, attempts = attempts + 1, note = '' where id = $2 and done_at is null";
        match self.execute(sqlx::query(sql).bind(text(now)).bind(id))? {
            1 => Ok(()),
            _ => Err(StoreError::Step { subject: format!("outbox {id}"), found: "done".to_owned() }),
        }
    }

    /// It did not go out; when to try again, and why.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_again(&mut self, id: i64, due: DateTime<FixedOffset>, note: &str) -> Result<(), StoreError> {
        self.flush()?;
        let sql = "update outbox set due_at = $1, attempts = attempts + 1, note = $2 where id = $3 and done_at is null";
        self.execute(sqlx::query(sql).bind(sortable(due)).bind(note.to_owned()).bind(id)).map(|_| ())
    }
}

impl Store {
    /// The entries about a payment, offline payment or case, in order.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn journal(&self, subject: &str) -> Result<Vec<JournalLine>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("subject = ", Some(subject));
        let sql = "select entry, at, subject, account, employer_code, amount_sen from journal where 1 = 1";
        let rows = self.rows(&format!("{sql}{}", conditions.sql), &conditions, "entry, position", 0)?;
        rows.iter().map(journal_line).collect()
    }

    /// What stands on each account that was ever used.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn balances(&self) -> Result<BTreeMap<&'static str, Sen>, StoreError> {
        let sql = "select account, cast(sum(amount_sen) as bigint) from journal group by account";
        let rows = self.rows(sql, &Conditions::default(), "account", 0)?;
        let mut balances = BTreeMap::new();
        for row in rows {
            let account: Account = row.try_get::<String, _>(0)?.parse().map_err(StoreError::Strange)?;
            balances.insert(account.id(), Sen(row.try_get(1)?));
        }
        Ok(balances)
    }

    /// The first entry of the journal that does not sum to zero, if any.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn first_unbalanced_entry(&self) -> Result<Option<i64>, StoreError> {
        let sql = "select entry from journal group by entry having sum(amount_sen) <> 0";
        let rows = self.rows(sql, &Conditions::default(), "entry", 1)?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// Cases, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn cases(&self, filter: &CaseFilter) -> Result<Vec<CaseRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("employer_code = ", filter.employer_code.as_deref());
        conditions.text("kind = ", filter.kind.map(CaseKind::id));
        conditions.text("state = ", filter.state.map(CaseState::id));
        conditions.text("subject = ", filter.subject.as_deref());
        let rows =
            self.rows(&format!("{CASES}{}", conditions.sql), &conditions, "opened_at desc, number desc", filter.limit)?;
        rows.iter().map(case).collect()
    }

    /// What is due to go out, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn outbox_due(&self, now: DateTime<FixedOffset>, limit: u32) -> Result<Vec<OutboxRecord>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.text("due_at <= ", Some(&sortable(now)));
        let sql = "select id, kind, subject, employer_code, due_at, attempts, note from outbox where done_at is null";
        let rows = self.rows(&format!("{sql}{}", conditions.sql), &conditions, "due_at, id", limit)?;
        rows.iter().map(outbox).collect()
    }
}

/// One name in any case of letters is one person.
pub fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn journal_line(row: &AnyRow) -> Result<JournalLine, StoreError> {
    Ok(JournalLine {
        entry: row.try_get(0)?,
        at: row.try_get(1)?,
        subject: row.try_get(2)?,
        account: row.try_get::<String, _>(3)?.parse().map_err(StoreError::Strange)?,
        employer_code: row.try_get(4)?,
        amount: Sen(row.try_get(5)?),
    })
}

/// A case as [`CASES`] reads it.
pub(super) fn case(row: &AnyRow) -> Result<CaseRecord, StoreError> {
    Ok(CaseRecord {
        number: row.try_get(0)?,
        kind: row.try_get::<String, _>(1)?.parse().map_err(StoreError::Strange)?,
        subject: row.try_get(2)?,
        employer_code: row.try_get(3)?,
        amount: Sen(row.try_get(4)?),
        opened_at: row.try_get(5)?,
        detail: row.try_get(6)?,
        state: row.try_get::<String, _>(7)?.parse().map_err(StoreError::Strange)?,
        proposed_by: row.try_get(8)?,
        proposed_at: row.try_get(9)?,
        solution: row.try_get(10)?,
        closed_by: row.try_get(11)?,
        closed_at: row.try_get(12)?,
        refund: Refund::read(row.try_get(13)?, row.try_get(14)?)?,
    })
}

pub(super) fn outbox(row: &AnyRow) -> Result<OutboxRecord, StoreError> {
    Ok(OutboxRecord {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        subject: row.try_get(2)?,
        employer_code: row.try_get(3)?,
        due_at: row.try_get(4)?,
        attempts: row.try_get(5)?,
        note: row.try_get(6)?,
    })
}
