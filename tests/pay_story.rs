//! From the cart to the end of a payment, with the bank in a box, on SQLite and on PostgreSQL: a journey for each way that
//! it can end.

mod paying;
mod place;
mod till;

use caruman::domain::PaymentModel::{B2b1, B2c};
use caruman::domain::states::AcknowledgementState as Ack;
use caruman::domain::{CaseKind, EmployerCode, PaymentState, Sen};
use caruman::fpx::message::Channel;
use caruman::simulator::{Decision, Faults};
use caruman::store::books::CaseFilter;
use caruman::store::payments::PaymentFilter;
use caruman::store::{AppealOutcome, StoreError};
use caruman::workflow::cancel::{CancelError, cancel, expire};
use caruman::workflow::cart::{Line, add, remove};
use caruman::workflow::charges::{appeal, decide};
use caruman::workflow::checkout::{CheckoutError, ServeError, serve_page};
use caruman::workflow::outbox::{Outbox, Sent};
use caruman::workflow::receipt::signing_key;
use caruman::workflow::requery::{Asked, Run, requery_all, requery_due};
use caruman::workflow::withdraw::withdraw;
use paying::{EMPLOYER, charged, laws_hold};
use place::Place;
use till::{BANK, ISSUER, Till};

on_both! {
    approved
    declined_and_paid_again
    a_fault_here
    a_fault_of_the_system_is_confirmed
    a_fault_of_the_system_was_an_approval
    pending_then_paid
    the_authoriser_approves
    the_authoriser_refuses
    never_heard_of
    the_direct_message_is_lost
    the_indirect_message_is_lost
    the_direct_message_comes_twice
    approved_late
    a_code_that_nobody_knows
    refused_before_the_bank
    given_up
    locked_at_the_bank
    the_amount_changed_meanwhile
    an_appeal_is_decided_while_payments_begin
    asked_when_the_time_has_come
    fpx_is_silent
    an_authoriser_who_does_not_act
    papers_and_mails
}

fn standing(till: &Till, references: &[String]) -> Vec<Ack> {
    references.iter().map(|one| till.store.acknowledgement(one).expect("known").state).collect()
}

fn cases(till: &Till, subject: &str) -> Vec<CaseKind> {
    let filter = CaseFilter { subject: Some(subject.to_owned()), ..CaseFilter::default() };
    till.store.cases(&filter).expect("cases").iter().map(|case| case.kind).collect()
}

fn approved(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::Approve);
    assert_eq!(standing(&till, &pair), [Ack::AtBank; 2]);
    let request = till.store.request_of_payment(&till.payment(&number)).expect("kept");
    assert!(request.contains("|TEST0021|clerk@example.my|") && request.contains("|78.90|MYR|7.0"), "{request}");
    till.hear(Channel::Direct, &paid.direct[0]);
    till.hear(Channel::Indirect, &paid.indirect);
    till.paid_once(&number);
    assert_eq!(standing(&till, &pair), [Ack::Receipted; 2]);
    assert!(matches!(till.ask(&number), Asked::Answered { state: PaymentState::Paid, .. }));
    till.paid_once(&number);
}

fn declined_and_paid_again(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (first, paid) = till.pay(B2c, Decision::NoFunds);
    till.hear(Channel::Direct, &paid.direct[0]);
    assert_eq!(till.state(&first), PaymentState::Failed);
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
    add(&till.store, EMPLOYER, &pair, "clerk", till.now()).expect("in the cart");
    till.wait(1);
    let (second, paid) = till.pay(B2c, Decision::Approve);
    assert_ne!(till.payment(&first).exchange_order, till.payment(&second).exchange_order);
    assert_ne!(till.payment(&first).seller_order, till.payment(&second).seller_order);
    till.hear(Channel::Direct, &paid.direct[0]);
    till.paid_once(&second);
    assert!(till.receipts(&first).is_empty());
}

