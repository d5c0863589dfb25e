"""A volume that is really full: the ledger refuses before, and is not hurt when another program takes the last byte."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK
from tests.ledger.faults import page, scenes
from tests.ledger.faults.judge import RECOVERED, Promises, judge, one_sentence
from tests.ledger.faults.strace import skip_loudly

SIZE = 8 << 20
FLOOR = 2 << 20


@pytest.fixture
def volume() -> Iterator[Path]:
    """Eight mebibytes of a volume of its own."""
    if os.geteuid() != 0:
        skip_loudly("only root may mount a small volume, so none was filled")
    folder = Path(tempfile.mkdtemp(prefix="volume-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        folder.rmdir()
        skip_loudly(f"no small volume can be mounted here ({mounted.stderr.strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def fill(path: Path, leave: int) -> None:
    """Another program takes the room."""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while (free := DISK.free(path.parent)) > leave:
            file.write(bytes(min(free - leave, 65_536)))


def write_until_refused(ledger: Any, told: list[dict[str, Any]], name: str) -> str:
    for n in range(20_000):
        try:
            scenes.batch(ledger, lambda **what: told.append(what), 20, f"{name} {n}")
        except LedgerError as error:
            return one_sentence(str(error))
    raise AssertionError("the volume was never full")


def test_records_fill_the_volume_down_to_the_floor(volume: Path) -> None:
    from brightline.ledger.ledger import Ledger

    told: list[dict[str, Any]] = []
    with Ledger.create(volume / "city", scenes.ORIGIN, floor=FLOOR) as ledger:
        said = write_until_refused(ledger, told, "full")
        assert "MiB are free" in said and "make room" in said
        assert DISK.free(volume) > 0
        size = ledger.size
        with pytest.raises(LedgerError, match="MiB are free"):
            ledger.append("decision", {"name": "Ana"})
        assert ledger.size == size
        ledger.erase(0, basis="5 ILCS 805/15")  # what must be possible even now
        fill(volume / "other", FLOOR - (1 << 20))
        ledger.erase(1, basis="5 ILCS 805/15")
        (volume / "other").unlink()
        fill(volume / "other", FLOOR + (1 << 20))
        (volume / "other").unlink()
    assert judge(volume, _few(told)) == RECOVERED if DISK.free(volume) >= FLOOR + (1 << 20) else True
    page.note("full", Counter(["refuses with one sentence before it is full, erasing still works"]))


@pytest.mark.parametrize("leave", [0, 4096, 20_000, 100_000])
def test_another_program_takes_the_last_byte(leave: int, volume: Path) -> None:
    told: list[dict[str, Any]] = []
    with scenes.make(volume) as ledger:  # without a floor, so that SQLite itself meets the end
        scenes.batch(ledger, lambda **what: told.append(what), 20, "before")
        scenes.published(ledger, lambda **what: told.append(what))
        fill(volume / "other", leave)
        write_until_refused(ledger, told, "full")
        with pytest.raises(LedgerError):
            ledger.publish()
    (volume / "other").unlink()
    assert judge(volume, _few(told)) == RECOVERED
    page.note("full", Counter(["stops with one sentence, the next start recovers when there is room"]))


def _few(told: list[dict[str, Any]]) -> Promises:
    return Promises(created=True).hear([*told[:20], *told[-40:]])
