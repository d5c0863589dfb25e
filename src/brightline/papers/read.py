"""Has a paper read by a worker process that can do nothing else, and says in a sentence why a paper was refused."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Timer
from typing import IO, Any

from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.limits import MOST_ANSWER, MOST_BYTES, MOST_PICTURES, OCR_SECONDS, WALL_SECONDS
from brightline.papers.reading import Reading

_MOST_WORDS = 4_000_000  # bytes of Tesseract's table for one page
_LONGEST = 150.0  # seconds for one paper with all its pictures

# The worker is started without the rest of Brightline, which it must not need and which takes a second to import.
_START = (
    "import sys,types;p=types.ModuleType('brightline');p.__path__=[sys.argv.pop(1)];sys.modules['brightline']=p;"
    "from brightline.papers.worker import main;main()"
)
_PACKAGE = str(Path(__file__).parents[1])


def read_paper(data: bytes, name: str) -> Reading:
    """Read one paper: an e-mail file, a PDF, a PNG or JPEG image of a page, or plain text.

    `name` is only carried along; the content decides what the file is. At most 25 MB. Pages that are pictures are read
    if the program `tesseract` is on the path. Raises PaperError, one sentence, for whatever is refused, broken,
    too large, or brought the worker down. Takes up to 40 seconds, and with pictures up to 150.
    """
    if not data:
        raise PaperError("the file is empty: ask the sender for it again")
    if len(data) > MOST_BYTES:
        raise PaperError(
            f"the file has {len(data) / 1e6:.0f} MB, and at most {MOST_BYTES // 1_000_000} MB are read: send only the "
            "pages of the request, or scan them in grey at 300 dots an inch"
        )
    end = time.monotonic() + _LONGEST
    tesseract = shutil.which("tesseract")
    answer = _ask(data, name, pictures=tesseract is not None, texts=None)
    if tesseract is not None and "pictures" in answer:
        texts = [_words(picture, tesseract, end) for picture in _pictures(answer["pictures"])]
        answer = _ask(data, name, pictures=False, texts=texts)
    if not isinstance(answer.get("reading"), dict):
        raise PaperError(_BROKEN)
    return Reading.from_json(answer["reading"])


def can_read_pictures() -> bool:
    """Is Tesseract there, so that scans and images can be read?"""
    return shutil.which("tesseract") is not None


_BROKEN = (
    "the file brought the program that reads papers down, so it was not read: it is damaged or made to do harm. "
    "Ask the sender for a fresh PDF, or print it and scan the pages"
)
_SLOW = (
    "reading the file took too long and was stopped: it is damaged, far too complex, or made to do harm. "
    "Print the pages that matter and scan them"
)


def _ask(data: bytes, name: str, *, pictures: bool, texts: list[str | None] | None) -> dict[str, Any]:
    """One run of the worker on the whole file; a refusal comes back as PaperError."""
    head = json.dumps({"name": name, "pictures": pictures, "texts": texts}).encode() + b"\n"
    out = _run([], head + data, WALL_SECONDS, MOST_ANSWER)
    try:
        answer = json.loads(out)
    except (ValueError, RecursionError):
        raise PaperError(_BROKEN) from None
    if not isinstance(answer, dict):
        raise PaperError(_BROKEN)
    if isinstance(answer.get("refused"), str):
        raise (DangerousPaper if answer.get("danger") is True else PaperError)(answer["refused"])
    return answer


def _pictures(answered: object) -> list[bytes]:
    """The pictures that the worker wants read; what is no picture is left out by never being a PNG."""
    if not isinstance(answered, list) or not all(isinstance(p, str) for p in answered):
        raise PaperError(_BROKEN)
    return [base64.b64decode(p) for p in answered[:MOST_PICTURES]]


def _words(picture: bytes, tesseract: str, end: float) -> str | None:
    """What Tesseract sees on one picture, as its table of words; None if it did not manage."""
    left = min(OCR_SECONDS, end - time.monotonic())
    if left <= 0 or not picture.startswith(b"\x89PNG"):
        return None
    with contextlib.suppress(PaperError):
        return _run(["--tesseract", tesseract], picture, left, _MOST_WORDS).decode("utf-8", "replace")
    return None


def _run(arguments: list[str], given: bytes, seconds: float, most: int) -> bytes:
    """Start a worker, give it the bytes, and take at most `most` bytes of answer within the seconds."""
    try:
        with tempfile.TemporaryDirectory(prefix="brightline-paper-") as empty, _in_memory(given) as stdin:
            return _watched(arguments, stdin, empty, seconds, most)
    except OSError:
        raise PaperError(
            "the program that reads papers could not be started: is there room in the folder for temporary files?"
        ) from None


def _in_memory(given: bytes) -> IO[bytes]:
    """The paper as a file that is on no disk, where the system has such files."""
    where = getattr(os, "memfd_create", None)
    file: IO[bytes] = os.fdopen(where("paper"), "w+b") if where else tempfile.TemporaryFile()  # noqa: SIM115
    file.write(given)
    file.seek(0)
    return file


def _watched(arguments: list[str], stdin: IO[bytes], empty: str, seconds: float, most: int) -> bytes:
    worker = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", _START, _PACKAGE, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd=empty,
        start_new_session=True,
    )
    assert worker.stdout is not None
    late = False

    def stop() -> None:
        nonlocal late
        late = True
        _kill(worker)

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        out = worker.stdout.read(most + 1)
        if len(out) > most:
            _kill(worker)
        code = worker.wait()
    finally:
        timer.cancel()
        _kill(worker)
        worker.wait()
        worker.stdout.close()
    if late or code == -signal.SIGXCPU:
        raise PaperError(_SLOW)
    if code != 0 or len(out) > most:
        raise PaperError(_BROKEN)
    return out


def _kill(worker: subprocess.Popen[bytes]) -> None:
    # Only while the worker has not been waited for: afterwards its number may belong to somebody else.
    if worker.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
