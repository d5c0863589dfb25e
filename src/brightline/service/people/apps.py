"""The application `people`."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "brightline.service.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from brightline.service.people import sessions  # noqa: F401  its receiver notes when a session began
