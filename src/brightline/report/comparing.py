"""A comparison of two laws as people read it: a page, the contacts that change, and the counts for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from brightline.reason.comparison import CHANGES, SIDES, SPLITS, Comparison, verdict_said
from brightline.reason.program import VERDICTS
from brightline.reason.sides import Side
from brightline.reason.speech import _, language, number, several
from brightline.reason.speech import day as day_said
from brightline.report import ink, plots
from brightline.report.about import About
from brightline.report.files import Write, safe_cells, write_all
from brightline.report.html import drawing, swatch
from brightline.report.shapes import Column, Figure, Grid, Part
from brightline.report.words import NOT_AUTHORISED, citations, percent

GROUPS_SHOWN = 10
VALUES_SHOWN = 12
FACTS_SHOWN = 20
ROWS_SHOWN = 50
MOST_SPLITS = 6  # agency, year, and so many columns of the source as remain
_NB = "\u00a0"


def counted(noun: str) -> Callable[[int], str]:
    """How so many of these contacts are said: `counted("detainer")(838)` is "838 detainers"."""
    match noun:
        case "detainer":
            return lambda n: several("{count} detainer", "{count} detainers", n)
        case "arrest":
            return lambda n: several("{count} arrest", "{count} arrests", n)
        case _:
            return lambda n: several("{count} contact", "{count} contacts", n)


def heading(noun: str) -> str:
    """The head of a column that counts these contacts."""
    return {"detainer": _("detainers"), "arrest": _("arrests")}.get(noun, _("contacts"))


def letters(found: Comparison) -> list[tuple[str, Side]]:
    """Both sides with the letters by which everything else calls them."""
    return [("A", found.a), ("B", found.b)]


def supposed(found: Comparison) -> list[str]:
    """What was supposed, and in how many contacts: said wherever a number is shown that rests on it."""
    return [
        _("Supposed, not recorded: {text}, in {n} of {of} ({question})").format(
            text=s.text, n=number(s.contacts), of=number(found.total), question=_(found.vocabulary.question(s.fact))
        )
        for s in found.supposed
    ]


def clauses_said(cell: str | None) -> str:
    """The clauses of a finding, what they have in common written once."""
    return citations(cell.split("; ")) if cell else "–"


# --- for programs -------------------------------------------------------------------------------


def summary(found: Comparison, about: About) -> dict[str, Any]:
    """Every count of the comparison: what `summary.json` holds. Documented in docs/compare.md."""
    return {
        "title": about.title,
        "data": about.data,
        "reader": about.reader,
        "made": about.made.isoformat(),
        "version": about.version,
        **{letter: _side(side) for letter, side in zip(SIDES, (found.a, found.b), strict=True)},
        "same_law": found.same_law,
        "supposed": [{"fact": s.fact, "value": s.text.partition("=")[2], "contacts": s.contacts} for s in found.supposed],
        "total": found.total,
        "rejected_rows": about.rejected,
        "changes": found.changes,
        "verdicts": found.verdicts.to_dicts(),
        "verified": found.verified.to_dicts(),
        "by": {split: found.by(split).to_dicts() for split in found.splits},
        "groups": found.groups.to_dicts(),
        "clauses": found.clauses.to_dicts(),
        "facts": found.facts.to_dicts(),
        "sentences": found.sentences(counted(about.noun)),
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {
        "text": side.text,
        "title": side.title,
        "packs": list(side.levels),
        "as_of": side.as_of.isoformat() if side.as_of else None,
        "readings": list(side.readings),
        "reform": side.reform.id if side.reform else None,
    }


def write_comparison(
    found: Comparison,
    about: About,
    out: Path,
    rejected: pl.DataFrame | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Path]:
    """Write compare.html, changes.csv, changes.parquet and summary.json into a folder, all of them or none.

    `rejected`: the rows that could not be read; where there are any, rejected.csv is among the files. Returns the
    files by name. Raises ReportError, and leaves the folder as it was, if one cannot be written.
    """
    counts = json.dumps(summary(found, about), indent=2, ensure_ascii=False) + "\n"
    page = render(found, about)
    files: dict[str, Write] = {
        "compare.html": lambda path: _write(path, page),
        "changes.csv": lambda path: safe_cells(found.rows).write_csv(path),
        "changes.parquet": lambda path: found.rows.write_parquet(path, statistics=True),
        "summary.json": lambda path: _write(path, counts),
    }
    if rejected is not None and rejected.height:
        files["rejected.csv"] = lambda path: safe_cells(rejected).write_csv(path)
    return write_all(out, files, progress)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


# --- the page -----------------------------------------------------------------------------------


def render(found: Comparison, about: About) -> str:
    """The whole page, complete in itself: styles and drawing inside, nothing fetched."""
    folder = resources("brightline.report")
    report = (folder / "report.html.j2").read_text(encoding="utf-8")
    # The tables and drawings are laid out by the macros of the audit's report, so that both look alike.
    macros = "".join(re.findall(r"\{% macro (?:grid|figure)\(.*?\{% endmacro %\}", report, flags=re.S))
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"macros": macros}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(said={v: verdict_said(v) for v in VERDICTS}, swatch=swatch, drawing=drawing)
    told = found.sentences(counted(about.noun))
    page = environment.from_string((folder / "compare.html.j2").read_text(encoding="utf-8")).render(
        lang=language(),
        about=about,
        label=_labels(about),
        sides=[(letter, side.title) for letter, side in letters(found)],
        supposed=supposed(found),
        lede=_("Both sides are the same law: nothing changes.") if found.same_law else told[0],
        sentences=[] if found.same_law else told[1:],
        heat=heat(found, about.noun),
        figure_=_figure(found, about.noun),
        cautions=_cautions(found, about),
        changes=_changes(found, about.noun),
        groups=_groups(found, about.noun),
        groups_said=_groups_said(found, about.noun),
        parts=[p for p in _parts(found, about) if p is not None],
        style=Markup((folder / "report.css").read_text(encoding="utf-8")),
        patterns=Markup(ink.patterns()),
    )
    return page.replace("§ ", f"§{_NB}")


def _labels(about: About) -> dict[str, str]:
    """What stands on every page: said here and not in the template, so that the catalogue gets it."""
    return {
        "skip": _("Skip to the findings"),
        "brand": _("Two laws, the same contacts"),
        "made": _("Made on {day} with Brightline {version}").format(day=day_said(about.made), version=about.version),
        "summary": _("Summary"),
        "across": _("A down, B across"),
        "all": _("all"),
        "changes": _("What changes"),
        "largest": _("The largest changes"),
        "under_a": _("Under A"),
        "under_b": _("Under B"),
        "whole": _("This file is complete in itself: it loads nothing from anywhere."),
        "contents": _("Contents"),
    }


def heat(found: Comparison, noun: str) -> dict[str, Any]:
    """Verdicts under A down, under B across: each cell with its count and a shade as deep as its share."""
    counts = {(a, b): n for a, b, n in found.verdicts.iter_rows()}
    rows = [v for v in VERDICTS if any(a == v for a, _b in counts)]
    columns = [v for v in VERDICTS if any(b == v for _a, b in counts)]
    cells = [[_cell(counts.get((a, b), 0), found.total, a == b) for b in columns] for a in rows]
    sums = [sum(counts.get((a, b), 0) for b in columns) for a in rows]
    return {
        "caption": _("{what} by their verdict under A (down) and under B (across). Framed: the verdict is the same.").format(
            what=_capital(counted(noun)(found.total))
        ),
        "columns": columns,
        "rows": [(a, line, number(n)) for a, line, n in zip(rows, cells, sums, strict=True)],
        "total": [number(sum(counts.get((a, b), 0) for a in rows)) for b in columns] + [number(found.total)],
    }  # fmt: skip


def _cell(n: int, total: int, same: bool) -> dict[str, Any]:
    """White for none, the deeper the more: the root of the share, so that few among many are still seen."""
    share = (n / total) ** 0.5 if total else 0.0
    shade = [round(255 + (full - 255) * share) for full in (242, 182, 0)]
    return {"n": number(n) if n else "–", "shade": "#{:02x}{:02x}{:02x}".format(*shade) if n else "", "same": same}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _figure(found: Comparison, noun: str) -> Figure | None:
    said = {v: verdict_said(v) for v in VERDICTS}
    bars = [
        plots.Bar(f"{letter}, {side.title}", tuple(found.under(s).items()))
        for s, (letter, side) in zip(SIDES, letters(found), strict=True)
    ]
    plot = plots.ranking(bars, VERDICTS, said, _("number of {what}, one bar for each law").format(what=heading(noun)))
    if plot is None or not found.total:
        return None
    told = [
        f"{bar.name}: " + ", ".join(f"{number(n)} {said[v]}" for v, n in bar.parts if n) for bar in bars
    ]  # fmt: skip
    return Figure(
        "both",
        _("What do the two laws say of the same {what}?").format(what=heading(noun)),
        _("{contacts}, judged by each law").format(contacts=counted(noun)(found.total)),
        _("Two horizontal bars.") + " " + "; ".join(told) + ".",
        plot,
    )


def _cautions(found: Comparison, about: About) -> list[str]:
    said = [_(NOT_AUTHORISED)]
    said.append(_("The law applied here was encoded without review by counsel. This is not legal advice."))
    if any(s.reform for s in (found.a, found.b)):
        said.append(_("A proposal is not law: it is judged as if it had been in force on the day of each contact."))
    if about.rejected:
        said.append(
            several(
                "{count} row of the data could not be read, and is not counted.",
                "{count} rows of the data could not be read, and are not counted.",
                about.rejected,
            )
        )
    return said


def _parts(found: Comparison, about: About) -> list[Part | None]:
    noun = about.noun
    splits = [*SPLITS, *(s for s in found.splits if s not in SPLITS)][:MOST_SPLITS]
    return [
        _clauses(found, noun),
        _facts(found, noun),
        _verified(found, noun),
        _split_part(found, splits, noun),
        _rows(found, noun),
        _lacking(found),
        _method(found, about),
    ]


def _changes(found: Comparison, noun: str) -> Grid:
    rows = [[change_said(c), number(n), percent(n, found.total)] for c, n in found.changes.items()]
    columns = (Column(_("what changes")), Column(heading(noun), "number"), Column(_("share"), "number"))
    caption = _("Each counts once, under the first that fits. Of {contacts}.").format(
        contacts=counted(noun)(found.total)
    )
    return Grid(caption, columns, rows)


def change_said(change: str) -> str:
    """What changes, in words."""
    return {
        "verdict": _("the verdict"),
        "verified": _("only the verdict on verified facts alone"),
        "clauses": _("not the verdict, but the clauses that decide"),
        "grounds": _("neither, but the exceptions, the readings or the facts that matter"),
        "none": _("nothing"),
    }[change]


@dataclass(frozen=True, slots=True)
class Group:
    """Contacts that change alike: how many, both verdicts, and what each side says of them."""

    count: str
    before: str
    after: str
    said: tuple[str, str]


def _groups(found: Comparison, noun: str) -> list[Group]:
    """The largest groups of changes. Their sentences are long: the page sets them side by side, not in a table."""
    shown = found.groups.head(GROUPS_SHOWN).iter_rows(named=True)
    return [
        Group(
            counted(noun)(r["contacts"]),
            r["verdict_a"],
            r["verdict_b"],
            (_explained(r, "a"), _explained(r, "b")),
        )
        for r in shown
    ]


def _groups_said(found: Comparison, noun: str) -> str:
    changed = counted(noun)(found.total - found.changes["none"])
    if found.groups.height <= GROUPS_SHOWN:
        return several(
            "{{contacts}} change, in {count} way.", "{{contacts}} change, in {count} ways.", found.groups.height
        ).format(contacts=changed)
    return _("{contacts} change, in {of} ways. Here are the {n} largest; summary.json has them all.").format(
        contacts=changed, of=number(found.groups.height), n=number(GROUPS_SHOWN)
    )


def _explained(row: dict[str, Any], s: str) -> str:
    """The finding in a sentence, without the laws that are not encoded: those stand in a part of their own."""
    match row[f"verdict_{s}"]:
        case "unreached":
            return _("Not reached by the law encoded here.")
        case "excepted":
            return _("Not barred by the law encoded here: an exception holds ({clauses}).").format(
                clauses=clauses_said(row[f"clause_{s}"])
            )
        case _:
            return str(row[f"explanation_{s}"])


def _split_part(found: Comparison, splits: Iterable[str], noun: str) -> Part:
    return Part("of-whom", _("Of whom, and when"), [], None, [_split(found, s, noun) for s in splits])


def _split(found: Comparison, split: str, noun: str) -> Grid:
    table = found.by(split)
    name = {"agency": _("agency"), "year": _("year")}.get(split, split.replace("_", " "))
    columns = (
        Column(name),
        Column(heading(noun), "number"),
        Column(_("another verdict"), "number"),
        Column(_("share"), "number"),
        Column(_("another change"), "number"),
        *(Column(f"{_('barred')}, {letter}", "number", "barred") for letter in "AB"),
        *(Column(f"{_('open')}, {letter}", "number", "unsettled") for letter in "AB"),
    )
    rows = [
        [
            _value(found, split, r["value"]),
            number(r["contacts"]),
            number(r["verdict"]),
            percent(r["verdict"], r["contacts"]),
            number(r["changed"] - r["verdict"]),
            *(number(r[k]) for k in ("barred_a", "barred_b", "unsettled_a", "unsettled_b")),
        ]
        for r in table.head(VALUES_SHOWN).iter_rows(named=True)
    ]
    caption = _("By {name}, of {contacts}. Open: nobody can tell, or it depends on the reading.").format(
        name=name, contacts=counted(noun)(found.total)
    )
    rest = table.height - VALUES_SHOWN
    if rest > 0:
        caption += several(" {count} more is in summary.json.", " {count} more are in summary.json.", rest)
    return Grid(caption, columns, rows)


def _value(found: Comparison, split: str, value: str | None) -> str:
    if value is None:
        return _("not recorded")
    if split == "agency" and value in found.vocabulary.actors:
        return _capital(_(found.vocabulary.actors[value].title))
    return value or _("empty")


def _clauses(found: Comparison, noun: str) -> Part | None:
    if found.clauses.is_empty():
        return None
    columns = (
        Column(_("clause")),
        Column(_("decides under A alone"), "number"),
        Column(_("under B alone"), "number"),
        Column(_("under both"), "number"),
    )
    rows = [[c, number(a), number(b), number(both)] for _norm, c, a, b, both in found.clauses.iter_rows()]
    caption = _("For how many of {contacts} a clause decides, or may decide; several can decide of one.").format(
        contacts=counted(noun)(found.total)
    )
    return Part("clauses", _("Which clauses make the difference"), [], None, [Grid(caption, columns, rows)])


def _facts(found: Comparison, noun: str) -> Part | None:
    shown = found.facts.head(FACTS_SHOWN)
    if shown.is_empty():
        return None
    heads = (_("can settle it"), _("bars it or not"), _("alone lets it pass"), _("with others lets it pass"))
    columns = (Column(_("question")), *(Column(f"{h}, {letter}", "number") for h in heads for letter in "AB"))
    rows = [[_(found.vocabulary.question(r[0])), *(number(n) for n in r[1:])] for r in shown.iter_rows()]
    told = [
        _("Counted are {what} that a law bars, or of which nobody can tell: {a} under A, {b} under B.").format(
            what=heading(noun), a=number(found.open("a")), b=number(found.open("b"))
        ),
        _(
            "“Can settle it”: an answer, alone or with others, decides what nobody can tell. “Bars it or not”: one "
            "answer to this question alone bars it, and another does not. “Lets it pass”: with some answer, alone or "
            "with others, no law encoded here bars it. Only what nobody recorded is asked, and what the record answers "
            "with “no”; everything else is taken as it is recorded."
        ),
    ]
    caption = _("The number of {what} that turn on each question, in each way.").format(what=heading(noun))
    rest = found.facts.height - shown.height
    if rest:
        caption += several(" {count} more is in summary.json.", " {count} more are in summary.json.", rest)
    return Part("facts", _("What it turns on"), told, None, [Grid(caption, columns, rows)])


def _verified(found: Comparison, noun: str) -> Part:
    columns = (
        Column(_("under A"), "verdict"),
        Column(_("under B"), "verdict"),
        Column(heading(noun), "number"),
        Column(_("share"), "number"),
    )
    rows = [[a, b, number(n), percent(n, found.total)] for a, b, n in found.verified.iter_rows()]
    caption = _("Of {contacts}, the verdicts where what was only stated, or supposed, counts as unknown.").format(
        contacts=counted(noun)(found.total)
    )
    return Part("verified", _("On verified facts alone"), [], None, [Grid(caption, columns, rows)])


def _rows(found: Comparison, noun: str) -> Part | None:
    if found.rows.is_empty():
        return None
    columns = (
        Column(_("number")),
        Column(_("day")),
        Column(_("agency")),
        Column(_("under A"), "verdict"),
        Column(_("under B"), "verdict"),
        Column(_("clauses under A")),
        Column(_("clauses under B")),
    )
    order = pl.col("change").replace_strict({c: n for n, c in enumerate(CHANGES)}, return_dtype=pl.Int8)
    shown = found.rows.sort(order, maintain_order=True).head(ROWS_SHOWN)
    rows = [
        [
            str(r.get("contact", "")),
            day_said(r["date"]) if r["date"] else _("not recorded"),
            _value(found, "agency", r["actor"]),
            *(str(r[f"verdict_{s}"]) for s in SIDES),
            *(clauses_said(r[f"clause_{s}"]) for s in SIDES),
        ]
        for r in shown.iter_rows(named=True)
    ]
    caption = _("The first {n} of {contacts} that change; all of them are in changes.csv.").format(
        n=number(shown.height), contacts=counted(noun)(found.rows.height)
    )
    return Part("rows", _("The contacts that change"), [], None, [Grid(caption, columns, rows)])


def _lacking(found: Comparison) -> Part | None:
    """The laws that are not encoded and may bear on these contacts: no verdict speaks of them."""
    bearing = {s: _bearing(found, s, side) for s, side in zip(SIDES, (found.a, found.b), strict=True)}
    if not any(bearing.values()):
        return None
    laws = sorted(bearing["a"] | bearing["b"], key=_)
    rows = [[_(law), *(_("yes") if law in bearing[s] else "–" for s in SIDES)] for law in laws]
    columns = (Column(_("law that is not encoded")), Column("A"), Column("B"))
    caption = _("Laws that may bear on these contacts and are not encoded. What they say changes nothing here.")
    return Part("lacking", _("What this comparison does not cover"), [], None, [Grid(caption, columns, rows)])


def _bearing(found: Comparison, s: str, side: Side) -> set[str]:
    """The laws that a side lacks and its findings name. A name may hold a semicolon, so no cell is cut in pieces."""
    cells = [f"; {cell}; " for cell in found.ways[f"horizon_{s}"].drop_nulls().unique()]
    lacking = {gap.law for gap in side.reasoner().horizon(None)}
    return {law for law in lacking if any(f"; {law}; " in cell for cell in cells)}


def _method(found: Comparison, about: About) -> Part:
    rows = [[letter, _capital(side.title), side.text] for letter, side in letters(found)]
    told = [_("Data: {data}, read by {reader}.").format(data=about.data, reader=about.reader)]
    told += list(about.notes)
    told.append(
        _(
            "Each contact is judged twice, by the same program, on the same facts. A contact is judged by the law of "
            "its own day, unless a side names a day."
        )
    )
    if about.command:
        told.append(_("Made with: {command}").format(command=about.command))
    grid = Grid(_("The two sides"), (Column(_("side")), Column(_("law")), Column(_("as it is written"))), rows)
    return Part("method", _("Data and method"), told, None, [grid])


__all__ = [
    "change_said",
    "clauses_said",
    "counted",
    "heading",
    "heat",
    "render",
    "summary",
    "supposed",
    "write_comparison",
]
