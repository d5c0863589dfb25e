"""Distribution functions for whole arrays at once, from SciPy; typed, and with Student's t at any degrees of freedom.

An infinite number of degrees of freedom is the normal. NaN, an estimate that is not known, stays NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def log_gamma(x: ArrayLike) -> Floats:
    return np.asarray(special.gammaln(x))


def log_beta(a: ArrayLike, b: ArrayLike) -> Floats:
    return np.asarray(special.betaln(a, b))


def digamma(x: ArrayLike) -> Floats:
    return np.asarray(special.digamma(x))


def trigamma(x: ArrayLike) -> Floats:
    return np.asarray(special.polygamma(1, x))


def trigamma_inverse(y: float) -> float:
    """x with trigamma(x) = y > 0, by Newton on 1/trigamma (Smyth 2004, appendix)."""
    if y > 1e7:
        return 1 / math.sqrt(y)
    if y < 1e-6:
        return 1 / y
    x = 0.5 + 1 / y
    for _ in range(50):
        value, slope = float(special.polygamma(1, x)), float(special.polygamma(2, x))
        change = value * (1 - value / y) / slope
        x += change
        if abs(change) < 1e-12 * x:
            break
    return x


def normal_cdf(x: ArrayLike) -> Floats:
    return np.asarray(special.ndtr(x))


def normal_quantile(p: ArrayLike) -> Floats:
    return np.asarray(special.ndtri(p))


def chi_square_tail(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(chi-square with df degrees of freedom > x)."""
    return np.asarray(special.chdtrc(df, np.maximum(x, 0.0)))


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The regularised incomplete beta function I_x(a, b)."""
    return np.asarray(special.betainc(a, b, x))


def beta_quantile(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    return np.asarray(special.betaincinv(a, b, p))


def t_two_sided(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(|T| >= |x|): the p-value of a two-sided test, exact far into the tail."""
    x, df = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.where(np.isfinite(df), df, 1.0)
    tails = special.betainc(0.5 * finite, 0.5, finite / (finite + x * x))
    tails = np.where(np.isfinite(df), tails, 2 * special.ndtr(-np.abs(x)))
    return np.where(np.isnan(x) | np.isnan(df), np.nan, tails)


def t_quantile(p: ArrayLike, df: ArrayLike) -> Floats:
    p, df = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(df, dtype=np.float64))
    finite = np.where(np.isfinite(df), df, 1.0)
    value = np.where(np.isfinite(df), special.stdtrit(finite, p), special.ndtri(p))
    return np.where(np.isnan(p) | np.isnan(df), np.nan, value)
