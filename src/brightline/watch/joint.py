"""Several estimates judged at once: the joint test, and the band that holds all of them together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import beta_cdf, chi_square_tail, t_quantile

Floats = NDArray[np.float64]
_CHUNK = 2_000_000


@dataclass(frozen=True)
class Wald:
    """That all of these are zero. The statistic is chi-square with df degrees of freedom in large samples."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class Estimates:
    """K estimates with their covariance, intervals one by one (low, high) and a band for all (band_low, band_high)."""

    at: Floats  # (K,), what each is of: an event time, a group
    estimate: Floats
    error: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats
    critical: float  # half-width of the band in standard errors
    covariance: Floats  # (K, K)
    level: float

    def of(self, at: float) -> tuple[float, float]:
        """Estimate and standard error at this event time or of this group."""
        k = int(np.flatnonzero(self.at == at)[0])
        return float(self.estimate[k]), float(self.error[k])

    def where(self, which: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Estimates and covariance of these alone."""
        return self.estimate[which], self.covariance[np.ix_(which, which)]


@lru_cache(maxsize=256)
def t_point(p: float, df: float) -> float:
    """One t quantile; kept, for simulations ask for the same one thousands of times."""
    return float(t_quantile(p, df))


def estimates(
    at: Floats,
    value: Floats,
    influence: Floats,
    *,
    factor: float = 1.0,
    df: float = math.inf,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Estimates:
    """Intervals and the simultaneous band by the multiplier bootstrap over units, Rademacher signs (Callaway &
    Sant'Anna 2021, algorithm 1; Montiel Olea & Plagborg-Moller 2019).

    `influence` is (units, K): the estimate less the truth is about its sum over units. `factor` corrects the
    covariance for few units, `df` is that of a t interval.
    """
    covariance = factor * influence.T @ influence
    error = np.sqrt(np.diag(covariance))
    one = t_point(0.5 + level / 2, df)
    critical = one  # of one estimate alone the band is its interval
    if len(value) > 1:
        critical = max(one, _critical(influence * math.sqrt(factor), error, level, draws, seed))
        # With few units the signs give the normal shape; the t says how much wider chance is
        critical = max(critical, critical * one / t_point(0.5 + level / 2, math.inf))
    return Estimates(
        at=np.asarray(at, dtype=np.float64),
        estimate=value,
        error=error,
        low=value - one * error,
        high=value + one * error,
        band_low=value - critical * error,
        band_high=value + critical * error,
        critical=critical,
        covariance=covariance,
        level=level,
    )


def _critical(influence: Floats, error: Floats, level: float, draws: int, seed: int) -> float:
    able = error > 0
    if not able.any():
        return 0.0
    scaled = influence[:, able] / error[able]
    largest = [np.abs(signs @ scaled).max(axis=1) for signs in _signs(draws, len(influence), seed)]
    return float(np.quantile(np.concatenate(largest), level))


def _signs(draws: int, units: int, seed: int) -> Iterable[Floats]:
    """Rademacher signs (draws, units) in parts; the same for all bands of one analysis, so small ones are kept."""
    return _drawn(draws, units, seed) if draws * units <= _CHUNK else _draw(draws, units, seed)


@lru_cache(maxsize=2)
def _drawn(draws: int, units: int, seed: int) -> tuple[Floats, ...]:
    return tuple(_draw(draws, units, seed))


def _draw(draws: int, units: int, seed: int) -> Iterator[Floats]:
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK // units)
    for first in range(0, draws, size):
        signs = rng.integers(0, 2, (min(size, draws - first), units))
        yield np.asarray(2 * signs - 1, dtype=np.float64)


def wald(value: Floats, covariance: Floats, *, clusters: float = math.inf) -> Wald:
    """The test that all are zero; directions in which the covariance is singular do not count.

    Chi-square, or with few clusters Hotelling's form of it, F with df and clusters - df degrees of freedom: a
    covariance estimated from few clusters makes the chi-square reject nearly always. NaN when there are not even as
    many clusters as estimates: then nothing can be tested.
    """
    if not len(value):
        return Wald(0.0, 0, math.nan)
    size, axes = np.linalg.eigh(covariance)
    able = size > size.max() * 1e-10
    if not able.any():
        return Wald(0.0, 0, math.nan)
    turned = axes[:, able].T @ value
    statistic, df = float((turned**2 / size[able]).sum()), int(able.sum())
    if math.isinf(clusters):
        return Wald(statistic, df, float(chi_square_tail(statistic, df)))
    if clusters - df < 1:
        return Wald(statistic, df, math.nan)
    # P(F > x) = I(d2 / (d2 + d1 x)), and d1 x is the statistic scaled
    rest = clusters - df
    scaled = statistic * rest / (clusters - 1)
    return Wald(statistic, df, float(beta_cdf(rest / (rest + scaled), rest / 2, df / 2)))
