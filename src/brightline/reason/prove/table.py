"""Questions about conditions, answered by a truth table: the second opinion, and the only one without z3.

A truth table over n conditions is one whole number of 2**n bits, so that `and`, `or` and `not` are one operation
each. Up to 24 conditions.
"""

from __future__ import annotations

from collections.abc import Sequence

from brightline.law.tree import Always, And, Atom, Expr, Not, Or
from brightline.reason.clusters import clusters
from brightline.reason.prove.oracle import Answer, Asked, Background, GaveUp, Literal, Way, all_atoms, size_of

MOST = 24


class Table:
    """The same questions as `smt.Smt` answers. Raises GaveUp when there are too many conditions."""

    def __init__(self, background: Background, exprs: Sequence[Expr], most: int = MOST) -> None:
        self.background = background
        constraints = background.constraints(exprs)
        self.atoms = all_atoms([*exprs, *constraints, *background.truth, *background.given])
        self._columns: dict[tuple[Atom, bool], int] = {}
        keys = [(a, False) for a in self.atoms] + [(a, True) for a in self.atoms if background.splits(a)]
        self.size = len(keys)
        if self.size > most:
            raise GaveUp(f"{self.size} conditions are more than a truth table holds ({most})")
        self.full = (1 << (1 << self.size)) - 1
        for n, key in enumerate(keys):
            self._columns[key] = _column(n, self.size)
        self.allowed = self._allowed(constraints)

    def _allowed(self, constraints: Sequence[Expr]) -> int:
        background, rows = self.background, self.full
        for truth in (False, True) if background.stateable else (False,):
            for constraint in constraints:
                rows &= self.rows(constraint, truth)
            for cluster in clusters(self.atoms, background.vocabulary):
                mine = [(1 << n, a) for n, a in enumerate(self.atoms) if cluster.bits >> n & 1]
                if len(cluster.masks) < 1 << len(mine):
                    rows &= self._any_of(mine, cluster.masks, truth)
        for given in background.given:
            rows &= self.rows(given, False)
        for known in background.truth:
            rows &= self.rows(known, bool(background.stateable))
        return rows

    def _any_of(self, mine: list[tuple[int, Atom]], masks: Sequence[int], truth: bool) -> int:
        found = 0
        for mask in masks:
            rows = self.full
            for bit, atom in mine:
                column = self.rows(atom, truth)
                rows &= column if mask & bit else self.full ^ column
            found |= rows
        return found

    def rows(self, expr: Expr | Literal, truth: bool = False) -> int:
        """The rows of the table in which a condition holds."""
        match expr:
            case Literal(atom, value):
                column = self.rows(atom, truth)
                return column if value else self.full ^ column
            case Always(value):
                return self.full if value else 0
            case Not(part):
                return self.full ^ self.rows(part, truth)
            case And(parts):
                found = self.full
                for part in parts:
                    found &= self.rows(part, truth)
                return found
            case Or(parts):
                found = 0
                for part in parts:
                    found |= self.rows(part, truth)
                return found
            case _:
                own = (expr, truth and self.background.splits(expr))  # type: ignore[arg-type]
                return self._columns[own]  # type: ignore[index]

    def ask(self, assertions: Sequence[Expr | Literal], of_truth: Sequence[Expr | Literal] = ()) -> Answer:
        wanted = [self.rows(a) for a in assertions] + [self.rows(a, True) for a in of_truth]
        left = self.allowed
        for rows in wanted:
            left &= rows
        if not left:
            return Answer(False, core=self._core(wanted))
        row = (left & -left).bit_length() - 1
        model = {a: bool(self.rows(a) >> row & 1) for a in self.atoms}
        return Answer(True, model, {a: bool(self.rows(a, True) >> row & 1) for a in self.atoms})

    def _core(self, wanted: list[int]) -> tuple[int, ...]:
        kept = list(range(len(wanted)))
        for n in range(len(wanted)):
            rows = self.allowed
            for k in kept:
                rows &= wanted[k] if k != n else self.full
            if not rows:
                kept.remove(n)
        return tuple(kept)

    def ways(self, goal: Expr, most: int, beside: Asked = ((), ())) -> tuple[list[Way], bool]:
        """The smallest sets of conditions that make the goal certain, and whether these are all."""
        ways, _never = self.primes(goal, beside)
        return ways[:most], len(ways) <= most

    def primes(self, goal: Expr, beside: Asked = ((), ())) -> tuple[list[Way], list[Way]]:
        """Blake's canonical form by Shannon expansion: the ways, and the smallest sets that cannot be at all.

        Independent of the solver's search on purpose.
        """
        order = all_atoms([goal])
        if self.atoms[: len(order)] != order:
            others = [a.expr if isinstance(a, Literal) else a for side in beside for a in side]
            return Table(self.background, [goal, *others]).primes(goal, beside)
        allowed = self.allowed
        for assertion, truth in [*((a, False) for a in beside[0]), *((a, True) for a in beside[1])]:
            allowed &= self.rows(assertion, truth)
        certain = self._folded(self.rows(goal) | (self.full ^ allowed), len(order), every=True)
        possible = self._folded(allowed, len(order), every=False)
        primes = _primes(certain, len(order), {})
        found = [frozenset(Literal(order[n], v) for n, v in p) for p in primes]
        found.sort(key=size_of)
        can_be = [w for w in found if self._rows_of(w, order) & possible]
        return can_be, [w for w in found if w not in set(can_be)]

    def _folded(self, rows: int, size: int, every: bool) -> int:
        """The table over the first `size` conditions alone: true where every (or any) row that agrees is true."""
        for n in range(self.size - 1, size - 1, -1):
            half = 1 << n
            low, high = rows & ((1 << half) - 1), rows >> half
            rows = low & high if every else low | high
        return rows

    def _rows_of(self, way: Way, order: list[Atom]) -> int:
        full = (1 << (1 << len(order))) - 1
        rows = full
        for literal in way:
            column = _column(order.index(literal.atom), len(order))
            rows &= column if literal.value else full ^ column
        return rows


def _column(n: int, size: int) -> int:
    """The truth table of the n-th of `size` conditions: 2**n zeros, 2**n ones, and so on."""
    width = 1 << n
    found = ((1 << width) - 1) << width
    while width < 1 << (size - 1):
        width *= 2
        found |= found << width
    return found


Prime = frozenset[tuple[int, bool]]


def _primes(rows: int, size: int, memo: dict[tuple[int, int], list[Prime]]) -> list[Prime]:
    """The prime implicants of a truth table over `size` conditions."""
    full = (1 << (1 << size)) - 1
    if rows == 0:
        return []
    if rows == full:
        return [frozenset()]
    key = (rows, size)
    if key not in memo:
        half = 1 << (size - 1)
        low, high = rows & ((1 << half) - 1), rows >> half
        always = _primes(low & high, size - 1, memo)
        found = list(always)
        for value, side in ((False, low), (True, high)):
            for prime in _primes(side, size - 1, memo):
                if not any(a <= prime for a in always):
                    found.append(prime | {(size - 1, value)})
        memo[key] = found
    return memo[key]
