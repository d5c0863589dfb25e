"""The commands `brightline watch …`: did practice change, when, by how much; and what may be said of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer
from rich.markup import escape

from brightline.terminal import JsonOption, day, err, out, print_json, progress, stop, write_whole

if TYPE_CHECKING:
    from brightline.watch.log import Log
    from brightline.watch.plan import Plan
    from brightline.watch.result import Result, Scan

P = ParamSpec("P")
T = TypeVar("T")

EXIT_CODES = (
    "Exit codes: 0 done; 2 the data or the plan cannot be used; 10 to 19 something was refused, one code for each rule: "
    "10 causal words, 11 errors that are too small, 12 two-way regression on staggered dates, 13 `reporting fell` from reported "
    "crime, 14 `no effect` without a bound, 15 percentages of few events or a raw ranking, 16 a change of definition or of "
    "population, 17 FRAGILE, 18 individual inference from areas, 19 a date that was found in the same data."
)
LOG_NAME = "watch-log.jsonl"

watch_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=f"Counts over time: did practice change, when, by how much? {EXIT_CODES}",
)

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a YAML file (docs/watch/plans.md).")]
LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log", help=f"The log of plans and runs; {LOG_NAME} beside the plan, without it.", show_default=False
    ),
]
LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger", help="The folder of a ledger that records the plan and each run as well.", show_default=False
    ),
]
LanguageOption = Annotated[str, typer.Option("--lang", help="The language of what is said: en or es.")]
MappingOption = Annotated[
    str | None,
    typer.Option(
        "--mapping", help="A known source or a mapping file; without it the header decides.", show_default=False
    ),
]


def sentences(command: Callable[P, T]) -> Callable[P, T]:
    """Whatever is wrong with a plan or its data becomes a sentence and exit code 2."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        from brightline.ledger.errors import LedgerError
        from brightline.watch.problems import WatchError

        try:
            return command(*args, **kwargs)
        except (WatchError, LedgerError) as error:
            stop(str(error))
        except OSError as error:
            stop(f"{error.filename or 'the disk'}: {error.strerror or error}")
        except KeyboardInterrupt:
            stop("stopped; the log says that the run was abandoned")
        raise AssertionError

    return told


def _version() -> str:
    return installed_version("brightline")


# --- plan -------------------------------------------------------------------------------------------------------


@watch_app.command("plan")
@sentences
def plan_command(
    file: PlanArgument,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take this finished plan instead of asking; it is copied to PLAN.", show_default=False
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check it; nothing is logged.")] = False,
    log: LogOption = None,
    ledger: LedgerOption = None,
    json_: JsonOption = False,
) -> None:
    """Write a plan by answering questions, or check the one that is there; log its hash before the counts are read.

    Answers are kept in PLAN.part: stop whenever you like, and call the command again to go on. A plan that was changed is
    logged anew, with what is different.

    Example: `brightline watch plan summonses.yaml --ledger city`
    """
    from brightline.watch.plan_file import PlanError, parse_plan, read_plan

    if answers is not None:
        text = _text(answers)
        parse_plan(text, str(answers))
        if file.exists() and _text(file) != text:
            stop(
                f"{file}: there is another plan already; give a new name, or change that one and call `watch plan {file}`"
            )
        if not check:
            write_whole(file, text)
    elif not file.exists():
        if not sys.stdin.isatty() and sys.stdin.closed:
            raise PlanError([f"{file}: there is no such file"])
        write_whole(file, _asked(file))
        _part(file).unlink(missing_ok=True)
    plan = read_plan(answers if check and answers is not None else file)
    record: dict[str, Any] = {"id": plan.id, "plan_sha256": plan.sha256, "logged": False}
    if not check:
        record |= _register(plan, _log(file, log, ledger))
    if json_:
        print_json({k: v for k, v in record.items() if k != "plan"})
        return
    out.print(f"The plan `{plan.id}` is sound. SHA-256 {plan.sha256}", markup=False)
    for line in record.get("changes", ()):
        out.print(f"  changed: {line}", markup=False)
    if record["logged"]:
        out.print(f"Logged {record['time']} in {record['log']}{_ledger_words(record)}.", markup=False)
        if plan.data.outcome_seen:
            out.print("The counts had been seen, so every result will say EXPLORATORY.", markup=False)
        out.print(f"Now: brightline watch run {file}", markup=False)


def _register(plan: Plan, log: Log) -> dict[str, Any]:
    record = log.register(plan, _version())
    return {**record, "logged": True, "log": str(log.path)}


def _ledger_words(record: dict[str, Any]) -> str:
    return f", and in the ledger ({record['ledger']})" if record.get("ledger") else ""


