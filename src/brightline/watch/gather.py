"""From the files that a plan or a scan names to series: each place of a level at once, and plain tables of counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from brightline.watch.cut import Loaded
from brightline.watch.plan import Plan, Where
from brightline.watch.problems import WatchError
from brightline.watch.read import Mapping, Table, read
from brightline.watch.result import Source
from brightline.watch.series import Period, Series, periods_between, step

# A table that anybody can write: one row for each series, place and period. `brightline watch` reads it without a mapping.
PLAIN = ("series", "place", "period", "count")
_DAYS = ("day", "week")
_NO_GROUP = "not recorded"


def plain_mapping(period: Period, unit: str = "events", *, group: bool = False) -> Mapping:
    """The mapping of a plain table: series, place, period (its first day, or 2014-08), count, and perhaps group."""
    return Mapping.model_validate(
        {
            "id": "plain", "about": "A plain table of counts", "unit": unit,
            "when": {"column": "period", "written": "day" if period in _DAYS else "period"},
            "places": {"place": {"column": "place"}}, "what": {"column": "series"}, "count": {"column": "count"},
            "group": ["group"] if group else [],
        }
    )  # fmt: skip


def load(
    plan: Plan, folder: Path, files: Sequence[Path] = (), step_: Callable[[str], None] = lambda name: None
) -> Loaded:
    """All series of a plan. Files of `sources` are found beside the plan; `files` are plain tables for the others."""
    series: list[Series] = []
    sources: dict[str, Source] = {}
    notes: list[str] = []
    for name, where in plan.sources.items():
        step_(name)
        found, table = _of(name, where, plan, folder)
        series += found
        notes += table.notes
        for path in (_path(folder, f) for f in where.files):
            sources[path.name] = Source(table.mapping.source or path.name, str(path.name), file_hash(path))
    for path in files:
        step_(path.name)
        table = read_plain(path, plan.data.period)
        series += series_of_table(table, plan.data.period)
        sources[path.name] = Source(path.name, str(path.name), file_hash(path))
    if not series:
        raise WatchError("The plan names no file under `sources`; name them there, or give a plain table with --data.")
    if plan.policy.source:
        sources["policy"] = Source(plan.policy.name, plan.policy.source, plan.policy.evidence_sha256)
    return Loaded(tuple(series), tuple(sources.values()), tuple(dict.fromkeys(notes)))


def _path(folder: Path, name: str) -> Path:
    path = Path(name)
    return path if path.is_absolute() else folder / path


def _of(name: str, where: Where, plan: Plan, folder: Path) -> tuple[list[Series], Table]:
    table = read([_path(folder, f) for f in where.files], where.mapping or None)
    if where.each_group:
        return _groups_of(name, where, plan, table), table
    one = not where.level or where.place
    if one:
        return [
            table.series(
                name=name, period=plan.data.period, level=where.level or None, place=where.place or None,
                offence=where.offence or None, group=where.group or None,
            )
        ], table  # fmt: skip
    by = [column for column, asked in (("offence", where.offence), ("group", where.group)) if asked]
    counts = table.counts(period=plan.data.period, level=where.level, by=by, where=_pattern(where))
    # in one order: the order of units decides which random numbers go to whom
    counts = counts.group_by("place", "period").agg(pl.col("count").sum()).sort("place", "period")
    return _by_key(table, counts, plan.data.period, where.level, lambda row: (name, str(row["place"]), "")), table


def _groups_of(name: str, where: Where, plan: Plan, table: Table) -> list[Series]:
    """Each group of a source as a series; rows whose group nobody wrote down are a group too, for they belong to the whole."""
    by = ["group", *(["offence"] if where.offence else [])]
    counts = table.counts(period=plan.data.period, level=where.level or None, by=by, where=_pattern(where))
    if where.place:
        counts = counts.filter(pl.col("place") == where.place)
    counts = counts.with_columns(pl.col("group").fill_null(_NO_GROUP))
    counts = counts.group_by("place", "group", "period").agg(pl.col("count").sum()).sort("place", "group", "period")
    return _by_key(
        table, counts, plan.data.period, where.level or None,
        lambda row: (name, str(row["place"]), str(row["group"])),
    )  # fmt: skip


def _pattern(where: Where) -> pl.Expr | None:
    """Which rows are asked for."""
    found: pl.Expr | None = None
    for column, asked in (("offence", where.offence), ("group", "" if where.each_group else where.group)):
        if asked:
            one = pl.col(column).str.contains(f"(?i){asked}").fill_null(False)
            found = one if found is None else found & one
    return found


def read_plain(path: Path, period: Period) -> Table:
    columns = columns_of(path)
    if not set(PLAIN) <= set(columns):
        raise WatchError(
            f"{path.name}: a plain table has the columns {', '.join(PLAIN)}; this one has {', '.join(columns[:8])}. "
            "Add them, or name the file with its mapping under `sources` in the plan."
        )
    return read(path, plain_mapping(period, group="group" in columns))


def columns_of(path: Path) -> list[str]:
    """The names of a file's columns, in small letters."""
    if not path.is_file():
        raise WatchError(f"{path}: there is no such file.")
    try:
        match path.suffix.lower():
            case ".parquet":
                frame = pl.scan_parquet(path)
            case ".xlsx" | ".xls":
                return []  # never a plain table; the readers say what is in it
            case _:
                frame = pl.scan_csv(path, infer_schema=False)
        return [c.strip().lower() for c in frame.collect_schema().names()]
    except pl.exceptions.PolarsError as error:
        raise WatchError(f"{path.name}: the file cannot be read: {str(error).splitlines()[0]}.") from None


