"""A request as the one record of which every statutory report is a projection."""

from __future__ import annotations

import hmac
import re
from typing import Any

from brightline.report.statutory.event import Event
from brightline.service.gate.models import Request
from brightline.service.home import home

# facts of the vocabulary that an event carries under the same name
SAME = (
    "federal_immigration_authority", "nonlocal_law_enforcement", "request", "stated_purpose", "civil_immigration_purpose",
    "offense_enforced", "exigent_circumstances",
)  # fmt: skip
# Of these the law asks the truth, not the words of the request (§ 10-178(a)): that it is no immigration enforcement, or comes
# from nobody of whom the law speaks, must be verified. That it is, is believed of a requester who says so. The other way
# round with an urgent need, which opens a way: only a verified one counts.
ONLY_VERIFIED: dict[str, tuple[Any, ...]] = {
    "civil_immigration_purpose": (False,),
    "offense_enforced": ("other_offense", "no_offense"),
    "federal_immigration_authority": (False,),
    "nonlocal_law_enforcement": (False,),
    "exigent_circumstances": (True,),
}


def event(request: Request) -> Event:
    """The event of a request. What nobody recorded is None; a request that is open has no decision."""
    papers = tuple(dict.fromkeys(p.kind for p in request.papers.all()))
    told: dict[str, Any] = {
        "number": request.number,
        "agency": request.agency.actor,
        "received_at": request.received_at,
        "channel": request.channel or None,
        "requester": request.office.actor if request.office else None,
        "requester_office": request.office.name if request.office else None,
        "asked": tuple(request.asked) or None,
        "papers": papers or None,
        "verdict": request.verdict or None,
        "clauses": tuple(request.clauses) or None,
        "exception": next(iter(request.exceptions), None),
        "rests_on": tuple(dict.fromkeys(f for s in request.rests_on for f in s)),
        "decision": request.outcome or None,
        "decided_at": request.decided_at,
        "task_force": request.task_force.code if request.task_force else None,
        "person": person_key(request),
        **request.happened,
    }
    for name in SAME:
        fact = request.facts.get(name) or {}
        known = fact.get("value")
        if known in ONLY_VERIFIED.get(name, ()) and fact.get("basis") != "verified":
            continue
        if known is not None and told.get(name) is None:
            told[name] = known
    warrant = _warrant(request)
    if warrant is not None:
        told.setdefault("judicial_warrant", warrant)
    return Event.model_validate(told)


def _warrant(request: Request) -> bool | None:
    """Whether a judge's warrant came with it, as far as that is verified."""
    for name in ("judicial_warrant", "judicial_warrant_with_detainer"):
        told = request.facts.get(name) or {}
        if told.get("basis") == "verified" and told.get("value") is not None:
            return bool(told["value"])
    return None


def person_key(request: Request) -> str | None:
    """A key by which a report counts a person once, who has two requests; None when it is not known who it is.

    It is an HMAC under a secret of the installation, so that nobody can try names. A person who is known once by the
    A-number and once by name and day of birth has two keys.
    """
    who = request.subject or {}
    number = re.sub(r"\D", "", str(who.get("a_number") or ""))
    name, born = " ".join(str(who.get("name") or "").casefold().split()), str(who.get("born") or "").strip()
    if not number and not (name and born):
        return None
    told = f"a:{number}" if number else f"n:{name}\n{born}"
    return hmac.digest(home().secret("persons").encode(), told.encode(), "sha256").hex()[:32]
