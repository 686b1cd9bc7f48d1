"""Measures one program after the other, round by round, and prints Markdown. Called by run.sh.

Bound by the processor: best against best. Bound by flushes or by a server: median against median. Every side must have
counted the same, or the run is void.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOW = "2026-06-01T09:00:00+08:00"


class Side:
    """One program of a comparison."""

    def __init__(self, name, command, counts=None, env=None, before=None, after=None):
        self.name, self.command, self.counts = name, [str(word) for word in command], counts
        self.env, self.before, self.after = env or {}, before, after
        self.wall, self.cpu, self.said = [], [], None

    def run(self, work):
        if self.before:
            self.before()
        with open(work / "said", "wb") as out:
            start = time.perf_counter()
            process = subprocess.Popen(self.command, stdout=out, cwd=work, env={**os.environ, **self.env})
            _, status, usage = os.wait4(process.pid, 0)
            self.wall.append(time.perf_counter() - start)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        if process.returncode not in (0, 1):
            sys.exit(f"{self.name}: ended with {process.returncode}: {' '.join(self.command)[:200]}")
        if self.counts:
            said = self.counts((work / "said").read_bytes())
            if self.said not in (None, said):
                sys.exit(f"{self.name}: counted {said}, before {self.said}")
            self.said = said
        if self.after:
            self.after()


def rounds(sides, count, work):
    for _ in range(count):
        for side in sides:
            side.run(work)


def last_line(text):
    """Records, sen and duplicates of a peer; its lines in error are compared among peers only."""
    records, errors, sen, duplicates = text.decode().split("\n")[-2].split()
    return int(records), int(sen), int(duplicates), int(errors)


def of_document(text):
    """The same of caruman's JSON document."""
    file = json.loads(text)["files"][0]
    twice = sum(finding["name"] in ("duplicate-person", "same-id-other-name") for finding in file["findings"])
    return file["lines"], sum(total["total_sen"] for total in file["totals"]), twice, None


def has(program):
    if shutil.which(program):
        return True
    print(f"{program}: not installed, skipped")
    return False


def has_module(module):
    if subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0:
        return True
    print(f"{module}: not installed, skipped")
    return False


def table(title, sides, key, pick, label):
    """Sides against `key`, which is ours."""
    print(f"\n### {title}\n\n| program | {label} wall s | min–max s | CPU s | caruman is faster by |\n|---|---|---|---|---|")
    ours = pick(key.wall)
    for side in sides:
        ratio = "1" if side is key else f"{pick(side.wall) / ours:.2f}×"
        print(f"| {side.name} | {pick(side.wall):.4f} | {min(side.wall):.4f}–{max(side.wall):.4f} | {pick(side.cpu):.4f} | {ratio} |")


def checking(tools, work, lines, count):
    file, totals = work / "lines.txt", work / "totals.txt"
    limits, caruman = tools / "examples/limits", tools / "caruman"
    check = [caruman, "check", "--output", "json", "--scheme", "act4", "--now", NOW]
    for threads in (1, 2):
        ours = Side(f"**caruman check**, {threads} thread(s)", check + ["--threads", threads, file], of_document)
        sides = [ours]
        if threads == 1:
            sides += [Side("plain read()", [limits, "read", file, 1])]
            sides += [Side("wc -l", ["wc", "-l", file])] if has("wc") else []
            sides += [Side("plain Rust, line by line", [limits, "lines", file, 1], last_line)]
            sides += [Side("nom, no copies", [limits, "nom", file, 1], last_line)]
            sides += [Side("Python standard library", [sys.executable, HERE / "check.py", file, totals], last_line)]
            if has("mawk"):
                sides += [Side("mawk", ["mawk", "-v", f"totals={totals}", "-f", HERE / "check.awk", file], last_line)]
        if has_module("polars"):
            env = {"POLARS_MAX_THREADS": str(threads)}
            sides += [Side("Polars", [sys.executable, HERE / "check_polars.py", file, totals], last_line, env)]
        if has_module("duckdb"):
            sides += [Side("DuckDB", [sys.executable, HERE / "check_duckdb.py", file, totals, threads], last_line)]
        rounds(sides, count, work)
        agree(sides)
        table(f"Checking {lines:,} lines, {threads} thread(s)", sides, ours, min, "best")
        if threads == 1:
            single = ours
    print(f"\n2 threads against 1: {min(single.wall) / min(ours.wall):.2f}× (bar 1.6×)")
    share = subprocess.run([limits, "share", file, str(max(count, 5))], capture_output=True, text=True, check=True)
    print(f"Library, no JSON, against read() in one process: {share.stdout.strip()} (bar 15 %, stretch 30 %)")


