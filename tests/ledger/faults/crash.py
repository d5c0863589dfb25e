"""Loss of power: from a record of all calls, every state of the disk that it may leave behind.

What was synced is there. Of the rest anything may be: nothing, all, names without bytes, bytes without names, some sectors of
512 bytes of some writes. A file is its inode, not its name, so a renamed file takes its unsynced bytes along; a name is durable
only when its folder was synced. This is stricter than most file systems, and what POSIX leaves open.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SECTOR = 512
Kind = Literal["write", "cut", "name", "unname", "folder", "sync", "say"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to the disk. `inode` of a file or of a folder; `name` is the whole path of a name."""

    kind: Kind
    inode: int = 0
    name: str = ""
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Recording:
    """Steps, from an empty folder on, with numbers for inodes."""

    root: Path
    steps: list[Step] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.names[str(self.root)] = 0

    def inode(self, name: str) -> int:
        return self.names[name]

    def inside(self, name: str) -> bool:
        return name.startswith(f"{self.root}/") or name == str(self.root)

    def make(self, name: str, folder: bool = False) -> None:
        if name not in self.names and self.inside(name):
            self.count += 1
            self.names[name] = self.count
            self.steps.append(Step("folder" if folder else "name", self.count, name))

    def write(self, name: str, at: int, data: bytes) -> None:
        if not self.inside(name):
            return
        self.steps.append(Step("write", self.inode(name), name, at, data))

    def cut(self, name: str, size: int) -> None:
        self.steps.append(Step("cut", self.inode(name), name, size))

    def sync(self, name: str) -> None:
        if not self.inside(name):
            return
        self.steps.append(Step("sync", self.inode(name), name))

    def rename(self, old: str, new: str) -> None:
        if not self.inside(old):
            return
        moved = self.names.pop(old)
        self.names[new] = moved
        self.steps.append(Step("name", moved, new, data=old.encode()))

    def remove(self, name: str) -> None:
        self.steps.append(Step("unname", self.names.pop(name), name))

    def say(self, line: bytes) -> None:
        self.steps.append(Step("say", data=line))


Keep = Callable[[int, Step], bool | random.Random]
"""Which of the unsynced steps are kept; a random number generator keeps some sectors of a write."""

MODES: dict[str, Keep] = {
    "dropped": lambda n, step: False,
    "names first": lambda n, step: step.kind not in ("write", "cut"),
    "bytes first": lambda n, step: step.kind in ("write", "cut"),
    "kept": lambda n, step: True,
}


def shuffled(seed: int) -> Keep:
    """Any of it, anyhow."""

    def keep(n: int, step: Step) -> bool | random.Random:
        chance = random.Random(seed * 100_003 + n)
        what = chance.random()
        return False if what < 0.4 else True if what < 0.7 or step.kind != "write" else chance

    return keep


def durable(steps: list[Step], parents: dict[int, int]) -> set[int]:
    """The numbers of the steps that a later sync has made durable. A name lives in its folder: `parents` by step."""
    synced: dict[int, int] = {}
    for n, step in enumerate(steps):
        if step.kind == "sync":
            synced[step.inode] = n
    made = set()
    for n, step in enumerate(steps):
        of = parents[n] if step.kind in ("name", "unname", "folder") else step.inode
        if step.kind != "say" and synced.get(of, -1) > n:
            made.add(n)
    return made


def parents_of(steps: list[Step], root: Path) -> dict[int, int]:
    """By the number of a step that makes or takes a name: the inode of its folder."""
    folders = {str(root): 0}
    made = {}
    for n, step in enumerate(steps):
        if step.kind == "folder":
            folders[step.name] = step.inode
        if step.kind in ("name", "unname", "folder"):
            made[n] = folders[os.path.dirname(step.name)]
    return made


def left_behind(steps: list[Step], parents: dict[int, int], keep: Keep) -> tuple[dict[str, bytes], set[str]]:
    """The files and folders after power was lost behind these steps."""
    sure = durable(steps, parents)
    bodies: dict[int, bytearray] = {}
    names: dict[str, int] = {}
    folders: set[str] = set()
    for n, step in enumerate(steps):
        if step.kind in ("sync", "say"):
            continue
        kept = n in sure or keep(n, step)
        if not kept and kept is not None:
            continue
        match step.kind:
            case "folder":
                folders.add(step.name)
            case "name":
                if step.data:
                    names.pop(step.data.decode(), None)
                names[step.name] = step.inode
            case "unname":
                names.pop(step.name, None)
            case "cut":
                body = bodies.setdefault(step.inode, bytearray())
                del body[step.at :]
                body.extend(bytes(step.at - len(body)))
            case "write":
                body = bodies.setdefault(step.inode, bytearray())
                for at, part in _sectors(step, kept):
                    body.extend(bytes(max(0, at + len(part) - len(body))))
                    body[at : at + len(part)] = part
    return {name: bytes(bodies.get(inode, b"")) for name, inode in names.items()}, folders


