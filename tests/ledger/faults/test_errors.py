"""A write fails, once or for good, and may have been done all the same: the ledger stops, and the next start goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.faults import page
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import one_sentence
from tests.ledger.faults.strace import Point, Processes, sample, writes
from tests.ledger.faults.test_kill import settle, short

SCENES = ("create", "open", "singles", "batch", "publish", "erase", "shut")
STOPPED, UNHURT = "stops with one sentence, the next start recovers", "is not hurt"
UNMADE = "stops with one sentence, was never made"
Fresh = Callable[..., Path]


def fail(point: Point, error: str, on: bool, scene: str, fresh: Fresh, base: World, processes: Processes) -> str:
    world = fresh(empty=scene == "create")
    ended = processes.fail_at(point, error, scene, world, on=on)
    assert ended.done or ended.refused, ended.crashed or f"it ended with {ended.status}"
    if ended.refused:
        one_sentence(ended.refused)
    settled = settle(world, base, scene, ended)
    return UNHURT if ended.done else UNMADE if settled.startswith("was never") else STOPPED


def errors(point: Point, n: int, on: bool) -> list[str]:
    """Both, in turn at the front. Reading and syncing know one failure; one that stays is tried with one of the two."""
    both = ["EIO", "ENOSPC"] if n % 2 else ["ENOSPC", "EIO"]
    return both[:1] if on else ["EIO"] if point.reads or "sync" in point.call else both


def sweep(scene: str, count: int, on: bool, fresh: Fresh, base: World, processes: Processes) -> None:
    outcomes: Counter[str] = Counter()
    failed = []
    points = processes.points(scene, fresh(empty=scene == "create"))
    faults = [(p, errors(p, n, on)) for n, p in enumerate(sample(writes(points) if on else points, count))]
    for point, error in [(p, e) for p, found in faults for e in (found if count > 1000 else found[:1])]:
        try:
            outcomes[fail(point, error, on, scene, fresh, base, processes)] += 1
        except Exception as found:
            failed.append(f"{scene} {error} at {point}{' and on' if on else ''}: {found}")
    assert not failed, short(failed)
    page.note("error-on" if on else "error", outcomes)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("scene", SCENES)
def test_some_writes_fail(scene: str, on: bool, fresh: Fresh, base: World, processes: Processes) -> None:
    sweep(scene, 4, on, fresh, base, processes)


@pytest.mark.slow
@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("scene", SCENES)
def test_every_write_fails(scene: str, on: bool, fresh: Fresh, base: World, processes: Processes) -> None:
    sweep(scene, 10_000, on, fresh, base, processes)
