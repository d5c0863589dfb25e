"""Proofs about conditions: that some can never hold together, and which of them are enough for a goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from brightline.law.tree import Atom, Expr
from brightline.reason.ground import negation
from brightline.reason.prove.oracle import Background, GaveUp, Literal, Way, all_atoms, in_order
from brightline.reason.prove.prover import Disagreement, Prover
from brightline.reason.prove.table import Table
from brightline.reason.truth import facts_of


def impossible(
    prover: Prover,
    ground: Background,
    assertions: Sequence[Expr | Literal],
    of_truth: Sequence[Expr | Literal] = (),
) -> tuple[bool | None, tuple[str, ...]]:
    """Whether these can never hold together, and who has shown it: z3, and the truth table where it is not too large.

    None when nobody can say. Raises Disagreement when the two do not agree.
    """
    answer = prover.ask(ground, assertions, of_truth).holds
    if answer is None:
        return None, ()
    if answer or not prover.use_z3:
        return not answer, () if answer else ("truth table",)
    exprs = [x.expr if isinstance(x, Literal) else x for x in (*assertions, *of_truth)]
    try:
        again = Table(ground, exprs).ask(assertions, of_truth).holds
    except GaveUp:
        return True, ("z3",)
    if again:
        raise Disagreement(f"z3 says that this can never be, and the truth table that it can: {exprs!r}")
    return True, ("z3", "truth table")


def smallest(prover: Prover, ground: Background, goal: Expr, way: Iterable[Literal]) -> Way | None:
    """A part of the way that still makes the goal certain, and none of whose own parts does. None: no solver can say."""
    kept, bad = in_order(way), negation(goal)
    for literal in [None, *kept]:
        fewer = [x for x in kept if x is not literal]
        answer = prover.ask(ground, [*fewer, bad])
        if answer.holds is None or (literal is None and answer.holds):
            return None
        if not answer.holds:
            kept = [fewer[n] for n in answer.core if n < len(fewer)]
    return frozenset(kept)


def smallest_of(prover: Prover, ground: Background, goal: Expr, model: Mapping[Atom, bool]) -> Way | None:
    """A smallest way that makes the goal certain, out of all that a model says of the goal's conditions."""
    return smallest(prover, ground, goal, [Literal(a, model[a]) for a in all_atoms([goal])])


def in_full(prover: Prover, ground: Background, way: Way) -> Way:
    """The way with all else that the constraints say of its own facts, so that values are found which none excludes:
    of a number that is at most 48 also whether it is more than 0."""
    answer = prover.ask(ground, in_order(way))
    if not answer.holds:
        return way
    facts = {f for x in way for f in facts_of(x.atom)}
    about = [a for a in all_atoms(ground.constraints([x.expr for x in in_order(way)])) if set(facts_of(a)) <= facts]
    return way | {Literal(a, answer.model[a]) for a in about if Literal(a, not answer.model[a]) not in way}
