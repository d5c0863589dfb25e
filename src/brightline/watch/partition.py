"""When did the level change: the best division of each series into stretches of one level, and how sure the dates are.

Counts are negative binomial with one dispersion for a series. The division minimises -2 log-likelihood plus
`penalty` x log n x (1 + rho) / (1 - rho) for each change, over all divisions into stretches of at least `shortest`
periods: optimal partitioning (Jackson et al. 2005, IEEE Signal Processing Letters 12:105), for all series at once.
Dispersion and rho come from trimmed differences between periods, which a change of level touches only once. Where steps
are found, a steady trend (a line on the log scale) may stand beside them for 2 log n x (1 + rho) / (1 - rho): a trend is no
staircase. The 2 is a judgement: less, and the mines of 1891 become a slope; more, and a slope becomes steps.
Measurements that are not counts are divided by `measures`.

A division ranks and dates; that something changed is a claim for `placebo`. Slow drift is told in steps by any step
model: `drift` says where a wandering level explains the series better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from brightline.watch.distributions import log_beta, log_gamma
from brightline.watch.problems import WatchError
from brightline.watch.series import check_counts

Floats = NDArray[np.float64]

PENALTY = 3.0
TREND_PRICE = 2.0
SHORTEST = 6  # periods
HARMONICS = 2
FEWEST = 12  # periods, to say anything of a series
_TRIM = 0.9  # the share of squared differences that is kept
FAR_LAGS = (4, 5, 6, 7, 8)
SPIKE = 5.0  # standard deviations from the median on either side
_SIDE = 6  # periods of that median
_ROWS = 128  # series at once in the dynamic programme: a block that stays in the cache
_MOST_RHO = 0.9
_TURNS = 2
_STEEPEST = 8.0  # of a trend: log of the last period by the first
_POISSON = 1e8  # a size beyond which negative binomial is Poisson
_WALKS = np.logspace(-4, 1, 11)  # variance of a wandering level's steps, by that of the noise


@dataclass(frozen=True)
class DatePosterior:
    """Where one change lies, given that there is one between its neighbours: a probability for each period.

    `first` is the earliest period that can begin the new level; `mode` and the ends of the interval are such periods.
    """

    first: int
    probability: Floats
    mode: int
    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class Partition:
    """The changes of one series. A change is the first period of the new level, counted from 0."""

    changes: tuple[int, ...]
    levels: tuple[float, ...]  # of each stretch, seasons removed
    spikes: tuple[int, ...]  # single periods far above or below both sides; they took no part in the division
    size: float  # of the negative binomial: variance = mean + mean² / size
    rho: float
    season: Floats  # (periods,), factor of each period, mean 1 (all 1 when none was removed)
    slope: float  # of the trend beside the steps, on the log scale by period; 0 when none is needed
    drift: bool | None  # a wandering level explains it better than steps; None: not asked


@dataclass(frozen=True)
class Noise:
    """What the differences say of each series: (S,) each."""

    size: Floats  # of the negative binomial
    rho: Floats


def partition(
    values: Floats,
    *,
    penalty: float = PENALTY,
    shortest: int = SHORTEST,
    cycle: float | None = 12.0,
    harmonics: int = HARMONICS,
    spikes: bool = True,
    drift: bool = True,
    threads: int = 2,
) -> list[Partition]:
    """Divide each row of values (series, periods), or one series (periods,).

    `cycle` is the number of periods in which seasons repeat (None: no seasons); they are removed when there are at
    least three cycles. Raises WatchError for missing or negative counts and for series that are too short.
    """
    y = np.atleast_2d(np.asarray(values, dtype=np.float64))
    _check(y, shortest)
    series, n = y.shape
    season = seasons(y, cycle, harmonics) if cycle is not None and n >= 3 * cycle else np.ones_like(y)
    level = y / season
    noise = noise_of(level)
    single = _spikes_of(level, noise.size) if spikes else np.zeros(y.shape, dtype=bool)
    smooth = np.where(single, beside(level), level) if single.any() else level
    one = np.log(n) * (1 + noise.rho) / (1 - noise.rho)
    price = penalty * one
    cuts = divide(smooth, noise.size, price, shortest, threads)
    cuts, slope = beside_a_trend(smooth, cuts, noise.size, price, TREND_PRICE * one, shortest, threads)
    flat = smooth / _trend(slope, n)
    wander: Sequence[bool | None] = wanders(flat, cuts, noise.size) if drift else [None] * series
    return [
        Partition(
            changes=cuts[s],
            levels=tuple(float(part.mean()) for part in np.split(smooth[s], cuts[s])),
            spikes=tuple(np.flatnonzero(single[s]).tolist()),
            size=float(noise.size[s]),
            rho=float(noise.rho[s]),
            season=season[s],
            slope=float(slope[s]),
            drift=wander[s],
        )
        for s in range(series)
    ]


def _check(y: Floats, shortest: int) -> None:
    if np.isnan(y).any():
        gone = int(np.isnan(y).sum())
        raise WatchError(
            f"{gone} of {y.size} counts are missing; fill them from the source or cut the series to the part without "
            "gaps. A change cannot be dated across a gap, and missing is not zero."
        )
    check_counts(y.reshape(-1))
    least = max(FEWEST, 2 * shortest)
    if y.shape[1] < least:
        raise WatchError(f"{y.shape[1]} periods are too few to look for a change; at least {least} are needed.")


def seasons(y: Floats, cycle: float, harmonics: int = HARMONICS) -> Floats:
    """The factor of each period, mean 1: harmonics fitted to the differences of log(y + 1/2), winsorised.

    In differences a change of level is one outlier; the sine of a season keeps its frequency, so little is lost.
    """
    n = y.shape[1]
    t = np.arange(n)
    columns = []
    for h in range(1, harmonics + 1):
        if 2 * h <= cycle:
            columns.append(np.cos(2 * np.pi * h * t / cycle))
        if 2 * h < cycle:
            columns.append(np.sin(2 * np.pi * h * t / cycle))
    if not columns:
        return np.ones_like(y)
    waves = np.stack(columns, axis=1)
    solve = np.linalg.pinv(np.diff(waves, axis=0))
    change = np.diff(np.log(y + 0.5), axis=1)
    beta = change @ solve.T
    for _ in range(3):
        fitted = beta @ np.diff(waves, axis=0).T
        rest = change - fitted
        bound = 3 * 1.4826 * np.median(np.abs(rest), axis=1, keepdims=True)
        bound = np.where(bound > 0, bound, np.inf)
        beta = (fitted + np.clip(rest, -bound, bound)) @ solve.T
    factor: Floats = np.exp(np.clip(beta @ waves.T, -3, 3))
    factor /= factor.mean(axis=1, keepdims=True)
    return factor


def noise_of(level: Floats) -> Noise:
    """Size and lag-1 correlation of each series, from trimmed squared differences.

    Half the mean squared difference at lag h is variance x (1 - rho_h). Lag 1 against the lags 4 to 8, where short
    correlation has died away, gives rho, and the far lags give the variance. A level that wanders makes the far
    differences large, so it raises rho and with it the penalty.
    """
    # The differences are scaled by the variance that a size implies at the level of the two periods
    low, high = np.full(len(level), np.log(1e-2)), np.full(len(level), np.log(_POISSON))
    for _ in range(24):
        middle = 0.5 * (low + high)
        over = _scaled(level, np.exp(middle), 1) > 1  # more spread than this size allows: the size is smaller
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    first = np.exp(0.5 * (low + high))
    near = _scaled(level, first, 1)
    far = np.mean([_scaled(level, first, h) for h in FAR_LAGS], axis=0)
    rho = correlation(near, far)
    mean = np.maximum(level.mean(axis=1), 1e-9)
    excess = (1 + mean / first) / (1 - rho) - 1  # the whole variance, by the mean, less what is Poisson
    return Noise(np.clip(mean / np.maximum(excess, 1e-12), 1e-2, _POISSON), rho)


def correlation(near: Floats, far: Floats, most: float = _MOST_RHO) -> Floats:
    """rho from half the mean squared difference at lag 1 and at far lags, kept within 0 .. `most`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(np.nan_to_num(1 - near / far), 0.0, most)


