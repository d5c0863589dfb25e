"""A disk that is really full: new work is refused with a sentence, nothing acknowledged is lost, and with room it goes on by itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.service.faults.load import Load, judge, post
from tests.service.faults.stand import Postgres, Stand, until

pytestmark = pytest.mark.long
SIZE = 96 << 20  # of the volume; the ledger keeps a twentieth free
PAGE = "The disk is full, so nothing new can be taken in. What was acknowledged before is safe."


def _skip(reason: str) -> NoReturn:
    warnings.warn(f"NOT TESTED: {reason}", stacklevel=2)
    pytest.skip(reason)


@pytest.fixture
def volume() -> Iterator[Path]:
    """A small volume of its own."""
    if os.geteuid() != 0:
        _skip("only root may mount a small volume, so none was filled")
    folder = Path(tempfile.mkdtemp(prefix="full-", dir="/tmp"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        folder.rmdir()
        _skip(f"no small volume can be mounted here ({mounted.stderr.strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(path: Path) -> None:
    """Another program takes all the room there is."""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_the_disk_of_the_data_folder_is_full(volume: Path) -> None:
    stand = Stand(volume / "home", workers=1)
    try:
        stand.start()
        with Load(stand, "full") as load:
            load.wait(acknowledged=30)
            fill(volume / "other")
            load.wait(failed=8)
            status, body = post(stand, "more")
            assert status in (503, 507), body
            assert body["error"] == PAGE or "make room" in body["error"] or "ledger" in body["error"], body
            assert stand.get("/readyz")[0] == 503
            assert "no room" in stand.get("/readyz")[1]
            assert stand.get("/healthz")[0] == 200
            known = len(load.told)
            (volume / "other").unlink()
            until(lambda: stand.get("/readyz")[0] == 200, "the server to be ready again", stand)  # without a restart
            load.wait(acknowledged=30)
        assert set(load.failed) <= {503, 507}
        assert 507 in load.failed, load.sentences
        assert len(load.told) > known
        load.sent.add("more")
        judge(stand, load)
    finally:
        stand.kill()


def test_the_disk_of_postgresql_is_full(volume: Path) -> None:
    folder = volume / "pg"
    folder.mkdir()
    postgres = Postgres.make(folder, "-c min_wal_size=32MB -c max_wal_size=32MB -c wal_init_zero=on")
    if postgres is None:
        _skip("there is no PostgreSQL server (scripts/postgres.sh installs it)")
    with tempfile.TemporaryDirectory() as home:
        stand = Stand(Path(home) / "home", postgres, workers=1)
        try:
            stand.start()
            with Load(stand, "pgfull") as load:
                load.wait(acknowledged=20)
                fill(volume / "other")
                load.wait(failed=8)
                (volume / "other").unlink()
                with contextlib.suppress(subprocess.CalledProcessError):
                    postgres.start()  # it ends itself when its log finds no room; whoever keeps it starts it again
                load.wait(acknowledged=20)
            assert set(load.failed) <= {503, 507}, load.sentences
            judge(stand, load)
        finally:
            stand.kill()
            postgres.remove()
