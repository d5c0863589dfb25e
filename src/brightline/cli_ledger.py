"""The commands `brightline ledger …`: keep a ledger, publish it, show what is in it, let it forget, keep copies of it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from brightline.cli_verify import sentences, show_verified, verify_command
from brightline.cli_witness import witness_app
from brightline.ledger_lines import Line, read_lines
from brightline.passphrase import asked_twice, passphrase_of
from brightline.terminal import JsonOption, err, out, print_json, progress, stop

if TYPE_CHECKING:
    from brightline.ledger import Ledger, Receipt
    from brightline.ledger.note import Note
    from brightline.ledger.witness_ask import Asked

__all__ = ["ledger_app", "verify_command", "witness_app"]

ledger_app = typer.Typer(
    no_args_is_help=True,
    help="A ledger that nobody can rewrite unnoticed, and that can still forget.",
)

BATCH = 500  # lines in one transaction
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the ledger.")]
IndexArgument = Annotated[int, typer.Argument(min=0, help="The number of the entry; the first is 0.")]
FieldOption = Annotated[
    list[str] | None, typer.Option("--field", help="A field of the payload. May be given again.", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A file for the receipt, instead of the terminal.", show_default=False)
]
BasisOption = Annotated[str, typer.Option("--basis", help="The legal basis; it is recorded.")]


# --- keeping one ------------------------------------------------------------------------------------------------


@ledger_app.command("init")
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


@ledger_app.command("append")
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
    with _opened(folder) as ledger, progress("Recording") as step:
        done = 0
        for batch in _batches(lines):
            try:
                made = _recorded(ledger, batch)
            except Exception as error:
                if done:
                    err.print(f"The first {done:,} lines are recorded; the others are not known to be.", markup=False)
                raise _about(error, file, batch) from None
            for line, receipt in zip(batch, made, strict=True):
                _give(ledger, receipt, receipts, line.id)
            done += len(batch)
            step(done, len(lines))
    if receipts is not None:
        out.print(f"Recorded: {entries(len(lines))}. The receipts are in {receipts}.", markup=False)


@ledger_app.command("publish")
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
    with _opened(folder) as ledger:
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


@ledger_app.command("close")
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
    with _opened(folder) as ledger:
        _give(ledger, ledger.close_with(following, basis), None)


# --- showing, forgetting ------------------------------------------------------------------------------------------


@ledger_app.command("receipt")
@sentences
def receipt_command(folder: FolderArgument, index: IndexArgument, to: OutOption = None) -> None:
    """The receipt of an entry: with the signatures of the witnesses, once it is published.

    Example: `brightline ledger receipt city 7 --out 7.tlog-proof`
    """
    from brightline.ledger.verify_receipt import carrying

    with _opened(folder, read_only=True) as ledger:
        _show(carrying(ledger.receipt(index, _cosigned(ledger, index)), ledger.key.vkey), to)


@ledger_app.command("disclose")
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
    with _opened(folder, read_only=True) as ledger:
        made = ledger.receipt(index, _cosigned(ledger, index))
        shown = ledger.disclose(index, None if all_ else field)
        _show(carrying(made, ledger.key.vkey, shown), to)


@ledger_app.command("erase")
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
    with _opened(folder) as ledger:
        _give(ledger, ledger.erase(index, field, basis=basis), None)


@ledger_app.command("hold")
@sentences
def hold(folder: FolderArgument, index: IndexArgument, basis: BasisOption) -> None:
    """Forbid that a record is erased, as a court may order. The hold is recorded.

    Example: `brightline ledger hold city 7 --basis "order 26-CV-1234"`
    """
    with _opened(folder) as ledger:
        _give(ledger, ledger.hold(index, basis), None)


@ledger_app.command("release")
@sentences
def release(folder: FolderArgument, index: IndexArgument, basis: BasisOption) -> None:
    """End the hold on a record. The release is recorded.

    Example: `brightline ledger release city 7 --basis "order 26-CV-1234, lifted"`
    """
    with _opened(folder) as ledger:
        _give(ledger, ledger.release(index, basis), None)


# --- checking, copying ----------------------------------------------------------------------------------------------


@ledger_app.command("fsck")
@sentences
def fsck_command(
    folder: FolderArgument,
    payloads: Annotated[
        bool, typer.Option("--payloads", help="Open every sealed payload too; takes much longer.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Read all that is stored and published, hash it anew, and name every place that is damaged. Exit code 1: there is one.

    Example: `brightline ledger fsck city`
    """
    from brightline.ledger.fsck import fsck
    from brightline.ledger.trust import entries

    _here(folder)
    with progress("Checking") as step:
        found = fsck(folder, step, payloads=payloads)
    if json_:
        print_json(
            {
                "ok": found.ok,
                "size": found.size,
                "root": found.root.hex(),
                "checkpoints": found.checkpoints,
                "published": found.published,
                "payloads": found.payloads,
                "problems": found.problems,
                "more": found.more,
            }
        )
    else:
        for problem in found.problems:
            out.print(f"- {problem}", style="red", markup=False)
        if found.more:
            out.print(f"- and {found.more:,} more", style="red")
        if found.ok:
            more = f", and {found.payloads:,} payloads opened" if payloads else ""
            out.print(
                f"All is right. Checked: {entries(found.size)}, {found.checkpoints:,} signed checkpoints{more}.",
                style="green",
                markup=False,
            )
    if not found.ok:
        raise typer.Exit(1)


