"""The command `brightline numbers`: hash record numbers on the agency's own machine, so that the numbers stay there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brightline.terminal import stop

app = typer.Typer(no_args_is_help=True, help="Hash record numbers, so that sealed records can be told without them.")
MOST_KEY = 4096  # bytes; a larger file is no key
FEWEST_KEY = 16


@app.callback()
def _numbers() -> None:
    """Hash record numbers, so that sealed records can be told without them."""


@app.command("hash")
def hash_command(
    file: Annotated[Path, typer.Argument(help="A text file with one record number a line.", show_default=False)],
    key: Annotated[
        Path,
        typer.Option("--key", help="The file numbers.key of the installation's data folder.", show_default=False),
    ],
) -> None:
    """Write the keyed hash of each record number, one a line, sorted, each once: HMAC-SHA256 in hexadecimal.

    The order says nothing of the file's. Load what it writes under "Record numbers" in the application. Nothing is sent.

    Example: `brightline numbers hash --key numbers.key sealed.txt > sealed.hashes`
    """
    from brightline.service.gate.errors import GateError
    from brightline.service.gate.number_hash import number_hash

    secret = _read(key, "--key")[: MOST_KEY + 1].strip()
    if not FEWEST_KEY <= len(secret) <= MOST_KEY:
        stop(f"--key {key}: this is no key; take the file numbers.key of the installation's data folder")
    try:
        lines = _read(file, "FILE").decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        stop(f"{file}: this is no text in UTF-8; save the list of numbers as plain text")
    found: set[str] = set()
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.add(number_hash(line, secret))
        except GateError as error:
            stop(f"{file}, line {place}: {error}")
    for digest in sorted(found):
        typer.echo(digest)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        why = "there is no such file"
    except OSError as error:
        why = f"it cannot be read ({error.strerror})"
    stop(f"{what} {path}: {why}")
    raise SystemExit(2)
