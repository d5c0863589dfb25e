"""A file of a known or declared source, read into counts. Files are scanned: only what is asked for is in memory."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from brightline.watch.problems import WatchError
from brightline.watch.read.mapping import Level, Mapping, load_mapping, plain, recognise
from brightline.watch.series import DefinitionChange, Period, Series, first_day, periods_between, step

LENGTHS: dict[str, float] = {"day": 1, "week": 7, "month": 30.44, "quarter": 91.31, "year": 365.25}
_EVERY = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
_NOTHING = ("", "(null)", "null", "NULL", "N/A", "nan")
_DENSE = 3.0  # rows a day: from here a day without any row at the end of a file means that the file stops there
_SHOWN = 3


@dataclass(frozen=True)
class Table:
    """A file under its mapping. `notes` are what a reader of any result must know."""

    mapping: Mapping
    frame: pl.LazyFrame  # columns as `plain()` names them, cells as in the file
    name: str
    days: pl.DataFrame  # raw, day, length (of the period that a row tells), rows: what the file says when
    notes: tuple[str, ...]
    repeated: pl.Series  # keys of events that stand in the file more than once, and are counted once

    @property
    def first(self) -> date:
        told = _as_date(self.days["day"].min())
        return self.mapping.covers.since or told if self.mapping.covers.complete else told

    @property
    def last(self) -> date:
        """The last day that the file tells of."""
        if self.mapping.covers.complete and self.mapping.covers.until:
            return self.mapping.covers.until
        ends = [
            step(day, length, 1) - timedelta(days=1)
            for day, length in self.days.filter(pl.col("day").is_not_null()).select("day", "length").iter_rows()
        ]
        return max(ends)

    @property
    def finest(self) -> Period:
        """The length of the periods in the file: a day for dated events."""
        longest = max(self.days["length"].drop_nulls().unique().to_list(), key=lambda p: LENGTHS[p])
        return longest  # type: ignore[no-any-return]

    def counts(
        self, *, period: Period = "month", level: str | None = None, by: Sequence[str] = ("offence",),
        where: pl.Expr | None = None, sums: bool = False,
    ) -> pl.DataFrame:  # fmt: skip
        """place, period (its first day), and what `by` asks for (`offence`, `group`, or a group by its name), with the count.

        Only what the file tells: combinations without a row are not in it. Rows that are the sum of others are left
        out beside their parts (`sums`: only these are taken). Raises WatchError for periods finer than the file's, negative counts, and rows told twice.
        """
        if LENGTHS[period] < LENGTHS[self.finest]:
            raise WatchError(
                f"{self.name}: it counts by {self.finest}, so it cannot be read by {period}; ask for {self.finest} or longer."
            )
        days = self.days.filter(pl.col("day").is_not_null())
        when = days.select("raw", "day", pl.col("day").dt.truncate(_EVERY[period]).alias("period"))
        rows = self._rows(level, by, where, sums).join(when.lazy(), on="raw", how="inner")
        keys = ["place", "period", *by]
        how = self.mapping.count.over_time if self.mapping.count else "sum"
        if not (self.mapping.count or self.mapping.wide):
            found = rows.group_by(keys).agg(pl.len().cast(pl.Float64).alias("count"))
        elif how == "sum":
            found = rows.group_by(keys).agg(_whole("count"))
        else:
            daily = rows.group_by([*keys, "day"]).agg(_whole("count")).sort("day")
            one = pl.col("count").mean() if how == "mean" else pl.col("count").last()
            found = daily.group_by(keys, maintain_order=True).agg(one)
        return found.collect(engine="streaming").sort(keys)

    def series(
        self, *, name: str, period: Period = "month", level: str | None = None, place: str | None = None,
        offence: str | None = None, group: str | None = None, since: date | None = None, until: date | None = None,
    ) -> Series:  # fmt: skip
        """One series. `offence` and `group` are patterns (upper and lower case alike); `place` is a name of the level.
        Where a source has several groups, `group` names one: `sex=F`.

        Periods without a row are zero only where the source lists every event (`absent: zero`) and the file has other
        rows in that period; else they are missing. Periods that the file does not cover to their end are partial.
        """
        level = level or next(iter(self.mapping.places))
        where = pl.lit(True)
        sums = offence is not None and offence in self._sums
        by: list[str] = []
        if offence is not None:
            by.append("offence")
            match = pl.col("offence") == offence if sums else pl.col("offence").str.contains(f"(?i){offence}")
            where = where & match.fill_null(False)
        if group is not None:
            column, _, pattern = group.rpartition("=")
            by.append(plain(column) if column else "group")
            where = where & pl.col(by[-1]).str.contains(f"(?i){pattern}").fill_null(False)
        found = self.counts(period=period, level=level, by=by, where=where, sums=sums)
        if place is not None:
            if place not in set(found["place"].drop_nulls()):
                places = sorted(found["place"].drop_nulls().unique().to_list())
                raise WatchError(
                    f"{self.name}: no rows for the {level} `{place}`"
                    + (f" and `{offence}`" if offence else "")
                    + f"; there are {', '.join(places[:8])}{' …' if len(places) > 8 else ''}."
                )
            found = found.filter(pl.col("place") == place)
        if found.is_empty():
            raise WatchError(f"{self.name}: no row fits `{offence or group}`; check the spelling in the file.")
        told = dict(found.group_by("period").agg(_whole("count")).iter_rows())
        first = first_day(max(self.first, since) if since else self.first, period)
        last = first_day(min(self.last, until) if until else self.last, period)
        n = periods_between(first, last, period) + 1
        if n < 1:
            raise WatchError(
                f"{self.name}: it covers {self.first} to {self.last}, and {since} to {until} was asked for."
            )
        present = set(self.days["day"].drop_nulls().dt.truncate(_EVERY[period]).to_list())
        values = np.full(n, np.nan)
        for i in range(n):
            day = step(first, period, i)
            if day in told:
                values[i] = math.nan if told[day] is None else told[day]
            elif self.mapping.absent == "zero" and (day in present or self.mapping.covers.complete):
                values[i] = 0.0
        shown = place or self.mapping.places[level].name or level
        return Series(
            name=name,
            place=shown,
            period=period,
            start=first,
            values=values,
            unit=self.mapping.unit,
            group=group or "",
            source=self.mapping.source or self.name,
            definition_changes=self._changes(offence, first, step(first, period, n)),
            partial=frozenset(self._partial(first, n, period)),
            lag=math.ceil(self.mapping.lag_days / LENGTHS[period]) if until is None else 0,
        )

    def check_parts(self) -> str | None:
        """Whether the parts add up to the whole that stands beside them: a sentence if not, None if so or not asked."""
        if self.mapping.adds_up is None:
            return None
        totals = {}
        for level in self.mapping.adds_up:
            totals[level] = float(self.counts(period="year", level=level, by=())["count"].sum())
        (part, a), (whole, b) = totals.items()
        if a == b or not a or not b:  # a file cut to one of them has nothing to compare
            return None
        return (
            f"The {part} rows add up to {a:,.0f} and the {whole} rows to {b:,.0f} ({100 * (a / b - 1):+.2f} %); "
            f"each is used by itself."
        )

    @property
    def _sums(self) -> tuple[str, ...]:
        """What the offence column calls the rows that are the sum of the others."""
        m = self.mapping
        return m.what.whole if m.what else m.wide.whole if m.wide else ()

    def _rows(self, level: str | None, by: Sequence[str], where: pl.Expr | None, sums: bool) -> pl.LazyFrame:
        """raw (the cell that says when), place, offence and group as asked, and the count where the file has one."""
        m = self.mapping
        level = level or next(iter(m.places))
        if level not in m.places:
            raise WatchError(f"{self.name}: `{level}` is no kind of place here; there are {', '.join(m.places)}.")
        names = self.frame.collect_schema().names()
        chosen = m.places[level]
        frame = self.frame
        place, only = _place(chosen, names, self.name)
        if only is not None:
            frame = frame.filter(only)
        columns = [pl.col(_column(m.when.column, names, self.name)).alias("raw"), place.alias("place")]
        if m.wide:
            frame = _long(frame, m, names)
            columns += [_number(pl.col("value").cast(pl.String)), pl.col("value").cast(pl.String).alias("told")]
            if m.wide.into == "place":
                columns[1] = pl.col("variable").alias("place")
            else:
                columns.append(pl.col("variable").alias(m.wide.into))
                names = [*names, m.wide.into]
        elif m.count:
            told = _column(m.count.column, names, self.name)
            cell = _text(told).fill_null("0") if m.count.empty == "zero" else pl.col(told).cast(pl.String)
            columns += [_number(cell), cell.alias("told")]
        wants_offence = m.what is not None and ("offence" in by or m.what.whole)
        if wants_offence:
            assert m.what is not None
            columns.append(_text(_column(m.what.column, names, self.name)).alias("offence"))
        if "group" in by and not (m.wide and m.wide.into == "group"):
            if not m.group:
                raise WatchError(f"{self.name}: the mapping declares no group.")
            columns.append(_text(_column(m.group, names, self.name)).alias("group"))
        if len(self.repeated):
            key = _column(m.key, names, self.name)
            again = pl.col(key).is_in(self.repeated.implode())
            once = frame.filter(again).unique(subset=[key], keep="first", maintain_order=True)
            frame = pl.concat([frame.filter(~again.fill_null(False)), once])
        columns += [_text(_column((b,), names, self.name)).alias(b) for b in by if b in m.group and b != "group"]
        rows = frame.select(columns)
        if where is not None:
            rows = rows.filter(where)
        if self._sums:
            is_sum = pl.col("offence").is_in(list(self._sums)).fill_null(False)
            rows = rows.filter(is_sum if sums else ~is_sum)
        missing = [b for b in by if b not in rows.collect_schema().names()]
        if missing:
            raise WatchError(f"{self.name}: the mapping declares no {' and no '.join(missing)}.")
        if m.count or m.wide:
            self._check_counts(rows)
        return rows

    def _check_counts(self, rows: pl.LazyFrame) -> None:
        empty = pl.col("told").is_null() | pl.col("told").str.strip_chars().is_in(list(_NOTHING))
        bad = rows.filter(pl.col("count").is_null() & ~empty).head(1).collect()
        if len(bad):
            first = bad.row(0, named=True)
            raise WatchError(
                f"{self.name}: `{first['told']}` ({first['place']}, {first['raw']}) is no number; "
                "write the count in digits, and leave the cell empty if it is missing."
            )
        bad = rows.filter(pl.col("count") < 0).head(_SHOWN).collect()
        if len(bad):
            first = bad.row(0, named=True)
            raise WatchError(
                f"{self.name}: a count cannot be negative ({first['place']}, {first['raw']}: {first['count']:g}); "
                "if these are corrections, add them to the periods that they correct."
            )

    def _changes(self, offence: str | None, first: date, end: date) -> tuple[DefinitionChange, ...]:
        return tuple(
            DefinitionChange(c.day, c.what, c.source)
            for c in self.mapping.definition_changes
            if first < c.day < end and (c.concerns is None or (offence is not None and _touches(c.concerns, offence)))
        )

    def _partial(self, first: date, n: int, period: Period) -> list[int]:
        """Periods that the file does not cover from their first to their last day."""
        partial = set()
        days = self.days.filter(pl.col("day").is_not_null())
        if self.mapping.when.written == "period":
            short = days.filter(pl.col("length") != self.finest)
            partial |= {periods_between(first, first_day(d, period), period) for d in short["day"]}
            if period != self.finest:
                parts = days.group_by(pl.col("day").dt.truncate(_EVERY[period]).alias("p")).agg(
                    pl.col("day").n_unique()
                )
                full = round(LENGTHS[period] / LENGTHS[self.finest])
                partial |= {periods_between(first, p, period) for p, have in parts.iter_rows() if have < full}
        elif period != "day":
            covered = max((self.last - self.first).days, 1)
            if days["rows"].sum() / covered >= _DENSE or len(days) / covered > 0.9:
                if self.first > first_day(self.first, period):
                    partial.add(periods_between(first, first_day(self.first, period), period))
                if self.last < step(first_day(self.last, period), period, 1) - timedelta(days=1):
                    partial.add(periods_between(first, first_day(self.last, period), period))
        return sorted(i for i in partial if 0 <= i < n)


def read(path: str | Path | Sequence[str | Path], mapping: Mapping | str | Path | None = None) -> Table:
    """A CSV (also .gz), XLSX or Parquet file, or several parts of one (a historic and a year-to-date file).

    Without a mapping the columns must be those of a known source. Raises WatchError for columns that lack, days that
    cannot be read, keys that occur twice, and periods of mixed length.
    """
    paths = [Path(p) for p in ([path] if isinstance(path, str | Path) else path)]
    if not paths:
        raise WatchError("There is no file to read.")
    name = ", ".join(p.name for p in paths)
    frames = [_scan(p) for p in paths]
    columns = frames[0].collect_schema().names()
    told = load_mapping(mapping) if isinstance(mapping, str | Path) else mapping or recognise(columns)
    if told is None:
        raise WatchError(
            f"{name}: these are the columns of no source that is known ({', '.join(columns[:6])} …); "
            "declare a mapping (see docs/watch/data.md)."
        )
    frame = pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]
    days, notes = _days(frame, told, name)
    repeated, more = _keys(frame, told, name)
    notes = [*told.warnings, *notes, *more]
    table = Table(told, frame, name, days, tuple(notes), repeated)
    unequal = table.check_parts()
    return replace(table, notes=(*notes, unequal)) if unequal else table


def _scan(path: Path) -> pl.LazyFrame:
    if not path.is_file():
        raise WatchError(f"{path}: there is no such file.")
    kind = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    try:
        match kind:
            case ".csv" | ".csv.gz" | ".txt":
                frame = pl.scan_csv(path, infer_schema=False)
            case ".parquet":
                frame = pl.scan_parquet(path)
            case ".xlsx" | ".xls" | ".xlsb" | ".ods":
                frame = pl.read_excel(path, infer_schema_length=None).lazy()
            case _:
                raise WatchError(f"{path}: a file must be .csv, .csv.gz, .parquet or .xlsx.")
        names = frame.collect_schema().names()
    except WatchError:
        raise
    except Exception as error:  # fastexcel and polars raise kinds of their own
        raise WatchError(f"{path}: the file cannot be read: {str(error).splitlines()[0]}.") from error
    renamed = [plain(c) or f"column_{i}" for i, c in enumerate(names, 1)]
    twice = sorted({c for c in renamed if renamed.count(c) > 1})
    if twice:
        raise WatchError(f"{path}: two columns are called `{twice[0]}`; rename one.")
    return frame.rename(dict(zip(names, renamed, strict=True)))


def _column(wanted: Sequence[str], names: Sequence[str], name: str) -> str:
    for one in wanted:
        if one in names:
            return one
    raise WatchError(
        f"{name}: the column {' or '.join(f'`{w}`' for w in wanted)} is missing; there are {', '.join(names[:12])}."
    )


def _text(column: str) -> pl.Expr:
    cell = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(cell.is_in(list(_NOTHING))).then(None).otherwise(cell)


def _number(cell: pl.Expr) -> pl.Expr:
    """A count: digits, perhaps with commas between thousands. An empty cell is missing."""
    return cell.str.strip_chars().str.replace_all(",", "").cast(pl.Float64, strict=False).alias("count")


def _whole(column: str) -> pl.Expr:
    """The sum; missing where one of its parts is missing."""
    return pl.when(pl.col(column).is_null().any()).then(None).otherwise(pl.col(column).sum()).alias(column)


def _place(level: Level, names: Sequence[str], name: str) -> tuple[pl.Expr, pl.Expr | None]:
    """The name of the place, and which rows are of this level."""
    if not level.column:
        return pl.lit(level.name or "everywhere"), None
    cell = _text(_column(level.column, names, name))
    only = cell.str.contains(level.matches) if level.matches else None
    if level.name:
        return pl.lit(level.name), only
    return (cell.replace(level.names) if level.names else cell), only


def _long(frame: pl.LazyFrame, m: Mapping, names: Sequence[str]) -> pl.LazyFrame:
    """Counts in columns beside each other -> rows (variable, value)."""
    assert m.wide is not None
    used = {*m.when.column, *m.key, *m.group, *(c for level in m.places.values() for c in level.column)}
    columns = list(m.wide.columns) or [c for c in names if c not in used]
    lacking = [c for c in columns if c not in names]
    if lacking:
        raise WatchError(f"the column `{lacking[0]}` is missing; there are {', '.join(names[:12])}.")
    index = [c for c in names if c in used]
    long = frame.unpivot(on=columns, index=index)
    return long.with_columns(pl.col("variable").replace(m.wide.columns)) if m.wide.columns else long


def _days(frame: pl.LazyFrame, m: Mapping, name: str) -> tuple[pl.DataFrame, list[str]]:
    """When the rows are, told once for each way that it is written; days that cannot be are refused or left out."""
    column = _column(m.when.column, frame.collect_schema().names(), name)
    raw = frame.group_by(pl.col(column).alias("raw")).agg(pl.len().alias("rows")).collect(engine="streaming")
    raw = raw.filter(pl.col("rows") > 0)
    notes: list[str] = []
    if raw.schema["raw"] == pl.Date or isinstance(raw.schema["raw"], pl.Datetime):
        days = raw.with_columns(pl.col("raw").cast(pl.Date).alias("day"), pl.lit("day").alias("length"))
    elif m.when.written == "period":
        days = _periods(raw, name, m)
    else:
        cell = pl.col("raw").cast(pl.String).str.strip_chars()
        tries = [cell.str.to_datetime(f, strict=False, time_unit="us").cast(pl.Date) if "%H" in f
                 else cell.str.slice(0, 10).str.to_date(f, strict=False) for f in m.when.formats]  # fmt: skip
        days = raw.with_columns(pl.coalesce(tries).alias("day"), pl.lit("day").alias("length"))
    empty = pl.col("raw").is_null() | pl.col("raw").cast(pl.String).str.strip_chars().is_in(list(_NOTHING))
    bad = days.filter(pl.col("day").is_null() & ~empty.fill_null(True))
    if len(bad):
        shown = ", ".join(f"`{r}`" for r in bad["raw"].head(_SHOWN))
        raise WatchError(
            f"{name}: {bad['rows'].sum():,} rows have a `{column}` that cannot be read ({shown}); "
            f"write in the mapping how it is written (now: {', '.join(m.when.formats)})."
        )
    undated = int(days.filter(pl.col("day").is_null())["rows"].sum())
    if undated:
        notes.append(f"{undated:,} rows have no date, and are in no period.")
    outside = pl.lit(False)
    if m.covers.since:
        outside = outside | (pl.col("day") < m.covers.since)
    if m.covers.until:
        outside = outside | (pl.col("day") > m.covers.until)
    gone = days.filter(outside.fill_null(False))
    if len(gone):
        notes.append(
            f"{gone['rows'].sum():,} rows are dated outside what the source covers "
            f"({_as_date(gone['day'].min())} … {_as_date(gone['day'].max())}), and are left out."
        )
    days = days.filter(~outside.fill_null(False))
    if not days["day"].drop_nulls().len():
        raise WatchError(f"{name}: no row has a day.")
    return days, notes


def _periods(raw: pl.DataFrame, name: str, m: Mapping) -> pl.DataFrame:
    cell = pl.col("raw").cast(pl.String).str.strip_chars()
    year, rest = cell.str.slice(0, 4).cast(pl.Int32, strict=False), cell.str.slice(4)
    quarter = rest.str.extract(r"^[- ]?Q([1-4])$").cast(pl.Int32, strict=False)
    month = rest.str.extract(r"^-(0[1-9]|1[0-2])(?:-01)?$").cast(pl.Int32, strict=False)
    days = raw.with_columns(
        pl.when(quarter.is_not_null()).then(pl.date(year, quarter * 3 - 2, 1))
        .when(month.is_not_null()).then(pl.date(year, month, 1))
        .when(rest == "").then(pl.date(year, 1, 1)).alias("day"),
        pl.when(quarter.is_not_null()).then(pl.lit("quarter"))
        .when(month.is_not_null()).then(pl.lit("month"))
        .when(rest == "").then(pl.lit("year")).alias("length"),
    )  # fmt: skip
    lengths = days["length"].drop_nulls().unique().to_list()
    if len(lengths) > 1 and m.when.shorter == "refuse":
        longest = max(lengths, key=lambda p: LENGTHS[p])
        odd = days.filter(pl.col("length") != longest)["raw"].head(_SHOWN).to_list()
        raise WatchError(
            f"{name}: it mixes periods of a {' and a '.join(sorted(lengths))} ({', '.join(map(str, odd))} among "
            f"{longest}s); split the file, or say `shorter: partial` in the mapping if they are the beginning of one."
        )
    return days


def _keys(frame: pl.LazyFrame, m: Mapping, name: str) -> tuple[pl.Series, list[str]]:
    """Whether an event stands in the file twice (by its key), or a count is told twice (by all that it counts)."""
    names = frame.collect_schema().names()
    none = pl.Series("key", [], dtype=pl.String)
    if m.repeats == "kept":
        return none, []
    if m.key:
        key = _column(m.key, names, name)
        keyed = frame.filter(pl.col(key).is_not_null())
        rows, different = keyed.select(pl.len(), pl.col(key).n_unique().alias("n")).collect(engine="streaming").row(0)
        if rows == different:
            return none, []
        counted = keyed.group_by(key).len().filter(pl.col("len") > 1).collect(engine="streaming")
        if m.repeats == "once":
            told = f"{rows - different:,} of {rows:,} rows repeat the key of another; each event is counted once."
            return counted[key], [told]
        raise WatchError(
            f"{name}: {rows - different:,} rows repeat a `{key}` (first: {counted[key].to_list()[0]}); if they are the same "
            "event, say `repeats: once` in the mapping, and `repeats: kept` if they are not."
        )
    if m.count or m.wide:
        cells = [_column(m.when.column, names, name)]
        cells += [_column(level.column, names, name) for level in m.places.values() if level.column]
        cells += [_column(m.what.column, names, name)] if m.what else []
        cells += [c for c in m.group if c in names]
        cells = list(dict.fromkeys(cells))
        twice = frame.group_by(cells).len().filter(pl.col("len") > 1).collect()
        if len(twice):
            first = ", ".join(str(v) for v in twice.select(cells).row(0))
            raise WatchError(
                f"{name}: {len(twice):,} counts are told twice (first: {first}); keep one row of each, or sum them."
            )
    return none, []


def _touches(concerns: str, offence: str) -> bool:
    """Whether a change that concerns this pattern concerns what is asked for: either one names the other."""
    try:
        return bool(re.search(concerns, offence, re.IGNORECASE) or re.search(offence, concerns, re.IGNORECASE))
    except re.error:
        return True  # when in doubt the change is shown


def _as_date(value: object) -> date:
    assert isinstance(value, date)
    return value
