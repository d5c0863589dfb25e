"""The brief: two pages, whatever there is to tell, with the loophole, the amendment and what it does."""

from __future__ import annotations

import io
from typing import Any

import pytest

from brightline.law.pack import Law
from brightline.law.reform import shipped_reforms
from tests.lab.conftest import REPEAL, Call

pypdf = pytest.importorskip("pypdf", reason="the brief is not read back: pypdf is not installed")

ASKED = {"action": "place_alert", "purpose": "civil_immigration", "lang": "en"}


def brief(call: Call, text: str, **more: str) -> Any:
    reply = call("POST", "/api/brief", {**ASKED, "text": text, **more})
    assert reply.status == 200 and reply.headers["Content-Type"] == "application/pdf"
    return pypdf.PdfReader(io.BytesIO(reply.body))


def words(reader: Any) -> list[str]:
    return [" ".join(p.extract_text().replace("\u00a0", " ").split()) for p in reader.pages]


def many_clauses(count: int, letters: int) -> str:
    quote = "The agency shall not do this under any circumstances whatsoever. " * (letters // 66)
    return REPEAL + "".join(
        f"\n### r.{n} — clause {n}\n\n> {quote}\n\n```norm\nr.{n} forbids place_alert by nypd\n"
        f"  when civil_immigration_purpose\n  unless r.{n}-a court_order and judicial_warrant\n```\n"
        for n in range(2, count + 2)
    )


def test_it_tells_the_loophole_the_amendment_and_what_it_does(call: Call) -> None:
    one, two = words(brief(call, REPEAL))
    assert "The loophole" in one and "cooperative arrangements" in one and "On 20 August 2026" in one
    assert "Clause (i) of subdivision e of section 10-178 is repealed." in one
    assert "amends us-ny-nyc/10-178:e.i: repeal" in one
    assert "4 closed" in two and "What it leaves open" in two and "What it costs" in two
    assert "10-178(e)(i)" in two and "Together these leave no contact." in two
    for page in (one, two):
        assert "Not reviewed by counsel. Not legal advice." in page and "in force on 20 August 2026" in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_shipped_reform_fits_on_two_pages(call: Call, law: Law, language: str) -> None:
    for path in shipped_reforms(law).values():
        assert len(brief(call, path.read_text(encoding="utf-8"), lang=language).pages) == 2


@pytest.mark.parametrize(("count", "letters"), [(1, 70), (3, 1500), (30, 60), (12, 9000)])
def test_short_and_long_texts_fit_on_two_pages(call: Call, count: int, letters: int) -> None:
    reader = brief(call, many_clauses(count, letters))
    assert len(reader.pages) == 2
    if count > 12:
        assert "more" in words(reader)[0]


def test_a_very_long_title_and_line_fit_on_two_pages(call: Call) -> None:
    text = REPEAL.replace("title: No task force", "title: " + "A very long title " * 60)
    text = text.replace("> Clause (i)", "> " + "x" * 4000 + " Clause (i)")
    assert len(brief(call, text).pages) == 2


def test_an_act_without_loopholes_has_its_two_pages_too(call: Call) -> None:
    assert len(brief(call, REPEAL, action="record_request").pages) == 2


def test_it_tells_the_loophole_that_was_chosen(call: Call) -> None:
    told = call("POST", "/api/prove", {**ASKED, "text": REPEAL}).json["loopholes"]
    left = next(x for x in told if x["status"] == "open")
    one, _two = words(brief(call, REPEAL, loophole=left["id"]))
    assert left["title"] in one


def test_the_same_question_gives_the_same_bytes(call: Call) -> None:
    asked = {**ASKED, "text": REPEAL}
    assert call("POST", "/api/brief", asked).body == call("POST", "/api/brief", asked).body


def test_a_text_with_mistakes_makes_no_brief(call: Call) -> None:
    reply = call("POST", "/api/brief", {**ASKED, "text": "nothing"})
    assert reply.status == 400 and reply.json["error"]
