"""One interrupted series of a run: the planned estimate, every other model beside it, its controls, and its event study.

The estimate is of counts (`single`), or of a share in a whole or against a control (`portion`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from brightline.watch import refuse
from brightline.watch.blocks import blocks
from brightline.watch.calibrated import weighted_control
from brightline.watch.comparison import of_blocks, ratio_or_none
from brightline.watch.cut import Cut, beside, definitions_within
from brightline.watch.its import Effect, Floats, Trend
from brightline.watch.joint import t_point
from brightline.watch.partition import SPIKE
from brightline.watch.placebo import Placebo
from brightline.watch.plan import SHARES, Estimator
from brightline.watch.portion import Portion
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned, finite
from brightline.watch.result import Answer, Estimate, Flag, Weight, Weights
from brightline.watch.single import (
    Setting,
    Single,
    Without,
    definition_ratio,
    estimate,
    other_trend,
    placebos,
    primary,
    setting,
    with_ar1,
    with_local_level,
    without_each,
)
from brightline.watch.untouched import controls_beside
from brightline.watch.words import number, when
from brightline.watch.work import Work, answer_of, tried, within

_FEW_WINDOWS = 10
_OVERDISPERSED = 1.5
_NO_WEIGHT = 1e-4
_WEIGHTY = 0.02  # of a control that is left out in turn


@dataclass(frozen=True)
class Model:
    """The planned estimate, and the same question asked in other ways."""

    effect: Effect
    words: str
    placebo: Placebo
    other_trend: Callable[[Trend], Effect]
    without_each: Callable[[], Without]
    without_units: Callable[[], list[tuple[str, Effect | None]]] = list  # where many controls were weighted
    whole: Floats | None = None  # of a share: what it is a share of, period by period


def interrupted(work: Work, part: Cut) -> None:
    """The primary analysis of one series, with everything that is shown beside it."""
    plan = work.plan
    named = plan.primary.offset not in ("none", "exposure")
    sett = setting(part, plan, work.loaded.one(plan.primary.offset, plan.data.place) if named else None)
    if work.refuse(refuse.by_data(plan, part, sett.before, work.language)):
        return
    _window_flags(work, part, sett)
    work.single = single = primary(part, plan, sett)
    dispersion = float(single.placebo.dispersion[0])
    if work.refuse(refuse.by_dispersion(plan, dispersion, work.language)):
        return
    model = _of_share(work, plan.primary, part, sett) if plan.primary.estimator in SHARES else _of_counts(work, part)
    work.placebos = placebos(part, model.placebo)
    work.primary = estimate("primary", model.words, model.effect, "primary", part.series.label)
    work.forest.append(work.primary)
    windows = len(work.placebos.z)
    work.know(
        base_count=single.expected_after, level_before=_level_before(part, sett.before), dispersion=finite(dispersion), rho=finite(float(model.placebo.rho[0])),
        placebo_windows=windows, placebo_df=finite(float(model.placebo.df[0])),
        mde=ratio_or_none(_margin(work.alpha, model.effect) * model.effect.error),
    )  # fmt: skip
    if windows < _FEW_WINDOWS:
        work.flag("few_windows", n=windows)
    if dispersion > _OVERDISPERSED:
        work.flag("dispersion", ratio=number(dispersion, work.language, 2))
    work.step("other models")
    _other_trends(work, model)
    if plan.primary.estimator not in SHARES:
        _other_errors(work, part, single)
    _left_out(work, part, model)
    work.step("controls")
    controls_beside(work, part, sett)
    work.step("event study")
    _events(work, part, single, model)


def _level_before(part: Cut, before: int) -> float:
    """Events in as many periods as were counted after the date, at the mean of those that are compared in front of it."""
    return float(np.nanmean(part.values[part.at - before : part.at]) * part.used[1])


def _window_flags(work: Work, part: Cut, sett: Setting) -> None:
    if sett.before < sett.usual:
        work.flag("window", n=sett.before, usual=sett.usual)
    for change in part.changes:
        ratio = definition_ratio(sett, part, part.series.first_after(change.day))
        how = work.say("definition_far") if ratio is None else work.say(
            "definition_modelled", ratio=number(ratio, work.language, 2)
        )  # fmt: skip
        work.flag("definition", day=when(change.day, "day", work.language), what=change.what, how=how)


def _of_counts(work: Work, part: Cut) -> Model:
    single = work.single
    assert single is not None
    return Model(
        single.effect, work.say("e_step"), single.placebo,
        lambda trend: other_trend(part, single.setting, trend), lambda: without_each(part, single),
    )  # fmt: skip


def _of_share(work: Work, estimator: Estimator, part: Cut, sett: Setting) -> Model:
    """The odds of the part in a whole: of criminal among all, or of the series against a control."""
    name, key = against_of(work, estimator), "e_share" if estimator.estimator == "binomial_ratio" else "e_control"
    if estimator.weights:
        others = _controls_of(work, estimator, part)
        _apart(part, others)
        control = _weighted(work, others, part)
    else:
        others = [work.beside(name, part)]
        control = others[0].values
    for other in (*others, part):
        if broken := definitions_within(other, sett.before):
            day = when(broken[0].day, "day", work.language)
            raise WatchError(work.say("share_definition", day=day, what=broken[0].what))
    within = estimator.estimator == "binomial_ratio" and estimator.whole
    portion = Portion(part.values, control if within else part.values + control, part.at, sett)
    found = portion.estimate()

    def without_units() -> list[tuple[str, Effect | None]]:
        return _without_units(work, others, part, sett) if estimator.weights else []

    return Model(
        found.effect(level=sett.level), work.say(key, name=name), found,
        lambda trend: portion.estimate(trend).effect(level=sett.level), portion.without_each, without_units, portion.whole,
    )  # fmt: skip


def against_of(work: Work, estimator: Estimator) -> str:
    """What a share is one of, for a reader: the whole, the control, or the controls together."""
    return estimator.denominator or estimator.control or work.say("weighted_controls")


def _controls_of(work: Work, estimator: Estimator, part: Cut) -> list[Cut]:
    """The series that are weighted together: the other units, or the controls that the plan names."""
    if estimator.units:
        units = [s for s in work.loaded.named(estimator.units, work.plan.data.group) if s.place != part.series.place]
        return [beside(s, part, work.plan, zeros=True) for s in units if s.place not in estimator.exposed]
    return [work.beside(c.series, part, c.place) for c in work.plan.controls if c.role != "reporting_free"]


def _apart(part: Cut, others: Sequence[Cut]) -> None:
    """Raise WatchError where the controls hold the series itself: what is compared with itself never moved."""
    seen = ~np.isnan(part.values)
    for other in others:
        if np.array_equal(other.values[seen], part.values[seen]):
            raise WatchError(
                f"The control `{other.series.label}` has the same counts as the series that it is compared with; leave it out."
            )
    if len(others) > 1 and np.array_equal(np.sum([o.values for o in others], axis=0)[seen], part.values[seen]):
        raise WatchError(
            "The controls add up to the series that they are compared with; leave out those that are a part of it."
        )


def _weighted(work: Work, others: Sequence[Cut], part: Cut) -> Floats:
    """One control of many, and its weights for the page."""
    names = [o.series.label for o in others]
    table = np.stack([o.values for o in others]) if others else np.empty((0, len(part.values)))
    found = weighted_control(part.values, table, part.at, days=part.days)
    rows = sorted(zip(names, found.weights.weights.tolist(), strict=True), key=lambda row: -row[1])
    gap = np.log(found.series[: part.at] + 0.5) - np.log(part.values[: part.at] + 0.5)
    mine = Weights(
        method=work.say("w_calibrated", n=found.blocks), rows=tuple(Weight(n, w) for n, w in rows if w > _NO_WEIGHT),
        effective_controls=found.weights.effective_controls, misfit=finite(float(np.sqrt(np.nanmean(gap**2)))),
    )  # fmt: skip
    work.weigh(mine)
    return found.series


def _without_units(work: Work, others: Sequence[Cut], part: Cut, sett: Setting) -> list[tuple[str, Effect | None]]:
    """The estimate without each control that carries weight, the rest weighted anew; None where they cannot be."""
    heavy = {row.unit for row in work.weights.rows if row.weight > _WEIGHTY} if work.weights else set()
    found: list[tuple[str, Effect | None]] = []
    for other in others:
        if other.series.label not in heavy or len(others) < 3:
            continue
        rest = np.stack([o.values for o in others if o is not other])
        try:
            control = weighted_control(part.values, rest, part.at).series
            odds = Portion(part.values, part.values + control, part.at, sett).estimate()
        except WatchError:
            found.append((other.series.label, None))
        else:
            found.append((other.series.label, odds.effect(level=sett.level)))
    return found


def share_beside(work: Work, estimator: Estimator, part: Cut) -> None:
    """A share as a second line beside the primary analysis."""
    sett = work.single.setting if work.single else setting(part, work.plan)
    model = _of_share(work, estimator, part, sett)
    work.forest.append(estimate(estimator.estimator, model.words, model.effect, "secondary", part.series.label))


def counts_beside(work: Work, part: Cut) -> None:
    """The interrupted series of the counts as a second line beside the primary analysis."""
    sett = work.single.setting if work.single else setting(part, work.plan)
    single = primary(part, work.plan, sett)
    work.forest.append(estimate("its_quasipoisson", work.say("e_step"), single.effect, "secondary", part.series.label))
    if work.single is None:
        work.single = single


def _margin(alpha: float, effect: Effect) -> float:
    return t_point(1 - alpha / 2, effect.df) + t_point(0.8, effect.df)


# --- the same question in other ways ----------------------------------------------------------------------------


def _other_trends(work: Work, model: Model) -> None:
    effect = model.effect
    others: dict[str, Estimate] = {}
    ways: tuple[tuple[str, Trend], ...] = (("trend_spline", "bent"), ("no_trend", "none"))
    for name, trend in ways:
        made = tried(work, work.say(f"e_{name}"), model.other_trend, trend)
        if made is not None:
            others[name] = estimate(name, work.say(f"e_{name}"), made, note=work.note_of(name))
    work.forest += others.values()
    forms = [effect.ratio, *(o.ratio for o in others.values() if o.ratio is not None)]
    work.know(trend_forms=(min(forms), max(forms)))
    bent = others.get("trend_spline")
    if bent is None or bent.ratio is None or bent.p is None or not effect.p < work.alpha:
        return
    # a wide interval is not another answer; another sign is, and so is an interval without the estimate
    opposite = (bent.ratio - 1) * (effect.ratio - 1) < 0
    apart = bent.low is not None and bent.high is not None and not bent.low <= effect.ratio <= bent.high
    work.differ = opposite or apart
    if work.differ:
        work.flags.append(Flag("trend_forms", work.say("trend_forms")))


def _other_errors(work: Work, part: Cut, single: Single) -> None:
    """Two other error models of counts."""
    for name, make in (("ar1", with_ar1), ("local_level", with_local_level)):
        made = tried(work, work.say(f"e_{name}"), make, part, single)
        if made is not None:
            work.forest.append(estimate(name, work.say(f"e_{name}"), made, note=work.note_of(name)))


def _left_out(work: Work, part: Cut, model: Model) -> None:
    """The estimate without each period, and whether one of them makes the answer."""
    effect, rows = model.effect, model.without_each()
    last = max(i for i in range(len(part.values)) if not np.isnan(part.values[i]))
    units = model.without_units()
    ratios = np.append(rows.ratio[np.isfinite(rows.ratio)], [e.ratio for _, e in units if e is not None])
    if len(rows.ratio) and len(ratios):
        work.know(leave_one_out=(float(ratios.min()), float(ratios.max())))
        worst = int(np.nanargmax(np.where(np.isfinite(rows.ratio), np.abs(np.log(rows.ratio / effect.ratio)), -1)))
        work.forest.append(_row(work, rows, worst, "leave_one_out", part))
    at_last = np.flatnonzero(rows.periods == last)
    if len(at_last) and part.used[1] > 1:
        k = int(at_last[0])
        work.know(drop_last=finite(float(rows.ratio[k])))
        work.forest.append(_row(work, rows, k, "drop_last", part))
    k_turning = _turning(work, part, rows, effect)
    if k_turning is None:
        work.turned = _turning_unit(work, effect, units)
        return
    period = int(rows.periods[k_turning])
    work.turned = Turned(
        work.plan.data.period, work.when(part.days[period]), finite(float(rows.ratio[k_turning])),
        only=part.used[1] == 1 and period >= part.at,
    )  # fmt: skip


def _turning_unit(work: Work, effect: Effect, units: list[tuple[str, Effect | None]]) -> Turned | None:
    """The control without which a claim turns over, or cannot be made at all."""
    base = answer_of(work.plan, effect.ratio, effect.low, effect.high, effect.p)
    if base not in ("rose", "fell"):
        return None
    moves: dict[str, tuple[float, float | None]] = {}
    for name, other in units:
        if other is None:
            moves[name] = (math.inf, None)
        elif answer_of(work.plan, other.ratio, other.low, other.high, other.p) != base:
            moves[name] = (abs(other.log_ratio - effect.log_ratio), finite(other.ratio))
    if not moves:
        return None
    most = max(moves, key=lambda name: moves[name][0])
    return Turned("unit", most, moves[most][1])


def _turning(work: Work, part: Cut, rows: Without, effect: Effect) -> int | None:
    """The row of the period without which the answer is another one; None where there is none."""
    plan = work.plan
    base = answer_of(plan, effect.ratio, effect.low, effect.high, effect.p)
    each = [
        answer_of(plan, float(a), float(b), float(c), float(d))
        for a, b, c, d in zip(rows.ratio, rows.low, rows.high, rows.p, strict=True)
    ]
    turns = [k for k, one in enumerate(each) if one != base]
    rests = _outlier(rows, effect)
    if base == "no change larger than":
        # it stands as long as the interval lies within the limit, whatever else it shows
        turns = [k for k in turns if not within(plan, float(rows.low[k]), float(rows.high[k]))]
        if turns and rests is not None:
            turns = [rests]
    if base == "could not be told":
        if rests is None:
            _one_drops(work, part, rows, turns, each)
            return None
        turns = [rests]
    # of those that turn it over, the one that moves the estimate most
    moves = {k: math.inf if math.isnan(rows.ratio[k]) else abs(math.log(rows.ratio[k] / effect.ratio)) for k in turns}
    return max(moves, key=lambda k: moves[k]) if moves else None


def _one_drops(work: Work, part: Cut, rows: Without, turns: list[int], each: list[Answer]) -> None:
    """Nothing could be told; say where it could be without one period, which is no ground for a claim."""
    if not turns:
        return
    k = min(turns, key=lambda k: rows.p[k])
    if each[k] in ("rose", "fell"):
        which = work.when(part.days[int(rows.periods[k])])
        work.flag("one_drops", what=work.say(work.plan.data.period), which=which)


def _outlier(rows: Without, effect: Effect) -> int | None:
    """A single period that makes the result: far from what all others expect, and the estimate moves with it."""
    moved = np.abs(np.log(rows.ratio) - effect.log_ratio)
    with np.errstate(invalid="ignore"):
        makes = (rows.away > SPIKE) & (moved > rows.error)
    return int(np.argmax(np.where(makes, moved, -1.0))) if makes.any() else None


def _row(work: Work, rows: Without, k: int, name: str, part: Cut) -> Estimate:
    return Estimate(
        name=name, words=work.say(f"e_{name}"), role="robustness", ratio=finite(float(rows.ratio[k])),
        low=finite(float(rows.low[k])), high=finite(float(rows.high[k])), p=finite(float(rows.p[k])), method="placebo-t",
        series=work.when(part.days[int(rows.periods[k])]), note=work.note_of(name),
    )  # fmt: skip


# --- beside it --------------------------------------------------------------------------------------------------


def _events(work: Work, part: Cut, single: Single, model: Model) -> None:
    """The event study and its bounds: of the share that was estimated, else against the controls, else of the series alone."""
    plan, sett = work.plan, single.setting
    whole, against = model.whole, against_of(work, plan.primary)
    used = [c for c in plan.controls if c.role != "reporting_free"]
    if whole is None and used and sett.offset_error is None:  # a modelled change of definition has no place in a share
        others = [work.beside(c.series, part, c.place).values for c in used]
        whole, against = part.values + np.sum(others, axis=0), ", ".join(c.series for c in used)
    after = len(part.values) - part.at
    width = plan.primary.block or max(1, min(after, sett.before // 8))
    made = tried(
        work, work.say("event_study"), blocks, part.values, part.at,
        whole=whole, offset=sett.offset if whole is None else None, before=sett.before, width=width,
        scale=float(model.placebo.scale[0]), df=float(model.placebo.df[0]), cycles=sett.cycles, level=sett.level,
        seed=plan.seed,
    )  # fmt: skip
    if made is None:
        return
    key = "ev_alone" if whole is None else "ev_against"
    work.events, work.breakdown = of_blocks(made, work.say(key, others=against, width=width))
    work.know(
        breakdown_mbar=work.breakdown,
        pretrend=work.events.pretrend,
        pretrend_detectable=work.events.pretrend_detectable,
    )
