"""The application `hooks`."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "brightline.service.hooks"
    label = "hooks"
    default_auto_field = "django.db.models.BigAutoField"
