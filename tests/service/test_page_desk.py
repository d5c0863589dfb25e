"""The desk: what waits for whom, and what it says when nothing does."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from brightline.service.gate import decide
from brightline.service.gate.models import Request
from tests.service.conftest import People
from tests.service.test_steps import verified

Browser = Callable[[str], Client]


def desk(client: Client) -> str:
    return client.get("/").content.decode()


def test_it_works(browser: Browser, request_made: Request) -> None:
    page = desk(browser("officer"))
    assert f"/requests/{request_made.number}/" in page
    assert "not barred, by an exception" in page


def test_an_empty_desk_says_what_to_do(browser: Browser) -> None:
    assert "drop its e-mail or its form" in desk(browser("officer"))
    assert "New request" not in desk(browser("auditor"))


def test_the_administrator_has_no_desk(browser: Browser) -> None:
    assert browser("administrator").get("/").status_code == 302


def test_a_grant_waits_for_whoever_may_second_it_and_did_not_propose_it(
    browser: Browser, request_made: Request, people: People
) -> None:
    verified(request_made, people)
    decide.propose(request_made, people["records"], "granted", "a criminal case")
    address = f'href="/requests/{request_made.number}/decision/"'
    assert address in desk(browser("reviewer"))
    assert address not in desk(browser("records"))
    assert address not in desk(browser("officer"))


def test_an_emergency_is_to_be_reviewed(browser: Browser, request_made: Request, people: People) -> None:
    verified(request_made, people)
    decide.propose(request_made, people["officer"], "granted", "a life is in danger", emergency=True)
    assert "Emergencies to review" in desk(browser("reviewer"))
    assert "Emergencies to review" not in desk(browser("officer"))


def test_what_grants_rest_on_is_counted(browser: Browser, request_made: Request, people: People) -> None:
    for fact in decide.unverified(request_made):
        decide.waive(request_made, people["reviewer"], fact, "the docket was read")
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case")
    decide.second(made, people["reviewer"], True)
    page = " ".join(desk(browser("auditor")).split())
    assert 'a reviewer signed</th><td class="n">1</td>' in page
    assert 'verified facts</th><td class="n">0</td>' in page


def test_another_agency_s_work_is_not_on_the_desk(elsewhere: People, request_made: Request) -> None:
    client = Client()
    client.force_login(elsewhere["reviewer"], "allauth.account.auth_backends.AuthenticationBackend")
    assert request_made.number not in desk(client)
