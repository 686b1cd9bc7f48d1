//! The tray of lines that wait: what they say, and what each day of waiting costs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use super::trays::TRAY;
use crate::checks::History;
use crate::checks::people::key_of;
use crate::domain::{ContributionMonth, Scheme, Sen};
use crate::rates::{InterestProfile, RateBook};
use crate::store::block::Line;
use crate::store::tray::Waiting;
use crate::store::{Filter, HeldState, NewEvent, Store, StoreError, SubmissionId, SubmissionNumber, Which};

/// A line that waits.
#[derive(Debug, Clone)]
pub struct TrayLine {
    /// Where it waits.
    pub waiting: Waiting,
    /// What it says; `None` where its month or amounts could not be read.
    pub said: Option<Line>,
    /// What it would pay under each Act, and what one more day costs in ringgit once the month is overdue. Nothing for an
    /// Act under which the person's month stands acknowledged meanwhile.
    pub owed: Vec<(Scheme, Sen, Decimal)>,
    /// The acknowledgements that stand for the person and month.
    pub stands: Vec<String>,
}

/// What all waiting lines of an employer, month and Act owe together: late interest counts for the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayMonth {
    /// Whose.
    pub employer_code: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// The Act.
    pub scheme: Scheme,
    /// Lines.
    pub lines: u64,
    /// Contributions.
    pub amount: Sen,
    /// Last day to pay without interest.
    pub due_date: NaiveDate,
    /// Days after it.
    pub days_late: u32,
    /// Late interest, if paid today.
    pub interest: Sen,
    /// The same by the day alone.
    pub interest_daily: Sen,
    /// Late interest, if paid tomorrow.
    pub tomorrow: Sen,
}

/// All that waits.
#[derive(Debug, Clone, Default)]
pub struct Tray {
    /// Line by line, oldest submission first.
    pub lines: Vec<TrayLine>,
    /// Month by month.
    pub months: Vec<TrayMonth>,
}

/// The tray of one employer, or of all. Lines that were acknowledged before are not in it: they are not owed.
///
/// # Errors
/// [`StoreError`].
pub fn tray(store: &Store, employer_code: Option<&str>, now: DateTime<FixedOffset>) -> Result<Tray, StoreError> {
    let mut tray = Tray::default();
    let mut sums: BTreeMap<(String, ContributionMonth, Scheme), (u64, Sen)> = BTreeMap::new();
    let waiting: Vec<Waiting> =
        store.waiting(employer_code)?.into_iter().filter(|waiting| waiting.tray == TRAY).collect();
    let dues = RateBook::embedded().dues();
    let mut met = HashSet::new();
    for of_one in waiting.chunk_by(|a, b| a.submission == b.submission) {
        let (schemes, mut lines) = held_lines(store, of_one[0].submission)?;
        let history = standing(store, &of_one[0].employer_code, lines.values(), now)?;
        for waiting in of_one {
            let said = lines.remove(&waiting.line);
            let (mut owed, mut stands) = (Vec::new(), Vec::new());
            for scheme in schemes.iter().filter(|_| said.is_some()) {
                let Some(line) = &said else { continue };
                let number = line.id_number.number();
                let book = history.book(&waiting.employer_code, line.month);
                let stood = key_of(number.reveal()).and_then(|key| book?.stood(key)?.total(*scheme));
                if stood.is_some() {
                    stands.extend(book.into_iter().flat_map(|book| book.numbers(Some(*scheme))).map(str::to_owned));
                    continue;
                }
                let amount = amount_of(line, *scheme);
                // Somebody who stands twice in the tray owes once.
                if amount.is_zero() || !met.insert((waiting.employer_code.clone(), number, line.month, *scheme)) {
                    continue;
                }
                let sum = sums.entry((waiting.employer_code.clone(), line.month, *scheme)).or_default();
                *sum = (sum.0 + 1, sum.1 + amount);
                owed.push((*scheme, amount, dues.cost_of_a_day(amount, now.date_naive())));
            }
            tray.lines.push(TrayLine { waiting: waiting.clone(), said, owed, stands });
        }
    }
    for ((employer_code, month, scheme), (lines, amount)) in sums {
        let late = dues.late_interest(amount, month, now.date_naive(), InterestProfile::Statute);
        tray.months.push(TrayMonth {
            employer_code,
            month,
            scheme,
            lines,
            amount,
            due_date: late.due_date,
            days_late: late.days_late,
            interest: late.interest,
            interest_daily: late.daily,
            tomorrow: late.tomorrow,
        });
    }
    Ok(tray)
}

/// What stands for the months of these lines.
fn standing<'l>(
    store: &Store,
    employer_code: &str,
    lines: impl Iterator<Item = &'l Line>,
    now: DateTime<FixedOffset>,
) -> Result<History, StoreError> {
    let months: BTreeSet<ContributionMonth> = lines.map(|line| line.month).collect();
    store.data_keys(&[employer_code], now)?;
    let mut history = History::default();
    // Only read, and left without a commit.
    store.begin_group()?.standing(&BTreeMap::from([(employer_code.to_owned(), months)]), &mut history)?;
    Ok(history)
}

fn amount_of(line: &Line, scheme: Scheme) -> Sen {
    match scheme {
        Scheme::Act4 => line.act4_total + line.skbbk,
        Scheme::Act800 => line.eis_total,
    }
}

/// The Acts of a submission and its held lines by number.
fn held_lines(store: &Store, id: SubmissionId) -> Result<(Vec<Scheme>, HashMap<u64, Line>), StoreError> {
    let filter = Filter { submission: Some(id), ..Filter::default() };
    let Some(submission) = store.submissions(&filter)?.into_iter().next() else { return Ok(Default::default()) };
    let mut lines = HashMap::new();
    for line in store.lines(&submission, Which::Held)? {
        let line = line?;
        lines.insert(line.source_line, line);
    }
    Ok((submission.schemes, lines))
}

/// Gives waiting lines up; all of the submission's where none is named. Gives how many left the tray.
///
/// # Errors
/// [`StoreError`]; [`StoreError::NotFound`] where nothing of it waits.
pub fn drop_lines(
    store: &Store,
    number: SubmissionNumber,
    lines: &BTreeSet<u64>,
    (who, reason): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<u64, StoreError> {
    let submission = store.submission(number)?;
    let waiting = store.held_lines(submission.id)?.into_iter().filter(|held| held.state == HeldState::Waiting);
    let chosen: BTreeSet<u64> =
        waiting.map(|held| held.line).filter(|line| lines.is_empty() || lines.contains(line)).collect();
    if chosen.is_empty() || chosen.len() < lines.len() {
        return Err(StoreError::NotFound(format!("waiting line with such a number in {number}")));
    }
    let mut group = store.begin_group()?;
    let named: Vec<String> = chosen.iter().map(u64::to_string).collect();
    let dropped = group.leave_tray(submission.id, chosen, HeldState::Dropped, None)?;
    group.event(NewEvent {
        at: now,
        who: who.to_owned(),
        subject: number.to_string(),
        what: "dropped".to_owned(),
        detail: format!("lines {}: {reason}", named.join(", ")),
    })?;
    group.commit()?;
    Ok(dropped)
}
