"""A statutory report as a tagged PDF, set by Typst: the law's words beside each figure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from brightline.report.about import ReportError
from brightline.report.statutory.make import Report
from brightline.report.statutory.told import STATUS, Version, told


def as_pdf(report: Report, version: Version, *, letterhead: str = "") -> bytes:
    """The PDF. `letterhead` is the agency's own name. The same report gives the same bytes: the clock has no part.

    The internal version has an annex that names the requests behind each line. Raises ReportError if it cannot be set.
    """
    content = told(report, version) | {"letterhead": letterhead, "statuses": STATUS}
    with TemporaryDirectory(prefix="brightline-") as folder:
        root = Path(folder)
        template = files("brightline.report.statutory") / "statutory.typ"
        (root / "statutory.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "report.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        made = datetime.combine(report.made, time(12), UTC)
        try:
            found = typst.compile(root / "statutory.typ", root=root, ignore_system_fonts=True, timestamp=made)
        except RuntimeError as error:
            raise ReportError(f"the PDF could not be set: {error}") from error
    return bytes(found)
