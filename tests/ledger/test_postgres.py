"""The store in PostgreSQL, against a real server: the promises of SQLite hold, and what is handed over is sequenced once, in full."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger import Ledger, LedgerError
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import parse_entry
from brightline.ledger.export import export
from brightline.ledger.fsck import fsck
from brightline.ledger.keytree import Erased
from brightline.ledger.merkle import check_consistency
from brightline.ledger.migrate import migrate
from brightline.ledger.record import prepare
from brightline.ledger.repair import restore
from brightline.ledger.sources import source
from tests.postgres import postgres  # noqa: F401

from .small import ORIGIN, PAYLOAD, FakeDisk, HandClock, make, reopen

psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` (psycopg) is not installed")

from brightline.ledger.outbox import Outbox, follow, index_of  # noqa: E402
from brightline.ledger.postgres import PostgresStore, WeakServer  # noqa: E402

PAGE = Path(__file__).parents[2] / "docs" / "ledger" / "postgres.md"
_numbers = count(1)
pytestmark = pytest.mark.filterwarnings("ignore::brightline.ledger.postgres.WeakServer")  # these tests own their tables


@pytest.fixture
def server(postgres: str) -> str:  # noqa: F811
    return postgres


@pytest.fixture
def database(server: str) -> str:
    """A schema for this test alone."""
    schema = f"test{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}")
    return f"{server} options=-csearch_path={schema}"


@pytest.fixture
def ledger(tmp_path: Path, database: str) -> Iterator[Ledger]:
    with make(tmp_path, database=database) as made:
        yield made


@contextmanager
def session(database: str) -> Iterator[Any]:
    with psycopg.connect(database, autocommit=True) as db:
        yield db


def sql(database: str, statement: str, values: Any = ()) -> list[Any]:
    with session(database) as db:
        cursor = db.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def sound(ledger: Ledger) -> None:
    found = fsck(ledger.folder, payloads=True)
    assert found.problems == []
    assert (found.size, found.root) == (ledger.size, Checkpoint.parse(ledger.checkpoint.text).root)


def cut(database: str, ledger: Ledger) -> None:
    """End the writing session of this ledger from outside, as a server that restarts does."""
    assert isinstance(ledger.store, PostgresStore)
    sql(database, "SELECT pg_terminate_backend(%s, 5000)", (ledger.store.writer.info.backend_pid,))


def twin(ledger: Ledger, folder: Path) -> Path:
    """The folder on another machine: other locks, the same database."""
    copy = folder / "elsewhere" / "city"
    shutil.copytree(ledger.folder, copy)
    shutil.copy(ledger.newest, f"{copy}.newest")
    return copy


# --- the same promises as with SQLite ------------------------------------------------------------------------------------


def test_receipts_of_single_entries_and_batches_verify(ledger: Ledger) -> None:
    receipts = []
    for size in (1, 2, 1, 250, 7, 300):
        receipts += list(ledger.append_many([("access", PAYLOAD | {"n": n}) for n in range(size)]))
    assert [r.index for r in receipts] == list(range(561)) == list(range(ledger.size))
    for receipt in receipts:
        receipt.check(receipt.extra, ledger.key)
        assert receipt.extra == ledger.entry(receipt.index)
        assert ledger.receipt(receipt.index, receipt.checkpoint) == receipt
    ledger.disclose(560, ["ground"]).check(ledger.entry(560))
    assert ledger.disclose(560).payload == PAYLOAD | {"n": 299}
    sound(ledger)


def test_everything_is_there_after_opening_again_and_goes_on(tmp_path: Path, database: str) -> None:
    with make(tmp_path, database=database) as first:
        first.append_many([("decision", PAYLOAD)] * 300)
        before = first.checkpoint
    assert not (tmp_path / "city" / "ledger.db").exists()
    with reopen(tmp_path) as again:
        assert again.checkpoint == before
        receipt = again.append("decision", PAYLOAD)
        assert receipt.index == 300
        old, new = Checkpoint.parse(before.text), Checkpoint.parse(again.checkpoint.text)
        check_consistency(old.size, old.root, new.size, new.root, again.consistency(old.size, new.size))
        slots = [row.slot for row in again.store.rows(0, 301)]
        assert len(set(slots)) == 301
        sound(again)
    with Ledger.open(tmp_path / "city", read_only=True) as reading:
        assert reading.size == 301
        with pytest.raises(LedgerError, match="reading only"):
            reading.append("decision", PAYLOAD)


def test_a_repeated_request_gets_the_first_receipt(ledger: Ledger) -> None:
    first = ledger.append("decision", PAYLOAD, key="2026-1")
    ledger.append("access", PAYLOAD)
    assert ledger.append("decision", PAYLOAD, key="2026-1") == first
    with pytest.raises(LedgerError, match="used before, for another payload"):
        ledger.append("decision", PAYLOAD | {"decision": "granted"}, key="2026-1")
    assert ledger.size == 2


def test_many_threads_get_dense_indexes(ledger: Ledger) -> None:
    receipts: list[Any] = []

    def write(n: int) -> None:
        for k in range(10):
            receipts.append(ledger.append("access", PAYLOAD | {"n": n, "k": k}, key=f"{n}/{k}"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.index for r in receipts) == list(range(60))
    for receipt in receipts:
        receipt.check(receipt.extra, ledger.key)
    sound(ledger)


def test_the_row_of_an_application_and_its_entry_are_there_together_or_not_at_all(
    ledger: Ledger, database: str
) -> None:
    sql(database, "CREATE TABLE decisions (idx bigint PRIMARY KEY, word text NOT NULL)")

    def work(word: str | None) -> Callable[[Any, int], None]:
        return lambda db, index: db.execute("INSERT INTO decisions VALUES (%s, %s)", (index, word))

    assert ledger.append("decision", PAYLOAD, work=work("refused")).index == 0
    with pytest.raises(psycopg.errors.NotNullViolation):
        ledger.append("decision", PAYLOAD, work=work(None))
    assert ledger.append("decision", PAYLOAD, work=work("granted")).index == 1
    assert sql(database, "SELECT * FROM decisions ORDER BY idx") == [(0, "refused"), (1, "granted")]
    assert ledger.size == 2


def test_a_constraint_that_the_application_deferred_harms_its_own_record_alone(ledger: Ledger, database: str) -> None:
    sql(database, "CREATE TABLE cases (id int PRIMARY KEY)")
    sql(database, "CREATE TABLE stays (id int REFERENCES cases DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        ledger.append("decision", PAYLOAD, work=lambda db, _: db.execute("INSERT INTO stays VALUES (1)"))

    def late(db: Any, _: int) -> None:
        db.execute("INSERT INTO stays VALUES (2)")
        db.execute("INSERT INTO cases VALUES (2)")

    assert ledger.append("decision", PAYLOAD, work=late).index == 0


def test_work_cannot_make_its_commit_less_durable(ledger: Ledger) -> None:
    assert isinstance(ledger.store, PostgresStore)
    told: list[str] = []
    real = ledger.store.writer.execute

    def listen(statement: Any, *rest: Any, **more: Any) -> Any:
        if "COMMIT" in str(statement):
            first = real("SELECT current_setting('synchronous_commit')").fetchone()
            assert first is not None
            made = real(str(statement).split(";")[0])
            told.extend([first[0], real("SELECT current_setting('synchronous_commit')").fetchone()[0]])  # type: ignore[index]
            del made
        return real(statement, *rest, **more)

    ledger.store.writer.execute = listen  # type: ignore[method-assign]
    ledger.append("decision", PAYLOAD, work=lambda db, _: db.execute("SET LOCAL synchronous_commit = off"))
    assert told == ["off", "on"]


def test_work_that_ends_the_transaction_stops_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="ended the transaction"):
        ledger.append("decision", PAYLOAD, work=lambda db, _: db.execute("COMMIT"))
    with pytest.raises(LedgerError, match="has stopped"):
        ledger.append("decision", PAYLOAD)
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.size == 0
        again.append("decision", PAYLOAD)


def test_erased_fields_and_records_are_gone_and_their_receipts_stand(ledger: Ledger, database: str) -> None:
    receipts = list(ledger.append_many([("decision", PAYLOAD | {"n": n}) for n in range(3)]))
    ledger.hold(2, basis="order 12/26")
    ledger.erase(0, basis="5 ILCS 805/15")
    ledger.erase(1, ["subject"], basis="5 ILCS 805/15")
    with pytest.raises(LedgerError, match="on hold"):
        ledger.erase(2, basis="5 ILCS 805/15")
    with pytest.raises(Erased):
        ledger.disclose(0)
    assert "subject" not in ledger.disclose(1).payload
    ledger.disclose(1, ["ground"]).check(ledger.entry(1))
    assert sql(database, "SELECT idx FROM brightline_sealed WHERE idx < 3 ORDER BY idx") == [(1,), (2,)]
    ledger.release(2, basis="order 13/26")
    ledger.erase(2, basis="5 ILCS 805/15")
    for receipt in receipts:
        receipt.check(receipt.extra, ledger.key)
    sound(ledger)


def test_an_erasure_that_was_cut_off_is_finished_at_the_next_start(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append("decision", PAYLOAD)
    slot = ledger.store.rows(0, 1)[0].slot
    assert slot is not None and ledger._keys is not None
    ledger._forget = lambda: None  # type: ignore[method-assign]
    ledger.erase(0, basis="5 ILCS 805/15")
    ledger._keys.seed(slot)
    ledger.close()
    with reopen(tmp_path) as again, pytest.raises(Erased):
        assert again._keys is not None
        again._keys.seed(slot)


def test_a_ledger_is_published_from_postgres(ledger: Ledger) -> None:
    ledger.append_many([("decision", PAYLOAD)] * 700)
    made = ledger.publish()
    assert made.size == 700 and (ledger.public / "checkpoint").read_bytes() == ledger.checkpoint.encode()
    sound(ledger)


# --- the outbox ----------------------------------------------------------------------------------------------------------


def test_a_record_has_an_index_only_when_it_is_committed(ledger: Ledger, database: str) -> None:
    outbox = Outbox(ledger.folder)
    with session(database) as app:
        app.execute(
            "CREATE TABLE decisions (case_no text PRIMARY KEY, outbox bigint NOT NULL REFERENCES brightline_outbox (id))"
        )
        app.execute(
            "CREATE VIEW recorded AS SELECT d.case_no, o.idx FROM decisions d JOIN brightline_outbox o ON o.id = d.outbox"
            " WHERE o.idx IS NOT NULL"
        )
        with app.transaction():
            number = outbox.put(app, "decision", PAYLOAD, key="2026-1")
            app.execute("INSERT INTO decisions VALUES ('2026-1', %s)", (number,))
            assert ledger.sequence() == 0, "nobody sees it before its transaction has committed"
        assert index_of(app, number) is None and app.execute("SELECT * FROM recorded").fetchall() == []
        with session(database) as slow, slow.transaction():
            slow.execute("INSERT INTO decisions VALUES ('again', %s)", (number,))
            assert ledger.sequence() == 1, "a foreign key to the row, in a transaction that goes on, is not in the way"
            slow.execute("DELETE FROM decisions WHERE case_no = 'again'")
        assert index_of(app, number) == 0 and app.execute("SELECT * FROM recorded").fetchall() == [("2026-1", 0)]
        with pytest.raises(psycopg.errors.UniqueViolation), app.transaction():
            outbox.put(app, "decision", PAYLOAD, key="2026-2")
            app.execute("INSERT INTO decisions VALUES ('2026-1', 1)")
        assert ledger.sequence() == 0, "what was rolled back was never handed over"
        assert app.execute("SELECT sealed FROM brightline_outbox").fetchall() == [(None,)]
    receipt = ledger.receipt(0)
    receipt.check(receipt.extra, ledger.key)
    assert parse_entry(receipt.extra).kind == "decision" and ledger.disclose(0).payload == PAYLOAD
    sound(ledger)


def test_a_transaction_that_began_early_and_commits_late_is_not_passed_over(ledger: Ledger, database: str) -> None:
    outbox = Outbox(ledger.folder)
    with session(database) as slow, session(database) as fast:
        slow.execute("BEGIN")
        early = outbox.put(slow, "access", PAYLOAD | {"who": "slow"}, key="slow")
        late = outbox.put(fast, "access", PAYLOAD | {"who": "fast"}, key="fast")
        assert early < late
        assert ledger.sequence() == 1 and index_of(fast, late) == 0
        assert ledger.sequence() == 0
        slow.execute("COMMIT")
        assert ledger.sequence() == 1 and index_of(fast, early) == 1
    assert [ledger.disclose(n).payload["who"] for n in (0, 1)] == ["fast", "slow"]
    sound(ledger)


def test_a_request_counts_once_however_it_comes(ledger: Ledger, database: str) -> None:
    outbox = Outbox(ledger.folder)
    with session(database) as app:
        first = outbox.put(app, "decision", PAYLOAD, key="2026-1")
        assert outbox.put(app, "decision", PAYLOAD, key="2026-1") == first
        with pytest.raises(LedgerError, match="another payload"):
            outbox.put(app, "decision", PAYLOAD | {"decision": "granted"}, key="2026-1")
        direct = ledger.append("decision", PAYLOAD, key="2026-1")  # not through the outbox, and before it
        other = ledger.append("decision", PAYLOAD, key="2026-2")
        wrong = outbox.put(app, "decision", PAYLOAD | {"decision": "granted"}, key="2026-2")
        assert ledger.sequence() == 2
        assert index_of(app, first) == direct.index
        with pytest.raises(LedgerError, match="refused: this request key was used before"):
            index_of(app, wrong)
        assert ledger.size == 2 and other.index == 1
        third = outbox.put(app, "decision", PAYLOAD, key="2026-3")
        ledger.sequence()
        assert ledger.append("decision", PAYLOAD, key="2026-3").index == index_of(app, third) == 2
        ledger.erase(2, basis="5 ILCS 805/15")
        assert outbox.put(app, "decision", PAYLOAD, key="2026-3") == third, "erased: nobody can compare it any more"
    sound(ledger)


def test_what_does_not_fit_is_refused_and_does_not_stop_the_others(ledger: Ledger, database: str) -> None:
    outbox = Outbox(ledger.folder)
    taken = ledger.append("decision", PAYLOAD)
    slot = ledger.store.rows(taken.index, 1)[0].slot
    assert slot is not None
    with session(database) as app:
        numbers = [outbox.put(app, "decision", PAYLOAD | {"n": n}, key=str(n)) for n in range(6)]
        app.execute("SET session_replication_role = replica")
        app.execute("ALTER TABLE brightline_outbox DISABLE TRIGGER ALL")
        app.execute("UPDATE brightline_outbox SET commitment = sha256('x') WHERE id = %s", (numbers[0],))
        app.execute(
            "UPDATE brightline_outbox SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE id = %s",
            (numbers[1],),
        )
        for number, foreign in (
            (numbers[2], slot),
            (numbers[3], 4_000_000_000),
        ):  # sealed rightly, under a slot that is not theirs
            assert ledger._keys is not None
            made = prepare([("decision", PAYLOAD)], iter([foreign]), ledger._keys)[0]
            app.execute(
                "UPDATE brightline_outbox SET slot = %s, fields = %s, commitment = %s, sealed = %s WHERE id = %s",
                (foreign, made.fields, made.commitment, made.sealed, number),
            )
        app.execute("UPDATE brightline_outbox SET fields = 2 WHERE id = %s", (numbers[4],))
        assert ledger.sequence() == 6 and ledger.sequence() == 0
        for number, why in zip(
            numbers,
            ("commitment", "does not open", "was not given out", "was not given out", "does not open"),
            strict=False,
        ):
            with pytest.raises(LedgerError, match=f"refused: .*{why}"):
                index_of(app, number)
        assert index_of(app, numbers[5]) == 1
        with pytest.raises(LedgerError, match="no number 99"):
            index_of(app, 99)
        for kind in ("erasure", "close"):
            with pytest.raises(LedgerError, match="by the ledger itself"):
                outbox.put(app, kind, PAYLOAD, key="k")
    assert ledger.size == 2 and ledger.append("decision", PAYLOAD).index == 2


def test_following_takes_what_many_applications_hand_over(ledger: Ledger, database: str) -> None:
    stop, failed = threading.Event(), []
    following = threading.Thread(target=follow, args=(ledger, stop, 0.01))
    following.start()

    def hand_over(name: int) -> None:
        try:
            outbox = Outbox(ledger.folder)
            with session(database) as app:
                for n in range(15):
                    outbox.put(app, "access", PAYLOAD | {"app": name, "n": n}, key=f"{name}/{n}")
                    ledger.append("access", PAYLOAD)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=hand_over, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    following.join()
    while ledger.sequence():
        pass
    assert failed == []
    rows = sql(database, "SELECT idx, refused FROM brightline_outbox")
    assert len({idx for idx, _ in rows}) == 45 and {refused for _, refused in rows} == {None}
    assert ledger.size == 90
    sound(ledger)


def test_only_postgres_has_an_outbox(tmp_path: Path) -> None:
    with make(tmp_path) as made, pytest.raises(LedgerError, match="only a ledger in PostgreSQL"):
        made.sequence()


# --- one sequencer, and faults -------------------------------------------------------------------------------------------


def test_a_second_sequencer_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append("decision", PAYLOAD)
    with pytest.raises(LedgerError, match="another process writes"):
        Ledger.open(twin(ledger, tmp_path))
    assert ledger.append("decision", PAYLOAD).index == 1


def test_a_sequencer_that_lost_its_lock_is_fenced_off(ledger: Ledger, tmp_path: Path, database: str) -> None:
    """As behind a pooler that resets sessions, or after a long sleep: the epoch in the head tells, before anything is written."""
    ledger.append("decision", PAYLOAD)
    assert isinstance(ledger.store, PostgresStore)
    copy = twin(ledger, tmp_path)
    ledger.store.writer.execute("SELECT pg_advisory_unlock_all()")
    done: list[int] = []
    with Ledger.open(copy) as second:
        with pytest.raises(
            LedgerError, match=r"another process has written to this ledger since.*nothing of this was written"
        ):
            ledger.append("decision", PAYLOAD, work=lambda db, index: done.append(index))
        assert done == [], "not even the work of the application was begun"
        assert second.append("decision", PAYLOAD).index == 1
        with pytest.raises(LedgerError, match="has stopped"):
            ledger.append("decision", PAYLOAD)
        sound(second)


def test_the_swap_of_the_head_alone_would_stop_a_second_writer(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD)
    store, head = ledger.store, ledger.store.head()
    assert isinstance(store, PostgresStore)
    older = type(head)(0, head.epoch, head.time, head.lag, head.slots, (), head.root, head.signature)
    store.begin()
    with pytest.raises(LedgerError, match="another process has written"):
        store.advance(older, head)
    store.abandon()
    store.begin()
    with pytest.raises(LedgerError, match="another process has written"):
        store.add([(0, b"another first entry", None, 0, None)], ())
    store.abandon()


def test_a_head_that_another_session_holds_is_waited_for_and_then_told(ledger: Ledger, database: str) -> None:
    assert isinstance(ledger.store, PostgresStore)
    ledger.store.writer.execute("SET lock_timeout = '50ms'")
    with session(database) as other, other.transaction():
        other.execute("SELECT * FROM brightline_head FOR UPDATE")
        with pytest.raises(LedgerError, match="nothing was written, try again"):
            ledger.append("decision", PAYLOAD)
    assert ledger.append("decision", PAYLOAD).index == 0


def test_a_table_that_is_being_rewritten_is_waited_for_and_then_told(ledger: Ledger, database: str) -> None:
    """As VACUUM FULL does. Nothing was written, so the ledger goes on; also the sequencer of the outbox."""
    assert isinstance(ledger.store, PostgresStore)
    ledger.store.writer.execute("SET lock_timeout = '50ms'")
    with session(database) as app:
        number = Outbox(ledger.folder).put(app, "decision", PAYLOAD, key="1")
        for table in ("brightline_sealed", "brightline_outbox"):
            with session(database) as other, other.transaction():
                other.execute(f"LOCK TABLE {table} IN SHARE MODE")
                with pytest.raises(LedgerError, match="nothing was written, try again"):
                    ledger.sequence()
        assert ledger.sequence() == 1 and index_of(app, number) == 0
    assert ledger.append("decision", PAYLOAD).index == 1
    sound(ledger)


def test_a_lost_connection_stops_the_ledger_and_opening_again_goes_on(
    ledger: Ledger, tmp_path: Path, database: str
) -> None:
    first = ledger.append("decision", PAYLOAD, key="1")
    cut(database, ledger)
    for _ in range(2):
        with pytest.raises(LedgerError, match=r"has stopped \(PostgreSQL .*nothing of this was written; open it again"):
            ledger.append("decision", PAYLOAD, key="2")
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.append("decision", PAYLOAD, key="1") == first
        assert again.append("decision", PAYLOAD, key="2").index == 1
        sound(again)


def test_a_connection_lost_in_the_middle_leaves_nothing(ledger: Ledger, tmp_path: Path, database: str) -> None:
    sql(database, "CREATE TABLE decisions (idx bigint)")

    def work(db: Any, index: int) -> None:
        db.execute("INSERT INTO decisions VALUES (%s)", (index,))
        cut(database, ledger)

    with pytest.raises(LedgerError, match=r"has stopped.*nothing of this was written"):
        ledger.append("decision", PAYLOAD, work=work)
    ledger.close()
    with reopen(tmp_path) as again:
        assert again.size == 0 and sql(database, "SELECT * FROM decisions") == []
        again.append("decision", PAYLOAD)
        sound(again)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_of_unknown_outcome_is_told_as_such(ledger: Ledger, tmp_path: Path, database: str, when: str) -> None:
    """The connection ends inside COMMIT, before or after it took effect. The retry with the same key writes it once."""
    assert isinstance(ledger.store, PostgresStore)
    if when == "before":
        sql(
            database,
            "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$",
        )
        sql(
            database,
            "CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON brightline_checkpoints DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION leave()",
        )
    else:
        real = ledger.store.writer.execute

        def lose_the_answer(statement: Any, *rest: Any, **more: Any) -> Any:
            made = real(statement, *rest, **more)
            if str(statement).endswith("COMMIT"):
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return made

        ledger.store.writer.execute = lose_the_answer  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="whether this was written is not known; open it again"):
        ledger.append("decision", PAYLOAD, key="1")
    ledger.close()
    if when == "before":
        sql(database, "DROP TRIGGER leave ON brightline_checkpoints")
    with reopen(tmp_path) as again:
        assert again.size == (1 if when == "after" else 0)
        assert again.append("decision", PAYLOAD, key="1").index == 0
        assert again.size == 1
        sound(again)


def test_a_failed_transaction_is_never_acknowledged(ledger: Ledger) -> None:
    store = ledger.store
    assert isinstance(store, PostgresStore)
    store.begin()
    with pytest.raises(psycopg.errors.DivisionByZero):
        store.writer.execute("SELECT 1 / 0")
    with pytest.raises(LedgerError):
        store.commit()
    store.abandon()
    assert store.head().size == 0


def test_a_lost_connection_in_a_chore_of_the_outbox_stops_too(ledger: Ledger, tmp_path: Path, database: str) -> None:
    outbox = Outbox(ledger.folder)
    with session(database) as app:
        number = outbox.put(app, "decision", PAYLOAD, key="1")
        cut(database, ledger)
        with pytest.raises(LedgerError, match="has stopped"):
            ledger.sequence()
        ledger.close()
        with reopen(tmp_path) as again:
            assert again.sequence() == 1 and index_of(app, number) == 0
            sound(again)


# --- guards and checks at the start --------------------------------------------------------------------------------------


def test_triggers_guard_what_stays_even_against_the_owner(ledger: Ledger, database: str) -> None:
    ledger.append("decision", PAYLOAD)
    with session(database) as owner:
        Outbox(ledger.folder).put(owner, "decision", PAYLOAD, key="1")
        ledger.sequence()
        owner.execute("SET session_replication_role = replica")  # ordinary triggers sleep in such a session
        for statement in (
            "UPDATE brightline_entries SET entry = 'x'",
            "DELETE FROM brightline_entries",
            "TRUNCATE brightline_entries",
            "UPDATE brightline_checkpoints SET root = 'x'",
            "DELETE FROM brightline_checkpoints",
            "UPDATE brightline_head SET size = 0",
            "DELETE FROM brightline_head",
            "UPDATE brightline_outbox SET idx = 7",
            "DELETE FROM brightline_outbox",
            "TRUNCATE brightline_outbox",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)
    sound(ledger)


def test_without_its_guards_a_ledger_is_not_written_to(tmp_path: Path, database: str) -> None:
    make(tmp_path, database=database).close()
    sql(database, "ALTER TABLE brightline_entries DISABLE TRIGGER brightline_entries_never_change")
    with pytest.raises(LedgerError, match="`brightline_entries_never_change` is missing or disabled"):
        reopen(tmp_path)
    assert any("never_change" in problem for problem in fsck(tmp_path / "city").problems)


def test_fsck_finds_what_an_owner_has_changed(ledger: Ledger, database: str) -> None:
    ledger.append_many([("decision", PAYLOAD | {"n": n}) for n in range(300)])
    with session(database) as owner:
        owner.execute("ALTER TABLE brightline_entries DISABLE TRIGGER ALL")
        owner.execute(
            "UPDATE brightline_entries SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE idx = 17"
        )
        owner.execute("ALTER TABLE brightline_entries ENABLE ALWAYS TRIGGER brightline_entries_never_change")
        owner.execute("ALTER TABLE brightline_entries ENABLE ALWAYS TRIGGER brightline_entries_stay")
        owner.execute("ALTER TABLE brightline_entries ENABLE ALWAYS TRIGGER brightline_entries_stay_whole")
    problems = fsck(ledger.folder).problems
    assert problems and "entry 17" in problems[0]


def test_a_database_that_was_restored_to_an_earlier_moment_signs_nothing(tmp_path: Path, database: str) -> None:
    with make(tmp_path, database=database) as first:
        first.append("decision", PAYLOAD)
        tables = [r[0] for r in sql(database, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]
        for table in tables:
            sql(database, f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        first.append_many([("decision", PAYLOAD)] * 9)
        first.publish()
    with session(database) as owner, owner.transaction():
        for table in ("entries", "sealed", "head", "checkpoints"):
            name = f"brightline_{table}"
            owner.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            owner.execute(f"DELETE FROM {name}")
            owner.execute(f"INSERT INTO {name} SELECT * FROM kept_{name}")
            for (trigger,) in owner.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", (name,)
            ).fetchall():
                owner.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {trigger}")
    with reopen(tmp_path) as old:
        assert old.refusal is not None and "restored from an older copy" in old.refusal
        with pytest.raises(LedgerError, match="older copy"):
            old.append("decision", PAYLOAD)


def test_a_password_is_not_taken_into_the_folder(tmp_path: Path, database: str) -> None:
    for string in (f"{database} password=secret", "postgresql://me:secret@db.example/agency"):
        with pytest.raises(LedgerError, match="holds a password") as told:
            make(tmp_path, database=string)
        assert "secret" not in str(told.value)
    assert not (tmp_path / "city").exists()


def test_a_place_that_cannot_be_used_is_told_before_anything_is_made(
    tmp_path: Path, database: str, server: str
) -> None:
    for string, why in (
        ("host=/nowhere dbname=agency", "cannot be reached"),
        ("no connection string", "not one that libpq knows"),
        (f"{server} options=-csearch_path=nothing_here", "schema of this connection does not exist"),
    ):
        with pytest.raises(LedgerError, match=why):
            make(tmp_path, database=string)
        assert not (tmp_path / "city").exists()
    make(tmp_path, database=database).close()
    with pytest.raises(LedgerError, match="a ledger already in this schema"):
        make(tmp_path / "another", database=database)
    (tmp_path / "city" / "database").write_text("two\nlines\n")
    with pytest.raises(LedgerError, match="must hold one line"):
        reopen(tmp_path)


def test_without_psycopg_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"pip install 'brightline\[postgres\]'"):
        make(tmp_path, database="dbname=agency")


def test_weak_servers_and_roles_are_warned_about(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(ledger.store, PostgresStore)
    assert [w for w in ledger.store.weaknesses() if "right to change or delete entries" in w]
    assert not [w for w in ledger.store.weaknesses() if "checksums" in w], "the tests' server has them on"
    real = ledger.store._settings()
    monkeypatch.setattr(ledger.store, "_settings", lambda: real | {"data_checksums": "off"})
    assert [w for w in ledger.store.weaknesses() if "data checksums are off" in w]
    for changed, why in (({"fsync": "off"}, "fsync = off"), ({"recovery": "t"}, "stand-by")):
        monkeypatch.setattr(ledger.store, "_settings", lambda changed=changed: real | changed)
        with pytest.raises(LedgerError, match=why):
            ledger.store._lead()


def test_the_roles_of_the_page_are_enough_and_no_more(tmp_path: Path, server: str) -> None:
    grants = re.search(r"<!-- roles -->\n```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert grants
    with session(server) as db:
        db.execute("CREATE DATABASE agency")
    base = server.replace("dbname=postgres", "dbname=agency")
    names = ("owner", "sequencer", "app", "reader")
    with session(base) as db:
        for name in names:
            db.execute(f"CREATE ROLE ledger_{name} LOGIN")
        db.execute("CREATE SCHEMA ledger AUTHORIZATION ledger_owner")
        db.execute("GRANT CREATE ON SCHEMA public TO ledger_app")

    def of(name: str) -> str:
        path = "public,ledger" if name == "app" else "ledger"
        return f"{base.replace('user=brightline', f'user=ledger_{name}')} options=-csearch_path={path}"

    make(tmp_path, database=of("owner")).close()
    sql(of("owner"), grants[1])
    (tmp_path / "city" / "database").write_text(of("sequencer"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", WeakServer)
        opened = reopen(tmp_path)
    with opened as ledger, session(of("app")) as app:
        app.execute("CREATE TABLE decisions (outbox bigint REFERENCES brightline_outbox (id))")
        with app.transaction():
            number = Outbox(ledger.folder).put(app, "decision", PAYLOAD, key="1")
            app.execute("INSERT INTO decisions VALUES (%s)", (number,))
        assert Outbox(ledger.folder).put(app, "decision", PAYLOAD, key="1") == number
        assert ledger.sequence() == 1 and index_of(app, number) == 0
        ledger.append_many([("access", PAYLOAD)] * 300, keys=[f"k{n}" for n in range(300)])
        ledger.hold(0, basis="order 1")
        ledger.release(0, basis="order 2")
        ledger.erase(0, ["subject"], basis="§ 1")
        ledger.erase(1, basis="§ 1")
        (tmp_path / "city" / "database").write_text(of("reader"))
        found = fsck(ledger.folder)
        assert (found.problems, found.size) == ([], ledger.size)
        for name, statement in (
            ("sequencer", "UPDATE brightline_entries SET entry = 'x'"),
            ("sequencer", "DELETE FROM brightline_entries"),
            ("sequencer", "TRUNCATE brightline_entries"),
            ("sequencer", "DELETE FROM brightline_checkpoints"),
            ("sequencer", "ALTER TABLE brightline_entries DISABLE TRIGGER ALL"),
            ("sequencer", "UPDATE brightline_outbox SET commitment = 'x'"),
            ("app", "SELECT sealed FROM brightline_outbox"),
            ("app", "SELECT * FROM brightline_sealed"),
            ("app", "SELECT * FROM brightline_entries"),
            ("app", "UPDATE brightline_outbox SET idx = 1"),
            ("app", "INSERT INTO brightline_entries VALUES (9, 'x', 9, 1)"),
            ("app", "SELECT setval('brightline_slots', 1)"),
            ("reader", "SELECT * FROM brightline_sealed"),
            ("reader", "SELECT * FROM brightline_outbox"),
            ("reader", "INSERT INTO brightline_words VALUES ('a', 'b')"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sql(of(name), statement)


# --- moving --------------------------------------------------------------------------------------------------------------


def test_sqlite_to_postgres_to_an_export_and_back_keeps_every_proof(tmp_path: Path, database: str) -> None:
    receipts, checkpoints = [], []
    with make(tmp_path, clock=HandClock()) as old:
        for size in (1, 2, 5, 250, 300):
            receipts += list(
                old.append_many(
                    [("decision", PAYLOAD | {"n": len(receipts) + n}) for n in range(size)],
                    keys=[f"{len(receipts) + n}" for n in range(size)],
                )
            )
            checkpoints.append(old.checkpoint)
        old.hold(5, basis="order 12/26")
        old.erase(3, basis="5 ILCS 805/15")
        old.erase(4, ["subject"], basis="5 ILCS 805/15")
        old.publish()
        size, root = old.size, Checkpoint.parse(old.checkpoint.text).root

    found = migrate(tmp_path / "city", database)
    assert (found.problems, found.size, found.root) == ([], size, root)
    assert sorted(p.name for p in (tmp_path / "city").iterdir() if "ledger.db" in p.name) == []

    with reopen(tmp_path, clock=HandClock()) as new:
        assert new.checkpoint.text == Checkpoint(ORIGIN, size, root).text
        for receipt in receipts:
            receipt.check(receipt.extra, new.key)
            assert new.receipt(receipt.index, receipt.checkpoint) == receipt
        assert new.disclose(557).payload == PAYLOAD | {"n": 557}
        new.disclose(4, ["ground"]).check(new.entry(4))
        with pytest.raises(Erased):
            new.disclose(3)
        assert "subject" not in new.disclose(4).payload
        with pytest.raises(LedgerError, match="on hold"):
            new.erase(5, basis="5 ILCS 805/15")
        assert new.append("decision", PAYLOAD | {"n": 8}, key="8") == receipts[8], "request keys have moved too"
        new.erase(6, basis="5 ILCS 805/15")
        new.erase(4, ["officer"], basis="5 ILCS 805/15")
        with pytest.raises(Erased):
            new.disclose(6)
        new.append_many([("decision", PAYLOAD)] * 200)
        slots = [row.slot for row in new.store.rows(0, new.size)]
        assert len(set(slots)) == new.size, "no key is used twice"
        for note in checkpoints:
            before, head = Checkpoint.parse(note.text), Checkpoint.parse(new.checkpoint.text)
            check_consistency(before.size, before.root, head.size, head.root, new.consistency(before.size, head.size))
        sound(new)
        new.publish()
        export(new, tmp_path / "city.zip")
        head = new.head
        vkey = new.key.vkey

    place = source(str(tmp_path / "city.zip"))
    assert place is not None
    back = restore(tmp_path / "back", place, vkey)
    assert (back.problems, back.size, back.root) == ([], head.size, head.root)
    with Ledger.open(tmp_path / "back", read_only=True) as again:
        for receipt in receipts:
            receipt.check(again.entry(receipt.index), again.key)
        for note in checkpoints:
            before = Checkpoint.parse(note.text)
            check_consistency(before.size, before.root, head.size, head.root, again.consistency(before.size, head.size))


def test_a_row_that_is_lost_on_the_way_is_noticed_and_the_ledger_stays(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a public log lost rows in a move. For each table that is not worked out from the others."""
    from brightline.ledger import postgres_tables as store

    with make(tmp_path) as old:
        old.append_many([("decision", PAYLOAD)] * 300, keys=[str(n) for n in range(300)])
        old.append("decision", PAYLOAD)
        old.erase(7, basis="5 ILCS 805/15")
        old.hold(8, basis="order 1")
    real = store.copy_in
    for table in ("words", "entries", "sealed", "checkpoints", "tiles", "nodes", "requests", "holds", "erasures"):

        def losing(db: Any, name: str, rows: Any, table: str = table) -> None:
            rows = list(rows)
            real(db, name, rows[:-1] if name == table else rows)

        monkeypatch.setattr(store, "copy_in", losing)
        with pytest.raises(LedgerError, match=f"`{table}` was read back otherwise"):
            migrate(tmp_path / "city", database)
        assert not (tmp_path / "city" / "database").exists()
        assert sql(database, "SELECT to_regclass('brightline_head')") == [(None,)]
    monkeypatch.setattr(store, "copy_in", real)
    with reopen(tmp_path) as still:
        assert still.append("decision", PAYLOAD).index == 303
    assert migrate(tmp_path / "city", database).size == 304
    with pytest.raises(LedgerError, match="in PostgreSQL already"):
        migrate(tmp_path / "city", database)


