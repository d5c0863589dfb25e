"""The day of each contact: read under the formats that a mapping states, and never guessed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from brightline.contact.mapping import Mapping
from brightline.contact.table import ROW

EARLIEST, LATEST = pl.date(1900, 1, 1), pl.date(2099, 12, 31)
STRAY = 0.001  # so few days against the stated format are slips of the pen
TWINS = (("%m/%d/%Y", "%d/%m/%Y"), ("%m/%d/%y", "%d/%m/%y"))  # the same text can be a day under both
REJECTED = {"row": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}


def cell_text(column: str) -> pl.Expr:
    """A cell as trimmed text; an empty one is null."""
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def with_dates(cells: pl.DataFrame, mapping: Mapping) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """The rows whose date is known or empty, those whose date cannot be read with the reason, and what is doubtful."""
    column, formats = mapping.date.column, mapping.date.formats
    if column not in cells.columns:
        return cells.with_columns(pl.lit(None, dtype=pl.Date).alias("__date__")), pl.DataFrame(schema=REJECTED), []
    if cells.schema[column].is_temporal():
        return cells.with_columns(pl.col(column).cast(pl.Date).alias("__date__")), pl.DataFrame(schema=REJECTED), []
    # Distinct cells are few: each is parsed once, under every format, and joined back.
    days = cells.group_by(column, maintain_order=True).len("__n__").with_columns(_day(column).alias("__day__"))
    days = days.with_columns(_dated(formats), _why_not(formats))
    days, doubts = _contradicted(days, formats)
    dated = cells.join(days.drop("__n__", "__day__"), on=column, how="left", nulls_equal=True, maintain_order="left")
    bad = dated.filter(pl.col("__why__").is_not_null())
    rejected = bad.select(
        pl.col(ROW).alias("row"),
        pl.lit(column).alias("column"),
        pl.col(column).cast(pl.String).alias("value"),
        pl.col("__why__").alias("reason"),
    )
    return dated.filter(pl.col("__why__").is_null()), rejected, doubts


def _day(column: str) -> pl.Expr:
    # Excel and databases add a midnight to a day; it carries nothing.
    return cell_text(column).str.replace(r"[T ]0{1,2}:00(:00(\.0+)?)?$", "")


def _under(formats: Sequence[str]) -> list[pl.Expr]:
    dates = [pl.col("__day__").str.to_date(f, strict=False) for f in formats]
    return [pl.when(d.is_between(EARLIEST, LATEST)).then(d) for d in dates]


def _dated(formats: Sequence[str]) -> pl.Expr:
    return pl.coalesce(_under(formats)).alias("__date__")


def _why_not(formats: Sequence[str]) -> pl.Expr:
    dates = _under(formats)
    wanted = " or ".join(f"`{f}`" for f in formats)
    earliest, latest = pl.min_horizontal(dates), pl.max_horizontal(dates)
    two = pl.format(
        "the date can be read as {} or as {}; the file must say which", earliest.cast(pl.String), latest.cast(pl.String)
    )
    return (
        pl.when(pl.col("__day__").is_null())
        .then(None)
        .when(earliest.is_null())
        .then(pl.lit(f"this is no date written as {wanted}"))
        .when(earliest != latest)
        .then(two)
        .alias("__why__")
    )


def _contradicted(days: pl.DataFrame, formats: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Reject days that can be read in two ways where the file itself shows that it is written in both.

    A mapping may say month/day, and the file hold `26/02/2015`. Then `05/08/2015` cannot be trusted either. One
    stray cell among thousands is a slip of the pen, not a second way of writing: it alone is rejected.
    """
    doubts: list[str] = []
    for stated, other in [pair for twins in TWINS for pair in (twins, twins[::-1])]:
        if stated not in formats or other in formats:
            continue
        as_stated, as_other = _under([stated])[0], _under([other])[0]
        counted = pl.col("__n__").sum()
        only_stated = days.filter(as_stated.is_not_null() & as_other.is_null()).select(counted).item()
        against = days.filter(as_stated.is_null() & as_other.is_not_null())
        only_other = against.select(counted).item()
        if not only_other or only_other <= STRAY * only_stated:
            continue
        example = against["__day__"][0]
        reason = pl.format(
            f"the file also writes days as {other} (`{example}`), so this can be {{}} or {{}}; the file must say which",
            as_stated.cast(pl.String),
            as_other.cast(pl.String),
        )
        both = as_stated.is_not_null() & as_other.is_not_null() & (as_stated != as_other)
        days = days.with_columns(pl.when(both).then(reason).otherwise(pl.col("__why__")).alias("__why__"))
        doubts.append(
            f"two date formats stand in the file: {only_other:,} days can only be {other}, {only_stated:,} only "
            f"{stated}; rows whose day could be either are among the rejected"
        )
    return days, doubts
