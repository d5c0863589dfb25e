"""Signed notes (C2SP signed-note) with Ed25519 (0x01), and the cosignatures of witnesses (C2SP tlog-cosignature, 0x04).

A key has a name and an id of four bytes; both together say which key signed. Every error is a LedgerError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from brightline.ledger.base64text import decode64, encode64
from brightline.ledger.errors import LedgerError

MOST_BYTES = 1_000_000  # of a note
MOST_SIGNATURES = 64  # of a note; the specification asks for 16 or more
MOST_TIME = 2**63 - 1  # POSIX seconds
MOST_NAME = 255  # bytes of the name of a key of our own; post-quantum cosignatures hold no longer ones

ED25519 = 0x01
COSIGNATURE = 0x04

Kind = Literal["log", "witness"]

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")

# The y coordinates of Ed25519 points of order 1, 2, 4 and 8, little-endian without the sign, and two second spellings of
# them. Under such a key one signature fits many texts, so whoever publishes it has promised nothing.
_P = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_D = -121665 * pow(121666, -1, _P)
_WEAK = frozenset(y.to_bytes(32, "little") for y in (0, 1, _P - 1, _P, _P + 1, _Y8, _P - _Y8))


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name, newline, signature type, public key)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs: two lines of its own, and the text of the checkpoint (tlog-cosignature, Ed25519)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who signed, with which key, and the bytes after the key id."""

    name: str
    key_hash: bytes
    raw: bytes

    @property
    def line(self) -> str:
        """The line, without a newline at its end."""
        return f"\u2014 {self.name} {encode64(self.key_hash + self.raw)}"

    @classmethod
    def parse(cls, line: str) -> Signature:
        found = _LINE.fullmatch(line)
        if not found:
            raise LedgerError(
                "a signature line of the note cannot be read: it must be a dash (\u2014), the name of a key and base64; "
                "get the note again"
            )
        data = decode64(found[2], "a signature of the note")
        if len(data) < 5:
            raise LedgerError("a signature of the note is too short to be one; get the note again")
        return cls(found[1], data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a newline, and its signatures. Nothing of the text counts before a signature was checked."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        if len(data) > MOST_BYTES:
            raise LedgerError(f"the note has {len(data)} bytes; more than {MOST_BYTES} are not read")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            raise LedgerError("the note is not UTF-8 text: it was changed on the way; get it again") from None
        _check_text(whole)
        body, empty, tail = whole.rpartition("\n\n")
        if not empty or not tail:
            raise LedgerError("the note has no signatures after an empty line: it was cut off; get it again")
        lines = tail[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise LedgerError(f"the note has {len(lines)} signatures; more than {MOST_SIGNATURES} are not read")
        return cls(body + "\n", tuple(Signature.parse(line) for line in lines))

    def encode(self) -> bytes:
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= MOST_SIGNATURES:
            raise LedgerError(
                f"a note needs 1 to {MOST_SIGNATURES} signatures, and this one has {len(self.signatures)}"
            )
        lines = "".join(f"{signature.line}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def _check_text(text: str) -> None:
    if "\r" in text:
        raise LedgerError("the note has Windows line ends: it was changed on the way; get it again as it was")
    if _CONTROL.search(text):
        raise LedgerError("the note has control characters, which are not allowed; get it again")
    if not text.endswith("\n"):
        raise LedgerError("the note does not end with a newline: it was cut off; get it again")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public key of a log (0x01) or of a witness (0x04), as its one line, the vkey, says it."""

    name: str
    key_hash: bytes
    kind: Kind
    public: bytes
    _key: Ed25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        found = _VKEY.fullmatch(vkey)
        if not found:
            raise LedgerError("a key cannot be read: it must look like `name+0a1b2c3d+base64`, on one line")
        name, given, body = found.groups()
        _check_name(name)
        data = decode64(body, f"the key of `{name}`")
        if data[0] not in (ED25519, COSIGNATURE):
            raise LedgerError(
                f"the key of `{name}` is of type 0x{data[0]:02x}; only Ed25519 keys of logs (0x01) and "
                "witnesses (0x04) can be checked here"
            )
        made = cls.of(name, "log" if data[0] == ED25519 else "witness", data[1:])
        if made.key_hash.hex() != given:
            raise LedgerError(
                f"the key of `{name}` does not fit its id {given}: it was changed on the way; get it again"
            )
        return made

    @classmethod
    def of(cls, name: str, kind: Kind, public: bytes) -> VerifierKey:
        """From the 32 bytes of an Ed25519 public key."""
        _check_name(name)
        if len(public) != 32:
            raise LedgerError(f"the key of `{name}` has {len(public)} bytes instead of the 32 of Ed25519")
        if public[:31] + bytes([public[31] & 0x7F]) in _WEAK:
            raise LedgerError(
                f"the key of `{name}` is one of the weak keys under which anybody can sign; do not trust it"
            )
        if not _is_point(public):
            raise LedgerError(
                f"the key of `{name}` is no Ed25519 key: its bytes are no point of the curve; get it again"
            )
        key = Ed25519PublicKey.from_public_bytes(public)
        return cls(name, key_id(name, _type(kind), public), kind, public, key)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{encode64(bytes([_type(self.kind)]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """Does the signature line name this key? A line of any other key must be ignored (signed-note)."""
        return signature.name == self.name and signature.key_hash == self.key_hash

    def verify(self, text: str, signature: Signature) -> int | None:
        """Raise LedgerError unless this key signed the text. Of a witness: when, in POSIX seconds."""
        if not self.made(signature):
            raise LedgerError(f"the signature names another key than the one known for `{self.name}`")
        raw, time = signature.raw, None
        message = text.encode()
        if self.kind == "witness":
            time = int.from_bytes(raw[:8], "big")
            if len(raw) != 72 or time > MOST_TIME:
                raise LedgerError(
                    f"the cosignature of `{self.name}` is malformed: it was changed on the way; get it again"
                )
            raw, message = raw[8:], cosigned_message(text, time)
        try:
            self._key.verify(raw, message)
        except InvalidSignature:
            raise LedgerError(
                f"the signature of `{self.name}` does not fit the text: the text or the signature was changed"
            ) from None
        return time


def _is_point(public: bytes) -> bool:
    """RFC 8032 §5.1.3: y is below p, and there is an x, that is, (y² - 1) / (d y² + 1) is a square. (x = 0 is weak.)"""
    y = int.from_bytes(public, "little") & ~(1 << 255)
    return y < _P and pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) == 1


def _type(kind: Kind) -> int:
    return ED25519 if kind == "log" else COSIGNATURE


def _check_name(name: str) -> None:
    """Key names are not empty and have neither spaces nor a plus (signed-note, "Format")."""
    if not name or "+" in name or any(c.isspace() for c in name) or _CONTROL.search(name):
        raise LedgerError("the name of a key must not be empty and must have no spaces and no plus sign")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise LedgerError("the name of a key must be proper Unicode text") from None


class PrivateKey(Protocol):
    """What signs: a key of the library, or one that stays in an agent."""

    def public_key(self) -> Ed25519PublicKey: ...
    def sign(self, data: bytes, /) -> bytes: ...


class _Holder:
    """A private key with its name."""

    kind: Kind

    def __init__(self, name: str, private: PrivateKey) -> None:
        self.name = name
        self.verifier = VerifierKey.of(name, self.kind, private.public_key().public_bytes_raw())
        if len(name.encode()) > MOST_NAME:
            raise LedgerError(f"the name of a key has at most {MOST_NAME} bytes; choose a shorter one")
        self.key_hash = self.verifier.key_hash
        self._private = private

    @property
    def vkey(self) -> str:
        """The public key as one line, to be published."""
        return self.verifier.vkey


class Signer(_Holder):
    """The key of a log (0x01). Its name is the origin of the log."""

    kind = "log"

    def sign(self, text: str) -> Signature:
        _check_text(text)
        return Signature(self.name, self.key_hash, self._private.sign(text.encode()))


class Cosigner(_Holder):
    """The key of a witness (0x04)."""

    kind = "witness"

    def cosign(self, text: str, time: int) -> Signature:
        """Say that this is, at this time (POSIX seconds), the largest tree of its log that was seen."""
        _check_text(text)
        if not 0 <= time <= MOST_TIME:
            raise LedgerError(
                f"{time} is no time of a cosignature: it must be from 0 to {MOST_TIME} seconds; check the clock"
            )
        raw = self._private.sign(cosigned_message(text, time))
        return Signature(self.name, self.key_hash, time.to_bytes(8, "big") + raw)
