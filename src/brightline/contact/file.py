"""One contact in a file, YAML or JSON: read with every mistake named, by line, with the nearest valid word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date as Date
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from brightline.contact.problems import ContactError, did_you_mean, listed
from brightline.contact.schema import Contact, FactValue, RecordList, Source
from brightline.law.vocabulary import Fact, Vocabulary

SCHEMA_FILE = Path(__file__).with_name("contact.schema.json")

Where = tuple[str | int, ...]  # the way into the file: ("facts", "request", "value")
Report = Callable[[Where, str], None]

_KEYS = tuple(Contact.model_fields)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def read_contact(path: Path | str, vocabulary: Vocabulary) -> Contact:
    """Read one contact from a YAML or JSON file; ContactError holds every mistake with file and line."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ContactError(f"there is no file `{path}`") from None
    except UnicodeDecodeError:
        raise ContactError(f"`{path.name}` is not a text file in UTF-8, so it is no contact file") from None
    data, lines = _parsed(text, path)
    problems: list[tuple[int, str]] = []

    def report(where: Where, sentence: str) -> None:
        line = _line(lines, where)
        problems.append((line, f"{path.name}, line {line}, {_place(where)}: {sentence}"))

    if not isinstance(data, dict):
        raise ContactError(f"{path.name}: a contact is a list of lines such as `date: 2014-12-14`")
    _check(data, vocabulary, report)
    if problems:
        raise ContactError(*(sentence for _, sentence in sorted(problems)))
    contact = Contact.model_validate(_with_days(data, vocabulary))
    return contact if contact.source else contact.model_copy(update={"source": Source(file=path.name)})


def from_data(data: dict[str, Any], vocabulary: Vocabulary) -> Contact:
    """A contact from plain data, as JSON gives it (days as text); ContactError holds every mistake with its place."""
    problems: list[str] = []
    _check(data, vocabulary, lambda where, sentence: problems.append(f"{_place(where)}: {sentence}"))
    if problems:
        raise ContactError(*problems)
    return Contact.model_validate(_with_days(data, vocabulary))


def check(contact: Contact, vocabulary: Vocabulary) -> list[str]:
    """Everything in a contact that the vocabulary does not know or allow, one sentence each."""
    found: list[str] = []
    _check(contact.model_dump(), vocabulary, lambda where, sentence: found.append(f"{_place(where)}: {sentence}"))
    return found


# --- parsing, with line numbers ---------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML as people write it; an impossible day stays text, so that it can be named instead of crashing."""


