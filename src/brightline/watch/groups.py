"""Units that are compared: exposed with others, each with its own date, or with weighted controls. Ratios throughout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import numpy as np

from brightline.watch.assignments import over_dates_of_units, times_over_dates_of_units
from brightline.watch.blocks import Blocks, blocks
from brightline.watch.bounds import MBARS, Bounds, of_study, relative_magnitudes
from brightline.watch.cut import Cut, beside
from brightline.watch.distributions import normal_quantile, t_two_sided
from brightline.watch.event import (
    EventStudy,
    Randomised,
    difference,
    event_study,
    leave_out,
    over_dates,
    over_units,
)
from brightline.watch.joint import Estimates
from brightline.watch.panel import NEVER, Panel
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import Turned, finite
from brightline.watch.result import Estimate, EventPoint, Events, Fan, Role, Weight, Weights
from brightline.watch.series import Floats, Series
from brightline.watch.staggered import Bacon, Staggered, bacon, callaway_santanna
from brightline.watch.weights import Synthetic, synthetic
from brightline.watch.words import say, when

_DRAWS = 2000
_CS_DRAWS = 1000
_SHOWN_DRAWS = 1000
_MOST_LOG = 700.0
_MANY = 64.0  # a breakdown beyond this is told as this
# Periods in front of a fake date and of the real one, where the plan says nothing and draws go over dates
_WINDOW = {"day": 28, "week": 26, "month": 24, "quarter": 8, "year": 5}
_PRE = 9  # steps before the date that bounds look at: of very many steps the largest is noise
_NO_WEIGHT = 1e-6


@dataclass(frozen=True)
class Units:
    """Counts of each unit over the same periods; periods in which one was not counted are left out for all."""

    names: tuple[str, ...]
    counts: Floats  # (N, T)
    at: int
    days: tuple[date, ...]
    dropped: int


@dataclass(frozen=True)
class Chance:
    """What chance alone gives, as `Events` takes it."""

    randomised_p: float | None = None
    randomised: tuple[float, ...] = ()  # ratios
    draws: int | None = None
    as_far: int | None = None
    over_dates: bool = False
    worth: float | None = None


NO_CHANCE = Chance()


def chance_of(drawn: Randomised, over_dates: bool) -> Chance:
    """The chance assignments for a result; those that are drawn rank as p ranks them."""
    real, by = drawn.estimate, drawn.draws
    if drawn.ranked == "studentised":
        by = drawn.statistics * drawn.error
    shown = tuple(ratio for d in by[:_SHOWN_DRAWS] if (ratio := ratio_or_none(float(d))) is not None)
    far = int((np.abs(by) >= abs(real)).sum())
    return Chance(drawn.p, shown, len(by), far, over_dates, finite(drawn.worth))


@dataclass(frozen=True)
class Compared:
    """What a comparison of units found, ready for a result."""

    estimate: Estimate
    events: Events | None
    breakdown: float | None
    mde: float | None  # as a ratio above 1
    turned: Turned | None
    left_out: tuple[float, float] | None
    drop_last: float | None
    base_count: float | None  # events of the exposed after the date, had it changed nothing
    level_before: float | None  # their events before it, in as long a stretch
    units: int
    treated: int
    naive_rejects: float | None = None
    draws: tuple[float, ...] = ()  # log ratios where nothing was decided
    rank: float | None = None
    weights: Weights | None = None
    dispersion: float | None = None
    forbidden: float | None = None  # share of a two-way regression's weight on comparisons with the already treated


def units_of(series: Sequence[Series], part: Cut, plan: Plan) -> Units:
    """Line the units up with the plan's periods."""
    if len(series) < 2:
        raise WatchError(
            f"There is one unit only ({series[0].place if series else 'none'}), and a comparison needs others. "
            "Load more places, or use `its_quasipoisson`."
        )
    parts = [beside(one, part, plan, zeros=True) for one in series]
    names = [one.place or one.name for one in series]
    if len(set(names)) < len(names):
        names = [one.label for one in series]
    if twice := [name for name in names if names.count(name) > 1]:
        raise WatchError(f"The unit `{twice[0]}` stands in the comparison twice; leave one out.")
    table = np.stack([p.values for p in parts])
    seen = np.asarray(~np.isnan(table).any(axis=0))
    at = int(seen[: part.at].sum())
    if not 0 < at < int(seen.sum()):
        raise WatchError("No period is left on one side of the date in which every unit was counted; leave units out.")
    days = tuple(day for day, kept in zip(part.days, seen.tolist(), strict=True) if kept)
    return Units(tuple(names), table[:, seen], at, days, int((~seen).sum()))


