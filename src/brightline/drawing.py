"""What every plot of Brightline shares: ink, sizes, moments, and the way from a chart to an SVG. Knows nothing of what is drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import altair as alt
import vl_convert

TEXT, SOFT, LINE, EDGE = "#1c1e22", "#565b64", "#d8d5cd", "#3a3d44"
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"  # Liberation, which vl-convert brings, has Arial's widths
WIDE, NARROW = 660, 292  # of the plotting area, in pixels
CHARACTER = 6.2  # mean width of a character at 12 pixels, to see whether a label fits

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing for a page and one for a phone."""

    wide: str
    narrow: str


def data(rows: Sequence[Row]) -> alt.Data:
    return alt.Data(values=list(rows))


def moment(d: date, shift: timedelta = timedelta()) -> str:
    """Midnight of a day in the clock of whoever draws: a bare date would be read as Greenwich time."""
    seconds = int(timedelta(days=d.toordinal() - date(1970, 1, 1).toordinal()).total_seconds() + shift.total_seconds())
    whole, rest = divmod(seconds, 86_400)
    placed = date(1970, 1, 1) + timedelta(days=whole)
    return f"{placed.isoformat()}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def count_axis(largest: float) -> alt.Axis:
    values = list(range(math.floor(largest) + 1)) if largest < 5 else alt.Undefined
    return alt.Axis(
        format=",d", tickCount=5, values=values, grid=True, gridColor=LINE, domain=False, tickSize=0, labelPadding=6
    )


def halo(ground: str, ink: str) -> tuple[Row, Row]:
    """Figures are drawn twice, first broad in the colour of their ground, so that no rule crosses them."""
    return {"color": ground, "stroke": ground, "strokeWidth": 4, "strokeJoin": "round"}, {"color": ink}


def svg(chart: alt.LayerChart, language: str = "en") -> str:
    """The chart as SVG, fluid in width: the file says its proportions, the page its size.

    `language` is that of the numbers and months on its axes; the words are in the chart.
    """
    spec = (
        chart.configure(
            background="transparent", font=FONT, padding={"left": 2, "right": 12, "top": 4, "bottom": 4}, aria=False
        )
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=TEXT,
            titleColor=SOFT,
            gridColor=LINE,
            titlePadding=8,
        )
        .configure_view(stroke=None)
        .to_dict()
    )
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    known = vl_convert.get_vegalite_versions()
    spanish: Literal["es-ES"] | None = "es-ES" if language == "es" else None
    svg = str(
        vl_convert.vegalite_to_svg(
            spec, vl_version=version if version in known else None, format_locale=spanish, time_format_locale=spanish
        )
    )
    # Vega calls each group of marks a picture of its own; here the whole is one, named by its sentence.
    return re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
