"""One bit changes at rest, in each class of stored bytes: fsck names the place, and nothing wrong is signed."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.fsck import fsck
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import Promises, one_sentence

REFUSES = "fsck names the place, opening refuses to sign"
RIGHT = "fsck names the place, what is signed next is right all the same"
COUNT = 600  # entries: two full tiles, and 88 entries at the right edge
Fresh = Callable[..., Path]


@pytest.fixture(scope="module")
def long(room: Path) -> World:
    folder = room / "long"
    folder.mkdir()
    told: list[dict[str, Any]] = []
    scenes.run("base", folder, lambda: None, lambda **what: told.append(what), {"count": COUNT})
    return World(folder, Promises().hear(told))


def stored(world: Path, query: str) -> bytes:
    db = sqlite3.connect(f"file:{world / 'city' / 'ledger.db'}?mode=ro&immutable=1", uri=True)
    try:
        return bytes(db.execute(query).fetchone()[0])
    finally:
        db.close()


def flip(path: Path, value: bytes, at: int) -> None:
    """Flip the lowest bit of this byte of a value, wherever the file keeps it."""
    body = bytearray(path.read_bytes())
    found = body.find(value)
    places = []
    while found >= 0:
        places.append(found)
        found = body.find(value, found + 1)
    assert places, f"{path}: does not hold the value"
    for place in places:
        body[place + at] ^= 1
    path.write_bytes(body)


# class of bytes: (query, byte of the value, what fsck must name, does opening refuse)
IN_THE_DATABASE: dict[str, tuple[str, int, str, bool]] = {
    "an entry of a full tile": ("SELECT entry FROM entries WHERE idx = 100", 20, "entry 100", False),
    "an entry at the right edge": ("SELECT entry FROM entries WHERE idx = 590", 20, "head", True),
    "the last entry": ("SELECT entry FROM entries WHERE idx = 599", 20, "head", True),
    "the kind in an entry": ("SELECT entry FROM entries WHERE idx = 100", 58, "entry 100", False),
    "a stored hash": ("SELECT substr(hashes, 225, 32) FROM tiles WHERE idx = 0", 3, "entry 7", False),
    "a hash above": ("SELECT hash FROM nodes WHERE level = 1 AND idx = 1", 5, "level 1", True),
    "the peaks, a big one": ("SELECT peaks FROM head", 3, "peaks", True),
    "the peaks, the last": ("SELECT peaks FROM head", 32 * 3 + 3, "peaks", True),
    "the root of the newest checkpoint": (f"SELECT root FROM checkpoints WHERE size = {COUNT}", 9, f"{COUNT}", True),
    "the signature of the newest checkpoint": (f"SELECT signature FROM checkpoints WHERE size = {COUNT}", 9, f"{COUNT}", True),
    "the first checkpoint's signature": ("SELECT signature FROM checkpoints WHERE size = 0", 9, "0 entries", False),
    "a sealed payload": ("SELECT sealed FROM entries WHERE idx = 100", 40, "record 100", False),
}  # fmt: skip


@pytest.mark.parametrize("what", IN_THE_DATABASE)
def test_a_bit_in_the_database(what: str, fresh: Fresh, long: World) -> None:
    query, at, named, refuses = IN_THE_DATABASE[what]
    world = fresh(empty=True)
    shutil.copytree(long.folder, world, dirs_exist_ok=True)
    flip(world / "city" / "ledger.db", stored(world, query), at)
    look(world, named, refuses, long)


@pytest.mark.parametrize(
    ("path", "at", "refuses"),
    [
        ("city/public/tile/0/000", 100, False),
        ("city/public/tile/0/001", 8000, False),
        ("city/public/tile/0/002.p/88", 40, False),
        ("city/public/tile/1/000.p/2", 40, False),
        ("city/public/tile/entries/000", 100, False),
        ("city/public/tile/entries/002.p/88", 1, False),
        ("city/public/checkpoint", 3, True),
        ("city/public/checkpoint", 36, True),
        ("city/public/checkpoint", 60, True),
        ("city/public/checkpoint", 170, True),
        (f"city/public/checkpoints/{COUNT}", 60, False),
        ("city.newest", 36, True),
        ("city.newest", 60, True),
        ("city.newest", 170, True),
    ],
)
def test_a_bit_in_a_file(path: str, at: int, refuses: bool, fresh: Fresh, long: World) -> None:
    world = fresh(empty=True)
    shutil.copytree(long.folder, world, dirs_exist_ok=True)
    body = bytearray((world / path).read_bytes())
    body[at] ^= 1
    (world / path).write_bytes(body)
    look(world, path.removeprefix("city/public/"), refuses, long)


def look(world: Path, named: str, refuses: bool, long: World) -> None:
    problems = fsck(world / "city", payloads=True).problems
    assert any(named in problem for problem in problems), f"fsck does not name `{named}`: {problems}"
    for problem in problems:
        one_sentence(problem)
    try:
        ledger = scenes.reopen(world)
    except LedgerError as error:
        one_sentence(str(error))
        assert refuses, f"it refuses: {error}"
        page.note("flip", Counter([REFUSES]))
        return
    assert not refuses, "it opens, and would sign"
    told: list[dict[str, Any]] = []
    with ledger:
        scenes.batch(ledger, lambda **what: told.append(what), 300, "more")
    right = truth(long, [r.extra for r in Promises().hear(told).receipts])
    for receipt in Promises().hear(told).receipts[-1:]:
        lines = receipt.checkpoint.text.split("\n")
        assert lines[2] == right, "A WRONG HEAD was signed over damaged bytes"
    page.note("flip", Counter([RIGHT]))


def truth(long: World, more: list[bytes]) -> str:
    """The root over the entries as they were before the flip and these new ones, by the definition."""
    from base64 import b64encode
    from hashlib import sha256

    from tests.ledger.definition import Tree

    entries = [receipt.extra for receipt in long.promises.receipts] + more
    tree = Tree(lambda n: sha256(b"\0" + entries[n]).digest())
    return b64encode(tree.mth(0, len(entries))).decode()


def test_a_bit_in_the_signing_key(fresh: Fresh, base: World) -> None:
    """Any bit of it: another key, or none. Nothing is signed with it."""
    path = base.folder / "city" / "keys" / "signing.pem"
    whole = path.read_bytes()
    start, end = whole.index(b"\n") + 1, whole.rindex(b"-----END")
    outcomes: Counter[str] = Counter()
    world = fresh()
    broken = world / "city" / "keys" / "signing.pem"
    for at in range(start, end):
        for bit in (1, 2, 16):
            body = bytearray(whole)
            body[at] ^= bit
            broken.write_bytes(body)
            try:
                ledger = scenes.reopen(world)
            except LedgerError as error:
                one_sentence(str(error))
                outcomes["opening names the key, and refuses to sign"] += 1
                continue
            told: list[dict[str, Any]] = []
            with ledger:  # base64 has bits that say nothing: then the key must be the right one
                scenes.batch(ledger, lambda **what: told.append(what), 1, "key")  # noqa: B023
            outcomes["the bit says nothing, the key is the same"] += 1
    page.note("flip", outcomes)


def test_a_bit_in_a_key_of_the_key_store_is_found_by_opening_the_payloads(fresh: Fresh, base: World) -> None:
    world = fresh()
    store = world / "city" / "keys" / "erasure.db"
    db = sqlite3.connect(store)
    seed = bytes(db.execute("SELECT seed FROM seeds").fetchone()[0])
    db.close()
    flip(store, seed, 4)
    problems = fsck(world / "city", payloads=True).problems
    assert any("record 0" in problem for problem in problems), problems
    page.note("flip", Counter([RIGHT]))
