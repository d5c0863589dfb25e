"""Killed at every write: nothing acknowledged is lost, nothing is signed twice, and the next start needs nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.faults import page
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, REFUSED, Promises, judge
from tests.ledger.faults.strace import Ended, Point, Processes, sample, writes

SCENES = ("create", "open", "singles", "batch", "work", "publish", "erase", "hold", "shut")
UNMADE = "was never made, and says so"
Fresh = Callable[..., Path]


def settle(world: Path, base: World, scene: str, ended: Ended) -> str:
    """Judge a world after a process in it has ended somehow."""
    assert not ended.crashed, ended.crashed
    start = Promises() if scene in ("create", "life") else base.promises.copy()
    outcome = judge(world, start.hear(ended.told))
    if outcome == REFUSED:
        assert scene in ("create", "life") and not start.created, f"{scene}: the ledger refuses to go on"
        return UNMADE
    return outcome


def kill(point: Point, scene: str, world: Path, base: World, processes: Processes) -> str:
    ended = processes.kill_at(point, scene, world)
    assert ended.killed or ended.done, ended
    return settle(world, base, scene, ended)


def short(failed: list[str]) -> str:
    """How many points failed, the first of them by name, and the first in full."""
    return f"{len(failed)} points failed: {', '.join(f.partition(':')[0] for f in failed[:5])} …\n\n{failed[0] if failed else ''}"


def sweep(scene: str, count: int, fresh: Fresh, base: World, processes: Processes) -> None:
    points = writes(processes.points(scene, fresh(empty=scene == "create")))
    outcomes: Counter[str] = Counter()
    failed = []
    for point in sample(points, count):
        world = fresh(empty=scene == "create")
        try:
            outcomes[kill(point, scene, world, base, processes)] += 1
        except Exception as error:
            failed.append(f"{scene}, killed at {point}: {error!r}")
    assert not failed, short(failed)
    assert set(outcomes) <= ({RECOVERED, UNMADE} if scene == "create" else {RECOVERED})
    page.note("kill", outcomes)


@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_some_writes(scene: str, fresh: Fresh, base: World, processes: Processes) -> None:
    sweep(scene, 5, fresh, base, processes)


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_every_write(scene: str, fresh: Fresh, base: World, processes: Processes) -> None:
    sweep(scene, 10_000, fresh, base, processes)


def test_a_row_of_an_application_and_its_entry_are_there_together_or_not_at_all(
    fresh: Fresh, base: World, processes: Processes
) -> None:
    import sqlite3

    for point in sample([p for p in processes.points("work", fresh()) if p.call in ("pwrite64", "fdatasync")], 10):
        world = fresh()
        kill(point, "work", world, base, processes)
        db = sqlite3.connect(world / "city" / "ledger.db")
        rows = [row[0] for row in db.execute("SELECT idx FROM app")]
        made = [
            row[0] for row in db.execute("SELECT idx FROM entries WHERE idx > 250 AND idx <= ?", (250 + len(rows),))
        ]
        db.close()
        assert sorted(rows) == made, point
