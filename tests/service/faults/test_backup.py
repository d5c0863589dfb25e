"""A back-up of a running installation, restored elsewhere: it starts; and a ledger that is too old refuses, and catches up."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.faults.load import post
from tests.service.faults.stand import Stand, until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("sqlite3") is None, reason="NOT TESTED: the program sqlite3 is missing"),
]
ROOT = Path(__file__).resolve().parents[3]
NEWEST = "--the-backup-is-the-newest"


@pytest.fixture(scope="module")
def scene() -> Iterator[Stand]:
    folder = Path(tempfile.mkdtemp(prefix="backup-"))
    stand = Stand(folder / "home", workers=1).start()
    try:
        yield stand
    finally:
        stand.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backup_is_restored_and_goes_on_or_refuses(scene: Stand) -> None:
    here = scene.folder.parent
    numbers = [post(scene, f"first-{n}")[1]["number"] for n in range(20)]
    until(lambda: scene.waiting() == 0, "the outbox to be empty", scene)
    assert "backed up" in _run("backup.sh", str(scene.folder), str(here / "backup"))

    # what must not lie together, and what must not be there at all
    names = {str(p.relative_to(here / "backup")) for p in (here / "backup").rglob("*") if p.is_file()}
    assert {n for n in names if "erasure" in n} == {"erasure/erasure.db", "erasure/MADE-ON-delete-after-30-days"}
    assert not any("newest" in n or "checkpoint" in n for n in names)
    assert not any(n.startswith("rows/") and n.endswith(("fields.key", "numbers.key")) for n in names)

    # a record that came later: a back-up without it is an older ledger
    later = post(scene, "later")[1]
    scene.stop()
    _ledger("publish", str(scene.folder / "ledger"))

    _run("restore.sh", str(here / "backup"), str(here / "current"), NEWEST)
    _run("restore.sh", str(here / "backup"), str(here / "old"), str(scene.folder / "ledger.newest"))
    assert (here / "old" / "ledger" / "keys" / "erasure.db").stat().st_mode & 0o077 == 0

    # 1. nothing newer is known: it goes on from there
    current = _stand(here / "current", scene)
    try:
        current.start()
        assert [n for _, n, _ in current.requests()] == numbers
        assert list(current.ledger().values()) == numbers
        status, body = post(current, "after")
        assert (status, body["receipt"]["index"]) == (201, 20)
    finally:
        current.stop()

    # 2. something newer was seen: it is read, and not written
    old = _stand(here / "old", scene)
    try:
        old.start(ready=False)
        until(lambda: _answers(old), "an answer", old)
        assert old.get("/healthz")[0] == 200
        assert (old.get("/readyz")[0], "cannot be written" in old.get("/readyz")[1]) == (503, True)
        status, body = post(old, "after")
        assert status == 503, body
        assert "restored from an older copy" in body["error"], body
        assert [n for _, n, _ in old.requests()] == numbers, "something was done although it could not be recorded"
        old.stop()

        # 3. it catches up from the published copy, and goes on
        _ledger("repair", str(old.folder / "ledger"), "--from", str(scene.folder / "ledger" / "public"))
        old.start()
        status, body = post(old, "after")
        assert (status, body["receipt"]["index"]) == (201, later["receipt"]["index"] + 1)
    finally:
        old.stop()


def test_a_backup_without_one_of_its_sets_is_not_restored(scene: Stand) -> None:
    here = scene.folder.parent
    if not (here / "backup").exists():
        _run("backup.sh", str(scene.folder), str(here / "backup"))
    shutil.copytree(here / "backup", here / "half")
    shutil.rmtree(here / "half" / "erasure")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _run("restore.sh", str(here / "half"), str(here / "never"), NEWEST)
    assert "erasure.db is missing" in refused.value.stderr
    assert not (here / "never").exists()


def _stand(folder: Path, like: Stand) -> Stand:
    made = Stand(folder, workers=1)
    made.token = like.token
    return made


def _answers(stand: Stand) -> bool:
    try:
        return stand.get("/healthz")[0] == 200
    except OSError:
        return False


def _run(script: str, *arguments: str) -> str:
    ran = subprocess.run(
        [str(ROOT / "deploy" / script), *arguments],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "BRIGHTLINE_PYTHON": sys.executable},
    )  # fmt: skip
    return ran.stdout


def _ledger(*arguments: str) -> None:
    program = Path(sys.executable).with_name("brightline")
    subprocess.run([str(program), "ledger", *arguments], check=True, capture_output=True)
