//! From FPX's word to the receipt, on SQLite and on PostgreSQL: every cell of the table of payments, and money that could
//! be lost or paid twice.

mod paying;
mod place;

use caruman::domain::states::AcknowledgementState as Ack;
use caruman::domain::{CaseKind, ChargeState, Language, PaymentEvent, PaymentModel, PaymentState, Scheme, Sen};
use caruman::fpx::message::Channel;
use caruman::fpx::value::FpxTime;
use caruman::store::Store;
use caruman::store::books::CaseFilter;
use caruman::store::receipts::{ReceiptFilter, ReceiptRecord};
use caruman::store::{AppealOutcome, ChargeFilter};
use caruman::workflow::payment_page::PaymentPage;
use caruman::workflow::receipt::FrozenReceipt;
use caruman::workflow::settle::{Incoming, Outcome, Reply, accept_failure, give_up, settle};
use caruman::workflow::withdraw::withdraw;
use paying::{
    Attempt, Bank, FPX, acknowledged, after, at, charged, desk, direct, hand_in, laws_hold, sent, sent_for, standing,
    start, started,
};
use place::Place;

on_both! {
    both_acts_one_payment
    every_cell_of_the_table
    a_form_that_is_posted_twice
    an_answer_comes_again
    answers_in_the_wrong_order
    signed_but_not_what_was_sent
    what_cannot_be_believed
    no_certificate_in_force_is_no_failure
    a_payment_that_failed_is_approved
    a_late_approval_finds_another_payment
    a_late_approval_finds_it_withdrawn
    paid_twice
    approved_under_two_numbers_of_fpx
    waiting_after_the_end_locks_again
    waiting_after_the_end_leaves_what_went_elsewhere
    a_fault_is_confirmed
    a_fault_that_a_person_settles
    the_credit_side
    the_end_of_the_ladder
    charges_go_with_their_payment
    charges_of_a_payment_that_failed_are_approved
    interest_on_what_another_payment_paid
    interest_that_was_appealed_stands
    paid_after_midnight
    a_hundred_in_one_commit
}

fn receipts(store: &Store, attempt: &Attempt) -> Vec<ReceiptRecord> {
    let filter = ReceiptFilter { payment: Some(attempt.number.clone()), ..ReceiptFilter::default() };
    let mut found = store.receipts(&filter).expect("read");
    found.sort_by_key(|receipt| receipt.scheme);
    found
}

fn cases(store: &Store, subject: &str) -> Vec<CaseKind> {
    let filter = CaseFilter { subject: Some(subject.to_owned()), ..CaseFilter::default() };
    let mut kinds: Vec<CaseKind> = store.cases(&filter).expect("read").iter().map(|case| case.kind).collect();
    kinds.sort_by_key(|kind| kind.id());
    kinds
}

fn balance(store: &Store, account: &str) -> i64 {
    store.balances().expect("read").get(account).map_or(0, |sen| sen.0)
}

fn locked(store: &Store, reference: &str) -> bool {
    store.payment_of_reference(reference).expect("read").is_some()
}

