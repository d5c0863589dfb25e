"""In a real browser with a virtual authenticator: passkeys, the pages under their strict policy, and axe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from brightline.service.people.models import Agency, Person
from tests.browser import follow
from tests.service.conftest import person_of
from tests.service.fake_provider import CLIENT, SECRET, Provider
from tests.service.test_people_sign_in import code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PASSWORD = "an invented password"
# Playwright keeps an event loop in the thread of the tests for as long as its browser is there; the rows are read in between
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture
def page(chromium: Any) -> Iterator[Page]:
    """A page with a device for passkeys. What breaks the policy, or fails in a script, fails the test."""
    context = chromium.new_context()
    made = context.new_page()
    wrong: list[str] = []
    made.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda e: wrong.append(str(e)))
    devices = context.new_cdp_session(made)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield made
    context.close()
    assert wrong == []


def axe(page: Page) -> None:
    """Raise when axe finds a violation on the page."""
    pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], page.url


def fill(page: Page, **told: str) -> None:
    for name, value in told.items():
        page.fill(f"[name={name}]", value)


def signs_out(page: Page) -> None:
    follow(page.locator("text=Sign out"))
    page.wait_for_url("**/account/login/**")


def test_from_the_first_run_to_a_passkey(page: Page, live_server: Any) -> None:
    page.goto(live_server.url + "/tokens/")
    axe(page)
    fill(page, agency="Example City Police (invented)", name="Ada Example", email="ada@here.example", password=PASSWORD)
    follow(page.locator("main button[type=submit]"))
    page.wait_for_url("**/account/2fa/")
    expect(page.locator("main")).to_contain_text("Set up a second factor first")
    axe(page)
    follow(page.locator("text=Add a passkey"))
    page.wait_for_url("**/webauthn/add/")
    axe(page)
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator(".codes li")).to_have_count(10)
    axe(page)
    follow(page.locator("text=I have kept them"))
    page.wait_for_url("**/people/")
    axe(page)

    signs_out(page)
    axe(page)
    page.click("#passkey_login")  # neither address nor password
    page.wait_for_url("**/people/")

    signs_out(page)
    fill(page, login="ada@here.example", password=PASSWORD)
    follow(page.locator("main form button >> nth=0"))
    page.wait_for_url("**/2fa/authenticate/")
    axe(page)
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/people/")

    page.goto(live_server.url + "/account/2fa/webauthn/")
    axe(page)
    follow(page.locator("main a:has-text('Remove')"))
    expect(page.locator(".messages, #main")).to_contain_text(["Confirm Access"])
    fill(page, password=PASSWORD)
    follow(page.locator("main form button >> nth=0"))
    expect(page.locator(".messages")).to_contain_text("only second factor")


def test_an_app_is_set_up_by_its_picture_or_key(page: Page, live_server: Any) -> None:
    person_without(live_server)
    page.goto(live_server.url + "/account/login/")
    fill(page, login="officer@here.example", password=PASSWORD)
    follow(page.locator("main form button >> nth=0"))
    page.wait_for_url("**/account/2fa/")
    follow(page.locator("text=Set up an app"))
    page.wait_for_url("**/totp/activate/")
    axe(page)
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 0, "the picture was not shown"
    fill(page, code=code(page.inner_text("#authenticator_secret")))
    follow(page.locator("main form button >> nth=0"))
    page.wait_for_url("**/recovery-codes/")
    for where in ("/account/password/change/", "/account/2fa/recovery-codes/generate/", "/tokens/", "/account/2fa/"):
        page.goto(live_server.url + where)
        axe(page)
    page.goto(live_server.url + "/tokens/")
    fill(page, label="an invented program")
    page.check("[name=scopes] >> nth=0")
    follow(page.locator("text=Make it"))
    expect(page.locator("#secret")).to_contain_text("bl_")
    axe(page)


def test_a_passkey_that_was_cancelled_is_said_on_the_page(page: Page, live_server: Any) -> None:
    person_without(live_server)
    page.goto(live_server.url + "/account/login/")
    expect(page.locator("#passkey_problem")).to_be_hidden()
    page.evaluate("{ navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')); 0 }")
    page.click("#passkey_login")
    expect(page.locator("#passkey_problem")).to_be_visible()


def test_an_administrator_invites_and_sees_the_link_once(page: Page, live_server: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    person = person_of(Agency.objects.create(name="Example City (invented)", actor="nypd"), "administrator")
    sign_in(page, live_server, person)
    page.goto(live_server.url + "/people/")
    fill(page, name="Ira Invented", email="ira@here.example")
    follow(page.locator("text=Invite >> nth=-1"))
    link = page.inner_text("#link")
    axe(page)
    page.goto(f"{live_server.url}/people/{Person.objects.get(email='ira@here.example').uid}/")
    axe(page)
    page.context.clear_cookies()
    page.goto(link)
    axe(page)
    fill(page, password="quite another phrase", again="quite another phrase")
    follow(page.locator("main form button"))
    expect(page.locator(".messages")).to_contain_text("Your password is set")


def test_single_sign_on_passes_the_policy_of_the_page(page: Page, live_server: Any, settings: Any) -> None:
    person_without(live_server, "auditor")
    provider = Provider()
    provider.claims = {"sub": "1", "email": "auditor@here.example", "email_verified": True}
    app = {
        "provider_id": "city", "name": "City sign-on", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": provider.url},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": directives | {"form-action": [*directives["form-action"], provider.url]}
    }
    page.goto(live_server.url + "/account/login/?next=/tokens/")
    axe(page)
    page.click("text=Sign in with City sign-on")
    page.wait_for_url("**/tokens/**")
    provider.stop()


def person_without(live_server: Any, role: str = "officer") -> Person:
    """Somebody without a second factor."""
    agency = Agency.objects.create(name="Example City (invented)", actor="nypd", packs=["us-ny-nyc"])
    return Person.objects.create_user(f"{role}@here.example", PASSWORD, name="Nia Invented", agency=agency, role=role)


def sign_in(page: Page, live_server: Any, person: Person) -> None:
    """A session of this person, put into the browser."""
    from django.test import Client

    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
