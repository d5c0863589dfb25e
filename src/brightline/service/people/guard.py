"""Deny by default: every page says which roles may open it, and what says nothing is opened by nobody.

`open_to(…)` marks a view; `public` marks one that needs no sign-in. Whoever must have a second factor and has none is sent
to set one up. A session that was idle for too long, or is too old, ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from brightline.service.people import sessions
from brightline.service.people.models import Agency, Person, Role
from brightline.service.people.stage import vouched

View = TypeVar("View", bound=Callable[..., Any])
READERS = (Role.OFFICER, Role.REVIEWER, Role.RECORDS, Role.AUDITOR)
WRITERS = (Role.OFFICER, Role.REVIEWER, Role.RECORDS)
EVERYONE = tuple(Role)
NO_FACTOR = (Role.AUDITOR,)  # reads only
FACTORS = ("totp", "webauthn")  # recovery codes stand in for one that is lost; they are none
# pages of allauth that somebody needs before or while signing in
SIGNING_IN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "openid_connect_login",
    "openid_connect_callback",
}
# … and to keep one's own means of signing in
OWN = {
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_reauthenticate_webauthn",
}
# pages of allauth that are of no use here, and so are opened by nobody; a new one must be put into one of these sets
CLOSED = {
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_set_password",
    "account_request_reauthentication_code",
    "account_confirm_reauthentication_code",
    "socialaccount_signup",
    "socialaccount_connections",
}


def open_to(*roles: str) -> Callable[[View], View]:
    """Mark a view as open to these roles."""

    def mark(view: View) -> View:
        view.open_to = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that needs no sign-in by session: health, the first run, or one with a sign-in of its own (the API)."""
    view.open_to = None  # type: ignore[attr-defined]
    return view


def me(request: HttpRequest) -> Person:
    """Who asks; for views that are open to roles, where somebody is always signed in."""
    return cast(Person, request.user)


def allowed(view: Any, name: str | None) -> frozenset[str] | None:
    """The roles that may open a view; None: everybody, signed in or not."""
    if name in SIGNING_IN:
        return None
    if name in OWN:
        return frozenset(EVERYONE)
    told: frozenset[str] | None = getattr(view, "open_to", frozenset())
    return told


def needs_factor(person: Any) -> bool:
    """Whether this person must still set up a second factor."""
    return (
        person.role not in NO_FACTOR
        and not settings.DEMO
        and not Authenticator.objects.filter(user=person, type__in=FACTORS).exists()
    )


class GuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else None  # with its namespace
        roles = allowed(view, name)
        if roles is None:
            return None
        if not request.user.is_authenticated:
            return _sent(request, "first_run" if not Agency.objects.exists() else None)
        if sessions.over(request):
            logout(request)
            return _sent(request, None)
        sessions.used(request)
        if name not in OWN and needs_factor(request.user) and not vouched(request, me(request)):
            return _sent(request, "mfa_index")
        if me(request).role not in roles:
            raise PermissionDenied
        return None


def _sent(request: HttpRequest, name: str | None) -> HttpResponse:
    """Send to this page, or to sign in and come back. A fragment of a page is not replaced by a page: htmx loads it whole."""
    door = "demo" if settings.DEMO else settings.LOGIN_URL
    where = reverse(name) if name else f"{reverse(door)}?next={quote(request.path)}"
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = where
        return answer
    return redirect(where)
