"""The API: every operation with a token of every role and scope, another agency's numbers, repeats, and odd text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from brightline.service.gate.api.mount import api
from brightline.service.gate.models import FollowUp, Request
from brightline.service.people.models import Role, Scope, Token
from brightline.service.people.tokens import SCOPES
from brightline.service.record.models import Entry
from tests.service.conftest import STATED_CRIME, People

Call = Callable[..., Any]
BODY: dict[str, Any] = {
    "received_at": "2025-03-14T15:00:00Z", "channel": "email", "asked": ["share_personal_information"],
    "office": {"actor": "ice_hsi", "name": "HSI Example Office"}, "words": {"asked": "all records", "purpose": "a crime"},
    "subject": {"name": "Pat Invented"}, "facts": STATED_CRIME,
}  # fmt: skip
PERIOD = "?period=2025-06-30"
# address, method, body, scope that it needs (None: any), roles that may
OPERATIONS: list[tuple[str, str, Any, str | None, tuple[str, ...]]] = [
    ("/api/requests", "post", BODY, "receive", ("officer", "reviewer", "records")),
    ("/api/requests", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}", "put", BODY, "receive", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/receipts", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}/receipts/{index}", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}/papers", "post", "file", "receive", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/numbers", "post", {"number": "A-1"}, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/question", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}/answers", "post", {"fact": "request"}, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/waivers", "post", {"fact": "request", "why": "x"}, "decide", ("reviewer",)),
    ("/api/requests/{number}/proposals", "post", {"outcome": "refused", "reason": "x"}, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/proposals/{id}/second", "post", {"agrees": True}, "decide", ("reviewer", "records")),
    ("/api/requests/{number}/happened", "post", {"in_custody": True}, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/follow-up", "post", {"outcome": "unknown"}, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/letter", "post", None, "decide", ("officer", "reviewer", "records")),
    ("/api/requests/{number}/letter.pdf", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/requests/{number}/letter.docx", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/people/me", "get", None, None, ("officer", "reviewer", "records", "auditor", "administrator")),
    ("/api/offices", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/task-forces", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/task-forces", "post", {"code": "tf", "name": "TF", "purpose": "x", "starts": "2025-01-01"}, "manage", ("records",)),
    ("/api/task-forces/{code}", "put", {"name": "TF", "purpose": "x", "starts": "2025-01-01"}, "manage", ("records",)),
    ("/api/numbers", "post", {"held": ["0" * 64]}, "manage", ("records",)),
    ("/api/reports", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/reports/{id}", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/reports/{id}/figures", "put", {"figures": {}}, "report", ("records",)),
    ("/api/reports/{id}/filed", "post", {"filed_on": "2025-08-01"}, "report", ("records",)),
    ("/api/calendar.ics", "get", None, "read", ("officer", "reviewer", "records", "auditor")),
    ("/api/webhooks", "get", None, "manage", ("records",)),
    ("/api/webhooks", "post", {"url": "https://example.org/hook", "events": ["request.received"]}, "manage", ("records",)),
    ("/api/webhooks/{uid}", "put", {"url": "https://example.org/hook", "events": ["request.received"]}, "manage", ("records",)),
    ("/api/webhooks/{uid}", "delete", None, "manage", ("records",)),
]  # fmt: skip
PLACES = {"index": "0", "id": "1", "code": "tf", "uid": "e3e70682-c209-4cac-a29f-6fbed82c07cd"}


def client(person: Any, scopes: list[str]) -> Client:
    _token, secret = Token.make(person, "a test", scopes)
    return Client(headers={"authorization": f"Bearer {secret}"})


def send(by: Client, method: str, address: str, body: Any = None, **more: Any) -> Any:
    if body == "file":
        return by.post(address, {"file": SimpleUploadedFile("a.txt", b"an invented letter")}, **more)
    if body is None:
        return getattr(by, method)(address, **more)
    return getattr(by, method)(address, json.dumps(body), content_type="application/json", **more)


def error_of(answer: Any) -> str:
    told = answer.json()
    assert set(told) <= {"error", "where"} and told["error"]
    return str(told["error"])


@pytest.fixture
def officer(people: People) -> Client:
    return client(people["officer"], ["read", "receive", "decide"])


def test_the_table_of_operations_is_whole() -> None:
    told = {(p, m) for p, ways in api.get_openapi_schema()["paths"].items() for m in ways}
    assert told == {(p, m) for p, m, *_ in OPERATIONS}


def test_without_a_token_or_with_a_wrong_one_nothing_is_open(request_made: Request, people: People) -> None:
    signed_in = Client()
    signed_in.force_login(people["records"], "allauth.account.auth_backends.AuthenticationBackend")
    wrong = Client(headers={"authorization": "Bearer bl_wrong"})
    _gone, secret = Token.make(people["records"], "gone", ["read"], days=-1)
    for by in (Client(), wrong, signed_in, Client(headers={"authorization": f"Bearer {secret}"})):
        for address, method, body, *_ in OPERATIONS:
            answer = send(by, method, address.format(number=request_made.number, **PLACES), body)
            assert answer.status_code == 401, (address, method)
            assert answer["WWW-Authenticate"].startswith("Bearer") and error_of(answer)


@pytest.mark.parametrize("role", [str(r) for r in Role])
def test_a_role_and_a_scope_open_what_they_should_and_nothing_else(
    role: str, request_made: Request, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brightline.service.gate.receive.read_paper", _no_paper)
    every = [str(s) for s in Scope]
    for scopes in ([], *([s] for s in every), every):
        by = client(people[role], scopes)
        for address, method, body, scope, roles in OPERATIONS:
            allowed = role in roles and (scope is None or (scope in scopes and scope in SCOPES[Role(role)]))
            if allowed and scopes == every:
                continue  # the same again
            where = {**PLACES, "id": "nyc-14-154-f" if "reports" in address else "1"}
            query = PERIOD if "{id}" in address and "reports" in address else ""
            answer = send(by, method, address.format(number="2026-99999", **where) + query, body)
            assert (answer.status_code == 403) == (not allowed), (address, method, scopes, answer.content)
            assert answer.status_code < 500


def _no_paper(data: bytes, name: str) -> Any:
    raise AssertionError("nothing is read here")


def test_another_agencys_request_is_not_there(request_made: Request, elsewhere: People) -> None:
    for role in ("officer", "reviewer", "records"):
        by = client(elsewhere[role], [str(s) for s in Scope])
        for address, method, body, _scope, roles in OPERATIONS:
            if "{number}" in address and role in roles:
                answer = send(by, method, address.format(number=request_made.number, **PLACES), body)
                assert answer.status_code == 404, address
    assert client(elsewhere["officer"], ["read"]).get("/api/requests").json()["requests"] == []


def test_a_request_is_received_once_for_one_key(officer: Client, people: People) -> None:
    first = send(officer, "post", "/api/requests", BODY, headers={"Idempotency-Key": "one"})
    again = send(officer, "post", "/api/requests", BODY, headers={"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() and first.json()["receipt"]["index"] is not None
    assert Request.objects.count() == 1 and Entry.objects.filter(what="receive").count() == 1
    other = send(officer, "post", "/api/requests", {**BODY, "reference": "another"}, headers={"Idempotency-Key": "one"})
    assert other.status_code == 422 and "another request" in error_of(other)
    assert send(officer, "post", "/api/requests", BODY).json()["number"].endswith("-00002")


def test_every_mistake_is_named(officer: Client) -> None:
    wrong = {"received_at": "2025-03-14", "asked": ["Share!"], "facts": {"x": 10**12}, "colour": "red"}
    said = error_of(send(officer, "post", "/api/requests", wrong))
    assert len(said.splitlines()) == 4 and "body, colour" in said and "body, received_at" in said
    names = {**BODY, "facts": {"stated_purpse": "other", "request": "x"}, "asked": ["share_personal_informaton"]}
    said = error_of(send(officer, "post", "/api/requests", names))
    assert "did you mean `share_personal_information`" in said and "did you mean `stated_purpose`" in said


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a": "\\ud800"}', "application/json", 400),
        (b'{"asked": [], "received_at": "2025-03-14T15:00:00Z", "reference": "a\\u0000b"}', "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b'"' + b"x" * 3_000_000 + b'"', "application/json", 413),
        (b"asked=x", "application/x-www-form-urlencoded", 415),
        (b"\xff\xfe", "application/json", 400),
        (b"", "application/json", 422),
    ],
)
def test_a_body_that_is_no_json_is_refused(officer: Client, content: bytes, kind: str, status: int) -> None:
    answer = officer.post("/api/requests", content, content_type=kind)
    assert answer.status_code == status and error_of(answer)


def test_formulas_and_scripts_come_back_as_they_were(officer: Client, people: People) -> None:
    odd = [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "'; DROP TABLE gate_request; --",
        "{{7*7}}",
        "‮ٱ\U0001f600",
    ]
    for text in odd:
        made = send(
            officer, "post", "/api/requests",
            {**BODY, "reference": text, "words": {"asked": text}, "subject": {"name": text}, "office": {"actor": "ice_hsi", "name": text}},
        ).json()  # fmt: skip
        answer = officer.get(f"/api/requests/{made['number']}")
        told = answer.json()
        assert (told["reference"], told["words"]["asked"], told["subject"]["name"]) == (text, text, text)
        assert told["office"]["name"] == text and answer["Content-Type"].startswith("application/json")


def test_a_look_at_a_request_is_in_the_ledger_and_a_list_names_nobody(officer: Client, request_made: Request) -> None:
    assert officer.get(f"/api/requests/{request_made.number}").json()["subject"]["name"] == "Pat Invented"
    assert Entry.objects.filter(about=request_made.uid, what="view").count() == 1
    assert b"Invented" not in officer.get("/api/requests").content.replace(b"(invented)", b"")


def test_pages_follow_the_cursor_and_lose_nothing(officer: Client) -> None:
    numbers = {send(officer, "post", "/api/requests", BODY).json()["number"] for _ in range(7)}
    seen: list[str] = []
    cursor = None
    while True:
        page = officer.get("/api/requests", {"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [r["number"] for r in page["requests"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == 7 and set(seen) == numbers
    assert officer.get("/api/requests", {"verdict": "barred"}).json()["requests"] == []
    assert (
        len(
            officer.get("/api/requests", {"received_from": "2025-03-14", "received_to": "2025-03-14"}).json()[
                "requests"
            ]
        )
        == 7
    )
    assert officer.get("/api/requests", {"received_to": "2025-03-13"}).json()["requests"] == []
    assert officer.get("/api/requests", {"office": "ice_hsi", "state": "open"}).json()["requests"]


def test_sealed_and_absent_have_one_answer(request_made: Request, people: People) -> None:
    from brightline.service.gate.numbers import digest

    records = client(people["records"], ["manage", "read"])
    assert send(records, "post", "/api/numbers", {"held": [digest("H-1")], "sealed": [digest("S-1")]}).json() == {
        "held": 2, "sealed": 1,
    }  # fmt: skip
    officer = client(people["officer"], ["read", "receive", "decide"])
    shown: list[Any] = []
    for number in ("S-1", "A-1"):
        made = send(officer, "post", "/api/requests", BODY).json()["number"]
        answer = send(officer, "post", f"/api/requests/{made}/numbers", {"number": number})
        whole = officer.get(f"/api/requests/{made}").json()
        shown.append((answer.status_code, answer.content, whole["state"], whole["number_checks"], len(whole), [e["what"] for e in officer.get(f"/api/requests/{made}/receipts").json()["receipts"]]))  # fmt: skip
        entry = Entry.objects.get(about=Request.objects.get(number=made).uid, what="number")
        index = _settled(entry)
        receipt = f"/api/requests/{made}/receipts/{index}"
        assert officer.get(f"{receipt}?disclose=true").status_code == 403
        proof = officer.get(receipt).content.decode()
        assert "sealed" not in proof and "absent" not in proof
        reviewer = client(people["reviewer"], ["read"])
        assert reviewer.get(f"/api/requests/{made}").json()["number_checks"][0]["why"] == (
            "sealed" if number == "S-1" else "absent"
        )
    assert shown[0] == shown[1] and shown[0][3] is None


def _settled(entry: Entry) -> int:
    from brightline.service.record.write import hand_over, settle

    hand_over([entry])
    assert entry.index is not None
    settle({str(entry.uid): entry.index})
    return entry.index


def test_from_the_question_to_the_letter(officer: Client, request_made: Request, people: People) -> None:
    at = f"/api/requests/{request_made.number}"
    reviewer = client(people["reviewer"], ["read", "decide"])
    while (asked := officer.get(f"{at}/question").json()["question"]) is not None:
        value = False if asked["type"] == "yes/no" else asked["values"][-1] if asked["values"] else 0
        answer = send(officer, "post", f"{at}/answers", {"fact": asked["fact"], "value": value, "basis": "stated"})
        assert answer.status_code == 200, answer.content
    grant = {"outcome": "granted", "reason": "a criminal case", "release": {"Name": "Pat"}}
    early = send(officer, "post", f"{at}/proposals", grant)
    assert early.status_code == 409 and "rests on statements" in error_of(early)
    for fact in officer.get(at).json()["unverified"]:
        assert send(reviewer, "post", f"{at}/waivers", {"fact": fact, "why": "the docket was read"}).status_code == 200
        assert send(reviewer, "post", f"{at}/waivers", {"fact": fact, "why": "again"}).status_code == 409
    made = send(officer, "post", f"{at}/proposals", grant)
    assert made.status_code == 201 and made.json()["seconded"] is None
    assert send(officer, "post", f"{at}/papers", "file").status_code == 409
    second = f"{at}/proposals/{made.json()['id']}/second"
    assert send(officer, "post", second, {"agrees": True}).status_code == 403
    assert send(reviewer, "post", second, {"agrees": False}).status_code == 422
    assert send(reviewer, "post", second, {"agrees": True}).json()["seconded"] is True
    assert send(reviewer, "post", second, {"agrees": True}).status_code == 409
    assert officer.get(f"{at}/letter.pdf").status_code == 404
    letter = send(officer, "post", f"{at}/letter")
    assert letter.status_code == 201, letter.content
    pdf = officer.get(f"{at}/letter.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf["Cache-Control"] == "no-store"
    assert officer.get(f"{at}/letter.docx").content.startswith(b"PK")
    assert send(officer, "post", f"{at}/letter").status_code == 409
    assert send(officer, "post", f"{at}/happened", {"in_custody": True}).json()["happened"]["in_custody"] is True
    came = send(officer, "post", f"{at}/follow-up", {"outcome": "conviction", "shown_by": "an invented docket"})
    assert came.status_code == 200 and FollowUp.objects.get().outcome == "conviction"
    assert officer.get("/api/offices").json()["offices"][0]["conviction"] == 1


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("crime_investigation", {"records": []}), ("judgment", True), ("judgment", {"records": [{"none": 1}]}),
        ("crime_investigation", "perhaps"), ("crime_investigation", 1e300), ("request", "0001-01-01"), ("none_such", True),
    ],
)  # fmt: skip
def test_an_answer_of_another_kind_is_refused(officer: Client, request_made: Request, fact: str, value: Any) -> None:
    told = {"fact": fact, "value": value, "basis": "stated"}
    answer = send(officer, "post", f"/api/requests/{request_made.number}/answers", told)
    assert answer.status_code == 422 and error_of(answer)


def test_a_follow_up_of_what_was_not_granted_is_a_conflict(officer: Client, request_made: Request) -> None:
    answer = send(officer, "post", f"/api/requests/{request_made.number}/follow-up", {"outcome": "unknown"})
    assert answer.status_code == 409


def test_a_paper_is_read_and_a_file_too_large_is_refused(
    officer: Client, request_made: Request, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"/api/requests/{request_made.number}/papers"
    answer = send(officer, "post", at, "file")
    assert answer.status_code == 201 and answer.json()["kind"] in ("letter", "unknown")
    assert officer.post(at, {}).status_code == 422
    assert send(officer, "post", at, {"file": "x"}).status_code == 415
    bad = officer.post(at, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 broken")})
    assert bad.status_code == 422 and error_of(bad)
    settings.MOST_UPLOAD = 10
    assert send(officer, "post", at, "file").status_code == 413


def test_reports_in_three_forms(request_made: Request, people: People) -> None:
    by = client(people["records"], ["read", "report"])
    listed = by.get("/api/reports").json()["reports"]
    assert listed
    first = listed[0]
    period = next(p for p in first["periods"] if not p["running"])
    at = f"/api/reports/{first['id']}?period={period['last']}"
    assert by.get(at).json()["report"] == first["id"]
    assert by.get(at, headers={"accept": "text/csv"})["Content-Type"].startswith("text/csv")
    assert by.get(f"{at}&format=pdf").content.startswith(b"%PDF")
    assert by.get(f"{at}&format=csv&table=none").status_code == 422
    assert by.get(f"/api/reports/{first['id']}?period=2025-01-02").status_code == 422
    told = {"filed_on": (date.fromisoformat(period["last"]) + timedelta(days=1)).isoformat()}
    filed = send(by, "post", at.replace("?", "/filed?"), told)
    assert filed.status_code == 200, filed.content
    assert send(by, "post", at.replace("?", "/filed?"), told).status_code == 409
    assert send(by, "put", at.replace("?", "/figures?"), {"figures": {}}).status_code == 409
    assert by.get("/api/calendar.ics").content.startswith(b"BEGIN:VCALENDAR")


def test_task_forces_are_entered_once_and_changed(people: People) -> None:
    by = client(people["records"], ["read", "manage"])
    told = {"name": "Invented Task Force", "purpose": "drugs", "starts": "2025-01-01", "roles": {"detective": 2}}
    assert send(by, "post", "/api/task-forces", {**told, "code": "tf-1"}).status_code == 201
    assert send(by, "post", "/api/task-forces", {**told, "code": "tf-1"}).status_code == 409
    changed = send(
        by, "put", "/api/task-forces/tf-1", {**told, "certified_by": "the chief", "certified_on": "2026-01-01"}
    )
    assert changed.json()["certification_due"] == "2027-01-01"
    assert by.get("/api/task-forces").json()["task_forces"][0]["roles"] == {"detective": 2}
    assert send(by, "put", "/api/task-forces/none", told).status_code == 404


def test_a_webhooks_secret_is_shown_once(people: People) -> None:
    by = client(people["records"], ["manage"])
    made = send(by, "post", "/api/webhooks", {"url": "https://example.org/hook", "events": ["request.received"]}).json()
    assert made["secret"].startswith("whsec_")
    assert b"whsec_" not in by.get("/api/webhooks").content
    changed = send(
        by, "put", f"/api/webhooks/{made['uid']}", {"url": "https://example.org/b", "events": ["report.due"]}
    )
    assert changed.json()["events"] == ["report.due"]
    assert (
        send(by, "post", "/api/webhooks", {"url": "http://example.org/", "events": ["report.due"]}).status_code == 422
    )
    assert by.delete(f"/api/webhooks/{made['uid']}").status_code == 204
    assert by.delete(f"/api/webhooks/{made['uid']}").status_code == 404


def test_a_method_or_an_address_that_is_not_there(officer: Client) -> None:
    answer = officer.delete("/api/requests")
    assert answer.status_code == 405 and set(answer["Allow"].split(", ")) == {"GET", "POST"} and error_of(answer)
    assert error_of(officer.get("/api/nothing"))
    assert officer.get("/api/docs").status_code == 404


def test_a_ledger_that_cannot_be_reached_is_said(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from brightline.service.record import write
    from brightline.service.record.keeper import KeeperError

    class Away:
        def ready(self) -> str:
            return ""

        def append(self, items: Any) -> list[int]:
            raise KeeperError("the ledger is away")

    monkeypatch.setattr(write, "keeper", Away)
    answer = send(officer, "post", "/api/requests", BODY)
    assert answer.status_code == 503 and error_of(answer)


def test_whose_token_it_is(people: People) -> None:
    told = client(people["auditor"], [str(s) for s in Scope]).get("/api/people/me").json()
    assert told["role"] == "auditor" and told["scopes"] == ["read"] and "name" not in told