def agree(sides):
    counted = [side for side in sides if side.said]
    if len({side.said[:3] for side in counted}) != 1 or len({side.said[3] for side in counted} - {None}) > 1:
        sys.exit("void: " + "; ".join(f"{side.name} counted {side.said}" for side in counted))
    print(f"\nAll sides: records, sen, repeated persons = {counted[0].said[:3]}")


def memory(tools, work, sizes):
    if not Path("/usr/bin/time").exists():
        return print("/usr/bin/time: not installed, memory skipped")
    print("\n### Memory of check, 1 thread\n\n| lines | peak MB | table of persons MB | beyond it MB (bar 24) |\n|---|---|---|---|")
    for lines in sizes:
        file = work / "memory.txt"
        subprocess.run([tools / "examples/limits", "data", file, str(lines)], check=True)
        command = ["/usr/bin/time", "-f", "%M", tools / "caruman", "check", "--output", "json", "--scheme", "act4"]
        done = subprocess.run(command + ["--now", NOW, "--threads", "1", file], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        peak = int(done.stderr.split()[-1]) / 1024
        # 16 bytes a slot, a power of two of slots, at most three quarters full, one table an employer.
        slots = 1 << (min(lines, 50_000) * 4 // 3).bit_length()
        persons = slots * 16 * max(lines // 50_000, 1) / 1024 / 1024
        print(f"| {lines:,} | {peak:.1f} | {persons:.1f} | {peak - persons:.1f} |", flush=True)
        file.unlink()


class Office:
    """A data folder of caruman, made anew for every round, opened once before the clock runs."""

    def __init__(self, tools, work, name, url=None):
        self.folder, self.url, self.work = work / f"office-{name}", url, work
        self.caruman = [str(tools / "caruman"), "--data", str(self.folder), "--now", NOW]
        self.caruman += ["--database", url] if url else []

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.url:
            sql(self.url, "drop schema public cascade; create schema public")
        opened = subprocess.run(self.caruman + ["submission", "list"], stdout=subprocess.DEVNULL)
        assert opened.returncode == 0, "the data folder was not made"
        os.sync()


def sql(url, text):
    return subprocess.run(["psql", "-qAtX", url, "-c", text], check=True, capture_output=True, text=True).stdout.strip()


def taken(text):
    """People acknowledged and lines held."""
    files = json.loads(text)["files"]
    parts = [part for file in files for part in file["submissions"]]
    return (sum(a["people"] or 0 for p in parts for a in p["acknowledgements"]), sum(p["held_lines"] for p in parts))


COLUMNS = ("line integer, employer text, company text, id_number text, name text, month text, amount integer, "
           "day text, status text")


def storing(tools, work, lines, files, count, url):
    raw, clean = work / "lines.txt", work / "clean.tsv"
    subprocess.run([tools / "examples/limits", "clean", raw, clean], check=True)
    rows = clean.read_bytes().count(b"\n")
    print(f"\n{rows:,} cleaned rows were made for .import and COPY before their clocks ran; caruman starts from the raw file.")
    submit = ["submit", "--output", "json", "--scheme", "act4", "--policy", "good-lines"]
    office = Office(tools, work, "sqlite")
    ours = Side("**caruman submit**, SQLite", office.caruman + submit + [raw], taken, before=office.fresh)
    sides = [ours]
    if has("sqlite3"):
        database = work / "import.db"

        def empty():
            for name in work.glob("import.db*"):
                name.unlink()
            subprocess.run(["sqlite3", database, f"pragma journal_mode=wal; create table line ({COLUMNS}) strict"],
                           check=True, stdout=subprocess.DEVNULL)
            os.sync()

        script = ["-cmd", "pragma synchronous=full", "-cmd", ".mode tabs", database, f".import {clean} line"]
        sides += [Side("sqlite3 .import of cleaned rows", ["sqlite3", *script], before=empty)]
    rounds(sides, count, work)
    print(f"\ncaruman acknowledged {ours.said[0]:,} people and held {ours.said[1]:,} lines")
    table(f"{lines:,} lines to the commit, SQLite (bar 3×)", sides, ours, statistics.median, "median")
    if not url:
        print("\nPostgreSQL: not installed, skipped")
    elif has("psql"):
        office = Office(tools, work, "postgres", url)
        ours = Side("**caruman submit**, PostgreSQL", office.caruman + submit + [raw], taken, before=office.fresh)
        other = lambda: sql(url, f"drop table if exists copied; create table copied ({COLUMNS})")
        copy = ["psql", "-qX", url, "-c", f"copy copied from '{clean}'"]
        sides = [ours, Side("PostgreSQL COPY FROM of cleaned rows", copy, before=other)]
        rounds(sides, count, work)
        table(f"{lines:,} lines to the commit, PostgreSQL (bar 1×)", sides, ours, statistics.median, "median")
    folder = work / "small"
    folder.mkdir()
    subprocess.run([tools / "examples/limits", "small", folder, str(files), "16"], check=True)
    names = sorted(f"small/{name}" for name in os.listdir(folder))
    for kind, place in (("SQLite", None), ("PostgreSQL", url)):
        if kind == "PostgreSQL" and not url:
            continue
        office = Office(tools, work, f"small-{kind}", place)
        command = office.caruman + ["submit", "--output", "json", "--scheme", "act4"]
        ours = Side(f"**caruman submit**, {kind}, groups", command + names, taken, before=office.fresh)
        single = Side("one commit a file", command + ["--group-files", "1"] + names, taken, before=office.fresh)
        rounds([ours, single], max(min(count, 3), 1), work)
        if ours.said != single.said:
            sys.exit(f"void: groups {ours.said}, single {single.said}")
        table(f"{files:,} files of 16 lines, {kind} (bar 3×)", [ours, single], ours, statistics.median, "median")
        print(f"\n{statistics.median(ours.wall) / files * 1e6:.0f} µs a file in groups")


def starting(tools, work, count):
    file = work / "thirty.txt"
    subprocess.run([tools / "examples/limits", "data", file, "30"], check=True)
    command = [tools / "caruman", "check", "--scheme", "act4", "--now", NOW, file]
    small = Side("30 lines", command)
    rounds([small], max(3 * count, 10), work)
    print(f"\n### One small file\n\nProcess start to verdict, 30 lines: best {min(small.cpu) * 1e3:.1f} ms CPU, median "
          f"{statistics.median(small.cpu) * 1e3:.1f} ms, wall {min(small.wall) * 1e3:.1f} ms (bar 15 ms CPU)")


def printing(tools, work, count):
    if not Path("/usr/bin/time").exists():
        return print("/usr/bin/time: not installed, printing skipped")
    file = work / "joint.txt"
    subprocess.run([tools / "examples/limits", "joint", file, "10000"], check=True)
    office = Office(tools, work, "print")
    office.caruman[office.caruman.index("--now") + 1] = "2026-11-10T09:00:00+08:00"
    best, peak, size = {}, {}, {}
    for _ in range(count):
        office.fresh()  # a document is rendered once and kept: only the first print of an office counts
        done = subprocess.run(office.caruman + ["submit", "--output", "json", file], capture_output=True, text=True)
        parts = json.loads(done.stdout)["files"][0]["submissions"]
        for number in [a["number"] for part in parts for a in part["acknowledgements"]]:
            command = ["/usr/bin/time", "-f", "%U %S %M"] + office.caruman
            done = subprocess.run(command + ["ack", "print", number, "--out", str(work / "a.pdf")],
                                  capture_output=True, text=True)
            user, system, memory_kib = done.stderr.split()[-3:]
            best[number] = min(best.get(number, 1e9), float(user) + float(system))
            peak[number] = max(peak.get(number, 0), int(memory_kib) / 1024)
            size[number] = os.path.getsize(work / "a.pdf")
    print("\n### Printing for 10,000 people, first print (bar 1 s CPU, 64 MB)\n")
    for number in best:
        print(f"- {number}: {best[number]:.2f} s CPU, {peak[number]:.0f} MB, PDF of {size[number]:,} bytes")


def register(tools, work, lines, count):
    print(f"\n### {lines:,} joint lines against a register of {lines:,} people, in the library (bar +60 %)\n")
    for each in (min(50_000, lines), lines):
        command = [tools / "examples/limits", "register", str(lines), str(each), str(count)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        print(f"- {each:,} people an employer: " + "; ".join(said.splitlines()))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--programs", type=Path, required=True)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--lines", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--files", type=int, default=20_000)
    arguments.add_argument("--large", action="store_true")
    arguments.add_argument("--only", help="check, register, memory, store, start or print")
    told = arguments.parse_args()
    tools, work, url = told.programs.resolve(), told.work.resolve(), os.environ.get("CARUMAN_POSTGRES")
    subprocess.run([tools / "examples/limits", "data", work / "lines.txt", str(told.lines)], check=True)
    totals = subprocess.run([tools / "examples/limits", "totals"], check=True, capture_output=True).stdout
    (work / "totals.txt").write_bytes(totals)
    parts = {
        "check": lambda: checking(tools, work, told.lines, told.rounds),
        "register": lambda: register(tools, work, told.lines, told.rounds),
        "memory": lambda: memory(tools, work, [told.lines] + [10 * told.lines] * told.large),
        "store": lambda: storing(tools, work, told.lines, told.files, told.rounds, url),
        "start": lambda: starting(tools, work, told.rounds),
        "print": lambda: printing(tools, work, min(told.rounds, 3)),
    }
    print(f"## caruman and others: {told.lines:,} lines, {told.rounds} rounds, {os.cpu_count()} processors, "
          f"load {os.getloadavg()[0]:.1f}", flush=True)
    for name, part in parts.items():
        if told.only in (None, name):
            part()
            sys.stdout.flush()


main()
