"""Removing a passkey: allauth asks its adapter only for the other kind of factor, so this page asks it for passkeys too."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class RemoveKey(RemoveWebAuthnView):  # type: ignore[misc]
    """Refuse to remove the last second factor of somebody who needs one."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._refused() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._refused() or super().post(request, *args, **kwargs)

    def _refused(self) -> HttpResponse | None:
        adapter = get_adapter()
        if adapter.can_delete_authenticator(self.get_object()):
            return None
        messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_list_webauthn")


remove_key = RemoveKey.as_view()
