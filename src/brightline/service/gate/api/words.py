"""Words that come in: text, moments and days within bounds, and the names of the vocabulary, which the schema lists.

The vocabulary is loaded when the schema is asked for, and not before. Names are checked by the step that takes them: it knows
the nearest right word.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, from_json

from brightline.law.vocabulary import MEANT, Fact
from brightline.service.gate.api.errors import Refused
from brightline.service.gate.law import law

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MOST = 1e9  # in size, of any number
LONGEST = 2000  # characters of any text in a fact
MANY = 200  # facts, records, fields

Line = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=4000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"\S")]
Code = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,40}$")]  # of a task force
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{5,9}$")]  # of a request


def _sane(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("this moment lies before 1990 or after 2099; look at the date again")
    return moment


def _sane_day(day: date) -> date:
    if not 1900 <= day.year <= 2099:
        raise ValueError("this day lies before 1900 or after 2099; look at the date again")
    return day


def _text(told: Any) -> Any:
    """Only a date as text: a number, alone or in quotation marks, would be taken for seconds."""
    if not isinstance(told, str) or told[4:5] != "-":
        raise ValueError("write it as text, such as 2026-11-28")
    return told


Moment = Annotated[AwareDatetime, BeforeValidator(_text, json_schema_input_type=AwareDatetime), AfterValidator(_sane)]
Day = Annotated[date, BeforeValidator(_text, json_schema_input_type=date), AfterValidator(_sane_day)]


class Listed:
    """The schema of a name: one of those that the vocabulary has."""

    def __init__(self, names: Callable[[], Any]) -> None:
        self.names = names

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names())}


def _known_names() -> list[str]:
    """Facts, lists of records, and whether one of the acts was meant: what the interview asks for."""
    known = law().vocabulary
    return [*known.facts, *known.records, "action", *(f"{MEANT}{a}" for a in known.actions)]


_Name = StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")
Action = Annotated[str, _Name, Listed(lambda: law().vocabulary.actions)]
Actor = Annotated[str, _Name, Listed(lambda: law().vocabulary.actors)]
FactName = Annotated[str, _Name, Listed(_known_names)]
Basis = Literal["verified", "stated"]
Scalar = bool | float | str


class FactsTold:
    """The schema of `facts`: each with its type, alone or with its basis and with what shows it."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        known = law().vocabulary.facts.values()
        return {
            "type": "object",
            "properties": {f.name: {"anyOf": [_value(f), _entry(_value(f))]} for f in known},
            "additionalProperties": False,
            "description": "fact -> its value, or its value with its basis; stated unless it says otherwise",
        }


class RecordsTold:
    """The schema of `records`: lists such as the judgments of a person."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        lists = {
            r.name: {
                "type": "object",
                "properties": {
                    "records": {
                        "type": "array",
                        "maxItems": 100,
                        "items": {
                            "type": "object",
                            "properties": {f.name: _value(f) for f in r.fields},
                            "additionalProperties": False,
                        },
                    },
                    "complete": {"type": "boolean"},
                    "basis": {"anyOf": [{"type": "string", "enum": ["verified", "stated"]}, {"type": "null"}]},
                    "shown_by": {"anyOf": [{"type": "string", "maxLength": 300}, {"type": "null"}]},
                },
                "additionalProperties": False,
            }
            for r in law().vocabulary.records.values()
        }
        return {"type": "object", "properties": lists, "additionalProperties": False}


def _value(fact: Fact) -> dict[str, Any]:
    match fact.type:
        case "yes/no":
            one: dict[str, Any] = {"type": "boolean"}
        case "list":
            one = {"type": "string", "enum": list(fact.values)}
        case "number":
            one = {"type": "number", "minimum": -MOST, "maximum": MOST, "description": fact.unit}
        case _:
            one = {"type": "string", "format": "date"}
    return {"anyOf": [one, {"type": "null"}]}


def _entry(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "value": value,
            "basis": {"anyOf": [{"type": "string", "enum": ["verified", "stated"]}, {"type": "null"}]},
            "shown_by": {"anyOf": [{"type": "string", "maxLength": 300}, {"type": "null"}]},
        },
        "required": ["value"],
        "additionalProperties": False,
    }


def bounded(told: dict[str, Any]) -> dict[str, Any]:
    """Facts or records whose texts, numbers and days are within bounds; what they mean is checked by the step."""
    if len(told) > MANY:
        raise ValueError(f"these are more than {MANY}")
    for name, value in told.items():
        _bound(name, value, 0)
    return told


def _bound(name: str, value: Any, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth > 4 or len(value) > MANY:
            raise ValueError("this is nested too deeply, or holds too much")
        if isinstance(value, dict):
            for inner, one in value.items():
                _bound(inner if inner != "value" else name, one, depth + 1)
        else:
            for one in value:
                _bound(name, one, depth + 1)
    elif isinstance(value, str):
        if len(value) > (300 if name == "shown_by" else LONGEST):
            raise ValueError("a text in it is too long")
        if value[4:5] == "-" and value[:4].isdigit() and not "1900" <= value[:4] <= "2099" and name != "shown_by":
            raise ValueError("a day in it lies before 1900 or after 2099")
    elif isinstance(value, int | float) and not -MOST <= value <= MOST:
        raise ValueError(f"a number in it lies outside of ±{MOST:,.0f}")


FactsIn = Annotated[dict[str, Any], AfterValidator(bounded), FactsTold()]
RecordsIn = Annotated[dict[str, Any], AfterValidator(bounded), RecordsTold()]
Release = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], Text], Field(max_length=MANY)
]  # field -> value


def read_body(body: bytes) -> Any:
    """The JSON of a body. Raises Refused for what no column can hold: NUL characters, half characters, no numbers."""
    try:
        told = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Refused(400, "The body is no JSON that can be read.", "body") from None
    if b"\\u0000" in body and _has_nul(told):
        raise Refused(422, "body: a text holds the character NUL, which cannot be kept", "body")
    return told


def _has_nul(told: Any) -> bool:
    if isinstance(told, str):
        return "\0" in told
    if isinstance(told, dict):
        return any(_has_nul(x) for pair in told.items() for x in pair)
    return isinstance(told, list) and any(_has_nul(x) for x in told)
