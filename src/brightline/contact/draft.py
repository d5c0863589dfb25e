"""A first mapping for an unknown file: what the cells suggest, why, and what only a person can know."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from brightline.contact.days import TWINS
from brightline.contact.problems import nearest
from brightline.contact.table import Table, open_table
from brightline.law.vocabulary import Vocabulary

FORMATS = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d-%b-%Y",
    "%B %d, %Y",
    "%Y%m%d",
)
_TABLE_UP_TO = 40  # distinct values: more is no list of values but free text
_YES_NO = {"YES", "NO", "Y", "N", "TRUE", "FALSE"}
_AGENCY = re.compile(r"facility|agency|jail|landmark|department|precinct|command|recipient|lea\b", re.I)
_PLACE = {"city": re.compile(r"city|town", re.I), "state": re.compile(r"state|province", re.I)}
_PERSON = re.compile(
    r"birth|dob|gender|\bsex\b|race|ethnic|citizenship|nationality|(first|last|full|middle|subject|inmate|person)"
    r"[ _]?name|\bname\b|ssn|alien|a[ _-]?number|nysid|\bsid\b|address|phone|unique_identifier|\bage\b",
    re.I,
)


@dataclass(frozen=True)
class Days:
    """What the cells of a column look like as days."""

    formats: tuple[str, ...]
    comments: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Guess:
    """What one column seems to be."""

    column: str
    days: Days | None
    values: tuple[tuple[str, int], ...]  # the distinct values, if they are few
    filled: int

    @property
    def yes_no(self) -> bool:
        words = {v.upper() for v, _ in self.values}
        return bool(words) and words <= _YES_NO


def draft(path: Path | str, vocabulary: Vocabulary) -> str:
    """A commented mapping file for the table in `path`, to be corrected and filled in by a person."""
    path = Path(path)
    table = open_table(path)
    guesses = [_guess(table.frame[c], c) for c in table.columns]
    private = [g.column for g in guesses if _PERSON.search(g.column)]
    kept = [g for g in guesses if g.column not in private]
    lines = _head(path, table)
    lines += _columns(kept)
    lines += _dates([g for g in kept if g.days])
    lines += _agency(kept)
    lines += _actions()
    lines += _facts(kept, vocabulary)
    lines += _tables(kept)
    lines += _private(private)
    return "\n".join(lines) + "\n"


# --- looking at the cells ---------------------------------------------------------------------------


def _guess(cells: pl.Series, column: str) -> Guess:
    text = cells.cast(pl.String).str.strip_chars()
    text = text.filter(text.is_not_null() & (text != ""))
    days = Days(("%Y-%m-%d",), (), 1.0) if cells.dtype in (pl.Date, pl.Datetime) else _days(text)
    counts = text.value_counts(sort=True, name="n")
    # As many values as rows are no list of values, unless they are plainly yes and no.
    words = set(counts[:, 0].str.to_uppercase())
    few = counts.height <= _TABLE_UP_TO and (counts.height < len(text) or words <= _YES_NO)
    values = tuple((str(v), int(n)) for v, n in counts.rows()) if few and not days else ()
    return Guess(column, days, values, len(text))


def _days(text: pl.Series) -> Days | None:
    """The formats under which the cells are days; None when most of them are none."""
    if text.is_empty():
        return None
    day = text.str.replace(r"[T ]0{1,2}:00(:00(\.0+)?)?$", "")
    read = {}
    for format in FORMATS:
        dates = day.str.to_date(format, strict=False)
        sane = dates.dt.year().is_between(1950, 2100).fill_null(False)
        if sane.any():
            read[format] = sane
    if not read:
        return None
    covered = pl.Series([False]).new_from_index(0, len(day))
    for sane in read.values():
        covered = covered | sane
    share = float(covered.mean())  # type: ignore[arg-type]
    if share < 0.6:
        return None
    chosen, comments = _needed(day, read)
    left = len(day) - int(covered.sum())
    if left:
        shown = ", ".join(f"`{v}`" for v in day.filter(~covered).unique(maintain_order=True).head(3))
        comments.append(
            f"{left:,} cells are no day in any form known here, such as {shown}; their rows will be rejected."
        )
    return Days(tuple(chosen), tuple(comments), share)


def _needed(day: pl.Series, read: dict[str, pl.Series]) -> tuple[list[str], list[str]]:
    """The formats that the cells need, and what to say of those that could be either of two."""
    comments: list[str] = []
    chosen: list[str] = []
    rest = pl.Series([True]).new_from_index(0, len(day))
    for american, european in TWINS:
        if american not in read and european not in read:
            continue
        us = read.get(american, ~rest & False)
        eu = read.get(european, ~rest & False)
        only_us, only_eu, both = (us & ~eu).sum(), (eu & ~us).sum(), (us & eu).sum()
        if not us.any() and not eu.any():
            continue
        example = day.filter(us & eu).head(1).to_list() or day.filter(us | eu).head(1).to_list()
        if only_us and only_eu:
            chosen += [american, european]
            comments.append(
                f"TWO FORMS: {only_us:,} cells can only be month/day ({american}), {only_eu:,} only day/month "
                f"({european}), {both:,} could be either (`{example[0]}`). Cells that could be either are rejected as "
                f"long as both forms stand here. Find out which rows come from where."
            )
        elif only_us or only_eu:
            chosen.append(american if only_us else european)
            comments.append(
                f"{only_us or only_eu:,} cells can only be read as {chosen[-1]}, {both:,} could be either; no cell "
                f"speaks for the other form."
            )
        elif both:
            comments.append(
                f"AMBIGUOUS: every one of {both:,} cells, such as `{example[0]}`, can be {american} or {european}. "
                f"Nothing in the file says which; write the right one below."
            )
            chosen.append(f"?{american} or {european}")
        rest = rest & ~(us | eu)
    for format, sane in read.items():
        if not any(format in pair for pair in TWINS) and (sane & rest).any():
            chosen.append(format)
            rest = rest & ~sane
    if len(chosen) > 1 and not comments:
        comments.append(
            "Several ways of writing the day stand in this column; each cell is read under the one that fits."
        )
    return chosen, comments


# --- writing ---------------------------------------------------------------------------------------


def _q(text: str) -> str:
    """A word as YAML: in quotation marks unless it is plainly a word."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z0-9_]+)*", text)
    return (
        text
        if plain and text.lower() not in {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}
        else json.dumps(text, ensure_ascii=False)
    )


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"


