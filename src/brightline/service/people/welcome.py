"""The page behind the link of an invitation: it sets a password, once."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from brightline.service.people import staff
from brightline.service.people.errors import PeopleError
from brightline.service.people.forms import NewPassword
from brightline.service.people.guard import public
from brightline.service.people.models import Person


@public
@never_cache
@sensitive_post_parameters("password", "again")
def welcome(request: HttpRequest, uid: uuid.UUID, key: str) -> HttpResponse:
    """Choose a password. Nobody is signed in by it: who had a second factor before still needs it."""
    person = Person.objects.filter(uid=uid).first()
    if person is None or not staff.link_opens(person, key):
        return render(request, "people/link_gone.html", status=404)
    form = NewPassword(person, request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            staff.set_password(person, key, form.cleaned_data["password"])
        except PeopleError as error:
            problem = str(error)
        else:
            logout(request)
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "people/welcome.html", {"form": form, "problem": problem, "whom": person}, status=status)
