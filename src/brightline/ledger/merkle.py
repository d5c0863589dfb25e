"""The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1) with SHA-256: roots, proofs, and their checks.

Pure functions. A tree is known by its size (the number of entries) and its root. What is stored is read through a `Reader`,
so that a proof costs as many reads as it has hashes, and no more. Every error is a LedgerError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from brightline.ledger.errors import LedgerError

HASH_SIZE = 32  # bytes
MOST_SIZE = 2**63 - 1  # entries; what a signed 64-bit integer holds, as databases do
EMPTY_ROOT: bytes = sha256(b"").digest()

Reader = Callable[[int, int], bytes]
"""(height, index) -> the hash of the full subtree over the leaves [index << height, (index + 1) << height)."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry. The zero in front keeps an entry from passing as a node (second preimages)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree. `peaks` are the roots of the full subtrees, the biggest first: one for each 1 in the size."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The tree with one more leaf, given as its leaf hash."""
        peaks, last, count = self.peaks, len(self.peaks), self.size
        while count & 1:  # each 1 at the end of the size is a full subtree that now finds its other half
            last -= 1
            leaf = sha256(b"\x01" + peaks[last] + leaf).digest()
            count >>= 1
        return Frontier(self.size + 1, (*peaks[:last], leaf))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """The tree with more leaves, given as their leaf hashes; faster than one by one."""
        peaks, size = list(self.peaks), self.size
        for leaf in leaves:
            count = size
            while count & 1:
                leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
                count >>= 1
            peaks.append(leaf)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        return _bagged(self.peaks) if self.peaks else EMPTY_ROOT


def _bagged(peaks: Sequence[bytes]) -> bytes:
    """One root over full subtrees that become smaller to the right."""
    made = peaks[-1]
    for peak in reversed(peaks[:-1]):
        made = sha256(b"\x01" + peak + made).digest()
    return made


def _range_root(start: int, end: int, read: Reader) -> bytes:
    """The hash over the leaves [start, end), where start is a multiple of a power of two not below the length."""
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(read(height, start >> height))
        start += 1 << height
    return _bagged(peaks)


def root_at(size: int, read: Reader) -> bytes:
    """The root of the first `size` leaves."""
    _check_size(size)
    return _range_root(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: Reader) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` leaves, from below (RFC 9162 §2.1.3.1)."""
    _check_size(size)
    if not 0 <= index < size:
        raise LedgerError(f"there is no entry {index} in a tree of size {size}; ask for an index from 0 to size - 1")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(start, middle, read))
            start = middle
    path.reverse()
    return path


def consistency_proof(old: int, new: int, read: Reader) -> list[bytes]:
    """That the first `old` of `new` leaves were not touched (RFC 9162 §2.1.4.1). Empty from size 0, and to the same size."""
    _check_size(old)
    _check_size(new)
    if old > new:
        raise LedgerError(f"there is no proof from size {old} to the smaller size {new}; a ledger only grows")
    if old == 0:
        return []
    proof = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_root(middle, end, read))
            end = middle
        else:
            proof.append(_range_root(start, middle, read))
            start = middle
    if start:  # else the old tree is one full subtree, whose root the reader of the proof has already
        proof.append(_range_root(start, end, read))
    proof.reverse()
    return proof


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise LedgerError unless the leaf hash is at `index` in the tree of this size and root (RFC 9162 §2.1.3.2)."""
    _check_size(size)
    if not 0 <= index < size:
        raise LedgerError(f"entry {index} cannot be in a tree of size {size}: the index or the checkpoint is wrong")
    _check_hashes((leaf, root, *proof))
    below, last, made = index, size - 1, leaf
    for node in proof:
        if last == 0:
            raise LedgerError(f"the proof for entry {index} is too long for a tree of size {size}")
        if below & 1 or below == last:
            made = node_hash(node, made)
            while not below & 1 and below:  # the right edge: levels where this node has no sibling
                below >>= 1
                last >>= 1
        else:
            made = node_hash(made, node)
        below >>= 1
        last >>= 1
    if last:
        raise LedgerError(f"the proof for entry {index} is too short for a tree of size {size}")
    if made != root:
        raise LedgerError(
            f"the proof does not lead from entry {index} to the root of size {size}: "
            "the entry, the proof or the checkpoint was changed"
        )


def check_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise LedgerError unless the older tree is the beginning of the newer one (RFC 9162 §2.1.4.2)."""
    _check_size(old_size)
    _check_size(new_size)
    if old_size > new_size:
        raise LedgerError(f"the older tree has {old_size} entries and the newer only {new_size}: a ledger only grows")
    _check_hashes((old_root, new_root, *proof))
    if old_size in (0, new_size):
        if proof:
            raise LedgerError(f"the proof from size {old_size} to size {new_size} must be empty")
        if old_size == new_size and old_root != new_root:
            raise LedgerError(f"there are two trees of size {old_size} with two roots: history was changed")
        if old_size == 0 and old_root != EMPTY_ROOT:
            raise LedgerError("a tree of size 0 has another root than the empty tree: the older checkpoint is wrong")
        return
    nodes = list(proof)
    if not nodes:
        raise LedgerError(f"the proof from size {old_size} to size {new_size} is missing")
    if old_size & (old_size - 1) == 0:  # one full subtree: its root is the first node
        nodes.insert(0, old_root)
    below, last = old_size - 1, new_size - 1
    while below & 1:
        below >>= 1
        last >>= 1
    old_made = new_made = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise LedgerError(f"the proof from size {old_size} to size {new_size} is too long")
        if below & 1 or below == last:
            old_made = node_hash(node, old_made)
            new_made = node_hash(node, new_made)
            while not below & 1 and below:
                below >>= 1
                last >>= 1
        else:
            new_made = node_hash(new_made, node)
        below >>= 1
        last >>= 1
    if last:
        raise LedgerError(f"the proof from size {old_size} to size {new_size} is too short")
    if old_made != old_root or new_made != new_root:
        raise LedgerError(
            f"the tree of size {new_size} is no continuation of the tree of size {old_size}: history was changed, "
            "or the proof belongs to other trees"
        )


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (at least 2): the k of RFC 6962 §2.1."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_size(size: int) -> None:
    if not 0 <= size <= MOST_SIZE:
        raise LedgerError(f"{size} is no size of a tree: it goes from 0 to {MOST_SIZE}")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(h) != HASH_SIZE for h in hashes):
        raise LedgerError(f"a hash of the proof does not have {HASH_SIZE} bytes: it was cut off or changed")
