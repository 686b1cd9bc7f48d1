//! The tables of states in docs/architecture.md are those of the code, pair by pair.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use caruman::domain::charge::{ChargeEvent, ChargeState};
use caruman::domain::payment::{PaymentEvent, PaymentState};
use caruman::domain::states::{AcknowledgementEvent, AcknowledgementState, SubmissionEvent, SubmissionState};

const DOCUMENT: &str = include_str!("../docs/architecture.md");

/// Steps of the document below `<!-- states: NAME -->`: (state, event) to the state after.
fn documented(name: &str) -> BTreeMap<(String, String), String> {
    let mark = format!("<!-- states: {name} -->");
    let table = DOCUMENT.split(&mark).nth(1).unwrap_or_else(|| panic!("no {mark} in docs/architecture.md"));
    let rows = table.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut steps = BTreeMap::new();
    for row in rows.skip(2) {
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
        let [_, from, event, to, ..] = &cells[..] else { panic!("a row needs state, event, state: {row}") };
        let before = steps.insert((from.clone(), event.clone()), to.clone());
        assert_eq!(before, None, "stands twice: {row}");
    }
    steps
}

/// Compares every pair of state and event with the document.
fn compare<S: Display + Copy, E: Debug + Copy>(
    name: &str,
    states: &[S],
    events: &[E],
    next: impl Fn(S, E) -> Option<S>,
) {
    let mut documented = documented(name);
    let mut wrong = Vec::new();
    for state in states {
        for event in events {
            let code = next(*state, *event).map(|after| after.to_string());
            let written = documented.remove(&(state.to_string(), format!("{event:?}")));
            if code != written {
                wrong.push(format!("{state}, {event:?}: the code says {code:?}, the document {written:?}"));
            }
        }
    }
    wrong.extend(documented.into_keys().map(|(state, event)| format!("{state}, {event}: no such state or event")));
    assert!(wrong.is_empty(), "docs/architecture.md, {name}:\n{}", wrong.join("\n"));
}

#[test]
fn submissions() {
    use SubmissionEvent as E;
    use SubmissionState as S;
    let events = [E::Refuse, E::RecogniseRepeat, E::Quarantine, E::Check, E::Return, E::Take];
    compare("submission", &S::ALL, &events, S::next);
}

#[test]
fn acknowledgements() {
    use AcknowledgementEvent as E;
    use AcknowledgementState as S;
    let events = [
        E::AskApproval,
        E::SendBack,
        E::Submit,
        E::Remove,
        E::AddToCart,
        E::TakeFromCart,
        E::GoToBank,
        E::BankRefused,
        E::BankConfirmed,
        E::PayOffline,
        E::Receipt,
        E::Close,
    ];
    compare("acknowledgement", &S::ALL, &events, S::next);
}

#[test]
fn payments() {
    compare("payment", &PaymentState::ALL, &PaymentEvent::ALL, PaymentState::next);
}

#[test]
fn charges() {
    compare("charge", ChargeState::ALL, &ChargeEvent::ALL, ChargeState::next);
}
