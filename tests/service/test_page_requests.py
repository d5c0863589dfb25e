"""The list, the page of one request, its papers and its proof: who sees them, what is on record of it, what stays hidden."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from brightline.ledger.policy import Policy
from brightline.ledger.verify_receipt import verify_receipt
from brightline.service.gate import numbers
from brightline.service.gate.history import HIDDEN
from brightline.service.gate.models import Request
from brightline.service.gate.receive import attach, receive
from brightline.service.home import home
from brightline.service.record.models import Entry
from tests.papers import made
from tests.service.conftest import STATED_CRIME, People

Browser = Callable[[str], Client]
PAGES = ("", "complete/", "questions/", "decision/", "papers/", "letter/", "proof/")


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_it_works(browser: Browser, request_made: Request) -> None:
    page = browser("officer").get(f"/requests/{request_made.number}/")
    assert page.status_code == 200
    for told in ("HSI Example Office", "money laundering", "Pat Invented", "not barred, by an exception"):
        assert told in text(page)


def test_every_look_is_in_the_ledger(browser: Browser, request_made: Request, people: People) -> None:
    for page in PAGES:
        browser("officer").get(f"/requests/{request_made.number}/{page}")
    looks = Entry.objects.filter(about=request_made.uid, what="view")
    assert [e.payload["page"] for e in looks if e.payload] == [
        "request", "complete", "interview", "decision", "papers", "letter", "proof",
    ]  # fmt: skip
    assert {e.payload["by"] for e in looks if e.payload} == {str(people["officer"].uid)}


def test_another_agency_s_request_is_not_there(elsewhere: People, request_made: Request) -> None:
    client = Client()
    client.force_login(elsewhere["officer"], "allauth.account.auth_backends.AuthenticationBackend")
    for page in PAGES:
        assert client.get(f"/requests/{request_made.number}/{page}").status_code == 404, page
    assert request_made.number not in text(client.get("/requests/"))


def test_the_administrator_reads_no_request_and_the_auditor_changes_none(
    browser: Browser, request_made: Request
) -> None:
    number = request_made.number
    for page in PAGES:
        assert browser("administrator").get(f"/requests/{number}/{page}").status_code == 403, page
    auditor = browser("auditor")
    for page in ("", "decision/", "letter/", "proof/"):
        assert auditor.get(f"/requests/{number}/{page}").status_code == 200, page
    for page in ("complete/", "questions/", "papers/"):
        assert auditor.get(f"/requests/{number}/{page}").status_code == 403, page
    told = {"step": "propose", "outcome": "refused", "reason": "no"}
    assert auditor.post(f"/requests/{number}/decision/", told).status_code == 404
    request_made.refresh_from_db()
    assert request_made.state == "open"


# --- the list ---------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(browser: Browser) -> None:
    assert "Enter the first one" in text(browser("officer").get("/requests/"))
    assert "Enter the first one" not in text(browser("auditor").get("/requests/"))


def test_the_list_is_filtered_and_looks_for_text_in_numbers_and_references_alone(
    browser: Browser, request_made: Request, people: People
) -> None:
    other = receive(
        people["officer"], received_at=datetime(2026, 5, 1, 12, tzinfo=UTC), asked=["honor_detainer"],
        reference="EX-77", office=("ice_ero", "ERO Example"), subject={"name": "Kim Fiction"},
    )  # fmt: skip
    client = browser("officer")

    def found(query: str) -> set[str]:
        return set(re.findall(r"/requests/(\d{4}-\d{5})/", text(client.get(f"/requests/?{query}"))))

    assert found("") == {request_made.number, other.number}
    assert found("q=ex-77") == {other.number}
    assert found("q=Fiction") == found("q=Kim") == set()
    assert found("verdict=excepted") == {request_made.number}
    assert found(f"office={other.office_id}") == {other.number}
    assert found("first=2025-03-14&last=2025-03-14") == {request_made.number}
    assert found("state=decided") == set()
    assert "Enter a valid date" in text(client.get("/requests/?first=yesterday"))


def test_a_long_list_has_pages_that_keep_the_filter(browser: Browser, people: People) -> None:
    for _n in range(27):
        receive(people["officer"], received_at=datetime(2026, 5, 1, 12, tzinfo=UTC), asked=["honor_detainer"])
    page = text(browser("officer").get("/requests/?state=open"))
    assert "27 requests, page 1 of 2" in page
    assert "?state=open&amp;page=2" in page


# --- papers -------------------------------------------------------------------------------------------------------------


def test_a_warrant_of_an_officer_is_said_to_be_no_judge_s(
    browser: Browser, request_made: Request, people: People
) -> None:
    data = made.as_pdf(made.i200(made.person(3)))
    paper = attach(request_made, people["officer"], "i200.pdf", data)
    client = browser("officer")
    page = text(client.get(f"/requests/{request_made.number}/papers/{paper.pk}/"))
    assert "This is no judge&#x27;s warrant" in page or "This is no judge's warrant" in page
    assert "only stated" in page
    original = client.get(f"/requests/{request_made.number}/papers/{paper.pk}/original")
    assert b"".join(original.streaming_content) == data  # type: ignore[attr-defined]
    assert original["Content-Disposition"].startswith("attachment")


# --- a request that was stopped -------------------------------------------------------------------------------------------


def _extra(receipt: bytes) -> bytes:
    """What a receipt carries beside the proof: the entry and the fields that are shown."""
    return base64.b64decode(receipt.split(b"\n")[1].split()[1])


def same(page: str) -> str:
    """A page without what differs between any two requests: number, token, time, place in the ledger."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    page = re.sub(r"\d{4}-\d{5}", "NUMBER", page)
    page = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+-]+|\d{1,2}:\d\d(:\d\d)?", "TIME", page)
    return re.sub(
        r'proof/\d+/(">\d+)?|(?<=class="n">)\d+|(?<=, )\d+(?=</span>)|receipt of record \d+|record \d+',
        "PLACE",
        page,
        flags=re.I,
    )


