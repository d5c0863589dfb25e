"""What every page is told: where in the application it is, and whether its data are invented."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def everywhere(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO, "person": request.user if hasattr(request, "user") else None}
