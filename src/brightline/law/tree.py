"""The tree of a norm: what every reading of the law (decide, audit, prove, …) reads.

Nodes are frozen and know nothing of files but their place (`at`), which does not count when two
trees are compared: two norms that say the same are equal wherever they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

Unit = Literal["days", "weeks", "months", "years", "hours"]
Operator = Literal["<", "<=", "=", ">=", ">"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: line and column count from 1; `length` is what a caret underlines."""

    file: str
    line: int
    column: int
    length: int = 1


NOWHERE = Place("", 0, 0)


class _Counted:
    """A condition with parts. It counts its hash once: the provers keep their answers by such trees."""

    __slots__ = ("_hash",)
    _hash: int

    def counted(self) -> int:
        try:
            return self._hash
        except AttributeError:
            fields = (getattr(self, name) for name in self.__match_args__ if name != "at")  # type: ignore[attr-defined]
            object.__setattr__(self, "_hash", hash((type(self).__name__, *fields)))
            return self._hash


@dataclass(frozen=True, slots=True)
class FactIs:
    """A yes/no fact, true when the fact is yes: `judicial_warrant_presented`."""

    fact: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A fact of a closed list has one of these values: `request is civil_detainer`, `in {a, b}`."""

    fact: str
    values: tuple[str, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A number against a threshold, in the fact's unit: `hold_hours at most 48 hours`."""

    fact: str
    op: Operator
    value: float
    unit: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CompareDate:
    """A date against a day: `signed_on before 2025-05-20` (`<` is before, `>=` is on or after)."""

    fact: str
    op: Operator
    value: date
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """A date in the N units before (after) another: `conviction_date within 5 years before arrest_date`.

    The near end counts, the far end does not: a judgment entered five years ago to the day is not
    within five years ("for at least five years", N.Y.C. Admin. Code § 14-154(a)(2)(ii)).
    """

    fact: str
    number: int
    unit: Unit
    direction: Literal["before", "after"]
    other: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Some(_Counted):
    """One record of a list satisfies the body: `some judgment with (…)`. Bodies do not nest."""

    record: str
    body: Expr
    at: Place = field(default=NOWHERE, compare=False)

    __hash__ = _Counted.counted