fn both_acts_one_payment(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    assert_eq!(attempt.references.iter().map(|r| standing(&store, r)).collect::<Vec<_>>(), [Ack::AtBank; 2]);
    let outcome = direct(&store, &attempt, ("00", "00"), after(5));
    let Outcome::Applied { state, alert, receipts: numbers, cases, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((outcome.reply(), *state, *alert, cases.len()), (Reply::Ok, PaymentState::Paid, None, 0));

    let printed = receipts(&store, &attempt);
    assert_eq!(printed.iter().map(|receipt| &receipt.number).collect::<Vec<_>>(), numbers.iter().collect::<Vec<_>>());
    assert_eq!(numbers, &["20260000000001", "2026E0000000001"]);
    assert_eq!(printed.iter().map(|receipt| receipt.total).collect::<Vec<_>>(), [Sen(6_710), Sen(1_180)]);
    let frozen: Vec<FrozenReceipt> = printed
        .iter()
        .map(|receipt| serde_json::from_str(&store.frozen_receipt(receipt).expect("opened")).expect("JSON"))
        .collect();
    assert!(frozen.iter().all(|receipt| receipt.ties() && receipt.transaction_id == "2611100905220001"));
    assert_eq!((frozen[0].lines[0].skbbk, frozen[1].lines[0].skbbk), (Sen(100), Sen(0)));
    assert_eq!(frozen[0].paid_at, "2026-11-10T09:05:22+08:00");
    assert_eq!((frozen[0].bank_name.as_str(), frozen[0].maker.as_str()), ("SBI Bank A", "clerk"));

    for reference in &attempt.references {
        assert_eq!(standing(&store, reference), Ack::Receipted);
        assert!(!locked(&store, reference));
        assert!(store.receipt_of_reference(reference).expect("read").is_some());
        assert_eq!(
            store.events(reference).expect("read").last().map(|event| event.what.clone()),
            Some("receipted".into())
        );
    }
    assert_eq!(store.journal(&attempt.number).expect("read").len(), 3);
    assert_eq!(balance(&store, "bank-fpx"), 7_890);
    let due = store.outbox_due(after(5), 0).expect("read");
    assert_eq!(due.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["receipt", "receipt", "mail-paid"]);
    let kept = store.bank_messages(&attempt.number).expect("read");
    assert_eq!((kept.len(), kept[0].verdict.as_str(), kept[0].certificate.as_str()), (1, "applied", "1A"));
    assert_eq!(store.body_of_message(&kept[0]).expect("opened"), FPX.says(&attempt.request, "00", "00"));
    let payment = attempt.read(&store);
    assert_eq!((payment.ask_next, payment.ended_at), (None, Some(after(5))));
    assert!(payment.items.iter().all(|item| !item.open));
    laws_hold(&store);
}

/// Brings a new payment into a state.
fn in_state(store: &Store, state: PaymentState) -> Attempt {
    let [pair] = acknowledged(store, 1).try_into().expect("one pair");
    if state == PaymentState::Created {
        return started(store, &[pair.to_vec()], start()).remove(0);
    }
    let attempt = sent_for(store, &pair, start());
    match state {
        PaymentState::Created | PaymentState::Sent => {}
        PaymentState::PendingBank => drop(direct(store, &attempt, ("09", ""), after(1))),
        PaymentState::PendingAuthoriser => drop(direct(store, &attempt, ("99", ""), after(1))),
        PaymentState::Paid => drop(direct(store, &attempt, ("00", "00"), after(1))),
        PaymentState::Failed => drop(direct(store, &attempt, ("51", ""), after(1))),
        PaymentState::Abandoned => drop(give_up(&desk(store), &attempt.number, "job", after(1)).expect("given up")),
    }
    assert_eq!(attempt.state(store), state);
    attempt
}

fn every_cell_of_the_table(place: &Place) {
    let store = place.store();
    let events = [
        ("09", PaymentEvent::PendAtBank),
        ("99", PaymentEvent::PendForAuthoriser),
        ("00", PaymentEvent::Approve),
        ("1C", PaymentEvent::Fail),
        ("76", PaymentEvent::NotFound),
        ("XN", PaymentEvent::RepeatOrder),
        ("ZZ", PaymentEvent::PendAtBank),
        ("", PaymentEvent::PendAtBank),
    ];
    for state in PaymentState::ALL {
        for (code, event) in events {
            for channel in [Channel::Direct, Channel::Indirect, Channel::Enquiry] {
                let attempt = in_state(&store, state);
                let credit = if code == "00" { "00" } else { "" };
                let body = FPX.says_so(&attempt.request, |answer| {
                    answer.debit_code = caruman::fpx::codes::ResponseCode::read(code);
                    answer.credit_code = caruman::fpx::codes::ResponseCode::read(credit);
                    // Not the message that brought the payment here.
                    answer.maker_name = "New Simulator".to_owned();
                });
                let outcome = hand_in(&store, channel, &body, after(2));
                let cell = format!("{state} and {code:?} by {channel}");
                match state.next(event) {
                    None => {
                        assert!(matches!(outcome, Outcome::Exception { .. }), "{cell}: {outcome:?}");
                        assert_eq!(attempt.state(&store), state, "{cell}");
                        assert_eq!(cases(&store, &attempt.number), [CaseKind::Exception], "{cell}");
                    }
                    Some(next) => {
                        let Outcome::Applied { before, state: found, alert, cases, .. } = &outcome else {
                            panic!("{cell}: {outcome:?}")
                        };
                        assert_eq!((*before, *found, *alert), (state, next, state.alert(event)), "{cell}");
                        assert_eq!(attempt.state(&store), next, "{cell}");
                        assert_eq!(outcome.reply(), Reply::Ok, "{cell}");
                        assert!(alert.is_none() || !cases.is_empty(), "{cell}");
                        let ask = attempt.read(&store).ask_next;
                        let at_once = code == "XN" && ask == Some(after(2));
                        assert!(!next.is_open() || at_once || ask.is_some_and(|ask| ask > after(2)), "{cell}: {ask:?}");
                        let issued = receipts(&store, &attempt).len();
                        assert_eq!(issued, if next == PaymentState::Paid { 2 } else { 0 }, "{cell}");
                    }
                }
            }
        }
    }
    laws_hold(&store);
}

/// FPX refuses the second copy of a form, signed: the first may still be approved.
fn a_form_that_is_posted_twice(place: &Place) {
    let store = place.store();
    for code in ["45", "XN", "XO"] {
        for state in [PaymentState::Sent, PaymentState::PendingBank, PaymentState::PendingAuthoriser] {
            let attempt = in_state(&store, state);
            let before = attempt.read(&store);
            let body = FPX.says_so(&attempt.request, |answer| {
                answer.debit_code = caruman::fpx::codes::ResponseCode::read(code);
                answer.credit_code = None;
                answer.transaction_id = "2611100905229999".to_owned();
            });
            hand_in(&store, Channel::Indirect, &body, after(2));
            hand_in(&store, Channel::Direct, &body, after(3));
            let payment = attempt.read(&store);
            assert_eq!((payment.state, payment.ask_next), (state, Some(after(3))), "{code}");
            assert_eq!(
                (&payment.transaction_id, &payment.debit_code),
                (&before.transaction_id, &before.debit_code),
                "{code}"
            );
            assert!(attempt.references.iter().all(|r| standing(&store, r) == Ack::AtBank && locked(&store, r)));
            assert!(cases(&store, &attempt.number).is_empty(), "{code}");
            // Said in answer to a question, it is asked again by the ladder, not in a circle.
            hand_in(&store, Channel::Enquiry, &body, after(4));
            assert!(attempt.read(&store).ask_next.is_some_and(|ask| ask > after(4)));
            direct(&store, &attempt, ("00", "00"), after(5));
            assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
            // After the approval it contradicts nothing.
            hand_in(&store, Channel::Direct, &FPX.says(&attempt.request, code, ""), after(6));
            assert!(attempt.state(&store) == PaymentState::Paid && cases(&store, &attempt.number).is_empty());
        }
        // What was given up is known to FPX after all: asked at once.
        let attempt = in_state(&store, PaymentState::Abandoned);
        direct(&store, &attempt, (code, ""), after(2));
        assert_eq!(attempt.read(&store).ask_next, Some(after(2)), "{code}");
    }
    laws_hold(&store);
}

fn an_answer_comes_again(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    assert!(matches!(hand_in(&store, Channel::Direct, &body, after(1)), Outcome::Applied { .. }));
    for minutes in 2..5 {
        let again = hand_in(&store, Channel::Direct, &body, after(minutes));
        assert_eq!(again, Outcome::Repeat { payment: attempt.number.clone(), taken: true });
        assert_eq!(again.reply(), Reply::Ok);
    }
    for channel in [Channel::Indirect, Channel::Enquiry] {
        let outcome = hand_in(&store, channel, &body, after(5));
        let Outcome::Applied { state: PaymentState::Paid, receipts, .. } = outcome else { panic!("{outcome:?}") };
        assert!(receipts.is_empty());
    }
    let seen: Vec<(String, i64)> = store
        .bank_messages(&attempt.number)
        .expect("read")
        .into_iter()
        .map(|message| (message.channel, message.seen))
        .collect();
    assert_eq!(seen, [("direct".to_owned(), 4), ("enquiry".to_owned(), 1), ("indirect".to_owned(), 1)]);
    assert_eq!(receipts(&store, &attempt).len(), 2);
    assert_eq!(store.journal(&attempt.number).expect("read").len(), 3);

    // The same message 1,000 times, of these 250 in one commit.
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    let many = vec![Incoming { channel: Channel::Direct, body }; 250];
    for _ in 0..4 {
        let outcomes = settle(&desk(&store), &many, after(6)).expect("settled");
        assert!(outcomes.iter().all(|outcome| outcome.reply() == Reply::Ok));
    }
    assert_eq!(store.bank_messages(&attempt.number).expect("read")[0].seen, 1_000);
    assert_eq!(receipts(&store, &attempt).len(), 2);
    laws_hold(&store);
}

fn answers_in_the_wrong_order(place: &Place) {
    let store = place.store();
    // The browser before the server, approval before "waiting for the approver".
    let attempt = sent(&store);
    let (paid, waits) = (FPX.says(&attempt.request, "00", "00"), FPX.says(&attempt.request, "99", ""));
    hand_in(&store, Channel::Indirect, &paid, after(1));
    hand_in(&store, Channel::Direct, &paid, after(2));
    let late = hand_in(&store, Channel::Direct, &waits, after(3));
    assert_eq!(late.reply(), Reply::Ok);
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
    assert_eq!(cases(&store, &attempt.number), [CaseKind::ContradictsApproval]);
    let payment = attempt.read(&store);
    assert_eq!((payment.debit_code.as_str(), payment.credit_code.as_str()), ("00", "00"));
    // In one commit, in the wrong order.
    let attempt = sent(&store);
    let bodies = ["00", "99", "09"].map(|code| FPX.says(&attempt.request, code, if code == "00" { "00" } else { "" }));
    let all = bodies.map(|body| Incoming { channel: Channel::Direct, body });
    settle(&desk(&store), &all, after(4)).expect("settled");
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
    laws_hold(&store);
}

fn signed_but_not_what_was_sent(place: &Place) {
    let store = place.store();
    let other_time = FpxTime::read("20261110090001").expect("a time");
    type Change = Box<dyn Fn(&mut caruman::fpx::message::BankAnswer)>;
    let changes: [(&str, Change); 8] = [
        ("fpx_txnAmount", Box::new(|answer| answer.amount = Sen(7_889))),
        ("fpx_txnAmount", Box::new(|answer| answer.amount = Sen(7_891))),
        ("fpx_sellerId", Box::new(|answer| answer.seller_id = "SE00000002".into())),
        ("fpx_sellerExId", Box::new(|answer| answer.exchange_id = "EX00000002".into())),
        ("fpx_buyerBankId", Box::new(|answer| answer.bank = "TEST0022".into())),
        ("fpx_sellerTxnTime", Box::new(move |answer| answer.time = other_time)),
        ("fpx_txnCurrency", Box::new(|answer| answer.currency = "SGD".into())),
        ("fpx_msgToken", Box::new(|answer| answer.model = PaymentModel::B2c)),
    ];
    for (field, change) in changes {
        let attempt = sent(&store);
        let body = FPX.says_so(&attempt.request, |answer| change(answer));
        let outcome = hand_in(&store, Channel::Direct, &body, after(1));
        assert!(matches!(outcome, Outcome::Exception { .. }), "{field}: {outcome:?}");
        assert_eq!(outcome.reply(), Reply::Refuse, "{field}");
        let again = hand_in(&store, Channel::Direct, &body, after(2));
        assert_eq!(again, Outcome::Repeat { payment: attempt.number.clone(), taken: false }, "{field}");
        assert_eq!(again.reply(), Reply::Refuse);
        assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Sent, 0), "{field}");
        assert_eq!(cases(&store, &attempt.number), [CaseKind::Exception], "{field}");
        let filter = CaseFilter { subject: Some(attempt.number.clone()), ..CaseFilter::default() };
        assert!(store.cases(&filter).expect("read")[0].detail.contains(field), "{field}");
        assert_eq!(store.bank_messages(&attempt.number).expect("read")[0].verdict, "exception");
        assert!(locked(&store, &attempt.references[0]), "{field}");
        // What is right still counts.
        direct(&store, &attempt, ("00", "00"), after(3));
        assert_eq!(attempt.state(&store), PaymentState::Paid, "{field}");
    }
    // The settings changed since: it is not for us any more.
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    let other = caruman::workflow::settle::Desk { seller_id: "SE00000002", ..desk(&store) };
    let outcome = settle(&other, &[Incoming { channel: Channel::Direct, body }], after(1)).expect("settled").remove(0);
    assert!(matches!(outcome, Outcome::Exception { .. }), "{outcome:?}");
    laws_hold(&store);
}

