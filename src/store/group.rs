// long because every statement of the one transaction stands together, in the order in which it is used.
//! A group: several files in one transaction, and so in one flush. Everything a group was told is kept when
//! [`Group::commit`] returns, or nothing is.
//!
//! A group takes the write lock when it begins and serials come from counter rows under that lock, so numbers have no
//! gap and no repeat, whatever is rolled back and however many nodes write. Seal blocks before the group, or in its
//! course on other threads: that needs no lock.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};
use sqlx::{Any, Row, Transaction};

use super::Store;
use super::block::SealedBlock;
use super::books::{JOURNAL, OUTBOX};
use super::delivery::DELIVERY;
use super::error::StoreError;
use super::facts::Waiting;
use super::look::strange;
use super::messages::BANK_MESSAGE;
use super::number::{LAST_SERIAL, malaysian, number, period_of, series_of};
use super::receipts::{RECEIPT, RECEIPT_LINE};
use super::records::{
    NewAcknowledgement, NewArrival, NewEvent, NewSubmission, SubmissionId, SubmissionNumber, acknowledgement_state,
    schemes_text,
};
use super::register::{EMPLOYER, REGISTER_BLOCK};
use super::repeats::Repeats;
use super::rows::{Rows, Table, Value};
use super::tray::BREACH;
use crate::domain::states::{
    AcknowledgementEvent, AcknowledgementState, SubmissionEvent as Event, SubmissionState as State,
};

/// Rows wait until this many bytes are together.
const FLUSH_AT: usize = 1 << 20;

static ORIGINAL: Table = Table::new("original (digest, size, sealed)", 3, "on conflict (digest) do nothing");
static ARRIVAL: Table = Table::new("arrival (id, digest, file_name, origin, received_at)", 5, "");
static SUBMISSION: Table = Table::new(
    "submission (id, serial, arrival_id, digest, employer_code, company_number, layout, schemes, encoding, policy, \
     rule_pack, checked_at, received_at, state, lines, accepted_lines, held_lines, repeat_of, answers_repeats, document, \
     kind, supplement_to)",
    22,
    "",
);
static TOTAL: Table = Table::new(
    "submission_total (submission_id, employer_code, month, scheme, people, employer_sen, employee_sen, skbbk_sen, \
     total_sen, due_date, days_late, interest_sen)",
    12,
    "",
);
static BLOCK: Table = Table::new("block (submission_id, number, lines, held, sealed)", 5, "");
static HELD: Table = Table::new("held_line (submission_id, line, tray, codes)", 4, "");
static ACKNOWLEDGEMENT: Table = Table::new(
    "acknowledgement (number, submission_id, employer_code, scheme, state, people, total_sen, frozen, received_at)",
    9,
    "",
);
static EVENT: Table = Table::new("event (id, at, who, subject, what, detail, chain)", 7, "");
static SERIES: Table =
    Table::new("series (kind, period, last)", 3, "on conflict (kind, period) do update set last = excluded.last");

/// Of an employer ($1), submissions that gave less than they said because something stood for the same months, when a part
/// ($3) of what stood ($2) is withdrawn: their bytes are judged again, too.
const OPEN_DEPENDENTS: &str = "update submission set answers_repeats = 0 where answers_repeats = 1 and employer_code = $1 \
     and (kind = 'short-payment' or held_lines > 0 or (select count(*) from acknowledgement a \
     where a.submission_id = submission.id) < case when schemes like '%,%' then 2 else 1 end) \
     and exists (select 1 from submission_total t join submission_total w on w.month = t.month and w.scheme = t.scheme \
     where t.submission_id = submission.id and w.submission_id = $2 and w.scheme = $3)";

/// A counter row as this group has moved it.
struct Series {
    kind: String,
    period: String,
    last: i64,
    changed: bool,
}

/// Several files in one commit. Dropped without [`Group::commit`], it leaves nothing.
pub struct Group<'a> {
    store: &'a Store,
    transaction: Option<Transaction<'static, Any>>,
    series: Vec<Series>,
    chain: Option<Vec<u8>>,
    // In the order in which they must be inserted.
    rows: [Rows; 17],
    pub(super) repeats: Repeats,
    pub(super) waiting: Waiting,
    // Of submissions that are not recorded yet, by id.
    pub(super) blocks_kept: HashMap<i64, blake3::Hasher>,
    // Rows that wait and may not be written twice with one statement.
    pending: HashSet<(usize, String)>,
}

