"""From the e-mail of a detainer to the signed letter and its proof, in a browser, at a real server: a grant, a refusal, and
a request that is stopped.

With BRIGHTLINE_PICTURES=DIR every step is kept there as a picture, as on a desk and on a telephone, for somebody to look at.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from tests.browser import follow
from tests.papers import made
from tests.service.served import COMMAND, serving, signed_in
from tests.service.served import demo as demo
from tests.service.served import demo_data as demo_data
from tests.service.test_people_sign_in import code

pytestmark = [pytest.mark.browser, pytest.mark.long]

PICTURES = os.environ.get("BRIGHTLINE_PICTURES")
WHO = made.person(3)
PASSWORD = "an invented password"
# What the records show of the person: a judge's warrant came with the detainer, and a robbery two years before this arrest,
# so that N.Y.C. Admin. Code § 14-154(b)(1)(i)-(ii) lets the police hold and tell, and § 10-178(e)(ii) does not bar it.
ANSWERS = {
    "civil_immigration_arrest": "no",
    "judicial_warrant_with_detainer": "yes",
    "terrorist_screening_match": "no",
    "allowed_by_detainer_sections": "yes",
}
JUDGMENT = {
    "offense_class": "violent_or_serious",
    "youthful_or_juvenile": "no",
    "years_before_arrest_without_prison": "2",
}
STATED = ("judicial_warrant_with_detainer", "judgment")  # what only the requester says
RELEASED = {"Release": "30 November 2026, 10:00", "Place": "Central Booking"}
STEPS = {
    "Received and judged",
    "A paper was kept",
    "A question was answered",
    "A decision was proposed",
    "Decided",
    "The letter was signed",
}

Opened = Callable[..., Any]


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opened]:
    """`opened(address, role)`: a window of its own, signed in to the demonstration as this role; without a role, signed out.

    What fails in a script, or is asked of another server, fails the test.
    """
    contexts, wrong = [], []

    def window(address: str, role: str = "", script: bool = True) -> Any:
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, java_script_enabled=script, accept_downloads=True
        )
        contexts.append(context)
        context.on("request", lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url))
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        context.on("console", lambda m: wrong.append(m.text) if m.type == "error" and "422" not in m.text else None)
        return signed_in(context, address, role) if role else context.new_page()

    yield window
    for context in contexts:
        context.close()
    assert wrong == []


def seen(page: Any, name: str) -> None:
    """Keep a picture of the step, where somebody wants to look at it."""
    if PICTURES:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def said(page: Any) -> str:
    """What the page says of the step that was just taken."""
    return str(page.locator("[role=status], [role=alert]").first.inner_text())


def press(page: Any, name: str) -> None:
    follow(page.get_by_role("button", name=name, exact=True))


def number_in(page: Any) -> str:
    found = re.search(r"/requests/(\d{4}-\d{5})/", page.url)
    assert found, page.url
    return found[1]


def e_mail(form: str) -> bytes:
    """An I-247A that came as the text of the e-mail itself, or attached as a filled-in PDF."""
    paper = made.i247a(WHO)
    if form == "text":
        return made.as_email(made.as_text(paper).decode())
    body = "Dear records unit,\nplease hold the person on the attached form."
    return made.as_email(body, [("i247a.pdf", made.as_pdf(paper, fill=True))])


def drop(page: Any, address: str, mail: bytes) -> str:
    """Drop the e-mail on the page for a new request. Returns the number of the request that it made."""
    page.goto(f"{address}/requests/new/")
    seen(page, "01-new")
    page.set_input_files("#id_paper", {"name": "request.eml", "mimeType": "message/rfc822", "buffer": mail})
    press(page, "Read the paper")
    page.wait_for_url("**/complete/")
    return number_in(page)


def answer_all(page: Any, answers: dict[str, str], stated: tuple[str, ...] = ()) -> list[str]:
    """Answer every question until there is none; what is not in `answers` is answered no. Returns the facts asked."""
    asked: list[str] = []
    while page.locator("main [name=fact]").count():
        fact = page.locator("main [name=fact]").input_value()
        assert fact not in asked, f"{fact} is asked twice"
        asked.append(fact)
        if page.locator("[name^=row_]").count():
            for name, value in JUDGMENT.items():
                cell = page.locator(f"[name=row_{name}]").first
                if cell.evaluate("e => e.tagName") == "SELECT":
                    cell.select_option(value)
                else:
                    cell.fill(value)
            page.check("[name=complete][value=yes]")
        elif page.locator("#number").count():
            page.fill("#number", answers.get(fact, "24"))
        else:
            page.check(f"[name=value][value={answers.get(fact, 'no')}]")
        if page.locator("[name=basis]").count():
            page.check(f"[name=basis][value={'stated' if fact in stated else 'verified'}]")
            page.fill(
                "[name=shown_by]", "the agent, by telephone" if fact in stated else "the custody record (invented)"
            )
        seen(page, f"03-question-{len(asked):02}-{fact}")
        press(page, "Put the answer on record")
        assert "on record" in said(page)
    return asked


def told_of(page: Any, selector: str) -> str:
    return " ".join(page.inner_text(selector).split())


# --- a grant ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "script"), [("attached", True), ("text", False)], ids=["script", "no script"])
def test_a_detainer_from_its_e_mail_to_the_letter_and_the_proof(
    demo: str, demo_data: Path, opened: Opened, chromium: Any, tmp_path: Path, form: str, script: bool
) -> None:
    officer = opened(demo, "officer", script)
    reviewer = opened(demo, "reviewer", script)

    number = drop(officer, demo, e_mail(form))
    seen(officer, "02-complete")
    read = told_of(officer, "aside")
    assert "Immigration detainer (DHS Form I-247A or a predecessor)" in read
    assert "the number of the form I-247A (3/17)" in read
    assert "the signature line of an officer" in read
    assert "No judge has seen this" in told_of(officer, "main")
    assert officer.input_value("#id_subject_name") == WHO.name
    ticked = {e.get_attribute("value") for e in officer.locator("[name=asked]:checked").all()}
    assert ticked == {"hold_past_release", "notify_release"}
    officer.fill("#id_words_purpose", "removal proceedings")
    officer.select_option("#id_stated_purpose", "civil_immigration")
    press(officer, "Save and go on")
    officer.wait_for_url("**/questions/")

    asked = answer_all(officer, ANSWERS, STATED)
    assert "judicial_warrant_with_detainer" in asked, "a form of an officer answers no question about a judge"
    assert "judgment" in asked
    seen(officer, "04-no-more-questions")
    assert "Nothing more is to be asked" in officer.inner_text("h1")

    follow(officer.get_by_role("link", name="To the decision").first)
    seen(officer, "05-decision-rests-on-statements")
    bases = told_of(officer, ".bases")
    assert bases.count("not barred, by an exception") == 1
    assert "It cannot be granted now" in told_of(officer, "main")
    assert officer.locator("[name=outcome]").count() == 1, "no grant is offered"
    decision = f"{demo}/requests/{number}/decision/"
    # what the page does not offer, the step refuses too
    told = _granted_by_hand(officer, decision)
    assert told.status == 422
    assert "nobody has verified" in told.text()

    officer.goto(decision)
    warrant = officer.locator("#fact-judicial_warrant_with_detainer")
    warrant.get_by_label("I verified it. What shows it?").fill("docket of the district court (invented)")
    follow(warrant.get_by_role("button", name="It is verified"))
    assert "verified" in said(officer)
    assert officer.locator("[name=outcome]").count() == 1, "the judgment is still only stated"
    assert officer.get_by_label("Why it need not be verified").count() == 0, "an officer does not sign for it"
    reviewer.goto(decision)
    seen(reviewer, "06-reviewer-signs")
    judgment = reviewer.locator("#fact-judgment")
    judgment.get_by_label("Why it need not be verified").fill("the clerk read the judgment to me (invented)")
    follow(judgment.get_by_role("button", name="Sign for it as a reviewer"))
    assert "Your reason is on record" in said(reviewer)

    officer.goto(decision)
    officer.check("[name=outcome][value=granted]")
    officer.fill("#reason", "a judge's warrant and a listed crime")
    for row, (label, value) in enumerate(RELEASED.items()):
        officer.locator("[name=label]").nth(row).fill(label)
        officer.locator("[name=told]").nth(row).fill(value)
    officer.check("[name=information][value=release_date]")
    seen(officer, "07-propose")
    press(officer, "Propose, or decide a refusal")
    assert "waits for a second person" in said(officer)
    seen(officer, "08-proposed")
    assert officer.get_by_role("button", name="I agree").count() == 0, "nobody seconds their own proposal"

    reviewer.goto(f"{demo}/")
    seen(reviewer, "09-desk-of-the-reviewer")
    follow(reviewer.get_by_role("link", name=number).first)
    reviewer.wait_for_url("**/decision/")
    seen(reviewer, "10-second")
    press(reviewer, "I agree")
    assert "on record" in said(reviewer)

    officer.goto(decision)
    follow(officer.get_by_role("link", name="To the letter"))
    seen(officer, "11-letter-draft")
    assert "Central Booking" in told_of(officer, "article.sheet")
    press(officer, "Sign the letter")
    assert "signed and kept" in said(officer)
    seen(officer, "12-letter-signed")
    _the_letter(officer, number)
    _the_proof(officer, chromium, number, demo_data, tmp_path)


def _granted_by_hand(page: Any, address: str) -> Any:
    """The form of a grant, sent although the page shows none."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"csrfmiddlewaretoken": token, "step": "propose", "outcome": "granted", "reason": "invented"}
    return page.request.post(address, form=form, headers={"Referer": address})


