"""A mirror: a checked copy of a published ledger, kept by somebody else.

A mirror may be made again and again: what is there already is read from the copy, and the rest from the ledger. All of it is
hashed anew each time, and must contain every checkpoint that the mirror has kept. So whoever keeps a mirror notices a second
history, and holds both checkpoints. Whatever a bad ledger sent is removed again, and the copy stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Writing, read, sweep, writing
from brightline.ledger.files import replace as replace_file
from brightline.ledger.note import Note
from brightline.ledger.policy import Policy
from brightline.ledger.publish import stale_partials
from brightline.ledger.sources import HISTORY, Source
from brightline.ledger.trust import read_policy
from brightline.ledger.verified import Verified
from brightline.ledger.verify_log import MOST_NOTE, Step, verify_log
from brightline.ledger.verify_page import verify_page


class _Copying:
    """A place that is read through its copy. Full tiles never change, so one that is in the copy is not asked for again."""

    def __init__(self, place: Source, folder: Path, batch: Writing) -> None:
        self.place, self.folder, self.batch, self.name = place, folder, batch, place.name
        self.fresh: list[Path] = []  # full tiles that were not in the copy
        self.partial: dict[
            str, bytes
        ] = {}  # written only when all is found right: the copy may have one of the same name

    def read(self, path: str, most: int) -> bytes | None:
        if not path.startswith("tile/"):
            return self.place.read(path, most)
        file = self.folder / path
        full = not file.parent.name.endswith(".p")
        if full and (there := read(file)) is not None and len(there) <= most:
            return there
        body = self.place.read(path, most)
        if body is not None and full:
            self.batch.put(file, body)
            self.fresh.append(file)
        elif body is not None:
            self.partial[path] = body
        return body

    def history(self) -> list[str]:
        """What the place shows of before; what the copy has kept is compared by `mirror`."""
        return self.place.history()

    def widths(self, path: str) -> list[int]:
        return []  # only what this checkpoint needs is copied

    def forget(self) -> None:
        with writing(DISK) as batch:
            for file in self.fresh:
                batch.remove(file)


def mirror(place: Source, folder: Path, policy: Policy | None = None, step: Step | None = None) -> Verified:
    """Copy, or catch up. With a verdict of `bad` the copy is left as it was.

    `policy` is what is trusted. Without it, that of the copy is, and the first time that of the ledger itself. Raises
    LedgerError when one of the two cannot be used.
    """
    if folder.exists() and not (folder / "checkpoint").exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError(f"{folder}: there is something else already; a mirror needs a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    sweep(DISK, [folder, *(p for p in folder.rglob("*") if p.is_dir())])
    kept = {name: body for name in ("vkey", "policy") if (body := read(folder / name)) is not None}
    trusted = policy or (read_policy(kept["policy"].decode("utf-8", "surrogateescape")) if "policy" in kept else None)
    body = place.read("checkpoint", MOST_NOTE)
    if body is None:
        raise LedgerError(f"{place.name}: there is no published ledger here (no file `checkpoint`)")
    before = read(folder / "checkpoint")
    since = None if before is None else ("that the mirror has kept", Note.parse(before))
    with writing(DISK) as batch:
        copying = _Copying(_Fixed(place, body), folder, batch)
        told = verify_log(copying, since, trusted, step)
    if told.verdict == "bad":
        copying.forget()
        return told
    files = copying.partial | {f"{HISTORY}/{told.size}": body}
    for path in place.history():
        files.setdefault(path, place.read(path, MOST_NOTE) or b"")
    for name in ("vkey", "policy"):
        if (there := kept.get(name) or place.read(name, MOST_NOTE)) is not None:
            files[name] = there
    text = (policy.encode() if policy else files.get("policy", files.get("vkey", b""))).decode("utf-8", "replace")
    with writing(DISK) as batch:
        for path, content in files.items():
            batch.put(folder / path, content)
        batch.put(folder / "verify.html", verify_page(text).encode())
    replace_file(DISK, folder / "checkpoint", body)
    with writing(DISK) as batch:
        for path_ in stale_partials(folder.rglob("*.p")):
            batch.remove(path_)
    return replace(told, target=str(folder))


class _Fixed:
    """The place, with the checkpoint that was read first: the ledger may grow while it is copied."""

    def __init__(self, place: Source, checkpoint: bytes) -> None:
        self.place, self.name, self.checkpoint = place, place.name, checkpoint

    def read(self, path: str, most: int) -> bytes | None:
        return self.checkpoint if path == "checkpoint" else self.place.read(path, most)

    def history(self) -> list[str]:
        """Only what this checkpoint can contain."""
        size = Checkpoint.parse(Note.parse(self.checkpoint).text).size
        found = []
        for path in self.place.history():
            name = path.rpartition("/")[2]
            if not (name.isascii() and name.isdigit() and int(name) > size):
                found.append(path)
        return found

    def widths(self, path: str) -> list[int]:
        return []
