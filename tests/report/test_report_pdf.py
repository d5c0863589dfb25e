"""The PDF: opens, has its pages and their numbers, and says what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from brightline.law.pack import Law
from brightline.report import pdf
from brightline.report.shapes import Content
from tests.report import made

pypdf = pytest.importorskip("pypdf", reason="the PDF is not read back: pypdf is not installed")


def test_the_pdf_has_the_findings_the_law_and_page_numbers(written: dict[str, Path], told: Content) -> None:
    reader = pypdf.PdfReader(written["report.pdf"])
    pages = [p.extract_text().replace("\u00a0", " ") for p in reader.pages]
    text = " ".join(" ".join(pages).split())
    assert len(pages) >= 6
    assert all(f"Page {n} of {len(pages)}" in " ".join(p.split()) for n, p in enumerate(pages, 1))
    assert " ".join(told.lede.split()) in text
    for part in told.parts:
        assert part.title in text
    for clause in told.clauses:
        assert clause.citation in text and " ".join(clause.versions[0].text[0].split())[:60] in text
    assert reader.metadata is not None and reader.metadata.title == told.title


def test_the_heads_of_a_long_table_stand_on_every_page(written: dict[str, Path]) -> None:
    pages = [p.extract_text() for p in pypdf.PdfReader(written["report.pdf"]).pages]
    long = [n for n, p in enumerate(pages) if "Source row" in p]
    assert len(long) > 2


def test_the_pdf_can_be_searched_by_its_contents(written: dict[str, Path]) -> None:
    outline = pypdf.PdfReader(written["report.pdf"]).outline
    assert len(outline) > 5


def test_the_same_report_gives_the_same_bytes(told: Content, small_law: Law) -> None:
    assert pdf.render(told, made.about()) == pdf.render(told, made.about())
