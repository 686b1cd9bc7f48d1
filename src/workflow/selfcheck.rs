//! Proves that what is kept is what was written: nothing lost, doubled or changed. Works on a stopped and on a running
//! system, and changes nothing.
//!
//! [`CHECKS`] is the list: the chain of events first, then the words of states, so that what follows can rely on both. The
//! first breach ends it.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

mod given;
mod originals;
mod sealed;

use given::given_breach;
use originals::originals;

use super::heads::Head;
use crate::domain::Scheme;
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::store::audit::{
    AcknowledgementHistory, Altered, Audit, Chain, MONEY, NUMBERINGS, QUESTIONS, Question, ROWS, Unnumbered, Unsound,
};
use crate::store::{Store, StoreError};
use crate::vault::{Vault, VaultError};

/// A law is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// `L1` nothing lost, `L2` nothing doubled, `L8` the books, `L9` states, `audit` the chain, `vault` kept bytes.
    pub law: &'static str,
    /// Table, `vault`, `head` or `schema`.
    pub table: &'static str,
    /// Which row.
    pub key: String,
    /// What is wrong with it.
    pub says: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {} {} {}", self.law, self.table, self.key, self.says)
    }
}

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The law.
    pub law: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// What `selfcheck` says.
#[derive(Debug)]
pub struct Report {
    /// Checks that found nothing, in their order.
    pub passed: Vec<Checked>,
    /// The first breach, if any.
    pub breach: Option<Breach>,
    /// How far the chain of events holds; `None` while there are no events.
    pub head: Option<Head>,
    /// Acknowledgements whose event is of an earlier program and holds no fingerprint of what they froze: nothing proves
    /// that their amounts and frozen facts were not changed together.
    pub unbound: u64,
    /// The same for submissions, payments, their items, messages, receipts and entries, charges and cases.
    pub unbound_rows: u64,
}

