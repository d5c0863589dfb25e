"""Writing: what is acknowledged is there, in order, once; and whatever goes wrong stops the ledger in time."""

from __future__ import annotations

import hmac
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger import Ledger, LedgerError
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.clock import hour_of
from brightline.ledger.entry import commitment, field_digest, parse_entry
from brightline.ledger.growth import grow
from brightline.ledger.keytree import KeyTree
from brightline.ledger.merkle import Frontier, check_consistency, inclusion_proof, leaf_hash, root_at
from brightline.ledger.record import open_sealed, prepare
from brightline.ledger.sqlite import PRAGMAS, SqliteStore

from .definition import Tree
from .small import EIO, NOON, PAYLOAD, FakeDisk, HandClock, filled, idle, make, reopen


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with make(tmp_path) as made:
        yield made


def sql(ledger: Ledger, statement: str) -> Any:
    db = sqlite3.connect(ledger.folder / "ledger.db")
    try:
        return db.execute(statement).fetchall()
    finally:
        db.close()


def end_without_closing(ledger: Ledger) -> None:
    """As if the process had been killed, as far as another connection can tell: the lock is gone, nothing else is done."""
    assert ledger._lock is not None
    os.close(ledger._lock)
    ledger._lock = None


# --- receipts ------------------------------------------------------------------------------------------------------------


def test_a_receipt_proves_its_entry(ledger: Ledger) -> None:
    receipt = ledger.append("decision", PAYLOAD)
    receipt.check(receipt.extra, ledger.key)
    assert receipt.index == 0 and ledger.entry(0) == receipt.extra
    assert parse_entry(receipt.extra).kind == "decision"
    with pytest.raises(LedgerError):
        receipt.check(receipt.extra.replace(b"decision", b"evidence"), ledger.key)


def test_every_receipt_of_batches_of_many_sizes_is_right(ledger: Ledger) -> None:
    """Against the definition of the tree, not against our own proofs."""
    receipts = []
    for size in (1, 1, 2, 5, 1, 30, 100, 1, 115, 1, 256, 3, 300):
        receipts += list(ledger.append_many([("access", PAYLOAD)] * size))
    leaves = [leaf_hash(r.extra) for r in receipts]
    tree = Tree(leaves.__getitem__)
    assert [r.index for r in receipts] == list(range(ledger.size))
    for receipt in receipts:
        size = Checkpoint.parse(receipt.checkpoint.text).size
        assert Checkpoint.parse(receipt.checkpoint.text).root == tree.mth(0, size)
        receipt.check(receipt.extra, ledger.key)
    for index in (0, 1, 7, 255, 256, 500, 811):
        assert ledger.receipt(index).path == tuple(inclusion_proof(index, ledger.size, read_of(leaves)))
        assert ledger.receipt(index, receipts[index].checkpoint) == receipts[index]


def read_of(leaves: list[bytes]) -> Any:
    def read(height: int, index: int) -> bytes:
        part = leaves[index << height : index + 1 << height]
        return Frontier().extend(part).root()

    return read


