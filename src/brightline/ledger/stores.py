"""Where a ledger keeps its entries: in SQLite in its folder, or in the PostgreSQL database that its folder names.

The file `database` in the folder holds one line, a connection string as libpq takes it (docs/ledger/postgres.md). It never holds
a password: those are for libpq's own places (PGPASSFILE, a service file). Without this file the store is `ledger.db`.
"""

from __future__ import annotations

from pathlib import Path

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import Disk, read, replace
from brightline.ledger.sqlite import SqliteStore
from brightline.ledger.store import Head, Store

NAME, EMBEDDED = "database", "ledger.db"


def has_store(folder: Path) -> bool:
    return (folder / NAME).exists() or (folder / EMBEDDED).exists()


def ready(database: str | None) -> None:
    """Raise LedgerError when a new ledger could not be made in this database; None is SQLite, which always can."""
    if database is not None:
        from brightline.ledger.postgres_tables import ready as postgres_ready

        postgres_ready(database)


def database_of(folder: Path) -> str | None:
    """The connection string, or None when the store is SQLite. Raises LedgerError."""
    body = read(folder / NAME)
    if body is None:
        return None
    try:
        line = body.decode().strip()
    except UnicodeDecodeError:
        line = ""
    if not line or "\n" in line:
        raise LedgerError(
            f"{folder / NAME}: must hold one line, the connection string of the database (without a password)"
        )
    return line


def open_store(folder: Path, read_only: bool) -> Store:
    """Raises LedgerError when there is none, or it cannot be opened."""
    database = database_of(folder)
    if database is None:
        return SqliteStore(folder / EMBEDDED, read_only)
    from brightline.ledger.postgres import PostgresStore

    return PostgresStore(database, read_only)


def create_store(folder: Path, database: str | None, words: dict[str, str], head: Head, disk: Disk) -> Store:
    """A new, empty store, open for writing. Raises LedgerError."""
    if database is None:
        return SqliteStore.create(folder / EMBEDDED, words, head)
    from brightline.ledger.postgres import PostgresStore

    made = PostgresStore.create(database, words, head)
    name_database(folder, database, disk)
    return made


def name_database(folder: Path, database: str, disk: Disk) -> None:
    """From now on this is where the ledger is."""
    replace(disk, folder / NAME, database.encode() + b"\n", 0o600)
