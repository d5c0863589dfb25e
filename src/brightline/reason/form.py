"""The exact truth of one condition: unknown only if two completions of the facts, which can be, differ.

Kleene's tables answer first. Where they cannot tell, the completions that the facts' types and the vocabulary's
constraints allow are searched, one cluster of facts at a time, cutting off as soon as Kleene's tables decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

from brightline.law.tree import Always, And, Atom, Expr, Not, Or
from brightline.law.vocabulary import Vocabulary
from brightline.reason.clusters import Cluster, completions
from brightline.reason.ground import both, negation
from brightline.reason.truth import Truth, atoms, facts_of

Rail = Callable[[int, int], Any]
Spread = Callable[[int, int], tuple[int, int]]  # what is known, and what plainly follows from it


class Form:
    """A condition over numbered conditions. `yes(T, F)` and `no(T, F)` are Kleene's: certainly true, certainly false."""

    def __init__(
        self,
        expr: Expr,
        conditions: Sequence[Atom],
        constraints: Sequence[Expr],
        groups: Sequence[Cluster],
        spread: Spread = lambda true, false: (true, false),
    ) -> None:
        self.expr = expr
        self._spread = spread
        self._index = {a: 1 << n for n, a in enumerate(conditions)}
        self._constraints = constraints
        self._groups = groups
        yes, no = _rails(expr, self._index)
        self.yes, self.no = _compiled(yes), _compiled(no)
        self._memo: dict[tuple[int, int], Truth] = {}

    def truth(self, true: int, false: int) -> Truth:
        """True or False when every completion says so; None when two differ, or the facts contradict each other."""
        if self.yes(true, false):
            return True
        if self.no(true, false):
            return False
        bits = self._bits
        key = (true & bits, false & bits)
        if key not in self._memo:
            self._memo[key] = self._search(*key)
        return self._memo[key]

    def _search(self, true: int, false: int) -> Truth:
        true, false = self._spread(true, false)  # what the constraints plainly add spares most of the search
        if true & false:
            return None
        if self.yes(true, false) or self.no(true, false):
            return bool(self.yes(true, false))
        can_be, can_not_be = (_complete(yes, no, self._clusters, true, false) for yes, no in (self._goal, self._anti))
        return None if can_be == can_not_be else can_be

    @cached_property
    def _bearing(self) -> tuple[Expr, ...]:
        return tuple(connected([self.expr], self._constraints))

    @cached_property
    def _goal(self) -> tuple[Rail, Rail]:
        return self._pair(both(self.expr, *self._bearing))

    @cached_property
    def _anti(self) -> tuple[Rail, Rail]:
        return self._pair(both(negation(self.expr), *self._bearing))

    def _pair(self, expr: Expr) -> tuple[Rail, Rail]:
        yes, no = _rails(expr, self._index)
        return _compiled(yes), _compiled(no)

    @cached_property
    def _clusters(self) -> tuple[Cluster, ...]:
        used = sum({self._index[a] for e in (self.expr, *self._bearing) for a in atoms(e)})
        return tuple(c for c in self._groups if c.bits & used)

    @cached_property
    def _bits(self) -> int:
        return sum(c.bits for c in self._clusters)


def _complete(yes: Rail, no: Rail, groups: Sequence[Cluster], true: int, false: int) -> bool:
    """Whether some completion makes a condition true."""
    if no(true, false):
        return False
    if yes(true, false):
        return True
    for n, cluster in enumerate(groups):
        if cluster.bits & ~(true | false):
            rest = groups[n + 1 :]
            return any(
                _complete(yes, no, rest, true | mask, false | (cluster.bits & ~mask))
                for mask in completions(cluster, true, false)
            )
    return False


def _rails(expr: Expr, index: dict[Atom, int]) -> tuple[str, str]:
    match expr:
        case Always(value):
            return ("1", "0") if value else ("0", "1")
        case Not(part):
            yes, no = _rails(part, index)
            return no, yes
        case And(parts):
            rails = [_rails(p, index) for p in parts]
            return _joined(" and ", (y for y, _ in rails)), _joined(" or ", (n for _, n in rails))
        case Or(parts):
            rails = [_rails(p, index) for p in parts]
            return _joined(" or ", (y for y, _ in rails)), _joined(" and ", (n for _, n in rails))
        case _:
            bit = index[expr]  # type: ignore[index]
            return f"T & {bit}", f"F & {bit}"


def _joined(joint: str, parts: Iterable[str]) -> str:
    return "(" + joint.join(parts) + ")"


@lru_cache(maxsize=100_000)
def _compiled(source: str) -> Rail:
    # The text is made of bit tests alone (see `_rails`): nothing from a pack reaches it.
    return eval(f"lambda T, F: {source}", {"__builtins__": {}})  # type: ignore[no-any-return]


def connected(exprs: Sequence[Expr], constraints: Iterable[Expr]) -> list[Expr]:
    """The constraints that bear on these conditions, directly or through one another."""
    facts = {f for e in exprs for f in facts_of(e)}
    kept: list[Expr] = []
    waiting = list(constraints)
    while True:
        more = [c for c in waiting if facts & set(facts_of(c))]
        if not more:
            return kept
        kept += more
        waiting = [c for c in waiting if c not in more]
        facts |= {f for c in more for f in facts_of(c)}


def all_constraints(vocabulary: Vocabulary) -> list[Expr]:
    """What the vocabulary says cannot be otherwise."""
    return [c.condition for c in vocabulary.constraints]