def exposure_of(estimator: Estimator, units: Units) -> Floats:
    """0/1 or a share for each unit, fixed before the event."""
    _known(set(estimator.exposed) | set(estimator.exposure) | set(estimator.dates), units)
    if estimator.exposure:
        lacking = [n for n in units.names if n not in estimator.exposure]
        if lacking:
            raise WatchError(f"The plan gives no exposure for the unit `{lacking[0]}`; unknown is not zero.")
        return np.array([estimator.exposure[n] for n in units.names], dtype=np.float64)
    exposed = set(estimator.exposed) | set(estimator.dates)
    return np.array([n in exposed for n in units.names], dtype=np.float64)


def _known(named: set[str], units: Units) -> None:
    """Raise WatchError for a name that no unit has: a misspelt one would stand among the controls."""
    unknown = sorted(named - set(units.names))
    if unknown:
        raise WatchError(
            f"The plan names the unit `{unknown[0]}`, which is not in the data; there are {', '.join(units.names[:8])}"
            f"{' …' if len(units.names) > 8 else ''}."
        )


def _had_nothing_changed(counts: Floats, first: Floats, effect: float) -> float:
    """Events of the treated from their dates on, divided by the ratio `exp(effect)`: what would have come without it."""
    after = np.arange(counts.shape[1]) >= first[:, None]
    return float(counts[after].sum() * math.exp(-effect))


def _level_before(counts: Floats, at: int) -> float:
    """Events of these units before period `at`, in as many periods as lie behind it."""
    return float(counts[:, :at].sum() / at * (counts.shape[1] - at))


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
    turned, span, last = _without_one(table, exposure, before, units, found, drawn, plan, language)
    return Compared(
        estimate=found, events=events, breakdown=breakdown,
        mde=ratio_or_none(drawn.smallest(alpha)),
        turned=turned, left_out=span, drop_last=last,
        base_count=float((table[exposure > 0, before:].sum(axis=1) * np.exp(-drawn.estimate * exposure[exposure > 0])).sum()),
        level_before=_level_before(table[exposure > 0], before),
        units=len(units.names), treated=int((exposure > 0).sum()), naive_rejects=drawn.naive_rejects,
        draws=tuple(float(d) for d in drawn.draws), rank=drawn.p,
        dispersion=(told.error / told.naive_error) ** 2 if math.isfinite(told.error) and told.naive_error > 0 else None,
    )  # fmt: skip


def _without_one(
    table: Floats,
    exposure: Floats,
    at: int,
    units: Units,
    found: Estimate,
    drawn: Randomised,
    plan: Plan,
    language: str,
) -> tuple[Turned | None, tuple[float, float] | None, float | None]:
    """The ratio without each unit and without each period after the date; what turns a claim over."""
    assert found.ratio is not None and found.p is not None
    alpha, sign = plan.primary.alpha, math.copysign(1, math.log(found.ratio))
    rows = [*_each_unit(table, exposure, at, units), *_each_period(table, exposure, at, units, drawn, plan, language)]
    ratios = [math.exp(b) for _, _, b, _ in rows if math.isfinite(b)]
    span = (min(ratios), max(ratios)) if ratios else None
    last = ratio_or_none(rows[-1][2]) if rows and rows[-1][0] == "period" else None
    if not found.p < alpha:
        return None, span, last
    turning = [row for row in rows if not (row[3] < alpha and math.copysign(1, row[2]) == sign)]
    if not turning:
        return None, span, last
    what, which, b, _ = max(turning, key=lambda row: math.inf if math.isnan(row[3]) else row[3])
    return Turned(what, which, ratio_or_none(b)), span, last


def _each_unit(table: Floats, exposure: Floats, at: int, units: Units) -> list[tuple[str, str, float, float]]:
    """Without each unit: its name, the log ratio, and p. Of two, none can be left out."""
    if len(units.names) < 3:
        return []
    left = leave_out(table, exposure, at, units=units.names)
    rows = zip(units.names, left.units.tolist(), left.unit_p.tolist(), strict=True)
    return [("unit", name, b, p) for name, b, p in rows]


