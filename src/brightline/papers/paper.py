"""A file, opened: its pages as text and picture, its form fields, and the files attached to it. Nothing is judged yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from brightline.papers.reading import FileType, Signed


@dataclass(frozen=True)
class Page:
    number: int  # from 1
    text: str = ""  # the text that the file itself holds
    is_picture: bool = False  # what a person sees here is a picture: the text of the file does not show it
    picture: bytes | None = None  # PNG, upright and grey, for Tesseract
    seen: str | None = None  # what Tesseract read; None: it was not read


@dataclass(frozen=True)
class Field:
    """A field of a fillable form, or of the head of an e-mail."""

    name: str
    value: str
    ticked: bool | None = None  # of a box; None: not a box


@dataclass(frozen=True)
class Paper:
    name: str
    file_type: FileType
    pages: tuple[Page, ...] = ()
    fields: tuple[Field, ...] = ()
    signature: Signed = "unknown"  # a digital signature field, where there is one
    marks: bool = False  # the pages carry drawings or pictures that may be a signature by hand
    notes: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()


def pictures(paper: Paper) -> Iterator[bytes]:
    """The pictures to be read, in the order in which `with_texts` wants their texts."""
    yield from (page.picture for page in paper.pages if page.picture is not None)
    for inner in paper.papers:
        yield from pictures(inner)


def with_texts(paper: Paper, texts: Sequence[str | None]) -> Paper:
    """The paper with what was read from its pictures; a picture for which no text is left stays unread."""
    return _with_texts(paper, iter(texts))


def _with_texts(paper: Paper, texts: Iterator[str | None]) -> Paper:
    pages = tuple(
        page if page.picture is None else replace(page, seen=next(texts, None), picture=None) for page in paper.pages
    )
    return replace(paper, pages=pages, papers=tuple(_with_texts(inner, texts) for inner in paper.papers))
