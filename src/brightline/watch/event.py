"""An event that touches some units more than others: did the exposed ones move apart from the rest?

Counts: Poisson pseudo-likelihood with an effect for each unit and each period (Santos Silva & Tenreyro 2006; for the
fixed effects Wooldridge 1999), exposure fixed before the event. The unit effects leave the multinomial likelihood of
how each unit's events fall on the periods, and periods with the same coefficient may be summed first: the estimate and
its cluster-robust error are the same to the last digit. What remains is a small, concave problem that is solved for
thousands of placebo assignments at once. `link="identity"` is the two-way linear event study.

Inference does not rest on the error model alone: randomisation over units (Young 2019, QJE 134:557) and over dates.

Over units the estimates are ranked in standard errors of their own (Chung & Romano 2013, Annals of Statistics 41:484;
with unequal exposures DiCiccio & Romano 2017, JASA 112:1211), or small exposed units among large ones stand out without
an effect. The error is the jackknife by unit (MacKinnon, Nielsen & Webb 2023, J. Applied Econometrics 38:671): one
large exposed unit makes the usual cluster error far too small. Where one unit carries most of a side even the jackknife
is not enough, and the plain ranking, which then holds, must agree. One unit alone has no error of its own: it must stand
out plainly, which a small unit does too easily, and in Poisson errors, which a large one does.

Over dates the windows overlap, so the rank alone takes a few distinct stretches for many. The estimate divided by the
root mean square of the others must also stand out in a t distribution whose degrees of freedom are worked out from the
overlap and the lag-1 correlation as in `placebo.py` (Satterthwaite 1946, Biometrics Bulletin 2:110).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import normal_quantile, t_two_sided
from brightline.watch.joint import Estimates, Wald, estimates, t_point, wald
from brightline.watch.panel import Floats, check_table
from brightline.watch.problems import Phrase, WatchError

Link = Literal["log", "identity"]
Ranked = Literal["plain", "studentised", "both", "alone", "calibrated"]
_ROUNDS = 100
_CLOSE = 1e-10
_FAR = 30.0  # a log ratio beyond this has run away
_CHUNK = 4_000_000
_FEWEST_DATES = 20
_ENOUGH_DAYS = 0.8  # of a window must have been counted
_ALONE = 1e-6  # a unit with less than this left for the others has no residual of its own
_CARRIES = 0.4  # the leverage from which one unit carries a comparison: of two that are equally large each has 0.5
_MOST_RHO = 0.95
_TIE = 1e-9  # a tie is a tie in spite of rounding


@dataclass(frozen=True)
class Difference:
    """The change of the exposed against the others, on the log scale (log link) or in the unit of the outcome."""

    estimate: float  # for exposure 1 against exposure 0
    error: float  # cluster-robust by unit; NaN where one unit alone is exposed, or one alone is not
    naive_error: float  # as if each count were Poisson and independent; shown only to be compared with
    df: int  # units less one
    clusters: float  # units that carry the comparison; under ten, use the placebos over units or dates
    p: float
    low: float
    high: float
    level: float
    link: Link

    @property
    def ratio(self) -> float:
        return math.exp(self.estimate)

    @property
    def percent(self) -> float:
        return 100 * (math.exp(self.estimate) - 1)


@dataclass(frozen=True)
class Pretrend:
    """The slope of the estimates before the event, per block, and the smallest slope that would have been found."""

    slope: float
    error: float
    p: float
    smallest_detectable: float  # at 80 % power, per block


@dataclass(frozen=True)
class EventStudy:
    """Estimates by block of periods relative to the event; block -1 is the reference and is zero by definition."""

    estimates: Estimates
    blocks: tuple[int, ...]  # how many periods each block holds, reference included
    difference: Difference  # all periods after against all before
    pretest: Wald
    pretrend: Pretrend | None  # None where fewer than two blocks lie before the reference
    link: Link
    width: int

    @property
    def before(self) -> NDArray[np.bool_]:
        which: NDArray[np.bool_] = self.estimates.at < 0
        return which


@dataclass(frozen=True)
class Randomised:
    """The estimate among those that chance alone gives; each p counts the real one too.

    `ranked` is how. plain: log ratios. studentised: each in standard errors of its own. both: plain and studentised, the
    larger p, for one unit carries much of the comparison. alone: plain and in Poisson errors, the larger p, for one unit
    alone is exposed, or one alone is not. calibrated (dates): plain and by t in the scale of the other dates, the larger.
    """

    estimate: float
    draws: Floats  # log ratios, without the real one
    p: float  # two-sided: draws at least as far from zero
    p_fall: float  # one-sided: draws at least as low
    p_rise: float
    exact: bool  # every possible assignment was tried
    naive_rejects: float  # share of the draws that a Poisson standard error calls significant at 5 %
    ranked: Ranked = "plain"
    error: float = math.nan  # jackknife by unit; alone: Poisson, for ranking only; over dates the size of the draws
    statistics: Floats = field(default_factory=lambda: np.empty(0))  # draws in their own errors, without the real one
    worth: float = math.inf  # over dates: how many windows that do not overlap the draws cover
    df: float = math.inf  # over dates: degrees of freedom of `error`

    @property
    def percent(self) -> float:
        return 100 * (math.exp(self.estimate) - 1)

    def half(self, alpha: float) -> float:
        """Half the width of the interval, which holds zero if and only if `p` is not below `alpha`.

        Infinite where the assignments are too few for any p below `alpha`.
        """
        reached = 0.0
        if self.ranked != "studentised":
            reached = reach(np.abs(self.draws), alpha)
        if self.ranked in ("studentised", "both", "alone"):
            reached = max(reached, reach(np.abs(self.statistics), alpha) * self.error)
        if self.ranked == "calibrated":
            reached = max(reached, t_point(1 - alpha / 2, self.df) * self.error)
        return reached

    def interval(self, alpha: float) -> tuple[float, float]:
        """Ends of the interval for the log ratio at level 1 - alpha."""
        half = self.half(alpha)
        return self.estimate - half, self.estimate + half

    def smallest(self, alpha: float, *, power: float = 0.8) -> float:
        """The smallest log ratio that this would tell from zero with this power: the MDE."""
        spread = float(np.sqrt(np.mean(self.draws**2))) if self.ranked in ("plain", "alone") else self.error
        return self.half(alpha) + t_point(power, self.df) * spread


@dataclass(frozen=True)
class LeftOut:
    """The estimate without each unit in turn, and without the last period."""

    units: Floats  # (N,), NaN where nothing remains to compare with
    unit_p: Floats  # (N,)
    without_last: Difference | None  # None where there is one period after only


def difference(
    counts: Floats, exposure: Floats, at: int, *, link: Link = "log", level: float = 0.95, units: Sequence[str] = ()
) -> Difference:
    """All periods from `at` on against all before, exposed against the rest; counts (units, periods).

    `exposure` is 0/1 or a share, fixed before the event. Raises WatchError for what cannot be compared.
    """
    y, d = _checked(counts, exposure, at, link, units)
    if link == "identity":
        influence, value = _linear(_means(y, [at, y.shape[1] - at]), d, reference=0)
        naive = math.nan
        estimate, robust = float(value[0]), math.sqrt(float((influence[:, 0] ** 2).sum()))
        carried = np.ones(len(d))
    else:
        before, after = y[:, :at].sum(axis=1), y[:, at:].sum(axis=1)
        found = _two_periods(before[None], after[None], d[None])
        estimate, robust, naive = float(found.estimate[0]), float(found.robust[0]), float(found.poisson[0])
        carried = before + after
        _must_be_finite(estimate)
    df = len(d) - 1
    error = math.nan if _one_alone(d) else robust * math.sqrt(_factor(y.size, len(d), y.shape[1] + 1))
    margin = t_point(0.5 + level / 2, df) * error
    p = float(t_two_sided(estimate / error, df)) if error > 0 else math.nan
    clusters = _effective_clusters(carried, d)
    return Difference(estimate, error, naive, df, clusters, p, estimate - margin, estimate + margin, level, link)


def event_study(
    counts: Floats,
    exposure: Floats,
    at: int,
    *,
    width: int = 1,
    link: Link = "log",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
    units: Sequence[str] = (),
) -> EventStudy:
    """Effects by blocks of `width` periods around the event, whose first period is number `at` (from 0).

    Periods that do not fill a block join the first or the last one. Raises WatchError for what cannot be compared.
    """
    y, d = _checked(counts, exposure, at, link, units)
    if _one_alone(d):
        raise WatchError(
            "One unit alone is exposed, or one alone is not, so nothing tells its own chance from the event: an event "
            "study has no standard errors. Use placebo dates or placebo units, or divide the unit into smaller ones."
        )
    if width < 1 or at < width:
        raise WatchError(
            "Blocks of {width} periods do not fit the {early} periods before the event.", width=width, early=at
        )
    early, late = at // width, (y.shape[1] - at) // width
    if late < 1:
        raise WatchError(
            "Blocks of {width} periods do not fit the {late} periods after the event.",
            width=width,
            late=y.shape[1] - at,
        )
    sizes = [width] * (early + late)
    sizes[0] += at - early * width
    sizes[-1] += y.shape[1] - at - late * width
    relative = np.arange(-early, late)
    reference = early - 1
    if link == "identity":
        influence, value = _linear(_means(y, sizes), d, reference)
        carried = np.ones(len(d))
    else:
        totals = np.add.reduceat(y, np.cumsum([0, *sizes[:-1]]), axis=1)
        influence, value = _multinomial(totals, d, reference)
        carried = y.sum(axis=1)
    k = len(value)
    times = np.delete(relative, reference).astype(np.float64)
    factor = _factor(y.size, len(d), y.shape[1] + k)
    found = estimates(times, value, influence, factor=factor, df=len(d) - 1, level=level, draws=draws, seed=seed)
    before = times < 0
    return EventStudy(
        estimates=found,
        blocks=tuple(sizes),
        difference=difference(y, d, at, link=link, level=level),
        pretest=wald(*found.where(before), clusters=_effective_clusters(carried, d)),
        pretrend=_slope(times[before], *found.where(before), df=len(d) - 1) if before.any() else None,
        link=link,
        width=width,
    )


def over_units(
    counts: Floats, exposure: Floats, at: int, *, draws: int = 2000, seed: int = 0, units: Sequence[str] = ()
) -> Randomised:
    """Give the exposure to other units: all assignments where they are no more than `draws`, else that many."""
    y, d = _checked(counts, exposure, at, "log", units)
    before, after = y[:, :at].sum(axis=1), y[:, at:].sum(axis=1)
    real = _two_periods(before[None], after[None], d[None])
    _must_be_finite(float(real.estimate[0]))
    binary = set(np.unique(d).tolist()) <= {0.0, 1.0}
    exposed = int(d.sum()) if binary else 0
    exact = binary and math.comb(len(d), exposed) - 1 <= draws
    if exact:
        chosen = np.zeros((math.comb(len(d), exposed), len(d)))
        for row, which in enumerate(combinations(range(len(d)), exposed)):
            chosen[row, list(which)] = 1
        chosen = chosen[(chosen != d).any(axis=1)]
    else:
        chosen = np.random.default_rng(seed).permuted(np.tile(d, (draws, 1)), axis=1)
    b, jackknife, naive = _all_two_periods(before, after, chosen)
    plain = _randomised(float(real.estimate[0]), b, naive, exact=exact)
    alone = not real.jackknife[0] > 0
    error = float((real.poisson if alone else real.jackknife)[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        t = b / (naive if alone else jackknife)
    t = t[np.isfinite(t)]
    ranks = _ranks(plain.estimate / error, t)
    ranked: Ranked = "alone" if alone else "both" if real.leverage[0] >= _CARRIES else "studentised"
    if ranked != "studentised":
        ranks = _larger(ranks, (plain.p, plain.p_fall, plain.p_rise))
    p, fall, rise = ranks
    return replace(plain, p=p, p_fall=fall, p_rise=rise, ranked=ranked, error=error, statistics=t)


def over_dates(
    counts: Floats,
    exposure: Floats,
    at: int,
    *,
    before: int,
    after: int,
    events: Iterable[int] = (),
    units: Sequence[str] = (),
) -> Randomised:
    """The same comparison of `after` periods with the `before` in front of them, at every other date of the series.

    Dates whose window touches the periods after one of `events` (first periods; `at` always) are not used. Periods in
    which a unit was not counted are left out for all units; a date needs four fifths of both sides of its window.
    Two units are enough: this is the placebo of one city, exposed and unexposed districts. A few distinct stretches
    make a blunt test and no false one: see `worth` and `df`.
    """
    y = np.array(counts, dtype=np.float64)
    d = np.asarray(exposure, dtype=np.float64)
    if y.ndim != 2:
        raise WatchError("Counts are a table with a row for each unit and a column for each period.")
    seen = np.asarray(np.isfinite(y).all(axis=0))
    _units_checked(y[:, seen], d, units)
    _must_not_be_negative(y[:, seen])
    n = y.shape[1]
    if not before <= at <= n - after:
        raise WatchError(
            "The event is period {number} of {periods}; {before} periods before it and {after} from it on are needed.",
            number=at + 1,
            periods=n,
            before=before,
            after=after,
        )
    sums = np.concatenate([np.zeros((len(y), 1)), np.cumsum(np.where(seen, y, 0), axis=1)], axis=1)
    counted = np.concatenate([[0], np.cumsum(seen)])
    dates = np.arange(before, n - after + 1)
    pre, post = sums[:, dates] - sums[:, dates - before], sums[:, dates + after] - sums[:, dates]
    enough = (counted[dates] - counted[dates - before] >= _ENOUGH_DAYS * before) & (
        counted[dates + after] - counted[dates] >= _ENOUGH_DAYS * after
    )
    if not enough[at - before]:
        raise WatchError(
            "Too many periods around period {number} are missing; four fifths of the {before} before and "
            "of the {after} after it must have been counted for all units.",
            number=at + 1,
            before=before,
            after=after,
        )
    free = enough.copy()
    for event in {at, *events}:
        free &= (dates + after <= event) | (dates - before >= event + after)
    if free.sum() < _FEWEST_DATES:
        raise WatchError(
            "{free} other dates are free of events; at least {fewest} are needed. "
            "Load a longer series or choose a shorter window.",
            free=int(free.sum()),
            fewest=_FEWEST_DATES,
        )
    real = float(_two_periods(pre[:, at - before][None], post[:, at - before][None], d[None]).estimate[0])
    _must_be_finite(real)
    same = np.broadcast_to(d, (int(free.sum()), len(d)))
    others = _two_periods(pre[:, free].T, post[:, free].T, same)
    plain = _randomised(real, others.estimate, others.poisson, exact=True)
    scale = float(np.sqrt(np.mean(plain.draws**2)))
    df = _degrees(free, before, after, _lag_one(np.where(seen, y, 0), seen, d))
    two = float(t_two_sided(real / scale, df)) if scale > 0 else float(real == 0)
    below = two / 2 if real < 0 else 1 - two / 2
    p, fall, rise = _larger((plain.p, plain.p_fall, plain.p_rise), (two, below, 1 - below))
    return replace(
        plain,
        p=p,
        p_fall=fall,
        p_rise=rise,
        ranked="calibrated",
        error=scale,
        worth=_worth(dates[free] - before, before + after),
        df=df,
    )


def leave_out(counts: Floats, exposure: Floats, at: int, *, units: Sequence[str] = ()) -> LeftOut:
    """The difference without each unit in turn, and without the last period: what turns a claim over makes it fragile."""
    y, d = _checked(counts, exposure, at, "log", units)
    before, after = y[:, :at].sum(axis=1), y[:, at:].sum(axis=1)
    n = len(d)
    kept = np.where(np.eye(n, dtype=bool), 0.0, 1.0)
    found = _two_periods(before * kept, after * kept, np.broadcast_to(d, (n, n)))
    cells, columns = (n - 1) * y.shape[1], y.shape[1] + 1
    factor = math.sqrt(_factor(cells, n - 1, columns)) if n > 2 and cells > columns else math.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        p = t_two_sided(found.estimate / (found.robust * factor), max(n - 2, 1))
    last = difference(y[:, :-1], d, at) if y.shape[1] - at > 1 and y[:, at:-1].sum() > 0 else None
    return LeftOut(found.estimate, p, last)


def smallest_detectable(error: float, df: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """The smallest estimate, in its own scale, that a two-sided test would find with this power: the MDE."""
    return error * (t_point(0.5 + level / 2, df) + t_point(power, df))


def smallest_fall(error: float, df: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """The same as a fall in percent, for estimates on the log scale."""
    return 100 * (1 - math.exp(-smallest_detectable(error, df, power=power, level=level)))


def _units_checked(counts: Floats, exposure: Floats, units: Sequence[str]) -> tuple[Floats, Floats]:
    """A full table, and an exposure that differs between units."""
    y = check_table(counts, units)
    d = np.asarray(exposure, dtype=np.float64)
    if d.shape != (len(y),):
        raise WatchError(
            "There are {units} units, and an exposure for {exposures}; each unit needs one.",
            units=len(y),
            exposures=d.size,
        )
    if not np.isfinite(d).all():
        raise WatchError(
            "The exposure of {unknown} units is not known. Unknown is not unexposed: find it or leave the units out.",
            unknown=int((~np.isfinite(d)).sum()),
        )
    if np.ptp(d) == 0:
        raise WatchError(
            "All units are exposed alike, so none can serve as a control. Add units that the event does not touch."
            if d[0]
            else "No unit is exposed, so there is no effect to look for."
        )
    return y, d


def _must_not_be_negative(y: Floats) -> None:
    if (y < 0).any():
        raise WatchError("A count cannot be negative; if these are corrections, add them to their periods.")


def _checked(counts: Floats, exposure: Floats, at: int, link: Link, units: Sequence[str]) -> tuple[Floats, Floats]:
    y, d = _units_checked(counts, exposure, units)
    if not 0 < at < y.shape[1]:
        raise WatchError(
            "The event is outside the data: its first period would be number {number} of {periods}, "
            "and at least one period before and one after are needed.",
            number=at + 1,
            periods=y.shape[1],
        )
    if link == "log":
        _must_not_be_negative(y)
        for side, part in ((Phrase("before the event"), y[:, :at]), (Phrase("after the event"), y[:, at:])):
            for who, some in ((Phrase("exposed units"), d > d.min()), (Phrase("other units"), d < d.max())):
                if not part[some].sum() > 0:
                    raise WatchError(
                        "Nothing was counted in the {who} {side}, and a ratio needs a count. "
                        "Check that the series did not end or change its name; if nothing happened, say so in words.",
                        who=who,
                        side=side,
                    )
    return y, d


def _one_alone(d: Floats) -> bool:
    """Two levels of exposure, and one of them held by a single unit, whose own residual is zero by construction."""
    levels, units = np.unique(d, return_counts=True)
    return len(d) < 3 or (len(levels) == 2 and int(units.min()) < 2)


def _must_be_finite(value: float) -> None:
    if not math.isfinite(value):
        raise WatchError(
            "The counts give no finite ratio: on one side of the event they lie in units of one exposure only. "
            "Use longer periods or larger units."
        )


def _factor(cells: int, clusters: int, columns: int) -> float:
    """The small-sample correction of fixest and Stata: clusters, and columns that are not nested in them."""
    if cells <= columns:
        return clusters / (clusters - 1)
    return clusters / (clusters - 1) * (cells - 1) / (cells - columns)


def _means(y: Floats, sizes: Sequence[int]) -> Floats:
    starts = np.cumsum([0, *sizes[:-1]])
    means: Floats = np.add.reduceat(y, starts, axis=1) / np.asarray(sizes)
    return means


def _linear(y: Floats, d: Floats, reference: int) -> tuple[Floats, Floats]:
    """Two-way linear event study of a balanced table: each change since the reference on the exposure."""
    change = np.delete(y - y[:, [reference]], reference, axis=1)
    centred = d - d.mean()
    square = float(centred @ centred)
    value = centred @ change / square
    residual = change - change.mean(axis=0) - np.outer(centred, value)
    return centred[:, None] * residual / square, value


def _multinomial(y: Floats, d: Floats, reference: int) -> tuple[Floats, Floats]:
    """Influence (N, B-1) and estimates of the exposure in each block; y (N, B) totals.

    log share of block b in unit i = g_b + beta_b d_i, both zero in the reference: Newton with halved steps.
    """
    n, blocks = y.shape
    others = np.delete(np.arange(blocks), reference)
    k = blocks - 1
    total = y.sum(axis=1)
    if (y.sum(axis=0) == 0).any():
        raise WatchError("Nothing was counted in any unit in one of the blocks of periods; make the blocks longer.")
    x = np.stack([np.ones(n), d], axis=1)
    theta = np.zeros((2, k))
    theta[0] = np.log(y[:, others].sum(axis=0) / y[:, reference].sum())
    if set(np.unique(d).tolist()) == {0.0, 1.0}:  # two groups: the answer is the ratio of their totals
        there, here = y[d == 1].sum(axis=0), y[d == 0].sum(axis=0)
        if (there > 0).all() and (here > 0).all():
            theta[0] = np.log(here[others] / here[reference])
            theta[1] = np.log(there[others] / there[reference]) - theta[0]

    def shares(value: Floats) -> tuple[Floats, float]:
        eta = np.zeros((n, blocks))
        eta[:, others] = x @ value
        top = eta.max(axis=1, keepdims=True)
        size = np.exp(eta - top)
        whole = size.sum(axis=1, keepdims=True)
        return size / whole, float((y * (eta - top - np.log(whole))).sum())

    share, now = shares(theta)
    for _ in range(_ROUNDS):
        p = share[:, others]
        gradient = x.T @ (y[:, others] - total[:, None] * p)
        step = _solve(_curvature(x, p, total), gradient.reshape(-1)).reshape(2, k)
        scale = 1.0
        while True:
            tried, value = shares(theta + scale * step)
            if value >= now - 1e-9 * abs(now) or scale < 1e-6:
                break
            scale /= 2
        theta, share, now = theta + scale * step, tried, value
        if np.abs(theta).max() > _FAR:
            raise WatchError(
                "In one of the blocks of periods only units of one exposure have counts, so its ratio is not finite. "
                "Make the blocks longer."
            )
        if np.abs(step).max() < _CLOSE:
            break
    p = share[:, others]
    score = (x[:, :, None] * (y[:, others] - total[:, None] * p)[:, None, :]).reshape(n, 2 * k)
    influence = _solve(_curvature(x, p, total), score.T).T
    return influence[:, k:], theta[1]


def _curvature(x: Floats, p: Floats, total: Floats) -> Floats:
    """Minus the second derivative, ordered (constant, exposure) x block."""
    k = p.shape[1]
    result = np.empty((2, k, 2, k))
    for a in range(2):
        for b in range(2):
            weight = total * x[:, a] * x[:, b]
            result[a, :, b, :] = np.diag(weight @ p) - (p * weight[:, None]).T @ p
    return result.reshape(2 * k, 2 * k)


def _solve(matrix: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, right, rcond=None)[0], dtype=np.float64)


@dataclass(frozen=True)
class _Compared:
    """B comparisons of two periods, each (B,); NaN where there is no finite estimate."""

    estimate: Floats
    robust: Floats  # clustered by unit, without small-sample factor
    poisson: Floats
    jackknife: Floats  # each unit left out in one step; NaN where one unit alone carries the exposure or its absence
    leverage: Floats  # the greatest of any unit, up to 1


def _two_periods(before: Floats, after: Floats, d: Floats) -> _Compared:
    """B comparisons at once, each row (N,) units.

    The share of a unit's events that fall after is logistic in its exposure. A unit without events drops out by itself.
    """
    total = before + after
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(after.sum(axis=1) / before.sum(axis=1))
    b = np.zeros(len(d))
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(level[:, None] + b[:, None] * d, -500, 500)))
        w = total * p * (1 - p)
        r = after - total * p
        s0, s1, s2 = w.sum(axis=1), (w * d).sum(axis=1), (w * d * d).sum(axis=1)
        u0, u1 = r.sum(axis=1), (r * d).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            det = s0 * s2 - s1 * s1
            db, dl = (s0 * u1 - s1 * u0) / det, (s2 * u0 - s1 * u1) / det
        db, dl = np.clip(db, -2, 2), np.clip(dl, -2, 2)
        b, level = b + db, level + dl
        moved = np.where(np.abs(b) < _FAR, np.abs(db), 0)
        if not (np.nan_to_num(moved) > _CLOSE).any():
            break
    # Without events in one corner of the two-by-two table the estimate runs away, until it stands still by rounding
    most, least = d.max(axis=1, keepdims=True), d.min(axis=1, keepdims=True)
    empty = np.zeros(len(d), dtype=bool)
    for part in (before, after):
        for side in (d > least, d < most):
            empty |= (part * side).sum(axis=1) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = d - (s1 / s0)[:, None]
        information = s2 - s1 * s1 / s0
        score = r * centred
        robust = np.sqrt((score**2).sum(axis=1)) / information
        rest = 1 - w * (1 / s0[:, None] + centred * centred / information[:, None])
        jackknife = np.sqrt((1 - 1 / d.shape[1]) * ((score / rest) ** 2).sum(axis=1)) / information
        least_rest = rest.min(axis=1)
        poisson = 1 / np.sqrt(information)
    lost = empty | ~np.isfinite(b) | (np.abs(b) >= _FAR)
    alone = lost | ~(least_rest > _ALONE)
    return _Compared(
        estimate=np.where(lost, np.nan, b),
        robust=np.where(lost, np.nan, robust),
        poisson=np.where(lost, np.nan, poisson),
        jackknife=np.where(alone, np.nan, jackknife),
        leverage=np.where(lost, np.nan, 1 - least_rest),
    )


def _all_two_periods(before: Floats, after: Floats, d: Floats) -> tuple[Floats, Floats, Floats]:
    """Estimate, jackknife error and Poisson error of each assignment d (B, N)."""
    size = max(1, _CHUNK // d.shape[1])
    parts = []
    for first in range(0, len(d), size):
        chosen = d[first : first + size]
        found = _two_periods(np.broadcast_to(before, chosen.shape), np.broadcast_to(after, chosen.shape), chosen)
        parts.append((found.estimate, found.jackknife, found.poisson))
    b, jackknife, naive = (np.concatenate(part) for part in zip(*parts, strict=True))
    return b, jackknife, naive


def _ranks(real: float, draws: Floats) -> tuple[float, float, float]:
    """p two-sided, for a fall and for a rise: the share of draws as far out, the real one among them."""
    same = _TIE * abs(real)

    def share(extreme: NDArray[np.bool_]) -> float:
        return (1 + int(extreme.sum())) / (1 + len(draws))

    return share(np.abs(draws) >= abs(real) - same), share(draws <= real + same), share(draws >= real - same)


def _larger(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def reach(sizes: Floats, alpha: float) -> float:
    """The size that a real one must exceed for its rank among these to be a p below alpha; see `_ranks`."""
    n = len(sizes)
    allowed = int(((1 + np.arange(n)) / (1 + n) < alpha).sum())
    return float(np.partition(sizes, n - allowed)[n - allowed]) / (1 - _TIE) if allowed else math.inf


def _randomised(real: float, draws: Floats, naive: Floats, *, exact: bool) -> Randomised:
    seen = np.isfinite(draws)
    told = draws[seen]
    p, fall, rise = _ranks(real, told)
    return Randomised(
        estimate=real,
        draws=told,
        p=p,
        p_fall=fall,
        p_rise=rise,
        exact=exact,
        naive_rejects=float((np.abs(told / naive[seen]) > float(normal_quantile(0.975))).mean()),
    )


def _worth(starts: NDArray[np.int64], length: int) -> float:
    """How many windows of this length the stretch would hold that the windows at these starts cover together."""
    return float((np.minimum(np.diff(starts, append=starts[-1] + length), length)).sum() / length)


def _lag_one(y: Floats, seen: NDArray[np.bool_], d: Floats) -> float:
    """Lag-1 correlation of the periods' own log ratios, to first order; bias as in Kendall 1954, Biometrika 41:403."""
    total = y.sum(axis=0)
    share = y.sum(axis=1) / total.sum()
    centred = d - float(share @ d)
    use = seen & (total > 0)
    ratio = np.where(use, centred @ y / np.where(use, total, 1), 0)
    ratio = np.where(use, ratio - ratio[use].mean(), 0)
    square, n = float((ratio**2).sum()), int(use.sum())
    if square == 0 or n < 4:
        return 0.0
    lag = float((ratio[1:] * ratio[:-1]).sum()) / square
    return min(max((n * lag + 1) / (n - 3), 0.0), _MOST_RHO)


