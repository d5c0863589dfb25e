"""The text of the law that was read for a request, with the clauses lit that its verdict names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from brightline.law.markdown import Clause
from brightline.law.pack import Law, Section
from brightline.law.tree import Norm, exceptions
from brightline.reason.program import Finding

LONGEST_LABEL = 12  # of a clause that is named by its place; a longer one is a name of our own


@dataclass(frozen=True, slots=True)
class Line:
    """One clause as it stands in the law. `lit`: the verdict turns on it; `excepts`: as an exception that holds."""

    label: str
    title: str
    paragraphs: tuple[str, ...]
    depth: int
    lit: bool
    excepts: bool


@dataclass(slots=True)
class Run:
    """Neighbouring clauses that are all lit, or all not: those that are not can be folded away."""

    lit: bool
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Read:
    """A section of law, as far as it was in force on the day."""

    title: str
    citation: str
    reviewed: str
    runs: tuple[Run, ...]


def read_for(findings: Iterable[Finding], law: Law, day: date) -> list[Read]:
    """The sections in which the findings' norms stand, and those of the exceptions that they name."""
    lit: dict[tuple[str, int], bool] = {}  # section and line of a clause -> whether as an exception
    order: list[str] = []
    for finding in findings:
        for section, line, excepts in _places(finding, law, day):
            order.append(section)
            clause = law.sections[section].clause_at(line)
            if clause is not None:
                key = (section, clause.line)
                lit[key] = lit.get(key, True) and excepts
    return [_read(law.sections[s], law, lit, day) for s in dict.fromkeys(order)]


def _places(finding: Finding, law: Law, day: date) -> Iterable[tuple[str, int, bool]]:
    for norm in law.norms:
        if norm.id != finding.norm or not norm.span.holds(day):
            continue
        yield norm.section, norm.at.line, False
        if finding.exception:
            yield from _exception(norm, finding.exception, law)


def _exception(norm: Norm, cited: str, law: Law) -> Iterable[tuple[str, int, bool]]:
    for e in exceptions(norm.unless):
        if law.cite_exception(norm, e) == cited and (e.section or norm.section) in law.sections:
            yield e.section or norm.section, e.at.line, True


def _read(section: Section, law: Law, lit: dict[tuple[str, int], bool], day: date) -> Read:
    runs: list[Run] = []
    for clause in _in_force(section, day):
        key = (section.id, clause.line)
        line = Line(
            _label(section, clause, law), clause.title, _paragraphs(clause.quote), clause.label.count("."),
            key in lit, lit.get(key, False),
        )  # fmt: skip
        if not runs or runs[-1].lit != line.lit:
            runs.append(Run(line.lit))
        runs[-1].lines.append(line)
    return Read(section.title, section.citation, str(section.meta.get("reviewed", "")), tuple(runs))


def _in_force(section: Section, day: date) -> list[Clause]:
    """The clauses of the part of the page (under one heading without a label) that was in force on the day.

    A part is told by its encoded clauses: when none of them was in force, the part was not.
    """
    parts: list[list[Clause]] = [[]]
    for clause in section.page.clauses:
        if not clause.label:
            parts.append([])
        elif clause.quote.strip():
            parts[-1].append(clause)
    found = []
    for part in parts:
        encoded = [c for c in part if section.by_clause.get(c.line)]
        holding = [c for c in encoded if any(s.span.holds(day) for s in section.by_clause[c.line])]
        if encoded and not holding:
            continue
        found += [c for c in part if c not in encoded or c in holding]
    return found


def _label(section: Section, clause: Clause, law: Law) -> str:
    """Where the clause stands in its section, as lawyers cite it: `(c)(1)`."""
    if len(clause.label) > LONGEST_LABEL:
        return ""
    cited = law.cite(f"{section.id}:{clause.label}")
    return cited.removeprefix(section.citation).strip(" ,") or clause.label


def _paragraphs(quote: str) -> tuple[str, ...]:
    return tuple(" ".join(p.split()) for p in quote.split("\n\n") if p.strip())
