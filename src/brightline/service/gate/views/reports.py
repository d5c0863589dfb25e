"""The reports that a law asks of the agency: what is due, the figures with the law's words, and what was filed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brightline.report.about import ReportError
from brightline.report.statutory import Definition, Period
from brightline.report.statutory.pdf import as_pdf
from brightline.report.statutory.told import Version, told
from brightline.report.statutory.write import as_json
from brightline.service.gate import registers, statutory
from brightline.service.gate.errors import GateError
from brightline.service.gate.forms_registers import Filed, Supplied
from brightline.service.gate.models_reports import PeriodReport
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, me, open_to
from brightline.service.people.models import Role

FORMATS = {"json": "application/json", "zip": "application/zip", "pdf": "application/pdf"}


@open_to(*READERS)
@spoken
def reports(request: HttpRequest) -> HttpResponse:
    agency = me(request).agency
    today = agency.today()
    context = {
        "ours": [(d, statutory.standings(agency, d, today)) for d in statutory.applying(agency)],
        "elsewhere": [(d, statutory.standings(agency, d, today)) for d in statutory.elsewhere(agency)],
        "today": today,
    }
    return render(request, "gate/reports.html", context)


@open_to(*READERS)
@spoken
def report(request: HttpRequest, report: str, last: str) -> HttpResponse:
    """One report of one period. A records officer gives the figures that no request holds, and marks it as filed."""
    person = me(request)
    definition, period, kept = _found(request, report, last)
    supplied = kept.supplied if kept else {}
    binds = statutory.binds(definition, person.agency)
    wanted = request.POST.get("do", "")
    supply = Supplied(definition, request.POST if wanted == "supply" else None, supplied)
    filed = Filed(request.POST if wanted == "file" else None, initial={"filed_on": person.agency.today()})
    problem = ""
    if request.method == "POST":
        try:
            if not binds:
                raise GateError(_("this law does not bind the agency, so nothing is filed by it here"))
            if wanted == "supply" and supply.is_valid():
                registers.supply(person.agency, person, definition, period, supply.figures())
                messages.success(request, _("The figures are kept."))
                return redirect("report", report, last)
            if wanted == "file" and filed.is_valid():
                registers.file_report(person, definition, period, filed.cleaned_data["filed_on"])
                messages.success(request, _("The report is marked as filed; its SHA-256 is in the ledger."))
                return redirect("report", report, last)
        except (GateError, ReportError) as error:
            problem = str(error)
    made = statutory.report_of(person.agency, definition, period, supplied)
    registers.access_to_report(person, definition, period)
    context = {
        "report": told(made, "internal"),
        "definition": definition,
        "standing": statutory.standing(person.agency, definition, period, kept),
        "changed": bool(kept and kept.filed_on) and _differs(cast(PeriodReport, kept), told(made, "filed")),
        "binds": binds,
        "supply": supply if supply.fields else None,
        "filed": filed,
        "problem": problem,
        "formats": ("pdf", "json", "zip"),
        "may_file": person.role == Role.RECORDS and binds,
    }
    return render(request, "gate/report.html", context, status=422 if request.method == "POST" else 200)


@open_to(*READERS)
def report_file(request: HttpRequest, report: str, last: str, version: str, format: str) -> HttpResponse:
    """A report to take along: JSON, CSV tables in a ZIP file, PDF. What was filed comes as it was filed."""
    person = me(request)
    definition, period, kept = _found(request, report, last)
    if version not in ("filed", "internal") or format not in FORMATS:
        raise Http404
    if version == "filed" and kept is not None and kept.filed_on is not None:
        content = {"json": kept.content.encode(), "zip": bytes(kept.tables), "pdf": bytes(kept.pdf)}[format]
    else:
        content = _made(request, definition, period, kept, cast(Version, version), format)
    if version == "internal":
        registers.access_to_report(person, definition, period)
    answer = HttpResponse(content, content_type=FORMATS[format])
    answer["Content-Disposition"] = f'attachment; filename="{definition.id}-{period.last}-{version}.{format}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _found(request: HttpRequest, report: str, last: str) -> tuple[Definition, Period, PeriodReport | None]:
    """The definition and the period of an address, of a report that is open to the agency; else there is no such page."""
    agency = me(request).agency
    definition = statutory.definitions().get(report)
    if definition is None or not (statutory.binds(definition, agency) or agency.demo):
        raise Http404
    try:
        period = statutory.period_ending(definition, date.fromisoformat(last))
    except (ValueError, OverflowError):
        raise Http404 from None
    if period is None or period.first > agency.today():
        raise Http404
    return definition, period, PeriodReport.objects.filter(agency=agency, report=report, last=period.last).first()


def _made(
    request: HttpRequest,
    definition: Definition,
    period: Period,
    kept: PeriodReport | None,
    version: Version,
    format: str,
) -> bytes:
    agency = me(request).agency
    made = statutory.report_of(agency, definition, period, kept.supplied if kept else {})
    if format == "json":
        return as_json(made, version).encode()
    if format == "zip":
        return registers.tables(made, version)
    return as_pdf(made, version, letterhead=agency.name)


def _differs(kept: PeriodReport, now: dict[str, Any]) -> bool:
    """Whether the report would be another one today, apart from the day on which it was made."""
    before = json.loads(kept.content)
    return {**before, "made": ""} != {**json.loads(json.dumps(now)), "made": ""}
