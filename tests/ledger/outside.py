"""Keys, receipts and published ledgers for the tests of the outside, made by hand from RFC 9162 and the C2SP specifications.

Nothing of `brightline.ledger` is used here, so that a mistake in it cannot hide itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOG, COSIGNATURE = 1, 4


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: Any) -> bytes:
    """RFC 8785, for values without exotic numbers or keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Key:
    """A key of a log or of a witness, always the same for the same seed."""

    name: str
    seed: str
    type: int = LOG

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha(self.seed.encode()))

    @property
    def public(self) -> bytes:
        return bytes([self.type]) + self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return sha(self.name.encode() + b"\n" + self.public)[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self.public)}"

    def line(self, text: str, time: int = 0) -> str:
        if self.type == LOG:
            raw = self.private.sign(text.encode())
        else:
            raw = time.to_bytes(8, "big") + self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"— {self.name} {b64(self.id + raw)}\n"


ORIGIN = "log.city.example/brightline/2026"
CITY = Key(ORIGIN, "city")
WITNESSES = tuple(Key(f"witness{i}.example/w", f"witness {i}", COSIGNATURE) for i in range(3))
TIME = 1_795_460_000  # 2026-11-23, 18:53:20 UTC


def policy(log: Key = CITY, witnesses: Sequence[Key] = WITNESSES, least: int = 2, urls: Sequence[str] = ()) -> str:
    lines = [f"log {log.vkey}"]
    lines += [f"witness w{i} {w.vkey}{f' {urls[i]}' if urls else ''}" for i, w in enumerate(witnesses)]
    if witnesses:
        lines.append(f"group enough {least} " + " ".join(f"w{i}" for i in range(len(witnesses))))
    return "\n".join([*lines, f"quorum {'enough' if witnesses else 'none'}"]) + "\n"


# --- trees, by the recursive definition -------------------------------------------------------------------------


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 §2.1.1."""
    if len(leaves) < 2:
        return sha(b"\0" + leaves[0]) if leaves else sha(b"")
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1" + root(leaves[:cut]) + root(leaves[cut:]))


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162 §2.1.3.1."""
    if len(leaves) < 2:
        return []
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < cut:
        return [*path(index, leaves[:cut]), root(leaves[cut:])]
    return [*path(index - cut, leaves[cut:]), root(leaves[:cut])]


def consistency(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """RFC 9162 §2.1.4.1."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= cut:
        return [*consistency(old, leaves[:cut], whole), root(leaves[cut:])]
    return [*consistency(old - cut, leaves[cut:], False), root(leaves[:cut])]


# --- entries, checkpoints, receipts ------------------------------------------------------------------------------


def entry(number: int, kind: str = "decision", hour: str = "2026-11-23T19Z") -> bytes:
    return canonical({"c": b64(sha(b"commitment %d" % number)), "k": kind, "t": hour, "v": 1})


def checkpoint(
    leaves: Sequence[bytes], log: Key = CITY, witnesses: Iterable[Key] = (), origin: str | None = None
) -> str:
    text = f"{origin or log.name}\n{len(leaves)}\n{b64(root(leaves))}\n"
    return f"{text}\n{log.line(text)}" + "".join(w.line(text, TIME + i) for i, w in enumerate(witnesses))


def proof(
    index: int,
    leaves: Sequence[bytes],
    log: Key = CITY,
    witnesses: Iterable[Key] = WITNESSES[:2],
    extra: bytes | None = None,
) -> str:
    """A tlog-proof with the entry in its `extra`."""
    carried = leaves[index] if extra is None else extra
    return (
        "c2sp.org/tlog-proof@v1\n"
        + (f"extra {b64(carried)}\n" if carried else "")
        + f"index {index}\n"
        + "".join(f"{b64(h)}\n" for h in path(index, leaves))
        + f"\n{checkpoint(leaves, log, witnesses)}"
    )


@dataclass(frozen=True)
class Record:
    """A payload under seal: fields with their salts, the commitment, the entry."""

    payload: Mapping[str, Any]
    kind: str = "decision"
    salt: bytes = field(default=sha(b"record salt"))

    def field_salt(self, name: str) -> bytes:
        return sha(b"salt of " + name.encode())

    def digest(self, name: str) -> bytes:
        return hmac.digest(self.field_salt(name), canonical([name, self.payload[name]]), "sha256")

    @property
    def entry(self) -> bytes:
        digests = sorted(self.digest(n) for n in self.payload)
        seal = hmac.digest(self.salt, b"brightline/commit/v1\n" + b"".join(digests), "sha256")
        return canonical({"c": b64(seal), "k": self.kind, "t": "2026-11-23T19Z", "v": 1})

    def disclosure(self, *shown: str) -> dict[str, Any]:
        return {
            "fields": [{"name": n, "salt": b64(self.field_salt(n)), "value": self.payload[n]} for n in sorted(shown)],
            "hidden": sorted(b64(self.digest(n)) for n in self.payload if n not in shown),
            "salt": b64(self.salt),
        }


# --- a published folder -------------------------------------------------------------------------------------------


def number(index: int) -> str:
    """tlog-tiles: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return "/".join(groups)


def publish(
    folder: Path, leaves: Sequence[bytes], log: Key = CITY, told: str | None = None, note: str | None = None
) -> Path:
    """Everything `publish` writes: checkpoint, tiles, entries, vkey, policy."""
    hashes, level = [sha(b"\0" + leaf) for leaf in leaves], 0
    while hashes:
        for start in range(0, len(hashes), 256):
            some = hashes[start : start + 256]
            put(folder / f"tile/{level}/{tile(start // 256, len(some))}", b"".join(some))
        hashes = [_full(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    for start in range(0, len(leaves), 256):
        some = leaves[start : start + 256]
        body = b"".join(len(e).to_bytes(2, "big") + e for e in some)
        put(folder / f"tile/entries/{tile(start // 256, len(some))}", body)
    put(folder / "vkey", f"{log.vkey}\n".encode())
    put(folder / "policy", (told or policy(log, ())).encode())
    put(folder / "checkpoint", (note or checkpoint(leaves, log)).encode())
    return folder


def tile(index: int, width: int) -> str:
    return number(index) + (f".p/{width}" if width < 256 else "")


def _full(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = len(hashes) // 2
    return sha(b"\1" + _full(hashes[:half]) + _full(hashes[half:]))


def put(file: Path, body: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
