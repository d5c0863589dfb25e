"""How large may a departure from parallel trends be before an effect can no longer be told from zero?

Relative magnitudes of Rambachan & Roth (2023, Rev. Econ. Studies 90:2555): between two neighbouring periods after the
event the gap between the groups may move, for other reasons, at most Mbar times as much as it moved at most between
two neighbouring periods before it.

What is unknown after the event can be taken out in closed form. If every later step is at most M v, the part of l'delta
that it can move is M v sum_j |l_j + … + l_K|, and every value in between is reached. So each of the pieces of which the
set is made (which step before was the largest, and its sign) is two linear inequalities in the estimates and
the effect, without nuisance parameters, and the conditional test with a least-favourable first stage of Andrews, Roth &
Pakes (2023) needs no linear programme: the larger of two standardised moments, compared with a normal truncated by the
other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import normal_cdf, normal_quantile
from brightline.watch.event import EventStudy
from brightline.watch.panel import Floats
from brightline.watch.problems import WatchError

MBARS = (0.5, 1.0, 1.5, 2.0)
_FIRST_STAGE = 0.1  # of the size of the test is spent on the least-favourable stage
_POINTS = 200  # of the coarse grid to each side
_REFINED = 10  # times that an end is looked at eight times as closely
_BISECTIONS = 12
_MOST = 20.0  # standard errors to either side of the identified set
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(64)
_LARGEST = 64.0  # Mbar; an effect that survives this survives anything of the kind


@dataclass(frozen=True)
class Bound:
    """The effect, if trends after the event depart at most `mbar` times as much as before."""

    mbar: float
    low: float
    high: float

    @property
    def tells(self) -> bool:
        """The interval excludes zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Bounds:
    """Intervals for one average of the effects after the event, in the scale of the estimates."""

    estimate: float
    error: float
    original: Bound  # exactly parallel trends (mbar 0), the ordinary interval
    bounds: tuple[Bound, ...]
    breakdown: float | None  # smallest Mbar whose interval holds zero; None if even the ordinary one does
    level: float

    def at(self, mbar: float) -> Bound:
        return next(b for b in self.bounds if b.mbar == mbar)


def relative_magnitudes(
    estimate: Floats,
    covariance: Floats,
    before: int,
    *,
    weights: Sequence[float] | None = None,
    mbars: Sequence[float] = MBARS,
    level: float = 0.95,
) -> Bounds:
    """Intervals from event-study estimates in order of time, without the reference between the first `before` and the
    rest; `weights` (one for each period after) say which average of effects is meant, by default the first alone.

    Raises WatchError when there is no period before the reference, or the covariance does not fit.
    """
    beta, sigma = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    after = len(beta) - before
    if before < 1 or after < 1:
        raise WatchError(
            "The bounds need estimates before the reference period and after it; there are {before} and {after}. "
            "Load more periods before the event.",
            before=max(before, 0),
            after=max(after, 0),
        )
    if sigma.shape != (len(beta), len(beta)) or not np.isfinite(sigma).all() or not np.isfinite(beta).all():
        raise WatchError("{n} estimates need a covariance of {n} by {n} numbers.", n=len(beta))
    if not (np.diag(sigma) > 0).all():
        raise WatchError("A standard error of zero leaves nothing to bound: some estimates have no variation.")
    l_after = np.zeros(after) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights is None:
        l_after[0] = 1
    if l_after.shape != (after,) or not np.isfinite(l_after).all() or not l_after.any():
        raise WatchError(
            "There are {after} periods after the event; each needs a weight, and one must not be zero.", after=after
        )
    if any(not (m >= 0 and math.isfinite(m)) for m in mbars):
        raise WatchError("Mbar says how many times larger a departure may be: a number from 0 on.")
    problem = _Problem(beta, sigma, before, l_after, 1 - level)
    point, error = problem.point, problem.error
    margin = float(normal_quantile(0.5 + level / 2)) * error
    original = Bound(0.0, point - margin, point + margin)
    found = tuple(Bound(float(m), *problem.interval(float(m))) for m in mbars)
    return Bounds(point, error, original, found, problem.breakdown() if original.tells else None, level)


def of_study(
    study: EventStudy,
    *,
    average: bool = True,
    mbars: Sequence[float] = MBARS,
    level: float = 0.95,
) -> Bounds:
    """Bounds for the mean effect after the event (weighted by the periods of each block) or for its first block."""
    told = study.estimates
    after = np.array([b for b, t in zip(_without_reference(study), told.at, strict=True) if t >= 0], dtype=np.float64)
    return relative_magnitudes(
        told.estimate,
        told.covariance,
        int(study.before.sum()),
        weights=(after / after.sum()).tolist() if average else None,
        mbars=mbars,
        level=level,
    )


def _without_reference(study: EventStudy) -> list[int]:
    early = int(study.before.sum())
    return [b for i, b in enumerate(study.blocks) if i != early]