def series_of_table(table: Table, period: Period, level: str | None = None) -> list[Series]:
    """Every place and offence of a table as a series of its own."""
    groups = list(table.mapping.group)
    by = ("offence", "group") if groups else ("offence",)
    try:
        counts = table.counts(period=period, level=level, by=by)
    except WatchError:
        if table.mapping.what is not None or table.mapping.wide is not None:
            raise
        counts = table.counts(period=period, level=level, by=()).with_columns(pl.lit(table.name).alias("offence"))
    return _by_key(
        table, counts, period, level,
        lambda row: (str(row["offence"]), str(row["place"]), str(row.get("group") or "")),
    )  # fmt: skip


def _by_key(
    table: Table, counts: pl.DataFrame, period: Period, level: str | None,
    key: Callable[[dict[str, object]], tuple[str, str, str]],
) -> list[Series]:  # fmt: skip
    """Rows (keys, period, count) as series over the periods of the table, with its rules for what is absent."""
    level = level or next(iter(table.mapping.places))
    whole = table.series(
        name="all", period=period, level=level
    )  # where the file begins and ends, what is partial, the lag
    fields = [c for c in counts.columns if c not in ("period", "count")]
    counts = counts.drop_nulls(fields)
    absent = np.where(np.isnan(whole.values), np.nan, 0.0 if table.mapping.absent == "zero" else np.nan)
    made = []
    for told, rows in counts.partition_by(fields, as_dict=True, maintain_order=True).items():
        values = absent.copy()
        for day, count in zip(rows["period"].to_list(), rows["count"].to_list(), strict=True):
            at = _at(whole.start, day, period)
            if 0 <= at < len(values):
                values[at] = count
        name, place, group = key(dict(zip(fields, told, strict=True)))
        made.append(
            Series(
                name=name, place=place, period=period, start=whole.start, values=values, unit=table.mapping.unit, group=group,
                source=whole.source, definition_changes=whole.definition_changes, partial=whole.partial, lag=whole.lag,
            )
        )  # fmt: skip
    return [_trimmed(one) if table.mapping.id == "plain" else one for one in made]


def _at(start: date, day: date, period: Period) -> int:
    at = periods_between(start, day, period)
    assert step(start, period, at) == day, (start, day, period)
    return at


def _trimmed(series: Series) -> Series:
    """Without the missing periods in front of the first count and after the last: each series has its own length."""
    seen = np.flatnonzero(~np.isnan(series.values))
    return series.slice(int(seen[0]), int(seen[-1]) + 1)


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
