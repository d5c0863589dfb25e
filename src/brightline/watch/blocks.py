"""An event study of one series, or of one against its controls: the level in blocks of periods before and after the date.

Block -1, the last before the date, is the reference. Poisson for one series; for a pair the binomial share of the treated in
both, whose log odds are the log of the ratio of the two. The covariance is the model's times the square of the scale that
`placebo` found, because the model's own errors are too small. Bounds are those of `bounds`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brightline.watch.bounds import Bounds, relative_magnitudes
from brightline.watch.distributions import t_two_sided
from brightline.watch.event import smallest_detectable
from brightline.watch.its import Design, Floats, quasi_poisson
from brightline.watch.joint import Wald, t_point, wald
from brightline.watch.problems import WatchError
from brightline.watch.ratio import quasi_binomial

_DRAWS = 4000


@dataclass(frozen=True)
class Blocks:
    """Log ratios by block, reference left out, with their calibrated covariance."""

    at: tuple[int, ...]
    periods: tuple[int, ...]  # in each block
    estimate: Floats
    covariance: Floats
    critical: float  # half-width of the simultaneous band, in standard errors
    single: float  # of one interval
    pretest: Wald
    slope: float
    slope_error: float
    slope_p: float
    slope_detectable: float
    bounds: Bounds
    width: int


def blocks(
    counts: Floats,
    at: int,
    *,
    whole: Floats | None = None,
    offset: Floats | None = None,
    before: int,
    width: int,
    scale: float,
    df: float,
    cycles: Sequence[float],
    harmonics: int = 1,
    level: float = 0.95,
    seed: int = 0,
) -> Blocks:
    """Blocks of `width` periods over the `before` periods in front of the date and all after it.

    `whole` makes it the share of counts in the whole. Raises WatchError when fewer than two blocks lie before the reference.
    """
    first = max(0, at - before)
    y = np.asarray(counts, dtype=np.float64)[first:]
    date_at = at - first
    number = (np.arange(len(y)) - date_at) // width
    lowest = -(date_at // width)
    highest = max(0, (len(y) - date_at) // width - 1)
    number = np.clip(number, lowest, highest)  # what does not fill a block joins its neighbour
    seen = ~np.isnan(y)
    labels = [int(b) for b in np.unique(number[seen]) if b != -1]
    if sum(b < -1 for b in labels) < 2 or -1 not in number[seen] or not any(b >= 0 for b in labels):
        raise WatchError(
            "{early} periods before the date make fewer than three blocks of {width}: no trend before it can be seen.",
            early=date_at,
            width=width,
        )
    columns = [np.ones(len(y)), *((number == b).astype(np.float64) for b in labels)]
    names = ["level", *(f"block {b}" for b in labels)]
    t = np.arange(first, first + len(y))
    for cycle in cycles:
        for h in range(1, harmonics + 1):
            if 2 * h < cycle and len(y) >= 2 * cycle and width < cycle:
                columns += [np.cos(2 * np.pi * h * t / cycle), np.sin(2 * np.pi * h * t / cycle)]
                names += [f"cos {h}/{cycle:g}", f"sin {h}/{cycle:g}"]
    model = Design(np.stack(columns, axis=1), tuple(names))
    if whole is None:
        fits = quasi_poisson(y[None], model, None if offset is None else offset[first:])
        weight = fits.fitted[0]
    else:
        n = np.asarray(whole, dtype=np.float64)[first:]
        fits = quasi_binomial(y[None], n[None], model)
        weight = fits.fitted[0] * (1 - fits.fitted[0] / n)
    if not fits.settled[0]:
        raise WatchError("The counts are too thin for an event study in blocks of this length.")
    weight = np.where(np.isnan(weight), 0.0, weight)
    information = model.matrix.T @ (model.matrix * weight[:, None])
    # A series calmer than Poisson is an accident of few periods
    dispersion = max(float(fits.dispersion[0]), 1.0)
    whole_covariance = np.linalg.inv(information) * dispersion * max(scale, 1.0) ** 2
    k = slice(1, 1 + len(labels))
    estimate: Floats = fits.coefficients[0, k]
    covariance: Floats = np.asarray(whole_covariance[k, k], dtype=np.float64)
    error = np.sqrt(np.diag(covariance))
    pre = np.array([b < -1 for b in labels])
    sizes = [int((number[seen] == b).sum()) for b in labels]
    after = np.array([s for s, b in zip(sizes, labels, strict=True) if b >= 0], dtype=np.float64)
    x = np.array([b + 1.0 for b, is_pre in zip(labels, pre, strict=True) if is_pre])
    inverse = np.linalg.inv(covariance[np.ix_(pre, pre)])
    precision = float(x @ inverse @ x)
    slope, slope_error = float(x @ inverse @ estimate[pre]) / precision, 1 / math.sqrt(precision)
    return Blocks(
        at=tuple(labels),
        periods=tuple(sizes),
        estimate=estimate,
        covariance=covariance,
        critical=_critical(covariance, error, df, level, seed),
        single=t_point(0.5 + level / 2, df),
        pretest=wald(estimate[pre], covariance[np.ix_(pre, pre)]),
        slope=slope,
        slope_error=slope_error,
        slope_p=float(t_two_sided(slope / slope_error, df)),
        slope_detectable=smallest_detectable(slope_error, df, level=level),
        bounds=relative_magnitudes(
            estimate, covariance, int(pre.sum()), weights=tuple(after / after.sum()), level=level
        ),
        width=width,
    )


def _critical(covariance: Floats, error: Floats, df: float, level: float, seed: int) -> float:
    """The quantile of the largest |t| over all blocks, by simulation of the multivariate t."""
    rng = np.random.default_rng(seed)
    correlation = covariance / np.outer(error, error)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    draws = np.abs(rng.standard_normal((_DRAWS, len(error))) @ root.T).max(axis=1)
    if math.isfinite(df):
        draws = draws / np.sqrt(rng.chisquare(df, _DRAWS) / df)
    return float(np.quantile(draws, level))
