"""Put right what was entered about a request while it is open: who asked, how, for what, about whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from brightline.service.gate import frame
from brightline.service.gate.law import judge
from brightline.service.gate.models import Request
from brightline.service.gate.receive import claim, must_be_open, received
from brightline.service.people.models import Person
from brightline.service.record.write import recording


def amend(
    request: Request,
    person: Person,
    *,
    received_at: datetime,
    asked: list[str],
    channel: str = "",
    office: tuple[str, str] | None = None,
    reference: str = "",
    words: dict[str, str] | None = None,
    subject: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
    task_force: str | None = None,
) -> None:
    """Replace the frame of a request, add these facts, and judge it again. The record of what it was stays in the ledger.

    The parameters are those of `receive`. Raises GateError, ContactError.
    """
    must_be_open(request)
    request.received_at, request.channel, request.reference = frame.moment(received_at), channel, reference
    request.asked, request.words, request.subject = asked, words or {}, subject or {}
    request.facts = {**request.facts, **(facts or {})}
    request.task_force = frame.task_force(person.agency, task_force) if task_force else None
    with recording() as record:
        claim(request)
        request.waivers.filter(fact__in=list(facts or {})).delete()  # signed for what was stated before
        request.office = frame.office(person.agency, *office) if office else None
        judge(request)
        request.save()
        record("decision", "amend", request.uid, received(request, person))
