"""One's own tokens: shown once, never more than the role, revoked at once, and in the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from brightline.service.people import tokens
from brightline.service.people.errors import PeopleError
from brightline.service.people.models import Role, Token
from brightline.service.record.models import Entry
from tests.service.conftest import People

Browser = Callable[[str], Client]


def made(client: Client, label: str = "an invented program", scopes: tuple[str, ...] = ("read",)) -> str:
    page = client.post("/tokens/", {"label": label, "scopes": scopes, "days": "30"})
    found = re.search(r'<code id="secret">(bl_[^<]+)</code>', page.content.decode())
    assert found is not None, page.content.decode()
    return found[1]


def test_it_works(browser: Browser, people: People) -> None:
    client = browser("officer")
    secret = made(client)
    token = Token.of(secret)
    assert token is not None and (token.person, token.scopes) == (people["officer"], ["read"])
    page = client.get("/tokens/").content.decode()
    assert "an invented program" in page and secret not in page, "the secret was shown twice"


def test_the_table_of_scopes() -> None:
    work = {"read", "receive", "decide"}
    assert {str(role): set(held) for role, held in tokens.SCOPES.items()} == {
        "officer": work, "reviewer": work, "records": work | {"report", "manage"}, "auditor": {"read"},
        "administrator": set(),
    }  # fmt: skip
    assert set(tokens.SCOPES) == set(Role)


@pytest.mark.parametrize(("role", "scope"), [("auditor", "decide"), ("officer", "manage"), ("reviewer", "report")])
def test_no_token_does_more_than_its_role(browser: Browser, people: People, role: str, scope: str) -> None:
    page = browser(role).post("/tokens/", {"label": "greedy", "scopes": ["read", scope], "days": "30"})
    assert page.status_code == 422
    with pytest.raises(PeopleError, match="none that your role does not have"):
        tokens.make(people[role], "greedy", ["read", scope], 30)
    assert not Token.objects.exists()


def test_an_administrator_has_no_tokens(browser: Browser, people: People) -> None:
    assert browser("administrator").get("/tokens/").status_code == 403
    with pytest.raises(PeopleError):
        tokens.make(people["administrator"], "any", ["read"], 30)


def test_a_revoked_token_is_void(browser: Browser) -> None:
    client = browser("officer")
    secret = made(client)
    token = Token.of(secret)
    assert token is not None
    client.post(f"/tokens/{token.pk}/revoke/")
    assert Token.of(secret) is None


def test_nobody_revokes_the_token_of_another(browser: Browser) -> None:
    token = Token.of(made(browser("officer")))
    assert token is not None
    assert browser("reviewer").post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert "an invented program" not in browser("reviewer").get("/tokens/").content.decode()


def test_making_and_revoking_are_recorded_without_secret_or_label(browser: Browser, people: People) -> None:
    client = browser("records")
    secret = made(client, "payroll of Pat", ("manage", "read"))
    token = Token.of(secret)
    assert token is not None
    client.post(f"/tokens/{token.pk}/revoke/")
    entries = list(Entry.objects.filter(about=str(people["records"].uid)))
    assert [(e.kind, e.what) for e in entries] == [("key", "make_token"), ("key", "revoke_token")]
    told = str([e.payload for e in entries])
    assert "manage" in told and secret not in told and "Pat" not in told


def test_a_name_is_used_once_and_a_page_sent_twice_makes_one_token(browser: Browser) -> None:
    client = browser("officer")
    made(client)
    assert (
        client.post("/tokens/", {"label": "an invented program", "scopes": ["read"], "days": "30"}).status_code == 422
    )
    assert Token.objects.count() == 1


@pytest.mark.parametrize("days", ["0", "366", "-1", "soon"])
def test_a_token_expires_within_a_year(browser: Browser, days: str) -> None:
    assert browser("officer").post("/tokens/", {"label": "x", "scopes": ["read"], "days": days}).status_code == 422
