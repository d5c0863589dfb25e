"""The command `brightline compare`: the same contacts under two laws."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from brightline.cli_contacts import read_contacts
from brightline.law.pack import Law
from brightline.law.problems import LawError, Problem, did_you_mean
from brightline.terminal import (
    AgencyOption,
    DataArgument,
    JsonOption,
    LawsOption,
    ReaderOption,
    load_law,
    out,
    pack_names,
    print_json,
    progress,
    stop,
)

GROUPS_SHOWN = 10
SIDE_HELP = "A law: PACK[,PACK…][@DATE][~AMBIGUITY.READING…][+REFORM], such as us-ny-nyc@2013-06-01."


def _packs(incomplete: str) -> list[str]:
    return [p for p in pack_names() if p.startswith(incomplete)]


def compare(
    data: DataArgument,
    a: Annotated[str, typer.Option("--a", help=SIDE_HELP, autocompletion=_packs, show_default=False)],
    b: Annotated[
        str,
        typer.Option("--b", help="The other law, written in the same way.", autocompletion=_packs, show_default=False),
    ],
    reader: ReaderOption = None,
    agency: AgencyOption = None,
    suppose: Annotated[
        list[str] | None,
        typer.Option(
            "--suppose",
            help="Take a fact as stated wherever no record tells it, as `judicial_warrant=no`. May be given again.",
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            "--engine", help="polars (default), duckdb or spark.", autocompletion=lambda: ["polars", "duckdb", "spark"]
        ),
    ] = "polars",
    to: Annotated[
        Path | None,
        typer.Option("--out", help="The folder for the page and the contacts that change.", show_default=False),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The language of what is said: en or es.")] = "en",
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Judge every contact of a file by two laws, and say what changes, for whom, and what it turns on.

    With --out it leaves compare.html, changes.csv, changes.parquet and summary.json in the folder. Exit code 1: some
    rows could not be read.

    Example: `brightline compare detainers.parquet --a us-ny-nyc@2013-06-01 --b us-ny-nyc@2015-06-01 --out compared`
    """
    from brightline.reason.engines import ENGINES
    from brightline.reason.speech import LANGUAGES, speaking

    if engine not in ENGINES:
        known = "choose " + ", ".join(ENGINES)
        stop(f"--engine {engine}: there is no such engine; {did_you_mean(engine, ENGINES, known)}")
    if lang not in LANGUAGES:
        stop(f"--lang {lang}: nobody has translated it; choose {', '.join(LANGUAGES)}")
    loaded = load_law(laws)
    with speaking(lang):
        _compare(data, _sides(loaded, a, b), reader, agency, suppose or [], engine, to, loaded, json_)


def _sides(law: Law, a: str, b: str) -> tuple[Any, Any]:
    """Both sides. Raises LawError with the problems of the one and of the other."""
    from brightline.reason.sides import side

    found: list[Any] = []
    problems: list[Problem] = []
    for text, option in ((a, "--a"), (b, "--b")):
        try:
            found.append(side(law, text, option))
        except LawError as error:
            problems += error.problems
    if problems:
        raise LawError(problems)
    return found[0], found[1]


def _compare(
    data: str,
    sides: tuple[Any, Any],
    reader: str | None,
    agency: list[str] | None,
    suppose: list[str],
    engine: str,
    to: Path | None,
    law: Law,
    json_: bool,
) -> None:
    from brightline.reason.compare import compare as judge
    from brightline.reason.sides import vocabulary_of
    from brightline.reason.suppose import suppositions
    from brightline.report.about import About
    from brightline.report.comparing import summary, write_comparison

    given = suppositions(suppose, vocabulary_of(*sides))
    with progress("reading") as _:
        contacts = read_contacts(data, reader, agency, law)
    with progress("judging") as step:
        found = judge(contacts.contacts, *sides, engine=engine, suppositions=given, progress=step)
    noun = "detainer" if "detainer" in contacts.reader else "contact"
    noun = "arrest" if "arrest" in contacts.reader or "i213" in contacts.reader else noun
    about = About(
        title=_title(noun),
        data=data,
        reader=contacts.reader,
        packs=tuple(dict.fromkeys(p for s in sides for p in s.levels)),
        made=datetime.now().astimezone().date(),
        version=installed_version("brightline"),
        rejected=contacts.rejected.height,
        notes=contacts.notes,
        command="brightline " + shlex.join(sys.argv[1:]),
        noun=noun,
    )
    files: dict[str, Path] = {}
    if to is not None:
        with progress("writing") as step:
            files = write_comparison(found, about, to, contacts.rejected, step)
    if json_:
        print_json(summary(found, about) | {"files": {k: str(v) for k, v in files.items()}})
    else:
        _show(found, about, files)
    if contacts.rejected.height:
        raise typer.Exit(1)


def _title(noun: str) -> str:
    from brightline.reason.speech import _

    return {"detainer": _("Detainers under two laws"), "arrest": _("Arrests under two laws")}.get(
        noun, _("Contacts under two laws")
    )


def _show(found: Any, about: Any, files: dict[str, Path]) -> None:
    from brightline.reason.comparison import verdict_said
    from brightline.reason.speech import _, number, several
    from brightline.report.comparing import clauses_said, counted, heading, letters, supposed

    for letter, side in letters(found):
        out.print(f"{letter}: {side.title}", markup=False)
    for said in supposed(found):
        out.print(said, markup=False)
    out.print()
    if found.same_law:
        out.print(_("Both sides are the same law: nothing changes."), markup=False)
    verdicts = [(verdict_said(a), verdict_said(b), number(n)) for a, b, n in found.verdicts.iter_rows()]
    _table([_("under A"), _("under B"), heading(about.noun)], verdicts)
    out.print()
    for sentence in found.sentences(counted(about.noun)):
        out.print(sentence, markup=False)
    groups = found.groups.head(GROUPS_SHOWN)
    if groups.height:
        out.print()
        rows = [
            (
                number(r["contacts"]),
                f"{verdict_said(r['verdict_a'])} → {verdict_said(r['verdict_b'])}",
                f"{clauses_said(r['clause_a'])} → {clauses_said(r['clause_b'])}",
            )
            for r in groups.iter_rows(named=True)
        ]
        _table([heading(about.noun), _("A → B"), _("decided by, A → B")], rows, figures=0)
    if found.groups.height > GROUPS_SHOWN:
        rest = found.groups.height - GROUPS_SHOWN
        out.print(several("and {count} more way", "and {count} more ways", rest), markup=False)
    if about.rejected:
        lost = several("{count} row could not be read", "{count} rows could not be read", about.rejected)
        out.print(f"{lost}." if not files else f"{lost}: {files['rejected.csv']}.", markup=False)
    for path in files.values():
        out.print(f"  {path}", markup=False)
    out.print(_("Not legal advice; no pack has been reviewed by counsel."), style="dim", markup=False)


def _table(heads: list[str], rows: Sequence[tuple[str, ...]], figures: int = -1) -> None:
    """Rows under each other, the column `figures` to the right."""
    table = Table(box=None, pad_edge=False)
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n == figures % len(heads) else "left")
    for row in rows:
        table.add_row(*row)
    out.print(table)
