"""Tokens of a `norm` block -> statements. Recursive descent; every mistake gets a place and a remedy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, get_args

from brightline.law.cursor import Cursor, Wrong
from brightline.law.lex import Token
from brightline.law.tree import (
    ActionIs,
    Amendment,
    And,
    Compare,
    CompareDate,
    Deadline,
    Definition,
    Exception_,
    Excepts,
    Expr,
    FactIs,
    Norm,
    Not,
    OneOf,
    Operator,
    Or,
    Some,
    Span,
    Statement,
    Unit,
    Within,
)

KEYWORDS = frozenset(
    [
        "forbids",
        "requires",
        "excepts",
        "define",
        "means",
        "amends",
        "by",
        "when",
        "unless",
        "but",
        "from",
        "until",
        "reading",
        "yields",
        "to",
        "and",
        "or",
        "not",
        "is",
        "in",
        "some",
        "no",
        "with",
        "within",
        "before",
        "after",
        "at",
        "most",
        "least",
        "less",
        "more",
        "than",
        "on",
    ]
)
_CLAUSES = ("when", "unless", "from", "until", "reading", "yields", "but", "by", "within")
_UNITS: dict[str, Unit] = {u: u for u in get_args(Unit)} | {u[:-1]: u for u in get_args(Unit)}
_WORD_OPERATORS: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("at", "most"), "<="),
    (("at", "least"), ">="),
    (("less", "than"), "<"),
    (("more", "than"), ">"),
)
_DATE_WORDS: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("on", "or", "before"), "<="),
    (("on", "or", "after"), ">="),
    (("before",), "<"),
    (("after",), ">"),
    (("on",), "="),
)


def statements(cursor: Cursor, section: str, span: Span) -> list[Statement]:
    """The statements of one block, inside the section and the file's time in force.

    Mistakes are collected in `cursor.problems`; what could be read is returned beside them.
    """
    found: list[Statement] = []
    last_line = 0
    while not cursor.done:
        try:
            statement = _statement(cursor, section, span)
        except Wrong:
            cursor.to_next_statement()
            continue
        if not _at_end(cursor):
            _leftover(cursor)
            cursor.to_next_statement()
        end = cursor.last.line
        found.append(replace(statement, comments=cursor.comments_within(last_line + 1, end)))
        last_line = end
    return found


def _leftover(c: Cursor) -> None:
    """Something stands where a statement should have ended: say which joint is missing."""
    token = c.next
    if token.text in ("AND", "OR", "NOT", "&&", "||", "&", "|", "!"):
        raise_small(c, token)
        return
    if token.text == ")":
        c.problem(token.place, "this bracket closes nothing", "delete it, or add the bracket that opens")
        return
    if (token.kind == "word" and token.text not in KEYWORDS) or token.text in ("(", "not", "some", "no"):
        c.problem(
            token.place,
            "two conditions stand side by side",
            "join them with `and` or `or`",
        )
        return
    if token.text in ("and", "or"):
        c.problem(token.place, f"`{token.text}` joins nothing here")
        return
    c.problem(token.place, f"`{token.text}` does not belong here", "expected " + ", ".join(f"`{k}`" for k in _CLAUSES))


def raise_small(c: Cursor, token: Token) -> None:
    right = {"AND": "and", "&&": "and", "&": "and", "OR": "or", "||": "or", "|": "or", "NOT": "not", "!": "not"}
    word = right[token.text]
    if token.text.isalpha():
        c.problem(token.place, f"`{token.text}` must be written in small letters", f"write `{word}`")
    else:
        c.problem(token.place, f"`{token.text}` is no word of this language", f"write `{word}`")


def _statement(c: Cursor, section: str, span: Span) -> Statement:
    if c.sees("define"):
        return _definition(c, section, span)
    if c.sees("amends"):
        return _amendment(c, section, span)
    if c.next.text == "(":
        raise c.wrong(c.next, "a label is written with dots", "write `b.1.i` for (b)(1)(i)")
    label = c.label("the label of a clause, such as `b.1`, or `define`")
    verb = c.next
    match verb.text:
        case "forbids" | "requires":
            return _norm(c, label, section, span)
        case "excepts":
            return _excepts(c, label, section, span)
    known = ["forbids", "requires", "excepts", "define", "amends"]
    raise c.unknown_word(verb, "verb of a norm", known)


@dataclass
class _Lines:
    """The lines that may follow a statement's first, in any order."""

    span: Span
    when: Expr | None = None
    unless: tuple[Exception_, ...] = ()
    reading: str | None = None
    yields_to: tuple[str, ...] = ()
    deadline: Deadline | None = None


