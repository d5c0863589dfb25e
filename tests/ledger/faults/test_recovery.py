"""A second fault while the ledger recovers from the first: it stops again, and the third start recovers."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.faults import page
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, Promises, judge, one_sentence
from tests.ledger.faults.strace import Point, Processes, sample
from tests.ledger.faults.test_kill import short

FIRST = {"singles": Point("fdatasync", 3), "erase": Point("pwrite64", 40), "publish": Point("renameat", 4)}
SLOW = {"singles": 90, "erase": 90, "publish": 120}  # the calls of the next start are much the same
ONCE = "the third start recovers unattended"


def break_twice(
    scene: str, count: int, fresh: Callable[..., Path], base: World, processes: Processes, room: Path
) -> Counter[str]:
    world = fresh()
    first = processes.kill_at(FIRST[scene], scene, world)
    assert first.killed, first
    killed = Path(tempfile.mkdtemp(prefix="killed-", dir=room)) / "world"
    shutil.copytree(world, killed)
    points = processes.points("recover", world)
    outcomes: Counter[str] = Counter()
    failed = []
    for n, point in enumerate(sample(points, count)):
        for what in (
            ["EIO"]
            if point.reads
            else [("EIO", "KILL")[n % 2]]
            if count < 50
            else ["KILL"]
            if "sync" in point.call
            else ["EIO", "KILL"]
        ):
            again = fresh(empty=True)
            shutil.copytree(killed, again, dirs_exist_ok=True)
            try:
                if what == "KILL":
                    second = processes.kill_at(point, "recover", again)
                else:
                    second = processes.fail_at(point, what, "recover", again)
                    assert second.done or second.refused, second.crashed
                    if second.refused:
                        one_sentence(second.refused)
                promises: Promises = base.promises.copy().hear(first.told).hear(second.told)
                assert judge(again, promises) == RECOVERED, "the ledger refuses to go on"
                outcomes[ONCE] += 1
            except Exception as error:
                failed.append(f"{scene}, then {what} at {point}: {error}")
    shutil.rmtree(killed.parent)
    assert not failed, short(failed)
    return outcomes


@pytest.mark.parametrize("scene", FIRST)
def test_a_second_fault_at_some_calls(
    scene: str, fresh: Callable[..., Path], base: World, processes: Processes, room: Path
) -> None:
    page.note("recovery", break_twice(scene, 6, fresh, base, processes, room))


@pytest.mark.slow
@pytest.mark.parametrize("scene", FIRST)
def test_a_second_fault_at_every_call(
    scene: str, fresh: Callable[..., Path], base: World, processes: Processes, room: Path
) -> None:
    page.note("recovery", break_twice(scene, SLOW[scene], fresh, base, processes, room))
