"""Special functions that NumPy lacks: normal, t, beta and gamma-related functions, for whole arrays at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_erfc = np.frompyfunc(math.erfc, 1, 1)
_TINY = 1e-300
# Bernoulli numbers B2k / (2k (2k-1)): the series of Stirling, Abramowitz & Stegun 6.1.41
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
_SHIFT = 12  # arguments below this are moved up by the recurrence before an asymptotic series is used


def log_gamma(x: ArrayLike) -> Floats:
    """log of the gamma function for x > 0."""
    x = np.asarray(x, dtype=np.float64)
    small = x < _SHIFT
    product = np.ones_like(x)
    moved = np.where(small, x, _SHIFT)
    for _ in range(_SHIFT):
        product = np.where(small & (moved < _SHIFT), product * moved, product)
        moved = np.where(moved < _SHIFT, moved + 1, moved)
    z = np.where(small, moved, x)
    inverse = 1 / (z * z)
    tail = np.zeros_like(z)
    for c in reversed(_STIRLING):
        tail = tail * inverse + c
    result: Floats = (z - 0.5) * np.log(z) - z + 0.5 * math.log(2 * math.pi) + tail / z - np.log(product)
    return result


def log_beta(a: ArrayLike, b: ArrayLike) -> Floats:
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    result: Floats = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    return result


def digamma(x: ArrayLike) -> Floats:
    """Derivative of log_gamma for x > 0 (Abramowitz & Stegun 6.3.18)."""
    z = np.array(x, dtype=np.float64, ndmin=1)
    total = np.zeros_like(z)
    for _ in range(_SHIFT):
        small = z < _SHIFT
        total -= np.where(small, 1 / z, 0)
        z = np.where(small, z + 1, z)
    inverse = 1 / (z * z)
    tail = np.zeros_like(z)
    for k, c in reversed(list(enumerate(_BERNOULLI, 1))):
        tail = (tail + c / (2 * k)) * inverse
    return (total + np.log(z) - 0.5 / z - tail).reshape(np.shape(x))


def trigamma(x: ArrayLike) -> Floats:
    """Second derivative of log_gamma for x > 0 (Abramowitz & Stegun 6.4.12)."""
    z = np.array(x, dtype=np.float64, ndmin=1)
    total = np.zeros_like(z)
    for _ in range(_SHIFT):
        small = z < _SHIFT
        total += np.where(small, 1 / (z * z), 0)
        z = np.where(small, z + 1, z)
    inverse = 1 / (z * z)
    tail = np.zeros_like(z)
    for c in reversed(_BERNOULLI):
        tail = (tail + c) * inverse
    return (total + 1 / z + 0.5 * inverse + tail / z).reshape(np.shape(x))


def trigamma_inverse(y: float) -> float:
    """x with trigamma(x) = y > 0, by Newton on 1/trigamma (Smyth 2004, appendix)."""
    if y > 1e7:
        return 1 / math.sqrt(y)
    if y < 1e-6:
        return 1 / y
    x = 0.5 + 1 / y
    for _ in range(50):
        value = float(trigamma(x))
        slope = float(trigamma(x + 1e-5) - trigamma(x - 1e-5)) / 2e-5
        change = value * (1 - value / y) / slope
        x += change
        if abs(change) < 1e-10 * x:
            break
    return x


def normal_cdf(x: ArrayLike) -> Floats:
    scaled = np.asarray(x, dtype=np.float64) / -math.sqrt(2)
    return np.asarray(0.5 * np.asarray(_erfc(scaled), dtype=np.float64))


def normal_quantile(p: ArrayLike) -> Floats:
    """Inverse of normal_cdf: a rational start (Abramowitz & Stegun 26.2.23), then Halley's steps."""
    p = np.asarray(p, dtype=np.float64)
    half = np.minimum(p, 1 - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.sqrt(-2 * np.log(half))
        x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
        for _ in range(3):
            error = (normal_cdf(x) - half) * math.sqrt(2 * math.pi) * np.exp(0.5 * x * x)
            x = x - error / (1 + 0.5 * x * error)
    x = np.where(half == 0, -np.inf, x)
    return np.asarray(np.where(p > 0.5, -x, x))


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Regularised incomplete beta function I_x(a, b), by the continued fraction of DLMF 8.17.22 (Lentz)."""
    x, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x, a, b)))
    inside = (x > 0) & (x < 1)
    safe = np.where(inside, x, 0.5)
    swap = safe > (a + 1) / (a + b + 2)
    u, p, q = np.where(swap, 1 - safe, safe), np.where(swap, b, a), np.where(swap, a, b)
    front = np.exp(p * np.log(u) + q * np.log1p(-u) - log_beta(p, q)) / p
    value = front * _fraction(u, p, q)
    result = np.where(swap, 1 - value, value)
    return np.where(inside, result, np.where(x >= 1, 1.0, np.where(x <= 0, 0.0, np.nan)))


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    c = np.ones_like(x)
    d = 1 / _away(1 - (a + b) * x / (a + 1))
    total = d.copy()
    for m in range(1, 2000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away(1 + even * d), _away(1 + even / c)
        total = total * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away(1 + odd * d), _away(1 + odd / c)
        change = d * c
        total = total * change
        if np.all(np.abs(change - 1) < 1e-15):
            break
    return total


def _away(value: Floats) -> Floats:
    return np.where(np.abs(value) < _TINY, _TINY, value)


def beta_quantile(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Inverse of beta_cdf."""
    return np.asarray(1 / (1 + np.exp(-_beta_logit(p, a, b))))


def _beta_logit(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """log(x / (1-x)) of the quantile x, by bisection: so neither end of the unit interval loses digits."""
    p, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (p, a, b)))
    low, high = np.full(p.shape, -500.0), np.full(p.shape, 36.0)
    for _ in range(110):
        middle = 0.5 * (low + high)
        below = beta_cdf(1 / (1 + np.exp(-middle)), a, b) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(0.5 * (low + high))


def t_cdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """Student's t; an infinite df is the normal."""
    x, df = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.where(np.isfinite(df), df, 1.0)
    tail = 0.5 * beta_cdf(finite / (finite + x * x), 0.5 * finite, 0.5)
    return np.where(np.isfinite(df), np.where(x > 0, 1 - tail, tail), normal_cdf(x))


def t_two_sided(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(|T| >= |x|): the p-value of a two-sided test, exact far into the tail; NaN stays NaN."""
    x, df = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.where(np.isfinite(df), df, 1.0)
    tails = beta_cdf(finite / (finite + x * x), 0.5 * finite, 0.5)
    tails = np.where(np.isfinite(df), tails, 2 * normal_cdf(-np.abs(x)))
    return np.where(np.isnan(x) | np.isnan(df), np.nan, tails)


def t_quantile(p: ArrayLike, df: ArrayLike) -> Floats:
    """Inverse of t_cdf, through the beta quantile; NaN stays NaN."""
    p, df = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.where(np.isfinite(df), df, 1.0)
    logit = _beta_logit(2 * np.minimum(p, 1 - p), 0.5 * finite, 0.5)
    size = np.where(p == 0.5, 0.0, np.sqrt(finite * np.exp(-logit)))
    value = np.where(np.isfinite(df), np.where(p < 0.5, -size, size), normal_quantile(p))
    return np.where(np.isnan(p) | np.isnan(df), np.nan, value)
