"""The administrator's page: invite, change a role, deactivate, new link, take factors away, and what none may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from brightline.service.people import staff
from brightline.service.people.errors import PeopleError
from brightline.service.people.models import Person, Role, Token
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from tests.service.conftest import People, person_of

Browser = Callable[[str], Client]
INVITED = {"name": "Ira Invented", "title": "", "email": "Ira@Here.example", "role": "officer"}
PHRASE = "quite another phrase"
CHOSEN = {"password": PHRASE, "again": PHRASE}


@pytest.fixture(autouse=True)
def no_mail(settings: Any) -> None:
    """As an installation is unless e-mail is set up; Django's test runner sets it up."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def link_in(answer: Any) -> str:
    found = re.search(r'<code id="link">http://testserver([^<]+)</code>', answer.content.decode())
    assert found is not None, answer.content.decode()
    return found[1]


def invited(browser: Browser) -> tuple[Person, str]:
    answer = browser("administrator").post("/people/", INVITED)
    return Person.objects.get(email="ira@here.example"), link_in(answer)


def recorded(person: Person) -> list[dict[str, Any]]:
    """What the ledger holds about a person."""
    told = []
    for entry in Entry.objects.filter(about=str(person.uid)):
        assert entry.kind == "key"
        index = keeper().append([(str(entry.uid), entry.kind, entry.payload or {})])[0]  # again: the first index
        shown = keeper().shown(index)
        assert shown is not None
        told.append(shown)
    return told


def test_it_works(browser: Browser) -> None:
    page = browser("administrator").get("/people/").content.decode()
    for role in Role:
        assert f"{role.title()} Example" in page


def test_an_administrator_reads_no_requests_and_others_manage_no_people(browser: Browser, people: People) -> None:
    for role in ("officer", "reviewer", "records", "auditor"):
        assert browser(role).get("/people/").status_code == 403
        assert browser(role).post(f"/people/{people['officer'].uid}/role/", {"role": "records"}).status_code == 403
    assert people["officer"].role == Person.objects.get(pk=people["officer"].pk).role


def test_who_is_invited_chooses_a_password_once(browser: Browser) -> None:
    person, link = invited(browser)
    assert not person.has_usable_password()
    client = Client()
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": "short", "again": "short"}).status_code == 422
    assert client.post(link, {"password": PHRASE, "again": "another"}).status_code == 422
    assert client.post(link, CHOSEN)["Location"] == "/account/login/"
    assert client.get("/tokens/").status_code == 302, "the link signed somebody in"
    for again in (client.get(link), client.post(link, CHOSEN)):
        assert again.status_code == 404 and b"This link is void" in again.content
    client.post("/account/login/", {"login": "ira@here.example", "password": PHRASE})
    assert client.get("/tokens/")["Location"] == "/account/2fa/"


def test_a_link_is_void_after_72_hours(browser: Browser) -> None:
    _person, link = invited(browser)
    for hours, status in ((71, 200), (73, 404)):
        moment = datetime.now() + timedelta(hours=hours)
        with mock.patch.object(type(staff._links), "_now", return_value=moment):
            assert Client().get(link).status_code == status


def test_a_link_of_nobody_and_a_wrong_link_look_the_same(browser: Browser) -> None:
    person, link = invited(browser)
    wrong = Client().get(link[:-3] + "zz/")
    nobody = Client().get(link.replace(str(person.uid), "00000000-0000-4000-8000-000000000000"))
    assert wrong.status_code == nobody.status_code == 404

    def bare(answer: Any) -> bytes:
        return re.sub(rb'value="[^"]*"', b"", answer.content)

    assert bare(wrong) == bare(nobody)


def test_an_invitation_is_recorded_without_the_address(browser: Browser, people: People) -> None:
    person, _link = invited(browser)
    (told,) = recorded(person)
    assert told == {
        "step": "invite", "person": str(person.uid), "role": "officer", "by": str(people["administrator"].uid)
    }  # fmt: skip
    assert "here.example" not in str([e.payload for e in Entry.objects.all()])


