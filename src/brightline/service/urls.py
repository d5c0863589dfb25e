"""Every address of the application."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from brightline.service.gate.api.mount import urls as api_urls
from brightline.service.look.health import healthz, readyz
from brightline.service.people.guard import public

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("language/", public(set_language), name="set_language"),
    path("api/", api_urls()),
    path("", include("brightline.service.people.urls")),
    path("account/", include("allauth.urls")),
    path("", include("brightline.service.gate.urls")),
]
handler400 = "brightline.service.look.faults.bad_request"
handler403 = "brightline.service.look.faults.forbidden"
handler404 = "brightline.service.look.faults.not_found"
handler500 = "brightline.service.look.faults.failed"
