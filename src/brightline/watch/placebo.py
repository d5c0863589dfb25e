"""Placebo in time: a step is judged by the steps that the same model finds at dates when nothing was decided.

The step is fitted to a window of `before` + m periods around the date (level, step, trend, seasons; m = periods after).
The same window is moved back through the history, wholly before the date. z = step / standard error; the scale s is the
root mean square of z at the fake dates; z / s has about a t distribution.

Its degrees of freedom. The fake windows overlap, so neither their number nor the number of separate ones is right. For
Gaussian errors with lag-1 correlation rho the correlation r of the z at any two fake dates is known from the design
alone, and s² then has J² / sum of all r² degrees of freedom (Satterthwaite 1946, Biometrics Bulletin 2:110). With 225
periods of history and 15 after that is 13.1 at rho = 0 and 11.1 at rho = 0.6, where separate windows would be 11.

Over many series the squared scales are shrunk to their common value by empirical Bayes (Smyth 2004, SAGMB 3:3, as in
limma), here around a line in the log of the expected count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import digamma, t_quantile, t_two_sided, trigamma, trigamma_inverse
from brightline.watch.its import Design, Effect, Fits, Floats, Trend, autocorrelation, design, effect, quasi_poisson
from brightline.watch.problems import WatchError
from brightline.watch.series import check_counts, check_question

BEFORE = {"day": 364, "week": 104, "month": 60, "quarter": 20, "year": 10}  # periods in front of a date
STEP = 5  # periods between two fake dates
FEWEST = 3  # fake dates
_RHO = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85, 0.95])
_CHUNK = 4_000_000  # counts fitted at once: about 200 MB


@dataclass(frozen=True)
class Placebo:
    """The step at one date in each of S series, and at J fake dates. NaN where it cannot be estimated."""

    at: int
    before: int
    after: int
    fake_dates: NDArray[np.int64]  # (J,), first period after each fake date
    log_ratio: Floats  # (S,)
    model_error: Floats  # (S,), the quasi-Poisson standard error, not to be used alone
    fake_z: Floats  # (S, J)
    scale: Floats  # (S,), root mean square of fake_z (moderated: shrunk)
    df: Floats  # (S,)
    rho: Floats  # (S,), lag-1 correlation of residuals before the date
    dispersion: Floats  # (S,), in the window of the date
    moderated: bool

    @property
    def error(self) -> Floats:
        """The calibrated standard error of log_ratio."""
        return self.model_error * self.scale

    @property
    def z(self) -> Floats:
        return self.log_ratio / self.model_error

    @property
    def p(self) -> Floats:
        """Two-sided p-values, (S,)."""
        return t_two_sided(self.log_ratio / self.error, self.df)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Ends of the interval for the rate ratio, each (S,)."""
        margin = t_quantile(0.5 + level / 2, self.df) * self.error
        return np.exp(self.log_ratio - margin), np.exp(self.log_ratio + margin)

    def smallest_detectable(self, power: float = 0.8, level: float = 0.95) -> Floats:
        """The smallest rise, as a rate ratio, that would be found with this power: the MDE, (S,)."""
        margin = t_quantile(0.5 + level / 2, self.df) + t_quantile(power, self.df)
        return np.exp(margin * self.error)

    def rank(self) -> Floats:
        """The share of fake dates, with the real one, whose |z| is at least that of the real date, (S,)."""
        seen = ~np.isnan(self.fake_z)
        above = (np.abs(self.fake_z) >= np.abs(self.z)[:, None]) & seen
        share: Floats = (1 + above.sum(axis=1)) / (1 + seen.sum(axis=1))
        return np.where(np.isnan(self.z), np.nan, share)

    def effect(self, series: int = 0, level: float = 0.95) -> Effect:
        method = "placebo-t, moderated" if self.moderated else "placebo-t"
        log_ratio, error, df = (float(v[series]) for v in (self.log_ratio, self.error, self.df))
        return effect(log_ratio, error, df, method, level)