def lagged(level: Floats, lag: int) -> Floats:
    difference: Floats = level[:, lag:] - level[:, :-lag]
    return difference


def _scaled(level: Floats, size: Floats, lag: int) -> Floats:
    middle = 0.5 * (level[:, lag:] + level[:, :-lag])
    variance = middle + middle**2 / size[:, None]
    return trimmed(0.5 * lagged(level, lag) ** 2 / np.maximum(variance, 1e-9))


def trimmed(squares: Floats) -> Floats:
    """The mean of all but the largest tenth, set right so that for normal differences it is the mean of all."""
    keep = max(1, int(squares.shape[1] * _TRIM))
    kept = np.partition(squares, keep - 1, axis=1)[:, :keep].mean(axis=1)
    # mean of chi-square(1) below its 90 % point, q = 2.7055: P(chi-square(3) < q) / 0.9
    result: Floats = kept / 0.628975
    return result


def _spikes_of(level: Floats, size: Floats) -> NDArray[np.bool_]:
    def spread(reference: Floats) -> Floats:
        deviation: Floats = np.sqrt(reference + reference**2 / size[:, None] + 1)
        return deviation

    return find_spikes(level, spread)


def find_spikes(level: Floats, spread: Callable[[Floats], Floats]) -> NDArray[np.bool_]:
    """Single periods far from the median before and from the median after, on the same side: (series, periods).

    `spread` gives the standard deviation of a period at a level. The two periods at each end are never spikes.
    """
    series, n = level.shape
    padded = np.pad(level, ((0, 0), (_SIDE, _SIDE)), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, _SIDE, axis=1)
    before = np.nanmedian(around[:, 2 : n - 2], axis=2)
    after = np.nanmedian(around[:, _SIDE + 3 : _SIDE + n - 1], axis=2)
    upper, lower = np.maximum(before, after), np.minimum(before, after)
    deviation = spread(upper)
    away = [
        np.maximum(level[:, 2 + shift : n - 2 + shift] - upper, lower - level[:, 2 + shift : n - 2 + shift]) / deviation
        for shift in (-1, 0, 1)
    ]
    found = np.zeros((series, n), dtype=bool)
    # A period whose neighbour stands out as well is no spike but a short stretch
    found[:, 2 : n - 2] = (away[1] > SPIKE) & (np.maximum(away[0], away[2]) <= 0.6 * SPIKE)
    return found


