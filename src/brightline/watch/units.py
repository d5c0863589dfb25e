"""Units that are compared: their counts over the same periods, and which of them are exposed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from brightline.watch.cut import Cut, beside
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.series import Floats, Period, Series

_YEAR: dict[Period, int] = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class Units:
    """Counts of each unit over the same periods; periods in which one was not counted are left out for all."""

    names: tuple[str, ...]
    counts: Floats  # (N, T)
    at: int
    days: tuple[date, ...]
    dropped: int


def units_of(series: Sequence[Series], part: Cut, plan: Plan) -> Units:
    """Line the units up with the plan's periods."""
    if len(series) < 2:
        raise WatchError(
            "There is one unit only ({unit}), and a comparison needs others. Load more places, or use `its_quasipoisson`.",
            unit=series[0].place if series else "–",
        )
    parts = [beside(one, part, plan, zeros=True) for one in series]
    names = [one.place or one.name for one in series]
    if len(set(names)) < len(names):
        names = [one.label for one in series]
    if twice := [name for name in names if names.count(name) > 1]:
        raise WatchError("The unit `{unit}` stands in the comparison twice; leave one out.", unit=twice[0])
    table = np.stack([p.values for p in parts])
    seen = np.asarray(~np.isnan(table).any(axis=0))
    at = int(seen[: part.at].sum())
    if not 0 < at < int(seen.sum()):
        raise WatchError("No period is left on one side of the date in which every unit was counted; leave units out.")
    days = tuple(day for day, kept in zip(part.days, seen.tolist(), strict=True) if kept)
    return Units(tuple(names), table[:, seen], at, days, int((~seen).sum()))


def exposure_of(estimator: Estimator, units: Units) -> Floats:
    """0/1 or a share for each unit, fixed before the event."""
    known(set(estimator.exposed) | set(estimator.exposure) | set(estimator.dates), units)
    if estimator.exposure:
        lacking = [n for n in units.names if n not in estimator.exposure]
        if lacking:
            raise WatchError("The plan gives no exposure for the unit `{unit}`; unknown is not zero.", unit=lacking[0])
        return np.array([estimator.exposure[n] for n in units.names], dtype=np.float64)
    exposed = set(estimator.exposed) | set(estimator.dates)
    return np.array([n in exposed for n in units.names], dtype=np.float64)


def known(named: set[str], units: Units) -> None:
    """Raise WatchError for a name that no unit has: a misspelt one would stand among the controls."""
    unknown = sorted(named - set(units.names))
    if unknown:
        raise WatchError(
            "The plan names the unit `{unit}`, which is not in the data; there are {names}.",
            unit=unknown[0],
            names=", ".join(units.names[:8]) + (" …" if len(units.names) > 8 else ""),
        )


def had_nothing_changed(counts: Floats, first: Floats, effect: float) -> float:
    """Events of the treated from their dates on, divided by the ratio `exp(effect)`: what would have come without it."""
    after = np.arange(counts.shape[1]) >= first[:, None]
    return float(counts[after].sum() * math.exp(-effect))


def level_before(counts: Floats, first: Floats, period: Period | None = None) -> float:
    """Events of the treated before their dates (`first`: numbers of periods), in as many periods as lie behind.

    At their mean, or with a `period` at the mean of the last year or of as many periods as lie behind, whichever is longer:
    what has grown for years did not stand at the mean of those years.
    """
    total = 0.0
    for row, start in zip(counts, first.tolist(), strict=True):
        if 0 < start < len(row):
            at = int(start)
            last = max(len(row) - at, _YEAR[period]) if period else at
            total += float(row[max(at - last, 0) : at].mean()) * (len(row) - at)
    return total
