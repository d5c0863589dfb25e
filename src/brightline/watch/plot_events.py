"""The event study: ratios by block around the event, and how much drift would undo the result."""

from __future__ import annotations

import math

import altair as alt

from brightline.drawing import EDGE, NARROW, TEXT, WIDE, data, svg
from brightline.watch.drawing import AFTER, FARTHEST, LIGHT, MODEL, Figure, both, ratio_axis, rule_at
from brightline.watch.grid import Grid
from brightline.watch.result import Events, Result
from brightline.watch.words import capital
from brightline.watch.words_page import figure, interval, level, many, ratio, say


def event_study(e: Events, result: Result) -> Figure:
    """Ratios by block, relative to the last block before the event."""
    lang = result.language
    sure = level(result.alpha, lang)
    off = [p for p in e.points if p.band_low > 1 or p.band_high < 1]
    before = [p for p in e.points if p.at < 0]
    who = capital(e.words.rstrip("."))
    rows = tuple(
        (
            figure(p.at, lang),
            ratio(p.ratio, lang),
            interval(p.low, p.high, lang),
            interval(p.band_low, p.band_high, lang),
        )
        for p in e.points
    )
    block = many(e.periods_in_block, result.period, lang)
    columns = ("c_block", "c_ratio", "c_alone", "c_together")
    return Figure(
        "events",
        say("events", lang),
        say("events_how", lang, who=who, block=block, level=sure),
        say("events_about", lang, who=who, before=len(before), after=len(e.points) - len(before), out=len(off)),
        say("events_off" if any(p.at < 0 for p in off) else "events_on", lang),
        both(lambda width: _event_study(e, block, width, lang)),
        Grid(tuple(say(c, lang, level=sure) for c in columns), rows, frozenset({0, 1, 2, 3})),
    )


def _event_study(e: Events, block: str, width: int, lang: str) -> str:
    height = 240 if width == WIDE else 210
    rows = [
        {"x": p.at, "y": p.ratio, "low": p.low, "high": p.high, "bl": p.band_low, "bh": p.band_high, "after": p.at >= 0}
        for p in e.points
    ]
    ends = [v for r in rows for v in (r["bl"], r["bh"], r["y"]) if math.isfinite(v) and v > 0]
    low, high = max(min([*ends, 0.9]) / 1.04, 1 / FARTHEST), min(max([*ends, 1.1]) * 1.04, FARTHEST)
    for r in rows:
        for key in ("low", "high", "bl", "bh", "y"):
            r[key] = min(max(r[key], low), high)
    ats = [r["x"] for r in rows]
    scale = alt.Scale(domain=[min(ats) - 0.7, max([*ats, 0]) + 0.7], nice=False)
    step = max(1, math.ceil(len(rows) / (width / 34)))
    ticks = [a for a in range(math.floor(min(ats)), math.ceil(max(ats)) + 1) if a % step == 0]
    x = alt.X("x:Q", title=say("axis_blocks", lang, block=block), scale=scale,
              axis=alt.Axis(values=ticks, format="d", grid=False, domainColor=EDGE, tickColor=EDGE))  # fmt: skip
    vertical = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = ratio_axis(low, high)  # fmt: skip
    y = alt.Y("y:Q", title=say("axis_to_before", lang), scale=vertical, axis=axis)
    bar = max(min(width / max(len(rows), 1) * 0.5, 12), 3)
    one = alt.Chart(data([{"y": 1}])).mark_rule(color=EDGE, strokeWidth=1.5).encode(y=alt.Y("y:Q", scale=vertical))
    told = data(rows)
    low_y = alt.Y("bl:Q", scale=vertical)
    layers = [
        alt.Chart(told).mark_bar(color=LIGHT, width=bar).encode(x=x, y=low_y, y2="bh:Q"),
        one,
        rule_at(-0.5, scale, TEXT, 1.5, [5, 3]),
        alt.Chart(data([{"x": -1, "y": 1}]))
        .mark_point(shape="circle", size=60, fill="#ffffff", color=EDGE, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(told).mark_rule(color=MODEL, strokeWidth=2.5).encode(x=x, y=alt.Y("low:Q", scale=vertical), y2="high:Q"),
        alt.Chart(told)
        .mark_point(filled=True, size=60, opacity=1)
        .encode(x=x, y=y, color=alt.condition("datum.after", alt.value(AFTER), alt.value(EDGE)),
                shape=alt.condition("datum.after", alt.value("diamond"), alt.value("circle"))),
    ]  # fmt: skip
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


def fan(e: Events, result: Result) -> Figure:
    """How the interval opens as other things may move the comparison more and more."""
    lang = result.language
    sure = level(result.alpha, lang)
    rows = tuple(
        (figure(f.mbar, lang), interval(f.low, f.high, lang), say("yes" if f.low <= 1 <= f.high else "no", lang))
        for f in e.fan
    )
    if e.breakdown is None:
        breaks = say("fan_never", lang)
    elif e.breakdown == 0:
        breaks = say("fan_at_once", lang)
    else:
        breaks = say("fan_from", lang, mbar=figure(e.breakdown, lang, 2))
    first, last = rows[0], rows[-1]
    return Figure(
        "fan",
        say("fan", lang),
        say("fan_how", lang),
        say(
            "fan_about",
            lang,
            breaks=breaks,
            first=first[0],
            first_interval=first[1],
            last=last[0],
            last_interval=last[1],
        ),
        breaks,
        both(lambda width: _fan(e, sure, width, lang)),
        Grid(
            tuple(say(c, lang, level=sure) for c in ("c_drift", "c_interval_of", "c_holds_one")),
            rows,
            frozenset({0, 1}),
        ),
    )


def _fan(e: Events, sure: str, width: int, lang: str) -> str:
    height = 190 if width == WIDE else 170
    ends = [v for f in e.fan for v in (f.low, f.high) if math.isfinite(v) and v > 0]
    low, high = max(min([*ends, 0.9]) / 1.04, 1 / FARTHEST), min(max([*ends, 1.1]) * 1.04, FARTHEST)
    rows = [{"x": f.mbar, "y": min(max(f.low, low), high), "y2": min(max(f.high, low), high)} for f in e.fan]
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = ratio_axis(low, high)  # fmt: skip
    title = say("axis_drift_short" if width == NARROW else "axis_drift", lang)
    x = alt.X("x:Q", title=title,
              axis=alt.Axis(grid=False, tickCount=5, domainColor=EDGE, tickColor=EDGE))  # fmt: skip
    y = alt.Y("y:Q", title=say("axis_ratio_interval", lang, level=sure), scale=scale, axis=axis)
    told = data(rows)
    layers = [
        alt.Chart(told).mark_area(color=LIGHT, line=False).encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(told).mark_rule(color=MODEL, strokeWidth=2.5).encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(data([{"y": 1}])).mark_rule(color=EDGE, strokeWidth=1.5).encode(y=alt.Y("y:Q", scale=scale)),
    ]
    if e.breakdown and rows[0]["x"] < e.breakdown < rows[-1]["x"]:
        layers.append(rule_at(e.breakdown, alt.Scale(), AFTER, 2, [5, 3]))
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)
