"""The application as a WSGI server calls it: pages, and the API with only the middlewares that it needs.

The API knows no session, no form and no message. Without their middlewares a call takes about a tenth less time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brightline.service.settings")


def _with(middlewares: list[str]) -> WSGIHandler:
    """A handler with these middlewares. Django reads the setting when a handler is made, and not again."""
    whole, settings.MIDDLEWARE = settings.MIDDLEWARE, middlewares
    try:
        return get_wsgi_application()
    finally:
        settings.MIDDLEWARE = whole


_pages = get_wsgi_application()
_api = _with(settings.API_MIDDLEWARE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Pages or API, by the address."""
    handler = _api if environ.get("PATH_INFO", "").startswith("/api/") else _pages
    return handler(environ, start_response)
