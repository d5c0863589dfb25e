"""A report recorded in a ledger: its receipt lies beside it, and shows later that no file of it was changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import file_digest
from pathlib import Path

from brightline.ledger import Ledger
from brightline.ledger.verify_receipt import carrying
from brightline.report.about import ReportError

RECEIPT = "receipt.tlog-proof"


def seal(files: Iterable[Path], made: date, ledger: Ledger) -> Path:
    """Record the SHA-256 of each file as one entry of the kind `evidence`; write its receipt beside them.

    The receipt discloses the digests, and nothing else is recorded: so whoever has the folder can check it, and the public
    entry tells nothing. Raises LedgerError, and ReportError where the receipt cannot be written.
    """
    paths = list(files)
    fields = {path.name: f"sha256:{_digest(path)}" for path in paths}
    receipt = ledger.append("evidence", {"what": "audit report", "made": made.isoformat(), **fields})
    disclosure = ledger.disclose(receipt.index)
    whole = carrying(receipt, ledger.key.vkey, disclosure)
    place = paths[0].parent / RECEIPT
    try:
        place.write_bytes(whole.encode())
    except OSError as error:
        raise ReportError(f"{place} cannot be written: {error.strerror}") from error
    return place


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
