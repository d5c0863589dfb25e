"""The interview: one question at a time, with the clause that asks it; an earlier answer can be changed.

A list of records is a table of rows; "one more row" is a button of the form, so that it needs no script.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from pydantic import ValidationError

from brightline.contact.problems import ContactError
from brightline.law.vocabulary import MEANT, Record
from brightline.reason import say
from brightline.reason.ask import Question
from brightline.reason.decide import Decision, decide
from brightline.reason.explain import plain_verdict
from brightline.reason.speech import _ as spoken_word
from brightline.service.gate import ask, words
from brightline.service.gate.errors import GateError
from brightline.service.gate.known import known
from brightline.service.gate.law import contact_of, law, reasoner_of
from brightline.service.gate.models import Request, State
from brightline.service.gate.views.found import found, looked_at
from brightline.service.gate.words import spoken
from brightline.service.people.guard import WRITERS, me, open_to

MOST_ROWS = 40
FIRST_ROWS = 2  # that are shown before anybody asks for one more


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a list of records."""

    name: str
    title: str
    type: str
    choices: tuple[tuple[str, str], ...]
    unit: str


@open_to(*WRITERS)
@spoken
def interview(request: HttpRequest, number: str) -> HttpResponse:
    """Ask what can change the answer; take the answer, and ask again."""
    asked = found(request, number)
    changing = str(request.POST.get("fact") or request.GET.get("fact") or "")
    question = _again(changing) if changing else ask.question(asked)
    if request.method == "POST":
        if question is None:
            raise Http404
        return _answered(request, asked, question)
    looked_at(request, asked, "interview")
    return _page(request, asked, question, changing, given=_given(asked, changing), rows=_rows_of(asked, question))


def _answered(request: HttpRequest, asked: Request, question: Question) -> HttpResponse:
    data, changing = request.POST, request.POST.get("changing", "")
    if question.type == "records" and ("more" in data or "less" in data):
        rows = _rows_sent(data, question.name)
        if "less" in data and str(data["less"]).isdigit():
            rows = [r for n, r in enumerate(rows) if n != int(data["less"])]
        rows = rows[:MOST_ROWS] + ([{}] if "more" in data and len(rows) < MOST_ROWS else [])
        return _page(request, asked, question, changing, given=data.dict(), rows=rows)
    try:
        value = _value(data, question)
        basis = str(data.get("basis", "")) or None
        shown_by = str(data.get("shown_by", ""))
        if question.kind in ("frame", "act") and value is not None:
            basis, shown_by = "verified", shown_by or _("the request itself")
        ask.answer(asked, me(request), question.name, value, basis=basis, shown_by=shown_by)
    except ValidationError as error:
        problem = words.plain(error.errors()[0]["msg"])
    except (GateError, ContactError) as error:
        problem = words.plain(error)
    else:
        messages.success(request, _("The answer is on record."))
        return redirect("interview", asked.number)
    sent = _rows_sent(data, question.name)
    return _page(request, asked, question, changing, given=data.dict(), rows=sent, problem=problem)


def _page(
    request: HttpRequest,
    asked: Request,
    question: Question | None,
    changing: str,
    *,
    given: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
    problem: str = "",
) -> HttpResponse:
    decision = decide(contact_of(asked), reasoner_of(asked))
    open_ = asked.state == State.OPEN
    columns = _columns(question) if question is not None and question.type == "records" else ()
    context = {
        "asked": asked,
        "question": question,
        "changing": changing,
        "choices": _choices(question) if question is not None else (),
        "columns": columns,
        "rows": [[(c, r.get(c.name, "")) for c in columns] for r in (rows or [{}] * FIRST_ROWS)] if columns else (),
        "given": given,
        "problem": problem,
        "verdict": decision.verdict,
        "as_verified": decision.as_verified,
        "said": said(decision),
        "known": known(asked),
        "texts": _paragraphs(question),
        "open": open_,
    }
    return render(request, "gate/interview.html", context, status=422 if problem else 200)


def said(decision: Decision) -> str:
    """The verdict in one sentence, without the laws that are not encoded: a page lists those by themselves."""
    if not decision.findings and decision.verdict == "unsettled":
        return decision.sentence  # the day, the agency or the act is missing
    return plain_verdict(decision.verdict, decision.deciding, decision.findings, decision.by_choice)


def _paragraphs(question: Question | None) -> list[tuple[str, list[str]]]:
    """The clauses behind a question. A rule and its exception may stand in one clause: it is shown once, under both names."""
    cites: dict[str, list[str]] = {}
    for cite, text in question.texts if question is not None else ():
        cites.setdefault(text, []).append(cite)
    return [
        ("; ".join(named), [" ".join(p.split()) for p in text.split("\n\n") if p.strip()])
        for text, named in cites.items()
    ]


def _again(name: str) -> Question:
    """The question about a fact that was answered before, or that somebody wants to answer first."""
    vocabulary = law().vocabulary
    if name.startswith(MEANT) and name.removeprefix(MEANT) in vocabulary.actions:
        return Question(name, "act", words.question(name), "yes/no")
    declared = vocabulary.facts.get(name) or vocabulary.records.get(name)
    if declared is None:
        if name == "action":
            return _frame()
        raise Http404
    told = {"help": declared.help, "proof": declared.proof, "stated_by": declared.stated_by}
    shared: dict[str, Any] = {n: spoken_word(t) for n, t in told.items()}
    if isinstance(declared, Record):
        return Question(
            name, "record", words.question(name), "records", values=tuple(f.name for f in declared.fields), **shared
        )
    return Question(
        name, "fact", words.question(name), declared.type, values=declared.values, unit=declared.unit, **shared
    )


