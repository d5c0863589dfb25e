"""The commands `brightline witness …`: make a witness, serve it, and see what it has seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brightline.cli_verify import one_line, sentences
from brightline.passphrase import asked_twice, passphrase_of
from brightline.terminal import JsonOption, out, print_json, stop

witness_app = typer.Typer(
    no_args_is_help=True,
    help="A witness: it signs that a ledger only grew, and remembers when two histories contradict each other.",
)

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the witness.")]


@witness_app.command("init")
@sentences
def init(
    folder: FolderArgument,
    name: Annotated[
        str, typer.Option("--name", help="Its name for ever: an address without https://, such as witness.example/w.")
    ],
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for a passphrase and seal the key with it.")
    ] = False,
) -> None:
    """Make a witness: a folder with a new key and a policy, into which the ledgers to follow are written.

    Example: `brightline witness init clinic --name witness.clinic.example/brightline`
    """
    from brightline.ledger.witness_home import POLICY, create_witness

    vkey = create_witness(folder, name, asked_twice() if passphrase else None)
    out.print(f"The witness `{name}` is in {folder}. Give this key to the ledgers that it follows:", markup=False)
    out.print(vkey, markup=False)
    out.print(
        f"Write the keys of those ledgers into {folder / POLICY}, then say: brightline witness serve {folder}",
        markup=False,
    )


@witness_app.command("serve")
@sentences
def serve(
    folder: FolderArgument,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any free one.")] = 8400,
    host: Annotated[
        str, typer.Option("--host", help="The address to answer at; others than this computer need it.")
    ] = "127.0.0.1",
) -> None:
    """Answer `POST /add-checkpoint` (C2SP tlog-witness). Ctrl-C ends it.

    Example: `brightline witness serve clinic --port 8400`
    """
    from brightline.ledger.witness_home import KEY, POLICY, open_witness
    from brightline.ledger.witness_serve import address, server

    witness = open_witness(folder, passphrase_of(folder / KEY))
    if not witness.policy.logs:
        stop(f"{folder / POLICY}: it names no ledger; add a line `log VKEY` with the key of a ledger to follow")
    try:
        made = server(witness, port, host)
    except OSError as error:
        stop(f"--host {host} --port {port}: cannot be used ({error.strerror or error}); give another port, or --port 0")
        raise
    names = ", ".join(sorted(log.key.name for log in witness.policy.logs))
    out.print(f"The witness `{witness.cosigner.name}` answers at {address(made)}", markup=False)
    out.print(f"It follows {names}. Ctrl-C ends it.", markup=False)
    try:
        made.serve_forever()
    except KeyboardInterrupt:
        out.print("")
    finally:
        made.server_close()
        witness.close()


@witness_app.command("show")
@sentences
def show(folder: FolderArgument, json_: JsonOption = False) -> None:
    """List the newest checkpoint of each ledger, and checkpoints that do not go together. Exit code 1 when there are such.

    Example: `brightline witness show clinic`
    """
    from brightline.ledger.trust import moment
    from brightline.ledger.witness_home import KEY, open_witness

    witness = open_witness(folder, passphrase_of(folder / KEY))
    try:
        seen, evidence = witness.seen(), witness.evidence()
    finally:
        witness.close()
    if json_:
        print_json(
            {
                "seen": [
                    {"origin": s.origin, "size": s.size, "time": s.time, "checkpoint": _text(s.note.encode())}
                    for s in seen
                ],
                "evidence": [
                    {
                        "origin": e.origin,
                        "certain": e.certain,
                        "time": e.time,
                        "ours": _text(e.ours.encode()),
                        "theirs": _text(e.theirs.encode()),
                    }
                    for e in evidence
                ],
            }
        )
    else:
        for s in seen:
            out.print(f"{one_line(s.origin)}: {s.size:,} entries, seen on {moment(s.time)}", markup=False)
        if not seen:
            out.print("Nothing has been seen yet.")
        for e in evidence:
            said = (
                "one size and two roots: both are signed, and they convict the ledger"
                if e.certain
                else "no proof leads from one to the other"
            )
            out.print(
                f"\nContradiction of {one_line(e.origin)}, on {moment(e.time)}: {said}", style="bold red", markup=False
            )
            out.print(_text(e.ours.encode()), markup=False)
            out.print(_text(e.theirs.encode()), markup=False)
    if evidence:
        raise typer.Exit(1)


def _text(note: bytes) -> str:
    return "\n".join(map(one_line, note.decode("utf-8", "replace").split("\n")))