def test_growth_by_any_batch_gives_the_tree_of_the_definition() -> None:
    leaves = [leaf_hash(str(n).encode()) for n in range(600)]
    read = read_of(leaves)
    for old in (*range(20), 63, 64, 65, 255, 256, 257, 300):
        before = Frontier().extend(leaves[:old])
        for more in (1, 2, 3, 7, 8, 64, 200, 256):
            growth = grow(old, before.peaks, leaves[old : old + more])
            assert growth.root() == root_at(old + more, read)
            for index in {old, old + 1, old + more // 2, old + more - 1} & set(range(old, old + more)):
                assert list(growth.path(index)) == inclusion_proof(index, old + more, read), (old, more, index)


def test_each_checkpoint_is_the_beginning_of_the_next(tmp_path: Path) -> None:
    with filled(tmp_path, 700) as ledger:
        kept = list(ledger.store.all_signed())
        assert [k.size for k in kept][:5] == [0, 1, 3, 6, 56]
        for signed in kept:
            check_consistency(signed.size, signed.root, 700, ledger.head.root, ledger.consistency(signed.size, 700))


def test_there_is_no_receipt_for_what_is_not_there(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD)
    for index in (1, -1, 10**9):
        with pytest.raises(LedgerError, match="there is no entry"):
            ledger.receipt(index)
    other = Checkpoint(ledger.origin, 1, bytes(32)).text
    with pytest.raises(LedgerError, match="not of this ledger"):
        ledger.receipt(0, type(ledger.checkpoint)(other, ()))


# --- records ---------------------------------------------------------------------------------------------------------------


def test_the_short_way_of_committing_is_the_one_of_the_format(tmp_path: Path) -> None:
    """`prepare` writes HMAC and canonical JSON out for speed; the functions of the format say what must come out."""
    keys = KeyTree.create(tmp_path / "erasure.db")
    payloads: list[dict[str, Any]] = [
        PAYLOAD,
        {"a": 'quote " and \\ and \x01\n\t\x7f é 😀'},
        {"n": 5, "list": [1, {"z": None, "a": 1.5e-30}], "yes": True, "none": None, "": None} | {"\u20ac": "€"},
    ]
    del payloads[2][""]
    for slot, payload in enumerate(payloads):
        [record] = prepare([("decision", payload)], iter([slot]), keys)
        secrets = keys.secrets(slot, len(payload))
        digests = [
            field_digest(salt or b"", name, payload[name])
            for salt, name in zip(secrets.salts, sorted(payload), strict=True)
        ]
        assert record.commitment == commitment(secrets.salt, digests)
        joined = b"brightline/commit/v1\n" + b"".join(sorted(digests))
        assert record.commitment == hmac.digest(secrets.salt, joined, "sha256")
        assert open_sealed(record.sealed, secrets, "here").payload == payload


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("gossip", PAYLOAD, "no kind of entry"),
        ("erasure", PAYLOAD, "written by the ledger itself"),
        ("decision", {}, "1 to 1000 named fields"),
        ("decision", [1], "1 to 1000 named fields"),
        ("decision", {1: "x"}, "name"),
        ("decision", {1: "x", "a": "y"}, "name"),
        ("decision", {"": "x"}, "must not be empty"),
        ("decision", {"a": "\ud800"}, "Unicode"),
        ("decision", {"a": float("nan")}, "not finite"),
        ("decision", {"a": object()}, "JSON cannot hold"),
        ("decision", {"a": "x" * 1_100_000}, "at most 1,048,576 fit"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(
    ledger: Ledger, kind: str, payload: Any, said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        ledger.append_many([("decision", PAYLOAD), (kind, payload)])
    assert ledger.size == 0
    assert ledger.append("decision", PAYLOAD).index == 0


def test_no_payload_is_readable_in_any_file(ledger: Ledger) -> None:
    ledger.append("decision", {"subject": "Wilhelmina Featherstonehaugh"})
    ledger.publish()
    for path in ledger.folder.rglob("*"):
        assert not path.is_file() or b"Featherstonehaugh" not in path.read_bytes(), path


def test_the_same_payload_twice_gives_two_commitments(ledger: Ledger) -> None:
    one, two = ledger.append_many([("access", PAYLOAD)] * 2)
    assert parse_entry(one.extra).commitment != parse_entry(two.extra).commitment


# --- requests ----------------------------------------------------------------------------------------------------------------


def test_a_repeated_request_gets_the_first_receipt(ledger: Ledger) -> None:
    first = ledger.append("decision", PAYLOAD, key="request 7")
    for _ in range(300):
        ledger.append("access", PAYLOAD)
    assert ledger.append("decision", PAYLOAD, key="request 7").encode() == first.encode()
    assert ledger.size == 301


def test_a_request_is_known_after_the_ledger_was_opened_again(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        first = list(ledger.append_many([("decision", PAYLOAD)] * 3, keys=["a", "b", "c"]))
    with reopen(tmp_path) as ledger:
        assert list(ledger.append_many([("decision", PAYLOAD)] * 3, keys=["a", "b", "c"])) == first
        assert ledger.size == 3


def test_a_request_key_stands_for_one_payload(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD, key="a")
    with pytest.raises(LedgerError, match="used before, for another payload"):
        ledger.append("decision", PAYLOAD | {"decision": "honored"}, key="a")
    with pytest.raises(LedgerError, match="some of these request keys were used before"):
        ledger.append_many([("decision", PAYLOAD)] * 2, keys=["a", "b"])
    with pytest.raises(LedgerError, match="a request key of its own"):
        ledger.append_many([("decision", PAYLOAD)] * 2, keys=["b", "b"])
    assert ledger.size == 1


def test_a_repeated_request_whose_record_was_erased_still_gets_its_receipt(ledger: Ledger) -> None:
    first = ledger.append("decision", PAYLOAD, key="a")
    ledger.erase(0, basis="5 ILCS 805/15")
    assert ledger.append("decision", PAYLOAD, key="a") == first


def test_request_keys_are_not_stored_readably(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD, key="case 2026-000777 of Jane Doe")
    assert all(b"000777" not in p.read_bytes() for p in ledger.folder.rglob("*") if p.is_file())


def test_many_threads_with_the_same_request_write_one_entry(ledger: Ledger) -> None:
    found: list[bytes] = []
    run(8, lambda _: found.append(ledger.append("decision", PAYLOAD, key="the same").encode()))
    assert len(set(found)) == 1 and len(found) == 8 and ledger.size == 1


def run(threads: int, work: Any) -> None:
    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


# --- the row of an application ---------------------------------------------------------------------------------------------------


def test_the_row_of_an_application_and_its_entry_are_there_together(ledger: Ledger) -> None:
    ledger.append(
        "decision", PAYLOAD, work=lambda db, _: db.execute("CREATE TABLE app (name TEXT, idx INTEGER NOT NULL)")
    )
    ledger.append("decision", PAYLOAD, work=lambda db, at: db.execute("INSERT INTO app VALUES ('kept', ?)", (at,)))

    def fails(db: Any, at: int) -> None:
        db.execute("INSERT INTO app VALUES ('undone', ?)", (at,))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.append("decision", PAYLOAD, work=fails)
    assert ledger.size == 2
    assert sql(ledger, "SELECT name, idx FROM app") == [("kept", 1)]
    assert ledger.append("decision", PAYLOAD).index == 2


def test_one_failing_application_does_not_touch_the_others_of_the_same_commit(ledger: Ledger) -> None:
    ledger.append(
        "decision", PAYLOAD, work=lambda db, _: db.execute("CREATE TABLE app (n INTEGER, idx INTEGER NOT NULL)")
    )
    done: dict[int, int] = {}

    def write(n: int) -> None:
        for turn in range(10):
            number = n * 10 + turn

            def work(db: Any, at: int, number: int = number) -> None:
                db.execute("INSERT INTO app VALUES (?, ?)", (number, at))
                if number % 3 == 0:
                    raise ValueError(number)

            try:
                done[number] = ledger.append("access", PAYLOAD, work=work).index
            except ValueError as error:
                assert error.args == (number,)

    run(8, write)
    assert sorted(done) == [n for n in range(80) if n % 3]
    assert sorted(done.values()) == list(range(1, 1 + len(done)))  # dense, and each once
    assert dict(sql(ledger, "SELECT n, idx FROM app")) == done


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
def test_an_application_that_ends_the_transaction_stops_the_ledger(ledger: Ledger, ending: str) -> None:
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.append("decision", PAYLOAD, work=lambda db, _: db.execute(ending))
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.append("decision", PAYLOAD)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries",
        "UPDATE entries SET entry = x'00'",
        "UPDATE entries SET idx = idx + 1",
        "DELETE FROM checkpoints",
        "UPDATE checkpoints SET root = x'00'",
        "UPDATE head SET size = 0",
        "DELETE FROM head",
        "DELETE FROM erasures",
    ],
)
def test_the_database_itself_refuses_to_change_history(ledger: Ledger, statement: str) -> None:
    ledger.append("decision", PAYLOAD)
    ledger.erase(0, basis="5 ILCS 805/15")
    with pytest.raises(sqlite3.IntegrityError):
        ledger.append("decision", PAYLOAD, work=lambda db, _: db.execute(statement))
    assert ledger.fsck().ok


# --- stopping --------------------------------------------------------------------------------------------------------------------


def test_concurrent_callers_get_dense_indexes_in_few_commits(ledger: Ledger) -> None:
    found: list[int] = []

    def write(_: int) -> None:
        for _turn in range(20):
            found.append(ledger.append("access", PAYLOAD).index)

    run(16, write)
    assert sorted(found) == list(range(320))
    assert ledger.fsck().ok


@pytest.mark.parametrize("persisted", [False, True])
def test_a_commit_of_unknown_outcome_stops_the_ledger_until_it_is_opened_again(tmp_path: Path, persisted: bool) -> None:
    ledger = make(tmp_path)
    ledger.append("decision", PAYLOAD, key="before")
    commit = ledger.store.commit

    def fails() -> None:
        if persisted:
            commit()
        raise sqlite3.OperationalError("disk I/O error")

    ledger.store.commit = fails  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="whether this was written is not known"):
        ledger.append("decision", PAYLOAD, key="unknown")
    ledger.store.commit = commit  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(LedgerError, match="the ledger has stopped"):
            ledger.append("decision", PAYLOAD, key="unknown")
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.erase(0, basis="5 ILCS 805/15")
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.size == (2 if persisted else 1)
        assert again.append("decision", PAYLOAD, key="unknown").index == 1
        assert again.size == 2
        again.publish()
        assert again.fsck().ok


@pytest.mark.parametrize("place", ["begin", "add", "add_nodes", "advance"])
def test_any_fault_of_the_database_stops_the_ledger_and_nothing_is_half_done(tmp_path: Path, place: str) -> None:
    ledger = filled(tmp_path, 255)
    whole = getattr(ledger.store, place)

    def fails(*arguments: Any) -> Any:
        whole(*arguments)
        raise sqlite3.OperationalError("disk I/O error")

    setattr(ledger.store, place, fails)
    with pytest.raises(LedgerError, match="nothing of this was written"):
        ledger.append("decision", PAYLOAD)
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.append("decision", PAYLOAD)
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.size == 255
        assert again.append("decision", PAYLOAD).index == 255
        assert again.fsck().ok


def test_an_entry_that_is_read_back_otherwise_is_never_signed(ledger: Ledger) -> None:
    """The fault of Yeti 2022: one bit differed between what was hashed and what was stored."""
    add = ledger.store.add

    def flips(*arguments: Any) -> list[bytes]:
        back = add(*arguments)
        return [bytes([back[0][0] ^ 1]) + back[0][1:], *back[1:]]

    ledger.store.add = flips  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="gave back another entry than was written"):
        ledger.append("decision", PAYLOAD)
    assert ledger.head.size == 0 and not sql(ledger, "SELECT * FROM entries")


