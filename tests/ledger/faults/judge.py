"""What must be true after every fault, looked at from outside: from the promises that were given, and from what is published.

No acknowledged entry is lost; no size has two heads; the indices are dense; every checkpoint that was ever acknowledged or
published is the beginning of the last one. The tree is worked out anew from the published entries by the definition of
RFC 6962, and the proofs are made from the published tiles and checked.
"""

from __future__ import annotations

import sqlite3
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.ledger import Ledger
from brightline.ledger.merkle import check_consistency, consistency_proof
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.receipt import Receipt
from brightline.ledger.tiles import tile_reader
from tests.ledger.definition import Tree
from tests.ledger.faults import scenes

RECOVERED, REFUSED = "recovers unattended", "refuses with one sentence, signs nothing"


@dataclass(slots=True)
class Promises:
    """All that was given out: heads by size, receipts, erased records."""

    heads: dict[int, bytes] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    created: bool = False
    keys: set[str] = field(default_factory=set)

    def hear(self, told: Iterable[dict[str, Any]]) -> Promises:
        for line in told:
            if "receipt" in line:
                receipt = Receipt.parse(b64decode(line["receipt"]))
                self.receipts.append(receipt)
                self.head(receipt.checkpoint)
            if "published" in line:
                self.head(Note.parse(b64decode(line["published"])))
            if "erased" in line:
                self.erased.add(line["erased"])
            self.created |= "created" in line
        return self

    def head(self, note: Note) -> None:
        seen = Checkpoint.parse(note.text)
        assert self.heads.setdefault(seen.size, seen.root) == seen.root, f"TWO HEADS for size {seen.size}"

    def see(self, world: Path) -> Promises:
        """What lies on the disk was given out too, whether or not the process has lived to tell."""
        for path in (world / "city" / "public" / "checkpoint", world / "city.newest"):
            if path.exists():
                self.head(Note.parse(path.read_bytes()))
        return self

    def copy(self) -> Promises:
        return Promises(dict(self.heads), list(self.receipts), set(self.erased), self.created)


def one_sentence(said: str) -> str:
    """A refusal is for a person: one line, no traceback, nothing of what is recorded."""
    assert said and "\n" not in said and "Traceback" not in said and "Error(" not in said, said
    assert "barred" not in said and "-single" not in said, said
    return said


def judge(world: Path, promises: Promises, name: str = "after", count: int = 3) -> str:
    """Open the ledger again, go on with other records, publish, and look at everything. Gives the outcome.

    A ledger whose making was broken off may refuse; what is acknowledged must be there in any other case, so a refusal is
    reported as such and the caller says whether it is right.
    """
    promises.see(world)
    try:
        ledger = scenes.reopen(world)
    except LedgerError as error:
        one_sentence(str(error))
        return REFUSED
    with ledger:
        whole(ledger, promises)
        told: list[dict[str, Any]] = []
        scenes.singles(ledger, lambda **what: told.append(what), 1, f"{name} one")
        scenes.batch(ledger, lambda **what: told.append(what), count, f"{name} many")
        scenes.published(ledger, lambda **what: told.append(what))
        promises.hear(told)
        for index in promises.erased:
            try:
                ledger.disclose(index)
            except LedgerError:
                continue
            raise AssertionError(f"record {index} was erased, and can be read again")
    outside(world / "city", promises)
    sound(world)
    return RECOVERED


def whole(ledger: Ledger, promises: Promises) -> None:
    """Every acknowledged entry is there, where its receipt says."""
    for receipt in promises.receipts:
        assert receipt.index < ledger.size, f"ACKNOWLEDGED ENTRY {receipt.index} LOST: the ledger has {ledger.size}"
        assert ledger.entry(receipt.index) == receipt.extra, f"ACKNOWLEDGED ENTRY {receipt.index} is another one now"


def sound(world: Path) -> None:
    found = problems(world)
    assert not found, f"fsck: {found}"


def problems(world: Path) -> list[str]:
    """What fsck says is wrong."""
    from brightline.ledger.fsck import fsck

    return [str(p) for p in fsck(world / "city").problems]


def outside(city: Path, promises: Promises, ahead: bool = False) -> None:
    """Only from the published folder and the promises: what a stranger can check. `ahead`: more may be signed than published."""
    public = city / "public"
    key = VerifierKey.parse((public / "vkey").read_text().strip())
    note = Note.parse((public / "checkpoint").read_bytes())
    end = Checkpoint.parse(note.text)
    assert [s for s in note.signatures if key.made(s) and key.verify(note.text, s) is None], (
        "the checkpoint is not signed"
    )
    entries = list(_entries(public, end.size))
    assert len(entries) == end.size
    assert len(set(entries)) == len(entries), "AN ENTRY IS THERE TWICE"
    leaves = [sha256(b"\0" + entry).digest() for entry in entries]
    tree = Tree(leaves.__getitem__)
    assert tree.mth(0, end.size) == end.root, "the published entries do not give the published root"
    for signed in _signed(city):
        assert promises.heads.setdefault(signed[0], signed[1]) == signed[1], f"TWO HEADS for size {signed[0]}"
    read = tile_reader(end.size, lambda path: (public / path).read_bytes() if (public / path).exists() else None)
    for size, root in promises.heads.items():
        if size > end.size and ahead:
            continue
        if size > end.size:
            raise AssertionError(f"a head of size {size} was given out, and the published ledger has {end.size}")
        assert tree.mth(0, size) == root, f"FORK: the head of size {size} is not the beginning of the last one"
        check_consistency(size, root, end.size, end.root, consistency_proof(size, end.size, read))
    at: dict[int, bytes] = {}
    for receipt in promises.receipts:
        receipt.check(entries[receipt.index], key)
        assert at.setdefault(receipt.index, receipt.extra) == receipt.extra, (
            f"two entries were acknowledged at {receipt.index}"
        )


def _entries(public: Path, size: int) -> Iterable[bytes]:
    for start in range(0, size, 256):
        width = min(256, size - start)
        name = f"tile/entries/{start // 256:03d}" + (f".p/{width}" if width < 256 else "")
        body = (public / name).read_bytes()
        at = 0
        for _ in range(width):
            length = int.from_bytes(body[at : at + 2], "big")
            yield body[at + 2 : at + 2 + length]
            at += 2 + length
        assert at == len(body), f"{name} is longer than its entries"


def _signed(city: Path) -> list[tuple[int, bytes]]:
    """Every head the database has ever signed."""
    db = sqlite3.connect(f"file:{city / 'ledger.db'}?mode=ro", uri=True)
    try:
        return db.execute("SELECT size, root FROM checkpoints ORDER BY size").fetchall()
    finally:
        db.close()
