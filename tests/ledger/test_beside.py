"""Receipts that stand for files, and receipts that carry the ledger's key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from brightline.ledger import Ledger, verify
from brightline.ledger.verified import NOT_KEY_OWN
from brightline.ledger.verify_receipt import carrying
from brightline.report.sealed import seal


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A folder with two files and the receipt that stands for them."""
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_text("<p>837 of 838</p>", encoding="utf-8")
    (folder / "findings.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with Ledger.create(tmp_path / "city", "log.example/city", floor=0) as ledger:
        return seal([folder / "report.html", folder / "findings.csv"], date(2026, 8, 20), ledger)


def test_files_that_nobody_changed_are_said_to_be_unchanged(sealed: Path) -> None:
    told = verify(sealed)
    assert told.verdict == "good" and NOT_KEY_OWN in told.unproved
    assert {s for s in told.shown if "unchanged" in s} == {
        "The file `report.html` is unchanged.",
        "The file `findings.csv` is unchanged.",
    }


@pytest.mark.parametrize("change", [b"<p>838 of 838</p>", b"", b"<p>837 of 838</p>\n"])
def test_a_file_that_was_changed_is_named(sealed: Path, change: bytes) -> None:
    (sealed.parent / "report.html").write_bytes(change)
    told = verify(sealed)
    assert told.verdict == "bad" and any("`report.html` was changed" in w for w in told.wrong)
    assert any("`findings.csv` is unchanged" in s for s in told.shown)


def test_a_file_that_is_not_there_is_left_open(sealed: Path) -> None:
    (sealed.parent / "findings.csv").unlink()
    told = verify(sealed)
    assert told.verdict == "open" and any("`findings.csv` is not beside" in o for o in told.open)


def test_the_public_entry_tells_nothing_of_the_files(sealed: Path, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "city", read_only=True) as ledger:
        entry = ledger.entry(0)
    digest = dict(verify(sealed).fields or {})["report.html"].removeprefix("sha256:")
    assert digest.encode() not in entry and bytes.fromhex(digest) not in entry


def test_a_name_that_leads_out_of_the_folder_is_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x", encoding="utf-8")
    (tmp_path / "in").mkdir()
    with Ledger.create(tmp_path / "city", "log.example/city", floor=0) as ledger:
        made = ledger.append("evidence", {"../secret": "sha256:" + "0" * 64})
        whole = carrying(made, ledger.key.vkey, ledger.disclose(0))
    (tmp_path / "in" / "r.tlog-proof").write_bytes(whole.encode())
    told = verify(tmp_path / "in" / "r.tlog-proof")
    assert told.verdict == "good" and not any("secret" in s for s in (*told.shown, *told.wrong, *told.open))


def test_the_key_that_a_receipt_carries_must_be_that_of_its_ledger(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "city", "log.example/city", floor=0) as ledger:
        made = ledger.append("decision", {"ground": "b.1"})
        key = ledger.key.vkey
    with Ledger.create(tmp_path / "town", "log.example/town", floor=0) as town:
        other = town.key.vkey
    place = tmp_path / "r.tlog-proof"
    for vkey, verdict in ((key, "good"), (other, "bad"), ("no key at all", "bad"), (key[:-2] + "AA", "bad")):
        place.write_bytes(carrying(made, vkey).encode())
        assert verify(place).verdict == verdict, vkey
    (tmp_path / "mine").write_text(other, encoding="utf-8")
    place.write_bytes(carrying(made, key).encode())
    assert verify(place, policy=tmp_path / "mine").verdict == "bad"  # the key that is given counts, not the one carried
