"""The ledger: how fast it writes beside bare SQLite, how fast it is checked, and how long a receipt is.

Bare SQLite inserts the same bytes (entry, slot, sealed payload) into one table, in write-ahead mode with full syncs, one
transaction for one commit of the ledger. The two take turns, so that what else the machine does meets both; the ratio is the
median over the turns. What the ledger does more: five commitments and one sealing for each record, the tree, two rows for the
head, a signature. All of that is work of the processor, so the ratios hang on how long the disk takes for a sync. Where there is
strace the same is measured a second time with every sync made a millisecond longer, as on a disk without a protected cache.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from shutil import rmtree, which
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import BUILD, Results, Table, Target, part

from brightline.ledger import Ledger, verify
from brightline.ledger.fsck import fsck
from brightline.ledger.note import Cosigner, Note

try:
    import pymerkle
except ImportError:
    pymerkle = None

SEED = 5
TURNS, QUICK_TURNS = 15, 3
SINGLES, BATCHES, BATCH = 200, 20, 100  # commits of one turn
CALLERS = 100
SLOWER = 1000  # microseconds
FSCK, QUICK_FSCK = 200_000, 20_000
WORDS = (
    "refused",
    "honored in part",
    "no record",
    "warrant shown",
    "not a judicial warrant",
    "8 USC 1373",
    "§ 10-178 (b)",
    "desk 4",
)


def payloads(count: int) -> list[dict[str, Any]]:
    """Five short fields each."""
    generator = Random(SEED)
    return [
        {
            "case": f"2026-{generator.randrange(10**6):06}",
            "decision": generator.choice(WORDS),
            "ground": generator.choice(WORDS),
            "officer": f"badge {generator.randrange(10**4)}",
            "subject": f"{generator.randrange(10**9):09}",
        }
        for _ in range(count)
    ]


def main(quick: bool) -> Results:
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=BUILD))  # on a disk: a sync in memory costs nothing
    try:
        with Ledger.create(folder / "city", "log.bench.example/city", floor=0) as ledger:
            writing, targets = _writing(folder, ledger, QUICK_TURNS if quick else TURNS)
            slow = _with_slow_syncs(3 if quick else 6)
            if slow is None:
                writing.notes.append("strace is NOT INSTALLED: nothing was measured with slower syncs")
            syncs = _syncs(folder)
            if syncs is not None:
                targets.append(Target("syncs of a commit on the way to the acknowledgement", syncs, 1.0, False, ""))
            else:
                writing.notes.append("strace is NOT INSTALLED: the syncs were not counted")
            size = QUICK_FSCK if quick else FSCK
            while ledger.size < size:
                ledger.append_many([("access", p) for p in payloads(BATCH)])
            checking, more = _checking(ledger)
        tables = [writing, *([slow[0]] if slow else []), checking]
        return Results(tables, [*targets, *(slow[1] if slow else []), *more])
    finally:
        rmtree(folder, ignore_errors=True)


# --- writing -----------------------------------------------------------------------------------------------------------------


def _writing(folder: Path, ledger: Ledger, turns: int, threads: bool = True) -> tuple[Table, list[Target]]:
    ledger.append_many([("access", p) for p in payloads(BATCH)])
    same = [(r.entry, r.slot, r.sealed) for r in ledger.store.rows(0, BATCH)]
    raw = _raw(folder / "raw.db")
    batch = [("access", p) for p in payloads(BATCH)]
    given = payloads(SINGLES)

    def raw_single() -> None:
        for n in range(SINGLES):
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(_INSERT, same[n % BATCH])
            raw.execute("COMMIT")

    def raw_batch() -> None:
        for _ in range(BATCHES):
            raw.execute("BEGIN IMMEDIATE")
            for row in same:
                raw.execute(_INSERT, row)
            raw.execute("COMMIT")

    def raw_many() -> None:
        for _ in range(BATCHES):
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(_INSERT, same)
            raw.execute("COMMIT")

    def single() -> None:
        for payload in given:
            ledger.append("access", payload)

    def batches() -> None:
        for _ in range(BATCHES):
            ledger.append_many(batch)

    def with_receipts() -> None:
        for _ in range(BATCHES):
            for receipt in ledger.append_many(batch):
                receipt.encode()

    def callers() -> None:
        each = BATCHES * BATCH // CALLERS

        def write() -> None:
            for payload in given[:each]:
                ledger.append("access", payload)

        running = [threading.Thread(target=write) for _ in range(CALLERS)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    works: dict[str, tuple[Callable[[], None], int]] = {
        "bare SQLite, single": (raw_single, SINGLES),
        "ledger, single": (single, SINGLES),
        f"bare SQLite, {BATCH} execute in a commit": (raw_batch, BATCHES * BATCH),
        f"bare SQLite, executemany of {BATCH}": (raw_many, BATCHES * BATCH),
        f"ledger, append_many of {BATCH}": (batches, BATCHES * BATCH),
        f"ledger, append_many of {BATCH}, all receipts as text": (with_receipts, BATCHES * BATCH),
    } | _pymerkle(folder, same)
    if threads:
        works[f"ledger, {CALLERS} callers at once"] = (callers, BATCHES * BATCH)
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(turns + 1):
        for name, (work, _) in works.items():
            start = time.perf_counter()
            work()
            if turn:  # the first is for warming up
                times[name].append(time.perf_counter() - start)
    table = Table("Writing, durably", ["", "entries/s", "µs each", "x bare SQLite"])

    def ratio(name: str, base: str) -> float:
        per = works[base][1] / works[name][1]
        return median(b / t / per for t, b in zip(times[name], times[base], strict=True))

    for name, (_, count) in works.items():
        each = median(times[name]) / count
        base = "bare SQLite, single" if "single" in name else f"bare SQLite, {BATCH} execute in a commit"
        table.row(name, f"{1 / each:,.0f}", f"{each * 1e6:.1f}", f"{ratio(name, base):.2f}")
    table.notes += [
        f"five short fields; median of {turns} turns; one sync of a file here takes {_sync(folder) * 1e6:.0f} µs",
        f"{_prepare(ledger) * 1e6:.1f} µs of each entry are commitments and sealing (HMAC-SHA256, ChaCha20-Poly1305), in the caller's thread",
    ]
    if pymerkle is None:
        table.notes.append("pymerkle is NOT INSTALLED and was not measured (pip install pymerkle)")
    targets = [
        Target("ledger, single entries", ratio("ledger, single", "bare SQLite, single"), 0.65, True, "x bare SQLite"),
        Target(
            f"ledger, batches of {BATCH}",
            ratio(f"ledger, append_many of {BATCH}", f"bare SQLite, {BATCH} execute in a commit"),
            0.45,
            True,
            "x bare SQLite",
        ),
    ]
    return table, targets


_INSERT = "INSERT INTO rows (entry, slot, sealed) VALUES (?, ?, ?)"


def _raw(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE rows (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL, slot INTEGER, sealed BLOB) STRICT")
    return db


def _pymerkle(
    folder: Path, same: list[tuple[bytes, int | None, bytes | None]]
) -> dict[str, tuple[Callable[[], None], int]]:
    """The same entries and sealed bytes as one blob each; no signature and no commitment, which it does not have."""
    if pymerkle is None:
        print("pymerkle is NOT INSTALLED and is not measured (pip install pymerkle)", file=sys.stderr)
        return {}
    tree = pymerkle.SqliteTree(str(folder / "pymerkle.db"))
    tree.con.execute("PRAGMA journal_mode = WAL")
    tree.con.execute("PRAGMA synchronous = FULL")
    blobs = [entry + (sealed or b"") for entry, _, sealed in same]

    def single() -> None:
        for n in range(SINGLES):
            tree.append_entry(blobs[n % BATCH])

    def batches() -> None:
        for _ in range(BATCHES):
            tree.append_entries(blobs)
            tree.get_root()

    return {
        "pymerkle, single": (single, SINGLES),
        f"pymerkle, append_entries of {BATCH} and the root": (batches, BATCHES * BATCH),
    }


def _sync(folder: Path) -> float:
    """Seconds for one sync after a page was written over, as a commit does it."""
    times = []
    with open(folder / "sync", "wb", buffering=0) as file:
        file.write(bytes(4096 * 200))
        os.fsync(file.fileno())
        for n in range(200):
            file.seek(4096 * n)
            file.write(os.urandom(4096))
            start = time.perf_counter()
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(file.fileno())
            times.append(time.perf_counter() - start)
    return median(times)


def _prepare(ledger: Ledger) -> float:
    from itertools import count

    from brightline.ledger.record import prepare

    assert ledger._keys is not None
    items = [("access", p) for p in payloads(BATCH)]
    times = []
    for turn in range(20):
        start = time.perf_counter()
        prepare(items, count(10**6 + turn * BATCH), ledger._keys)
        times.append((time.perf_counter() - start) / BATCH)
    return median(times)


_COUNTED = """
import sys
from brightline.ledger import Ledger
with Ledger.create(sys.argv[1], "log.bench.example/syncs", floor=0) as ledger:
    ledger.append("access", {"a": "b"})
    print("begin", file=sys.stderr, flush=True)
    for n in range(int(sys.argv[2])):
        ledger.append("access", {"a": "b"})
    print("end", file=sys.stderr, flush=True)
