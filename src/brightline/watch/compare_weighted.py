"""One or few units against weighted others: synthetic difference-in-differences, with placebos over units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brightline.watch.blocks import blocks
from brightline.watch.comparison import Compared, of_blocks, of_event_study, ratio_or_none
from brightline.watch.distributions import normal_quantile
from brightline.watch.event import event_study, reach
from brightline.watch.left_out import Rest, after, judged, without_period
from brightline.watch.panel import NEVER, Panel
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import finite
from brightline.watch.result import Estimate, Events, Role, Weight, Weights
from brightline.watch.units import Units, had_nothing_changed, known, level_before
from brightline.watch.weights import Synthetic, synthetic
from brightline.watch.words import say, when

_NO_WEIGHT = 1e-6


def sdid(
    estimator: Estimator, units: Units, plan: Plan, exposed: Sequence[str], role: Role, language: str = "en"
) -> Compared:
    """Synthetic difference-in-differences on log(count + 1/2)."""
    chosen = set(exposed)
    known(chosen, units)
    _counted_on_both_sides(chosen, units)
    alpha = plan.primary.alpha
    first = np.array([float(units.at) if n in chosen else NEVER for n in units.names])
    panel = Panel(units.names, np.arange(len(units.days), dtype=np.float64), np.log(units.counts + 0.5), first)
    found = synthetic(panel, method="sdid", seed=plan.seed, level=1 - plan.primary.alpha)
    rows = sorted(zip(found.controls, found.unit_weights.tolist(), strict=True), key=lambda row: -row[1])
    found = in_their_noise(found, panel, units.at)
    half = reach(np.abs(found.placebos), alpha)
    if math.isinf(half) and role == "primary":  # beside another, an estimate without an interval
        raise WatchError(
            "{n} placebos are too few for a p below {alpha:g}, so this test could find nothing. Add units.",
            n=len(found.placebos),
            alpha=alpha,
        )
    turned, span, last = judged(_rest(panel, found, units, plan, language), found.effect, found.p, alpha)
    events, breakdown, no_events = _events(panel, found, units, plan, estimator.block, language)
    usual = float(np.sqrt(np.mean(found.placebos**2)))
    return Compared(
        estimate=Estimate(
            name="primary" if role == "primary" else "sdid", words=say("e_sdid", language),
            role=role, ratio=math.exp(found.effect), low=ratio_or_none(found.effect - half),
            high=ratio_or_none(found.effect + half), p=finite(found.p),
            method=say("how_placebo_units", language),
            series=say("units_of", language, n=len(chosen), of=len(units.names)),
        ),
        events=events, breakdown=breakdown, no_events=no_events,
        mde=ratio_or_none(half + float(normal_quantile(0.8)) * usual),
        turned=turned, left_out=span, drop_last=last,
        base_count=had_nothing_changed(units.counts, first, found.effect),
        seen=float(units.counts[panel.treated, units.at :].sum()),
        level_before=level_before(units.counts, first, plan.data.period), carried=level_before(units.counts, first),
        units=len(units.names), treated=len(chosen),
        weights=Weights(
            method=say("w_sdid", language),
            rows=tuple(Weight(n, w) for n, w in rows if w > _NO_WEIGHT),
            effective_controls=found.effective_controls, misfit=finite(found.misfit),
        ),
        draws=tuple(found.placebos.tolist()), rank=finite(found.p),
    )  # fmt: skip


def in_their_noise(found: Synthetic, panel: Panel, at: int) -> Synthetic:
    """The placebos as they would be in units as noisy as the treated, and the rank of the effect among them.

    Small units jump more than large ones: placebos of large controls would make the noise of small treated units a finding
    (Ferman & Pinto 2019, Rev. Econ. Stat. 101:452). The noise of a unit is how it moves about the mean of the controls before
    the date, drawn to that of all by one period's worth.
    """
    treated = panel.treated
    apart = panel.outcome[:, :at] - panel.outcome[~treated, :at].mean(axis=0)
    variance = apart.var(axis=1)
    variance = (at * variance + variance.mean()) / (at + 1)
    of_treated, control = math.sqrt(float(variance[treated].mean())), variance[~treated]
    of_placebos = np.sqrt(control[found.groups].mean(axis=1))
    null = found.placebos * of_treated / of_placebos
    told = replace(found, placebos=null)
    return replace(told, p=_rank(found.effect, told))


def _counted_on_both_sides(treated: set[str], units: Units) -> None:
    """Raise WatchError for a treated unit without a count before or after the date: its ratio would be that of a made-up half."""
    for name, row in zip(units.names, units.counts, strict=True):
        if name in treated and not (row[: units.at].sum() > 0 and row[units.at :].sum() > 0):
            raise WatchError(
                "The unit `{unit}` counted nothing on one side of the date, and a ratio to nothing cannot be told; leave it out, "
                "or compare with `ppml_event_study`.",
                unit=name,
            )


def _events(
    panel: Panel, found: Synthetic, units: Units, plan: Plan, block: int | None, language: str
) -> tuple[Events | None, float | None, WatchError | None]:
    """The treated against their weighted controls step by step: unit by unit, or as one where only one is treated; else why not."""
    at, sure = units.at, 1 - plan.primary.alpha
    width = block or max(1, min(units.counts.shape[1] - at, at // 8))
    words = say("ev_against", language, others=say("weighted_controls", language), width=width)
    treated, control = units.counts[panel.treated], units.counts[~panel.treated]
    weight = found.unit_weights
    heavy = weight > _NO_WEIGHT
    try:
        if len(treated) > 1 and heavy.sum() > 1:
            # each control counts by its weight; the effect of its unit takes its level out
            table = np.concatenate([treated, control[heavy] * (weight[heavy, None] * heavy.sum())])
            exposure = np.repeat([1.0, 0.0], [len(treated), int(heavy.sum())])
            study = event_study(table, exposure, at, width=width, level=sure, seed=plan.seed)
            if not study.before.any():
                raise WatchError("No block of periods lies before the date but the one that is compared with.")
            return *of_event_study(study, words, sure), None
        one, other = treated.sum(axis=0), weight @ control
        # worth as many events as it has the chance error of
        other = other * (other.sum() / (weight**2 @ control).sum())
        sides = (float(side.sum()) for row in (one, other) for side in (row[:at], row[at:]))
        naive = math.sqrt(sum(1 / max(n, 1.0) for n in sides))
        told = blocks(
            one, at, whole=one + other, before=at, width=width, df=float("inf"), cycles=(), harmonics=0, level=sure,
            scale=max(float(np.sqrt(np.mean(found.placebos**2))) / naive, 1.0), seed=plan.seed,
        )  # fmt: skip
    except WatchError as error:
        return None, None, error
    return *of_blocks(told, words), None


def _rest(panel: Panel, whole: Synthetic, units: Units, plan: Plan, language: str) -> list[Rest]:
    """The effect without each unit that counts and without each period after.

    Each is judged among the placebos of the whole: without one unit of many their spread is nearly the same.
    """
    weight = dict(zip(whole.controls, whole.unit_weights.tolist(), strict=True))
    treated = panel.treated
    found: list[Rest] = []
    for i, name in enumerate(panel.units):
        if (treated[i] and treated.sum() > 1) or weight.get(name, 0.0) > _NO_WEIGHT:
            kept = np.arange(len(panel.units)) != i
            names = tuple(n for n, yes in zip(panel.units, kept.tolist(), strict=True) if yes)
            one = _effect(Panel(names, panel.periods, panel.outcome[kept], panel.first[kept]))
            found.append(Rest("unit", name, one, _rank(one, whole)))
    for t in after(panel.periods, float(panel.first[treated][0])):
        one = _effect(without_period(panel, t))
        found.append(Rest(plan.data.period, when(units.days[t], plan.data.period, language), one, _rank(one, whole)))
    return found


def _rank(effect: float, whole: Synthetic) -> float:
    """Where an effect stands among the placebos; NaN for none."""
    if math.isnan(effect):
        return math.nan
    return float((1 + (np.abs(whole.placebos) >= abs(effect)).sum()) / (1 + len(whole.placebos)))


def _effect(panel: Panel) -> float:
    try:
        return synthetic(panel, method="sdid", errors="none").effect
    except WatchError:
        return math.nan
