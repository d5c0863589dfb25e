"""A mapping: what a person declares about a file of contacts, so that it can be read without guessing."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from brightline.contact.problems import ContactError, did_you_mean
from brightline.contact.schema import Basis
from brightline.law.vocabulary import Vocabulary

UNKNOWN = "unknown"  # the actor of a rule that ends the search: none of the agencies below, and no other known


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Words = Annotated[list[str], BeforeValidator(_list)]


def _cells(table: Any) -> Any:
    """The cells of a table as the text that they are in the file."""
    if not isinstance(table, dict):
        return table
    if any(isinstance(cell, bool) for cell in table):
        raise ValueError(
            'YAML takes yes, no, true and false for more than words; put the cell in quotation marks: "Yes"'
        )
    return {str(cell): meaning for cell, meaning in table.items()}


def _pattern(value: str | None) -> str | None:
    if value is not None:
        try:  # with the engine that will use it, which knows no look-ahead
            pl.Series([""]).str.contains(value)
        except pl.exceptions.ComputeError as error:
            raise ValueError(f"the pattern `{value}` is not a regular expression: {error}") from error
    return value


class Column(_Part):
    """A column that the reader knows, under its name and the other spellings found in files."""

    spellings: list[str] = Field(default_factory=list)
    required: bool = False
    keep: bool = True
    about: str = ""


class Dates(_Part):
    """The column with the day of the contact, and how the day is written there."""

    column: str
    formats: Annotated[list[str], BeforeValidator(_list)] = Field(default_factory=lambda: ["%Y-%m-%d"])

    @field_validator("formats")
    @classmethod
    def _said(cls, formats: list[str]) -> list[str]:
        if not formats or not all("%" in f for f in formats):
            raise ValueError("say how the day is written, such as `%m/%d/%Y` or `%d/%m/%Y`; nobody guesses it")
        return formats


class Cell(_Part):
    """What must hold of one cell. Upper and lower case and repeated spaces make no difference."""

    equals: Words = Field(default_factory=list, alias="is")
    matches: str | None = None
    but_not: str | None = None

    _checked = field_validator("matches", "but_not")(_pattern)


def _cell(value: Any) -> Any:
    return {"is": value} if isinstance(value, str | list) else value


class Rule(_Part):
    """If all of this holds of the row, the contact's agency is `actor`. The first rule that holds decides."""

    actor: str
    facility: Annotated[Cell | None, BeforeValidator(_cell)] = None
    city: Annotated[Cell | None, BeforeValidator(_cell)] = None
    state: Annotated[list[str], BeforeValidator(_list)] = Field(default_factory=list)
    not_state: Annotated[list[str], BeforeValidator(_list)] = Field(default_factory=list)
    why: str = ""


class Agency(_Part):
    """How the agency is found: which columns say where, and the rules."""

    facility: str | None = None
    city: str | None = None
    state: str | None = None
    state_in_text: bool = False  # `RIKERS ISLAND, QUEENS, NY` carries its state
    rules: list[Rule | str] = Field(default_factory=list)
    always: str | None = None


class Values(_Part):
    """A table from the cells of a column to what they mean. A key between slashes is a pattern."""

    column: str
    values: Annotated[dict[str, Any], BeforeValidator(_cells)]
    otherwise: Any = Field(None, description="for a cell that is filled and stands in no line of the table")


class Actions(_Part):
    """The actions asked for or done: by the cells of a column, or always the same."""

    column: str | None = None
    values: Annotated[dict[str, Words], BeforeValidator(_cells)] = Field(default_factory=dict)
    always: list[str] = Field(default_factory=list)


class FactFrom(_Part):
    """A fact: by the cells of a column, or always the same, with the basis and what shows it."""

    column: str | None = None
    values: Annotated[dict[str, bool | float | str | None] | None, BeforeValidator(_cells)] = None
    always: bool | float | str | None = None
    basis: Basis = "stated"
    shown_by: str | None = None


class Mapping(_Part):
    """How one kind of file is read."""

    reader: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    source: str = ""
    columns: dict[str, Annotated[Column, BeforeValidator(lambda v: {} if v is None else v)]]
    date: Dates
    row_number: str | None = Field(None, description="the column that holds the row of the original sheet")
    agency: Agency = Field(default_factory=Agency)
    counterpart: str | Values | None = Field(None, description="who asked: always the same, or by a column")
    channel: str | Values | None = None
    asked: Actions = Field(default_factory=Actions)
    done: Actions = Field(default_factory=Actions)
    not_done: Actions = Field(default_factory=Actions)
    facts: dict[str, FactFrom] = Field(default_factory=dict)
    derived: dict[str, Values] = Field(default_factory=dict)
    not_read: dict[str, str] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)

    def rules(self) -> list[Rule]:
        """The rules in order, with the shipped lists put in where they are named."""
        found: list[Rule] = []
        for rule in self.agency.rules:
            found.extend(shipped_rules(rule) if isinstance(rule, str) else [rule])
        return found

    def used_columns(self) -> dict[str, str]:
        """Every column that the mapping reads a meaning from, with the place that names it."""
        used = {self.date.column: "date"}
        for role in ("facility", "city", "state"):
            if column := getattr(self.agency, role):
                used.setdefault(column, f"agency, {role}")
        for place in ("asked", "done", "not_done"):
            if column := getattr(self, place).column:
                used.setdefault(column, place)
        for place in ("counterpart", "channel"):
            if isinstance(part := getattr(self, place), Values):
                used.setdefault(part.column, place)
        for name, fact in self.facts.items():
            if fact.column:
                used.setdefault(fact.column, f"facts, {name}")
        for name, values in self.derived.items():
            used.setdefault(values.column, f"derived, {name}")
        if self.row_number:
            used.setdefault(self.row_number, "row_number")
        return used


