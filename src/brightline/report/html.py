"""The report as one HTML file that opens offline: styles and drawings inside, nothing fetched."""

from __future__ import annotations

from importlib.resources import files

import jinja2
from markupsafe import Markup

from brightline.drawing import EDGE
from brightline.report.ink import COLOUR, hatch, hatched, patterns
from brightline.report.shapes import Content
from brightline.report.words import SAID


def render(content: Content) -> str:
    """The whole page. Every text is escaped; only our own drawings go in as they are."""
    folder = files("brightline.report")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    style = (folder / "report.css").read_text(encoding="utf-8")
    page = template.render(
        c=content, said=SAID, swatch=swatch, drawing=drawing, style=Markup(style), patterns=Markup(patterns()),
        bar=bar, unlinked=unlinked,
    )  # fmt: skip
    return page.replace("§ ", "§\u00a0")  # a section sign stays with its number


def unlinked(address: str) -> str:
    """An address as one reads it on paper."""
    return address.removeprefix("https://").removeprefix("http://")


def swatch(verdict: str) -> Markup:
    """A little square in a verdict's ink; the word stands beside it."""
    return Markup(
        '<svg class="swatch" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">'
        '<rect x=".5" y=".5" width="13" height="13" fill="{0}" stroke="{1}"/>'
        '<rect x=".5" y=".5" width="13" height="13" fill="{2}"/></svg>'
    ).format(COLOUR[verdict], EDGE, hatch(verdict))


def bar(verdict: str, width: float) -> Markup:
    """A bar as wide as a verdict's share; the figures stand beside it."""
    length = max(100 * width, 0.4) if width else 0
    return Markup(
        '<svg class="bar" width="100%" height="9" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="9"/>'
        '<rect width="{0:.2f}%" height="9" fill="{1}"/>'
        '<rect width="{0:.2f}%" height="9" fill="{2}" stroke="{3}"/></svg>'
    ).format(length, COLOUR[verdict], hatch(verdict), EDGE if width else "none")


def drawing(svg: str, alt: str, kind: str) -> Markup:
    """A plot inside the page, named for people who do not see it; `kind` is wide or narrow."""
    inside = hatched(svg, alone=False)
    head = Markup('<svg class="plot {0}" role="img" aria-label="{1}"').format(kind, alt)
    return Markup(inside.replace("<svg", str(head), 1).replace(' class="marks"', "", 1))
