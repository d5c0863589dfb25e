"""A PostgreSQL server of the tests' own: made in a folder, on a socket in it, and gone with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = "postgres"  # the server refuses to run as root


def _program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def _as_user(*command: str) -> list[str]:
    return ["runuser", "-u", USER, "--", *command] if os.geteuid() == 0 else list(command)


def _skip(reason: str) -> None:
    warnings.warn(f"PostgreSQL was not tested: {reason}", stacklevel=3)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A connection string to a fresh cluster with data checksums; each test makes a database or a schema of its own."""
    pytest.importorskip("psycopg", reason="the extra `postgres` (psycopg) is not installed")
    initdb, control = _program("initdb"), _program("pg_ctl")
    if initdb is None or control is None:
        _skip("there is no PostgreSQL server (scripts/postgres.sh installs it)")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path holds about 100 characters
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    subprocess.run(
        _as_user(str(initdb), "-D", str(data), "-k", "-A", "trust", "-U", "brightline", "-E", "UTF8"), **quiet
    )
    options = f"-k {folder} -c listen_addresses= -c shared_buffers=32MB"
    subprocess.run(
        _as_user(str(control), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"), **quiet
    )
    try:
        yield f"host={folder} user=brightline dbname=postgres"
    finally:
        subprocess.run(_as_user(str(control), "-D", str(data), "-m", "immediate", "-w", "stop"), **quiet)
        shutil.rmtree(folder, ignore_errors=True)