fn what_cannot_be_believed(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    let text = String::from_utf8(body.clone()).expect("text");
    let stranger = Bank::new();
    let forged = stranger.says(&attempt.request, "00", "00");
    let raised = text.replace("78.90", "78.91").into_bytes();
    let (start_of_sum, _) = text.split_once("fpx_checkSum=").expect("a checksum");
    let strays = [
        (forged, "not FPX's"),
        (raised, "not FPX's"),
        (format!("{text}&fpx_txnAmount=1.00").into_bytes(), "twice"),
        (format!("{start_of_sum}fpx_checkSum=").into_bytes(), "hexadecimal"),
        (b"ERROR".to_vec(), "no answer"),
        (Vec::new(), "the body is empty"),
        (b"<html>".to_vec(), "not a form"),
        (vec![b'a'; 20_000], "too large"),
    ];
    let count = strays.len();
    for (body, reason) in strays {
        for channel in [Channel::Direct, Channel::Direct] {
            let outcome = hand_in(&store, channel, &body, after(1));
            let Outcome::Stray { reason: found, alarm: false } = &outcome else { panic!("{outcome:?}") };
            assert!(found.contains(reason), "{found}");
            assert_eq!(outcome.reply(), Reply::Refuse);
        }
    }
    let kept = store.stray_messages(0).expect("read");
    assert!(kept.len() == count && kept.iter().all(|stray| stray.seen == 2), "{kept:?}");
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Sent, 0));
    assert!(store.bank_messages(&attempt.number).expect("read").is_empty());

    // Signed, but nobody here sent that.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = Store::open(None, elsewhere.path(), None).expect("a store");
    let [pair] = acknowledged(&other, 1).try_into().expect("one pair");
    let unknown = sent_for(&other, &pair, after(30));
    let outcome = direct(&store, &unknown, ("00", "00"), after(31));
    let Outcome::Stray { reason, alarm: true } = &outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("not known") && outcome.reply() == Reply::Refuse);
    // It may be money, so it is a case, and is kept apart from what anybody can send.
    assert_eq!(store.stray_messages(0).expect("read").len(), count);
    direct(&store, &unknown, ("00", "00"), after(32));
    let kept = store.bank_messages("").expect("read");
    assert!(matches!(&kept[..], [one] if one.seen == 2 && one.verdict == "exception"), "{kept:?}");
    assert_eq!(store.body_of_message(&kept[0]).expect("opened"), FPX.says(&unknown.request, "00", "00"));
    let order = other.payment(&unknown.number).expect("a payment").exchange_order;
    assert_eq!(cases(&store, &order), [CaseKind::UnknownOrder]);
    // For another seller it is nothing of ours.
    let foreign = FPX.says_so(&unknown.request, |answer| answer.seller_id = "SE00000002".into());
    let outcome = hand_in(&store, Channel::Direct, &foreign, after(33));
    assert!(matches!(outcome, Outcome::Stray { alarm: false, .. }), "{outcome:?}");
    assert_eq!(store.bank_messages("").expect("read").len(), 1);
    laws_hold(&store);
}

