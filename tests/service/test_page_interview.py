"""The interview page: one question with its clause, an answer with its basis, rows without a script, answers changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from brightline.service.gate import ask
from brightline.service.gate.models import Answer, Request
from brightline.service.gate.receive import receive
from tests.service.conftest import People

Browser = Callable[[str], Client]


@pytest.fixture
def detainer(people: People) -> Request:
    """A detainer on which nothing is known."""
    return receive(
        people["officer"], received_at=datetime(2026, 3, 14, 15, tzinfo=UTC), asked=["hold_past_release"],
        facts={"request": {"value": "civil_detainer", "basis": "verified", "shown_by": "the form"}},
    )  # fmt: skip


def page(client: Client, request: Request, query: str = "") -> str:
    return client.get(f"/requests/{request.number}/questions/{query}").content.decode()


def send(client: Client, request: Request, **told: Any) -> Any:
    return client.post(f"/requests/{request.number}/questions/", told)


def test_it_works(browser: Browser, detainer: Request) -> None:
    asked = ask.question(detainer)
    assert asked is not None
    shown = page(browser("officer"), detainer)
    assert asked.question.replace("'", "&#x27;") in shown
    assert asked.texts[0][0].replace("'", "&#x27;") in shown  # the clause beside it
    assert f"At most {asked.still_open} questions are left" in shown
    assert "cannot tell" in shown


def test_an_answer_is_recorded_with_who_and_what(browser: Browser, detainer: Request, people: People) -> None:
    told = {"fact": "judicial_warrant_with_detainer", "value": "no", "basis": "verified", "shown_by": "the paper"}
    assert send(browser("reviewer"), detainer, **told).status_code == 302
    answer = Answer.objects.get()
    assert (answer.value, answer.basis, answer.shown_by, answer.by) == (
        False,
        "verified",
        "the paper",
        people["reviewer"],
    )
    detainer.refresh_from_db()
    assert detainer.facts["judicial_warrant_with_detainer"]["value"] is False


def test_not_known_is_not_no(browser: Browser, detainer: Request) -> None:
    send(browser("officer"), detainer, fact="judicial_warrant_with_detainer", value="unknown")
    detainer.refresh_from_db()
    assert detainer.facts["judicial_warrant_with_detainer"]["value"] is None
    shown = page(browser("officer"), detainer)
    assert "Not known: " in shown
    assert 'class="mark basis-unknown"' in shown


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "Choose an answer"),
        ({"value": "yes"}, "whether the answer is verified"),
        ({"value": "yes", "basis": "verified"}, "what shows it"),
        ({"value": "perhaps", "basis": "stated"}, "Answer yes, no or not known"),
        ({"value": "yes", "basis": "rumoured"}, "whether the answer is verified"),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_again(
    browser: Browser, detainer: Request, told: dict[str, str], said: str
) -> None:
    answer = send(browser("officer"), detainer, fact="judicial_warrant_with_detainer", **told)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Answer.objects.exists()


def test_an_earlier_answer_is_changed_and_both_stay_on_record(browser: Browser, detainer: Request) -> None:
    client, fact = browser("officer"), "judicial_warrant_with_detainer"
    send(client, detainer, fact=fact, value="no", basis="stated", shown_by="the caller")
    shown = page(client, detainer, f"?fact={fact}")
    assert '<input type="radio" name="value" value="no" checked>' in shown
    assert 'value="the caller"' in shown
    send(client, detainer, fact=fact, changing=fact, value="yes", basis="verified", shown_by="the warrant itself")
    detainer.refresh_from_db()
    assert detainer.facts[fact]["value"] is True
    assert [a.value for a in Answer.objects.filter(fact=fact)] == [False, True]


def test_a_number_and_a_day_are_taken_as_they_are_written(browser: Browser, detainer: Request) -> None:
    client = browser("officer")
    told = {"value": "known", "basis": "verified", "shown_by": "the log"}
    number = next(n for n, f in ask.law().vocabulary.facts.items() if f.type == "number")
    assert send(client, detainer, fact=number, number="many", **told).status_code == 422
    assert send(client, detainer, fact=number, number="nan", **told).status_code == 422
    assert send(client, detainer, fact=number, number="47.5", **told).status_code == 302
    days = [n for n, f in ask.law().vocabulary.facts.items() if f.type == "date"]
    for day in days[:1]:
        assert send(client, detainer, fact=day, day="soon", **told).status_code == 422
        assert send(client, detainer, fact=day, day="2026-03-01", **told).status_code == 302
    detainer.refresh_from_db()
    assert detainer.facts[number]["value"] == 47.5


def test_rows_are_added_and_taken_out_without_a_script(browser: Browser, detainer: Request) -> None:
    client = browser("officer")
    rows = {
        "fact": "judgment",
        "row_offense_class": ["violent_or_serious", "misdemeanor"],
        "row_youthful_or_juvenile": ["no", ""],
        "row_years_before_arrest_without_prison": ["2", ""],
    }
    more = send(client, detainer, **rows, more="1").content.decode()
    assert more.count('name="row_offense_class"') == 3
    assert '<option value="violent_or_serious" selected>' in more
    less = send(client, detainer, **rows, less="0").content.decode()
    assert less.count('name="row_offense_class"') == 1
    assert '<option value="misdemeanor" selected>' in less
    assert not Answer.objects.exists()
    told = {"basis": "verified", "shown_by": "the search"}
    assert send(client, detainer, **rows, **told).status_code == 422  # whether they are all is not said
    assert send(client, detainer, **rows, **told, complete="yes").status_code == 302
    detainer.refresh_from_db()
    assert detainer.records["judgment"]["records"] == [
        {
            "offense_class": "violent_or_serious",
            "youthful_or_juvenile": False,
            "years_before_arrest_without_prison": 2.0,
        },
        {"offense_class": "misdemeanor"},
    ]
    assert detainer.records["judgment"]["complete"] is True
    assert detainer.records["judgment"]["basis"] == "verified"


def test_a_request_that_names_no_act_is_asked_for_it_first(browser: Browser, people: People) -> None:
    made = receive(people["officer"], received_at=datetime(2026, 3, 14, 15, tzinfo=UTC), asked=[])
    client = browser("officer")
    assert "What was asked or done?" in page(client, made)
    assert send(client, made, fact="action", value="transfer_custody").status_code == 302
    made.refresh_from_db()
    assert made.asked == ["transfer_custody"]


def test_when_nothing_more_can_change_the_answer_it_says_so(browser: Browser, request_made: Request) -> None:
    while (asked := ask.question(request_made)) is not None:
        send(browser("officer"), request_made, fact=asked.name, value="unknown")
        request_made.refresh_from_db()
    assert "Nothing more is to be asked" in page(browser("officer"), request_made)


def test_what_the_vocabulary_does_not_have_is_not_asked(browser: Browser, detainer: Request) -> None:
    assert browser("officer").get(f"/requests/{detainer.number}/questions/?fact=colour").status_code == 404
    assert send(browser("officer"), detainer, fact="colour", value="yes").status_code == 404


def test_the_question_is_asked_in_the_reader_s_language(browser: Browser, detainer: Request) -> None:
    client = browser("officer")
    english = page(client, detainer)
    client.cookies["django_language"] = "es"
    spanish = page(client, detainer)
    assert "no se sabe" in spanish.lower() or "no se puede" in spanish.lower() or spanish != english
    assert '<html lang="es">' in spanish
    asked = ask.question(detainer)
    assert asked is not None
    assert asked.question not in spanish