def _times_only(c: Cursor, section: str, span: Span) -> Span:
    """The `from` and `until` that may follow an amendment; any other line would be lost, and is an error."""
    start = c.next
    lines = _lines(c, section, span, norm=False)
    if lines.when is not None or lines.unless or lines.reading is not None or lines.yields_to:
        c.problem(
            start.place,
            "an amendment has no conditions of its own: only `from` and `until` may follow it",
            "put the condition into the exception or the norm that it brings",
        )
    return lines.span


def _norm(c: Cursor, label: Token, section: str, span: Span) -> Norm:
    modality = "forbids" if c.take().text == "forbids" else "requires"
    actions = tuple(t.text for t in c.names("an action"))
    if not c.skip("by"):
        raise c.wrong(
            c.next,
            f"who must not do it? expected `by`, but found `{c.next.text or 'the end'}`",
            "add `by` and the actor, as in `by nypd`",
        )
    actors = tuple(t.text for t in c.names("an actor"))
    lines = _lines(c, section, span, norm=True)
    return Norm(
        label.text,
        "forbids" if modality == "forbids" else "requires",
        actions,
        actors,
        section,
        lines.span,
        lines.when,
        lines.unless,
        lines.deadline,
        lines.reading,
        lines.yields_to,
        at=label.place,
    )


def _excepts(c: Cursor, label: Token, section: str, span: Span) -> Excepts:
    c.take()
    targets = tuple(qualify(t.text, section) for t in c.labels("the label of a norm"))
    lines = _lines(c, section, span, norm=False)
    if lines.when is None:
        raise c.wrong(label, f"the exception {label.text} never says when it holds", "add `when` and the condition")
    return Excepts(label.text, targets, lines.when, lines.unless, section, lines.span, lines.reading, at=label.place)


def _lines(c: Cursor, section: str, span: Span, norm: bool) -> _Lines:
    found = _Lines(span)
    start, end = None, None
    while not _at_end(c):
        token = c.next
        try:
            if c.skip("from"):
                start = c.day("the first day in force")
            elif c.skip("until"):
                end = c.day("the day on which it ends")
            elif not _line(c, found, section, norm):
                return found
            if not _at_end(c) and not c.next.first and not c.sees("until"):
                _leftover(c)
                raise Wrong
        except Wrong:  # the mistake is noted: go on with the next line, to report its mistakes too
            if c.next is token or not c.next.first:
                c.to_next_line()
    if start or end:
        met = span.meets(Span(start, end))
        if met is None or (start and end and start >= end):
            c.problem(c.last, "this time in force is empty, or lies outside the file's")
        else:
            found.span = met
    return found


def _at_end(c: Cursor) -> bool:
    return c.done or (c.next.first and c.next.indent == 0)


def _line(c: Cursor, found: _Lines, section: str, norm: bool) -> bool:
    """Read one line of a statement into `found`; False when the next word begins none."""
    token = c.next
    if c.skip("reading"):
        found.reading = _reading(c)
    elif c.skip("yields", "to"):
        found.yields_to = tuple(qualify(t.text, section) for t in c.labels("the label of a norm"))
    elif norm and c.skip("within"):
        found.deadline = _deadline(c)
    elif c.skip("when"):
        if found.when is not None:
            raise c.wrong(token, "this norm has two `when` lines", "join them with `and`")
        found.when = expression(c)
    elif c.skip("unless"):
        found.unless += (_exception(c, token),)
    elif c.sees("but", "not", "if"):
        if norm or found.when is None:
            raise c.wrong(token, "`but not if` follows the exception that it takes back", "put `unless` before it")
        c.skip("but", "not", "if")
        found.unless += (_exception(c, token),)
    else:
        return False
    return True


def _reading(c: Cursor) -> str:
    token = c.word("a reading, as `ambiguity.reading`")
    if token.text.count(".") != 1:
        raise c.wrong(
            token,
            f"`{token.text}` does not name a reading",
            "write the ambiguity and the reading with a dot between, as in `primary_purpose.of_arrangement`",
        )
    return token.text


def _deadline(c: Cursor) -> Deadline:
    number = int(c.number("a number of days"))
    unit = _unit(c)
    if not c.skip("of") and not c.skip("after"):
        raise c.wrong(c.next, f"expected `of` and a date, but found `{c.next.text}`")
    return Deadline(number, unit, c.word("the date from which the time runs").text)


def _exception(c: Cursor, opening: Token) -> Exception_:
    token = c.next
    after = c.ahead(1)
    if token.text == "(" or after.text in ("and", "or", "is", ")", "at", "less", "more") or token.text in KEYWORDS:
        raise c.wrong(token, "this exception has no label", "name the clause it stands in, as in `unless b.1.i …`")
    label = c.label("the label of the clause in which the exception stands")
    if c.done or (c.next.first and c.next.indent == 0):
        raise c.wrong(label, f"the exception {label.text} has no condition")
    condition = expression(c)
    inner: list[Exception_] = []
    while c.sees("but", "not", "if") and c.next.indent > opening.indent:
        back = c.next
        c.skip("but", "not", "if")
        inner.append(_exception(c, back))
    return Exception_(label.text, condition, tuple(inner), at=label.place)


