"""The counts period by period, with what the earlier level and trend would have given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from brightline.drawing import EDGE, NARROW, TEXT, WIDE, Row, count_axis, data, moment, svg
from brightline.watch.drawing import (
    AFTER,
    FEWEST,
    LIGHT,
    MODEL,
    Figure,
    both,
    length,
    quantile,
    time_format,
    upright_rule,
)
from brightline.watch.grid import Grid
from brightline.watch.result import Result
from brightline.watch.words import capital
from brightline.watch.words_page import PAGE, count, named, noun, said, say


def series(result: Result) -> Figure | None:
    """Counts by period, with what the earlier level and trend would have given, and its band."""
    seen = [p for p in result.points if p.count is not None]
    if not seen:
        return None
    lang = result.language
    expected = [p for p in result.points if p.expected is not None]
    noted = [p for p in result.points if p.note]
    what = capital(what_of(result))
    parts = [say("dots", lang)]
    if expected:
        parts.append(say("steps_band" if any(p.low is not None for p in expected) else "steps", lang))
    if result.policy.day:
        parts.append(say("upright", lang, policy=result.policy.name, day=said(result.policy.day, lang)))
    if noted:
        parts.append(say("crosses", lang))
    before = [p.count for p in seen if not p.after and p.count is not None]
    after = [p.count for p in seen if p.after and p.count is not None]
    first, last = (named(p.day, result.period, lang) for p in (seen[0], seen[-1]))
    about = [say("series_from", lang, what=what, first=first, last=last)]
    for key, counts in (("series_before", before), ("series_after", after)):
        if counts:
            low, middle, high = (count(v, lang) for v in (min(counts), quantile(counts, 0.5), max(counts)))
            about.append(say(key, lang, middle=middle, low=low, high=high))
    if expected:
        about.append(say("series_end", lang, n=count(expected[-1].expected, lang)))
    few = len(seen) < FEWEST
    notes = [say("too_few", lang)] if few else []
    if result.definition_days:
        days = "; ".join(f"{said(d, lang)} ({w})" for d, w in result.definition_days)
        notes.append(say("series_definition", lang, days=days))
    grid = Grid(
        tuple(say(f"c_{c}", lang) for c in ("period", "counted", "expected", "lowest", "highest", "remark")),
        tuple(
            (p.day.isoformat(), *(count(v, lang) for v in (p.count, p.expected, p.low, p.high)), remark(p.note, lang))
            for p in result.points
        ),
        frozenset({1, 2, 3, 4}),
    )
    plot = None if few else both(lambda width: _series(result, width))
    return Figure("series", what, " ".join(parts), " ".join(about), " ".join(notes), plot, grid)


def what_of(result: Result) -> str:
    """What is counted, how often and where."""
    period = noun(result.period, result.language)
    key = "what" if result.place else "what_no_place"
    return say(key, result.language, counted=result.counted, period=period, place=result.place)


def remark(note: str, language: str) -> str:
    """Why a period is to be read with care; what is no word of ours stays as it is."""
    key = f"note_{note}"
    return say(key, language) if key in PAGE else note


def _series(result: Result, width: int) -> str:
    lang = result.language
    height = 270 if width == WIDE else 230
    points = result.points
    counts = [p.count for p in points if p.count is not None]
    top = max(counts)
    highs = [p.high for p in points if p.high is not None]
    expected = [p.expected for p in points if p.expected is not None]
    top = max([top, *(min(h, 1.6 * top) for h in highs), *(min(e, 1.6 * top) for e in expected)]) * 1.06
    first, last = points[0].day, points[-1].day + length(result.period)
    x_scale = alt.Scale(domain=[moment(first), moment(last)], nice=False)
    every = 4 if width == NARROW else 8
    axis = alt.Axis(
        tickCount=every, grid=False, domainColor=EDGE, tickColor=EDGE, labelPadding=5, format=time_format(first, last)
    )
    x = alt.X("at:T", title=None, scale=x_scale, axis=axis)
    scale = alt.Scale(domain=[0, top], nice=False, clamp=True)
    y = alt.Y(
        "y:Q", title=say("counted_each", lang, period=noun(result.period, lang)), scale=scale, axis=count_axis(top)
    )
    half = length(result.period) / 2

    def rows(key: str, chosen: Iterable[Any]) -> list[Row]:
        return [{"at": moment(p.day, half), "y": getattr(p, key)} for p in chosen if getattr(p, key) is not None]

    layers: list[alt.Chart] = []
    ends = [*(moment(p.day) for p in points[1:]), moment(last)]
    band = [
        {"at": moment(p.day), "to": end, "y": min(max(p.low, 0.0), top), "y2": min(p.high, top)}
        for p, end in zip(points, ends, strict=True)
        if p.low is not None and p.high is not None
    ]
    if band:  # a block for each period, so that the band of one period alone is seen too
        layers.append(alt.Chart(data(band)).mark_rect(color=LIGHT).encode(x=x, x2="to:T", y=y, y2="y2:Q"))
    line = rows("count", points)
    for stretch in _stretches(points):
        drawn = rows("count", stretch)
        layers.append(alt.Chart(data(drawn)).mark_line(color="#b9b5ab", strokeWidth=1).encode(x=x, y=y))
    fitted = rows("fitted", [p for p in points if not p.after])
    if fitted:
        layers.append(alt.Chart(data(fitted)).mark_line(color=MODEL, strokeWidth=1.3).encode(x=x, y=y))
    gone_on = [
        {"at": moment(p.day), "to": end, "y": min(p.expected, top)}
        for p, end in zip(points, ends, strict=True)
        if p.expected is not None
    ]
    if gone_on:
        layers.append(alt.Chart(data(gone_on)).mark_rule(color=MODEL, strokeWidth=2.2).encode(x=x, x2="to:T", y=y))
    small = len(line) > width / 5
    size = 9 if small else 26
    plain = [p for p in points if not p.note]
    if before := rows("count", [p for p in plain if not p.after]):
        mark = alt.Chart(data(before)).mark_point(
            shape="circle",
            size=size,
            filled=small,
            fill=EDGE if small else "#ffffff",
            color=EDGE,
            opacity=1,
            strokeWidth=1.1,
        )
        layers.append(mark.encode(x=x, y=y))
    if after := rows("count", [p for p in plain if p.after]):
        mark = alt.Chart(data(after)).mark_point(shape="circle", size=size * 1.7, filled=True, color=AFTER, opacity=1)
        layers.append(mark.encode(x=x, y=y))
    if marked := rows("count", [p for p in points if p.note]):
        mark = alt.Chart(data(marked)).mark_point(shape="cross", size=40, filled=True, angle=45, color=TEXT, opacity=1)
        layers.append(mark.encode(x=x, y=y))
    days = (last - first).days
    upright = [(d, say("counted_otherwise", lang), [2, 3]) for d, _ in result.definition_days if first < d < last]
    if result.policy.day and first < result.policy.day < last:
        upright.append((result.policy.day, f"{said(result.policy.day, lang)}: {result.policy.name}", [5, 3]))
    for n, (day, text, dash) in enumerate(upright):
        layers += upright_rule(n, day, text, dash, first, days, width, height)
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


def _stretches(points: Sequence[Any]) -> list[list[Any]]:
    """Runs of periods with a count: no line is drawn over a gap."""
    found: list[list[Any]] = [[]]
    for p in points:
        if p.count is None:
            found.append([])
        else:
            found[-1].append(p)
    return [f for f in found if len(f) > 1]
