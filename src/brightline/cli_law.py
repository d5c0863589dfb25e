"""The commands `brightline law …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from brightline.law.problems import did_you_mean
from brightline.law.tree import Amendment, Norm
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
def law_check(
    reforms: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only these reforms: files, or names such as no-ice-task-force. Without any: all packs and reforms.",
            show_default=False,
        ),
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Read every pack and every reform, and say what is wrong or doubtful.

    Example: `brightline law check my-reform.md`
    """
    from brightline.law.check import doubts
    from brightline.law.pack import load, shipped_laws
    from brightline.law.reform import shipped_reforms
    from brightline.reason.lawcheck import doubts_of_meaning, problems_of_reform

    found = load(laws or shipped_laws(), check=False)
    problems = list(found.problems)
    names = reforms or list(shipped_reforms(found))
    if not any(p.level == "error" for p in problems):
        problems += [] if reforms else doubts(found) + doubts_of_meaning(found)
        problems += [p for name in names for p in problems_of_reform(found, name)]
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
        read = f"{len(found.packs)} packs, {len(found.sections)} sections, {len(found.norms)} norms"
        laid_over = f"{len(names)} reforms" if names else ""
        told = laid_over if reforms else ", ".join(t for t in (read, laid_over) if t)
        out.print(f"{told}: {errors} errors, {len(problems) - errors} warnings.")
    if any(p.level == "error" for p in problems):
        raise typer.Exit(2)


@law_app.command("test")
def law_test(
    sections: Annotated[
        list[str] | None,
        typer.Argument(
            help="Packs, sections or reforms, such as us-ny-nyc, us-ny-nyc/14-154 or no-ice-task-force. All, when none is named.",
            show_default=False,
        ),
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Run the law's own cases; score how well they cover it (MC/DC and mutation, in per cent).

    Example: `brightline law test us-ny-nyc/14-154`
    """
    from brightline.law.reform import shipped_reforms
    from brightline.reason.lawtest import run_with_reforms

    law = load_law(laws)
    known = [*law.packs, *law.sections, *shipped_reforms(law)]
    for name in sections or ():
        if name not in known and not Path(name).is_file():
            near = did_you_mean(name, known, "try `brightline law show`")
            stop(f"there is no pack or section or reform `{name}`; {near}")
    with progress("testing the law") as step:
        result = run_with_reforms(law, sections or (), step)
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
            help="A pack, a section, a norm or a reform, such as us-ny-nyc/14-154:b.1. Without it: the packs and reforms.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="Only what is in force on this day.")] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Show the packs and reforms; or a section, a norm or a reform, with its text.

    Example: `brightline law show us-ny-nyc/14-154 --on 2015-01-05`
    """
    from brightline.law.format import format_statement
    from brightline.law.reform import read_reform, shipped_reforms

    law = load_law(laws)
    reforms = shipped_reforms(law)
    if what is None:
        rows = [
            {
                "pack": p.id,
                "title": p.title,
                "sections": len(p.sections),
                "norms": sum(len(s.norms) for s in p.sections.values()),
                "complete_until": p.complete_until,
                "amends": ", ".join(p.amends) or None,
            }
            for p in (*law.packs.values(), *(read_reform(law, path)[1] for path in reforms.values()))
        ]
        if json_:
            print_json(rows)
            return
        _show_rows([{k: v for k, v in r.items() if k != "amends"} for r in rows if not r["amends"]])
        if reforms:
            out.print()
            _show_rows([{"reform": r["pack"], "title": r["title"], "amends": r["amends"]} for r in rows if r["amends"]])
        return
    moment = day(on, "--on")
    if what in reforms:
        law, _ = read_reform(law, reforms[what])
    encoded = [s for section in law.sections.values() for s in section.statements if isinstance(s, Norm | Amendment)]
    chosen = [
        s
        for s in encoded
        if what in (_id(s), s.section, s.section.split("/")[0]) and (moment is None or s.span.holds(moment))
    ]
    if not chosen:
        names = [*law.packs, *law.sections, *reforms, *(n.id for n in law.norms)]
        if what not in names:
            stop(f"there is no `{what}`; {did_you_mean(what, names, 'try `brightline law show`')}")
    rows = [
        {
            "norm": _id(s),
            "clause": law.cite(_id(s)),
            "from": s.span.start,
            "until": s.span.end,
            "text": clause.quote.strip() if (clause := law.sections[s.section].clause_at(s.at.line)) else "",
            "encoded": format_statement(s),
        }
        for s in chosen
    ]
    if json_:
        print_json(rows)
        return
    for row in rows:
        out.print(row["clause"], style="bold", markup=False)
        out.print(row["text"], style="italic", markup=False)
        out.print(f"\n{row['encoded']}\n", markup=False)
    if not chosen:
        out.print(f"Nothing of {what} is in force on {moment}." if moment else f"No norm is encoded of {what}.")


def _id(statement: Norm | Amendment) -> str:
    """The norm, or the clause that a reform changes."""
    return statement.id if isinstance(statement, Norm) else statement.target


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
