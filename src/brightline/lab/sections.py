"""The law as the page shows it: sections, their clauses with their text, and what a reform may amend there."""

from __future__ import annotations

from datetime import date
from itertools import takewhile
from typing import Any

from brightline.law.markdown import Clause
from brightline.law.pack import Law, Section
from brightline.law.tree import Excepts, Norm, exceptions
from brightline.reason.prove.setting import actors_of, settings
from brightline.reason.speech import LANGUAGES, _, speaking


def packs_json(law: Law, day: date) -> list[dict[str, Any]]:
    """Every pack with its sections and the acts that one of its norms forbids, named in every language."""
    return [
        {
            "id": p.id,
            "title": p.title,
            "sections": [
                {"id": s.id, "title": s.title, "citation": s.citation}
                for level in law.levels(p.id)
                for s in law.packs[level].sections.values()
            ],
            "acts": [{"name": a, "title": _titles(law.vocabulary.actions[a].title)} for a in acts(law, p.id, day)],
        }
        for p in law.packs.values()
    ]


def acts(law: Law, pack: str, day: date) -> list[str]:
    """The acts that some norm of the pack, or of one above it, forbids to an agency of the pack on this day."""
    levels = law.chosen([pack])
    agencies = actors_of(law, [pack])
    return [
        a
        for a in law.vocabulary.actions
        if any(s.forbidding for agency in agencies for s in settings(law, levels, day, agency, a)[:1])
    ]


def _titles(title: str) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[language] = _(title)
    return found


def section_json(law: Law, section: Section, day: date) -> dict[str, Any]:
    """One section with its clauses; what is offered for a change is what is in force on the day."""
    return {
        "id": section.id,
        "title": section.title,
        "citation": section.citation,
        "in_force": str(section.meta.get("in_force", "")),
        "reviewed": str(section.meta.get("reviewed", "")),
        "clauses": [_clause(law, section, c, day) for c in section.page.clauses if c.label],
    }


def _clause(law: Law, section: Section, clause: Clause, day: date) -> dict[str, Any]:
    return {
        "label": clause.label,
        "title": clause.title,
        "citation": law.cite(f"{section.id}:{clause.label}"),
        "quote": [" ".join(p.split()) for p in clause.quote.split("\n\n") if p.strip()],
        "not_encoded": clause.reason,
        "norms": [b.text.rstrip() for b in clause.blocks if b.kind == "norm"],
        "targets": [
            {"id": id, "citation": law.cite(id), **told} for id, told in _targets(section, clause, day).items()
        ],
    }


def _targets(section: Section, clause: Clause, day: date) -> dict[str, dict[str, str]]:
    """What an amendment can name in this clause: its norms, their exceptions, and exceptions to norms elsewhere."""
    found: dict[str, dict[str, str]] = {}
    for s in section.by_clause.get(clause.line, ()):
        if not s.span.holds(day):
            continue
        if isinstance(s, Norm):
            found[s.id] = {"kind": "norm", "body": _body(clause, s)}
            for e in exceptions(s.unless):
                if not e.section:
                    found[f"{section.id}:{e.label}"] = {"kind": "exception"}
        elif isinstance(s, Excepts):
            found[f"{section.id}:{s.label}"] = {"kind": "exception"}
    return found


def _body(clause: Clause, norm: Norm) -> str:
    """The norm as it is written, without its label: what a new norm in its place begins as."""
    block = next((b for b in clause.blocks if b.line <= norm.at.line < b.line + len(b.text.split("\n"))), None)
    if block is None:
        return ""
    first, *rest = block.text.split("\n")[norm.at.line - block.line :]
    more = list(takewhile(lambda line: line.startswith(" "), rest))
    return "\n".join([first.partition(" ")[2].strip(), *more])
