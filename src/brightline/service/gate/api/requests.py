"""Reading requests: the list, one with all that belongs to it, and what the ledger holds about it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path
from pydantic import Field, StringConstraints

from brightline.report.statutory.event import Verdict
from brightline.service.gate.api import shown
from brightline.service.gate.api.auth import asker, needs
from brightline.service.gate.api.errors import Refused, answers, binary
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.words import Actor, Code, Day, Number
from brightline.service.gate.models import Request
from brightline.service.people.guard import READERS
from brightline.service.people.models import Person, Role
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from brightline.service.record.write import recording

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}\.[0-9]{1,18}$")]


@router.get(
    "/requests", auth=needs("read", *READERS), response=answers((200, shown.RequestPage)),
    summary="List requests", operation_id="list_requests", tags=["requests"],
)  # fmt: skip
def list_requests(
    request: HttpRequest,
    state: shown.StateName | None = None,
    verdict: Verdict | None = None,
    received_from: Day | None = None,
    received_to: Day | None = None,
    office: Actor | None = None,
    task_force: Code | None = None,
    cursor: Cursor | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> shown.RequestPage:
    """Requests of the agency, newest first. The days are the agency's own, both included; `office` is the agency that asks."""
    agency = asker(request).agency
    found = Request.objects.filter(agency=agency).select_related("office", "task_force")
    if state is not None:
        found = found.filter(state=state)
    if verdict is not None:
        found = found.filter(verdict=verdict)
    if received_from is not None:
        found = found.filter(received_at__gte=datetime.combine(received_from, time(), agency.zone()))
    if received_to is not None:
        found = found.filter(received_at__lt=datetime.combine(received_to + timedelta(1), time(), agency.zone()))
    if office is not None:
        found = found.filter(office__actor=office)
    if task_force is not None:
        found = found.filter(task_force__code=task_force)
    if cursor is not None:
        found = _after(found, cursor)
    rows = list(found.order_by("-received_at", "-id")[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    following = f"{(last.received_at - EPOCH) // MICRO}.{last.pk}" if last else None
    return shown.RequestPage(requests=[shown.line(r) for r in rows[:limit]], next=following)


def _after(found: Any, cursor: str) -> Any:
    from django.db.models import Q

    micros, last = (int(part) for part in cursor.split("."))
    moment = EPOCH + timedelta(microseconds=micros)
    return found.filter(Q(received_at__lt=moment) | Q(received_at=moment, id__lt=last))


@router.get(
    "/requests/{number}", auth=needs("read", *READERS), response=answers((200, shown.RequestShown)),
    summary="Show a request", operation_id="show_request", tags=["requests"],
)  # fmt: skip
def show_request(request: HttpRequest, number: Path[Number]) -> shown.RequestShown:
    """A request with its papers, answers, proposals and letter. That it was looked at is in the ledger."""
    person = asker(request)
    found = one(person, number)
    viewed(found, person, "api")
    return shown.whole(found, person)


@router.get(
    "/requests/{number}/receipts", auth=needs("read", *READERS), response=answers((200, shown.Entries)),
    summary="List the ledger's records about a request", operation_id="list_receipts", tags=["requests"],
)  # fmt: skip
def list_receipts(request: HttpRequest, number: Path[Number]) -> shown.Entries:
    """Every record about a request: its place in the ledger, its kind, the step, and when."""
    about = one(asker(request), number).uid
    return shown.Entries(receipts=[shown.entry(e) for e in Entry.objects.filter(about=str(about)).order_by("id")])


@router.get(
    "/requests/{number}/receipts/{index}", auth=needs("read", *READERS), response=answers((200, None)),
    summary="Get a receipt of the ledger", operation_id="get_receipt", tags=["requests"], openapi_extra=binary("text/plain"),
)  # fmt: skip
def get_receipt(
    request: HttpRequest,
    number: Path[Number],
    index: Annotated[int, Path(ge=0, le=2**53)],
    disclose: bool = False,
) -> HttpResponse:
    """The receipt file of a record: the proof that the ledger holds it, which `brightline verify` checks alone.

    With `disclose` it also carries the fields of the record; that is a view of the request and recorded as one. The fields
    of a look-up of a record number are for reviewers and auditors alone.
    """
    person = asker(request)
    found = one(person, number)
    entry = Entry.objects.filter(about=str(found.uid), index=index).first()
    if entry is None:
        raise Http404
    fields: list[str] | None = []
    if disclose:
        if entry.what == "number" and person.role not in (Role.REVIEWER, Role.AUDITOR):
            raise Refused(403, _("The fields of a look-up are for reviewers and auditors alone."))
        viewed(found, person, "receipt")
        fields = None
    text = keeper().receipt(index, fields)
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{number}-{index}.receipt"'
    return answer


def one(person: Person, number: str) -> Request:
    """The request with this number in the person's agency; another agency's is not there."""
    found = (
        Request.objects.select_related("agency", "office", "task_force")
        .filter(agency=person.agency, number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def viewed(request: Request, person: Person, page: str) -> None:
    """Every view of a request is on record."""
    with recording() as record:
        record("access", "view", request.uid, {"request": request.number, "page": page, "by": str(person.uid)})
