"""Contacts drawn at random, a hundred thousand at a time: they look for what a proof says is not there.

A condition over all contacts drawn is one whole number with a bit for each, so a search costs a few operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from brightline.law.tree import Always, And, Atom, Expr, FactIs, Not, Or
from brightline.reason.clusters import Cluster, clusters
from brightline.reason.prove.oracle import Background, Literal, all_atoms

DRAWN = 131_072  # contacts a draw, of which those are kept that the constraints allow
AT_LEAST = 100_000
MOST_DRAWS = 40

Key = tuple[Atom, bool]  # a condition, as said or as it truly is


Held = dict[Expr, bool]  # conditions that are fixed


class Search:
    """Draws contacts over the conditions of some formulas. The same seed draws the same contacts."""

    def __init__(self, background: Background, exprs: Sequence[Expr], seed: int = 0) -> None:
        self.background = background
        self.constraints = background.constraints(exprs)
        self.atoms = all_atoms([*exprs, *self.constraints, *background.truth, *background.given])
        self.groups = clusters(self.atoms, background.vocabulary)
        self._random = np.random.default_rng(seed)
        self.full = (1 << DRAWN) - 1
        self._given: dict[Expr, bool] = {e: True for e in background.given}
        self._true: dict[Expr, bool] = {e: True for e in background.truth}
        self._mendable = self._alternatives()
        self._drawn: list[dict[Key, int]] = []

    def find(
        self,
        fixed: Iterable[Literal],
        assertions: Sequence[Expr | Literal],
        of_truth: Sequence[Expr | Literal] = (),
    ) -> tuple[bool, int]:
        """Whether some contact with the fixed conditions meets all assertions, and how many contacts were looked at."""
        held: Held = {x.atom: x.value for x in fixed}
        true: Held = {x.atom: x.value for x in of_truth if isinstance(x, Literal)}
        looked = 0
        for n in range(MOST_DRAWS):
            columns = self._with(n, held, true)
            rows = self._allowed(columns)
            looked += rows.bit_count()
            for assertion in assertions:
                rows &= self._rows(assertion, columns, False)
            for assertion in of_truth:
                rows &= self._rows(assertion, columns, True)
            if rows:
                return True, looked
            if looked >= AT_LEAST:
                break
        return False, looked

    def _with(self, n: int, held: Held, true: Held) -> dict[Key, int]:
        """The n-th draw, with the groups of fixed conditions drawn anew so that these hold."""
        while len(self._drawn) <= n:
            self._drawn.append(self._draw({}, {}, self.groups))
        touched = [
            g for g in self.groups if any(g.bits >> k & 1 for k, a in enumerate(self.atoms) if a in held or a in true)
        ]
        columns = self._drawn[n] | self._draw(held, true, touched)
        self._mend(columns, {**self._given, **held}, False)
        if self.background.stateable:
            self._mend(columns, {**self._true, **true}, True)
        return columns

    def _mend(self, columns: dict[Key, int], held: Held, truth: bool) -> None:
        """Make contacts that break a constraint keep it, by one yes/no condition that is free: fewer are drawn in vain."""
        for constraint, parts in self._mendable:
            broken = self.full ^ self._rows(constraint, columns, truth)
            atom, value = next((p for p in parts if p[0] not in held), (None, True))
            if broken and atom is not None:
                key = (atom, truth and self.background.splits(atom))
                columns[key] = columns[key] | broken if value else columns[key] & ~broken

    def _alternatives(self) -> list[tuple[Expr, list[Literal]]]:
        """Constraints that say one of several yes/no conditions holds, with these conditions."""
        alone = {g.facts[0] for g in self.groups if g.bits.bit_count() == 1}
        found = []
        for constraint in self.constraints:
            parts = constraint.parts if isinstance(constraint, Or) else (constraint,)
            plain = [x for x in (_yes_or_no(p) for p in parts) if x is not None]
            found.append((constraint, [x for x in plain if x.atom.fact in alone]))  # type: ignore[union-attr]
        return found

    def _draw(self, held: Held, true: Held, groups: Iterable[Cluster]) -> dict[Key, int]:
        columns: dict[Key, int] = {}
        two = bool(self.background.stateable)
        for group in groups:
            mine = [(1 << k, a) for k, a in enumerate(self.atoms) if group.bits >> k & 1]
            splits = any(self.background.splits(a) for _, a in mine)
            columns |= self._of_group(group, mine, {**self._given, **({} if two else self._true), **held}, False)
            if splits:
                columns |= self._of_group(group, mine, {**self._true, **true}, True)
        return columns

    def _of_group(self, group: Cluster, mine: list[tuple[int, Atom]], held: Held, truth: bool) -> dict[Key, int]:
        fits = [m for m in group.masks if all(held.get(a, bool(m & bit)) == bool(m & bit) for bit, a in mine)]
        if not fits:
            return {(a, truth): 0 for _, a in mine}
        if len(fits) == 1:
            return {(a, truth): self.full if fits[0] & bit else 0 for bit, a in mine}
        chosen = self._random.integers(0, len(fits), DRAWN)
        found = {}
        for bit, atom in mine:
            on = np.array([bool(m & bit) for m in fits])[chosen]
            found[(atom, truth)] = int.from_bytes(np.packbits(on, bitorder="little").tobytes(), "little")
        return found

    def _allowed(self, columns: dict[Key, int]) -> int:
        rows = self.full
        for truth in (False, True) if self.background.stateable else (False,):
            for constraint in self.constraints:
                rows &= self._rows(constraint, columns, truth)
        for given in self.background.given:
            rows &= self._rows(given, columns, False)
        for known in self.background.truth:
            rows &= self._rows(known, columns, bool(self.background.stateable))
        return rows

    def _rows(self, expr: Expr | Literal, columns: dict[Key, int], truth: bool) -> int:
        match expr:
            case Literal(atom, value):
                column = self._rows(atom, columns, truth)
                return column if value else self.full ^ column
            case Always(value):
                return self.full if value else 0
            case Not(part):
                return self.full ^ self._rows(part, columns, truth)
            case And(parts):
                rows = self.full
                for part in parts:
                    rows &= self._rows(part, columns, truth)
                return rows
            case Or(parts):
                rows = 0
                for part in parts:
                    rows |= self._rows(part, columns, truth)
                return rows
            case _:
                splits = truth and self.background.splits(expr)  # type: ignore[arg-type]
                return columns[(expr, splits)]  # type: ignore[index]


def _yes_or_no(part: Expr) -> Literal | None:
    """A condition on one yes/no fact, when it is one."""
    match part:
        case FactIs():
            return Literal(part, True)
        case Not(FactIs() as fact):
            return Literal(fact, False)
        case _:
            return None
