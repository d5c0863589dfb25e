"""The verdicts on a frame of contacts, on whichever engine holds the frame: Polars, DuckDB or PySpark.

Written once, through Narwhals. Each row is numbered by its pattern (the span of time, the agency, the actions, and a
digit for each condition); the distinct patterns are decided once; the result is joined back by number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from brightline.law.tree import Atom
from brightline.reason.columns import Columns
from brightline.reason.patterns import BASE, OUTPUT, UNKNOWN, Patterns, actions_of
from brightline.reason.program import Program
from brightline.reason.reasoner import Reasoner
from brightline.reason.truth import facts_of

FRAME = ("date", "actor", "asked", "done")
Step = Callable[[int, int], None]


class AuditError(Exception):
    """The frame cannot be audited: what is missing, and how to mend it."""


@dataclass(frozen=True)
class Spans:
    """The days on which the law, or what is known to be missing from it, changes: between two, one answer holds."""

    days: tuple[date, ...]

    @staticmethod
    def of(reasoner: Reasoner) -> Spans:
        days = set(reasoner.law.boundaries(reasoner.packs)) if reasoner.as_of is None else set()
        days |= reasoner.horizon_days()
        return Spans(tuple(sorted(days)))

    def number(self, day: date) -> int:
        return bisect_right(self.days, day)

    def representative(self, number: int) -> date:
        """A day of the span."""
        if not self.days:
            return date(2000, 1, 1)
        return self.days[number - 1] if number else self.days[0] - timedelta(1)

    def expression(self) -> nw.Expr:
        """The number of each row's span; null where the date is."""
        counts = [(nw.col("date") >= d).cast(nw.Int64) for d in self.days]
        return sum(counts[1:], counts[0]) if counts else (nw.col("date") == nw.col("date")).cast(nw.Int64) * 0


def audit(
    frame: Any, reasoner: Reasoner, progress: Step = lambda done, total: None, columns: tuple[str, ...] = OUTPUT
) -> Any:
    """The frame with the columns of OUTPUT (or VERDICTS_ALONE) joined to each row: same engine, same rows.

    The frame has the columns `date`, `actor`, `asked`, `done` and one for each known fact (see docs/contacts.md).
    Eager Polars frames keep their order. Raises AuditError when a column is missing or of the wrong type.
    """
    if isinstance(frame, pl.DataFrame):
        from brightline.reason.audit_polars import audit_polars

        return audit_polars(frame, reasoner, progress, columns)
    wide = nw.from_native(frame)
    names = wide.collect_schema().names()
    check_columns(names)
    spans = Spans.of(reasoner)
    keyed = wide.with_columns(
        spans.expression().alias("_span"),
        *(_text(nw.col(c)).alias(f"_{c}") for c in ("actor", "asked", "done")),
    )
    groups = ["_span", "_actor", "_asked", "_done"]
    programs = _programs(_collect(keyed.select(groups).unique()), reasoner, spans)
    atoms = list(dict.fromkeys(a for p in programs.values() for a in p.atoms))
    held = Columns.of(names)
    present = [a for a in atoms if held.has(a)]
    parts = list(_chunks(present))
    keys = [f"_key{n}" for n in range(len(parts))]
    keyed = keyed.with_columns(
        _text_span().alias("_span"), *(_number(part, held).alias(k) for k, part in zip(keys, parts, strict=True))
    )
    distinct = _collect(keyed.select([*groups, *keys]).unique())
    table = lookup(distinct, keys, parts, programs, Patterns(reasoner, columns), spans, progress)
    joined = keyed.join(_beside(table, wide), on=[*groups, *keys], how="left").drop([*groups, *keys])
    return nw.to_native(joined)


def check_columns(names: Sequence[str]) -> None:
    """Raise AuditError when the frame lacks a column without which no law can be chosen."""
    missing = [c for c in FRAME if c not in names]
    if missing:
        raise AuditError(
            f"the contacts lack the column {' and '.join(f'`{m}`' for m in missing)}; read them with `brightline contacts read` first"
        )
    taken = [c for c in OUTPUT if c in names]
    if taken:
        raise AuditError(f"the contacts already have a column `{taken[0]}`; rename it before the audit")


def _text(column: nw.Expr) -> nw.Expr:
    """The text of a column, empty where nothing is known: so that rows can be joined by it."""
    return column.cast(nw.String).fill_null("")


def _text_span() -> nw.Expr:
    return nw.col("_span").fill_null(-1)