def _head(path: Path, table: Table) -> list[str]:
    name = re.sub(r"[^a-z0-9]+", "-", path.name.lower().split(".")[0]).strip("-") or "my-file"
    rows = _rows(table.frame.height)
    where = f", sheet `{table.sheet}`" if table.sheet else ""
    lines = [
        f"# Drafted from `{path.name}` ({table.kind}{where}, {rows}, {len(table.columns)} columns).",
        "# A draft is a guess. Read every line; what is not known stays unknown, and no guess is made of it.",
        "# A line that begins with `#` says nothing to the reader until the `#` is taken away.",
    ]
    lines += [f"# Seen: {note}." for note in table.notes]
    if table.broken:
        lines.append(
            f"# Seen: {len(table.broken):,} broken rows, such as row {table.broken[0].row}: {table.broken[0].reason}."
        )
    return [
        *lines,
        "",
        f"reader: {name}",
        "title: to be filled in  # what is this file, in a few words",
        "source: to be filled in  # who keeps it, and how it was got",
        "",
    ]


def _columns(kept: Sequence[Guess]) -> list[str]:
    lines = [
        "# The columns that are read and kept as they are. `required: true` refuses a file without the column;",
        "# `spellings: [...]` lists the other names under which later files bring it.",
        "columns:",
    ]
    for g in kept:
        full = "" if g.filled else "  # empty in this file"
        lines.append(f"  {_q(g.column)}:{full}")
    return [*lines, ""]


def _dates(dated: Sequence[Guess]) -> list[str]:
    lines = ["# The day of the contact: the day on which it was asked or done, not the day on which it was typed in."]
    if not dated:
        return [
            *lines,
            "# No column holds days in a form known here. Name the column and the form (`%m/%d/%Y`).",
            "date:",
            "  column: to be filled in",
            "  formats: ['%Y-%m-%d']",
            "",
        ]
    if len(dated) > 1:
        lines.append(
            "# Columns that hold days: "
            + ", ".join(f"`{g.column}`" for g in dated)
            + ". The first was taken: is it the right one?"
        )
    first = dated[0]
    assert first.days is not None
    lines += [f"# {c}" for c in first.days.comments]
    certain = [f for f in first.days.formats if not f.startswith("?")]
    unsure = [f for f in first.days.formats if f.startswith("?")]
    lines += ["date:", f"  column: {_q(first.column)}"]
    formats = "[" + ", ".join(f"'{f}'" for f in certain) + "]"
    lines.append(f"  formats: {formats}" + (f"  # to be filled in by you: {unsure[0][1:]}" if unsure else ""))
    return [*lines, ""]