// Places in `rows`.
const ORIGINALS: usize = 0;
const ARRIVALS: usize = 1;
const SUBMISSIONS: usize = 2;
const TOTALS: usize = 3;
const BLOCKS: usize = 4;
const HELD_LINES: usize = 5;
pub(super) const ACKNOWLEDGEMENTS: usize = 6;
const EVENTS: usize = 7;
pub(super) const EMPLOYERS: usize = 8;
pub(super) const REGISTER_BLOCKS: usize = 9;
pub(super) const BREACHES: usize = 10;
pub(super) const BANK_MESSAGES: usize = 11;
pub(super) const RECEIPTS: usize = 12;
pub(super) const RECEIPT_LINES: usize = 13;
pub(super) const ENTRIES: usize = 14;
pub(super) const OUTBOXES: usize = 15;
pub(super) const DELIVERIES: usize = 16;

impl<'a> Group<'a> {
    pub(super) fn begin(store: &'a Store) -> Result<Self, StoreError> {
        let (transaction, last) = store.wait(async {
            let mut transaction = store.writers.begin_with(store.dialect.begin_writing()).await?;
            // The counter of submissions is the gate: whoever holds it may give numbers.
            let gate = "update series set last = last where kind = 'submission' and period = '' returning last";
            let row = sqlx::query(gate).fetch_one(&mut *transaction).await?;
            Ok::<_, StoreError>((transaction, row.try_get(0)?))
        })?;
        let submissions = Series { kind: "submission".to_owned(), period: String::new(), last, changed: false };
        Ok(Self {
            store,
            transaction: Some(transaction),
            series: vec![submissions],
            chain: None,
            rows: [
                &ORIGINAL,
                &ARRIVAL,
                &SUBMISSION,
                &TOTAL,
                &BLOCK,
                &HELD,
                &ACKNOWLEDGEMENT,
                &EVENT,
                &EMPLOYER,
                &REGISTER_BLOCK,
                &BREACH,
                &BANK_MESSAGE,
                &RECEIPT,
                &RECEIPT_LINE,
                &JOURNAL,
                &OUTBOX,
                &DELIVERY,
            ]
            .map(Rows::new),
            repeats: Repeats::default(),
            waiting: Waiting::default(),
            blocks_kept: HashMap::new(),
            pending: HashSet::new(),
        })
    }