def _each_period(
    table: Floats, exposure: Floats, at: int, units: Units, drawn: Randomised, plan: Plan, language: str
) -> list[tuple[str, str, float, float]]:
    """Without each period after the date, where there are several: its name, the log ratio, and p.

    Few units have no error of their own; then a result stands while it lies beyond what chance dates give.
    """
    found: list[tuple[str, str, float, float]] = []
    for t in range(at, table.shape[1] if table.shape[1] - at > 1 else at):
        rest = np.delete(table, t, axis=1)
        which = when(units.days[len(units.days) - table.shape[1] + t], plan.data.period, language)
        if not rest[:, at:].sum() > 0:
            found.append(("period", which, math.nan, math.nan))
            continue
        one = difference(rest, exposure, at, level=1 - plan.primary.alpha, units=units.names)
        beyond = abs(one.estimate) > drawn.half(plan.primary.alpha)
        p = one.p if drawn.ranked == "studentised" and math.isfinite(one.p) else 0.0 if beyond else 1.0
        found.append(("period", which, one.estimate, p))
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
        words=words, points=_points(told), periods_in_block=study.width, fan=_fan(bound), breakdown=_breakdown(bound),
        pretest_p=finite(study.pretest.p), pretrend=ratio_or_none(pre.slope) if pre else None, pretrend_p=finite(pre.p) if pre else None,
        pretrend_detectable=ratio_or_none(pre.smallest_detectable) if pre else None, **asdict(chance),
    ), _breakdown(bound)  # fmt: skip


def of_blocks(found: Blocks, words: str, chance: Chance = NO_CHANCE) -> tuple[Events, float | None]:
    """An event study in blocks of one series, for a result."""
    error = np.sqrt(np.diag(found.covariance))

    def end(k: float) -> list[float]:
        return _ratios(found.estimate + k * error)

    rows = zip(
        found.at, end(0.0), end(-found.single), end(found.single), end(-found.critical),
        end(found.critical), strict=True,
    )  # fmt: skip
    breakdown = _breakdown(found.bounds)
    return Events(
        words=words, points=tuple(EventPoint(float(a), r, lo, hi, bl, bh) for a, r, lo, hi, bl, bh in rows),
        periods_in_block=found.width, fan=_fan(found.bounds), breakdown=breakdown, pretest_p=finite(found.pretest.p),
        pretrend=ratio_or_none(found.slope), pretrend_p=finite(found.slope_p), pretrend_detectable=ratio_or_none(found.slope_detectable),
        **asdict(chance),
    ), breakdown  # fmt: skip


def _ratios(log_ratio: Floats) -> list[float]:
    """Finite whatever the logs are: JSON has no infinity."""
    return [float(v) for v in np.exp(np.clip(log_ratio, -_MOST_LOG, _MOST_LOG))]


def _points(told: Estimates) -> tuple[EventPoint, ...]:
    columns = (told.estimate, told.low, told.high, told.band_low, told.band_high)
    rows = zip(told.at.tolist(), *(_ratios(c) for c in columns), strict=True)
    return tuple(EventPoint(*row) for row in rows)


def _fan(bound: Bounds) -> tuple[Fan, ...]:
    every = (bound.original, *bound.bounds)
    return tuple(
        Fan(b.mbar, math.exp(max(b.low, -_MOST_LOG)), math.exp(min(b.high, _MOST_LOG)))
        for b in every
        if math.isfinite(b.low + b.high)
    )


def _breakdown(bound: Bounds) -> float:
    """0 where even parallel trends tell nothing."""
    return 0.0 if bound.breakdown is None else min(bound.breakdown, _MANY)