def test_an_invitation_goes_out_by_mail_where_there_is_mail(browser: Browser, settings: Any, mailoutbox: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = browser("administrator").post("/people/", INVITED)
    assert 'id="link"' not in page.content.decode()
    found = re.search(r"http://testserver(/people/\S+)", mailoutbox[0].body)
    assert found is not None and mailoutbox[0].to == ["ira@here.example"]
    assert Client().get(found[1]).status_code == 200


def test_a_mail_server_that_fails_leaves_the_link_with_the_administrator(browser: Browser, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nothing listens there
    page = browser("administrator").post("/people/", INVITED)
    assert "could not be sent" in page.content.decode() and link_in(page)


def test_no_mail_is_sent_unless_it_is_set_up(browser: Browser, mailoutbox: Any) -> None:
    invited(browser)
    assert mailoutbox == []


def test_nobody_is_invited_twice(browser: Browser) -> None:
    invited(browser)
    again = browser("administrator").post("/people/", INVITED)
    assert again.status_code == 422 and "signs in with this address already" in again.content.decode()


def test_a_new_role_ends_sessions_and_the_tokens_that_go_beyond_it(browser: Browser, people: People) -> None:
    officer = browser("records")
    Token.make(people["records"], "reads", ["read"])
    Token.make(people["records"], "reports", ["read", "report"])
    where = f"/people/{people['records'].uid}/role/"
    assert browser("administrator").post(where, {"role": "officer"}).status_code == 302
    assert Person.objects.get(pk=people["records"].pk).role == "officer"
    assert officer.get("/tokens/").status_code == 302
    assert [t.label for t in Token.objects.all()] == ["reads"]
    assert recorded(people["records"])[-1]["before"] == "records"


def test_a_deactivated_person_is_out_at_once(browser: Browser, people: People) -> None:
    here, there, other = browser("officer"), browser("officer"), browser("reviewer")
    _, secret = Token.make(people["officer"], "a program", ["read"])
    assert here.get("/tokens/").status_code == there.get("/tokens/").status_code == 200
    browser("administrator").post(f"/people/{people['officer'].uid}/deactivate/")
    assert here.get("/tokens/").status_code == there.get("/tokens/").status_code == 302
    assert other.get("/tokens/").status_code == 200, "somebody else was signed out"
    assert Token.of(secret) is None
    answer = Client().post("/account/login/", {"login": "officer@here.example", "password": "an invented password"})
    assert b"are not correct" in answer.content
    link = link_in(browser("administrator").post(f"/people/{people['officer'].uid}/activate/"))
    assert here.get("/tokens/").status_code == 302, "an old session came back to life"
    assert Token.of(secret) is None, "an old token came back to life"
    assert Client().post(link, CHOSEN).status_code == 302


def test_the_link_of_a_deactivated_person_is_void(browser: Browser) -> None:
    person, link = invited(browser)
    browser("administrator").post(f"/people/{person.uid}/deactivate/")
    assert Client().get(link).status_code == 404


def test_a_new_link_replaces_the_password_and_the_older_link(browser: Browser, people: People) -> None:
    client, where = browser("officer"), f"/people/{people['officer'].uid}/link/"
    first, second = (link_in(browser("administrator").post(where)) for _ in range(2))
    assert client.get("/tokens/").status_code == 302
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    Client().post(second, CHOSEN)
    again = Client().post("/account/login/", {"login": "officer@here.example", "password": PHRASE})
    assert again["Location"] == "/account/2fa/authenticate/", "the second factor went with the password"


def test_who_lost_a_device_sets_up_new_factors(browser: Browser, people: People) -> None:
    client = browser("officer")
    browser("administrator").post(f"/people/{people['officer'].uid}/factors/")
    assert client.get("/tokens/")["Location"].startswith("/account/login/")
    assert not Authenticator.objects.filter(user=people["officer"]).exists()
    client.post("/account/login/", {"login": "officer@here.example", "password": "an invented password"})
    assert client.get("/tokens/")["Location"] == "/account/2fa/"
    assert recorded(people["officer"])[-1]["factors"] == 1


@pytest.mark.parametrize("step", ["role", "deactivate", "factors", "link"])
def test_no_administrator_acts_on_themselves(browser: Browser, people: People, step: str) -> None:
    client = browser("administrator")
    answer = client.post(f"/people/{people['administrator'].uid}/{step}/", {"role": "officer"})
    assert answer.status_code == 422 and "another administrator must do it" in answer.content.decode()
    now = Person.objects.get(pk=people["administrator"].pk)
    assert (now.role, now.is_active, now.password) == ("administrator", True, people["administrator"].password)
    assert client.get("/people/").status_code == 200


def test_two_administrators_cannot_remove_each_other(people: People, elsewhere: People) -> None:
    first, second = people["administrator"], person_of(people["officer"].agency, "administrator", "second")
    staff.deactivate(first, second)
    for step in (staff.deactivate, staff.reset_factors, staff.new_link):
        with pytest.raises(PeopleError, match="not an administrator any more"):
            step(second, first)  # whose page was loaded before
    assert Person.objects.filter(agency=first.agency, role=Role.ADMINISTRATOR, is_active=True).count() == 1


def test_another_agency_has_no_such_people(browser: Browser, elsewhere: People) -> None:
    client, theirs = browser("administrator"), elsewhere["officer"]
    assert client.get(f"/people/{theirs.uid}/").status_code == 404
    for step in ("role", "deactivate", "activate", "factors", "link"):
        assert client.post(f"/people/{theirs.uid}/{step}/", {"role": "auditor"}).status_code == 404
    assert "other.example" not in client.get("/people/").content.decode()
    assert Person.objects.get(pk=theirs.pk).is_active


def test_a_script_in_a_name_is_text(browser: Browser) -> None:
    browser("administrator").post("/people/", INVITED | {"name": "<script>alert(1)</script>"})
    page = browser("administrator").get("/people/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
