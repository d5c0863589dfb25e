"""Asks both solvers, keeps what they answered, and lets no answer pass on which they differ."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from brightline.law.tree import Expr
from brightline.reason.ground import NO, YES
from brightline.reason.prove import smt
from brightline.reason.prove.oracle import Answer, Asked, Background, GaveUp, Literal, Oracle, Way, size_of
from brightline.reason.prove.table import Table

MOST_WAYS = 500


class Disagreement(Exception):
    """The two solvers gave different answers: nothing that rests on them may be shown."""


@dataclass(frozen=True, slots=True)
class Ways:
    """All smallest ways in which a condition comes true, smallest first. `complete` unless a limit was reached."""

    ways: tuple[Way, ...]
    complete: bool
    second_opinion: bool  # the truth table found the same


@dataclass
class Prover:
    """`exprs` are all the conditions that questions will speak of: facts of one cluster are held together.

    `seed` is z3's; `use_z3=False` (or z3 not installed) leaves the truth table alone.
    """

    exprs: tuple[Expr, ...]
    seed: int = 0
    timeout: int = smt.TIMEOUT_MS
    use_z3: bool = field(default_factory=smt.available)
    z3_seconds: float = 0.0
    checked_twice: int = 0
    gave_up: int = 0  # questions that no solver could answer: what rests on them is not complete
    _solvers: dict[Background, smt.Smt] = field(default_factory=dict)
    _ways: dict[tuple[object, ...], Ways] = field(default_factory=dict)
    _answers: dict[tuple[object, ...], Answer] = field(default_factory=dict)

    def ask(
        self,
        background: Background,
        assertions: Sequence[Expr | Literal],
        of_truth: Sequence[Expr | Literal] = (),
    ) -> Answer:
        """Whether these can hold together. `holds` is None when neither solver can say."""
        key = (background, tuple(assertions), tuple(of_truth))
        if key not in self._answers:
            self._answers[key] = self._ask(background, assertions, of_truth)
            self.gave_up += self._answers[key].holds is None
        return self._answers[key]

    def _ask(
        self, background: Background, assertions: Sequence[Expr | Literal], of_truth: Sequence[Expr | Literal]
    ) -> Answer:
        exprs = [a.expr if isinstance(a, Literal) else a for a in (*assertions, *of_truth)]
        if not self.use_z3:
            try:
                return Table(background, exprs).ask(assertions, of_truth)
            except GaveUp:
                return Answer(None)
        start = time.perf_counter()
        found = self._solver(background).ask(assertions, of_truth)
        self.z3_seconds += time.perf_counter() - start
        return found

    def possible(self, background: Background, *assertions: Expr | Literal) -> bool:
        """Whether these can hold together. Raises GaveUp when no solver can say."""
        answer = self.ask(background, assertions)
        if answer.holds is None:
            raise GaveUp("the solver reached its limit")
        return answer.holds

    def ways(self, goal: Expr, background: Background, most: int = MOST_WAYS, beside: Asked = ((), ())) -> Ways:
        """All smallest sets of conditions that make the goal certain, beside what else is so. Raises Disagreement."""
        key = (goal, background, tuple(beside[0]), tuple(beside[1]))
        if key not in self._ways:
            self._ways[key] = self._find(goal, background, most, beside)
        return self._ways[key]

    def _find(self, goal: Expr, background: Background, most: int, beside: Asked) -> Ways:
        if goal in (YES, NO):
            return Ways((frozenset(),) if goal == YES else (), True, True)
        table = _table(background, goal, beside)
        if table is None:
            found, complete = self._by_z3(goal, background, most, beside) if self.use_z3 else ([], False)
            return Ways(tuple(sorted(found, key=size_of)), complete, False)
        found, never = table.primes(goal, beside)
        complete = len(found) <= most
        agreed = self.use_z3 and complete and self._confirmed(found, never, goal, background, beside)
        return Ways(tuple(found[:most]), complete, agreed)

    def _by_z3(self, goal: Expr, background: Background, most: int, beside: Asked) -> tuple[list[Way], bool]:
        start = time.perf_counter()
        found = self._solver(background).ways(goal, most, beside)
        self.z3_seconds += time.perf_counter() - start
        return found

    def _confirmed(
        self, found: Sequence[Way], never: Sequence[Way], goal: Expr, background: Background, beside: Asked
    ) -> bool:
        """Whether z3 agrees that these are all the ways; False when it gave up. Raises Disagreement."""
        start = time.perf_counter()
        agreed = self._solver(background).confirms(found, goal, beside, never)
        self.z3_seconds += time.perf_counter() - start
        self.checked_twice += agreed is True
        if agreed is False:
            raise Disagreement(f"z3 and the truth table list different ways: {goal!r}")
        return agreed is True

    def _solver(self, background: Background) -> smt.Smt:
        if background not in self._solvers:
            self._solvers[background] = smt.Smt(background, self.exprs, self.seed, self.timeout)
        return self._solvers[background]


def _table(background: Background, goal: Expr, beside: Asked) -> Table | None:
    others = [a.expr if isinstance(a, Literal) else a for side in beside for a in side]
    try:
        return Table(background, [goal, *others])
    except GaveUp:
        return None


__all__ = ["Disagreement", "Oracle", "Prover", "Ways"]
