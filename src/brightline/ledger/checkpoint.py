"""Checkpoints (C2SP tlog-checkpoint): the three lines that a log signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from brightline.ledger.base64text import decode_hash, encode64
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import HASH_SIZE, MOST_SIZE

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many entries, and the root over them. Lines after the third are others'; we keep them, and write none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or not all(self.extensions) or any(map(_CONTROL.search, (self.origin, *self.extensions))):
            raise LedgerError("the lines of a checkpoint must not be empty and must have no control characters")
        if not 0 <= self.size <= MOST_SIZE:
            raise LedgerError(f"the size of a checkpoint goes from 0 to {MOST_SIZE}, and this one has {self.size}")
        if len(self.root) != HASH_SIZE:
            raise LedgerError(f"the root of a checkpoint has {HASH_SIZE} bytes, and this one {len(self.root)}")

    @property
    def text(self) -> str:
        """The lines, each with its newline: the text of the note that is signed."""
        more = "".join(f"{line}\n" for line in self.extensions)
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n{more}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        lines = text.split("\n")
        if lines.pop() != "" or len(lines) < 3 or not all(lines):
            raise LedgerError(
                "the checkpoint needs three lines, each not empty: the origin, the size and the root hash"
            )
        origin, size, root, *more = lines
        if not _SIZE.fullmatch(size) or int(size) > MOST_SIZE:
            raise LedgerError("the size in the second line of the checkpoint is no decimal number of entries")
        return cls(
            origin, int(size), decode_hash(root, "the root hash in the third line of the checkpoint"), tuple(more)
        )