def staggered(estimator: Estimator, units: Units, plan: Plan, role: Role, language: str = "en") -> Compared:
    """Callaway-Sant'Anna on log(count + 1/2), compared with units that are not yet treated."""
    exposure_of(estimator, units)  # names
    first = np.array([_first(estimator.dates.get(name), units) for name in units.names])
    panel = Panel(units.names, np.arange(len(units.days), dtype=np.float64), np.log(units.counts + 0.5), first)
    found: Staggered = callaway_santanna(panel, level=1 - plan.primary.alpha, seed=plan.seed)
    share: Bacon = bacon(panel)
    chance = over_dates_of_units(panel, alpha=plan.primary.alpha, draws=_CS_DRAWS, seed=plan.seed)
    found = replace(found, dynamic=times_over_dates_of_units(panel, found.dynamic, draws=_CS_DRAWS, seed=plan.seed))
    value, p = chance.effect, chance.p
    treated = np.isfinite(first)
    who = {"n": int(treated.sum()), "of": len(units.names)}
    shown = tuple(r for d in chance.null[:_SHOWN_DRAWS].tolist() if (r := ratio_or_none(d)) is not None)
    far = round(p * (1 + chance.draws)) - 1
    told = Chance(randomised_p=p, randomised=shown, draws=chance.draws, as_far=far)
    bound, events = _of_staggered(found, plan, say("ev_since", language, **who), told)
    turned, span, last = _without_group(estimator, units, plan, panel, value, p, language)
    return Compared(
        estimate=Estimate(
            name="primary" if role == "primary" else "callaway_santanna",
            words=say("e_staggered", language), role=role, ratio=math.exp(value),
            low=ratio_or_none(chance.low), high=ratio_or_none(chance.high), p=p, method=say("how_units", language), series=say("units_of", language, **who),
        ),
        events=events, breakdown=bound,
        mde=ratio_or_none(float(normal_quantile(1 - plan.primary.alpha / 2) + normal_quantile(0.8)) * chance.spread),
        turned=turned, left_out=span, drop_last=last, base_count=_had_nothing_changed(units.counts, first, value),
        level_before=_level_before(units.counts[treated], int(first[treated].min())),
        units=len(units.names), treated=int(treated.sum()), forbidden=share.forbidden,
    )  # fmt: skip


def _without_group(
    estimator: Estimator, units: Units, plan: Plan, panel: Panel, value: float, p: float, language: str
) -> tuple[Turned | None, tuple[float, float] | None, float | None]:
    """The ratio without each treated unit and without the last period; what turns a claim over."""
    treated = [n for n in units.names if n in estimator.dates]
    if len(treated) < 2:
        only = Turned("unit", treated[0], None, only=True) if p < plan.primary.alpha else None
        return only, None, None
    found: list[tuple[str, str, float, float]] = []
    for name in treated:
        kept = np.array([n != name for n in units.names])
        names = tuple(n for n in units.names if n != name)
        found.append(("unit", name, *_overall(Panel(names, panel.periods, panel.outcome[kept], panel.first[kept]))))
    for t in _after(panel.periods, float(panel.first.min())):
        found.append(("period", when(units.days[t], plan.data.period, language), *_overall(_without_period(panel, t))))
    effects = [b for _, _, b, _ in found if math.isfinite(b)]
    span = (math.exp(min(effects)), math.exp(max(effects))) if effects else None
    last = ratio_or_none(found[-1][2]) if found and found[-1][0] == "period" else None
    if not p < plan.primary.alpha:
        return None, span, last
    for what, which, b, q in found:
        if not (b * value > 0 and q < plan.primary.alpha):
            return Turned(what, which, ratio_or_none(b)), span, last
    return None, span, last


def _overall(panel: Panel) -> tuple[float, float]:
    """The mean effect of a panel and its p-value; NaN where there is none."""
    try:
        chance = over_dates_of_units(panel, draws=_CS_DRAWS)
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
        breakdown, fan = _breakdown(bound), _fan(bound)
    slope = float(told.estimate[pre].mean()) if len(pre) else None
    error = float(np.sqrt(told.covariance[np.ix_(pre, pre)].sum()) / len(pre)) if len(pre) else None
    detectable = (
        math.exp(float(normal_quantile(1 - plan.primary.alpha / 2) + normal_quantile(0.8)) * error)
        if error is not None
        else None
    )
    return breakdown, Events(
        words=words, points=_points(told), periods_in_block=1, fan=fan, breakdown=breakdown,
        pretest_p=None, pretrend=None if slope is None else ratio_or_none(slope),
        pretrend_p=None if not error or slope is None else finite(float(t_two_sided(slope / error, math.inf))),
        pretrend_detectable=detectable, **asdict(chance),
    )  # fmt: skip


