"""The commands `brightline law …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from brightline.law.problems import did_you_mean
from brightline.terminal import (
    JsonOption,
    LawsOption,
    day,
    err,
    load_law,
    out,
    print_json,
    progress,
    stop,
    write_whole,
)

law_app = typer.Typer(no_args_is_help=True, help="The law: check it, test it, show it, format it.")


@law_app.command("check")
def law_check(laws: LawsOption = None, json_: JsonOption = False) -> None:
    """Read every pack, and say what is wrong or doubtful.

    Example: `brightline law check --laws ./laws`
    """
    from brightline.law.check import doubts
    from brightline.law.pack import load, shipped_laws
    from brightline.reason.lawcheck import doubts_of_meaning

    found = load(laws or shipped_laws(), check=False)
    problems = list(found.problems)
    if not any(p.level == "error" for p in problems):
        problems += doubts(found) + doubts_of_meaning(found)
    if json_:
        print_json(
            [
                {
                    "file": p.place.file,
                    "line": p.place.line,
                    "column": p.place.column,
                    "level": p.level,
                    "message": p.message,
                    "help": p.help,
                }
                for p in problems
            ]
        )
    else:
        for problem in problems:
            err.print(str(problem) + "\n", markup=False)
        errors = sum(p.level == "error" for p in problems)
        out.print(
            f"{len(found.packs)} packs, {len(found.sections)} sections, {len(found.norms)} norms: {errors} errors, {len(problems) - errors} warnings."
        )
    if any(p.level == "error" for p in problems):
        raise typer.Exit(2)


@law_app.command("test")
def law_test(
    sections: Annotated[
        list[str] | None,
        typer.Argument(
            help="Packs or sections, such as us-ny-nyc or us-ny-nyc/14-154. All, when none is named.",
            show_default=False,
        ),
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Run the law's own cases; score how well they cover it (MC/DC and mutation, in per cent).

    Example: `brightline law test us-ny-nyc/14-154`
    """
    from brightline.reason.lawtest import run

    law = load_law(laws)
    known = [*law.packs, *law.sections]
    for name in sections or ():
        if name not in known:
            stop(f"there is no pack or section `{name}`; {did_you_mean(name, known, 'try `brightline law show`')}")
    with progress("testing the law") as step:
        result = run(law, tuple(sections or ()), step)
    if json_:
        print_json(result.as_json())
    else:
        _show_law_test(result)
    if result.failures:
        raise typer.Exit(1)


def _show_law_test(result: Any) -> None:
    told = result.as_json()
    table = Table(box=None, pad_edge=False)
    for name, side in (
        ("norm or condition", "left"),
        ("cases", "right"),
        ("MC/DC %", "right"),
        ("mutation %", "right"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
    for row in told["clauses"]:
        table.add_row(row["id"], str(row["cases"]), f"{row['mcdc']:.1f}", f"{row['mutation']:.1f}")
    out.print(table)
    for row in told["clauses"]:
        for line in row["missing"]:
            out.print(f"{row['id']}: no case shows {line}", markup=False)
        for line in row["survivors"]:
            out.print(f"{row['id']}: no case notices {line}", markup=False)
    for failure in told["failures"]:
        err.print(failure, markup=False)
    total = told["total"]
    out.print(
        f"{total['cases']} cases, {total['failed']} failed; MC/DC {total['mcdc']} %, mutation score {total['mutation']} %; {len(total['clauses_without_cases'])} norms or conditions without cases."
    )


@law_app.command("show")
def law_show(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A pack, a section or a norm, such as us-ny-nyc/14-154:b.1. Without it: the packs.", show_default=False
        ),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="Only what is in force on this day.")] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Show the packs, a section, or a norm with its text.

    Example: `brightline law show us-ny-nyc/14-154 --on 2015-01-05`
    """
    from brightline.law.format import format_statement

    law = load_law(laws)
    if what is None:
        rows = [
            {
                "pack": p.id,
                "title": p.title,
                "sections": len(p.sections),
                "norms": sum(len(s.norms) for s in p.sections.values()),
                "complete_until": p.complete_until,
            }
            for p in law.packs.values()
        ]
        print_json(rows) if json_ else _show_rows(rows)
        return
    moment = day(on, "--on")
    chosen = [
        n
        for n in law.norms
        if what in (n.id, n.section, n.section.split("/")[0]) and (moment is None or n.span.holds(moment))
    ]
    if not chosen:
        names = [*law.packs, *law.sections, *(n.id for n in law.norms)]
        if what not in names:
            stop(f"there is no `{what}`; {did_you_mean(what, names, 'try `brightline law show`')}")
    if json_:
        print_json(
            [
                {
                    "norm": n.id,
                    "clause": law.cite(n.id),
                    "from": n.span.start,
                    "until": n.span.end,
                    "text": law.sections[n.section].quote(n),
                    "encoded": format_statement(n),
                }
                for n in chosen
            ]
        )
        return
    for norm in chosen:
        out.print(law.cite(norm.id), style="bold", markup=False)
        out.print(law.sections[norm.section].quote(norm), style="italic", markup=False)
        out.print("\n" + format_statement(norm) + "\n", markup=False)
    if not chosen:
        out.print(f"Nothing of {what} is in force on {moment}." if moment else f"No norm is encoded of {what}.")


def _show_rows(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name.replace("_", " "), justify="right" if isinstance(rows[0][name], int) else "left")
    for row in rows:
        table.add_row(*("" if v is None else str(v) for v in row.values()))
    out.print(table)


@law_app.command("format")
def law_format(
    files: Annotated[list[Path], typer.Argument(help="Files of law.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")] = False,
) -> None:
    """Put the norm blocks of files into canonical form; all other text is untouched.

    Example: `brightline law format laws/us-ny-nyc/14-154.md`
    """
    from brightline.law.format import format_page

    changed = False
    for path in files:
        text = path.read_text(encoding="utf-8")
        new = format_page(text, str(path))
        if new != text:
            changed = True
            if not check:
                write_whole(path, new)
            out.print(f"{path}: {'would change' if check else 'formatted'}", markup=False)
    if check and changed:
        raise typer.Exit(1)
