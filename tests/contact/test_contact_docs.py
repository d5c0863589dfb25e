"""The examples of `docs/contacts.md` are true."""

from __future__ import annotations

import re
from pathlib import Path

from brightline.contact.file import read_contact
from brightline.contact.mapping import check_mapping, parse_mapping
from brightline.contact.read import Reading, read
from brightline.law.vocabulary import Vocabulary

PAGE = (Path(__file__).parents[2] / "docs" / "contacts.md").read_text(encoding="utf-8")
CONTACT, MAPPING = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)


def test_the_contact_of_the_page_is_one(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "contact.yaml").write_text(CONTACT)
    contact = read_contact(tmp_path / "contact.yaml", vocabulary)
    assert contact.facts["terrorist_screening_match"].shown_by == "ICE, by telephone"


def test_the_mapping_of_the_page_reads_a_log(tmp_path: Path, vocabulary: Vocabulary) -> None:
    mapping = parse_mapping(MAPPING, "page")
    assert check_mapping(mapping, vocabulary) == []
    (tmp_path / "log.csv").write_text(
        "Date received,from,facility,wanted,warrant,name\n"
        "05/08/2019,ICE ERO,Rikers Island,day of release,N,Doe\n"
        "05/09/2019,HSI,Central Booking,home address,,Roe\n"
    )
    contacts = read(tmp_path / "log.csv", mapping, vocabulary).contacts
    assert contacts.select("actor", "counterpart", "asked", "request", "judicial_warrant", "subject").rows() == [
        ("nyc_doc", "ice_ero", "notify_release", "notification_request", False, "release"),
        ("nypd", "ice_hsi", "share_personal_information", "information_request", None, "other"),
    ]
    assert "name" not in contacts.columns


def test_the_page_counts_the_unknown_agencies(detainers: Reading) -> None:
    assert f"{detainers.contacts['actor'].null_count():,} of {detainers.contacts.height:,} rows" in PAGE
