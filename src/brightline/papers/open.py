"""Opens a file of any type that is read; the attachments of an e-mail are opened the same way."""

from __future__ import annotations

from dataclasses import replace

from brightline.papers.content import as_text, note_on_name, type_of
from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.limits import MOST_DEPTH
from brightline.papers.mail import open_mail
from brightline.papers.paper import Page, Paper, pictures
from brightline.papers.pdf import open_pdf
from brightline.papers.picture import for_tesseract, open_picture


def open_paper(data: bytes, name: str, room: int = 0, look: bool = False, depth: int = 0) -> Paper:
    """Open a file. Up to `room` pages get a picture for Tesseract: those that need it, and with `look` every one."""
    file_type = type_of(data)
    note = note_on_name(name, file_type)
    if file_type == "pdf":
        paper = open_pdf(data, name, room, look)
    elif file_type == "image":
        image = open_picture(data)
        picture = for_tesseract(image) if room > 0 else None
        paper = Paper(name, "image", (Page(1, is_picture=True, picture=picture),), marks=True)
    elif file_type == "text":
        paper = Paper(name, "text", (Page(1, as_text(data)),))
    else:
        paper = _open_mail(data, name, room, look, depth)
    return replace(paper, notes=(*([note] if note else []), *paper.notes))


def _open_mail(data: bytes, name: str, room: int, look: bool, depth: int) -> Paper:
    if depth > MOST_DEPTH:
        raise DangerousPaper(
            f"e-mails are attached to one another more than {MOST_DEPTH} deep: send the innermost one by itself"
        )
    head, text, attached = open_mail(data)
    papers: list[Paper] = []
    notes: list[str] = []
    for number, (inner, content) in enumerate(attached, 1):
        try:
            paper = open_paper(content, inner, room, look, depth + 1)
        except DangerousPaper as error:
            raise (error if depth else DangerousPaper(f"attachment {number} of the e-mail: {error}")) from None
        except PaperError as error:
            notes.append(f"attachment {number} was not read: {error}")
            continue
        room -= sum(1 for _ in pictures(paper))
        papers.append(paper)
    return Paper(name, "email", (Page(1, text),), head, notes=tuple(notes), papers=tuple(papers))