@ledger_app.command("export")
@sentences
def export_command(
    folder: FolderArgument, file: Annotated[Path, typer.Argument(metavar="FILE", help="The ZIP to write.")]
) -> None:
    """Write the public form of the ledger as one ZIP that verifies itself: `brightline verify FILE`, or the page in it.

    Example: `brightline ledger export city city.zip`
    """
    import zipfile

    from brightline.ledger.export import export
    from brightline.ledger.files import read
    from brightline.ledger.verify_page import verify_page

    with _opened(folder, read_only=True) as ledger:
        size = export(ledger, file, _cosigned(ledger, None))
        with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
            if "verify.html" not in archive.namelist():
                told = zipfile.ZipInfo("verify.html", (1980, 1, 1, 0, 0, 0))
                told.external_attr = 0o644 << 16
                told.create_system = 3
                archive.writestr(told, verify_page((read(folder / "policy") or b"").decode("utf-8", "replace")))
    out.print(f"{size:,} entries are in {file}. No payload and no key is in it.", markup=False)


@ledger_app.command("import")
@sentences
def import_command(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An export, a mirror, or the address of a published ledger.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the new ledger.")],
    key: Annotated[Path, typer.Option("--key", help="The file with the key (vkey) that the ledger is known by.")],
) -> None:
    """Make a ledger from what was published of it, and check all of it. The content of records was never published.

    Example: `brightline ledger import city.zip city-again --key city.vkey`
    """
    from brightline.ledger.repair import restore

    with progress("Importing") as step:
        found = restore(folder, _source(file), _line(key), step)
    for problem in found.problems:
        out.print(f"- {problem}", style="red", markup=False)
    out.print(
        f"{found.size:,} entries are in {folder}. To write to it, put the signing key into {folder / 'keys'}.",
        markup=False,
    )
    if not found.ok:
        raise typer.Exit(1)


@ledger_app.command("clock")
@sentences
def clock_command(folder: FolderArgument, basis: BasisOption) -> None:
    """Go on although the clock is far behind the last entry, because the clock was wrong before; an entry says so.

    Example: `brightline ledger clock city --basis "the clock was an hour ahead until noon"`
    """
    with _opened(folder) as ledger:
        ledger.accept_clock(basis)
        out.print("The clock is taken as right from here on; an entry `clock` says so.", markup=False)


@ledger_app.command("migrate")
@sentences
def migrate_command(
    folder: FolderArgument,
    database: Annotated[str, typer.Option("--database", help="A PostgreSQL connection string, without a password.")],
) -> None:
    """Move a ledger from SQLite to PostgreSQL. Nothing is signed; all of it is checked before and after, then the folder switches.

    Example: `brightline ledger migrate city --database "host=db.city.example dbname=ledger user=ledger"`
    """
    from brightline.ledger.migrate import migrate
    from brightline.ledger.trust import entries

    _here(folder)
    with progress("Moving") as step:
        found = migrate(folder, database, step)
    out.print(f"Moved and checked: {entries(found.size)}. The root is as it was.", style="green", markup=False)


