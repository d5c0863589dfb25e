"""The command line. Exit codes: 0 done; 1 done, and something is not as it should be; 2 the input cannot be used."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from brightline.law.pack import Law
from brightline.law.problems import LawError, did_you_mean

EXIT_CODES = "Exit codes: 0 done; 1 done, and something is not as it should be; 2 the input cannot be used."

app = typer.Typer(
    name="brightline",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=f"What did the law allow, what was done, and what would another rule change? {EXIT_CODES}",
)
law_app = typer.Typer(no_args_is_help=True, help="The law: check it, test it, show it, format it.")
contacts_app = typer.Typer(
    no_args_is_help=True, help="Records of contacts: read them, or draft a mapping for a new kind of file."
)
app.add_typer(law_app, name="law")
app.add_typer(contacts_app, name="contacts")

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
        autocompletion=lambda incomplete: [p for p in _pack_names() if p.startswith(incomplete)],
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


def main() -> None:
    """The entry point: every error of a person's input becomes a sentence and exit code 2."""
    from brightline.contact.problems import ContactError
    from brightline.reason.audit import AuditError
    from brightline.report.about import ReportError

    try:
        app(standalone_mode=True)
    except LawError as error:
        _stop(str(error), count=len(error.problems))
    except (ContactError, AuditError, ReportError) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.filename or 'the disk'}: {_os_words(error)}")
    except UnicodeDecodeError as error:
        _stop(f"a file of law or a contact is not UTF-8 text ({error.reason}); save it as UTF-8")


