"""The answer letter: says the same in PDF and docx, sets what people wrote as text, and hides what is sealed."""

from __future__ import annotations

import inspect
import json
import re
import struct
import zlib
from collections import Counter
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brightline.reason.speech import speaking
from brightline.report import letter as module
from brightline.report.about import ReportError
from brightline.report.letter import (
    Letter,
    Letterhead,
    Recipient,
    Signer,
    grant,
    letter_pdf,
    nothing_found,
    refusal,
    told,
)
from brightline.report.letter_docx import letter_docx

# All names, places and numbers are invented.
HEAD = Letterhead("City of Exampleton Records Office", ("100 Sample Street",), "212-555-0100", "records@town.example")
LAW = "No person shall do an invented thing (a);\n\nunless a judge of an invented court has signed an order."


def _letter(**changed: Any) -> Letter:
    plain = Letter(
        letterhead=HEAD,
        dated=date(2026, 11, 28),
        number="DOR-2026-00417",
        to=Recipient("Officer A. Invented", "Example Field Office", ("1 Federal Sample Plaza",)),
        their_reference="EX 26/11873",
        received=date(2026, 11, 24),
        subject="Request to be told a release date",
        decision="refused",
        paragraphs=refusal(["Code § 1(a)"], ["a warrant signed by a judge"]),
        clauses=(("Code § 1(a)", LAW), ("Code § 2", "Second invented law.")),
        released={},
        signed=Signer("B. Fabricated", "Records Officer"),
    )
    return replace(plain, **changed)


def _granting(released: dict[str, str | None]) -> Letter:
    return _letter(decision="granted", paragraphs=grant(), clauses=(), released=released)


def _nothing(**changed: Any) -> Letter:
    return _letter(**{"decision": "nothing_found", "paragraphs": nothing_found(), "clauses": (), **changed})


def _png(wide: int = 40, high: int = 20) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x40" * wide) * high) if wide * high < 10_000 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _pdf_text(letter: Letter) -> str:
    return "\n".join(p.extract_text() for p in pypdf.PdfReader(BytesIO(letter_pdf(letter))).pages)


def _docx_text(letter: Letter) -> str:
    document = docx.Document(BytesIO(letter_docx(letter)))
    said = []
    for block in document.iter_inner_content():
        if isinstance(block, docx.table.Table):
            said += [cell.text for row in block.rows for cell in row.cells]
        else:
            said.append(block.text)
    return "\n".join(said)


def _words(text: str) -> Counter[str]:
    return Counter(re.split(r"[\s-]+", text.strip()))


def test_it_works() -> None:
    text = " ".join(_pdf_text(_letter()).split())
    assert "Our decision: refused" in text
    assert "28 November 2026" in text
    assert "Your papers do not show this: a warrant signed by a judge." in text
    assert "unless a judge of an invented court has signed an order." in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"their_reference": None, "second": Signer("C. Made Up", "Counsel")},
        {"decision": "partly", "released": {"Name": "Nguyễn Łukasz (invented)", "Next day": None}},
        {"decision": "nothing_found", "paragraphs": None, "clauses": ()},
    ],
)
def test_pdf_and_docx_say_the_same_words(changed: dict[str, Any], language: str) -> None:
    if changed.get("decision") == "nothing_found":
        with speaking(language):
            changed = {**changed, "paragraphs": nothing_found()}
    letter = _letter(**changed, language=language)
    pages = len(pypdf.PdfReader(BytesIO(letter_pdf(letter))).pages)
    foot = told(letter).page.format(page=1, pages=pages)
    assert pages == 1
    assert _words(_pdf_text(letter)) - _words(f"{letter.number} {foot}") == _words(_docx_text(letter))


