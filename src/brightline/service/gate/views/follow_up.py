"""Follow-up: ninety days after a grant on a criminal purpose, what came of it?"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from brightline.service.gate.errors import GateError
from brightline.service.gate.follow import came
from brightline.service.gate.forms_registers import CameOf
from brightline.service.gate.models import Came, FollowUp
from brightline.service.gate.views.found import looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to

SHOWN = ("due", "waiting", "told")


@open_to(*READERS)
@spoken
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is due, what waits for its day, and what was told."""
    agency = me(request).agency
    today = agency.today()
    shown = request.GET.get("show", "due")
    rows = FollowUp.objects.filter(request__agency=agency).select_related("request__office")
    parts = {
        "due": rows.filter(outcome="", due__lte=today).order_by("due"),
        "waiting": rows.filter(outcome="", due__gt=today).order_by("due"),
        "told": rows.exclude(outcome="").order_by("-at"),
    }
    shown = shown if shown in parts else "due"
    totals = dict(rows.exclude(outcome="").order_by().values_list("outcome").annotate(Count("pk")))
    context = {
        "today": today,
        "shown": shown,
        "parts": [(name, parts[name].count()) for name in SHOWN],
        "page": Paginator(parts[shown], 25).get_page(request.GET.get("page")),
        "totals": [(Came(value).label, totals[value]) for value in Came.values if value in totals],
    }
    return render(request, "gate/follow_ups.html", context)


@open_to(*READERS)
@spoken
def follow_up(request: HttpRequest, number: str) -> HttpResponse:
    """Tell what came of one grant. It can be told again when more is known; the ledger keeps both."""
    person = me(request)
    row = get_object_or_404(
        FollowUp.objects.select_related("request__office", "request__agency"),
        request__agency=person.agency,
        request__number=number,
    )
    form, problem = CameOf(request.POST or None, initial={"outcome": row.outcome, "shown_by": row.shown_by}), ""
    if request.method == "POST":
        if not person.may(*WRITERS):
            raise PermissionDenied
        if form.is_valid():
            try:
                came(row, person, form.cleaned_data["outcome"], form.cleaned_data["shown_by"])
            except GateError as error:
                problem = str(error)
            else:
                messages.success(request, _("What came of request {number} is on record.").format(number=number))
                return redirect("follow_ups")
    else:
        looked_at(request, row.request, "follow up")
    context = {"row": row, "form": form, "problem": problem, "may_change": person.may(*WRITERS)}
    return render(request, "gate/follow_up.html", context, status=422 if request.method == "POST" else 200)
