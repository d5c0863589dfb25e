"""Requests -> events -> the reports that a law asks for; and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.law.pack import shipped_laws
from brightline.report.statutory import (
    Arrests,
    Definition,
    Due,
    Event,
    Period,
    Report,
    TaskForce,
    due,
    make,
    period_of,
    periods,
    read_all,
)
from brightline.report.statutory.period import due_day
from brightline.service.gate.events import event
from brightline.service.gate.law import law
from brightline.service.gate.models import FollowUp, Paper, Proposal, Request
from brightline.service.gate.models import TaskForce as TaskForceRow
from brightline.service.gate.models_reports import PeriodReport
from brightline.service.people.models import Agency

SOON = timedelta(days=30)  # a report or a certification is on the desk from so many days before
FOLLOW_UP_SOON = timedelta(days=7)
OVERDUE = 366  # days that an unfiled report stays on the desk


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something that waits for somebody. `day` None: no day is set by the law, or nobody knows it."""

    kind: str  # report, follow_up, certification, review
    title: str
    day: date | None
    overdue: bool
    url: str
    why: str = ""


@lru_cache(maxsize=1)
def definitions() -> dict[str, Definition]:
    """Every definition that comes with Brightline, by id."""
    return read_all(shipped_laws() / "reports", law().vocabulary)


def binds(definition: Definition, agency: Agency) -> bool:
    """Whether the law asks this agency for the report, or for the records of which another office makes it."""
    files = definition.files(agency.actor)
    if files is not None:
        return files
    return agency.actor in definition.covers if definition.covers else definition.jurisdiction in agency.packs


def applying(agency: Agency) -> list[Definition]:
    """The reports that the law asks of an agency."""
    return [d for d in definitions().values() if binds(d, agency)]


def elsewhere(agency: Agency) -> list[Definition]:
    """In a demonstration: what laws that do not bind the agency would ask of the same invented requests."""
    return [d for d in definitions().values() if not binds(d, agency)] if agency.demo else []


def events_of(agency: Agency) -> list[Event]:
    """Every request of an agency as an event. The papers themselves are not read, only of which kind they are."""
    papers = Prefetch("papers", Paper.objects.only("request_id", "kind").order_by("id"))
    rows = Request.objects.filter(agency=agency).select_related("agency", "office", "task_force")
    return [event(r) for r in rows.prefetch_related(papers).iterator(chunk_size=500)]


def task_force(row: TaskForceRow) -> TaskForce:
    """A task force of the register as a report knows it. A year without figures is unknown, not zero."""
    agencies = tuple(a for a in (*row.federal_agencies, *row.state_agencies, *row.local_agencies) if a)
    return TaskForce(
        id=row.code,
        name=row.name,
        members=(row.agency.actor,),
        purpose=row.purpose[:1000] or None,
        agencies=agencies or None,
        primarily_immigration=row.primarily_immigration,
        certified_by_role=row.certified_by or None,
        certified_on=row.certified_on,
        start=row.starts,
        end=row.ends,
        dedicated_resources=row.ongoing_resources,
        arrests=tuple(
            Arrests(
                first=date(int(year), 1, 1),
                last=date(int(year), 12, 31),
                total=told.get("total"),
                immigration=told.get("immigration"),
            )
            for year, told in sorted(row.counts.items())
        ),
    )


def report_of(
    agency: Agency, definition: Definition, period: Period, supplied: Mapping[str, str] | None = None
) -> Report:
    """The report of a period, from the requests and task forces as they are now. Raises ReportError."""
    return make(
        definition,
        events_of(agency),
        period,
        agency=agency.actor,
        task_forces=[task_force(t) for t in TaskForceRow.objects.filter(agency=agency).select_related("agency")],
        made=agency.today(),
        supplied=supplied,
    )


def period_ending(definition: Definition, last: date) -> Period | None:
    """The period of a report that ends on this day; None when none does."""
    period = period_of(definition, last)
    start = definition.period.first
    return period if period.last == last and (start is None or period.first >= start) else None


