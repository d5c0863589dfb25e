"""Names to meanings: defined conditions, and exceptions that stand elsewhere than the norm they open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from brightline.law.tree import (
    Amendment,
    Defined,
    Definition,
    Exception_,
    Excepts,
    Expr,
    FactIs,
    Norm,
    Span,
    Statement,
    rewrite,
)


def resolve_names(statement: Statement, defined: set[str]) -> Statement:
    """The statement, with every yes/no name that a `define` block declares turned into a reference to it."""

    def change(node: Expr) -> Expr:
        return Defined(node.fact, node.at) if isinstance(node, FactIs) and node.fact in defined else node

    return map_conditions(statement, lambda e: rewrite(e, change))


def map_conditions(statement: Statement, change: Callable[[Expr], Expr]) -> Statement:
    """The statement with `change` applied to each of its conditions."""

    def exception(e: Exception_) -> Exception_:
        return replace(e, condition=change(e.condition), unless=tuple(exception(u) for u in e.unless))

    match statement:
        case Norm():
            when = change(statement.when) if statement.when is not None else None
            return replace(statement, when=when, unless=tuple(exception(u) for u in statement.unless))
        case Definition():
            return replace(statement, condition=change(statement.condition))
        case Excepts():
            return replace(
                statement, condition=change(statement.condition), unless=tuple(exception(u) for u in statement.unless)
            )
        case Amendment():
            norm = map_conditions(statement.norm, change) if statement.norm else None
            assert norm is None or isinstance(norm, Norm)
            added = exception(statement.exception) if statement.exception else None
            new = change(statement.condition) if statement.condition is not None else None
            return replace(statement, norm=norm, exception=added, condition=new)


def attach(statement: Statement, excepts: Iterable[Excepts]) -> list[Statement]:
    """A norm with the exceptions that other clauses give it; split in time where they come or go.

    An exception of a named reading splits the norm by reading only when the norm has none of its own;
    it is otherwise part of the reading that both share.
    """
    if not isinstance(statement, Norm):
        return [statement]
    pieces = [statement]
    for extra in excepts:
        if statement.id not in extra.targets:
            continue
        pieces = [piece for norm in pieces for piece in _open(norm, extra)]
    return list(pieces)


def _open(norm: Norm, extra: Excepts) -> list[Norm]:
    both = norm.span.meets(extra.span)
    if both is None:
        return [norm]
    exception = Exception_(extra.label, extra.condition, extra.unless, extra.section, at=extra.at)
    opened = replace(norm, span=both, unless=(*norm.unless, exception))
    pieces = [opened]
    if extra.reading is not None and norm.reading is None:
        ambiguity = extra.reading.partition(".")[0]
        opened = replace(opened, reading=extra.reading)
        pieces = [opened, replace(norm, span=both, reading=f"{ambiguity}.!{extra.reading.partition('.')[2]}")]
    elif extra.reading is not None and extra.reading != norm.reading:
        return [norm]
    if norm.span.start != both.start and both.start is not None:
        pieces.insert(0, replace(norm, span=Span(norm.span.start, both.start)))
    if norm.span.end != both.end and both.end is not None:
        pieces.append(replace(norm, span=Span(both.end, norm.span.end)))
    return pieces
