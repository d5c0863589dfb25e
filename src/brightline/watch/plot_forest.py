"""Every specification with its interval on one scale."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import altair as alt

from brightline.drawing import CHARACTER, EDGE, SOFT, TEXT, Row, data, halo, svg
from brightline.watch.drawing import AFTER, FARTHEST, MODEL, Figure, both, ratio_axis, rule_at
from brightline.watch.grid import Grid
from brightline.watch.result import Estimate, Result
from brightline.watch.words_page import count, interval, level, p_value, ratio, say


def forest(result: Result) -> Figure | None:
    """Every specification with its interval on one scale, the planned one first."""
    lines = [e for e in result.forest if e.name != "two_counts"]  # another count: it stands beside the answer
    drawn = [e for e in lines if e.ratio is not None]
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
        for e in lines
    ]
    numeric = {2, 3, 4}
    if any(e.adjusted is not None for e in lines):
        columns.insert(5, "c_adjusted")
        numeric.add(5)
        for row, e in zip(rows, lines, strict=True):
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
    layers: list[alt.Chart] = [rule_at(1.0, scale, EDGE, 1.5, [])]
    if smallest and low < smallest < high and smallest != 1:
        layers.append(rule_at(smallest, scale, SOFT, 1.2, [4, 3]))
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
