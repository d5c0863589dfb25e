"""The guard against going back: a ledger signs nothing below or beside the newest checkpoint that anybody has seen of it.

A database that was restored from a back-up is an older ledger; what it would sign next is a second history. So the head is
held against the checkpoints known from elsewhere, when the ledger is opened and before each publication. `replay` is the mend:
it takes the missing entries, as they were published, from a mirror. It never signs anything again.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from time import strptime

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import parse_entry
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import read
from brightline.ledger.growth import bag, grow
from brightline.ledger.merkle import leaf_hash, root_at
from brightline.ledger.note import Note, Signature, VerifierKey
from brightline.ledger.sources import Source
from brightline.ledger.store import Head, Signed, Store, reader
from brightline.ledger.tiles import HEIGHT, WIDTH, entries_path, parse_entries

MOST_NOTE = 1_000_000
MOST_BUNDLE = WIDTH * (65_535 + 2)
SPARE_SLOTS = (
    1 << 20
)  # leaves of the key tree that are left out after a replay: records that are lost may have used them
Progress = Callable[[int, int], None]  # entries done, entries in all


def note_of(signed: Signed | Head, key: VerifierKey) -> Note:
    """The signed note of a checkpoint that the store keeps as numbers."""
    return Note(
        Checkpoint(key.name, signed.size, signed.root).text, (Signature(key.name, key.key_hash, signed.signature),)
    )


def right_edge(store: Store, head: Head, key: VerifierKey, where: str) -> list[bytes]:
    """Check what the next signature would build on; return the leaf hashes after the last full tile. Reads O(log n).

    The peaks must give the signed root; the entries at the edge and the stored nodes must give the peaks. Raises LedgerError.
    """
    mend = "run `ledger fsck`, which names the place, and restore that from a back-up or a mirror"
    heights = [h for h in range(head.size.bit_length() - 1, -1, -1) if head.size >> h & 1]
    if len(heights) != len(head.peaks) or bag(head.peaks) != head.root:
        raise LedgerError(f"{where}: the stored peaks of the tree do not give the root that was signed; {mend}")
    try:
        key.verify(Checkpoint(key.name, head.size, head.root).text, Signature(key.name, key.key_hash, head.signature))
    except LedgerError:
        raise LedgerError(f"{where}: the signature of the head does not fit the key of this ledger; {mend}") from None
    start = head.size // WIDTH * WIDTH
    pending = [leaf_hash(entry) for entry in store.entries(start, head.size + 1)]
    if len(pending) != head.size - start:
        raise LedgerError(
            f"{where}: the head says {head.size:,} entries, and the last ones are not there (or one more is); {mend}"
        )
    low = [p for h, p in zip(heights, head.peaks, strict=True) if h < HEIGHT]
    if list(grow(0, (), pending).peaks) != low:
        raise LedgerError(
            f"{where}: the entries from {start:,} to {head.size - 1:,} are not those that were signed; {mend}"
        )
    stored = reader(store, leaf_hash)
    at = 0
    for height, peak in zip(heights, head.peaks, strict=True):
        if height >= HEIGHT and stored(height, at >> height) != peak:
            raise LedgerError(
                f"{where}: the stored hashes over the entries from {at:,} do not give the signed root; {mend}"
            )
        at += 1 << height
    return pending


def known_outside(newest: Path, public: Path, size: int) -> list[tuple[str, Note]]:
    """The checkpoints that lie on this disk outside of the database. Raises LedgerError when one is missing or damaged."""
    found = []
    for path in (newest, public / "checkpoint"):
        body = read(path)
        if body is None:
            if path == newest and size:
                raise LedgerError(
                    f"{newest}: the newest checkpoint is missing, so nobody can tell whether this ledger was restored from an old "
                    "back-up; bring the file back, or catch up with `ledger repair` from the published copy"
                )
            continue
        try:
            found.append((str(path), Note.parse(body)))
        except LedgerError as error:
            raise LedgerError(
                f"{path}: is damaged ({error}); catch up with `ledger repair` from the published copy"
            ) from None
    return found


def check(store: Store, head: Head, key: VerifierKey, known: Iterable[tuple[str, Note]]) -> None:
    """Raise LedgerError when the head is below, or beside, a checkpoint that this ledger has signed before."""
    stored = reader(store, leaf_hash)
    for name, note in known:
        seen = verified(name, note, key)
        if seen.size > head.size:
            raise LedgerError(
                f"this ledger has {head.size:,} entries, and {name} shows {seen.size:,}: it was restored from an older copy; "
                "nothing is signed before it has caught up: `ledger repair` with the published copy"
            )
        root = head.root if seen.size == head.size else root_at(seen.size, stored)
        if root != seen.root:
            raise LedgerError(
                f"{name} shows another tree of {seen.size:,} entries under the key of this ledger: there are two histories; "
                "nothing is signed any more; keep both checkpoints, tell the witnesses, and begin a new ledger"
            )


def verified(name: str, note: Note, key: VerifierKey) -> Checkpoint:
    """The checkpoint, when this ledger has signed it. Raises LedgerError."""
    seen = Checkpoint.parse(note.text)
    ours = [signature for signature in note.signatures if key.made(signature)]
    if seen.origin != key.name or not ours:
        raise LedgerError(
            f"{name} is a checkpoint of `{seen.origin}`, or of another key, and not of this ledger, `{key.name}`"
        )
    try:
        for signature in ours:
            key.verify(note.text, signature)
    except LedgerError as error:
        raise LedgerError(f"{name}: {error}") from None
    return seen


def replay(store: Store, place: Source, key: VerifierKey, progress: Progress | None = None) -> Head:
    """Take the entries that are missing here from a published copy, in one transaction. Raises LedgerError; then nothing changed.

    All is worked out anew from the entries, and must give the root that this ledger has signed. The payloads of these entries
    stay lost: they were never published. When nothing is missing here, the two must be consistent.
    """
    old = store.head()
    note = _note(place, "checkpoint")
    goal = verified(f"{place.name}, checkpoint", note, key)
    signed = {goal.size: (goal, note)}
    for path in place.history():
        before = _note(place, path)
        seen = verified(f"{place.name}, {path}", before, key)
        if old.size <= seen.size <= goal.size:
            signed.setdefault(seen.size, (seen, before))
    if goal.size <= old.size:
        check(store, old, key, [(place.name, note)])
        return old
    start = old.size // WIDTH * WIDTH
    here = store.entries(start, old.size)
    pending, size, peaks, hour = [leaf_hash(e) for e in here], old.size, old.peaks, ""
    store.begin()
    try:
        for index in range(start // WIDTH, -(-goal.size // WIDTH)):
            entries = _bundle(place, index, min(WIDTH, goal.size - index * WIDTH))
            if index * WIDTH == start:
                if entries[: len(here)] != here:
                    raise LedgerError(
                        f"{place.name}: its entries from {start:,} are not those here: there are two histories"
                    )
                entries = entries[len(here) :]
            parts = sorted({*(s - size for s in signed if size < s < size + len(entries)), 0, len(entries)})
            for first, last in pairwise(parts):
                part = entries[first:last]
                rows = [(n, entry, None, 0, None) for n, entry in enumerate(part, size)]
                hour = max(hour, *(parse_entry(entry).hour for entry in part))
                if store.add(rows, ()) != part:
                    raise LedgerError(
                        "the database gave back another entry than was written; look after memory and disk"
                    )
                growth = grow(size, peaks, [leaf_hash(entry) for entry in part])
                tiles, nodes, pending = growth.full_tiles(pending)
                store.add_nodes(tiles, nodes)
                size, peaks = growth.size, growth.peaks
                if size in signed and signed[size][0].root != bag(peaks):
                    raise LedgerError(
                        f"{place.name}: its first {size:,} entries are not those that were signed; take another copy"
                    )
                if size in signed and size != goal.size:
                    store.keep(Signed(size, bag(peaks), _raw(signed[size][1], key)))
            if progress:
                progress(size, goal.size)
        time = max(old.time, float(timegm(strptime(hour, "%Y-%m-%dT%HZ"))))
        new = Head(size, old.epoch, time, old.lag, old.slots + SPARE_SLOTS, peaks, goal.root, _raw(note, key), old.next)
        store.advance(old, new)
        store.commit()
    except BaseException:
        store.abandon()
        raise
    return new


def _note(place: Source, path: str) -> Note:
    body = place.read(path, MOST_NOTE)
    if body is None:
        raise LedgerError(f"{place.name}: there is no `{path}`, so this is no published ledger")
    try:
        return Note.parse(body)
    except LedgerError as error:
        raise LedgerError(f"{place.name}, {path}: {error}") from None


def _bundle(place: Source, index: int, width: int) -> list[bytes]:
    body = place.read(entries_path(index, width), MOST_BUNDLE)
    if body is None and width < WIDTH:
        body = place.read(entries_path(index), MOST_BUNDLE)
    if body is None:
        raise LedgerError(f"{place.name}: `{entries_path(index, width)}` is missing; take another copy")
    entries = parse_entries(body)[:width]
    if len(entries) != width:
        raise LedgerError(
            f"{place.name}: `{entries_path(index, width)}` has {len(entries)} entries instead of {width}; take another copy"
        )
    return entries


def _raw(note: Note, key: VerifierKey) -> bytes:
    return next(s.raw for s in note.signatures if key.made(s))
