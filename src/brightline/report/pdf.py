"""The report as PDF, set by Typst from the same content as the page, with the fonts that Typst brings."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
import vl_convert

from brightline.report.about import About, ReportError
from brightline.report.html import swatch
from brightline.report.ink import COLOUR, hatched, patterns
from brightline.report.shapes import Content, Figure
from brightline.report.words import SAID


def render(content: Content, about: About) -> bytes:
    """The PDF, tagged for readers of screens. The same content gives the same bytes: the clock has no part in it."""
    with TemporaryDirectory(prefix="brightline-") as folder:
        root = Path(folder)
        _write(content, root)
        made = datetime.combine(about.made, time(12), UTC)
        try:
            found = typst.compile(root / "report.typ", root=root, ignore_system_fonts=True, timestamp=made)
        except RuntimeError as error:
            raise ReportError(f"the PDF could not be set: {error}") from error
    return bytes(found)


def _write(content: Content, root: Path) -> None:
    """What Typst reads: the template, the content as JSON, and the drawings."""
    template = files("brightline.report") / "report.typ"
    (root / "report.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    told = asdict(content)
    told["figure"] = _figure(content.figure, root)
    for part, plain in zip(content.parts, told["parts"], strict=True):
        plain["figure"] = _figure(part.figure, root)
    told["said"] = SAID
    told["colour"] = COLOUR
    (root / "report.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    for verdict in SAID:
        square = str(swatch(verdict)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        (root / f"{verdict}.svg").write_text(square.replace("><rect", f">{patterns()}<rect", 1), encoding="utf-8")


def _figure(figure: Figure | None, root: Path) -> dict[str, Any] | None:
    """A plot as PDF, so that its letters are those it was measured with and not Typst's."""
    if figure is None:
        return None
    name = f"{figure.name}.pdf"
    (root / name).write_bytes(vl_convert.svg_to_pdf(hatched(figure.plot.wide, alone=True)))
    told = asdict(figure)
    del told["plot"]
    return {**told, "file": name}