def _agency(kept: Sequence[Guess]) -> list[str]:
    found = [
        g.column for g in kept if _AGENCY.search(g.column) and not any(p.search(g.column) for p in _PLACE.values())
    ]
    found = found or [g.column for g in kept if _AGENCY.search(g.column)]
    lines = [
        "# The agency that was asked or acted. Rules are tried from the top; the first that holds decides, and where",
        "# none holds the agency stays unknown. `agencies` is the shipped list for ICE's names of jails and prisons.",
        "# If every row is of one agency, write `always: nypd` (a name of the vocabulary) and nothing else.",
    ]
    lines.append("agency:")
    if not found:
        return [*lines, "  # no column looks like the name of an agency", "  # always: ?", ""]
    if len(found) > 1:
        lines.append("  # columns that look like it: " + ", ".join(f"`{c}`" for c in found))
    lines.append(f"  facility: {_q(found[0])}")
    for role, pattern in _PLACE.items():
        column = next((g.column for g in kept if pattern.search(g.column) and g.column != found[0]), None)
        lines.append(f"  {role}: {_q(column)}" if column else f"  # {role}: ?")
    return [
        *lines,
        "  rules:",
        "    # - {actor: nypd, facility: {matches: '^NYPD'}, state: NY}",
        "    - agencies",
        "",
    ]


def _actions() -> list[str]:
    return [
        "# Who asked (a name of the vocabulary, such as `ice`) and by which way (letter, e-mail, detainer, telephone).",
        "# counterpart: ?",
        "# channel: ?",
        "",
        "# What was asked and what was done, in actions of the vocabulary: always the same, or by a column's cells.",
        "# Leave it out unless the record shows it.",
        "# asked:",
        "#   column: ?",
        "#   values:",
        "#     some cell: [notify_release]",
        "",
    ]


def _facts(kept: Sequence[Guess], vocabulary: Vocabulary) -> list[str]:
    lines = [
        "# Facts that the record shows. The basis is `verified` only if a paper or a court shows it, and `stated` if",
        "# only the requester says so. An empty cell is unknown, never no.",
        "# facts:",
    ]
    guessed = False
    for g in (g for g in kept if g.yes_no):
        near = nearest(g.column, [n for n, f in vocabulary.facts.items() if f.type == "yes/no"])
        guessed = True
        counts = ", ".join(f"{v} {n:,}" for v, n in g.values)
        lines.append(
            f"#   # `{g.column}` holds yes and no ({counts})"
            + (
                f"; by its name it might be `{near}`: {vocabulary.question(near)}"
                if near
                else "; no fact has a name like it"
            )
        )
        lines.append(f"#   {near or '?'}:")
        lines.append(f"#     column: {_q(g.column)}")
        lines.append("#     values: {" + ", ".join(f"{json.dumps(v)}: {_truth(v)}" for v, _ in g.values) + "}")
        lines += ["#     basis: stated", "#     shown_by: ?"]
    if not guessed:
        lines += ["#   request:", "#     always: ?", "#     basis: ?", "#     shown_by: ?"]
    return [*lines, ""]


def _truth(value: str) -> str:
    return "true" if value.upper() in ("YES", "Y", "TRUE") else "false"


def _tables(kept: Sequence[Guess]) -> list[str]:
    tables = [g for g in kept if g.values and not g.yes_no and len(g.values) > 1]
    if not tables:
        return []
    lines = [
        "# Columns with few different values. To use one, move its values into `asked`, `facts` or `derived` and say",
        "# what each of them means; what is not listed there stays unknown.",
    ]
    for g in tables:
        lines.append(f"# {g.column}:")
        lines += [f"#   {_q(v)}: ?  # {_rows(n)}" for v, n in g.values]
    return [*lines, ""]


def _private(private: Sequence[str]) -> list[str]:
    if not private:
        return []
    lines = [
        "# By their names these columns are about a person. They are not read; move one up only if a rule turns on it.",
        "not_read:",
    ]
    return [*lines, *(f"  {_q(c)}: about the person" for c in private)]
