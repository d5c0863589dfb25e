"""Opens an e-mail file: its head, its words, and each attachment as a paper of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import generator as _generator  # noqa: F401  loaded now: as_bytes would load it late
from email import message_from_bytes, policy
from email.message import Message
from html.parser import HTMLParser
from typing import cast

from brightline.papers.errors import PaperError
from brightline.papers.limits import MOST_DEPTH, MOST_PARTS, MOST_TEXT
from brightline.papers.paper import Field

_HEAD = {"From": "mail_from", "To": "mail_to", "Date": "mail_date", "Subject": "mail_subject"}
_BOUNDARY = re.compile(rb"boundary=", re.I)
_NEST = f"the e-mail holds parts within parts more than {MOST_DEPTH} deep: send the request itself as PDF"


def open_mail(data: bytes) -> tuple[tuple[Field, ...], str, list[tuple[str, bytes]]]:
    """The head as fields, the words of the message, and its attachments as (name, bytes). PaperError if absurd."""
    if len(_BOUNDARY.findall(data[: len(data)])) > 4 * MOST_PARTS:
        raise PaperError(f"the e-mail has more than {MOST_PARTS} parts: send the request itself as PDF")
    try:
        message = message_from_bytes(data, policy=policy.default)
        return _read(message)
    except PaperError:
        raise
    except RecursionError:
        raise PaperError(_NEST) from None
    except Exception:  # the parser meets broken heads with many kinds of error
        raise PaperError("the e-mail file is damaged: save it again from the mail program, or send the PDF") from None


def _read(message: Message) -> tuple[tuple[Field, ...], str, list[tuple[str, bytes]]]:
    head = tuple(Field(field, value) for name, field in _HEAD.items() if (value := _header(message, name)))
    words: list[str] = []
    web: list[str] = []
    attached: list[tuple[str, bytes]] = []
    size = 0
    for part in _parts(message, 0):
        kind = part.get_content_type()
        name = _name(part)
        content = _bytes(part)
        size += len(content)
        if kind == "message/rfc822" or name or part.get_content_disposition() == "attachment":
            attached.append((name or ("message.eml" if kind == "message/rfc822" else "attachment"), content))
        elif kind == "text/plain":
            words.append(_decoded(part, content))
        elif kind == "text/html":
            web.append(_without_tags(_decoded(part, content)))
        elif content:
            attached.append((kind.replace("/", "."), content))
    text = "\n\n".join(w for w in (words or web) if w.strip())
    if sum(map(len, words + web)) > MOST_TEXT:
        raise PaperError(f"the e-mail has more than {MOST_TEXT:,} characters: send the request itself as PDF")
    return head, text, attached


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """The leaves of the message, in order; an e-mail within it is a leaf."""
    if depth > MOST_DEPTH:
        raise PaperError(_NEST)
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for count, part in enumerate(cast(list[Message], message.get_payload())):
        if count >= MOST_PARTS:
            raise PaperError(f"the e-mail has more than {MOST_PARTS} parts: send the request itself as PDF")
        yield from _parts(part, depth + 1)


def _header(message: Message, name: str) -> str:
    try:
        value = message.get(name)
    except Exception:  # a head that the parser itself cannot take apart
        return ""
    return " ".join("".join(c for c in str(value or "") if c.isprintable() or c.isspace()).split())[:500]


def _name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # as above
        return "attachment"
    name = "".join(c for c in str(name) if c.isprintable())
    return re.split(r"[/\\]", name)[-1][:120]


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Message) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decoded(part: Message, content: bytes) -> str:
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeError, OSError):  # OSError: a codec that the worker may not load any more
            continue
    return content.decode("latin-1")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "title")
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4"):
            self.out.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "title") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.out.append(data)


def _without_tags(page: str) -> str:
    words = _Words()
    words.feed(page)
    words.close()
    return "".join(words.out)
