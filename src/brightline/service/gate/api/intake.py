"""Requests that come in by the API: the same request sent twice is kept once."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header
from pydantic import StringConstraints
from pydantic_core import to_json

from brightline.service.gate.api.auth import asker, needs
from brightline.service.gate.api.errors import Refused, answers
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.shapes import FrameTold, RequestTold
from brightline.service.gate.api.shown import Received
from brightline.service.gate.frame import Frame
from brightline.service.gate.law import judge
from brightline.service.gate.models import Request
from brightline.service.gate.receive import receive
from brightline.service.people.guard import WRITERS
from brightline.service.people.models import Person
from brightline.service.record.models import Entry
from brightline.service.record.write import hand_over

Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,80}$")]


@router.post(
    "/requests",
    auth=needs("receive", *WRITERS),
    response=answers((201, Received), (200, Received), body=True),
    summary="Enter a request",
    operation_id="receive",
    tags=["requests"],
)
def enter(
    request: HttpRequest,
    told: RequestTold,
    idempotency_key: Annotated[Key | None, Header(alias="Idempotency-Key")] = None,
) -> HttpResponse:
    """Enter a request: it is judged, and in the ledger before the answer (201).

    Sent again with the same `Idempotency-Key` it is not entered again (200): the answer tells of the first one.
    """
    person = asker(request)
    taken = _receive(told, person, idempotency_key)
    entry = taken.entry
    if entry is not None:
        return _answer(201, taken, taken.sentence, entry)
    if not _same(taken, told):
        raise Refused(
            422, _("This Idempotency-Key was used for another request; take a new key."), "header, Idempotency-Key"
        )
    return _answer(200, taken, judge(taken).sentence, _first_entry(taken))


def _receive(told: RequestTold, person: Person, key: str | None) -> Request:
    happened = told.happened.model_dump(mode="json", exclude_none=True) if told.happened else None
    return receive(person, **frame(told), records=told.records, happened=happened, key=key)


def frame(told: FrameTold) -> Frame:
    """The frame as the steps take it."""
    return {
        "received_at": told.received_at,
        "asked": list(told.asked),
        "channel": told.channel or "",
        "office": (told.office.actor, told.office.name) if told.office else None,
        "reference": told.reference,
        "words": _texts(told.words),
        "subject": _texts(told.subject),
        "facts": told.facts,
        "task_force": told.task_force,
    }


def _texts(told: Any) -> dict[str, str]:
    return {name: text for name, text in told if text} if told else {}


def _same(kept: Request, told: RequestTold) -> bool:
    """Whether this is the request that was kept, by what no later step changes but putting it right."""
    if Entry.objects.filter(about=str(kept.uid), what="amend").exists():
        return True
    return (
        kept.received_at == told.received_at
        and kept.reference == told.reference
        and (kept.words or {}) == _texts(told.words)
        and (kept.subject or {}) == _texts(told.subject)
    )


def _first_entry(kept: Request) -> Entry:
    """The record of its receipt. Whatever happened to the first answer, the ledger has it once this is said."""
    entry = Entry.objects.get(about=str(kept.uid), what="receive")
    if entry.index is None:
        hand_over([entry])
    return entry


def _answer(status: int, taken: Request, sentence: str, entry: Entry) -> HttpResponse:
    body = {
        "number": taken.number,
        "state": taken.state,
        "verdict": taken.verdict,
        "as_verified": taken.as_verified,
        "sentence": sentence,
        "clauses": taken.clauses,
        "exceptions": taken.exceptions,
        "rests_on": taken.rests_on,
        "receipt": {"uid": str(entry.uid), "index": entry.index},
    }
    return HttpResponse(to_json(body), status=status, content_type="application/json")
