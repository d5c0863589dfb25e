"""What type a file is, by its content alone; two types in one file are refused here."""

from __future__ import annotations

import io
import re
import zipfile

from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.limits import MOST_TEXT
from brightline.papers.reading import FileType

_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:")
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|body|iframe|\?xml|\?php)", re.I)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive or an Office document (Word, Excel)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document or an Outlook message (.msg)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "a Rich Text document"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a program"),
    (b"%!PS", "a PostScript file"),
)
_SAVED_AS = {
    "pdf": "pdf",
    "png": "image",
    "jpg": "image",
    "jpeg": "image",
    "eml": "email",
    "txt": "text",
}
_NAMES: dict[str, str] = {
    "pdf": "a PDF",
    "image": "an image",
    "email": "an e-mail file",
    "text": "plain text",
}
WANTED = "an e-mail file (.eml), a PDF, a PNG or JPEG image, or plain text"


def type_of(data: bytes) -> FileType:
    """pdf, image, email or text. PaperError for anything else, DangerousPaper for a file that is two things at once."""
    if not data.strip():
        raise PaperError("the file is empty: ask the sender for it again")
    file_type = _first_look(data)
    if file_type != "email" and _is_zip(data):
        raise DangerousPaper(
            f"the file is {_NAMES[file_type]} and a ZIP archive at the same time, as made to deceive a reader: refused. "
            "Ask the sender for a fresh copy"
        )
    if file_type == "pdf":
        _only_pdf(data)
    elif file_type == "image" and (b"%PDF-" in data[:1024] or _MARKUP.search(data[:4096])):
        raise DangerousPaper(
            "the file is an image and also a PDF or a web page, as made to deceive a reader: refused. "
            "Ask the sender for a fresh scan"
        )
    return file_type


def note_on_name(name: str, file_type: FileType) -> str | None:
    """A note if the ending of the name says another type than the content."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    told = _SAVED_AS.get(ending)
    if ending in ("", *(e for e, t in _SAVED_AS.items() if t == file_type)) or (told is None and len(ending) > 5):
        return None
    return f"the name ends in `.{ending}`, but the content is {_NAMES[file_type]}; it was read as what it is"


def as_text(data: bytes) -> str:
    """The bytes of a plain text: UTF-8, UTF-16 with its mark, or Windows-1252. PaperError if it is no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise PaperError(_not_text()) from None
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    strange = sum(1 for c in text[:20_000] if (c < " " and c not in "\t\r\n\f") or c in "\x7f\ufffd")
    if "\x00" in text or strange > len(text[:20_000]) / 200:
        raise PaperError(_not_text())
    if len(text) > MOST_TEXT:
        raise PaperError(
            f"the text has {len(text):,} characters, and at most {MOST_TEXT:,} are read: send only the request itself"
        )
    return text


def _not_text() -> str:
    return f"the file is of no type that is read here, or it is damaged: hand in {WANTED}"


def _first_look(data: bytes) -> FileType:
    if data.startswith(_PDF):
        return "pdf"
    if data.startswith((_PNG, _JPEG)):
        return "image"
    for start, what in _OTHERS:
        if data.startswith(start):
            raise PaperError(f"the file is {what}, which is not read: hand in {WANTED}. Office papers: save as PDF")
    if data[:4] == b"RIFF" or data[4:8] == b"ftyp":
        raise PaperError(f"the file is an image or a film of a type that is not read: hand in {WANTED}")
    if _MARKUP.match(data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")):
        raise PaperError("the file is a web page or XML, which is not read: print the page to a PDF and hand that in")
    if _is_mail(data):
        return "email"
    if _PDF in data[:1024]:
        raise DangerousPaper(
            "the file has other bytes before the start of a PDF, as made to deceive a reader: refused. "
            "Ask the sender for a fresh PDF"
        )
    as_text(data[:MOST_TEXT] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _whole_characters(data[: MOST_TEXT * 4]))
    return "text"


def _whole_characters(data: bytes) -> bytes:
    """Without the bytes of a character that was cut in two at the end."""
    return data[:-4] if len(data) >= MOST_TEXT else data


def _is_mail(data: bytes) -> bool:
    """Header lines up to the first empty line, among them From and one that only a mail program writes."""
    head = data[:65_536].lstrip(b"\xef\xbb\xbf\r\n").replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    names: set[bytes] = set()
    for number, line in enumerate(head.split(b"\n")):
        if line.startswith((b" ", b"\t")) or (number == 0 and line.startswith(b"From ")):
            continue
        if not _HEADER.match(line):
            return False
        names.add(line.split(b":", 1)[0].lower())
    return b"from" in names and bool(names & {b"message-id", b"mime-version", b"received", b"content-type", b"date"})


def _is_zip(data: bytes) -> bool:
    try:
        return zipfile.is_zipfile(io.BytesIO(data))
    except Exception:  # a broken archive is none
        return False


def _only_pdf(data: bytes) -> None:
    """Nothing but white space after the last %%EOF, and no web page near the start."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise PaperError("the PDF is cut off: its end is missing. Ask the sender for it again")
    if data[end + 5 :].strip(b" \t\r\n\f\x00"):
        raise DangerousPaper(
            "the PDF has other bytes after its end, as made to deceive a reader: refused. Ask the sender for a fresh PDF"
        )
    if _MARKUP.search(data[:1024].split(b"<<", 1)[0] if b"<<" in data[:1024] else data[:1024]):
        raise DangerousPaper(
            "the file is a PDF and a web page at the same time, as made to deceive a reader: refused. "
            "Ask the sender for a fresh PDF"
        )
