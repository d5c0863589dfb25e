"""Five worlds to try a method on before it is believed: invented counts whose truth is known.

Monthly counts with a mean of 20, a season of random phase, negative binomial of size 10; then with autocorrelation, with
slow drift, with a deep dip that heals (as in 2020), and with autocorrelation beside a steady trend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORLDS = ("nb", "nb+ar", "nb+drift", "nb+dip", "nb+ar+trend")
DRIFTING = ("nb+drift", "nb+ar+trend")  # where a model of steps has no right answer
PERIODS = 240
AT = 225  # the date: 15 periods after it

_SEASON = 0.15  # amplitude, log scale
_RHO, _SD = 0.6, 0.22  # of the log rate
_WALK = 0.03  # standard deviation of a month's step of the log rate
_TREND = 0.03  # a year, up or down
_DIP, _HEALS = 0.4, 6  # the factor it falls to, and the months until it is back


def world(
    name: str,
    series: int,
    rng: np.random.Generator,
    *,
    ratio: float = 1.0,
    mean: float = 20.0,
    size: float = 10.0,
    periods: int = PERIODS,
    at: int = AT,
    heals: int = _HEALS,
) -> Floats:
    """Counts (series, periods) of one world; from period `at` on the rate is multiplied by `ratio`."""
    t = np.arange(periods)
    log = np.log(mean) + _SEASON * np.cos(2 * np.pi * (t / 12 + rng.uniform(size=(series, 1))))
    if "ar" in name:
        noise = rng.normal(0, _SD, (series, periods))
        for i in range(1, periods):
            noise[:, i] = _RHO * noise[:, i - 1] + np.sqrt(1 - _RHO**2) * noise[:, i]
        log = log + noise
    if "trend" in name:
        log = log + rng.choice([-1, 1], (series, 1)) * _TREND * (t - periods / 2) / 12
    if "drift" in name:
        log = log + np.cumsum(rng.normal(0, _WALK, (series, periods)), axis=1)
    if "dip" in name:
        since = t - rng.integers(int(0.42 * periods), int(0.84 * periods), (series, 1))
        dipped = _DIP + (1 - _DIP) * np.clip(since, 0, heals) / heals
        log = log + np.where((since >= 0) & (since < heals), np.log(dipped), 0.0)
    log = log + np.log(ratio) * (t >= at)
    counts: Floats = rng.poisson(np.exp(log) * rng.gamma(size, 1 / size, (series, periods))).astype(np.float64)
    return counts
