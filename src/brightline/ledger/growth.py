"""How the tree grows by a batch: the new nodes, and a receipt's path for each new leaf, out of memory alone.

Shared by all stores. `levels[k]` holds the roots of full subtrees of height k: the last one of the old tree, when it was still
without a right sibling, and then the new ones, up to the height where nothing is new. What else a proof for a new leaf needs are
the peaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from brightline.ledger.merkle import EMPTY_ROOT
from brightline.ledger.tiles import HEIGHT, WIDTH


@dataclass(frozen=True, slots=True)
class Growth:
    """The step from a tree of `old` leaves to one of `size` leaves."""

    old: int
    size: int
    peaks: tuple[bytes, ...]
    levels: tuple[list[bytes], ...]

    def fresh(self, height: int) -> tuple[int, list[bytes]]:
        """The nodes of this height that the old tree did not have, and the index of the first."""
        above = self.old >> height
        nodes = self.levels[height] if height < len(self.levels) else []
        return above, nodes[above & 1 :]

    def root(self) -> bytes:
        return bag(self.peaks)

    def path(self, index: int) -> tuple[bytes, ...]:
        """The inclusion path of a new leaf in the new tree, from below (RFC 9162 §2.1.3.1)."""
        path = []
        old, size, levels, at, height = self.old, self.size, self.levels, index, 0
        while 1 << height < size:
            beside, last = at ^ 1, size >> height  # `last`: how many full subtrees of this height there are
            if beside < last:
                if height < len(levels):
                    above = old >> height
                    path.append(levels[height][beside - above + (above & 1)])
                else:  # a peak of the old tree that the new leaves have not changed
                    path.append(self.peaks[(size >> height + 1).bit_count()])
            elif beside == last and last << height < size:
                path.append(self._edge(height))
            at, height = at >> 1, height + 1
        return tuple(path)

    def full_tiles(
        self, pending: list[bytes]
    ) -> tuple[list[tuple[int, bytes]], list[tuple[int, int, bytes]], list[bytes]]:
        """What a store keeps: the tiles of leaf hashes that have become full, and the nodes at the height of tiles.

        `pending` are the leaf hashes of the old tree after its last full tile; the new ones are returned last.
        """
        above, fresh = self.fresh(0)
        leaves = pending + fresh
        full, first = len(leaves) // WIDTH, above // WIDTH
        if not full:
            return [], [], leaves
        tiles = [(first + n, b"".join(leaves[n * WIDTH : (n + 1) * WIDTH])) for n in range(full)]
        nodes = []
        for height in range(HEIGHT, self.size.bit_length(), HEIGHT):
            start, made = self.fresh(height)
            nodes += [(height // HEIGHT, n, node) for n, node in enumerate(made, start)]
        return tiles, nodes, leaves[full * WIDTH :]

    def _edge(self, height: int) -> bytes:
        """The hash over the leaves after the last full subtree of this height."""
        below = (self.size & ((1 << height) - 1)).bit_count()
        return bag(self.peaks[len(self.peaks) - below :])


def grow(old: int, peaks: Sequence[bytes], leaves: Sequence[bytes]) -> Growth:
    """Add these leaf hashes to the tree of `old` leaves with these peaks."""
    size = old + len(leaves)
    levels: list[list[bytes]] = []
    made: list[bytes] = []  # the new peaks, the smallest first
    left = len(peaks)
    fresh = list(leaves)
    height = 0
    while fresh:
        if old >> height & 1:
            left -= 1
            fresh.insert(0, peaks[left])
        levels.append(fresh)
        if size >> height & 1:
            made.append(fresh[-1])
        if len(fresh) == 1:
            break
        pairs = iter(fresh)
        fresh = [sha256(b"\x01" + a + b).digest() for a, b in zip(pairs, pairs, strict=False)]
        height += 1
    made.reverse()
    return Growth(old, size, (*peaks[:left], *made), tuple(levels))


def bag(peaks: Sequence[bytes]) -> bytes:
    """The root over full subtrees, the biggest first."""
    if not peaks:
        return EMPTY_ROOT
    made = peaks[-1]
    for peak in reversed(peaks[:-1]):
        made = sha256(b"\x01" + peak + made).digest()
    return made
