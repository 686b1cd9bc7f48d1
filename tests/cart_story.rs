//! The cart, its summary, charges and appeals, and payment outside FPX, from the command line and through the library.

mod flows;
mod place;

use caruman::domain::{Account, ChargeState, PaidBy, Scheme, Sen};
use caruman::messages::{Language, Messages};
use caruman::rates::RateBook;
use caruman::store::Store;
use caruman::store::receipts::ReceiptFilter;
use caruman::workflow::cart::{Difference, assess_short_interest};
use caruman::workflow::offline::{Evidence, OfflineError, Settled, import, settle_offline};
use caruman::workflow::receipt::FrozenReceipt;
use chrono::{DateTime, FixedOffset};
use flows::{CODE, Files, OTHER, Row, amounts, events, joint, row, run, shown, submit, taken};
use place::{Place, statements};
use serde_json::Value;

const NOW: &str = "2026-11-05T09:00:00+08:00";
/// After the due date of October's contributions, before that of November's.
const LATE: &str = "2026-11-20T09:00:00+08:00";

on_both! {
    into_the_cart_and_out_again
    what_cannot_be_picked
    all_or_nothing
    a_summary_from_end_to_end
    over_the_banks_own_limit
    a_notice_is_appealed_and_paid
    paid_at_a_counter
    paid_late_at_a_counter
    late_interest_in_the_same_transfer
    one_slip_over_contributions_and_interest
    a_database_of_step_four_goes_on
    a_file_of_evidence_with_a_row_more
    the_history_shows_what_came_outside_fpx
    what_a_payment_holds_says_so
    what_is_refused_at_a_counter
    paid_before_it_was_issued
    many_at_once
    interest_for_another_day
    a_cart_of_a_thousand
}

fn people(numbers: std::ops::Range<u32>, month: &str, wage: i64) -> Vec<Row> {
    numbers.map(|n| row(n, month, wage)).collect()
}

/// October of two people, handed in on time: ACR and ECR.
fn october(place: &Place, files: &Files) -> Vec<String> {
    taken(place, NOW, &[&files.write("october.txt", joint(&people(0..2, "2026-10", 300_000)))])
}

fn cart(place: &Place, now: &str, arguments: &[&str]) -> flows::Done {
    run(place, now, &[&["cart"], arguments, &["--employer", CODE]].concat())
}

fn cart_json(place: &Place, now: &str, arguments: &[&str]) -> Value {
    shown(place, now, &[&["cart"], arguments, &["--employer", CODE]].concat())
}

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

fn total(store: &Store, number: &str) -> Sen {
    store.acknowledgement(number).expect("an acknowledgement").total
}

fn counter(references: &[&str], amount: Sen, paid_on: &str, evidence: &str) -> Evidence {
    Evidence {
        means: PaidBy::Counter,
        references: references.iter().map(|number| (*number).to_owned()).collect(),
        amount,
        paid_on: paid_on.parse().expect("a day"),
        evidence: evidence.to_owned(),
        bank: String::new(),
    }
}

fn settle(store: &Store, evidence: &Evidence, now: &str) -> Result<Settled, OfflineError> {
    settle_offline(store, RateBook::embedded(), "PEJABAT CONTOH", evidence, ("clerk", at(now)))
}

