"""What the broken processes do. The one file that knows the calls of the ledger; everything else breaks and judges.

A world is a folder with the ledger `city` in it, and what lies beside it (`city.newest`). A scene prepares without a
fault, calls `hold`, and does the rest under the fault. `tell` notes what the outside was promised: receipts, published
checkpoints, erasures.
"""

from __future__ import annotations

import importlib
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from brightline.ledger.errors import LedgerError
from brightline.ledger.files import DISK, Disk
from brightline.ledger.ledger import Ledger

ORIGIN = "log.city.example/brightline/2026"
BEFORE = 250  # entries in the world that scenes start from: the next ones fill a tile
Tell = Callable[..., None]
Hold = Callable[[], None]


class SmallDisk(Disk):
    """A disk with little room, so that the ledger keeps no reserve file: there is less to copy and to trace."""

    def free(self, folder: Path) -> int:
        return 32 << 20


def warm() -> None:
    """Load everything, so that a scene makes no calls of the system for modules."""
    for name in ("publish", "fsck", "export", "verify", "sqlite", "witness", "guard"):
        importlib.import_module(f"brightline.ledger.{name}")


def make(world: Path, disk: Disk | None = None, **more: Any) -> Ledger:
    return Ledger.create(world / "city", ORIGIN, floor=0, disk=disk or SmallDisk(), **more)


def reopen(world: Path, disk: Disk | None = None, **more: Any) -> Ledger:
    """The ledger, ready to write. Raises LedgerError also when it opens for reading alone."""
    ledger = Ledger.open(world / "city", disk=disk or SmallDisk(), **more)
    if ledger.refusal is not None:
        said = ledger.refusal
        ledger.close()
        raise LedgerError(said)
    return ledger


def records(count: int, name: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            "decision",
            {"clause": "us-ny-nyc/10-178:b.1", "decision": "barred", "name": f"{name} {n}", "note": f"{name}-" * 20},
        )
        for n in range(count)
    ]


def keys(count: int, name: str) -> list[str]:
    return [f"{name} {n}" for n in range(count)]


def told_receipt(tell: Tell, receipts: Iterable[Any]) -> None:
    for receipt in receipts:
        tell(receipt=b64encode(receipt.encode()).decode())


def published(ledger: Ledger, tell: Tell) -> None:
    tell(published=b64encode(ledger.publish().checkpoint.encode()).decode())


def singles(ledger: Ledger, tell: Tell, count: int, name: str) -> None:
    for n, (kind, payload) in enumerate(records(count, name)):
        told_receipt(tell, [ledger.append(kind, payload, key=f"{name} {n}")])


def batch(ledger: Ledger, tell: Tell, count: int, name: str) -> None:
    told_receipt(tell, ledger.append_many(records(count, name), keys=keys(count, name)))


def run(scene: str, world: Path, hold: Hold, tell: Tell, more: dict[str, Any]) -> None:
    _SCENES[scene](world, hold, tell, **more)


def _create(world: Path, hold: Hold, tell: Tell) -> None:
    hold()
    make(world, DISK).close()
    tell(created=True)


def _base(world: Path, hold: Hold, tell: Tell, count: int = BEFORE) -> None:
    """The world that the others start from."""
    hold()
    with make(world) as ledger:
        batch(ledger, tell, count, "before")
        published(ledger, tell)
    tell(created=True)


def _open(world: Path, hold: Hold, tell: Tell) -> None:
    hold()
    reopen(world).close()


def _singles(world: Path, hold: Hold, tell: Tell, count: int = 8, name: str = "single") -> None:
    with reopen(world) as ledger:
        hold()
        singles(ledger, tell, count, name)


def _batch(world: Path, hold: Hold, tell: Tell, count: int = 20, name: str = "batch") -> None:
    with reopen(world) as ledger:
        hold()
        batch(ledger, tell, count, name)


def _work(world: Path, hold: Hold, tell: Tell) -> None:
    """Rows of an application in the same transactions as their entries."""
    with reopen(world) as ledger:
        ledger.append(
            "decision",
            {"first": "row"},
            work=lambda db, _: db.execute("CREATE TABLE app (idx INTEGER NOT NULL) STRICT"),
        )
        hold()
        for n in range(4):
            receipt = ledger.append(
                "decision", {"row": n}, work=lambda db, at: db.execute("INSERT INTO app VALUES (?)", (at,))
            )
            told_receipt(tell, [receipt])


def _publish(world: Path, hold: Hold, tell: Tell) -> None:
    with reopen(world) as ledger:
        batch(ledger, tell, 20, "public")
        hold()
        published(ledger, tell)


def _erase(world: Path, hold: Hold, tell: Tell) -> None:
    with reopen(world) as ledger:
        hold()
        told_receipt(tell, [ledger.erase(3, basis="5 ILCS 805/15")])
        tell(erased=3)
        told_receipt(tell, [ledger.erase(4, ["name"], basis="5 ILCS 805/15")])


def _forget(world: Path, hold: Hold, tell: Tell, index: int = 0) -> None:
    with reopen(world) as ledger:
        hold()
        told_receipt(tell, [ledger.erase(index, basis="5 ILCS 805/15")])
        tell(erased=index)


def _hold(world: Path, hold: Hold, tell: Tell) -> None:
    with reopen(world) as ledger:
        hold()
        told_receipt(tell, [ledger.hold(5, basis="order 12")])
        told_receipt(tell, [ledger.release(5, basis="order 13")])


def _shut(world: Path, hold: Hold, tell: Tell) -> None:
    ledger = reopen(world)
    batch(ledger, tell, 3, "last")
    hold()
    ledger.close()


def _recover(world: Path, hold: Hold, tell: Tell) -> None:
    hold()
    with reopen(world) as ledger:
        singles(ledger, tell, 1, "recovered")
        published(ledger, tell)


def _life(world: Path, hold: Hold, tell: Tell) -> None:
    """From the first byte on: what power loss is tried with."""
    hold()
    with make(world) as ledger:
        tell(created=True)
        singles(ledger, tell, 3, "one")
        batch(ledger, tell, 252, "many")
        published(ledger, tell)
        singles(ledger, tell, 2, "two")
        told_receipt(tell, [ledger.erase(1, basis="5 ILCS 805/15")])
        tell(erased=1)
        published(ledger, tell)
    with reopen(world) as ledger:
        singles(ledger, tell, 1, "three")
        published(ledger, tell)


def _crowd(world: Path, hold: Hold, tell: Tell, name: str = "", count: int = 40, threads: int = 8) -> None:
    """Eight threads that write, until they are done or the ledger is somebody else's."""
    import threading

    ledger = reopen(world)
    tell(opened=name)
    hold()
    errors: list[LedgerError] = []

    def write(thread: int) -> None:
        try:
            singles(ledger, tell, count, f"{name} thread {thread}")
        except LedgerError as error:
            errors.append(error)

    running = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]
    ledger.close()


def _rush(world: Path, hold: Hold, tell: Tell, name: str = "") -> None:
    """Opening too comes after the hold, so that two may open in the same moment."""
    hold()
    _crowd(world, lambda: None, tell, name, count=10)


_SCENES: dict[str, Callable[..., None]] = {
    "create": _create, "base": _base, "open": _open, "singles": _singles, "batch": _batch, "work": _work, "publish": _publish,
    "erase": _erase, "forget": _forget, "hold": _hold, "shut": _shut, "recover": _recover, "life": _life, "crowd": _crowd, "rush": _rush,
}  # fmt: skip
