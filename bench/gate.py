"""The gate under load: requests through the API of a real server, each in the ledger before it is answered.

Two phases for each database. At full speed `wrk` keeps a few connections busy; then requests come at a fixed rate, half of what
is wanted, whether or not the ones before were answered, and the time of each counts from the moment at which it was due (so a
stall is not hidden by the requests that it kept from being sent). Afterwards everything is counted: each request that was
answered with 201 must be once in the rows, once in the ledger and once in the events of the reports, and the ledger must be whole.
Server, database, ledger and the program that makes the load share the cores.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree, which

from measure import BUILD, Results, Table, Target, part

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.service.faults.stand import BODY, Postgres, Stand, children

SECONDS, QUICK_SECONDS = 20, 4
LINES = {"SQLite": 16, "PostgreSQL": 32}  # connections at full speed
WANTED = {"SQLite": 200, "PostgreSQL": 400}  # decisions a second
SENDERS = 48  # threads at a fixed rate: more than ever wait at once
P99 = 250.0  # milliseconds
_NUMBER = re.compile(rb'"number":"([^"]+)".*"index":(\d+)', re.DOTALL)
_SCRIPT = """
local file, sent = nil, 0
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
function init(args) file = io.open("%(told)s." .. id, "w") end
local body = [==[%(body)s]==]
local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer %(token)s"}
function request()
  sent = sent + 1
  headers["Idempotency-Key"] = "%(name)s-" .. id .. "-" .. sent
  return wrk.format("POST", "/api/requests", headers, body)
end
function response(status, headers, body)
  if status == 201 then
    file:write("201 ", body:match('"number":"([^"]+)"'), " ", body:match('"index":(%%d+)'), "\\n")
  else
    file:write(status, "\\n")
  end
  file:flush()
