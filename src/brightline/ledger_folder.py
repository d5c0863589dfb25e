"""A ledger in its folder, as the commands meet it: opened, cosigned, its receipts handed over."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brightline.passphrase import passphrase_of
from brightline.terminal import err, stop

if TYPE_CHECKING:
    from brightline.ledger import Ledger, Receipt
    from brightline.ledger.note import Note

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the ledger.")]
BasisOption = Annotated[str, typer.Option("--basis", help="The legal basis; it is recorded.")]


def check_ledger(folder: Path) -> None:
    """Stops when there is no ledger in the folder, or one that was never finished."""
    from brightline.ledger.ledger import UNFINISHED
    from brightline.ledger.stores import has_store

    if not has_store(folder) and (folder / "keys").is_dir():
        stop(f"{folder}: {UNFINISHED}")
    if not has_store(folder):
        stop(f"{folder}: there is no ledger here; make one with `brightline ledger init {folder} --origin NAME`")


def opened(folder: Path, read_only: bool = False) -> Ledger:
    """The ledger; for writing only when it may be written to."""
    from brightline.ledger import Ledger

    check_ledger(folder)
    word = None if read_only else passphrase_of(folder / "keys" / "signing.pem")
    with warnings.catch_warnings(record=True) as doubts:  # a server that may lose what it has acknowledged
        warnings.simplefilter("always")
        made = Ledger.open(folder, read_only=read_only, passphrase=word)
    for doubt in doubts:
        err.print(f"Warning: {doubt.message}", style="yellow", markup=False)
    if read_only:
        return made
    if made.refusal:
        made.close()
        stop(f"{folder}: nothing may be written: {made.refusal}")
    return made


def cosigned(ledger: Ledger, index: int | None) -> Note | None:
    """The published checkpoint, with the signatures of the witnesses, where it covers this entry."""
    from brightline.ledger.checkpoint import Checkpoint
    from brightline.ledger.files import read
    from brightline.ledger.note import Note

    body = read(ledger.public / "checkpoint")
    if body is None:
        return None
    note = Note.parse(body)
    size = Checkpoint.parse(note.text).size
    return note if (size > index if index is not None else size == ledger.size) else None


def give(ledger: Ledger, made: Receipt, folder: Path | None, id: str | None = None) -> None:
    """A receipt into its file, or as one JSON line."""
    import json

    from brightline.ledger.verify_receipt import carrying

    receipt = carrying(made, ledger.key.vkey)
    if folder is not None:
        write_receipt(folder / f"{receipt.index}.tlog-proof", receipt)
        return
    told = {"index": receipt.index} | ({} if id is None else {"id": id}) | {"receipt": receipt.encode().decode()}
    print(json.dumps(told, ensure_ascii=False))


def write_receipt(file: Path, receipt: Receipt) -> None:
    """A receipt into a file, durably."""
    from brightline.ledger.files import DISK
    from brightline.ledger.files import replace as replace_file

    replace_file(DISK, file.absolute(), receipt.encode())
