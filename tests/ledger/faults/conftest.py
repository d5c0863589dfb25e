"""What the tests of faults share: the forking process, and the world that most of them start from."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ledger.faults import scenes, strace
from tests.ledger.faults.judge import Promises


@dataclass(frozen=True)
class World:
    """A finished world to be copied, and what it has promised."""

    folder: Path
    promises: Promises


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    """A folder in memory where there is one: then a sync costs nothing, and hundreds of points are cheap."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="faults-", dir=memory if os.access(memory, os.W_OK) else None))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def base(room: Path) -> World:
    """A published ledger of 250 entries."""
    folder = room / "base"
    folder.mkdir()
    told: list[dict[str, object]] = []
    scenes.run("base", folder, lambda: None, lambda **what: told.append(what), {})
    return World(folder, Promises().hear(told))


@pytest.fixture
def fresh(room: Path, base: World) -> Iterator[Callable[[], Path]]:
    """Gives a new copy of the world at each call; the one before is gone then."""
    made: list[Path] = []

    def copy(empty: bool = False) -> Path:
        while made:
            shutil.rmtree(made.pop())
        folder = Path(tempfile.mkdtemp(prefix="world-", dir=room))
        made.append(folder)
        if not empty:
            shutil.copytree(base.folder, folder, dirs_exist_ok=True, symlinks=True)
        return folder

    yield copy
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def processes() -> Iterator[strace.Processes]:
    if reason := strace.missing():
        strace.skip_loudly(reason)
    made = strace.Processes()
    yield made
    made.close()
