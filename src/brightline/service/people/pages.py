"""The page of an administrator: who works here, and what can be done about it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brightline.service.people import staff
from brightline.service.people.errors import PeopleError
from brightline.service.people.forms import Invitation, NewRole
from brightline.service.people.guard import FACTORS, me, open_to
from brightline.service.people.models import Person, Role

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
log = logging.getLogger("brightline.service")


def mail_is_set() -> bool:
    """Whether this installation can send e-mail."""
    return bool(settings.EMAIL_BACKEND != NO_MAIL)


@open_to(Role.ADMINISTRATOR)
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """The people of the agency, and a form to invite another."""
    form = Invitation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            person, key = staff.invite(me(request), told["email"], told["name"], told["title"], told["role"])
        except PeopleError as error:
            return _listed(request, form, str(error))
        return _link(request, person, key)
    return _listed(request, form)


@open_to(Role.ADMINISTRATOR)
@never_cache
def person(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One person, and the steps about them."""
    return _shown(request, _of(request, uid))


@open_to(Role.ADMINISTRATOR)
@require_POST
def change_role(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    whom = _of(request, uid)
    form = NewRole(request.POST)
    if not form.is_valid():
        return _shown(request, whom, form=form)
    done = _("The role was changed. Sessions with the old role have ended.")
    return _done(request, whom, lambda: staff.change_role(me(request), whom, form.cleaned_data["role"]), done)


@open_to(Role.ADMINISTRATOR)
@require_POST
def deactivate(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    whom = _of(request, uid)
    done = _("Nobody signs in as this person now. All of their sessions have ended.")
    return _done(request, whom, lambda: staff.deactivate(me(request), whom), done)


@open_to(Role.ADMINISTRATOR)
@require_POST
def reset_factors(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    whom = _of(request, uid)
    done = _("The second factors are gone. The person sets up new ones at the next sign-in.")
    return _done(request, whom, lambda: staff.reset_factors(me(request), whom), done)


@open_to(Role.ADMINISTRATOR)
@require_POST
@never_cache
def activate(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _with_link(request, _of(request, uid), staff.activate)


@open_to(Role.ADMINISTRATOR)
@require_POST
@never_cache
def new_link(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _with_link(request, _of(request, uid), staff.new_link)


def _of(request: HttpRequest, uid: uuid.UUID) -> Person:
    return get_object_or_404(Person, uid=uid, agency=me(request).agency)


def _done(request: HttpRequest, whom: Person, step: Callable[[], None], sentence: str) -> HttpResponse:
    try:
        step()
    except PeopleError as error:
        return _shown(request, whom, str(error))
    messages.success(request, sentence)
    return redirect("person", uid=whom.uid)


def _with_link(request: HttpRequest, whom: Person, step: Callable[[Person, Person], str]) -> HttpResponse:
    try:
        key = step(me(request), whom)
    except PeopleError as error:
        return _shown(request, whom, str(error))
    return _link(request, whom, key)


def _listed(request: HttpRequest, form: Invitation, problem: str = "") -> HttpResponse:
    mine = Person.objects.filter(agency=me(request).agency).order_by("-is_active", "name", "pk")
    with_factor = set(
        Authenticator.objects.filter(user__agency=me(request).agency, type__in=FACTORS).values_list(
            "user_id", flat=True
        )
    )
    rows = [{"person": p, "factor": p.pk in with_factor, "ready": p.has_usable_password()} for p in mine]
    wrong = problem or form.errors
    return render(
        request, "people/people.html", {"rows": rows, "form": form, "problem": problem}, status=422 if wrong else 200
    )


def _shown(request: HttpRequest, whom: Person, problem: str = "", form: NewRole | None = None) -> HttpResponse:
    whom.refresh_from_db()
    factors = Authenticator.objects.filter(user=whom, type__in=FACTORS).count()
    told = {
        "whom": whom, "factors": factors, "ready": whom.has_usable_password(), "self": whom.pk == me(request).pk,
        "form": form or NewRole(initial={"role": whom.role}), "problem": problem,
    }  # fmt: skip
    return render(request, "people/person.html", told, status=422 if problem or form else 200)


def _link(request: HttpRequest, whom: Person, key: str) -> HttpResponse:
    """The link goes out by e-mail where there is e-mail; else it is shown, in this one answer and never again."""
    link = request.build_absolute_uri(reverse("welcome", args=[whom.uid, key]))
    sent = mail_is_set() and _mailed(whom, link)
    told = {"whom": whom, "link": None if sent else link, "failed": mail_is_set() and not sent}
    return render(request, "people/link.html", told)


def _mailed(whom: Person, link: str) -> bool:
    text = _(
        "You can sign in to Brightline at {agency}. Choose a password within 72 hours, here:\n\n{link}\n\n"
        "The link works once. If you did not expect this, ask your administrator."
    ).format(agency=whom.agency.name, link=link)
    try:
        return bool(send_mail(_("Your access to Brightline"), text, None, [whom.email]))
    except Exception as error:  # whatever the mail server does, the administrator can hand over the link
        log.warning("an invitation could not be sent: %s", type(error).__name__)
        return False
