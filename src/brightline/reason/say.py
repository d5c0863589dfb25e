"""Conditions, acts and agencies in plain words, in the reader's language: templates over the tree.

The words of a fact come from the vocabulary (`say`, `name`); nothing here knows any fact or any law by name.
"""

from __future__ import annotations

from collections.abc import Iterable

from brightline.law.tree import And, Compare, CompareDate, Expr, FactIs, Not, OneOf, Or, Some, Within
from brightline.law.vocabulary import MEANT, Fact, Record, Vocabulary
from brightline.reason.speech import _, day, listed, several

MOST_VALUES = 3  # of a list, said one by one; more are said by what they are not


def condition(expr: Expr, vocabulary: Vocabulary, record: str = "") -> str:
    """A condition as a plain clause: `a judge signed a warrant and ICE asks`."""
    match expr:
        case And(parts):
            return listed([_inside(p, vocabulary, record) for p in parts])
        case Or(parts):
            return listed([_inside(p, vocabulary, record) for p in parts], "or")
        case Not(part):
            return _denied(part, vocabulary, record)
        case FactIs(fact):
            return _of(fact, "yes", vocabulary, record)
        case OneOf(fact, values):
            return listed([_of(fact, v, vocabulary, record) for v in values], "or")
        case Compare(fact, op, value, unit):
            name = _name(fact, vocabulary, record)
            return _signs()[op].format(what=name, amount=amount(value, unit))
        case CompareDate(fact, op, date):
            return _day_signs()[op].format(what=_name(fact, vocabulary, record), day=day(date))
        case Within(fact, number, unit, direction, other):
            text = (
                _("{what} is in the {amount} before {other}")
                if direction == "before"
                else _("{what} is in the {amount} after {other}")
            )
            names = {"what": _name(fact, vocabulary, record), "other": _name(other, vocabulary, "")}
            return text.format(amount=amount(number, unit), **names)
        case Some(name, body):
            return _("there is {record}, and {body}").format(
                record=_name(name, vocabulary, ""), body=condition(body, vocabulary, name)
            )
        case _:
            return _("always") if expr == expr and getattr(expr, "value", False) else _("never")


def conditions(exprs: Iterable[Expr], vocabulary: Vocabulary) -> str:
    """Several conditions as one plain sentence without its full stop."""
    wanted = list(exprs)
    told = [_beside(e, vocabulary) if len(wanted) > 1 else condition(e, vocabulary) for e in wanted]
    if len(told) > 1 and any("," in t for t in told):  # a comma inside would hide where one condition ends
        return _("{first}; and {last}").format(first="; ".join(told[:-1]), last=told[-1])
    return listed(told)


def _beside(expr: Expr, vocabulary: Vocabulary) -> str:
    """A condition among others: in brackets where it offers a choice, so that "A and B or C" cannot be misread."""
    said = condition(expr, vocabulary)
    return _("({part})").format(part=said) if _offers_choice(expr, vocabulary) else said


def _offers_choice(expr: Expr, vocabulary: Vocabulary) -> bool:
    part = expr.part if isinstance(expr, Not) else expr
    if not isinstance(part, OneOf):
        return isinstance(expr, Or)
    others = [v for v in vocabulary.facts[part.fact].values if v not in part.values] if expr is not part else []
    return len(others if 0 < len(others) <= MOST_VALUES else part.values) > 1


def _inside(expr: Expr, vocabulary: Vocabulary, record: str) -> str:
    said = condition(expr, vocabulary, record)
    return _("({part})").format(part=said) if isinstance(expr, And | Or) else said


def _denied(part: Expr, vocabulary: Vocabulary, record: str) -> str:
    match part:
        case FactIs(fact):
            return _of(fact, "no", vocabulary, record)
        case OneOf(fact, values):
            declared = _declared(fact, vocabulary, record)
            others = [v for v in (declared.values if isinstance(declared, Fact) else ()) if v not in values]
            if 0 < len(others) <= MOST_VALUES:
                return listed([_of(fact, v, vocabulary, record) for v in others], "or")
            return _("it is not so that {what}").format(
                what=listed([_of(fact, v, vocabulary, record) for v in values], "or")
            )
        case Compare(fact, op, value, unit) if op in _TURNED:
            return condition(Compare(fact, _TURNED[op], value, unit), vocabulary, record)  # type: ignore[arg-type]
        case CompareDate(fact, op, date) if op in _TURNED:
            return condition(CompareDate(fact, _TURNED[op], date), vocabulary, record)  # type: ignore[arg-type]
        case Some(name, body):
            return _("there is no {record} for which {body}").format(
                record=_bare(_name(name, vocabulary, "")), body=condition(body, vocabulary, name)
            )
        case _:
            return _("it is not so that {what}").format(what=condition(part, vocabulary, record))


_TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _signs() -> dict[str, str]:
    return {
        "<": _("{what} are less than {amount}"),
        "<=": _("{what} are at most {amount}"),
        "=": _("{what} are exactly {amount}"),
        ">=": _("{what} are at least {amount}"),
        ">": _("{what} are more than {amount}"),
    }


def _day_signs() -> dict[str, str]:
    return {
        "<": _("{what} is before {day}"),
        "<=": _("{what} is {day} or before"),
        "=": _("{what} is {day}"),
        ">=": _("{what} is {day} or later"),
        ">": _("{what} is after {day}"),
    }


def amount(value: float, unit: str) -> str:
    """A number with its unit: `5 years`."""
    count = int(value) if float(value).is_integer() else 2
    units = {
        "hours": several("hour", "hours", count),
        "days": several("day", "days", count),
        "weeks": several("week", "weeks", count),
        "months": several("month", "months", count),
        "years": several("year", "years", count),
        "persons": several("person", "persons", count),
        "records": several("record", "records", count),
        "times": several("time", "times", count),
    }
    return f"{value:g} {units.get(unit, unit)}".strip()


def _declared(fact: str, vocabulary: Vocabulary, record: str) -> Fact | Record | None:
    field = vocabulary.records[record].field(fact) if record in vocabulary.records else None
    return field or vocabulary.facts.get(fact) or vocabulary.records.get(fact)


def _of(fact: str, value: str, vocabulary: Vocabulary, record: str) -> str:
    """What it means that a fact has a value; the fact's own name where nobody has said it in words."""
    if fact.startswith(MEANT):
        act = action(fact.removeprefix(MEANT), vocabulary)
        return (_("what is meant is: {act}") if value == "yes" else _("what is meant is not: {act}")).format(act=act)
    declared = _declared(fact, vocabulary, record)
    said = declared.said.get(value) if declared else None
    return _(said) if said else f"{fact.replace('_', ' ')}: {_(value.replace('_', ' '))}"


def _name(fact: str, vocabulary: Vocabulary, record: str) -> str:
    declared = _declared(fact, vocabulary, record)
    return _(declared.name_said) if declared and declared.name_said else fact.replace("_", " ")


def _bare(name: str) -> str:
    """A noun without its article: "a conviction" after "no"."""
    first, _space, rest = name.partition(" ")
    return rest if first in ("a", "an", "the", "un", "una", "el", "la") and rest else name


def value(fact: str, known: object, vocabulary: Vocabulary) -> str:
    """A fact with its value, as a plain clause."""
    from datetime import date

    if isinstance(known, bool):
        return _of(fact, "yes" if known else "no", vocabulary, "")
    if isinstance(known, str):
        return _of(fact, known, vocabulary, "")
    if isinstance(known, date):
        return _("{what} is {day}").format(what=_name(fact, vocabulary, ""), day=day(known))
    declared = vocabulary.facts.get(fact)
    unit = declared.unit if declared else ""
    number = float(known) if isinstance(known, int | float) else 0.0
    return _("{what} are {amount}").format(what=_name(fact, vocabulary, ""), amount=amount(number, unit))


def action(name: str, vocabulary: Vocabulary) -> str:
    """What an act is, as people say it: `share custody status, release or court dates`."""
    declared = vocabulary.actions.get(name)
    return _(declared.title) if declared else name.replace("_", " ")


def actor(name: str, vocabulary: Vocabulary) -> str:
    """An agency's name as people write it."""
    declared = vocabulary.actors.get(name)
    return _(declared.title) if declared else name.replace("_", " ")


def question(name: str, vocabulary: Vocabulary) -> str:
    """The plain question about a fact."""
    return _(vocabulary.question(name))


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "”")) else ".")
