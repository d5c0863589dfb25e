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

from brightline.watch.drawing import (
    AFTER,
    CHARACTER,
    EDGE,
    LIGHT,
    LINE,
    MIDDLE,
    MODEL,
    NARROW,
    SOFT,
    TEXT,
    WIDE,
    Plot,
    Row,
    both,
    count_axis,
    data,
    halo,
    length,
    middle_of,
    moment,
    named,
    number,
    p_value,
    percent,
    quantile,
    ratio,
    ratio_axis,
    round_step,
    said,
    sentence_case,
    svg,
    time_format,
)
from brightline.watch.result import Change, Estimate, Events, People, Placebos, Result, Weights

FEWEST = 8  # periods; with fewer a drawing would look like a trend and be none
FARTHEST = 60.0  # ratios beyond this (and below its inverse) end in an arrow


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers of a plot. Columns in `numeric` stand to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


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
        weights(result.weights) if result.weights and result.weights.rows else None,
        tornado(result.exposure) if result.exposure and result.exposure.tornado else None,
    ]
    return [f for f in found if f is not None]


# --- the series -------------------------------------------------------------------------------


def series(result: Result) -> Figure | None:
    """Counts by period, with what the earlier level and trend would have given, and its band."""
    seen = [p for p in result.points if p.count is not None]
    if not seen:
        return None
    expected = [p for p in result.points if p.expected is not None]
    noted = [p for p in result.points if p.note]
    what = sentence_case(f"{result.counted} by {result.period}, {result.place}")
    parts = ["Dots: what was counted."]
    if expected:
        parts.append(
            "Steps with band: what would have come if the earlier level and trend had gone on"
            + (", and the range that chance allows." if any(p.low is not None for p in expected) else ".")
        )
    if result.policy.day:
        parts.append(f"Upright line: {result.policy.name}, {said(result.policy.day)}.")
    if noted:
        parts.append("Crosses: counts that are not used, or are to be read with care (see the table).")
    before = [p.count for p in seen if not p.after and p.count is not None]
    after = [p.count for p in seen if p.after and p.count is not None]
    about = f"{what}, {named(seen[0].day, result.period)} to {named(seen[-1].day, result.period)}."
    if before:
        about += f" Before: {middle_of(before)} in a middle {result.period}, from {number(min(before))} to {number(max(before))}."
    if after:
        about += f" After: {middle_of(after)}, from {number(min(after))} to {number(max(after))}."
    if expected and expected[-1].expected is not None:
        about += f" At the end {number(expected[-1].expected)} would have been expected."
    few = len(seen) < FEWEST
    note = "; ".join(f"{said(d)}: {w}" for d, w in result.definition_days)
    note = f"Counted in another way from {note}." if note else ""
    if few:
        note = "Too few periods to draw: a few bars side by side look like a trend and are none. " + note
    grid = Grid(
        ("Period", "Counted", "Expected", "Lowest", "Highest", "Remark"),
        tuple(
            (p.day.isoformat(), number(p.count), number(p.expected), number(p.low), number(p.high), p.note)
            for p in result.points
        ),
        frozenset({1, 2, 3, 4}),
    )
    plot = None if few else both(lambda width: _series(result, width))
    return Figure("series", what, " ".join(parts), about, note.strip(), plot, grid)


def _series(result: Result, width: int) -> str:
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
    y = alt.Y("y:Q", title=f"counted each {result.period}", scale=scale, axis=count_axis(top))
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
    upright = [(d, "counted in another way", [2, 3]) for d, _ in result.definition_days if first < d < last]
    if result.policy.day and first < result.policy.day < last:
        upright.append((result.policy.day, f"{said(result.policy.day)}: {result.policy.name}", [5, 3]))
    for n, (day, text, dash) in enumerate(upright):
        layers += _upright(n, day, text, dash, first, days, width, height)
    return svg(alt.layer(*layers).properties(width=width, height=height))