fn a_fault_here(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::of_code("03").expect("a code"));
    till.hear(Channel::Indirect, &paid.indirect);
    assert_eq!(till.state(&number), PaymentState::Failed);
    assert_eq!(cases(&till, &number), [CaseKind::MerchantFault]);
}

fn a_fault_of_the_system_is_confirmed(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::BankError);
    till.hear(Channel::Direct, &paid.direct[0]);
    assert_eq!((till.state(&number), standing(&till, &pair)), (PaymentState::Failed, vec![Ack::AtBank; 2]));
    assert!(till.payment(&number).confirming);
    assert!(matches!(till.ask(&number), Asked::Answered { state: PaymentState::Failed, .. }));
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
    assert!(!till.payment(&number).confirming);
}

fn a_fault_of_the_system_was_an_approval(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::BankError);
    till.hear(Channel::Direct, &paid.direct[0]);
    let order = till.payment(&number).exchange_order;
    till.bank.set_outcome(&order, "00").expect("approved at the bank");
    till.ask(&number);
    till.paid_once(&number);
}

fn pending_then_paid(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::LeavePending);
    till.hear(Channel::Direct, &paid.direct[0]);
    assert_eq!(till.state(&number), PaymentState::PendingBank);
    assert!(matches!(till.ask(&number), Asked::Answered { state: PaymentState::PendingBank, .. }));
    let refused = cancel(&till.asking(), &number, "clerk", till.now());
    assert!(matches!(refused, Err(CancelError::AtTheBank { .. })), "{refused:?}");
    till.bank.release(&till.payment(&number).exchange_order).expect("released");
    till.ask(&number);
    till.paid_once(&number);
}

fn the_authoriser_approves(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    let (number, paid) = till.pay(B2b1, Decision::Submit);
    till.hear(Channel::Direct, &paid.direct[0]);
    till.hear(Channel::Indirect, &paid.indirect);
    assert_eq!(till.state(&number), PaymentState::PendingAuthoriser);
    till.wait(24 * 60);
    till.bank.authorise(&till.payment(&number).exchange_order).expect("authorised");
    let direct = till.bank.take_due();
    till.hear(Channel::Direct, &direct.last().expect("a message").body);
    till.paid_once(&number);
}

fn the_authoriser_refuses(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, paid) = till.pay(B2b1, Decision::Submit);
    till.hear(Channel::Direct, &paid.direct[0]);
    till.wait(60);
    till.bank.reject(&till.payment(&number).exchange_order, None).expect("refused");
    let direct = till.bank.take_due();
    till.hear(Channel::Direct, &direct.last().expect("a message").body);
    assert_eq!((till.state(&number), standing(&till, &pair)), (PaymentState::Failed, vec![Ack::Submitted; 2]));
}

fn never_heard_of(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let started = till.start(B2c, BANK).expect("started");
    till.served(&started.number);
    // The browser never got to FPX: it is asked for a day, then the attempt is given up.
    let mut asked = 0;
    while till.state(&started.number) == PaymentState::Sent {
        till.wait(5);
        let pace = || {};
        asked += requery_due(&till.asking(), &pace, &|| till.now()).expect("run").asked;
        assert!(asked < 100, "asked for ever");
    }
    assert_eq!(till.state(&started.number), PaymentState::Abandoned);
    assert!((24..=28).contains(&asked), "{asked}");
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
    assert_eq!(requery_due(&till.asking(), &|| {}, &|| till.now()).expect("run"), Run::default());
}

fn the_direct_message_is_lost(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    let faults = Faults { drop_direct: true, ..Faults::default() };
    till.bank.set_faults(faults);
    let (number, paid) = till.pay(B2c, Decision::Approve);
    assert!(paid.direct.is_empty());
    till.hear(Channel::Indirect, &paid.indirect);
    till.paid_once(&number);
}

