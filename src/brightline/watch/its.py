"""Interrupted series: a step at a named date beside a trend and the seasons, for many series at once.

Quasi-Poisson with a log link (Lopez Bernal, Cummins & Gasparrini 2017, Int J Epidemiol 46:348), fitted by iterated
weighted least squares as in McCullagh & Nelder (1989, 2.5). Its own standard errors are too small for police data;
`placebo` calibrates them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from brightline.watch.distributions import t_two_sided
from brightline.watch.joint import t_point
from brightline.watch.problems import WatchError

Floats = NDArray[np.float64]
Trend = Literal["none", "linear", "bent"]

_ROUNDS = 60
_CLOSE = 1e-10  # of the deviance, relative
_ETA = 40.0  # a log mean beyond this has run away: there is no finite estimate
_KNOT_EVERY_YEARS = 3.0


@dataclass(frozen=True)
class Design:
    """Columns of the model for one stretch of periods, the same for every series."""

    matrix: Floats  # (periods, columns)
    names: tuple[str, ...]

    @property
    def step(self) -> int:
        return self.names.index("step")


@dataclass(frozen=True)
class Fits:
    """One fit for each of S series. Where there is no finite estimate, `settled` is False and the numbers are NaN."""

    names: tuple[str, ...]
    coefficients: Floats  # (S, columns), on the log scale
    errors: Floats  # (S, columns), standard errors with the dispersion in them
    dispersion: Floats  # (S,), Pearson chi-square by degrees of freedom; 1 is Poisson
    fitted: Floats  # (S, periods), expected counts
    df: NDArray[np.int64]  # (S,), residual degrees of freedom
    settled: NDArray[np.bool_]  # (S,)

    def of(self, name: str) -> tuple[Floats, Floats]:
        """The coefficient and its standard error, each (S,)."""
        at = self.names.index(name)
        return self.coefficients[:, at], self.errors[:, at]


@dataclass(frozen=True)
class Effect:
    """The ratio of the level after the date to the level before, other things in the model equal."""

    ratio: float
    low: float
    high: float
    p: float
    log_ratio: float
    error: float  # of log_ratio
    df: float
    method: str


def design(
    periods: int,
    at: int,
    *,
    trend: Trend = "linear",
    harmonics: int = 1,
    cycles: Sequence[float] = (12.0,),
    first: int = 0,
    slope: bool = False,
) -> Design:
    """Level, step from period `at` on, trend, and `harmonics` sine-cosine pairs for each cycle (in periods).

    `first` is the calendar number of the first period, so that seasons keep their phase. `slope` adds a change of
    slope at the date. A bent trend is a natural cubic spline with a knot for each three years.
    """
    if not 0 < at < periods:
        raise WatchError("The date is outside the data: period {number} of {periods}.", number=at + 1, periods=periods)
    t = np.arange(periods, dtype=np.float64)
    columns: list[tuple[str, Floats]] = [("level", np.ones(periods)), ("step", (t >= at).astype(np.float64))]
    centred = (t - t.mean()) / max(periods, 2)
    if trend in ("linear", "bent"):
        columns.append(("trend", centred))
    if trend == "bent":
        for k, column in enumerate(_natural_spline(t, _knots(periods, max(cycles, default=1.0))), 1):
            columns.append((f"bend {k}", column))
    if slope:
        columns.append(("slope", np.maximum(t - at, 0) / max(periods, 2)))
    for cycle in cycles:
        for h in range(1, harmonics + 1):
            if 2 * h > cycle:
                continue  # faster than the periods can show
            angle = 2 * np.pi * h * (t + first) / cycle
            columns.append((f"cos {h}/{cycle:g}", np.cos(angle)))
            if 2 * h < cycle:  # at half the cycle the sine is zero everywhere
                columns.append((f"sin {h}/{cycle:g}", np.sin(angle)))
    return Design(np.stack([c for _, c in columns], axis=1), tuple(name for name, _ in columns))


def _knots(periods: int, year: float) -> Floats:
    """Inner knots evenly spread, one for each three years, and the two ends."""
    inner = max(1, round(periods / (_KNOT_EVERY_YEARS * year)))
    return np.linspace(0, periods - 1, inner + 2)


def _natural_spline(t: Floats, knots: Floats) -> list[Floats]:
    """The curved columns of a natural cubic spline (Hastie, Tibshirani & Friedman 2009, 5.2.1), of size about 1."""
    last = knots[-1]

    def part(k: Floats) -> Floats:
        cube: Floats = (np.maximum(t - k, 0) ** 3 - np.maximum(t - last, 0) ** 3) / (last - k)
        return cube

    anchor = part(knots[-2])
    return [(part(k) - anchor) / last**2 for k in knots[:-2]]


def quasi_poisson(counts: Floats, model: Design, offset: Floats | None = None) -> Fits:
    """Fit log E(count) = model + offset to each row of counts (series, periods); NaN is missing and left out.

    `offset` is the log of the denominator, (periods,) or (series, periods).
    """
    y = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    x = model.matrix
    if x.shape[0] != y.shape[1]:
        raise WatchError(
            "The model is for {periods} periods, and there are {counts} counts.", periods=x.shape[0], counts=y.shape[1]
        )
    seen = ~np.isnan(y)
    y = np.where(seen, y, 0.0)
    if np.any(y < 0):
        raise WatchError("A count cannot be negative.")
    base = np.zeros_like(y) if offset is None else np.broadcast_to(np.asarray(offset, dtype=np.float64), y.shape)
    if not np.isfinite(base[seen]).all():
        raise WatchError("The denominator of a rate must be a number above zero in each period that has a count.")
    base = np.where(seen, base, 0.0)
    products = pairs(x)
    total = (y * seen).sum(axis=1)
    able = (total > 0) & enough(seen, x)
    active = np.flatnonzero(able)

    coefficients = np.full((len(y), x.shape[1]), np.nan)
    mean = np.full_like(y, np.nan)
    done = np.zeros(len(y), dtype=bool)
    mu = np.where(seen[active], (y[active] + y[active].mean(axis=1, keepdims=True)) / 2, 1.0)
    eta = np.log(mu)
    deviance = np.full(len(active), np.inf)
    for _ in range(_ROUNDS):
        if not len(active):
            break
        ya, sa, ba = y[active], seen[active], base[active]
        w = mu * sa
        z = (eta - ba) + (ya - mu) / mu
        beta = solve(w @ products, (w * z) @ x, x.shape[1])
        eta = beta @ x.T + ba
        lost = ~np.isfinite(eta).all(axis=1) | (np.abs(np.where(sa, eta, 0)).max(axis=1) > _ETA)
        eta = np.clip(np.nan_to_num(eta), -_ETA, _ETA)
        mu = np.exp(eta)
        # The part of the deviance that moves: it is enough to see that nothing moves any more
        now = 2 * ((mu - ya * eta) * sa).sum(axis=1)
        settled = np.abs(now - deviance) <= _CLOSE * (np.abs(now) + 0.1)
        deviance = now
        out = settled | lost
        if out.any():
            kept = settled & ~lost
            coefficients[active[kept]] = beta[kept]
            mean[active[kept]] = mu[kept]
            done[active[kept]] = True
            active, mu, eta, deviance = active[~out], mu[~out], eta[~out], deviance[~out]

    df = np.maximum(seen.sum(axis=1) - x.shape[1], 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pearson = np.nansum(np.where(seen, (y - mean) ** 2 / mean, 0.0), axis=1)
        dispersion = np.where(done & (df > 0), pearson / np.maximum(df, 1), np.nan)
    errors = np.full_like(coefficients, np.nan)
    rows = np.flatnonzero(done)
    if len(rows):
        covariance = inverse((np.where(seen, mean, 0.0)[rows]) @ products, x.shape[1])
        errors[rows] = np.sqrt(np.maximum(np.einsum("sii->si", covariance), 0) * dispersion[rows, None])
    # A step fitted to no events at all runs away slowly; the deviance settles first. There is no ratio then.
    nothing = _nothing_on_a_side(y, seen, x[:, model.step]) if "step" in model.names else np.zeros(len(y), dtype=bool)
    done &= ~nothing
    coefficients[~done], errors[~done], dispersion[~done] = np.nan, np.nan, np.nan
    return Fits(model.names, coefficients, errors, dispersion, mean, df, done)


def pairs(x: Floats) -> Floats:
    """x_i x_j for each period and pair: then weights @ products is X'WX of every series in one multiplication."""
    i, j = np.triu_indices(x.shape[1])
    product: Floats = x[:, i] * x[:, j]
    return product


