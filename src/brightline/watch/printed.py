"""A template of the watch as a PDF, set by Typst with the fonts that it brings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
import vl_convert

from brightline.watch.drawing import Figure
from brightline.watch.grid import plain_grid
from brightline.watch.problems import WatchError
from brightline.watch.words_page import say


def printed(template: str, told: dict[str, Any], drawn: Iterable[Figure], words: Iterable[str]) -> bytes:
    """The PDF of what is `told`, in its language. The same gives the same bytes: its day is the one on which it was `made`.

    `words` are the keys of the template's own words. Raises WatchError if Typst cannot set it.
    """
    language = told["language"]
    with TemporaryDirectory(prefix="brightline-") as name:
        root = Path(name)
        for file in ("layout.typ", template):
            (root / file).write_bytes((files("brightline.watch") / file).read_bytes())
        filled = {
            **told,
            "figures": [_figure(figure, root) for figure in drawn],
            "say": {key: say(key, language) for key in words},
            "page_of": say("page_of", language, page="{page}", pages="{pages}"),  # Typst knows them
        }
        (root / "page.json").write_text(json.dumps(filled, ensure_ascii=False), encoding="utf-8")
        try:
            made = typst.compile(root / template, root=root, ignore_system_fonts=True, timestamp=_moment(told["made"]))
        except RuntimeError as error:
            raise WatchError(f"the PDF could not be set: {error}") from error
    return bytes(made)


def _figure(figure: Figure, root: Path) -> dict[str, Any]:
    """A figure as the template takes it. Its plot is a PDF, so that its letters are those it was measured with."""
    file = None
    if figure.plot is not None:
        file = f"{figure.name}.pdf"
        (root / file).write_bytes(vl_convert.svg_to_pdf(figure.plot.wide))
    return {
        "title": figure.title, "subtitle": figure.subtitle, "alt": figure.alt, "note": figure.note, "file": file,
        "grid": plain_grid(figure.grid),
    }  # fmt: skip


def _moment(made: str) -> datetime:
    try:
        return datetime.fromisoformat(made.replace("Z", "+00:00"))
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)
