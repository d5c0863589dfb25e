"""The folder in which one installation keeps everything: its secrets, its database (unless elsewhere) and its ledger.

DIR/secret.key          signs sessions and forms
DIR/fields.key          encrypts what is personal in the database
DIR/numbers.key         keys the hashes of record numbers
DIR/brightline.sqlite3  the application's rows, unless DATABASE_URL names a PostgreSQL database
DIR/ledger/             the ledger; its newest checkpoint lies beside it, in DIR/ledger.newest
DIR/keeper.sock         where the process that keeps the ledger listens
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

VARIABLE = "BRIGHTLINE_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """One data folder. Nothing is made by asking for a path; `made` makes what is missing."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    @property
    def socket(self) -> Path:
        return self.folder / "keeper.sock"

    @property
    def database(self) -> Path:
        return self.folder / "brightline.sqlite3"

    @property
    def words(self) -> Path:
        """Where the catalogues of other languages are compiled to."""
        return self.folder / "words"

    def secret(self, name: str) -> str:
        """A secret of this installation. It is made when it is asked for the first time; only the owner can read it."""
        path = self.folder / f"{name}.key"
        if not path.exists():
            self.made()
            _write_once(path, Fernet.generate_key() if name == "fields" else secrets.token_urlsafe(48).encode())
        return path.read_text().strip()

    def made(self) -> Home:
        """The folder, there and closed to others."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def _write_once(path: Path, content: bytes) -> None:
    """Two processes may start at once: the first one's secret is the one that both read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def home() -> Home:
    """The data folder of this process: BRIGHTLINE_HOME, or `brightline-data` where it was started."""
    return Home(Path(os.environ.get(VARIABLE) or "brightline-data").absolute())
