"""The calendar of what is due, as a page and as a feed for calendar programs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from brightline.report.statutory import feed
from brightline.service.gate import registers, statutory
from brightline.service.gate.models_reports import CalendarKey
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, me, open_to, public
from brightline.service.people.models import Role

NEW = "calendar key"  # in the session, until it was shown once


@open_to(*READERS)
@spoken
def calendar(request: HttpRequest) -> HttpResponse:
    person = me(request)
    today = person.agency.today()
    key = request.session.pop(NEW, "")
    address = request.build_absolute_uri(reverse("calendar_feed", args=[key])) if key else ""
    context = {
        "dues": statutory.dues(person.agency, today),
        "soon": [item for item in statutory.due_soon(person.agency, today) if item.kind != "report"],
        "today": today,
        "address": address,
        "key": CalendarKey.objects.filter(agency=person.agency).first(),
        "may_change": person.role == Role.RECORDS,
    }
    answer = render(request, "gate/calendar.html", context)
    if key:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def _renew(request: HttpRequest) -> HttpResponse:
    """A new address for the feed; it is shown once."""
    person = me(request)
    request.session[NEW] = registers.renew_calendar(person.agency, person)
    return redirect("calendar")


calendar_renew = open_to(Role.RECORDS)(_renew)


@public
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """The reports that are due, for whoever has the key; no request and no person is in it."""
    agency = registers.calendar_of(key)
    if agency is None:
        raise Http404
    today = agency.today()
    content = feed(
        statutory.dues(agency, today),
        made=today,
        name=f"Reports that are due: {agency.name}",
        host=f"brightline-{agency.pk}",
    )
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