def _part(file: Path) -> Path:
    return file.with_name(file.name + ".part")


def _asked(file: Path) -> str:
    """The plan by questions. The draft is written after each answer."""
    import yaml

    from brightline.watch.problems import WatchError
    from brightline.watch.questions import answer, open_questions, write_questions

    part = _part(file)
    draft: dict[str, Any] = {}
    if part.exists():
        told = yaml.safe_load(_text(part))
        draft = told if isinstance(told, dict) else {}
        err.print(f"Going on with {part}. Delete it to begin anew.", markup=False)
    for question in open_questions(draft):
        hint = f" [{question.default}]" if question.default else ""
        err.print(f"\n{question.ask}{hint}", markup=False)
        err.print(f"  {question.help}", style="dim", markup=False)
        while True:
            line = sys.stdin.readline()
            if not line:
                stop(f"stopped; the answers so far are in {part}")
            try:
                draft = answer(draft, question, line.rstrip("\n"))
                break
            except WatchError as error:
                err.print(str(error), markup=False)
        write_whole(part, yaml.safe_dump(draft, sort_keys=False, allow_unicode=True))
    try:
        return write_questions(draft)
    except WatchError as error:
        stop(f"{error}\nThe answers are in {part}; mend them there and call the command again.")
        raise


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        stop(f"{path}: this is no text file in UTF-8")
        raise


def _log(plan: Path, log: Path | None, ledger: Path | None) -> Log:
    from brightline.watch.log import Log

    path = log or plan.resolve().parent / LOG_NAME
    return Log(path, _recorder(ledger) if ledger is not None else None)


def _recorder(folder: Path) -> Callable[[dict[str, Any]], str]:
    """Each record of the log becomes an entry of the ledger, of the kind `evidence`."""

    def record(told: dict[str, Any]) -> str:
        from brightline.ledger import Ledger
        from brightline.passphrase import passphrase_of

        if not folder.is_dir():
            stop(f"--ledger {folder}: there is no such folder; `brightline ledger init` makes one")
        with Ledger.open(folder, passphrase=passphrase_of(folder / "keys" / "signing.pem")) as ledger:
            if ledger.refusal:
                stop(f"{folder}: nothing may be written: {ledger.refusal}")
            payload = {k: v for k, v in told.items() if v not in (None, "", [])}
            return f"{folder.name}, entry {ledger.append('evidence', payload).index}"

    return record


# --- run --------------------------------------------------------------------------------------------------------


@watch_app.command("run")
@sentences
def run_command(
    file: PlanArgument,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data",
            help="A plain table (series, place, period, count) for series that the plan does not name a file for.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", help="The folder for the result; PLAN without its ending, without it.", show_default=False
        ),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write the PDF as well.")] = True,
    log: LogOption = None,
    ledger: LedgerOption = None,
    lang: LanguageOption = "en",
    json_: JsonOption = False,
) -> None:
    """Run a plan: the estimate with its interval, every diagnostic, the plots, and a summary in plain words.

    Writes result.json, result.html, result.pdf and two Parquet files. The run is logged when it begins and when it ends, also
    when it is refused or abandoned. A plan that was not logged first gives an EXPLORATORY result.

    Example: `brightline watch run summonses.yaml --out result`
    """  # fmt: skip
    from brightline.watch.cut import Loaded
    from brightline.watch.gather import load
    from brightline.watch.page import write
    from brightline.watch.plan_file import read_plan
    from brightline.watch.problems import WatchError
    from brightline.watch.run import run, standing
    from brightline.watch.words import check_language
    from brightline.watch.words_page import say

    check_language(lang)
    plan = read_plan(file)
    book = _log(file, log, ledger)
    number = book.begin(plan, _version())
    facts: dict[str, Any] = {}
    outcome = "abandoned"
    try:
        with progress("Reading") as step:
            loaded: Loaded = load(plan, file.resolve().parent, data or (), lambda name: step(name))
        files = sorted({s.sha256 for s in loaded.sources if s.sha256})
        asked = sorted(loaded.counts_of(plan.data.series, plan.data.place, plan.data.group))
        facts |= {"data_sha256": loaded.sha256, "files_sha256": files, "outcome_sha256": asked, "seed": plan.seed}
        with progress("Running") as step:
            result = run(
                plan, loaded, language=lang, standing=standing(plan, book, loaded), version=_version(),
                step=lambda name: step(name),
            )  # fmt: skip
            step("pages")
            folder = to or file.with_suffix("")
            write(result, folder, pdf=pdf)
        outcome = "refused" if result.answer == "refused" else "done"
        facts |= {"answer": result.answer, "label": result.label, "refused": [r.rule for r in result.refusals]}
    except WatchError as error:
        outcome = "refused"
        facts |= {"reason": str(error)}
        raise
    finally:
        book.end(number, plan, _version(), outcome, **facts)
    if json_:
        print(result.as_json())
    else:
        show(result)
        out.print(f"\n{say('t_written', lang, where=folder)}", markup=False)
    raise SystemExit(result.exit_code)


