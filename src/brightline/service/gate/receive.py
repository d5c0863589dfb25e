"""Take a request in: its frame, its facts as they were stated, its papers."""

from __future__ import annotations

import hashlib
from typing import Any, Unpack

from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.papers import Reading, read_paper
from brightline.service.gate import frame
from brightline.service.gate.errors import GateError
from brightline.service.gate.law import judge
from brightline.service.gate.models import Counter, Paper, Request, State
from brightline.service.hooks.announce import announce
from brightline.service.people.models import Agency, Person
from brightline.service.record.write import Record, make_sure, recording

Facts = dict[str, Any]
_NEXT = "UPDATE gate_counter SET last = last + 1 WHERE agency_id = %s AND year = %s RETURNING last"
_SENT = 'SELECT id FROM gate_request WHERE agency_id = %s AND "key" = %s'


def receive(
    person: Person,
    *,
    records: Facts | None = None,
    happened: Facts | None = None,
    key: str | None = None,
    **told: Unpack[frame.Frame],
) -> Request:
    """A new request of the person's agency, judged and in the ledger. Sent again with the same `key`, it is the first one.

    What is told of it is its `Frame`. Raises GateError, ContactError.
    """
    if key is not None and (known := _sent_before(person.agency, key)) is not None:
        return known
    made = Request(
        agency=person.agency, key=key, made_by=person, records=records or {}, happened=happened or {}
    )  # fmt: skip
    frame.fill(made, told)
    judge(made)
    try:
        with recording() as record:
            made.number = _number(person.agency)
            made.save()
            made.entry = record("decision", "receive", made.uid, received(made, person))
            announce(
                made.agency, "request.received", {"number": made.number, "state": made.state, "verdict": made.verdict}
            )
    except IntegrityError:  # the same key came twice at once, and the other was first
        known = _sent_before(person.agency, key) if key is not None else None
        if known is None:
            raise
        return known
    return made


def _sent_before(agency: Agency, key: str) -> Request | None:
    """The request that this key has made, with its record in the ledger: an earlier answer may have failed before that."""
    with connection.cursor() as cursor:  # nearly always there is none, and the mapper would take three times as long
        cursor.execute(_SENT, [agency.pk, key])
        row = cursor.fetchone()
    if row is None:
        return None
    known = Request.objects.select_related("office", "agency").get(pk=row[0])
    make_sure(known.uid)
    return known


def received(request: Request, person: Person) -> dict[str, Any]:
    """What the ledger keeps of a request when it comes: who asked for what, and what the law said that day."""
    return {
        "request": request.number,
        "received": request.received_at.isoformat(),
        "office": [request.office.actor, request.office.name] if request.office else None,
        "asked": request.asked,
        "facts": request.facts,
        "law": {"verdict": request.verdict, "as_verified": request.as_verified, "clauses": request.clauses},
        "person": {"subject": request.subject, "words": request.words},
        "by": str(person.uid),
    }


def attach(request: Request, person: Person, name: str, data: bytes) -> Paper:
    """Keep a paper as it came, with what was read in it. Its digest is in the ledger. Raises PaperError, GateError."""
    must_be_open(request)
    reading = read_paper(data, name)
    with recording() as record:
        claim(request)
        return keep_paper(request, person, name, data, reading, record)


def keep_paper(request: Request, person: Person, name: str, data: bytes, reading: Reading, record: Record) -> Paper:
    """The paper's row and its record, in a transaction that is under way."""
    digest = hashlib.sha256(data).hexdigest()
    paper = Paper.objects.create(
        request=request, name=name[:200], kind=reading.foremost().kind, sha256=digest, size=len(data), original=data,
        reading=reading.as_json(),
    )  # fmt: skip
    record(
        "evidence",
        "paper",
        request.uid,
        {
            "request": request.number,
            "kind": reading.foremost().kind,
            "sure": reading.foremost().sure,
            "sha256": f"sha256:{digest}",
            "by": str(person.uid),
        },
    )
    return paper


def claim(request: Request) -> None:
    """Begin a step, in its transaction. Raises GateError when somebody else took a step since the request was read."""
    if not Request.objects.filter(pk=request.pk, version=request.version).update(version=request.version + 1):
        raise GateError(
            _("somebody else has changed this request meanwhile; load the page again, and look at it first")
        )
    request.version += 1


def must_be_open(request: Request) -> None:
    """Raise GateError when the request is decided, or waits for a second person."""
    if request.state not in (State.OPEN, State.STOPPED):
        said = _("request {number} is {state}, so nothing is added to it now")
        raise GateError(said.format(number=request.number, state=request.get_state_display()))


def _number(agency: Agency) -> str:
    """The next number of the year. The row is locked until the transaction ends: no number is given twice or left out."""
    year = timezone.now().astimezone(agency.zone()).year
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT, [agency.pk, year])
            if (row := cursor.fetchone()) is not None:
                return f"{year}-{row[0]:05d}"
            Counter.objects.get_or_create(agency=agency, year=year)
