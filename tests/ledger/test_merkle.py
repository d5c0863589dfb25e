"""Trees and their proofs, against published vectors and against the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
)
from tests.ledger.definition import Tree, sha

# Reference trees and proofs of transparency-dev/merkle, proof/verify_test.go (Apache-2.0): the entries, the roots of
# sizes 1 to 8, and paths and proofs as (from, to, hashes).
ENTRIES = [
    bytes.fromhex(e)
    for e in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_96A, _5F0, _6B4 = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
_BC1, _CA8, _D37 = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
_0EB, _B08 = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
)
PATHS = [
    (0, 1, []),
    (0, 8, [_96A, _5F0, _6B4]),
    (5, 8, [_BC1, _CA8, _D37]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], _5F0, _BC1]),
]
PROOFS = [
    (1, 1, []),
    (1, 8, [_96A, _5F0, _6B4]),
    (6, 8, [_0EB, _CA8, _D37]),
    (2, 5, [_5F0, _BC1]),
    (6, 7, [_0EB, _B08, _D37]),
]

reference = Tree(lambda i: leaf_hash(ENTRIES[i]))
tree = Tree(lambda i: sha(b"leaf %d" % i))
WHOLE = [*range(67), 127, 128, 129, 255, 256, 257, 511, 512, 513, 600]  # sizes with all indices and all older sizes
Change = list[bytes]


def hexed(hashes: list[bytes]) -> list[str]:
    return [h.hex() for h in hashes]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier(0, ()).root() == root_at(0, tree.read) == EMPTY_ROOT


def test_published_roots() -> None:
    grown = Frontier()
    for size, (entry, root) in enumerate(zip(ENTRIES, ROOTS, strict=True), 1):
        grown = grown.append(leaf_hash(entry))
        assert grown.size == size
        assert grown.root().hex() == root_at(size, reference.read).hex() == root


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_published_paths(index: int, size: int, path: list[str]) -> None:
    assert hexed(inclusion_proof(index, size, reference.read)) == path
    check_inclusion(
        leaf_hash(ENTRIES[index]), index, size, list(map(bytes.fromhex, path)), bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(("old", "new", "proof"), PROOFS)
def test_published_consistency_proofs(old: int, new: int, proof: list[str]) -> None:
    assert hexed(consistency_proof(old, new, reference.read)) == proof
    roots = [bytes.fromhex(root) for root in ROOTS]
    check_consistency(old, roots[old - 1], new, roots[new - 1], list(map(bytes.fromhex, proof)))


def test_all_roots_up_to_600_are_those_of_the_definition() -> None:
    grown = Frontier()
    for size in range(601):
        assert grown.root() == root_at(size, tree.read) == tree.mth(0, size)
        assert len(grown.peaks) == size.bit_count()
        grown = grown.append(tree.leaf(size))


@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_in_batches_is_growing_one_by_one(batches: list[int]) -> None:
    many = one = Frontier()
    for batch in batches:
        leaves = [tree.leaf(many.size + i) for i in range(batch)]
        many = many.extend(leaves)
        for leaf in leaves:
            one = one.append(leaf)
    assert many == one


def test_all_paths_are_those_of_the_definition() -> None:
    for size in range(1, 601):
        root = tree.mth(0, size)
        for index in (
            range(size) if size in WHOLE else {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size))
        ):
            path = inclusion_proof(index, size, tree.read)
            assert path == tree.path(index, 0, size)
            check_inclusion(tree.leaf(index), index, size, path, root)


def test_all_consistency_proofs_are_those_of_the_definition() -> None:
    for new in range(601):
        root = tree.mth(0, new)
        some = {0, 1, new // 3, new // 2, new - 1, new} & set(range(new + 1))
        for old in range(new + 1) if new in WHOLE else some:
            proof = consistency_proof(old, new, tree.read)
            assert proof == tree.proof(old, new)
            check_consistency(old, tree.mth(0, old), new, root, proof)


class Huge(Tree):
    """A tree in which all leaves are the same but for the named ones, so that a million leaves are a few hashes."""

    def __init__(self, named: set[int]) -> None:
        self.named = sorted(named)
        self.plain = [sha(b"plain")]
        for _ in range(40):
            self.plain.append(sha(b"\x01" + self.plain[-1] * 2))
        super().__init__(lambda i: sha(b"named %d" % i), self._plain)

    def _plain(self, start: int, end: int) -> bytes | None:
        count = end - start
        if count & (count - 1) or any(start <= i < end for i in self.named):
            return None
        return self.plain[count.bit_length() - 1]


@pytest.mark.parametrize("power", [256, 256**2, 256**3, 256**4])
def test_around_powers_of_256(power: int) -> None:
    places = sorted({power * k + d for k in (1, 2) for d in (-2, -1, 0, 1, 2)} | {power + power // 256, power + 255})
    huge = Huge({0, 1, *places})
    for size in places:
        root = root_at(size, huge.read)
        assert root == huge.mth(0, size)
        for index in {0, 1, 2, size // 2, *(p for p in places if p < size), size - 1}:
            path = inclusion_proof(index, size, huge.read)
            assert path == huge.path(index, 0, size)
            check_inclusion(huge.mth(index, index + 1), index, size, path, root)
        for old in {0, 1, 2, size // 2, *(p for p in places if p <= size)}:
            proof = consistency_proof(old, size, huge.read)
            assert proof == huge.proof(old, size)
            check_consistency(old, huge.mth(0, old), size, root, proof)


def test_a_proof_reads_no_more_than_it_must() -> None:
    size = 2**40 - 1
    reads = []

    def read(height: int, index: int) -> bytes:
        reads.append((height, index))
        return sha(b"%d %d" % (height, index))

    inclusion_proof(size // 3, size, read)
    assert len(reads) <= 2 * 40


def changed(proof: list[bytes]) -> list[Change]:
    """Every byte changed, every hash left out, doubled, cut or swapped, and hashes added."""
    made = [
        [*proof[:i], h[:b] + bytes([h[b] ^ bit]) + h[b + 1 :], *proof[i + 1 :]]
        for i, h in enumerate(proof)
        for b in range(32)
        for bit in (1, 0x80)
    ]
    made += [proof[:i] + proof[i + 1 :] for i in range(len(proof))]
    made += [proof[: i + 1] + proof[i:] for i in range(len(proof))]
    made += [[*proof[:i], proof[i][:-1], *proof[i + 1 :]] for i in range(len(proof))]
    made += [[*proof[:i], proof[i + 1], proof[i], *proof[i + 2 :]] for i in range(len(proof) - 1)]
    return [*made, [*proof, sha(b"more")], [sha(b"more"), *proof], [*proof, b""]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 256, 257])
def test_no_changed_path_is_accepted(size: int) -> None:
    root = tree.mth(0, size)
    for index in {0, size // 2, size - 1}:
        leaf, path = tree.leaf(index), inclusion_proof(index, size, tree.read)
        for other in changed(path):
            with pytest.raises(LedgerError):
                check_inclusion(leaf, index, size, other, root)
        for other_index in {index - 1, index + 1, index ^ 2, size, -1} - {index}:
            with pytest.raises(LedgerError):
                check_inclusion(leaf, other_index, size, path, root)
        for other_size in (0, size * 2, size // 2, -1, 2**63):
            with pytest.raises(LedgerError):
                check_inclusion(leaf, index, other_size, path, root)
        for leaf_, root_ in ((sha(b"x"), root), (leaf, sha(b"x")), (b"", root), (leaf, b""), (leaf, EMPTY_ROOT)):
            with pytest.raises(LedgerError):
                check_inclusion(leaf_, index, size, path, root_)


@pytest.mark.parametrize(
    ("old", "new"), [(0, 5), (5, 5), (1, 2), (3, 7), (4, 8), (6, 8), (8, 13), (255, 257), (256, 600)]
)
def test_no_changed_consistency_proof_is_accepted(old: int, new: int) -> None:
    old_root, new_root = tree.mth(0, old), tree.mth(0, new)
    proof = consistency_proof(old, new, tree.read)
    for other in changed(proof):
        with pytest.raises(LedgerError):
            check_consistency(old, old_root, new, new_root, other)
    wrong = [
        (old, sha(b"x"), new, new_root),
        (old, old_root, old - 1, new_root),
        (old, old_root[:-1], new, new_root),
        (-1, old_root, new, new_root),
        (old, old_root, 2**63, new_root),
        (new + 1, old_root, new, new_root),
    ]
    if old:
        wrong += [(old, old_root, new, sha(b"x")), (old - 1, old_root, new, new_root)]
    if old not in (0, new):
        wrong += [(old, new_root, new, old_root), (old, old_root, new * 2, new_root), (old, new_root, new, new_root)]
    for a, b, c, d in wrong:
        with pytest.raises(LedgerError):
            check_consistency(a, b, c, d, proof)


def test_proofs_of_a_wrong_length_are_told() -> None:
    leaf, path, root = tree.leaf(5), inclusion_proof(5, 13, tree.read), tree.mth(0, 13)
    proof = consistency_proof(6, 13, tree.read)
    for other, said in (([*path, root], "too long"), (path[:-1], "too short"), ([], "too short")):
        with pytest.raises(LedgerError, match=f"the proof for entry 5 is {said} for a tree of size 13"):
            check_inclusion(leaf, 5, 13, other, root)
    for other, said in (([*proof, root], "is too long"), (proof[:-1], "is too short"), ([], "is missing")):
        with pytest.raises(LedgerError, match=f"the proof from size 6 to size 13 {said}"):
            check_consistency(6, tree.mth(0, 6), 13, root, other)


def test_history_that_was_rewritten_has_no_proof() -> None:
    forged = Tree(lambda i: sha(b"leaf %d" % i) if i != 2 else sha(b"another"))
    with pytest.raises(LedgerError, match="no continuation of the tree of size 5: history was changed"):
        check_consistency(5, tree.mth(0, 5), 9, forged.mth(0, 9), consistency_proof(5, 9, forged.read))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: inclusion_proof(5, 5, tree.read), "there is no entry 5 in a tree of size 5"),
        (lambda: inclusion_proof(-1, 5, tree.read), "there is no entry -1"),
        (lambda: consistency_proof(6, 5, tree.read), "a ledger only grows"),
        (lambda: root_at(-1, tree.read), "-1 is no size of a tree"),
    ],
)
def test_what_cannot_be_asked_is_told(ask: object, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        ask()  # type: ignore[operator]


def test_an_entry_cannot_pass_as_a_node() -> None:
    left, right = sha(b"l"), sha(b"r")
    assert leaf_hash(left + right) != node_hash(left, right) == sha(b"\x01" + left + right)
    assert leaf_hash(b"") == sha(b"\x00")
