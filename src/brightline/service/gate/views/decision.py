"""Decide a request: what the law says and why, what that rests on, and the forms by which it is decided.

Of a stopped request this page says one sentence, whatever the reason; why it was stopped is told to reviewers and auditors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brightline.contact.problems import ContactError
from brightline.reason.decide import decide
from brightline.reason.speech import _ as spoken_word
from brightline.report import reliability
from brightline.report.statutory.event import Information
from brightline.service.gate import ask, numbers, words
from brightline.service.gate.decide import obstacles, propose, second, unverified, waive
from brightline.service.gate.errors import GateError
from brightline.service.gate.law import contact_of, law, reasoner_of
from brightline.service.gate.lit import read_for
from brightline.service.gate.models import Came, FollowUp, Outcome, Proposal, Request, State
from brightline.service.gate.views.found import found, looked_at, sees_why
from brightline.service.gate.views.interview import said
from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, WRITERS, me, open_to
from brightline.service.people.models import Person, Role

FIRST_ROWS = 3  # of what is released, before anybody asks for more
MOST_ROWS = 40
MOST_OPEN = 2  # norms that decide and are shown unfolded; more are too much to read at once


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact that is only stated, and on which the verdict rests. `signed`: the reviewer's reason, when there is one."""

    name: str
    said: tuple[str, ...]
    shown_by: str
    proof: str
    signed: str
    by: str


@open_to(*READERS)
@spoken
def decision(request: HttpRequest, number: str) -> HttpResponse:
    """The decision page, and each of its forms."""
    asked, person = found(request, number), me(request)
    if request.method == "POST":
        if not person.may(*WRITERS):
            raise Http404
        if request.POST.get("step") in ("more", "less"):
            return _page(request, asked, person, given=request.POST)
        try:
            done = _taken(request.POST, asked, person)
        except (GateError, ContactError) as error:
            asked.refresh_from_db()
            return _page(request, asked, person, given=request.POST, problem=words.plain(error))
        messages.success(request, done)
        return redirect("decision", asked.number)
    looked_at(request, asked, "decision")
    return _page(request, asked, person)


def _taken(data: QueryDict, asked: Request, person: Person) -> str:
    """Take the step that the form names. Returns what to say of it; raises GateError, ContactError."""
    fact = str(data.get("fact", ""))
    match data.get("step"):
        case "verify":
            told = asked.facts.get(fact) or asked.records.get(fact)
            if told is None:
                raise Http404
            value = told if fact in asked.records else told["value"]
            shown_by = str(data.get("shown_by", ""))
            if fact in asked.records:
                value = {**told, "basis": "verified", "shown_by": shown_by}
            ask.answer(asked, person, fact, value, basis="verified", shown_by=shown_by)
            return _("It is noted as verified.")
        case "waive":
            waive(asked, person, fact, str(data.get("why", "")))
            return _("Your reason is on record.")
        case "propose":
            made = propose(
                asked,
                person,
                _one_of(str(data.get("outcome", "")), Outcome.values, _("choose what is decided")),
                str(data.get("reason", "")),
                release=_whole(_release(data)),
                information=data.getlist("information"),
                emergency=data.get("emergency") == "on",
            )
            if asked.state == State.DECIDED:
                return _("It is decided. The letter comes next.")
            return _("Your proposal is on record. It waits for a second person.") if made else ""
        case "second":
            agrees = _one_of(str(data.get("agrees", "")), ("yes", "no"), _("say whether you agree")) == "yes"
            second(_waiting(asked), person, agrees, str(data.get("reason", "")))
            return _("Your word is on record.")
    raise Http404


def _one_of(told: str, known: Any, why: str) -> str:
    if told not in known:
        raise GateError(why)
    return told


def _waiting(asked: Request) -> Proposal:
    """The proposal that waits for a second person. GateError when none does."""
    last = asked.proposals.filter(seconded=None).exclude(outcome=Outcome.REFUSED).last()
    if last is None:
        raise GateError(_("nothing waits for a second person any more"))
    return last


def _release(data: QueryDict) -> list[tuple[str, str]]:
    """The rows of what is released, as they were sent: name and value of each field."""
    pairs = zip(data.getlist("label"), data.getlist("told"), strict=False)
    return [(label.strip()[:200], value.strip()[:2000]) for label, value in pairs][:MOST_ROWS]


def _whole(rows: list[tuple[str, str]]) -> dict[str, str]:
    """What is released, the empty rows left out. GateError for half a row, and for a name that stands there twice."""
    if any(bool(label) != bool(value) for label, value in rows):
        raise GateError(_("each row of what is released needs both its name and its value"))
    names = [label for label, _value in rows if label]
    if len(names) != len(set(names)):
        raise GateError(_("two rows of what is released have the same name; give each its own"))
    return {label: value for label, value in rows if label}


