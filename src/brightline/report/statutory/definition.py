"""A report that a law asks for, read from TOML: who files what, when, and what each line counts.

`laws/reports/*.toml` holds the definitions, one report in each file; `docs/reports.md` says how to write one.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from brightline.law.problems import Problem, did_you_mean
from brightline.law.tree import Place
from brightline.law.vocabulary import Vocabulary
from brightline.report.about import ReportError
from brightline.report.statutory import fields, filter
from brightline.report.statutory.event import Event
from brightline.report.statutory.task_force import TaskForceInPeriod

_MONTH_DAY = re.compile(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")


class DefinitionError(ReportError):
    """Definitions that cannot be used: carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(str(p) for p in self.problems))


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeriodRule(_Table):
    """The time that one report covers. A year ends on `ends`, month and day; quarters and months are the calendar's."""

    kind: Literal["year", "quarter", "month"]
    ends: str = "12-31"
    first: Date | None = None  # no report is due for a period that began before this day
    why: str  # the law's words, or what the law leaves open

    @field_validator("ends")
    @classmethod
    def _a_day(cls, value: str) -> str:
        if not _MONTH_DAY.match(value) or value in ("02-29", "02-30", "02-31"):
            raise ValueError("is no month and day of every year: write it as 06-30")
        Date.fromisoformat(f"2001-{value}")
        return value


class DueRule(_Table):
    """When a report is due: on a day of the year, the first after the period; or the law sets no day."""

    rule: Literal["month_day", "none"]
    month_day: str = ""
    why: str

    @model_validator(mode="after")
    def _told(self) -> DueRule:
        if self.rule == "month_day":
            PeriodRule._a_day(self.month_day)
        elif self.month_day:
            raise ValueError('`month_day` stands beside `rule = "none"`: take one of them out')
        return self


class NilRule(_Table):
    """What is filed if there was nothing: a report that says so, a certificate, or no report."""

    rule: Literal["report", "certify", "none"]
    why: str


class SmallCells(_Table):
    """A rule of the law on small numbers: a count from 1 to `below` - 1 is not shown in what is filed."""

    below: int = Field(ge=2)
    why: str


class PrivacyRule(_Table):
    """What the filed version may show. `small_cells` is there only if the law has such a rule."""

    rule: Literal["aggregate", "anonymized", "public_record"]
    request_numbers: bool = False  # whether the filed version names the requests behind a line
    small_cells: SmallCells | None = None
    why: str


class Clause(_Table):
    """The law's words on the report as a whole."""

    text: str


class _ByTable(_Table):
    fields: tuple[str, ...]
    named: tuple[str, ...] = ()
    rest: str = ""


class _ColumnTable(_Table):
    field: str
    heading: str = ""
    show: Literal["day", "moment", ""] = ""


class _LineTable(_Table):
    id: str
    clause: str
    quote: str
    count: Literal["events", "persons", "task_forces", "supplied"] = "events"
    where: dict[str, Any] = Field(default_factory=dict)
    dated_by: str = ""
    by: tuple[_ByTable, ...] = ()
    columns: tuple[_ColumnTable, ...] = ()
    nil: str = ""
    note: str = ""


