"""What happened after a request: information, custody, access. What nobody knows is left unknown."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brightline.service.gate.decide import tell
from brightline.service.gate.errors import GateError
from brightline.service.gate.forms_registers import Happened
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to


@open_to(*READERS)
@spoken
def happened(request: HttpRequest, number: str) -> HttpResponse:
    person = me(request)
    row = found(request, number)
    form, problem = Happened(row, request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        if not person.may(*WRITERS):
            raise PermissionDenied
        if form.is_valid():
            try:
                if changed := form.changed():
                    tell(row, person, changed)
            except GateError as error:
                problem = str(error)
            else:
                messages.success(request, _("What happened is on record."))
                return redirect("happened", number)
    else:
        looked_at(request, row, "what happened")
    context = {"row": row, "form": form, "problem": problem, "may_change": person.may(*WRITERS)}
    return render(request, "gate/happened.html", context, status=422 if request.method == "POST" else 200)
