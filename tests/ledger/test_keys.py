from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from brightline.ledger.errors import LedgerError
from brightline.ledger.keys import create_signer, load_signer

from .small import EIO, ORIGIN, FakeDisk

TEXT = f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@pytest.mark.parametrize("passphrase", [None, "correct horse", b"battery"])
def test_a_key_signs_the_same_after_it_was_stored(tmp_path: Path, passphrase: str | bytes | None) -> None:
    made = create_signer(tmp_path / "signing.pem", ORIGIN, passphrase)
    loaded = load_signer(tmp_path / "signing.pem", ORIGIN, passphrase)
    assert loaded.vkey == made.vkey
    assert loaded.sign(TEXT) == made.sign(TEXT)
    made.verifier.verify(TEXT, loaded.sign(TEXT))


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    create_signer(tmp_path / "signing.pem", ORIGIN)
    assert stat.S_IMODE(os.stat(tmp_path / "signing.pem").st_mode) == 0o600
    (tmp_path / "signing.pem").chmod(0o644)
    with pytest.raises(LedgerError, match="others may read the signing key; say `chmod 600"):
        load_signer(tmp_path / "signing.pem", ORIGIN)


def test_a_passphrase_hides_the_key(tmp_path: Path) -> None:
    create_signer(tmp_path / "signing.pem", ORIGIN, "correct horse")
    assert b"ENCRYPTED" in (tmp_path / "signing.pem").read_bytes()
    with pytest.raises(LedgerError, match="needs a passphrase"):
        load_signer(tmp_path / "signing.pem", ORIGIN)
    with pytest.raises(LedgerError, match="passphrase is wrong"):
        load_signer(tmp_path / "signing.pem", ORIGIN, "wrong")


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    first = create_signer(tmp_path / "signing.pem", ORIGIN)
    with pytest.raises(LedgerError, match="there is a key already"):
        create_signer(tmp_path / "signing.pem", ORIGIN)
    assert load_signer(tmp_path / "signing.pem", ORIGIN).vkey == first.vkey


def test_what_is_no_key_of_ours_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    with pytest.raises(LedgerError, match="cannot be read"):
        load_signer(path, ORIGIN)
    path.touch(0o600)
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(LedgerError, match="is damaged"):
        load_signer(path, ORIGIN)
    other = generate_private_key(SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(other.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    with pytest.raises(LedgerError, match="another type than Ed25519"):
        load_signer(path, ORIGIN)


def test_a_failed_write_leaves_no_key(tmp_path: Path) -> None:
    for step in range(5):
        disk = FakeDisk(fail_at=step, fault=EIO)
        with pytest.raises(LedgerError, match="Input/output error"):
            create_signer(tmp_path / f"{step}.pem", ORIGIN, disk=disk)
        if disk.steps[-1] != "sync" or step < 3:
            assert not (tmp_path / f"{step}.pem").exists()