def _degrees(free: NDArray[np.bool_], before: int, after: int, rho: float) -> float:
    """Degrees of freedom of the mean square over the windows at the free dates, for errors with rho^|lag|.

    J^2 / sum of r^2, where r is the correlation of two windows and depends on their distance alone.
    """
    n = len(free)
    contrast = np.concatenate([np.full(before, -1 / before), np.full(after, 1 / after)])
    own = np.correlate(contrast, contrast, "full")
    distance = np.abs(np.arange(1 - n - before - after, n + before + after))
    covariance = np.convolve(own, np.where(distance == 0, 1.0, rho**distance), "valid")
    middle = len(covariance) // 2
    r = covariance[middle : middle + n] / covariance[middle]
    at_dates = free.astype(np.float64)
    pairs = np.correlate(at_dates, at_dates, "full")[n - 1 :]
    return float(pairs[0] ** 2 / (pairs[0] + 2 * (pairs[1:] @ r[1:] ** 2)))


def _slope(times: Floats, value: Floats, covariance: Floats, *, df: int) -> Pretrend | None:
    """The least-squares line through the blocks before the event and the reference (block -1, zero).

    Not by generalised least squares: the inverse of a covariance from few units makes the error far too small.
    """
    if len(times) < 2:
        return None
    centred = np.append(times, -1.0)
    centred = (centred - centred.mean())[:-1] / float(((centred - centred.mean()) ** 2).sum())
    slope = float(centred @ value)
    error = math.sqrt(max(float(centred @ covariance @ centred), 0))
    p = float(t_two_sided(slope / error, df)) if error > 0 else math.nan
    return Pretrend(slope, error, p, smallest_detectable(error, df))


def _effective_clusters(weight: Floats, d: Floats) -> float:
    """Units that carry the comparison: (sum h)^2 / sum h^2 of the leverage h = weight (d - mean)^2 of each."""
    centred = d - float(weight @ d) / float(weight.sum())
    h = weight * centred**2
    return float(h.sum() ** 2 / (h**2).sum())