def test_a_damaged_ledger_is_not_moved(tmp_path: Path, database: str) -> None:
    import sqlite3

    with make(tmp_path) as old:
        old.append_many([("decision", PAYLOAD)] * 300)
    db = sqlite3.connect(tmp_path / "city" / "ledger.db")
    db.execute("DROP TRIGGER entries_never_change")
    db.execute("UPDATE entries SET entry = ? WHERE idx = 9", (b"x",))
    db.commit()
    db.close()
    with pytest.raises(LedgerError, match=r"nothing was moved, because the check found: .*entry 9"):
        migrate(tmp_path / "city", database)
    assert sql(database, "SELECT to_regclass('brightline_head')") == [(None,)]


def test_a_ledger_in_postgres_catches_up_from_its_published_copy(tmp_path: Path, database: str) -> None:
    """Restored to an earlier moment, then repaired: the missing entries are back, and no key is used a second time."""
    from brightline.ledger.repair import repair

    with make(tmp_path, database=database, disk=FakeDisk()) as first:
        first.append_many([("decision", PAYLOAD)] * 40)
        kept = first.head
        first.append_many([("decision", PAYLOAD)] * 260)
        first.publish()
        goal = first.head
    with session(database) as owner, owner.transaction():
        owner.execute("SELECT setval('brightline_slots', %s, false)", (kept.slots,))
        for table in ("entries", "head", "checkpoints"):
            owner.execute(f"ALTER TABLE brightline_{table} DISABLE TRIGGER USER")
        owner.execute("DELETE FROM brightline_entries WHERE idx >= 40")
        owner.execute("DELETE FROM brightline_sealed WHERE idx >= 40")
        owner.execute("DELETE FROM brightline_tiles")
        owner.execute("DELETE FROM brightline_nodes")
        owner.execute("DELETE FROM brightline_checkpoints WHERE size > 40")
        owner.execute(
            "UPDATE brightline_head SET size = 40, slots = %s, peaks = %s", (kept.slots, b"".join(kept.peaks))
        )
        for table, trigger in owner.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal"
            " AND tgrelid::regclass::text LIKE 'brightline%'"
        ).fetchall():
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    with reopen(tmp_path) as old:
        assert old.refusal is not None
    place = source(str(tmp_path / "city" / "public"))
    assert place is not None
    assert repair(tmp_path / "city", place) == 260
    with reopen(tmp_path) as new:
        assert new.refusal is None and (new.size, new.head.root) == (300, goal.root)
        new.append("decision", PAYLOAD)
        slot = new.store.rows(300, 301)[0].slot
        assert slot is not None and slot >= goal.slots
        sound(new)


# --- the command line ------------------------------------------------------------------------------------------------------


def test_a_ledger_is_kept_and_moved_by_the_commands(tmp_path: Path, database: str) -> None:
    from typer.testing import CliRunner

    from brightline.cli import app

    def told(*words: object) -> str:
        result = CliRunner().invoke(app, [str(w) for w in words])
        assert result.exit_code == 0, result.output
        return result.output

    city, lines = tmp_path / "city", tmp_path / "lines.jsonl"
    lines.write_text('{"kind": "decision", "payload": {"ground": "b.1"}, "id": "1"}\n', encoding="utf-8")
    told("ledger", "init", city, "--origin", ORIGIN)
    before = told("ledger", "append", city, lines)
    assert "Moved and checked: 1 entry." in told("ledger", "migrate", city, "--database", database)
    assert (city / "database").exists() and not (city / "ledger.db").exists()
    again = told("ledger", "append", city, lines)  # the same `id`: the first receipt again, from the new store
    assert before.splitlines()[-1] in again
    told("ledger", "publish", city)
    assert "1 entry" in told("ledger", "fsck", city)
    assert "Genuine" in told("verify", city)
