"""The store in PostgreSQL: for an agency whose applications keep their own rows there (docs/ledger/postgres.md).

One session sequences. It holds an advisory lock, and every transaction of it begins by locking the head row and looking at its
epoch: a process that slept while another took over finds another epoch, and stops. What a COMMIT has answered is on the disk
(`synchronous_commit`). The triggers and the missing rights are a guard against slips, not the proof: whoever owns the tables can
drop them, and `fsck` and the witnesses find what was done then.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from brightline.ledger.errors import LedgerError
from brightline.ledger.postgres_session import connect, driver, place_of, said
from brightline.ledger.postgres_tables import GUARDS, copy_in, guard_names, load
from brightline.ledger.store import Broken, Busy, Erasure, Head, NewRow, Row, Signed, Work

if TYPE_CHECKING:
    import psycopg

    from brightline.ledger.postgres_session import Connection

FORMAT = "1"
SLOTS_AT_ONCE = 64
_LOCK = 0x6C656467 << 32  # "ledg"; the number of the head table follows, so every schema has a lock of its own
_FATAL = ("08", "53", "57P", "58", "F0", "XX001", "XX002")  # connection, resources, shutdown, system, files, damage
_WAITED = "55P03"  # SQLSTATE of a lock that was waited for too long

_BEGIN = "BEGIN; SELECT size, epoch FROM brightline_head WHERE id = 1 FOR UPDATE"
_ADVANCE = """UPDATE brightline_head SET size = %s, epoch = %s, time = %s, lag = %s, slots = %s, peaks = %s, next = %s
  WHERE id = 1 AND size = %s AND epoch = %s"""
_KEEP = "INSERT INTO brightline_checkpoints VALUES (%s, %s, %s)"
_HEAD = """SELECT h.size, epoch, time, lag, slots, peaks, root, signature, next
  FROM brightline_head h JOIN brightline_checkpoints c ON c.size = h.size WHERE id = 1"""
_ROWS = """SELECT e.idx, entry, slot, fields, sealed FROM brightline_entries e LEFT JOIN brightline_sealed s ON s.idx = e.idx
  WHERE e.idx >= %s AND e.idx < %s ORDER BY e.idx"""
_UNSEQUENCED = """SELECT o.id, o.request, o.kind, o.slot, o.fields, o.commitment, o.sealed, r.idx,
    o.slot > (SELECT last_value FROM brightline_slots) OR EXISTS (SELECT 1 FROM brightline_entries e WHERE e.slot = o.slot)
  FROM brightline_outbox o LEFT JOIN brightline_requests r ON r.key = o.request
  WHERE o.idx IS NULL AND o.refused IS NULL ORDER BY o.id LIMIT %s"""
_SETTLE = """UPDATE brightline_outbox o SET idx = v.idx, sealed = NULL FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, idx)
  WHERE o.id = v.id AND o.idx IS NULL AND o.refused IS NULL"""


class WeakServer(UserWarning):
    """The server, or the role, promises less than a ledger should have. It works all the same."""


class Handed(NamedTuple):
    """A row of the outbox that has no index yet. `known`: the entry that this request key has made before.

    `foreign`: its slot was never given out, or belongs to an entry.
    """

    id: int
    request: bytes
    kind: str
    slot: int
    fields: int
    commitment: bytes
    sealed: bytes
    known: int | None
    foreign: bool


class PostgresStore:
    """See `store.Store`. `read_only` takes no lock and writes nothing."""

    def __init__(self, database: str, read_only: bool = False) -> None:
        self._error = driver().Error
        self._database, self.place = database, place_of(database)
        self._guard = threading.Lock()
        self._epoch: int | None = None  # the one this process took
        self._size = 0  # in the transaction that is under way
        self._durable = "on"
        self._write: Connection | None = None
        self._read = connect(database, self.place)
        try:
            if self._one("SELECT to_regclass('brightline_head')")[0] is None:
                raise LedgerError(
                    f"{self.place}: there is no ledger in the schema of this connection; name its schema in the connection string "
                    "(`options=-csearch_path=…`), or make one with `Ledger.create`"
                )
            if (found := self.word("format")) != FORMAT:
                raise LedgerError(
                    f"{self.place}: has the format {found!r}, and this version knows {FORMAT!r}; use the one that made it"
                )
            if not read_only:
                self._write = connect(database, self.place)
                self._lead()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, database: str, words: Mapping[str, str], head: Head) -> PostgresStore:
        """Make the tables in the schema of this connection, with the words and the first signed checkpoint. Raises LedgerError."""
        first = (1, head.size, head.epoch, head.time, head.lag, head.slots, b"".join(head.peaks), head.next)
        signed = [(head.size, head.root, head.signature)] if head.signature else []
        load(
            database,
            {"words": sorted((dict(words) | {"format": FORMAT}).items()), "head": [first], "checkpoints": signed},
        )
        return cls(database)

    def _lead(self) -> None:
        """Become the one session that writes. Raises LedgerError."""
        for name, found in self._settings().items():
            if name == "recovery" and found == "t":
                raise LedgerError(
                    f"{self.place}: this server is a stand-by, which only reads; name the primary in the connection string"
                )
            if name == "fsync" and found == "off":
                raise LedgerError(
                    f"{self.place}: the server runs with `fsync = off`, so a power cut could lose what was acknowledged; turn it on"
                )
            if name == "synchronous_commit" and found == "remote_apply":
                self._durable = found  # more than `on`
        self._do(f"SET synchronous_commit = {self._durable}")
        key = _LOCK | self._one("SELECT to_regclass('brightline_head')::oid::bigint")[0]
        try:  # it waits a little: the server may not have noticed yet that a session has ended
            self.writer.execute("SET lock_timeout = '2s'")
            self.writer.execute("SELECT pg_advisory_lock(%s)", (key,))
            self.writer.execute("SET lock_timeout = '5s'")
        except self._error as error:
            if error.sqlstate == _WAITED:
                raise LedgerError(
                    f"{self.place}: another process writes to this ledger; only one may at a time"
                ) from None
            raise LedgerError(f"{self.place}: {said(error)}") from None
        if missing := self._unguarded():
            raise LedgerError(
                f"{self.place}: the trigger `{missing[0]}` is missing or disabled, so somebody may have changed entries; "
                "run `ledger fsck`, then make it again as the owner of the tables"
            )
        for weak in self.weaknesses():
            warnings.warn(weak, WeakServer, stacklevel=5)

    def _settings(self) -> dict[str, str]:
        row = self._one(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('data_checksums'),"
            " current_setting('full_page_writes'), pg_is_in_recovery()::text,"
            " has_table_privilege('brightline_entries', 'UPDATE, DELETE, TRUNCATE')::text"
        )
        names = ("fsync", "synchronous_commit", "data_checksums", "full_page_writes", "recovery", "may_change")
        return {n: "t" if v == "true" else v for n, v in zip(names, row, strict=True)}

    def weaknesses(self) -> list[str]:
        """What a person who keeps this server should mend, one sentence each."""
        found = self._settings()
        told = []
        if found["data_checksums"] == "off":
            told.append(
                f"{self.place}: data checksums are off, so a damaged page may be noticed late; stop the server and run `pg_checksums --enable`"
            )
        if found["full_page_writes"] == "off":
            told.append(f"{self.place}: `full_page_writes` is off, so a power cut may tear a page; turn it on")
        if found["may_change"] == "t":
            told.append(
                f"{self.place}: this role has the right to change or delete entries (only triggers are in its way); "
                "use a role that does not own the tables (docs/ledger/postgres.md)"
            )
        return told

    def _unguarded(self) -> list[str]:
        rows = self._all(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[]) AND tgenabled = 'A'",
            ([f"brightline_{table}" for table in dict.fromkeys(g[0] for g in GUARDS)],),
        )
        there = {row[0] for row in rows}
        return [name for name in guard_names() if name not in there]

    # --- one transaction -----------------------------------------------------------------------------------------------

    @property
    def writer(self) -> Connection:
        if self._write is None:
            raise LedgerError(f"{self.place}: is open for reading only")
        return self._write

    def begin(self) -> None:
        """Lock the head row; so two sequencers are never inside at once, and the second sees that there was a first."""
        try:
            cursor = self.writer.execute(_BEGIN, prepare=False)
            cursor.nextset()
            row = cursor.fetchone()
        except self._error as error:
            if error.sqlstate == _WAITED:
                self.abandon()
            raise self._failed(error) from None
        if row is None or (self._epoch is not None and row[1] != self._epoch):
            self.abandon()
            raise self._fenced()
        self._size = row[0]

    def run(self, work: Work, index: int) -> Any:
        """In a savepoint. Constraints that the application has deferred are checked at its end: COMMIT must not fail for them."""
        db = self.writer
        self._do("SAVEPOINT work")
        try:
            made = work(db, index)
            db.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE work", prepare=False)
        except BaseException as error:
            lost = isinstance(error, self._error) and (error.sqlstate or "").startswith(_FATAL)
            if not lost:
                try:
                    db.execute("ROLLBACK TO work; RELEASE work", prepare=False)
                except self._error:  # no connection, or no transaction, or not this one any more
                    lost = True
            if lost:
                raise Broken(
                    f"{self.place}: the connection was lost, the server failed, or the work of an application ended the transaction"
                ) from error
            raise
        return made

    def requested(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        rows = self._do("SELECT key, idx FROM brightline_requests WHERE key = ANY(%s)", (list(keys),)).fetchall()
        return {bytes(row[0]): row[1] for row in rows}

    def add(self, rows: Sequence[NewRow], requests: Sequence[tuple[bytes, int]]) -> list[bytes]:
        if rows[0][0] != self._size:
            raise self._fenced()
        self._size = rows[-1][0] + 1
        self._copy("entries", [row[:4] for row in rows])
        self._copy("sealed", [(row[0], row[4]) for row in rows if row[4] is not None])
        self._copy("requests", requests)
        back = self._do("SELECT entry FROM brightline_entries WHERE idx >= %s ORDER BY idx", (rows[0][0],)).fetchall()
        return [bytes(row[0]) for row in back]

    def add_nodes(self, tiles: Sequence[tuple[int, bytes]], nodes: Sequence[tuple[int, int, bytes]]) -> None:
        self._copy("tiles", tiles)
        self._copy("nodes", nodes)

    def advance(self, old: Head, new: Head) -> None:
        values = (new.size, new.epoch, new.time, new.lag, new.slots, b"".join(new.peaks), new.next, old.size, old.epoch)
        if self._do(_ADVANCE, values).rowcount != 1:
            raise self._fenced()
        if new.size != old.size:
            self._do(_KEEP, (new.size, new.root, new.signature))
        self._epoch = new.epoch

    def keep(self, signed: Signed) -> None:
        self._do(_KEEP, signed)

    def commit(self) -> None:
        """Durable when it returns, whatever the work of an application has set. A COMMIT that rolled back is no error to PostgreSQL."""
        try:
            cursor = self.writer.execute(f"SET LOCAL synchronous_commit = {self._durable}; COMMIT", prepare=False)
            cursor.nextset()
        except self._error as error:
            raise Broken(f"{self.place}: {said(error)}") from None
        if cursor.statusmessage != "COMMIT":
            raise Broken(f"{self.place}: the server rolled the transaction back")

    def abandon(self) -> None:
        """End the transaction without a trace. A connection that is lost has done that already."""
        if self._write is not None and not self._write.closed:
            try:
                self._write.execute("ROLLBACK", prepare=False)
            except self._error:
                self._write.close()  # whatever it is in, nothing is written by it any more

    # what an erasure and a hold write, inside a transaction

    def reseal(self, index: int, sealed: bytes | None) -> None:
        if sealed is None:
            self._do("DELETE FROM brightline_sealed WHERE idx = %s", (index,))
        else:
            self._do("UPDATE brightline_sealed SET sealed = %s WHERE idx = %s", (sealed, index))

    def add_erasure(self, erasure: Erasure) -> None:
        numbers = None if erasure.numbers is None else " ".join(map(str, erasure.numbers))
        values = (erasure.entry, erasure.index, erasure.slot, erasure.fields, numbers)
        self._do("INSERT INTO brightline_erasures VALUES (%s, %s, %s, %s, %s)", values)

    def add_hold(self, entry: int, index: int) -> None:
        self._do("INSERT INTO brightline_holds VALUES (%s, %s, NULL)", (entry, index))

    def release_holds(self, entry: int, index: int) -> int:
        return self._do(
            "UPDATE brightline_holds SET released = %s WHERE idx = %s AND released IS NULL", (entry, index)
        ).rowcount

    def held(self, index: int) -> bool:
        """Also by a hold of this very transaction."""
        return (
            self._do("SELECT 1 FROM brightline_holds WHERE idx = %s AND released IS NULL", (index,)).fetchone()
            is not None
        )

    def set_word(self, name: str, value: str) -> None:
        self._do(
            "INSERT INTO brightline_words VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    # of the outbox, inside a transaction

    def settle(self, placed: Sequence[tuple[int, int]]) -> None:
        """These rows of the outbox have their indexes: (id, index). All of them, or LedgerError."""
        if self._do(_SETTLE, ([p[0] for p in placed], [p[1] for p in placed])).rowcount != len(placed):
            raise LedgerError(
                f"{self.place}: a row of the outbox was changed while it got its index; nothing of this was written"
            )

    def refuse(self, handed: int, why: str) -> None:
        """This row of the outbox never gets an index."""
        self._do(
            "UPDATE brightline_outbox SET refused = %s, sealed = NULL WHERE id = %s AND idx IS NULL", (why, handed)
        )

    # --- between transactions ------------------------------------------------------------------------------------------

    def slots(self, head: Head) -> Iterator[int]:
        """From the sequence that the applications take theirs from. It is put behind the head when it is before it."""
        if self._one("SELECT last_value FROM brightline_slots")[0] + 1 < head.slots:
            self._one("SELECT setval('brightline_slots', %s, false)", (head.slots,))
        return _Slots(
            lambda: [
                r[0]
                for r in self._all("SELECT nextval('brightline_slots') FROM generate_series(1, %s)", (SLOTS_AT_ONCE,))
            ]
        )

    def tidy(self) -> None:
        """PostgreSQL keeps itself small (autovacuum)."""

    def truncate(self) -> None:
        """Nothing that this session may do: old versions of a sealed payload go with VACUUM, their log with its recycling.

        Their keys are destroyed before. What the page tells of it: docs/ledger/postgres.md.
        """

    def close(self) -> None:
        """The lock is given back at once: the server may notice only later that a session has ended."""
        if self._write is not None and not self._write.closed:
            try:
                self.abandon()
                self._write.execute("SELECT pg_advisory_unlock_all()")
            except self._error:
                pass  # it is lost, and the lock with it
        for db in (self._write, self._read):
            if db is not None:
                db.close()

    # --- for a check of all that is stored -----------------------------------------------------------------------------

    def stand_still(self) -> None:
        """From now on all reading sees the ledger as it is at this moment. For a store that is open for reading only."""
        with self._guard:
            try:
                self._read.execute(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1 FROM brightline_head", prepare=False
                )
            except self._error as error:
                raise self._unread(error) from None

    def damage(self) -> list[str]:
        """What PostgreSQL itself has found, and guards that are gone."""
        try:
            failed = self._one("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
            told = [f"{self.place}: the trigger `{name}` is missing or disabled" for name in self._unguarded()]
        except LedgerError as error:
            return [str(error)]
        if failed and failed[0]:
            told.append(f"{self.place}: the server has found {failed[0]:,} damaged pages in this database")
        return told

    def count(self, table: str) -> int:
        assert table in ("tiles", "nodes", "checkpoints")
        return int(self._one(f"SELECT count(*) FROM brightline_{table}")[0])

    # --- reading -------------------------------------------------------------------------------------------------------

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._guard:
            if self._read.closed:  # it was lost before: reading, unlike writing, may simply go on
                self._read = connect(self._database, self.place)
            try:
                return self._read.execute(statement, values, binary=True).fetchall()
            except self._error as error:
                raise self._unread(error) from None

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        found = self._all(statement, values)
        return found[0] if found else None

    def head(self) -> Head:
        row = self._one(_HEAD)
        if row is None:
            raise LedgerError(
                f"{self.place}: the head is missing, or its signed checkpoint is; restore the database, then `ledger repair`"
            )
        size, epoch, time, lag, slots, peaks, root, signature, following = row
        parts = tuple(peaks[i : i + 32] for i in range(0, len(peaks), 32))
        return Head(size, epoch, time, lag, slots, parts, root, signature, following)

    def rows(self, start: int, stop: int) -> list[Row]:
        return [Row(*row) for row in self._all(_ROWS, (start, stop))]

    def entries(self, start: int, stop: int) -> list[bytes]:
        return [entry for _, entry in self.numbered(start, stop)]

    def numbered(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        return self._all(
            "SELECT idx, entry FROM brightline_entries WHERE idx >= %s AND idx < %s ORDER BY idx", (start, stop)
        )

    def tile(self, index: int) -> bytes | None:
        row = self._one("SELECT hashes FROM brightline_tiles WHERE idx = %s", (index,))
        return None if row is None else bytes(row[0])

    def nodes(self, level: int, start: int, stop: int) -> list[bytes]:
        values = (level, start, stop)
        found = self._all(
            "SELECT hash FROM brightline_nodes WHERE level = %s AND idx >= %s AND idx < %s ORDER BY idx", values
        )
        return [row[0] for row in found]

    def signed(self, size: int) -> Signed | None:
        row = self._one("SELECT size, root, signature FROM brightline_checkpoints WHERE size = %s", (size,))
        return row and Signed(*row)

    def signed_after(self, index: int) -> Signed | None:
        row = self._one(
            "SELECT size, root, signature FROM brightline_checkpoints WHERE size > %s ORDER BY size LIMIT 1", (index,)
        )
        return row and Signed(*row)

    def all_signed(self) -> Iterator[Signed]:
        at = -1
        more = "SELECT size, root, signature FROM brightline_checkpoints WHERE size > %s ORDER BY size LIMIT 4096"
        while found := self._all(more, (at,)):
            yield from (Signed(*row) for row in found)
            at = found[-1][0]

    def erasures(self, after: int) -> list[Erasure]:
        rows = self._all(
            "SELECT entry, idx, slot, fields, numbers FROM brightline_erasures WHERE entry > %s ORDER BY entry",
            (after,),
        )
        return [Erasure(e, i, s, f, None if n is None else tuple(map(int, n.split()))) for e, i, s, f, n in rows]

    def request(self, key: bytes) -> int | None:
        row = self._one("SELECT idx FROM brightline_requests WHERE key = %s", (key,))
        return None if row is None else int(row[0])

    def word(self, name: str) -> str | None:
        row = self._one("SELECT value FROM brightline_words WHERE name = %s", (name,))
        return None if row is None else str(row[0])

    def unsequenced(self, most: int) -> list[Handed]:
        """Rows of the outbox without an index, however old their number is: a transaction may have begun long before it commits."""
        return [Handed(*row) for row in self._all(_UNSEQUENCED, (most,))]

    # --- inside --------------------------------------------------------------------------------------------------------

    def _do(self, statement: str, values: Sequence[Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        try:
            return self.writer.execute(statement, values, binary=True)
        except self._error as error:
            raise self._failed(error) from None

    def _copy(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        try:
            copy_in(self.writer, table, rows)
        except self._error as error:
            raise self._failed(error) from None

    def _failed(self, error: psycopg.Error) -> LedgerError:
        """A lock that did not come in time is no fault: a table is being rewritten, or another session holds the head."""
        if error.sqlstate == _WAITED:
            return Busy(f"{self.place}: another session holds a table of the ledger; nothing was written, try again")
        return Broken(f"{self.place}: {said(error)}")

    def _fenced(self) -> Broken:
        return Broken(
            f"{self.place}: another process has written to this ledger since, so this one stops; only one may write at a time"
        )

    def _unread(self, error: psycopg.Error) -> LedgerError:
        return LedgerError(f"{self.place}: cannot be read ({said(error)}); see `brightline ledger fsck`")


class _Slots:
    """Numbers out of the sequence, some at a time. Threads may share it."""

    def __init__(self, take: Callable[[], list[int]]) -> None:
        self._take, self._lock, self._left = take, threading.Lock(), deque[int]()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        with self._lock:
            if not self._left:
                self._left.extend(self._take())
            return self._left.popleft()
