"""The page of one clause: its text, where it comes from, what the law made of its contacts, and the first of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from brightline.law.markdown import Clause
from brightline.law.pack import Law, Section
from brightline.law.tree import Norm, Span
from brightline.reason.program import VERDICTS
from brightline.report import tables, words
from brightline.report.about import About
from brightline.report.shapes import ClausePage, Column, Grid, Version
from brightline.report.words import capital, number, rate

ROWS_SHOWN = 50
SHOWN_COLUMNS = {"facility", "form", "lift", "outcome", "disposition", "office", "program", "county"}
HELD_BACK = {"id", "birth", "dob", "person", "alien", "subject", "last", "first"}  # in a name: it may be a person's
MOST_COLUMNS = 3


def anchors(norms: Iterable[str]) -> dict[str, str]:
    """A name for each norm's page that an address can hold, each used once."""
    found: dict[str, str] = {}
    for norm in norms:
        name = "clause-" + re.sub(r"[^a-z0-9]+", "-", norm.lower()).strip("-")
        found[norm] = name if name not in found.values() else f"{name}-{len(found)}"
    return found


def page(norm: str, anchor: str, mine: pl.DataFrame, law: Law, about: About) -> ClausePage:
    """The page of a norm, `mine` being the contacts whose finding names it."""
    section = law.sections.get(norm.partition(":")[0])
    counts, total = tables.by_verdict(mine), mine.height
    open_ = counts["unsettled"] + counts["contested"]
    rows = [
        [v, number(n), rate(n, total, 0 if v in ("unsettled", "contested") else open_)] for v, n in counts.items() if n
    ]
    columns = (Column("Verdict", "verdict"), Column(f"{about.noun}s", "number"), Column("share", "number"))
    grids = [
        Grid(f"Verdicts on the {words.many(total, about.noun)} that this clause reaches or may reach", columns, rows)
    ]
    grids += [_explanations(mine, about.noun), _contacts(mine, norm, law, about.noun)]
    citation = law.cite(norm)
    if section is None:
        lacking = ["The packs of this report do not hold the text of this clause."]
        return ClausePage(anchor, norm, citation, "", [], [], [], lacking, grids)
    versions = _versions(norm, section, mine, law, about)
    facts = [
        ("Section", f"{section.title} ({section.citation})"),
        ("Jurisdiction", law.packs[section.pack].title),
        ("Enacted by", str(section.meta.get("enacted_by", ""))),
        ("Review", str(section.meta.get("reviewed", "not reviewed by counsel"))),
    ]
    sources = [str(s) for s in section.meta.get("sources") or [] if str(s).startswith(("https://", "http://"))]
    title = versions[-1].title if versions else ""
    known = [(k, capital(v)) for k, v in facts if v]
    return ClausePage(anchor, norm, citation, title, known, sources, versions, [], grids)


def _versions(norm: str, section: Section, mine: pl.DataFrame, law: Law, about: About) -> list[Version]:
    """The texts of the clause that were in force on some day of its contacts, oldest first."""
    spans: dict[int, list[Norm]] = {}
    for n in law.norms:
        clause = section.clause_at(n.at.line)
        if n.id == norm and clause:
            spans.setdefault(clause.line, []).append(n)
    days = [about.as_of] if about.as_of else mine["date"].drop_nulls().unique().to_list()
    found: list[tuple[date, Version]] = []
    for norms in spans.values():
        clause = section.clause_at(norms[0].at.line)
        whole = _whole([n.span for n in norms])
        if clause is None or not any(n.span.holds(d) for n in norms for d in days):
            continue
        held = (
            mine.height
            if about.as_of
            else sum(n for d, n in mine["date"].value_counts().iter_rows() if d and whole.holds(d))
        )
        told = f"{words.many(held, about.noun)} judged by this text"
        found.append((whole.start or date.min, _version(clause, whole, section, norms[0], told)))
    return [v for _, v in sorted(found, key=lambda pair: pair[0])]


def _version(clause: Clause, when: Span, section: Section, norm: Norm, told: str) -> Version:
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", section.quote(norm)) if p.strip()]
    encoded = "\n\n".join(b.text.strip() for b in clause.blocks if b.kind == "norm")
    return Version(words.span(when), clause.title, paragraphs, encoded, told)


def _whole(spans: Sequence[Span]) -> Span:
    """The time from the first beginning to the last end: a clause whose exceptions changed has several spans."""
    starts, ends = [s.start for s in spans], [s.end for s in spans]
    start = None if None in starts else min(s for s in starts if s)
    return Span(start, None if None in ends else max(e for e in ends if e))


def _explanations(mine: pl.DataFrame, noun: str) -> Grid:
    counted = mine.group_by("explanation").len().sort(-pl.col("len").cast(pl.Int64), "explanation")
    rows = [[str(text), number(n)] for text, n in counted.head(3).iter_rows()]
    cut = f" The 3 most frequent of {number(counted.height)} explanations." if counted.height > 3 else ""
    return Grid(
        f"Why. Of {words.many(mine.height, noun)}.{cut}", (Column("Explanation"), Column(f"{noun}s", "number")), rows
    )


def _contacts(mine: pl.DataFrame, norm: str, law: Law, noun: str) -> Grid:
    """The first contacts, strictest verdict first, with no column that could hold a person."""
    order = {v: n for n, v in enumerate(VERDICTS)}
    strictest = pl.col("verdict").replace_strict(order, return_dtype=pl.Int8)
    framed = tables.was_done(mine, law.vocabulary).sort(strictest, "contact", maintain_order=True).head(ROWS_SHOWN)
    extra = shown_columns(mine)
    several = mine["actor"].n_unique() > 1
    excepted = framed["exception"].null_count() < framed.height
    columns = [Column("Source row", "number"), Column("Date")]
    columns += [Column("Agency")] if several else []
    columns += [Column(capital(words.plain(c))) for c in extra]
    columns += [Column("Verdict", "verdict")]
    columns += [Column("Exception")] if excepted else []
    columns += [Column("Done")]
    rows = []
    for r in framed.iter_rows(named=True):
        row = [str(r["source_row"] if r["source_row"] is not None else r["contact"])]
        row.append(words.day(r["date"]) if r["date"] else "unknown")
        row += [words.actor(r["actor"], law.vocabulary)] if several else []
        row += ["–" if r[c] is None or r[c] == "" else str(r[c]) for c in extra]
        row.append(r["verdict"])
        row += [r["exception"] or "–"] if excepted else []
        row.append("not recorded" if r["happened"] == tables.UNKNOWN else r["happened"])
        rows.append(row)
    caption = f"{noun}s under this clause: all {number(mine.height)}."
    if mine.height > len(rows):
        caption = (
            f"{noun}s under this clause: {len(rows)} of {number(mine.height)}, strictest verdict first. "
            f"The others are in findings.csv, where the column norm holds {norm}."
        )
    return Grid(capital(caption), tuple(columns), rows)


def shown_columns(findings: pl.DataFrame) -> list[str]:
    """The source's own columns that a report shows: about the agency and the paper, never about the person."""
    found = []
    for name in findings.columns:
        parts = set(re.split(r"[^a-z0-9]+", name.lower()))
        if name not in tables.OURS and "__" not in name and parts & SHOWN_COLUMNS and not parts & HELD_BACK:
            found.append(name)
    return found[:MOST_COLUMNS]
