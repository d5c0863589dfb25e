"""Scans: skewed, pale, with grain. With Tesseract they are read; without it nothing is guessed."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from brightline.papers import JUDICIAL, can_read_pictures, read, read_paper
from brightline.papers.picture import _lean, open_picture
from tests.papers import made
from tests.papers.made import Made, hard_cases, person, scans, text_papers

OCR = pytest.mark.skipif(
    not can_read_pictures(), reason="TESSERACT IS NOT INSTALLED: no scan was read (apt-get install tesseract-ocr)"
)
P = person(9)


def _scan(name: str) -> Made:
    return next(m for m in scans() if m.name == name)


@pytest.mark.parametrize("name", ["i247a-scan-0", "judicial_warrant-scan-3"])
def test_without_tesseract_a_scan_is_unknown_and_says_why(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read.shutil, "which", lambda _: None)
    told = read_paper(_scan(name).data, "scan")
    assert (told.kind, told.sure, told.stated, told.text) == ("unknown", False, (), "")
    assert told.notes == (
        "page 1 is a picture that could not be read: Tesseract is not installed, or it did not manage",
    )


def test_a_tesseract_that_fails_leaves_the_page_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read.shutil, "which", lambda _: "/bin/false")
    told = read_paper(_scan("i200-scan-0").data, "scan")
    assert told.kind == "unknown"
    assert "could not be read" in told.notes[0]


@pytest.mark.parametrize("angle", [-5.0, -1.5, 0.0, 3.0])
def test_a_page_is_turned_upright(angle: float) -> None:
    page = open_picture(made.as_picture(made.i200(P), 4, skew=0.0, noise=10))
    leaning = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=245)
    assert abs(_lean(leaning) + angle) <= 0.5


@OCR
def test_a_scanned_detainer_is_read() -> None:
    scan = _scan("i247a-scan-0")
    told = read_paper(scan.data, "scan.png")
    assert told.kind == "i247a"
    assert scan.person is not None
    assert told.values("subject_name") == (scan.person.name,)
    assert told.values("date_of_birth") == (scan.person.born,)
    assert {s.where for s in told.stated} == {"picture"}


@OCR
def test_a_signature_by_hand_is_not_claimed_to_be_read() -> None:
    told = read_paper(_scan("judicial_warrant-scan-0").data, "scan.png")
    assert (told.kind, told.sure, told.signed) == ("judicial_warrant", False, "unknown")
    assert "whether it is signed could not be read: look at the signature line" in told.notes


@OCR
def test_a_judges_pdf_is_looked_at_and_not_only_its_text() -> None:
    paper = next(m for m in text_papers() if m.name == "judicial_warrant-0")
    assert read_paper(paper.data, "a.pdf").sure is True


@OCR
def test_hidden_text_of_a_court_under_a_picture_counts_for_nothing() -> None:
    paper = next(m for m in hard_cases() if m.name.startswith("picture of an I-200"))
    told = read_paper(paper.data, "a.pdf")
    assert told.kind == "i200"
    assert P.case not in told.values("case_number")


@OCR
def test_a_blank_page_is_unknown() -> None:
    out = io.BytesIO()
    Image.new("L", (1700, 2200), "white").save(out, "PNG")
    assert read_paper(out.getvalue(), "a.png").kind == "unknown"


@OCR
@pytest.mark.long
@pytest.mark.parametrize(
    "scan", [m for m in scans() if m.kind in ("i247a", "i200", "i205", "i138")], ids=lambda m: m.name
)
def test_no_scan_of_an_officers_form_is_a_courts(scan: Made) -> None:
    assert read_paper(scan.data, "scan").kind not in JUDICIAL
