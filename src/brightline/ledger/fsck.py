"""Checking everything that a ledger stores: each entry is hashed anew, and all that was derived from it is compared.

The tree is worked out from the entries alone; stored hashes, peaks, head, every kept checkpoint and its signature, the published
tiles and the newest published checkpoint are held against it. When an entry and its stored hash differ, the hash above both says
which of them is damaged, and the check goes on with the sound one, so one damage is named once and in its place.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from brightline.ledger.entry import parse_entry
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import read
from brightline.ledger.growth import bag, grow
from brightline.ledger.guard import MOST_NOTE, Progress, note_of, verified
from brightline.ledger.keytree import Erased, KeyTree
from brightline.ledger.merkle import EMPTY_ROOT
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.record import commitment_of, open_sealed
from brightline.ledger.sources import Folder, changed_partials
from brightline.ledger.store import Head, Signed, Store
from brightline.ledger.stores import open_store
from brightline.ledger.tiles import HEIGHT, MOST_ENTRY, WIDTH, encode_entries, entries_path, tile_path

CHUNK = 32 * WIDTH  # entries read at once
MOST_PROBLEMS = 50  # sentences; what comes after is counted


@dataclass(slots=True)
class Fsck:
    """What was found. `problems` is empty when all is right; each is a sentence that names the place."""

    folder: Path
    size: int = 0
    root: bytes = EMPTY_ROOT
    checkpoints: int = 0  # signed ones that were checked
    published: int | None = None  # the size of what is published; None when nothing is
    payloads: int = 0  # payloads that were opened and held against their entries
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    more: int = 0  # problems that are not told one by one

    @property
    def ok(self) -> bool:
        return not self.problems

    def tell(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
        else:
            self.more += 1


def fsck(
    folder: str | Path, progress: Progress | None = None, *, payloads: bool = False, to: str | Path | None = None
) -> Fsck:
    """Check the ledger in this folder, and what it has published there (or in `to`). A writer may go on meanwhile.

    `payloads`: open every sealed payload too, which takes the key store and much longer. Raises LedgerError only when there is
    no ledger to check.
    """
    folder = Path(folder).absolute()
    store = open_store(folder, read_only=True)
    try:
        store.stand_still()
        key = VerifierKey.parse(store.word("vkey") or "")
        newest = Path(store.word("newest") or f"{folder}.newest")
        found = check_store(store, key, folder, newest, folder / "public" if to is None else Path(to), progress)
        if payloads:
            _payloads(store, folder / "keys" / "erasure.db", found, progress)
        return found
    finally:
        store.close()


def check_store(
    store: Store, key: VerifierKey, folder: Path, newest: Path, public: Path, progress: Progress | None = None
) -> Fsck:
    """The same for any store."""
    begun = time.perf_counter()
    found = Fsck(folder)
    for line in store.damage():
        found.tell(line)
    try:
        head = store.head()
        wanted = _wanted(store, key, head, newest, public, found)
        _Walk(store, head, key, public, wanted, found, progress or (lambda done, total: None)).all()
    except LedgerError as error:
        found.tell(str(error))
    found.seconds = time.perf_counter() - begun
    return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A root that somebody was shown: the tree must have it at this size."""

    size: int
    root: bytes
    name: str


def _wanted(store: Store, key: VerifierKey, head: Head, newest: Path, public: Path, found: Fsck) -> list[_Wanted]:
    made = []
    for signed in store.all_signed():
        name = f"the kept checkpoint of {signed.size:,} entries"
        if signed.size > head.size:
            found.tell(f"{name} is larger than the ledger, which has {head.size:,}: entries are missing")
            continue
        try:
            verify_signed(signed, key)
        except LedgerError:
            found.tell(f"{name} does not have the signature of this ledger: its signature or its root is damaged")
        made.append(_Wanted(signed.size, signed.root, name))
    found.checkpoints = len(made)
    if not made or made[-1].size != head.size:
        found.tell(f"the head has {head.size:,} entries, and no signed checkpoint is kept for it")
    outside = [newest, public / "checkpoint"]
    if (public / "checkpoints").is_dir():
        outside += sorted((public / "checkpoints").iterdir())
    for path in outside:
        body = read(path)
        if body is None:
            if path == newest and head.size:
                found.tell(f"{path}: is missing; it guards against going back to an old copy")
            continue
        try:
            seen = verified(str(path), Note.parse(body[: MOST_NOTE + 1]), key)
        except LedgerError as error:
            found.tell(f"{path}: {error}" if str(path) not in str(error) else str(error))
            continue
        if seen.size > head.size:
            found.tell(
                f"{path} shows {seen.size:,} entries, and the ledger has {head.size:,}: it went back to an older copy"
            )
        else:
            made.append(_Wanted(seen.size, seen.root, str(path)))
        if path == public / "checkpoint":
            found.published = min(seen.size, head.size)
    return sorted(made, key=lambda w: w.size)


