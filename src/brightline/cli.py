"""The command line. Exit codes: 0 done; 1 done, and something is not as it should be; 2 the input cannot be used."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import date, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.tree import Tree

from brightline.cli_ask import asking
from brightline.cli_compare import compare
from brightline.cli_contacts import contacts_app, read_contacts
from brightline.cli_lab import lab
from brightline.cli_law import law_app
from brightline.cli_ledger import ledger_app
from brightline.cli_numbers import app as numbers_app
from brightline.cli_prove import prove_app
from brightline.cli_serve import serve_command
from brightline.cli_verify import verify_command
from brightline.cli_watch import watch_app
from brightline.cli_witness import witness_app
from brightline.law.pack import Law
from brightline.law.problems import LawError, did_you_mean
from brightline.terminal import (
    AgencyOption,
    AsOfOption,
    DataArgument,
    JsonOption,
    LangOption,
    LawOption,
    LawsOption,
    ReaderOption,
    ReadingOption,
    day,
    in_language,
    load_law,
    out,
    print_json,
    progress,
    stop,
)

EXIT_CODES = "Exit codes: 0 done; 1 done, and something is not as it should be; 2 the input cannot be used; of `watch`, 10 to 19 what was refused."

app = typer.Typer(
    name="brightline",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=f"What did the law allow, what was done, and what would another rule change? {EXIT_CODES}",
)
app.add_typer(law_app, name="law")
app.add_typer(contacts_app, name="contacts")
app.add_typer(prove_app, name="prove")
app.add_typer(ledger_app, name="ledger")
app.add_typer(witness_app, name="witness")
app.add_typer(numbers_app, name="numbers")
app.add_typer(watch_app, name="watch")
app.command()(compare)
app.command()(lab)
app.command("verify")(verify_command)
app.command("serve")(serve_command)


def main() -> None:
    """The entry point: every error of a person's input becomes a sentence and exit code 2."""
    # NumPy and SciPy bring a pool of threads each, and on small matrices the two wait for each other: ten times as long
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app(standalone_mode=True)
    except LawError as error:
        stop(str(error), count=len(error.problems))
    except OSError as error:
        stop(f"{error.filename or 'the disk'}: {_os_words(error)}")
    except UnicodeDecodeError as error:
        stop(f"a file of law or a contact is not UTF-8 text ({error.reason}); save it as UTF-8")
    except Exception as error:
        sentence = _of_a_room(error)
        if sentence is None:
            raise
        stop(sentence)


def _of_a_room(error: Exception) -> str | None:
    """The sentence of an error that one of the rooms raised for a person; None for a fault of ours.

    The rooms are loaded here and not above: a command that needs none of them starts at once.
    """
    from brightline.contact.problems import ContactError
    from brightline.ledger.errors import LedgerError
    from brightline.reason.audit import AuditError
    from brightline.reason.prove.prover import Disagreement
    from brightline.report.about import ReportError

    if isinstance(error, Disagreement):
        return "the two solvers give different answers, so nothing is shown; please report this with the command"
    return str(error) if isinstance(error, ContactError | AuditError | LedgerError | ReportError) else None


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


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="A contact, as YAML or JSON.")],
    law: LawOption = None,
    as_of: AsOfOption = None,
    reading: ReadingOption = None,
    lang: LangOption = "en",
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
    with in_language(lang):
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
    """Print a decision: the sentence, what it rests on, each norm as a tree, the duties, what is not encoded."""
    from brightline.reason.explain import verdict_words
    from brightline.reason.speech import _

    out.print(decision.sentence, style="bold", markup=False)
    if decision.as_verified != decision.verdict:
        text = _("On the verified facts alone: {verdict}. It would not hold without what is only stated: {facts}.")
        facts = _("; nor without ").join(_(" and ").join(s) for s in decision.rests_on)
        out.print(text.format(verdict=verdict_words(decision.as_verified), facts=facts), markup=False)
    truths = {"true": _("true"), "false": _("false"), "unknown": _("unknown")}
    for action in decision.explanation.get("actions", ()):
        shown = Tree(action["said_as"])
        for norm in action["norms"]:
            reading = f" ({norm['reading']})" if norm["reading"] else ""
            reached = _("reached: {truth}").format(truth=truths[norm["reached"]])
            branch = shown.add(f"{norm['clause']}{reading}: {reached}")
            _add(branch, norm["when"], _("when "))
            for e in norm["exceptions"]:
                text = _("exception {clause}: {truth}").format(clause=e["clause"], truth=truths[e["holds"]])
                _add(branch.add(text), e["condition"], "")
        out.print(shown)
    done = {"yes": _("yes"), "no": _("no"), "unknown": _("unknown")}
    for duty in decision.explanation.get("duties", ()):
        text = (
            _("Duty: {act} ({clause}); done: {done}")
            if duty["due"] == "required"
            else _("Possible duty: {act} ({clause}); done: {done}")
        )
        out.print(text.format(act=duty["said_as"], clause=duty["clause"], done=done[duty["done"]]), markup=False)
    if decision.explanation.get("contradiction"):
        out.print(decision.explanation["contradiction"], markup=False)
    if decision.horizon and decision.verdict not in ("excepted", "unreached"):  # there the sentence names them
        out.print(_("Not encoded here: {laws}.").format(laws="; ".join(map(_, decision.horizon))), markup=False)
    out.print(_("Not legal advice; no pack has been reviewed by counsel."), style="dim")