def _text(pdf: Any) -> str:
    return " ".join(" ".join(p.extract_text() for p in PdfReader(pdf).pages).split())


def _the_letter(officer: Any, number: str) -> None:
    """Both files say what was decided, with the clauses and what is released, and nothing of what was not."""
    with officer.expect_download() as pdf:
        officer.get_by_role("link", name="Save the PDF").click()
    text = _text(pdf.value.path())
    with officer.expect_download() as docx:
        officer.get_by_role("link", name="Save it for Word (docx)").click()
    word = Document(str(docx.value.path()))
    lines = [p.text for p in word.paragraphs] + [c.text for t in word.tables for r in t.rows for c in r.cells]
    for answer in (text, " ".join(" ".join(lines).split())):
        for shown in (number, "Central Booking", "30 November 2026, 10:00", "14-154", "Ada Example", "Ben Sample"):
            assert shown in answer, shown
        assert "the clerk read the judgment" not in answer
        assert "Fictiva" not in answer, "the letter names nobody who is not in what is released"


def _the_proof(officer: Any, chromium: Any, number: str, data: Path, kept: Path) -> None:
    """A receipt of the decision holds under `brightline verify` and in the page for checking, opened from a folder."""
    follow(officer.get_by_role("link", name="Proof in the ledger").first)
    seen(officer, "13-proof")
    steps = officer.locator("section table").first.locator("tbody th").all_inner_texts()
    assert set(steps) >= STEPS
    with officer.expect_download() as page:
        officer.get_by_role("link", name="Save the checking page (verify.html)").click()
    page.value.save_as(kept / "verify.html")
    decided = officer.locator("section table").first.locator("tr", has_text=re.compile("^decided", re.I))
    follow(decided.get_by_role("link"))
    seen(officer, "14-receipt")
    assert not officer.is_checked("[name=field][value=released]"), "what is personal is shown only by choice"
    without = _receipt(officer, kept / "without.tlog-proof")
    officer.check("[name=field][value=released]")
    whole = _receipt(officer, kept / "whole.tlog-proof")

    policy = data / "ledger" / "policy"
    told = _verified(without, policy)
    assert (sorted(told["fields"]), told["hidden"]) == (["law", "outcome", "request"], 1)
    told = _verified(whole, policy)
    assert told["hidden"] == 0
    assert told["fields"] == {
        "request": number,
        "outcome": "granted",
        "released": RELEASED,
        "law": {
            "verdict": "excepted",
            "clauses": ["N.Y.C. Admin. Code § 10-178(c)", "N.Y.C. Admin. Code § 14-154(b)(1)"],
            "exceptions": ["N.Y.C. Admin. Code § 10-178(e)(ii)", "N.Y.C. Admin. Code § 14-154(b)(1)(i)-(ii)"],
        },
    }
    _checked_in_the_page(chromium, kept, whole, told["fields"])


