"""Base64 as our formats use it: RFC 4648 §4, and only the one right spelling of the bytes."""

from __future__ import annotations

import base64
import binascii

from brightline.ledger.errors import LedgerError


def encode64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode64(text: str, what: str) -> bytes:
    """The bytes. A second spelling of the same bytes would be a second receipt for one thing, so it is refused.

    `what` names the place in the sentence of the LedgerError.
    """
    try:
        made = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError(f"{what} is not base64 (RFC 4648 §4): it was cut off or changed; get it again") from None
    if encode64(made) != text:
        raise LedgerError(f"{what} is base64 in a wrong spelling: it was changed on the way; get it again")
    return made


def decode_hash(text: str, what: str) -> bytes:
    """A SHA-256 hash: 32 bytes."""
    made = decode64(text, what)
    if len(made) != 32:
        raise LedgerError(f"{what} has {len(made)} bytes instead of the 32 of a SHA-256 hash; get it again")
    return made
