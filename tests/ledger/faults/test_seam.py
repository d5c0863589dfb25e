"""The seams: steps of publishing that fail, or fail and were done; a COMMIT of which nobody knows how it ended."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, judge, one_sentence

STOPPED = "stops with one sentence, the next start recovers"
REPEATED = "stops with one sentence, and the repeated request gets the entry that is there"


class Failing(scenes.SmallDisk):
    """Fails at one step, from 1 on; `done`: the step is done all the same."""

    def __init__(self, at: int, done: bool, error: int) -> None:
        self.at, self.done, self.error, self.count = at, done, error, 0

    def _step(self, step: Callable[..., Any], *given: Any) -> Any:
        self.count += 1
        if self.count != self.at:
            return step(*given)
        if self.done:
            made = step(*given)
            if step.__name__ in ("open_folder", "create"):
                os.close(made)
        raise OSError(self.error, os.strerror(self.error))

    def open_folder(self, folder: Path) -> int:
        return int(self._step(super().open_folder, folder))

    def make_folder(self, folder: Path, mode: int) -> None:
        self._step(super().make_folder, folder, mode)

    def create(self, folder: int, name: str, mode: int) -> int:
        return int(self._step(super().create, folder, name, mode))

    def write(self, file: int, data: bytes) -> int:
        return int(self._step(super().write, file, data))

    def sync(self, file: int) -> None:
        self._step(super().sync, file)

    def rename(self, folder: int, old: str, new: str) -> None:
        self._step(super().rename, folder, old, new)

    def remove(self, folder: int, name: str) -> None:
        self._step(super().remove, folder, name)


@pytest.mark.parametrize("done", [False, True])
def test_every_step_of_publishing_fails(done: bool, fresh: Callable[..., Path], base: World) -> None:
    outcomes: Counter[str] = Counter()
    at = 1
    while True:
        world = fresh()
        disk = Failing(0, done, errno.EIO if at % 2 else errno.ENOSPC)
        told: list[dict[str, Any]] = []
        ledger = scenes.reopen(world, disk)
        scenes.batch(ledger, lambda **what: told.append(what), 20, "more")  # noqa: B023
        disk.count, disk.at = 0, at
        try:
            ledger.publish()
        except LedgerError as error:
            one_sentence(str(error))
        finally:
            disk.at = 0
            ledger.close()
        if disk.count < at:
            break
        assert judge(world, base.promises.copy().hear(told)) == RECOVERED, at
        outcomes[STOPPED] += 1
        at += 1
    assert at > 60
    page.note("seam-persisted" if done else "seam-error", outcomes)


@pytest.mark.parametrize("done", [False, True])
def test_nobody_knows_how_commit_ended(done: bool, fresh: Callable[..., Path], base: World) -> None:
    world = fresh()
    ledger = scenes.reopen(world)
    commit = ledger.store.commit

    def unknown() -> None:
        if done:
            commit()
        raise sqlite3.OperationalError("disk I/O error")

    ledger.store.commit = unknown  # type: ignore[method-assign]
    with pytest.raises(LedgerError) as stopped:
        ledger.append("decision", {"name": "Ana"}, key="first")
    assert "not known" in one_sentence(str(stopped.value))
    ledger.store.commit = commit  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="stopped"):  # the disk is well again, and still nothing is tried
        ledger.append("decision", {"name": "Ben"}, key="second")
    with pytest.raises(LedgerError):
        ledger.publish()  # not even what is known to be right
    ledger.close()
    told: list[dict[str, Any]] = []
    with scenes.reopen(world) as ledger:
        assert ledger.size == 250 + done
        scenes.told_receipt(lambda **what: told.append(what), [ledger.append("decision", {"name": "Ana"}, key="first")])
        assert ledger.size == 251
    assert judge(world, base.promises.copy().hear(told)) == RECOVERED
    page.note("commit-persisted" if done else "commit-failed", Counter([REPEATED]))


def test_an_entry_that_is_read_back_with_one_other_bit_is_not_signed(fresh: Callable[..., Path], base: World) -> None:
    world = fresh()
    ledger = scenes.reopen(world)
    add = ledger.store.add

    def flipped(*given: Any) -> list[bytes]:
        back = add(*given)
        back[0] = bytes([back[0][0] ^ 1]) + back[0][1:]
        return back

    ledger.store.add = flipped  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="another entry than was written"):
        ledger.append("decision", {"name": "Ana"})
    ledger.close()
    assert judge(world, base.promises.copy()) == RECOVERED
    page.note("memory", Counter([STOPPED]))


def test_whoever_waits_is_told_when_the_writer_stops(fresh: Callable[..., Path]) -> None:
    """A fault between two commits, while records wait for the next: nobody waits for ever."""
    import threading

    world = fresh()
    ledger = scenes.reopen(world)
    begun, told = threading.Event(), []

    def fail() -> None:
        begun.set()
        while ledger._writer is not None and ledger._writer._queue.empty():
            pass
        raise sqlite3.OperationalError("disk I/O error")

    def wait() -> None:
        begun.wait()
        try:
            ledger.append("decision", {"name": "Ana"})
        except LedgerError as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    ledger.store.truncate = fail  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="stopped"):
        ledger.erase(1, basis="5 ILCS 805/15")
    waiting.join(20)
    assert told and "stopped" in one_sentence(told[0])
    ledger.close()
    page.note("commit-failed", Counter([STOPPED]))
