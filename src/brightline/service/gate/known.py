"""What is known of a request, fact by fact, ready for a page: what is said, on which basis, shown by whom and what."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from brightline.law.vocabulary import MEANT
from brightline.service.gate import words
from brightline.service.gate.law import law
from brightline.service.gate.models import Answer, Request


@dataclass(frozen=True, slots=True)
class Known:
    """One fact, or one list of records. `basis` None: nobody knows it."""

    name: str
    question: str
    said: tuple[str, ...]
    basis: str | None
    shown_by: str
    by: str  # who answered; empty when it came with the request


def known(request: Request) -> list[Known]:
    """Every fact and list of the request, in the order in which they came."""
    last: dict[str, Answer] = {a.fact: a for a in request.answers.select_related("by")}
    found = []
    for name, told in request.facts.items():
        if name.startswith(MEANT) and name not in last:
            continue  # follows from the answer about a wider act
        value = told.get("value")
        basis = None if value is None else told.get("basis") or "stated"
        found.append(_one(name, (words.fact(name, value),), basis, told.get("shown_by") or "", last))
    for name, told in request.records.items():
        nothing = not told.get("records") and not told.get("complete")
        said = (_("Not known."),) if nothing else tuple(words.records(name, told))
        basis = None if nothing else told.get("basis") or "stated"
        found.append(_one(name, said, basis, told.get("shown_by") or "", last))
    return [k for k in found if k.name in law().vocabulary.names or k.name.startswith(MEANT)]


def _one(name: str, said: tuple[str, ...], basis: str | None, shown_by: str, last: dict[str, Answer]) -> Known:
    answer = last.get(name)
    return Known(name, words.question(name), said, basis, words.shown_by(shown_by), answer.by.name if answer else "")
