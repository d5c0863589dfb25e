"""Place by place, from the whole down: each tested only where something was found above it, ratios drawn to their mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from brightline.watch.cut import Cut, beside
from brightline.watch.distributions import t_quantile
from brightline.watch.multiple import Unit, gatekeep
from brightline.watch.placebo import Placebo, placebo
from brightline.watch.plan import Plan
from brightline.watch.problems import WatchError
from brightline.watch.refuse import finite
from brightline.watch.result import Gate
from brightline.watch.series import Floats, Series
from brightline.watch.single import Setting

_SHRINK_FROM = 10  # events of a place before the date, to be listed at all


def gates(series: Sequence[Series], part: Cut, plan: Plan, sett: Setting) -> tuple[Gate, ...]:
    """City -> borough -> precinct: each place tested only where the one above it was found; ratios shrunk within a level."""
    above = plan.multiplicity.gates
    by_place = {one.place: one for one in series}
    names = list(dict.fromkeys([*above.values(), *above]))
    lacking = [n for n in names if n not in by_place]
    if lacking:
        raise WatchError(
            f"`gates` names `{lacking[0]}`, and there is no such place in the series `{plan.data.series}`."
        )
    table = np.stack([beside(by_place[n], part, plan).values for n in names])
    found: Placebo = placebo(
        table, part.at, before=sett.before, step=sett.step, trend=sett.trend, harmonics=sett.harmonics, cycles=sett.cycles,
        moderated=len(names) >= 3,
    )  # fmt: skip
    p = found.p
    method = cast(str, plan.multiplicity.method)
    told = gatekeep(
        [Unit(n, float(v), above.get(n)) for n, v in zip(names, p, strict=True)],
        alpha=plan.primary.alpha, method="BH" if method == "none" else plan.multiplicity.method,
    )  # fmt: skip
    ratio, low, high = shrunk(found, np.array([g.level for g in told.gates]), 1 - plan.primary.alpha)
    few = np.nansum(table[:, : part.at], axis=1) < _SHRINK_FROM
    return tuple(
        Gate(
            name=g.name, above=above.get(g.name), level=g.level, tested=g.tested, p=finite(g.p), adjusted=finite(g.adjusted),
            found=g.found, ratio=None if few[i] else finite(ratio[i]), low=None if few[i] else finite(low[i]),
            high=None if few[i] else finite(high[i]),
        )
        for i, g in enumerate(told.gates)
    )  # fmt: skip


def shrunk(found: Placebo, level: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Ratios drawn towards the mean of their level (normal-normal; DerSimonian & Laird 1986 for the spread)."""
    b, e = found.log_ratio, found.error
    middle, half = b.copy(), t_quantile(0.5 + confidence / 2, found.df) * e
    for one in np.unique(level):
        here = (level == one) & np.isfinite(b) & np.isfinite(e)
        if here.sum() < 3:
            continue
        weight = 1 / e[here] ** 2
        mean = float((weight * b[here]).sum() / weight.sum())
        excess = float((weight * (b[here] - mean) ** 2).sum()) - (int(here.sum()) - 1)
        between = max(excess / float(weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
        mean = float((b[here] / (e[here] ** 2 + between)).sum() / (1 / (e[here] ** 2 + between)).sum())
        kept = between / (between + e[here] ** 2)
        middle[here] = mean + kept * (b[here] - mean)
        half[here] = half[here] * np.sqrt(np.maximum(kept, 1e-6))
    return np.exp(middle), np.exp(middle - half), np.exp(middle + half)
