"""Statements -> their canonical text. Printing and reading back gives the same tree (tested by property)."""

from __future__ import annotations

from brightline.law.cursor import Cursor
from brightline.law.markdown import read
from brightline.law.parse import statements
from brightline.law.problems import LawError
from brightline.law.tree import (
    ActionIs,
    Amendment,
    And,
    Compare,
    CompareDate,
    Defined,
    Definition,
    Exception_,
    Excepts,
    Expr,
    FactIs,
    Norm,
    Not,
    OneOf,
    Or,
    Some,
    Span,
    Statement,
    Within,
)

WIDTH = 100
_SIGNS = {"<": "less than", "<=": "at most", "=": "=", ">=": "at least", ">": "more than"}
_DATE_SIGNS = {"<": "before", "<=": "on or before", "=": "on", ">=": "on or after", ">": "after"}


def format_page(text: str, file: str = "") -> str:
    """A literate file with each of its `norm` blocks in canonical form; all other text is untouched.

    Raises LawError when a block cannot be read: a file with mistakes is never rewritten.
    """
    page = read(text, file)
    problems = list(page.problems)
    lines = text.split("\n")
    for block in reversed([b for b in page.blocks if b.kind == "norm"]):
        cursor = Cursor(block.text, file, block.line)
        found = statements(cursor, "", Span())
        problems += cursor.problems
        kept = {c for s in found for c in s.comments}
        tail = [f"# {c.text}" for c in cursor.comments if c.text not in kept]
        printed = "\n\n".join(format_statement(s) for s in found)
        new = "\n".join(part for part in (printed, *tail) if part)
        lines[block.line - 1 : block.line - 1 + len(block.text.split("\n"))] = new.split("\n")
    if problems:
        raise LawError(problems)
    return "\n".join(lines)


def format_statement(statement: Statement) -> str:
    """The canonical text of one statement, its comments above it."""
    lines = [f"# {c}" for c in statement.comments]
    match statement:
        case Norm():
            lines += _norm(statement, "")
        case Definition():
            lines += _definition(statement)
        case Excepts():
            targets = ", ".join(_local(t) for t in statement.targets)
            lines.append(f"{statement.label} excepts {targets}")
            lines += _times(statement.span, statement.reading)
            lines += _laid_out("  when ", statement.condition)
            for e in statement.unless:
                lines += _exception(e, "  ", "but not if")
        case Amendment():
            lines += _amendment(statement)
    return "\n".join(lines)


def _local(id: str) -> str:
    """A label as it was written: a page is printed without knowing its own section's name."""
    return id.removeprefix(":").removeprefix("/")


def _norm(norm: Norm, opening: str) -> list[str]:
    lines = [f"{opening}{norm.label} {norm.modality} {', '.join(norm.actions)} by {', '.join(norm.actors)}"]
    if norm.deadline:
        lines.append(f"  within {norm.deadline.number} {norm.deadline.unit} of {norm.deadline.fact}")
    lines += _times(norm.span, norm.reading)
    if norm.when is not None:
        lines += _laid_out("  when ", norm.when)
    for e in norm.unless:
        lines += _exception(e, "  ", "unless")
    if norm.yields_to:
        lines.append(f"  yields to {', '.join(_local(y) for y in norm.yields_to)}")
    return lines


def _definition(definition: Definition) -> list[str]:
    span = "".join(
        f" {word} {day}" for word, day in (("from", definition.span.start), ("until", definition.span.end)) if day
    )
    reading = f" reading {definition.reading}" if definition.reading else ""
    return [f"define {definition.name}{span}{reading} means", *_laid_out("  ", definition.condition)]


def _amendment(a: Amendment) -> list[str]:
    opening = f"amends {_local(a.target)}:"
    if a.norm is not None:
        return [f"{opening} replace", *(f"  {line}" for line in _norm(a.norm, ""))]
    times = _times(a.span, None)
    if a.exception is not None:
        word = "unless" if a.change == "add" else "but not if"
        return [f"{opening} add", *_exception(a.exception, "  ", word), *times]
    if a.condition is not None:
        return [f"{opening} replace with", *_laid_out("  ", a.condition), *times]
    return [f"{opening} repeal", *times]


def _times(span: Span, reading: str | None) -> list[str]:
    lines = [f"  from {span.start}"] if span.start else []
    lines += [f"  until {span.end}"] if span.end else []
    return lines + ([f"  reading {reading}"] if reading else [])


def _exception(e: Exception_, indent: str, opening: str) -> list[str]:
    lines = _laid_out(f"{indent}{opening} {e.label} ", e.condition)
    for inner in e.unless:
        lines += _exception(inner, indent + "  ", "but not if")
    return lines


def _laid_out(opening: str, expr: Expr, closing: str = "") -> list[str]:
    """The condition on one line where it fits, else one part a line, aligned under the first."""
    whole = opening + format_expression(expr) + closing
    if len(whole) <= WIDTH:
        return [whole]
    match expr:
        case Some(record, body):
            return _laid_out(f"{opening}some {record} with (", body, f"){closing}")
        case Not(Some(record, body)):
            return _laid_out(f"{opening}no {record} with (", body, f"){closing}")
        case And(parts) | Or(parts):
            joint = "and" if isinstance(expr, And) else "or"
            margin = " " * len(opening)
            first, *rest = (format_expression(p, inside=True) for p in parts)
            lines = [opening + first, *(f"{margin}{joint} {part}" for part in rest)]
            return [*lines[:-1], lines[-1] + closing]
        case _:
            return [whole]


def format_expression(expr: Expr, inside: bool = False) -> str:
    """The canonical text of a condition; `inside` another one, an `and` or `or` stands in brackets."""
    match expr:
        case FactIs(name) | Defined(name):
            return name
        case OneOf(fact, (value,)):
            return f"{fact} is {value}"
        case OneOf(fact, values):
            return f"{fact} in {{{', '.join(values)}}}"
        case ActionIs((action,)):
            return f"action is {action}"
        case ActionIs(actions):
            return f"action in {{{', '.join(actions)}}}"
        case Compare(fact, op, value, unit):
            return f"{fact} {_SIGNS[op]} {value:g}{' ' + unit if unit else ''}"
        case CompareDate(fact, op, day):
            return f"{fact} {_DATE_SIGNS[op]} {day}"
        case Within(fact, number, unit, direction, other):
            return f"{fact} within {number} {unit} {direction} {other}"
        case Some(record, body):
            return f"some {record} with ({format_expression(body)})"
        case Not(Some(record, body)):
            return f"no {record} with ({format_expression(body)})"
        case Not(ActionIs((action,))):
            return f"action is not {action}"
        case Not(ActionIs(actions)):
            return f"action not in {{{', '.join(actions)}}}"
        case Not(OneOf(fact, (value,))):
            return f"{fact} is not {value}"
        case Not(OneOf(fact, values)):
            return f"{fact} not in {{{', '.join(values)}}}"
        case Not(part):
            return f"not {format_expression(part, inside=True)}"
        case And(parts):
            text = " and ".join(format_expression(p, inside=True) for p in parts)
        case Or(parts):
            text = " or ".join(format_expression(p, inside=True) for p in parts)
        case _:
            return "always" if expr.value else "never"
    return f"({text})" if inside else text
