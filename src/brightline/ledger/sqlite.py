"""The embedded store: one SQLite file in write-ahead mode, with full syncs, and one connection that writes.

What SQLite syncs at COMMIT is the one sync on the way to the acknowledgement: the log is emptied into the file (`tidy`) only
between transactions. The triggers are a guard against slips, not the proof: whoever owns the file can drop them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import EMPTY_ROOT
from brightline.ledger.store import Broken, Busy, Erasure, Head, NewRow, Row, Signed, Work

FORMAT = "1"
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: the log is synced at every COMMIT
    "fullfsync": 1,  # macOS: down to the platter
    "checkpoint_fullfsync": 1,
    "secure_delete": 1,  # what is erased is overwritten with zeros
    "wal_autocheckpoint": 0,  # never inside a COMMIT that somebody waits for
}
TIDY = 4 * 1024 * 1024  # bytes in the log after which it is emptied into the file
_PAGES = 4 * 4096  # bytes that a commit writes to the log beside its entries, about

_TABLES = """
CREATE TABLE words (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
  idx INTEGER PRIMARY KEY CHECK (idx >= 0), entry BLOB NOT NULL, slot INTEGER, fields INTEGER NOT NULL, sealed BLOB
) STRICT;
CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, epoch INTEGER NOT NULL, time REAL NOT NULL,
  lag REAL NOT NULL, slots INTEGER NOT NULL, peaks BLOB NOT NULL, next TEXT NOT NULL
) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, root BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
CREATE TABLE tiles (idx INTEGER PRIMARY KEY, hashes BLOB NOT NULL CHECK (length(hashes) = 8192)) STRICT;
CREATE TABLE nodes (level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE requests (key BLOB PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE holds (entry INTEGER PRIMARY KEY, idx INTEGER NOT NULL, released INTEGER) STRICT;
CREATE INDEX held ON holds (idx) WHERE released IS NULL;
CREATE TABLE erasures (
  entry INTEGER PRIMARY KEY, idx INTEGER NOT NULL, slot INTEGER NOT NULL, fields INTEGER NOT NULL, numbers TEXT
) STRICT;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT raise(ABORT, 'an entry is never deleted'); END;
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
  WHEN new.idx IS NOT old.idx OR new.entry IS NOT old.entry OR new.slot IS NOT old.slot OR new.fields IS NOT old.fields
  OR old.sealed IS NULL
  BEGIN SELECT raise(ABORT, 'an entry never changes'); END;
CREATE TRIGGER checkpoints_stay BEFORE DELETE ON checkpoints BEGIN SELECT raise(ABORT, 'a checkpoint is kept'); END;
CREATE TRIGGER checkpoints_never_change BEFORE UPDATE ON checkpoints BEGIN SELECT raise(ABORT, 'a checkpoint never changes'); END;
CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN SELECT raise(ABORT, 'the head stays'); END;
CREATE TRIGGER head_grows BEFORE UPDATE ON head WHEN new.size < old.size OR new.epoch < old.epoch
  BEGIN SELECT raise(ABORT, 'a ledger never becomes smaller'); END;
CREATE TRIGGER erasures_stay BEFORE DELETE ON erasures BEGIN SELECT raise(ABORT, 'an erasure stays'); END;
"""

_FATAL = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
}
_ANOTHER = "another process has written to this ledger since, so this one stops; only one may write at a time"
_ADD = "INSERT INTO entries VALUES (?, ?, ?, ?, ?)"
_BACK = "SELECT entry FROM entries WHERE idx >= ? ORDER BY idx"
_ADVANCE = """UPDATE head SET size = ?, epoch = ?, time = ?, lag = ?, slots = ?, peaks = ?, next = ?
  WHERE id = 1 AND size = ? AND epoch = ?"""
_KEEP = "INSERT INTO checkpoints VALUES (?, ?, ?)"
_HEAD = """SELECT head.size, epoch, time, lag, slots, peaks, root, signature, next
  FROM head LEFT JOIN checkpoints ON checkpoints.size = head.size WHERE id = 1"""


class SqliteStore:
    """See `store.Store`. `read_only` takes no lock and writes nothing."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        if not path.exists():
            raise LedgerError(f"{path}: there is no ledger here; make one with `brightline ledger init`")
        self._guard = threading.Lock()
        self._logged = 0  # bytes written to the log since it was emptied, about
        try:
            self._read = _connect(path, True)
            self._write = None if read_only else _connect(path, False)
            found = self.word("format")
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: cannot be opened as a ledger ({error}); see `brightline ledger fsck`") from None
        if found != FORMAT:
            raise LedgerError(
                f"{path}: has the format {found!r}, and this version knows {FORMAT!r}; use the version that made it"
            )

    @classmethod
    def create(cls, path: Path, words: dict[str, str], head: Head) -> SqliteStore:
        """A new, empty store with its words and its first signed checkpoint, where there is one. Raises LedgerError."""
        if path.exists():
            raise LedgerError(f"{path}: there is a ledger already; choose another folder")
        try:
            db = _connect(path, False, "rwc")
            db.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
            db.executemany("INSERT INTO words VALUES (?, ?)", (words | {"format": FORMAT}).items())
            db.execute(
                "INSERT INTO head VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
                (head.size, head.epoch, head.time, head.lag, head.slots, b"".join(head.peaks), head.next),
            )
            if head.signature:
                db.execute(_KEEP, (head.size, head.root, head.signature))
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: cannot be made ({error})") from None
        return cls(path)

    # --- one transaction -----------------------------------------------------------------------------------------------

    @property
    def writer(self) -> sqlite3.Connection:
        if self._write is None:
            raise LedgerError(f"{self.path}: is open for reading only")
        return self._write

    def begin(self) -> None:
        try:
            self.writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Busy(f"{self.path}: another program holds the database; nothing was written, try again") from None
            raise

    def run(self, work: Work, index: int) -> Any:
        db = self.writer
        db.execute("SAVEPOINT work")
        try:
            made = work(db, index)
            db.execute("RELEASE work")  # an error when the work has ended the transaction
        except BaseException as error:
            if not db.in_transaction or getattr(error, "sqlite_errorcode", 0) & 0xFF in _FATAL:
                raise Broken(
                    "the disk failed, or the work of an application ended the transaction; all of it is undone"
                ) from error
            db.execute("ROLLBACK TO work")
            db.execute("RELEASE work")
            raise
        return made

    def requested(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        found = {}
        for key in keys:
            row = self.writer.execute("SELECT idx FROM requests WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = row[0]
        return found

    def add(self, rows: Sequence[NewRow], requests: Sequence[tuple[bytes, int]]) -> list[bytes]:
        db = self.writer
        try:
            if len(rows) == 1:
                db.execute(_ADD, rows[0])
            else:
                db.executemany(_ADD, rows)
        except sqlite3.IntegrityError:  # the index is taken: this process slept while another one wrote
            raise Broken(f"{self.path}: {_ANOTHER}") from None
        if requests:
            db.executemany("INSERT INTO requests VALUES (?, ?)", requests)
        back = [row[0] for row in db.execute(_BACK, (rows[0][0],)).fetchall()]
        self._logged += _PAGES + 2 * len(rows) * (len(rows[0][4] or b"") + 150)
        return back

    def add_nodes(self, tiles: Sequence[tuple[int, bytes]], nodes: Sequence[tuple[int, int, bytes]]) -> None:
        self.writer.executemany("INSERT INTO tiles VALUES (?, ?)", tiles)
        self.writer.executemany("INSERT INTO nodes VALUES (?, ?, ?)", nodes)

    def advance(self, old: Head, new: Head) -> None:
        values = (new.size, new.epoch, new.time, new.lag, new.slots, b"".join(new.peaks), new.next, old.size, old.epoch)
        if self.writer.execute(_ADVANCE, values).rowcount != 1:
            raise LedgerError(f"{self.path}: {_ANOTHER}")
        if new.size != old.size:
            self.writer.execute(_KEEP, (new.size, new.root, new.signature))

    def keep(self, signed: Signed) -> None:
        self.writer.execute(_KEEP, signed)

    def commit(self) -> None:
        self.writer.execute("COMMIT")

    def abandon(self) -> None:
        """End the transaction without a trace; in write-ahead mode that writes nothing."""
        if self._write is not None and self._write.in_transaction:
            self._write.execute("ROLLBACK")

    # what an erasure and a hold write, inside a transaction

    def reseal(self, index: int, sealed: bytes | None) -> None:
        self.writer.execute("UPDATE entries SET sealed = ? WHERE idx = ?", (sealed, index))

    def add_erasure(self, erasure: Erasure) -> None:
        numbers = None if erasure.numbers is None else " ".join(map(str, erasure.numbers))
        self.writer.execute(
            "INSERT INTO erasures VALUES (?, ?, ?, ?, ?)",
            (erasure.entry, erasure.index, erasure.slot, erasure.fields, numbers),
        )

    def add_hold(self, entry: int, index: int) -> None:
        self.writer.execute("INSERT INTO holds VALUES (?, ?, NULL)", (entry, index))

    def release_holds(self, entry: int, index: int) -> int:
        return self.writer.execute(
            "UPDATE holds SET released = ? WHERE idx = ? AND released IS NULL", (entry, index)
        ).rowcount

    def held(self, index: int) -> bool:
        """Also by a hold of this very transaction."""
        return (
            self.writer.execute("SELECT 1 FROM holds WHERE idx = ? AND released IS NULL", (index,)).fetchone()
            is not None
        )

    def set_word(self, name: str, value: str) -> None:
        self.writer.execute("INSERT OR REPLACE INTO words VALUES (?, ?)", (name, value))

    # --- between transactions ------------------------------------------------------------------------------------------

    def slots(self, head: Head) -> Iterator[int]:
        """Nobody else takes any: counting is enough."""
        return count(head.slots)

    def tidy(self) -> None:
        """Empty the log into the file when it has become long.

        The log keeps its length and is written from its beginning again: a file that does not grow is faster to sync.
        """
        if self._logged >= TIDY:
            self._logged = 0
            self.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def truncate(self) -> None:
        """Empty the log wholly, so that nothing that was erased stays in it. Raises LedgerError when a reader is in the way."""
        try:
            busy = self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        except sqlite3.Error as error:
            raise Broken(
                f"{self.path}: the log of the database could not be emptied ({error}); look after the disk"
            ) from None
        if busy:
            raise LedgerError(
                f"{self.path}: somebody is reading the database, so its log could not be emptied and still holds the sealed payload "
                "(its keys are destroyed); open the ledger again later, which empties it"
            )

    def close(self) -> None:
        for db in (self._write, self._read):
            if db is not None:
                db.close()

    def stand_still(self) -> None:
        """From now on all reading sees the ledger as it is at this moment. For a store that is open for reading only."""
        self._all("BEGIN")
        self._all("SELECT 1 FROM head")

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        try:
            found = [row[0] for row in self._all("PRAGMA quick_check(20)")]
        except LedgerError as error:
            return [str(error)]
        return [] if found == ["ok"] else [f"{self.path}: {line}" for line in found]

    # --- reading -------------------------------------------------------------------------------------------------------

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._guard:
            try:
                return self._read.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise LedgerError(f"{self.path}: cannot be read ({error}); see `brightline ledger fsck`") from None

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        found = self._all(statement, values)
        return found[0] if found else None

    def head(self) -> Head:
        row = self._one(_HEAD)
        if row is None or (row[6] is None and row[0]):
            raise LedgerError(
                f"{self.path}: the head is missing, or its signed checkpoint is; restore the ledger, then `ledger repair`"
            )
        body = row[5]
        root, signature = (EMPTY_ROOT, b"") if row[6] is None else row[6:8]
        peaks = tuple(body[i : i + 32] for i in range(0, len(body), 32))
        return Head(row[0], row[1], row[2], row[3], row[4], peaks, root, signature, row[8])

    def rows(self, start: int, stop: int) -> list[Row]:
        found = self._all(
            "SELECT idx, entry, slot, fields, sealed FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
            (start, stop),
        )
        return [Row(*row) for row in found]

    def entries(self, start: int, stop: int) -> list[bytes]:
        return [
            row[0]
            for row in self._all("SELECT entry FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop))
        ]

    def numbered(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        return self._all("SELECT idx, entry FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop))

    def count(self, table: str) -> int:
        assert table in ("tiles", "nodes", "checkpoints")
        return int(self._one(f"SELECT count(*) FROM {table}")[0])

    def tile(self, index: int) -> bytes | None:
        row = self._one("SELECT hashes FROM tiles WHERE idx = ?", (index,))
        return None if row is None else bytes(row[0])

    def nodes(self, level: int, start: int, stop: int) -> list[bytes]:
        found = self._all(
            "SELECT hash FROM nodes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx", (level, start, stop)
        )
        return [row[0] for row in found]

    def signed(self, size: int) -> Signed | None:
        row = self._one("SELECT size, root, signature FROM checkpoints WHERE size = ?", (size,))
        return row and Signed(*row)

    def signed_after(self, index: int) -> Signed | None:
        row = self._one("SELECT size, root, signature FROM checkpoints WHERE size > ? ORDER BY size LIMIT 1", (index,))
        return row and Signed(*row)

    def all_signed(self) -> Iterator[Signed]:
        at = -1
        while found := self._all(
            "SELECT size, root, signature FROM checkpoints WHERE size > ? ORDER BY size LIMIT 4096", (at,)
        ):
            yield from (Signed(*row) for row in found)
            at = found[-1][0]

    def erasures(self, after: int) -> list[Erasure]:
        rows = self._all(
            "SELECT entry, idx, slot, fields, numbers FROM erasures WHERE entry > ? ORDER BY entry", (after,)
        )
        return [Erasure(e, i, s, f, None if n is None else tuple(map(int, n.split()))) for e, i, s, f, n in rows]

    def request(self, key: bytes) -> int | None:
        row = self._one("SELECT idx FROM requests WHERE key = ?", (key,))
        return None if row is None else int(row[0])

    def word(self, name: str) -> str | None:
        row = self._one("SELECT value FROM words WHERE name = ?", (name,))
        return None if row is None else str(row[0])


def _connect(path: Path, read_only: bool, mode: str = "rw") -> sqlite3.Connection:
    """A connection whose settings are looked at, not only set."""
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    db.execute("PRAGMA busy_timeout = 5000")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        return db
    for name, value in PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {value}")
    assert_settings(db, path)
    return db


def assert_settings(db: sqlite3.Connection, path: Path) -> None:
    """Raise LedgerError unless this connection writes as durably as the ledger promises."""
    for name, value in PRAGMAS.items():
        found = db.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise LedgerError(
                f"{path}: SQLite keeps `{name}` at {found!r} instead of {value!r}; put the ledger on a local disk"
            )
