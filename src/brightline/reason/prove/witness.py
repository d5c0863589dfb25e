"""Conditions -> a smallest contact that a person can read and `brightline decide` accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from brightline.contact.file import check
from brightline.contact.schema import Contact, FactValue, RecordList
from brightline.contact.write import as_data
from brightline.contact.write import as_text as as_yaml
from brightline.law.tree import Some
from brightline.law.vocabulary import Vocabulary
from brightline.reason.clusters import clusters, representatives
from brightline.reason.decide import facts_of_contact
from brightline.reason.program import Outcome
from brightline.reason.prove.oracle import Literal, in_order
from brightline.reason.prove.setting import Setting
from brightline.reason.truth import Records, atoms, evaluate

Values = dict[str, Any]


class NoContact(Exception):
    """No values of the facts meet these conditions together: the conditions were not consistent."""


def values(literals: Iterable[Literal], vocabulary: Vocabulary) -> Values:
    """Values of facts (and lists of records) that make the conditions as they are given. Raises NoContact."""
    wanted = {x.atom: x.value for x in in_order(literals)}
    found: Values = {}
    order = list(wanted)
    for cluster in clusters(order, vocabulary):
        mine = {a: v for n, (a, v) in enumerate(wanted.items()) if cluster.bits >> n & 1}
        spaces = [_choices(f, mine, vocabulary) for f in cluster.facts]
        for chosen in product(*spaces):
            facts = dict(zip(cluster.facts, chosen, strict=True))
            if all(evaluate(a, facts) is v for a, v in mine.items()):
                found |= facts
                break
        else:
            raise NoContact(", ".join(cluster.facts))
    return found


def _choices(fact: str, mine: dict[Any, bool], vocabulary: Vocabulary) -> list[Any]:
    if fact not in vocabulary.records:
        return representatives(fact, list(mine), vocabulary)
    about = [a for a in mine if isinstance(a, Some) and a.record == fact]
    inner = [x for s in about for x in atoms(s.body)]
    named = {getattr(x, "fact", "") for x in inner}
    fields = [f.name for f in vocabulary.records[fact].fields if f.name in named]
    entries = [
        dict(zip(fields, entry, strict=True))
        for entry in product(*(representatives(f, inner, vocabulary, fact) for f in fields))
    ]
    lists: list[tuple[dict[str, Any], ...]] = [(), *((e,) for e in entries), *product(entries, repeat=2)]
    return [Records(records, complete=True) for records in lists]


def contact(setting: Setting, known: Values, stated: Sequence[str] = (), note: str | None = None) -> Contact:
    """The contact with these facts: verified, but for those that are only stated."""
    v = setting.vocabulary
    facts, records = {}, {}
    for name in v.names:
        if name in known:
            basis = "stated" if name in stated else "verified"
            value = known[name]
            if isinstance(value, Records):
                made = {"records": [dict(r) for r in value.known], "complete": value.complete, "basis": basis}
                records[name] = RecordList.model_validate(made)
            else:
                facts[name] = FactValue.model_validate({"value": value, "basis": basis})
    told = {"date": setting.day, "actor": setting.actor, "asked": [setting.action], "basis": "verified", "note": note}
    return Contact.model_validate({**told, "facts": facts, "records": records})


def decided(contact: Contact, setting: Setting) -> Outcome:
    """What `decide` says of the contact under the setting's law and readings, without its explanation.

    Raises NoContact when the contact is not valid.
    """
    mistakes = check(contact, setting.vocabulary)
    if mistakes:
        raise NoContact("; ".join(mistakes))
    program = setting.judge.program(contact.date or setting.day, contact.actor or "", contact.actions)
    return program.outcome(*program.masks(facts_of_contact(contact)[0]))


def passes(decision: Outcome, setting: Setting) -> bool:
    """Whether the decision bars nothing, and cannot come to bar it: what is open is only what the law requires."""
    forbidding = {n.norm.id for n in setting.forbidding}
    open_or_barred = {f.norm for f in decision.findings if f.verdict in ("barred", "unsettled")}
    return decision.verdict != "contested" and not open_or_barred & forbidding


def stops(decision: Outcome) -> bool:
    """Whether the decision bars the act."""
    return decision.verdict in ("barred", "conflict")


__all__ = ["NoContact", "Values", "as_data", "as_yaml", "contact", "decided", "passes", "stops", "values"]
