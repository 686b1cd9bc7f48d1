//! How fast files become durable acknowledgements, on SQLite, and on PostgreSQL where `CARUMAN_TEST_POSTGRES` names an empty
//! database (tables and rows are left behind). `cargo bench --bench store`.

use std::path::{Path, PathBuf};

use caruman::domain::Scheme;
use caruman::store::Store;
use caruman::vault::Vault;
use caruman::workflow::submit::{Policy, SubmitOptions, submit};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;

mod data;

fn options(group_files: usize) -> SubmitOptions<'static> {
    SubmitOptions {
        scheme: Some(Scheme::Act4),
        policy: Some(Policy::GoodLines),
        threads: 2,
        group_files,
        ..SubmitOptions::new("bench", "BENCH", "2026-06-01T09:00:00+08:00".parse().expect("a moment"))
    }
}

fn written(folder: &Path, name: &str, plan: &data::Plan) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, data::bytes_223(plan)).expect("is written");
    path
}

/// An empty SQLite store; the same bytes twice would be a repeat.
fn empty() -> (TempDir, Store, Vault) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(None, folder.path(), None).expect("opens");
    let vault = Vault::new(folder.path(), store.master_key());
    (folder, store, vault)
}

fn store(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let long = [written(folder.path(), "long.txt", &data::Plan::usual(100_000))];
    let small: Vec<PathBuf> =
        (0..500).map(|n| written(folder.path(), &format!("{n}.txt"), &data::Plan::small(n, 16))).collect();
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10);
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("100,000 lines, SQLite", |b| {
        let take = |(folder, store, vault): (TempDir, Store, Vault)| {
            submit(&store, &vault, &long, &options(1), |_| ()).expect("is kept");
            (folder, store, vault)
        };
        b.iter_batched(empty, take, BatchSize::PerIteration);
    });
    group.throughput(Throughput::Elements(500));
    for together in [1, 500] {
        group.bench_function(format!("500 files of 16 lines, {together} a commit, SQLite"), |b| {
            let take = |(folder, store, vault): (TempDir, Store, Vault)| {
                submit(&store, &vault, &small, &options(together), |_| ()).expect("is kept");
                (folder, store, vault)
            };
            b.iter_batched(empty, take, BatchSize::PerIteration);
        });
    }
    group.finish();
    if let Ok(url) = std::env::var("CARUMAN_TEST_POSTGRES") {
        on_postgres(criterion, &url);
    }
}

/// One database for all rounds: every round brings other employers.
fn on_postgres(criterion: &mut Criterion, url: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(Some(url), folder.path(), None).expect("opens");
    let vault = Vault::new(folder.path(), store.master_key());
    let mut next = 0;
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).throughput(Throughput::Elements(500));
    group.bench_function("500 files of 16 lines, 500 a commit, PostgreSQL", |b| {
        let files = || -> Vec<PathBuf> {
            next += 500;
            (next - 500..next).map(|n| written(folder.path(), &format!("{n}.txt"), &data::Plan::small(n, 16))).collect()
        };
        let take = |files: Vec<PathBuf>| submit(&store, &vault, &files, &options(500), |_| ()).expect("is kept");
        b.iter_batched(files, take, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
