"""What the plots of the watch share beside `brightline.drawing`: their colours, scales of ratios, lengths of periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import altair as alt

from brightline.drawing import LINE, NARROW, WIDE, Plot

AFTER, MODEL, LIGHT, MIDDLE = "#7b1430", "#1f659c", "#d3e3ec", "#9fc0d3"


def quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(q * len(ordered)), len(ordered) - 1)]


def both(draw: Callable[[int], str]) -> Plot:
    return Plot(draw(WIDE), draw(NARROW))


def length(period: str) -> timedelta:
    return timedelta(days={"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}.get(period, 30))


def time_format(first: date, last: date) -> str:
    days = (last - first).days
    return "%Y" if days > 4 * 365 else "%b %Y" if days > 100 else "%d %b"


def ratio_axis(low: float, high: float) -> alt.Axis:
    return alt.Axis(
        values=[t for t in _ratios(high / low) if low <= t <= high],
        labelExpr="format(datum.value, '~r') + ' ×'",
        labelOverlap="greedy",
        gridColor=LINE,
        domain=False,
        tickSize=0,
        labelPadding=6,
    )


def _ratios(span: float) -> list[float]:
    """Ticks of a scale of ratios: fewer where it is wide."""
    if span > 300:
        return [1 / 50, 0.1, 0.5, 1, 2, 10, 50]
    if span > 8:
        return [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
    if span > 2.5:
        return [0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10]
    if span > 1.4:
        return [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2]
    return [0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2]


def round_step(raw: float) -> float:
    size = 10 ** math.floor(math.log10(raw))
    return float(next(m for m in (1, 2, 2.5, 5, 10) if m * size >= raw) * size)