fn into_the_cart_and_out_again(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let small = numbers[0].to_lowercase();
    let added = cart_json(place, NOW, &["add", &small, &numbers[0], &numbers[1]]);
    assert_eq!(added["added"], serde_json::json!(numbers), "each once, in the order given");
    let again = cart_json(place, NOW, &["add", &numbers[0]]);
    assert_eq!((&again["added"], &again["already"][0]), (&serde_json::json!([]), &serde_json::json!(numbers[0])));
    let listed = cart_json(place, NOW, &["list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert!(listed.as_array().expect("a list").iter().all(|pick| pick["in_cart"] == true && pick["people"] == 2));
    let found = cart_json(place, NOW, &["search", "ecr", "--month", "2026-10"]);
    assert_eq!(found[0]["reference"], *numbers[1]);
    let sen = found[0]["amount_sen"].as_i64().expect("sen");
    let ringgit = Sen(sen).to_string();
    for (arguments, count) in [
        (vec!["search", "--amount", &ringgit], 1),
        (vec!["search", "--amount", "0.01"], 0),
        (vec!["search", "--scheme", "act4"], 1),
        (vec!["search", "--month", "2026-09"], 0),
        (vec!["search", "7"], 0),
    ] {
        assert_eq!(cart_json(place, NOW, &arguments).as_array().map(Vec::len), Some(count), "{arguments:?}");
    }
    assert_eq!(cart_json(place, NOW, &["remove", &numbers[0]])["removed"][0], *numbers[0]);
    cart(place, NOW, &["remove", &numbers[0]]).one_sentence("not in the cart");
    assert_eq!(cart_json(place, NOW, &["clear"])["removed"], serde_json::json!([numbers[1]]));
    assert_eq!(cart_json(place, NOW, &["clear"])["removed"], serde_json::json!([]));
    cart(place, NOW, &["summary"]).one_sentence("empty");
    assert_eq!(cart_json(place, NOW, &["add", "--all"])["added"].as_array().map(Vec::len), Some(2));
    let what: Vec<String> =
        events(&shown(place, NOW, &["ack", "show", &numbers[1]])).into_iter().map(|(what, _)| what).collect();
    assert_eq!(what[what.len() - 3..], ["added-to-cart", "taken-from-cart", "added-to-cart"]);
    run(place, NOW, &["ack", "withdraw", &numbers[0], "--reason", "x"]).one_sentence("in the cart");
}

fn what_cannot_be_picked(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let (_, other) = submit(place, NOW, &[&files.write("o.txt", joint(&[row(5, "2026-10", 300_000).of(OTHER)]))]);
    let others = flows::numbers(&other);
    cart(place, NOW, &["add", &others[0]]).one_sentence("is not an acknowledgement or charge of A9900000001Z");
    cart(place, NOW, &["add", "ACR112269999999"]).one_sentence("is not an acknowledgement or charge");
    let state = |state: &str, number: &str| {
        let sql = format!("update acknowledgement set state = '{state}' where number = '{number}'");
        statements(&place.own_url(), vec![sql]);
    };
    for (other, word) in [
        ("awaiting-approval", "second person"),
        ("removed", "withdrawn"),
        ("paid", "paid already"),
        ("receipted", "paid already"),
        ("paid-offline", "paid already"),
        ("closed", "paid already"),
        ("at-bank", "look again now"),
    ] {
        state(other, &numbers[0]);
        cart(place, NOW, &["add", &numbers[0]]).one_sentence(word);
        let malay = cart(place, NOW, &["--lang", "ms", "add", &numbers[0]]);
        assert!(malay.status == 2 && !malay.err.contains(word), "{}", malay.err);
    }
    state("submitted", &numbers[0]);
    let nil = format!("update acknowledgement set total_sen = 0 where number = '{}'", numbers[1]);
    statements(&place.own_url(), vec![nil]);
    cart(place, NOW, &["add", &numbers[1]]).one_sentence("nil month");
    assert_eq!(cart_json(place, NOW, &["add", "--all"])["added"], serde_json::json!([numbers[0]]));
    at_the_bank(place, &numbers[0]);
}

/// An acknowledgement that a payment locks.
fn at_the_bank(place: &Place, number: &str) {
    let blob = if place.url.is_some() { "'\\x00'::bytea" } else { "x'00'" };
    let insert = format!(
        "insert into payment (number, employer_code, model, bank, amount_sen, state, exchange_order, seller_order, token, \
         sealed, started_by, started_at, sent_at) values ('P-000001', '{CODE}', 'b2c', 'TEST0021', 1, 'pending-bank', \
         'e', 's', {blob}, {blob}, 'clerk', '2026-11-05T08:30:00+08:00', '2026-11-05T08:30:00+08:00')"
    );
    let item = format!(
        "insert into payment_item (payment, position, kind, reference, scheme, amount_sen, open) \
         values ('P-000001', 1, 'monthly', '{number}', 'act4', 1, 1)"
    );
    let locked = format!("update acknowledgement set state = 'at-bank' where number = '{number}'");
    statements(&place.own_url(), vec![insert, item, locked]);
    let done = cart(place, NOW, &["add", number]);
    done.one_sentence("P-000001");
    assert!(done.err.contains("2026-11-05 09:30"), "{}", done.err);
    let waits = "update payment set model = 'b2b1', state = 'pending-authoriser'".to_owned();
    statements(&place.own_url(), vec![waits]);
    cart(place, NOW, &["add", number]).one_sentence("waits for your approver until 2026-11-19 08:30");
}

fn all_or_nothing(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let done = cart(place, NOW, &["add", &numbers[0], "ACR112269999998", "KMP112260000001"]);
    done.one_sentence("ACR112269999998");
    assert!(done.err.contains("KMP112260000001"), "every one is named: {}", done.err);
    let listed = cart_json(place, NOW, &["list"]);
    assert!(listed.as_array().expect("a list").iter().all(|pick| pick["in_cart"] == false));
}

fn a_summary_from_end_to_end(place: &Place) {
    let files = Files::new();
    let path = files.write("october.txt", joint(&people(0..2, "2026-10", 300_000)));
    let (_, file) = submit(place, NOW, &[&path]);
    let owed: Vec<i64> = amounts(&file).into_iter().map(|(_, sen)| sen).collect();
    cart_json(place, NOW, &["add", "--all"]);
    let summary = cart_json(place, NOW, &["summary"]);
    assert_eq!(summary["total_sen"], owed[0] + owed[1]);
    assert_eq!(summary["waiting"]["next_step"]["day"], "2026-11-16");
    assert_eq!(summary["models"].as_array().map(Vec::len), Some(2));
    let late = cart_json(place, LATE, &["summary", "--model", "personal"]);
    assert_eq!(late["total_sen"], owed[0] + owed[1] + 1_000, "the minimum for each Act");
    assert_eq!(late["waiting"]["next_step"]["day"], "2026-12-16");
    assert_eq!(late["models"][0]["verdict"], "fits");
    let kinds: Vec<&str> = late["lines"].as_array().expect("lines").iter().filter_map(|l| l["kind"].as_str()).collect();
    assert_eq!(kinds, ["monthly", "interest", "monthly", "interest"]);
    assert_eq!(late["lines"][1]["basis"]["months"][0]["days_late"], 5);
    let later = cart_json(place, LATE, &["summary", "--interest", "later"]);
    assert_eq!(later["total_sen"], owed[0] + owed[1]);
    assert_eq!(cart_json(place, NOW, &["summary", "--day", "2026-11-20"])["total_sen"], late["total_sen"]);
    for (lang, words) in [
        (
            "en",
            [
                "late interest",
                "sub-total",
                "grand total",
                "Continue",
                "One day later",
                "with the minimum).",
                "Next: pay --employer",
            ],
        ),
        (
            "ms",
            [
                "faedah lewat bayar",
                "jumlah kecil",
                "jumlah besar",
                "Continue",
                "Sehari kemudian",
                "dengan minimum).",
                "Seterusnya: pay",
            ],
        ),
    ] {
        let text = cart(place, LATE, &["--lang", lang, "summary"]).out;
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(text.lines().take(12).all(|line| line.chars().count() <= 80), "fits a small terminal:\n{text}");
    }
}

fn over_the_banks_own_limit(place: &Place) {
    let files = Files::new();
    let (_, file) = submit(place, NOW, &[&files.write("october.txt", joint(&people(0..2, "2026-10", 300_000)))]);
    let owed: Vec<i64> = amounts(&file).into_iter().map(|(_, sen)| sen).collect();
    cart_json(place, NOW, &["add", "--all"]);
    let limit = |sen: i64| {
        let ringgit = Sen(sen).to_string();
        let set = ["employer", "set", CODE, "--bank-limit-personal", &ringgit];
        assert_eq!(run(place, NOW, &set).status, 0);
        let arguments = ["summary", "--model", "b2c", "--output", "json"];
        let done = cart(place, NOW, &arguments);
        (done.status, done.json()["models"][0].clone())
    };
    assert_eq!(limit(owed[0] + owed[1]).1["verdict"], "fits");
    let (status, over) = limit(owed[0] + owed[1] - 1);
    let said = cart(place, NOW, &["summary", "--model", "b2c"]).out;
    assert!(said.contains(&format!("Next: pay --employer {CODE} --model b2c --bank CODE --part 1")), "{said}");
    assert_eq!(
        (status, &over["verdict"], over["payments"].as_array().map(Vec::len)),
        (1, &"above-limit".into(), Some(2))
    );
    let (_, over) = limit(owed[0] - 1);
    assert_eq!(over["too_large"][0]["way_out"], "other-model");
    assert_eq!(over["too_large"][0]["transfers"][0]["text"], "A9900000001Z10261010");
}

fn a_notice_is_appealed_and_paid(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let add = ["charge", "add", "--employer", CODE, "--scheme", "act4", "--notice", "FCLB/1"];
    let interest = [&add[..], &["--kind", "interest", "--amount", "12.50", "--month", "2026-10"]].concat();
    let charge = shown(place, LATE, &interest);
    let number = charge["number"].as_str().expect("a number");
    assert_eq!((number, &charge["acknowledgement"]), ("FCL112260000001", &numbers[0].as_str().into()));
    run(place, LATE, &interest).one_sentence("FCL112260000001");
    cart_json(place, LATE, &["add", "--all"]);
    let summary = cart_json(place, LATE, &["summary"]);
    let lines = summary["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 4, "the notice stands for the interest of the ACR; the ECR has its own");
    assert_eq!(lines[1]["reference"], number);
    let text = cart(place, LATE, &["summary"]).out;
    assert!(text.contains("Apart from this, the cart holds RM 12.50 of late interest"), "{text}");
    assert!(!cart(place, LATE, &["summary", "--day", "2026-11-01"]).out.contains("Apart"), "nothing else is late");
    run(place, LATE, &["charge", "appeal", number, "--reason", "bank was down"]).one_sentence("in the cart");
    cart_json(place, LATE, &["clear"]);
    shown(place, LATE, &["charge", "appeal", number, "--reason", "bank was down", "--by", "clerk"]);
    cart(place, LATE, &["add", number]).one_sentence("under appeal");
    run(place, LATE, &["charge", "decide", number, "--cut", "12.50", "--by", "x"]).one_sentence("less than");
    for (same, words) in
        [("clerk", "lodged this appeal"), (" Clerk", "lodged"), ("command-line", "entered this notice")]
    {
        let done = run(place, LATE, &["charge", "decide", number, "--cut", "5", "--by", same]);
        done.one_sentence(words);
        assert!(done.err.contains("another person must"), "{}", done.err);
    }
    assert_eq!(shown(place, LATE, &["charge", "show", number])["state"], "appealed");
    shown(place, LATE, &["charge", "decide", number, "--cut", "5", "--by", "officer"]);
    let shown_charge = shown(place, LATE, &["charge", "show", number]);
    assert_eq!((&shown_charge["assessed_sen"], &shown_charge["amount_sen"]), (&1250.into(), &500.into()));
    assert_eq!(shown_charge["appeals"][0]["what"], "cut");
    let paid = settle(&place.store(), &counter(&[number], Sen(500), "2026-11-20", "SLIP 9"), LATE).expect("paid");
    assert_eq!(paid.receipts.len(), 1);
    cart(place, LATE, &["add", number]).one_sentence("paid already");
    let list = shown(place, LATE, &["charge", "list", "--employer", CODE, "--state", "paid"]);
    assert_eq!(list[0]["number"], number);
}

fn paid_at_a_counter(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let sum = total(&store, &numbers[0]) + total(&store, &numbers[1]);
    let paid = settle(&store, &counter(&[&numbers[0], &numbers[1]], sum, "2026-11-05", "SLIP 1"), NOW).expect("paid");
    assert_eq!((paid.number.as_str(), paid.receipts.len(), paid.charges.len()), ("O-000001", 2, 0));
    for (number, (scheme, receipt)) in numbers.iter().zip(&paid.receipts) {
        let record = store.acknowledgement(number).expect("it");
        assert_eq!((record.state.id(), record.scheme), ("receipted", *scheme));
        let receipt = store.receipt(receipt).expect("a receipt");
        let frozen: FrozenReceipt = serde_json::from_str(&store.frozen_receipt(&receipt).expect("it")).expect("JSON");
        assert!(frozen.ties() && frozen.means == PaidBy::Counter && frozen.issuer == "PEJABAT CONTOH");
        assert_eq!((frozen.total, frozen.lines[0].reference.as_str()), (record.total, number.as_str()));
        assert_eq!(store.receipt_of_reference(number).expect("asked").map(|found| found.number), Some(receipt.number));
    }
    let journal = store.journal("O-000001").expect("entries");
    assert_eq!(journal.iter().map(|line| line.amount).sum::<Sen>(), Sen::ZERO);
    assert_eq!((journal[0].account, journal[0].amount), (Account::BankOffline, sum));
    let due = store.outbox_due(at("2026-11-06T00:00:00+08:00"), 10).expect("rows");
    assert_eq!(due.iter().filter(|row| row.kind == "receipt").count(), 2);
    assert_eq!(store.offline_payment("O-000001").expect("it").amount, sum);
    assert_eq!(store.offline_payments(Some(CODE)).expect("all").len(), 1);
    assert_eq!(store.first_broken_event().expect("asked"), None);
    cart(place, NOW, &["add", &numbers[0]]).one_sentence("paid already");
}

fn paid_late_at_a_counter(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let both = [numbers[0].as_str(), &numbers[1]];
    let sum = total(&store, both[0]) + total(&store, both[1]);
    let paid = settle(&store, &counter(&both, sum, "2026-11-16", "SLIP 2"), LATE).expect("paid");
    assert_eq!(paid.charges.len(), 2, "late by a day: the minimum for each Act is asked");
    for charge in &paid.charges {
        let charge = store.charge(charge).expect("a charge");
        assert_eq!((charge.amount, charge.state), (Sen(500), ChargeState::Assessed));
    }
    let charges: Vec<&str> = paid.charges.iter().map(String::as_str).collect();
    let paid = settle(&store, &counter(&charges, Sen(1_000), "2026-11-20", "SLIP 3"), LATE).expect("paid");
    assert_eq!((paid.receipts.len(), paid.charges.len()), (2, 0));
    let balances = store.balances().expect("balances");
    assert_eq!(balances["interest-act4"], Sen(-500));
    assert_eq!(balances.values().copied().sum::<Sen>(), Sen::ZERO);
}

/// What the summary asks, interest included, is what a transfer pays.
fn late_interest_in_the_same_transfer(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let both = [numbers[0].as_str(), &numbers[1]];
    let sum = total(&store, both[0]) + total(&store, both[1]);
    for wrong in [sum.0 - 1, sum.0 + 1, sum.0 + 999, sum.0 + 1_001] {
        let refused = settle(&store, &counter(&both, Sen(wrong), "2026-11-16", "SLIP 4"), LATE).expect_err("inexact");
        assert_eq!(refused.to_string().matches("RM ").count(), 3, "all three figures: {refused}");
    }
    assert!(settle(&store, &counter(&both, Sen(sum.0 + 1_000), "2026-11-15", "S"), LATE).is_err(), "not late that day");
    assert!(store.charges(&caruman::store::ChargeFilter::default()).expect("charges").is_empty(), "nothing was kept");
    let evidence = counter(&both, Sen(sum.0 + 1_000), "2026-11-16", "SLIP 4");
    let paid = settle(&store, &evidence, LATE).expect("paid");
    assert_eq!((paid.receipts.len(), paid.charges.len(), paid.amount), (2, 0, evidence.amount));
    let receipts = store.receipts(&ReceiptFilter::default()).expect("receipts");
    assert!(receipts.iter().all(|receipt| receipt.lines.len() == 2 && receipt.lines[1].amount == Sen(500)));
    let charges = store.charges(&caruman::store::ChargeFilter::default()).expect("charges");
    assert!(charges.len() == 2 && charges.iter().all(|charge| charge.state == ChargeState::Paid));
    let balances = store.balances().expect("balances");
    assert_eq!((balances["interest-act4"], balances["interest-act800"]), (Sen(-500), Sen(-500)));
    assert_eq!(balances.values().copied().sum::<Sen>(), Sen::ZERO);
}

/// One slip over a contribution and its interest, of which the contribution alone is entered; gives its interest.
fn left_behind(store: &Store, number: &str, slip: &str) -> String {
    let evidence = counter(&[number], total(store, number), "2026-11-16", slip);
    let paid = settle(store, &evidence, LATE).expect("paid");
    let [charge] = &paid.charges[..] else { panic!("late by a day: {:?}", paid.charges) };
    charge.clone()
}

fn one_slip_over_contributions_and_interest(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let (interest, other) = (left_behind(&store, &numbers[0], "SLIP 1"), left_behind(&store, &numbers[1], "SLIP 2"));
    let enter = |references: &[&str], sen: i64| {
        settle(&store, &counter(references, Sen(sen), "2026-11-16", "SLIP 1"), LATE).map_err(|error| error.to_string())
    };
    for sen in [499, 501] {
        assert!(enter(&[&interest], sen).expect_err("inexact").contains("exact amount"), "{sen}");
    }
    // What another slip left behind, a compound, and PERKESO's own notice of that day on the same acknowledgement.
    let add = ["charge", "add", "--employer", CODE, "--scheme", "act4", "--amount", "5.00", "--notice"];
    let compound = shown(place, "2026-11-16T09:00:00+08:00", &[&add[..], &["K/1", "--kind", "compound"]].concat());
    let compound = compound["number"].as_str().expect("a number");
    for (references, sen) in [(&[&other[..]][..], 500), (&[compound], 500), (&[&interest, compound], 1_000)] {
        let said = enter(references, sen).expect_err("another's");
        assert!(said.contains("SLIP 1") && said.contains("O-000001") && said.contains("late interest"), "{said}");
    }
    let paid = enter(&[&interest], 500).expect("entered");
    assert_eq!((paid.number.as_str(), paid.receipts.len(), paid.charges.len()), ("O-000003", 1, 0));
    assert!(enter(&[&interest], 500).expect_err("once").contains("paid already"));
    let notice = [&add[..], &["N/1", "--kind", "interest", "--ack", &numbers[0]]].concat();
    let notice = shown(place, "2026-11-16T09:00:00+08:00", &notice);
    assert_eq!(notice["assessed_on"], "2026-11-16");
    assert!(enter(&[notice["number"].as_str().expect("a number")], 500).expect_err("its own slip").contains("SLIP 1"));
    let show = shown(place, LATE, &["payment", "show", "O-000003"]);
    assert_eq!((&show["follows"], &show["items"][0]["reference"]), (&"O-000001".into(), &interest.as_str().into()));
    assert_eq!(shown(place, LATE, &["payment", "show", "O-000001"])["follows"], Value::Null);
    assert_eq!(store.balances().expect("balances")["interest-act4"], Sen(-500));
    let sound = run(place, LATE, &["selfcheck"]);
    assert_eq!(sound.status, 0, "{}{}", sound.out, sound.err);
    statements(
        &place.own_url(),
        vec!["update offline_payment set follows = 'O-000002' where follows <> ''".to_owned()],
    );
    assert!(run(place, LATE, &["selfcheck"]).err.contains("O-000003"));
}

/// The tables as step 4 left them: its own words for the one that step 5 makes anew.
fn back_to_step_four(place: &Place) {
    let step = if place.url.is_some() {
        include_str!("../migrations/postgres/0004_payments.sql")
    } else {
        include_str!("../migrations/sqlite/0004_payments.sql")
    };
    let begin = step.find("create table offline_payment (").expect("the table");
    let end = begin + step[begin..].find(';').expect("its end") + 1;
    let columns = "number, employer_code, means, evidence, bank, paid_on, amount_sen, entered_by, entered_at";
    let all = [
        "alter table offline_payment rename to newer",
        &step[begin..end],
        &format!("insert into offline_payment ({columns}) select {columns} from newer"),
        "drop table newer",
        "alter table office_case drop column refunded_on",
        "alter table office_case drop column refund_reference",
        "delete from _sqlx_migrations where version = 5",
    ];
    statements(&place.own_url(), all.map(str::to_owned).to_vec());
}

fn a_database_of_step_four_goes_on(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let interest = left_behind(&place.store(), &numbers[0], "SLIP 1");
    let before = place.store().offline_payments(None).expect("read");
    back_to_step_four(place);
    let store = place.store();
    assert_eq!(store.offline_payments(None).expect("read"), before);
    let same = |reference: &str, sum| settle(&store, &counter(&[reference], sum, "2026-11-16", "SLIP 1"), LATE);
    assert!(matches!(same(&numbers[1], total(&store, &numbers[1])), Err(OfflineError::Twice { .. })));
    assert_eq!(same(&interest, Sen(500)).expect("entered").number, "O-000002");
    let sound = run(place, LATE, &["selfcheck", "--deep"]);
    assert_eq!(sound.status, 0, "{}{}", sound.out, sound.err);
}

fn a_file_of_evidence_with_a_row_more(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let messages = Messages::get(Language::English);
    let row = |number: &str, sum: Sen| format!("{number},counter,2026-11-16,{sum},SLIP 1,");
    let take = |rows: &[String]| {
        let text = format!("acknowledgement,means,paid_on,amount_rm,evidence,bank\n{}\n", rows.join("\n"));
        let said = (messages, "clerk", at(LATE));
        let done = import(&store, RateBook::embedded(), "X", text.as_bytes(), said).expect("taken");
        let before: usize = done.before.iter().map(|before| before.lines.len()).sum();
        (done.settled, before, done.faults.len() - before)
    };
    let mut rows = vec![row(&numbers[0], total(&store, &numbers[0]))];
    let (settled, before, faults) = take(&rows);
    assert_eq!((settled.len(), before, faults), (1, 0, 0));
    rows.push(row(&settled[0].charges[0], Sen(500)));
    let (more, before, faults) = take(&rows);
    assert_eq!((more.len(), before, faults), (1, 1, 0), "the new row is a payment of its own");
    assert_eq!((more[0].number.as_str(), more[0].amount), ("O-000002", Sen(500)));
    let (none, before, faults) = take(&rows);
    assert_eq!((none.len(), before, faults), (0, 2, 0), "both stand");
    // Another acknowledgement on the same slip, in the same file, is at fault by itself.
    rows.push(row(&numbers[1], total(&store, &numbers[1])));
    let (none, before, faults) = take(&rows);
    assert_eq!((none.len(), before, faults), (0, 2, 1));
    assert_eq!(store.acknowledgement(&numbers[1]).expect("it").state.id(), "submitted");
}

fn the_history_shows_what_came_outside_fpx(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    for (list, said) in [("payment", "No payments.\n"), ("receipt", "No receipts.\n"), ("case", "No cases.\n")] {
        assert_eq!(run(place, NOW, &[list, "list"]).out, said);
        assert_eq!(shown(place, NOW, &[list, "list"]), serde_json::json!([]));
    }
    let store = place.store();
    let both = [numbers[0].as_str(), &numbers[1]];
    let sum = total(&store, both[0]) + total(&store, both[1]);
    settle(&store, &counter(&both, sum, "2026-11-05", "SLIP 1"), NOW).expect("paid");
    for filter in [&["--employer", CODE][..], &["--reference", both[1]], &["--state", "paid"]] {
        let list = shown(place, NOW, &[&["payment", "list"], filter].concat());
        assert_eq!((&list[0]["number"], &list[0]["means"]), (&"O-000001".into(), &"counter".into()), "{filter:?}");
    }
    for filter in [["--employer", OTHER], ["--reference", "ACR112269999999"], ["--state", "failed"]] {
        assert_eq!(shown(place, NOW, &[&["payment", "list"][..], &filter].concat()), serde_json::json!([]));
    }
    let list = run(place, NOW, &["payment", "list"]).out;
    assert!(list.contains("O-000001") && list.contains(&format!("{} +1", both[0])), "{list}");
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    let show = run(place, NOW, &["payment", "show", "o-000001"]).out;
    assert!(show.starts_with("number ") && show.contains("SLIP 1") && show.contains(both[1]), "{show}");
    let empty = |line: &str| line.trim_end().len() < 19 && !["items", "events"].contains(&line.trim_end());
    assert!(!show.lines().any(empty), "a row without a value: {show}");
    run(place, NOW, &["payment", "show", "O-000002"]).one_sentence("O-000002");
}

fn what_a_payment_holds_says_so(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    assert_eq!(run(place, NOW, &["cart", "add", &numbers[1]]).status, 0, "whose it is says the number");
    assert_eq!(run(place, NOW, &["cart", "remove", &numbers[1]]).status, 0);
    run(place, NOW, &["cart", "add", "ACR112269999999"]).one_sentence("ACR112269999999");
    run(place, NOW, &["cart", "list"]).one_sentence("--employer");
    at_the_bank(place, &numbers[0]);
    let listed = cart(place, NOW, &["list"]).out;
    assert!(listed.contains(&format!("At the bank with payment P-000001: {}", numbers[0])), "{listed}");
    let withdraw = ["ack", "withdraw", &numbers[0], "--reason", "wrong"];
    run(place, NOW, &withdraw).one_sentence("P-000001");
    statements(
        &place.own_url(),
        vec!["update payment set model = 'b2c', state = 'created', sent_at = null".to_owned()],
    );
    run(place, NOW, &withdraw).one_sentence("payment cancel P-000001");
    cart(place, NOW, &["add", &numbers[0]]).one_sentence("has not gone to the bank");
    let listed = cart(place, NOW, &["list"]).out;
    assert!(listed.contains("payment cancel P-000001 frees it") && !listed.contains("At the bank"), "{listed}");
    assert_eq!(run(place, NOW, &["employer", "set", CODE, "--name", "=1+1"]).status, 0);
    let table = run(place, NOW, &["employer", "show", CODE, "--output", "csv"]).out;
    assert!(table.contains("'=1+1"), "{table}");
}

fn what_is_refused_at_a_counter(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let acr = numbers[0].as_str();
    let store = place.store();
    let sum = total(&store, acr);
    let said = |evidence: &Evidence| settle(&store, evidence, NOW).expect_err("refused").to_string();
    for off in [-1, 1] {
        let text = said(&counter(&[acr], Sen(sum.0 + off), "2026-11-05", "S"));
        assert_eq!(text.matches("RM ").count(), 2, "both figures: {text}");
    }
    assert!(said(&counter(&[acr], sum, "2026-11-06", "S")).contains("future"), "a day after");
    assert!(said(&counter(&[], sum, "2026-11-05", "S")).contains("nothing"));
    assert!(said(&counter(&[acr], sum, "2026-11-05", " ")).contains("proves"));
    assert!(said(&counter(&["ACR112269999999"], sum, "2026-11-05", "S")).contains("ACR112269999999"));
    let fpx = Evidence { means: PaidBy::Fpx, ..counter(&[acr], sum, "2026-11-05", "S") };
    assert!(said(&fpx).contains("FPX"));
    let (_, other) = submit(place, NOW, &[&files.write("o.txt", joint(&[row(5, "2026-10", 300_000).of(OTHER)]))]);
    let others = flows::numbers(&other);
    assert!(said(&counter(&[acr, &others[0]], sum, "2026-11-05", "S")).contains("several"));
    cart_json(place, NOW, &["add", acr]);
    assert!(said(&counter(&[acr], sum, "2026-11-05", "S")).contains("in the cart"));
    cart_json(place, NOW, &["clear"]);
    assert!(store.offline_payments(None).expect("all").is_empty(), "nothing was kept");
    settle(&store, &counter(&[acr], sum, "2026-11-05", "SLIP 7"), NOW).expect("paid");
    assert!(said(&counter(&[acr], sum, "2026-11-05", "SLIP 8")).contains("paid already"));
    let ecr = counter(&[&numbers[1]], total(&store, &numbers[1]), "2026-11-05", "SLIP 7");
    let text = said(&ecr);
    assert!(text.contains("O-000001") && text.contains("SLIP 7"), "{text}");
    assert_eq!(store.receipts(&ReceiptFilter::default()).expect("receipts").len(), 1);
}

/// Nobody pays with a number before it is issued.
fn paid_before_it_was_issued(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let (acr, sum) = (numbers[0].as_str(), total(&store, &numbers[0]));
    let said =
        settle(&store, &counter(&[acr], sum, "2026-11-04", "SLIP 1"), LATE).expect_err("a day before").to_string();
    assert!(said.contains(acr) && said.contains("issued on 2026-11-05") && said.contains("appeal"), "{said}");
    let ringgit = sum.to_string();
    let offline = ["payment", "offline", "--means", "counter", "--evidence", "SLIP 1", "--by", "clerk"];
    let with =
        |day| run(place, LATE, &[&offline[..], &["--ack", acr, "--amount", &ringgit, "--paid-on", day]].concat());
    with("2026-11-04").one_sentence("was issued on 2026-11-05");
    // In a file: the row that names it is at fault, and the other one with it.
    let row = |number: &str| format!("{number},counter,2026-11-04,{},SLIP 1,", total(&store, number));
    let rows = [row(acr), row(&numbers[1])].join("\n");
    let text = format!("acknowledgement,means,paid_on,amount_rm,evidence,bank\n{rows}\n");
    let path = files.write("evidence.csv", text);
    let done = run(place, LATE, &["payment", "offline", "--import", &path, "--by", "clerk", "--output", "json"]);
    let (status, document) = (done.status, done.json());
    assert_eq!((status, document["payments"].as_array().map(Vec::len)), (1, Some(0)));
    for (fault, line) in document["faults"].as_array().expect("two").iter().zip(2..) {
        assert_eq!(fault["line"], line);
        assert!(fault["message"].as_str().is_some_and(|said| said.contains("2026-11-05")), "{fault}");
    }
    assert!(store.offline_payments(None).expect("all").is_empty(), "nothing was kept");
    settle(&store, &counter(&[acr], sum, "2026-11-05", "SLIP 1"), LATE).expect("on the day itself");
    let ecr = numbers[1].as_str();
    settle(&store, &counter(&[ecr], total(&store, ecr), "2026-11-06", "SLIP 2"), LATE).expect("a day after");
}

fn many_at_once(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let more = taken(place, LATE, &[&files.write("november.txt", joint(&people(0..2, "2026-11", 300_000)))]);
    let store = place.store();
    let ringgit = |number: &str| total(&store, number).to_string();
    let header = "acknowledgement,means,paid_on,amount_rm,evidence,bank";
    let row = |number: &str, rest: &str| format!("{number},{rest}");
    let good = |number: &str, slip: &str| row(number, &format!("counter,2026-11-20,{},{slip},", ringgit(number)));
    let text = [
        header.to_owned(),
        good(&numbers[0], "A"),
        good(&numbers[1], "A"),
        good(&more[0], "B"),
        row(&more[1], "counter,2026-11-20,0.01,B,"),
        row(&more[1], "counter,tomorrow,1.00,C,"),
        row(&more[1], "fpx,2026-11-20,1.00,C"),
        row("ACR112269999999", "cheque,2026-11-20,1.00,D,BANK"),
    ]
    .join("\r\n");
    let messages = Messages::get(Language::English);
    let take = |text: &str| import(&store, RateBook::embedded(), "X", text.as_bytes(), (messages, "clerk", at(LATE)));
    let done = take(&text).expect("taken");
    assert_eq!(done.settled.len(), 1, "slip A, two rows, one payment");
    assert_eq!(done.settled[0].receipts.len(), 2);
    let said: Vec<String> = done.faults.iter().map(|fault| fault.said(messages)).collect();
    let lines: Vec<u64> = done.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [4, 5, 6, 7, 8], "{said:?}");
    for (said, words) in said.iter().zip(["line 5", "exact amount", "paid_on", "six values", "ACR112269999999"]) {
        assert!(said.contains(words), "{said} lacks {words}");
    }
    assert_eq!(store.acknowledgement(&more[0]).expect("it").state.id(), "submitted", "whole or not at all");
    let paid = [header, ",,,,,", &row(&numbers[0], "counter,2026-11-20,0.01,Z,")].join("\n");
    let [fault] = &take(&paid).expect("taken").faults[..] else { panic!("one row, and one of commas") };
    assert!(fault.line == 3 && fault.said(messages).contains("paid already"), "{}", fault.said(messages));
    let again = take(&text).expect("taken");
    assert_eq!((again.settled.len(), again.faults.len()), (0, 7), "what was paid is named");
    assert!(take("x,y\n").is_err() && take(header).is_err());
}

fn interest_for_another_day(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    let store = place.store();
    let record = store.acknowledgement(&numbers[0]).expect("it");
    let after = |paid_on: &str| {
        let mut group = store.begin_group().expect("a group");
        let who = ("settling", at(LATE));
        let paid_on = paid_on.parse().expect("a day");
        let found = assess_short_interest(&mut group, RateBook::embedded(), &record, paid_on, who).expect("reckoned");
        group.commit().expect("kept");
        found
    };
    assert_eq!(after("2026-11-15"), (Difference::Ties, None));
    let (difference, charge) = after("2026-11-16");
    assert_eq!(difference, Difference::Short(Sen(500)));
    assert_eq!(after("2026-12-15"), (Difference::Ties, None), "charged already");
    let (difference, second) = after("2026-12-16");
    assert_eq!((difference, second.is_some()), (Difference::Short(Sen(500)), true));
    assert_eq!(after("2026-12-15"), (Difference::Over(Sen(500)), None));
    // A charge that a failed payment left void counts for nothing; one that an appeal waived counts.
    let number = charge.expect("a charge");
    let set = |state: &str| {
        let sql = format!("update charge set state = '{state}' where number = '{number}'");
        statements(&place.own_url(), vec![sql]);
    };
    set("waived");
    assert_eq!(after("2026-12-16"), (Difference::Ties, None));
    set("void");
    assert_eq!(after("2026-12-16").0, Difference::Short(Sen(500)));
    assert_eq!(record.scheme, Scheme::Act4);
}

fn a_cart_of_a_thousand(place: &Place) {
    let files = Files::new();
    let numbers = october(place, &files);
    // A thousand of the first one's kind.
    let counted = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)";
    let rest = "arrival_id, digest, employer_code, company_number, layout, schemes, encoding, policy, rule_pack, \
         checked_at, received_at, state, lines, accepted_lines, held_lines, document, kind";
    let submissions = format!(
        "insert into submission (id, serial, answers_repeats, {rest}) {counted} \
         select 1000 + i, 1000 + i, 0, {rest} from submission, n where serial = 1"
    );
    let rest = "employer_code, scheme, 'submitted', people, total_sen, frozen, received_at";
    let copies = format!(
        "insert into acknowledgement (number, submission_id, employer_code, scheme, state, people, total_sen, frozen, \
         received_at) {counted} select 'ACR11227' || cast(1000000 + i as text), 1000 + i, {rest} \
         from acknowledgement, n where number = '{}'",
        numbers[0]
    );
    statements(&place.own_url(), vec![submissions, copies]);
    let added = cart_json(place, LATE, &["add", "--all"]);
    assert_eq!(added["added"].as_array().map(Vec::len), Some(1_002));
    let started = std::time::Instant::now();
    let done = cart(place, LATE, &["summary", "--output", "json"]);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    let summary = done.json();
    assert_eq!(summary["lines"].as_array().map(Vec::len), Some(2_004));
    let limit = summary["models"][0]["limit_sen"].as_i64().expect("sen");
    let payments = summary["models"][0]["payments"].as_array().expect("payments").clone();
    assert!(payments.iter().all(|part| part["amount_sen"].as_i64().is_some_and(|sen| sen <= limit)));
}
