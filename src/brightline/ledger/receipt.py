"""Receipts (C2SP tlog-proof): that an entry is in a ledger, in one file that can be checked without a network."""

from __future__ import annotations

import re
from dataclasses import dataclass

from brightline.ledger.base64text import decode64, decode_hash, encode64
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import HASH_SIZE, MOST_SIZE, check_inclusion, leaf_hash
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
MOST_BYTES = 1_000_000
MOST_PATH = 63  # hashes: the tree has at most 2^63 - 1 entries

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The index of the entry (from 0), the path from its leaf up, and the checkpoint with its signatures.

    `extra` is carried along and proves nothing by itself. We write the entry into it, as it was hashed, and may write a
    disclosure behind it on a second line (docs/ledger/receipt.md).
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def encode(self) -> bytes:
        if (
            not 0 <= self.index <= MOST_SIZE
            or len(self.path) > MOST_PATH
            or any(len(h) != HASH_SIZE for h in self.path)
        ):
            raise LedgerError(f"a receipt needs an index from 0, and at most {MOST_PATH} hashes of {HASH_SIZE} bytes")
        extra = f"extra {encode64(self.extra)}\n" if self.extra else ""
        path = "".join(f"{encode64(node)}\n" for node in self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{path}\n".encode() + self.checkpoint.encode()

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """Raises LedgerError. What it gives is not checked yet; see `check`."""
        if len(data) > MOST_BYTES:
            raise LedgerError(f"the receipt has {len(data)} bytes; more than {MOST_BYTES} are not read")
        if data.startswith(f"{HEADER}\r\n".encode()):
            raise LedgerError("the receipt has Windows line ends: it was changed on the way; get it again as it was")
        if not data.startswith(f"{HEADER}\n".encode()):
            raise LedgerError(f"a receipt begins with the line `{HEADER}`, and this file does not")
        head, empty, note = data.partition(b"\n\n")
        if not empty:
            raise LedgerError("the receipt is cut off before its checkpoint; get it again")
        try:
            lines = head.decode("ascii").split("\n")[1:]
        except UnicodeDecodeError:
            raise LedgerError(
                "the lines before the checkpoint of the receipt are not ASCII; get the receipt again"
            ) from None
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode64(lines.pop(0).removeprefix("extra "), "the line `extra` of the receipt")
            if not extra:
                raise LedgerError("the line `extra` of the receipt is empty; without extra data there is no such line")
        found = _INDEX.fullmatch(lines[0]) if lines else None
        if not found or int(found[1]) > MOST_SIZE:
            raise LedgerError("the receipt has no line `index` with a number where it must be; get it again")
        if len(lines) - 1 > MOST_PATH:
            raise LedgerError(f"the receipt has {len(lines) - 1} hashes in its path; {MOST_PATH} are the most")
        path = tuple(decode_hash(line, f"hash {n} of the path in the receipt") for n, line in enumerate(lines[1:], 1))
        made = cls(int(found[1]), path, Note.parse(note), extra)
        Checkpoint.parse(made.checkpoint.text)
        return made

    def check(self, entry: bytes, trust: Policy | VerifierKey) -> dict[str, int]:
        """Raise LedgerError unless the entry is in a log that is trusted: by a policy, or by the key of one log alone.

        Gives the witnesses of the policy that have cosigned, with their times (POSIX seconds).
        """
        checkpoint = Checkpoint.parse(self.checkpoint.text)
        check_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.path, checkpoint.root)
        return _only(trust).check(self.checkpoint) if isinstance(trust, VerifierKey) else trust.check(self.checkpoint)


def _only(key: VerifierKey) -> Policy:
    """The policy that trusts the key of one log, and asks for no witness."""
    return Policy.parse(f"log {key.vkey}\nquorum none\n")