def placebo(
    counts: Floats,
    at: int,
    *,
    offset: Floats | None = None,
    before: int = BEFORE["month"],
    step: int = STEP,
    trend: Trend = "linear",
    harmonics: int = 1,
    cycles: Sequence[float] = (12.0,),
    moderated: bool = False,
) -> Placebo:
    """The step at period `at` of one series (periods,) or many (series, periods), calibrated on fake dates before it.

    Raises WatchError when the history is too short for three fake dates. In many series those without an estimate are
    NaN; of one series alone it is asked first whether there can be one, and a WatchError says why not.
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim == 1:
        check_question(y, at, before=before // 2, leave_out=True)
        y = y[None]
    else:
        check_counts(y.reshape(-1))
    fits = windows(y, at, offset, before, step, trend, harmonics, cycles)
    result = calibrated(fits, moderated=moderated)
    if len(y) == 1 and np.isnan(result.error[0]):
        raise WatchError(
            "The model has no finite estimate at the date or at most of the fake dates: the counts are too thin "
            "or too many periods are missing. Use a longer period (quarters for months) or a larger area."
        )
    return result


@dataclass(frozen=True)
class Windows:
    """The step and its standard error at the date (column 0) and at each fake date, before any calibration."""

    at: int
    before: int
    after: int
    step: int
    starts: NDArray[np.int64]  # (1+J,), first period of each window
    model: Design
    log_ratio: Floats  # (S, 1+J)
    error: Floats  # (S, 1+J)
    dispersion: Floats  # (S,)
    rho: Floats  # (S,)
    expected: Floats  # (S,), mean count in front of the date


def window_starts(at: int, periods: int, before: int, step: int) -> NDArray[np.int64]:
    """Where the real window and the fake ones begin: the fake ones end before the date."""
    after = periods - at
    if not 0 < at < periods:
        raise WatchError("The date is outside the data: period {number} of {periods}.", number=at + 1, periods=periods)
    fakes = np.arange(at - before - after, -1, -step)
    if at < before or len(fakes) < FEWEST:
        needed = before + after + (FEWEST - 1) * step
        raise WatchError(
            "{early} periods before the date and {late} after it leave {fakes} fake dates, and {fewest} "
            "are the fewest: {needed} periods before it are needed. Load more history, or plan fewer periods after "
            "or a window shorter than {before} in front.",
            early=at,
            late=after,
            fakes=len(fakes),
            fewest=FEWEST,
            needed=needed,
            before=before,
        )
    return np.concatenate([[at - before], fakes])


def windows(
    y: Floats,
    at: int,
    offset: Floats | None,
    before: int,
    step: int,
    trend: Trend,
    harmonics: int,
    cycles: Sequence[float],
) -> Windows:
    """Fit every window of every series. A season has any phase in the model, so one design serves all windows."""
    series, periods = y.shape
    starts = window_starts(at, periods, before, step)
    after = periods - at
    length = before + after
    model = design(length, before, trend=trend, harmonics=harmonics, cycles=cycles)
    log_ratio, error = np.empty((series, len(starts))), np.empty((series, len(starts)))
    dispersion = np.empty(series)
    index = starts[:, None] + np.arange(length)
    base = None if offset is None else np.broadcast_to(np.asarray(offset, dtype=np.float64), y.shape)
    size = max(1, _CHUNK // index.size)
    for first in range(0, series, size):
        rows = slice(first, first + size)
        fits = quasi_poisson(
            alike(y[rows][:, index]).reshape(-1, length),
            model,
            None if base is None else base[rows][:, index].reshape(-1, length),
        )
        b, e = (v.reshape(-1, len(starts)) for v in fits.of("step"))
        log_ratio[rows], error[rows] = b, e
        dispersion[rows] = fits.dispersion.reshape(-1, len(starts))[:, 0]
    rho = _rho_before(y[:, :at], None if base is None else base[:, :at], trend, harmonics, cycles)
    with np.errstate(invalid="ignore"):
        expected = np.nansum(y[:, :at], axis=1) / np.maximum((~np.isnan(y[:, :at])).sum(axis=1), 1)
    return Windows(at, before, after, step, starts, model, log_ratio, error, dispersion, rho, expected)


def alike(table: Floats) -> Floats:
    """Windows (series, windows, periods) of which the first is the real one, each without the periods that lack there.

    A gap in front of the date leaves the step less to stand on, and fake dates without the gap would not show how far it moves
    then. A gap is what lacks in every series, so that a period which is left out of one of them on trial is none.
    """
    return np.where(np.isnan(table[:, 0]).all(axis=0), np.nan, table)


def _rho_before(y: Floats, offset: Floats | None, trend: Trend, harmonics: int, cycles: Sequence[float]) -> Floats:
    whole = design(y.shape[1], 1, trend=trend, harmonics=harmonics, cycles=cycles)
    keep = [i for i, name in enumerate(whole.names) if name != "step"]
    model = Design(whole.matrix[:, keep], tuple(whole.names[i] for i in keep))
    fits: Fits = quasi_poisson(y, model, offset)
    n, p = model.matrix.shape
    rho = (n * autocorrelation(y, fits) + p / 2) / (n - p)  # the fitted columns take some correlation away
    return np.asarray(np.clip(np.nan_to_num(rho), 0.0, _RHO[-1]))


def calibrated(fits: Windows, *, moderated: bool = False) -> Placebo:
    """Divide by the scale of the fake dates; `moderated` shrinks the scales of all series given to a common line."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = fits.log_ratio / fits.error
    fake = z[:, 1:]
    seen = np.isfinite(fake)
    enough = seen.sum(axis=1) >= max(FEWEST, fake.shape[1] / 2)
    square = np.where(enough, (np.where(seen, fake, 0.0) ** 2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1), np.nan)
    contrast = tuple(np.linalg.pinv(fits.model.matrix)[fits.model.step].tolist())
    starts = tuple(fits.starts[1:].tolist())
    df = np.interp(fits.rho, _RHO, [degrees(contrast, starts, float(r)) for r in _RHO])
    if moderated:
        square, prior = shrink(square, df, np.log(fits.expected + 0.5))
        df = df + prior
    return Placebo(
        at=fits.at,
        before=fits.before,
        after=fits.after,
        fake_dates=fits.starts[1:] + fits.before,
        log_ratio=fits.log_ratio[:, 0],
        model_error=fits.error[:, 0],
        fake_z=fake,
        scale=np.sqrt(square),
        df=np.where(np.isnan(square), np.nan, df),
        rho=fits.rho,
        dispersion=fits.dispersion,
        moderated=moderated,
    )


