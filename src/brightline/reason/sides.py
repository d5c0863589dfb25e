"""A side: a law to judge by, written as one piece of text, so that two of them can be set against each other.

    PACK[,PACK…][@DATE][~AMBIGUITY.READING…][+REFORM]

`us-ny-nyc` is the law of the city with the levels above it, on each contact's own day; `@2013-06-01` takes the law of
that day for every contact; `~s10_178_e_primarily.of_contact` fixes a reading (again for another); `+no-ice-task-force`
or `+path/to/reform.md` lays a reform over it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from brightline.law.pack import Law, Pack
from brightline.law.problems import LawError, Problem, did_you_mean
from brightline.law.reform import find_reform, read_reform
from brightline.law.tree import Place
from brightline.law.vocabulary import Vocabulary
from brightline.reason.reasoner import Reasoner
from brightline.reason.reasoner import reasoner as _reasoner
from brightline.reason.speech import _, listed
from brightline.reason.speech import day as day_said

FORM = "PACK[,PACK…][@DATE][~AMBIGUITY.READING…][+REFORM]"


@dataclass(frozen=True)
class Side:
    """A law to judge by. `law` has the reform laid over it, and `packs` then names the reform's own pack."""

    text: str
    law: Law = field(compare=False, repr=False)
    packs: tuple[str, ...]
    as_of: date | None = None
    readings: tuple[str, ...] = ()
    reform: Pack | None = field(default=None, compare=False, repr=False)

    @property
    def levels(self) -> tuple[str, ...]:
        """The packs that judge: those named and those above them."""
        return self.law.chosen(self.packs)

    @property
    def title(self) -> str:
        """The side in plain words, in the language that is spoken now."""
        named = [self.reform.under if self.reform and p == self.reform.id else p for p in self.packs]
        places = [_place(self.law.packs[p].title) for p in dict.fromkeys(named)]
        told = _("the law of {places}").format(places=listed(places))
        if self.as_of:
            told = _("{law} as of {day}").format(law=told, day=day_said(self.as_of))
        if self.reform:
            told = _("{law}, with the proposal “{title}”").format(law=told, title=_(self.reform.title))
        for reading in self.readings:
            told = _("{law}, where {clause} is read as “{reading}”").format(
                law=told, clause=self._ambiguous(reading), reading=_(reading.partition(".")[2].replace("_", " "))
            )
        return told

    def _ambiguous(self, reading: str) -> str:
        """The citation of the section whose reading is fixed."""
        name = reading.partition(".")[0]
        return next(s.citation for s in self.law.sections.values() if name in s.ambiguities)

    def reasoner(self) -> Reasoner:
        """What judges contacts by this side."""
        return _reasoner(self.law, self.packs, self.readings, self.as_of)

    def same_law_as(self, other: Side) -> bool:
        """Whether the two can only give the same answers: the same packs, day, readings and reform."""
        mine, theirs = ({p: s.law.packs[p] for p in s.levels} for s in (self, other))
        return mine == theirs and self.as_of == other.as_of and set(self.readings) == set(other.readings)


def _place(title: str) -> str:
    """A pack's title inside a sentence."""
    return _("the United States") if title == "United States" else _(title)


def vocabulary_of(a: Side, b: Side) -> Vocabulary:
    """The words of both sides: a reform may have brought some of its own."""
    one, two = a.law.vocabulary, b.law.vocabulary
    return Vocabulary(
        {**one.actors, **two.actors},
        {**one.actions, **two.actions},
        {**one.facts, **two.facts},
        {**one.records, **two.records},
        tuple(dict.fromkeys((*one.constraints, *two.constraints))),
    )


def side(law: Law, text: str, where: str = "side") -> Side:
    """The side that a text names. `where` is the option or argument that held the text, for the error.

    Raises LawError with every part of the text that is unknown, each with the nearest name.
    """
    return _Reader(law, text.strip(), where).side()


