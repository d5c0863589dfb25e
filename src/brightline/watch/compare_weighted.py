"""One or few units against weighted others: synthetic difference-in-differences, with placebos over units."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from brightline.watch.comparison import Compared, ratio_or_none
from brightline.watch.distributions import normal_quantile
from brightline.watch.left_out import Rest, after, judged, without_period
from brightline.watch.panel import NEVER, Panel
from brightline.watch.plan import Estimator, Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import finite
from brightline.watch.result import Estimate, Role, Weight, Weights
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
    first = np.array([float(units.at) if n in chosen else NEVER for n in units.names])
    panel = Panel(units.names, np.arange(len(units.days), dtype=np.float64), np.log(units.counts + 0.5), first)
    found = synthetic(panel, method="sdid", seed=plan.seed, level=1 - plan.primary.alpha)
    rows = sorted(zip(found.controls, found.unit_weights.tolist(), strict=True), key=lambda row: -row[1])
    turned, span, last = judged(_rest(panel, found, units, plan, language), found.effect, found.p, plan.primary.alpha)
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
        base_count=had_nothing_changed(units.counts, first, found.effect),
        level_before=level_before(units.counts, first),
        units=len(units.names), treated=len(chosen),
        weights=Weights(
            method=say("w_sdid", language),
            rows=tuple(Weight(n, w) for n, w in rows if w > _NO_WEIGHT),
            effective_controls=found.effective_controls, misfit=finite(found.misfit),
        ),
        draws=tuple(found.placebos.tolist()), rank=finite(found.p),
    )  # fmt: skip


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
