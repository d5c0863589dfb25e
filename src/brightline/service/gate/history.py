"""What happened to a request, step by step, as the ledger has it: each with who did it and, in a phrase, what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brightline.service.gate import words
from brightline.service.gate.models import Came, Outcome, Request
from brightline.service.people.models import Person
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry

LOOKS = ("view",)  # steps that change nothing
MOST_STEPS = 200
# Fields of a record that tell why a request was stopped, or by which number: for those who may see it alone.
HIDDEN = {"number": ("why", "digest")}


@dataclass(frozen=True, slots=True)
class Step:
    """One record about a request. `index` counts in the ledger, from 0."""

    what: str
    at: datetime
    index: int | None
    by: str
    detail: str


def steps(request: Request) -> list[Step]:
    """Every step but the looks at it, the newest first."""
    entries = list(entries_of(request).exclude(what__in=LOOKS).order_by("-id")[:MOST_STEPS])
    told = [(e, fields_of(e)) for e in entries]
    names = {
        str(uid): name
        for uid, name in Person.objects.filter(uid__in={p["by"] for _e, p in told if p.get("by")}).values_list(
            "uid", "name"
        )
    }
    return [Step(e.what, e.at, e.index, names.get(p.get("by", ""), ""), _detail(e.what, p)) for e, p in told]


def looks(request: Request) -> int:
    """How often a page of the request was opened."""
    return entries_of(request).filter(what__in=LOOKS).count()


def entries_of(request: Request) -> QuerySet[Entry]:
    """Every record about the request, the oldest first."""
    return Entry.objects.filter(about=str(request.uid))


def fields_of(entry: Entry) -> dict[str, Any]:
    """What the record holds: from the outbox while it is on its way, then from the ledger. Empty when it was erased."""
    if entry.payload is not None:
        return dict(entry.payload)
    return (keeper().shown(entry.index) if entry.index is not None else None) or {}


def shown_to(entry: Entry, sees_why: bool) -> dict[str, Any]:
    """The fields of a record that a reader may be shown."""
    hidden = () if sees_why else HIDDEN.get(entry.what, ())
    return {name: value for name, value in fields_of(entry).items() if name not in hidden}


def _detail(what: str, told: dict[str, Any]) -> str:
    """One phrase that says what the step came to."""
    law = told.get("law") or {}
    if what in ("receive", "amend"):
        return words.verdict(law.get("verdict", ""))
    if what == "answer":
        given = told.get("answer") or {}
        if given.get("value") is None:
            return _("{question} Not known.").format(question=words.question(told.get("fact", "")))
        if isinstance(given["value"], dict):
            return words.question(told.get("fact", ""))
        said = words.fact(told.get("fact", ""), given["value"])
        basis = _("verified") if given.get("basis") == "verified" else _("only stated")
        return f"{said} ({basis}{': ' + given['shown_by'] if given.get('shown_by') else ''})"
    if what in ("propose", "decide"):
        outcome = told.get("outcome", "")
        said = str(Outcome(outcome).label) if outcome in Outcome.values else outcome
        return said + (_(", as an emergency") if told.get("emergency") else "")
    if what in ("second", "review"):
        return _("agrees") if told.get("agrees") else _("does not agree: {why}").format(why=told.get("reason", ""))
    if what == "waive":
        return f"{words.question(told.get('fact', ''))} {told.get('why', '')}"
    if what == "follow up":
        outcome = told.get("outcome", "")
        return str(Came(outcome).label) if outcome in Came.values else outcome
    if what == "paper":
        from brightline.papers import KINDS

        return _(KINDS[told["kind"]].title) if told.get("kind") in KINDS else ""
    return ""
