#!/bin/sh
# A throw-away PostgreSQL on loopback for the tests.
#   tests/postgres.sh start DIR   makes and starts a server below DIR and prints its URL
#   tests/postgres.sh stop DIR    stops it and removes DIR
# Needs initdb and pg_ctl: Debian's package "postgresql" has them in /usr/lib/postgresql/*/bin.
set -eu

case "${2:-}" in
    /*) dir=$2 ;;
    *) echo "usage: tests/postgres.sh start|stop DIR (an absolute path)" >&2; exit 2 ;;
esac

for bin in /usr/lib/postgresql/*/bin; do
    [ -x "$bin/initdb" ] && PATH="$bin:$PATH"
done
command -v initdb >/dev/null && command -v pg_ctl >/dev/null || {
    echo "initdb and pg_ctl were not found; install PostgreSQL (Debian: apt-get install postgresql)" >&2
    exit 1
}

# The server refuses to run as root: then an account without rights runs it.
account=nobody
if id postgres >/dev/null 2>&1; then account=postgres; fi
as_server() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups env "PATH=$PATH" LC_ALL=C "$@"
    else
        env LC_ALL=C "$@"
    fi
}

start() {
    [ ! -e "$dir" ] || { echo "$dir is there already; give a new folder" >&2; exit 1; }
    mkdir -p "$dir"
    chmod 755 "$dir"
    mkdir "$dir/run"
    # A password from the kernel: other accounts of this machine share the loopback.
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077; printf '%s\n' "$password" >"$dir/run/password")
    [ "$(id -u)" != 0 ] || chown "$account" "$dir" "$dir/run" "$dir/run/password"
    (cd "$dir" && as_server initdb -D "$dir/data" -U caruman -E UTF8 --locale=C --auth=scram-sha-256 \
        --pwfile="$dir/run/password" >"$dir/initdb.log" 2>&1) || { cat "$dir/initdb.log" >&2; exit 1; }
    # The first free port from a place that depends on this process; another may take it in between, so try a few.
    port=$((20000 + $$ % 20000))
    tries=0
    until (cd "$dir" && as_server pg_ctl -D "$dir/data" -l "$dir/run/server.log" -w -t 60 \
        -o "-h 127.0.0.1 -p $port -k $dir/run" start >"$dir/run/start.log" 2>&1); do
        tries=$((tries + 1))
        [ "$tries" -lt 5 ] || { cat "$dir/run/start.log" "$dir/run/server.log" >&2; exit 1; }
        port=$((port + 1))
    done
    echo "postgres://caruman:$password@127.0.0.1:$port/postgres"
}

stop() {
    [ -d "$dir/data" ] || { echo "there is no server below $dir" >&2; exit 1; }
    (cd "$dir" && as_server pg_ctl -D "$dir/data" -m fast -w stop >/dev/null)
    rm -rf "$dir"
}

case "${1:-}" in
    start) start ;;
    stop) stop ;;
    *) echo "usage: tests/postgres.sh start|stop DIR (an absolute path)" >&2; exit 2 ;;
esac
