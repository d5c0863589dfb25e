"""A mapping: what a person declares about a file of counts or of events, so that it can be read without guessing.

The sources that the watch knows are mappings too, in `mappings/`; a mapping of one's own has the same form.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from brightline.watch.problems import WatchError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _pattern(value: str | None) -> str | None:
    if value is not None:
        try:  # with the engine that will use it, which knows no look-ahead
            pl.Series([""]).str.contains(value)
        except pl.exceptions.ComputeError as error:
            raise ValueError(f"the pattern `{value}` is not a regular expression") from error
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
Pattern = Annotated[str | None, BeforeValidator(_pattern)]


def plain(column: str) -> str:
    """A column's name as mappings write it: lower case, words joined by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_")


class When(_Part):
    """The column that says when: a day (`formats`), or a period written 2014, 2014Q3, or 2014-08 (`written: period`)."""

    column: Names
    written: Literal["day", "period"] = "day"
    formats: Annotated[tuple[str, ...], BeforeValidator(_tuple)] = ("%Y-%m-%d", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S%.f")
    shorter: Literal["refuse", "partial"] = "refuse"  # periods shorter than the others of the column


class Level(_Part):
    """One kind of place. Rows of one level are never added to rows of another."""

    column: Names = ()
    matches: Pattern = None  # only rows whose cell matches are of this level
    name: str = ""  # all rows of the level are this one place
    names: dict[str, str] = Field(default_factory=dict)  # the source's code -> the name


class What(_Part):
    """The column that says what was counted. `whole` are rows that are the sum of the others."""

    column: Names
    whole: Names = ()


class Wide(_Part):
    """Columns that are counts beside each other: each becomes rows of its own."""

    into: Literal["place", "offence", "group"]
    columns: dict[str, str] = Field(default_factory=dict)  # column -> its name; empty: all that are not used otherwise
    whole: Names = ()


class Count(_Part):
    """The column with the count; without one each row is one event."""

    column: Names
    empty: Literal["missing", "zero"] = "missing"  # zero only where the publisher's own totals show it
    over_time: Literal["sum", "mean", "last"] = "sum"  # mean or last: a number that stands, such as people held


class Change(_Part):
    """From this day on the same name counts something else. `concerns` is a pattern for what is counted."""

    day: date
    what: str
    source: str = ""
    concerns: Pattern = None


class Covers(_Part):
    """The days that the source truly covers; rows outside are typing errors, and are told and left out."""

    since: date | None = None
    until: date | None = None
    complete: bool = False  # every event in between is in the file: a period without any row is zero


class Mapping(_Part):
    """How one source is read. Column names are written as `plain()` makes them."""

    id: str
    about: str
    source: str = ""
    licence: str = ""
    unit: str = "events"
    recognised_by: Names = ()
    key: Names = ()  # one event has one key
    repeats: Literal["refuse", "once", "kept"] = "refuse"
    when: When
    places: dict[str, Level]
    what: What | None = None
    group: Names = ()
    wide: Wide | None = None
    count: Count | None = None
    absent: Literal["zero", "missing"] = "missing"  # a period without a row, while the file has rows for others
    lag_days: int = Field(0, ge=0)
    covers: Covers = Covers()
    definition_changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    adds_up: tuple[str, str] | None = None  # (parts, whole): two levels that should give the same total

    @model_validator(mode="after")
    def _consistent(self) -> Mapping:
        if not self.places:
            raise ValueError("say at least one kind of place under `places`")
        if self.adds_up and not set(self.adds_up) <= set(self.places):
            raise ValueError(f"`adds_up` names {self.adds_up}, and the places are {tuple(self.places)}")
        if self.wide and self.count:
            raise ValueError("a file has `wide` columns or one `count` column, not both")
        return self


def load_mapping(where: str | Path) -> Mapping:
    """A mapping by the name of a known source, or from a YAML file.

    Raises WatchError that says which line of the mapping is wrong.
    """
    if isinstance(where, str) and where in known():
        return known()[where]
    path = Path(where)
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WatchError(
            f"{where} is neither a mapping file nor a known source; the known sources are {', '.join(sorted(known()))}."
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WatchError(f"{path}: the mapping cannot be read: {str(error).splitlines()[0]}.") from error
    return _checked(told, str(path))


def _checked(told: object, name: str) -> Mapping:
    try:
        return Mapping.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "the file"
        raise WatchError(f"{name}: {where}: {first['msg'].removeprefix('Value error, ')}.") from error


@cache
def known() -> dict[str, Mapping]:
    """The sources that the watch knows, by id."""
    folder = files("brightline.watch.read") / "mappings"
    found = {}
    for one in sorted(folder.iterdir(), key=lambda f: f.name):
        if one.name.endswith(".yaml"):
            mapping = _checked(yaml.safe_load(one.read_text(encoding="utf-8")), one.name)
            found[mapping.id] = mapping
    return found


def recognise(columns: list[str]) -> Mapping | None:
    """The known source whose columns these are: of several, the one that asks for most of them."""
    have = {plain(c) for c in columns}
    fitting = [m for m in known().values() if m.recognised_by and set(m.recognised_by) <= have]
    return max(fitting, key=lambda m: len(m.recognised_by), default=None)