@pytest.fixture
def stopped(people: People) -> dict[str, Request]:
    """Two requests that differ in nothing but this: one asks for a sealed record, one for a record that is not there."""
    numbers.load(people["officer"].agency, people["records"], [numbers.digest("A-1")], [numbers.digest("S-1")])
    found = {}
    for why, number in (("sealed", "S-1"), ("absent", "S-2")):
        found[why] = receive(
            people["officer"], received_at=datetime(2025, 3, 14, 15, tzinfo=UTC), channel="email",
            asked=["share_personal_information"], office=("ice_hsi", "HSI Example Office"), facts=STATED_CRIME,
        )  # fmt: skip
        numbers.look_up(found[why], people["officer"], number)
    return found


@pytest.mark.parametrize("role", ["officer", "records"])
@pytest.mark.parametrize("page", PAGES)
def test_sealed_and_absent_are_one_page(browser: Browser, stopped: dict[str, Request], role: str, page: str) -> None:
    client = browser(role)
    sealed, absent = (text(client.get(f"/requests/{stopped[w].number}/{page}")) for w in ("sealed", "absent"))
    assert same(sealed) == same(absent)
    assert not re.search(r"\bsealed\b(?! record|\s*matter)|\babsent\b", sealed)


def test_the_record_of_the_look_up_tells_its_reason_to_a_reviewer_alone(
    browser: Browser, stopped: dict[str, Request]
) -> None:
    request = stopped["sealed"]
    looked = text(browser("officer").get(f"/requests/{request.number}/proof/"))
    index = re.search(r"A record number was looked up</th>.*?/proof/(\d+)/", looked, re.S)
    assert index is not None
    address = f"/requests/{request.number}/proof/{index[1]}/"
    for role, sees in (("officer", False), ("records", False), ("reviewer", True), ("auditor", True)):
        client = browser(role)
        assert ("<strong>why</strong>" in text(client.get(address))) is sees, role
        receipt = client.post(address, {"field": [*HIDDEN["number"], "request"]})
        assert (b"sealed" in _extra(receipt.content)) is sees, role


@pytest.mark.parametrize("page", ["", "decision/"])
def test_a_reviewer_sees_why_it_was_stopped(browser: Browser, stopped: dict[str, Request], page: str) -> None:
    told = text(browser("reviewer").get(f"/requests/{stopped['sealed'].number}/{page}"))
    assert "For reviewers and auditors alone" in told
    assert "is sealed" in told


# --- proof ----------------------------------------------------------------------------------------------------------------


def test_a_receipt_holds_the_chosen_fields_and_can_be_checked(browser: Browser, request_made: Request) -> None:
    client = browser("records")
    page = text(client.get(f"/requests/{request_made.number}/proof/"))
    index = re.search(r"Received and judged</th>.*?/proof/(\d+)/", page, re.S)
    assert index is not None
    address = f"/requests/{request_made.number}/proof/{index[1]}/"
    assert "Pat Invented" in text(client.get(address))
    receipt = client.post(address, {"field": ["request", "law"]})
    assert receipt["Content-Disposition"] == f'attachment; filename="{request_made.number}-{index[1]}.tlog-proof"'
    policy = Policy.parse((home().ledger / "policy").read_bytes())
    checked = verify_receipt("receipt", receipt.content, policy)
    assert checked.verdict == "good", checked
    told = _extra(receipt.content)
    assert request_made.number.encode() in told
    assert b"Pat Invented" not in told


def test_a_record_of_another_request_is_not_given(browser: Browser, stopped: dict[str, Request]) -> None:
    client = browser("officer")
    first, second = stopped.values()
    page = text(client.get(f"/requests/{first.number}/proof/"))
    index = re.search(r"/proof/(\d+)/", page)
    assert index is not None
    assert client.post(f"/requests/{second.number}/proof/{index[1]}/", {}).status_code == 404


def test_the_checking_page_is_saved_and_trusts_this_ledger(browser: Browser) -> None:
    answer = browser("officer").get("/verify.html")
    assert answer["Content-Disposition"] == 'attachment; filename="verify.html"'
    key = (home().ledger / "policy").read_text().split()[1]
    assert key in text(answer)
