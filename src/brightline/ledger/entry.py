"""The public entry of a record, and the disclosure that shows somebody what is behind it (docs/ledger/entry.md).

A record's payload is an object of named fields. Each field has a digest of its own, under a salt of its own; one commitment,
under the salt of the record, covers all digests; the entry holds the kind, the hour (UTC) and the commitment. So a field can
be shown or erased alone, and nothing in the entry tells about the payload as long as the salts are not known.
"""

from __future__ import annotations

import hmac
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import rfc8785

from brightline.ledger.base64text import decode_hash, encode64
from brightline.ledger.canonical import Json, canonical, read_json
from brightline.ledger.errors import LedgerError

KINDS = ("decision", "access", "evidence", "rule-change", "erasure", "key", "clock", "close")
SALT_SIZE = 32  # bytes, of a record's salt and of a field's
MOST_BYTES = 1024  # of an entry

_KINDS = frozenset(KINDS)
_COMMIT = b"brightline/commit/v1\n"
_ENTRY = (
    re.compile(  # the last letter of 32 bytes in base64 carries four bits only; any other would be a second spelling
        rb'\{"c":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","k":"([a-z-]+)","t":"([0-9-]{10}T[0-9]{2}Z)","v":1\}'
    )
)


def checked_payload(payload: object) -> dict[str, Json]:
    """The payload, when it is an object with at least one field and every name is text. Values: `canonical` checks them."""
    if not isinstance(payload, dict) or not payload:
        raise LedgerError(
            'a payload must be an object of named fields with at least one, such as {"ground": "§ 14-154"}'
        )
    if not all(type(name) is str and name for name in payload):
        raise LedgerError("every field of a payload must have a name, which is text and not empty")
    return payload


def field_digest(salt: bytes, name: str, value: Json) -> bytes:
    """HMAC-SHA256 under the field's salt (32 bytes) over its canonical name and value. Raises LedgerError."""
    if len(salt) != SALT_SIZE:  # a shorter key and the same key with zeros behind it are one key to HMAC
        raise LedgerError(f"the salt of a field must have {SALT_SIZE} bytes")
    return hmac.digest(salt, canonical(name, value), "sha256")


def commitment(salt: bytes, digests: Iterable[bytes]) -> bytes:
    """HMAC-SHA256 under the record's salt (32 bytes) over all digests; sorted, so that the order tells nothing."""
    ordered = sorted(digests)
    joined = b"".join(ordered)
    if len(salt) != SALT_SIZE or not ordered or len(joined) != 32 * len(ordered):
        raise LedgerError("a commitment needs a salt of 32 bytes and at least one digest, each of 32 bytes")
    return hmac.digest(salt, _COMMIT + joined, "sha256")


def entry_bytes(kind: str, hour: str, commitment: bytes) -> bytes:
    """The entry as it is hashed and published. `hour` is UTC, as 2026-11-23T19Z. Raises LedgerError."""
    if kind not in _KINDS:
        raise LedgerError(f"`{kind}` is no kind of entry; use one of {', '.join(KINDS)}")
    if not _is_hour(hour):
        raise LedgerError("the hour of an entry must be UTC and look like 2026-11-23T19Z, with nothing finer")
    if len(commitment) != 32:
        raise LedgerError("the commitment of an entry must have 32 bytes")
    code = b2a_base64(commitment, newline=False).decode()
    return f'{{"c":"{code}","k":"{kind}","t":"{hour}","v":1}}'.encode()


@lru_cache(maxsize=1024)
def _is_hour(hour: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}Z", hour):
        return False
    try:
        datetime.strptime(hour, "%Y-%m-%dT%HZ")
    except ValueError:
        return False
    return True


class Entry(NamedTuple):
    """What an entry says."""

    kind: str
    hour: str
    commitment: bytes

    def encode(self) -> bytes:
        return entry_bytes(*self)


def parse_entry(data: bytes) -> Entry:
    """Read an entry; anything but the one canonical spelling is refused. Raises LedgerError."""
    found = _ENTRY.fullmatch(data)
    if not found:
        raise LedgerError(
            "this is no entry of a ledger, written as it was hashed (canonical JSON with c, k, t and v): "
            "it was changed, or made by another program"
        )
    code, kind, hour = found[1], found[2].decode(), found[3].decode()
    if kind not in _KINDS:
        raise LedgerError(f"the entry has the kind `{kind}`, which this version does not know; use a newer one")
    if not _is_hour(hour):
        raise LedgerError(f"the entry has the hour `{hour}`, which is not in the calendar: it was changed")
    return Entry(kind, hour, a2b_base64(code))


@dataclass(frozen=True, slots=True)
class Shown:
    """A field that is shown, with the salt that proves it."""

    name: str
    value: Json
    salt: bytes


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What somebody is given to check a payload: the record's salt, the fields shown, and the digests of all others."""

    salt: bytes
    fields: tuple[Shown, ...]
    hidden: tuple[bytes, ...] = ()

    @property
    def payload(self) -> dict[str, Json]:
        """The fields shown. They count only after `check`."""
        return {shown.name: shown.value for shown in self.fields}

    def encode(self) -> bytes:
        """Canonical JSON, on one line."""
        for shown in self.fields:
            canonical(shown.name, shown.value)  # a value that cannot be written gets its sentence here
        fields = [{"name": s.name, "salt": encode64(s.salt), "value": s.value} for s in self.fields]
        hidden = [encode64(digest) for digest in self.hidden]
        return rfc8785.dumps({"fields": fields, "hidden": hidden, "salt": encode64(self.salt)})

    @classmethod
    def parse(cls, data: bytes | str) -> Disclosure:
        found = read_json(data, "the disclosure")
        if not isinstance(found, dict) or found.keys() != {"fields", "hidden", "salt"}:
            raise LedgerError("a disclosure must be an object with fields, hidden and salt, and nothing else")
        fields, hidden = found["fields"], found["hidden"]
        if not isinstance(fields, list) or not isinstance(hidden, list):
            raise LedgerError("fields and hidden of a disclosure must be lists")
        made = []
        for shown in fields:
            if not isinstance(shown, dict) or shown.keys() != {"name", "salt", "value"}:
                raise LedgerError("every field of a disclosure must have name, salt and value, and nothing else")
            canonical(shown["name"], shown["value"])
            made.append(Shown(shown["name"], shown["value"], _bytes32(shown["salt"], "the salt of a field")))
        return cls(
            _bytes32(found["salt"], "the salt of the record"),
            tuple(made),
            tuple(_bytes32(digest, "a digest of a field that is not shown") for digest in hidden),
        )

    def check(self, entry: bytes) -> Entry:
        """Raise LedgerError unless these fields, with the hidden ones, are what this entry stands for."""
        found = parse_entry(entry)
        names = [shown.name for shown in self.fields]
        if len(set(names)) != len(names):
            raise LedgerError("the disclosure shows a field twice; a payload has each field once")
        digests = [field_digest(shown.salt, shown.name, shown.value) for shown in self.fields]
        if not hmac.compare_digest(commitment(self.salt, (*digests, *self.hidden)), found.commitment):
            raise LedgerError(
                "the disclosure does not fit the entry: a field, a salt or a digest was changed, left out or added, "
                "or it belongs to another entry"
            )
        return found


def _bytes32(text: object, what: str) -> bytes:
    if not isinstance(text, str):
        raise LedgerError(f"{what} in the disclosure must be 32 bytes in base64")
    return decode_hash(text, f"{what} in the disclosure")
