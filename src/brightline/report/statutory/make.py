"""A definition and records -> one report: each line's count, what is still open, what is unknown, and the records.

A record stands in one of four places of a line: counted, open (only the decision is wanting, and there is none
yet), unknown (a fact that the line asks for is missing, or the key of a person where persons are counted), or not in
the line at all. Unknown never becomes "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from itertools import product
from typing import Literal

from pydantic import BaseModel

from brightline.report.about import ReportError
from brightline.report.statutory import fields
from brightline.report.statutory.definition import By, Definition, Line
from brightline.report.statutory.event import FOLLOWS, Event, TaskForce
from brightline.report.statutory.filter import Answer, judge, local_day
from brightline.report.statutory.period import Period
from brightline.report.statutory.task_force import in_period

Status = Literal["counted", "open", "unknown"]
OPEN, UNKNOWN, NOTHING, REST = "open", "unknown", "nothing", "rest"  # values that a group can have besides its words


@dataclass(frozen=True, slots=True)
class Tally:
    """A count, and what could not be counted. `records` is the number of requests behind a count of persons.

    The true number lies between `count` and `count + open + unknown`.
    """

    count: int
    records: int
    open: int
    unknown: int
    missing: tuple[tuple[str, int], ...]  # field -> unknown records that lack it
    counted: tuple[str, ...]  # numbers of the records
    still_open: tuple[str, ...]
    cannot_tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    values: tuple[str, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A line's records by some of their fields. `overlapping`: a record can stand in several groups."""

    by: By
    overlapping: bool
    groups: tuple[Group, ...]


class Absent(Enum):
    """Why a cell is empty although nothing is unknown."""

    OPEN = "still open"
    NOT_APPLICABLE = "does not apply"


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a line that lists records; a cell that is None is unknown, one that is `Absent` says why."""

    status: Status
    number: str
    cells: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class LineMade:
    line: Line
    tally: Tally
    breakdowns: tuple[Breakdown, ...]
    rows: tuple[Row, ...]
    supplied: str | None = None  # of a line that the agency fills in; None: it has not

    @property
    def traced(self) -> tuple[str, ...]:
        """The numbers of every record in the line, counted or not, in order."""
        return tuple(sorted({*self.tally.counted, *self.tally.still_open, *self.tally.cannot_tell}))


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one agency for one period."""

    definition: Definition
    agency: str
    period: Period
    made: date
    lines: tuple[LineMade, ...]

    @property
    def nil(self) -> bool:
        """Whether there was nothing: no record counted, open or unknown in any line."""
        return not any(line.traced for line in self.lines)

    @property
    def needed(self) -> bool:
        """Whether a report is to be filed: always, unless there was nothing and the law then asks for none."""
        return not (self.nil and self.definition.nil.rule == "none")

    def line(self, id: str) -> LineMade:
        return next(line for line in self.lines if line.line.id == id)


def make(
    definition: Definition,
    events: Iterable[Event],
    period: Period,
    *,
    agency: str,
    task_forces: Iterable[TaskForce] = (),
    made: date,
    supplied: Mapping[str, str] | None = None,
) -> Report:
    """The report of an agency for a period. The order of the events has no part in it, nor has the clock.

    `supplied` gives the lines that no record can fill (line id -> figure). Raises ReportError if two records have the
    same number, or if `supplied` names a line that is not to be supplied.
    """
    covered = definition.covers or (agency,)
    mine = sorted((e for e in events if e.agency in covered), key=lambda e: (e.received_at, e.number))
    forces = sorted((f for f in task_forces if _reports(f, agency)), key=lambda f: f.id)
    _no_twins([e.number for e in mine], "requests")
    _no_twins([f.id for f in forces], "task forces")
    given = dict(supplied or {})
    for id in given:
        if id not in {line.id for line in definition.lines if line.count == "supplied"}:
            raise ReportError(f"{definition.id} has no line `{id}` that the agency fills in")
    lines = tuple(
        LineMade(line, _tally([], line), (), (), given.get(line.id))
        if line.count == "supplied"
        else _made(line, _members(line, definition, mine, forces, period), definition)
        for line in definition.lines
    )
    return Report(definition, agency, period, made, lines)


def _reports(task_force: TaskForce, agency: str) -> bool:
    """Whether the agency takes part, and no other agency was designated to report for all (as Cal. Gov. Code
    § 7284.6(c)(4) provides)."""
    return agency in task_force.members and task_force.designated_filer in (None, agency)


def _no_twins(numbers: list[str], what: str) -> None:
    twins = sorted({n for n in numbers if numbers.count(n) > 1}) if len(set(numbers)) < len(numbers) else []
    if twins:
        raise ReportError(f"two {what} have the number {twins[0]}: a report would count one of them twice")


@dataclass(frozen=True, slots=True)
class _Member:
    """A record in a line, and where in the line it stands."""

    record: BaseModel
    number: str
    person: str | None
    status: Status
    missing: frozenset[str]


