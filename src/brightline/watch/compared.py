"""A comparison of units in a run: exposed with others, each with its own date, or with weighted controls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brightline.watch import refuse
from brightline.watch.compare_begun import staggered
from brightline.watch.compare_exposed import ppml
from brightline.watch.compare_weighted import sdid
from brightline.watch.comparison import Compared
from brightline.watch.cut import Cut
from brightline.watch.plan import PANEL, Estimator
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned
from brightline.watch.result import Placebos, Role
from brightline.watch.series import Series
from brightline.watch.single import setting
from brightline.watch.units import Units, units_of
from brightline.watch.untouched import controls_beside
from brightline.watch.words import number
from brightline.watch.work import Work

_FEW_TREATED = 10
_FEW_STRETCHES = 10.0


def outcome(work: Work) -> Series:
    """The series of the plan; in a comparison of units that is the sum of those exposed."""
    plan = work.plan
    if plan.primary.estimator not in PANEL or plan.data.place:
        return work.loaded.one(plan.data.series, plan.data.place, plan.data.group)
    estimator = plan.primary
    every = _units(work, estimator)
    exposed = set(estimator.exposed) | set(estimator.dates) | {n for n, v in estimator.exposure.items() if v > 0}
    return _sum([s for s in every if s.place in exposed] or every)


def compare(work: Work, part: Cut) -> None:
    """A comparison of units as the primary analysis."""
    plan = work.plan
    if work.refuse(refuse.by_data(plan, part, len(part.values), work.language)):
        return
    made = compared(work, plan.primary, part, "primary")
    work.primary = made.estimate
    work.forest.append(made.estimate)
    work.events, work.breakdown, work.turned, work.weights = made.events, made.breakdown, made.turned, made.weights
    if part.used[1] == 1 and made.estimate.p is not None and made.estimate.p < work.alpha:
        work.turned = Turned(plan.data.period, work.when(part.days[part.at]), None, only=True)
    work.carried = made.carried
    work.of_the_others = mostly_of_the_others(made)
    if not work.of_the_others:  # what moved itself has not stood still
        work.controls.append(work.say("other_units", n=made.units - made.treated))
    if plan.primary.estimator == "sdid":
        work.placebos = _placebo_units(made)
    pre = made.events
    work.know(
        base_count=made.base_count, level_before=made.level_before, dispersion=made.dispersion, placebo_windows=len(made.draws) or None, mde=made.mde,
        leave_one_out=made.left_out, drop_last=made.drop_last, breakdown_mbar=made.breakdown,
        pretrend=pre.pretrend if pre else None, pretrend_detectable=pre.pretrend_detectable if pre else None,
        effective_controls=made.weights.effective_controls if made.weights else float(made.units - made.treated),
    )  # fmt: skip
    unit_flags(work, plan.primary, made)
    if not _against_controls(plan.primary):
        work.step("controls")
        controls_beside(work, part, setting(part, plan))


def mostly_of_the_others(made: Compared) -> bool:
    """Whether more of the ratio comes from a move of the others than from one of the exposed themselves."""
    base, before = made.base_count, made.level_before
    if base is None or before is None:
        return False
    whole = made.seen - base
    return (made.seen - before) * math.copysign(1, whole) < abs(whole) / 2


def _against_controls(estimator: Estimator) -> bool:
    """Whether the plan's controls are what the series is compared with, so that they cannot stand beside it as well."""
    return estimator.estimator == "sdid" and not estimator.exposed and not estimator.units


def _placebo_units(made: Compared) -> Placebos | None:
    """The changes of units that the date did not touch, in units of their usual size."""
    draws, effect = np.array(made.draws), made.estimate.ratio
    usual = float(np.sqrt(np.mean(draws**2))) if len(draws) else 0.0
    if not usual > 0 or effect is None:
        return None
    z = tuple(float(d) for d in draws / usual)
    return Placebos(days=(), z=z, real=math.log(effect) / usual, scale=1.0, rank=made.rank, naive_rejects=None)


