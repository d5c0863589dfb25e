"""Place by place, from the whole down: each tested only where something was found above it, ratios drawn to their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from brightline.watch import refuse
from brightline.watch.cut import Cut, Loaded, beside
from brightline.watch.distributions import t_quantile
from brightline.watch.multiple import Unit, gatekeep
from brightline.watch.placebo import Placebo, calibrated, windows
from brightline.watch.plan import Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import finite
from brightline.watch.result import Estimate, Gate
from brightline.watch.series import Floats
from brightline.watch.single import Setting, Single, setting

_SHRINK_FROM = 10  # events of a place before the date, to be listed at all
_FEWEST = 4  # places of a level: of three the spread cannot be told
_MODERATED_FROM = 3
_SHARED_AT_MOST = 0.9  # of a place's variance
_ROUNDS = 200
_CLOSE = 1e-10  # of the spread, as a variance of log ratios


def gates(loaded: Loaded, part: Cut, plan: Plan, single: Single, primary: Estimate) -> tuple[Gate, ...]:
    """City -> borough -> precinct: each place tested only where the one above it was found; ratios shrunk within a level.

    The place of the primary series has the primary analysis as its test: its p, its ratio and its interval, and where the
    plan asks several questions at once its p as adjusted for them. Every other place is tested with its own denominator and
    its own modelled changes of definition; where there are any, p is the largest and the interval the widest that their
    steps allow, two standard errors off. A place that cannot be estimated is not tested, and its ratio is None; so is one
    whose definition changed in a way that the plan does not model. WatchError for a place without counts or denominator.
    """
    above = plan.multiplicity.gates
    names = list(dict.fromkeys([*above.values(), *above]))
    there = {s.place for s in loaded.named(plan.data.series, plan.data.group)}
    lacking = [n for n in names if n not in there]
    if lacking:
        raise WatchError(
            f"`gates` names `{lacking[0]}`, and there is no such place in the series `{plan.data.series}`."
        )
    others = [n for n in names if n != part.series.place]
    cuts = [beside(loaded.one(plan.data.series, n, plan.data.group), part, plan) for n in others]
    batches = _batches(cuts, loaded, part, plan, single.setting)
    p = dict(zip(others, np.max([one.p for one in batches], axis=0).tolist(), strict=True))
    own = primary.p if primary.adjusted is None else primary.adjusted
    p[part.series.place] = np.nan if own is None else own
    method = cast(str, plan.multiplicity.method)
    told = gatekeep(
        [Unit(n, p[n], above.get(n)) for n in names],
        alpha=plan.primary.alpha, method="BH" if method == "none" else plan.multiplicity.method,
    )  # fmt: skip
    level = {g.name: g.level for g in told.gates}
    told_of = [shrunk(one, np.array([level[n] for n in others]), 1 - plan.primary.alpha) for one in batches]
    low, high = np.min([one[1] for one in told_of], axis=0), np.max([one[2] for one in told_of], axis=0)
    few = [np.nansum(one.values[: part.at]) < _SHRINK_FROM for one in cuts]
    ratios = {
        n: (None, None, None) if few[i] else (finite(told_of[0][0][i]), finite(low[i]), finite(high[i]))
        for i, n in enumerate(others)
    }
    ratios[part.series.place] = (primary.ratio, primary.low, primary.high)
    return tuple(
        Gate(
            name=g.name, above=above.get(g.name), level=g.level, tested=g.tested,
            p=primary.p if g.name == part.series.place else finite(g.p), adjusted=finite(g.adjusted), found=g.found,
            ratio=ratios[g.name][0], low=ratios[g.name][1], high=ratios[g.name][2],
        )
        for g in told.gates
    )  # fmt: skip


def _batches(cuts: Sequence[Cut], loaded: Loaded, part: Cut, plan: Plan, sett: Setting) -> list[Placebo]:
    """All places at once; where a change of definition is modelled, also with its step two standard errors off each way."""
    table = np.stack([one.values for one in cuts])
    offset, error = np.zeros_like(table), np.zeros_like(table)
    for i, one in enumerate(cuts):
        own = _own(one, loaded, plan, sett)
        if own is None:
            table[i] = np.nan
            continue
        offset[i] = 0.0 if own.offset is None else own.offset
        error[i] = 0.0 if own.offset_error is None else own.offset_error
    return [together(table, part.at, sett, offset + k * error) for k in ((0, -2, 2) if error.any() else (0,))]


def _own(one: Cut, loaded: Loaded, plan: Plan, sett: Setting) -> Setting | None:
    """The setting of a place with its own offset; None where its definition changed and the step cannot be told."""
    place, offset = one.series.place, plan.primary.offset
    named = offset not in ("none", "exposure")
    if offset == "exposure" and one.series.exposure is None:
        raise WatchError(
            f"`gates` names `{place}`, and no denominator comes with its counts, which `offset: exposure` needs of every "
            "place. Add one, or take the place out of `gates`."
        )
    if named and all(s.place != place for s in loaded.named(offset)):
        raise WatchError(
            f"`gates` names `{place}`, and the denominator `{offset}` has no such place. Add it, or take the place out of "
            "`gates`."
        )
    if refuse.by_data(plan, one, sett.before):
        return None
    denominator = loaded.one(offset, place) if named else None
    if plan.data.definition_changes != "model" or not one.changes:
        return setting(one, plan, denominator)
    try:
        return setting(one, plan, denominator)
    except WatchError:
        return None


def together(table: Floats, at: int, sett: Setting, offset: Floats) -> Placebo:
    """The step of each place (places, periods), the scales of three and more shrunk to a common one.

    The degrees of freedom are never more than all places have together (limma's `df.pooled`), as far as they move apart:
    squares of errors with correlation r have correlation r².
    """
    fits = windows(table, at, offset, sett.before, sett.step, sett.trend, sett.harmonics, sett.cycles)
    alone = calibrated(fits)
    use = alone.scale > 0
    if use.sum() < _MODERATED_FROM:
        return alone
    found = calibrated(fits, moderated=True)
    r = float(np.minimum(shared(found, use) / found.error[use] ** 2, 1.0).mean())
    pooled = float(alone.df[use].sum()) / (1 + (int(use.sum()) - 1) * r**2)
    return replace(found, df=np.minimum(found.df, np.maximum(pooled, alone.df)))


def shared(found: Placebo, use: NDArray[np.bool_]) -> float:
    """The variance of log ratios that these places have in common: the mean covariance of their steps at the fake dates.

    Pairs are weighted by their precision. Places of one city move together, and the mean of many such places is then
    hardly more exact than that of one.
    """
    step = found.fake_z[use] * found.model_error[use, None]
    weight = np.where(np.isfinite(step), 1 / found.error[use, None] ** 2, 0.0)
    moved = weight * np.where(np.isfinite(step), step, 0.0)
    pairs = float((weight.sum(axis=0) ** 2 - (weight**2).sum(axis=0)).sum())
    common = float((moved.sum(axis=0) ** 2 - (moved**2).sum(axis=0)).sum())
    return max(common / pairs, 0.0) if pairs > 0 else 0.0


def shrunk(found: Placebo, level: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Ratios drawn towards the mean of their level, and the ends of their intervals; from four places of a level on.

    Empirical Bayes of Morris (1983, JASA 78:47), normal-normal with unequal variances: the variance of a drawn
    log ratio holds that of the estimated mean and of the estimated spread between places. What the errors of the places
    have in common (`shared`) cannot be drawn away, and is added whole. The quantile is that of t with the degrees of
    freedom of the place's own error; no interval is longer, as a log ratio, than the place's own. NaN stays NaN.
    """
    b, e = found.log_ratio, found.error
    t = t_quantile(0.5 + confidence / 2, found.df)
    middle, half = b.copy(), t * e
    for one in np.unique(level):
        here = (level == one) & np.isfinite(b) & (e > 0)
        if here.sum() < _FEWEST:
            continue
        common = np.minimum(shared(found, here), _SHARED_AT_MOST * e[here] ** 2)
        middle[here], variance = drawn(b[here], e[here] ** 2 - common)
        half[here] = np.minimum(half[here], t[here] * np.sqrt(variance + common))
    return np.exp(middle), np.exp(middle - half), np.exp(middle + half)


def drawn(b: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """k > 3 independent estimates drawn towards their mean, and the variance of each (Morris 1983)."""
    k = len(b)
    between = spread(b, variance)
    weight = 1 / (variance + between)
    share = weight / weight.sum()
    away = b - float((share * b).sum())
    pull = (k - 3) / (k - 1) * variance * weight
    typical = float((share * variance).sum())
    of_pull = 2 / (k - 3) * pull**2 * (typical + between) * weight
    return b - pull * away, variance * (1 - (1 - share) * pull) + of_pull * away**2


def spread(b: Floats, variance: Floats) -> float:
    """The variance of the true values between places, from estimates with these variances (Morris 1983); 0 is the least."""
    k = len(b)
    between = max(float(b.var(ddof=1) - variance.mean()), 0.0)
    for _ in range(_ROUNDS):
        weight = 1 / (variance + between)
        away = b - float((weight * b).sum() / weight.sum())
        last = between
        between = max(float((weight * (k / (k - 1) * away**2 - variance)).sum() / weight.sum()), 0.0)
        if abs(between - last) < _CLOSE:
            break
    return between