fn no_certificate_in_force_is_no_failure(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    let expired = at("2027-01-02T00:00:00+00:00");
    let outcome = hand_in(&store, Channel::Direct, &body, expired);
    let Outcome::Stray { reason, alarm: true } = &outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("1A"), "{reason}");
    assert_eq!(attempt.state(&store), PaymentState::Sent);
    assert!(locked(&store, &attempt.references[0]) && attempt.read(&store).ask_next.is_some());
    assert_eq!(cases(&store, "fpx-certificates"), [CaseKind::MerchantFault]);
    hand_in(&store, Channel::Direct, &body, expired);
    assert_eq!(cases(&store, "fpx-certificates").len(), 1, "one case, however often");
    // With a certificate it counts.
    hand_in(&store, Channel::Direct, &body, after(10));
    assert_eq!(attempt.state(&store), PaymentState::Paid);
    laws_hold(&store);
}

fn a_payment_that_failed_is_approved(place: &Place) {
    let store = place.store();
    for first_free in [false, true] {
        let attempt = sent(&store);
        direct(&store, &attempt, ("51", ""), after(1));
        assert_eq!(attempt.state(&store), PaymentState::Failed);
        assert!(attempt.references.iter().all(|r| standing(&store, r) == Ack::Submitted && !locked(&store, r)));
        if first_free {
            // In a cart meanwhile: it is paid, so the cart loses it.
            let mut group = store.begin_group().expect("a group");
            let step = caruman::domain::states::AcknowledgementEvent::AddToCart;
            group.move_acknowledgement(&attempt.references[0], step).expect("in the cart");
            group.commit().expect("kept");
        }
        let outcome = direct(&store, &attempt, ("00", "00"), after(30));
        let Outcome::Applied { state: PaymentState::Paid, cases: opened, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((opened.len(), cases(&store, &attempt.number)), (1, vec![CaseKind::LateApproval]));
        assert!(attempt.references.iter().all(|r| standing(&store, r) == Ack::Receipted));
        assert_eq!((receipts(&store, &attempt).len(), balance(&store, "suspense")), (2, 0));
    }
    // Given up, and approved after all.
    let attempt = in_state(&store, PaymentState::Abandoned);
    direct(&store, &attempt, ("00", "00"), after(30));
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
    laws_hold(&store);
}

fn a_late_approval_finds_another_payment(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let first = sent_for(&store, &pair, start());
    direct(&store, &first, ("1C", ""), after(1));
    // Only the ACR is tried again; the ECR is free.
    let second = sent_for(&store, &pair[..1], after(2));
    let outcome = direct(&store, &first, ("00", "00"), after(3));
    assert_eq!(outcome.reply(), Reply::Ok);
    assert_eq!((standing(&store, &pair[0]), standing(&store, &pair[1])), (Ack::AtBank, Ack::Receipted));
    assert_eq!(receipts(&store, &first).iter().map(|r| r.scheme).collect::<Vec<_>>(), [Scheme::Act800]);
    assert_eq!(balance(&store, "suspense"), -6_710);
    assert_eq!(cases(&store, &first.number), [CaseKind::LateApproval, CaseKind::Refund]);
    let refund = CaseFilter { kind: Some(CaseKind::Refund), ..CaseFilter::default() };
    let refund = store.cases(&refund).expect("read").remove(0);
    assert!(refund.amount == Sen(6_710) && refund.detail.contains(&second.number), "{refund:?}");
    let page = PaymentPage::of(&store, first.read(&store)).expect("a page");
    let told = page.advice(Language::English, after(4));
    assert!(page.standing() == "part-refund" && told.contains(&page.receipts[0].number), "{told}");
    assert!(told.contains("RM 67.10") && told.contains(&refund.number), "{told}");
    // The second goes its way.
    direct(&store, &second, ("00", "00"), after(4));
    assert_eq!(standing(&store, &pair[0]), Ack::Receipted);
    assert_eq!(receipts(&store, &second).len(), 1);
    laws_hold(&store);
}

fn a_late_approval_finds_it_withdrawn(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    direct(&store, &attempt, ("80", ""), after(1));
    withdraw(&store, &attempt.references[1], ("clerk", "wrong"), after(2)).expect("withdrawn");
    direct(&store, &attempt, ("00", "00"), after(3));
    assert_eq!(receipts(&store, &attempt).iter().map(|r| r.scheme).collect::<Vec<_>>(), [Scheme::Act4]);
    assert_eq!((standing(&store, &attempt.references[1]), balance(&store, "suspense")), (Ack::Removed, -1_180));
    assert_eq!(cases(&store, &attempt.number), [CaseKind::LateApproval, CaseKind::Refund]);
    laws_hold(&store);
}

fn paid_twice(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let first = sent_for(&store, &pair, start());
    direct(&store, &first, ("1M", ""), after(1));
    let second = sent_for(&store, &pair, after(2));
    direct(&store, &second, ("00", "00"), after(3));
    assert_eq!(receipts(&store, &second).len(), 2);
    // And now the first as well.
    direct(&store, &first, ("00", "00"), after(4));
    assert_eq!((first.state(&store), receipts(&store, &first).len()), (PaymentState::Paid, 0));
    assert_eq!((balance(&store, "suspense"), balance(&store, "bank-fpx")), (-7_890, 15_780));
    assert_eq!(cases(&store, &first.number), [CaseKind::LateApproval, CaseKind::Refund]);
    assert_eq!(store.receipts(&ReceiptFilter::default()).expect("read").len(), 2, "one receipt for each");
    let page = PaymentPage::of(&store, first.read(&store)).expect("a page");
    let told = page.advice(Language::English, after(5));
    assert!(page.standing() == "refund" && told.contains("RM 78.90 will be refunded, case C-"), "{told}");
    assert!(!told.contains("are ready"), "{told}");
    let page = PaymentPage::of(&store, second.read(&store)).expect("a page");
    let told = page.advice(Language::English, after(5));
    assert!(page.standing() == "paid" && told.starts_with("Paid. The official receipts are ready"), "{told}");
    laws_hold(&store);
}

fn approved_under_two_numbers_of_fpx(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    direct(&store, &attempt, ("00", "00"), after(1));
    let other = FPX.says_so(&attempt.request, |answer| answer.transaction_id = "2611100905220002".into());
    hand_in(&store, Channel::Direct, &other, after(2));
    assert_eq!(attempt.read(&store).transaction_id, "2611100905220001", "that of the receipts");
    assert_eq!(cases(&store, &attempt.number), [CaseKind::ContradictsApproval]);
    assert_eq!(receipts(&store, &attempt).len(), 2);
    laws_hold(&store);
}

fn waiting_after_the_end_locks_again(place: &Place) {
    let store = place.store();
    for (ended, code) in [("51", "99"), ("51", "09"), ("", "99")] {
        let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
        let compound = charged(&store, None);
        let attempt = sent_for(&store, &[pair[0].clone(), pair[1].clone(), compound.clone()], start());
        let enquiry = |code: &str, minutes| {
            hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, code, ""), after(minutes));
        };
        if ended.is_empty() {
            give_up(&desk(&store), &attempt.number, "job", after(1)).expect("given up");
        } else {
            direct(&store, &attempt, (ended, ""), after(1));
        }
        let over = attempt.state(&store);
        assert!(pair.iter().all(|r| standing(&store, r) == Ack::Submitted && !locked(&store, r)));
        direct(&store, &attempt, (code, ""), after(2));
        let held = || {
            pair.iter().all(|r| standing(&store, r) == Ack::AtBank && locked(&store, r))
                && store.charge(&compound).expect("a charge").state == ChargeState::AtBank
                && locked(&store, &compound)
        };
        let payment = attempt.read(&store);
        assert!(held(), "{ended}, {code}");
        assert_eq!((payment.state, payment.confirming, payment.ask_next), (over, true, Some(after(2))));
        assert_eq!(cases(&store, &attempt.number), [CaseKind::PendingAfterEnd]);
        let due = store.outbox_due(after(2), 0).expect("read");
        assert!(due.iter().any(|row| row.kind == "mail-checking" && row.subject == attempt.number), "do not pay again");
        // Still not final; then final, by the answer to a question only.
        enquiry(code, 3);
        assert!(held() && attempt.read(&store).ask_next == Some(after(18)));
        direct(&store, &attempt, ("1C", ""), after(4));
        assert!(held(), "an old message of the browser frees nothing");
        enquiry("51", 18);
        let payment = attempt.read(&store);
        assert_eq!((payment.state, payment.confirming, payment.ask_next), (over, false, None));
        assert!(pair.iter().all(|r| standing(&store, r) == Ack::Submitted && !locked(&store, r)));
        // And again, and approved: paid once, nothing in suspense.
        enquiry("09", 20);
        assert!(held());
        direct(&store, &attempt, ("00", "00"), after(21));
        assert_eq!((receipts(&store, &attempt).len(), balance(&store, "suspense")), (2, 0));
        assert!(pair.iter().all(|r| standing(&store, r) == Ack::Receipted && !locked(&store, r)));
    }
    laws_hold(&store);
}

