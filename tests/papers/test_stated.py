"""What is read from a paper: what it states, as it states it, and nothing that was not read."""

from __future__ import annotations

import pytest

from brightline.papers import Reading
from brightline.papers.open import open_paper
from brightline.papers.paper import Page, Paper
from brightline.papers.understand import understand
from tests.papers import made
from tests.papers.made import Made, person, text_papers

P = person(4)


def reading(data: bytes) -> Reading:
    return understand(open_paper(data, "paper"))


@pytest.mark.parametrize(
    "paper", [m for m in text_papers() if m.kind in ("i247a", "i200", "i205", "i138")], ids=lambda m: m.name
)
def test_who_and_which_file(paper: Made) -> None:
    assert paper.person is not None
    told = reading(paper.data).foremost()
    assert paper.person.name in told.values("subject_name")
    if paper.form != "form" or paper.kind != "i138":
        assert paper.person.number in told.values("a_number")
    assert told.values("issued_on")[0] == paper.person.day


def test_everything_on_a_detainer() -> None:
    told = reading(made.as_pdf(made.i247a(P, 3)))
    assert told.values("subject_name") == (P.name,)
    assert told.values("date_of_birth") == (P.born,)
    assert told.values("a_number") == (P.number,)
    assert told.values("subject_id") == ("4000003",)
    assert told.values("event_number") == ("SPR2611000003",)
    assert told.values("issued_on") == (P.day,)
    assert told.values("phone") == (P.phone,)
    assert set(told.values("asked")) == {"notify", "hold"}
    assert told.values("probable_cause") == ("final order of removal", "biometric match and records")
    assert P.office in told.values("requester_office")
    assert told.values("requester_agency") == ("Department of Homeland Security",)
    assert told.signed == "yes"


def test_the_boxes_of_a_fillable_form() -> None:
    told = reading(made.as_pdf(made.i247a(P, 3), fill=True))
    assert told.values("probable_cause") == ("final order of removal", "biometric match and records")
    name = next(s for s in told.stated if s.field == "subject_name")
    assert (name.value, name.where, name.page) == (P.name, "form field `Name of Alien`", None)


def test_a_notification_request_does_not_ask_to_hold() -> None:
    told = reading(made.as_pdf(made.i247a(P, 6)))
    assert told.values("edition") == ("I-247N",)
    assert told.values("asked") == ("notify",)


def test_a_judges_warrant_names_court_judge_and_case() -> None:
    told = reading(made.as_pdf(made.judicial_warrant(P, 0)))
    assert told.values("court") == (f"United States District Court, {P.district}",)
    assert told.values("judge") == (P.judge,)
    assert told.values("judge_title") == ("United States Magistrate Judge",)
    assert told.values("case_number") == (P.case,)
    assert "requester_agency" not in {s.field for s in told.stated}


def test_a_subpoena_of_an_officer() -> None:
    told = reading(made.as_pdf(made.i138(P, 7)))
    assert told.values("subpoena_number") == ("SPR-2026-0007",)
    assert told.values("asked") == ("produce",)


def test_what_a_letter_asks() -> None:
    told = reading(made.as_pdf(made.letter_text(P, 0)))
    assert told.values("asked") == ("information",)
    assert told.values("date_of_birth") == (P.born,)


def test_the_head_of_an_email() -> None:
    told = reading(made.as_email("Please call me.", subject="=?utf-8?q?Pr=C3=BCfung?="))
    assert told.values("mail_from") == ("Pat Fictional <pat.fictional@ice.example>",)
    assert told.values("mail_subject") == ("Prüfung",)
    assert told.values("mail_date")[0].startswith("Fri, 27 Nov 2026")
    assert {s.where for s in told.stated if s.field.startswith("mail_")} == {"e-mail header"}


def test_an_email_in_html_only() -> None:
    data = (
        b"From: a@b.example\r\nDate: Fri, 27 Nov 2026 10:00:00 -0500\r\nContent-Type: text/html\r\n\r\n"
        b"<style>x{}</style><p>Dear Sheriff,</p><p>please hold this person &amp; call.</p><script>alert(1)</script>"
    )
    told = reading(data)
    assert told.kind == "letter"
    assert "please hold this person & call." in told.text
    assert "alert" not in told.text


def test_what_could_not_be_read_is_absent() -> None:
    text = "\n".join(made.i247a(P).lines).replace(P.name, "\u25af, Juan").replace(P.born, "0\u25af/02/1990")
    told = understand(Paper("paper", "image", (Page(1, is_picture=True, seen=text),)))
    assert told.kind == "i247a"
    assert told.values("subject_name") == ()
    assert told.values("date_of_birth") == ()
    assert told.values("a_number") == (P.number,)
    assert {s.where for s in told.stated} <= {"picture"}


def test_an_empty_blank_states_nothing() -> None:
    text = "\n".join(made.i247a(P).lines).replace(P.name, "________").replace(P.number, "").replace(P.born, "")
    told = understand(Paper("paper", "pdf", (Page(1, text),)))
    assert not {"subject_name", "a_number", "date_of_birth"} & {s.field for s in told.stated}


def test_text_that_nobody_sees_states_nothing() -> None:
    page = Page(1, "Name of Alien: Hidden, Helga", is_picture=True, seen="Name of Alien: Shown, Sally")
    assert understand(Paper("paper", "pdf", (page,))).values("subject_name") == ("Shown, Sally",)
