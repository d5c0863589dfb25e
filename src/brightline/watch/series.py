"""A series: counts of one thing in one place, a number for each period, with what is known to be wrong with them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.problems import WatchError

Floats = NDArray[np.float64]
Period = Literal["day", "week", "month", "quarter", "year"]

# Periods in the cycles that repeat: a year, and for days also a week. A year of years has none.
CYCLES: dict[str, tuple[float, ...]] = {
    "day": (7.0, 365.25),
    "week": (365.25 / 7,),
    "month": (12.0,),
    "quarter": (4.0,),
    "year": (),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_SHOWN = 3


@dataclass(frozen=True)
class DefinitionChange:
    """From this day on the same name counts something else: a break here is a change of form, not of behaviour."""

    day: date
    what: str
    source: str = ""


@dataclass(frozen=True)
class Series:
    """Counts for consecutive periods. A missing period is NaN and never zero.

    `start` is the first day of the first period. `partial` are indices of periods that were not counted to their
    end. `lag` is how many of the last periods may still grow because records arrive late.
    """

    name: str
    place: str
    period: Period
    start: date
    values: Floats
    unit: str = "events"
    group: str = ""
    source: str = ""
    definition_changes: tuple[DefinitionChange, ...] = ()
    partial: frozenset[int] = frozenset()
    lag: int = 0
    exposure: Floats | None = field(default=None)  # people, bicycles … at risk in each period: the denominator

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64).copy()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        if self.period not in CYCLES:
            raise WatchError(
                f"{self.label}: a period of `{self.period}` is not known; it is one of {', '.join(CYCLES)}."
            )
        if values.ndim != 1 or not len(values):
            raise WatchError(f"{self.label}: there are no counts.")
        if first_day(self.start, self.period) != self.start:
            raise WatchError(f"{self.label}: {self.start} is not the first day of a {self.period}.")
        check_counts(values, self.label, self.days)
        if self.exposure is not None and np.shape(self.exposure) != values.shape:
            raise WatchError(
                f"{self.label}: {len(values)} counts, and a denominator for {np.size(self.exposure)} periods; "
                "there must be one for each count."
            )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def label(self) -> str:
        return " · ".join(part for part in (self.name, self.group, self.place) if part)

    @property
    def days(self) -> list[date]:
        """The first day of each period."""
        return [step(self.start, self.period, i) for i in range(len(self.values))]

    @property
    def end(self) -> date:
        """The last day of the last period."""
        return step(self.start, self.period, len(self.values)) - timedelta(days=1)

    @property
    def missing(self) -> list[int]:
        return np.flatnonzero(np.isnan(self.values)).tolist()

    def index(self, day: date) -> int:
        """The period that holds the day; a WatchError when the data do not reach it."""
        if not self.start <= day <= self.end:
            raise WatchError(
                f"{self.label}: {day} is outside the data, which run from {self.start} to {self.end}; "
                "choose a date within them or load more of the series."
            )
        return periods_between(self.start, first_day(day, self.period), self.period)

    def first_after(self, day: date) -> int:
        """The first period that lies wholly on or after the day: where the effect of a policy of that day begins."""
        at = self.index(day)
        return at if step(self.start, self.period, at) == day else at + 1

    def without(self, periods: Iterable[int], why: str = "") -> Series:
        """The same series with these periods missing (partial ones, late ones), noted in the source."""
        values = self.values.copy()
        gone = sorted(set(periods))
        values[gone] = np.nan
        return replace(self, values=values, source=f"{self.source}; {why}" if why else self.source)

    def without_partial(self) -> Series:
        return self.without(self.partial, f"{len(self.partial)} partial periods left out") if self.partial else self

    def without_late(self, periods: int | None = None) -> Series:
        """Cut the last periods off, those that records may still reach (`lag` of the series unless given)."""
        late = self.lag if periods is None else periods
        return self.slice(0, len(self) - late) if late else self

    def slice(self, first: int, end: int) -> Series:
        """Periods first .. end-1."""
        if not 0 <= first < end <= len(self):
            raise WatchError(f"{self.label}: periods {first} to {end} are not within the {len(self)} of the data.")
        return replace(
            self,
            start=step(self.start, self.period, first),
            values=self.values[first:end],
            partial=frozenset(i - first for i in self.partial if first <= i < end),
            exposure=None if self.exposure is None else self.exposure[first:end],
        )


def from_records(
    records: Iterable[tuple[date, float]], *, name: str, place: str, period: Period, **facts: Any
) -> Series:
    """A series from (day, count) rows in any order; periods without a row are missing, not zero.

    Raises WatchError for a period told twice, and for rows that do not begin where such a period begins.
    """
    rows = sorted(records)
    label = f"{name} · {place}"
    if not rows:
        raise WatchError(f"{label}: there are no rows.")
    told: dict[date, float] = {}
    for day, count in rows:
        if first_day(day, period) != day:
            raise WatchError(
                f"{label}: the row of {day} does not begin a {period}; the series mixes periods. "
                "Split it into one series for each length of period, or sum it to the longer one."
            )
        if day in told:
            raise WatchError(f"{label}: {day} is told twice ({told[day]:g}, {count:g}); keep one row or sum them.")
        told[day] = count
    start, last = rows[0][0], rows[-1][0]
    values = np.full(periods_between(start, last, period) + 1, np.nan)
    for day, count in told.items():
        values[periods_between(start, day, period)] = count
    return Series(name=name, place=place, period=period, start=start, values=values, **facts)


def check_counts(values: Floats, label: str = "the series", days: list[date] | None = None) -> None:
    """Refuse what cannot be a count: negative or infinite values. NaN is missing and allowed here."""

    def where(bad: NDArray[np.bool_]) -> str:
        at = np.flatnonzero(bad).tolist()
        names = [str(days[i]) if days else f"period {i + 1}" for i in at[:_SHOWN]]
        return ", ".join(names) + (f" and {len(at) - _SHOWN} more" if len(at) > _SHOWN else "")

    negative = values < 0
    if negative.any():
        raise WatchError(
            f"{label}: a count cannot be negative ({where(negative)}); "
            "if these are corrections, add them to the periods that they correct."
        )
    infinite = np.isinf(values)
    if infinite.any():
        raise WatchError(f"{label}: a count cannot be infinite ({where(infinite)}).")


def check_question(
    values: Floats, at: int, label: str = "the series", *, before: int = 24, after: int = 1, leave_out: bool = False
) -> None:
    """Refuse a question at period `at` (the first one after) that these counts cannot answer.

    `before` and `after` are the fewest periods on each side. Missing periods are refused unless `leave_out`.
    """
    check_counts(values, label)
    n = len(values)
    if not 0 < at < n:
        raise WatchError(
            f"{label}: the date is outside the data ({n} periods, the date would be number {at + 1}); "
            "choose one within them."
        )
    gone = np.flatnonzero(np.isnan(values)).tolist()
    if gone and not leave_out:
        shown = ", ".join(str(i + 1) for i in gone[:_SHOWN]) + (" …" if len(gone) > _SHOWN else "")
        raise WatchError(
            f"{label}: {len(gone)} of {n} periods are missing (number {shown}); "
            "fill them from the source, or say in the plan that they are left out. Missing is not zero."
        )
    seen = ~np.isnan(values)
    n_before, n_after = int(seen[:at].sum()), int(seen[at:].sum())
    if n_before < before or n_after < after:
        raise WatchError(
            f"{label}: {n_before} periods before the date and {n_after} after it; "
            f"at least {before} before and {after} after are needed."
        )
    if not np.nansum(values[:at]) > 0:
        raise WatchError(
            f"{label}: nothing was counted before the date, so there is no level to compare with; "
            "if the thing did not exist before, say so in words instead of a ratio."
        )
    if not np.nansum(values[at:]) > 0:
        raise WatchError(
            f"{label}: every count after the date is zero. Check that the series did not end or change its name; "
            "if nothing truly happened, say so in words: a ratio cannot."
        )


def first_day(day: date, period: Period) -> date:
    """The first day of the period that holds the day; weeks begin on Monday for a day that is no start of its own."""
    match period:
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "week":
            return day - timedelta(days=day.weekday())
        case _:
            return day


def step(start: date, period: Period, periods: int) -> date:
    """The first day of the period so many periods later."""
    if period in _DAYS:
        return start + timedelta(days=_DAYS[period] * periods)
    months = start.year * 12 + start.month - 1 + _MONTHS[period] * periods
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def periods_between(start: date, day: date, period: Period) -> int:
    """How many periods lie between two first days."""
    if period in _DAYS:
        return (day - start).days // _DAYS[period]
    return ((day.year - start.year) * 12 + day.month - start.month) // _MONTHS[period]


def stack(series: Iterable[Series]) -> Floats:
    """The values of many series as one table, (series, periods); they must cover the same periods."""
    told = list(series)
    if not told:
        raise WatchError("There are no series.")
    first = told[0]
    for one in told[1:]:
        if (one.period, one.start, len(one)) != (first.period, first.start, len(first)):
            raise WatchError(
                f"{one.label} covers {one.start} to {one.end} by {one.period}, and {first.label} "
                f"{first.start} to {first.end} by {first.period}; cut them to the same periods."
            )
    return np.stack([one.values for one in told])


def records_of(series: Series) -> list[Mapping[str, Any]]:
    """One row for each period, for tables and plots: start, value (None when missing), partial."""
    return [
        {
            "start": day,
            "value": None if np.isnan(value) else float(value),
            "partial": i in series.partial,
            "late": i >= len(series) - series.lag,
        }
        for i, (day, value) in enumerate(zip(series.days, series.values, strict=True))
    ]
