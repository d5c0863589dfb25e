"""The clock jumps: an entry is never earlier than the one before, a step back is told, and a long one stops the ledger."""

from __future__ import annotations

import json
import time
from calendar import timegm
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from brightline.ledger.errors import LedgerError
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, Promises, judge, one_sentence

SILENT, TOLD, STOPPED = "is not noticed in the entries", "is told by an entry `clock`", "stops with one sentence"
START = float(timegm((2027, 3, 14, 6, 59, 50)))  # ten seconds before New York changes to summer time


class Hand:
    """A clock that is set by hand."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def entries(ledger: object, start: int = 0) -> list[dict[str, str]]:
    return [json.loads(ledger.entry(n)) for n in range(start, ledger.size)]  # type: ignore[attr-defined]


def in_order(ledger: object) -> None:
    hours = [e["t"] for e in entries(ledger)]
    assert hours == sorted(hours)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((-1,), SILENT), ((-5,), SILENT), ((-1, -1, -1), SILENT), ((3600 * 24 * 400,), SILENT), ((0, 0, 0), SILENT),
        ((-6,), TOLD), ((-30,), TOLD), ((-60,), TOLD), ((-30, 100, -30), TOLD), ((-50, 5, 5), TOLD),
        ((-61,), STOPPED), ((-3600,), STOPPED), ((3600 * 24 * 400, -3600 * 24 * 400), STOPPED), ((float("nan"),), STOPPED),
    ],
)  # fmt: skip
def test_a_jump(steps: tuple[float, ...], outcome: str, tmp_path: Path) -> None:
    clock = Hand(START)
    ledger = scenes.make(tmp_path, clock=clock)
    promises = Promises(created=True)
    promises.head(ledger.append("decision", {"n": 0}).checkpoint)
    for n, step in enumerate(steps):
        clock.now += step
        if outcome == STOPPED and n == len(steps) - 1:
            size = ledger.size
            with pytest.raises(LedgerError, match="clock") as stopped:
                ledger.append("decision", {"n": n + 1})
            one_sentence(str(stopped.value))
            assert ledger.size == size
            ledger.close()
            with scenes.reopen(tmp_path, clock=Hand(START + 3600 * 24 * 401)) as again:  # set right: it goes on
                again.append("decision", {"n": "right"})
        else:
            promises.head(ledger.append("decision", {"n": n + 1}).checkpoint)
    ledger.close()
    with scenes.reopen(tmp_path, clock=Hand(START + 3600 * 24 * 402)) as ledger:
        in_order(ledger)
        clocks = sum(e["k"] == "clock" for e in entries(ledger))
        assert clocks == (sum(s < -5 for s in steps) if outcome == TOLD else 0)
    page.note("clock", Counter([outcome]))


def test_a_clock_that_was_ahead_is_accepted_by_a_person_alone(tmp_path: Path) -> None:
    clock = Hand(START + 1e6)
    with scenes.make(tmp_path, clock=clock) as ledger:
        ledger.append("decision", {"n": 0})
    clock.now = START
    with scenes.reopen(tmp_path, clock=clock) as ledger:
        ledger.accept_clock("the battery of the server was empty")
        ledger.append("decision", {"n": 1})
        assert [e["k"] for e in entries(ledger)] == ["decision", "clock", "decision"]
        in_order(ledger)
    page.note("clock", Counter([TOLD]))


@pytest.mark.parametrize("start", [(2027, 3, 14, 6, 59, 58), (2026, 11, 1, 5, 59, 58)])
def test_summer_time_does_not_come_into_it(
    start: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        clock = Hand(float(timegm(start)))  # type: ignore[arg-type]
        with scenes.make(tmp_path, clock=clock) as ledger:
            for n in range(4):
                ledger.append("decision", {"n": n})
                clock.now += 1
            hours = [e["t"] for e in entries(ledger)]
            assert [e["k"] for e in entries(ledger)] == ["decision"] * 4
            assert [int(h[11:13]) for h in hours] == [start[3], start[3], start[3] + 1, start[3] + 1]
    finally:
        monkeypatch.undo()
        time.tzset()
    page.note("clock", Counter([SILENT]))


def test_a_leap_second_is_taken_twice(fresh: Callable[..., Path], tmp_path: Path) -> None:
    """POSIX time shows 23:59:60 as the second before once more; the hour must not go back over midnight."""
    midnight = float(timegm((2017, 1, 1, 0, 0, 0)))
    clock = Hand(midnight - 1)
    with scenes.make(tmp_path, clock=clock) as ledger:
        for now in (midnight - 0.5, midnight, midnight + 0.2, midnight - 0.8, midnight - 0.1, midnight + 0.1):
            clock.now = now
            ledger.append("decision", {"now": now})
        in_order(ledger)
        assert {e["k"] for e in entries(ledger)} == {"decision"}
        assert [e["t"] for e in entries(ledger)] == ["2016-12-31T23Z"] + ["2017-01-01T00Z"] * 5
    page.note("clock", Counter([SILENT]))


def test_the_clock_is_remembered_over_a_restart(fresh: Callable[..., Path], base: World) -> None:
    world = fresh()
    with scenes.reopen(world, clock=lambda: time.time() - 3600) as ledger, pytest.raises(LedgerError, match="clock"):
        ledger.append("decision", {"n": 1})
    assert judge(world, base.promises.copy()) == RECOVERED
    page.note("clock", Counter([STOPPED]))