fn waiting_after_the_end_leaves_what_went_elsewhere(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let first = sent_for(&store, &pair, start());
    direct(&store, &first, ("51", ""), after(1));
    let second = sent_for(&store, &pair[..1], after(2));
    direct(&store, &first, ("99", ""), after(3));
    let holder = |reference: &str| store.payment_of_reference(reference).expect("read");
    assert_eq!((holder(&pair[0]), holder(&pair[1])), (Some(second.number.clone()), Some(first.number.clone())));
    assert_eq!(cases(&store, &first.number), [CaseKind::PendingAfterEnd]);
    direct(&store, &second, ("00", "00"), after(4));
    hand_in(&store, Channel::Enquiry, &FPX.says(&first.request, "1C", ""), after(5));
    assert_eq!((standing(&store, &pair[0]), standing(&store, &pair[1])), (Ack::Receipted, Ack::Submitted));
    assert!(!locked(&store, &pair[1]));
    laws_hold(&store);
}

fn a_fault_is_confirmed(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let locked_still = || attempt.references.iter().all(|r| standing(&store, r) == Ack::AtBank && locked(&store, r));
    direct(&store, &attempt, ("85", ""), after(1));
    let payment = attempt.read(&store);
    assert_eq!((payment.state, payment.confirming, payment.ask_next), (PaymentState::Failed, true, Some(after(1))));
    assert!(locked_still());
    // FPX's own repeats confirm nothing; only the answer to a question does.
    let body = FPX.says(&attempt.request, "85", "");
    hand_in(&store, Channel::Direct, &body, after(2));
    hand_in(&store, Channel::Indirect, &body, after(2));
    assert!(locked_still() && attempt.read(&store).confirming);
    // Not finished after all: still locked.
    hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, "09", ""), after(3));
    assert!(locked_still() && attempt.read(&store).ask_next == Some(after(18)));
    let told = || store.outbox_due(after(18), 0).expect("read").len();
    assert_eq!(told(), 0, "no invitation to pay again before it is sure");
    hand_in(&store, Channel::Enquiry, &body, after(18));
    assert_eq!(told(), 1);
    let events = store.events(&attempt.number).expect("read");
    assert!(events.iter().any(|event| event.what == "confirmed" && event.detail.contains("unlocked")), "{events:?}");
    let payment = attempt.read(&store);
    assert_eq!((payment.state, payment.confirming, payment.ask_next), (PaymentState::Failed, false, None));
    assert!(attempt.references.iter().all(|r| standing(&store, r) == Ack::Submitted && !locked(&store, r)));

    // The first answer to a question is the fault itself; the second, in the same words, confirms it.
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "96", "");
    hand_in(&store, Channel::Enquiry, &body, after(1));
    assert!(attempt.read(&store).confirming);
    hand_in(&store, Channel::Enquiry, &body, after(2));
    assert!(!attempt.read(&store).confirming && !locked(&store, &attempt.references[0]));

    // Or the money was taken.
    let attempt = sent(&store);
    direct(&store, &attempt, ("OF", ""), after(1));
    hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, "00", "00"), after(2));
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
    assert!(!attempt.read(&store).confirming);
    laws_hold(&store);
}

