"""Is the process there, and can it take work? For what watches it; it says nothing else."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from brightline.service.people.guard import public
from brightline.service.record.keeper import KeeperError, keeper


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Rows can be read, and the ledger can be written; 503 with the part that cannot."""
    parts = {"database": _database(), "ledger": _ledger()}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return "cannot be read"
    return "ok"


def _ledger() -> str:
    try:
        why = keeper().ready()
        return "has no room on its disk" if "make room" in why else "cannot be written" if why else "ok"
    except KeeperError:
        return "cannot be reached"
