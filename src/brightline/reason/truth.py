"""Three-valued truth of a condition: Kleene's tables, on one contact's facts.

True, False and None (unknown). This is the plain evaluator against which every faster engine is tested.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    walk,
)

Truth = bool | None
Facts = Mapping[str, Any]  # fact -> value, absent or None when unknown; record list -> Records

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Records:
    """A list of records, and whether it is known to be complete."""

    known: tuple[Mapping[str, Any], ...] = ()
    complete: bool = False


def evaluate(expr: Expr, facts: Facts, override: Mapping[int, Truth] | None = None) -> Truth:
    """The truth of a condition. `override` sets single nodes, by id: how tests ask what a condition changes."""
    if override is not None and id(expr) in override:
        return override[id(expr)]
    match expr:
        case Always(value):
            return value
        case Not(part):
            inner = evaluate(part, facts, override)
            return None if inner is None else not inner
        case And(parts):
            return _all([evaluate(p, facts, override) for p in parts])
        case Or(parts):
            return _any([evaluate(p, facts, override) for p in parts])
        case Some(record, body):
            return _some(body, facts.get(record), facts, override)
        case FactIs() | OneOf() | Compare() | CompareDate() | Within():
            return leaf(expr, facts)
        case _:
            raise TypeError(f"{type(expr).__name__} is not ground")


def leaf(expr: FactIs | OneOf | Compare | CompareDate | Within, facts: Facts) -> Truth:
    """The truth of a condition on one fact (or two dates)."""
    value = facts.get(expr.fact)
    if value is None:
        return None
    match expr:
        case FactIs():
            return bool(value)
        case OneOf(_, values):
            return value in values
        case Compare(_, op, threshold):
            return OPERATORS[op](value, threshold)
        case CompareDate(_, op, day):
            return OPERATORS[op](value, day)
        case Within(_, number, unit, direction, other):
            second = facts.get(other)
            return None if second is None else within(value, number, unit, direction, second)


def within(day: date, number: int, unit: str, direction: str, other: date) -> bool:
    """Whether `day` lies in the `number` units before (after) `other`; the near end counts, the far end does not."""
    early, late = (day, other) if direction == "before" else (other, day)
    if early > late:
        return False
    return calendar_key(early, unit) > calendar_key(late, unit) - number * UNIT_STEP[unit]


UNIT_STEP = {"days": 1, "weeks": 7, "months": 100, "years": 10_000}


def calendar_key(day: date, unit: str) -> int:
    """A whole number in which one unit is always the same step: so "five years before" needs no calendar.

    Months and years are compared by their figures (month and day), so that five years before 28 February 2017
    ends after 28 February 2012 and the 29th still counts.
    """
    if unit == "years":
        return day.year * 10_000 + day.month * 100 + day.day
    if unit == "months":
        return (day.year * 12 + day.month) * 100 + day.day
    return day.toordinal()


def _some(body: Expr, records: Records | None, facts: Facts, override: Mapping[int, Truth] | None) -> Truth:
    if records is None:
        return None
    found = [evaluate(body, _Layered(record, facts), override) for record in records.known]
    return _any(found if records.complete else [*found, None])


class _Layered(dict[str, Any]):
    """A record's fields, with the contact's own dates behind them."""

    def __init__(self, record: Mapping[str, Any], facts: Facts) -> None:
        super().__init__(record)
        self._facts = facts

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else self._facts.get(key, default)


def _all(values: list[Truth]) -> Truth:
    return False if False in values else None if None in values else True


def _any(values: list[Truth]) -> Truth:
    return True if True in values else None if None in values else False


def facts_of(expr: Expr) -> tuple[str, ...]:
    """The facts of the contact (and record lists) that a condition speaks of, in order, each once."""
    found: dict[str, None] = {}

    def add(node: Expr, inside: bool) -> None:
        match node:
            case And(parts) | Or(parts):
                for part in parts:
                    add(part, inside)
            case Not(part):
                add(part, inside)
            case Some(record, body):
                found[record] = None
                add(body, True)
            case Within(fact, _, _, _, other):
                if not inside:
                    found[fact] = None
                found[other] = None
            case FactIs(fact) | OneOf(fact) | Compare(fact) | CompareDate(fact):
                if not inside:
                    found[fact] = None
            case _:
                pass

    add(expr, False)
    return tuple(found)


def atoms(expr: Expr) -> list[Atom]:
    """The conditions on facts in a ground tree, outermost first; a list of records is one atom."""
    match expr:
        case Some():
            return [expr]
        case And(parts) | Or(parts):
            return [a for p in parts for a in atoms(p)]
        case Not(part):
            return atoms(part)
        case FactIs() | OneOf() | Compare() | CompareDate() | Within():
            return [expr]
        case _:
            return []


__all__ = ["Facts", "Records", "Truth", "atoms", "calendar_key", "evaluate", "facts_of", "leaf", "walk", "within"]
