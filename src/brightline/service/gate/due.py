"""What has become due in the gate, for webhooks: reviews of emergencies, follow-ups and statutory reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from brightline.service.gate import statutory
from brightline.service.gate.models import FollowUp, Proposal
from brightline.service.hooks.announce import Due
from brightline.service.people.models import Agency

REVIEW_BEFORE = timedelta(hours=24)  # how long before its time a review is told of


def dues() -> Iterator[Due]:
    """Everything that is due now, in every agency: a review 24 hours ahead, a follow-up on its day, a report from the day
    on which it can be filed. What was told before is left out by who tells it."""
    for agency in Agency.objects.order_by("id"):
        yield from _reviews(agency)
        yield from _follow_ups(agency)
        yield from _reports(agency)


def _reviews(agency: Agency) -> Iterator[Due]:
    until = timezone.now() + REVIEW_BEFORE
    rows = Proposal.objects.filter(request__agency=agency, emergency=True, seconded=None, review_due__lte=until)
    for number, id, due in rows.order_by("id").values_list("request__number", "id", "review_due"):
        assert due is not None
        yield Due(agency, "review.due", f"{number}:{id}", {"number": number, "proposal": id, "due": due.isoformat()})


def _follow_ups(agency: Agency) -> Iterator[Due]:
    rows = FollowUp.objects.filter(request__agency=agency, outcome="", due__lte=agency.today())
    for number, due in rows.order_by("id").values_list("request__number", "due"):
        yield Due(agency, "follow_up.due", number, {"number": number, "due": due.isoformat()})


def _reports(agency: Agency) -> Iterator[Due]:
    today = agency.today()
    for owed in statutory.dues(agency, today):
        if owed.opens <= today:
            last, day = owed.period.last.isoformat(), owed.day.isoformat() if owed.day else None
            data = {"report": owed.report, "period": last, "due": day}
            yield Due(agency, "report.due", f"{owed.report}:{last}", data)
