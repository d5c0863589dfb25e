"""Policies that begin at different dates: group-time effects, and what a two-way regression would have averaged.

Callaway & Sant'Anna (2021, J. Econometrics 225:200), without covariates: a group is compared with units that are not
yet treated (or never), by differences of means, each with the period just before. The decomposition is that of
Goodman-Bacon (2021, J. Econometrics 225:254): it shows how much of a two-way fixed-effects estimate comes from
comparisons with units that were already treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.joint import Estimates, Wald, estimates, wald
from brightline.watch.panel import Floats, Panel, shown
from brightline.watch.problems import WatchError

Controls = Literal["not yet", "never"]
Bools = NDArray[np.bool_]
_FEWEST_UNITS = 5


@dataclass(frozen=True)
class GroupTime:
    """The effect on the group first treated in `group`, in `period`; before it, a check that should be zero."""

    group: float
    period: float
    estimate: float
    error: float
    band_low: float
    band_high: float
    treated: int  # units
    controls: int  # units


@dataclass(frozen=True)
class Staggered:
    """Effects in the unit of the outcome. `dynamic` is by periods since treatment, `groups` by first period."""

    cells: tuple[GroupTime, ...]
    dynamic: Estimates
    groups: Estimates
    overall: Estimates  # the mean of the dynamic effects from the first treated period on
    simple: Estimates  # the mean of all treated cells, weighted by the size of the group
    pretest: Wald
    controls: Controls
    left_out: tuple[str, ...]  # units treated from the first period on: there is nothing before
    small_groups: tuple[float, ...]  # fewer than five units: their standard errors are too small

    def cell(self, group: float, period: float) -> GroupTime:
        return next(c for c in self.cells if (c.group, c.period) == (group, period))


@dataclass(frozen=True)
class Comparison:
    """One two-by-two difference in differences inside a two-way regression."""

    kind: Literal["treated v never", "earlier v later", "later v earlier", "later v always"]
    treated: float
    control: float
    weight: float
    estimate: float


@dataclass(frozen=True)
class Bacon:
    """All comparisons; weights add up to one. `forbidden` is the share that compares with the already treated."""

    comparisons: tuple[Comparison, ...]
    twoway: float  # the weighted sum: the two-way fixed-effects estimate, shown and never recommended
    forbidden: float

    def kinds(self) -> dict[str, tuple[float, float]]:
        """Weight and average estimate of each kind."""
        result: dict[str, tuple[float, float]] = {}
        for kind in dict.fromkeys(c.kind for c in self.comparisons):
            told = [c for c in self.comparisons if c.kind == kind]
            weight = sum(c.weight for c in told)
            result[kind] = (weight, sum(c.weight * c.estimate for c in told) / weight)
        return result


def callaway_santanna(
    panel: Panel, *, controls: Controls = "not yet", level: float = 0.95, draws: int = 1000, seed: int = 0
) -> Staggered:
    """Group-time effects and their averages, with a simultaneous band from `draws` multiplier draws.

    Raises WatchError when nobody is treated, when nobody is left to compare with, and when no group has two periods.
    """
    always = panel.first <= panel.periods[0]
    rows = np.flatnonzero(~always)
    first = np.where(panel.first[rows] > panel.periods[-1], np.inf, panel.first[rows])
    y, periods, n = panel.outcome[rows], panel.periods, len(rows)
    groups = np.unique(first[np.isfinite(first)])
    if not len(groups):
        raise WatchError("No unit is treated within the periods of the data, after the first one.")
    if controls == "never" and not np.isinf(first).any():
        raise WatchError(
            "Every unit is treated in the end, so there is no never-treated control. "
            "Compare with the units that are not yet treated instead."
        )
    told: list[tuple[float, float, float, int, int]] = []
    since: list[int] = []
    influence: list[Floats] = []
    for g in groups:
        inside = first == g
        start = int(np.searchsorted(periods, g))
        for k in range(1, len(periods)):
            base = start - 1 if k >= start else k - 1
            free = first > periods[max(k, base)] if controls == "not yet" else np.isinf(first)
            free = free & ~inside
            if not free.any():
                continue
            change = y[:, k] - y[:, base]
            a, b = float(change[inside].mean()), float(change[free].mean())
            influence.append(
                np.where(inside, (change - a) / inside.sum(), 0) - np.where(free, (change - b) / free.sum(), 0)
            )
            since.append(k - start)
            told.append((float(g), float(periods[k]), a - b, int(inside.sum()), int(free.sum())))
    if not any(t >= g for g, t, *_ in told):
        raise WatchError(
            "All units are treated at once, and none is left as a control. Add units that the policy does not touch."
        )
    group, period, effect = (np.array([t[i] for t in told]) for i in range(3))
    table = np.stack(influence, axis=1)
    judged = partial(estimates, level=level, draws=draws, seed=seed)
    all_cells = judged(group, effect, table)
    before = period < group
    size = np.array([(first == g).mean() for g in groups])
    member = np.stack([first == g for g in groups], axis=1) - size  # what chance does to the sizes of groups
    which = np.searchsorted(groups, group)

    def average(chosen: Bools) -> tuple[float, Floats]:
        """The mean of these cells weighted by the size of their group, with the influence of the sizes themselves."""
        at = np.flatnonzero(chosen)
        p = size[which[at]]
        w = p / p.sum()
        drawn = member[:, which[at]] / p.sum() / n
        moved = drawn - drawn.sum(axis=1, keepdims=True) * w
        return float(w @ effect[at]), table[:, at] @ w + moved @ effect[at]

    event = np.array(since, dtype=np.float64)
    times = np.unique(event)
    by_time = [average(event == e) for e in times]
    by_group = [average((group == g) & ~before) for g in groups if ((group == g) & ~before).any()]
    treated_groups = np.array([g for g in groups if ((group == g) & ~before).any()])
    dynamic_influence = np.stack([v[1] for v in by_time], axis=1)
    dynamic_values = np.array([v[0] for v in by_time])
    late = times >= 0
    simple = average(~before)
    zero = np.zeros(1)
    return Staggered(
        cells=tuple(
            GroupTime(g, t, e, float(s), float(low), float(high), a, b)
            for (g, t, e, a, b), s, low, high in zip(
                told, all_cells.error, all_cells.band_low, all_cells.band_high, strict=True
            )
        ),
        dynamic=judged(times, dynamic_values, dynamic_influence),
        groups=judged(
            treated_groups,
            np.array([v[0] for v in by_group]),
            np.stack([v[1] for v in by_group], axis=1),
        ),
        overall=judged(
            zero,
            np.array([dynamic_values[late].mean()]),
            dynamic_influence[:, late].mean(axis=1, keepdims=True),
        ),
        simple=judged(zero, np.array([simple[0]]), simple[1][:, None]),
        pretest=wald(*all_cells.where(before)),
        controls=controls,
        small_groups=tuple(float(g) for g in groups if (first == g).sum() < _FEWEST_UNITS),
        left_out=tuple(panel.units[i] for i in np.flatnonzero(always)),
    )


def bacon(panel: Panel) -> Bacon:
    """The comparisons of which a two-way fixed-effects estimate of one treatment dummy is the weighted sum.

    Weights are those of Goodman-Bacon (2021), theorem 1. Raises WatchError when there is nothing to compare.
    """
    y, periods, first = panel.outcome, panel.periods, panel.first
    first = np.where(first > periods[-1], np.inf, np.where(first <= periods[0], -np.inf, first))
    groups = np.unique(first)
    if not (np.isfinite(groups).any() and len(groups) > 1):
        raise WatchError(
            "There is no comparison to take apart: the treated units begin at one date and there are no others, "
            "or nobody is treated (units: {units}).",
            units=shown(panel.units, np.ones(len(panel.units), dtype=bool)),
        )
    share = {g: float((first == g).mean()) for g in groups}
    on = {g: float((periods >= g).mean()) for g in groups}  # the share of periods in which the group is treated
    mean = {g: y[first == g].mean(axis=0) for g in groups}
    found: list[Comparison] = []

    def double(treated: float, control: float, window: Bools, after: Bools) -> float:
        gap = mean[treated] - mean[control]
        return float(gap[window & after].mean() - gap[window & ~after].mean())

    for k in groups[np.isfinite(groups)]:
        for other in groups:
            both = share[k] + share[other]
            part = share[k] / both
            spread = both**2 * part * (1 - part)
            everywhere = np.ones(len(periods), dtype=bool)
            if np.isposinf(other) or np.isneginf(other):
                kind: Literal["treated v never", "later v always"] = (
                    "treated v never" if other > 0 else "later v always"
                )
                weight = spread * on[k] * (1 - on[k])
                found.append(Comparison(kind, k, other, weight, double(k, other, everywhere, periods >= k)))
            elif k < other:
                window = periods < other
                weight = spread * (on[k] - on[other]) * (1 - on[k])
                found.append(Comparison("earlier v later", k, other, weight, double(k, other, window, periods >= k)))
            elif k > other:
                window = periods >= other
                weight = spread * on[k] * (on[other] - on[k])
                found.append(Comparison("later v earlier", k, other, weight, double(k, other, window, periods >= k)))
    total = sum(c.weight for c in found)
    scaled = tuple(Comparison(c.kind, c.treated, c.control, c.weight / total, c.estimate) for c in found)
    return Bacon(
        scaled,
        twoway=sum(c.weight * c.estimate for c in scaled),
        forbidden=sum(c.weight for c in scaled if c.kind in ("later v earlier", "later v always")),
    )
