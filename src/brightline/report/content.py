"""Everything a report shows, put together once, so that the HTML and the PDF say the same.

Plain strings, lists and dataclasses: the templates only lay them out.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from brightline.law.markdown import Clause
from brightline.law.pack import Law, Section
from brightline.law.tree import Norm, Span
from brightline.reason.program import VERDICTS
from brightline.report import plots, sentences, tables, words
from brightline.report.about import About
from brightline.report.changes import Change, law_changes
from brightline.report.plots import Plot, letter
from brightline.report.summary import gaps
from brightline.report.words import SAID, number, percent, rate, share

ROWS_SHOWN = 50
BARS_SHOWN = 12
SHOWN_COLUMNS = {"facility", "form", "lift", "outcome", "disposition", "office", "program", "county"}
HELD_BACK = {"id", "birth", "dob", "person", "alien", "subject", "last", "first"}  # in a name: it may be a person's
MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `kind` is text, number or verdict. `verdict` puts its swatch into the head."""

    label: str
    kind: str = "text"
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as read by people: the caption says of what it counts."""

    caption: str
    columns: tuple[Column, ...]
    rows: list[list[str]]
    total: list[str] | None = None
    links: list[str] = field(default_factory=list)  # one for each row's first cell: the part it leads to


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot with its question, its denominator, and a sentence for whoever does not see it."""

    name: str
    title: str
    subtitle: str
    alt: str
    plot: Plot
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the report."""

    id: str
    title: str
    paragraphs: list[str]
    figure: Figure | None = None
    grids: list[Grid] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Version:
    """The text of a clause in one span of time."""

    when: str
    title: str
    text: list[str]
    encoded: str
    contacts: str


@dataclass(frozen=True, slots=True)
class ClausePage:
    """One clause: its text, where it comes from, and its contacts."""

    id: str
    norm: str
    citation: str
    title: str
    about: list[tuple[str, str]]
    sources: list[str]
    versions: list[Version]
    paragraphs: list[str]
    grids: list[Grid]


@dataclass(frozen=True, slots=True)
class Entry:
    """A verdict on the front page."""

    verdict: str
    said: str
    meaning: str
    count: str
    share: str
    width: float  # of all contacts, 0 to 1


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report."""

    title: str
    subtitle: str
    made: str
    version: str
    lede: str
    ledger: list[Entry]
    none: str
    paragraphs: list[tuple[str, str]]
    cautions: list[str]
    parts: list[Part]
    clauses: list[ClausePage]


def content(findings: pl.DataFrame, law: Law, about: About) -> Content:
    """All that the report says about these findings."""
    changes = () if about.as_of else law_changes(findings, law, about.packs)
    clauses = tables.by_clause(findings)
    ids = {norm: anchor(norm) for norm in clauses.frame["norm"]}
    parts = [
        _over_time(findings, changes, about.noun),
        _agencies(findings, law, about.noun),
        _clauses(clauses, ids, law, about.noun),
        _unknown(findings, law, about.noun),
        _exceptions(findings, about.noun),
        _resting(findings, law, about.noun),
        _happened(findings, law, about.noun),
        _meanings(),
        _horizon(findings, law, about),
        _unread(about),
        _method(findings, law, about),
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
        sentences.paragraphs(findings, law, about, changes),
        _cautions(findings, law, about),
        [p for p in parts if p is not None],
        [_clause_page(norm, tables.of_clause(findings, norm), law, about) for norm in ids],
    )


def anchor(norm: str) -> str:
    return "clause-" + re.sub(r"[^a-z0-9]+", "-", norm.lower()).strip("-")


# --- the front page ---------------------------------------------------------------------------


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
        said.append(f"{words.many(about.rejected, 'row')} of the data could not be read and {_are(about.rejected)} not counted.")
    return [words.NOT_AUTHORISED, *said]


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


# --- the parts --------------------------------------------------------------------------------


def _verdict_columns(verdicts: Sequence[str]) -> list[Column]:
    return [Column(SAID[v], "number", v) for v in verdicts]


def _counts(row: dict[str, int], verdicts: Sequence[str]) -> list[str]:
    return [number(row[v]) for v in verdicts]


def _barred_share(row: dict[str, int]) -> str:
    return rate(row["barred"] + row["conflict"], row["total"], row["unsettled"] + row["contested"])


