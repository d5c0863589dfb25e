"""Power is lost after every call: what was acknowledged is there, and the next start needs nobody."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from brightline.ledger.files import Disk
from tests.ledger.faults import crash, page, scenes
from tests.ledger.faults.judge import RECOVERED, REFUSED, Promises, judge, outside
from tests.ledger.faults.strace import Processes

UNMADE = "was never made, and says so"
SEEDS = 3


@pytest.fixture(scope="module")
def life(processes: Processes, room: Path) -> crash.Recording:
    """A life of a ledger, all its calls recorded."""
    world = Path(tempfile.mkdtemp(prefix="life-", dir=room))
    out = world.with_name(world.name + ".strace")
    log = world.with_name(world.name + ".log")
    ended = processes.run("life", world, "-o", str(out), *crash.OPTIONS)
    assert ended.done, ended
    made = crash.from_strace(out.read_text(), world, log)
    files, _ = crash.left_behind(made.steps, crash.parents_of(made.steps, world), crash.MODES["kept"])
    for path in world.rglob("*"):  # the record is whole: replayed, it gives the same files
        if path.is_file() and not path.name.endswith("-shm"):
            assert files.get(str(path)) == path.read_bytes(), path
    made.steps = [s for s in made.steps if not s.name.endswith("-shm")]  # never read after a loss of power
    return made


def lose_power(
    recording: crash.Recording, steps: list[crash.Step], parents: dict[int, int], keep: crash.Keep, room: Path
) -> str:
    world = Path(tempfile.mkdtemp(prefix="power-", dir=room))
    try:
        crash.build(*crash.left_behind(steps, parents, keep), recording.root, world)
        told = [json.loads(step.data) for step in steps if step.kind == "say"]
        promises = Promises().hear(told)
        if judge(world, promises) == REFUSED:
            assert not promises.created, "the ledger refuses to go on"
            return UNMADE
        return RECOVERED
    finally:
        shutil.rmtree(world)


def sweep(recording: crash.Recording, every: int, modes: dict[str, crash.Keep], room: Path) -> Counter[str]:
    parents = crash.parents_of(recording.steps, recording.root)
    outcomes: Counter[str] = Counter()
    failed = []
    for end in range(len(recording.steps), 0, -every):
        steps = recording.steps[:end]
        for name, keep in modes.items():
            if len(modes) == 3 and list(modes)[end % 3] == name:
                continue  # two of the three at every call
            try:
                outcomes[lose_power(recording, steps, parents, keep, room)] += 1
            except Exception as error:
                last = steps[-1]
                failed.append(f"after step {end} ({last.kind} {Path(last.name).name}), {name}: {error!r}")
    assert not failed, f"{len(failed)} states failed:\n" + "\n".join(failed[:12])
    return outcomes


def test_power_is_lost_after_some_calls(life: crash.Recording, room: Path) -> None:
    page.note("power", sweep(life, 23, crash.MODES | {"shuffled": crash.shuffled(1)}, room))


@pytest.mark.slow
def test_power_is_lost_after_every_call(life: crash.Recording, room: Path) -> None:
    modes = {
        "dropped": crash.MODES["dropped"],
        "names first": crash.MODES["names first"],
        "shuffled": crash.shuffled(2),
    }
    page.note("power", sweep(life, 1, modes, room))


def test_a_sync_that_is_left_out_would_be_seen(life: crash.Recording, room: Path) -> None:
    """The test of the test: the same life without its syncs of the write-ahead log loses what was acknowledged."""
    steps = [s for s in life.steps if not (s.kind == "sync" and s.name.endswith("ledger.db-wal"))]
    parents = crash.parents_of(steps, life.root)
    end = 1 + max(n for n, s in enumerate(steps) if s.kind == "say" and b"receipt" in s.data)
    with pytest.raises(AssertionError, match=r"LOST|refuses to go on"):
        lose_power(life, steps[:end], parents, crash.MODES["dropped"], room)


# --- the seam, which is everywhere ---------------------------------------------------------------------------------------


class Recorder(Disk):
    """Does everything, and records it."""

    def __init__(self, root: Path) -> None:
        self.recording = crash.Recording(root)
        self._paths: dict[int, str] = {}

    def open_folder(self, folder: Path) -> int:
        file = super().open_folder(folder)
        self._paths[file] = str(folder)
        for above in (*reversed(folder.parents), folder):
            if self.recording.inside(str(above)):
                self.recording.make(str(above), folder=True)
        return file

    def make_folder(self, folder: Path, mode: int) -> None:
        super().make_folder(folder, mode)
        self.recording.make(str(folder), folder=True)

    def create(self, folder: int, name: str, mode: int) -> int:
        file = super().create(folder, name, mode)
        self._paths[file] = f"{self._paths[folder]}/{name}"
        self.recording.make(self._paths[file])
        return file

    def write(self, file: int, data: bytes) -> int:
        count = super().write(file, data[: max(1, len(data) // 2)])  # a short write is no fault
        made = self.recording
        made.write(self._paths[file], crash.end_of(made, self._paths[file]), data[:count])
        return count

    def sync(self, file: int) -> None:
        super().sync(file)
        self.recording.sync(self._paths[file])

    def rename(self, folder: int, old: str, new: str) -> None:
        super().rename(folder, old, new)
        above = self._paths[folder]
        self.recording.rename(f"{above}/{old}", f"{above}/{new}")

    def remove(self, folder: int, name: str) -> None:
        super().remove(folder, name)
        if (path := f"{self._paths[folder]}/{name}") in self.recording.names:
            self.recording.remove(path)

    def free(self, folder: Path) -> int:
        return 32 << 20


def test_power_is_lost_while_publishing(fresh: Callable[..., Path], room: Path) -> None:
    """Two publications into a new folder; the database stays as it is. The published folder is never wrong, and goes on."""
    world = fresh()
    public = world / "city" / "public"
    shutil.rmtree(public)
    public.mkdir()
    disk = Recorder(public)
    told: list[dict[str, object]] = []
    with scenes.reopen(world, disk) as ledger:
        ledger.publish()
        scenes.batch(ledger, lambda **what: told.append(what), 20, "more")
        ledger.publish()
    steps = disk.recording.steps
    parents = crash.parents_of(steps, public)
    promises = Promises().hear(told)
    outcomes: Counter[str] = Counter()
    modes = crash.MODES | {f"shuffled {n}": crash.shuffled(n) for n in range(SEEDS)}
    for end in range(1, len(steps) + 1):
        for name, keep in list(modes.items())[end % 3 :: 3]:
            copy = Path(tempfile.mkdtemp(prefix="seam-", dir=room))
            shutil.copytree(world, copy, dirs_exist_ok=True)
            shutil.rmtree(copy / "city" / "public")
            (copy / "city" / "public").mkdir()
            crash.build(*crash.left_behind(steps[:end], parents, keep), public, copy / "city" / "public")
            checkpoint = copy / "city" / "public" / "checkpoint"
            try:
                if checkpoint.exists():  # whatever is published is whole, at every moment
                    outside(copy / "city", Promises(), ahead=True)
                assert judge(copy, Promises(dict(promises.heads), list(promises.receipts))) == RECOVERED
            except Exception as error:
                raise AssertionError(
                    f"after step {end} ({steps[end - 1].kind} {steps[end - 1].name}), {name}: {error}"
                ) from error
            finally:
                shutil.rmtree(copy)
            outcomes[RECOVERED] += 1
    page.note("power-seam", outcomes)
