"""A witness: what it answers to a checkpoint (C2SP tlog-witness, `add-checkpoint`), and the little that it remembers.

A witness knows nothing of the entries. For every log of its policy it remembers the newest checkpoint it has cosigned, and
cosigns another only with a proof that nothing before was changed. Two checkpoints that cannot both be true, signed with one
key, are kept: they convict the log.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brightline.ledger.base64text import decode_hash, encode64
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.merkle import EMPTY_ROOT, check_consistency
from brightline.ledger.note import Cosigner, Note
from brightline.ledger.policy import Policy
from brightline.ledger.trust import signed

MOST_BYTES = 262_144  # of a request: 63 hashes and a checkpoint with 16 signatures, post-quantum ones too
MOST_PROOF = 63  # hashes, as the specification says
MOST_MISTAKES = 1000  # pairs of checkpoints of one log that are kept although only the proof may be wrong
SIZE_TYPE = "text/x.tlog.size"

_TABLES = """
CREATE TABLE IF NOT EXISTS newest (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL, time INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
  origin TEXT NOT NULL, ours BLOB NOT NULL, theirs BLOB NOT NULL, certain INTEGER NOT NULL,
  time INTEGER NOT NULL, UNIQUE (origin, ours, theirs)
) STRICT;
CREATE TRIGGER IF NOT EXISTS evidence_stays BEFORE DELETE ON evidence
BEGIN SELECT raise(ABORT, 'evidence stays'); END;
CREATE TRIGGER IF NOT EXISTS never_smaller BEFORE UPDATE ON newest WHEN new.size < old.size
BEGIN SELECT raise(ABORT, 'a log never becomes smaller'); END;
CREATE TRIGGER IF NOT EXISTS never_forgotten BEFORE DELETE ON newest
BEGIN SELECT raise(ABORT, 'a log is never forgotten'); END;
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: the status, the type of the body, and the body."""

    status: int
    body: str
    type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """The body of `add-checkpoint`: the size the log thinks we know, the proof from there, and the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Request:
        """Raises LedgerError."""
        head, empty, rest = body.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise LedgerError("the lines before the checkpoint are not ASCII") from None
        found = re.fullmatch(r"old (0|[1-9][0-9]{0,18})", first)
        if not found:
            raise LedgerError("the first line must be `old` and a size, such as `old 0`")
        if not empty:
            raise LedgerError("the empty line between the proof and the checkpoint is missing")
        if len(lines) > MOST_PROOF:
            raise LedgerError(f"the proof has {len(lines)} lines; at most {MOST_PROOF} are allowed")
        note = Note.parse(rest)
        return cls(
            int(found[1]),
            tuple(decode_hash(line, "a line of the proof") for line in lines),
            note,
            Checkpoint.parse(note.text),
        )

    def encode(self) -> bytes:
        lines = "".join(f"{encode64(h)}\n" for h in self.proof)
        return f"old {self.old}\n{lines}\n".encode() + self.note.encode()


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest checkpoint of a log that the witness has cosigned."""

    origin: str
    size: int
    note: Note
    time: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two checkpoints of one log that do not go together. `certain`: one size and two roots, which no mistake explains."""

    origin: str
    ours: Note
    theirs: Note
    certain: bool
    time: int


