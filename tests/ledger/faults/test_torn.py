"""Torn sectors: of what is published, and of the write-ahead log."""

from __future__ import annotations

import shutil
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, judge, one_sentence, problems
from tests.ledger.faults.strace import Point, Processes

SECTOR = 512
NAMED, REFUSED = "fsck names the file, published anew it is whole", "fsck names the file, opening refuses to sign"
BACK, CAUGHT_UP = "recovers unattended", "refuses to sign, catches up from the published copy"


def torn(body: bytes) -> Iterator[tuple[str, bytes]]:
    for at in range(0, len(body), SECTOR):
        zeroed = body[:at] + bytes(len(body[at : at + SECTOR])) + body[at + SECTOR :]
        yield f"zeros at {at}", zeroed
        yield f"cut at {at}", body[:at]


def test_a_torn_sector_of_what_is_published(fresh: Callable[..., Path], base: World) -> None:
    world = fresh()
    public = world / "city" / "public"
    outcomes: Counter[str] = Counter()
    for path in [p for p in sorted(public.rglob("*")) if p.is_file() and p.name not in ("policy", "vkey")]:
        whole = path.read_bytes()
        name = str(path.relative_to(public))
        for what, body in torn(whole):
            path.write_bytes(body)
            assert any(name in problem for problem in problems(world)), f"{name}, {what}: fsck says {problems(world)}"
            if name == "checkpoint":
                with pytest.raises(LedgerError) as refused:
                    scenes.reopen(world)
                one_sentence(str(refused.value))
                outcomes[REFUSED] += 1
            else:
                outcomes[NAMED] += 1
        if name == "checkpoint":
            path.write_bytes(whole)
        else:  # the mend that fsck names
            shutil.rmtree(public)
            public.mkdir()
            with scenes.reopen(world) as ledger:
                ledger.publish()
            assert not problems(world)
            if not path.exists():  # the history of before is not made again, and is not needed
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(whole)
    assert judge(world, base.promises.copy()) == RECOVERED
    page.note("torn-public", outcomes)


def commits(log: bytes) -> list[int]:
    """Where each transaction in a write-ahead log ends (the format of SQLite's file)."""
    size = struct.unpack(">I", log[8:12])[0]
    salts = log[16:24]
    ends = []
    for at in range(32, len(log), 24 + size):
        if log[at + 8 : at + 16] == salts and struct.unpack(">I", log[at + 4 : at + 8])[0]:
            ends.append(at + 24 + size)
    return ends


def test_a_torn_end_of_the_log(fresh: Callable[..., Path], base: World, processes: Processes) -> None:
    """Killed before the third sync: the third record was never acknowledged, and its bytes may be torn anyhow."""
    killed = fresh()
    ended = processes.kill_at(Point("fdatasync", 3), "singles", killed)
    acknowledged = sum("receipt" in line for line in ended.told)
    assert ended.killed and acknowledged == 2
    kept = base.folder.parent / "torn"
    shutil.copytree(killed, kept)
    log = (kept / "city" / "ledger.db-wal").read_bytes()
    ends = commits(log)
    assert len(ends) >= 3
    outcomes: Counter[str] = Counter()
    for at in range(ends[-2], len(log), SECTOR):
        for body in (log[:at] + bytes(len(log[at : at + SECTOR])) + log[at + SECTOR :], log[:at]):
            world = fresh(empty=True)
            shutil.copytree(kept, world, dirs_exist_ok=True)
            (world / "city" / "ledger.db-shm").unlink(missing_ok=True)
            (world / "city" / "ledger.db-wal").write_bytes(body)
            assert judge(world, base.promises.copy().hear(ended.told)) == RECOVERED, at
            outcomes[BACK] += 1
    shutil.rmtree(kept)
    page.note("torn-wal", outcomes)


def test_a_log_torn_below_what_was_published_is_not_continued(fresh: Callable[..., Path], base: World) -> None:
    from brightline.ledger.repair import repair
    from brightline.ledger.sources import Folder

    outcomes: Counter[str] = Counter()
    running = fresh()
    told: list[dict[str, Any]] = []
    kept = base.folder.parent / "lying"
    with scenes.reopen(running) as ledger:
        scenes.batch(ledger, lambda **what: told.append(what), 20, "more")
        scenes.published(ledger, lambda **what: told.append(what))
        shutil.copytree(running, kept, ignore=shutil.ignore_patterns("*-shm", "*.tmp"))  # as the disk is while it runs
    log = (kept / "city" / "ledger.db-wal").read_bytes()
    last = commits(log)[-1]
    for end in range(0, last, SECTOR * 4):
        world = fresh(empty=True)
        shutil.copytree(kept, world, dirs_exist_ok=True)
        (world / "city" / "ledger.db-wal").write_bytes(log[:end])
        with pytest.raises(LedgerError) as refused:
            scenes.reopen(world)
        one_sentence(str(refused.value))
        repair(world / "city", Folder(world / "city" / "public"))
        assert judge(world, base.promises.copy().hear(told)) == RECOVERED, end
        outcomes[CAUGHT_UP] += 1
    shutil.rmtree(kept)
    page.note("torn-promised", outcomes)
