"""When a session ends: after thirty idle minutes, after ten hours in any case, and when an administrator ends it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from brightline.service.people.models import Person

BEGAN = "began"  # in the session: when its person signed in, POSIX seconds
SEEN = "seen"  # in the session: when it was last used
STEP = 30.0  # seconds that pass before the time of last use is written again


@receiver(user_logged_in)
def _begin(sender: Any, request: HttpRequest, **_: Any) -> None:
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now


def over(request: HttpRequest) -> bool:
    """Whether the session is too old or was idle for too long. Each use makes Django's own expiry later, so that is not
    enough for the ten hours."""
    now = timezone.now().timestamp()
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if began is None or seen is None:
        return True
    return bool(now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.IDLE.total_seconds())


def used(request: HttpRequest) -> None:
    """Note that the session is in use."""
    now = timezone.now().timestamp()
    if now - request.session[SEEN] > STEP:
        request.session[SEEN] = now


def end(person: Person) -> None:
    """End every session of this person, wherever it is. Django's table has no column for whose a session is, so each one
    that has not expired is looked into."""
    whose = str(person.pk)
    mine = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == whose
    ]
    Session.objects.filter(session_key__in=mine).delete()