end
"""


@dataclass
class Load:
    """What came of one phase. Times in milliseconds."""

    seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    numbers: list[str] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    work: dict[str, float] = field(default_factory=dict)  # of processors, for each decision

    @property
    def rate(self) -> float:
        return self.answers[201] / self.seconds

    def at(self, share: float) -> float:
        return sorted(self.times)[min(len(self.times) - 1, int(share * len(self.times)))]


def main(quick: bool) -> Results:
    BUILD.mkdir(parents=True, exist_ok=True)
    seconds = QUICK_SECONDS if quick else SECONDS
    table = Table(
        "The gate under load",
        [
            "",
            "decisions/s",
            "processor ms each",
            "at rate/s",
            "p50 ms",
            "p99 ms",
            "max ms",
            "acknowledged",
            "lost or doubled",
        ],
    )
    targets = []
    for database, workers in (("SQLite", 1), ("SQLite", 2), ("PostgreSQL", 4)):
        name = f"{database}, {workers} worker{'s' if workers > 1 else ''}"
        with _stand(database, workers) as stand:
            if stand is None:
                table.notes.append("PostgreSQL is NOT INSTALLED and was not measured (scripts/postgres.sh)")
                continue
            full_speed(stand, "warm", 2, LINES[database])
            before = processors(stand)
            fast = full_speed(stand, "fast", seconds, LINES[database])
            fast.work = {n: (ms - before[n]) / fast.answers[201] for n, ms in processors(stand).items()}
            half = WANTED[database] // 2
            slow = fixed_rate(stand, "slow", seconds, half)
            warm = full_speed(stand, "last", 1, LINES[database])
            wrong = count(stand, [fast, slow, warm])
        table.row(
            name, f"{fast.rate:,.0f}", " + ".join(f"{ms:.1f}" for ms in fast.work.values()), half, *(f"{slow.at(s):.1f}" for s in (0.5, 0.99, 1)),
            f"{fast.answers[201] + slow.answers[201]:,}", wrong,
        )  # fmt: skip
        for load in (fast, slow):
            others = {status: n for status, n in load.answers.items() if status != 201}
            if others:
                table.notes.append(f"{name}: other answers than 201: {others}")
        if (database, workers) != ("SQLite", 2):
            targets += [
                Target(f"{name}, decisions a second", fast.rate, WANTED[database], True, "/s"),
                Target(f"{name}, p99 at {half}/s", slow.at(0.99), P99, False, "ms"),
                Target(f"{name}, acknowledged and lost or doubled", wrong, 0, False, ""),
            ]
    table.notes += [
        f"{seconds} s each; nine facts in a request; `POST /api/requests`, answered with the verdict and the index of the entry",
        "processor ms each: of the web workers, the keeper of the ledger and the database, at full speed",
        "at a fixed rate the time of a request counts from when it was due, also when the sender was late",
        f"load made by {'wrk' if which('wrk') else 'Python (wrk is NOT INSTALLED)'} on the same {os.cpu_count()} cores",
    ]
    return Results([table], targets)


@contextmanager
def _stand(database: str, workers: int) -> Iterator[Stand | None]:
    """A server with an installation of its own, on a disk: a sync in memory costs nothing."""
    folder = Path(tempfile.mkdtemp(prefix="gate-", dir=BUILD))
    postgres = None
    try:
        if database == "PostgreSQL":
            postgres = Postgres.make()
            if postgres is None:
                yield None
                return
        stand = Stand(folder / "home", postgres, workers)
        try:
            yield stand.start()
        finally:
            stand.stop()
    finally:
        if postgres is not None:
            postgres.remove()
        rmtree(folder, ignore_errors=True)


def full_speed(stand: Stand, name: str, seconds: float, lines: int) -> Load:
    """As many as the server takes, over this number of connections that never rest."""
    if which("wrk") is None:
        return _python(stand, name, seconds, lines, None)
    folder = Path(tempfile.mkdtemp(prefix="wrk-"))
    try:
        told = {"told": folder / "told", "body": json.dumps(BODY), "token": stand.token, "name": name}
        (folder / "load.lua").write_text(_SCRIPT % told)
        begun = time.perf_counter()
        subprocess.run(
            ["wrk", "-t1", f"-c{lines}", f"-d{seconds:g}s", "-s", str(folder / "load.lua"), f"http://127.0.0.1:{stand.port}"],
            check=True, stdout=subprocess.DEVNULL, timeout=seconds + 60,
        )  # fmt: skip
        made = Load(time.perf_counter() - begun)
        for line in (folder / "told.0").read_text().splitlines():
            status, *rest = line.split()
            made.answers[int(status)] += 1
            if rest:
                made.numbers.append(rest[0])
                made.indexes.append(int(rest[1]))
        return made
    finally:
        rmtree(folder, ignore_errors=True)


def processors(stand: Stand) -> dict[str, float]:
    """Milliseconds of processors that each part has used so far."""
    parts = {"web": stand.web(), "keeper": [stand.keeper()]}
    if stand.postgres is not None:
        first = int((stand.postgres.data / "postmaster.pid").read_text().split()[0])
        parts["database"] = [first, *children(first)]
    return {name: sum(map(_used, pids)) for name, pids in parts.items()}


def _used(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def fixed_rate(stand: Stand, name: str, seconds: float, rate: float) -> Load:
    """So many a second, whether or not the ones before were answered."""
    return _python(stand, name, seconds, SENDERS, rate)


def _python(stand: Stand, name: str, seconds: float, lines: int, rate: float | None) -> Load:
    made, guard, turn = Load(), threading.Lock(), itertools.count()
    body = json.dumps(BODY).encode()
    begun = time.perf_counter()

    def send() -> None:
        line = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=60)
        while True:
            with guard:
                n = next(turn)
            due = begun + n / rate if rate else time.perf_counter()
            if due >= begun + seconds:
                return
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            headers = {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {stand.token}",
                "Idempotency-Key": f"{name}-{n}",
            }
            line.request("POST", "/api/requests", body, headers)
            answer = line.getresponse()
            text = answer.read()
            took = (time.perf_counter() - due) * 1000
            with guard:
                made.answers[answer.status] += 1
                made.times.append(took)
                if answer.status == 201 and (found := _NUMBER.search(text)):
                    made.numbers.append(found[1].decode())
                    made.indexes.append(int(found[2]))

    senders = [threading.Thread(target=send) for _ in range(lines)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    made.seconds = time.perf_counter() - begun
    return made


def count(stand: Stand, loads: list[Load]) -> int:
    """How many acknowledged requests are not exactly once in rows, ledger and events; and every fault of the ledger."""
    from brightline.ledger.fsck import fsck

    stand.stop()
    ledger = stand.ledger()
    numbers = Counter(number for _, number, _ in stand.requests())
    recorded, events = Counter(ledger.values()), Counter(stand.events())
    wrong = stand.waiting()
    for load in loads:
        for number, index in zip(load.numbers, load.indexes, strict=True):
            once = numbers[number] == recorded[number] == events[number] == 1
            wrong += not (once and ledger.get(index) == number)
    acknowledged = Counter(n for load in loads for n in load.numbers)
    wrong += sum(n - 1 for n in acknowledged.values())
    wrong += sum((numbers - recorded).values()) + sum((recorded - numbers).values())
    problems = fsck(stand.folder / "ledger", payloads=True).problems
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(wrong) + len(problems)


if __name__ == "__main__":
    part(main)
