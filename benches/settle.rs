//! How many confirmations of FPX a second become receipts, each answered after its commit: through the queue, from many
//! senders, into SQLite with full durability. `cargo bench --bench settle`; `CARUMAN_TEST_POSTGRES`, where it names an
//! empty database, is measured as well (tables and rows are left behind).

#[path = "../tests/paying/mod.rs"]
mod paying;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use caruman::fpx::message::Channel;
use caruman::store::Store;
use caruman::workflow::settle::{Counter, Incoming, Reply, settle};
use paying::{FPX, acknowledged, after, desk, laws_hold, served, start, started};
use rayon::prelude::*;

/// Payments over an ACR and its ECR each.
const PAYMENTS: usize = 2_000;

/// Bodies of so many approvals, signed.
fn approvals(store: &Store, count: usize) -> Vec<Vec<u8>> {
    let pairs: Vec<Vec<String>> = acknowledged(store, count).into_iter().map(|pair| pair.to_vec()).collect();
    let attempts = started(store, &pairs, start());
    served(store, &attempts, start());
    attempts.par_iter().map(|attempt| FPX.says(&attempt.request, "00", "00")).collect()
}

/// Settles all of them from so many senders; gives the time in all and each sender's waiting times.
fn measure(store: &Arc<Store>, bodies: &[Vec<u8>], senders: usize) -> (Duration, Vec<Duration>) {
    let shared = Arc::clone(store);
    let counter = Counter::open(move |incoming: &[Incoming]| settle(&desk(&shared), incoming, after(1)));
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let waits = std::thread::scope(|scope| {
        let send = || {
            let mut waits = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let incoming = Incoming { channel: Channel::Direct, body: body.clone() };
                assert_eq!(counter.settle(incoming).expect("settled").reply(), Reply::Ok);
                waits.push(sent.elapsed());
            }
            waits
        };
        let threads: Vec<_> = (0..senders).map(|_| scope.spawn(send)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a sender")).collect::<Vec<_>>()
    });
    (begun.elapsed(), waits)
}

fn run(name: &str, url: Option<&str>) {
    for (senders, count) in [(1, PAYMENTS / 10), (16, PAYMENTS), (64, PAYMENTS), (256, PAYMENTS)] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(url, folder.path(), None).expect("opens"));
        let bodies = approvals(&store, count);
        let (all, mut waits) = measure(&store, &bodies, senders);
        waits.sort_unstable();
        let rate = count as f64 / all.as_secs_f64();
        let [half, most] = [waits.len() / 2, waits.len() * 99 / 100].map(|at| waits[at].as_secs_f64() * 1_000.0);
        println!(
            "{name}, {senders:>3} senders: {rate:>6.0} a second; answered after {half:.1} ms, 99 % after {most:.1} ms"
        );
        laws_hold(&store);
        if url.is_some() {
            // One database: its master key stays with the first folder.
            return;
        }
    }
}

fn main() {
    // What cargo passes to a bench is not for us.
    run("SQLite", None);
    if let Ok(url) = std::env::var("CARUMAN_TEST_POSTGRES") {
        run("PostgreSQL", Some(&url));
    }
}
