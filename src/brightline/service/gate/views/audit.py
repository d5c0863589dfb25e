"""The report of an audit that the installation shows, from the one folder that its settings name."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from brightline.service.gate.words import spoken
from brightline.service.people.guard import READERS, open_to

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
}
# The report carries its own style and script. It runs in a sandbox without the application's origin: it can read no
# cookie, send no form and call nothing.
ALONE = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "script-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "font-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": ["allow-scripts"],
}


@open_to(*READERS)
@spoken
def audit(request: HttpRequest) -> HttpResponse:
    return render(request, "gate/audit.html", {"files": files(), "set": settings.AUDIT is not None})


@open_to(*READERS)
@csp_replace(ALONE)
def audit_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the folder. The name is looked up in the list of its files, so that no path leads out of it."""
    path = next((f for f in files() if f.name == name), None)
    if path is None:
        raise Http404
    answer = FileResponse(
        path.open("rb"), content_type=TYPES[path.suffix], as_attachment=path.suffix != ".html", filename=path.name
    )
    answer["Cache-Control"] = "no-store"
    return answer


def files() -> list[Path]:
    """The files that are shown: of a known type, in the folder itself, and no links."""
    folder = Path(settings.AUDIT) if settings.AUDIT else None
    if folder is None or not folder.is_dir():
        return []
    return sorted(f for f in folder.iterdir() if f.suffix in TYPES and f.is_file() and not f.is_symlink())
