"""The worker process: it reads, it can do nothing else, and if it falls that is a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from brightline.papers import PaperError, Reading, read, read_paper
from brightline.papers.open import open_paper
from brightline.papers.understand import understand
from tests.papers.made import Made, hard_cases, text_papers

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux's")


@pytest.mark.parametrize("form", ["text", "pdf", "form", "email"])
def test_it_reads_through_the_worker(form: str) -> None:
    made = next(m for m in text_papers() if m.form == form and m.kind == "i247a")
    reading = read_paper(made.data, "paper")
    assert reading.foremost().kind == "i247a"
    assert made.person is not None
    assert made.person.name in reading.foremost().values("subject_name")


@pytest.mark.long
@pytest.mark.parametrize("paper", [*text_papers(), *hard_cases()], ids=lambda m: m.name)
def test_the_worker_reads_what_the_functions_read(paper: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that loads a part of itself late would fail in the worker only."""
    monkeypatch.setattr(read.shutil, "which", lambda _: None)
    assert read_paper(paper.data, paper.name) == understand(open_paper(paper.data, paper.name))


def test_a_reading_goes_to_json_and_back() -> None:
    reading = read_paper(text_papers()[6].data, "paper.eml")
    assert reading.papers
    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading


def test_json_of_another_shape_is_refused() -> None:
    with pytest.raises(PaperError, match="not a stored reading"):
        Reading.from_json({"kind": "judicial_warrant"})


def test_importing_the_room_imports_no_reader() -> None:
    """Only the worker may load the libraries that open papers."""
    code = (
        "import sys,types;p=types.ModuleType('brightline');p.__path__=[sys.argv[1]];sys.modules['brightline']=p;"
        "import brightline.papers;print([m for m in ('pypdf','pypdfium2','PIL','pydantic','email') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-I", "-c", code, read._PACKAGE], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# --- what it cannot do ------------------------------------------------------------------------------

TRIES = """
import json, os, socket, subprocess, sys
from brightline.papers.sandbox import confine
out = {}
def attempt(name, what):
    try:
        what(); out[name] = "done"
    except BaseException as error:
        out[name] = type(error).__name__
if __name__ == "__main__":
    confine(may_open=MAY_OPEN)
    attempt("open", lambda: open("/etc/passwd").read())
    attempt("write", lambda: os.write(os.open(NAME, os.O_CREAT | os.O_WRONLY), b"x"))
    attempt("socket", lambda: socket.socket())
    attempt("fork", lambda: os._exit(0) if os.fork() == 0 else None)
    attempt("spawn", lambda: subprocess.run(["/bin/true"]))
    attempt("exec", lambda: os.execv("/no/such/program", ["x"]))
    attempt("kill", lambda: os.kill(os.getppid(), 0))
    attempt("memory", lambda: bytearray(3_000_000_000))
    attempt("user", lambda: os.setuid(0))
    out["root"] = os.geteuid() == 0
    print(json.dumps(out))
"""


def _tries(may_open: bool, folder: Path) -> dict[str, object]:
    folder.chmod(0o777)
    tries = TRIES.replace("MAY_OPEN", str(may_open)).replace("NAME", repr(str(folder / "written")))
    boot = (
        "import sys,types;p=types.ModuleType('brightline');p.__path__=[sys.argv[1]];sys.modules['brightline']=p;"
        + "exec("
        + repr(tries)
        + ")"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-c", boot, read._PACKAGE], capture_output=True, text=True, env={}, check=True
    )
    told = json.loads(out.stdout)
    assert isinstance(told, dict)
    return told


@LINUX
def test_the_worker_opens_nothing_starts_nothing_and_reaches_nobody(tmp_path: Path) -> None:
    told = _tries(False, tmp_path)
    for name in ("open", "write", "socket", "fork", "spawn", "exec", "kill", "user"):
        assert told[name] == "PermissionError", name
    assert told["memory"] == "MemoryError"
    assert told["root"] is False


@LINUX
def test_tesseract_may_open_files_and_nothing_more(tmp_path: Path) -> None:
    told = _tries(True, tmp_path)
    assert told["open"] == "done"
    for name in ("socket", "fork", "spawn", "kill", "user"):
        assert told[name] == "PermissionError", name
    assert told["write"] in ("PermissionError", "OSError")  # no file may have a byte
    assert told["memory"] == "MemoryError"


def test_the_worker_has_no_environment_and_an_empty_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "not for the worker")
    code = "import os,json,sys;print(json.dumps({'environ':dict(os.environ),'files':os.listdir(),'cwd':os.getcwd()}))"
    monkeypatch.setattr(read, "_START", code)
    told = json.loads(read._run([], b"", 20, 10_000))
    assert "SECRET" not in told["environ"] and "PATH" not in told["environ"]
    assert told["files"] == []
    assert not Path(told["cwd"]).exists()
    assert Path(told["cwd"]).parent == Path(tempfile.gettempdir())


# --- if it falls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import os;os.kill(os.getpid(),9)",
        "import os;os.abort()",
        "raise ValueError('a name that nobody may read')",
        "print('no JSON')",
        "print('[1]')",
        "print('{}')",
        'print(\'{"reading": {"kind": "judicial_warrant"}}\')',
        "import sys;sys.stdout.buffer.write(b'['*200_000)",
        "while True: print('x'*1_000_000)",
    ],
)
def test_a_worker_that_falls_or_lies_is_a_sentence(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_START", code)
    monkeypatch.setattr(read, "MOST_ANSWER", 5_000_000)
    with pytest.raises(PaperError) as refused:
        read_paper(b"words", "paper.txt")
    assert "nobody may read" not in str(refused.value)


def test_a_worker_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_START", "import signal;signal.pause()")
    monkeypatch.setattr(read, "WALL_SECONDS", 1)
    with pytest.raises(PaperError, match="took too long and was stopped"):
        read_paper(b"words", "paper.txt")
