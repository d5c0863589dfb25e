"""The list of requests, and the page of one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from brightline.service.gate import numbers
from brightline.service.gate.ask import question
from brightline.service.gate.forms import FilterForm
from brightline.service.gate.history import looks, steps
from brightline.service.gate.known import known
from brightline.service.gate.models import Request, State
from brightline.service.gate.views.found import found, looked_at, sees_why
from brightline.service.gate.views.papers import told
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to
from brightline.service.people.models import Agency, Person, Role

A_PAGE = 25


@open_to(*READERS)
@spoken
def listed(request: HttpRequest) -> HttpResponse:
    """Every request of the agency, the newest first, filtered as the reader asks."""
    agency = me(request).agency
    form = FilterForm(agency, request.GET)
    form.is_valid()  # a filter that cannot be read filters nothing, and says so beside it
    chosen = _filtered(agency, form.cleaned_data)
    page = Paginator(chosen, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "filtered": any(v for v in form.cleaned_data.values()),
        "writes": me(request).may(*WRITERS),
    }
    return render(request, "gate/requests.html", context)


def _filtered(agency: Agency, told: dict[str, Any]) -> QuerySet[Request]:
    chosen = Request.objects.filter(agency=agency).select_related("office", "agency")
    for name in ("state", "verdict", "office"):
        if told.get(name):
            chosen = chosen.filter(**{name: told[name]})
    if told.get("first"):
        chosen = chosen.filter(received_at__gte=datetime.combine(told["first"], time(), agency.zone()))
    if told.get("last"):
        end = told["last"] + timedelta(days=1)
        chosen = chosen.filter(received_at__lt=datetime.combine(end, time(), agency.zone()))
    if told.get("q"):
        chosen = chosen.filter(Q(number__icontains=told["q"]) | Q(reference__icontains=told["q"]))
    return chosen


@open_to(*READERS)
@spoken
def shown(request: HttpRequest, number: str) -> HttpResponse:
    """One request: where it stands, what is known of it, what happened to it."""
    asked, person = found(request, number), me(request)
    looked_at(request, asked, "request")
    context = {
        "asked": asked,
        "papers": [told(p) for p in asked.papers.all()],
        "known": known(asked),
        "history": steps(asked),
        "looks": looks(asked),
        "next": next_step(asked, person),
        "nothing": numbers.NOTHING_SAID,
        "why": asked.number_checks.last() if asked.stopped and sees_why(person) else None,
        "open": asked.state in (State.OPEN, State.STOPPED),
        "writes": person.may(*WRITERS),
    }
    return render(request, "gate/request.html", context)


def next_step(asked: Request, person: Person) -> tuple[str, str, str] | None:
    """What is to be done now: a sentence, the words of the button, and the name of its page. None: nothing more."""
    if not person.may(*WRITERS):
        return None
    match asked.state:
        case State.OPEN:
            if question(asked) is not None:
                return _("A fact is open that can change the answer."), _("Answer the questions"), "interview"
            return _("Nothing more is to be asked. It can be decided."), _("To the decision"), "decision"
        case State.STOPPED:
            return _("There is no record that may be disclosed."), _("To the neutral answer"), "letter"
        case State.PROPOSED:
            last = asked.proposals.last()
            if last is not None and last.by_id != person.pk and person.may(Role.REVIEWER, Role.RECORDS):
                return _("A grant waits for your word as the second person."), _("To the decision"), "decision"
            return (
                _("A grant waits for a second person: a reviewer or a records officer."),
                _("To the decision"),
                "decision",
            )
        case State.DECIDED:
            return _("It is decided. The letter is to be signed."), _("To the letter"), "letter"
    return None
