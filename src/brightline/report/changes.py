"""The days on which the law changed for the agencies and actions in the findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from brightline.law.pack import Law
from brightline.law.tree import Defined, Definition, Norm, Statement, conditions, walk
from brightline.law.vocabulary import Vocabulary
from brightline.reason.speech import _
from brightline.report.words import citations, short


@dataclass(frozen=True, slots=True)
class Change:
    """One day on which clauses began or ceased to hold."""

    day: date
    begins: tuple[str, ...]  # citations of clauses that began to hold, or hold in another form
    ends: tuple[str, ...]  # citations of clauses that ceased, and nothing under the same label followed
    sections: tuple[str, ...]  # citations of their sections

    @property
    def label(self) -> str:
        """`§ 9-131, § 14-154`: short enough for a plot."""
        return ", ".join(short(c) for c in self.sections)

    @property
    def told(self) -> str:
        """What changed, in words."""
        parts = [_("took effect: {clauses}").format(clauses=citations(self.begins))] if self.begins else []
        parts += [_("ceased: {clauses}").format(clauses=citations(self.ends))] if self.ends else []
        return "; ".join(parts)


def law_changes(findings: pl.DataFrame, law: Law, packs: Sequence[str]) -> tuple[Change, ...]:
    """Changes after the first and up to the last day of the data, of norms that reach these agencies and actions."""
    first, last = findings["date"].min(), findings["date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return ()
    reaching = _reaching(findings, law, packs)
    days = [d for d in law.boundaries(law.chosen(packs)) if first < d <= last]
    changes = (_change(d, reaching, law) for d in days)
    return tuple(c for c in changes if c is not None)


def _change(day: date, statements: Sequence[Statement], law: Law) -> Change | None:
    begun = {_cited(s, law): s for s in statements if s.span.start == day}
    ended = {_cited(s, law): s for s in statements if s.span.end == day}
    if not begun and not ended:
        return None
    sections = {s.section: None for s in (*begun.values(), *ended.values())}
    cited = sorted(law.sections[s].citation for s in sections)
    return Change(day, tuple(sorted(begun)), tuple(sorted(set(ended) - set(begun))), tuple(cited))


def _cited(statement: Statement, law: Law) -> str:
    if isinstance(statement, Norm):
        return law.cite(statement.id)
    citation = law.sections[statement.section].citation
    return _("{citation} (definition)").format(citation=citation) if isinstance(statement, Definition) else citation


def _reaching(findings: pl.DataFrame, law: Law, packs: Sequence[str]) -> list[Statement]:
    """The norms about these agencies and actions, and the definitions on which those norms build."""
    words = law.vocabulary
    actors = {a for name in findings["actor"].drop_nulls().unique() for a in words.actor_lineage(name)}
    actions = _lineages(findings, words)
    statements = law.statements(law.chosen(packs))
    norms = [s for s in statements if isinstance(s, Norm) and actors & set(s.actors) and actions & set(s.actions)]
    names = {node.name for n in norms for c in conditions(n) for node in walk(c) if isinstance(node, Defined)}
    definitions = [s for s in statements if isinstance(s, Definition)]
    for _round in definitions:  # a definition may build on another; as many rounds as there are definitions are enough
        more = {n.name for d in definitions if d.name in names for n in walk(d.condition) if isinstance(n, Defined)}
        if more <= names:
            break
        names |= more
    return [*norms, *(d for d in definitions if d.name in names)]


def _lineages(findings: pl.DataFrame, vocabulary: Vocabulary) -> set[str]:
    cells: Iterable[str] = (c for k in ("action", "asked", "done") for c in findings[k].drop_nulls().unique())
    return {up for cell in cells for name in cell.split() for up in vocabulary.action_lineage(name)}
