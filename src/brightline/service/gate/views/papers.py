"""The papers of a request: what each was read as and why, what it states, and the file as it came."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brightline.papers import ADMINISTRATIVE, FIELDS, KINDS, Kind, PaperError, Reading
from brightline.service.gate import words
from brightline.service.gate.errors import GateError
from brightline.service.gate.forms import PaperForm, too_large
from brightline.service.gate.models import Paper
from brightline.service.gate.receive import attach
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reading for a page: the file itself, or something attached to it."""

    reading: Reading
    kind: Kind
    officers_warrant: bool  # a warrant of an immigration officer: no judge has seen it
    stated: tuple[tuple[str, str, str], ...]  # what, value, where it stands


@dataclass(frozen=True, slots=True)
class Told:
    """A paper with everything that was read in it."""

    paper: Paper
    sheets: tuple[Sheet, ...]
    foremost: Kind

    @property
    def administrative(self) -> tuple[str, ...]:
        """Titles of the papers here that an immigration officer has made, and that may be taken for a judge's."""
        return tuple(dict.fromkeys(s.kind.title for s in self.sheets if s.reading.kind in ADMINISTRATIVE))


def told(paper: Paper) -> Told:
    """A paper's stored reading, ready to be shown: the form before the e-mail that it came with."""
    reading = Reading.from_json(paper.reading)
    first = reading.foremost()
    sheets = sorted(reading.all(), key=lambda r: r is not first)
    return Told(paper, tuple(_sheet(r) for r in sheets), _kind(first.kind))


def _kind(name: str) -> Kind:
    """A kind of paper in the reader's language."""
    kind = KINDS[name]
    return replace(kind, title=_(kind.title), about=_(kind.about))


def _sheet(reading: Reading) -> Sheet:
    stated = tuple(
        (_(FIELDS.get(s.field, s.field)), s.value, _("page {n}").format(n=s.page) if s.page else s.where)
        for s in reading.stated
    )
    return Sheet(reading, _kind(reading.kind), reading.kind in ("i200", "i205"), stated)


@open_to(*READERS)
@spoken
def shown(request: HttpRequest, number: str, paper: int) -> HttpResponse:
    """What was read in one paper."""
    asked = found(request, number)
    kept = get_object_or_404(Paper, request=asked, pk=paper)
    looked_at(request, asked, "paper")
    return render(request, "gate/paper.html", {"asked": asked, "told": told(kept)})


@open_to(*WRITERS)
@spoken
def added(request: HttpRequest, number: str) -> HttpResponse:
    """Keep one more paper with the request."""
    asked = found(request, number)
    post = request.method == "POST"
    form = PaperForm(request.POST if post else None, request.FILES if post else None)
    problem = ""
    if too_large(request):
        problem = _("The file is larger than 25 MB: send only the pages of the request.")
    elif post and form.is_valid():
        file = form.cleaned_data["paper"]
        try:
            kept = attach(asked, me(request), file.name or "paper", file.read())
        except (PaperError, GateError) as error:
            problem = words.plain(error)
        else:
            messages.success(request, _("The paper is kept."))
            return redirect("paper", asked.number, kept.pk)
    looked_at(request, asked, "papers")
    return render(
        request, "gate/paper_new.html", {"asked": asked, "form": form, "problem": problem}, status=422 if post else 200
    )


@open_to(*READERS)
@require_GET
def original(request: HttpRequest, number: str, paper: int) -> FileResponse | HttpResponse:
    """The file to the byte. It is always saved, never shown: what others sent is not opened in this page's name."""
    import io

    asked = found(request, number)
    kept = get_object_or_404(Paper, request=asked, pk=paper)
    looked_at(request, asked, "original")
    return FileResponse(
        io.BytesIO(kept.original), as_attachment=True, filename=kept.name, content_type="application/octet-stream"
    )
