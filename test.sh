#!/usr/bin/env bash
# Everything that must hold before a change is taken: format, lints, unit, sample, property, store and document tests, on
# SQLite and on a throw-away PostgreSQL.
#   ./test.sh           minutes
#   ./test.sh --long    also the long proofs (a crash at every system call, 2,000 random kills) and a small run of
#                       benches/compare
# Installs by apt what the tests need, only where it is missing.
set -euo pipefail
cd "$(dirname "$0")"

long=
case "${1:-}" in
    "") ;;
    --long) long=1 ;;
    *) echo "usage: ./test.sh [--long]" >&2; exit 2 ;;
esac

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# install PROGRAM PACKAGE ...: the packages whose program is not there.
install() {
    local missing=()
    while [ $# -gt 0 ]; do
        if ! command -v "$1" >/dev/null && ! compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null; then
            missing+=("$2")
        fi
        shift 2
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# The PDF readers judge the acknowledgements; the C compiler builds SQLite, the cryptography and the tracer of the crash
# tests; strace refuses calls there.
install cc build-essential initdb postgresql pdftotext poppler-utils qpdf qpdf strace strace

server=$(mktemp -d)/postgres
stop() {
    local status=$?
    tests/postgres.sh stop "$server" >/dev/null 2>&1 || true
    rm -rf "$(dirname "$server")"
    [ "$status" = 0 ] || echo "test.sh: FAILED" >&2
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$(dirname "$server")"
CARUMAN_TEST_POSTGRES=$(tests/postgres.sh start "$server")
export CARUMAN_TEST_POSTGRES

set -x
cargo fmt --check
cargo clippy --all-targets --locked -- -D warnings
if [ -n "$long" ]; then
    # A night of proofs ends with all that it found.
    CARUMAN_LONG=1 cargo test --locked --no-fail-fast -- --include-ignored
    benches/compare/run.sh --lines 100000 --rounds 3
else
    cargo test --locked
fi
