"""Opens a PDF: refuses whatever in it could act, then takes its text, form fields, and pictures of its pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf
import pypdfium2
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject
from pypdfium2 import raw

from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.limits import MOST_OBJECTS, MOST_PAGES, MOST_TEXT
from brightline.papers.paper import Field, Page, Paper
from brightline.papers.picture import for_tesseract
from brightline.papers.reading import Signed

# Keys and action types that make a reader do something, or carry a second file (ISO 32000-2, 12.6, 7.11.4, 12.7.8).
_ACTS: dict[str, str] = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/Launch": "a command that starts a program",
    "/EmbeddedFile": "another file inside it",
    "/EmbeddedFiles": "another file inside it",
    "/EF": "another file inside it",
    "/FileAttachment": "another file inside it",
    "/XFA": "an XFA form",
    "/RichMedia": "a film or sound",
    "/Movie": "a film or sound",
    "/Sound": "a film or sound",
    "/Rendition": "a film or sound",
    "/3D": "a film or sound",
    "/SubmitForm": "a command that sends the form away",
    "/ImportData": "a command that loads data",
    "/GoToE": "a command that opens another file",
    "/GoToR": "a command that opens another file",
}
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_INCHES = 200  # longest side of a page that is believed
_DOTS = 300  # an inch, for Tesseract
_BROKEN = "the PDF is damaged: ask the sender for it again, or print it and scan the pages"


def open_pdf(data: bytes, name: str, room: int, look: bool) -> Paper:
    """The pages of a PDF. Up to `room` of them get a picture to be read: those that are pictures, with `look` all."""
    signature, fields = _safely(data)
    document = _document(data)
    try:
        if len(document) == 0:
            raise PaperError("the PDF has no page: ask the sender for it again")
        if len(document) > MOST_PAGES:
            raise PaperError(
                f"the PDF has {len(document)} pages, and at most {MOST_PAGES} are read: send only the pages of the request"
            )
        pages: list[Page] = []
        notes: list[str] = []
        drawn = False
        length = 0
        for number in range(1, len(document) + 1):
            page, marks = _page(document, number, look, room > 0)
            drawn |= marks
            room -= page.picture is not None
            length += len(page.text)
            if length > MOST_TEXT:
                raise PaperError(
                    f"the PDF holds more than {MOST_TEXT:,} characters: send only the pages of the request"
                )
            pages.append(page)
    except pypdfium2.PdfiumError:
        raise PaperError(_BROKEN) from None
    finally:
        document.close()
    return Paper(name, "pdf", tuple(pages), fields, signature, drawn, tuple(notes))


# --- what could act ---------------------------------------------------------------------------------


def _safely(data: bytes) -> tuple[Signed, tuple[Field, ...]]:
    """Walk every object of the file before anything is drawn; then the form fields."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False, root_object_recovery_limit=1000)
        if reader.is_encrypted:
            raise PaperError(
                "the PDF is encrypted, so it cannot be checked: ask for it without a password, or print it and scan it"
            )
        for found in _objects(reader):
            _harmless(found)
        fields, signature = _fields(reader)
        return signature, fields
    except PaperError:
        raise
    except MemoryError:
        raise PaperError("the PDF unpacks to far more than a paper holds, so it was not read") from None
    except (PyPdfError, RecursionError):
        raise PaperError(_BROKEN) from None
    except Exception:  # pypdf meets hostile structure with many kinds of error; none of them may reach a person
        raise PaperError(_BROKEN) from None


