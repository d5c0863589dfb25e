"""The command `brightline verify`: is this ledger, or this receipt, what it says it is?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer

from brightline.terminal import JsonOption, out, print_json, progress, stop

if TYPE_CHECKING:
    from brightline.ledger.verified import Verified

P = ParamSpec("P")
T = TypeVar("T")

HEADS = {
    "good": ("Genuine.", "bold green"),
    "open": ("Not settled.", "bold yellow"),
    "bad": ("NOT VALID.", "bold red"),
}


def sentences(command: Callable[P, T]) -> Callable[P, T]:
    """Every error of a ledger that a person meets becomes a sentence and exit code 2."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        from brightline.ledger.errors import LedgerError

        try:
            return command(*args, **kwargs)
        except LedgerError as error:
            stop(str(error))
        except OSError as error:
            stop(f"{error.filename or 'the disk'}: {error.strerror or error}")
        except KeyboardInterrupt:
            stop("stopped; what was written before stays written")
        raise AssertionError

    return told


@sentences
def verify_command(
    target: Annotated[str, typer.Argument(help="An address, a folder, an export (ZIP), or a receipt (.tlog-proof).")],
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", help="An older checkpoint, or a receipt that you kept: is it contained?", show_default=False
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            help="The key (vkey) or the policy that you trust; without it, the one beside the ledger or in the receipt.",
            show_default=False,
        ),
    ] = None,
    content: Annotated[
        list[Path] | None,
        typer.Option(
            "--content", help="A file that belongs to a receipt: its entry or a disclosure. May be given again."
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Check a ledger or a receipt: signatures, witnesses, every entry, and that nothing before was changed.

    Exit code 0: all was shown. 1: something is wrong or could not be shown. 2: the input cannot be used.

    Example: `brightline verify https://log.city.example/brightline/2026 --policy city.policy`
    """
    from brightline.ledger.verify import verify

    with progress("Reading the ledger") as step:
        told = verify(target, since, policy, content or (), step)
    if json_:
        print_json(told.as_json())
    else:
        show_verified(told)
    if not told.ok:
        raise typer.Exit(1)


def show_verified(told: Verified) -> None:
    """Print what was found: the word, the facts, what was shown and what was not, the evidence."""
    from brightline.ledger.verified import NOT_KEY_OWN

    head, style = HEADS[told.verdict]
    if told.verdict == "good" and NOT_KEY_OWN in told.unproved:
        head = "Genuine, if the key that came with it is the agency's."
    out.print(head, style=style)
    for name, value in _facts(told):
        out.print(f"  {name + ':':<11} {value}", markup=False)
    _list("Wrong", told.wrong, "red")
    _list("Not shown", told.open, "yellow")
    _list("Shown", told.shown, "green")
    if told.fields is not None:
        out.print("\nThe content, as it was recorded:", style="bold")
        for field, value in told.fields.items():
            lines = value.split("\n") if isinstance(value, str) else [_json(value)]
            out.print(f"  {one_line(field)}: " + "\n    ".join(map(one_line, lines)), markup=False)
        if told.hidden:
            out.print(f"  ({told.hidden} more not shown)", markup=False)
    _list("What this does not prove", told.unproved, "")
    for number, text in enumerate(told.evidence, 1):
        out.print(f"\nEvidence {number}, a signed checkpoint:", style="bold")
        out.print("\n".join(map(one_line, text.split("\n"))), markup=False)


def _facts(told: Verified) -> Sequence[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = []
    if told.origin is not None:
        facts.append(("ledger", one_line(told.origin)))
    if told.entry and "kind" in told.entry and told.verdict != "bad":
        facts.append(("record", f"{told.entry['kind']}, in the hour {told.entry['hour']}"))
        facts.append(("place", f"number {told.entry['index']:,} of {told.size:,} (the first is 0)"))
    elif told.size is not None and told.subject == "ledger":
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in told.kinds.items())
        facts.append(("entries", f"{told.size:,}" + (f" ({kinds})" if kinds else "")))
    return facts


def _list(title: str, sentences: Sequence[str], style: str) -> None:
    if sentences:
        out.print(f"\n{title}:", style=f"bold {style}".strip())
        for sentence in sentences:
            out.print(f"  - {one_line(sentence)}", markup=False)


def one_line(text: str) -> str:
    """Text of somebody else's on the terminal: no control characters, which could hide or repaint what stands there."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
