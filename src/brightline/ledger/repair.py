"""A ledger from its published copy: catching up after a back-up was restored, and beginning anew from an export.

Nothing is signed here. Entries are taken as they were published, and must give the roots that this ledger has signed. Their
payloads were never published, so those stay lost unless the back-up holds them.

How to mend a ledger that opens for reading only, because it is older than what others have seen of it:

1. stop whatever writes to it, and keep a copy of the folder as it is;
2. `ledger repair DIR --from MIRROR` with a published copy: a mirror, an export, or `public/`;
3. `ledger fsck DIR`; then open it as before.

When no copy holds the missing entries, close the ledger openly and begin the next: never sign a second history.
"""

from __future__ import annotations

import os
from pathlib import Path

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Disk, lock, make_folders, read, replace
from brightline.ledger.fsck import Fsck, fsck
from brightline.ledger.guard import Progress, note_of, replay, right_edge
from brightline.ledger.keytree import KeyTree
from brightline.ledger.merkle import EMPTY_ROOT
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.sources import Source
from brightline.ledger.sqlite import SqliteStore
from brightline.ledger.store import Head
from brightline.ledger.stores import open_store


def repair(folder: str | Path, place: Source, progress: Progress | None = None, disk: Disk = DISK) -> int:
    """Replay what is missing, from a published copy. Returns how many entries were taken. Raises LedgerError."""
    folder = Path(folder).absolute()
    held = lock(folder / "lock", f"{folder}: another process writes to this ledger; stop it first")
    try:
        store = open_store(folder, read_only=False)
        try:
            key = VerifierKey.parse(store.word("vkey") or "")
            old = store.head()
            right_edge(store, old, key, str(folder))
            new = replay(store, place, key, progress)
            _remember(disk, Path(store.word("newest") or f"{folder}.newest"), note_of(new, key))
            return new.size - old.size
        finally:
            store.close()
    finally:
        os.close(held)


def restore(
    folder: str | Path,
    place: Source,
    vkey: str,
    progress: Progress | None = None,
    newest: str | Path | None = None,
    disk: Disk = DISK,
) -> Fsck:
    """Make a ledger in a new folder from what was published of it, and check all of it.

    `vkey` is the key that the ledger is known by: what lies in a copy proves nothing of itself. The new ledger can be read,
    published and exported. To write to it, put the signing key there (`keys/signing.pem`). Raises LedgerError.
    """
    folder = Path(folder).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError(f"{folder}: there is something already; restore into a new folder")
    key = VerifierKey.parse(vkey.strip())
    outside = Path(newest).absolute() if newest is not None else Path(f"{folder}.newest")
    if outside.exists():
        raise LedgerError(f"{outside}: there is the newest checkpoint of a ledger; choose another place with `newest`")
    make_folders(disk, folder / "keys", 0o700)
    make_folders(disk, folder / "public", 0o755)
    words = {"origin": key.name, "vkey": key.vkey, "floor": "0"} | (
        {"newest": str(outside)} if newest is not None else {}
    )
    store = SqliteStore.create(folder / "ledger.db", words, Head(0, 0, 0.0, 0.0, 0, (), EMPTY_ROOT, b""))
    try:
        head = replay(store, place, key, progress)
    finally:
        store.close()
    KeyTree.create(folder / "keys" / "erasure.db").close()
    policy = place.read("policy", 1_000_000) or f"log {key.vkey}\nquorum none\n".encode()
    replace(disk, folder / "policy", policy)
    if head.size:
        _remember(disk, outside, note_of(head, key))
    return fsck(folder, progress)


def _remember(disk: Disk, newest: Path, note: Note) -> None:
    """The newest checkpoint beside the folder: written when it is missing, damaged or older."""
    try:
        there = read(newest)
        known = Checkpoint.parse(Note.parse(there).text).size if there is not None else -1
    except LedgerError:
        known = -1
    if known < Checkpoint.parse(note.text).size:
        replace(disk, newest, note.encode())
