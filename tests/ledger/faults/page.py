"""The table of faults: which there are, how each is made, and what came out. The run fills it in; docs/ledger-faults.md keeps it.

Every test adds its points under a row, with the outcome of each. At the end of a row the outcomes are compared with the page
that is committed: an outcome the page does not name is a failure of the test. How many points there are depends on the machine
(the version of SQLite, the file system), so numbers are shown and not compared.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "ledger-faults.md"
BUILD = ROOT / "build" / "ledger-faults"
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))  # the numbers are of one run

# key: (fault, how it is made)
ROWS: dict[str, tuple[str, str]] = {
    "kill": ("the process is killed", "strace, SIGKILL at a call that opens, writes, syncs, renames or removes; then go on with other records"),
    "error": ("a call fails once (EIO, ENOSPC)", "strace, `error=` at such a call"),
    "error-on": ("a call fails from then on (EIO, ENOSPC)", "strace, `error=` at such a call and every later one of its kind"),
    "seam-error": ("a step of publishing fails", "the seam for files: the step is not done, and says so"),
    "seam-persisted": ("a step of publishing fails, but was done", "the seam for files: the step is done, and says that it failed"),
    "commit-persisted": ("COMMIT fails, but was done", "the seam for the store: COMMIT is done, and raises"),
    "commit-failed": ("COMMIT fails", "the seam for the store: COMMIT raises, and nothing was written"),
    "memory": ("the database gives back another entry than was written", "the seam for the store: one bit differs"),
    "recovery": ("a second error during recovery", "killed, then EIO or SIGKILL at each call of the next start; a third start without a fault"),
    "power": ("loss of power", "all calls recorded; what was not synced is dropped, torn or reordered, after every call"),
    "power-seam": ("loss of power while publishing", "the seam for files: what was not synced is dropped, torn or reordered, after every step"),
    "pragmas": ("a setting of SQLite is lost", "every connection that writes is asked for its settings"),
    "torn-public": ("a torn sector of what is published", "each 512 bytes of each tile, bundle and checkpoint set to zero, or the file cut there"),
    "torn-wal": ("a torn end of the write-ahead log", "killed before the sync; each 512 bytes of the last transaction set to zero, or the log cut there"),
    "torn-promised": ("the write-ahead log is torn below what was published", "the log cut below the newest checkpoint: a disk that lies"),
    "full": ("the volume is really full", "a small tmpfs, filled by records until the ledger refuses, and by another program"),
    "clock": ("the clock goes back or forward; change of summer time; leap second", "an injected clock"),
    "two": ("two processes with 8 threads each", "started together, and one started while the other is stopped (SIGSTOP) and goes on later"),
    "fenced": ("a process that lost its lock goes on", "the file of the lock is removed, so that two processes think they are alone"),
    "flip": ("one bit is changed", "each class of stored bytes"),
    "rollback": ("an older state is restored", "the database without its log, with an old log, the tiles newer, the whole folder"),
    "snapshot": ("everything is restored, the newest checkpoint outside too", "a snapshot of the whole disk; only a witness knows better"),
    "fork": ("the signing key is copied, and a second history signed", "two trees under one key before one witness"),
    "erasure": ("something stays after an erasure", "every file searched for the bytes: raw, base64, hex, UTF-16, compressed"),
}  # fmt: skip


def note(key: str, outcomes: Counter[str]) -> None:
    """Add these points to a row. Raises AssertionError for an outcome that the committed page does not name."""
    assert key in ROWS and not any("; " in outcome or "|" in outcome for outcome in outcomes)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{key}.json"
    with path.open("a+") as file:  # tests run in several processes
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        found = json.loads(file.read() or "{}")
        if found.pop("run", "") != RUN:
            found = {}
        for outcome, count in outcomes.items():
            found[outcome] = found.get(outcome, 0) + count
        file.seek(0)
        file.truncate()
        file.write(json.dumps(found | {"run": RUN}, indent=1, sort_keys=True))
    if PAGE.exists():
        known = committed().get(ROWS[key][0])
        assert known is not None, (
            f"docs/ledger-faults.md has no row `{ROWS[key][0]}`; make it anew with scripts/faults.py"
        )
        new = set(outcomes) - known
        assert not new, f"docs/ledger-faults.md does not name these outcomes of `{ROWS[key][0]}`: {sorted(new)}"


def committed() -> dict[str, set[str]]:
    """The outcomes by fault, as the page says them."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] not in ("fault", "---"):
            found[cells[0]] = {part.rpartition(" (")[0] for part in cells[3].split("; ") if part}
    return found


def written() -> str:
    """The page, from what the runs have noted."""
    lines = [
        "# What was broken, and what came of it",
        "",
        "The tests of the [ledger](ledger/index.md) break it in every way below. After each point they look from outside: no",
        "acknowledged entry is lost, no size has two heads, the indices are dense, and every checkpoint that was ever acknowledged",
        "or published is the beginning of the last one, by proofs made from the published tiles.",
        "",
        "This table is written by the run (`scripts/faults.py`). `make test` compares its faults and outcomes with what it finds. The",
        "numbers are of one machine: how many calls there are to break depends on the versions of Python and SQLite and on the",
        "file system, so they are shown and not compared.",
        "",
        "| fault | how it is made | points tried | outcome |",
        "| --- | --- | --- | --- |",
    ]
    for key, (fault, how) in ROWS.items():
        path = BUILD / f"{key}.json"
        found = json.loads(path.read_text()) if path.exists() else {}
        found.pop("run", None)
        told = "; ".join(
            f"{outcome} ({count:,})" for outcome, count in sorted(found.items(), key=lambda pair: -pair[1])
        )
        lines.append(f"| {fault} | {how} | {sum(found.values()):,} | {told} |")
    return "\n".join([*lines, ""])