def beside(level: Floats) -> Floats:
    """The mean of the periods on both sides: what stands in for a spike."""
    padded = np.pad(level, ((0, 0), (1, 1)), mode="edge")
    beside: Floats = 0.5 * (padded[:, :-2] + padded[:, 2:])
    return beside


def divide(
    level: Floats, size: Floats, price: Floats, shortest: int = SHORTEST, threads: int = 2
) -> list[tuple[int, ...]]:
    """The cheapest division of each row, as the first periods of all stretches but the first."""
    blocks = [slice(first, first + _ROWS) for first in range(0, len(level), _ROWS)]

    def work(rows: slice) -> list[tuple[int, ...]]:
        return _divide(level[rows], size[rows], price[rows], shortest)

    if len(blocks) == 1 or threads == 1:
        return [cuts for rows in blocks for cuts in work(rows)]
    with ThreadPoolExecutor(threads) as pool:  # NumPy lets go of the interpreter in its loops
        return [cuts for done in pool.map(work, blocks) for cuts in done]


def _divide(level: Floats, size: Floats, price: Floats, shortest: int) -> list[tuple[int, ...]]:
    series, n = level.shape
    # periods first: a row of the tables is one end of a stretch, for all series of the block
    total = np.concatenate([np.zeros((1, series)), np.cumsum(level.T, axis=0)])
    best = np.full((n + 1, series), np.inf)
    best[0] = -price
    came = np.zeros((n + 1, series), dtype=np.int64)
    column = np.arange(series)
    for end in range(shortest, n + 1):
        starts = (
            np.concatenate([[0], np.arange(shortest, end - shortest + 1)]) if end >= 2 * shortest else np.array([0])
        )
        length = (end - starts)[:, None].astype(np.float64)
        cost = _cost(total[end] - total[starts], length, size)
        cost += best[starts]
        chosen = cost.argmin(axis=0)
        best[end] = cost[chosen, column] + price
        came[end] = starts[chosen]
    cuts = []
    for s in range(series):
        found: list[int] = []
        at = int(came[n, s])
        while at > 0:
            found.append(at)
            at = int(came[at, s])
        cuts.append(tuple(reversed(found)))
    return cuts


def _cost(events: Floats, length: Floats, size: Floats) -> Floats:
    """-2 log-likelihood of a stretch at its own mean, less what does not depend on the division.

    Negative binomial: Y log(m / (m + k)) - n k log((m + k) / k), here written so that a large k loses no digits.
    """
    events = np.maximum(events, 0.0)
    mean = events / length
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(events > 0, events * np.log(mean), 0.0)
    cost: Floats = -2 * (first - (events + length * size) * np.log1p(mean / size))
    # Y log(m / (m + k)) = Y log m - Y log(1 + m / k) - Y log k, and Y log k adds up to the same in any division
    return cost


