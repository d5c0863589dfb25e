"""The keys that erasure destroys: leaves of a tree of seeds, so that adding a record writes nothing here.

After Goldreich, Goldwasser and Micali (1986): each seed gives, by SHAKE256 (FIPS 202), the sixteen seeds below it; a leaf at
depth eight is the seed of one record, named by its slot (0 to 2³² - 1). Whoever has the root has all; the tree is *punctured*
(as by Boneh and Waters, 2013) when a record is erased: the stored seed above it is deleted and the seeds beside its path are
stored instead. Then no computation gives the erased seed any more, and all the others are as they were.

The seed of a record gives its secrets: the salt of the record, the key that seals its payload, and a salt for each field.
When single fields are erased, the record's seed goes the same way, and the secrets that stay are kept by themselves, with a
new key for what is sealed anew.

The file is a database of its own (0600), to be kept out of long back-ups: a key in a back-up is a key not erased.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import reason

WIDTH = 16  # seeds below a seed
DEPTH = 8  # so there are 16**8 = 2**32 slots
SLOTS = WIDTH**DEPTH
SIZE = 32  # bytes of a seed, a salt and a key
_CHILDREN, RECORD, _ANEW = b"brightline/seeds/v1\n", b"brightline/record/v1\n", b"brightline/anew/v1\n"
_shake = hashlib.shake_256

_TABLES = """
CREATE TABLE seeds (depth INTEGER NOT NULL, node INTEGER NOT NULL, seed BLOB NOT NULL CHECK (length(seed) = 32),
  PRIMARY KEY (depth, node)) STRICT, WITHOUT ROWID;
