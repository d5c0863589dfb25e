"""Webhooks of an agency: which address is told of which events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Path, Status
from pydantic import BaseModel, Field, StringConstraints

from brightline.service.gate.api.auth import asker, needs
from brightline.service.gate.api.errors import Refused, answers
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.shapes import Told
from brightline.service.hooks.models import Hook
from brightline.service.hooks.reach import Unreachable, check
from brightline.service.hooks.sign import new_secret, shown
from brightline.service.people.models import Person, Role
from brightline.service.record.write import recording

EventName = Literal[
    "request.received", "request.decided", "request.answered", "review.due", "follow_up.due", "report.due"
]  # fmt: skip
MOST = 10  # hooks of an agency


class HookTold(Told):
    """Where to send, and what to tell of. https, or http on this machine."""

    url: Annotated[str, StringConstraints(min_length=10, max_length=500, pattern=r"^https?://[!-~]+$")]
    events: list[EventName] = Field(min_length=1, max_length=6)


class HookShown(BaseModel):
    """A webhook. `ended`: its receiver said that it is gone for good, and is told nothing any more."""

    uid: UUID
    url: str
    events: list[EventName]
    made: datetime
    ended: datetime | None
    waiting: int = Field(description="messages that are still to be delivered")
    last: str = Field(description="how the last attempt went; empty when there was none")


class HookMade(HookShown):
    """A new webhook, with the secret that signs its messages. It is shown this once."""

    secret: str


class Hooks(BaseModel):
    webhooks: list[HookShown]


@router.get(
    "/webhooks", auth=needs("manage", Role.RECORDS), response=answers((200, Hooks)), summary="List webhooks",
    operation_id="list_webhooks", tags=["webhooks"],
)  # fmt: skip
def list_webhooks(request: HttpRequest) -> Hooks:
    """The webhooks of the agency, and how the last message to each went."""
    return Hooks(webhooks=[_shown(h) for h in Hook.objects.filter(agency=asker(request).agency)])


@router.post(
    "/webhooks", auth=needs("manage", Role.RECORDS), response=answers((201, HookMade), body=True), summary="Make a webhook",
    operation_id="make_webhook", tags=["webhooks"],
)  # fmt: skip
def make_webhook(request: HttpRequest, told: HookTold) -> Status:
    """Make a webhook. Its secret is in this answer, and in no other."""
    person = asker(request)
    _checked(told.url)
    if Hook.objects.filter(agency=person.agency).count() >= MOST:
        raise Refused(409, f"the agency has {MOST} webhooks; remove one that is not used")
    secret = new_secret()
    with recording() as record:
        made = Hook.objects.create(
            agency=person.agency, url=told.url, events=list(dict.fromkeys(told.events)), secret=secret, made_by=person
        )
        record("rule-change", "webhook", made.uid, _told(made, person, "make"))
    return Status(201, HookMade(**_shown(made).model_dump(), secret=shown(secret)))


@router.put(
    "/webhooks/{uid}", auth=needs("manage", Role.RECORDS), response=answers((200, HookShown), body=True),
    summary="Change a webhook", operation_id="change_webhook", tags=["webhooks"],
)  # fmt: skip
def change_webhook(request: HttpRequest, uid: Path[UUID], told: HookTold) -> HookShown:
    """Replace the address and the events of a webhook. One that had ended is told of events again; the secret stays."""
    person = asker(request)
    _checked(told.url)
    hook = _one(person, uid)
    hook.url, hook.events, hook.ended = told.url, list(dict.fromkeys(told.events)), None
    with recording() as record:
        hook.save()
        record("rule-change", "webhook", hook.uid, _told(hook, person, "change"))
    return _shown(hook)


@router.delete(
    "/webhooks/{uid}", auth=needs("manage", Role.RECORDS), response=answers((204, None)), summary="Remove a webhook",
    operation_id="remove_webhook", tags=["webhooks"],
)  # fmt: skip
def remove_webhook(request: HttpRequest, uid: Path[UUID]) -> Status:
    """Remove a webhook, and the messages that wait for it."""
    person = asker(request)
    hook = _one(person, uid)
    with recording() as record:
        record("rule-change", "webhook", hook.uid, _told(hook, person, "remove"))
        hook.delete()
    return Status(204, None)


def _one(person: Person, uid: UUID) -> Hook:
    found = Hook.objects.filter(agency=person.agency, uid=uid).first()
    if found is None:
        raise Http404
    return found


def _checked(url: str) -> None:
    try:
        check(url)
    except Unreachable as error:
        raise Refused(422, str(error), "body, url") from None


def _told(hook: Hook, person: Person, step: str) -> dict[str, object]:
    return {"step": step, "webhook": str(hook.uid), "url": hook.url, "events": hook.events, "by": str(person.uid)}


def _shown(hook: Hook) -> HookShown:
    last = hook.deliveries.exclude(attempts=0).order_by("-id").values_list("said", flat=True).first()
    return HookShown(
        uid=hook.uid, url=hook.url, events=cast(list[EventName], hook.events), made=hook.made, ended=hook.ended,
        waiting=hook.deliveries.exclude(due=None).count(), last=last or "",
    )  # fmt: skip
