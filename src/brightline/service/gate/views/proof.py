"""The proof: every record of a request in the ledger, and a receipt of each with the fields that one chooses to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brightline.ledger.verify_page import verify_page
from brightline.service.gate.history import HIDDEN, LOOKS, entries_of, shown_to
from brightline.service.gate.models import Request
from brightline.service.gate.views.found import found, looked_at, sees_why
from brightline.service.gate.words import spoken
from brightline.service.home import home
from brightline.service.people.guard import READERS, me, open_to
from brightline.service.record.keeper import keeper
from brightline.service.record.models import Entry
from brightline.service.record.write import hand_over

MOST = 300


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    at: datetime
    index: int
    look: bool


@open_to(*READERS)
@spoken
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """What the ledger has about the request."""
    asked = found(request, number)
    looked_at(request, asked, "proof")
    every = list(entries_of(asked).order_by("-id")[:MOST])
    _indexed(every)
    lines = [Line(e.what, e.at, e.index or 0, e.what in LOOKS) for e in every]
    context = {
        "asked": asked,
        "lines": [line for line in lines if not line.look],
        "looks": [line for line in lines if line.look],
    }
    return render(request, "gate/proof.html", context)


@open_to(*READERS)
@spoken
def receipt(request: HttpRequest, number: str, index: int) -> HttpResponse:
    """Choose which fields of a record a receipt shows; sent, it is the file."""
    asked = found(request, number)
    entry = _entry(asked, index)
    fields = shown_to(entry, sees_why(me(request)))
    if request.method == "POST":
        chosen = [name for name in request.POST.getlist("field") if name in fields]
        looked_at(request, asked, "receipt")
        answer = HttpResponse(keeper().receipt(index, chosen), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{asked.number}-{index}.tlog-proof"'
        return answer
    looked_at(request, asked, "receipt")
    context = {
        "asked": asked,
        "entry": entry,
        "index": index,
        "fields": [(name, _said(value), name in ("person", "released")) for name, value in fields.items()],
        "hidden": entry.what in HIDDEN and not sees_why(me(request)),
    }
    return render(request, "gate/receipt.html", context)


@open_to(*READERS)
@require_GET
def checker(request: HttpRequest) -> HttpResponse:
    """The page that checks a receipt, trusting this ledger's key. It is saved and opened from a folder: it needs no network."""
    answer = HttpResponse(verify_page((home().ledger / "policy").read_text()), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.html"'
    return answer


def _entry(asked: Request, index: int) -> Entry:
    """The record with this index, if it is about this request."""
    entry = entries_of(asked).filter(index=index).first()
    if entry is None:
        waiting = list(entries_of(asked).filter(index=None))
        _indexed(waiting)
        entry = next((e for e in waiting if e.index == index), None)
    if entry is None:
        raise Http404
    return entry


def _indexed(entries: list[Entry]) -> None:
    """A record whose index was not noted yet is asked for again: the ledger knows it by its uid, and writes nothing twice."""
    if waiting := [e for e in entries if e.index is None and e.payload is not None]:
        hand_over(waiting)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_said(v)}" for k, v in value.items()) or _("none")
    if isinstance(value, list):
        return ", ".join(_said(v) for v in value) or _("none")
    return (
        {True: _("yes"), False: _("no"), None: _("not known")}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )
