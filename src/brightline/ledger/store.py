"""What a store must offer, so that the rest of the ledger need not know which database it is.

A store keeps the entries with their sealed payloads, the head, every signed checkpoint, and the hashes of full tiles. It
promises one thing: what a transaction has written becomes durable as a whole when `commit` returns, or not at all. Every
fault inside a transaction leaves the store unusable until it is opened again; `Busy` alone is no such fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import Reader
from brightline.ledger.tiles import WIDTH, subtrees

Work = Callable[[Any, int], Any]  # (the connection, the index of the first entry) -> whatever the caller wants back


class Busy(LedgerError):
    """Another program holds the database. Nothing was written, and it can be tried again."""


class Broken(LedgerError):
    """The transaction is lost, or what it wrote is not to be trusted: the writer must stop."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands. `epoch` counts the processes that have written, so that an old one can be told.

    `time`: POSIX seconds of the last entry; `lag`: see `clock`; `slots`: the first leaf of the key tree that is not in use;
    `next`: the origin of the next ledger, when this one is closed.
    """

    size: int
    epoch: int
    time: float
    lag: float
    slots: int
    peaks: tuple[bytes, ...]
    root: bytes
    signature: bytes  # of the checkpoint of this size: 64 bytes
    next: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with what belongs to it. Of a record that was replayed from a mirror, only the entry is there."""

    index: int
    entry: bytes
    slot: int | None
    fields: int
    sealed: bytes | None


NewRow = tuple[int, bytes, int | None, int, bytes | None]  # the same, without the cost of the name


class Signed(NamedTuple):
    """A checkpoint that was signed and kept."""

    size: int
    root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that was decided: by which entry, of which record, and which fields (all: None)."""

    entry: int
    index: int
    slot: int
    fields: int
    numbers: tuple[int, ...] | None


class Store(Protocol):
    """One writer at a time uses `begin` to `commit`; everything under "reading" may be used by any thread."""

    # one transaction: begin, then anything of the middle, then commit; `abandon` ends it without a trace
    def begin(self) -> None: ...
    def keep(self, signed: Signed) -> None: ...  # a checkpoint of before, which a replay has found
    def run(self, work: Work, index: int) -> Any: ...  # in a savepoint: a fault of `work` undoes `work` alone
    def requested(self, keys: Sequence[bytes]) -> dict[bytes, int]: ...  # the entries that these request keys have made
    def add(self, rows: Sequence[NewRow], requests: Sequence[tuple[bytes, int]]) -> list[bytes]: ...  # as read back
    def add_nodes(self, tiles: Sequence[tuple[int, bytes]], nodes: Sequence[tuple[int, int, bytes]]) -> None: ...
    def advance(self, old: Head, new: Head) -> None: ...  # compare and swap; keeps the checkpoint of `new`
    def reseal(self, index: int, sealed: bytes | None) -> None: ...
    def add_erasure(self, erasure: Erasure) -> None: ...
    def add_hold(self, entry: int, index: int) -> None: ...
    def release_holds(self, entry: int, index: int) -> int: ...
    def held(self, index: int) -> bool: ...
    def set_word(self, name: str, value: str) -> None: ...
    def commit(self) -> None: ...
    def abandon(self) -> None: ...

    # between transactions, by the writer
    def slots(self, head: Head) -> Iterator[int]: ...  # leaves of the key tree not in use; threads may share it
    def tidy(self) -> None: ...  # what keeps the store small and fast
    def truncate(self) -> None: ...  # what makes it forget what was erased

    # for a check of all that is stored
    def stand_still(self) -> None: ...  # from now on reading sees this moment
    def damage(self) -> list[str]: ...  # what the database itself finds wrong
    def count(self, table: str) -> int: ...  # of tiles, nodes, checkpoints

    # reading what is committed
    def head(self) -> Head: ...
    def rows(self, start: int, stop: int) -> list[Row]: ...
    def entries(self, start: int, stop: int) -> list[bytes]: ...
    def numbered(
        self, start: int, stop: int
    ) -> list[tuple[int, bytes]]: ...  # entries with their indexes, as they are there
    def tile(self, index: int) -> bytes | None: ...  # the leaf hashes of a full tile
    def nodes(self, level: int, start: int, stop: int) -> list[bytes]: ...  # of level 1 and above
    def signed(self, size: int) -> Signed | None: ...
    def signed_after(self, index: int) -> Signed | None: ...  # the first checkpoint that covers this entry
    def all_signed(self) -> Iterator[Signed]: ...
    def erasures(self, after: int) -> list[Erasure]: ...
    def request(self, key: bytes) -> int | None: ...
    def word(self, name: str) -> str | None: ...
    def close(self) -> None: ...


def reader(store: Store, leaf: Callable[[bytes], bytes]) -> Reader:
    """Full subtrees out of what the store keeps: a proof reads O(log n) hashes and, at the right edge, at most 255 entries."""
    kept: dict[tuple[int, int], list[bytes]] = {}

    def tile(level: int, index: int) -> list[bytes]:
        found = kept.get((level, index))
        if found is None:
            start = index * WIDTH
            if level:
                found = store.nodes(level, start, start + WIDTH)
            elif (body := store.tile(index)) is not None:
                found = [body[i : i + 32] for i in range(0, len(body), 32)]
            else:
                found = [leaf(entry) for entry in store.entries(start, start + WIDTH)]
            kept[level, index] = found
        return found

    return subtrees(tile, "the store, which `ledger fsck` checks,")