def verify_signed(signed: Signed, key: VerifierKey) -> None:
    note = note_of(signed, key)
    key.verify(note.text, note.signatures[0])


class _Walk:
    """Once through all entries, from the first to the last."""

    def __init__(
        self,
        store: Store,
        head: Head,
        key: VerifierKey,
        public: Path,
        wanted: list[_Wanted],
        found: Fsck,
        progress: Progress,
    ) -> None:
        self.store, self.head, self.key, self.found, self.progress = store, head, key, found, progress
        self.wanted, self.sizes = wanted, sorted({w.size for w in wanted})
        self.files = Folder(public) if found.published is not None else None
        self.size, self.peaks, self.pending = 0, tuple[bytes, ...](), list[bytes]()
        self.hour = ""
        self.at = 0  # how many of `wanted` are done

    def all(self) -> None:
        head, found = self.head, self.found
        self._reached()
        while self.size < head.size:
            stop = min(head.size, self.size + CHUNK)
            rows = self.store.numbered(self.size, stop)
            if len(rows) != stop - self.size:
                indexes = {index for index, _ in rows}
                gone = next(n for n in range(self.size, stop) if n not in indexes)
                found.tell(
                    f"entry {gone:,} is missing; {stop - self.size - len(rows):,} of the entries to {stop - 1:,} are not there"
                )
                return
            self._chunk([entry for _, entry in rows])
            self.progress(self.size, head.size)
        if self.store.numbered(head.size, head.size + 1):
            found.tell(f"there is an entry {head.size:,} beyond the head, which was never signed")
        found.size, found.root = self.size, bag(self.peaks)
        if self.peaks != head.peaks:
            found.tell(
                "the peaks in the head are not those of the tree: the row `head` is damaged, or entries of the last tile are"
            )
        for table, right in (("tiles", head.size // WIDTH), ("nodes", sum(head.size >> h for h in range(8, 64, 8)))):
            if (there := self.store.count(table)) != right:
                found.tell(f"the table `{table}` has {there:,} rows instead of {right:,}")
        if self.files is not None:
            self._upper_tiles(self.files)

    def _chunk(self, entries: list[bytes]) -> None:
        first = self.size
        leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
        self._forms(entries, first)
        for at in range(0, len(leaves) - WIDTH + 1, WIDTH):
            self._full_tile((first + at) // WIDTH, entries[at : at + WIDTH], leaves, at)
        rest = len(entries) % WIDTH
        if self.files is not None and rest:
            self._published_tile(self.files, (first + len(entries)) // WIDTH, entries[-rest:], leaves[-rest:])
        last = first + len(leaves)
        cuts = self.sizes[bisect_right(self.sizes, first) : bisect_right(self.sizes, last)]
        if not cuts or cuts[-1] != last:
            cuts.append(last)
        for cut in cuts:
            growth = grow(self.size, self.peaks, leaves[self.size - first : cut - first])
            _, nodes, self.pending = growth.full_tiles(self.pending)
            self.size, self.peaks = growth.size, growth.peaks
            self._nodes(nodes)
            self._reached()

    def _forms(self, entries: list[bytes], first: int) -> None:
        """Every entry must be one, and no hour may be before the one of the entry above."""
        try:
            ends = {entry[50:]: n for n, entry in enumerate(entries)}  # behind the commitment few entries differ
            for n in ends.values():
                parse_entry(entries[n])
            hours = [entry[-22:-9] for entry in entries]
            if hours != sorted(hours) or hours[0].decode() < self.hour:
                self.found.tell(
                    f"an hour among the entries from {first:,} to {first + len(entries) - 1:,} is before that of an entry above it"
                )
            self.hour = hours[-1].decode("ascii", "replace")
        except (LedgerError, ValueError):
            for n, entry in enumerate(entries, first):
                try:
                    parse_entry(entry)
                except LedgerError as error:
                    self.found.tell(f"entry {n:,}: {error}")

    def _full_tile(self, index: int, entries: list[bytes], leaves: list[bytes], at: int) -> None:
        """Hold a full tile against its stored hashes; where they differ, decide which is right and go on with that."""
        found, mine = self.found, b"".join(leaves[at : at + WIDTH])
        stored = self.store.tile(index)
        if stored is None:
            found.tell(f"the stored hashes of the entries from {index * WIDTH:,} (tile {index:,}) are missing")
        elif stored != mine:
            above = self.store.nodes(1, index, index + 1)
            theirs = [stored[i : i + 32] for i in range(0, len(stored), 32)]
            differ = [n for n, (a, b) in enumerate(zip(leaves[at : at + WIDTH], theirs, strict=False)) if a != b]
            places = ", ".join(f"{index * WIDTH + n:,}" for n in differ[:5]) + (" and more" if len(differ) > 5 else "")
            if above == [_top(theirs)]:
                found.tell(f"entry {places}: is not the one that was signed; the stored hash is right")
                leaves[at : at + WIDTH] = theirs
            elif above == [_top(leaves[at : at + WIDTH])]:
                found.tell(f"the stored hash of entry {places} (tile {index:,}) is damaged; the entry is right")
            else:
                found.tell(f"entry {places}: the entry and its stored hash (tile {index:,}) differ")
        if self.files is not None:
            self._published_tile(self.files, index, entries, leaves[at : at + WIDTH])

    def _published_tile(self, files: Folder, index: int, entries: list[bytes], leaves: list[bytes]) -> None:
        assert self.found.published is not None
        width = min(len(leaves), self.found.published - index * WIDTH)
        if width < 1:
            return
        for path, right in (
            (tile_path(0, index), lambda w: b"".join(leaves[:w])),
            (entries_path(index), lambda w: encode_entries(entries[:w])),
        ):
            self._compare(files, path, width, right)

    def _upper_tiles(self, files: Folder) -> None:
        level, count = 1, (self.found.published or 0) >> HEIGHT
        while count:
            for index in range(-(-count // WIDTH)):
                width = min(WIDTH, count - index * WIDTH)
                hashes = b"".join(self.store.nodes(level, index * WIDTH, index * WIDTH + width))
                self._compare(files, tile_path(level, index), width, partial(_first, hashes))
            level, count = level + 1, count >> HEIGHT

    def _compare(self, files: Folder, full: str, width: int, right: Callable[[int], bytes]) -> None:
        """A tile, and the partial ones that lie there still. `right` gives the bytes of its first hashes or entries."""
        path, mine = full if width == WIDTH else f"{full}.p/{width}", right(width)
        try:
            there = files.read(path, len(mine) + 1)
        except LedgerError:
            there = b""
        changed = set(changed_partials(files, full, width, right, WIDTH * (MOST_ENTRY + 2))) - {path}
        if there is None:
            self.found.tell(f"{files.name}/{path}: is missing; publish into an empty folder to make it again")
        elif there != mine:
            changed.add(path)
        for wrong in sorted(changed):
            self.found.tell(
                f"{files.name}/{wrong}: is not what the entries give; publish into an empty folder to make it again"
            )

    def _nodes(self, nodes: Sequence[tuple[int, int, bytes]]) -> None:
        for level, index, right in nodes:
            if self.store.nodes(level, index, index + 1) != [right]:
                self.found.tell(f"the stored hash of level {level}, number {index:,}, is not what the entries give")

    def _reached(self) -> None:
        """Compare the roots that somebody was shown at this size."""
        if self.at < len(self.wanted) and self.wanted[self.at].size == self.size:
            root = bag(self.peaks)
            while self.at < len(self.wanted) and self.wanted[self.at].size == self.size:
                if self.wanted[self.at].root != root:
                    self.found.tell(f"{self.wanted[self.at].name}: the entries do not give its root")
                self.at += 1


def _first(hashes: bytes, many: int) -> bytes:
    return hashes[: 32 * many]


def _top(hashes: Sequence[bytes]) -> bytes:
    return bag(grow(0, (), hashes).peaks)


def _payloads(store: Store, path: Path, found: Fsck, progress: Progress | None) -> None:
    """Open every payload and hold it against its entry."""
    keys = KeyTree(path, read_only=True)
    try:
        for start in range(0, found.size, 1024):
            for row in store.rows(start, min(found.size, start + 1024)):
                if row.sealed is None or row.slot is None:
                    continue
                try:
                    secrets = keys.secrets(row.slot, row.fields)
                    opened = open_sealed(row.sealed, secrets, f"record {row.index:,}")
                    if commitment_of(opened, secrets) != parse_entry(row.entry).commitment:
                        found.tell(f"record {row.index:,}: its payload is not what its entry commits to")
                    found.payloads += 1
                except Erased:
                    found.tell(
                        f"record {row.index:,}: its keys are destroyed, and its sealed payload is still there; open the ledger once"
                    )
                except LedgerError as error:
                    found.tell(str(error))
            if progress:
                progress(min(found.size, start + 1024), found.size)
    finally:
        keys.close()
