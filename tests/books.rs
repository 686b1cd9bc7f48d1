//! Payments and books as they are kept, on SQLite and on PostgreSQL.

mod place;

use caruman::domain::{Account, CaseKind, CaseState, PaymentEvent, PaymentModel, PaymentState, Scheme, Sen};
use caruman::store::StoreError;
use caruman::store::books::{CaseFilter, NewCase};
use caruman::store::payments::{NewPayment, OrderValues, PaymentFilter, PaymentItem};
use caruman::store::receipts::{NewReceipt, ReceiptFilter, ReceiptLine};
use chrono::{DateTime, FixedOffset, TimeDelta};
use place::{Place, statements};

on_both! {
    order_numbers_follow_the_clock
    what_is_at_the_bank_is_locked
    a_form_goes_out_once
    books_balance_and_are_only_added_to
    it_takes_two_to_close_a_case
    receipts_have_series_of_their_own
    what_must_go_out_waits
}

const EMPLOYER: &str = "A9900000001Z";

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

fn now() -> DateTime<FixedOffset> {
    at("2026-11-10T09:00:00+08:00")
}

fn item(reference: &str, scheme: Scheme, amount: i64) -> PaymentItem {
    let (kind, reference) = ("monthly".to_owned(), reference.to_owned());
    PaymentItem { kind, reference, scheme, amount: Sen(amount), open: true }
}

fn new(order: &str, items: Vec<PaymentItem>) -> NewPayment {
    NewPayment {
        employer_code: EMPLOYER.to_owned(),
        model: PaymentModel::B2c,
        bank: "TEST0021".to_owned(),
        amount: items.iter().map(|item| item.amount).sum(),
        exchange_order: format!("PKS{order}"),
        seller_order: format!("T{order}"),
        token: *blake3::hash(order.as_bytes()).as_bytes(),
        request: format!("what was sent for {order}"),
        items,
        started_by: "clerk".to_owned(),
        now: now(),
    }
}

fn order_numbers_follow_the_clock(place: &Place) {
    let store = place.store();
    let mut group = store.begin_group().expect("a group");
    let mut next = |moment: &str| group.order_counters(at(moment)).expect("counters");
    let first = next("2026-11-10T00:00:00+08:00");
    assert_eq!((first.of_the_day, next("2026-11-10T00:00:00+08:00").of_the_day), (1, 2));
    // Ten a second from midnight, and ten a second from the start of 2026.
    let OrderValues { of_the_day, in_all } = next("2026-11-10T01:00:00.150+08:00");
    assert_eq!((of_the_day, in_all), (36_002, 313 * 864_000 + 36_002));
    // A clock that goes back takes nothing back.
    assert_eq!(next("2026-11-10T00:59:59+08:00"), OrderValues { of_the_day: 36_003, in_all: in_all + 1 });
    assert_eq!(next("2026-11-10T23:59:59.999+08:00").of_the_day, 864_000);
    assert_eq!(next("2026-11-11T00:00:00+08:00").of_the_day, 1, "the day is Malaysian");
    group.commit().expect("kept");
    // The back-up of an hour ago was put back: what was counted since is not counted again.
    statements(&place.own_url(), vec!["update series set last = 1 where kind like 'order%'".to_owned()]);
    let mut group = store.begin_group().expect("a group");
    let after = group.order_counters(at("2026-11-11T01:00:00+08:00")).expect("counters");
    assert_eq!(after.of_the_day, 36_001);
    assert!(after.in_all > in_all + 800_000);
}

fn what_is_at_the_bank_is_locked(place: &Place) {
    let store = place.store();
    store.data_key(EMPLOYER, now()).expect("a key");
    let both = || vec![item("ACR112260000001", Scheme::Act4, 6_710), item("ECR112260000001", Scheme::Act800, 1_180)];
    let mut group = store.begin_group().expect("a group");
    let number = group.start_payment(new("1", both())).expect("started");
    assert_eq!(number, "P-000001");
    let clash = group.start_payment(new("2", both()[1..].to_vec())).expect_err("locked");
    assert!(
        matches!(&clash, StoreError::Locked { reference, payment }
        if reference == "ECR112260000001" && *payment == number),
        "{clash}"
    );
    group.commit().expect("kept");
    assert_eq!(store.payment_of_reference("ACR112260000001").expect("read"), Some(number.clone()));

    let kept = store.payment_by_order("PKS1").expect("read").expect("a payment");
    assert_eq!((kept.number.as_str(), kept.state, kept.amount), ("P-000001", PaymentState::Created, Sen(7_890)));
    assert_eq!(kept.items, both());
    assert_eq!(store.request_of_payment(&kept).expect("opened"), "what was sent for 1");
    let token = blake3::hash(b"1");
    assert_eq!(store.payment_by_token(token.as_bytes()).expect("read"), Some(kept));
    let filter = PaymentFilter { reference: Some("ECR112260000001".to_owned()), ..PaymentFilter::default() };
    assert_eq!(store.payments(&filter).expect("read").len(), 1);

    let mut group = store.begin_group().expect("a group");
    group.release_items(&number).expect("released");
    let second = group.start_payment(new("2", both())).expect("free now");
    group.commit().expect("kept");
    assert_eq!(store.payment_of_reference("ACR112260000001").expect("read"), Some(second));
    assert_eq!(store.payments(&filter).expect("read").len(), 2);
}

