"""The registers: offices and how reliable their stated purposes were, task forces, record numbers, and whose token this is."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest
from ninja import Path, Status

from brightline.service.gate import numbers
from brightline.service.gate import registers as kept_registers
from brightline.service.gate.api import shapes, shown
from brightline.service.gate.api.auth import asker, needs, scopes_of
from brightline.service.gate.api.errors import Refused, answers
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.words import Code
from brightline.service.gate.models import Office, TaskForce
from brightline.service.people.guard import EVERYONE, READERS
from brightline.service.people.models import Role


@router.get(
    "/people/me", auth=needs(None, *EVERYONE), response=answers((200, shown.Me)),
    summary="Show whose token this is", operation_id="me", tags=["registers"],
)  # fmt: skip
def me(request: HttpRequest) -> shown.Me:
    """The person of this token, the agency, and what the token may do. No name and no address is told."""
    person, token = asker(request), request.auth  # type: ignore[attr-defined]
    return shown.Me(
        uid=str(person.uid), role=cast(shown.RoleName, person.role), title=person.title, agency=person.agency.name, actor=person.agency.actor,
        packs=person.agency.packs, scopes=sorted(set(token.scopes) & scopes_of(person.role)), expires=token.expires,
    )  # fmt: skip


@router.get(
    "/offices", auth=needs("read", *READERS), response=answers((200, shown.Offices)),
    summary="List offices with the reliability of what they stated", operation_id="list_offices", tags=["registers"],
)  # fmt: skip
def list_offices(request: HttpRequest) -> shown.Offices:
    """The offices that have asked, and what came of the grants to each on a criminal purpose; unknown is kept apart."""
    agency = asker(request).agency
    counted = kept_registers.reliability_by_office(agency)
    rows = Office.objects.filter(agency=agency).order_by("name", "id")
    return shown.Offices(offices=[shown.office(o, counted.get(o.pk)) for o in rows])


@router.get(
    "/task-forces", auth=needs("read", *READERS), response=answers((200, shown.TaskForces)),
    summary="List task forces", operation_id="list_task_forces", tags=["registers"],
)  # fmt: skip
def list_task_forces(request: HttpRequest) -> shown.TaskForces:
    """The register of task forces, with the day on which each purpose must be certified again."""
    rows = TaskForce.objects.filter(agency=asker(request).agency)
    return shown.TaskForces(task_forces=[shown.task_force(t) for t in rows])


@router.post(
    "/task-forces", auth=needs("manage", Role.RECORDS), response=answers((201, shown.TaskForceShown), body=True),
    summary="Enter a task force", operation_id="enter_task_force", tags=["registers"],
)  # fmt: skip
def enter_task_force(request: HttpRequest, told: shapes.NewTaskForceTold) -> Status:
    """Enter a task force in the register."""
    person = asker(request)
    if TaskForce.objects.filter(agency=person.agency, code=told.code).exists():
        raise Refused(409, f"there is a task force `{told.code}` in the register; choose another code")
    made = kept_registers.keep_task_force(person, told.code, told.model_dump(exclude={"code"}))
    return Status(201, shown.task_force(made))


@router.put(
    "/task-forces/{code}", auth=needs("manage", Role.RECORDS), response=answers((200, shown.TaskForceShown), body=True),
    summary="Change a task force", operation_id="change_task_force", tags=["registers"],
)  # fmt: skip
def change_task_force(request: HttpRequest, code: Path[Code], told: shapes.TaskForceTold) -> shown.TaskForceShown:
    """Replace what the register says of a task force."""
    person = asker(request)
    known = TaskForce.objects.select_related("agency").filter(agency=person.agency, code=code).first()
    if known is None:
        raise Http404
    return shown.task_force(kept_registers.keep_task_force(person, code, told.model_dump(), known))


@router.post(
    "/numbers", auth=needs("manage", Role.RECORDS), response=answers((200, shown.NumbersLoaded), body=True),
    summary="Load the hashes of record numbers", operation_id="load_numbers", tags=["registers"],
)  # fmt: skip
def load_numbers(request: HttpRequest, told: shapes.HashesTold) -> shown.NumbersLoaded:
    """Replace the agency's keyed hashes by these: those of the records that it holds, and of the sealed ones."""
    person = asker(request)
    held, sealed = numbers.load(person.agency, person, told.held, told.sealed)
    return shown.NumbersLoaded(held=held, sealed=sealed)
