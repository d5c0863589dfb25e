"""The real change among those that other dates, or other units, would have had."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import altair as alt

from brightline.drawing import EDGE, SOFT, WIDE, count_axis, data, halo, svg
from brightline.watch.drawing import AFTER, MIDDLE, Figure, both, quantile, round_step, rule_at
from brightline.watch.grid import Grid
from brightline.watch.result import Events, Placebos, Result
from brightline.watch.words_page import count, decimal, figure, named, percent, ratio, say

_NAIVE_ALPHA = 0.05  # a plain model's usual promise, |z| > 1.96, by which `naive_rejects` is counted


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
    layers += [rule_at(d, scale, SOFT, 1.3, [2, 3]) for d in dotted]
    if real is not None:
        layers.append(rule_at(real, scale, AFTER, 4, []))
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


def randomised(e: Events, result: Result) -> Figure:
    """The real ratio among those that other units, or other dates, would have had."""
    lang, values = result.language, e.randomised
    real = e.real
    low, high = ratio(min(values), lang), ratio(max(values), lang)
    about = say("randomised_about", lang, n=count(len(values), lang), low=low, high=high)
    if real is not None:
        about = f"{about} {say('placebos_real', lang, real=ratio(real, lang))}"
    far = "" if e.as_far is None else say("randomised_far", lang, n=count(e.as_far, lang), of=count(e.draws, lang))
    return Figure(
        "randomised",
        say("placebos_units", lang),
        say("randomised_how", lang),
        about,
        far,
        both(lambda width: _histogram(values, real, width, say("axis_ratio", lang), (), "real", lang)),
        Grid(
            (say("c_share_ratios", lang), say("c_ratio", lang)),
            _quantiles(values, lambda v: ratio(v, lang), lang),
            frozenset({0, 1}),
        ),
    )