fn a_fault_that_a_person_settles(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let accept =
        |minutes| accept_failure(&desk(&store), &attempt.number, ("finance", "the bank says so"), after(minutes));
    assert!(accept(0).is_err(), "nothing to accept yet");
    direct(&store, &attempt, ("87", ""), after(1));
    hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, "76", ""), after(2));
    assert!(locked(&store, &attempt.references[0]));
    assert_eq!(cases(&store, &attempt.number), [CaseKind::AskTheBank]);
    accept(3).expect("accepted");
    assert!(!locked(&store, &attempt.references[0]));
    assert!(accept(4).is_err(), "once");
    laws_hold(&store);
}

fn the_credit_side(place: &Place) {
    let store = place.store();
    // Not yet: paid, and asked once more.
    let attempt = sent(&store);
    direct(&store, &attempt, ("00", ""), after(1));
    let payment = attempt.read(&store);
    assert_eq!((payment.state, payment.ask_next), (PaymentState::Paid, Some(after(61))));
    assert_eq!(receipts(&store, &attempt).len(), 2);
    hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, "00", "00"), after(61));
    let payment = attempt.read(&store);
    assert_eq!((payment.credit_code.as_str(), payment.ask_next), ("00", None));
    // Still not: asked once only.
    let attempt = sent(&store);
    direct(&store, &attempt, ("00", ""), after(1));
    hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, "00", ""), after(61));
    assert_eq!(attempt.read(&store).ask_next, None);
    // Wrong: paid for the employer, a case for finance.
    let attempt = sent(&store);
    direct(&store, &attempt, ("00", "88"), after(1));
    assert_eq!((attempt.state(&store), receipts(&store, &attempt).len()), (PaymentState::Paid, 2));
    assert_eq!(cases(&store, &attempt.number), [CaseKind::CreditException]);
    // Something of ours is set wrongly, or nobody knows the code: the operator hears of it.
    let attempt = sent(&store);
    direct(&store, &attempt, ("XC", ""), after(1));
    assert_eq!(
        (attempt.state(&store), cases(&store, &attempt.number)),
        (PaymentState::Failed, vec![CaseKind::MerchantFault])
    );
    laws_hold(&store);
}

