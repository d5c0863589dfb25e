"""Bars under their names: what the treated was compared with, and what moves a number of people most."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import altair as alt

from brightline.drawing import CHARACTER, EDGE, LINE, TEXT, data, halo, svg
from brightline.watch.drawing import AFTER, MODEL, Figure, both, rule_at
from brightline.watch.grid import Grid
from brightline.watch.result import People, Result, Weights
from brightline.watch.words_page import count, decimal, figure, percent, say


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
        layers.append(rule_at(line, scale, AFTER, 1.5, [4, 3]))
    for style in halo("#ffffff", TEXT):
        mark = alt.Chart(data(labels)).mark_text(align="left", baseline="top", fontSize=12, lineHeight=15, **style)
        layers.append(mark.encode(x=alt.value(0), y=y, text="text:N"))
    return svg(alt.layer(*layers).properties(width=width, height=top), lang)