def test_all_who_wait_are_told_when_the_ledger_stops(ledger: Ledger) -> None:
    def fails() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    ledger.store.commit = fails  # type: ignore[method-assign]
    told = []

    def write(_: int) -> None:
        try:
            ledger.append("access", PAYLOAD)
        except LedgerError as error:
            told.append(str(error))

    run(12, write)
    assert len(told) == 12 and all("the ledger has stopped" in t for t in told)


def test_a_failure_to_keep_the_newest_checkpoint_stops_the_ledger_after_the_answer(tmp_path: Path) -> None:
    disk = FakeDisk()
    ledger = make(tmp_path, disk=disk)
    disk.fail_at, disk.fault = len(disk.steps), EIO
    assert ledger.append("decision", PAYLOAD).index == 0  # it is durable, and was acknowledged
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        idle(ledger)
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.append("decision", PAYLOAD)
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.entry(0)
        assert again.fsck().ok


def test_a_closed_ledger_object_refuses_in_one_sentence(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="not open any more"):
        ledger.append("decision", PAYLOAD)


@pytest.mark.parametrize("wait", [0.0, 0.05])
def test_a_caller_that_is_interrupted_while_it_waits_leaves_the_others_be(ledger: Ledger, wait: float) -> None:
    """Ctrl-C comes to the main thread, which waits here for its turn behind another's work."""
    signal.siginterrupt(signal.SIGINT, True)  # a library that is loaded may have turned it off
    main, begun, indexes = threading.get_ident(), threading.Event(), []

    def slow(db: Any, at: int) -> None:
        begun.set()
        while ledger._writer is not None and ledger._writer._queue.empty():
            pass
        time.sleep(wait)
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.05)

    other = threading.Thread(target=lambda: indexes.append(ledger.append("access", PAYLOAD, work=slow).index))
    other.start()
    begun.wait()
    with pytest.raises(KeyboardInterrupt):
        ledger.append("access", PAYLOAD)
    other.join()
    assert indexes == [0]
    assert ledger.append("decision", PAYLOAD).index >= 1
    assert ledger.fsck().ok


