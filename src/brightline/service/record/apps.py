"""The application `record`."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "brightline.service.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"
