"""Put right what was entered about a request while it is open: who asked, how, for what, about whom."""

from __future__ import annotations

from typing import Unpack

from brightline.service.gate import frame
from brightline.service.gate.law import judge
from brightline.service.gate.models import Request
from brightline.service.gate.receive import claim, must_be_open, received
from brightline.service.people.models import Person
from brightline.service.record.write import recording


def amend(request: Request, person: Person, **told: Unpack[frame.Frame]) -> None:
    """Replace the frame of a request, add these facts, and judge it again. The record of what it was stays in the ledger.

    Raises GateError, ContactError.
    """
    must_be_open(request)
    with recording() as record:
        claim(request)
        request.waivers.filter(fact__in=list(told.get("facts") or {})).delete()  # signed for what was stated before
        frame.fill(request, told)
        judge(request)
        request.save()
        record("decision", "amend", request.uid, received(request, person))