class Witness:
    """A witness with its key, the logs that it follows, and its memory in one SQLite file.

    Safe with many threads and with several processes on the same file: every decision is taken inside one
    `BEGIN IMMEDIATE`, and the cosignature is let go only when the new size is on the disk.
    """

    def __init__(self, cosigner: Cosigner, policy: Policy, store: Path, now: Callable[[], float] = time.time) -> None:
        self.cosigner, self.policy, self.store, self.now = cosigner, policy, store, now
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None
        with self._lock:
            self._db()

    def close(self) -> None:
        with self._lock:
            if self._open:
                self._open.close()
            self._open = None

    def add_checkpoint(self, body: bytes) -> Answer:
        """The answer to `POST /add-checkpoint`. Raises sqlite3.Error when the memory fails: then nothing was cosigned."""
        try:
            asked = Request.parse(body)
        except LedgerError as error:
            return Answer(400, f"{error}\n")
        origin = asked.checkpoint.origin
        if not (logs := [log for log in self.policy.logs if log.key.name == origin]):
            return Answer(404, "this witness does not follow this log\n")
        if not signed(asked.note, [log.key for log in logs]):
            return Answer(403, "no signature of a key that this witness knows for the log is right\n")
        if asked.old > asked.checkpoint.size:
            return Answer(400, "the old size is larger than the size of the checkpoint\n")
        with self._lock:
            try:
                return self._decide(asked)
            except BaseException:
                self._forget_connection()  # what the disk holds is read anew before the next answer
                raise

    def _decide(self, asked: Request) -> Answer:
        """The atomic part: compare with the newest size, swap, and let the answer go only after the commit."""
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        answer = self._compare_and_swap(db, asked)
        db.execute("COMMIT")
        return answer

    def _compare_and_swap(self, db: sqlite3.Connection, asked: Request) -> Answer:
        new = asked.checkpoint
        row = db.execute("SELECT size, root, note, time FROM newest WHERE origin = ?", (new.origin,)).fetchone()
        size, root, ours, last = row or (0, EMPTY_ROOT, None, 0)
        moment = max(int(self.now()), last)  # a clock that goes back must not make a larger tree look older
        if new.size == size and new.root != root:
            _keep(db, asked, ours, moment, certain=True)
            return Answer(409, f"{size}\n", SIZE_TYPE)
        if asked.old != size:
            return Answer(409, f"{size}\n", SIZE_TYPE)
        try:
            _consistent(asked, root)
        except LedgerError:
            _keep(db, asked, ours, moment, certain=False)
            return Answer(422, "the proof does not lead from the checkpoint that was cosigned last to this one\n")
        signature = self.cosigner.cosign(asked.note.text, moment)
        note = Note(asked.note.text, (*asked.note.signatures, signature)).encode()
        if row is None:
            db.execute("INSERT INTO newest VALUES (?, ?, ?, ?, ?)", (new.origin, new.size, new.root, note, moment))
        else:
            changed = db.execute(
                "UPDATE newest SET size = ?, root = ?, note = ?, time = ? WHERE origin = ? AND size = ?",
                (new.size, new.root, note, moment, new.origin, size),
            )
            assert changed.rowcount == 1, "the newest size changed inside a transaction"
        return Answer(200, f"{signature.line}\n")

    def seen(self) -> list[Seen]:
        """The newest checkpoint of every log, by origin."""
        with self._lock:
            rows = self._db().execute("SELECT origin, size, note, time FROM newest ORDER BY origin").fetchall()
        return [Seen(origin, size, Note.parse(note), moment) for origin, size, note, moment in rows]

    def evidence(self) -> list[Evidence]:
        """Checkpoints that do not go together, the oldest first."""
        with self._lock:
            rows = (
                self._db().execute("SELECT origin, ours, theirs, certain, time FROM evidence ORDER BY rowid").fetchall()
            )
        return [Evidence(o, Note.parse(a), Note.parse(b), bool(certain), t) for o, a, b, certain, t in rows]

    def _db(self) -> sqlite3.Connection:
        if self._open is None:
            made = sqlite3.connect(self.store, isolation_level=None, check_same_thread=False, timeout=30)
            for setting in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "trusted_schema=OFF"):
                made.execute(f"PRAGMA {setting}")
            made.executescript(_TABLES)
            self._open = made
        return self._open

    def _forget_connection(self) -> None:
        if self._open:
            self._open.close()
        self._open = None


def _keep(db: sqlite3.Connection, asked: Request, ours: bytes | None, moment: int, certain: bool) -> None:
    """Keep both checkpoints. A proof may be wrong by mistake, so of those only so many are kept."""
    origin = asked.checkpoint.origin
    count = "SELECT count(*) FROM evidence WHERE origin = ? AND NOT certain"
    if ours is None or (not certain and db.execute(count, (origin,)).fetchone()[0] >= MOST_MISTAKES):
        return
    db.execute(
        "INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?, ?)", (origin, ours, asked.note.encode(), certain, moment)
    )


def _consistent(asked: Request, root: bytes) -> None:
    """Raises LedgerError unless the proof leads from the tree we know to the new one (RFC 6962 §2.1.2)."""
    new = asked.checkpoint
    check_consistency(asked.old, root, new.size, new.root, asked.proof)
