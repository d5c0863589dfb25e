"""A report as it is read: all words and figures of the filed or the internal version, ready to be set or written.

Everything that a version may not show is left out here, once; JSON, CSV and PDF only write what is told. The filed
version never holds a request number (unless the definition lets it), a key of a person or free text.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from brightline.report.statutory import fields, words
from brightline.report.statutory.definition import Definition, SmallCells
from brightline.report.statutory.event import Event
from brightline.report.statutory.make import Absent, Breakdown, Group, LineMade, Report, Tally
from brightline.report.statutory.period import due_day
from brightline.report.statutory.task_force import TaskForceInPeriod

Version = Literal["filed", "internal"]
STATUS = {"counted": "counted", "open": "still open", "unknown": "cannot tell"}


def told(report: Report, version: Version) -> dict[str, Any]:
    """The report in plain values. Keys that end in `_said` are sentences; a count may be a text such as "fewer than 5"
    where the law has a rule on small numbers."""
    d = report.definition
    filed = version == "filed"
    day = due_day(d, report.period)
    return {
        "report": d.id,
        "version": version,
        "title": d.title,
        "citation": d.citation,
        "jurisdiction": d.jurisdiction,
        "status": d.status,
        "about": _flat(d.about),
        "clause": d.clause,
        "agency": words.cell(report.agency, "vocabulary", "", d.zone, d.titles, filed),
        "filer": d.filer,
        "recipient": d.recipient,
        "period": {
            "first": report.period.first.isoformat(),
            "last": report.period.last.isoformat(),
            "name": report.period.name,
            "time_zone": d.zone.key,
            "why": _flat(d.period.why),
        },
        "due": day.isoformat() if day else None,
        "due_said": f"{words.day(day)}. {_flat(d.due.why)}" if day else _flat(d.due.why),
        "made": report.made.isoformat(),
        "nil": report.nil,
        "needed": report.needed,
        "nil_said": nil_said(report),
        "privacy_said": _flat(d.privacy.why),
        "small_cells_said": _small_said(d.privacy.small_cells),
        "lines": [_line(line, d, filed) for line in report.lines],
    }


def nil_said(report: Report) -> str:
    """What is said if there was nothing; "" if there was something."""
    if not report.nil:
        return ""
    lead = f"Nil: nothing that this report counts is on record for the period ({report.period.name})."
    rule = report.definition.nil
    follows = {
        "report": "The report is filed all the same.",
        "certify": "The agency certifies this.",
        "none": "No report needs to be filed.",
    }
    return f"{lead} {follows[rule.rule]} {_flat(rule.why)}"


def _small_said(rule: SmallCells | None) -> str:
    if rule is None:
        return "No figure is withheld because it is small."
    return f"Counts from 1 to {rule.below - 1} are shown as fewer than {rule.below}. {_flat(rule.why)}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _line(made: LineMade, d: Definition, filed: bool) -> dict[str, Any]:
    line, small = made.line, d.privacy.small_cells if filed else None
    found: dict[str, Any] = {
        "id": line.id,
        "clause": line.clause,
        "quote": line.quote,
        "note": _flat(line.note),
        "counts": line.count,
    }
    if line.count == "supplied":
        return found | {"supplied": made.supplied, "said": made.supplied or "to be filled in by the agency"}
    tally = made.tally
    found |= {
        "count": _shown(tally.count, small),
        "records": _shown(tally.records, small),
        "open": _shown(tally.open, small),
        "unknown": _shown(tally.unknown, small),
        "said": _said(tally, line.count, small),
        "missing": [{"field": f, "asks": _asks(f), "records": _shown(n, small)} for f, n in tally.missing],
        "certificate": _certificate(made),
        "breakdowns": [_breakdown(b, d, filed, small) for b in made.breakdowns],
    }
    if line.columns:
        model: type[BaseModel] = TaskForceInPeriod if line.count == "task_forces" else Event
        found["columns"] = [c.heading for c in line.columns]
        found["rows"] = [
            {
                "status": row.status,
                "cells": [
                    value.value
                    if isinstance(value, Absent)
                    else words.cell(value, fields.holds(model, c.field), c.show, d.zone, d.titles, filed)
                    for value, c in zip(row.cells, line.columns, strict=True)
                ],
            }
            | ({} if filed and not d.privacy.request_numbers else {"number": row.number})
            for row in made.rows
        ]
    if not filed or d.privacy.request_numbers:
        found["requests"] = {
            "counted": list(tally.counted),
            "open": list(tally.still_open),
            "unknown": list(tally.cannot_tell),
        }
    return found


def _asks(field: str) -> str:
    """The question that would settle what is unknown."""
    if field == "person":
        return "Which person was it? (The key of the person is missing, so that nobody can tell who is counted twice.)"
    model = Event if field in Event.model_fields else TaskForceInPeriod
    return str(model.model_fields[field].description).partition("?")[0] + "?"  # without the hint for those who fill in


def _said(tally: Tally, counted: str, small: SmallCells | None) -> str:
    """The figure in words, with what could not be counted kept apart."""
    if not (tally.count or tally.open or tally.unknown):
        return "Nil."
    parts = [
        words.number(tally.count, counted)
        if _shown(tally.count, small) == tally.count
        else f"fewer than {small.below if small else 0} {words.COUNTED[counted][1]}"
    ]
    if counted == "persons" and tally.records != tally.count and small is None:
        parts.append(f"in {words.number(tally.records, 'events')}")
    said = " ".join(parts)
    apart = []
    unit = "events" if counted == "persons" else counted
    for n, what in ((tally.open, "still open"), (tally.unknown, "cannot be told")):
        if n:
            shown = words.number(n, unit) if _shown(n, small) == n else f"{_shown(n, small)} {words.COUNTED[unit][1]}"
            apart.append(f"{shown} {what}" if what == "still open" else f"for {shown} it {what}")
    return said[0].upper() + said[1:] + ("; " + "; ".join(apart) if apart else "") + "."


def _certificate(made: LineMade) -> str:
    """The certificate of nothing; never while a record might belong to the line."""
    if not made.line.nil or made.tally.count:
        return ""
    left = made.tally.open + made.tally.unknown
    if left:
        return f"Not certified: for {words.number(left, 'events')} nobody can tell whether this line counts it."
    return made.line.nil


def _breakdown(b: Breakdown, d: Definition, filed: bool, small: SmallCells | None) -> dict[str, Any]:
    hidden = _hidden(b.groups, small)
    return {
        "fields": list(b.by.fields),
        "heads": [words.head(f) for f in b.by.fields],
        "overlapping": b.overlapping,
        "groups": [
            {
                "values": [_value(v, f, d, filed) for v, f in zip(g.values, b.by.fields, strict=True)],
                "labels": [_label(v, f, b, d, filed) for v, f in zip(g.values, b.by.fields, strict=True)],
                "count": "not shown" if n in hidden else _shown(g.tally.count, small),
                "open": _shown(g.tally.open, small),
                "unknown": _shown(g.tally.unknown, small),
            }
            for n, g in enumerate(b.groups)
        ],
    }


def _hidden(groups: tuple[Group, ...], small: SmallCells | None) -> set[int]:
    """If one small count alone were hidden, the total less the others would give it: hide the next smallest too."""
    if small is None:
        return set()
    low = [n for n, g in enumerate(groups) if 0 < g.tally.count < small.below]
    others = sorted((g.tally.count, n) for n, g in enumerate(groups) if g.tally.count >= small.below)
    return {others[0][1]} if len(low) == 1 and others else set()


def _shown(count: int, small: SmallCells | None) -> int | str:
    return f"fewer than {small.below}" if small and 0 < count < small.below else count


def _value(value: str, field: str, d: Definition, filed: bool) -> str:
    """The word itself; in what is filed, no actor that the vocabulary does not declare."""
    own = field in fields.ACTORS and value not in d.titles and value not in words.SAID
    return "other" if filed and own else value


def _label(value: str, field: str, b: Breakdown, d: Definition, filed: bool) -> str:
    if field in fields.ACTORS and value not in words.SAID:
        return words.cell(value, "vocabulary", "", d.zone, d.titles, filed)
    if fields.holds(Event, field) == "citation" and value not in words.SAID:
        return value
    return words.word(value, b.by.rest)
