"""The steps of a request: what may be decided by whom, and that every step is in the ledger."""

from __future__ import annotations

import pytest

from brightline.service.gate import ask, decide, numbers
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.events import event
from brightline.service.gate.models import FollowUp, Request
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from tests.service.conftest import People


def verified(request: Request, people: People) -> None:
    """Answer everything that is asked, and verify everything on which the verdict rests."""
    while (asked := ask.question(request)) is not None:
        value = {"yes/no": False}.get(asked.type, asked.values[-1] if asked.values else 0)
        ask.answer(request, people["officer"], asked.name, value, basis="verified", shown_by="an invented file")
    for fact in decide.unverified(request):
        told = request.facts[fact]
        ask.answer(request, people["officer"], fact, told["value"], basis="verified", shown_by="an invented file")


def test_a_request_is_judged_and_recorded_when_it_comes(request_made: Request) -> None:
    assert request_made.number.endswith("-00001")
    entry = Entry.objects.get(about=request_made.uid)
    index = keeper().append([(str(entry.uid), entry.kind, entry.payload or {})])[0]  # again: the first index
    shown = keeper().shown(index)
    assert shown is not None and shown["request"] == request_made.number
    assert shown["law"]["verdict"] == request_made.verdict


def test_a_grant_waits_until_its_statements_are_verified(request_made: Request, people: People) -> None:
    while (asked := ask.question(request_made)) is not None:
        value = {"yes/no": False}.get(asked.type, asked.values[-1] if asked.values else 0)
        ask.answer(request_made, people["officer"], asked.name, value, basis="stated")
    assert decide.unverified(request_made)
    with pytest.raises(GateError, match="rests on statements"):
        decide.propose(request_made, people["officer"], "granted", "it says money laundering")
    for fact in decide.unverified(request_made):
        decide.waive(request_made, people["reviewer"], fact, "the docket was read over the telephone")
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case", release={"Name": "Pat"})
    assert request_made.state == "proposed"
    with pytest.raises(NotYours):
        decide.second(made, people["officer"], True)
    decide.second(made, people["reviewer"], True)
    assert request_made.outcome == "granted"
    assert FollowUp.objects.get(request=request_made).due


def test_a_refusal_needs_one_person(request_made: Request, people: People) -> None:
    decide.propose(request_made, people["officer"], "refused", "no warrant")
    assert (request_made.state, request_made.outcome) == ("decided", "refused")


def test_an_emergency_is_reviewed_within_72_hours(request_made: Request, people: People) -> None:
    verified(request_made, people)
    made = decide.propose(request_made, people["officer"], "granted", "a life is in danger", emergency=True)
    assert request_made.state == "decided"
    assert made.review_due is not None and (made.review_due - made.at).total_seconds() <= 72 * 3600
    decide.second(made, people["records"], False, "there was time to ask")
    assert request_made.state == "decided"


def test_sealed_and_absent_have_one_answer(request_made: Request, people: People) -> None:
    agency = request_made.agency
    numbers.load(agency, people["records"], [numbers.digest("A-1")], [numbers.digest("S-1")])
    assert numbers.look_up(request_made, people["officer"], "A-1") is True
    assert numbers.look_up(request_made, people["officer"], "S-1") is False
    assert request_made.state == "stopped"
    with pytest.raises(GateError, match="no record that may be disclosed"):
        decide.propose(request_made, people["officer"], "granted", "money laundering")


def test_a_waiver_is_for_one_statement_and_falls_with_it(request_made: Request, people: People) -> None:
    while (asked := ask.question(request_made)) is not None:
        value = {"yes/no": False}.get(asked.type, asked.values[-1] if asked.values else 0)
        ask.answer(request_made, people["officer"], asked.name, value, basis="stated")
    fact = decide.unverified(request_made)[0]
    decide.waive(request_made, people["reviewer"], fact, "read over the telephone")
    assert fact not in decide.unverified(request_made)
    ask.answer(request_made, people["officer"], fact, request_made.facts[fact]["value"], basis="stated")
    assert fact in decide.unverified(request_made)


def test_a_requester_does_not_leave_a_report_by_its_own_word(request_made: Request) -> None:
    told = {"value": False, "basis": "stated", "shown_by": "the requester"}
    request_made.facts = {**request_made.facts, "federal_immigration_authority": told}
    assert event(request_made).federal_immigration_authority is None
    request_made.facts["federal_immigration_authority"] = {**told, "basis": "verified", "shown_by": "a badge"}
    assert event(request_made).federal_immigration_authority is False
