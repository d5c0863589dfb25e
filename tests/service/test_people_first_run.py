"""The first run: it makes the agency and its administrator once, whoever else tries at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from brightline.service.people.models import Agency, Person
from brightline.service.people.setting_up import kinds
from brightline.service.record.models import Entry
from tests.service.conftest import People

PAGE = "/people/first-run/"
TOLD = {
    "agency": "Example City Police (invented)", "time_zone": "America/New_York", "address": "1 Invented Plaza",
    "name": "Ada Example", "email": "Ada@Here.example", "password": "an invented phrase",
}  # fmt: skip


def told(**others: str) -> dict[str, str]:
    return TOLD | {"actor": kinds()[0][0]} | others


def test_an_empty_installation_asks_for_its_first_run(db: None) -> None:
    assert Client().get("/tokens/")["Location"] == PAGE
    assert Client().get(PAGE).status_code == 200


def test_it_makes_the_administrator_and_asks_for_a_second_factor(db: None) -> None:
    client = Client()
    assert client.post(PAGE, told())["Location"] == "/account/2fa/"
    person = Person.objects.get()
    assert (person.role, person.email, person.agency.name) == ("administrator", "ada@here.example", TOLD["agency"])
    assert person.agency.packs == kinds()[0][2]
    assert client.get("/people/")["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/totp/activate/").status_code == 200, "the password is asked for twice"
    assert Entry.objects.get(about=str(person.uid)).kind == "key"


def test_there_is_no_second_time(people: People) -> None:
    assert Client().get(PAGE).status_code == 404
    assert Client().post(PAGE, told()).status_code == 404
    assert Agency.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"password": "short"}, {"password": "ada example 1"}, {"email": "nobody"}, {"time_zone": "Mars/Olympus"}, {"actor": "ice_hsi"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(db: None, wrong: dict[str, str]) -> None:
    answer = Client().post(PAGE, told(**wrong))
    assert answer.status_code == 422 and b"errorlist" in answer.content
    assert not Agency.objects.exists() and not Person.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_begins() -> None:
    def begins(n: int) -> Any:
        try:
            return Client().post(PAGE, told(email=f"ada{n}@here.example")).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(begins, range(6)))
    assert (Agency.objects.count(), Person.objects.count()) == (1, 1)
    assert statuses[0] == 302 and set(statuses[1:]) <= {404, 422}
