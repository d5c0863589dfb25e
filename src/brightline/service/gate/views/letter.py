"""The answer: the letter as it would go out, signing it, and the files as they were signed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brightline.reason.speech import LANGUAGES
from brightline.report import letter as letters
from brightline.report.about import ReportError
from brightline.service.gate import words
from brightline.service.gate.errors import GateError
from brightline.service.gate.letters import answer_letter, draft
from brightline.service.gate.models import Letter
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to

FILES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@open_to(*READERS)
@spoken
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """The letter before it is signed, or that it was signed, by whom and when."""
    asked, person = found(request, number), me(request)
    language = str(request.POST.get("language") or request.GET.get("language") or "en")
    language = language if language in LANGUAGES else "en"
    kept = Letter.objects.filter(request=asked).select_related("by").first()
    problem, blocks = "", []
    if request.method == "POST":
        if not person.may(*WRITERS):
            raise Http404
        try:
            answer_letter(asked, person, language)
        except (GateError, ReportError) as error:
            problem = words.plain(error)
        else:
            messages.success(request, _("The letter is signed and kept. Send it the way that the request came."))
            return redirect("letter", asked.number)
    if kept is None:
        try:
            blocks = [_block(b) for b in letters.told(draft(asked, person, language)).blocks]
        except (GateError, ReportError) as error:
            problem = problem or words.plain(error)
    looked_at(request, asked, "letter")
    context = {
        "asked": asked,
        "kept": kept,
        "blocks": blocks,
        "problem": problem,
        "language": language,
        "languages": LANGUAGES.items(),
        "writes": person.may(*WRITERS),
    }
    return render(request, "gate/letter.html", context, status=422 if request.method == "POST" else 200)


def _block(block: letters.Block) -> tuple[str, Any]:
    return type(block).__name__.lower(), block


@open_to(*READERS)
@require_GET
def file(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The signed letter to the byte."""
    asked = found(request, number)
    kept = get_object_or_404(Letter, request=asked)
    looked_at(request, asked, "letter file")
    answer = HttpResponse(bytes(kept.pdf if kind == "pdf" else kept.docx), content_type=FILES[kind])
    answer["Content-Disposition"] = f'attachment; filename="answer-{asked.number}.{kind}"'
    return answer