def _day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def _parsed(text: str, path: Path) -> tuple[Any, dict[Where, int]]:
    if path.suffix.lower() == ".json":
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise ContactError(f"{path.name}, line {error.lineno}: this is not JSON: {error.msg}") from error
        # JSON is YAML, but for tabs: it is composed once more only to learn the lines.
        return data, _lines(text.replace("\t", "  "))
    try:
        data = yaml.load(text, Loader=_Loader)
        twice = _repeated(yaml.compose(text, Loader=yaml.SafeLoader), ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ContactError(f"{path.name}{line}: this is not YAML: {getattr(error, 'problem', error)}") from error
    if twice:
        raise ContactError(*(f"{path.name}, line {line}: `{key}` stands here a second time" for key, line in twice))
    return data, _lines(text)


def _lines(text: str) -> dict[Where, int]:
    found: dict[Where, int] = {}

    def walk(node: yaml.Node | None, where: Where) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*where, key.value)] = key.start_mark.line + 1
                walk(value, (*where, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                found[(*where, i)] = value.start_mark.line + 1
                walk(value, (*where, i))

    try:
        walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    except yaml.YAMLError:
        return {}  # only JSON with odd white space comes here: its mistakes are then named without their line
    return found


def _repeated(node: yaml.Node | None, where: Where) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
            found += _repeated(value, (*where, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            found += _repeated(value, (*where, i))
    return found


def _line(lines: dict[Where, int], where: Where) -> int:
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)


def _place(where: Where) -> str:
    return ", ".join(str(w + 1) if isinstance(w, int) else f"`{w}`" for w in where) or "the contact"


# --- checking -----------------------------------------------------------------------------------------


def _check(data: dict[Any, Any], vocabulary: Vocabulary, report: Report) -> None:
    for key in data:
        if key not in _KEYS:
            known = {**vocabulary.facts, **vocabulary.records}
            hint = " (facts stand under `facts:`)" if key in known else did_you_mean(str(key), _KEYS)
            report((key,), f"`{key}` is no key of a contact{hint}")
    if data.get("date") is not None:
        _check_day(data["date"], ("date",), report)
    for key in ("actor", "counterpart"):
        if data.get(key) is not None:
            _check_name(data[key], vocabulary.actors, "actor", (key,), report)
    for key in ("channel", "note"):
        if data.get(key) is not None and not isinstance(data[key], str):
            report((key,), f"this is text, not {_shown(data[key])}")
    _check_actions(data, vocabulary, report)
    _check_basis(data.get("basis"), ("basis",), report)
    facts = data.get("facts") or {}
    if isinstance(facts, dict):
        for name, entry in facts.items():
            _check_fact(name, entry, vocabulary, report)
    else:
        report(("facts",), f"facts are lines such as `judicial_warrant: no`, not {_shown(facts)}")
    records = data.get("records") or {}
    if isinstance(records, dict):
        for name, entry in records.items():
            _check_records(name, entry, vocabulary, report)
    else:
        report(("records",), f"records are named lists, not {_shown(records)}")
    _check_source(data.get("source"), report)


def _check_name(name: Any, known: Any, kind: str, where: Where, report: Report) -> None:
    if not isinstance(name, str):
        report(where, f"this is the name of an {kind}, not {_shown(name)}")
    elif name not in known:
        report(where, f"`{name}` is no {kind} of the vocabulary{did_you_mean(name, known)}")


def _check_actions(data: dict[Any, Any], vocabulary: Vocabulary, report: Report) -> None:
    for key in ("asked", "done", "not_done"):
        actions = data.get(key) or []
        if not isinstance(actions, list):
            report((key,), f"this is a list of actions, such as `[notify_release]`, not {_shown(actions)}")
            continue
        for i, action in enumerate(actions):
            _check_name(action, vocabulary.actions, "action", (key, i), report)
    done, not_done = data.get("done") or [], data.get("not_done") or []
    if isinstance(done, list) and isinstance(not_done, list):
        for i, action in enumerate(not_done):
            if action in done:
                report(("not_done", i), f"`{action}` stands under `done` as well")


def _check_basis(basis: Any, where: Where, report: Report) -> None:
    if basis is not None and basis not in ("verified", "stated"):
        report(
            where,
            f"{_shown(basis)} is no basis{did_you_mean(str(basis), ('verified', 'stated'))}: `verified` or `stated`",
        )


def _check_fact(name: Any, entry: Any, vocabulary: Vocabulary, report: Report) -> None:
    where: Where = ("facts", name)
    fact = vocabulary.fact(str(name))
    if fact is None:
        if name in vocabulary.records:
            report(where, f"`{name}` is a list of records; it stands under `records:`")
        else:
            report(where, f"`{name}` is no fact of the vocabulary{did_you_mean(str(name), vocabulary.facts)}")
        return
    if isinstance(entry, dict):
        _check_keys(entry, FactValue.model_fields, "fact", where, report)
        _check_basis(entry.get("basis"), (*where, "basis"), report)
        if "value" not in entry:
            report(where, "the line `value:` is missing; write `value: null` for unknown")
        entry, where = entry.get("value"), (*where, "value")
    _check_value(entry, fact, where, report)


def _check_keys(entry: dict[Any, Any], known: Any, kind: str, where: Where, report: Report) -> None:
    for key in entry:
        if key not in known:
            comma = "; text with a comma in it stands in quotation marks" if entry[key] is None else ""
            report(
                (*where, key), f"`{key}` is no key of a {kind}{did_you_mean(str(key), known)}: {listed(known)}{comma}"
            )
    if entry.get("shown_by") is not None and not isinstance(entry["shown_by"], str):
        report((*where, "shown_by"), f"this is text, not {_shown(entry['shown_by'])}")


def _check_value(value: Any, fact: Fact, where: Where, report: Report) -> None:
    if value is None:
        return
    if isinstance(value, str) and value.strip().lower() in ("unknown", "?") and value not in fact.values:
        report(where, "what is unknown is left out, or written as `null`")
        return
    match fact.type:
        case "yes/no":
            if not isinstance(value, bool):
                hint = (
                    "; write it without quotation marks" if str(value).lower() in ("yes", "no", "true", "false") else ""
                )
                report(where, f"this is a yes/no fact, not {_shown(value)}{hint}")
        case "list":
            if value not in fact.values or isinstance(value, bool):
                hint = did_you_mean(str(value), fact.values)
                report(where, f"{_shown(value)} is not in its list{hint}: {listed(fact.values, 20)}")
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                report(where, f"this is a number of {fact.unit}, not {_shown(value)}")
        case "date":
            _check_day(value, where, report)


def _check_day(value: Any, where: Where, report: Report) -> None:
    if type(value) is Date:
        return
    parts = _DAY.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        report(where, f"a day is written as 2014-12-14, not as {_shown(value)}")
        return
    year, month, day = (int(p) for p in parts.groups())
    try:
        Date(year, month, day)
    except ValueError:
        nearest = _last_day(year, month)
        report(where, f"there is no day {value}" + (f"; the last day of that month is {nearest}" if nearest else ""))


def _last_day(year: int, month: int) -> Date | None:
    for day in (31, 30, 29, 28):
        try:
            return Date(year, month, day)
        except ValueError:
            continue
    return None


def _check_records(name: Any, entry: Any, vocabulary: Vocabulary, report: Report) -> None:
    where: Where = ("records", name)
    record = vocabulary.records.get(name)
    if record is None:
        if name in vocabulary.facts:
            report(where, f"`{name}` is a single fact; it stands under `facts:`")
        else:
            report(where, f"`{name}` is no record of the vocabulary{did_you_mean(str(name), vocabulary.records)}")
        return
    entries, at = entry, where
    if isinstance(entry, dict):
        _check_keys(entry, RecordList.model_fields, "list of records", where, report)
        _check_basis(entry.get("basis"), (*where, "basis"), report)
        if not isinstance(entry.get("complete", False), bool):
            report((*where, "complete"), f"this is yes or no, not {_shown(entry['complete'])}")
        entries, at = entry.get("records") or [], (*where, "records")
    if not isinstance(entries, list):
        report(at, f"this is a list of records, not {_shown(entries)}")
        return
    for i, one in enumerate(entries):
        if not isinstance(one, dict):
            report((*at, i), f"a record is lines such as `{record.fields[0].name}: …`, not {_shown(one)}")
            continue
        for field, value in one.items():
            declared = record.field(field)
            if declared is None:
                known = [f.name for f in record.fields]
                report(
                    (*at, i, field),
                    f"`{field}` is no field of `{name}`{did_you_mean(str(field), known)}: {listed(known)}",
                )
            else:
                _check_value(value, declared, (*at, i, field), report)


def _check_source(source: Any, report: Report) -> None:
    if source is None:
        return
    if not isinstance(source, dict) or not isinstance(source.get("file"), str):
        report(("source",), "a source is `file:` and, if there is one, `row:`")
        return
    for key in source:
        if key not in ("file", "row"):
            report(("source", key), f"`{key}` is no key of a source{did_you_mean(str(key), ('file', 'row'))}")
    row = source.get("row")
    if row is not None and (isinstance(row, bool) or not isinstance(row, int)):
        report(("source", "row"), f"this is the number of a row, not {_shown(row)}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, dict):
        return "a group of lines"
    if isinstance(value, list):
        return "a list"
    return f"`{value}`"


def _with_days(data: dict[Any, Any], vocabulary: Vocabulary) -> dict[Any, Any]:
    """Checked data with every day a date: JSON, and quoted YAML, bring days as text."""

    def fact(name: str, entry: Any) -> Any:
        declared = vocabulary.fact(name)
        if declared is None or declared.type != "date":
            return entry
        return {**entry, "value": _as_day(entry["value"])} if isinstance(entry, dict) else _as_day(entry)

    def record(name: str, one: dict[str, Any]) -> dict[str, Any]:
        dates = {f.name for f in vocabulary.records[name].fields if f.type == "date"}
        return {k: _as_day(v) if k in dates else v for k, v in one.items()}

    def records(name: str, entry: Any) -> Any:
        if isinstance(entry, dict):
            return {**entry, "records": [record(name, r) for r in entry.get("records") or []]}
        return [record(name, r) for r in entry or []]

    whole = {key: value for key, value in data.items() if value is not None}
    whole["facts"] = {name: fact(name, entry) for name, entry in (data.get("facts") or {}).items()}
    whole["records"] = {name: records(name, entry) for name, entry in (data.get("records") or {}).items()}
    return whole


def _as_day(value: Any) -> Any:
    return Date.fromisoformat(value) if isinstance(value, str) else value


# --- the published schema -------------------------------------------------------------------------------


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a contact file, with the short forms that a person may write."""
    schema = Contact.model_json_schema()
    value = schema["$defs"]["FactValue"]["properties"]["value"]["anyOf"]
    schema["properties"]["facts"]["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/FactValue"}, *value]}
    records = schema["$defs"]["RecordList"]["properties"]["records"]
    short = {"type": "array", "items": records["items"]}
    schema["properties"]["records"]["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/RecordList"}, short]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "contact.schema.json",
        **schema,
        "title": "A contact between a local and a federal agency",
    }


def publish_schema(path: Path = SCHEMA_FILE) -> None:
    """Write the published schema; a test says when the file is out of date."""
    path.write_text(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