def sdid(
    estimator: Estimator, units: Units, plan: Plan, exposed: Sequence[str], role: Role, language: str = "en"
) -> Compared:
    """Synthetic difference-in-differences on log(count + 1/2)."""
    chosen = set(exposed)
    _known(chosen, units)
    first = np.array([float(units.at) if n in chosen else NEVER for n in units.names])
    panel = Panel(units.names, np.arange(len(units.days), dtype=np.float64), np.log(units.counts + 0.5), first)
    found = synthetic(panel, method="sdid", seed=plan.seed, level=1 - plan.primary.alpha)
    rows = sorted(zip(found.controls, found.unit_weights.tolist(), strict=True), key=lambda row: -row[1])
    turned, span, last = _without_in_sdid(panel, found, units, plan, language)
    return Compared(
        estimate=Estimate(
            name="primary" if role == "primary" else "sdid", words=say("e_sdid", language),
            role=role, ratio=math.exp(found.effect), low=ratio_or_none(found.low), high=ratio_or_none(found.high), p=finite(found.p),
            method=say("how_placebo_units", language),
            series=say("units_of", language, n=len(chosen), of=len(units.names)),
        ),
        events=None, breakdown=None,
        mde=ratio_or_none(float(normal_quantile(1 - plan.primary.alpha / 2) + normal_quantile(0.8)) * found.error),
        turned=turned, left_out=span, drop_last=last,
        base_count=_had_nothing_changed(units.counts, first, found.effect),
        level_before=_level_before(units.counts[panel.treated], units.at),
        units=len(units.names), treated=len(chosen),
        weights=Weights(
            method=say("w_sdid", language),
            rows=tuple(Weight(n, w) for n, w in rows if w > _NO_WEIGHT),
            effective_controls=found.effective_controls, misfit=finite(found.misfit),
        ),
        draws=tuple(found.placebos.tolist()), rank=finite(found.p),
    )  # fmt: skip


def _without_in_sdid(
    panel: Panel, whole: Synthetic, units: Units, plan: Plan, language: str
) -> tuple[Turned | None, tuple[float, float] | None, float | None]:
    """The ratio without each unit that counts and without the last period; what turns a claim over.

    Each is judged among the placebos of the whole: without one unit of many their spread is nearly the same.
    """
    weight = dict(zip(whole.controls, whole.unit_weights.tolist(), strict=True))
    treated = panel.treated
    found: list[tuple[str, str, float]] = []
    for i, name in enumerate(panel.units):
        if (treated[i] and treated.sum() > 1) or weight.get(name, 0.0) > _NO_WEIGHT:
            kept = np.arange(len(panel.units)) != i
            names = tuple(n for n, yes in zip(panel.units, kept.tolist(), strict=True) if yes)
            found.append(
                ("unit", name, _sdid_effect(Panel(names, panel.periods, panel.outcome[kept], panel.first[kept])))
            )
    for t in _after(panel.periods, float(panel.first[treated][0])):
        found.append(
            ("period", when(units.days[t], plan.data.period, language), _sdid_effect(_without_period(panel, t)))
        )
    effects = [e for _, _, e in found if math.isfinite(e)]
    span = (math.exp(min(effects)), math.exp(max(effects))) if effects else None
    last = ratio_or_none(found[-1][2]) if found and found[-1][0] == "period" else None
    if not whole.p < plan.primary.alpha:
        return None, span, last

    def holds(effect: float) -> bool:
        rank = (1 + (np.abs(whole.placebos) >= abs(effect)).sum()) / (1 + len(whole.placebos))
        return effect * whole.effect > 0 and bool(rank < plan.primary.alpha)

    turning = [(what, which, e) for what, which, e in found if not holds(e)]
    if not turning:
        return None, span, last
    what, which, effect = max(turning, key=lambda row: math.inf if math.isnan(row[2]) else abs(row[2] - whole.effect))
    return Turned(what, which, ratio_or_none(effect)), span, last


def _after(periods: Floats, first: float) -> list[int]:
    """The periods from the date on that can be left out one by one; none where there is only one."""
    after = np.flatnonzero(periods >= first).tolist()
    return after if len(after) > 1 else []


def _without_period(panel: Panel, t: int) -> Panel:
    """The panel as if period number `t` had never been: whoever begins later does so one period sooner."""
    first = np.where(panel.first > panel.periods[t], panel.first - 1, panel.first)
    return Panel(panel.units, panel.periods[:-1], np.delete(panel.outcome, t, axis=1), first)


def _sdid_effect(panel: Panel) -> float:
    try:
        return synthetic(panel, method="sdid", errors="none").effect
    except WatchError:
        return math.nan


def ratio_or_none(log_ratio: float) -> float | None:
    """exp, and None for what is not finite or beyond any number."""
    return math.exp(log_ratio) if math.isfinite(log_ratio) and log_ratio < _MOST_LOG else None
