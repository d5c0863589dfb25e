"""An invented city of precincts for simulations: calls by month, some precincts exposed to an event."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PRECINCTS, EXPOSED, BEFORE, AFTER, MEAN = 77, 20, 24, 12, 60.0
# A month's own shock in a precinct: with these the mean of a year moves as real precinct series do (about 10 %)
SHOCK, CARRIED = 0.17, 0.4


def exposure() -> Floats:
    return np.r_[np.ones(EXPOSED), np.zeros(PRECINCTS - EXPOSED)]


def dose() -> Floats:
    """A share of residents instead of yes and no."""
    return np.random.default_rng(8).uniform(0.05, 0.8, PRECINCTS).round(3)


def city(runs: int, seed: int, *, effect: float = 0.0, trend_a_year: float = 0.0) -> Floats:
    """Counts (runs, precincts, months). `effect` and `trend_a_year` are on the log scale and touch the exposed only."""
    rng = np.random.default_rng(seed)
    months = BEFORE + AFTER
    level = np.exp(rng.normal(0, 0.5, (runs, PRECINCTS, 1)))
    level *= MEAN / level.mean(axis=1, keepdims=True)
    shock = np.empty((runs, PRECINCTS, months))
    shock[..., 0] = rng.normal(0, SHOCK, (runs, PRECINCTS))
    for t in range(1, months):
        new = rng.normal(0, SHOCK * np.sqrt(1 - CARRIED**2), (runs, PRECINCTS))
        shock[..., t] = CARRIED * shock[..., t - 1] + new
    season = 0.1 * np.sin(2 * np.pi * np.arange(months) / 12)
    moved = effect * (np.arange(months) >= BEFORE) + trend_a_year * (np.arange(months) - BEFORE) / 12
    mean = level * np.exp(shock + season + moved * exposure()[:, None])
    return rng.poisson(mean).astype(np.float64)
