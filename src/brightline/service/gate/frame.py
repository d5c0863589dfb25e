"""The frame of a request, checked: when it came, from which office, through which task force."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.contact.problems import ContactError
from brightline.service.gate.errors import GateError
from brightline.service.gate.law import law
from brightline.service.gate.models import Office, Request, TaskForce
from brightline.service.people.models import Agency

EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.get_fixed_timezone(0))
_OFFICE = "SELECT id FROM gate_office WHERE agency_id = %s AND actor = %s AND name = %s"


class Frame(TypedDict):
    """What is told of a request when it comes: by `receive`, and once more when `amend` puts it right.

    `office` is its agency in the vocabulary and its name; `words` are the requester's own (`asked`, `purpose`); facts are as in
    a contact's file, stated unless they say otherwise; `task_force` is its code in the register.
    """

    received_at: datetime
    asked: list[str]
    channel: NotRequired[str]
    office: NotRequired[tuple[str, str] | None]
    reference: NotRequired[str]
    words: NotRequired[dict[str, str] | None]
    subject: NotRequired[dict[str, str] | None]
    facts: NotRequired[dict[str, Any] | None]
    task_force: NotRequired[str | None]


def fill(request: Request, told: Frame) -> None:
    """Write the frame into the columns of a request. Raises GateError, ContactError."""
    agency = request.agency
    request.received_at = moment(told["received_at"])
    request.asked = told["asked"]
    request.channel, request.reference = told.get("channel", ""), told.get("reference", "")
    request.words, request.subject = told.get("words") or {}, told.get("subject") or {}
    code, named = told.get("task_force"), told.get("office")
    request.task_force = task_force(agency, code) if code else None
    request.office = office(agency, *named) if named else None
    request.facts = {**request.facts, **(told.get("facts") or {})}


def moment(received_at: datetime) -> datetime:
    """The time of receipt, when it can be one. Raises GateError."""
    if received_at.tzinfo is None:
        raise GateError(_("the time of receipt has no time zone; write it as 2026-11-28T14:30:00-05:00"))
    if not EARLIEST <= received_at <= timezone.now() + timedelta(minutes=5):
        raise GateError(_("the time of receipt lies in the future, or before 1990; look at the date again"))
    return received_at


def office(agency: Agency, actor: str, name: str) -> Office:
    """The office of this name, entered when it is new; without a name, its agency as a whole. Raises ContactError."""
    vocabulary = law().vocabulary
    if actor not in vocabulary.actors:
        raise ContactError(_("office: there is no agency `{actor}` in the vocabulary").format(actor=actor))
    name = (" ".join(name.split()) or str(vocabulary.actors[actor].title))[:200]
    with connection.cursor() as cursor:  # nearly always it is there, and the mapper would take three times as long
        cursor.execute(_OFFICE, [agency.pk, actor, name])
        row = cursor.fetchone()
    if row is not None:
        return Office(pk=row[0], agency=agency, actor=actor, name=name)
    return Office.objects.get_or_create(agency=agency, actor=actor, name=name)[0]


def task_force(agency: Agency, code: str) -> TaskForce:
    """The task force of the register. Raises GateError."""
    found = TaskForce.objects.filter(agency=agency, code=code).first()
    if found is None:
        raise GateError(_("there is no task force `{code}` in the register; enter it there first").format(code=code))
    return found
