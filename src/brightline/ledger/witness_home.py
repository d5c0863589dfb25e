"""The folder of a witness: its key, the ledgers that it follows, and its memory."""

from __future__ import annotations

from pathlib import Path

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, writing
from brightline.ledger.keys import Passphrase, create_signer, load_signer
from brightline.ledger.note import Cosigner
from brightline.ledger.policy import Policy
from brightline.ledger.witness import Witness

KEY, VKEY, POLICY, STORE, NAME = "key.pem", "vkey", "policy", "witness.db", "name"

_POLICY = """# The ledgers that this witness follows: one line for each, with the key that its agency gave to you.
#   log VKEY
quorum none
"""


def create_witness(folder: Path, name: str, passphrase: Passphrase = None) -> str:
    """Make the folder with a new key, and give the public key (vkey). Raises LedgerError."""
    if "://" in name or name.startswith("/") or name.endswith("/"):
        raise LedgerError(
            f"the name `{name}` must be an address without https:// and without a slash at its ends, such as witness.example/w"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError(f"{folder}: there is something already; give the name of a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    cosigner = _cosigner(folder, name, passphrase, new=True)
    with writing(DISK) as files:
        files.put(folder / NAME, f"{name}\n".encode())
        files.put(folder / VKEY, f"{cosigner.vkey}\n".encode())
        files.put(folder / POLICY, _POLICY.encode())
    return cosigner.vkey


def open_witness(folder: Path, passphrase: Passphrase = None) -> Witness:
    """Raises LedgerError: no witness, a wrong passphrase, a policy that cannot be read."""
    name = _text(folder / NAME, folder).strip()
    cosigner = _cosigner(folder, name, passphrase)
    try:
        policy = Policy.parse(_text(folder / POLICY, folder))
    except LedgerError as error:
        raise LedgerError(f"{folder / POLICY}: {error}") from None
    return Witness(cosigner, policy, folder / STORE)


def _cosigner(folder: Path, name: str, passphrase: Passphrase, new: bool = False) -> Cosigner:
    """The same kind of key as a ledger's, stored in the same way; its type on the outside (0x04) is another."""
    signer = (create_signer if new else load_signer)(folder / KEY, name, passphrase)
    return Cosigner(name, signer._private)


def _text(file: Path, folder: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        raise LedgerError(
            f"{folder}: there is no witness here (no file `{file.name}`); make one with `witness init`"
        ) from None