"""


def _syncs(folder: Path, count: int = 200) -> float | None:
    """Syncs of the database's log for each commit, counted by strace; None where there is none."""
    if which("strace") is None:
        return None
    trace = folder / "trace"
    command = [
        "strace",
        "-f",
        "-y",
        "-o",
        str(trace),
        "-e",
        "trace=fsync,fdatasync,write",
        sys.executable,
        "-c",
        _COUNTED,
    ]
    ended = subprocess.run([*command, str(folder / "syncs"), str(count)], capture_output=True, check=False)
    if ended.returncode:
        return None
    lines = trace.read_text(errors="replace").splitlines()
    begin = next(n for n, line in enumerate(lines) if '"begin' in line)
    end = next(n for n, line in enumerate(lines) if '"end' in line)
    return sum("sync(" in line and "ledger.db" in line for line in lines[begin:end]) / count


def _with_slow_syncs(turns: int) -> tuple[Table, list[Target]] | None:
    """The same writing in a process of its own, in which strace makes every fdatasync a millisecond longer."""
    if which("strace") is None:
        return None
    told = BUILD / "slow.json"
    told.unlink(missing_ok=True)
    inject = f"inject=fdatasync:delay_exit={SLOWER}"
    command = ["strace", "-f", "--seccomp-bpf", "-o", os.devnull, "-e", "trace=fdatasync", "-e", inject]
    subprocess.run(
        [*command, sys.executable, __file__, "--slow", str(told), str(turns)], check=False, capture_output=True
    )
    if not told.exists():
        return None
    found = Results.read(told)
    found.tables[0].title = f"The same, when every sync takes {SLOWER} µs longer"
    for target in found.targets:
        target.name += f", syncs {SLOWER} µs longer"
    return found.tables[0], found.targets


