"""Doubts about what a pack means: norms that can never apply, exceptions that can never matter, contradictions.

Also where Kleene's tables would say less than the exact answer; there the engines search (see `form`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from brightline.law.check import doubts
from brightline.law.pack import Law, Pack
from brightline.law.problems import LawError, Problem
from brightline.law.reform import find_reform, read_reform
from brightline.law.tree import Always, Amendment, Expr, Norm, Not, Place
from brightline.reason.form import Form
from brightline.reason.ground import Choice, Grounder, GroundNorm, amended, both, either, negation, reaching
from brightline.reason.lawtest import law_with
from brightline.reason.program import Program, Scope
from brightline.reason.truth import atoms, facts_of


def doubts_of_meaning(
    law: Law, progress: Callable[[str], None] = lambda _: None, only: str | None = None
) -> list[Problem]:
    """Warnings, each once for a statement: asked of every action that a norm names, under each of its readings.

    Of every pack, or of `only` one.
    """
    found: dict[tuple[str, int, str], Problem] = {}
    packs = [p for p in law.packs.values() if only is None or p.id == only]
    for section in (s for pack in packs for s in pack.sections.values()):
        progress(section.id)
        for norm in section.norms:
            for message, help, place in _doubts(law, norm):
                found.setdefault((place.file, place.line, message), Problem(place, message, help, "warning"))
    for problem in _contradictions(law, packs):
        found.setdefault((problem.place.file, problem.place.line, problem.message), problem)
    return list(found.values())


def problems_of_reform(law: Law, name: str) -> list[Problem]:
    """What is wrong with a reform (a file, or the name of one that comes with the law), or doubtful."""
    try:
        whole, reform = read_reform(law, find_reform(law, name))
    except LawError as error:
        return list(error.problems)
    files = {s.page.file for s in reform.sections.values()}
    found = [p for p in doubts(whole) if p.place.file in files] + doubts_of_meaning(whole, only=reform.id)
    return found + list(_idle(whole, reform))


def _idle(law: Law, reform: Pack) -> Iterator[Problem]:
    """Changes that leave the law as it is: of a law that does not apply, or of what another change takes away."""
    levels = law.levels(reform.id)
    days = [date.min, *law.boundaries(levels)]
    for change in (s for section in reform.sections.values() for s in section.statements if isinstance(s, Amendment)):
        without = law_with(law, change, None)
        if all(amended(law, levels, day) == amended(without, levels, day) for day in days):
            said = f"without this change of `{change.target}` the law would be the same"
            help = "the law it changes does not apply here, or another change takes the clause away"
            yield Problem(change.at, said, help, "warning")


def inexact(law: Law) -> list[Norm]:
    """The norms for which Kleene's tables alone would leave open what is settled: a fact stands in two conditions, or
    in both polarities, or a constraint bears on it."""
    return [n for s in law.sections.values() for n in s.norms if any(_overlaps(g, p) for g, p in _grounded(law, n))]


def _day_of(norm: Norm) -> date:
    """A day on which the norm is in force."""
    if norm.span.start is not None:
        return norm.span.start
    return norm.span.end - timedelta(1) if norm.span.end is not None else date(2025, 1, 1)


def _grounded(law: Law, norm: Norm) -> Iterator[tuple[GroundNorm, Program]]:
    day, packs = _day_of(norm), law.levels(norm.section.split("/")[0])
    grounder = Grounder(law, packs, day)
    below = [a for a in law.vocabulary.actions if set(law.vocabulary.action_lineage(a)) & set(norm.actions)]
    for action in below:
        for choice in grounder.choices([norm]):
            ground = grounder.ground(norm, action, choice)
            if ground is not None:
                yield ground, Program([Scope(action, choice, (ground,))], law.vocabulary)


def _doubts(law: Law, norm: Norm) -> Iterator[tuple[str, str, Place]]:
    pairs = list(_grounded(law, norm))
    if pairs and not any(_possible(p, g.reach) for g, p in pairs):
        yield (
            f"the norm `{norm.label}` can never apply: its `when` cannot hold",
            "check it against the vocabulary's constraints",
            norm.at,
        )
        return
    for n, exception in enumerate(norm.unless):
        useful = False
        for ground, program in pairs:
            mine = next((e for e in ground.exceptions if e.label == exception.label), None)
            if mine is not None:
                others = [e.holds for e in ground.exceptions if e is not mine]
                useful |= _possible(program, both(ground.reach, mine.holds, negation(either(others))))
        if pairs and not useful:
            said = f"the exception `{exception.label}` of `{norm.label}` is never needed"
            yield said, "wherever it holds, the norm does not reach or another exception holds too", norm.unless[n].at


def _possible(program: Program, expr: Expr) -> bool:
    if isinstance(expr, Always):
        return expr.value
    form: Form = program.form(expr)
    return form.truth(0, 0) is not False


def _overlaps(ground: GroundNorm, program: Program) -> bool:
    seen: dict[str, int] = {}
    for atom in dict.fromkeys(atoms(ground.broken)):
        for fact in facts_of(atom):
            seen[fact] = seen.get(fact, 0) + 1
    return any(n > 1 for n in seen.values()) or bool(program.constraints) or _both_ways(ground.broken)


def _both_ways(expr: Expr) -> bool:
    signs: dict[Expr, set[bool]] = {}

    def visit(node: Expr, sign: bool) -> None:
        if isinstance(node, Not):
            visit(node.part, not sign)
        elif hasattr(node, "parts"):
            for part in node.parts:
                visit(part, sign)
        else:
            signs.setdefault(node, set()).add(sign)

    visit(expr, True)
    return any(len(s) > 1 for s in signs.values())


def _contradictions(law: Law, packs: Sequence[Pack]) -> Iterator[Problem]:
    """Two norms of one pack (and of those it amends) that bar and require the same act of the same agency on the same contact."""
    for pack in packs:
        norms = [n for p in (pack.id, *pack.amends) for s in law.packs[p].sections.values() for n in s.norms]
        forbidding = [n for n in norms if n.modality == "forbids"]
        for required, barring in ((r, f) for r in norms if r.modality == "requires" for f in forbidding):
            if required.span.meets(barring.span) is None or _yields(required, barring):
                continue
            for action, actor in _shared(law, required, barring):
                if _clash(law, pack.id, required, barring, action, actor):
                    yield Problem(
                        required.at,
                        f"`{required.label}` requires `{action}` where `{barring.id}` bars it",
                        "say which prevails with `yields to`, or add the exception that the law makes",
                        "warning",
                    )
                    break


def _yields(one: Norm, two: Norm) -> bool:
    return one.id in two.yields_to or two.id in one.yields_to


def _shared(law: Law, one: Norm, two: Norm) -> list[tuple[str, str]]:
    v = law.vocabulary
    acts = [
        a
        for a in v.actions
        if set(v.action_lineage(a)) & set(one.actions) and set(v.action_lineage(a)) & set(two.actions)
    ]
    actors = [
        a for a in v.actors if set(v.actor_lineage(a)) & set(one.actors) and set(v.actor_lineage(a)) & set(two.actors)
    ]
    return [(act, actors[0]) for act in acts] if actors else []


def _clash(law: Law, pack: str, one: Norm, two: Norm, action: str, actor: str) -> bool:
    both_in_force = one.span.meets(two.span)
    day = (both_in_force.start if both_in_force else None) or _day_of(one)
    packs = law.levels(pack)
    grounder = Grounder(law, packs, day)
    present = reaching(law, packs, day, actor, action)
    if one not in present or two not in present:
        return False
    choices: Sequence[Choice] = grounder.choices([one, two])
    for choice in choices:
        pair = [g for n in (one, two) if (g := grounder.ground(n, action, choice)) is not None]
        if len(pair) == 2:
            program = Program([Scope(action, choice, tuple(pair))], law.vocabulary)
            if _possible(program, both(*(g.broken for g in pair))):
                return True
    return False


__all__ = ["doubts_of_meaning", "inexact", "problems_of_reform"]