def _objects(reader: pypdf.PdfReader) -> Iterator[Any]:
    """Every object that the file's tables name or that hangs on its trailer, each once."""
    waiting: list[Any] = [reader.trailer]
    for generation, numbers in reader.xref.items():
        waiting += [IndirectObject(n, generation, reader) for n in numbers if n]
    waiting += [IndirectObject(n, 0, reader) for n in reader.xref_objStm]
    seen: set[tuple[int, int]] = set()
    counted = 0
    while waiting:
        item = waiting.pop()
        counted += 1
        if counted > 20 * MOST_OBJECTS or len(seen) > MOST_OBJECTS:
            raise PaperError("the PDF has far more parts than a paper needs: print it and scan the pages")
        if isinstance(item, IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
            item = item.get_object()  # a part that cannot be taken apart may hide anything: the whole is refused
        if isinstance(item, DictionaryObject):
            yield item
            waiting += [item.raw_get(k) for k in item]
        elif isinstance(item, ArrayObject):
            waiting += list(item)


def _harmless(item: DictionaryObject) -> None:
    names = {_plain_name(str(k)) for k in item}
    for key in ("/S", "/Subtype", "/Type"):
        value = item.raw_get(key) if key in item else None
        if isinstance(value, str):
            names.add(_plain_name(value))
    if isinstance(item, StreamObject) and "/F" in item:
        raise DangerousPaper(
            "the PDF takes a part of itself from another file: refused. Ask the sender for a plain PDF"
        )
    for name in sorted(names & _ACTS.keys()):
        raise DangerousPaper(
            f"the PDF holds {_ACTS[name]}, which a paper does not need and which can do harm: refused. Ask for a plain "
            "PDF, or print it and scan the pages"
        )


def _plain_name(name: str) -> str:
    """`/J#61vaScript` is `/JavaScript`."""
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), name.encode("utf-8", "replace")).decode("latin-1")


def _fields(reader: pypdf.PdfReader) -> tuple[tuple[Field, ...], Signed]:
    found: list[Field] = []
    signature: Signed = "unknown"
    for name, field in (reader.get_fields() or {}).items():
        kind, value = field.get("/FT"), field.get("/V")
        label = str(field.get("/TU") or name)[:200]
        if kind == "/Sig":
            signature = "yes" if value is not None else ("no" if signature == "unknown" else signature)
        elif kind == "/Btn":
            found.append(Field(label, "", ticked=str(value or "/Off") != "/Off"))
        elif isinstance(value, str) and value.strip():
            found.append(Field(label, " ".join(str(value).split())[:500]))
        if len(found) > 1000:
            raise PaperError("the PDF has more than 1,000 filled fields: print it and scan the pages")
    return tuple(found), signature


# --- pages ------------------------------------------------------------------------------------------


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise PaperError(_BROKEN) from None


def _page(document: pypdfium2.PdfDocument, number: int, look: bool, room: bool) -> tuple[Page, bool]:
    page = document[number - 1]
    wide, high = page.get_size()
    if not (1 <= wide <= 72 * _INCHES and 1 <= high <= 72 * _INCHES):
        raise PaperError(f"page {number} of the PDF has an absurd size: print it and scan the pages")
    textpage = page.get_textpage()
    text = textpage.get_text_bounded().replace("\r\n", "\n")
    covered, hidden, drawn = _shapes(page, wide * high)
    letters = sum(c.isalnum() for c in text)
    is_picture = covered > 0.3 or hidden or (letters < 40 and (covered > 0.02 or drawn))
    picture = None
    if room and (is_picture or look):
        dots = min(_DOTS, 3400 * 72 / max(wide, high))
        picture = for_tesseract(page.render(scale=dots / 72, grayscale=True, may_draw_forms=True).to_pil())
    textpage.close()
    page.close()
    return Page(number, text, is_picture, picture), drawn or covered > 0


def _shapes(page: pypdfium2.PdfPage, area: float) -> tuple[float, bool, bool]:
    """The share of the page that pictures cover, whether it has text that no one sees, and whether lines are drawn."""
    covered, hidden, curves = 0.0, False, 0
    for count, item in enumerate(page.get_objects(max_depth=5)):
        if count > MOST_OBJECTS:
            raise PaperError("a page of the PDF has far more parts than a paper needs: print it and scan the pages")
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            covered += max(0.0, right - left) * max(0.0, top - bottom) / area
        elif item.type == raw.FPDF_PAGEOBJ_TEXT:
            hidden |= raw.FPDFTextObj_GetTextRenderMode(item.raw) in (3, 7)  # drawn nowhere, or only a clip
        elif item.type == raw.FPDF_PAGEOBJ_PATH:
            curves += raw.FPDFPath_CountSegments(item.raw) > 8  # more than a rule, a box or a tick
    return covered, hidden, curves > 0