def _square(packed: Floats, size: int) -> Floats:
    i, j = np.triu_indices(size)
    whole = np.empty((len(packed), size, size))
    whole[:, i, j] = packed
    whole[:, j, i] = packed
    return whole


def solve(packed: Floats, right: Floats, size: int) -> Floats:
    whole = _square(packed, size)
    try:
        return np.asarray(np.linalg.solve(whole, right[..., None])[..., 0], dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.stack([_one(a, b) for a, b in zip(whole, right, strict=True)])


def _one(a: Floats, b: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(a, b), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full(len(b), np.nan)


def inverse(packed: Floats, size: int) -> Floats:
    whole = _square(packed, size)
    try:
        return np.asarray(np.linalg.inv(whole), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(whole), dtype=np.float64)


def enough(seen: NDArray[np.bool_], x: Floats) -> NDArray[np.bool_]:
    """More periods than columns, and the columns still tell each other apart where the counts are seen."""
    enough = seen.sum(axis=1) > x.shape[1]
    if seen.all():
        full: NDArray[np.bool_] = enough & (np.linalg.matrix_rank(x) == x.shape[1])
        return full
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    ranks = np.array([np.linalg.matrix_rank(x[p]) if p.any() else 0 for p in patterns])
    able: NDArray[np.bool_] = enough & (ranks[which.reshape(-1)] == x.shape[1])
    return able


def _nothing_on_a_side(y: Floats, seen: NDArray[np.bool_], step: Floats) -> NDArray[np.bool_]:
    after = step > 0
    nothing: NDArray[np.bool_] = ((y * seen)[:, after].sum(axis=1) == 0) | ((y * seen)[:, ~after].sum(axis=1) == 0)
    return nothing


def effect(log_ratio: float, error: float, df: float, method: str, level: float = 0.95) -> Effect:
    """A ratio with its interval, from the t distribution with `df` (inf: the normal)."""
    margin = t_point(0.5 + level / 2, df) * error if np.isfinite(error) and df > 0 else float("nan")
    return Effect(
        ratio=float(np.exp(log_ratio)),
        low=float(np.exp(log_ratio - margin)),
        high=float(np.exp(log_ratio + margin)),
        p=float(t_two_sided(log_ratio / error, df)) if error > 0 else float("nan"),
        log_ratio=log_ratio,
        error=error,
        df=df,
        method=method,
    )


def autocorrelation(counts: Floats, fits: Fits) -> Floats:
    """Lag-1 correlation of the Pearson residuals of each series, (S,); pairs with a missing period are left out."""
    y = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = (y - fits.fitted) / np.sqrt(fits.fitted)
        both = ~np.isnan(residual[:, 1:]) & ~np.isnan(residual[:, :-1])
        top = np.where(both, residual[:, 1:] * residual[:, :-1], 0).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        bottom = np.nanmean(np.where(fits.settled[:, None], residual, 0.0) ** 2, axis=1)
        return np.where(fits.settled & (bottom > 0), top / bottom, np.nan)


def ar1_errors(counts: Floats, fits: Fits, model: Design, name: str = "step") -> Floats:
    """Standard errors of one coefficient with AR(1) residuals: the sandwich with rho^|i-j| between periods, (S,).

    The p fitted columns pull rho down (Marriott & Pope 1954, Biometrika 41:390); (n rho + p / 2) / (n - p) undoes most of
    that, and it is kept within 0 .. 0.95.
    """
    at = model.names.index(name)
    rho = autocorrelation(counts, fits)
    n, p = model.matrix.shape
    rho = np.clip((n * rho + p / 2) / (n - p), 0.0, 0.95)
    y = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    seen = ~np.isnan(y)
    errors = np.full(len(y), np.nan)
    lags = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    products = pairs(model.matrix)
    for s in np.flatnonzero(fits.settled):
        mu = np.where(seen[s], fits.fitted[s], 0.0)
        bread = inverse((mu @ products)[None], p)[0]
        half = model.matrix * np.sqrt(mu)[:, None]
        meat = half.T @ (rho[s] ** lags) @ half
        errors[s] = np.sqrt(fits.dispersion[s] * (bread @ meat @ bread)[at, at])
    return errors


def local_level(counts: Floats, model: Design, offset: Floats | None = None) -> tuple[float, float, float]:
    """A step beside a level that wanders: log(count + 1/2) = columns without trend + random walk + noise, by REML.

    Returns (log ratio, its standard error, variance of the walk's steps by the variance of the noise). One series.
    Harvey (1989), 4.5; the likelihood is that of a linear model with covariance I + q min(i, j).
    """
    y = np.asarray(counts, dtype=np.float64)
    seen = ~np.isnan(y)
    keep = [i for i, name in enumerate(model.names) if name != "trend" and not name.startswith("bend")]
    x = model.matrix[np.ix_(seen, np.array(keep))]
    z = np.log(y[seen] + 0.5) - (0.0 if offset is None else np.asarray(offset, dtype=np.float64)[seen])
    at = [model.names[i] for i in keep].index("step")
    t = np.flatnonzero(seen) + 1.0
    walk = np.minimum.outer(t, t)
    best: tuple[float, float, float, float] | None = None
    for q in (0.0, *np.logspace(-5, 2, 43)):
        likelihood, beta, error = _reml(z, x, np.eye(len(t)) + q * walk, at)
        if best is None or likelihood > best[0]:
            best = (likelihood, beta, error, float(q))
    assert best is not None
    return best[1], best[2], best[3]


def _reml(z: Floats, x: Floats, v: Floats, at: int) -> tuple[float, float, float]:
    """Restricted log-likelihood with the scale profiled out, the coefficient `at` and its standard error."""
    lower = np.linalg.cholesky(v)
    both = linalg.solve_triangular(lower, np.column_stack([x, z]), lower=True)
    xs, zs = both[:, :-1], both[:, -1]
    gram = xs.T @ xs
    beta = np.linalg.solve(gram, xs.T @ zs)
    df = len(z) - x.shape[1]
    scale = float(((zs - xs @ beta) ** 2).sum()) / df
    likelihood = -0.5 * (
        df * np.log(max(scale, 1e-300)) + 2 * np.log(np.diag(lower)).sum() + np.linalg.slogdet(gram)[1]
    )
    return float(likelihood), float(beta[at]), float(np.sqrt(scale * np.linalg.inv(gram)[at, at]))