def _sectors(step: Step, kept: bool | random.Random) -> Iterator[tuple[int, bytes]]:
    if not isinstance(kept, random.Random):
        yield step.at, step.data
        return
    at, end = step.at, step.at + len(step.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if kept.random() < 0.5:
            yield at, step.data[at - step.at : stop - step.at]
        at = stop


def build(files: dict[str, bytes], folders: set[str], root: Path, to: Path) -> None:
    """Put these files under another root. A file whose folder was lost is lost with it."""
    there = {str(root)}
    for folder in sorted(folders):
        if os.path.dirname(folder) in there:
            there.add(folder)
            (to / os.path.relpath(folder, root)).mkdir()
    for name, body in files.items():
        if os.path.dirname(name) in there and not name.endswith(
            "-shm"
        ):  # shared memory is made anew at the first opening
            path = to / os.path.relpath(name, root)
            path.write_bytes(body)
            path.chmod(0o600)


# --- from strace ---------------------------------------------------------------------------------------------------------

CALLS = (
    "openat", "write", "writev", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "ftruncate", "mkdir", "mkdirat",
)  # fmt: skip
OPTIONS = ("-y", "-xx", "-s", "9000000", "-e", "trace=" + ",".join(f"?{name}" for name in CALLS))
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += +(-?\d+)(<.*>)?")
_CUT_OFF = re.compile(r"^(\d+) +(.*?),? *<unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_FD = re.compile(r"(\d+|AT_FDCWD)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _path(text: str) -> str:
    found = _plain(text).decode() if text.startswith("\\x") else text
    return found.removesuffix(" (deleted)")


def _whole_lines(text: str) -> Iterator[str]:
    waiting: dict[str, str] = {}
    for line in text.splitlines():
        if found := _CUT_OFF.match(line):
            waiting[found[1]] = f"{found[1]} {found[2]}"
        elif found := _RESUMED.match(line):
            before = waiting.pop(found[1])
            yield before + ("" if found[2].startswith((")", ",")) else ", ") + found[2]
        else:
            yield line


def from_strace(text: str, root: Path, log: Path) -> Recording:
    """The steps of a process that began in this empty folder. What it wrote to `log` becomes `say`."""
    made = Recording(root)
    for line in _whole_lines(text):
        found = _LINE.match(line)
        if not found or int(found[4]) < 0:
            continue
        call, inside, told = found[2], found[3], int(found[4])
        places = [_path(text) for _, text in _FD.findall(inside)]
        texts = _TEXT.findall(_FD.sub("", inside))
        if call == "openat":
            name = os.path.normpath(os.path.join(places[0], _plain(texts[0]).decode()))
            if made.inside(name) and "O_CREAT" in inside:
                made.make(name)
            if made.inside(name) and "O_TRUNC" in inside:
                made.cut(name, 0)
        elif call in ("mkdir", "mkdirat"):
            name = os.path.join(places[0] if places else "/", _plain(texts[0]).decode())
            if made.inside(name):
                made.make(name, folder=True)
        elif call in ("write", "pwrite64", "writev"):
            if places[0] == str(log):
                made.say(b"".join(map(_plain, texts)))
            elif made.inside(places[0]) and places[0] in made.names:
                assert call == "pwrite64" or call == "write", line[:100]
                at = int(inside.rpartition(",")[2]) if call == "pwrite64" else end_of(made, places[0])
                made.write(places[0], at, _plain(texts[0])[:told])
        elif call in ("fsync", "fdatasync"):
            if places[0] in made.names:
                made.sync(places[0])
        elif call == "ftruncate":
            if places[0] in made.names:
                made.cut(places[0], int(inside.rpartition(",")[2]))
        elif call in ("rename", "renameat", "renameat2"):
            old, new = (os.path.join(places[n] if places else "/", _plain(t).decode()) for n, t in enumerate(texts[:2]))
            if made.inside(old):
                made.rename(old, new)
        elif call in ("unlink", "unlinkat"):
            name = os.path.join(places[0] if places else "/", _plain(texts[0]).decode())
            if name in made.names:
                made.remove(name)
    return made


def end_of(made: Recording, name: str) -> int:
    """Where a plain `write` goes: the files that we write so are written from the beginning to the end, once."""
    inode = made.names.get(name)
    return sum(len(s.data) for s in made.steps if s.kind == "write" and s.inode == inode)
