"""Everything a report shows, put together once, so that the HTML and the PDF say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from brightline.law.pack import Law
from brightline.report import clauses, parts, sentences, tables, words
from brightline.report.about import About
from brightline.report.changes import law_changes
from brightline.report.shapes import Content, Entry
from brightline.report.summary import gaps
from brightline.report.words import SAID, number, rate


def content(findings: pl.DataFrame, law: Law, about: About) -> Content:
    """All that the report says about these findings."""
    changes = () if about.as_of else law_changes(findings, law, about.packs)
    by_clause = tables.by_clause(findings)
    ids = clauses.anchors(by_clause.frame["norm"])
    over_time = parts.over_time(findings, changes, about.noun)
    found = [
        replace(over_time, figure=None),  # its drawing stands on the front page
        parts.agencies(findings, law, about.noun),
        parts.clauses(by_clause, ids, law, about.noun),
        parts.unknown(findings, law, about.noun),
        parts.exceptions(findings, about.noun),
        parts.resting(findings, law, about.noun),
        parts.happened(findings, law, about.noun),
        parts.meanings(),
        parts.horizon(findings, law, about),
        parts.unread(about),
        parts.method(findings, law, about),
    ]
    titles = [law.packs[p].title for p in law.chosen(about.packs)]
    return Content(
        about.title,
        f"{words.many(findings.height, about.noun)}{_period(findings)} · law of {words.listed(titles)}",
        words.day(about.made),
        about.version,
        sentences.lede(findings, about.noun),
        ledger(findings),
        _none(findings, about.noun),
        over_time.figure,
        sentences.paragraphs(findings, law, about, changes),
        _cautions(findings, law, about),
        [p for p in found if p is not None],
        [clauses.page(n, at, tables.of_clause(findings, n), law, about) for n, at in ids.items()],
    )


def ledger(findings: pl.DataFrame) -> list[Entry]:
    """The verdicts that occur, strictest first, and `barred` even where it is zero."""
    counts, total = tables.by_verdict(findings), findings.height
    open_ = counts["unsettled"] + counts["contested"]
    return [
        Entry(
            v, SAID[v], words.MEANING[v], number(n),
            f"of {number(total)}: {rate(n, total, 0 if v in ('unsettled', 'contested') else open_)}",
            n / total if total else 0.0,
        )
        for v, n in counts.items()
        if n or v == "barred"
    ]  # fmt: skip


def _none(findings: pl.DataFrame, noun: str) -> str:
    absent = [SAID[v] for v, n in tables.by_verdict(findings).items() if n == 0 and v != "barred"]
    return f"No {noun} got another verdict ({'; '.join(absent)})." if absent else ""


def _period(findings: pl.DataFrame) -> str:
    first, last = findings["date"].min(), findings["date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return ""
    return f" · {words.day(first)} to {words.day(last)}" if first != last else f" · {words.day(first)}"


def _cautions(findings: pl.DataFrame, law: Law, about: About) -> list[str]:
    used = {n.partition(":")[0] for cell in findings["norm"].drop_nulls().unique() for n in cell.split("; ")}
    reviews = {str(law.sections[s].meta.get("reviewed", "not reviewed by counsel")) for s in used if s in law.sections}
    said = ["This is not legal advice."]
    if reviews == {"not reviewed by counsel"}:
        said[0] = "The law applied here was encoded without review by counsel. This is not legal advice."
    lacking = tables.horizon(findings, list(gaps(law, about.packs))).frame.filter(pl.col("count") > 0).height
    if lacking:
        one = lacking == 1
        said.append(
            f"{lacking} {'law' if one else 'laws'} that may bear on these {about.noun}s "
            f"{'is' if one else 'are'} not encoded: see “What this report does not cover”."
        )
    if about.rejected:
        said.append(
            f"{words.many(about.rejected, 'row')} of the data could not be read and {_are(about.rejected)} not counted."
        )
    return [words.NOT_AUTHORISED, *said]


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
