"""A request by its number, for whoever may see it; every look at it is in the ledger."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from brightline.service.gate.models import Request
from brightline.service.people.guard import me
from brightline.service.people.models import Person, Role
from brightline.service.record.write import recording


def found(request: HttpRequest, number: str) -> Request:
    """The request with this number in the reader's own agency; another agency's number is not found."""
    known = Request.objects.select_related("agency", "office", "task_force", "made_by")
    return get_object_or_404(known, agency=me(request).agency, number=number)


def looked_at(request: HttpRequest, asked: Request, page: str) -> None:
    """Write in the ledger that somebody opened a page of the request. Raises KeeperError: then it is not shown."""
    with recording() as record:
        record("access", "view", asked.uid, {"request": asked.number, "page": page, "by": str(me(request).uid)})


def sees_why(person: Person) -> bool:
    """Whether somebody may see why a request was stopped: reviewers and auditors alone."""
    return person.may(Role.REVIEWER, Role.AUDITOR)
