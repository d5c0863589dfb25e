"""Files that are refused: each with the sentence that a person reads. Nothing but PaperError ever comes out."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from brightline.papers import MOST_BYTES, DangerousPaper, PaperError, Reading, read_paper
from brightline.papers.open import open_paper
from brightline.papers.understand import understand
from tests.papers import attack
from tests.papers.attack import PLAIN, action, with_catalog
from tests.papers.made import Made, as_email, scans, text_papers

XFA = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file is empty"),
    "only blanks": (lambda: b" \r\n\t ", "the file is empty"),
    "ZIP": (attack.a_zip, "a ZIP archive or an Office document"),
    "web page": (lambda: b"<!DOCTYPE html><html><script>alert(1)</script></html>", "a web page or XML"),
    "program": (lambda: b"\x7fELF" + b"\0" * 90, "the file is a program"),
    "script": (lambda: b"#!/bin/sh\nrm -rf /\n", "the file is a program"),
    "GIF": (lambda: b"GIF89a" + b"\0" * 90, "a GIF image"),
    "TIFF": (lambda: b"II*\x00" + b"\0" * 90, "a TIFF image"),
    "Rich Text": (lambda: b"{\\rtf1 words}", "a Rich Text document"),
    "bytes of no type": (lambda: bytes(range(256)) * 9, "of no type that is read here"),
    "encrypted PDF": (attack.encrypted, "the PDF is encrypted"),
    "PDF cut in half": (lambda: PLAIN[: len(PLAIN) // 2], "the PDF is cut off"),
    "PDF with nothing in it": (lambda: b"%PDF-1.4\n%%EOF", "the PDF is damaged"),
    "PDF with a thousand pages": (lambda: attack.with_pages(1000), "the PDF has 1000 pages, and at most 50 are read"),
    "PDF with 51 pages": (lambda: attack.with_pages(51), "the PDF has 51 pages"),
    "PDF of a mile": (lambda: attack.with_size(4_000_000), "page 1 of the PDF has an absurd size"),
    "PDF of 120,000 objects": (attack.object_bomb, "far more parts than a paper needs"),
    "image bomb": (attack.png_bomb, "the image unpacks to far more than a page"),
    "image of 13,000 dots": (lambda: attack.png(13_000, 60), "the image is 13000 by 60 dots"),
    "image of a dot": (lambda: attack.png(1, 1), "too small to be a page"),
    "image cut off": (lambda: attack.png()[:-20], "the image is"),
    "photo cut off": (lambda: attack.jpeg()[: len(attack.jpeg()) // 2], "the image is"),
    "parts in parts": (lambda: attack.parts_in_parts(60), "more than 6 deep"),
    "e-mail with 300 parts": (
        lambda: as_email("words", [(f"{n}.txt", b"words") for n in range(300)]),
        "more than 100 parts",
    ),
}
DANGEROUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "JavaScript on opening": (
        lambda: with_catalog("/OpenAction", action(S="/JavaScript", JS="app.alert(1)")),
        "JavaScript",
    ),
    "JavaScript with its name escaped": (attack.escaped_javascript, "JavaScript"),
    "JavaScript on a page": (lambda: attack.on_a_page("/Link", S="/JavaScript", JS="app.alert(1)"), "JavaScript"),
    "JavaScript that nothing names": (
        lambda: attack.pdf(lambda w: w._add_object(action(S="/JavaScript", JS="app.alert(1)"))),
        "JavaScript",
    ),
    "a program to start": (
        lambda: with_catalog("/OpenAction", action(S="/Launch", F="calc.exe")),
        "a command that starts a program",
    ),
    "a form that is sent away": (
        lambda: attack.on_a_page("/Link", S="/SubmitForm", F="http://example.invalid"),
        "a command that sends the form away",
    ),
    "files inside": (lambda: with_catalog("/Names", attack.EMBEDDED), "another file inside it"),
    "a file pinned to a page": (lambda: attack.on_a_page("/FileAttachment", S="/URI"), "another file inside it"),
    "XFA": (lambda: with_catalog("/AcroForm", XFA), "an XFA form"),
    "PDF and ZIP": (attack.pdf_and_zip, "a PDF and a ZIP archive at the same time"),
    "ZIP after a PDF": (lambda: PLAIN + attack.a_zip(), "a PDF and a ZIP archive at the same time"),
    "bytes after a PDF": (lambda: PLAIN + b"MZ and more", "other bytes after its end"),
    "bytes before a PDF": (lambda: b"words before\n" + PLAIN, "other bytes before the start of a PDF"),
    "PDF and web page": (
        lambda: PLAIN.replace(b"\n", b"\n%<html><script>alert(1)</script>\n", 1),
        "a PDF and a web page at the same time",
    ),
    "image and web page": (attack.png_with_markup, "an image and also a PDF or a web page"),
    "bytes after an image": (lambda: attack.png() + b"secret", "other bytes after its end"),
    "bytes after a photo": (lambda: attack.jpeg() + b"secret", "other bytes after its end"),
    "image and ZIP": (lambda: attack.png() + attack.a_zip(), "an image and a ZIP archive at the same time"),
    "e-mails in e-mails": (lambda: attack.nested_mail(12), "more than 6 deep"),
    "an e-mail that brings a PDF with JavaScript": (
        lambda: attack.mail_with("a.pdf", with_catalog("/OpenAction", action(S="/JavaScript", JS="app.alert(1)"))),
        "attachment 1 of the e-mail: the PDF holds JavaScript",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_sentence(name: str) -> None:
    make, sentence = REFUSED[name]
    with pytest.raises(PaperError) as refused:
        in_process(make())
    assert sentence in str(refused.value)
    assert not isinstance(refused.value, DangerousPaper)


@pytest.mark.parametrize("name", DANGEROUS)
def test_it_is_refused_as_dangerous(name: str) -> None:
    make, sentence = DANGEROUS[name]
    with pytest.raises(DangerousPaper) as refused:
        in_process(make())
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", ["empty", "encrypted PDF", "image bomb", "parts in parts"])
def test_the_worker_says_the_same_sentence(name: str) -> None:
    make, sentence = REFUSED[name]
    with pytest.raises(PaperError, match=sentence):
        read_paper(make(), "paper")


@pytest.mark.parametrize("name", ["JavaScript on opening", "XFA", "PDF and ZIP", "e-mails in e-mails"])
def test_the_worker_says_that_it_is_dangerous(name: str) -> None:
    make, sentence = DANGEROUS[name]
    with pytest.raises(DangerousPaper, match=sentence):
        read_paper(make(), "paper")


def test_too_many_bytes_are_refused_before_anything_looks_at_them() -> None:
    with pytest.raises(PaperError, match="the file has 25 MB, and at most 25 MB are read"):
        read_paper(b"a" * (MOST_BYTES + 1), "paper.txt")


@pytest.mark.long
def test_a_page_that_unpacks_to_gigabytes_is_a_sentence() -> None:
    with pytest.raises(PaperError):
        read_paper(attack.content_bomb(), "paper.pdf")


def test_a_zip_in_an_email_is_not_opened_and_noted() -> None:
    reading = in_process(attack.mail_with("request.zip", attack.a_zip()))
    assert reading.papers == ()
    assert "attachment 1 was not read: the file is a ZIP archive" in reading.notes[0]


def test_a_name_that_lies_is_noted() -> None:
    assert "the name ends in `.png`, but the content is a PDF" in in_process(PLAIN, "warrant.png").notes[0]
    assert in_process(PLAIN, "warrant.pdf").notes == ()


def test_an_absurd_name_does_no_harm() -> None:
    assert in_process(PLAIN, "../../etc/passwd\x00" + "x" * 9000).kind == "i200"


# --- broken bytes -----------------------------------------------------------------------------------


def _some() -> list[Made]:
    by_form = {m.form: m for m in (*text_papers(), *scans())}
    return [*by_form.values(), next(m for m in scans() if m.data.startswith(b"\xff\xd8"))]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_broken_bytes_never_raise_anything_but_a_sentence(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(_some())).data
    if data.draw(st.booleans()):
        broken = original[: data.draw(st.integers(0, len(original)))]
    else:
        r = random.Random(data.draw(st.integers(0, 10**6)))
        cells = bytearray(original)
        for _ in range(r.choice((1, 3, 30))):
            at = r.randrange(len(cells))
            cells[at : at + r.choice((0, 1, 4))] = r.randbytes(r.choice((0, 1, 4)))
        broken = bytes(cells)
    try:
        assert isinstance(in_process(broken), Reading)
    except PaperError as error:
        assert "Traceback" not in str(error)


@pytest.mark.parametrize("seed", range(6))
def test_broken_bytes_in_the_worker(seed: int) -> None:
    r = random.Random(seed)
    cells = bytearray(text_papers()[seed * 9].data)
    for _ in range(20):
        cells[r.randrange(len(cells))] = r.randrange(256)
    try:
        assert isinstance(read_paper(bytes(cells), "paper"), Reading)
    except PaperError as error:
        assert str(error)


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_reading_or_a_sentence(data: bytes) -> None:
    try:
        in_process(data)
    except PaperError as error:
        assert str(error)


def in_process(data: bytes, name: str = "paper") -> Reading:
    return understand(open_paper(data, name))
