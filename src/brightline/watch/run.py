"""One planned analysis, from the plan and its counts to a result with every diagnostic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from brightline.watch import refuse
from brightline.watch.blocks import blocks
from brightline.watch.cut import Cut, Loaded, MixedPopulations, beside, cut
from brightline.watch.exposure import Exposure, Factor, chain, excess
from brightline.watch.groups import (
    Compared,
    Units,
    gates,
    of_blocks,
    ppml,
    ratio_or_none,
    sdid,
    staggered,
    units_of,
)
from brightline.watch.its import Effect
from brightline.watch.joint import t_point
from brightline.watch.log import Log, now, series_of
from brightline.watch.partition import FEWEST, SHORTEST, SPIKE, partition, posteriors
from brightline.watch.plan import Estimator, Plan, Step
from brightline.watch.problems import WatchError
from brightline.watch.ratio import pair, share
from brightline.watch.refuse import Facts, Turned, finite
from brightline.watch.result import (
    Answer,
    Change,
    Diagnostics,
    Estimate,
    Events,
    ExposureBar,
    Flag,
    Gate,
    Label,
    People,
    Placebos,
    Policy,
    Refusal,
    Result,
    Role,
    Weights,
)
from brightline.watch.series import Floats, Series
from brightline.watch.single import (
    Setting,
    Single,
    Without,
    cycle_of,
    definition_ratio,
    effect_of,
    estimate,
    of_control,
    other_trend,
    placebos,
    points,
    primary,
    setting,
    with_ar1,
    with_local_level,
    without_each,
)
from brightline.watch.tell import told
from brightline.watch.words import check_language, number, percent, say, when

_FEW_WINDOWS = 10
_OVERDISPERSED = 1.5
_PANEL = ("ppml_event_study", "callaway_santanna", "sdid")


@dataclass(frozen=True)
class Standing:
    """Whether the plan stood before the data were read, and if not the key of the sentence that says why."""

    planned: bool
    why: str
    analyses: int | None
    logged: str = ""


UNLOGGED = Standing(False, "why_no_log", None)


def standing(plan: Plan, log: Log, loaded: Loaded) -> Standing:
    """Planned only if the log had the plan before this series was ever analysed, and nobody had seen the counts."""
    seen = {loaded.sha256, *(s.sha256 for s in loaded.sources)}
    analyses = log.runs_on(series_of(plan))
    where = str(log.path)
    if plan.data.outcome_seen:
        return Standing(False, "why_seen", analyses, where)
    if plan.data.snapshot_sha256_seen and plan.data.snapshot_sha256_seen in seen:
        return Standing(False, "why_snapshot", analyses, where)
    why = log.seen_before(plan)
    return Standing(not why, why, analyses, where)


@dataclass
class _Found:
    """What has been found so far, while a run goes on."""

    forest: list[Estimate] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    placebos: Placebos | None = None
    events: Events | None = None
    weights: Weights | None = None
    breakdown: float | None = None
    turned: Turned | None = None
    moved: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    single: Single | None = None
    primary: Estimate | None = None
    differ: bool = False  # forms of the trend disagree

    def know(self, **facts: Any) -> None:
        self.diagnostics = replace(self.diagnostics, **facts)


def run(
    plan: Plan,
    loaded: Loaded,
    *,
    language: str = "en",
    standing: Standing = UNLOGGED,
    version: str = "",
    step: Callable[[str], None] = lambda name: None,
) -> Result:
    """Run the plan on its counts. WatchError when the data cannot answer it; a refused claim is in the result."""
    check_language(language)
    # What has no finite estimate is told as such, and not as a warning of NumPy's on somebody's terminal
    with np.errstate(all="ignore"):
        return _run(plan, loaded, language, standing, version, step)


def _run(
    plan: Plan, loaded: Loaded, language: str, standing: Standing, version: str, step: Callable[[str], None]
) -> Result:
    found = _Found(refusals=refuse.by_plan(plan, language))
    part: Cut | None = None
    changes: tuple[Change, ...] = ()
    spikes: tuple[Any, ...] = ()
    drift: bool | None = None
    try:
        series = _outcome(plan, loaded)
    except MixedPopulations as error:
        found.refusals.append(refuse.mixed(error.populations, language))
        return _finish(plan, loaded, found, None, language, standing, version, (), (), None, ())
    part = cut(series, plan)
    step("change points")
    changes, spikes, drift = _changes(part)
    _data_flags(found, plan, part, series, language)
    if _whole(found.refusals):
        return _finish(plan, loaded, found, part, language, standing, version, changes, spikes, drift, ())
    step("primary")
    if plan.primary.estimator in _PANEL:
        _compare(found, plan, loaded, part, language)
    else:
        _interrupted(found, plan, loaded, part, language, step)
    if not _whole(found.refusals):
        step("secondary")
        _secondaries(found, plan, loaded, part, language)
    places: tuple[Gate, ...] = ()
    if plan.multiplicity.gates and found.single is not None and not _whole(found.refusals):
        step("places")
        places = gates(loaded.named(plan.data.series, plan.data.group), part, plan, found.single.setting)
    if spikes:
        days = ", ".join(when(d, plan.data.period, language) for d in spikes[:3]) + (" …" if len(spikes) > 3 else "")
        _flag(found, "spike", language, days=days)
    return _finish(plan, loaded, found, part, language, standing, version, changes, spikes, drift, places)


def _whole(refusals: Sequence[Refusal]) -> bool:
    return any(r.whole for r in refusals)


# --- the counts -------------------------------------------------------------------------------------------------


def _outcome(plan: Plan, loaded: Loaded) -> Series:
    """The series of the plan; in a comparison of units that is the sum of those exposed."""
    if plan.primary.estimator not in _PANEL or plan.data.place:
        return loaded.one(plan.data.series, plan.data.place, plan.data.group)
    every = _units(plan.primary, plan, loaded)
    estimator = plan.primary
    exposed = set(estimator.exposed) | set(estimator.dates) | {n for n, v in estimator.exposure.items() if v > 0}
    chosen = [s for s in every if s.place in exposed] or every
    return _sum(chosen)


def _units(estimator: Estimator, plan: Plan, loaded: Loaded) -> list[Series]:
    return loaded.named(estimator.units or plan.data.series, plan.data.group)


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
        exposure=None,
    )


def _changes(part: Cut) -> tuple[tuple[Change, ...], tuple[Any, ...], bool | None]:
    """What the counts show by themselves, over the longest stretch without a gap."""
    usable = np.where(
        [part.notes.get(i) in ("partial", "late") for i in range(len(part.values))], np.nan, part.observed
    )
    first, end = _longest(~np.isnan(usable))
    if end - first < max(FEWEST, 2 * SHORTEST) or not usable[first:end].sum() > 0:
        return (), (), None
    values = usable[first:end]
    cycle = cycle_of(part.series.period)
    one = partition(values, cycle=cycle)[0]
    days = part.days[first:end]
    level = values / one.season
    made = []
    for at, told_date in zip(one.changes, posteriors(values, one), strict=True):
        probability = told_date.probability
        made.append(
            Change(
                mode=days[told_date.mode], low=days[told_date.low], high=days[told_date.high],
                before=_beside(level, one.changes, at, -1), after=_beside(level, one.changes, at, 1),
                days=tuple(days[told_date.first : told_date.first + len(probability)]),
                probability=tuple(float(v) for v in probability),
            )
        )  # fmt: skip
    return tuple(made), tuple(days[i] for i in one.spikes), one.drift


def _beside(level: Floats, changes: Sequence[int], at: int, side: int) -> float:
    cuts = [0, *changes, len(level)]
    k = cuts.index(at)
    a, b = (cuts[k - 1], at) if side < 0 else (at, cuts[k + 1])
    return float(level[a:b].mean())


def _longest(seen: Any) -> tuple[int, int]:
    best, start = (0, 0), None
    for i, one in enumerate([*seen.tolist(), False]):
        if one and start is None:
            start = i
        elif not one and start is not None:
            if i - start > best[1] - best[0]:
                best = (start, i)
            start = None
    return best


def _data_flags(found: _Found, plan: Plan, part: Cut, series: Series, language: str) -> None:
    before, after = part.used
    found.know(
        before=before, after=after, partial_periods=part.partial, late_periods=part.late, missing_periods=part.missing,
        definition_changes=len(part.changes),
    )  # fmt: skip
    if part.partial:
        how = say("left_out" if plan.data.partial_periods == "drop" else "kept", language)
        _flag(found, "partial", language, n=part.partial, how=how)
    if part.late:
        _flag(found, "late", language, n=part.late)
    if series.lag > plan.data.late and len(series) - series.lag < series.index(plan.last_after) + 1:
        _flag(found, "lag", language, n=series.lag, late=plan.data.late)
    if part.missing:
        _flag(found, "missing", language, n=part.missing)
    between = sum(note == "between" for note in part.notes.values())
    if between:
        _flag(found, "between", language, n=between)


def _flag(found: _Found, code: str, language: str, **parts: object) -> None:
    found.flags.append(Flag(code, say(f"flag_{code}", language, **parts)))


# --- one interrupted series -------------------------------------------------------------------------------------


def _interrupted(
    found: _Found, plan: Plan, loaded: Loaded, part: Cut, language: str, step: Callable[[str], None]
) -> None:
    named = plan.primary.offset not in ("none", "exposure")
    sett = setting(part, plan, loaded.one(plan.primary.offset, plan.data.place) if named else None)
    found.refusals += refuse.by_data(plan, part, sett.before, language)
    if _whole(found.refusals):
        return
    if sett.before < sett.usual:
        _flag(found, "window", language, n=sett.before, usual=sett.usual)
    for change in part.changes:
        at = part.series.first_after(change.day)
        ratio = definition_ratio(sett, part, at)
        how = say("definition_far", language) if ratio is None else say(
            "definition_modelled", language, ratio=number(ratio, language, 2)
        )  # fmt: skip
        _flag(found, "definition", language, day=when(change.day, "day", language), what=change.what, how=how)
    single = primary(part, plan, sett)
    found.single = single
    dispersion = float(single.placebo.dispersion[0])
    found.refusals += refuse.by_dispersion(plan, dispersion, language)
    if _whole(found.refusals):
        return
    found.placebos = placebos(part, single.placebo)
    share_of = plan.primary.estimator in ("binomial_ratio", "controlled_its")
    effect, words = single.effect, "Step, trend and seasons (quasi-Poisson)"
    if share_of:
        effect, found.placebos, words = _share(plan.primary, plan, loaded, part, sett)
    found.primary = estimate("primary", words, effect, "primary", part.series.label)
    found.forest.append(found.primary)
    windows = len(single.placebo.fake_dates)
    found.know(
        base_count=single.expected_after, dispersion=finite(dispersion), rho=finite(float(single.placebo.rho[0])),
        placebo_windows=windows, placebo_df=finite(float(single.placebo.df[0])),
        mde=ratio_or_none(_margin(plan, effect) * effect.error),
    )  # fmt: skip
    if windows < _FEW_WINDOWS:
        _flag(found, "few_windows", language, n=windows)
    if dispersion > _OVERDISPERSED:
        _flag(found, "dispersion", language, ratio=number(dispersion, language, 2))
    step("other models")
    _robustness(found, plan, part, single, effect, language)
    step("controls")
    _controls(found, plan, loaded, part, sett, language)
    step("event study")
    _events(found, plan, loaded, part, single)


def _margin(plan: Plan, effect: Effect) -> float:
    return t_point(1 - plan.primary.alpha / 2, effect.df) + t_point(0.8, effect.df)


def _share(estimator: Estimator, plan: Plan, loaded: Loaded, part: Cut, sett: Setting) -> tuple[Effect, Placebos, str]:
    """The odds of the part in a whole: of criminal among all, or of the series against a control."""
    if estimator.estimator == "binomial_ratio":
        other = _beside_series(loaded, estimator.denominator, part, plan)
        whole = other.values if estimator.whole else part.values + other.values
        words = f"Share in {estimator.denominator} (odds ratio)"
    else:
        other = _beside_series(loaded, estimator.control, part, plan)
        whole = part.values + other.values
        words = f"Ratio to the control {estimator.control}"
    told_share = share(
        part.values, whole, part.at, before=sett.before, step=sett.step, trend=sett.trend, harmonics=min(sett.harmonics, 2),
        cycles=sett.cycles,
    )  # fmt: skip
    return effect_of(told_share.odds, sett.level), placebos(part, told_share.odds), words


def _beside_series(loaded: Loaded, name: str, part: Cut, plan: Plan, place: str = "") -> Cut:
    there = [s.place for s in loaded.named(name)]
    wanted = place or (part.series.place if part.series.place in there else "")
    return beside(loaded.one(name, wanted, plan.data.group if _has_group(loaded, name, plan) else ""), part, plan)


def _has_group(loaded: Loaded, name: str, plan: Plan) -> bool:
    return any(s.group == plan.data.group for s in loaded.named(name))


def _robustness(found: _Found, plan: Plan, part: Cut, single: Single, effect: Effect, language: str) -> None:
    """Every other model on one forest, and the estimate without each period."""
    sett = single.setting

    def note(name: str) -> str:
        return "" if name in plan.robustness else "not in the plan, always shown"

    others: list[Estimate] = []
    tries: tuple[tuple[str, str, Callable[[], Effect]], ...] = (
        ("trend_spline", "With a bent trend", lambda: other_trend(part, sett, "bent")),
        ("no_trend", "Without a trend", lambda: other_trend(part, sett, "none")),
        ("ar1", "Errors that follow each other (AR 1), no placebo", lambda: with_ar1(part, single)),
        ("local_level", "A level that wanders", lambda: with_local_level(part, single)),
    )
    for name, words, make in tries:
        try:
            others.append(estimate(name, words, make(), note=note(name)))
        except WatchError as error:
            _flag(found, "not_run", language, name=name, why=str(error))
    if plan.primary.estimator == "its_quasipoisson":
        found.forest += others
    forms = [effect.ratio, *(o.ratio for o in others if o.name in ("trend_spline", "no_trend") and o.ratio is not None)]
    found.know(trend_forms=(min(forms), max(forms)))
    alpha = plan.primary.alpha
    significant = effect.p < alpha
    bent = next((o for o in others if o.name == "trend_spline"), None)
    if bent is not None and bent.ratio is not None and bent.p is not None and significant:
        # a wide interval is not another answer; another sign is, and so is an interval without the estimate
        opposite = (bent.ratio - 1) * (effect.ratio - 1) < 0
        apart = bent.low is not None and bent.high is not None and not bent.low <= effect.ratio <= bent.high
        found.differ = opposite or apart
        if found.differ:
            found.flags.append(Flag("trend_forms", say("trend_forms", language)))
    if plan.primary.estimator == "its_quasipoisson":
        _left_out(found, plan, part, single, effect, language, note)


def _left_out(
    found: _Found, plan: Plan, part: Cut, single: Single, effect: Effect, language: str, note: Callable[[str], str]
) -> None:
    rows = without_each(part, single)
    last = max(i for i in range(len(part.values)) if not np.isnan(part.values[i]))
    ratios = rows.ratio[np.isfinite(rows.ratio)]
    if len(ratios):
        low, high = float(ratios.min()), float(ratios.max())
        found.know(leave_one_out=(low, high))
        worst = int(np.nanargmax(np.where(np.isfinite(rows.ratio), np.abs(np.log(rows.ratio / effect.ratio)), -1)))
        found.forest.append(
            _row(rows, worst, "leave_one_out", "Without the period that matters most", part, plan, note, language)
        )
    at_last = np.flatnonzero(rows.periods == last)
    if len(at_last) and part.used[1] > 1:
        k = int(at_last[0])
        found.know(drop_last=finite(float(rows.ratio[k])))
        found.forest.append(_row(rows, k, "drop_last", "Without the last period", part, plan, note, language))
    base = _answer(plan, effect.ratio, effect.low, effect.high, effect.p)
    each = [
        _answer(plan, float(a), float(b), float(c), float(d))
        for a, b, c, d in zip(rows.ratio, rows.low, rows.high, rows.p, strict=True)
    ]
    turns = [k for k, one in enumerate(each) if one != base]
    if (
        base == "no change larger than"
    ):  # it stands as long as the interval lies within the limit, whatever else it shows
        turns = [k for k in turns if not _within(plan, float(rows.low[k]), float(rows.high[k]))]
    rests = _outlier(rows, effect)
    if turns and rests is not None and base == "no change larger than":
        turns = [rests]
    if base == "could not be told":
        if rests is not None:
            turns = [rests]
        elif turns:
            k = min(turns, key=lambda k: rows.p[k])
            if each[k] in ("rose", "fell"):
                what = say(plan.data.period, language)
                which = when(part.days[int(rows.periods[k])], plan.data.period, language)
                _flag(found, "one_drops", language, what=what, which=which)
            return
    if not turns:
        return
    # of those that turn it over, the one that moves the estimate most
    k = max(turns, key=lambda k: math.inf if math.isnan(rows.ratio[k]) else abs(math.log(rows.ratio[k] / effect.ratio)))
    day = when(part.days[int(rows.periods[k])], plan.data.period, language)
    only = part.used[1] == 1 and int(rows.periods[k]) >= part.at
    found.turned = Turned(plan.data.period, day, finite(float(rows.ratio[k])), only=only)


def _outlier(rows: Without, effect: Effect) -> int | None:
    """A single period that makes the result: far from what all others expect, and the estimate moves with it."""
    moved = np.abs(np.log(rows.ratio) - effect.log_ratio)
    with np.errstate(invalid="ignore"):
        makes = (rows.away > SPIKE) & (moved > rows.error)
    return int(np.argmax(np.where(makes, moved, -1.0))) if makes.any() else None


def _row(
    rows: Without, k: int, name: str, words: str, part: Cut, plan: Plan, note: Callable[[str], str], language: str
) -> Estimate:
    day = when(part.days[int(rows.periods[k])], plan.data.period, language)
    return Estimate(
        name=name, words=words, role="robustness", ratio=finite(float(rows.ratio[k])), low=finite(float(rows.low[k])),
        high=finite(float(rows.high[k])), p=finite(float(rows.p[k])), method="placebo-t", series=day, note=note(name),
    )  # fmt: skip


def _answer(plan: Plan, ratio: float, low: float, high: float, p: float) -> Answer:
    if not math.isfinite(ratio) or not math.isfinite(p):
        return "could not be told"
    if p < plan.primary.alpha:
        return "rose" if ratio > 1 else "fell"
    return "no change larger than" if _within(plan, low, high) else "could not be told"


def _within(plan: Plan, low: float, high: float) -> bool:
    """Whether the interval lies within the smallest effect of interest, up and down."""
    smallest = plan.hypothesis.smallest_effect_of_interest
    return smallest is not None and min(smallest, 1 / smallest) < low and high < max(smallest, 1 / smallest)


def _controls(found: _Found, plan: Plan, loaded: Loaded, part: Cut, sett: Setting, language: str) -> None:
    """The same test where the policy should not reach, and where the outcome stands among them."""
    z: list[float] = []
    for control in plan.controls:
        other = _beside_series(loaded, control.series, part, plan, control.place)
        label = other.series.label
        try:
            effect = of_control(other.values, part, sett)
        except WatchError as error:
            _flag(found, "not_run", language, name=label, why=str(error))
            continue
        words = "A measure that needs no report" if control.role == "reporting_free" else "Untouched by the policy"
        found.forest.append(estimate(control.role, words, effect, "control", label))
        if control.role != "reporting_free":
            found.controls.append(label)
            z.append(abs(effect.log_ratio / effect.error))
            if effect.p < plan.primary.alpha:
                found.moved.append(label)
    if len(z) >= 3 and found.primary is not None and found.single is not None:
        real = abs(found.single.effect.log_ratio / found.single.effect.error)
        rank = (1 + sum(one >= real for one in z)) / (1 + len(z))
        found.forest.append(
            replace(
                found.primary, name="placebo_units", role="robustness", words="Its rank among the controls", low=None,
                high=None, p=rank, method=f"rank among {len(z) + 1}",
            )
        )  # fmt: skip


def _events(found: _Found, plan: Plan, loaded: Loaded, part: Cut, single: Single) -> None:
    """The event study and its bounds: against the controls where there are some, else of the series alone."""
    sett = single.setting
    whole: Floats | None = None
    words = "The series by itself"
    used = [c for c in plan.controls if c.role != "reporting_free"]
    if used:
        others = [_beside_series(loaded, c.series, part, plan, c.place).values for c in used]
        whole = part.values + np.sum(others, axis=0)
        words = "The series against " + ", ".join(c.series for c in used)
    after = len(part.values) - part.at
    width = plan.primary.block or max(1, min(after, sett.before // 8))
    try:
        made = blocks(
            part.values, part.at, whole=whole, offset=sett.offset if whole is None else None, before=sett.before, width=width,
            scale=float(single.placebo.scale[0]), df=float(single.placebo.df[0]), cycles=sett.cycles, level=sett.level,
            seed=plan.seed,
        )  # fmt: skip
    except WatchError as error:
        found.flags.append(Flag("not_run", say("flag_not_run", "en", name="The event study", why=str(error))))
        return
    found.events, found.breakdown = of_blocks(made, f"{words}, by blocks of {width}")
    found.know(
        breakdown_mbar=found.breakdown,
        pretrend=found.events.pretrend,
        pretrend_detectable=found.events.pretrend_detectable,
    )


# --- units compared ---------------------------------------------------------------------------------------------


def _compare(found: _Found, plan: Plan, loaded: Loaded, part: Cut, language: str) -> None:
    """A comparison of units as the primary analysis."""
    found.refusals += refuse.by_data(plan, part, len(part.values), language)
    if _whole(found.refusals):
        return
    made = _compared(plan.primary, plan, loaded, part, "primary")
    found.primary = made.estimate
    found.forest.append(made.estimate)
    found.events, found.breakdown, found.turned, found.weights = made.events, made.breakdown, made.turned, made.weights
    found.controls.append(f"{made.units - made.treated} other units")
    if made.turned is not None and made.turned.what == "period":
        found.turned = replace(made.turned, what=plan.data.period)
    pre = made.events
    found.know(
        base_count=made.base_count, dispersion=made.dispersion, placebo_windows=len(made.draws) or None, mde=made.mde,
        leave_one_out=made.left_out, drop_last=made.drop_last, breakdown_mbar=made.breakdown,
        pretrend=pre.pretrend if pre else None, pretrend_detectable=pre.pretrend_detectable if pre else None,
        effective_controls=made.weights.effective_controls if made.weights else float(made.units - made.treated),
    )  # fmt: skip
    _unit_flags(found, plan.primary, made, language)


def _compared(estimator: Estimator, plan: Plan, loaded: Loaded, part: Cut, role: Role) -> Compared:
    series = _units(estimator, plan, loaded)
    own = estimator.estimator == "sdid" and not estimator.exposed and not estimator.units
    if own:  # the series of the plan against its controls
        series = [part.series, *(loaded.one(c.series, c.place) for c in plan.controls if c.role != "reporting_free")]
    units = units_of(series, part, plan)
    if estimator.estimator == "callaway_santanna":
        return staggered(estimator, units, plan, role)
    if estimator.estimator == "sdid":
        exposed = (units.names[0],) if own else estimator.exposed or (part.series.place,)
        return sdid(estimator, units, plan, exposed, role)
    window = plan.primary.placebo.window
    whole = _all_periods(series, plan) if window is not None or len(series) < 10 else None
    others = [] if whole is None else [
        int(np.searchsorted(np.array(whole.days, dtype="datetime64[D]"), np.datetime64(day)))
        for day in plan.policy.other_dates
    ]  # fmt: skip
    return ppml(estimator, units, plan, role=role, window=window, others=others, whole=whole)


def _all_periods(series: Sequence[Series], plan: Plan) -> Units:
    """The units from the plan's first period to the end of the data: fake dates may lie after the plan's own periods."""
    start, end = max(plan.first, *(s.start for s in series)), min(s.days[-1] for s in series)
    table = np.stack([s.values[s.index(start) : s.index(end) + 1] for s in series])
    one = series[0].slice(series[0].index(start), series[0].index(end) + 1)
    names = tuple(s.place or s.name for s in series)
    return Units(names, table, one.index(plan.first_after), tuple(one.days), 0)


def _unit_flags(found: _Found, estimator: Estimator, made: Compared, language: str) -> None:
    if estimator.estimator in ("callaway_santanna", "sdid"):
        _flag(
            found,
            "log",
            language,
            method=made.estimate.method.split(",")[0] if estimator.estimator != "sdid" else "SDID",
        )
    if made.treated < 10:
        _flag(found, "few_units", language, n=made.treated)
    if made.forbidden:
        _flag(found, "forbidden", language, percent=number(100 * made.forbidden, language, 2))


# --- beside the primary -----------------------------------------------------------------------------------------


def _secondaries(found: _Found, plan: Plan, loaded: Loaded, part: Cut, language: str) -> None:
    for estimator in plan.secondary:
        try:
            _secondary(found, estimator, plan, loaded, part, language)
        except WatchError as error:
            _flag(found, "not_run", language, name=estimator.estimator, why=str(error))


def _secondary(found: _Found, estimator: Estimator, plan: Plan, loaded: Loaded, part: Cut, language: str) -> None:
    match estimator.estimator:
        case "binomial_ratio" | "controlled_its":
            sett = found.single.setting if found.single else setting(part, plan)
            effect, _, words = _share(estimator, plan, loaded, part, sett)
            found.forest.append(estimate(estimator.estimator, words, effect, "secondary", part.series.label))
        case "its_quasipoisson":
            sett = setting(part, plan)
            single = primary(part, plan, sett)
            words = "Step, trend and seasons (quasi-Poisson)"
            found.forest.append(estimate("its_quasipoisson", words, single.effect, "secondary", part.series.label))
            if found.single is None:
                found.single = single
        case "two_counts":
            found.forest.append(_two_counts(found, estimator, plan))
        case _:
            made = _compared(estimator, plan, loaded, part, "secondary")
            found.forest.append(made.estimate)
            found.weights = found.weights or made.weights
            if made.weights is not None:
                found.know(effective_controls=made.weights.effective_controls)
            if estimator.estimator in ("ppml_event_study", "callaway_santanna") and made.events is not None:
                found.events, found.breakdown = made.events, made.breakdown
                found.know(
                    breakdown_mbar=made.breakdown, pretrend=made.events.pretrend,
                    pretrend_detectable=made.events.pretrend_detectable,
                )  # fmt: skip
            _unit_flags(found, estimator, made, language)


def _two_counts(found: _Found, estimator: Estimator, plan: Plan) -> Estimate:
    """Two published numbers, with the spread of a like series; said apart from everything else."""
    before, after = estimator.before, estimator.after
    assert before is not None and after is not None
    dispersion = found.diagnostics.dispersion if estimator.dispersion == "like_series" else float(estimator.dispersion)
    if dispersion is None:
        raise WatchError("two published numbers need a dispersion, from a like series or in the plan.")
    two = pair(before.count, after.count, dispersion=max(dispersion, 1.0), level=1 - plan.primary.alpha)
    return Estimate(
        name="two_counts", words=f"Two published numbers: {before.count:,.0f} and {after.count:,.0f}", role="secondary",
        ratio=two.ratio, low=two.low, high=two.high, p=two.p, method=f"dispersion {two.dispersion:.3g}",
        series=before.population, note="; ".join(dict.fromkeys(s for s in (before.source, after.source) if s)),
    )  # fmt: skip


def _exposure(plan: Plan, found: _Found) -> People | None:
    if plan.exposure is None or found.primary is None or found.primary.ratio is None:
        return None
    factors = [_factor(s) for s in plan.exposure.factors]
    if not any(f.kind == "count" for f in factors):
        one, base = found.primary, found.diagnostics.base_count
        if base is None or one.low is None or one.high is None or one.ratio is None:
            return None
        name = f"excess {plan.data.counted or plan.data.series}"
        factors.insert(0, excess(base, one.ratio, one.low, one.high, f"this analysis ({plan.id})", name))
    made: Exposure = chain(
        factors,
        [[_factor(s) for s in route] for route in plan.exposure.routes],
        overlap=plan.exposure.overlap,
        seed=plan.seed,
    )
    return People(
        low=made.low, middle=made.middle, high=made.high, level=made.level, could_be_none=made.could_be_none,
        tornado=tuple(ExposureBar(b.factor, b.at_low, b.at_high, b.low, b.high, b.source) for b in made.tornado),
        sentence=made.sentence(),
    )  # fmt: skip


def _factor(told_step: Step) -> Factor:
    return Factor(
        told_step.name,
        told_step.low,
        told_step.middle,
        told_step.high,
        told_step.source,
        told_step.shape,
        told_step.kind,
    )


# --- the result -------------------------------------------------------------------------------------------------


def _finish(
    plan: Plan, loaded: Loaded, found: _Found, part: Cut | None, language: str, standing: Standing, version: str,
    changes: tuple[Change, ...], spikes: tuple[Any, ...], drift: bool | None, places: tuple[Gate, ...],
) -> Result:  # fmt: skip
    found.know(analyses_so_far=standing.analyses)
    for note in loaded.notes:
        found.flags.append(Flag("reader", note))
    one = found.primary
    answer: Answer = "refused"
    people: People | None = None
    if not _whole(found.refusals) and one is not None:
        assert part is not None
        if plan.policy.source == "" and plan.data.outcome_seen and _found_in_data(plan, part, changes):
            found.refusals.append(refuse.by_plan(_as_from_data(plan), language)[0])
    if not _whole(found.refusals) and one is not None and one.ratio is not None:
        answer = _answer(
            plan, one.ratio, one.low or math.nan, one.high or math.nan, math.nan if one.p is None else one.p
        )
        bounded = plan.primary.estimator in ("ppml_event_study", "callaway_santanna")
        if bounded and answer in ("rose", "fell") and not (found.breakdown is not None and found.breakdown >= 1):
            answer = "could not be told"  # a departure no larger than those before would explain it
        if answer == "could not be told" and bounded:
            found.turned = None  # there is no claim to be fragile
        facts = _facts(found, standing, answer)
        found.refusals += refuse.by_result(plan, facts, language)
        if found.turned is not None:
            answer = "could not be told"
        if not _whole(found.refusals):
            people = _exposure(plan, found)
        else:
            answer = "refused"
    pretrend = found.diagnostics.pretrend_detectable
    if pretrend is not None and answer != "refused":
        _flag(found, "pretrend", language, percent=percent(pretrend, language))
    if answer == "refused":
        found.primary, found.forest, found.events, found.placebos, found.turned = None, [], None, None, None
        found.single, found.weights, places = None, None, ()
        found.know(
            mde=None, leave_one_out=None, drop_last=None, trend_forms=None, pretrend=None, pretrend_detectable=None
        )
    causal = (
        answer in ("rose", "fell")
        and refuse.wants_cause(plan)
        and not refuse.lacking(plan, _facts(found, standing, answer), language)
    )
    label: Label = "FRAGILE" if found.turned is not None else "PLANNED" if standing.planned else "EXPLORATORY"
    series = part.series if part is not None else None
    result = Result(
        id=plan.id, question=plan.question, label=label, planned=standing.planned, answer=answer,
        words="causal" if causal else "coincides", headline="", sentences=(), language=language,
        series=series.label if series else plan.data.series,
        counted=plan.data.counted or plan.data.series.replace("_", " "),
        place=(series.place if series else plan.data.place), period=plan.data.period,
        policy=Policy(plan.policy.name, plan.policy.date, plan.policy.source),
        first_after=part.days[part.at] if part is not None else None,
        primary=found.primary, forest=tuple(found.forest),
        points=points(part, found.single) if part is not None else (),
        changes=changes, spikes=spikes, drift=drift, placebos=found.placebos, events=found.events, weights=found.weights,
        gates=places, exposure=people, diagnostics=found.diagnostics, flags=tuple(dict.fromkeys(found.flags)),
        refusals=tuple(found.refusals), sources=loaded.sources,
        definition_days=tuple((c.day, c.what) for c in part.changes) if part is not None else (),
        alpha=plan.primary.alpha, smallest_effect=plan.hypothesis.smallest_effect_of_interest, plan_sha256=plan.sha256,
        data_sha256=loaded.sha256, seed=plan.seed, version=version, made=now(), logged=standing.logged,
    )  # fmt: skip
    turned = found.turned
    return told(
        result,
        None if turned is None else (turned.what, turned.which, turned.ratio, turned.only),
        "" if standing.planned else standing.why,
    )


def _facts(found: _Found, standing: Standing, answer: str) -> Facts:
    told_ = found.diagnostics
    return Facts(
        before=told_.before or 0, after=told_.after or 0, base_count=told_.base_count, dispersion=told_.dispersion,
        placebo=found.placebos is not None or (found.events is not None and found.events.randomised_p is not None), controls=tuple(found.controls), moved=tuple(found.moved),
        pretrend=found.events is not None and found.events.pretrend is not None, breakdown=found.breakdown,
        planned=standing.planned, answer=answer, trend_forms_differ=found.differ, turned=found.turned,
    )  # fmt: skip


def _found_in_data(plan: Plan, part: Cut, changes: Sequence[Change]) -> bool:
    """A date without a source, told by somebody who has seen the counts, that lies where the counts change by themselves."""
    first = part.days[part.at]
    return any(c.low <= first <= c.high for c in changes)


def _as_from_data(plan: Plan) -> Plan:
    policy = plan.policy.model_copy(update={"date_chosen_from": "data"})
    return plan.model_copy(update={"policy": policy})