def _slowly(told: Path, turns: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=BUILD))
    try:
        with Ledger.create(folder / "city", "log.bench.example/city", floor=0) as ledger:
            table, targets = _writing(folder, ledger, turns, threads=False)
            Results([table], targets).write(told)
    finally:
        rmtree(folder, ignore_errors=True)


# --- checking ------------------------------------------------------------------------------------------------------------------


def _checking(ledger: Ledger) -> tuple[Table, list[Target]]:
    table = Table("Checking", ["", "what"])
    start = time.perf_counter()
    published = ledger.publish()
    table.row("publishing all of it", f"{time.perf_counter() - start:.2f} s, {published.files:,} files")
    found = fsck(ledger.folder)
    if not found.ok:
        raise SystemExit(f"fsck found: {found.problems}")
    rate = found.size / found.seconds
    table.row("fsck, entries/s", f"{rate:,.0f}")
    table.row("fsck, entries and checkpoints", f"{found.size:,} and {found.checkpoints:,}, each with its signature")
    start = time.perf_counter()
    if verify(ledger.public).verdict != "good":
        raise SystemExit("what was published is not good")
    table.row("verify of the published folder, entries/s", f"{found.size / (time.perf_counter() - start):,.0f}")
    names = ("auditor.state.example", "clinic.university.example", "witness.network.example")
    note = ledger.checkpoint
    more = tuple(Cosigner(name, Ed25519PrivateKey.generate()).cosign(note.text, 1_800_000_000) for name in names)
    times = []
    for index in range(0, ledger.size, max(1, ledger.size // 500)):
        start = time.perf_counter()
        ledger.receipt(index)
        times.append(time.perf_counter() - start)
    receipt = ledger.receipt(ledger.size // 3, Note(note.text, (*note.signatures, *more)))
    table.row("a receipt of an old entry, median", f"{median(times) * 1e6:.0f} µs")
    size = len(receipt.encode())
    table.row("bytes of a receipt with three cosignatures, entry included", f"{size:,}")
    start = time.perf_counter()
    with Ledger.open(ledger.folder, read_only=True) as other:
        _ = other.size
    table.row("opening for reading", f"{(time.perf_counter() - start) * 1000:.1f} ms")
    targets = [
        Target("ledger fsck", rate, 200_000, True, "entries/s"),
        Target("a receipt with three cosignatures", size, 2048, False, "bytes"),
    ]
    return table, targets


if __name__ == "__main__":
    if sys.argv[1:2] == ["--slow"]:
        _slowly(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        part(main)