# --- loading ------------------------------------------------------------------------------------

Kind = Literal["mappings", "rules"]
_LISTS = "rules-"


def readers() -> tuple[str, ...]:
    """The names of the readers that come with Brightline."""
    files = resources.files("brightline.contact").joinpath("mappings").iterdir()
    names = sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml"))
    return tuple(n for n in names if not n.startswith(_LISTS))


@cache
def shipped(reader: str) -> Mapping:
    """The mapping of a reader that comes with Brightline."""
    if reader not in readers():
        raise ContactError(
            f"there is no reader `{reader}`{did_you_mean(reader, readers())}; there are: {', '.join(readers())}"
        )
    return parse_mapping(_shipped_text(reader), f"{reader}.yaml")


@cache
def shipped_rules(name: str) -> tuple[Rule, ...]:
    """A list of rules that several readers share."""
    try:
        data = yaml.safe_load(_shipped_text(_LISTS + name))
    except FileNotFoundError:
        raise ContactError(f"there is no shipped list of rules `{name}`") from None
    return tuple(Rule.model_validate(rule) for rule in data)


def _shipped_text(name: str) -> str:
    return resources.files("brightline.contact").joinpath("mappings", f"{name}.yaml").read_text(encoding="utf-8")


def load_mapping(path: Path | str) -> Mapping:
    """Read a mapping file that a person wrote."""
    path = Path(path)
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError:
        raise ContactError(f"there is no mapping file `{path}`") from None
    except UnicodeDecodeError:
        raise ContactError(f"`{path.name}` is not a text file in UTF-8, so it is no mapping file") from None


def parse_mapping(text: str, name: str) -> Mapping:
    """The text of a mapping file as a mapping, or every mistake in it."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ContactError(f"{name}{where}: this is not YAML: {getattr(error, 'problem', error)}") from error
    except ValueError as error:
        raise ContactError(f"{name}: a value cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise ContactError(f"{name}: a mapping file begins with lines such as `reader: my-file`")
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        raise ContactError(*(_sentence(name, e) for e in error.errors())) from error
    wrong = [
        f"{name}, {place}: there is no column `{column}` under `columns`{did_you_mean(column, mapping.columns)}"
        for column, place in mapping.used_columns().items()
        if column not in mapping.columns
    ]
    if wrong:
        raise ContactError(*wrong)
    return mapping


def _sentence(name: str, error: Any) -> str:
    place = ", ".join(str(p) for p in error["loc"] if p not in ("Rule", "Values", "str")) or "the file"
    where = f"{name}, {place}"
    match error["type"]:
        case "missing":
            return f"{where}: this line is missing"
        case "extra_forbidden":
            key = str(error["loc"][-1])
            known = Mapping.model_fields if len(error["loc"]) == 1 else _ALL_KEYS
            return f"{where}: `{key}` is no key here{did_you_mean(key, known)}"
        case "value_error":
            return f"{where}: {error['ctx']['error']}"
        case _:
            return f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}, not `{error['input']}`"


_ALL_KEYS = sorted(
    {"is"}.union(*(m.model_fields for m in (Column, Dates, Cell, Rule, Agency, Values, Actions, FactFrom, Mapping)))
)


def check_mapping(mapping: Mapping, vocabulary: Vocabulary) -> list[str]:
    """Every name of the mapping that the vocabulary does not know, every value out of a fact's list."""
    found: list[str] = []

    def name(where: str, word: str, known: Any, kind: str) -> None:
        if word not in known:
            found.append(
                f"{mapping.reader}, {where}: `{word}` is no {kind} of the vocabulary{did_you_mean(word, known)}"
            )

    for rule in mapping.rules():
        if rule.actor != UNKNOWN:
            name("agency", rule.actor, vocabulary.actors, "actor")
    if mapping.agency.always:
        name("agency", mapping.agency.always, vocabulary.actors, "actor")
    other = mapping.counterpart
    for actor in other.values.values() if isinstance(other, Values) else [other] if other else []:
        name("counterpart", actor, vocabulary.actors, "actor")
    for place in ("asked", "done", "not_done"):
        part: Actions = getattr(mapping, place)
        for action in [a for actions in part.values.values() for a in actions] + part.always:
            name(place, action, vocabulary.actions, "action")
    for fact, source in mapping.facts.items():
        name("facts", fact, vocabulary.facts, "fact")
        if fact in vocabulary.facts:
            found.extend(_fact_values(mapping.reader, fact, source, vocabulary))
    return list(dict.fromkeys(found))


def _fact_values(reader: str, name: str, source: FactFrom, vocabulary: Vocabulary) -> list[str]:
    fact = vocabulary.facts[name]
    values = list((source.values or {}).values()) + ([source.always] if source.always is not None else [])
    wrong: list[str] = []
    for value in values:
        if value is None:
            continue
        if fact.type == "list" and value not in fact.values:
            hint = did_you_mean(str(value), fact.values)
            wrong.append(f"{reader}, facts, {name}: `{value}` is not in its list{hint}: {', '.join(fact.values)}")
        if fact.type == "yes/no" and not isinstance(value, bool):
            wrong.append(f"{reader}, facts, {name}: is a yes/no fact, not `{value}`")
        if fact.type == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
            wrong.append(f"{reader}, facts, {name}: is a number of {fact.unit}, not `{value}`")
    return wrong
