"""Tiles and entry bundles (C2SP tlog-tiles): their paths, their bytes, and reading a tree out of them.

A tile holds up to 256 hashes of one level; one level up, a hash stands for 256 below, that is for a full tile. The tile at
the right edge may be partial. Tiles are derived from the entries: they can always be made again, and are not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import HASH_SIZE, MOST_SIZE, Reader, node_hash

WIDTH = 256  # hashes in a full tile, entries in a full bundle
HEIGHT = 8  # levels of the tree that one tile holds
MOST_ENTRY = 65_535  # bytes; the length before an entry has 16 bits
MOST_LEVEL = 63


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: level 0 is that of the leaf hashes; `width` is 256 for a full one, else 1 to 255."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """`tile/<level>/<index>` with `.p/<width>` behind a partial one; index 1234067 is written `x001/x234/067`."""
    if not 0 <= level <= MOST_LEVEL:
        raise LedgerError(f"there is no tile of level {level}: levels go from 0 to {MOST_LEVEL}")
    return f"tile/{level}/{_numbered(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle: `tile/entries/<index>`, with `.p/<width>` behind a partial one."""
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    if not 0 <= index <= MOST_SIZE or not 1 <= width <= WIDTH:
        raise LedgerError(f"there is no tile {index} of width {width}: a tile is 1 to {WIDTH} wide")
    made = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        made = f"x{index % 1000:03d}/{made}"
    return made if width == WIDTH else f"{made}.p/{width}"


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: before each entry its length in bytes, as two bytes, the high one first."""
    made = bytearray()
    for entry in entries:
        if len(entry) > MOST_ENTRY:
            raise LedgerError(f"an entry of {len(entry)} bytes does not fit into a bundle: {MOST_ENTRY} are the most")
        made += len(entry).to_bytes(2, "big") + entry
    return bytes(made)


def parse_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle, full or partial."""
    made: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1]) if start <= end else end + 1
        if at > end:
            raise LedgerError(f"the bundle is cut off in its entry {len(made)}; get it again, or make the tiles anew")
        made.append(data[start:at])
    if not 1 <= len(made) <= WIDTH:
        raise LedgerError(f"the bundle has {len(made)} entries; it must have 1 to {WIDTH}")
    return made


def encode_tile(hashes: Iterable[bytes]) -> bytes:
    return b"".join(hashes)


def parse_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile that must be this wide."""
    if len(data) != width * HASH_SIZE:
        raise LedgerError(
            f"a tile of {width} hashes has {width * HASH_SIZE} bytes, and this one {len(data)}: it was cut off or changed; "
            "get it again, or make the tiles anew"
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles of a tree of this size, lower levels first, from left to right; none is empty.

    With `since`, an older size: only those that its tiles do not have yet. At level 0 they are the entry bundles too.
    """
    level, count, before = 0, size, since
    while count:
        for index in range(before // WIDTH, -(-count // WIDTH)):
            width = min(WIDTH, count - index * WIDTH)
            if width > before - index * WIDTH:
                yield Tile(level, index, width)
        level, count, before = level + 1, count // WIDTH, before // WIDTH


def tile_bytes(tile: Tile, read: Reader) -> bytes:
    """The bytes of a tile, out of a store of full subtrees."""
    height, first = tile.level * HEIGHT, tile.index * WIDTH
    return encode_tile(read(height, first + i) for i in range(tile.width))


def subtrees(tile: Callable[[int, int], list[bytes]], whose: str) -> Reader:
    """Full subtrees out of the hashes of tiles: `tile(level, index)` gives those that there are."""

    def read(height: int, index: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        first = index << above
        hashes = tile(level, first // WIDTH)[first % WIDTH :][: 1 << above]
        if len(hashes) != 1 << above:
            raise LedgerError(f"{whose} has no full subtree {index} of height {height}")
        while len(hashes) > 1:
            hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    return read


def tile_reader(size: int, fetch: Callable[[str], bytes | None]) -> Reader:
    """Read the tree of this size out of its tiles. `fetch` gives the bytes at a path, or None where there is nothing.

    A partial tile that is gone is looked for in the full one, as a log may delete it then. Each tile is fetched once. The
    tiles are not checked here: a proof made from them shows whether they were right.
    """
    kept: dict[tuple[int, int], list[bytes]] = {}

    def tile(level: int, index: int) -> list[bytes]:
        found = kept.get((level, index))
        if found is None:
            width = min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)
            if width < 1:
                raise LedgerError(f"a tree of size {size} has no tile {index} at level {level}")
            path = tile_path(level, index, width)
            data, got = fetch(path), width
            if data is None and width < WIDTH:
                data, got = fetch(tile_path(level, index)), WIDTH
            if data is None:
                raise LedgerError(f"`{path}` is missing: get it from another copy, or make the tiles anew")
            try:
                found = kept[level, index] = parse_tile(data, got)[:width]
            except LedgerError as error:
                raise LedgerError(f"`{tile_path(level, index, got)}`: {error}") from None
        return found

    return subtrees(tile, f"a tree of size {size}")
