"""The commands by which a ledger is looked after: checked, copied, moved, repaired (`brightline ledger fsck`, …)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from brightline.cli_verify import sentences, show_verified
from brightline.ledger_folder import BasisOption, FolderArgument, check_ledger, cosigned, opened
from brightline.terminal import JsonOption, out, print_json, progress, stop


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

    check_ledger(folder)
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

    with opened(folder, read_only=True) as ledger:
        size = export(ledger, file, cosigned(ledger, None))
        with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
            if "verify.html" not in archive.namelist():
                told = zipfile.ZipInfo("verify.html", (1980, 1, 1, 0, 0, 0))
                told.external_attr = 0o644 << 16
                told.create_system = 3
                archive.writestr(told, verify_page((read(folder / "policy") or b"").decode("utf-8", "replace")))
    out.print(f"{size:,} entries are in {file}. No payload and no key is in it.", markup=False)


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


@sentences
def clock_command(folder: FolderArgument, basis: BasisOption) -> None:
    """Go on although the clock is far behind the last entry, because the clock was wrong before; an entry says so.

    Example: `brightline ledger clock city --basis "the clock was an hour ahead until noon"`
    """
    with opened(folder) as ledger:
        ledger.accept_clock(basis)
        out.print("The clock is taken as right from here on; an entry `clock` says so.", markup=False)


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

    check_ledger(folder)
    with progress("Moving") as step:
        found = migrate(folder, database, step)
    out.print(f"Moved and checked: {entries(found.size)}. The root is as it was.", style="green", markup=False)


@sentences
def sequence_command(folder: FolderArgument) -> None:
    """Give indexes to what applications put into the outbox of a ledger in PostgreSQL, until Ctrl-C. One process alone may.

    Example: `brightline ledger sequence city`
    """
    from threading import Event

    from brightline.ledger.outbox import follow

    with opened(folder) as ledger:
        out.print(f"Sequencing `{ledger.origin}`. Ctrl-C ends it.", markup=False)
        follow(ledger, Event())


@sentences
def repair_command(
    folder: FolderArgument,
    place: Annotated[str, typer.Option("--from", help="A mirror, an export, or the address of the published ledger.")],
) -> None:
    """Catch up after an old back-up was restored: take the missing entries from a published copy. Nothing is signed.

    Example: `brightline ledger repair city --from mirror`
    """
    from brightline.ledger.repair import repair

    check_ledger(folder)
    with progress("Catching up") as step:
        taken = repair(folder, _source(place), step)
    out.print(f"{taken:,} entries were taken from {place}. Now say: brightline ledger fsck {folder}", markup=False)


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
