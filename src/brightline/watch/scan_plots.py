"""A scan drawn: when levels changed, whether there is more than chance would give, and what moved most clearly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import altair as alt

from brightline.drawing import EDGE, LINE, NARROW, TEXT, WIDE, Row, data, moment, svg
from brightline.watch.drawing import AFTER, LIGHT, MIDDLE, Figure, both, round_step, time_format, upright_rule
from brightline.watch.grid import Grid
from brightline.watch.plot_forest import draw_forest, forest_ends
from brightline.watch.result import Estimate, Scan
from brightline.watch.scan_rows import ALPHA, direction
from brightline.watch.series import step
from brightline.watch.words_page import count, decimal, figure, interval, level, many, named, ratio, said, say

MOST_BARS = 75  # of one period each; more are put together
STRONGEST = 15  # series in the forest
_MANY, _MANY_SHARE = 8, 0.2  # series whose levels change in one bar: more than that is told
_CHANCE_FEWEST = 20  # tests; with fewer the bars say nothing


def scan_figures(scan: Scan) -> list[Figure]:
    """Every figure that the scan has numbers for, in the order in which the page shows them."""
    found = [when_changed(scan), more_than_chance(scan), clearest(scan)]
    return [f for f in found if f is not None]


# --- when -------------------------------------------------------------------------------------


def when_changed(scan: Scan) -> Figure | None:
    """The last change of each series in time: above the line those that rose, below it those that fell."""
    changed = [row for row in scan.rows if row.changes]
    if not changed:
        return None
    lang = scan.language
    starts, together = bins(scan)
    tally = {day: {"up": 0, "down": 0, "other": 0} for day in starts}
    for row in changed:
        tally[max(d for d in starts if d <= row.changes[-1])][direction(row)] += 1
    most = max(starts, key=lambda d: (sum(tally[d].values()), -d.toordinal()))
    sums = {way: sum(t[way] for t in tally.values()) for way in ("up", "down", "other")}
    how = [say("s_when_how", lang)]
    if sums["other"]:
        how.append(say("s_when_zero", lang))
    if together > 1:
        how.append(say("s_when_bars", lang, periods=many(together, scan.period, lang)))
    together_at = sum(tally[most].values())
    about = say(
        "s_when_about", lang, n=count(len(changed), lang), up=count(sums["up"], lang), down=count(sums["down"], lang),
        most=count(together_at, lang), day=named(most, scan.period, lang),
    )  # fmt: skip
    rows = tuple(
        (named(day, scan.period, lang), *(count(t[way], lang) for way in ("up", "down", "other")))
        for day, t in tally.items()
        if any(t.values())
    )
    notes = [say("s_when_note", lang)]
    if together_at >= max(_MANY, _MANY_SHARE * len(changed)):
        notes.append(say("s_when_many", lang, n=count(together_at, lang)))
    columns = ("s_when_from", "s_when_up", "s_when_down", "s_when_other")
    return Figure(
        "when",
        say("s_when", lang),
        " ".join(how),
        about,
        " ".join(notes),
        both(lambda width: _when(scan, tally, together, width)),
        Grid(tuple(say(c, lang) for c in columns), rows, frozenset({1, 2, 3})),
    )


def bins(scan: Scan) -> tuple[list[date], int]:
    """The first days of the bars, and how many periods each holds: a year's worth divides evenly."""
    periods, day = 1, scan.first
    while day < scan.last:
        day = step(scan.first, scan.period, periods)  # type: ignore[arg-type]
        periods += 1
    choices = [1, 2, 3, 6, 12, 24, 60, 120]
    together = next((k for k in choices if periods / k <= MOST_BARS), math.ceil(periods / MOST_BARS))
    starts = [step(scan.first, scan.period, i) for i in range(0, periods, together)]  # type: ignore[arg-type]
    return [d for d in starts if d <= scan.last], together


def _when(scan: Scan, tally: dict[date, dict[str, int]], together: int, width: int) -> str:
    lang, height = scan.language, 210 if width == WIDE else 190
    days = list(tally)
    end = step(days[-1], scan.period, together)  # type: ignore[arg-type]
    bars: dict[str, list[Row]] = {"up": [], "down": [], "other": []}
    for day, to in zip(days, [*days[1:], end], strict=True):
        gap = (to - day) * 0.08
        here = {"x": moment(day, gap), "x2": moment(to, -gap)}
        t = tally[day]
        if t["up"]:
            bars["up"].append({**here, "y": 0, "y2": t["up"]})
        if t["other"]:
            bars["other"].append({**here, "y": t["up"], "y2": t["up"] + t["other"]})
        if t["down"]:
            bars["down"].append({**here, "y": 0, "y2": -t["down"]})
    high = max(t["up"] + t["other"] for t in tally.values()) or 0
    low = max(t["down"] for t in tally.values()) or 0
    room = max(high, low) * 0.12
    apart = max(math.ceil(round_step((high + low) / 5)), 1)
    ticks = [k * apart for k in range(-math.floor(low / apart), math.floor(high / apart) + 1)]
    first = days[0]
    x_scale = alt.Scale(domain=[moment(first), moment(end)], nice=False)
    axis = alt.Axis(
        tickCount=4 if width == NARROW else 8, grid=False, domainColor=EDGE, tickColor=EDGE, labelPadding=5,
        format=time_format(first, end), orient="bottom",
    )  # fmt: skip
    x = alt.X("x:T", title=None, scale=x_scale, axis=axis)
    # below the line a count is drawn down; it is still a count
    y_axis = alt.Axis(
        values=ticks,
        labelExpr="format(abs(datum.value), ',d')",
        gridColor=LINE,
        domain=False,
        tickSize=0,
        labelPadding=6,
    )
    scale = alt.Scale(domain=[-low - room, high + room], nice=False)
    y = alt.Y("y:Q", title=say("s_axis_when", lang), scale=scale, axis=y_axis)
    layers: list[alt.Chart] = []
    for way, colour in (("up", AFTER), ("other", "#b9b5ab"), ("down", MIDDLE)):
        if bars[way]:
            mark = alt.Chart(data(bars[way])).mark_rect(color=colour, stroke=EDGE, strokeWidth=0.5)
            layers.append(mark.encode(x=x, x2="x2:T", y=y, y2="y2:Q"))
    zero = alt.Chart(data([{"y": 0}])).mark_rule(color=EDGE, strokeWidth=1.2)
    layers.append(zero.encode(y=alt.Y("y:Q", scale=scale)))
    if scan.day and first < scan.day < end:
        label = say("s_asked", lang, day=said(scan.day, lang))
        layers += upright_rule(0, scan.day, label, [5, 3], first, (end - first).days, width, height)
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


