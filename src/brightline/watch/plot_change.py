"""When a level changed by the data alone: with which probability in each period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt

from brightline.drawing import EDGE, LINE, NARROW, data, moment, svg
from brightline.watch.drawing import MODEL, Figure, both, length, time_format, upright_rule
from brightline.watch.grid import Grid
from brightline.watch.result import Change, Result
from brightline.watch.words_page import count, level, named, noun, percent, said, say

_DATE_ALPHA = 0.05  # the interval of a date that the data show is not the plan's


def nearest(changes: Sequence[Change], day: date | None, most: int = 2) -> list[Change]:
    """The changes nearest to the policy's day (or the last ones), in order of time."""
    if day is None:
        return list(changes[-most:])
    return sorted(sorted(changes, key=lambda c: abs((c.mode - day).days))[:most], key=lambda c: c.mode)


def posterior(n: int, change: Change, result: Result) -> Figure:
    """With which probability the change began in each period."""
    lang = result.language
    kept = _window(change)
    rows = tuple((d.isoformat(), percent(p, lang, 1)) for d, p in kept if p >= 0.0005)
    day, low, high = (named(d, result.period, lang) for d in (change.mode, change.low, change.high))
    parts = {
        "period": noun(result.period, lang), "day": day, "low": low, "high": high, "level": level(_DATE_ALPHA, lang),
        "before": count(change.before, lang), "after": count(change.after, lang),
    }  # fmt: skip
    note = say("date_note", lang, **parts)
    return Figure(
        f"date-{n + 1}",
        say("date", lang, **parts),
        say("date_how", lang, **parts),
        say("date_about", lang, **parts),
        f"{note} {say('date_drift', lang)}" if result.drift else note,
        both(lambda width: _posterior(kept, result, width)),
        Grid((say("c_first_new", lang), say("c_probability", lang)), rows, frozenset({1})),
    )


def _window(change: Change) -> list[tuple[date, float]]:
    """The days around the interval: as many again on each side, at least six."""
    pairs = list(zip(change.days, change.probability, strict=True))
    inside = [i for i, (d, _) in enumerate(pairs) if change.low <= d <= change.high]
    if not inside:
        return pairs
    room = max(len(inside), 6)
    return pairs[max(inside[0] - room, 0) : inside[-1] + room + 1]


def _posterior(kept: Sequence[tuple[date, float]], result: Result, width: int) -> str:
    lang = result.language
    height = 130
    long = length(result.period)
    gap = long * 0.08
    bars = [{"x": moment(d, gap), "x2": moment(d, long - gap), "p": p} for d, p in kept]
    first, last = kept[0][0], kept[-1][0] + long
    scale = alt.Scale(domain=[moment(first), moment(last)], nice=False)
    ticks = min(len(kept), 4 if width == NARROW else 8)
    x = alt.X("x:T", title=None, scale=scale,
              axis=alt.Axis(tickCount=ticks, grid=False, domainColor=EDGE, tickColor=EDGE, format=time_format(first, last)))  # fmt: skip
    top = max(p for _, p in kept)
    y = alt.Y("p:Q", title=say("axis_probability", lang), scale=alt.Scale(domain=[0, top * 1.1], nice=False),
              axis=alt.Axis(format=".0%", tickCount=3, gridColor=LINE, domain=False, tickSize=0, labelPadding=6))  # fmt: skip
    layers: list[alt.Chart] = [
        alt.Chart(data(bars))
        .mark_rect(color=MODEL, stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="x2:T", y=y, y2=alt.datum(0))
    ]
    if result.policy.day and first < result.policy.day < last:
        layers += upright_rule(0, result.policy.day, f"{said(result.policy.day, lang)}: {result.policy.name}", [5, 3], first,
                           (last - first).days, width, height)  # fmt: skip
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)