fn the_indirect_message_is_lost(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    till.bank.set_faults(Faults { drop_direct: true, drop_indirect: true, ..Faults::default() });
    let (number, _) = till.pay(B2c, Decision::Approve);
    assert_eq!(till.state(&number), PaymentState::Sent);
    till.wait(6);
    let run = requery_due(&till.asking(), &|| {}, &|| till.now()).expect("run");
    assert_eq!(run, Run { asked: 1, answered: 1, faults: 0 });
    till.paid_once(&number);
}

fn the_direct_message_comes_twice(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    till.bank.set_faults(Faults { copies: 2, ..Faults::default() });
    let (number, paid) = till.pay(B2c, Decision::Approve);
    assert_eq!(paid.direct.len(), 2);
    for body in &paid.direct {
        till.hear(Channel::Direct, body);
    }
    till.paid_once(&number);
    assert_eq!(till.store.bank_messages(&number).expect("kept")[0].seen, 2);
}

fn approved_late(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::NoFunds);
    till.hear(Channel::Direct, &paid.direct[0]);
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
    till.bank.set_outcome(&till.payment(&number).exchange_order, "00").expect("approved after all");
    till.ask(&number);
    till.paid_once(&number);
    assert_eq!(cases(&till, &number), [CaseKind::LateApproval]);
}

fn a_code_that_nobody_knows(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    till.bank.set_faults(Faults { unknown_code: true, ..Faults::default() });
    let (number, paid) = till.pay(B2c, Decision::Approve);
    till.hear(Channel::Direct, &paid.direct[0]);
    assert_eq!((till.state(&number), standing(&till, &pair)), (PaymentState::PendingBank, vec![Ack::AtBank; 2]));
    assert_eq!(cases(&till, &number), [CaseKind::UnknownCode]);
    till.bank.set_faults(Faults::default());
    till.ask(&number);
    till.paid_once(&number);
}

fn refused_before_the_bank(place: &Place) {
    let till = Till::open(place);
    assert!(matches!(till.start(B2c, BANK), Err(CheckoutError::Empty(_))));
    let pair = till.fill_cart();
    till.bank.set_offline(["TEST0022".to_owned()]);
    till.wait(6);
    let refused = till.start(B2c, "TEST0022");
    assert!(matches!(&refused, Err(CheckoutError::Offline(name)) if name == "SBI Bank B"), "{refused:?}");
    let refused = till.start(B2c, "NOBANK");
    assert!(matches!(refused, Err(CheckoutError::NoBank { .. })), "{refused:?}");
    assert_eq!(standing(&till, &pair), [Ack::InCart; 2], "nothing changed");
    assert!(till.store.payments(&Default::default()).expect("read").is_empty());
}

fn given_up(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let unsent = till.start(B2c, BANK).expect("started").number;
    assert_eq!(cancel(&till.asking(), &unsent, "clerk", till.now()).expect("given up"), PaymentState::Abandoned);
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
    let again = cancel(&till.asking(), &unsent, "clerk", till.now());
    assert!(matches!(again, Err(CancelError::Ended { .. })), "{again:?}");

    add(&till.store, EMPLOYER, &pair, "clerk", till.now()).expect("in the cart");
    till.wait(1);
    let unfetched = till.start(B2c, BANK).expect("started").number;
    let desk = till.merchant.desk(&till.store, ISSUER);
    till.wait(29);
    assert!(expire(&desk, till.now()).expect("run").is_empty());
    till.wait(1);
    assert_eq!(expire(&desk, till.now()).expect("run"), std::slice::from_ref(&unfetched));
    let events = till.store.events(&unfetched).expect("read");
    assert!(events.iter().any(|event| event.what == "abandoned" && event.detail == "it never went out"), "{events:?}");
    assert!(matches!(serve_page(&till.store, &till.merchant, &unfetched, till.now()), Err(ServeError::Once(_))));

    add(&till.store, EMPLOYER, &pair, "clerk", till.now()).expect("in the cart");
    let sent = till.start(B2c, BANK).expect("started").number;
    till.served(&sent);
    till.wait(179);
    let early = cancel(&till.asking(), &sent, "clerk", till.now());
    assert!(matches!(early, Err(CancelError::TooEarly { .. })), "{early:?}");
    till.wait(1);
    assert_eq!(cancel(&till.asking(), &sent, "clerk", till.now()).expect("given up"), PaymentState::Abandoned);
    assert_eq!(standing(&till, &pair), [Ack::Submitted; 2]);
}

