"""The law as this process judges by it: loaded once, with a reasoner for each set of packs."""

from __future__ import annotations

from functools import lru_cache

from brightline.contact.file import from_data
from brightline.contact.schema import Contact
from brightline.law.pack import Law, load, shipped_laws
from brightline.reason.decide import Decision
from brightline.reason.decide import judge as _judge
from brightline.reason.reasoner import Reasoner
from brightline.reason.reasoner import reasoner as _reasoner
from brightline.service.gate.models import Request


@lru_cache(maxsize=1)
def law() -> Law:
    """The law that comes with Brightline."""
    return load(shipped_laws())


@lru_cache(maxsize=32)
def reasoner(packs: tuple[str, ...]) -> Reasoner:
    """The reasoner of these packs and the levels above them."""
    return _reasoner(law(), packs)


def reasoner_of(request: Request) -> Reasoner:
    """The reasoner of the law that binds the agency of a request."""
    return reasoner(tuple(request.agency.packs))


def contact_of(request: Request) -> Contact:
    """The request as a contact: what the law is asked about. Raises ContactError for what the vocabulary does not know."""
    told = {
        "date": request.day,
        "actor": request.agency.actor,
        "counterpart": request.office.actor if request.office else None,
        "channel": request.channel or None,
        "asked": request.asked,
        "basis": "stated",
        "facts": request.facts,
        "records": request.records,
    }
    return from_data({name: value for name, value in told.items() if value is not None}, law().vocabulary)


def judge(request: Request) -> Decision:
    """The verdict on a request, noted in its columns (the caller saves it). Raises ContactError."""
    decision = _judge(contact_of(request), reasoner_of(request))
    request.verdict, request.as_verified = decision.verdict, decision.as_verified
    request.sentence = decision.sentence
    deciding = decision.deciding or decision.findings
    request.clauses = list(dict.fromkeys(f.clause for f in deciding))
    request.exceptions = list(dict.fromkeys(f.exception for f in deciding if f.exception))
    request.rests_on = [list(s) for s in decision.rests_on]
    return decision
