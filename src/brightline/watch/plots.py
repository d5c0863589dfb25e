"""A result drawn: the series, the fake dates, the event study, all specifications, the date of the change, the weights.

Every plot is drawn twice, for a page and for a phone, as static SVG, with a sentence for people who do not see it and
a table of its numbers. Dark, middle and light tell apart what colour tells, so grey print still says it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from brightline.drawing import (
    CHARACTER,
    EDGE,
    LINE,
    NARROW,
    SOFT,
    TEXT,
    WIDE,
    Plot,
    Row,
    count_axis,
    data,
    halo,
    moment,
    svg,
)
from brightline.watch.drawing import (
    AFTER,
    LIGHT,
    MIDDLE,
    MODEL,
    both,
    length,
    quantile,
    ratio_axis,
    round_step,
    time_format,
)
from brightline.watch.grid import Grid
from brightline.watch.result import Change, Estimate, Events, People, Placebos, Result, Weights
from brightline.watch.words import capital
from brightline.watch.words_page import (
    PAGE,
    count,
    decimal,
    figure,
    interval,
    level,
    many,
    named,
    noun,
    p_value,
    percent,
    ratio,
    said,
    say,
)

FEWEST = 8  # periods; with fewer a drawing would look like a trend and be none
_DATE_ALPHA = 0.05  # the interval of a date that the data show is not the plan's
_NAIVE_ALPHA = 0.05  # a plain model's usual promise, |z| > 1.96, by which `naive_rejects` is counted
FARTHEST = 60.0  # ratios beyond this (and below its inverse) end in an arrow


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


def figures(result: Result) -> list[Figure]:
    """Every figure that the result has numbers for, in the order in which a page shows them."""
    found = [
        series(result),
        forest(result),
        placebos(result.placebos, result) if result.placebos and result.placebos.z else None,
        *_events(result),
        *(
            posterior(n, change, result)
            for n, change in enumerate(nearest(result.changes, result.policy.day))
            if change.days
        ),
        weights(result.weights, result) if result.weights and result.weights.rows else None,
        tornado(result.exposure, result) if result.exposure and result.exposure.tornado else None,
    ]
    return [f for f in found if f is not None]


# --- the series -------------------------------------------------------------------------------


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


def _stretches(points: Sequence[Any]) -> list[list[Any]]:
    """Runs of periods with a count: no line is drawn over a gap."""
    found: list[list[Any]] = [[]]
    for p in points:
        if p.count is None:
            found.append([])
        else:
            found[-1].append(p)
    return [f for f in found if len(f) > 1]


# --- the specifications -----------------------------------------------------------------------


def forest(result: Result) -> Figure | None:
    """Every specification with its interval on one scale, the planned one first."""
    drawn = [e for e in result.forest if e.ratio is not None]
    if not drawn:
        return None
    lang = result.language
    sure = level(result.alpha, lang)
    columns = ["c_specification", "c_series", "c_ratio", "c_interval_of", "c_p", "c_made_by", "c_remark"]
    rows = [
        [
            e.words or e.name,
            e.series,
            ratio(e.ratio, lang),
            interval(e.low, e.high, lang),
            p_value(e.p, lang),
            e.method,
            e.note,
        ]
        for e in result.forest
    ]
    numeric = {2, 3, 4}
    if any(e.adjusted is not None for e in result.forest):
        columns.insert(5, "c_adjusted")
        numeric.add(5)
        for row, e in zip(rows, result.forest, strict=True):
            row.insert(5, p_value(e.adjusted, lang))
    grid = Grid(tuple(say(c, lang, level=sure) for c in columns), tuple(map(tuple, rows)), frozenset(numeric))
    axis = say("axis_times_share" if result.against else "axis_times", lang)
    ratios = [e.ratio for e in drawn if e.ratio is not None]
    left, right = forest_ends(drawn)
    beyond = any(v is not None and not left <= v <= right for e in drawn for v in (e.ratio, e.low, e.high))
    first = drawn[0]
    about = say(
        "forest_about", lang, n=count(len(drawn), lang), low=ratio(min(ratios), lang), high=ratio(max(ratios), lang)
    )
    if first.role == "primary":
        told = interval(first.low, first.high, lang)
        about = f"{say('forest_primary', lang, ratio=ratio(first.ratio, lang), interval=told)} {about}"
    return Figure(
        "forest",
        say("forest_many" if len(drawn) > 1 else "forest_one", lang),
        say("forest_how_share" if result.against else "forest_how", lang, level=sure),
        about,
        say("forest_arrow", lang) if beyond else "",
        both(lambda width: draw_forest(drawn, result.smallest_effect, width, lang, axis)),
        grid,
    )


def forest_ends(drawn: Sequence[Estimate], whole: bool = False) -> tuple[float, float]:
    """Wide enough for every estimate and for the planned interval, or for the whole of all; what is wider ends in an arrow."""
    wide = [v for e in drawn if whole or e.role == "primary" for v in (e.low, e.high)]
    ends = [v for v in [*wide, *(e.ratio for e in drawn)] if v is not None and math.isfinite(v)]
    return max(min([*ends, 0.85]) / 1.15, 1 / FARTHEST), min(max([*ends, 1.15]) * 1.15, FARTHEST)


def draw_forest(
    drawn: Sequence[Estimate], smallest: float | None, width: int, lang: str, axis: str, whole: bool = False
) -> str:
    """One bar for each estimate, its words above it. Only estimates that have a ratio can be drawn."""
    low, high = forest_ends(drawn, whole)
    bars: list[Row] = []
    labels: list[Row] = []
    top = 6
    for e in drawn:
        assert e.ratio is not None
        name = e.words or e.name
        of = f" ({e.series})" if e.series and e.role in ("control", "secondary") else ""
        text = f"{name}{of}: {ratio(e.ratio, lang)} ({interval(e.low, e.high, lang)})"
        lines = textwrap.wrap(text, int(width / CHARACTER)) or [text]
        labels.append({"y": top, "text": lines})
        top += 15 * len(lines) + 9
        inside = min(max(e.ratio, low), high)
        bars.append({
            "y": top, "x": inside, "role": "primary" if e.role == "primary" else "control" if e.role == "control" else "other",
            "low": min(max(e.low, low), high) if e.low is not None else inside,
            "high": min(max(e.high, low), high) if e.high is not None else inside,
            "over": e.high is not None and e.high > high, "under": e.low is not None and e.low < low,
        })  # fmt: skip
        top += 15
    height = top
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    x = alt.X("x:Q", title=axis, scale=scale, axis=ratio_axis(low, high))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False), axis=None)
    layers: list[alt.Chart] = [_at(1.0, scale, EDGE, 1.5, [])]
    if smallest and low < smallest < high and smallest != 1:
        layers.append(_at(smallest, scale, SOFT, 1.2, [4, 3]))
    for role, colour, thick in (("other", MODEL, 2.5), ("control", SOFT, 2.5), ("primary", AFTER, 5)):
        chosen = [b for b in bars if b["role"] == role]
        if not chosen:
            continue
        chosen_data = data(chosen)
        layers.append(
            alt.Chart(chosen_data)
            .mark_rule(color=colour, strokeWidth=thick)
            .encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y)
        )
        shape = {"primary": "diamond", "other": "circle", "control": "square"}[role]
        size = 170 if role == "primary" else 62
        layers.append(
            alt.Chart(chosen_data)
            .mark_point(shape=shape, filled=True, size=size, color=colour, opacity=1)
            .encode(x=x, y=y)
        )
        for side, key, pointing in (("over", "high", "triangle-right"), ("under", "low", "triangle-left")):
            beyond = [b for b in chosen if b[side]]
            if beyond:
                mark = alt.Chart(data(beyond)).mark_point(shape=pointing, filled=True, size=70, color=colour, opacity=1)
                layers.append(mark.encode(x=alt.X(f"{key}:Q", scale=scale), y=y))
    for style in halo("#ffffff", TEXT):
        mark = alt.Chart(data(labels)).mark_text(align="left", baseline="top", fontSize=12, lineHeight=15, **style)
        layers.append(mark.encode(x=alt.value(0), y=y, text="text:N"))
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


def _at(value: float, scale: alt.Scale, colour: str, thick: float, dash: list[int]) -> alt.Chart:
    """A rule at one value of x."""
    return (
        alt.Chart(data([{"x": value}]))
        .mark_rule(color=colour, strokeWidth=thick, strokeDash=dash)
        .encode(x=alt.X("x:Q", scale=scale))
    )


# --- fake dates and chance assignments --------------------------------------------------------


def placebos(found: Placebos, result: Result) -> Figure:
    """The changes at dates when nothing was decided, or for units that were not touched, and the real one among them."""
    lang, z, real = result.language, found.z, found.real
    by_date = len(found.days) == len(z)
    kind = "placebos_dates" if by_date else "placebos_units"
    low, high = decimal(min(z), lang, 1), decimal(max(z), lang, 1)
    about = say(f"{kind}_about", lang, n=count(len(z), lang), low=low, high=high)
    if real is not None:
        about = f"{about} {say('placebos_real', lang, real=decimal(real, lang, 1))}"
    naive = found.naive_rejects
    note = ""
    if naive is not None:
        note = say("placebos_naive", lang, share=percent(naive, lang), claimed=percent(_NAIVE_ALPHA, lang))
    if by_date:
        rows = [(named(d, result.period, lang), decimal(v, lang, 2)) for d, v in zip(found.days, z, strict=True)]
        day = result.first_after or result.policy.day
        if real is not None and day is not None:
            rows.append((say("real_row", lang, day=named(day, result.period, lang)), decimal(real, lang, 2)))
        grid = Grid((say("c_first_after", lang), say("c_change_se", lang)), tuple(rows), frozenset({1}))
    else:
        quantiles = _quantiles(z, lambda v: decimal(v, lang, 2), lang)
        grid = Grid((say("c_share_changes", lang), say("c_change", lang)), quantiles, frozenset({0, 1}))
    title = say("axis_se" if by_date else "axis_usual", lang)
    dotted = (-1.96, 1.96) if by_date else ()
    name = "real_date" if by_date else "real"
    return Figure(
        "placebos",
        say(kind, lang),
        say(f"{kind}_how", lang),
        about,
        note,
        both(lambda width: _histogram(z, real, width, title, dotted, name, lang)),
        grid,
    )


def _quantiles(values: Sequence[float], written: Callable[[float], str], lang: str) -> tuple[tuple[str, str], ...]:
    shares = (0.0, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 1.0)
    return tuple((f"{figure(100 * q, lang)}\N{NO-BREAK SPACE}%", written(quantile(values, q))) for q in shares)


def _histogram(
    values: Sequence[float], real: float | None, width: int, title: str, dotted: Sequence[float], name: str, lang: str
) -> str:
    height = 190 if width == WIDE else 170
    ends = [*values, *dotted, *([real] if real is not None else [])]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or 1.0
    low, high = low - room, high + room
    bins = min(max(round(math.sqrt(len(values)) * 2.2), 8), 40)
    span = max(values) - min(values) or 1.0
    wide = round_step(span / bins)
    counted: dict[int, int] = {}
    for v in values:
        counted[math.floor(v / wide)] = counted.get(math.floor(v / wide), 0) + 1
    bars = [{"x": k * wide, "x2": (k + 1) * wide, "n": n} for k, n in sorted(counted.items())]
    low, high = min(low, bars[0]["x"]), max(high, bars[-1]["x2"])
    scale = alt.Scale(domain=[low, high], nice=False)
    x = alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(grid=False, tickCount=6, domainColor=EDGE, tickColor=EDGE))
    tallest = max(counted.values())
    y = alt.Y(
        "n:Q",
        title=say("axis_how_many", lang),
        scale=alt.Scale(domain=[0, tallest * 1.15], nice=False),
        axis=count_axis(tallest),
    )
    layers: list[alt.Chart] = [
        alt.Chart(data(bars))
        .mark_rect(color=MIDDLE, stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="x2:Q", y=y, y2=alt.datum(0))
    ]
    layers += [_at(d, scale, SOFT, 1.3, [2, 3]) for d in dotted]
    if real is not None:
        layers.append(_at(real, scale, AFTER, 4, []))
        right = (real - low) / (high - low) < 0.72
        label = [{"x": real, "text": say(name, lang, value=figure(real, lang))}]
        for style in halo("#ffffff", AFTER):
            mark = alt.Chart(data(label)).mark_text(
                align="left" if right else "right",
                dx=8 if right else -8,
                baseline="top",
                fontSize=12,
                fontWeight="bold",
                **style,
            )
            layers.append(mark.encode(x=alt.X("x:Q", scale=scale), y=alt.value(2), text="text:N"))
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


# --- the event study --------------------------------------------------------------------------


def _events(result: Result) -> list[Figure]:
    e = result.events
    if e is None:
        return []
    found = []
    if e.points:
        found.append(event_study(e, result))
    if e.fan:
        found.append(fan(e, result))
    shown = result.placebos is not None and not result.placebos.days  # the same draws, drawn already
    if len(e.randomised) >= FEWEST and not shown:
        found.append(randomised(e, result))
    return found


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
        _at(-0.5, scale, TEXT, 1.5, [5, 3]),
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
        layers.append(_at(e.breakdown, alt.Scale(), AFTER, 2, [5, 3]))
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


def randomised(e: Events, result: Result) -> Figure:
    """The real ratio among those that other units, or other dates, would have had."""
    lang, values = result.language, e.randomised
    # the planned estimate may be of another kind than the one that was drawn by chance
    of_it = next((one for one in result.forest if one.name == "ppml_event_study"), result.primary)
    real = of_it.ratio if of_it else None
    low, high = ratio(min(values), lang), ratio(max(values), lang)
    about = say("randomised_about", lang, n=count(len(values), lang), low=low, high=high)
    if real is not None:
        about = f"{about} {say('placebos_real', lang, real=ratio(real, lang))}"
    p = e.randomised_p
    share = percent(p, lang, 0 if p is None or p >= 0.1 else 1 if p >= 0.01 else 2)
    return Figure(
        "randomised",
        say("placebos_units", lang),
        say("randomised_how", lang),
        about,
        say("randomised_p", lang, share=share) if p is not None else "",
        both(lambda width: _histogram(values, real, width, say("axis_ratio", lang), (), "real", lang)),
        Grid(
            (say("c_share_ratios", lang), say("c_ratio", lang)),
            _quantiles(values, lambda v: ratio(v, lang), lang),
            frozenset({0, 1}),
        ),
    )


# --- when, compared with what, how many -------------------------------------------------------


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


def weights(found: Weights, result: Result) -> Figure:
    """What the treated was compared with, heaviest first."""
    lang = result.language
    rows = tuple((w.unit, decimal(w.weight, lang, 3)) for w in found.rows)
    heaviest = found.rows[0]
    n, equal = count(len(rows), lang), decimal(found.effective_controls, lang, 1)
    note = say("weights_note", lang, equal=equal, method=found.method)
    bars = [(w.unit, 0.0, w.weight, percent(w.weight, lang)) for w in found.rows[:10]]
    return Figure(
        "weights",
        say("weights", lang),
        say("weights_how", lang),
        say("weights_about", lang, n=n, heaviest=heaviest.unit, share=percent(heaviest.weight, lang), equal=equal),
        f"{note} {say('weights_ten', lang, n=n)}" if len(rows) > 10 else note,
        both(lambda width: _bars(bars, say("axis_share", lang), width, 0.0, lang)),
        Grid((say("c_against", lang), say("c_weight", lang)), rows, frozenset({1})),
    )


def tornado(found: People, result: Result) -> Figure:
    """Which factor of the chain moves the number of people most."""
    lang = result.language

    def span(one: float, other: float, written: Callable[[float, str], str] = count) -> str:
        return say("to", lang, low=written(one, lang), high=written(other, lang))

    rows = tuple((b.factor, span(b.low, b.high, figure), span(b.at_low, b.at_high), b.source) for b in found.tornado)
    ends = [(b.factor, min(b.at_low, b.at_high), max(b.at_low, b.at_high)) for b in found.tornado]
    bars = [(factor, low, high, span(low, high)) for factor, low, high in ends]
    return Figure(
        "tornado",
        say("tornado", lang),
        say("tornado_how", lang),
        say(
            "tornado_about",
            lang,
            low=count(found.low, lang),
            high=count(found.high, lang),
            factor=found.tornado[0].factor,
        ),
        say("tornado_note", lang),
        both(lambda width: _bars(bars, say("axis_people", lang), width, found.middle, lang)),
        Grid(tuple(say(f"c_{c}", lang) for c in ("factor", "range", "people", "source")), rows, frozenset({1, 2})),
    )


def _bars(rows: Sequence[tuple[str, float, float, str]], title: str, width: int, line: float, lang: str) -> str:
    """Horizontal bars from a low to a high end, each under its name."""
    longest = max(high for _, _, high, _ in rows) or 1.0
    labels, bars, top = [], [], 0
    for name, low, high, told in rows:
        lines = textwrap.wrap(f"{name}: {told}", int(width / CHARACTER)) or [name]
        labels.append({"y": top, "text": lines})
        top += 15 * len(lines) + 3
        bars.append({"x": low, "x2": high, "y": top, "y2": top + 14})
        top += 14 + 12
    scale = alt.Scale(domain=[0, longest * 1.02], nice=False)
    axis = alt.Axis(
        tickCount=5, gridColor=LINE, domain=False, tickSize=0, labelPadding=6, format="~s" if longest > 5 else ".0%"
    )
    x = alt.X("x:Q", title=title, scale=scale, axis=axis)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, top], range=[0, top], nice=False, zero=False), axis=None)
    layers: list[alt.Chart] = [
        alt.Chart(data(bars))
        .mark_rect(color=MODEL, stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q")
    ]
    if line:
        layers.append(_at(line, scale, AFTER, 1.5, [4, 3]))
    for style in halo("#ffffff", TEXT):
        mark = alt.Chart(data(labels)).mark_text(align="left", baseline="top", fontSize=12, lineHeight=15, **style)
        layers.append(mark.encode(x=alt.value(0), y=y, text="text:N"))
    return svg(alt.layer(*layers).properties(width=width, height=top), lang)
