"""The commands `brightline prove …`: loopholes, what closes them, how two laws differ, what a pack hides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from brightline.terminal import (
    JsonOption,
    LangOption,
    LawOption,
    LawsOption,
    ReadingOption,
    day,
    err,
    in_language,
    load_law,
    out,
    print_json,
    progress,
    write_whole,
)

if TYPE_CHECKING:
    from brightline.law.pack import Law
    from brightline.reason.prove.check import Remark
    from brightline.reason.prove.closed import Closure
    from brightline.reason.prove.differ import Differences
    from brightline.reason.prove.loopholes import Loophole, Loopholes

prove_app = typer.Typer(
    no_args_is_help=True,
    help="Proofs: loopholes, whether a reform closes them, how two laws differ, what a pack hides.",
)

ActionOption = Annotated[
    list[str] | None,
    typer.Option("--action", help="An act, such as share_custody_information; all that are reached, without it."),
]
ActorOption = Annotated[
    list[str] | None, typer.Option("--actor", help="An agency, such as nypd; all of the pack's own, without it.")
]
PurposeOption = Annotated[
    str, typer.Option("--true-purpose", help="What the act is truly for: civil_immigration or criminal_immigration.")
]
DateOption = Annotated[
    str | None, typer.Option("--date", help="The law in force on this day (2026-08-20); today, without it.")
]
SIDE = "A law: PACK[,PACK…][@DATE][~AMBIGUITY.READING…][+REFORM], such as us-ny-nyc@2026-01-28 or us-ny-nyc+reform.md."
WitnessOption = Annotated[
    Path | None,
    typer.Option("--witnesses", help="A folder for the contacts that show each loophole.", show_default=False),
]


@prove_app.command("loopholes")
def loopholes_command(
    law: LawOption = None,
    action: ActionOption = None,
    actor: ActorOption = None,
    purpose: PurposeOption = "civil_immigration",
    on: DateOption = None,
    reading: ReadingOption = None,
    witnesses: WitnessOption = None,
    lang: LangOption = "en",
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """List all smallest ways in which an act is not barred although its true purpose is another.

    Each is told with its clauses and with a contact that `brightline decide` lets pass.

    Example: `brightline prove loopholes --law us-ny-nyc --action share_custody_information`
    """
    from brightline.reason.prove.told import loopholes_json

    with in_language(lang):
        found = _found(load_law(laws), law, action, actor, purpose, on, reading)
        if witnesses is not None:
            _write_witnesses(found, witnesses)
        if json_:
            print_json(loopholes_json(found, purpose))
        else:
            _show_loopholes(found)


@prove_app.command("closed")
def closed_command(
    reform: Annotated[str, typer.Option("--reform", help="A file of law that amends a pack, or a proposal's name.")],
    law: LawOption = None,
    action: ActionOption = None,
    actor: ActorOption = None,
    purpose: PurposeOption = "civil_immigration",
    on: DateOption = None,
    reading: ReadingOption = None,
    lang: LangOption = "en",
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Show for each loophole whether a reform closes it, with the proof; what it moves and leaves; what it costs.

    Example: `brightline prove closed --reform no-disclosure-without-warrant --action place_alert`
    """
    from brightline.law.reform import find_reform, read_reform
    from brightline.reason.prove.closed import closed
    from brightline.reason.prove.loopholes import true_purpose
    from brightline.reason.prove.told import closure_json

    with in_language(lang):
        loaded = load_law(laws)
        amended, pack = read_reform(loaded, find_reform(loaded, reform))
        found = _found(loaded, law or [pack.under], action, actor, purpose, on, reading)
        with progress("proving") as step:
            closure = closed(found, amended, pack, true_purpose(loaded.vocabulary, purpose), progress=step)
        print_json(closure_json(closure)) if json_ else _show_closure(closure)