def _page(
    request: HttpRequest, asked: Request, person: Person, *, given: QueryDict | None = None, problem: str = ""
) -> HttpResponse:
    status = 422 if problem else 200
    writes = person.may(*WRITERS)
    if asked.stopped and not sees_why(person):
        context: dict[str, Any] = {
            "asked": asked,
            "nothing": numbers.NOTHING_SAID,
            "problem": problem,
            "writes": writes,
        }
        return render(request, "gate/decision_stopped.html", context, status=status)
    judged = decide(contact_of(asked), reasoner_of(asked))
    waiting = asked.proposals.filter(seconded=None).exclude(outcome=Outcome.REFUSED).select_related("by").last()
    rows = _release(given) if given is not None else []
    if given is not None and given.get("step") == "more":
        rows = [*rows, ("", "")]
    rows += [("", "")] * max(0, FIRST_ROWS - len(rows))
    context = {
        "asked": asked,
        "person": person,
        "writes": writes,
        "problem": problem,
        "given": given or {},
        "kinds": [
            (k, words.information(k), given is not None and k in given.getlist("information"))
            for k in get_args(Information)
        ],
        "rows": rows,
        "judged": judged,
        "said": said(judged),
        "readings": (judged.explanation or {}).get("readings") or [],
        "contradiction": (judged.explanation or {}).get("contradiction", ""),
        "actions": _speaking(judged.explanation, {f.norm for f in judged.deciding or judged.findings}),
        "duties": (judged.explanation or {}).get("duties") or [],
        "settled_by": [[words.question(f) for f in facts] for facts in judged.settled_by][:4],
        "exceptions": list(dict.fromkeys(f.exception for f in judged.deciding or judged.findings if f.exception)),
        "statements": _statements(asked),
        "waived_all": bool(asked.rests_on) and not unverified(asked),
        "sections": read_for(judged.deciding or judged.findings, law(), asked.day),
        "office_said": _reliability(asked),
        "force": _task_force(asked),
        "open": asked.state in (State.OPEN, State.STOPPED),
        "obstacles": [words.plain(o) for o in obstacles(asked, person)],
        "waiting": waiting,
        "may_second": waiting is not None and waiting.by_id != person.pk and person.may(Role.REVIEWER, Role.RECORDS),
        "reviewer": person.may(Role.REVIEWER),
        "proposals": list(asked.proposals.select_related("by", "seconded_by")),
        "why": asked.number_checks.last() if asked.stopped else None,
        "nothing": numbers.NOTHING_SAID,
        "looked_up": asked.number_checks.exists(),
    }
    return render(request, "gate/decision.html", context, status=status)


def _speaking(explanation: dict[str, Any] | None, named: set[str]) -> list[dict[str, Any]]:
    """The tree of reasons, the norms that the verdict names first; of readings that say the same, one."""
    found = []
    for action in (explanation or {}).get("actions") or []:
        seen: list[dict[str, Any]] = []
        for norm in sorted(action["norms"], key=lambda n: n["norm"] not in named):
            if not any({**n, "reading": None} == {**norm, "reading": None} for n in seen):
                seen.append(
                    {**norm, "named": norm["norm"] in named, "open": norm["norm"] in named and len(named) <= MOST_OPEN}
                )
        found.append({**action, "norms": seen})
    return found


def _statements(asked: Request) -> list[Statement]:
    """What the verdict rests on and is only stated, with what would prove it, and what a reviewer has signed."""
    signed = {w.fact: w for w in asked.waivers.select_related("by")}
    vocabulary, found = law().vocabulary, []
    for fact in sorted({f for facts in asked.rests_on for f in facts}):
        told = asked.facts.get(fact) or asked.records.get(fact) or {}
        sentences = (
            tuple(words.records(fact, told)) if fact in asked.records else (words.fact(fact, told.get("value")),)
        )
        declared = vocabulary.facts.get(fact) or vocabulary.records.get(fact)
        waiver = signed.get(fact)
        found.append(
            Statement(
                fact, sentences, words.shown_by(told.get("shown_by") or ""), spoken_word(declared.proof) if declared else "",
                waiver.why if waiver else "", waiver.by.name if waiver else "",
            )
        )  # fmt: skip
    return found


def _reliability(asked: Request) -> list[str]:
    """What became of the grants to this office for a stated crime."""
    if asked.office is None:
        return []
    rows = FollowUp.objects.filter(request__agency=asked.agency, request__office=asked.office).values_list(
        "outcome", flat=True
    )
    name = asked.office.name
    counted = reliability.reliability((name, o or Came.UNKNOWN) for o in rows)
    told = counted[0] if counted else reliability.Reliability(name)
    return [s for s in (reliability.sentence(told), reliability.bounds_sentence(told)) if s]


def _task_force(asked: Request) -> Any:
    """What came through the request's task force before; None when there is none."""
    if asked.task_force is None:
        return None
    from brightline.service.gate.registers import history

    return history(asked.task_force)