fn a_form_goes_out_once(place: &Place) {
    let store = place.store();
    store.data_key(EMPLOYER, now()).expect("a key");
    let mut group = store.begin_group().expect("a group");
    let number = group.start_payment(new("1", vec![item("ACR1", Scheme::Act4, 100)])).expect("started");
    let ask = now() + TimeDelta::minutes(5);
    group.mark_served(&number, now(), Some(ask)).expect("served");
    assert!(matches!(group.mark_served(&number, now(), None), Err(StoreError::Step { .. })));
    group.commit().expect("kept");
    let due = |at| store.open_payments_to_ask(at, 10).expect("read").len();
    assert_eq!((due(ask - TimeDelta::seconds(1)), due(ask), due(ask + TimeDelta::seconds(1))), (0, 1, 1));
    let mut group = store.begin_group().expect("a group");
    group.set_asked(&number, ask, None).expect("noted");
    let mut stale = group.payment(&number).expect("read");
    assert_eq!((stale.asked, stale.asked_at, stale.ask_next), (1, Some(ask), None));
    // Whoever read it before somebody else moved it moves nothing.
    let mut fresh = stale.clone();
    group.move_payment(&mut fresh, PaymentEvent::Approve).expect("paid");
    assert!(matches!(group.move_payment(&mut stale, PaymentEvent::Fail), Err(StoreError::Step { .. })));
    assert_eq!(group.payment(&number).expect("read").state, PaymentState::Paid);
}

fn books_balance_and_are_only_added_to(place: &Place) {
    let store = place.store();
    let mut group = store.begin_group().expect("a group");
    let mut book = |amounts: &[(Account, Sen)]| group.book("P-000001", EMPLOYER, now(), amounts);
    let [bank, act4, act800] = [Account::BankFpx, Account::ContributionsAct4, Account::ContributionsAct800];
    let fine = [(bank, Sen(7_890)), (act4, Sen(-6_710)), (act800, Sen(-1_180)), (Account::InterestAct4, Sen(0))];
    assert_eq!(book(&fine).expect("booked"), 1);
    for off in [-1, 1] {
        let refused = book(&[(bank, Sen(7_890)), (act4, Sen(-7_890 + off))]);
        assert!(matches!(refused, Err(StoreError::Unbalanced(_))), "{off}");
    }
    assert!(book(&[]).is_err() && book(&[(bank, Sen(0))]).is_err());
    assert!(book(&[(bank, Sen(i64::MAX)), (act4, Sen(i64::MAX)), (act800, Sen(2))]).is_err(), "sums do not wrap");
    group.commit().expect("kept");
    assert_eq!(store.journal("P-000001").expect("read").len(), 3, "lines of nothing are left out");
    let balances = store.balances().expect("read");
    assert_eq!((balances["bank-fpx"], balances["contributions-act4"]), (Sen(7_890), Sen(-6_710)));
    assert_eq!(store.first_unbalanced_entry().expect("read"), None);
    let foreign = "insert into journal (entry, position, at, subject, account, employer_code, amount_sen) \
         values (2, 1, '2026-11-10T09:00:00+08:00', 'P-000002', 'bank-fpx', '', 1)";
    statements(&place.own_url(), vec![foreign.to_owned()]);
    assert_eq!(store.first_unbalanced_entry().expect("read"), Some(2));
    for change in ["update journal set amount_sen = 0", "delete from journal"] {
        let url = place.own_url();
        let done = std::panic::catch_unwind(|| statements(&url, vec![change.to_owned()]));
        assert!(done.is_err(), "{change}");
    }
}

