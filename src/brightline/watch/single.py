"""One interrupted series: the planned estimate, the same under other models, and what happens without each period."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from brightline.watch.cut import Cut
from brightline.watch.distributions import t_quantile, t_two_sided
from brightline.watch.its import Design, Effect, Floats, Trend, ar1_errors, design, effect, local_level, quasi_poisson
from brightline.watch.placebo import BEFORE, Placebo, calibrated, placebo, windows
from brightline.watch.plan import Plan
from brightline.watch.problems import WatchError
from brightline.watch.result import Estimate, Placebos, Point, Role
from brightline.watch.series import CYCLES, Period, Series

FEWEST_WINDOW = {"day": 56, "week": 26, "month": 24, "quarter": 8, "year": 6}
_WANTED_FAKES = 8
_LEFT_OUT_BEFORE = 40  # periods before the date that are left out one by one: those furthest from the model


@dataclass(frozen=True)
class Setting:
    """How the plan wants one series to be modelled."""

    before: int
    usual: int
    step: int
    trend: Trend
    harmonics: int
    cycles: tuple[float, ...]
    level: float
    offset: Floats | None
    offset_error: Floats | None  # one standard error of the modelled changes of definition, as an offset
    inference: str = "placebo_t"  # of the planned estimate

    @property
    def alpha(self) -> float:
        return 1 - self.level


@dataclass(frozen=True)
class Single:
    """The planned estimate of one series."""

    effect: Effect
    placebo: Placebo
    expected_after: float  # events, had nothing changed
    window: Design
    setting: Setting


def setting(part: Cut, plan: Plan, denominator: Series | None = None) -> Setting:
    """Window, seasons and offset. A window that the plan does not fix is as long as the history allows."""
    primary = plan.primary
    after = len(part.values) - part.at
    usual = BEFORE[plan.data.period]
    if primary.placebo.window is not None:
        before = primary.placebo.window
    else:
        longest = part.at - after - (_WANTED_FAKES - 1) * primary.placebo.step
        before = min(usual, max(longest, min(FEWEST_WINDOW[plan.data.period], part.at)))
    cycles = tuple(c for c in CYCLES[plan.data.period] if before >= 1.9 * c)
    offset = _offset(part, plan, denominator)
    modelled = _definitions(part, plan, cycles, offset)
    error = None
    if modelled is not None:
        offset = modelled[0] if offset is None else offset + modelled[0]
        error = modelled[1]
    return Setting(
        before=before, usual=usual, step=primary.placebo.step, trend=primary.trend, harmonics=primary.harmonics,
        cycles=cycles, level=1 - primary.alpha, offset=offset, offset_error=error, inference=primary.inference,
    )  # fmt: skip


def _offset(part: Cut, plan: Plan, denominator: Series | None) -> Floats | None:
    if plan.primary.offset == "none":
        return None
    if plan.primary.offset == "exposure":
        if part.series.exposure is None:
            raise WatchError(
                "{series}: no denominator comes with it; name a series as `offset`, or write none.",
                series=part.series.label,
            )
        at_risk = np.asarray(part.series.exposure, dtype=np.float64)
    else:
        assert denominator is not None
        first = denominator.index(part.series.start)
        at_risk = denominator.slice(first, first + len(part.values)).values
    seen = ~np.isnan(part.values)
    if not (at_risk[seen] > 0).all():
        raise WatchError(
            "{series}: the denominator must be above zero in each period that is used.", series=part.series.label
        )
    return np.log(np.where(at_risk > 0, at_risk, 1.0))


def _definitions(
    part: Cut, plan: Plan, cycles: tuple[float, ...], offset: Floats | None
) -> tuple[Floats, Floats] | None:
    """The log step of each change of definition as an offset, and its standard error; None where there is none to model."""
    if plan.data.definition_changes != "model" or not part.changes:
        return None
    n = len(part.values)
    steps = [part.series.first_after(c.day) for c in part.changes]
    steps = [s for s in steps if 0 < s < n]
    if not steps:
        return None
    base = design(n, part.at, trend=plan.primary.trend, harmonics=plan.primary.harmonics, cycles=cycles)
    extra = np.stack([(np.arange(n) >= s).astype(np.float64) for s in steps], axis=1)
    model = Design(np.hstack([base.matrix, extra]), (*base.names, *(f"definition {i}" for i in range(len(steps)))))
    fits = quasi_poisson(part.values[None], model, offset)
    if not fits.settled[0]:
        raise WatchError(
            "{series}: the change of definition cannot be modelled, the counts around it are too few.",
            series=part.series.label,
        )
    gamma = np.array([fits.of(f"definition {i}")[0][0] for i in range(len(steps))])
    error = np.array([ar1_errors(part.values[None], fits, model, f"definition {i}")[0] for i in range(len(steps))])
    return extra @ gamma, extra @ error


def definition_ratio(sett: Setting, part: Cut, at: int) -> float | None:
    """The ratio by which a modelled change of definition moved the counts at period `at`."""
    if sett.offset is None or sett.offset_error is None or not 0 < at < len(part.values):
        return None
    return float(np.exp(sett.offset[at] - sett.offset[at - 1]))


def primary(part: Cut, plan: Plan, sett: Setting) -> Single:
    """The planned estimate with the planned inference."""
    found = _placebo(part.values, part.at, sett)
    told = found.effect(level=sett.level)
    if sett.offset_error is not None:
        told = _widened(told, part, sett)
    n = len(part.values) - (part.at - sett.before)
    model = design(n, sett.before, trend=sett.trend, harmonics=sett.harmonics, cycles=sett.cycles)
    inference = plan.primary.inference
    if inference in ("quasi_poisson", "ar1", "poisson"):
        told = _model_effect(part, sett, model, inference)
    expected = _expected(part, sett, model)
    return Single(
        told, found, float(np.nansum(np.where(np.isnan(part.values[part.at :]), np.nan, expected))), model, sett
    )


def _placebo(
    values: Floats, at: int, sett: Setting, offset: Floats | None = None, trend: Trend | None = None
) -> Placebo:
    return placebo(
        values, at, offset=sett.offset if offset is None else offset, before=sett.before, step=sett.step,
        trend=trend or sett.trend, harmonics=sett.harmonics, cycles=sett.cycles,
    )  # fmt: skip


def _widened(told: Effect, part: Cut, sett: Setting) -> Effect:
    """The interval that holds whatever the step of the definition is, within two of its standard errors."""
    assert sett.offset is not None and sett.offset_error is not None
    others = [
        _placebo(part.values, part.at, sett, sett.offset + k * sett.offset_error).effect(level=sett.level)
        for k in (-2, 2)
    ]
    return replace(
        told,
        low=min(told.low, *(o.low for o in others)),
        high=max(told.high, *(o.high for o in others)),
        p=max(told.p, *(o.p for o in others)),
    )


def _in_window(part: Cut, sett: Setting) -> tuple[Floats, Floats | None]:
    first = part.at - sett.before
    return part.values[first:], None if sett.offset is None else sett.offset[first:]


def _model_effect(part: Cut, sett: Setting, model: Design, inference: str) -> Effect:
    y, offset = _in_window(part, sett)
    fits = quasi_poisson(y[None], model, offset)
    b, e = (float(v[0]) for v in fits.of("step"))
    df = float(fits.df[0])
    match inference:
        case "quasi_poisson":
            return effect(b, e, df, "quasi-Poisson", sett.level)
        case "ar1":
            return effect(b, float(ar1_errors(y[None], fits, model)[0]), df, "quasi-Poisson x AR(1)", sett.level)
        case _:
            return effect(b, e / float(np.sqrt(fits.dispersion[0])), float("inf"), "Poisson", sett.level)


def _expected(part: Cut, sett: Setting, model: Design) -> Floats:
    """Counts after the date, had the level not changed."""
    y, offset = _in_window(part, sett)
    fits = quasi_poisson(y[None], model, offset)
    eta = model.matrix @ fits.coefficients[0] + (0.0 if offset is None else offset)
    expected: Floats = np.exp(eta - model.matrix[:, model.step] * fits.coefficients[0, model.step])
    return expected[sett.before :]


def points(part: Cut, single: Single | None) -> tuple[Point, ...]:
    """The series for a plot, with the counterfactual and its band after the date."""
    n = len(part.values)
    fitted, expected, low, high = (np.full(n, np.nan) for _ in range(4))
    if single is not None:
        sett, model = single.setting, single.window
        first = part.at - sett.before
        y, offset = _in_window(part, sett)
        coefficients = quasi_poisson(y[None], model, offset).coefficients[0]
        eta = model.matrix @ coefficients + (0.0 if offset is None else offset)
        fitted[first:] = np.exp(eta)
        expected[part.at :] = np.exp(eta - model.matrix[:, model.step] * coefficients[model.step])[sett.before :]
        # The interval of the ratio, seen from the other side
        low[part.at :] = fitted[part.at :] / single.effect.high
        high[part.at :] = fitted[part.at :] / single.effect.low
    return tuple(
        Point(
            day=day, count=_none(part.observed[i]), after=i >= part.at, fitted=_none(fitted[i]), expected=_none(expected[i]),
            low=_none(low[i]), high=_none(high[i]), note=part.notes.get(i, ""),
        )
        for i, day in enumerate(part.days)
    )  # fmt: skip


def placebos(part: Cut, found: Placebo) -> Placebos:
    z = found.fake_z[0]
    seen = np.isfinite(z)
    return Placebos(
        days=tuple(part.days[int(i)] for i in found.fake_dates[seen]),
        z=tuple(float(v) for v in z[seen]),
        real=_none(found.z[0]),
        scale=float(found.scale[0]),
        rank=_none(found.rank()[0]),
        naive_rejects=float((np.abs(z[seen]) > 1.96).mean()) if seen.any() else None,
    )


def estimate(
    name: str, words: str, told: Effect, role: Role = "robustness", series: str = "", note: str = ""
) -> Estimate:
    return Estimate(
        name=name, words=words, role=role, ratio=_none(told.ratio), low=_none(told.low), high=_none(told.high),
        p=_none(told.p), method=told.method, series=series, note=note,
    )  # fmt: skip


def other_trend(part: Cut, sett: Setting, trend: Trend) -> Effect:
    return _placebo(part.values, part.at, sett, trend=trend).effect(level=sett.level)


def with_ar1(part: Cut, single: Single) -> Effect:
    return _model_effect(part, single.setting, single.window, "ar1")


def with_local_level(part: Cut, single: Single) -> Effect:
    y, offset = _in_window(part, single.setting)
    b, error, _ = local_level(y, single.window, offset)
    df = float((~np.isnan(y)).sum() - single.window.matrix.shape[1])
    return effect(b, error, df, "local level, REML", single.setting.level)


def of_control(values: Floats, part: Cut, sett: Setting) -> Effect:
    plain = replace(sett, offset=None, offset_error=None)
    return _placebo(values, part.at, plain).effect(level=sett.level)


@dataclass(frozen=True)
class Without:
    """The estimate without one period in turn: arrays over the periods left out. NaN where nothing can be estimated."""

    periods: NDArray[np.int64]
    ratio: Floats
    low: Floats
    high: Floats
    p: Floats
    error: Floats  # calibrated, of the log ratio
    away: Floats  # how far the period lies from what the model without it expects, in its standard deviations


def without_each(part: Cut, single: Single) -> Without:
    """Leave out each period after the date, and those before it that lie furthest from the model."""
    sett = single.setting
    y, offset = _in_window(part, sett)
    fits = quasi_poisson(y[None], single.window, offset)
    rest = np.abs(y - fits.fitted[0]) / np.sqrt(np.maximum(fits.fitted[0], 1e-9))
    first = part.at - sett.before
    periods = first + periods_to_leave_out(y, rest, sett.before)
    table = blanked(part.values, periods)
    away = _away(table[:, first:], y, offset, periods - first, single.window)
    if sett.inference != "placebo_t":
        return _by_model(table[:, first:], offset, single.window, sett, periods, away)
    found = calibrated(
        windows(table, part.at, sett.offset, sett.before, sett.step, sett.trend, sett.harmonics, sett.cycles)
    )
    return without(found, periods, away, sett.level)


def _by_model(
    table: Floats, offset: Floats | None, model: Design, sett: Setting, periods: NDArray[np.int64], away: Floats
) -> Without:
    """Without each period by the errors of the planned model, where the plan wants those and no fake dates."""
    fits = quasi_poisson(table, model, offset)
    b, error = fits.of("step")
    df: Floats = np.asarray(fits.df, dtype=np.float64)
    if sett.inference == "ar1":
        error = ar1_errors(table, fits, model)
    elif sett.inference == "poisson":
        error, df = error / np.sqrt(fits.dispersion), np.full_like(df, np.inf)
    margin = t_quantile(0.5 + sett.level / 2, df) * error
    with np.errstate(invalid="ignore"):
        p = t_two_sided(b / error, df)
    return Without(periods, np.exp(b), np.exp(b - margin), np.exp(b + margin), p, error, away)


def periods_to_leave_out(y: Floats, rest: Floats, before: int) -> NDArray[np.int64]:
    """Numbers of the periods of a window that are left out in turn; `rest` says how far each lies from the model."""
    seen = ~np.isnan(y)
    after = np.flatnonzero(seen & (np.arange(len(y)) >= before))
    earlier = np.flatnonzero(seen & (np.arange(len(y)) < before))
    earlier = earlier[np.argsort(-rest[earlier])][:_LEFT_OUT_BEFORE]
    return np.concatenate([after, np.sort(earlier)])


def blanked(values: Floats, periods: NDArray[np.int64]) -> Floats:
    """One row for each of these periods, the series without it."""
    table = np.repeat(values[None], len(periods), axis=0)
    table[np.arange(len(periods)), periods] = np.nan
    return table


def without(found: Placebo, periods: NDArray[np.int64], away: Floats, level: float) -> Without:
    """The estimates of `found`, one for each period left out, with their intervals."""
    margin = t_quantile(0.5 + level / 2, found.df) * found.error
    with np.errstate(invalid="ignore"):
        p = t_two_sided(found.log_ratio / found.error, found.df)
    return Without(
        periods=periods,
        ratio=np.exp(found.log_ratio),
        low=np.exp(found.log_ratio - margin),
        high=np.exp(found.log_ratio + margin),
        p=p,
        error=found.error,
        away=away,
    )


def _away(table: Floats, y: Floats, offset: Floats | None, left: NDArray[np.int64], model: Design) -> Floats:
    fits = quasi_poisson(table, model, offset)
    eta = np.einsum("sc,sc->s", model.matrix[left], fits.coefficients) + (0.0 if offset is None else offset[left])
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.exp(eta)
        distance: Floats = np.abs(y[left] - mean) / np.sqrt(mean * np.maximum(fits.dispersion, 1.0))
    return distance


def cycle_of(period: Period) -> float | None:
    """The season that a division into stretches takes out."""
    cycles = CYCLES[period]
    return cycles[0] if cycles else None


def _none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
