"""A comparison without each unit and each period after the date in turn: what turns a claim over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brightline.watch.comparison import ratio_or_none
from brightline.watch.panel import Panel
from brightline.watch.refuse import Turned
from brightline.watch.series import Floats


@dataclass(frozen=True)
class Rest:
    """An estimate without one unit or one period: what was left out, the log ratio (NaN: there is none), and its p."""

    what: str  # unit, or a period by its name: day, week, month …
    which: str
    effect: float
    p: float


def judged(
    rows: Sequence[Rest], effect: float, p: float, alpha: float
) -> tuple[Turned | None, tuple[float, float] | None, float | None]:
    """What turns a claim over, the range of the ratio, and the ratio without the last period.

    Of several that turn it over, the one that moves the estimate most. Where there is no claim, nothing can turn it over.
    """
    ratios = [math.exp(one.effect) for one in rows if math.isfinite(one.effect)]
    span = (min(ratios), max(ratios)) if ratios else None
    last = ratio_or_none(rows[-1].effect) if rows and rows[-1].what != "unit" else None
    turning = [one for one in rows if not (one.p < alpha and one.effect * effect > 0)] if p < alpha else []
    if not turning:
        return None, span, last
    most = max(turning, key=lambda one: math.inf if math.isnan(one.effect) else abs(one.effect - effect))
    return Turned(most.what, most.which, ratio_or_none(most.effect)), span, last


def after(periods: Floats, first: float) -> list[int]:
    """The periods from the date on that can be left out one by one; none where there is only one."""
    after = np.flatnonzero(periods >= first).tolist()
    return after if len(after) > 1 else []


def without_period(panel: Panel, t: int) -> Panel:
    """The panel as if period number `t` had never been: whoever begins later does so one period sooner."""
    first = np.where(panel.first > panel.periods[t], panel.first - 1, panel.first)
    return Panel(panel.units, panel.periods[:-1], np.delete(panel.outcome, t, axis=1), first)