def test_the_pages_of_a_long_letter_say_whose_they_are_and_how_many() -> None:
    long = _letter(clauses=tuple((f"Code § {n}", LAW * 4) for n in range(20)))
    pages = [" ".join(p.extract_text().split()) for p in pypdf.PdfReader(BytesIO(letter_pdf(long))).pages]
    assert len(pages) > 1
    for n, page in enumerate(pages, 1):
        assert f"Page {n} of {len(pages)}" in page
        assert (page.count(HEAD.agency), page.count(long.number)) == ((1, 2))
    document = docx.Document(BytesIO(letter_docx(long)))
    section = document.sections[0]
    for foot in (section.footer, section.first_page_footer):
        assert [f.get(qn("w:instr")) for f in foot._element.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert section.header.paragraphs[0].text == f"{HEAD.agency}\t{long.number}"


MARKS = st.text("#$*_<>`\\@=+/[](){}\"'~^;:&%ab1", min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(value=MARKS, subject=MARKS, law=MARKS)
@example(value='#panic("x")', subject="= head", law="#sys.inputs")
@example(value="<w:t>&amp;</w:t>", subject="$x^2$ *b* _e_", law='#image("/etc/passwd") // gone?')
@example(value="{page} of {pages}", subject="\\u{41} ~ `c` @ref <label>", law="#[x] /* gone? */")
def test_what_people_wrote_is_text_and_never_markup(value: str, subject: str, law: str) -> None:
    letter = _letter(
        decision="granted", paragraphs=(value,), released={value: value}, subject=subject, clauses=((law, law),)
    )
    for text in (_pdf_text(letter), _docx_text(letter)):
        close = "".join(text.split())
        for said in (value, subject, law):
            assert "".join(said.split()) in close


@pytest.mark.parametrize(
    ("written", "read"),
    [("a\x00b\x1bc\ufffe", "a\ufffdb\ufffdc\ufffd"), ("\u202ecba", "\ufffdcba"), ("\ud800", "\ufffd")],
)
def test_what_cannot_be_printed_becomes_a_visible_mark(written: str, read: str) -> None:
    letter = _granting({"Name": written})
    assert read in _pdf_text(letter)
    assert read in _docx_text(letter)


def test_names_of_many_alphabets_are_whole() -> None:
    names = ["Nguyễn Thị Łukasz", "Ђорђе Измишљен", "Ζωή Φανταστική"]
    letter = _granting({f"Name {n}": name for n, name in enumerate(names)})
    assert all(name in _pdf_text(letter) and name in _docx_text(letter) for name in names)


def test_a_sign_that_no_font_has_is_refused_and_not_left_blank() -> None:
    letter = _granting({"Name": "Invented \u0378 Person"})
    with pytest.raises(ReportError, match="no font on this machine has") as found:
        letter_pdf(letter)
    assert "Invented" not in str(found.value)  # an error message holds no personal data
    assert "\u0378" in _docx_text(letter)


def test_an_unknown_value_is_said_to_be_unknown() -> None:
    assert "Emergency contact not recorded" in " ".join(_pdf_text(_granting({"Emergency contact": None})).split())


def test_released_fields_keep_their_order() -> None:
    fields = {"Zebra": "1", "Apple": "2", "Mango": "3"}
    for text in (_pdf_text(_granting(fields)), _docx_text(_granting(fields))):
        assert sorted(fields, key=text.index) == list(fields)


# --- a letter that finds nothing


def test_the_wording_of_a_letter_that_finds_nothing_depends_on_nothing() -> None:
    assert not inspect.signature(nothing_found).parameters
    assert nothing_found() == ("We hold no record that may be disclosed in answer to this request.",)


_LINE = st.text("abc §160.5 sealed", min_size=1, max_size=12).filter(str.strip)
PLAIN_PDF, PLAIN_DOCX = letter_pdf(_nothing()), letter_docx(_nothing())


@settings(max_examples=150, deadline=None)
@given(
    state=st.sampled_from(["sealed", "absent", "expunged"]),
    clauses=st.lists(st.tuples(_LINE, _LINE), max_size=1),
    released=st.dictionaries(_LINE, _LINE, max_size=1),
    more=st.lists(_LINE, max_size=1),
    second=st.sampled_from([None, Signer("R. Eviewer", "Reviewer")]),
)
def test_sealed_absent_and_expunged_give_the_same_bytes(
    state: str,
    clauses: list[tuple[str, str]],
    released: dict[str, str],
    more: list[str],
    second: Signer | None,
) -> None:
    """Whatever the state of the record may bring along, the letter is the one letter, or there is none."""
    known = {"clauses": tuple(clauses), "released": released, "second": second}
    told_more = {**known, "paragraphs": (*nothing_found(), *more)} if state != "absent" else {}
    try:
        letter = _nothing(**told_more)
    except ReportError:
        assert clauses or released or more or second
        return
    assert letter_pdf(letter) == PLAIN_PDF
    assert letter_docx(letter) == PLAIN_DOCX


def test_a_letter_that_finds_nothing_names_no_seal() -> None:
    with ZipFile(BytesIO(PLAIN_DOCX)) as parts:
        unpacked = b"".join(parts.read(n) for n in parts.namelist()).decode("latin-1")
    for text in (_pdf_text(_nothing()), _docx_text(_nothing()), unpacked):
        assert not re.search(r"sealed|160\.50|expunge", text, re.IGNORECASE)


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Request about a Sealed case"},
        {"subject": "Your question on CPL § 160.50"},
        {"their_reference": "F.C.A. § 375.1"},
        {"subject": "Solicitud sobre un expediente sellado"},
        {"number": "EXPUNGED-1"},
        {"signed": Signer("B. Fabricated", "Unsealing Officer, sealed records")},
    ],
)
def test_no_word_of_a_letter_that_finds_nothing_may_tell(changed: dict[str, Any]) -> None:
    with pytest.raises(ReportError, match="must not say"):
        _nothing(**changed)
    if "signed" not in changed:
        assert _letter(**changed)  # other letters may: they deny nothing


