"""The ink of a report: a colour and a hatch for each verdict, distinct in lightness, so that grey print still tells.

From strictest to mildest the colours go from dark to light in steps that a grey printer keeps apart
(tested in tests/report). The hatch says the same once more, for whoever sees no colour at all.
Plots are drawn in the plain colours; `hatched` then lays the patterns over them.
"""

from __future__ import annotations

import re

COLOUR: dict[str, str] = {
    "conflict": "#17171c",
    "barred": "#7b1430",
    "required": "#1f659c",
    "contested": "#9377c2",
    "unsettled": "#d8a540",
    "excepted": "#bfd7e4",
    "unreached": "#f4f2ec",
    "first": "#2f5d50",  # in the plot of settling records: the best question
    "also": "#c6d6cd",  # and the others that can settle
}
ON: dict[str, str] = {  # the colour of figures that stand on it
    "conflict": "#ffffff",
    "barred": "#ffffff",
    "required": "#ffffff",
    "contested": "#000000",
    "unsettled": "#000000",
    "excepted": "#000000",
    "unreached": "#000000",
    "first": "#ffffff",
    "also": "#000000",
}

_STROKES: dict[str, tuple[int, str]] = {  # size of the tile, what is drawn on it
    "conflict": (6, '<path d="M0 0L6 6M6 0L0 6" stroke="#8d8d95" stroke-width="0.9"/>'),
    "required": (5, '<path d="M0 2.5H5" stroke="#6fa3cb" stroke-width="0.9"/>'),
    "contested": (6, '<circle cx="3" cy="3" r="1.1" fill="#f2ecfb"/>'),
    "unsettled": (7, '<path d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6" stroke="#b07f1d" stroke-width="1.1"/>'),
    "excepted": (5, '<path d="M2.5 0V5" stroke="#8fb2c6" stroke-width="0.8"/>'),
}


def patterns() -> str:
    """The hatches as SVG definitions, named `ink-VERDICT`. They are strokes alone, laid over the plain colour:
    a tile that brought its own ground would show its seams."""
    tiles = "".join(
        f'<pattern id="ink-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">{strokes}</pattern>'
        for name, (size, strokes) in _STROKES.items()
    )
    return f"<defs>{tiles}</defs>"


def hatch(verdict: str) -> str:
    """What to write into `fill=` of a second shape over the plain one, where `patterns()` stand in the document."""
    return f"url(#ink-{verdict})" if verdict in _STROKES else "none"


def hatched(svg: str, alone: bool) -> str:
    """A plot with hatches laid over its plain colours. `alone`: the file brings the patterns itself."""
    for verdict in _STROKES:
        shape = re.compile(rf'<path ([^>]*?)fill="{COLOUR[verdict]}"([^>]*?)/>')
        over = rf'\g<0><path \1fill="{hatch(verdict)}"\2/>'
        svg = shape.sub(over, svg)
    return re.sub(r"(<svg[^>]*>)", lambda m: m.group(1) + patterns(), svg, count=1) if alone else svg


def lightness(colour: str) -> float:
    """CIE L* of a colour, 0 (black) to 100 (white): what a grey printer sees."""

    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    r, g, b = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return float(116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y)
