"""Findings drawn: what the law said over time, by agency and by clause, and which record would settle most.

Every plot is drawn twice, for a page and for a phone, as static SVG. Titles, denominators and the sentence for
people who do not see it stand beside it in the report (`content.py`); axes, legend and counts stand in it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import altair as alt
import polars as pl

from brightline.drawing import (
    CHARACTER,
    EDGE,
    NARROW,
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
from brightline.reason.program import VERDICTS
from brightline.report.changes import Change
from brightline.report.ink import COLOUR, ON
from brightline.report.words import SAID, day, number

SHORT_SPAN = 120  # days; up to here bars are weeks
LONG_SPAN = 8 * 366  # days; from here bars are years


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a ranking: its name, and its parts in order."""

    name: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(n for _, n in self.parts)


def over_time(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> Plot | None:
    """Stacked bars for each week, month or year, with a rule on each day on which the law changed."""
    dated = findings.filter(pl.col("date").is_not_null())
    if dated.is_empty():
        return None
    starts, every = periods(dated)
    counted = _stacked(dated, starts)
    return Plot(*(_over_time(counted, starts, every, changes, noun, w) for w in (WIDE, NARROW)))


def periods(dated: pl.DataFrame) -> tuple[list[date], str]:
    """The first days of the bars, with the day after the last one at the end, and what a bar is."""
    first, last = dated["date"].min(), dated["date"].max()
    assert isinstance(first, date) and isinstance(last, date)
    days = (last - first).days
    if days <= SHORT_SPAN:
        start = first - timedelta(days=first.weekday())
        return [start + timedelta(weeks=n) for n in range((last - start).days // 7 + 2)], "week"
    if days >= LONG_SPAN:
        return [date(y, 1, 1) for y in range(first.year, last.year + 2)], "year"
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1)
    return [date(m // 12, m % 12 + 1, 1) for m in months], "month"


def _stacked(dated: pl.DataFrame, starts: Sequence[date]) -> list[Row]:
    """One row for each bar and verdict: where its part of the bar begins and ends."""
    bins = pl.DataFrame({"date": list(starts[:-1]), "start": list(starts[:-1]), "end": list(starts[1:])})
    placed = dated.select("date", "verdict").sort("date").join_asof(bins.sort("date"), on="date")
    counts = {(s, v): n for s, v, n in placed.group_by("start", "verdict").len().iter_rows()}
    rows = []
    for start, end in pairwise(starts):
        low = 0
        for verdict in reversed(VERDICTS):  # the mildest below, the strictest on top
            n = counts.get((start, verdict), 0)
            if n:
                rows.append({"start": start, "end": end, "key": verdict, "n": n, "low": low, "high": low + n})
            low += n
    return rows


def _over_time(
    counted: list[Row], starts: list[date], every: str, changes: Sequence[Change], noun: str, width: int
) -> str:
    height = 235 if width == WIDE else 210
    first, last = starts[0], starts[-1]
    days = (last - first).days
    gap = timedelta(hours=24 * days / (len(starts) - 1) * 0.06)
    totals = {r["start"]: r["high"] for r in counted}
    tallest = max(totals.values())
    x = alt.X(
        "from:T",
        title=f"{every} of the contact",
        scale=alt.Scale(domain=[moment(first), moment(last)], nice=False),
        axis=_time_axis(starts, every, width),
    )
    y = alt.Y(
        "low:Q", title=f"{noun}s per {every}", scale=alt.Scale(domain=[0, tallest * 1.08]), axis=count_axis(tallest)
    )
    bars = [{**_plain(r), "from": moment(r["start"], gap), "to": moment(r["end"], -gap)} for r in counted]
    keys = _keys(counted, VERDICTS)
    layers = [
        alt.Chart(data(bars))
        .mark_rect(stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="to:T", y=y, y2="high:Q", color=_colour(keys, width))
    ]
    for n, change in enumerate(changes):
        layers += _rule(n, change, first, days, width, height, len(changes))
    bar_width = width / (len(starts) - 1)
    if bar_width >= 20:
        middle = {s: _middle(s, e) for s, e in pairwise(starts)}
        tops = [{"at": middle[s], "y": n, "text": number(n)} for s, n in totals.items()]
        layers += [_figures(tops, dy=-6, fontWeight="bold", **style) for style in halo("#ffffff", TEXT)]
        parts = [r for r in counted if r["n"] != totals[r["start"]] and height * r["n"] / (tallest * 1.08) >= 14]
        for key in keys:
            inside = [
                {"at": middle[r["start"]], "y": (r["low"] + r["high"]) / 2, "text": number(r["n"])}
                for r in parts
                if r["key"] == key
            ]
            layers += [_figures(inside, **style) for style in halo(COLOUR[key], ON[key])]
    return svg(alt.layer(*layers).properties(width=width, height=height))


def _rule(n: int, change: Change, first: date, days: int, width: int, height: int, of: int) -> list[alt.Chart]:
    """A dashed line on the day, with the section that changed; labels stand in rows above each other."""
    top = -10 - 15 * ((of - 1 - n) % 4)  # the first line is the longest: its label passes above the later ones
    at = width * (change.day - first).days / days
    name = f"{letter(n)} · " if of > 1 else ""
    text = f"{name}{day(change.day)}: {change.label}"
    if of > 4 or len(text) * CHARACTER > width:
        text = letter(n) if of > 1 else f"{day(change.day)}"
    left = min(at + 5, max(width - len(text) * CHARACTER, 0))
    placed = moment(first, timedelta(days=days * left / width))
    mark = [{"at": moment(change.day), "text": text, "label_at": placed}]
    return [
        alt.Chart(data(mark))
        .mark_rule(color=TEXT, strokeWidth=1.5, strokeDash=[5, 3])
        .encode(x="at:T", y=alt.value(top - 6), y2=alt.value(height)),
        *(
            alt.Chart(data(mark))
            .mark_text(align="left", baseline="middle", fontSize=12, **style)
            .encode(x="label_at:T", y=alt.value(top), text="text:N")
            for style in halo("#ffffff", TEXT)
        ),
    ]


def letter(n: int) -> str:
    """A, B, … Z, then AA: the name of the n-th change of the law, in the plot and in the table beside it."""
    return letter(n // 26 - 1) + letter(n % 26) if n >= 26 else chr(ord("A") + n)


def ranking(bars: Sequence[Bar], keys: Sequence[str], said: dict[str, str], axis: str) -> Plot | None:
    """Horizontal bars, each under its name and its count."""
    if not bars:
        return None
    return Plot(*(_ranking(bars, keys, said, axis, w) for w in (WIDE, NARROW)))


def _ranking(bars: Sequence[Bar], keys: Sequence[str], said: dict[str, str], axis: str, width: int) -> str:
    longest = max(b.total for b in bars) or 1
    names = [_wrapped(b, width) for b in bars]
    rows: list[Row] = []
    labels: list[Row] = []
    top = 0
    for bar, lines in zip(bars, names, strict=True):
        labels.append({"x": 0, "y": top, "text": lines})
        top += 15 * len(lines) + 3
        low = 0
        for key, n in sorted(bar.parts, key=lambda p: keys.index(p[0])):
            if n:
                rows.append({"key": key, "n": n, "low": low, "high": low + n, "top": top, "base": top + 20})
            low += n
        top += 20 + 16
    height = top - 8
    x = alt.X("low:Q", title=axis, scale=alt.Scale(domain=[0, longest], nice=False), axis=count_axis(longest))
    y_scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    y = alt.Y("top:Q", scale=y_scale, axis=None)
    layers = [
        alt.Chart(data(rows))
        .mark_rect(stroke=EDGE, strokeWidth=0.6)
        .encode(x=x, x2="high:Q", y=y, y2="base:Q", color=_colour(_keys(rows, keys), width, said)),
    ]
    for style in halo("#ffffff", TEXT):
        mark = alt.Chart(data(labels)).mark_text(align="left", baseline="top", fontSize=12, lineHeight=15, **style)
        layers.append(mark.encode(x="x:Q", y="y:Q", text="text:N"))
    inside = [r for r in rows if width * r["n"] / longest >= CHARACTER * len(number(r["n"])) + 10]
    for key in keys:
        placed = [
            {"x": (r["low"] + r["high"]) / 2, "y": (r["top"] + r["base"]) / 2, "text": number(r["n"])}
            for r in inside
            if r["key"] == key
        ]
        for style in halo(COLOUR[key], ON[key]):
            mark = alt.Chart(data(placed)).mark_text(baseline="middle", fontSize=12, **style)
            layers.append(mark.encode(x="x:Q", y="y:Q", text="text:N"))
    return svg(alt.layer(*layers).properties(width=width, height=height))


def _wrapped(bar: Bar, width: int) -> list[str]:
    text = f"{bar.name}{' ' if bar.name.endswith('?') else ': '}{number(bar.total)}"
    return textwrap.wrap(text, int(width / CHARACTER)) or [text]


# --- the parts of a plot ----------------------------------------------------------------------


def _plain(row: Row) -> Row:
    return {k: v for k, v in row.items() if k in ("key", "n", "low", "high")}


def _middle(start: date, end: date) -> str:
    return moment(start, (end - start) / 2)


def _keys(rows: Sequence[Row], order: Sequence[str]) -> list[str]:
    found = {r["key"] for r in rows}
    return [k for k in order if k in found]


def _colour(keys: Sequence[str], width: int, said: dict[str, str] | None = None) -> alt.Color:
    told = said or SAID
    legend = alt.Legend(
        title=None,
        orient="bottom",
        direction="horizontal",
        columns=1 if width == NARROW else min(len(keys), 4),
        symbolType="square",
        symbolSize=190,
        symbolStrokeColor=EDGE,
        symbolStrokeWidth=0.6,
        labelExpr=_labels({k: told[k] for k in keys}),
        labelLimit=0,
        labelFontSize=12,
        labelColor=TEXT,
    )
    return alt.Color("key:N", scale=alt.Scale(domain=list(keys), range=[COLOUR[k] for k in keys]), legend=legend)


def _labels(told: dict[str, str]) -> str:
    """A Vega expression that says each key in words."""
    return "".join(f"datum.label == '{k}' ? '{v}' : " for k, v in told.items()) + "datum.label"


def _time_axis(starts: Sequence[date], every: str, width: int) -> alt.Axis:
    """A label under the middle of each bar, or of as many as fit."""
    step = _step(len(starts) - 1, every, width)
    shown = [(s, e) for n, (s, e) in enumerate(pairwise(starts)) if _is_shown(n, s, every, step)]
    texts = {_middle(s, e): _tick(s, every, n == 0) for n, (s, e) in enumerate(shown)}
    expression = "".join(f"abs(datum.value - toDate('{at}')) < 1000 ? {lines} : " for at, lines in texts.items())
    return alt.Axis(
        values=list(texts),
        labelExpr=expression + "''",
        labelOverlap=False,
        tickSize=0,
        labelPadding=6,
        grid=False,
        domain=True,
        domainColor=EDGE,
    )


def _step(bars: int, every: str, width: int) -> int:
    fits = max(int(width / {"week": 46, "month": 34, "year": 40}[every]), 1)
    steps = {"week": (1, 2, 4, 8), "month": (1, 3, 6, 12, 24, 48), "year": (1, 2, 5, 10, 20, 50)}[every]
    return next((s for s in steps if bars / s <= fits), steps[-1])


def _is_shown(n: int, start: date, every: str, step: int) -> bool:
    counted = {"week": n, "month": start.year * 12 + start.month - 1, "year": start.year}[every]
    return counted % step == 0


def _tick(start: date, every: str, is_first: bool) -> str:
    """The label of a bar as a Vega array of lines; the year stands where it begins."""
    if every == "year":
        return f"['{start.year}']"
    name = f"{start.day} {start:%b}" if every == "week" else f"{start:%b}"
    year = f"{start.year}" if is_first or (start.month == 1 and (every == "month" or start.day < 8)) else ""
    return f"['{name}', '{year}']"


def _figures(rows: Sequence[Row], dy: int = 0, **style: Any) -> alt.Chart:
    mark = {"baseline": "bottom" if dy else "middle", "dy": dy / 2, "fontSize": 12, **style}
    return alt.Chart(data(rows)).mark_text(**mark).encode(x="at:T", y="y:Q", text="text:N")
