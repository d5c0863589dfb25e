"""The lines that `brightline ledger append` reads: every one is checked, and all that is wrong is said at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brightline.contact.problems import did_you_mean
from brightline.terminal import stop

MOST_PROBLEMS = 20  # sentences; the rest is counted
KEYS = ("kind", "payload", "id")


@dataclass(frozen=True, slots=True)
class Line:
    """One record to be written: the number of its line, and what it says."""

    number: int
    kind: str
    payload: dict[str, Any]
    id: str | None


def read_lines(file: Path) -> list[Line]:
    """All lines of the file, or of standard input for `-`. Stops with every mistake and its line."""
    from brightline.ledger.errors import LedgerError

    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    made: list[Line] = []
    problems: list[str] = []
    ids: dict[str, int] = {}
    for number, text in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            line = _line(number, text)
            if line.id is not None and (before := ids.setdefault(line.id, number)) != number:
                raise LedgerError(f"the `id` is that of line {before}; each record needs its own")
            made.append(line)
        except LedgerError as error:
            problems.append(f"{file}, line {number}: {error}")
    if problems:
        more = f"\nand {len(problems) - MOST_PROBLEMS:,} more" if len(problems) > MOST_PROBLEMS else ""
        stop("\n".join(problems[:MOST_PROBLEMS]) + more + "\n\nNothing was recorded.")
    if not made:
        stop(f"{file}: there is no line in it, so nothing was recorded")
    return made


def _line(number: int, text: bytes) -> Line:
    """Raises LedgerError."""
    from brightline.ledger.canonical import canonical, read_json
    from brightline.ledger.entry import KINDS, checked_payload
    from brightline.ledger.errors import LedgerError
    from brightline.ledger.record import MOST_BYTES, OWN_KINDS

    found = read_json(text.strip(), "this")
    if not isinstance(found, dict):
        raise LedgerError('this is no object; write {"kind": "decision", "payload": {…}}')
    for name in found:
        if name not in KEYS:
            raise LedgerError(
                f"`{name}` is not known here{did_you_mean(name, KEYS)}; a line has `kind`, `payload` and perhaps `id`"
            )
    for name in ("kind", "payload"):
        if name not in found:
            raise LedgerError(f"`{name}` is missing")
    kind, payload, id = found["kind"], found["payload"], found.get("id")
    if not isinstance(kind, str):
        raise LedgerError(
            f"`kind` is no kind: it must be text, one of {', '.join(k for k in KINDS if k not in OWN_KINDS)}"
        )
    if kind in OWN_KINDS:
        raise LedgerError(f"entries of the kind `{kind}` are written by the ledger itself")
    if kind not in KINDS:
        usable = [k for k in KINDS if k not in OWN_KINDS]
        raise LedgerError(f"`{kind}` is no kind{did_you_mean(kind, usable)}; there are {', '.join(usable)}")
    if id is not None and (not isinstance(id, str) or not id):
        raise LedgerError("`id` must be text, and not empty")
    fields = checked_payload(payload)
    if sum(len(canonical(name, value)) for name, value in fields.items()) > MOST_BYTES:
        raise LedgerError(f"the payload is longer than {MOST_BYTES:,} bytes; record a digest of what is long")
    return Line(number, kind, fields, id)
