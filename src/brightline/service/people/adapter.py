"""How allauth signs people in here: nobody signs up; single sign-on finds the person whom an administrator has entered."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import qrcode  # type: ignore[import-untyped]
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

from brightline.service.home import home
from brightline.service.people import sessions
from brightline.service.people.guard import FACTORS, NO_FACTOR
from brightline.service.people.models import Person
from brightline.service.people.stage import SecondFactor


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        ours = f"{SecondFactor.__module__}.{SecondFactor.__qualname__}"
        return [ours if s == "allauth.mfa.stages.AuthenticateStage" else s for s in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the outermost trusted proxy saw; the direct one where the header does not come from there."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:  # fewer addresses than proxies: somebody came past them
            return str(request.META.get("REMOTE_ADDR", ""))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are counted by the address that was typed. allauth adds the Host header, of which the port is anybody's
        to choose: with it a lock-out could be walked around."""
        return str(credentials.get("email", "")).lower()

    def is_reauthentication_required(self, *, app: str, **rest: Any) -> bool:
        """Who has just signed in for the first time and sets up factors is not asked for the password again: with single
        sign-on there is none. That holds while every factor is younger than the session."""
        records = get_authentication_records(self.request, self.request.user)
        if app == "allauth.mfa" and records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            began = datetime.fromtimestamp(self.request.session[sessions.BEGAN], UTC)
            mine = Authenticator.objects.filter(user_id=self.request.user.pk, type__in=FACTORS)
            if not mine.filter(created_at__lt=began).exists():
                return False
        return bool(super().is_reauthentication_required(app=app, **rest))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has neither password nor factor signs out, and in again."""
        again = {"id": "sign_in_again", "description": _("Sign in again"), "url": reverse("account_logout")}
        return super().get_reauthentication_methods(user) or ([again] if user.is_authenticated else [])


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are encrypted in the database, and the last one stays."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy(
            "This is your only second factor, and your role needs one. Add another before you remove it."
        )
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The picture on white: allauth's has no ground, and cannot be read on a dark page."""
        made: bytes = qrcode.make(url, image_factory=SvgPathFillImage).to_string()
        return made.decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        person = authenticator.user
        others = Authenticator.objects.filter(user=person, type__in=FACTORS).exclude(pk=authenticator.pk)
        return person.role in NO_FACTOR or authenticator.type not in FACTORS or others.exists()


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The provider must say that it has verified the address; then the person with that address is signed in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Raises ImmediateHttpResponse with a page that does not say whether the address is known."""
        told = sociallogin.account.extra_data
        claims = told.get("userinfo") or told.get("id_token") or told
        subjects = {part["sub"] for part in (told.get("userinfo"), told.get("id_token")) if part and "sub" in part}
        # OpenID Connect Core 1.0, 5.3.2: the sub of userinfo must be that of the ID token
        if len(subjects) > 1 or sociallogin.state.get("process", "login") != "login":
            raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
        if sociallogin.is_existing:
            return
        email = str(claims.get("email") or "").lower()
        sure = claims.get("email_verified") in (True, "true")  # some providers write the word
        person = Person.objects.filter(email=email, is_active=True).first() if sure else None
        if person is None:
            raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
        sociallogin.connect(request, person)


def _cipher() -> Fernet:
    return Fernet(home().secret("fields").encode())