@lru_cache(maxsize=512)
def degrees(contrast: tuple[float, ...], starts: tuple[int, ...], rho: float) -> float:
    """Degrees of freedom of the mean of z² over windows of one contrast at these starts, for errors with rho^|lag|."""
    r = _correlation(np.array(contrast), np.array(starts), rho)
    return len(starts) ** 2 / float((r**2).sum())


def _correlation(contrast: Floats, starts: NDArray[np.int64], rho: float) -> Floats:
    """Of the steps at all windows: c'Rc with each window's contrast at its place, R = rho^|lag|."""
    first = starts - starts.min()
    placed = np.zeros((len(starts), int(first.max()) + len(contrast)))
    for row, at in zip(placed, first, strict=True):
        row[at : at + len(contrast)] = contrast
    lags = np.abs(np.subtract.outer(np.arange(placed.shape[1]), np.arange(placed.shape[1])))
    covariance = placed @ (rho**lags if rho else np.eye(len(lags))) @ placed.T
    size = np.sqrt(np.diag(covariance))
    correlation: Floats = covariance / np.outer(size, size)
    return correlation


def shrink(square: Floats, df: Floats, covariate: Floats | None = None) -> tuple[Floats, float]:
    """Empirical Bayes of Smyth (2004): (posterior variances, prior degrees of freedom) from variances with these df.

    The prior variance is constant, or with a covariate its log is a line (limma's trend). NaN stays NaN.
    """
    use = np.isfinite(square) & (square > 0)
    if use.sum() < 3:
        raise WatchError(
            "{series} series can be estimated; moderation over series needs at least 3.", series=int(use.sum())
        )
    half = df[use] / 2
    e = np.log(square[use]) - digamma(half) + np.log(half)
    columns = [np.ones(int(use.sum()))]
    if covariate is not None and np.ptp(covariate[use]) > 0 and use.sum() >= 10:
        columns.append(covariate[use])
    x = np.stack(columns, axis=1)
    line = np.linalg.lstsq(x, e, rcond=None)[0]
    spread = float(((e - x @ line) ** 2).sum() / max(len(e) - x.shape[1], 1) - trigamma(half).mean())
    whole = np.ones((len(square), x.shape[1]))
    if x.shape[1] > 1 and covariate is not None:
        whole[:, 1] = covariate
    if spread <= 0:  # all of the spread is chance: every series has the common variance
        return np.where(use, np.exp(whole @ line), np.nan), float("inf")
    prior = 2 * trigamma_inverse(spread)
    common = np.exp(whole @ line + digamma(prior / 2) - np.log(prior / 2))
    with np.errstate(invalid="ignore"):
        return (prior * common + df * square) / (prior + df), prior
