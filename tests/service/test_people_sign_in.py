"""Signing in: password, second factor, recovery codes, how sessions end, lock-outs, and that nobody learns who works here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from brightline.service.people.models import Agency, Person, Role
from tests.service.conftest import People

PASSWORD = "an invented password"
LOGIN = "/account/login/"


def code(secret: str, step: int = 0) -> str:
    """The code that an app shows (RFC 6238), `step` periods from now."""
    counter = int(time.time()) // 30 + step
    return str(format_hotp_value(hotp_value(secret, counter)))


def signs_in(client: Client, email: str, password: str = PASSWORD, **headers: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **headers)


def new(agency: Agency, role: str, name: str = "Nia Invented") -> Person:
    return Person.objects.create_user(f"new-{role}@here.example", PASSWORD, name=name, agency=agency, role=role)


def with_app(client: Client, person: Person) -> str:
    """Sign in for the first time, and set up an app; returns its secret."""
    assert signs_in(client, person.email).status_code == 302
    page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    done = client.post("/account/2fa/totp/activate/", {"code": code(secret)})
    assert done.status_code == 302, done.content.decode()
    assert done["Location"] == "/account/2fa/recovery-codes/"
    return str(secret)


def test_codes_are_those_of_rfc_6238() -> None:
    assert format_hotp_value(hotp_value("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59 // 30)) == "287082"  # appendix B, SHA-1


@pytest.mark.parametrize("role", [str(r) for r in Role if r != Role.AUDITOR])
def test_nothing_opens_before_there_is_a_second_factor(agency: Agency, role: str) -> None:
    client = Client()
    person = new(agency, role)
    signs_in(client, person.email)
    for page in ("/", "/people/", "/tokens/"):
        assert client.get(page)["Location"] == "/account/2fa/"
    assert "Set up a second factor first" in client.get("/account/2fa/").content.decode()
    with_app(Client(), person)
    assert client.get("/tokens/").status_code == (403 if role == Role.ADMINISTRATOR else 200)


def test_an_auditor_needs_no_second_factor(agency: Agency) -> None:
    client = Client()
    signs_in(client, new(agency, "auditor").email)
    assert client.get("/tokens/").status_code == 200


def test_the_code_of_an_app_signs_in_once(agency: Agency) -> None:
    person = new(agency, "officer")
    secret = with_app(Client(), person)
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]
    assert secret not in stored, "the secret of the app lies in the database as it is"
    client = Client()
    assert signs_in(client, person.email)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/tokens/")["Location"].startswith(LOGIN), "the password alone opened a page"
    wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200 and "Incorrect code" in wrong.content.decode()
    following = code(secret, 1)
    assert client.post("/account/2fa/authenticate/", {"code": following}).status_code == 302
    assert client.get("/tokens/").status_code == 200
    another = Client()
    signs_in(another, person.email)
    again = another.post("/account/2fa/authenticate/", {"code": following})
    assert again.status_code == 200, "a code worked twice"


def test_a_recovery_code_stands_in_once(agency: Agency) -> None:
    person = new(agency, "officer")
    setup = Client()
    with_app(setup, person)
    codes = re.findall(r"<li><code>(\d+)</code>", setup.get("/account/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert codes[0] not in setup.get("/account/2fa/recovery-codes/").content.decode(), "the codes were shown twice"
    for expected in (302, 200):
        client = Client()
        signs_in(client, person.email)
        assert client.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == expected


def test_the_last_factor_stays(agency: Agency) -> None:
    client, person = Client(), new(agency, "reviewer")
    with_app(client, person)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/deactivate/")
    assert "only second factor" in page.content.decode()
    client.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=person, type="totp").exists()


def test_the_last_passkey_stays(agency: Agency) -> None:
    client, person = Client(), new(agency, "reviewer")
    with_app(client, person)
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "invented", "credential": {}})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    Authenticator.objects.filter(user=person, type="totp").delete()
    where = f"/account/2fa/webauthn/keys/{key.pk}/remove/"
    for answer in (client.get(where), client.post(where)):
        assert answer.status_code == 302 and answer["Location"] == "/account/2fa/webauthn/"
    assert Authenticator.objects.filter(pk=key.pk).exists()
    Authenticator.objects.create(user=person, type="totp", data={"secret": "invented"})
    client.post(where)
    assert not Authenticator.objects.filter(pk=key.pk).exists(), "a factor that is not the last can go"


def test_an_auditor_may_remove_the_last_factor(agency: Agency) -> None:
    client, person = Client(), new(agency, "auditor")
    with_app(client, person)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=person).exists()


# --- sessions -----------------------------------------------------------------------------------------------------------


def later(client: Client, name: str, by: timedelta) -> None:
    """Put a time of the session into the past."""
    session = client.session
    session[name] -= by.total_seconds()
    session.save()


def test_an_idle_session_ends(browser: Callable[[str], Client]) -> None:
    client = browser("officer")
    assert client.get("/tokens/").status_code == 200
    later(client, "seen", settings.IDLE - timedelta(seconds=20))
    assert client.get("/tokens/").status_code == 200
    later(client, "seen", settings.IDLE + timedelta(seconds=1))
    assert client.get("/tokens/")["Location"] == f"{LOGIN}?next=/tokens/"
    assert client.get("/tokens/").status_code == 302, "the session came back"


def test_a_session_ends_after_ten_hours_although_it_is_used(browser: Callable[[str], Client]) -> None:
    client = browser("officer")
    later(client, "began", timedelta(hours=9, minutes=59))
    assert client.get("/tokens/").status_code == 200
    later(client, "began", timedelta(minutes=2))
    assert client.get("/tokens/")["Location"].startswith(LOGIN)


def test_a_new_password_ends_the_other_sessions(agency: Agency) -> None:
    client, other, person = Client(), Client(), new(agency, "officer")
    with_app(client, person)
    other.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
    assert other.get("/tokens/").status_code == 200
    told = {"oldpassword": PASSWORD, "password1": "quite another phrase", "password2": "quite another phrase"}
    assert client.post("/account/password/change/", told).status_code == 302
    assert other.get("/tokens/")["Location"].startswith(LOGIN)
    assert signs_in(Client(), person.email, "quite another phrase").status_code == 302


def test_a_fragment_is_not_replaced_by_the_page_for_signing_in(db: None, people: People) -> None:
    answer = Client().get("/tokens/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"{LOGIN}?next=/tokens/")


# --- nobody learns who works here ------------------------------------------------------------------------------------------


def bare(answer: Any, *addresses: str) -> tuple[int, bytes]:
    """An answer without what differs in any two: the token of the form, and the address that was typed."""
    body = re.sub(rb'(name="csrfmiddlewaretoken" value=)"[^"]*"', rb"\1", answer.content)
    for address in addresses:
        body = body.replace(address.encode(), b"(typed)")
    return answer.status_code, body


def test_known_and_unknown_address_give_the_same_answer(people: People) -> None:
    addresses = ("officer@here.example", "nobody@here.example")
    for round_ in range(7):  # beyond the lock-out too
        known, unknown = (bare(signs_in(Client(), a, "a wrong password"), *addresses) for a in addresses)
        assert known == unknown, f"attempt {round_ + 1} tells whether the address is known"
    assert b"Too many failed" in known[1]


def test_an_unknown_address_costs_a_password_too(people: People) -> None:
    def hashed(address: str) -> int:
        with mock.patch.object(
            MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
        ) as calls:
            signs_in(Client(), address, "a wrong password")
        return calls.call_count

    assert hashed("officer@here.example") == hashed("nobody@here.example") == 1


def test_a_deactivated_person_looks_unknown_with_a_wrong_password(people: People) -> None:
    people["officer"].is_active = False
    people["officer"].save()
    addresses = ("officer@here.example", "nobody@here.example")
    known, unknown = (bare(signs_in(Client(), a, "a wrong password"), *addresses) for a in addresses)
    assert known == unknown


@pytest.mark.parametrize("backend", ["dummy", "locmem"])
def test_a_forgotten_password_does_not_tell_either(
    people: People, settings: Any, mailoutbox: Any, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    addresses = ("officer@here.example", "nobody@here.example")
    known, unknown = (
        bare(Client().post("/account/password/reset/", {"email": a}, follow=True), *addresses) for a in addresses
    )
    assert known == unknown
    asks = b"Ask an administrator of your agency for a link" in known[1]
    assert asks == (backend == "dummy")
    assert [m.to for m in mailoutbox] == ([] if backend == "dummy" else [[a] for a in addresses])


def test_a_reset_by_mail_still_needs_the_second_factor(people: People, settings: Any, mailoutbox: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client()
    client.post("/account/password/reset/", {"email": "officer@here.example"})
    found = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)
    assert found is not None
    page = client.get(found[1], follow=True)
    told = {"password1": "quite another phrase", "password2": "quite another phrase"}
    client.post(page.request["PATH_INFO"], told)
    assert client.get("/tokens/").status_code == 302
    assert signs_in(client, "officer@here.example", "quite another phrase")["Location"] == "/account/2fa/authenticate/"


# --- lock-outs ----------------------------------------------------------------------------------------------------------------


def test_five_failures_lock_an_address_even_for_the_right_password(people: People) -> None:
    for _ in range(5):
        assert b"are not correct" in signs_in(Client(), "officer@here.example", "a wrong password").content
    assert b"Too many failed" in signs_in(Client(), "officer@here.example").content
    assert signs_in(Client(), "reviewer@here.example").status_code == 302, "another person is locked out with them"


def test_the_host_header_does_not_walk_around_a_lock_out(people: People) -> None:
    told = [
        signs_in(
            Client(), f" Officer@{'HERE' if n % 2 else 'here'}.example ", "a wrong password", HTTP_HOST=f"localhost:{n}"
        )
        for n in range(8001, 8007)
    ]
    assert [b"Too many failed" in t.content for t in told] == [False] * 5 + [True]


def test_codes_are_locked_too(agency: Agency) -> None:
    person = new(agency, "officer")
    secret = with_app(Client(), person)
    for _ in range(5):
        client = Client()
        signs_in(client, person.email)
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    client = Client()
    signs_in(client, person.email)
    assert client.post("/account/2fa/authenticate/", {"code": code(secret, 1)}).status_code == 200


def test_failures_are_counted_by_the_address_that_the_proxy_saw(people: People, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def tried(n: int, forwarded: str) -> bool:
        answer = signs_in(Client(), f"nobody{n}@here.example", "wrong", HTTP_X_FORWARDED_FOR=forwarded)
        return b"Too many failed" in answer.content

    # what the client itself writes stands before the address that the proxy adds
    told = [tried(n, f"198.51.100.{n}, 203.0.113.7") for n in range(31)]
    assert told == [False] * 30 + [True]
    assert not tried(40, "203.0.113.8"), "another address is locked out too"


def test_a_request_past_the_proxies_is_no_fault(people: People, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert signs_in(Client(), "officer@here.example", HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 302
    assert signs_in(Client(), "officer@here.example").status_code == 302


def test_nobody_signs_up(people: People) -> None:
    assert Client().get("/account/signup/")["Location"].startswith(LOGIN)
    Client().post("/account/signup/", {"email": "me@evil.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not Person.objects.filter(email="me@evil.example").exists()


def test_after_signing_in_nobody_is_sent_to_another_site(people: People) -> None:
    answer = signs_in(Client(), "auditor@here.example")
    assert answer.status_code == 302
    Authenticator.objects.filter(user=people["auditor"]).delete()
    answer = Client().post(
        f"{LOGIN}?next=https://evil.example/", {"login": "auditor@here.example", "password": PASSWORD}
    )
    assert answer["Location"] == "/"


def test_a_factor_is_changed_only_by_who_has_just_proved_it(agency: Agency) -> None:
    person = new(agency, "officer")
    secret = with_app(Client(), person)
    client = Client()
    signs_in(client, person.email)
    client.post("/account/2fa/authenticate/", {"code": code(secret, 1)})
    for page in ("totp/deactivate/", "webauthn/add/", "recovery-codes/generate/"):
        assert client.get(f"/account/2fa/{page}")["Location"].startswith("/account/reauthenticate/"), page
