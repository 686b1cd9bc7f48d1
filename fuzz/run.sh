#!/bin/sh
# Runs the target for SECONDS without cargo-fuzz: the same flags, no sanitizer (own code has no unsafe).
#   fuzz/run.sh SECONDS [CORPUS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
corpus=${2:-$here/corpus/check_bytes}
mkdir -p "$corpus" "$here/artifacts"
cd "$here"
export CARGO_TARGET_DIR="$here/target"
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --target "$host" --bin check_bytes
# The samples are the first seeds, each behind the byte that chooses the options.
for sample in ../samples/*/*.txt; do
    [ -e "$sample" ] || continue
    { printf '\000'; cat "$sample"; } >"$corpus/$(basename "$sample")"
done
exec "target/$host/release/check_bytes" -max_total_time="${1:-60}" -max_len=4096 -artifact_prefix=artifacts/ "$corpus"