# --- show -------------------------------------------------------------------------------------------------------


@watch_app.command("show")
@sentences
def show_command(
    where: Annotated[Path, typer.Argument(metavar="RESULT", help="The folder of a result or of a scan, or its JSON.")],
    most: Annotated[int, typer.Option("--most", help="Rows of a scan to print.")] = 20,
    json_: JsonOption = False,
) -> None:
    """Print a result that was written before: the summary, the forest, the diagnostics, and what was refused.

    Example: `brightline watch show result`
    """
    from brightline.watch.problems import WatchError
    from brightline.watch.result import read_result, read_scan

    within = (where / "result.json", where / "scan.json") if where.is_dir() else (where,)
    path = next((p for p in within if p.is_file()), None)
    if path is None:
        stop(
            f"{where}: there is no result here; `brightline watch run` writes one, and `brightline watch scan --out` a scan"
        )
        return
    text = path.read_bytes()
    if json_:
        try:
            print_json(json.loads(text))
        except ValueError:
            stop(f"{path}: this is no JSON")
        return
    try:
        if b'"by_chance"' in text:
            show_scan(read_scan(text), most)
        else:
            show(read_result(text))
    except WatchError as error:
        raise WatchError(f"{path}: {error}") from None


def show(result: Result) -> None:
    """A result on the terminal."""
    from rich.table import Table

    from brightline.watch.words_page import p_value, ratio, say

    lang = result.language
    out.print(say(result.label, lang), style="bold", markup=False)
    for sentence in result.sentences:
        out.print(sentence, markup=False)
    if result.refusals:
        out.print(f"\n{say('t_refused', lang)}", style="bold", markup=False)
        for one in result.refusals:
            out.print(f"  {say('t_refusal', lang, name=one.name, code=one.code, reason=one.reason)}", markup=False)
            out.print(f"    {say('t_instead', lang, needed=one.needed)}", markup=False)
    if result.forest:
        table = Table(title=say("t_forest", lang), title_justify="left")
        for column in ("what", "ratio", "low", "high", "p", "how"):
            table.add_column(
                say("c_p" if column == "p" else f"t_{column}", lang),
                justify="left" if column in ("what", "how") else "right",
            )
        for e in result.forest:
            name = f"{e.words} ({e.series})" if e.series and e.role != "primary" else e.words
            values = (ratio(v, lang) for v in (e.ratio, e.low, e.high))
            table.add_row(escape(name), *values, p_value(e.p, lang), escape(e.method))
        out.print(table)
    _show_diagnostics(result)
    for flag in result.flags:
        out.print(f"· {flag.sentence}", markup=False)
    hashes = {"plan": result.plan_sha256[:16], "data": result.data_sha256[:16]}
    out.print(say("t_hashes", lang, seed=result.seed, **hashes), markup=False)


def _show_diagnostics(result: Result) -> None:
    from rich.table import Table

    from brightline.watch.diagnostics import diagnostics
    from brightline.watch.words_page import say

    table = Table(title=say("diagnostics", result.language), title_justify="left", show_header=False)
    for item in diagnostics(result):
        table.add_row(escape(item.name), item.value)
    out.print(table)


# --- scan -------------------------------------------------------------------------------------------------------