def _upright(
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
    rows = tuple(
        (e.words or e.name, e.series, ratio(e.ratio), _interval(e), p_value(e.p), e.method, e.note)
        for e in result.forest
    )
    grid = Grid(
        ("Specification", "Series", "Ratio", "95 % interval", "p", "Interval made by", "Remark"),
        rows,
        frozenset({2, 3, 4}),
    )
    others = [e.ratio for e in drawn if e.ratio is not None]
    left, right = _forest_ends(drawn)
    beyond = any(v is not None and not left <= v <= right for e in drawn for v in (e.ratio, e.low, e.high))
    first = drawn[0]
    about = (
        f"The planned analysis gives {ratio(first.ratio)} times ({_interval(first)}). "
        if first.role == "primary"
        else ""
    )
    about += f"{len(drawn)} specifications, from {ratio(min(others))} to {ratio(max(others))} times."
    return Figure(
        "forest",
        "The same question, asked in several ways" if len(drawn) > 1 else "The answer with its interval",
        "Dot: how many times the earlier level. Bar: the 95 % interval. A bar that crosses 1 shows no clear change.",
        about,
        "An arrow: the interval goes on beyond the drawing. Its ends are in the words above it." if beyond else "",
        both(lambda width: _forest(drawn, result.smallest_effect, width)),
        grid,
    )


def _forest_ends(drawn: Sequence[Estimate]) -> tuple[float, float]:
    """Wide enough for every estimate and for the planned interval; a wider interval ends in an arrow."""
    ends = [e.ratio for e in drawn if e.ratio is not None and math.isfinite(e.ratio)]
    ends += [v for e in drawn if e.role == "primary" for v in (e.low, e.high) if v is not None and math.isfinite(v)]
    return max(min([*ends, 0.85]) / 1.15, 1 / FARTHEST), min(max([*ends, 1.15]) * 1.15, FARTHEST)


def _forest(drawn: Sequence[Estimate], smallest: float | None, width: int) -> str:
    low, high = _forest_ends(drawn)
    bars: list[Row] = []
    labels: list[Row] = []
    top = 6
    for e in drawn:
        assert e.ratio is not None
        name = e.words or e.name
        text = f"{name}{f' ({e.series})' if e.series and e.role in ('control', 'secondary') else ''}: {ratio(e.ratio)} ({_interval(e)})"
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
    axis = ratio_axis(low, high)
    x = alt.X("x:Q", title="times the earlier level", scale=scale, axis=axis)
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
    return svg(alt.layer(*layers).properties(width=width, height=height))


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
    z, real = found.z, found.real
    by_date = len(found.days) == len(z)
    which = "fake dates" if by_date else "chance choices of dates or places"
    about = f"{len(z)} {which}. The changes run from {min(z):.1f} to {max(z):.1f}"
    about += f"; the real one is {real:.1f}." if real is not None else "."
    naive = found.naive_rejects
    note = ""
    if naive is not None:
        note = f"At {percent(naive)} of them a plain model would have called a change; it claims 5 %."
    if by_date:
        rows = [(named(d, result.period), f"{v:.2f}") for d, v in zip(found.days, z, strict=True)]
        day = result.first_after or result.policy.day
        if real is not None and day is not None:
            rows.append((f"{named(day, result.period)} (real)", f"{real:.2f}"))
        grid = Grid(("First period after", "Change in standard errors"), tuple(rows), frozenset({1}))
    else:
        grid = Grid(("Share of chance changes below", "Change"), _quantiles(z, "{:.2f}".format), frozenset({0, 1}))
    title = "change, in the model's own standard errors" if by_date else "change, in units of the usual chance change"
    dotted = (-1.96, 1.96) if by_date else ()
    name = "real date" if by_date else "real"
    return Figure(
        "placebos",
        "The real date among fake dates" if by_date else "The real comparison among chance ones",
        (
            "Bars: the change that the same test finds at dates when nothing was decided. Thick line: the real date. "
            "Between the dotted lines a plain model would see no change."
            if by_date
            else "Bars: the change that the same test finds for other dates, or other places, chosen by chance. Thick line: "
            "the real one."
        ),
        about,
        note,
        both(lambda width: _histogram(z, real, width, title, dotted, name)),
        grid,
    )


def _quantiles(values: Sequence[float], written: Callable[[float], str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{q} %", written(quantile(values, q / 100))) for q in (0, 2.5, 10, 25, 50, 75, 90, 97.5, 100))


def _histogram(
    values: Sequence[float], real: float | None, width: int, title: str, dotted: Sequence[float], name: str
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
        "n:Q", title="how many", scale=alt.Scale(domain=[0, tallest * 1.15], nice=False), axis=count_axis(tallest)
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
        label = [{"x": real, "text": f"{name}: {real:.3g}"}]
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
    return svg(alt.layer(*layers).properties(width=width, height=height))


# --- the event study --------------------------------------------------------------------------


def _events(result: Result) -> list[Figure]:
    e = result.events
    if e is None:
        return []
    found = []
    if e.points:
        found.append(event_study(e, result))
    if e.fan:
        found.append(fan(e))
    shown = result.placebos is not None and not result.placebos.days  # the same draws, drawn already
    if len(e.randomised) >= FEWEST and not shown:
        found.append(randomised(e, result))
    return found


def event_study(e: Events, result: Result) -> Figure:
    """Ratios by block, relative to the last block before the event."""
    out = [p for p in e.points if p.band_low > 1 or p.band_high < 1]
    before = [p for p in e.points if p.at < 0]
    about = f"{e.words}. {len(before)} blocks before and {len(e.points) - len(before)} after. "
    about += (
        f"In {len(out)} of them the band for all together leaves 1 out." if out else "In all of them the band holds 1."
    )
    rows = tuple(
        (
            f"{p.at:g}",
            ratio(p.ratio),
            f"{ratio(p.low)} to {ratio(p.high)}",
            f"{ratio(p.band_low)} to {ratio(p.band_high)}",
        )
        for p in e.points
    )
    block = f"{e.periods_in_block} {result.period}{'s' if e.periods_in_block != 1 else ''}"
    return Figure(
        "events",
        "Step by step, before and after the date",
        f"{sentence_case(e.words.rstrip('.'))}. Each dot: the ratio in {block}, against the last {block} before (open dot). Thick bar: the 95 % interval of this dot alone. "
        "Light bar: a band for all dots together.",
        about,
        (
            "Some dots before the date lie clearly off 1: something moved before it. Then what moved after it says less."
            if any(p.band_low > 1 or p.band_high < 1 for p in before)
            else "Dots before the date should lie near 1. That they do is no proof that they would have stayed there."
        ),
        both(lambda width: _event_study(e, block, width)),
        Grid(("Block", "Ratio", "Alone, 95 %", "All together, 95 %"), rows, frozenset({0, 1, 2, 3})),
    )


def _event_study(e: Events, block: str, width: int) -> str:
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
    x = alt.X("x:Q", title=f"blocks of {block} from the date", scale=scale,
              axis=alt.Axis(values=ticks, format="d", grid=False, domainColor=EDGE, tickColor=EDGE))  # fmt: skip
    vertical = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = ratio_axis(low, high)  # fmt: skip
    y = alt.Y("y:Q", title="ratio to the block before", scale=vertical, axis=axis)
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
    return svg(alt.layer(*layers).properties(width=width, height=height))


def fan(e: Events) -> Figure:
    """How the interval opens as other things may move the comparison more and more."""
    rows = tuple(
        (f"{f.mbar:g}", f"{ratio(f.low)} to {ratio(f.high)}", "yes" if f.low <= 1 <= f.high else "no") for f in e.fan
    )
    if e.breakdown is None:
        breaks = "The interval leaves 1 out over the whole drawing."
    elif e.breakdown == 0:
        breaks = "Even if nothing else had moved, the interval holds 1: nothing can be told."
    else:
        breaks = f"From {e.breakdown:.2g} on, nothing can be told."
    return Figure(
        "fan",
        "How much drift would undo the finding?",
        "To the right, other things may move the comparison more: at 1, as much after the event as in the worst step before it.",
        f"{breaks} At {e.fan[0].mbar:g} the interval is {ratio(e.fan[0].low)} to {ratio(e.fan[0].high)}; at {e.fan[-1].mbar:g} it is "
        f"{ratio(e.fan[-1].low)} to {ratio(e.fan[-1].high)}.",
        breaks,
        both(lambda width: _fan(e, width)),
        Grid(("Drift allowed (Mbar)", "95 % interval", "Holds 1"), rows, frozenset({0, 1})),
    )


def _fan(e: Events, width: int) -> str:
    height = 190 if width == WIDE else 170
    ends = [v for f in e.fan for v in (f.low, f.high) if math.isfinite(v) and v > 0]
    low, high = max(min([*ends, 0.9]) / 1.04, 1 / FARTHEST), min(max([*ends, 1.1]) * 1.04, FARTHEST)
    rows = [{"x": f.mbar, "y": min(max(f.low, low), high), "y2": min(max(f.high, low), high)} for f in e.fan]
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = ratio_axis(low, high)  # fmt: skip
    x = alt.X("x:Q", title="drift allowed after, as a share of the drift before (Mbar)",
              axis=alt.Axis(grid=False, tickCount=5, domainColor=EDGE, tickColor=EDGE))  # fmt: skip
    if width == NARROW:
        x = x.title("drift allowed (Mbar)")
    y = alt.Y("y:Q", title="ratio, 95 % interval", scale=scale, axis=axis)
    told = data(rows)
    layers = [
        alt.Chart(told).mark_area(color=LIGHT, line=False).encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(told).mark_rule(color=MODEL, strokeWidth=2.5).encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(data([{"y": 1}])).mark_rule(color=EDGE, strokeWidth=1.5).encode(y=alt.Y("y:Q", scale=scale)),
    ]
    if e.breakdown and rows[0]["x"] < e.breakdown < rows[-1]["x"]:
        layers.append(_at(e.breakdown, alt.Scale(), AFTER, 2, [5, 3]))
    return svg(alt.layer(*layers).properties(width=width, height=height))


def randomised(e: Events, result: Result) -> Figure:
    """The real ratio among those that other units, or other dates, would have had."""
    values = e.randomised
    of_it = next((one for one in result.forest if one.name == "ppml_event_study"), result.primary)
    real = (
        of_it.ratio if of_it else None
    )  # the planned estimate may be of another kind than the one that was drawn by chance
    about = f"{len(values)} chance assignments, from {ratio(min(values))} to {ratio(max(values))} times"
    about += f"; the real one {ratio(real)}." if real is not None else "."
    rows = _quantiles(values, ratio)
    return Figure(
        "randomised",
        "The real comparison among chance ones",
        "Bars: the ratio for other dates, or other units, chosen by chance. Thick line: the real one.",
        about,
        f"So far out or farther: {percent(e.randomised_p, 0 if e.randomised_p >= 0.1 else 1)} of them."
        if e.randomised_p is not None
        else "",
        both(lambda width: _histogram(values, real, width, "ratio", (), "real")),
        Grid(("Share of chance ratios below", "Ratio"), rows, frozenset({0, 1})),
    )


# --- when, compared with what, how many -------------------------------------------------------


def nearest(changes: Sequence[Change], day: date | None, most: int = 2) -> list[Change]:
    """The changes nearest to the policy's day (or the last ones), in order of time."""
    if day is None:
        return list(changes[-most:])
    return sorted(sorted(changes, key=lambda c: abs((c.mode - day).days))[:most], key=lambda c: c.mode)


def posterior(n: int, change: Change, result: Result) -> Figure:
    """With which probability the change began in each period."""
    kept = _window(change)
    rows = tuple((d.isoformat(), percent(p, 1)) for d, p in kept if p >= 0.0005)
    return Figure(
        f"date-{n + 1}",
        f"When did the level change? Most likely {named(change.mode, result.period)}",
        f"Bars: how likely each {result.period} is to be the first with the new level. The data alone say this; no date was given.",
        f"The level went from {number(change.before)} to {number(change.after)} a {result.period}, most likely from {named(change.mode, result.period)} "
        f"on; with 95 % probability between {named(change.low, result.period)} and {named(change.high, result.period)}.",
        f"95 % of the probability: {named(change.low, result.period)} to {named(change.high, result.period)}. Level before {number(change.before)}, after "
        f"{number(change.after)} a {result.period}."
        + (" The level drifts, so the date may be an accident." if result.drift else ""),
        both(lambda width: _posterior(kept, result, width)),
        Grid(("First period of the new level", "Probability"), rows, frozenset({1})),
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
    y = alt.Y("p:Q", title="probability", scale=alt.Scale(domain=[0, top * 1.1], nice=False),
              axis=alt.Axis(format=".0%", tickCount=3, gridColor=LINE, domain=False, tickSize=0, labelPadding=6))  # fmt: skip
    layers: list[alt.Chart] = [
        alt.Chart(data(bars))
        .mark_rect(color=MODEL, stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="x2:T", y=y, y2=alt.datum(0))
    ]
    if result.policy.day and first < result.policy.day < last:
        layers += _upright(0, result.policy.day, f"{said(result.policy.day)}: {result.policy.name}", [5, 3], first,
                           (last - first).days, width, height)  # fmt: skip
    return svg(alt.layer(*layers).properties(width=width, height=height))


def weights(found: Weights) -> Figure:
    """What the treated was compared with, heaviest first."""
    rows = tuple((w.unit, f"{w.weight:.3f}") for w in found.rows)
    heaviest = found.rows[0]
    return Figure(
        "weights",
        "Compared with what?",
        "The share of each other place or series in the comparison.",
        f"{len(found.rows)} others carry weight; the heaviest is {heaviest.unit} with {percent(heaviest.weight)}. "
        f"They count as {found.effective_controls:.1f} of equal weight.",
        f"Counts as {found.effective_controls:.1f} controls of equal weight ({found.method})."
        + (f" The ten heaviest of {len(found.rows)}; the others are in the table." if len(found.rows) > 10 else ""),
        both(
            lambda width: _bars(
                [(w.unit, 0.0, w.weight, percent(w.weight)) for w in found.rows[:10]], "share", width, 0.0
            )
        ),
        Grid(("Compared with", "Weight"), rows, frozenset({1})),
    )


def tornado(found: People) -> Figure:
    """Which factor of the chain moves the number of people most."""
    rows = tuple(
        (b.factor, f"{b.low:g} to {b.high:g}", f"{number(b.at_low)} to {number(b.at_high)}", b.source)
        for b in found.tornado
    )
    bars = [
        (
            b.factor,
            min(b.at_low, b.at_high),
            max(b.at_low, b.at_high),
            f"{number(min(b.at_low, b.at_high))} to {number(max(b.at_low, b.at_high))}",
        )
        for b in found.tornado
    ]
    return Figure(
        "tornado",
        "Which unknown moves the number most?",
        "Bars: the number of people newly exposed if one factor is at its lowest and at its highest, the others in the middle.",
        f"{number(found.low)} to {number(found.high)} people. What moves this most: {found.tornado[0].factor}.",
        "Exposed to a contact; what followed is not counted here.",
        both(lambda width: _bars(bars, "people newly exposed", width, found.middle)),
        Grid(("Factor", "Range", "People", "Source"), rows, frozenset({1, 2})),
    )


def _bars(rows: Sequence[tuple[str, float, float, str]], title: str, width: int, line: float) -> str:
    """Horizontal bars from a low to a high end, each under its name."""
    longest = max(high for _, _, high, _ in rows) or 1.0
    labels, bars, top = [], [], 0
    for name, low, high, figure in rows:
        lines = textwrap.wrap(f"{name}: {figure}", int(width / CHARACTER)) or [name]
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
    return svg(alt.layer(*layers).properties(width=width, height=top))


# --- one interval -----------------------------------------------------------------------------


def _interval(e: Estimate) -> str:
    return f"{ratio(e.low)} to {ratio(e.high)}" if e.low is not None and e.high is not None else "no interval"
