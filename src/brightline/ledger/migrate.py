"""Moving a ledger from SQLite to PostgreSQL. Nothing is signed: every entry, checkpoint and sealed payload stays as it is.

A public log once lost rows in such a move, so: the old store is checked as a whole; every table is read back from the new one,
in the transaction that wrote it, and compared; the new store is checked as a whole and must have the same root; and only then
does the folder name the new one. The keys stay in the folder.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Disk, lock, writing
from brightline.ledger.fsck import Fsck, check_store
from brightline.ledger.guard import Progress
from brightline.ledger.note import VerifierKey
from brightline.ledger.sqlite import SqliteStore
from brightline.ledger.store import Store
from brightline.ledger.stores import EMBEDDED, database_of, name_database, ready

_READ = {  # what each table of the new store is filled with
    "words": "SELECT name, value FROM words ORDER BY name",
    "entries": "SELECT idx, entry, slot, fields FROM entries ORDER BY idx",
    "sealed": "SELECT idx, sealed FROM entries WHERE sealed IS NOT NULL ORDER BY idx",
    "head": "SELECT id, size, epoch, time, lag, slots, peaks, next FROM head ORDER BY id",
    "checkpoints": "SELECT size, root, signature FROM checkpoints ORDER BY size",
    "tiles": "SELECT idx, hashes FROM tiles ORDER BY idx",
    "nodes": "SELECT level, idx, hash FROM nodes ORDER BY level, idx",
    "requests": "SELECT key, idx FROM requests ORDER BY key",
    "holds": "SELECT entry, idx, released FROM holds ORDER BY entry",
    "erasures": "SELECT entry, idx, slot, fields, numbers FROM erasures ORDER BY entry",
}


def migrate(folder: str | Path, database: str, progress: Progress | None = None, disk: Disk = DISK) -> Fsck:
    """Move the ledger in this folder to PostgreSQL. Returns what the check of the new store found. Raises LedgerError.

    On a fault the ledger stays where it is. `database` is a connection string without a password, of a role that may make
    tables. The old file is removed at the end; keep a back-up of the folder until the new one has a back-up of its own.
    """
    from brightline.ledger.postgres import PostgresStore
    from brightline.ledger.postgres_tables import load

    folder = Path(folder).absolute()
    held = lock(folder / "lock", f"{folder}: another process writes to this ledger; stop it first")
    try:
        if (named := database_of(folder)) is not None:
            _remove(folder, disk)  # it had moved, and stopped before its last step
            raise LedgerError(f"{folder}: this ledger is in PostgreSQL already ({named})")
        ready(database)
        old = SqliteStore(folder / EMBEDDED, read_only=True)
        try:
            before = _checked(old, folder, progress)
        finally:
            old.close()
        source = sqlite3.connect(f"{(folder / EMBEDDED).as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            source.execute("BEGIN")
            load(database, {table: _rows(source, statement) for table, statement in _READ.items()})
        except sqlite3.Error as error:
            raise LedgerError(f"{folder / EMBEDDED}: cannot be read ({error}); nothing was moved") from None
        finally:
            source.close()
        new = PostgresStore(database, read_only=True)
        try:
            after = _checked(new, folder, progress)
        finally:
            new.close()
        if (after.size, after.root, after.checkpoints) != (before.size, before.root, before.checkpoints):
            raise LedgerError(
                f"{folder}: the copy in PostgreSQL has another root; the ledger stays here; drop the copy and tell us"
            )
        name_database(folder, database, disk)
        _remove(folder, disk)
        return after
    finally:
        os.close(held)


def _remove(folder: Path, disk: Disk) -> None:
    with writing(disk) as batch:
        for name in (EMBEDDED, f"{EMBEDDED}-wal", f"{EMBEDDED}-shm"):
            batch.remove(folder / name)


def _checked(store: Store, folder: Path, progress: Progress | None) -> Fsck:
    key = VerifierKey.parse(store.word("vkey") or "")
    found = check_store(
        store, key, folder, Path(store.word("newest") or f"{folder}.newest"), folder / "public", progress
    )
    if not found.ok:
        raise LedgerError(f"{folder}: nothing was moved, because the check found: {found.problems[0]}")
    return found


def _rows(source: sqlite3.Connection, statement: str) -> Iterator[tuple[Any, ...]]:
    yield from source.execute(statement)
