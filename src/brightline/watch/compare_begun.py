"""Units with a date of their own each, against units that have not begun: Callaway and Sant'Anna, with chance over who had which date."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import date

import numpy as np

from brightline.watch.assignments import over_dates_of_units, times_over_dates_of_units
from brightline.watch.bounds import MBARS, relative_magnitudes
from brightline.watch.comparison import SHOWN_DRAWS, Chance, Compared, breakdown_of, fan_of, points_of, ratio_or_none
from brightline.watch.distributions import normal_quantile, t_two_sided
from brightline.watch.left_out import Rest, after, judged, without_period
from brightline.watch.panel import NEVER, Panel
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned, finite
from brightline.watch.result import Estimate, Events, Fan, Role
from brightline.watch.staggered import Bacon, Staggered, bacon, callaway_santanna
from brightline.watch.units import Units, exposure_of, had_nothing_changed, level_before
from brightline.watch.words import say, when

_DRAWS = 1000
_PRE = 9  # steps before the date that bounds look at: of very many steps the largest is noise


def staggered(estimator: Estimator, units: Units, plan: Plan, role: Role, language: str = "en") -> Compared:
    """Callaway-Sant'Anna on log(count + 1/2), compared with units that are not yet treated."""
    exposure_of(estimator, units)  # names
    first = np.array([_first(estimator.dates.get(name), units) for name in units.names])
    panel = Panel(units.names, np.arange(len(units.days), dtype=np.float64), np.log(units.counts + 0.5), first)
    found: Staggered = callaway_santanna(panel, level=1 - plan.primary.alpha, seed=plan.seed)
    share: Bacon = bacon(panel)
    chance = over_dates_of_units(panel, alpha=plan.primary.alpha, draws=_DRAWS, seed=plan.seed)
    found = replace(found, dynamic=times_over_dates_of_units(panel, found.dynamic, draws=_DRAWS, seed=plan.seed))
    value, p = chance.effect, chance.p
    before_all = first <= 0  # treated before the data begin: nothing is known of them without it
    treated = np.isfinite(first) & ~before_all
    first = np.where(before_all, np.inf, first)
    who = {"n": int(treated.sum()), "of": len(units.names)}
    shown = tuple(r for d in chance.null[:SHOWN_DRAWS].tolist() if (r := ratio_or_none(d)) is not None)
    far = round(p * (1 + chance.draws)) - 1
    told = Chance(randomised_p=p, randomised=shown, draws=chance.draws, as_far=far, real=ratio_or_none(value))
    bound, events = _of_staggered(found, plan, say("ev_since", language, **who), told)
    turned, span, last = judged(_rest(estimator, units, plan, panel, language), value, p, plan.primary.alpha)
    if treated.sum() == 1 and p < plan.primary.alpha:
        turned = Turned("unit", next(iter(estimator.dates)), None, only=True)
    return Compared(
        estimate=Estimate(
            name="primary" if role == "primary" else "callaway_santanna",
            words=say("e_staggered", language), role=role, ratio=math.exp(value),
            low=ratio_or_none(chance.low), high=ratio_or_none(chance.high), p=p,
            method=say("how_units", language), series=say("units_of", language, **who),
        ),
        events=events, breakdown=bound,
        mde=ratio_or_none(float(normal_quantile(1 - plan.primary.alpha / 2) + normal_quantile(0.8)) * chance.spread),
        turned=turned, left_out=span, drop_last=last, base_count=had_nothing_changed(units.counts, first, value),
        level_before=level_before(units.counts, first, plan.data.period),
        carried=level_before(units.counts, first), seen=float(units.counts[np.arange(len(units.days)) >= first[:, None]].sum()),
        left_out_units=tuple(n for n, yes in zip(units.names, before_all.tolist(), strict=True) if yes),
        units=len(units.names), treated=int(treated.sum()), forbidden=share.forbidden,
    )  # fmt: skip


def _rest(estimator: Estimator, units: Units, plan: Plan, panel: Panel, language: str) -> list[Rest]:
    """The mean effect without each treated unit, where there are several, and without each period from the first date on."""
    found: list[Rest] = []
    treated = [n for n in units.names if n in estimator.dates]
    for name in treated if len(treated) > 1 else ():
        kept = np.array([n != name for n in units.names])
        names = tuple(n for n in units.names if n != name)
        found.append(Rest("unit", name, *_overall(Panel(names, panel.periods, panel.outcome[kept], panel.first[kept]))))
    for t in after(panel.periods, float(panel.first.min())):
        which = when(units.days[t], plan.data.period, language)
        found.append(Rest(plan.data.period, which, *_overall(without_period(panel, t))))
    return found


def _overall(panel: Panel) -> tuple[float, float]:
    """The mean effect of a panel and its p-value; NaN where there is none."""
    try:
        chance = over_dates_of_units(panel, draws=_DRAWS)
    except WatchError:
        return math.nan, math.nan
    return chance.effect, chance.p


def _first(day: date | None, units: Units) -> float:
    later = [i for i, d in enumerate(units.days) if day is not None and d >= day]
    return float(later[0]) if later else NEVER


def _of_staggered(found: Staggered, plan: Plan, words: str, chance: Chance) -> tuple[float | None, Events]:
    """Before the date each estimate is a change from the period before; summed up they are levels against period -1."""
    told = found.dynamic
    pre, post = np.flatnonzero(told.at < 0)[-_PRE:], np.flatnonzero(told.at >= 0)
    contiguous = len(pre) and told.at[pre[-1]] == -1
    breakdown: float | None = None
    fan: tuple[Fan, ...] = ()
    if contiguous and len(pre) >= 2:
        # level at e is minus the sum of the changes from e+1 to -1; of -1 itself it is zero
        turn = np.zeros((len(pre) - 1 + len(post), len(told.at)))
        for row in range(len(pre) - 1):
            turn[row, pre[row + 1] :][: len(pre) - row - 1] = -1
        for row, k in enumerate(post):
            turn[len(pre) - 1 + row, k] = 1
        # of the first period after: over a mean of many the steps add up, and months are noisy
        bound = relative_magnitudes(
            turn @ told.estimate, turn @ told.covariance @ turn.T, len(pre) - 1, mbars=MBARS, level=1 - plan.primary.alpha
        )  # fmt: skip
        breakdown, fan = breakdown_of(bound), fan_of(bound)
    slope = float(told.estimate[pre].mean()) if len(pre) else None
    error = float(np.sqrt(told.covariance[np.ix_(pre, pre)].sum()) / len(pre)) if len(pre) else None
    detectable = (
        math.exp(float(normal_quantile(1 - plan.primary.alpha / 2) + normal_quantile(0.8)) * error)
        if error is not None
        else None
    )
    return breakdown, Events(
        words=words, points=points_of(told), periods_in_block=1, fan=fan, breakdown=breakdown,
        pretest_p=None, pretrend=None if slope is None else ratio_or_none(slope),
        pretrend_p=None if not error or slope is None else finite(float(t_two_sided(slope / error, math.inf))),
        pretrend_detectable=detectable, **asdict(chance),
    )  # fmt: skip
