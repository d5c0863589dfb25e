"""The statutory reports: which apply, when they are due, and each as data, tables and PDF; the calendar of what is due."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Status
from pydantic import StringConstraints

from brightline.report.statutory import Definition, Period, feed
from brightline.report.statutory.pdf import as_pdf
from brightline.report.statutory.write import as_csv, as_json
from brightline.service.gate import registers, statutory
from brightline.service.gate.api import shapes, shown
from brightline.service.gate.api.auth import asker, needs
from brightline.service.gate.api.errors import Refused, answers, binary
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.words import Day
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.models_reports import PeriodReport
from brightline.service.people.guard import READERS
from brightline.service.people.models import Agency, Role

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")]
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@router.get(
    "/reports", auth=needs("read", *READERS), response=answers((200, shown.Reports)),
    summary="List the reports that apply", operation_id="list_reports", tags=["reports"],
)  # fmt: skip
def list_reports(request: HttpRequest) -> shown.Reports:
    """The reports that the law asks of the agency, with each period since its records begin and how it stands."""
    agency = asker(request).agency
    today = agency.today()
    return shown.Reports(
        reports=[shown.definition(d, statutory.standings(agency, d, today)) for d in statutory.applying(agency)]
    )


@router.get(
    "/reports/{id}", auth=needs("read", *READERS), response=answers((200, None)), summary="Make a report",
    operation_id="get_report", tags=["reports"], openapi_extra=binary("application/json", "text/csv", "application/pdf"),
)  # fmt: skip
def get_report(
    request: HttpRequest,
    id: Path[Id],
    period: Day,
    format: Literal["json", "csv", "pdf"] | None = None,
    version: Literal["filed", "internal"] = "filed",
    table: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,80}$")] = "figures",
) -> HttpResponse:
    """A report of the period that ends on the day `period`, made from the requests as they are now.

    The format is that of `format`, or of the header Accept; CSV is one table at a time. The filed version identifies nobody;
    the internal one names the requests behind each figure. What was filed is given as it was filed (JSON).
    """
    agency = asker(request).agency
    definition, ending = _found(agency, id, period)
    kept = PeriodReport.objects.filter(agency=agency, report=id, last=period).first()
    form = format or _accepted(request)
    if form == "json" and version == "filed" and kept is not None and kept.filed_on is not None:
        return HttpResponse(kept.content, content_type=TYPES["json"])
    if version == "internal":
        registers.access_to_report(asker(request), definition, ending)
    report = statutory.report_of(agency, definition, ending, kept.supplied if kept else {})
    name = f"{id}-{period}"
    match form:
        case "pdf":
            content: bytes | str = as_pdf(report, version, letterhead=agency.name)
        case "csv":
            tables = as_csv(report, version)
            if f"{table}.csv" not in tables:
                known = ", ".join(t.removesuffix(".csv") for t in tables)
                raise Refused(422, f"this report has no table of that name; it has {known}", "query, table")
            name, content = f"{name}-{table}", tables[f"{table}.csv"]
        case _:
            content = as_json(report, version)
    answer = HttpResponse(content, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


@router.put(
    "/reports/{id}/figures", auth=needs("report", Role.RECORDS), response=answers((204, None), body=True),
    summary="Supply the figures that no request holds", operation_id="supply_figures", tags=["reports"],
)  # fmt: skip
def supply_figures(request: HttpRequest, id: Path[Id], period: Day, told: shapes.FiguresTold) -> Status:
    """Keep the figures of a report that no request holds, by line."""
    person = asker(request)
    definition, ending = _found(person.agency, id, period)
    lines = {line.id for line in definition.lines if line.count == "supplied"}
    if strange := sorted(set(told.figures) - lines):
        raise Refused(422, f"`{strange[0]}` is no line that the agency fills in", "body, figures")
    try:
        registers.supply(person.agency, person, definition, ending, told.figures)
    except GateError as error:
        raise _conflict(error) from None
    return Status(204, None)


@router.post(
    "/reports/{id}/filed", auth=needs("report", Role.RECORDS), response=answers((200, shown.Filed), body=True),
    summary="Note that a report was filed", operation_id="file_report", tags=["reports"],
)  # fmt: skip
def file_report(request: HttpRequest, id: Path[Id], period: Day, told: shapes.FiledTold) -> shown.Filed:
    """Note that a report was filed: its text is kept, and its SHA-256 is in the ledger."""
    person = asker(request)
    definition, ending = _found(person.agency, id, period)
    kept = PeriodReport.objects.filter(agency=person.agency, report=id, last=period).exclude(filed_on=None)
    if kept.exists():
        raise Refused(409, "this report was marked as filed before")
    made = registers.file_report(person, definition, ending, told.filed_on)
    return shown.Filed(filed_on=told.filed_on, sha256=made.sha256)


@router.get(
    "/calendar.ics", auth=needs("read", *READERS), response=answers((200, None)), summary="Get the calendar of what is due",
    operation_id="get_calendar", tags=["reports"], openapi_extra=binary("text/calendar"),
)  # fmt: skip
def get_calendar(request: HttpRequest) -> HttpResponse:
    """The reports that are due, as an iCalendar feed (RFC 5545)."""
    agency = asker(request).agency
    today = agency.today()
    return HttpResponse(feed(statutory.dues(agency, today), made=today), content_type="text/calendar; charset=utf-8")


def _found(agency: Agency, id: str, last: date) -> tuple[Definition, Period]:
    definition = next((d for d in statutory.applying(agency) if d.id == id), None)
    if definition is None:
        raise Http404
    ending = statutory.period_ending(definition, last)
    if ending is None:
        raise Refused(
            422, "no period of this report ends on that day; GET /api/reports lists the periods", "query, period"
        )
    return definition, ending


def _accepted(request: HttpRequest) -> str:
    wanted = request.get_preferred_type(["application/json", "text/csv", "application/pdf"])
    return {"text/csv": "csv", "application/pdf": "pdf"}.get(wanted or "", "json")


def _conflict(error: GateError) -> Exception:
    return error if isinstance(error, NotYours) else Refused(409, str(error))