def _os_words(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "this is a folder, not a file"
        case PermissionError():
            return "it cannot be opened: you lack the permission"
        case _:
            return error.strerror or str(error)


def _stop(message: str, count: int = 0) -> None:
    err.print(message, markup=False)
    if count > 1:
        err.print(f"\n{count} problems; nothing was evaluated.", markup=False)
    raise SystemExit(2)


# --- what several commands need ----------------------------------------------------------------


def laws_folder() -> Path:
    """The law that is shipped: inside the installed package, or beside the sources."""
    inside = Path(__file__).parent / "laws"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "laws"


def _pack_names() -> list[str]:
    return sorted(p.parent.name for p in laws_folder().rglob("pack.md"))


def load_law(folder: Path | None) -> Law:
    from brightline.law.pack import load

    return load(folder or laws_folder())


def day(text: str | None, option: str) -> date | None:
    """A day given on the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop(f"{option} {text}: this is no day of the calendar; write it as 2014-12-14")
        raise


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


# --- brightline law ----------------------------------------------------------------------------


@law_app.command("check")
def law_check(laws: LawsOption = None, json_: JsonOption = False) -> None:
    """Read every pack, and say what is wrong or doubtful.

    Example: `brightline law check --laws ./laws`
    """
    from brightline.law.check import doubts
    from brightline.law.pack import load
    from brightline.reason.lawcheck import doubts_of_meaning

    found = load(laws or laws_folder(), check=False)
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
            _stop(f"there is no pack or section `{name}`; {did_you_mean(name, known, 'try `brightline law show`')}")
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
            _stop(f"there is no `{what}`; {did_you_mean(what, names, 'try `brightline law show`')}")
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


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then rename: the file is never half-written."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


# --- brightline decide --------------------------------------------------------------------------


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="A contact, as YAML or JSON.")],
    law: LawOption = None,
    as_of: AsOfOption = None,
    reading: ReadingOption = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Say of one contact what the law forbade, required, or did not bar, with the clause and the reasons.

    Example: `brightline decide contact.yaml --law us-ny-nyc`
    """
    from brightline.contact.file import read_contact
    from brightline.reason.decide import decide as judge
    from brightline.reason.reasoner import reasoner

    loaded = load_law(laws)
    contact = read_contact(file, loaded.vocabulary)
    packs = law or default_packs(loaded, contact.actor)
    decision = judge(contact, reasoner(loaded, packs, reading or (), day(as_of, "--as-of")))
    if json_:
        print_json(decision.as_json())
    else:
        show_decision(decision)


def default_packs(law: Law, actor: str | None) -> list[str]:
    """The pack whose law binds the actor first; every pack, when that is not known."""
    declared = law.vocabulary.actors.get(actor or "")
    return [declared.jurisdiction] if declared and declared.jurisdiction in law.packs else sorted(law.packs)


def show_decision(decision: Any) -> None:
    out.print(decision.sentence, style="bold", markup=False)
    if decision.as_verified != decision.verdict:
        out.print(
            f"On the verified facts alone: {decision.as_verified}. It would not hold without what is only stated: "
            f"{'; nor without '.join(' and '.join(s) for s in decision.rests_on)}.",
            markup=False,
        )
    for action in decision.explanation.get("actions", ()):
        shown = Tree(action["said_as"])
        for norm in action["norms"]:
            reading = f" ({norm['reading']})" if norm["reading"] else ""
            branch = shown.add(f"{norm['clause']}{reading}: reached: {norm['reached']}")
            _add(branch, norm["when"], "when ")
            for e in norm["exceptions"]:
                _add(branch.add(f"exception {e['clause']}: {e['holds']}"), e["condition"], "")
        out.print(shown)
    for duty in decision.explanation.get("duties", ()):
        word = "Duty" if duty["due"] == "required" else "Possible duty"
        out.print(f"{word}: {duty['said_as']} ({duty['clause']}); done: {duty['done']}", markup=False)
    if decision.explanation.get("contradiction"):
        out.print(decision.explanation["contradiction"], markup=False)
    if decision.horizon and decision.verdict not in ("excepted", "unreached"):  # there the sentence names them
        out.print("Not encoded here: " + "; ".join(decision.horizon) + ".", markup=False)
    out.print("Not legal advice; no pack has been reviewed by counsel.", style="dim")


def _add(branch: Tree, node: dict[str, Any], opening: str) -> None:
    if node["text"] == "always":
        return
    mark = {"true": "✓", "false": "✗", "unknown": "?"}[node["truth"]]
    parts = node.get("parts", ())
    text = "all of these" if node.get("joined") == "and" else "one of these" if parts else node["text"]
    inner = branch.add(f"{mark} {opening}{text}")
    for part in parts:
        _add(inner, part, "")


# --- brightline contacts ------------------------------------------------------------------------

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


def data_file(data: str) -> Path:
    """A path, or the path of a sample."""
    from brightline.contact.samples import sample

    return sample(data.removeprefix("sample:")) if data.startswith("sample:") else Path(data)


def read_contacts(data: str, reader: str | None, agencies: list[str] | None, law: Law) -> Any:
    from brightline.contact.read import read

    path = data_file(data)
    if not path.exists():
        _stop(f"{path}: there is no such file")
    if reader is None and path.suffix == ".parquet":
        known = _contacts_already(path)
        if known is not None:
            return known
    return read(path, reader, law.vocabulary, only=agencies or None)


def _contacts_already(path: Path) -> Any:
    """The contacts that `brightline contacts read` wrote, or None when the file is another kind."""
    import polars as pl

    from brightline.contact.read import Reading
    from brightline.reason.audit import FRAME

    try:
        names = pl.read_parquet_schema(path)
    except pl.exceptions.PolarsError:
        return None  # the reader says what is wrong with it
    if not {*FRAME, "contact"} <= set(names):
        return None
    rejected = pl.DataFrame(schema={"row": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String})
    return Reading(pl.read_parquet(path), rejected, (), "contacts")


@contacts_app.command("read")
def contacts_read(
    data: DataArgument,
    reader: ReaderOption = None,
    agency: AgencyOption = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the contacts here (.parquet or .csv).", show_default=False)
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Read a file of records into contacts, and say what could not be read. Exit code 1: some rows were rejected.

    Example: `brightline contacts read detainers.xlsx --reader ice-detainers-2026 --to contacts.parquet`
    """
    with progress("reading") as _:
        reading = read_contacts(data, reader, agency, load_law(laws))
    if to is not None:
        _write_frame(reading.contacts, to)
    rejected = _write_rejected(reading, to)
    told = {
        "reader": reading.reader,
        "contacts": reading.contacts.height,
        "rejected": reading.rejected.height,
        "rejected_file": rejected,
        "notes": list(reading.notes),
    }
    if json_:
        print_json(told)
    else:
        out.print(
            f"{reading.contacts.height:,} contacts read by {reading.reader}; {reading.rejected.height:,} rows could not be read"
            + (f" (see {rejected})" if rejected else "")
            + "."
        )
        for note in reading.notes:
            out.print(f"- {note}", markup=False)
        for row in reading.rejected.head(10).iter_rows(named=True) if rejected is None else ():
            err.print(f"row {row['row']}, column {row['column']}: {row['reason']}", markup=False)
    if reading.rejected.height:
        raise typer.Exit(1)


def _write_rejected(reading: Any, beside: Path | None) -> str | None:
    from brightline.contact.read import write_rejected

    if not reading.rejected.height or beside is None:
        return None
    return str(write_rejected(reading, beside.with_name(beside.stem + ".rejected.csv")))


def _write_frame(frame: Any, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    beside = to.with_name(to.name + ".part")
    try:
        frame.write_csv(beside) if to.suffix == ".csv" else frame.write_parquet(beside)
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


@contacts_app.command("map")
def contacts_map(
    file: Annotated[Path, typer.Argument(help="A table of records of a kind that no reader knows.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the draft here; without it, print it.", show_default=False)
    ] = None,
    laws: LawsOption = None,
) -> None:
    """Draft and explain a mapping for a file: what each column seems to hold, for a person to complete.

    Example: `brightline contacts map requests.csv --to requests.yaml`
    """
    from brightline.contact.draft import draft

    text = draft(file, load_law(laws).vocabulary)
    if to is None:
        print(text)
    else:
        write_whole(to, text)
        out.print(f"{to}: a draft; complete it, then `brightline contacts read {file} --reader {to}`.", markup=False)


# --- brightline audit ---------------------------------------------------------------------------


@app.command()
def audit(
    data: DataArgument,
    reader: ReaderOption = None,
    law: LawOption = None,
    agency: AgencyOption = None,
    as_of: AsOfOption = None,
    reading: ReadingOption = None,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            help="polars (default), duckdb (files larger than memory) or spark (a cluster).",
            autocompletion=lambda: ["polars", "duckdb", "spark"],
        ),
    ] = "polars",
    to: Annotated[Path, typer.Option("--out", help="The folder for the report and the findings.")] = Path("audit"),
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Judge every contact of a file by the law in force on its day, and write the report.

    Leaves report.html, report.pdf, findings.csv, findings.parquet and summary.json in the folder. Exit code 1: some
    rows could not be read (they are listed in rejected.csv).

    Example: `brightline audit detainers.parquet --law us-ny-nyc --agency nyc_agency --out report`
    """
    from brightline.contact.read import write_rejected
    from brightline.reason.engines import ENGINES, run_audit
    from brightline.reason.reasoner import reasoner
    from brightline.report.about import About, Rejected
    from brightline.report.files import write_report

    if engine not in ENGINES:
        _stop(
            f"--engine {engine}: there is no such engine; {did_you_mean(engine, ENGINES, 'choose ' + ', '.join(ENGINES))}"
        )
    loaded = load_law(laws)
    with progress("reading") as _:
        contacts = read_contacts(data, reader, agency, loaded)
    packs = (
        law
        or sorted(
            {
                p
                for a in contacts.contacts["actor"].unique()
                for p in ([loaded.vocabulary.actors[a].jurisdiction] if a in loaded.vocabulary.actors else [])
                if p in loaded.packs
            }
        )
        or sorted(loaded.packs)
    )
    judge = reasoner(loaded, packs, reading or (), day(as_of, "--as-of"))
    with progress("judging") as step:
        findings = run_audit(contacts.contacts, judge, engine, step)
    to.mkdir(parents=True, exist_ok=True)
    about = About(
        title=f"{_noun(contacts.reader).capitalize()}s and the law in force: {loaded.packs[judge.packs[0]].title}",
        data=data,
        reader=contacts.reader,
        packs=judge.packs,
        made=now().date(),
        version=installed_version("brightline"),
        as_of=judge.as_of,
        rejected=contacts.rejected.height,
        rejected_rows=tuple(
            Rejected(r["row"], r["column"], r["reason"]) for r in contacts.rejected.head(20).iter_rows(named=True)
        ),
        rejected_file="rejected.csv" if contacts.rejected.height else "",
        notes=contacts.notes,
        command="brightline " + shlex.join(sys.argv[1:]),
        noun=_noun(contacts.reader),
    )
    if contacts.rejected.height:
        write_rejected(contacts, to / "rejected.csv")
    with progress("writing the report") as step:
        files = write_report(findings, loaded, judge.packs, about, to, step)
    counts = dict(sorted(findings["verdict"].cast(str).value_counts().iter_rows()))
    if json_:
        print_json(
            {
                "contacts": findings.height,
                "rejected": contacts.rejected.height,
                "verdicts": counts,
                "files": {k: str(v) for k, v in files.items()},
            }
        )
    else:
        out.print(f"{findings.height:,} contacts: " + ", ".join(f"{n:,} {v}" for v, n in counts.items()) + ".")
        if contacts.rejected.height:
            out.print(f"{contacts.rejected.height:,} rows could not be read: see {to / 'rejected.csv'}.", markup=False)
        for path in files.values():
            out.print(f"  {path}", markup=False)
    if contacts.rejected.height:
        raise typer.Exit(1)


def _noun(reader: str) -> str:
    return "detainer" if "detainer" in reader else "arrest" if "arrest" in reader or "i213" in reader else "contact"


@app.command()
def version(json_: JsonOption = False) -> None:
    """Print the version."""
    number = installed_version("brightline")
    print_json({"version": number}) if json_ else out.print(f"brightline {number}")


def now() -> datetime:
    return datetime.now().astimezone()


if __name__ == "__main__":
    main()
