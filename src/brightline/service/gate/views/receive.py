"""Take a request in: from the paper that it came on, or from a form; and complete what a paper did not say."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from brightline.contact.problems import ContactError
from brightline.papers import PaperError, read_paper
from brightline.service.gate import words
from brightline.service.gate.amend import amend
from brightline.service.gate.errors import GateError
from brightline.service.gate.forms import PaperForm, RequestForm, too_large
from brightline.service.gate.from_paper import first_filling
from brightline.service.gate.receive import keep_paper, must_be_open, receive
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.views.papers import told
from brightline.service.gate.words import spoken
from brightline.service.people.guard import WRITERS, me, open_to
from brightline.service.record.write import recording


@open_to(*WRITERS)
@spoken
def new(request: HttpRequest) -> HttpResponse:
    """A new request. A paper makes one at once, with what was read in it, so that its receipt is on record; the form
    to complete it comes next."""
    dropped = request.method == "POST" and ("drop" in request.POST or too_large(request))
    paper = PaperForm(request.POST if dropped else None, request.FILES if dropped else None)
    form = RequestForm(me(request).agency, request.POST if request.method == "POST" and not dropped else None)
    problem = ""
    if dropped:
        if too_large(request):
            problem = _("The file is larger than 25 MB: send only the pages of the request.")
        elif paper.is_valid():
            try:
                return _from_paper(request, paper)
            except (PaperError, GateError, ContactError) as error:
                problem = words.plain(error)
        context = {"form": form, "paper": paper, "paper_problem": problem}
        return render(request, "gate/request_new.html", context, status=422)
    if form.is_bound and form.is_valid():
        try:
            made = receive(me(request), **form.told())
        except (GateError, ContactError) as error:
            problem = words.plain(error)
        else:
            messages.success(request, _("Request {number} is on record.").format(number=made.number))
            return redirect("interview", made.number)
    context = {"form": form, "paper": paper, "problem": problem}
    return render(request, "gate/request_new.html", context, status=422 if form.is_bound else 200)


def _from_paper(request: HttpRequest, form: PaperForm) -> HttpResponse:
    file = form.cleaned_data["paper"]
    data, name = file.read(), file.name or "paper"
    reading = read_paper(data, name)
    made = receive(me(request), **first_filling(reading, timezone.now()))
    with recording() as record:
        keep_paper(made, me(request), name, data, reading, record)
    messages.success(
        request, _("The paper is kept, and request {number} is on record. Now complete it.").format(number=made.number)
    )
    return redirect("request_complete", made.number)


@open_to(*WRITERS)
@spoken
def complete(request: HttpRequest, number: str) -> HttpResponse:
    """What a paper did not say, or what was entered wrongly; while the request is open."""
    asked = found(request, number)
    form = RequestForm(asked.agency, request.POST if request.method == "POST" else None, asked)
    problem = ""
    try:
        must_be_open(asked)
        if form.is_bound and form.is_valid():
            amend(asked, me(request), **form.told())
            messages.success(request, _("What you entered is on record."))
            return redirect("interview", asked.number)
    except (GateError, ContactError) as error:
        problem = words.plain(error)
    looked_at(request, asked, "complete")
    context = {
        "asked": asked,
        "form": form,
        "problem": problem,
        "papers": [told(p) for p in asked.papers.all()],
    }
    return render(request, "gate/request_complete.html", context, status=422 if form.is_bound or problem else 200)
