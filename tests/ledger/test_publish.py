"""Publishing: what is public is always whole, whatever step fails, and whatever the disk had not yet kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightline.ledger import Ledger, LedgerError, verify
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.files import Disk
from brightline.ledger.ledger import RESERVE
from brightline.ledger.note import Cosigner, Note
from brightline.ledger.receipt import Receipt
from brightline.ledger.tiles import tiles_of

from .small import EIO, ENOSPC, PAYLOAD, FakeDisk, Stop, filled, idle, in_memory, make, reopen, stop


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with filled(tmp_path, 600) as made:
        yield made


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def good(folder: Path) -> int:
    """The size of what is published; fails unless a stranger finds it right."""
    found = verify(folder)
    assert found.verdict == "good", found.wrong + found.open
    assert found.size is not None
    return found.size


def test_what_is_published_can_be_checked_by_a_stranger(ledger: Ledger) -> None:
    made = ledger.publish()
    assert made.size == 600 == good(ledger.public)
    assert files(ledger.public) == {
        "checkpoint", "vkey", "policy", "checkpoints/600",
        "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    }  # fmt: skip
    assert ledger.newest.read_bytes() == (ledger.public / "checkpoint").read_bytes() == made.checkpoint.encode()
    assert (ledger.public / "vkey").read_text() == f"{ledger.key.vkey}\n"


def test_an_empty_ledger_can_be_published(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        assert ledger.publish().size == 0
        ledger.append("decision", PAYLOAD)
        assert ledger.publish().size == 1 == good(ledger.public)


def test_publishing_goes_on_from_what_is_published(ledger: Ledger) -> None:
    ledger.publish()
    first = {p: os.stat(ledger.public / p).st_mtime_ns for p in files(ledger.public)}
    ledger.append_many([("access", PAYLOAD)] * 500)
    made = ledger.publish()
    assert made.size == 1100 == good(ledger.public)
    kept = {p for p in files(ledger.public) & first.keys() if os.stat(ledger.public / p).st_mtime_ns == first[p]}
    assert {"tile/0/000", "tile/0/001", "tile/entries/000", "checkpoints/600"} <= kept
    assert "tile/0/002.p/88" not in files(ledger.public)  # its full tile is there
    assert "tile/1/000.p/2" in files(ledger.public)  # its full tile is not
    assert good(ledger.public) == 1100


def test_publishing_twice_changes_nothing(ledger: Ledger) -> None:
    ledger.publish()
    before = {p: (ledger.public / p).read_bytes() for p in files(ledger.public)}
    assert ledger.publish().checkpoint.encode() == before["checkpoint"]
    assert {p: (ledger.public / p).read_bytes() for p in files(ledger.public)} == before


def test_another_process_may_publish_while_one_writes(tmp_path: Path, ledger: Ledger) -> None:
    with reopen(tmp_path, read_only=True) as other:
        ledger.append("decision", PAYLOAD)
        assert other.publish().size == 601
    assert good(ledger.public) == 601
    assert Checkpoint.parse(Note.parse(ledger.newest.read_bytes()).text).size == 601


def test_cosignatures_are_published_and_go_into_receipts(ledger: Ledger) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    witness = Cosigner("auditor.example/w", Ed25519PrivateKey.generate())
    asked = []

    def cosign(note: Note, prove: object) -> Note:
        asked.append(files(ledger.public))
        return Note(note.text, (*note.signatures, witness.cosign(note.text, 1_800_000_000)))

    made = ledger.publish(cosign=cosign)
    assert (
        "checkpoint" not in asked[0] and "tile/0/000" in asked[0]
    )  # tiles first, then the witnesses, then the checkpoint
    assert len(made.checkpoint.signatures) == 2
    receipt = ledger.receipt(5, made.checkpoint)
    assert Receipt.parse(receipt.encode()).checkpoint == made.checkpoint
    assert ledger.publish().checkpoint == made.checkpoint  # publishing again does not lose them


def test_a_checkpoint_that_a_witness_hands_back_changed_is_not_published(ledger: Ledger) -> None:
    with pytest.raises(LedgerError):
        ledger.publish(cosign=lambda note, _: Note(note.text.replace("600", "599"), note.signatures))
    assert not (ledger.public / "checkpoint").exists()


def test_a_closed_ledger_tells_everybody_which_is_the_next(ledger: Ledger) -> None:
    ledger.close_with("log.city.example/brightline/2027")
    ledger.publish()
    receipt = Receipt.parse((ledger.public / "closed.tlog-proof").read_bytes())
    entry, shown = receipt.extra.split(b"\n")
    receipt.check(entry, ledger.key)
    assert b"brightline/2027" in shown


def test_a_policy_without_this_ledger_is_refused(ledger: Ledger) -> None:
    (ledger.folder / "policy").write_text("quorum none\n")
    with pytest.raises(LedgerError, match="does not name this ledger; add the line `log "):
        ledger.publish()
    (ledger.folder / "policy").unlink()
    with pytest.raises(LedgerError, match="is missing; the least is"):
        ledger.publish()


def test_a_damaged_tile_is_found_before_its_checkpoint_is_published(ledger: Ledger) -> None:
    ledger.publish()
    tile = ledger.public / "tile/1/000.p/2"
    tile.write_bytes(bytes(64))
    ledger.append("decision", PAYLOAD)
    before = (ledger.public / "checkpoint").read_bytes()
    with pytest.raises(LedgerError, match="do not give the signed root when they are read back"):
        ledger.publish()
    assert (ledger.public / "checkpoint").read_bytes() == before
    shutil.rmtree(ledger.public)
    ledger.publish()
    assert good(ledger.public) == 601


class Liar(FakeDisk):
    """Says that it has written, and has written something else."""

    def write(self, file: int, data: bytes) -> int:
        super().write(file, data[:-1] + bytes([data[-1] ^ 1]) if len(data) > 2000 else data)
        return len(data)


def test_what_is_read_back_otherwise_is_never_signed_for_in_public(tmp_path: Path) -> None:
    with filled(tmp_path, 300, disk=Liar()) as ledger:
        with pytest.raises(LedgerError, match="read back"):
            ledger.publish()
        assert not (ledger.public / "checkpoint").exists()


# --- faults at every step ---------------------------------------------------------------------------------------------------


def prepared(tmp_path: Path, disk: FakeDisk) -> Ledger:
    """Published once, and with more entries since: enough to fill a tile."""
    with filled(tmp_path, 250) as ledger:
        ledger.publish()
    made = reopen(tmp_path, disk=disk)
    made.append_many([("access", PAYLOAD)] * 20)
    return idle(made)


def count_steps(tmp_path: Path) -> tuple[int, int]:
    """The first step of publishing, and the one after the last."""
    disk = FakeDisk()
    with prepared(tmp_path, disk) as ledger:
        first = len(disk.steps)
        ledger.publish()
        return first, len(disk.steps)


@pytest.mark.parametrize("fault", [EIO, ENOSPC, stop], ids=["EIO", "ENOSPC", "stop"])
def test_a_fault_at_any_step_leaves_what_is_public_whole(fast: Path, fault: object) -> None:
    (fast / "count").mkdir()
    first, last = count_steps(fast / "count")
    assert last - first > 40
    for step in range(first, last):
        place = fast / str(step)
        place.mkdir()
        disk = FakeDisk(fail_at=step, fault=fault)  # type: ignore[arg-type]
        ledger = prepared(place, disk)
        with pytest.raises((LedgerError, Stop)):
            ledger.publish()
        there = good(ledger.public)
        assert there in (250, 270), step
        ledger.close()
        with reopen(place) as again:
            assert again.refusal is None
            again.append("decision", PAYLOAD)
            assert again.publish().size == 271
            assert good(again.public) == 271
            assert again.fsck().ok, again.fsck().problems
            assert not [p for p in files(again.public) if p.endswith(".tmp")]
            assert {"checkpoints/250", f"checkpoints/{there}", "checkpoints/271"} <= files(again.public)
            assert not [p for p in files(again.public) if p.startswith("tile/0/000.p")]
        shutil.rmtree(place)


class Forgetful(Disk):
    """A disk that keeps only what was synced: the bytes of a file at its sync, the names of a folder at the folder's sync.

    `lose` puts the tree back to what was kept, as after a loss of power.
    """

    def __init__(self, root: Path, loss_at: int = -1) -> None:
        self.root, self.loss_at, self.step = root, loss_at, 0
        self.bodies: dict[int, bytes] = {}  # inode -> the bytes that were synced
        self.names: dict[Path, dict[str, int]] = {}  # folder -> the names that were synced
        self.grave = root.parent / "grave"  # a second name for every file, so that no inode is used twice
        self.grave.mkdir()
        for folder in [root, *(p for p in root.rglob("*") if p.is_dir())]:
            self._keep_names(folder)
            for path in folder.iterdir():
                if path.is_file():
                    self._keep_body(path)

    def _keep_body(self, path: Path) -> None:
        inode = path.stat().st_ino
        self.bodies[inode] = path.read_bytes()
        if not (self.grave / str(inode)).exists():
            os.link(path, self.grave / str(inode))

    def _keep_names(self, folder: Path) -> None:
        self.names[folder] = {p.name: p.stat().st_ino for p in folder.iterdir()}

    def _tick(self) -> None:
        if self.step == self.loss_at:
            raise Stop
        self.step += 1

    def make_folder(self, folder: Path, mode: int) -> None:
        self._tick()
        super().make_folder(folder, mode)
        self.names[folder] = {}

    def create(self, folder: int, name: str, mode: int) -> int:
        self._tick()
        return super().create(folder, name, mode)

    def write(self, file: int, data: bytes) -> int:
        self._tick()
        return super().write(file, data[: max(1, len(data) // 2)])  # a write may be short

    def sync(self, file: int) -> None:
        self._tick()
        path = Path(os.readlink(f"/proc/self/fd/{file}"))
        if path.is_dir():
            self._keep_names(path)
        else:
            self._keep_body(path)

    def rename(self, folder: int, old: str, new: str) -> None:
        self._tick()
        super().rename(folder, old, new)

    def remove(self, folder: int, name: str) -> None:
        self._tick()
        super().remove(folder, name)

    def free(self, folder: Path) -> int:
        return RESERVE

    def lose(self, names_too: bool) -> None:
        """With `names_too`, the names that were not synced are lost; without, they were kept, and only the bytes are lost."""
        for folder in sorted([self.root, *(p for p in self.root.rglob("*") if p.is_dir())], reverse=True):
            kept = self.names.get(folder, {})
            if names_too:
                for path in list(folder.iterdir()):
                    if path.name not in kept:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                for name, inode in kept.items():
                    if inode in self.bodies and not (folder / name).is_dir():
                        (folder / name).unlink(missing_ok=True)
                        (folder / name).write_bytes(self.bodies[inode])
            else:
                for path in folder.iterdir():
                    if path.is_file():
                        path.write_bytes(self.bodies.get(path.stat().st_ino, b""))


@pytest.mark.parametrize("names_too", [True, False])
def test_after_a_loss_of_power_at_any_step_what_is_public_is_whole(fast: Path, names_too: bool) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to name an open file")
    with filled(fast / "base", 250) as ledger:
        ledger.publish()
        ledger.append_many([("access", PAYLOAD)] * 20)
    step, ended = 0, False
    while not ended:
        place = fast / "now"
        shutil.copytree(fast / "base", place)
        disk = Forgetful(place / "city" / "public", step)
        ledger = reopen(place, read_only=True, disk=disk)
        try:
            ledger.publish()
            ended = True
        except Stop:
            pass
        ledger.close()
        disk.lose(names_too)
        assert good(ledger.public) in ((270,) if ended else (250, 270)), step
        with reopen(place) as again:
            assert again.refusal is None
            again.append("decision", PAYLOAD)
            again.publish()
            assert good(again.public) == 271
        shutil.rmtree(place)
        step += 1
    assert step > 40


def test_two_do_not_publish_at_the_same_time(ledger: Ledger) -> None:
    def cosign(note: Note, _: object) -> Note:
        with pytest.raises(LedgerError, match="another process is publishing"):
            ledger.publish()
        return note

    ledger.publish(cosign=cosign)


def test_the_tiles_written_are_those_that_the_format_asks_for(ledger: Ledger) -> None:
    ledger.publish()
    for tile in tiles_of(600):
        assert (ledger.public / tile.path).stat().st_size == 32 * tile.width
