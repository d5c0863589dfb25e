"""The invented requests of a demonstration: all of them made through the steps, the same each time, with every kind of thing."""

from __future__ import annotations

import pytest

from brightline.service.gate.demo_requests import fill
from brightline.service.gate.models import FollowUp, Outcome, Request, State, TaskForce
from brightline.service.gate.models_reports import PeriodReport
from brightline.service.people.models import Agency
from brightline.service.record.models import Entry
from tests.service.conftest import People


def test_the_demonstration_has_something_of_everything(
    agency: Agency, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "brightline.service.gate.letters.letter_docx", lambda letter: b"a docx takes a tenth of a second"
    )
    assert fill(agency, people, count=60) == 62
    rows = Request.objects.all()
    assert {r.state for r in rows} >= {State.OPEN, State.STOPPED, State.DECIDED, State.ANSWERED}
    assert {r.outcome for r in rows} >= set(Outcome.values)
    assert {"barred", "excepted", "unreached", "unsettled"} <= {r.verdict for r in rows}
    assert len({r.channel for r in rows}) >= 6
    assert FollowUp.objects.exclude(outcome="").exists()
    assert FollowUp.objects.filter(outcome="unknown").exists()
    assert TaskForce.objects.count() == 2
    assert rows.filter(state=State.STOPPED).count() == 1
    assert PeriodReport.objects.exclude(filed_on=None).exists()
    # each request came through the step, so it is in the ledger, and no day lies before the one before it
    assert Entry.objects.filter(what="receive").count() == 62
    for row in rows.exclude(decided_at=None):
        assert row.received_at <= row.decided_at
    for told in FollowUp.objects.select_related("request"):
        assert told.request.decided_at is not None
        assert (told.due - told.request.decided_at.date()).days in (89, 90)
    assert all("(invented)" in (r.subject or {}).get("name", "") for r in rows)
