"""Start the application: make what is missing, start the keeper of the ledger and the sender of messages, then the web server.

Keeper and sender are child processes, started again when they end. While there is no keeper nothing is recorded, and so
nothing is done.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from brightline.service.home import VARIABLE, Home

AGAIN_AFTER = 1.0  # seconds, before the keeper is started again
WAIT = 30.0  # seconds, at most, for the keeper's first answer
LET_GO = 10.0  # seconds, at most, until a keeper whose parent was killed has let go of the ledger
LOOK = 0.2  # seconds between two looks of a worker after its parent
THREADS, THREADS_OF_SEVERAL = 8, 2  # of a worker that is alone, and of each of several


class ServeError(Exception):
    """The application cannot be started; the message says why."""


def environment(home: Home, demo: bool, audit: Path | None) -> None:
    """Set what the settings read. Called before Django is set up."""
    os.environ[VARIABLE] = str(home.folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "brightline.service.settings"
    if demo:
        os.environ["BRIGHTLINE_DEMO"] = "1"
    if audit is not None:
        os.environ["BRIGHTLINE_AUDIT"] = str(audit.absolute())


def prepare(demo: bool = False) -> None:
    """Make the tables and the ledger, or bring them up to date; with invented requests when it is a demonstration."""
    import django
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    from brightline.service.look.catalogue import compile_words

    try:
        django.setup()
        compile_words()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        with _ledger():
            pass
        if demo:
            connections.close_all()
            with ProcessPoolExecutor(1, get_context("fork")) as apart:
                apart.submit(_fill).result()
    except DatabaseError as error:
        raise ServeError(f"the database cannot be used ({type(error).__name__}: {_first_line(error)})") from None
    except OSError as error:
        raise ServeError(f"the data folder cannot be used ({error.strerror}: {error.filename})") from None
    finally:
        # a worker is a fork of this process: it must not share a connection, and SQLite's locks would be lost with it
        connections.close_all()


def _fill() -> None:
    """Invent the requests of a demonstration, in a process of its own. Typst sets their letters with threads that no fork has:
    a worker forked from a process that had used them would wait for ever at the first letter that somebody signs."""
    from brightline.service.gate.demo import fill
    from brightline.service.record.keeper import Local, use

    with _ledger() as ledger:
        use(Local(ledger))
        fill()


def _ledger() -> Any:
    """The ledger; a keeper whose parent was killed needs a moment to let go of it."""
    from brightline.ledger import LedgerError
    from brightline.service.record.keeper import open_ledger

    end = time.monotonic() + LET_GO
    while True:
        try:
            return open_ledger()
        except LedgerError as error:
            if "another process" not in str(error) or time.monotonic() > end:
                raise ServeError(str(error)) from None
            time.sleep(0.1)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]


class Child:
    """A process beside the web server, kept running. It is told the number of this one, and ends with it."""

    def __init__(self, module: str) -> None:
        self._module, self._ended = module, threading.Event()
        self._starting = threading.Lock()  # so that none is started after `stop`
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True, name=f"watch over {module}").start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", self._module, str(os.getpid())])

    def _watch(self) -> None:
        while True:
            self._process.wait()
            self._ended.wait(AGAIN_AFTER)
            with self._starting:
                if self._ended.is_set():
                    return
                self._process = self._start()

    @property
    def over(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        with self._starting:
            self._ended.set()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _keeper(socket: Path) -> Child:
    """The keeper of the ledger, listening. Raises ServeError."""
    socket.unlink(missing_ok=True)
    keeper = Child("brightline.service.record.keep")
    end = time.monotonic() + WAIT
    while not socket.exists():
        if keeper.over or time.monotonic() > end:
            keeper.stop()
            raise ServeError("the ledger could not be opened, so the application was not started")
        time.sleep(0.02)
    return keeper


def serve(home: Home, host: str, port: int, workers: int) -> None:
    """Serve until interrupted. Raises ServeError."""
    from granian import Granian
    from granian.constants import Interfaces

    from brightline.service.record.keeper import ALONE

    _load()
    keeper = _keeper(home.socket)
    sender = Child("brightline.service.hooks.send")
    os.environ[ALONE] = "1"
    try:
        Granian(
            "brightline.service.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS if workers == 1 else THREADS_OF_SEVERAL,
            backpressure=256,
            websockets=False,
            respawn_failed_workers=True,
            log_enabled=True,
            log_level="warning",  # type: ignore[arg-type]
        ).serve(target_loader=_Load(os.getpid()))
    finally:
        sender.stop()
        keeper.stop()


def _load() -> Callable[..., Any]:
    """The application with the law, loaded once before the workers are forked: they share it, and start at once."""
    from brightline.service.gate.law import law
    from brightline.service.wsgi import application

    law()
    return application


class _Load:
    """Gives a worker the application. A worker ends when its parent is gone: nobody would start it again, or end it."""

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self, target: str) -> Callable[..., Any]:
        application = _load()
        threading.Thread(target=self._watch, daemon=True, name="watch after the parent").start()
        gc.collect()
        gc.freeze()  # what is loaded now stays: it need not be looked through for garbage again and again
        gc.set_threshold(20_000, 20, 20)
        return application

    def _watch(self) -> None:
        while os.getppid() == self.parent:
            time.sleep(LOOK)
        os._exit(1)  # as hard as the parent ended: what was not acknowledged is repeated by whoever asked