@prove_app.command("differ")
def differ_command(
    a: Annotated[str, typer.Argument(help=SIDE)],
    b: Annotated[str, typer.Argument(help="The other law, written in the same way.")],
    action: ActionOption = None,
    actor: ActorOption = None,
    actor_b: Annotated[
        list[str] | None, typer.Option("--actor-b", help="The agency under the second law, where it is another one.")
    ] = None,
    on: DateOption = None,
    most: Annotated[int, typer.Option("--most", help="How many differences are looked for, for one act.", min=1)] = 50,
    lang: LangOption = "en",
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Show the smallest contacts on which two laws differ, until the difference is described.

    Exit code 0 also where they differ: see `same` in --json.

    Example: `brightline prove differ us-ny-nyc@2014-12-13 us-ny-nyc@2014-12-14 --actor nypd --action hold_past_release`
    """
    from brightline.reason.prove.compared import differences_json
    from brightline.reason.prove.differ import differ
    from brightline.reason.prove.pairs import sides_settings
    from brightline.reason.sides import side

    with in_language(lang):
        loaded = load_law(laws)
        one, two = side(loaded, a), side(loaded, b)
        asked = sides_settings(one, two, _day(on), actor or (), action or (), actor_b or ())
        with progress("looking for differences") as step:
            found = differ(*asked, most=most, progress=step)
        if json_:
            print_json(differences_json(found, a, b))
        else:
            _show_differences(found, one.title, two.title)


@prove_app.command("check")
def check_command(
    law: LawOption = None,
    action: ActionOption = None,
    actor: ActorOption = None,
    on: DateOption = None,
    reading: ReadingOption = None,
    lang: LangOption = "en",
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Look a pack through: contradictions, conflicts between levels, what never applies, idle facts, silences, gaps.

    Example: `brightline prove check --law us-ny-nyc`
    """
    from brightline.reason.prove.check import check
    from brightline.reason.prove.compared import remark_json

    with in_language(lang):
        loaded = load_law(laws)
        with progress("checking") as step:
            remarks = check(
                loaded, law or ["us-ny-nyc"], _day(on), actor or (), action or (), reading or (), progress=step
            )
        if json_:
            print_json([remark_json(r, loaded.vocabulary) for r in remarks])
        else:
            _show_remarks(remarks, loaded)


def _day(on: str | None) -> date:
    return day(on, "--date") or date.today()


def _found(
    loaded: Law,
    packs: Sequence[str] | None,
    actions: Sequence[str] | None,
    actors: Sequence[str] | None,
    purpose: str,
    on: str | None,
    readings: Sequence[str] | None,
) -> Loopholes:
    from brightline.reason.prove.loopholes import known_action, known_actor, loopholes, places, true_purpose
    from brightline.reason.reasoner import reasoner

    v = loaded.vocabulary
    purpose_fact = true_purpose(v, purpose)
    acts = [known_action(v, a) for a in actions or ()]
    who = [known_actor(v, a) for a in actors or ()]
    chosen = list(packs or ["us-ny-nyc"])
    reasoner(loaded, chosen, readings or ())  # names a pack or a reading that is not there
    asked = places(loaded, chosen, _day(on), acts, who, readings or ())
    _say_what_answers()
    with progress("looking for ways through") as step:
        return loopholes(asked, purpose_fact, progress=step)


def _say_what_answers() -> None:
    from brightline.reason.prove.smt import available

    if not available():
        err.print(
            "z3 is not installed: truth tables answer alone, and say where they cannot. Install the extra `prove`.",
            markup=False,
        )


def _write_witnesses(found: Loopholes, folder: Path) -> None:
    from brightline.reason.prove.witness import as_yaml

    folder.mkdir(parents=True, exist_ok=True)
    for x in found.found:
        if x.witness is not None:
            write_whole(folder / f"{x.action}-{x.name}.yaml", as_yaml(x.witness))
        if x.truth is not None:
            write_whole(folder / f"{x.action}-{x.name}.truth.yaml", as_yaml(x.truth))


# --- what is printed -------------------------------------------------------------------------------


def _show_loopholes(found: Loopholes) -> None:
    from brightline.reason import say
    from brightline.reason.prove.told import sentences, title
    from brightline.reason.speech import _, several

    vocabulary = found.settings[0].vocabulary if found.settings else None
    for action in dict.fromkeys(x.action for x in found.found):
        assert vocabulary is not None
        mine = found.of_action(action)
        out.print(f"\n{say.sentence(say.action(action, vocabulary))} ({action})", style="bold", markup=False)
        for heading, some in _grouped(mine):
            if some:
                out.print(f"\n{heading}", style="bold", markup=False)
            for x in some:
                out.print(f"  [{x.name}] {title(x)}", markup=False)
                out.print(f"      {_who(x)}", markup=False)
                for line in sentences(x):
                    out.print(f"      {line}", markup=False)
    told = several("{count} loophole.", "{count} loopholes.", len(found.found))
    out.print(f"\n{told} {_end(found.complete, found.why)}", markup=False)
    if found.shut:
        text = several(
            "{count} way through one rule is not listed: the others shut it, or pass the act without it.",
            "{count} ways through one rule are not listed: the others shut them, or pass the act without them.",
            found.shut,
        )
        out.print(text, markup=False)
    out.print(_("Each was checked by `decide`. Not legal advice; no pack has been reviewed by counsel."), markup=False)


def _grouped(found: Sequence[Loophole]) -> list[tuple[str, list[Loophole]]]:
    from brightline.reason.speech import _

    plain = [x for x in found if x.kind == "exception" and x.how != "scope" and not x.judge]
    said = [x for x in found if x.kind == "misstatement" and x.smallest]
    more = [x for x in found if x.kind == "misstatement" and not x.smallest]
    scope = [x for x in found if x.kind == "exception" and x.how == "scope" and not x.judge]
    judge = [x for x in found if x.kind == "exception" and x.judge]
    return [
        (_("By exception: all that is said is true"), plain),
        (_("By misstatement: what only the requester says is not true"), said),
        (_("By misstatement, where less would do"), more),
        (_("Outside the words of a rule"), scope),
        (_("With a paper that only a judge can sign"), judge),
    ]


def _who(x: Loophole) -> str:
    from brightline.reason import say
    from brightline.reason.speech import listed

    return say.sentence(listed([say.actor(a, x.setting.vocabulary) for a in x.actors]))


def _end(complete: bool, why: str) -> str:
    from brightline.reason.speech import _

    text = _("The list is complete: {why}.") if complete else _("The list is not complete: {why}.")
    return text.format(why=why)


def _show_closure(c: Closure) -> None:
    from brightline.reason.prove.told import cost_sentence, fate_sentences, proof_lines, title
    from brightline.reason.speech import _

    out.print(_(c.reform.title), style="bold", markup=False)
    for status, heading in _statuses():
        mine = [f for f in c.fates if f.status == status]
        if mine:
            out.print(f"\n{heading} ({len(mine)})", style="bold", markup=False)
        for f in mine:
            out.print(f"  [{f.loophole.name}] {f.loophole.action}: {title(f.loophole)}", markup=False)
            for line in fate_sentences(f):
                out.print(f"      {line}", markup=False)
            if f.proof:
                out.print("      " + _("Proof: {steps}").format(steps=" ".join(proof_lines(f))), markup=False)
            if f.searched:
                text = _("Shown twice; none of {count} contacts drawn at random came through.")
                out.print("      " + text.format(count=f"{f.searched:,}"), markup=False)
    if c.costs:
        out.print("\n" + _("What it also bars") + f" ({len(c.costs)})", style="bold", markup=False)
    for cost in c.costs:
        out.print(f"  {cost_sentence(cost)}", markup=False)
    if c.openings:
        out.print("\n" + _("What it opens") + f" ({len(c.openings)})", style="bold", markup=False)
    for opening in c.openings:
        out.print(f"  {opening.setting.action}: {opening.clause}", markup=False)
    _show_counts(c)


def _statuses() -> list[tuple[str, str]]:
    from brightline.reason.speech import _

    return [
        ("closed", _("Closed")),
        ("moved", _("Moved: it now takes more")),
        ("open", _("Still open")),
        ("unknown", _("Not shown either way")),
    ]


def _show_counts(c: Closure) -> None:
    from brightline.reason.speech import _

    table = Table(box=None, pad_edge=False)
    for heading in (_("closed"), _("moved"), _("open"), _("not shown"), _("also barred"), _("opened")):
        table.add_column(heading, justify="right")
    table.add_row(*(str(n) for n in (*c.counts.values(), len(c.costs), len(c.openings))))
    out.print("")
    out.print(table)
    out.print(_end(c.complete, c.why), markup=False)
    out.print(_("Proposals; not reviewed by counsel; not legal advice."), markup=False)


def _show_differences(found: Differences, a: str, b: str) -> None:
    from brightline.reason import say
    from brightline.reason.prove.compared import difference_sentence
    from brightline.reason.speech import _, listed, several

    out.print(f"A: {a}\nB: {b}", markup=False)
    for action in dict.fromkeys(d.action for d in found.found):
        mine = found.of_action(action)
        v = mine[0].pair.a.vocabulary
        out.print(f"\n{say.sentence(say.action(action, v))} ({action})", style="bold", markup=False)
        for d in mine:
            who = listed([say.actor(x, v) for x in dict.fromkeys(x for pair in d.actors for x in pair)])
            out.print(f"  {difference_sentence(d)} [{who}]", markup=False)
    if found.same:
        out.print("\n" + _("They bar and require the same: proven."), markup=False)
    else:
        text = several("{count} difference.", "{count} differences.", len(found.found))
        out.print(f"\n{text} {_end(found.complete, found.why)}", markup=False)


def _show_remarks(remarks: Sequence[Remark], law: Law) -> None:
    from brightline.reason.prove.compared import kind_words, remark_sentence
    from brightline.reason.prove.told import story
    from brightline.reason.speech import _, several

    for r in remarks:
        out.print(f"{kind_words(r.kind)}: {remark_sentence(r, law.vocabulary)}", markup=False)
        if r.witness is not None and r.setting is not None:
            for line in story(r.witness, r.setting, r.sister):
                out.print(f"      {line}", markup=False)
        if r.proven_by:
            out.print("      " + _("Proven by {who}.").format(who=", ".join(r.proven_by)), markup=False)
    out.print(several("{count} remark.", "{count} remarks.", len(remarks)), markup=False)