class _DefinitionTable(_Table):
    id: str
    title: str
    citation: str
    jurisdiction: str
    source: str = ""
    status: Literal["text", "summary"] = "text"
    about: str = ""
    filers: tuple[str, ...] = ()
    filer: str
    covers: tuple[str, ...] = ()
    recipient: str
    time_zone: str
    clause: Clause
    period: PeriodRule
    due: DueRule
    nil: NilRule
    privacy: PrivacyRule
    line: tuple[_LineTable, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class By:
    """One breakdown of a line. `named` values have a row of their own, even of zero; others are taken together
    under `rest`, if it is given."""

    fields: tuple[str, ...]
    named: tuple[str, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a line that lists records."""

    field: str
    heading: str
    show: Literal["day", "moment", ""]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: the law's words, and what it counts or lists."""

    id: str
    clause: str
    quote: str
    count: Literal["events", "persons", "task_forces", "supplied"]
    where: filter.Filter
    dated_by: str  # the moment that must lie in the period
    by: tuple[By, ...]
    columns: tuple[Column, ...]
    nil: str  # the certificate, where the law asks for one
    note: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One statutory report."""

    id: str
    title: str
    citation: str
    jurisdiction: str
    source: str  # the section of a pack that holds the text, or ""
    status: Literal["text", "summary"]  # summary: the statute's own list of contents is not in hand
    about: str
    filers: tuple[str, ...]  # actors of the vocabulary, those below included; empty if it declares none
    filer: str  # in words
    covers: tuple[str, ...]  # actors whose requests count; empty: those of the filing agency alone
    recipient: str
    zone: ZoneInfo
    clause: str
    period: PeriodRule
    due: DueRule
    nil: NilRule
    privacy: PrivacyRule
    lines: tuple[Line, ...]
    titles: Mapping[str, str] = dataclasses.field(
        default_factory=dict, repr=False, compare=False
    )  # of actors and actions

    @property
    def anonymous(self) -> bool:
        return self.privacy.rule != "public_record"

    def files(self, agency: str) -> bool | None:
        """Whether this agency files the report; None if the vocabulary has no actor for those who do."""
        return agency in self.filers if self.filers else None


def read_all(folder: Path, vocabulary: Vocabulary) -> dict[str, Definition]:
    """Every definition in a folder, by id. Raises DefinitionError with the problems of all files."""
    problems: list[Problem] = []
    found: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            definition = read(path.read_text(encoding="utf-8"), f"{folder.name}/{path.name}", vocabulary)
        except DefinitionError as error:
            problems += error.problems
        except UnicodeDecodeError:
            problems.append(Problem(Place(f"{folder.name}/{path.name}", 0, 0), "is not UTF-8", "save it as UTF-8"))
        else:
            if definition.id in found:
                problems.append(_problem(f"{folder.name}/{path.name}", "id", f"`{definition.id}` is taken", ""))
            found[definition.id] = definition
    if problems:
        raise DefinitionError(problems)
    return found


def read(text: str, file: str, vocabulary: Vocabulary) -> Definition:
    """One definition. Raises DefinitionError with every mistake, each with the file and the key."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([Problem(Place(file, 0, 0), f"is no TOML: {error}", "see https://toml.io")]) from None
    try:
        table = _DefinitionTable.model_validate(told)
    except ValidationError as error:
        raise DefinitionError(_sentence(e, file) for e in error.errors()) from None
    problems: list[Problem] = []

    def complain(key: str, message: str, help: str) -> None:
        problems.append(_problem(file, key, message, help))

    try:
        zone = ZoneInfo(table.time_zone)
    except (KeyError, ValueError, OSError):
        complain("time_zone", f"there is no time zone `{table.time_zone}`", "write it as America/New_York")
        zone = ZoneInfo("UTC")
    for key, actors in (("filers", table.filers), ("covers", table.covers)):
        for actor in actors:
            if actor not in vocabulary.actors:
                complain(key, f"the vocabulary has no actor `{actor}`", did_you_mean(actor, vocabulary.actors))
    if len({line.id for line in table.line}) < len(table.line):
        complain("line", "two lines have the same id", "give each line an id of its own")
    lines = tuple(_line(line, table, vocabulary, complain) for line in table.line)
    if problems:
        raise DefinitionError(problems)
    return Definition(
        table.id,
        table.title,
        table.citation,
        table.jurisdiction,
        table.source,
        table.status,
        table.about,
        _with_those_below(table.filers, vocabulary),
        table.filer,
        _with_those_below(table.covers, vocabulary),
        table.recipient,
        zone,
        " ".join(table.clause.text.split()),
        table.period,
        table.due,
        table.nil,
        table.privacy,
        lines,
        {a.name: a.title for a in vocabulary.actors.values()} | {a.name: a.title for a in vocabulary.actions.values()},
    )


def _with_those_below(actors: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a for actor in actors for a in filter.below(actor, vocabulary)))


def _line(told: _LineTable, whole: _DefinitionTable, vocabulary: Vocabulary, complain: filter.Complain) -> Line:
    key = f"line `{told.id}`"
    model: type[BaseModel] = TaskForceInPeriod if told.count == "task_forces" else Event
    where = filter.parse(told.where, model, vocabulary, f"{key}, where", complain)
    dated_by = told.dated_by or ("start" if model is TaskForceInPeriod else "received_at")
    if told.count == "supplied" and (told.where or told.by or told.columns or told.dated_by):
        complain(key, "is supplied by the agency, so it has no filter, no breakdown and no columns", "take them out")
    if told.count != "supplied" and not told.where:
        complain(f"{key}, where", "is missing", "say which records the line counts")
    if told.count == "task_forces" and (told.by or told.dated_by):
        complain(key, "counts task forces, so it has no breakdown and no day", "list `columns` instead")
    if dated_by not in model.model_fields or fields.holds(model, dated_by) not in ("moment", "day"):
        moments = [f for f in model.model_fields if fields.holds(model, f) == "moment"]
        complain(f"{key}, dated_by", f"`{dated_by}` is no moment of a record", did_you_mean(dated_by, moments))
    if told.nil and whole.nil.rule != "certify":
        complain(f"{key}, nil", "is a certificate, and the report asks for none", 'write `nil.rule = "certify"`')
    if whole.privacy.small_cells and (len(told.by) > 1 or told.columns):
        complain(key, "shows the same records twice, so that a small number could be worked out", "keep one breakdown")
    for by in told.by:
        _check_by(by, model, whole, f"{key}, by", complain)
    for column in told.columns:
        _check_field(column.field, model, whole, f"{key}, columns", complain)
    return Line(
        told.id,
        told.clause,
        " ".join(told.quote.split()),
        told.count,
        where,
        dated_by,
        tuple(By(b.fields, b.named, b.rest) for b in told.by),
        tuple(Column(c.field, c.heading or c.field.replace("_", " "), c.show) for c in told.columns),
        told.nil,
        told.note,
    )


def _check_by(
    by: _ByTable, model: type[BaseModel], whole: _DefinitionTable, key: str, complain: filter.Complain
) -> None:
    for field in by.fields:
        _check_field(field, model, whole, key, complain)
        if field in model.model_fields and fields.holds(model, field) == "moment":
            complain(key, f"`{field}` is a moment, which makes no groups", "list it as a column")
    if not by.fields:
        complain(key, "names no field", 'write `fields = ["requester"]`')
    if (by.named or by.rest) and len(by.fields) != 1:
        complain(key, "`named` and `rest` go with one field alone", "write a breakdown for each field")
    elif by.fields and by.fields[0] in model.model_fields:
        known = fields.values(model, by.fields[0])
        for word in by.named:
            if known and word not in known:
                complain(key, f"`{by.fields[0]}` has no value `{word}`", did_you_mean(word, known))


def _check_field(
    field: str, model: type[BaseModel], whole: _DefinitionTable, key: str, complain: filter.Complain
) -> None:
    """No report shows free text or a person's key; one without identifying information shows closed words alone."""
    if field not in model.model_fields:
        complain(key, f"there is no field `{field}`", did_you_mean(field, model.model_fields, "see docs/reports.md"))
        return
    kind = fields.holds(model, field)
    if kind in fields.PRIVATE:
        complain(key, f"`{field}` may hold anything, so that no report shows it", "take another field")
    elif kind in fields.TEXT and whole.privacy.rule != "public_record":
        complain(key, f"`{field}` is text, and the report must identify nobody", "take a field with a closed list")


def _problem(file: str, key: str, message: str, help: str) -> Problem:
    return Problem(Place(file, 0, 0), f"{key}: {message}", help)


def _sentence(error: Any, file: str) -> Problem:
    """One mistake of Pydantic's, with the key as the person wrote it."""
    path = [p for p in error["loc"] if isinstance(p, str | int)]
    key = ".".join(str(p + 1) if isinstance(p, int) else p for p in path) or "the file"
    match error["type"]:
        case "missing":
            return _problem(file, key, "is missing", "docs/reports.md says what it holds")
        case "extra_forbidden":
            known = _keys(path[:-1])
            return _problem(file, key, "is no key of a definition", did_you_mean(str(path[-1]), known))
        case "literal_error":
            return _problem(file, key, f"`{error['input']}` is none of {error['ctx']['expected']}", "")
        case _:
            message = error["msg"].removeprefix("Value error, ")
            return _problem(file, key, message[0].lower() + message[1:], "")


def _keys(path: list[str | int]) -> tuple[str, ...]:
    """The keys that the table at this path may have."""
    model: Any = _DefinitionTable
    inside = {"line": _LineTable, "by": _ByTable, "columns": _ColumnTable, "small_cells": SmallCells}
    for part in path:
        if isinstance(part, str):
            model = inside.get(part) or model.model_fields[part].annotation
    return tuple(model.model_fields)
