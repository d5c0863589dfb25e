"""Write a step: its rows and its record together, and the record in the ledger before anybody is answered.

    with recording() as record:
        request.save()
        record("decision", "propose", request.uid, {...})

The rows and the outbox row commit together or not at all; then the record goes to the ledger. When that fails the rows stay,
whoever asked is told so (`Unconfirmed`), and the keeper finishes it with `drain`: the uid makes sure that nothing is written
twice. While the ledger takes nothing, no step begins: it is asked first, until it is well again.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.ledger import LedgerError
from brightline.ledger.canonical import canonical
from brightline.service.record.keeper import Full, KeeperError, Unconfirmed, Unrecordable, keeper
from brightline.service.record.models import Entry

Record = Callable[[str, str, object, dict[str, Any]], Entry]
MOST = 500  # records that are handed over together when the outbox is drained
MOST_TEXT = 1_000_000  # characters of a payload
LONG_NUMBER = re.compile(r"\d{16}")
log = logging.getLogger("brightline.record")
# SQLite has one writer. Threads that wait here are served in turn, where its own busy handler would sleep and guess.
_turn = threading.Lock()
_doubt = True  # nothing was handed over yet, or the last time failed: the ledger is asked before a step begins


@contextmanager
def recording() -> Iterator[Record]:
    """A transaction whose records are in the ledger when the block has ended. Not to be nested.

    Raises Unconfirmed when the rows are kept and the ledger has not confirmed them, and KeeperError when nothing was done.
    """
    made: list[Entry] = []

    def record(kind: str, what: str, about: object, payload: dict[str, Any]) -> Entry:
        must_fit(payload)
        entry = Entry(uid=uuid.uuid4(), kind=kind, what=what, about=str(about), payload=payload)
        made.append(entry)
        return entry

    _must_be_ready()
    with _turn if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        _commit_without_waiting()
        yield record
        Entry.objects.bulk_create(made)
    _wait_for_the_disk()
    if made:
        hand_over(made)


def _commit_without_waiting() -> None:
    """PostgreSQL holds a row's lock until the disk has the commit. Requests wait for one row, which counts their numbers, so
    their commits would reach the disk one after the other. Without waiting the lock goes at once, and they go together."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def _wait_for_the_disk() -> None:
    """Until what was committed is on the disk. The log is written in order, so a message of no content that is written after
    it and waited for (the session's own `synchronous_commit`) brings it there. Raises Unconfirmed."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'brightline', '')")
    except DatabaseError:
        raise Unconfirmed(
            _(
                "the database ended while this was saved, so nobody can say yet whether it was; load the page again, and look"
            )
        ) from None


def _must_be_ready() -> None:
    global _doubt
    if _doubt:
        if why := keeper().ready():
            raise Full(why) if "make room" in why else KeeperError(why)
        _doubt = False


def must_fit(payload: dict[str, Any]) -> None:
    """Raise Unrecordable for what the ledger or PostgreSQL can never keep: it would wait in the outbox for ever."""
    text = json.dumps(payload, ensure_ascii=False)
    try:
        if len(text) > MOST_TEXT:
            said = _("it has {n} characters, and at most {most} fit")
            raise LedgerError(said.format(n=f"{len(text):,}", most=f"{MOST_TEXT:,}"))
        if "\\u0000" in text:
            raise LedgerError(_("it has a character (U+0000) that no text may have"))
        text.encode()
        if LONG_NUMBER.search(text) or "NaN" in text or "Infinity" in text or text.count("[") + text.count("{") > 60:
            for name, value in payload.items():
                canonical(name, value)
    except (LedgerError, UnicodeEncodeError) as error:
        why = _("it has text that is no proper Unicode") if isinstance(error, UnicodeEncodeError) else error
        raise Unrecordable(_("this cannot be recorded, so it was not done: {why}").format(why=why)) from None


def hand_over(entries: list[Entry]) -> None:
    """Give these records to the ledger, and keep their indexes in mind. The rows learn of them by `settle`.

    Raises Unconfirmed; the keeper then hands them over later.
    """
    global _doubt
    items = [(str(e.uid), e.kind, e.payload or {}) for e in entries]
    try:
        indexes = keeper().append(items)
    except (KeeperError, LedgerError) as error:
        _doubt = True
        raise Unconfirmed(
            _(
                "this was saved, but the ledger has not confirmed it yet ({why}); it will be recorded as soon as that is "
                "possible: load the page again before you repeat anything, and let a program repeat it with the same key"
            ).format(why=error)
        ) from None
    for entry, index in zip(entries, indexes, strict=True):
        entry.index = index


def make_sure(about: object) -> None:
    """Make sure that every record about this is in the ledger, before it is answered for again. Raises Unconfirmed."""
    for entry in Entry.objects.filter(about=str(about), index=None).order_by("id"):
        hand_over([entry])  # one by one: some may be in the ledger, and not noted yet


def settle(pairs: dict[str, int]) -> None:
    """Note the indexes in the outbox, and let go of the payloads there."""
    uid = Entry._meta.get_field("uid")
    values = [(index, uid.get_db_prep_value(uuid.UUID(u), connection)) for u, index in sorted(pairs.items())]
    name = connection.ops.quote_name
    statement = (
        f"UPDATE {name(Entry._meta.db_table)} SET {name('index')} = %s, {name('payload')} = NULL "
        f"WHERE {name('uid')} = %s AND {name('index')} IS NULL"
    )
    with _turn if connection.vendor == "sqlite" else nullcontext(), transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, values)


def drain(older: float = 0.0) -> int:
    """Hand over every record that has no index yet and is older than this, in seconds. Returns how many were handed over.

    As after a crash, or when the ledger could not be reached. A record that the ledger refuses for ever stays, and is in the
    log. Raises Unconfirmed when the ledger takes nothing at all.
    """
    until, after, done = timezone.now() - timedelta(seconds=older), 0, 0
    while waiting := list(Entry.objects.filter(index=None, id__gt=after, at__lte=until).order_by("id")[:MOST]):
        after = waiting[-1].pk
        try:
            hand_over(waiting)
        except Unconfirmed:  # perhaps some are in the ledger and some not, which it takes for a mistake
            for entry in waiting:
                _hand_over_alone(entry)
        settle({str(e.uid): e.index for e in waiting if e.index is not None})
        done += sum(e.index is not None for e in waiting)
    return done


def _hand_over_alone(entry: Entry) -> None:
    try:
        hand_over([entry])
    except Unconfirmed:
        if keeper().ready():
            raise
        log.error("the ledger refuses the record %s (%s)", entry.uid, entry.what)
