"""The application `gate`."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    name = "brightline.service.gate"
    label = "gate"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from brightline.service.gate.agencies import kinds
        from brightline.service.people.setting_up import offer

        offer(kinds)

        from brightline.service.gate.due import dues
        from brightline.service.hooks.announce import offer as offer_dues

        offer_dues(dues)
