"""The filter of a line: which records the line counts, in three values.

A filter is a TOML table. All its keys must hold:

- `field = true`, `field = "word"`, `field = ["word", "other"]`: the value is this, or one of these; a field that
  holds a list has one of them;
- `field = { from = 2026-01-29, to = 2026-12-31 }`: the agency's local day of a moment lies between, both included;
- `field = { under = "federal_agency" }`: an actor or an action of the vocabulary, or any below it;
- `field = { some = true }`: a list that is not empty;
- `any = [{ … }, { … }]`, `all = [{ … }]`, `not = { … }`.

A record whose value is missing makes the answer unknown, unless another part settles it (Kleene's strong logic). With
"unknown" comes the set of fields that are missing, so that a report can say why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from brightline.law.problems import did_you_mean
from brightline.law.vocabulary import Vocabulary
from brightline.report.statutory import fields

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a record meets a filter; None is unknown, for want of the fields in `missing`."""

    truth: bool | None
    missing: frozenset[str] = NOTHING


YES, NO = Answer(True), Answer(False)


@dataclass(frozen=True, slots=True)
class Is:
    """The value of `field` is one of `words`, or a list that has one of them."""

    field: str
    words: frozenset[str | bool]


@dataclass(frozen=True, slots=True)
class Between:
    """The local day of `field` is not before `first` and not after `last`."""

    field: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Some:
    """The list in `field` is not empty, or is."""

    field: str
    some: bool


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Filter


Filter = Is | Between | Some | All | AnyOf | Not
Complain = Callable[[str, str, str], None]  # key, what is wrong, how to mend it


def judge(filter: Filter, record: BaseModel, zone: ZoneInfo) -> Answer:
    """Whether the record meets the filter, by the clock of the agency."""
    match filter:
        case All(parts):
            return _all(judge(p, record, zone) for p in parts)
        case AnyOf(parts):
            return _not(_all(_not(judge(p, record, zone)) for p in parts))
        case Not(part):
            return _not(judge(part, record, zone))
    value = getattr(record, filter.field)
    if value is None:
        return Answer(None, frozenset({filter.field}))
    match filter:
        case Is(_, words):
            return Answer(bool(words & set(value)) if isinstance(value, tuple) else value in words)
        case Between(_, first, last):
            day = local_day(value, zone)
            return Answer((first is None or first <= day) and (last is None or day <= last))
        case Some(_, some):
            return Answer(bool(value) is some)


def local_day(value: datetime | date, zone: ZoneInfo) -> date:
    """The agency's day of a moment: a request of 23:30 in New York is of that day, whatever the day in London."""
    return value.astimezone(zone).date() if isinstance(value, datetime) else value


def _not(answer: Answer) -> Answer:
    return Answer(None if answer.truth is None else not answer.truth, answer.missing)


def _all(answers: Any) -> Answer:
    missing: frozenset[str] = NOTHING
    unknown = False
    for answer in answers:
        if answer.truth is False:
            return NO
        if answer.truth is None:
            unknown, missing = True, missing | answer.missing
    return Answer(None, missing) if unknown else YES


def parse(
    where: Mapping[str, Any], model: type[BaseModel], vocabulary: Vocabulary, key: str, complain: Complain
) -> Filter:
    """A TOML table -> a filter. Every mistake goes to `complain` with its key; the filter is then of no use."""
    parts = [_part(name, value, model, vocabulary, f"{key}.{name}", complain) for name, value in where.items()]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _part(
    name: str, value: Any, model: type[BaseModel], vocabulary: Vocabulary, key: str, complain: Complain
) -> Filter:
    if name in ("any", "all"):
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) and v for v in value):
            complain(key, "is no list of filters", f"write `{name} = [{{ … }}, {{ … }}]`")
            return All(())
        parts = tuple(parse(v, model, vocabulary, f"{key}[{n}]", complain) for n, v in enumerate(value, start=1))
        return AnyOf(parts) if name == "any" else All(parts)
    if name == "not":
        if not isinstance(value, dict) or not value:
            complain(key, "is no filter", "write `not = { … }`")
            return All(())
        return Not(parse(value, model, vocabulary, key, complain))
    if name not in model.model_fields:
        complain(key, f"there is no field `{name}`", did_you_mean(name, model.model_fields, "see docs/reports.md"))
        return All(())
    return _test(name, value, model, vocabulary, key, complain)


