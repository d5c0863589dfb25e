"""When did the level of a measurement change, where it is no count: steps beside a line, the noise not known before.

All divisions into up to `MOST` + 1 stretches are compared by n log(mean squared rest) + price x changes, with
price = `penalty` x log n x (1 + rho) / (1 - rho) as in `partition`; each number of changes has its best division by
dynamic programming (segment neighbourhood, Auger & Lawrence 1989, Bull Math Biol 51:39). A straight line through the
whole series may stand beside the steps for one price more, so that a steady trend is not told as a staircase.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brightline.watch.partition import (
    FAR_LAGS,
    FEWEST,
    PENALTY,
    SHORTEST,
    Floats,
    beside,
    correlation,
    find_spikes,
    lagged,
    trimmed,
)
from brightline.watch.problems import WatchError

MOST = 25  # changes
_ROUNDS = 5
_MOST_RHO = 0.98  # a smooth curve is nearly all correlation


@dataclass(frozen=True)
class Measured:
    """The changes of one series of measurements; a change is the first period of the new level, counted from 0."""

    changes: tuple[int, ...]
    slope: float  # by period, of the line beside the steps; 0 when none is needed
    spikes: tuple[int, ...]
    rho: float


def divide_measure(values: Floats, *, penalty: float = PENALTY, shortest: int = SHORTEST) -> Measured:
    """Divide one series (periods,) of measurements. Raises WatchError for gaps and for series that are too short."""
    y = np.asarray(values, dtype=np.float64)
    if not np.isfinite(y).all():
        raise WatchError("A value is missing or infinite; a change cannot be dated across a gap.")
    if len(y) < max(FEWEST, 2 * shortest):
        raise WatchError(
            f"{len(y)} periods are too few to look for a change; at least {max(FEWEST, 2 * shortest)} are needed."
        )
    scale = y.std()
    if scale == 0:
        return Measured((), 0.0, (), 0.0)
    y = (y - y.mean()) / scale
    variance, rho = _noise(y)
    single = find_spikes(y[None], lambda level: np.full_like(level, np.sqrt(variance)))[0]
    y = np.where(single, beside(y[None])[0], y)
    t = np.arange(len(y), dtype=np.float64)
    rho = _noise(y)[1]
    price = penalty * np.log(len(y)) * (1 + rho) / (1 - rho)
    cost, cuts = _best(y, price, shortest)
    found = [(cost, cuts, 0.0)]
    for start in {cuts, ()}:  # the line and the steps in turn, from the steps found without a line and from none
        cuts = start
        for _ in range(_ROUNDS):
            slope = _slope(y, t, cuts)
            before = cuts
            cost, cuts = _best(y - slope * t, price, shortest)
            found.append((cost + price, cuts, slope))
            if cuts == before:
                break
    _, cuts, slope = min(found)
    return Measured(cuts, slope * scale, tuple(np.flatnonzero(single).tolist()), rho)


def _noise(y: Floats) -> tuple[float, float]:
    """Variance and lag-1 correlation from trimmed differences, as in `partition.noise_of`."""
    near = trimmed(0.5 * lagged(y[None], 1) ** 2)
    far = np.mean([trimmed(0.5 * lagged(y[None], h) ** 2) for h in FAR_LAGS], axis=0)
    rho = correlation(near, far, _MOST_RHO)
    return float(max(near[0] / (1 - rho[0]), 1e-12)), float(rho[0])


def _slope(y: Floats, t: Floats, cuts: tuple[int, ...]) -> float:
    """The slope shared by all stretches, each with a level of its own."""
    ys = np.concatenate([part - part.mean() for part in np.split(y, cuts)])
    ts = np.concatenate([part - part.mean() for part in np.split(t, cuts)])
    return float(ts @ ys / (ts @ ts))


def _best(y: Floats, price: float, shortest: int) -> tuple[float, tuple[int, ...]]:
    """The cheapest of the best divisions with 0, 1, 2 … changes."""
    n = len(y)
    total, square = np.concatenate([[0.0], np.cumsum(y)]), np.concatenate([[0.0], np.cumsum(y * y)])
    periods = np.arange(n + 1)
    first, end = np.nonzero(periods[None, :] - periods[:, None] >= shortest)
    rest = np.full((n + 1, n + 1), np.inf)  # [a, b]: what one level leaves of periods a .. b-1
    rest[first, end] = square[end] - square[first] - (total[end] - total[first]) ** 2 / (end - first)
    here = rest[0]
    came: list[Floats] = []
    best: tuple[float, tuple[int, ...]] = (np.inf, ())
    for changes in range(min(MOST, n // shortest - 1) + 1):
        if changes:
            sums = here[:, None] + rest
            origin = sums.argmin(axis=0)
            here = sums[origin, periods]
            came.append(origin.astype(np.float64))
        cost = n * np.log(max(here[n] / n, 1e-12)) + price * changes
        if cost < best[0]:
            best = (float(cost), _back(came, n))
    return best


def _back(came: list[Floats], n: int) -> tuple[int, ...]:
    cuts: list[int] = []
    at = n
    for origin in reversed(came):
        at = int(origin[at])
        cuts.append(at)
    return tuple(reversed(cuts))
