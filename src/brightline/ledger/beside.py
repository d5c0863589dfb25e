"""Files whose digests a receipt discloses: are those that lie beside it the same, to the byte?

A field names a file when its name is that of a file and its value is `sha256:` and 64 hexadecimal digits (FIPS 180-4).
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

from brightline.ledger.errors import LedgerError
from brightline.ledger.verified import Verdict, Verified

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


def with_files(told: Verified, folder: Path) -> Verified:
    """The outcome of a receipt, with what its files say. A file that is not there is left open. Raises LedgerError."""
    shown, left, wrong = list(told.shown), list(told.open), list(told.wrong)
    for name, value in (told.fields or {}).items():
        digest = _DIGEST.fullmatch(value) if isinstance(value, str) else None
        if digest is None or Path(name).name != name:
            continue
        if not (folder / name).is_file():
            left.append(f"The file `{name}` is not beside the receipt, so it was not compared.")
        elif _digest(folder / name) == digest[1]:
            shown.append(f"The file `{name}` is unchanged.")
        else:
            wrong.append(f"The file `{name}` was changed: it is not the one that was recorded.")
    verdict: Verdict = "bad" if wrong else "open" if left else "good"
    return replace(told, verdict=verdict, shown=tuple(shown), open=tuple(left), wrong=tuple(wrong))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror or error})") from None