def _frame() -> Question:
    from brightline.service.gate.forms import GROUPS

    acts = tuple(a for _title, group in GROUPS for a in group)
    return Question("action", "frame", spoken_word("What was asked or done?"), "action", values=acts)


def _choices(question: Question) -> tuple[tuple[str, str], ...]:
    """What can be chosen, the value and its words; empty for a number, a day or a list of records."""
    if question.type == "yes/no":
        declared = law().vocabulary.facts.get(question.name)
        said = declared.said if declared else {}
        return tuple(
            (v, f"{title}: {spoken_word(said[v])}" if said.get(v) else title)
            for v, title in (("yes", _("Yes")), ("no", _("No")))
        )
    if question.type == "list":
        return tuple((v, words.choice(question.name, v).rstrip(".")) for v in question.values)
    if question.type == "action":
        return tuple((v, say.sentence(say.action(v, law().vocabulary)).rstrip(".")) for v in question.values)
    return ()


def _columns(question: Question) -> tuple[Column, ...]:
    declared = law().vocabulary.records[question.name]
    found = []
    for name in question.values:
        field = declared.field(name)
        if field is None:
            continue
        if field.type == "yes/no":
            choices: tuple[tuple[str, str], ...] = (("yes", _("yes")), ("no", _("no")))
        else:
            choices = tuple(
                (v, say.sentence(spoken_word(field.said.get(v, v.replace("_", " ")))).rstrip(".")) for v in field.values
            )
        found.append(Column(name, words.field_name(field), field.type, choices, spoken_word(field.unit)))
    return tuple(found)


def _given(asked: Request, name: str) -> dict[str, Any]:
    """The answer as it stands, for the form that changes it."""
    told = asked.facts.get(name) or asked.records.get(name) or {}
    value = told.get("value")
    plain = _plain(value)
    complete = _plain(told.get("complete"))
    return {
        "value": plain,
        "basis": told.get("basis") or "",
        "shown_by": told.get("shown_by") or "",
        "complete": complete,
    }


def _rows_of(asked: Request, question: Question | None) -> list[dict[str, Any]] | None:
    if question is None or question.type != "records":
        return None
    kept = (asked.records.get(question.name) or {}).get("records") or []
    return [{n: _plain(v) for n, v in r.items()} for r in kept] or None


def _plain(value: Any) -> str:
    """A value as the form has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _rows_sent(data: QueryDict, record: str) -> list[dict[str, Any]]:
    """The rows of the form, those without any entry left out unless they stand before one that has some."""
    if record not in law().vocabulary.records:
        return []
    fields = [f.name for f in law().vocabulary.records[record].fields]
    columns = {f: data.getlist(f"row_{f}") for f in fields if f"row_{f}" in data}
    count = min(max((len(c) for c in columns.values()), default=0), MOST_ROWS)
    return [{f: c[n] for f, c in columns.items() if n < len(c)} for n in range(count)]


def _value(data: QueryDict, question: Question) -> Any:
    """The answer as the step takes it; None when it is not known. Raises GateError with what is to be mended."""
    told = str(data.get("value", "")).strip()
    if question.type == "records":
        return _records(data, question)
    if told == "unknown":
        return None
    if not told:
        raise GateError(_("choose an answer, or say that it is not known"))
    match question.type:
        case "yes/no":
            if told not in ("yes", "no"):
                raise GateError(_("answer yes, no or not known"))
            return told == "yes"
        case "number":
            number = _number(str(data.get("number", "")))
            if number is None:
                raise GateError(_("write the number in figures, such as 48"))
            return number
        case "date":
            try:
                return date.fromisoformat(str(data.get("day", ""))).isoformat()
            except ValueError:
                raise GateError(_("write the day as 2026-11-28")) from None
    if question.values and told not in question.values:
        raise GateError(_("choose one of the answers on the page"))
    return told


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _records(data: QueryDict, question: Question) -> dict[str, Any] | None:
    told = str(data.get("complete", ""))
    if told == "unknown":
        return None
    if told not in ("yes", "no"):
        raise GateError(_("say whether these are all the records that there are"))
    declared = law().vocabulary.records[question.name]
    records = []
    for n, row in enumerate(_rows_sent(data, question.name), 1):
        kept: dict[str, Any] = {}
        for field in declared.fields:
            text = str(row.get(field.name, "")).strip()
            if not text:
                continue
            if field.type == "yes/no":
                kept[field.name] = text == "yes"
            elif field.type == "number":
                number = _number(text)
                if number is None:
                    raise GateError(_("row {n}: write the number in figures, such as 5").format(n=n))
                kept[field.name] = number
            else:
                kept[field.name] = text
        if kept:
            records.append(kept)
    basis = str(data.get("basis", "")) or None
    return {
        "records": records,
        "complete": told == "yes",
        "basis": basis,
        "shown_by": str(data.get("shown_by", "")) or None,
    }
