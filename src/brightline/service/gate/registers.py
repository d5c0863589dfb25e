"""The registers of the gate: task forces, what was filed, the calendar's key. Each step writes its row and its record."""

from __future__ import annotations

import hashlib
import io
import secrets
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.report.reliability import Reliability, reliability
from brightline.report.statutory import Definition, Period, Report
from brightline.report.statutory.pdf import as_pdf
from brightline.report.statutory.told import Version
from brightline.report.statutory.write import as_csv, as_json
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.models import Came, FollowUp, Office, Request, TaskForce
from brightline.service.gate.models_reports import CalendarKey, PeriodReport
from brightline.service.gate.statutory import report_of
from brightline.service.people.models import Agency, Person, Role
from brightline.service.record.write import recording

FIELDS = (
    "name", "agreement", "federal_agencies", "state_agencies", "local_agencies", "purpose", "primarily_immigration",
    "certified_by", "certified_on", "certify_every_days", "starts", "ends", "ongoing_resources", "roles",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """What came through a task force: shown where the next request through it is decided."""

    task_force: TaskForce
    requests: int
    open: int
    by_verdict: tuple[tuple[str, int], ...]
    by_outcome: tuple[tuple[str, int], ...]
    came: tuple[tuple[str, int], ...]  # of its grants on a criminal purpose; "unknown" stands apart, last
    certified: bool  # and not overdue
    certification_due: date | None


def history(task_force: TaskForce) -> History:
    """Counts over every contact through a task force. An outcome that was not asked for yet is unknown."""
    rows = list(Request.objects.filter(task_force=task_force).values("verdict", "outcome", "follow_up__outcome"))
    followed = Request.objects.filter(task_force=task_force, follow_up__isnull=False)
    came = Counter(o or Came.UNKNOWN for o in followed.values_list("follow_up__outcome", flat=True))
    due = task_force.certification_due
    return History(
        task_force,
        len(rows),
        sum(not r["outcome"] for r in rows),
        tuple(sorted(Counter(r["verdict"] for r in rows if r["verdict"]).items())),
        tuple(sorted(Counter(r["outcome"] for r in rows if r["outcome"]).items())),
        tuple((o, came[o]) for o in Came.values if came[o]),
        due is not None and due >= task_force.agency.today(),
        due,
    )


def keep_task_force(person: Person, code: str, told: dict[str, Any], known: TaskForce | None = None) -> TaskForce:
    """Enter a task force, or change one. Raises GateError."""
    if person.role != Role.RECORDS:
        raise NotYours(_("only a records officer may change the register of task forces"))
    if strange := sorted(set(told) - set(FIELDS)):
        raise GateError(_("`{name}` is nothing that the register keeps of a task force").format(name=strange[0]))
    made = known or TaskForce(agency=person.agency, code=code)
    for name, value in told.items():
        setattr(made, name, value)
    if made.ends is not None and made.ends < made.starts:
        raise GateError(_("the task force ends before it starts; change one of the two days"))
    if bool(made.certified_by.strip()) != (made.certified_on is not None):
        raise GateError(_("give both: who certified the primary purpose (the role), and on which day"))
    if known is None and TaskForce.objects.filter(agency=person.agency, code=code).exists():
        raise GateError(_("there is a task force `{code}` in the register; choose another code").format(code=code))
    with recording() as record:
        made.save()
        plain = {n: v.isoformat() if isinstance(v, date) else v for n, v in ((n, getattr(made, n)) for n in FIELDS)}
        record("rule-change", "task force", made.pk, {"task_force": made.code, **plain, "by": str(person.uid)})
    return made


def count_arrests(task_force: TaskForce, person: Person, year: int, total: int | None, immigration: int | None) -> None:
    """The year's figures for Cal. Gov. Code § 7284.6(c)(1)(C)-(D); None: not known. Raises GateError."""
    if person.role != Role.RECORDS:
        raise NotYours(_("only a records officer may change the register of task forces"))
    if total is not None and immigration is not None and immigration > total:
        raise GateError(_("more were arrested for immigration enforcement than in all; look at the two figures again"))
    if year < task_force.starts.year or year > task_force.agency.today().year:
        raise GateError(_("the task force did not run in {year}, or that year has not come").format(year=year))
    task_force.counts = {**task_force.counts, str(year): {"total": total, "immigration": immigration}}
    with recording() as record:
        task_force.save(update_fields=["counts"])
        told = {"task_force": task_force.code, "year": year, "total": total, "immigration": immigration}
        record("evidence", "arrests", task_force.pk, {**told, "by": str(person.uid)})


def supply(agency: Agency, person: Person, definition: Definition, period: Period, supplied: dict[str, str]) -> None:
    """Keep the figures that no request holds. An empty one is not known. Raises GateError."""
    _must_report(person)
    row = PeriodReport.objects.filter(agency=agency, report=definition.id, last=period.last).first()
    if row is not None and row.filed_on is not None:
        raise GateError(_("this report was filed, so its figures stay as they are"))
    given = {line: text.strip() for line, text in supplied.items() if text.strip()}
    with recording() as record:
        PeriodReport.objects.update_or_create(
            agency=agency, report=definition.id, last=period.last, defaults={"first": period.first, "supplied": given}
        )
        told = {"report": definition.id, "last": period.last.isoformat(), "supplied": given, "by": str(person.uid)}
        record("evidence", "supply", agency.pk, told)


def file_report(person: Person, definition: Definition, period: Period, filed_on: date) -> PeriodReport:
    """Note that a report was filed: its text is kept, and its SHA-256 is in the ledger. Raises GateError, ReportError."""
    _must_report(person)
    agency = person.agency
    if not period.last < filed_on <= agency.today():
        said = _("a report of this period is filed after {day}, and not in the future; change the day")
        raise GateError(said.format(day=period.last))
    row = PeriodReport.objects.filter(agency=agency, report=definition.id, last=period.last).first()
    row = row or PeriodReport(agency=agency, report=definition.id, first=period.first, last=period.last)
    if row.filed_on is not None:
        raise GateError(_("this report was marked as filed on {day} before").format(day=row.filed_on))
    made = report_of(agency, definition, period, row.supplied)
    row.content, row.pdf, row.tables = (
        as_json(made, "filed"),
        as_pdf(made, "filed", letterhead=agency.name),
        tables(made),
    )
    row.sha256 = hashlib.sha256(row.content.encode()).hexdigest()
    row.filed_on, row.filed_by, row.noted_at = filed_on, person, timezone.now()
    with recording() as record:
        row.save()
        record(
            "decision",
            "file",
            agency.pk,
            {
                "report": definition.id,
                "first": period.first.isoformat(),
                "last": period.last.isoformat(),
                "filed_on": filed_on.isoformat(),
                "json": f"sha256:{row.sha256}",
                "pdf": f"sha256:{hashlib.sha256(row.pdf).hexdigest()}",
                "by": str(person.uid),
            },
        )
    return row


def tables(report: Report, version: Version = "filed") -> bytes:
    """The CSV tables of a report in a ZIP file; the same report gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in as_csv(report, version).items():
            archive.writestr(
                zipfile.ZipInfo(name, (report.made.year, report.made.month, report.made.day, 0, 0, 0)), text
            )
    return out.getvalue()


def renew_calendar(agency: Agency, person: Person) -> str:
    """A new key of the agency's calendar; the one before opens nothing any more. It is shown once, and kept nowhere."""
    _must_report(person)
    key = secrets.token_urlsafe(32)
    told = {"digest": hashlib.sha256(key.encode()).hexdigest(), "made": timezone.now(), "made_by": person}
    with recording() as record:
        CalendarKey.objects.update_or_create(agency=agency, defaults=told)
        record("rule-change", "calendar", agency.pk, {"renewed": True, "by": str(person.uid)})
    return key


def calendar_of(key: str) -> Agency | None:
    """The agency whose calendar a key opens."""
    found = CalendarKey.objects.select_related("agency").filter(digest=hashlib.sha256(key.encode()).hexdigest()).first()
    return found.agency if found else None


def _must_report(person: Person) -> None:
    if person.role != Role.RECORDS:
        raise NotYours(_("only a records officer may do this"))


def reliability_by_office(agency: Agency) -> dict[int, Reliability]:
    """Key of an office -> what became of the grants to it for a stated crime. What is due and not answered is unknown.

    A grant whose ninety days are not over is in no count: nobody has been asked yet.
    """
    rows = (
        FollowUp.objects.filter(request__agency=agency)
        .exclude(request__office=None)
        .exclude(outcome="", due__gt=agency.today())
        .values_list("request__office", "outcome")
    )
    counted = reliability((str(office), outcome or None) for office, outcome in rows)
    names = dict(Office.objects.filter(agency=agency).values_list("pk", "name"))
    return {int(r.office): replace(r, office=names[int(r.office)]) for r in counted}


def reliability_of(office: Office) -> Reliability:
    """The same for one office; all zero where there was no grant."""
    return reliability_by_office(office.agency).get(office.pk, Reliability(office.name))


def access_to_report(person: Person, definition: Definition, period: Period) -> None:
    """The internal version names requests: who reads it is on record."""
    with recording() as record:
        told = {"report": definition.id, "last": period.last.isoformat(), "by": str(person.uid)}
        record("access", "report", person.agency_id, told)
