"""Chance for policies that begin at different dates: what the overall effect would be had other units had the dates.

The overall effect of Callaway & Sant'Anna (2021, J. Econometrics 225:200) is a sum over units of one contrast of
periods for each date, so an assignment of the dates costs a look-up for each unit. With few treated units a cluster
error rests on as few numbers and rejects far too often; ranks among assignments do not (Conley & Taber 2011, Rev. Econ.
Stat. 93:113; MacKinnon & Webb 2020, J. Econometrics 218:435). They are exact when any unit might have had any of the
dates. Small units are noisier than large ones, so that each effect is divided by the noise expected of the units that
get the dates (Ferman & Pinto 2019, Rev. Econ. Stat. 101:452): without this, small treated units make chance a finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from brightline.watch.joint import Estimates, t_point
from brightline.watch.panel import Floats, Panel
from brightline.watch.problems import WatchError
from brightline.watch.staggered import Bools, Controls

Ints = NDArray[np.intp]
_CELLS = 20_000_000  # draws times units: fewer are drawn from a very large panel
_BEFORE = 4  # common periods before the first date, from which the noise of a unit is told
_NEAR = 1e-9


@dataclass(frozen=True)
class Assigned:
    """The overall effect among those of other assignments; `low` and `high` hold no effect unless p < alpha.

    With too few assignments p cannot be below alpha, and the interval has no ends.
    """

    effect: float  # as `Staggered.overall`
    p: float
    low: float
    high: float
    draws: int
    every: bool  # all other assignments, instead of some by chance
    null: Floats  # (draws,), effects of the assignments in the noise of the real one: p is the rank of `effect`
    spread: float  # of `null` with the estimated effect taken out: a standard error, for the smallest effect to be seen


def over_dates_of_units(
    panel: Panel, *, controls: Controls = "not yet", alpha: float = 0.05, draws: int = 1000, seed: int = 0
) -> Assigned:
    """Rank the overall effect among assignments of the same dates to the units, never treated and treated alike.

    All other assignments where they are no more than `draws`, else that many by chance; p counts the real one (Phipson
    & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39). The interval holds the constant effects that, taken out of the
    treated cells, leave a rank that is not below alpha.
    Raises WatchError where there is no overall effect.
    """
    design = _design(panel, controls)
    others, every = _assignments(design.at, draws, seed)
    contrast = design.contrast(design.times() >= 0)
    scale = design.scale(contrast, others)
    by_unit = design.outcome @ contrast.T
    effect = float(_summed(by_unit, design.at))
    null = scale * _summed(by_unit, others)
    moved = scale * _summed(design.treated @ contrast.T, others)
    low, high = _reach(effect, null, moved)
    reached = int(((low <= 0) & (high >= 0)).sum())
    fewest = math.ceil(alpha * (1 + len(others)) - 1 - _NEAR)  # with as many p is not below alpha
    return Assigned(
        effect=effect,
        p=(1 + reached) / (1 + len(others)),
        low=float(np.sort(low)[fewest - 1]) if fewest > 0 else -math.inf,
        high=float(np.sort(high)[-fewest]) if fewest > 0 else math.inf,
        draws=len(others),
        every=every,
        null=null,
        spread=float(np.std(null - effect * moved)),
    )


def times_over_dates_of_units(
    panel: Panel, told: Estimates, *, controls: Controls = "not yet", draws: int = 1000, seed: int = 0
) -> Estimates:
    """`Staggered.dynamic` with the covariance and the band that the assignments tell, instead of the cluster error.

    The overall effect is taken out of the treated cells first, so that it is no noise of the others.
    """
    design = _design(panel, controls)
    others, _ = _assignments(design.at, draws, seed)
    times = design.times()
    overall = design.contrast(times >= 0)
    effect = float(_summed(design.outcome @ overall.T, design.at))
    left = design.outcome - effect * design.treated
    null = np.empty((len(others), len(told.at)))
    for i, time in enumerate(told.at.tolist()):
        contrast = design.contrast(times == time)
        null[:, i] = design.scale(contrast, others) * _summed(left @ contrast.T, others)
    covariance = null.T @ null / len(others)
    error = np.sqrt(np.diag(covariance))
    one = t_point(0.5 + told.level / 2, math.inf)
    largest = np.abs(null / np.where(error > 0, error, 1)).max(axis=1)
    critical = max(one, float(np.quantile(largest, told.level)))
    return replace(
        told,
        error=error,
        low=told.estimate - one * error,
        high=told.estimate + one * error,
        band_low=told.estimate - critical * error,
        band_high=told.estimate + critical * error,
        critical=critical,
        covariance=covariance,
    )


@dataclass(frozen=True)
class _Design:
    """Everything that is the same for all assignments: who can be compared, when, and how many have each date."""

    outcome: Floats  # (N, T), of units that are not treated from the first period on
    treated: Floats  # (N, T), 1 from the date on
    noise: Floats  # (N,)
    at: Ints  # (N,), the date of each unit by its number
    dates: Floats  # (G,), the last may be never
    size: Ints  # (G,), units
    periods: Floats
    cells: tuple[tuple[int, int, int, Bools], ...]  # date, period, the period it is compared with, dates of controls

    def times(self) -> Ints:
        """Periods since treatment for each cell."""
        starts = np.searchsorted(self.periods, self.dates)
        return np.array([k - starts[g] for g, k, _, _ in self.cells])

    def contrast(self, chosen: Bools) -> Floats:
        """For each date the weights of the periods of one of its units, (G, T).

        Their sum over all units and periods is the mean of the effects by periods since treatment, each the mean of
        the chosen cells weighted by the size of the group.
        """
        times = self.times()
        size = np.array([self.size[g] for g, *_ in self.cells])
        beside = {time: size[chosen & (times == time)].sum() for time in np.unique(times[chosen]).tolist()}
        weights = np.zeros((len(self.dates), len(self.periods)))
        for i in np.flatnonzero(chosen).tolist():
            g, k, base, free = self.cells[i]
            cell = self.size[g] / beside[times[i]] / len(beside)
            change = cell * ((np.arange(len(self.dates)) == g) - free * self.size / self.size[free].sum())
            weights[:, k] += change
            weights[:, base] -= change
        return weights / self.size[:, None]

    def scale(self, contrast: Floats, others: Ints) -> Floats:
        """The noise expected of the real assignment over that of each other."""
        noise = np.outer(self.noise, (contrast**2).sum(axis=1))
        return np.sqrt(_summed(noise, self.at) / _summed(noise, others))


def _summed(by_unit: Floats, assigned: Ints) -> Floats:
    """The sum over units of what each tells with the date it is assigned."""
    total: Floats = by_unit[np.arange(len(by_unit)), assigned].sum(axis=-1)
    return total


def _design(panel: Panel, controls: Controls) -> _Design:
    kept = panel.first > panel.periods[0]
    outcome, first, periods = panel.outcome[kept], panel.first[kept], panel.periods
    first = np.where(first > periods[-1], np.inf, first)
    dates, at, size = np.unique(first, return_inverse=True, return_counts=True)
    cells = []
    for g in np.flatnonzero(np.isfinite(dates)).tolist():
        start = int(np.searchsorted(periods, dates[g]))
        for k in range(1, len(periods)):
            base = start - 1 if k >= start else k - 1
            free = (dates > periods[max(k, base)] if controls == "not yet" else np.isinf(dates)) & (dates != dates[g])
            if free.any():
                cells.append((g, k, base, free))
    if not any(periods[k] >= dates[g] for g, k, _, _ in cells):
        raise WatchError("No unit is treated after the first period while others are not: there is no overall effect.")
    treated = (periods >= first[:, None]).astype(np.float64)
    return _Design(outcome, treated, _noise(outcome, first, periods), at, dates, size, periods, tuple(cells))


def _noise(outcome: Floats, first: Floats, periods: Floats) -> Floats:
    """The variance of each unit around its mean and the mean of all, before anybody is treated.

    As if one more period had shown the mean variance, for few periods tell a variance badly. Where there are too few,
    it is that of the changes from period to period without the largest, for an effect that begins is one change.
    """
    before = outcome[:, periods < first.min()]
    if before.shape[1] >= _BEFORE:
        apart = before - before.mean(axis=1, keepdims=True)
        square = (apart - apart.mean(axis=0)) ** 2
        freedom = before.shape[1] - 1
    else:
        change = np.diff(outcome, axis=1)
        square = np.sort((change - change.mean(axis=0)) ** 2, axis=1)[:, :-1]
        freedom = square.shape[1]
    total = square.sum(axis=1)
    if not total.any():
        return np.ones(len(outcome))
    variance: Floats = (total + total.mean() / freedom) / (freedom + 1)
    return variance


def _assignments(at: Ints, draws: int, seed: int) -> tuple[Ints, bool]:
    """Numbers of dates for each unit, (draws, units), and whether these are all assignments but the real one."""
    draws = min(draws, max(1, _CELLS // len(at)))
    size = np.bincount(at)
    count, left = 1, len(at)
    for one in np.sort(size)[:-1].tolist():
        count *= math.comb(left, one)
        left -= one
        if count > draws + 1:
            return np.random.default_rng(seed).permuted(np.tile(at, (draws, 1)), axis=1), False
    every = _every(size)
    return every[(every != at).any(axis=1)], True


def _every(size: Ints) -> Ints:
    """All ways to give each date to as many units as have it; the most common date goes to those that are left."""
    *rare, common = np.argsort(size).tolist()
    told = [np.full(int(size.sum()), common)]
    for date in rare:
        further = []
        for row in told:
            for chosen in combinations(np.flatnonzero(row == common).tolist(), int(size[date])):
                further.append(row.copy())
                further[-1][list(chosen)] = date
        told = further
    return np.stack(told)


def _reach(effect: float, null: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """For each draw the constant effects x, on both sides of the estimate, with |null - x moved| >= |effect - x|.

    `moved` is what a constant effect of one in the treated cells adds to the draw; it adds one to the real effect. The
    ends are where the two sides are equal, with equal sign or opposite. The set ends at the first of them; where it
    begins again beyond (only if `moved` is above one) and no effect is in it, it is taken to reach that far.
    """
    equal, some = _root(effect - null, 1 - moved)
    opposite, any_at_all = _root(effect + null, 1 + moved)
    low, high = np.minimum(equal, opposite), np.maximum(equal, opposite)
    outside = np.abs(moved) > 1 + _NEAR
    above, below = outside & (low >= effect), outside & (low < effect)
    low, high = (
        np.where(above, -np.inf, np.where(below, high, low)),
        np.where(above, low, np.where(below, np.inf, high)),
    )
    always = some | any_at_all
    covers = always | (np.abs(null) >= abs(effect) * (1 - _NEAR))
    low, high = np.where(always, -np.inf, low), np.where(always, np.inf, high)
    return np.where(covers, np.minimum(low, 0), low), np.where(covers, np.maximum(high, 0), high)


def _root(gap: Floats, slope: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Where gap = slope x; infinite where the slope is zero, and whether both are zero, so that it is everywhere."""
    flat = np.abs(slope) <= _NEAR
    root = np.where(flat, np.copysign(np.inf, gap), gap / np.where(flat, 1.0, slope))
    return root, flat & (np.abs(gap) <= _NEAR)
