"""The register of task forces: what each is for, who certified it, and every contact through it."""

from __future__ import annotations

import csv
import re

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from brightline.service.gate.errors import GateError
from brightline.service.gate.forms_registers import ArrestsForm, TaskForceForm
from brightline.service.gate.models import Request, TaskForce
from brightline.service.gate.registers import count_arrests, history, keep_task_force
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, me, open_to
from brightline.service.people.models import Role

FORMULA = re.compile(r"^[=+\-@\t\r]")  # what makes a spreadsheet run a cell (OWASP, CSV injection)
HEADS = (
    "code", "name", "agreement", "federal agencies", "state agencies", "local agencies", "primary purpose",
    "primarily immigration enforcement", "certified by (role)", "certified on", "certify again by", "first day", "last day",
    "ongoing resources", "officers assigned", "requests through it", "year", "arrests", "arrested for immigration enforcement",
)  # fmt: skip


@open_to(*READERS)
@spoken
def task_forces(request: HttpRequest) -> HttpResponse:
    agency = me(request).agency
    rows = [history(t) for t in TaskForce.objects.filter(agency=agency).select_related("agency")]
    return render(request, "gate/task_forces.html", {"rows": rows, "today": agency.today()})


@open_to(*READERS)
@spoken
def task_force(request: HttpRequest, code: str) -> HttpResponse:
    """One task force; a records officer enters the year's arrests here."""
    person = me(request)
    row = get_object_or_404(TaskForce.objects.select_related("agency"), agency=person.agency, code=code)
    form, problem = ArrestsForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            count_arrests(row, person, told["year"], told["total"], told["immigration"])
        except GateError as error:
            problem = str(error)
        else:
            messages.success(request, _("The figures are kept."))
            return redirect("task_force", code)
    contacts = Request.objects.filter(task_force=row).select_related("office")
    context = {
        "row": row,
        "history": history(row),
        "page": Paginator(contacts, 25).get_page(request.GET.get("page")),
        "counts": sorted(row.counts.items(), reverse=True),
        "form": form,
        "problem": problem,
        "may_change": person.role == Role.RECORDS,
    }
    return render(request, "gate/task_force.html", context, status=422 if request.method == "POST" else 200)


@open_to(Role.RECORDS)
@spoken
def task_force_new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@open_to(Role.RECORDS)
@spoken
def task_force_change(request: HttpRequest, code: str) -> HttpResponse:
    return _form(request, get_object_or_404(TaskForce, agency=me(request).agency, code=code))


def _form(request: HttpRequest, known: TaskForce | None) -> HttpResponse:
    form, problem = TaskForceForm(request.POST or None, known), ""
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        code = told.pop("code", known.code if known else "")
        try:
            keep_task_force(me(request), code, told, known)
        except GateError as error:
            problem = str(error)
        else:
            messages.success(request, _("The register is changed."))
            return redirect("task_force", code)
    context = {"form": form, "problem": problem, "row": known}
    return render(request, "gate/task_force_form.html", context, status=422 if request.method == "POST" else 200)


@open_to(*READERS)
def task_forces_csv(request: HttpRequest) -> HttpResponse:
    """The register as a table, one line for each year of figures. It has no name of a person: the register keeps none."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="task-forces.csv"'
    out = csv.writer(answer)
    out.writerow(HEADS)
    for row in TaskForce.objects.filter(agency=me(request).agency):
        plain: list[object] = [
            row.code, row.name, row.agreement, "; ".join(row.federal_agencies), "; ".join(row.state_agencies),
            "; ".join(row.local_agencies), row.purpose, _said(row.primarily_immigration), row.certified_by,
            row.certified_on or "", row.certification_due or "never certified", row.starts, row.ends or "",
            _said(row.ongoing_resources), "; ".join(f"{role}: {n}" for role, n in row.roles.items()), row.requests.count(),
        ]  # fmt: skip
        for year, told in sorted(row.counts.items()) or [("", {})]:
            figures = [_figure(told.get("total")), _figure(told.get("immigration"))] if year else ["", ""]
            out.writerow([_safe(cell) for cell in (*plain, year, *figures)])
    return answer


def _said(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not known"}[value]


def _figure(value: int | None) -> str:
    return "not known" if value is None else str(value)


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell
