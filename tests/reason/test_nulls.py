"""The operators that the audit uses keep Kleene's tables on every engine; an upgrade that changes one turns this red."""

from __future__ import annotations

import itertools
import operator
import shutil
from datetime import date
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest

from brightline.reason.columns import day_number
from brightline.reason.truth import within

VALUES = (True, False, None)
PAIRS = [(a, b) for a in VALUES for b in VALUES]
TABLE = {"p": [a for a, _ in PAIRS], "q": [b for _, b in PAIRS], "n": [1.0, 7.0, None] * 3, "s": ["a", "b", None] * 3}
TEXT = [(v, "yes" if v else "no") for v in (True, False)]


def kleene(op: str, a: bool | None, b: bool | None) -> bool | None:
    if op == "and":
        return False if a is False or b is False else None if a is None or b is None else True
    return True if a is True or b is True else None if a is None or b is None else False


def engines() -> list[Any]:
    return [
        pytest.param(lambda: pl.DataFrame(TABLE), id="polars"),
        pytest.param(lambda: pa.table(TABLE), id="pyarrow"),
        pytest.param(lambda: duckdb.from_arrow(pa.table(TABLE)), id="duckdb"),
        pytest.param(_spark, id="spark", marks=[pytest.mark.spark, pytest.mark.slow]),
    ]


def _spark() -> Any:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install brightline[spark]")
    if shutil.which("java") is None:
        pytest.skip("Java 17 is not on this machine: the Spark engine is not tested")
    from brightline.reason.engines import spark_session

    rows = list(zip(*TABLE.values(), strict=True))
    return spark_session("local-cluster[2,1,1024]").createDataFrame(
        rows, schema="p boolean, q boolean, n double, s string"
    )


def answers(frame: Any, expr: nw.Expr) -> list[Any]:
    """The expression with its row's number, in order: engines may shuffle."""
    wide = nw.from_native(frame).select("p", "q", "n", "s", answer=expr)
    eager = wide.collect(backend="pyarrow") if isinstance(wide, nw.LazyFrame) else wide
    rows = [tuple(r) for r in eager.rows()]
    order = {key: n for n, key in enumerate(zip(*TABLE.values(), strict=True))}
    return [r[-1] for r in sorted(rows, key=lambda r: order[r[:4]])]


@pytest.mark.parametrize("make", engines())
def test_every_operator_keeps_the_third_value(make: Any) -> None:
    frame = make()
    p, q, n, s = (nw.col(c) for c in "pqns")
    numbers, letters = TABLE["n"], TABLE["s"]
    checks = {
        "and": (p & q, [kleene("and", a, b) for a, b in PAIRS]),
        "or": (p | q, [kleene("or", a, b) for a, b in PAIRS]),
        "not": (~p, [None if a is None else not a for a, _ in PAIRS]),
        "is_null": (p.is_null(), [a is None for a, _ in PAIRS]),
        "equal": (s == "a", [None if x is None else x == "a" for x in letters]),
        "is_in": (s.is_in(["a", "c"]), [None if x is None else x == "a" for x in letters]),
        "not is_in": (~s.is_in(["a", "c"]), [None if x is None else x != "a" for x in letters]),
    }
    for name, op in (("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge)):
        checks[name] = (op(n, 7.0), [None if x is None else op(x, 7.0) for x in numbers])
    for name, (expr, expected) in checks.items():
        assert answers(frame, expr) == expected, name


def test_days_are_numbered_one_by_one_on_columns() -> None:
    days = pl.DataFrame({"d": pl.date_range(date(1999, 12, 25), date(2024, 3, 10), eager=True)})
    numbers = nw.from_native(days).select(n=day_number(nw.col("d")))["n"].to_list()
    assert {b - a for a, b in itertools.pairwise(numbers)} == {1}


@pytest.mark.parametrize(
    ("day", "other", "expected"),
    [
        (date(2010, 3, 1), date(2015, 3, 1), False),  # five years to the day: "for at least five years" has passed
        (date(2010, 3, 2), date(2015, 3, 1), True),
        (date(2015, 3, 1), date(2015, 3, 1), True),
        (date(2015, 3, 2), date(2015, 3, 1), False),
        (date(2012, 2, 29), date(2017, 2, 28), True),
        (date(2012, 2, 29), date(2017, 3, 1), False),
    ],
)
def test_within_five_years_before(day: date, other: date, expected: bool) -> None:
    assert within(day, 5, "years", "before", other) is expected