class _Problem:
    """The same estimates at many Mbar. A piece is a step before the event that may have been the largest, with a sign.

    The pieces need not ask whether their step was the largest: their union over all steps is the same set.
    """

    def __init__(self, beta: Floats, sigma: Floats, before: int, l_after: Floats, alpha: float) -> None:
        self.alpha = alpha
        # Steps before the event, the last of them to the reference, whose estimate is zero
        steps = np.zeros((before, len(beta)))
        for r in range(before):
            steps[r, r] = -1
            if r + 1 < before:
                steps[r, r + 1] = 1
        effect = np.concatenate([np.zeros(before), l_after])
        self.point = float(effect @ beta)
        self.variance = float(effect @ sigma @ effect)
        reach = float(np.abs(np.cumsum(l_after[::-1])).sum())
        largest = reach * np.concatenate([steps, -steps])  # how far one step moves the effect, for Mbar 1: (S, K)
        self.allowed = largest @ beta
        self.allowed_variance = np.einsum("sk,kj,sj->s", largest, sigma, largest)
        self.between = largest @ sigma @ effect

    @property
    def error(self) -> float:
        return math.sqrt(self.variance)

    def test(self, mbar: float) -> _Test:
        common = self.variance + mbar**2 * self.allowed_variance
        over = np.sqrt(np.maximum(common - 2 * mbar * self.between, 1e-12 * common))
        under = np.sqrt(np.maximum(common + 2 * mbar * self.between, 1e-12 * common))
        rho = np.clip((mbar**2 * self.allowed_variance - self.variance) / (over * under), -1, 1 - 1e-9)
        # The second half are the same steps with the other sign: the two moments change places
        first = np.tile(_largest_of_two(rho[: len(rho) // 2], 1 - _FIRST_STAGE * self.alpha), 2)
        return _Test(self.point, mbar * self.allowed, over, under, rho, first, self.alpha)

    def interval(self, mbar: float) -> tuple[float, float]:
        """The smallest and the largest effect that is not rejected on some piece."""
        furthest = mbar * float(np.abs(self.allowed).max() + _MOST * np.sqrt(self.allowed_variance).max())
        furthest += _MOST * self.error
        # Dense where the ends lie, sparse far away
        t = np.linspace(-1, 1, 2 * _POINTS + 1)
        grid = self.point + furthest * np.sign(t) * np.abs(t) ** 3
        test = self.test(mbar)
        at = np.flatnonzero(test.accepts(grid))
        return test.end(grid, int(at[0]), -1), test.end(grid, int(at[-1]), 1)

    def breakdown(self) -> float:
        """The smallest Mbar at which zero is not rejected; infinity if it is at any."""
        zero = np.zeros(1)
        low, high = 0.0, 0.125
        while not self.test(high).accepts(zero)[0]:
            low, high = high, high * 2
            if high > _LARGEST:
                return math.inf
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.test(middle).accepts(zero)[0] else (middle, high)
        return high


@dataclass(frozen=True)
class _Test:
    """Two moments on each of S pieces, (point - theta - room) / over and (theta - point - room) / under: each of
    variance one, with correlation rho, and below zero where the piece is true."""

    point: float
    room: Floats  # (S,)
    over: Floats
    under: Floats
    rho: Floats
    first: Floats  # critical values of the least-favourable stage
    alpha: float

    def accepts(self, theta: Floats) -> NDArray[np.bool_]:
        """Whether each theta is not rejected on at least one piece."""
        rho, first, room = self.rho[:, None], self.first[:, None], self.room[:, None]
        a = (self.point - theta - room) / self.over[:, None]
        b = (theta - self.point - room) / self.under[:, None]
        top, other = np.maximum(a, b), np.minimum(a, b)
        low = (other - rho * top) / (1 - rho)
        size = self.alpha * (1 - _FIRST_STAGE) / (1 - _FIRST_STAGE * self.alpha)
        # A normal truncated to (low, first) is beyond `top` with at least this probability; below zero it never rejects
        beyond, beyond_low, beyond_first = normal_cdf(-top), normal_cdf(-low), normal_cdf(-first)
        kept = beyond - beyond_first >= size * (beyond_low - beyond_first)
        not_rejected = (top <= first) & (kept | (top <= 0))
        return np.asarray(not_rejected.any(axis=0))

    def end(self, grid: Floats, at: int, way: int) -> float:
        """Where acceptance ends beyond point `at` of the grid, by looking eight times as closely each time."""
        if not 0 <= at + way < len(grid):
            return math.inf * way
        inside, outside = float(grid[at]), float(grid[at + way])
        for _ in range(_REFINED):
            between = np.linspace(inside, outside, 9)
            k = int(np.flatnonzero(self.accepts(between[:-1]))[-1])
            inside, outside = float(between[k]), float(between[k + 1])
        return inside


def _largest_of_two(rho: Floats, level: float) -> Floats:
    """The `level` quantile of the larger of two standard normals with these correlations: quadrature, then Newton."""
    left = np.sqrt(np.maximum(1 - rho * rho, 1e-12))[:, None]
    c = np.full(len(rho), float(normal_quantile((1 + level) / 2)))  # as if they never exceeded together: not below
    for _ in range(8):
        # P(both <= c): the first from -10 to c, the second given the first; the bend of rho near -1 lies at -c
        total = np.zeros(len(rho))
        for start, end in ((np.full(len(rho), -10.0), -c), (-c, c)):
            z = start[:, None] + (end - start)[:, None] * (_NODES + 1) / 2
            density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
            inner = normal_cdf((c[:, None] - rho[:, None] * z) / left)
            total += (_NODE_WEIGHTS * density * inner).sum(axis=1) * (end - start) / 2
        slope = 2 * np.exp(-c * c / 2) / math.sqrt(2 * math.pi) * normal_cdf(c * np.sqrt((1 - rho) / (1 + rho + 1e-12)))
        step = (total - level) / slope
        c = c - step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(c)
