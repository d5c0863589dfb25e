"""Writing what everybody may read: tiles, entries, checkpoint, key and policy, so that a crash at any step leaves it right.

The order is: full and partial tiles and entry bundles, durably; read back and held against the signed root; key and policy;
`checkpoint`; the copy beside the folder; the copy in the history (one that is missing there after a crash comes first, the next
time); and last, partial tiles whose full tile is there now are removed. A checkpoint is never written before all that it needs can be read back. What is there already is written again unless
the published checkpoint covers it, because after a fault nobody knows what reached the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import Writing, inside, locked, make_folders, read, replace, sweep, writing
from brightline.ledger.guard import check, known_outside, note_of
from brightline.ledger.merkle import leaf_hash, root_at
from brightline.ledger.note import Note
from brightline.ledger.policy import Policy
from brightline.ledger.store import Head, Store
from brightline.ledger.tiles import (
    WIDTH,
    Tile,
    encode_entries,
    entries_path,
    parse_entries,
    tile_path,
    tile_reader,
    tiles_of,
)

if TYPE_CHECKING:
    from brightline.ledger.ledger import Ledger

Prove = Callable[[int, int], list[bytes]]
Cosign = Callable[[Note, Prove], Note]  # ask the witnesses: the checkpoint with the cosignatures that came
CLOSED = "closed.tlog-proof"  # the receipt of the last entry, with the name of the next ledger disclosed


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: where, the checkpoint with its cosignatures, and how many files were written for it."""

    folder: Path
    checkpoint: Note
    size: int
    files: int


def publish(
    ledger: Ledger, to: Path, cosign: Cosign | None = None, known: Iterable[tuple[str, Note]] = ()
) -> Published:
    """Publish the head. `cosign` is asked when the tiles are there and before the checkpoint is. Raises LedgerError.

    Before anything is written the head is held against the published checkpoint, the one beside the folder, and `known`.
    """
    to = to.absolute()
    if ledger.refusal or ledger.stopped:
        raise LedgerError(ledger.refusal or ledger.stopped)
    with locked(
        ledger.folder / "publishing", f"{ledger.folder}: another process is publishing; wait until it has finished"
    ):
        head = ledger.head
        before = _published(to)
        check(ledger.store, head, ledger.key, [*known, *known_outside(ledger.newest, to, head.size)])
        since = Checkpoint.parse(before.text).size if before else 0
        make_folders(ledger.disk, to, 0o755)
        places = _edge(to, head.size, since) if to in ledger.swept else _folders(to)
        sweep(ledger.disk, places)
        files = 0
        with writing(ledger.disk) as batch:
            written = []
            for path, body in files_of(ledger.store, head.size, since):
                batch.put(to / path, body)
                written.append(path)
                files += 1
        read_back(to, ledger.store, head, written)
        note = note_of(head, ledger.key)
        if before is not None and before.text == note.text:
            note = before  # with the cosignatures that it has
        if cosign is not None:
            note = cosign(note, ledger.consistency)
            check(ledger.store, head, ledger.key, [("the cosigned checkpoint", note)])
        with writing(ledger.disk) as batch:
            _about(ledger, to, head, note, batch)
            if before is not None and not (to / "checkpoints" / str(since)).exists():
                batch.put(to / "checkpoints" / str(since), before.encode())
        replace(ledger.disk, to / "checkpoint", note.encode())
        ledger.remember(note, head.size)
        replace(ledger.disk, to / "checkpoints" / str(head.size), note.encode())
        with writing(ledger.disk) as batch:
            for stale in stale_partials([*places, *_edge(to, head.size, since)]):
                batch.remove(stale)
        ledger.swept.add(to)
        return Published(to, note, head.size, files + 1)


def _folders(to: Path) -> list[Path]:
    """The published folder and all in it."""
    try:
        return [to, *(p for p in to.rglob("*") if p.is_dir())]
    except OSError as error:
        raise LedgerError(f"{to}: cannot be read ({error.strerror}); look after the disk, then publish again") from None


def files_of(store: Store, size: int, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """The tiles and entry bundles of a tree of this size which those of an older size do not have: their paths and bytes."""
    for tile in tiles_of(size, since):
        if tile.level == 0:
            entries = store.entries(tile.index * WIDTH, tile.index * WIDTH + tile.width)
            yield entries_path(tile.index, tile.width), encode_entries(entries)
        yield tile.path, _tile(store, tile)


def _tile(store: Store, tile: Tile) -> bytes:
    start = tile.index * WIDTH
    if tile.level:
        return b"".join(store.nodes(tile.level, start, start + tile.width))
    stored = store.tile(tile.index)
    if stored is not None:
        return stored[: 32 * tile.width]
    return b"".join(leaf_hash(entry) for entry in store.entries(start, start + tile.width))


def read_back(folder: Path, store: Store, head: Head, written: list[str]) -> None:
    """Read from the disk what was written: each bundle must give its tile, and the tiles the signed root. Raises LedgerError."""

    def fetch(path: str) -> bytes | None:
        return read(folder / path)

    for path in written:
        if path.startswith("tile/entries/"):
            entries, tile = fetch(path), fetch("tile/0/" + path.removeprefix("tile/entries/"))
            if entries is None or tile != b"".join(leaf_hash(entry) for entry in parse_entries(entries)):
                raise LedgerError(
                    f"{folder / path}: does not give the hashes of its tile when it is read back; look after the disk, publish again"
                )
    if root_at(head.size, tile_reader(head.size, fetch)) != head.root:
        raise LedgerError(
            f"{folder}: the tiles do not give the signed root when they are read back, so no checkpoint was published; "
            "run `ledger fsck`, or remove the folder and publish again"
        )


def _edge(to: Path, size: int, since: int) -> list[Path]:
    """The folders in which publishing writes, and those of the partial tiles that become full: the rest does not change."""
    made = {to, to / "checkpoints"}
    for tile in tiles_of(size, since):
        for path in (tile_path(tile.level, tile.index), *([entries_path(tile.index)] if tile.level == 0 else [])):
            made |= {(to / path).parent, (to / path).with_name(f"{(to / path).name}.p")}
    return sorted(made)


def stale_partials(folders: Iterable[Path]) -> list[Path]:
    """Partial tiles whose full tile is published: nobody needs them any more."""
    return [
        part
        for place in dict.fromkeys(folders)
        if place.name.endswith(".p") and place.is_dir() and place.with_suffix("").is_file()
        for part in inside(place)
    ]


def _about(ledger: Ledger, to: Path, head: Head, note: Note, batch: Writing) -> None:
    """The key, the policy, and, of a closed ledger, the receipt that names the next."""
    policy = read(ledger.folder / "policy")
    if policy is None:
        raise LedgerError(
            f"{ledger.folder / 'policy'}: is missing; the least is `log {ledger.key.vkey}` and `quorum none`"
        )
    parsed = Policy.parse(policy)
    if ledger.key.vkey not in [log.key.vkey for log in parsed.logs]:
        raise LedgerError(
            f"{ledger.folder / 'policy'}: does not name this ledger; add the line `log {ledger.key.vkey}`"
        )
    batch.put(to / "vkey", f"{ledger.key.vkey}\n".encode())
    batch.put(to / "policy", policy)
    if head.next:
        batch.put(to / CLOSED, ledger.closing_receipt(note).encode())


def _published(to: Path) -> Note | None:
    body = read(to / "checkpoint")
    if body is None:
        return None
    try:
        return Note.parse(body)
    except LedgerError as error:
        raise LedgerError(
            f"{to / 'checkpoint'}: is damaged ({error}); bring it back from a mirror, or remove the folder and publish again"
        ) from None