def _chunks(atoms: Sequence[Atom]) -> list[list[Atom]]:
    """The conditions in groups whose digits fit one whole number."""
    width = 26  # 5 ** 26 < 2 ** 62
    return [list(atoms[n : n + width]) for n in range(0, len(atoms), width)]


def _number(atoms: Sequence[Atom], columns: Columns) -> nw.Expr:
    """The digits of these conditions as one whole number, the first condition last."""
    total: nw.Expr | None = None
    for atom in reversed(atoms):
        digit = digit_expression(atom, columns)
        total = digit if total is None else total * BASE + digit
    assert total is not None
    return total


def digit_expression(atom: Atom, columns: Columns) -> nw.Expr:
    """0 false, 1 true, 2 unknown, and 3 more when what is known is verified. Never null."""
    truth = columns.truth(atom)
    unknown = truth.is_null()
    digit = (truth & ~unknown).cast(nw.Int64) + unknown.cast(nw.Int64) * UNKNOWN
    bases = [f"{f}__basis" for f in facts_of(atom)]
    if not all(b in columns.names for b in bases):
        return digit
    verified = ~unknown
    for basis in bases:
        verified = verified & (nw.col(basis) == "verified") & ~nw.col(basis).is_null()
    return digit + verified.cast(nw.Int64) * 3


def _programs(
    groups: pl.DataFrame, reasoner: Reasoner, spans: Spans
) -> dict[tuple[int, str, tuple[str, ...]], Program]:
    found = {}
    for span, actor, asked, done in groups.iter_rows():
        actions = actions_of(asked, done)
        if span is not None and span >= 0 and actor and actions:
            found[(span, actor, actions)] = reasoner.program(spans.representative(span), actor, actions)
    return found


def lookup(
    distinct: pl.DataFrame,
    keys: Sequence[str],
    parts: Sequence[Sequence[Atom]],
    programs: dict[tuple[int, str, tuple[str, ...]], Program],
    patterns: Patterns,
    spans: Spans,
    progress: Step = lambda done, total: None,
) -> pl.DataFrame:
    """The distinct patterns with the output columns of each: what every row is joined with."""
    rows: list[tuple[str | None, ...]] = []
    for n, (span, actor, asked, done, *numbers) in enumerate(distinct.iter_rows()):
        if n % 500 == 0:
            progress(n, distinct.height)
        day = spans.representative(span) if span >= 0 else None
        actions = actions_of(asked, done)
        program = programs.get((span, actor, actions))
        digits = None
        if program is not None:
            known = _digits(numbers, parts)
            digits = [known.get(a, UNKNOWN) for a in program.atoms]
        rows.append(patterns.row(day, actor or None, actions, digits))
    progress(distinct.height, distinct.height)
    found = pl.DataFrame(rows, schema=dict.fromkeys(patterns.columns, pl.String), orient="row")
    return pl.concat([distinct, found], how="horizontal")


def _digits(numbers: Sequence[int], parts: Sequence[Sequence[Atom]]) -> dict[Atom, int]:
    found: dict[Atom, int] = {}
    for number, part in zip(numbers, parts, strict=True):
        rest = number
        for atom in part:
            rest, found[atom] = divmod(rest, BASE)
    return found


def _collect(frame: Any) -> pl.DataFrame:
    """The rows of a small frame, on whichever engine it is."""
    eager = frame.collect(backend="polars") if isinstance(frame, nw.LazyFrame) else frame
    native = nw.to_native(eager)
    return native if isinstance(native, pl.DataFrame) else pl.from_arrow(eager.to_arrow())  # type: ignore[return-value]


def _beside(table: pl.DataFrame, frame: Any) -> Any:
    """The lookup table on the engine of the frame."""
    engine = frame.implementation
    if engine.is_polars():
        return nw.from_native(table.lazy() if isinstance(frame, nw.LazyFrame) else table)
    if engine.is_duckdb():
        # Read through the relation itself: DuckDB joins relations of one connection only, and does not tell which.
        lookup_table = table.to_arrow()  # noqa: F841  (DuckDB finds it by its name)
        return nw.from_native(nw.to_native(frame).query("contacts", "SELECT * FROM lookup_table"))
    if engine.is_pyspark():
        session = nw.to_native(frame).sparkSession
        schema = ", ".join(f"`{n}` {'bigint' if t == pl.Int64 else 'string'}" for n, t in table.schema.items())
        return nw.from_native(session.createDataFrame(table.rows(), schema=schema))
    return nw.from_native(table.to_arrow())


__all__ = ["OUTPUT", "AuditError", "Spans", "audit", "check_columns", "digit_expression", "lookup"]
