"""The steps on one request: papers, look-ups, the interview, the decision, the letter, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Path, Status
from ninja.files import UploadedFile

from brightline.law.vocabulary import MEANT
from brightline.papers import MOST_BYTES
from brightline.service.gate import amend, ask, decide, follow, letters, numbers, receive
from brightline.service.gate.api import shapes, shown
from brightline.service.gate.api.auth import asker, needs
from brightline.service.gate.api.errors import Refused, answers, binary, too_large
from brightline.service.gate.api.intake import frame
from brightline.service.gate.api.requests import one, viewed
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.words import Number
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.gate.law import law
from brightline.service.gate.models import Proposal, Request, State
from brightline.service.people.guard import READERS, WRITERS
from brightline.service.people.models import Role

UNDER_WAY = (State.OPEN, State.STOPPED)
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@contextmanager
def _step(request: Request, *, conflict: bool = False) -> Iterator[None]:
    """What a step refuses is a conflict (409) when the request does not stand where the step begins, or always; else 422."""
    conflict = conflict or request.state not in UNDER_WAY
    try:
        yield
    except NotYours:
        raise
    except GateError as error:
        moved = not Request.objects.filter(pk=request.pk, version=request.version).exists()
        raise Refused(409 if conflict or moved else 422, str(error)) from None


@router.put(
    "/requests/{number}",
    auth=needs("receive", *WRITERS),
    response=answers((200, shown.RequestShown), body=True),
    summary="Put a request right",
    operation_id="amend",
    tags=["steps"],
)
def amend_request(request: HttpRequest, number: Path[Number], told: shapes.FrameTold) -> shown.RequestShown:
    """Replace what was entered of a request while it is open, add these facts, and judge it again."""
    person = asker(request)
    found = one(person, number)
    with _step(found):
        amend.amend(found, person, **frame(told))
    return shown.whole(found, person)


@router.post(
    "/requests/{number}/papers", auth=needs("receive", *WRITERS), response=answers((201, shown.PaperShown), body=True),
    summary="Add a paper", operation_id="add_paper", tags=["steps"],
)  # fmt: skip
def add_paper(request: HttpRequest, number: Path[Number], file: File[UploadedFile]) -> Status:
    """Add a paper, as a file of a multipart form: it is read in a worker that can do nothing else, and kept as it came."""
    person = asker(request)
    found = one(person, number)
    if file.size is None or file.size > MOST_BYTES:
        raise too_large()
    with _step(found):
        kept = receive.attach(found, person, file.name or "paper", file.read())
    return Status(201, shown.paper(kept))


@router.post(
    "/requests/{number}/numbers", auth=needs("decide", *WRITERS), response=answers((200, shown.NumberShown), body=True),
    summary="Look up a record number", operation_id="look_up_number", tags=["steps"],
)  # fmt: skip
def look_up_number(request: HttpRequest, number: Path[Number], told: shapes.NumberTold) -> shown.NumberShown:
    """Whether the record with this number may be spoken of. If not, the request is stopped; no answer says why."""
    person = asker(request)
    found = one(person, number)
    with _step(found):
        may = numbers.look_up(found, person, told.number)
    said = _("the agency holds this record") if may else str(numbers.NOTHING_SAID)
    return shown.NumberShown(may_be_disclosed=may, sentence=said)


@router.get(
    "/requests/{number}/question", auth=needs("read", *READERS), response=answers((200, shown.QuestionNow)),
    summary="Get the next question", operation_id="next_question", tags=["steps"],
)  # fmt: skip
def next_question(request: HttpRequest, number: Path[Number]) -> shown.QuestionNow:
    """The next question whose answer can change the verdict, with the clauses that turn on it."""
    person = asker(request)
    found = one(person, number)
    viewed(found, person, "question")
    asked = ask.question(found)
    if asked is None:
        return shown.QuestionNow(question=None)
    return shown.QuestionNow(
        question=shown.QuestionShown(
            fact=asked.name, question=asked.question, help=asked.help, proof=asked.proof, type=asked.type,
            values=list(asked.values), unit=asked.unit, because=list(asked.because), still_open=asked.still_open,
        )
    )  # fmt: skip


@router.post(
    "/requests/{number}/answers", auth=needs("decide", *WRITERS), response=answers((200, shown.RequestShown), body=True),
    summary="Answer a question", operation_id="answer_question", tags=["steps"],
)  # fmt: skip
def answer_question(request: HttpRequest, number: Path[Number], told: shapes.AnswerTold) -> shown.RequestShown:
    """Note an answer with its basis; the request is judged again."""
    person = asker(request)
    found = one(person, number)
    lists = told.fact in law().vocabulary.records
    if told.fact.startswith(MEANT) and not isinstance(told.value, bool | None):
        raise Refused(422, f"body, value: the answer to `{told.fact}` is yes or no", "body, value")
    if told.value is not None and lists != isinstance(told.value, shapes.RecordsOfFact):
        what = "a list of records" if lists else "a single value"
        raise Refused(422, f"body, value: the answer to `{told.fact}` is {what}", "body, value")
    value = told.value.model_dump() if isinstance(told.value, shapes.RecordsOfFact) else told.value
    with _step(found):
        ask.answer(found, person, told.fact, value, basis=told.basis, shown_by=told.shown_by)
    return shown.whole(found, person)


@router.post(
    "/requests/{number}/waivers", auth=needs("decide", Role.REVIEWER), response=answers((200, shown.RequestShown), body=True),
    summary="Sign why a statement need not be verified", operation_id="waive", tags=["steps"],
)  # fmt: skip
def waive(request: HttpRequest, number: Path[Number], told: shapes.WaiverTold) -> shown.RequestShown:
    """A reviewer's signed reason why a statement on which the verdict rests need not be verified."""
    person = asker(request)
    found = one(person, number)
    if found.waivers.filter(fact=told.fact).exists():
        raise Refused(409, f"`{told.fact}` was signed for before")
    with _step(found, conflict=True):
        decide.waive(found, person, told.fact, told.why)
    return shown.whole(found, person)


