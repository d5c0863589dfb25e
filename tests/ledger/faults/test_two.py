"""Two processes with eight threads each, one of them stopped for a while: one writes, the other exits."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ledger.faults import page
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, judge, one_sentence
from tests.ledger.faults.strace import Processes

WINS, WAITS = "one wins, the other exits with one sentence", "the first wins, the second exits with one sentence"
Fresh = Callable[..., Path]


def stop_in_the_middle(pid: int, log: Path) -> None:
    """Stop a process when it has its first hundred receipts."""
    end = time.monotonic() + 30
    while time.monotonic() < end and (not log.exists() or log.read_bytes().count(b"receipt") < 100):
        time.sleep(0.001)
    os.kill(pid, signal.SIGSTOP)


@pytest.fixture
def pair() -> Iterator[tuple[Processes, Processes]]:
    both = Processes(), Processes()
    yield both
    for one in both:
        one.close()


def test_the_second_is_refused_while_the_first_lives_even_when_it_is_stopped(
    fresh: Fresh, base: World, pair: tuple[Processes, Processes]
) -> None:
    world = fresh()
    logs = [world.with_name(f"{world.name}.log{n}") for n in range(2)]
    first, second = pair
    pid = first.begin("crowd", world, logs[0], name="first", count=200)
    first.go()
    stop_in_the_middle(pid, logs[0])
    try:
        for _ in range(2):
            second.begin("crowd", world, logs[1], name="second")
            second.go()
            refused = second.end(logs[1])
            assert "another process" in one_sentence(refused.refused)
            time.sleep(0.5)
    finally:
        os.kill(pid, signal.SIGCONT)
    ended = first.end(logs[0])
    assert ended.done, ended
    assert sum("receipt" in line for line in ended.told) == 1600
    assert judge(world, base.promises.copy().hear(ended.told)) == RECOVERED
    page.note("two", Counter([WAITS]))


@pytest.mark.parametrize("after", [False, True])
def test_both_believe_to_be_alone(after: bool, fresh: Fresh, base: World, pair: tuple[Processes, Processes]) -> None:
    """The lock of the first is lost (its file is removed, as a careless clean-up may do). The head decides."""
    world = fresh()
    logs = [world.with_name(f"{world.name}.log{n}") for n in range(2)]
    first, second = pair
    pid = first.begin("crowd", world, logs[0], name="first", count=200)
    if after:
        first.go()
        stop_in_the_middle(pid, logs[0])
    else:
        os.kill(pid, signal.SIGSTOP)
    try:
        (world / "city" / "lock").unlink()
        second.begin("crowd", world, logs[1], name="second")
        second.go()
        two = second.end(logs[1])  # may be refused: the first may be stopped in the middle of a transaction
    finally:
        os.kill(pid, signal.SIGCONT)
    if not after:
        first.go()
    one = first.end(logs[0])
    for ended in (one, two):
        assert ended.done or one_sentence(ended.refused), ended.crashed
    assert one.done != two.done, "just one of them must win"
    if two.done:
        assert "another process" in one.refused, one.refused
    assert judge(world, base.promises.copy().hear(one.told).hear(two.told)) == RECOVERED
    page.note("fenced", Counter([WINS]))


def test_both_start_at_once(fresh: Fresh, base: World, pair: tuple[Processes, Processes]) -> None:
    for turn in range(4):
        world = fresh()
        logs = [world.with_name(f"{world.name}.log{n}") for n in range(2)]
        for process, log, name in zip(pair, logs, ("first", "second"), strict=True):
            process.begin("rush", world, log, name=f"{name} {turn}")
        for process in pair:
            process.go()
        ended = [process.end(log) for process, log in zip(pair, logs, strict=True)]
        assert any(e.done for e in ended), ended
        promises = base.promises.copy()
        for one in ended:
            assert one.done or one_sentence(one.refused), one.crashed
            promises.hear(one.told)
        assert judge(world, promises) == RECOVERED
        page.note("two", Counter([WINS]))