def _sum(frame: pl.DataFrame) -> dict[str, int]:
    return {c: int(frame[c].sum()) for c in (*VERDICTS, "total")}


def _verdict_grid(
    table: tables.Table, first: str, name: Callable[[dict[str, object]], str], verdicts: Sequence[str], caption: str
) -> Grid:
    """One row for each key, verdict counts, the total, and the share barred with its unknowns."""
    rows = [[name(r), *_counts(r, verdicts), number(r["total"]), _barred_share(r)] for r in table.frame.iter_rows(named=True)]
    whole = _sum(table.frame)
    columns = (Column(first), *_verdict_columns(verdicts), Column("all", "number"), Column("share barred", "number"))
    total = ["All", *_counts(whole, verdicts), number(whole["total"]), _barred_share(whole)]
    return Grid(caption, columns, rows, total if len(rows) > 1 else None)


def _shown(findings: pl.DataFrame) -> tuple[str, ...]:
    """Columns of a table of verdicts: those that occur, and `barred`, whose zero is news."""
    found = set(tables.occurring(findings)) | {"barred"}
    return tuple(v for v in VERDICTS if v in found)


def _over_time(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> Part:
    verdicts = _shown(findings)
    table = tables.by_month(findings)
    of = f"{number(table.denominator)} {noun}s"
    figure = None
    plot = plots.over_time(findings, changes, noun)
    dated = findings.height - findings["date"].null_count()
    if plot:
        figure = Figure(
            "over-time", f"What did the law say of the {noun}s, and when?",
            f"{noun}s by date and verdict; {number(dated)} of {number(findings.height)} have a date"
            + ("; dashed lines: the law changed" if changes else ""),
            _over_time_alt(findings, changes, noun), plot, _partial(findings),
        )  # fmt: skip
    grids = []
    if changes:
        lettered = [letter(n) for n in range(len(changes))] if len(changes) > 1 else ["–"]
        rows = [[mark, words.day(c.day), c.told] for mark, c in zip(lettered, changes, strict=True)]
        if len(changes) == 1:
            rows = [row[1:] for row in rows]
        heads = [Column("Day"), Column("What changed for these agencies and requests")]
        heads = [Column("Line"), *heads] if len(changes) > 1 else heads
        grids.append(Grid("Days on which the law changed within the period of the data", tuple(heads), rows))
        periods = tables.by_law_period(findings, [c.day for c in changes])
        grids.append(
            _verdict_grid(
                periods, f"{noun}s of", _period_name, verdicts,
                f"Verdicts before and after the law changed. Of {number(periods.denominator)} {noun}s whose date is known.",
            )  # fmt: skip
        )
    caption = f"Verdicts by month. Of {of}."
    grids.append(_verdict_grid(table, "Month", lambda r: words.month(str(r["month"])), verdicts, caption))
    return Part("over-time", "Verdicts over time", [], figure, grids)


def _period_name(row: dict[str, object]) -> str:
    first, last = row["from"], row["to"]
    assert isinstance(first, date) and isinstance(last, date)
    return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"


def _over_time_alt(findings: pl.DataFrame, changes: Sequence[Change], noun: str) -> str:
    months = tables.by_month(findings).frame.filter(pl.col("month") != tables.UNKNOWN)
    most = months.sort("total", descending=True, maintain_order=True).row(0, named=True)
    first, last = months.row(0, named=True), months.row(-1, named=True)
    told = (
        f"Stacked bars of {noun}s by date, coloured by verdict. {words.month(first['month'])} has {number(first['total'])}, "
        f"{words.month(last['month'])} has {number(last['total'])}; the most are in {words.month(most['month'])} "
        f"({number(most['total'])})."
    )
    days = words.listed([words.day(c.day) for c in changes])
    rule = f" A dashed line marks the change of the law on {days}." if changes else ""
    return f"{told}{rule} The table of months below gives every count."


def _partial(findings: pl.DataFrame) -> str:
    """A month that the data cover only in part looks like a fall: say so beside the plot."""
    first, last = findings["date"].min(), findings["date"].max()
    assert isinstance(first, date) and isinstance(last, date)
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


def _cut(table: tables.Table) -> str:
    rest = table.frame.height - BARS_SHOWN
    return f"The {BARS_SHOWN} with most are drawn; {rest} more are in the table." if rest > 0 else ""


def _agencies(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    table = tables.by_agency(findings)

    def name(row: dict[str, object]) -> str:
        return _capital(words.actor(str(row["agency"]), law.vocabulary))

    bars = _bars(table, name)
    plot = plots.ranking(bars, VERDICTS, SAID, f"number of {noun}s, one bar for each agency")
    of = f"Of {number(table.denominator)} {noun}s."
    figure = plot and Figure(
        "by-agency", f"Which agencies did the {noun}s reach, and what did the law say?",
        f"{noun}s by agency and verdict; all {number(table.denominator)}", _bars_alt(bars, SAID), plot, _cut(table),
    )  # fmt: skip
    grid = _verdict_grid(table, "Agency", name, _shown(findings), f"Verdicts by agency. {of}")
    return Part("agencies", "By agency", [], figure, [grid])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _clauses(table: tables.Table, ids: dict[str, str], law: Law, noun: str) -> Part:
    if table.frame.is_empty():
        return Part("clauses", "By clause", [f"No clause encoded here reaches any of these {noun}s."])
    verdicts = [v for v in VERDICTS if v == "barred" or table.frame[v].sum()]
    bars = _bars(table, lambda r: law.cite(str(r["norm"])))
    plot = plots.ranking(bars, VERDICTS, SAID, f"number of {noun}s, one bar for each clause")
    figure = plot and Figure(
        "by-clause", "Which clauses decide?",
        f"{noun}s by clause and verdict; of {number(table.denominator)} that some clause reaches",
        _bars_alt(bars, SAID), plot, _cut(table),
    )  # fmt: skip
    rows = [
        [law.cite(r["norm"]), *_counts(r, verdicts), number(r["total"]), _barred_share(r)] for r in table.frame.iter_rows(named=True)
    ]
    columns = (Column("Clause"), *_verdict_columns(verdicts), Column("all", "number"), Column("share barred", "number"))
    several = f" One {noun} may stand under several clauses." if table.frame["total"].sum() > table.denominator else ""
    caption = f"Verdicts by clause. Of {number(table.denominator)} {noun}s that some clause reaches.{several}"
    links = [ids[n] for n in table.frame["norm"]]
    intro = "The verdict is the one on the whole contact; the text of each clause and its contacts stand at the end."
    return Part("clauses", "By clause", [intro], figure, [Grid(caption, columns, rows, None, links)])


def _unknown(findings: pl.DataFrame, law: Law, noun: str) -> Part:
    table, sets = tables.settling_facts(findings, law.vocabulary), tables.settling_sets(findings)
    of = f"Of {number(table.denominator)} {noun}s for which nobody can tell."
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
    rows = table.frame.head(BARS_SHOWN).iter_rows(named=True)
    bars = [
        plots.Bar(words.question(r["fact"], law.vocabulary), (("first", r["alone"]), ("also", r["together"]))) for r in rows
    ]
    plot = plots.ranking(bars, ("first", "also"), told, f"number of {noun}s that the answer can settle")
    return plot and Figure(
        "settling", "Which record would settle most?",
        f"{noun}s that an answer can settle, of {number(table.denominator)} for which nobody can tell",
        _bars_alt(bars, told), plot, _cut(table),
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
    rows = [[words.facts(r["facts"], law.vocabulary), share(r["can_settle"], sets.denominator)] for r in several.head(8).iter_rows(named=True)]
    cut = f" The {len(rows)} smallest and most frequent of {number(several.height)} sets." if several.height > len(rows) else ""
    columns = (Column("Questions to answer together"), Column("can settle", "number"))
    return [Grid(f"Records that settle only together. {of}{cut}", columns, rows)]


def _empty_columns(findings: pl.DataFrame, law: Law, noun: str) -> Grid:
    table = tables.unknowns(findings, law.vocabulary)
    names = {"date": "the date", "actor": "the agency", "asked": "what was asked", "done": "what was done"}
    rows = [
        [
            names.get(column) or (words.question(column, law.vocabulary) if kind == "fact" else f"{column} (column of the source)"),
            share(unknown, table.denominator),
        ]
        for column, kind, unknown in table.frame.iter_rows()
    ]
    caption = f"Not recorded in the data. Of {number(table.denominator)} {noun}s."
    return Grid(caption, (Column("What"), Column("not recorded", "number")), rows)


def _readings(table: tables.Table, law: Law, noun: str) -> Grid:
    def name(row: dict[str, object]) -> str:
        told = str(row["reading"])
        found = {a.question: None for r in re.findall(r"\w+\.\w+", told) if (a := law.ambiguity(r))}
        return " ".join(found) + " " + words.plain(re.sub(r"\w+\.(\w+)", r"\1", told)) if found else told

    verdicts = [v for v in VERDICTS if v == "barred" or table.frame[v].sum()]
    caption = f"Where the law can be read in several ways. Of {number(table.denominator)} {noun}s whose finding names a reading."
    return _verdict_grid(table, "Question of reading", name, verdicts, caption)


def _exceptions(findings: pl.DataFrame, noun: str) -> Part:
    table = tables.exceptions(findings)
    if table.denominator == 0:
        return Part("exceptions", "Exceptions used", [f"No exception is known to have applied to any of these {noun}s."])
    rows = [[e, number(n), percent(n, table.denominator)] for e, n in table.frame.iter_rows()]
    caption = f"Exceptions that hold on these records. Of {number(table.denominator)} {noun}s not barred because of one."
    columns = (Column("Exception"), Column(f"{noun}s", "number"), Column("share", "number"))
    return Part("exceptions", "Exceptions used", [words.NOT_AUTHORISED], None, [Grid(caption, columns, rows)])


def _resting(findings: pl.DataFrame, law: Law, noun: str) -> Part:
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
    columns = (Column("Verdict", "verdict"), Column("on all facts", "number"), Column("on verified facts alone", "number"))
    whole = number(alone.denominator)
    grids = [Grid(f"Verdicts on all facts, and on verified facts alone. Of {whole} {noun}s.", columns, rows, ["All", whole, whole])]
    if resting.denominator == 0:
        return Part("rests-on", "What the verdicts rest on", [intro, "No verdict rests on a fact that was only stated."], None, grids)
    rows = [
        [_stated(sets, law), verdict, verified, number(n)]
        for sets, verdict, verified, n in resting.frame.head(20).iter_rows()
    ]
    cut = f" The {len(rows)} most frequent of {resting.frame.height}." if resting.frame.height > len(rows) else ""
    caption = f"Verdicts that rest on stated facts. Of {number(resting.denominator)} {noun}s whose verdict does.{cut}"
    columns = (
        Column("Only stated, and decisive"), Column("Verdict", "verdict"),
        Column("on verified facts alone", "verdict"), Column(f"{noun}s", "number"),
    )  # fmt: skip
    return Part("rests-on", "What the verdicts rest on", [intro], None, [*grids, Grid(caption, columns, rows)])


def _stated(sets: str, law: Law) -> str:
    return " — or: ".join(words.facts(s, law.vocabulary) for s in sets.split(" or "))


def _happened(findings: pl.DataFrame, law: Law, noun: str) -> Part:
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
    caption = f"What the records say was done. Of {number(table.denominator)} {noun}s."
    return Part("happened", "What was done", [intro], None, [Grid(caption, columns, rows, total)])


def _meanings() -> Part:
    rows = [[v, words.MEANING[v]] for v in VERDICTS]
    grid = Grid("The seven verdicts, strictest first", (Column("Verdict", "verdict"), Column("What it means")), rows)
    intro = "A contact with several actions gets the first of these verdicts that one of its actions gets."
    return Part("meanings", "What the verdicts mean", [intro, words.NOT_AUTHORISED], None, [grid])


def _horizon(findings: pl.DataFrame, law: Law, about: About) -> Part:
    laws = gaps(law, about.packs)
    title = "What this report does not cover"
    ends = [
        f"The encoding of {law.packs[p].title} is complete until {words.day(e)}."
        for p in law.chosen(about.packs)
        if (e := law.packs[p].complete_until)
    ]
    counted = tables.horizon(findings, list(laws)).frame
    rows = [[w, laws[w], share(n, findings.height)] for w, n in counted.iter_rows() if n]
    elsewhere = len(laws) - len(rows)
    said = ["No verdict here takes these laws into account." if rows else f"No law that is known to be missing bears on these {about.noun}s."]
    if elsewhere:
        one = elsewhere == 1
        said.append(f"{elsewhere} {'more ' if rows else ''}{'law' if one else 'laws'} that the packs lack {'bears' if one else 'bear'} only on other days than these.")
    caption = f"Laws that are not encoded, and the {about.noun}s on which they may bear. Of {number(findings.height)}."
    columns = (Column("Law"), Column("Why it is not encoded"), Column("may bear on", "number"))
    return Part("horizon", title, [*said, *ends], None, [Grid(caption, columns, rows)] if rows else [])


def _unread(about: About) -> Part | None:
    if not about.rejected:
        return None
    where = f" All of them are listed in {about.rejected_file}." if about.rejected_file else ""
    said = f"{words.many(about.rejected, 'row')} of {about.data} could not be read. They are in no count of this report.{where}"
    shown = about.rejected_rows[:20]
    rows = [[number(r.row) if r.row is not None else "–", r.column, r.reason] for r in shown]
    caption = f"Rows that could not be read: {len(shown)} of {number(about.rejected)}"
    grids = [Grid(caption, (Column("Row", "number"), Column("Column"), Column("Why")), rows)] if rows else []
    return Part("unread", "Rows that could not be read", [said], None, grids)


def _method(findings: pl.DataFrame, law: Law, about: About) -> Part:
    packs = words.listed([f"{law.packs[p].title} ({p})" for p in law.chosen(about.packs)])
    applied = f"the law of {words.day(about.as_of)} for all" if about.as_of else f"the law in force on the day of each {about.noun}"
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
        f"All {number(findings.height)} findings stand in findings.csv and findings.parquet beside this report, the counts in "
        "summary.json. In the CSV, a cell that a spreadsheet could take for a formula begins with an apostrophe."
    ]
    grid = Grid("Where this report comes from", (Column("What"), Column("Which")), rows)
    return Part("method", "Data and method", paragraphs, None, [grid], after)


# --- one page for each clause -----------------------------------------------------------------


def _clause_page(norm: str, mine: pl.DataFrame, law: Law, about: About) -> ClausePage:
    section = law.sections.get(norm.partition(":")[0])
    counts, total = tables.by_verdict(mine), mine.height
    open_ = counts["unsettled"] + counts["contested"]
    rows = [
        [v, number(n), rate(n, total, 0 if v in ("unsettled", "contested") else open_)] for v, n in counts.items() if n
    ]
    columns = (Column("Verdict", "verdict"), Column(f"{about.noun}s", "number"), Column("share", "number"))
    grids = [Grid(f"Verdicts on the {words.many(total, about.noun)} that this clause reaches or may reach", columns, rows)]
    grids += [_explanations(mine, about.noun), _contacts(mine, norm, law, about.noun)]
    citation = law.cite(norm)
    if section is None:
        lacking = ["The packs of this report do not hold the text of this clause."]
        return ClausePage(anchor(norm), norm, citation, "", [], [], [], lacking, grids)
    versions = _versions(norm, section, mine, law, about)
    facts = [
        ("Section", f"{section.title} ({section.citation})"),
        ("Jurisdiction", law.packs[section.pack].title),
        ("Enacted by", str(section.meta.get("enacted_by", ""))),
        ("Review", str(section.meta.get("reviewed", "not reviewed by counsel"))),
    ]
    sources = [str(s) for s in section.meta.get("sources") or [] if str(s).startswith(("https://", "http://"))]
    title = versions[-1].title if versions else ""
    known = [(k, _capital(v)) for k, v in facts if v]
    return ClausePage(anchor(norm), norm, citation, title, known, sources, versions, [], grids)


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
        held = mine.height if about.as_of else sum(whole.holds(d) for d in mine["date"].drop_nulls())
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
    return Grid(f"Why. Of {words.many(mine.height, noun)}.{cut}", (Column("Explanation"), Column(f"{noun}s", "number")), rows)


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
    columns += [Column(_capital(words.plain(c))) for c in extra]
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
    return Grid(_capital(caption), tuple(columns), rows)


def shown_columns(findings: pl.DataFrame) -> list[str]:
    """The source's own columns that a report shows: about the agency and the paper, never about the person."""
    found = []
    for name in findings.columns:
        parts = set(re.split(r"[^a-z0-9]+", name.lower()))
        if name not in tables.OURS and "__" not in name and parts & SHOWN_COLUMNS and not parts & HELD_BACK:
            found.append(name)
    return found[:MOST_COLUMNS]