@dataclass(frozen=True, slots=True)
class ActionIs:
    """The action that is judged is one of these, or below one of them."""

    actions: tuple[str, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Defined:
    """A condition that a `define` block of the pack names."""

    name: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not(_Counted):
    part: Expr
    at: Place = field(default=NOWHERE, compare=False)

    __hash__ = _Counted.counted


@dataclass(frozen=True, slots=True)
class And(_Counted):
    parts: tuple[Expr, ...]
    at: Place = field(default=NOWHERE, compare=False)

    __hash__ = _Counted.counted


@dataclass(frozen=True, slots=True)
class Or(_Counted):
    parts: tuple[Expr, ...]
    at: Place = field(default=NOWHERE, compare=False)

    __hash__ = _Counted.counted


@dataclass(frozen=True, slots=True)
class Always:
    """A constant, left when a condition is settled by the action alone. Never written by hand."""

    value: bool
    at: Place = field(default=NOWHERE, compare=False)


Atom = FactIs | OneOf | Compare | CompareDate | Within | Some
Leaf = FactIs | OneOf | Compare | CompareDate | Within | ActionIs | Defined | Always
Expr = FactIs | OneOf | Compare | CompareDate | Within | Some | ActionIs | Defined | Not | And | Or | Always


@dataclass(frozen=True, slots=True)
class Exception_:
    """An exception, named by its own clause, with its own exceptions (`but not if`)."""

    label: str
    condition: Expr
    unless: tuple[Exception_, ...] = ()
    section: str = ""  # "pack/section" where the exception stands, when it is not the norm's own
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`within 14 days of request_received_on`: by when a required action is due."""

    number: int
    unit: Unit
    fact: str


@dataclass(frozen=True, slots=True)
class Span:
    """Time in force, half-open: from the first day, until the day on which it no longer holds."""

    start: date | None = None
    end: date | None = None

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def meets(self, other: Span) -> Span | None:
        """The time in which both hold, or None when they never do together."""
        start = max((s for s in (self.start, other.start) if s), default=None)
        end = min((e for e in (self.end, other.end) if e), default=None)
        return None if start and end and start >= end else Span(start, end)


@dataclass(frozen=True, slots=True)
class Norm:
    """One rule taken from one clause. `section` is "pack/section"; `span` is already inside the file's."""

    label: str
    modality: Literal["forbids", "requires"]
    actions: tuple[str, ...]
    actors: tuple[str, ...]
    section: str
    span: Span
    when: Expr | None = None
    unless: tuple[Exception_, ...] = ()
    deadline: Deadline | None = None
    reading: str | None = None  # "ambiguity.reading"
    yields_to: tuple[str, ...] = ()  # full ids of norms that prevail
    comments: tuple[str, ...] = field(default=(), compare=False)
    at: Place = field(default=NOWHERE, compare=False)

    @property
    def id(self) -> str:
        """`us-ny-nyc/14-154:b.1`, the name by which findings and other laws call this norm."""
        return f"{self.section}:{self.label}"


@dataclass(frozen=True, slots=True)
class Definition:
    """A named condition, usable in every norm of the pack."""

    name: str
    condition: Expr
    section: str
    span: Span
    reading: str | None = None
    comments: tuple[str, ...] = field(default=(), compare=False)
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Excepts:
    """An exception that stands in another clause, section or law than the norm it opens."""

    label: str
    targets: tuple[str, ...]
    condition: Expr
    unless: tuple[Exception_, ...]
    section: str
    span: Span
    reading: str | None = None
    comments: tuple[str, ...] = field(default=(), compare=False)
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A reform's change to a norm of another pack, or to one of its exceptions.

    A norm is replaced, repealed, or given an exception (`add`); an exception is repealed, given a new condition
    (`reword`), or an exception of its own (`narrow`).
    """

    target: str  # the full id of a norm, or of the clause in which an exception stands
    change: Literal["replace", "repeal", "add", "narrow", "reword"]
    norm: Norm | None
    exception: Exception_ | None
    section: str
    span: Span
    condition: Expr | None = None  # of a reworded exception
    comments: tuple[str, ...] = field(default=(), compare=False)
    at: Place = field(default=NOWHERE, compare=False)


Statement = Norm | Definition | Excepts | Amendment


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of a node."""
    match expr:
        case And(parts) | Or(parts):
            return parts
        case Not(part):
            return (part,)
        case Some(_, body):
            return (body,)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of the tree, parents first, in the order of the text."""
    yield expr
    for part in children(expr):
        yield from walk(part)


def rewrite(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The tree with `change` applied to every node, leaves first."""
    match expr:
        case And(parts):
            return change(replace(expr, parts=tuple(rewrite(p, change) for p in parts)))
        case Or(parts):
            return change(replace(expr, parts=tuple(rewrite(p, change) for p in parts)))
        case Not(part):
            return change(replace(expr, part=rewrite(part, change)))
        case Some(_, body):
            return change(replace(expr, body=rewrite(body, change)))
        case _:
            return change(expr)


def exceptions(unless: tuple[Exception_, ...]) -> Iterator[Exception_]:
    """Every exception and exception to an exception, outermost first."""
    for exception in unless:
        yield exception
        yield from exceptions(exception.unless)


def conditions(norm: Norm) -> Iterator[Expr]:
    """The `when` of a norm and the condition of each of its exceptions."""
    if norm.when is not None:
        yield norm.when
    for exception in exceptions(norm.unless):
        yield exception.condition


def cite(citation: str, label: str) -> str:
    """A label as lawyers cite it: `cite("… § 14-154", "b.1.i-ii")` is `… § 14-154(b)(1)(i)-(ii)`.

    A part of several letters (`b.2-proviso`, `a.friendly`) is a word of ours and is set off by a comma.
    """
    marks, words = "", []
    for piece in label.split("."):
        for n, part in enumerate(piece.split("-")):
            roman = part.strip("ivxlcdm") == ""
            if len(part) > 2 and not part.isdigit() and not roman:
                words.append(part.replace("_", " "))
            else:
                marks += ("-" if n else "") + f"({part})"
    return citation + marks + "".join(f", {word}" for word in words)
