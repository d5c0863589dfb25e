"""The request of 14 March 2025 (tests/cases/nyc-nypd-kordia-2025-03-14.yaml), as it would stand in this application.

A federal office states money laundering; the record that it asks for is a dismissed and sealed summons; there is no case
number. The facts are taken from the case file; people and record numbers here are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from brightline.report.letter import Letter
from brightline.report.statutory import Report
from brightline.report.statutory.write import as_json
from brightline.service.gate import ask, decide, letters, numbers, registers, statutory
from brightline.service.gate.errors import GateError
from brightline.service.gate.models import NumberCheck, Request, State
from brightline.service.gate.receive import receive
from brightline.service.people.models import Agency
from tests.service.conftest import People

CASE = Path(__file__).parents[1] / "cases" / "nyc-nypd-kordia-2025-03-14.yaml"
SUMMONS = "S-7654321 (invented)"
# What the case file knows only since it came out later: the officer who took the request knew none of it.
LATER = ("record_sealed", "ended_in_favor_of_accused", "unsealing_order")


@pytest.fixture
def asked(people: People) -> Request:
    """The request as the officer takes it in: what the requester says is stated, and no case number is given."""
    case: dict[str, Any] = yaml.safe_load(CASE.read_text())
    facts = {
        name: {"value": told["value"], "basis": told.get("basis", "stated"), "shown_by": told["shown_by"]}
        for name, told in case["facts"].items()
        if name not in LATER
    }
    made = receive(
        people["officer"],
        received_at=datetime(2025, 3, 14, 15, tzinfo=UTC),
        channel="telephone",
        asked=case["asked"],
        office=(case["counterpart"], "HSI Example Office"),
        words={"asked": "the report on the summons", "purpose": "money laundering"},
        subject={"name": "Pat Invented", "born": "1990-01-01"},
        facts=facts,
    )
    assert not made.reference
    numbers.load(made.agency, people["records"], [numbers.digest("M-1")], [numbers.digest(SUMMONS)])
    return made


def quarter(agency: Agency) -> Report:
    """The report under § 10-178(d) for the first quarter of 2025."""
    definition = statutory.definitions()["nyc-10-178-d"]
    period = statutory.period_ending(definition, date(2025, 3, 31))
    assert period is not None
    return statutory.report_of(agency, definition, period)


def words_of(letter: Letter) -> str:
    return repr(letter).lower()


# --- not grantable ---------------------------------------------------------------------------------------------------------


def test_money_laundering_is_only_stated_and_the_verdict_rests_on_it(asked: Request) -> None:
    assert asked.facts["stated_purpose"] == {
        "value": "other_criminal", "basis": "stated", "shown_by": "the requester: money laundering",
    }  # fmt: skip
    assert asked.as_verified == "unsettled"
    assert {"civil_immigration_purpose", "offense_enforced"} & set(decide.unverified(asked))


def test_it_cannot_be_granted_on_the_requesters_word(asked: Request, people: People) -> None:
    for person in ("officer", "reviewer", "records"):
        with pytest.raises(GateError, match="cannot be granted"):
            decide.propose(asked, people[person], "granted", "money laundering")
        with pytest.raises(GateError, match="cannot be granted"):
            decide.propose(asked, people[person], "granted", "money laundering", emergency=True)


def test_it_cannot_be_granted_once_the_number_of_the_summons_was_looked_up(asked: Request, people: People) -> None:
    assert numbers.look_up(asked, people["officer"], SUMMONS) is False
    for fact in ("civil_immigration_purpose", "offense_enforced", "crime_investigation", "stated_purpose"):
        value = asked.facts[fact]["value"]
        ask.answer(asked, people["officer"], fact, value, basis="verified", shown_by="an invented docket")
    for person in ("officer", "reviewer", "records"):
        with pytest.raises(GateError, match="no record that may be disclosed"):
            decide.propose(asked, people[person], "granted", "now it is verified")
    assert numbers.look_up(asked, people["officer"], "M-1") is False  # another number does not open it again
    asked.refresh_from_db()
    assert asked.state == State.STOPPED


# --- not revealed ----------------------------------------------------------------------------------------------------------------


def test_no_page_of_the_officer_reveals_that_the_record_is_sealed(
    asked: Request, people: People, browser: Callable[[str], Client]
) -> None:
    officer = browser("officer")
    answer = officer.post(reverse("request_numbers", args=[asked.number]), {"number": SUMMONS}, follow=True)
    pages = [
        answer,
        *(officer.get(reverse(n, args=[asked.number])) for n in ("request", "decision", "letter", "proof")),
    ]
    assert all(page.status_code == 200 for page in pages)
    assert "no record that may be disclosed" in pages[0].content.decode()
    for page in pages:
        assert "record is sealed" not in page.content.decode()
        assert SUMMONS not in page.content.decode()
    assert NumberCheck.objects.get().why == "sealed"


def test_the_letter_says_what_it_says_of_a_record_that_does_not_exist(asked: Request, people: People) -> None:
    other = receive(
        people["officer"], received_at=asked.received_at, channel=asked.channel, asked=asked.asked,
        office=("ice_hsi", "HSI Example Office"), words=asked.words, subject=asked.subject, facts=asked.facts,
    )  # fmt: skip
    numbers.look_up(asked, people["officer"], SUMMONS)
    numbers.look_up(other, people["officer"], "S-0000000, which nobody holds")
    sealed, absent = (words_of(letters.draft(r, people["officer"])) for r in (asked, other))
    assert sealed.replace(asked.number, "NUMBER") == absent.replace(other.number, "NUMBER")
    for word in ("seal", "summons", "dismiss", "160.50"):
        assert word not in sealed


# --- the duty to make a record, § 10-178(d) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [False, True], ids=["refused on its merits", "stopped"])
def test_the_report_of_the_quarter_has_it_either_way(asked: Request, people: People, stopped: bool) -> None:
    """Its true purpose is not known, so it is neither counted as immigration enforcement nor left out as none."""
    if stopped:
        numbers.look_up(asked, people["officer"], SUMMONS)
    before = quarter(asked.agency).line("d")
    assert before.traced == (asked.number,)
    assert (before.tally.count, before.tally.unknown) == (0, 1)
    assert {field for field, _ in before.tally.missing} == {"civil_immigration_purpose", "offense_enforced"}
    if stopped:
        letters.answer_letter(asked, people["officer"])
    else:
        decide.propose(asked, people["officer"], "refused", "no case number, and the purpose is only stated")
    line = quarter(asked.agency).line("d")
    assert line.traced == (asked.number,)
    action = next(b for b in line.breakdowns if b.by.fields == ("requester", "agency", "decision"))
    assert [(g.values, g.tally.unknown) for g in action.groups] == [(("ice_hsi", "nypd", "refused"), 1)]


@pytest.mark.parametrize("stopped", [False, True], ids=["refused on its merits", "stopped"])
def test_it_is_counted_once_its_true_purpose_is_found(asked: Request, people: People, stopped: bool) -> None:
    if stopped:
        numbers.look_up(asked, people["officer"], SUMMONS)
    ask.answer(
        asked,
        people["officer"],
        "civil_immigration_purpose",
        True,
        basis="verified",
        shown_by="the removal case (invented)",
    )
    report = quarter(asked.agency)
    assert report.line("d").tally.counted == (asked.number,)
    assert report.line("d").tally.unknown == 0
    by = report.line("d").breakdowns[0]
    assert [(g.values, g.tally.count) for g in by.groups] == [(("ice_hsi", "nypd"), 1)]


def test_a_requesters_no_does_not_take_it_out_of_the_report(asked: Request, people: People) -> None:
    assert asked.facts["civil_immigration_purpose"]["value"] is False
    assert quarter(asked.agency).line("d").traced
    for fact in ("civil_immigration_purpose", "offense_enforced"):
        value = asked.facts[fact]["value"]
        ask.answer(asked, people["officer"], fact, value, basis="verified", shown_by="an invented indictment")
    assert not quarter(asked.agency).line("d").traced  # now it is shown that it was a criminal case


def test_what_is_filed_names_neither_person_nor_number_nor_seal(asked: Request, people: People) -> None:
    numbers.look_up(asked, people["officer"], SUMMONS)
    definition = statutory.definitions()["nyc-10-178-d"]
    period = statutory.period_ending(definition, date(2025, 3, 31))
    assert period is not None
    kept = registers.file_report(people["records"], definition, period, date(2025, 4, 15))
    for word in (asked.number, "Pat", SUMMONS, "sealed", "summons", "HSI Example Office"):
        assert word not in kept.content
    assert '"unknown": 1' in as_json(quarter(asked.agency), "filed")
