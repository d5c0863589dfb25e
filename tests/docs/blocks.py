"""Code blocks of a Markdown page: found, run, and compared with what the page shows.

A `console` block holds commands (`$ brightline …`) and under each what it prints, stdout and stderr together. An
ellipsis (`…`) in it stands for any text, also for several lines. `python tests/docs/blocks.py PAGE…` writes the
real output into every block that has no ellipsis.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
COMMANDS = ("brightline ", "cat ", "head ", "ls ", "echo ")
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)(?P=ticks) *$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the rest of its opening line, its text, and where it stands."""

    page: Path
    line: int
    language: str
    info: str
    text: str
    start: int
    end: int

    @property
    def title(self) -> str | None:
        found = re.search(r'title="([^"]+)"', self.info)
        return found.group(1) if found else None

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        language, _, info = found["info"].strip().partition(" ")
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, language, info, found["body"], found.start("body"), found.end("body"))


def steps(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that the page shows."""
    found: list[tuple[str, str]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif found:
            command, shown = found[-1]
            if command.endswith("\\"):
                found[-1] = (command[:-1].rstrip() + " " + line.strip(), shown)
            else:
                found[-1] = (command, shown + line + "\n")
    return found


def kitchen(folder: Path) -> Path:
    """A folder with everything that docs/examples holds, in which a page's commands are run."""
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    return folder


def run(command: str, folder: Path, before: int = 0) -> tuple[str, int]:
    """What a command prints, and its exit code. `before` is the code of the command before it, for `echo $?`."""
    if not f"{command} ".startswith(COMMANDS):
        raise AssertionError(f"`{command}` is no command that the docs may run: {', '.join(COMMANDS)}")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", f"(exit {before}); {command}"], cwd=folder, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return plain(done.stdout), done.returncode


def plain(text: str) -> str:
    """Text without spaces at the ends of lines and without empty lines at its end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def alike(shown: str, real: str) -> bool:
    """Whether a program's output is what the page shows; `…` in the page stands for any text."""
    pattern = "(?s:.*?)".join(re.escape(part) for part in plain(shown).split("…"))
    return re.fullmatch(pattern, plain(real)) is not None


def rewrite(page: Path) -> None:
    """Put the real output into the console blocks of a page, except where an ellipsis stands."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        kitchen(Path(folder))
        made: list[tuple[Block, str]] = []
        for block in (b for b in blocks(page) if b.language == "console"):
            code, told = 0, ""
            for command, shown in steps(block):
                output, code = run(command, Path(folder), code)
                told += f"$ {command}\n" + (shown if "…" in shown else output + "\n" if output else "")
            if " \\\n" not in block.text:
                made.append((block, told))
    for block, told in reversed(made):
        text = text[: block.start] + told + text[block.end :]
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        rewrite(Path(argument).resolve())
