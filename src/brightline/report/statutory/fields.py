"""What the fields of a record can hold, read from its model, so that a definition is checked against them."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

PRIVATE = ("free_text", "person")  # in no report at all
TEXT = ("public_text", "citation", "number_of_request", "number", "arrests")  # in none that must be anonymous
ACTORS = ("agency", "requester", "receiving_agency", "members", "designated_filer")


def holds(model: type[BaseModel], field: str) -> str:
    """What kind of value a field holds: see `event.py`."""
    extra = model.model_fields[field].json_schema_extra
    return str(extra["holds"]) if isinstance(extra, dict) else ""


@cache
def values(model: type[BaseModel], field: str) -> tuple[str, ...]:
    """The words of a field with a closed list; empty for any other field."""
    return tuple(_words(model.model_fields[field].annotation))


@cache
def many(model: type[BaseModel], field: str) -> bool:
    """Whether a field holds a list."""
    return any(get_origin(part) is tuple for part in _parts(model.model_fields[field].annotation))


def _parts(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, UnionType):
        return get_args(annotation)
    return (annotation,)


def _words(annotation: Any) -> list[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        return [str(word) for word in get_args(annotation)]
    if origin in (Union, UnionType, tuple, Annotated):
        return [word for part in get_args(annotation) for word in _words(part)]
    return []
