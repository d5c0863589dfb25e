"""The first page: what waits for me, what is due, verdicts by month, what grants rest on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from brightline.service.gate import words
from brightline.service.gate.models import Outcome, Proposal, Request, State
from brightline.service.gate.words import spoken
from brightline.service.people.guard import EVERYONE, WRITERS, me, open_to
from brightline.service.people.models import Agency, Person, Role

MOST = 8  # lines of each list
MONTHS = 6


@dataclass(frozen=True, slots=True)
class Month:
    """The requests of one month by verdict; `parts` are what the bar draws."""

    first: date
    total: int
    counts: tuple[tuple[str, int], ...]

    @property
    def parts(self) -> list[tuple[str, int]]:
        return [(f"v-{verdict}", count) for verdict, count in self.counts]


@open_to(*EVERYONE)
@spoken
def home(request: HttpRequest) -> HttpResponse:
    """The desk. The administrator has none, and is sent to the people."""
    person = me(request)
    if person.role == Role.ADMINISTRATOR:
        return redirect("people")
    agency = person.agency
    open_ = Request.objects.filter(agency=agency, state__in=(State.OPEN, State.STOPPED, State.DECIDED))
    months = by_month(agency)
    context = {
        "writes": person.may(*WRITERS),
        "any": Request.objects.filter(agency=agency).exists(),
        "to_answer": open_.select_related("office", "agency").order_by("received_at")[:MOST],
        "to_answer_count": open_.count(),
        "seconds": person.may(Role.REVIEWER, Role.RECORDS),
        "to_second": _to_second(person),
        "reviews": _reviews(person),
        "due": _due(agency),
        "months": months,
        "most": max((m.total for m in months), default=0),
        "verdicts": [v for v in words.VERDICTS if any(v == name for m in months for name, _count in m.counts)],
        **rests(agency),
    }
    return render(request, "gate/desk.html", context)


def _to_second(person: Person) -> list[Proposal]:
    waiting = Proposal.objects.filter(
        request__agency=person.agency, request__state=State.PROPOSED, seconded=None, emergency=False
    )
    return list(waiting.exclude(by=person).select_related("request__office", "by").order_by("at")[:MOST])


def _reviews(person: Person) -> list[Proposal]:
    """Emergencies that nobody has reviewed, the first that is due first."""
    waiting = Proposal.objects.filter(request__agency=person.agency, emergency=True, seconded=None)
    return list(waiting.exclude(by=person).select_related("request__office", "by").order_by("review_due")[:MOST])


def _due(agency: Agency) -> list[Any]:
    """Reports, follow-ups and certifications; emergencies have a list of their own."""
    from brightline.service.gate.statutory import due_soon

    return [item for item in due_soon(agency, agency.today()) if item.kind != "review"][:MOST]


def by_month(agency: Agency) -> list[Month]:
    """The last six months in which something was received, the newest first."""
    zone = agency.zone()
    today = agency.today()
    first = date(today.year - (today.month <= MONTHS - 1), (today.month - MONTHS) % 12 + 1, 1)
    begin = datetime.combine(first, time(), zone)
    rows = Request.objects.filter(agency=agency, received_at__gte=begin).values_list("received_at", "verdict")
    counted = Counter((at.astimezone(zone).date().replace(day=1), verdict) for at, verdict in rows)
    months = sorted({month for month, _verdict in counted}, reverse=True)
    return [
        Month(
            month,
            sum(n for (m, _v), n in counted.items() if m == month),
            tuple((v, counted[month, v]) for v in words.VERDICTS if counted[month, v]),
        )
        for month in months
    ]


def rests(agency: Agency) -> dict[str, Any]:
    """On what the grants rest: verified facts alone, statements that a reviewer signed for, statements alone."""
    granted = Request.objects.filter(agency=agency, outcome__in=(Outcome.GRANTED, Outcome.PARTLY))
    verified = waived = stated = 0
    for asked in granted.prefetch_related("waivers").only("rests_on"):
        facts = {fact for facts in asked.rests_on for fact in facts}
        signed = {w.fact for w in asked.waivers.all()}
        verified += not facts
        waived += bool(facts) and facts <= signed
        stated += bool(facts - signed)
    return {"grants": verified + waived + stated, "verified": verified, "waived": waived, "stated": stated}
