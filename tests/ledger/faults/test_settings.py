"""Every connection that writes is as durable as the ledger promises, and a setting that SQLite does not take is refused."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from tests.ledger.faults import page, scenes

WANTED = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "fullfsync": 1, "checkpoint_fullfsync": 1}


def test_every_connection_that_writes_has_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    class Asked(sqlite3.Connection):
        def close(self) -> None:
            name = Path(self.execute("PRAGMA database_list").fetchone()[2]).name
            if not self.execute("PRAGMA query_only").fetchone()[0]:
                asked.append((name, {key: self.execute(f"PRAGMA {key}").fetchone()[0] for key in WANTED}))
            super().close()

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "factory": Asked}))
    scenes.run("life", tmp_path, lambda: None, lambda **what: None, {})
    assert {name for name, _ in asked} == {"ledger.db", "erasure.db"}
    assert all(settings == WANTED for _, settings in asked), asked
    page.note("pragmas", Counter({"all are as promised": len(asked)}))


@pytest.mark.parametrize("lost", ["synchronous", "journal_mode", "secure_delete"])
def test_a_setting_that_is_not_taken_is_refused(lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes.make(tmp_path).close()

    class Deaf(sqlite3.Connection):
        def execute(self, statement: str, *more: Any) -> sqlite3.Cursor:
            if statement.startswith(f"PRAGMA {lost}") and "=" in statement:
                statement = f"PRAGMA {lost} = {'DELETE' if lost == 'journal_mode' else 0}"
            return super().execute(statement, *more)

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "factory": Deaf}))
    with pytest.raises(LedgerError, match=lost):
        scenes.reopen(tmp_path)
    page.note("pragmas", Counter(["is refused when the ledger is opened"]))
