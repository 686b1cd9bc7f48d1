//! How fast files are cut into lines and hashed: everything below the rules. `cargo bench --bench read`.

use std::hint::black_box;

use caruman::reader::LayoutId;
use caruman::reader::chunk::{Chunk, Cut, for_each_chunk};
use caruman::reader::line::LineReader;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

mod data;

fn read(criterion: &mut Criterion) {
    let bytes = data::bytes_223(&data::Plan::usual(100_000));
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
    for threads in [1, 2] {
        let cut = Cut { start: 0, line_end: b'\n', threads };
        group.bench_function(format!("pieces and digest, {threads} threads"), |b| {
            b.iter(|| for_each_chunk(bytes.as_slice(), cut, |chunk| black_box(chunk.bytes.len()), |_| ()));
        });
    }
    let cut = Cut { start: 0, line_end: b'\n', threads: 1 };
    let records = |chunk: &Chunk<'_>| {
        let mut reader = LineReader::new(LayoutId::Contribution223, false);
        chunk.bytes.split(|b| *b == b'\n').filter(|line| black_box(reader.regular(line)).is_some()).count()
    };
    group.bench_function("and regular records", |b| {
        b.iter(|| for_each_chunk(bytes.as_slice(), cut, records, |count| _ = black_box(count)));
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
