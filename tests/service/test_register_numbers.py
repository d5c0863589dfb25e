"""Sealed records: an officer cannot tell a sealed number from one that the agency does not hold; a reviewer can."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from typer.testing import CliRunner

from brightline.cli_numbers import app
from brightline.service.gate import numbers
from brightline.service.gate.models import KnownNumber, NumberCheck, Request
from brightline.service.home import home
from brightline.service.people.models import Token
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from tests.service.conftest import People

Browser = Callable[[str], Client]
# what is different each time, whatever was looked up: the token of a form, the moment, and the index in the ledger
CHANCE = (
    (re.compile(r'(name="csrfmiddlewaretoken" value=|csrftoken=)"?[\w-]+'), "TOKEN"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"), "MOMENT"),
    (re.compile(r'(?<=proof/)\d+|(?<=class="n">)\d+|(?<=, )\d+(?=</span>)|(?<=/">)\d+(?=</a>)'), "PLACE"),
    (re.compile(r"\b\d{1,2}:\d\d(:\d\d)?( [ap]\.?m\.?)?"), "TIME"),
    (re.compile(r"expires=[^;]+"), "EXPIRES"),
    (re.compile(r"messages=[^;]+"), "MESSAGES"),
)
LITERALS = re.compile(r"(?<=SAVEPOINT \")\w+|X'[0-9a-fA-F]*'|'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


@dataclass(frozen=True)
class Told:
    """All that somebody outside could see of one look-up, and what it did inside."""

    answers: list[tuple[str, int, tuple[tuple[str, str], ...], str]]
    said: list[str]
    sql: list[str]
    records: list[tuple[str, str, tuple[str, ...]]]


@pytest.fixture
def loaded(request_made: Request, people: People) -> Request:
    numbers.load(
        request_made.agency,
        people["records"],
        [numbers.digest(n) for n in ("HELD-1", "HELD-2")],
        [numbers.digest(n) for n in ("SEALED-1", "SEALED-2")],
    )
    return request_made


def plain(text: str) -> str:
    for pattern, word in CHANCE:
        text = pattern.sub(word, text)
    return text


def look_up(asked: Request, client: Client, send: Callable[[Client], list[tuple[str, Any]]]) -> Told:
    """What comes of a look-up, and of all pages after it. Everything is undone afterwards, so that each begins alike."""
    before = Entry.objects.count()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            answers = send(client)
        told = Told(
            [
                (name, a.status_code, tuple(sorted((k, plain(v)) for k, v in a.items())), plain(a.content.decode("latin-1")))
                for name, a in answers
            ],
            [str(m) for _, a in answers for m in (a.context or {}).get("messages", [])],
            [LITERALS.sub("?", q["sql"]) for q in queries],
            [
                (e.kind, e.what, tuple(sorted(e.payload or {})))
                for e in Entry.objects.order_by("id")[before:]
            ],
        )  # fmt: skip
        transaction.set_rollback(True)
    asked.refresh_from_db()
    return told


def by_pages(asked: Request, number: str) -> Callable[[Client], list[tuple[str, Any]]]:
    """The officer looks the number up, and opens every page of the request; then signs the answer."""

    def send(client: Client) -> list[tuple[str, Any]]:
        found = [("look up", client.post(reverse("request_numbers", args=[asked.number]), {"number": number}))]
        for name in ("request", "interview", "decision", "letter", "happened", "request_numbers", "proof"):
            found.append((name, client.get(reverse(name, args=[asked.number]))))
        for entry in Entry.objects.filter(what="number"):
            index = keeper().append([(str(entry.uid), entry.kind, entry.payload or {})])[0]
            receipt = client.get(reverse("receipt", args=[asked.number, index]))
            shown = receipt.content.decode()
            assert not re.search(r"\bwhy\b|sealed|absent", shown)
        found += [(name, client.get(reverse(name))) for name in ("home", "requests", "offices", "reports")]
        return found

    return send


def test_an_officer_cannot_tell_sealed_from_absent(loaded: Request, browser: Browser) -> None:
    officer = browser("officer")
    look_up(loaded, officer, by_pages(loaded, "NEVER-SEEN"))  # once, so that nothing is loaded for the first time below
    sealed = look_up(loaded, officer, by_pages(loaded, "SEALED-1"))
    absent = look_up(loaded, officer, by_pages(loaded, "ABSENT-1"))
    assert sealed.answers == absent.answers
    assert sealed.said == absent.said == ["There is no record that may be disclosed. The request is stopped."]
    assert sealed.sql == absent.sql
    assert sealed.records == absent.records
    assert ("access", "number", ("by", "digest", "request", "why")) in sealed.records
    everything = "".join(body for _, _, _, body in sealed.answers)
    assert not re.search(r"\bis sealed|holds no record", everything)
    held = look_up(loaded, officer, by_pages(loaded, "HELD-1"))
    assert held.answers != sealed.answers  # the test sees a difference where there is one


def test_the_letter_does_not_show_that_anything_exists(loaded: Request, browser: Browser, people: People) -> None:
    from brightline.service.gate.letters import draft

    drafts = {}
    for number in ("SEALED-1", "ABSENT-1"):
        with transaction.atomic():
            numbers.look_up(loaded, people["officer"], number)
            drafts[number] = repr(draft(loaded, people["officer"]))
            transaction.set_rollback(True)
        loaded = Request.objects.get(pk=loaded.pk)
    assert drafts["SEALED-1"] == drafts["ABSENT-1"]
    assert "seal" not in drafts["SEALED-1"].lower()


def test_the_api_gives_one_answer_for_sealed_and_absent(loaded: Request, people: People) -> None:
    _token, secret = Token.make(people["officer"], "invented", ["read", "decide"])

    def send_of(number: str) -> Callable[[Client], list[tuple[str, Any]]]:
        def send(client: Client) -> list[tuple[str, Any]]:
            told = client.post(
                f"/api/requests/{loaded.number}/numbers", {"number": number}, content_type="application/json",
                headers={"Authorization": f"Bearer {secret}"},
            )  # fmt: skip
            shown = client.get(f"/api/requests/{loaded.number}", headers={"Authorization": f"Bearer {secret}"})
            return [("look up", told), ("request", shown)]

        return send

    look_up(loaded, Client(), send_of("NEVER-SEEN"))
    sealed, absent = (look_up(loaded, Client(), send_of(n)) for n in ("SEALED-2", "ABSENT-2"))
    assert sealed.answers[0][1] == 200
    assert sealed == absent
    assert look_up(loaded, Client(), send_of("HELD-2")).answers != sealed.answers


def test_the_reviewer_sees_why_and_the_officer_never(loaded: Request, people: People, browser: Browser) -> None:
    from django.template.loader import render_to_string

    numbers.look_up(loaded, people["officer"], "SEALED-1")
    assert NumberCheck.objects.get().why == "sealed"
    assert "SEALED" not in str(list(NumberCheck.objects.values("digest")))
    shown = {r: render_to_string("gate/_numbers.html", {"row": loaded, "person": people[r]}) for r in people}
    assert "the record is sealed" in shown["reviewer"]
    assert "the record is sealed" in shown["auditor"]
    for role in ("officer", "records"):
        assert "the record is sealed" not in shown[role]
    page = browser("reviewer").get(reverse("request", args=[loaded.number])).content.decode()
    assert "sealed" in page


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_may_look_up(loaded: Request, browser: Browser, role: str) -> None:
    assert browser(role).post(reverse("request_numbers", args=[loaded.number]), {"number": "X1"}).status_code == 403


def test_a_number_without_letters_and_digits_is_refused(loaded: Request, browser: Browser) -> None:
    answer = browser("officer").post(reverse("request_numbers", args=[loaded.number]), {"number": " - "})
    assert answer.status_code == 422
    assert not NumberCheck.objects.exists()


# --- loading ------------------------------------------------------------------------------------------------------------------


def test_hashes_made_on_the_agencys_machine_are_the_ones_that_are_looked_up(
    tmp_path: Path, request_made: Request, browser: Browser, people: People
) -> None:
    """`brightline numbers hash` with the installation's key, then the page, then a look-up of the number itself."""
    key = home().folder / "numbers.key"
    home().secret("numbers")
    made = {}
    for name, lines in (("held", "m-1234 56\nM777\n\n"), ("sealed", "S 9\n")):
        (tmp_path / name).write_text(lines)
        done = CliRunner().invoke(app, ["hash", "--key", str(key), str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        made[name] = SimpleUploadedFile(f"{name}.txt", done.stdout.encode())
    assert browser("records").post(reverse("numbers"), made).status_code == 302
    assert KnownNumber.objects.count() == 3
    page = browser("records").get(reverse("numbers")).content.decode()
    assert "hashes loaded" in page
    assert numbers.look_up(request_made, people["officer"], "M 123456") is True
    assert numbers.look_up(request_made, people["officer"], "s9") is False
    assert NumberCheck.objects.latest("id").why == "sealed"


def test_numbers_themselves_are_refused(browser: Browser, request_made: Request) -> None:
    answer = browser("records").post(reverse("numbers"), {"held_list": "M-123456"})
    assert answer.status_code == 422
    assert "they must not come here" in answer.content.decode()
    assert "M-123456" not in str(list(Entry.objects.values("payload")))
    assert not KnownNumber.objects.exists()
    assert browser("records").post(reverse("numbers"), {}).status_code == 422
    assert browser("reviewer").post(reverse("numbers"), {"held_list": "0" * 64}).status_code == 403
    assert browser("officer").get(reverse("numbers")).status_code == 403


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [("short", "M1", "this is no key"), ("k" * 40, "M1\n--\n", "line 2: a record number has letters or digits")],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, key: str, text: str, said: str) -> None:
    (tmp_path / "key").write_text(key)
    (tmp_path / "numbers").write_text(text)
    done = CliRunner().invoke(app, ["hash", "--key", str(tmp_path / "key"), str(tmp_path / "numbers")])
    assert done.exit_code != 0
    assert said in " ".join(done.output.split())
    missing = CliRunner().invoke(app, ["hash", "--key", str(tmp_path / "no"), str(tmp_path / "numbers")])
    assert "there is no such file" in " ".join(missing.output.split())