def _definition(c: Cursor, section: str, span: Span) -> Definition:
    c.take()
    name = c.word("the name of the condition")
    if name.text in KEYWORDS:
        raise c.wrong(name, f"`{name.text}` is a word of the language", "choose another name")
    start, end, reading = None, None, None
    while not c.sees("means"):
        if c.skip("from"):
            start = c.day("the first day in force")
        elif c.skip("until"):
            end = c.day("the day on which it ends")
        elif c.skip("reading"):
            reading = _reading(c)
        else:
            raise c.wrong(c.next, f"expected `means`, but found `{c.next.text or 'the end'}`")
    c.take()
    met = span.meets(Span(start, end)) if (start or end) else span
    if met is None:
        raise c.wrong(name, "this time in force lies outside the file's")
    return Definition(name.text, expression(c), section, met, reading, at=name.place)


def _amendment(c: Cursor, section: str, span: Span) -> Amendment:
    """A change to a norm: `replace LABEL forbids …`, `repeal`, `add unless LABEL EXPR`.

    Or to an exception: `replace with EXPR`, `repeal`, `add but not if LABEL EXPR`.
    """
    c.take()
    target = c.label("the norm or exception to amend, as `us-ny-nyc/10-178:e.i`")
    full = qualify(target.text, section)
    c.expect(":", "after the clause to amend")

    def made(
        change: Any, norm: Norm | None = None, added: Exception_ | None = None, new: Expr | None = None
    ) -> Amendment:
        times = norm.span if norm else _times_only(c, section, span)
        return Amendment(full, change, norm, added, section, times, new, at=target.place)

    if c.skip("repeal"):
        return made("repeal")
    if c.skip("add"):
        token = c.next
        if c.skip("unless"):
            return made("add", added=_exception(c, token))
        if c.skip("but", "not", "if"):
            return made("narrow", added=_exception(c, token))
        raise c.wrong(
            token,
            "what is added is an exception",
            "write `add unless LABEL …` to a norm, `add but not if LABEL …` to an exception",
        )
    if c.skip("replace"):
        if c.skip("with"):
            return made("reword", new=expression(c))
        label = c.label("the label of the new norm, or `with` and the new condition of an exception")
        if c.next.text not in ("forbids", "requires"):
            raise c.unknown_word(c.next, "verb of a norm", ["forbids", "requires"])
        return made("replace", norm=_norm(c, label, section, span))
    raise c.unknown_word(c.next, "change", ["replace", "repeal", "add"])


def qualify(label: str, section: str) -> str:
    """The full id of a label: `b.1` -> `pack/section:b.1`; `9-131:b.1` -> `pack/9-131:b.1`."""
    if ":" not in label:
        return f"{section}:{label}"
    home, _, rest = label.partition(":")
    return label if "/" in home else f"{section.split('/')[0]}/{home}:{rest}"


# --- conditions -------------------------------------------------------------------------------


def expression(c: Cursor) -> Expr:
    """A condition. `and` mixed with `or` without brackets is an error, not a question of precedence."""
    first = _negation(c)
    if not (c.sees("and") or c.sees("or")):
        if c.next.text in ("AND", "OR", "&&", "||", "&", "|"):
            raise_small(c, c.next)
            raise Wrong
        return first
    joint = c.next.text
    parts = [first]
    while c.sees("and") or c.sees("or"):
        token = c.take()
        if token.text != joint:
            raise c.wrong(
                token,
                f"`and` and `or` stand together without brackets: this `{token.text}` can be read in two ways",
                f"put brackets round what belongs together, as in `a {joint} (b {token.text} c)`",
            )
        parts.append(_negation(c))
    if c.next.text in ("AND", "OR", "&&", "||", "&", "|"):
        raise_small(c, c.next)
        raise Wrong
    return And(tuple(parts), first.at) if joint == "and" else Or(tuple(parts), first.at)


def _negation(c: Cursor) -> Expr:
    token = c.next
    if token.text in ("NOT", "!"):
        raise_small(c, token)
        raise Wrong
    if c.skip("not"):
        return Not(_negation(c), token.place)
    return _condition(c)


