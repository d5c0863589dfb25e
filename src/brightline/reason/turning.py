"""On which facts a verdict turns: which answers alone would bar a contact, and which would let it pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from brightline.law.tree import FactIs
from brightline.reason.clusters import Cluster, completions
from brightline.reason.explain import answers, sets_in_words
from brightline.reason.patterns import Patterns, masks
from brightline.reason.program import Program, Settling
from brightline.reason.truth import facts_of

BARRED = ("barred", "conflict")
OPEN = (*BARRED, "unsettled")  # a contact that does not pass, or of which nobody can tell
PASSES = ("excepted", "unreached")
TURNING = ("turns_on", "passes_with", "passes_if")


@dataclass(frozen=True, slots=True)
class Turning:
    """On which facts a bar turns, and which answers would let the contact pass.

    `bar`: facts of which one answer alone bars the contact and another does not. `passes`: the smallest sets of
    answers that let it pass, everything else being as it is recorded.
    """

    bar: tuple[tuple[str, ...], ...] = ()
    passes: tuple[Settling, ...] = ()


def turning(program: Program, true: int, false: int) -> Turning:
    """What the verdict on a pattern turns on; nothing unless it is barred or unsettled.

    Asked of are facts that nobody recorded, and those of which the record says "no": what was missing, not what
    would have to be another contact altogether.
    """
    verdict = program.outcome(true, false).verdict
    if verdict not in OPEN:
        return Turning()
    missing = _missing(program, true, false)
    bar, alone = [], []
    for cluster in missing:
        told = list(_other_answers(program, (cluster,), true, false))
        barred = [s for s in told if s.verdict in BARRED]
        if barred and len(barred) < len(told):
            bar.append(cluster.facts)
        alone += [s for s in told if s.verdict in PASSES][:1]
    return Turning(tuple(bar), (*alone, *_together(program, missing, alone, verdict, true, false)))


def _together(
    program: Program, missing: Sequence[Cluster], alone: Sequence[Settling], verdict: str, true: int, false: int
) -> Iterator[Settling]:
    """Sets of two or more facts that let a contact pass, none of which does alone."""
    enough = {s.facts for s in alone}
    if verdict == "unsettled":
        found: dict[tuple[str, ...], Settling] = {}
        for s in program.settling(true, false):
            covered = any(set(facts) <= set(s.facts) for facts in enough)
            if s.verdict in PASSES and len(s.facts) > 1 and not covered:
                found.setdefault(s.facts, s)
        smaller = [set(facts) for facts in found]
        yield from (s for s in found.values() if not any(x < set(s.facts) for x in smaller))
        return
    known = true | false
    rest = [c for c in missing if c.facts not in enough]
    for pair in combinations(rest, 2):
        if any(not c.bits & ~known for c in pair):  # what is barred for certain stays so whatever the unknown are
            yield from [s for s in _other_answers(program, pair, true, false) if s.verdict in PASSES][:1]


def _missing(program: Program, true: int, false: int) -> tuple[Cluster, ...]:
    """Facts on which the norms build that nobody recorded, or of which the record says "no"."""
    exprs = [e for s in program.scopes for n in s.norms for e in (n.reach, n.excused)]
    used = program.bits_of(f for e in exprs for f in facts_of(e))
    return tuple(
        c
        for c in program.clusters
        if c.bits & used and (c.bits & ~(true | false) or (not c.bits & true and _yes_or_no(program, c)))
    )


def _yes_or_no(program: Program, cluster: Cluster) -> bool:
    return all(isinstance(a, FactIs) for n, a in enumerate(program.atoms) if cluster.bits & 1 << n)


def _other_answers(program: Program, group: Sequence[Cluster], true: int, false: int) -> Iterator[Settling]:
    """Each way in which these facts can be answered together, with the verdict it would give."""
    recorded = sum(c.bits for c in group if not c.bits & ~(true | false))
    false &= ~recorded  # what is recorded as "no" gives way
    facts = tuple(f for c in group for f in c.facts)
    bits = sum(c.bits for c in group)
    for t, f in _answered(group, true, false):
        t, f = _yielding(program, bits, t, f) if recorded else (t, f)
        if not program.contradicted(t, f):
            yield Settling(facts, program.verdict(t, f), t & bits, f & bits)


def _answered(group: Sequence[Cluster], true: int, false: int) -> Iterator[tuple[int, int]]:
    if not group:
        yield true, false
        return
    first, *rest = group
    for mask in completions(first, true, false):
        yield from _answered(rest, true | mask, false | (first.bits & ~mask))


def _yielding(program: Program, bits: int, true: int, false: int) -> tuple[int, int]:
    """The masks, where an answer contradicts them, without the facts that the vocabulary ties to the answer.

    A warrant that came with the detainer is a warrant: whoever supposes the one cannot hold to "no" on the other.
    """
    if not program.contradicted(true, false):
        return true, false
    tied = 0
    for constraint in program.constraints:
        mine = program.bits_of(facts_of(constraint))
        tied |= mine if mine & bits and _says_no(program, constraint, true, false) else 0
    return true & ~(tied & ~bits), false & ~(tied & ~bits)


def _says_no(program: Program, constraint: Any, true: int, false: int) -> bool:
    return bool(program.form(constraint).no(true, false))


@dataclass
class Turnings(Patterns):
    """The columns of TURNING for each distinct pattern, decided once."""

    columns: tuple[str, ...] = TURNING

    def row(
        self, day: date | None, actor: str | None, actions: tuple[str, ...], digits: Sequence[int] | None
    ) -> tuple[str | None, ...]:
        if day is None or actor is None or not actions or digits is None:
            return (None, None, None)
        key = (day, actor, actions, tuple(digits))
        if key not in self._rows:
            program = self.reasoner.program(day, actor, actions)
            found = turning(program, *masks(digits)[0])
            self._rows[key] = (
                "; ".join(" and ".join(facts) for facts in found.bar) or None,
                sets_in_words([s.facts for s in found.passes]) or None,
                "; or ".join(answers(s, program) for s in found.passes) or None,
            )
        return self._rows[key]
