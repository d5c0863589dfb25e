"""The interview on a request: the next question that can change the answer, and what was answered, by whom and by what."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext as _

from brightline.contact.schema import Basis, Contact, RecordList
from brightline.reason.ask import Question, answered, next_question
from brightline.service.gate.errors import GateError
from brightline.service.gate.law import contact_of, judge, law, reasoner_of
from brightline.service.gate.models import Answer, Request, State
from brightline.service.gate.receive import claim, must_be_open
from brightline.service.people.models import Person
from brightline.service.record.write import recording


def question(request: Request) -> Question | None:
    """What to ask next; None when no answer can change the verdict, or when nothing is to be asked any more."""
    if request.state != State.OPEN:
        return None
    return next_question(contact_of(request), reasoner_of(request))


def answer(
    request: Request, person: Person, fact: str, value: Any, *, basis: str | None = None, shown_by: str = ""
) -> None:
    """Note an answer, and judge again. `value` None: it is not known. Raises GateError, ContactError.

    A value needs a basis; a verified one needs what shows it. An answer to a fact that was answered before replaces it;
    both stay on record.
    """
    must_be_open(request)
    if value is not None and basis not in ("verified", "stated"):
        raise GateError(_("say whether the answer is verified, or only stated by the requester"))
    if value is not None and basis == "verified" and not shown_by.strip():
        raise GateError(_("say what shows it: the paper, the database or the person who verified it"))
    given: Any = RecordList.model_validate(value) if fact in law().vocabulary.records and value is not None else value
    told = cast(Basis, basis) if value is not None else None
    known = answered(contact_of(request), reasoner_of(request), fact, given, told, shown_by or None)
    _take_over(request, known)
    with recording() as record:
        claim(request)
        request.waivers.filter(fact=fact).delete()  # it was signed for another statement; the ledger keeps that
        judge(request)
        Answer.objects.create(
            request=request, fact=fact, value=value, basis=basis or "", shown_by=shown_by[:300], by=person
        )
        request.save()
        record(
            "decision",
            "answer",
            request.uid,
            {
                "request": request.number,
                "fact": fact,
                "answer": {"value": value, "basis": basis, "shown_by": shown_by},
                "law": {"verdict": request.verdict, "as_verified": request.as_verified, "clauses": request.clauses},
                "by": str(person.uid),
            },
        )


def _take_over(request: Request, contact: Contact) -> None:
    """What the contact says now, in the request's own columns."""
    told = contact.model_dump(mode="json", exclude_none=False)
    request.asked = told["asked"]
    request.facts, request.records = told["facts"], told["records"]
