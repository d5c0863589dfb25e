"""Files of law -> packs: which sections there are, what is in force on a day, and how far a pack reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from brightline.law.cursor import Cursor
from brightline.law.markdown import Block, Clause, Page, read
from brightline.law.parse import statements
from brightline.law.problems import LawError, Problem
from brightline.law.tree import Definition, Exception_, Excepts, Norm, Place, Span, Statement, cite
from brightline.law.vocabulary import Vocabulary, VocabularyReader

_SPAN = re.compile(r"^\s*(\d{4}-\d{2}-\d{2})?\s*\.\.\s*(\d{4}-\d{2}-\d{2})?\s*$")


@dataclass(frozen=True, slots=True)
class Gap:
    """A law that exists and is not encoded: beyond it no verdict is plain (the horizon of a pack)."""

    law: str
    why: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A clause that can defensibly be read in several ways."""

    name: str
    question: str
    readings: dict[str, str]  # reading -> what it says


@dataclass(frozen=True)
class Section:
    """One section of law: its clauses with their text, and the statements encoded under them."""

    id: str  # "pack/section"
    title: str
    citation: str
    span: Span
    meta: dict[str, Any]
    page: Page
    statements: tuple[Statement, ...]
    ambiguities: dict[str, Ambiguity]
    by_clause: dict[int, tuple[Statement, ...]] = field(default_factory=dict)  # line of clause -> statements

    @property
    def pack(self) -> str:
        return self.id.split("/")[0]

    @property
    def norms(self) -> tuple[Norm, ...]:
        return tuple(s for s in self.statements if isinstance(s, Norm))

    def clause_at(self, line: int) -> Clause | None:
        """The clause under whose heading this line of the file stands."""
        return next((c for c in reversed(self.page.clauses) if c.line <= line), None)

    def quote(self, norm: Norm | Definition | Excepts) -> str:
        """The text of the law under which the statement stands."""
        clause = self.clause_at(norm.at.line)
        return clause.quote.strip() if clause else ""


@dataclass(frozen=True)
class Pack:
    """The norms of one jurisdiction. `under` is the pack of the level above it, if any."""

    id: str
    title: str
    under: str
    complete_until: date | None
    gaps: tuple[Gap, ...]
    sections: dict[str, Section]
    amends: tuple[str, ...] = ()

    def horizon(self, day: date | None) -> tuple[Gap, ...]:
        """The laws that may bear on a contact of this day and are not encoded here."""
        return tuple(g for g in self.gaps if g.since is None or day is None or g.since <= day)


@dataclass(frozen=True)
class Law:
    """Everything under one folder of law."""

    vocabulary: Vocabulary
    packs: dict[str, Pack]
    root: Path
    problems: tuple[Problem, ...] = ()

    @cached_property
    def sections(self) -> dict[str, Section]:
        return {s.id: s for pack in self.packs.values() for s in pack.sections.values()}

    @cached_property
    def norms(self) -> tuple[Norm, ...]:
        return tuple(n for s in self.sections.values() for n in s.norms)

    def levels(self, pack: str) -> tuple[str, ...]:
        """The pack and every pack above it, nearest first: city, state, federal."""
        found: list[str] = []
        while pack and pack in self.packs and pack not in found:
            found.append(pack)
            pack = self.packs[pack].under
        return tuple(found)

    def chosen(self, packs: Sequence[str]) -> tuple[str, ...]:
        """The packs asked for with the levels above each. Raises LawError for a pack that is not there."""
        unknown = [p for p in packs if p not in self.packs]
        if unknown:
            from brightline.law.problems import did_you_mean

            help = did_you_mean(unknown[0], self.packs, "packs: " + ", ".join(sorted(self.packs)))
            raise LawError([Problem(Place("--law", 0, 0), f"there is no pack `{unknown[0]}`", help)])
        return tuple(dict.fromkeys(level for p in packs for level in self.levels(p)))

    def statements(self, packs: Iterable[str]) -> tuple[Statement, ...]:
        return tuple(s for p in packs for section in self.packs[p].sections.values() for s in section.statements)

    def cite(self, norm_id: str, label: str = "") -> str:
        """How lawyers cite a norm, or another label of the norm's section."""
        section, _, own = norm_id.partition(":")
        found = self.sections.get(section)
        if found is not None and found.meta.get("kind") == "proposal":  # its parts are numbered, not lettered
            return f"{found.citation}, {label or own}"
        return cite(found.citation if found else section, label or own)

    def cite_exception(self, norm: Norm, exception: Exception_) -> str:
        return self.cite(f"{exception.section or norm.section}:{exception.label}")

    def ambiguity(self, reading: str) -> Ambiguity | None:
        name = reading.partition(".")[0]
        return next((s.ambiguities[name] for s in self.sections.values() if name in s.ambiguities), None)

    def boundaries(self, packs: Iterable[str]) -> tuple[date, ...]:
        """Every day on which some statement of these packs begins or ends, in order."""
        days = {d for s in self.statements(packs) for d in (s.span.start, s.span.end) if d is not None}
        return tuple(sorted(days))


def shipped_laws() -> Path:
    """The law that comes with Brightline: inside the installed package, or beside its sources."""
    inside = Path(__file__).parents[1] / "laws"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "laws"


