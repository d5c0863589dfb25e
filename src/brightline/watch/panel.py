"""A panel: one outcome for each unit in each period, and the period in which each unit was first treated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brightline.watch.problems import WatchError

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
                f"It is not known when these units were treated: {shown(self.units, np.isnan(first))}. "
                "Unknown is not never: say when, or leave the units out."
            )
        gaps = np.diff(periods)
        if (gaps <= 0).any() or np.ptp(gaps) > 1e-9 * np.abs(gaps).max():
            raise WatchError(
                f"The periods are not evenly spaced ({', '.join(f'{p:g}' for p in periods[:6])} …): "
                "a period is missing for every unit. Load it, or use longer periods."
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
            f"{labels[one // len(periods)]} in {periods[one % len(periods)]:g} is told {int(times.max())} times "
            f"({int((times > 1).sum())} such cells); keep one row for each unit and period, or sum them."
        )
    table = np.full(len(names) * len(periods), np.nan)
    table[cell] = values
    dates[np.isnan(dates) if np.isnan(never) else dates == never] = NEVER
    start = np.full(len(names), np.nan)
    start[at] = dates
    moved = (start[at] != dates) & ~(np.isnan(start[at]) & np.isnan(dates))
    if moved.any():
        raise WatchError(f"{labels[at[moved][0]]} has more than one date of first treatment; a unit has one, or none.")
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
    for what, given, wanted in (("units", labels, table.shape[0]), ("periods", times, table.shape[1])):
        if given and len(given) != wanted:
            raise WatchError(f"{len(given)} {what} are named, and the table has {wanted}.")
    bad = ~np.isfinite(table)
    if bad.any():
        row, column = np.argwhere(bad)[0].tolist()
        where = f"{labels[row] if labels else f'unit {row + 1}'} in "
        where += f"{times[column]:g}" if times else f"period {column + 1}"
        raise WatchError(
            f"{int(bad.sum())} of {table.size} cells are missing (first: {where}). Fill them from the source, or leave "
            "the unit or the period out for all. Missing is not zero."
        )
    return table


def shown(names: Sequence[str], which: NDArray[np.bool_]) -> str:
    """The names of these, three at most and how many more."""
    told = [name for name, yes in zip(names, which.tolist(), strict=True) if yes]
    return ", ".join(told[:_SHOWN]) + (f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else "")
