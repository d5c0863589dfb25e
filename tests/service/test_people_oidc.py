"""Single sign-on: whom the provider vouches for and an administrator has entered, and nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from brightline.service.people.models import Person
from tests.service.conftest import People
from tests.service.fake_provider import CLIENT, SECRET, Provider

LOGIN = "/account/oidc/city/login/"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    made = Provider()
    app = {
        "provider_id": "city", "name": "City sign-on", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": made.url},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield made
    made.stop()


def signs_on(client: Client, query: str = "?process=login") -> Any:
    """What the browser does: our form, the provider's page, and back."""
    there = client.post(LOGIN + query)
    assert there.status_code == 302, there.content.decode()
    back = httpx.get(there["Location"]).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def refused(client: Client, answer: Any) -> bool:
    page = client.get(answer["Location"])
    assert client.get("/tokens/").status_code == 302
    return "Single sign-on did not end in access here" in page.content.decode()


def test_a_known_verified_address_signs_in_and_is_asked_for_the_second_factor(
    provider: Provider, people: People
) -> None:
    provider.claims = {"sub": "1", "email": "Officer@here.example", "email_verified": True}
    client = Client()
    assert signs_on(client)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/tokens/").status_code == 302, "the provider took the place of the second factor"
    assert SocialAccount.objects.get(uid="1").user == people["officer"]


def test_who_has_no_factor_yet_sets_one_up_without_a_password(provider: Provider, people: People) -> None:
    Authenticator.objects.all().delete()
    person = people["officer"]
    person.set_unusable_password()
    person.save()
    provider.claims = {"sub": "1", "email": "officer@here.example", "email_verified": True}
    client = Client()
    signs_on(client)
    assert client.get("/tokens/")["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/totp/activate/").status_code == 200


def test_a_trusted_provider_stands_for_the_second_factor(provider: Provider, people: People, settings: Any) -> None:
    settings.OIDC_SECOND_FACTOR = True
    provider.claims = {"sub": "1", "email": "officer@here.example", "email_verified": True}
    client = Client()
    assert signs_on(client)["Location"] == "/"
    assert client.get("/tokens/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/tokens/").status_code == 200
    other = Client()  # … but not for a session that was begun with a password
    other.post("/account/login/", {"login": "officer@here.example", "password": "an invented password"})
    assert other.get("/tokens/")["Location"] == "/account/2fa/"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "officer@here.example", "email_verified": False},
        {"email": "officer@here.example", "email_verified": "false"},
        {"email": "officer@here.example"},
        {"email": "nobody@here.example", "email_verified": True},
        {"email_verified": True},
        {"email": "", "email_verified": True},
    ],
)
def test_an_unverified_or_unknown_address_is_refused(
    provider: Provider, people: People, claims: dict[str, Any]
) -> None:
    provider.claims = {"sub": "1", **claims}
    client = Client()
    assert refused(client, signs_on(client))
    assert not SocialAccount.objects.exists() and Person.objects.count() == len(people)


def test_a_deactivated_person_is_refused(provider: Provider, people: People) -> None:
    provider.claims = {"sub": "1", "email": "auditor@here.example", "email_verified": True}
    Authenticator.objects.all().delete()
    client = Client()
    signs_on(client)
    assert client.get("/tokens/").status_code == 200
    Person.objects.filter(pk=people["auditor"].pk).update(is_active=False)
    assert client.get("/tokens/").status_code == 302
    again = Client()
    assert again.get(signs_on(again)["Location"]).status_code == 200
    assert again.get("/tokens/").status_code == 302


def test_userinfo_about_somebody_else_is_refused(provider: Provider, people: People) -> None:
    provider.claims = {"sub": "1", "email": "nobody@here.example", "email_verified": True}
    provider.userinfo = {"sub": "2", "email": "officer@here.example", "email_verified": True}
    client = Client()
    assert refused(client, signs_on(client))


def test_nobody_connects_an_account_to_somebody_else(provider: Provider, people: People) -> None:
    provider.claims = {"sub": "1", "email": "officer@here.example", "email_verified": True}
    client = Client()
    client.force_login(people["auditor"], "allauth.account.auth_backends.AuthenticationBackend")
    answer = signs_on(client, "?process=connect")
    assert "did not end in access" in client.get(answer["Location"]).content.decode()
    assert not SocialAccount.objects.exists()


def test_a_code_of_another_browser_is_refused(provider: Provider, people: People) -> None:
    provider.claims = {"sub": "1", "email": "auditor@here.example", "email_verified": True}
    back = httpx.get(Client().post(LOGIN)["Location"]).headers["Location"]
    client = Client()
    page = client.get(back.removeprefix("http://testserver"))
    assert "did not end in access" in page.content.decode()
    assert client.get("/tokens/").status_code == 302


def test_a_provider_that_is_down_is_a_page_with_a_sentence(provider: Provider, people: People) -> None:
    provider.stop()
    answer = Client().post(LOGIN)
    assert answer.status_code == 503 and "Single sign-on does not answer now" in answer.content.decode()


def test_the_page_for_signing_in_offers_it_only_where_it_is_set_up(
    provider: Provider, people: People, settings: Any
) -> None:
    assert "Sign in with City sign-on" in Client().get("/account/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "City sign-on" not in Client().get("/account/login/").content.decode()
    assert Client().post(LOGIN).status_code == 404


def test_the_settings_read_the_environment(tmp_path: Path) -> None:
    show = """
import importlib, json, os
from brightline.service import settings
for told in ({}, {"second_factor": True}, {"second_factor": "yes"}):
    oidc = {"provider_id": "city", "client_id": "b", "secret": "s", "server_url": "https://id.city.example/realm"} | told
    os.environ["BRIGHTLINE_OIDC"] = json.dumps(oidc)
    importlib.reload(settings)
    print(settings.OIDC_SECOND_FACTOR, *settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"][1:])
"""
    here = os.environ | {"BRIGHTLINE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", show], env=here, capture_output=True, text=True, check=True)
    where = "https://id.city.example"
    assert done.stdout.splitlines() == [f"False {where}", f"True {where}", f"False {where}"]
