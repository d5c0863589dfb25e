"""A panel: one outcome for each unit in each period, and the period in which each unit was first treated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brightline.watch.problems import Phrase, WatchError

Floats = NDArray[np.float64]
NEVER = float("inf")
_SHOWN = 3


@dataclass(frozen=True)
class Panel:
    """A balanced table: no cell is missing, the periods are evenly spaced, and each unit has one date or NEVER."""

    units: tuple[str, ...]
    periods: Floats  # (T,), ascending, in the unit of `first`
    outcome: Floats  # (N, T)
    first: Floats  # (N,), the first treated period, or NEVER

    def __post_init__(self) -> None:
        outcome = check_table(self.outcome, self.units, self.periods)
        periods = np.array(self.periods, dtype=np.float64)
        first = np.array(self.first, dtype=np.float64)
        if np.isnan(first).any():
            raise WatchError(
                "It is not known when these units were treated: {units}. "
                "Unknown is not never: say when, or leave the units out.",
                units=shown(self.units, np.isnan(first)),
            )
        gaps = np.diff(periods)
        if (gaps <= 0).any() or np.ptp(gaps) > 1e-9 * np.abs(gaps).max():
            raise WatchError(
                "The periods are not evenly spaced ({periods} …): "
                "a period is missing for every unit. Load it, or use longer periods.",
                periods=", ".join(f"{p:g}" for p in periods[:6]),
            )
        for name, value in (("outcome", outcome), ("periods", periods), ("first", first)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Units that are treated by the last period, (N,)."""
        ever: NDArray[np.bool_] = self.first <= self.periods[-1]
        return ever


def from_columns(
    unit: Sequence[Any], period: Sequence[float], outcome: Sequence[float], first: Sequence[float], *, never: float
) -> Panel:
    """A panel from rows in any order. `first` repeats on each row of a unit; `never` is how never is written (0, NaN).

    Raises WatchError for a row told twice, a missing cell, and a unit with two dates.
    """
    names, at = np.unique(np.asarray(unit), return_inverse=True)
    periods, when = np.unique(np.asarray(period, dtype=np.float64), return_inverse=True)
    values, dates = np.asarray(outcome, dtype=np.float64), np.asarray(first, dtype=np.float64).copy()
    if not len(names):
        raise WatchError("The panel has no rows.")
    labels = tuple(str(n) for n in names.tolist())
    cell = at * len(periods) + when
    told, times = np.unique(cell, return_counts=True)
    if (times > 1).any():
        one = int(told[times > 1][0])
        raise WatchError(
            "{unit} in {period:g} is told {times} times "
            "({cells} such cells); keep one row for each unit and period, or sum them.",
            unit=labels[one // len(periods)],
            period=periods[one % len(periods)],
            times=int(times.max()),
            cells=int((times > 1).sum()),
        )
    table = np.full(len(names) * len(periods), np.nan)
    table[cell] = values
    dates[np.isnan(dates) if np.isnan(never) else dates == never] = NEVER
    start = np.full(len(names), np.nan)
    start[at] = dates
    moved = (start[at] != dates) & ~(np.isnan(start[at]) & np.isnan(dates))
    if moved.any():
        raise WatchError(
            "{unit} has more than one date of first treatment; a unit has one, or none.", unit=labels[at[moved][0]]
        )
    return Panel(labels, periods, table.reshape(len(names), len(periods)), start)


def check_table(outcome: Floats, units: Sequence[str] = (), periods: Iterable[float] = ()) -> Floats:
    """The outcome as a fresh (units, periods) array; a WatchError when it is no full table of numbers."""
    table = np.array(outcome, dtype=np.float64)
    if table.ndim != 2:
        raise WatchError("A panel is a table with a row for each unit and a column for each period.")
    if table.shape[0] < 2:
        raise WatchError(
            "There is one unit only, and nothing to compare it with. Add units that the policy does not touch, "
            "or use an interrupted series with placebo dates."
        )
    if table.shape[1] < 2:
        raise WatchError("There are too few periods: at least one before and one after the date are needed.")
    labels, times = tuple(units), tuple(periods)
    for what, given, wanted in ((Phrase("units"), labels, table.shape[0]), (Phrase("periods"), times, table.shape[1])):
        if given and len(given) != wanted:
            raise WatchError(
                "{given} {what} are named, and the table has {wanted}.", given=len(given), what=what, wanted=wanted
            )
    bad = ~np.isfinite(table)
    if bad.any():
        row, column = np.argwhere(bad)[0].tolist()
        raise WatchError(
            "{bad} of {cells} cells are missing (first: {where}). Fill them from the source, or leave "
            "the unit or the period out for all. Missing is not zero.",
            bad=int(bad.sum()),
            cells=table.size,
            where=_cell(row, column, labels, times),
        )
    return table


def _cell(row: int, column: int, labels: Sequence[str], times: Sequence[float]) -> Phrase:
    """Where a cell stands: by the names of its unit and period, or by their numbers."""
    if labels and times:
        return Phrase("{unit} in {period:g}", unit=labels[row], period=times[column])
    if labels:
        return Phrase("{unit} in period {column}", unit=labels[row], column=column + 1)
    if times:
        return Phrase("unit {row} in {period:g}", row=row + 1, period=times[column])
    return Phrase("unit {row} in period {column}", row=row + 1, column=column + 1)


def shown(names: Sequence[str], which: NDArray[np.bool_]) -> Phrase:
    """The names of these, three at most and how many more."""
    told = [name for name, yes in zip(names, which.tolist(), strict=True) if yes]
    first = ", ".join(told[:_SHOWN])
    if len(told) <= _SHOWN:
        return Phrase("{names}", names=first)
    return Phrase("{names} and {more} more", names=first, more=len(told) - _SHOWN)
