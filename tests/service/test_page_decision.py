"""The decision page: verdict, both bases, what it rests on, the law; verifying, signing, proposing and seconding; the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from brightline.service.gate import decide, numbers
from brightline.service.gate.models import FollowUp, Letter, Proposal, Request, TaskForce
from brightline.service.gate.receive import receive
from tests.service.conftest import STATED_CRIME, People
from tests.service.test_steps import verified

Browser = Callable[[str], Client]


def page(client: Client, request: Request, what: str = "decision") -> str:
    return client.get(f"/requests/{request.number}/{what}/").content.decode()


def send(client: Client, request: Request, **told: Any) -> Any:
    answer = client.post(f"/requests/{request.number}/decision/", told)
    request.refresh_from_db()
    return answer


@pytest.fixture
def grantable(request_made: Request, people: People) -> Request:
    verified(request_made, people)
    return request_made


def test_it_works(browser: Browser, request_made: Request) -> None:
    shown = page(browser("officer"), request_made)
    assert "Not barred by the law encoded here, because of the exception in N.Y.C. Admin. Code" in shown
    assert "never means authorised" in shown
    stated, by_verified = shown.split('class="bases"')[1].split("</div>")[:2]
    assert "not barred, by an exception" in stated
    assert "cannot tell" in by_verified


def test_the_law_is_shown_with_the_reached_clauses_lit_and_said_to_be(browser: Browser, request_made: Request) -> None:
    shown = page(browser("officer"), request_made)
    lit = shown.split('<div class="clause lit')
    assert len(lit) == 2
    assert "no employee shall disclose identifying information" in lit[1]
    assert '<span class="mark reached">' in lit[1]
    assert "4 clauses that were not reached" in shown


def test_where_the_grant_would_be_it_says_what_is_in_its_way(browser: Browser, request_made: Request) -> None:
    shown = page(browser("officer"), request_made)
    assert 'value="granted"' not in shown
    assert "It cannot be granted now:" in shown
    assert "verify them, or let a reviewer sign why not" in shown
    assert "civil_immigration_purpose" not in shown.split("It cannot be granted now:")[1].split("</ul>")[0]
    answer = send(browser("officer"), request_made, step="propose", outcome="granted", reason="they say so")
    assert answer.status_code == 422
    assert "This cannot be granted" in answer.content.decode()
    assert request_made.state == "open"


def test_each_statement_is_verified_or_signed_for(browser: Browser, request_made: Request) -> None:
    first, *others = decide.unverified(request_made)
    assert send(browser("officer"), request_made, step="verify", fact=first, shown_by="").status_code == 422
    assert send(browser("officer"), request_made, step="verify", fact=first, shown_by="the docket").status_code == 302
    assert request_made.facts[first]["basis"] == "verified"
    assert first not in decide.unverified(request_made)
    assert "Sign for it as a reviewer" not in page(browser("officer"), request_made)
    for fact in others:
        assert send(browser("officer"), request_made, step="waive", fact=fact, why="no").status_code == 422
        assert "Sign for it as a reviewer" in page(browser("reviewer"), request_made)
        assert send(browser("reviewer"), request_made, step="waive", fact=fact, why="read out to me").status_code == 302
    assert "read out to me" in page(browser("officer"), request_made)
    assert 'value="granted"' in page(browser("officer"), request_made)


def test_what_is_released_is_what_is_written_row_by_row(browser: Browser, grantable: Request) -> None:
    told = {
        "outcome": "partly", "reason": "a criminal case", "label": ["Address", "", "Born"],
        "told": ["1 Invented Street", "", "1990"], "information": ["home_address"],
    }  # fmt: skip
    more = send(browser("officer"), grantable, step="more", **told)
    assert more.status_code == 200
    assert more.content.decode().count('name="label"') == 4
    assert 'value="1 Invented Street"' in more.content.decode()
    half = {**told, "told": ["1 Invented Street", "", ""]}
    assert "both its name and its value" in send(browser("officer"), grantable, step="propose", **half).content.decode()
    twice = {**told, "label": ["Born", "", "Born"]}
    assert "have the same name" in send(browser("officer"), grantable, step="propose", **twice).content.decode()
    assert not Proposal.objects.exists()
    assert send(browser("officer"), grantable, step="propose", **told).status_code == 302
    made = Proposal.objects.get()
    assert made.release == {"Address": "1 Invented Street", "Born": "1990"}
    assert made.information == ["home_address"]
    assert grantable.state == "proposed"


def test_a_grant_needs_a_second_person(browser: Browser, grantable: Request) -> None:
    send(browser("records"), grantable, step="propose", outcome="granted", reason="a criminal case")
    assert "I do not agree" not in page(browser("records"), grantable)
    assert send(browser("records"), grantable, step="second", agrees="yes").status_code == 422
    assert send(browser("reviewer"), grantable, step="second", agrees="no").status_code == 422
    assert (
        "Write why you do not agree"
        in send(browser("reviewer"), grantable, step="second", agrees="no").content.decode()
    )
    assert send(browser("reviewer"), grantable, step="second", agrees="yes").status_code == 302
    assert (grantable.state, grantable.outcome) == ("decided", "granted")


def test_an_emergency_is_granted_alone_and_reviewed(browser: Browser, grantable: Request) -> None:
    told = {"step": "propose", "outcome": "granted", "reason": "a life is in danger", "emergency": "on"}
    assert send(browser("officer"), grantable, **told).status_code == 302
    assert grantable.state == "decided"
    assert "Review the emergency" in page(browser("reviewer"), grantable)
    assert send(browser("reviewer"), grantable, step="second", agrees="no", reason="it could wait").status_code == 302
    assert "does not agree" in page(browser("officer"), grantable)


def test_a_step_that_nobody_knows_does_nothing(browser: Browser, grantable: Request) -> None:
    assert send(browser("officer"), grantable, step="erase").status_code == 404
    assert send(browser("officer"), grantable, step="verify", fact="colour", shown_by="x").status_code == 404
    assert send(browser("officer"), grantable, step="propose", outcome="sold", reason="x").status_code == 422
    assert send(browser("officer"), grantable, step="propose", outcome="refused", reason=" ").status_code == 422
    assert grantable.state == "open"


def test_the_office_s_history_stands_where_its_next_request_is_decided(
    browser: Browser, grantable: Request, people: People
) -> None:
    made = decide.propose(grantable, people["officer"], "granted", "a criminal case")
    decide.second(made, people["reviewer"], True)
    FollowUp.objects.update(outcome="civil_immigration_custody", shown_by="the locator")
    following = receive(
        people["officer"], received_at=datetime(2026, 3, 14, 15, tzinfo=UTC), asked=["share_personal_information"],
        office=("ice_hsi", "HSI Example Office"), facts=STATED_CRIME,
    )  # fmt: skip
    shown = " ".join(page(browser("officer"), following).split())
    assert "Of 1 grant to this office for a stated crime, 1 outcome is known" in shown
    assert "1 in civil immigration custody" in shown


def test_the_task_force_s_history_is_shown(browser: Browser, people: People) -> None:
    TaskForce.objects.create(
        agency=people["officer"].agency, code="harbor", name="Harbor (invented)", purpose="cargo", starts="2025-01-01"
    )
    made = receive(
        people["officer"], received_at=datetime(2026, 3, 14, 15, tzinfo=UTC), asked=["participate_joint_operation"],
        task_force="harbor",
    )  # fmt: skip
    shown = page(browser("officer"), made)
    assert "Harbor (invented)" in shown
    assert "never certified" in shown


def test_a_stopped_request_cannot_be_granted_and_says_one_sentence(
    browser: Browser, grantable: Request, people: People
) -> None:
    numbers.look_up(grantable, people["officer"], "S-1")
    shown = page(browser("officer"), grantable)
    assert "No record that may be disclosed." in shown
    assert "To the neutral answer" in shown
    for hidden in ("23-1202", "What it rests on", 'value="granted"', "HSI Example Office"):
        assert hidden not in shown, hidden
    answer = send(browser("officer"), grantable, step="propose", outcome="granted", reason="please")
    assert answer.status_code == 422
    assert "there is no record that may be disclosed" in answer.content.decode().lower()
    assert "23-1202" not in answer.content.decode()


# --- the letter -----------------------------------------------------------------------------------------------------


def test_the_letter_is_shown_signed_and_saved(browser: Browser, grantable: Request, people: People) -> None:
    assert "there is nothing to answer yet" in page(browser("officer"), grantable, "letter")
    release = {"Address": "1 Invented Street"}
    made = decide.propose(grantable, people["officer"], "granted", "a criminal case", release=release)
    decide.second(made, people["reviewer"], True)
    client = browser("officer")
    shown = page(client, grantable, "letter")
    assert "1 Invented Street" in shown
    assert "We grant your request" in shown
    assert browser("auditor").post(f"/requests/{grantable.number}/letter/").status_code == 404
    assert client.post(f"/requests/{grantable.number}/letter/", {"language": "en"}).status_code == 302
    kept = Letter.objects.get()
    shown = page(client, grantable, "letter")
    assert kept.sha256 in shown
    pdf = client.get(f"/requests/{grantable.number}/letter.pdf")
    assert pdf.content == bytes(kept.pdf)
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert client.get(f"/requests/{grantable.number}/letter.docx").content == bytes(kept.docx)
    assert client.post(f"/requests/{grantable.number}/letter/", {"language": "en"}).status_code == 422


def test_the_letter_can_be_in_spanish(browser: Browser, request_made: Request, people: People) -> None:
    decide.propose(request_made, people["officer"], "refused", "no warrant")
    client = browser("officer")
    address = f"/requests/{request_made.number}/letter/"
    assert "We refuse your request" in client.get(address).content.decode()
    spanish = client.get(f"{address}?language=es").content.decode()
    assert '<article class="sheet" lang="es"' in spanish
    assert "We refuse your request" not in spanish


def test_the_neutral_answer_is_signed_from_a_stopped_request(
    browser: Browser, request_made: Request, people: People
) -> None:
    numbers.look_up(request_made, people["officer"], "S-1")
    client = browser("officer")
    assert "We hold no record that may be disclosed" in page(client, request_made, "letter")
    assert client.post(f"/requests/{request_made.number}/letter/", {}).status_code == 302
    request_made.refresh_from_db()
    assert (request_made.state, request_made.outcome) == ("answered", "refused")
