"""Breaking a running process from outside with strace: kill it at a call of the system, or let the call fail.

strace counts calls for each thread and each call by itself, so a point is (call, number). Which points a scene has is
counted in a run without a fault.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.ledger.faults.server import CRASHED, REFUSED

ROOT = Path(__file__).parents[3]
WRITES = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "unlinkat", "ftruncate", "mkdir", "mkdirat",
)  # fmt: skip
_NAMES = ",".join(f"?{name}" for name in WRITES)  # `?`: some machines have not all of them
_CALL = re.compile(r"^(\d+) +(\w+)\(")


@dataclass(frozen=True, slots=True, order=True)
class Point:
    call: str
    number: int
    reads: bool = False  # nothing is written by it, so dying there is like dying at the write before

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it told before."""

    status: int
    told: list[dict[str, Any]]

    @property
    def killed(self) -> bool:
        return self.status == -9

    @property
    def done(self) -> bool:
        return self.status == 0

    @property
    def refused(self) -> str:
        """The sentence of the LedgerError, if there was one."""
        return str(self.told[-1].get("refused", "")) if self.status == REFUSED and self.told else ""

    @property
    def crashed(self) -> str:
        return str(self.told[-1].get("trace", "?")) if self.status == CRASHED and self.told else ""


def skip_loudly(reason: str) -> NoReturn:
    warnings.warn(f"NOT TESTED: {reason}", stacklevel=3)
    pytest.skip(reason)


@functools.cache
def missing() -> str:
    """Why strace cannot be used here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed, so no process was broken from outside"
    sleeper = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import ctypes,time; ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1)); time.sleep(20)",
        ]
    )
    try:
        tried = subprocess.Popen(
            ["strace", "-o", "/dev/null", "-p", str(sleeper.pid)], stderr=subprocess.PIPE, text=True
        )
        for _ in range(500):
            if _tracer(sleeper.pid) or tried.poll() is not None:
                break
            time.sleep(0.01)
        held = _tracer(sleeper.pid)
        tried.terminate()
        said = tried.communicate()[1]
        return "" if held else f"strace may not hold a process here ({said.strip()[-120:]})"
    finally:
        sleeper.kill()
        sleeper.wait()


def _tracer(pid: int) -> int:
    try:
        found = re.search(r"^TracerPid:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _all_held(pid: int) -> bool:
    try:
        return all(_tracer(int(task)) for task in os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return False


class Processes:
    """The forking process, and strace on what it forks."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.faults.server"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(30)
        assert self._server.stdout
        self._server.stdout.close()

    def _ask(self, **command: object) -> dict[str, Any]:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps(command) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer

    def run(self, scene: str, folder: Path, *strace: str, **more: object) -> Ended:
        """Run a scene to its end, under strace with these options (without any: by itself)."""
        log = folder.with_name(folder.name + ".log")
        log.unlink(missing_ok=True)
        pid = self._ask(do="start", scene=scene, folder=str(folder), log=str(log), more=more)["pid"]
        tracing = self._hold(pid, strace) if strace else None
        status = self._ask(do="go")["status"]
        if tracing is not None:
            tracing.wait(30)
        assert status != -14, f"scene {scene} {strace}: the process hung"
        told = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Ended(status, told)

    def begin(self, scene: str, folder: Path, log: Path, **more: object) -> int:
        """Start a scene and stop it where its fault would come. Gives the id of the process; `go` and `end` follow."""
        log.unlink(missing_ok=True)
        return int(self._ask(do="start", scene=scene, folder=str(folder), log=str(log), more=more)["pid"])

    def go(self) -> None:
        """Let it run on, and do not wait."""
        assert self._server.stdin
        self._server.stdin.write('{"do": "go"}\n')
        self._server.stdin.flush()

    def end(self, log: Path) -> Ended:
        assert self._server.stdout
        status = json.loads(self._server.stdout.readline())["status"]
        return Ended(status, [json.loads(line) for line in log.read_text().splitlines()])

    @staticmethod
    def _hold(pid: int, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
        tracing = subprocess.Popen(["strace", "-f", "-qq", *options, "-p", str(pid)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not _all_held(pid):
            assert tracing.poll() is None and time.monotonic() < end, f"strace {options} does not hold the process"
            time.sleep(0.001)
        return tracing

    def points(self, scene: str, folder: Path, **more: object) -> list[Point]:
        """Every point of a scene, by a run without a fault. A file that is opened for reading alone is a point too."""
        out = folder.with_name(folder.name + ".strace")
        ended = self.run(scene, folder, "-o", str(out), "-s", "0", "-e", f"trace={_NAMES}", **more)
        assert ended.done, ended
        counted: dict[str, Counter[str]] = {}
        reads: dict[Point, bool] = {}
        for line in out.read_text(errors="replace").splitlines():
            if found := _CALL.match(line):
                one = counted.setdefault(found[1], Counter())
                one[found[2]] += 1
                point = Point(found[2], one[found[2]])  # of two threads that have it, the one that may write counts
                reads[point] = reads.get(point, True) and found[2] == "openat" and "O_CREAT" not in line
        return [Point(p.call, p.number, read) for p, read in sorted(reads.items())]

    def kill_at(self, point: Point, scene: str, folder: Path, **more: object) -> Ended:
        return self._inject(point, f"signal=KILL:when={point.number}", scene, folder, more)

    def fail_at(self, point: Point, error: str, scene: str, folder: Path, on: bool = False, **more: object) -> Ended:
        """`on`: every call from there on fails too."""
        return self._inject(point, f"error={error}:when={point.number}{'+' if on else ''}", scene, folder, more)

    def _inject(self, point: Point, what: str, scene: str, folder: Path, more: dict[str, object]) -> Ended:
        return self.run(
            scene, folder, "-o", "/dev/null", "-s", "0",
            "-e", f"trace={point.call}", "-e", f"inject={point.call}:{what}", **more,
        )  # fmt: skip


def writes(points: list[Point]) -> list[Point]:
    return [point for point in points if not point.reads]


def sample(points: list[Point], count: int) -> list[Point]:
    """So many of them, evenly spread, the first and the last included."""
    if len(points) <= count:
        return points
    return [points[round(i * (len(points) - 1) / (count - 1))] for i in range(count)]
