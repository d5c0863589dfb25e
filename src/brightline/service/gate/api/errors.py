"""What the API answers when it refuses: one shape, and always a sentence."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from brightline.contact.problems import ContactError
from brightline.papers import MOST_BYTES, PaperError
from brightline.report.about import ReportError
from brightline.service.gate.errors import GateError, NotYours
from brightline.service.look.faults import explain


class Mistake(BaseModel):
    """Why nothing was done. `error` names every mistake, one to a line; `where` is the place of the first."""

    model_config = ConfigDict(extra="forbid")

    error: str
    where: str = Field("", json_schema_extra={"description": "left out when the mistake is in no one place"})


class Refused(Exception):
    """An answer other than the one that was hoped for."""

    def __init__(self, status: int, sentence: str, where: str = "") -> None:
        super().__init__(status, sentence, where)
        self.status, self.sentence, self.where = status, sentence, where


def answers(*hoped: tuple[int, Any], body: bool = False) -> dict[int, Any]:
    """The answers of an operation for its schema: those hoped for, and every way in which it can refuse."""
    others = (400, 401, 403, 404, 405, 422, 500, 503, 507, *((409, 413, 415) if body else ()))
    return {**dict(hoped), **{status: Mistake for status in others}}


def binary(*types: str) -> dict[str, Any]:
    """For the schema: the answer is a file of one of these types."""
    content = {
        t: {"schema": {"type": "string", **({} if t.startswith("text/") else {"format": "binary"})}} for t in types
    }
    if "application/json" in content:
        content["application/json"] = {"schema": {"type": "object"}}
    return {"responses": {200: {"content": content}}}


def mistake(status: int, sentence: str, where: str = "") -> HttpResponse:
    """The answer in the one shape. A 401 says how to sign in (RFC 6750, section 3)."""
    answer = JsonResponse({"error": sentence, **({"where": where} if where else {})}, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="brightline"'
    return answer


def answer_errors(api: NinjaAPI) -> None:
    """Every error that a step or a check raises becomes an answer in the one shape."""
    api.add_exception_handler(Exception, lambda request, error: _answer(request, error))
    for kind in (Http404, HttpError, ValidationError):  # ninja has answers of its own for these
        api.add_exception_handler(kind, lambda request, error: _answer(request, error))


def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
    match error:
        case Refused():
            return mistake(error.status, error.sentence, error.where)
        case AuthenticationError():
            return mistake(401, _("There is no valid token: send the header `Authorization: Bearer …`."))
        case HttpError():
            cause = error.__cause__
            if isinstance(cause, Refused):
                return mistake(cause.status, cause.sentence, cause.where)
            return mistake(error.status_code, _("The body is no JSON that can be read."), "body")
        case ValidationError():
            if getattr(request, "upload_too_large", False):
                return _answer(request, too_large())
            if error.errors[0]["loc"][0] == "file" and request.content_type != "multipart/form-data":
                return mistake(415, _("Send the file as multipart/form-data."), "header, Content-Type")
            return _mistakes(error)
        case NotYours():
            return mistake(403, str(error))
        case PaperError():
            return mistake(422, str(error), "file")
        case GateError() | ContactError() | ReportError():
            return mistake(422, str(error))
        case Http404():
            return mistake(404, _("There is no such thing here, or it is not open to you."))
        case RequestDataTooBig():
            return mistake(413, _("The body is too large: at most 2 MB."), "body")
        case MultiPartParserError() | SuspiciousOperation():
            return mistake(400, _("The body cannot be read."), "body")
        case _:
            status, sentence = explain(error)
            return mistake(status, sentence)


def too_large() -> Refused:
    return Refused(413, _("The file is too large: at most {most} MB.").format(most=MOST_BYTES // 1_000_000), "file")


def _mistakes(error: ValidationError) -> HttpResponse:
    """Every mistake with its place. What was sent is not repeated: it may be personal."""
    places = [", ".join(_place(e["loc"])) for e in error.errors]
    lines = [f"{place}: {_said(e['msg'])}" for place, e in zip(places, error.errors, strict=True)]
    return mistake(422, "\n".join(dict.fromkeys(lines)), places[0])


def _place(loc: tuple[Any, ...]) -> list[str]:
    """The way to the mistake, without the name that the function gives to the whole body."""
    first, *rest = loc
    inner = rest[1:] if first == "body" and rest else rest
    return [str(first), *(str(x + 1) if isinstance(x, int) else str(x) for x in inner)]


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
