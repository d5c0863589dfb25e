"""The one writer of a ledger: it takes what callers hand over, and commits it in the order in which it came.

Each commit is one transaction of the store: the work of each caller in a savepoint, the entries, the new head, its signature.
One thread writes at a time: a caller who finds nobody writing does it, and takes along all who wait; whoever comes meanwhile
goes into the next commit together, and the first of those does it. So a lone caller pays for no change of threads (a thread of
its own for writing was measured: a lone caller waits about 45 µs longer, and many callers twice as long). A caller is answered
only after COMMIT has returned.

After any fault of the store, and after a COMMIT of which nobody knows how it ended, nothing is tried again: the sequencer has
stopped for good, every caller is told so, and the ledger must be opened again, which reads what is committed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from brightline.ledger.canonical import Json
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.clock import Clock, Moment, accepted, hour_of, moment
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import Disk, reason
from brightline.ledger.growth import Growth, grow
from brightline.ledger.keytree import KeyTree
from brightline.ledger.note import Note, Signer
from brightline.ledger.record import Record, entries_at, prepare
from brightline.ledger.store import Broken, Busy, Head, Store, Work

MOST_RECORDS = 2000  # in one commit, unless one caller brings more
MOST_PAGES = 1000  # written before the store is tidied
HOUSE_EVERY = 1.0  # seconds


@dataclass(slots=True)
class Job:
    """What one caller hands over, and what it gets back.

    `work` runs in the transaction before the entries are written, and is told the index of the first. `urgent` work is done
    even below the floor of free space (erasure, closing). `following` closes the ledger and names the next.
    """

    records: Sequence[Record]
    requests: Sequence[bytes] = ()  # one for each record, or none at all
    work: Work | None = None
    urgent: bool = False
    following: str = ""
    clock_basis: str = ""  # why the clock is taken as right although it went back far
    # the answer
    indexes: Sequence[int] = ()
    growth: Growth | None = None
    entries: Sequence[bytes] = ()
    note: Note | None = None
    value: Any = None
    error: BaseException | None = None
    done: threading.Lock = field(
        default_factory=threading.Lock
    )  # held until the answer is there, or it is this one's turn
    leads: bool = False  # it is this one's turn to write
    left: bool = False  # nobody waits for it any more


@dataclass(slots=True)
class Chore:
    """Something that is done between two commits."""

    run: Callable[[], Any]
    value: Any = None
    error: BaseException | None = None
    done: threading.Lock = field(
        default_factory=threading.Lock
    )  # held until the answer is there, or it is this one's turn
    leads: bool = False  # it is this one's turn to write
    left: bool = False  # nobody waits for it any more


class Sequencer:
    """Owns the writing side of the store, from `start` to `stop`. Of what is under "the turn", one thread does it at a time."""

    def __init__(
        self,
        store: Store,
        keys: KeyTree,
        signer: Signer,
        clock: Clock,
        disk: Disk,
        folder: Path,
        floor: int,
        head: Head,
        pending: list[bytes],
        after: Callable[[Note, int], None],
    ) -> None:
        self.store, self.keys, self.signer, self.clock = store, keys, signer, clock
        self.disk, self.folder, self.floor = disk, folder, floor
        self.head = head
        self.slots = store.slots(head)
        self.stopped: str | None = None  # why, when it has stopped for good
        self._pending = pending  # the leaf hashes of the tile at the right edge
        self._after = after  # called some time after a commit, in turn, when the callers have their answers
        self._gate = threading.Lock()  # guards the three below
        self._writing = False
        self._queue: SimpleQueue[Job | Chore] = SimpleQueue()
        self._ended = False
        self._note: Note | None = None  # the last one that was committed
        self._logged = 0  # pages written since the house was kept, about
        self._due, self._now = threading.Event(), threading.Event()
        self._housekeeper = threading.Thread(target=self._keep_house, name="ledger housekeeper", daemon=True)

    def start(self) -> None:
        self._housekeeper.start()

    def stop(self) -> None:
        """Finish what is waiting; nothing more is taken."""
        self._ended = True
        self._due.set()
        self._now.set()
        self._housekeeper.join()
        with contextlib.suppress(LedgerError):
            self.do(Chore(lambda: self._refuse(f"{self.folder}: the ledger is not open any more; open it again")))

    def do(self, job: Job | Chore) -> None:
        """Hand over, and wait for the answer. Raises what went wrong."""
        job.done.acquire()
        leads = False
        try:
            with self._gate:
                if self.stopped:
                    raise LedgerError(self.stopped)
                if self._writing:
                    self._queue.put(job)
                else:
                    leads = True
                    self._writing = True
            if not leads:
                job.done.acquire()
            if leads or job.leads:
                self._write(job)
        except BaseException:  # also when the caller is interrupted while it waits: then its turn must go to the next
            with self._gate:
                job.left = True
            raise
        finally:
            if leads or job.leads:
                self._hand_over()
        if job.error is not None:
            raise job.error

    # --- the turn of one thread ------------------------------------------------------------------------------------------

    def _write(self, first: Job | Chore) -> None:
        """Commit this one, with all the jobs that wait behind it; or do the chore."""
        if isinstance(first, Chore):
            self._chore(first)
            return
        jobs, records, chore = [first], len(first.records), None
        while records < MOST_RECORDS and chore is None:
            try:
                found = self._queue.get_nowait()
            except Empty:
                break
            if isinstance(found, Job):
                jobs.append(found)
                records += len(found.records)
            else:
                chore = found
        self._commit(jobs)
        if chore is not None:
            self._chore(chore)

    def _hand_over(self) -> None:
        """The turn goes to the first who waits."""
        with self._gate:
            while True:
                try:
                    found = self._queue.get_nowait()
                except Empty:
                    self._writing = False
                    return
                if not found.left:
                    found.leads = True
                    found.done.release()
                    return

    def _keep_house(self) -> None:
        """In a thread of its own: see that the house is kept a second after a commit, or when much was written."""
        last = 0.0
        while not self.stopped:
            self._due.wait()
            self._now.wait(max(0.0, last + HOUSE_EVERY - time.monotonic()))
            if self._ended:
                return
            self._due.clear()
            self._now.clear()
            with contextlib.suppress(LedgerError):  # then it has stopped, and the next caller is told
                self.do(Chore(self.keep_house))
            last = time.monotonic()

    def keep_house(self) -> None:
        """In turn, and on nobody's way to an answer: what the store needs, and what the ledger does after commits."""
        self._logged = 0
        try:
            self.store.tidy()
            if self._note is not None:
                self._after(self._note, self.head.size)
        except LedgerError as error:
            raise Broken(str(error)) from None

    def _chore(self, chore: Chore) -> None:
        try:
            chore.value = chore.run()
        except BaseException as error:
            if isinstance(error, LedgerError) and not isinstance(error, Broken):
                chore.error = error
            else:
                chore.error = LedgerError(self._halt(error, known=False))
        chore.done.release()
        if self.stopped:
            self._refuse(self.stopped)

    def _commit(self, jobs: list[Job]) -> None:
        try:
            if self.stopped:
                raise LedgerError(self.stopped)
            written = self._transaction(jobs)
        except Busy as error:
            self.store.abandon()
            for job in jobs:
                job.error = error
            written = None
        except BaseException as error:
            told = self._halt(error, known=not self._committing)
            for job in jobs:
                job.error = LedgerError(told)
            written = None
        for job in jobs:
            job.done.release()
        if self.stopped:
            self._refuse(self.stopped)
        elif written is not None:
            self._note = written
            self._logged += 4 + sum(len(job.records) for job in jobs) // 8
            if not self._due.is_set():
                self._due.set()
            if self._logged >= MOST_PAGES:
                self._now.set()

    _committing = False

    def _transaction(self, jobs: list[Job]) -> Note | None:
        """One commit. None when there was nothing to write. Whatever it raises, but `Busy`, is the end."""
        store, old = self.store, self.head
        room = self._room()
        store.begin()
        at, placed = self._place(jobs, old, room)
        if not placed:
            store.abandon()
            return None
        records = placed[0].records if len(placed) == 1 else [record for job in placed for record in job.records]
        entries = entries_at(records, hour_of(at.time))
        rows = [(n, e, r[1], r[2], r[4]) for n, e, r in zip(count(old.size), entries, records, strict=False)]
        requests = [pair for job in placed if job.requests for pair in zip(job.requests, job.indexes, strict=True)]
        back = store.add(rows, requests)
        if back != entries:
            raise Broken(
                "the database gave back another entry than was written; nothing was signed; look after memory and disk"
            )
        leaves = [sha256(b"\x00" + entry).digest() for entry in back]
        growth = grow(old.size, old.peaks, leaves)
        tiles, nodes, pending = growth.full_tiles(self._pending)
        if tiles:
            store.add_nodes(tiles, nodes)
        text = Checkpoint(self.signer.name, growth.size, root := growth.root()).text
        signature = self.signer.sign(text)
        slots = max(old.slots, 1 + max([r[1] for r in records]))
        following = next((job.following for job in placed if job.following), "")
        new = Head(growth.size, old.epoch, at.time, at.lag, slots, growth.peaks, root, signature.raw, following)
        store.advance(old, new)
        self._committing = True
        store.commit()
        self._committing = False
        self.head, self._pending = new, pending
        note = Note(text, (signature,))
        for job in placed:
            first = job.indexes[0] - old.size if job.records else 0
            job.growth, job.note, job.entries = growth, note, back[first : first + len(job.records)]
        return note

    def _place(self, jobs: list[Job], old: Head, room: bool) -> tuple[Moment, list[Job]]:
        """Give each job its indexes and do its work; those that can be written, after an entry of the clock if one is due."""
        now = self.clock()
        basis = next((job.clock_basis for job in jobs if job.clock_basis), "")
        at = accepted(now, old.time) if basis else moment(now, old.time, old.lag)
        placed = []
        size = old.size
        closed = old.next
        if at.noted:
            said: dict[str, Json] = {"behind_seconds": round(old.time - now)} | ({"basis": basis} if basis else {})
            placed.append(Job([*prepare([("clock", said)], self.slots, self.keys)], indexes=range(size, size + 1)))
            size += 1
        seen: dict[bytes, int] = {}
        for job in jobs:
            try:
                if closed:
                    raise LedgerError(f"this ledger is closed; the next one is `{closed}`")
                if not room and not job.urgent:
                    raise LedgerError(
                        f"{self.folder}: less than {self.floor / 2**20:,.0f} MiB are free, so nothing more is written; make room on the disk"
                    )
                if job.requests and not self._all_new(job, seen):
                    continue
                if job.work is not None:
                    job.value = self.store.run(job.work, size)
            except Broken:
                raise
            except (
                BaseException
            ) as error:  # also of the application's own work: it is undone, and told to its caller alone
                job.error = error
                continue
            job.indexes = range(size, size + len(job.records))
            size += len(job.records)
            seen.update(zip(job.requests, job.indexes, strict=False))
            closed = job.following
            if job.records:
                placed.append(job)
        return at, placed

    def _all_new(self, job: Job, seen: dict[bytes, int]) -> bool:
        """False when the requests of this job were answered before; its indexes are then those of the first answer."""
        known = self.store.requested(job.requests) | {key: seen[key] for key in job.requests if key in seen}
        if not known:
            return True
        if len(known) < len(set(job.requests)):
            raise LedgerError(
                "some of these request keys were used before and some not; repeat a batch as it was, or use new keys"
            )
        job.indexes = [known[key] for key in job.requests]
        return False

    def _room(self) -> bool:
        return not self.floor or self.disk.free(self.folder) >= self.floor

    def _halt(self, error: BaseException, known: bool) -> str:
        """Stop for good."""
        if isinstance(error, LedgerError):
            said = str(error)
        elif isinstance(error, OSError):
            said = reason(error)
        else:  # of the database: its words are of pages and locks, never of what is recorded
            said = f"{type(error).__name__}: {error}"
        outcome = "nothing of this was written" if known else "whether this was written is not known"
        self.stopped = f"{self.folder}: the ledger has stopped ({said}); {outcome}; open it again, and repeat with the same request key"
        with contextlib.suppress(Exception):
            self.store.abandon()  # it has stopped; opening it again reads what is committed
        return self.stopped

    def _refuse(self, said: str) -> None:
        """Answer everything that still waits."""
        with self._gate:
            self.stopped = self.stopped or said
            while True:
                try:
                    found = self._queue.get_nowait()
                except Empty:
                    return
                found.error = LedgerError(said)
                found.done.release()
