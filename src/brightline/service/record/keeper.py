"""The way to the ledger: one process keeps it open, all others ask that one over a socket in the data folder.

A ledger has one writer. Web workers are several processes, so the ledger lives in a process of its own (`keep`), and a
worker sends what it wants as JSON over a Unix socket that only the owner can open. Where there is no such process (tests,
commands), the ledger is opened here.
"""

from __future__ import annotations

import json
import os
import socket as sockets
import threading
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext

from brightline.ledger import Ledger, LedgerError
from brightline.ledger.verify_receipt import carrying

Item = tuple[str, str, dict[str, Any]]  # uid, kind, payload
ALONE = "BRIGHTLINE_KEEPER"  # set for web workers: the ledger is in another process, and is never opened here
PATIENCE = 15.0  # seconds, at most, for an answer of the keeper


class KeeperError(Exception):
    """The ledger cannot be reached, or takes nothing more; the message is a sentence."""


class Unconfirmed(KeeperError):
    """The rows are committed and their record waits in the outbox: it was done, and the ledger has not confirmed it yet."""


class Unrecordable(KeeperError):
    """What is to be recorded can never be an entry of a ledger; nothing was done."""


class Full(KeeperError):
    """The disk of the ledger is full, so nothing new is taken; nothing was done."""


class Keeper(Protocol):
    """What others may ask of the ledger."""

    def append(self, items: Sequence[Item]) -> list[int]: ...
    def receipt(self, index: int, fields: Sequence[str] | None) -> str: ...
    def shown(self, index: int) -> dict[str, Any] | None: ...
    def erase(self, index: int, fields: Sequence[str] | None, basis: str) -> int: ...
    def hold(self, index: int, basis: str) -> int: ...
    def release(self, index: int, basis: str) -> int: ...
    def checkpoint(self) -> str: ...
    def ready(self) -> str: ...


class Local:
    """The ledger, opened in this process."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def append(self, items: Sequence[Item]) -> list[int]:
        """The indexes of these records, durable. A record that was appended before keeps its index."""
        receipts = self.ledger.append_many(
            [(kind, payload) for _, kind, payload in items], keys=[uid for uid, _, _ in items]
        )
        return [r.index for r in receipts]

    def receipt(self, index: int, fields: Sequence[str] | None) -> str:
        """A receipt file: the entry's proof, and these fields of it (None: all; empty: none)."""
        shown = self.ledger.disclose(index, fields) if fields is None or fields else None
        return carrying(self.ledger.receipt(index), self.ledger.key.vkey, shown).encode().decode()

    def shown(self, index: int) -> dict[str, Any] | None:
        """The fields of a record that are not erased; None when nothing is left."""
        try:
            return dict(self.ledger.disclose(index).payload)
        except LedgerError:
            return None

    def erase(self, index: int, fields: Sequence[str] | None, basis: str) -> int:
        return self.ledger.erase(index, fields, basis=basis).index

    def hold(self, index: int, basis: str) -> int:
        return self.ledger.hold(index, basis).index

    def release(self, index: int, basis: str) -> int:
        return self.ledger.release(index, basis).index

    def checkpoint(self) -> str:
        return self.ledger.checkpoint.encode().decode()

    def ready(self) -> str:
        """Why nothing can be written; empty when all is well."""
        floor = int(self.ledger.store.word("floor") or 0)
        if floor and self.ledger.disk.free(self.ledger.folder) < floor:
            return f"less than {floor / 2**20:,.0f} MiB are free on the disk of the ledger; make room there"
        return self.ledger.refusal or self.ledger.stopped or ""


CALLS = frozenset(name for name in vars(Keeper) if not name.startswith("_"))


class Remote:
    """The keeper in its own process. Each thread has a connection of its own; one that broke is made anew at the next call."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._mine = threading.local()

    def _ask(self, call: str, *arguments: Any) -> Any:
        """The keeper's answer. A call is made twice when its connection broke: what was appended keeps its index by its uid."""
        message = json.dumps([call, *arguments]).encode()
        answer = self._sent(message) or self._sent(message)
        if answer is None:
            raise KeeperError(
                gettext("the ledger cannot be reached, so nothing can be recorded now; try again in a minute")
            )
        if "error" in answer:
            raise KeeperError(answer["error"])
        return answer["value"]

    def _sent(self, message: bytes) -> dict[str, Any] | None:
        """None when the connection broke. After a silence it is given up: a late answer must not be taken for the next one."""
        connection: Connection | None = getattr(self._mine, "connection", None)
        self._mine.connection = None
        try:
            if connection is None:
                connection = Client(str(self._socket), "AF_UNIX")
            connection.send_bytes(message)
            if not connection.poll(PATIENCE):
                connection.close()
                raise KeeperError(
                    gettext("the ledger does not answer, so nothing can be recorded now; try again in a minute")
                )
            answer: dict[str, Any] = json.loads(connection.recv_bytes())
        except (OSError, EOFError):
            if connection is not None:
                connection.close()
            return None
        self._mine.connection = connection
        return answer

    def append(self, items: Sequence[Item]) -> list[int]:
        return list(self._ask("append", list(items)))

    def receipt(self, index: int, fields: Sequence[str] | None) -> str:
        return str(self._ask("receipt", index, None if fields is None else list(fields)))

    def shown(self, index: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._ask("shown", index)
        return found

    def erase(self, index: int, fields: Sequence[str] | None, basis: str) -> int:
        return int(self._ask("erase", index, None if fields is None else list(fields), basis))

    def hold(self, index: int, basis: str) -> int:
        return int(self._ask("hold", index, basis))

    def release(self, index: int, basis: str) -> int:
        return int(self._ask("release", index, basis))

    def checkpoint(self) -> str:
        return str(self._ask("checkpoint"))

    def ready(self) -> str:
        return str(self._ask("ready"))


_keeper: Keeper | None = None
_making = threading.Lock()


def keeper() -> Keeper:
    """The keeper of this process: the one at the socket, or the ledger opened here where nobody listens."""
    global _keeper
    if _keeper is None:
        with _making:
            if _keeper is None:
                _keeper = _found()
    return _keeper


def _found() -> Keeper:
    from brightline.service.home import home

    here = home()
    if os.environ.get(ALONE) or _listens(here.socket):
        return Remote(here.socket)
    try:
        return Local(open_ledger())
    except LedgerError as error:
        raise KeeperError(str(error)) from None


def _listens(socket: Path) -> bool:
    """Whether a keeper is there; the file of a socket also stays when its process was killed."""
    with sockets.socket(sockets.AF_UNIX) as line:
        try:
            line.connect(str(socket))
        except OSError:
            return False
    return True


def open_ledger() -> Ledger:
    """The ledger of this installation, made when there is none."""
    from brightline.service.home import home

    here = home().made()
    if not (here.ledger / "keys").exists():
        import uuid

        Ledger.create(here.ledger, f"brightline.local/{uuid.uuid4()}").close()
    return Ledger.open(here.ledger)


def use(keeper: Keeper | None) -> None:
    """Set the keeper of this process; None forgets it, so that the next call looks again."""
    global _keeper
    _keeper = keeper