# --- two writers -------------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ledger.append("decision", PAYLOAD)
        with pytest.raises(LedgerError, match="another process writes to this ledger"):
            reopen(tmp_path)
        with reopen(tmp_path, read_only=True) as reader:
            assert reader.size == 1
            assert reader.receipt(0).extra == ledger.entry(0)
            assert reader.disclose(0).payload == PAYLOAD
            with pytest.raises(LedgerError, match="reading only"):
                reader.append("decision", PAYLOAD)
            ledger.append("decision", PAYLOAD)
            assert reader.size == 2


def test_a_writer_of_another_process_is_refused(tmp_path: Path) -> None:
    with make(tmp_path):
        code = "import sys; from brightline.ledger import Ledger; Ledger.open(sys.argv[1])"
        ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "city")], capture_output=True, text=True)
    assert "LedgerError" in ended.stderr and "only one may at a time" in ended.stderr


def test_an_old_writer_that_wakes_up_cannot_write(tmp_path: Path) -> None:
    """The lock is lost, as on a network disk or in a stopped machine: the epoch in the head still tells the old one."""
    old = make(tmp_path)
    old.append("decision", PAYLOAD)
    idle(old)
    end_without_closing(old)
    with reopen(tmp_path) as new:
        with pytest.raises(LedgerError, match="another process has written to this ledger since"):
            old.append("decision", PAYLOAD)
        with pytest.raises(LedgerError, match="the ledger has stopped"):
            old.append("decision", PAYLOAD)
        assert new.append("decision", PAYLOAD).index == 1
        assert new.size == 2 and new.fsck().ok


