"""An opened paper -> its reading; the attachments of an e-mail each get a reading of their own."""

from __future__ import annotations

from brightline.papers import evidence
from brightline.papers.kind import shown, tell
from brightline.papers.paper import Paper
from brightline.papers.reading import Reading
from brightline.papers.stated import stated


def understand(paper: Paper) -> Reading:
    """Judge a paper by what was read of it."""
    pages = shown(paper)
    told = tell(paper)
    return Reading(
        name=paper.name[:200],
        file_type=paper.file_type,
        kind=told.kind,
        sure=told.sure,
        why=told.why,
        stated=stated(paper, pages, told.kind),
        signed=told.signed,
        issuer=told.issuer,
        notes=(*paper.notes, *_unread(paper), *told.notes),
        papers=tuple(understand(inner) for inner in paper.papers),
        text="\n\n".join(p.text.strip("\n") for p in pages),
        pages=len(paper.pages),
    )


def may_be_a_courts(paper: Paper) -> bool:
    """Does the text of a PDF look like a paper of a court, so that its pages have to be looked at as well?"""
    pages = shown(paper)
    if paper.file_type == "pdf" and any(m.what == "court" for m in evidence.courts_marks(pages)):
        return not any(True for _ in evidence.no_judge(pages))
    return any(may_be_a_courts(inner) for inner in paper.papers)


def _unread(paper: Paper) -> list[str]:
    missing = [page.number for page in paper.pages if page.is_picture and page.seen is None]
    if not missing:
        return []
    which = "page " + str(missing[0]) if len(missing) == 1 else "pages " + ", ".join(map(str, missing))
    are = "is a picture" if len(missing) == 1 else "are pictures"
    return [f"{which} {are} that could not be read: Tesseract is not installed, or it did not manage"]
