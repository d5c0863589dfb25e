"""An export: the published form of a ledger in one ZIP that verifies itself.

The same ledger gives the same bytes: files in a fixed order, stored without compression, with one fixed date. No payload and no
key is in it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.files import read, replace
from brightline.ledger.guard import check, note_of
from brightline.ledger.note import Note
from brightline.ledger.publish import files_of

if TYPE_CHECKING:
    from brightline.ledger.ledger import Ledger

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can say


def export(ledger: Ledger, file: str | Path, checkpoint: Note | None = None) -> int:
    """Write the export of the head, or of a given checkpoint of this ledger (with its cosignatures). Returns its entries.

    Raises LedgerError.
    """
    head = ledger.head
    note = checkpoint or note_of(head, ledger.key)
    check(ledger.store, head, ledger.key, [("the checkpoint", note)])
    size = Checkpoint.parse(note.text).size
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path, body in _files(ledger, note, size):
            told = zipfile.ZipInfo(path, DATE)
            told.external_attr = 0o644 << 16
            told.create_system = 3  # the same bytes on every system
            archive.writestr(told, body)
    replace(ledger.disk, Path(file).absolute(), made.getvalue())
    return size


def _files(ledger: Ledger, note: Note, size: int) -> Iterator[tuple[str, bytes]]:
    yield "checkpoint", note.encode()
    yield "vkey", f"{ledger.key.vkey}\n".encode()
    yield "policy", read(ledger.folder / "policy") or f"log {ledger.key.vkey}\nquorum none\n".encode()
    history = ledger.public / "checkpoints"
    sizes = sorted(int(p.name) for p in history.iterdir() if p.name.isdigit()) if history.is_dir() else []
    for before in sizes:
        if before <= size and (body := read(history / str(before))) is not None:
            yield f"checkpoints/{before}", body
    yield from files_of(ledger.store, size)