/// Why it could not be looked.
#[derive(Debug, thiserror::Error)]
pub enum SelfcheckError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One check.
struct Check {
    law: &'static str,
    name: &'static str,
    /// Opens what is sealed: takes long.
    deep: bool,
    run: fn(&mut Look<'_>) -> Result<Option<Breach>, SelfcheckError>,
}

const fn check(
    law: &'static str,
    name: &'static str,
    run: fn(&mut Look<'_>) -> Result<Option<Breach>, SelfcheckError>,
) -> Check {
    Check { law, name, deep: false, run }
}

/// All checks in their order; [`QUESTIONS`] and [`MONEY`] stand in the place of `questions`, [`ROWS`] of `rows`.
const CHECKS: &[Check] = &[
    check("audit", "chain", chain),
    check("L9", "states", states),
    check("L1", QUESTIONS_HERE, |_| Ok(None)),
    check("L2", "acknowledgement-numbers", acknowledgements),
    check("L2", "series", series),
    check("L1", ROWS_HERE, |_| Ok(None)),
    check("vault", "originals", originals),
    check("vault", "documents", |look| Ok(look.audit.unsound_document()?.map(broken_bytes))),
    check("vault", "blocks", sealed::blocks),
    check("L1", "recorded", recorded),
    check("L8", "facts", facts),
    check("L1", "submission-facts", submission_facts),
    check("L2", "guards", guards),
    Check { deep: true, ..check("vault", "findings", sealed::check_documents) },
    Check { deep: true, ..check("vault", "employers", |look| Ok(look.audit.unsound_employer()?.map(broken_bytes))) },
];

/// Where the questions to the database stand among the checks.
const QUESTIONS_HERE: &str = "questions";
/// Where those of single columns stand: what has a name of its own by then is named by it.
const ROWS_HERE: &str = "rows";

/// What is looked at.
struct Look<'a> {
    store: &'a Store,
    vault: &'a Vault,
    audit: Audit<'a>,
    heads: &'a [Head],
    deep: bool,
    chain: Option<Chain>,
    unbound: u64,
    unbound_rows: u64,
}

/// Looks at everything; `heads` were kept elsewhere and must still be in the chain. `deep` also opens every sealed block,
/// every list of findings and the register. `each` hears of every check that found nothing.
///
/// # Errors
/// [`SelfcheckError`] when the database or the vault cannot be read at all; a breach is no error.
pub fn selfcheck(
    store: &Store,
    vault: &Vault,
    heads: &[Head],
    (today, deep): (NaiveDate, bool),
    mut each: impl FnMut(&Checked),
) -> Result<Report, SelfcheckError> {
    let mut look =
        Look { store, vault, audit: store.begin_audit()?, heads, deep, chain: None, unbound: 0, unbound_rows: 0 };
    let mut report = Report { passed: Vec::new(), breach: None, head: None, unbound: 0, unbound_rows: 0 };
    let mut done = |passed: &mut Vec<Checked>, law, name| {
        let checked = Checked { law, name };
        each(&checked);
        passed.push(checked);
    };
    for check in CHECKS.iter().filter(|check| deep || !check.deep) {
        let questions: Option<[&[Question]; 2]> = match check.name {
            QUESTIONS_HERE => Some([QUESTIONS, MONEY]),
            ROWS_HERE => Some([ROWS, &[]]),
            _ => None,
        };
        if let Some(questions) = questions {
            for question in questions.into_iter().flatten() {
                report.breach = ask(&mut look, question)?;
                if report.breach.is_some() {
                    return Ok(report);
                }
                done(&mut report.passed, question.law, question.name);
            }
            continue;
        }
        report.breach = (check.run)(&mut look)?;
        if report.breach.is_some() {
            return Ok(report);
        }
        done(&mut report.passed, check.law, check.name);
        let chain = look.chain.as_ref().filter(|chain| chain.last > 0);
        (report.unbound, report.unbound_rows) = (look.unbound, look.unbound_rows);
        report.head = chain.and_then(|chain| Head::new(today, chain.last, &chain.link));
    }
    Ok(report)
}

fn ask(look: &mut Look<'_>, question: &Question) -> Result<Option<Breach>, SelfcheckError> {
    let Question { law, table, says, .. } = question;
    let found = look.audit.ask(question)?;
    Ok(found.map(|key| Breach { law, table, key, says: (*says).to_owned() }))
}

fn broken_bytes(unsound: Unsound) -> Breach {
    let Unsound { table, key, why } = unsound;
    Breach { law: "vault", table, key, says: format!("is not what was kept: {why}") }
}

/// Every event fits the one before it, the counter ends where they end, and every kept head is among them.
fn chain(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let mut missing: BTreeMap<i64, Vec<&Head>> = BTreeMap::new();
    for head in look.heads {
        missing.entry(head.event).or_default().push(head);
    }
    let chain = look.audit.chain(|id, link| {
        if let Some(heads) = missing.get_mut(&id) {
            heads.retain(|head| head.link != link);
        }
    })?;
    if let Some((id, says)) = chain.broken {
        return Ok(Some(Breach { law: "audit", table: "event", key: id.to_string(), says: says.to_owned() }));
    }
    look.chain = Some(chain);
    Ok(missing.into_values().flatten().next().map(|head| Breach {
        law: "audit",
        table: "head",
        key: format!("of {}", head.day),
        says: format!("is not in the chain: events up to {} were removed or written anew after that day", head.event),
    }))
}

fn states(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let found = look.audit.strange_state()?;
    Ok(found.map(|(table, key, word)| Breach {
        law: "L9",
        table,
        key,
        says: format!("is \"{word}\", which is no word of this program"),
    }))
}

/// Numbers without gap or repeat, each series up to its counter; and histories that walk lawful edges.
fn acknowledgements(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    // The last serial of each series; numbers of a month come one after the other.
    let mut given: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut last = String::new();
    loop {
        let page = look.audit.histories_after(&last)?;
        let Some(end) = page.last() else { break };
        last.clone_from(&end.number);
        for acknowledgement in &page {
            let breach = number_breach(acknowledgement, &mut given)
                .or_else(|| history_breach(acknowledgement))
                .or_else(|| given_breach(acknowledgement, &mut look.unbound));
            if breach.is_some() {
                return Ok(breach);
            }
        }
    }
    for (kind, period, counted) in look.audit.counters()? {
        let found = given.remove(&(kind.clone(), period.clone())).unwrap_or(0);
        if found != counted {
            let says = format!("stands at {counted}, and the last acknowledgement is number {found}");
            return Ok(Some(Breach { law: "L2", table: "series", key: format!("{kind} {period}"), says }));
        }
    }
    Ok(given.into_iter().next().map(|((kind, period), _)| Breach {
        law: "L2",
        table: "series",
        key: format!("{kind} {period}"),
        says: "has no counter".to_owned(),
    }))
}

/// Receipts, charges, payments, cases, entries and what goes out: each series without gap or repeat, up to its counter.
fn series(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    for numbering in NUMBERINGS {
        let (table, key, says) = match look.audit.unnumbered(numbering)? {
            Some(Unnumbered::Gap(key)) => (numbering.table, key, "does not follow the number before it"),
            Some(Unnumbered::Counter(key)) => ("series", key, "stands at another number than its last row"),
            None => continue,
        };
        return Ok(Some(Breach { law: "L2", table, key, says: says.to_owned() }));
    }
    Ok(None)
}

/// Printed documents and settled deliveries that events speak of are there, and are those.
fn recorded(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let says = "is not there or is another one than its event recorded".to_owned();
    Ok(look.audit.unrecorded()?.map(|(table, key)| Breach { law: "L1", table, key, says }))
}

/// What rows about money say for ever is what their events recorded.
fn facts(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let found = look.audit.altered_facts()?;
    look.unbound_rows += found.unbound;
    Ok(found.altered.map(|altered| altered_breach("L8", altered)))
}

/// The same of submissions: their rows, totals, trays and blocks.
fn submission_facts(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let found = look.audit.altered_submissions()?;
    look.unbound_rows += found.unbound;
    Ok(found.altered.map(|altered| altered_breach("L1", altered)))
}

/// The database still refuses what it was told to refuse.
fn guards(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let says = "is not there or is another one: a guard of the database was removed".to_owned();
    Ok(look.audit.missing_guard()?.map(|key| Breach { law: "L2", table: "schema", key, says }))
}

fn altered_breach(law: &'static str, Altered { table, key, gone }: Altered) -> Breach {
    let says = if gone { "is not there, and its event recorded it" } else { "is not what its event recorded" };
    Breach { law, table, key, says: says.to_owned() }
}

/// The first file of a watched folder that waits for its answer for more than an hour before `now`.
///
/// # Errors
/// [`SelfcheckError`] when the database cannot be read.
pub fn stuck(store: &Store, now: DateTime<FixedOffset>) -> Result<Option<Breach>, SelfcheckError> {
    let found = store.begin_audit()?.stuck_delivery(now - TimeDelta::hours(1))?;
    let says = "is stuck: it was claimed or taken more than an hour ago and has no answer".to_owned();
    Ok(found.map(|key| Breach { law: "L1", table: "delivery", key, says }))
}

/// A number that does not follow the one before it.
fn number_breach(of: &AcknowledgementHistory, given: &mut BTreeMap<(String, String), i64>) -> Option<Breach> {
    if of.number.starts_with("DRAFT-") {
        return None;
    }
    let (letters, kind) = match of.scheme.parse() {
        Ok(Scheme::Act4) => ("ACR", "acr"),
        Ok(Scheme::Act800) => ("ECR", "ecr"),
        Err(_) => ("", ""),
    };
    let part = |range: std::ops::Range<usize>| of.received_at.get(range).unwrap_or_default();
    let last = given.entry((kind.to_owned(), part(0..7).to_owned())).or_default();
    *last += 1;
    let wanted = format!("{letters}{}2{}{last:07}", part(5..7), part(2..4));
    (wanted != of.number).then(|| Breach {
        law: "L2",
        table: "acknowledgement",
        key: of.number.clone(),
        says: format!("stands where {wanted} must be: a number is missing or doubled"),
    })
}

/// The steps that an event of this word records, from where it finds an acknowledgement; none for words that change no
/// state, `None` where it cannot happen.
fn steps_of(word: &str, state: AcknowledgementState) -> Option<&'static [AcknowledgementEvent]> {
    use AcknowledgementEvent as E;
    use AcknowledgementState as S;
    Some(match word {
        "approval-asked" => &[E::AskApproval],
        "submitted" => &[E::Submit],
        "withdrawn" => &[E::Remove],
        "added-to-cart" => &[E::AddToCart],
        "taken-from-cart" => &[E::TakeFromCart],
        "at-bank" => &[E::GoToBank],
        "unlocked" => &[E::BankRefused],
        "paid-offline" => &[E::PayOffline],
        // An approval that comes late goes the whole way at once.
        "receipted" => match state {
            S::Submitted => &[E::AddToCart, E::GoToBank, E::BankConfirmed, E::Receipt],
            S::InCart => &[E::GoToBank, E::BankConfirmed, E::Receipt],
            S::AtBank => &[E::BankConfirmed, E::Receipt],
            S::PaidOffline => &[E::Receipt],
            _ => return None,
        },
        _ => &[],
    })
}

