"""Exposed units against others: a Poisson event study with randomisation over dates or units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from brightline.watch.blocks import blocks
from brightline.watch.bounds import of_study
from brightline.watch.comparison import (
    Chance,
    Compared,
    breakdown_of,
    chance_of,
    fan_of,
    of_blocks,
    points_of,
    ratio_or_none,
)
from brightline.watch.event import EventStudy, Randomised, difference, event_study, leave_out, over_dates, over_units
from brightline.watch.left_out import Rest, judged
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import finite
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
            f"{len(drawn.draws)} chance assignments are too few for a p below {alpha:g}, so this test could find nothing. "
            "Add units or load a longer series."
        )
    low, high = drawn.interval(alpha)
    events, breakdown = _events_of_units(
        estimator, table, exposure, before, after, plan, drawn, told.naive_error, units, language, by_dates
    )
    found = Estimate(
        name="primary" if role == "primary" else "ppml_event_study",
        words=say("e_ppml", language),
        role=role, ratio=math.exp(drawn.estimate), low=ratio_or_none(low), high=ratio_or_none(high), p=drawn.p,
        method=say("how_dates" if by_dates else "how_units", language),
        series=say("units_of", language, n=int((exposure > 0).sum()), of=len(units.names)),
    )  # fmt: skip
    rest = [
        *_each_unit(table, exposure, before, units),
        *_each_period(table, exposure, before, units, drawn, plan, language),
    ]
    turned, span, last = judged(rest, drawn.estimate, drawn.p, alpha)
    return Compared(
        estimate=found, events=events, breakdown=breakdown,
        mde=ratio_or_none(drawn.smallest(alpha)),
        turned=turned, left_out=span, drop_last=last,
        base_count=float((table[exposure > 0, before:].sum(axis=1) * np.exp(-drawn.estimate * exposure[exposure > 0])).sum()),
        level_before=level_before(table, np.where(exposure > 0, float(before), np.inf)),
        units=len(units.names), treated=int((exposure > 0).sum()), naive_rejects=drawn.naive_rejects,
        draws=tuple(float(d) for d in drawn.draws), rank=drawn.p,
        dispersion=(told.error / told.naive_error) ** 2 if math.isfinite(told.error) and told.naive_error > 0 else None,
    )  # fmt: skip


def _each_unit(table: Floats, exposure: Floats, at: int, units: Units) -> list[Rest]:
    """Without each unit: its name, the log ratio, and p. Of two, none can be left out."""
    if len(units.names) < 3:
        return []
    left = leave_out(table, exposure, at, units=units.names)
    rows = zip(units.names, left.units.tolist(), left.unit_p.tolist(), strict=True)
    return [Rest("unit", name, b, p) for name, b, p in rows]


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
    chance = chance_of(drawn, by_dates)
    if len(units.names) >= 4 and min((exposure > 0).sum(), (exposure <= 0).sum()) >= 2:
        study: EventStudy = event_study(
            table, exposure, at, width=width, level=1 - plan.primary.alpha, seed=plan.seed, units=units.names
        )
        if math.isfinite(study.difference.error) and study.before.any():
            return _of_study(study, words, chance, 1 - plan.primary.alpha)
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


def _of_study(study: EventStudy, words: str, chance: Chance, level: float) -> tuple[Events, float | None]:
    told = study.estimates
    bound = of_study(study, level=level)
    pre = study.pretrend
    return Events(
        words=words, points=points_of(told), periods_in_block=study.width, fan=fan_of(bound), breakdown=breakdown_of(bound),
        pretest_p=finite(study.pretest.p), pretrend=ratio_or_none(pre.slope) if pre else None, pretrend_p=finite(pre.p) if pre else None,
        pretrend_detectable=ratio_or_none(pre.smallest_detectable) if pre else None, **asdict(chance),
    ), breakdown_of(bound)  # fmt: skip
