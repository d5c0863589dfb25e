"""Erasure: the bytes are gone from every file, and every proof that was ever given still holds."""

from __future__ import annotations

import base64
import contextlib
import lzma
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger import Disclosure, Ledger, LedgerError
from brightline.ledger.entry import parse_entry
from brightline.ledger.export import export
from brightline.ledger.fsck import fsck
from brightline.ledger.keytree import Erased, KeyTree
from brightline.ledger.sources import source
from brightline.ledger.verify_log import verify_log

from .small import PAYLOAD, Stop, filled, make, reopen

BASIS = "5 ILCS 805/15"
NAME = "Wilhelmina Featherstonehaugh"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with make(tmp_path) as made:
        yield made


def everything(folder: Path) -> bytes:
    """All files there are, and what the packed ones hold."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            found.append(body)
            for unpack in (zlib.decompress, lzma.decompress):
                with contextlib.suppress(zlib.error, lzma.LZMAError):
                    found.append(unpack(body))
    return b"\x00".join(found)


def spellings(secret: bytes) -> list[bytes]:
    """How the bytes could be lying there: raw, base64 at its three shifts, hexadecimal, UTF-16."""
    made = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    for shift in range(3):
        made.append(base64.b64encode(bytes(shift) + secret)[4 if shift else 0 : -4])
        made.append(base64.urlsafe_b64encode(bytes(shift) + secret)[4 if shift else 0 : -4])
    with contextlib.suppress(UnicodeDecodeError):
        made += [secret.decode().encode("utf-16-le"), secret.decode().encode("utf-16-be")]
    return made


def secrets_of(ledger: Ledger, index: int) -> dict[str, bytes]:
    """Everything by which somebody could read or guess this record."""
    row = ledger._row(index)
    assert ledger._keys is not None and row.slot is not None and row.sealed is not None
    secrets = ledger._keys.secrets(row.slot, row.fields)
    made = {"sealed": row.sealed, "key": secrets.key, "salt": secrets.salt, "seed": ledger._keys.seed(row.slot)}
    return made | {f"salt {n}": salt for n, salt in enumerate(secrets.salts) if salt}


def test_after_erasing_a_record_no_file_holds_any_of_its_bytes(tmp_path: Path) -> None:
    """Raw, base64, hexadecimal, UTF-16 and compressed; in the database, its log, the key store, tiles, the export."""
    with make(tmp_path) as ledger:
        ledger.append_many([("decision", PAYLOAD | {"number": n}) for n in range(30)])
        ledger.append("decision", PAYLOAD | {"subject": NAME})
        ledger.append_many([("access", PAYLOAD | {"number": n}) for n in range(300)])
        gone = secrets_of(ledger, 30)
        there = everything(ledger.folder)
        assert gone["sealed"] in there and NAME.encode() not in there
        ledger.erase(30, basis=BASIS)
        ledger.publish()
        export(ledger, tmp_path / "city" / "export.zip")
        there = everything(tmp_path)
        assert not [name for name, secret in gone.items() for s in spellings(secret) if s in there]
        assert not [s for s in spellings(NAME.encode()) if s in there]
    there = everything(tmp_path)
    assert not [name for name, secret in gone.items() for s in spellings(secret) if s in there]


def test_after_erasing_fields_their_bytes_are_gone_and_the_rest_is_provable(ledger: Ledger) -> None:
    receipts = list(ledger.append_many([("decision", PAYLOAD | {"subject": NAME})] * 20))
    before = secrets_of(ledger, 7)
    ledger.erase(7, ["subject", "officer"], basis=BASIS)
    there = everything(ledger.folder)
    names = sorted(PAYLOAD)
    gone = {"sealed", "key", "seed", f"salt {names.index('subject')}", f"salt {names.index('officer')}"}
    assert not [name for name in gone for s in spellings(before[name]) if s in there]
    shown = ledger.disclose(7)
    assert shown.payload == {k: v for k, v in PAYLOAD.items() if k not in ("subject", "officer")}
    assert len(shown.hidden) == 2
    shown.check(receipts[7].extra)
    only = ledger.disclose(7, ["ground"])
    only.check(receipts[7].extra)
    assert only.payload == {"ground": PAYLOAD["ground"]} and len(only.hidden) == 4


def test_fields_can_be_erased_one_after_the_other_until_nothing_is_left(ledger: Ledger) -> None:
    ledger.append_many([("decision", PAYLOAD)] * 3)
    left = dict(PAYLOAD)
    for name in ("subject", "case", "officer", "decision"):
        ledger.erase(1, name, basis=BASIS)
        del left[name]
        assert ledger.disclose(1).payload == left
        ledger.disclose(1).check(ledger.entry(1))
    ledger.erase(1, ["ground"], basis=BASIS)
    with pytest.raises(Erased, match="it was erased"):
        ledger.disclose(1)
    with pytest.raises(LedgerError, match="it was erased before"):
        ledger.erase(1, basis=BASIS)


def test_all_old_proofs_hold_after_erasures_and_every_other_record_is_readable(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        receipts = list(ledger.append_many([("decision", PAYLOAD | {"number": n}) for n in range(300)]))
        shown = {n: ledger.disclose(n, ["ground"]) for n in range(300)}
        ledger.publish()
        for n in (0, 1, 2, 3, 15, 16, 17, 128, 255, 256, 299):
            ledger.erase(n, basis=BASIS)
        ledger.erase(100, ["subject"], basis=BASIS)
        ledger.publish()
        for n, receipt in enumerate(receipts):
            receipt.check(receipt.extra, ledger.key)
            shown[n].check(receipt.extra)  # who was shown something keeps the proof of it
            if n in (0, 1, 2, 3, 15, 16, 17, 128, 255, 256, 299):
                with pytest.raises(Erased):
                    ledger.disclose(n)
            elif n != 100:
                assert ledger.disclose(n).payload == PAYLOAD | {"number": n}
        assert ledger.fsck().ok
        place = source(str(ledger.public))
        assert place is not None and verify_log(place).verdict == "good"
    assert fsck(tmp_path / "city", payloads=True).ok


def test_an_erasure_is_an_entry_that_says_what_and_why(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD)
    receipt = ledger.erase(0, ["subject"], basis=BASIS)
    receipt.check(receipt.extra, ledger.key)
    assert parse_entry(receipt.extra).kind == "erasure"
    assert ledger.disclose(1).payload == {"index": 0, "fields": ["subject"], "basis": BASIS}
    ledger.erase(0, basis=BASIS)
    assert ledger.disclose(2).payload == {"index": 0, "fields": "all", "basis": BASIS}


@pytest.mark.parametrize("basis", ["", "  "])
def test_nothing_is_erased_or_held_without_a_basis(ledger: Ledger, basis: str) -> None:
    ledger.append("decision", PAYLOAD)
    for act in (ledger.erase, ledger.hold, ledger.release):
        with pytest.raises(LedgerError, match="name the legal basis"):
            act(0, basis=basis)
    assert ledger.size == 1 and ledger.disclose(0).payload == PAYLOAD


def test_what_is_not_there_cannot_be_erased(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD)
    for index in (1, -1):
        with pytest.raises(LedgerError, match="there is no entry"):
            ledger.erase(index, basis=BASIS)
    with pytest.raises(LedgerError, match="has no field `name`, or it is erased; it has `case`"):
        ledger.erase(0, ["name"], basis=BASIS)
    with pytest.raises(LedgerError, match="name the fields to erase"):
        ledger.erase(0, [], basis=BASIS)
    assert ledger.size == 1


def test_a_hold_blocks_erasure_until_it_is_released(ledger: Ledger) -> None:
    ledger.append_many([("decision", PAYLOAD)] * 2)
    hold = ledger.hold(0, "order 26-cv-118")
    assert parse_entry(hold.extra).kind == "evidence"
    assert ledger.disclose(hold.index).payload == {"action": "hold", "index": 0, "basis": "order 26-cv-118"}
    for fields in (None, ["subject"]):
        with pytest.raises(
            LedgerError, match="record 0 is on hold, so nothing of it is erased; release the hold first"
        ):
            ledger.erase(0, fields, basis=BASIS)
    assert ledger.disclose(0).payload == PAYLOAD and ledger.size == 3
    ledger.erase(1, basis=BASIS)  # the others are free
    ledger.hold(0, "a second order")
    release = ledger.release(0, "order 26-cv-118 of 4 May")
    assert ledger.disclose(release.index).payload["action"] == "release"
    ledger.erase(0, basis=BASIS)
    with pytest.raises(LedgerError, match="there is no hold on record 0"):
        ledger.release(0, "again")


def test_a_hold_outlives_the_process(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ledger.append("decision", PAYLOAD)
        ledger.hold(0, "order")
    with reopen(tmp_path) as ledger, pytest.raises(LedgerError, match="on hold"):
        ledger.erase(0, basis=BASIS)


@pytest.mark.parametrize("fields", [None, ["subject"]])
def test_an_erasure_that_was_cut_short_is_finished_at_the_next_start(tmp_path: Path, fields: Any) -> None:
    """The process ends between the decision (committed) and the destruction of the keys."""
    ledger = make(tmp_path)
    ledger.append_many([("decision", PAYLOAD)] * 3)
    before = secrets_of(ledger, 1)

    def ends(keys: KeyTree) -> None:
        raise Stop

    ledger._catch_up = ends  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="the ledger has stopped"):
        ledger.erase(1, fields, basis=BASIS)
    assert before["seed"] == ledger._keys.seed(1)  # type: ignore[union-attr]
    ledger.close()
    with reopen(tmp_path) as again:
        assert before["key"] not in everything(tmp_path) and before["sealed"] not in everything(tmp_path)
        with pytest.raises(Erased):
            again._keys.seed(1)  # type: ignore[union-attr]
        if fields is None:
            with pytest.raises(Erased):
                again.disclose(1)
        else:
            assert "subject" not in again.disclose(1).payload
            again.disclose(1).check(again.entry(1))
        assert again.disclose(2).payload == PAYLOAD
    assert fsck(tmp_path / "city", payloads=True).ok


def test_an_old_back_up_of_the_keys_is_made_to_forget_again(tmp_path: Path) -> None:
    with filled(tmp_path, 20):
        pass
    keys = tmp_path / "city" / "keys" / "erasure.db"
    shutil.copy(keys, tmp_path / "old.db")
    with reopen(tmp_path) as ledger:
        ledger.erase(3, ["subject"], basis=BASIS)
        ledger.erase(3, ["case"], basis=BASIS)
        ledger.erase(4, basis=BASIS)
        shown = ledger.disclose(3)
    shutil.copy(tmp_path / "old.db", keys)
    with reopen(tmp_path) as ledger:
        assert ledger.disclose(3) == shown
        assert ledger._keys is not None
        with pytest.raises(Erased):
            ledger._keys.seed(4)


def test_a_disclosure_travels_as_text(ledger: Ledger) -> None:
    ledger.append("decision", PAYLOAD)
    shown = ledger.disclose(0, ["ground", "decision"])
    again = Disclosure.parse(shown.encode())
    again.check(ledger.entry(0))
    assert again.payload == {"ground": PAYLOAD["ground"], "decision": "refused"}
    assert b"Jane" not in shown.encode()


def test_a_payload_of_another_record_does_not_open(ledger: Ledger) -> None:
    ledger.append_many([("decision", PAYLOAD)] * 2)
    sealed = [r.sealed for r in ledger.store.rows(0, 2)]
    db = sqlite3.connect(ledger.folder / "ledger.db")
    db.execute("UPDATE entries SET sealed = ? WHERE idx = 0", (sealed[1],))
    db.commit()
    db.close()
    with pytest.raises(LedgerError, match="record 0: the sealed payload does not open"):
        ledger.disclose(0)
