"""The commands by which a ledger is kept: `brightline ledger init`, `append`, `publish`, `close`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brightline.cli_verify import sentences
from brightline.ledger_folder import FolderArgument, give, opened
from brightline.ledger_lines import Line, read_lines
from brightline.passphrase import asked_twice
from brightline.terminal import JsonOption, err, out, print_json, progress, stop

if TYPE_CHECKING:
    from brightline.ledger import Ledger, Receipt
    from brightline.ledger.note import Note
    from brightline.ledger.witness_ask import Asked

BATCH = 500  # lines in one transaction


@sentences
def init(
    folder: FolderArgument,
    origin: Annotated[
        str,
        typer.Option("--origin", help="Its name for ever: an address without https://, such as log.city.example/2026."),
    ],
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for a passphrase and seal the signing key with it.")
    ] = False,
    newest: Annotated[
        Path | None,
        typer.Option(
            "--newest",
            help="Where the newest checkpoint is kept, outside of the back-ups; DIR.newest, without it.",
            show_default=False,
        ),
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option("--agent", help="Sign with the Ed25519 key of this comment in the SSH agent.", show_default=False),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database", help="Keep the entries in PostgreSQL: a connection string, no password.", show_default=False
        ),
    ] = None,
) -> None:
    """Make a ledger: a new folder with a new key.

    Example: `brightline ledger init city --origin log.city.example/brightline/2026`
    """
    from brightline.ledger import Ledger

    _check_origin(origin, "--origin")
    word = asked_twice() if passphrase else None
    with Ledger.create(folder, origin, passphrase=word, newest=newest, agent=agent, database=database) as made:
        out.print(
            f"The ledger `{origin}` is in {folder}. Its key, to be printed where everybody sees it:", markup=False
        )
        out.print(made.key.vkey, markup=False)
        out.print(
            f"Keep {folder / 'keys'} safe, and out of the long back-ups; {made.newest} out of all of them.",
            markup=False,
        )


@sentences
def append(
    folder: FolderArgument,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON lines, each with `kind` and `payload`; - reads them from a pipe."),
    ],
    receipts: Annotated[
        Path | None,
        typer.Option(
            "--receipts", help="A folder for the receipts, one file each, instead of the terminal.", show_default=False
        ),
    ] = None,
) -> None:
    """Record every line of a file. All lines are checked before the first is written.

    A line is an object with `kind`, `payload` (an object of fields) and, if wanted, `id`: a line whose `id` was recorded before
    gets its first receipt again. Prints one JSON line for each record, with its index and its receipt.

    Example: `brightline ledger append city records.jsonl --receipts receipts`
    """
    from brightline.ledger.trust import entries

    lines = read_lines(file)
    if receipts is not None:
        receipts.mkdir(parents=True, exist_ok=True)
    with opened(folder) as ledger, progress("Recording") as step:
        done = 0
        for batch in _batches(lines):
            try:
                made = _recorded(ledger, batch)
            except Exception as error:
                if done:
                    err.print(f"The first {done:,} lines are recorded; the others are not known to be.", markup=False)
                raise _about(error, file, batch) from None
            for line, receipt in zip(batch, made, strict=True):
                give(ledger, receipt, receipts, line.id)
            done += len(batch)
            step(done, len(lines))
    if receipts is not None:
        out.print(f"Recorded: {entries(len(lines))}. The receipts are in {receipts}.", markup=False)


@sentences
def publish(
    folder: FolderArgument,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The folder to publish into; DIR/public, without it.", show_default=False),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Write what everybody may read into one folder, and ask the witnesses of the policy for their signatures.

    A witness that does not answer is shown, and stops nothing. Exit code 1: too few witnesses have signed.

    Example: `brightline ledger publish city --to /srv/www/ledger`
    """
    from brightline.ledger.checkpoint import Checkpoint
    from brightline.ledger.errors import LedgerError
    from brightline.ledger.files import DISK, read
    from brightline.ledger.files import replace as replace_file
    from brightline.ledger.note import Note
    from brightline.ledger.policy import Policy
    from brightline.ledger.trust import entries
    from brightline.ledger.verify_page import verify_page
    from brightline.ledger.witness_ask import Prove, ask_witnesses, with_cosignatures

    asked: tuple[Asked, ...] = ()
    with opened(folder) as ledger:
        policy = Policy.parse(read(folder / "policy") or b"")
        place = to or ledger.public
        before = read(place / "checkpoint")
        size = Checkpoint.parse(Note.parse(before).text).size if before else 0

        def cosign(note: Note, prove: Prove) -> Note:
            nonlocal asked
            asked = ask_witnesses(note, policy, prove, {w.name: size for w in policy.witnesses})
            for one in asked:
                if one.alarm:
                    raise LedgerError(
                        f"the witness `{one.name}` contradicts this ledger: {one.gap}. Nothing was published. Find out which of the "
                        "two is right; if the witness is wrong, take it out of the policy"
                    )
            return with_cosignatures(note, asked)

        published = ledger.publish(to, cosign if policy.witnesses else None)
        page = verify_page(policy.text).encode()
        if read(place / "verify.html") != page:
            replace_file(DISK, place / "verify.html", page)
    have = {w.name for w in policy.witnesses for s in published.checkpoint.signatures if w.key.made(s)}
    enough = policy.satisfied(have)
    if json_:
        gaps = {a.name: a.gap for a in asked if a.gap}
        print_json(
            {
                "folder": str(published.folder),
                "size": published.size,
                "witnesses": sorted(have),
                "gaps": gaps,
                "witnessed": enough and bool(have),
            }
        )
    else:
        out.print(f"Published in {published.folder}: {entries(published.size)}.", markup=False)
        for one in asked:
            said = f"gap: {one.gap}" if one.gap else "has signed"
            out.print(f"  witness {one.name}: {said}", style="yellow" if one.gap else "green", markup=False)
    if not enough:
        err.print(
            "Too few witnesses have signed; the policy asks for more. Publish again when they answer.", markup=False
        )
        raise typer.Exit(1)


