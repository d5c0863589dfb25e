"""The counts that a plan asks about: cut to its periods, with what is left out and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import rfc8785

from brightline.watch.partition import FEWEST, noise_of
from brightline.watch.plan import Plan
from brightline.watch.problems import WatchError
from brightline.watch.result import Source
from brightline.watch.series import DefinitionChange, Floats, Series, check_question, step

_BUSY = 10  # events in a middle period; beside fewer a zero is never doubted
_BY_CHANCE = 0.01  # zeros like this one that chance would give in the whole series: with fewer it is no zero
_AROUND = 6
_SHOWN = 3


_TELLING = 8  # counts above zero, for a series to be known by them


@dataclass(frozen=True)
class Loaded:
    """All series that were read for a plan, and from where."""

    series: tuple[Series, ...]
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()  # what the reader says of the files

    @property
    def sha256(self) -> str:
        """Of the counts themselves, whatever file they came from."""
        told = [
            [
                s.name,
                s.group,
                s.place,
                s.period,
                s.start.isoformat(),
                [None if np.isnan(v) else float(v) for v in s.values],
            ]
            for s in sorted(self.series, key=lambda s: (s.name, s.group, s.place))
        ]
        return hashlib.sha256(rfc8785.dumps(told)).hexdigest()

    def counts_of(self, name: str, place: str = "", group: str = "") -> frozenset[str]:
        """SHA-256 of the counts of each such series, whatever they are called; those of few counts are alike by chance."""
        found = (s for s in self.series if s.name == name and place in ("", s.place) and group in ("", s.group))
        return frozenset(_of_counts(s) for s in found if np.count_nonzero(np.nan_to_num(s.values)) >= _TELLING)

    def named(self, name: str, group: str = "") -> list[Series]:
        """Every place of a series."""
        found = [s for s in self.series if s.name == name and (not group or s.group == group)]
        if not found:
            there = sorted({s.name for s in self.series})
            raise WatchError(
                f"There is no series `{name}`{f' of the group `{group}`' if group else ''} in the data; "
                f"there are {', '.join(there[:8])}{' …' if len(there) > 8 else ''}."
            )
        return found

    def one(self, name: str, place: str = "", group: str = "") -> Series:
        found = [s for s in self.named(name, group) if not place or s.place == place]
        places = sorted({s.place for s in self.named(name, group)})
        if not found:
            raise WatchError(
                f"The series `{name}` has no place `{place}`; it has {', '.join(places[:8])}"
                f"{' …' if len(places) > 8 else ''}."
            )
        if len({s.place for s in found}) > 1:
            raise WatchError(
                f"The series `{name}` has {len(places)} places ({', '.join(places[:_SHOWN])} …); say in the plan which one, "
                "as `data.place`."
            )
        if len(found) > 1:
            groups = sorted(s.group or "(none)" for s in found)
            if len(set(groups)) < len(groups):
                raise WatchError(f"The series `{name}` of {found[0].place} is there {len(found)} times; keep one.")
            raise MixedPopulations(name, groups)
        return found[0]


class MixedPopulations(WatchError):
    """Two populations under one name; `refuse` makes a refusal of it."""

    def __init__(self, name: str, populations: Sequence[str]) -> None:
        self.name, self.populations = name, tuple(populations)
        super().__init__(
            f"The series `{name}` holds different populations ({', '.join(populations)}), which cannot be joined; "
            "say in the plan which one, as `data.group`."
        )


@dataclass(frozen=True)
class Cut:
    """One series from the first to the last period of the plan. Periods that are not used are NaN in `values`."""

    series: Series
    values: Floats
    at: int  # the first period after
    notes: dict[int, str]  # period -> partial, late, missing, between, other definition
    late: int  # periods that the lag rule took from the plan's
    missing: int
    partial: int
    changes: tuple[DefinitionChange, ...]  # of definition, within these periods
    observed: Floats  # as in the source, also where it is not used

    @property
    def days(self) -> list[date]:
        return self.series.days

    @property
    def used(self) -> tuple[int, int]:
        seen = ~np.isnan(self.values)
        return int(seen[: self.at].sum()), int(seen[self.at :].sum())


def cut(series: Series, plan: Plan, *, question: bool = True, zeros: bool = False) -> Cut:
    """Cut and clean one series as the plan says. WatchError where the data cannot answer it.

    `question` False: a control or a denominator, which may be zero on one side. `zeros`: a zero beside busy periods is
    believed, as for one of many units, which may open and close.
    """
    data = plan.data
    if series.period != data.period:
        raise WatchError(
            f"{series.label}: it is counted by {series.period}, and the plan asks by {data.period}; "
            "read it by the plan's period or change the plan."
        )
    series.index(plan.policy.date)  # outside of the data: a sentence
    if plan.first < series.start or plan.last_after > series.days[-1]:
        raise WatchError(
            f"{series.label}: the plan asks for {plan.first} to {plan.last_after}, and the data run from {series.start} to "
            f"{series.end}; load more of the series, or change the plan."
        )
    first, end = series.index(plan.first), series.index(plan.last_after) + 1
    start_after = [c for c in series.definition_changes if c.day <= plan.last_before]
    if data.definition_changes == "start_after" and start_after:
        first = max(first, series.first_after(max(c.day for c in start_after)))
    complete = len(series) - data.late  # the lag rule counts from the end of the data, not of the plan
    late = max(0, end - complete)
    at = series.index(plan.first_after)
    if complete <= at:
        raise WatchError(
            f"{series.label}: the lag rule `{data.lag_rule}` leaves no period after {plan.policy.date}; wait for more data."
        )
    part = series.slice(first, end)
    observed = part.values.copy()
    values = observed.copy()
    notes: dict[int, str] = {}
    missing = np.flatnonzero(np.isnan(values)).tolist()
    for i in missing:
        notes[i] = "missing"
    if not zeros:
        _refuse_false_zeros(part, at - first)
    pre_end = series.index(plan.last_before) + 1 - first
    for i in range(pre_end, at - first):
        notes[i], values[i] = "between", np.nan
    partial = sorted(part.partial)
    for i in partial:
        notes[i] = "partial"
        if data.partial_periods == "drop":
            values[i] = np.nan
    for i in range(len(part) - late, len(part)):
        notes[i], values[i] = "late", np.nan
    if missing and data.missing_periods == "refuse" and question:
        shown = ", ".join(str(part.days[i]) for i in missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        raise WatchError(
            f"{series.label}: {len(missing)} of {len(part)} periods are missing ({shown}); fill them from the source, or say "
            "`missing_periods: leave_out` in the plan. Missing is not zero."
        )
    if question:
        check_question(values, at - first, series.label, before=6, leave_out=True)
    within = tuple(c for c in series.definition_changes if part.start < c.day <= part.end)
    return Cut(part, values, at - first, notes, late, len(missing), len(partial), within, observed)


def _refuse_false_zeros(series: Series, at: int) -> None:
    """A zero between busy periods, or at the end of a busy series, is a period without data written as zero.

    Unless the counts vary so much by themselves that chance could give one: judged by their own negative binomial spread.
    """
    values = series.values
    if not np.nansum(values[at:]) > 0:
        return  # nothing at all after the date has a sentence of its own
    seen = values[~np.isnan(values)]
    size = float(noise_of(seen[None]).size[0]) if len(seen) >= FEWEST else np.inf
    bad = []
    for i in np.flatnonzero(values == 0).tolist():
        before, after = values[max(0, i - _AROUND) : i], values[i + 1 : i + 1 + _AROUND]
        sides = [np.nanmedian(side[side > 0]) if (side > 0).any() else 0.0 for side in (before, after)]
        trailing = not np.nansum(values[i:]) > 0
        low = float(sides[0]) if trailing else float(min(sides))
        doubted = low >= _BUSY and len(seen) * _no_events(low, size) < _BY_CHANCE
        if doubted and (trailing or (np.nanmean(before == 0) < 0.5 and np.nanmean(after == 0) < 0.5)):
            bad.append(i)
    if bad:
        shown = ", ".join(str(series.days[i]) for i in bad[:_SHOWN]) + (" …" if len(bad) > _SHOWN else "")
        raise WatchError(
            f"{series.label}: {len(bad)} periods are zero beside periods with many events ({shown}). If they were not "
            "counted, they are missing: leave their cells empty. If truly nothing happened, leave these periods out of the "
            "plan and say so in words."
        )


def _no_events(mean: float, size: float) -> float:
    """The chance of no event in a period with this mean; a negative binomial of infinite size is Poisson."""
    return float(np.exp(-mean if np.isinf(size) else -size * np.log1p(mean / size)))


def beside(series: Series, to: Cut, plan: Plan, *, zeros: bool = False) -> Cut:
    """Another series over the same periods, with the same periods left out."""
    made = cut(series, plan, question=False, zeros=zeros)
    if (made.series.start, len(made.values)) != (to.series.start, len(to.values)):
        made = _aligned(series, to, made)
    values = np.where(np.isnan(to.values), np.nan, made.values)
    return Cut(
        made.series, values, to.at, made.notes, made.late, made.missing, made.partial, made.changes, made.observed
    )


def _aligned(series: Series, to: Cut, made: Cut) -> Cut:
    first = series.index(to.series.start)
    part = series.slice(first, first + len(to.values))
    return Cut(
        part, part.values.copy(), to.at, {}, made.late, made.missing, made.partial, made.changes, part.values.copy()
    )


def last_day(day: date, plan: Plan) -> date:
    """The last day of the period that begins on this day."""
    return date.fromordinal(step(day, plan.data.period, 1).toordinal() - 1)


def definitions_within(other: Cut, before: int) -> tuple[DefinitionChange, ...]:
    """Changes of definition of another series inside of the stretch that is compared."""
    return tuple(c for c in other.changes if other.series.index(c.day) >= other.at - before)


def _of_counts(one: Series) -> str:
    counts = [None if np.isnan(v) else float(v) for v in one.values]
    return hashlib.sha256(rfc8785.dumps([one.period, one.start.isoformat(), counts])).hexdigest()