@dataclass
class _Reader:
    law: Law
    text: str
    where: str
    problems: list[Problem] = field(default_factory=list)

    def side(self) -> Side:
        body, plus, reform = self.text.partition("+")
        head, *readings = body.split("~")
        names, at, day = head.partition("@")
        packs = self._packs(names)
        as_of = self._day(day, len(names) + 1) if at else None
        law, proposal = self._reform(reform, len(body) + 1) if plus else (self.law, None)
        if proposal and packs:
            packs = self._with_reform(law, packs, proposal, len(body) + 1)
        self._readings(law, packs, readings, len(head) + 1)
        if self.problems:
            raise LawError(sorted(self.problems, key=lambda p: (p.place.file != self.where, p.place.column)))
        return Side(self.text, law, packs, as_of, tuple(dict.fromkeys(readings)), proposal)

    def _wrong(self, part: str, start: int, said: str, help: str) -> None:
        """A problem with the part of the text that begins at `start`."""
        place = Place(self.where, 1, start + 1, max(len(part), 1))
        self.problems.append(Problem(place, said, help, source=self.text))

    def _packs(self, names: str) -> tuple[str, ...]:
        start = 0
        for name in names.split(","):
            known = "packs: " + ", ".join(self.law.packs)
            if not name:
                self._wrong(name, start, f"here the name of a pack is missing: {FORM}", known)
            elif name not in self.law.packs:
                self._wrong(name, start, f"there is no pack `{name}`", did_you_mean(name, self.law.packs, known))
            start += len(name) + 1
        return tuple(dict.fromkeys(n for n in names.split(",") if n in self.law.packs))

    def _day(self, text: str, start: int) -> date | None:
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._wrong(text, start, f"there is no day `{text}`", _nearest_day(text))
        return None

    def _reform(self, name: str, start: int) -> tuple[Law, Pack | None]:
        """The law with the reform laid over it. What is wrong inside the reform's file is told of that file."""
        try:
            path = find_reform(self.law, name)
        except LawError as error:
            order = bool(re.search(r"[@~+]", name))
            help = f"the reform comes last, and there is one: {FORM}" if order else error.problems[0].help
            self._wrong(name, start, f"there is no reform `{name}`", help)
            return self.law, None
        try:
            return read_reform(self.law, path)
        except LawError as error:
            self.problems += error.problems
            return self.law, None

    def _with_reform(self, law: Law, packs: tuple[str, ...], reform: Pack, start: int) -> tuple[str, ...]:
        """The reform in the place of the pack it amends; beside the others, where it amends a level above them."""
        if reform.under not in law.chosen(packs):
            said = f"the reform amends `{reform.under}`, which is no part of this side"
            self._wrong(self.text[start:], start, said, f"write `{reform.under}+{self.text[start:]}`")
            return packs
        if reform.under in packs:
            return tuple(reform.id if p == reform.under else p for p in packs)
        return (*packs, reform.id)

    def _readings(self, law: Law, packs: tuple[str, ...], readings: Sequence[str], start: int) -> None:
        levels = law.chosen(packs) or tuple(law.packs)  # where the pack itself is wrong, a reading of any is right
        sections = [s for p in levels for s in law.packs[p].sections.values()]
        known = [f"{name}.{r}" for s in sections for name, told in s.ambiguities.items() for r in told.readings]
        for reading in readings:
            if reading not in known:
                self._wrong(reading, start, *_no_reading(law, reading, known))
            start += len(reading) + 1


def _no_reading(law: Law, reading: str, known: Sequence[str]) -> tuple[str, str]:
    ambiguity = law.ambiguity(reading)
    if ambiguity and reading.partition(".")[2] in ambiguity.readings:
        return f"`{reading}` reads a section that is no part of this side", "name the pack of that section too"
    if "@" in reading:
        return f"there is no reading `{reading}`", f"the day comes before the readings: {FORM}"
    listed_ = "readings: " + ", ".join(known) if known else "no section of these packs has several readings"
    return f"there is no reading `{reading}`", did_you_mean(reading, known, listed_)


def _nearest_day(text: str) -> str:
    """What to write instead: the last day of a month that is shorter, or the way in which a day is written."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-\d{2}", text)
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) >= 1:
        year, month = int(found[1]), int(found[2])
        return f"the last day of that month is {date(year, month, calendar.monthrange(year, month)[1])}"
    return "write the day as 2014-12-14"


__all__ = ["FORM", "Side", "side", "vocabulary_of"]