fn locked_at_the_bank(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let started = till.start(B2c, BANK).expect("started");
    assert!(till.start(B2c, BANK).is_err(), "the cart is empty");
    let refused = add(&till.store, EMPLOYER, &pair, "clerk", till.now()).expect_err("locked").to_string();
    assert!(refused.contains(&started.number), "{refused}");
    let refused = withdraw(&till.store, &pair[0], ("clerk", "typed wrongly"), till.now());
    assert!(matches!(refused, Err(StoreError::Step { .. })), "{refused:?}");
    till.served(&started.number);
    assert!(matches!(serve_page(&till.store, &till.merchant, &started.number, till.now()), Err(ServeError::Once(_))));
    assert_eq!(standing(&till, &pair), [Ack::AtBank; 2]);
}

/// An appeal against a charge that stood in the cart: out of it, appealed, decided.
fn decided(till: &Till, charge: &str, outcome: AppealOutcome) {
    remove(&till.store, EMPLOYER, &[charge.to_owned()], "clerk", till.now()).expect("out of the cart");
    appeal(&till.store, charge, ("clerk", "the bank was down"), till.now()).expect("appealed");
    decide(&till.store, charge, outcome, "officer", till.now()).expect("decided");
}

fn the_amount_changed_meanwhile(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let again = |charge: &str| add(&till.store, EMPLOYER, &[charge.to_owned()], "clerk", till.now()).expect("added");
    let changed = |lines: &[Line], words: &str| {
        let refused = till.start_with(lines, B2c, BANK).expect_err("refused");
        assert!(matches!(refused, CheckoutError::Changed(_)), "{refused:?}");
        let said = refused.to_string();
        assert!(said.starts_with("the amount changed: ") && said.contains(words), "{said}");
        assert!(said.ends_with("; look at the cart again"), "{said}");
        assert!(till.store.payments(&PaymentFilter::default()).expect("read").is_empty(), "nothing was kept");
        assert_eq!(standing(&till, &pair), [Ack::InCart; 2]);
    };
    // Less by one sen, and all but one sen; the same again is no change.
    let charge = charged(&till.store, None);
    again(&charge);
    for (before, after) in [(500, 499), (499, 1)] {
        let lines = till.lines(B2c);
        assert_eq!(lines.len(), 3);
        decided(&till, &charge, AppealOutcome::Cut(Sen(after)));
        changed(&lines, "is not in the cart any more");
        again(&charge);
        changed(&lines, &format!("{charge} asks RM {} and not RM {}", Sen(after), Sen(before)));
    }
    let lines = till.lines(B2c);
    decided(&till, &charge, AppealOutcome::Waived);
    changed(&lines, "is not in the cart any more");
    // Interest that had no number was asked meanwhile, and the appeal waived it.
    *till.clock.lock().expect("a clock") = paying::at("2026-11-16T09:00:00+08:00");
    let lines = till.lines(B2c);
    assert_eq!(lines.len(), 4, "each with its interest");
    let interest = charged(&till.store, Some(&pair[0]));
    changed(&lines, &format!("{interest} is about the interest on {}", pair[0]));
    appeal(&till.store, &interest, ("clerk", "the bank was down"), till.now()).expect("appealed");
    decide(&till.store, &interest, AppealOutcome::Waived, "officer", till.now()).expect("decided");
    changed(&lines, &interest);
    // What the cart says now goes out; an appeal that changes nothing is no change.
    let kept = charged(&till.store, None);
    again(&kept);
    let lines = till.lines(B2c);
    decided(&till, &kept, AppealOutcome::Kept);
    again(&kept);
    let started = till.start_with(&lines, B2c, BANK).expect("started");
    assert_eq!(started.amount, Sen(7_890 + 500 + 500), "the ECR with its interest, and the kept charge");
    laws_hold(&till.store);
}

