"""The application `look`."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "brightline.service.look"
    label = "look"
    default_auto_field = "django.db.models.BigAutoField"
