"""What the plots of the watch share beside `brightline.drawing`: their colours, scales of ratios, lengths of periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt

from brightline.drawing import CHARACTER, LINE, NARROW, TEXT, WIDE, Plot, data, moment
from brightline.watch.grid import Grid

FEWEST = 8  # periods; with fewer a drawing would look like a trend and be none
FARTHEST = 60.0  # ratios beyond this (and below its inverse) end in an arrow
AFTER, MODEL, LIGHT, MIDDLE = "#7b1430", "#1f659c", "#d3e3ec", "#9fc0d3"


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot with its words and its numbers. `plot` is None where the numbers are too few to draw."""

    name: str
    title: str
    subtitle: str
    alt: str
    note: str
    plot: Plot | None
    grid: Grid


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


def upright_rule(
    n: int, day: date, text: str, dash: list[int], first: date, days: int, width: int, height: int
) -> list[alt.Chart]:
    """A rule on a day, with its label above the plot."""
    top = -10 - 16 * n
    at = width * (day - first).days / days
    if len(text) * CHARACTER > max(at, width - at) - 6:
        text = text[: max(int((max(at, width - at) - 6) / CHARACTER) - 1, 6)].rstrip(" ,:") + "…"
    right = at + 6 + len(text) * CHARACTER <= width
    mark = [{"at": moment(day), "text": text}]
    return [
        alt.Chart(data(mark))
        .mark_rule(color=TEXT, strokeWidth=1.5, strokeDash=dash)
        .encode(x="at:T", y=alt.value(top - 6), y2=alt.value(height)),
        alt.Chart(data(mark))
        .mark_text(
            align="left" if right else "right", dx=5 if right else -5, baseline="middle", fontSize=12, color=TEXT
        )
        .encode(x="at:T", y=alt.value(top), text="text:N"),
    ]


def rule_at(value: float, scale: alt.Scale, colour: str, thick: float, dash: list[int]) -> alt.Chart:
    """A rule at one value of x."""
    return (
        alt.Chart(data([{"x": value}]))
        .mark_rule(color=colour, strokeWidth=thick, strokeDash=dash)
        .encode(x=alt.X("x:Q", scale=scale))
    )
