"""`verify`: checks a ledger or a receipt, wherever it is, and trusts nobody but the keys it is given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from brightline.ledger.beside import with_files
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Note
from brightline.ledger.policy import Policy
from brightline.ledger.sources import source
from brightline.ledger.trust import read_policy
from brightline.ledger.verified import Verified
from brightline.ledger.verify_log import MOST_NOTE, Step, verify_log
from brightline.ledger.verify_receipt import FIRST_LINE, verify_receipt

MOST_CONTENT = 16_000_000  # bytes of a file with what is disclosed


def verify(
    target: str | Path,
    since: str | Path | None = None,
    policy: str | Path | Policy | None = None,
    content: Iterable[str | Path] = (),
    step: Step | None = None,
) -> Verified:
    """Check a published ledger (an address, a folder, an export as ZIP) or a receipt (a file).

    `since` is the file of an older checkpoint of the same ledger, or a receipt with one; `policy` a policy, or the file of
    a policy or of a vkey; `content` are files that belong to a receipt; `step` hears how far it is (entries done, in all).
    What is wrong with the ledger is told in the result. Raises LedgerError when the input cannot be used.
    """
    trusted = policy if isinstance(policy, Policy) else None if policy is None else _policy(Path(policy))
    place = source(str(target))
    if place is not None:
        if tuple(content):
            raise LedgerError("only a receipt has content of its own; give the receipt to check, not the whole ledger")
        return verify_log(place, None if since is None else _since(Path(since)), trusted, step)
    body = _read(Path(target), MOST_NOTE)
    if not body.startswith(FIRST_LINE):
        raise LedgerError(
            f"{target}: this is no receipt, no ZIP and no folder; a receipt begins with {FIRST_LINE.decode()}"
        )
    if since is not None:
        raise LedgerError("an older checkpoint is compared with a whole ledger; give its address or its folder")
    told = verify_receipt(str(target), body, trusted, [_read(Path(c), MOST_CONTENT) for c in content])
    return with_files(told, Path(target).parent)


def _policy(file: Path) -> Policy:
    text = _read(file, MOST_NOTE).decode("utf-8", "surrogateescape")
    try:
        return read_policy(text)
    except LedgerError as error:
        raise LedgerError(f"{file}: {error}") from None


def _since(file: Path) -> tuple[str, Note]:
    """A checkpoint; a receipt ends with one, and people keep receipts."""
    body = _read(file, MOST_NOTE)
    if body.startswith(FIRST_LINE):
        body = body.partition(b"\n\n")[2]
    try:
        return f"`{file.name}`", Note.parse(body)
    except LedgerError as error:
        raise LedgerError(f"{file}: this is no checkpoint: {error}") from None


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            body = opened.read(most + 1)
    except OSError as error:
        raise LedgerError(f"{file}: cannot be read ({error.strerror or error})") from None
    if len(body) > most:
        raise LedgerError(f"{file}: longer than {most:,} bytes, so it is nothing that can be checked here")
    return body
