"""The seam to the file system: every durable write outside of a database goes through `Disk`, step by step.

A file is replaced whole: a temporary file of a random name beside it, written and synced, renamed, and then the folder is
synced. The folder is held open (as a file descriptor) for all the steps, so a folder that is moved or swapped meanwhile
cannot tear them apart. Tests put a `Disk` of their own in, whose steps fail, stop, or forget what was not synced.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from brightline.ledger.errors import LedgerError

TEMPORARY = ".tmp"  # how the names of temporary files end; they begin with a dot
_FULL_SYNC = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync alone leaves the bytes in the cache of the drive


class Disk:
    """The steps, each one call of the system. All of them raise OSError."""

    def open_folder(self, folder: Path) -> int:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def make_folder(self, folder: Path, mode: int) -> None:
        os.mkdir(folder, mode)

    def create(self, folder: int, name: str, mode: int) -> int:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)

    def write(self, file: int, data: bytes) -> int:
        return os.write(file, data)

    def sync(self, file: int) -> None:
        if _FULL_SYNC is not None and sys.platform == "darwin":  # pragma: no cover
            fcntl.fcntl(file, _FULL_SYNC)
        else:
            os.fsync(file)

    def rename(self, folder: int, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)

    def remove(self, folder: int, name: str) -> None:
        os.unlink(name, dir_fd=folder)

    def free(self, folder: Path) -> int:
        """Bytes that may still be written by this user."""
        told = os.statvfs(folder)
        return told.f_bavail * told.f_frsize


DISK = Disk()


class Writing:
    """Several files written together: each is synced at once, their folders once at the end (`settle`).

    Nothing is durable before `settle` has returned. Every fault is a LedgerError; then what was being written counts as
    unwritten, and must be written again, whole.
    """

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self._folders: dict[Path, int] = {}

    def put(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Write the whole file; who reads it sees the old bytes or the new ones, never a mixture."""
        name = f".{path.name[:100]}.{secrets.token_hex(8)}{TEMPORARY}"
        try:
            folder = self._folder(path.parent)
            file = self.disk.create(folder, name, mode)
            try:
                left = memoryview(data)
                while left:
                    left = left[self.disk.write(file, bytes(left)) :]
                self.disk.sync(file)
            finally:
                os.close(file)
            self.disk.rename(folder, name, path.name)
        except OSError as error:
            raise LedgerError(f"{path}: cannot be written ({reason(error)}); {_mend(error)}") from None

    def remove(self, path: Path) -> None:
        """Remove a file; none is no fault."""
        try:
            with contextlib.suppress(FileNotFoundError):
                self.disk.remove(self._folder(path.parent), path.name)
        except OSError as error:
            raise LedgerError(f"{path}: cannot be removed ({reason(error)})") from None

    def settle(self) -> None:
        """Make the names durable too."""
        for path, folder in self._folders.items():
            try:
                self.disk.sync(folder)
            except OSError as error:
                raise LedgerError(f"{path}: cannot be made durable ({reason(error)}); {_mend(error)}") from None

    def close(self) -> None:
        while self._folders:
            os.close(self._folders.popitem()[1])

    def _folder(self, path: Path) -> int:
        if path not in self._folders:
            make_folders(self.disk, path, 0o755)  # durable at once: a folder whose name is lost takes all in it along
            self._folders[path] = self.disk.open_folder(path)
        return self._folders[path]


@contextlib.contextmanager
def writing(disk: Disk) -> Iterator[Writing]:
    """Write several files and settle them. After a fault nothing is settled."""
    batch = Writing(disk)
    try:
        yield batch
        batch.settle()
    finally:
        batch.close()


def replace(disk: Disk, path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write one file, durably. Raises LedgerError."""
    with writing(disk) as batch:
        batch.put(path, data, mode)


def sweep(disk: Disk, folders: Iterable[Path], name: str = "") -> int:
    """Remove what a process that was stopped in the middle of a write has left in these folders; say how many files it was.

    With `name`: only what was to become this file, where the folder belongs to others too.
    """
    found = [
        p
        for f in folders
        if f.is_dir()
        for p in inside(f)
        if p.name.startswith(f".{name}") and p.name.endswith(TEMPORARY)
    ]
    if found:
        with writing(disk) as batch:
            for path in found:
                batch.remove(path)
    return len(found)


def inside(folder: Path) -> list[Path]:
    """What is in a folder. Raises LedgerError."""
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise LedgerError(
            f"{folder}: cannot be read ({reason(error)}); look after the disk, then do it again"
        ) from None


def make_folders(disk: Disk, folder: Path, mode: int) -> None:
    """Make this folder, and those above it that are missing, durably. Raises LedgerError."""
    if folder.is_dir():
        return
    make_folders(disk, folder.parent, 0o755)
    try:
        disk.make_folder(folder, mode)
    except OSError as error:
        raise LedgerError(f"{folder}: cannot be made ({reason(error)})") from None
    settle(disk, [folder.parent])


def settle(disk: Disk, folders: Iterable[Path]) -> None:
    """Make the names in these folders durable. Raises LedgerError."""
    for folder in folders:
        try:
            file = disk.open_folder(folder)
            try:
                disk.sync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise LedgerError(f"{folder}: cannot be made durable ({reason(error)}); {_mend(error)}") from None


def read(path: Path) -> bytes | None:
    """The whole file, or None when there is none. Raises LedgerError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({reason(error)})") from None


@contextlib.contextmanager
def locked(path: Path, said: str) -> Iterator[None]:
    """Hold the lock of this file. `said` tells whose it is when another process has it. Raises LedgerError."""
    file = lock(path, said)
    try:
        yield
    finally:
        os.close(file)


def lock(path: Path, said: str) -> int:
    """The file descriptor that holds the lock until it is closed, or the process ends. Raises LedgerError."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be opened ({reason(error)})") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise LedgerError(said) from None
        raise LedgerError(f"{path}: cannot be locked ({reason(error)}); a ledger needs a local disk") from None
    return file


def reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _mend(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room on the disk and do it again"
    return "look after the disk, then do it again: nothing is taken as written"
