"""Trees and proofs by the recursive definitions of RFC 6962 §2.1, word for word and without any shortcut of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Tree:
    """`leaf(i)` is the hash of leaf i. `known(start, end)` may give a hash it knows already, so that huge trees are cheap."""

    def __init__(
        self, leaf: Callable[[int], bytes], known: Callable[[int, int], bytes | None] = lambda start, end: None
    ) -> None:
        self.leaf, self.known = leaf, known
        self.mth = cache(self._mth)

    def _mth(self, start: int, end: int) -> bytes:
        """MTH(D[start:end])."""
        if start == end:
            return sha(b"")
        if (found := self.known(start, end)) is not None:
            return found
        if end - start == 1:
            return self.leaf(start)
        k = self.split(end - start)
        return sha(b"\x01" + self.mth(start, start + k) + self.mth(start + k, end))

    @staticmethod
    def split(n: int) -> int:
        """The largest power of two smaller than n."""
        k = 1
        while 2 * k < n:
            k *= 2
        return k

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        """PATH(m, D[start:end]); m counts from start."""
        if end - start == 1:
            return []
        k = self.split(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[n]); empty for m = 0 and m = n."""
        return self.subproof(m, 0, n, True) if m else []

    def subproof(self, m: int, start: int, end: int, complete: bool) -> list[bytes]:
        if m == end - start:
            return [] if complete else [self.mth(start, end)]
        k = self.split(end - start)
        if m <= k:
            return [*self.subproof(m, start, start + k, complete), self.mth(start + k, end)]
        return [*self.subproof(m - k, start + k, end, False), self.mth(start, start + k)]

    def read(self, height: int, index: int) -> bytes:
        """A Reader for the functions under test."""
        return self.mth(index << height, (index + 1) << height)
