"""The process that keeps the ledger: it listens on a socket in the data folder, and is the ledger's one writer.

Each connection has a thread; the ledger commits what several hand over at once in one transaction. A thread of its own
notes the indexes in the application's rows, several times a second, all of them in one transaction, hands over what a worker
could not, and publishes the ledger every hour. The process ends itself when the ledger has stopped after a fault (whoever started it starts it again, and
opening it anew is the mend), and when the one that started it is gone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from brightline.ledger import Ledger, LedgerError
from brightline.service.record.keeper import CALLS, KeeperError, Local, open_ledger, use

EVERY = 0.1  # seconds between two looks at what is to be noted
SWEEP = 20  # looks, from one search for what a worker could not hand over to the next
LATE = 5.0  # seconds after which a record without an index is one of those
PUBLISH = 36_000  # looks, from one publication to the next: an hour
MOST_NOTED = 400
log = logging.getLogger("brightline.keeper")


class Notes:
    """Indexes that the application's rows do not know yet."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._pairs: dict[str, int] = {}

    def add(self, uids: list[str], indexes: list[int]) -> None:
        with self._guard:
            self._pairs.update(zip(uids, indexes, strict=True))

    def flush(self) -> None:
        from brightline.service.record.write import settle

        while self._pairs:
            with self._guard:
                some = dict(list(self._pairs.items())[:MOST_NOTED])
            settle(some)
            with self._guard:
                for uid in some:
                    self._pairs.pop(uid, None)


class House:
    """What is to be done beside answering, in a thread of its own, until `ended`."""

    def __init__(self, ledger: Ledger, notes: Notes, parent: int | None) -> None:
        self.ledger, self.notes, self.parent = ledger, notes, parent
        self.ended = threading.Event()

    def keep(self) -> None:
        looks = 0
        while not self.ended.wait(EVERY):
            if self.ledger.stopped or (self.parent is not None and os.getppid() != self.parent):
                os.kill(os.getpid(), signal.SIGTERM)
                return
            looks += 1
            self.note(LATE if looks % SWEEP == 0 else None)
            if looks % PUBLISH == 0:
                self.publish()

    def publish(self) -> None:
        """Write what everybody may read into the ledger's folder: what is published can be caught up with after a loss."""
        try:
            if self.ledger.size:
                self.ledger.publish()
        except LedgerError as error:
            log.warning("the ledger could not be published: %s", error)

    def note(self, older: float | None = None) -> None:
        """Note the indexes, and hand over what waits for longer than this (seconds). What fails is done at the next look: rows are found by their uid."""
        from django.db import connection

        from brightline.service.record.write import drain

        try:
            self.notes.flush()
            if older is not None and not Local(self.ledger).ready():
                drain(older)
        except KeeperError as error:
            log.warning("%s", error)
        except Exception as error:  # of the database: a connection that broke is made anew
            log.warning("indexes could not be noted: %s", type(error).__name__)
            with contextlib.suppress(Exception):
                connection.close()
            self.ended.wait(1)


def keep(socket: Path, parent: int | None = None) -> None:
    """Keep the ledger until SIGTERM, or until its `parent` is gone. Raises LedgerError when it cannot be opened."""
    from brightline.service.record.write import drain

    ledger = open_ledger()
    local = Local(ledger)
    use(local)
    with ledger:
        house = House(ledger, Notes(), parent)
        if not local.ready():
            try:
                drain()
            except Exception as error:  # the house does it later
                log.warning("the outbox could not be emptied: %s", type(error).__name__)
        socket.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listener = Listener(str(socket), "AF_UNIX", backlog=128)
        finally:
            os.umask(before)

        def end(*_: object) -> None:
            house.ended.set()
            listener.close()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the first one ends this one
        thread = threading.Thread(target=house.keep, daemon=True, name="house")
        thread.start()
        while not house.ended.is_set():
            try:
                threading.Thread(target=_serve, args=(listener.accept(), local, house.notes), daemon=True).start()
            except (OSError, RuntimeError) as error:  # ended; or too many files or threads, which passes
                if not house.ended.is_set():
                    log.warning("a connection could not be taken: %s", type(error).__name__)
                    time.sleep(EVERY)
        socket.unlink(missing_ok=True)
        thread.join(5)
        house.note(0.0)  # the web server has ended: what it had no time to hand over is handed over now


def _serve(connection: Connection, local: Local, notes: Notes) -> None:
    with connection, contextlib.suppress(OSError, EOFError):
        while True:
            connection.send_bytes(json.dumps(_answer(json.loads(connection.recv_bytes()), local, notes)).encode())


def _answer(message: list[Any], local: Local, notes: Notes) -> dict[str, Any]:
    call, *arguments = message
    if call not in CALLS:
        return {"error": "the keeper knows no such call"}
    try:
        value = getattr(local, call)(*arguments)
    except LedgerError as error:
        return {"error": str(error)}
    except Exception as error:
        log.error("a call of the keeper failed: %s", type(error).__name__)
        return {"error": "the ledger could not do this; look at its log"}
    if call == "append":
        notes.add([uid for uid, _, _ in arguments[0]], value)
    return {"value": value}


def main() -> None:
    """The entry of the process: `python -m brightline.service.record.keep [PID of the parent]`."""
    import django

    from brightline.service.home import home

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brightline.service.settings")
    django.setup()
    try:
        keep(home().socket, int(sys.argv[1]) if len(sys.argv) > 1 else None)
    except LedgerError as error:
        sys.exit(f"brightline: {error}")


if __name__ == "__main__":
    main()
