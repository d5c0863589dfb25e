"""The first run, and signing in to a demonstration."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from brightline.service.people.errors import PeopleError
from brightline.service.people.forms import FirstRun
from brightline.service.people.guard import public
from brightline.service.people.models import Agency, Person, Role
from brightline.service.people.setting_up import kinds
from brightline.service.record.write import recording

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
@never_cache
@sensitive_post_parameters("password")
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the agency and its administrator; there is no such page once there is an agency."""
    if Agency.objects.exists():
        raise Http404
    form = FirstRun(request.POST or None)
    known = kinds()
    form.fields["actor"].choices = [(actor, title) for actor, title, _ in known]  # type: ignore[attr-defined]
    problem, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            packs = next(p for actor, _, p in known if actor == told["actor"])
            agency = Agency(
                name=told["agency"], actor=told["actor"], packs=packs, time_zone=told["time_zone"],
                address=told["address"],
            )  # fmt: skip
            try:
                person = begin(agency, told["email"], told["password"], told["name"])
            except PeopleError as error:
                problem = str(error)
            else:
                login(request, person, BACKEND)
                record_authentication(request, person, "password", email=person.email)
                return redirect("mfa_index")
    return render(request, "people/first_run.html", {"form": form, "problem": problem}, status=status)


def begin(agency: Agency, email: str, password: str, name: str) -> Person:
    """The first agency and its administrator. Of several that begin at the same time one does; the others get a PeopleError."""
    person = Person(email=email.strip().lower(), name=name, agency=agency, role=Role.ADMINISTRATOR)
    person.set_password(password)
    with recording() as record:
        if connection.vendor == "postgresql":  # SQLite has taken its one lock for writing by now
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('brightline first run'))")
        if Agency.objects.exists():
            raise PeopleError(_("This installation was set up a moment ago by somebody else. Sign in, or ask them."))
        agency.save()
        person.agency = agency
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            raise PeopleError(" ".join(error.messages)) from None
        person.save()
        record("key", "begin", person.uid, {"step": "begin", "person": str(person.uid), "role": str(person.role)})
    return person


@public
def demo(request: HttpRequest) -> HttpResponse:
    """Choose whom to be, in a demonstration with invented people; elsewhere there is no such page."""
    if not settings.DEMO:
        raise Http404
    if request.method == "POST":
        people = {str(p.uid): p for p in Person.objects.filter(agency__demo=True, is_active=True)}
        person = people.get(request.POST.get("person", ""))
        if person is None:
            raise Http404
        login(request, person, BACKEND)
        return redirect("/")
    return render(request, "people/demo.html", {"people": Person.objects.filter(agency__demo=True).order_by("id")})
