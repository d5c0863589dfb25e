"""The numbers of a report for programs: what `summary.json` holds."""

from __future__ import annotations

from typing import Any

import polars as pl

from brightline.law.pack import Law
from brightline.reason.program import VERDICTS
from brightline.report import tables
from brightline.report.about import About
from brightline.report.changes import law_changes


def summary(findings: pl.DataFrame, law: Law, about: About) -> dict[str, Any]:
    """Counts by month, agency and verdict, each verdict named even where it is zero. Documented in docs/report.md."""
    first, last = findings["date"].min(), findings["date"].max()
    changes = () if about.as_of else law_changes(findings, law, about.packs)
    laws = gaps(law, about.packs)
    counted = tables.horizon(findings, list(laws)).frame
    return {
        "title": about.title,
        "data": about.data,
        "reader": about.reader,
        "packs": list(about.packs),
        "as_of": about.as_of.isoformat() if about.as_of else None,
        "made": about.made.isoformat(),
        "version": about.version,
        "total": findings.height,
        "rejected_rows": about.rejected,
        "first_date": first.isoformat() if first else None,  # type: ignore[union-attr]
        "last_date": last.isoformat() if last else None,  # type: ignore[union-attr]
        "by_verdict": tables.by_verdict(findings),
        "by_month": _nested(tables.by_month(findings).frame, "month"),
        "by_agency": _nested(tables.by_agency(findings).frame, "agency"),
        "by_month_agency_verdict": tables.by_month_agency(findings).frame.to_dicts(),
        "law_changes": [
            {"date": c.day.isoformat(), "sections": list(c.sections), "begins": list(c.begins), "ends": list(c.ends)}
            for c in changes
        ],
        "horizon": [{"law": w, "why": laws[w], "contacts": n} for w, n in counted.iter_rows()],
    }


def gaps(law: Law, packs: tuple[str, ...]) -> dict[str, str]:
    """The laws that these packs and those above them lack, and why."""
    return {g.law: g.why for p in law.chosen(packs) for g in law.packs[p].gaps}


def _nested(frame: pl.DataFrame, key: str) -> dict[str, dict[str, int]]:
    return {row[key]: {v: row[v] for v in VERDICTS} for row in frame.iter_rows(named=True)}