fn the_end_of_the_ladder(place: &Place) {
    let store = place.store();
    let enquiry = |attempt: &Attempt, code: &str, minutes| {
        hand_in(&store, Channel::Enquiry, &FPX.says(&attempt.request, code, ""), after(minutes))
    };
    let attempt = sent(&store);
    for minutes in [5, 60, 1_439] {
        enquiry(&attempt, "76", minutes);
        assert_eq!(attempt.state(&store), PaymentState::Sent, "{minutes}");
    }
    assert_eq!(attempt.read(&store).ask_next, Some(after(1_440)));
    enquiry(&attempt, "76", 1_440);
    assert_eq!(attempt.state(&store), PaymentState::Abandoned);
    assert!(attempt.references.iter().all(|r| standing(&store, r) == Ack::Submitted && !locked(&store, r)));
    // The approver does not act: the employer is told, and it stays at the bank.
    let attempt = sent(&store);
    enquiry(&attempt, "99", 20_161);
    assert_eq!(
        (attempt.state(&store), cases(&store, &attempt.number)),
        (PaymentState::PendingAuthoriser, vec![CaseKind::AuthoriserDidNotAct])
    );
    assert!(locked(&store, &attempt.references[0]));
    direct(&store, &attempt, ("00", "00"), after(30_000));
    assert_eq!(receipts(&store, &attempt).len(), 2);
    // The bank does not finish: a person asks it.
    let attempt = sent(&store);
    enquiry(&attempt, "09", 20_161);
    assert_eq!(
        (attempt.state(&store), cases(&store, &attempt.number)),
        (PaymentState::PendingBank, vec![CaseKind::AskTheBank])
    );
    // What FPX says of itself after the last question is asked about once.
    let attempt = sent(&store);
    direct(&store, &attempt, ("09", ""), after(20_161));
    assert_eq!(attempt.read(&store).ask_next, Some(after(20_161)));
    laws_hold(&store);
}

fn charges_go_with_their_payment(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let (interest, compound) = (charged(&store, Some(&pair[0])), charged(&store, None));
    let state = |number: &str| store.charge(number).expect("a charge").state;
    let all = [pair[0].clone(), pair[1].clone(), interest.clone(), compound.clone()];
    let first = sent_for(&store, &all, start());
    assert_eq!((state(&interest), state(&compound)), (ChargeState::AtBank, ChargeState::AtBank));
    direct(&store, &first, ("51", ""), after(1));
    assert_eq!((state(&interest), state(&compound)), (ChargeState::Void, ChargeState::Assessed));
    // The next payment reckons anew.
    let again = charged(&store, Some(&pair[0]));
    let second = sent_for(&store, &[pair[0].clone(), again.clone(), compound.clone()], after(2));
    direct(&store, &second, ("00", "00"), after(3));
    assert_eq!(
        (state(&interest), state(&again), state(&compound)),
        (ChargeState::Void, ChargeState::Paid, ChargeState::Paid)
    );
    let printed = receipts(&store, &second);
    assert_eq!((printed.len(), printed[0].lines.len(), printed[0].total), (1, 3, Sen(7_710)));
    assert_eq!((balance(&store, "interest-act4"), balance(&store, "compounds-act4")), (-500, -500));
    laws_hold(&store);
}