CREATE TABLE kept (slot INTEGER PRIMARY KEY, salt BLOB NOT NULL, key BLOB NOT NULL, salts BLOB NOT NULL) STRICT;
CREATE TABLE words (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


class Erased(LedgerError):
    """The keys of this record, or of this field, were destroyed."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens a record: its salt, the key of its sealed payload, the salts of its fields (in the order of their names).

    An erased field has no salt: None.
    """

    salt: bytes
    key: bytes
    salts: tuple[bytes | None, ...]

    def key_anew(self) -> bytes:
        """The key for what is sealed again after an erasure. It does not lead back to the key before."""
        return _shake(_ANEW + self.key).digest(SIZE)


def record_secrets(seed: bytes, fields: int) -> bytes:
    """The salt of the record, its key, and the salts of its fields, 32 bytes each."""
    return _shake(RECORD + seed).digest(SIZE * (2 + fields))


class KeyTree:
    """The stored seeds. Threads may share it: reading a fresh slot takes no lock."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        if not path.exists():
            raise LedgerError(
                f"{path}: the key store is missing; without it no payload can be read; restore it from its back-up"
            )
        if path.stat().st_mode & 0o077:
            raise LedgerError(f"{path}: others may read the key store; say `chmod 600 {path}`")
        self._lock = threading.Lock()
        self._walked: dict[tuple[int, int], bytes] = {}  # the seeds of the last walk, above the block
        self._block: tuple[int, tuple[bytes, ...]] = (-1, ())  # sixteen neighbouring slots
        try:
            self._db = _connect(path, read_only)
            empty = self._db.execute("SELECT count(*) FROM (SELECT 1 FROM seeds LIMIT 1)").fetchone()[0] == 0
            if not read_only and self.word("unclean"):
                self._db.execute("VACUUM")
                self._scrub([])
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: the key store cannot be read ({error}); restore it from its back-up") from None
        if empty:
            raise LedgerError(f"{path}: the key store is empty; restore it from its back-up")

    @classmethod
    def create(cls, path: Path) -> KeyTree:
        """A new tree under a random root. Raises LedgerError."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        except OSError as error:
            raise LedgerError(f"{path}: the key store cannot be made here ({reason(error)})") from None
        try:
            db = _connect(path, False)
            db.executescript(_TABLES)
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO seeds VALUES (0, 0, ?)", (os.urandom(SIZE),))
            words = [("requests", os.urandom(SIZE)), ("done", (-1).to_bytes(8, "big", signed=True)), ("unclean", b"")]
            db.executemany("INSERT INTO words VALUES (?, ?)", words)
            db.execute("COMMIT")
            db.close()
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: the key store cannot be written ({error})") from None
        return cls(path)

    def close(self) -> None:
        self._forget()
        self._db.close()

    def word(self, name: str) -> bytes:
        """A secret of the whole ledger, such as the key under which idempotency keys are stored."""
        with self._lock:
            row = self._db.execute("SELECT value FROM words WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise LedgerError(
                f"{self.path}: the secret `{name}` is missing in the key store; restore it from its back-up"
            )
        return bytes(row[0])

    def seed(self, slot: int) -> bytes:
        """The seed of a record. Raises Erased."""
        number, block = self._block
        if slot >> 4 != number:
            block = self._open_block(slot)
        if not block:
            raise Erased(f"record {slot} was erased: its keys are destroyed")
        found = block[slot & 15]
        if not found:
            raise Erased(f"record {slot} was erased: its keys are destroyed")
        return found

    def secrets(self, slot: int, fields: int) -> Secrets:
        """What opens the record in this slot, which has so many fields. Raises Erased."""
        with self._lock:
            row = self._db.execute("SELECT salt, key, salts FROM kept WHERE slot = ?", (slot,)).fetchone()
        if row is None:
            made = record_secrets(self.seed(slot), fields)
            parts = [made[i : i + SIZE] for i in range(0, len(made), SIZE)]
            return Secrets(parts[0], parts[1], tuple(parts[2:]))
        salts = [bytes(row[2][i : i + SIZE]) for i in range(0, len(row[2]), SIZE)]
        return Secrets(bytes(row[0]), bytes(row[1]), tuple(s if any(s) else None for s in salts))

    @property
    def done(self) -> int:
        """The index of the last `erasure` entry that was carried out here; -1 before the first."""
        return int.from_bytes(self.word("done"), "big", signed=True)

    def erase(self, slot: int, entry: int) -> None:
        """Destroy everything that opens this record, as the `erasure` entry with this index says."""
        if entry > self.done:
            with self._lock:
                self._change(slot, entry, [], None)

    def erase_fields(self, slot: int, fields: int, numbers: Collection[int], entry: int) -> None:
        """Destroy the salts of these fields, as the `erasure` entry with this index says; the key of the record moves on.

        Erasures are carried out in the order of their entries, each once: an entry that is done already changes nothing.
        """
        if entry <= self.done:
            return
        before = self.secrets(slot, fields)
        after = remaining(before, numbers)
        with self._lock:
            self._change(slot, entry, [s for n, s in enumerate(before.salts) if n in numbers and s], after)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _open_block(self, slot: int) -> tuple[bytes, ...]:
        if not 0 <= slot < SLOTS:
            raise LedgerError(
                f"slot {slot:,} is outside of the key tree, which has {SLOTS:,}; close this ledger and begin the next"
            )
        number = slot >> 4
        with self._lock:
            above = self._walk(DEPTH - 1, number)
            if above is not None:
                block = _below(above)
            else:  # punctured near here: what is left of the sixteen is stored by itself
                rows = self._db.execute(
                    "SELECT node, seed FROM seeds WHERE depth = ? AND node BETWEEN ? AND ?",
                    (DEPTH, number << 4, number << 4 | 15),
                )
                stored = {node: bytes(seed) for node, seed in rows}
                block = tuple(stored.get(number << 4 | n, b"") for n in range(WIDTH))
            self._block = (number, block)
        return block

    def _walk(self, depth: int, node: int) -> bytes | None:
        """The seed of an inner node, from the nearest stored or remembered seed above; None when there is none."""
        path = []
        seed = None
        while True:
            seed = self._walked.get((depth, node)) or self._stored(depth, node)
            if seed is not None or depth == 0:
                break
            path.append((depth, node))
            depth, node = depth - 1, node >> 4
        if seed is None:
            return None
        walked = {(depth, node): seed}
        while depth and (depth - 1, node >> 4) in self._walked:  # keep what is above, for the next neighbour
            depth, node = depth - 1, node >> 4
            walked[depth, node] = self._walked[depth, node]
        for below in reversed(path):
            seed = _below(seed)[below[1] & 15]
            walked[below] = seed
        self._walked = walked
        return seed

    def _stored(self, depth: int, node: int) -> bytes | None:
        row = self._db.execute("SELECT seed FROM seeds WHERE depth = ? AND node = ?", (depth, node)).fetchone()
        return bytes(row[0]) if row else None

    def _change(self, slot: int, entry: int, gone: list[bytes], after: Secrets | None) -> None:
        """Puncture at this slot and change what is kept, in one transaction; then make sure that the file has forgotten."""
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            gone += self._puncture(slot)
            gone += [bytes(row[0]) for row in db.execute("SELECT key FROM kept WHERE slot = ?", (slot,))]
            db.execute("DELETE FROM kept WHERE slot = ?", (slot,))
            if after is not None:
                salts = b"".join(s or bytes(SIZE) for s in after.salts)
                db.execute("INSERT INTO kept VALUES (?, ?, ?, ?)", (slot, after.salt, after.key, salts))
            db.execute("UPDATE words SET value = ? WHERE name = 'done'", (entry.to_bytes(8, "big", signed=True),))
            db.execute("UPDATE words SET value = x'01' WHERE name = 'unclean'")
            db.execute("COMMIT")
            self._forget()
            self._scrub(gone)
        except sqlite3.Error as error:
            raise LedgerError(
                f"{self.path}: the keys could not be destroyed ({error}); open the ledger again to go on"
            ) from None

    def _puncture(self, slot: int) -> list[bytes]:
        for depth in range(DEPTH, -1, -1):
            node = slot >> 4 * (DEPTH - depth)
            seed = self._stored(depth, node)
            if seed is None:
                continue
            self._db.execute("DELETE FROM seeds WHERE depth = ? AND node = ?", (depth, node))
            above, gone = seed, [seed]
            for d in range(depth + 1, DEPTH + 1):
                below, taken = _below(above), slot >> 4 * (DEPTH - d)
                first = taken & ~15
                beside = [(d, first + n, s) for n, s in enumerate(below) if first + n != taken]
                self._db.executemany("INSERT INTO seeds VALUES (?, ?, ?)", beside)
                above = below[taken & 15]
                gone.append(above)
            return gone
        return []

    def _scrub(self, gone: list[bytes]) -> None:
        """Empty the write-ahead log, and look whether the file still holds a destroyed secret anywhere.

        Until that is done the store is marked as unclean, and the next process that opens it writes the whole file anew.

        `secure_delete` overwrites what is deleted, but a page that was split may keep a stale copy in its unused middle.
        """
        busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        if busy or _holds(self.path, gone):
            self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        if busy:
            raise LedgerError(
                f"{self.path}: another process reads the key store, so its log could not be emptied; end it and open again"
            )
        self._db.execute("UPDATE words SET value = x'' WHERE name = 'unclean'")
        if _holds(self.path, gone):
            raise LedgerError(
                f"{self.path}: the file still holds a destroyed key; keep it away from others and look after the disk"
            )

    def _forget(self) -> None:
        self._walked, self._block = {}, (-1, ())


def remaining(before: Secrets, numbers: Collection[int]) -> Secrets:
    """The secrets without those of the fields with these numbers, with the next key."""
    return Secrets(
        before.salt, before.key_anew(), tuple(None if n in numbers else s for n, s in enumerate(before.salts))
    )


def _below(seed: bytes) -> tuple[bytes, ...]:
    made = _shake(_CHILDREN + seed).digest(SIZE * WIDTH)
    return tuple([made[i : i + SIZE] for i in range(0, SIZE * WIDTH, SIZE)])


def _holds(path: Path, gone: list[bytes]) -> bool:
    for file in (path, path.with_name(path.name + "-wal")):
        if file.exists():
            body = file.read_bytes()
            if any(g in body for g in gone):
                return True
    return False


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    db.execute("PRAGMA busy_timeout = 5000")
    if not read_only:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = ON",
            "checkpoint_fullfsync = ON",
            "secure_delete = ON",
        ):
            db.execute(f"PRAGMA {pragma}")
    db.execute("PRAGMA temp_store = MEMORY")  # VACUUM must not put the keys into a temporary file
    return db
