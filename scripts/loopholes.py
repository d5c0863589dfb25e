"""Writes docs/loopholes.md and docs/reforms.md from what the prover finds; `--check` fails when they are out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from brightline.law.pack import Law, load, shipped_laws
from brightline.law.reform import find_reform, read_reform, shipped_reforms
from brightline.reason import say
from brightline.reason.prove.closed import Closure, Fate, closed
from brightline.reason.prove.loopholes import Loophole, Loopholes, loopholes, places, true_purpose
from brightline.reason.prove.told import cost_sentence, proof_lines, sentences, story, title
from brightline.reason.prove.witness import as_yaml

DAY = date(2026, 8, 20)  # the last day on which the city pack is complete
PACK = "us-ny-nyc"
PURPOSE = "civil_immigration"
DOCS = Path(__file__).parents[1] / "docs"
COSTS_SHOWN = 6
ACTS_SHOWN = 8


def main() -> int:
    law = load(shipped_laws())
    purpose = true_purpose(law.vocabulary, PURPOSE)
    found = loopholes(places(law, [PACK], DAY), purpose)
    closures = []
    for name in shipped_reforms(law):
        amended, pack = read_reform(law, find_reform(law, name))
        closures.append(closed(found, amended, pack, purpose))
    pages = {"loopholes.md": _loopholes_page(law, found), "reforms.md": _reforms_page(found, closures)}
    if "--check" in sys.argv:
        old = [name for name, text in pages.items() if (DOCS / name).read_text(encoding="utf-8") != text]
        for name in old:
            print(f"docs/{name} is out of date: run `make pages`", file=sys.stderr)
        return 1 if old else 0
    for name, text in pages.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


# --- loopholes --------------------------------------------------------------------------------------


def _loopholes_page(law: Law, found: Loopholes) -> str:
    v = law.vocabulary
    groups = _by_door(found.found)
    lines = [
        "# The loopholes of the New York City packs",
        "",
        "Written by `make pages` from what the prover finds, and compared with it in every test run; nobody picked what",
        "stands here. The question: in which smallest ways is an act not barred although its true purpose is civil",
        f"immigration enforcement? The law is that of {DAY.day} {DAY:%B %Y}, city, state and federal. The packs have not been",
        "reviewed by counsel, and laws that are not encoded may bar what passes here: see the horizon of each pack.",
        "",
        f"**{len(found.found)} loopholes** of {len({x.action for x in found.found})} acts, by {len(groups)} doors. "
        + ("The list is complete: " if found.complete else "The list is not complete: ")
        + f"{found.why}.",
        f"Each has a contact that `brightline decide` lets pass; {found.shut} ways through one rule are not listed: the",
        "others shut them, or let the act pass without them.",
        "",
        "A door is open **by exception** when all that is said is true, and **by misstatement** when it needs facts that only",
        "somebody says: the rule cannot tell the statement from the truth. Ask about one act with",
        f"`brightline prove loopholes --law {PACK} --action place_alert`.",
    ]
    plain = [g for g in groups if not g[0].judge and g[0].how == "exception"]
    for heading, mine in (
        ("By misstatement", [g for g in plain if g[0].kind == "misstatement"]),
        ("By exception", [g for g in plain if g[0].kind == "exception"]),
        ("A section that says nothing", [g for g in groups if g[0].how == "silence"]),
        ("Outside the words of a rule", [g for g in groups if g[0].how == "scope" and not g[0].judge]),
        ("With a paper that only a judge can sign", [g for g in groups if g[0].judge]),
    ):
        lines += ["", f"## {heading} ({len(mine)})"]
        for clause in dict.fromkeys(g[0].clause for g in mine):
            lines += ["", f"### {clause}", ""]
            for group in (g for g in mine if g[0].clause == clause):
                lines += _door(law, group)
    example = next(x for x in found.found if x.kind == "misstatement" and x.action == "share_custody_information")
    lines += [
        "",
        "## A loophole as a story",
        "",
        *(f"> {s}" + "\n>" for s in story(example.witness, example.setting, example.truth)),
    ]  # type: ignore[arg-type]
    lines += [
        "",
        "The contact as a file, which `brightline decide` reads:",
        "",
        "```yaml",
        as_yaml(example.witness).rstrip(),
        "```",
    ]  # type: ignore[arg-type]
    assert v
    return "\n".join(lines) + "\n"


def _by_door(found: Iterable[Loophole]) -> list[list[Loophole]]:
    """The same door of the same rule, over all acts."""
    groups: dict[object, list[Loophole]] = {}
    for x in found:
        groups.setdefault((x.kind, x.how, x.norm, x.clause, x.door, x.compared), []).append(x)
    return list(groups.values())


def _door(law: Law, group: Sequence[Loophole]) -> list[str]:
    first, v = group[0], law.vocabulary
    acts = _acts(x.action for x in group)
    who = [a for a in dict.fromkeys(a for x in group for a in x.actors)]
    told = [s for s in sentences(first) if not s.startswith("The other rules")]
    odds = sorted({c for x in group for c in x.at_odds})
    lines = [f"- **{title(first)}**", *(f"  {s}" for s in told if "at odds" not in s)]
    if odds:
        lines.append(f"  At odds with {'; '.join(odds)}, which may bar the same act.")
    lines.append(f"  Acts: {acts}. Agencies: {', '.join(say.actor(a, v) for a in who)}.")
    return lines


def _acts(names: Iterable[str]) -> str:
    """The acts by name; where there are many, the first few and how many more."""
    acts = list(dict.fromkeys(names))
    shown = ", ".join(f"`{a}`" for a in acts[:ACTS_SHOWN])
    return shown if len(acts) <= ACTS_SHOWN else f"{shown} and {len(acts) - ACTS_SHOWN} more"


# --- reforms ------------------------------------------------------------------------------------------


def _reforms_page(found: Loopholes, closures: Sequence[Closure]) -> str:
    lines = [
        "# Four reforms, and what each would close",
        "",
        "Written by `make pages` from the prover's answers about the proposals in `laws/reforms`, and compared with them in",
        f"every test run. The law is that of {DAY.day} {DAY:%B %Y}; the loopholes are [these](loopholes.md). They are proposals,",
        "none has been reviewed by counsel, and showing one here recommends nothing.",
        "",
        "**Closed**: no contact that came through by this loophole alone comes through under the reform, unless a judge",
        "signs. **Moved**: it now takes more. **Open**: the reform bars none of these contacts, or only those of which it",
        "alone speaks. Each closing was shown twice, by two runs of the solver with different seeds, the second with every",
        "premise named, and at least 100,000 contacts drawn at random were looked through for one that passes.",
        "",
        "| proposal | closed | moved | open | not shown | also barred | opened |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for c in closures:
        n = c.counts
        lines.append(
            f"| {c.reform.title} | {n['closed']} | {n['moved']} | {n['open']} | {n['unknown']} "
            f"| {len(c.costs)} | {len(c.openings)} |"
        )
    for c in closures:
        lines += [
            "",
            f"## {c.reform.title}",
            "",
            f"`laws/reforms/{c.reform.id}.md`; ask with `brightline prove closed --reform {c.reform.id}`.",
        ]
        for status, heading in (
            ("closed", "What it closes"),
            ("moved", "What it moves"),
            ("open", "What it leaves open"),
        ):
            mine = _fates_by_door([f for f in c.fates if f.status == status])
            lines += ["", f"### {heading} ({sum(len(g) for g in mine)} loopholes, {len(mine)} doors)", ""]
            if status == "open":
                lines += _left_open(mine)
                continue
            lines += [_fate(group) for group in mine] if mine else ["Nothing."]
            lines += _proof(mine)
        lines += ["", f"### What it also bars ({len(c.costs)})", ""]
        lines += [f"- {cost_sentence(x)}" for x in c.costs[:COSTS_SHOWN]] or ["Nothing that was allowed before."]
        if len(c.costs) > COSTS_SHOWN:
            lines.append(f"- and {len(c.costs) - COSTS_SHOWN} more of the kind.")
        opened = (
            "It opens nothing that was barred."
            if not c.openings
            else "It opens: " + "; ".join(f"`{o.setting.action}` ({o.clause})" for o in c.openings)
        )
        lines += ["", opened]
    return "\n".join(lines) + "\n"


def _fates_by_door(fates: Iterable[Fate]) -> list[list[Fate]]:
    groups: dict[object, list[Fate]] = {}
    for f in fates:
        x = f.loophole
        groups.setdefault((x.kind, x.how, x.norm, x.clause, x.door, x.compared, f.by), []).append(f)
    return list(groups.values())


def _left_open(groups: Sequence[Sequence[Fate]]) -> list[str]:
    """How many doors of each rule stay open."""
    clauses = dict.fromkeys(g[0].loophole.clause for g in groups)
    counted = {c: [g for g in groups if g[0].loophole.clause == c] for c in clauses}
    return [f"- {c}: {len(mine)} doors, {sum(map(len, mine))} loopholes" for c, mine in counted.items()] or ["Nothing."]


def _fate(group: Sequence[Fate]) -> str:
    from brightline.reason.prove.told import fate_sentences

    f = group[0]
    acts = _acts(g.loophole.action for g in group)
    kind = "by misstatement" if f.loophole.kind == "misstatement" else "by exception"
    said = " ".join(fate_sentences(f))
    return f"- {f.loophole.clause}, {kind}: {title(f.loophole)}. {said} Acts: {acts}."


def _proof(groups: Sequence[Sequence[Fate]]) -> list[str]:
    """The proof of the first door, as an example of all: each is in `prove closed --json`."""
    shown = next((g[0] for g in groups if g[0].proof), None)
    if shown is None:
        return []
    head = f"The proof for the first of these that has one, {shown.loophole.clause} ({title(shown.loophole)}):"
    return [
        "",
        head,
        "",
        *(f"1. {s}" for s in proof_lines(shown)),
        "",
        f"Together these leave no contact; none of {shown.searched:,} drawn at random came through.",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
