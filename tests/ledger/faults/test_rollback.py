"""An older state comes back: the ledger refuses to sign, and catches up from its published copy."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.ledger import Ledger
from brightline.ledger.note import Note
from brightline.ledger.repair import repair
from brightline.ledger.sources import Folder
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, Promises, judge, one_sentence

CAUGHT_UP = "refuses to sign, catches up from the published copy"
WITNESS = "refuses to sign when a witness tells its checkpoint, catches up from a mirror"
Fresh = Callable[..., Path]


@dataclass(frozen=True)
class Times:
    """A ledger at 250 entries, at 255 (while it runs), and at 295, published; and all that it promised."""

    old: Path
    running: Path
    new: Path
    promises: Promises


@pytest.fixture(scope="module")
def times(base: World, room: Path) -> Times:
    new, running = room / "new", room / "running"
    shutil.copytree(base.folder, new)
    told: list[dict[str, Any]] = []

    def tell(**what: Any) -> None:
        told.append(what)

    with scenes.reopen(new) as ledger:
        scenes.batch(ledger, tell, 5, "first")
        shutil.copytree(new, running, ignore=shutil.ignore_patterns("*-shm", "*.tmp"))
        scenes.batch(ledger, tell, 40, "then")
        scenes.published(ledger, tell)
        shutil.copytree(new, room / "new-running", ignore=shutil.ignore_patterns("*-shm", "*.tmp"))
    return Times(base.folder, running, new, base.promises.copy().hear(told))


def put(world: Path, source: Path, *names: str) -> None:
    """Bring these files or folders over from another time, instead of what is there."""
    for name in names:
        target = world / name
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target)
        elif (source / name).exists():
            shutil.copy2(source / name, target)


DB = ("city/ledger.db", "city/ledger.db-wal", "city/ledger.db-shm")


def without_its_log(world: Path, times: Times) -> None:
    put(world, times.new.with_name("new-running"), *DB)
    (world / "city" / "ledger.db-wal").unlink()


def with_an_old_log(world: Path, times: Times) -> None:
    put(world, times.new.with_name("new-running"), *DB)
    put(world, times.running, "city/ledger.db-wal")


def tiles_newer(world: Path, times: Times) -> None:
    put(world, times.old, *DB)


def database_and_tiles(world: Path, times: Times) -> None:
    put(world, times.old, *DB, "city/public")


def whole_folder(world: Path, times: Times) -> None:
    put(world, times.old, "city")


def folder_while_it_ran(world: Path, times: Times) -> None:
    put(world, times.running, "city")


def only_the_newest_is_lost(world: Path, times: Times) -> None:
    put(world, times.old, *DB)
    (world / "city.newest").unlink()


@pytest.mark.parametrize(
    "back",
    [
        without_its_log, with_an_old_log, tiles_newer, database_and_tiles, whole_folder, folder_while_it_ran,
        only_the_newest_is_lost,
    ],
)  # fmt: skip
def test_an_older_state(back: Callable[[Path, Times], None], fresh: Fresh, times: Times) -> None:
    world = fresh(empty=True)
    shutil.copytree(times.new, world, dirs_exist_ok=True)
    mirror = world / "mirror"
    shutil.copytree(world / "city" / "public", mirror)
    back(world, times)
    with pytest.raises(LedgerError) as refused:
        scenes.reopen(world)
    one_sentence(str(refused.value))
    with Ledger.open(world / "city") as ledger:  # it can be read, and signs nothing
        assert ledger.refusal
        for forbidden in (
            lambda: ledger.append("decision", {"n": 1}),
            ledger.publish,
            lambda: ledger.erase(1, basis="x"),
        ):
            with pytest.raises(LedgerError):
                forbidden()
    repair(world / "city", Folder(mirror))
    shutil.rmtree(mirror)
    assert judge(world, times.promises.copy()) == RECOVERED
    page.note("rollback", Counter([CAUGHT_UP]))


def test_a_database_newer_than_its_tiles_goes_on(fresh: Fresh, times: Times) -> None:
    world = fresh(empty=True)
    shutil.copytree(times.new, world, dirs_exist_ok=True)
    put(world, times.old, "city/public")
    assert judge(world, times.promises.copy()) == RECOVERED
    page.note("rollback", Counter([RECOVERED]))


def test_tiles_are_gone(fresh: Fresh, times: Times) -> None:
    world = fresh(empty=True)
    shutil.copytree(times.new, world, dirs_exist_ok=True)
    shutil.rmtree(world / "city" / "public")
    assert judge(world, times.promises.copy()) == RECOVERED
    page.note("rollback", Counter([RECOVERED]))


def test_a_snapshot_of_the_whole_disk_is_told_by_a_witness(fresh: Fresh, times: Times) -> None:
    world = fresh(empty=True)
    shutil.copytree(times.old, world, dirs_exist_ok=True)
    witnessed = Note.parse((times.new / "city" / "public" / "checkpoint").read_bytes())
    with Ledger.open(world / "city", known=[("the witness `auditor`", witnessed)]) as ledger:
        assert ledger.refusal and "auditor" in one_sentence(ledger.refusal)
        with pytest.raises(LedgerError):
            ledger.append("decision", {"n": 1})
    repair(world / "city", Folder(times.new / "city" / "public"))
    assert judge(world, times.promises.copy()) == RECOVERED
    page.note("snapshot", Counter([WITNESS]))


def test_a_copy_that_does_not_reach_far_enough_repairs_nothing(fresh: Fresh, times: Times) -> None:
    world = fresh(empty=True)
    shutil.copytree(times.new, world, dirs_exist_ok=True)
    put(world, times.old, *DB)
    repair(world / "city", Folder(times.old / "city" / "public"))
    with pytest.raises(LedgerError):
        scenes.reopen(world)
    page.note("rollback", Counter(["refuses to sign as long as the copy is older than what was seen"]))