def compared(work: Work, estimator: Estimator, part: Cut, role: Role) -> Compared:
    """One comparison of units, as the primary analysis or beside it."""
    plan = work.plan
    series = _units(work, estimator)
    own = _against_controls(estimator)
    if own:  # the series of the plan against its controls
        controls = (c for c in plan.controls if c.role != "reporting_free")
        series = [part.series, *(work.loaded.one(c.series, c.place) for c in controls)]
    units = units_of(series, part, plan)
    if estimator.estimator == "callaway_santanna":
        return staggered(estimator, units, plan, role, work.language)
    if estimator.estimator == "sdid":
        exposed = (units.names[0],) if own else estimator.exposed or (part.series.place,)
        return sdid(estimator, units, plan, exposed, role, work.language)
    window = plan.primary.placebo.window
    whole = _all_periods(work, series, part) if window is not None or len(series) < 10 else None
    others = [] if whole is None else [
        int(np.searchsorted(np.array(whole.days, dtype="datetime64[D]"), np.datetime64(day)))
        for day in plan.policy.other_dates
    ]  # fmt: skip
    return ppml(
        estimator, units, plan, role=role, window=window, others=others, whole=whole, language=work.language
    )  # fmt: skip


def units_beside(work: Work, estimator: Estimator, part: Cut) -> None:
    """A comparison of units as a second line beside the primary analysis."""
    made = compared(work, estimator, part, "secondary")
    work.forest.append(made.estimate)
    work.weigh(made.weights)
    same = (estimator.units or work.plan.data.series) == (work.plan.primary.units or work.plan.data.series)
    # of another outcome they would say nothing of this one
    if made.events is not None and work.events is None and same:
        work.events, work.breakdown = made.events, made.breakdown
        work.know(
            breakdown_mbar=made.breakdown, pretrend=made.events.pretrend,
            pretrend_detectable=made.events.pretrend_detectable,
        )  # fmt: skip
    unit_flags(work, estimator, made)


def unit_flags(work: Work, estimator: Estimator, made: Compared) -> None:
    methods = {"callaway_santanna": "Callaway-Sant'Anna", "sdid": "SDID"}
    if estimator.estimator in methods:
        work.flag("log", method=methods[estimator.estimator])
    worth = made.events.worth if made.events else None
    if worth is not None and worth < _FEW_STRETCHES:
        work.flag("few_stretches", n=number(worth, work.language, 2))
    if made.no_events is not None:
        work.not_run(work.say("event_study"), made.no_events)
    if made.shares:
        work.flag("shares")
    if made.left_out_units:
        work.flag("begun_before", n=len(made.left_out_units), names=", ".join(made.left_out_units[:8]))
    if made.treated < _FEW_TREATED:
        work.flag("few_units", n=made.treated)
    if made.forbidden:
        work.flag("forbidden", percent=number(100 * made.forbidden, work.language, 2))


def _units(work: Work, estimator: Estimator) -> list[Series]:
    return work.loaded.named(estimator.units or work.plan.data.series, work.plan.data.group)


def _sum(series: Sequence[Series]) -> Series:
    if len(series) == 1:
        return series[0]
    start = max(s.start for s in series)
    end = min(s.days[-1] for s in series)
    if start > end:
        raise WatchError(f"The places of `{series[0].name}` have no period in common.")
    cutted = [s.slice(s.index(start), s.index(end) + 1) for s in series]
    whole = cutted[0]
    return replace(
        whole,
        values=np.sum([s.values for s in cutted], axis=0),
        place="",
        partial=frozenset().union(*(s.partial for s in cutted)),
        lag=max(s.lag for s in cutted),
        definition_changes=tuple(dict.fromkeys(c for s in cutted for c in s.definition_changes)),
        exposure=None,
    )


def _all_periods(work: Work, series: Sequence[Series], part: Cut) -> Units:
    """The units from the plan's first period to the end of the data: fake dates may lie after the plan's own periods.

    Periods that the plan leaves out, and those in which a unit was not counted, are left out here too: the real date and the
    fake ones are one comparison.
    """
    plan = work.plan
    start, end = max(plan.first, *(s.start for s in series)), min(s.days[-1] for s in series)
    table = np.stack([s.values[s.index(start) : s.index(end) + 1] for s in series])
    one = series[0].slice(series[0].index(start), series[0].index(end) + 1)
    names = tuple(s.place or s.name for s in series)
    unused = {day for day, value in zip(part.days, part.values.tolist(), strict=True) if math.isnan(value)}
    seen = ~np.isnan(table).any(axis=0) & np.array([day not in unused for day in one.days])
    days = tuple(day for day, kept in zip(one.days, seen.tolist(), strict=True) if kept)
    return Units(names, table[:, seen], int(seen[: one.index(plan.first_after)].sum()), days, int((~seen).sum()))
