"""What a fault looks like: a sentence, and never a traceback. Faults of the disk and of the ledger say that nothing was lost."""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from brightline.service.record.keeper import Full, KeeperError, Unconfirmed, Unrecordable

log = logging.getLogger("brightline.service")
FULL = ("disk is full", "No space left", "could not extend file", "disk I/O error")
AGAIN = "5"  # seconds after which a program may try again


class FaultsMiddleware:
    """The outermost: whatever goes wrong below becomes a page, or an object for a program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Http404 | PermissionDenied):
            return None
        status, sentence = explain(error)
        return fault(request, status, sentence)


def explain(error: Exception) -> tuple[int, str]:
    """The status and the sentence for an error that no page expected. What it holds is not logged: only its name is."""
    if isinstance(error, Unrecordable):
        return 422, str(error)
    if isinstance(error, Unconfirmed):
        log.warning("a record was not confirmed by the ledger")
        return 503, str(error)
    full = (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or (
        isinstance(error, DatabaseError) and any(word in str(error) for word in FULL)
    )
    if full or isinstance(error, Full):
        return 507, _("The disk is full, so nothing new can be taken in. What was acknowledged before is safe.")
    if isinstance(error, KeeperError):
        return 503, _("This could not be recorded in the ledger, so it was not done: {why}").format(why=error)
    if isinstance(error, DataError):
        return 422, _("Something in it is too long, or has a character that cannot be kept, so it was not done.")
    if isinstance(error, DatabaseError):
        log.error("the database: %s", type(error).__name__)
        return 503, _("The database cannot be reached or does not answer, so this was not done. Try again in a minute.")
    log.error("a page failed: %s", type(error).__name__, exc_info=_bare(error))
    return 500, _(
        "Something went wrong on our side, and this was not done. The fault is in the log, without your data."
    )


def _bare(error: Exception) -> Any:
    """The place of the fault for the log, without the values that its message may hold."""
    return (type(error), type(error)(), error.__traceback__) if type(error).__init__ is Exception.__init__ else False


def fault(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": sentence}, status=status)
    else:
        response = HttpResponse(_page(request, {"status": status, "sentence": sentence}), status=status)
    if status in (503, 507):
        response["Retry-After"] = AGAIN
    return response


def _page(request: HttpRequest, told: dict[str, Any]) -> str:
    """The page; without the banner of the person signed in when the database, which knows that, cannot be asked."""
    try:
        return render_to_string("fault.html", told, request)
    except DatabaseError:
        return render_to_string("fault.html", told)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return fault(request, 404, _("There is no such page here, or it is not open to you."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return fault(request, 403, _("Your role does not open this page. Ask the administrator if it should."))


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return fault(request, 400, _("The browser sent something that cannot be read."))


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler for what a middleware raised: it never comes to `process_exception`, and is still being handled."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception):
        return fault(request, *explain(error))
    return fault(request, 500, _("Something went wrong on our side, and this was not done."))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return fault(
        request, 403, _("This form is too old, or came from another site. Go back, load the page again, and send it.")
    )
