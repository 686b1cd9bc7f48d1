//! Many at once: the return page, FPX's server and our own question about the same payments from several threads;
//! repeats; forgeries. `CARUMAN_LONG=1` runs the long form.

mod paying;
mod place;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use caruman::domain::PaymentState;
use caruman::fpx::message::Channel;
use caruman::store::payments::PaymentFilter;
use caruman::store::receipts::ReceiptFilter;
use caruman::workflow::settle::{Counter, Incoming, Outcome, Reply, settle};
use paying::{Attempt, FPX, acknowledged, after, desk, laws_hold, sent, served, start, started};
use place::Place;
use rayon::prelude::*;

on_both! {
    three_ways_at_once
    a_thousand_repeats_from_many_threads
    two_counters_share_a_database
    forged_and_mutated
}

fn long() -> bool {
    std::env::var("CARUMAN_LONG").is_ok_and(|value| value == "1")
}

fn attempts(store: &caruman::store::Store, count: usize) -> Vec<Attempt> {
    let mut all = Vec::with_capacity(count);
    // Groups of a size that an office has in a minute.
    for begun in (0..count).step_by(1_000) {
        let pairs = acknowledged(store, (count - begun).min(1_000));
        let pairs: Vec<Vec<String>> = pairs.into_iter().map(|pair| pair.to_vec()).collect();
        let some = started(store, &pairs, start());
        served(store, &some, start());
        all.extend(some);
    }
    all
}

/// A counter over a store that it shares.
fn counter(store: &Arc<caruman::store::Store>) -> Counter {
    let store = Arc::clone(store);
    Counter::open(move |incoming: &[Incoming]| settle(&desk(&store), incoming, after(1)))
}

fn three_ways_at_once(place: &Place) {
    let store = Arc::new(place.store());
    let attempts = attempts(&store, if long() { 10_000 } else { 300 });
    let bodies: Vec<Vec<u8>> = attempts.par_iter().map(|attempt| FPX.says(&attempt.request, "00", "00")).collect();
    let counter = counter(&store);
    let (receipts, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for channel in [Channel::Direct, Channel::Indirect, Channel::Enquiry] {
            for half in 0..2 {
                let (counter, bodies, receipts, answered) = (&counter, &bodies, &receipts, &answered);
                scope.spawn(move || {
                    for body in bodies.iter().skip(half).step_by(2) {
                        let outcome = counter.settle(Incoming { channel, body: body.clone() }).expect("settled");
                        assert_eq!(outcome.reply(), Reply::Ok);
                        answered.fetch_add(1, Ordering::Relaxed);
                        if let Outcome::Applied { receipts: issued, .. } = outcome {
                            receipts.fetch_add(issued.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        }
    });
    assert_eq!(answered.load(Ordering::Relaxed), attempts.len() * 3);
    assert_eq!(receipts.load(Ordering::Relaxed), attempts.len() * 2, "one for each Act");
    let paid = PaymentFilter { state: Some(PaymentState::Paid), ..PaymentFilter::default() };
    assert_eq!(store.payments(&paid).expect("read").len(), attempts.len());
    let numbers: HashSet<String> =
        store.receipts(&ReceiptFilter::default()).expect("read").into_iter().map(|receipt| receipt.number).collect();
    assert_eq!(numbers.len(), attempts.len() * 2);
    for number in 1..=attempts.len() {
        assert!(numbers.contains(&format!("2026{number:010}")), "a gap at {number}");
        assert!(numbers.contains(&format!("2026E{number:010}")), "a gap at {number}");
    }
    laws_hold(&store);
}

fn a_thousand_repeats_from_many_threads(place: &Place) {
    let store = Arc::new(place.store());
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    let counter = counter(&store);
    let issued = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let incoming = Incoming { channel: Channel::Direct, body: body.clone() };
                    let outcome = counter.settle(incoming).expect("settled");
                    assert_eq!(outcome.reply(), Reply::Ok);
                    if let Outcome::Applied { receipts, .. } = outcome {
                        issued.fetch_add(receipts.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(issued.load(Ordering::Relaxed), 2);
    assert_eq!(store.bank_messages(&attempt.number).expect("read")[0].seen, 1_000);
    assert_eq!(store.receipts(&ReceiptFilter::default()).expect("read").len(), 2);
    laws_hold(&store);
}

fn two_counters_share_a_database(place: &Place) {
    let store = Arc::new(place.store());
    let attempts = attempts(&store, 40);
    let other = Arc::new(place.store());
    let bodies: Vec<Vec<u8>> = attempts.iter().map(|attempt| FPX.says(&attempt.request, "00", "00")).collect();
    let (one, two) = (counter(&store), counter(&other));
    std::thread::scope(|scope| {
        for (counter, channel) in [(&one, Channel::Direct), (&two, Channel::Direct), (&two, Channel::Indirect)] {
            let bodies = &bodies;
            scope.spawn(move || {
                for body in bodies {
                    let incoming = Incoming { channel, body: body.clone() };
                    assert_eq!(counter.settle(incoming).expect("settled").reply(), Reply::Ok);
                }
            });
        }
    });
    assert_eq!(store.receipts(&ReceiptFilter::default()).expect("read").len(), 80);
    laws_hold(&store);
}

fn forged_and_mutated(place: &Place) {
    let store = place.store();
    let attempt = sent(&store);
    let body = FPX.says(&attempt.request, "00", "00");
    // One changed byte each, at every place; the same signed words in another coding stay the same words.
    let count = if long() { 100_000 } else { 5_000 };
    let mutated: Vec<Incoming> = (0..count)
        .map(|n: usize| {
            let mut body = body.clone();
            let place = n * 7_919 % body.len();
            body[place] = if n % 3 == 0 { body[place] ^ (1 << (n / 3 % 8)) } else { (n * 31 % 256) as u8 };
            Incoming { channel: Channel::Direct, body }
        })
        .filter(|incoming| !same_words(&incoming.body, &body))
        .collect();
    assert!(mutated.len() > count * 9 / 10);
    for together in mutated.chunks(256) {
        for outcome in settle(&desk(&store), together, after(1)).expect("settled") {
            assert!(matches!(outcome, Outcome::Stray { alarm: false, .. }), "{outcome:?}");
        }
    }
    assert_eq!(attempt.state(&store), PaymentState::Sent);
    assert!(store.receipts(&ReceiptFilter::default()).expect("read").is_empty());
    let kept = store.stray_messages(0).expect("read").len();
    assert!(kept <= 10_000 && kept > 1_000, "{kept}");
    laws_hold(&store);
}

/// Whether two bodies hold the same signed values: the case of hexadecimal digits, of percent codes and of what is not
/// signed does not matter.
fn same_words(one: &[u8], other: &[u8]) -> bool {
    use caruman::fpx::message::{Layout, Received};
    let read = |body: &[u8]| Received::read(Layout::Answer, body).ok();
    let (Some(one), Some(other)) = (read(one), read(other)) else { return false };
    let believed = |received: Received| received.verify(&FPX.certificates, after(1)).is_ok();
    one.source() == other.source() && believed(one)
}
