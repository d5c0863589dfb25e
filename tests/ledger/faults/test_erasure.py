"""After an erasure no file holds the bytes of what was erased, and every receipt of before still verifies."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import zipfile
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.export import export
from brightline.ledger.ledger import Ledger
from brightline.ledger.note import VerifierKey
from brightline.ledger.receipt import Receipt
from brightline.ledger.verify import verify
from tests.ledger.faults import page, scenes
from tests.ledger.faults.conftest import World
from tests.ledger.faults.judge import RECOVERED, judge
from tests.ledger.faults.strace import Processes, sample

NAME = "Zuzanna Ærøskøbing-Quetzalcóatl"  # occurs nowhere else
Fresh = Callable[..., Path]


def spellings(value: bytes) -> dict[str, bytes]:
    """What could betray these bytes to somebody who greps."""
    made = {"raw": value, "hex": value.hex().encode(), "HEX": value.hex().upper().encode()}
    for offset in range(3):
        inner = b64encode(bytes(offset) + value)
        start, end = -(-offset * 8 // 6) + (1 if offset else 0), len(inner) - 4
        made[f"base64, offset {offset}"] = inner[start:end]
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return made
    made["UTF-16LE"], made["UTF-16BE"] = text.encode("utf-16-le"), text.encode("utf-16-be")
    made["Latin-1"] = text.encode("latin-1", "replace")
    made["JSON"] = json.dumps(text)[1:-1].encode()
    return made


def layers(body: bytes, depth: int = 3) -> Iterator[bytes]:
    """The bytes, and what is compressed in them: members of a ZIP, and streams of zlib and gzip at any place."""
    yield body
    if not depth:
        return
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as inside:
            for member in inside.infolist():
                yield member.filename.encode()
                yield from layers(inside.read(member), depth - 1)
    for start in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b\x08"):
        at = body.find(start)
        while at >= 0:
            try:
                found = zlib.decompressobj(47).decompress(body[at:], 1 << 24)
            except zlib.error:
                found = b""
            if len(found) > 8:
                yield from layers(found, depth - 1)
            at = body.find(start, at + 1)


def places(folder: Path, values: dict[str, bytes]) -> list[str]:
    """Where in this folder a value stands, in any spelling; the names of files are searched too."""
    wanted = [(f"{what}, {how}", needle) for what, value in values.items() for how, needle in spellings(value).items()]
    found = []
    for path in sorted(folder.rglob("*")):
        bodies = [str(path.relative_to(folder)).encode()]
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):  # a temporary file may be renamed meanwhile
            bodies += layers(path.read_bytes())
        found += [f"{path.relative_to(folder)}: {what}" for what, needle in wanted if any(needle in b for b in bodies)]
    return found


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """The test of the test: every spelling, at every offset, and inside of what is compressed."""
    value = NAME.encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inside", b64encode(b"xy" + value + b"z" * 100))
    hidden = {
        "raw": b"abc" + value, "hex": value.hex().encode(), "sixteen": NAME.encode("utf-16-le"), "zip": packed.getvalue(),
        "zlib": b"head" + zlib.compress(b"head" + value), "zlib0": zlib.compress(value * 3, 1), "json": json.dumps(NAME).encode(),
    } | {f"base{n}": b64encode(b"abcd"[:n] + value + b"tail") for n in range(4)}  # fmt: skip
    for name, body in hidden.items():
        (tmp_path / name).write_bytes(body)
    assert {place.partition(":")[0] for place in places(tmp_path, {"name": value})} == set(hidden)
    assert not places(tmp_path, {"name": b"another value"})


def fill(world: Path) -> tuple[dict[str, bytes], list[Receipt], int]:
    """Records about a person among others; gives all that must be gone, all receipts, and the index."""
    receipts = []
    with scenes.reopen(world) as ledger:
        receipts += list(ledger.append_many(scenes.records(3, "beside"), keys=scenes.keys(3, "beside")))
        mine = ledger.append(
            "decision", {"name": NAME, "born": "1971-02-30", "clause": "us-ny-nyc/10-178:b.1"}, key=f"request {NAME}"
        )
        receipts.append(mine)
        receipts += list(ledger.append_many(scenes.records(3, "behind"), keys=scenes.keys(3, "behind")))
        ledger.publish()
        secrets = gone(ledger, mine.index)
    return secrets, receipts, mine.index


def gone(ledger: Ledger, index: int, fields: tuple[str, ...] = ("name", "born", "clause")) -> dict[str, bytes]:
    """The values of a record, the salts, the keys and the sealed bytes: nothing of it may stay."""
    (row,) = ledger.store.rows(index, index + 1)
    assert row.sealed is not None and row.slot is not None and ledger._keys is not None
    secrets = ledger._keys.secrets(row.slot, row.fields)
    names = ["born", "clause", "name"]
    made = {"the name": NAME.encode(), "the sealed bytes": row.sealed, "the key": secrets.key}
    made |= {f"the salt of {n}": s for n, s in zip(names, secrets.salts, strict=True) if s is not None and n in fields}
    if len(fields) == 3:
        made |= {"the salt": secrets.salt, "the seed": ledger._keys.seed(row.slot), "the day": b"1971-02-30"}
    return made


def check_receipts(world: Path, receipts: list[Receipt]) -> None:
    key = VerifierKey.parse((world / "city" / "public" / "vkey").read_text().strip())
    with scenes.reopen(world) as ledger:
        for receipt in receipts:
            receipt.check(receipt.extra, key)
            assert ledger.entry(receipt.index) == receipt.extra
            ledger.receipt(receipt.index).check(receipt.extra, key)
    assert not verify(world / "city" / "public").wrong


@pytest.mark.parametrize("fields", [None, ("name",), ("name", "born")])
def test_nothing_stays(
    fields: tuple[str, ...] | None, fresh: Fresh, base: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world = fresh()
    secrets, receipts, index = fill(world)
    with scenes.reopen(world) as ledger:
        values = gone(ledger, index, fields or ("name", "born", "clause"))
        export(ledger, world / "export.zip")
        assert places(world, {k: v for k, v in values.items() if "sealed" in k}), "before, it must be found"
        receipts.append(ledger.erase(index, fields, basis="5 ILCS 805/15"))
        found = places(world, values)  # at once, while the ledger is open
        assert not found, found
        ledger.append("decision", {"after": "erasing"})
        ledger.publish()
        export(ledger, world / "export.zip")
        found = places(world, values)
        assert not found, found
        if fields:
            left = ledger.disclose(index)
            assert set(left.payload) == {"name", "born", "clause"} - set(fields)
            left.check(ledger.entry(index))
        else:
            with pytest.raises(LedgerError):
                ledger.disclose(index)
        for n in (250, 252, 255):  # the others are untouched
            ledger.disclose(n).check(ledger.entry(n))
    (world / "log").write_text("".join(capfd.readouterr()))
    found = places(world, values)
    assert not found, found
    check_receipts(world, receipts)
    promises = base.promises.copy()
    promises.receipts += receipts
    assert judge(world, promises) == RECOVERED
    assert not places(world, values)
    page.note("erasure", Counter({"nothing is found, all receipts verify": len(values)}))
    del secrets


def test_an_old_copy_of_the_key_store_forgets_again(fresh: Fresh, base: World) -> None:
    world = fresh()
    _, receipts, index = fill(world)
    kept = (world / "city" / "keys" / "erasure.db").read_bytes()
    with scenes.reopen(world) as ledger:
        values = gone(ledger, index)
        ledger.erase(index, basis="5 ILCS 805/15")
    (world / "city" / "keys" / "erasure.db").write_bytes(kept)
    check_receipts(world, receipts)  # opens it
    assert not places(world, values)
    page.note("erasure", Counter(["keys from an old back-up are destroyed again at the next start"]))


def run_erase(world: Path, index: int) -> dict[str, bytes]:
    with scenes.reopen(world) as ledger:
        return gone(ledger, index)


@pytest.mark.parametrize("count", [8, pytest.param(1000, marks=pytest.mark.slow)])
def test_killed_while_it_forgets(count: int, fresh: Fresh, base: World, processes: Processes, room: Path) -> None:
    """The decision is an entry: once it is committed, the next start finishes what was begun."""
    first = fresh()
    _, receipts, index = fill(first)
    kept = room / f"forgetting-{count}"
    shutil.copytree(first, kept)
    values = run_erase(first, index)
    points = [p for p in processes.points("forget", first, index=index) if p.call != "openat"]
    outcomes: Counter[str] = Counter()
    for point in sample(points, count):
        world = fresh(empty=True)
        shutil.copytree(kept, world, dirs_exist_ok=True)
        ended = processes.kill_at(point, "forget", world, index=index)
        told: list[dict[str, Any]] = ended.told
        promises = base.promises.copy().hear(told)
        promises.receipts += receipts
        assert judge(world, promises) == RECOVERED, point
        with scenes.reopen(world) as ledger:
            decided = ledger.store.rows(index, index + 1)[0].sealed is None
        assert decided or not promises.erased
        if decided:
            found = places(world, values)
            assert not found, f"killed at {point}: {found}"
            outcomes["killed before it was done: the next start finishes it, nothing is found"] += 1
        else:
            outcomes["killed before it was decided: nothing is erased"] += 1
    shutil.rmtree(kept)
    page.note("erasure", outcomes)
