"""The letter that answers a request: drafted from the decision, signed once, kept to the byte.

A stopped request has one letter, whether the record is sealed or absent: the same words, no clause, no second signer, and
the rank of the officer who signs, so that nothing in it tells which it was.
"""

from __future__ import annotations

import hashlib
import re

from django.utils.translation import gettext, override

from brightline.law.tree import exceptions
from brightline.reason.speech import _, speaking
from brightline.report import letter as words
from brightline.report.letter_docx import letter_docx
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.law import law
from brightline.service.gate.models import Letter, Outcome, Proposal, Request, State
from brightline.service.gate.receive import claim
from brightline.service.hooks.announce import announce
from brightline.service.people.models import Person, Role
from brightline.service.record.write import recording

MOST_CLAUSES = 6  # whose text is quoted


def draft(request: Request, person: Person, language: str = "en") -> words.Letter:
    """The letter as it would be signed by this person now. Raises GateError when there is nothing to answer yet."""
    if request.state not in (State.DECIDED, State.STOPPED, State.ANSWERED):
        raise GateError(
            gettext("request {number} is not decided, so there is nothing to answer yet").format(number=request.number)
        )
    head = words.Letterhead(
        request.agency.name, tuple(line for line in request.agency.address.splitlines() if line.strip()),
        email=request.agency.contact,
    )  # fmt: skip
    office = request.office
    proposal = None if request.stopped else decided_by(request)
    with speaking(language), override(language):  # the roles of those who sign are words of Django
        paragraphs = words.nothing_found() if proposal is None else _paragraphs(request, proposal)
        return words.Letter(
            letterhead=head,
            dated=request.agency.today(),
            number=request.number,
            to=words.Recipient("", office.name if office else ""),
            their_reference=request.reference or None,
            received=request.day,
            subject=_("Your request"),
            decision="nothing_found" if proposal is None else request.outcome,  # type: ignore[arg-type]
            paragraphs=paragraphs,
            clauses=() if proposal is None else _clauses(request),
            released=proposal.release if proposal and request.outcome != Outcome.REFUSED else {},
            signed=words.Signer(person.name, person.title or str(person.get_role_display())),
            second=_second(proposal),
            language=language,
        )


def answer_letter(request: Request, person: Person, language: str = "en") -> Letter:
    """Sign the letter: it is kept as it is, its digest is in the ledger, and the request is answered.

    What a grant releases is in the ledger by its salted commitment. Raises GateError, ReportError.
    """
    if person.role not in (Role.OFFICER, Role.REVIEWER, Role.RECORDS):
        raise NotYours(gettext("your role signs no letters"))
    if request.state == State.ANSWERED:
        raise GateError(
            gettext("request {number} was answered before; the letter is kept with it").format(number=request.number)
        )
    made = draft(request, person, language)
    pdf = words.letter_pdf(made)
    digest = hashlib.sha256(pdf).hexdigest()
    with recording() as record:
        claim(request)
        kept = Letter.objects.create(request=request, pdf=pdf, docx=letter_docx(made), sha256=digest, by=person)
        if request.stopped and not request.outcome:
            request.outcome, request.decided_at = Outcome.REFUSED, kept.at
        request.state = State.ANSWERED
        request.save()
        announce(request.agency, "request.answered", {"number": request.number, "state": request.state})
        record(
            "decision",
            "answer letter",
            request.uid,
            {
                "request": request.number,
                "letter.pdf": f"sha256:{digest}",
                "released": dict(made.released),
                "by": str(person.uid),
            },
        )
    return kept


def decided_by(request: Request) -> Proposal:
    """The proposal by which the request was decided."""
    found = request.proposals.filter(outcome=request.outcome).order_by("id").last()
    if found is None:
        raise GateError(gettext("request {number} has no decision to answer with").format(number=request.number))
    return found


def _paragraphs(request: Request, proposal: Proposal) -> tuple[str, ...]:
    cites = [cite for cite, _text in _clauses(request)]
    if proposal.outcome == Outcome.REFUSED:
        return words.refusal(cites if request.verdict == "barred" else ())
    purpose = (request.words or {}).get("purpose", "")
    follow_up = getattr(request, "follow_up", None)
    return words.grant(
        partly=proposal.outcome == Outcome.PARTLY, releases=bool(proposal.release), purpose=purpose, cites=cites,
        follow_up=follow_up.due if follow_up else None,
    )  # fmt: skip


def _clauses(request: Request) -> tuple[tuple[str, str], ...]:
    """The clauses that decided, each with its text, and after each the exceptions to it that were used."""
    known = law()
    found: dict[str, str] = {}
    for norm in known.norms:
        if known.cite(norm.id) not in request.clauses:
            continue
        found.setdefault(known.cite(norm.id), _quoted(norm.section, norm.at.line))
        for exception in exceptions(norm.unless):
            cite = known.cite_exception(norm, exception)
            if cite in request.exceptions:
                found.setdefault(cite, _quoted(exception.section or norm.section, exception.at.line))
    return tuple(found.items())[:MOST_CLAUSES]


def _quoted(section: str, line: int) -> str:
    """The text of the clause at this line of a section, one paragraph a paragraph."""
    clause = law().sections[section].clause_at(line)
    paragraphs = re.split(r"\n\s*\n", clause.quote.strip() if clause else "")
    return "\n\n".join(" ".join(p.split()) for p in paragraphs)


def _second(proposal: Proposal | None) -> words.Signer | None:
    who = proposal.seconded_by if proposal and proposal.seconded and not proposal.emergency else None
    return words.Signer(who.name, who.title or str(who.get_role_display())) if who else None
