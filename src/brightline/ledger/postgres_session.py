"""A session with PostgreSQL, with settings of its own; and how a sentence speaks of it, without a password or a value of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from brightline.ledger.errors import LedgerError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST = 14  # the oldest server that we know
_SESSION = """
SET default_transaction_isolation = 'read committed';
SET statement_timeout = 0;
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '60s';
SET idle_session_timeout = 0;
SET tcp_keepalives_idle = 30
"""


def place_of(database: str) -> str:
    """What a sentence calls this database. Raises LedgerError when the string is none, or holds a password."""
    pg = driver()
    try:
        parts = pg.conninfo.conninfo_to_dict(database)
    except pg.Error:
        raise LedgerError(
            "the connection string of the database is not one that libpq knows, such as `service=ledger` or `postgresql://host/name`"
        ) from None
    if any(name in parts for name in ("password", "sslpassword")):
        raise LedgerError(
            "the connection string of the database holds a password, which would lie open in the folder; "
            "put it into PGPASSFILE or a service file, where libpq finds it"
        )
    where = [str(parts[name]) for name in ("service", "host", "dbname") if name in parts]
    return f"PostgreSQL ({'/'.join(where)})" if where else "PostgreSQL"


def said(error: BaseException) -> str:
    """The first line of what PostgreSQL says. The lines after it may quote values of rows, so they are left out."""
    diag = getattr(error, "diag", None)
    told = (diag.message_primary if diag is not None else None) or str(error).strip() or type(error).__name__
    return told.splitlines()[0]


def driver() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError:
        raise LedgerError("a ledger in PostgreSQL needs `psycopg`; say `pip install 'brightline[postgres]'`") from None
    return psycopg


def connect(database: str, place: str) -> Connection:
    """A session with settings of its own, whatever the role or the database have set. Raises LedgerError."""
    pg = driver()
    try:
        parts = pg.conninfo.conninfo_to_dict(database)
        more = {"connect_timeout": 10, "application_name": "brightline ledger", "client_encoding": "UTF8"}
        db: Connection = pg.connect(database, autocommit=True, **{k: v for k, v in more.items() if k not in parts})
    except pg.Error as error:
        raise LedgerError(f"{place}: cannot be reached ({' '.join(str(error).split())})") from None
    try:
        if db.info.server_version < OLDEST * 10_000:
            raise LedgerError(f"{place}: the server is older than PostgreSQL {OLDEST}; use a newer one")
        db.execute(_SESSION, prepare=False)
    except BaseException as error:
        db.close()
        if isinstance(error, pg.Error):
            raise LedgerError(f"{place}: {said(error)}") from None
        raise
    return db
