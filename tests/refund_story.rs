//! Money that came and pays nothing: it lies in suspense until two persons say when it went back and how, and then it is
//! booked, once.

mod paying;
mod place;

use caruman::domain::{Account, CaseKind, CaseState, Language, Sen};
use caruman::store::books::{CaseFilter, CaseRecord};
use caruman::store::refunds::Refund;
use caruman::store::{Store, StoreError};
use caruman::workflow::cases::{CaseError, case, close, propose};
use caruman::workflow::payment_page::PaymentPage;
use chrono::{DateTime, FixedOffset};
use paying::{Attempt, acknowledged, after, at, direct, laws_hold, sent_for, start};
use place::{Place, statements};

on_both! {
    what_was_paid_twice_goes_back
    a_part_goes_back
    what_is_refused
    a_proposal_of_an_earlier_program
    two_close_it_at_once
}

/// RM 78.90 that came a second time, at 09:05 on 10 November.
fn paid_twice(store: &Store) -> (Attempt, CaseRecord) {
    let [pair] = acknowledged(store, 1).try_into().expect("one pair");
    let first = sent_for(store, &pair, start());
    direct(store, &first, ("1M", ""), after(1));
    let second = sent_for(store, &pair, after(2));
    direct(store, &second, ("00", "00"), after(3));
    direct(store, &first, ("00", "00"), after(4));
    let refund = of_kind(store, &first, CaseKind::Refund);
    (first, refund)
}

fn of_kind(store: &Store, attempt: &Attempt, kind: CaseKind) -> CaseRecord {
    let filter = CaseFilter { subject: Some(attempt.number.clone()), kind: Some(kind), ..CaseFilter::default() };
    store.cases(&filter).expect("read").remove(0)
}

fn back(day: &str, reference: &str) -> Refund {
    Refund { on: day.parse().expect("a day"), reference: reference.to_owned() }
}

/// Ten days after the payment.
fn later() -> DateTime<FixedOffset> {
    at("2026-11-20T09:00:00+08:00")
}

fn balance(store: &Store, account: &str) -> i64 {
    store.balances().expect("read").get(account).map_or(0, |sen| sen.0)
}

fn what_was_paid_twice_goes_back(place: &Place) {
    let store = place.store();
    let (first, found) = paid_twice(&store);
    let number = found.number.as_str();
    let page = || PaymentPage::of(&store, first.read(&store)).expect("a page");
    assert_eq!((balance(&store, "suspense"), balance(&store, "bank-fpx")), (-7_890, 15_780));
    assert_eq!((page().standing(), page().suspense()), ("refund", Sen(7_890)));
    let refund = back("2026-11-19", " IBG 77 ");
    let proposed = propose(&store, number, ("clerk", "sent back"), Some(&refund), later()).expect("proposed");
    assert_eq!(proposed.refund, Some(back("2026-11-19", "IBG 77")));
    for same in ["clerk", "Clerk "] {
        let refused = close(&store, number, same, later());
        assert!(matches!(refused, Err(CaseError::Store(StoreError::SamePerson(_)))), "{refused:?}");
    }
    // Only proposed: nothing is booked, and the employer is told as before.
    assert_eq!((balance(&store, "suspense"), page().standing()), (-7_890, "refund"));
    assert!(page().advice(Language::English, later()).contains("will be refunded"));
    let closed = close(&store, number, "finance", later()).expect("closed");
    assert_eq!((closed.state, closed.closed_by.as_deref()), (CaseState::Closed, Some("finance")));
    assert_eq!((balance(&store, "suspense"), balance(&store, "bank-fpx")), (0, 7_890));
    let entry: Vec<(Account, Sen)> =
        store.journal(number).expect("read").iter().map(|line| (line.account, line.amount)).collect();
    assert_eq!(entry, [(Account::Suspense, Sen(7_890)), (Account::BankFpx, Sen(-7_890))]);
    assert_eq!((page().standing(), page().suspense()), ("refunded", Sen::ZERO));
    for (language, words) in [
        (Language::English, "RM 78.90 was refunded on 19/11/2026, reference IBG 77"),
        (Language::Malay, "RM 78.90 telah dibayar balik pada 19/11/2026, rujukan IBG 77"),
    ] {
        let told = page().advice(language, later());
        assert!(told.contains(words) && !told.contains(['{', '}']) && !told.contains("will be"), "{told}");
    }
    let events = store.events(&first.number).expect("read");
    let event = events.iter().find(|event| event.what == "refunded").expect("recorded");
    assert!(event.who == "finance" && event.detail.contains("IBG 77") && event.detail.contains(number));
    let due = store.outbox_due(later(), 0).expect("read");
    assert_eq!(due.iter().filter(|row| row.kind == "mail-refunded" && row.subject == first.number).count(), 1);
    // Once and for all.
    assert!(close(&store, number, "director", later()).is_err());
    assert!(propose(&store, number, ("clerk", "again"), Some(&refund), later()).is_err());
    assert_eq!(store.journal(number).expect("read").len(), 2);
    laws_hold(&store);
}

