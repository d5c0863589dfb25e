"""Going back: a ledger that is older than, or other than, what was seen of it signs nothing; and it can catch up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from brightline.ledger import Ledger, LedgerError
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.export import export
from brightline.ledger.fsck import fsck
from brightline.ledger.note import Note
from brightline.ledger.repair import repair
from brightline.ledger.sources import Source, source

from .small import PAYLOAD, filled, idle, make, reopen

Copy = Callable[[], None]


def place(target: Path) -> Source:
    found = source(str(target))
    assert found is not None
    return found


def copy(tmp_path: Path, name: str) -> Path:
    """A back-up of the folder, as it is now; `DIR.newest` is not in it."""
    return shutil.copytree(tmp_path / "city", tmp_path / name)


def bring_back(tmp_path: Path, name: str, public: bool = False) -> None:
    """Restore the back-up: the database without what the published folder has got since, or with an old one too."""
    now = tmp_path / "city"
    if not public:
        shutil.rmtree(tmp_path / name / "public")
        shutil.copytree(now / "public", tmp_path / name / "public")
    shutil.rmtree(now)
    shutil.move(tmp_path / name, now)


def refused(ledger: Ledger, said: str) -> None:
    assert ledger.refusal is not None and said in ledger.refusal and "\n" not in ledger.refusal
    for write in (
        lambda: ledger.append("decision", PAYLOAD),
        lambda: ledger.erase(0, basis="x"),
        lambda: ledger.close_with("log.other"),
        lambda: ledger.publish(),
    ):
        with pytest.raises(LedgerError) as caught:
            write()
        assert said in str(caught.value)


def backed_up(tmp_path: Path) -> None:
    """A ledger of 300 entries with a back-up; now it has 700, and is published."""
    with filled(tmp_path, 300):
        pass
    copy(tmp_path, "backup")
    with reopen(tmp_path) as ledger:
        ledger.append_many([("access", PAYLOAD)] * 400)
        ledger.publish()


@pytest.mark.parametrize("public", [False, True], ids=["the database alone", "the whole folder"])
def test_a_restored_back_up_signs_nothing_and_can_be_read(tmp_path: Path, public: bool) -> None:
    backed_up(tmp_path)
    before = (tmp_path / "city.newest").read_bytes()
    bring_back(tmp_path, "backup", public)
    with reopen(tmp_path) as ledger:
        refused(ledger, "this ledger has 300 entries, and")
        refused(ledger, "shows 700: it was restored from an older copy")
        assert ledger.disclose(5).payload == PAYLOAD | {"number": 5}
        assert ledger.size == 300
    assert (tmp_path / "city.newest").read_bytes() == before


def test_a_back_up_of_the_whole_disk_is_found_out_by_a_witness(tmp_path: Path) -> None:
    backed_up(tmp_path)
    seen = Note.parse((tmp_path / "city.newest").read_bytes())
    bring_back(tmp_path, "backup", True)
    with Ledger.open(tmp_path / "city", read_only=True) as ledger:
        (tmp_path / "city.newest").write_bytes(ledger.checkpoint.encode())  # the file outside was restored too
    with reopen(tmp_path, known=[("the witness `auditor`", seen)]) as ledger:
        refused(ledger, "the witness `auditor` shows 700")
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None  # nobody can tell, without a witness
        with pytest.raises(LedgerError, match="the mirror shows 700"):
            ledger.publish(known=[("the mirror", seen)])


def test_a_database_without_its_log_is_a_restored_back_up(tmp_path: Path) -> None:
    """The copy of `ledger.db` alone lacks what is still in the write-ahead log."""
    ledger = filled(tmp_path, 20)
    ledger.publish()
    shutil.copytree(tmp_path / "city", tmp_path / "copy", ignore=shutil.ignore_patterns("ledger.db-*"))
    ledger.close()
    shutil.rmtree(tmp_path / "city")
    shutil.move(tmp_path / "copy", tmp_path / "city")
    with reopen(tmp_path) as again:
        refused(again, "it was restored from an older copy")


def test_a_restored_ledger_catches_up_from_what_was_published(tmp_path: Path) -> None:
    backed_up(tmp_path)
    root = Checkpoint.parse(Note.parse((tmp_path / "city.newest").read_bytes()).text).root
    shutil.copytree(tmp_path / "city" / "public", tmp_path / "mirror")
    bring_back(tmp_path, "backup", True)
    steps: list[tuple[int, int]] = []
    assert repair(tmp_path / "city", place(tmp_path / "mirror"), lambda done, total: steps.append((done, total))) == 400
    assert steps[-1] == (700, 700)
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None and ledger.size == 700 and ledger.head.root == root
        assert ledger.disclose(5).payload == PAYLOAD | {"number": 5}
        with pytest.raises(LedgerError, match="was taken from a mirror"):
            ledger.disclose(650)
        with pytest.raises(LedgerError, match="was taken from a mirror"):
            ledger.erase(650, basis="x")
        receipt = ledger.receipt(650)
        receipt.check(receipt.extra, ledger.key)
        ledger.append_many([("access", PAYLOAD)] * 10)
        ledger.publish()
    found = fsck(tmp_path / "city", payloads=True)
    assert found.ok and found.size == 710, found.problems


def test_a_ledger_catches_up_from_an_export(tmp_path: Path) -> None:
    with filled(tmp_path, 100):
        pass
    copy(tmp_path, "backup")
    with reopen(tmp_path) as ledger:
        ledger.append_many([("access", PAYLOAD)] * 1000)
        export(ledger, tmp_path / "city.zip")
    bring_back(tmp_path, "backup")
    assert repair(tmp_path / "city", place(tmp_path / "city.zip")) == 1000
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None and ledger.size == 1100
        assert ledger.fsck().ok


def test_older_checkpoints_of_the_mirror_are_kept_too(tmp_path: Path) -> None:
    with filled(tmp_path, 10):
        pass
    copy(tmp_path, "backup")
    with reopen(tmp_path) as ledger:
        for _ in range(3):
            ledger.append_many([("access", PAYLOAD)] * 100)
            ledger.publish()
    bring_back(tmp_path, "backup")
    repair(tmp_path / "city", place(tmp_path / "city" / "public"))
    with reopen(tmp_path) as ledger:
        assert {110, 210, 310} <= {s.size for s in ledger.store.all_signed()}
        assert ledger.fsck().ok


@pytest.mark.parametrize("damage", ["entry", "cut", "missing", "checkpoint", "key"])
def test_a_mirror_that_is_not_what_was_signed_changes_nothing(tmp_path: Path, damage: str) -> None:
    backed_up(tmp_path)
    mirror = shutil.copytree(tmp_path / "city" / "public", tmp_path / "mirror")
    bring_back(tmp_path, "backup", True)
    bundle = mirror / "tile/entries/001"
    body = bundle.read_bytes()
    if damage == "entry":
        bundle.write_bytes(body.replace(b'"access"', b'"accesS"', 1))
    elif damage == "cut":
        bundle.write_bytes(body[:-5])
    elif damage == "missing":
        bundle.unlink()
    elif damage == "checkpoint":
        (mirror / "checkpoint").write_bytes((mirror / "checkpoint").read_bytes().replace(b"\n700\n", b"\n699\n"))
    else:
        with make(tmp_path / "other") as other:
            other.append_many([("access", PAYLOAD)] * 700)
            other.publish()
            mirror = other.public
    before = (tmp_path / "city" / "ledger.db").read_bytes()
    with pytest.raises(LedgerError):
        repair(tmp_path / "city", place(mirror))
    assert (tmp_path / "city" / "ledger.db").read_bytes() == before
    with reopen(tmp_path) as ledger:
        assert ledger.size == 300 and ledger.refusal is not None


def test_two_histories_are_never_mended(tmp_path: Path) -> None:
    """Somebody wrote on with a copy: both are signed, and neither may go on."""
    backed_up(tmp_path)
    mirror = shutil.copytree(tmp_path / "city" / "public", tmp_path / "mirror")
    bring_back(tmp_path, "backup", True)
    (tmp_path / "city.newest").unlink()
    with Ledger.open(tmp_path / "city", read_only=True) as ledger:
        (tmp_path / "city.newest").write_bytes(ledger.checkpoint.encode())
    with reopen(tmp_path) as ledger:
        ledger.append_many([("access", {"other": n}) for n in range(500)])  # the fork
    seen = Note.parse((mirror / "checkpoint").read_bytes())
    with reopen(tmp_path, known=[("the witness", seen)]) as ledger:
        refused(
            ledger,
            "the witness shows another tree of 700 entries under the key of this ledger: there are two histories",
        )
    with pytest.raises(LedgerError, match="two histories"):
        repair(tmp_path / "city", place(mirror))


def test_a_missing_newest_checkpoint_stops_a_ledger_with_entries(tmp_path: Path) -> None:
    with filled(tmp_path, 10) as ledger:
        ledger.publish()
    (tmp_path / "city.newest").unlink()
    with reopen(tmp_path) as ledger:
        refused(ledger, "the newest checkpoint is missing")
    repair(tmp_path / "city", place(tmp_path / "city" / "public"))
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None


def test_a_damaged_newest_checkpoint_stops_the_ledger(tmp_path: Path) -> None:
    with filled(tmp_path, 10) as ledger:
        ledger.publish()
    whole = (tmp_path / "city.newest").read_bytes()
    for body in (b"", whole[:-20], whole.replace(b"\n10\n", b"\n11\n"), b"\xff" * 100):
        (tmp_path / "city.newest").write_bytes(body)
        with reopen(tmp_path) as ledger:
            refused(ledger, "city.newest")
    repair(tmp_path / "city", place(tmp_path / "city" / "public"))
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None


def test_the_newest_checkpoint_may_lie_elsewhere(tmp_path: Path) -> None:
    with filled(tmp_path, 3, newest=tmp_path / "elsewhere" / "newest") as ledger:
        ledger.publish()
    assert not (tmp_path / "city.newest").exists()
    assert Checkpoint.parse(Note.parse((tmp_path / "elsewhere" / "newest").read_bytes()).text).size == 3
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None
        assert ledger.newest == tmp_path / "elsewhere" / "newest"


def test_the_newest_checkpoint_is_kept_while_writing_and_at_the_end(tmp_path: Path) -> None:
    with filled(tmp_path, 3) as ledger:
        idle(ledger)
        assert Checkpoint.parse(Note.parse((tmp_path / "city.newest").read_bytes()).text).size > 0
        ledger.append("access", PAYLOAD)
    assert Checkpoint.parse(Note.parse((tmp_path / "city.newest").read_bytes()).text).size == 4


def test_tiles_older_than_the_database_are_no_fault(tmp_path: Path) -> None:
    with filled(tmp_path, 300) as ledger:
        ledger.publish()
        copy(tmp_path, "before")
        ledger.append_many([("access", PAYLOAD)] * 400)
        ledger.publish()
    shutil.rmtree(tmp_path / "city" / "public")
    shutil.copytree(tmp_path / "before" / "public", tmp_path / "city" / "public")
    with reopen(tmp_path) as ledger:
        assert ledger.refusal is None
        ledger.publish()
        assert ledger.fsck().ok


def test_publishing_over_another_history_is_refused(tmp_path: Path) -> None:
    with filled(tmp_path, 10) as ledger, make(tmp_path / "other") as other:
        other.append_many([("access", PAYLOAD)] * 5)
        other.publish(tmp_path / "shared")
        with pytest.raises(LedgerError, match="not of this ledger"):
            ledger.publish(tmp_path / "shared")


@pytest.mark.parametrize("what", ["entry", "peaks", "node", "signature", "root"])
def test_a_damaged_edge_stops_the_ledger_before_it_signs(tmp_path: Path, what: str) -> None:
    import sqlite3

    with filled(tmp_path, 700):
        pass
    db = sqlite3.connect(tmp_path / "city" / "ledger.db")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    flip = "CAST(substr({0}, 1, 5) || x'{1}' || substr({0}, 7) AS BLOB)"
    statement = {
        "entry": "UPDATE entries SET entry = replace(CAST(entry AS TEXT), 'access', 'accesz') WHERE idx = 690",
        "peaks": f"UPDATE head SET peaks = {flip.format('peaks', '00')}",
        "node": f"UPDATE nodes SET hash = {flip.format('hash', '00')} WHERE level = 1 AND idx = 1",
        "signature": f"UPDATE checkpoints SET signature = {flip.format('signature', '00')} WHERE size = 700",
        "root": f"UPDATE checkpoints SET root = {flip.format('root', '00')} WHERE size = 700",
    }[what].replace(
        "replace(CAST(entry AS TEXT), 'access', 'accesz')",
        "CAST(replace(CAST(entry AS TEXT), 'access', 'accesz') AS BLOB)",
    )
    assert db.execute(statement).rowcount == 1
    db.commit()
    db.close()
    with reopen(tmp_path) as ledger:
        refused(ledger, "run `ledger fsck`, which names the place")
    assert not fsck(tmp_path / "city").ok