@router.post(
    "/requests/{number}/proposals", auth=needs("decide", *WRITERS), response=answers((201, shown.ProposalShown), body=True),
    summary="Propose a decision", operation_id="propose", tags=["steps"],
)  # fmt: skip
def propose(request: HttpRequest, number: Path[Number], told: shapes.ProposalTold) -> Status:
    """Propose a decision. A refusal is decided at once; a grant waits for a second person, unless it is an emergency."""
    person = asker(request)
    found = one(person, number)
    with _step(found, conflict=True):
        made = decide.propose(
            found, person, told.outcome, told.reason, release=told.release, information=list(told.information),
            emergency=told.emergency,
        )  # fmt: skip
    return Status(201, shown.proposal(made))


@router.post(
    "/requests/{number}/proposals/{id}/second", auth=needs("decide", Role.REVIEWER, Role.RECORDS),
    response=answers((200, shown.ProposalShown), body=True), summary="Second a proposal", operation_id="second", tags=["steps"],
)  # fmt: skip
def second(
    request: HttpRequest, number: Path[Number], id: Annotated[int, Path(ge=1, le=2**53)], told: shapes.SecondTold
) -> shown.ProposalShown:
    """The second person's word on a grant, or the review of an emergency."""
    person = asker(request)
    found = one(person, number)
    made = Proposal.objects.select_related("by").filter(request=found, pk=id).first()
    if made is None:
        raise Http404
    made.request = found
    with _step(found, conflict=True):
        decide.second(made, person, told.agrees, told.reason)
    return shown.proposal(made)


@router.post(
    "/requests/{number}/happened", auth=needs("decide", *WRITERS), response=answers((200, shown.RequestShown), body=True),
    summary="Tell what happened", operation_id="tell_happened", tags=["steps"],
)  # fmt: skip
def tell_happened(request: HttpRequest, number: Path[Number], told: shapes.Happened) -> shown.RequestShown:
    """Note custody, transfer, release or access. Only what is sent is changed; null says that it is not known."""
    person = asker(request)
    found = one(person, number)
    with _step(found):
        decide.tell(found, person, told.model_dump(mode="json", exclude_unset=True))
    return shown.whole(found, person)


@router.post(
    "/requests/{number}/follow-up", auth=needs("decide", *WRITERS), response=answers((200, shown.FollowUpShown), body=True),
    summary="Tell what came of a grant", operation_id="follow_up", tags=["steps"],
)  # fmt: skip
def follow_up(request: HttpRequest, number: Path[Number], told: shapes.CameTold) -> shown.FollowUpShown:
    """Note what came of a grant on a criminal purpose."""
    person = asker(request)
    found = one(person, number)
    kept = getattr(found, "follow_up", None)
    if kept is None:
        raise Refused(409, f"request {number} was not granted on a criminal purpose, so nothing is followed up")
    follow.came(kept, person, told.outcome, told.shown_by)
    return shown.follow_up(kept)


@router.post(
    "/requests/{number}/letter", auth=needs("decide", *WRITERS), response=answers((201, shown.LetterShown), body=True),
    summary="Sign the letter", operation_id="sign_letter", tags=["steps"],
)  # fmt: skip
def sign_letter(request: HttpRequest, number: Path[Number], language: Literal["en", "es"] = "en") -> Status:
    """Sign the letter that answers the request: it is kept to the byte, and its digest is in the ledger."""
    person = asker(request)
    found = one(person, number)
    with _step(found, conflict=True):
        kept = letters.answer_letter(found, person, language)
    return Status(201, shown.letter(kept))


@router.get(
    "/requests/{number}/letter.pdf", auth=needs("read", *READERS), response=answers((200, None)),
    summary="Get the letter as PDF", operation_id="get_letter_pdf", tags=["steps"], openapi_extra=binary(PDF),
)  # fmt: skip
def get_letter_pdf(request: HttpRequest, number: Path[Number]) -> HttpResponse:
    """The letter as it was signed."""
    return _letter(request, number, "pdf", PDF)


@router.get(
    "/requests/{number}/letter.docx", auth=needs("read", *READERS), response=answers((200, None)),
    summary="Get the letter as docx", operation_id="get_letter_docx", tags=["steps"], openapi_extra=binary(DOCX),
)  # fmt: skip
def get_letter_docx(request: HttpRequest, number: Path[Number]) -> HttpResponse:
    """The letter as it was signed, for a word processor."""
    return _letter(request, number, "docx", DOCX)


def _letter(request: HttpRequest, number: str, kind: str, content_type: str) -> HttpResponse:
    person = asker(request)
    found = one(person, number)
    kept = getattr(found, "letter", None)
    if kept is None:
        raise Http404
    viewed(found, person, f"letter.{kind}")
    answer = HttpResponse(bytes(getattr(kept, kind)), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{number}.{kind}"'
    return answer