def _members(
    line: Line, definition: Definition, events: list[Event], forces: list[TaskForce], period: Period
) -> list[_Member]:
    found = []
    if line.count == "task_forces":
        for force in forces:
            seen = in_period(force, period.first, period.last)
            answer = _both(_ran(force, period), judge(line.where, seen, definition.zone))
            if answer.truth is not False:
                found.append(_Member(seen, force.id, None, _status(answer), answer.missing))
        return found
    for event in events:
        answer = judge(line.where, event, definition.zone)
        if answer.truth is False:
            continue
        moment = getattr(event, line.dated_by)
        if moment is None:
            # Nobody recorded the day: the record is unknown in the period in which the request came, and in no other.
            answer = Answer(None, answer.missing | {line.dated_by})
        if local_day(moment or event.received_at, definition.zone) not in period:
            continue
        if line.count == "persons" and answer.truth and event.person is None:
            answer = Answer(None, frozenset({"person"}))
        found.append(_Member(event, event.number, event.person, _status(answer), answer.missing))
    return found


def _ran(force: TaskForce, period: Period) -> Answer:
    """Whether a task force ran on some day of the period."""
    if force.end is not None and force.end < period.first:
        return Answer(False)
    if force.start is None:
        return Answer(None, frozenset({"start"}))
    return Answer(force.start <= period.last)


def _both(a: Answer, b: Answer) -> Answer:
    if a.truth is False or b.truth is False:
        return Answer(False)
    unknown = a.truth is None or b.truth is None
    return Answer(None if unknown else True, a.missing | b.missing)


def _status(answer: Answer) -> Status:
    if answer.truth:
        return "counted"
    return "open" if answer.missing == {"decision"} else "unknown"


def _made(line: Line, members: list[_Member], definition: Definition) -> LineMade:
    breakdowns = tuple(_breakdown(by, members, line) for by in line.by)
    rows = tuple(
        Row(m.status, m.number, tuple(_cell(m.record, c.field) for c in line.columns))
        for m in sorted(members, key=lambda m: _order(m, line))
        if line.columns
    )
    return LineMade(line, _tally(members, line), breakdowns, rows)


def _cell(record: BaseModel, field: str) -> object:
    """The value of a field, or why there is none."""
    value = getattr(record, field)
    if value is not None or not isinstance(record, Event):
        return value
    if field in ("decision", "decided_at") and record.decision is None:
        return Absent.OPEN
    return Absent.NOT_APPLICABLE if field in FOLLOWS and getattr(record, FOLLOWS[field]) is False else None


def _order(member: _Member, line: Line) -> tuple[str, str]:
    moment = getattr(member.record, line.dated_by)
    if moment is None and isinstance(member.record, Event):
        moment = member.record.received_at
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).isoformat()
    return (str(moment or ""), member.number)


def _tally(members: list[_Member], line: Line) -> Tally:
    by_status: dict[Status, list[str]] = {"counted": [], "open": [], "unknown": []}
    missing: dict[str, int] = {}
    for m in members:
        by_status[m.status].append(m.number)
        if m.status == "unknown":
            for field in m.missing:
                missing[field] = missing.get(field, 0) + 1
    records = len(by_status["counted"])
    persons = len({m.person for m in members if m.status == "counted"})
    return Tally(
        persons if line.count == "persons" else records,
        records,
        len(by_status["open"]),
        len(by_status["unknown"]),
        tuple(sorted(missing.items(), key=lambda item: (-item[1], item[0]))),
        tuple(sorted(by_status["counted"])),
        tuple(sorted(by_status["open"])),
        tuple(sorted(by_status["unknown"])),
    )


def _breakdown(by: By, members: list[_Member], line: Line) -> Breakdown:
    groups: dict[tuple[str, ...], list[_Member]] = {key: [] for key in _always(by)}
    for m in members:
        for key in _keys(by, m.record):
            groups.setdefault(key, []).append(m)
    ordered = sorted(groups.items(), key=lambda item: _place(by, item[0]))
    overlapping = any(fields.many(Event, f) for f in by.fields if f in Event.model_fields)
    return Breakdown(by, overlapping, tuple(Group(key, _tally(found, line)) for key, found in ordered))


def _always(by: By) -> list[tuple[str, ...]]:
    """The groups that stand in the report even if nothing is in them."""
    if len(by.fields) > 1:
        return []
    if by.named:
        return [(word,) for word in (*by.named, *([REST] if by.rest else []))]
    return [("yes",), ("no",)] if fields.holds(Event, by.fields[0]) == "yes_no" else []


def _keys(by: By, record: BaseModel) -> set[tuple[str, ...]]:
    return set(product(*(_words(by, field, getattr(record, field)) for field in by.fields)))


def _words(by: By, field: str, value: object) -> list[str]:
    if value is None:
        return [OPEN if field == "decision" else UNKNOWN]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    words = [str(v) for v in value] if isinstance(value, tuple) else [str(value)]
    if not words:
        return [NOTHING]
    return [w if not by.named or w in by.named or not by.rest else REST for w in words]


def _place(by: By, key: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """Groups in the order of the law, then of the closed list, then of the alphabet; open and unknown last."""
    last = {REST: 1, NOTHING: 2, OPEN: 3, UNKNOWN: 4}
    found = []
    for field, word in zip(by.fields, key, strict=True):
        order = (*by.named, *fields.values(Event, field), "yes", "no")
        found.append((last.get(word, 0), order.index(word) if word in order else len(order), word))
    return tuple(found)
