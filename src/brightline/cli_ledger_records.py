"""The commands about one record of a ledger: `brightline ledger receipt`, `disclose`, `erase`, `hold`, `release`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brightline.cli_verify import sentences
from brightline.ledger_folder import BasisOption, FolderArgument, cosigned, give, opened, write_receipt
from brightline.terminal import out, stop

if TYPE_CHECKING:
    from brightline.ledger import Receipt

IndexArgument = Annotated[int, typer.Argument(min=0, help="The number of the entry; the first is 0.")]
FieldOption = Annotated[
    list[str] | None, typer.Option("--field", help="A field of the payload. May be given again.", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A file for the receipt, instead of the terminal.", show_default=False)
]


@sentences
def receipt_command(folder: FolderArgument, index: IndexArgument, to: OutOption = None) -> None:
    """The receipt of an entry: with the signatures of the witnesses, once it is published.

    Example: `brightline ledger receipt city 7 --out 7.tlog-proof`
    """
    from brightline.ledger.verify_receipt import carrying

    with opened(folder, read_only=True) as ledger:
        _show(carrying(ledger.receipt(index, cosigned(ledger, index)), ledger.key.vkey), to)


@sentences
def disclose(
    folder: FolderArgument,
    index: IndexArgument,
    field: FieldOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Show every field.")] = False,
    to: OutOption = None,
) -> None:
    """A receipt that shows some fields of the content, for a court or the person concerned. The others stay sealed.

    Example: `brightline ledger disclose city 7 --field decision --field clause --out 7.tlog-proof`
    """
    from brightline.ledger.verify_receipt import carrying

    if bool(field) == all_:
        stop("say which fields to show with --field, or --all")
    with opened(folder, read_only=True) as ledger:
        made = ledger.receipt(index, cosigned(ledger, index))
        shown = ledger.disclose(index, None if all_ else field)
        _show(carrying(made, ledger.key.vkey, shown), to)


@sentences
def erase(
    folder: FolderArgument,
    index: IndexArgument,
    basis: BasisOption,
    field: FieldOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase the content of a record, or some of its fields, for ever. The entry and all receipts stay valid.

    Example: `brightline ledger erase city 7 --field name --basis "5 ILCS 805/15"`
    """
    what = "the fields " + ", ".join(f"`{f}`" for f in field) if field else "the whole content"
    if not yes:
        if not sys.stdin.isatty():
            stop("this cannot be undone; say --yes when nobody can be asked")
        if not typer.confirm(f"Erase {what} of record {index:,} for ever?"):
            stop("nothing was erased")
    with opened(folder) as ledger:
        give(ledger, ledger.erase(index, field, basis=basis), None)


@sentences
def hold(folder: FolderArgument, index: IndexArgument, basis: BasisOption) -> None:
    """Forbid that a record is erased, as a court may order. The hold is recorded.

    Example: `brightline ledger hold city 7 --basis "order 26-CV-1234"`
    """
    with opened(folder) as ledger:
        give(ledger, ledger.hold(index, basis), None)


@sentences
def release(folder: FolderArgument, index: IndexArgument, basis: BasisOption) -> None:
    """End the hold on a record. The release is recorded.

    Example: `brightline ledger release city 7 --basis "order 26-CV-1234, lifted"`
    """
    with opened(folder) as ledger:
        give(ledger, ledger.release(index, basis), None)


def _show(receipt: Receipt, to: Path | None) -> None:
    if to is None:
        print(receipt.encode().decode(), end="")
        return
    write_receipt(to, receipt)
    out.print(f"The receipt is in {to}", markup=False)
