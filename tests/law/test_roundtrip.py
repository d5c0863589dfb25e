"""Printing a norm and reading it back gives the same norm, whatever the norm."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from brightline.law.cursor import Cursor
from brightline.law.format import format_page, format_statement
from brightline.law.parse import KEYWORDS, statements
from brightline.law.tree import (
    ActionIs,
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
    Or,
    Some,
    Span,
    Within,
)

names = st.from_regex(r"[a-z][a-z0-9]{0,6}(_[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda n: (
        n not in KEYWORDS
        and n not in ("action", "days", "weeks", "months", "years", "hours", "persons", "records", "times")
    )
)
labels = st.from_regex(r"[a-z](\.[0-9]{1,2}){0,2}(\.[ivx]{1,3}(-[ivx]{1,3})?)?", fullmatch=True).filter(
    lambda n: n not in KEYWORDS
)
days = st.dates(date(1990, 1, 1), date(2040, 1, 1))
signs = st.sampled_from(["<", "<=", "=", ">=", ">"])
numbers = st.integers(0, 10_000).map(float)
units = st.sampled_from(["days", "months", "years", "hours"])
leaves: st.SearchStrategy[Expr] = st.one_of(
    st.builds(FactIs, names),
    st.builds(OneOf, names, st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(Compare, names, signs, numbers, units),
    st.builds(CompareDate, names, signs, days),
    st.builds(Within, names, st.integers(0, 99), units, st.sampled_from(["before", "after"]), names),
    st.builds(ActionIs, st.lists(names, min_size=1, max_size=2, unique=True).map(tuple)),
)


def combined(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(And, parts), st.builds(Or, parts))


bodies = st.recursive(leaves, combined, max_leaves=4)
exprs = st.recursive(st.one_of(leaves, st.builds(Some, names, bodies)), combined, max_leaves=8)
excuses = st.recursive(
    st.builds(Exception_, labels, exprs),
    lambda inner: st.builds(Exception_, labels, exprs, st.lists(inner, max_size=2).map(tuple)),
    max_leaves=3,
)
spans = st.tuples(st.none() | days, st.integers(1, 9000) | st.none()).map(
    lambda t: Span(t[0], date.fromordinal(t[0].toordinal() + t[1]) if t[0] and t[1] else None)
)
readings = st.none() | st.builds(lambda a, b: f"{a}.{b}", names, names)
tuples = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
norms = st.builds(
    Norm, labels, st.sampled_from(["forbids", "requires"]), tuples, tuples, st.just("p/s"), spans,
    st.none() | exprs, st.lists(excuses, max_size=3).map(tuple),
    st.none() | st.builds(Deadline, st.integers(0, 99), units, names), readings,
)  # fmt: skip
definitions = st.builds(Definition, names, exprs, st.just("p/s"), spans, readings)
excepts = st.builds(
    Excepts,
    labels,
    labels.map(lambda x: (f"p/s:{x}",)),
    exprs,
    st.lists(excuses, max_size=2).map(tuple),
    st.just("p/s"),
    spans,
    readings,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(norms, definitions, excepts))
def test_what_is_printed_reads_back_as_the_same_norm(statement: Any) -> None:
    text = format_statement(statement).replace("p/s:", "")
    cursor = Cursor(text, "x.md", 1)
    found = statements(cursor, "p/s", Span())
    assert not cursor.problems, text + "\n" + "\n".join(map(str, cursor.problems))
    assert found == [statement], text


@settings(max_examples=100, deadline=None)
@given(st.lists(norms, min_size=1, max_size=3))
def test_formatting_twice_changes_nothing_more(found: list[Norm]) -> None:
    page = (
        "# A section\n\n### b — a clause\n\n> Text.\n\n```norm\n"
        + "\n\n".join(map(format_statement, found))
        + "\n```\n\nMore text.\n"
    )
    once = format_page(page)
    assert format_page(once) == once


def test_comments_survive_the_formatter() -> None:
    page = "```norm\n# why\nb forbids a by c # because\n  when d\n\n# at the end\n```\n"
    formatted = format_page(page)
    for comment in ("# why", "# because", "# at the end"):
        assert comment in formatted
