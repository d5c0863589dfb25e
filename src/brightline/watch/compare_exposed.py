"""Exposed units against others: a Poisson event study with randomisation over dates or units."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from brightline.watch.blocks import blocks
from brightline.watch.comparison import (
    Compared,
    chance_of,
    of_blocks,
    of_event_study,
    ratio_or_none,
)
from brightline.watch.event import EventStudy, Randomised, difference, event_study, leave_out, over_dates, over_units
from brightline.watch.left_out import Rest, judged
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.result import Estimate, Events, Role
from brightline.watch.series import Floats
from brightline.watch.units import Units, exposure_of, level_before
from brightline.watch.words import say, when

_DRAWS = 2000
# Periods in front of a fake date and of the real one, where the plan says nothing and draws go over dates
_WINDOW = {"day": 28, "week": 26, "month": 24, "quarter": 8, "year": 5}


def ppml(
    estimator: Estimator, units: Units, plan: Plan, *, role: Role, window: int | None, others: Sequence[int] = (),
    whole: Units | None = None, language: str = "en",
) -> Compared:  # fmt: skip
    """PPML event study with randomisation: over dates where a window is planned or units are few, else over units.

    `whole` are the same units over all periods that are known, for fake dates after the plan's own.
    """
    exposure = exposure_of(estimator, units)
    after = units.counts.shape[1] - units.at
    by_dates = window is not None or len(units.names) < 10
    if window is None and by_dates:
        window = _WINDOW[plan.data.period]
    before = units.at if window is None else min(window, units.at)
    first = units.at - before
    table = units.counts[:, first:]
    alpha = plan.primary.alpha
    told = difference(table, exposure, before, level=1 - alpha, units=units.names)
    pool = whole or units
    drawn: Randomised = (
        over_dates(pool.counts, exposure, pool.at, before=before, after=after, events=others, units=units.names)
        if by_dates
        else over_units(table, exposure, before, draws=_DRAWS, seed=plan.seed, units=units.names)
    )
    if math.isinf(drawn.half(alpha)):
        raise WatchError(
            "{n} chance assignments are too few for a p below {alpha:g}, so this test could find nothing. "
            "Add units or load a longer series.",
            n=len(drawn.draws),
            alpha=alpha,
        )
    told_of = together(table, exposure, before)
    low, high = drawn.interval(alpha)
    events, breakdown = _events_of_units(
        estimator, table, exposure, before, after, plan, drawn, told.naive_error, units, language, by_dates
    )
    found = Estimate(
        name="primary" if role == "primary" else "ppml_event_study",
        words=say("e_ppml", language),
        role=role, ratio=math.exp(told_of(drawn.estimate)), low=ratio_or_none(told_of(low)),
        high=ratio_or_none(told_of(high)), p=drawn.p,
        method=say("how_dates" if by_dates else "how_units", language),
        series=say("units_of", language, n=int((exposure > 0).sum()), of=len(units.names)),
    )  # fmt: skip
    rest = [
        *_each_unit(table, exposure, before, units),
        *_each_period(table, exposure, before, units, drawn, plan, language),
    ]
    rest = [replace(one, effect=told_of(one.effect)) for one in rest]
    turned, span, last = judged(rest, told_of(drawn.estimate), drawn.p, alpha)
    exposed = exposure > 0
    seen = float(table[exposed, before:].sum())
    return Compared(
        estimate=found, events=events, breakdown=breakdown,
        mde=ratio_or_none(told_of(drawn.smallest(alpha))),
        turned=turned, left_out=span, drop_last=last,
        base_count=seen * math.exp(-told_of(drawn.estimate)), seen=seen,
        level_before=level_before(table, np.where(exposed, float(before), np.inf), plan.data.period),
        carried=level_before(table * exposure[:, None], np.where(exposed, float(before), np.inf)),
        units=len(units.names), treated=int(exposed.sum()), shares=not _either(exposure),
        draws=tuple(float(d) for d in drawn.draws), rank=drawn.p,
        dispersion=(told.error / told.naive_error) ** 2 if math.isfinite(told.error) and told.naive_error > 0 else None,
    )  # fmt: skip


def together(table: Floats, exposure: Floats, at: int) -> Callable[[float], float]:
    """From the log ratio of a wholly exposed unit to that of what the exposed units counted after the date, all together.

    For units that are exposed or not it is the same; of shares, a ratio for a share of 1 may be of a place that is nowhere.
    """
    exposed = exposure > 0
    after, share = table[exposed, at:].sum(axis=1), exposure[exposed]
    if _either(exposure) or not after.sum() > 0:
        return lambda b: b
    return lambda b: float(np.log(after.sum()) - np.log((after * np.exp(-b * share)).sum()))


def _either(exposure: Floats) -> bool:
    """Whether each unit is exposed or not, without shares."""
    return set(np.unique(exposure).tolist()) <= {0.0, 1.0}


def _each_unit(table: Floats, exposure: Floats, at: int, units: Units) -> list[Rest]:
    """Without each unit: its name, the log ratio, and p. Neither of two can be left out, nor the only one of its kind."""
    if len(units.names) < 3:
        return []
    left = leave_out(table, exposure, at, units=units.names)
    rows = zip(units.names, left.units.tolist(), left.unit_p.tolist(), strict=True)
    alone = {side.tolist().index(True) for side in (exposure > 0, exposure <= 0) if side.sum() == 1}
    return [Rest("unit", name, b, p) for i, (name, b, p) in enumerate(rows) if i not in alone]


def _each_period(
    table: Floats, exposure: Floats, at: int, units: Units, drawn: Randomised, plan: Plan, language: str
) -> list[Rest]:
    """Without each period after the date, where there are several: its name, the log ratio, and p.

    Few units have no error of their own; then a result stands while it lies beyond what chance dates give.
    """
    found: list[Rest] = []
    for t in range(at, table.shape[1] if table.shape[1] - at > 1 else at):
        rest = np.delete(table, t, axis=1)
        which = when(units.days[len(units.days) - table.shape[1] + t], plan.data.period, language)
        if not rest[:, at:].sum() > 0:
            found.append(Rest(plan.data.period, which, math.nan, math.nan))
            continue
        one = difference(rest, exposure, at, level=1 - plan.primary.alpha, units=units.names)
        beyond = abs(one.estimate) > drawn.half(plan.primary.alpha)
        p = one.p if drawn.ranked == "studentised" and math.isfinite(one.p) else 0.0 if beyond else 1.0
        found.append(Rest(plan.data.period, which, one.estimate, p))
    return found


def _events_of_units(
    estimator: Estimator, table: Floats, exposure: Floats, at: int, after: int, plan: Plan, drawn: Randomised,
    naive_error: float, units: Units, language: str, by_dates: bool,
) -> tuple[Events | None, float | None]:  # fmt: skip
    width = estimator.block or max(1, min(after, at // 8))
    words = say("ev_units", language, n=int((exposure > 0).sum()), of=len(units.names), width=width)
    chance = chance_of(drawn, by_dates, together(table, exposure, at))
    several = min((exposure > 0).sum(), (exposure <= 0).sum()) >= 2 or not _either(exposure)
    if len(units.names) >= 4 and several:
        study: EventStudy = event_study(
            table, exposure, at, width=width, level=1 - plan.primary.alpha, seed=plan.seed, units=units.names
        )
        if math.isfinite(study.difference.error) and study.before.any():
            return of_event_study(study, words, 1 - plan.primary.alpha, chance)
    treated, whole = table[exposure > 0].sum(axis=0), table.sum(axis=0)
    scale = float(np.sqrt(np.mean(drawn.draws**2))) / naive_error if naive_error > 0 else 1.0
    try:
        found = blocks(
            treated, at, whole=whole, before=at, width=width, scale=scale, df=float("inf"), cycles=(), harmonics=0,
            level=1 - plan.primary.alpha, seed=plan.seed,
        )  # fmt: skip
    except WatchError:
        return None, None
    return of_blocks(found, words, chance)