def _test(
    name: str, value: Any, model: type[BaseModel], vocabulary: Vocabulary, key: str, complain: Complain
) -> Filter:
    kind = fields.holds(model, name)
    if kind in fields.PRIVATE:
        complain(key, f"`{name}` is text about a person or of free form", "no report may depend on it")
        return All(())
    if isinstance(value, dict):
        return _form(name, value, kind, model, vocabulary, key, complain)
    if kind == "yes_no":
        if not isinstance(value, bool):
            complain(key, f"`{name}` is yes or no", f"write `{name} = true` or `{name} = false`")
        return Is(name, frozenset({value}) if isinstance(value, bool) else frozenset())
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(w, str) for w in words) or kind not in ("word", "vocabulary"):
        complain(key, f"`{value}` is no value of `{name}`", _how(name, kind))
        return All(())
    known = fields.values(model, name) or _declared(name, vocabulary)
    for word in words:
        if word not in known:
            near = did_you_mean(word, known, f"its values are {', '.join(known)}" if len(known) < 20 else "")
            complain(key, f"`{name}` has no value `{word}`", near)
    return Is(name, frozenset(words))


def _form(
    name: str,
    value: Mapping[str, Any],
    kind: str,
    model: type[BaseModel],
    vocabulary: Vocabulary,
    key: str,
    complain: Complain,
) -> Filter:
    forms = {"moment": {"from", "to"}, "day": {"from", "to"}, "vocabulary": {"under", "some"}}
    allowed = forms.get(kind, {"some"}) if kind != "yes_no" else set()
    for word in value:
        if word not in allowed:
            complain(f"{key}.{word}", f"`{name}` cannot be filtered by `{word}`", did_you_mean(word, allowed))
            return All(())
    if "under" in value:
        declared = _declared(name, vocabulary)
        if value["under"] not in declared or len(value) > 1:
            complain(f"{key}.under", f"`{value['under']}` is not declared", did_you_mean(str(value["under"]), declared))
        return Is(name, frozenset(below(str(value["under"]), vocabulary)))
    if "some" in value:
        if not isinstance(value["some"], bool) or not fields.many(model, name) or len(value) > 1:
            complain(
                f"{key}.some", "asks whether a list is empty", "write `{ some = true }` for a field that is a list"
            )
        return Some(name, value["some"] is True)
    ends = (value.get("from"), value.get("to"))
    if ends == (None, None) or any(e is not None and type(e) is not date for e in ends):
        complain(key, f"`{name}` needs days", f"write `{name} = {{ from = 2026-01-29, to = 2026-12-31 }}`")
        return All(())
    return Between(name, *ends)


def _how(name: str, kind: str) -> str:
    if kind in ("moment", "day"):
        return f"write `{name} = {{ from = 2026-01-29 }}`"
    if kind in ("word", "vocabulary"):
        return f'write `{name} = "word"` or `{name} = ["word", "other"]`'
    return "a filter can use words, names of the vocabulary, yes or no, and days"


def _declared(name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if name in fields.ACTORS:
        return tuple(vocabulary.actors)
    return tuple(vocabulary.actions) if name == "asked" else tuple(vocabulary.facts)


def below(name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The actor or action, and every one that is a kind of it, in the order of the vocabulary."""
    actors = tuple(a for a in vocabulary.actors if name in vocabulary.actor_lineage(a))
    return actors or tuple(a for a in vocabulary.actions if name in vocabulary.action_lineage(a))


def names(filter: Filter) -> tuple[str, ...]:
    """The fields on which a filter depends, each once."""
    match filter:
        case All(parts) | AnyOf(parts):
            return tuple(dict.fromkeys(n for p in parts for n in names(p)))
        case Not(part):
            return names(part)
        case _:
            return (filter.field,)