@sentences
def close(
    folder: FolderArgument,
    following: Annotated[str, typer.Option("--next", help="The origin of the ledger that goes on from here.")],
    basis: Annotated[str, typer.Option("--basis", help="Why; it is recorded.")] = "rotation of the key",
) -> None:
    """Close a ledger for ever with a last entry that names the next one. Publish it once more afterwards.

    Example: `brightline ledger close city --next log.city.example/brightline/2027`
    """
    _check_origin(following, "--next")
    with opened(folder) as ledger:
        give(ledger, ledger.close_with(following, basis), None)


def _check_origin(origin: str, option: str) -> None:
    """An origin is an address without its scheme (C2SP tlog-checkpoint)."""
    if "://" in origin:
        stop(
            f"{option} {origin}: write it without `{origin.partition('://')[0]}://`, such as log.city.example/brightline/2026"
        )
    if not origin or origin != origin.strip("/") or any(c.isspace() or c == "+" for c in origin):
        stop(
            f"{option} `{origin}`: must be an address without spaces, `+`, or a slash at its ends, such as log.city.example/brightline/2026"
        )


def _batches(lines: Sequence[Line]) -> list[list[Line]]:
    """In their order; lines with and without an `id` are not mixed."""
    made: list[list[Line]] = []
    for line in lines:
        if made and len(made[-1]) < BATCH and (made[-1][0].id is None) == (line.id is None):
            made[-1].append(line)
        else:
            made.append([line])
    return made


def _recorded(ledger: Ledger, batch: Sequence[Line]) -> Sequence[Receipt]:
    """A batch at once. When some of its lines were recorded before and some not, one by one."""
    from brightline.ledger.errors import LedgerError

    items = [(line.kind, line.payload) for line in batch]
    if batch[0].id is None:
        return ledger.append_many(items)
    try:
        return ledger.append_many(items, keys=[str(line.id) for line in batch])
    except LedgerError:
        return [ledger.append(line.kind, line.payload, key=line.id) for line in batch]


def _about(error: Exception, file: Path, batch: Sequence[Line]) -> Exception:
    from brightline.ledger.errors import LedgerError

    if not isinstance(error, LedgerError):
        return error
    first, last = batch[0].number, batch[-1].number
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return LedgerError(f"{file}, {where}: {error}")