def load(root: Path, check: bool = True) -> Law:
    """Read a folder of law: `vocabulary.md`, and a folder with `pack.md` for each pack.

    Raises LawError with every problem of every file. With `check=False` the problems are in `law.problems`.
    """
    from brightline.law.check import errors

    problems: list[Problem] = []
    vocabulary = _vocabulary(root, problems)
    packs: dict[str, Pack] = {}
    for folder in sorted(p.parent for p in root.rglob("pack.md")):
        pack = _pack(folder, root, problems)
        packs[pack.id] = pack
    law = Law(vocabulary, packs, root)
    law = _with_defined_names(law)
    problems += errors(law)
    law = _with_exceptions(law)
    if check and any(p.level == "error" for p in problems):
        raise LawError(p for p in problems if p.level == "error")
    return replace(law, problems=tuple(problems))


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root.parent)) if path.is_relative_to(root.parent) else str(path)


def _vocabulary(root: Path, problems: list[Problem]) -> Vocabulary:
    path = root / "vocabulary.md"
    if not path.exists():
        raise LawError(
            [Problem(Place(str(root), 0, 0), "there is no vocabulary.md in this folder", "point to a folder of law")]
        )
    page = read(path.read_text(encoding="utf-8"), _relative(path, root))
    problems += page.problems
    reader = VocabularyReader()
    for block in page.blocks:
        if block.kind == "vocabulary":
            cursor = Cursor(block.text, page.file, block.line)
            reader.read(cursor)
            problems += cursor.problems
    return reader.whole()


def _pack(folder: Path, root: Path, problems: list[Problem]) -> Pack:
    page = read((folder / "pack.md").read_text(encoding="utf-8"), _relative(folder / "pack.md", root))
    problems += page.problems
    meta = page.meta
    id = str(meta.get("pack") or folder.name)
    gaps = tuple(
        Gap(str(g.get("law", "")), str(g.get("why", "")), g.get("since")) for g in meta.get("not_encoded") or []
    )
    sections: dict[str, Section] = {}
    for path in sorted(folder.glob("*.md")):
        if path.name in ("pack.md", "README.md"):
            continue
        section = read_section(path.read_text(encoding="utf-8"), _relative(path, root), f"{id}/{path.stem}")
        sections[section.id] = section
    return Pack(
        id,
        str(meta.get("title") or id),
        str(meta.get("under") or ""),
        meta.get("complete_until"),
        gaps,
        sections,
        tuple(meta.get("amends") or ()),
    )


def read_section(text: str, file: str, default_id: str) -> Section:
    """One file of law, read alone; problems are in `section.page.problems`."""
    page = read(text, file)
    meta = page.meta
    id = str(meta.get("id") or default_id)
    span = _span(page)
    found: list[Statement] = []
    by_clause: dict[int, tuple[Statement, ...]] = {}
    for clause in page.clauses:
        mine: list[Statement] = []
        for block in clause.blocks:
            if block.kind == "norm":
                mine += _norms(block, page, id, span)
        by_clause[clause.line] = tuple(mine)
        found += mine
    ambiguities = {
        name: Ambiguity(name, str(told.get("question", "")), {k: str(v) for k, v in told.items() if k != "question"})
        for name, told in (meta.get("readings") or {}).items()
        if isinstance(told, dict)
    }
    title, citation = str(meta.get("title") or id), str(meta.get("citation") or id)
    return Section(id, title, citation, span, meta, page, tuple(found), ambiguities, by_clause)


def _norms(block: Block, page: Page, id: str, span: Span) -> list[Statement]:
    cursor = Cursor(block.text, page.file, block.line)
    found = statements(cursor, id, span)
    page.problems += cursor.problems
    return found


def _span(page: Page) -> Span:
    written = str(page.meta.get("in_force", ".."))
    match = _SPAN.match(written)
    place = Place(page.file, 2, 1)
    if not match:
        page.problems.append(
            Problem(
                place,
                f"`in_force: {written}` is no time in force",
                "write `in_force: 2014-12-14 .. 2026-01-29`, or `2014-12-14 ..`",
            )
        )
        return Span()
    try:
        start, end = (date.fromisoformat(d) if d else None for d in match.groups())
    except ValueError as error:
        page.problems.append(Problem(place, f"`in_force: {written}` names no day of the calendar: {error}"))
        return Span()
    return Span(start, end)


def _with_defined_names(law: Law) -> Law:
    """Turn names of conditions into references, now that every definition of each pack is known."""
    from brightline.law.resolve import resolve_names

    packs = {}
    for pack in law.packs.values():
        names = {
            s.name
            for level in law.levels(pack.id)
            for sec in law.packs[level].sections.values()
            for s in sec.statements
            if isinstance(s, Definition)
        }
        sections = {
            id: replace(
                section,
                statements=tuple(resolve_names(s, names) for s in section.statements),
                by_clause={
                    line: tuple(resolve_names(s, names) for s in mine) for line, mine in section.by_clause.items()
                },
            )
            for id, section in pack.sections.items()
        }
        packs[pack.id] = replace(pack, sections=sections)
    return replace(law, packs=packs)


def _with_exceptions(law: Law) -> Law:
    """Hang every `excepts` into the norm it opens, for the time in which both are in force."""
    from brightline.law.resolve import attach

    everything = [s for p in law.packs.values() for sec in p.sections.values() for s in sec.statements]
    excepts = [s for s in everything if isinstance(s, Excepts)]
    packs = {
        pack.id: replace(
            pack,
            sections={
                id: replace(section, statements=tuple(n for s in section.statements for n in attach(s, excepts)))
                for id, section in pack.sections.items()
            },
        )
        for pack in law.packs.values()
    }
    return replace(law, packs=packs)
