"""Webhooks: signed, tried again, never lost; sent to a real receiver on this machine."""

from __future__ import annotations

import base64
import hmac
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from brightline.service.gate import decide
from brightline.service.gate.models import Request
from brightline.service.hooks import deliver as sending
from brightline.service.hooks.announce import announce, announce_dues
from brightline.service.hooks.models import Delivery, Hook
from brightline.service.hooks.reach import Unreachable, check, post
from brightline.service.hooks.sign import headers, new_secret
from brightline.service.people.models import Agency
from tests.service.conftest import STATED_CRIME, People


class Receiver:
    """A receiver of webhooks on loopback: what came, and what it answers next (200 when nothing is set)."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                outer.came.put(({k.lower(): v for k, v in self.headers.items()}, body))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self) -> tuple[dict[str, str], dict[str, Any]]:
        head, body = self.came.get(timeout=30)
        return head, json.loads(body)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hook_of(people: People, url: str, *events: str) -> Hook:
    person = people["records"]
    return Hook.objects.create(agency=person.agency, url=url, events=list(events), secret=new_secret(), made_by=person)


def test_a_message_is_signed_and_holds_nothing_personal(people: People, receiver: Receiver) -> None:
    from brightline.service.gate.receive import receive

    hook = hook_of(people, receiver.url, "request.received")
    made = receive(
        people["officer"], received_at=timezone.now(), asked=["share_personal_information"],
        subject={"name": "Pat Invented"}, words={"purpose": "an invented purpose"}, facts=STATED_CRIME,
    )  # fmt: skip
    assert sending.send_due() == 1
    head, body = receiver.came.get(timeout=30)
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(bytes(hook.secret), signed, "sha256").digest()).decode()
    assert head["webhook-signature"] == f"v1,{right}"
    told = json.loads(body)
    assert told["type"] == "request.received"
    assert told["data"] == {"number": made.number, "state": "open", "verdict": made.verdict}
    assert b"Invented" not in body and b"invented" not in body


def test_the_example_of_the_specification_is_signed_alike() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_after_a_500_it_is_sent_again_with_the_same_id(people: People, receiver: Receiver) -> None:
    hook = hook_of(people, receiver.url, "request.received")
    announce(hook.agency, "request.received", {"number": "2026-00001"})
    receiver.answers = [500, 302]
    for _attempt in range(3):
        Delivery.objects.update(due=timezone.now())
        sending.send_due()
    ids = [receiver.next()[0]["webhook-id"] for _ in range(3)]
    assert len(set(ids)) == 1
    assert receiver.came.empty()  # the redirect was not followed
    kept = Delivery.objects.get()
    assert (kept.attempts, kept.due) == (3, None) and kept.delivered


def test_pauses_grow_and_end(people: People, receiver: Receiver) -> None:
    announce(hook_of(people, receiver.url, "request.received").agency, "request.received", {})
    receiver.answers = [500] * 20
    pauses: list[timedelta] = []
    while (kept := Delivery.objects.get()).due is not None:
        Delivery.objects.update(due=timezone.now())
        at = timezone.now()
        sending.send_due()
        kept.refresh_from_db()
        if kept.due:
            pauses.append(kept.due - at)
    assert len(pauses) == 9 and pauses == sorted(pauses) and kept.delivered is None


def test_a_receiver_that_is_gone_is_told_nothing_more(people: People, receiver: Receiver) -> None:
    hook = hook_of(people, receiver.url, "request.received")
    announce(hook.agency, "request.received", {})
    receiver.answers = [410]
    sending.send_due()
    announce(hook.agency, "request.received", {})
    hook.refresh_from_db()
    assert hook.ended and Delivery.objects.count() == 1


def test_another_agency_and_other_events_are_not_told(people: People, elsewhere: People, receiver: Receiver) -> None:
    hook_of(elsewhere, receiver.url, "request.received")
    hook_of(people, receiver.url, "request.decided")
    announce(people["officer"].agency, "request.received", {})
    assert not Delivery.objects.exists()


def test_a_decision_and_an_emergency_are_told(request_made: Request, people: People, receiver: Receiver) -> None:
    hook_of(people, receiver.url, "request.decided", "report.due")
    decide.propose(request_made, people["officer"], "refused", "an invented reason")
    assert json.loads(Delivery.objects.get().body)["data"]["outcome"] == "refused"
    first = announce_dues()
    assert first > 0  # the reports of the year in which the request came
    assert announce_dues() == 0  # each is told once


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "ftp://127.0.0.1/", "https://", "https://user:word@example.org/", "https://example.org:0/",
        "https://exa mple.org/", "https://example.org/#x", "http://127.0.0.1.example.org/", "https://[::1", "https://é.example/",
    ],
)  # fmt: skip
def test_such_an_address_is_refused(url: str) -> None:
    with pytest.raises(Unreachable):
        check(url)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "127.0.0.1", "[fd00::1]", "0.0.0.0", "[::ffff:10.0.0.1]"])  # fmt: skip
def test_a_private_address_is_not_reached(host: str) -> None:
    with pytest.raises(Unreachable, match="private network"):
        post(f"https://{host}/", b"{}", {})


def test_a_private_address_is_reached_when_the_agency_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from brightline.service.hooks.reach import _address

    monkeypatch.setenv("BRIGHTLINE_HOOK_PRIVATE", "1")
    assert _address("10.0.0.1", 443, here=False) == "10.0.0.1"
    with pytest.raises(Unreachable):  # never the address at which clouds tell machines their secrets
        _address("169.254.169.254", 443, here=False)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_the_sender_is_killed(receiver: Receiver) -> None:
    from tests.service.conftest import person_of

    agency = Agency.objects.create(name="Example City Police (invented)", actor="nypd", packs=["us-ny-nyc"])
    person = person_of(agency, "records")
    Hook.objects.create(
        agency=agency, url=receiver.url, events=["request.received"], secret=new_secret(), made_by=person
    )
    for n in range(30):
        announce(agency, "request.received", {"number": f"2026-{n:05d}"})
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.service.settings_again",
        "BRIGHTLINE_TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }  # fmt: skip
    program = [sys.executable, "-m", "brightline.service.hooks.send"]
    seen: list[tuple[str, str]] = []
    first = subprocess.Popen(program, env=environment)
    try:
        for _ in range(3):
            head, told = receiver.next()
            seen.append((head["webhook-id"], told["data"]["number"]))
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    second = subprocess.Popen(program, env=environment)
    try:
        while len({number for _id, number in seen}) < 30:
            head, told = receiver.next()
            seen.append((head["webhook-id"], told["data"]["number"]))
    finally:
        second.terminate()
        second.wait(30)
    ids = {number: {i for i, n in seen if n == number} for _i, number in seen}
    assert len(ids) == 30 and all(len(i) == 1 for i in ids.values())  # a repeat has the id of the first