def begun(agency: Agency) -> date:
    """The day from which the agency's records reach back."""
    first = Request.objects.filter(agency=agency).order_by("received_at").values_list("received_at", flat=True).first()
    moment = min(first, agency.started) if first else agency.started
    return moment.astimezone(agency.zone()).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """One period of a report, and how it stands: running, to be filed, filed."""

    definition: Definition
    period: Period
    day: date | None  # on which it is due; None: the law sets none
    kept: PeriodReport | None
    today: date

    @property
    def filed(self) -> bool:
        return self.kept is not None and self.kept.filed_on is not None

    @property
    def running(self) -> bool:
        return self.period.last >= self.today

    @property
    def overdue(self) -> bool:
        return not self.filed and self.day is not None and self.day < self.today

    @property
    def url(self) -> str:
        return reverse("report", args=[self.definition.id, self.period.last.isoformat()])


def standing(agency: Agency, definition: Definition, period: Period, kept: PeriodReport | None) -> Standing:
    """How one period of a report stands today."""
    return Standing(definition, period, due_day(definition, period), kept, agency.today())


def standings(agency: Agency, definition: Definition, today: date) -> list[Standing]:
    """Every period of a report since the agency's records begin, the newest first."""
    kept = {k.last: k for k in PeriodReport.objects.filter(agency=agency, report=definition.id)}
    found = [
        Standing(definition, p, due_day(definition, p), kept.get(p.last), today)
        for p in periods(definition, begun(agency), today)
    ]
    return found[::-1]


def dues(agency: Agency, today: date, *, behind: int = OVERDUE, ahead: int = 366) -> list[Due]:
    """The reports that the agency owes and has not filed, in the order of their days. RFC 5545 feeds are made of them."""
    filed = set(PeriodReport.objects.filter(agency=agency).exclude(filed_on=None).values_list("report", "last"))
    start = begun(agency)
    found = [
        d
        for definition in applying(agency)
        for d in due(definition, agency.actor, today, behind=behind, ahead=ahead)
        if (d.report, d.period.last) not in filed and d.period.last >= start
    ]
    return sorted(found, key=lambda d: (d.day or d.opens, d.report))


def due_soon(agency: Agency, today: date) -> list[DueItem]:
    """What is overdue or due soon: reports, follow-ups, certifications, reviews of emergencies. The most urgent first."""
    found = [*_reports(agency, today), *_follow_ups(agency, today), *_certifications(agency, today), *_reviews(agency)]
    return sorted(found, key=lambda item: (not item.overdue, item.day or date.max, item.title))


def _reports(agency: Agency, today: date) -> list[DueItem]:
    found = []
    for d in dues(agency, today, ahead=SOON.days):
        definition = definitions()[d.report]
        if d.opens > today and d.day is None:
            continue  # still running, and without a day
        if d.nil == "none" and not report_of(agency, definition, d.period).needed:
            continue
        overdue = d.day is not None and d.day < today
        found.append(
            DueItem(
                "report",
                f"{d.title}, {d.period.name}",
                d.day,
                overdue,
                reverse("report", args=[d.report, d.period.last.isoformat()]),
                d.citation,
            )
        )
    return found


def _follow_ups(agency: Agency, today: date) -> list[DueItem]:
    rows = FollowUp.objects.filter(request__agency=agency, outcome="", due__lte=today + FOLLOW_UP_SOON)
    return [
        DueItem(
            "follow_up",
            _("What came of request {number}?").format(number=row.request.number),
            row.due,
            row.due < today,
            reverse("follow_up", args=[row.request.number]),
        )
        for row in rows.select_related("request").order_by("due")
    ]


def _certifications(agency: Agency, today: date) -> list[DueItem]:
    found = []
    for row in TaskForceRow.objects.filter(agency=agency):
        if row.ends is not None and row.ends < today:
            continue
        day = row.certification_due
        if day is None or day <= today + SOON:
            title = _("Certify the primary purpose of {name}").format(name=row.name)
            found.append(
                DueItem("certification", title, day, day is None or day < today, reverse("task_force", args=[row.code]))
            )
    return found


def _reviews(agency: Agency) -> list[DueItem]:
    rows = Proposal.objects.filter(request__agency=agency, emergency=True, seconded=None).select_related("request")
    return [
        DueItem(
            "review",
            _("Review the emergency of request {number}").format(number=row.request.number),
            row.review_due.astimezone(agency.zone()).date(),
            row.review_due < timezone.now(),
            f"/requests/{row.request.number}/",
        )
        for row in rows
        if row.review_due is not None
    ]