/// Whoever is first: what goes to the bank is what is asked.
fn an_appeal_is_decided_while_payments_begin(place: &Place) {
    let till = Till::open(place);
    let (mut went, mut refused) = (0, 0);
    for round in 0..24_i64 {
        let charge = charged(&till.store, None);
        add(&till.store, EMPLOYER, std::slice::from_ref(&charge), "clerk", till.now()).expect("added");
        let lines = till.lines(B2c);
        let started = std::thread::scope(|scope| {
            let officer = scope.spawn(|| {
                let (store, now) = (&till.store, till.now());
                let own = [charge.clone()];
                remove(store, EMPLOYER, &own, "clerk", now).ok()?;
                appeal(store, &charge, ("clerk", "the bank was down"), now).ok()?;
                decide(store, &charge, AppealOutcome::Cut(Sen(499 - round)), "officer", now).ok()?;
                add(store, EMPLOYER, &own, "clerk", now).ok()
            });
            // Now before, now in the middle, now after it.
            std::thread::sleep(std::time::Duration::from_millis(round.unsigned_abs() % 8));
            let started = till.start_with(&lines, B2c, BANK);
            officer.join().expect("a thread");
            started
        });
        let asked = till.store.charge(&charge).expect("known");
        match started {
            Ok(started) => {
                went += 1;
                let payment = till.payment(&started.number);
                assert_eq!((payment.items[0].amount, asked.amount), (Sen(500), Sen(500)), "round {round}");
                let paid = till.bank.pay(&till.served(&started.number), Decision::Approve);
                till.hear(Channel::Direct, &paid.direct[0]);
                assert_eq!(till.receipts(&started.number).len(), 1, "nothing lies in suspense");
            }
            Err(error) => {
                refused += 1;
                assert!(matches!(error, CheckoutError::Changed(_)), "{error:?}");
                remove(&till.store, EMPLOYER, &[charge], "clerk", till.now()).expect("out of the cart");
            }
        }
    }
    assert_eq!(went + refused, 24);
    laws_hold(&till.store);
}

fn asked_when_the_time_has_come(place: &Place) {
    let till = Till::open(place);
    till.fill_cart();
    till.bank.set_faults(Faults { drop_direct: true, drop_indirect: true, ..Faults::default() });
    let (number, _) = till.pay(B2c, Decision::LeavePending);
    let run = || requery_due(&till.asking(), &|| {}, &|| till.now()).expect("run").asked;
    till.wait(4);
    assert_eq!(run(), 0);
    till.wait(2);
    assert_eq!((run(), run()), (1, 0), "a question of this moment is not put twice");
    assert_eq!(till.state(&number), PaymentState::PendingBank);
    assert!(matches!(caruman::workflow::requery::requery(&till.asking(), &number, till.now()), Ok(Asked::UnderWay)));
    till.wait(1);
    assert_eq!(requery_all(&till.asking(), &|| {}, &|| till.now()).expect("run").answered, 1, "whenever it was due");
}

