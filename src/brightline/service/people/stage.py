"""The second step of signing in. Single sign-on takes its place only where the settings say so."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest

from brightline.service.people.models import Person


def vouched(request: HttpRequest, person: Person) -> bool:
    """Whether this session was begun by single sign-on, and that is trusted to have asked for a second factor."""
    if not settings.OIDC_SECOND_FACTOR:
        return False
    methods = [r["method"] for r in get_authentication_records(request, person) if not r.get("reauthenticated")]
    return bool(methods) and methods[-1] == "socialaccount"


class SecondFactor(AuthenticateStage):  # type: ignore[misc]
    """allauth's stage, left out for whom the provider vouches."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not vouched(request, self.login.user) and bool(super()._should_handle(request))