fn charges_of_a_payment_that_failed_are_approved(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let (interest, compound) = (charged(&store, Some(&pair[0])), charged(&store, None));
    let attempt = sent_for(&store, &[pair[0].clone(), interest.clone(), compound.clone()], start());
    direct(&store, &attempt, ("51", ""), after(1));
    direct(&store, &attempt, ("00", "00"), after(2));
    let state = |number: &str| store.charge(number).expect("a charge").state;
    assert_eq!((state(&interest), state(&compound)), (ChargeState::Paid, ChargeState::Paid));
    assert_eq!((receipts(&store, &attempt)[0].total, balance(&store, "suspense")), (Sen(7_710), 0));
    laws_hold(&store);
}

fn interest_on_what_another_payment_paid(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let interest = charged(&store, Some(&pair[0]));
    let first = sent_for(&store, &[pair[0].clone(), interest.clone()], start());
    direct(&store, &first, ("51", ""), after(1));
    let second = sent_for(&store, &pair[..1], after(2));
    direct(&store, &second, ("00", "00"), after(3));
    direct(&store, &first, ("00", "00"), after(4));
    assert_eq!(store.charge(&interest).expect("a charge").state, ChargeState::Void);
    assert_eq!((receipts(&store, &first).len(), balance(&store, "suspense")), (0, -7_210));
    laws_hold(&store);
}

fn interest_that_was_appealed_stands(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    let interest = charged(&store, Some(&pair[0]));
    let mut group = store.begin_group().expect("a group");
    group.appeal(&interest, ("clerk", "the bank was down"), start()).expect("an appeal");
    group.decide_appeal(&interest, AppealOutcome::Cut(Sen(200)), "officer", start()).expect("decided");
    group.commit().expect("kept");
    let attempt = sent_for(&store, &[pair[0].clone(), interest.clone()], start());
    direct(&store, &attempt, ("51", ""), after(1));
    let charge = store.charge(&interest).expect("a charge");
    assert_eq!((charge.state, charge.amount), (ChargeState::Assessed, Sen(200)), "what was granted is not lost");
    direct(&store, &attempt, ("00", "00"), after(2));
    assert_eq!(store.charge(&interest).expect("a charge").state, ChargeState::Paid);
    laws_hold(&store);
}

fn paid_after_midnight(place: &Place) {
    let store = place.store();
    let [pair] = acknowledged(&store, 1).try_into().expect("one pair");
    // The 15th is the last day without interest; the bank says it was paid on the 16th.
    let attempt = sent_for(&store, &pair, at("2026-11-15T23:59:58+08:00"));
    let body =
        |time: &'static str| FPX.says_so(&attempt.request, move |answer| answer.transaction_time = FpxTime::read(time));
    hand_in(&store, Channel::Direct, &body("20261116000001"), at("2026-11-16T00:00:02+08:00"));
    let charges = store.charges(&ChargeFilter::default()).expect("read");
    let late: Vec<_> = charges.iter().map(|charge| (charge.scheme, charge.state)).collect();
    assert_eq!(late, [(Scheme::Act4, ChargeState::Assessed), (Scheme::Act800, ChargeState::Assessed)]);
    assert!(charges.iter().all(|charge| charge.amount > Sen(0) && charge.acknowledgement.is_some()));
    assert_eq!(receipts(&store, &attempt)[0].paid_on, at("2026-11-16T00:00:00+08:00").date_naive());
    hand_in(&store, Channel::Indirect, &body("20261116000001"), at("2026-11-16T00:00:03+08:00"));
    assert_eq!(store.charges(&ChargeFilter::default()).expect("read").len(), 2, "once");
    laws_hold(&store);
}

fn a_hundred_in_one_commit(place: &Place) {
    let store = place.store();
    let pairs: Vec<Vec<String>> = acknowledged(&store, 100).into_iter().map(|pair| pair.to_vec()).collect();
    let attempts = started(&store, &pairs, start());
    paying::served(&store, &attempts, start());
    let code = |at: usize| ["00", "51", "99"][at % 3];
    let all: Vec<Incoming> = attempts
        .iter()
        .enumerate()
        .map(|(at, attempt)| {
            let body = FPX.says(&attempt.request, code(at), if at % 3 == 0 { "00" } else { "" });
            Incoming { channel: Channel::Direct, body }
        })
        .collect();
    let outcomes = settle(&desk(&store), &all, after(1)).expect("settled");
    assert!(outcomes.iter().all(|outcome| outcome.reply() == Reply::Ok));
    for (at, attempt) in attempts.iter().enumerate() {
        let (state, issued) =
            [(PaymentState::Paid, 2), (PaymentState::Failed, 0), (PaymentState::PendingAuthoriser, 0)][at % 3];
        assert_eq!((attempt.state(&store), receipts(&store, attempt).len()), (state, issued), "{at}");
    }
    laws_hold(&store);
}
