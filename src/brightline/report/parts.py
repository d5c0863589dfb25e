"""The parts of a report between its front page and the pages of its clauses, one function each."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl

from brightline.drawing import Plot
from brightline.law.pack import Law
from brightline.reason.program import VERDICTS
from brightline.reason.speech import _
from brightline.report import plots, tables, words
from brightline.report.about import About
from brightline.report.changes import Change
from brightline.report.plots import letter
from brightline.report.shapes import Column, Figure, Grid, Part
from brightline.report.summary import gaps
from brightline.report.words import SAID, capital, number, percent, share

BARS_SHOWN = 12
RECORDS_SHOWN = 8
MOST_AGENCIES = 6
MOST_MONTHS = 36  # more than these, and the table gives years


def _verdict_columns(verdicts: Sequence[str]) -> list[Column]:
    return [Column(SAID[v], "number", v) for v in verdicts]


def _counts(row: dict[str, int], verdicts: Sequence[str]) -> list[str]:
    return [number(row[v]) for v in verdicts]


SHARES = (Column("share barred", "number"), Column("share unknown", "number"))


def _shares(row: dict[str, int]) -> list[str]:
    """The share barred, and beside it the share for which nobody can tell: never the one without the other."""
    barred, unknown = row["barred"] + row["conflict"], row["unsettled"] + row["contested"]
    return [percent(barred, row["total"]), percent(unknown, row["total"])]


def _sum(frame: pl.DataFrame) -> dict[str, int]:
    return {c: int(frame[c].sum()) for c in (*VERDICTS, "total")}


def _verdict_grid(
    table: tables.Table, first: str, name: Callable[[dict[str, object]], str], verdicts: Sequence[str], caption: str
) -> Grid:
    """One row for each key, verdict counts, the total, and the share barred with its unknowns."""
    rows = [
        [name(r), *_counts(r, verdicts), number(r["total"]), *_shares(r)] for r in table.frame.iter_rows(named=True)
    ]
    whole = _sum(table.frame)
    columns = (Column(first), *_verdict_columns(verdicts), Column("all", "number"), *SHARES)
    total = ["All", *_counts(whole, verdicts), number(whole["total"]), *_shares(whole)]
    return Grid(caption, columns, rows, total if len(rows) > 1 else None)


def _shown(findings: pl.DataFrame) -> tuple[str, ...]:
    """Columns of a table of verdicts: those that occur, and `barred`, whose zero is news."""
    found = set(tables.occurring(findings)) | {"barred"}
    return tuple(v for v in VERDICTS if v in found)


def over_time(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> Part:
    """What the law said of the contacts, in time, and when the law changed."""
    verdicts = _shown(findings)
    table = tables.by_month(findings)
    of = f"{words.many(table.denominator, noun)}"
    dated = findings.height - findings["date"].null_count()
    figure = _figure(
        plots.over_time(findings, changes, noun),
        "over-time", f"What did the law say of the {noun}s, and when?",
        f"{noun}s by date and verdict; {number(dated)} of {number(findings.height)} have a date"
        + ("; dashed lines: the law changed" if changes else ""),
        _over_time_alt(findings, changes, noun), _partial(findings),
    )  # fmt: skip
    grids = [_changes(changes), _before_and_after(findings, changes, noun)] if changes else []
    if table.frame.height <= MOST_MONTHS:
        caption = f"Verdicts by month. Of {of}."
        grids.append(_verdict_grid(table, "Month", lambda r: words.month(str(r["month"])), verdicts, caption))
    else:
        caption = f"Verdicts by year. Of {of}. The months are in summary.json."
        grids.append(_verdict_grid(tables.by_year(table), "Year", lambda r: str(r["year"]), verdicts, caption))
    return Part("over-time", "Verdicts over time", [], figure, grids)


def _figure(plot: Plot | None, name: str, title: str, subtitle: str, alt: str, note: str) -> Figure | None:
    return Figure(name, title, subtitle, alt, plot, note) if plot else None


def _changes(changes: Sequence[Change]) -> Grid:
    heads: tuple[Column, ...] = (Column("Day"), Column("What changed for these agencies and requests"))
    rows = [[words.day(c.day), c.told] for c in changes]
    if len(changes) > 1:  # then the lines in the plot have letters
        heads, rows = (Column("Line"), *heads), [[letter(n), *row] for n, row in enumerate(rows)]
    return Grid("Days on which the law changed within the period of the data", heads, rows)


def _before_and_after(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> Grid:
    periods = tables.by_law_period(findings, [c.day for c in changes])
    of = f"Of {words.many(periods.denominator, noun)} whose date is known."
    caption = f"Verdicts before and after the law changed. {of}"
    return _verdict_grid(periods, f"{noun}s of", _period_name, _shown(findings), caption)


def _period_name(row: dict[str, object]) -> str:
    first, last = row["from"], row["to"]
    assert isinstance(first, date) and isinstance(last, date)
    return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"


def _over_time_alt(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> str:
    if findings["date"].null_count() == findings.height:
        return ""
    months = tables.by_month(findings).frame.filter(pl.col("month") != tables.UNKNOWN)
    most = months.sort("total", descending=True, maintain_order=True).row(0, named=True)
    first, last = months.row(0, named=True), months.row(-1, named=True)

    def bar(row: dict[str, Any]) -> str:
        return f"{words.month(row['month'])} has {number(row['total'])}"

    told = f"Stacked bars of {noun}s by date, coloured by verdict. {bar(first)}, {bar(last)}; the most: {bar(most)}."
    days = words.listed([words.day(c.day) for c in changes])
    rule = f" A dashed line marks the change of the law on {days}." if changes else ""
    return f"{told}{rule} The tables below give every count."


def _partial(findings: pl.DataFrame) -> str:
    """A month that the data cover only in part looks like a fall: say so beside the plot."""
    first, last = findings["date"].min(), findings["date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return ""
    early = first.day > 1
    late = last.day < calendar.monthrange(last.year, last.month)[1]
    if not early and not late:
        return ""
    ends = [f"begin on {words.day(first)}"] * early + [f"end on {words.day(last)}"] * late
    return f"The data {words.listed(ends)}: a bar that is cut there is no fall or rise."


def _bars(table: tables.Table, name: Callable[[dict[str, object]], str]) -> list[plots.Bar]:
    rows = table.frame.head(BARS_SHOWN).iter_rows(named=True)
    return [plots.Bar(name(r), tuple((v, r[v]) for v in VERDICTS)) for r in rows]


def _bars_alt(bars: Sequence[plots.Bar], said: dict[str, str]) -> str:
    def told(bar: plots.Bar) -> str:
        parts = [f"{number(n)} {said[k]}" for k, n in bar.parts if n]
        return f"{bar.name} {number(bar.total)} ({', '.join(parts)})" if parts else f"{bar.name} 0"

    return "Horizontal bars. " + "; ".join(told(b) for b in bars) + "."


def _cut(table: tables.Table, shown: int = BARS_SHOWN) -> str:
    rest = table.frame.height - shown
    return f"The {shown} with most are drawn; {rest} more are in the table." if rest > 0 else ""


def agencies(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    """What the law said of each agency's contacts."""
    table = tables.by_agency(findings)

    def name(row: dict[str, object]) -> str:
        return capital(words.actor(str(row["agency"]), law.vocabulary))

    bars = _bars(table, name)
    of = f"Of {words.many(table.denominator, noun)}."
    figure = _figure(
        plots.ranking(bars, VERDICTS, SAID, f"number of {noun}s, one bar for each agency"),
        "by-agency", f"Which agencies did the {noun}s reach, and what did the law say?",
        f"{noun}s by agency and verdict; all {number(table.denominator)}", _bars_alt(bars, SAID), _cut(table),
    )  # fmt: skip
    grid = _verdict_grid(table, "Agency", name, _shown(findings), f"Verdicts by agency. {of}")
    grids = [grid, *_months_by_agency(findings, name, noun)]
    return Part("agencies", "By agency", [], figure, grids)


