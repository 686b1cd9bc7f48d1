//! How fast whole files are judged, from bytes in memory to findings. `cargo bench --bench check`.
//!
//! The group `register` takes 100,000 joint lines, or as many as `CARUMAN_BENCH_LINES` says, without and with a register of
//! everybody in them: once employers of 50,000 people, once a single employer.

use std::hint::black_box;

use caruman::checks::{Options, check_file};
use caruman::domain::Scheme;
use caruman::rates::RateBook;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

mod data;

fn options(now: &str, scheme: Option<Scheme>, threads: usize) -> Options<'static> {
    let now = now.parse().expect("a moment");
    Options { scheme, threads, ..Options::new("bench.txt", now, RateBook::embedded()) }
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    let old = data::bytes_223(&data::Plan::usual(100_000));
    let joint = data::bytes_278(&data::Plan { broken_per_million: 0, ..data::Plan::usual(100_000) });
    let small = data::bytes_223(&data::Plan::small(0, 30));
    group.throughput(Throughput::Elements(100_000));
    for threads in [1, 2] {
        let act4 = options("2026-06-01T09:00:00+08:00", Some(Scheme::Act4), threads);
        group.bench_function(format!("223, {threads} threads"), |b| {
            b.iter(|| black_box(check_file(old.as_slice(), &act4)));
        });
        let both = options("2026-11-10T09:00:00+08:00", None, threads);
        group.bench_function(format!("joint 278, {threads} threads"), |b| {
            b.iter(|| black_box(check_file(joint.as_slice(), &both)));
        });
    }
    group.throughput(Throughput::Elements(30));
    let act4 = options("2026-06-01T09:00:00+08:00", Some(Scheme::Act4), 1);
    group.bench_function("30 lines", |b| b.iter(|| black_box(check_file(small.as_slice(), &act4))));
    group.finish();
}

fn register(criterion: &mut Criterion) {
    let lines = std::env::var("CARUMAN_BENCH_LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or(100_000);
    let mut group = criterion.benchmark_group("register");
    group.sample_size(10);
    group.throughput(Throughput::Elements(lines));
    for per_employer in [50_000, lines] {
        let plan = data::Plan { per_employer, ..data::Plan::small(0, lines) };
        let (bytes, register) = (data::bytes_278(&plan), data::register(&plan));
        for threads in [1, 2] {
            for (word, known) in [("without", None), ("with", Some(&register))] {
                let options = Options { register: known, ..options("2026-11-10T09:00:00+08:00", None, threads) };
                group.bench_function(format!("{word}, {per_employer} an employer, {threads} threads"), |b| {
                    b.iter(|| black_box(check_file(bytes.as_slice(), &options)));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, check, register);
criterion_main!(benches);
