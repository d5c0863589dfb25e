"""The tables of a ledger in PostgreSQL: making them, their guards, and filling them in one go.

The guards are triggers. They hold against slips of the owner too, and in a session that says it is a replica (ENABLE ALWAYS).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from brightline.ledger.errors import LedgerError
from brightline.ledger.keytree import SLOTS
from brightline.ledger.postgres_session import connect, driver, place_of, said
from brightline.ledger.record import MOST_BYTES, MOST_FIELDS

if TYPE_CHECKING:
    from brightline.ledger.postgres_session import Connection

_TABLES = f"""
CREATE TABLE brightline_words (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE brightline_entries (
  idx bigint PRIMARY KEY CHECK (idx >= 0), entry bytea NOT NULL, slot bigint UNIQUE, fields integer NOT NULL
);
CREATE TABLE brightline_sealed (idx bigint PRIMARY KEY, sealed bytea NOT NULL);
CREATE TABLE brightline_head (
  id integer PRIMARY KEY CHECK (id = 1), size bigint NOT NULL, epoch bigint NOT NULL, time double precision NOT NULL,
  lag double precision NOT NULL, slots bigint NOT NULL, peaks bytea NOT NULL, next text NOT NULL
);
CREATE TABLE brightline_checkpoints (size bigint PRIMARY KEY, root bytea NOT NULL, signature bytea NOT NULL);
CREATE TABLE brightline_tiles (idx bigint PRIMARY KEY, hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192));
CREATE TABLE brightline_nodes (level integer NOT NULL, idx bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, idx));
CREATE TABLE brightline_requests (key bytea PRIMARY KEY, idx bigint NOT NULL);
CREATE TABLE brightline_holds (entry bigint PRIMARY KEY, idx bigint NOT NULL, released bigint);
CREATE INDEX brightline_held ON brightline_holds (idx) WHERE released IS NULL;
CREATE TABLE brightline_erasures (
  entry bigint PRIMARY KEY, idx bigint NOT NULL, slot bigint NOT NULL, fields integer NOT NULL, numbers text
);
CREATE SEQUENCE brightline_slots MINVALUE 0 MAXVALUE {SLOTS - 1} START 0;
CREATE TABLE brightline_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request bytea NOT NULL UNIQUE CHECK (octet_length(request) = 32),
  kind text NOT NULL CHECK (kind IN ('decision', 'access', 'evidence', 'rule-change', 'key')),
  slot bigint NOT NULL UNIQUE CHECK (slot >= 0),
  fields integer NOT NULL CHECK (fields BETWEEN 1 AND {MOST_FIELDS}),
  commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
  sealed bytea CHECK (octet_length(sealed) BETWEEN 28 AND {MOST_BYTES + 28}),
  idx bigint,
  refused text,
  CHECK (idx IS NULL OR refused IS NULL), CHECK (sealed IS NOT NULL OR idx IS NOT NULL OR refused IS NOT NULL)
);
CREATE UNIQUE INDEX brightline_placed ON brightline_outbox (idx) WHERE idx IS NOT NULL; -- partial: no key that waits for FKs
CREATE INDEX brightline_unsequenced ON brightline_outbox (id) WHERE idx IS NULL AND refused IS NULL;
ALTER TABLE brightline_sealed ALTER sealed SET STORAGE EXTERNAL;
ALTER TABLE brightline_outbox ALTER sealed SET STORAGE EXTERNAL;
ALTER TABLE brightline_tiles ALTER hashes SET STORAGE EXTERNAL;
CREATE FUNCTION brightline_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  AS $$BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END$$;
"""

# table, name, when, condition, sentence
GUARDS = (
    ("entries", "stay", "BEFORE DELETE OR TRUNCATE", "", "an entry is never deleted"),
    ("entries", "never_change", "BEFORE UPDATE", "", "an entry never changes"),
    ("checkpoints", "stay", "BEFORE DELETE OR TRUNCATE", "", "a checkpoint is kept"),
    ("checkpoints", "never_change", "BEFORE UPDATE", "", "a checkpoint never changes"),
    ("head", "stays", "BEFORE DELETE OR TRUNCATE", "", "the head stays"),
    (
        "head",
        "grows",
        "BEFORE UPDATE",
        "new.size < old.size OR new.epoch < old.epoch",
        "a ledger never becomes smaller",
    ),
    ("erasures", "stay", "BEFORE DELETE OR TRUNCATE", "", "an erasure stays"),
    ("outbox", "stays", "BEFORE DELETE OR TRUNCATE", "", "what was handed over stays"),
    (
        "outbox",
        "never_changes",
        "BEFORE UPDATE",
        "old.idx IS NOT NULL OR old.refused IS NOT NULL OR (new.id, new.request, new.kind, new.slot, new.fields, new.commitment)"
        " IS DISTINCT FROM (old.id, old.request, old.kind, old.slot, old.fields, old.commitment)",
        "what was handed over never changes",
    ),
)

_COLUMNS = {  # for COPY, and the order that a table is read back in
    "words": ("name text, value text", "name"),
    "entries": ("idx int8, entry bytea, slot int8, fields int4", "idx"),
    "sealed": ("idx int8, sealed bytea", "idx"),
    "head": (
        "id int4, size int8, epoch int8, time float8, lag float8, slots int8, peaks bytea, next text",
        "id",
    ),
    "checkpoints": ("size int8, root bytea, signature bytea", "size"),
    "tiles": ("idx int8, hashes bytea", "idx"),
    "nodes": ("level int4, idx int8, hash bytea", "level, idx"),
    "requests": ("key bytea, idx int8", "key"),
    "holds": ("entry int8, idx int8, released int8", "entry"),
    "erasures": ("entry int8, idx int8, slot int8, fields int4, numbers text", "entry"),
}


def ready(database: str) -> None:
    """Raise LedgerError when no new ledger could be made here: a password, no connection, a ledger that is there already."""
    db = connect(database, place_of(database))
    try:
        _vacant(db, place_of(database))
    finally:
        db.close()


def load(database: str, tables: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """Make all the tables and fill these, in one transaction: every row is read back before it counts. Raises LedgerError.

    The rows must come in the order in which they are read back (`_COLUMNS`).
    """
    place, wrong = place_of(database), driver().Error
    db = connect(database, place)
    try:
        _vacant(db, place)
        with db.transaction():
            db.execute(_TABLES + "".join(_guard_statements()), prepare=False)
            for table, rows in tables.items():
                written = sha256()
                copy_in(db, table, _noted(rows, written))
                if _read_back(db, table) != written.digest():
                    raise LedgerError(
                        f"{place}: the table `{table}` was read back otherwise than it was written; nothing was kept"
                    )
    except wrong as error:
        raise LedgerError(f"{place}: the tables of a ledger cannot be made here ({said(error)})") from None
    finally:
        db.close()


def copy_in(db: Connection, table: str, rows: Any) -> None:
    columns = [column.split() for column in _COLUMNS[table][0].split(", ")]
    if isinstance(rows, list | tuple) and len(rows) < 2:  # a COPY of one row costs more than it saves
        for row in rows:
            places = ", ".join("%s" for _ in columns)
            db.execute(f"INSERT INTO brightline_{table} VALUES ({places})", row)
        return
    names = ", ".join(column[0] for column in columns)
    with db.cursor() as cursor, cursor.copy(f"COPY brightline_{table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([column[1] for column in columns])
        for row in rows:
            copy.write_row(row)


def _noted(rows: Any, written: Any) -> Iterator[Sequence[Any]]:
    for row in rows:
        written.update(repr(tuple(row)).encode())
        yield row


def _read_back(db: Connection, table: str) -> bytes:
    columns, order = _COLUMNS[table]
    names = ", ".join(column.split()[0] for column in columns.split(", "))
    collated = order + ' COLLATE "C"' if table == "words" else order  # as Python and SQLite sort text
    read = sha256()
    with db.cursor(binary=True) as cursor:
        for row in cursor.stream(f"SELECT {names} FROM brightline_{table} ORDER BY {collated}"):
            read.update(repr(row).encode())
    return read.digest()


def _vacant(db: Connection, place: str) -> None:
    row = db.execute("SELECT current_schema(), to_regclass('brightline_head')").fetchone()
    if row is None or row[0] is None:
        raise LedgerError(
            f"{place}: the schema of this connection does not exist; make it first (docs/ledger/postgres.md)"
        )
    if row[1] is not None:
        raise LedgerError(f"{place}: there is a ledger already in this schema; choose another schema or database")


def _guard_statements() -> Iterator[str]:
    """TRUNCATE knows no rows, so it has a trigger of its own. ALWAYS: also in a session that says it is a replica."""
    for table, name, when, condition, sentence in GUARDS:
        only = f" WHEN ({condition})" if condition else ""
        run = f"EXECUTE FUNCTION brightline_refuse('{sentence}')"
        full = f"brightline_{table}_{name}"
        rows = when.removesuffix(" OR TRUNCATE")
        yield f"CREATE TRIGGER {full} {rows} ON brightline_{table} FOR EACH ROW{only} {run};"
        yield f"ALTER TABLE brightline_{table} ENABLE ALWAYS TRIGGER {full};"
        if rows != when:
            yield f"CREATE TRIGGER {full}_whole BEFORE TRUNCATE ON brightline_{table} {run};"
            yield f"ALTER TABLE brightline_{table} ENABLE ALWAYS TRIGGER {full}_whole;"


def guard_names() -> list[str]:
    made = []
    for table, name, when, _, _ in GUARDS:
        made.append(f"brightline_{table}_{name}")
        if when.endswith("TRUNCATE"):
            made.append(f"brightline_{table}_{name}_whole")
    return made