def _receipt(page: Any, file: Path) -> Path:
    with page.expect_download() as receipt:
        page.get_by_role("button", name="Save the receipt").click()
    receipt.value.save_as(file)
    return file


def _verified(receipt: Path, policy: Path) -> dict[str, Any]:
    """What `brightline verify` says of a receipt, trusting this ledger's key."""
    command = [COMMAND, "verify", str(receipt), "--policy", str(policy), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["verdict"] == "good"
    return told


def _checked_in_the_page(chromium: Any, kept: Path, receipt: Path, fields: dict[str, Any]) -> None:
    context = chromium.new_context()
    page, asked = context.new_page(), []
    page.on("request", lambda r: asked.append(r.url))
    page.goto((kept / "verify.html").as_uri())
    page.set_input_files("input[type=file]", receipt)
    page.wait_for_selector("#head:not(:empty)")
    seen(page, "15-verify")
    assert page.inner_text("#head").startswith("Genuine")
    names = page.locator("tbody th").all_inner_texts()
    shown = dict(zip(names, page.locator("tbody td").all_text_contents(), strict=True))
    assert {n: v if isinstance(fields[n], str) else json.loads(v) for n, v in shown.items()} == fields
    assert all(a.startswith("file:") for a in asked), asked
    context.close()


# --- a refusal, from an empty installation -----------------------------------------------------------------------------


def test_an_empty_installation_is_set_up_and_refuses_its_first_detainer(opened: Opened, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as address:
        administrator = opened(address)
        administrator.goto(f"{address}/")
        seen(administrator, "20-first-run")
        administrator.fill("[name=agency]", "Example City Police (invented)")
        administrator.select_option("[name=actor]", "nypd")
        administrator.fill("[name=address]", "1 Invented Plaza")
        administrator.fill("[name=name]", "Eli Mockup")
        administrator.fill("[name=email]", "eli@here.example")
        administrator.fill("[name=password]", PASSWORD)
        follow(administrator.locator("main button[type=submit]"))
        _second_factor(administrator)
        administrator.goto(f"{address}/people/")
        seen(administrator, "22-people")
        for name, value in {"name": "Ada Example", "title": "Records officer", "email": "ada@here.example"}.items():
            administrator.fill(f"main [name={name}]", value)
        administrator.select_option("main [name=role]", "officer")
        press(administrator, "Invite")
        seen(administrator, "23-link")
        link = administrator.inner_text("#link")

        officer = opened(address)
        officer.goto(link)
        seen(officer, "24-welcome")
        officer.fill("[name=password]", PASSWORD)
        officer.fill("[name=again]", PASSWORD)
        press(officer, "Set the password")
        seen(officer, "25-sign-in")
        officer.fill("[name=login]", "ada@here.example")
        officer.fill("[name=password]", PASSWORD)
        follow(officer.locator("main form button").first)
        _second_factor(officer)
        officer.goto(f"{address}/")
        seen(officer, "27-empty-desk")
        assert officer.locator(".empty").count(), "an empty desk says what to do"
        officer.goto(f"{address}/requests/")
        seen(officer, "28-no-requests")

        number = drop(officer, address, e_mail("attached"))
        press(officer, "Save and go on")
        officer.wait_for_url("**/questions/")
        answer_all(officer, {**ANSWERS, "judicial_warrant_with_detainer": "no"})
        follow(officer.get_by_role("link", name="To the decision").first)
        seen(officer, "29-barred")
        assert "Barred by" in told_of(officer, ".verdict")
        assert officer.locator("[name=outcome]").count() == 1
        told = _granted_by_hand(officer, f"{address}/requests/{number}/decision/")
        assert told.status == 422
        assert "the law bars it" in told.text()
        officer.goto(f"{address}/requests/{number}/decision/")
        officer.check("[name=outcome][value=refused]")
        officer.fill("#reason", "no judge has signed anything")
        follow(officer.locator("[name=step][value=propose]"))
        assert "decided" in said(officer), "a refusal needs no second person"
        follow(officer.get_by_role("link", name="To the letter"))
        seen(officer, "30-refusal")
        press(officer, "Sign the letter")
        with officer.expect_download() as pdf:
            officer.get_by_role("link", name="Save the PDF").click()
        text = _text(pdf.value.path())
        assert "14-154(b)(1)" in text
        assert "Ada Example Records officer" in text
        assert "no judge has signed" not in text, "the reason is for the record, not for the letter"


def _second_factor(page: Any) -> None:
    """Set up an app for codes, as everybody must who signs in for the first time."""
    page.wait_for_url("**/account/2fa/")
    follow(page.get_by_role("link", name="Set up an app"))
    seen(page, "21-second-factor")
    page.fill("[name=code]", code(page.inner_text("#authenticator_secret")))
    follow(page.locator("main form button").first)
    page.wait_for_url("**/recovery-codes/")
    seen(page, "26-recovery-codes")


# --- a request that is stopped ------------------------------------------------------------------------------------------


def test_of_a_stopped_request_neither_page_nor_letter_tells_why(demo: str, opened: Opened) -> None:
    """The number of a sealed record, and one that the agency does not hold: an officer sees the same of both."""
    officer, reviewer = opened(demo, "officer"), opened(demo, "reviewer")
    found: dict[str, list[str]] = {}
    for why, (looked_up, reason) in {
        "sealed": ("M-000907", "sealed"),
        "absent": ("M-123456", "the agency holds no record of this number"),
    }.items():
        number = drop(officer, demo, made.as_email("Please send the whole record on the person in your file. " * 2))
        officer.check("[name=asked][value=share_personal_information]")
        press(officer, "Save and go on")
        officer.wait_for_url("**/questions/")
        officer.goto(f"{demo}/requests/{number}/numbers/")
        officer.fill("main [name=number]", looked_up)
        press(officer, "Look up")
        assert "no record that may be disclosed" in said(officer)
        pages = []
        for place in ("", "decision/", "questions/", "letter/", "proof/", "numbers/"):
            officer.goto(f"{demo}/requests/{number}/{place}")
            if why == "sealed":
                seen(officer, f"40-stopped-{place.strip('/') or 'request'}")
            pages.append(officer.inner_text("main"))
        officer.goto(f"{demo}/requests/{number}/decision/")
        assert officer.locator("[name=outcome]").count() == 0, "nothing is decided but the neutral answer"
        told = _granted_by_hand(officer, f"{demo}/requests/{number}/decision/")
        assert told.status == 422
        pages.append(_said_in(told.text()))
        officer.goto(f"{demo}/requests/{number}/letter/")
        press(officer, "Sign the letter")
        with officer.expect_download() as pdf:
            officer.get_by_role("link", name="Save the PDF").click()
        pages.append(_text(pdf.value.path()))
        reviewer.goto(f"{demo}/requests/{number}/")
        assert reason in told_of(reviewer, ".notice.bad"), "the reviewer sees why"
        found[why] = [_alike(p, number) for p in pages]
        for page in found[why]:
            assert not re.search(r"seal|absent|not hold|M-\d{6}", page), page
    assert found["sealed"] == found["absent"]


def _said_in(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html[html.index("<main") :]).split())


def _alike(text: str, number: str) -> str:
    """Without what differs between any two requests: its number, times and places in the ledger."""
    text = text.replace(number, "NUMBER")
    text = re.sub(r"csrfmiddlewaretoken|\d{1,2}:\d{2}(:\d{2})?( [AP]M)?", "", text)
    return re.sub(r"\b\d{3,4}\b(?! \w+ 20)", "N", text)
