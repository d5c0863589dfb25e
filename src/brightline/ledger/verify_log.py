"""Checking a whole published ledger: every entry and every tile is read and hashed anew.

The tree is worked out from the entries alone, once from left to right; tiles, the checkpoint and all checkpoints of before
are compared with it. In memory there is one tile for each level, whatever the size.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import KINDS, parse_entry
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import EMPTY_ROOT, node_hash
from brightline.ledger.note import Note
from brightline.ledger.policy import Policy
from brightline.ledger.sources import Source, changed_partials
from brightline.ledger.tiles import encode_entries, entries_path, parse_entries, tile_path
from brightline.ledger.trust import entries, judge_signatures, read_policy, signed
from brightline.ledger.verified import Telling, Verified

WIDTH = 256
MOST_NOTE = 1_000_000  # bytes
MOST_BUNDLE = WIDTH * (65_535 + 2)  # bytes: a length of two bytes before each entry
MOST_WRONG = 20  # sentences about wrong entries and tiles; the rest is counted
Step = Callable[[int, int], None]  # entries done, entries in all


def verify_log(
    place: Source, since: tuple[str, Note] | None = None, policy: Policy | None = None, step: Step | None = None
) -> Verified:
    """Check the ledger that is published at this place. `since` is an older checkpoint, with what a person calls it."""
    telling = Telling()
    body = place.read("checkpoint", MOST_NOTE)
    if body is None:
        raise LedgerError(f"{place.name}: there is no published ledger here (no file `checkpoint`)")
    try:
        note = Note.parse(body)
        checkpoint = Checkpoint.parse(note.text)
    except LedgerError as error:
        telling.wrong.append(f"The checkpoint cannot be read: {error}.")
        return telling.result(place.name, "ledger")
    if policy is None:
        policy = _own_policy(place, telling)
    judge_signatures(note, policy, telling)
    older = _older(place, since, note, checkpoint, policy, telling)
    tree = _Tree(place, checkpoint, {c.size for _, _, c in older}, telling)
    if tree.read(step or (lambda done, total: None)):
        _compare(note, checkpoint, tree, older, telling)
    if tree.problems > MOST_WRONG:
        telling.wrong.append(f"{tree.problems - MOST_WRONG:,} more entries or tiles are wrong.")
    if tree.closed:
        telling.shown.append("The ledger was closed: its last entry says so.")
    return telling.result(
        place.name,
        "ledger",
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        kinds=dict(tree.kinds.most_common()),
    )


def _own_policy(place: Source, telling: Telling) -> Policy | None:
    """The policy that lies beside the ledger. It may show that all fits together, never that the key is the right one."""
    for name in ("policy", "vkey"):
        body = place.read(name, MOST_NOTE)
        if body is not None:
            try:
                found = read_policy(body.decode("utf-8", "surrogateescape"))
            except LedgerError as error:
                telling.wrong.append(f"The file `{name}` beside the ledger cannot be read: {error}.")
                return None
            if found.logs:
                telling.own_key = True
                return found
    return None


# --- the checkpoints of before -----------------------------------------------------------------------------------

_Older = list[tuple[str, Note, Checkpoint]]


def _older(
    place: Source,
    since: tuple[str, Note] | None,
    newest: Note,
    checkpoint: Checkpoint,
    policy: Policy | None,
    telling: Telling,
) -> _Older:
    """Older checkpoints that the log signed and this tree must therefore contain."""
    given: list[tuple[str, Note]] = [since] if since else []
    for path in place.history():
        try:
            given.append((f"`{path}`", Note.parse(place.read(path, MOST_NOTE) or b"")))
        except LedgerError as error:
            telling.wrong.append(f"The older checkpoint `{path}` cannot be read: {error}.")
    found: _Older = []
    keys = [log.key for log in policy.logs if log.key.name == checkpoint.origin] if policy else []
    for name, note in given:
        try:
            old = Checkpoint.parse(note.text)
        except LedgerError as error:
            telling.wrong.append(f"The older checkpoint {name} cannot be read: {error}.")
            continue
        if old.origin != checkpoint.origin:
            telling.wrong.append(f"The older checkpoint {name} is of another ledger, `{old.origin}`.")
        elif keys and not signed(note, keys):
            telling.wrong.append(f"The older checkpoint {name} is not signed by the key you trust; it shows nothing.")
        elif old.size > checkpoint.size:
            telling.wrong.append(
                f"The older checkpoint {name} has {entries(old.size)}, and now the ledger shows only "
                f"{entries(checkpoint.size)}: something was taken away, or this is an old copy."
            )
            telling.evidence += [_text(note), _text(newest)]
        else:
            found.append((name, note, old))
    return found


def _compare(note: Note, checkpoint: Checkpoint, tree: _Tree, older: _Older, telling: Telling) -> None:
    if tree.roots[checkpoint.size] != checkpoint.root:
        telling.wrong.append(
            "The entries do not give the root that the ledger signed: an entry was changed, or the order."
        )
    else:
        telling.shown.append(
            f"All {entries(checkpoint.size)} and all tiles were read, and give the root that was signed."
        )
    fine = 0
    for name, old_note, old in older:
        if tree.roots[old.size] == old.root:
            fine += 1
            continue
        telling.wrong.append(
            f"The older checkpoint {name} does not go together with this ledger: its first {entries(old.size)} were changed."
        )
        telling.evidence += [_text(old_note), _text(note)]
    if fine:
        what = "The older checkpoint is" if len(older) == 1 else f"Of {len(older):,} older checkpoints {fine:,} are"
        telling.shown.append(f"{what} contained in this one: nothing before was changed or taken away.")


def _text(note: Note) -> str:
    return note.encode().decode("utf-8", "replace")


# --- the tree ----------------------------------------------------------------------------------------------------

_ENTRY = re.compile(
    rb'\{"c":"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=","k":"(' + "|".join(KINDS).encode() + rb')"'
    rb',"t":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-2][0-9]Z)","v":1\}'
)  # the one spelling of an entry in canonical JSON; parsing and writing each one anew would take ten times as long


@dataclass(slots=True)
class _Tree:
    """The tree worked out from the entries: `levels[n]` are the hashes of the tile that is being filled at level n."""

    place: Source
    checkpoint: Checkpoint
    wanted: set[int]  # the sizes whose roots are needed
    telling: Telling
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])
    counts: list[int] = field(default_factory=lambda: [0])  # tiles that are full, by level
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    kinds: Counter[str] = field(default_factory=Counter)
    hour: bytes = b""
    closed: bool = False
    problems: int = 0

    def read(self, step: Step) -> bool:
        """Read everything. False when a piece is missing or cannot be read: then there is no root to compare."""
        size = self.checkpoint.size
        asked = sorted(self.wanted | {size})
        for bundle in range(-(-size // WIDTH)):
            start = bundle * WIDTH
            width = min(WIDTH, size - start)
            leaves = self._bundle(bundle, width)
            if leaves is None:
                return False
            for wanted in asked[bisect_right(asked, start) : bisect_right(asked, start + width)]:
                self.levels[0] = leaves[: wanted - start]
                self.roots[wanted] = self._root()
            self.levels[0] = leaves
            if not self._fill():
                return False
            step(start + width, size)
        return all(self._tile(level, self.counts[level]) for level, hashes in enumerate(self.levels) if hashes)

    def _bundle(self, bundle: int, width: int) -> list[bytes] | None:
        """The leaf hashes of one bundle of entries."""
        body = self._file(lambda w: entries_path(bundle, w), width, MOST_BUNDLE)
        if body is None:
            return None
        start = bundle * WIDTH
        try:
            found = parse_entries(body)
        except LedgerError as error:
            self._stop(f"The entries from {start:,} on cannot be read: {error}.")
            return None
        if len(found) < width:
            self._stop(f"The entries from {start:,} on should be {width}, and are {len(found)}.")
            return None
        sha256 = hashlib.sha256
        leaves = []
        for index, entry in enumerate(found[:width], start):
            leaves.append(sha256(b"\0" + entry).digest())
            fits = _ENTRY.fullmatch(entry)
            if fits is None or (fits[2] != self.hour and not _in_the_calendar(entry)):
                self._wrong(f"Entry {index:,} does not have the form of an entry of a ledger.")
                continue
            kind, hour = fits.groups()
            self.kinds[kind.decode()] += 1
            if hour < self.hour:
                self._wrong(f"Entry {index:,} has an earlier hour than the entry before it.")
            if self.closed:
                self._wrong(f"Entry {index:,} was added after the ledger had been closed.")
            self.hour, self.closed = hour, kind == b"close"
        self._partials(entries_path(bundle), width, lambda w: encode_entries(found[:w]), MOST_BUNDLE)
        return leaves

    def _fill(self) -> bool:
        """Where a tile is full, compare it and carry its root one level up."""
        level = 0
        while len(self.levels[level]) == WIDTH:
            if not self._tile(level, self.counts[level]):
                return False
            if level + 1 == len(self.levels):
                self.levels.append([])
                self.counts.append(0)
            self.levels[level + 1].append(_perfect(self.levels[level]))
            self.levels[level] = []
            self.counts[level] += 1
            level += 1
        return True

    def _root(self) -> bytes:
        """RFC 9162 §2.1.1: the full subtrees, the largest first, hashed together from the right."""
        peaks = []
        for hashes in reversed(self.levels):
            at = 0
            while at < len(hashes):
                width = 1 << ((len(hashes) - at).bit_length() - 1)
                peaks.append(_perfect(hashes[at : at + width]))
                at += width
        root = peaks.pop()
        while peaks:
            root = node_hash(peaks.pop(), root)
        return root

    def _tile(self, level: int, index: int) -> bool:
        ours = b"".join(self.levels[level])
        width = len(self.levels[level])
        body = self._file(lambda w: tile_path(level, index, w), width, WIDTH * 32)
        if body is None:
            return False
        if body[: len(ours)] != ours:
            at = next(i for i in range(width) if body[32 * i : 32 * i + 32] != ours[32 * i : 32 * i + 32])
            first = (index * WIDTH + at) * WIDTH**level
            self._wrong(
                f"`{tile_path(level, index, width)}` does not fit entry {first:,}: one of the two was changed."
                if level == 0
                else f"`{tile_path(level, index, width)}` does not fit the entries from {first:,} on."
            )
        else:
            self._partials(tile_path(level, index), width, lambda w: ours[: 32 * w], WIDTH * 32)
        return True

    def _partials(self, path: str, width: int, right: Callable[[int], bytes], most: int) -> None:
        for wrong in changed_partials(self.place, path, width, right, most):
            self._wrong(f"`{wrong}` is not what the entries give: it was changed.")

    def _file(self, path: Callable[[int], str], width: int, most: int) -> bytes | None:
        """A file of this width; or the full one, when the ledger has grown meanwhile and dropped the partial one."""
        try:
            for tried in dict.fromkeys((width, WIDTH)):
                body = self.place.read(path(tried), most)
                if body is not None:
                    return body
        except LedgerError as error:
            self._stop(f"{error}.")
            return None
        self._stop(f"`{path(width)}` is missing.")
        return None

    def _stop(self, sentence: str) -> None:
        """A piece is missing, so the rest cannot be worked out."""
        self.telling.wrong.append(sentence)

    def _wrong(self, sentence: str) -> None:
        self.problems += 1
        if self.problems <= MOST_WRONG:
            self.telling.wrong.append(sentence)


def _in_the_calendar(entry: bytes) -> bool:
    try:
        parse_entry(entry)
    except LedgerError:
        return False
    return True


def _perfect(hashes: list[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]