/// A history that walks an edge which does not exist, or ends elsewhere.
fn history_breach(of: &AcknowledgementHistory) -> Option<Breach> {
    let breach = |says: String| Some(Breach { law: "L9", table: "acknowledgement", key: of.number.clone(), says });
    let mut state = AcknowledgementState::Draft;
    for word in &of.events {
        let steps = steps_of(word, state);
        match steps.and_then(|steps| steps.iter().try_fold(state, |state, event| state.next(*event))) {
            Some(next) => state = next,
            None => return breach(format!("has the event \"{word}\" while it is {state}, which cannot happen")),
        }
    }
    // A draft that was sent back is recorded under its submission.
    if of.number.starts_with("DRAFT-") {
        return None;
    }
    if state == AcknowledgementState::Draft {
        return breach("has a number and no event \"submitted\"".to_owned());
    }
    if of.state != state.id() {
        return breach(format!("is {}, and its events end with {state}", of.state));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(number: &str, state: AcknowledgementState, events: &[&str]) -> AcknowledgementHistory {
        AcknowledgementHistory {
            number: number.to_owned(),
            scheme: if number.starts_with("ACR") { "act4" } else { "act800" }.to_owned(),
            state: state.id().to_owned(),
            received_at: "2026-11-10T09:00:00+08:00".to_owned(),
            events: events.iter().map(|word| (*word).to_owned()).collect(),
            given: None,
            submission: crate::store::SubmissionNumber(1),
            digest: Vec::new(),
            employer_code: String::new(),
            people: 0,
            total: crate::domain::Sen::ZERO,
            frozen: String::new(),
        }
    }

    #[test]
    fn numbers_follow_each_other() {
        let walk = |numbers: &[&str]| {
            let mut given = BTreeMap::new();
            let all = numbers.iter().map(|number| history(number, AcknowledgementState::Submitted, &["submitted"]));
            all.filter_map(|of| number_breach(&of, &mut given)).map(|breach| breach.key).next()
        };
        assert_eq!(walk(&["ACR112260000001", "ACR112260000002", "ECR112260000001", "DRAFT-S-000001-ACT4"]), None);
        assert_eq!(walk(&["ACR112260000002"]).as_deref(), Some("ACR112260000002"), "the first is missing");
        assert_eq!(walk(&["ACR112260000001", "ACR112260000003"]).as_deref(), Some("ACR112260000003"));
        assert_eq!(walk(&["ACR102260000001"]).as_deref(), Some("ACR102260000001"), "another month");
    }

    #[test]
    fn histories_walk_lawful_edges() {
        use AcknowledgementState as S;
        let fine: [(S, &[&str]); 9] = [
            (S::Submitted, &["submitted", "printed"]),
            (S::Submitted, &["approval-asked", "submitted"]),
            (S::Removed, &["submitted", "withdrawn"]),
            (S::InCart, &["submitted", "added-to-cart", "taken-from-cart", "added-to-cart"]),
            (S::AtBank, &["submitted", "added-to-cart", "at-bank"]),
            (S::Receipted, &["submitted", "added-to-cart", "at-bank", "receipted"]),
            // Refused, then approved after all; once put into the cart again.
            (S::Receipted, &["submitted", "added-to-cart", "at-bank", "unlocked", "receipted"]),
            (S::Receipted, &["submitted", "added-to-cart", "at-bank", "unlocked", "added-to-cart", "receipted"]),
            (S::Receipted, &["submitted", "paid-offline", "receipted"]),
        ];
        for (state, events) in fine {
            assert_eq!(history_breach(&history("ACR112260000001", state, events)), None, "{state} {events:?}");
        }
        let broken: [(S, &[&str]); 11] = [
            (S::AtBank, &["submitted", "at-bank"]),
            (S::AtBank, &["submitted", "added-to-cart"]),
            (S::Submitted, &["submitted", "added-to-cart", "at-bank", "unlocked", "unlocked"]),
            (S::Receipted, &["submitted", "added-to-cart", "at-bank", "receipted", "receipted"]),
            (S::Receipted, &["submitted", "withdrawn", "receipted"]),
            (S::Submitted, &["submitted", "added-to-cart", "at-bank", "receipted"]),
            (S::Submitted, &[]),
            (S::Submitted, &["submitted", "submitted"]),
            (S::Submitted, &["withdrawn", "submitted"]),
            (S::Submitted, &["submitted", "withdrawn"]),
            (S::Removed, &["submitted"]),
        ];
        for (state, events) in broken {
            assert!(history_breach(&history("ACR112260000001", state, events)).is_some(), "{state} {events:?}");
        }
        assert_eq!(history_breach(&history("DRAFT-S-000001-ACT4", S::Removed, &["approval-asked"])), None);
    }

    #[test]
    fn a_breach_is_one_sentence() {
        let breach = Breach { law: "L1", table: "arrival", key: "7".into(), says: "has no original".into() };
        assert_eq!(breach.to_string(), "L1 is broken: arrival 7 has no original");
    }
}
