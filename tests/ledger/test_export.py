"""Exports: one file that a stranger can check, the same bytes every time, and a ledger again when it is needed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightline.ledger import Ledger, LedgerError, verify
from brightline.ledger.export import export
from brightline.ledger.fsck import fsck
from brightline.ledger.repair import restore
from brightline.ledger.sources import Source, source

from .small import PAYLOAD, filled, make, reopen


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with filled(tmp_path, 600) as made:
        made.publish()
        made.append_many([("access", PAYLOAD)] * 200)
        made.publish()
        yield made


def place(target: Path) -> Source:
    found = source(str(target))
    assert found is not None
    return found


def test_an_export_verifies_itself(ledger: Ledger, tmp_path: Path) -> None:
    assert export(ledger, tmp_path / "city.zip") == 800
    found = verify(tmp_path / "city.zip")
    assert found.verdict == "good" and found.size == 800 and found.root == ledger.head.root.hex()
    names = zipfile.ZipFile(tmp_path / "city.zip").namelist()
    assert {
        "checkpoint",
        "vkey",
        "policy",
        "checkpoints/600",
        "checkpoints/800",
        "tile/0/002",
        "tile/entries/003.p/32",
    } <= set(names)
    assert len(names) == len(set(names))


def test_the_same_ledger_gives_the_same_bytes(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "one.zip")
    with Ledger.open(ledger.folder, read_only=True) as other:
        export(other, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    members = zipfile.ZipFile(tmp_path / "one.zip").infolist()
    assert {(m.date_time, m.compress_type, m.create_system) for m in members} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)
    }


def test_no_key_and_no_payload_is_in_an_export(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "city.zip")
    body = (tmp_path / "city.zip").read_bytes()
    assert b"PRIVATE" not in body and b"Jane" not in body and b"refused" not in body
    sealed = [row.sealed for row in ledger.store.rows(0, 5)]
    assert all(s is not None and s not in body for s in sealed)


def test_a_ledger_made_from_an_export_has_the_same_root_and_passes_the_whole_check(
    ledger: Ledger, tmp_path: Path
) -> None:
    receipts = [ledger.receipt(n) for n in (0, 255, 256, 799)]
    export(ledger, tmp_path / "city.zip")
    found = restore(tmp_path / "again", place(tmp_path / "city.zip"), ledger.key.vkey)
    assert found.ok, found.problems
    assert (found.size, found.root) == (800, ledger.head.root)
    with Ledger.open(tmp_path / "again", read_only=True) as again:
        assert [again.receipt(r.index) for r in receipts] == receipts
        assert {600, 800} <= {s.size for s in again.store.all_signed()}
        export(again, tmp_path / "second.zip", ledger.publish().checkpoint)
        again.publish()
    assert verify(tmp_path / "second.zip").verdict == "good"
    assert verify(tmp_path / "again" / "public").verdict == "good"
    assert fsck(tmp_path / "again").ok


def test_a_restored_ledger_goes_on_with_its_signing_key(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "city.zip")
    restore(tmp_path / "r" / "city", place(tmp_path / "city.zip"), ledger.key.vkey)
    with pytest.raises(LedgerError, match="the signing key cannot be read"):
        reopen(tmp_path / "r")
    key = (ledger.folder / "keys" / "signing.pem").read_bytes()
    target = tmp_path / "r" / "city" / "keys" / "signing.pem"
    target.touch(0o600)
    target.write_bytes(key)
    with reopen(tmp_path / "r") as again:
        assert again.refusal is None
        assert again.append("decision", PAYLOAD).index == 800
        assert again.disclose(800).payload == PAYLOAD
        assert again.fsck().ok


def test_an_empty_ledger_can_be_exported_and_restored(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        assert export(ledger, tmp_path / "city.zip") == 0
        found = restore(tmp_path / "again", place(tmp_path / "city.zip"), ledger.key.vkey)
    assert found.size == 0


def test_an_export_under_another_key_than_the_known_one_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "city.zip")
    with make(tmp_path / "other") as other, pytest.raises(LedgerError, match="not of this ledger"):
        restore(tmp_path / "again", place(tmp_path / "city.zip"), other.key.vkey)


def test_a_changed_export_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "city.zip")
    whole = zipfile.ZipFile(tmp_path / "city.zip")
    for n, victim in enumerate(("tile/entries/001", "checkpoint", "checkpoints/600")):
        with zipfile.ZipFile(tmp_path / f"{n}.zip", "w") as changed:
            for name in whole.namelist():
                body = whole.read(name)
                if name == victim:
                    body = (
                        body.replace(b'"decision"', b'"evidence"', 1)
                        .replace(b"\n800\n", b"\n700\n")
                        .replace(b"\n600\n", b"\n601\n")
                    )
                    assert body != whole.read(name)
                changed.writestr(name, body)
        with pytest.raises(LedgerError):
            restore(tmp_path / f"again {n}", place(tmp_path / f"{n}.zip"), ledger.key.vkey)


def test_nothing_is_restored_over_something(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "city.zip")
    with pytest.raises(LedgerError, match="restore into a new folder"):
        restore(ledger.folder, place(tmp_path / "city.zip"), ledger.key.vkey)