fn a_part_goes_back(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let first = sent_for(&store, &pair, start());
    direct(&store, &first, ("1C", ""), after(1));
    sent_for(&store, &pair[..1], after(2));
    direct(&store, &first, ("00", "00"), after(3));
    let found = of_kind(&store, &first, CaseKind::Refund);
    propose(&store, &found.number, ("clerk", "sent back"), Some(&back("2026-11-20", "R")), later()).expect("proposed");
    close(&store, &found.number, "finance", later()).expect("closed");
    let page = PaymentPage::of(&store, first.read(&store)).expect("a page");
    let told = page.advice(Language::English, later());
    assert!(page.standing() == "part-refunded" && told.contains(&page.receipts[0].number), "{told}");
    assert!(told.contains("RM 67.10") && told.contains("refunded on 20/11/2026, reference R,"), "{told}");
    assert_eq!(balance(&store, "suspense"), 0);
    laws_hold(&store);
}

fn what_is_refused(place: &Place) {
    let store = place.store();
    let (first, found) = paid_twice(&store);
    let said = |number: &str, refund: Option<&Refund>| {
        let refused = propose(&store, number, ("clerk", "solved"), refund, later()).expect_err("refused").to_string();
        assert_eq!(case(&store, number).expect("it").state, CaseState::Open, "nothing is kept: {refused}");
        refused
    };
    let nothing = said(&found.number, None);
    assert!(nothing.contains("RM 78.90") && nothing.contains("--refunded-on"), "{nothing}");
    let late = of_kind(&store, &first, CaseKind::LateApproval);
    assert!(said(&late.number, Some(&back("2026-11-20", "R"))).contains("not about money that goes back"));
    assert!(said(&found.number, Some(&back("2026-11-20", " "))).contains("reference"));
    // The day on which the money came, and today, are the first and the last.
    assert!(said(&found.number, Some(&back("2026-11-09", "R"))).contains("before 2026-11-10"));
    assert!(said(&found.number, Some(&back("2026-11-21", "R"))).contains("future"));
    for day in ["2026-11-10", "2026-11-11", "2026-11-19", "2026-11-20"] {
        propose(&store, &found.number, ("clerk", "sent back"), Some(&back(day, "R")), later()).expect(day);
    }
    // A case about something else closes as ever, and books nothing.
    propose(&store, &late.number, ("clerk", "looked at"), None, later()).expect("proposed");
    close(&store, &late.number, "finance", later()).expect("closed");
    assert!(store.journal(&late.number).expect("read").is_empty());
    assert!(matches!(close(&store, "C-000009", "x", later()), Err(CaseError::Store(StoreError::NotFound(_)))));
    laws_hold(&store);
}

fn a_proposal_of_an_earlier_program(place: &Place) {
    let store = place.store();
    let (_, found) = paid_twice(&store);
    let number = found.number.as_str();
    propose(&store, number, ("clerk", "sent back"), Some(&back("2026-11-20", "R")), later()).expect("proposed");
    let forget = "update office_case set refunded_on = null, refund_reference = null".to_owned();
    statements(&place.own_url(), vec![forget]);
    let refused = close(&store, number, "finance", later());
    assert!(matches!(refused, Err(CaseError::NotRefunded { .. })), "{refused:?}");
    assert_eq!((case(&store, number).expect("it").state, balance(&store, "suspense")), (CaseState::Proposed, -7_890));
    propose(&store, number, ("clerk", "sent back"), Some(&back("2026-11-20", "R")), later()).expect("proposed anew");
    close(&store, number, "finance", later()).expect("closed");
    laws_hold(&store);
}

fn two_close_it_at_once(place: &Place) {
    let store = place.store();
    let (_, found) = paid_twice(&store);
    let number = found.number.as_str();
    propose(&store, number, ("clerk", "sent back"), Some(&back("2026-11-20", "R")), later()).expect("proposed");
    let well = std::thread::scope(|scope| {
        let all: Vec<_> = ["finance", "director", "auditor", "manager"]
            .map(|who| {
                scope.spawn({
                    let store = &store;
                    move || close(store, number, who, later()).is_ok()
                })
            })
            .into_iter()
            .collect();
        all.into_iter().filter_map(|one| one.join().ok()).filter(|well| *well).count()
    });
    assert_eq!((well, store.journal(number).expect("read").len(), balance(&store, "suspense")), (1, 2, 0));
    laws_hold(&store);
}
