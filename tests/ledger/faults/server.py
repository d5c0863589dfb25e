"""A process that forks the processes we break: each has everything imported, and waits until strace holds it.

Run as `python -m tests.ledger.faults.server`. It reads commands (JSON lines) and answers each with one line:

    {"do": "start", "scene": NAME, "folder": FOLDER, "log": FILE, "more": {…}}  -> {"pid": …}
    {"do": "go"}                                                                -> {"status": …}

`start` forks, runs the part of the scene that is not under test, and stops before the rest. `go` lets it run to its end
and tells how it ended: as os.waitpid says, negative for a signal. A child that never ends is killed after `SECONDS`.
What the child has to tell (receipts it was given, what was published, the sentence of an error) goes into its log, by
writev, a call that is never broken.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

SECONDS = 60.0
REFUSED, CRASHED = 3, 4  # exit codes: a LedgerError; anything else


def _child(command: dict[str, object], ready: int, go: int) -> int:
    from brightline.ledger.errors import LedgerError
    from tests.ledger.faults import scenes

    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER_ANY: where only parents may trace
    log = os.open(str(command["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def tell(**what: object) -> None:
        os.writev(log, [json.dumps(what).encode() + b"\n"])

    def hold() -> None:
        os.write(ready, b"r")
        os.read(go, 1)

    try:
        scenes.run(str(command["scene"]), Path(str(command["folder"])), hold, tell, dict(command.get("more") or {}))  # type: ignore[call-overload]
    except LedgerError as error:
        tell(refused=str(error))
        return REFUSED
    except BaseException as error:
        import traceback

        tell(crashed=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
        return CRASHED
    tell(done=True)
    return 0


def main() -> None:
    from tests.ledger.faults import scenes

    scenes.warm()
    pid, going = 0, 0
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "start":
            (ready, told), (told_go, going) = os.pipe(), os.pipe()
            pid = os.fork()
            if not pid:
                os.close(ready)
                os.close(going)
                code = CRASHED
                try:
                    code = _child(command, told, told_go)
                finally:
                    os._exit(code)
            os.close(told)
            os.close(told_go)
            os.read(ready, 1)  # empty when the child ended before: then `go` tells how
            os.close(ready)
            answer = {"pid": pid}
        else:
            with contextlib.suppress(BrokenPipeError):  # the child has ended already
                os.write(going, b"g")
            os.close(going)
            answer = {"status": _wait(pid)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _wait(pid: int) -> int:
    end = time.monotonic() + SECONDS
    pause = 0.0005
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -signal.SIGALRM  # no scene ends so by itself: it hung


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    main()
