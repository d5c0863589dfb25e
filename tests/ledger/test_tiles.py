"""Tiles and entry bundles: paths, bytes, and a tree that is read out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import check_consistency, check_inclusion, consistency_proof, inclusion_proof, root_at
from brightline.ledger.tiles import (
    Tile,
    encode_entries,
    encode_tile,
    entries_path,
    parse_entries,
    parse_tile,
    tile_bytes,
    tile_path,
    tile_reader,
    tiles_of,
)
from tests.ledger.definition import Tree, sha

tree = Tree(lambda i: sha(b"leaf %d" % i))


def published(size: int) -> dict[str, bytes]:
    """All tiles of a tree, made from its definition alone."""
    return {tile.path: tile_bytes(tile, tree.read) for tile in tiles_of(size)}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(3, 1_234_067), "tile/3/x001/x234/067"),  # C2SP tlog-tiles: "index 1234067"
        (tile_path(1, 999, 17), "tile/1/999.p/17"),
        (tile_path(0, 1000), "tile/0/x001/000"),
        (entries_path(0, 1), "tile/entries/000.p/1"),
        (entries_path(1_000_000), "tile/entries/x001/x000/000"),
    ],
)
def test_paths(path: str, said: str) -> None:
    assert path == said


@pytest.mark.parametrize("wrong", [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_tiles_that_cannot_be(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(LedgerError, match="there is no tile"):
        tile_path(*wrong)


def test_the_tiles_of_a_tree_of_70000_are_those_of_the_specification() -> None:
    # C2SP tlog-tiles, "Partial Tiles"
    tiles = list(tiles_of(70_000))
    assert [t for t in tiles if t.level == 0] == [*(Tile(0, i) for i in range(273)), Tile(0, 273, 112)]
    assert [t for t in tiles if t.level > 0] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 200_000), st.integers(0, 3000))
def test_growing_needs_the_tiles_that_were_not_there(old: int, more: int) -> None:
    before, after = set(tiles_of(old)), set(tiles_of(old + more))
    assert set(tiles_of(old + more, since=old)) == after - before


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 513, 1000, 65_536, 66_049])
def test_a_tree_is_read_out_of_its_tiles(size: int) -> None:
    tiles = published(size)
    fetched: list[str] = []

    def fetch(path: str) -> bytes | None:
        fetched.append(path)
        return tiles.get(path)

    read = tile_reader(size, fetch)
    root = tree.mth(0, size)
    assert root_at(size, read) == root
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        path = inclusion_proof(index, size, read)
        assert path == tree.path(index, 0, size)
        check_inclusion(tree.leaf(index), index, size, path, root)
    for old in {1, size // 3, size - 1} & set(range(1, size)):
        proof = consistency_proof(old, size, read)
        assert proof == tree.proof(old, size)
        check_consistency(old, tree.mth(0, old), size, root, proof)
    assert len(fetched) == len(set(fetched)), "each tile is fetched once"
    assert set(fetched) <= set(tiles)


def test_a_partial_tile_that_is_gone_is_read_out_of_the_full_one() -> None:
    tiles = published(300) | published(512)
    del tiles["tile/0/001.p/44"]
    assert root_at(300, tile_reader(300, tiles.get)) == tree.mth(0, 300)
    tiles["tile/0/001"] += b"x"
    with pytest.raises(LedgerError, match=r"`tile/0/001`: a tile of 256 hashes has 8192 bytes"):
        root_at(300, tile_reader(300, tiles.get))


def test_a_missing_or_broken_tile_is_named() -> None:
    tiles = published(300)
    del tiles["tile/0/001.p/44"]
    with pytest.raises(LedgerError, match=r"`tile/0/001.p/44` is missing"):
        root_at(300, tile_reader(300, tiles.get))
    tiles["tile/0/001.p/44"] = bytes(44 * 32 - 1)
    with pytest.raises(LedgerError, match=r"`tile/0/001.p/44`: a tile of 44 hashes has 1408 bytes, and this one 1407"):
        root_at(300, tile_reader(300, tiles.get))


def test_a_tree_has_no_subtree_beyond_its_edge() -> None:
    read = tile_reader(300, published(300).get)
    assert read(2, 74) == tree.read(2, 74)
    for height, index in ((2, 75), (0, 300), (8, 1), (9, 0), (16, 0)):
        with pytest.raises(LedgerError, match="a tree of size 300 has no"):
            read(height, index)


def test_changed_tiles_give_another_root() -> None:
    tiles = published(300)
    for path in ("tile/0/001.p/44", "tile/1/000.p/1"):
        for at in range(0, len(tiles[path]), 7):
            body = bytearray(tiles[path])
            body[at] ^= 4
            assert root_at(300, tile_reader(300, (tiles | {path: bytes(body)}).get)) != tree.mth(0, 300)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_that_is_written_is_read_as_it_was(entries: list[bytes]) -> None:
    assert parse_entries(encode_entries(entries)) == entries


@given(st.binary(max_size=600))
def test_a_bundle_that_is_read_is_written_as_it_was(data: bytes) -> None:
    try:
        entries = parse_entries(data)
    except LedgerError:
        return
    assert encode_entries(entries) == data


def test_the_bytes_of_a_bundle() -> None:
    assert encode_entries([b"a", b"", b"x" * 258]) == b"\x00\x01a\x00\x00\x01\x02" + b"x" * 258
    with pytest.raises(LedgerError, match="65536 bytes does not fit"):
        encode_entries([bytes(65_536)])


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x05abcd", b"\x00\x01ab", b"\x00\x00" * 257])
def test_a_bundle_that_is_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerError, match="the bundle"):
        parse_entries(data)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
def test_a_tile_that_is_written_is_read_as_it_was(hashes: list[bytes]) -> None:
    assert parse_tile(encode_tile(hashes), len(hashes)) == hashes
