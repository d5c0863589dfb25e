"""The shapes of a report: what a template lays out, in plain strings, lists and dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field

from brightline.drawing import Plot


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
    figure: Figure | None
    paragraphs: list[tuple[str, str]]
    cautions: list[str]
    parts: list[Part]
    clauses: list[ClausePage]
