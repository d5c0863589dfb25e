"""Kill -9 of each process, of all of them and of the database, in the middle of load: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import os
import signal

import pytest

from tests.service.faults.load import Load, judge, post
from tests.service.faults.stand import Stand, lives, until

pytestmark = pytest.mark.long


def test_the_web_workers_are_killed(stand: Stand) -> None:
    with Load(stand, "web") as load:
        load.wait(acknowledged=30)
        before = stand.web()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until(lambda: set(stand.web()).isdisjoint(before) and stand.web(), "new workers", stand)
        load.wait(acknowledged=30)
    judge_all(stand, load)


def test_the_keeper_is_killed(stand: Stand) -> None:
    with Load(stand, "keeper") as load:
        load.wait(acknowledged=30)
        os.kill(stand.keeper(), signal.SIGKILL)
        load.wait(failed=4)
        load.wait(acknowledged=30)
    assert any("ledger" in sentence for sentence in load.sentences)
    assert set(load.failed) == {503}
    judge_all(stand, load)


def test_everything_is_killed(stand: Stand) -> None:
    with Load(stand, "all") as load:
        load.wait(acknowledged=30)
        stand.kill()
        load.wait(failed=8)
        stand.start()
        load.wait(acknowledged=30)
    judge_all(stand, load)


def test_the_first_process_is_killed_and_its_children_end(stand: Stand) -> None:
    assert stand.process is not None
    with Load(stand, "first") as load:
        load.wait(acknowledged=20)
        left = [*stand.web(), stand.keeper()]
        stand.process.kill()
        stand.process.wait()
        until(lambda: not any(lives(pid) for pid in left), "workers and keeper to end", stand)
        stand.start()
        load.wait(acknowledged=20)
    judge_all(stand, load)


def test_the_database_is_killed(postgresql: Stand) -> None:
    assert postgresql.postgres is not None
    with Load(postgresql, "database") as load:
        load.wait(acknowledged=30)
        postgresql.postgres.kill()
        load.wait(failed=8)
        assert postgresql.get("/")[0] == 503
        assert postgresql.get("/readyz")[0] == 503
        postgresql.postgres.start()
        load.wait(acknowledged=30)
    assert set(load.failed) == {503}
    judge_all(postgresql, load)


def test_the_database_and_the_server_are_killed(postgresql: Stand) -> None:
    assert postgresql.postgres is not None
    with Load(postgresql, "both") as load:
        load.wait(acknowledged=30)
        postgresql.postgres.kill()
        postgresql.kill()
        load.wait(failed=8)
        postgresql.postgres.start()
        postgresql.start()
        load.wait(acknowledged=30)
    judge_all(postgresql, load)


def test_the_keeper_stands_still_and_goes_on(sqlite: Stand) -> None:
    keeper = sqlite.keeper()
    with Load(sqlite, "still") as load:
        load.wait(acknowledged=10)
        os.kill(keeper, signal.SIGSTOP)
        try:
            load.wait(failed=4)
        finally:
            os.kill(keeper, signal.SIGCONT)
        load.wait(acknowledged=20)
    assert sqlite.keeper() == keeper
    assert any("does not answer" in sentence for sentence in load.sentences)
    judge_all(sqlite, load)


def test_a_request_cannot_be_kept_that_the_ledger_would_refuse(stand: Stand) -> None:
    """Otherwise its record would wait in the outbox for ever."""
    status, body = post(stand, "nul", reference="\u0000")
    assert status == 422, body
    assert stand.waiting() == 0


_before: dict[int, list[Load]] = {}


def judge_all(stand: Stand, load: Load) -> None:
    """What was acknowledged in an earlier test must be there after the later ones too."""
    _before.setdefault(stand.port, []).append(load)
    judge(stand, *_before[stand.port])
