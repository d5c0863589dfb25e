"""The page of a new request: by form and by paper; what is read counts as stated; bad input is answered with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from brightline.service.gate.models import Paper, Request
from brightline.service.record.models import Entry
from tests.papers import made

Browser = Callable[[str], Client]
FILLED = {
    "received_at": "2026-05-04T09:30",
    "channel": "letter",
    "actor": "ice_hsi",
    "office": "HSI Example Office",
    "reference": "EX-1",
    "asked": ["share_personal_information", "allow_interview"],
    "request": "information_request",
    "words_asked": "everything that you have",
    "words_purpose": "we look into stolen cargo",
    "stated_purpose": "other_criminal",
    "subject_name": "Pat Invented",
}


def mail(*attached: tuple[str, bytes]) -> SimpleUploadedFile:
    body = "Dear records unit,\nplease send us all records of the person on the form."
    return SimpleUploadedFile("request.eml", made.as_email(body, list(attached)), "message/rfc822")


def forms() -> tuple[tuple[str, bytes], ...]:
    person = made.person(3)
    return ("i247a.pdf", made.as_pdf(made.i247a(person))), ("i200.pdf", made.as_pdf(made.i200(person)))


def test_it_works(browser: Browser) -> None:
    client = browser("officer")
    assert client.get("/requests/new/").status_code == 200
    answer = client.post("/requests/new/", FILLED)
    request = Request.objects.get()
    assert answer.headers["Location"] == f"/requests/{request.number}/questions/"
    assert request.received_at.isoformat() == "2026-05-04T13:30:00+00:00"  # half past nine where the agency is
    assert request.asked == ["share_personal_information", "allow_interview"]
    assert request.words == {"asked": "everything that you have", "purpose": "we look into stolen cargo"}
    assert request.subject == {"name": "Pat Invented"}
    assert request.office is not None
    assert (request.office.actor, request.office.name) == ("ice_hsi", "HSI Example Office")
    assert {n: f["basis"] for n, f in request.facts.items()} == {"request": "stated", "stated_purpose": "stated"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"asked": []}, "Tick at least one thing"),
        ({"received_at": "2099-01-01T00:00"}, "lies in the future"),
        ({"received_at": "soon"}, "Enter a valid date"),
        ({"actor": "", "office": "Some Office"}, "Choose the agency"),
        ({"actor": "made_up"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(browser: Browser, wrong: dict[str, Any], said: str) -> None:
    answer = browser("officer").post("/requests/new/", {**FILLED, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "we look into stolen cargo" in answer.content.decode()  # what was typed is not lost
    assert not Request.objects.exists()


def test_a_paper_makes_the_request_at_once_and_what_it_states_is_only_stated(browser: Browser) -> None:
    answer = browser("records").post("/requests/new/", {"drop": "1", "paper": mail(*forms())})
    request = Request.objects.get()
    assert answer.headers["Location"] == f"/requests/{request.number}/complete/"
    assert request.channel == "email"
    assert request.asked == ["hold_past_release", "notify_release"]
    assert request.office is not None
    assert request.office.actor == "ice_ero"
    assert request.subject and request.subject["name"]
    assert {f.get("basis") for f in request.facts.values()} == {"stated"}
    assert Paper.objects.get().request == request
    assert set(Entry.objects.filter(about=request.uid).values_list("what", flat=True)) == {"receive", "paper"}


def test_an_officer_s_warrant_is_never_taken_for_a_judge_s(browser: Browser) -> None:
    client = browser("officer")
    client.post("/requests/new/", {"drop": "1", "paper": mail(*forms())})
    request = Request.objects.get()
    assert not any("warrant" in name for name in request.facts)
    page = client.get(f"/requests/{request.number}/complete/").content.decode()
    assert "No judge has seen this:" in page
    assert "This is no judge" in page
    assert "the title" in page  # the reasons for the kind


def test_what_was_read_is_completed(browser: Browser) -> None:
    client = browser("officer")
    client.post("/requests/new/", {"drop": "1", "paper": mail()})
    request = Request.objects.get()
    address = f"/requests/{request.number}/complete/"
    assert "please send us all records" in client.get(address).content.decode()
    assert client.post(address, {**FILLED, "asked": []}).status_code == 422
    assert client.post(address, FILLED).headers["Location"] == f"/requests/{request.number}/questions/"
    request.refresh_from_db()
    assert request.asked == FILLED["asked"]
    assert request.facts["stated_purpose"]["value"] == "other_criminal"
    assert Entry.objects.filter(about=request.uid, what="amend").count() == 1


def test_a_decided_request_is_not_changed(browser: Browser, request_made: Request) -> None:
    client = browser("officer")
    told = {"step": "propose", "outcome": "refused", "reason": "no warrant"}
    client.post(f"/requests/{request_made.number}/decision/", told)
    answer = client.post(f"/requests/{request_made.number}/complete/", FILLED)
    assert answer.status_code == 422
    assert "so nothing is added to it now" in answer.content.decode()
    request_made.refresh_from_db()
    assert request_made.reference == ""


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.pdf", b"", "empty"),
        ("bomb.zip", b"PK\x03\x04" + bytes(400), ""),
        ("broken.pdf", b"%PDF-1.7\nnothing", ""),
    ],
)
def test_a_file_that_is_no_paper_is_refused_with_a_sentence(
    browser: Browser, name: str, data: bytes, said: str
) -> None:
    answer = browser("officer").post("/requests/new/", {"drop": "1", "paper": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode() or "errorlist" in answer.content.decode()
    assert said in answer.content.decode()
    assert not Request.objects.exists()


@pytest.mark.parametrize("limit", [4000, 1000, 100])
def test_a_file_over_the_limit_is_refused(browser: Browser, settings: Any, limit: int) -> None:
    settings.MOST_UPLOAD = limit
    answer = browser("officer").post("/requests/new/", {"drop": "1", "paper": SimpleUploadedFile("a.pdf", bytes(5000))})
    assert answer.status_code == 422
    assert "larger than 25 MB" in answer.content.decode()


def test_script_in_every_field_stays_text(browser: Browser) -> None:
    evil = "<script>alert(1)</script>{{ 7|add:42 }}\"'"
    client = browser("records")
    fields = ("office", "reference", "words_asked", "words_purpose", "subject_name", "subject_born", "subject_a_number")
    client.post("/requests/new/", {**FILLED, **dict.fromkeys(fields, evil[:40])})
    client.post(
        "/requests/new/",
        {
            "drop": "1",
            "paper": SimpleUploadedFile(f"{evil}.eml", made.as_email(evil * 9, subject="<script>alert(2)</script>")),
        },
    )
    number = Request.objects.get(reference=evil[:40]).number
    answer = {"fact": "identifying_information", "value": "yes", "basis": "verified", "shown_by": evil}
    client.post(f"/requests/{number}/questions/", answer)
    told = {"step": "propose", "outcome": "refused", "reason": evil}
    client.post(f"/requests/{number}/decision/", told)
    assert Request.objects.get(number=number).outcome == "refused"
    other = Request.objects.exclude(number=number).get().number
    pages = [
        f"/requests/{n}/{p}"
        for n in (number, other)
        for p in ("", "complete/", "questions/", "decision/", "letter/", "proof/")
    ]
    pages += ["/", "/requests/", "/requests/?q=%3Cscript%3Ealert(1)%3C/script%3E"]
    for page in pages:
        shown = client.get(page).content.decode()
        assert "<script>alert" not in shown, page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add" in client.get(f"/requests/{number}/").content.decode()