    /// Keeps everything. Answers go out only after this has returned.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is kept.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.keep_the_rest()?;
        let mut counters = Rows::new(&SERIES);
        for series in self.series.iter().filter(|series| series.changed) {
            let period = Value::Text(series.period.clone());
            counters.push([Value::Text(series.kind.clone()), period, Value::Whole(series.last)]);
        }
        self.flush()?;
        let mut transaction = self.transaction.take().expect("a group has its transaction until it ends");
        self.store.wait(async {
            counters.flush(self.store.dialect, &mut transaction).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Records a delivery and, the first time these bytes come, the original.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn arrive(&mut self, arrival: NewArrival) -> Result<(), StoreError> {
        let digest = || Value::Bytes(arrival.digest.to_vec());
        self.rows[ORIGINALS].push([digest(), whole(arrival.size), Value::MaybeBytes(arrival.original)]);
        self.rows[ARRIVALS].push([
            Value::Whole(arrival.id.0),
            digest(),
            Value::Text(arrival.file_name),
            Value::Text(arrival.origin),
            Value::Text(malaysian(arrival.received_at).to_rfc3339()),
        ]);
        self.flush_when_full()
    }

    /// Adds blocks of a long file before its submission is recorded.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn add_blocks(&mut self, submission: SubmissionId, blocks: Vec<SealedBlock>) -> Result<(), StoreError> {
        self.keep_blocks(submission, &blocks);
        for block in blocks {
            self.rows[BLOCKS].push([
                Value::Whole(submission.0),
                Value::Whole(i64::from(block.number)),
                Value::Whole(i64::from(block.lines)),
                Value::Whole(i64::from(block.held)),
                Value::Bytes(block.bytes),
            ]);
            if self.rows[BLOCKS].size() >= FLUSH_AT {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Records what became of one employer's part of an arrival, and gives it its number.
    ///
    /// # Errors
    /// [`StoreError::Step`] when no lawful steps lead from `Arrived` to its state; else of the database.
    pub fn record(&mut self, mut new: NewSubmission) -> Result<SubmissionNumber, StoreError> {
        let number = SubmissionNumber(self.next_serial("submission", "")?);
        if !reachable(new.state) {
            return Err(StoreError::Step { subject: number.to_string(), found: State::Arrived.to_string() });
        }
        let schemes = schemes_text(&new.schemes);
        let answers = new.state == State::Taken;
        if answers {
            self.repeats.take(new.digest, &new.employer_code, &schemes, new.id, number);
        }
        self.keep_submission(number, &new);
        let (id, at, blocks) = (new.id, new.received_at, std::mem::take(&mut new.blocks));
        for total in new.totals {
            self.rows[TOTALS].push([
                Value::Whole(new.id.0),
                Value::Text(new.employer_code.clone()),
                Value::Whole(i64::from(total.month.index())),
                Value::Text(total.scheme.id().to_owned()),
                whole(total.people),
                Value::MaybeWhole(total.employer.map(|sen| sen.0)),
                Value::MaybeWhole(total.employee.map(|sen| sen.0)),
                Value::Whole(total.skbbk.0),
                Value::Whole(total.total.0),
                Value::Text(total.due_date.to_string()),
                Value::Whole(i64::from(total.days_late)),
                Value::Whole(total.interest.0),
            ]);
        }
        for held in new.held {
            let [tray, codes] = [held.tray, held.codes].map(Value::Text);
            self.rows[HELD_LINES].push([Value::Whole(new.id.0), whole(held.line), tray, codes]);
        }
        let row = [
            Value::Whole(new.id.0),
            Value::Whole(number.0),
            Value::Whole(new.arrival.0),
            Value::Bytes(new.digest.to_vec()),
            Value::Text(new.employer_code),
            Value::Text(new.company_number),
            Value::Text(new.layout),
            Value::Text(schemes),
            Value::Text(new.encoding),
            Value::Text(new.policy),
            Value::Text(new.rule_pack),
            Value::Text(malaysian(new.checked_at).to_rfc3339()),
            Value::Text(malaysian(new.received_at).to_rfc3339()),
            Value::Text(new.state.id().to_owned()),
            whole(new.lines),
            whole(new.accepted_lines),
            whole(new.held_lines),
            Value::MaybeWhole(new.repeat_of.map(|id| id.0)),
            Value::Whole(i64::from(answers)),
            Value::MaybeBytes(new.document),
            Value::Text(new.kind.id().to_owned()),
            Value::MaybeWhole(new.supplement_to.map(|id| id.0)),
        ];
        self.add_blocks(id, blocks)?;
        self.keep_submission_row(number, (id, &row), at);
        self.rows[SUBMISSIONS].push(row);
        self.flush_when_full()?;
        Ok(number)
    }

    /// Issues an acknowledgement with frozen amounts: the next `ACR…` or `ECR…` of its month.
    ///
    /// # Errors
    /// [`StoreError::SeriesFull`], or of the database.
    pub fn acknowledge(&mut self, new: NewAcknowledgement) -> Result<String, StoreError> {
        let serial = self.next_serial(series_of(new.scheme), &period_of(new.received_at))?;
        let number = number(new.scheme, new.received_at, serial);
        let state = AcknowledgementState::Draft.next(AcknowledgementEvent::Submit).expect("a draft can be submitted");
        self.repeats.acknowledge(new.submission, new.scheme, &number);
        self.rows[ACKNOWLEDGEMENTS].push([
            Value::Text(number.clone()),
            Value::Whole(new.submission.0),
            Value::Text(new.employer_code),
            Value::Text(new.scheme.id().to_owned()),
            Value::Text(state.id().to_owned()),
            whole(new.people),
            Value::Whole(new.total.0),
            Value::Text(new.frozen),
            Value::Text(malaysian(new.received_at).to_rfc3339()),
        ]);
        self.flush_when_full()?;
        Ok(number)
    }

    /// Adds to the record of what happened. Events are chained: each carries the SHA-256 over itself and the one before, and
    /// the fingerprints of what was written about its subject in this group ([`super::facts`]).
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn event(&mut self, new: NewEvent) -> Result<(), StoreError> {
        let id = self.next_serial("event", "")?;
        let before = match self.chain.take() {
            Some(chain) => chain,
            None => self.last_chain(id - 1)?,
        };
        let at = malaysian(new.at).to_rfc3339();
        let detail = self.waiting.bind(&new.subject, new.detail);
        let chain = chain_link(&before, id, [&at, &new.who, &new.subject, &new.what, &detail]);
        self.chain = Some(chain.clone());
        let [who, subject, what, detail] = [new.who, new.subject, new.what, detail].map(Value::Text);
        self.rows[EVENTS].push([Value::Whole(id), Value::Text(at), who, subject, what, detail, Value::Bytes(chain)]);
        self.flush_when_full()
    }

    fn last_chain(&mut self, id: i64) -> Result<Vec<u8>, StoreError> {
        let (store, transaction) = self.database();
        let query = sqlx::query("select chain from event where id = $1").bind(id);
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default())
    }

    /// Moves an acknowledgement to the state that the event leads to, if it can happen and nobody was faster. Removing
    /// one makes the same bytes be judged again when they come.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Step`], or of the database.
    pub fn move_acknowledgement(
        &mut self,
        number: &str,
        event: AcknowledgementEvent,
    ) -> Result<AcknowledgementState, StoreError> {
        self.flush()?;
        let (store, transaction) = self.database();
        let moved = store.wait(async {
            let sql = "select state, submission_id, employer_code, scheme from acknowledgement where number = $1";
            let query = sqlx::query(sql).bind(number);
            let row = query.fetch_optional(&mut **transaction).await?;
            let row = row.ok_or_else(|| StoreError::NotFound(format!("acknowledgement {number}")))?;
            let found: String = row.try_get(0)?;
            let state = acknowledgement_state(&found).ok_or_else(|| strange("acknowledgement.state", &found))?;
            let step = || StoreError::Step { subject: number.to_owned(), found: found.clone() };
            let next = state.next(event).ok_or_else(step)?;
            let guarded = "update acknowledgement set state = $1 where number = $2 and state = $3";
            let query = sqlx::query(guarded).bind(next.id()).bind(number).bind(state.id());
            if query.execute(&mut **transaction).await?.rows_affected() != 1 {
                return Err(step());
            }
            if next == AcknowledgementState::Removed {
                let (submission, employer): (i64, String) = (row.try_get(1)?, row.try_get(2)?);
                let scheme: String = row.try_get(3)?;
                let query = sqlx::query("update submission set answers_repeats = 0 where id = $1").bind(submission);
                query.execute(&mut **transaction).await?;
                let query = sqlx::query(OPEN_DEPENDENTS).bind(employer).bind(submission).bind(scheme);
                query.execute(&mut **transaction).await?;
            }
            Ok(next)
        })?;
        self.repeats.forget();
        Ok(moved)
    }

    /// The next number of a series.
    pub(super) fn next_serial(&mut self, kind: &'static str, period: &str) -> Result<i64, StoreError> {
        let last = if period.is_empty() { i64::MAX } else { LAST_SERIAL };
        self.next_serial_from(kind, period, 1, last)
    }

    /// The next number of a series, but at least `least` and at most `most`.
    pub(super) fn next_serial_from(
        &mut self,
        kind: &'static str,
        period: &str,
        least: i64,
        most: i64,
    ) -> Result<i64, StoreError> {
        let at = match self.known_series(kind, period) {
            Some(at) => at,
            None => {
                self.load_series(period)?;
                self.known_series(kind, period).unwrap_or_else(|| {
                    let (kind, period) = (kind.to_owned(), period.to_owned());
                    self.series.push(Series { kind, period, last: 0, changed: false });
                    self.series.len() - 1
                })
            }
        };
        let series = &mut self.series[at];
        let next = least.max(series.last.saturating_add(1));
        if next > most {
            return Err(StoreError::SeriesFull(format!("{kind} {period}")));
        }
        (series.last, series.changed) = (next, true);
        Ok(next)
    }

    fn known_series(&self, kind: &str, period: &str) -> Option<usize> {
        self.series.iter().position(|series| series.kind == kind && series.period == period)
    }

    /// Reads all series of a period, and those without one, with one statement. The gate keeps them still.
    fn load_series(&mut self, period: &str) -> Result<(), StoreError> {
        let (store, transaction) = self.database();
        let sql = "select kind, period, last from series where period = $1 or period = ''";
        let query = sqlx::query(sql).bind(period);
        let rows = store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?;
        for row in rows {
            let (kind, period): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            if self.known_series(&kind, &period).is_none() {
                self.series.push(Series { kind, period, last: row.try_get(2)?, changed: false });
            }
        }
        Ok(())
    }

    /// The store and the open transaction.
    pub(super) fn database(&mut self) -> (&'a Store, &mut Transaction<'static, Any>) {
        (self.store, self.transaction.as_mut().expect("a group has its transaction until it ends"))
    }

    /// The store this group writes to.
    pub(super) const fn store(&self) -> &'a Store {
        self.store
    }

    /// Adds a row that waits for the next flush.
    pub(super) fn push<const N: usize>(&mut self, table: usize, row: [Value; N]) -> Result<(), StoreError> {
        self.rows[table].push(row);
        self.flush_when_full()
    }

    /// Writes what waits when a row of the table and key is among it: one statement cannot write a row twice.
    pub(super) fn flush_before(&mut self, table: usize, key: &str) -> Result<(), StoreError> {
        if !self.pending.insert((table, key.to_owned())) {
            self.flush()?;
            self.pending.insert((table, key.to_owned()));
        }
        Ok(())
    }

    fn flush_when_full(&mut self) -> Result<(), StoreError> {
        if self.rows.iter().map(Rows::size).sum::<usize>() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        let transaction = self.transaction.as_mut().expect("a group has its transaction until it ends");
        let rows = &mut self.rows;
        self.pending.clear();
        self.store.wait(async {
            for rows in rows {
                rows.flush(self.store.dialect, transaction).await?;
            }
            Ok(())
        })
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // A rollback that fails leaves nothing either: the database undoes what was never committed.
            let _ = self.store.wait(async { Ok::<_, StoreError>(transaction.rollback().await?) });
        }
    }
}

fn whole(count: u64) -> Value {
    Value::Whole(i64::try_from(count).expect("files have fewer than 2^63 bytes and lines"))
}

/// Do lawful steps lead from `Arrived` to this state?
fn reachable(state: State) -> bool {
    let first = [Event::Refuse, Event::RecogniseRepeat, Event::Quarantine, Event::Check];
    let after_check = [Event::Return, Event::Take];
    let checked = State::Arrived.next(Event::Check);
    first.iter().any(|event| State::Arrived.next(*event) == Some(state))
        || after_check.iter().any(|event| checked.and_then(|checked| checked.next(*event)) == Some(state))
}

/// SHA-256 over the link before and the fields of this event, each with its length.
pub(super) fn chain_link(before: &[u8], id: i64, fields: [&str; 5]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(id.to_le_bytes());
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lawful_states_are_recorded() {
        for state in [State::Refused, State::Repeat, State::Quarantined, State::Checked, State::Returned, State::Taken]
        {
            assert!(reachable(state), "{state}");
        }
        assert!(!reachable(State::Arrived));
    }

    #[test]
    fn a_link_depends_on_every_field() {
        let link = |id, fields| chain_link(b"before", id, fields);
        let one = link(1, ["a", "b", "c", "d", "e"]);
        for other in [
            link(2, ["a", "b", "c", "d", "e"]),
            link(1, ["ab", "", "c", "d", "e"]),
            link(1, ["a", "b", "c", "d", ""]),
            chain_link(b"other", 1, ["a", "b", "c", "d", "e"]),
        ] {
            assert_ne!(one, other);
        }
    }
}
