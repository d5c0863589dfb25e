"""A signing key that stays in an SSH agent, so that the process which writes the ledger cannot lose it.

The protocol is that of draft-miller-ssh-agent; of it, listing the keys and asking for an Ed25519 signature (RFC 8709), which
signs the text as it is. The agent may itself keep the key in hardware (`ssh-add -s` for PKCS#11).
"""

from __future__ import annotations

import os
import socket
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from brightline.ledger.errors import LedgerError

TYPE = b"ssh-ed25519"
LIST, LISTED, SIGN, SIGNED = 11, 12, 13, 14  # messages
MOST = 262_144  # bytes of an answer, as agents keep to
PATIENCE = 30.0  # seconds: a person may have to touch a token


@dataclass(frozen=True, slots=True)
class AgentKey:
    """One Ed25519 key in the agent; it can be asked for what a private key in a file is asked for."""

    public: bytes
    comment: str

    @property
    def line(self) -> str:
        """The public key on one line, as SSH writes it: what is kept in the place of the private key."""
        return f"{TYPE.decode()} {b64encode(_blob(self.public)).decode()} {self.comment}".rstrip()

    def public_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes. Raises LedgerError: no agent, a locked one, a refusal."""
        answer = _asked(bytes([SIGN]) + _string(_blob(self.public)) + _string(data) + struct.pack(">I", 0), SIGNED)
        kind, raw = _strings(_strings(answer, 1)[0], 2)
        if kind != TYPE or len(raw) != 64:
            raise LedgerError(f"the agent gave back another signature than asked for, with the key `{self.comment}`")
        return raw


def find(name: str) -> AgentKey:
    """The key in the agent with this comment. Raises LedgerError with the comments that there are."""
    keys = list(_keys())
    found = [key for key in keys if key.comment == name]
    if len(found) != 1:
        there = ", ".join(f"`{key.comment}`" for key in keys) or "none; add one with `ssh-add`"
        what = "more than one Ed25519 key" if found else "no Ed25519 key"
        raise LedgerError(f"the agent has {what} with the comment `{name}`; its Ed25519 keys: {there}")
    return found[0]


def of_line(line: str) -> AgentKey:
    """The key that a line names, in the agent that is there now. Raises LedgerError."""
    try:
        kind, code, *comment = line.split()
        blob = b64decode(code, validate=True)
        named, public = _strings(blob, 2)
        assert kind.encode() == named == TYPE and len(public) == 32
    except (ValueError, AssertionError, struct.error):
        raise LedgerError("the line that names the key in the agent is damaged; it begins with `ssh-ed25519`") from None
    return AgentKey(public, " ".join(comment))


def _keys() -> Iterator[AgentKey]:
    answer = _asked(bytes([LIST]), LISTED)
    (count,) = struct.unpack_from(">I", answer)
    fields = _strings(answer[4:], 2 * count)
    for blob, comment in zip(fields[::2], fields[1::2], strict=True):
        kind, rest = _strings(blob, 1)[0], blob[4 + len(TYPE) :]
        if kind == TYPE:
            yield AgentKey(_strings(rest, 1)[0], comment.decode("utf-8", "replace"))


def _asked(message: bytes, wanted: int) -> bytes:
    """Ask the agent; the body of its answer, without the number of the message."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise LedgerError("the signing key is in an SSH agent, and none is there: SSH_AUTH_SOCK is not set; start it")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(path)
            line.sendall(_string(message))
            (size,) = struct.unpack(">I", _exactly(line, 4))
            if not 1 <= size <= MOST:
                raise LedgerError("the SSH agent gave an answer that cannot be read")
            answer = _exactly(line, size)
    except OSError as error:
        raise LedgerError(
            f"the SSH agent does not answer ({error.strerror or error}); start it, or unlock it"
        ) from None
    if answer[0] != wanted:
        raise LedgerError("the SSH agent refused: it does not have the key, or it is locked (`ssh-add -X` unlocks it)")
    return answer[1:]


def _exactly(line: socket.socket, size: int) -> bytes:
    made = b""
    while len(made) < size:
        part = line.recv(size - len(made))
        if not part:
            raise OSError(0, "it hung up")
        made += part
    return made


def _blob(public: bytes) -> bytes:
    return _string(TYPE) + _string(public)


def _string(data: bytes) -> bytes:
    """RFC 4251 §5: four bytes of length, then the bytes."""
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """The first `count` strings. Raises LedgerError when they are cut off."""
    found, at = [], 0
    for _ in range(count):
        if len(data) < at + 4:
            raise LedgerError("the SSH agent gave an answer that is cut off")
        (size,) = struct.unpack_from(">I", data, at)
        at += 4 + size
        if len(data) < at:
            raise LedgerError("the SSH agent gave an answer that is cut off")
        found.append(data[at - size : at])
    return found
