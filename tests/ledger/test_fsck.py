"""Checking all that is stored: every kind of damage is found, and named where it is."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brightline.ledger import LedgerError
from brightline.ledger.fsck import fsck

from .small import PAYLOAD, filled, reopen

SIZE = 900


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published ledger in which all is right: three full tiles, a partial one, an erased record and field, a hold."""
    folder = tmp_path_factory.mktemp("sound")
    with filled(folder, SIZE - 4) as ledger:
        ledger.publish()
        ledger.hold(8, "order")
        ledger.erase(5, basis="x")
        ledger.erase(6, ["subject"], basis="x")
        ledger.append("decision", PAYLOAD)
        ledger.publish()
    return folder


@pytest.fixture
def city(sound: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(sound / "city", tmp_path / "city")
    shutil.copy(sound / "city.newest", tmp_path / "city.newest")
    yield tmp_path / "city"


def change(city: Path, statement: str, *values: object) -> None:
    """As somebody would who owns the file: past the triggers."""
    db = sqlite3.connect(city / "ledger.db")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    assert db.execute(statement, values).rowcount >= 1
    db.commit()
    db.close()


def value(city: Path, statement: str) -> bytes:
    db = sqlite3.connect(city / "ledger.db")
    try:
        return bytes(db.execute(statement).fetchone()[0])
    finally:
        db.close()


def flipped(body: bytes, at: int, bit: int = 1) -> bytes:
    return body[:at] + bytes([body[at] ^ bit]) + body[at + 1 :]


def test_a_sound_ledger_has_no_problem(city: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = fsck(city, lambda done, total: steps.append((done, total)), payloads=True)
    assert found.ok and not found.problems
    assert (found.size, found.published, found.payloads) == (SIZE, SIZE, SIZE - 1)
    assert found.checkpoints == 1 + 6 + 2 + 4  # the empty one, each batch, each single entry
    assert steps[-1] == (SIZE, SIZE)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 700])
def test_a_flipped_bit_of_an_entry_is_named(city: Path, index: int) -> None:
    entry = value(city, f"SELECT entry FROM entries WHERE idx = {index}")
    for at in (2, 20, 60, len(entry) - 12):
        change(city, "UPDATE entries SET entry = ? WHERE idx = ?", flipped(entry, at), index)
        found = fsck(city)
        assert any(
            f"entry {index:,}: is not the one that was signed; the stored hash is right" in p for p in found.problems
        )
        assert not any(
            "checkpoint" in p for p in found.problems
        )  # one damage, named once and not at every root above it
        change(city, "UPDATE entries SET entry = ? WHERE idx = ?", entry, index)
    assert fsck(city).ok


@pytest.mark.parametrize("index", [768, 800, SIZE - 1])
def test_a_flipped_bit_at_the_edge_is_found(city: Path, index: int) -> None:
    entry = value(city, f"SELECT entry FROM entries WHERE idx = {index}")
    change(city, "UPDATE entries SET entry = ? WHERE idx = ?", flipped(entry, 20), index)
    problems = fsck(city).problems
    assert any("the peaks in the head are not those of the tree" in p for p in problems)


