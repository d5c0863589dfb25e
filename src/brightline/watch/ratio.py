"""Shares and bare pairs of counts: did a part of the whole grow, and what two numbers can say by themselves.

The share is a binomial interrupted series with a logit link and its overdispersion estimated (McCullagh & Nelder 1989,
4.5), calibrated on fake dates as `placebo` does it for counts. A shared cause (fewer officers, less traffic) that moves
part and whole alike leaves the share alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brightline.watch.distributions import beta_quantile, normal_cdf, normal_quantile
from brightline.watch.its import Design, Fits, Floats, Trend, autocorrelation, design, enough, inverse, pairs, solve
from brightline.watch.placebo import BEFORE, STEP, Placebo, Windows, alike, calibrated, window_starts
from brightline.watch.problems import WatchError
from brightline.watch.series import check_counts, check_question

_ROUNDS = 60
_CLOSE = 1e-10
_LOGIT = 30.0


@dataclass(frozen=True)
class Share:
    """The share before and after, and the odds ratio of the step, calibrated."""

    before: float
    after: float
    odds: Placebo  # `log_ratio` is the log odds ratio
    dispersion: float


@dataclass(frozen=True)
class Pair:
    """The ratio of two counts with its exact interval."""

    ratio: float
    low: float
    high: float
    p: float  # that the rates are equal; normal approximation
    dispersion: float


def share(
    part: Floats,
    whole: Floats,
    at: int,
    *,
    before: int = BEFORE["month"],
    step: int = STEP,
    trend: Trend = "linear",
    harmonics: int = 1,
    cycles: Sequence[float] = (12.0,),
) -> Share:
    """The step at period `at` in part / whole, each (periods,); NaN in either is a missing period."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    if part.shape != whole.shape:
        raise WatchError(
            "The part has {part} periods and the whole {whole}; they must cover the same ones.",
            part=part.size,
            whole=whole.size,
        )
    check_counts(whole, "the whole")
    check_question(part, at, "the part", before=before // 2, leave_out=True)
    seen = ~np.isnan(part) & ~np.isnan(whole)
    over = np.flatnonzero(seen & (part > whole)).tolist()
    if over:
        raise WatchError(
            "In period {number} the part ({part:g}) is more than the whole ({whole:g}); "
            "the whole must count the part as well.",
            number=over[0] + 1,
            part=part[over[0]],
            whole=whole[over[0]],
        )
    rest = np.where(seen, whole - part, 0.0)
    if not rest[:at].sum() > 0 or not rest[at:].sum() > 0:
        raise WatchError("On one side of the date the part is all of the whole: there is no finite odds ratio.")
    part, whole = np.where(seen, part, np.nan), np.where(seen, whole, np.nan)
    fits = share_windows(part[None], whole[None], at, before, step, trend, harmonics, cycles)
    odds = calibrated(fits)
    if np.isnan(odds.error[0]):
        raise WatchError(
            "The share has no finite estimate at the date or at most of the fake dates: the counts are too thin. "
            "Use a longer period or a larger area."
        )
    return Share(
        before=float(np.nansum(part[:at]) / np.nansum(whole[:at])),
        after=float(np.nansum(part[at:]) / np.nansum(whole[at:])),
        odds=odds,
        dispersion=float(fits.dispersion[0]),
    )


def share_windows(
    part: Floats,
    whole: Floats,
    at: int,
    before: int,
    step: int,
    trend: Trend,
    harmonics: int,
    cycles: Sequence[float],
) -> Windows:
    """The log odds ratio of the step at the date and at each fake date, for each row of part and whole (series, periods)."""
    series, periods = part.shape
    starts = window_starts(at, periods, before, step)
    length = before + periods - at
    model = design(length, before, trend=trend, harmonics=harmonics, cycles=cycles)
    index = starts[:, None] + np.arange(length)
    numerator, denominator = (alike(table[:, index]).reshape(-1, length) for table in (part, whole))
    fits = quasi_binomial(numerator, denominator, model)
    log_ratio, error = (v.reshape(series, -1) for v in fits.of("step"))
    past = design(at, 1, trend=trend, harmonics=harmonics, cycles=cycles)
    keep = [i for i, name in enumerate(past.names) if name != "step"]
    plain = Design(past.matrix[:, keep], tuple(past.names[i] for i in keep))
    history = quasi_binomial(part[:, :at], whole[:, :at], plain)
    n, p = plain.matrix.shape
    rho = np.clip(np.nan_to_num((n * autocorrelation(part[:, :at], history) + p / 2) / (n - p)), 0.0, 0.95)
    return Windows(
        at=at,
        before=before,
        after=periods - at,
        step=step,
        starts=starts,
        model=model,
        log_ratio=log_ratio,
        error=error,
        dispersion=fits.dispersion.reshape(series, -1)[:, 0],
        rho=rho,
        expected=np.nanmean(part[:, :at], axis=1),
    )


def quasi_binomial(part: Floats, whole: Floats, model: Design) -> Fits:
    """Fit logit(part / whole) = model to each row, (series, periods); `fitted` of the result is the expected part."""
    y, n = np.atleast_2d(part).astype(np.float64), np.atleast_2d(whole).astype(np.float64)
    x = model.matrix
    seen = ~np.isnan(y) & ~np.isnan(n) & (n > 0)
    y, n = np.where(seen, y, 0.0), np.where(seen, n, 0.0)
    products = pairs(x)
    able = enough(seen, x) & (y.sum(axis=1) > 0) & ((n - y).sum(axis=1) > 0)
    if "step" in model.names:
        after = x[:, model.step] > 0
        for side in (after, ~after):
            able &= (y[:, side].sum(axis=1) > 0) & ((n - y)[:, side].sum(axis=1) > 0)
    coefficients = np.full((len(y), x.shape[1]), np.nan)
    done = np.zeros(len(y), dtype=bool)
    active = np.flatnonzero(able)
    eta = np.log((y[active] + 0.5) / (n[active] - y[active] + 0.5))
    before = np.full(len(active), np.inf)
    for _ in range(_ROUNDS):
        if not len(active):
            break
        chance = 1 / (1 + np.exp(-eta))
        weight = n[active] * chance * (1 - chance)
        pull = weight * eta + (y[active] - n[active] * chance)
        beta = solve(weight @ products, pull @ x, x.shape[1])
        eta = beta @ x.T
        lost = ~np.isfinite(eta).all(axis=1) | (np.abs(eta * seen[active]).max(axis=1) > _LOGIT)
        eta = np.clip(np.nan_to_num(eta), -_LOGIT, _LOGIT)
        now = (n[active] * np.logaddexp(0, eta) - y[active] * eta).sum(axis=1)
        settled = np.abs(now - before) <= _CLOSE * (np.abs(now) + 0.1)
        before = now
        kept = settled & ~lost
        coefficients[active[kept]] = beta[kept]
        done[active[kept]] = True
        going = ~(settled | lost)
        active, eta, before = active[going], eta[going], before[going]

    chance = 1 / (1 + np.exp(-np.clip(np.nan_to_num(coefficients) @ x.T, -_LOGIT, _LOGIT)))
    fitted, variance = n * chance, n * chance * (1 - chance)
    df = np.maximum(seen.sum(axis=1) - x.shape[1], 0)
    pearson = np.where(seen, (y - fitted) ** 2 / np.maximum(variance, 1e-300), 0.0).sum(axis=1)
    dispersion = np.where(done & (df > 0), pearson / np.maximum(df, 1), np.nan)
    errors = np.full_like(coefficients, np.nan)
    rows = np.flatnonzero(done)
    if len(rows):
        covariance = inverse(variance[rows] @ products, x.shape[1])
        errors[rows] = np.sqrt(np.maximum(np.einsum("sii->si", covariance), 0) * dispersion[rows, None])
    fitted = np.where(seen & done[:, None], fitted, np.nan)
    return Fits(model.names, coefficients, errors, dispersion, fitted, df, done)


def pair(
    before: float,
    after: float,
    *,
    dispersion: float = 1.0,
    before_exposure: float = 1.0,
    after_exposure: float = 1.0,
    level: float = 0.95,
) -> Pair:
    """The ratio of two rates from one count each: all that two published numbers allow.

    For Poisson counts (dispersion 1) the interval is the exact conditional one (Clopper & Pearson 1934, of after / (before
    + after)). With a dispersion above 1, variance by mean as in a like series, it is the quasi-Poisson one on the log scale.
    """
    if before < 0 or after < 0 or not np.isfinite([before, after]).all():
        raise WatchError("A count must be a number of 0 or more.")
    if before == 0 or after == 0:
        raise WatchError("One of the two counts is zero: a ratio says nothing; tell both numbers instead.")
    if dispersion < 1 or before_exposure <= 0 or after_exposure <= 0:
        raise WatchError("The dispersion must be at least 1 and both denominators above zero.")
    first, second = before / dispersion, after / dispersion
    tail = (1 - level) / 2
    if dispersion == 1:
        share_low = float(beta_quantile(tail, after, before + 1))
        share_high = float(beta_quantile(1 - tail, after + 1, before))
        low, high = share_low / (1 - share_low), share_high / (1 - share_high)
    else:
        margin = float(np.exp(normal_quantile(1 - tail) * np.sqrt(1 / first + 1 / second)))
        low, high = after / before / margin, after / before * margin
    scale = before_exposure / after_exposure
    chance = after_exposure / (before_exposure + after_exposure)
    distance = (second - (first + second) * chance) / np.sqrt((first + second) * chance * (1 - chance))
    return Pair(
        ratio=after / before * scale,
        low=low * scale,
        high=high * scale,
        p=float(2 * normal_cdf(-abs(distance))),
        dispersion=dispersion,
    )