def _condition(c: Cursor) -> Expr:
    token = c.next
    if c.skip("("):
        inner = expression(c)
        if not c.sees(")"):
            if c.done or c.next.first:
                raise c.wrong(token, "this bracket is never closed", "add `)` where the condition ends")
            _leftover(c)
            raise Wrong
        c.take()
        return inner
    if c.sees("some") or c.sees("no"):
        return _records(c)
    if token.kind != "word" or token.text in KEYWORDS:
        found = f"`{token.text}`" if token.text else "the end of the block"
        raise c.wrong(
            token,
            f"expected a condition, but found {found}",
            "a condition begins with a fact's name, `not`, `some` or `(`",
        )
    c.take()
    if c.skip("is"):
        return _is(c, token)
    if c.sees("in") or c.sees("not", "in"):
        negated = c.skip("not")
        c.take()
        return _not_if(negated, _one_of(token, _set(c)))
    if c.skip("within"):
        return _within(c, token)
    for words, op in _DATE_WORDS:
        if c.sees(*words) and c.ahead(len(words)).kind == "date":
            c.skip(*words)
            return CompareDate(token.text, op, c.day("a day"), token.place)
    compared = _comparison(c)
    if compared is None:
        return FactIs(token.text, token.place)
    if c.next.kind == "date":
        return CompareDate(token.text, compared, c.day("a day"), token.place)
    value = c.number("a number")
    unit = (
        c.take().text
        if c.next.kind == "word" and (c.next.text in _UNITS or c.next.text in ("persons", "records", "times"))
        else ""
    )
    return Compare(token.text, compared, value, _UNITS.get(unit, unit), token.place)


def _records(c: Cursor) -> Expr:
    opening = c.take()
    record = c.word("the name of a list of records")
    if not c.skip("with"):
        raise c.wrong(
            c.next, f"expected `with` and what the record must satisfy, but found `{c.next.text or 'the end'}`"
        )
    token = c.next
    if not c.skip("("):
        raise c.wrong(
            token, "the condition on a record stands in brackets", f"write `{opening.text} {record.text} with (…)`"
        )
    body = expression(c)
    if not c.sees(")"):
        if c.done or c.next.first:
            raise c.wrong(token, "this bracket is never closed", "add `)` where the condition ends")
        _leftover(c)
        raise Wrong
    c.take()
    return _not_if(opening.text == "no", Some(record.text, body, opening.place))


def _is(c: Cursor, fact: Token) -> Expr:
    negated = c.skip("not")
    if c.skip("in"):
        return _not_if(negated, _one_of(fact, _set(c)))
    for words, _op in (*_WORD_OPERATORS, *_DATE_WORDS):
        if c.sees(*words):
            raise c.wrong(
                fact, f"`is` is not needed before `{' '.join(words)}`", f"write `{fact.text} {' '.join(words)} …`"
            )
    values = (c.word("a value").text,)
    return _not_if(negated, _one_of(fact, values))


def _one_of(fact: Token, values: tuple[str, ...]) -> Expr:
    """`action` is a word of the language: it speaks of the action that is judged, and is no fact."""
    return ActionIs(values, fact.place) if fact.text == "action" else OneOf(fact.text, values, fact.place)


def _set(c: Cursor) -> tuple[str, ...]:
    opening = c.expect("{", "and a list of values")
    values = [c.word("a value").text]
    while c.skip(","):
        values.append(c.word("a value").text)
    if not c.sees("}"):
        raise c.wrong(opening, "this list is never closed", "add `}` after its last value")
    c.take()
    return tuple(values)


def _within(c: Cursor, fact: Token) -> Within:
    number = int(c.number("a number of days, months or years"))
    unit = _unit(c)
    direction = c.next
    if direction.text not in ("before", "after"):
        raise c.wrong(direction, f"expected `before` or `after`, but found `{direction.text or 'the end'}`")
    c.take()
    other = c.word("the date to count from").text
    return Within(fact.text, number, unit, "before" if direction.text == "before" else "after", other, fact.place)


def _unit(c: Cursor) -> Unit:
    token = c.word("a unit of time")
    if token.text not in _UNITS:
        raise c.unknown_word(token, "unit of time", list(get_args(Unit)))
    return _UNITS[token.text]


def _comparison(c: Cursor) -> Operator | None:
    for words, op in _WORD_OPERATORS:
        if c.skip(*words):
            return op
    if c.next.text in ("==", "!="):
        right = "=" if c.next.text == "==" else "not … ="
        raise c.wrong(c.next, f"`{c.next.text}` is no sign of this language", f"write `{right}`")
    operators: tuple[Operator, ...] = ("<", "<=", "=", ">=", ">")
    for op in operators:
        if c.sees(op):
            c.take()
            return op
    return None


def _not_if(negated: bool, expr: Expr) -> Expr:
    return Not(expr, expr.at) if negated else expr


__all__ = ["KEYWORDS", "expression", "qualify", "statements"]