def beside_a_trend(
    level: Floats,
    cuts: Sequence[tuple[int, ...]],
    size: Floats,
    price: Floats,
    for_trend: Floats,
    shortest: int = SHORTEST,
    threads: int = 2,
) -> tuple[list[tuple[int, ...]], Floats]:
    """The divisions with a trend beside them where that is cheaper, and the slope of each series (0: none).

    `price` is that of a change and `for_trend` that of the trend, (series,) each.
    Trend and steps are fitted in turn, from the steps found without a trend and from none at all.
    """
    best_cuts, slope = list(cuts), np.zeros(len(level))
    rows = np.array([s for s, found in enumerate(cuts) if found], dtype=np.int64)
    if not len(rows):
        return best_cuts, slope
    y, k, cost_of_one = level[rows], size[rows], price[rows]
    best = _cost_of(y, [cuts[s] for s in rows], np.zeros(len(rows)), k, cost_of_one)
    for start in ([cuts[s] for s in rows], [()] * len(rows)):
        now: list[tuple[int, ...]] = list(start)
        for _ in range(_TURNS):
            tilt = _slopes(y, now)
            now = divide(y / _trend(tilt, y.shape[1]), k, cost_of_one, shortest, threads)
            cost = _cost_of(y, now, tilt, k, cost_of_one) + for_trend[rows]
            for i in np.flatnonzero(cost < best):
                best[i], best_cuts[rows[i]], slope[rows[i]] = cost[i], now[i], tilt[i]
    return best_cuts, slope


def _trend(slope: Floats, periods: int) -> Floats:
    """The factor of each period, 1 in the middle of the series."""
    factor: Floats = np.exp(slope[:, None] * (np.arange(periods) - (periods - 1) / 2))
    return factor


def _slopes(level: Floats, cuts: Sequence[tuple[int, ...]]) -> Floats:
    """The slope of log(level + 1/2) that all stretches share, each with a level of its own."""
    z = np.log(level + 0.5)
    n = level.shape[1]
    t = np.arange(n, dtype=np.float64)
    slope = np.empty(len(level))
    for s, found in enumerate(cuts):
        lengths = np.diff([0, *found, n])
        starts = [0, *found]
        zs = z[s] - np.repeat(np.add.reduceat(z[s], starts) / lengths, lengths)
        ts = t - np.repeat(np.add.reduceat(t, starts) / lengths, lengths)
        slope[s] = ts @ zs / (ts @ ts)
    return np.clip(slope, -_STEEPEST / n, _STEEPEST / n)


def _cost_of(level: Floats, cuts: Sequence[tuple[int, ...]], slope: Floats, size: Floats, price: Floats) -> Floats:
    """-2 log-likelihood of each series with these steps and this trend, and the price of its changes."""
    n = level.shape[1]
    trend = _trend(slope, n)
    mean = np.empty_like(level)
    for s, found in enumerate(cuts):
        lengths = np.diff([0, *found, n])
        mean[s] = np.repeat(np.add.reduceat(level[s] / trend[s], [0, *found]) / lengths, lengths) * trend[s]
    k = size[:, None]
    mean = np.maximum(mean, 1e-12)
    cost: Floats = -2 * (level * np.log(mean) - (level + k) * np.log1p(mean / k)).sum(axis=1)
    cost += price * np.array([len(found) for found in cuts])
    return cost


def date_posterior(
    values: Floats,
    size: float,
    *,
    rho: float = 0.0,
    start: int = 0,
    end: int | None = None,
    level: float = 0.95,
) -> DatePosterior:
    """The posterior over the first period of the new level, for one change between periods `start` and `end`.

    The two levels are integrated out (conjugate: beta for negative binomial, gamma for Poisson; as wide as one period's
    worth of information at the mean), the dispersion is held, the dates are equally likely before. Correlation rho takes the weight (1 - rho) / (1 + rho) of a period's information. Seasons must be removed.
    """
    y = np.asarray(values, dtype=np.float64)[start : len(values) if end is None else end]
    n = len(y)
    if n < 2:
        raise WatchError("A change needs at least two periods to lie between.")
    total = np.concatenate([[0.0], np.cumsum(y)])
    left, length = total[1:-1], np.arange(1, n, dtype=np.float64)
    right, rest = total[-1] - left, n - length
    log = _evidence(left, length, size, y.mean()) + _evidence(right, rest, size, y.mean())
    log = log * (1 - rho) / (1 + rho)
    probability = np.exp(log - log.max())
    probability /= probability.sum()
    first = start + 1
    dates = first + np.arange(n - 1)
    below = np.cumsum(probability)
    return DatePosterior(
        first=first,
        probability=probability,
        mode=int(dates[probability.argmax()]),
        mean=float(dates @ probability),
        low=int(dates[np.searchsorted(below, (1 - level) / 2)]),
        high=int(dates[min(int(np.searchsorted(below, (1 + level) / 2)), n - 2)]),
    )