# --- more than chance -------------------------------------------------------------------------


def more_than_chance(scan: Scan) -> Figure | None:
    """All p-values in steps from 0 to 1, against the even spread that they would have if nothing had happened anywhere."""
    p = [row.p for row in scan.rows if row.p is not None]
    if len(p) < _CHANCE_FEWEST:
        return None
    lang = scan.language
    steps = 20 if len(p) >= 100 else 10
    tally = [0] * steps
    for value in p:
        tally[min(int(value * steps), steps - 1)] += 1
    even = len(p) / steps
    about = say(
        "s_chance_about", lang, n=count(len(p), lang), limit=decimal(1 / steps, lang, 2), low=count(tally[0], lang),
        chance=figure(even, lang, 2 if even < 100 else 3),
    )  # fmt: skip
    rows = tuple((decimal(k / steps, lang, 2), count(n, lang)) for k, n in enumerate(tally))
    return Figure(
        "chance",
        say("s_chance", lang),
        say("s_chance_how", lang),
        about,
        f"{about} {say('s_chance_found', lang, found=count(scan.found, lang))}",
        both(lambda width: _chance(tally, even, width, lang)),
        Grid((say("s_chance_from", lang), say("s_chance_n", lang)), rows, frozenset({0, 1})),
    )


def _chance(tally: Sequence[int], even: float, width: int, lang: str) -> str:
    height = 150 if width == WIDE else 140
    top = max(*tally, even) * 1.12
    bars = [{"x": k / len(tally), "x2": (k + 1) / len(tally), "y": n} for k, n in enumerate(tally)]
    axis = alt.Axis(grid=False, tickCount=6, format=".1f", domainColor=EDGE, tickColor=EDGE)
    x = alt.X("x:Q", title=say("s_axis_p", lang), scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    scale = alt.Scale(domain=[0, top], nice=False)
    counts = alt.Axis(format=",d", tickCount=4, tickMinStep=1, gridColor=LINE, domain=False, tickSize=0, labelPadding=6)
    y = alt.Y("y:Q", title=say("s_axis_series", lang), scale=scale, axis=counts)
    told = alt.Chart(data(bars)).mark_rect(stroke=EDGE, strokeWidth=0.5)
    layers = [
        told.encode(x=x, x2="x2:Q", y=y, y2=alt.datum(0),
                    color=alt.condition("datum.x < 0.01", alt.value(AFTER), alt.value(LIGHT))),
        alt.Chart(data([{"y": even}])).mark_rule(color=TEXT, strokeWidth=1.6, strokeDash=[5, 3]).encode(
            y=alt.Y("y:Q", scale=scale)),
    ]  # fmt: skip
    return svg(alt.layer(*layers).properties(width=width, height=height), lang)


# --- what moved most clearly ------------------------------------------------------------------


def clearest(scan: Scan) -> Figure | None:
    """The found series with the smallest p-values, each with its interval: never a list of ratios alone."""
    lang = scan.language
    found = [row for row in scan.rows if row.found]
    able = [row for row in found if row.ratio is not None and row.low is not None and row.high is not None]
    if not able:
        return None
    drawn = [
        Estimate(row.name, f"{row.name}, {row.place}" if row.place else row.name, "robustness", row.ratio, row.low, row.high, row.p, "")
        for row in able[:STRONGEST]
    ]  # fmt: skip
    first = drawn[0]
    sure = level(ALPHA, lang)
    about = say(
        "s_forest_about", lang, n=count(len(drawn), lang), name=first.words, ratio=ratio(first.ratio, lang),
        interval=interval(first.low, first.high, lang),
    )  # fmt: skip
    left, right = forest_ends(drawn, whole=True)
    notes = []
    if len(drawn) < len(found):
        notes.append(say("s_forest_some", lang, n=count(len(drawn), lang), found=count(len(found), lang)))
    if any(v is not None and not left <= v <= right for e in drawn for v in (e.ratio, e.low, e.high)):
        notes.append(say("forest_arrow", lang))
    rows = tuple((e.words, ratio(e.ratio, lang), interval(e.low, e.high, lang)) for e in drawn)
    columns = ("c_series", "c_ratio", "c_interval_of")
    return Figure(
        "clearest",
        say("s_forest", lang),
        say("s_forest_how", lang, level=sure),
        about,
        " ".join(notes),
        both(lambda width: draw_forest(drawn, None, width, lang, say("axis_times", lang), whole=True)),
        Grid(tuple(say(c, lang, level=sure) for c in columns), rows, frozenset({1, 2})),
    )
