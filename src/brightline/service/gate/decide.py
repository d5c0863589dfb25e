"""Decide a request: one person proposes, a second one seconds a grant, and nothing is granted that the law does not allow.

A refusal needs one person. A grant that rests on statements waits until each is verified, or a reviewer has signed why
not. In an emergency one person may grant what the law allows; a second reviews it within 72 hours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from brightline.report.statutory.event import FOLLOWS, Event
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.law import judge
from brightline.service.gate.models import (
    FOLLOW_UP_AFTER,
    REVIEW_WITHIN,
    FollowUp,
    Outcome,
    Proposal,
    Request,
    State,
    Waiver,
)
from brightline.service.gate.receive import claim
from brightline.service.hooks.announce import announce
from brightline.service.people.models import Person, Role
from brightline.service.record.write import Record, recording

CRIMINAL = ("criminal_immigration", "other_criminal")  # stated purposes that are followed up
NOT_GRANTABLE = {
    "barred": lazy("the law bars it"),
    "unsettled": lazy("the law cannot be told yet: answer what is open first"),
}
NEEDS_REVIEWER = {
    "conflict": lazy("one law bars it and another requires it"),
    "contested": lazy("the readings of the law differ"),
}


def unverified(request: Request) -> list[str]:
    """The facts on which the verdict rests, that are only stated and that no reviewer has waived."""
    waived = set(request.waivers.values_list("fact", flat=True))
    return sorted({fact for facts in request.rests_on for fact in facts} - waived)


def obstacles(request: Request, person: Person) -> list[str]:
    """Why a grant cannot be proposed now, one sentence each; empty when it can."""
    if request.stopped:
        return [_("there is no record that may be disclosed")]
    found = []
    if request.verdict in NOT_GRANTABLE:
        found.append(str(NOT_GRANTABLE[request.verdict]))
    if request.verdict in NEEDS_REVIEWER and person.role != Role.REVIEWER:
        needs = _("{why}: a reviewer has to propose it, with the reason")
        found.append(needs.format(why=NEEDS_REVIEWER[request.verdict]))
    if open_facts := unverified(request):
        found.append(
            _(
                "the verdict rests on statements that nobody has verified ({facts}): verify them, or let a reviewer sign "
                "why not"
            ).format(facts=", ".join(open_facts))
        )
    return found


def waive(request: Request, person: Person, fact: str, why: str) -> Waiver:
    """A reviewer signs why a statement need not be verified. Raises GateError."""
    if person.role != Role.REVIEWER:
        raise NotYours(_("only a reviewer may sign why a statement need not be verified"))
    if fact not in unverified(request):
        raise GateError(_("the verdict does not rest on `{fact}`, so there is nothing to sign").format(fact=fact))
    if not why.strip():
        raise GateError(_("write the reason why it need not be verified"))
    with recording() as record:
        claim(request)
        waiver = Waiver.objects.create(request=request, fact=fact, why=why, by=person)
        record(
            "decision",
            "waive",
            request.uid,
            {"request": request.number, "fact": fact, "why": why, "by": str(person.uid)},
        )
    return waiver


def propose(
    request: Request,
    person: Person,
    outcome: str,
    reason: str,
    *,
    release: dict[str, str] | None = None,
    information: list[str] | None = None,
    emergency: bool = False,
) -> Proposal:
    """Propose an outcome. A refusal is decided at once; a grant waits for a second person, unless it is an emergency.

    `release` holds what may be told, field by field, and `information` the kinds of it. Raises GateError.
    """
    if request.state not in (State.OPEN, State.STOPPED):
        said = _("request {number} is {state}; it cannot be decided again")
        raise GateError(said.format(number=request.number, state=request.get_state_display()))
    grants = outcome != Outcome.REFUSED
    if not reason.strip():
        raise GateError(_("write the reason: it is what the record will show"))
    if not grants and (release or emergency):
        raise GateError(_("a refusal releases nothing, and needs no second person, so it is no emergency"))
    judge(request)  # by the law and the facts as they are now
    if grants and (why := obstacles(request, person)):
        raise GateError(_("this cannot be granted: {why}").format(why="; ".join(why)))
    if information:
        _known_kinds(information)
    now = timezone.now()
    made = Proposal(
        request=request, outcome=outcome, reason=reason, release=release or {}, information=information or [],
        by=person, emergency=emergency, review_due=now + REVIEW_WITHIN if emergency else None,
    )  # fmt: skip
    with recording() as record:
        claim(request)
        made.save()
        record("decision", "propose", request.uid, _told(made, person))
        if grants and not emergency:
            request.state = State.PROPOSED
        else:
            _decide(request, made, record)
        request.save()
    return made


def second(proposal: Proposal, person: Person, agrees: bool, reason: str = "") -> None:
    """The second person's word on a grant: it is decided, or the request is open again. Raises GateError.

    Of an emergency it is the review: what was done is done, and the reviewer's word stands beside it.
    """
    request = proposal.request
    if person.pk == proposal.by_id:
        raise NotYours(_("whoever proposed it cannot be the second person; ask another one"))
    if not person.may(Role.REVIEWER, Role.RECORDS):
        raise NotYours(_("the second person must be a reviewer or a records officer"))
    if proposal.seconded is not None:
        raise GateError(_("this was decided by a second person before"))
    if not proposal.emergency and request.state != State.PROPOSED:
        said = _("request {number} is {state}; there is nothing to second")
        raise GateError(said.format(number=request.number, state=request.get_state_display()))
    if not agrees and not reason.strip():
        raise GateError(_("write why you do not agree"))
    proposal.seconded, proposal.seconded_by, proposal.seconded_at = agrees, person, timezone.now()
    proposal.second_reason = reason
    with recording() as record:
        claim(request)
        proposal.save()
        record(
            "decision",
            "review" if proposal.emergency else "second",
            request.uid,
            {"request": request.number, "agrees": agrees, "reason": reason, "by": str(person.uid)},
        )
        if not proposal.emergency:
            if agrees:
                judge(request)
                if why := obstacles(request, proposal.by):
                    raise GateError(_("this cannot be granted any more: {why}").format(why="; ".join(why)))
                _decide(request, proposal, record)
            else:
                request.state = State.OPEN
            request.save()


def tell(request: Request, person: Person, happened: dict[str, Any]) -> None:
    """Note what happened: custody, transfer, release, access. Only what is told is changed. Raises GateError.

    The fields are those of `report.statutory.event.Event` outside of the request and its decision.
    """
    known = {n for n, f in Event.model_fields.items() if _group(f) in ("information", "person", "access")} - {"person"}
    known.add("detainer_reasons")
    if strange := sorted(set(happened) - known):
        raise GateError(_("`{name}` is nothing that can be told of a request").format(name=strange[0]))
    whole = {**request.happened, **happened}
    _valid(request, whole)
    request.happened = {n: v for n, v in whole.items() if v is not None}
    with recording() as record:
        claim(request)
        request.save(update_fields=["happened"])
        record(
            "evidence", "tell", request.uid, {"request": request.number, "happened": happened, "by": str(person.uid)}
        )


def _group(field: Any) -> str:
    return str((field.json_schema_extra or {}).get("group", ""))


def _valid(request: Request, happened: dict[str, Any]) -> None:
    from pydantic import ValidationError

    for name, fact in FOLLOWS.items():
        if happened.get(fact) is False and happened.get(name) is not None:
            said = _("what happened: `{fact}` is no, but `{name}` is given: change one of them")
            raise GateError(said.format(fact=fact, name=name))
    frame = {"number": request.number, "agency": request.agency.actor, "received_at": request.received_at}
    try:
        Event.model_validate({**frame, **happened})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(x) for x in first["loc"]) or _("what happened")
        raise GateError(f"{where}: {first['msg']}") from None


def _known_kinds(information: list[str]) -> None:
    from typing import get_args

    from brightline.report.statutory.event import Information

    if strange := sorted(set(information) - set(get_args(Information))):
        said = _("`{name}` is no kind of information; use one of {known}")
        raise GateError(said.format(name=strange[0], known=", ".join(get_args(Information))))


def _told(proposal: Proposal, person: Person) -> dict[str, Any]:
    request = proposal.request
    return {
        "request": request.number,
        "outcome": proposal.outcome,
        "reason": proposal.reason,
        "emergency": proposal.emergency,
        "law": {"verdict": request.verdict, "as_verified": request.as_verified, "clauses": request.clauses},
        "rests_on": request.rests_on,
        "by": str(person.uid),
    }


def _decide(request: Request, proposal: Proposal, record: Record) -> None:
    """The outcome, what it releases, and when to ask what came of it."""
    request.state, request.outcome, request.decided_at = State.DECIDED, proposal.outcome, timezone.now()
    grants = proposal.outcome != Outcome.REFUSED
    if proposal.information:
        request.happened = {
            **request.happened,
            "information_released": proposal.information,
            "disclosed_at": request.decided_at.isoformat(),
        }
    record(
        "decision",
        "decide",
        request.uid,
        {
            "request": request.number,
            "outcome": proposal.outcome,
            "released": proposal.release if grants else {},
            "law": {"verdict": request.verdict, "clauses": request.clauses, "exceptions": request.exceptions},
        },
    )
    told = {"number": request.number, "state": request.state, "verdict": request.verdict, "outcome": request.outcome}
    announce(request.agency, "request.decided", told)
    purpose = (request.facts.get("stated_purpose") or {}).get("value")
    if grants and purpose in CRIMINAL:
        FollowUp.objects.get_or_create(
            request=request, defaults={"due": request.agency.today() + timedelta(days=FOLLOW_UP_AFTER.days)}
        )
