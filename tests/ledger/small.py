"""Small ledgers for the tests of the store: made in a moment, with a clock that is set by hand and a disk that can fail."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brightline.ledger import Ledger
from brightline.ledger.files import Disk
from brightline.ledger.ledger import RESERVE
from brightline.ledger.sequence import Chore

ORIGIN = "log.city.example/brightline/2026"
NOON = 1_800_000_000.0  # POSIX seconds
PAYLOAD: dict[str, Any] = {
    "case": "2026-000123",
    "decision": "refused",
    "ground": "§ 10-178 (b)",
    "officer": "Badge 4411",
    "subject": "Jane Q. Doe",
}


@dataclass
class HandClock:
    """Tells what it was set to."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


class Stop(Exception):
    """The process ends here: nothing of ours catches it."""


@dataclass
class FakeDisk(Disk):
    """Counts the steps, and at step `fail_at` does what `fault` says. `room` is what is free on it, in bytes."""

    fail_at: int = -1
    fault: Callable[[str], None] | None = None
    room: int = RESERVE  # so no reserve file is made
    steps: list[str] = field(default_factory=list)

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) - 1 == self.fail_at and self.fault is not None:
            self.fault(name)

    def make_folder(self, folder: Path, mode: int) -> None:
        self._step("make_folder")
        super().make_folder(folder, mode)

    def create(self, folder: int, name: str, mode: int) -> int:
        self._step("create")
        return super().create(folder, name, mode)

    def write(self, file: int, data: bytes) -> int:
        self._step("write")
        return super().write(file, data)

    def sync(self, file: int) -> None:
        self._step("sync")
        super().sync(file)

    def rename(self, folder: int, old: str, new: str) -> None:
        self._step("rename")
        super().rename(folder, old, new)

    def remove(self, folder: int, name: str) -> None:
        self._step("remove")
        super().remove(folder, name)

    def free(self, folder: Path) -> int:
        return self.room


def error(number: int) -> Callable[[str], None]:
    def fault(_: str) -> None:
        raise OSError(number, os.strerror(number))

    return fault


EIO, ENOSPC = error(errno.EIO), error(errno.ENOSPC)


def stop(_: str) -> None:
    raise Stop


def make(folder: Path, **more: Any) -> Ledger:
    """A new ledger in `folder`/city."""
    return Ledger.create(folder / "city", ORIGIN, **({"floor": 0, "disk": FakeDisk()} | more))


def reopen(folder: Path, **more: Any) -> Ledger:
    return Ledger.open(folder / "city", **({"disk": FakeDisk()} | more))


def idle(ledger: Ledger) -> Ledger:
    """Have everything done that is done some time after an answer."""
    ledger._writing().do(Chore(ledger._writing().keep_house))
    return ledger


@contextlib.contextmanager
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, for what is done hundreds of times: there a sync costs nothing."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="ledger-", dir=memory if os.access(memory, os.W_OK) else tmp_path))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def filled(folder: Path, count: int, **more: Any) -> Ledger:
    """With so many entries, the last ones in batches of different sizes."""
    ledger = make(folder, **more)
    done = 0
    for size in (1, 2, 3, 50, 97, 150):
        part = min(size, count - done)
        if part > 0:
            ledger.append_many([("decision", PAYLOAD | {"number": done + n}) for n in range(part)])
            done += part
    while done < count:
        part = min(300, count - done)
        ledger.append_many([("access", PAYLOAD | {"number": done + n}) for n in range(part)])
        done += part
    return ledger
