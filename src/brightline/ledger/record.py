"""A record on its way into the ledger, whatever the store: its payload is committed to and sealed, before it has an index.

What is sealed is the list of the fields in the order of their names: `[["ground","…"],["officer","…"]]`, each pair exactly as
its digest takes it. An erased field leaves its digest there, as hexadecimal text, so that the commitment can still be shown.
The cipher is ChaCha20-Poly1305 (RFC 8439) under the record's own key, with a random nonce in front.
"""

from __future__ import annotations

import hashlib
import json
import os
from binascii import b2a_base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from brightline.ledger.canonical import Json, canonical
from brightline.ledger.entry import KINDS, Disclosure, Shown, commitment, entry_bytes, field_digest
from brightline.ledger.errors import LedgerError
from brightline.ledger.keytree import RECORD, KeyTree, Secrets

MOST_FIELDS = 1000
MOST_BYTES = 1_048_576  # of a payload
OWN_KINDS = frozenset({"erasure", "clock", "close"})  # the ledger alone writes these, so that they mean what they say

_NONCE = 12
_KINDS = frozenset(KINDS)
_INNER, _OUTER = bytes(x ^ 0x36 for x in range(256)), bytes(x ^ 0x5C for x in range(256))
_INNER_PAD, _OUTER_PAD = b"\x36" * 32, b"\x5c" * 32
_INNER_COMMIT = _INNER_PAD + b"brightline/commit/v1\n"
_END = len('{"c":"') + 44  # where the base64 of 32 bytes ends
_sha, _shake = hashlib.sha256, hashlib.shake_256


class Record(NamedTuple):
    """Ready to be written. `slot` names its leaf in the key tree; `fields` is their number."""

    kind: str
    slot: int
    fields: int
    commitment: bytes
    sealed: bytes


def prepare(items: Iterable[tuple[str, Mapping[str, Json]]], slots: Iterator[int], keys: KeyTree) -> list[Record]:
    """Commit to payloads and seal them, each under the next slot. Raises LedgerError.

    This is the costly part of an entry, so it runs in the thread of the caller. HMAC-SHA256 (RFC 2104) is written out for keys
    of 32 bytes, and the canonical form of text too, because the calls alone would cost more than what they do; the tests hold
    both against `entry.field_digest` and `entry.commitment`.
    """
    made = []
    for kind, payload in items:
        if kind not in _KINDS:
            raise LedgerError(f"`{kind}` is no kind of entry; use one of {', '.join(KINDS)}")
        if type(payload) is not dict or not 0 < len(payload) <= MOST_FIELDS:
            raise LedgerError(
                f'a payload must be an object of 1 to {MOST_FIELDS} named fields, such as {{"ground": "§ 14-154"}}'
            )
        named = []
        try:
            for name in sorted(payload):
                value = payload[name]
                if type(value) is str and type(name) is str and name:
                    named.append(f"[{quoted(name)},{quoted(value)}]".encode())
                else:
                    named.append(canonical(name, value))
        except TypeError:
            raise LedgerError("every field of a payload must have a name, which is text and not empty") from None
        except UnicodeEncodeError:
            raise LedgerError("a field has text that is no proper Unicode (half of a surrogate pair)") from None
        slot = next(slots)
        secrets = _shake(RECORD + keys.seed(slot)).digest(64 + 32 * len(named))
        inner, outer = secrets.translate(_INNER), secrets.translate(_OUTER)
        at = 64
        digests = []
        for pair in named:
            end = at + 32
            digests.append(_sha(outer[at:end] + _OUTER_PAD + _sha(inner[at:end] + _INNER_PAD + pair).digest()).digest())
            at = end
        digests.sort()
        commit = _sha(outer[:32] + _OUTER_PAD + _sha(inner[:32] + _INNER_COMMIT + b"".join(digests)).digest()).digest()
        plain = b"[" + b",".join(named) + b"]"
        if len(plain) > MOST_BYTES:
            raise LedgerError(
                f"the payload has {len(plain):,} bytes; at most {MOST_BYTES:,} fit: record a digest of what is long"
            )
        nonce = os.urandom(_NONCE)
        made.append(
            Record(kind, slot, len(named), commit, nonce + ChaCha20Poly1305(secrets[32:64]).encrypt(nonce, plain, None))
        )
    return made


