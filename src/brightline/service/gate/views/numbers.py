"""Record numbers: the hashes that the agency loads, and the look-up of a number on a request.

Sealed and absent take the same way through `request_numbers`, to the same redirect with the same words.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brightline.service.gate.errors import GateError
from brightline.service.gate.forms_registers import Hashes, NumberForm
from brightline.service.gate.models import KnownNumber
from brightline.service.gate.numbers import load, look_up
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import WRITERS, me, open_to
from brightline.service.people.models import Role
from brightline.service.record.models import Entry


@open_to(Role.RECORDS, Role.REVIEWER, Role.AUDITOR)
@spoken
def numbers(request: HttpRequest) -> HttpResponse:
    """How many hashes are loaded, and when; a records officer replaces them here."""
    person = me(request)
    form, problem = Hashes(request.POST or None, request.FILES or None), ""
    if request.method == "POST":
        if person.role != Role.RECORDS:
            raise PermissionDenied
        if getattr(request, "upload_too_large", False):
            problem = _(
                "The file is too large; load at most 25 MB, about 380,000 hashes, or ask for a load by the API."
            )
        elif form.is_valid():
            try:
                held, sealed = load(person.agency, person, *form.lists())
            except GateError as error:
                problem = str(error)
            else:
                said = _("{held} hashes are loaded, {sealed} of them of sealed records.")
                messages.success(request, said.format(held=f"{held:,}", sealed=f"{sealed:,}"))
                return redirect("numbers")
    known = KnownNumber.objects.filter(agency=person.agency)
    loads = Entry.objects.filter(kind="rule-change", what="numbers", about=str(person.agency_id))
    context = {
        "form": form,
        "problem": problem,
        "held": known.count(),
        "sealed": known.filter(sealed=True).count(),
        "loaded": loads.order_by("-id").values_list("at", flat=True).first(),
        "may_change": person.role == Role.RECORDS,
    }
    return render(request, "gate/numbers.html", context, status=422 if request.method == "POST" else 200)


@open_to(*WRITERS)
@spoken
def request_numbers(request: HttpRequest, number: str) -> HttpResponse:
    """Look a record number up. The answer says only whether the record may be spoken of."""
    person = me(request)
    row = found(request, number)
    form, problem = NumberForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            may_be_told = look_up(row, person, form.cleaned_data["number"])
        except GateError as error:
            problem = str(error)
        else:
            if may_be_told:
                messages.success(request, _("The agency holds a record of this number, and it may be spoken of."))
            else:
                messages.warning(request, _("There is no record that may be disclosed. The request is stopped."))
            return redirect(f"/requests/{number}/")
    elif request.method != "POST":
        looked_at(request, row, "numbers")
    context = {"row": row, "form": form, "problem": problem}
    return render(request, "gate/request_numbers.html", context, status=422 if request.method == "POST" else 200)
