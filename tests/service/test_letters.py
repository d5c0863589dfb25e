"""The letter: it says the decision, releases only what is granted, and finds nothing in one way only."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document
from pypdf import PdfReader

from brightline.service.gate import decide, numbers
from brightline.service.gate.errors import GateError
from brightline.service.gate.letters import answer_letter, draft
from brightline.service.gate.models import Letter, Request
from tests.service.conftest import People
from tests.service.test_steps import verified


def text(letter: Letter) -> str:
    pdf = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(letter.pdf)).pages)
    assert Document(io.BytesIO(letter.docx)).paragraphs
    return " ".join(pdf.split())


def test_nothing_is_answered_before_it_is_decided(request_made: Request, people: People) -> None:
    with pytest.raises(GateError, match="not decided"):
        answer_letter(request_made, people["officer"])


def test_a_refusal_quotes_the_clause(request_made: Request, people: People) -> None:
    verified(request_made, people)
    decide.propose(request_made, people["officer"], "refused", "we keep our records")
    said = text(answer_letter(request_made, people["officer"]))
    assert "We refuse your request." in said
    assert request_made.number in said
    assert "Pat Invented" not in said  # the letter names the request, not the person
    with pytest.raises(GateError, match="answered before"):
        answer_letter(request_made, people["officer"])


def test_only_what_is_granted_is_told(request_made: Request, people: People) -> None:
    verified(request_made, people)
    made = decide.propose(
        request_made, people["officer"], "partly", "a criminal case", release={"Case number": "INVENTED-7"}
    )
    decide.second(made, people["reviewer"], True)
    said = text(answer_letter(request_made, people["officer"]))
    assert "INVENTED-7" in said
    assert "1990" not in said
    assert people["reviewer"].name in said


@pytest.mark.parametrize("state", ["sealed", "absent"])
def test_a_stopped_request_has_one_letter(request_made: Request, people: People, state: str) -> None:
    numbers.load(request_made.agency, people["records"], [], [numbers.digest("S-1")])
    numbers.look_up(request_made, people["officer"], {"sealed": "S-1", "absent": "A-1"}[state])
    made = draft(request_made, people["officer"])
    other = replace(made, number="2026-00001")
    assert made.decision == "nothing_found"
    assert (made.clauses, dict(made.released), made.second) == ((), {}, None)
    said = text(answer_letter(request_made, people["officer"]))
    assert "no record that may be disclosed" in said
    assert other.paragraphs == made.paragraphs
    assert request_made.outcome == "refused"


def test_a_stopped_request_that_was_refused_has_the_same_letter(request_made: Request, people: People) -> None:
    numbers.load(request_made.agency, people["records"], [], [numbers.digest("S-1")])
    numbers.look_up(request_made, people["officer"], "S-1")
    decide.propose(request_made, people["officer"], "refused", "no record")
    assert draft(request_made, people["officer"]).decision == "nothing_found"


def test_the_letter_can_be_spanish(request_made: Request, people: People) -> None:
    decide.propose(request_made, people["officer"], "refused", "no warrant")
    assert "Denegamos su solicitud." in text(answer_letter(request_made, people["officer"], "es"))


def test_a_grant_by_an_exception_quotes_the_exception_too(request_made: Request, people: People) -> None:
    verified(request_made, people)
    assert request_made.exceptions
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case", release={"Case": "INVENTED-7"})
    decide.second(made, people["reviewer"], True)
    cites = [cite for cite, _quote in draft(request_made, people["officer"]).clauses]
    assert request_made.exceptions[0] in cites
    assert cites.index(request_made.clauses[0]) < cites.index(request_made.exceptions[0])


def test_a_letter_says_what_was_decided_and_does_not_judge_again(
    request_made: Request, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A law that changes between the decision and the letter must not change what the letter cites."""
    verified(request_made, people)
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case", release={"Case": "INVENTED-7"})
    decide.second(made, people["reviewer"], True)
    before = draft(request_made, people["officer"]).clauses
    monkeypatch.setattr("brightline.service.gate.law._judge", lambda *told: pytest.fail("it judged again"))
    assert draft(Request.objects.get(pk=request_made.pk), people["officer"]).clauses == before
