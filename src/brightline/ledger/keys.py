"""The signing key of a ledger: Ed25519, in PKCS#8 (PEM), for its owner alone, under a passphrase if wanted; or in an SSH agent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brightline.ledger.agent import TYPE, find, of_line
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Disk, reason, replace
from brightline.ledger.note import Signer

Passphrase = str | bytes | None


def create_signer(
    path: Path, origin: str, passphrase: Passphrase = None, disk: Disk = DISK, agent: str | None = None
) -> Signer:
    """A new key, stored. A key that is there already is never replaced. Raises LedgerError.

    `agent`: the comment of a key in an SSH agent, to sign with that one; then only its public half is stored.
    """
    if path.exists():
        raise LedgerError(f"{path}: there is a key already, and a lost key cannot be made again; choose another place")
    if agent is not None:
        kept = find(agent)
        held = Signer(origin, kept)
        replace(disk, path, f"{kept.line}\n".encode(), 0o600)
        return held
    private = Ed25519PrivateKey.generate()
    signer = Signer(origin, private)  # a wrong name is found before anything is written
    word = _bytes(passphrase)
    sealing = serialization.BestAvailableEncryption(word) if word else serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
    replace(disk, path, pem, 0o600)
    return signer


def load_signer(path: Path, origin: str, passphrase: Passphrase = None) -> Signer:
    """Raises LedgerError: no key, a key that others may read, a wrong passphrase, a key of another type."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with open(file, "rb") as opened:
            told = os.fstat(opened.fileno())
            pem = opened.read(100_000)
    except OSError as error:
        raise LedgerError(
            f"{path}: the signing key cannot be read ({reason(error)}); restore it from its safe place"
        ) from None
    if stat.S_IMODE(told.st_mode) & 0o077:
        raise LedgerError(f"{path}: others may read the signing key; say `chmod 600 {path}`, and think about a new key")
    if pem.startswith(TYPE):
        return Signer(origin, of_line(pem.decode("utf-8", "replace")))
    word = _bytes(passphrase)
    try:
        private = serialization.load_pem_private_key(pem, word)
    except TypeError:
        needed = "needs a passphrase" if word is None else "has no passphrase, and one was given"
        raise LedgerError(f"{path}: the signing key {needed}") from None
    except (ValueError, UnsupportedAlgorithm, InternalError):  # OpenSSL calls some damage an unknown error
        said = "is damaged" if word is None else "does not open: the passphrase is wrong, or the file is damaged"
        raise LedgerError(f"{path}: the signing key {said}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise LedgerError(f"{path}: the signing key is of another type than Ed25519")
    return Signer(origin, private)


def _bytes(passphrase: Passphrase) -> bytes | None:
    """No passphrase and an empty one are the same."""
    return (passphrase.encode() if isinstance(passphrase, str) else passphrase) or None
