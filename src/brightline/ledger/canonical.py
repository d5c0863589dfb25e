"""Canonical JSON (RFC 8785) of the values that a record may hold, and reading JSON strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring as quoted
from math import isfinite
from typing import Any, NoReturn, TypeAlias

import rfc8785

from brightline.ledger.errors import LedgerError

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

MOST_INT = 2**53 - 1  # the whole numbers that every reader of JSON keeps exact
MOST_DEPTH = 64  # lists and objects inside each other


def canonical(name: str, value: Json) -> bytes:
    """`["name",value]` as RFC 8785 writes it: what the digest of a field is made from.

    Text, whole numbers and true or false take a short way; the tests show that it gives the same bytes. Raises LedgerError.
    """
    if type(name) is not str or not name:
        raise LedgerError("the name of a field must be text and must not be empty")
    try:
        if type(value) is str:
            return f"[{quoted(name)},{quoted(value)}]".encode()
        if type(value) is bool:
            return f"[{quoted(name)},{'true' if value else 'false'}]".encode()
        if type(value) is int and -MOST_INT <= value <= MOST_INT:
            return f"[{quoted(name)},{value}]".encode()
        quoted(name).encode()
    except UnicodeEncodeError:
        raise LedgerError("a field has text that is no proper Unicode (half of a surrogate pair)") from None
    _check(value, name, 1)
    return rfc8785.dumps([name, value])


def _check(value: object, name: str, depth: int) -> None:
    """Raise LedgerError for what JSON cannot say, or says differently to different readers."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise LedgerError(
                f"the field `{name}` has text that is no proper Unicode (half of a surrogate pair)"
            ) from None
    elif isinstance(value, int | float):
        if isinstance(value, float) and not isfinite(value):
            raise LedgerError(f"the field `{name}` has a number that is not finite; JSON knows only finite numbers")
        if abs(value) > MOST_INT and value == int(value):
            raise LedgerError(
                f"the field `{name}` has a whole number beyond 9007199254740991, which not every reader keeps exact; "
                "write it as text"
            )
    elif isinstance(value, list | tuple | dict):
        if depth > MOST_DEPTH:
            raise LedgerError(f"the field `{name}` has more than {MOST_DEPTH} lists or objects inside each other")
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise LedgerError(f"the field `{name}` has an object with a name that is not text")
                _check(key, name, depth + 1)
            value = list(value.values())
        for part in value:
            _check(part, name, depth + 1)
    else:
        raise LedgerError(
            f"the field `{name}` has a value that JSON cannot hold; use text, numbers, true, false, null, lists and objects"
        )


def read_json(data: bytes | str, what: str) -> Any:
    """Parse JSON; a name given twice in one object and numbers that are not finite are refused. Raises LedgerError."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_once, parse_constant=_not_finite)
    except _Refused as refused:
        raise LedgerError(f"{what} {refused}") from None
    except (ValueError, RecursionError):
        raise LedgerError(f"{what} is not JSON in UTF-8: it was cut off or changed") from None


class _Refused(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused("has an object with the same name twice; a name may be there only once")
    return made


def _not_finite(word: str) -> NoReturn:
    raise _Refused("has a number that is not finite; JSON knows only finite numbers")
