"""The way to the provider of single sign-on: allauth's, with a sentence where the provider does not answer."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect.views import login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from requests import RequestException

from brightline.service.look.faults import fault


def sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask the provider where to go (OpenID Connect Discovery 1.0), and go there."""
    try:
        answer: HttpResponse = login(request, provider_id)
        return answer
    except (RequestException, KeyError, ValueError):  # no answer, or none that is a provider's
        return fault(
            request, 503, _("Single sign-on does not answer now. Try again in a minute, or sign in another way.")
        )