def entries_at(records: Iterable[Record], hour: str) -> list[bytes]:
    """The entries of these records: only now the hour is known. What follows the commitment is the same for one kind."""
    ends: dict[str, bytes] = {}
    made = []
    for kind, _, _, commit, _ in records:
        end = ends.get(kind)
        if end is None:
            end = ends[kind] = entry_bytes(kind, hour, commit)[_END:]
        made.append(b'{"c":"' + b2a_base64(commit, newline=False) + end)
    return made


class Opened(NamedTuple):
    """A payload as it was sealed: pairs of name and value, or the digest of a field that is erased."""

    pairs: tuple[tuple[str, Json] | bytes, ...]

    @property
    def payload(self) -> dict[str, Json]:
        """What is not erased."""
        return {pair[0]: pair[1] for pair in self.pairs if not isinstance(pair, bytes)}

    def numbers(self, names: Collection[str]) -> list[int]:
        """Which fields have these names. A name that is not there is a LedgerError."""
        here = {pair[0]: n for n, pair in enumerate(self.pairs) if not isinstance(pair, bytes)}
        missing = sorted(set(names) - here.keys())
        if missing:
            raise LedgerError(
                f"the record has no field `{missing[0]}`, or it is erased; it has {', '.join(f'`{n}`' for n in sorted(here))}"
            )
        return sorted(here[name] for name in set(names))


def open_sealed(sealed: bytes, secrets: Secrets, where: str) -> Opened:
    """Raises LedgerError when the payload does not open: it was changed, or sealed under another key."""
    try:
        plain = ChaCha20Poly1305(secrets.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError):
        raise LedgerError(
            f"{where}: the sealed payload does not open: it is damaged, or the key store is another one"
        ) from None
    return Opened(tuple(bytes.fromhex(p) if isinstance(p, str) else (p[0], p[1]) for p in json.loads(plain)))


def seal_again(opened: Opened, before: Secrets, after: Secrets) -> bytes:
    """Seal what stays after an erasure, under the next key."""
    pairs = []
    for pair, old, new in zip(opened.pairs, before.salts, after.salts, strict=True):
        if isinstance(pair, bytes):
            pairs.append(b'"' + pair.hex().encode() + b'"')
        elif new is None:
            pairs.append(b'"' + field_digest(_known(old), *pair).hex().encode() + b'"')
        else:
            pairs.append(canonical(*pair))
    nonce = os.urandom(_NONCE)
    return nonce + ChaCha20Poly1305(after.key).encrypt(nonce, b"[" + b",".join(pairs) + b"]", None)


def commitment_of(opened: Opened, secrets: Secrets) -> bytes:
    """The commitment that the entry of this record must have."""
    pairs = zip(opened.pairs, secrets.salts, strict=True)
    return commitment(
        secrets.salt, [p if isinstance(p, bytes) else field_digest(_known(salt), *p) for p, salt in pairs]
    )


def disclosure(opened: Opened, secrets: Secrets, numbers: Collection[int]) -> Disclosure:
    """Show the fields with these numbers; of the others, only their digests."""
    shown, hidden = [], []
    for n, (pair, salt) in enumerate(zip(opened.pairs, secrets.salts, strict=True)):
        if isinstance(pair, bytes):
            hidden.append(pair)
        elif n in numbers:
            shown.append(Shown(pair[0], pair[1], _known(salt)))
        else:
            hidden.append(field_digest(_known(salt), *pair))
    return Disclosure(secrets.salt, tuple(shown), tuple(sorted(hidden)))


def _known(salt: bytes | None) -> bytes:
    if salt is None:
        raise LedgerError(
            "the salt of a field is erased although its value is still sealed: the key store is newer than the ledger"
        )
    return salt
