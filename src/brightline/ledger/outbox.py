"""The outbox of a ledger in PostgreSQL: an application hands records over in its own transaction; the sequencer gives them indexes.

The application's row and the outbox's row are there together or not at all. A row of the outbox has an index once its entry is
signed and committed; until then nobody may act on it. A row that cannot become an entry is refused, with a sentence, for ever.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brightline.ledger.canonical import Json
from brightline.ledger.entry import parse_entry
from brightline.ledger.errors import LedgerError
from brightline.ledger.keytree import Erased, KeyTree
from brightline.ledger.postgres import Handed, PostgresStore
from brightline.ledger.record import OWN_KINDS, Record, commitment_of, open_sealed, prepare
from brightline.ledger.sequence import Chore, Job, Sequencer
from brightline.ledger.store import Busy

if TYPE_CHECKING:
    import psycopg

    from brightline.ledger.ledger import Ledger

MOST = 256  # rows that get their indexes in one transaction
OTHER = "this request key was used before, for another payload; a new record needs a new key"
_PUT = """INSERT INTO brightline_outbox (request, kind, slot, fields, commitment, sealed) VALUES (%s, %s, %s, %s, %s, %s)
  ON CONFLICT (request) DO NOTHING RETURNING id"""


class Outbox:
    """The side of the application. It needs the ledger's folder (the key store), and a connection of its own.

    The key store is opened for each record and shut again, so that no process keeps seeds that an erasure has destroyed.
    """

    def __init__(self, folder: str | Path) -> None:
        self._tree = Path(folder).absolute() / "keys" / "erasure.db"
        KeyTree(self._tree, read_only=True).close()

    def put(self, connection: psycopg.Connection[Any], kind: str, payload: Mapping[str, Json], *, key: str) -> int:
        """Hand a record over in the transaction of this connection; it counts when that commits. Returns its number there.

        `key` names the request: whoever repeats it gets the first number. Raises LedgerError, and what psycopg raises.
        """
        if kind in OWN_KINDS:
            raise LedgerError(f"entries of the kind `{kind}` are written by the ledger itself")
        keys = KeyTree(self._tree, read_only=True)
        try:
            request = hmac.digest(keys.word("requests"), key.encode(), "sha256")
            slot = _row(connection, "SELECT nextval('brightline_slots')")[0]
            record = prepare([(kind, payload)], iter([slot]), keys)[0]
            made = _row(connection, _PUT, (request, kind, slot, record.fields, record.commitment, record.sealed))
            if made is not None:
                return int(made[0])
            number, before, commit = _row(
                connection, "SELECT id, slot, commitment FROM brightline_outbox WHERE request = %s", (request,)
            )
            if not _same(kind, payload, before, bytes(commit), keys):
                raise LedgerError(OTHER)
            return int(number)
        finally:
            keys.close()


def index_of(connection: psycopg.Connection[Any], number: int) -> int | None:
    """The index of the entry, or None when it has none yet. Raises LedgerError when it was refused, or is not there."""
    row = _row(connection, "SELECT idx, refused FROM brightline_outbox WHERE id = %s", (number,))
    if row is None:
        raise LedgerError(
            f"there is no number {number:,} in the outbox; the transaction that handed it over may have failed"
        )
    if row[1] is not None:
        raise LedgerError(f"number {number:,} of the outbox was refused: {row[1]}")
    return None if row[0] is None else int(row[0])


def sequence(store: PostgresStore, writer: Sequencer) -> int:
    """Give indexes to rows that have none, in one transaction. Returns how many rows are done now, the refused ones too."""
    rows = store.unsequenced(MOST)
    fresh: list[tuple[Handed, Record]] = []
    done: list[tuple[Handed, str]] = []  # those that become no entry of their own: refused, or there already
    for row in rows:
        why = _wrong(row, store, writer.keys)
        if why is None and row.known is None:
            fresh.append((row, Record(row.kind, row.slot, row.fields, row.commitment, row.sealed)))
        else:
            done.append((row, why or ""))
    if done:
        writer.do(Chore(lambda: _finish(store, done)))
    if fresh:
        numbers = [row.id for row, _ in fresh]

        def work(_: Any, index: int) -> None:
            store.settle(list(zip(numbers, range(index, index + len(numbers)), strict=True)))

        try:
            writer.do(Job([record for _, record in fresh], [row.request for row, _ in fresh], work))
        except LedgerError:
            if not any(store.request(row.request) is not None for row, _ in fresh):
                raise
            return sequence(
                store, writer
            )  # one of them was written meanwhile by its key, without the outbox: look again
    return len(rows)


def follow(ledger: Ledger, stop: threading.Event, every: float = 0.2) -> None:
    """Sequence until `stop` is set, looking again after so many seconds when there was nothing. Raises LedgerError."""
    while not stop.is_set():
        try:
            done = ledger.sequence()
        except Busy:  # nothing was written; the next look finds the same rows
            done = 0
        if not done:
            stop.wait(every)


def _wrong(row: Handed, store: PostgresStore, keys: KeyTree) -> str | None:
    """Why this row cannot become an entry. What an application hands over is opened and checked before it is signed."""
    if row.foreign:
        return "its slot was not given out by the ledger, or belongs to another record"
    try:
        secrets = keys.secrets(row.slot, row.fields)
        opened = open_sealed(row.sealed, secrets, "it")
        if commitment_of(opened, secrets) != row.commitment:
            return "its commitment is not that of its payload"
        if row.known is not None:
            there = store.rows(row.known, row.known + 1)[0]
            commit = parse_entry(there.entry).commitment
            if there.slot is not None and not _same(row.kind, opened.payload, there.slot, commit, keys):
                return OTHER
    except (LedgerError, ValueError, TypeError, IndexError):
        return "its sealed payload does not open with the key of its slot"
    return None


def _same(kind: str, payload: Mapping[str, Json], slot: int, commit: bytes, keys: KeyTree) -> bool:
    """Whether this payload is the one committed to, under the secrets of that slot. True when nobody can tell any more."""
    try:
        return prepare([(kind, dict(payload))], iter([slot]), keys)[0].commitment == commit
    except Erased:
        return True


def _finish(store: PostgresStore, done: list[tuple[Handed, str]]) -> None:
    store.begin()
    try:
        for row, why in done:
            if why:
                store.refuse(row.id, why)
            else:
                assert row.known is not None
                store.settle([(row.id, row.known)])
        store.commit()
    except BaseException:
        store.abandon()
        raise


def _row(connection: psycopg.Connection[Any], statement: str, values: tuple[Any, ...] = ()) -> Any:
    from psycopg.rows import tuple_row

    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(statement, values).fetchone()