fn it_takes_two_to_close_a_case(place: &Place) {
    let store = place.store();
    let case = |subject: &str| NewCase {
        kind: CaseKind::Refund,
        subject: subject.to_owned(),
        employer_code: EMPLOYER.to_owned(),
        amount: Sen(100),
        opened_at: now(),
        detail: "paid twice".to_owned(),
    };
    let mut group = store.begin_group().expect("a group");
    let number = group.open_case(case("P-000001")).expect("opened");
    assert_eq!((number.as_str(), group.open_case(case("P-000001")).expect("the same")), ("C-000001", number.clone()));
    assert_eq!(group.open_case(case("P-000002")).expect("another"), "C-000002");
    assert!(matches!(group.close_case(&number, "finance", now()), Err(StoreError::Step { .. })), "nobody proposed");
    group.propose_solution(&number, "clerk", ("sent back", None), now()).expect("proposed");
    for same in ["clerk", "Clerk "] {
        assert!(matches!(group.close_case(&number, same, now()), Err(StoreError::SamePerson(_))));
    }
    group.close_case(&number, "finance", now()).expect("closed");
    assert!(matches!(group.propose_solution(&number, "x", ("y", None), now()), Err(StoreError::Step { .. })));
    assert!(matches!(group.close_case("C-000009", "x", now()), Err(StoreError::NotFound(_))));
    assert_eq!(group.open_case(case("P-000001")).expect("a new one"), "C-000003", "the first is closed");
    group.commit().expect("kept");
    let closed = CaseFilter { state: Some(CaseState::Closed), ..CaseFilter::default() };
    let closed = store.cases(&closed).expect("read");
    assert_eq!((closed.len(), closed[0].closed_by.as_deref()), (1, Some("finance")));
}

fn receipts_have_series_of_their_own(place: &Place) {
    let store = place.store();
    store.data_key(EMPLOYER, now()).expect("a key");
    let mut group = store.begin_group().expect("a group");
    let mut issue = |scheme, payment: &str, reference: &str, total: i64| {
        let number = group.receipt_number(scheme, now()).expect("a number");
        let line = ReceiptLine { kind: "monthly".into(), reference: reference.to_owned(), amount: Sen(100) };
        let (employer_code, payment) = (EMPLOYER.to_owned(), payment.to_owned());
        let (paid_on, frozen) = (now().date_naive(), format!("{{\"number\":\"{number}\"}}"));
        let (issued_at, lines, total) = (now(), vec![line], Sen(total));
        let new = NewReceipt { number, employer_code, scheme, payment, total, paid_on, issued_at, frozen, lines };
        group.issue_receipt(new.clone()).map(|()| new.number)
    };
    assert_eq!(issue(Scheme::Act4, "P-000001", "ACR1", 100).expect("issued"), "20260000000001");
    assert_eq!(issue(Scheme::Act800, "P-000001", "ECR1", 100).expect("issued"), "2026E0000000001");
    assert_eq!(issue(Scheme::Act4, "P-000002", "ACR2", 100).expect("issued"), "20260000000002");
    assert!(matches!(issue(Scheme::Act4, "P-000003", "ACR3", 101), Err(StoreError::Unbalanced(_))));
    group.commit().expect("kept");
    let found = store.receipt_of_reference("ECR1").expect("read").expect("a receipt");
    assert_eq!((found.number.as_str(), found.total), ("2026E0000000001", Sen(100)));
    assert_eq!(store.frozen_receipt(&found).expect("opened"), "{\"number\":\"2026E0000000001\"}");
    let filter = ReceiptFilter { payment: Some("P-000001".to_owned()), ..ReceiptFilter::default() };
    assert_eq!(store.receipts(&filter).expect("read").len(), 2);
}

fn what_must_go_out_waits(place: &Place) {
    let store = place.store();
    let mut group = store.begin_group().expect("a group");
    group.outbox("receipt", "20260000000001", EMPLOYER, now()).expect("waits");
    group.outbox("mail-paid", "P-000001", EMPLOYER, now() + TimeDelta::minutes(1)).expect("waits");
    group.commit().expect("kept");
    let due = |minutes: i64| store.outbox_due(now() + TimeDelta::minutes(minutes), 10).expect("read");
    assert_eq!((due(-1).len(), due(0).len(), due(1).len()), (0, 1, 2));
    let mut group = store.begin_group().expect("a group");
    group.outbox_done(1, now()).expect("done");
    assert!(matches!(group.outbox_done(1, now()), Err(StoreError::Step { .. })));
    group.outbox_again(2, now() + TimeDelta::hours(1), "no answer").expect("later");
    group.commit().expect("kept");
    assert_eq!((due(59).len(), due(60).len()), (0, 1));
    assert_eq!((due(60)[0].attempts, due(60)[0].note.as_str()), (1, "no answer"));
}
