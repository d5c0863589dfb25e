"""Files made to do harm, or broken, for the tests of what is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    RectangleObject,
    TextStringObject,
)

from tests.papers.made import as_email, as_pdf, i200, person

PLAIN = as_pdf(i200(person(1)))


def pdf(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(PLAIN)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def action(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{k}"): _value(v) for k, v in entries.items()})


def _value(text: str) -> NameObject | TextStringObject:
    return NameObject(text) if text.startswith("/") else TextStringObject(text)


def with_catalog(key: str, value: object) -> bytes:
    return pdf(lambda w: w.root_object.update({NameObject(key): value}))


def escaped_javascript() -> bytes:
    """`/JavaScript` and `/JS` written with escapes, which a search for the words would miss."""
    script = with_catalog("/OpenAction", action(S="/JavaScript", JS="app.alert(1)"))
    return script.replace(b"/JavaScript", b"/J#61vaScr#69pt").replace(b"/JS ", b"/J#53 ")


def on_a_page(kind: str, **entries: str) -> bytes:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject(kind),
                NameObject("/Rect"): RectangleObject((0, 0, 9, 9)),
                NameObject("/A"): action(**entries),
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return pdf(change)


def with_pages(count: int) -> bytes:
    return pdf(lambda w: [w.add_blank_page(612, 792) for _ in range(count - 1)])


def with_size(side: float) -> bytes:
    return pdf(lambda w: w.pages[0].__setitem__(NameObject("/MediaBox"), RectangleObject((0, 0, side, side))))


def encrypted() -> bytes:
    return pdf(lambda w: w.encrypt("secret"))


def content_bomb() -> bytes:
    """A page whose text unpacks from two megabytes to two thousand."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"(words) Tj " * 100_000) for _ in range(1_800)) + packer.flush()
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    )
    return _assembled(parts)


def object_bomb() -> bytes:
    """A dictionary of two hundred thousand objects."""
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    parts.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>")
    parts += [b"<<>>"] * 120_000
    return _assembled(parts)


def _assembled(parts: object) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, 1):  # type: ignore[call-overload]
        places.append(out.tell())
        out.write(b"%d 0 obj" % number + part + b"endobj\n")
    at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % p for p in places))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, at))
    return out.getvalue()


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 10_000_000)
    return out.getvalue()


def pdf_and_zip() -> bytes:
    """The archive's end record stands before the PDF's end, whose last line is the archive's comment."""
    end = b"\n%%EOF\n"
    archive = bytearray(a_zip())
    archive[-2:] = struct.pack("<H", len(end))
    return PLAIN.rsplit(b"%%EOF", 1)[0] + bytes(archive) + end


def png(wide: int = 400, high: int = 500) -> bytes:
    out = io.BytesIO()
    Image.new("L", (wide, high), "white").save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("L", (400, 500), "white").save(out, "JPEG")
    return out.getvalue()


def png_bomb() -> bytes:
    """A picture of thirty thousand by thirty thousand dots in a hundred bytes."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with_markup() -> bytes:
    plain = png()
    return plain[:33] + _chunk(b"tEXt", b"Comment\0<html><script>alert(1)</script>") + plain[33:]


def nested_mail(deep: int) -> bytes:
    data = b"words"
    for n in range(deep):
        data = (
            b"From: a@b.example\r\nTo: c@d.example\r\nDate: Fri, 27 Nov 2026 10:00:00 -0500\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--b%d--\r\n"
            % (n, n, data, n)
        )
    return data


def parts_in_parts(deep: int) -> bytes:
    head = b"From: a@b.example\r\nDate: Fri, 27 Nov 2026 10:00:00 -0500\r\nMIME-Version: 1.0\r\n"
    body = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(deep))
    return head + body + b"Content-Type: text/plain\r\n\r\nwords\r\n"


def mail_with(name: str, data: bytes) -> bytes:
    return as_email("Please see attached.", [(name, data)])


EMBEDDED = DictionaryObject(
    {NameObject("/EmbeddedFiles"): DictionaryObject({NameObject("/Names"): ArrayObject([ByteStringObject(b"a")])})}
)
