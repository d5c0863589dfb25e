"""A ledger in its folder: make it, open it, write to it, show what is in it, let it forget.

The folder holds `ledger.db` (entries, sealed payloads, head, checkpoints), `keys/signing.pem`, `keys/erasure.db`, `policy`
and `public/`. The newest checkpoint lies beside the folder too (`<folder>.newest`), outside of its back-ups.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from brightline.ledger.canonical import Json
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.clock import Clock, system_clock
from brightline.ledger.entry import Disclosure
from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Disk, lock, make_folders, read, replace, settle, sweep
from brightline.ledger.guard import Progress, check, known_outside, note_of, right_edge, verified
from brightline.ledger.keys import Passphrase, create_signer, load_signer
from brightline.ledger.keytree import Erased, KeyTree, remaining
from brightline.ledger.merkle import EMPTY_ROOT, consistency_proof, inclusion_proof, leaf_hash
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.receipt import Receipt
from brightline.ledger.record import OWN_KINDS, Opened, disclosure, open_sealed, prepare, seal_again
from brightline.ledger.sequence import Chore, Job, Sequencer
from brightline.ledger.store import Broken, Erasure, Head, Row, Store, Work, reader
from brightline.ledger.stores import create_store, has_store, open_store, ready

if TYPE_CHECKING:
    from brightline.ledger.fsck import Fsck
    from brightline.ledger.publish import Cosign, Published

FLOOR = 1 << 30  # bytes that must stay free; on a small disk, a twentieth of it
RESERVE = 4 << 20  # bytes kept back in a file for the last entries (an erasure, the closing) on a full disk
UNFINISHED = "a ledger was begun here and not finished; nothing was written to it: remove the folder, and make it again"
HOLD = "evidence"  # the kind of the entries that put a record on hold and release it
Payload = Mapping[str, Json]


class Receipts(Sequence[Receipt]):
    """The receipts of one batch, each made when it is asked for: all that they need is in memory and does not change."""

    def __init__(self, made: Sequence[Receipt] | None, job: Job) -> None:
        self._made, self._job = made, job

    def __len__(self) -> int:
        return len(self._job.indexes)

    @overload
    def __getitem__(self, at: int) -> Receipt: ...
    @overload
    def __getitem__(self, at: slice) -> list[Receipt]: ...
    def __getitem__(self, at: int | slice) -> Receipt | list[Receipt]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if self._made is not None:
            return self._made[at]
        job = self._job
        index = job.indexes[at]
        assert job.growth is not None and job.note is not None
        return Receipt(index, job.growth.path(index), job.note, job.entries[at])


class Ledger:
    """One ledger. Threads may share it; two processes may not both write to it. `with` closes it.

    `refusal` says why nothing may be written, when that is so; everything can still be read.
    """

    def __init__(
        self, folder: Path, store: Store, keys: KeyTree | None, key: VerifierKey, disk: Disk, lock: int | None
    ) -> None:
        self.folder, self.store, self.key, self.disk = folder, store, key, disk
        self.origin = key.name
        self.newest = Path(store.word("newest") or f"{folder}.newest")
        self.public = folder / "public"
        self.refusal: str | None = None
        self._keys, self._lock = keys, lock
        self._writer: Sequencer | None = None
        self._erasing = threading.RLock()
        self._requests = b""
        self._remembering = threading.Lock()
        self.swept: set[Path] = set()  # published folders that were looked through for leftovers since this was opened

    # --- making and opening ------------------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: str | Path,
        origin: str,
        *,
        passphrase: Passphrase = None,
        newest: str | Path | None = None,
        floor: int | None = None,
        database: str | None = None,
        agent: str | None = None,
        clock: Clock = system_clock,
        disk: Disk = DISK,
    ) -> Ledger:
        """A new ledger in a folder that does not exist yet, or is empty. `origin` names it for ever.

        `newest`: where the newest checkpoint is kept, outside of what is backed up with the folder. `floor`: bytes that must
        stay free on the disk (at most 1 GiB and a twentieth of the disk unless given). `database`: a connection string, without a
        password, to keep the entries in PostgreSQL (docs/ledger/postgres.md). `agent`: the comment of an Ed25519 key in an SSH
        agent, to sign with that one (docs/ledger/keys.md). Raises LedgerError.
        """
        folder = Path(folder).absolute()
        outside = Path(newest).absolute() if newest is not None else Path(f"{folder}.newest")
        if outside.is_relative_to(folder):
            raise LedgerError(
                f"{outside}: lies in the folder of the ledger, where a back-up takes it along; choose a place outside"
            )
        if (folder / "keys").is_dir() and not has_store(folder):
            raise LedgerError(f"{folder}: {UNFINISHED}")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise LedgerError(f"{folder}: there is something already; a new ledger needs a new folder")
        if outside.exists():
            raise LedgerError(
                f"{outside}: there is the newest checkpoint of another ledger; choose another place with `newest`"
            )
        ready(database)
        make_folders(disk, folder / "keys", 0o700)
        make_folders(disk, folder / "public", 0o755)
        signer = create_signer(folder / "keys" / "signing.pem", origin, passphrase, disk, agent)
        KeyTree.create(folder / "keys" / "erasure.db").close()
        replace(disk, folder / "policy", f"log {signer.vkey}\nquorum none\n".encode())
        signature = signer.sign(Checkpoint(origin, 0, EMPTY_ROOT).text)
        head = Head(0, 0, 0.0, 0.0, 0, (), EMPTY_ROOT, signature.raw)
        words = {"origin": origin, "vkey": signer.vkey, "floor": str(floor if floor is not None else _floor(folder))}
        if newest is not None:
            words["newest"] = str(outside)
        store = create_store(folder, database, words, head, disk)
        store.close()
        settle(disk, [folder, folder / "keys"])
        replace(disk, outside, note_of(head, signer.verifier).encode())
        _reserve(folder, disk)
        return cls.open(folder, passphrase=passphrase, clock=clock, disk=disk)

    @classmethod
    def open(
        cls,
        folder: str | Path,
        *,
        read_only: bool = False,
        passphrase: Passphrase = None,
        known: Iterable[tuple[str, Note]] = (),
        clock: Clock = system_clock,
        disk: Disk = DISK,
    ) -> Ledger:
        """Open a ledger. Raises LedgerError when it cannot be read, or when another process writes to it.

        `known` are checkpoints of this ledger that others have, such as a witness or a mirror, each with a name for the
        sentence. When the ledger is below or beside one of them it opens for reading alone, and `refusal` says why.
        """
        folder = Path(folder).absolute()
        if not has_store(folder) and (folder / "keys").is_dir():
            raise LedgerError(f"{folder}: {UNFINISHED}")
        if not has_store(folder):
            raise LedgerError(f"{folder}: there is no ledger here; make one with `brightline ledger init`")
        held = None
        if not read_only:
            held = lock(folder / "lock", f"{folder}: another process writes to this ledger; only one may at a time")
        return cls._opened(folder, held, passphrase, tuple(known), clock, disk)

    @classmethod
    def _opened(
        cls,
        folder: Path,
        held: int | None,
        passphrase: Passphrase,
        known: tuple[tuple[str, Note], ...],
        clock: Clock,
        disk: Disk,
    ) -> Ledger:
        with ExitStack() as undo:
            if held is not None:
                undo.callback(os.close, held)
            store = open_store(folder, held is None)
            undo.callback(store.close)
            key = VerifierKey.parse(store.word("vkey") or "")
            tree = folder / "keys" / "erasure.db"
            keys = KeyTree(tree, held is None) if held is not None or tree.exists() else None
            undo.pop_all()  # from now on `close` does it
        made = cls(folder, store, keys, key, disk, held)
        if held is None:
            return made
        try:
            made._start(passphrase, known, clock)
        except LedgerError:
            made._shut()
            raise
        except Exception as error:  # of the database or the disk
            made._shut()
            raise LedgerError(
                f"{folder}: cannot be opened for writing ({error}); look after the disk, then open it again"
            ) from None
        return made

    def _start(self, passphrase: Passphrase, known: tuple[tuple[str, Note], ...], clock: Clock) -> None:
        signer = load_signer(self.folder / "keys" / "signing.pem", self.origin, passphrase)
        if signer.vkey != self.key.vkey:
            raise LedgerError(
                f"{self.folder}: the signing key is not the one of this ledger, `{self.key.vkey}`; restore the right one"
            )
        assert self._keys is not None
        sweep(self.disk, [self.folder, self.folder / "keys"])
        sweep(self.disk, [self.newest.parent], self.newest.name)
        head = self.store.head()
        try:
            pending = right_edge(self.store, head, self.key, str(self.folder))
            check(self.store, head, self.key, [*known_outside(self.newest, self.public, head.size), *known])
        except LedgerError as error:
            self.refusal = str(error)
            return
        self._catch_up(self._keys)
        self.store.truncate()
        head = self._take(head)
        self.remember(note_of(head, self.key), head.size)  # what was cut off before may have left none
        _reserve(self.folder, self.disk)
        self._requests = self._keys.word("requests")
        floor = int(self.store.word("floor") or 0)
        self._writer = Sequencer(
            self.store, self._keys, signer, clock, self.disk, self.folder, floor, head, pending, self._committed
        )
        self._writer.start()

    def _take(self, head: Head) -> Head:
        """Begin a new epoch: a process of before, were it to wake up, can write no more."""
        mine = Head(
            head.size, head.epoch + 1, head.time, head.lag, head.slots, head.peaks, head.root, head.signature, head.next
        )
        self.store.begin()
        try:
            self.store.advance(head, mine)
            self.store.commit()
        except BaseException:
            self.store.abandon()
            raise
        return mine

    def close(self) -> None:
        """Finish what is under way, and let go of the ledger. Twice is no fault."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            whole = writer.stopped is None
            writer.stop()
            self.refusal = writer.stopped
            try:
                if whole:
                    self.remember(note_of(writer.head, self.key), writer.head.size)
            finally:
                self._shut()
        else:
            self._shut()

    def _shut(self) -> None:
        self.store.close()
        if self._keys is not None:
            self._keys.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing -----------------------------------------------------------------------------------------------------------

    def append(self, kind: str, payload: Payload, *, key: str | None = None, work: Work | None = None) -> Receipt:
        """Write one record, and return its receipt when it is durable.

        `key` names the request: whoever repeats it gets the first receipt, and nothing is written twice. `work` is called with
        the connection and the index of the entry, in the same transaction, so that a row of the application and its entry
        are there together or not at all; it must not commit. Raises LedgerError, and whatever `work` raises.
        """
        return self._append([(kind, payload)], None if key is None else [key], work)[0]

    def append_many(
        self, items: Iterable[tuple[str, Payload]], *, keys: Sequence[str] | None = None, work: Work | None = None
    ) -> Receipts:
        """Write many records in one transaction: all of them or none. `work` is told the index of the first."""
        return self._append(items, keys, work)

    def _append(self, items: Iterable[tuple[str, Payload]], keys: Sequence[str] | None, work: Work | None) -> Receipts:
        writer = self._writing()
        items = list(items)
        for kind, _ in items:
            if kind in OWN_KINDS:
                raise LedgerError(f"entries of the kind `{kind}` are written by the ledger itself")
        records = prepare(items, writer.slots, writer.keys)
        requests: list[bytes] = []
        if keys is not None:
            requests = [hmac.digest(self._requests, key.encode(), "sha256") for key in keys]
            if len(requests) != len(records) or len(set(requests)) != len(requests):
                raise LedgerError("every record of a batch needs a request key of its own")
        job = Job(records, requests, work)
        if not records:
            return Receipts([], job)
        writer.do(job)
        if job.growth is None:  # all of it was written before, by an earlier request
            return Receipts(
                [self._first(index, payload) for index, (_, payload) in zip(job.indexes, items, strict=True)], job
            )
        return Receipts(None, job)

    def _first(self, index: int, payload: Payload) -> Receipt:
        """The receipt that the first request got; not for another payload under the same key."""
        row = self._row(index)
        try:
            before = self._open(row)
        except (Erased, LedgerError):
            before = None  # erased since: the receipt stands
        if (
            before is not None
            and not any(isinstance(p, bytes) for p in before.pairs)
            and before.payload != dict(payload)
        ):
            raise LedgerError(
                f"this request key was used before, for another payload (entry {index:,}); a new record needs a new key"
            )
        signed = self.store.signed_after(index)
        assert signed is not None
        return self.receipt(index, note_of(signed, self.key))

    def hold(self, index: int, basis: str) -> Receipt:
        """Forbid that this record is erased, as a court may order; the hold is an entry (kind `evidence`)."""
        row = self._row(index)
        return self._act(
            HOLD,
            {"action": "hold", "index": index, "basis": _basis(basis)},
            lambda _, at: self.store.add_hold(at, row.index),
        )

    def release(self, index: int, basis: str) -> Receipt:
        """End all holds on this record; the release is an entry (kind `evidence`)."""

        def work(_: Any, at: int) -> None:
            if not self.store.release_holds(at, index):
                raise LedgerError(f"there is no hold on record {index:,}, so none can be released")

        return self._act(HOLD, {"action": "release", "index": index, "basis": _basis(basis)}, work)

    def erase(self, index: int, fields: Collection[str] | None = None, *, basis: str) -> Receipt:
        """Erase fields of a record, or all of it: its keys, salts and sealed bytes. The entry and all proofs stay as they are.

        First the decision is committed, as an entry of the kind `erasure` with the index, the names of the fields and the
        legal basis, and the sealed bytes go; then the keys are destroyed. When the process ends in between, opening the
        ledger finishes it. Raises LedgerError: a hold, nothing there to erase, no such field.
        """
        self._writing()
        with self._erasing:
            row = self._row(index)
            if row.sealed is None or row.slot is None:
                raise LedgerError(
                    f"record {index:,} has no payload here: it was erased before, or was taken from a mirror"
                )
            assert self._keys is not None
            secrets = self._keys.secrets(row.slot, row.fields)
            opened = self._open(row)
            numbers = None if fields is None else tuple(opened.numbers([fields] if isinstance(fields, str) else fields))
            left = sum(not isinstance(p, bytes) for p in opened.pairs)
            if numbers is not None and len(numbers) == left:
                numbers = None  # nothing stays
            if numbers == ():
                raise LedgerError("name the fields to erase, or none at all to erase the whole record")
            sealed = None if numbers is None else seal_again(opened, secrets, remaining(secrets, numbers))

            def work(_: Any, at: int) -> None:
                if self.store.held(index):
                    raise LedgerError(
                        f"record {index:,} is on hold, so nothing of it is erased; release the hold first"
                    )
                self.store.reseal(index, sealed)
                assert row.slot is not None
                self.store.add_erasure(Erasure(at, index, row.slot, row.fields, numbers))

            names: Json = "all" if fields is None else sorted(set([fields] if isinstance(fields, str) else fields))
            receipt = self._act("erasure", {"index": index, "fields": names, "basis": _basis(basis)}, work)
            self._writing().do(Chore(self._forget))
            return receipt

    def close_with(self, following: str, basis: str = "rotation of the key") -> Receipt:
        """Close this ledger with a last entry that names the next one; after it nothing is written any more."""
        payload: Payload = {"next": following, "basis": _basis(basis)}
        VerifierKey.of(following, "log", self.key.public)  # an origin that could not be the name of a key is refused
        if following == self.origin:
            raise LedgerError("the next ledger needs another origin than this one")
        return self._act("close", payload, None, following)

    def accept_clock(self, basis: str) -> None:
        """Say that the clock is right although it is far behind the last entry (it was ahead before); an entry says so."""
        self._writing().do(Job([], clock_basis=_basis(basis)))

    def _act(self, kind: str, payload: Payload, work: Work | None, following: str = "") -> Receipt:
        writer = self._writing()
        job = Job(prepare([(kind, payload)], writer.slots, writer.keys), (), work, urgent=True, following=following)
        if writer.floor and self.disk.free(self.folder) < writer.floor:
            (self.folder / "reserve").unlink(
                missing_ok=True
            )  # room for the last entries; it is made again at the next start
        writer.do(job)
        return Receipts(None, job)[0]

    def _writing(self) -> Sequencer:
        if self._writer is None:
            raise LedgerError(self.refusal or f"{self.folder}: is open for reading only")
        return self._writer

    # --- after a commit ----------------------------------------------------------------------------------------------------

    def _committed(self, note: Note, size: int) -> None:
        """Within a second of a commit: keep the newest checkpoint beside the folder too."""
        self.remember(note, size)

    def remember(self, note: Note, size: int) -> None:
        """Keep this checkpoint beside the folder, unless a newer one is there."""
        with self._remembering:
            there = read(self.newest)
            if there is None or Checkpoint.parse(Note.parse(there).text).size < size:
                replace(self.disk, self.newest, note.encode())

    def _forget(self) -> None:
        """In turn, after an erasure was committed: destroy the keys, and empty the log of the database."""
        assert self._keys is not None
        try:
            self._catch_up(self._keys)
        except LedgerError as error:
            raise Broken(str(error)) from None
        self.store.truncate()

    def _catch_up(self, keys: KeyTree) -> None:
        """Carry out every erasure that was decided and not yet done: also those that an old back-up of the keys has forgotten."""
        for erasure in self.store.erasures(keys.done):
            if erasure.numbers is None:
                keys.erase(erasure.slot, erasure.entry)
            else:
                keys.erase_fields(erasure.slot, erasure.fields, erasure.numbers, erasure.entry)

    # --- reading -----------------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        return self.head.size

    @property
    def head(self) -> Head:
        return self._writer.head if self._writer is not None else self.store.head()

    @property
    def stopped(self) -> str | None:
        """Why the writer has stopped for good, when it has: after a fault, until the ledger is opened again."""
        return self._writer.stopped if self._writer is not None else None

    @property
    def checkpoint(self) -> Note:
        """The newest signed checkpoint."""
        return note_of(self.head, self.key)

    def entry(self, index: int) -> bytes:
        """The public entry, as it is hashed."""
        return self._row(index).entry

    def receipt(self, index: int, checkpoint: Note | None = None) -> Receipt:
        """The proof that this entry is in the ledger, under the newest checkpoint or under a given one of this ledger.

        A checkpoint with cosignatures, such as the published one, is given here to get a receipt that carries them.
        """
        note = checkpoint or self.checkpoint
        size = verified("the checkpoint", note, self.key).size if checkpoint else Checkpoint.parse(note.text).size
        if not 0 <= index < size:
            raise LedgerError(f"there is no entry {index:,} under a checkpoint of {size:,} entries")
        if checkpoint:
            check(self.store, self.head, self.key, [("the checkpoint", note)])
        entry = self.entry(index)
        return Receipt(index, tuple(inclusion_proof(index, size, reader(self.store, leaf_hash))), note, entry)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the first `old` entries are the beginning of the first `new`; what a witness asks for."""
        if new > self.size:
            raise LedgerError(f"the ledger has {self.size:,} entries, so there is no proof to a size of {new:,}")
        return consistency_proof(old, new, reader(self.store, leaf_hash))

    def disclose(self, index: int, fields: Collection[str] | None = None) -> Disclosure:
        """What somebody is shown of a record: these fields (all unless given), and only the digests of the others."""
        with self._erasing:
            row = self._row(index)
            if row.sealed is None or row.slot is None or self._keys is None:
                raise Erased(f"record {index:,} has no payload here: it was erased, or was taken from a mirror")
            opened = self._open(row)
            if fields is None:
                numbers = [n for n, p in enumerate(opened.pairs) if not isinstance(p, bytes)]
            else:
                numbers = opened.numbers([fields] if isinstance(fields, str) else fields)
            return disclosure(opened, self._keys.secrets(row.slot, row.fields), numbers)

    def closing_receipt(self, checkpoint: Note) -> Receipt:
        """The receipt of the entry that closed this ledger, with all its fields: what names the next ledger to everybody."""
        made = self.receipt(self.size - 1, checkpoint)
        return Receipt(made.index, made.path, made.checkpoint, made.extra + b"\n" + self.disclose(made.index).encode())

    def publish(
        self, to: str | Path | None = None, cosign: Cosign | None = None, known: Iterable[tuple[str, Note]] = ()
    ) -> Published:
        """Write what everybody may read into `public/`, or the folder `to`; see `publish.publish`."""
        from brightline.ledger.publish import publish

        return publish(self, self.public if to is None else Path(to), cosign, known)

    def sequence(self) -> int:
        """Give indexes to what applications have handed over in PostgreSQL; see `outbox`. Returns how many rows are done now."""
        from brightline.ledger.outbox import sequence
        from brightline.ledger.postgres import PostgresStore

        if not isinstance(self.store, PostgresStore):
            raise LedgerError(f"{self.folder}: only a ledger in PostgreSQL has an outbox")
        return sequence(self.store, self._writing())

    def fsck(self, progress: Progress | None = None) -> Fsck:
        """Check everything that is stored; see `fsck.fsck`."""
        from brightline.ledger.fsck import fsck

        return fsck(self.folder, progress)

    def _row(self, index: int) -> Row:
        found = self.store.rows(index, index + 1) if index >= 0 else []
        if not found:
            raise LedgerError(f"there is no entry {index:,}; the ledger has {self.size:,}, and the first is 0")
        return found[0]

    def _open(self, row: Row) -> Opened:
        if row.sealed is None or row.slot is None or self._keys is None:
            raise Erased(f"record {row.index:,} has no payload here")
        try:
            return open_sealed(row.sealed, self._keys.secrets(row.slot, row.fields), f"record {row.index:,}")
        except Erased:
            raise Erased(f"record {row.index:,} was erased: its keys are destroyed") from None


def _basis(basis: str) -> str:
    if not basis.strip():
        raise LedgerError("name the legal basis, such as `5 ILCS 805/15` or the number of the order")
    return basis


def _floor(folder: Path) -> int:
    told = os.statvfs(folder)
    return min(FLOOR, told.f_blocks * told.f_frsize // 20)


def _reserve(folder: Path, disk: Disk) -> None:
    """A file of zeros that takes up room until it is needed. Where there is too little room for it, there is none."""
    path = folder / "reserve"
    if not path.exists() and disk.free(folder) > 16 * RESERVE:
        replace(disk, path, bytes(RESERVE), 0o600)