def test_an_old_writer_cannot_write_even_at_the_same_size(tmp_path: Path) -> None:
    old = make(tmp_path)
    end_without_closing(old)
    with reopen(tmp_path) as new:
        assert new.size == old.size == 0
        with pytest.raises(LedgerError, match="another process has written"):
            old.append("decision", PAYLOAD)
        assert new.size == 0


def test_a_database_that_somebody_else_holds_is_no_end(ledger: Ledger) -> None:
    ledger.store.writer.execute("PRAGMA busy_timeout = 10")
    db = sqlite3.connect(ledger.folder / "ledger.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="another program holds the database"):
        ledger.append("decision", PAYLOAD)
    db.execute("ROLLBACK")
    assert ledger.append("decision", PAYLOAD).index == 0


# --- settings, room, clock -----------------------------------------------------------------------------------------------------


def test_every_connection_that_writes_has_the_durable_settings(ledger: Ledger) -> None:
    for name, value in PRAGMAS.items():
        assert ledger.store.writer.execute(f"PRAGMA {name}").fetchone()[0] == value
    assert PRAGMAS["synchronous"] == 2 and PRAGMAS["journal_mode"] == "wal" and PRAGMAS["secure_delete"] == 1


def test_all_tables_are_strict(ledger: Ledger) -> None:
    assert {row[5] for row in sql(ledger, "PRAGMA table_list") if not row[1].startswith("sqlite_")} == {1}


def test_below_the_floor_only_the_last_entries_are_written(tmp_path: Path) -> None:
    disk = FakeDisk(room=1 << 30)
    with make(tmp_path, disk=disk, floor=512 << 20) as ledger:
        assert (ledger.folder / "reserve").stat().st_size == 4 << 20
        ledger.append("decision", PAYLOAD)
        disk.room = 100 << 20
        with pytest.raises(LedgerError, match="less than 512 MiB are free, so nothing more is written; make room"):
            ledger.append("decision", PAYLOAD)
        assert ledger.size == 1
        ledger.erase(0, basis="5 ILCS 805/15")
        assert not (ledger.folder / "reserve").exists()  # it has given its room to the last entries
        disk.room = 1 << 30
        assert ledger.append("decision", PAYLOAD).index == 2


def test_the_hour_is_that_of_the_clock_and_never_earlier_than_before(tmp_path: Path) -> None:
    clock = HandClock()
    with make(tmp_path, clock=clock) as ledger:
        for seconds in (0, -1, 5, 0, 3600, 3596):  # a leap second, the time service
            clock.now = NOON + seconds
            ledger.append("access", PAYLOAD)
        assert [parse_entry(e).kind for e in ledger.store.entries(0, 10)] == ["access"] * 6
        hours = [parse_entry(e).hour for e in ledger.store.entries(0, 10)]
        assert hours == [hour_of(NOON)] * 4 + [hour_of(NOON + 3600)] * 2


def test_a_clock_that_goes_back_is_written_down_once(tmp_path: Path) -> None:
    clock = HandClock()
    with make(tmp_path, clock=clock) as ledger:
        ledger.append("access", PAYLOAD)
        clock.now -= 30
        receipt = ledger.append("access", PAYLOAD)
        assert receipt.index == 2
        receipt.check(receipt.extra, ledger.key)
        ledger.append("access", PAYLOAD)
        kinds = [parse_entry(e).kind for e in ledger.store.entries(0, 10)]
        assert kinds == ["access", "clock", "access", "access"]
        assert ledger.disclose(1).payload == {"behind_seconds": 30}


def test_a_clock_more_than_a_minute_behind_stops_the_ledger(tmp_path: Path) -> None:
    clock = HandClock()
    ledger = make(tmp_path, clock=clock)
    ledger.append("access", PAYLOAD)
    clock.now -= 61
    with pytest.raises(LedgerError, match="the clock is 61 seconds behind the last entry"):
        ledger.append("access", PAYLOAD)
    clock.now += 61
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.append("access", PAYLOAD)
    ledger.close()
    with reopen(tmp_path, clock=clock) as again:
        assert again.append("access", PAYLOAD).index == 1


def test_small_steps_back_do_not_add_up_unnoticed(tmp_path: Path) -> None:
    clock = HandClock()
    ledger = make(tmp_path, clock=clock)
    ledger.append("access", PAYLOAD)
    for _ in range(6):
        clock.now -= 10
        ledger.append("access", PAYLOAD)
    clock.now -= 10
    with pytest.raises(LedgerError, match="behind the last entry"):
        ledger.append("access", PAYLOAD)
    ledger.close()


def test_a_clock_that_was_ahead_can_be_accepted_as_right_now(tmp_path: Path) -> None:
    clock = HandClock(NOON + 86_400 * 365)
    with make(tmp_path, clock=clock) as ledger:
        ledger.append("access", PAYLOAD)
    clock.now = NOON
    with reopen(tmp_path, clock=clock) as ledger:
        ledger.accept_clock("the battery was empty; corrected by J. Smith")
        ledger.append("access", PAYLOAD)
        entries = [parse_entry(e) for e in ledger.store.entries(0, 10)]
        assert [e.kind for e in entries] == ["access", "clock", "access"]
        assert len({e.hour for e in entries}) == 1  # never earlier than before
        clock.now -= 61
        with pytest.raises(LedgerError, match="behind the last entry"):
            ledger.append("access", PAYLOAD)


@pytest.mark.parametrize("now", [float("nan"), -1.0, float("inf"), 1e15])
def test_a_clock_that_tells_no_time_stops_the_ledger(tmp_path: Path, now: float) -> None:
    clock = HandClock()
    with make(tmp_path, clock=clock) as ledger:
        clock.now = now
        with pytest.raises(LedgerError, match="which is no time"):
            ledger.append("access", PAYLOAD)


# --- making, opening, closing ----------------------------------------------------------------------------------------------------


def test_a_ledger_goes_on_after_it_was_opened_again(tmp_path: Path) -> None:
    with filled(tmp_path, 520) as ledger:
        roots = [s.root for s in ledger.store.all_signed()]
    with reopen(tmp_path) as again:
        assert again.refusal is None and again.size == 520
        again.append_many([("access", PAYLOAD)] * 100)
        assert [s.root for s in again.store.all_signed()][:-1] == roots
        assert again.fsck().ok


def test_what_was_acknowledged_is_there_after_the_process_has_ended_anyhow(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 300)
    last = ledger.append("decision", PAYLOAD)
    end_without_closing(ledger)
    with reopen(tmp_path) as again:
        assert again.entry(300) == last.extra and again.size == 301


def test_a_ledger_is_not_made_where_something_is(tmp_path: Path) -> None:
    make(tmp_path).close()
    with pytest.raises(LedgerError, match="a new ledger needs a new folder"):
        make(tmp_path)
    (tmp_path / "other.newest").write_text("x")
    with pytest.raises(LedgerError, match="the newest checkpoint of another ledger"):
        Ledger.create(tmp_path / "other", "log.example/x")
    with pytest.raises(LedgerError, match="choose a place outside"):
        Ledger.create(tmp_path / "third", "log.example/x", newest=tmp_path / "third" / "newest")
    with pytest.raises(LedgerError, match="name of a key"):
        Ledger.create(tmp_path / "fourth", "log example")


def test_what_is_no_ledger_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here"):
        reopen(tmp_path)
    make(tmp_path).close()
    (tmp_path / "city" / "ledger.db").write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerError, match="cannot be opened as a ledger"):
        reopen(tmp_path)