def _months_by_agency(findings: pl.DataFrame, name: Callable[[dict[str, object]], str], noun: str) -> list[Grid]:
    """How many contacts each agency had each month, where that is a table one can read."""
    table = tables.month_by_agency(findings)
    agencies = table.frame.columns[1:-1]
    if not 1 < len(agencies) <= MOST_AGENCIES or not 1 < table.frame.height <= MOST_MONTHS:
        return []
    columns = (Column("Month"), *(Column(name({"agency": a}), "number") for a in agencies), Column("all", "number"))
    rows = [[words.month(str(m)), *(number(n) for n in counts)] for m, *counts in table.frame.iter_rows()]
    total = ["All", *(number(int(table.frame[a].sum())) for a in (*agencies, "total"))]
    return [Grid(f"{capital(noun)}s by month and agency. Of {number(table.denominator)}.", columns, rows, total)]


def clauses(table: tables.Table, ids: dict[str, str], law: Law, noun: str) -> Part:
    """Which clauses reach the contacts."""
    if table.frame.is_empty():
        return Part("clauses", "By clause", [f"No clause encoded here reaches any of these {noun}s."])
    verdicts = [v for v in VERDICTS if v == "barred" or table.frame[v].sum()]
    bars = _bars(table, lambda r: law.cite(str(r["norm"])))
    figure = _figure(
        plots.ranking(bars, VERDICTS, SAID, f"number of {noun}s, one bar for each clause"),
        "by-clause", "Which clauses decide?",
        f"{noun}s by clause and verdict; of {number(table.denominator)} that some clause reaches",
        _bars_alt(bars, SAID), _cut(table),
    )  # fmt: skip
    rows = [
        [law.cite(r["norm"]), *_counts(r, verdicts), number(r["total"]), *_shares(r)]
        for r in table.frame.iter_rows(named=True)
    ]
    columns = (Column("Clause"), *_verdict_columns(verdicts), Column("all", "number"), *SHARES)
    several = f" One {noun} may stand under several clauses." if table.frame["total"].sum() > table.denominator else ""
    caption = f"Verdicts by clause. Of {words.many(table.denominator, noun)} that some clause reaches.{several}"
    links = [ids[n] for n in table.frame["norm"]]
    intro = "The verdict is the one on the whole contact; the text of each clause and its contacts stand at the end."
    return Part("clauses", "By clause", [intro], figure, [Grid(caption, columns, rows, None, links)])


