#!/usr/bin/env bash
# caruman side by side with what a user would pick instead; prints Markdown tables with ratios.
#   benches/compare/run.sh [--lines N] [--rounds N] [--files N] [--large]
# Builds the release, makes seeded files under a temporary folder and removes them. --large also measures memory on ten
# times the lines. What is not installed is skipped with a line that says so. See README.md beside this file.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

work=$(mktemp -d)
chmod 755 "$work"
stop() {
    "$top/tests/postgres.sh" stop "$work/postgres" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

(cd "$top" && cargo build --release --locked --bin caruman --example limits)
target=${CARGO_TARGET_DIR:-$top/target}

# Polars and DuckDB live in an environment of their own, gone with the temporary folder.
python=python3
if python3 -m venv "$work/venv" >/dev/null 2>&1; then
    python=$work/venv/bin/python
    "$python" -m pip --quiet --disable-pip-version-check install polars duckdb || true
fi

url=
if url=$("$top/tests/postgres.sh" start "$work/postgres" 2>"$work/postgres.log"); then :; else url=; fi
CARUMAN_POSTGRES=$url "$python" "$here/measure.py" --programs "$target/release" --work "$work" "$@"
