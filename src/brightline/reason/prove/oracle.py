"""What a question to a solver is, and what it answers. Two solvers answer: `smt` (z3) and `table`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, Protocol

from brightline.law.tree import And, Atom, Expr, FactIs, Not, Or, rewrite
from brightline.law.vocabulary import Constraint, Vocabulary
from brightline.reason.form import all_constraints, connected
from brightline.reason.ground import NO, YES, both, either, negation
from brightline.reason.truth import atoms, facts_of


class Literal(NamedTuple):
    """A condition on facts, and whether it holds."""

    atom: Atom
    value: bool

    @property
    def expr(self) -> Expr:
        return self.atom if self.value else negation(self.atom)

    @property
    def opposite(self) -> Literal:
        return Literal(self.atom, not self.value)


Way = frozenset[Literal]
Asked = tuple[Sequence[Expr | Literal], Sequence[Expr | Literal]]  # of what is said, and of what is true


@dataclass(frozen=True)
class Background:
    """What is taken as given: the vocabulary's constraints, what is true, and which facts may be said falsely.

    Where `stateable` is not empty every one of these facts has two values: the one that was said, which the norm
    sees, and the true one. `truth` speaks of the true values.
    """

    vocabulary: Vocabulary = field(compare=False)
    truth: tuple[Expr, ...] = ()
    stateable: frozenset[str] = frozenset()
    given: tuple[Expr, ...] = ()  # what is given of the values that the norm sees
    bare: bool = (
        False  # nothing is taken as given: constraints and truth come as assertions, so that a proof names them
    )

    _words: int = 0  # which vocabulary: another one has other constraints, and is another background

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", id(self.vocabulary))

    def splits(self, atom: Atom) -> bool:
        """Whether what is said of this condition may differ from what is true."""
        return bool(self.stateable & set(facts_of(atom)))

    def constraints(self, exprs: Iterable[Expr]) -> tuple[Expr, ...]:
        """The constraints that bear on these conditions, directly or through one another."""
        if self.bare:
            return ()
        return tuple(connected([*exprs, *self.truth, *self.given], all_constraints(self.vocabulary)))


class Answer(NamedTuple):
    """`holds` is None when the solver gave up: nothing is proven then, either way."""

    holds: bool | None
    model: Mapping[Atom, bool] = MappingProxyType({})  # the conditions as the norm sees them
    true_model: Mapping[Atom, bool] = MappingProxyType({})  # the conditions as they truly are
    core: tuple[int, ...] = ()  # which of the assertions cannot stand together, when `holds` is False


class GaveUp(Exception):
    """The solver reached its time limit, or the question is too large for it."""


class Oracle(Protocol):
    """Answers whether conditions can hold together, on the given background."""

    background: Background

    def ask(self, assertions: Sequence[Expr | Literal], of_truth: Sequence[Expr | Literal] = ()) -> Answer:
        """Whether all of these can hold at once; `of_truth` speaks of the true values. Never raises on a time-out."""
        ...

    def ways(self, goal: Expr, most: int, beside: Asked = ((), ())) -> tuple[list[Way], bool]:
        """The smallest sets of conditions that make the goal certain, and whether these are all."""
        ...


def in_order(way: Iterable[Literal]) -> list[Literal]:
    """The conditions of a way in one order. A set has another in each run, and a solver's proof follows the order."""
    return sorted(way, key=_rank)


@cache
def _rank(x: Literal) -> str:
    return repr(x)


def size_of(way: Way) -> tuple[int, list[str]]:
    """Sorts ways: the smallest first, and always in the same order."""
    return len(way), sorted(map(_rank, way))


def constraints_on(vocabulary: Vocabulary, exprs: Iterable[Expr]) -> tuple[Constraint, ...]:
    """The vocabulary's constraints, with their words, that bear on these conditions."""
    bearing = connected(list(exprs), all_constraints(vocabulary))
    return tuple(c for c in vocabulary.constraints if c.condition in bearing)


def knowing(expr: Expr, known: Iterable[Literal]) -> Expr:
    """What is left of a condition when these are known."""
    values = {x.atom: x.value for x in known}

    def change(node: Expr) -> Expr:
        match node:
            case And(parts):
                return both(*parts)
            case Or(parts):
                return either(parts)
            case Not(part):
                return negation(part)
            case _:
                return (YES if values[node] else NO) if node in values else node

    return rewrite(expr, change)


def all_atoms(exprs: Iterable[Expr]) -> list[Atom]:
    """Every condition on facts in these trees, each once, in order."""
    return list(dict.fromkeys(a for e in exprs for a in atoms(e)))


def fact(name: str, value: bool = True) -> Literal:
    return Literal(FactIs(name), value)
