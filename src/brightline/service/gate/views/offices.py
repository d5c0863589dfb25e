"""How reliable the purposes are that requesting offices state: counts, an interval, and what is unknown, apart."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from brightline.report.reliability import Reliability, bounds_sentence, sentence
from brightline.service.gate.models import Office
from brightline.service.gate.registers import reliability_by_office, reliability_of
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, me, open_to

WIDTH, EDGE = 200, 6  # of the strip in which an interval is drawn, in its own units


@dataclass(frozen=True, slots=True)
class Strip:
    """Where the dot and the ends of its interval stand in a strip from 0 to 100 percent."""

    dot: str
    low: str
    high: str

    @classmethod
    def of(cls, found: Reliability) -> Strip | None:
        if found.share is None or found.interval is None:
            return None
        return cls(*(f"{EDGE + share * (WIDTH - 2 * EDGE):.1f}" for share in (found.share, *found.interval)))


@dataclass(frozen=True, slots=True)
class Line:
    """One office in the table."""

    office: Office
    requests: int
    found: Reliability

    @property
    def strip(self) -> Strip | None:
        return Strip.of(self.found)

    @property
    def percent(self) -> str:
        """The share and its interval, as figures."""
        if self.found.share is None or self.found.interval is None:
            return ""
        share, low, high = (f"{100 * part:.0f}" for part in (self.found.share, *self.found.interval))
        return _("{share} % ({low} to {high} %)").format(share=share, low=low, high=high)


@open_to(*READERS)
@spoken
def offices(request: HttpRequest) -> HttpResponse:
    agency = me(request).agency
    found = reliability_by_office(agency)
    rows = Office.objects.filter(agency=agency).annotate(n=Count("requests"))
    lines = [Line(o, o.n, found.get(o.pk, Reliability(o.name))) for o in rows]
    lines.sort(key=lambda line: (-line.found.grants, line.office.name))
    return render(request, "gate/offices.html", {"lines": lines})


@open_to(*READERS)
@spoken
def office(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Office.objects.select_related("agency"), agency=me(request).agency, pk=pk)
    found = reliability_of(row)
    rows = row.requests.select_related("follow_up")
    context = {
        "line": Line(row, rows.count(), found),
        "sentence": sentence(found),
        "bounds": bounds_sentence(found),
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
    }
    return render(request, "gate/office.html", context)
