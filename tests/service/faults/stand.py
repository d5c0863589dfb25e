"""A whole application to be loaded and broken: `brightline serve` in processes of its own, on SQLite or on PostgreSQL.

The tests of faults and the benchmark of the gate use it. Everybody in it is invented.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.postgres import _as_user, _program

READY = 60.0  # seconds, at most, until a server is ready
BODY: dict[str, Any] = {
    "received_at": "2025-03-14T11:00:00-04:00",
    "channel": "email",
    "asked": ["share_personal_information"],
    "office": {"actor": "ice_hsi", "name": "HSI Example Office (invented)"},
    "words": {"asked": "all records on the person", "purpose": "money laundering"},
    "subject": {"name": "Pat Invented", "born": "1990-01-01"},
    "facts": {
        "request": {"value": "information_request", "basis": "verified", "shown_by": "the e-mail"},
        "stated_purpose": {"value": "other_criminal", "shown_by": "the requester: money laundering"},
        "civil_immigration_purpose": {"value": False, "shown_by": "the requester"},
        "offense_enforced": {"value": "other_offense", "shown_by": "the requester"},
        "crime_investigation": {"value": True, "shown_by": "the requester"},
        "federal_immigration_authority": {"value": True, "basis": "verified", "shown_by": "the requester's agency"},
        "nonlocal_law_enforcement": {"value": True, "basis": "verified", "shown_by": "the requester's agency"},
        "identifying_information": {"value": True, "basis": "verified", "shown_by": "the request"},
        "by_or_to_police": {"value": True, "basis": "verified", "shown_by": "the police are asked"},
    },
}
_PEOPLE = """
import django; django.setup()
from brightline.service.people.models import Agency, Person, Role, Token
agency = Agency.objects.create(name="Example City Police (invented)", actor="nypd", packs=["us-ny-nyc"])
person = Person.objects.create_user("officer@example.org", name="Ada Example (invented)", agency=agency, role=Role.OFFICER)
print(Token.make(person, "load", ["receive", "read"])[1])
"""
_EVENTS = """
import django, json; django.setup()
from brightline.service.gate.events import event
from brightline.service.gate.models import Request
found = Request.objects.select_related("agency", "office", "task_force").prefetch_related("papers").order_by("id")
print(json.dumps([event(r).number for r in found]))
"""
_REQUESTS = "SELECT key, number, uid FROM gate_request ORDER BY id"
_ENTRIES = """SELECT about, "index", payload IS NULL FROM record_entry WHERE what = 'receive' ORDER BY id"""
_WAITING = """SELECT count(*) FROM record_entry WHERE "index" IS NULL"""


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@dataclass
class Postgres:
    """A server of its own in a folder, as durable as PostgreSQL is unless told otherwise."""

    folder: Path
    options: str = ""
    port: int = field(default_factory=free_port)

    @classmethod
    def make(cls, folder: Path | None = None, options: str = "") -> Postgres | None:
        """None where there is no PostgreSQL."""
        initdb = _program("initdb")
        if initdb is None:
            return None
        made = cls(folder or Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), options)
        if os.geteuid() == 0:
            shutil.chown(made.folder, "postgres")
        made._run(initdb, "-D", str(made.data), "-k", "-A", "trust", "-U", "brightline", "-E", "UTF8")
        made.start()
        return made

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgres://brightline@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it; it recovers by itself after a crash."""
        # a socket outlives its server for a moment, and -w waits until the database can be used
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c shared_buffers=64MB {self.options}"
        self._control("-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._control("-m", mode, "-w", "stop")

    def kill(self) -> None:
        """Kill -9 of the server and of everything it has started."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        every = [first, *children(first)]
        for pid in every:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not any(lives(pid) for pid in every), "the database to be gone")
        # they name a process that may still be listed, as one that nobody has waited for
        for lock in (self.data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink(missing_ok=True)

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        self._run(str(_program("pg_ctl")), "-D", str(self.data), *arguments)

    def _run(self, *command: str) -> None:
        subprocess.run(
            _as_user(*command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder
        )


class Stand:
    """One installation and its server."""

    def __init__(self, folder: Path, postgres: Postgres | None = None, workers: int | None = None) -> None:
        self.folder, self.postgres, self.workers = folder, postgres, workers
        self.port = free_port()
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder.with_name(f"{folder.name}.log")

    @property
    def environment(self) -> dict[str, str]:
        told = {n: v for n, v in os.environ.items() if not n.startswith(("BRIGHTLINE_", "DJANGO_", "DATABASE_"))}
        told |= {"BRIGHTLINE_HOME": str(self.folder), "DJANGO_SETTINGS_MODULE": "brightline.service.settings"}
        return told | ({"DATABASE_URL": self.postgres.url} if self.postgres else {})

    def start(self, ready: bool = True) -> Stand:
        command = [str(Path(sys.executable).with_name("brightline")), "serve", "--port", str(self.port)]
        command += ["--data", str(self.folder), *(["--workers", str(self.workers)] if self.workers else [])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=self.folder.parent
            )
        if ready:
            until(self.ready, "the server to be ready", self)
            if not self.token:
                self.token = self.python(_PEOPLE).strip()
        return self

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server has ended:\n{self.log.read_text()[-2000:]}"
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """Kill -9 of everything: the whole group of processes."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def keeper(self) -> int:
        """The process that keeps the ledger."""
        assert self.process is not None
        return next(p for p in children(self.process.pid) if b"record.keep" in _command(p))

    def web(self) -> list[int]:
        """The workers."""
        assert self.process is not None
        beside = (b"record.keep", b"hooks.send")
        return [p for p in children(self.process.pid) if not any(name in _command(p) for name in beside)]

    def python(self, code: str) -> str:
        """Run this in a process with the settings of the installation."""
        ran = subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def get(self, path: str, seconds: float = 20) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def query(self, statement: str) -> list[Any]:
        """Ask the database itself, past the application."""
        if self.postgres is not None:
            import psycopg

            with psycopg.connect(self.postgres.url) as db:
                return db.execute(statement).fetchall()
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/brightline.sqlite3?mode=ro", uri=True)) as db:
            return db.execute(statement).fetchall()

    def requests(self) -> list[tuple[str, str, str]]:
        """Key, number and uid of each request."""
        return [(key, number, str(UUID(str(uid)))) for key, number, uid in self.query(_REQUESTS)]

    def entries(self) -> list[tuple[str, int | None, bool]]:
        """Of each record of a receipt: the uid of its request, its index, and whether its payload is gone."""
        return [(about, index, bool(gone)) for about, index, gone in self.query(_ENTRIES)]

    def waiting(self) -> int:
        """Records in the outbox."""
        return int(self.query(_WAITING)[0][0])

    def events(self) -> list[str]:
        """The numbers of all events that a report could count."""
        found: list[str] = json.loads(self.python(_EVENTS))
        return found

    def ledger(self) -> dict[int, str]:
        """Every entry of the ledger that tells of a request that was received: index and number. Also while it is served."""
        from brightline.ledger import Ledger

        found = {}
        with Ledger.open(self.folder / "ledger", read_only=True) as ledger:
            for index in range(ledger.size):
                told = dict(ledger.disclose(index).payload)
                if "received" in told and "request" in told:
                    found[index] = str(told["request"])
        return found


def until(true: Any, what: str, stand: Stand | None = None, seconds: float = READY) -> None:
    """Wait for something that happens outside; a test that waits in vain says for what."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}\n{stand.log.read_text()[-2000:] if stand else ''}")
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """The processes that this one has started, and that live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                told = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(told[1]) == pid and told[0] != "Z":
                    found.append(int(folder.name))
    return sorted(found)


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def lives(pid: int) -> bool:
    """Whether this process runs; one that has ended and that nobody has waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
