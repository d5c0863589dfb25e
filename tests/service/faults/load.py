"""Programs that send requests while the application is broken, and what they were told."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from brightline.ledger.fsck import fsck
from tests.service.faults.stand import BODY, Stand, until

SENDERS = 8


@dataclass
class Load:
    """Each sender sends one request after the other, each with a key of its own, and repeats what fails until it is answered."""

    stand: Stand
    name: str
    told: dict[str, tuple[str, int]] = field(default_factory=dict)  # key -> number and index: what was acknowledged
    failed: list[int] = field(default_factory=list)  # the status of each try that failed; 0: there was no answer at all
    sent: set[str] = field(default_factory=set)  # every key
    sentences: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._guard, self._ended = threading.Lock(), threading.Event()
        self._senders = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        self._changed = threading.Condition(self._guard)

    def __enter__(self) -> Load:
        for sender in self._senders:
            sender.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for sender in self._senders:
            sender.join(60)

    def wait(self, acknowledged: int = 0, failed: int = 0) -> None:
        """Until so many more were acknowledged, or failed."""
        end = time.monotonic() + 60
        with self._changed:
            told, lost = len(self.told) + acknowledged, len(self.failed) + failed
            while len(self.told) < told or len(self.failed) < lost:
                assert time.monotonic() < end, f"{len(self.told)} of {told}, {len(self.failed)} of {lost}"
                self._changed.wait(1)

    def again(self, key: str) -> dict[str, Any]:
        """Send this one again, as a program does that had no answer. The answer must be there now."""
        status, body = post(self.stand, key)
        assert status in (200, 201), (status, body)
        return body

    def _send(self) -> None:
        key = ""
        while not self._ended.is_set():
            with self._guard:
                if not key:
                    key = f"{self.name}-{len(self.sent)}"
                    self.sent.add(key)
            try:
                status, body = post(self.stand, key)
            except (OSError, http.client.HTTPException, ValueError):
                status, body = 0, {}
            with self._changed:
                if status in (200, 201):
                    self.told[key] = (body["number"], body["receipt"]["index"])
                    key = ""
                else:
                    self.failed.append(status)
                    self.sentences.add(body.get("error", ""))
                self._changed.notify_all()
            if key:
                self._ended.wait(0.1)


def post(stand: Stand, key: str, seconds: float = 40, **more: Any) -> tuple[int, dict[str, Any]]:
    """Send one request over a connection of its own."""
    line = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=seconds)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {stand.token}", "Idempotency-Key": key}
    try:
        line.request("POST", "/api/requests", json.dumps(BODY | more), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def judge(stand: Stand, *loads: Load) -> None:
    """Nothing that was acknowledged is lost or doubled; what was not is there wholly or not at all; what is repeated is kept once.

    The server runs. First as it is found, then after every request was sent again.
    """
    found = _agreed(stand, False)
    for load in loads:
        for key, (number, index) in load.told.items():
            assert found.get(key) == (number, index), f"{key} was acknowledged as {number}, entry {index}"
        for key in load.sent - set(load.told):
            load.again(key)
        for key, (number, index) in list(load.told.items())[:: max(1, len(load.told) // 10)]:
            again = load.again(key)
            assert (again["number"], again["receipt"]["index"]) == (number, index)
    found = _agreed(stand, True)
    assert set(found) == {key for load in loads for key in load.sent}
    acknowledged, refused = sum(len(x.told) for x in loads), sum(len(x.failed) for x in loads)
    where = "PostgreSQL" if stand.postgres else "SQLite"
    # the figures of bench/RESULTS.md: pytest -s
    print(f"\n| up to {loads[-1].name} | {where} | {acknowledged} | {refused} | {len(found)} | 0 |")


def _agreed(stand: Stand, last: bool) -> dict[str, tuple[str, int]]:
    """What rows, ledger and events agree on, once the outbox is empty: key -> number and index."""
    until(lambda: stand.waiting() == 0, "the outbox to be empty", stand)
    requests, entries, ledger = stand.requests(), stand.entries(), stand.ledger()
    numbers = [number for _, number, _ in requests]
    assert sorted(ledger.values()) == sorted(numbers)
    assert not last or sorted(stand.events()) == sorted(numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(gone for _, _, gone in entries), "a payload stays in the outbox"
    index = {about: at for about, at, _ in entries}
    assert fsck(stand.folder / "ledger", payloads=True).problems == []
    found = {key: (number, index[uid]) for key, number, uid in requests}
    assert all(ledger[at] == number for number, at in found.values())
    return found
