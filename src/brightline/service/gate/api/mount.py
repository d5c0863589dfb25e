"""The API, put together and mounted: its operations, its schema, and the few rules that hold for every call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.parser import Parser

from brightline.service.gate.api import intake, registers, reports, requests, steps, webhooks  # noqa: F401  they fill the router
from brightline.service.gate.api.errors import Refused, answer_errors, mistake
from brightline.service.gate.api.routes import router
from brightline.service.gate.api.words import read_body
from brightline.service.people.guard import public


class Reader(Parser):  # type: ignore[misc]
    """Bodies are JSON, and said to be."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise Refused(415, _("Send the body as application/json."), "header, Content-Type")
        return read_body(request.body)


api = NinjaAPI(
    title="Brightline",
    version="1",
    description="Receive, decide, answer and report requests across the line. See docs/service/api.md.",
    docs_url=None,
    urls_namespace="api",
    parser=Reader(),
)
answer_errors(api)
api.add_router("", router)


def _ruled(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the API: open to the guard, since a token is its sign-in, and never kept by a browser or a proxy."""

    @wraps(view)
    def ruled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code == 405:
            allow = answer["Allow"]
            answer = mistake(405, _("This address does not take {method}.").format(method=request.method))
            answer["Allow"] = allow
        answer["Cache-Control"] = "no-store"
        return answer

    # no cookie signs in here, so there is nothing to forge
    setattr(ruled, "csrf_exempt", True)  # noqa: B010
    return public(ruled)


def urls() -> tuple[list[Any], str, str]:
    """Every address of the API, for `path("api/", urls())`."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        pattern.callback = _ruled(pattern.callback)
    return patterns, app, namespace
