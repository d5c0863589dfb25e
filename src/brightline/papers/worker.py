"""The process that reads one paper and can do nothing else: the paper comes in by stdin, JSON goes out by stdout."""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any

from brightline.papers.sandbox import confine


def main() -> None:
    """Read a paper, or with `--tesseract PROGRAM` become Tesseract with the same limits."""
    if sys.argv[1:2] == ["--tesseract"]:
        _become_tesseract(sys.argv[2])
    from brightline.papers.errors import DangerousPaper, PaperError

    _warm_up()
    confine(may_open=False)
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    try:
        answer = _answer(json.loads(head), data)
    except PaperError as error:
        answer = {"refused": str(error), "danger": isinstance(error, DangerousPaper)}
    except MemoryError:
        answer = {"refused": "the file unpacks to far more than a paper holds, so it was not read", "danger": True}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing is left to tidy up, and what a hostile file may have left behind is not run


def _answer(head: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The reading; or, the first time and with Tesseract there, the pictures that have to be read before."""
    from brightline.papers.limits import MOST_PICTURES
    from brightline.papers.open import open_paper
    from brightline.papers.paper import pictures, with_texts
    from brightline.papers.understand import may_be_a_courts, understand
    from brightline.papers.words import from_table

    name, texts = str(head["name"]), head["texts"]
    look = may_be_a_courts(open_paper(data, name)) if head["pictures"] or texts is not None else False
    paper = open_paper(data, name, MOST_PICTURES if head["pictures"] or texts is not None else 0, look)
    if texts is not None:
        paper = with_texts(paper, [None if t is None else from_table(t) for t in texts])
    elif wanted := list(pictures(paper)):
        return {"pictures": [base64.b64encode(p).decode() for p in wanted]}
    return {"reading": understand(paper).as_json()}


def _become_tesseract(program: str) -> None:
    confine(may_open=True)
    os.execve(program, [program, "stdin", "stdout", "-l", "eng", "--psm", "4", "tsv"], {"OMP_THREAD_LIMIT": "1"})


def _warm_up() -> None:
    """Load now what reading a paper loads late: afterwards the process can open no file."""
    import importlib
    import io

    for late in ("ascii", "latin_1", "cp1252", "utf_8", "utf_8_sig", "utf_16", "iso8859_15", "charmap", "idna"):
        importlib.import_module(f"encodings.{late}")
    from PIL import Image

    from brightline.papers.open import open_paper
    from brightline.papers.understand import understand

    Image.preinit()
    picture = io.BytesIO()
    Image.new("L", (60, 60), "white").save(picture, "PNG")
    photo = io.BytesIO()
    Image.new("L", (60, 60), "white").save(photo, "JPEG")
    mail = (
        b"From: =?utf-8?q?a?= <a@b.c>\nTo: a@b.c\nDate: Mon, 02 Jan 2023 03:04:05 +0000\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n<p>a=3D</p>\n--x\nContent-Type: image/png; name=a.png\n"
        b"Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(picture.getvalue())
        + b"\n--x\nContent-Type: message/rfc822\n\nFrom: a@b.c\nDate: Mon, 02 Jan 2023 03:04:05 +0000\n\nwords\n--x--\n"
    )
    for data in (mail, photo.getvalue(), _SMALL_PDF, b"words"):
        understand(open_paper(data, "warm-up", 1))


# One page with one word and one field, written out with its offsets.
def _small_pdf() -> bytes:
    parts = (
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DA(/F 9 Tf)>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[6 0 R]>>",
        b"<</Length 30>>stream\nBT /F 9 Tf 9 9 Td (word) Tj ET\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/Rect[0 0 9 9]>>",
    )
    out = b"%PDF-1.4\n"
    table = b"xref\n0 7\n0000000000 65535 f \n"
    for number, part in enumerate(parts, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj" % number + part + b"endobj\n"
    return out + table + b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)


_SMALL_PDF = _small_pdf()
