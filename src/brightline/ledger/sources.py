"""Where the files of a published ledger are read from: a folder, an export (ZIP) or an address. None of them is trusted."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from brightline.ledger.errors import LedgerError
from brightline.ledger.fetch import ask, checked

HISTORY = "checkpoints"  # the folder with the checkpoints of before
_OLDER = re.compile(
    r"checkpoints/(0|[1-9][0-9]{0,18})"
)  # a ZIP may hold any name, also one that leads out of its folder
_WIDTHS = frozenset(map(str, range(1, 256)))


class Source(Protocol):
    """A place with files of known names. `name` is what a person called it."""

    name: str

    def read(self, path: str, most: int) -> bytes | None:
        """The whole file, or None when there is none. Raises LedgerError when it cannot be read or is longer than `most`."""

    def history(self) -> list[str]:
        """The paths of the checkpoints of before; none where a place cannot list its files."""

    def widths(self, path: str) -> list[int]:
        """The widths of the partial tiles that lie beside this full one; none where a place cannot list its files."""


class Folder:
    def __init__(self, folder: Path) -> None:
        self.name, self.folder = str(folder), folder

    def read(self, path: str, most: int) -> bytes | None:
        file = self.folder / path
        try:
            told = file.stat()
            if not stat.S_ISREG(told.st_mode):
                return None  # a folder, or a pipe that would let us wait for ever
            if told.st_size > most:
                raise LedgerError(f"{file}: {told.st_size:,} bytes are more than such a file can have ({most:,})")
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LedgerError(f"{file}: cannot be read ({error.strerror or error})") from None

    def history(self) -> list[str]:
        folder = self.folder / HISTORY
        names = [f"{HISTORY}/{file.name}" for file in folder.iterdir()] if folder.is_dir() else []
        return sorted(filter(_OLDER.fullmatch, names))

    def widths(self, path: str) -> list[int]:
        try:
            return sorted(int(file.name) for file in (self.folder / f"{path}.p").iterdir() if file.name in _WIDTHS)
        except OSError:
            return []


class Archive:
    """An export. It is read in place: nothing is unpacked to the disk."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise LedgerError(f"{file}: this is no ZIP that can be read ({error})") from None
        self.members = {m.filename: m for m in self.zip.infolist() if not m.is_dir()}
        if len(self.members) != sum(not m.is_dir() for m in self.zip.infolist()):
            raise LedgerError(f"{file}: a name is in it twice, so two programs could read two ledgers from it")
        inside = sorted((n for n in self.members if PurePosixPath(n).name == "checkpoint"), key=len)
        self.prefix = (
            inside[0].removesuffix("checkpoint") if inside else ""
        )  # some programs pack the folder, not its files

    def read(self, path: str, most: int) -> bytes | None:
        member = self.members.get(self.prefix + path)
        if member is None:
            return None
        if member.file_size > most:
            raise LedgerError(f"{self.name}, {path}: {member.file_size:,} bytes are more than such a file can have")
        try:
            with self.zip.open(member) as file:
                body = file.read(most + 1)  # what the ZIP says of the length may be a lie
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise LedgerError(f"{self.name}, {path}: cannot be read ({error})") from None
        if len(body) > most:
            raise LedgerError(f"{self.name}, {path}: is longer than such a file can be ({most:,} bytes)")
        return body

    def history(self) -> list[str]:
        names = [name.removeprefix(self.prefix) for name in self.members if name.startswith(self.prefix)]
        return sorted(filter(_OLDER.fullmatch, names))

    def widths(self, path: str) -> list[int]:
        return [width for width in range(1, 256) if f"{self.prefix}{path}.p/{width}" in self.members]


class Address:
    def __init__(self, url: str) -> None:
        self.name = checked(url).rstrip("/").removesuffix("/checkpoint")

    def read(self, path: str, most: int) -> bytes | None:
        reply = ask(f"{self.name}/{path}", most)
        if reply.status in (404, 410):
            return None
        if reply.status != 200:
            raise LedgerError(f"{self.name}/{path}: the answer is status {reply.status}")
        return reply.body

    def history(self) -> list[str]:
        return []  # the web has no listing that could be relied on

    def widths(self, path: str) -> list[int]:
        return []


def changed_partials(place: Source, path: str, width: int, right: Callable[[int], bytes], most: int) -> Iterator[str]:
    """The paths of the partial tiles here that are not what they must be: who has an older checkpoint asks for them.

    `right` gives the bytes of the first hashes or entries, of which `width` are known; what is beyond is not judged.
    """
    for there in place.widths(path):
        mine = right(min(there, width))
        try:
            body = place.read(f"{path}.p/{there}", most)
        except LedgerError:
            body = b""
        if body is not None and (body if there <= width else body[: len(mine)]) != mine:
            yield f"{path}.p/{there}"


def source(target: str) -> Source | None:
    """The place that is meant by what a person wrote, or None when it is a file of another kind. Raises LedgerError."""
    if "://" in target:
        return Address(target)
    path = Path(target)
    if path.is_dir():
        published = path / "public"  # what `publish` writes into the folder of a ledger itself
        return Folder(published if not (path / "checkpoint").exists() and published.is_dir() else path)
    if not path.exists():
        raise LedgerError(f"{target}: there is no such file or folder; an address begins with https://")
    return Archive(path) if zipfile.is_zipfile(path) else None