@watch_app.command("scan")
@sentences
def scan_command(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="DATA", help="Files of one known or declared source, or a plain table of counts."),
    ],
    at: Annotated[
        str | None, typer.Option("--date", help="Test this day in every series, as 2015-03-02.", show_default=False)
    ] = None,
    period: Annotated[str, typer.Option("--period", help="day, week, month, quarter or year.")] = "month",
    mapping: MappingOption = None,
    level: Annotated[
        str | None, typer.Option("--level", help="Which kind of place: precinct, borough …", show_default=False)
    ] = None,
    rate: Annotated[float, typer.Option("--rate", help="The false discovery rate.", min=0.001, max=0.5)] = 0.05,
    publish: Annotated[
        bool, typer.Option("--publish", help="The list will be published: Benjamini-Yekutieli instead of Hochberg.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="A folder for the page and all rows; a name that ends in .json is one file with all rows.",
            show_default=False,
        ),
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Rows to print.")] = 20,
    log: Annotated[
        Path | None,
        typer.Option("--log", help=f"The log of plans and runs; {LOG_NAME} here, without it.", show_default=False),
    ] = None,
    ledger: LedgerOption = None,
    lang: LanguageOption = "en",
    json_: JsonOption = False,
) -> None:
    """Look through every series of a file: which changed level and when, and which moved at one date.

    A scan is EXPLORATORY by its nature: it finds questions. Answer one with a plan, on data that were not scanned. It is
    logged, and a plan that is made later on the same file gives EXPLORATORY results.

    Example: `brightline watch scan summonses.csv --date 2015-03-02 --level precinct --out scan`
    """
    from brightline.watch.cut import Loaded
    from brightline.watch.gather import PLAIN, columns_of, file_hash, read_plain, series_of_table
    from brightline.watch.read import read
    from brightline.watch.result import Source
    from brightline.watch.scan import scan
    from brightline.watch.series import CYCLES
    from brightline.watch.words_page import say

    if period not in CYCLES:
        stop(f"--period {period}: choose one of {', '.join(CYCLES)}")
    asked = day(at, "--date")
    chosen: Any = period
    with progress("Reading") as step:
        step(files[0].name)
        plain = mapping is None and set(PLAIN) <= set(columns_of(files[0]))
        table = read_plain(files[0], chosen) if plain else read(files, mapping)
        series = tuple(series_of_table(table, chosen, level))
    loaded = Loaded(series, tuple(Source(f.name, f.name, file_hash(f)) for f in files), table.notes)
    book = _log(Path(LOG_NAME), log, ledger)
    book.scanned((s.sha256 for s in loaded.sources), _version(), date=at or "", series=len(series))
    with progress("Scanning") as step:
        made = scan(
            loaded, day=asked, method="BY" if publish else "BH", rate=rate, language=lang, version=_version(),
            step=lambda done, total: step(done, total),
        )  # fmt: skip
    if to is not None and to.suffix == ".json":
        write_whole(to, made.as_json() + "\n")
    elif to is not None:
        from brightline.watch.scan_page import write_scan

        write_scan(made, to)
    if json_:
        print(made.as_json())
        return
    show_scan(made, most)
    if to is not None:
        out.print(say("t_rows_in" if to.suffix == ".json" else "t_written", lang, where=to), markup=False)


def show_scan(made: Scan, most: int) -> None:
    """A scan on the terminal: what was found, and its first rows."""
    from rich.table import Table

    from brightline.watch.scan_rows import ordered, rows_grid
    from brightline.watch.words_page import count, named, noun, say

    lang = made.language
    out.print(say(made.label, lang), style="bold", markup=False)
    for sentence in made.sentences:
        out.print(sentence, markup=False)
    shown = ordered(made)[: max(most, 0)]
    first, last = (named(d, made.period, lang) for d in (made.first, made.last))
    span = say("t_scan", lang, first=first, last=last, period=noun(made.period, lang))
    grid = rows_grid(made, shown)
    table = Table(title=span, title_justify="left")
    for i, column in enumerate(grid.columns):
        table.add_column(column, justify="right" if i in grid.numeric else "left")
    for row in grid.rows:
        table.add_row(*map(escape, row))
    out.print(table)
    if len(made.rows) > len(shown):
        out.print(say("t_more", lang, n=count(len(made.rows) - len(shown), lang)), markup=False)


# --- benchmark --------------------------------------------------------------------------------------------------


@watch_app.command("benchmark")
@sentences
def benchmark_command(json_: JsonOption = False) -> None:
    """How well the detector finds the changes that people see: the Turing Change Point Dataset, with other methods' scores.

    One fixed setting for all series. F1 and cover as van den Burg and Williams (2020) define them; the scores of the others
    are published, each with one setting for all.

    Example: `brightline watch benchmark --json`
    """
    from rich.table import Table

    from brightline.watch.benchmark import benchmark

    with progress("Dividing"):
        made = benchmark()
    told = made.as_json()
    if json_:
        print_json(told)
        return
    keys = ("f1", "cover", "f1_quality_control", "cover_quality_control")
    table = Table(title=f"{len(told['series'])} series", title_justify="left")
    for column in ("method", "F1", "cover", "F1, quality control", "cover, quality control"):
        table.add_column(column, justify="left" if column == "method" else "right")
    table.add_row("brightline", *(f"{told[k]:.3f}" for k in keys), style="bold")
    for name, scores in sorted(told["peers"].items(), key=lambda item: -item[1]["f1"]):
        table.add_row(name, *(f"{scores[k]:.3f}" for k in keys))
    out.print(table)