def _evidence(events: Floats, length: Floats, size: float, mean: float) -> Floats:
    """Log marginal likelihood of a stretch, less what does not depend on the date."""
    rate = 1 / max(mean, 1e-9)
    if size >= 0.01 * _POISSON:  # gamma(1, rate) for a Poisson mean
        poisson: Floats = log_gamma(1 + events) - (1 + events) * np.log(length + rate) + np.log(rate)
        return poisson
    # beta(1, size x rate) for p of the negative binomial, where mean = size p / (1 - p)
    binomial: Floats = log_beta(1 + events, size * (rate + length)) - log_beta(1.0, size * rate)
    return binomial


def posteriors(values: Floats, found: Partition, level: float = 0.95) -> list[DatePosterior]:
    """The posterior of each change of one series between the changes beside it."""
    y = np.asarray(values, dtype=np.float64) / found.season
    y = y / _trend(np.array([found.slope]), len(y))[0]
    if found.spikes:
        y = np.where(np.isin(np.arange(len(y)), found.spikes), beside(y[None])[0], y)
    edges = (0, *found.changes, len(y))
    return [
        date_posterior(y, found.size, rho=found.rho, start=a, end=b, level=level)
        for a, b in zip(edges[:-2], edges[2:], strict=True)
    ]


def wanders(level: Floats, cuts: Sequence[tuple[int, ...]], size: Floats) -> list[bool]:
    """Whether slow drift has the smaller BIC than the steps found, for each series.

    Drift is a straight line, or a local level: a random walk under noise (Harvey 1989, 4.5). A step costs three numbers:
    its level, and two for a date that was searched for (Zhang & Siegmund 2007, Biometrics 63:22).
    """
    k = np.maximum(size, 1.0)[:, None]  # the scale on which the noise is even (Anscombe 1948, Biometrika 35:246)
    z = 2 * np.sqrt(k) * np.arcsinh(np.sqrt((level + 0.375) / (k - 0.75)))
    series, n = z.shape
    t = np.arange(1, n + 1)
    drift = _lack(z, np.stack([np.ones(n), t - t.mean()], axis=1), n) + 3 * np.log(n)
    for q in _WALKS:
        white, one, log_det = _whitened(z, q)
        drift = np.minimum(drift, _lack(white, one[:, None], n) + log_det + 3 * np.log(n))
    steps = np.empty(series)
    for s in range(series):
        rest = sum(((part - part.mean()) ** 2).sum() for part in np.split(z[s], cuts[s]))
        steps[s] = n * np.log(max(rest / n, 1e-300)) + (3 * len(cuts[s]) + 2) * np.log(n)
    return [bool(a < b) for a, b in zip(drift, steps, strict=True)]


def _whitened(z: Floats, q: float) -> tuple[Floats, Floats, float]:
    """Rows of z and the constant, freed of the correlation of a walk under noise, and the log determinant of its covariance.

    The covariance is I + q min(i, j). Its first differences have a tridiagonal one, so this takes a time linear in the periods.
    """
    n = z.shape[1]
    band = np.zeros((2, n))  # the diagonal, and what stands below it
    band[0], band[1, :-1] = 2 + q, -1
    band[0, 0] = 1 + q
    root = linalg.cholesky_banded(band, lower=True)
    both = np.diff(np.vstack([z, np.ones(n)]), axis=1, prepend=0.0)
    white = np.asarray(linalg.solve_banded((1, 0), root, both.T).T, dtype=np.float64)
    return white[:-1], white[-1], float(2 * np.log(root[0]).sum())


def _lack(z: Floats, x: Floats, n: int) -> Floats:
    """n log of the mean squared residual of each row of z on the columns of x."""
    rest = z - (z @ np.linalg.pinv(x).T) @ x.T
    lack: Floats = n * np.log(np.maximum((rest**2).mean(axis=1), 1e-300))
    return lack