def unknown(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    """Which facts nobody recorded, and which of them would settle the open contacts."""
    table, sets = tables.settling_facts(findings, law.vocabulary), tables.settling_sets(findings)
    of = f"Of {words.many(table.denominator, noun)} for which nobody can tell."
    figure, grids = None, []
    if table.denominator == 0:
        paragraphs = [f"The law gives an answer for every one of these {noun}s; no record is missing for that."]
    else:
        paragraphs = [
            "“Cannot tell” is not an acquittal: a fact on which the law depends was not recorded. For each such "
            f"{noun} the smallest sets of missing records were worked out from the law itself. A record “can settle” "
            "it when at least one answer decides; another answer may leave it open."
        ]
    if table.frame.is_empty() and table.denominator:
        paragraphs.append(f"No small set of records would settle the {number(table.denominator)} open {noun}s.")
    elif table.denominator:
        figure = _settling_figure(table, law, noun)
        grids = [_settling_grid(table, law, of), *_settling_together(sets, law, of)]
    grids.append(_empty_columns(findings, law, noun))
    reading = tables.readings(findings)
    if reading.denominator:
        grids.append(_readings(reading, law, noun))
    return Part("unknown", "What is unknown, and what would settle it", paragraphs, figure, grids)


def _settling_figure(table: tables.Table, law: Law, noun: str) -> Figure | None:
    told = {"first": "its answer alone can settle it", "also": "can settle it together with other records"}
    rows = table.frame.head(RECORDS_SHOWN).iter_rows(named=True)
    bars = [
        plots.Bar(words.question(r["fact"], law.vocabulary), (("first", r["alone"]), ("also", r["together"])))
        for r in rows
    ]
    return _figure(
        plots.ranking(bars, ("first", "also"), told, f"number of {noun}s that the answer can settle"),
        "settling", "Which record would settle most?",
        f"{noun}s that an answer can settle, of {number(table.denominator)} for which nobody can tell",
        _bars_alt(bars, told), _cut(table, RECORDS_SHOWN),
    )  # fmt: skip


def _settling_grid(table: tables.Table, law: Law, of: str) -> Grid:
    columns = (
        Column("Question"), Column("What shows it"), Column("Effort"),
        Column("can settle alone", "number"), Column("only with other records", "number"),
    )  # fmt: skip
    rows = [
        [
            words.question(fact, law.vocabulary),
            words.proof(fact, law.vocabulary) or "the record of the contact",
            words.EFFORT.get(cost, ""),
            share(alone, table.denominator),
            share(together, table.denominator),
        ]
        for fact, alone, together, cost in table.frame.iter_rows()
    ]
    return Grid(f"What to find out, and what shows it. {of}", columns, rows)


def _settling_together(sets: tables.Table, law: Law, of: str) -> list[Grid]:
    """The sets of several records, where no record alone is enough."""
    several = sets.frame.filter(pl.col("size") > 1)
    if several.is_empty():
        return []
    rows = [
        [words.facts(r["facts"], law.vocabulary), share(r["can_settle"], sets.denominator)]
        for r in several.head(8).iter_rows(named=True)
    ]
    cut = (
        f" The {len(rows)} smallest and most frequent of {number(several.height)} sets."
        if several.height > len(rows)
        else ""
    )
    columns = (Column("Questions to answer together"), Column("can settle", "number"))
    return [Grid(f"Records that settle only together. {of}{cut}", columns, rows)]


def _empty_columns(findings: pl.DataFrame, law: Law, noun: str) -> Grid:
    table = tables.unknowns(findings, law.vocabulary)
    names = {"date": "the date", "actor": "the agency", "asked": "what was asked", "done": "what was done"}
    names["outcome_stated"] = "what became of it, if only as a statement"
    rows = [
        [
            names.get(column)
            or (words.question(column, law.vocabulary) if kind == "fact" else f"{column} (column of the source)"),
            share(unknown, table.denominator),
        ]
        for column, kind, unknown in table.frame.iter_rows()
    ]
    caption = f"Not recorded in the data. Of {words.many(table.denominator, noun)}."
    return Grid(caption, (Column("What"), Column("not recorded", "number")), rows)


def _readings(table: tables.Table, law: Law, noun: str) -> Grid:
    def name(row: dict[str, object]) -> str:
        told = str(row["reading"])
        found = {a.question: None for r in re.findall(r"\w+\.\w+", told) if (a := law.ambiguity(r))}
        return " ".join(found) + " " + words.plain(re.sub(r"\w+\.(\w+)", r"\1", told)) if found else told

    verdicts = [v for v in VERDICTS if v == "barred" or table.frame[v].sum()]
    of = f"Of {words.many(table.denominator, noun)} whose finding names a reading."
    caption = f"Where the law can be read in several ways. {of}"
    return _verdict_grid(table, "Question of reading", name, verdicts, caption)


def exceptions(findings: pl.DataFrame, noun: str) -> Part:
    """The exceptions that hold."""
    table = tables.exceptions(findings)
    if table.denominator == 0:
        return Part(
            "exceptions", "Exceptions used", [f"No exception is known to have applied to any of these {noun}s."]
        )
    rows = [[e, number(n), percent(n, table.denominator)] for e, n in table.frame.iter_rows()]
    caption = (
        f"Exceptions that hold on these records. Of {words.many(table.denominator, noun)} not barred because of one."
    )
    columns = (Column("Exception"), Column(f"{noun}s", "number"), Column("share", "number"))
    return Part("exceptions", "Exceptions used", [words.NOT_AUTHORISED], None, [Grid(caption, columns, rows)])


def resting(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    """The verdicts on verified facts alone, and the stated facts that make the difference."""
    alone, resting = tables.verified_alone(findings), tables.rests_on(findings)
    intro = (
        "A fact is verified when a record or a court shows it, and stated when only the requester says so. "
        "Every verdict was worked out twice: on all facts, and on the verified ones alone."
    )
    rows = [
        [v, number(stated), number(verified)]
        for v, stated, verified in alone.frame.iter_rows()
        if stated or verified or v == "barred"
    ]
    columns = (
        Column("Verdict", "verdict"),
        Column("on all facts", "number"),
        Column("on verified facts alone", "number"),
    )
    whole = number(alone.denominator)
    grids = [
        Grid(
            f"Verdicts on all facts, and on verified facts alone. Of {whole} {noun}s.",
            columns,
            rows,
            ["All", whole, whole],
        )
    ]
    if resting.denominator == 0:
        return Part(
            "rests-on",
            "What the verdicts rest on",
            [intro, "No verdict rests on a fact that was only stated."],
            None,
            grids,
        )
    rows = [
        [_stated(sets, law), verdict, verified, number(n)]
        for sets, verdict, verified, n in resting.frame.head(20).iter_rows()
    ]
    cut = f" The {len(rows)} most frequent of {resting.frame.height}." if resting.frame.height > len(rows) else ""
    caption = f"Verdicts that rest on stated facts. Of {words.many(resting.denominator, noun)} whose verdict does.{cut}"
    heads = (
        Column("Only stated, and decisive"), Column("Verdict", "verdict"),
        Column("on verified facts alone", "verdict"), Column(f"{noun}s", "number"),
    )  # fmt: skip
    return Part("rests-on", "What the verdicts rest on", [intro], None, [*grids, Grid(caption, heads, rows)])


def _stated(sets: str, law: Law) -> str:
    return " — or: ".join(words.facts(s, law.vocabulary) for s in sets.split(" or "))


def happened(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    """What the records say was done."""
    table = tables.happened(findings, law.vocabulary)
    heads = (("done", "done"), ("not done", "not done"), (tables.UNKNOWN, "not recorded"))
    columns = (Column("Verdict", "verdict"), *(Column(h, "number") for _, h in heads), Column("all", "number"))
    rows = [
        [r["verdict"], *(number(r[k]) for k, _ in heads), number(r["total"])] for r in table.frame.iter_rows(named=True)
    ]
    sums = {k: int(table.frame[k].sum()) for k in (*(k for k, _ in heads), "total")}
    intro = (
        "A verdict says what the law made of the act that was asked for. Whether an agency then did it is a matter of "
        f"record: done in {share(sums['done'], findings.height, sums[tables.UNKNOWN], 'not recorded for')} {noun}s."
    )
    total = ["All", *(number(sums[k]) for k, _ in heads), number(sums["total"])] if len(rows) > 1 else None
    caption = f"What the records say was done. Of {words.many(table.denominator, noun)}."
    grids = [Grid(caption, columns, rows, total), *_outcomes(findings, noun)]
    return Part("happened", "What was done", [intro], None, grids)


def _outcomes(findings: pl.DataFrame, noun: str) -> list[Grid]:
    """What became of it in the word of one side: beside the records, never among them."""
    table = tables.outcomes(findings)
    if table.frame["outcome"].to_list() in ([], [tables.UNKNOWN]):
        return []
    rows = [
        ["nothing is stated" if o == tables.UNKNOWN else words.plain(o), share(n, table.denominator)]
        for o, n in table.frame.iter_rows()
    ]
    caption = f"What is stated to have become of it, and was not verified. Of {words.many(table.denominator, noun)}."
    return [Grid(caption, (Column("Outcome"), Column(f"{noun}s", "number")), rows)]


def meanings() -> Part:
    """What the seven verdicts mean."""
    rows = [[v, words.MEANING[v]] for v in VERDICTS]
    grid = Grid("The seven verdicts, strictest first", (Column("Verdict", "verdict"), Column("What it means")), rows)
    intro = "A contact with several actions gets the first of these verdicts that one of its actions gets."
    return Part("meanings", "What the verdicts mean", [intro, words.NOT_AUTHORISED], None, [grid])


def horizon(findings: pl.DataFrame, law: Law, about: About) -> Part:
    """The laws that are not encoded."""
    laws = gaps(law, about.packs)
    title = "What this report does not cover"
    ends = [
        f"The encoding of {law.packs[p].title} is complete until {words.day(e)}."
        for p in law.chosen(about.packs)
        if (e := law.packs[p].complete_until)
    ]
    counted = tables.horizon(findings, list(laws)).frame
    rows = [[_(w), _(laws[w]), share(n, findings.height)] for w, n in counted.iter_rows() if n]
    elsewhere = len(laws) - len(rows)
    said = [
        "No verdict here takes these laws into account."
        if rows
        else f"No law that is known to be missing bears on these {about.noun}s."
    ]
    if elsewhere:
        more = "more " if rows else ""
        bear = "law that the packs lack bears" if elsewhere == 1 else "laws that the packs lack bear"
        said.append(f"{elsewhere} {more}{bear} only on other days than these.")
    caption = f"Laws that are not encoded, and the {about.noun}s on which they may bear. Of {number(findings.height)}."
    columns = (Column("Law"), Column("Why it is not encoded"), Column("may bear on", "number"))
    return Part("horizon", title, [*said, *ends], None, [Grid(caption, columns, rows)] if rows else [])


def unread(about: About) -> Part | None:
    """The rows that are in no count."""
    if not about.rejected:
        return None
    where = f" All of them are listed in {about.rejected_file}." if about.rejected_file else ""
    rows_ = f"{words.many(about.rejected, 'row')} of {about.data}"
    said = f"{rows_} could not be read, and no count of this report holds them.{where}"
    shown = about.rejected_rows[:20]
    rows = [[number(r.row) if r.row is not None else "–", r.column, r.reason] for r in shown]
    caption = f"Rows that could not be read: {len(shown)} of {number(about.rejected)}"
    grids = [Grid(caption, (Column("Row", "number"), Column("Column"), Column("Why")), rows)] if rows else []
    return Part("unread", "Rows that could not be read", [said], None, grids)


def method(findings: pl.DataFrame, law: Law, about: About) -> Part:
    """Where the report comes from, and how the verdicts were found."""
    packs = words.listed([f"{law.packs[p].title} ({p})" for p in law.chosen(about.packs)])
    applied = (
        f"the law of {words.day(about.as_of)} for all"
        if about.as_of
        else f"the law in force on the day of each {about.noun}"
    )
    rows = [
        ["Data", about.data],
        ["Reader", about.reader],
        ["Read", f"{words.many(findings.height, about.noun)}; {words.many(about.rejected, 'row')} could not be read"],
        ["Law", packs],
        ["Applied", applied],
        ["Made", f"{words.day(about.made)}, with Brightline {about.version}"],
    ]
    if about.command:
        rows.append(["Made again by", about.command])
    paragraphs = [
        "Each clause of the law was written down as a rule under its own text, with the days on which it was in force. "
        f"Each {about.noun} was then held against the rules in force that day for that agency and what was asked. "
        "A fact that nobody recorded counts as unknown, never as no; where an unknown fact could change the answer, "
        "the verdict is “cannot tell”.",
        *about.notes,
    ]
    after = [
        f"All {number(findings.height)} findings stand in findings.csv and findings.parquet beside this report, "
        "their counts in summary.json. In the CSV, a cell that a spreadsheet could take for a formula begins with "
        "an apostrophe."
    ]
    grid = Grid("Where this report comes from", (Column("What"), Column("Which")), rows)
    return Part("method", "Data and method", paragraphs, None, [grid], after)
