"""Conditions -> column expressions that keep three values on every engine.

Only the operators whose treatment of nulls is the same everywhere, and Kleene's, are emitted: column, non-null
literal, the six comparisons, `is_in` over a non-empty list without nulls, `&`, `|`, `~`, `is_null`. No `when`, no
horizontal functions, no null literals (each loses the third value on some engine). `tests/reason/test_nulls.py`
runs all nine pairs of truth values on each engine, so that an upgrade cannot change the logic silently.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from brightline.law.tree import (
    Always,
    And,
    Atom,
    Compare,
    CompareDate,
    Expr,
    FactIs,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from brightline.reason.truth import OPERATORS, UNIT_STEP, facts_of

Rails = tuple[nw.Expr | bool, nw.Expr | bool]  # certainly true, certainly false; never null


@dataclass(frozen=True)
class Columns:
    """The columns that a frame has. A fact without a column is unknown in every row."""

    names: frozenset[str]

    @staticmethod
    def of(names: Collection[str]) -> Columns:
        return Columns(frozenset(names))

    def has(self, atom: Atom) -> bool:
        """Whether some row of the frame can know this condition."""
        if isinstance(atom, Some):
            return f"{atom.record}__count" in self.names
        return all(f in self.names for f in facts_of(atom))

    # --- direct: a nullable boolean column, null is unknown -----------------------------------------

    def truth(self, expr: Expr) -> nw.Expr:
        """The condition as one nullable column. Every condition in it must have a column (see `rails`)."""
        match expr:
            case Not(part):
                return ~self.truth(part)
            case And(parts):
                return functools.reduce(operator.and_, [self.truth(p) for p in parts])
            case Or(parts):
                return functools.reduce(operator.or_, [self.truth(p) for p in parts])
            case Some(record, body):
                return self._some(record, body)
            case FactIs() | OneOf() | Compare() | CompareDate() | Within():
                return self._leaf(expr, "")
            case _:
                raise TypeError(f"{type(expr).__name__} has no column")

    def _leaf(self, atom: FactIs | OneOf | Compare | CompareDate | Within, prefix: str) -> nw.Expr:
        column = nw.col(prefix + atom.fact)
        match atom:
            case FactIs():
                return column
            case OneOf(_, (value,)):
                return column == value
            case OneOf(_, values):
                return column.is_in(list(values))
            case Compare(_, op, value) | CompareDate(_, op, value):
                compare: Any = OPERATORS[op]
                return compare(column, value)  # type: ignore[no-any-return]
            case Within(_, number, unit, direction, other):
                early, late = (column, nw.col(other)) if direction == "before" else (nw.col(other), column)
                far = calendar_key(early, unit) > calendar_key(late, unit) - number * UNIT_STEP[unit]
                return (early <= late) & far

    def slots(self, record: str) -> int:
        """How many records of this list a row of the frame can hold."""
        count = 0
        while any(name.startswith(f"{record}__{count + 1}__") for name in self.names):
            count += 1
        return count

    def _some(self, record: str, body: Expr) -> nw.Expr:
        """One of the records in the row's slots satisfies the body, or there may be more records.

        `RECORD__count` is never null; `RECORD__more` is null where the list may hold more, else false.
        """
        found: nw.Expr = nw.col(f"{record}__more")
        for n in range(1, self.slots(record) + 1):
            inside = self._body(body, f"{record}__{n}__")
            if inside is not None:
                found = found | ((nw.col(f"{record}__count") >= n) & inside)
        return found

    def _body(self, body: Expr, prefix: str) -> nw.Expr | None:
        match body:
            case Not(part):
                inside = self._body(part, prefix)
                return None if inside is None else ~inside
            case And(parts) | Or(parts):
                joint = operator.and_ if isinstance(body, And) else operator.or_
                known = [self._body(p, prefix) for p in parts]
                return functools.reduce(joint, [k for k in known if k is not None])
            case FactIs() | OneOf() | Compare() | CompareDate() | Within():
                return self._leaf(body, prefix)
            case _:
                return None

    # --- rails: two columns without nulls ------------------------------------------------------------

    def rails(self, expr: Expr) -> Rails:
        """Whether the condition is certainly true, and certainly false: null-free columns, or constants."""
        match expr:
            case Always(value):
                return value, not value
            case Not(part):
                yes, no = self.rails(part)
                return no, yes
            case And(parts):
                pairs = [self.rails(p) for p in parts]
                return _all([y for y, _ in pairs]), _any([n for _, n in pairs])
            case Or(parts):
                pairs = [self.rails(p) for p in parts]
                return _any([y for y, _ in pairs]), _all([n for _, n in pairs])
            case FactIs() | OneOf() | Compare() | CompareDate() | Within() | Some():
                if not self.has(expr):
                    return False, False
                known = self.truth(expr)
                return known & ~known.is_null(), ~known & ~known.is_null()
            case _:
                raise TypeError(f"{type(expr).__name__} has no column")


def calendar_key(day: nw.Expr, unit: str) -> nw.Expr:
    """`truth.calendar_key`, on a column."""
    year = day.dt.year().cast(nw.Int64)
    if unit in ("days", "weeks"):
        return day_number(day)
    month, number = day.dt.month().cast(nw.Int64), day.dt.day().cast(nw.Int64)
    if unit == "years":
        return year * 10_000 + month * 100 + number
    return (year * 12 + month) * 100 + number


def day_number(day: nw.Expr) -> nw.Expr:
    """The number of a day, one more each day, by whole-number arithmetic that every engine has.

    Fliegel and Van Flandern's formula (Communications of the ACM 11, 1968, p. 657), rearranged so that
    no division meets a negative number: years begin in March.
    """
    year = day.dt.year().cast(nw.Int64)
    month = day.dt.month().cast(nw.Int64)
    early = (month <= 2).cast(nw.Int64)
    y, m = year - early, month + 12 * early - 3
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day.dt.day().cast(nw.Int64)


def _all(parts: Sequence[nw.Expr | bool]) -> nw.Expr | bool:
    if any(p is False for p in parts):
        return False
    kept = [p for p in parts if not isinstance(p, bool)]
    return functools.reduce(operator.and_, kept) if kept else True


def _any(parts: Sequence[nw.Expr | bool]) -> nw.Expr | bool:
    if any(p is True for p in parts):
        return True
    kept = [p for p in parts if not isinstance(p, bool)]
    return functools.reduce(operator.or_, kept) if kept else False