@ledger_app.command("sequence")
@sentences
def sequence_command(folder: FolderArgument) -> None:
    """Give indexes to what applications put into the outbox of a ledger in PostgreSQL, until Ctrl-C. One process alone may.

    Example: `brightline ledger sequence city`
    """
    from threading import Event

    from brightline.ledger.outbox import follow

    with _opened(folder) as ledger:
        out.print(f"Sequencing `{ledger.origin}`. Ctrl-C ends it.", markup=False)
        follow(ledger, Event())


@ledger_app.command("repair")
@sentences
def repair_command(
    folder: FolderArgument,
    place: Annotated[str, typer.Option("--from", help="A mirror, an export, or the address of the published ledger.")],
) -> None:
    """Catch up after an old back-up was restored: take the missing entries from a published copy. Nothing is signed.

    Example: `brightline ledger repair city --from mirror`
    """
    from brightline.ledger.repair import repair

    _here(folder)
    with progress("Catching up") as step:
        taken = repair(folder, _source(place), step)
    out.print(f"{taken:,} entries were taken from {place}. Now say: brightline ledger fsck {folder}", markup=False)


@ledger_app.command("mirror")
@sentences
def mirror_command(
    place: Annotated[
        str, typer.Argument(metavar="SOURCE", help="The address of a published ledger, its folder, or an export.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the copy; again and again the same.")],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="The key (vkey) or the policy that you trust.", show_default=False),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Keep a checked copy of a published ledger. Exit code 1: it contradicts what was copied before, or is not in order.

    Example: `brightline ledger mirror https://log.city.example/brightline/2026 mirror`
    """
    from brightline.ledger.mirror import mirror
    from brightline.ledger.trust import read_policy

    trusted = None if policy is None else read_policy(policy.read_text(encoding="utf-8", errors="surrogateescape"))
    with progress("Copying") as step:
        told = mirror(_source(place), folder, trusted, step)
    if json_:
        print_json(told.as_json())
    else:
        show_verified(told)
    if not told.ok:
        raise typer.Exit(1)


# --- what the commands share ------------------------------------------------------------------------------------------


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


def _here(folder: Path) -> None:
    from brightline.ledger.ledger import UNFINISHED
    from brightline.ledger.stores import has_store

    if not has_store(folder) and (folder / "keys").is_dir():
        stop(f"{folder}: {UNFINISHED}")
    if not has_store(folder):
        stop(f"{folder}: there is no ledger here; make one with `brightline ledger init {folder} --origin NAME`")


def _opened(folder: Path, read_only: bool = False) -> Ledger:
    """The ledger; for writing only when it may be written to."""
    from brightline.ledger import Ledger

    _here(folder)
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


def _source(text: str) -> Any:
    from brightline.ledger.sources import source

    found = source(text)
    if found is None:
        stop(f"{text}: this is no address, no folder and no ZIP")
    return found


def _line(file: Path) -> str:
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    if len(text.split()) != 1:
        stop(f"{file}: must hold one line with the key (vkey) of the ledger, and nothing else")
    return text


def _cosigned(ledger: Ledger, index: int | None) -> Note | None:
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


def _give(ledger: Ledger, made: Receipt, folder: Path | None, id: str | None = None) -> None:
    """A receipt into its file, or as one JSON line."""
    import json

    from brightline.ledger.verify_receipt import carrying

    receipt = carrying(made, ledger.key.vkey)
    if folder is not None:
        _write(folder / f"{receipt.index}.tlog-proof", receipt)
        return
    told = {"index": receipt.index} | ({} if id is None else {"id": id}) | {"receipt": receipt.encode().decode()}
    print(json.dumps(told, ensure_ascii=False))


def _show(receipt: Receipt, to: Path | None) -> None:
    if to is None:
        print(receipt.encode().decode(), end="")
        return
    _write(to, receipt)
    out.print(f"The receipt is in {to}", markup=False)


def _write(file: Path, receipt: Receipt) -> None:
    from brightline.ledger.files import DISK
    from brightline.ledger.files import replace as replace_file

    replace_file(DISK, file.absolute(), receipt.encode())
