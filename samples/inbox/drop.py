#!/usr/bin/env python3
"""Hands a contribution file to a watched folder and waits for the answer.

    drop.py INBOX FILE.txt [SECONDS]

Status: 0 accepted, or accepted before; 1 something has to be mended, or a person decides; 2 no answer in time.
Needs nothing but Python 3.8 or later.
"""
import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path


def answer_name(name: str) -> str:
    """The answer's name without its endings: without .txt; the whole name where it has another ending."""
    def ending(text: str) -> str:
        found = re.search(r"(?s).\.([A-Za-z]{1,4})\Z", text)
        return found.group(1) if found else ""
    if name.endswith(".txt") and not ending(name[:-4]):
        return name[:-4]
    return name if ending(name) not in ("", "file") else f"{name}.file"


def drop(inbox: Path, file: Path) -> Path:
    """Puts the file into the drop place; gives the path of the answer that will come."""
    answer = inbox / "answers" / f"{answer_name(file.name)}.answer.json"
    # An answer to an earlier file of this name is not taken for this one's.
    answer.unlink(missing_ok=True)
    data = file.read_bytes()
    # What is in the file, for a reader that must not wait; this one may be left out where files are renamed.
    done = inbox / "drop" / f"{file.name}.done"
    done_part = inbox / "drop" / f"{file.name}.done.part"
    done_part.write_text(f"size={len(data)}\nsha256={hashlib.sha256(data).hexdigest()}\n")
    os.replace(done_part, done)
    # Under a name that says "not yet"; the last step, the rename, says "complete".
    part = inbox / "drop" / f"{file.name}.part"
    with open(part, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, inbox / "drop" / file.name)
    return answer


def main() -> int:
    inbox, file = Path(sys.argv[1]), Path(sys.argv[2])
    patience = float(sys.argv[3]) if len(sys.argv) > 3 else 120.0
    answer = drop(inbox, file)
    end = time.monotonic() + patience
    while not answer.exists():
        if time.monotonic() > end:
            print(f"no answer to {file.name} after {patience:g} seconds", file=sys.stderr)
            return 2
        time.sleep(0.2)
    told = json.loads(answer.read_text(encoding="utf-8"))
    print(told["outcome"], told["sentence"])
    for pay in told["to_pay"]:
        print(f'{pay["acknowledgement"]}: RM {pay["total_sen"] / 100:.2f} by {pay["due_date"]}')
    for finding in told["check"]["files"][0]["findings"]:
        place = f'line {finding["line"]}' if finding["line"] else "whole file"
        print(f'{place}: {finding["message"]} {finding["cure"]}')
    return 0 if told["complete"] else 1


if __name__ == "__main__":
    sys.exit(main())
