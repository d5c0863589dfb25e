"""A report as JSON and as CSV tables."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from brightline.report.files import FORMULA
from brightline.report.statutory.make import Report
from brightline.report.statutory.told import STATUS, Version, told

_FORMULA = re.compile(FORMULA)
_FIGURES = ("line", "clause", "the law's words", "counts", "by", "group", "count", "still open", "cannot tell")


def as_json(report: Report, version: Version) -> str:
    """The report as JSON, the same text for the same report."""
    return json.dumps(told(report, version), ensure_ascii=False, indent=1) + "\n"


def as_csv(report: Report, version: Version) -> dict[str, str]:
    """File name -> CSV: `figures.csv`, and one table for each line that lists records.

    A cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV injection). In the internal
    version `requests` names the requests behind each count.
    """
    content = told(report, version)
    found = {"figures.csv": _figures(content)}
    for line in content["lines"]:
        if "columns" in line:
            found[f"list-{line['id'].replace('.', '-')}.csv"] = _list(line)
    return found


def _figures(content: dict[str, Any]) -> str:
    traced = any("requests" in line for line in content["lines"])
    rows: list[list[object]] = [[*_FIGURES, *(["requests"] if traced else [])]]
    for line in content["lines"]:
        first = [line["id"], line["clause"], line["quote"], line["counts"]]
        if line["counts"] == "supplied":
            rows.append([*first, "", "", line["said"], "", "", *([""] if traced else [])])
            continue
        asked = line.get("requests", {})
        numbers = "; ".join(f"{STATUS[s]}: {' '.join(n)}" for s, n in asked.items() if n)
        rows.append([*first, "", "", line["count"], line["open"], line["unknown"], *([numbers] if traced else [])])
        for b in line["breakdowns"]:
            for g in b["groups"]:
                by, group = " × ".join(b["heads"]), " × ".join(g["labels"])
                rows.append([*first, by, group, g["count"], g["open"], g["unknown"], *([""] if traced else [])])
    return _csv(rows)


def _list(line: dict[str, Any]) -> str:
    numbered = any("number" in row for row in line["rows"]) or "requests" in line
    heads = ["row", *(["number"] if numbered else []), "in the line", *line["columns"]]
    rows: list[list[object]] = [heads]
    for n, row in enumerate(line["rows"], start=1):
        rows.append([n, *([row["number"]] if numbered else []), STATUS[row["status"]], *row["cells"]])
    return _csv(rows)


def _csv(rows: list[list[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([[_safe(c) for c in row] for row in rows])
    return out.getvalue()


def _safe(cell: object) -> object:
    """The cell with an apostrophe before whatever a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