def test_a_ledger_of_another_format_is_refused(tmp_path: Path) -> None:
    make(tmp_path).close()
    db = sqlite3.connect(tmp_path / "city" / "ledger.db")
    db.execute("UPDATE words SET value = '9' WHERE name = 'format'")
    db.commit()
    db.close()
    with pytest.raises(LedgerError, match="has the format '9'"):
        reopen(tmp_path)


def test_the_key_of_another_ledger_is_refused(tmp_path: Path) -> None:
    make(tmp_path).close()
    with make(tmp_path / "second") as second:
        other = (second.folder / "keys" / "signing.pem").read_bytes()
    (tmp_path / "city" / "keys" / "signing.pem").write_bytes(other)
    with pytest.raises(LedgerError, match="not the one of this ledger"):
        reopen(tmp_path)


def test_a_passphrase_is_asked_for_at_every_start(tmp_path: Path) -> None:
    make(tmp_path, passphrase="horse").close()
    with pytest.raises(LedgerError, match="needs a passphrase"):
        reopen(tmp_path)
    with reopen(tmp_path, passphrase="horse") as ledger:
        ledger.append("decision", PAYLOAD)


def test_what_a_stopped_process_left_is_swept_away(tmp_path: Path) -> None:
    make(tmp_path).close()
    places = [
        tmp_path / "city" / ".policy.0011.tmp",
        tmp_path / "city" / "keys" / ".x.tmp",
        tmp_path / ".city.newest.22.tmp",
    ]
    for path in places:
        path.write_bytes(b"half")
    (tmp_path / ".other.tmp").write_bytes(b"not ours")
    reopen(tmp_path).close()
    assert not [p for p in places if p.exists()]
    assert (tmp_path / ".other.tmp").exists()