@pytest.mark.parametrize(
    ("select", "update", "said"),
    [
        (
            "SELECT hashes FROM tiles WHERE idx = 1",
            "UPDATE tiles SET hashes = ? WHERE idx = 1",
            "the stored hash of entry ",
        ),
        (
            "SELECT hash FROM nodes WHERE idx = 2",
            "UPDATE nodes SET hash = ? WHERE idx = 2",
            "the stored hash of level 1, number 2",
        ),
        ("SELECT peaks FROM head", "UPDATE head SET peaks = ?", "the peaks in the head"),
        (
            "SELECT root FROM checkpoints WHERE size = 56",
            "UPDATE checkpoints SET root = ? WHERE size = 56",
            "the kept checkpoint of 56 entries",
        ),
        (
            "SELECT signature FROM checkpoints WHERE size = 153",
            "UPDATE checkpoints SET signature = ? WHERE size = 153",
            "the kept checkpoint of 153 entries does not have the signature",
        ),
    ],
)
def test_a_flipped_bit_of_each_kind_of_stored_byte_is_named(city: Path, select: str, update: str, said: str) -> None:
    body = value(city, select)
    generator = random.Random(3)
    for _ in range(8):
        change(city, update, flipped(body, generator.randrange(len(body)), 1 << generator.randrange(8)))
        found = fsck(city)
        assert any(said in p for p in found.problems), found.problems
    change(city, update, body)
    assert fsck(city).ok


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "checkpoints/896",
        "tile/0/001",
        "tile/0/003.p/132",
        "tile/1/000.p/3",
        "tile/entries/002",
        "tile/entries/003.p/132",
    ],
)
def test_a_flipped_bit_of_each_published_file_is_named(city: Path, path: str) -> None:
    file = city / "public" / path
    body = file.read_bytes()
    generator = random.Random(4)
    for _ in range(8):
        file.write_bytes(flipped(body, generator.randrange(len(body)), 1 << generator.randrange(8)))
        found = fsck(city)
        assert any(path in p for p in found.problems), found.problems
    for wrong in (b"", body[:-1], body + b"x"):
        file.write_bytes(wrong)
        assert any(path in p for p in fsck(city).problems)
    file.write_bytes(body)
    assert fsck(city).ok
    file.unlink()
    assert path in ("checkpoint", "checkpoints/896") or any(path in p and "missing" in p for p in fsck(city).problems)


def test_a_flipped_bit_of_a_partial_tile_of_before_is_named(city: Path) -> None:
    """Somebody with an older checkpoint may ask for it still."""
    public = city / "public"
    for name, full, taken in (
        ("tile/1/000.p/2", "tile/1/000.p/3", 64),
        ("tile/0/003.p/100", "tile/0/003.p/132", 3200),
        ("tile/0/001.p/7", "tile/0/001", 224),  # a fault came before it was removed
        ("tile/entries/003.p/1", "tile/entries/003.p/132", None),
    ):
        body = (public / full).read_bytes()
        body = body[: taken or 2 + int.from_bytes(body[:2], "big")]
        (public / name).parent.mkdir(exist_ok=True)
        (public / name).write_bytes(body)
        assert fsck(city).ok, name
        for wrong in (flipped(body, len(body) - 1), body[:-1], body + b"x", b""):
            (public / name).write_bytes(wrong)
            (problem,) = fsck(city).problems
            assert f"{name}: is not what the entries give" in problem
        (public / name).write_bytes(body)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM entries WHERE idx = 300", "entry 300 is missing"),
        ("DELETE FROM entries WHERE idx >= 890", "entry 890 is missing"),
        (
            "INSERT INTO entries SELECT 900, entry, slot, fields, sealed FROM entries WHERE idx = 1",
            "an entry 900 beyond the head",
        ),
        ("DELETE FROM tiles WHERE idx = 1", "(tile 1) are missing"),
        ("DELETE FROM nodes WHERE idx = 1", "the stored hash of level 1, number 1"),
        ("INSERT INTO nodes VALUES (1, 3, x'00')", "the table `nodes` has 4 rows instead of 3"),
        ("DELETE FROM checkpoints WHERE size = 900", "no signed checkpoint is kept for it|its signed checkpoint is"),
        ("UPDATE head SET size = 899", "is larger than the ledger, which has 899"),
        (
            "INSERT INTO checkpoints VALUES (7, zeroblob(32), zeroblob(64))",
            "the kept checkpoint of 7 entries does not have",
        ),
    ],
)
def test_rows_taken_away_or_added_are_named(city: Path, statement: str, said: str) -> None:
    change(city, statement)
    problems = fsck(city).problems
    assert any(part in p for p in problems for part in said.split("|")), problems


