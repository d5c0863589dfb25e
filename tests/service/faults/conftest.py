"""One application on SQLite and one on PostgreSQL for the tests of faults; each test breaks and mends it."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.faults.stand import Postgres, Stand


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Stand]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    stand = Stand(folder / "home", workers=2)
    try:
        yield stand.start()
    finally:
        stand.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Stand]:
    postgres = Postgres.make()
    if postgres is None:
        reason = "there is no PostgreSQL server (scripts/postgres.sh installs it)"
        warnings.warn(f"NOT TESTED: {reason}", stacklevel=1)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    stand = Stand(folder / "home", postgres, workers=2)
    try:
        yield stand.start()
    finally:
        stand.kill()
        postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest) -> Stand:
    found: Stand = request.getfixturevalue(request.param)
    return found