def _add(branch: Tree, node: dict[str, Any], opening: str) -> None:
    from brightline.reason.speech import _

    if node["text"] == _("always"):
        return
    mark = {"true": "✓", "false": "✗", "unknown": "?"}[node["truth"]]
    parts = node.get("parts", ())
    text = _("all of these") if node.get("joined") == "and" else _("one of these") if parts else node["text"]
    inner = branch.add(f"{mark} {opening}{text}")
    for part in parts:
        _add(inner, part, "")


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
    ledger: Annotated[
        Path | None,
        typer.Option(
            "--ledger", help="Record the report in this ledger, and put the receipt beside it.", show_default=False
        ),
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Judge every contact of a file by the law in force on its day, and write the report.

    Leaves report.html, report.pdf, findings.csv, findings.parquet and summary.json in the folder. Exit code 1: some
    rows could not be read (they are listed in rejected.csv).

    With `--ledger DIR` the report is recorded there; `brightline verify receipt.tlog-proof` shows later, to anybody,
    that no file of it was changed.

    Example: `brightline audit detainers.parquet --law us-ny-nyc --agency nyc_agency --out report`
    """
    from brightline.contact.read import write_rejected
    from brightline.reason.engines import ENGINES, run_audit
    from brightline.reason.reasoner import reasoner
    from brightline.report.about import About, Rejected
    from brightline.report.files import write_report

    if engine not in ENGINES:
        stop(
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
        if ledger is not None:
            step("recording it in the ledger")
            recorded = [*files.values(), *([to / "rejected.csv"] if contacts.rejected.height else [])]
            files["receipt"] = _sealed(ledger, recorded, about.made)
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


def _sealed(folder: Path, files: list[Path], made: date) -> Path:
    from brightline.ledger import Ledger
    from brightline.passphrase import passphrase_of
    from brightline.report.sealed import seal

    with Ledger.open(folder, passphrase=passphrase_of(folder / "keys" / "signing.pem")) as ledger:
        return seal(files, made, ledger)


def _noun(reader: str) -> str:
    return "detainer" if "detainer" in reader else "arrest" if "arrest" in reader or "i213" in reader else "contact"


@app.command()
def version(json_: JsonOption = False) -> None:
    """Print the version."""
    number = installed_version("brightline")
    print_json({"version": number}) if json_ else out.print(f"brightline {number}")


def now() -> datetime:
    return datetime.now().astimezone()


app.command("ask")(asking(default_packs, show_decision))


if __name__ == "__main__":
    main()
