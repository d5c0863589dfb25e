"""What every command shares: the terminal, the options, and how a mistake stops a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from brightline.law.pack import Law, shipped_laws

out = Console(
    highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 10_000
)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

LawsOption = Annotated[
    Path | None, typer.Option("--laws", help="A folder of law, instead of the one shipped.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
LawOption = Annotated[
    list[str] | None,
    typer.Option(
        "--law",
        help="A pack, such as us-ny-nyc; the packs above it join. May be given again.",
        autocompletion=lambda incomplete: [p for p in pack_names() if p.startswith(incomplete)],
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Judge by the law in force on this day (2014-12-14), not on the contact's own."),
]
ReadingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reading", help="Fix the reading of an ambiguous clause, as `ambiguity.reading`. May be given again."
    ),
]

LangOption = Annotated[str, typer.Option("--lang", help="The language of what is said: en or es.")]

ReaderOption = Annotated[
    str | None,
    typer.Option(
        "--reader", help="The reader's name, or a mapping file; without it the header decides.", show_default=False
    ),
]
DataArgument = Annotated[
    str,
    typer.Argument(
        help="A file of contacts (CSV, XLSX, Parquet), or a sample that comes with Brightline, as sample:ice-detainers-fy2015."
    ),
]
AgencyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--agency", help="Only contacts of this agency and those below it, such as nyc_agency. May be given again."
    ),
]


def stop(message: str, count: int = 0) -> None:
    err.print(message, markup=False)
    if count > 1:
        err.print(f"\n{count} problems; nothing was evaluated.", markup=False)
    raise SystemExit(2)


def pack_names() -> list[str]:
    return sorted(p.parent.name for p in shipped_laws().rglob("pack.md"))


def load_law(folder: Path | None) -> Law:
    from brightline.law.pack import load

    return load(folder or shipped_laws())


def day(text: str | None, option: str) -> date | None:
    """A day given on the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"{option} {text}: this is no day of the calendar; write it as 2014-12-14")
        raise


def in_language(lang: str) -> AbstractContextManager[None]:
    """Say everything in this language; stops at one that nobody has translated."""
    from brightline.reason.speech import LANGUAGES, speaking

    if lang not in LANGUAGES:
        stop(f"--lang {lang}: there is no such translation; choose {' or '.join(LANGUAGES)}")
    return speaking(lang)


def print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@contextmanager
def progress(what: str) -> Iterator[Callable[..., None]]:
    """A progress bar on the terminal; nothing where nobody looks. The callable takes (done, total) or a name."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)

        def step(done: int | str, total: int | None = None) -> None:
            if isinstance(done, str):
                bar.update(task, description=f"{what}: {done}")
            else:
                bar.update(task, completed=done, total=total)

        yield step


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then rename: the file is never half-written."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