def test_two_entries_that_were_swapped_are_both_named(city: Path) -> None:
    one, two = (value(city, f"SELECT entry FROM entries WHERE idx = {n}") for n in (10, 20))
    change(city, "UPDATE entries SET entry = ? WHERE idx = 10", two)
    change(city, "UPDATE entries SET entry = ? WHERE idx = 20", one)
    assert any("entry 10, 20: is not the one that was signed" in p for p in fsck(city).problems)


def test_an_entry_written_again_with_its_hashes_is_found_by_every_checkpoint(city: Path) -> None:
    """Somebody who owns the database can rewrite a tile and the nodes; only the roots were signed."""
    from hashlib import sha256

    from brightline.ledger.growth import bag, grow

    entry = value(city, "SELECT entry FROM entries WHERE idx = 9").replace(b"decision", b"evidence")
    leaves = value(city, "SELECT hashes FROM tiles WHERE idx = 0")
    leaves = leaves[: 9 * 32] + sha256(b"\0" + entry).digest() + leaves[10 * 32 :]
    change(city, "UPDATE entries SET entry = ? WHERE idx = 9", entry)
    change(city, "UPDATE tiles SET hashes = ? WHERE idx = 0", leaves)
    top = bag(grow(0, (), [leaves[i : i + 32] for i in range(0, len(leaves), 32)]).peaks)
    change(city, "UPDATE nodes SET hash = ? WHERE level = 1 AND idx = 0", top)
    problems = fsck(city).problems
    assert any("the kept checkpoint of 56 entries: the entries do not give its root" in p for p in problems)
    assert any("the kept checkpoint of 900 entries: the entries do not give its root" in p for p in problems)
    with reopen(city.parent) as ledger:
        assert ledger.refusal is not None


def test_a_payload_that_is_not_what_its_entry_commits_to_is_named(city: Path) -> None:
    sealed = value(city, "SELECT sealed FROM entries WHERE idx = 30")
    change(city, "UPDATE entries SET sealed = ? WHERE idx = 30", flipped(sealed, 40))
    assert fsck(city).ok  # no proof stands on the sealed bytes
    assert fsck(city, payloads=True).problems == [
        "record 30: the sealed payload does not open: it is damaged, or the key store is another one"
    ]


def test_a_ledger_that_went_back_is_named(city: Path) -> None:
    with reopen(city.parent) as ledger:
        ledger.append_many([("access", PAYLOAD)] * 20)
        newest = ledger.publish().checkpoint
    shutil.copy(city / "ledger.db", city / "now.db")
    (city.parent / "city.newest").write_bytes(newest.encode())
    assert fsck(city).ok
    shutil.rmtree(city)


def test_a_missing_newest_checkpoint_is_named(city: Path) -> None:
    (city.parent / "city.newest").unlink()
    assert fsck(city).problems == [
        f"{city.parent / 'city.newest'}: is missing; it guards against going back to an old copy"
    ]


def test_the_check_runs_while_somebody_writes(city: Path) -> None:
    with reopen(city.parent) as ledger:

        def write(done: int, total: int) -> None:
            ledger.append("access", PAYLOAD)

        found = fsck(city, write)
        assert found.ok and found.size == SIZE and ledger.size > SIZE
        assert ledger.fsck().ok


def test_a_page_of_the_database_that_is_damaged_is_a_problem_and_no_traceback(city: Path) -> None:
    body = bytearray((city / "ledger.db").read_bytes())
    generator = random.Random(5)
    for _ in range(6):
        page = 4096 * generator.randrange(20, len(body) // 4096 - 1)
        torn = body.copy()
        torn[page : page + 512] = bytes(512)
        (city / "ledger.db").write_bytes(torn)
        try:
            assert isinstance(fsck(city).problems, list)
        except LedgerError as error:
            assert "\n" not in str(error)
    (city / "ledger.db").write_bytes(bytes(body))
    assert fsck(city).ok


def test_only_where_there_is_no_ledger_it_raises(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here"):
        fsck(tmp_path)


Flip = Callable[[bytes, int], bytes]