def test_a_closed_ledger_names_the_next_and_takes_nothing_more(tmp_path: Path) -> None:
    with filled(tmp_path, 5) as ledger:
        receipt = ledger.close_with("log.city.example/brightline/2027")
        assert parse_entry(receipt.extra).kind == "close"
        with pytest.raises(LedgerError, match=r"closed; the next one is `log.city.example/brightline/2027`"):
            ledger.append("decision", PAYLOAD)
    with reopen(tmp_path) as ledger:
        for write in (lambda: ledger.append("access", PAYLOAD), lambda: ledger.close_with("log.other/x")):
            with pytest.raises(LedgerError, match="this ledger is closed"):
                write()
        assert ledger.size == 6
        ledger.publish()
        assert ledger.fsck().ok


def test_the_next_ledger_needs_a_name_of_its_own(ledger: Ledger) -> None:
    for name in ("", "two words", ledger.origin):
        with pytest.raises(LedgerError):
            ledger.close_with(name)
    assert ledger.size == 0


def test_the_start_reads_only_the_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, 3000).close()
    seen: list[int] = []
    entries = SqliteStore.entries

    def counted(self: SqliteStore, start: int, stop: int) -> list[bytes]:
        found = entries(self, start, stop)
        seen.append(len(found))
        return found

    monkeypatch.setattr(SqliteStore, "entries", counted)
    reopen(tmp_path).close()
    assert sum(seen) <= 3 * 256
