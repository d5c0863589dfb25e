"""The outbox in one process: what waits is handed over once, in whatever state a crash has left it, and nothing begins in vain."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import RequestFactory

from brightline.service.gate.models import Request
from brightline.service.gate.receive import receive
from brightline.service.look.faults import explain, fault
from brightline.service.record import write
from brightline.service.record.keeper import Full, Item, Keeper, KeeperError, Unconfirmed, Unrecordable, keeper, use
from brightline.service.record.models import Entry
from brightline.service.record.write import drain, hand_over, make_sure, must_fit, recording, settle
from tests.service.conftest import STATED_CRIME, People


class Broken:
    """The keeper of the tests, until it is told to fail: before it appends, or after, so that only the answer is lost."""

    def __init__(self, whole: Keeper) -> None:
        self.whole, self.fails, self.why = whole, "", ""

    def append(self, items: Sequence[Item]) -> list[int]:
        if self.fails == "before":
            raise KeeperError("the ledger cannot be reached")
        found = self.whole.append(items)
        if self.fails == "after":
            raise KeeperError("the ledger cannot be reached")
        return found

    def ready(self) -> str:
        return self.why

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


@pytest.fixture
def broken() -> Iterator[Broken]:
    whole = keeper()
    made = Broken(whole)
    use(made)  # type: ignore[arg-type]
    yield made
    use(whole)
    write._doubt = True


def sent(people: People, key: str) -> Request:
    return receive(
        people["officer"],
        received_at=datetime(2025, 3, 14, 15, tzinfo=UTC),
        asked=["share_personal_information"],
        facts=STATED_CRIME,
        key=key,
    )


@pytest.mark.parametrize("fails", ["before", "after"])
def test_what_was_not_confirmed_is_confirmed_when_it_is_sent_again(fails: str, broken: Broken, people: People) -> None:
    broken.fails = fails
    with pytest.raises(Unconfirmed, match="saved, but"):
        sent(people, "k")
    kept = Request.objects.get(key="k")
    assert Entry.objects.get(about=kept.uid).index is None
    with pytest.raises((Unconfirmed, KeeperError)):
        sent(people, "k")  # never answered for while the ledger has not got it
    broken.fails = ""
    assert sent(people, "k").number == kept.number
    entry = Entry.objects.get(about=kept.uid)
    index = keeper().append([(str(entry.uid), entry.kind, entry.payload or {})])[0]
    shown = keeper().shown(index)
    assert shown is not None and shown["request"] == kept.number
    assert Request.objects.count() == 1


def test_nothing_begins_while_the_ledger_takes_nothing(broken: Broken, people: People) -> None:
    sent(people, "first")
    broken.fails, broken.why = "before", "the ledger has stopped"
    with pytest.raises(Unconfirmed):
        sent(people, "under way")
    with pytest.raises(KeeperError, match="has stopped"):
        sent(people, "later")
    assert not Request.objects.filter(key="later").exists()
    broken.why = "less than 100 MiB are free on the disk of the ledger; make room there"
    with pytest.raises(Full):
        sent(people, "later")
    broken.fails = broken.why = ""
    assert sent(people, "later").number.endswith("-00003")


def test_an_outbox_of_which_some_are_in_the_ledger_is_emptied(broken: Broken, people: People) -> None:
    """A batch of known and new request keys is refused by the ledger; after a crash the outbox is such a batch."""
    for n in range(3):
        sent(people, f"known {n}")  # appended, and never noted
    broken.fails = "before"
    for n in range(2):
        with pytest.raises(KeeperError):
            sent(people, f"new {n}")
    broken.fails = ""
    assert drain() == 5
    indexes = list(Entry.objects.order_by("id").values_list("index", flat=True))
    assert None not in indexes and len(set(indexes)) == 5
    assert not Entry.objects.exclude(payload=None).exists()
    assert drain() == 0


def test_a_record_that_is_refused_for_ever_does_not_stop_the_others(broken: Broken, people: People) -> None:
    Entry.objects.create(uid=uuid.uuid4(), kind="no such kind", what="x", about="x", payload={"a": "b"})
    broken.fails = "before"
    with pytest.raises(KeeperError):
        sent(people, "k")
    broken.fails = ""
    assert drain() == 1
    assert Entry.objects.get(kind="no such kind").index is None


@pytest.mark.parametrize(
    "payload",
    [
        {"a": "\u0000"},
        {"a": "\ud800"},
        {"a": float("nan")},
        {"a": 2**60},
        {"a": "x" * 1_100_000},
        {"a": {"b": "\u0000"}},
    ],
)
def test_what_can_never_be_recorded_is_refused_before_a_row_is_kept(payload: dict[str, Any], people: People) -> None:
    with pytest.raises(Unrecordable), recording() as record:
        Entry.objects.create(uid=uuid.uuid4(), kind="decision", what="row", about="x", payload={})
        record("decision", "x", "x", payload)
    assert not Entry.objects.exists()
    must_fit({"a": "NaN of 1234567890123456, and {[({[" + "[" * 80})  # looks like it, and is not


def test_noting_twice_changes_nothing(people: People, broken: Broken) -> None:
    made = sent(people, "k")
    entry = Entry.objects.get(about=made.uid)
    hand_over([entry])
    assert entry.index is not None
    settle({str(entry.uid): entry.index})
    settle({str(entry.uid): entry.index + 7})
    assert Entry.objects.get().index == entry.index
    make_sure(made.uid)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Full("make room"), 507),
        (OSError(28, "No space left on device"), 507),
        (Unconfirmed("this was saved, but"), 503),
        (KeeperError("gone"), 503),
        (Unrecordable("no"), 422),
    ],
)
def test_each_fault_has_its_status_and_a_sentence(error: Exception, status: int, db: None) -> None:
    assert explain(error)[0] == status
    answer = fault(RequestFactory().get("/api/requests"), *explain(error))
    assert answer.status_code == status and b"Traceback" not in answer.content
    assert ("Retry-After" in answer) == (status in (503, 507))