def test_an_address_may_have_a_seal_in_its_name() -> None:
    assert _nothing(to=Recipient("Officer A. Invented", "Seal Beach Field Office", ("160 50th Street",)))


# --- letters that contradict themselves


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"released": {"Name": "x"}}, "must release nothing"),
        ({"received": date(2026, 11, 29)}, "before the request was received"),
        ({"language": "fr"}, "no letter can be written in `fr`"),
        ({"decision": "maybe"}, "`maybe` is no decision"),
        ({"subject": " "}, "has no subject"),
        ({"paragraphs": ()}, "at least one paragraph"),
        ({"decision": "granted", "released": {"Name": " "}}, "`Name` is to be released and is empty"),
    ],
)
def test_a_letter_that_contradicts_itself_is_not_made(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ReportError, match=said):
        _letter(**changed)


def test_nobody_adds_a_field_after_the_letter_was_checked() -> None:
    fields: dict[str, str | None] = {"Name": "x"}
    letter = _granting(fields)
    fields["Address"] = "secret"
    assert list(letter.released) == ["Name"]


# --- the files


def _tags(pdf: bytes) -> list[str]:
    found = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(str(node["/S"]))
            walk(node.get("/K", pypdf.generic.NullObject()))

    walk(pypdf.PdfReader(BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_the_pdf_is_tagged_and_says_its_title_and_language() -> None:
    pdf = letter_pdf(_letter(decision="partly", released={"Name": "x"}, language="es"))
    reader = pypdf.PdfReader(BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None and bool(root["/MarkInfo"]["/Marked"])
    assert str(root["/Lang"]).startswith("es")
    assert reader.metadata is not None and reader.metadata.title == "Request to be told a release date"
    assert reader.metadata.author == HEAD.agency
    tags = _tags(pdf)
    assert tags.count("/H1") == 1 and tags.count("/H2") == 3
    assert tags.count("/Table") == 1 and tags.count("/TH") == 2 and tags.count("/TD") == 2


def test_the_docx_has_real_headings_a_table_with_a_head_and_the_languages() -> None:
    letter = _letter(decision="partly", released={"Name": "x"}, language="es")
    document = docx.Document(BytesIO(letter_docx(letter)))
    heads = [p.style.name for p in document.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert heads == ["Heading 1", "Heading 2", "Heading 2", "Heading 2"]
    assert len(list(document.tables[0]._tbl.iter(qn("w:tblHeader")))) == 1
    law = document.styles["Law"].element
    assert [e.get(qn("w:val")) for e in law.iter(qn("w:lang"))] == ["en-US"]
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert [e.get(qn("w:val")) for e in defaults.iter(qn("w:lang"))] == ["es-US"]
    assert "28 de noviembre de 2026" in "\n".join(p.text for p in document.paragraphs)


def test_the_docx_tells_nothing_of_who_made_it() -> None:
    made = letter_docx(_letter())
    about = docx.Document(BytesIO(made)).core_properties
    assert about.author == about.last_modified_by == HEAD.agency
    assert about.title == "Request to be told a release date"
    assert about.created == about.modified and about.created.date() == date(2026, 11, 28)
    assert about.comments == ""
    with ZipFile(BytesIO(made)) as parts:
        assert not [n for n in parts.namelist() if "thumbnail" in n or "app.xml" in n]
        assert {p.date_time for p in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "python-docx" not in parts.read("docProps/core.xml").decode()


@pytest.mark.parametrize("make", [letter_pdf, letter_docx])
def test_the_same_letter_gives_the_same_bytes(make: Any) -> None:
    letter = _letter(letterhead=replace(HEAD, logo=_png()))
    assert make(letter) == make(letter)
    assert make(letter) != make(replace(letter, number="DOR-2026-00418"))


def test_the_logo_is_in_both_files_with_words_for_it() -> None:
    letter = _letter(letterhead=replace(HEAD, logo=_png()))
    pdf = letter_pdf(letter)
    assert len(pypdf.PdfReader(BytesIO(pdf)).pages[0].images) == 1
    assert "/Figure" in _tags(pdf)
    document = docx.Document(BytesIO(letter_docx(letter)))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == f"Emblem of {HEAD.agency}"
    assert picture.width / picture.height == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("logo", [b"GIF89a", _png(60_000, 60_000), _png() + b"\0" * 1_000_000, _png()[:20]])
def test_a_logo_that_is_no_small_png_is_refused(logo: bytes) -> None:
    with pytest.raises(ReportError, match="the logo"):
        replace(HEAD, logo=logo)


@pytest.mark.parametrize("make", [letter_pdf, letter_docx])
def test_a_damaged_logo_is_a_sentence(make: Any) -> None:
    with pytest.raises(ReportError, match="the logo is damaged"):
        make(_letter(letterhead=replace(HEAD, logo=_png()[:40])))


def test_the_error_of_a_letter_that_cannot_be_set_does_not_quote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **given: Any) -> bytes:
        raise RuntimeError(json.loads(given["sys_inputs"]["told"])["title"])

    monkeypatch.setattr(module.typst, "compile", broken)
    with pytest.raises(ReportError) as found:
        letter_pdf(_letter())
    assert "release date" not in str(found.value)


# --- the wording


def test_a_refusal_says_on_what_it_stands() -> None:
    barred = " ".join(refusal(["Code § 1", "Code § 2"]))
    assert "does not let us do what you ask: Code § 1 and Code § 2" in barred
    assert "Your papers" not in barred
    lacking = " ".join(refusal(missing=["a docket number"]))
    assert "Your papers do not show this: a docket number." in lacking and "The law" not in lacking
    assert "No law that we know of requires us" in " ".join(refusal())


def test_a_grant_says_what_is_released_and_for_what() -> None:
    whole = " ".join(grant(purpose="an investigation of fraud.", follow_up=date(2027, 2, 26)))
    assert "You stated this purpose: an investigation of fraud. We grant" in whole
    assert "From 26 February 2027 on" in whole and "refuse" not in whole
    assert "We refuse the rest." in " ".join(grant(partly=True))
    assert "We release no information" in " ".join(grant(releases=False))
    assert "authorised" not in whole and "allowed" not in whole  # not barred is not authorised