fn fpx_is_silent(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, _) = till.pay(B2c, Decision::Approve);
    for fault in ["enquiry-error", "enquiry-empty", "enquiry-500", "enquiry-slow=31"] {
        till.bank.set_faults(Faults::of([fault]).expect("a fault"));
        assert!(matches!(till.ask(&number), Asked::NoAnswer(_)), "{fault}");
        assert_eq!((till.state(&number), standing(&till, &pair)), (PaymentState::Sent, vec![Ack::AtBank; 2]));
    }
    // Silence to the end and beyond: the attempt is not given up, and asked about hour by hour.
    till.bank.set_faults(Faults::of(["enquiry-500"]).expect("a fault"));
    till.wait(30 * 60);
    assert!(matches!(till.ask(&number), Asked::NoAnswer(_)));
    assert_eq!(till.state(&number), PaymentState::Sent);
    till.bank.set_faults(Faults::default());
    till.wait(61);
    assert_eq!(requery_due(&till.asking(), &|| {}, &|| till.now()).expect("run").answered, 1);
    till.paid_once(&number);
}

fn an_authoriser_who_does_not_act(place: &Place) {
    let till = Till::open(place);
    let pair = till.fill_cart();
    let (number, paid) = till.pay(B2b1, Decision::Submit);
    till.hear(Channel::Direct, &paid.direct[0]);
    for _ in 0..15 * 24 {
        till.wait(60);
        requery_due(&till.asking(), &|| {}, &|| till.now()).expect("run");
    }
    assert_eq!((till.state(&number), standing(&till, &pair)), (PaymentState::PendingAuthoriser, vec![Ack::AtBank; 2]));
    assert_eq!(cases(&till, &number), [CaseKind::AuthoriserDidNotAct]);
    let due = till.store.outbox_due(till.now(), 0).expect("read");
    assert_eq!(due.iter().filter(|row| row.kind == "mail-authoriser").count(), 1);
    till.bank.authorise(&till.payment(&number).exchange_order).expect("authorised");
    let direct = till.bank.take_due();
    till.hear(Channel::Direct, &direct.last().expect("a message").body);
    till.paid_once(&number);
}

fn papers_and_mails(place: &Place) {
    let till = Till::open(place);
    let mut employer = caruman::domain::Employer::new(EmployerCode::read(EMPLOYER).1.expect("a code"));
    employer.notice_address = "payroll@example.my".to_owned();
    till.store.data_key(EMPLOYER, till.now()).expect("a key");
    let mut group = till.store.begin_group().expect("a group");
    group.save_employer(&employer, till.now()).expect("saved");
    group.commit().expect("kept");
    till.fill_cart();
    let (number, paid) = till.pay(B2c, Decision::LeavePending);
    till.hear(Channel::Direct, &paid.direct[0]);
    let key = signing_key(&till.store, place.data.path(), till.now()).expect("a key");
    let folder = place.data.path().join("mail");
    let from = "Office <office@example.my>".parse().expect("an address");
    let outbox = Outbox {
        store: &till.store,
        key: &key,
        issuer: ISSUER,
        from: Some(&from),
        server: None,
        folder: &folder,
        words: &till.words,
        public_url: Some("https://pay.example.my"),
    };
    assert_eq!(outbox.run(till.now()).expect("run"), Sent { done: 1, ..Sent::default() });
    till.bank.release(&till.payment(&number).exchange_order).expect("released");
    till.ask(&number);
    assert_eq!(outbox.run(till.now()).expect("run"), Sent { done: 3, ..Sent::default() });
    assert_eq!(outbox.run(till.now()).expect("run"), Sent::default());
    let mut mails: Vec<_> =
        std::fs::read_dir(&folder).expect("mails").map(|mail| mail.expect("a mail").path()).collect();
    mails.sort();
    assert_eq!(mails.len(), 2);
    let text = |at: usize| std::fs::read_to_string(&mails[at]).expect("read");
    assert!(text(0).contains("pending") && !text(0).contains("application/pdf"), "{}", text(0));
    assert!(text(1).contains("successful") && text(1).matches("application/pdf").count() == 2);
    assert!(text(1).contains("https://pay.example.my/payment/"));
    for receipt in till.receipts(&number) {
        assert!(till.store.document("receipt", &receipt.number).expect("read").is_some());
    }
}
