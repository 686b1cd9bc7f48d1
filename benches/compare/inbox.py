#!/usr/bin/env python3
"""Measures a watched folder from outside, and prints Markdown.

    cargo build --release --locked --bin caruman --example limits
    benches/compare/inbox.py [--programs target/release] [--files 2000] [--many 50000] [--idle 60] [PART...]

Parts: rate (files answered and durable), first (from a complete file to its answer), idle (processor time of an empty folder),
scan (files that are not ready), memory (peak after few and many files). Without any, all but memory. SQLite, in a folder on
the disk that --work names: flushes are real. Files of 30 lines, each of another employer.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOW = "2026-06-01T09:00:00+08:00"


def usage(pid):
    """Processor seconds and peak memory in MiB of a process that runs."""
    # In nanoseconds, of every thread: the clock ticks of stat are too coarse for a folder in which nothing happens.
    threads = Path(f"/proc/{pid}/task").iterdir()
    spent = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return spent / 1e9, int(peak.split()[1]) / 1024


class Place:
    """An office and an inbox of its own."""

    def __init__(self, bench, files=0):
        self.bench, self.path = bench, Path(tempfile.mkdtemp(dir=bench.work))
        self.inbox, self.data = self.path / "inbox", self.path / "data"
        self.call("inbox", "init", self.inbox)
        if files:
            subprocess.run([bench.limits, "small", self.inbox / "drop", str(files), "30"], check=True)
        os.sync()

    def words(self, *words):
        return [str(word) for word in (self.bench.caruman, "--data", self.data, "--now", NOW, *words)]

    def call(self, *words):
        subprocess.run(self.words(*words), check=True, stdout=subprocess.DEVNULL)

    def watch(self, *more):
        return subprocess.Popen(self.words("inbox", self.inbox, "--disk-reserve", "0", *more), stdout=subprocess.PIPE)

    def once(self, *more):
        """Runs until every file is answered: wall, processor seconds, peak MiB, what it said."""
        start = time.perf_counter()
        process = self.watch("--once", "--output", "json", *more)
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"inbox ended with {process.returncode}: {said.decode()}")
        return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.loads(said)

    def answers(self):
        return sum(name.endswith(".answer.json") for name in os.listdir(self.inbox / "answers"))

    def remove(self):
        shutil.rmtree(self.path)


def rate(bench):
    walls = []
    for _ in range(bench.rounds):
        place = Place(bench, bench.files)
        wall, cpu, peak, said = place.once("--quiet-window", "0", "--no-papers")
        outcomes = len(os.listdir(place.inbox / "accepted"))
        if said["answered"] != bench.files or place.answers() != bench.files or outcomes != bench.files:
            sys.exit(f"{said}: {place.answers()} answers, {outcomes} accepted of {bench.files}")
        walls.append((wall, cpu, peak))
        place.call("selfcheck")
        place.remove()
    wall, cpu, peak = sorted(walls)[len(walls) // 2]
    span = f"{bench.files / max(walls)[0]:.0f}–{bench.files / min(walls)[0]:.0f}"
    print(f"| {bench.files} files of 30 lines | {bench.files / wall:.0f} a second ({span}) | {wall:.2f} s wall, "
          f"{cpu:.2f} s processor, {peak:.0f} MiB |", flush=True)


def until(answer):
    while not answer.exists():
        time.sleep(0.001)
    return time.perf_counter()


def first(bench):
    place, source = Place(bench), Path(tempfile.mkdtemp(dir=bench.work))
    subprocess.run([bench.limits, "small", source, str(2 * bench.samples + 5), "30"], check=True)
    files = sorted(source.iterdir())
    drop, answers = place.inbox / "drop", place.inbox / "answers"
    watcher = place.watch("--quiet-window", "10", "--no-papers")
    time.sleep(2)

    def measure(what, window, files, put):
        times = []
        for at, file in enumerate(files):
            # At another moment of the folder's rhythm each time.
            time.sleep(0.5 + at % 7 * 2 / 7)
            shutil.copy(file, drop / f"{file.name}.part")
            start = put(drop / file.name)
            times.append(until(answers / f"{file.stem}.answer.json") - start)
        print(f"| {what}, {len(files)} files | median {statistics.median(times):.3f} s, worst {max(times):.3f} s "
              f"| {(max(times) - window) * 1000:+.0f} ms against the window |", flush=True)

    def rename(to):
        start = time.perf_counter()
        Path(f"{to}.part").rename(to)
        return start

    def mark(to):
        # Not by its name but by its marker: other bytes under the final name, then what they are.
        to.write_bytes(Path(f"{to}.part").read_bytes())
        os.unlink(f"{to}.part")
        time.sleep(0.2)
        start = time.perf_counter()
        Path(f"{to}.done").write_text(f"size={to.stat().st_size}\n")
        return start

    def nothing(to):
        with open(to, "wb") as file:
            file.write(Path(f"{to}.part").read_bytes())
        os.unlink(f"{to}.part")
        return time.perf_counter()

    measure("rename of .part to answer", 0, files[:bench.samples], rename)
    measure("marker .done to answer", 0, files[bench.samples:2 * bench.samples], mark)
    measure("last byte to answer, quiet window of 10 s", 10, files[2 * bench.samples:], nothing)
    watcher.kill()
    watcher.wait()
    place.remove()


def spent(bench, waiting):
    place = Place(bench, waiting)
    for file in list((place.inbox / "drop").iterdir()):
        # Names that say "not yet"; and for the other kind, files that a quiet window of an hour keeps waiting.
        if bench.hidden:
            file.rename(f"{file}.part")
    watcher = place.watch("--quiet-window", "3600", "--no-papers")
    time.sleep(5)
    before, start = usage(watcher.pid)[0], time.perf_counter()
    time.sleep(bench.idle)
    (after, peak), seconds = usage(watcher.pid), time.perf_counter() - start
    watcher.kill()
    watcher.wait()
    place.remove()
    return (after - before) / seconds, peak


def idle(bench):
    share, peak = spent(bench, 0)
    print(f"| idle, empty folder, a look every 2 s, {bench.idle} s | {share * 60 * 1000:.0f} ms of processor time a minute "
          f"| {share * 100:.3f} % of a processor, {peak:.0f} MiB |", flush=True)


def scan(bench):
    for bench.hidden in (False, True):
        share, peak = spent(bench, 10_000)
        kind = "ending in .part" if bench.hidden else "in their quiet window"
        print(f"| 10,000 files {kind}, {bench.idle} s | {share * 2 * 1000:.1f} ms of processor time a look "
              f"| {share * 100:.2f} % of a processor, {peak:.0f} MiB |", flush=True)


def memory(bench):
    for files in (bench.files, bench.many):
        place = Place(bench, files)
        wall, cpu, peak, said = place.once("--quiet-window", "0", "--no-papers")
        print(f"| peak memory, {said['answered']} files that all wait at once | {peak:.0f} MiB "
              f"| {said['answered'] / wall:.0f} a second, {cpu:.1f} s processor |", flush=True)
        place.remove()
    # The same number as they come: one process, a portion when the one before is answered.
    place, source = Place(bench), Path(tempfile.mkdtemp(dir=bench.work))
    subprocess.run([bench.limits, "small", source, str(bench.many), "30"], check=True)
    files = sorted(source.iterdir())
    watcher = place.watch("--scan", "1", "--quiet-window", "0", "--no-papers")
    peaks = []
    for start in range(0, len(files), bench.files):
        for file in files[start:start + bench.files]:
            file.rename(place.inbox / "drop" / file.name)
        while os.listdir(place.inbox / "drop"):
            time.sleep(0.2)
        peaks.append(usage(watcher.pid)[1])
    marks = " · ".join(f"{peaks[at]:.0f}" for at in sorted({0, len(peaks) // 4, len(peaks) // 2, len(peaks) - 1}))
    print(f"| peak memory, {len(files)} files in portions of {bench.files}, one process | {marks} MiB "
          "| after the first portion, a quarter, half, all |", flush=True)
    watcher.kill()
    watcher.wait()
    place.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, default=Path(__file__).resolve().parents[2] / "target/release")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--many", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--idle", type=int, default=60)
    parser.add_argument("parts", nargs="*")
    bench = parser.parse_args()
    bench.caruman = (bench.programs / "caruman").resolve()
    bench.limits = next(path for path in (bench.programs / "examples/limits", bench.programs / "limits") if path.exists())
    bench.hidden = False
    bench.work = Path(tempfile.mkdtemp(dir=bench.work))
    print("| what | measured | |\n|---|---|---|", flush=True)
    try:
        for part in bench.parts or ["rate", "first", "idle", "scan"]:
            {"rate": rate, "first": first, "idle": idle, "scan": scan, "memory": memory}[part](bench)
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    main()
